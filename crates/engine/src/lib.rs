//! The commit engine: commits, graph, linearisation, state, mutation, blobs and storage back ends.
//!
//! A [`Database`] keeps commits in a [`storage::Storage`]. A [`State`] is the documents as they stand after a commit; a
//! [`MutableState`] records changes to one, and [`Database::commit_mutations`] appends them as a commit. Merging,
//! disabling and enabling are commits too. Nothing is ever rewritten.

mod batch;
mod blob;
pub mod commit;
mod database;
mod diff;
mod error;
mod flatten;
pub mod graph;
mod history;
pub mod linearisation;
mod mutable;
mod newest;
pub mod opcode;
pub mod payload;
mod receive;
mod reconcile;
mod reduce;
mod state;
mod states;
pub mod storage;
mod store;
pub mod verify;

pub use batch::Batch;
pub use blob::{
    BlobArray, BlobElement, BlobLayout, BlobPack, BlobPackDescriptor, BlobPackError, BlobPackReader,
    BlobReader, BlobRegion, BlobStatistics, BlobView, BlobViewError, BlobWriter, ElementType, GarbageReport,
    GcOptions, PackedBlob, PackedChunk,
};
pub use commit::{CommitHeader, CommitKind, Metadata};
pub use database::Database;
pub use error::Error;
pub use history::{
    Blame, BlamedPlace, DocumentDiff, EvalAction, Outcome, PlaceChange, StateDiff, Trace, TraceStep,
};
pub use mutable::{MutableState, MutationError};
pub use newest::NewestFirst;
pub use opcode::{DocumentId, DropReason, Opcode, Operation};
pub use receive::{PackedCommit, Weight};
pub use reconcile::{
    Loss, LossReason, MaterializedMerge, MergeAnalysis, MergeBase, ReconcileError, Resolution, Side,
};
pub use state::{Fingerprint, State};
pub use states::CheckpointPolicy;
pub use storage::{BlobRecord as BlobInfo, OpenMode};
pub use store::{DispatchError, Observer, Store, UndoStack};
