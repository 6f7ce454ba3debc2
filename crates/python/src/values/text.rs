//! Texts as values of a type.

use anabranch::{Type, Value};
use pyo3::prelude::*;

use super::{PyValue, value_of};
use crate::error::Outcome;

/// A `string`.
#[pyclass(module = "anabranch", extends = PyValue, frozen)]
pub(crate) struct ValueString;

#[pymethods]
impl ValueString {
    #[new]
    #[pyo3(signature = (initial = None))]
    fn new(initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        let value = match initial {
            Some(initial) => value_of(initial, &Type::String)?,
            None => Value::zero(&Type::String),
        };
        Ok(PyClassInitializer::from(PyValue::new(value)).add_subclass(Self))
    }

    /// The value as Python has it.
    fn value(slf: &Bound<'_, Self>) -> String {
        slf.as_super().get().cell().with(|value| value.as_str().unwrap_or_default().to_owned())
    }

    fn __str__(slf: &Bound<'_, Self>) -> String {
        Self::value(slf)
    }

    fn __len__(slf: &Bound<'_, Self>) -> usize {
        Self::value(slf).chars().count()
    }

    fn __contains__(slf: &Bound<'_, Self>, text: &str) -> bool {
        Self::value(slf).contains(text)
    }
}
