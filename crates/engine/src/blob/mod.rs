//! The pool of blobs: immutable bytes of any size, named by what they are (`spec/semantics.md` §5).
//!
//! A blob is stored as a list of chunks, which are named by their bytes and shared between blobs. Its id follows from its
//! layout and the hash of its content alone, so that a database may cut and send it as it likes.
//!
//! The rule for writing: hashing and cutting happen before a transaction is opened; chunks come first, in transactions
//! of bounded size; the blob itself comes last, together with the last of them. Whoever stops in between leaves chunks
//! that no blob uses, never a blob that lacks some. Such chunks are claimed, with the time, so that a collection leaves
//! them to those who are still at it. The rule for reading: no byte is handed out whose chunk was not
//! checked against its name.

mod array;
mod chunking;
mod collect;
mod element;
mod layout;
mod pack;
mod reader;
mod statistics;
mod transfer;
mod view;
mod writer;

use std::collections::HashSet;
use std::io;

use anabranch_model::codec::Writer;
use anabranch_model::{BlobId, ChunkId, ContentHash};

pub use array::BlobArray;
pub use collect::{GarbageReport, GcOptions};
pub use element::BlobElement;
pub use layout::{BlobLayout, ElementType};
pub use pack::{BlobPack, BlobPackDescriptor, BlobPackError, BlobPackReader, BlobRegion};
pub use reader::BlobReader;
pub use statistics::BlobStatistics;
pub use transfer::{PackedBlob, PackedChunk};
pub use view::{BlobView, BlobViewError};
pub use writer::BlobWriter;

use crate::database::{Database, now};
use crate::error::Error;
use crate::storage::{BlobRecord, ChunkRef, Snapshot, StorageError, Transaction};
use chunking::Piece;

/// How many bytes of chunks one transaction holds at most, and a stream keeps in memory.
pub(crate) const BATCH: usize = 16 << 20;

/// How many blobs are listed at a time.
const PAGE: usize = 1024;

/// The id of the blob that has this content under this layout: the hash of the canonical encoding of both.
pub(crate) fn derive_id(layout: &str, content: ContentHash) -> BlobId {
    let mut writer = Writer::new();
    writer.array(2);
    writer.text(layout);
    writer.bytes(content.as_bytes());
    BlobId::of(&writer.into_bytes())
}

/// The record of a content that is to be stored now.
///
/// # Errors
/// When it is not a whole number of the layout's elements.
fn record_of(layout: BlobLayout, content: ContentHash, size: u64) -> Result<BlobRecord, Error> {
    layout.count(size)?;
    let layout = layout.to_string();
    Ok(BlobRecord { id: derive_id(&layout, content), layout, content, size, created: now() })
}

/// A blob in one piece of memory, named and cut, ready to be stored.
struct Prepared<'b> {
    record: BlobRecord,
    bytes: &'b [u8],
    pieces: Vec<Piece>,
}

impl<'b> Prepared<'b> {
    fn new(record: BlobRecord, bytes: &'b [u8]) -> Self {
        Self { record, bytes, pieces: chunking::cut_all(bytes) }
    }
}

/// Chunks that are to be stored, compared with what is stored under their names.
struct Batch<'b> {
    bytes: &'b [u8],
    pieces: &'b [Piece],
    /// Whether all are here, damaged or not.
    is_here: bool,
    /// Those that are here with other bytes: with the right ones at hand is the moment to mend them.
    damaged: HashSet<ChunkId>,
}

impl<'b> Batch<'b> {
    fn compare(
        database: &Database,
        snapshot: &dyn Snapshot,
        bytes: &'b [u8],
        pieces: &'b [Piece],
    ) -> Result<Self, Error> {
        let mut batch = Self { bytes, pieces, is_here: true, damaged: HashSet::new() };
        if database.storage().evaluator().is_some() {
            // Elsewhere, comparing would mean to fetch; mending is for those who have the medium.
            batch.is_here = false;
            return Ok(batch);
        }
        for piece in pieces {
            let id = piece.chunk.id;
            match snapshot.chunk(id) {
                Ok(Some(stored)) if stored == bytes[piece.range.clone()] => {}
                Ok(None) => batch.is_here = false,
                Ok(Some(_)) | Err(StorageError::Corrupt { .. }) => drop(batch.damaged.insert(id)),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(batch)
    }

    /// Adds the chunks that are not here, and mends those that are damaged.
    fn put(&self, transaction: &mut dyn Transaction) -> Result<(), Error> {
        for piece in self.pieces {
            let bytes = &self.bytes[piece.range.clone()];
            if !transaction.put_chunk(piece.chunk.id, bytes)? && self.damaged.contains(&piece.chunk.id) {
                transaction.replace_chunk(piece.chunk.id, bytes)?;
            }
        }
        Ok(())
    }

    /// Mends what is damaged, where anything is.
    fn mend(&self, database: &Database) -> Result<(), Error> {
        if self.damaged.is_empty() {
            return Ok(());
        }
        let mut transaction = database.write()?;
        self.put(&mut *transaction)?;
        Ok(transaction.commit()?)
    }
}

/// Adds chunks in a transaction of their own, and claims them for a blob that is yet to come.
fn store_chunks(database: &Database, bytes: &[u8], pieces: &[Piece]) -> Result<(), Error> {
    let batch = Batch::compare(database, &*database.read()?, bytes, pieces)?;
    let mut transaction = database.write()?;
    batch.put(&mut *transaction)?;
    let ids: Vec<ChunkId> = pieces.iter().map(|piece| piece.chunk.id).collect();
    transaction.claim_chunks(&ids, now())?;
    Ok(transaction.commit()?)
}

/// Adds a blob whose chunks are here. One that is here already is new again to those who collect garbage.
fn put_blob(
    transaction: &mut dyn Transaction,
    record: &BlobRecord,
    chunks: &[ChunkRef],
) -> Result<bool, Error> {
    let is_new = transaction.put_blob(record, chunks)?;
    if !is_new {
        transaction.renew_blob(record.id, record.created)?;
    }
    Ok(is_new)
}

/// Whether a blob is here and stays: because a commit refers to it, or because nothing can be removed here.
fn is_kept(database: &Database, snapshot: &dyn Snapshot, id: BlobId) -> Result<bool, Error> {
    Ok(snapshot.is_blob_referenced(id)? || (database.is_read_only() && snapshot.blob(id)?.is_some()))
}

/// The record and the chunks of a blob, whose sizes give its size.
fn lookup(snapshot: &dyn Snapshot, id: BlobId) -> Result<(BlobRecord, Vec<ChunkRef>), Error> {
    let record = snapshot.blob(id)?.ok_or(Error::BlobNotFound { id })?;
    let chunks = snapshot.blob_chunks(id)?;
    if size_of(&chunks) != record.size {
        return Err(Error::BlobDamaged { id, reason: "its chunks do not give its size" });
    }
    Ok((record, chunks))
}

/// What a [`BlobReader`] says when it fails.
fn read_error(error: io::Error) -> Error {
    error.downcast().unwrap_or_else(Error::Read)
}

/// The bytes in chunks together.
fn size_of(chunks: &[ChunkRef]) -> u64 {
    chunks.iter().map(|chunk| u64::from(chunk.size)).sum()
}

/// The bytes of a chunk of a blob, checked against its name.
fn read_chunk(snapshot: &dyn Snapshot, blob: BlobId, chunk: ChunkRef) -> Result<Vec<u8>, Error> {
    let damaged = |reason| Error::BlobDamaged { id: blob, reason };
    let bytes = snapshot.chunk(chunk.id)?.ok_or_else(|| damaged("one of its chunks is missing"))?;
    if bytes.len() as u64 != u64::from(chunk.size) || ChunkId::of(&bytes) != chunk.id {
        return Err(damaged("one of its chunks is not what its id says"));
    }
    Ok(bytes)
}

impl Database {
    /// Stores a blob. Creating one that exists answers the same id; what of it was damaged is mended.
    ///
    /// # Errors
    /// When the bytes are not a whole number of the layout's elements, or the storage fails.
    pub fn create_blob(&self, layout: BlobLayout, bytes: &[u8]) -> Result<BlobId, Error> {
        let record = record_of(layout, ContentHash::of(bytes), bytes.len() as u64)?;
        let Prepared { record, pieces, .. } = Prepared::new(record, bytes);
        let batch_of = |piece: &Piece| piece.range.start / BATCH;
        let mut batches: Vec<&[Piece]> = pieces.chunk_by(|a, b| batch_of(a) == batch_of(b)).collect();
        let is_kept = is_kept(self, &*self.read()?, record.id)?;
        // The last batch, the only one of most blobs, goes with the blob itself.
        let last = batches.pop().unwrap_or_default();
        for batch in batches {
            if is_kept {
                Batch::compare(self, &*self.read()?, bytes, batch)?.mend(self)?;
            } else {
                store_chunks(self, bytes, batch)?;
            }
        }
        let last = Batch::compare(self, &*self.read()?, bytes, last)?;
        if is_kept {
            last.mend(self)?;
            return Ok(record.id);
        }
        let chunks: Vec<ChunkRef> = pieces.iter().map(|piece| piece.chunk).collect();
        let mut transaction = self.write()?;
        last.put(&mut *transaction)?;
        put_blob(&mut *transaction, &record, &chunks)?;
        transaction.commit()?;
        Ok(record.id)
    }

    /// Stores several blobs, all of them or none, and answers their ids in the same order.
    ///
    /// One transaction for many small blobs is far quicker than one for each.
    ///
    /// # Errors
    /// When one is not a whole number of its layout's elements, or the storage fails.
    pub fn create_blobs<B: AsRef<[u8]>>(
        &self,
        blobs: impl IntoIterator<Item = (BlobLayout, B)>,
    ) -> Result<Vec<BlobId>, Error> {
        let blobs: Vec<(BlobLayout, B)> = blobs.into_iter().collect();
        let mut prepared = Vec::with_capacity(blobs.len());
        for (layout, bytes) in &blobs {
            let bytes = bytes.as_ref();
            let record = record_of(*layout, ContentHash::of(bytes), bytes.len() as u64)?;
            prepared.push(Prepared::new(record, bytes));
        }
        let snapshot = self.read()?;
        let mut changed = Vec::new();
        for blob in &prepared {
            let batch = Batch::compare(self, &*snapshot, blob.bytes, &blob.pieces)?;
            let is_kept = is_kept(self, &*snapshot, blob.record.id)?;
            if !is_kept || !batch.damaged.is_empty() {
                changed.push((blob, batch, is_kept));
            }
        }
        drop(snapshot);
        if !changed.is_empty() {
            let mut transaction = self.write()?;
            for (blob, batch, is_kept) in &changed {
                batch.put(&mut *transaction)?;
                if !is_kept {
                    let chunks: Vec<ChunkRef> = blob.pieces.iter().map(|piece| piece.chunk).collect();
                    put_blob(&mut *transaction, &blob.record, &chunks)?;
                }
            }
            transaction.commit()?;
        }
        Ok(prepared.iter().map(|blob| blob.record.id).collect())
    }

    /// Stores what a reader gives, in memory that does not grow with it.
    ///
    /// # Errors
    /// When reading fails, what was read is not a whole number of the layout's elements, or the storage fails. No blob is
    /// stored then, but chunks of it may be, which the next collection removes and the next attempt finds there.
    pub fn create_blob_from_reader(
        &self,
        layout: BlobLayout,
        mut reader: impl io::Read,
    ) -> Result<BlobId, Error> {
        let mut writer = self.blob_writer(layout);
        writer.read_from(&mut reader)?;
        writer.finish()
    }

    /// A blob in the making, to be written bit by bit.
    pub fn blob_writer(&self, layout: BlobLayout) -> BlobWriter {
        BlobWriter::new(self.clone(), layout)
    }

    /// Whether a blob is here.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn blob_exists(&self, id: BlobId) -> Result<bool, Error> {
        Ok(self.blob_info(id)?.is_some())
    }

    /// What is known of a blob without reading it; none when it is not here.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn blob_info(&self, id: BlobId) -> Result<Option<BlobRecord>, Error> {
        Ok(self.read()?.blob(id)?)
    }

    /// Every blob, ascending.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn blob_ids(&self) -> Result<Vec<BlobId>, Error> {
        let snapshot = self.read()?;
        let mut ids = Vec::new();
        let mut last = BlobId::ZERO;
        loop {
            let page = snapshot.blobs_after(last, PAGE)?;
            for BlobRecord { id, .. } in &page {
                // Going on from there would go round in circles.
                if *id <= last {
                    return Err(Error::BlobDamaged {
                        id: *id,
                        reason: "it is out of order among the others",
                    });
                }
                last = *id;
                ids.push(*id);
            }
            if page.is_empty() {
                return Ok(ids);
            }
        }
    }

    /// Those of the blobs that are not here, in the order given. The zero id, which means no blob, is never missing.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn unknown_blobs(&self, ids: &[BlobId]) -> Result<Vec<BlobId>, Error> {
        let snapshot = self.read()?;
        let mut unknown = Vec::new();
        for id in ids.iter().filter(|id| !id.is_zero()) {
            if snapshot.blob(*id)?.is_none() {
                unknown.push(*id);
            }
        }
        Ok(unknown)
    }

    /// The content of a blob, checked against its id.
    ///
    /// # Errors
    /// When it is not here, is damaged or does not fit in memory, or the storage fails.
    pub fn read_blob(&self, id: BlobId) -> Result<Vec<u8>, Error> {
        reader::read_whole(&*self.read()?, id).map(|(_, content)| content)
    }

    /// `size` bytes of a blob from `offset`, fewer where it ends before. Reads the chunks that they are in, no others,
    /// and checks those against their names.
    ///
    /// # Errors
    /// When the blob is not here, is damaged there or the range does not fit in memory, or the storage fails.
    pub fn read_blob_range(&self, id: BlobId, offset: u64, size: u64) -> Result<Vec<u8>, Error> {
        reader::read_range(&*self.read()?, id, offset, size)
    }

    /// Opens a blob to be read anywhere, in memory that does not grow with it. Each chunk is checked as it is read.
    ///
    /// # Errors
    /// When it is not here or its chunks do not give its size, or the storage fails.
    pub fn open_blob(&self, id: BlobId) -> Result<BlobReader, Error> {
        let (record, chunks) = lookup(&*self.read()?, id)?;
        Ok(BlobReader::new(self.clone(), record, chunks))
    }
}
