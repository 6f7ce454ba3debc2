//! What callers write. Everything goes through the checks of the engine; what a message says is believed of nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anabranch_engine::{Database, PackedBlob, PackedChunk, PackedCommit};
use anabranch_model::{ChunkId, CommitId, Definitions};
use tokio::time::timeout;
use tonic::{Status, Streaming};

use super::access::Entry;
use super::served::Served;
use super::service::{PATIENCE, Service, blocking, refusal, storage_refusal, store_refusal};
use super::tokens::Scope;
use crate::proto::change::Change;
use crate::wire::{self, WireError};
use crate::{pack, proto};

/// How many bytes of chunks are kept before they are stored. Chunks that no blob uses yet are nobody's harm.
const BATCH: usize = 16 << 20;
/// The most commits, blobs and definitions of one call together.
const MOST_PARTS: usize = 100_000;

/// What a call brought so far.
#[derive(Default)]
struct Arrived {
    definitions: Vec<Vec<u8>>,
    chunks: Vec<PackedChunk>,
    chunk_bytes: usize,
    blobs: Vec<PackedBlob>,
    commits: Vec<PackedCommit>,
    commit_bytes: u64,
    deleted_commits: Vec<CommitId>,
    deleted_blobs: Vec<anabranch_model::BlobId>,
    synchronised: bool,
}

pub(super) async fn transact(
    service: &Service,
    entry: Entry,
    mut changes: Streaming<proto::Change>,
) -> Result<proto::Changed, Status> {
    let Entry { served, scope } = entry;
    let mut arrived = Arrived::default();
    let mut parts = 0;
    loop {
        let next = timeout(PATIENCE, changes.message()).await;
        let next = next.map_err(|_| {
            Status::deadline_exceeded("the rest of the call did not come in time; send it again")
        })?;
        let Some(change) = next? else { break };
        parts += 1;
        let Some(change) = change.change else { continue };
        match change {
            Change::Definition(definition) => {
                if wire::digest([&definition.stored[..]]) != definition.digest {
                    return Err(WireError::Text { what: "a definition" }.into());
                }
                arrived.definitions.push(definition.stored.into());
            }
            Change::Chunk(bytes) => {
                parts -= 1;
                let bytes: Vec<u8> = bytes.into();
                arrived.chunk_bytes += bytes.len();
                arrived.chunks.push(PackedChunk { id: ChunkId::of(&bytes), bytes });
                if arrived.chunk_bytes >= BATCH {
                    arrived.chunk_bytes = 0;
                    let (of, chunks) = (served.clone(), std::mem::take(&mut arrived.chunks));
                    blocking(move || store_blobs(&of.database, &chunks, &[])).await?;
                }
            }
            Change::Blob(blob) => arrived.blobs.push(wire::packed_blob(&blob)?),
            Change::Commits(commits) => {
                let most = service.limits.unpacked_bytes.saturating_sub(arrived.commit_bytes);
                let commits = blocking(move || Ok(pack::decode(&commits, most)?)).await?;
                arrived.commit_bytes += commits.iter().map(|c| c.payload.len() as u64).sum::<u64>();
                parts += commits.len();
                arrived.commits.extend(commits);
            }
            Change::DeleteCommit(id) => arrived.deleted_commits.push(wire::commit_id(&id)?),
            Change::DeleteBlob(id) => arrived.deleted_blobs.push(wire::blob_id(&id)?),
            Change::Synchronised(synchronised) => arrived.synchronised |= synchronised,
        }
        if parts > MOST_PARTS || arrived.commit_bytes > service.limits.unpacked_bytes {
            return Err(Status::resource_exhausted(format!(
                "a call adds at most {MOST_PARTS} things and {} bytes of commits; send it in parts",
                service.limits.unpacked_bytes
            )));
        }
    }
    if scope < Scope::Admin && !(arrived.deleted_commits.is_empty() && arrived.deleted_blobs.is_empty()) {
        return Err(Status::permission_denied(format!(
            "the token allows to {scope}, removing takes admin; ask for one that allows it"
        )));
    }
    carry_out(service, served, arrived).await
}

async fn carry_out(
    service: &Service,
    served: Arc<Served>,
    mut arrived: Arrived,
) -> Result<proto::Changed, Status> {
    let commits = std::mem::take(&mut arrived.commits);
    let of = served.clone();
    let is_simple = arrived.definitions.is_empty()
        && arrived.chunks.is_empty()
        && arrived.blobs.is_empty()
        && arrived.deleted_commits.is_empty()
        && arrived.deleted_blobs.is_empty()
        && !arrived.synchronised;
    let mut added_blobs = 0;
    if !is_simple {
        added_blobs = blocking(move || {
            let added = additions(&of.database, &arrived)?;
            removals(&of.database, &arrived)?;
            of.notify();
            Ok(u32::try_from(added).unwrap_or(u32::MAX))
        })
        .await?;
    }
    let ids: Vec<CommitId> = commits.iter().map(|commit| commit.id).collect();
    if !commits.is_empty() {
        let added = served.store(commits).await.map_err(|error| store_refusal(&error))?.len();
        service.metrics.commits.fetch_add(added as u64, Ordering::Relaxed);
    }
    blocking(move || {
        let snapshot = served.database.read().map_err(|error| refusal(&error))?;
        let mut rows: HashMap<CommitId, proto::Commit> = HashMap::new();
        for id in &ids {
            let header = snapshot.header(*id).map_err(storage_refusal)?;
            let arrival = snapshot.arrival_of(*id).map_err(storage_refusal)?;
            if let (Some(header), Some(arrival)) = (header, arrival) {
                rows.insert(*id, wire::commit(&header, arrival));
            }
        }
        drop(snapshot);
        let commits = ids.iter().filter_map(|id| rows.remove(id)).collect();
        let present = Some(served.present().map_err(|error| refusal(&error))?);
        Ok(proto::Changed { commits, present, added_blobs })
    })
    .await
}

fn store_blobs(database: &Database, chunks: &[PackedChunk], blobs: &[PackedBlob]) -> Result<usize, Status> {
    database.receive_blobs(chunks, blobs).map_err(|error| refusal(&error))
}

/// Definitions first, as commits need them; then blobs, as commits refer to them. Answers how many blobs are new.
fn additions(database: &Database, arrived: &Arrived) -> Result<usize, Status> {
    let mut added = 0;
    if !arrived.definitions.is_empty() {
        let snapshot = database.read().map_err(|error| refusal(&error))?;
        let mut all = snapshot.definitions().map_err(storage_refusal)?;
        drop(snapshot);
        let present: std::collections::HashSet<Vec<u8>> = all.iter().cloned().collect();
        all.extend(arrived.definitions.iter().filter(|stored| !present.contains(*stored)).cloned());
        let definitions = Definitions::decode(all).map_err(|error| refusal(&error.into()))?;
        database.extend_definitions(&definitions).map_err(|error| refusal(&error))?;
    }
    if !arrived.chunks.is_empty() || !arrived.blobs.is_empty() {
        added = store_blobs(database, &arrived.chunks, &arrived.blobs)?;
    }
    if arrived.synchronised {
        database.mark_synchronised().map_err(|error| refusal(&error))?;
    }
    Ok(added)
}

fn removals(database: &Database, arrived: &Arrived) -> Result<(), Status> {
    for id in &arrived.deleted_commits {
        // Whether a synchronised database may lose a commit is the caller's to have asked.
        database.delete_commit(*id, true).map_err(|error| refusal(&error))?;
    }
    if !arrived.deleted_blobs.is_empty() {
        return Err(Status::unimplemented("blobs are collected where the file is; run `anabranch gc` there"));
    }
    Ok(())
}
