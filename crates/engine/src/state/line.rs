//! From one state to the next, along a line of history.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anabranch_model::{CommitId, Definitions, Value};
use rpds::HashTrieMapSync;

use super::base::{Base, opcodes_at};
use super::entry::Entry;
use super::masks::{self, Decision, Masks};
use super::segment::{Contents, Segment, Touch, document_bytes, document_hash};
use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;
use crate::linearisation::Linearisation;
use crate::opcode::{DocumentId, Opcode, Operation};
use crate::storage::{Link, Snapshot, StorageError};

/// How many segments of one level make one of the next.
const FAN: u64 = 32;
/// The highest level that is made.
const HIGHEST: u8 = 8;

/// A state, as it is derived and shared. Reading it takes the database, which it does not hold: the database keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(super) commit: CommitId,
    pub(super) arrival: u64,
    pub(super) definitions: Definitions,
    pub(super) base: Arc<Base>,
    /// The documents that commits after the boundary touched.
    pub(super) recent: HashTrieMapSync<DocumentId, Arc<Entry>>,
    /// How many commits there are after the boundary.
    pub(super) recent_commits: u64,
    masks: Arc<Masks>,
    /// How many decisions there were at the boundary.
    decisions_below: usize,
    /// How many commits after the boundary touched documents.
    places: u64,
    /// How often a boundary was due and not made.
    attempts: u64,
}

/// A segment to be stored: the boundary's arrival number, its level and its bytes.
pub(crate) type StoredSegment = (u64, u8, Vec<u8>);

impl Line {
    /// Whether the operations of the `Mutations` commit of this arrival number are left out.
    pub(crate) fn hides(&self, arrival: u64) -> bool {
        self.masks.off.contains(&arrival)
    }

    /// The state before the first commit.
    pub(crate) fn beginning(definitions: Definitions) -> Self {
        Self::on(Base::beginning(), CommitId::ZERO, definitions)
    }

    /// The state at a boundary.
    fn on(base: Base, commit: CommitId, definitions: Definitions) -> Self {
        let newest = base.segments.first();
        let masks = Masks {
            decisions: base.segments.iter().rev().flat_map(|s| s.decisions.iter().copied()).collect(),
            off: base.off.clone(),
            masks_merge: newest.is_some_and(|segment| segment.masks_merge),
        };
        Self {
            commit,
            arrival: base.arrival,
            definitions,
            base: Arc::new(base),
            recent: HashTrieMapSync::new_sync(),
            recent_commits: 0,
            decisions_below: masks.decisions.len(),
            masks: Arc::new(masks),
            places: 0,
            attempts: 0,
        }
    }

    /// The state at the boundary that is stored under this arrival number; none when it is damaged.
    pub(crate) fn load(
        snapshot: &dyn Snapshot,
        boundary: u64,
        definitions: Definitions,
    ) -> Result<Option<Self>, Error> {
        let Some(base) = Base::load(snapshot, boundary)? else { return Ok(None) };
        let Some(commit) = snapshot.commit_at(boundary)? else { return Ok(None) };
        Ok(Some(Self::on(base, commit, definitions)))
    }

    pub(crate) fn arrival(&self) -> u64 {
        self.arrival
    }

    /// Whether what lies under it is stored, so that a boundary after it may be.
    pub(crate) fn is_stored(&self) -> bool {
        self.base.is_stored
    }

    /// The same state under definitions that include those that it was read under.
    pub(crate) fn under(mut self, definitions: Definitions) -> Self {
        self.definitions = definitions;
        self
    }

    /// Goes on to a `Mutations` commit whose parent this is.
    pub(crate) fn mutate(&mut self, commit: CommitId, arrival: u64, opcodes: Vec<Opcode>) {
        self.commit = commit;
        self.arrival = arrival;
        self.recent_commits += 1;
        self.touch(arrival, opcodes, true);
    }

    fn touch(&mut self, arrival: u64, opcodes: Vec<Opcode>, is_on: bool) {
        self.places += 1;
        let mut grouped: Vec<(DocumentId, Vec<Operation>)> = Vec::new();
        let mut places: HashMap<DocumentId, usize> = HashMap::new();
        for Opcode { document, operation } in opcodes {
            match grouped.last_mut() {
                Some((last, operations)) if *last == document => operations.push(operation),
                _ => match places.get(&document) {
                    Some(place) => grouped[*place].1.push(operation),
                    None => {
                        places.insert(document.clone(), grouped.len());
                        grouped.push((document, vec![operation]));
                    }
                },
            }
        }
        for (id, operations) in grouped {
            let below = self.recent.get(&id).cloned();
            self.recent.insert_mut(id, Entry::new(below, arrival, self.places, operations.into(), is_on));
        }
    }

    /// Goes on to the commit at `link`, whose parent this is.
    pub(crate) fn advance(
        &mut self,
        snapshot: &dyn Snapshot,
        link: Link,
        commit: CommitId,
    ) -> Result<(), Error> {
        match link.kind {
            CommitKind::Mutations => {
                let opcodes = opcodes_at(snapshot, &self.definitions, link.arrival)?;
                self.mutate(commit, link.arrival, opcodes);
            }
            CommitKind::Merge => {
                self.merge(snapshot, link.target, Some(commit))?;
                self.commit = commit;
                self.arrival = link.arrival;
                self.recent_commits += 1;
            }
            CommitKind::Disable | CommitKind::Enable => {
                let decision = decision(snapshot, link)?;
                let mut decisions = self.masks.decisions.clone();
                decisions.push(decision);
                self.mask(snapshot, decisions, &HashSet::new(), Some(commit))?;
                self.commit = commit;
                self.arrival = link.arrival;
                self.recent_commits += 1;
            }
        }
        Ok(())
    }

    /// Goes on to a merge with `target` that is not made, but would have this id.
    pub(crate) fn merge_virtually(
        &mut self,
        snapshot: &dyn Snapshot,
        target: u64,
        merge: CommitId,
    ) -> Result<(), Error> {
        self.merge(snapshot, target, None)?;
        self.commit = merge;
        Ok(())
    }

    /// Brings in what `target` has and this lacks, as a merge would; `commit` is the merge, none for one that is not
    /// made.
    fn merge(&mut self, snapshot: &dyn Snapshot, target: u64, commit: Option<CommitId>) -> Result<(), Error> {
        let own = own_commits(snapshot, self.arrival, target)?;
        let mut decisions = self.masks.decisions.clone();
        for link in &own {
            if matches!(link.kind, CommitKind::Disable | CommitKind::Enable) {
                decisions.push(decision(snapshot, *link)?);
            }
        }
        if !decisions.is_empty() {
            let arrivals = own.iter().map(|link| link.arrival).collect();
            let virtual_target = if commit.is_none() { snapshot.commit_at(target)? } else { None };
            match virtual_target {
                Some(target) => self.mask_virtual(snapshot, decisions, &arrivals, target)?,
                None => self.mask(snapshot, decisions, &arrivals, commit)?,
            }
        }
        self.recent_commits += own.len() as u64;
        for link in own.into_iter().filter(|link| link.kind == CommitKind::Mutations) {
            let is_on = !self.masks.off.contains(&link.arrival);
            let opcodes = opcodes_at(snapshot, &self.definitions, link.arrival)?;
            self.touch(link.arrival, opcodes, is_on);
        }
        Ok(())
    }

    /// Takes in new decisions. `coming` are commits that are not part of this state yet; `commit` is the one that this
    /// goes on to, for when a merge is masked and the whole history must be asked.
    fn mask(
        &mut self,
        snapshot: &dyn Snapshot,
        decisions: Vec<Decision>,
        coming: &HashSet<u64>,
        commit: Option<CommitId>,
    ) -> Result<(), Error> {
        let (off, masks_merge) = match masks::off(&decisions) {
            Some(off) => (off, false),
            None => {
                let commit = commit.unwrap_or(self.commit);
                (off_of(snapshot, &Linearisation::of(snapshot, commit)?)?, true)
            }
        };
        self.put_masks(snapshot, Masks { decisions, off, masks_merge }, coming)
    }

    /// As [`Self::mask`], for a merge with `target` that is not made.
    fn mask_virtual(
        &mut self,
        snapshot: &dyn Snapshot,
        decisions: Vec<Decision>,
        coming: &HashSet<u64>,
        target: CommitId,
    ) -> Result<(), Error> {
        let (off, masks_merge) = match masks::off(&decisions) {
            Some(off) => (off, false),
            None => (off_of(snapshot, &Linearisation::of_merge(snapshot, self.commit, target)?)?, true),
        };
        self.put_masks(snapshot, Masks { decisions, off, masks_merge }, coming)
    }

    fn put_masks(
        &mut self,
        snapshot: &dyn Snapshot,
        masks: Masks,
        coming: &HashSet<u64>,
    ) -> Result<(), Error> {
        let changed: Vec<u64> = self
            .masks
            .off
            .symmetric_difference(&masks.off)
            .copied()
            .filter(|arrival| !coming.contains(arrival))
            .collect();
        let mut touched_below: HashSet<DocumentId> = HashSet::new();
        let mut is_base_touched = false;
        for arrival in changed {
            let is_on = !masks.off.contains(&arrival);
            let opcodes = opcodes_at(snapshot, &self.definitions, arrival)?;
            let documents: HashSet<DocumentId> = opcodes.into_iter().map(|opcode| opcode.document).collect();
            for id in documents {
                match self.recent.get(&id).filter(|entry| entry.has(arrival)) {
                    Some(entry) => {
                        let entry = entry.retouched(arrival, is_on);
                        self.recent.insert_mut(id, entry);
                    }
                    None => {
                        is_base_touched = true;
                        touched_below.insert(id);
                    }
                }
            }
        }
        if is_base_touched && !self.base.segments.is_empty() {
            self.base = Arc::new(self.base.masked(masks.off.clone(), &touched_below));
            for id in touched_below {
                // Arrival numbers start at 1: nothing is masked, all is forgotten.
                let anew = self.recent.get(&id).map(|entry| entry.retouched(0, true));
                if let Some(entry) = anew {
                    self.recent.insert_mut(id, entry);
                }
            }
        }
        self.masks = Arc::new(masks);
        Ok(())
    }

    /// Whether it is time for a boundary: `every` commits after the last, and again so many after that, as long as none
    /// is made.
    pub(crate) fn is_due(&self, every: u64) -> bool {
        self.recent_commits / every.max(1) > self.attempts
    }

    /// Notes that a boundary was due and not made.
    pub(crate) fn postpone(&mut self, every: u64) {
        // Later and later: what is due again soon would be refused again soon.
        self.attempts = (self.recent_commits + self.recent_commits / 4) / every.max(1);
    }

    /// The definitions that it is read under.
    pub(crate) fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// Makes this commit a boundary: what is recent becomes a segment. Gives what there is to store.
    pub(crate) fn make_boundary(&mut self, stores: bool) -> Vec<StoredSegment> {
        let mut contents = Contents {
            ordinal: self.base.ordinal + 1,
            from: self.base.arrival,
            commits: self.recent_commits,
            masks_merge: self.masks.masks_merge,
            decisions: self.masks.decisions[self.decisions_below..].to_vec(),
            off: self.masks.off.iter().copied().collect(),
            ..Contents::default()
        };
        contents.off.sort_unstable();
        let mut touches: HashMap<u32, Vec<(u64, Touch)>> = HashMap::new();
        let mut documents: HashMap<DocumentId, Option<Value>> = self.base.known_documents();
        for (id, entry) in self.recent.iter() {
            let bytes = document_bytes(id);
            if entry.has_set() && !self.base.knows(&bytes) {
                contents.introduced.push(bytes);
            }
            touches.entry(document_hash(&bytes)).or_default().extend(entry.touches());
            match entry.known_value() {
                Some(value) => documents.insert(id.clone(), value.clone()),
                None => documents.remove(id),
            };
        }
        for (hash, mut touches) in touches {
            // Documents that share a hash share a list: it has each commit once, in the one order.
            touches.sort_by_key(|(place, touch)| (*place, !touch.sets));
            touches.dedup_by_key(|(place, _)| *place);
            contents.touches.insert(hash, touches.into_iter().map(|(_, touch)| touch).collect());
        }
        let mut stored = Vec::new();
        let mut segments = self.base.segments.clone();
        let ordinal = contents.ordinal;
        let mut next = Some(contents);
        let mut span = 1;
        for level in 0..=HIGHEST {
            let Some(contents) = next.take() else { break };
            let bytes = contents.encode();
            // What was just encoded decodes.
            let Some(segment) = Segment::decode(bytes.clone()) else { break };
            segments.insert(0, Arc::new(segment));
            stored.push((self.arrival, level, bytes));
            span *= FAN;
            if ordinal.is_multiple_of(span) {
                let count = segments.iter().take_while(|s| s.ordinal > ordinal - span).count();
                let is_exact = segments.get(count).map_or(0, |s| s.ordinal) == ordinal - span;
                if is_exact {
                    let joined: Vec<Arc<Segment>> = segments.drain(..count).rev().collect();
                    next = Segment::join(&joined.iter().map(|s| &**s).collect::<Vec<_>>());
                }
            }
        }
        let is_stored = self.base.is_stored && stores;
        let off = self.masks.off.clone();
        self.base = Arc::new(Base::new(self.arrival, segments, is_stored, off, documents));
        self.recent = HashTrieMapSync::new_sync();
        self.recent_commits = 0;
        self.places = 0;
        self.attempts = 0;
        self.decisions_below = self.masks.decisions.len();
        stored
    }

    /// The document; none while it is absent.
    pub(crate) fn document(&self, id: &DocumentId, database: &Database) -> Result<Option<Value>, Error> {
        match self.recent.get(id) {
            Some(entry) => entry.value(id, &self.base, database),
            None => self.base.document(id, database),
        }
    }

    /// The documents that are present.
    pub(crate) fn ids(&self, database: &Database) -> Result<HashSet<DocumentId>, Error> {
        let mut ids = self.base.ids(database)?;
        ids.extend(self.recent.iter().filter(|(_, entry)| entry.makes_present()).map(|(id, _)| id.clone()));
        Ok(ids)
    }
}

fn decision(snapshot: &dyn Snapshot, link: Link) -> Result<Decision, Error> {
    let missing = Error::HistoryChanged { arrival: link.target };
    let target_kind = snapshot.link_at(link.target)?.ok_or(missing)?.kind;
    let enables = link.kind == CommitKind::Enable;
    Ok(Decision { arrival: link.arrival, target: link.target, target_kind, enables })
}

/// The `Mutations` commits that a whole history has off.
fn off_of(snapshot: &dyn Snapshot, lin: &Linearisation) -> Result<HashSet<u64>, StorageError> {
    let mut off = HashSet::new();
    for (entry, is_on) in lin.entries().iter().zip(lin.masks()) {
        if !is_on && entry.kind == CommitKind::Mutations {
            off.extend(snapshot.arrival_of(entry.id)?);
        }
    }
    Ok(off)
}

/// What the history of `target` has and that of `parent` lacks, in the order of `lin(target)`.
///
/// Walks from the latest arrival back, so that each commit is met after all its descendants, and only as far as the two
/// histories differ.
fn own_commits(snapshot: &dyn Snapshot, parent: u64, target: u64) -> Result<Vec<Link>, Error> {
    let steps = |link: &Link| {
        let merged = if link.kind == CommitKind::Merge { link.target } else { 0 };
        [link.parent, merged].into_iter().filter(|arrival| *arrival != 0)
    };
    // For each commit to be looked at, whether the parent's history has it.
    let mut waiting = std::collections::BTreeMap::from([(target, false)]);
    if parent != 0 {
        waiting.insert(parent, true);
    }
    let mut wanted = usize::from(parent != target);
    let mut own: HashMap<u64, Link> = HashMap::new();
    while wanted > 0 {
        let Some((arrival, is_parents)) = waiting.pop_last() else { break };
        let link = snapshot.link_at(arrival)?.ok_or(Error::HistoryChanged { arrival })?;
        wanted -= usize::from(!is_parents);
        for next in steps(&link) {
            match waiting.entry(next) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(is_parents);
                    wanted += usize::from(!is_parents);
                }
                std::collections::btree_map::Entry::Occupied(mut place) => {
                    if is_parents && !*place.get() {
                        place.insert(true);
                        wanted -= 1;
                    }
                }
            }
        }
        if !is_parents {
            own.insert(arrival, link);
        }
    }
    // Post-order from the target, the parent before the merged, gives the order of lin.
    let mut ordered = Vec::with_capacity(own.len());
    let mut pending = vec![(target, false)];
    while let Some((arrival, is_done)) = pending.pop() {
        if is_done {
            ordered.extend(own.remove(&arrival));
        } else if let Some(link) = own.get(&arrival) {
            pending.push((arrival, true));
            let mut next: Vec<u64> = steps(link).collect();
            next.reverse();
            pending.extend(next.into_iter().map(|arrival| (arrival, false)));
        }
    }
    Ok(ordered)
}
