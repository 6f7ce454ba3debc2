//! Supervised reconciliation: what a merge did not keep, and putting it back (`spec/semantics.md` §8–9).
//!
//! A merge refuses nothing and reports no conflict: what comes later in the linearisation stands. Here that is compared
//! with what each side meant, which is how its state differs from the last one that both sides had. The engine knows
//! nothing of it: it reads states and traces, and writes a recording as anybody does.

mod choice;
mod loss;
mod places;
mod reason;

use anabranch_model::{CommitId, Path};

pub use choice::{MaterializedMerge, Resolution};
pub use loss::{Loss, MergeAnalysis, MergeBase};
pub use reason::LossReason;

use crate::commit::CommitKind;
use crate::error::Error;
use crate::opcode::DocumentId;

/// One of the two lines that a merge joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// That of the parent of the merge.
    Ours,
    /// That of its target, which lands on top.
    Theirs,
}

/// What can go wrong with a reconciliation. Nothing is written then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReconcileError {
    /// The database failed, or refused.
    #[error(transparent)]
    Engine(#[from] Error),
    /// The commit merges nothing.
    #[error("commit {commit} is a {kind}, not a Merge; give the merge whose sides are to be reconciled")]
    NotAMerge {
        /// The commit.
        commit: CommitId,
        /// What it is.
        kind: CommitKind,
    },
    /// What was chosen for a place cannot stand there: nothing can be nothing in a place that always holds something, and
    /// no operation removes a document.
    #[error(
        "{path} of document {key} cannot be made what was chosen for it: choose another side, or a value",
        key = .document.key
    )]
    Unwritable {
        /// The document.
        document: DocumentId,
        /// The place.
        path: Path,
    },
}
