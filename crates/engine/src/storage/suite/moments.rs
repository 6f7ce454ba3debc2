//! Promises about snapshots, transactions and the change counter.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anabranch_model::{ChunkId, RuntimeId, Uuid};

use super::{add, add_blob, add_on, blob_record, change, header, promises};
use crate::commit::CommitKind::{Merge, Mutations};
use crate::storage::{Snapshot, Storage};

promises![
    a_snapshot_does_not_see_what_is_written_later,
    a_snapshot_does_not_see_an_open_transaction,
    a_transaction_reads_what_it_wrote,
    a_dropped_transaction_leaves_nothing,
    a_panicking_transaction_leaves_nothing_and_blocks_nobody,
    many_snapshots_stand_side_by_side,
    snapshots_for_threads_are_of_one_moment,
    writers_take_turns,
    readers_see_whole_transactions_while_others_write,
    the_change_counter_rises_with_every_change,
    the_change_counter_stays_when_nothing_changes,
    being_synchronised_is_remembered,
];

/// All that a snapshot answers about commits, as text.
fn everything(snapshot: &dyn Snapshot) -> String {
    let arrivals = snapshot.arrivals(0, usize::MAX).unwrap();
    let payloads: Vec<_> = arrivals.iter().map(|(_, header)| snapshot.payload(header.id).unwrap()).collect();
    let children: Vec<_> = arrivals.iter().map(|(_, header)| snapshot.children(header.id).unwrap()).collect();
    format!(
        "{arrivals:?} {payloads:?} {children:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        snapshot.heads().unwrap(),
        snapshot.data_version().unwrap(),
        snapshot.statistics().unwrap(),
        snapshot.meta().unwrap(),
        snapshot.definitions().unwrap(),
        snapshot.blobs_after(Default::default(), 99).unwrap(),
        snapshot.chunks_after(Default::default(), 99).unwrap(),
    )
}

fn a_snapshot_does_not_see_what_is_written_later(storage: &dyn Storage) {
    let (a, b) = change(storage, |transaction| {
        let a = add(transaction, None, "a");
        let b = add(transaction, Some(&a), "b");
        add_blob(transaction, &["blob"]);
        (a, b)
    });
    let snapshot = storage.snapshot().unwrap();
    // Its first question may come after the change: the moment is when it was taken.
    let other = storage.snapshot().unwrap();
    let before = everything(&*snapshot);
    change(storage, |transaction| {
        transaction.delete_commit(b.id).unwrap();
        let c = add(transaction, Some(&a), "c");
        let d = add(transaction, Some(&a), "d");
        add_on(transaction, Merge, &c, &d);
        transaction.delete_blob(blob_record(&["blob"]).id).unwrap();
        transaction.put_definition(RuntimeId::ZERO, b"definition").unwrap();
        transaction.mark_synchronised().unwrap();
    });
    assert_eq!(everything(&*snapshot), before);
    assert_eq!(everything(&*other), before);
    assert_ne!(everything(&*storage.snapshot().unwrap()), before);
}

fn a_snapshot_does_not_see_an_open_transaction(storage: &dyn Storage) {
    let before = everything(&*storage.snapshot().unwrap());
    let mut transaction = storage.transaction().unwrap();
    add(&mut *transaction, None, "a");
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(everything(&*snapshot), before);
    transaction.commit().unwrap();
    assert_eq!(everything(&*snapshot), before);
    assert_ne!(everything(&*storage.snapshot().unwrap()), before);
}

fn a_transaction_reads_what_it_wrote(storage: &dyn Storage) {
    let mut transaction = storage.transaction().unwrap();
    let a = add(&mut *transaction, None, "a");
    let b = add(&mut *transaction, Some(&a), "b");
    assert_eq!(transaction.header(a.id).unwrap(), Some(a.clone()));
    assert_eq!(transaction.heads().unwrap(), [b.id]);
    assert_eq!(transaction.statistics().unwrap().commits, 2);
    assert_eq!(transaction.arrivals(0, 9).unwrap(), [(1, a.clone()), (2, b.clone())]);
    let blob = add_blob(&mut *transaction, &["x"]);
    assert_eq!(transaction.blob(blob.id).unwrap(), Some(blob));
    let version = transaction.data_version().unwrap();
    assert!(version > 0, "it is no longer the moment that answered 0");
    let inside = everything(&*transaction);
    transaction.commit().unwrap();
    assert_eq!(everything(&*storage.snapshot().unwrap()), inside);
}

fn a_dropped_transaction_leaves_nothing(storage: &dyn Storage) {
    let a = change(storage, |transaction| add(transaction, None, "a"));
    let before = everything(&*storage.snapshot().unwrap());
    let mut transaction = storage.transaction().unwrap();
    let b = add(&mut *transaction, Some(&a), "b");
    transaction.delete_commit(b.id).unwrap();
    transaction.delete_commit(a.id).unwrap();
    add_blob(&mut *transaction, &["x"]);
    transaction.put_definition(RuntimeId::ZERO, b"definition").unwrap();
    transaction.mark_synchronised().unwrap();
    drop(transaction);
    assert_eq!(everything(&*storage.snapshot().unwrap()), before);
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

fn a_panicking_transaction_leaves_nothing_and_blocks_nobody(storage: &dyn Storage) {
    let before = everything(&*storage.snapshot().unwrap());
    let outcome = thread::scope(|scope| {
        scope
            .spawn(|| {
                let mut transaction = storage.transaction().unwrap();
                add(&mut *transaction, None, "a");
                panic!("as a careless caller would");
            })
            .join()
    });
    assert!(outcome.is_err());
    assert_eq!(everything(&*storage.snapshot().unwrap()), before);
    change(storage, |transaction| add(transaction, None, "a"));
}

fn many_snapshots_stand_side_by_side(storage: &dyn Storage) {
    let mut snapshots = vec![storage.snapshot().unwrap()];
    let mut last = None;
    for i in 0..20 {
        last = Some(change(storage, |transaction| add(transaction, last.as_ref(), &i.to_string())));
        snapshots.push(storage.snapshot().unwrap());
    }
    for (i, snapshot) in snapshots.iter().enumerate() {
        assert_eq!(snapshot.statistics().unwrap().commits, i as u64);
        assert_eq!(snapshot.arrivals(0, 99).unwrap().len(), i);
    }
}

fn writers_take_turns(storage: &dyn Storage) {
    thread::scope(|scope| {
        for writer in 0..4 {
            scope.spawn(move || {
                for i in 0..10 {
                    change(storage, |transaction| {
                        let seen = transaction.arrivals(0, usize::MAX).unwrap();
                        let parent = seen.last().map(|(_, header)| header);
                        add(transaction, parent, &format!("{writer} {i}"));
                    });
                }
            });
        }
    });
    let snapshot = storage.snapshot().unwrap();
    assert_eq!(snapshot.heads().unwrap().len(), 1, "each saw the one before it");
    assert_eq!(snapshot.statistics().unwrap().commits, 40);
}

fn readers_see_whole_transactions_while_others_write(storage: &dyn Storage) {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut version = 0;
                while !is_done.load(Ordering::Relaxed) {
                    let snapshot = storage.snapshot().unwrap();
                    let commits = snapshot.arrivals(0, usize::MAX).unwrap().len();
                    assert_eq!(commits % 3, 0, "three come at a time");
                    assert_eq!(snapshot.statistics().unwrap().commits, commits as u64);
                    assert_eq!(snapshot.heads().unwrap().len(), usize::from(commits > 0));
                    let now = snapshot.data_version().unwrap();
                    assert!(now >= version, "time goes one way");
                    version = now;
                }
            });
        }
        let mut last = None;
        for i in 0..40 {
            change(storage, |transaction| {
                for j in 0..3 {
                    last = Some(add(transaction, last.as_ref(), &format!("{i} {j}")));
                }
            });
        }
        is_done.store(true, Ordering::Relaxed);
    });
}

fn the_change_counter_rises_with_every_change(storage: &dyn Storage) {
    let mut version = 0;
    let mut rises = |storage: &dyn Storage, what: &str| {
        let now = storage.snapshot().unwrap().data_version().unwrap();
        assert!(now > version, "{what} raises it");
        version = now;
    };
    let a = change(storage, |transaction| add(transaction, None, "a"));
    rises(storage, "a commit");
    let b = change(storage, |transaction| add(transaction, Some(&a), "b"));
    rises(storage, "another commit");
    change(storage, |transaction| transaction.delete_commit(b.id).unwrap());
    rises(storage, "a deletion");
    change(storage, |transaction| add(transaction, Some(&a), "c"));
    rises(storage, "a commit in the place of a deleted one");
    change(storage, |transaction| transaction.put_definition(RuntimeId::ZERO, b"x").unwrap());
    rises(storage, "a definition");
    let blob = change(storage, |transaction| add_blob(transaction, &["x"]));
    rises(storage, "a blob");
    change(storage, |transaction| transaction.delete_blob(blob.id).unwrap());
    rises(storage, "a deleted blob");
    change(storage, |transaction| {
        add(transaction, Some(&a), "d");
        add_blob(transaction, &["x"]);
    });
    rises(storage, "all at once");
}

fn the_change_counter_stays_when_nothing_changes(storage: &dyn Storage) {
    let id = RuntimeId::from_uuid(Uuid::from_u128(3));
    let (a, blob) = change(storage, |transaction| {
        transaction.put_definition(id, b"x").unwrap();
        (add(transaction, None, "a"), add_blob(transaction, &["x"]))
    });
    let version = storage.snapshot().unwrap().data_version().unwrap();
    change(storage, |_| {});
    change(storage, |transaction| {
        assert!(!transaction.put_commit(&a, b"a", &[]).unwrap());
        assert!(!transaction.put_blob(&blob, &[]).unwrap());
        assert!(!transaction.put_chunk(ChunkId::of(b"x"), b"x").unwrap());
        transaction.put_definition(id, b"x").unwrap();
        let unknown = header(Mutations, Some(&header(Mutations, None, None, b"?")), None, b"?");
        assert!(transaction.put_commit(&unknown, b"?", &[]).is_err());
        assert!(transaction.delete_commit(unknown.id).is_err());
    });
    // Chunks alone are no content yet, and having been synchronised is none at all.
    change(storage, |transaction| assert!(transaction.put_chunk(ChunkId::of(b"y"), b"y").unwrap()));
    change(storage, |transaction| transaction.mark_synchronised().unwrap());
    let mut transaction = storage.transaction().unwrap();
    add(&mut *transaction, Some(&a), "dropped");
    drop(transaction);
    assert_eq!(storage.snapshot().unwrap().data_version().unwrap(), version);
    assert_eq!(storage.snapshot().unwrap().statistics().unwrap().chunks, 2);
}

fn being_synchronised_is_remembered(storage: &dyn Storage) {
    for _ in 0..2 {
        change(storage, |transaction| transaction.mark_synchronised().unwrap());
        let meta = storage.snapshot().unwrap().meta().unwrap();
        assert!(meta.synchronised);
        assert_eq!(meta.documentation, super::meta().documentation);
    }
}

fn snapshots_for_threads_are_of_one_moment(storage: &dyn Storage) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut last = None;
            for number in 0..300 {
                last = Some(change(storage, |transaction| {
                    add(transaction, last.as_ref(), &format!("{number}"))
                }));
            }
            is_over.store(true, Ordering::Relaxed);
        });
        let mut had = 0;
        while had == 0 || !is_over.load(Ordering::Relaxed) {
            let snapshots = storage.snapshots(4).unwrap();
            assert!(snapshots.is_empty() || snapshots.len() == 4);
            had += snapshots.len();
            let readers: Vec<_> = snapshots
                .into_iter()
                .map(|snapshot| {
                    thread::scope(|scope| scope.spawn(move || everything(&*snapshot)).join().unwrap())
                })
                .collect();
            assert!(readers.windows(2).all(|pair| pair[0] == pair[1]));
        }
    });
}
