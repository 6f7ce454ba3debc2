use std::sync::Arc;

use super::*;
use crate::commit::CommitKind;
use crate::error::Error;
use crate::storage::{MemoryStorage, Meta, Storage};

fn touch(arrival: u64, kind: TouchKind) -> Touch {
    Touch { arrival, kind }
}

fn document(number: u32) -> DocumentBytes {
    let mut document = [7; DOCUMENT];
    document[44..].copy_from_slice(&number.to_be_bytes());
    document
}

fn listed(introduced: Vec<DocumentBytes>, touches: Vec<Touch>) -> Listed {
    Listed { introduced, touches }
}

fn members(runs: &[(u64, u64)]) -> Arrivals {
    let mut members = Arrivals::default();
    runs.iter().for_each(|(first, last)| (*first..=*last).for_each(|arrival| members.insert(arrival)));
    members
}

fn contents() -> Contents {
    use TouchKind::{Changes, Keeps, Masks, Sets};
    Contents {
        ordinal: 3,
        from: 1024,
        commits: 1024,
        masks_merge: false,
        decisions: vec![Decision {
            arrival: 2000,
            target: 1999,
            target_kind: CommitKind::Mutations,
            enables: false,
        }],
        hidden: vec![7, 1999],
        shown: vec![8],
        members: members(&[(1025, 2000), (2010, 2020), (3000, 3000)]),
        listed: BTreeMap::from([
            (5, listed(vec![document(1)], vec![touch(1025, Sets), touch(3000, Changes), touch(7, Masks)])),
            (u32::MAX, listed(vec![], vec![touch(3000, Keeps), touch(u64::MAX >> 4, Changes)])),
        ]),
        values: vec![(document(1), b"a value".to_vec()), (document(2), vec![9; 100])],
    }
}

/// Enough that no section stands in the first part.
fn large() -> Contents {
    let mut contents = contents();
    contents.listed = (0..5000).map(|hash| (hash * 3, listed(vec![document(hash)], vec![]))).collect();
    contents.values =
        (0..300).map(|number| (document(number), vec![number as u8; number as usize])).collect();
    contents.members = Arrivals::default();
    (0..5000).for_each(|number| contents.members.insert(1000 + number * 2));
    contents
}

fn stored(parts: &[Vec<u8>]) -> MemoryStorage {
    let meta =
        Meta { uuid: Default::default(), documentation: String::new(), created: 0, synchronised: false };
    let storage = MemoryStorage::new(meta);
    let mut transaction = storage.transaction().unwrap();
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    transaction.put_checkpoint(3000, 0, &parts).unwrap();
    transaction.commit().unwrap();
    storage
}

#[test]
fn a_segment_says_what_was_put_in_it() {
    let expected = contents();
    let parts = contents().encode();
    assert_eq!(parts.len(), 1);
    let storage = stored(&[]);
    let snapshot = &*storage.snapshot().unwrap();
    let segment = Segment::decode(&parts[0], 3000, 0).unwrap();
    for (hash, listed) in &expected.listed {
        assert_eq!(segment.touches(*hash, snapshot).unwrap(), listed.touches);
    }
    assert_eq!(segment.touches(6, snapshot).unwrap(), []);
    assert_eq!((segment.ordinal, segment.from, segment.commits), (3, 1024, 1024));
    assert_eq!(segment.decisions, expected.decisions);
    assert_eq!((segment.hidden.as_slice(), segment.shown.as_slice()), ([7, 1999].as_slice(), [8].as_slice()));
    assert_eq!(segment.introduced(snapshot).unwrap(), [document(1)]);
    assert_eq!(segment.value(&document(1), snapshot).unwrap().unwrap(), b"a value");
    assert_eq!(segment.value(&document(2), snapshot).unwrap().unwrap(), [9; 100]);
    assert_eq!(segment.value(&document(3), snapshot).unwrap(), None);
    for arrival in [1024, 1025, 2000, 2001, 2009, 2010, 3000, 3001] {
        assert_eq!(
            segment.covers(arrival, snapshot).unwrap(),
            expected.members.contains(arrival),
            "{arrival}"
        );
    }
}

#[test]
fn a_large_segment_is_read_part_by_part() {
    let expected = large();
    let parts = large().encode();
    assert!(parts.len() > 20 && parts[0].len() < 4000, "{} parts after {}", parts.len(), parts[0].len());
    let storage = stored(&parts);
    let snapshot = &*storage.snapshot().unwrap();
    for segment in [Segment::decode(&parts[0], 3000, 0).unwrap(), Segment::hold(&parts, 3000, 0).unwrap()] {
        let introduced: Vec<DocumentBytes> = (0..5000).map(document).collect();
        assert_eq!(segment.introduced(snapshot).unwrap(), introduced);
        for (wanted, value) in &expected.values {
            assert_eq!(segment.value(wanted, snapshot).unwrap().as_ref(), Some(value));
        }
        assert_eq!(segment.value(&document(300), snapshot).unwrap(), None);
        for arrival in 990..11_100 {
            assert_eq!(segment.covers(arrival, snapshot).unwrap(), expected.members.contains(arrival));
        }
        let joined = Segment::join(&[Arc::new(segment)], snapshot).unwrap().unwrap();
        assert_eq!(joined, Contents { values: vec![], ..large() });
    }
}

#[test]
fn a_segment_with_any_byte_changed_or_cut_is_none() {
    let head = contents().encode().remove(0);
    for place in 0..head.len() {
        let mut changed = head.clone();
        changed[place] ^= 1;
        assert!(Segment::decode(&changed, 3000, 0).is_none(), "byte {place}");
        assert!(Segment::decode(&head[..place], 3000, 0).is_none(), "cut at {place}");
    }
}

#[test]
fn a_part_with_any_byte_changed_or_missing_is_damaged() {
    let parts = large().encode();
    let read = |parts: &[Vec<u8>]| -> Result<(), Error> {
        let storage = stored(parts);
        let snapshot = &*storage.snapshot().unwrap();
        let segment = Segment::decode(&parts[0], 3000, 0).unwrap();
        segment.introduced(snapshot)?;
        for number in 0..300 {
            segment.value(&document(number), snapshot)?;
        }
        for arrival in 990..11_100 {
            segment.covers(arrival, snapshot)?;
        }
        Ok(())
    };
    read(&parts).unwrap();
    for place in 1..parts.len() {
        for change in [0, parts[place].len() / 2, parts[place].len() - 1] {
            let mut changed = parts.clone();
            changed[place][change] ^= 8;
            let error = read(&changed).unwrap_err();
            assert!(matches!(error, Error::DamagedCheckpoint { arrival: 3000, level: 0 }), "part {place}");
        }
    }
    assert!(read(&parts[..parts.len() - 1]).is_err());
}

#[test]
fn joined_segments_say_what_each_said_in_order() {
    let storage = stored(&[]);
    let snapshot = &*storage.snapshot().unwrap();
    let first = Arc::new(Segment::hold(&contents().encode(), 3000, 0).unwrap());
    let mut later = contents();
    later.ordinal = 4;
    later.hidden = vec![8, 9];
    later.shown = vec![1999];
    later.members = members(&[(3001, 3005)]);
    later.listed.insert(6, listed(vec![document(6)], vec![touch(3001, TouchKind::Sets)]));
    let second = Arc::new(Segment::hold(&later.encode(), 3005, 0).unwrap());
    let joined = Segment::join(&[first.clone(), second.clone()], snapshot).unwrap().unwrap();
    let joined = Segment::hold(&joined.encode(), 3005, 1).unwrap();
    assert_eq!((joined.ordinal, joined.from, joined.commits), (4, 1024, 2048));
    let touches = |segment: &Segment| segment.touches(5, snapshot).unwrap();
    assert_eq!(touches(&joined), [touches(&first), touches(&second)].concat());
    assert_eq!((joined.hidden.as_slice(), joined.shown.as_slice()), ([7, 9].as_slice(), [].as_slice()));
    assert_eq!(joined.introduced(snapshot).unwrap(), [document(1), document(6)]);
    assert!(joined.covers(3005, snapshot).unwrap() && joined.covers(1025, snapshot).unwrap());
    assert!(!joined.covers(2009, snapshot).unwrap());
}
