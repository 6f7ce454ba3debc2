//! A blob that is written bit by bit.

use std::io::{self, Read, Write};

use anabranch_model::{BlobId, ContentHash};

use super::chunking::{self, MAX_CHUNK};
use super::{BATCH, Batch, BlobLayout, is_kept, put_blob, record_of, store_chunks};
use crate::database::Database;
use crate::error::Error;
use crate::storage::ChunkRef;

/// A blob in the making: takes bytes until [`Self::finish`] stores them as a blob.
///
/// Whatever the size, it keeps one batch of bytes in memory, and 36 bytes for each chunk. When it is dropped before it is
/// finished there is no blob; chunks that were stored already wait for a collection, or for the same content to come
/// again. A collection leaves them alone for as long as its grace period says, so that this is also how long a stream may
/// take.
#[derive(Debug)]
pub struct BlobWriter {
    database: Database,
    layout: BlobLayout,
    /// What is not yet stored. Never more than a batch.
    buffer: Vec<u8>,
    hasher: blake3::Hasher,
    /// What is stored, and how many bytes that are.
    chunks: Vec<ChunkRef>,
    stored: u64,
}

// A full buffer must hold a cut that can be made for sure.
const _: () = assert!(BATCH >= 2 * MAX_CHUNK);

impl BlobWriter {
    pub(super) fn new(database: Database, layout: BlobLayout) -> Self {
        Self {
            database,
            layout,
            buffer: Vec::new(),
            hasher: ContentHash::hasher(),
            chunks: Vec::new(),
            stored: 0,
        }
    }

    /// The layout that the blob will have.
    pub fn layout(&self) -> BlobLayout {
        self.layout
    }

    /// How many bytes were written so far.
    pub fn size(&self) -> u64 {
        self.stored + self.buffer.len() as u64
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When the storage fails; some of the bytes may be taken then, so that the writer is of no more use.
    pub fn append(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            let taken = self.take(bytes)?;
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    /// Takes as many bytes as there is room for: at least one, if there is one.
    fn take(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.make_room()?;
        let taken = bytes.len().min(BATCH - self.buffer.len());
        self.reserve(taken);
        self.buffer.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Appends everything that a reader gives.
    pub(super) fn read_from(&mut self, reader: &mut impl Read) -> Result<(), Error> {
        loop {
            self.make_room()?;
            let room = BATCH - self.buffer.len();
            // In steps, so that a small content does not cost the memory of a large one.
            let step = room.min(self.buffer.len().max(MAX_CHUNK));
            self.reserve(step);
            let read =
                reader.by_ref().take(step as u64).read_to_end(&mut self.buffer).map_err(Error::Read)?;
            if read < step {
                return Ok(());
            }
        }
    }

    /// Makes room for so many more bytes, by doubling, but never for more than a batch in all.
    fn reserve(&mut self, more: usize) {
        let wanted = self.buffer.len() + more;
        if wanted > self.buffer.capacity() {
            let capacity = wanted.max(2 * self.buffer.capacity()).min(BATCH);
            self.buffer.reserve_exact(capacity - self.buffer.len());
        }
    }

    /// Stores what can be cut of a full buffer. When that fails the writer is as it was.
    fn make_room(&mut self) -> Result<(), Error> {
        if self.buffer.len() < BATCH {
            return Ok(());
        }
        let pieces = chunking::cut_some(&self.buffer);
        store_chunks(&self.database, &self.buffer, &pieces)?;
        let end = pieces.last().map_or(0, |piece| piece.range.end);
        self.hasher.update(&self.buffer[..end]);
        self.chunks.extend(pieces.iter().map(|piece| piece.chunk));
        self.stored += end as u64;
        self.buffer.drain(..end);
        Ok(())
    }

    /// Stores the blob and answers its id. Of one that exists, what was damaged is mended.
    ///
    /// # Errors
    /// When what was written is not a whole number of the layout's elements, or the storage fails.
    pub fn finish(mut self) -> Result<BlobId, Error> {
        self.hasher.update(&self.buffer);
        let record = record_of(self.layout, ContentHash::finish(&self.hasher), self.size())?;
        let id = record.id;
        let pieces = chunking::cut_all(&self.buffer);
        let snapshot = self.database.read()?;
        let last = Batch::compare(&self.database, &*snapshot, &self.buffer, &pieces)?;
        let is_kept = is_kept(&self.database, &*snapshot, id)?;
        drop(snapshot);
        if is_kept {
            last.mend(&self.database)?;
            return Ok(id);
        }
        self.chunks.extend(pieces.iter().map(|piece| piece.chunk));
        let mut transaction = self.database.write()?;
        last.put(&mut *transaction)?;
        put_blob(&mut *transaction, &record, &self.chunks)?;
        transaction.commit()?;
        Ok(id)
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes).map_err(io::Error::other)
    }

    /// Does nothing: only what is finished is a blob.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use anabranch_model::Definitions;

    use super::*;

    #[test]
    fn a_stream_keeps_no_more_than_a_batch_in_memory() {
        let database = Database::create_in_memory(&Definitions::default()).expect("a database");
        let mut writer = database.blob_writer(BlobLayout::BYTES);
        let bytes = vec![7; 3 * MAX_CHUNK + 1];
        for _ in 0..3 * BATCH / bytes.len() {
            writer.append(&bytes).expect("room");
            assert!(writer.buffer.capacity() <= BATCH);
        }
        let size = writer.size();
        writer.read_from(&mut io::repeat(7).take(2 * BATCH as u64)).expect("room");
        assert!(writer.buffer.capacity() <= BATCH);
        assert_eq!(writer.size(), size + 2 * BATCH as u64);
        let id = writer.finish().expect("room");
        assert_eq!(database.statistics().expect("memory").blob_bytes, size + 2 * BATCH as u64);
        assert!(database.blob_exists(id).expect("memory"));
    }

    #[test]
    fn a_small_stream_takes_little_memory() {
        let database = Database::create_in_memory(&Definitions::default()).expect("a database");
        let mut writer = database.blob_writer(BlobLayout::BYTES);
        writer.append(b"a few").expect("room");
        assert!(writer.buffer.capacity() < 1024);
        writer.read_from(&mut &b" and a few more"[..]).expect("room");
        assert!(writer.buffer.capacity() <= 2 * MAX_CHUNK);
    }
}
