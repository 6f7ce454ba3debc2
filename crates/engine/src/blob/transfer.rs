//! Blobs on their way from one database to another: what they are made of, and the chunks that the other one lacks.
//! Everything that arrives is checked; nothing is believed.

use std::collections::HashMap;

use anabranch_model::{BlobId, ChunkId, ContentHash};

use super::chunking::MAX_CHUNK;
use super::{BlobLayout, derive_id, lookup};
use crate::database::{Database, now};
use crate::error::Error;
use crate::storage::{BlobRecord, ChunkRef, Snapshot};

/// What a blob is made of, as it travels: its chunks go by themselves, and only those that the receiver lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedBlob {
    /// The id that the sender gives it.
    pub id: BlobId,
    /// What its bytes are.
    pub layout: BlobLayout,
    /// The hash of its bytes.
    pub content: ContentHash,
    /// How many bytes it has.
    pub size: u64,
    /// The chunks that its bytes are in, in order: about 36 bytes for each 256 KiB of it.
    pub chunks: Vec<ChunkRef>,
}

/// The bytes of a chunk as they travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedChunk {
    /// The id that the sender gives it.
    pub id: ChunkId,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Database {
    /// What the blobs of these ids are made of.
    ///
    /// # Errors
    /// When one is not here or its chunks do not give its size, or the storage fails.
    pub fn pack_blobs(&self, ids: &[BlobId]) -> Result<Vec<PackedBlob>, Error> {
        let snapshot = self.read()?;
        ids.iter()
            .map(|id| {
                let (BlobRecord { id, layout, content, size, .. }, chunks) = lookup(&*snapshot, *id)?;
                Ok(PackedBlob { id, layout: layout.parse()?, content, size, chunks })
            })
            .collect()
    }

    /// Those of the chunks that are not here, in the order given.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn unknown_chunks(&self, ids: &[ChunkId]) -> Result<Vec<ChunkId>, Error> {
        let snapshot = self.read()?;
        let mut unknown = Vec::new();
        for id in ids {
            if !snapshot.has_chunk(*id)? {
                unknown.push(*id);
            }
        }
        Ok(unknown)
    }

    /// The chunks of these ids, ready to travel. They are in memory together: ask for as many as fit.
    ///
    /// # Errors
    /// When one is not here or is damaged, or the storage fails.
    pub fn pack_chunks(&self, ids: &[ChunkId]) -> Result<Vec<PackedChunk>, Error> {
        let snapshot = self.read()?;
        ids.iter()
            .map(|id| {
                let bytes = snapshot.chunk(*id)?.ok_or(Error::ChunkNotFound { id: *id })?;
                if ChunkId::of(&bytes) != *id {
                    return Err(Error::ChunkDamaged { id: *id });
                }
                Ok(PackedChunk { id: *id, bytes })
            })
            .collect()
    }

    /// Stores chunks that were made elsewhere, and then blobs made of chunks that are here by then; all in one
    /// transaction, or nothing. Answers how many of the blobs were not here before.
    ///
    /// Ids are recomputed, those of blobs from their bytes. A large blob comes in several calls, the last of which names
    /// it: chunks that came before are kept for it as those of an unfinished [`BlobWriter`](super::BlobWriter) are: what of
    /// a cut transfer came through counts.
    ///
    /// # Errors
    /// When a chunk or blob is not what its id says, a blob lacks a chunk, or the storage fails.
    pub fn receive_blobs(&self, chunks: &[PackedChunk], blobs: &[PackedBlob]) -> Result<usize, Error> {
        let mut arrived = HashMap::with_capacity(chunks.len());
        for PackedChunk { id, bytes } in chunks {
            if bytes.len() > MAX_CHUNK {
                return Err(Error::ChunkTooLarge {
                    id: *id,
                    size: bytes.len() as u64,
                    limit: MAX_CHUNK as u64,
                });
            }
            let found = ChunkId::of(bytes);
            if found != *id {
                return Err(Error::ChunkMismatch { id: *id, found });
            }
            arrived.insert(*id, bytes.as_slice());
        }
        let snapshot = self.read()?;
        let mut missing = Vec::new();
        for blob in blobs {
            let found = derive_id(&blob.layout.to_string(), blob.content);
            if found != blob.id {
                return Err(Error::BlobMismatch { id: blob.id, found });
            }
            if snapshot.blob(blob.id)?.is_none() {
                check_content(&*snapshot, &arrived, blob)?;
                missing.push(blob);
            }
        }
        drop(snapshot);
        if chunks.is_empty() && missing.is_empty() {
            return Ok(0);
        }
        let created = now();
        let mut added = 0;
        let mut transaction = self.write()?;
        for chunk in chunks {
            transaction.put_chunk(chunk.id, &chunk.bytes)?;
        }
        let claimed: Vec<ChunkId> = chunks.iter().map(|chunk| chunk.id).collect();
        transaction.claim_chunks(&claimed, created)?;
        for PackedBlob { id, layout, content, size, chunks } in missing {
            let layout = layout.to_string();
            let record = BlobRecord { id: *id, layout, content: *content, size: *size, created };
            added += usize::from(transaction.put_blob(&record, chunks)?);
        }
        transaction.commit()?;
        Ok(added)
    }
}

/// Makes sure that the chunks of a blob, which arrived or are here, give what it says.
fn check_content(
    snapshot: &dyn Snapshot,
    arrived: &HashMap<ChunkId, &[u8]>,
    blob: &PackedBlob,
) -> Result<(), Error> {
    blob.layout.count(blob.size)?;
    if blob.chunks.iter().try_fold(0, |sum: u64, chunk| sum.checked_add(chunk.size.into())) != Some(blob.size)
    {
        return Err(Error::BlobDamaged { id: blob.id, reason: "its chunks do not give its size" });
    }
    let mut hasher = ContentHash::hasher();
    for chunk in &blob.chunks {
        let stored;
        let bytes = match arrived.get(&chunk.id) {
            Some(bytes) => bytes,
            None => {
                let found = snapshot.chunk(chunk.id)?;
                stored = found.ok_or(Error::ChunkMissing { blob: blob.id, chunk: chunk.id })?;
                stored.as_slice()
            }
        };
        if bytes.len() as u64 != u64::from(chunk.size) {
            return Err(Error::BlobDamaged {
                id: blob.id,
                reason: "one of its chunks has not the size that it says",
            });
        }
        hasher.update(bytes);
    }
    let found = ContentHash::finish(&hasher);
    if found == blob.content {
        return Ok(());
    }
    // Either the sender is wrong, or what is stored here is not what its name says.
    for chunk in blob.chunks.iter().filter(|chunk| !arrived.contains_key(&chunk.id)) {
        if snapshot.chunk(chunk.id)?.is_none_or(|bytes| ChunkId::of(&bytes) != chunk.id) {
            return Err(Error::ChunkDamaged { id: chunk.id });
        }
    }
    Err(Error::BlobMismatch { id: blob.id, found: derive_id(&blob.layout.to_string(), found) })
}
