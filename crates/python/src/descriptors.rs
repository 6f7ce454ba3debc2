//! Cases and fields, and what enumerations and structures are declared from.

use std::sync::{Mutex, PoisonError};

use anabranch::model::{Case, Field};
use anabranch::{Type, Value};
use pyo3::prelude::*;

use crate::error::Outcome;
use crate::types::{PyType, TypeArgument, type_object};
use crate::values::{python, value_of};

/// A case of an enumeration.
#[pyclass(name = "TypeEnumerationCase", module = "anabranch", frozen, eq)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyCase(pub(crate) Case);

#[pymethods]
impl PyCase {
    /// What it is called.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// The doc string, empty when there is none.
    fn documentation(&self) -> &str {
        &self.0.documentation
    }

    fn __repr__(&self) -> String {
        format!(".{}", self.0.name)
    }
}

/// A field of a structure.
#[pyclass(name = "TypeStructureField", module = "anabranch", frozen)]
#[derive(Clone)]
pub(crate) struct PyField(pub(crate) Field);

#[pymethods]
impl PyField {
    /// What it is called.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// The doc string, empty when there is none.
    fn documentation(&self) -> &str {
        &self.0.documentation
    }

    /// What it holds.
    #[pyo3(signature = () -> "Type")]
    fn r#type<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        type_object(py, PyType::of(self.0.ty.clone()))
    }

    /// What it holds until it is set.
    #[pyo3(signature = (encoded = true) -> "typing.Any")]
    fn default_value<'py>(&self, py: Python<'py>, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
        python(py, self.0.default.clone().unwrap_or_else(|| Value::zero(&self.0.ty)), encoded)
    }

    fn __repr__(&self) -> String {
        format!("{} {}", self.0.ty, self.0.name)
    }
}

/// What an enumeration is declared from: a name and cases.
#[pyclass(name = "TypeEnumerationDescriptor", module = "anabranch", frozen)]
pub(crate) struct EnumerationDescriptor {
    pub(crate) name: String,
    pub(crate) documentation: String,
    cases: Mutex<Vec<Case>>,
}

#[pymethods]
impl EnumerationDescriptor {
    /// A descriptor without cases.
    #[new]
    #[pyo3(signature = (name, documentation = ""))]
    fn new(name: &str, documentation: &str) -> Self {
        Self { name: name.to_owned(), documentation: documentation.to_owned(), cases: Mutex::default() }
    }

    /// Adds a case after those that are there.
    #[pyo3(signature = (name, documentation = "") -> "TypeEnumerationDescriptor")]
    fn add_case<'py>(slf: &Bound<'py, Self>, name: &str, documentation: &str) -> Bound<'py, Self> {
        let case = Case { name: name.into(), documentation: documentation.into() };
        slf.get().cases.lock().unwrap_or_else(PoisonError::into_inner).push(case);
        slf.clone()
    }
}

impl EnumerationDescriptor {
    pub(crate) fn cases(&self) -> Vec<Case> {
        self.cases.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a structure is declared from: a name and fields.
#[pyclass(name = "TypeStructureDescriptor", module = "anabranch", frozen)]
pub(crate) struct StructureDescriptor {
    pub(crate) name: String,
    pub(crate) documentation: String,
    fields: Mutex<Vec<Field>>,
}

#[pymethods]
impl StructureDescriptor {
    /// A descriptor without fields.
    #[new]
    #[pyo3(signature = (name, documentation = ""))]
    fn new(name: &str, documentation: &str) -> Self {
        Self { name: name.to_owned(), documentation: documentation.to_owned(), fields: Mutex::default() }
    }

    /// Adds a field after those that are there; without a default it starts at the zero of its type.
    #[pyo3(signature = (name, r#type, default: "typing.Any" = None, documentation = "") -> "TypeStructureDescriptor")]
    fn add_field<'py>(
        slf: &Bound<'py, Self>,
        name: &str,
        r#type: TypeArgument,
        default: Option<&Bound<'py, PyAny>>,
        documentation: &str,
    ) -> Outcome<Bound<'py, Self>> {
        let ty = r#type.model()?;
        let default = default.map(|default| value_of(default, &ty)).transpose()?;
        let field = Field { name: name.into(), documentation: documentation.into(), ty, default };
        slf.get().fields.lock().unwrap_or_else(PoisonError::into_inner).push(field);
        Ok(slf.clone())
    }
}

impl StructureDescriptor {
    pub(crate) fn fields(&self) -> Vec<Field> {
        self.fields.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The fields with every type made anew by `renew`.
pub(crate) fn renewed(fields: Vec<Field>, renew: impl Fn(&Type) -> Outcome<Type>) -> Outcome<Vec<Field>> {
    fields.into_iter().map(|field| Ok(Field { ty: renew(&field.ty)?, ..field })).collect()
}
