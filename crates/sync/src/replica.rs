//! What replicates.

use anabranch_engine::{Database, PackedBlob, PackedChunk, PackedCommit, Weight, graph};
use anabranch_model::{BlobId, ChunkId, CommitId, Definitions, DefinitionsDigest, ExtendInfo};

use crate::negotiation::Links;

/// Why a replica did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplicaError {
    /// The database refused or failed.
    #[error(transparent)]
    Database(#[from] anabranch_engine::Error),
    /// The connection to it failed.
    #[error("{location}: {source}")]
    Connection {
        /// Where the replica is.
        location: String,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Anything that holds commits and blobs: a database here or a connection to one elsewhere.
///
/// A replica holds the dependencies of every commit that it holds, and every blob that they refer to; what it is given
/// it checks, and refuses where that would not hold.
pub trait Replica: Send + Sync {
    /// What people call it.
    fn location(&self) -> String;

    /// Whether asking costs a round trip; negotiation walks the graph of a side that it does not.
    fn is_remote(&self) -> bool;

    /// Goes up with every transaction that adds something, whoever makes it.
    ///
    /// # Errors
    /// When the replica fails.
    fn data_version(&self) -> Result<u64, ReplicaError>;

    /// The hash of the definitions.
    ///
    /// # Errors
    /// When the replica fails.
    fn definitions_digest(&self) -> Result<DefinitionsDigest, ReplicaError>;

    /// The definitions.
    ///
    /// # Errors
    /// When the replica fails.
    fn definitions(&self) -> Result<Definitions, ReplicaError>;

    /// Adds what is missing of these definitions.
    ///
    /// # Errors
    /// When a name stands for different things, or the replica fails.
    fn extend_definitions(&self, definitions: &Definitions) -> Result<ExtendInfo, ReplicaError>;

    /// The heads.
    ///
    /// # Errors
    /// When the replica fails.
    fn heads(&self) -> Result<Vec<CommitId>, ReplicaError>;

    /// For each id, whether the commit is here.
    ///
    /// # Errors
    /// When the replica fails.
    fn knows(&self, ids: &[CommitId]) -> Result<Vec<bool>, ReplicaError>;

    /// For each id, which must be here, where it stands in the graph.
    ///
    /// # Errors
    /// When one is missing or the replica fails.
    fn links(&self, ids: &[CommitId]) -> Result<Vec<Links>, ReplicaError>;

    /// The commits that none of `common` depends on, each after its dependencies. `common` must be here.
    ///
    /// # Errors
    /// When one is missing or the replica fails.
    fn missing_from(&self, common: &[CommitId]) -> Result<Vec<CommitId>, ReplicaError>;

    /// What these commits, which must be here, take together.
    ///
    /// # Errors
    /// When one is missing or the replica fails.
    fn weigh(&self, ids: &[CommitId]) -> Result<Weight, ReplicaError>;

    /// The commits of these ids, which must be here, with their payloads.
    ///
    /// # Errors
    /// When one is missing or the replica fails.
    fn read_commits(&self, ids: &[CommitId]) -> Result<Vec<PackedCommit>, ReplicaError>;

    /// Stores commits, each after its dependencies, all or none. Answers how many were not here before.
    ///
    /// # Errors
    /// When one is not what its id says or lacks something, or the replica fails.
    fn write_commits(&self, commits: &[PackedCommit]) -> Result<usize, ReplicaError>;

    /// For each of these blobs that is not here, its id.
    ///
    /// # Errors
    /// When the replica fails.
    fn unknown_blobs(&self, ids: &[BlobId]) -> Result<Vec<BlobId>, ReplicaError>;

    /// What these blobs, which must be here, are made of.
    ///
    /// # Errors
    /// When one is missing or the replica fails.
    fn read_blobs(&self, ids: &[BlobId]) -> Result<Vec<PackedBlob>, ReplicaError>;

    /// For each of these chunks that is not here, its id. What is here was stored durably, by this pass or any other.
    ///
    /// # Errors
    /// When the replica fails.
    fn unknown_chunks(&self, ids: &[ChunkId]) -> Result<Vec<ChunkId>, ReplicaError>;

    /// The bytes of these chunks, which must be here, in the order given.
    ///
    /// # Errors
    /// When one is missing or damaged, or the replica fails.
    fn read_chunks(&self, ids: &[ChunkId]) -> Result<Vec<PackedChunk>, ReplicaError>;

    /// Stores chunks, and then blobs of which every chunk is here by then; all or nothing. Answers how many of the blobs
    /// were not here before. Chunks that no blob uses yet are kept for the pass that goes on with theirs.
    ///
    /// # Errors
    /// When one is not what its id says or lacks a chunk, or the replica fails.
    fn write_blobs(&self, chunks: &[PackedChunk], blobs: &[PackedBlob]) -> Result<usize, ReplicaError>;

    /// Remembers that the replica has been one side of a synchronisation. Where it may only be read, nothing is done.
    ///
    /// # Errors
    /// When the replica fails.
    fn mark_synchronised(&self) -> Result<(), ReplicaError>;

    /// Makes the states of the heads fast to open, after commits came in. Costs what these cost.
    ///
    /// # Errors
    /// When the replica fails.
    fn settle(&self) -> Result<(), ReplicaError>;
}

impl Replica for Database {
    fn location(&self) -> String {
        Database::location(self)
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn data_version(&self) -> Result<u64, ReplicaError> {
        Ok(Database::data_version(self)?)
    }

    fn definitions_digest(&self) -> Result<DefinitionsDigest, ReplicaError> {
        Ok(Database::definitions_digest(self)?)
    }

    fn definitions(&self) -> Result<Definitions, ReplicaError> {
        Ok(Database::definitions(self)?)
    }

    fn extend_definitions(&self, definitions: &Definitions) -> Result<ExtendInfo, ReplicaError> {
        Ok(Database::extend_definitions(self, definitions)?)
    }

    fn heads(&self) -> Result<Vec<CommitId>, ReplicaError> {
        Ok(self.head_commit_ids()?)
    }

    fn knows(&self, ids: &[CommitId]) -> Result<Vec<bool>, ReplicaError> {
        let snapshot = self.read()?;
        ids.iter()
            .map(|id| {
                let header = snapshot.header(*id).map_err(anabranch_engine::Error::from)?;
                Ok(header.is_some())
            })
            .collect()
    }

    fn links(&self, ids: &[CommitId]) -> Result<Vec<Links>, ReplicaError> {
        let snapshot = self.read()?;
        ids.iter()
            .map(|id| {
                let header = snapshot
                    .header(*id)
                    .map_err(anabranch_engine::Error::from)?
                    .ok_or(anabranch_engine::Error::CommitNotFound { id: *id })?;
                let dependencies = header.dependencies().collect();
                Ok(Links { id: *id, generation: header.generation, dependencies })
            })
            .collect()
    }

    fn missing_from(&self, common: &[CommitId]) -> Result<Vec<CommitId>, ReplicaError> {
        let snapshot = self.read()?;
        let heads = snapshot.heads().map_err(anabranch_engine::Error::from)?;
        Ok(graph::difference(&*snapshot, &heads, common).map_err(anabranch_engine::Error::from)?)
    }

    fn weigh(&self, ids: &[CommitId]) -> Result<Weight, ReplicaError> {
        Ok(Database::weigh(self, ids)?)
    }

    fn read_commits(&self, ids: &[CommitId]) -> Result<Vec<PackedCommit>, ReplicaError> {
        Ok(self.pack(ids)?)
    }

    fn write_commits(&self, commits: &[PackedCommit]) -> Result<usize, ReplicaError> {
        Ok(self.receive(commits)?.len())
    }

    fn unknown_blobs(&self, ids: &[BlobId]) -> Result<Vec<BlobId>, ReplicaError> {
        Ok(Database::unknown_blobs(self, ids)?)
    }

    fn read_blobs(&self, ids: &[BlobId]) -> Result<Vec<PackedBlob>, ReplicaError> {
        Ok(self.pack_blobs(ids)?)
    }

    fn unknown_chunks(&self, ids: &[ChunkId]) -> Result<Vec<ChunkId>, ReplicaError> {
        Ok(Database::unknown_chunks(self, ids)?)
    }

    fn read_chunks(&self, ids: &[ChunkId]) -> Result<Vec<PackedChunk>, ReplicaError> {
        Ok(self.pack_chunks(ids)?)
    }

    fn write_blobs(&self, chunks: &[PackedChunk], blobs: &[PackedBlob]) -> Result<usize, ReplicaError> {
        Ok(self.receive_blobs(chunks, blobs)?)
    }

    fn mark_synchronised(&self) -> Result<(), ReplicaError> {
        Ok(Database::mark_synchronised(self)?)
    }

    fn settle(&self) -> Result<(), ReplicaError> {
        for head in self.head_commit_ids()? {
            self.checkpoint(head)?;
        }
        Ok(())
    }
}
