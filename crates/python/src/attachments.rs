//! Attachments, and reading and recording through them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anabranch::model::{OptionalValue, SetValue};
use anabranch::{Attachment, Definitions, Key, MutableState, Path, State, Store, Type, Uuid, Value};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use crate::definitions::{DefinitionsInspector, PyDefinitionsConst};
use crate::error::{Failure, Outcome};
use crate::input::{self, native};
use crate::names::PyTypeName;
use crate::paths::path_in;
use crate::types::{PyType, TypeArgument, type_object};
use crate::values::{list, object, value_of};

/// Says that documents of one type attach to instances of one kind.
#[pyclass(name = "Attachment", module = "anabranch", frozen, eq, hash)]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct PyAttachment(pub(crate) Arc<Attachment>);

#[pymethods]
impl PyAttachment {
    /// The key of an instance, a new one when none is given. Where the attachment is for a club or any concept, say which
    /// concept the instance is of.
    #[pyo3(signature = (instance_id: "typing.Any" = None, concept = None) -> "ValueKey")]
    fn create_key<'py>(
        &self,
        py: Python<'py>,
        instance_id: Option<&Bound<'py, PyAny>>,
        concept: Option<TypeArgument>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let instance = instance_id.map_or_else(|| Ok(Uuid::new_v4()), input::uuid)?;
        let key = match concept {
            Some(concept) => Key::new(concept.concept()?, instance),
            None => self.0.create_key(instance).ok_or_else(|| {
                Failure::invalid(format!(
                    "{} takes keys of several concepts; say of which: concept=…",
                    *self.0
                ))
            })?,
        };
        object(py, value_of(&object(py, Value::Key(key))?, &self.0.key_type())?)
    }

    /// A fresh document: the zero of the document type.
    #[pyo3(signature = () -> "typing.Any")]
    fn create_document<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        object(py, self.0.create_document())
    }

    /// The name that people type: `Tuto::User.login`.
    fn identifier(&self) -> String {
        self.0.identifier()
    }

    /// The name within its namespace.
    fn type_name(&self) -> PyTypeName {
        PyTypeName(self.0.name().clone())
    }

    /// What its keys refer to: a concept, a club, or any concept.
    #[pyo3(signature = () -> "Type")]
    fn key_type<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        type_object(py, PyType::of(self.0.key_type()))
    }

    /// The type of its documents.
    #[pyo3(signature = () -> "Type")]
    fn document_type<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        type_object(py, PyType::of(self.0.document_type().clone()))
    }

    /// What identifies the attachment in any database.
    #[pyo3(signature = () -> "ValueUUId")]
    fn runtime_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        object(py, Value::Uuid(self.0.runtime_id().uuid()))
    }

    /// The doc string, empty when there is none.
    fn documentation(&self) -> &str {
        self.0.documentation()
    }

    /// The attachment as it is declared: `attachment<User, Login> Tuto::login`.
    fn representation(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }
}

/// An attachment, or the name of one.
pub(crate) fn attachment_of(
    object: &Bound<'_, PyAny>,
    definitions: &Definitions,
) -> Outcome<Arc<Attachment>> {
    if let Ok(name) = object.cast::<PyString>() {
        let inspector = DefinitionsInspector::of(definitions.clone());
        return Ok(inspector.check_attachment(&name.to_cow()?)?.0);
    }
    Ok(object.cast::<PyAttachment>()?.get().0.clone())
}

/// The key that an argument says for an attachment: a key, or the instance where that says it all.
pub(crate) fn key_of(object: &Bound<'_, PyAny>, attachment: &Attachment) -> Outcome<Key> {
    match value_of(object, &attachment.key_type())? {
        Value::Key(key) => Ok(key),
        other => Err(Failure::invalid(format!("{other} is no key"))),
    }
}

/// What documents are read from.
#[derive(Clone)]
pub(crate) enum Source {
    State(State),
    Mutable(Arc<Mutex<MutableState>>),
    Store(Store),
}

pub(crate) fn lock(mutable: &Mutex<MutableState>) -> MutexGuard<'_, MutableState> {
    // Recording changes it in one step.
    mutable.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Source {
    pub(crate) fn definitions(&self, py: Python<'_>) -> Outcome<Definitions> {
        py.detach(|| match self {
            Self::State(state) => Ok(state.definitions().clone()),
            Self::Mutable(mutable) => Ok(lock(mutable).definitions().clone()),
            Self::Store(store) => Ok(store.state()?.definitions().clone()),
        })
    }

    pub(crate) fn get(&self, attachment: &Attachment, key: &Key) -> Outcome<Option<Value>> {
        Ok(match self {
            Self::State(state) => state.get(attachment, key)?,
            Self::Mutable(mutable) => lock(mutable).get(attachment, key)?,
            Self::Store(store) => store.state()?.get(attachment, key)?,
        })
    }

    pub(crate) fn keys(&self, attachment: &Attachment) -> Outcome<Vec<Key>> {
        Ok(match self {
            Self::State(state) => state.keys(attachment)?,
            Self::Mutable(mutable) => lock(mutable).keys(attachment)?,
            Self::Store(store) => store.state()?.keys(attachment)?,
        })
    }
}

/// Keys as a set of the attachment's key type.
fn key_set<'py>(py: Python<'py>, attachment: &Attachment, keys: Vec<Key>) -> Outcome<Bound<'py, PyAny>> {
    let keys = keys.into_iter().map(Value::Key).collect();
    object(py, Value::Set(SetValue::new(Arc::new(attachment.key_type()), keys)?))
}

/// A document, or nil where it is absent.
fn optional<'py>(
    py: Python<'py>,
    attachment: &Attachment,
    found: Option<Value>,
) -> Outcome<Bound<'py, PyAny>> {
    let ty = Arc::new(attachment.document_type().clone());
    object(py, Value::Optional(OptionalValue::new(ty, found)?))
}

/// Reads documents.
#[pyclass(name = "AttachmentGetting", module = "anabranch", subclass, frozen)]
pub(crate) struct PyGetting(Source);

impl PyGetting {
    pub(crate) const fn new(source: Source) -> Self {
        Self(source)
    }
}

#[pymethods]
impl PyGetting {
    /// The keys that have a document under an attachment, ascending.
    #[pyo3(signature = (attachment: "Attachment | str") -> "ValueSet")]
    fn keys<'py>(&self, py: Python<'py>, attachment: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        let attachment = attachment_of(attachment, &self.0.definitions(py)?)?;
        let keys = py.detach(|| self.0.keys(&attachment))?;
        key_set(py, &attachment, keys)
    }

    /// Whether there is a document.
    #[pyo3(signature = (attachment: "Attachment | str", key: "typing.Any") -> "bool")]
    fn has(&self, attachment: &Bound<'_, PyAny>, key: &Bound<'_, PyAny>) -> Outcome<bool> {
        let py = attachment.py();
        let attachment = attachment_of(attachment, &self.0.definitions(py)?)?;
        let key = key_of(key, &attachment)?;
        Ok(py.detach(|| self.0.get(&attachment, &key))?.is_some())
    }

    /// The document of a key, as an optional that is nil where it is absent.
    #[pyo3(signature = (attachment: "Attachment | str", key: "typing.Any") -> "ValueOptional")]
    fn get<'py>(
        &self,
        attachment: &Bound<'py, PyAny>,
        key: &Bound<'py, PyAny>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let py = attachment.py();
        let attachment = attachment_of(attachment, &self.0.definitions(py)?)?;
        let key = key_of(key, &attachment)?;
        let found = py.detach(|| self.0.get(&attachment, &key))?;
        optional(py, &attachment, found)
    }

    /// Every key and document under an attachment, in the order of the keys.
    #[pyo3(signature = (attachment: "Attachment | str", encoded = true) -> "list[tuple[ValueKey, typing.Any]]")]
    fn enumerate<'py>(
        &self,
        py: Python<'py>,
        attachment: &Bound<'py, PyAny>,
        encoded: bool,
    ) -> Outcome<Bound<'py, PyList>> {
        let attachment = attachment_of(attachment, &self.0.definitions(py)?)?;
        let documents = py.detach(|| {
            let mut documents = Vec::new();
            for key in self.0.keys(&attachment)? {
                if let Some(document) = self.0.get(&attachment, &key)? {
                    documents.push((key, document));
                }
            }
            Outcome::Ok(documents)
        })?;
        list(
            py,
            documents.into_iter().map(|(key, document)| {
                let key = object(py, Value::Key(key))?;
                Ok(PyTuple::new(py, [key, crate::values::python(py, document, encoded)?])?.into_any())
            }),
        )
    }

    /// The keys whose documents only the other has, only this has, and both have with other content.
    #[pyo3(signature = (attachment: "Attachment | str", other) -> "tuple[ValueSet, ValueSet, ValueSet]")]
    fn diff_keys<'py>(
        &self,
        py: Python<'py>,
        attachment: &Bound<'py, PyAny>,
        other: &Bound<'py, PyGetting>,
    ) -> Outcome<Bound<'py, PyTuple>> {
        let attachment = attachment_of(attachment, &self.0.definitions(py)?)?;
        let other = &other.get().0;
        let [added, removed, changed] = py.detach(|| {
            let (mut added, mut removed, mut changed) = (Vec::new(), Vec::new(), Vec::new());
            for key in self.0.keys(&attachment)? {
                match other.get(&attachment, &key)? {
                    None => removed.push(key),
                    found if found != self.0.get(&attachment, &key)? => changed.push(key),
                    _ => {}
                }
            }
            for key in other.keys(&attachment)? {
                if self.0.get(&attachment, &key)?.is_none() {
                    added.push(key);
                }
            }
            Outcome::Ok([added, removed, changed])
        })?;
        let sets = [added, removed, changed].into_iter().map(|keys| key_set(py, &attachment, keys));
        Ok(PyTuple::new(py, sets.collect::<Outcome<Vec<_>>>()?)?)
    }

    /// The definitions that it was read under.
    fn definitions(&self, py: Python<'_>) -> Outcome<PyDefinitionsConst> {
        Ok(PyDefinitionsConst(self.0.definitions(py)?))
    }
}

/// Records changes to documents, and reads them as what was recorded leaves them.
#[pyclass(name = "CommitAttachmentMutating", module = "anabranch", extends = PyGetting, frozen)]
pub(crate) struct PyMutating;

impl PyMutating {
    pub(crate) fn make(py: Python<'_>, mutable: Arc<Mutex<MutableState>>) -> Outcome<Bound<'_, Self>> {
        let base = PyClassInitializer::from(PyGetting(Source::Mutable(mutable)));
        Ok(Bound::new(py, base.add_subclass(Self))?)
    }
}

/// What a change is made to, of the arguments that every mutator takes.
struct Target {
    mutable: Arc<Mutex<MutableState>>,
    attachment: Arc<Attachment>,
    key: Key,
}

impl Target {
    fn of(
        slf: &Bound<'_, PyMutating>,
        attachment: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
    ) -> Outcome<Self> {
        let source = &slf.as_super().get().0;
        let Source::Mutable(mutable) = source else {
            return Err(Failure::invalid("this state cannot be changed"));
        };
        let attachment = attachment_of(attachment, &source.definitions(slf.py())?)?;
        let key = key_of(key, &attachment)?;
        Ok(Self { mutable: mutable.clone(), attachment, key })
    }

    fn path(&self, py: Python<'_>, path: &Bound<'_, PyAny>) -> Outcome<Path> {
        let definitions = py.detach(|| lock(&self.mutable).definitions().clone());
        path_in(path, &self.attachment, &definitions)
    }
}

/// The value that `given` means where `path` leads in documents of an attachment.
pub(crate) fn value_at(attachment: &Attachment, path: &Path, given: &Bound<'_, PyAny>) -> Outcome<Value> {
    value_for(attachment, path, given, itself)
}

/// The value that `given` means for a part of what may stand where `path` leads; by itself, where no type says what it is.
fn value_for(
    attachment: &Attachment,
    path: &Path,
    given: &Bound<'_, PyAny>,
    part: impl Fn(&Type) -> Option<Type>,
) -> Outcome<Value> {
    let place = path.check(attachment.document_type())?;
    let input = native(given)?;
    let mut first = None;
    for ty in place.types().iter().filter_map(part) {
        match Value::create(&ty, input.clone()) {
            Ok(value) => return Ok(value),
            Err(error) => first = first.or(Some(error)),
        }
    }
    match first {
        Some(error) if path.is_root() => Err(error.into()),
        Some(error) => Err(error.inside(path).into()),
        // Below an `any`; or an operation that has no meaning there, which the engine says better.
        None => Ok(Value::deduce(input)?),
    }
}

fn itself(ty: &Type) -> Option<Type> {
    Some(ty.clone())
}

fn set_type(ty: &Type) -> Option<Type> {
    matches!(ty, Type::Set(_)).then(|| ty.clone())
}

fn map_type(ty: &Type) -> Option<Type> {
    matches!(ty, Type::Map(_)).then(|| ty.clone())
}

fn key_set_type(ty: &Type) -> Option<Type> {
    match ty {
        Type::Map(map) => Some(Type::set(map.key.clone())),
        _ => None,
    }
}

fn element_type(ty: &Type) -> Option<Type> {
    match ty {
        Type::XArray(element) => Some((**element).clone()),
        _ => None,
    }
}

macro_rules! containers {
    ($($method:ident, $what:ident, $part:ident, $variant:ident, $doc:literal;)*) => {
        #[pymethods]
        impl PyMutating {$(
            #[doc = $doc]
            #[pyo3(signature = (
                attachment: "Attachment | str",
                key: "typing.Any",
                path: "PathConst | str",
                $what: "typing.Any"
            ) -> "None")]
            fn $method<'py>(
                slf: &Bound<'py, Self>,
                attachment: &Bound<'py, PyAny>,
                key: &Bound<'py, PyAny>,
                path: &Bound<'py, PyAny>,
                $what: &Bound<'py, PyAny>,
            ) -> Outcome<()> {
                let target = Target::of(slf, attachment, key)?;
                let path = target.path(slf.py(), path)?;
                let given = value_for(&target.attachment, &path, $what, $part)?;
                let Value::$variant(given) = given else {
                    return Err(Failure::invalid(format!(
                        "{path}: {} has no {}", target.attachment.identifier(), stringify!($method)
                    )));
                };
                slf.py().detach(|| {
                    let mut mutable = lock(&target.mutable);
                    Ok(mutable.$method(&target.attachment, &target.key, &path, given)?)
                })
            }
        )*}
    };
}

containers! {
    union_in_set, elements, set_type, Set, "Adds elements to the set at a path.";
    subtract_in_set, elements, set_type, Set, "Removes elements from the set at a path.";
    union_in_map, entries, map_type, Map, "Adds entries to the map at a path, replacing the values of keys already there.";
    subtract_in_map, keys, key_set_type, Set, "Removes keys from the map at a path.";
    update_in_map, entries, map_type, Map, "Replaces the values of keys already in the map at a path; the others are ignored.";
}

#[pymethods]
impl PyMutating {
    /// Makes the document a value.
    #[pyo3(signature = (attachment: "Attachment | str", key: "typing.Any", document: "typing.Any") -> "None")]
    fn set(
        slf: &Bound<'_, Self>,
        attachment: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
        document: &Bound<'_, PyAny>,
    ) -> Outcome<()> {
        let target = Target::of(slf, attachment, key)?;
        let value = value_of(document, target.attachment.document_type())?;
        slf.py().detach(|| Ok(lock(&target.mutable).set(&target.attachment, &target.key, value)?))
    }

    /// Records the least that turns the present document into a value; leaf by leaf when `recursive`.
    #[pyo3(signature = (attachment: "Attachment | str", key: "typing.Any", document: "typing.Any", recursive = false) -> "None")]
    fn diff(
        slf: &Bound<'_, Self>,
        attachment: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
        document: &Bound<'_, PyAny>,
        recursive: bool,
    ) -> Outcome<()> {
        let target = Target::of(slf, attachment, key)?;
        let value = value_of(document, target.attachment.document_type())?;
        slf.py()
            .detach(|| Ok(lock(&target.mutable).diff(&target.attachment, &target.key, value, recursive)?))
    }

    /// Makes the place at a path a value.
    #[pyo3(signature = (
        attachment: "Attachment | str",
        key: "typing.Any",
        path: "PathConst | str",
        value: "typing.Any"
    ) -> "None")]
    fn update(
        slf: &Bound<'_, Self>,
        attachment: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
        path: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> Outcome<()> {
        let target = Target::of(slf, attachment, key)?;
        let path = target.path(slf.py(), path)?;
        let value = value_at(&target.attachment, &path, value)?;
        slf.py().detach(|| Ok(lock(&target.mutable).update(&target.attachment, &target.key, &path, value)?))
    }

    /// Inserts an element before the one at a position of the xarray at a path, at the end when that is `None` or the zero
    /// id, and answers the position of the new one.
    #[pyo3(signature = (
        attachment: "Attachment | str",
        key: "typing.Any",
        path: "PathConst | str",
        before: "typing.Any",
        value: "typing.Any",
        position: "typing.Any" = None
    ) -> "ValueUUId")]
    fn insert_in_xarray<'py>(
        slf: &Bound<'py, Self>,
        attachment: &Bound<'py, PyAny>,
        key: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        before: Option<&Bound<'py, PyAny>>,
        value: &Bound<'py, PyAny>,
        position: Option<&Bound<'py, PyAny>>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let target = Target::of(slf, attachment, key)?;
        let path = target.path(slf.py(), path)?;
        let before = before.map_or(Ok(Uuid::nil()), input::uuid)?;
        let position = position.map_or_else(|| Ok(Uuid::new_v4()), input::uuid)?;
        let value = value_for(&target.attachment, &path, value, element_type)?;
        slf.py().detach(|| {
            let mut mutable = lock(&target.mutable);
            mutable.insert_in_xarray(&target.attachment, &target.key, &path, before, position, value)
        })?;
        object(slf.py(), Value::Uuid(position))
    }

    /// Puts an element at a known position of the xarray at a path; a removed one comes back in its place.
    #[pyo3(signature = (
        attachment: "Attachment | str",
        key: "typing.Any",
        path: "PathConst | str",
        position: "typing.Any",
        value: "typing.Any"
    ) -> "None")]
    fn update_in_xarray(
        slf: &Bound<'_, Self>,
        attachment: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
        path: &Bound<'_, PyAny>,
        position: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> Outcome<()> {
        let target = Target::of(slf, attachment, key)?;
        let path = target.path(slf.py(), path)?;
        let position = input::uuid(position)?;
        let value = value_for(&target.attachment, &path, value, element_type)?;
        slf.py().detach(|| {
            let mut mutable = lock(&target.mutable);
            Ok(mutable.update_in_xarray(&target.attachment, &target.key, &path, position, value)?)
        })
    }

    /// Removes the element at a position of the xarray at a path; the position stays known.
    #[pyo3(signature = (
        attachment: "Attachment | str",
        key: "typing.Any",
        path: "PathConst | str",
        position: "typing.Any"
    ) -> "None")]
    fn remove_in_xarray(
        slf: &Bound<'_, Self>,
        attachment: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
        path: &Bound<'_, PyAny>,
        position: &Bound<'_, PyAny>,
    ) -> Outcome<()> {
        let target = Target::of(slf, attachment, key)?;
        let path = target.path(slf.py(), path)?;
        let position = input::uuid(position)?;
        slf.py().detach(|| {
            let mut mutable = lock(&target.mutable);
            Ok(mutable.remove_in_xarray(&target.attachment, &target.key, &path, position)?)
        })
    }
}
