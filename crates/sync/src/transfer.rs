//! Copying commits, and the blobs that they refer to, from one replica to another.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anabranch_engine::PackedCommit;
use anabranch_model::{BlobId, CommitId, ExtendInfo};

use crate::progress::{Cancellation, Phase, Progress};
use crate::replica::Replica;
use crate::synchronizer::SyncError;

/// How many commits are read at a time. Few enough that a receiver's other writers wait for one batch only.
const COMMITS_IN_BATCH: usize = 1000;

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
    /// Definitions that the receiver did not have.
    pub definitions: ExtendInfo,
    /// Questions and packs that went between the sides.
    pub round_trips: u64,
    /// How long it took.
    pub duration: Duration,
    /// Transactions that the receiver made.
    pub(crate) writes: u64,
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
    pub(crate) fn run(&mut self, commits: &[CommitId]) -> Result<TransferInfo, SyncError> {
        let started = Instant::now();
        let mut info = TransferInfo::default();
        let expected = commits.len() as u64;
        self.tell(&info, expected);
        for ids in commits.chunks(COMMITS_IN_BATCH) {
            let batch = self.sender.read_commits(ids).map_err(SyncError::on(self.sender))?;
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
                info.writes += u64::from(added > 0);
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
        if unknown.is_empty() {
            return Ok(());
        }
        let sizes = self.sender.blob_sizes(&unknown).map_err(SyncError::on(self.sender))?;
        info.round_trips += 1;
        let mut rest = unknown.as_slice();
        let mut sizes = sizes.as_slice();
        while !rest.is_empty() {
            self.check_cancelled()?;
            let mut bytes = 0;
            let fitting = sizes.iter().take_while(|size| {
                bytes += **size;
                bytes <= self.pack_bytes
            });
            let length = fitting.count().clamp(1, rest.len());
            let (pack, after) = rest.split_at(length);
            let blobs = self.sender.read_blobs(pack).map_err(SyncError::on(self.sender))?;
            let added = self.receiver.write_blobs(&blobs).map_err(SyncError::on(self.receiver))?;
            info.round_trips += 2;
            info.writes += u64::from(added > 0);
            info.blobs += added as u64;
            info.blob_bytes += blobs.iter().map(|blob| blob.content.len() as u64).sum::<u64>();
            self.tell(info, expected);
            rest = after;
            sizes = sizes.get(length..).unwrap_or_default();
        }
        Ok(())
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
            bytes: info.commit_bytes + info.blob_bytes,
        });
    }
}
