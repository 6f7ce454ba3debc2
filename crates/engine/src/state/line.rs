//! From one state to the next, along a line of history.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use anabranch_model::{CommitId, Definitions, Value};
use rpds::HashTrieMapSync;

use super::arrivals::Arrivals;
use super::base::{Base, decode_at, opcodes_at};
use super::entry::Entry;
use super::masks::{Decision, Masks, Unfollowed};
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
    /// How many commits after the boundary touched documents.
    pub(super) places: u64,
    /// How often a boundary was due and not made.
    pub(super) attempts: u64,
}

impl Line {
    /// Whether the operations of the `Mutations` commit of this arrival number are left out.
    pub(crate) fn hides(&self, arrival: u64) -> bool {
        self.masks.is_off(arrival)
    }

    /// The state before the first commit.
    pub(crate) fn beginning(definitions: Definitions) -> Self {
        Self::on(Arc::new(Base::beginning()), CommitId::ZERO, definitions)
    }

    /// The state at a boundary.
    fn on(base: Arc<Base>, commit: CommitId, definitions: Definitions) -> Self {
        Self {
            commit,
            arrival: base.arrival,
            definitions,
            recent: HashTrieMapSync::new_sync(),
            recent_commits: 0,
            members: Arrivals::default(),
            masks: base.masks.clone(),
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
        let is_there = self.base.arrival == boundary;
        (is_there && self.base.masked.is_empty() && self.base.masks.is_at_boundary())
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
                let whole = |_: &Self| Ok(off_of(snapshot, &Linearisation::of(snapshot, commit)?)?);
                self.mask(snapshot, &[decision(snapshot, link)?], &HashSet::new(), whole)?;
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
        let mut decisions = Vec::new();
        for link in &own {
            if matches!(link.kind, CommitKind::Disable | CommitKind::Enable) {
                decisions.push(decision(snapshot, *link)?);
            }
        }
        if !decisions.is_empty() || self.masks.masks_merge {
            let arrivals = own.iter().map(|link| link.arrival).collect();
            let missing = Error::HistoryChanged { arrival: target };
            let theirs = snapshot.commit_at(target)?.ok_or(missing)?;
            let whole = |line: &Self| {
                let lin = match commit {
                    Some(merge) => Linearisation::of(snapshot, merge),
                    None => Linearisation::of_merge(snapshot, line.commit, theirs),
                };
                Ok(off_of(snapshot, &lin?)?)
            };
            self.mask(snapshot, &decisions, &arrivals, whole)?;
        }
        self.recent_commits += own.len() as u64;
        for link in own {
            self.members.insert(link.arrival);
            if link.kind == CommitKind::Mutations {
                let is_on = !self.masks.is_off(link.arrival);
                let payload = payload_at(snapshot, link.arrival)?;
                let opcodes = decode_at(snapshot, &self.definitions, link.arrival, &payload)?;
                self.touch(link.arrival, opcodes, payload.len(), is_on);
            }
        }
        Ok(())
    }

    /// Takes in new decisions, which come after all others. `coming` are commits that are not part of this state yet;
    /// `whole` finds what is off from the whole history, for when a merge is masked.
    fn mask(
        &mut self,
        snapshot: &dyn Snapshot,
        decisions: &[Decision],
        coming: &HashSet<u64>,
        whole: impl FnOnce(&Self) -> Result<HashSet<u64>, Error>,
    ) -> Result<(), Error> {
        let mut masks = (*self.masks).clone();
        let mut changed = HashSet::new();
        let mut is_followed = !masks.masks_merge;
        for decision in decisions {
            match masks.append(*decision) {
                // What is changed twice is as it was.
                Ok(turned) => turned.into_iter().for_each(|arrival| {
                    if !changed.remove(&arrival) {
                        changed.insert(arrival);
                    }
                }),
                Err(Unfollowed) => is_followed = false,
            }
        }
        if !is_followed {
            let turned = masks.find_anew(|| whole(self))?;
            changed = changed.symmetric_difference(&turned.into_iter().collect()).copied().collect();
        }
        let masks = Arc::new(masks);
        changed.retain(|arrival| !coming.contains(arrival));
        // Documents touched below the boundary, with the commits that do.
        let mut below: HashMap<DocumentId, Vec<u64>> = HashMap::new();
        for arrival in changed {
            let is_on = !masks.is_off(arrival);
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
            self.base = Arc::new(self.base.masked(masks.clone(), below));
        }
        self.masks = masks;
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
        self.masks.hidden_by()
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
