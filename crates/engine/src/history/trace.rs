//! What became of each operation on a document.

use std::collections::HashMap;

use anabranch_model::{Attachment, CommitId, Definitions, Key, Value};

use super::evaluation::{Decision, Evaluation};
use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;
use crate::opcode::{DocumentId, DropReason, Opcode, Operation};
use crate::payload;
use crate::state::opcodes_at;
use crate::storage::Snapshot;

/// Every operation on one document in a history, in the order in which they take effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The commit whose history it is.
    pub commit: CommitId,
    /// The document.
    pub document: DocumentId,
    /// The operations.
    pub steps: Vec<TraceStep>,
    /// What they make of the document: as it stands at the commit.
    pub value: Option<Value>,
}

/// An operation on a document, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceStep {
    /// The commit that says it.
    pub commit: CommitId,
    /// Which of the operations of that commit it is, over all documents, from 0.
    pub index: usize,
    /// The operation.
    pub operation: Operation,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Applied,
    /// It had none, where it came to stand.
    Dropped(DropReason),
    /// Its commit is hidden.
    Masked {
        /// The `Disable`, or the hidden merge, that says so.
        by: CommitId,
    },
}

impl Database {
    /// Every operation on the document of a key in the history of `commit`, in the order in which they take effect, and
    /// what became of each.
    ///
    /// Costs what the commits cost that touch the document, unless a merge is hidden in the history: then what the
    /// history costs.
    ///
    /// # Errors
    /// When the commit is missing, a payload cannot be read, or the storage fails.
    pub fn trace(&self, commit: CommitId, attachment: &Attachment, key: &Key) -> Result<Trace, Error> {
        let document = DocumentId { attachment: attachment.runtime_id(), key: key.clone() };
        let snapshot = self.read()?;
        let definitions = self.definitions_of(&*snapshot)?;
        let (touching, hidden_by) = self.undamaged(|| {
            let line = self.line_at(&*snapshot, commit, definitions.clone(), None)?;
            Ok((line.touching(&document, &*snapshot)?, line.hidden_by()))
        })?;
        if let Some(hidden_by) = hidden_by {
            return trace_of(&*snapshot, &definitions, commit, document, touching, &hidden_by);
        }
        let evaluation = Evaluation::of(&*snapshot, commit)?;
        let mut traces = traces(&*snapshot, &definitions, &evaluation, vec![(document.clone(), None)])?;
        Ok(traces.pop().unwrap_or_else(|| Trace::new(commit, document, None)))
    }
}

impl Trace {
    fn new(commit: CommitId, document: DocumentId, value: Option<Value>) -> Self {
        Self { commit, document, steps: Vec::new(), value }
    }

    fn add(&mut self, commit: CommitId, index: usize, operation: Operation, decision: Option<Decision>) {
        let outcome = match decision {
            Some(Decision { is_on: false, by }) => Outcome::Masked { by },
            _ => match operation.apply(&mut self.value) {
                Ok(()) => Outcome::Applied,
                Err(reason) => Outcome::Dropped(reason),
            },
        };
        self.steps.push(TraceStep { commit, index, operation, outcome });
    }
}

/// The trace of a document that only these commits touch, of which these are hidden by those, by arrival numbers.
fn trace_of(
    snapshot: &dyn Snapshot,
    definitions: &Definitions,
    commit: CommitId,
    document: DocumentId,
    touching: Vec<u64>,
    hidden_by: &HashMap<u64, u64>,
) -> Result<Trace, Error> {
    let id = |arrival: u64| snapshot.commit_at(arrival)?.ok_or(Error::HistoryChanged { arrival });
    let mut trace = Trace::new(commit, document, None);
    for arrival in touching {
        let commit = id(arrival)?;
        let decision = match hidden_by.get(&arrival) {
            Some(by) => Some(Decision { is_on: false, by: id(*by)? }),
            None => None,
        };
        for (index, opcode) in opcodes_at(snapshot, definitions, arrival)?.into_iter().enumerate() {
            if opcode.document == trace.document {
                trace.add(commit, index, opcode.operation, decision);
            }
        }
    }
    Ok(trace)
}

/// The traces of several documents, each from what it is before the evaluated commits, in the order given, in one pass.
pub(crate) fn traces(
    snapshot: &dyn Snapshot,
    definitions: &Definitions,
    evaluation: &Evaluation,
    documents: Vec<(DocumentId, Option<Value>)>,
) -> Result<Vec<Trace>, Error> {
    let places: HashMap<DocumentId, usize> =
        documents.iter().enumerate().map(|(place, (document, _))| (document.clone(), place)).collect();
    let new = |(document, value)| Trace::new(evaluation.commit, document, value);
    let mut traces: Vec<Trace> = documents.into_iter().map(new).collect();
    let mutations = evaluation.iter().filter(|(entry, _)| entry.kind == CommitKind::Mutations);
    for (entry, decision) in mutations {
        let commit = entry.id;
        let payload = snapshot.payload(commit)?.ok_or(Error::CommitNotFound { id: commit })?;
        let opcodes =
            payload::decode(&payload, definitions).map_err(|source| Error::Payload { commit, source })?;
        for (index, Opcode { document, operation }) in opcodes.into_iter().enumerate() {
            if let Some(place) = places.get(&document) {
                traces[*place].add(commit, index, operation, decision);
            }
        }
    }
    Ok(traces)
}
