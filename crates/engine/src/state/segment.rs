//! A segment: which commits touched which documents in one stretch of history (`docs/spec/file-format.md`,
//! "Checkpoints").
//!
//! A segment is an index and nothing more: it says where to read, never what is there. It does not depend on masks, is
//! small whatever documents hold, and can be dropped and made again at any time. Its bytes start with their own hash, so
//! that a damaged one is noticed before anything in it is believed.

use std::collections::BTreeMap;
use std::ops::Range;

use anabranch_model::{Key, RuntimeId, Uuid};

use super::masks::Decision;
use crate::commit::CommitKind;
use crate::opcode::DocumentId;

/// The version of the format. A segment of another version is made again.
const VERSION: u8 = 1;
const CONTEXT: &str = "anabranch 2026 checkpoint v1";
const HASH: usize = 32;
const DOCUMENT: usize = 48;
const TABLE_ENTRY: usize = 8;

/// The bytes that name a document: attachment runtime id, concept runtime id, instance.
pub(super) type DocumentBytes = [u8; DOCUMENT];

/// The bytes that name a document.
pub(super) fn document_bytes(id: &DocumentId) -> DocumentBytes {
    let mut bytes = [0; DOCUMENT];
    bytes[..16].copy_from_slice(id.attachment.as_bytes());
    bytes[16..].copy_from_slice(&id.key.to_bytes());
    bytes
}

/// The document that bytes name, where its concept is known.
pub(super) fn document_id(
    bytes: &DocumentBytes,
    definitions: &dyn anabranch_model::definitions::Lookup,
) -> Option<DocumentId> {
    let uuid = |range: Range<usize>| Uuid::from_slice(&bytes[range]).unwrap_or_default();
    let concept = definitions.concept(RuntimeId::from_uuid(uuid(16..32)))?;
    let key = Key::new(concept, uuid(32..48));
    Some(DocumentId { attachment: RuntimeId::from_uuid(uuid(0..16)), key })
}

/// Finds documents in a segment. Two documents may share one: what is read then tells them apart.
pub(super) fn document_hash(document: &DocumentBytes) -> u32 {
    let hash = blake3::hash(document);
    let bytes = hash.as_bytes();
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// A commit that touched a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Touch {
    /// The number under which the commit arrived.
    pub(super) arrival: u64,
    /// Whether it set the whole document, so that what came before does not matter while it is on.
    pub(super) sets: bool,
}

/// What a segment says, before it is bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// How many boundaries there are on this line up to the end of the segment, itself included.
    pub(super) ordinal: u64,
    /// The boundary where it starts, 0 for the beginning of history.
    pub(super) from: u64,
    /// How many commits it covers.
    pub(super) commits: u64,
    /// Whether a merge is masked at the end.
    pub(super) masks_merge: bool,
    /// The decisions made in it, in order.
    pub(super) decisions: Vec<Decision>,
    /// The `Mutations` commits that are off at the end, ascending.
    pub(super) off: Vec<u64>,
    /// The documents first set in it, by commits that are on or off.
    pub(super) introduced: Vec<DocumentBytes>,
    /// For each document hash, the commits that touched such documents, in linearisation order.
    pub(super) touches: BTreeMap<u32, Vec<Touch>>,
}

fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Small numbers for small differences in either direction.
fn zigzag(from: u64, to: u64) -> u64 {
    let difference = to.wrapping_sub(from) as i64;
    (difference << 1 ^ difference >> 63) as u64
}

fn unzigzag(from: u64, coded: u64) -> u64 {
    let difference = (coded >> 1) as i64 ^ -((coded & 1) as i64);
    from.wrapping_add(difference as u64)
}

impl Contents {
    /// The bytes of the segment, starting with their hash.
    pub(super) fn encode(mut self) -> Vec<u8> {
        let mut bytes = vec![0; HASH];
        bytes.push(VERSION);
        for number in [self.ordinal, self.from, self.commits, u64::from(self.masks_merge)] {
            write(&mut bytes, number);
        }
        write(&mut bytes, self.decisions.len() as u64);
        for decision in &self.decisions {
            write(&mut bytes, decision.arrival);
            write(&mut bytes, decision.target);
            bytes.push(decision.target_kind.code() << 1 | u8::from(decision.enables));
        }
        write(&mut bytes, self.off.len() as u64);
        self.off.iter().for_each(|arrival| write(&mut bytes, *arrival));
        self.introduced.sort_unstable_by_key(|document| (document_hash(document), *document));
        write(&mut bytes, self.introduced.len() as u64);
        self.introduced.iter().for_each(|document| bytes.extend_from_slice(document));

        let mut data = Vec::new();
        let mut table = Vec::with_capacity(self.touches.len() * TABLE_ENTRY);
        for (hash, touches) in &self.touches {
            table.extend_from_slice(&hash.to_be_bytes());
            // A segment is far below 4 GiB; one that were not would not decode, and be made again.
            table.extend_from_slice(&(data.len() as u32).to_be_bytes());
            write(&mut data, touches.len() as u64);
            let mut last = 0;
            for touch in touches {
                write(&mut data, zigzag(last, touch.arrival) << 1 | u64::from(touch.sets));
                last = touch.arrival;
            }
        }
        write(&mut bytes, self.touches.len() as u64);
        bytes.extend(table);
        bytes.extend(data);
        let hash = blake3::derive_key(CONTEXT, &bytes[HASH..]);
        bytes[..HASH].copy_from_slice(&hash);
        bytes
    }
}

/// A segment as it is stored.
#[derive(Debug)]
pub(super) struct Segment {
    bytes: Vec<u8>,
    pub(super) ordinal: u64,
    pub(super) from: u64,
    pub(super) commits: u64,
    pub(super) masks_merge: bool,
    pub(super) decisions: Vec<Decision>,
    pub(super) off: Vec<u64>,
    introduced: Range<usize>,
    table: Range<usize>,
}

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// The place of this many items of a size, which are then passed over.
    fn skip(&mut self, count: u64, size: usize) -> Option<Range<usize>> {
        let end = usize::try_from(count).ok()?.checked_mul(size)?.checked_add(self.at)?;
        let range = self.at..end;
        self.at = end;
        (end <= self.bytes.len()).then_some(range)
    }
}

impl Segment {
    /// The segment in these bytes; none when they are damaged or of another version.
    pub(super) fn decode(bytes: Vec<u8>) -> Option<Self> {
        let body = bytes.get(HASH..)?;
        if blake3::derive_key(CONTEXT, body) != bytes[..HASH] {
            return None;
        }
        let mut cursor = Cursor { bytes: &bytes, at: HASH };
        if cursor.byte()? != VERSION {
            return None;
        }
        let (ordinal, from, commits) = (cursor.number()?, cursor.number()?, cursor.number()?);
        let masks_merge = cursor.number()? == 1;
        let mut decisions = Vec::new();
        for _ in 0..cursor.number()? {
            let (arrival, target, code) = (cursor.number()?, cursor.number()?, cursor.byte()?);
            let target_kind = CommitKind::from_code(code >> 1)?;
            decisions.push(Decision { arrival, target, target_kind, enables: code & 1 == 1 });
        }
        let mut off = Vec::new();
        for _ in 0..cursor.number()? {
            off.push(cursor.number()?);
        }
        let count = cursor.number()?;
        let introduced = cursor.skip(count, DOCUMENT)?;
        let count = cursor.number()?;
        let table = cursor.skip(count, TABLE_ENTRY)?;
        Some(Self { ordinal, from, commits, masks_merge, decisions, off, introduced, table, bytes })
    }

    /// The documents first set in the segment, by hash.
    pub(super) fn introduced(&self) -> &[DocumentBytes] {
        self.bytes[self.introduced.clone()].as_chunks().0
    }

    /// Whether the document was first set in the segment. Logarithmic.
    pub(super) fn introduces(&self, document: &DocumentBytes) -> bool {
        let key = (document_hash(document), *document);
        self.introduced().binary_search_by_key(&key, |known| (document_hash(known), *known)).is_ok()
    }

    fn table(&self) -> &[[u8; TABLE_ENTRY]] {
        self.bytes[self.table.clone()].as_chunks().0
    }

    /// The commits that touched documents of this hash, in linearisation order. Logarithmic.
    pub(super) fn touches(&self, hash: u32) -> Vec<Touch> {
        let table = self.table();
        match table.binary_search_by_key(&hash, |[a, b, c, d, ..]| u32::from_be_bytes([*a, *b, *c, *d])) {
            Ok(place) => self.touches_at(&table[place]),
            Err(_) => Vec::new(),
        }
    }

    fn touches_at(&self, [.., a, b, c, d]: &[u8; TABLE_ENTRY]) -> Vec<Touch> {
        let offset = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let mut cursor = Cursor { bytes: &self.bytes, at: self.table.end.saturating_add(offset) };
        let mut touches = Vec::new();
        let mut last = 0;
        for _ in 0..cursor.number().unwrap_or_default() {
            // What the hash vouches for was written whole.
            let Some(coded) = cursor.number() else { break };
            last = unzigzag(last, coded >> 1);
            touches.push(Touch { arrival: last, sets: coded & 1 == 1 });
        }
        touches
    }

    /// One segment that says what these say, which follow each other, the oldest first.
    pub(super) fn join(segments: &[&Segment]) -> Option<Contents> {
        let (first, last) = (segments.first()?, segments.last()?);
        let mut contents = Contents {
            ordinal: last.ordinal,
            from: first.from,
            commits: segments.iter().map(|segment| segment.commits).sum(),
            masks_merge: last.masks_merge,
            off: last.off.clone(),
            ..Contents::default()
        };
        for segment in segments {
            contents.decisions.extend(&segment.decisions);
            contents.introduced.extend(segment.introduced());
            for entry in segment.table() {
                let [a, b, c, d, ..] = *entry;
                let touches = contents.touches.entry(u32::from_be_bytes([a, b, c, d])).or_default();
                touches.extend(segment.touches_at(entry));
            }
        }
        Some(contents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> Contents {
        let touch = |arrival, sets| Touch { arrival, sets };
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
            off: vec![1999],
            introduced: vec![[7; DOCUMENT], [3; DOCUMENT]],
            touches: BTreeMap::from([
                (5, vec![touch(1025, true), touch(3000, false), touch(1026, false)]),
                (u32::MAX, vec![touch(u64::MAX >> 2, true)]),
            ]),
        }
    }

    #[test]
    fn a_segment_says_what_was_put_in_it() {
        let expected = contents();
        let segment = Segment::decode(contents().encode()).unwrap();
        assert_eq!(segment.touches(5), expected.touches[&5]);
        assert_eq!(segment.touches(u32::MAX), expected.touches[&u32::MAX]);
        assert_eq!(segment.touches(6), []);
        assert_eq!((segment.ordinal, segment.from, segment.commits), (3, 1024, 1024));
        assert_eq!(segment.decisions, expected.decisions);
        assert_eq!(segment.off, [1999]);
        assert!(segment.introduces(&[7; DOCUMENT]) && segment.introduces(&[3; DOCUMENT]));
        assert!(!segment.introduces(&[4; DOCUMENT]));
    }

    #[test]
    fn a_segment_with_any_byte_changed_or_cut_is_none() {
        let bytes = contents().encode();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(Segment::decode(changed).is_none(), "byte {place}");
            assert!(Segment::decode(bytes[..place].to_vec()).is_none(), "cut at {place}");
        }
    }

    #[test]
    fn joined_segments_say_what_each_said_in_order() {
        let first = Segment::decode(contents().encode()).unwrap();
        let mut later = contents();
        later.ordinal = 4;
        later.off = vec![];
        later.introduced = vec![[9; DOCUMENT]];
        let second = Segment::decode(later.encode()).unwrap();
        let joined = Segment::decode(Segment::join(&[&first, &second]).unwrap().encode()).unwrap();
        assert_eq!((joined.ordinal, joined.from, joined.commits), (4, 1024, 2048));
        assert_eq!(joined.touches(5), [first.touches(5), second.touches(5)].concat());
        assert!(joined.off.is_empty());
        assert_eq!(joined.introduced().len(), 3);
    }
}
