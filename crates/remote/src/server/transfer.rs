//! What goes to a caller in streams: packs of commits, and chunks. A stream reads on only as its caller does.

use std::sync::Arc;

use anabranch_engine::graph;
use anabranch_engine::{Error, PackedCommit};
use anabranch_model::{ChunkId, CommitId};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::served::Served;
use super::service::{Answers, PATIENCE, blocking, refusal, storage_refusal};
use crate::{pack, proto, wire};

/// How many commits one pack holds at most.
const COMMITS_IN_PACK: usize = 4096;
/// About how many bytes of payloads one pack holds.
const BYTES_IN_PACK: u64 = 4 << 20;
/// How many chunks are read at a time.
const CHUNKS_AT_A_TIME: usize = 8;

/// The commits that a caller lacks who has all that these depend on.
pub(super) fn missing(served: &Served, request: &proto::FetchRequest) -> Result<Vec<CommitId>, Status> {
    let common = wire::commit_ids(&request.common)?;
    let snapshot = served.database.read().map_err(|error| refusal(&error))?;
    let heads = snapshot.heads().map_err(storage_refusal)?;
    graph::difference(&*snapshot, &heads, &common).map_err(storage_refusal)
}

/// Those commits, in packs.
pub(super) async fn fetch(
    served: Arc<Served>,
    request: proto::FetchRequest,
) -> Result<Answers<proto::Pack>, Status> {
    let of = served.clone();
    let ids = blocking(move || missing(&of, &request)).await?;
    let (packs, answers) = mpsc::channel(1);
    tokio::spawn(async move {
        let expected = ids.len() as u64;
        let mut rest: Arc<[CommitId]> = ids.into();
        let mut is_first = true;
        while is_first || !rest.is_empty() {
            let (of, ids) = (served.clone(), rest.clone());
            let made = blocking(move || next_pack(&of, &ids, if is_first { expected } else { 0 })).await;
            is_first = false;
            let is_end = match &made {
                Ok((_, taken)) => {
                    rest = rest.get(*taken..).unwrap_or_default().into();
                    false
                }
                Err(_) => true,
            };
            let sent = timeout(PATIENCE, packs.send(made.map(|(pack, _)| pack))).await;
            if is_end || !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
    });
    Ok(Box::pin(ReceiverStream::new(answers)))
}

/// A pack of the first of these commits, and how many they are.
fn next_pack(served: &Served, ids: &[CommitId], expected: u64) -> Result<(proto::Pack, usize), Status> {
    let mut commits: Vec<PackedCommit> = Vec::new();
    let mut bytes = 0;
    // In steps, so that what does not fit any more was not read in vain.
    for step in ids[..ids.len().min(COMMITS_IN_PACK)].chunks(256) {
        let step = served.database.pack(step).map_err(|error| refusal(&error))?;
        for commit in step {
            bytes += commit.payload.len() as u64;
            if bytes > BYTES_IN_PACK && !commits.is_empty() {
                let taken = commits.len();
                return Ok((pack::encode(&commits, expected), taken));
            }
            commits.push(commit);
        }
    }
    let taken = commits.len();
    Ok((pack::encode(&commits, expected), taken))
}

/// The bytes of chunks, in order.
pub(super) fn chunks(served: Arc<Served>, ids: Vec<ChunkId>) -> Answers<proto::ChunkBytes> {
    let (chunks, answers) = mpsc::channel(CHUNKS_AT_A_TIME);
    tokio::spawn(async move {
        for ids in ids.chunks(CHUNKS_AT_A_TIME) {
            let (of, ids) = (served.clone(), ids.to_vec());
            let read = blocking(move || read_chunks(&of, &ids)).await;
            let answers = match read {
                Ok(read) => read.into_iter().map(Ok).collect(),
                Err(refused) => vec![Err(refused)],
            };
            for answer in answers {
                let is_end = answer.is_err();
                let sent = timeout(PATIENCE, chunks.send(answer)).await;
                if is_end || !matches!(sent, Ok(Ok(()))) {
                    return;
                }
            }
        }
    });
    Box::pin(ReceiverStream::new(answers))
}

/// Not checked against their ids: whoever gets them does.
fn read_chunks(served: &Served, ids: &[ChunkId]) -> Result<Vec<proto::ChunkBytes>, Status> {
    let snapshot = served.database.read().map_err(|error| refusal(&error))?;
    ids.iter()
        .map(|id| {
            let bytes = snapshot.chunk(*id).map_err(storage_refusal)?;
            let bytes = bytes.ok_or_else(|| refusal(&Error::ChunkNotFound { id: *id }))?;
            Ok(proto::ChunkBytes { bytes: bytes.into() })
        })
        .collect()
}
