//! What every storage promises, held against every back end.
//!
//! A promise is a function of an empty storage; [`promises!`] makes a test of it for each back end.

mod blobs;
mod checkpoints;
mod commits;
mod moments;
mod random;

use anabranch_model::{BlobId, ChunkId, CommitId, ContentHash, PayloadHash, Uuid};
use tempfile::TempDir;

use super::{BlobRecord, ChunkRef, MemoryStorage, Meta, SqliteStorage, Storage, StorageError, Transaction};
use crate::commit::{CommitHeader, CommitKind, Metadata};

/// Makes tests of promises: one for each back end.
macro_rules! promises {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[test] fn $name() { super::$name(&$crate::storage::suite::memory()); })*
        }
        mod sqlite {
            $(#[test] fn $name() {
                let folder = tempfile::tempdir().unwrap();
                super::$name(&$crate::storage::suite::sqlite(&folder));
            })*
        }
    };
}
pub(in crate::storage) use promises;

pub(in crate::storage) fn meta() -> Meta {
    Meta {
        uuid: Uuid::from_u128(0xdb),
        documentation: "What it is for.\nAnd more.".to_owned(),
        created: 1_700_000_000_123,
        synchronised: false,
    }
}

pub(in crate::storage) fn memory() -> MemoryStorage {
    MemoryStorage::new(meta())
}

pub(in crate::storage) fn sqlite(folder: &TempDir) -> SqliteStorage {
    SqliteStorage::create(folder.path().join("a.anb"), meta()).unwrap()
}

/// A header whose id, hash and generation fit; what is not named is the same in all.
pub(in crate::storage) fn header(
    kind: CommitKind,
    parent: Option<&CommitHeader>,
    target: Option<&CommitHeader>,
    payload: &[u8],
) -> CommitHeader {
    let id = |header: Option<&CommitHeader>| header.map_or(CommitId::ZERO, |header| header.id);
    let payload_hash = PayloadHash::of(payload);
    let generation = |header: Option<&CommitHeader>| header.map_or(0, |header| header.generation);
    CommitHeader {
        id: CommitHeader::derive_id(kind, id(parent), id(target), payload_hash),
        kind,
        parent: id(parent),
        target: id(target),
        payload_hash,
        generation: 1 + generation(parent).max(generation(target)),
        metadata: Metadata {
            label: String::from_utf8_lossy(payload).into_owned(),
            author: "Zoë".to_owned(),
            timestamp: -5,
        },
    }
}

/// A `Mutations` commit, added.
pub(in crate::storage) fn add(
    transaction: &mut dyn Transaction,
    parent: Option<&CommitHeader>,
    payload: &str,
) -> CommitHeader {
    let header = header(CommitKind::Mutations, parent, None, payload.as_bytes());
    assert!(transaction.put_commit(&header, payload.as_bytes(), &[]).unwrap());
    header
}

/// A commit with a target, added.
pub(in crate::storage) fn add_on(
    transaction: &mut dyn Transaction,
    kind: CommitKind,
    parent: &CommitHeader,
    target: &CommitHeader,
) -> CommitHeader {
    let header = header(kind, Some(parent), Some(target), b"");
    assert!(transaction.put_commit(&header, b"", &[]).unwrap());
    header
}

/// A blob of these chunks, added.
pub(in crate::storage) fn add_blob(transaction: &mut dyn Transaction, chunks: &[&str]) -> BlobRecord {
    let mut refs = Vec::new();
    for bytes in chunks {
        let id = ChunkId::of(bytes.as_bytes());
        transaction.put_chunk(id, bytes.as_bytes()).unwrap();
        refs.push(ChunkRef { id, size: u32::try_from(bytes.len()).unwrap() });
    }
    let record = blob_record(chunks);
    assert!(transaction.put_blob(&record, &refs).unwrap());
    record
}

/// The record of a blob of these chunks.
pub(in crate::storage) fn blob_record(chunks: &[&str]) -> BlobRecord {
    let content = chunks.concat();
    BlobRecord {
        id: BlobId::of(content.as_bytes()),
        layout: "uchar-1".to_owned(),
        content: ContentHash::of(content.as_bytes()),
        size: content.len() as u64,
        created: 77,
    }
}

/// Runs `change` in a transaction of its own.
pub(in crate::storage) fn change<T>(
    storage: &dyn Storage,
    change: impl FnOnce(&mut dyn Transaction) -> T,
) -> T {
    let mut transaction = storage.transaction().unwrap();
    let result = change(&mut *transaction);
    transaction.commit().unwrap();
    result
}

/// The ids of headers, ascending.
pub(in crate::storage) fn ids<'h>(headers: impl IntoIterator<Item = &'h CommitHeader>) -> Vec<CommitId> {
    let mut ids: Vec<_> = headers.into_iter().map(|header| header.id).collect();
    ids.sort();
    ids
}

/// The message of an error.
pub(in crate::storage) fn message<T>(result: Result<T, StorageError>) -> String {
    let text = result.err().expect("it is refused").to_string();
    assert!(!text.contains('\n'), "{text} is one line");
    text
}
