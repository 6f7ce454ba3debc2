//! Promises about blobs and chunks.

use anabranch_model::{BlobId, ChunkId, CommitId};

use super::{add, add_blob, blob_record, change, header, message, promises};
use crate::commit::CommitKind::Mutations;
use crate::storage::{ChunkRef, Storage};

promises![
    a_chunk_is_stored_once,
    a_blob_reads_back_as_it_was_put,
    a_blob_needs_its_chunks,
    a_blob_may_be_empty_or_repeat_a_chunk,
    blobs_and_chunks_are_listed_in_pages,
    a_blob_goes_when_no_commit_refers_to_it,
    an_unknown_blob_is_none,
];

fn a_chunk_is_stored_once(storage: &dyn Storage) {
    let bytes = vec![7; 300_000];
    let id = ChunkId::of(&bytes);
    change(storage, |transaction| {
        assert!(!transaction.has_chunk(id).unwrap());
        assert!(transaction.put_chunk(id, &bytes).unwrap());
        assert!(!transaction.put_chunk(id, b"other bytes").unwrap());
        assert!(transaction.has_chunk(id).unwrap());
    });
    change(storage, |transaction| assert!(!transaction.put_chunk(id, &bytes).unwrap()));
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.chunk(id).unwrap(), Some(bytes));
    assert_eq!(snapshot.statistics().unwrap().chunks, 1);
}

fn a_blob_reads_back_as_it_was_put(storage: &dyn Storage) {
    let blob = change(storage, |transaction| add_blob(transaction, &["one", "two", "three"]));
    change(storage, |transaction| {
        let mut other = blob.clone();
        other.layout = "float-3".to_owned();
        let unknown = ChunkRef { id: ChunkId::of(b"unknown"), size: 1 };
        assert!(!transaction.put_blob(&other, &[unknown]).unwrap(), "it is here already");
    });
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.blob(blob.id).unwrap(), Some(blob.clone()));
    let expected = [("one", 3), ("two", 3), ("three", 5)]
        .map(|(text, size)| ChunkRef { id: ChunkId::of(text.as_bytes()), size });
    assert_eq!(snapshot.blob_chunks(blob.id).unwrap(), expected);
}

fn a_blob_needs_its_chunks(storage: &dyn Storage) {
    let blob = blob_record(&["here", "absent"]);
    let here = ChunkRef { id: ChunkId::of(b"here"), size: 4 };
    let absent = ChunkRef { id: ChunkId::of(b"absent"), size: 6 };
    change(storage, |transaction| {
        transaction.put_chunk(here.id, b"here").unwrap();
        assert_eq!(
            message(transaction.put_blob(&blob, &[here, absent])),
            format!("blob {} has chunk {}, which is not here; add its chunks first", blob.id, absent.id)
        );
    });
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.blob(blob.id).unwrap(), None);
    assert_eq!(snapshot.statistics().unwrap().blobs, 0);
}

fn a_blob_may_be_empty_or_repeat_a_chunk(storage: &dyn Storage) {
    let (empty, repeated) = change(storage, |transaction| {
        (add_blob(transaction, &[]), add_blob(transaction, &["ha", "ha", "", "ha"]))
    });
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.blob(empty.id).unwrap(), Some(empty.clone()));
    assert!(snapshot.blob_chunks(empty.id).unwrap().is_empty());
    let sizes: Vec<_> = snapshot.blob_chunks(repeated.id).unwrap().iter().map(|chunk| chunk.size).collect();
    assert_eq!(sizes, [2, 2, 0, 2]);
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

fn blobs_and_chunks_are_listed_in_pages(storage: &dyn Storage) {
    change(storage, |transaction| {
        for i in 0..50 {
            add_blob(transaction, &[&format!("content {i}")]);
        }
    });
    let snapshot = storage.snapshot().unwrap();
    let (mut blobs, mut chunks) = (Vec::new(), Vec::new());
    loop {
        let page = snapshot.blobs_after(blobs.last().copied().unwrap_or_default(), 7).unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 7);
        blobs.extend(page.iter().map(|blob| blob.id));
    }
    loop {
        let page = snapshot.chunks_after(chunks.last().copied().unwrap_or_default(), 7).unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.iter().all(|chunk| (9..=10).contains(&chunk.size)));
        chunks.extend(page.iter().map(|chunk| chunk.id));
    }
    assert_eq!((blobs.len(), chunks.len()), (50, 50));
    assert!(blobs.is_sorted() && chunks.is_sorted());
}

fn a_blob_goes_when_no_commit_refers_to_it(storage: &dyn Storage) {
    let (blob, commit) = change(storage, |transaction| {
        let blob = add_blob(transaction, &["shared", "own"]);
        let commit = header(Mutations, None, None, b"x");
        transaction.put_commit(&commit, b"x", &[blob.id]).unwrap();
        (blob, commit)
    });
    change(storage, |transaction| {
        assert_eq!(
            message(transaction.delete_blob(blob.id)),
            format!("blob {} cannot be deleted: commit {} refers to it", blob.id, commit.id)
        );
        transaction.delete_commit(commit.id).unwrap();
        transaction.delete_blob(blob.id).unwrap();
        assert_eq!(
            message(transaction.delete_blob(blob.id)),
            format!("there is no blob {} here; check the id, or fetch it first", blob.id)
        );
    });
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.blob(blob.id).unwrap(), None);
    assert!(snapshot.blob_chunks(blob.id).unwrap().is_empty());
    assert!(snapshot.has_chunk(ChunkId::of(b"shared")).unwrap(), "chunks stay");
    drop(snapshot);
    assert_eq!(change(storage, |transaction| add_blob(transaction, &["shared", "own"])), blob);
}

fn an_unknown_blob_is_none(storage: &dyn Storage) {
    change(storage, |transaction| add(transaction, None, "a"));
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.blob(BlobId::ZERO).unwrap(), None);
    assert!(snapshot.blob_chunks(BlobId::of(b"x")).unwrap().is_empty());
    assert_eq!(snapshot.chunk(ChunkId::of(b"x")).unwrap(), None);
    assert!(snapshot.blobs_after(BlobId::ZERO, 9).unwrap().is_empty());
    assert!(snapshot.chunks_after(ChunkId::ZERO, 9).unwrap().is_empty());
    assert!(snapshot.commit_blobs(CommitId::ZERO).unwrap().is_empty());
}
