//! What can be undone, told from history: for those that do not stay, as a shell does not.

use std::collections::HashSet;

use anabranch_model::CommitId;

use super::stacks::Stacks;
use super::{Current, Store, lock};
use crate::commit::{CommitHeader, CommitKind};
use crate::error::Error;
use crate::newest::NewestFirst;
use crate::storage::Snapshot;

/// How many commits of the author are looked at first.
const RECENT: usize = 256;

impl Store {
    /// Takes what can be undone and redone from the history of the current commit: what the stacks would hold had this
    /// store made the commits of the database's author, in the order of their times.
    ///
    /// Mutations, disables and enables count as dispatches, merges do not. A disable or enable that is exactly what
    /// undoing, or redoing, would have appended then counts as that. What others have hidden meanwhile is left out, as
    /// there is nothing in it to undo.
    ///
    /// Looks at no more commits than it takes to tell: some hundreds, unless the author made none for long.
    ///
    /// # Errors
    /// When there is no database, a commit is missing, the storage fails, or from within a dispatch.
    pub fn recall_undo_redo(&self) -> Result<(), Error> {
        self.change(|| {
            let current = self.current()?;
            let stacks = recalled(&current)?;
            lock(&self.0.session).stacks = stacks;
            Ok(())
        })
    }
}

fn recalled(current: &Current) -> Result<Stacks, Error> {
    let snapshot = current.database.read()?;
    let commit = current.state.commit_id();
    let start = (!commit.is_zero()).then_some(commit);
    let mut walk = NewestFirst::new(&*snapshot, start)?;
    let mut own: Vec<CommitHeader> = Vec::new();
    // What decisions are about, as long as it has not been met: without it they cannot be told from others.
    let mut wanted: HashSet<CommitId> = HashSet::new();
    let mut enough = RECENT;
    loop {
        let next = walk.take()?;
        let is_end = next.is_none();
        if let Some(header) = next {
            wanted.remove(&header.id);
            if *header.metadata.author == *current.database.author() {
                if matches!(header.kind, CommitKind::Disable | CommitKind::Enable) {
                    wanted.insert(header.target);
                }
                own.push(header);
            }
        }
        if is_end || (own.len() >= enough && wanted.is_empty()) {
            let mut stacks = Stacks::replayed(own.iter().rev());
            stacks.retain(|id| is_shown(current, &*snapshot, id))?;
            if is_end || stacks.can_undo() {
                return Ok(stacks);
            }
            enough *= 2;
        }
    }
}

/// Whether the operations of a commit take part in the current state; those of other kinds than `Mutations` have none,
/// and count as shown.
fn is_shown(current: &Current, snapshot: &dyn Snapshot, id: CommitId) -> Result<bool, Error> {
    let arrival = snapshot.arrival_of(id)?.ok_or(Error::CommitNotFound { id })?;
    Ok(!current.state.line().hides(arrival))
}

impl Stacks {
    /// What they hold after these commits of one author, oldest first.
    fn replayed<'h>(headers: impl Iterator<Item = &'h CommitHeader>) -> Self {
        let mut stacks = Self::default();
        for header in headers {
            let is = |toggle: Option<super::stacks::Toggle>| {
                toggle.is_some_and(|toggle| (toggle.kind, toggle.target) == (header.kind, header.target))
            };
            match header.kind {
                CommitKind::Mutations => stacks.push(header.id),
                CommitKind::Merge => {}
                CommitKind::Disable | CommitKind::Enable => {
                    if is(stacks.next_undo()) {
                        stacks.undone(header.id);
                    } else if is(stacks.next_redo()) {
                        stacks.redone();
                    } else {
                        stacks.push(header.id);
                    }
                }
            }
        }
        stacks
    }
}

#[cfg(test)]
mod tests;
