//! Damaged files: errors or wrong answers that checks above find, but never a panic, and never a hang.

use std::fs;
use std::path::Path;

use anabranch_model::{BlobId, ChunkId, CommitId};
use rusqlite::Connection;

use super::super::super::suite::{add, add_blob, add_on, change, header, meta};
use super::super::super::{Snapshot, Storage, StorageError};
use super::super::{OpenMode, SqliteStorage};
use super::{folder_with_database, open};
use crate::commit::CommitKind::{Disable, Merge, Mutations};

const BOTH: [OpenMode; 2] = [OpenMode::ReadOnly, OpenMode::ReadWrite];

/// A file with something in every table.
fn rich_file(path: &Path) {
    let storage = SqliteStorage::create(path, meta()).unwrap();
    change(&storage, |transaction| {
        let blob = add_blob(transaction, &["one", &"two".repeat(20_000)]);
        let a = add(transaction, None, "a");
        let b = header(Mutations, Some(&a), None, b"b");
        transaction.put_commit(&b, b"b", &[blob.id]).unwrap();
        let c = add(transaction, Some(&a), "c");
        let merge = add_on(transaction, Merge, &b, &c);
        let mut last = add_on(transaction, Disable, &merge, &b);
        for i in 0..200 {
            last = add(
                transaction,
                Some(if i % 5 == 0 { &a } else { &last }),
                &format!("{i} {}", "x".repeat(i)),
            );
        }
        transaction.put_definition(Default::default(), b"definition").unwrap();
        transaction.put_checkpoint(3, 1, &[b"check", b"point"]).unwrap();
    });
}

fn read_everything(snapshot: &dyn Snapshot) -> Result<(), StorageError> {
    let arrivals = snapshot.arrivals(0, 1000)?;
    let heads = snapshot.heads()?;
    let of_arrivals = arrivals.iter().map(|(_, header)| header.id);
    for id in of_arrivals.chain(heads).chain([CommitId::ZERO]) {
        let _ = snapshot.header(id);
        let _ = snapshot.payload(id);
        let _ = snapshot.children(id);
        let _ = snapshot.targeting(id);
        let _ = snapshot.commit_blobs(id);
    }
    snapshot.commits_with_prefix("", 1000)?;
    for blob in snapshot.blobs_after(BlobId::ZERO, 1000)? {
        for chunk in snapshot.blob_chunks(blob.id)? {
            let _ = snapshot.chunk(chunk.id);
        }
    }
    snapshot.chunks_after(ChunkId::ZERO, 1000)?;
    for (arrival, _) in &arrivals {
        let _ = snapshot.link_at(*arrival);
        let _ = snapshot.payload_at(*arrival);
        let _ = snapshot.checkpoint(*arrival, 15);
    }
    snapshot.checkpoint_before(u64::MAX)?;
    snapshot.meta()?;
    snapshot.definitions()?;
    snapshot.definition_ids()?;
    snapshot.statistics()?;
    snapshot.data_version()?;
    Ok(())
}

fn write_something(storage: &dyn Storage) -> Result<(), StorageError> {
    let mut transaction = storage.transaction()?;
    let heads = transaction.heads()?;
    for head in heads.into_iter().take(3) {
        let parent = transaction.header(head)?;
        let commit = header(Mutations, parent.as_ref(), None, b"new");
        let _ = transaction.put_commit(&commit, b"new", &[]);
        let _ = transaction.delete_commit(head);
    }
    let _ = transaction.put_chunk(ChunkId::of(b"new"), b"new");
    let _ = transaction.put_definition(Default::default(), b"new");
    transaction.commit()
}

/// Everything that can be asked of a file that may be damaged. Answers whether it was noticed.
fn exercise(path: &Path, modes: &[OpenMode]) -> bool {
    let mut is_noticed = false;
    for mode in modes.iter().copied() {
        let storage = match SqliteStorage::open(path, mode) {
            Ok(storage) => storage,
            Err(error) => {
                assert!(!error.to_string().contains('\n'), "{error} is one line");
                return true;
            }
        };
        match storage.snapshot() {
            Ok(snapshot) => is_noticed |= read_everything(&*snapshot).is_err(),
            Err(_) => is_noticed = true,
        }
        is_noticed |= storage.check_structure().map_or(true, |findings| !findings.is_empty());
        if mode == OpenMode::ReadWrite {
            is_noticed |= write_something(&storage).is_err();
        }
    }
    is_noticed
}

#[test]
fn flipped_bytes_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.anb");
    rich_file(&path);
    let bytes = fs::read(&path).unwrap();
    let mut noticed = 0;
    // The header byte by byte, the rest in strides that share no factor with the size of a page, with bits that differ.
    let places = (0..108).chain((108..bytes.len()).step_by(2887));
    for (i, place) in places.enumerate() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1 << (i % 8);
        let copy = folder.path().join("copy.anb");
        fs::write(&copy, damaged).unwrap();
        // Writing makes things durable, which takes its time.
        let modes: &[_] = if i % 5 == 0 { &BOTH } else { &BOTH[..1] };
        noticed += u32::from(exercise(&copy, modes));
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(super::super::connection::beside(&copy, suffix));
        }
    }
    assert!(noticed > 50, "damage to the structure is noticed, {noticed} times here");
}

#[test]
fn pages_of_noise_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.anb");
    rich_file(&path);
    let bytes = fs::read(&path).unwrap();
    let pages = bytes.len() / 16_384;
    for page in 1..pages {
        let mut damaged = bytes.clone();
        for (i, byte) in damaged[page * 16_384..][..16_384].iter_mut().enumerate() {
            *byte = (i * 31 + page * 17) as u8 ^ (i >> 5) as u8;
        }
        let copy = folder.path().join(format!("{page}.anb"));
        fs::write(&copy, damaged).unwrap();
        assert!(exercise(&copy, &BOTH), "page {page}");
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_open_gives_errors() {
    let (_folder, path, commits) = folder_with_database(3000);
    let storage = open(&path);
    let size = fs::metadata(&path).unwrap().len();
    fs::File::options().write(true).open(&path).unwrap().set_len(size / 2).unwrap();
    let snapshot = storage.snapshot();
    let answers = snapshot
        .and_then(|snapshot| commits.iter().try_for_each(|header| snapshot.header(header.id).map(drop)));
    let text = answers.unwrap_err().to_string();
    assert!(text.contains("is damaged: ") || text.starts_with("reading or writing "), "{text}");
}

#[test]
fn a_row_that_cannot_be_is_damage() {
    for (sql, expected) in [
        ("UPDATE commits SET id = x'00' WHERE arrival = 2", "a row holds what it cannot hold"),
        ("UPDATE commits SET kind = 9 WHERE arrival = 2", "a row holds what it cannot hold"),
        (
            "UPDATE commits SET label = CAST(x'ff' AS TEXT) WHERE arrival = 2",
            "a row holds what it cannot hold",
        ),
        ("UPDATE commits SET generation = -1 WHERE arrival = 2", "a row holds what it cannot hold"),
    ] {
        let (_folder, path, _) = folder_with_database(3);
        let tool = Connection::open(&path).unwrap();
        tool.pragma_update(None, "ignore_check_constraints", true).unwrap();
        tool.execute_batch(sql).unwrap();
        drop(tool);
        let text = open(&path).snapshot().unwrap().arrivals(0, 9).unwrap_err().to_string();
        assert!(text.contains(expected) && !text.contains('\n'), "{sql}: {text}");
    }
}

#[test]
fn what_does_not_hold_together_is_found() {
    for (sql, expected) in [
        ("DELETE FROM older_heads", "is a head, but is not listed"),
        ("INSERT INTO older_heads VALUES (1)", "is listed as a head, but is none"),
        (
            "INSERT INTO older_heads SELECT max(arrival) FROM commits",
            "is the newest, but listed as an older head",
        ),
        ("DELETE FROM commits WHERE arrival = 1", "has a parent that is not there"),
        ("DELETE FROM commits WHERE arrival = 1", "the counters say 0 commits of 0 bytes were deleted"),
        ("UPDATE commits SET payload_end = 1 WHERE arrival = 4", "which its running sum leaves no room for"),
        ("UPDATE counters SET definitions = 9", "the counters say 9 definitions, there are 1"),
        ("UPDATE counters SET blob_bytes = 9", "the counters say 1 blobs of 9 bytes, there are 1 of 60003"),
        ("UPDATE counters SET chunks = 9", "the counters say 9 chunks of 60003 bytes, there are 2 of 60003"),
        ("DELETE FROM checkpoints", "the counters say 10 bytes of checkpoints, there are 0"),
        ("UPDATE blobs SET size = 9", "has 9 bytes, its chunks have 60003"),
        ("UPDATE chunks SET bytes = x'00' WHERE number = 1", "for 3 bytes, it has 1"),
        ("DELETE FROM blob_chunks WHERE position = 0", "lacks chunk 1 of 2"),
        ("DELETE FROM blobs", "row of `commit_blobs` refers to a row of `blobs` that is not there"),
        ("DELETE FROM chunks", "row of `blob_chunks` refers to a row of `chunks` that is not there"),
        ("DELETE FROM commits WHERE arrival = 2", "refers to a row of `commits` that is not there"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.anb");
        rich_file(&path);
        let tool = Connection::open(&path).unwrap();
        tool.pragma_update(None, "foreign_keys", false).unwrap();
        tool.execute_batch(sql).unwrap();
        drop(tool);
        let findings = open(&path).check_structure().unwrap();
        assert!(findings.iter().any(|line| line.contains(expected)), "{sql}: {findings:#?}");
        assert!(findings.iter().all(|line| !line.contains('\n')));
    }
}

#[test]
fn an_index_that_disagrees_is_found() {
    let (_folder, path, _) = folder_with_database(50);
    let tool = Connection::open(&path).unwrap();
    let root: u32 = tool
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'commits_by_id'", [], |row| row.get(0))
        .unwrap();
    drop(tool);
    let mut bytes = fs::read(&path).unwrap();
    // The last bytes of the page are part of the first id that was added to it.
    bytes[root as usize * 16_384 - 5] ^= 1;
    fs::write(&path, bytes).unwrap();
    let findings = open(&path).check_structure().unwrap();
    assert!(findings.iter().any(|line| line.contains("commits_by_id")), "{findings:#?}");
}
