//! Checking the pool: every blob with the chunks that it uses, then the chunks that no blob uses.

use anabranch_model::{BlobId, ChunkId, ContentHash};

use super::scan::{Found, scan};
use super::{BlobFault, ChunkFault, List, ListFault, Phase, Problem, Verifier};
use crate::blob::{BlobLayout, derive_id};
use crate::storage::{BlobRecord, ChunkRef};

/// What the chunks of a blob amount to.
struct Content {
    hash: ContentHash,
    size: u64,
    /// Whether every chunk was there and is what its id says; if not, that was said.
    is_complete: bool,
}

impl Verifier<'_> {
    pub(super) fn verify_blobs(&mut self) {
        let statistics = self.snapshot.statistics().unwrap_or_default();
        let snapshot = self.snapshot;
        self.begin(Phase::Blobs, statistics.blobs);
        scan(
            |place, limit| snapshot.blobs_after(BlobId::from_bytes(place), limit),
            |record| *record.id.as_bytes(),
            |found| match found {
                Found::Entry(record) => self.verify_blob(&record),
                Found::Unreadable(_, place, source) => {
                    let id = BlobId::from_bytes(place);
                    self.blobs.insert(id);
                    self.blob_problem(id, BlobFault::Unreadable { source });
                }
                Found::End(source) => self.list_problem(List::Blobs, ListFault::Unreadable { source }),
                Found::Disorder => self.list_problem(List::Blobs, ListFault::Disorder),
            },
        );
        let unused = statistics.chunks.saturating_sub(self.chunks.len() as u64);
        self.begin(Phase::Chunks, unused);
        scan(
            |place, limit| snapshot.chunks_after(ChunkId::from_bytes(place), limit),
            |chunk| *chunk.id.as_bytes(),
            |found| match found {
                Found::Entry(chunk) => self.verify_unused(chunk.id),
                Found::Unreadable(_, place, source) => {
                    let id = ChunkId::from_bytes(place);
                    self.problem(Problem::Chunk { id, fault: ChunkFault::Unreadable { source } });
                }
                Found::End(source) => self.list_problem(List::Chunks, ListFault::Unreadable { source }),
                Found::Disorder => self.list_problem(List::Chunks, ListFault::Disorder),
            },
        );
    }

    fn blob_problem(&mut self, id: BlobId, fault: BlobFault) {
        self.problem(Problem::Blob { id, fault });
    }

    fn verify_blob(&mut self, record: &BlobRecord) {
        let id = record.id;
        self.report.blobs += 1;
        self.blobs.insert(id);
        match self.snapshot.blob(id) {
            Ok(Some(found)) if found == *record => {}
            // An index that leads elsewhere.
            Ok(_) => self.blob_problem(id, BlobFault::NotFound),
            Err(source) => self.blob_problem(id, BlobFault::Unreadable { source }),
        }
        let content = match self.snapshot.blob_chunks(id) {
            Ok(chunks) => Some(self.read_chunks(id, &chunks)),
            Err(source) => {
                self.blob_problem(id, BlobFault::ChunksUnreadable { source });
                None
            }
        };
        match content {
            Some(content) if content.is_complete => self.verify_content(record, &content),
            // All that can be told is whether the record is of this id.
            _ => {
                let found = derive_id(&record.layout, record.content);
                self.verify_blob_id(record, found);
            }
        }
        self.verify_layout(record);
        self.done();
    }

    fn verify_content(&mut self, record: &BlobRecord, content: &Content) {
        let id = record.id;
        if content.size != record.size {
            self.blob_problem(id, BlobFault::Size { recorded: record.size, found: content.size });
        }
        let found = derive_id(&record.layout, content.hash);
        if content.hash == record.content {
            self.verify_blob_id(record, found);
        } else if found == id {
            self.blob_problem(id, BlobFault::ContentHash);
        } else {
            self.blob_problem(id, BlobFault::Content);
            self.verify_blob_id(record, derive_id(&record.layout, record.content));
        }
    }

    fn verify_blob_id(&mut self, record: &BlobRecord, found: BlobId) {
        if found != record.id {
            self.misnamed_blobs.insert(record.id, found);
            self.blob_problem(record.id, BlobFault::Id { layout: record.layout.clone(), found });
        }
    }

    fn verify_layout(&mut self, record: &BlobRecord) {
        let layout = record.layout.clone();
        match record.layout.parse::<BlobLayout>() {
            Err(_) => self.blob_problem(record.id, BlobFault::Layout { layout }),
            Ok(known) if known.count(record.size).is_err() => {
                self.blob_problem(record.id, BlobFault::Elements { layout, size: record.size });
            }
            Ok(_) => {}
        }
    }

    fn read_chunks(&mut self, blob: BlobId, chunks: &[ChunkRef]) -> Content {
        let mut hasher = ContentHash::hasher();
        let (mut size, mut is_complete) = (0, true);
        for chunk in chunks {
            let bytes = match self.read_chunk(chunk.id) {
                Ok(bytes) => bytes,
                Err(fault) => {
                    is_complete = false;
                    self.blob_problem(blob, fault);
                    continue;
                }
            };
            let found = bytes.len() as u64;
            if found != u64::from(chunk.size) {
                let recorded = u64::from(chunk.size);
                self.blob_problem(blob, BlobFault::ChunkSize { chunk: chunk.id, recorded, found });
            }
            hasher.update(&bytes);
            size += found;
        }
        Content { hash: ContentHash::finish(&hasher), size, is_complete }
    }

    /// The bytes of a chunk that a blob has. What is wrong with the chunk is said once, what that makes of the blob is
    /// answered.
    fn read_chunk(&mut self, chunk: ChunkId) -> Result<Vec<u8>, BlobFault> {
        if self.chunks.get(&chunk) == Some(&false) {
            return Err(BlobFault::DamagedChunk { chunk });
        }
        let bytes = match self.snapshot.chunk(chunk) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(BlobFault::MissingChunk { chunk }),
            Err(source) => {
                self.count_chunk(chunk, 0, Some(ChunkFault::Unreadable { source }));
                return Err(BlobFault::DamagedChunk { chunk });
            }
        };
        self.read(bytes.len());
        if self.chunks.contains_key(&chunk) || self.verify_chunk(chunk, &bytes) {
            Ok(bytes)
        } else {
            Err(BlobFault::DamagedChunk { chunk })
        }
    }

    fn verify_unused(&mut self, id: ChunkId) {
        if self.chunks.contains_key(&id) {
            return;
        }
        match self.snapshot.chunk(id) {
            Ok(Some(bytes)) => {
                self.read(bytes.len());
                self.verify_chunk(id, &bytes);
            }
            Ok(None) => self.count_chunk(id, 0, Some(ChunkFault::NotFound)),
            Err(source) => self.count_chunk(id, 0, Some(ChunkFault::Unreadable { source })),
        }
        self.done();
    }

    /// Whether these bytes are what the id of the chunk says; if not, says so.
    fn verify_chunk(&mut self, id: ChunkId, bytes: &[u8]) -> bool {
        let is_sound = ChunkId::of(bytes) == id;
        self.count_chunk(id, bytes.len(), (!is_sound).then_some(ChunkFault::Bytes));
        is_sound
    }

    fn count_chunk(&mut self, id: ChunkId, size: usize, fault: Option<ChunkFault>) {
        self.report.chunks += 1;
        self.report.chunk_bytes += size as u64;
        self.chunks.insert(id, fault.is_none());
        if let Some(fault) = fault {
            self.problem(Problem::Chunk { id, fault });
        }
    }
}
