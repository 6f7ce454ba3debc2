//! What a merge would give.

use std::sync::Arc;

use anabranch_model::CommitId;

use super::evaluation::{check_mergeable, merge_id};
use crate::database::Database;
use crate::error::Error;
use crate::state::{Line, State};
use crate::storage::Moment;

impl Database {
    /// The state that a merge of `theirs` into `ours` would give. Nothing is written.
    ///
    /// It says that it is the state of the commit that [`Self::merge_commit`] would make, so that once that is made it is
    /// the state of that commit.
    ///
    /// # Errors
    /// When one is missing or is an ancestor of the other, a payload cannot be read, or the storage fails.
    pub fn merge_state(&self, ours: CommitId, theirs: CommitId) -> Result<State, Error> {
        let merge = merge_id(ours, theirs);
        if self.commit_exists(merge)? {
            return self.state(merge);
        }
        let snapshot = self.read()?;
        check_mergeable(self, &*snapshot, ours, theirs)?;
        let definitions = self.definitions_of(&*snapshot)?;
        if self.storage().evaluator().is_some() {
            let arrival = snapshot.arrival_of(ours)?.ok_or(Error::CommitNotFound { id: ours })?;
            let line = Line::served(Moment::Merge(ours, theirs), merge, arrival, definitions);
            return Ok(State::new(Arc::new(line), self.clone()));
        }
        let target = snapshot.arrival_of(theirs)?.ok_or(Error::CommitNotFound { id: theirs })?;
        let line = self.undamaged(|| {
            let mut line = (*self.line_at(&*snapshot, ours, definitions.clone(), None)?).clone();
            line.merge_virtually(&*snapshot, target, merge)?;
            Ok(line)
        })?;
        Ok(State::new(Arc::new(line), self.clone()))
    }
}
