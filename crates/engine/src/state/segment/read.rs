//! Reading a segment, part by part.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::bytes::{Cursor, unzigzag};
use super::{
    Arrivals, CLASS, CONTEXT, Contents, DocumentBytes, HASH, Listed, PART_HASH, Touch, TouchKind, VERSION,
    document_hash, part_hash,
};
use crate::commit::CommitKind;
use crate::error::Error;
use crate::state::masks::Decision;
use crate::storage::Snapshot;

/// How many parts of a section are kept once they were read.
const KEPT_PARTS: usize = 64;

/// A segment as it is stored. Parts are read when they are asked for.
#[derive(Debug)]
pub(in crate::state) struct Segment {
    /// The number of the commit that it ends with, and its level: where its parts are.
    end: u64,
    level: u8,
    pub(in crate::state) ordinal: u64,
    pub(in crate::state) from: u64,
    pub(in crate::state) commits: u64,
    pub(in crate::state) masks_merge: bool,
    /// The least and greatest arrival number that it covers.
    bounds: (u64, u64),
    pub(in crate::state) decisions: Vec<Decision>,
    pub(in crate::state) hidden: Vec<u64>,
    pub(in crate::state) shown: Vec<u64>,
    classes: Vec<[u8; CLASS]>,
    touches: Section<Lists>,
    values: Section<Values>,
    members: Section<Arrivals>,
}

/// What the bytes of a part say.
trait Part: Sized {
    fn parse(bytes: Arc<[u8]>) -> Option<Self>;
}

/// Items of a kind, in parts by their keys.
#[derive(Debug)]
struct Section<P> {
    /// The number of the first part.
    first: u32,
    /// For each part, the key of its first item.
    keys: Vec<u64>,
    hashes: Vec<[u8; PART_HASH]>,
    /// All parts, where they need not be read from elsewhere.
    held: Vec<Arc<[u8]>>,
    /// The parts that were read.
    read: Mutex<HashMap<usize, Arc<P>>>,
}

/// The lists of a part, with where each starts, by hash.
#[derive(Debug)]
struct Lists {
    bytes: Arc<[u8]>,
    starts: Vec<(u32, usize)>,
}

/// The values of a part, likewise.
#[derive(Debug)]
struct Values {
    bytes: Arc<[u8]>,
    starts: Vec<(u32, usize)>,
}

fn starts(bytes: &[u8], pass: impl Fn(&mut Cursor<'_>) -> Option<()>) -> Option<Vec<(u32, usize)>> {
    let mut cursor = Cursor::new(bytes, 0);
    let (mut starts, mut hash) = (Vec::new(), 0_u32);
    while !cursor.is_at_end() {
        hash = hash.checked_add(u32::try_from(cursor.number()?).ok()?)?;
        starts.push((hash, cursor.at()));
        pass(&mut cursor)?;
    }
    Some(starts)
}

impl Part for Lists {
    fn parse(bytes: Arc<[u8]>) -> Option<Self> {
        let starts = starts(&bytes, |cursor| {
            let coded = cursor.number()?;
            if coded & 1 == 1 {
                for _ in 0..cursor.count()? {
                    cursor.number()?;
                    cursor.slice(super::DOCUMENT - CLASS)?;
                }
            }
            (0..coded >> 1).try_for_each(|_| cursor.number().map(drop))
        })?;
        Some(Self { bytes, starts })
    }
}

impl Part for Values {
    fn parse(bytes: Arc<[u8]>) -> Option<Self> {
        let starts = starts(&bytes, |cursor| {
            cursor.number()?;
            cursor.slice(super::DOCUMENT - CLASS)?;
            let length = cursor.count()?;
            cursor.slice(length).map(drop)
        })?;
        Some(Self { bytes, starts })
    }
}

impl Part for Arrivals {
    fn parse(bytes: Arc<[u8]>) -> Option<Self> {
        Self::decode(&bytes)
    }
}

impl<P: Part> Section<P> {
    /// Reads where the parts are, or the only one; `next` is the number of the next part.
    fn decode(cursor: &mut Cursor<'_>, next: &mut u32) -> Option<Self> {
        let count = cursor.count()?;
        let (keys, hashes, held, read) = (Vec::new(), Vec::new(), Vec::new(), Mutex::default());
        let mut section = Self { first: *next, keys, hashes, held, read };
        if count == 0 {
            let length = cursor.count()?;
            section.held.push(cursor.slice(length)?.into());
            section.keys.push(0);
            return Some(section);
        }
        let mut key = 0_u64;
        for _ in 0..count {
            key = key.checked_add(cursor.number()?)?;
            section.keys.push(key);
            section.hashes.push(cursor.array()?);
        }
        *next = next.checked_add(u32::try_from(count).ok()?)?;
        Some(section)
    }

    /// Takes the parts from memory, from the first of the segment on.
    fn hold(&mut self, parts: &[Vec<u8>]) -> Option<()> {
        if self.held.is_empty() {
            let first = self.first as usize;
            let parts = parts.get(first..first + self.keys.len())?;
            self.held = parts.iter().map(|part| part.as_slice().into()).collect();
        }
        Some(())
    }

    /// The place of the part that would have a key.
    fn place(&self, key: u64) -> Option<usize> {
        self.keys.partition_point(|first| *first <= key).checked_sub(1)
    }

    fn part(&self, place: usize, at: (u64, u8), snapshot: &dyn Snapshot) -> Result<Arc<P>, Error> {
        // A cache whose entries are put in whole.
        let read = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = read().get(&place) {
            return Ok(part.clone());
        }
        let (arrival, level) = at;
        let damaged = || Error::DamagedCheckpoint { arrival, level };
        let bytes = match self.held.get(place) {
            Some(held) => Some(held.clone()),
            None => {
                let number = u32::try_from(place).ok().and_then(|place| self.first.checked_add(place));
                let bytes = snapshot.checkpoint_part(arrival, level, number.ok_or_else(damaged)?)?;
                bytes.filter(|bytes| self.hashes.get(place) == Some(&part_hash(bytes))).map(Arc::from)
            }
        };
        let part = Arc::new(bytes.and_then(P::parse).ok_or_else(damaged)?);
        let mut read = read();
        if read.len() >= KEPT_PARTS {
            read.clear();
        }
        read.insert(place, part.clone());
        Ok(part)
    }
}

impl Segment {
    /// The segment whose first part this is; none when that is damaged or of another version.
    pub(in crate::state) fn decode(head: &[u8], end: u64, level: u8) -> Option<Self> {
        let body = head.get(HASH..)?;
        if blake3::derive_key(CONTEXT, body) != head[..HASH] {
            return None;
        }
        let mut cursor = Cursor::new(head, HASH);
        if cursor.byte()? != VERSION {
            return None;
        }
        let (ordinal, from, commits) = (cursor.number()?, cursor.number()?, cursor.number()?);
        let masks_merge = cursor.number()? == 1;
        let bounds = (cursor.number()?, cursor.number()?);
        let mut decisions = Vec::new();
        for _ in 0..cursor.count()? {
            let (arrival, target, code) = (cursor.number()?, cursor.number()?, cursor.byte()?);
            let target_kind = CommitKind::from_code(code >> 1)?;
            decisions.push(Decision { arrival, target, target_kind, enables: code & 1 == 1 });
        }
        let (hidden, shown) = (cursor.numbers()?, cursor.numbers()?);
        let classes = (0..cursor.count()?).map(|_| cursor.array()).collect::<Option<Vec<_>>>()?;
        let mut next = 1;
        let touches = Section::decode(&mut cursor, &mut next)?;
        let values = Section::decode(&mut cursor, &mut next)?;
        let members = Section::decode(&mut cursor, &mut next)?;
        Some(Self {
            end,
            level,
            ordinal,
            from,
            commits,
            masks_merge,
            bounds,
            decisions,
            hidden,
            shown,
            classes,
            touches,
            values,
            members,
        })
    }

    /// The segment in these parts, which it keeps: it may be used before they are stored, or without.
    pub(in crate::state) fn hold(parts: &[Vec<u8>], end: u64, level: u8) -> Option<Self> {
        let mut segment = Self::decode(parts.first()?, end, level)?;
        segment.touches.hold(parts)?;
        segment.values.hold(parts)?;
        segment.members.hold(parts)?;
        Some(segment)
    }

    /// The number of the commit that it ends with.
    pub(in crate::state) fn end(&self) -> u64 {
        self.end
    }

    fn at(&self) -> (u64, u8) {
        (self.end, self.level)
    }

    fn damaged(&self) -> Error {
        Error::DamagedCheckpoint { arrival: self.end, level: self.level }
    }

    /// Whether it covers this commit.
    pub(in crate::state) fn covers(&self, arrival: u64, snapshot: &dyn Snapshot) -> Result<bool, Error> {
        if arrival < self.bounds.0 || arrival > self.bounds.1 {
            return Ok(false);
        }
        match self.members.place(arrival) {
            Some(place) => Ok(self.members.part(place, self.at(), snapshot)?.contains(arrival)),
            None => Ok(false),
        }
    }

    fn document(&self, cursor: &mut Cursor<'_>) -> Option<DocumentBytes> {
        let class = self.classes.get(usize::try_from(cursor.number()?).ok()?)?;
        let mut document = [0; super::DOCUMENT];
        document[..CLASS].copy_from_slice(class);
        document[CLASS..].copy_from_slice(cursor.slice(super::DOCUMENT - CLASS)?);
        Some(document)
    }

    fn listed(&self, part: &Lists, start: usize) -> Option<Listed> {
        let mut cursor = Cursor::new(&part.bytes, start);
        let mut listed = Listed::default();
        let coded = cursor.number()?;
        if coded & 1 == 1 {
            for _ in 0..cursor.count()? {
                listed.introduced.push(self.document(&mut cursor)?);
            }
        }
        let mut last = self.from;
        for _ in 0..coded >> 1 {
            let coded = cursor.number()?;
            last = unzigzag(last, coded >> 2);
            let kind = *TouchKind::ALL.get((coded & 3) as usize)?;
            listed.touches.push(Touch { arrival: last, kind });
        }
        Some(listed)
    }

    /// What matters for documents of this hash, in linearisation order.
    pub(in crate::state) fn touches(&self, hash: u32, snapshot: &dyn Snapshot) -> Result<Vec<Touch>, Error> {
        let Some(place) = self.touches.place(u64::from(hash)) else { return Ok(Vec::new()) };
        let part = self.touches.part(place, self.at(), snapshot)?;
        match part.starts.binary_search_by_key(&hash, |(hash, _)| *hash) {
            Ok(found) => {
                let listed = self.listed(&part, part.starts[found].1).ok_or_else(|| self.damaged())?;
                Ok(listed.touches)
            }
            Err(_) => Ok(Vec::new()),
        }
    }

    /// What it says of all documents, by hash.
    fn lists(&self, snapshot: &dyn Snapshot, mut visit: impl FnMut(u32, Listed)) -> Result<(), Error> {
        for place in 0..self.touches.keys.len() {
            let part = self.touches.part(place, self.at(), snapshot)?;
            for (hash, start) in &part.starts {
                visit(*hash, self.listed(&part, *start).ok_or_else(|| self.damaged())?);
            }
        }
        Ok(())
    }

    /// The documents set in the segment, unless it was known that they had been set before.
    pub(in crate::state) fn introduced(&self, snapshot: &dyn Snapshot) -> Result<Vec<DocumentBytes>, Error> {
        let mut introduced = Vec::new();
        self.lists(snapshot, |_, listed| introduced.extend(listed.introduced))?;
        Ok(introduced)
    }

    /// What a document is at the end of the segment, encoded, where that is kept; nothing for one that is absent.
    pub(in crate::state) fn value(
        &self,
        document: &DocumentBytes,
        snapshot: &dyn Snapshot,
    ) -> Result<Option<Vec<u8>>, Error> {
        let hash = document_hash(document);
        // Documents of one hash stand together, but may be in two parts.
        let end = self.values.keys.partition_point(|first| *first <= u64::from(hash));
        let start =
            self.values.keys[..end].partition_point(|first| *first < u64::from(hash)).saturating_sub(1);
        for place in start..end {
            let part = self.values.part(place, self.at(), snapshot)?;
            let first = part.starts.partition_point(|(known, _)| *known < hash);
            for (_, start) in part.starts[first..].iter().take_while(|(known, _)| *known == hash) {
                let mut cursor = Cursor::new(&part.bytes, *start);
                if self.document(&mut cursor).ok_or_else(|| self.damaged())? == *document {
                    let value = cursor.count().and_then(|length| cursor.slice(length));
                    return Ok(Some(value.ok_or_else(|| self.damaged())?.to_vec()));
                }
            }
        }
        Ok(None)
    }

    /// One segment that says what these say, which follow each other, the oldest first.
    pub(in crate::state) fn join(
        segments: &[Arc<Segment>],
        snapshot: &dyn Snapshot,
    ) -> Result<Option<Contents>, Error> {
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Ok(None) };
        let mut contents = Contents {
            ordinal: last.ordinal,
            from: first.from,
            commits: segments.iter().map(|segment| segment.commits).sum(),
            masks_merge: last.masks_merge,
            ..Contents::default()
        };
        // What was hidden and is shown again is as it was.
        let (mut hidden, mut shown) = (BTreeMap::new(), BTreeMap::new());
        let turn = |one: &mut BTreeMap<u64, ()>, other: &mut BTreeMap<u64, ()>, arrivals: &[u64]| {
            for arrival in arrivals {
                if other.remove(arrival).is_none() {
                    one.insert(*arrival, ());
                }
            }
        };
        for segment in segments {
            contents.decisions.extend(&segment.decisions);
            turn(&mut hidden, &mut shown, &segment.hidden);
            turn(&mut shown, &mut hidden, &segment.shown);
            for place in 0..segment.members.keys.len() {
                contents.members.extend(&*segment.members.part(place, segment.at(), snapshot)?);
            }
            segment.lists(snapshot, |hash, listed| {
                let all = contents.listed.entry(hash).or_default();
                for document in listed.introduced {
                    if !all.introduced.contains(&document) {
                        all.introduced.push(document);
                    }
                }
                all.touches.extend(listed.touches);
            })?;
        }
        contents.hidden = hidden.into_keys().collect();
        contents.shown = shown.into_keys().collect();
        Ok(Some(contents))
    }
}
