//! A storage in memory, for tests and for databases that need not outlive their process.
//!
//! Everything is kept in persistent maps: a snapshot is a clone that shares all of its nodes, a transaction changes a
//! clone of its own, and committing puts that in place of what was there. So snapshots cannot see later changes, and a
//! dropped transaction leaves no trace, without one line of code that undoes anything.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anabranch_model::{BlobId, ChunkId, CommitId, RuntimeId};
use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync, VectorSync};

use super::counters::Counters;
use super::gate::{Gate, Pass};
use super::{
    BlobRecord, ChunkRef, Link, Meta, ReadBlobs, ReadCheckpoints, ReadCommits, Snapshot, Statistics, Storage,
    StorageError, Transaction, limits, prefix,
};
use crate::commit::{CommitHeader, CommitKind};

const LOCATION: &str = "memory";

/// How long a transaction waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Keeps a database in memory.
#[derive(Debug)]
pub struct MemoryStorage {
    /// What the last committed transaction left. Locked only to clone it or to put another in its place.
    current: Mutex<Content>,
    writers: Gate<()>,
    patience: Duration,
}

impl MemoryStorage {
    /// An empty storage that says this about itself.
    pub fn new(meta: Meta) -> Self {
        Self { current: Mutex::new(Content::new(meta)), writers: Gate::new(()), patience: PATIENCE }
    }

    /// Changes how long a transaction waits for another one before it gives up, which is 10 s otherwise.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn current(&self) -> Content {
        // A content is replaced as a whole, so a panic elsewhere cannot have left half of one.
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Storage for MemoryStorage {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StorageError> {
        Ok(Box::new(View { content: self.current(), hold: () }))
    }

    fn snapshots(&self, count: usize) -> Result<Vec<Box<dyn Snapshot + Send + '_>>, StorageError> {
        let content = self.current();
        let view = || -> Box<dyn Snapshot + Send> { Box::new(View { content: content.clone(), hold: () }) };
        Ok((0..count).map(|_| view()).collect())
    }

    fn transaction(&self) -> Result<Box<dyn Transaction + '_>, StorageError> {
        let Some(pass) = self.writers.enter(self.patience) else {
            return Err(StorageError::Locked { location: self.location(), waited: self.patience });
        };
        let hold = Hold { storage: self, _pass: pass, is_changed: false, is_counted: false };
        Ok(Box::new(View { content: self.current(), hold }))
    }

    fn location(&self) -> String {
        LOCATION.to_owned()
    }

    fn is_read_only(&self) -> bool {
        false
    }

    fn check_structure(&self) -> Result<Vec<String>, StorageError> {
        Ok(Vec::new())
    }
}

/// A commit as it is stored.
#[derive(Debug)]
struct Commit {
    header: CommitHeader,
    payload: Box<[u8]>,
    blobs: BTreeSet<BlobId>,
}

/// A blob as it is stored.
#[derive(Debug)]
struct Blob {
    record: BlobRecord,
    chunks: Box<[ChunkRef]>,
}

/// The parts of a checkpoint.
type Parts = Arc<[Box<[u8]>]>;

/// All that is stored. Cloning shares everything.
#[derive(Clone, Debug)]
struct Content {
    meta: Arc<Meta>,
    counters: Counters,
    definitions: VectorSync<(RuntimeId, Arc<[u8]>)>,
    definition_ids: RedBlackTreeSetSync<RuntimeId>,
    commits: RedBlackTreeMapSync<CommitId, (u64, Arc<Commit>)>,
    arrivals: RedBlackTreeMapSync<u64, Arc<Commit>>,
    heads: RedBlackTreeSetSync<CommitId>,
    /// Parent and child; the parent of a root is the zero id.
    children: RedBlackTreeSetSync<(CommitId, CommitId)>,
    /// Target and the commit that has it.
    targeting: RedBlackTreeSetSync<(CommitId, CommitId)>,
    /// Blob and a commit that refers to it.
    referring: RedBlackTreeSetSync<(BlobId, CommitId)>,
    blobs: RedBlackTreeMapSync<BlobId, Arc<Blob>>,
    chunks: RedBlackTreeMapSync<ChunkId, Arc<[u8]>>,
    /// Chunk and a blob that uses it.
    using: RedBlackTreeSetSync<(ChunkId, BlobId)>,
    /// Chunks that are wanted for blobs that are not complete, and since when.
    claims: RedBlackTreeMapSync<ChunkId, i64>,
    /// By arrival and level, in parts.
    checkpoints: RedBlackTreeMapSync<(u64, u8), Parts>,
}

/// The pairs that start with this one, ascending.
fn seconds<A: Copy + Ord>(
    pairs: &RedBlackTreeSetSync<(A, CommitId)>,
    first: A,
) -> impl Iterator<Item = CommitId> {
    let last = CommitId::from_bytes([u8::MAX; 32]);
    pairs.range((first, CommitId::ZERO)..=(first, last)).map(|(_, second)| *second)
}

impl Content {
    fn new(meta: Meta) -> Self {
        Self {
            meta: Arc::new(meta),
            counters: Counters::default(),
            definitions: VectorSync::new_sync(),
            definition_ids: RedBlackTreeSetSync::new_sync(),
            commits: RedBlackTreeMapSync::new_sync(),
            arrivals: RedBlackTreeMapSync::new_sync(),
            heads: RedBlackTreeSetSync::new_sync(),
            children: RedBlackTreeSetSync::new_sync(),
            targeting: RedBlackTreeSetSync::new_sync(),
            referring: RedBlackTreeSetSync::new_sync(),
            blobs: RedBlackTreeMapSync::new_sync(),
            chunks: RedBlackTreeMapSync::new_sync(),
            using: RedBlackTreeSetSync::new_sync(),
            claims: RedBlackTreeMapSync::new_sync(),
            checkpoints: RedBlackTreeMapSync::new_sync(),
        }
    }

    /// The blobs that use a chunk, ascending.
    fn blobs_using(&self, id: ChunkId) -> impl Iterator<Item = BlobId> {
        let last = BlobId::from_bytes([u8::MAX; 32]);
        self.using.range((id, BlobId::ZERO)..=(id, last)).map(|(_, blob)| *blob)
    }

    /// Whether nothing takes the commit from the heads: no child, and no merge that targets it.
    fn is_head(&self, id: CommitId) -> bool {
        let is_merge = |by: CommitId| {
            self.commits.get(&by).is_some_and(|(_, commit)| commit.header.kind == CommitKind::Merge)
        };
        seconds(&self.children, id).next().is_none() && !seconds(&self.targeting, id).any(is_merge)
    }
}

/// What a commit takes from the heads: its parent, and the target of a merge.
fn overtaken(header: &CommitHeader) -> impl Iterator<Item = CommitId> {
    let target = (header.kind == CommitKind::Merge).then_some(header.target);
    [Some(header.parent), target].into_iter().flatten().filter(|id| !id.is_zero())
}

/// A content, and what comes with looking at it: nothing for a snapshot, the turn to write for a transaction.
struct View<H> {
    content: Content,
    hold: H,
}

/// What a transaction has besides its content.
struct Hold<'storage> {
    storage: &'storage MemoryStorage,
    _pass: Pass<'storage, ()>,
    /// Whether there is anything to put in place.
    is_changed: bool,
    /// Whether the change counter was raised.
    is_counted: bool,
}

impl<H> ReadCommits for View<H> {
    fn header(&self, id: CommitId) -> Result<Option<CommitHeader>, StorageError> {
        Ok(self.content.commits.get(&id).map(|(_, commit)| commit.header.clone()))
    }

    fn payload(&self, id: CommitId) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.content.commits.get(&id).map(|(_, commit)| commit.payload.to_vec()))
    }

    fn payload_size(&self, id: CommitId) -> Result<Option<u64>, StorageError> {
        Ok(self.content.commits.get(&id).map(|(_, commit)| commit.payload.len() as u64))
    }

    fn heads(&self) -> Result<Vec<CommitId>, StorageError> {
        Ok(self.content.heads.iter().copied().collect())
    }

    fn children(&self, id: CommitId) -> Result<Vec<CommitId>, StorageError> {
        Ok(seconds(&self.content.children, id).collect())
    }

    fn targeting(&self, id: CommitId) -> Result<Vec<CommitId>, StorageError> {
        Ok(seconds(&self.content.targeting, id).collect())
    }

    fn arrivals(&self, arrival: u64, limit: usize) -> Result<Vec<(u64, CommitHeader)>, StorageError> {
        let later = (Bound::Excluded(arrival), Bound::Unbounded);
        let entries = self.content.arrivals.range(later).take(limit);
        Ok(entries.map(|(number, commit)| (*number, commit.header.clone())).collect())
    }

    fn commits_with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<CommitId>, StorageError> {
        let Some(range) = prefix::range(prefix) else { return Ok(Vec::new()) };
        Ok(self.content.commits.range(range).take(limit).map(|(id, _)| *id).collect())
    }

    fn commit_blobs(&self, id: CommitId) -> Result<Vec<BlobId>, StorageError> {
        let commit = self.content.commits.get(&id);
        Ok(commit.map(|(_, commit)| commit.blobs.iter().copied().collect()).unwrap_or_default())
    }
}

impl<H> ReadBlobs for View<H> {
    fn blob(&self, id: BlobId) -> Result<Option<BlobRecord>, StorageError> {
        Ok(self.content.blobs.get(&id).map(|blob| blob.record.clone()))
    }

    fn blob_chunks(&self, id: BlobId) -> Result<Vec<ChunkRef>, StorageError> {
        Ok(self.content.blobs.get(&id).map(|blob| blob.chunks.to_vec()).unwrap_or_default())
    }

    fn chunk(&self, id: ChunkId) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.content.chunks.get(&id).map(|bytes| bytes.to_vec()))
    }

    fn has_chunk(&self, id: ChunkId) -> Result<bool, StorageError> {
        Ok(self.content.chunks.contains_key(&id))
    }

    fn blobs_after(&self, after: BlobId, limit: usize) -> Result<Vec<BlobRecord>, StorageError> {
        let later = (Bound::Excluded(after), Bound::Unbounded);
        Ok(self.content.blobs.range(later).take(limit).map(|(_, blob)| blob.record.clone()).collect())
    }

    fn is_blob_referenced(&self, id: BlobId) -> Result<bool, StorageError> {
        Ok(seconds(&self.content.referring, id).next().is_some())
    }

    fn blobs_using(&self, id: ChunkId) -> Result<Vec<BlobId>, StorageError> {
        Ok(self.content.blobs_using(id).collect())
    }

    fn chunk_claim(&self, id: ChunkId) -> Result<Option<i64>, StorageError> {
        Ok(self.content.claims.get(&id).copied())
    }

    fn unused_chunks(&self, after: ChunkId, limit: usize) -> Result<Vec<ChunkRef>, StorageError> {
        let later = (Bound::Excluded(after), Bound::Unbounded);
        let entries = self.content.chunks.range(later);
        let unused = entries.filter(|(id, _)| self.content.blobs_using(**id).next().is_none());
        unused
            .take(limit)
            .map(|(id, bytes)| Ok(ChunkRef { id: *id, size: limits::check_chunk(bytes)? }))
            .collect()
    }

    fn chunks_after(&self, after: ChunkId, limit: usize) -> Result<Vec<ChunkRef>, StorageError> {
        let later = (Bound::Excluded(after), Bound::Unbounded);
        let entries = self.content.chunks.range(later).take(limit);
        entries.map(|(id, bytes)| Ok(ChunkRef { id: *id, size: limits::check_chunk(bytes)? })).collect()
    }
}

impl<H> ReadCheckpoints for View<H> {
    fn arrival_of(&self, id: CommitId) -> Result<Option<u64>, StorageError> {
        Ok(self.content.commits.get(&id).map(|(arrival, _)| *arrival))
    }

    fn commit_at(&self, arrival: u64) -> Result<Option<CommitId>, StorageError> {
        Ok(self.content.arrivals.get(&arrival).map(|commit| commit.header.id))
    }

    fn link_at(&self, arrival: u64) -> Result<Option<Link>, StorageError> {
        let number = |id: CommitId| self.content.commits.get(&id).map_or(0, |(arrival, _)| *arrival);
        Ok(self.content.arrivals.get(&arrival).map(|commit| Link {
            arrival,
            kind: commit.header.kind,
            parent: number(commit.header.parent),
            target: number(commit.header.target),
        }))
    }

    fn payload_at(&self, arrival: u64) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.content.arrivals.get(&arrival).map(|commit| commit.payload.to_vec()))
    }

    fn checkpoint_before(&self, arrival: u64) -> Result<Option<u64>, StorageError> {
        Ok(self
            .content
            .checkpoints
            .range(..=(arrival, u8::MAX))
            .next_back()
            .map(|((arrival, _), _)| *arrival))
    }

    fn checkpoint(&self, arrival: u64, most: u8) -> Result<Option<(u8, Vec<u8>)>, StorageError> {
        let found = self.content.checkpoints.range((arrival, 0)..=(arrival, most)).next_back();
        Ok(found.and_then(|((_, level), parts)| Some((*level, parts.first()?.to_vec()))))
    }

    fn checkpoint_part(&self, arrival: u64, level: u8, part: u32) -> Result<Option<Vec<u8>>, StorageError> {
        let parts = self.content.checkpoints.get(&(arrival, level));
        Ok(parts.and_then(|parts| parts.get(part as usize)).map(|part| part.to_vec()))
    }

    fn checkpoint_bytes(&self) -> Result<u64, StorageError> {
        Ok(self.content.counters.checkpoint_bytes)
    }
}

impl<H> Snapshot for View<H> {
    fn data_version(&self) -> Result<u64, StorageError> {
        Ok(self.content.counters.data_version())
    }

    fn meta(&self) -> Result<Meta, StorageError> {
        Ok(Meta::clone(&self.content.meta))
    }

    fn definitions(&self) -> Result<Vec<Vec<u8>>, StorageError> {
        Ok(self.content.definitions.iter().map(|(_, stored)| stored.to_vec()).collect())
    }

    fn definition_ids(&self) -> Result<Vec<RuntimeId>, StorageError> {
        Ok(self.content.definitions.iter().map(|(id, _)| *id).collect())
    }

    fn definition_count(&self) -> Result<u64, StorageError> {
        Ok(self.content.counters.definitions)
    }

    fn statistics(&self) -> Result<Statistics, StorageError> {
        Ok(self.content.counters.statistics())
    }
}

impl View<Hold<'_>> {
    /// Notes that something other than a new commit changed what the change counter counts.
    fn count_change(&mut self) {
        self.hold.is_changed = true;
        if !self.hold.is_counted {
            self.hold.is_counted = true;
            self.content.counters.changes = self.content.counters.changes.saturating_add(1);
        }
    }
}

impl Transaction for View<Hold<'_>> {
    fn put_commit(
        &mut self,
        header: &CommitHeader,
        payload: &[u8],
        blobs: &[BlobId],
    ) -> Result<bool, StorageError> {
        if self.content.commits.contains_key(&header.id) {
            return Ok(false);
        }
        limits::check_commit(header, payload)?;
        if let Some(missing) = header.dependencies().find(|id| !self.content.commits.contains_key(id)) {
            return Err(StorageError::MissingDependency { commit: header.id, missing });
        }
        if let Some(blob) = blobs.iter().find(|id| !self.content.blobs.contains_key(id)) {
            return Err(StorageError::MissingBlob { commit: header.id, blob: *blob });
        }
        self.hold.is_changed = true;
        let content = &mut self.content;
        let arrival = content.counters.add_commit(payload.len());
        let commit = Arc::new(Commit {
            header: header.clone(),
            payload: payload.into(),
            blobs: blobs.iter().copied().collect(),
        });
        for blob in &commit.blobs {
            content.referring.insert_mut((*blob, header.id));
        }
        content.commits.insert_mut(header.id, (arrival, Arc::clone(&commit)));
        content.arrivals.insert_mut(arrival, commit);
        content.children.insert_mut((header.parent, header.id));
        if !header.target.is_zero() {
            content.targeting.insert_mut((header.target, header.id));
        }
        for id in overtaken(header) {
            content.heads.remove_mut(&id);
        }
        content.heads.insert_mut(header.id);
        Ok(true)
    }

    fn delete_commit(&mut self, id: CommitId) -> Result<(), StorageError> {
        let Some((arrival, commit)) = self.content.commits.get(&id).cloned() else {
            return Err(StorageError::CommitNotFound { id });
        };
        let mut referring = seconds(&self.content.children, id).chain(seconds(&self.content.targeting, id));
        if let Some(by) = referring.next() {
            return Err(StorageError::CommitReferenced { id, by });
        }
        drop(referring);
        self.count_change();
        let content = &mut self.content;
        content.counters.remove_commit(commit.payload.len() as u64);
        content.commits.remove_mut(&id);
        content.arrivals.remove_mut(&arrival);
        content.heads.remove_mut(&id);
        content.children.remove_mut(&(commit.header.parent, id));
        content.targeting.remove_mut(&(commit.header.target, id));
        for blob in &commit.blobs {
            content.referring.remove_mut(&(*blob, id));
        }
        for id in overtaken(&commit.header) {
            if content.is_head(id) {
                content.heads.insert_mut(id);
            }
        }
        Ok(())
    }

    fn put_definition(&mut self, id: RuntimeId, stored: &[u8]) -> Result<(), StorageError> {
        if self.content.definition_ids.contains(&id) {
            return Ok(());
        }
        limits::check_definition(stored)?;
        self.count_change();
        self.content.counters.add_definition();
        self.content.definition_ids.insert_mut(id);
        self.content.definitions.push_back_mut((id, stored.into()));
        Ok(())
    }

    fn put_chunk(&mut self, id: ChunkId, bytes: &[u8]) -> Result<bool, StorageError> {
        if self.content.chunks.contains_key(&id) {
            return Ok(false);
        }
        let size = limits::check_chunk(bytes)?;
        self.hold.is_changed = true;
        self.content.counters.add_chunk(size);
        self.content.chunks.insert_mut(id, bytes.into());
        Ok(true)
    }

    fn replace_chunk(&mut self, id: ChunkId, bytes: &[u8]) -> Result<(), StorageError> {
        let size = limits::check_chunk(bytes)?;
        let replaced = self.content.chunks.get(&id).ok_or(StorageError::ChunkNotFound { id })?.len() as u64;
        self.hold.is_changed = true;
        self.content.counters.replace_chunk(size, replaced);
        self.content.chunks.insert_mut(id, bytes.into());
        Ok(())
    }

    fn claim_chunks(&mut self, ids: &[ChunkId], time: i64) -> Result<(), StorageError> {
        if let Some(id) = ids.iter().find(|id| !self.content.chunks.contains_key(id)) {
            return Err(StorageError::ChunkNotFound { id: *id });
        }
        self.hold.is_changed |= !ids.is_empty();
        for id in ids {
            self.content.claims.insert_mut(*id, time);
        }
        Ok(())
    }

    fn delete_chunk(&mut self, id: ChunkId) -> Result<(), StorageError> {
        let size = self.content.chunks.get(&id).ok_or(StorageError::ChunkNotFound { id })?.len() as u64;
        if let Some(by) = self.content.blobs_using(id).next() {
            return Err(StorageError::ChunkUsed { id, by });
        }
        self.hold.is_changed = true;
        self.content.counters.remove_chunk(size);
        self.content.chunks.remove_mut(&id);
        self.content.claims.remove_mut(&id);
        Ok(())
    }

    fn put_blob(&mut self, blob: &BlobRecord, chunks: &[ChunkRef]) -> Result<bool, StorageError> {
        if self.content.blobs.contains_key(&blob.id) {
            return Ok(false);
        }
        limits::check_blob(blob)?;
        if let Some(chunk) = chunks.iter().find(|chunk| !self.content.chunks.contains_key(&chunk.id)) {
            return Err(StorageError::MissingChunk { blob: blob.id, chunk: chunk.id });
        }
        self.count_change();
        self.content.counters.add_blob(blob.size);
        for chunk in chunks {
            self.content.claims.remove_mut(&chunk.id);
            self.content.using.insert_mut((chunk.id, blob.id));
        }
        let stored = Blob { record: blob.clone(), chunks: chunks.into() };
        self.content.blobs.insert_mut(blob.id, Arc::new(stored));
        Ok(true)
    }

    fn renew_blob(&mut self, id: BlobId, created: i64) -> Result<(), StorageError> {
        let Some(blob) = self.content.blobs.get(&id) else {
            return Err(StorageError::BlobNotFound { id });
        };
        let record = BlobRecord { created, ..blob.record.clone() };
        let renewed = Blob { record, chunks: blob.chunks.clone() };
        self.hold.is_changed = true;
        self.content.blobs.insert_mut(id, Arc::new(renewed));
        Ok(())
    }

    fn delete_blob(&mut self, id: BlobId) -> Result<(), StorageError> {
        let Some(blob) = self.content.blobs.get(&id).cloned() else {
            return Err(StorageError::BlobNotFound { id });
        };
        if let Some(by) = seconds(&self.content.referring, id).next() {
            return Err(StorageError::BlobReferenced { id, by });
        }
        self.count_change();
        self.content.counters.remove_blob(blob.record.size);
        for chunk in &blob.chunks {
            self.content.using.remove_mut(&(chunk.id, id));
        }
        self.content.blobs.remove_mut(&id);
        Ok(())
    }

    fn put_checkpoint(&mut self, arrival: u64, level: u8, parts: &[&[u8]]) -> Result<(), StorageError> {
        limits::check_checkpoint(arrival, level, parts)?;
        self.delete_checkpoint(arrival, level)?;
        self.hold.is_changed = true;
        self.content.counters.add_checkpoint(parts.iter().map(|part| part.len() as u64).sum());
        let parts: Parts = parts.iter().map(|part| Box::from(*part)).collect();
        self.content.checkpoints.insert_mut((arrival, level), parts);
        Ok(())
    }

    fn delete_checkpoint(&mut self, arrival: u64, level: u8) -> Result<(), StorageError> {
        if let Some(parts) = self.content.checkpoints.get(&(arrival, level)) {
            let size = parts.iter().map(|part| part.len() as u64).sum();
            self.hold.is_changed = true;
            self.content.counters.remove_checkpoint(size);
            self.content.checkpoints.remove_mut(&(arrival, level));
        }
        Ok(())
    }

    fn drop_checkpoints(&mut self) -> Result<(), StorageError> {
        self.hold.is_changed = true;
        self.content.checkpoints = RedBlackTreeMapSync::new_sync();
        self.content.counters.checkpoint_bytes = 0;
        Ok(())
    }

    fn mark_synchronised(&mut self) -> Result<(), StorageError> {
        if !self.content.meta.synchronised {
            self.hold.is_changed = true;
            Arc::make_mut(&mut self.content.meta).synchronised = true;
        }
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), StorageError> {
        let View { content, hold } = *self;
        if hold.is_changed {
            *hold.storage.current.lock().unwrap_or_else(PoisonError::into_inner) = content;
        }
        Ok(())
    }
}
