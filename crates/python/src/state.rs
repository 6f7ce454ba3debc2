//! States: documents as they stand after a commit, and recordings on top of them.

use std::sync::{Arc, Mutex};

use anabranch::{MutableState, State};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::attachments::{PyGetting, PyMutating, Source, attachment_of, key_of, lock};
use crate::database::DatabaseArgument;
use crate::definitions::PyDefinitionsConst;
use crate::error::Outcome;
use crate::graph::{commit_id, opcodes};
use crate::trace::{PyBlamedPlace, PyEvalAction, PyTrace};
use crate::values::CommitIdArgument;

/// The documents as they stand after a commit.
#[pyclass(name = "CommitState", module = "anabranch", frozen)]
#[derive(Clone)]
pub(crate) struct PyState(pub(crate) State);

#[pymethods]
impl PyState {
    /// The commit whose state this is; the zero id for the initial state.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn commit_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.0.commit_id())
    }

    /// The definitions that it was read under.
    fn definitions(&self) -> PyDefinitionsConst {
        PyDefinitionsConst(self.0.definitions().clone())
    }

    /// What reads its documents.
    fn attachment_getting(&self) -> PyGetting {
        PyGetting::new(Source::State(self.0.clone()))
    }

    /// The commits that make up the state, in the order in which they take effect, each with what becomes of it.
    fn eval_actions(&self, py: Python<'_>) -> Outcome<Vec<PyEvalAction>> {
        let database = self.0.database();
        let actions = py.detach(|| database.eval_actions(self.0.commit_id()))?;
        Ok(actions.into_iter().map(PyEvalAction).collect())
    }

    /// Every operation on a document, in the order in which they take effect, and what became of each.
    #[pyo3(signature = (attachment: "Attachment | str", key: "typing.Any"))]
    fn trace(
        &self,
        py: Python<'_>,
        attachment: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
    ) -> Outcome<PyTrace> {
        let attachment = attachment_of(attachment, self.0.definitions())?;
        let key = key_of(key, &attachment)?;
        let database = self.0.database();
        let trace = py.detach(|| database.trace(self.0.commit_id(), &attachment, &key))?;
        Ok(PyTrace { trace, definitions: self.0.definitions().clone() })
    }

    /// For each place of a document, the commit that wrote what stands there.
    #[pyo3(signature = (attachment: "Attachment | str", key: "typing.Any"))]
    fn blame(
        &self,
        py: Python<'_>,
        attachment: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
    ) -> Outcome<Vec<PyBlamedPlace>> {
        let attachment = attachment_of(attachment, self.0.definitions())?;
        let key = key_of(key, &attachment)?;
        let database = self.0.database();
        let blame = py.detach(|| database.blame(self.0.commit_id(), &attachment, &key))?;
        Ok(blame.places.into_iter().map(PyBlamedPlace).collect())
    }

    /// 64 hexadecimal digits that are equal for two states exactly when their documents are.
    fn fingerprint(&self, py: Python<'_>) -> Outcome<String> {
        Ok(py.detach(|| self.0.fingerprint())?.to_string())
    }

    fn __repr__(&self) -> String {
        format!("CommitState({})", self.0.commit_id().short())
    }
}

/// Records changes on top of a state, and reads through them.
#[pyclass(name = "CommitMutableState", module = "anabranch", frozen)]
pub(crate) struct PyMutableState(pub(crate) Arc<Mutex<MutableState>>);

impl PyMutableState {
    pub(crate) fn of(mutable: MutableState) -> Self {
        Self(Arc::new(Mutex::new(mutable)))
    }
}

#[pymethods]
impl PyMutableState {
    /// A recording on top of a state.
    #[new]
    fn new(state: &Bound<'_, PyState>) -> Self {
        Self::of(MutableState::new(state.get().0.clone()))
    }

    /// What records changes, and reads through them.
    fn attachment_mutating<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyMutating>> {
        PyMutating::make(py, self.0.clone())
    }

    /// What reads documents as the changes leave them.
    fn attachment_getting(&self) -> PyGetting {
        PyGetting::new(Source::Mutable(self.0.clone()))
    }

    /// What was recorded, in order.
    #[pyo3(signature = () -> "list[CommitOpcode]")]
    fn mutations<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyList>> {
        let (recorded, definitions) = py.detach(|| {
            let mutable = lock(&self.0);
            (mutable.opcodes().to_vec(), mutable.definitions().clone())
        });
        opcodes(py, &recorded, &definitions)
    }

    /// The state that the recording started from.
    fn commit_state(&self, py: Python<'_>) -> PyState {
        PyState(py.detach(|| lock(&self.0).base().clone()))
    }

    /// The definitions that it was read under.
    fn definitions(&self, py: Python<'_>) -> PyDefinitionsConst {
        PyDefinitionsConst(py.detach(|| lock(&self.0).definitions().clone()))
    }

    /// How many operations were recorded.
    fn __len__(&self, py: Python<'_>) -> usize {
        py.detach(|| lock(&self.0).opcodes().len())
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("CommitMutableState({} operations)", self.__len__(py))
    }
}

/// Makes states of a database.
#[pyclass(name = "CommitStateBuilder", module = "anabranch", frozen)]
pub(crate) struct PyStateBuilder;

#[pymethods]
impl PyStateBuilder {
    /// The state before any commit.
    #[staticmethod]
    fn initial_state(py: Python<'_>, database: DatabaseArgument) -> Outcome<PyState> {
        Ok(PyState(py.detach(|| database.0.initial_state())?))
    }

    /// The state after a commit.
    #[staticmethod]
    fn state(py: Python<'_>, database: DatabaseArgument, commit_id: CommitIdArgument) -> Outcome<PyState> {
        Ok(PyState(py.detach(|| database.0.state(commit_id.0))?))
    }

    /// The state that a merge would give. Nothing is written.
    #[staticmethod]
    fn merge_state(
        py: Python<'_>,
        database: DatabaseArgument,
        parent_commit_id: CommitIdArgument,
        target_commit_id: CommitIdArgument,
    ) -> Outcome<PyState> {
        Ok(PyState(py.detach(|| database.0.merge_state(parent_commit_id.0, target_commit_id.0))?))
    }

    /// For each commit of the history of one, whether it is shown there.
    #[staticmethod]
    #[pyo3(signature = (database, commit_id) -> "dict[ValueCommitId, bool]")]
    fn enabled_by_commit_id<'py>(
        py: Python<'py>,
        database: DatabaseArgument,
        commit_id: CommitIdArgument,
    ) -> Outcome<Bound<'py, PyDict>> {
        let enabled = py.detach(|| database.0.enabled_by_commit(commit_id.0))?;
        let entries = enabled.into_iter().map(|(id, is_on)| {
            Ok((crate::graph::commit_id(py, id)?, pyo3::types::PyBool::new(py, is_on).to_owned().into_any()))
        });
        crate::values::dict(py, entries)
    }
}

/// Reduces and follows the heads of a database.
#[pyclass(name = "CommitDatabaseHelper", module = "anabranch", frozen)]
pub(crate) struct PyDatabaseHelper;

#[pymethods]
impl PyDatabaseHelper {
    /// Folds the other heads into the anchor, the most recent head when none is given, as every site would; answers what
    /// the only head is then, none in a database without commits.
    #[staticmethod]
    #[pyo3(signature = (database, anchor = None) -> "ValueCommitId | None")]
    fn reduce_heads<'py>(
        py: Python<'py>,
        database: DatabaseArgument,
        anchor: Option<CommitIdArgument>,
    ) -> Outcome<Option<Bound<'py, PyAny>>> {
        let reduced = py.detach(|| database.0.reduce_heads(anchor.map(|anchor| anchor.0)))?;
        reduced.map(|id| commit_id(py, id)).transpose()
    }

    /// The only head, or, with several, what `fast_forward` reaches.
    #[staticmethod]
    #[pyo3(signature = (database, commit_id) -> "ValueCommitId")]
    fn forward<'py>(
        py: Python<'py>,
        database: DatabaseArgument,
        commit_id: CommitIdArgument,
    ) -> Outcome<Bound<'py, PyAny>> {
        let reached = py.detach(|| database.0.forward(commit_id.0))?;
        crate::graph::commit_id(py, reached)
    }

    /// The head that a commit leads to: by children, or failing that by merges that target it, the least id first.
    #[staticmethod]
    #[pyo3(signature = (database, commit_id) -> "ValueCommitId")]
    fn fast_forward<'py>(
        py: Python<'py>,
        database: DatabaseArgument,
        commit_id: CommitIdArgument,
    ) -> Outcome<Bound<'py, PyAny>> {
        let reached = py.detach(|| database.0.fast_forward(commit_id.0))?;
        crate::graph::commit_id(py, reached)
    }
}
