//! What lies under the recent part of a state: segments, which say which commits to read for a document.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anabranch_model::{Definitions, Value, codec};

use super::known::{Debts, Documents};
use super::masks::Masks;
use super::segment::{DocumentBytes, Segment, Touch, TouchKind, document_bytes, document_hash, document_id};
use crate::database::Database;
use crate::error::Error;
use crate::opcode::{DocumentId, DropReason, Opcode, Operation};
use crate::payload;
use crate::storage::{Moment, Snapshot};

/// How many bytes of large commits are kept decoded: one that sets a thousand documents is read once for all of them.
const KEPT_COMMITS: usize = 4 << 20;
/// How many opcodes make a commit large; a small one is read again rather than that it takes the place of a large one.
const LARGE_COMMIT: usize = 32;
/// How many segments are kept that were read for the documents in them.
const KEPT_SEGMENTS: usize = 64;

/// The documents as they stand at a boundary, read from the commits when they are asked for.
#[derive(Debug, Default)]
pub(super) struct Base {
    /// The commit at the boundary, 0 for the beginning of history.
    pub(super) arrival: u64,
    /// How many boundaries there are on this line up to this one.
    pub(super) ordinal: u64,
    /// What covers the history up to the boundary, the newest first.
    pub(super) segments: Vec<Arc<Segment>>,
    /// Whether all segments are stored, so that later ones may build on them.
    is_stored: bool,
    /// Where the documents are evaluated, when that is not done here.
    pub(super) served: Option<Moment>,
    /// Which commits are off.
    pub(super) masks: Arc<Masks>,
    /// For each document, the commits on it from before the boundary that were hidden or shown after it.
    pub(super) masked: HashMap<DocumentId, Vec<u64>>,
    pub(super) debts: Debts,
    documents: Mutex<Documents>,
    commits: Mutex<Commits>,
    keeping: Mutex<VecDeque<Arc<Segment>>>,
    /// The same without segments that turned out to be damaged.
    instead: OnceLock<Arc<Base>>,
}

/// Large commits that were read, the latest last.
#[derive(Debug, Default)]
struct Commits {
    opcodes: HashMap<u64, Arc<Vec<Opcode>>>,
    /// With how many bytes they are.
    order: VecDeque<(u64, usize)>,
    bytes: usize,
}

impl Commits {
    fn insert(&mut self, arrival: u64, opcodes: Arc<Vec<Opcode>>, bytes: usize) {
        if self.opcodes.insert(arrival, opcodes).is_none() {
            self.order.push_back((arrival, bytes));
            self.bytes += bytes;
        }
        while self.bytes > KEPT_COMMITS
            && self.order.len() > 1
            && let Some((oldest, bytes)) = self.order.pop_front()
        {
            self.opcodes.remove(&oldest);
            self.bytes -= bytes;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // All hold caches whose entries are put in whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Base {
    /// The base at the beginning of history.
    pub(super) fn beginning() -> Self {
        Self { is_stored: true, ..Self::default() }
    }

    /// A base whose documents the storage evaluates.
    pub(super) fn served(at: Moment, arrival: u64) -> Self {
        Self { served: Some(at), arrival, is_stored: true, ..Self::default() }
    }

    /// A base of which so much is known.
    pub(super) fn new(
        arrival: u64,
        segments: Vec<Arc<Segment>>,
        is_stored: bool,
        masks: Arc<Masks>,
        documents: Documents,
        debts: Debts,
    ) -> Self {
        let ordinal = segments.first().map_or(0, |segment| segment.ordinal);
        let documents = Mutex::new(documents);
        Self { arrival, ordinal, segments, is_stored, masks, debts, documents, ..Self::default() }
    }

    /// The stored base at a boundary; none when the first part of a segment is missing or damaged, or one is known to be
    /// damaged elsewhere.
    pub(super) fn load(
        snapshot: &dyn Snapshot,
        boundary: u64,
        damaged: &BTreeSet<(u64, u8)>,
    ) -> Result<Option<Self>, Error> {
        let mut segments: Vec<Arc<Segment>> = Vec::new();
        let mut end = boundary;
        while end != 0 {
            let Some(segment) = load_segment(snapshot, end, damaged)? else { return Ok(None) };
            let follows = segments.last().is_none_or(|later| segment.ordinal < later.ordinal);
            if segment.from >= end || !follows {
                return Ok(None);
            }
            end = segment.from;
            segments.push(Arc::new(segment));
        }
        let mut off = HashSet::new();
        for segment in segments.iter().rev() {
            segment.shown.iter().for_each(|arrival| {
                off.remove(arrival);
            });
            off.extend(&segment.hidden);
        }
        let decisions = segments.iter().rev().flat_map(|s| s.decisions.iter().copied()).collect();
        let masks_merge = segments.first().is_some_and(|segment| segment.masks_merge);
        let masks = Arc::new(Masks::at_boundary(decisions, off, masks_merge));
        Ok(Some(Self::new(boundary, segments, true, masks, Documents::default(), Debts::default())))
    }

    /// The same history with other commits off. `changed` are the documents for which that makes a difference, with the
    /// commits that do.
    pub(super) fn masked(&self, masks: Arc<Masks>, changed: HashMap<DocumentId, Vec<u64>>) -> Self {
        let mut documents = self.known_documents();
        changed.keys().for_each(|id| documents.remove(id));
        let debts = self.debts.clone();
        let mut base =
            Self::new(self.arrival, self.segments.clone(), self.is_stored, masks, documents, debts);
        base.masked.clone_from(&self.masked);
        for (id, arrivals) in changed {
            base.masked.entry(id).or_default().extend(arrivals);
        }
        base
    }

    /// Whether all that is here is stored and, as far as is known, sound.
    pub(super) fn is_stored(&self) -> bool {
        self.is_stored && self.instead.get().is_none()
    }

    /// The documents that were evaluated.
    pub(super) fn known_documents(&self) -> Documents {
        lock(&self.documents).clone()
    }

    /// Whether a commit is in the history up to the boundary.
    pub(super) fn covers(&self, arrival: u64, snapshot: &dyn Snapshot) -> Result<bool, Error> {
        for segment in &self.segments {
            if segment.covers(arrival, snapshot)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The commits up to the boundary that touch documents of the same hash, in linearisation order.
    pub(super) fn touching(&self, id: &DocumentId, snapshot: &dyn Snapshot) -> Result<Vec<u64>, Error> {
        let hash = document_hash(&document_bytes(id));
        let mut touching = Vec::new();
        for segment in self.segments.iter().rev() {
            let touches = segment.touches(hash, snapshot)?.into_iter();
            let commits = touches.filter(|touch| matches!(touch.kind, TouchKind::Changes | TouchKind::Sets));
            touching.extend(commits.map(|touch| touch.arrival));
        }
        Ok(touching)
    }

    /// How many commits there are to read for a document, up to a limit.
    pub(super) fn count_touches(
        &self,
        id: &DocumentId,
        limit: u64,
        snapshot: &dyn Snapshot,
    ) -> Result<u64, Error> {
        let hash = document_hash(&document_bytes(id));
        let mut count = 0;
        for segment in &self.segments {
            for touch in segment.touches(hash, snapshot)?.into_iter().rev() {
                match touch.kind {
                    TouchKind::Changes => count += 1,
                    TouchKind::Masks => {}
                    TouchKind::Sets => return Ok(count + 1),
                    TouchKind::Keeps => return Ok(count),
                }
            }
            if count >= limit {
                break;
            }
        }
        Ok(count)
    }

    /// The document at the boundary; none while it is absent.
    pub(super) fn document(&self, id: &DocumentId, database: &Database) -> Result<Option<Value>, Error> {
        if self.segments.is_empty() && self.served.is_none() {
            return Ok(None);
        }
        if let Some(known) = lock(&self.documents).get(id) {
            return Ok(known.clone());
        }
        if let Some(instead) = self.instead.get() {
            return instead.document(id, database);
        }
        let found = match self.served {
            Some(at) => read_served(at, id, database),
            None => self.evaluate(id, database),
        };
        match found {
            Err(Error::DamagedCheckpoint { arrival, level }) => {
                self.instead_of(arrival, level, database)?.document(id, database)
            }
            Err(error) => Err(error),
            Ok(value) => {
                lock(&self.documents).insert(id.clone(), value.clone(), None);
                Ok(value)
            }
        }
    }

    /// Derives the same base without a checkpoint that is damaged.
    fn instead_of(&self, arrival: u64, level: u8, database: &Database) -> Result<&Arc<Base>, Error> {
        database.leave_out_checkpoint(arrival, level);
        let mut line = (*database.derived_line(self.arrival)?).clone();
        line.make_boundary_in_memory(&*database.read()?, database)?;
        let base = if line.base.masks.have_same_off(&self.masks) {
            line.base
        } else {
            let mut base = line.base.masked(self.masks.clone(), HashMap::new());
            base.documents = Mutex::default();
            base.masked.clone_from(&self.masked);
            Arc::new(base)
        };
        Ok(self.instead.get_or_init(|| base))
    }

    /// Reads back to the last commit that set the whole document, or a boundary where it is kept, then applies forward.
    fn evaluate(&self, id: &DocumentId, database: &Database) -> Result<Option<Value>, Error> {
        let bytes = document_bytes(id);
        let hash = document_hash(&bytes);
        let snapshot = database.read()?;
        let definitions = database.definitions_of(&*snapshot)?;
        // Commits that were hidden or shown since, and are not met yet: what is kept before them is not right any more.
        let mut masked: HashSet<u64> = self.masked.get(id).into_iter().flatten().copied().collect();
        let mut operations = Vec::new();
        let mut value = None;
        'back: for segment in &self.segments {
            for Touch { arrival, kind } in segment.touches(hash, &*snapshot)?.into_iter().rev() {
                match kind {
                    TouchKind::Masks => {
                        masked.insert(arrival);
                        continue;
                    }
                    TouchKind::Keeps if masked.is_empty() => {
                        if let Some(kept) = self.kept(arrival, id, &bytes, &*snapshot, &definitions)? {
                            value = kept;
                            break 'back;
                        }
                        continue;
                    }
                    TouchKind::Keeps => continue,
                    TouchKind::Changes | TouchKind::Sets => masked.remove(&arrival),
                };
                if self.masks.is_off(arrival) {
                    continue;
                }
                let opcodes = self.opcodes(&*snapshot, &definitions, arrival)?;
                for opcode in opcodes.iter().rev().filter(|opcode| opcode.document == *id) {
                    operations.push(opcode.operation.clone());
                    if matches!(opcode.operation, Operation::DocumentSet { .. }) {
                        break 'back;
                    }
                }
            }
        }
        for operation in operations.into_iter().rev() {
            // What cannot take effect is dropped, alone; the trace tells.
            let _: Result<(), DropReason> = operation.apply(&mut value);
        }
        Ok(value)
    }

    /// The document, or that there is none, at a boundary where that is kept. Where it is damaged it is as good as not
    /// kept: the commits are there all the same.
    fn kept(
        &self,
        boundary: u64,
        id: &DocumentId,
        bytes: &DocumentBytes,
        snapshot: &dyn Snapshot,
        definitions: &Definitions,
    ) -> Result<Option<Option<Value>>, Error> {
        let known = lock(&self.keeping).iter().find(|segment| segment.end() == boundary).cloned();
        let segment = match known {
            Some(segment) => segment,
            None => {
                let Some((0, head)) = snapshot.checkpoint(boundary, 0)? else { return Ok(None) };
                let Some(segment) = Segment::decode(&head, boundary, 0) else { return Ok(None) };
                let segment = Arc::new(segment);
                let mut keeping = lock(&self.keeping);
                keeping.push_back(segment.clone());
                if keeping.len() > KEPT_SEGMENTS {
                    keeping.pop_front();
                }
                segment
            }
        };
        let value = match segment.value(bytes, snapshot) {
            Err(Error::DamagedCheckpoint { .. }) => None,
            value => value?,
        };
        let ty = definitions.attachment(id.attachment).map(|attachment| attachment.document_type());
        Ok(value.zip(ty).and_then(|(value, ty)| match value.as_slice() {
            [] => Some(None),
            value => codec::decode_value(value, ty, definitions).ok().map(Some),
        }))
    }

    fn opcodes(
        &self,
        snapshot: &dyn Snapshot,
        definitions: &Definitions,
        arrival: u64,
    ) -> Result<Arc<Vec<Opcode>>, Error> {
        if let Some(known) = lock(&self.commits).opcodes.get(&arrival) {
            return Ok(known.clone());
        }
        let payload = snapshot.payload_at(arrival)?.ok_or(Error::HistoryChanged { arrival })?;
        let opcodes = Arc::new(decode_at(snapshot, definitions, arrival, &payload)?);
        if opcodes.len() >= LARGE_COMMIT {
            lock(&self.commits).insert(arrival, opcodes.clone(), payload.len());
        }
        Ok(opcodes)
    }

    /// The documents that are present at the boundary.
    pub(super) fn ids(&self, database: &Database) -> Result<HashSet<DocumentId>, Error> {
        if let Some(instead) = self.instead.get() {
            return instead.ids(database);
        }
        match self.find_ids(database) {
            Err(Error::DamagedCheckpoint { arrival, level }) => {
                self.instead_of(arrival, level, database)?.ids(database)
            }
            found => found,
        }
    }

    fn find_ids(&self, database: &Database) -> Result<HashSet<DocumentId>, Error> {
        let mut ids = HashSet::new();
        if let (Some(at), Some(evaluator)) = (self.served, database.storage().evaluator()) {
            let documents = evaluator.documents(at)?;
            let definitions = database.definitions_of(&*database.read()?)?;
            ids.extend(documents.iter().filter_map(|document| document_id(document, &definitions)));
            return Ok(ids);
        }
        if self.segments.is_empty() {
            return Ok(ids);
        }
        let snapshot = database.read()?;
        let definitions = database.definitions_of(&*snapshot)?;
        for segment in &self.segments {
            let introduced = segment.introduced(&*snapshot)?;
            ids.extend(introduced.iter().filter_map(|document| document_id(document, &definitions)));
        }
        // A document is there once a commit that is on has set it: what a masked one did must be looked at.
        let mut doubtful = HashSet::new();
        for arrival in self.masks.off() {
            let opcodes = self.opcodes(&*snapshot, &definitions, arrival)?;
            doubtful.extend(opcodes.iter().map(|opcode| opcode.document.clone()));
        }
        drop(snapshot);
        for id in doubtful {
            if ids.contains(&id) && self.document(&id, database)?.is_none() {
                ids.remove(&id);
            }
        }
        Ok(ids)
    }
}

/// The document of a storage that evaluates documents itself.
fn read_served(at: Moment, id: &DocumentId, database: &Database) -> Result<Option<Value>, Error> {
    let Some(evaluator) = database.storage().evaluator() else { return Ok(None) };
    let Some(bytes) = evaluator.document(at, &document_bytes(id))? else { return Ok(None) };
    let definitions = database.definitions_of(&*database.read()?)?;
    let unreadable = |source| Error::Document { document: Box::new(id.clone()), source };
    let attachment = definitions.attachment(id.attachment).ok_or_else(|| {
        let kind = codec::DecodeErrorKind::UnknownDefinition { what: "attachment", id: id.attachment };
        unreadable(codec::DecodeError::new(0, kind))
    })?;
    codec::decode_value(&bytes, attachment.document_type(), &definitions).map(Some).map_err(unreadable)
}

/// The segment of the highest level that is sound at a boundary.
fn load_segment(
    snapshot: &dyn Snapshot,
    boundary: u64,
    damaged: &BTreeSet<(u64, u8)>,
) -> Result<Option<Segment>, Error> {
    let mut most = 15;
    while let Some((level, head)) = snapshot.checkpoint(boundary, most)? {
        if !damaged.contains(&(boundary, level))
            && let Some(segment) = Segment::decode(&head, boundary, level)
        {
            return Ok(Some(segment));
        }
        match level.checked_sub(1) {
            Some(lower) => most = lower,
            None => return Ok(None),
        }
    }
    Ok(None)
}

/// The opcodes of the `Mutations` commit that arrived under a number.
pub(crate) fn opcodes_at(
    snapshot: &dyn Snapshot,
    definitions: &Definitions,
    arrival: u64,
) -> Result<Vec<Opcode>, Error> {
    let payload = snapshot.payload_at(arrival)?.ok_or(Error::HistoryChanged { arrival })?;
    decode_at(snapshot, definitions, arrival, &payload)
}

/// The opcodes in this payload, which is that of the commit that arrived under a number.
pub(super) fn decode_at(
    snapshot: &dyn Snapshot,
    definitions: &Definitions,
    arrival: u64,
    payload: &[u8],
) -> Result<Vec<Opcode>, Error> {
    payload::decode(payload, definitions).map_err(|source| match snapshot.commit_at(arrival) {
        Ok(Some(commit)) => Error::Payload { commit, source },
        _ => Error::HistoryChanged { arrival },
    })
}
