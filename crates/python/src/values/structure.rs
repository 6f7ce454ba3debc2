//! Structures: fields are attributes.

use std::sync::Arc;

use anabranch::model::Structure;
use anabranch::{Type, Value};
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString};

use super::{Cell, PyValue, Step, element, given, value_of};
use crate::error::{Failure, Outcome};
use crate::types::{PyType, TypeArgument, type_object};

/// A structure: its fields are its attributes.
///
/// A field comes before a method of the same name; `Value.copy(document)` calls a method that a field `copy` hides.
#[pyclass(module = "anabranch", extends = PyValue, frozen)]
pub(crate) struct ValueStructure {
    structure: Arc<Structure>,
}

impl ValueStructure {
    pub(super) const fn of(structure: Arc<Structure>) -> Self {
        Self { structure }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.structure.field_index(name)
    }

    fn missing(&self, name: &str) -> Failure {
        // The model's own words, which know what was meant.
        let mut value = anabranch::model::StructureValue::initial(self.structure.clone());
        let message = value.set(name, Value::Bool(false)).err().map_or_else(String::new, |e| e.to_string());
        PyAttributeError::new_err(message).into()
    }

    fn put(&self, cell: &Cell, name: &str, value: &Bound<'_, PyAny>) -> Outcome<()> {
        let place = self.place(name).ok_or_else(|| self.missing(name))?;
        let given = given(value, &self.structure.fields()[place].ty).map_err(|error| match error {
            Failure::Raised { class, code, message } if message.starts_with(['.', '[']) => {
                Failure::Raised { class, code, message: format!(".{name}{message}") }
            }
            Failure::Raised { class, code, message } => {
                Failure::Raised { class, code, message: format!(".{name}: {message}") }
            }
            python => python,
        })?;
        cell.put(Step::At(place), given)
    }
}

/// `object.__getattribute__`, for what is no field.
fn attribute<'py>(slf: &Bound<'py, PyAny>, name: &Bound<'py, PyString>) -> Outcome<Bound<'py, PyAny>> {
    static GENERIC: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let generic = GENERIC.get_or_try_init(slf.py(), || {
        Ok::<_, PyErr>(slf.py().import("builtins")?.getattr("object")?.getattr("__getattribute__")?.unbind())
    })?;
    Ok(generic.bind(slf.py()).call1((slf, name))?)
}

#[pymethods]
impl ValueStructure {
    /// A structure of a type, with these fields; the others keep their defaults.
    #[new]
    #[pyo3(signature = (r#type, initial = None, **fields: "typing.Any"))]
    fn new(
        r#type: TypeArgument,
        initial: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> Outcome<PyClassInitializer<Self>> {
        let ty = r#type.model()?;
        let Type::Structure(structure) = &ty else {
            return Err(Failure::invalid(format!("{ty} is no structure")));
        };
        let this = Self::of(structure.clone());
        let cell = Cell::new(initial.map_or_else(|| Ok(Value::zero(&ty)), |it| value_of(it, &ty))?);
        for (name, value) in fields.into_iter().flatten() {
            this.put(&cell, name.cast::<PyString>()?.to_cow()?.as_ref(), &value)?;
        }
        Ok(PyClassInitializer::from(PyValue::of(cell)).add_subclass(this))
    }

    /// The field of a name; a `Value` also where Python has its own when not `encoded`.
    #[pyo3(signature = (name, encoded = true) -> "typing.Any")]
    fn at<'py>(slf: &Bound<'py, Self>, name: &str, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
        let place = slf.get().place(name).ok_or_else(|| slf.get().missing(name))?;
        element(slf.py(), slf.as_super().get().cell(), Step::At(place), encoded)
            .ok_or_else(|| slf.get().missing(name))?
    }

    /// Makes the field of a name a value.
    #[pyo3(signature = (name, value: "typing.Any"))]
    fn set(slf: &Bound<'_, Self>, name: &str, value: &Bound<'_, PyAny>) -> Outcome<()> {
        slf.get().put(slf.as_super().get().cell(), name, value)
    }

    /// The structure's type.
    #[pyo3(signature = () -> "TypeStructure")]
    fn type_structure<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        type_object(slf.py(), PyType::of(Type::Structure(slf.get().structure.clone())))
    }

    fn __getattribute__<'py>(
        slf: &Bound<'py, Self>,
        name: &Bound<'py, PyString>,
    ) -> Outcome<Bound<'py, PyAny>> {
        match slf.get().place(name.to_cow()?.as_ref()) {
            Some(place) => element(slf.py(), slf.as_super().get().cell(), Step::At(place), true)
                .ok_or_else(|| Failure::not_found("the field is gone"))?,
            None => attribute(slf.as_any(), name),
        }
    }

    /// What is neither field nor method: the error says what was meant.
    fn __getattr__<'py>(&self, name: &str) -> Outcome<Bound<'py, PyAny>> {
        Err(self.missing(name))
    }

    fn __setattr__(
        slf: &Bound<'_, Self>,
        name: &Bound<'_, PyString>,
        value: &Bound<'_, PyAny>,
    ) -> Outcome<()> {
        slf.get().put(slf.as_super().get().cell(), name.to_cow()?.as_ref(), value)
    }

    fn __delattr__(slf: &Bound<'_, Self>, name: &str) -> Outcome<()> {
        let name = slf.get().structure.name().to_string() + "." + name;
        Err(PyAttributeError::new_err(format!("{name} cannot be removed: a structure has all its fields"))
            .into())
    }

    #[pyo3(signature = () -> "list[str]")]
    fn __dir__<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyList>> {
        let names = slf.py().import("builtins")?.getattr("object")?.call_method1("__dir__", (slf,))?;
        let names = names.cast_into::<PyList>().map_err(PyErr::from)?;
        for field in slf.get().structure.fields() {
            names.append(&*field.name)?;
        }
        Ok(names)
    }
}
