//! What fits into a storage, the same for every back end.

use super::{BlobRecord, StorageError};
use crate::commit::CommitHeader;

/// The most bytes that one payload, chunk or definition may have. SQLite holds 1,000,000,000 bytes in a row, and the rest
/// of the row needs some of them.
const LARGEST: u64 = 900_000_000;

/// The greatest number that a file can hold.
const GREATEST: u64 = i64::MAX as u64;

fn at_most(what: &'static str, value: u64, limit: u64) -> Result<(), StorageError> {
    if value <= limit { Ok(()) } else { Err(StorageError::OutOfRange { what, value, limit }) }
}

/// Whether a commit fits.
pub(super) fn check_commit(header: &CommitHeader, payload: &[u8]) -> Result<(), StorageError> {
    at_most("the generation of a commit", header.generation, GREATEST)?;
    at_most("the size of a payload", payload.len() as u64, LARGEST)
}

/// Whether the stored form of a definition fits.
pub(super) fn check_definition(stored: &[u8]) -> Result<(), StorageError> {
    at_most("the size of a definition", stored.len() as u64, LARGEST)
}

/// Whether a chunk fits, and its size.
pub(super) fn check_chunk(bytes: &[u8]) -> Result<u32, StorageError> {
    let size = bytes.len() as u64;
    at_most("the size of a chunk", size, LARGEST)?;
    u32::try_from(size).map_err(|_| StorageError::OutOfRange {
        what: "the size of a chunk",
        value: size,
        limit: LARGEST,
    })
}

/// Whether a blob's record fits.
pub(super) fn check_blob(blob: &BlobRecord) -> Result<(), StorageError> {
    at_most("the size of a blob", blob.size, GREATEST)
}

/// The number of levels of checkpoints that an arrival number has room for.
pub(super) const CHECKPOINT_LEVELS: u8 = 16;

/// The number of parts that a checkpoint has room for.
pub(super) const CHECKPOINT_PARTS: u32 = 1 << 20;

/// Whether a checkpoint fits.
pub(super) fn check_checkpoint(arrival: u64, level: u8, parts: &[&[u8]]) -> Result<(), StorageError> {
    const PLACES: u64 = CHECKPOINT_LEVELS as u64 * CHECKPOINT_PARTS as u64;
    at_most("the level of a checkpoint", u64::from(level), u64::from(CHECKPOINT_LEVELS - 1))?;
    at_most("the arrival number of a checkpoint", arrival, GREATEST / PLACES - 1)?;
    at_most("the parts of a checkpoint", parts.len() as u64, u64::from(CHECKPOINT_PARTS))?;
    parts.iter().try_for_each(|part| at_most("the size of a checkpoint", part.len() as u64, LARGEST))
}
