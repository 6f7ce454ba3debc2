//! What became of what was written: traces, blame, differences.

use anabranch::Definitions;
use anabranch::engine::{
    BlamedPlace, DocumentDiff, EvalAction, Opcode, Outcome as StepOutcome, PlaceChange, StateDiff, Trace,
    TraceStep,
};
use pyo3::prelude::*;

use crate::attachments::PyAttachment;
use crate::error::Outcome;
use crate::graph::{commit_id, opcode_object};
use crate::paths::path_object;
use crate::values::{object, python};

/// Every operation on one document, in the order in which they take effect.
#[pyclass(name = "CommitStateTrace", module = "anabranch", frozen)]
pub(crate) struct PyTrace {
    pub(crate) trace: Trace,
    pub(crate) definitions: Definitions,
}

#[pymethods]
impl PyTrace {
    /// The commit whose history it is.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn commit_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.trace.commit)
    }

    /// The operations.
    fn steps(&self) -> Vec<PyTraceStep> {
        let step = |step: &TraceStep| PyTraceStep {
            opcode: Opcode { document: self.trace.document.clone(), operation: step.operation.clone() },
            step: step.clone(),
            definitions: self.definitions.clone(),
        };
        self.trace.steps.iter().map(step).collect()
    }

    /// What they make of the document; none where it is absent.
    #[pyo3(signature = (encoded = true) -> "typing.Any")]
    fn document<'py>(&self, py: Python<'py>, encoded: bool) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.trace.value.clone().map(|value| python(py, value, encoded)).transpose()
    }

    fn __len__(&self) -> usize {
        self.trace.steps.len()
    }

    fn __repr__(&self) -> String {
        format!("CommitStateTrace({} operations)", self.trace.steps.len())
    }
}

/// An operation on a document, and what became of it.
#[pyclass(name = "CommitStateTraceStep", module = "anabranch", frozen)]
#[derive(Clone)]
pub(crate) struct PyTraceStep {
    step: TraceStep,
    opcode: Opcode,
    definitions: Definitions,
}

#[pymethods]
impl PyTraceStep {
    /// The commit that says it.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn commit_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.step.commit)
    }

    /// Which of the operations of that commit it is, from 0.
    fn index(&self) -> usize {
        self.step.index
    }

    /// The operation.
    #[pyo3(signature = () -> "CommitOpcode")]
    fn opcode<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        opcode_object(py, self.opcode.clone(), self.definitions.clone())
    }

    /// What became of it: `applied`, `dropped` or `masked`.
    fn outcome(&self) -> &'static str {
        match self.step.outcome {
            StepOutcome::Applied => "applied",
            StepOutcome::Dropped(_) => "dropped",
            StepOutcome::Masked { .. } => "masked",
        }
    }

    /// Why it had no effect; none where it had.
    fn reason(&self) -> Option<String> {
        match self.step.outcome {
            StepOutcome::Applied => None,
            StepOutcome::Dropped(reason) => Some(reason.to_string()),
            StepOutcome::Masked { by } => Some(format!("its commit is hidden by {by}")),
        }
    }

    fn __repr__(&self) -> String {
        format!("{} {} ({})", self.step.commit.short(), self.step.operation, self.outcome())
    }
}

/// A commit of a history, and what it does to the state.
#[pyclass(name = "CommitEvalAction", module = "anabranch", frozen)]
#[derive(Clone)]
pub(crate) struct PyEvalAction(pub(crate) EvalAction);

#[pymethods]
impl PyEvalAction {
    /// The commit.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn commit_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.0.commit)
    }

    /// What it does: `Mutations`, `Merge`, `Disable` or `Enable`.
    fn commit_type(&self) -> String {
        self.0.kind.to_string()
    }

    /// What it merges, hides or shows; the zero id for mutations.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn target_commit_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.0.target)
    }

    /// Whether it is shown.
    fn is_enabled(&self) -> bool {
        self.0.is_on
    }

    /// What decided whether it is shown; none where nothing did.
    #[pyo3(signature = () -> "ValueCommitId | None")]
    fn decided_by<'py>(&self, py: Python<'py>) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.0.decided_by.map(|id| commit_id(py, id)).transpose()
    }

    /// Whether the state would be made up otherwise without it.
    fn has_effect(&self) -> bool {
        self.0.has_effect
    }

    fn __repr__(&self) -> String {
        let shown = if self.0.is_on { "shown" } else { "hidden" };
        format!("{} {} ({shown})", self.0.commit.short(), self.0.kind)
    }
}

/// A place of a document, and the commit that wrote what stands there.
#[pyclass(name = "CommitBlamedPlace", module = "anabranch", frozen)]
#[derive(Clone)]
pub(crate) struct PyBlamedPlace(pub(crate) BlamedPlace);

#[pymethods]
impl PyBlamedPlace {
    /// The place.
    #[pyo3(signature = () -> "PathConst")]
    fn path<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        path_object(py, self.0.path.clone())
    }

    /// What stands there.
    #[pyo3(signature = (encoded = true) -> "typing.Any")]
    fn value<'py>(&self, py: Python<'py>, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
        python(py, self.0.value.clone(), encoded)
    }

    /// The commit that wrote it.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn commit_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.0.commit)
    }

    fn __repr__(&self) -> String {
        format!("{} {} {}", self.0.commit.short(), self.0.path, self.0.value)
    }
}

/// What differs between two states.
#[pyclass(name = "CommitStateDiff", module = "anabranch", frozen)]
pub(crate) struct PyStateDiff {
    pub(crate) diff: StateDiff,
    pub(crate) definitions: Definitions,
}

#[pymethods]
impl PyStateDiff {
    /// The documents that differ.
    fn documents(&self) -> Vec<PyDocumentDiff> {
        self.of(self.diff.documents.iter())
    }

    /// The documents that only the later state has.
    fn added(&self) -> Vec<PyDocumentDiff> {
        self.of(self.diff.added())
    }

    /// The documents that only the earlier state has.
    fn removed(&self) -> Vec<PyDocumentDiff> {
        self.of(self.diff.removed())
    }

    /// The documents that both have, with other content.
    fn changed(&self) -> Vec<PyDocumentDiff> {
        self.of(self.diff.changed())
    }

    fn __len__(&self) -> usize {
        self.diff.documents.len()
    }

    fn __repr__(&self) -> String {
        format!("CommitStateDiff({} documents)", self.diff.documents.len())
    }
}

impl PyStateDiff {
    fn of<'a>(&'a self, documents: impl Iterator<Item = &'a DocumentDiff>) -> Vec<PyDocumentDiff> {
        documents
            .map(|diff| PyDocumentDiff { diff: diff.clone(), definitions: self.definitions.clone() })
            .collect()
    }
}

/// A document that is not the same in two states.
#[pyclass(name = "CommitDocumentDiff", module = "anabranch", frozen)]
#[derive(Clone)]
pub(crate) struct PyDocumentDiff {
    diff: DocumentDiff,
    definitions: Definitions,
}

#[pymethods]
impl PyDocumentDiff {
    /// The attachment of the document; none where the definitions do not know it.
    fn attachment(&self) -> Option<PyAttachment> {
        self.definitions.attachment(self.diff.document.attachment).cloned().map(PyAttachment)
    }

    /// The key of the document.
    #[pyo3(signature = () -> "ValueKey")]
    fn key<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        object(py, anabranch::Value::Key(self.diff.document.key.clone()))
    }

    /// The document in the earlier state; none where it is absent.
    #[pyo3(signature = (encoded = true) -> "typing.Any")]
    fn before<'py>(&self, py: Python<'py>, encoded: bool) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.diff.before.clone().map(|value| python(py, value, encoded)).transpose()
    }

    /// The document in the later state; none where it is absent.
    #[pyo3(signature = (encoded = true) -> "typing.Any")]
    fn after<'py>(&self, py: Python<'py>, encoded: bool) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.diff.after.clone().map(|value| python(py, value, encoded)).transpose()
    }

    /// The places that differ.
    #[pyo3(signature = () -> "list[PathConst]")]
    fn paths<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        let paths = self.diff.changes.iter().map(|PlaceChange { path, .. }| path_object(py, path.clone()));
        Ok(crate::values::list(py, paths)?.into_any())
    }

    fn __repr__(&self) -> String {
        format!("{} ({} places)", self.diff.document.key, self.diff.changes.len())
    }
}
