//! What lies under the recent part of a state: segments, which say which commits to read for a document.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anabranch_model::{Definitions, Value};

use super::segment::{DocumentBytes, Segment, document_bytes, document_hash, document_id};
use crate::database::Database;
use crate::error::Error;
use crate::opcode::{DocumentId, DropReason, Opcode};
use crate::payload;
use crate::storage::Snapshot;

/// How many documents are kept evaluated.
const KEPT_DOCUMENTS: usize = 16_384;
/// How many large commits are kept decoded: one that sets a thousand documents is read once for all of them.
const KEPT_COMMITS: usize = 8;
/// How many opcodes make a commit large; a small one is read again rather than that it takes the place of a large one.
const LARGE_COMMIT: usize = 32;

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
    pub(super) is_stored: bool,
    /// The commits that are off.
    pub(super) off: HashSet<u64>,
    documents: Mutex<HashMap<DocumentId, Option<Value>>>,
    commits: Mutex<VecDeque<(u64, Arc<Vec<Opcode>>)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Both hold caches whose entries are put in whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Base {
    /// The base at the beginning of history.
    pub(super) fn beginning() -> Self {
        Self { is_stored: true, ..Self::default() }
    }

    /// A base whose documents are known as far as `documents` tells.
    pub(super) fn new(
        arrival: u64,
        segments: Vec<Arc<Segment>>,
        is_stored: bool,
        off: HashSet<u64>,
        documents: HashMap<DocumentId, Option<Value>>,
    ) -> Self {
        let ordinal = segments.first().map_or(0, |segment| segment.ordinal);
        let (documents, commits) = (Mutex::new(documents), Mutex::default());
        Self { arrival, ordinal, segments, is_stored, off, documents, commits }
    }

    /// The stored base at a boundary; none when a part of it is missing or damaged.
    pub(super) fn load(snapshot: &dyn Snapshot, boundary: u64) -> Result<Option<Self>, Error> {
        let mut segments: Vec<Arc<Segment>> = Vec::new();
        let mut end = boundary;
        while end != 0 {
            let Some(segment) = load_segment(snapshot, end)? else { return Ok(None) };
            let follows = segments.last().is_none_or(|later| segment.ordinal < later.ordinal);
            if segment.from >= end || !follows {
                return Ok(None);
            }
            end = segment.from;
            segments.push(Arc::new(segment));
        }
        let off = segments.first().map(|segment| segment.off.iter().copied().collect());
        Ok(Some(Self::new(boundary, segments, true, off.unwrap_or_default(), HashMap::new())))
    }

    /// The same history with other commits off. `touched` are the documents for which that makes a difference.
    pub(super) fn masked(&self, off: HashSet<u64>, touched: &HashSet<DocumentId>) -> Self {
        let mut documents = lock(&self.documents).clone();
        documents.retain(|id, _| !touched.contains(id));
        Self::new(self.arrival, self.segments.clone(), self.is_stored, off, documents)
    }

    /// The documents that were evaluated.
    pub(super) fn known_documents(&self) -> HashMap<DocumentId, Option<Value>> {
        lock(&self.documents).clone()
    }

    /// Whether the document was set up to the boundary, by a commit that is on or off.
    pub(super) fn knows(&self, document: &DocumentBytes) -> bool {
        self.segments.iter().any(|segment| segment.introduces(document))
    }

    /// The document at the boundary; none while it is absent.
    pub(super) fn document(&self, id: &DocumentId, database: &Database) -> Result<Option<Value>, Error> {
        if self.segments.is_empty() {
            return Ok(None);
        }
        if let Some(known) = lock(&self.documents).get(id) {
            return Ok(known.clone());
        }
        let value = self.evaluate(id, database)?;
        let mut documents = lock(&self.documents);
        if documents.len() >= KEPT_DOCUMENTS {
            documents.clear();
        }
        documents.insert(id.clone(), value.clone());
        Ok(value)
    }

    /// Reads back to the last commit that set the whole document, then applies forward.
    fn evaluate(&self, id: &DocumentId, database: &Database) -> Result<Option<Value>, Error> {
        let hash = document_hash(&document_bytes(id));
        let snapshot = database.read()?;
        let definitions = database.definitions_of(&*snapshot)?;
        let mut operations = Vec::new();
        'back: for segment in &self.segments {
            for touch in segment.touches(hash).into_iter().rev() {
                if self.off.contains(&touch.arrival) {
                    continue;
                }
                let opcodes = self.opcodes(&*snapshot, &definitions, touch.arrival)?;
                for opcode in opcodes.iter().rev().filter(|opcode| opcode.document == *id) {
                    operations.push(opcode.operation.clone());
                    if matches!(opcode.operation, crate::opcode::Operation::DocumentSet { .. }) {
                        break 'back;
                    }
                }
            }
        }
        let mut value = None;
        for operation in operations.into_iter().rev() {
            // What cannot take effect is dropped, alone; the trace tells.
            let _: Result<(), DropReason> = operation.apply(&mut value);
        }
        Ok(value)
    }

    fn opcodes(
        &self,
        snapshot: &dyn Snapshot,
        definitions: &Definitions,
        arrival: u64,
    ) -> Result<Arc<Vec<Opcode>>, Error> {
        let known = lock(&self.commits).iter().find(|(known, _)| *known == arrival).map(|(_, o)| o.clone());
        if let Some(known) = known {
            return Ok(known);
        }
        let opcodes = Arc::new(opcodes_at(snapshot, definitions, arrival)?);
        if opcodes.len() >= LARGE_COMMIT {
            let mut commits = lock(&self.commits);
            commits.push_back((arrival, opcodes.clone()));
            if commits.len() > KEPT_COMMITS {
                commits.pop_front();
            }
        }
        Ok(opcodes)
    }

    /// The documents that are present at the boundary.
    pub(super) fn ids(&self, database: &Database) -> Result<HashSet<DocumentId>, Error> {
        let mut ids = HashSet::new();
        if self.segments.is_empty() {
            return Ok(ids);
        }
        let snapshot = database.read()?;
        let definitions = database.definitions_of(&*snapshot)?;
        let introduced = self.segments.iter().flat_map(|segment| segment.introduced());
        ids.extend(introduced.filter_map(|document| document_id(document, &definitions)));
        // A document is there once a commit that is on has set it: what a masked one did must be looked at.
        let mut doubtful = HashSet::new();
        for arrival in &self.off {
            let opcodes = self.opcodes(&*snapshot, &definitions, *arrival)?;
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

/// The segment of the highest level that is sound at a boundary.
fn load_segment(snapshot: &dyn Snapshot, boundary: u64) -> Result<Option<Segment>, Error> {
    let mut most = u8::MAX;
    while let Some((level, bytes)) = snapshot.checkpoint(boundary, most.min(15))? {
        if let Some(segment) = Segment::decode(bytes) {
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
pub(super) fn opcodes_at(
    snapshot: &dyn Snapshot,
    definitions: &Definitions,
    arrival: u64,
) -> Result<Vec<Opcode>, Error> {
    let missing = || Error::HistoryChanged { arrival };
    let payload = snapshot.payload_at(arrival)?.ok_or_else(missing)?;
    payload::decode(&payload, definitions).map_err(|source| match snapshot.commit_at(arrival) {
        Ok(Some(commit)) => Error::Payload { commit, source },
        _ => missing(),
    })
}
