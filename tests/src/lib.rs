//! Support for the tests of what crosses crates: replicas and networks that fail.

pub mod proxy;

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use anabranch_engine::{Database, PackedBlob, PackedChunk, PackedCommit, Weight};
use anabranch_model::{BlobId, ChunkId, CommitId, Definitions, DefinitionsDigest, ExtendInfo};
use anabranch_sync::{Links, Replica, ReplicaError};

/// A database behind a connection that is cut at one request: before it is carried out, or after, so that only the
/// answer is lost. Every request after that fails too.
#[derive(Debug)]
pub struct CutReplica<'a> {
    database: &'a Database,
    left: AtomicU32,
    loses_answer: bool,
}

/// The connection was cut.
#[derive(Debug)]
pub struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was cut")
    }
}

impl std::error::Error for Cut {}

impl<'a> CutReplica<'a> {
    /// A connection that answers this many requests.
    pub fn new(database: &'a Database, requests: u32, loses_answer: bool) -> Self {
        Self { database, left: AtomicU32::new(requests), loses_answer }
    }

    fn pass<T>(&self, request: impl FnOnce() -> Result<T, ReplicaError>) -> Result<T, ReplicaError> {
        let cut = || ReplicaError::Connection { location: self.location(), source: Box::new(Cut) };
        let before = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        match before {
            Ok(1) if self.loses_answer => {
                request()?;
                Err(cut())
            }
            Ok(0) | Err(_) => Err(cut()),
            Ok(_) => request(),
        }
    }
}

impl Replica for CutReplica<'_> {
    fn location(&self) -> String {
        Replica::location(self.database)
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn data_version(&self) -> Result<u64, ReplicaError> {
        self.pass(|| Replica::data_version(self.database))
    }

    fn definitions_digest(&self) -> Result<DefinitionsDigest, ReplicaError> {
        self.pass(|| Replica::definitions_digest(self.database))
    }

    fn definitions(&self) -> Result<Definitions, ReplicaError> {
        self.pass(|| Replica::definitions(self.database))
    }

    fn extend_definitions(&self, definitions: &Definitions) -> Result<ExtendInfo, ReplicaError> {
        self.pass(|| Replica::extend_definitions(self.database, definitions))
    }

    fn heads(&self) -> Result<Vec<CommitId>, ReplicaError> {
        self.pass(|| self.database.heads())
    }

    fn knows(&self, ids: &[CommitId]) -> Result<Vec<bool>, ReplicaError> {
        self.pass(|| self.database.knows(ids))
    }

    fn links(&self, ids: &[CommitId]) -> Result<Vec<Links>, ReplicaError> {
        self.pass(|| self.database.links(ids))
    }

    fn missing_from(&self, common: &[CommitId]) -> Result<Vec<CommitId>, ReplicaError> {
        self.pass(|| self.database.missing_from(common))
    }

    fn read_commits(&self, ids: &[CommitId]) -> Result<Vec<PackedCommit>, ReplicaError> {
        self.pass(|| self.database.read_commits(ids))
    }

    fn write_commits(&self, commits: &[PackedCommit]) -> Result<usize, ReplicaError> {
        self.pass(|| self.database.write_commits(commits))
    }

    fn weigh(&self, ids: &[CommitId]) -> Result<Weight, ReplicaError> {
        self.pass(|| Replica::weigh(self.database, ids))
    }

    fn unknown_blobs(&self, ids: &[BlobId]) -> Result<Vec<BlobId>, ReplicaError> {
        self.pass(|| Replica::unknown_blobs(self.database, ids))
    }

    fn read_blobs(&self, ids: &[BlobId]) -> Result<Vec<PackedBlob>, ReplicaError> {
        self.pass(|| self.database.read_blobs(ids))
    }

    fn unknown_chunks(&self, ids: &[ChunkId]) -> Result<Vec<ChunkId>, ReplicaError> {
        self.pass(|| Replica::unknown_chunks(self.database, ids))
    }

    fn read_chunks(&self, ids: &[ChunkId]) -> Result<Vec<PackedChunk>, ReplicaError> {
        self.pass(|| self.database.read_chunks(ids))
    }

    fn write_blobs(&self, chunks: &[PackedChunk], blobs: &[PackedBlob]) -> Result<usize, ReplicaError> {
        self.pass(|| self.database.write_blobs(chunks, blobs))
    }

    fn mark_synchronised(&self) -> Result<(), ReplicaError> {
        self.pass(|| Replica::mark_synchronised(self.database))
    }

    fn settle(&self) -> Result<(), ReplicaError> {
        self.pass(|| self.database.settle())
    }
}
