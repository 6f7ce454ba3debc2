//! Packs: many commits in few bytes (`docs/spec/wire.md`).
//!
//! A pack is canonical CBOR, compressed where that makes it smaller. Ids are left out, the receiver computes them; so is a
//! parent that stands in the pack just before. The digest, over all that is not compressed, tells of damage on the way.

use anabranch_engine::{CommitHeader, CommitKind, Metadata, PackedCommit};
use anabranch_model::codec::{DecodeError, Reader, Writer};
use anabranch_model::{BlobId, CommitId, PayloadHash};

use crate::proto;
use crate::wire::{self, WireError};

/// What is smaller than this is sent as it is.
const WORTH_COMPRESSING: usize = 512;
/// How hard to compress: on a fast link, time counts more than bytes.
const LEVEL: i32 = 1;
/// How many bytes a commit takes in a pack at least: no smaller content holds more commits than are there.
const LEAST_COMMIT: u64 = 8;

/// Commits, ready to be sent.
pub(crate) fn encode(commits: &[PackedCommit], expected: u64) -> proto::Pack {
    let mut writer = Writer::new();
    writer.array(commits.len());
    let mut before = CommitId::ZERO;
    let mut author = "";
    let mut timestamp = 0i64;
    for commit in commits {
        writer.array(7);
        writer.uint(commit.kind.code().into());
        // Nothing: the commit before. No bytes: a root.
        match commit.parent {
            parent if parent == before && !parent.is_zero() => writer.null(),
            parent if parent.is_zero() => writer.bytes(&[]),
            parent => writer.bytes(parent.as_bytes()),
        }
        writer.bytes(if commit.target.is_zero() { &[] } else { commit.target.as_bytes() });
        writer.text(&commit.metadata.label);
        if commit.metadata.author == author {
            writer.null();
        } else {
            writer.text(&commit.metadata.author);
        }
        writer.int(commit.metadata.timestamp.wrapping_sub(timestamp));
        write_payload(&mut writer, commit);
        before = commit.id;
        author = &commit.metadata.author;
        timestamp = commit.metadata.timestamp;
    }
    let plain = writer.into_bytes();
    let digest = wire::bytes_of(blake3::hash(&plain).as_bytes());
    let packed = (plain.len() >= WORTH_COMPRESSING)
        .then(|| zstd::bulk::compress(&plain, LEVEL).ok())
        .flatten()
        .filter(|packed| packed.len() < plain.len());
    let (content, uncompressed) = match packed {
        Some(packed) => (packed, plain.len() as u64),
        None => (plain, 0),
    };
    let commits = u32::try_from(commits.len()).unwrap_or(u32::MAX);
    proto::Pack { expected, commits, content: content.into(), uncompressed, digest }
}

/// Payload and blobs together: the blobs are an array after it where there are any.
fn write_payload(writer: &mut Writer, commit: &PackedCommit) {
    writer.array(1 + commit.blobs.len());
    writer.bytes(&commit.payload);
    for blob in &commit.blobs {
        writer.bytes(blob.as_bytes());
    }
}

/// The commits of a pack that came in. Their ids are computed; all else is for the engine to check.
///
/// # Errors
/// When the bytes are no pack, or one of more than `most` bytes, or what it holds is not what was sent.
pub(crate) fn decode(pack: &proto::Pack, most: u64) -> Result<Vec<PackedCommit>, WireError> {
    let wrong = |reason| WireError::Pack { reason };
    let unpacked;
    let plain: &[u8] = if pack.uncompressed == 0 {
        &pack.content
    } else {
        if pack.uncompressed > most {
            return Err(wrong("is larger than may be when it is unpacked"));
        }
        let size = usize::try_from(pack.uncompressed).map_err(|_| wrong("does not fit in memory"))?;
        // The bomb that says it is small gets no more room than it says.
        unpacked = zstd::bulk::decompress(&pack.content, size).map_err(|_| wrong("does not unpack"))?;
        if unpacked.len() != size {
            return Err(wrong("has not the size that it says"));
        }
        &unpacked
    };
    if blake3::hash(plain).as_bytes().as_slice() != &pack.digest[..] {
        return Err(wrong("was changed on its way: its digest is another one; send it again"));
    }
    if u64::from(pack.commits) > plain.len() as u64 / LEAST_COMMIT {
        return Err(wrong("says that it has more commits than it has room for"));
    }
    let commits = read(plain).map_err(|_| wrong("is not what a pack looks like"))?;
    if commits.len() as u64 != u64::from(pack.commits) {
        return Err(wrong("has another number of commits than it says"));
    }
    Ok(commits)
}

fn read(plain: &[u8]) -> Result<Vec<PackedCommit>, DecodeError> {
    let mut reader = Reader::new(plain);
    let count = reader.array()?;
    let mut commits: Vec<PackedCommit> = Vec::with_capacity(count);
    for _ in 0..count {
        let commit = read_commit(&mut reader, commits.last())?;
        commits.push(commit);
    }
    reader.finish()?;
    Ok(commits)
}

fn read_commit(reader: &mut Reader<'_>, before: Option<&PackedCommit>) -> Result<PackedCommit, DecodeError> {
    use anabranch_model::codec::DecodeErrorKind::Expected;
    reader.array_of(7)?;
    let error = reader.error(Expected { expected: "the kind of a commit" });
    let kind = u8::try_from(reader.uint()?).ok().and_then(CommitKind::from_code).ok_or(error)?;
    let error = reader.error(Expected { expected: "the id of a parent" });
    let parent = if reader.null()? {
        before.map(|commit| commit.id).ok_or(error)?
    } else {
        wire::optional_commit_id(reader.bytes()?).map_err(|_| error)?
    };
    let error = reader.error(Expected { expected: "the id of a target" });
    let target = wire::optional_commit_id(reader.bytes()?).map_err(|_| error)?;
    let label = reader.text()?.to_owned();
    let author = if reader.null()? {
        before.map(|commit| commit.metadata.author.clone()).unwrap_or_default()
    } else {
        reader.text()?.to_owned()
    };
    let earlier = before.map_or(0, |commit| commit.metadata.timestamp);
    let timestamp = earlier.wrapping_add(reader.int()?);
    let error = reader.error(Expected { expected: "a payload" });
    let parts = reader.array()?;
    if parts == 0 {
        return Err(error);
    }
    let payload = reader.bytes()?.to_vec();
    let blobs = (1..parts).map(|_| reader.byte_array().map(BlobId::from_bytes)).collect::<Result<_, _>>()?;
    let id = CommitHeader::derive_id(kind, parent, target, PayloadHash::of(&payload));
    let metadata = Metadata { label, author, timestamp };
    Ok(PackedCommit { id, kind, parent, target, metadata, payload, blobs })
}
