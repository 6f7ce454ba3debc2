//! Reading blobs: whole, in ranges, and as files are read. Nothing is handed out unchecked.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

use anabranch_model::{BlobId, ContentHash};

use super::{derive_id, lookup, read_chunk};
use crate::database::Database;
use crate::error::Error;
use crate::storage::{BlobRecord, ChunkRef, Snapshot};

/// Room for this much of a blob; the size may come from a damaged file, so that it is asked for, not taken.
fn room(id: BlobId, size: u64) -> Result<Vec<u8>, Error> {
    let too_large = || Error::BlobTooLarge { id, size };
    let size = usize::try_from(size).map_err(|_| too_large())?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| too_large())?;
    Ok(bytes)
}

/// A blob's record and content, the one checked against the other and both against the id.
pub(super) fn read_whole(snapshot: &dyn Snapshot, id: BlobId) -> Result<(BlobRecord, Vec<u8>), Error> {
    let (record, chunks) = lookup(snapshot, id)?;
    let mut content = room(id, record.size)?;
    let mut hasher = ContentHash::hasher();
    for chunk in chunks {
        let bytes = read_chunk(snapshot, id, chunk)?;
        // While the bytes are near: later they would have to come from memory again.
        hasher.update(&bytes);
        content.extend_from_slice(&bytes);
    }
    if ContentHash::finish(&hasher) != record.content {
        return Err(Error::BlobDamaged { id, reason: "its content is not what its hash says" });
    }
    if derive_id(&record.layout, record.content) != id {
        return Err(Error::BlobDamaged { id, reason: "its layout and content do not give its id" });
    }
    Ok((record, content))
}

/// Up to `size` bytes from `offset`.
pub(super) fn read_range(
    snapshot: &dyn Snapshot,
    id: BlobId,
    offset: u64,
    size: u64,
) -> Result<Vec<u8>, Error> {
    let (record, chunks) = lookup(snapshot, id)?;
    let end = offset.saturating_add(size).min(record.size);
    let mut range = room(id, end.saturating_sub(offset))?;
    let mut start = 0;
    for chunk in chunks {
        let next = start + u64::from(chunk.size);
        if next > offset && start < end {
            let bytes = read_chunk(snapshot, id, chunk)?;
            // Both are within the chunk, whose bytes are as many as it says.
            let from = offset.saturating_sub(start) as usize;
            let to = (end.min(next) - start) as usize;
            range.extend_from_slice(&bytes[from..to]);
        }
        start = next;
    }
    Ok(range)
}

/// Reads a blob as a file is read. Each chunk is checked against its name before any byte of it is handed out.
///
/// Keeps one chunk in memory, and 44 bytes for each. It has a database of its own, and so may outlive the one that it was
/// opened on.
pub struct BlobReader {
    database: Database,
    record: BlobRecord,
    chunks: Vec<ChunkRef>,
    /// Where each chunk starts.
    starts: Vec<u64>,
    position: u64,
    /// The chunk that was read last, and its bytes.
    current: Option<(usize, Vec<u8>)>,
}

impl BlobReader {
    /// A reader at the start. The sizes of the chunks must add up to the size of the blob.
    pub(super) fn new(database: Database, record: BlobRecord, chunks: Vec<ChunkRef>) -> Self {
        let starts = chunks
            .iter()
            .scan(0, |end, chunk| {
                let start = *end;
                *end += u64::from(chunk.size);
                Some(start)
            })
            .collect();
        Self { database, record, chunks, starts, position: 0, current: None }
    }

    /// What is known of the blob.
    pub fn info(&self) -> &BlobRecord {
        &self.record
    }

    /// How many bytes the blob has.
    pub fn size(&self) -> u64 {
        self.record.size
    }

    /// The bytes from the position to the end of the chunk that it is in; none at the end of the blob.
    fn ahead(&mut self) -> Result<&[u8], Error> {
        if self.position >= self.record.size {
            return Ok(&[]);
        }
        // The last of the chunks that start here or before: any before it with the same start are empty.
        let place = self.starts.partition_point(|start| *start <= self.position).saturating_sub(1);
        let bytes = match self.current.take() {
            Some((current, bytes)) if current == place => bytes,
            _ => read_chunk(&*self.database.read()?, self.record.id, self.chunks[place])?,
        };
        // Within the chunk, because the sizes of all give the size of the blob.
        let start = (self.position - self.starts[place]) as usize;
        let (_, bytes) = self.current.insert((place, bytes));
        Ok(&bytes[start..])
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ahead = self.ahead().map_err(io::Error::other)?;
        let size = ahead.len().min(buffer.len());
        buffer[..size].copy_from_slice(&ahead[..size]);
        self.position += size as u64;
        Ok(size)
    }
}

impl Seek for BlobReader {
    /// Goes anywhere from the start of the blob on; beyond its end there is nothing to read.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(distance) => self.record.size.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.position.checked_add_signed(distance),
        };
        let message = "a blob cannot be read before its start";
        self.position = position.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, message))?;
        Ok(self.position)
    }
}

impl fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobReader")
            .field("record", &self.record)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
