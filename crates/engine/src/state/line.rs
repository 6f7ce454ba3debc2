//! From one state to the next, along a line of history.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use anabranch_model::{CommitId, Definitions, Value};
use rpds::HashTrieMapSync;

use super::arrivals::Arrivals;
use super::base::{Base, decode_at, opcodes_at};
use super::entry::Entry;
use super::masks::{self, Decision, Masks};
use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;
use crate::linearisation::Linearisation;
use crate::opcode::{DocumentId, Opcode, Operation};
use crate::storage::{Link, Moment, Snapshot, StorageError};

/// A state, as it is derived and shared. Reading it takes the database, which it does not hold: the database keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(super) commit: CommitId,
    pub(super) arrival: u64,
    pub(super) definitions: Definitions,
    pub(super) base: Arc<Base>,
    /// The documents that commits after the boundary touched.
    pub(super) recent: HashTrieMapSync<DocumentId, Arc<Entry>>,
    /// How many commits there are after the boundary, …
    pub(super) recent_commits: u64,
    /// … and which.
    pub(super) members: Arrivals,
    pub(super) masks: Arc<Masks>,
    /// How many decisions there were at the boundary, …
    pub(super) decisions_below: usize,
    /// … and which commits were off.
    pub(super) off_below: Arc<HashSet<u64>>,
    /// How many commits after the boundary touched documents.
    pub(super) places: u64,
    /// How often a boundary was due and not made.
    pub(super) attempts: u64,
}

impl Line {
    /// Whether the operations of the `Mutations` commit of this arrival number are left out.
    pub(crate) fn hides(&self, arrival: u64) -> bool {
        self.masks.off.contains(&arrival)
    }

    /// The state before the first commit.
    pub(crate) fn beginning(definitions: Definitions) -> Self {
        Self::on(Arc::new(Base::beginning()), CommitId::ZERO, definitions)
    }

    /// The state at a boundary.
    fn on(base: Arc<Base>, commit: CommitId, definitions: Definitions) -> Self {
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
            recent: HashTrieMapSync::new_sync(),
            recent_commits: 0,
            members: Arrivals::default(),
            decisions_below: masks.decisions.len(),
            off_below: base.off.clone(),
            masks: Arc::new(masks),
            base,
            places: 0,
            attempts: 0,
        }
    }

    /// The state at the boundary that is stored under this arrival number; none when it is damaged, as far as is seen
    /// without reading all of it, or known to be.
    pub(crate) fn load(
        snapshot: &dyn Snapshot,
        boundary: u64,
        definitions: Definitions,
        damaged: &BTreeSet<(u64, u8)>,
    ) -> Result<Option<Self>, Error> {
        let Some(base) = Base::load(snapshot, boundary, damaged)? else { return Ok(None) };
        let Some(commit) = snapshot.commit_at(boundary)? else { return Ok(None) };
        Ok(Some(Self::on(Arc::new(base), commit, definitions)))
    }

    /// The state at the boundary below this one, sharing what is known there; none when that is another boundary, or
    /// something was masked below it since.
    pub(crate) fn at_boundary(
        &self,
        boundary: u64,
        commit: CommitId,
        definitions: Definitions,
    ) -> Option<Self> {
        let is_there = self.base.arrival == boundary && self.base.masked.is_empty();
        (is_there && self.base.off == self.off_below)
            .then(|| Self::on(self.base.clone(), commit, definitions))
    }

    /// The state after a commit, or after a merge that is not made, whose documents the storage evaluates.
    pub(crate) fn served(at: Moment, commit: CommitId, arrival: u64, definitions: Definitions) -> Self {
        Self::on(Arc::new(Base::served(at, arrival)), commit, definitions)
    }

    /// Whether the storage evaluates the documents under it.
    pub(crate) fn is_served(&self) -> bool {
        self.base.served.is_some()
    }

    /// The same state, its commit having arrived under this number.
    pub(crate) fn arrived(mut self, arrival: u64) -> Self {
        self.arrival = arrival;
        self
    }

    pub(crate) fn commit(&self) -> CommitId {
        self.commit
    }

    pub(crate) fn arrival(&self) -> u64 {
        self.arrival
    }

    /// Whether what lies under it is stored, so that a boundary after it may be.
    pub(crate) fn is_stored(&self) -> bool {
        self.base.is_stored()
    }

    /// Whether a commit is in the history.
    pub(crate) fn has(&self, arrival: u64, snapshot: &dyn Snapshot) -> Result<bool, Error> {
        Ok(self.members.contains(arrival) || self.base.covers(arrival, snapshot)?)
    }

    /// The same state under definitions that include those that it was read under.
    pub(crate) fn under(mut self, definitions: Definitions) -> Self {
        self.definitions = definitions;
        self
    }

    /// Goes on to a `Mutations` commit whose parent this is, with a payload of so many bytes.
    pub(crate) fn mutate(&mut self, commit: CommitId, arrival: u64, opcodes: Vec<Opcode>, bytes: usize) {
        self.touch(arrival, opcodes, bytes, true);
        self.arrive(arrival, commit);
    }

    fn arrive(&mut self, arrival: u64, commit: CommitId) {
        self.commit = commit;
        self.arrival = arrival;
        self.members.insert(arrival);
        self.recent_commits += 1;
    }

    fn touch(&mut self, arrival: u64, opcodes: Vec<Opcode>, bytes: usize, is_on: bool) {
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
        let bytes = bytes as u64 / (grouped.len() as u64).max(1);
        for (id, operations) in grouped {
            let below = self.recent.get(&id).cloned();
            let entry = Entry::new(below, arrival, self.places, operations.into(), bytes, is_on);
            self.recent.insert_mut(id, entry);
        }
    }

    /// Goes on to the commit at `link`, whose parent this is, and whose payload this is if it is known.
    pub(crate) fn advance(
        &mut self,
        snapshot: &dyn Snapshot,
        link: Link,
        payload: Option<Vec<u8>>,
        commit: CommitId,
    ) -> Result<(), Error> {
        match link.kind {
            CommitKind::Mutations => {
                let payload = match payload {
                    Some(payload) => payload,
                    None => payload_at(snapshot, link.arrival)?,
                };
                let opcodes = decode_at(snapshot, &self.definitions, link.arrival, &payload)?;
                self.touch(link.arrival, opcodes, payload.len(), true);
            }
            CommitKind::Merge => self.merge(snapshot, link.target, Some(commit))?,
            CommitKind::Disable | CommitKind::Enable => {
                let decision = decision(snapshot, link)?;
                let mut decisions = self.masks.decisions.clone();
                decisions.push(decision);
                self.mask(snapshot, decisions, &HashSet::new(), Some(commit))?;
            }
        }
        self.arrive(link.arrival, commit);
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
        let own = self.own_commits(snapshot, target)?;
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
        for link in own {
            self.members.insert(link.arrival);
            if link.kind == CommitKind::Mutations {
                let is_on = !self.masks.off.contains(&link.arrival);
                let payload = payload_at(snapshot, link.arrival)?;
                let opcodes = decode_at(snapshot, &self.definitions, link.arrival, &payload)?;
                self.touch(link.arrival, opcodes, payload.len(), is_on);
            }
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
        self.put_masks(snapshot, Masks { decisions, off: Arc::new(off), masks_merge }, coming)
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
        self.put_masks(snapshot, Masks { decisions, off: Arc::new(off), masks_merge }, coming)
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
        // Documents touched below the boundary, with the commits that do.
        let mut below: HashMap<DocumentId, Vec<u64>> = HashMap::new();
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
                    None => below.entry(id).or_default().push(arrival),
                }
            }
        }
        if !below.is_empty() && !self.base.segments.is_empty() {
            for id in below.keys() {
                // Arrival numbers start at 1: nothing is masked, all is forgotten.
                let anew = self.recent.get(id).map(|entry| entry.retouched(0, true));
                if let Some(entry) = anew {
                    self.recent.insert_mut(id.clone(), entry);
                }
            }
            self.base = Arc::new(self.base.masked(masks.off.clone(), below));
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

    /// The commits of the history that touch a document, in linearisation order, and perhaps a few that do not.
    pub(crate) fn touching(&self, id: &DocumentId, snapshot: &dyn Snapshot) -> Result<Vec<u64>, Error> {
        let mut touching = self.base.touching(id, snapshot)?;
        let recent = self.recent.get(id).map(|entry| entry.touches()).unwrap_or_default();
        touching.extend(recent.into_iter().map(|(_, touch)| touch.arrival));
        Ok(touching)
    }

    /// The `Mutations` commits that are hidden, each with what hides it; none where a merge is hidden, so that only the
    /// whole history can tell.
    pub(crate) fn hidden_by(&self) -> Option<HashMap<u64, u64>> {
        if self.masks.masks_merge { None } else { masks::hidden_by(&self.masks.decisions) }
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

fn payload_at(snapshot: &dyn Snapshot, arrival: u64) -> Result<Vec<u8>, Error> {
    snapshot.payload_at(arrival)?.ok_or(Error::HistoryChanged { arrival })
}
