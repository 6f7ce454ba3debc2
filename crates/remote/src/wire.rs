//! Between the messages of the contract and what they mean. Nothing that arrives is believed: lengths and kinds are
//! checked here, ids and contents by the engine.

use anabranch_engine::storage::{BlobRecord, ChunkRef, Statistics};
use anabranch_engine::{CommitHeader, CommitKind, Metadata, PackedBlob};
use anabranch_model::{BlobId, ChunkId, CommitId, ContentHash, PayloadHash};
use prost::bytes::Bytes;

use crate::proto;

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    /// An id or hash has another length than it must.
    #[error("{what} is {length} bytes long")]
    Length {
        /// What it is the length of.
        what: &'static str,
        length: usize,
    },
    /// A number stands for nothing.
    #[error("{value} is no {what}")]
    Code { what: &'static str, value: u32 },
    /// A part is not there.
    #[error("{what} is missing")]
    Missing { what: &'static str },
    /// A text does not say what it should.
    #[error("{what} does not read as one")]
    Text { what: &'static str },
    /// A pack is not one.
    #[error("a pack {reason}")]
    Pack { reason: &'static str },
}

/// An id that must be there.
macro_rules! id {
    ($name:ident, $list:ident, $type:ty, $what:literal) => {
        pub(crate) fn $name(bytes: &[u8]) -> Result<$type, WireError> {
            <$type>::from_slice(bytes).map_err(|_| WireError::Length { what: $what, length: bytes.len() })
        }

        #[allow(dead_code, reason = "not each kind of id travels in lists")]
        pub(crate) fn $list(bytes: &[u8]) -> Result<Vec<$type>, WireError> {
            if !bytes.len().is_multiple_of(32) {
                return Err(WireError::Length {
                    what: concat!("a list of ids, ", $what),
                    length: bytes.len(),
                });
            }
            bytes.chunks_exact(32).map($name).collect()
        }
    };
}

id!(commit_id, commit_ids, CommitId, "a commit id");
id!(blob_id, blob_ids, BlobId, "a blob id");
id!(chunk_id, chunk_ids, ChunkId, "a chunk id");
id!(content_hash, content_hashes, ContentHash, "a content hash");
id!(payload_hash, payload_hashes, PayloadHash, "a payload hash");

/// A commit id that may be zero, which travels as nothing.
pub(crate) fn optional_commit_id(bytes: &[u8]) -> Result<CommitId, WireError> {
    if bytes.is_empty() { Ok(CommitId::ZERO) } else { commit_id(bytes) }
}

pub(crate) fn bytes_of(id: &[u8; 32]) -> Bytes {
    Bytes::copy_from_slice(id)
}

fn optional_bytes(id: CommitId) -> Bytes {
    if id.is_zero() { Bytes::new() } else { bytes_of(id.as_bytes()) }
}

/// Ids, one after the other.
pub(crate) fn concatenated<'i>(ids: impl IntoIterator<Item = &'i [u8; 32]>) -> Bytes {
    let mut bytes = Vec::new();
    ids.into_iter().for_each(|id| bytes.extend_from_slice(id));
    bytes.into()
}

/// For each of `length` ids, whether its bit is set.
pub(crate) fn presence(bits: &[u8], length: usize) -> Result<Vec<bool>, WireError> {
    if bits.len() != length.div_ceil(8) {
        return Err(WireError::Length { what: "an answer for each id", length: bits.len() });
    }
    Ok((0..length).map(|place| bits[place / 8] >> (place % 8) & 1 == 1).collect())
}

pub(crate) fn presence_bits(present: impl IntoIterator<Item = bool>) -> Bytes {
    let mut bits = Vec::new();
    for (place, is_present) in present.into_iter().enumerate() {
        if place.is_multiple_of(8) {
            bits.push(0);
        }
        if let Some(last) = bits.last_mut() {
            *last |= u8::from(is_present) << (place % 8);
        }
    }
    bits.into()
}

fn kind(code: u32) -> Result<CommitKind, WireError> {
    let known = u8::try_from(code).ok().and_then(CommitKind::from_code);
    known.ok_or(WireError::Code { what: "kind of commit", value: code })
}

/// The hash of pieces of bytes, one after the other: tells of damage on the way.
pub(crate) fn digest<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Bytes {
    let mut hasher = blake3::Hasher::new();
    pieces.into_iter().for_each(|piece| {
        hasher.update(piece);
    });
    bytes_of(hasher.finalize().as_bytes())
}

/// A definition on its way.
pub(crate) fn definition(stored: &[u8]) -> proto::Definition {
    proto::Definition { stored: Bytes::copy_from_slice(stored), digest: digest([stored]) }
}

/// A commit as the server has it.
pub(crate) fn commit(header: &CommitHeader, arrival: u64) -> proto::Commit {
    proto::Commit {
        id: bytes_of(header.id.as_bytes()),
        arrival,
        kind: header.kind.code().into(),
        parent: optional_bytes(header.parent),
        target: optional_bytes(header.target),
        payload_hash: bytes_of(header.payload_hash.as_bytes()),
        generation: header.generation,
        label: header.metadata.label.clone(),
        author: header.metadata.author.clone(),
        timestamp: header.metadata.timestamp,
        payload: None,
        blobs: Vec::new(),
    }
}

/// The header in a commit, whose parts must give its id.
pub(crate) fn header(commit: &proto::Commit) -> Result<CommitHeader, WireError> {
    let id = commit_id(&commit.id)?;
    let kind = kind(commit.kind)?;
    let parent = optional_commit_id(&commit.parent)?;
    let target = optional_commit_id(&commit.target)?;
    let payload_hash = payload_hash(&commit.payload_hash)?;
    if CommitHeader::derive_id(kind, parent, target, payload_hash) != id {
        return Err(WireError::Text { what: "a commit's id" });
    }
    let metadata =
        Metadata { label: commit.label.clone(), author: commit.author.clone(), timestamp: commit.timestamp };
    Ok(CommitHeader { id, kind, parent, target, payload_hash, generation: commit.generation, metadata })
}

pub(crate) fn chunk_refs(bytes: &[u8]) -> Result<Vec<ChunkRef>, WireError> {
    if !bytes.len().is_multiple_of(36) {
        return Err(WireError::Length { what: "a list of chunks", length: bytes.len() });
    }
    let mut chunks = Vec::with_capacity(bytes.len() / 36);
    for entry in bytes.chunks_exact(36) {
        let (id, size) = entry.split_at(32);
        let size = size.iter().fold(0, |size, byte| size << 8 | u32::from(*byte));
        chunks.push(ChunkRef { id: chunk_id(id)?, size });
    }
    Ok(chunks)
}

pub(crate) fn chunk_ref_bytes(chunks: &[ChunkRef]) -> Bytes {
    let mut bytes = Vec::with_capacity(chunks.len() * 36);
    for chunk in chunks {
        bytes.extend_from_slice(chunk.id.as_bytes());
        bytes.extend_from_slice(&chunk.size.to_be_bytes());
    }
    bytes.into()
}

pub(crate) fn blob(record: &BlobRecord, chunks: Option<&[ChunkRef]>) -> proto::Blob {
    proto::Blob {
        id: bytes_of(record.id.as_bytes()),
        layout: record.layout.clone(),
        content: bytes_of(record.content.as_bytes()),
        size: record.size,
        created: record.created,
        chunks: chunks.map(chunk_ref_bytes).unwrap_or_default(),
    }
}

pub(crate) fn blob_record(blob: &proto::Blob) -> Result<BlobRecord, WireError> {
    Ok(BlobRecord {
        id: blob_id(&blob.id)?,
        layout: blob.layout.clone(),
        content: content_hash(&blob.content)?,
        size: blob.size,
        created: blob.created,
    })
}

pub(crate) fn packed_blob(blob: &proto::Blob) -> Result<PackedBlob, WireError> {
    Ok(PackedBlob {
        id: blob_id(&blob.id)?,
        layout: blob.layout.parse().map_err(|_| WireError::Text { what: "a blob layout" })?,
        content: content_hash(&blob.content)?,
        size: blob.size,
        chunks: chunk_refs(&blob.chunks)?,
    })
}

pub(crate) fn from_packed_blob(blob: &PackedBlob) -> proto::Blob {
    proto::Blob {
        id: bytes_of(blob.id.as_bytes()),
        layout: blob.layout.to_string(),
        content: bytes_of(blob.content.as_bytes()),
        size: blob.size,
        created: 0,
        chunks: chunk_ref_bytes(&blob.chunks),
    }
}

pub(crate) fn statistics(statistics: &proto::Statistics) -> Statistics {
    Statistics {
        commits: statistics.commits,
        payload_bytes: statistics.payload_bytes,
        blobs: statistics.blobs,
        blob_bytes: statistics.blob_bytes,
        chunks: statistics.chunks,
        chunk_bytes: statistics.chunk_bytes,
    }
}

pub(crate) fn from_statistics(statistics: Statistics) -> proto::Statistics {
    proto::Statistics {
        commits: statistics.commits,
        payload_bytes: statistics.payload_bytes,
        blobs: statistics.blobs,
        blob_bytes: statistics.blob_bytes,
        chunks: statistics.chunks,
        chunk_bytes: statistics.chunk_bytes,
    }
}
