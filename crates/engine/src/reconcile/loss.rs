//! What a merge did not keep.

use std::collections::BTreeSet;

use anabranch_model::{CommitId, Path, Value};

use super::places::{Documents, lost_places};
use super::reason::{LossReason, Reasons};
use super::{ReconcileError, Side};
use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;
use crate::graph;
use crate::history::{Sides, traces};
use crate::opcode::DocumentId;
use crate::state::State;

/// What a merge keeps of its two sides, and what not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeAnalysis {
    /// The parent of the merge.
    pub ours: CommitId,
    /// Its target.
    pub theirs: CommitId,
    /// The merge, which is not there when it was analysed without being made.
    pub merge: CommitId,
    /// What both sides are compared with.
    pub base: MergeBase,
    /// Every place where the intent of one side did not survive, in the order of attachment runtime ids, keys and paths.
    /// No place is inside another.
    pub losses: Vec<Loss>,
}

/// The state that two sides are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeBase {
    /// A greatest common ancestor; where lines have crossed and there are several, the one of the greatest generation,
    /// then id. The zero id, which stands for the initial state, where there is none.
    pub commit: CommitId,
    /// The other greatest common ancestors. What they have and the base has not counts as meant by both sides.
    pub others: Vec<CommitId>,
}

/// A place where what one side wrote, or removed, is not what stands.
///
/// Each value is what stands in the place in the state of that name; none where there is no such place, or no such
/// document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The document.
    pub document: DocumentId,
    /// The place. A member of a set is named by an irregular path.
    pub path: Path,
    /// In the state that both sides are compared with.
    pub base: Option<Value>,
    /// In the state of the parent of the merge.
    pub ours: Option<Value>,
    /// In the state of its target.
    pub theirs: Option<Value>,
    /// In the state of the merge.
    pub merged: Option<Value>,
    /// Why what the parent has did not survive; none where that is not so.
    pub ours_lost: Option<LossReason>,
    /// Why what the target has did not survive; none where that is not so.
    pub theirs_lost: Option<LossReason>,
}

impl Loss {
    /// Whether the intent of a side did not survive here.
    pub fn is_lost_by(&self, side: Side) -> bool {
        match side {
            Side::Ours => self.ours_lost.is_some(),
            Side::Theirs => self.theirs_lost.is_some(),
        }
    }
}

/// The states of a merge, made or not.
pub(super) struct Merging {
    pub(super) base: State,
    pub(super) ours: State,
    pub(super) theirs: State,
    pub(super) merged: State,
}

impl Merging {
    pub(super) fn documents(&self, id: &DocumentId) -> Result<Documents, Error> {
        Ok(Documents {
            base: self.base.document(id)?,
            ours: self.ours.document(id)?,
            theirs: self.theirs.document(id)?,
            merged: self.merged.document(id)?,
        })
    }
}

impl Database {
    /// What a merge did not keep of its two sides.
    ///
    /// A side meant to change a place when the place is not in its state what it is in the base. That did not survive when
    /// the place is not in the state of the merge what it is in that of the side, whatever the other side did: it may have
    /// overwritten it, removed what it was in, or hidden a commit. When both sides end up with the same, nothing is lost.
    ///
    /// # Errors
    /// When the commit is no merge or is missing, a payload or document cannot be read, or the storage fails.
    pub fn analyze_merge(&self, merge: CommitId) -> Result<MergeAnalysis, ReconcileError> {
        Ok(self.analyze(merge)?.0)
    }

    /// What a merge of `theirs` into `ours` would not keep. Nothing is written.
    ///
    /// # Errors
    /// When one is missing or is an ancestor of the other, a payload or document cannot be read, or the storage fails.
    pub fn analyze_virtual_merge(
        &self,
        ours: CommitId,
        theirs: CommitId,
    ) -> Result<MergeAnalysis, ReconcileError> {
        Ok(self.analyze_virtual(ours, theirs)?.0)
    }

    pub(super) fn analyze(&self, merge: CommitId) -> Result<(MergeAnalysis, Merging), ReconcileError> {
        let header = self.commit_header(merge)?;
        if header.kind != CommitKind::Merge {
            return Err(ReconcileError::NotAMerge { commit: merge, kind: header.kind });
        }
        Ok(self.analyze_sides(header.parent, header.target, self.state(merge)?)?)
    }

    pub(super) fn analyze_virtual(
        &self,
        ours: CommitId,
        theirs: CommitId,
    ) -> Result<(MergeAnalysis, Merging), ReconcileError> {
        Ok(self.analyze_sides(ours, theirs, self.merge_state(ours, theirs)?)?)
    }

    fn analyze_sides(
        &self,
        ours: CommitId,
        theirs: CommitId,
        merged: State,
    ) -> Result<(MergeAnalysis, Merging), Error> {
        let mut bases = graph::merge_bases(&*self.read()?, ours, theirs)?.into_iter();
        let commit = bases.next().unwrap_or(CommitId::ZERO);
        let base = MergeBase { commit, others: bases.collect() };
        // Nobody meant anything in a document that is on both sides what it was.
        let mut meant = BTreeSet::new();
        for side in [ours, theirs] {
            meant.extend(self.diff(commit, side)?.documents.into_iter().map(|document| document.document));
        }
        let merge = merged.commit_id();
        let states = Merging {
            base: self.state(commit)?,
            ours: self.state(ours)?,
            theirs: self.state(theirs)?,
            merged,
        };
        let mut lost = Vec::new();
        for document in meant {
            let documents = states.documents(&document)?;
            let places = lost_places(&documents);
            if !places.is_empty() {
                lost.push((document, documents, places));
            }
        }
        let reasons =
            self.reasons(ours, theirs, lost.iter().map(|(document, ..)| document.clone()).collect())?;
        let mut losses = Vec::new();
        for ((document, documents, places), reasons) in lost.into_iter().zip(reasons) {
            for place in places {
                let read = |value: &Option<Value>| {
                    value.as_ref().and_then(|value| place.path.at(value).ok()).cloned()
                };
                losses.push(Loss {
                    document: document.clone(),
                    base: read(&documents.base),
                    ours: read(&documents.ours),
                    theirs: read(&documents.theirs),
                    merged: read(&documents.merged),
                    ours_lost: place.ours.as_ref().map(|path| reasons.find(Side::Ours, path)),
                    theirs_lost: place.theirs.as_ref().map(|path| reasons.find(Side::Theirs, path)),
                    path: place.path,
                });
            }
        }
        Ok((MergeAnalysis { ours, theirs, merge, base, losses }, states))
    }

    /// Why what the sides meant in these documents may not have survived, in the same order.
    fn reasons(
        &self,
        ours: CommitId,
        theirs: CommitId,
        documents: Vec<DocumentId>,
    ) -> Result<Vec<Reasons>, Error> {
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        let sides = Sides::of(&*self.read()?, ours, theirs)?;
        let start = self.state(sides.start)?;
        let documents: Vec<(DocumentId, Option<Value>)> = documents
            .into_iter()
            .map(|document| Ok((document.clone(), start.document(&document)?)))
            .collect::<Result<_, Error>>()?;
        let snapshot = self.read()?;
        let definitions = self.definitions_of(&*snapshot)?;
        let trace = |evaluation| traces(&*snapshot, &definitions, evaluation, documents.clone());
        let traced = trace(&sides.ours)?.into_iter().zip(trace(&sides.theirs)?).zip(trace(&sides.merged)?);
        let starts = documents.iter().map(|(_, value)| value.clone());
        Ok(traced
            .zip(starts)
            .map(|(((ours, theirs), merged), start)| Reasons::new(start, &ours, &theirs, &merged))
            .collect())
    }
}
