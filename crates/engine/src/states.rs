//! Finding states, and keeping what makes them fast to find.

use std::sync::Arc;

use anabranch_model::{CommitId, Definitions};

use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;
use crate::state::{Line, State};
use crate::storage::{Link, Snapshot, Transaction};

/// How many states are kept for those who ask again or commit on top.
const CACHED_STATES: usize = 16;

/// How often checkpoints are made, and how much they may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointPolicy {
    /// Commits between two checkpoints. Opening a state reads at most about as many.
    pub every: u64,
    /// The share of what payloads take that checkpoints may take, in percent, …
    pub budget_percent: u64,
    /// … or this many bytes, if that is more.
    pub budget_floor: u64,
}

impl Default for CheckpointPolicy {
    fn default() -> Self {
        Self { every: 1024, budget_percent: 30, budget_floor: 4 << 20 }
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
        let definitions = self.definitions_of(&*snapshot)?;
        let line = self.line_at(&*snapshot, commit, definitions, None)?;
        Ok(State::new(line, self.clone()))
    }

    /// Derives and keeps what makes the states of the history of `commit` fast to open, where it is not kept yet. Costs
    /// what the history since the last checkpoint costs.
    ///
    /// Committing does this as it goes; histories that come from elsewhere need it once.
    ///
    /// # Errors
    /// When the commit is missing, a payload cannot be read, or the storage fails.
    pub fn checkpoint(&self, commit: CommitId) -> Result<(), Error> {
        if !self.is_read_only() {
            self.kept_line(commit)?;
        }
        Ok(())
    }

    /// The line of a commit, on boundaries that are all stored.
    pub(crate) fn kept_line(&self, commit: CommitId) -> Result<Arc<Line>, Error> {
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
        self.states().clear();
        Ok(())
    }

    /// Makes the commit of a line a boundary, and keeps it, where it is time and the budget allows.
    pub(crate) fn keep_boundary(
        &self,
        transaction: &mut dyn Transaction,
        line: &mut Line,
    ) -> Result<(), Error> {
        if !line.is_due(self.checkpoint_policy().every) || !line.is_stored() {
            return Ok(());
        }
        let payloads = transaction.statistics()?.payload_bytes;
        let policy = self.checkpoint_policy();
        let budget = (payloads / 100 * policy.budget_percent).max(policy.budget_floor);
        let left = budget.saturating_sub(transaction.checkpoint_bytes()?);
        let mut next = line.clone();
        // Where nothing is left, there is no use in finding out how much it would take.
        let segments = if left == 0 { Vec::new() } else { next.make_boundary(true) };
        let size: u64 = segments.iter().map(|(_, _, bytes)| bytes.len() as u64).sum();
        if left == 0 || size > left {
            line.postpone(policy.every);
            return Ok(());
        }
        for (arrival, level, bytes) in segments {
            transaction.put_checkpoint(arrival, level, &bytes)?;
        }
        *line = next;
        Ok(())
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
        if commit.is_zero() {
            return Ok(Arc::new(Line::beginning(definitions)));
        }
        let mut arrival = snapshot.arrival_of(commit)?.ok_or(Error::CommitNotFound { id: commit })?;
        let every = self.checkpoint_policy().every;
        let mut path: Vec<Link> = Vec::new();
        let mut candidate = snapshot.checkpoint_before(arrival)?.unwrap_or(0);
        let mut line = loop {
            let known = self.cached_line(arrival).filter(|known| keep.is_none() || known.is_stored());
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
                if let Some(kept) = Line::load(snapshot, arrival, definitions.clone())? {
                    break kept;
                }
                candidate = snapshot.checkpoint_before(arrival - 1)?.unwrap_or(0);
            }
            let link = snapshot.link_at(arrival)?.ok_or(Error::HistoryChanged { arrival })?;
            path.push(link);
            arrival = link.parent;
        };
        let last = path.len().saturating_sub(1);
        for (place, link) in path.into_iter().rev().enumerate() {
            let id = match (place == last, link.kind) {
                (true, _) => commit,
                // Only a line that ends here, or asks the whole history, needs to know its id.
                (false, CommitKind::Mutations) => CommitId::ZERO,
                _ => snapshot
                    .commit_at(link.arrival)?
                    .ok_or(Error::HistoryChanged { arrival: link.arrival })?,
            };
            line.advance(snapshot, link, id)?;
            if line.is_due(every) {
                if let Some(keep) = &mut keep {
                    keep(&mut line)?;
                }
                if line.is_due(every) {
                    line.make_boundary(false);
                }
            }
        }
        let line = Arc::new(line);
        self.cache_line(line.clone());
        Ok(line)
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
