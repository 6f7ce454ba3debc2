//! What a pass tells while it runs, and how it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a pass is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Comparing and extending definitions.
    Definitions,
    /// Finding out what each side lacks.
    Negotiation,
    /// Copying from source to target.
    Fetch,
    /// Copying from target to source.
    Push,
}

/// How far a pass is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Commits copied in this phase.
    pub commits: u64,
    /// Commits to be copied in this phase.
    pub expected_commits: u64,
    /// Blobs copied in this phase.
    pub blobs: u64,
    /// Bytes of payloads and chunks copied in this phase.
    pub bytes: u64,
}

/// Stops a pass from another thread. What was copied until then stays.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// Asks the pass to stop after the batch that it is at.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether that was asked.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
