//! Promises about commits and definitions.

use anabranch_model::{BlobId, CommitId, RuntimeId, Uuid};

use super::{add, add_blob, add_on, change, header, ids, message, meta, promises};
use crate::commit::CommitKind::{Disable, Enable, Merge, Mutations};
use crate::storage::{Statistics, Storage};

promises![
    a_new_storage_is_empty,
    a_commit_reads_back_as_it_was_put,
    a_commit_that_is_here_is_put_once,
    a_commit_needs_its_parent_and_its_target,
    a_commit_needs_its_blobs,
    a_refused_commit_leaves_the_transaction_as_it_was,
    heads_are_what_nobody_builds_on,
    a_disabled_commit_stays_a_head,
    children_are_by_parent_and_targeting_by_target,
    arrivals_come_in_the_order_of_adding,
    arrival_numbers_are_not_given_twice,
    commits_are_found_by_their_first_digits,
    only_a_head_that_nothing_refers_to_is_deleted,
    a_deleted_commit_uncovers_what_it_stood_on,
    a_deleted_commit_can_be_added_again,
    definitions_keep_their_order_and_their_first_form,
    statistics_count_what_is_here,
    numbers_that_do_not_fit_are_refused,
];

fn a_new_storage_is_empty(storage: &dyn Storage) {
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.meta().unwrap(), meta());
    assert_eq!(snapshot.data_version().unwrap(), 0);
    assert_eq!(snapshot.statistics().unwrap(), Statistics::default());
    assert_eq!(snapshot.definition_count().unwrap(), 0);
    assert!(snapshot.definitions().unwrap().is_empty());
    assert!(snapshot.heads().unwrap().is_empty());
    assert!(snapshot.children(CommitId::ZERO).unwrap().is_empty());
    assert!(snapshot.arrivals(0, 10).unwrap().is_empty());
    assert!(snapshot.commits_with_prefix("", 10).unwrap().is_empty());
    let unknown = CommitId::of(b"unknown");
    assert_eq!(snapshot.header(unknown).unwrap(), None);
    assert_eq!(snapshot.header(CommitId::ZERO).unwrap(), None);
    assert_eq!(snapshot.payload(unknown).unwrap(), None);
    assert!(snapshot.children(unknown).unwrap().is_empty());
    assert!(snapshot.targeting(unknown).unwrap().is_empty());
    assert!(snapshot.commit_blobs(unknown).unwrap().is_empty());
    assert!(!storage.is_read_only());
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

fn a_commit_reads_back_as_it_was_put(storage: &dyn Storage) {
    let payload: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let mut first = header(Mutations, None, None, &payload);
    first.metadata.label = "a label with\nlines, \0 and ☃".to_owned();
    first.metadata.author = String::new();
    first.metadata.timestamp = i64::MIN;
    first.generation = i64::MAX as u64 - 1;
    let (blob, other) = change(storage, |transaction| {
        let blob = add_blob(transaction, &["b"]).id;
        let other = add_blob(transaction, &["a", "c"]).id;
        // A reference is one, however often it is given.
        assert!(transaction.put_commit(&first, &payload, &[other, blob, other]).unwrap());
        (blob, other)
    });
    let merge = change(storage, |transaction| {
        let side = add(transaction, None, "side");
        add_on(transaction, Merge, &side, &first)
    });

    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.header(first.id).unwrap(), Some(first.clone()));
    assert_eq!(snapshot.payload(first.id).unwrap(), Some(payload));
    let mut blobs = vec![blob, other];
    blobs.sort();
    assert_eq!(snapshot.commit_blobs(first.id).unwrap(), blobs);
    assert_eq!(snapshot.header(merge.id).unwrap(), Some(merge.clone()));
    assert_eq!(snapshot.payload(merge.id).unwrap(), Some(vec![]));
    assert!(snapshot.commit_blobs(merge.id).unwrap().is_empty());
}

fn a_commit_that_is_here_is_put_once(storage: &dyn Storage) {
    let commit = change(storage, |transaction| add(transaction, None, "x"));
    let mut renamed = commit.clone();
    renamed.metadata.label = "another label".to_owned();
    change(storage, |transaction| {
        assert!(!transaction.put_commit(&renamed, b"another payload", &[BlobId::of(b"unknown")]).unwrap());
    });
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.header(commit.id).unwrap(), Some(commit.clone()));
    assert_eq!(snapshot.payload(commit.id).unwrap(), Some(b"x".to_vec()));
    assert_eq!(snapshot.arrivals(0, 10).unwrap().len(), 1);
}

fn a_commit_needs_its_parent_and_its_target(storage: &dyn Storage) {
    let absent = header(Mutations, None, None, b"absent");
    let mut transaction = storage.transaction().unwrap();
    let here = add(&mut *transaction, None, "here");
    for refused in [
        header(Mutations, Some(&absent), None, b"x"),
        header(Merge, Some(&absent), Some(&here), b""),
        header(Merge, Some(&here), Some(&absent), b""),
        header(Disable, Some(&here), Some(&absent), b""),
    ] {
        assert_eq!(
            message(transaction.put_commit(&refused, b"", &[])),
            format!(
                "commit {} depends on commit {}, which is not here; add that one first",
                refused.id, absent.id
            )
        );
    }
}

fn a_commit_needs_its_blobs(storage: &dyn Storage) {
    let absent = BlobId::of(b"absent");
    let refused = header(Mutations, None, None, b"x");
    let mut transaction = storage.transaction().unwrap();
    let here = add_blob(&mut *transaction, &["here"]).id;
    assert_eq!(
        message(transaction.put_commit(&refused, b"x", &[here, absent])),
        format!("commit {} refers to blob {absent}, which is not here; create the blob first", refused.id)
    );
}

fn a_refused_commit_leaves_the_transaction_as_it_was(storage: &dyn Storage) {
    let here = change(storage, |transaction| {
        let here = add(transaction, None, "here");
        let absent = header(Mutations, None, None, b"absent");
        let refused = header(Merge, Some(&here), Some(&absent), b"");
        assert!(transaction.put_commit(&refused, b"", &[]).is_err());
        let refused = header(Mutations, Some(&here), None, b"y");
        assert!(transaction.put_commit(&refused, b"y", &[BlobId::of(b"absent")]).is_err());
        assert_eq!(transaction.heads().unwrap(), [here.id]);
        here
    });
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.arrivals(0, 10).unwrap(), [(1, here.clone())]);
    assert_eq!(snapshot.heads().unwrap(), [here.id]);
    assert_eq!(snapshot.statistics().unwrap().commits, 1);
}

fn heads_are_what_nobody_builds_on(storage: &dyn Storage) {
    let heads = || storage.snapshot().unwrap().heads().unwrap();
    let a = change(storage, |transaction| add(transaction, None, "a"));
    assert_eq!(heads(), [a.id]);
    let b = change(storage, |transaction| add(transaction, Some(&a), "b"));
    assert_eq!(heads(), [b.id]);
    let c = change(storage, |transaction| add(transaction, Some(&a), "c"));
    assert_eq!(heads(), ids([&b, &c]));
    let root = change(storage, |transaction| add(transaction, None, "another root"));
    assert_eq!(heads(), ids([&b, &c, &root]));
    let d = change(storage, |transaction| add(transaction, Some(&b), "d"));
    assert_eq!(heads(), ids([&c, &d, &root]));
    let merge = change(storage, |transaction| add_on(transaction, Merge, &d, &c));
    assert_eq!(heads(), ids([&merge, &root]));
    let last = change(storage, |transaction| add_on(transaction, Merge, &root, &merge));
    assert_eq!(heads(), [last.id]);
}

fn a_disabled_commit_stays_a_head(storage: &dyn Storage) {
    let (a, b, disable) = change(storage, |transaction| {
        let a = add(transaction, None, "a");
        let b = add(transaction, Some(&a), "b");
        let disable = add_on(transaction, Disable, &a, &b);
        (a, b, disable)
    });
    assert_eq!(storage.snapshot().unwrap().heads().unwrap(), ids([&b, &disable]));
    let enable = change(storage, |transaction| add_on(transaction, Enable, &a, &disable));
    assert_eq!(storage.snapshot().unwrap().heads().unwrap(), ids([&b, &disable, &enable]));
}

fn children_are_by_parent_and_targeting_by_target(storage: &dyn Storage) {
    let (a, b, c, other, merge, disable) = change(storage, |transaction| {
        let a = add(transaction, None, "a");
        let b = add(transaction, Some(&a), "b");
        let other = add(transaction, None, "other");
        let c = add(transaction, Some(&a), "c");
        let merge = add_on(transaction, Merge, &b, &c);
        let disable = add_on(transaction, Disable, &merge, &c);
        (a, b, c, other, merge, disable)
    });
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.children(CommitId::ZERO).unwrap(), ids([&a, &other]));
    assert_eq!(snapshot.children(a.id).unwrap(), ids([&b, &c]));
    assert_eq!(snapshot.children(b.id).unwrap(), [merge.id]);
    assert_eq!(snapshot.children(merge.id).unwrap(), [disable.id]);
    assert!(snapshot.children(c.id).unwrap().is_empty(), "a merge is no child of its target");
    assert_eq!(snapshot.targeting(c.id).unwrap(), ids([&merge, &disable]));
    assert!(snapshot.targeting(a.id).unwrap().is_empty());
    assert!(
        snapshot.targeting(CommitId::ZERO).unwrap().is_empty(),
        "having no target is not having zero as one"
    );
}

fn arrivals_come_in_the_order_of_adding(storage: &dyn Storage) {
    let mut added = Vec::new();
    for batch in 0..3 {
        change(storage, |transaction| {
            for i in 0..4 {
                added.push(add(transaction, added.last(), &format!("{batch} {i}")));
            }
        });
    }
    let expected: Vec<_> = (1..).zip(added).collect();
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.arrivals(0, 100).unwrap(), expected);
    assert_eq!(snapshot.arrivals(5, 3).unwrap(), expected[5..8]);
    assert_eq!(snapshot.arrivals(11, 3).unwrap(), expected[11..]);
    assert!(snapshot.arrivals(12, 3).unwrap().is_empty());
    assert!(snapshot.arrivals(0, 0).unwrap().is_empty());
    assert!(snapshot.arrivals(u64::MAX, usize::MAX).unwrap().is_empty());
}

fn arrival_numbers_are_not_given_twice(storage: &dyn Storage) {
    let a = change(storage, |transaction| {
        let a = add(transaction, None, "a");
        let b = add(transaction, Some(&a), "b");
        transaction.delete_commit(b.id).unwrap();
        a
    });
    // A transaction that came to nothing may use its numbers again: nobody saw them.
    let mut transaction = storage.transaction().unwrap();
    add(&mut *transaction, Some(&a), "dropped");
    drop(transaction);
    let c = change(storage, |transaction| add(transaction, Some(&a), "c"));
    assert_eq!(storage.snapshot().unwrap().arrivals(0, 9).unwrap(), [(1, a.clone()), (3, c.clone())]);
    change(storage, |transaction| {
        transaction.delete_commit(c.id).unwrap();
        transaction.delete_commit(a.id).unwrap();
    });
    let d = change(storage, |transaction| add(transaction, None, "d"));
    assert_eq!(storage.snapshot().unwrap().arrivals(0, 9).unwrap(), [(4, d)]);
}

fn commits_are_found_by_their_first_digits(storage: &dyn Storage) {
    let mut added = change(storage, |transaction| -> Vec<_> {
        (0..600).map(|i| add(transaction, None, &i.to_string()).id).collect()
    });
    added.sort();
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.commits_with_prefix("", usize::MAX).unwrap(), added);
    assert_eq!(snapshot.commits_with_prefix("", 2).unwrap(), added[..2]);
    for length in [1, 2, 3, 4, 63, 64] {
        for id in &added[100..110] {
            let prefix = &id.to_string()[..length];
            let expected: Vec<_> =
                added.iter().copied().filter(|id| id.to_string().starts_with(prefix)).collect();
            assert_eq!(snapshot.commits_with_prefix(prefix, usize::MAX).unwrap(), expected);
        }
    }
    for prefix in ["x", "A", "é", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"] {
        assert!(snapshot.commits_with_prefix(prefix, 9).unwrap().is_empty());
    }
}

fn only_a_head_that_nothing_refers_to_is_deleted(storage: &dyn Storage) {
    let mut transaction = storage.transaction().unwrap();
    let transaction = &mut *transaction;
    let a = add(transaction, None, "a");
    let b = add(transaction, Some(&a), "b");
    let c = add(transaction, Some(&a), "c");
    let disable = add_on(transaction, Disable, &c, &b);
    let refused = |id: CommitId, by: CommitId| {
        format!(
            "commit {id} cannot be deleted: commit {by} refers to it; only a head that nothing refers to can be"
        )
    };
    assert_eq!(message(transaction.delete_commit(a.id)), refused(a.id, ids([&b, &c])[0]));
    assert_eq!(message(transaction.delete_commit(b.id)), refused(b.id, disable.id), "a head, but disabled");
    assert_eq!(message(transaction.delete_commit(c.id)), refused(c.id, disable.id));
    transaction.delete_commit(disable.id).unwrap();
    assert_eq!(
        message(transaction.delete_commit(disable.id)),
        format!("there is no commit {} here; check the id, or fetch it first", disable.id)
    );
    transaction.delete_commit(b.id).unwrap();
    assert_eq!(transaction.heads().unwrap(), [c.id]);
}

fn a_deleted_commit_uncovers_what_it_stood_on(storage: &dyn Storage) {
    let (a, b, c, merge) = change(storage, |transaction| {
        let a = add(transaction, None, "a");
        let b = add(transaction, Some(&a), "b");
        let c = add(transaction, Some(&a), "c");
        let merge = add_on(transaction, Merge, &b, &c);
        (a, b, c, merge)
    });
    let heads = || storage.snapshot().unwrap().heads().unwrap();
    assert_eq!(heads(), [merge.id]);
    let again = change(storage, |transaction| add_on(transaction, Merge, &c, &b));
    change(storage, |transaction| transaction.delete_commit(merge.id).unwrap());
    assert_eq!(heads(), [again.id], "the other merge still covers both");
    change(storage, |transaction| transaction.delete_commit(again.id).unwrap());
    assert_eq!(heads(), ids([&b, &c]));
    change(storage, |transaction| transaction.delete_commit(b.id).unwrap());
    assert_eq!(heads(), [c.id], "its sibling still covers the parent");
    change(storage, |transaction| transaction.delete_commit(c.id).unwrap());
    assert_eq!(heads(), [a.id]);
    change(storage, |transaction| transaction.delete_commit(a.id).unwrap());
    assert!(heads().is_empty());
    assert!(storage.snapshot().unwrap().children(CommitId::ZERO).unwrap().is_empty());
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

fn a_deleted_commit_can_be_added_again(storage: &dyn Storage) {
    let a = change(storage, |transaction| add(transaction, None, "a"));
    change(storage, |transaction| {
        let blob = add_blob(transaction, &["x"]);
        let b = header(Mutations, Some(&a), None, b"b");
        transaction.put_commit(&b, b"b", &[blob.id]).unwrap();
        transaction.delete_commit(b.id).unwrap();
        assert_eq!(transaction.header(b.id).unwrap(), None);
        assert!(transaction.commit_blobs(b.id).unwrap().is_empty());
        assert!(transaction.put_commit(&b, b"b", &[]).unwrap());
        assert_eq!(transaction.heads().unwrap(), [b.id]);
        assert!(transaction.commit_blobs(b.id).unwrap().is_empty());
        assert_eq!(transaction.arrivals(1, 9).unwrap(), [(3, b)]);
    });
    assert_eq!(storage.snapshot().unwrap().statistics().unwrap().commits, 2);
}

fn definitions_keep_their_order_and_their_first_form(storage: &dyn Storage) {
    let id = |n| RuntimeId::from_uuid(Uuid::from_u128(n));
    change(storage, |transaction| {
        for (n, stored) in [(5, "five"), (1, "one"), (9, "nine"), (1, "one, documented otherwise")] {
            transaction.put_definition(id(n), stored.as_bytes()).unwrap();
        }
        assert_eq!(transaction.definition_count().unwrap(), 3);
    });
    change(storage, |transaction| transaction.put_definition(id(0), b"").unwrap());
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.definitions().unwrap(), [&b"five"[..], b"one", b"nine", b""]);
    assert_eq!(snapshot.definition_ids().unwrap(), [5, 1, 9, 0].map(id));
    assert_eq!(snapshot.definition_count().unwrap(), 4);
}

fn statistics_count_what_is_here(storage: &dyn Storage) {
    let statistics = || storage.snapshot().unwrap().statistics().unwrap();
    let (b, blob) = change(storage, |transaction| {
        let a = add(transaction, None, "1234");
        let b = add(transaction, Some(&a), "567");
        add_blob(transaction, &["abc", "de"]);
        (b, add_blob(transaction, &["abc"]))
    });
    let expected =
        Statistics { commits: 2, payload_bytes: 7, blobs: 2, blob_bytes: 8, chunks: 2, chunk_bytes: 5 };
    assert_eq!(statistics(), expected);
    change(storage, |transaction| {
        transaction.delete_commit(b.id).unwrap();
        transaction.delete_blob(blob.id).unwrap();
    });
    let expected = Statistics { commits: 1, payload_bytes: 4, blobs: 1, blob_bytes: 5, ..expected };
    assert_eq!(statistics(), expected);
}

fn numbers_that_do_not_fit_are_refused(storage: &dyn Storage) {
    let mut commit = header(Mutations, None, None, b"x");
    commit.generation = u64::MAX;
    let mut transaction = storage.transaction().unwrap();
    assert_eq!(
        message(transaction.put_commit(&commit, b"x", &[])),
        "the generation of a commit is 18446744073709551615, the storage holds at most 9223372036854775807"
    );
    let mut blob = super::blob_record(&[]);
    blob.size = u64::MAX;
    assert_eq!(
        message(transaction.put_blob(&blob, &[])),
        "the size of a blob is 18446744073709551615, the storage holds at most 9223372036854775807"
    );
    add(&mut *transaction, None, "the transaction goes on");
}
