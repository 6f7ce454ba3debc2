//! What can go wrong with a database.

use anabranch_model::codec::DecodeError;
use anabranch_model::{BlobId, ChunkId, CommitId, DefinitionsError};

use crate::blob::{BlobPackError, BlobViewError};
use crate::mutable::MutationError;
use crate::opcode::DocumentId;
use crate::storage::StorageError;

/// What can go wrong with a database. Nothing is changed by an operation that fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The storage failed, or refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A change was refused.
    #[error(transparent)]
    Mutation(#[from] MutationError),
    /// A blob cannot be seen as somebody asked to see it.
    #[error(transparent)]
    BlobView(#[from] BlobViewError),
    /// A blob is no pack of arrays, or has no such array.
    #[error(transparent)]
    BlobPack(#[from] BlobPackError),
    /// Definitions do not stand together.
    #[error(transparent)]
    Definitions(#[from] DefinitionsError),
    /// A payload does not decode against the definitions.
    #[error("the payload of commit {commit} cannot be read: {source}")]
    Payload {
        /// The commit.
        commit: CommitId,
        /// What is wrong with its payload.
        source: DecodeError,
    },
    /// A document that the storage evaluated does not decode against the definitions.
    #[error("a document of attachment {} cannot be read: {source}", document.attachment)]
    Document {
        /// The document.
        document: Box<DocumentId>,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A commit refers to a blob that is not in this database.
    #[error("commit {commit} refers to blob {blob}, which is not here; create or send the blob first")]
    BlobLacking {
        /// The commit.
        commit: CommitId,
        /// The blob.
        blob: BlobId,
    },
    /// A commit is not in this database.
    #[error("commit {id} is not in this database")]
    CommitNotFound {
        /// The id that was asked for.
        id: CommitId,
    },
    /// A commit cannot be merged with another.
    #[error("commits {parent} and {target} cannot be merged: {reason}")]
    NotMergeable {
        /// What would be the parent.
        parent: CommitId,
        /// What would be the target.
        target: CommitId,
        /// Why not.
        reason: &'static str,
    },
    /// A database that should have no commits has some.
    #[error("{location} has commits already; give a new database")]
    NotEmpty {
        /// The database.
        location: String,
    },
    /// A store has no database.
    #[error("the store has no database; use one first")]
    NoDatabase,
    /// The code that a dispatch runs changes the store that runs it.
    #[error(
        "a dispatch cannot change the store that runs it; record the change in the state that it was given"
    )]
    NestedDispatch,
    /// A commit does not fit in the graph.
    #[error("commit {id} does not fit: {reason}")]
    Malformed {
        /// The id that it came with.
        id: CommitId,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An anchor for a reduction is no head.
    #[error("commit {id} is not a head; reduce onto one of the heads")]
    NotAHead {
        /// The commit.
        id: CommitId,
    },
    /// Removing commits would take away what other replicas have.
    #[error(
        "this database has been synchronised: {what} would come back with the next synchronisation, or leave \
         replicas without it; force it if that is what you want"
    )]
    Synchronised {
        /// What was asked for.
        what: &'static str,
    },
    /// Commits that were here are gone: somebody removed them.
    #[error(
        "the commit that arrived as number {arrival} is gone, removed by somebody else; read the state again"
    )]
    HistoryChanged {
        /// Its arrival number.
        arrival: u64,
    },
    /// A checkpoint is not what it was when it was made. It is left out from then on and made again by
    /// [`Database::checkpoint`](crate::Database::checkpoint), so that trying again succeeds; reading does so by itself.
    #[error(
        "the checkpoint of level {level} at commit number {arrival} is damaged; it is made again, try again"
    )]
    DamagedCheckpoint {
        /// The arrival number of the commit that it ends with.
        arrival: u64,
        /// Its level.
        level: u8,
    },
    /// A blob is not in this database.
    #[error("blob {id} is not in this database")]
    BlobNotFound {
        /// The id that was asked for.
        id: BlobId,
    },
    /// What is stored under a blob is not what its id says.
    #[error("blob {id} is damaged: {reason}; copy it again from another replica")]
    BlobDamaged {
        /// The blob.
        id: BlobId,
        /// What is wrong.
        reason: &'static str,
    },
    /// A blob that came from elsewhere is another one than it was said to be.
    #[error("blob {id} came with what is blob {found}; nothing that came with it was stored: fetch it again")]
    BlobMismatch {
        /// The id that it came with.
        id: BlobId,
        /// The id that its layout and content give.
        found: BlobId,
    },
    /// A chunk is not in this database.
    #[error("chunk {id} is not in this database")]
    ChunkNotFound {
        /// The id that was asked for.
        id: ChunkId,
    },
    /// What is stored under a chunk is not what its id says.
    #[error("chunk {id} is damaged: its bytes are not what its id says; store a blob that has it again")]
    ChunkDamaged {
        /// The chunk.
        id: ChunkId,
    },
    /// A blob that came from elsewhere is made of a chunk that is not here.
    #[error("blob {blob} is made of chunk {chunk}, which is neither here nor came with it: fetch it again")]
    ChunkMissing {
        /// The blob.
        blob: BlobId,
        /// The chunk.
        chunk: ChunkId,
    },
    /// A chunk that came from elsewhere is another one than it was said to be.
    #[error(
        "chunk {id} came with the bytes of chunk {found}; nothing that came with it was stored: fetch it again"
    )]
    ChunkMismatch {
        /// The id that it came with.
        id: ChunkId,
        /// The id that its bytes give.
        found: ChunkId,
    },
    /// A chunk that came from elsewhere is larger than chunks are.
    #[error("chunk {id} came with {size} bytes; a chunk has at most {limit}")]
    ChunkTooLarge {
        /// The id that it came with.
        id: ChunkId,
        /// How many bytes it has.
        size: u64,
        /// How many it may have.
        limit: u64,
    },
    /// A blob is larger than memory.
    #[error("{size} bytes of blob {id} do not fit in memory; read it as a stream")]
    BlobTooLarge {
        /// The blob.
        id: BlobId,
        /// How many bytes were asked for.
        size: u64,
    },
    /// A blob layout is not one.
    #[error("`{text}` is not a blob layout; one reads like uchar-1, float-3 or double-16")]
    Layout {
        /// What was given.
        text: String,
    },
    /// The content of a blob does not fit its layout.
    #[error("{size} bytes are not a whole number of {layout} elements")]
    LayoutSize {
        /// The layout.
        layout: String,
        /// How many bytes there are.
        size: u64,
    },
    /// Reading what should be stored failed.
    #[error("reading the content failed: {0}")]
    Read(#[source] std::io::Error),
}
