//! The numbers that a storage keeps of itself, so that asking for them costs nothing.

use super::Statistics;

/// Kept by the transaction that changes what they count.
///
/// Adding a commit changes only the first two, which follow from the newest commit: a file that stores them with that
/// commit writes nothing else for them (`docs/spec/file-format.md`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// The greatest arrival number ever given, whether its commit is still here or not.
    pub(super) last_arrival: u64,
    /// The bytes of the payloads of all commits that ever arrived.
    pub(super) payload_end: u64,
    /// Transactions that changed something else than adding commits: a definition, a blob, a deletion.
    pub(super) changes: u64,
    /// Commits that were deleted.
    pub(super) deleted_commits: u64,
    /// The bytes of their payloads.
    pub(super) deleted_bytes: u64,
    /// Definitions that are here.
    pub(super) definitions: u64,
    /// Blobs that are here.
    pub(super) blobs: u64,
    /// The sum of their sizes.
    pub(super) blob_bytes: u64,
    /// Chunks that are here.
    pub(super) chunks: u64,
    /// The sum of their sizes.
    pub(super) chunk_bytes: u64,
    /// What [`ReadCheckpoints::checkpoint_bytes`](super::ReadCheckpoints::checkpoint_bytes) answers.
    pub(super) checkpoint_bytes: u64,
}

// Sizes of blobs are taken as given, so that sums of them may not be trusted to fit.
impl Counters {
    /// What [`Snapshot::data_version`](super::Snapshot::data_version) answers. Each part only grows, and whatever is
    /// added or removed raises one of them.
    pub(super) fn data_version(&self) -> u64 {
        self.changes.saturating_add(self.last_arrival)
    }

    /// What [`Snapshot::statistics`](super::Snapshot::statistics) answers.
    pub(super) fn statistics(&self) -> Statistics {
        Statistics {
            commits: self.last_arrival.saturating_sub(self.deleted_commits),
            payload_bytes: self.payload_end.saturating_sub(self.deleted_bytes),
            blobs: self.blobs,
            blob_bytes: self.blob_bytes,
            chunks: self.chunks,
            chunk_bytes: self.chunk_bytes,
        }
    }

    /// Counts one more commit and answers its arrival number.
    pub(super) fn add_commit(&mut self, payload: usize) -> u64 {
        self.last_arrival = self.last_arrival.saturating_add(1);
        self.payload_end = self.payload_end.saturating_add(payload as u64);
        self.last_arrival
    }

    /// Counts one commit less; its arrival number is not given again.
    pub(super) fn remove_commit(&mut self, payload: u64) {
        self.deleted_commits = self.deleted_commits.saturating_add(1);
        self.deleted_bytes = self.deleted_bytes.saturating_add(payload);
    }

    /// Counts one more definition.
    pub(super) fn add_definition(&mut self) {
        self.definitions = self.definitions.saturating_add(1);
    }

    /// Counts one more blob.
    pub(super) fn add_blob(&mut self, size: u64) {
        self.blobs = self.blobs.saturating_add(1);
        self.blob_bytes = self.blob_bytes.saturating_add(size);
    }

    /// Counts one blob less.
    pub(super) fn remove_blob(&mut self, size: u64) {
        self.blobs = self.blobs.saturating_sub(1);
        self.blob_bytes = self.blob_bytes.saturating_sub(size);
    }

    /// Counts one more chunk.
    pub(super) fn add_chunk(&mut self, size: u32) {
        self.chunks = self.chunks.saturating_add(1);
        self.chunk_bytes = self.chunk_bytes.saturating_add(u64::from(size));
    }

    /// Counts one chunk less.
    pub(super) fn remove_chunk(&mut self, size: u64) {
        self.chunks = self.chunks.saturating_sub(1);
        self.chunk_bytes = self.chunk_bytes.saturating_sub(size);
    }

    /// Counts a chunk of this size in place of one of that size.
    pub(super) fn replace_chunk(&mut self, size: u32, replaced: u64) {
        self.chunk_bytes = self.chunk_bytes.saturating_sub(replaced).saturating_add(u64::from(size));
    }

    /// Counts a checkpoint of this size.
    pub(super) fn add_checkpoint(&mut self, size: u64) {
        self.checkpoint_bytes = self.checkpoint_bytes.saturating_add(size);
    }

    /// Counts one of this size less.
    pub(super) fn remove_checkpoint(&mut self, size: u64) {
        self.checkpoint_bytes = self.checkpoint_bytes.saturating_sub(size);
    }
}
