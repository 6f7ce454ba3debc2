//! The calls of the contract.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anabranch_engine::Error;
use anabranch_engine::storage::{BlobRecord, Snapshot, StorageError};
use anabranch_model::{BlobId, ChunkId, CommitId};
use tokio::sync::watch;
use tokio_stream::Stream;
use tonic::{Code, Request, Response, Status, Streaming};

use super::access::{Access, Entry};
use super::documents;
use super::metrics::Metrics;
use super::served::{Served, StoreError};
use super::tokens::Scope;
use super::transact;
use super::{Limits, transfer};
use crate::proto::anabranch_server::Anabranch;
use crate::wire::{self, WireError};
use crate::{PROTOCOL, pack, proto};

/// The most rows, ids or names that one answer holds.
const MOST_ROWS: usize = 10_000;
/// About how many bytes of payloads one answer holds.
const ANSWER_BYTES: usize = 1 << 20;
/// How long a stream waits for a caller who does not read on.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

pub(super) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Answers calls.
#[derive(Clone)]
pub(crate) struct Service {
    pub(super) access: Arc<Access>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) limits: Limits,
    /// Becomes true when the server stops.
    pub(super) stopping: watch::Receiver<bool>,
}

/// The answer of an error to a caller: its kind, and what it says.
pub(super) fn refusal(error: &Error) -> Status {
    let code = match error {
        Error::CommitNotFound { .. } | Error::BlobNotFound { .. } | Error::ChunkNotFound { .. } => {
            Code::NotFound
        }
        Error::Storage(StorageError::CommitNotFound { .. } | StorageError::BlobNotFound { .. }) => {
            Code::NotFound
        }
        Error::Storage(StorageError::Locked { .. }) => Code::Unavailable,
        Error::Storage(StorageError::DiskFull { .. }) => Code::ResourceExhausted,
        Error::Storage(StorageError::ReadOnly { .. }) => Code::PermissionDenied,
        Error::Storage(
            StorageError::CommitReferenced { .. }
            | StorageError::BlobReferenced { .. }
            | StorageError::MissingDependency { .. }
            | StorageError::MissingBlob { .. }
            | StorageError::OutOfRange { .. },
        ) => Code::FailedPrecondition,
        Error::Storage(_) => Code::Internal,
        Error::BlobDamaged { .. } | Error::ChunkDamaged { .. } => Code::DataLoss,
        _ => Code::InvalidArgument,
    };
    Status::new(code, error.to_string())
}

impl From<WireError> for Status {
    fn from(error: WireError) -> Self {
        Status::invalid_argument(format!("the message is not as the contract says: {error}"))
    }
}

pub(super) fn storage_refusal(error: StorageError) -> Status {
    refusal(&Error::Storage(error))
}

pub(super) fn store_refusal(error: &StoreError) -> Status {
    match error {
        StoreError::Database(error) => refusal(error),
        StoreError::Stopped => Status::unavailable(error.to_string()),
    }
}

/// A call that is being answered; counts itself when it ends.
pub(super) struct Call {
    method: &'static str,
    started: Instant,
    metrics: Arc<Metrics>,
    code: Code,
}

impl Call {
    pub(super) fn end<T>(mut self, outcome: Result<T, Status>) -> Result<T, Status> {
        self.code = Code::Ok;
        if let Err(status) = &outcome {
            self.code = status.code();
            tracing::debug!(method = self.method, code = ?status.code(), message = status.message(), "refused");
        }
        outcome
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.metrics.count(self.method, self.code, self.started.elapsed());
    }
}

impl Service {
    pub(super) fn begin(&self, method: &'static str) -> Call {
        Call { method, started: Instant::now(), metrics: self.metrics.clone(), code: Code::Cancelled }
    }

    pub(super) fn enter<Q>(&self, request: &Request<Q>, needed: Scope) -> Result<Entry, Status> {
        self.access.enter(request.metadata(), needed)
    }

    /// Answers a call that reads, on a thread that may wait for the disk.
    async fn read<Q: Send + 'static, A: Send + 'static>(
        &self,
        method: &'static str,
        request: Request<Q>,
        answer: impl FnOnce(&Served, Q) -> Result<A, Status> + Send + 'static,
    ) -> Result<Response<A>, Status> {
        let call = self.begin(method);
        let outcome = match self.enter(&request, Scope::Read) {
            Ok(entry) => blocking(move || answer(&entry.served, request.into_inner())).await,
            Err(refused) => Err(refused),
        };
        call.end(outcome).map(Response::new)
    }
}

/// Runs what may wait for the disk.
pub(super) async fn blocking<A: Send + 'static>(
    work: impl FnOnce() -> Result<A, Status> + Send + 'static,
) -> Result<A, Status> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::error!(%error, "a call failed to run");
            Err(Status::internal("the server failed to answer; its log says more"))
        }
    }
}

fn snapshot(served: &Served) -> Result<Box<dyn Snapshot + '_>, Status> {
    served.database.read().map_err(|error| refusal(&error))
}

/// A commit as the caller asked for it.
fn row(
    snapshot: &dyn Snapshot,
    mut commit: proto::Commit,
    id: CommitId,
    payloads: bool,
    blobs: bool,
) -> Result<proto::Commit, Status> {
    if payloads {
        commit.payload = snapshot.payload(id).map_err(storage_refusal)?.map(Into::into);
    }
    if blobs {
        let blobs = snapshot.commit_blobs(id).map_err(storage_refusal)?;
        commit.blobs = blobs.iter().map(|blob| wire::bytes_of(blob.as_bytes())).collect();
    }
    Ok(commit)
}

fn commits(served: &Served, request: &proto::CommitsRequest) -> Result<proto::CommitRows, Status> {
    let snapshot = snapshot(served)?;
    let asked = request.ids.len() + request.limit as usize + request.before as usize;
    if asked > MOST_ROWS {
        return Err(Status::invalid_argument(format!(
            "at most {MOST_ROWS} commits are answered at a time; ask for fewer"
        )));
    }
    let mut rows: Vec<proto::Commit> = Vec::new();
    let mut bytes = 0;
    let mut add = |commit: proto::Commit, id: CommitId, is_extra: bool| -> Result<bool, Status> {
        if is_extra && bytes >= ANSWER_BYTES {
            return Ok(false);
        }
        let row = row(&*snapshot, commit, id, request.payloads, request.blobs)?;
        bytes += 200 + row.payload.as_ref().map_or(0, |payload| payload.len());
        rows.push(row);
        Ok(true)
    };
    for id in &request.ids {
        let id = wire::commit_id(id)?;
        let Some(header) = snapshot.header(id).map_err(storage_refusal)? else { continue };
        let arrival = snapshot.arrival_of(id).map_err(storage_refusal)?.unwrap_or(0);
        add(wire::commit(&header, arrival), id, false)?;
        if request.before > 0 {
            let first = arrival.saturating_sub(u64::from(request.before) + 1);
            let limit = (arrival - 1 - first) as usize;
            let earlier = snapshot.arrivals(first, limit).map_err(storage_refusal)?;
            // The nearest first, for as long as there is room.
            for (arrival, header) in earlier.iter().rev() {
                if !add(wire::commit(header, *arrival), header.id, true)? {
                    break;
                }
            }
        }
    }
    if request.limit > 0 {
        for (arrival, header) in
            snapshot.arrivals(request.after, request.limit as usize).map_err(storage_refusal)?
        {
            if !add(wire::commit(&header, arrival), header.id, true)? {
                break;
            }
        }
    }
    let definitions = snapshot.definition_count().map_err(storage_refusal)?;
    Ok(proto::CommitRows { commits: rows, definitions })
}

/// The commits of these ids that arrived up to a number.
fn rows_up_to(snapshot: &dyn Snapshot, ids: &[CommitId], last: u64) -> Result<proto::CommitIds, Status> {
    let mut commits = Vec::new();
    for id in ids {
        let header = snapshot.header(*id).map_err(storage_refusal)?;
        let arrival = snapshot.arrival_of(*id).map_err(storage_refusal)?;
        if let (Some(header), Some(arrival)) = (header, arrival)
            && arrival <= last
        {
            commits.push(wire::commit(&header, arrival));
        }
    }
    Ok(proto::CommitIds { commits })
}

fn blob_list(
    snapshot: &dyn Snapshot,
    records: Vec<BlobRecord>,
    chunks: bool,
) -> Result<proto::BlobList, Status> {
    let blobs = records
        .iter()
        .map(|record| {
            let chunks =
                if chunks { Some(snapshot.blob_chunks(record.id).map_err(storage_refusal)?) } else { None };
            Ok(wire::blob(record, chunks.as_deref()))
        })
        .collect::<Result<_, Status>>()?;
    Ok(proto::BlobList { blobs })
}

fn page_limit(limit: u32) -> usize {
    (limit as usize).clamp(1, MOST_ROWS)
}

#[tonic::async_trait]
impl Anabranch for Service {
    async fn describe(
        &self,
        request: Request<proto::DescribeRequest>,
    ) -> Result<Response<proto::Description>, Status> {
        let call = self.begin("Describe");
        let authorization = request.metadata().get("authorization").and_then(|text| text.to_str().ok());
        let token = self.access.authenticate(authorization);
        let message_bytes = self.limits.message_bytes as u64;
        let outcome = match (token, self.enter(&request, Scope::Read)) {
            (Ok(token), Ok(Entry { served, scope })) => {
                let databases = self.access.names(token.as_ref());
                blocking(move || {
                    let meta = served.database.meta().map_err(|error| refusal(&error))?;
                    let scope = match scope {
                        Scope::Read => proto::Scope::Read,
                        Scope::Write => proto::Scope::Write,
                        Scope::Admin => proto::Scope::Admin,
                    };
                    Ok(proto::Description {
                        protocol: PROTOCOL,
                        server: concat!("anabranch ", env!("CARGO_PKG_VERSION")).to_owned(),
                        uuid: meta.uuid.as_bytes().to_vec().into(),
                        documentation: meta.documentation,
                        created: meta.created,
                        scope: scope.into(),
                        message_bytes,
                        databases,
                        present: Some(served.present().map_err(|error| refusal(&error))?),
                    })
                })
                .await
            }
            (Err(refused), _) | (_, Err(refused)) => Err(refused),
        };
        call.end(outcome).map(Response::new)
    }

    async fn now(&self, request: Request<proto::NowRequest>) -> Result<Response<proto::Present>, Status> {
        self.read("Now", request, |served, _| served.present().map_err(|error| refusal(&error))).await
    }

    type WatchStream = Answers<proto::Present>;

    async fn watch(
        &self,
        request: Request<proto::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        super::watching::watch(self, request).await
    }

    async fn definitions(
        &self,
        request: Request<proto::DefinitionsRequest>,
    ) -> Result<Response<proto::DefinitionSet>, Status> {
        self.read("Definitions", request, |served, _| {
            let snapshot = snapshot(served)?;
            let ids = snapshot.definition_ids().map_err(storage_refusal)?;
            let definitions = snapshot.definitions().map_err(storage_refusal)?;
            let digest = wire::digest(definitions.iter().map(Vec::as_slice));
            Ok(proto::DefinitionSet {
                digest,
                ids: ids.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
                definitions: definitions.into_iter().map(Into::into).collect(),
            })
        })
        .await
    }

    async fn commits(
        &self,
        request: Request<proto::CommitsRequest>,
    ) -> Result<Response<proto::CommitRows>, Status> {
        self.read("Commits", request, |served, request| commits(served, &request)).await
    }

    async fn relatives(
        &self,
        request: Request<proto::RelativesRequest>,
    ) -> Result<Response<proto::CommitIds>, Status> {
        self.read("Relatives", request, |served, request| {
            let snapshot = snapshot(served)?;
            let id = wire::optional_commit_id(&request.id)?;
            let found = if request.targeting { snapshot.targeting(id) } else { snapshot.children(id) };
            rows_up_to(&*snapshot, &found.map_err(storage_refusal)?, request.last_arrival)
        })
        .await
    }

    async fn prefix(
        &self,
        request: Request<proto::PrefixRequest>,
    ) -> Result<Response<proto::CommitIds>, Status> {
        self.read("Prefix", request, |served, request| {
            let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            if request.digits.len() > 64 || !request.digits.bytes().all(is_digit) {
                return Err(WireError::Text { what: "the start of a commit id" }.into());
            }
            let snapshot = snapshot(served)?;
            let limit = page_limit(request.limit);
            let found = snapshot.commits_with_prefix(&request.digits, limit).map_err(storage_refusal)?;
            rows_up_to(&*snapshot, &found, request.last_arrival)
        })
        .await
    }

    async fn documents(
        &self,
        request: Request<proto::DocumentsRequest>,
    ) -> Result<Response<proto::DocumentValues>, Status> {
        self.read("Documents", request, |served, request| documents::values(served, &request)).await
    }

    type DocumentNamesStream = Answers<proto::DocumentNameList>;

    async fn document_names(
        &self,
        request: Request<proto::DocumentNamesRequest>,
    ) -> Result<Response<Self::DocumentNamesStream>, Status> {
        let lists = self
            .read("DocumentNames", request, |served, request| documents::names(served, &request))
            .await?
            .into_inner();
        Ok(Response::new(Box::pin(tokio_stream::iter(lists.into_iter().map(Ok)))))
    }

    async fn blobs(
        &self,
        request: Request<proto::BlobsRequest>,
    ) -> Result<Response<proto::BlobList>, Status> {
        self.read("Blobs", request, |served, request| {
            let snapshot = snapshot(served)?;
            let mut records = Vec::new();
            for id in request.ids.iter().take(MOST_ROWS) {
                records.extend(snapshot.blob(wire::blob_id(id)?).map_err(storage_refusal)?);
            }
            blob_list(&*snapshot, records, request.chunks)
        })
        .await
    }

    async fn blob_page(
        &self,
        request: Request<proto::PageRequest>,
    ) -> Result<Response<proto::BlobList>, Status> {
        self.read("BlobPage", request, |served, request| {
            let snapshot = snapshot(served)?;
            let after = if request.after.is_empty() { BlobId::ZERO } else { wire::blob_id(&request.after)? };
            let records = snapshot.blobs_after(after, page_limit(request.limit)).map_err(storage_refusal)?;
            blob_list(&*snapshot, records, false)
        })
        .await
    }

    async fn chunk_page(
        &self,
        request: Request<proto::PageRequest>,
    ) -> Result<Response<proto::ChunkList>, Status> {
        self.read("ChunkPage", request, |served, request| {
            let snapshot = snapshot(served)?;
            let after =
                if request.after.is_empty() { ChunkId::ZERO } else { wire::chunk_id(&request.after)? };
            let chunks = snapshot.chunks_after(after, page_limit(request.limit)).map_err(storage_refusal)?;
            Ok(proto::ChunkList { chunks: wire::chunk_ref_bytes(&chunks) })
        })
        .await
    }

    async fn has_chunks(
        &self,
        request: Request<proto::ChunkIds>,
    ) -> Result<Response<proto::Presence>, Status> {
        self.read("HasChunks", request, |served, request| {
            let snapshot = snapshot(served)?;
            let present = wire::chunk_ids(&request.ids)?
                .into_iter()
                .map(|id| snapshot.has_chunk(id).map_err(storage_refusal))
                .collect::<Result<Vec<bool>, Status>>()?;
            Ok(proto::Presence { bits: wire::presence_bits(present) })
        })
        .await
    }

    type ChunksStream = Answers<proto::ChunkBytes>;

    async fn chunks(
        &self,
        request: Request<proto::ChunkIds>,
    ) -> Result<Response<Self::ChunksStream>, Status> {
        let call = self.begin("Chunks");
        let outcome = self.enter(&request, Scope::Read).and_then(|entry| {
            let ids = wire::chunk_ids(&request.get_ref().ids)?;
            Ok(transfer::chunks(entry.served, ids))
        });
        call.end(outcome).map(Response::new)
    }

    async fn transact(
        &self,
        request: Request<Streaming<proto::Change>>,
    ) -> Result<Response<proto::Changed>, Status> {
        let call = self.begin("Transact");
        let outcome = match self.enter(&request, Scope::Write) {
            Ok(entry) => transact::transact(self, entry, request.into_inner()).await,
            Err(refused) => Err(refused),
        };
        call.end(outcome).map(Response::new)
    }

    async fn knows(
        &self,
        request: Request<proto::CommitIdList>,
    ) -> Result<Response<proto::Presence>, Status> {
        self.read("Knows", request, |served, request| {
            let snapshot = snapshot(served)?;
            let known = wire::commit_ids(&request.ids)?
                .into_iter()
                .map(|id| Ok(snapshot.arrival_of(id).map_err(storage_refusal)?.is_some()))
                .collect::<Result<Vec<bool>, Status>>()?;
            Ok(proto::Presence { bits: wire::presence_bits(known) })
        })
        .await
    }

    type FetchStream = Answers<proto::Pack>;

    async fn fetch(
        &self,
        request: Request<proto::FetchRequest>,
    ) -> Result<Response<Self::FetchStream>, Status> {
        let call = self.begin("Fetch");
        let outcome = match self.enter(&request, Scope::Read) {
            Ok(entry) => transfer::fetch(entry.served, request.into_inner()).await,
            Err(refused) => Err(refused),
        };
        call.end(outcome).map(Response::new)
    }

    type MissingStream = Answers<proto::CommitIdList>;

    async fn missing(
        &self,
        request: Request<proto::FetchRequest>,
    ) -> Result<Response<Self::MissingStream>, Status> {
        let missing = self
            .read("Missing", request, |served, request| transfer::missing(served, &request))
            .await?
            .into_inner();
        let lists = missing.chunks(MOST_ROWS).map(|ids| {
            Ok(proto::CommitIdList { ids: wire::concatenated(ids.iter().map(CommitId::as_bytes)) })
        });
        Ok(Response::new(Box::pin(tokio_stream::iter(lists.collect::<Vec<_>>()))))
    }

    async fn weigh(&self, request: Request<proto::CommitIdList>) -> Result<Response<proto::Weight>, Status> {
        self.read("Weigh", request, |served, request| {
            let ids = wire::commit_ids(&request.ids)?;
            let weight = served.database.weigh(&ids).map_err(|error| refusal(&error))?;
            let blobs = wire::concatenated(weight.blobs.iter().map(BlobId::as_bytes));
            Ok(proto::Weight { payload_bytes: weight.payload_bytes, blobs })
        })
        .await
    }

    async fn push(&self, request: Request<proto::Pack>) -> Result<Response<proto::Pushed>, Status> {
        let call = self.begin("Push");
        let outcome = match self.enter(&request, Scope::Write) {
            Ok(entry) => self.take(entry.served, request.into_inner()).await,
            Err(refused) => Err(refused),
        };
        call.end(outcome).map(Response::new)
    }
}

impl Service {
    async fn take(&self, served: Arc<Served>, pack: proto::Pack) -> Result<proto::Pushed, Status> {
        let most = self.limits.unpacked_bytes;
        let commits = blocking(move || Ok(pack::decode(&pack, most)?)).await?;
        let added = served.store(commits).await.map_err(|error| store_refusal(&error))?.len();
        self.metrics.commits.fetch_add(added as u64, Ordering::Relaxed);
        blocking(move || {
            let data_version = served.database.data_version().map_err(|error| refusal(&error))?;
            let added = u32::try_from(added).unwrap_or(u32::MAX);
            Ok(proto::Pushed { added, data_version })
        })
        .await
    }
}
