//! What differs between two commits.

use anabranch_model::{CommitId, Value};

use super::places::{Changes, PlaceChange, between};
use super::touched;
use crate::database::Database;
use crate::error::Error;
use crate::opcode::DocumentId;

/// What differs between the states at two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDiff {
    /// The commit whose state is taken as the earlier one.
    pub from: CommitId,
    /// The commit whose state is taken as the later one.
    pub to: CommitId,
    /// The documents that differ, in the order of attachment runtime ids and keys.
    pub documents: Vec<DocumentDiff>,
}

/// A document that is not the same in two states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentDiff {
    /// The document.
    pub document: DocumentId,
    /// The document in the earlier state; none where it is absent.
    pub before: Option<Value>,
    /// The document in the later state; none where it is absent.
    pub after: Option<Value>,
    /// The places that differ: the whole document where it is absent in one state.
    ///
    /// Structures are taken apart by field, sets by element, maps by key, xarrays by position, and what an optional,
    /// variant or `any` holds as itself as long as both hold the same type. Vectors of one length, tuples, `vec`s and
    /// `mat`s are taken apart by index, unless each of their items is another. Everything else is one place, as is an
    /// xarray whose elements changed order, or that reads the same and knows other removed positions.
    pub changes: Vec<PlaceChange>,
}

impl DocumentDiff {
    /// How a document differs from another; none where it does not.
    pub(crate) fn between(
        document: DocumentId,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Option<DocumentDiff> {
        let Changes { visible: mut changes, hidden } = between(before.as_ref(), after.as_ref());
        changes.extend(hidden);
        (!changes.is_empty()).then_some(Self { document, before, after, changes })
    }
}

impl StateDiff {
    /// Whether the states are the same.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The documents that only the later state has.
    pub fn added(&self) -> impl Iterator<Item = &DocumentDiff> {
        self.documents.iter().filter(|document| document.before.is_none())
    }

    /// The documents that only the earlier state has.
    pub fn removed(&self) -> impl Iterator<Item = &DocumentDiff> {
        self.documents.iter().filter(|document| document.after.is_none())
    }

    /// The documents that both have, with other content.
    pub fn changed(&self) -> impl Iterator<Item = &DocumentDiff> {
        self.documents.iter().filter(|document| document.before.is_some() && document.after.is_some())
    }
}

impl Database {
    /// What differs between the states at two commits, either of which may be the zero id. They need not be related.
    ///
    /// Costs what the commits after the last one on both lines of parents cost, and what the documents that they touch
    /// cost; neither the rest of the history nor the other documents are read.
    ///
    /// # Errors
    /// When a commit is missing, a payload or document cannot be read, or the storage fails.
    pub fn diff(&self, from: CommitId, to: CommitId) -> Result<StateDiff, Error> {
        let mut diff = StateDiff { from, to, documents: Vec::new() };
        if from == to {
            return Ok(diff);
        }
        let (before, after) = (self.state(from)?, self.state(to)?);
        let candidates = touched::documents(self, &*self.read()?, from, to)?;
        for document in candidates {
            let (from, to) = (before.document(&document)?, after.document(&document)?);
            diff.documents.extend(DocumentDiff::between(document, from, to));
        }
        Ok(diff)
    }
}
