//! Promises about history by arrival numbers, and about checkpoints.

use anabranch_model::CommitId;

use super::{add, add_on, change, message, promises};
use crate::commit::CommitKind::{Merge, Mutations};
use crate::storage::{Link, Storage};

promises![
    history_is_read_by_arrival_numbers,
    a_checkpoint_is_found_at_and_before_an_arrival,
    a_checkpoint_of_a_higher_level_hides_lower_ones,
    a_checkpoint_is_replaced_and_all_are_dropped,
    checkpoints_are_no_content,
    a_level_that_there_is_none_of_is_refused,
];

fn history_is_read_by_arrival_numbers(storage: &dyn Storage) {
    let (a, b, c, merge) = change(storage, |transaction| {
        let a = add(transaction, None, "a");
        let b = add(transaction, Some(&a), "b");
        let c = add(transaction, Some(&a), "c");
        (a.clone(), b.clone(), c.clone(), add_on(transaction, Merge, &b, &c))
    });
    let snapshot = storage.snapshot().unwrap();
    for (arrival, commit) in (1..).zip([&a, &b, &c, &merge]) {
        assert_eq!(snapshot.arrival_of(commit.id).unwrap(), Some(arrival));
        assert_eq!(snapshot.commit_at(arrival).unwrap(), Some(commit.id));
        assert_eq!(snapshot.payload_at(arrival).unwrap(), snapshot.payload(commit.id).unwrap());
    }
    let link = |arrival, kind, parent, target| Some(Link { arrival, kind, parent, target });
    assert_eq!(snapshot.link_at(1).unwrap(), link(1, Mutations, 0, 0));
    assert_eq!(snapshot.link_at(3).unwrap(), link(3, Mutations, 1, 0));
    assert_eq!(snapshot.link_at(4).unwrap(), link(4, Merge, 2, 3));
    for unknown in [0, 5, u64::MAX] {
        assert_eq!(snapshot.link_at(unknown).unwrap(), None);
        assert_eq!(snapshot.commit_at(unknown).unwrap(), None);
        assert_eq!(snapshot.payload_at(unknown).unwrap(), None);
    }
    assert_eq!(snapshot.arrival_of(CommitId::ZERO).unwrap(), None);
}

fn a_checkpoint_is_found_at_and_before_an_arrival(storage: &dyn Storage) {
    change(storage, |transaction| {
        for arrival in [10, 30] {
            transaction.put_checkpoint(arrival, 3, format!("at {arrival}").as_bytes()).unwrap();
        }
    });
    let snapshot = storage.snapshot().unwrap();
    let before = |arrival| snapshot.checkpoint_before(arrival).unwrap();
    assert_eq!([0, 9, 10, 11, 29, 30, 31, u64::MAX].map(before), {
        [None, None, Some(10), Some(10), Some(10), Some(30), Some(30), Some(30)]
    });
    assert_eq!(snapshot.checkpoint(10, 15).unwrap(), Some((3, b"at 10".to_vec())));
    assert_eq!(snapshot.checkpoint(11, 15).unwrap(), None);
    assert_eq!(snapshot.checkpoint(u64::MAX, 15).unwrap(), None);
}

fn a_checkpoint_of_a_higher_level_hides_lower_ones(storage: &dyn Storage) {
    change(storage, |transaction| {
        transaction.put_checkpoint(7, 15, b"high").unwrap();
        transaction.put_checkpoint(7, 2, b"low").unwrap();
        transaction.put_checkpoint(8, 0, b"another place").unwrap();
    });
    let snapshot = storage.snapshot().unwrap();
    let found = |most| snapshot.checkpoint(7, most).unwrap();
    assert_eq!(found(15), Some((15, b"high".to_vec())));
    assert_eq!(found(14), Some((2, b"low".to_vec())));
    assert_eq!(found(1), None);
}

fn a_checkpoint_is_replaced_and_all_are_dropped(storage: &dyn Storage) {
    let bytes = || storage.snapshot().unwrap().checkpoint_bytes().unwrap();
    change(storage, |transaction| {
        transaction.put_checkpoint(1, 1, b"12345").unwrap();
        transaction.put_checkpoint(2, 1, &[7; 100_000]).unwrap();
        assert_eq!(transaction.checkpoint_bytes().unwrap(), 100_005);
    });
    assert_eq!(bytes(), 100_005);
    change(storage, |transaction| transaction.put_checkpoint(1, 1, b"123").unwrap());
    assert_eq!(bytes(), 100_003);
    assert_eq!(storage.snapshot().unwrap().checkpoint(1, 1).unwrap(), Some((1, b"123".to_vec())));
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
    change(storage, |transaction| transaction.drop_checkpoints().unwrap());
    assert_eq!(bytes(), 0);
    assert_eq!(storage.snapshot().unwrap().checkpoint_before(u64::MAX).unwrap(), None);
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

fn checkpoints_are_no_content(storage: &dyn Storage) {
    change(storage, |transaction| add(transaction, None, "a"));
    let before = storage.snapshot().unwrap();
    change(storage, |transaction| transaction.put_checkpoint(1, 0, b"x").unwrap());
    let after = storage.snapshot().unwrap();
    assert_eq!(after.data_version().unwrap(), before.data_version().unwrap());
    assert_eq!(before.checkpoint(1, 0).unwrap(), None, "a snapshot is a snapshot of them too");
    assert_eq!(after.checkpoint(1, 0).unwrap(), Some((0, b"x".to_vec())));
}

fn a_level_that_there_is_none_of_is_refused(storage: &dyn Storage) {
    let mut transaction = storage.transaction().unwrap();
    assert_eq!(
        message(transaction.put_checkpoint(1, 16, b"x")),
        "the level of a checkpoint is 16, the storage holds at most 15"
    );
}
