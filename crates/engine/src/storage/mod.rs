//! Where commits, definitions and blobs are kept.
//!
//! The engine reaches storage through two traits only: a [`Snapshot`] reads one consistent moment, a [`Transaction`]
//! adds things, all or nothing. Nothing above this folder knows SQL, files or locks. What is stored is raw: payloads
//! and definitions are bytes here, and every rule that needs their meaning is the engine's to keep.

mod counters;
mod error;
mod gate;
mod limits;
mod memory;
mod prefix;
mod sqlite;
#[cfg(test)]
mod suite;

pub use error::StorageError;
pub use memory::MemoryStorage;
pub use sqlite::{OpenMode, SqliteStorage};

use std::any::Any;

use anabranch_model::{BlobId, ChunkId, CommitId, ContentHash, RuntimeId, Uuid};

use crate::commit::{CommitHeader, CommitKind};

/// What a storage says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Names this database among its copies and replicas.
    pub uuid: Uuid,
    /// What the database is for, as its creator wrote it.
    pub documentation: String,
    /// Milliseconds since the epoch.
    pub created: i64,
    /// Whether the database has ever been one side of a synchronisation.
    pub synchronised: bool,
}

/// How much is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Commits of all kinds.
    pub commits: u64,
    /// The bytes of their payloads.
    pub payload_bytes: u64,
    /// Blobs.
    pub blobs: u64,
    /// The sum of their sizes.
    pub blob_bytes: u64,
    /// Chunks, which blobs share.
    pub chunks: u64,
    /// The sum of their sizes: what blobs take on disk.
    pub chunk_bytes: u64,
}

/// What is known of a blob without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRecord {
    /// The id, which follows from layout and content.
    pub id: BlobId,
    /// Element type and components, as text: `uchar-1`, `float-3`.
    pub layout: String,
    /// The hash of the content.
    pub content: ContentHash,
    /// The size in bytes.
    pub size: u64,
    /// When it was stored here, or last stored again before a commit referred to it: milliseconds since the epoch.
    pub created: i64,
}

/// One run of a blob's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkRef {
    /// Names the bytes.
    pub id: ChunkId,
    /// How many they are.
    pub size: u32,
}

/// Reads the commit graph.
pub trait ReadCommits {
    /// The header of a commit, none when it is not here.
    ///
    /// # Errors
    /// When the storage fails.
    fn header(&self, id: CommitId) -> Result<Option<CommitHeader>, StorageError>;

    /// The payload of a commit, byte for byte as it was stored; none when the commit is not here.
    ///
    /// # Errors
    /// When the storage fails.
    fn payload(&self, id: CommitId) -> Result<Option<Vec<u8>>, StorageError>;

    /// The size of the payload of a commit, without reading it; none when the commit is not here.
    ///
    /// # Errors
    /// When the storage fails.
    fn payload_size(&self, id: CommitId) -> Result<Option<u64>, StorageError> {
        Ok(self.payload(id)?.map(|payload| payload.len() as u64))
    }

    /// The commits that are nobody's parent and no merge's target, ascending. Costs what their number costs, not what
    /// the history costs.
    ///
    /// # Errors
    /// When the storage fails.
    fn heads(&self) -> Result<Vec<CommitId>, StorageError>;

    /// The commits whose parent this is, ascending; the roots, for the zero id.
    ///
    /// # Errors
    /// When the storage fails.
    fn children(&self, id: CommitId) -> Result<Vec<CommitId>, StorageError>;

    /// The commits of any kind whose target this is, ascending.
    ///
    /// # Errors
    /// When the storage fails.
    fn targeting(&self, id: CommitId) -> Result<Vec<CommitId>, StorageError>;

    /// Up to `limit` commits that arrived after the one numbered `arrival`, in order of arrival, with their numbers.
    /// Numbers start at 1, only grow, and a commit's dependencies have smaller ones.
    ///
    /// # Errors
    /// When the storage fails.
    fn arrivals(&self, arrival: u64, limit: usize) -> Result<Vec<(u64, CommitHeader)>, StorageError>;

    /// Up to `limit` ids that start with these hexadecimal digits, ascending. `prefix` holds lower-case digits only.
    ///
    /// # Errors
    /// When the storage fails.
    fn commits_with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<CommitId>, StorageError>;

    /// The blobs that a commit refers to, ascending.
    ///
    /// # Errors
    /// When the storage fails.
    fn commit_blobs(&self, id: CommitId) -> Result<Vec<BlobId>, StorageError>;
}

/// Reads the blob pool.
pub trait ReadBlobs {
    /// What is known of a blob, none when it is not here.
    ///
    /// # Errors
    /// When the storage fails.
    fn blob(&self, id: BlobId) -> Result<Option<BlobRecord>, StorageError>;

    /// The chunks of a blob, in order; empty when it is not here.
    ///
    /// # Errors
    /// When the storage fails.
    fn blob_chunks(&self, id: BlobId) -> Result<Vec<ChunkRef>, StorageError>;

    /// The bytes of a chunk, none when it is not here. Not checked against the id: callers do.
    ///
    /// # Errors
    /// When the storage fails.
    fn chunk(&self, id: ChunkId) -> Result<Option<Vec<u8>>, StorageError>;

    /// Whether a chunk is here, without reading it.
    ///
    /// # Errors
    /// When the storage fails.
    fn has_chunk(&self, id: ChunkId) -> Result<bool, StorageError>;

    /// Up to `limit` blobs whose ids are greater than `after`, ascending.
    ///
    /// # Errors
    /// When the storage fails.
    fn blobs_after(&self, after: BlobId, limit: usize) -> Result<Vec<BlobRecord>, StorageError>;

    /// Whether a commit refers to a blob.
    ///
    /// # Errors
    /// When the storage fails.
    fn is_blob_referenced(&self, id: BlobId) -> Result<bool, StorageError>;

    /// The blobs that use a chunk, ascending, each once.
    ///
    /// # Errors
    /// When the storage fails.
    fn blobs_using(&self, id: ChunkId) -> Result<Vec<BlobId>, StorageError>;

    /// When somebody last claimed a chunk for a blob that was not complete; none when nobody did since a blob was last
    /// made of it.
    ///
    /// # Errors
    /// When the storage fails.
    fn chunk_claim(&self, id: ChunkId) -> Result<Option<i64>, StorageError>;

    /// Up to `limit` chunks that no blob uses, whose ids are greater than `after`, ascending.
    ///
    /// # Errors
    /// When the storage fails.
    fn unused_chunks(&self, after: ChunkId, limit: usize) -> Result<Vec<ChunkRef>, StorageError>;

    /// Up to `limit` chunks whose ids are greater than `after`, ascending.
    ///
    /// # Errors
    /// When the storage fails.
    fn chunks_after(&self, after: ChunkId, limit: usize) -> Result<Vec<ChunkRef>, StorageError>;
}

/// A commit as walks over history see it: by arrival numbers, which are faster to look up than ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The number under which the commit arrived.
    pub arrival: u64,
    /// What it does.
    pub kind: CommitKind,
    /// The number of its parent, 0 for a root.
    pub parent: u64,
    /// The number of its target, 0 for `Mutations`.
    pub target: u64,
}

/// Reads history by arrival numbers, and checkpoints: what is derived from commits to make states fast to open, and may
/// be dropped at any time (`DESIGN.md` §5).
pub trait ReadCheckpoints {
    /// The number under which a commit arrived, none when it is not here.
    ///
    /// # Errors
    /// When the storage fails.
    fn arrival_of(&self, id: CommitId) -> Result<Option<u64>, StorageError>;

    /// The commit that arrived under this number.
    ///
    /// # Errors
    /// When the storage fails.
    fn commit_at(&self, arrival: u64) -> Result<Option<CommitId>, StorageError>;

    /// Where the commit that arrived under this number stands.
    ///
    /// # Errors
    /// When the storage fails.
    fn link_at(&self, arrival: u64) -> Result<Option<Link>, StorageError>;

    /// The payload of the commit that arrived under this number.
    ///
    /// # Errors
    /// When the storage fails.
    fn payload_at(&self, arrival: u64) -> Result<Option<Vec<u8>>, StorageError>;

    /// [`Self::link_at`] for all numbers from `first` to `last`, as far as they are here, ascending. One question for
    /// many commits, where that is cheaper.
    ///
    /// # Errors
    /// When the storage fails.
    fn links(&self, first: u64, last: u64) -> Result<Vec<Link>, StorageError> {
        (first..=last).filter_map(|arrival| self.link_at(arrival).transpose()).collect()
    }

    /// [`Self::payload_at`] with the numbers, likewise. May stop before `last`, at least one commit further.
    ///
    /// # Errors
    /// When the storage fails.
    fn payloads(&self, first: u64, last: u64) -> Result<Vec<(u64, Vec<u8>)>, StorageError> {
        let payload = |arrival| Ok(self.payload_at(arrival)?.map(|payload| (arrival, payload)));
        (first..=last).filter_map(|arrival| payload(arrival).transpose()).take(1).collect()
    }

    /// The greatest arrival number up to `arrival` that has a checkpoint.
    ///
    /// # Errors
    /// When the storage fails.
    fn checkpoint_before(&self, arrival: u64) -> Result<Option<u64>, StorageError>;

    /// The first part of the checkpoint of the highest level up to `most` at an arrival number, with its level.
    ///
    /// # Errors
    /// When the storage fails.
    fn checkpoint(&self, arrival: u64, most: u8) -> Result<Option<(u8, Vec<u8>)>, StorageError>;

    /// A part of a checkpoint, the first being 0. Costs what the part costs, not what the checkpoint costs.
    ///
    /// # Errors
    /// When the storage fails.
    fn checkpoint_part(&self, arrival: u64, level: u8, part: u32) -> Result<Option<Vec<u8>>, StorageError>;

    /// The bytes of all checkpoints; constant time, so that it can be asked before each new one.
    ///
    /// # Errors
    /// When the storage fails.
    fn checkpoint_bytes(&self) -> Result<u64, StorageError>;
}

/// One consistent moment of a storage: whatever is written meanwhile, its answers do not change.
pub trait Snapshot: ReadCommits + ReadBlobs + ReadCheckpoints {
    /// Goes up with every transaction that added something, whoever made it; two snapshots that answer the same number
    /// have the same content (`DESIGN.md` §3).
    ///
    /// # Errors
    /// When the storage fails.
    fn data_version(&self) -> Result<u64, StorageError>;

    /// What the storage says about itself.
    ///
    /// # Errors
    /// When the storage fails.
    fn meta(&self) -> Result<Meta, StorageError>;

    /// The stored forms of the definitions, in the order in which they were added.
    ///
    /// # Errors
    /// When the storage fails.
    fn definitions(&self) -> Result<Vec<Vec<u8>>, StorageError>;

    /// The ids under which the definitions are stored, in the same order.
    ///
    /// # Errors
    /// When the storage fails.
    fn definition_ids(&self) -> Result<Vec<RuntimeId>, StorageError>;

    /// How many definitions are stored; constant time, so that it can be asked before each use of a cached set. A storage
    /// elsewhere may answer as of the last time it heard, as long as nothing else of the snapshot was asked.
    ///
    /// # Errors
    /// When the storage fails.
    fn definition_count(&self) -> Result<u64, StorageError>;

    /// How much is stored.
    ///
    /// # Errors
    /// When the storage fails.
    fn statistics(&self) -> Result<Statistics, StorageError>;
}

/// A change in the making. It reads what it wrote; others see it when [`Self::commit`] has returned, all of it, or, if it
/// is dropped before, nothing. One transaction is open at a time; a second one waits.
pub trait Transaction: Snapshot {
    /// Adds a commit whose dependencies are here, keeping the heads. Answers false, and changes nothing, when it is here
    /// already. The id, the payload hash and the blobs are taken as given; the engine has checked them.
    ///
    /// # Errors
    /// When a dependency or a blob is missing, or the storage fails.
    fn put_commit(
        &mut self,
        header: &CommitHeader,
        payload: &[u8],
        blobs: &[BlobId],
    ) -> Result<bool, StorageError>;

    /// Removes a head that nothing refers to, and its references to blobs.
    ///
    /// # Errors
    /// When the commit is not here or something refers to it, or the storage fails.
    fn delete_commit(&mut self, id: CommitId) -> Result<(), StorageError>;

    /// Adds the stored form of a definition.
    ///
    /// # Errors
    /// When the storage fails.
    fn put_definition(&mut self, id: RuntimeId, stored: &[u8]) -> Result<(), StorageError>;

    /// Adds the bytes of a chunk. Answers false, and changes nothing, when they are here already.
    ///
    /// # Errors
    /// When the storage fails.
    fn put_chunk(&mut self, id: ChunkId, bytes: &[u8]) -> Result<bool, StorageError>;

    /// Puts bytes in place of those of a chunk that is here, which were found damaged. The change counter stays: what is
    /// stored is again what it always should have been.
    ///
    /// # Errors
    /// When the chunk is not here, or the storage fails.
    fn replace_chunk(&mut self, id: ChunkId, bytes: &[u8]) -> Result<(), StorageError>;

    /// Notes that chunks that are here are wanted, at this time, for a blob that is not complete. A claim ends when a blob
    /// is made of the chunk. The change counter stays.
    ///
    /// # Errors
    /// When a chunk is not here, or the storage fails.
    fn claim_chunks(&mut self, ids: &[ChunkId], time: i64) -> Result<(), StorageError>;

    /// Removes a chunk that no blob uses, and the claim to it. The change counter stays: a chunk without a blob is nothing
    /// that a reader could see.
    ///
    /// # Errors
    /// When the chunk is not here or a blob uses it, or the storage fails.
    fn delete_chunk(&mut self, id: ChunkId) -> Result<(), StorageError>;

    /// Adds a blob made of chunks that are here. Answers false, and changes nothing, when it is here already.
    ///
    /// # Errors
    /// When a chunk is missing, or the storage fails.
    fn put_blob(&mut self, blob: &BlobRecord, chunks: &[ChunkRef]) -> Result<bool, StorageError>;

    /// Notes that a blob that is here was stored again at this time. The change counter stays.
    ///
    /// # Errors
    /// When the blob is not here, or the storage fails.
    fn renew_blob(&mut self, id: BlobId, created: i64) -> Result<(), StorageError>;

    /// Removes a blob that no commit refers to. Its chunks stay.
    ///
    /// # Errors
    /// When the blob is not here or a commit refers to it, or the storage fails.
    fn delete_blob(&mut self, id: BlobId) -> Result<(), StorageError>;

    /// Keeps a checkpoint of one part or more at an arrival number, in place of one of the same level. Levels are 0 to
    /// 15. The change counter stays: nothing that a reader can see has changed.
    ///
    /// # Errors
    /// When the storage fails.
    fn put_checkpoint(&mut self, arrival: u64, level: u8, parts: &[&[u8]]) -> Result<(), StorageError>;

    /// Removes the checkpoint of this level at an arrival number, if there is one. The change counter stays.
    ///
    /// # Errors
    /// When the storage fails.
    fn delete_checkpoint(&mut self, arrival: u64, level: u8) -> Result<(), StorageError>;

    /// Removes all checkpoints.
    ///
    /// # Errors
    /// When the storage fails.
    fn drop_checkpoints(&mut self) -> Result<(), StorageError>;

    /// Gives space that nothing uses any more back to the medium, at most 64 MiB of it. Answers how many bytes; 0 when nothing
    /// is left to give, or what is left is kept to be used again.
    ///
    /// # Errors
    /// When the storage fails.
    fn give_back(&mut self) -> Result<u64, StorageError> {
        Ok(0)
    }

    /// Remembers that the database has been one side of a synchronisation.
    ///
    /// # Errors
    /// When the storage fails.
    fn mark_synchronised(&mut self) -> Result<(), StorageError>;

    /// Makes everything durable and visible, and raises the change counter if a commit, blob or definition was added or
    /// removed.
    ///
    /// # Errors
    /// When the storage fails; nothing is changed then.
    fn commit(self: Box<Self>) -> Result<(), StorageError>;
}

/// Which documents are asked for of a storage that evaluates them itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Those after a commit.
    Commit(CommitId),
    /// Those that a merge of the second into the first would give.
    Merge(CommitId, CommitId),
}

/// A document as storages name it: the bytes of its attachment's runtime id and of its key.
pub type DocumentName = [u8; 48];

/// Reads documents as they stand after commits. A storage that can, such as a connection to a server, makes every commit
/// as near as a checkpoint: what lies before it is never read.
pub trait ReadDocuments {
    /// The canonical encoding of a document, none while it is absent.
    ///
    /// # Errors
    /// When a commit is not here or the storage fails.
    fn document(&self, at: Moment, document: &DocumentName) -> Result<Option<Vec<u8>>, StorageError>;

    /// The documents that there are, in any order.
    ///
    /// # Errors
    /// When a commit is not here or the storage fails.
    fn documents(&self, at: Moment) -> Result<Vec<DocumentName>, StorageError>;
}

/// A place where a database is kept. Shared between threads; and, where it is a file, between processes.
pub trait Storage: Send + Sync {
    /// The present moment, for reading.
    ///
    /// # Errors
    /// When the storage fails.
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StorageError>;

    /// So many snapshots of one and the same moment, for as many threads; none where that cannot be had.
    ///
    /// # Errors
    /// When the storage fails.
    fn snapshots(&self, _count: usize) -> Result<Vec<Box<dyn Snapshot + Send + '_>>, StorageError> {
        Ok(Vec::new())
    }

    /// A change on top of the present moment.
    ///
    /// # Errors
    /// When the storage may only be read, another writer keeps it too long, or it fails.
    fn transaction(&self) -> Result<Box<dyn Transaction + '_>, StorageError>;

    /// What people call it: the path of a file, or `memory`.
    fn location(&self) -> String;

    /// Whether it may only be read.
    fn is_read_only(&self) -> bool;

    /// What evaluates documents, where the storage does that itself; none where states are derived from commits here.
    fn evaluator(&self) -> Option<&dyn ReadDocuments> {
        None
    }

    /// What a crate above the engine wants to find again on a storage of its own.
    fn extension(&self) -> Option<&(dyn Any + Send + Sync)> {
        None
    }

    /// What the medium itself finds wrong with its structures, one line each; nothing when it is sound.
    ///
    /// # Errors
    /// When the storage fails before it can tell.
    fn check_structure(&self) -> Result<Vec<String>, StorageError>;
}
