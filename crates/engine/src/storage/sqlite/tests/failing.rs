//! Writes that fail half-way: the whole transaction is gone, at once, and the next one is as good as any.

use std::time::Duration;

use anabranch_model::ChunkId;
use rusqlite::Connection;

use super::super::super::suite::{add, add_blob, blob_record, change};
use super::super::super::{ChunkRef, Storage, StorageError, Transaction};
use super::super::SqliteStorage;
use super::{folder_with_database, open, stored};

/// Lets the file have so many pages more than it has, as a full disk would.
fn limit(storage: &SqliteStorage, more: i64) {
    let connection = storage.writer.as_ref().unwrap().enter(Duration::ZERO).unwrap();
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    connection.pragma_update(None, "max_page_count", pages + more).unwrap();
}

fn assert_is_over(mut transaction: Box<dyn Transaction + '_>) {
    let is_over = |error| matches!(error, StorageError::TransactionFailed { .. });
    assert!(is_over(transaction.heads().unwrap_err()));
    assert!(is_over(transaction.data_version().unwrap_err()));
    assert!(is_over(transaction.put_chunk(ChunkId::of(b"y"), b"y").unwrap_err()));
    assert!(is_over(transaction.mark_synchronised().unwrap_err()));
    let error = transaction.commit().unwrap_err();
    assert!(error.to_string().ends_with("failed earlier and was rolled back; start another one"), "{error}");
}

#[test]
fn a_full_disk_takes_back_the_whole_transaction() {
    let (folder, path, commits) = folder_with_database(3);
    let storage = open(&path);
    limit(&storage, 5);
    let mut transaction = storage.transaction().unwrap();
    add(&mut *transaction, commits.last(), "goes with it");
    let bytes = vec![1; 1 << 20];
    let error = transaction.put_chunk(ChunkId::of(&bytes), &bytes).unwrap_err();
    assert_eq!(
        error.to_string().replace(&folder.path().display().to_string(), "~"),
        "the disk that holds ~/a.anb is full; nothing was changed: make room and try again"
    );
    assert_is_over(transaction);
    assert_eq!(stored(&storage), commits);
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);

    limit(&storage, 500);
    change(&storage, |transaction| transaction.put_chunk(ChunkId::of(&bytes), &bytes).unwrap());
    change(&storage, |transaction| add(transaction, commits.last(), "there is room now"));
    assert_eq!(stored(&storage).len(), 4);
}

#[test]
fn half_a_blob_is_never_committed() {
    let (_folder, path, commits) = folder_with_database(1);
    change(&open(&path), |transaction| add_blob(transaction, &["a", "b"]));
    let tool = Connection::open(&path).unwrap();
    tool.pragma_update(None, "foreign_keys", false).unwrap();
    // In the way of the second chunk of the next blob.
    tool.execute_batch(
        "INSERT INTO blob_chunks SELECT 2, 1, chunk, size FROM blob_chunks WHERE position = 0",
    )
    .unwrap();
    drop(tool);
    let storage = open(&path);
    let mut transaction = storage.transaction().unwrap();
    add(&mut *transaction, commits.last(), "goes with it");
    let chunks = ["a", "b"].map(|text| ChunkRef { id: ChunkId::of(text.as_bytes()), size: 1 });
    let error = transaction.put_blob(&blob_record(&["b", "a"]), &chunks).unwrap_err();
    assert!(matches!(error, StorageError::Sqlite { .. }), "{error}");
    assert_is_over(transaction);
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.blob(blob_record(&["b", "a"]).id).unwrap(), None);
    assert_eq!(snapshot.heads().unwrap(), [commits[0].id]);
}
