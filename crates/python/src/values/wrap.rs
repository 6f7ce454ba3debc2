//! The model's values as Python objects, and their comparison with Python's own.

use anabranch::Value;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple, PyType,
};

use super::{
    Cell, Found, PyValue, Step, ValueAny, ValueBlob, ValueBlobId, ValueBool, ValueCommitId, ValueDouble,
    ValueEnumeration, ValueFloat, ValueInt8, ValueInt16, ValueInt32, ValueInt64, ValueKey, ValueMap,
    ValueMat, ValueOptional, ValueSet, ValueString, ValueStructure, ValueTuple, ValueUInt8, ValueUInt16,
    ValueUInt32, ValueUInt64, ValueUUId, ValueVariant, ValueVec, ValueVector, ValueXArray, value_if,
};
use crate::error::Outcome;

/// A value as an object of its class, whatever it is.
pub(crate) fn object(py: Python<'_>, value: Value) -> Outcome<Bound<'_, PyAny>> {
    cell_object(py, Cell::new(value))
}

macro_rules! classes {
    ($py:expr, $cell:expr, $($variant:ident => $class:expr,)*) => {{
        enum Class { $($variant,)* Blob, Structure(std::sync::Arc<anabranch::model::Structure>) }
        let class = $cell.with(|value| match value {
            $(Value::$variant(..) => Class::$variant,)*
            Value::Blob(_) => Class::Blob,
            Value::Structure(value) => Class::Structure(value.structure().clone()),
        });
        let base = PyClassInitializer::from(PyValue::of($cell));
        match class {
            $(Class::$variant => Ok(Bound::new($py, base.add_subclass($class))?.into_any()),)*
            Class::Blob => blob($py, Bound::new($py, base.add_subclass(ValueBlob::fresh()))?.as_any()),
            Class::Structure(structure) => {
                Ok(Bound::new($py, base.add_subclass(ValueStructure::of(structure)))?.into_any())
            }
        }
    }};
}

/// A blob as an object of the class that has a buffer, which is written in Python. Both share the bytes.
fn blob<'py>(py: Python<'py>, bare: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    Ok(CLASS.import(py, "anabranch.blobs", "ValueBlob")?.call1((bare,))?)
}

/// The object of a cell.
pub(crate) fn cell_object(py: Python<'_>, cell: Cell) -> Outcome<Bound<'_, PyAny>> {
    classes! { py, cell,
        Bool => ValueBool,
        Int8 => ValueInt8,
        Int16 => ValueInt16,
        Int32 => ValueInt32,
        Int64 => ValueInt64,
        UInt8 => ValueUInt8,
        UInt16 => ValueUInt16,
        UInt32 => ValueUInt32,
        UInt64 => ValueUInt64,
        Float => ValueFloat,
        Double => ValueDouble,
        String => ValueString,
        Uuid => ValueUUId,
        BlobId => ValueBlobId,
        CommitId => ValueCommitId,
        Any => ValueAny,
        Vec => ValueVec,
        Mat => ValueMat,
        Tuple => ValueTuple,
        Optional => ValueOptional,
        Vector => ValueVector,
        Set => ValueSet,
        Map => ValueMap,
        XArray => ValueXArray,
        Variant => ValueVariant,
        Key => ValueKey,
        Enumeration => ValueEnumeration,
    }
}

/// A value as Python has it: a number or text as such, and an object of its class otherwise; always the latter when
/// not `encoded`.
pub(crate) fn python(py: Python<'_>, value: Value, encoded: bool) -> Outcome<Bound<'_, PyAny>> {
    match scalar(py, &value) {
        Some(scalar) if encoded => Ok(scalar),
        _ => object(py, value),
    }
}

/// What was found in a container, as [`python`].
pub(crate) fn found(py: Python<'_>, found: Found, encoded: bool) -> Outcome<Bound<'_, PyAny>> {
    match found {
        Found::Value(value) => python(py, value, encoded),
        Found::Cell(cell) => cell_object(py, cell),
    }
}

/// What stands one step inside a container, as [`python`]; none where nothing does.
pub(crate) fn element<'py>(
    py: Python<'py>,
    cell: &Cell,
    step: Step,
    encoded: bool,
) -> Option<Outcome<Bound<'py, PyAny>>> {
    cell.find(step).map(|it| found(py, it, encoded))
}

/// The items of a sequence, as [`python`].
pub(crate) fn items<'py>(py: Python<'py>, cell: &Cell, encoded: bool) -> Outcome<Bound<'py, PyList>> {
    super::list(py, (0..cell.len()).filter_map(|index| element(py, cell, Step::At(index), encoded)))
}

pub(super) fn scalar<'py>(py: Python<'py>, value: &Value) -> Option<Bound<'py, PyAny>> {
    Some(match value {
        Value::Bool(v) => PyBool::new(py, *v).to_owned().into_any(),
        Value::Int8(v) => PyInt::new(py, *v).into_any(),
        Value::Int16(v) => PyInt::new(py, *v).into_any(),
        Value::Int32(v) => PyInt::new(py, *v).into_any(),
        Value::Int64(v) => PyInt::new(py, *v).into_any(),
        Value::UInt8(v) => PyInt::new(py, *v).into_any(),
        Value::UInt16(v) => PyInt::new(py, *v).into_any(),
        Value::UInt32(v) => PyInt::new(py, *v).into_any(),
        Value::UInt64(v) => PyInt::new(py, *v).into_any(),
        Value::Float(v) => PyFloat::new(py, f64::from(*v)).into_any(),
        Value::Double(v) => PyFloat::new(py, *v).into_any(),
        Value::String(v) => PyString::new(py, v).into_any(),
        _ => return None,
    })
}

/// A value as Python's own objects, all the way down: bytes, `uuid.UUID`, texts for ids and cases, lists, tuples,
/// sets (lists, where a member has no hash), dicts, `None`. A key stays a key: nothing of Python's says as much.
pub(crate) fn decoded<'py>(py: Python<'py>, value: &Value) -> Outcome<Bound<'py, PyAny>> {
    if let Some(scalar) = scalar(py, value) {
        return Ok(scalar);
    }
    let all = |values: &[Value]| super::list(py, values.iter().map(|value| decoded(py, value)));
    Ok(match value {
        Value::Uuid(v) => uuid_object(py, *v)?,
        Value::Blob(v) => PyBytes::new(py, v).into_any(),
        Value::Enumeration(v) => PyString::new(py, v.name()).into_any(),
        Value::Key(_) => object(py, value.clone())?,
        Value::Vec(v) => all(v.items())?.into_any(),
        Value::Mat(v) => all(v.columns())?.into_any(),
        Value::Vector(v) => all(v.items())?.into_any(),
        Value::Tuple(v) => all(v.items())?.to_tuple().into_any(),
        Value::Set(v) => {
            let members = all(v.items())?;
            PySet::new(py, members.iter()).map_or_else(|_| members.into_any(), Bound::into_any)
        }
        Value::Map(v) => {
            let entries = v.entries().iter().map(|(key, value)| {
                let key = decoded(py, key)?;
                let key = if key.hash().is_ok() {
                    key
                } else {
                    PyString::new(py, &key.repr()?.to_string()).into_any()
                };
                Ok((key, decoded(py, value)?))
            });
            super::dict(py, entries)?.into_any()
        }
        Value::XArray(v) => super::list(py, v.values().map(|value| decoded(py, value)))?.into_any(),
        Value::Structure(v) => {
            let fields = v.structure().fields().iter().zip(v.fields());
            let entries = fields
                .map(|(field, value)| Ok((PyString::new(py, &field.name).into_any(), decoded(py, value)?)));
            super::dict(py, entries)?.into_any()
        }
        Value::Optional(_) | Value::Any(_) | Value::Variant(_) => match value.unwrapped() {
            Some(inner) => decoded(py, inner)?,
            None => py.None().into_bound(py),
        },
        other => PyString::new(py, &other.to_string()).into_any(),
    })
}

fn uuid_object(py: Python<'_>, uuid: anabranch::Uuid) -> Outcome<Bound<'_, PyAny>> {
    let keywords = PyDict::new(py);
    keywords.set_item("int", uuid.as_u128())?;
    Ok(py.import("uuid")?.getattr("UUID")?.call((), Some(&keywords))?)
}

/// What `other` is as a value that `own` can be compared with: a value, or what of Python's own it resembles.
pub(super) fn alike(own: &Value, other: &Bound<'_, PyAny>) -> Outcome<Option<Value>> {
    let ty = own.ty();
    if let Ok(other) = other.cast::<PyValue>() {
        let other = other.get().cell().value();
        let is_alike = other.ty() == ty || matches!((own, &other), (Value::Key(_), Value::Key(_)));
        return Ok(is_alike.then_some(other));
    }
    let resembles = match own {
        Value::Uuid(_) => other.get_type().name()? == "UUID",
        Value::Blob(_) => crate::input::bytes(other)?.is_some(),
        Value::Vector(_) | Value::XArray(_) => other.is_instance_of::<PyList>(),
        Value::Vec(_) | Value::Mat(_) => {
            other.is_instance_of::<PyList>() || other.is_instance_of::<PyTuple>()
        }
        Value::Tuple(_) => other.is_instance_of::<PyTuple>(),
        Value::Set(_) => other.is_instance_of::<PySet>() || other.is_instance_of::<PyFrozenSet>(),
        Value::Map(_) | Value::Structure(_) => other.is_instance_of::<PyDict>(),
        Value::Optional(_) | Value::Any(_) | Value::Variant(_) => true,
        _ => false,
    };
    if !resembles {
        return Ok(None);
    }
    let Some(value) = value_if(other, &ty) else { return Ok(None) };
    Ok(match (own, &value) {
        // The elements are what counts: fresh positions would never be equal.
        (Value::XArray(own), Value::XArray(given)) if own.values().eq(given.values()) => {
            Some(Value::XArray(own.clone()))
        }
        (Value::Structure(_), _) if other.len().ok() != Some(own_fields(own)) => None,
        _ => Some(value),
    })
}

fn own_fields(value: &Value) -> usize {
    match value {
        Value::Structure(v) => v.fields().len(),
        _ => 0,
    }
}

/// The hash of a value that cannot change: that of what of Python's own it is equal to.
pub(super) fn hash(py: Python<'_>, value: &Value) -> Outcome<isize> {
    if let Some(scalar) = scalar(py, value) {
        return Ok(scalar.hash()?);
    }
    Ok(match value {
        Value::Uuid(v) => uuid_object(py, *v)?.hash()?,
        Value::Blob(v) => PyBytes::new(py, v).hash()?,
        Value::Tuple(v) => {
            let items = super::list(py, v.items().iter().map(|item| python(py, item.clone(), true)))?;
            items.to_tuple().hash()?
        }
        other => PyBytes::new(py, &anabranch::model::codec::encode_value(other)).hash()?,
    })
}
