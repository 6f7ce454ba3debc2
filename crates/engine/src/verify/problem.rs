//! What can be wrong with what a database holds.

use std::error::Error;
use std::fmt;

use anabranch_model::codec::DecodeError;
use anabranch_model::{BlobId, ChunkId, CommitId, DefinitionsError, RuntimeId};

use crate::storage::StorageError;

/// Something that is not as it should be. Its text is one line that names the object and says what to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The structures of the medium do not hold together.
    Structure {
        /// What the storage found.
        finding: String,
    },
    /// A list cannot be gone through.
    List {
        /// Which list.
        list: List,
        /// What is wrong with it.
        fault: ListFault,
    },
    /// A definition is damaged.
    Definition {
        /// The id under which it is stored.
        id: RuntimeId,
        /// What is wrong with it.
        fault: DefinitionFault,
    },
    /// Commits are damaged so that their ids are not known.
    CommitNumbers {
        /// The number of the first in the order of arrival. The numbers of removed commits are not given again, so that
        /// there may be none of this number.
        first: u64,
        /// The number of the last.
        last: u64,
        /// What the storage says.
        source: StorageError,
    },
    /// A commit is damaged, or lacks something.
    Commit {
        /// The id under which it is stored.
        id: CommitId,
        /// What is wrong with it.
        fault: CommitFault,
    },
    /// A blob is damaged, or lacks something.
    Blob {
        /// The id under which it is stored.
        id: BlobId,
        /// What is wrong with it.
        fault: BlobFault,
    },
    /// A chunk is damaged. Each blob that uses it is a problem of its own.
    Chunk {
        /// The id under which it is stored.
        id: ChunkId,
        /// What is wrong with it.
        fault: ChunkFault,
    },
}

/// A list that a storage keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum List {
    /// What the storage checks of itself.
    Structures,
    /// The definitions.
    Definitions,
    /// The commits.
    Commits,
    /// The heads.
    Heads,
    /// The blobs.
    Blobs,
    /// The chunks.
    Chunks,
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Structures => "the structure of the storage",
            Self::Definitions => "the definitions",
            Self::Commits => "the list of commits",
            Self::Heads => "the list of heads",
            Self::Blobs => "the list of blobs",
            Self::Chunks => "the list of chunks",
        })
    }
}

/// What can be wrong with a list.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListFault {
    /// It cannot be read, or not to its end.
    #[error("it cannot be read to its end: {source}")]
    Unreadable {
        /// What the storage says.
        source: StorageError,
    },
    /// It is out of order from some place on.
    #[error("it is out of order, so that a part of it cannot be found")]
    Disorder,
}

/// What can be wrong with a definition.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionFault {
    /// It does not decode, or does not stand together with those before it.
    #[error("it cannot be read: {source}")]
    Unreadable {
        /// Why not.
        source: DefinitionsError,
    },
    /// It is stored under an id that is not its own.
    #[error("what is stored there is {name}, whose id is {found}")]
    Id {
        /// The kind and name of what is stored.
        name: String,
        /// The id that it has.
        found: RuntimeId,
    },
}

/// What can be wrong with a commit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitFault {
    /// Its parts give another id.
    #[error("its kind, parent, target and payload give the id {found}")]
    Id {
        /// The id that they give.
        found: CommitId,
    },
    /// Its payload is another one than it was made with.
    #[error("its payload is not what its id says")]
    Payload,
    /// Its payload is right, and the hash that is recorded of it is not.
    #[error("its payload is what its id says, but the hash recorded of it is another")]
    PayloadHash,
    /// Its payload cannot be fetched.
    #[error("its payload cannot be read: {source}")]
    PayloadUnreadable {
        /// What the storage says.
        source: StorageError,
    },
    /// What is recorded of it can be read in the list of commits, but not by its id.
    #[error("what is recorded of it cannot be read: {source}")]
    Unreadable {
        /// What the storage says.
        source: StorageError,
    },
    /// It cannot be found by its id.
    #[error("it is among the commits, but cannot be found by its id")]
    NotFound,
    /// Its payload is what it was made with, and says nothing that can be understood.
    #[error("its payload does not decode: {source}")]
    Decode {
        /// Why not.
        source: DecodeError,
    },
    /// It has parts that its kind does not have, or lacks some that it has.
    #[error("{rule}")]
    Shape {
        /// What should hold.
        rule: &'static str,
    },
    /// A commit that it depends on is missing.
    #[error("it depends on commit {missing}, which is not here")]
    MissingDependency {
        /// The missing commit.
        missing: CommitId,
    },
    /// It is listed before a commit that it depends on.
    #[error("it is listed before commit {dependency}, which it depends on")]
    Order {
        /// The commit that should be before it.
        dependency: CommitId,
    },
    /// Its generation is not one more than the greatest of its dependencies.
    #[error("its generation is {recorded} and should be {expected}")]
    Generation {
        /// What is recorded.
        recorded: u64,
        /// What should be.
        expected: u64,
    },
    /// It is dated before a commit that it depends on.
    #[error("its time is before that of commit {dependency}, which it depends on")]
    Timestamp {
        /// The commit that is later.
        dependency: CommitId,
    },
    /// A blob that it refers to is missing.
    #[error("it refers to blob {blob}, which is not here")]
    MissingBlob {
        /// The missing blob.
        blob: BlobId,
    },
    /// A blob that it refers to is not recorded as such, so that a collection would remove it.
    #[error("it refers to blob {blob}, which is not recorded among its blobs")]
    UnrecordedBlob {
        /// The blob.
        blob: BlobId,
    },
    /// A blob is recorded as one that it refers to, and is not.
    #[error("blob {blob} is recorded among its blobs, but it does not refer to it")]
    UnreferredBlob {
        /// The blob.
        blob: BlobId,
    },
    /// What is recorded of the blobs that it refers to cannot be read.
    #[error("the list of its blobs cannot be read: {source}")]
    BlobsUnreadable {
        /// What the storage says.
        source: StorageError,
    },
    /// It is a head that is not listed.
    #[error("it is a head, but not listed as one")]
    UnlistedHead,
    /// It is listed as a head, and is none.
    #[error("it is listed as a head, but is none")]
    NotAHead,
}

/// What can be wrong with a blob.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobFault {
    /// What is recorded of it cannot be read.
    #[error("what is recorded of it cannot be read: {source}")]
    Unreadable {
        /// What the storage says.
        source: StorageError,
    },
    /// It cannot be found by its id.
    #[error("it is among the blobs, but cannot be found by its id")]
    NotFound,
    /// The list of its chunks cannot be read.
    #[error("the list of its chunks cannot be read: {source}")]
    ChunksUnreadable {
        /// What the storage says.
        source: StorageError,
    },
    /// One of its chunks is missing.
    #[error("its chunk {chunk} is missing")]
    MissingChunk {
        /// The chunk.
        chunk: ChunkId,
    },
    /// One of its chunks is damaged.
    #[error("its chunk {chunk} is damaged")]
    DamagedChunk {
        /// The chunk.
        chunk: ChunkId,
    },
    /// The size recorded of one of its chunks is not the chunk's.
    #[error("its chunk {chunk} has {found} bytes, not {recorded}")]
    ChunkSize {
        /// The chunk.
        chunk: ChunkId,
        /// The size that the blob records.
        recorded: u64,
        /// The size of the chunk.
        found: u64,
    },
    /// Its chunks do not give its size.
    #[error("it has {found} bytes, not {recorded}")]
    Size {
        /// The size that is recorded.
        recorded: u64,
        /// The size of its chunks together.
        found: u64,
    },
    /// All its chunks are right, and its content is not.
    #[error("its content is not what its id says")]
    Content,
    /// Its content is right, and the hash that is recorded of it is not.
    #[error("its content is what its id says, but the hash recorded of it is another")]
    ContentHash,
    /// Its layout and content give another id.
    #[error("its layout {layout} and its content give the id {found}")]
    Id {
        /// The layout that is recorded.
        layout: String,
        /// The id that they give.
        found: BlobId,
    },
    /// Its layout is none that this program knows.
    #[error("`{layout}` is no layout")]
    Layout {
        /// The layout that is recorded.
        layout: String,
    },
    /// Its size is not a whole number of its layout's elements.
    #[error("its {size} bytes are not a whole number of {layout} elements")]
    Elements {
        /// The layout.
        layout: String,
        /// Its size.
        size: u64,
    },
}

/// What can be wrong with a chunk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChunkFault {
    /// Its bytes are others than those that it was stored with.
    #[error("its bytes are not what its id says")]
    Bytes,
    /// Its bytes cannot be fetched.
    #[error("its bytes cannot be read: {source}")]
    Unreadable {
        /// What the storage says.
        source: StorageError,
    },
    /// It cannot be found by its id.
    #[error("it is among the chunks, but cannot be found by its id")]
    NotFound,
}

/// What helps against damage.
const RESTORE: &str = "restore the database from a copy, or make a new one from a replica";

impl Problem {
    /// What to do about it; none where a storage could not read something and says itself what helps.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::CommitNumbers { .. }
            | Self::List { fault: ListFault::Unreadable { .. }, .. }
            | Self::Commit {
                fault:
                    CommitFault::Unreadable { .. }
                    | CommitFault::PayloadUnreadable { .. }
                    | CommitFault::BlobsUnreadable { .. },
                ..
            }
            | Self::Blob {
                fault: BlobFault::Unreadable { .. } | BlobFault::ChunksUnreadable { .. }, ..
            }
            | Self::Chunk { fault: ChunkFault::Unreadable { .. }, .. } => None,
            Self::Commit { fault: CommitFault::MissingBlob { .. }, .. } => {
                Some("store the blob again, or restore the database from a copy")
            }
            _ => Some(RESTORE),
        }
    }

    /// What is wrong, without the object that it is about.
    fn fault(&self) -> &dyn fmt::Display {
        match self {
            Self::Structure { finding } => finding,
            Self::List { fault, .. } => fault,
            Self::Definition { fault, .. } => fault,
            Self::CommitNumbers { source, .. } => source,
            Self::Commit { fault, .. } => fault,
            Self::Blob { fault, .. } => fault,
            Self::Chunk { fault, .. } => fault,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Structure { .. } => write!(f, "the storage")?,
            Self::List { list, .. } => write!(f, "{list}")?,
            Self::Definition { id, .. } => write!(f, "definition {id}")?,
            Self::CommitNumbers { first, last, .. } if first == last => write!(f, "commit number {last}")?,
            Self::CommitNumbers { first, last, .. } => write!(f, "commits number {first} to {last}")?,
            Self::Commit { id, .. } => write!(f, "commit {id}")?,
            Self::Blob { id, .. } => write!(f, "blob {id}")?,
            Self::Chunk { id, .. } => write!(f, "chunk {id}")?,
        }
        write!(f, ": {}", self.fault())?;
        self.remedy().map_or(Ok(()), |remedy| write!(f, "; {remedy}"))
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Structure { .. } => None,
            Self::List { fault, .. } => fault.source(),
            Self::Definition { fault, .. } => fault.source(),
            Self::CommitNumbers { source, .. } => Some(source),
            Self::Commit { fault, .. } => fault.source(),
            Self::Blob { fault, .. } => fault.source(),
            Self::Chunk { fault, .. } => fault.source(),
        }
    }
}
