//! Walking through history in the order in which people read it.

use std::collections::{BinaryHeap, HashMap};

use anabranch_model::CommitId;

use crate::commit::CommitHeader;
use crate::error::Error;
use crate::graph::ancestors_of_one_step;
use crate::storage::Snapshot;

/// The history of some commits, newest first, each before what it stands on.
///
/// No commit is earlier than what it stands on, and its generation is greater: newest first does both. Costs what is
/// taken, not what there is; what is remembered is where history is cut, not what was passed.
pub struct NewestFirst<'s> {
    snapshot: &'s dyn Snapshot,
    waiting: BinaryHeap<(i64, u64, CommitId)>,
    /// Of each that is waiting, whether it is left out.
    left_out: HashMap<CommitId, bool>,
    /// How many are waiting that are not left out.
    wanted: usize,
}

impl<'s> NewestFirst<'s> {
    /// Starts from these commits.
    ///
    /// # Errors
    /// When one is missing or the storage fails.
    pub fn new(snapshot: &'s dyn Snapshot, from: impl IntoIterator<Item = CommitId>) -> Result<Self, Error> {
        let mut walk = Self { snapshot, waiting: BinaryHeap::new(), left_out: HashMap::new(), wanted: 0 };
        from.into_iter().try_for_each(|id| walk.add(id, false))?;
        Ok(walk)
    }

    /// Leaves these commits and their history out. To be said before the first commit is taken.
    ///
    /// # Errors
    /// When one is missing or the storage fails.
    pub fn without(mut self, commits: impl IntoIterator<Item = CommitId>) -> Result<Self, Error> {
        commits.into_iter().try_for_each(|id| self.add(id, true))?;
        Ok(self)
    }

    /// The next commit; none at the end.
    ///
    /// # Errors
    /// When one is missing or the storage fails.
    pub fn take(&mut self) -> Result<Option<CommitHeader>, Error> {
        while self.wanted > 0 {
            let Some((_, _, id)) = self.waiting.pop() else { break };
            // All that stand on it have been taken, so that whether it is left out is known.
            let left_out = self.left_out.remove(&id).unwrap_or(false);
            self.wanted -= usize::from(!left_out);
            let header = self.header(id)?;
            ancestors_of_one_step(&header).try_for_each(|id| self.add(id, left_out))?;
            if !left_out {
                return Ok(Some(header));
            }
        }
        Ok(None)
    }

    fn add(&mut self, id: CommitId, left_out: bool) -> Result<(), Error> {
        match self.left_out.get_mut(&id) {
            Some(known) => {
                self.wanted -= usize::from(left_out && !*known);
                *known |= left_out;
            }
            None => {
                let header = self.header(id)?;
                self.waiting.push((header.metadata.timestamp, header.generation, id));
                self.left_out.insert(id, left_out);
                self.wanted += usize::from(!left_out);
            }
        }
        Ok(())
    }

    fn header(&self, id: CommitId) -> Result<CommitHeader, Error> {
        self.snapshot.header(id)?.ok_or(Error::CommitNotFound { id })
    }
}
