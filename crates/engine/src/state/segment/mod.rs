//! A segment: which commits touched which documents in one stretch of history (`docs/spec/file-format.md`,
//! "Checkpoints").
//!
//! A segment says where to read, not what is there, but for documents that were changed often: of those it keeps what
//! they are at its end. It is small whatever documents hold, and can be dropped and made again at any time. It is stored
//! in parts, so that looking up one document reads little of it; the first part starts with its own hash and has those of
//! the others, so that damage is noticed before anything is believed.

pub(super) mod bytes;
mod read;

use std::collections::BTreeMap;

use anabranch_model::{Key, RuntimeId, Uuid};

use self::bytes::{write, write_numbers, zigzag};
pub(super) use self::read::Segment;
use super::arrivals::Arrivals;
use super::masks::Decision;
use crate::opcode::DocumentId;

/// The version of the format. A segment of another version is made again.
const VERSION: u8 = 2;
const CONTEXT: &str = "anabranch 2026 checkpoint v2";
/// Of the first part, which is vouched for by its own hash.
const HASH: usize = 32;
/// Of the other parts.
const PART_HASH: usize = 16;
const DOCUMENT: usize = 48;
/// The bytes of a document that name its attachment and concept: few are different.
const CLASS: usize = 32;

/// How large a section may be that stands in the first part.
const INLINE: usize = 10_000;
/// How large other parts are, but for those of one large item: four of them share a page of the file.
const PART: usize = 4_000;
/// How many runs of arrival numbers stand in a part.
const RUNS: usize = 1_000;

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
    let uuid = |start: usize| Uuid::from_slice(&bytes[start..start + 16]).unwrap_or_default();
    let concept = definitions.concept(RuntimeId::from_uuid(uuid(16)))?;
    let key = Key::new(concept, uuid(32));
    Some(DocumentId { attachment: RuntimeId::from_uuid(uuid(0)), key })
}

/// Finds documents in a segment: three bytes, for more would cost more than what they save. Two documents may share one:
/// what is read then tells them apart.
pub(super) fn document_hash(document: &DocumentBytes) -> u32 {
    let hash = blake3::hash(document);
    let bytes = hash.as_bytes();
    u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]])
}

/// What a segment says about a document, besides that it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TouchKind {
    /// A commit changed it.
    Changes,
    /// A commit set it whole, so that what came before does not matter while that commit is on.
    Sets,
    /// The checkpoint of level 0 at a boundary keeps what it is there.
    Keeps,
    /// A commit from before the segment that touched it was hidden or shown in the segment: what was kept between that
    /// commit and here is not what it is any more.
    Masks,
}

impl TouchKind {
    const ALL: [Self; 4] = [Self::Changes, Self::Sets, Self::Keeps, Self::Masks];
}

/// A commit or boundary that matters for a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Touch {
    /// The number under which the commit, or that at the boundary, arrived.
    pub(super) arrival: u64,
    pub(super) kind: TouchKind,
}

/// What a segment says about the documents of one hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    /// Those that are set in it, unless it was known that they had been set before.
    pub(super) introduced: Vec<DocumentBytes>,
    /// In linearisation order.
    pub(super) touches: Vec<Touch>,
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
    /// The `Mutations` commits that are off at the end and were not at the start, ascending.
    pub(super) hidden: Vec<u64>,
    /// Those that were off at the start and are not at the end, ascending.
    pub(super) shown: Vec<u64>,
    /// The commits that it covers.
    pub(super) members: Arrivals,
    /// By document hash.
    pub(super) listed: BTreeMap<u32, Listed>,
    /// Documents as they are at the end, encoded; nothing for those that are absent. Only in segments of level 0.
    pub(super) values: Vec<(DocumentBytes, Vec<u8>)>,
}

/// Items under ascending keys, to be cut into parts.
#[derive(Default)]
struct Items {
    bytes: Vec<u8>,
    /// The key of each, and where it ends.
    ends: Vec<(u64, usize)>,
}

impl Items {
    fn end(&mut self, key: u64) {
        self.ends.push((key, self.bytes.len()));
    }

    /// The parts, each with the key of its first item. In a part, each item follows the difference of its key from the
    /// one before.
    fn cut(self) -> Vec<(u64, Vec<u8>)> {
        let limit = if self.bytes.len() + 5 * self.ends.len() <= INLINE { usize::MAX } else { PART };
        let mut parts: Vec<(u64, Vec<u8>)> = Vec::new();
        let (mut start, mut before) = (0, 0);
        for (key, end) in self.ends {
            let item = &self.bytes[start..end];
            start = end;
            match parts.last_mut() {
                Some((_, part)) if part.len() + item.len() <= limit => {
                    write(part, key - before);
                    part.extend_from_slice(item);
                }
                _ => {
                    let mut part = Vec::new();
                    write(&mut part, key);
                    part.extend_from_slice(item);
                    parts.push((key, part));
                }
            }
            before = key;
        }
        parts
    }
}

/// Attachments and concepts of documents, numbered.
#[derive(Default)]
struct Classes(Vec<[u8; CLASS]>);

impl Classes {
    fn write(&mut self, bytes: &mut Vec<u8>, document: &DocumentBytes) {
        let (class, instance) = document.split_at(CLASS);
        let number = self.0.iter().position(|known| known == class).unwrap_or_else(|| {
            self.0.extend(class.first_chunk::<CLASS>());
            self.0.len() - 1
        });
        write(bytes, number as u64);
        bytes.extend_from_slice(instance);
    }
}

fn part_hash(part: &[u8]) -> [u8; PART_HASH] {
    let mut hash = [0; PART_HASH];
    blake3::Hasher::new_derive_key(CONTEXT).update(part).finalize_xof().fill(&mut hash);
    hash
}

impl Contents {
    /// The parts of the segment, the first starting with its hash.
    pub(super) fn encode(mut self) -> Vec<Vec<u8>> {
        let mut classes = Classes::default();
        let mut touches = Items::default();
        for (hash, listed) in &self.listed {
            write(
                &mut touches.bytes,
                (listed.touches.len() as u64) << 1 | u64::from(!listed.introduced.is_empty()),
            );
            if !listed.introduced.is_empty() {
                write(&mut touches.bytes, listed.introduced.len() as u64);
                listed.introduced.iter().for_each(|document| classes.write(&mut touches.bytes, document));
            }
            let mut last = self.from;
            for touch in &listed.touches {
                write(&mut touches.bytes, zigzag(last, touch.arrival) << 2 | touch.kind as u64);
                last = touch.arrival;
            }
            touches.end(u64::from(*hash));
        }
        self.values.sort_by_cached_key(|(document, _)| (document_hash(document), *document));
        let mut values = Items::default();
        for (document, value) in &self.values {
            classes.write(&mut values.bytes, document);
            write(&mut values.bytes, value.len() as u64);
            values.bytes.extend_from_slice(value);
            values.end(u64::from(document_hash(document)));
        }
        let runs = self.members.runs();
        let members = runs.chunks(RUNS).map(|runs| (runs[0].0, Arrivals::encode(runs))).collect();

        let mut head = vec![0; HASH];
        head.push(VERSION);
        let (lowest, highest) = (runs.first().map_or(0, |run| run.0), runs.last().map_or(0, |run| run.1));
        for number in [self.ordinal, self.from, self.commits, u64::from(self.masks_merge), lowest, highest] {
            write(&mut head, number);
        }
        write(&mut head, self.decisions.len() as u64);
        for decision in &self.decisions {
            write(&mut head, decision.arrival);
            write(&mut head, decision.target);
            head.push(decision.target_kind.code() << 1 | u8::from(decision.enables));
        }
        write_numbers(&mut head, &self.hidden);
        write_numbers(&mut head, &self.shown);
        write(&mut head, classes.0.len() as u64);
        classes.0.iter().for_each(|class| head.extend_from_slice(class));
        let mut parts = vec![Vec::new()];
        for section in [touches.cut(), values.cut(), members] {
            match section.as_slice() {
                [(_, only)] if only.len() <= INLINE => {
                    write(&mut head, 0);
                    write(&mut head, only.len() as u64);
                    head.extend_from_slice(only);
                }
                [] => [0, 0].into_iter().for_each(|number| write(&mut head, number)),
                section => {
                    write(&mut head, section.len() as u64);
                    let mut before = 0;
                    for (key, part) in section {
                        write(&mut head, key - before);
                        before = *key;
                        head.extend_from_slice(&part_hash(part));
                    }
                    parts.extend(section.iter().map(|(_, part)| part.clone()));
                }
            }
        }
        let hash = blake3::derive_key(CONTEXT, &head[HASH..]);
        head[..HASH].copy_from_slice(&hash);
        parts[0] = head;
        parts
    }
}

#[cfg(test)]
mod tests;
