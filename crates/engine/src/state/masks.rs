//! Which commits are masked, kept up to date as history grows (`spec/semantics.md` §2).
//!
//! Only decisions matter, and there are few: walking them from the newest to the oldest gives what walking the whole
//! history gives, as long as no merge is masked. One that is masks what it contributed, which takes the whole history to
//! tell; that case is left to [`Linearisation::masks`](crate::linearisation::Linearisation::masks).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::commit::CommitKind;

/// A `Disable` or `Enable`, by arrival numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    /// The decision itself.
    pub(super) arrival: u64,
    /// What it is about.
    pub(super) target: u64,
    /// What that does.
    pub(super) target_kind: CommitKind,
    /// Whether it shows or hides.
    pub(super) enables: bool,
}

/// The decisions of a history and what comes of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Masks {
    /// In linearisation order.
    pub(super) decisions: Vec<Decision>,
    /// The `Mutations` commits that are off.
    pub(super) off: Arc<HashSet<u64>>,
    /// Whether a merge is masked, so that `off` had to be found from the whole history.
    pub(super) masks_merge: bool,
}

/// For each commit that is decided about, the decision that holds, where no merge is masked; none when one is.
fn decided(decisions: &[Decision]) -> Option<HashMap<u64, Decision>> {
    let mut decided: HashMap<u64, Decision> = HashMap::new();
    for decision in decisions.iter().rev() {
        let is_on = decided.get(&decision.arrival).is_none_or(|about| about.enables);
        if !is_on || decided.contains_key(&decision.target) {
            continue;
        }
        if decision.target_kind == CommitKind::Merge && !decision.enables {
            return None;
        }
        decided.insert(decision.target, *decision);
    }
    Some(decided)
}

/// The `Mutations` commits that decisions, in order, hide, where no merge is masked; none when one is.
pub(super) fn off(decisions: &[Decision]) -> Option<HashSet<u64>> {
    Some(hidden_by(decisions)?.into_keys().collect())
}

/// The same, with the arrival number of the decision that hides each.
pub(super) fn hidden_by(decisions: &[Decision]) -> Option<HashMap<u64, u64>> {
    let hides = |decision: &Decision| decision.target_kind == CommitKind::Mutations && !decision.enables;
    let holding = decided(decisions)?.into_iter().filter(|(_, decision)| hides(decision));
    Some(holding.map(|(target, decision)| (target, decision.arrival)).collect())
}
