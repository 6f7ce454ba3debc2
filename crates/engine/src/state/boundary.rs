//! Boundaries: what is recent becomes a segment, and many segments become one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anabranch_model::codec;
use rpds::HashTrieMapSync;

use super::arrivals::Arrivals;
use super::base::Base;
use super::entry::Entry;
use super::known::Debt;
use super::line::Line;
use super::segment::{
    Contents, DocumentBytes, Listed, Segment, Touch, TouchKind, document_bytes, document_hash,
};
use crate::database::Database;
use crate::error::Error;
use crate::opcode::DocumentId;
use crate::storage::Snapshot;

/// How many segments of one level make one of the next.
const FAN: u64 = 32;
/// The highest level that is made.
const HIGHEST: u8 = 8;
/// For how many documents it is found out, at each boundary, how much there is to read, where that is not known.
const LOOKUPS: usize = 64;
/// How far that goes back.
const FARTHEST: u64 = 4096;
/// About how many bytes it takes to keep a document, besides its own.
const KEEPING: u64 = 24;

/// A segment to be stored: the boundary's arrival number, its level and its parts.
pub(crate) type StoredSegment = (u64, u8, Vec<Vec<u8>>);

/// What a checkpoint may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// How many bytes in all. What must be there is there even if it does not fit.
    pub(crate) bytes: u64,
    /// How many of them may be documents.
    pub(crate) documents: u64,
    /// [`CheckpointPolicy::keep_after`](crate::CheckpointPolicy::keep_after).
    pub(crate) keep_after: u64,
}

/// A document that may be kept, with how much there is to read for it.
struct Candidate<'l> {
    id: &'l DocumentId,
    bytes: DocumentBytes,
    entry: &'l Entry,
    debt: Debt,
}

impl Line {
    /// Makes this commit a boundary that is not stored.
    pub(crate) fn make_boundary_in_memory(
        &mut self,
        snapshot: &dyn Snapshot,
        database: &Database,
    ) -> Result<(), Error> {
        self.make_boundary(snapshot, database, None).map(drop)
    }

    /// Makes this commit a boundary: what is recent becomes a segment. Gives what there is to store; without `room` it
    /// is not to be stored, and has no documents.
    pub(crate) fn make_boundary(
        &mut self,
        snapshot: &dyn Snapshot,
        database: &Database,
        room: Option<Room>,
    ) -> Result<Vec<StoredSegment>, Error> {
        let mut contents = Contents {
            ordinal: self.base.ordinal + 1,
            from: self.base.arrival,
            commits: self.recent_commits,
            masks_merge: self.masks.masks_merge,
            decisions: self.masks.recent().to_vec(),
            hidden: self.masks.hidden(),
            shown: self.masks.shown(),
            members: self.members.clone(),
            ..Contents::default()
        };
        let mut documents = self.base.known_documents();
        let mut debts = self.base.debts.clone();
        let mut candidates = Vec::new();
        let mut lookups = 0;
        let mut touches: HashMap<u32, Vec<(u64, Touch)>> = HashMap::new();
        for (id, entry) in self.recent.iter() {
            let bytes = document_bytes(id);
            let hash = document_hash(&bytes);
            touches.entry(hash).or_default().extend(entry.touches());
            let mut debt =
                self.debt(id, entry, room.is_some().then_some(&mut lookups), snapshot, database)?;
            if entry.has_set() && !debt.is_introduced {
                debt.is_introduced = true;
                contents.listed.entry(hash).or_default().introduced.push(bytes);
            }
            let size = debt.whole + debt.bytes;
            // What is known already is brought up to date at the cost of what is new.
            let is_near = room.is_some() && (documents.has(id) || entry.to_read().2.is_some());
            if let Some(value) = entry.known_value() {
                documents.insert(id.clone(), value.clone(), Some(size));
            } else if is_near {
                let value = entry.value(id, &self.base, database)?;
                documents.insert(id.clone(), value, Some(size));
            } else {
                documents.remove(id);
            }
            if let Some(Room { keep_after, .. }) = room {
                if debt.touches >= keep_after.saturating_mul(2)
                    && debt.bytes >= debt.whole.saturating_mul(keep_after)
                {
                    candidates.push(Candidate { id, bytes, entry, debt });
                }
                debts.insert(id.clone(), debt);
            }
        }
        list(&mut contents.listed, touches);
        for (id, arrivals) in &self.base.masked {
            let listed = contents.listed.entry(document_hash(&document_bytes(id))).or_default();
            listed
                .touches
                .extend(arrivals.iter().map(|arrival| Touch { arrival: *arrival, kind: TouchKind::Masks }));
        }
        // Those first for which it does most.
        candidates.sort_by_key(|c| (std::cmp::Reverse(c.debt.bytes / c.debt.whole.max(64)), c.bytes));
        let Room { bytes, documents: mut left, keep_after } =
            room.unwrap_or(Room { bytes: u64::MAX, documents: 0, keep_after: 0 });
        for Candidate { id, bytes: name, entry, mut debt } in candidates {
            if left < debt.whole {
                continue;
            }
            let value = entry.value(id, &self.base, database)?;
            let encoded = value.as_ref().map(codec::encode_value).unwrap_or_default();
            debt.whole = encoded.len() as u64 + KEEPING;
            documents.insert(id.clone(), value, Some(debt.whole + debt.bytes));
            if debt.bytes >= debt.whole.saturating_mul(keep_after) && debt.whole <= left {
                left -= debt.whole;
                debt = Debt { touches: 0, bytes: 0, ..debt };
                contents.values.push((name, encoded));
                let listed = contents.listed.entry(document_hash(&name)).or_default();
                let keeps = Touch { arrival: self.arrival, kind: TouchKind::Keeps };
                if listed.touches.last() != Some(&keeps) {
                    listed.touches.push(keeps);
                }
            }
            debts.insert(id.clone(), debt);
        }
        let (segments, stored) = self.join(contents, bytes, snapshot, database)?;
        let is_stored = self.base.is_stored() && room.is_some();
        self.masks = Arc::new(self.masks.with_boundary());
        let masks = self.masks.clone();
        self.base = Arc::new(Base::new(self.arrival, segments, is_stored, masks, documents, debts));
        self.recent = HashTrieMapSync::new_sync();
        self.recent_commits = 0;
        self.members = Arrivals::default();
        self.places = 0;
        self.attempts = 0;
        Ok(stored)
    }

    /// What there is to read for a document once this is a boundary. What is not known is looked up only for some.
    fn debt(
        &self,
        id: &DocumentId,
        entry: &Entry,
        lookups: Option<&mut usize>,
        snapshot: &dyn Snapshot,
        database: &Database,
    ) -> Result<Debt, Error> {
        let (touches, bytes, whole) = entry.to_read();
        let known = self.base.debts.get(id).copied();
        let is_introduced = known.is_some_and(|known| known.is_introduced);
        if let Some(whole) = whole {
            return Ok(Debt { whole, touches, bytes, is_introduced });
        }
        let below = match (known, lookups) {
            (Some(known), _) => known,
            (None, Some(lookups)) if *lookups < LOOKUPS => {
                *lookups += 1;
                let found = match self.base.count_touches(id, FARTHEST, snapshot) {
                    Err(Error::DamagedCheckpoint { arrival, level }) => {
                        database.leave_out_checkpoint(arrival, level);
                        0
                    }
                    found => found?,
                };
                Debt { touches: found, bytes: found * (bytes / touches.max(1)), ..Debt::default() }
            }
            _ => Debt::default(),
        };
        Ok(Debt { touches: below.touches + touches, bytes: below.bytes + bytes, ..below })
    }

    /// What covers the history up to this commit, with a new segment of these contents, and what of it there is to store.
    /// What joins segments is left out when there is no room for it.
    fn join(
        &self,
        contents: Contents,
        mut room: u64,
        snapshot: &dyn Snapshot,
        database: &Database,
    ) -> Result<(Vec<Arc<Segment>>, Vec<StoredSegment>), Error> {
        let mut stored = Vec::new();
        let mut segments = self.base.segments.clone();
        let ordinal = contents.ordinal;
        let mut next = Some(contents);
        let mut span = 1;
        for level in 0..=HIGHEST {
            let Some(contents) = next.take() else { break };
            let parts = contents.encode();
            // What was just encoded decodes.
            let Some(segment) = Segment::hold(&parts, self.arrival, level) else { break };
            let size = parts.iter().map(|part| part.len() as u64).sum();
            if level > 0 && size > room {
                break;
            }
            room = room.saturating_sub(size);
            let covered = segments.iter().take_while(|s| s.ordinal > ordinal - span).count();
            segments.splice(..covered, [Arc::new(segment)]);
            stored.push((self.arrival, level, parts));
            span *= FAN;
            if ordinal.is_multiple_of(span) {
                let count = segments.iter().take_while(|s| s.ordinal > ordinal - span).count();
                let is_exact = segments.get(count).map_or(0, |s| s.ordinal) == ordinal - span;
                if is_exact {
                    let joined: Vec<Arc<Segment>> = segments[..count].iter().rev().cloned().collect();
                    next = match Segment::join(&joined, snapshot) {
                        Err(Error::DamagedCheckpoint { arrival, level }) => {
                            database.leave_out_checkpoint(arrival, level);
                            None
                        }
                        joined => joined?,
                    };
                }
            }
        }
        Ok((segments, stored))
    }
}

/// Puts touches with their places where they are listed. Documents that share a hash share a list: it has each commit
/// once, in the one order.
fn list(listed: &mut BTreeMap<u32, Listed>, touches: HashMap<u32, Vec<(u64, Touch)>>) {
    for (hash, mut touches) in touches {
        touches.sort_by_key(|(place, touch)| (*place, touch.kind != TouchKind::Sets));
        touches.dedup_by_key(|(place, _)| *place);
        listed.entry(hash).or_default().touches = touches.into_iter().map(|(_, touch)| touch).collect();
    }
}
