//! Which documents can differ between two commits.

use std::collections::{BTreeSet, HashSet};

use anabranch_model::{CommitId, Definitions};

use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;
use crate::opcode::DocumentId;
use crate::state::{common_trunk, opcodes_at};
use crate::storage::{Link, Snapshot};

/// The documents that may differ between the states at two commits; all others are the same in both.
///
/// Both histories start with that of the last commit on both lines of parents, in the same order. What differs comes of
/// the commits after it: of what they operate on, and of what they show and hide before it.
pub(crate) fn documents(
    database: &Database,
    snapshot: &dyn Snapshot,
    left: CommitId,
    right: CommitId,
) -> Result<BTreeSet<DocumentId>, Error> {
    let arrival = |id: CommitId| match id.is_zero() {
        true => Ok(0),
        false => snapshot.arrival_of(id)?.ok_or(Error::CommitNotFound { id }),
    };
    let (left, right) = (arrival(left)?, arrival(right)?);
    let trunk = common_trunk(snapshot, left, right)?;
    let definitions = database.definitions_of(snapshot)?;
    let mut touched = Touched { database, snapshot, definitions, documents: BTreeSet::new() };
    let mut after = touched.own_commits(trunk, left)?;
    after.extend(touched.own_commits(trunk, right)?);
    touched.add_all_by(after)?;
    Ok(touched.documents)
}

struct Touched<'s> {
    database: &'s Database,
    snapshot: &'s dyn Snapshot,
    definitions: Definitions,
    documents: BTreeSet<DocumentId>,
}

impl Touched<'_> {
    /// What the history of `target` has and that of `parent` lacks.
    fn own_commits(&self, parent: u64, target: u64) -> Result<Vec<Link>, Error> {
        let missing = Error::HistoryChanged { arrival: parent };
        let parent =
            if parent == 0 { CommitId::ZERO } else { self.snapshot.commit_at(parent)?.ok_or(missing)? };
        self.database.own_commits(self.snapshot, parent, target)
    }

    /// Adds what these commits touch, which are those on one side only.
    fn add_all_by(&mut self, commits: Vec<Link>) -> Result<(), Error> {
        let mut seen: HashSet<u64> = HashSet::new();
        let mut decided = Vec::new();
        for link in commits {
            if seen.insert(link.arrival) {
                self.visit(link, &mut decided)?;
            }
        }
        // Hidden or shown on one side only; what a merge brought comes and goes with it.
        while let Some(arrival) = decided.pop() {
            if !seen.insert(arrival) {
                continue;
            }
            let link = self.snapshot.link_at(arrival)?.ok_or(Error::HistoryChanged { arrival })?;
            if link.kind == CommitKind::Merge {
                let brought = self.own_commits(link.parent, link.target)?;
                decided.extend(brought.iter().map(|link| link.arrival));
            }
            self.visit(link, &mut decided)?;
        }
        Ok(())
    }

    fn visit(&mut self, link: Link, decided: &mut Vec<u64>) -> Result<(), Error> {
        match link.kind {
            CommitKind::Mutations => {
                let opcodes = opcodes_at(self.snapshot, &self.definitions, link.arrival)?;
                self.documents.extend(opcodes.into_iter().map(|opcode| opcode.document));
            }
            CommitKind::Disable | CommitKind::Enable => decided.push(link.target),
            // What it brought is among the commits that are visited anyway.
            CommitKind::Merge => {}
        }
        Ok(())
    }
}
