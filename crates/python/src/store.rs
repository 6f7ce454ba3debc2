//! Stores: one current commit, undo and redo, and somebody who is told of every change.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use anabranch::engine::DispatchError;
use anabranch::{MutableState, Observer, Store};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::attachments::{PyGetting, Source, attachment_of, key_of};
use crate::database::{DatabaseArgument, PyDatabase};
use crate::definitions::{DefinitionsArgument, PyDefinitionsConst, PyExtendInfo};
use crate::error::{Failure, Outcome};
use crate::graph::commit_id;
use crate::paths::path_in;
use crate::state::{PyMutableState, PyState};
use crate::values::{CommitIdArgument, value_of};

/// What an interactive application works on: a database, a current commit, what can be undone and redone.
///
/// A notifier hears of every change; what it raises comes out of the method that made the change, which stands.
#[pyclass(name = "CommitStore", module = "anabranch", frozen, weakref)]
pub(crate) struct PyStore {
    store: Store,
    raised: Arc<Mutex<Option<PyErr>>>,
}

/// Tells a Python object, and keeps the first exception that it raises.
struct Notifier {
    object: Py<PyAny>,
    raised: Arc<Mutex<Option<PyErr>>>,
}

impl Notifier {
    fn tell(&self, method: &str, error: Option<&(dyn StdError + 'static)>) {
        Python::attach(|py| {
            let object = self.object.bind(py);
            let told = match object.getattr_opt(method) {
                Ok(None) => return,
                Ok(Some(method)) => match error {
                    // What a callback raised as it is, everything else as the engine says it.
                    Some(error) => match error.downcast_ref::<DispatchError<PyErr>>() {
                        Some(DispatchError::Change(error)) => method.call1((error.value(py),)),
                        _ => method.call1((error.to_string(),)),
                    },
                    None => method.call0(),
                },
                Err(error) => Err(error),
            };
            if let Err(error) = told {
                self.raised.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
        });
    }
}

macro_rules! notifications {
    ($($method:ident,)*) => {
        impl Observer for Notifier {
            $(
                fn $method(&self, _: &Store) {
                    self.tell(stringify!($method), None);
                }
            )*

            fn dispatch_error(&self, _: &Store, error: &(dyn StdError + 'static)) {
                self.tell("dispatch_error", Some(error));
            }
        }
    };
}

notifications! {
    database_did_open,
    database_did_close,
    state_did_change,
    definitions_did_change,
    stop_live,
    database_will_reset,
    database_did_reset,
}

impl PyStore {
    /// Asks the store without the interpreter's lock, then raises what the notifier raised meanwhile.
    fn run<T: Send, E: Send>(
        &self,
        py: Python<'_>,
        run: impl FnOnce(&Store) -> Result<T, E> + Send,
    ) -> Outcome<T>
    where
        Failure: From<E>,
    {
        let result = py.detach(|| run(&self.store));
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner).take();
        let result = result.map_err(Failure::from)?;
        raised.map_or(Ok(result), |error| Err(error.into()))
    }

    fn definitions_now(&self, py: Python<'_>) -> Outcome<anabranch::Definitions> {
        self.run(py, |store| Ok::<_, anabranch::Error>(store.state()?.definitions().clone()))
    }
}

#[pymethods]
impl PyStore {
    /// A store without a database, or with one.
    #[new]
    #[pyo3(signature = (database = None))]
    fn new(py: Python<'_>, database: Option<DatabaseArgument>) -> Outcome<Self> {
        let store = Self { store: Store::new(), raised: Arc::default() };
        if let Some(database) = database {
            store.run(py, |store| store.use_database(database.0))?;
        }
        Ok(store)
    }

    /// Takes a database, at its most recent commit. Nothing can be undone then.
    #[pyo3(name = "use")]
    fn use_database(&self, py: Python<'_>, database: DatabaseArgument) -> Outcome<()> {
        self.run(py, |store| store.use_database(database.0))
    }

    /// Lets go of the database, and of what could be undone.
    fn close(&self, py: Python<'_>) -> Outcome<()> {
        self.run(py, Store::close)
    }

    /// Whether the store has a database.
    fn has_database(&self) -> bool {
        self.store.has_database()
    }

    /// The database.
    fn database(&self) -> Outcome<PyDatabase> {
        Ok(PyDatabase::of(self.store.database()?))
    }

    /// The definitions that the current state knows.
    fn definitions(&self, py: Python<'_>) -> Outcome<PyDefinitionsConst> {
        self.definitions_now(py).map(PyDefinitionsConst)
    }

    /// Adds what the database lacks of these definitions, and has the current state know them.
    fn extend_definitions(&self, py: Python<'_>, definitions: DefinitionsArgument) -> Outcome<PyExtendInfo> {
        self.run(py, |store| store.extend_definitions(&definitions.0)).map(PyExtendInfo)
    }

    /// Has the current state know the definitions that came from elsewhere.
    fn refresh(&self, py: Python<'_>) -> Outcome<()> {
        self.run(py, Store::refresh)
    }

    /// The current state.
    fn state(&self, py: Python<'_>) -> Outcome<PyState> {
        self.run(py, Store::state).map(PyState)
    }

    /// A recording on top of the current state.
    fn mutable_state(&self, py: Python<'_>) -> Outcome<PyMutableState> {
        self.run(py, Store::mutable_state).map(PyMutableState::of)
    }

    /// What reads the documents of the current state, whichever that is then.
    fn attachment_getting(&self) -> PyGetting {
        PyGetting::new(Source::Store(self.store.clone()))
    }

    /// Whom to tell from now on; nobody, for none.
    #[pyo3(signature = (notifier: "CommitStoreNotifying | None") -> "None")]
    fn set_notifier(&self, py: Python<'_>, notifier: Option<Py<PyAny>>) {
        let raised = self.raised.clone();
        let observer = notifier.map(|object| Arc::new(Notifier { object, raised }) as Arc<dyn Observer>);
        py.detach(|| self.store.set_observer(observer));
    }

    /// Runs `change(mutable_state, *arguments)` on a recording on top of the current state, commits it and comes to that
    /// commit, which can be undone. When it raises, nothing is committed.
    #[pyo3(signature = (
        label,
        change: "typing.Callable[..., typing.Any]",
        *arguments: "typing.Any"
    ) -> "ValueCommitId")]
    fn dispatch<'py>(
        &self,
        py: Python<'py>,
        label: &str,
        change: &Bound<'py, PyAny>,
        arguments: &Bound<'py, PyTuple>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let (change, arguments) = (change.clone().unbind(), arguments.clone().unbind());
        let id = self.run(py, |store| {
            store.dispatch(label, |mutable| {
                Python::attach(|py| {
                    let empty = MutableState::new(mutable.base().clone());
                    let recording = PyMutableState::of(std::mem::replace(mutable, empty));
                    let shared = recording.0.clone();
                    let recording = Bound::new(py, recording)?.into_any();
                    let all: Vec<_> = std::iter::once(recording).chain(arguments.bind(py).iter()).collect();
                    let outcome = PyTuple::new(py, all).and_then(|all| change.bind(py).call1(all));
                    // What Python keeps of the recording leads nowhere from now on.
                    let mut shared = crate::attachments::lock(&shared);
                    let empty = MutableState::new(mutable.base().clone());
                    *mutable = std::mem::replace(&mut *shared, empty);
                    outcome.map(drop)
                })
            })
        })?;
        commit_id(py, id)
    }

    /// Dispatches making a document a value.
    #[pyo3(signature = (label, attachment: "Attachment | str", key: "typing.Any", document: "typing.Any") -> "ValueCommitId")]
    fn dispatch_set<'py>(
        &self,
        label: &str,
        attachment: &Bound<'py, PyAny>,
        key: &Bound<'py, PyAny>,
        document: &Bound<'py, PyAny>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let py = attachment.py();
        let attachment = attachment_of(attachment, &self.definitions_now(py)?)?;
        let (key, value) = (key_of(key, &attachment)?, value_of(document, attachment.document_type())?);
        commit_id(py, self.run(py, |store| store.dispatch_set(label, &attachment, &key, value))?)
    }

    /// Dispatches making a place of a document a value.
    #[pyo3(signature = (
        label,
        attachment: "Attachment | str",
        key: "typing.Any",
        path: "PathConst | str",
        value: "typing.Any"
    ) -> "ValueCommitId")]
    fn dispatch_update<'py>(
        &self,
        label: &str,
        attachment: &Bound<'py, PyAny>,
        key: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        value: &Bound<'py, PyAny>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let py = attachment.py();
        let definitions = self.definitions_now(py)?;
        let attachment = attachment_of(attachment, &definitions)?;
        let (key, path) = (key_of(key, &attachment)?, path_in(path, &attachment, &definitions)?);
        let value = crate::attachments::value_at(&attachment, &path, value)?;
        commit_id(py, self.run(py, |store| store.dispatch_update(label, &attachment, &key, &path, value))?)
    }

    /// Dispatches the least that turns a document into a value; leaf by leaf when `recursive`.
    #[pyo3(signature = (
        label,
        attachment: "Attachment | str",
        key: "typing.Any",
        document: "typing.Any",
        recursive = false
    ) -> "ValueCommitId")]
    fn dispatch_diff<'py>(
        &self,
        label: &str,
        attachment: &Bound<'py, PyAny>,
        key: &Bound<'py, PyAny>,
        document: &Bound<'py, PyAny>,
        recursive: bool,
    ) -> Outcome<Bound<'py, PyAny>> {
        let py = attachment.py();
        let attachment = attachment_of(attachment, &self.definitions_now(py)?)?;
        let (key, value) = (key_of(key, &attachment)?, value_of(document, attachment.document_type())?);
        let id = self.run(py, |store| store.dispatch_diff(label, &attachment, &key, value, recursive))?;
        commit_id(py, id)
    }

    /// Dispatches showing a commit, or hiding it.
    #[pyo3(signature = (commit_id, enabled) -> "ValueCommitId")]
    fn dispatch_enable_commit<'py>(
        &self,
        py: Python<'py>,
        commit_id: CommitIdArgument,
        enabled: bool,
    ) -> Outcome<Bound<'py, PyAny>> {
        let id = self.run(py, |store| store.dispatch_enable_commit(commit_id.0, enabled))?;
        crate::graph::commit_id(py, id)
    }

    /// Dispatches what was recorded, on top of the state that the recording started from.
    #[pyo3(signature = (label, mutable_state) -> "ValueCommitId")]
    fn commit_mutations<'py>(
        &self,
        py: Python<'py>,
        label: &str,
        mutable_state: &Bound<'py, PyMutableState>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let mutable = &mutable_state.get().0;
        let id = self.run(py, |store| {
            // A notifier may look at the recording: it is told when it is free again.
            let recorded = crate::attachments::lock(mutable).clone();
            store.commit_mutations(label, &recorded)
        })?;
        commit_id(py, id)
    }

    /// Undoes the last dispatched commit that is in effect, and answers the commit that does; none when there is nothing.
    #[pyo3(signature = () -> "ValueCommitId | None")]
    fn undo<'py>(&self, py: Python<'py>) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.run(py, Store::undo)?.map(|id| commit_id(py, id)).transpose()
    }

    /// Takes back the last undo, and answers the commit that does; none when there is nothing.
    #[pyo3(signature = () -> "ValueCommitId | None")]
    fn redo<'py>(&self, py: Python<'py>) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.run(py, Store::redo)?.map(|id| commit_id(py, id)).transpose()
    }

    /// Whether there is something to undo.
    fn can_undo(&self) -> bool {
        self.store.can_undo()
    }

    /// Whether there is something to redo.
    fn can_redo(&self) -> bool {
        self.store.can_redo()
    }

    /// What this store dispatched, oldest first, and how many of them are in effect.
    #[pyo3(signature = () -> "tuple[list[ValueCommitId], int]")]
    fn undo_stack_ids<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyTuple>> {
        let stack = self.store.undo_stack_ids();
        let ids = crate::values::list(py, stack.commits.into_iter().map(|id| commit_id(py, id)))?;
        Ok((ids, stack.applied).into_pyobject(py)?)
    }

    /// Forgets what could be undone and redone. Nobody is told.
    fn clear_undo_redo(&self, py: Python<'_>) {
        py.detach(|| self.store.clear_undo_redo());
    }

    /// Forgets what could be undone and redone, and tells that the state did change.
    fn reset_undo_redo(&self, py: Python<'_>) -> Outcome<()> {
        self.run(py, |store| {
            store.reset_undo_redo();
            Ok::<_, anabranch::Error>(())
        })
    }

    /// Comes to a commit.
    fn use_commit(&self, py: Python<'_>, commit_id: CommitIdArgument) -> Outcome<()> {
        self.run(py, |store| store.use_commit(commit_id.0))
    }

    /// Goes to the only head, or, with several, from the current commit on to a head.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn forward<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.run(py, Store::forward)?)
    }

    /// Folds all heads into one, as every site would, and goes there.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn reduce_heads<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.run(py, Store::reduce_heads)?)
    }

    /// Merges a commit into the current one, and goes to the merge.
    #[pyo3(signature = (commit_id) -> "ValueCommitId")]
    fn merge_commit<'py>(&self, py: Python<'py>, commit_id: CommitIdArgument) -> Outcome<Bound<'py, PyAny>> {
        crate::graph::commit_id(py, self.run(py, |store| store.merge_commit(commit_id.0))?)
    }

    /// Hides a commit, by one on top of the current one, and goes there.
    #[pyo3(signature = (commit_id) -> "ValueCommitId")]
    fn disable_commit<'py>(
        &self,
        py: Python<'py>,
        commit_id: CommitIdArgument,
    ) -> Outcome<Bound<'py, PyAny>> {
        crate::graph::commit_id(py, self.run(py, |store| store.disable_commit(commit_id.0))?)
    }

    /// Shows a commit, by one on top of the current one, and goes there.
    #[pyo3(signature = (commit_id) -> "ValueCommitId")]
    fn enable_commit<'py>(&self, py: Python<'py>, commit_id: CommitIdArgument) -> Outcome<Bound<'py, PyAny>> {
        crate::graph::commit_id(py, self.run(py, |store| store.enable_commit(commit_id.0))?)
    }

    /// Removes a head that nothing refers to, and forgets what could be undone. For demonstrations.
    #[pyo3(signature = (commit_id, force = false))]
    fn delete_commit(&self, py: Python<'_>, commit_id: CommitIdArgument, force: bool) -> Outcome<()> {
        self.run(py, |store| store.delete_commit(commit_id.0, force))
    }

    /// Removes all commits but the first, and forgets what could be undone. For demonstrations.
    #[pyo3(signature = (force = false))]
    fn reset(&self, py: Python<'_>, force: bool) -> Outcome<()> {
        self.run(py, |store| store.reset(force))
    }

    /// Asks whoever follows the database live to stop.
    fn stop_live(&self, py: Python<'_>) -> Outcome<()> {
        self.run(py, |store| {
            store.stop_live();
            Ok::<_, anabranch::Error>(())
        })
    }

    fn __repr__(&self) -> String {
        match self.store.state() {
            Ok(state) => format!("CommitStore(at {})", state.commit_id().short()),
            Err(_) => "CommitStore(no database)".to_owned(),
        }
    }
}
