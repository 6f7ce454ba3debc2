//! The order in which commits take effect, and which of them are masked (`spec/semantics.md` §1–2).

use std::collections::HashMap;
use std::ops::Range;

use anabranch_model::CommitId;

use crate::commit::{CommitHeader, CommitKind};
use crate::storage::{ReadCommits, StorageError};

/// A commit in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The commit.
    pub id: CommitId,
    /// What it does.
    pub kind: CommitKind,
    /// What it merges, hides or shows.
    pub target: CommitId,
    /// For a merge: the places of the commits that are here because of its target. Empty for other kinds.
    pub contributed: Range<usize>,
}

/// `lin(c)`: the commits whose effects make up the state at `c`, oldest first, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linearisation {
    entries: Vec<Entry>,
    places: HashMap<CommitId, usize>,
}

enum Step {
    Visit(CommitId),
    /// The parent of a merge is in place: its target's own commits follow.
    Target(CommitHeader),
    Emit(CommitHeader, usize),
}

impl Linearisation {
    /// Orders the history of `commit`; that of the zero id is empty.
    ///
    /// `lin` is the order in which a walk leaves commits that goes to the parent before the target: the target's own
    /// commits are those that the walk had not met when it came there, in one run. Linear in the history.
    ///
    /// # Errors
    /// When a commit is missing or the storage fails.
    pub fn of(commits: &dyn ReadCommits, commit: CommitId) -> Result<Self, StorageError> {
        Self::walk(commits, vec![Step::Visit(commit)])
    }

    /// The history that a merge of `target` into `parent` would have, without the merge itself.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn of_merge(
        commits: &dyn ReadCommits,
        parent: CommitId,
        target: CommitId,
    ) -> Result<Self, StorageError> {
        Self::walk(commits, vec![Step::Visit(target), Step::Visit(parent)])
    }

    fn walk(commits: &dyn ReadCommits, mut steps: Vec<Step>) -> Result<Self, StorageError> {
        let mut lin = Self::default();
        while let Some(step) = steps.pop() {
            match step {
                Step::Visit(id) if id.is_zero() || lin.places.contains_key(&id) => {}
                Step::Visit(id) => {
                    let header = commits.header(id)?.ok_or(StorageError::CommitNotFound { id })?;
                    let parent = header.parent;
                    steps.push(match header.kind {
                        CommitKind::Merge => Step::Target(header),
                        _ => Step::Emit(header, usize::MAX),
                    });
                    steps.push(Step::Visit(parent));
                }
                Step::Target(header) => {
                    let target = header.target;
                    steps.push(Step::Emit(header, lin.entries.len()));
                    steps.push(Step::Visit(target));
                }
                Step::Emit(header, contributed_from) => {
                    let place = lin.entries.len();
                    lin.places.insert(header.id, place);
                    lin.entries.push(Entry {
                        id: header.id,
                        kind: header.kind,
                        target: header.target,
                        contributed: contributed_from.min(place)..place,
                    });
                }
            }
        }
        Ok(lin)
    }

    /// The commits in order, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Where a commit stands; none when it is not in the history.
    pub fn place(&self, id: CommitId) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// For each place, whether the commit there is on: the later decision wins, and one that is itself hidden does not
    /// count.
    pub fn masks(&self) -> Vec<bool> {
        let mut decided: Vec<Option<bool>> = vec![None; self.entries.len()];
        for (place, entry) in self.entries.iter().enumerate().rev() {
            let is_on = decided[place].unwrap_or(true);
            match entry.kind {
                CommitKind::Disable | CommitKind::Enable if is_on => {
                    if let Some(target) = self.place(entry.target) {
                        decided[target].get_or_insert(entry.kind == CommitKind::Enable);
                    }
                }
                CommitKind::Merge if !is_on => {
                    for contributed in &mut decided[entry.contributed.clone()] {
                        contributed.get_or_insert(false);
                    }
                }
                _ => {}
            }
        }
        decided.into_iter().map(|decision| decision.unwrap_or(true)).collect()
    }
}
