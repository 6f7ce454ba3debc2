//! What a pass would move, without moving it.

use std::collections::{BTreeSet, HashSet};

use anabranch_model::{BlobId, CommitId, ExtendInfo};

use crate::definitions;
use crate::replica::Replica;
use crate::synchronizer::{Direction, SyncError, Synchronizer};

/// How many commits are weighed at a time: 256 KiB of ids.
const COMMITS_IN_QUESTION: usize = 8192;
/// How many blobs or chunks are asked about at a time, as many as commits.
const IDS_IN_QUESTION: usize = 8192;
/// How many blobs are described at a time; a description takes 36 bytes for each chunk.
const BLOBS_IN_QUESTION: usize = 1024;

/// What a pass would move one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferPlan {
    /// Commits that the receiver lacks.
    pub commits: u64,
    /// The bytes of their payloads.
    pub commit_bytes: u64,
    /// Blobs that they refer to and the receiver lacks.
    pub blobs: u64,
    /// The sum of their sizes.
    pub blob_bytes: u64,
    /// The chunks of those that the receiver lacks: what of the blobs has to be sent.
    pub chunks: u64,
    /// The bytes of those chunks.
    pub chunk_bytes: u64,
    /// Definitions that the receiver lacks.
    pub definitions: ExtendInfo,
}

/// What a pass would move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncPlan {
    /// From source to target.
    pub fetch: TransferPlan,
    /// From target to source.
    pub push: TransferPlan,
}

impl SyncPlan {
    /// Whether there is nothing to move.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Synchronizer<'_> {
    /// What [`Self::sync`] would move, if nobody wrote meanwhile. Nothing is changed on either side.
    ///
    /// It asks for the sizes of all that is missing, which costs as many round trips as one for each few thousand commits
    /// and blobs.
    ///
    /// # Errors
    /// When the definitions conflict, a side fails, or the pass is cancelled.
    pub fn plan(&self) -> Result<SyncPlan, SyncError> {
        let (source, target) = (self.source(), self.target());
        let mut plan = SyncPlan::default();
        if let Some(missing) = definitions::missing(source, target)? {
            (plan.fetch.definitions, plan.push.definitions) = (missing.fetched, missing.pushed);
        }
        let negotiated = self.negotiate(&[])?;
        for direction in self.directions() {
            let (sender, receiver, planned) = match direction {
                Direction::Fetch => (source, target, &mut plan.fetch),
                Direction::Push => (target, source, &mut plan.push),
            };
            let commits = negotiated.missing_commits(*direction, sender)?;
            self.weigh(&commits, sender, receiver, planned)?;
        }
        for (direction, planned) in [(Direction::Fetch, &mut plan.fetch), (Direction::Push, &mut plan.push)] {
            if !self.directions().contains(&direction) {
                planned.definitions = ExtendInfo::default();
            }
        }
        Ok(plan)
    }

    /// Adds what these commits and the blobs that they refer to take.
    fn weigh(
        &self,
        commits: &[CommitId],
        sender: &dyn Replica,
        receiver: &dyn Replica,
        planned: &mut TransferPlan,
    ) -> Result<(), SyncError> {
        planned.commits = commits.len() as u64;
        let mut referred: BTreeSet<BlobId> = BTreeSet::new();
        for ids in commits.chunks(COMMITS_IN_QUESTION) {
            self.check_cancelled()?;
            let weight = sender.weigh(ids).map_err(SyncError::on(sender))?;
            planned.commit_bytes += weight.payload_bytes;
            referred.extend(weight.blobs);
        }
        let referred: Vec<BlobId> = referred.into_iter().collect();
        // Chunks that several blobs share are sent once.
        let mut counted = HashSet::new();
        for ids in referred.chunks(IDS_IN_QUESTION) {
            let unknown = receiver.unknown_blobs(ids).map_err(SyncError::on(receiver))?;
            for ids in unknown.chunks(BLOBS_IN_QUESTION) {
                self.check_cancelled()?;
                let blobs = sender.read_blobs(ids).map_err(SyncError::on(sender))?;
                planned.blobs += blobs.len() as u64;
                planned.blob_bytes += blobs.iter().map(|blob| blob.size).sum::<u64>();
                let chunks: Vec<_> = blobs
                    .iter()
                    .flat_map(|blob| &blob.chunks)
                    .filter(|chunk| counted.insert(chunk.id))
                    .collect();
                for chunks in chunks.chunks(IDS_IN_QUESTION) {
                    let ids: Vec<_> = chunks.iter().map(|chunk| chunk.id).collect();
                    let lacking: HashSet<_> =
                        receiver.unknown_chunks(&ids).map_err(SyncError::on(receiver))?.into_iter().collect();
                    planned.chunks += lacking.len() as u64;
                    planned.chunk_bytes += chunks
                        .iter()
                        .filter(|chunk| lacking.contains(&chunk.id))
                        .map(|chunk| u64::from(chunk.size))
                        .sum::<u64>();
                }
            }
        }
        Ok(())
    }
}
