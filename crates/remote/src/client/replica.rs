//! Replication over a connection: a few large questions instead of many small ones.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anabranch_engine::storage::StorageError;
use anabranch_engine::{PackedBlob, PackedChunk, PackedCommit, Weight};
use anabranch_model::{BlobId, ChunkId, CommitId, Definitions, DefinitionsDigest, ExtendInfo};
use anabranch_sync::{Changes, Links, Packs, Replica, ReplicaError};
use tokio_stream::StreamExt as _;
use tonic::{Code, Status};

use super::connection::{is_lost, wait};
use super::storage::{Present, Shared, lock};
use crate::proto::change::Change;
use crate::wire::{self, WireError};
use crate::{pack, proto};

/// How many ids one question names at most: 256 KiB of them.
const IDS_IN_QUESTION: usize = 8192;
/// How many commits are asked for with their payloads at a time.
const COMMITS_IN_QUESTION: usize = 512;
/// What a pack may take when it is unpacked, whoever sends it.
const UNPACKED: u64 = 256 << 20;

/// A connection, as a replica.
pub(super) struct RemoteReplica {
    shared: Arc<Shared>,
    /// How the other side stood when its change counter was last asked for: one answer for several questions.
    present: Mutex<Option<Arc<Present>>>,
}

impl RemoteReplica {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, present: Mutex::new(None) }
    }

    fn present(&self) -> Result<Arc<Present>, ReplicaError> {
        if let Some(present) = &*lock(&self.present) {
            return Ok(present.clone());
        }
        self.look()
    }

    fn look(&self) -> Result<Arc<Present>, ReplicaError> {
        let request = proto::NowRequest {};
        let connection = &self.shared.connection;
        let present = connection
            .call(request, |mut client, request| async move { client.now(request).await })
            .map_err(|status| self.failed(status))?;
        let present = Arc::new(self.shared.hear(&present).map_err(database)?);
        *lock(&self.present) = Some(present.clone());
        Ok(present)
    }

    /// Remembers that the other side is not any more as it was.
    fn changed(&self) {
        *lock(&self.present) = None;
    }

    fn failed(&self, status: Status) -> ReplicaError {
        failed(&self.shared, status)
    }

    fn odd(&self, error: WireError) -> ReplicaError {
        database(self.shared.connection.odd(error))
    }

    fn transact(&self, changes: Vec<Change>) -> Result<proto::Changed, ReplicaError> {
        let changes: Vec<proto::Change> =
            changes.into_iter().map(|change| proto::Change { change: Some(change) }).collect();
        let changed = self
            .shared
            .connection
            .call(changes, |mut client, request| async move {
                client.transact(request.map(tokio_stream::iter)).await
            })
            .map_err(|status| self.failed(status))?;
        self.changed();
        Ok(changed)
    }
}

fn database(error: StorageError) -> ReplicaError {
    ReplicaError::Database(error.into())
}

fn failed(shared: &Shared, status: Status) -> ReplicaError {
    if is_lost(&status) {
        let location = shared.connection.location.clone();
        return ReplicaError::Connection { location, source: Box::new(status) };
    }
    database(shared.connection.failed(status))
}

impl Replica for RemoteReplica {
    fn location(&self) -> String {
        self.shared.connection.location.clone()
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn data_version(&self) -> Result<u64, ReplicaError> {
        Ok(self.look()?.data_version)
    }

    fn definitions_digest(&self) -> Result<DefinitionsDigest, ReplicaError> {
        Ok(DefinitionsDigest::from_bytes(self.present()?.digest))
    }

    fn definitions(&self) -> Result<Definitions, ReplicaError> {
        let count = self.present()?.definitions;
        let list = self.shared.definitions(count).map_err(database)?;
        Ok(Definitions::decode(list.stored.clone()).map_err(anabranch_engine::Error::from)?)
    }

    fn extend_definitions(&self, definitions: &Definitions) -> Result<ExtendInfo, ReplicaError> {
        let present = self.definitions()?;
        let (extended, info) = present.extend(definitions).map_err(anabranch_engine::Error::from)?;
        if info.total() > 0 {
            let encoded = extended.encode();
            let missing = encoded.iter().filter(|(id, _)| !present.contains(*id));
            self.transact(missing.map(|(_, stored)| Change::Definition(wire::definition(stored))).collect())?;
        }
        Ok(info)
    }

    fn heads(&self) -> Result<Vec<CommitId>, ReplicaError> {
        Ok(self.present()?.heads.clone())
    }

    fn knows(&self, ids: &[CommitId]) -> Result<Vec<bool>, ReplicaError> {
        let mut known = Vec::with_capacity(ids.len());
        for ids in ids.chunks(IDS_IN_QUESTION) {
            let request = proto::CommitIdList { ids: wire::concatenated(ids.iter().map(CommitId::as_bytes)) };
            let answer = self
                .shared
                .connection
                .call(request, |mut client, request| async move { client.knows(request).await })
                .map_err(|status| self.failed(status))?;
            known.extend(wire::presence(&answer.bits, ids.len()).map_err(|error| self.odd(error))?);
        }
        Ok(known)
    }

    fn links(&self, ids: &[CommitId]) -> Result<Vec<Links>, ReplicaError> {
        ids.iter()
            .map(|id| {
                let row = self.shared.row(*id, false).map_err(database)?;
                let row = row.ok_or(anabranch_engine::Error::CommitNotFound { id: *id })?;
                let dependencies = row.header.dependencies().collect();
                Ok(Links { id: *id, generation: row.header.generation, dependencies })
            })
            .collect()
    }

    fn missing_from(&self, common: &[CommitId]) -> Result<Vec<CommitId>, ReplicaError> {
        let request =
            proto::FetchRequest { common: wire::concatenated(common.iter().map(CommitId::as_bytes)) };
        let connection = &self.shared.connection;
        let stream =
            connection.call(request, |mut client, request| async move { client.missing(request).await });
        let ids = stream.and_then(|mut stream| {
            wait(&connection.runtime, async move {
                let mut ids = Vec::new();
                while let Some(list) = stream.next().await {
                    ids.extend(wire::commit_ids(&list?.ids)?);
                }
                Ok(ids)
            })?
        });
        ids.map_err(|status| self.failed(status))
    }

    fn weigh(&self, ids: &[CommitId]) -> Result<Weight, ReplicaError> {
        let mut weight = Weight::default();
        for ids in ids.chunks(IDS_IN_QUESTION) {
            let request = proto::CommitIdList { ids: wire::concatenated(ids.iter().map(CommitId::as_bytes)) };
            let answer = self
                .shared
                .connection
                .call(request, |mut client, request| async move { client.weigh(request).await })
                .map_err(|status| self.failed(status))?;
            weight.payload_bytes += answer.payload_bytes;
            weight.blobs.extend(wire::blob_ids(&answer.blobs).map_err(|error| self.odd(error))?);
        }
        weight.blobs.sort_unstable();
        weight.blobs.dedup();
        Ok(weight)
    }

    fn read_commits(&self, ids: &[CommitId]) -> Result<Vec<PackedCommit>, ReplicaError> {
        let mut commits = Vec::with_capacity(ids.len());
        for ids in ids.chunks(COMMITS_IN_QUESTION) {
            let request = proto::CommitsRequest {
                ids: ids.iter().map(|id| wire::bytes_of(id.as_bytes())).collect(),
                payloads: true,
                blobs: true,
                ..Default::default()
            };
            let answer = self
                .shared
                .connection
                .call(request, |mut client, request| async move { client.commits(request).await })
                .map_err(|status| self.failed(status))?;
            for (id, commit) in ids.iter().zip(&answer.commits) {
                let header = wire::header(commit).map_err(|error| self.odd(error))?;
                if header.id != *id {
                    return Err(self.odd(WireError::Missing { what: "a commit that was asked for" }));
                }
                let blobs: Result<Vec<BlobId>, WireError> =
                    commit.blobs.iter().map(|blob| wire::blob_id(blob)).collect();
                commits.push(PackedCommit {
                    id: header.id,
                    kind: header.kind,
                    parent: header.parent,
                    target: header.target,
                    metadata: header.metadata,
                    payload: commit.payload.clone().unwrap_or_default().into(),
                    blobs: blobs.map_err(|error| self.odd(error))?,
                });
            }
        }
        match ids.get(commits.len()) {
            Some(id) => Err(anabranch_engine::Error::CommitNotFound { id: *id }.into()),
            None => Ok(commits),
        }
    }

    fn write_commits(&self, commits: &[PackedCommit]) -> Result<usize, ReplicaError> {
        let pushed = self
            .shared
            .connection
            .call(pack::encode(commits, 0), |mut client, request| async move { client.push(request).await })
            .map_err(|status| self.failed(status))?;
        self.changed();
        Ok(pushed.added as usize)
    }

    fn unknown_blobs(&self, ids: &[BlobId]) -> Result<Vec<BlobId>, ReplicaError> {
        let mut unknown = Vec::new();
        for ids in ids.chunks(IDS_IN_QUESTION) {
            let asked = ids.iter().map(|id| wire::bytes_of(id.as_bytes())).collect();
            let request = proto::BlobsRequest { ids: asked, chunks: false };
            let answer = self
                .shared
                .connection
                .call(request, |mut client, request| async move { client.blobs(request).await })
                .map_err(|status| self.failed(status))?;
            let known: Result<std::collections::HashSet<BlobId>, WireError> =
                answer.blobs.iter().map(|blob| wire::blob_id(&blob.id)).collect();
            let known = known.map_err(|error| self.odd(error))?;
            unknown.extend(ids.iter().filter(|id| !id.is_zero() && !known.contains(*id)));
        }
        Ok(unknown)
    }

    fn read_blobs(&self, ids: &[BlobId]) -> Result<Vec<PackedBlob>, ReplicaError> {
        let mut blobs = Vec::with_capacity(ids.len());
        for ids in ids.chunks(COMMITS_IN_QUESTION) {
            let asked = ids.iter().map(|id| wire::bytes_of(id.as_bytes())).collect();
            let request = proto::BlobsRequest { ids: asked, chunks: true };
            let answer = self
                .shared
                .connection
                .call(request, |mut client, request| async move { client.blobs(request).await })
                .map_err(|status| self.failed(status))?;
            for blob in &answer.blobs {
                blobs.push(wire::packed_blob(blob).map_err(|error| self.odd(error))?);
            }
        }
        match ids
            .iter()
            .zip(&blobs)
            .find(|(id, blob)| **id != blob.id)
            .map(|(id, _)| id)
            .or(ids.get(blobs.len()))
        {
            Some(id) => Err(anabranch_engine::Error::BlobNotFound { id: *id }.into()),
            None => Ok(blobs),
        }
    }

    fn unknown_chunks(&self, ids: &[ChunkId]) -> Result<Vec<ChunkId>, ReplicaError> {
        let present = self.shared.has_chunks(ids).map_err(database)?;
        Ok(ids.iter().zip(present).filter(|(_, is_there)| !is_there).map(|(id, _)| *id).collect())
    }

    fn read_chunks(&self, ids: &[ChunkId]) -> Result<Vec<PackedChunk>, ReplicaError> {
        let chunks = self.shared.fetch_chunks(ids).map_err(database)?;
        if let Some(id) = ids.get(chunks.len()) {
            return Err(anabranch_engine::Error::ChunkNotFound { id: *id }.into());
        }
        Ok(ids.iter().zip(chunks).map(|(id, bytes)| PackedChunk { id: *id, bytes: bytes.into() }).collect())
    }

    fn write_blobs(&self, chunks: &[PackedChunk], blobs: &[PackedBlob]) -> Result<usize, ReplicaError> {
        if chunks.is_empty() && blobs.is_empty() {
            return Ok(0);
        }
        let sent = chunks.iter().map(|chunk| Change::Chunk(chunk.bytes.clone().into()));
        let sent = sent.chain(blobs.iter().map(|blob| Change::Blob(wire::from_packed_blob(blob))));
        Ok(self.transact(sent.collect())?.added_blobs as usize)
    }

    fn fetch(&self, common: &[CommitId]) -> Result<Option<Box<dyn Packs + '_>>, ReplicaError> {
        let request =
            proto::FetchRequest { common: wire::concatenated(common.iter().map(CommitId::as_bytes)) };
        let connection = &self.shared.connection;
        let mut stream = connection
            .call(request, |mut client, request| async move { client.fetch(request).await })
            .map_err(|status| self.failed(status))?;
        // Read and unpacked while the one before is being stored, and no further ahead than that.
        let (packs, arriving) = sync_channel(1);
        connection.runtime.spawn(async move {
            while let Some(pack) = stream.next().await {
                let packs = packs.clone();
                let handed_on = tokio::task::spawn_blocking(move || {
                    let unpacked = pack.and_then(|pack| Ok((pack.expected, pack::decode(&pack, UNPACKED)?)));
                    packs.send(unpacked).is_ok()
                });
                if !matches!(handed_on.await, Ok(true)) {
                    return;
                }
            }
        });
        let mut fetched = Fetched { shared: &self.shared, arriving, expected: 0, came: 0, first: None };
        fetched.first = fetched.receive()?;
        Ok(Some(Box::new(fetched)))
    }

    fn changes(&self) -> Result<Option<Box<dyn Changes>>, ReplicaError> {
        Ok(Some(Box::new(Notices::of(&self.shared)?)))
    }

    fn round_trips(&self) -> u64 {
        self.shared.connection.round_trips()
    }

    fn mark_synchronised(&self) -> Result<(), ReplicaError> {
        // Of a server that may only be read, as of a file that may only be read, nothing is asked.
        if self.shared.may_write() && !self.present()?.synchronised {
            self.transact(vec![Change::Synchronised(true)])?;
        }
        Ok(())
    }

    fn settle(&self) -> Result<(), ReplicaError> {
        // The server does that by itself.
        Ok(())
    }
}

/// Packs that the server streams.
struct Fetched<'r> {
    shared: &'r Shared,
    arriving: Receiver<Result<(u64, Vec<PackedCommit>), Status>>,
    expected: u64,
    came: u64,
    first: Option<Vec<PackedCommit>>,
}

impl Fetched<'_> {
    fn receive(&mut self) -> Result<Option<Vec<PackedCommit>>, ReplicaError> {
        match self.arriving.recv() {
            Ok(Ok((expected, commits))) => {
                self.expected = self.expected.max(expected);
                self.came += commits.len() as u64;
                Ok(Some(commits))
            }
            Ok(Err(status)) => Err(failed(self.shared, status)),
            Err(_) if self.came < self.expected => {
                Err(failed(self.shared, Status::new(Code::Unavailable, "the commits ended too early")))
            }
            Err(_) => Ok(None),
        }
    }
}

impl Packs for Fetched<'_> {
    fn expected(&self) -> u64 {
        self.expected
    }

    fn next(&mut self) -> Result<Option<Vec<PackedCommit>>, ReplicaError> {
        let pack = match self.first.take() {
            Some(first) => Some(first),
            None => self.receive()?,
        };
        Ok(pack.filter(|commits| !commits.is_empty()))
    }
}

/// Notices of the server.
pub(super) struct Notices {
    shared: Arc<Shared>,
    arriving: Receiver<Result<u64, Status>>,
}

impl Notices {
    pub(super) fn of(shared: &Arc<Shared>) -> Result<Self, ReplicaError> {
        let connection = &shared.connection;
        let mut stream = connection
            .call(proto::WatchRequest {}, |mut client, request| async move { client.watch(request).await })
            .map_err(|status| failed(shared, status))?;
        let (notices, arriving) = std::sync::mpsc::channel();
        connection.runtime.spawn(async move {
            while let Some(present) = stream.next().await {
                let is_end = present.is_err();
                if notices.send(present.map(|present| present.data_version)).is_err() || is_end {
                    return;
                }
            }
        });
        Ok(Self { shared: shared.clone(), arriving })
    }
}

impl Changes for Notices {
    fn wait(&mut self, timeout: Duration) -> Result<Option<u64>, ReplicaError> {
        let mut latest = match self.arriving.recv_timeout(timeout) {
            Ok(Ok(version)) => version,
            Ok(Err(status)) => return Err(failed(&self.shared, status)),
            Err(RecvTimeoutError::Timeout) => return Ok(None),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(failed(&self.shared, Status::new(Code::Unavailable, "the notices ended")));
            }
        };
        while let Ok(Ok(version)) = self.arriving.try_recv() {
            latest = version;
        }
        Ok(Some(latest))
    }
}
