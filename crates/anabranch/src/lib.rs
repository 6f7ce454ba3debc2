//! Anabranch: an embedded, strongly typed, versioned database that works offline and replicates.
//!
//! Every change is a commit in an append-only, content-addressed graph. Any two databases replicate by exchanging what
//! the other lacks; concurrent edits on different paths of one document both survive; diverging heads are reduced when,
//! and if, the application says so.
//!
//! This crate is what an application adds. It re-exports the crates below it:
//!
//! * [`model`]: types, values, keys, paths, definitions; [`dsm`]: the language that declares them;
//! * [`engine`]: [`Database`], [`State`], [`MutableState`]; [`sync`]: [`Synchronizer`].

pub use anabranch_dsm as dsm;
pub use anabranch_engine as engine;
pub use anabranch_model as model;
pub use anabranch_sync as sync;

pub use anabranch_engine::{
    CommitHeader, CommitKind, Database, Error, Fingerprint, MutableState, MutationError, OpenMode, State,
};
pub use anabranch_model::{
    Attachment, BlobId, CommitId, Definitions, Key, Path, RuntimeId, Type, Uuid, Value,
};
pub use anabranch_sync::{Mode, Replica, SyncError, SyncInfo, Synchronizer};
