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
    a_chunk_goes_when_no_blob_uses_it,
    a_claim_lasts_until_a_blob_is_made_of_the_chunk,
    a_damaged_chunk_is_replaced,
    a_blob_that_is_stored_again_is_new,
    unused_chunks_are_listed_in_pages,
    space_is_given_back_until_none_is_left,
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

fn chunk(text: &str) -> ChunkRef {
    ChunkRef { id: ChunkId::of(text.as_bytes()), size: u32::try_from(text.len()).unwrap() }
}

fn a_chunk_goes_when_no_blob_uses_it(storage: &dyn Storage) {
    let (first, second) = change(storage, |transaction| {
        (add_blob(transaction, &["shared", "own", "shared"]), add_blob(transaction, &["shared"]))
    });
    let shared = chunk("shared").id;
    let mut both = [first.id, second.id];
    both.sort();
    let version = storage.snapshot().unwrap().data_version().unwrap();
    change(storage, |transaction| {
        assert_eq!(transaction.blobs_using(shared).unwrap(), both);
        assert_eq!(
            message(transaction.delete_chunk(shared)),
            format!(
                "chunk {shared} cannot be deleted: blob {} uses it",
                if storage.location() == "memory" { both[0] } else { first.id }
            )
        );
        transaction.delete_blob(first.id).unwrap();
        assert_eq!(transaction.blobs_using(shared).unwrap(), [second.id]);
        assert_eq!(transaction.unused_chunks(ChunkId::ZERO, 9).unwrap(), [chunk("own")]);
        assert!(message(transaction.delete_chunk(shared)).contains(&second.id.to_string()));
        transaction.delete_chunk(chunk("own").id).unwrap();
        assert_eq!(
            message(transaction.delete_chunk(chunk("own").id)),
            format!("there is no chunk {} here; store the blob that has it again", chunk("own").id)
        );
    });
    let snapshot = storage.snapshot().unwrap();
    assert!(snapshot.data_version().unwrap() > version, "a blob went");
    assert_eq!(snapshot.chunk(chunk("own").id).unwrap(), None);
    assert_eq!(snapshot.blobs_using(chunk("own").id).unwrap(), []);
    assert!(snapshot.unused_chunks(ChunkId::ZERO, 9).unwrap().is_empty());
    let statistics = snapshot.statistics().unwrap();
    assert_eq!((statistics.chunks, statistics.chunk_bytes), (1, 6));
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

fn a_claim_lasts_until_a_blob_is_made_of_the_chunk(storage: &dyn Storage) {
    let [a, b] = ["a", "b"].map(|text| chunk(text).id);
    let version = storage.snapshot().unwrap().data_version().unwrap();
    change(storage, |transaction| {
        for text in ["a", "b"] {
            transaction.put_chunk(chunk(text).id, text.as_bytes()).unwrap();
        }
        assert_eq!(transaction.chunk_claim(a).unwrap(), None);
        assert!(message(transaction.claim_chunks(&[a, chunk("absent").id], 5)).contains("there is no chunk"));
        assert_eq!(transaction.chunk_claim(a).unwrap(), None, "a refused call changes nothing");
        transaction.claim_chunks(&[a, b, a], 5).unwrap();
        transaction.claim_chunks(&[b], 7).unwrap();
    });
    let snapshot = storage.snapshot().unwrap();
    assert_eq!((snapshot.chunk_claim(a).unwrap(), snapshot.chunk_claim(b).unwrap()), (Some(5), Some(7)));
    assert_eq!(snapshot.data_version().unwrap(), version);
    drop(snapshot);
    change(storage, |transaction| {
        add_blob(transaction, &["a"]);
        transaction.delete_chunk(b).unwrap();
        assert_eq!((transaction.chunk_claim(a).unwrap(), transaction.chunk_claim(b).unwrap()), (None, None));
    });
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

fn a_damaged_chunk_is_replaced(storage: &dyn Storage) {
    let good = vec![5; 100_000];
    let id = ChunkId::of(&good);
    change(storage, |transaction| {
        assert!(message(transaction.replace_chunk(id, &good)).contains("there is no chunk"));
        transaction.put_chunk(id, b"something else").unwrap();
    });
    let before = storage.snapshot().unwrap();
    change(storage, |transaction| transaction.replace_chunk(id, &good).unwrap());
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.chunk(id).unwrap(), Some(good));
    assert_eq!(snapshot.statistics().unwrap().chunk_bytes, 100_000);
    assert_eq!(snapshot.data_version().unwrap(), before.data_version().unwrap());
    assert_eq!(before.chunk(id).unwrap(), Some(b"something else".to_vec()));
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

fn a_blob_that_is_stored_again_is_new(storage: &dyn Storage) {
    let blob = change(storage, |transaction| add_blob(transaction, &["x"]));
    let version = storage.snapshot().unwrap().data_version().unwrap();
    change(storage, |transaction| {
        transaction.renew_blob(blob.id, 99).unwrap();
        assert!(message(transaction.renew_blob(BlobId::of(b"y"), 99)).contains("there is no blob"));
    });
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.blob(blob.id).unwrap().unwrap().created, 99);
    assert_eq!(snapshot.data_version().unwrap(), version);
    assert!(!snapshot.is_blob_referenced(blob.id).unwrap());
    drop(snapshot);
    change(storage, |transaction| {
        let commit = header(Mutations, None, None, b"x");
        transaction.put_commit(&commit, b"x", &[blob.id]).unwrap();
        assert!(transaction.is_blob_referenced(blob.id).unwrap());
        assert!(!transaction.is_blob_referenced(BlobId::of(b"y")).unwrap());
    });
}

fn unused_chunks_are_listed_in_pages(storage: &dyn Storage) {
    let mut expected = Vec::new();
    change(storage, |transaction| {
        for i in 0..40 {
            let text = format!("unused {i}");
            transaction.put_chunk(chunk(&text).id, text.as_bytes()).unwrap();
            expected.push(chunk(&text));
            add_blob(transaction, &[&format!("used {i}")]);
        }
    });
    expected.sort_by_key(|chunk| chunk.id);
    let snapshot = storage.snapshot().unwrap();
    let mut found: Vec<ChunkRef> = Vec::new();
    loop {
        let last = found.last().map(|chunk| chunk.id).unwrap_or_default();
        let page = snapshot.unused_chunks(last, 7).unwrap();
        assert!(page.len() <= 7);
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!(found, expected);
}

fn space_is_given_back_until_none_is_left(storage: &dyn Storage) {
    let ids = change(storage, |transaction| {
        (0..40_u8)
            .map(|i| {
                let bytes = vec![i; 100_000];
                let id = ChunkId::of(&bytes);
                transaction.put_chunk(id, &bytes).unwrap();
                id
            })
            .collect::<Vec<_>>()
    });
    let given = change(storage, |transaction| {
        ids[..30].iter().for_each(|id| transaction.delete_chunk(*id).unwrap());
        let given = transaction.give_back().unwrap();
        assert_eq!(transaction.give_back().unwrap(), 0, "it was less than is given at a time");
        given
    });
    // Memory is given back as it becomes free.
    assert!(storage.location() == "memory" || given >= 29 * 100_000, "{given}");
    let snapshot = storage.snapshot().unwrap();
    for (i, id) in (0..40_u8).zip(&ids) {
        assert_eq!(snapshot.chunk(*id).unwrap(), (i >= 30).then(|| vec![i; 100_000]));
    }
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}
