//! What can be undone and redone.

use anabranch_model::CommitId;

use crate::commit::CommitKind;

/// What a store dispatched and has not forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoStack {
    /// The dispatched commits, oldest first.
    pub commits: Vec<CommitId>,
    /// How many of them are in effect, from the oldest on. The others are undone and can be redone.
    pub applied: usize,
}

/// A commit that this store dispatched.
#[derive(Clone, Debug)]
struct Dispatched {
    commit: CommitId,
    /// The commit that first undid it: shown, it is undone, hidden, it is not.
    undo: Option<CommitId>,
}

/// What this store dispatched, oldest first: what stands before `applied` is in effect, the rest is undone.
#[derive(Clone, Debug, Default)]
pub(super) struct Stacks {
    dispatched: Vec<Dispatched>,
    applied: usize,
}

/// What undoes or redoes a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Toggle {
    /// The commit that is undone or redone.
    pub(super) of: CommitId,
    /// A `Disable` or an `Enable`.
    pub(super) kind: CommitKind,
    /// What it hides or shows.
    pub(super) target: CommitId,
}

impl Stacks {
    /// A commit was dispatched; what was undone can be redone no more.
    pub(super) fn push(&mut self, commit: CommitId) {
        self.dispatched.truncate(self.applied);
        self.dispatched.push(Dispatched { commit, undo: None });
        self.applied += 1;
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn can_undo(&self) -> bool {
        self.applied > 0
    }

    pub(super) fn can_redo(&self) -> bool {
        self.applied < self.dispatched.len()
    }

    pub(super) fn ids(&self) -> UndoStack {
        let commits = self.dispatched.iter().map(|dispatched| dispatched.commit).collect();
        UndoStack { commits, applied: self.applied }
    }

    /// Forgets the commits in effect of which `is_wanted` says no.
    pub(super) fn retain<E>(
        &mut self,
        mut is_wanted: impl FnMut(CommitId) -> Result<bool, E>,
    ) -> Result<(), E> {
        let undone = self.dispatched.split_off(self.applied);
        for dispatched in std::mem::take(&mut self.dispatched) {
            if is_wanted(dispatched.commit)? {
                self.dispatched.push(dispatched);
            }
        }
        self.applied = self.dispatched.len();
        self.dispatched.extend(undone);
        Ok(())
    }

    /// What would undo the last commit that is in effect.
    pub(super) fn next_undo(&self) -> Option<Toggle> {
        let last = self.dispatched.get(self.applied.checked_sub(1)?)?;
        let (kind, target) = match last.undo {
            None => (CommitKind::Disable, last.commit),
            Some(undo) => (CommitKind::Enable, undo),
        };
        Some(Toggle { of: last.commit, kind, target })
    }

    /// What would redo the first commit that is undone.
    pub(super) fn next_redo(&self) -> Option<Toggle> {
        let next = self.dispatched.get(self.applied)?;
        // What is undone was undone by a commit.
        let target = next.undo?;
        Some(Toggle { of: next.commit, kind: CommitKind::Disable, target })
    }

    /// That commit was made.
    pub(super) fn undone(&mut self, by: CommitId) {
        if let Some(last) = self.applied.checked_sub(1) {
            self.applied = last;
            self.dispatched[last].undo.get_or_insert(by);
        }
    }

    /// That commit was made.
    pub(super) fn redone(&mut self) {
        self.applied = self.dispatched.len().min(self.applied + 1);
    }
}
