//! Walks over the commit graph (`spec/semantics.md` §7).
//!
//! Every walk goes from commits to their dependencies in descending generation, so that a commit is met after all its
//! descendants, and stops as soon as what is left cannot change the answer. None loads more than headers.

use std::collections::{BTreeMap, HashSet};

use anabranch_model::CommitId;

use crate::commit::{CommitHeader, CommitKind};
use crate::storage::{ReadCommits, StorageError};

/// Which of the starting points a commit was reached from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Reached {
    left: bool,
    right: bool,
    /// Below a common ancestor that was found already.
    stale: bool,
}

/// The commits yet to be walked through, the one of the greatest generation first.
struct Frontier<'s> {
    commits: &'s dyn ReadCommits,
    waiting: BTreeMap<(u64, CommitId), (CommitHeader, Reached)>,
}

impl<'s> Frontier<'s> {
    fn new(commits: &'s dyn ReadCommits) -> Self {
        Self { commits, waiting: BTreeMap::new() }
    }

    fn add(&mut self, id: CommitId, reached: Reached) -> Result<(), StorageError> {
        if id.is_zero() {
            return Ok(());
        }
        let header = self.commits.header(id)?.ok_or(StorageError::CommitNotFound { id })?;
        let entry =
            self.waiting.entry((header.generation, id)).or_insert_with(|| (header, Reached::default()));
        entry.1.left |= reached.left;
        entry.1.right |= reached.right;
        entry.1.stale |= reached.stale;
        Ok(())
    }

    /// Takes the next commit. All its descendants have been taken, so its marks are final.
    fn next(&mut self) -> Option<(CommitHeader, Reached)> {
        self.waiting.pop_last().map(|(_, taken)| taken)
    }

    fn any(&self, wanted: impl Fn(Reached) -> bool) -> bool {
        self.waiting.values().any(|(_, reached)| wanted(*reached))
    }
}

/// The commits whose history `lin` takes in: the parent, and the target of a merge. What a `Disable` or `Enable` points
/// at is not an ancestor by that.
pub fn ancestors_of_one_step(header: &CommitHeader) -> impl Iterator<Item = CommitId> {
    let target = if header.kind == CommitKind::Merge { header.target } else { CommitId::ZERO };
    [header.parent, target].into_iter().filter(|id| !id.is_zero())
}

/// Whether `ancestor` is `descendant` or one of the commits that its parents and merge targets lead to.
///
/// Walks only through commits of a greater generation than `ancestor`.
///
/// # Errors
/// When either is missing or the storage fails.
pub fn is_ancestor(
    commits: &dyn ReadCommits,
    ancestor: CommitId,
    descendant: CommitId,
) -> Result<bool, StorageError> {
    let floor = commits.header(ancestor)?.ok_or(StorageError::CommitNotFound { id: ancestor })?.generation;
    let mut seen = HashSet::from([descendant]);
    let mut waiting = vec![descendant];
    while let Some(id) = waiting.pop() {
        if id == ancestor {
            return Ok(true);
        }
        let header = commits.header(id)?.ok_or(StorageError::CommitNotFound { id })?;
        if header.generation > floor {
            waiting.extend(ancestors_of_one_step(&header).filter(|next| seen.insert(*next)));
        }
    }
    Ok(false)
}

/// The one greatest common ancestor of two commits; none when there is none, or several that are no ancestors of each
/// other.
///
/// # Errors
/// When either is missing or the storage fails.
pub fn merge_base(
    commits: &dyn ReadCommits,
    left: CommitId,
    right: CommitId,
) -> Result<Option<CommitId>, StorageError> {
    Ok(match greatest_common(commits, left, right, 2)?.as_slice() {
        [only] => Some(*only),
        _ => None,
    })
}

/// The greatest common ancestors of two commits, none of them an ancestor of another, that of the greatest generation
/// first. Several where lines have crossed.
///
/// # Errors
/// When either is missing or the storage fails.
pub fn merge_bases(
    commits: &dyn ReadCommits,
    left: CommitId,
    right: CommitId,
) -> Result<Vec<CommitId>, StorageError> {
    greatest_common(commits, left, right, usize::MAX)
}

fn greatest_common(
    commits: &dyn ReadCommits,
    left: CommitId,
    right: CommitId,
    limit: usize,
) -> Result<Vec<CommitId>, StorageError> {
    let mut frontier = Frontier::new(commits);
    frontier.add(left, Reached { left: true, ..Reached::default() })?;
    frontier.add(right, Reached { right: true, ..Reached::default() })?;
    let mut bases = Vec::new();
    while bases.len() < limit && frontier.any(|reached| !reached.stale) {
        let Some((header, mut reached)) = frontier.next() else { break };
        if reached.left && reached.right && !reached.stale {
            bases.push(header.id);
            reached.stale = true;
        }
        for next in ancestors_of_one_step(&header) {
            frontier.add(next, reached)?;
        }
    }
    Ok(bases)
}

/// The latest commit on both lines of parents; the zero id when they have none in common. All that differs between two
/// histories comes after it in both.
///
/// # Errors
/// When either is missing or the storage fails.
pub fn common_trunk(
    commits: &dyn ReadCommits,
    left: CommitId,
    right: CommitId,
) -> Result<CommitId, StorageError> {
    // The zero id is of no generation, and the parent of the last commit of each line.
    let parent_of = |id: CommitId| -> Result<(u64, CommitId), StorageError> {
        if id.is_zero() {
            return Ok((0, id));
        }
        let header = commits.header(id)?.ok_or(StorageError::CommitNotFound { id })?;
        Ok((header.generation, header.parent))
    };
    let (mut left, mut right) = (left, right);
    let (mut of_left, mut of_right) = (parent_of(left)?, parent_of(right)?);
    while left != right {
        if of_left.0 >= of_right.0 {
            left = of_left.1;
            of_left = parent_of(left)?;
        } else {
            right = of_right.1;
            of_right = parent_of(right)?;
        }
    }
    Ok(left)
}

/// The commits that `of` depend on, themselves included, and that none of `without` depends on. A dependency is a parent
/// or a target of any kind: this is what a replica that has `without` lacks of `of`.
///
/// Ordered so that each commit comes after its dependencies. Costs what the answer and the commits between it and
/// `without` cost.
///
/// # Errors
/// When one of them is missing or the storage fails.
pub fn difference(
    commits: &dyn ReadCommits,
    of: &[CommitId],
    without: &[CommitId],
) -> Result<Vec<CommitId>, StorageError> {
    let steps = |header: &CommitHeader| [header.parent, header.target];
    Ok(reached_only_from(commits, of, without, steps)?.into_iter().map(|header| header.id).collect())
}

/// The commits in the histories of `of`, themselves included, that are in none of those of `without`: as
/// [`difference`], but what a `Disable` or `Enable` points at is in no history by that.
///
/// # Errors
/// When one of them is missing or the storage fails.
pub fn history_difference(
    commits: &dyn ReadCommits,
    of: &[CommitId],
    without: &[CommitId],
) -> Result<Vec<CommitHeader>, StorageError> {
    reached_only_from(commits, of, without, |header| match header.kind {
        CommitKind::Merge => [header.parent, header.target],
        _ => [header.parent, CommitId::ZERO],
    })
}

fn reached_only_from(
    commits: &dyn ReadCommits,
    of: &[CommitId],
    without: &[CommitId],
    steps: impl Fn(&CommitHeader) -> [CommitId; 2],
) -> Result<Vec<CommitHeader>, StorageError> {
    let mut frontier = Frontier::new(commits);
    for id in of {
        frontier.add(*id, Reached { left: true, ..Reached::default() })?;
    }
    for id in without {
        frontier.add(*id, Reached { right: true, ..Reached::default() })?;
    }
    let mut found = Vec::new();
    // While a waiting commit is wanted so far; when none is, nothing more can be found.
    while frontier.any(|reached| !reached.right) {
        let Some((header, reached)) = frontier.next() else { break };
        for next in steps(&header) {
            frontier.add(next, reached)?;
        }
        if !reached.right {
            found.push(header);
        }
    }
    found.reverse();
    Ok(found)
}
