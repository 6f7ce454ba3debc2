//! Which commits are masked, kept up to date as history grows (`spec/semantics.md` §2).
//!
//! Only decisions matter: walking them from the newest to the oldest gives what walking the whole history gives, as long
//! as no merge is masked. One that is masks what it contributed, which takes the whole history to tell; that case is left
//! to [`Linearisation::masks`](crate::linearisation::Linearisation::masks). A decision that comes last holds, and changes
//! what a handful of others say: it is taken in at that cost, however many there are.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::commit::CommitKind;

/// How far decisions about decisions are followed before all are walked through.
const DEPTH: usize = 64;

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

/// The decisions of a history and what comes of them: those up to a boundary, which are shared, and those after it.
#[derive(Clone, Debug, Default)]
pub(super) struct Masks {
    below: Arc<Below>,
    /// The decisions after the boundary, in linearisation order.
    recent: Vec<Decision>,
    /// The `Mutations` commits that are off and were not at the boundary.
    hidden: HashSet<u64>,
    /// Those that were off at the boundary and are not.
    shown: HashSet<u64>,
    /// Whether a merge is masked, so that what is off had to be found from the whole history.
    pub(super) masks_merge: bool,
}

#[derive(Debug, Default)]
struct Below {
    decisions: Vec<Decision>,
    off: HashSet<u64>,
    index: OnceLock<Index>,
}

/// Finds decisions in a list of them.
#[derive(Debug, Default)]
struct Index {
    /// For each target, the places of the decisions about it, ascending.
    about: HashMap<u64, Vec<usize>>,
    /// The place of each decision.
    places: HashMap<u64, usize>,
}

impl Below {
    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            for (place, decision) in self.decisions.iter().enumerate() {
                index.about.entry(decision.target).or_default().push(place);
                index.places.insert(decision.arrival, place);
            }
            index
        })
    }
}

impl Masks {
    /// Those at a boundary.
    pub(super) fn at_boundary(decisions: Vec<Decision>, off: HashSet<u64>, masks_merge: bool) -> Self {
        let below = Arc::new(Below { decisions, off, index: OnceLock::new() });
        Self { below, masks_merge, ..Self::default() }
    }

    /// The same, with a boundary where they are.
    pub(super) fn with_boundary(&self) -> Self {
        if self.is_at_boundary() {
            return self.clone();
        }
        Self::at_boundary(self.decisions(), self.off().collect(), self.masks_merge)
    }

    /// Whether nothing was decided since the boundary.
    pub(super) fn is_at_boundary(&self) -> bool {
        self.recent.is_empty() && self.hidden.is_empty() && self.shown.is_empty()
    }

    /// Whether a `Mutations` commit is off.
    pub(super) fn is_off(&self, arrival: u64) -> bool {
        self.hidden.contains(&arrival) || self.below.off.contains(&arrival) && !self.shown.contains(&arrival)
    }

    /// The `Mutations` commits that are off.
    pub(super) fn off(&self) -> impl Iterator<Item = u64> {
        let below = self.below.off.iter().filter(|arrival| !self.shown.contains(arrival));
        below.chain(&self.hidden).copied()
    }

    /// Whether the same commits are off.
    pub(super) fn have_same_off(&self, other: &Self) -> bool {
        let is_shared = Arc::ptr_eq(&self.below, &other.below);
        if is_shared {
            return self.hidden == other.hidden && self.shown == other.shown;
        }
        self.off().collect::<HashSet<_>>() == other.off().collect()
    }

    /// All decisions, in linearisation order.
    pub(super) fn decisions(&self) -> Vec<Decision> {
        [self.below.decisions.as_slice(), &self.recent].concat()
    }

    /// The decisions after the boundary.
    pub(super) fn recent(&self) -> &[Decision] {
        &self.recent
    }

    /// The `Mutations` commits that are off and were not at the boundary, ascending.
    pub(super) fn hidden(&self) -> Vec<u64> {
        ascending(&self.hidden)
    }

    /// Those that were off at the boundary and are not, ascending.
    pub(super) fn shown(&self) -> Vec<u64> {
        ascending(&self.shown)
    }

    /// Takes in a decision that comes after all others. Gives the `Mutations` commit that it hides or shows, if it does
    /// that; an error when all decisions have to be walked through, or the whole history, which is then left to do.
    pub(super) fn append(&mut self, decision: Decision) -> Result<Option<u64>, Unfollowed> {
        self.recent.push(decision);
        if self.masks_merge {
            return Err(Unfollowed);
        }
        let (mut target, mut kind) = (decision.target, decision.target_kind);
        for _ in 0..DEPTH {
            match kind {
                CommitKind::Mutations => {
                    let is_on = self.is_on(target, None, 0)?;
                    return Ok(self.turn(target, is_on).then_some(target));
                }
                CommitKind::Merge if self.is_on(target, None, 0)? => return Ok(None),
                CommitKind::Merge => return Err(Unfollowed),
                // What it decided may hold now, or not any more; where it is not in the history, it decides nothing.
                CommitKind::Disable | CommitKind::Enable => match self.place(target) {
                    None => return Ok(None),
                    Some(place) => {
                        let about = self.decision(place);
                        (target, kind) = (about.target, about.target_kind);
                    }
                },
            }
        }
        Err(Unfollowed)
    }

    /// Finds what is off anew: from all decisions, or else as `whole` finds it. Gives the commits for which that makes a
    /// difference.
    pub(super) fn find_anew<E>(
        &mut self,
        whole: impl FnOnce() -> Result<HashSet<u64>, E>,
    ) -> Result<Vec<u64>, E> {
        let found = hidden_by(&self.decisions()).map(|hidden| hidden.into_keys().collect());
        self.masks_merge = found.is_none();
        let off: HashSet<u64> = match found {
            Some(off) => off,
            None => whole()?,
        };
        let mut changed: Vec<u64> = self.off().filter(|arrival| !off.contains(arrival)).collect();
        changed.extend(off.iter().copied().filter(|arrival| !self.is_off(*arrival)));
        for arrival in &changed {
            self.turn(*arrival, !off.contains(arrival));
        }
        Ok(changed)
    }

    /// For each `Mutations` commit that is off, the decision that says so; none where a merge is masked.
    pub(super) fn hidden_by(&self) -> Option<HashMap<u64, u64>> {
        if self.masks_merge { None } else { hidden_by(&self.decisions()) }
    }

    /// Notes that a `Mutations` commit is on or off. Answers whether that is new.
    fn turn(&mut self, arrival: u64, is_on: bool) -> bool {
        match (is_on, self.below.off.contains(&arrival)) {
            (true, true) => self.shown.insert(arrival),
            (true, false) => self.hidden.remove(&arrival),
            (false, true) => self.shown.remove(&arrival),
            (false, false) => self.hidden.insert(arrival),
        }
    }

    fn decision(&self, place: usize) -> Decision {
        let below = self.below.decisions.len();
        if place < below { self.below.decisions[place] } else { self.recent[place - below] }
    }

    /// The place of a decision, from the oldest on; none when it is not in the history.
    fn place(&self, arrival: u64) -> Option<usize> {
        let recent = self.recent.iter().position(|decision| decision.arrival == arrival);
        let place = recent.map(|place| self.below.decisions.len() + place);
        place.or_else(|| self.below.index().places.get(&arrival).copied())
    }

    /// Whether a commit is on: the newest decision about it says so that is on itself. For what is a decision, those
    /// count that come after its own place.
    fn is_on(&self, arrival: u64, after: Option<usize>, depth: usize) -> Result<bool, Unfollowed> {
        if depth > DEPTH {
            return Err(Unfollowed);
        }
        let below = self.below.decisions.len();
        let recent = self.recent.iter().enumerate().rev();
        let recent = recent.filter(|(_, d)| d.target == arrival).map(|(place, _)| below + place);
        let older = self.below.index().about.get(&arrival).into_iter().flatten().rev().copied();
        for place in recent.chain(older).take_while(|place| after.is_none_or(|after| *place > after)) {
            let decision = self.decision(place);
            if self.is_on(decision.arrival, Some(place), depth + 1)? {
                return Ok(decision.enables);
            }
        }
        Ok(true)
    }
}

/// Says that a decision cannot be taken in alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unfollowed;

fn ascending(arrivals: &HashSet<u64>) -> Vec<u64> {
    let mut arrivals: Vec<u64> = arrivals.iter().copied().collect();
    arrivals.sort_unstable();
    arrivals
}

/// For each `Mutations` commit that decisions, in order, hide, the arrival number of the one that does; none when a merge
/// is masked.
fn hidden_by(decisions: &[Decision]) -> Option<HashMap<u64, u64>> {
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
    let hides = |decision: &Decision| decision.target_kind == CommitKind::Mutations && !decision.enables;
    let holding = decided.into_iter().filter(|(_, decision)| hides(decision));
    Some(holding.map(|(target, decision)| (target, decision.arrival)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A decision about one of some `Mutations`, two merges, and decisions that arrived before it, but may come later
    /// in the history, or not at all.
    fn decision(place: usize, target: usize, enables: bool) -> Decision {
        let arrival = 10 + (place as u64 * 37) % 61;
        let target = 1 + target as u64 % (arrival - 1);
        let target_kind = match target {
            1..=7 => CommitKind::Mutations,
            8 | 9 => CommitKind::Merge,
            _ => CommitKind::Disable,
        };
        Decision { arrival, target, target_kind, enables }
    }

    proptest! {
        #[test]
        fn a_decision_taken_in_alone_gives_what_walking_through_all_gives(
            choices in prop::collection::vec((any::<usize>(), prop::bool::weighted(0.3)), 0..60),
            boundary in 0..60_usize,
        ) {
            let mut masks = Masks::default();
            let mut decisions = Vec::new();
            for (place, (target, enables)) in choices.into_iter().enumerate() {
                if place == boundary {
                    masks = masks.with_boundary();
                }
                let before: HashSet<u64> = masks.off().collect();
                let decision = decision(place, target, enables);
                decisions.push(decision);
                let expected = hidden_by(&decisions).map(|hidden| hidden.into_keys().collect::<HashSet<_>>());
                match masks.append(decision) {
                    Ok(changed) => {
                        let off: HashSet<u64> = masks.off().collect();
                        prop_assert_eq!(Some(&off), expected.as_ref());
                        prop_assert!(off.symmetric_difference(&before).copied().eq(changed));
                    }
                    Err(Unfollowed) => {
                        prop_assert!(expected.is_none() || masks.masks_merge);
                        let whole = || Ok::<_, ()>(before.clone());
                        let changed: HashSet<u64> = masks.find_anew(whole).unwrap().into_iter().collect();
                        let off: HashSet<u64> = masks.off().collect();
                        prop_assert_eq!(&off, expected.as_ref().unwrap_or(&before));
                        prop_assert!(off.symmetric_difference(&before).copied().collect::<HashSet<_>>() == changed);
                    }
                }
                prop_assert_eq!(masks.masks_merge, expected.is_none());
                prop_assert_eq!(masks.decisions(), decisions.clone());
            }
        }
    }

    #[test]
    fn a_long_chain_of_decisions_about_decisions_ends() {
        let mut masks = Masks::default();
        for place in 0..2_000_u64 {
            let kind = if place == 0 { CommitKind::Mutations } else { CommitKind::Disable };
            let decision =
                Decision { arrival: 10 + place, target: 9 + place, target_kind: kind, enables: false };
            if masks.append(decision).is_err() {
                masks.find_anew(|| Ok::<_, ()>(HashSet::new())).unwrap();
            }
            assert_eq!(masks.is_off(9), place % 2 == 0);
        }
    }
}
