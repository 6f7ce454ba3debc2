//! Namespaces and qualified names.

use std::hash::{DefaultHasher, Hash, Hasher};

use anabranch::Value;
use anabranch::model::{NameSpace, TypeName};
use pyo3::prelude::*;

use crate::error::Outcome;
use crate::input;
use crate::values::object;

pub(crate) fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A namespace: its UUID is what it is, its name is what it is called.
#[pyclass(name = "NameSpace", module = "anabranch", frozen, eq, ord, hash)]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PyNameSpace(pub(crate) NameSpace);

#[pymethods]
impl PyNameSpace {
    /// The namespace of a UUID and a name.
    #[new]
    #[pyo3(signature = (uuid: "ValueUUId | str | typing.Any", name: "str"))]
    fn new(uuid: &Bound<'_, PyAny>, name: &str) -> Outcome<Self> {
        Ok(Self(NameSpace::new(input::uuid(uuid)?, name)))
    }

    /// What the namespace is.
    #[pyo3(signature = () -> "ValueUUId")]
    fn uuid<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        object(py, Value::Uuid(self.0.uuid))
    }

    /// What it is called.
    fn name(&self) -> &str {
        &self.0.name
    }

    fn __str__(&self) -> &str {
        &self.0.name
    }

    fn __repr__(&self) -> String {
        format!("NameSpace('{}', '{}')", self.0.uuid, self.0.name)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (String, String)) {
        let name = &slf.get().0;
        (slf.get_type().into_any(), (name.uuid.to_string(), name.name.to_string()))
    }
}

/// The name of a definition within its namespace: `Namespace::Name`.
#[pyclass(name = "TypeName", module = "anabranch", frozen, eq, ord, hash)]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PyTypeName(pub(crate) TypeName);

#[pymethods]
impl PyTypeName {
    /// The name in a namespace.
    #[new]
    fn new(name_space: &Bound<'_, PyNameSpace>, name: &str) -> Self {
        Self(TypeName::new(name_space.get().0.clone(), name))
    }

    /// The namespace.
    fn name_space(&self) -> PyNameSpace {
        PyNameSpace(self.0.namespace.clone())
    }

    /// The name inside the namespace.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// The full name.
    fn representation(&self) -> String {
        self.0.to_string()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("TypeName({}, '{}')", PyNameSpace(self.0.namespace.clone()).__repr__(), self.0.name)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (PyNameSpace, String)) {
        (slf.get_type().into_any(), (slf.get().name_space(), slf.get().0.name.to_string()))
    }
}
