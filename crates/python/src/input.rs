//! What Python gives, as input for values.

use anabranch::model::{Native, Uuid, Value};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMapping, PyMemoryView,
    PySet, PyString, PyTuple, PyType,
};

use crate::error::{Failure, Outcome};
use crate::values::PyValue;

/// Native Python as the model's input. Values are taken as they stand.
pub(crate) fn native(object: &Bound<'_, PyAny>) -> Outcome<Native> {
    at_depth(object, 0)
}

/// The UUID that an object says: a `uuid.UUID`, a `ValueUUId` or a text.
pub(crate) fn uuid(object: &Bound<'_, PyAny>) -> Outcome<Uuid> {
    match Value::create(&anabranch::Type::Uuid, native(object)?)? {
        Value::Uuid(uuid) => Ok(uuid),
        other => Err(Failure::invalid(format!("{other} is not a UUID"))),
    }
}

fn at_depth(object: &Bound<'_, PyAny>, depth: usize) -> Outcome<Native> {
    if depth >= anabranch::model::MAX_DEPTH {
        return Err(Failure::invalid("values nest at most 64 deep"));
    }
    let items = |items: &mut dyn Iterator<Item = PyResult<Bound<'_, PyAny>>>| -> Outcome<Vec<Native>> {
        items.map(|item| at_depth(&item?, depth + 1)).collect()
    };
    if let Ok(value) = object.cast::<PyValue>() {
        return Ok(Native::Value(value.get().cell().value()));
    }
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Native::String(text.to_cow()?.into_owned()));
    }
    if object.is_none() {
        return Ok(Native::None);
    }
    // Before whole numbers, which it also is.
    if let Ok(flag) = object.cast::<PyBool>() {
        return Ok(Native::Bool(flag.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        return whole(object);
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Native::Float(number.value()));
    }
    if let Ok(list) = object.cast::<PyList>() {
        return Ok(Native::List(items(&mut list.iter().map(Ok))?));
    }
    if let Ok(dict) = object.cast::<PyDict>() {
        let entries =
            dict.iter().map(|(key, value)| Ok((at_depth(&key, depth + 1)?, at_depth(&value, depth + 1)?)));
        return Ok(Native::Map(entries.collect::<Outcome<_>>()?));
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return Ok(Native::Tuple(items(&mut tuple.iter().map(Ok))?));
    }
    if object.is_instance_of::<PySet>() || object.is_instance_of::<PyFrozenSet>() {
        return Ok(Native::Set(items(&mut object.try_iter()?)?));
    }
    if let Some(bytes) = bytes(object)? {
        return Ok(Native::Bytes(bytes));
    }
    if object.is_instance(uuid_class(object.py())?)? {
        let number: u128 = object.getattr("int")?.extract()?;
        return Ok(Native::Value(Value::Uuid(Uuid::from_u128(number))));
    }
    foreign(object, depth)
}

/// Objects of other libraries, by what they can do: NumPy's numbers and arrays, mappings, iterables.
fn foreign(object: &Bound<'_, PyAny>, depth: usize) -> Outcome<Native> {
    if object.hasattr("tolist")? {
        return at_depth(&object.call_method0("tolist")?, depth + 1);
    }
    if object.hasattr("__index__")? {
        return whole(object);
    }
    if object.hasattr("__float__")? {
        return Ok(Native::Float(object.extract()?));
    }
    if let Ok(mapping) = object.cast::<PyMapping>() {
        let mut entries = Vec::new();
        for entry in mapping.items()?.iter() {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = entry.extract()?;
            entries.push((at_depth(&key, depth + 1)?, at_depth(&value, depth + 1)?));
        }
        return Ok(Native::Map(entries));
    }
    if let Ok(items) = object.try_iter() {
        return Ok(Native::List(items.map(|item| at_depth(&item?, depth + 1)).collect::<Outcome<_>>()?));
    }
    let name = object.get_type().name()?;
    Err(Failure::invalid(format!(
        "a Python `{name}` is no value; give numbers, texts, bytes, lists, sets, dicts, None"
    )))
}

fn whole(object: &Bound<'_, PyAny>) -> Outcome<Native> {
    object
        .extract::<i128>()
        .map(Native::Int)
        .map_err(|_| Failure::invalid(format!("{object} is out of range for every type")))
}

/// The bytes of a bytes-like object; none for others.
pub(crate) fn bytes(object: &Bound<'_, PyAny>) -> Outcome<Option<Vec<u8>>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(Some(bytes.as_bytes().to_vec()));
    }
    if let Ok(bytes) = object.cast::<PyByteArray>() {
        return Ok(Some(bytes.to_vec()));
    }
    if object.is_instance_of::<PyMemoryView>() {
        return Ok(Some(object.call_method0("tobytes")?.cast::<PyBytes>()?.as_bytes().to_vec()));
    }
    Ok(None)
}

fn uuid_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "uuid", "UUID")
}
