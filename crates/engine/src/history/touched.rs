//! Which documents can differ between two commits.

use std::collections::{BTreeSet, HashSet};

use anabranch_model::{CommitId, Definitions};

use crate::commit::{CommitHeader, CommitKind};
use crate::error::Error;
use crate::graph;
use crate::opcode::DocumentId;
use crate::payload;
use crate::storage::Snapshot;

/// The documents that may differ between the states at two commits; all others are the same in both.
///
/// Both histories start with that of the last commit on both lines of parents, in the same order. What differs comes of
/// the commits after it: of what they operate on, and of what they show and hide before it.
pub(crate) fn documents(
    snapshot: &dyn Snapshot,
    definitions: &Definitions,
    left: CommitId,
    right: CommitId,
) -> Result<BTreeSet<DocumentId>, Error> {
    let trunk = graph::common_trunk(snapshot, left, right)?;
    let after = graph::history_difference(snapshot, &[left, right], &[trunk])?;
    Touched { snapshot, definitions, documents: BTreeSet::new() }.all_by(after)
}

struct Touched<'s> {
    snapshot: &'s dyn Snapshot,
    definitions: &'s Definitions,
    documents: BTreeSet<DocumentId>,
}

impl Touched<'_> {
    /// What these commits touch, which are those on one side only.
    fn all_by(mut self, commits: Vec<CommitHeader>) -> Result<BTreeSet<DocumentId>, Error> {
        let mut seen: HashSet<CommitId> = commits.iter().map(|header| header.id).collect();
        let mut decided = Vec::new();
        for header in &commits {
            self.visit(header, &mut decided)?;
        }
        // Hidden or shown on one side only; what a merge brought comes and goes with it.
        while let Some(id) = decided.pop() {
            if !seen.insert(id) {
                continue;
            }
            let header = self.snapshot.header(id)?.ok_or(Error::CommitNotFound { id })?;
            if header.kind == CommitKind::Merge {
                let brought = graph::history_difference(self.snapshot, &[header.target], &[header.parent])?;
                decided.extend(brought.iter().map(|header| header.id));
            }
            self.visit(&header, &mut decided)?;
        }
        Ok(self.documents)
    }

    fn visit(&mut self, header: &CommitHeader, decided: &mut Vec<CommitId>) -> Result<(), Error> {
        match header.kind {
            CommitKind::Mutations => {
                let commit = header.id;
                let payload = self.snapshot.payload(commit)?.ok_or(Error::CommitNotFound { id: commit })?;
                let opcodes = payload::decode(&payload, self.definitions)
                    .map_err(|source| Error::Payload { commit, source })?;
                self.documents.extend(opcodes.into_iter().map(|opcode| opcode.document));
            }
            CommitKind::Disable | CommitKind::Enable => decided.push(header.target),
            // What it brought is among the commits that are visited anyway.
            CommitKind::Merge => {}
        }
        Ok(())
    }
}
