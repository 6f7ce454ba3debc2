//! Databases.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use anabranch::{CommitId, Database, OpenMode, Value};
use pyo3::prelude::*;
use pyo3::types::{PySet, PyTuple};

use crate::definitions::{DefinitionsArgument, PyDefinitionsConst, PyExtendInfo};
use crate::error::{Class, Failure, Outcome};
use crate::graph::{PyCommit, PyHeader, commit_id};
use crate::state::{PyMutableState, PyState};
use crate::trace::PyStateDiff;
use crate::values::{CommitIdArgument, object};

/// A versioned database.
///
/// May be used from several threads, and as a context manager that closes it.
#[pyclass(name = "CommitDatabase", module = "anabranch", frozen, weakref)]
pub(crate) struct PyDatabase {
    database: Mutex<Option<Database>>,
    path: Option<PathBuf>,
}

/// An argument that says a database, and all that holds one.
#[derive(Clone)]
pub(crate) struct DatabaseArgument(pub(crate) Database);

impl FromPyObject<'_, '_> for DatabaseArgument {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: pyo3::inspect::PyStaticExpr =
        pyo3::type_hint_identifier!("anabranch", "CommitDatabase");

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(Self(object.cast::<PyDatabase>()?.get().open()?))
    }
}

impl PyDatabase {
    fn new(database: Database, path: Option<PathBuf>) -> Self {
        Self { database: Mutex::new(Some(database)), path }
    }

    /// A handle of a database that somebody else holds too.
    pub(crate) fn of(database: Database) -> Self {
        Self::new(database, None)
    }

    /// The database, unless it was closed.
    pub(crate) fn open(&self) -> Outcome<Database> {
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner).clone();
        database.ok_or_else(|| Failure::new(Class::Closed, "closed", "the database is closed; open it again"))
    }

    /// Asks the database without holding the interpreter's lock.
    pub(crate) fn ask<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&Database) -> Result<T, anabranch::Error> + Send,
    ) -> Outcome<T> {
        let database = self.open()?;
        Ok(py.detach(|| ask(&database))?)
    }
}

fn id_set(py: Python<'_>, ids: Vec<CommitId>) -> Outcome<Bound<'_, PySet>> {
    let set = PySet::empty(py)?;
    for id in ids {
        set.add(commit_id(py, id)?)?;
    }
    Ok(set)
}

#[pymethods]
impl PyDatabase {
    /// A database in memory, for tests and scratch work.
    #[staticmethod]
    #[pyo3(signature = (definitions = None, *, author = None))]
    fn create_in_memory(
        py: Python<'_>,
        definitions: Option<DefinitionsArgument>,
        author: Option<&str>,
    ) -> Outcome<Self> {
        let definitions = definitions.unwrap_or_default().0;
        let database = py.detach(|| Database::create_in_memory(&definitions))?;
        Ok(Self::new(authored(database, author), None))
    }

    /// A new database file. An existing file is never touched.
    #[staticmethod]
    #[pyo3(signature = (path, documentation = "", definitions = None, *, author = None))]
    fn create(
        py: Python<'_>,
        path: PathBuf,
        documentation: &str,
        definitions: Option<DefinitionsArgument>,
        author: Option<&str>,
    ) -> Outcome<Self> {
        let definitions = definitions.unwrap_or_default().0;
        let database = py.detach(|| Database::create(&path, documentation, &definitions))?;
        Ok(Self::new(authored(database, author), Some(path)))
    }

    /// Opens a database file.
    #[staticmethod]
    #[pyo3(name = "open", signature = (path, readonly = false, *, author = None))]
    fn open_file(py: Python<'_>, path: PathBuf, readonly: bool, author: Option<&str>) -> Outcome<Self> {
        let mode = if readonly { OpenMode::ReadOnly } else { OpenMode::ReadWrite };
        let database = py.detach(|| Database::open(&path, mode))?;
        Ok(Self::new(authored(database, author), Some(path)))
    }

    /// Whether there is a database at a path that this program can read.
    #[staticmethod]
    fn is_compatible(py: Python<'_>, path: PathBuf) -> bool {
        py.detach(|| Database::open(&path, OpenMode::ReadOnly).is_ok())
    }

    /// Lets go of the database. States that were read from it stay what they are.
    fn close(&self, py: Python<'_>) {
        let closed = self.database.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| drop(closed));
    }

    /// Whether it was closed.
    fn is_closed(&self) -> bool {
        self.open().is_err()
    }

    /// The database itself, for whoever takes what holds one.
    fn commit_databasing<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.clone()
    }

    /// The path of the file; none in memory.
    #[pyo3(signature = () -> "pathlib.Path | None")]
    fn path(&self) -> Option<PathBuf> {
        self.path.clone()
    }

    /// What people call it: the path of the file, or `memory`.
    fn location(&self) -> Outcome<String> {
        Ok(self.open()?.location())
    }

    /// Whether it may only be read.
    fn is_read_only(&self) -> Outcome<bool> {
        Ok(self.open()?.is_read_only())
    }

    /// Names this database among its replicas.
    #[pyo3(signature = () -> "ValueUUId")]
    fn uuid<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        object(py, Value::Uuid(self.open()?.uuid()))
    }

    /// What the database is for, as its creator wrote it.
    fn documentation(&self) -> Outcome<String> {
        Ok(self.open()?.documentation().to_owned())
    }

    /// The definitions.
    fn definitions(&self, py: Python<'_>) -> Outcome<PyDefinitionsConst> {
        self.ask(py, Database::definitions).map(PyDefinitionsConst)
    }

    /// Adds what is missing here of these definitions, and answers what that was; nothing is ever replaced.
    fn extend_definitions(&self, py: Python<'_>, definitions: DefinitionsArgument) -> Outcome<PyExtendInfo> {
        self.ask(py, |database| database.extend_definitions(&definitions.0)).map(PyExtendInfo)
    }

    /// The hash of the definitions: equal on two databases exactly when the definitions are.
    fn definitions_hexdigest(&self, py: Python<'_>) -> Outcome<String> {
        Ok(self.ask(py, Database::definitions_digest)?.to_string())
    }

    /// Goes up with every change, whoever makes it.
    fn data_version(&self, py: Python<'_>) -> Outcome<u64> {
        self.ask(py, Database::data_version)
    }

    /// The state before any commit.
    fn initial_state(&self, py: Python<'_>) -> Outcome<PyState> {
        self.ask(py, Database::initial_state).map(PyState)
    }

    /// The state after a commit; `None` stands for before any.
    fn state(&self, py: Python<'_>, commit_id: Option<CommitIdArgument>) -> Outcome<PyState> {
        let id = commit_id.map_or(CommitId::ZERO, |id| id.0);
        self.ask(py, |database| database.state(id)).map(PyState)
    }

    /// Appends what was recorded, on top of the state that the recording started from, and answers the new commit.
    #[pyo3(signature = (label, mutable_state) -> "ValueCommitId")]
    fn commit_mutations<'py>(
        &self,
        py: Python<'py>,
        label: &str,
        mutable_state: &Bound<'py, PyMutableState>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let mutable = &mutable_state.get().0;
        let id =
            self.ask(py, |database| database.commit_mutations(label, &crate::attachments::lock(mutable)))?;
        commit_id(py, id)
    }

    /// Appends, on top of a commit, one that hides another.
    #[pyo3(signature = (label, parent_commit_id, target_commit_id) -> "ValueCommitId")]
    fn disable_commit<'py>(
        &self,
        py: Python<'py>,
        label: &str,
        parent_commit_id: CommitIdArgument,
        target_commit_id: CommitIdArgument,
    ) -> Outcome<Bound<'py, PyAny>> {
        let (parent, target) = (parent_commit_id.0, target_commit_id.0);
        commit_id(py, self.ask(py, |database| database.disable_commit(label, parent, target))?)
    }

    /// Appends, on top of a commit, one that shows another again.
    #[pyo3(signature = (label, parent_commit_id, target_commit_id) -> "ValueCommitId")]
    fn enable_commit<'py>(
        &self,
        py: Python<'py>,
        label: &str,
        parent_commit_id: CommitIdArgument,
        target_commit_id: CommitIdArgument,
    ) -> Outcome<Bound<'py, PyAny>> {
        let (parent, target) = (parent_commit_id.0, target_commit_id.0);
        commit_id(py, self.ask(py, |database| database.enable_commit(label, parent, target))?)
    }

    /// Appends a merge: what the target has and the parent lacks lands after what the parent has.
    #[pyo3(signature = (label, parent_commit_id, target_commit_id) -> "ValueCommitId")]
    fn merge_commit<'py>(
        &self,
        py: Python<'py>,
        label: &str,
        parent_commit_id: CommitIdArgument,
        target_commit_id: CommitIdArgument,
    ) -> Outcome<Bound<'py, PyAny>> {
        let (parent, target) = (parent_commit_id.0, target_commit_id.0);
        commit_id(py, self.ask(py, |database| database.merge_commit(label, parent, target))?)
    }

    /// Every commit.
    #[pyo3(signature = () -> "set[ValueCommitId]")]
    fn commit_ids<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PySet>> {
        id_set(py, self.ask(py, Database::commit_ids)?)
    }

    /// The headers of every commit, in order of arrival: dependencies first.
    fn commit_headers(&self, py: Python<'_>) -> Outcome<Vec<PyHeader>> {
        let headers = self.ask(py, |database| {
            database
                .commit_ids()?
                .into_iter()
                .map(|id| database.commit_header(id))
                .collect::<Result<Vec<_>, _>>()
        })?;
        Ok(headers.into_iter().map(PyHeader).collect())
    }

    /// The commits that are nobody's parent and no merge's target.
    #[pyo3(signature = () -> "set[ValueCommitId]")]
    fn head_commit_ids<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PySet>> {
        id_set(py, self.ask(py, Database::head_commit_ids)?)
    }

    /// The commits whose parent this is; the first ones, for the zero id.
    #[pyo3(signature = (commit_id) -> "set[ValueCommitId]")]
    fn children_commit_ids<'py>(
        &self,
        py: Python<'py>,
        commit_id: CommitIdArgument,
    ) -> Outcome<Bound<'py, PySet>> {
        id_set(py, self.ask(py, |database| database.children_commit_ids(commit_id.0))?)
    }

    /// The merges whose target this is.
    #[pyo3(signature = (commit_id) -> "set[ValueCommitId]")]
    fn nephew_commit_ids<'py>(
        &self,
        py: Python<'py>,
        commit_id: CommitIdArgument,
    ) -> Outcome<Bound<'py, PySet>> {
        id_set(py, self.ask(py, |database| database.nephew_commit_ids(commit_id.0))?)
    }

    /// The commit that was stored first; none when there is none.
    #[pyo3(signature = () -> "ValueCommitId | None")]
    fn first_commit_id<'py>(&self, py: Python<'py>) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.ask(py, Database::first_commit_id)?.map(|id| commit_id(py, id)).transpose()
    }

    /// The most recent commit, the same on every site that has the same commits; none when there is none.
    #[pyo3(signature = () -> "ValueCommitId | None")]
    fn last_commit_id<'py>(&self, py: Python<'py>) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.ask(py, Database::last_commit_id)?.map(|id| commit_id(py, id)).transpose()
    }

    /// Whether a commit is here.
    fn commit_exists(&self, py: Python<'_>, commit_id: CommitIdArgument) -> Outcome<bool> {
        self.ask(py, |database| database.commit_exists(commit_id.0))
    }

    /// What is known of a commit without its payload.
    fn commit_header(&self, py: Python<'_>, commit_id: CommitIdArgument) -> Outcome<PyHeader> {
        self.ask(py, |database| database.commit_header(commit_id.0)).map(PyHeader)
    }

    /// A commit, with what it does to documents.
    fn commit<'py>(&self, py: Python<'py>, commit_id: CommitIdArgument) -> Outcome<Bound<'py, PyCommit>> {
        let (header, opcodes, definitions) = self.ask(py, |database| {
            let header = database.commit_header(commit_id.0)?;
            Ok((header, database.commit_opcodes(commit_id.0)?, database.definitions()?))
        })?;
        PyCommit::make(py, header, opcodes, definitions)
    }

    /// Whether one commit is another's ancestor; each is its own.
    fn is_ancestor(
        &self,
        py: Python<'_>,
        ancestor_commit_id: CommitIdArgument,
        commit_id: CommitIdArgument,
    ) -> Outcome<bool> {
        self.ask(py, |database| database.is_ancestor(ancestor_commit_id.0, commit_id.0))
    }

    /// Whether two commits can be merged: they differ, and neither is the other's ancestor.
    fn is_mergeable(
        &self,
        py: Python<'_>,
        parent_commit_id: CommitIdArgument,
        target_commit_id: CommitIdArgument,
    ) -> Outcome<bool> {
        self.ask(py, |database| database.is_mergeable(parent_commit_id.0, target_commit_id.0))
    }

    /// The one greatest common ancestor of two commits; none when there is none, or several.
    #[pyo3(signature = (left_commit_id, right_commit_id) -> "ValueCommitId | None")]
    fn merge_base<'py>(
        &self,
        py: Python<'py>,
        left_commit_id: CommitIdArgument,
        right_commit_id: CommitIdArgument,
    ) -> Outcome<Option<Bound<'py, PyAny>>> {
        let base = self.ask(py, |database| database.merge_base(left_commit_id.0, right_commit_id.0))?;
        base.map(|id| commit_id(py, id)).transpose()
    }

    /// What differs between the states at two commits.
    fn diff(
        &self,
        py: Python<'_>,
        from_commit_id: CommitIdArgument,
        to_commit_id: CommitIdArgument,
    ) -> Outcome<PyStateDiff> {
        let (diff, definitions) = self.ask(py, |database| {
            Ok((database.diff(from_commit_id.0, to_commit_id.0)?, database.definitions()?))
        })?;
        Ok(PyStateDiff { diff, definitions })
    }

    /// Removes a head that nothing refers to. For demonstrations: refused on a database that was synchronised, unless forced.
    #[pyo3(signature = (commit_id, force = false))]
    fn delete_commit(&self, py: Python<'_>, commit_id: CommitIdArgument, force: bool) -> Outcome<()> {
        self.ask(py, |database| database.delete_commit(commit_id.0, force))
    }

    /// Removes all commits but the first. For demonstrations: refused on a database that was synchronised, unless forced.
    #[pyo3(signature = (force = false))]
    fn reset_commits(&self, py: Python<'_>, force: bool) -> Outcome<()> {
        self.ask(py, |database| database.reset_commits(force))
    }

    /// Recomputes everything that the database holds, and answers what is not as it should be, one line each.
    fn verify(&self, py: Python<'_>) -> Outcome<Vec<String>> {
        let report = self.ask(py, |database| database.verify(&mut |_| {}))?;
        Ok(report.problems.iter().map(ToString::to_string).collect())
    }

    fn __enter__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.clone()
    }

    #[pyo3(signature = (*exception: "typing.Any") -> "None")]
    fn __exit__(&self, exception: &Bound<'_, PyTuple>) {
        self.close(exception.py());
    }

    fn __repr__(&self) -> String {
        match self.open() {
            Ok(database) => format!("CommitDatabase('{}')", database.location()),
            Err(_) => "CommitDatabase(closed)".to_owned(),
        }
    }
}

pub(crate) fn authored(database: Database, author: Option<&str>) -> Database {
    match author {
        Some(author) => database.with_author(author),
        None => database,
    }
}
