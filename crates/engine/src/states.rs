//! Finding states, and keeping what makes them fast to find.

use std::collections::VecDeque;
use std::sync::Arc;

use anabranch_model::{CommitId, Definitions};

use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;
use crate::graph;
use crate::state::{Line, Links, Room, State};
use crate::storage::{Link, Moment, Snapshot, StorageError, Transaction};

/// How many states are kept for those who ask again or commit on top.
const CACHED_STATES: usize = 48;

/// Of a state that is derived from further back, as many less one are kept that come shortly before it: who looks at it
/// will often look at what just changed.
const KEPT_ON_THE_WAY: usize = 17;

/// How often checkpoints are made, and how much they may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointPolicy {
    /// Commits between two checkpoints. Opening a state reads at most about as many.
    pub every: u64,
    /// The share of what payloads take that checkpoints may take, in percent, …
    pub budget_percent: u64,
    /// … or this many bytes, if that is more.
    pub budget_floor: u64,
    /// A document is kept whole in a checkpoint once what there is to read for it is this many times as many bytes as
    /// it is itself, and at least twice as many commits. 0 keeps each that was changed.
    pub keep_after: u64,
}

impl Default for CheckpointPolicy {
    fn default() -> Self {
        Self { every: 1024, budget_percent: 30, budget_floor: 4 << 20, keep_after: 4 }
    }
}

/// Makes a line's commit a boundary that is stored, where the budget allows.
type Keep<'k> = &'k mut dyn FnMut(&mut Line) -> Result<(), Error>;

impl Database {
    /// The state before the first commit.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn initial_state(&self) -> Result<State, Error> {
        self.state(CommitId::ZERO)
    }

    /// The state at a commit; the initial state for the zero id.
    ///
    /// Costs what lies between the commit and the nearest checkpoint in its history, or state that is still known;
    /// documents are read when they are asked for.
    ///
    /// # Errors
    /// When the commit is missing, a payload cannot be read, or the storage fails.
    pub fn state(&self, commit: CommitId) -> Result<State, Error> {
        let snapshot = self.read()?;
        let line = if self.storage().evaluator().is_some() {
            self.served_line(&*snapshot, commit)?
        } else {
            let definitions = self.definitions_of(&*snapshot)?;
            self.line_at(&*snapshot, commit, definitions, None)?
        };
        Ok(State::new(line, self.clone()))
    }

    /// The line of a commit whose documents the storage evaluates.
    fn served_line(&self, snapshot: &dyn Snapshot, commit: CommitId) -> Result<Arc<Line>, Error> {
        if commit.is_zero() {
            return Ok(Arc::new(Line::beginning(self.definitions_of(snapshot)?)));
        }
        let arrival = snapshot.arrival_of(commit)?.ok_or(Error::CommitNotFound { id: commit })?;
        // After the number: hearing of a commit tells of the definitions that it needs.
        let definitions = self.definitions_of(snapshot)?;
        if let Some(known) = self.cached_line(arrival) {
            if known.definitions() == &definitions {
                return Ok(known);
            }
            return Ok(Arc::new((*known).clone().under(definitions)));
        }
        let line = Arc::new(Line::served(Moment::Commit(commit), commit, arrival, definitions));
        self.cache_line(line.clone());
        Ok(line)
    }

    /// The line of a commit that the storage has just taken, under the number that it has there. Where much came since
    /// what the storage evaluated, it evaluates anew.
    pub(crate) fn served_after(&self, line: Line) -> Result<Line, Error> {
        let commit = line.commit();
        let arrival = self.read()?.arrival_of(commit)?.ok_or(Error::CommitNotFound { id: commit })?;
        if line.is_due(self.checkpoint_policy().every) {
            return Ok(Line::served(Moment::Commit(commit), commit, arrival, line.definitions().clone()));
        }
        Ok(line.arrived(arrival))
    }

    /// Derives and keeps what makes the states of the history of `commit` fast to open, where it is not kept yet. Costs
    /// what the history since the last checkpoint costs.
    ///
    /// Committing does this as it goes; histories that come from elsewhere need it once.
    ///
    /// # Errors
    /// When the commit is missing, a payload cannot be read, or the storage fails.
    pub fn checkpoint(&self, commit: CommitId) -> Result<(), Error> {
        if !self.is_read_only() && self.storage().evaluator().is_none() {
            self.kept_line(commit)?;
        }
        Ok(())
    }

    /// The line of a commit, on boundaries that are all stored.
    pub(crate) fn kept_line(&self, commit: CommitId) -> Result<Arc<Line>, Error> {
        self.remove_damaged_checkpoints()?;
        let snapshot = self.read()?;
        let definitions = self.definitions_of(&*snapshot)?;
        let mut keep = |line: &mut Line| {
            let mut transaction = self.write()?;
            self.keep_boundary(&mut *transaction, line)?;
            Ok(transaction.commit()?)
        };
        self.line_at(&*snapshot, commit, definitions, Some(&mut keep))
    }

    /// Removes all checkpoints. They are made again by [`Self::checkpoint`] and by committing.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn drop_checkpoints(&self) -> Result<(), Error> {
        let mut transaction = self.write()?;
        transaction.drop_checkpoints()?;
        transaction.commit()?;
        self.damaged_checkpoints().clear();
        self.states().clear();
        Ok(())
    }

    /// Uses a checkpoint no more, because it turned out to be damaged.
    pub(crate) fn leave_out_checkpoint(&self, arrival: u64, level: u8) {
        self.damaged_checkpoints().insert((arrival, level));
        self.states().clear();
    }

    fn remove_damaged_checkpoints(&self) -> Result<(), Error> {
        let damaged = self.damaged_checkpoints().clone();
        if damaged.is_empty() {
            return Ok(());
        }
        let mut transaction = self.write()?;
        for (arrival, level) in &damaged {
            transaction.delete_checkpoint(*arrival, *level)?;
        }
        transaction.commit()?;
        self.damaged_checkpoints().retain(|checkpoint| !damaged.contains(checkpoint));
        self.states().clear();
        Ok(())
    }

    /// Makes the commit of a line a boundary, and keeps it, where it is time and the budget allows.
    pub(crate) fn keep_boundary(
        &self,
        transaction: &mut dyn Transaction,
        line: &mut Line,
    ) -> Result<(), Error> {
        if !line.is_due(self.checkpoint_policy().every) || !line.is_stored() || line.is_served() {
            return Ok(());
        }
        let payloads = transaction.statistics()?.payload_bytes;
        let policy = self.checkpoint_policy();
        let budget = (payloads / 100 * policy.budget_percent).max(policy.budget_floor);
        let taken = transaction.checkpoint_bytes()?;
        let left = budget.saturating_sub(taken);
        let mut next = line.clone();
        // Where nothing is left, there is no use in finding out how much it would take. Documents leave a part of the
        // budget to what must be there for every commit.
        let segments = if left == 0 {
            Vec::new()
        } else {
            let documents = (budget / 6 * 5).saturating_sub(taken);
            let room = Room { bytes: left, documents, keep_after: policy.keep_after };
            next.make_boundary(transaction, self, Some(room))?
        };
        let size: usize = segments.iter().flat_map(|(_, _, parts)| parts).map(Vec::len).sum();
        if left == 0 || size as u64 > left {
            line.postpone(policy.every);
            return Ok(());
        }
        for (arrival, level, parts) in segments {
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            transaction.put_checkpoint(arrival, level, &parts)?;
        }
        *line = next;
        Ok(())
    }

    /// The line of the commit that arrived under a number.
    pub(crate) fn derived_line(&self, arrival: u64) -> Result<Arc<Line>, Error> {
        let snapshot = self.read()?;
        let definitions = self.definitions_of(&*snapshot)?;
        let commit = snapshot.commit_at(arrival)?.ok_or(Error::HistoryChanged { arrival })?;
        self.line_at(&*snapshot, commit, definitions, None)
    }

    /// The line of a commit: back to the nearest that is known or kept, then forward again. `keep` is called at each
    /// commit on the way where a boundary is due; without it, boundaries are made in memory only.
    pub(crate) fn line_at(
        &self,
        snapshot: &dyn Snapshot,
        commit: CommitId,
        definitions: Definitions,
        mut keep: Option<Keep<'_>>,
    ) -> Result<Arc<Line>, Error> {
        self.undamaged(|| {
            let mut again: Option<Keep<'_>> = None;
            if let Some(keep) = &mut keep {
                again = Some(&mut **keep);
            }
            self.find_line(snapshot, commit, definitions.clone(), again)
        })
    }

    /// Does something that works on lines, anew as long as it finds that a checkpoint is damaged.
    pub(crate) fn undamaged<T>(&self, mut work: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        loop {
            match work() {
                Err(Error::DamagedCheckpoint { arrival, level })
                    if !self.damaged_checkpoints().contains(&(arrival, level)) =>
                {
                    self.leave_out_checkpoint(arrival, level);
                }
                done => return done,
            }
        }
    }

    /// Whether `ancestor` is `descendant` or in its history. Costs what the commits that arrived between them cost, or
    /// what the state of the descendant costs.
    pub(crate) fn has_ancestor(
        &self,
        snapshot: &dyn Snapshot,
        descendant: CommitId,
        ancestor: CommitId,
    ) -> Result<bool, Error> {
        let arrival = |id| snapshot.arrival_of(id)?.ok_or(StorageError::CommitNotFound { id });
        let (of, from) = (arrival(ancestor)?, arrival(descendant)?);
        let walks =
            self.storage().evaluator().is_some() || from - of.min(from) <= self.checkpoint_policy().every;
        if of > from || walks {
            return Ok(of <= from && graph::is_ancestor(snapshot, ancestor, descendant)?);
        }
        let definitions = self.definitions_of(snapshot)?;
        self.undamaged(|| self.line_at(snapshot, descendant, definitions.clone(), None)?.has(of, snapshot))
    }

    /// What the history of `target` has and that of `parent`, which may be the zero id, lacks.
    pub(crate) fn own_commits(
        &self,
        snapshot: &dyn Snapshot,
        parent: CommitId,
        target: u64,
    ) -> Result<Vec<Link>, Error> {
        let definitions = self.definitions_of(snapshot)?;
        self.undamaged(|| {
            self.line_at(snapshot, parent, definitions.clone(), None)?.own_commits(snapshot, target)
        })
    }

    fn find_line(
        &self,
        snapshot: &dyn Snapshot,
        commit: CommitId,
        definitions: Definitions,
        mut keep: Option<Keep<'_>>,
    ) -> Result<Arc<Line>, Error> {
        if commit.is_zero() {
            return Ok(Arc::new(Line::beginning(definitions)));
        }
        let known =
            self.states().iter().rev().find(|line| line.commit() == commit).map(|line| line.arrival());
        let mut arrival = match known {
            // A look-up by number, which for the head is where everyone looks, instead of one by a hash.
            Some(arrival) if snapshot.commit_at(arrival)? == Some(commit) => arrival,
            _ => snapshot.arrival_of(commit)?.ok_or(Error::CommitNotFound { id: commit })?,
        };
        let every = self.checkpoint_policy().every;
        let mut links = Links::new(snapshot);
        let mut path: Vec<Link> = Vec::new();
        let mut candidate = u64::MAX;
        let mut line = loop {
            // What is derived on is derived: of one that is served, nothing is known but its documents.
            let known = self.cached_line(arrival).filter(|known| !known.is_served());
            let known = known.filter(|known| keep.is_none() || known.is_stored());
            if let Some(known) = known {
                if path.is_empty() && known.definitions() == &definitions {
                    return Ok(known);
                }
                break (*known).clone().under(definitions);
            }
            if arrival == 0 {
                break Line::beginning(definitions);
            }
            if candidate > arrival {
                candidate = snapshot.checkpoint_before(arrival)?.unwrap_or(0);
            }
            if candidate == arrival {
                if let Some(kept) = self.boundary_at(snapshot, arrival, &definitions)? {
                    break kept;
                }
                candidate = snapshot.checkpoint_before(arrival - 1)?.unwrap_or(0);
            }
            let link = links.get(arrival)?;
            path.push(link);
            arrival = link.parent;
        };
        let mut payloads = Payloads { snapshot, read: VecDeque::new() };
        path.reverse();
        for (place, link) in path.iter().enumerate() {
            let left = path.len() - place;
            let id = match (left, link.kind) {
                // Only a line that is kept, or asks the whole history, needs to know its id.
                (1, _) => commit,
                (KEPT_ON_THE_WAY.., CommitKind::Mutations) => CommitId::ZERO,
                _ => snapshot
                    .commit_at(link.arrival)?
                    .ok_or(Error::HistoryChanged { arrival: link.arrival })?,
            };
            let payload = match link.kind {
                CommitKind::Mutations => payloads.get(&path[place..])?,
                _ => None,
            };
            line.advance(snapshot, *link, payload, id)?;
            if line.is_due(every) {
                if let Some(keep) = &mut keep {
                    keep(&mut line)?;
                }
                if line.is_due(every) {
                    line.make_boundary_in_memory(snapshot, self)?;
                }
            }
            if (2..KEPT_ON_THE_WAY).contains(&left) {
                self.cache_line(Arc::new(line.clone()));
            }
        }
        let line = Arc::new(line);
        self.cache_line(line.clone());
        Ok(line)
    }

    /// The line at a stored boundary, sharing what is known there; none where it is damaged.
    fn boundary_at(
        &self,
        snapshot: &dyn Snapshot,
        boundary: u64,
        definitions: &Definitions,
    ) -> Result<Option<Line>, Error> {
        let known = {
            let states = self.states();
            let stored = states.iter().rev().filter(|line| line.is_stored() && !line.is_served());
            let commit = snapshot.commit_at(boundary)?;
            stored.filter_map(|line| line.at_boundary(boundary, commit?, definitions.clone())).next()
        };
        match known {
            Some(known) => Ok(Some(known)),
            None => Line::load(snapshot, boundary, definitions.clone(), &self.damaged_checkpoints()),
        }
    }

    /// The line itself, or the one that the database keeps for the same commit, where a boundary was made.
    pub(crate) fn kept_state_line(&self, line: &Arc<Line>) -> Arc<Line> {
        self.cached_line(line.arrival()).filter(|kept| kept.is_stored()).unwrap_or_else(|| line.clone())
    }

    fn cached_line(&self, arrival: u64) -> Option<Arc<Line>> {
        let mut states = self.states();
        let place = states.iter().position(|line| line.arrival() == arrival)?;
        let line = states.remove(place)?;
        states.push_back(line.clone());
        Some(line)
    }

    pub(crate) fn cache_line(&self, line: Arc<Line>) {
        let mut states = self.states();
        states.retain(|cached| cached.arrival() != line.arrival());
        states.push_back(line);
        if states.len() > CACHED_STATES {
            states.pop_front();
        }
    }
}

/// Reads the payloads of commits one after the other, where most follow each other directly.
struct Payloads<'s> {
    snapshot: &'s dyn Snapshot,
    read: VecDeque<(u64, Vec<u8>)>,
}

impl Payloads<'_> {
    /// The payload of the first of these commits, with which those are read that follow.
    fn get(&mut self, path: &[Link]) -> Result<Option<Vec<u8>>, Error> {
        let Some(first) = path.first() else { return Ok(None) };
        if self.read.front().is_none_or(|(arrival, _)| *arrival != first.arrival) {
            let run =
                path.iter().zip(first.arrival..).take_while(|(link, next)| link.arrival == *next).count();
            self.read = self.snapshot.payloads(first.arrival, first.arrival + run as u64 - 1)?.into();
        }
        Ok(self.read.pop_front().filter(|(arrival, _)| *arrival == first.arrival).map(|(_, payload)| payload))
    }
}
