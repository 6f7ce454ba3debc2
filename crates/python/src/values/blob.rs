//! Bytes inside documents.

use anabranch::{Type, Value};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PySlice};

use super::{PyValue, place, value_of};
use crate::error::Outcome;

/// What `ValueBlob` stands on: all of it but the buffer (`anabranch/blobs.py`).
#[pyclass(name = "_ValueBlob", module = "anabranch._native", extends = PyValue, frozen, subclass)]
pub(crate) struct ValueBlob {
    /// What was given to Python, so that every view of it is one and the same memory.
    bytes: pyo3::sync::PyOnceLock<Py<PyBytes>>,
}

impl ValueBlob {
    pub(crate) const fn fresh() -> Self {
        Self { bytes: pyo3::sync::PyOnceLock::new() }
    }
}

#[pymethods]
impl ValueBlob {
    /// The bytes of a bytes-like object; none when none is given.
    #[new]
    #[pyo3(signature = (initial = None))]
    fn new(initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        let value = match initial {
            Some(initial) => value_of(initial, &Type::Blob)?,
            None => Value::zero(&Type::Blob),
        };
        Ok(PyClassInitializer::from(PyValue::new(value)).add_subclass(Self::fresh()))
    }

    /// The value as Python has it.
    #[pyo3(signature = () -> "bytes")]
    fn value<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyBytes> {
        let made = slf.get().bytes.get_or_init(slf.py(), || {
            slf.as_super()
                .get()
                .cell()
                .with(|value| PyBytes::new(slf.py(), value.as_bytes().unwrap_or_default()).unbind())
        });
        made.bind(slf.py()).clone()
    }

    #[pyo3(signature = () -> "bytes")]
    fn __bytes__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyBytes> {
        Self::value(slf)
    }

    fn __len__(slf: &Bound<'_, Self>) -> usize {
        slf.as_super().get().cell().with(|value| value.as_bytes().map_or(0, <[u8]>::len))
    }

    /// A byte, or the bytes of a slice.
    fn __getitem__<'py>(slf: &Bound<'py, Self>, index: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        let bytes = Self::value(slf);
        if index.is_instance_of::<PySlice>() {
            return Ok(bytes.get_item(index)?);
        }
        match place(index.extract()?, bytes.as_bytes().len()) {
            Some(place) => Ok(bytes.get_item(place)?),
            None => Err(PyIndexError::new_err("index out of range").into()),
        }
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        Ok(Self::value(slf).try_iter()?.into_any())
    }

    /// Whether this byte, or this run of bytes, is among the bytes.
    fn __contains__<'py>(slf: &Bound<'py, Self>, item: &Bound<'py, PyAny>) -> Outcome<bool> {
        Ok(Self::value(slf).contains(item)?)
    }
}
