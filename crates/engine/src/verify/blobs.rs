//! Checking the pool: every blob with the chunks that it uses, then the chunks that no blob uses.
//!
//! Chunks are read and hashed by all cores. What is found is taken in the order of the ids, so that two checks of the same
//! database say the same.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use anabranch_model::{BlobId, ChunkId, ContentHash};

use super::scan::{Found, scan};
use super::{BlobFault, ChunkFault, List, ListFault, Phase, Problem, Verifier};
use crate::blob::{BlobLayout, derive_id};
use crate::storage::{BlobRecord, ChunkRef, Snapshot};

/// What is known of chunks, shared by all who check them.
#[derive(Default)]
pub(super) struct Pool {
    /// Those that are what their ids say.
    sound: Mutex<HashSet<ChunkId>>,
    /// Bytes that were read, in all phases.
    bytes: AtomicU64,
}

impl Pool {
    fn is_sound(&self, id: ChunkId) -> bool {
        // A set of ids is whole whatever happened to who added to it.
        self.sound.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    /// Notes that a chunk is sound. Answers whether that is news.
    fn add(&self, id: ChunkId) -> bool {
        self.sound.lock().unwrap_or_else(PoisonError::into_inner).insert(id)
    }

    pub(super) fn read(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Something to check, or something that was found on the way to it.
enum Task {
    Blob(BlobRecord),
    Chunk(ChunkId),
    UnreadableBlob(BlobId, Problem),
    Problem(Problem),
}

/// What was found.
#[derive(Default)]
struct Finding {
    /// The blob that was looked at, if it was one, whatever is wrong with it.
    blob: Option<BlobId>,
    /// Whether it was checked, and counts.
    is_checked: bool,
    /// The id that it should have.
    proper: Option<BlobId>,
    problems: Vec<Problem>,
    /// The sound chunks that were not known to be, and their bytes.
    chunks: u64,
    chunk_bytes: u64,
    /// The chunks that are not, with their sizes. Each is to be told of once, before the blob that has it.
    damaged: Vec<(ChunkId, usize, ChunkFault)>,
}

impl Finding {
    fn blob_problem(&mut self, id: BlobId, fault: BlobFault) {
        self.problems.push(Problem::Blob { id, fault });
    }
}

/// What the chunks of a blob amount to.
struct Content {
    hash: ContentHash,
    size: u64,
    /// Whether every chunk was there and is what its id says; if not, that was said.
    is_complete: bool,
}

impl Verifier<'_> {
    pub(super) fn verify_blobs(&mut self) {
        let snapshot = self.snapshot;
        let statistics = snapshot.statistics().unwrap_or_default();
        self.begin(Phase::Blobs, statistics.blobs);
        self.check(|give| {
            scan(
                |place, limit| snapshot.blobs_after(BlobId::from_bytes(place), limit),
                |record| *record.id.as_bytes(),
                |found| {
                    give(match found {
                        Found::Entry(record) => Task::Blob(record),
                        Found::Unreadable(_, place, source) => {
                            let id = BlobId::from_bytes(place);
                            let fault = BlobFault::Unreadable { source };
                            Task::UnreadableBlob(id, Problem::Blob { id, fault })
                        }
                        Found::End(source) => list_problem(List::Blobs, ListFault::Unreadable { source }),
                        Found::Disorder => list_problem(List::Blobs, ListFault::Disorder),
                    });
                },
            );
        });
        self.begin(Phase::Chunks, statistics.chunks.saturating_sub(self.report.chunks));
        let damaged = self.damaged.clone();
        let pool = self.pool;
        self.check(|give| {
            scan(
                |place, limit| snapshot.chunks_after(ChunkId::from_bytes(place), limit),
                |chunk| *chunk.id.as_bytes(),
                |found| match found {
                    Found::Entry(chunk) if pool.is_sound(chunk.id) || damaged.contains(&chunk.id) => {}
                    Found::Entry(chunk) => give(Task::Chunk(chunk.id)),
                    Found::Unreadable(_, place, source) => {
                        let (id, fault) = (ChunkId::from_bytes(place), ChunkFault::Unreadable { source });
                        give(Task::Problem(Problem::Chunk { id, fault }));
                    }
                    Found::End(source) => give(list_problem(List::Chunks, ListFault::Unreadable { source })),
                    Found::Disorder => give(list_problem(List::Chunks, ListFault::Disorder)),
                },
            );
        });
    }

    /// Has all cores check what `feed` gives, and takes what they find.
    fn check(&mut self, feed: impl FnOnce(&mut dyn FnMut(Task))) {
        let (snapshot, pool) = (self.snapshot, self.pool);
        let mut crew = std::mem::take(&mut self.crew);
        crew.run(
            snapshot,
            |snapshot, task| perform(snapshot, pool, task),
            feed,
            |finding| match finding {
                Some(finding) => self.take(finding),
                None => self.tick(),
            },
        );
        self.crew = crew;
    }

    fn take(&mut self, finding: Finding) {
        self.report.chunks += finding.chunks;
        self.report.chunk_bytes += finding.chunk_bytes;
        for (id, size, fault) in finding.damaged {
            if self.damaged.insert(id) {
                self.report.chunks += 1;
                self.report.chunk_bytes += size as u64;
                self.problem(Problem::Chunk { id, fault });
            }
        }
        self.report.problems.extend(finding.problems);
        if let Some(id) = finding.blob {
            self.blobs.insert(id);
            self.report.blobs += u64::from(finding.is_checked);
            if let Some(proper) = finding.proper {
                self.misnamed_blobs.insert(id, proper);
            }
        }
        if finding.is_checked {
            self.done();
        }
    }
}

fn list_problem(list: List, fault: ListFault) -> Task {
    Task::Problem(Problem::List { list, fault })
}

/// Checks one thing.
fn perform(snapshot: &dyn Snapshot, pool: &Pool, task: Task) -> Finding {
    let mut finding = Finding::default();
    match task {
        Task::Blob(record) => {
            (finding.blob, finding.is_checked) = (Some(record.id), true);
            check_blob(snapshot, pool, &record, &mut finding);
        }
        Task::Chunk(id) => {
            finding.is_checked = true;
            if let Err(ChunkFailure::Missing) = read_chunk(snapshot, pool, id, &mut finding) {
                finding.damaged.push((id, 0, ChunkFault::NotFound));
            }
        }
        Task::UnreadableBlob(id, problem) => {
            finding.blob = Some(id);
            finding.problems.push(problem);
        }
        Task::Problem(problem) => finding.problems.push(problem),
    }
    finding
}

fn check_blob(snapshot: &dyn Snapshot, pool: &Pool, record: &BlobRecord, finding: &mut Finding) {
    let id = record.id;
    match snapshot.blob(id) {
        Ok(Some(found)) if found == *record => {}
        // An index that leads elsewhere.
        Ok(_) => finding.blob_problem(id, BlobFault::NotFound),
        Err(source) => finding.blob_problem(id, BlobFault::Unreadable { source }),
    }
    let content = match snapshot.blob_chunks(id) {
        Ok(chunks) => Some(read_chunks(snapshot, pool, id, &chunks, finding)),
        Err(source) => {
            finding.blob_problem(id, BlobFault::ChunksUnreadable { source });
            None
        }
    };
    match content {
        Some(content) if content.is_complete => check_content(record, &content, finding),
        // All that can be told is whether the record is of this id.
        _ => check_id(record, derive_id(&record.layout, record.content), finding),
    }
    let layout = record.layout.clone();
    match record.layout.parse::<BlobLayout>() {
        Err(_) => finding.blob_problem(id, BlobFault::Layout { layout }),
        Ok(known) if known.count(record.size).is_err() => {
            finding.blob_problem(id, BlobFault::Elements { layout, size: record.size });
        }
        Ok(_) => {}
    }
}

fn check_content(record: &BlobRecord, content: &Content, finding: &mut Finding) {
    let id = record.id;
    if content.size != record.size {
        finding.blob_problem(id, BlobFault::Size { recorded: record.size, found: content.size });
    }
    let found = derive_id(&record.layout, content.hash);
    if content.hash == record.content {
        check_id(record, found, finding);
    } else if found == id {
        finding.blob_problem(id, BlobFault::ContentHash);
    } else {
        finding.blob_problem(id, BlobFault::Content);
        check_id(record, derive_id(&record.layout, record.content), finding);
    }
}

fn check_id(record: &BlobRecord, found: BlobId, finding: &mut Finding) {
    if found != record.id {
        finding.proper = Some(found);
        finding.blob_problem(record.id, BlobFault::Id { layout: record.layout.clone(), found });
    }
}

fn read_chunks(
    snapshot: &dyn Snapshot,
    pool: &Pool,
    blob: BlobId,
    chunks: &[ChunkRef],
    finding: &mut Finding,
) -> Content {
    let mut hasher = ContentHash::hasher();
    let (mut size, mut is_complete) = (0, true);
    for ChunkRef { id: chunk, size: recorded } in chunks.iter().copied() {
        let bytes = match read_chunk(snapshot, pool, chunk, finding) {
            Ok(bytes) => bytes,
            Err(failure) => {
                is_complete = false;
                finding.blob_problem(
                    blob,
                    match failure {
                        ChunkFailure::Missing => BlobFault::MissingChunk { chunk },
                        ChunkFailure::Damaged => BlobFault::DamagedChunk { chunk },
                    },
                );
                continue;
            }
        };
        let (found, recorded) = (bytes.len() as u64, u64::from(recorded));
        if found != recorded {
            finding.blob_problem(blob, BlobFault::ChunkSize { chunk, recorded, found });
        }
        hasher.update(&bytes);
        size += found;
    }
    Content { hash: ContentHash::finish(&hasher), size, is_complete }
}

/// Why the bytes of a chunk are not to be had.
enum ChunkFailure {
    /// There is no such chunk.
    Missing,
    /// There is, but not what its id says. That was noted.
    Damaged,
}

/// The bytes of a chunk, if they are what its id says.
fn read_chunk(
    snapshot: &dyn Snapshot,
    pool: &Pool,
    id: ChunkId,
    finding: &mut Finding,
) -> Result<Vec<u8>, ChunkFailure> {
    let bytes = match snapshot.chunk(id) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(ChunkFailure::Missing),
        Err(source) => {
            finding.damaged.push((id, 0, ChunkFault::Unreadable { source }));
            return Err(ChunkFailure::Damaged);
        }
    };
    pool.read(bytes.len());
    if pool.is_sound(id) {
        return Ok(bytes);
    }
    if ChunkId::of(&bytes) != id {
        finding.damaged.push((id, bytes.len(), ChunkFault::Bytes));
        return Err(ChunkFailure::Damaged);
    }
    if pool.add(id) {
        finding.chunks += 1;
        finding.chunk_bytes += bytes.len() as u64;
    }
    Ok(bytes)
}
