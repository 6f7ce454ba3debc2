//! The numbers that a storage keeps of itself, so that asking for them costs nothing.

use super::Statistics;

/// Kept by the transaction that changes what they count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// What [`Snapshot::data_version`](super::Snapshot::data_version) answers.
    pub(super) data_version: u64,
    /// The greatest arrival number ever given, whether its commit is still here or not.
    pub(super) last_arrival: u64,
    /// How many definitions are stored.
    pub(super) definitions: u64,
    /// How much else is.
    pub(super) statistics: Statistics,
}

// Sizes of blobs are taken as given, so that sums of them may not be trusted to fit.
impl Counters {
    /// Counts one more commit and answers its arrival number.
    pub(super) fn add_commit(&mut self, payload: usize) -> u64 {
        self.last_arrival = self.last_arrival.saturating_add(1);
        self.statistics.commits = self.statistics.commits.saturating_add(1);
        self.statistics.payload_bytes = self.statistics.payload_bytes.saturating_add(payload as u64);
        self.last_arrival
    }

    /// Counts one commit less; its arrival number is not given again.
    pub(super) fn remove_commit(&mut self, payload: u64) {
        self.statistics.commits = self.statistics.commits.saturating_sub(1);
        self.statistics.payload_bytes = self.statistics.payload_bytes.saturating_sub(payload);
    }

    /// Counts one more definition.
    pub(super) fn add_definition(&mut self) {
        self.definitions = self.definitions.saturating_add(1);
    }

    /// Counts one more blob.
    pub(super) fn add_blob(&mut self, size: u64) {
        self.statistics.blobs = self.statistics.blobs.saturating_add(1);
        self.statistics.blob_bytes = self.statistics.blob_bytes.saturating_add(size);
    }

    /// Counts one blob less.
    pub(super) fn remove_blob(&mut self, size: u64) {
        self.statistics.blobs = self.statistics.blobs.saturating_sub(1);
        self.statistics.blob_bytes = self.statistics.blob_bytes.saturating_sub(size);
    }

    /// Counts one more chunk.
    pub(super) fn add_chunk(&mut self, size: u32) {
        self.statistics.chunks = self.statistics.chunks.saturating_add(1);
        self.statistics.chunk_bytes = self.statistics.chunk_bytes.saturating_add(u64::from(size));
    }
}
