//! Putting back what a merge did not keep.

use std::collections::BTreeSet;
use std::sync::Arc;

use anabranch_model::{
    Attachment, BlobId, CommitId, Path, PathComponent, SetValue, Uuid, Value, XArrayValue,
};

use super::loss::{Loss, MergeAnalysis, Merging};
use super::{ReconcileError, Side};
use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;
use crate::mutable::{MutableState, MutationError};
use crate::opcode::{DocumentId, Operation};
use crate::payload;

/// What shall stand in a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Resolution {
    /// What the merge made of it.
    #[default]
    Merged,
    /// What one side has there.
    Side(Side),
    /// What stood there before both.
    Base,
    /// Something else.
    Value(Value),
}

/// A merge, and what was put back on top of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterializedMerge {
    /// The merge.
    pub merge: CommitId,
    /// The commit with the chosen values, a child of the merge; none when all is as merged.
    pub reconciliation: Option<CommitId>,
    /// What the merge did not keep by itself.
    pub analysis: MergeAnalysis,
}

impl Database {
    /// Asks what shall stand in each place where a merge did not keep what one side meant, and appends the chosen values as
    /// one commit on top of the merge. Answers that; nothing is written, and none is answered, when all is as merged.
    ///
    /// # Errors
    /// When the commit is no merge or is missing, a choice cannot stand where it was chosen for, or the storage fails.
    pub fn reconcile(
        &self,
        label: &str,
        merge: CommitId,
        choose: impl FnMut(&Loss) -> Resolution,
    ) -> Result<Option<CommitId>, ReconcileError> {
        let (analysis, states) = self.analyze(merge)?;
        let mutable = resolve(&analysis, &states, choose)?;
        Ok(if mutable.is_empty() { None } else { Some(self.commit_mutations(label, &mutable)?) })
    }

    /// Merges `theirs` into `ours` and appends what was chosen for each place where the merge would not keep what one side
    /// meant, both or neither. The merge is labelled as reductions label theirs.
    ///
    /// # Errors
    /// When one is missing or is an ancestor of the other, a choice cannot stand where it was chosen for, or the storage
    /// fails. Nothing is merged then.
    pub fn materialize_merge(
        &self,
        label: &str,
        ours: CommitId,
        theirs: CommitId,
        choose: impl FnMut(&Loss) -> Resolution,
    ) -> Result<MaterializedMerge, ReconcileError> {
        let (analysis, states) = self.analyze_virtual(ours, theirs)?;
        let mutable = resolve(&analysis, &states, choose)?;
        let (merge, reconciliation) = self.append_both(label, ours, theirs, &mutable)?;
        Ok(MaterializedMerge { merge, reconciliation, analysis })
    }

    fn append_both(
        &self,
        label: &str,
        ours: CommitId,
        theirs: CommitId,
        mutable: &MutableState,
    ) -> Result<(CommitId, Option<CommitId>), Error> {
        let mut transaction = self.write()?;
        let merge_label = format!("merge of {theirs}");
        let merge = self.put(&mut *transaction, CommitKind::Merge, ours, theirs, &merge_label, &[], &[])?;
        let mut reconciliation = None;
        if !mutable.is_empty() {
            let mut blobs = BTreeSet::new();
            mutable.opcodes().iter().for_each(|opcode| {
                opcode.operation.visit_blob_ids(&mut |id| {
                    blobs.insert(id);
                });
            });
            let blobs: Vec<BlobId> = blobs.into_iter().collect();
            let payload = payload::encode(mutable.opcodes());
            let kind = CommitKind::Mutations;
            reconciliation =
                Some(self.put(&mut *transaction, kind, merge, CommitId::ZERO, label, &payload, &blobs)?);
        }
        transaction.commit()?;
        Ok((merge, reconciliation))
    }
}

/// Records what is chosen, on top of the merge.
fn resolve(
    analysis: &MergeAnalysis,
    states: &Merging,
    mut choose: impl FnMut(&Loss) -> Resolution,
) -> Result<MutableState, ReconcileError> {
    let mut mutable = MutableState::new(states.merged.clone());
    for losses in analysis.losses.chunk_by(|left, right| left.document == right.document) {
        let Some(first) = losses.first() else { continue };
        let documents = states.documents(&first.document)?;
        let attachment = attachment(states, &first.document)?;
        let mut writer = Writer { mutable, attachment, id: &first.document, document: documents.merged };
        for loss in losses {
            let (wanted, source) = match choose(loss) {
                Resolution::Merged => continue,
                Resolution::Side(Side::Ours) => (loss.ours.clone(), documents.ours.as_ref()),
                Resolution::Side(Side::Theirs) => (loss.theirs.clone(), documents.theirs.as_ref()),
                Resolution::Base => (loss.base.clone(), documents.base.as_ref()),
                Resolution::Value(value) => (Some(value), None),
            };
            if wanted != loss.merged {
                writer.write(&loss.path, wanted, source)?;
            }
        }
        mutable = writer.mutable;
    }
    Ok(mutable)
}

fn attachment(states: &Merging, document: &DocumentId) -> Result<Arc<Attachment>, Error> {
    let found = states.merged.definitions().attachment(document.attachment);
    found.cloned().ok_or_else(|| {
        MutationError::UnknownAttachment { attachment: document.attachment.to_string() }.into()
    })
}

/// Writes places of one document.
struct Writer<'d> {
    mutable: MutableState,
    attachment: Arc<Attachment>,
    id: &'d DocumentId,
    /// The document as it is by now.
    document: Option<Value>,
}

impl Writer<'_> {
    /// Makes a place what is wanted; `source` is the document that this comes from.
    fn write(
        &mut self,
        path: &Path,
        wanted: Option<Value>,
        source: Option<&Value>,
    ) -> Result<(), ReconcileError> {
        let unwritable = || ReconcileError::Unwritable { document: self.id.clone(), path: path.clone() };
        let around = path.parent().unwrap_or_default();
        let container = self.document.as_ref().and_then(|document| around.at(document).ok());
        let operations = match (path.components().last(), container, wanted) {
            (None, _, Some(value)) => vec![Operation::DocumentSet { value }],
            (Some(PathComponent::Element(element)), Some(Value::Set(set)), wanted) => {
                let elements = SetValue::new(set.element_type().clone(), vec![element.clone()]);
                let elements = elements.map_err(|_| unwritable())?;
                match wanted {
                    Some(value) if value != *element => return Err(unwritable()),
                    Some(_) => vec![Operation::SetUnion { path: around, elements }],
                    None => vec![Operation::SetSubtract { path: around, elements }],
                }
            }
            (Some(PathComponent::Key(key)), Some(Value::Map(map)), None) => {
                let keys = SetValue::new(Arc::new(map.map_type().key.clone()), vec![key.clone()]);
                vec![Operation::MapSubtract { path: around, keys: keys.map_err(|_| unwritable())? }]
            }
            (Some(PathComponent::Position(position)), Some(Value::XArray(_)), None) => {
                vec![Operation::XArrayRemove { path: around, position: *position }]
            }
            (Some(PathComponent::Position(position)), Some(Value::XArray(xarray)), Some(value))
                if !xarray.knows(*position) =>
            {
                let before = following(*position, source.and_then(|source| around.at(source).ok()), xarray);
                vec![
                    Operation::XArrayInsert { path: around.clone(), before, position: *position },
                    Operation::XArrayUpdate { path: around, position: *position, value },
                ]
            }
            (Some(_), _, Some(value)) => vec![Operation::DocumentUpdate { path: path.clone(), value }],
            (_, _, None) => return Err(unwritable()),
        };
        for operation in &operations {
            operation.apply(&mut self.document).map_err(|_| unwritable())?;
        }
        Ok(self.record(operations)?)
    }

    fn record(&mut self, operations: Vec<Operation>) -> Result<(), Error> {
        let (attachment, key) = (&self.attachment, &self.id.key);
        let mutable = &mut self.mutable;
        let mut inserted = None;
        for operation in operations {
            match operation {
                Operation::DocumentSet { value } => mutable.set(attachment, key, value)?,
                Operation::DocumentUpdate { path, value } => mutable.update(attachment, key, &path, value)?,
                Operation::SetUnion { path, elements } => {
                    mutable.union_in_set(attachment, key, &path, elements)?;
                }
                Operation::SetSubtract { path, elements } => {
                    mutable.subtract_in_set(attachment, key, &path, elements)?;
                }
                Operation::MapUnion { path, entries } => {
                    mutable.union_in_map(attachment, key, &path, entries)?
                }
                Operation::MapSubtract { path, keys } => {
                    mutable.subtract_in_map(attachment, key, &path, keys)?;
                }
                Operation::MapUpdate { path, entries } => {
                    mutable.update_in_map(attachment, key, &path, entries)?;
                }
                Operation::XArrayInsert { before, .. } => inserted = Some(before),
                Operation::XArrayUpdate { path, position, value } => match inserted.take() {
                    Some(before) => {
                        mutable.insert_in_xarray(attachment, key, &path, before, position, value)?;
                    }
                    None => mutable.update_in_xarray(attachment, key, &path, position, value)?,
                },
                Operation::XArrayRemove { path, position } => {
                    mutable.remove_in_xarray(attachment, key, &path, position)?;
                }
            }
        }
        Ok(())
    }
}

/// The first position after this one, in the xarray that it comes from, that another knows; the end where there is none.
fn following(position: Uuid, source: Option<&Value>, target: &XArrayValue) -> Uuid {
    let Some(Value::XArray(source)) = source else { return Uuid::nil() };
    let later = source.slots().iter().map(|(known, _)| *known).skip_while(|known| *known != position).skip(1);
    { later }.find(|known| target.knows(*known)).unwrap_or(Uuid::nil())
}
