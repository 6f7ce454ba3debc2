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
    a_checkpoint_is_read_and_dropped_by_parts,
    many_links_and_payloads_are_those_of_each,
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
            transaction.put_checkpoint(arrival, 3, &[format!("at {arrival}").as_bytes()]).unwrap();
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
        transaction.put_checkpoint(7, 15, &[b"high", b"and", b"more"]).unwrap();
        transaction.put_checkpoint(7, 2, &[b"low"]).unwrap();
        transaction.put_checkpoint(8, 0, &[b"another place"]).unwrap();
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
        transaction.put_checkpoint(1, 1, &[b"123", b"45"]).unwrap();
        transaction.put_checkpoint(2, 1, &[&[7; 100_000]]).unwrap();
        assert_eq!(transaction.checkpoint_bytes().unwrap(), 100_005);
    });
    assert_eq!(bytes(), 100_005);
    change(storage, |transaction| transaction.put_checkpoint(1, 1, &[b"123"]).unwrap());
    assert_eq!(bytes(), 100_003);
    assert_eq!(storage.snapshot().unwrap().checkpoint(1, 1).unwrap(), Some((1, b"123".to_vec())));
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
    change(storage, |transaction| transaction.drop_checkpoints().unwrap());
    assert_eq!(bytes(), 0);
    assert_eq!(storage.snapshot().unwrap().checkpoint_before(u64::MAX).unwrap(), None);
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

fn a_checkpoint_is_read_and_dropped_by_parts(storage: &dyn Storage) {
    change(storage, |transaction| {
        transaction.put_checkpoint(5, 1, &[b"head", b"one", b"two"]).unwrap();
        transaction.put_checkpoint(5, 0, &[b"low"]).unwrap();
        transaction.put_checkpoint(6, 0, &[b"next"]).unwrap();
    });
    let part =
        |arrival, level, part| storage.snapshot().unwrap().checkpoint_part(arrival, level, part).unwrap();
    let parts = [b"head".to_vec(), b"one".to_vec(), b"two".to_vec()];
    assert_eq!([0, 1, 2].map(|number| part(5, 1, number).unwrap()), parts);
    assert_eq!([part(5, 1, 3), part(5, 0, 1), part(4, 0, 0), part(u64::MAX, 1, 1)], [None, None, None, None]);
    change(storage, |transaction| {
        transaction.put_checkpoint(5, 1, &[b"HEAD"]).unwrap();
        assert_eq!(transaction.checkpoint_bytes().unwrap(), 11);
    });
    assert_eq!([part(5, 1, 0), part(5, 1, 1)], [Some(b"HEAD".to_vec()), None]);
    change(storage, |transaction| {
        transaction.delete_checkpoint(5, 1).unwrap();
        transaction.delete_checkpoint(7, 1).unwrap();
    });
    assert_eq!(storage.snapshot().unwrap().checkpoint(5, 15).unwrap(), Some((0, b"low".to_vec())));
    assert_eq!(storage.snapshot().unwrap().checkpoint_bytes().unwrap(), 7);
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

fn many_links_and_payloads_are_those_of_each(storage: &dyn Storage) {
    change(storage, |transaction| {
        let a = add(transaction, None, "a");
        let b = add(transaction, Some(&a), "b");
        let c = add(transaction, Some(&a), "c");
        add_on(transaction, Merge, &b, &c);
    });
    let snapshot = storage.snapshot().unwrap();
    for (first, last) in [(1, 4), (2, 3), (3, 9), (4, 3), (7, 9), (0, 1)] {
        let links: Vec<Link> =
            (first..=last).filter_map(|arrival| snapshot.link_at(arrival).unwrap()).collect();
        assert_eq!(snapshot.links(first, last).unwrap(), links);
        let payloads = snapshot.payloads(first, last).unwrap();
        assert!(
            payloads
                .iter()
                .map(|(arrival, _)| *arrival)
                .eq(links.iter().map(|l| l.arrival).take(payloads.len()))
        );
        for (arrival, payload) in payloads {
            assert_eq!(snapshot.payload_at(arrival).unwrap(), Some(payload));
        }
    }
    assert!(!snapshot.payloads(1, 4).unwrap().is_empty());
}

fn checkpoints_are_no_content(storage: &dyn Storage) {
    change(storage, |transaction| add(transaction, None, "a"));
    let before = storage.snapshot().unwrap();
    change(storage, |transaction| transaction.put_checkpoint(1, 0, &[b"x"]).unwrap());
    let after = storage.snapshot().unwrap();
    assert_eq!(after.data_version().unwrap(), before.data_version().unwrap());
    assert_eq!(before.checkpoint(1, 0).unwrap(), None, "a snapshot is a snapshot of them too");
    assert_eq!(after.checkpoint(1, 0).unwrap(), Some((0, b"x".to_vec())));
}

fn a_level_that_there_is_none_of_is_refused(storage: &dyn Storage) {
    let mut transaction = storage.transaction().unwrap();
    assert_eq!(
        message(transaction.put_checkpoint(1, 16, &[b"x"])),
        "the level of a checkpoint is 16, the storage holds at most 15"
    );
}
