//! Changes that can be undone.

use std::error::Error as StdError;

use anabranch_model::{Attachment, CommitId, Key, Path, Value};

use super::observer::Event;
use super::stacks::{Stacks, Toggle, UndoStack};
use super::{Current, Store, lock};
use crate::commit::CommitKind;
use crate::error::Error;
use crate::mutable::MutableState;

/// Why a dispatch failed. Nothing was committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DispatchError<E: StdError + 'static> {
    /// What was to be dispatched failed.
    #[error(transparent)]
    Change(E),
    /// It could not be committed.
    #[error(transparent)]
    Engine(#[from] Error),
}

impl<E: StdError + Into<Error>> From<DispatchError<E>> for Error {
    fn from(error: DispatchError<E>) -> Self {
        match error {
            DispatchError::Change(error) => error.into(),
            DispatchError::Engine(error) => error,
        }
    }
}

impl Store {
    /// Runs `change` on a recording on top of the current state, commits it and comes to that commit, which can be undone.
    /// What was undone can be redone no more.
    ///
    /// `change` may read the store, and must leave changing it to the recording.
    ///
    /// # Errors
    /// When `change` fails, or what it recorded cannot be committed. Nothing is committed then, and the store stays as it
    /// was; the observer is told.
    pub fn dispatch<E: StdError + 'static>(
        &self,
        label: &str,
        change: impl FnOnce(&mut MutableState) -> Result<(), E>,
    ) -> Result<CommitId, DispatchError<E>> {
        self.dispatched(|current| {
            let mut mutable = MutableState::new(current.state.clone());
            change(&mut mutable).map_err(DispatchError::Change)?;
            Ok(current.database.commit_mutations(label, &mutable)?)
        })
    }

    /// Dispatches making the document of a key `value`.
    ///
    /// # Errors
    /// When the change is refused or cannot be committed.
    pub fn dispatch_set(
        &self,
        label: &str,
        attachment: &Attachment,
        key: &Key,
        value: Value,
    ) -> Result<CommitId, Error> {
        Ok(self.dispatch(label, |mutable| mutable.set(attachment, key, value))?)
    }

    /// Dispatches making a place of the document of a key `value`.
    ///
    /// # Errors
    /// When the change is refused or cannot be committed.
    pub fn dispatch_update(
        &self,
        label: &str,
        attachment: &Attachment,
        key: &Key,
        path: &Path,
        value: Value,
    ) -> Result<CommitId, Error> {
        Ok(self.dispatch(label, |mutable| mutable.update(attachment, key, path, value))?)
    }

    /// Dispatches the least that turns the document of a key into `value`.
    ///
    /// # Errors
    /// When the change is refused or cannot be committed.
    pub fn dispatch_diff(
        &self,
        label: &str,
        attachment: &Attachment,
        key: &Key,
        value: Value,
        recursive: bool,
    ) -> Result<CommitId, Error> {
        Ok(self.dispatch(label, |mutable| mutable.diff(attachment, key, value, recursive))?)
    }

    /// Dispatches showing a commit, or hiding it.
    ///
    /// # Errors
    /// When the commit is missing or the storage fails.
    pub fn dispatch_enable_commit(&self, target: CommitId, enabled: bool) -> Result<CommitId, Error> {
        let kind = if enabled { CommitKind::Enable } else { CommitKind::Disable };
        let decided: Result<_, DispatchError<Error>> =
            self.dispatched(|current| Ok(current.decide(kind, target)?));
        Ok(decided?)
    }

    /// Dispatches what was recorded, on top of the state that the recording started from.
    ///
    /// # Errors
    /// When it cannot be committed.
    pub fn commit_mutations(&self, label: &str, mutable: &MutableState) -> Result<CommitId, Error> {
        let committed: Result<_, DispatchError<Error>> =
            self.dispatched(|current| Ok(current.database.commit_mutations(label, mutable)?));
        Ok(committed?)
    }

    fn dispatched<E: StdError + 'static>(
        &self,
        commit: impl FnOnce(&Current) -> Result<CommitId, DispatchError<E>>,
    ) -> Result<CommitId, DispatchError<E>> {
        let result = self.change(|| {
            let current = self.current()?;
            let commit = commit(&current)?;
            Ok(self.arrive(current.database, commit, |stacks| stacks.push(commit))?)
        });
        match &result {
            // The dispatch that this one is inside of will fail, or go on without it.
            Ok(_) | Err(DispatchError::Engine(Error::NestedDispatch)) => {}
            Err(error) => self.0.notices.tell_error(self, error),
        }
        result
    }

    /// Undoes the last dispatched commit that is in effect, by a commit on top of the current one; answers that. Does
    /// nothing when nothing can be undone.
    ///
    /// # Errors
    /// When the storage fails, or from within a dispatch.
    pub fn undo(&self) -> Result<Option<CommitId>, Error> {
        self.toggle("Undo", Stacks::next_undo, Stacks::undone)
    }

    /// Takes back the last undo, by a commit on top of the current one; answers that. Does nothing when nothing can be
    /// redone.
    ///
    /// # Errors
    /// When the storage fails, or from within a dispatch.
    pub fn redo(&self) -> Result<Option<CommitId>, Error> {
        self.toggle("Redo", Stacks::next_redo, |stacks, _| stacks.redone())
    }

    fn toggle(
        &self,
        verb: &str,
        next: impl FnOnce(&Stacks) -> Option<Toggle>,
        settle: impl FnOnce(&mut Stacks, CommitId),
    ) -> Result<Option<CommitId>, Error> {
        self.change(|| {
            let Some(Toggle { of, kind, target }) = next(&lock(&self.0.session).stacks) else {
                return Ok(None);
            };
            let current = self.current()?;
            let label = format!("{verb} [{}]", current.database.commit_header(of)?.metadata.label);
            let commit = current.decide_as(kind, &label, target)?;
            self.arrive(current.database, commit, |stacks| settle(stacks, commit)).map(Some)
        })
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        lock(&self.0.session).stacks.can_undo()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        lock(&self.0.session).stacks.can_redo()
    }

    /// What this store dispatched, and how much of it is in effect.
    pub fn undo_stack_ids(&self) -> UndoStack {
        lock(&self.0.session).stacks.ids()
    }

    /// Forgets what could be undone and redone. Nobody is told.
    pub fn clear_undo_redo(&self) {
        lock(&self.0.session).stacks.clear();
    }

    /// Forgets what could be undone and redone, and tells that the state did change, so that what offers it is refreshed:
    /// for those who have come to a commit from which there should be no way back.
    pub fn reset_undo_redo(&self) {
        self.clear_undo_redo();
        self.tell([Event::StateDidChange]);
    }
}

impl Current {
    /// Appends a `Disable` or `Enable` of a commit, labelled with what it does to what.
    pub(super) fn decide(&self, kind: CommitKind, target: CommitId) -> Result<CommitId, Error> {
        let label = format!("{kind} [{}]", self.database.commit_header(target)?.metadata.label);
        self.decide_as(kind, &label, target)
    }

    fn decide_as(&self, kind: CommitKind, label: &str, target: CommitId) -> Result<CommitId, Error> {
        let parent = self.state.commit_id();
        match kind {
            CommitKind::Enable => self.database.enable_commit(label, parent, target),
            _ => self.database.disable_commit(label, parent, target),
        }
    }
}
