//! Copying commits, and the blobs that they refer to, from one replica to another.

use std::collections::{BTreeSet, HashSet};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use anabranch_engine::{PackedBlob, PackedChunk, PackedCommit};
use anabranch_model::{BlobId, ChunkId, CommitId, ExtendInfo};

use crate::progress::{Cancellation, Phase, Progress};
use crate::replica::{Packs, Replica, ReplicaError};
use crate::synchronizer::SyncError;

/// How many commits are read at a time. Few enough that a receiver's other writers wait for one batch only.
const COMMITS_IN_BATCH: usize = 1000;

/// How many blobs are described at a time; a description takes 36 bytes for each chunk.
const BLOBS_IN_BATCH: usize = 1024;
/// How many chunks the receiver is asked about at a time: 256 KiB of ids.
const CHUNKS_IN_QUESTION: usize = 8192;

/// What was copied in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferInfo {
    /// Commits that the receiver did not have.
    pub commits: u64,
    /// The bytes of their payloads.
    pub commit_bytes: u64,
    /// Blobs that the receiver did not have.
    pub blobs: u64,
    /// The sum of their sizes.
    pub blob_bytes: u64,
    /// Chunks that the receiver did not have: what of the blobs was really sent.
    pub chunks: u64,
    /// The bytes of those chunks.
    pub chunk_bytes: u64,
    /// Definitions that the receiver did not have.
    pub definitions: ExtendInfo,
    /// Questions and packs that went between the sides.
    pub round_trips: u64,
    /// How long it took.
    pub duration: Duration,
    /// By how much the receiver's change counter went up.
    pub(crate) writes: u64,
}

/// Chunks that go together, and the blobs that are complete with them.
#[derive(Default)]
struct Pack {
    chunks: Vec<ChunkId>,
    bytes: u64,
    blobs: Vec<PackedBlob>,
}

impl Pack {
    fn read(&self, sender: &dyn Replica) -> Result<Vec<PackedChunk>, ReplicaError> {
        if self.chunks.is_empty() { Ok(Vec::new()) } else { sender.read_chunks(&self.chunks) }
    }
}

/// Commits of known ids, read batch by batch.
pub(crate) struct ReadPacks<'r> {
    replica: &'r dyn Replica,
    ids: Vec<CommitId>,
    read: usize,
}

impl<'r> ReadPacks<'r> {
    pub(crate) fn new(replica: &'r dyn Replica, ids: Vec<CommitId>) -> Self {
        Self { replica, ids, read: 0 }
    }
}

impl Packs for ReadPacks<'_> {
    fn expected(&self) -> u64 {
        self.ids.len() as u64
    }

    fn next(&mut self) -> Result<Option<Vec<PackedCommit>>, ReplicaError> {
        let Some(batch) = self.ids.get(self.read..).and_then(|rest| rest.chunks(COMMITS_IN_BATCH).next())
        else {
            return Ok(None);
        };
        self.read += batch.len();
        self.replica.read_commits(batch).map(Some)
    }
}

/// One direction of a pass.
pub(crate) struct Transfer<'a> {
    pub(crate) sender: &'a dyn Replica,
    pub(crate) receiver: &'a dyn Replica,
    pub(crate) phase: Phase,
    pub(crate) pack_bytes: u64,
    pub(crate) cancellation: &'a Cancellation,
    pub(crate) report: &'a mut dyn FnMut(Progress),
}

impl Transfer<'_> {
    /// Copies these commits, each after its dependencies: for each batch the blobs that the receiver lacks, then the
    /// commits. Whatever is there when this fails is a valid database.
    pub(crate) fn run(&mut self, commits: &mut dyn Packs) -> Result<TransferInfo, SyncError> {
        let started = Instant::now();
        let mut info = TransferInfo::default();
        let expected = commits.expected();
        self.tell(&info, expected);
        while let Some(batch) = commits.next().map_err(SyncError::on(self.sender))? {
            info.round_trips += 1;
            // A batch of large payloads is written in parts, so that memory and transactions stay bounded.
            let mut rest = batch.as_slice();
            while !rest.is_empty() {
                let (pack, after) = rest.split_at(self.pack_length(rest));
                self.check_cancelled()?;
                self.copy_blobs(pack, &mut info, expected)?;
                self.check_cancelled()?;
                let added = self.receiver.write_commits(pack).map_err(SyncError::on(self.receiver))?;
                info.round_trips += 1;
                // The counter goes up with every commit, with everything else once a transaction.
                info.writes += added as u64;
                info.commits += added as u64;
                info.commit_bytes += pack.iter().map(|commit| commit.payload.len() as u64).sum::<u64>();
                self.tell(&info, expected);
                rest = after;
            }
        }
        info.duration = started.elapsed();
        Ok(info)
    }

    /// How many of these commits go into one pack: as many as fit, one at least.
    fn pack_length(&self, commits: &[PackedCommit]) -> usize {
        let mut bytes = 0;
        let fitting = commits.iter().take_while(|commit| {
            bytes += commit.payload.len() as u64;
            bytes <= self.pack_bytes
        });
        fitting.count().max(1)
    }

    fn copy_blobs(
        &mut self,
        commits: &[PackedCommit],
        info: &mut TransferInfo,
        expected: u64,
    ) -> Result<(), SyncError> {
        let referred: BTreeSet<BlobId> =
            commits.iter().flat_map(|commit| commit.blobs.iter().copied()).collect();
        if referred.is_empty() {
            return Ok(());
        }
        let referred: Vec<BlobId> = referred.into_iter().collect();
        let unknown = self.receiver.unknown_blobs(&referred).map_err(SyncError::on(self.receiver))?;
        info.round_trips += 1;
        for ids in unknown.chunks(BLOBS_IN_BATCH) {
            let blobs = self.sender.read_blobs(ids).map_err(SyncError::on(self.sender))?;
            info.round_trips += 1;
            self.copy_chunks(blobs, info, expected)?;
        }
        Ok(())
    }

    /// Copies blobs: of all their chunks those that the receiver lacks, each once, in packs, and each blob together with
    /// the last chunk that it lacks.
    fn copy_chunks(
        &mut self,
        blobs: Vec<PackedBlob>,
        info: &mut TransferInfo,
        expected: u64,
    ) -> Result<(), SyncError> {
        let mut lacking = self.lacking_chunks(&blobs, info)?;
        let mut packs = vec![Pack::default()];
        for blob in blobs {
            for chunk in &blob.chunks {
                if !lacking.remove(&chunk.id) {
                    continue;
                }
                let size = u64::from(chunk.size);
                let is_full = |pack: &Pack| !pack.chunks.is_empty() && pack.bytes + size > self.pack_bytes;
                if packs.last().is_none_or(is_full) {
                    packs.push(Pack::default());
                }
                if let Some(pack) = packs.last_mut() {
                    pack.chunks.push(chunk.id);
                    pack.bytes += size;
                }
            }
            if let Some(pack) = packs.last_mut() {
                pack.blobs.push(blob);
            }
        }
        self.send(&packs, info, expected)
    }

    /// Those chunks of these blobs that the receiver lacks.
    fn lacking_chunks(
        &self,
        blobs: &[PackedBlob],
        info: &mut TransferInfo,
    ) -> Result<HashSet<ChunkId>, SyncError> {
        let all: BTreeSet<ChunkId> =
            blobs.iter().flat_map(|blob| blob.chunks.iter().map(|chunk| chunk.id)).collect();
        let all: Vec<ChunkId> = all.into_iter().collect();
        let mut lacking = HashSet::new();
        for ids in all.chunks(CHUNKS_IN_QUESTION) {
            lacking.extend(self.receiver.unknown_chunks(ids).map_err(SyncError::on(self.receiver))?);
            info.round_trips += 1;
        }
        Ok(lacking)
    }

    /// Sends packs, reading the next one while the receiver stores the one before: two are in memory at a time.
    fn send(&mut self, packs: &[Pack], info: &mut TransferInfo, expected: u64) -> Result<(), SyncError> {
        let (sender, receiver) = (self.sender, self.receiver);
        std::thread::scope(|scope| {
            let (give, read) = sync_channel(0);
            // It ends when nobody takes what it reads.
            scope.spawn(move || packs.iter().all(|pack| give.send(pack.read(sender)).is_ok()));
            for (pack, chunks) in packs.iter().zip(read) {
                let chunks = chunks.map_err(SyncError::on(sender))?;
                self.check_cancelled()?;
                let added = receiver.write_blobs(&chunks, &pack.blobs).map_err(SyncError::on(receiver))?;
                info.round_trips += 1 + u64::from(!chunks.is_empty());
                info.writes += u64::from(added > 0);
                info.blobs += added as u64;
                info.blob_bytes += pack.blobs.iter().map(|blob| blob.size).sum::<u64>();
                info.chunks += chunks.len() as u64;
                info.chunk_bytes += chunks.iter().map(|chunk| chunk.bytes.len() as u64).sum::<u64>();
                self.tell(info, expected);
            }
            Ok(())
        })
    }

    fn check_cancelled(&self) -> Result<(), SyncError> {
        if self.cancellation.is_cancelled() { Err(SyncError::Cancelled) } else { Ok(()) }
    }

    fn tell(&mut self, info: &TransferInfo, expected_commits: u64) {
        (self.report)(Progress {
            phase: self.phase,
            commits: info.commits,
            expected_commits,
            blobs: info.blobs,
            bytes: info.commit_bytes + info.chunk_bytes,
        });
    }
}
