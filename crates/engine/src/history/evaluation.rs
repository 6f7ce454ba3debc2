//! A history in the order in which it takes effect, with who decided what about whom.

use std::collections::HashMap;

use anabranch_model::{CommitId, PayloadHash};

use crate::commit::{CommitHeader, CommitKind};
use crate::database::Database;
use crate::error::Error;
use crate::linearisation::{Entry, Linearisation};
use crate::storage::{ReadCommits, Snapshot};

/// What was decided about a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Whether it is shown.
    pub(crate) is_on: bool,
    /// The decision, or the hidden merge, that says so.
    pub(crate) by: CommitId,
}

/// The commits of a history, oldest first, and what was decided about each.
#[derive(Debug)]
pub(crate) struct Evaluation {
    /// The commit whose history it is.
    pub(crate) commit: CommitId,
    entries: Vec<Entry>,
    decisions: Vec<Option<Decision>>,
    /// For each place, whether what stands there decided about another commit.
    decides: Vec<bool>,
}

impl Evaluation {
    /// The history of a commit; nothing for the zero id.
    pub(crate) fn of(commits: &dyn ReadCommits, commit: CommitId) -> Result<Self, Error> {
        Ok(Self::new(commit, Linearisation::of(commits, commit)?.entries().to_vec()))
    }

    /// These commits, of which `commit` is the last.
    pub(super) fn new(commit: CommitId, entries: Vec<Entry>) -> Self {
        let places: HashMap<CommitId, usize> =
            entries.iter().enumerate().map(|(place, entry)| (entry.id, place)).collect();
        let mut decisions: Vec<Option<Decision>> = vec![None; entries.len()];
        let mut decides = vec![false; entries.len()];
        for (place, entry) in entries.iter().enumerate().rev() {
            let is_on = decisions[place].is_none_or(|decision| decision.is_on);
            let decided = match entry.kind {
                CommitKind::Disable | CommitKind::Enable if is_on => {
                    places.get(&entry.target).map_or(0..0, |target| *target..*target + 1)
                }
                CommitKind::Merge if !is_on => entry.contributed.clone(),
                _ => 0..0,
            };
            let decision = Decision { is_on: entry.kind == CommitKind::Enable, by: entry.id };
            for undecided in decisions[decided].iter_mut().filter(|decision| decision.is_none()) {
                *undecided = Some(decision);
                decides[place] = true;
            }
        }
        Self { commit, entries, decisions, decides }
    }

    /// The commits, oldest first, with what was decided about each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Entry, Option<Decision>)> {
        self.entries.iter().zip(self.decisions.iter().copied())
    }

    /// For each commit, in the same order, whether it decided about another.
    pub(crate) fn decides(&self) -> &[bool] {
        &self.decides
    }
}

/// The id that a merge of these commits has, wherever it is made.
pub(crate) fn merge_id(ours: CommitId, theirs: CommitId) -> CommitId {
    CommitHeader::derive_id(CommitKind::Merge, ours, theirs, PayloadHash::of(&[]))
}

pub(crate) fn check_mergeable(
    database: &Database,
    snapshot: &dyn Snapshot,
    ours: CommitId,
    theirs: CommitId,
) -> Result<(), Error> {
    for id in [ours, theirs] {
        snapshot.header(id)?.ok_or(Error::CommitNotFound { id })?;
    }
    if database.has_ancestor(snapshot, ours, theirs)? || database.has_ancestor(snapshot, theirs, ours)? {
        let reason = "one has all of the other";
        return Err(Error::NotMergeable { parent: ours, target: theirs, reason });
    }
    Ok(())
}
