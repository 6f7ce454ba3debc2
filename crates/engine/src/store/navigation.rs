//! Going to other commits, and making ones that are not undone.

use anabranch_model::CommitId;

use super::observer::Event;
use super::{Current, Store};
use crate::commit::CommitKind;
use crate::error::Error;

impl Store {
    /// Goes to a commit; to the initial state for the zero id.
    ///
    /// # Errors
    /// When there is no database, the commit is missing, or its state cannot be read.
    pub fn use_commit(&self, commit: CommitId) -> Result<(), Error> {
        self.go(|_| Ok(commit)).map(drop)
    }

    /// Goes to the only head, or, with several, from the current commit on to a head (`Database::forward`).
    ///
    /// # Errors
    /// When there is no database or the storage fails.
    pub fn forward(&self) -> Result<CommitId, Error> {
        self.go(|current| current.database.forward(current.state.commit_id()))
    }

    /// Folds all heads into one, as every site would (`Database::reduce_heads`), and goes there.
    ///
    /// # Errors
    /// When there is no database or the storage fails.
    pub fn reduce_heads(&self) -> Result<CommitId, Error> {
        self.go(|current| Ok(current.database.reduce_heads(None)?.unwrap_or(current.state.commit_id())))
    }

    /// Merges a commit into the current one, and goes to the merge.
    ///
    /// # Errors
    /// When there is no database, the two cannot be merged, or the storage fails.
    pub fn merge_commit(&self, target: CommitId) -> Result<CommitId, Error> {
        self.go(|current| {
            let label = format!("merge of {target}");
            current.database.merge_commit(&label, current.state.commit_id(), target)
        })
    }

    /// Hides a commit, by one on top of the current one, and goes there.
    ///
    /// # Errors
    /// When there is no database, the commit is missing, or the storage fails.
    pub fn disable_commit(&self, target: CommitId) -> Result<CommitId, Error> {
        self.go(|current| current.decide(CommitKind::Disable, target))
    }

    /// Shows a commit, by one on top of the current one, and goes there.
    ///
    /// # Errors
    /// When there is no database, the commit is missing, or the storage fails.
    pub fn enable_commit(&self, target: CommitId) -> Result<CommitId, Error> {
        self.go(|current| current.decide(CommitKind::Enable, target))
    }

    /// Removes a head that nothing refers to, and forgets what could be undone. Goes to the most recent commit if it was
    /// the current one. For demonstrations.
    ///
    /// # Errors
    /// When there is no database; when the commit is missing or referred to; when the database has been synchronised,
    /// unless `force`d.
    pub fn delete_commit(&self, commit: CommitId, force: bool) -> Result<(), Error> {
        self.change(|| {
            let Current { database, state } = self.current()?;
            database.delete_commit(commit, force)?;
            let is_there = state.commit_id() != commit;
            let next = if is_there { Some(state.commit_id()) } else { database.last_commit_id()? };
            self.arrive(database, next.unwrap_or(CommitId::ZERO), |stacks| stacks.clear()).map(drop)
        })
    }

    /// Removes all commits but the first, goes there, and forgets what could be undone. For demonstrations. The observer
    /// is told before and after, whether it succeeds or not.
    ///
    /// # Errors
    /// When there is no database; when it has been synchronised, unless `force`d; or the storage fails.
    pub fn reset(&self, force: bool) -> Result<(), Error> {
        self.change(|| {
            self.current()?;
            self.0.notices.add([Event::DatabaseWillReset]);
            Ok::<_, Error>(())
        })?;
        self.change(|| {
            self.0.notices.add([Event::DatabaseDidReset]);
            let Current { database, .. } = self.current()?;
            database.reset_commits(force)?;
            let first = database.first_commit_id()?.unwrap_or(CommitId::ZERO);
            self.arrive(database, first, |stacks| stacks.clear()).map(drop)
        })
    }

    fn go(&self, find: impl FnOnce(&Current) -> Result<CommitId, Error>) -> Result<CommitId, Error> {
        self.change(|| {
            let current = self.current()?;
            let commit = find(&current)?;
            self.arrive(current.database, commit, |_| {})
        })
    }
}
