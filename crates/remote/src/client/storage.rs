//! A storage that is a connection to a server.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anabranch_engine::CommitHeader;
use anabranch_engine::storage::{Meta, ReadDocuments, Snapshot, Storage, StorageError, Transaction};
use anabranch_model::{BlobId, ChunkId, CommitId, RuntimeId, Uuid};
use anabranch_sync::Peer;
use prost::bytes::Bytes;

use super::cache::Cache;
use super::connection::{Connection, is_lost};
use super::denies_access;
use super::documents::Documents;
use super::replica::RemoteReplica;
use super::snapshot::RemoteSnapshot;
use super::transaction::RemoteTransaction;
use super::{ConnectError, ConnectOptions};
use crate::wire::{self, WireError};
use crate::{PROTOCOL, proto};

/// Numbers of commits that the server has not numbered yet start here.
pub(super) const PROVISIONAL: u64 = 1 << 62;
/// How many of them are remembered.
const ALIASES: usize = 64 << 10;
/// How many commits are asked for with the one that is wanted, at first and at most.
const FIRST_WINDOW: u32 = 16;
const WIDEST_WINDOW: u32 = 4096;

/// A commit as the server has it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) header: CommitHeader,
    pub(super) arrival: u64,
}

/// How the database stood at one moment.
#[derive(Debug)]
pub(crate) struct Present {
    pub(crate) data_version: u64,
    pub(crate) last_arrival: u64,
    pub(crate) definitions: u64,
    pub(crate) heads: Vec<CommitId>,
    pub(crate) digest: [u8; 32],
    pub(crate) synchronised: bool,
    pub(crate) statistics: anabranch_engine::storage::Statistics,
}

/// The definitions, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct DefinitionList {
    pub(super) ids: Vec<RuntimeId>,
    pub(super) stored: Vec<Vec<u8>>,
}

/// What all users of a connection share.
pub(crate) struct Shared {
    pub(crate) connection: Connection,
    meta: Meta,
    scope: proto::Scope,
    pub(super) message_bytes: u64,
    /// The most definitions that the server was heard to have.
    heard_definitions: AtomicU64,
    definitions: Mutex<Arc<DefinitionList>>,
    commits: Mutex<Commits>,
    pub(super) payloads: Mutex<Cache<CommitId, Bytes>>,
    pub(super) commit_blobs: Mutex<Cache<CommitId, Arc<[BlobId]>>>,
    pub(super) chunks: Mutex<Cache<ChunkId, Bytes>>,
    pub(super) blobs: Mutex<Cache<BlobId, Arc<proto::Blob>>>,
    pub(super) documents: Documents,
    provisional: AtomicU64,
}

/// The commits that were heard of.
struct Commits {
    by_id: Cache<CommitId, Arc<Row>>,
    by_arrival: Cache<u64, Arc<Row>>,
    /// Commits of this session, by the numbers that they had before the server gave them theirs.
    aliases: Cache<u64, CommitId>,
    /// Where a walk that goes on would ask next, and how wide its last question was.
    walk: (CommitId, u64, u32),
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // All hold caches whose entries are put in whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A storage elsewhere.
pub(crate) struct RemoteStorage {
    shared: Arc<Shared>,
    peer: Peer,
}

impl RemoteStorage {
    pub(crate) fn open(connection: Connection, options: &ConnectOptions) -> Result<Self, ConnectError> {
        let location = connection.location.clone();
        let described = connection.call(proto::DescribeRequest {}, |mut client, request| async move {
            client.describe(request).await
        });
        let description = described.map_err(|status| {
            if is_lost(&status) {
                let reason = status.message().to_owned();
                ConnectError::Unreachable { location: location.clone(), reason, source: status.into() }
            } else if denies_access(status.code()) {
                ConnectError::Unauthorized {
                    location: location.clone(),
                    message: status.message().to_owned(),
                }
            } else {
                ConnectError::Refused { location: location.clone(), message: status.message().to_owned() }
            }
        })?;
        if description.protocol != PROTOCOL {
            return Err(ConnectError::Protocol { location, found: description.protocol, known: PROTOCOL });
        }
        let odd = |error| ConnectError::Database(connection.odd(error).into());
        let uuid = Uuid::from_slice(&description.uuid).map_err(|_| {
            odd(WireError::Length { what: "the database's uuid", length: description.uuid.len() })
        })?;
        let meta = Meta {
            uuid,
            created: description.created,
            synchronised: false,
            documentation: description.documentation.clone(),
        };
        let room = options.cache_bytes;
        let shared = Shared {
            meta,
            scope: description.scope(),
            message_bytes: description.message_bytes,
            heard_definitions: AtomicU64::new(0),
            definitions: Mutex::default(),
            commits: Mutex::new(Commits {
                by_id: Cache::new(room / 4),
                by_arrival: Cache::new(room / 4),
                aliases: Cache::new(ALIASES),
                walk: (CommitId::ZERO, 0, FIRST_WINDOW),
            }),
            payloads: Mutex::new(Cache::new(room / 4)),
            commit_blobs: Mutex::new(Cache::new(room / 16)),
            chunks: Mutex::new(Cache::new(room / 2)),
            blobs: Mutex::new(Cache::new(room / 8)),
            documents: Documents::new(room / 2),
            provisional: AtomicU64::new(PROVISIONAL),
            connection,
        };
        if let Some(present) = &description.present {
            shared.hear(present).map_err(anabranch_engine::Error::from)?;
        }
        let shared = Arc::new(shared);
        Ok(Self { peer: Arc::new(RemoteReplica::new(shared.clone())), shared })
    }
}

/// About what a row takes in memory.
fn weight(row: &Row) -> usize {
    300 + row.header.metadata.label.len() + row.header.metadata.author.len()
}

impl Shared {
    /// Remembers how the server stands.
    pub(super) fn hear(&self, present: &proto::Present) -> Result<Present, StorageError> {
        self.hear_definitions(present.definitions);
        let heads = self.keep(&present.heads)?.iter().map(|row| row.header.id).collect();
        let statistics = present.statistics.unwrap_or_default();
        let digest = present.definitions_digest.as_ref().try_into().map_err(|_| {
            let length = present.definitions_digest.len();
            self.connection.odd(WireError::Length { what: "the digest of the definitions", length })
        })?;
        Ok(Present {
            data_version: present.data_version,
            last_arrival: present.last_arrival,
            definitions: present.definitions,
            heads,
            digest,
            synchronised: present.synchronised,
            statistics: wire::statistics(&statistics),
        })
    }

    pub(super) fn hear_definitions(&self, count: u64) {
        self.heard_definitions.fetch_max(count, Ordering::Relaxed);
    }

    /// How many definitions there are, as far as it is known.
    pub(super) fn definition_count(&self) -> u64 {
        self.heard_definitions.load(Ordering::Relaxed)
    }

    /// How the database stands now.
    pub(crate) fn now(&self) -> Result<Present, StorageError> {
        let present = self
            .connection
            .call(proto::NowRequest {}, |mut client, request| async move { client.now(request).await })
            .map_err(|status| self.connection.failed(status))?;
        self.hear(&present)
    }

    /// The definitions, at least so many.
    pub(super) fn definitions(&self, count: u64) -> Result<Arc<DefinitionList>, StorageError> {
        let known = lock(&self.definitions).clone();
        if known.ids.len() as u64 >= count {
            return Ok(known);
        }
        let answer = self
            .connection
            .call(proto::DefinitionsRequest {}, |mut client, request| async move {
                client.definitions(request).await
            })
            .map_err(|status| self.connection.failed(status))?;
        let ids = answer
            .ids
            .iter()
            .map(|id| {
                let uuid = Uuid::from_slice(id).map_err(|_| {
                    self.connection.odd(WireError::Length { what: "a runtime id", length: id.len() })
                })?;
                Ok(RuntimeId::from_uuid(uuid))
            })
            .collect::<Result<Vec<_>, StorageError>>()?;
        let stored: Vec<Vec<u8>> = answer.definitions.into_iter().map(Into::into).collect();
        if wire::digest(stored.iter().map(Vec::as_slice)) != answer.digest {
            return Err(self.connection.odd(WireError::Text { what: "the definitions" }));
        }
        if ids.len() != stored.len() || (ids.len() as u64) < count {
            return Err(self.connection.odd(WireError::Missing { what: "a definition" }));
        }
        self.hear_definitions(ids.len() as u64);
        let list = Arc::new(DefinitionList { ids, stored });
        *lock(&self.definitions) = list.clone();
        Ok(list)
    }

    /// Keeps commits that came from the server.
    pub(super) fn keep(&self, commits: &[proto::Commit]) -> Result<Vec<Arc<Row>>, StorageError> {
        let mut rows = Vec::with_capacity(commits.len());
        for commit in commits {
            let header = wire::header(commit).map_err(|error| self.connection.odd(error))?;
            let row = Arc::new(Row { header, arrival: commit.arrival });
            if let Some(payload) = &commit.payload {
                let id = row.header.id;
                if anabranch_model::PayloadHash::of(payload) != row.header.payload_hash {
                    return Err(self.connection.odd(WireError::Text { what: "a commit's payload" }));
                }
                lock(&self.payloads).insert(id, payload.clone(), 100 + payload.len());
            }
            rows.push(row);
        }
        let mut commits = lock(&self.commits);
        for row in &rows {
            commits.by_id.insert(row.header.id, row.clone(), weight(row));
            commits.by_arrival.insert(row.arrival, row.clone(), weight(row));
        }
        Ok(rows)
    }

    /// A number for a commit that the server has not numbered yet.
    pub(super) fn provisional(&self) -> u64 {
        self.provisional.fetch_add(1, Ordering::Relaxed)
    }

    /// Remembers which commit had a provisional number.
    pub(super) fn alias(&self, provisional: u64, id: CommitId) {
        lock(&self.commits).aliases.insert(provisional, id, 1);
    }

    /// A commit by id; none when the server does not have it.
    pub(super) fn row(&self, id: CommitId, payload: bool) -> Result<Option<Arc<Row>>, StorageError> {
        if id.is_zero() {
            return Ok(None);
        }
        let before = {
            let mut commits = lock(&self.commits);
            if !payload && let Some(row) = commits.by_id.get(&id) {
                return Ok(Some(row));
            }
            let is_walk = commits.walk.0 == id;
            commits.window(is_walk)
        };
        let request = proto::CommitsRequest {
            ids: vec![wire::bytes_of(id.as_bytes())],
            before,
            payloads: payload,
            ..proto::CommitsRequest::default()
        };
        let rows = self.ask(request)?;
        Ok(rows.into_iter().find(|row| row.header.id == id))
    }

    /// A commit by arrival number, if it was heard of.
    pub(super) fn row_known(&self, arrival: u64) -> Option<Arc<Row>> {
        lock(&self.commits).by_arrival.get(&arrival)
    }

    /// A commit by arrival number; none when the server does not have it.
    pub(super) fn row_at(&self, arrival: u64, payload: bool) -> Result<Option<Arc<Row>>, StorageError> {
        if arrival == 0 {
            return Ok(None);
        }
        if arrival >= PROVISIONAL {
            let alias = lock(&self.commits).aliases.get(&arrival);
            return alias.map_or(Ok(None), |id| self.row(id, payload));
        }
        let limit = {
            let mut commits = lock(&self.commits);
            if !payload && let Some(row) = commits.by_arrival.get(&arrival) {
                return Ok(Some(row));
            }
            // An answer may be cut off: then what is wanted must come first.
            let is_walk = commits.walk.1 == arrival;
            if payload { 1 } else { commits.window(is_walk) }
        };
        let after = arrival.saturating_sub(limit.into());
        let request = proto::CommitsRequest { after, limit, payloads: payload, ..Default::default() };
        let rows = self.ask(request)?;
        Ok(rows.into_iter().find(|row| row.arrival == arrival))
    }

    /// Asks for commits, and keeps them.
    pub(super) fn ask(&self, request: proto::CommitsRequest) -> Result<Vec<Arc<Row>>, StorageError> {
        let answer = self
            .connection
            .call(request, |mut client, request| async move { client.commits(request).await })
            .map_err(|status| self.connection.failed(status))?;
        self.hear_definitions(answer.definitions);
        let rows = self.keep(&answer.commits)?;
        if let Some(earliest) = rows.iter().min_by_key(|row| row.arrival) {
            let mut commits = lock(&self.commits);
            commits.walk.0 = earliest.header.parent;
            commits.walk.1 = earliest.arrival.saturating_sub(1);
        }
        Ok(rows)
    }

    /// Forgets what may not be there any more.
    pub(super) fn forget(&self) {
        let mut commits = lock(&self.commits);
        commits.by_id.clear();
        commits.by_arrival.clear();
    }
}

impl Commits {
    /// How many commits to ask for: more and more on a walk, a few otherwise.
    fn window(&mut self, is_walk: bool) -> u32 {
        self.walk.2 = if is_walk { (self.walk.2 * 4).min(WIDEST_WINDOW) } else { FIRST_WINDOW };
        self.walk.2
    }
}

impl Storage for RemoteStorage {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StorageError> {
        Ok(Box::new(RemoteSnapshot::new(&self.shared)))
    }

    fn transaction(&self) -> Result<Box<dyn Transaction + '_>, StorageError> {
        if self.is_read_only() {
            return Err(StorageError::ReadOnly { location: self.location() });
        }
        Ok(Box::new(RemoteTransaction::new(&self.shared)))
    }

    fn location(&self) -> String {
        self.shared.connection.location.clone()
    }

    fn is_read_only(&self) -> bool {
        !self.shared.may_write()
    }

    fn evaluator(&self) -> Option<&dyn ReadDocuments> {
        Some(&*self.shared)
    }

    fn extension(&self) -> Option<&(dyn Any + Send + Sync)> {
        Some(&self.peer)
    }

    fn check_structure(&self) -> Result<Vec<String>, StorageError> {
        // The medium is the server's to check.
        Ok(Vec::new())
    }
}

impl Shared {
    pub(super) fn may_write(&self) -> bool {
        self.scope != proto::Scope::Read
    }

    pub(super) fn meta(&self) -> Meta {
        self.meta.clone()
    }
}
