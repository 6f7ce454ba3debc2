//! What replicates.

use std::sync::Arc;
use std::time::Duration;

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

    /// The commits that none of `common` depends on, in packs, where the replica can answer that with one question; none
    /// where [`Self::missing_from`] and [`Self::read_commits`] are to be asked.
    ///
    /// # Errors
    /// When one of `common` is missing or the replica fails.
    fn fetch(&self, common: &[CommitId]) -> Result<Option<Box<dyn Packs + '_>>, ReplicaError> {
        let _ = common;
        Ok(None)
    }

    /// Notices of changes, where the replica gives them; none where its change counter is to be asked now and then.
    ///
    /// # Errors
    /// When the replica fails.
    fn changes(&self) -> Result<Option<Box<dyn Changes>>, ReplicaError> {
        Ok(None)
    }

    /// How many round trips were made to it so far.
    fn round_trips(&self) -> u64 {
        0
    }

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

/// Commits on their way, each after its dependencies.
pub trait Packs {
    /// How many commits there are in all.
    fn expected(&self) -> u64;

    /// The next of them; none at the end.
    ///
    /// # Errors
    /// When they do not come any more.
    fn next(&mut self) -> Result<Option<Vec<PackedCommit>>, ReplicaError>;
}

/// Notices that a replica changed.
pub trait Changes: Send {
    /// Waits for a notice, at most so long. Answers the change counter; none when there was no notice.
    ///
    /// # Errors
    /// When no more notices come; ask for others.
    fn wait(&mut self, timeout: Duration) -> Result<Option<u64>, ReplicaError>;
}

/// What a storage that is a connection keeps as its extension: how to replicate over it in a few large questions. A
/// database on such a storage is a replica by it.
pub type Peer = Arc<dyn Replica>;

fn peer(database: &Database) -> Option<&dyn Replica> {
    database.extension()?.downcast_ref::<Peer>().map(|peer| &**peer)
}

impl Replica for Database {
    fn location(&self) -> String {
        if let Some(peer) = peer(self) {
            return peer.location();
        }
        Database::location(self)
    }

    fn is_remote(&self) -> bool {
        if let Some(peer) = peer(self) {
            return peer.is_remote();
        }
        false
    }

    fn data_version(&self) -> Result<u64, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.data_version();
        }
        Ok(Database::data_version(self)?)
    }

    fn definitions_digest(&self) -> Result<DefinitionsDigest, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.definitions_digest();
        }
        Ok(Database::definitions_digest(self)?)
    }

    fn definitions(&self) -> Result<Definitions, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.definitions();
        }
        Ok(Database::definitions(self)?)
    }

    fn extend_definitions(&self, definitions: &Definitions) -> Result<ExtendInfo, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.extend_definitions(definitions);
        }
        Ok(Database::extend_definitions(self, definitions)?)
    }

    fn heads(&self) -> Result<Vec<CommitId>, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.heads();
        }
        Ok(self.head_commit_ids()?)
    }

    fn knows(&self, ids: &[CommitId]) -> Result<Vec<bool>, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.knows(ids);
        }
        let snapshot = self.read()?;
        ids.iter()
            .map(|id| {
                let header = snapshot.header(*id).map_err(anabranch_engine::Error::from)?;
                Ok(header.is_some())
            })
            .collect()
    }

    fn links(&self, ids: &[CommitId]) -> Result<Vec<Links>, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.links(ids);
        }
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
        if let Some(peer) = peer(self) {
            return peer.missing_from(common);
        }
        let snapshot = self.read()?;
        let heads = snapshot.heads().map_err(anabranch_engine::Error::from)?;
        Ok(graph::difference(&*snapshot, &heads, common).map_err(anabranch_engine::Error::from)?)
    }

    fn weigh(&self, ids: &[CommitId]) -> Result<Weight, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.weigh(ids);
        }
        Ok(Database::weigh(self, ids)?)
    }

    fn read_commits(&self, ids: &[CommitId]) -> Result<Vec<PackedCommit>, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.read_commits(ids);
        }
        Ok(self.pack(ids)?)
    }

    fn write_commits(&self, commits: &[PackedCommit]) -> Result<usize, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.write_commits(commits);
        }
        Ok(self.receive(commits)?.len())
    }

    fn unknown_blobs(&self, ids: &[BlobId]) -> Result<Vec<BlobId>, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.unknown_blobs(ids);
        }
        Ok(Database::unknown_blobs(self, ids)?)
    }

    fn read_blobs(&self, ids: &[BlobId]) -> Result<Vec<PackedBlob>, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.read_blobs(ids);
        }
        Ok(self.pack_blobs(ids)?)
    }

    fn unknown_chunks(&self, ids: &[ChunkId]) -> Result<Vec<ChunkId>, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.unknown_chunks(ids);
        }
        Ok(Database::unknown_chunks(self, ids)?)
    }

    fn read_chunks(&self, ids: &[ChunkId]) -> Result<Vec<PackedChunk>, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.read_chunks(ids);
        }
        Ok(self.pack_chunks(ids)?)
    }

    fn write_blobs(&self, chunks: &[PackedChunk], blobs: &[PackedBlob]) -> Result<usize, ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.write_blobs(chunks, blobs);
        }
        Ok(self.receive_blobs(chunks, blobs)?)
    }

    fn mark_synchronised(&self) -> Result<(), ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.mark_synchronised();
        }
        Ok(Database::mark_synchronised(self)?)
    }

    fn settle(&self) -> Result<(), ReplicaError> {
        if let Some(peer) = peer(self) {
            return peer.settle();
        }
        for head in self.head_commit_ids()? {
            self.checkpoint(head)?;
        }
        Ok(())
    }

    fn fetch(&self, common: &[CommitId]) -> Result<Option<Box<dyn Packs + '_>>, ReplicaError> {
        peer(self).map_or(Ok(None), |peer| peer.fetch(common))
    }

    fn changes(&self) -> Result<Option<Box<dyn Changes>>, ReplicaError> {
        peer(self).map_or(Ok(None), |peer| peer.changes())
    }

    fn round_trips(&self) -> u64 {
        peer(self).map_or(0, |peer| peer.round_trips())
    }
}
