//! Bundles: a state as a folder of open files, for people and for programs that know nothing of databases
//! (`docs/spec/bundle.md`).
//!
//! [`export`] writes one: the definitions as DSM JSON, a JSON file for each attachment, and the blobs. [`Bundle`] reads one,
//! whoever wrote it, and makes a commit of it.

mod error;
mod export;
mod import;
mod manifest;
mod translation;

use std::ops::ControlFlow;

pub use error::BundleError;
pub use export::{Exported, export};
pub use import::{Bundle, Imported};

/// What is being written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Documents.
    Documents,
    /// Blobs, counted in bytes.
    Blobs,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being written or read.
    pub phase: Phase,
    /// How much of it is done.
    pub done: u64,
    /// How much of it there is.
    pub expected: u64,
}

/// Hears how far it is, and says whether to go on.
pub type Report<'r> = dyn FnMut(Progress) -> ControlFlow<()> + 'r;

/// Tells how far it is.
fn tell(report: &mut Report<'_>, phase: Phase, done: u64, expected: u64) -> Result<(), BundleError> {
    match report(Progress { phase, done, expected }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(BundleError::Cancelled),
    }
}
