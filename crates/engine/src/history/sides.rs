//! The two sides of a merge and the merge itself, as far as they differ.

use std::collections::{HashMap, HashSet};

use anabranch_model::CommitId;

use super::evaluation::{Evaluation, merge_id};
use crate::commit::{CommitHeader, CommitKind};
use crate::error::Error;
use crate::graph;
use crate::linearisation::{Entry, Linearisation};
use crate::storage::ReadCommits;

/// What comes after the last commit on both lines of parents: on each side, and in a merge of the two, which need not be
/// there.
pub(crate) struct Sides {
    /// That commit. All three have its state in common, and go on from there.
    pub(crate) start: CommitId,
    pub(crate) ours: Evaluation,
    pub(crate) theirs: Evaluation,
    pub(crate) merged: Evaluation,
}

impl Sides {
    /// Costs what the sides cost, unless a decision points from one side of the start to the other: what is before it may
    /// not be the same in all three then, and they start with the first commits of their histories.
    pub(crate) fn of(commits: &dyn ReadCommits, ours: CommitId, theirs: CommitId) -> Result<Self, Error> {
        let mut start = graph::common_trunk(commits, ours, theirs)?;
        let after = Headers::after(commits, &[ours, theirs], start)?;
        let (first, second) = if after.have_all_decisions(commits)? {
            (after.entries(ours), after.entries(theirs))
        } else {
            start = CommitId::ZERO;
            let entries = |commit| -> Result<Vec<Entry>, Error> {
                Ok(Linearisation::of(commits, commit)?.entries().to_vec())
            };
            (entries(ours)?, entries(theirs)?)
        };
        let merged = joined(&first, &second, ours, theirs);
        Ok(Self {
            start,
            ours: Evaluation::new(ours, first),
            theirs: Evaluation::new(theirs, second),
            merged: Evaluation::new(merge_id(ours, theirs), merged),
        })
    }
}

/// Two histories, or what they have after a commit, as a merge puts them one after the other.
fn joined(first: &[Entry], second: &[Entry], ours: CommitId, theirs: CommitId) -> Vec<Entry> {
    let known: HashSet<CommitId> = first.iter().map(|entry| entry.id).collect();
    let mut entries = first.to_vec();
    let start = entries.len();
    // For each place in the second history, where what stands there or would stand there next comes to stand.
    let mut moved = Vec::with_capacity(second.len());
    for entry in second {
        moved.push(entries.len());
        if !known.contains(&entry.id) {
            let contributed = moved[entry.contributed.start]..moved[entry.contributed.end];
            entries.push(Entry { contributed, ..entry.clone() });
        }
    }
    let contributed = start..entries.len();
    entries.push(Entry { id: merge_id(ours, theirs), kind: CommitKind::Merge, target: theirs, contributed });
    entries
}

/// The commits of histories that come after one on their lines of parents.
struct Headers(HashMap<CommitId, CommitHeader>);

enum Step {
    Visit(CommitId),
    /// The parent of a merge is in place: its target's own commits follow.
    Target(CommitId),
    Emit(CommitId, usize),
}

impl Headers {
    fn after(commits: &dyn ReadCommits, of: &[CommitId], start: CommitId) -> Result<Self, Error> {
        let found = graph::history_difference(commits, of, &[start])?;
        Ok(Self(found.into_iter().map(|header| (header.id, header)).collect()))
    }

    /// Whether all decisions about these commits are among them, and theirs are about each other only.
    fn have_all_decisions(&self, commits: &dyn ReadCommits) -> Result<bool, Error> {
        let is_decision =
            |header: &CommitHeader| matches!(header.kind, CommitKind::Disable | CommitKind::Enable);
        for header in self.0.values() {
            if is_decision(header) && !self.0.contains_key(&header.target) {
                return Ok(false);
            }
            for by in commits.targeting(header.id)? {
                if !self.0.contains_key(&by) && commits.header(by)?.is_some_and(|by| is_decision(&by)) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// What of the linearisation of `commit` is among these commits: all after the first that is not.
    fn entries(&self, commit: CommitId) -> Vec<Entry> {
        let mut places = HashSet::new();
        let mut entries: Vec<Entry> = Vec::new();
        let mut steps = vec![Step::Visit(commit)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Visit(id) => {
                    let Some(header) = self.0.get(&id).filter(|_| !places.contains(&id)) else { continue };
                    steps.push(match header.kind {
                        CommitKind::Merge => Step::Target(id),
                        _ => Step::Emit(id, usize::MAX),
                    });
                    steps.push(Step::Visit(header.parent));
                }
                Step::Target(id) => {
                    steps.push(Step::Emit(id, entries.len()));
                    steps.extend(self.0.get(&id).map(|header| Step::Visit(header.target)));
                }
                Step::Emit(id, contributed_from) => {
                    let Some(header) = self.0.get(&id) else { continue };
                    let place = entries.len();
                    places.insert(id);
                    let contributed = contributed_from.min(place)..place;
                    entries.push(Entry { id, kind: header.kind, target: header.target, contributed });
                }
            }
        }
        entries
    }
}
