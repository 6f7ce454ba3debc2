//! Collecting garbage: blobs that no commit refers to, chunks that no blob uses, checkpoints that cannot be read.
//!
//! What is garbage is found in a snapshot and removed in short transactions, each of which looks again: what somebody
//! referred to, stored again or claimed meanwhile stays. Nothing else is needed to be safe against other writers, in this
//! process or another; readers have their snapshots. Whoever stops in between leaves less garbage than there was.
//!
//! A blob is spared for a grace period after it was last stored, because blobs are created before the commits that refer
//! to them; a chunk after it was last claimed, because a stream stores chunks before the blob that they make.

use std::collections::HashSet;
use std::time::Duration;

use anabranch_model::{BlobId, ChunkId};

use super::{BATCH, PAGE};
use crate::database::{Database, now};
use crate::error::Error;
use crate::state::is_readable_checkpoint;
use crate::storage::{BlobRecord, ChunkRef, Snapshot, StorageError};

/// How many objects one transaction removes at most; of chunks also no more bytes than one that stores them.
const REMOVALS: usize = 256;

/// The bytes of blobs that one transaction removes at most, unless one has more: their lists have 65,536 chunks.
const BLOB_BYTES: u64 = 16 << 30;

/// How garbage is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GcOptions {
    /// How long something that nobody refers to is spared. It must be longer than the longest stream takes to write a
    /// blob, and than an application waits between creating a blob and committing what refers to it: what takes longer
    /// fails, and has to be done again.
    pub grace: Duration,
    /// Whether to only say what would be removed.
    pub dry_run: bool,
}

impl Default for GcOptions {
    /// A day of grace.
    fn default() -> Self {
        Self { grace: Duration::from_secs(24 * 60 * 60), dry_run: false }
    }
}

/// What a collection removed, or would.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GarbageReport {
    /// Blobs that no commit refers to.
    pub blobs: u64,
    /// The sum of their sizes. What of it other blobs share stays.
    pub blob_bytes: u64,
    /// Chunks that no blob uses.
    pub chunks: u64,
    /// The bytes of those chunks.
    pub chunk_bytes: u64,
    /// Checkpoints that this version cannot read.
    pub checkpoints: u64,
    /// Bytes by which the file becomes smaller; what else was freed is used again before the file grows.
    pub returned_bytes: u64,
}

impl GarbageReport {
    /// Whether there was nothing to remove.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Database {
    /// Removes blobs that no commit refers to, chunks that no blob uses, and checkpoints that this version cannot read;
    /// those that are older than the grace period. Others may read and write meanwhile.
    ///
    /// # Errors
    /// When the database may only be read (a dry run needs no more than that) or the storage fails. What was removed by
    /// then is.
    pub fn collect_garbage(&self, options: &GcOptions) -> Result<GarbageReport, Error> {
        let grace = i64::try_from(options.grace.as_millis()).unwrap_or(i64::MAX);
        let collection = Collection { database: self, newest: now().saturating_sub(grace) };
        if options.dry_run { collection.estimate() } else { collection.run() }
    }
}

struct Collection<'d> {
    database: &'d Database,
    /// What was stored or claimed later than this is spared.
    newest: i64,
}

impl Collection<'_> {
    fn run(&self) -> Result<GarbageReport, Error> {
        let mut report = GarbageReport::default();
        let mut last = BlobId::ZERO;
        // Each page in a snapshot of its own: a long one would keep the log from being emptied.
        while let Some((garbage, end)) = self.garbage_after(&*self.database.read()?, last)? {
            last = end;
            for batch in batches(&garbage, BLOB_BYTES, |blob| blob.size) {
                self.remove_blobs(batch, &mut report)?;
            }
        }
        let mut last = ChunkId::ZERO;
        while let Some((unused, end)) = self.unused_after(&*self.database.read()?, last)? {
            last = end;
            for batch in batches(&unused, BATCH as u64, |chunk| u64::from(chunk.size)) {
                self.remove_chunks(batch, &mut report)?;
            }
        }
        self.remove_checkpoints(&mut report)?;
        loop {
            let mut transaction = self.database.write()?;
            let returned = transaction.give_back()?;
            transaction.commit()?;
            if returned == 0 {
                return Ok(report);
            }
            report.returned_bytes += returned;
        }
    }

    /// What [`Self::run`] would remove if nobody wrote meanwhile.
    fn estimate(&self) -> Result<GarbageReport, Error> {
        let snapshot = self.database.read()?;
        let mut report = GarbageReport::default();
        let mut counted = HashSet::new();
        let mut last = BlobId::ZERO;
        while let Some((garbage, end)) = self.garbage_after(&*snapshot, last)? {
            last = end;
            for blob in garbage {
                report.blobs += 1;
                report.blob_bytes += blob.size;
                for chunk in snapshot.blob_chunks(blob.id)? {
                    if counted.insert(chunk.id) && self.is_left_alone(&*snapshot, chunk.id)? {
                        report.chunks += 1;
                        report.chunk_bytes += u64::from(chunk.size);
                    }
                }
            }
        }
        let mut last = ChunkId::ZERO;
        while let Some((unused, end)) = self.unused_after(&*snapshot, last)? {
            last = end;
            report.chunks += unused.len() as u64;
            report.chunk_bytes += unused.iter().map(|chunk| u64::from(chunk.size)).sum::<u64>();
        }
        report.checkpoints = unreadable_checkpoints(&*snapshot)?.len() as u64;
        Ok(report)
    }

    /// Whether nobody has a use for a blob.
    fn is_garbage(&self, snapshot: &dyn Snapshot, blob: &BlobRecord) -> Result<bool, Error> {
        Ok(blob.created <= self.newest && !snapshot.is_blob_referenced(blob.id)?)
    }

    /// Whether a blob that is still to come has a use for a chunk.
    fn is_claimed(&self, snapshot: &dyn Snapshot, id: ChunkId) -> Result<bool, Error> {
        Ok(snapshot.chunk_claim(id)?.is_some_and(|claimed| claimed > self.newest))
    }

    /// Whether nobody but blobs that are garbage has a use for a chunk.
    fn is_left_alone(&self, snapshot: &dyn Snapshot, id: ChunkId) -> Result<bool, Error> {
        if self.is_claimed(snapshot, id)? {
            return Ok(false);
        }
        for blob in snapshot.blobs_using(id)? {
            if let Some(record) = snapshot.blob(blob)?
                && !self.is_garbage(snapshot, &record)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The garbage on a page of blobs after one, and the last blob of the page; none when there are no more.
    fn garbage_after(
        &self,
        snapshot: &dyn Snapshot,
        last: BlobId,
    ) -> Result<Option<(Vec<BlobRecord>, BlobId)>, Error> {
        let page = snapshot.blobs_after(last, PAGE)?;
        let Some(end) = page.iter().map(|blob| blob.id).max().filter(|end| *end > last) else {
            return Ok(None);
        };
        let mut garbage = Vec::new();
        for blob in page {
            if self.is_garbage(snapshot, &blob)? {
                garbage.push(blob);
            }
        }
        Ok(Some((garbage, end)))
    }

    /// The chunks that nobody has a use for on a page of unused ones after one, and the last chunk of the page; none when
    /// there are no more.
    fn unused_after(
        &self,
        snapshot: &dyn Snapshot,
        last: ChunkId,
    ) -> Result<Option<(Vec<ChunkRef>, ChunkId)>, Error> {
        let page = snapshot.unused_chunks(last, PAGE)?;
        let Some(end) = page.iter().map(|chunk| chunk.id).max().filter(|end| *end > last) else {
            return Ok(None);
        };
        let mut unused = Vec::new();
        for chunk in page {
            if !self.is_claimed(snapshot, chunk.id)? {
                unused.push(chunk);
            }
        }
        Ok(Some((unused, end)))
    }

    fn remove_blobs(&self, blobs: &[BlobRecord], report: &mut GarbageReport) -> Result<(), Error> {
        let mut removed = *report;
        let mut transaction = self.database.write()?;
        for BlobRecord { id, .. } in blobs {
            let Some(blob) = transaction.blob(*id)? else { continue };
            if !self.is_garbage(&*transaction, &blob)? {
                continue;
            }
            transaction.delete_blob(*id)?;
            removed.blobs += 1;
            removed.blob_bytes += blob.size;
        }
        transaction.commit()?;
        *report = removed;
        Ok(())
    }

    fn remove_chunks(&self, chunks: &[ChunkRef], report: &mut GarbageReport) -> Result<(), Error> {
        let mut removed = *report;
        let mut transaction = self.database.write()?;
        let before = transaction.statistics()?.chunk_bytes;
        for ChunkRef { id, .. } in chunks.iter().copied() {
            if self.is_claimed(&*transaction, id)? {
                continue;
            }
            match transaction.delete_chunk(id) {
                Ok(()) => removed.chunks += 1,
                // A blob was made of it, or somebody else removed it.
                Err(StorageError::ChunkUsed { .. } | StorageError::ChunkNotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        removed.chunk_bytes += before - transaction.statistics()?.chunk_bytes;
        // At once, so that a disk with little room left does not first have to take what is removed from the log.
        removed.returned_bytes += transaction.give_back()?;
        transaction.commit()?;
        *report = removed;
        Ok(())
    }

    fn remove_checkpoints(&self, report: &mut GarbageReport) -> Result<(), Error> {
        let unreadable = unreadable_checkpoints(&*self.database.read()?)?;
        for batch in unreadable.chunks(REMOVALS) {
            let mut transaction = self.database.write()?;
            for (arrival, level) in batch {
                transaction.delete_checkpoint(*arrival, *level)?;
            }
            transaction.commit()?;
            report.checkpoints += batch.len() as u64;
        }
        Ok(())
    }
}

/// Cuts a list where a transaction has enough of it.
fn batches<T>(mut rest: &[T], most: u64, size_of: impl Fn(&T) -> u64) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let mut bytes: u64 = 0;
        let fitting = rest.iter().take(REMOVALS).take_while(|item| {
            bytes = bytes.saturating_add(size_of(item));
            bytes <= most
        });
        let length = fitting.count().max(1).min(rest.len());
        let (batch, others) = rest.split_at(length);
        rest = others;
        (!batch.is_empty()).then_some(batch)
    })
}

/// The checkpoints that are as good as none: damaged, or of another version, which would keep room from new ones.
fn unreadable_checkpoints(snapshot: &dyn Snapshot) -> Result<Vec<(u64, u8)>, Error> {
    let mut unreadable = Vec::new();
    let mut end = Some(u64::MAX >> 8);
    while let Some(arrival) = end.map(|end| snapshot.checkpoint_before(end)).transpose()?.flatten() {
        let mut most = Some(u8::MAX >> 4);
        while let Some((level, bytes)) =
            most.map(|most| snapshot.checkpoint(arrival, most)).transpose()?.flatten()
        {
            if !is_readable_checkpoint(&bytes) {
                unreadable.push((arrival, level));
            }
            most = level.checked_sub(1);
        }
        end = arrival.checked_sub(1);
    }
    Ok(unreadable)
}
