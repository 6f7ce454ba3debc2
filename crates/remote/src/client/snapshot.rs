//! A moment of a database elsewhere.
//!
//! What never changes is read from what is known, else asked for. The first question about what does change fixes the
//! moment: how the database stood then says which commits belong to it, by their arrival numbers.

use std::cell::OnceCell;
use std::sync::Arc;

use anabranch_engine::CommitHeader;
use anabranch_engine::storage::{
    BlobRecord, ChunkRef, Link, Meta, ReadBlobs, ReadCheckpoints, ReadCommits, Snapshot, Statistics,
    StorageError,
};
use anabranch_model::{BlobId, ChunkId, CommitId, RuntimeId};
use prost::bytes::Bytes;
use tokio_stream::StreamExt as _;

use super::connection::wait;
use super::storage::{Present, Row, Shared, lock};
use crate::proto;
use crate::wire::{self, WireError};

/// How many commits are listed at a time, whatever is asked for.
const PAGE: usize = 4096;

pub(super) struct RemoteSnapshot<'s> {
    pub(super) shared: &'s Arc<Shared>,
    present: OnceCell<Present>,
}

impl<'s> RemoteSnapshot<'s> {
    pub(super) fn new(shared: &'s Arc<Shared>) -> Self {
        Self { shared, present: OnceCell::new() }
    }

    /// How the database stands at this moment, which is now if it was not fixed before.
    pub(super) fn present(&self) -> Result<&Present, StorageError> {
        if let Some(present) = self.present.get() {
            return Ok(present);
        }
        let present = self.shared.now()?;
        Ok(self.present.get_or_init(|| present))
    }

    /// Whether a commit belongs to this moment.
    fn has(&self, row: &Row) -> bool {
        self.present.get().is_none_or(|present| row.arrival <= present.last_arrival)
    }

    pub(super) fn row(&self, id: CommitId) -> Result<Option<Arc<Row>>, StorageError> {
        Ok(self.shared.row(id, false)?.filter(|row| self.has(row)))
    }

    fn row_at(&self, arrival: u64) -> Result<Option<Arc<Row>>, StorageError> {
        Ok(self.shared.row_at(arrival, false)?.filter(|row| self.has(row)))
    }

    fn blob_of(&self, id: BlobId) -> Result<Option<Arc<proto::Blob>>, StorageError> {
        if let Some(blob) = lock(&self.shared.blobs).get(&id) {
            return Ok(Some(blob));
        }
        let request = proto::BlobsRequest { ids: vec![wire::bytes_of(id.as_bytes())], chunks: true };
        let answer = self
            .shared
            .connection
            .call(request, |mut client, request| async move { client.blobs(request).await })
            .map_err(|status| self.shared.connection.failed(status))?;
        let Some(blob) = answer.blobs.into_iter().next() else { return Ok(None) };
        let blob = Arc::new(blob);
        lock(&self.shared.blobs).insert(id, blob.clone(), 200 + blob.chunks.len());
        Ok(Some(blob))
    }

    fn relatives(&self, id: CommitId, targeting: bool) -> Result<Vec<CommitId>, StorageError> {
        let last_arrival = self.present()?.last_arrival;
        let id = if id.is_zero() { Bytes::new() } else { wire::bytes_of(id.as_bytes()) };
        let request = proto::RelativesRequest { id, targeting, last_arrival };
        let answer = self
            .shared
            .connection
            .call(request, |mut client, request| async move { client.relatives(request).await })
            .map_err(|status| self.shared.connection.failed(status))?;
        Ok(self.shared.keep(&answer.commits)?.iter().map(|row| row.header.id).collect())
    }

    fn odd(&self, error: WireError) -> StorageError {
        self.shared.connection.odd(error)
    }

    /// What only those can tell who have the file.
    fn elsewhere<T>(&self) -> Result<T, StorageError> {
        Err(StorageError::Elsewhere { location: self.shared.connection.location.clone() })
    }
}

impl ReadCommits for RemoteSnapshot<'_> {
    fn header(&self, id: CommitId) -> Result<Option<CommitHeader>, StorageError> {
        Ok(self.row(id)?.map(|row| row.header.clone()))
    }

    fn payload(&self, id: CommitId) -> Result<Option<Vec<u8>>, StorageError> {
        if let Some(known) = lock(&self.shared.payloads).get(&id) {
            return Ok(Some(known.into()));
        }
        let Some(row) = self.shared.row(id, true)?.filter(|row| self.has(row)) else { return Ok(None) };
        Ok(lock(&self.shared.payloads).get(&row.header.id).map(Into::into))
    }

    fn heads(&self) -> Result<Vec<CommitId>, StorageError> {
        Ok(self.present()?.heads.clone())
    }

    fn children(&self, id: CommitId) -> Result<Vec<CommitId>, StorageError> {
        self.relatives(id, false)
    }

    fn targeting(&self, id: CommitId) -> Result<Vec<CommitId>, StorageError> {
        self.relatives(id, true)
    }

    fn arrivals(&self, arrival: u64, limit: usize) -> Result<Vec<(u64, CommitHeader)>, StorageError> {
        let last = self.present()?.last_arrival;
        let mut found = Vec::new();
        let mut after = arrival;
        while found.len() < limit && after < last {
            let wanted = (limit - found.len()).min(PAGE);
            let limit = u32::try_from(wanted).unwrap_or(u32::MAX);
            let rows = self.shared.ask(proto::CommitsRequest { after, limit, ..Default::default() })?;
            let Some(reached) = rows.iter().map(|row| row.arrival).max().filter(|reached| *reached > after)
            else {
                break;
            };
            after = reached;
            let of_moment = rows.iter().filter(|row| row.arrival <= last);
            found.extend(of_moment.map(|row| (row.arrival, row.header.clone())));
        }
        Ok(found)
    }

    fn commits_with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<CommitId>, StorageError> {
        let last_arrival = self.present()?.last_arrival;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let request = proto::PrefixRequest { digits: prefix.to_owned(), limit, last_arrival };
        let answer = self
            .shared
            .connection
            .call(request, |mut client, request| async move { client.prefix(request).await })
            .map_err(|status| self.shared.connection.failed(status))?;
        Ok(self.shared.keep(&answer.commits)?.iter().map(|row| row.header.id).collect())
    }

    fn commit_blobs(&self, id: CommitId) -> Result<Vec<BlobId>, StorageError> {
        if let Some(known) = lock(&self.shared.commit_blobs).get(&id) {
            return Ok(known.to_vec());
        }
        let ids = vec![wire::bytes_of(id.as_bytes())];
        let request = proto::CommitsRequest { ids, blobs: true, ..Default::default() };
        let answer = self
            .shared
            .connection
            .call(request, |mut client, request| async move { client.commits(request).await })
            .map_err(|status| self.shared.connection.failed(status))?;
        let Some(commit) = answer.commits.first() else { return Ok(Vec::new()) };
        let blobs: Result<Vec<BlobId>, WireError> =
            commit.blobs.iter().map(|blob| wire::blob_id(blob)).collect();
        let blobs = blobs.map_err(|error| self.odd(error))?;
        lock(&self.shared.commit_blobs).insert(id, blobs.as_slice().into(), 100 + blobs.len() * 32);
        Ok(blobs)
    }
}

impl ReadBlobs for RemoteSnapshot<'_> {
    fn blob(&self, id: BlobId) -> Result<Option<BlobRecord>, StorageError> {
        let blob = self.blob_of(id)?;
        blob.map(|blob| wire::blob_record(&blob)).transpose().map_err(|error| self.odd(error))
    }

    fn blob_chunks(&self, id: BlobId) -> Result<Vec<ChunkRef>, StorageError> {
        match self.blob_of(id)? {
            Some(blob) => wire::chunk_refs(&blob.chunks).map_err(|error| self.odd(error)),
            None => Ok(Vec::new()),
        }
    }

    fn chunk(&self, id: ChunkId) -> Result<Option<Vec<u8>>, StorageError> {
        if let Some(known) = lock(&self.shared.chunks).get(&id) {
            return Ok(Some(known.into()));
        }
        let bytes = self.shared.fetch_chunks(&[id])?.into_iter().next();
        if let Some(bytes) = &bytes {
            lock(&self.shared.chunks).insert(id, bytes.clone(), 100 + bytes.len());
        }
        Ok(bytes.map(Into::into))
    }

    fn has_chunk(&self, id: ChunkId) -> Result<bool, StorageError> {
        Ok(self.shared.has_chunks(&[id])?.first() == Some(&true))
    }

    fn blobs_after(&self, after: BlobId, limit: usize) -> Result<Vec<BlobRecord>, StorageError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let request = proto::PageRequest { after: wire::bytes_of(after.as_bytes()), limit };
        let answer = self
            .shared
            .connection
            .call(request, |mut client, request| async move { client.blob_page(request).await })
            .map_err(|status| self.shared.connection.failed(status))?;
        let records: Result<_, WireError> = answer.blobs.iter().map(wire::blob_record).collect();
        records.map_err(|error| self.odd(error))
    }

    fn is_blob_referenced(&self, _id: BlobId) -> Result<bool, StorageError> {
        // Nothing relies on it but storing a blob again, which then tells the server, who knows.
        Ok(false)
    }

    fn blobs_using(&self, _id: ChunkId) -> Result<Vec<BlobId>, StorageError> {
        self.elsewhere()
    }

    fn chunk_claim(&self, _id: ChunkId) -> Result<Option<i64>, StorageError> {
        self.elsewhere()
    }

    fn unused_chunks(&self, _after: ChunkId, _limit: usize) -> Result<Vec<ChunkRef>, StorageError> {
        self.elsewhere()
    }

    fn chunks_after(&self, after: ChunkId, limit: usize) -> Result<Vec<ChunkRef>, StorageError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let request = proto::PageRequest { after: wire::bytes_of(after.as_bytes()), limit };
        let answer = self
            .shared
            .connection
            .call(request, |mut client, request| async move { client.chunk_page(request).await })
            .map_err(|status| self.shared.connection.failed(status))?;
        wire::chunk_refs(&answer.chunks).map_err(|error| self.odd(error))
    }
}

impl ReadCheckpoints for RemoteSnapshot<'_> {
    fn arrival_of(&self, id: CommitId) -> Result<Option<u64>, StorageError> {
        Ok(self.row(id)?.map(|row| row.arrival))
    }

    fn commit_at(&self, arrival: u64) -> Result<Option<CommitId>, StorageError> {
        Ok(self.row_at(arrival)?.map(|row| row.header.id))
    }

    fn link_at(&self, arrival: u64) -> Result<Option<Link>, StorageError> {
        let Some(row) = self.row_at(arrival)? else { return Ok(None) };
        let number = |id: CommitId| match self.shared.row(id, false) {
            _ if id.is_zero() => Ok(0),
            Ok(Some(row)) => Ok(row.arrival),
            Ok(None) => Err(StorageError::CommitNotFound { id }),
            Err(error) => Err(error),
        };
        let CommitHeader { kind, parent, target, .. } = row.header;
        Ok(Some(Link { arrival, kind, parent: number(parent)?, target: number(target)? }))
    }

    fn payload_at(&self, arrival: u64) -> Result<Option<Vec<u8>>, StorageError> {
        match self.row_at(arrival)? {
            Some(row) => self.payload(row.header.id),
            None => Ok(None),
        }
    }

    fn links(&self, first: u64, last: u64) -> Result<Vec<Link>, StorageError> {
        let last = last.min(self.present()?.last_arrival);
        let mut links = Vec::new();
        let mut next = first.max(1);
        while next <= last {
            let limit = (last - next + 1).min(PAGE as u64);
            if self.shared.row_known(next).is_none() {
                let limit = u32::try_from(limit).unwrap_or(u32::MAX);
                self.shared.ask(proto::CommitsRequest { after: next - 1, limit, ..Default::default() })?;
            }
            for arrival in next..next + limit {
                links.extend(self.link_at(arrival)?);
            }
            next += limit;
        }
        Ok(links)
    }

    // Every commit is as near as a checkpoint here (`ReadDocuments`); those of the server are its own.

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

impl Snapshot for RemoteSnapshot<'_> {
    fn data_version(&self) -> Result<u64, StorageError> {
        Ok(self.present()?.data_version)
    }

    fn meta(&self) -> Result<Meta, StorageError> {
        let meta = self.shared.meta();
        // Opening asks for it before anything else, of a server that was just asked; nothing else of it changes.
        Ok(Meta { synchronised: self.present()?.synchronised, ..meta })
    }

    fn definitions(&self) -> Result<Vec<Vec<u8>>, StorageError> {
        let count = self.definition_count()?;
        let list = self.shared.definitions(count)?;
        Ok(list.stored.iter().take(count as usize).cloned().collect())
    }

    fn definition_ids(&self) -> Result<Vec<RuntimeId>, StorageError> {
        let count = self.definition_count()?;
        let list = self.shared.definitions(count)?;
        Ok(list.ids.iter().take(count as usize).copied().collect())
    }

    fn definition_count(&self) -> Result<u64, StorageError> {
        Ok(match self.present.get() {
            Some(present) => present.definitions,
            None => self.shared.definition_count(),
        })
    }

    fn statistics(&self) -> Result<Statistics, StorageError> {
        Ok(self.present()?.statistics)
    }
}

impl Shared {
    /// Which of these chunks the server has.
    pub(super) fn has_chunks(&self, ids: &[ChunkId]) -> Result<Vec<bool>, StorageError> {
        let mut present = Vec::with_capacity(ids.len());
        for ids in ids.chunks(8192) {
            let request = proto::ChunkIds { ids: wire::concatenated(ids.iter().map(ChunkId::as_bytes)) };
            let answer = self
                .connection
                .call(request, |mut client, request| async move { client.has_chunks(request).await })
                .map_err(|status| self.connection.failed(status))?;
            present
                .extend(wire::presence(&answer.bits, ids.len()).map_err(|error| self.connection.odd(error))?);
        }
        Ok(present)
    }

    /// The bytes of these chunks, up to the first that the server does not have.
    pub(crate) fn fetch_chunks(&self, ids: &[ChunkId]) -> Result<Vec<Bytes>, StorageError> {
        let request = proto::ChunkIds { ids: wire::concatenated(ids.iter().map(ChunkId::as_bytes)) };
        let count = ids.len();
        let stream =
            self.connection.call(request, |mut client, request| async move { client.chunks(request).await });
        let collected = stream.and_then(|mut stream| {
            wait(&self.connection.runtime, async move {
                let mut chunks = Vec::new();
                while chunks.len() < count
                    && let Some(next) = stream.next().await
                {
                    match next {
                        Ok(chunk) => chunks.push(chunk.bytes),
                        Err(status) if status.code() == tonic::Code::NotFound => break,
                        Err(status) => return Err(status),
                    }
                }
                Ok(chunks)
            })?
        });
        collected.map_err(|status| self.connection.failed(status))
    }
}
