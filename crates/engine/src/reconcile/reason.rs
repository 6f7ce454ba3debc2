//! Why what a side wrote did not survive.

use std::collections::HashMap;

use anabranch_model::{CommitId, Path, Value};

use super::Side;
use crate::history::{Outcome, Trace, changes};
use crate::opcode::DropReason;

/// Why what a side wrote is not what stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LossReason {
    /// Another commit takes effect there that the side did not have, or had hidden.
    Overwritten {
        /// That commit.
        by: CommitId,
    },
    /// What the side wrote had no effect, where it came to stand.
    Dropped {
        /// The commit that wrote it.
        commit: CommitId,
        /// Why.
        reason: DropReason,
    },
    /// The commit that wrote it is hidden.
    Masked {
        /// The commit that wrote it.
        commit: CommitId,
        /// The `Disable`, or the hidden merge, that says so.
        by: CommitId,
    },
    /// The same operations take effect in another order: lines have crossed.
    Reordered,
}

/// Which operation: its commit, and its number there.
type Step = (CommitId, usize);

/// What a trace says about places.
struct Written {
    /// The operations that took effect, in order, each with the places that it changed.
    changes: Vec<(Step, Vec<Path>)>,
    outcomes: HashMap<Step, Outcome>,
}

impl Written {
    fn of(trace: &Trace, start: Option<Value>) -> Self {
        let step = |step: usize| (trace.steps[step].commit, trace.steps[step].index);
        Self {
            changes: changes(trace, start).into_iter().map(|(number, paths)| (step(number), paths)).collect(),
            outcomes: trace.steps.iter().map(|step| ((step.commit, step.index), step.outcome)).collect(),
        }
    }

    /// The operations that changed something in a place, or what it is in, the latest first.
    fn changing<'w>(&'w self, path: &'w Path) -> impl Iterator<Item = Step> + 'w {
        let overlaps = move |other: &Path| path.is_prefix_of(other) || other.is_prefix_of(path);
        self.changes.iter().rev().filter(move |(_, paths)| paths.iter().any(overlaps)).map(|(step, _)| *step)
    }

    fn has_applied(&self, step: Step) -> bool {
        self.outcomes.get(&step) == Some(&Outcome::Applied)
    }
}

/// Why something in a document did not survive.
pub(super) struct Reasons {
    ours: Written,
    theirs: Written,
    merged: Written,
}

impl Reasons {
    /// From traces that all start with the same document.
    pub(super) fn new(start: Option<Value>, ours: &Trace, theirs: &Trace, merged: &Trace) -> Self {
        let of = |trace| Written::of(trace, start.clone());
        Self { ours: of(ours), theirs: of(theirs), merged: of(merged) }
    }

    /// Why a place is not what it is on a side.
    pub(super) fn find(&self, side: Side, path: &Path) -> LossReason {
        let side = match side {
            Side::Ours => &self.ours,
            Side::Theirs => &self.theirs,
        };
        let mut written = side.changing(path).map(|step| self.without_effect(step));
        // First what wrote last on the side, then what stands there instead, then whatever else is missing.
        let last = written.next().flatten();
        let overwritten = || {
            let by = self.merged.changing(path).find(|step| !side.has_applied(*step));
            by.map(|(by, _)| LossReason::Overwritten { by })
        };
        last.or_else(overwritten).or_else(|| written.flatten().next()).unwrap_or(LossReason::Reordered)
    }

    /// Why an operation has no effect in the merge; none where it has.
    fn without_effect(&self, step: Step) -> Option<LossReason> {
        let (commit, _) = step;
        match self.merged.outcomes.get(&step)? {
            Outcome::Applied => None,
            Outcome::Dropped(reason) => Some(LossReason::Dropped { commit, reason: *reason }),
            Outcome::Masked { by } => Some(LossReason::Masked { commit, by: *by }),
        }
    }
}
