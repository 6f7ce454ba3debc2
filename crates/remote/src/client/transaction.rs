//! Changes to a database elsewhere: kept here until they are committed, which is one call.
//!
//! A transaction reads its own writes. It keeps nobody else from writing: what it adds, others cannot take away, and
//! the server checks all of it again. Commits that it holds have provisional arrival numbers, from a range that no
//! server reaches; when they are stored the server's numbers hold, and the provisional ones stay known as aliases.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use anabranch_engine::storage::{
    BlobRecord, ChunkRef, Link, Meta, ReadBlobs, ReadCheckpoints, ReadCommits, Snapshot, Statistics,
    StorageError, Transaction,
};
use anabranch_engine::{CommitHeader, CommitKind, PackedCommit};
use anabranch_model::{BlobId, ChunkId, CommitId, RuntimeId};
use prost::bytes::Bytes;

use super::snapshot::RemoteSnapshot;
use super::storage::{Shared, lock};
use crate::proto::change::Change;
use crate::wire::{self, WireError};
use crate::{pack, proto};

/// How much of payloads one message holds.
const BYTES_IN_PACK: usize = 4 << 20;
const COMMITS_IN_PACK: usize = 4096;
/// Chunks of more bytes than this together are sent only where the server lacks them.
const WORTH_ASKING: usize = 64 << 10;

struct Staged {
    header: CommitHeader,
    payload: Vec<u8>,
    blobs: Vec<BlobId>,
    arrival: u64,
}

pub(super) struct RemoteTransaction<'s> {
    snapshot: RemoteSnapshot<'s>,
    shared: &'s Arc<Shared>,
    /// In the order in which they were put.
    commits: Vec<Staged>,
    places: HashMap<CommitId, usize>,
    deleted_commits: Vec<CommitId>,
    definitions: Vec<(RuntimeId, Vec<u8>)>,
    chunks: Vec<(ChunkId, Bytes)>,
    chunk_places: HashMap<ChunkId, usize>,
    blobs: Vec<(BlobRecord, Vec<ChunkRef>)>,
    deleted_blobs: Vec<BlobId>,
    is_synchronised: bool,
}

impl<'s> RemoteTransaction<'s> {
    pub(super) fn new(shared: &'s Arc<Shared>) -> Self {
        Self {
            snapshot: RemoteSnapshot::new(shared),
            shared,
            commits: Vec::new(),
            places: HashMap::new(),
            deleted_commits: Vec::new(),
            definitions: Vec::new(),
            chunks: Vec::new(),
            chunk_places: HashMap::new(),
            blobs: Vec::new(),
            deleted_blobs: Vec::new(),
            is_synchronised: false,
        }
    }

    fn staged(&self, id: CommitId) -> Option<&Staged> {
        self.places.get(&id).and_then(|place| self.commits.get(*place))
    }

    fn staged_at(&self, arrival: u64) -> Option<&Staged> {
        // Numbers rise with places; other transactions may take some in between.
        let place = self.commits.binary_search_by_key(&arrival, |staged| staged.arrival).ok()?;
        self.commits.get(place)
    }

    fn is_deleted(&self, id: CommitId) -> bool {
        self.deleted_commits.contains(&id)
    }

    fn staged_blob(&self, id: BlobId) -> Option<&(BlobRecord, Vec<ChunkRef>)> {
        self.blobs.iter().find(|(record, _)| record.id == id)
    }

    /// What is there and was not deleted, and those of the staged that fit, ascending.
    fn with_staged(&self, there: Vec<CommitId>, fits: impl Fn(&CommitHeader) -> bool) -> Vec<CommitId> {
        let mut ids: BTreeSet<CommitId> = there.into_iter().filter(|id| !self.is_deleted(*id)).collect();
        ids.extend(self.commits.iter().map(|staged| &staged.header).filter(|h| fits(h)).map(|h| h.id));
        ids.into_iter().collect()
    }

    /// All changes, as messages.
    fn messages(&self, lacking: &dyn Fn(&ChunkId) -> bool) -> Vec<proto::Change> {
        let definitions =
            self.definitions.iter().map(|(_, stored)| Change::Definition(wire::definition(stored)));
        let chunks = self.chunks.iter().filter(|(id, _)| lacking(id));
        let chunks = chunks.map(|(_, bytes)| Change::Chunk(bytes.clone()));
        let blobs = self.blobs.iter().map(|(record, chunks)| Change::Blob(wire::blob(record, Some(chunks))));
        let mut changes: Vec<Change> = definitions.chain(chunks).chain(blobs).collect();
        let mut packed: Vec<PackedCommit> = Vec::new();
        let mut bytes = 0;
        for Staged { header, payload, .. } in &self.commits {
            if bytes + payload.len() > BYTES_IN_PACK || packed.len() >= COMMITS_IN_PACK {
                if !packed.is_empty() {
                    changes.push(Change::Commits(pack::encode(&packed, 0)));
                }
                packed.clear();
                bytes = 0;
            }
            bytes += payload.len();
            let CommitHeader { id, kind, parent, target, metadata, .. } = header.clone();
            let (payload, blobs) = (payload.clone(), Vec::new());
            packed.push(PackedCommit { id, kind, parent, target, metadata, payload, blobs });
        }
        if !packed.is_empty() {
            changes.push(Change::Commits(pack::encode(&packed, 0)));
        }
        changes.extend(
            self.deleted_commits.iter().map(|id| Change::DeleteCommit(wire::bytes_of(id.as_bytes()))),
        );
        changes.extend(self.deleted_blobs.iter().map(|id| Change::DeleteBlob(wire::bytes_of(id.as_bytes()))));
        if self.is_synchronised {
            changes.push(Change::Synchronised(true));
        }
        changes.into_iter().map(|change| proto::Change { change: Some(change) }).collect()
    }

    /// The chunks that are to be sent: where they are much, those that the server lacks.
    fn lacking(&self) -> Result<Option<HashMap<ChunkId, bool>>, StorageError> {
        let bytes: usize = self.chunks.iter().map(|(_, bytes)| bytes.len()).sum();
        if bytes <= WORTH_ASKING {
            return Ok(None);
        }
        let ids: Vec<ChunkId> = self.chunks.iter().map(|(id, _)| *id).collect();
        let present = self.shared.has_chunks(&ids)?;
        Ok(Some(ids.into_iter().zip(present.into_iter().map(|is_there| !is_there)).collect()))
    }
}

impl ReadCommits for RemoteTransaction<'_> {
    fn header(&self, id: CommitId) -> Result<Option<CommitHeader>, StorageError> {
        match self.staged(id) {
            Some(staged) => Ok(Some(staged.header.clone())),
            None if self.is_deleted(id) => Ok(None),
            None => self.snapshot.header(id),
        }
    }

    fn payload(&self, id: CommitId) -> Result<Option<Vec<u8>>, StorageError> {
        match self.staged(id) {
            Some(staged) => Ok(Some(staged.payload.clone())),
            None => self.snapshot.payload(id),
        }
    }

    fn heads(&self) -> Result<Vec<CommitId>, StorageError> {
        let mut heads = self.with_staged(self.snapshot.heads()?, |_| true);
        for deleted in &self.deleted_commits {
            if let Some(header) = self.snapshot.header(*deleted)? {
                let merged = if header.kind == CommitKind::Merge { header.target } else { CommitId::ZERO };
                for id in [header.parent, merged].into_iter().filter(|id| !id.is_zero()) {
                    let is_merged = self
                        .targeting(id)?
                        .into_iter()
                        .map(|by| self.header(by))
                        .any(|by| matches!(by, Ok(Some(by)) if by.kind == CommitKind::Merge));
                    if !is_merged && self.children(id)?.is_empty() && !self.is_deleted(id) {
                        heads.push(id);
                    }
                }
            }
        }
        for Staged { header, .. } in &self.commits {
            let merged = if header.kind == CommitKind::Merge { header.target } else { CommitId::ZERO };
            heads.retain(|id| *id != header.parent && *id != merged);
        }
        heads.sort_unstable();
        heads.dedup();
        Ok(heads)
    }

    fn children(&self, id: CommitId) -> Result<Vec<CommitId>, StorageError> {
        Ok(self.with_staged(self.snapshot.children(id)?, |header| header.parent == id))
    }

    fn targeting(&self, id: CommitId) -> Result<Vec<CommitId>, StorageError> {
        Ok(self.with_staged(self.snapshot.targeting(id)?, |header| !id.is_zero() && header.target == id))
    }

    fn arrivals(&self, arrival: u64, limit: usize) -> Result<Vec<(u64, CommitHeader)>, StorageError> {
        let mut found = self.snapshot.arrivals(arrival, limit)?;
        found.retain(|(_, header)| !self.is_deleted(header.id));
        let later = self.commits.iter().filter(|staged| staged.arrival > arrival);
        let room = limit.saturating_sub(found.len());
        found.extend(later.take(room).map(|staged| (staged.arrival, staged.header.clone())));
        Ok(found)
    }

    fn commits_with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<CommitId>, StorageError> {
        let there = self.snapshot.commits_with_prefix(prefix, limit)?;
        let mut found = self.with_staged(there, |header| header.id.to_string().starts_with(prefix));
        found.truncate(limit);
        Ok(found)
    }

    fn commit_blobs(&self, id: CommitId) -> Result<Vec<BlobId>, StorageError> {
        match self.staged(id) {
            Some(staged) => Ok(staged.blobs.clone()),
            None => self.snapshot.commit_blobs(id),
        }
    }
}

impl ReadBlobs for RemoteTransaction<'_> {
    fn blob(&self, id: BlobId) -> Result<Option<BlobRecord>, StorageError> {
        match self.staged_blob(id) {
            Some((record, _)) => Ok(Some(record.clone())),
            None => self.snapshot.blob(id),
        }
    }

    fn blob_chunks(&self, id: BlobId) -> Result<Vec<ChunkRef>, StorageError> {
        match self.staged_blob(id) {
            Some((_, chunks)) => Ok(chunks.clone()),
            None => self.snapshot.blob_chunks(id),
        }
    }

    fn chunk(&self, id: ChunkId) -> Result<Option<Vec<u8>>, StorageError> {
        match self.chunk_places.get(&id).and_then(|place| self.chunks.get(*place)) {
            Some((_, bytes)) => Ok(Some(bytes.to_vec())),
            None => self.snapshot.chunk(id),
        }
    }

    fn has_chunk(&self, id: ChunkId) -> Result<bool, StorageError> {
        if self.chunk_places.contains_key(&id) { Ok(true) } else { self.snapshot.has_chunk(id) }
    }

    fn blobs_after(&self, after: BlobId, limit: usize) -> Result<Vec<BlobRecord>, StorageError> {
        let mut found = self.snapshot.blobs_after(after, limit)?;
        for (record, _) in self.blobs.iter().filter(|(record, _)| record.id > after) {
            if found.iter().all(|known| known.id != record.id) {
                found.push(record.clone());
            }
        }
        found.sort_by_key(|record| record.id);
        found.truncate(limit);
        Ok(found)
    }

    fn is_blob_referenced(&self, id: BlobId) -> Result<bool, StorageError> {
        self.snapshot.is_blob_referenced(id)
    }

    fn blobs_using(&self, id: ChunkId) -> Result<Vec<BlobId>, StorageError> {
        self.snapshot.blobs_using(id)
    }

    fn chunk_claim(&self, id: ChunkId) -> Result<Option<i64>, StorageError> {
        self.snapshot.chunk_claim(id)
    }

    fn unused_chunks(&self, after: ChunkId, limit: usize) -> Result<Vec<ChunkRef>, StorageError> {
        self.snapshot.unused_chunks(after, limit)
    }

    fn chunks_after(&self, after: ChunkId, limit: usize) -> Result<Vec<ChunkRef>, StorageError> {
        self.snapshot.chunks_after(after, limit)
    }
}

impl ReadCheckpoints for RemoteTransaction<'_> {
    fn arrival_of(&self, id: CommitId) -> Result<Option<u64>, StorageError> {
        match self.staged(id) {
            Some(staged) => Ok(Some(staged.arrival)),
            None => self.snapshot.arrival_of(id),
        }
    }

    fn commit_at(&self, arrival: u64) -> Result<Option<CommitId>, StorageError> {
        match self.staged_at(arrival) {
            Some(staged) => Ok(Some(staged.header.id)),
            None => self.snapshot.commit_at(arrival),
        }
    }

    fn link_at(&self, arrival: u64) -> Result<Option<Link>, StorageError> {
        let Some(staged) = self.staged_at(arrival) else { return self.snapshot.link_at(arrival) };
        let number = |id: CommitId| match self.arrival_of(id) {
            _ if id.is_zero() => Ok(0),
            Ok(number) => number.ok_or(StorageError::CommitNotFound { id }),
            Err(error) => Err(error),
        };
        let CommitHeader { kind, parent, target, .. } = staged.header;
        Ok(Some(Link { arrival, kind, parent: number(parent)?, target: number(target)? }))
    }

    fn links(&self, first: u64, last: u64) -> Result<Vec<Link>, StorageError> {
        let mut links = self.snapshot.links(first, last)?;
        for staged in self.commits.iter().filter(|staged| (first..=last).contains(&staged.arrival)) {
            links.extend(self.link_at(staged.arrival)?);
        }
        Ok(links)
    }

    fn payload_at(&self, arrival: u64) -> Result<Option<Vec<u8>>, StorageError> {
        match self.staged_at(arrival) {
            Some(staged) => Ok(Some(staged.payload.clone())),
            None => self.snapshot.payload_at(arrival),
        }
    }

    fn checkpoint_before(&self, _arrival: u64) -> Result<Option<u64>, StorageError> {
        Ok(None)
    }

    fn checkpoint(&self, _arrival: u64, _most: u8) -> Result<Option<(u8, Vec<u8>)>, StorageError> {
        Ok(None)
    }

    fn checkpoint_part(
        &self,
        _arrival: u64,
        _level: u8,
        _part: u32,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(None)
    }

    fn checkpoint_bytes(&self) -> Result<u64, StorageError> {
        Ok(0)
    }
}

impl Snapshot for RemoteTransaction<'_> {
    fn data_version(&self) -> Result<u64, StorageError> {
        self.snapshot.data_version()
    }

    fn meta(&self) -> Result<Meta, StorageError> {
        let meta = self.snapshot.meta()?;
        Ok(Meta { synchronised: meta.synchronised || self.is_synchronised, ..meta })
    }

    fn definitions(&self) -> Result<Vec<Vec<u8>>, StorageError> {
        let mut all = self.snapshot.definitions()?;
        all.extend(self.definitions.iter().map(|(_, stored)| stored.clone()));
        Ok(all)
    }

    fn definition_ids(&self) -> Result<Vec<RuntimeId>, StorageError> {
        let mut all = self.snapshot.definition_ids()?;
        all.extend(self.definitions.iter().map(|(id, _)| *id));
        Ok(all)
    }

    fn definition_count(&self) -> Result<u64, StorageError> {
        Ok(self.snapshot.definition_count()? + self.definitions.len() as u64)
    }

    fn statistics(&self) -> Result<Statistics, StorageError> {
        let mut statistics = self.snapshot.statistics()?;
        statistics.commits += self.commits.len() as u64;
        statistics.payload_bytes +=
            self.commits.iter().map(|staged| staged.payload.len() as u64).sum::<u64>();
        Ok(statistics)
    }
}

impl Transaction for RemoteTransaction<'_> {
    fn put_commit(
        &mut self,
        header: &CommitHeader,
        payload: &[u8],
        blobs: &[BlobId],
    ) -> Result<bool, StorageError> {
        if self.places.contains_key(&header.id) {
            return Ok(false);
        }
        let most = self.shared.message_bytes.saturating_sub(64 << 10);
        if payload.len() as u64 > most {
            return Err(StorageError::OutOfRange {
                what: "the bytes of a commit for this server",
                value: payload.len() as u64,
                limit: most,
            });
        }
        // Whether the server has it is not worth a round trip: it answers in the end which commits stand.
        let arrival = self.shared.provisional();
        self.places.insert(header.id, self.commits.len());
        self.commits.push(Staged {
            header: header.clone(),
            payload: payload.to_vec(),
            blobs: blobs.to_vec(),
            arrival,
        });
        Ok(true)
    }

    fn delete_commit(&mut self, id: CommitId) -> Result<(), StorageError> {
        self.header(id)?.ok_or(StorageError::CommitNotFound { id })?;
        let by = self.children(id)?.into_iter().chain(self.targeting(id)?).next();
        if let Some(by) = by {
            return Err(StorageError::CommitReferenced { id, by });
        }
        self.deleted_commits.push(id);
        Ok(())
    }

    fn put_definition(&mut self, id: RuntimeId, stored: &[u8]) -> Result<(), StorageError> {
        if !self.definition_ids()?.contains(&id) {
            self.definitions.push((id, stored.to_vec()));
        }
        Ok(())
    }

    fn put_chunk(&mut self, id: ChunkId, bytes: &[u8]) -> Result<bool, StorageError> {
        if self.chunk_places.contains_key(&id) {
            return Ok(false);
        }
        self.chunk_places.insert(id, self.chunks.len());
        self.chunks.push((id, Bytes::copy_from_slice(bytes)));
        Ok(true)
    }

    fn replace_chunk(&mut self, _id: ChunkId, _bytes: &[u8]) -> Result<(), StorageError> {
        Err(StorageError::Elsewhere { location: self.shared.connection.location.clone() })
    }

    fn claim_chunks(&mut self, _ids: &[ChunkId], _time: i64) -> Result<(), StorageError> {
        // The server claims what it is sent.
        Ok(())
    }

    fn delete_chunk(&mut self, _id: ChunkId) -> Result<(), StorageError> {
        Err(StorageError::Elsewhere { location: self.shared.connection.location.clone() })
    }

    fn put_blob(&mut self, blob: &BlobRecord, chunks: &[ChunkRef]) -> Result<bool, StorageError> {
        if self.staged_blob(blob.id).is_some() {
            return Ok(false);
        }
        self.blobs.push((blob.clone(), chunks.to_vec()));
        Ok(true)
    }

    fn renew_blob(&mut self, _id: BlobId, _created: i64) -> Result<(), StorageError> {
        // The server renews what it is sent again.
        Ok(())
    }

    fn delete_blob(&mut self, id: BlobId) -> Result<(), StorageError> {
        self.deleted_blobs.push(id);
        Ok(())
    }

    fn put_checkpoint(&mut self, _arrival: u64, _level: u8, _parts: &[&[u8]]) -> Result<(), StorageError> {
        Ok(())
    }

    fn delete_checkpoint(&mut self, _arrival: u64, _level: u8) -> Result<(), StorageError> {
        Ok(())
    }

    fn drop_checkpoints(&mut self) -> Result<(), StorageError> {
        Ok(())
    }

    fn mark_synchronised(&mut self) -> Result<(), StorageError> {
        self.is_synchronised = true;
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), StorageError> {
        let lacking = self.lacking()?;
        let messages = self
            .messages(&|id| lacking.as_ref().and_then(|lacking| lacking.get(id).copied()).unwrap_or(true));
        if messages.is_empty() {
            return Ok(());
        }
        let connection = &self.shared.connection;
        let changed = connection
            .call(messages, |mut client, request| async move {
                client.transact(request.map(tokio_stream::iter)).await
            })
            .map_err(|status| connection.failed(status))?;
        if !self.deleted_commits.is_empty() {
            self.shared.forget();
        }
        let rows = self.shared.keep(&changed.commits)?;
        if let Some(present) = &changed.present {
            self.shared.hear(present)?;
        }
        for row in rows {
            if let Some(staged) = self.staged(row.header.id) {
                self.shared.alias(staged.arrival, row.header.id);
                let payload = Bytes::copy_from_slice(&staged.payload);
                let weight = 100 + payload.len();
                lock(&self.shared.payloads).insert(row.header.id, payload, weight);
            }
        }
        let is_stored =
            |staged: &Staged| changed.commits.iter().any(|c| c.id == staged.header.id.as_bytes()[..]);
        if changed.commits.len() != self.commits.len() || !self.commits.last().is_none_or(is_stored) {
            return Err(connection.odd(WireError::Missing { what: "a commit that was sent" }));
        }
        Ok(())
    }
}
