//! Values: the base class, and the way from the model's values to Python's.

mod blob;
mod cell;
mod ids;
mod map;
mod nothing;
mod number;
mod portable;
mod sequence;
mod set;
mod structure;
mod text;
mod wrap;
mod xarray;

use anabranch::model::{ContentHash, codec, json};
use anabranch::{Type, Value};
use pyo3::basic::CompareOp;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyList, PySet};

pub(crate) use blob::ValueBlob;
pub(crate) use cell::{Cell, Found, Given, Step, is_shared};
pub(crate) use ids::{
    BlobIdArgument, CommitIdArgument, ValueBlobId, ValueCommitId, ValueEnumeration, ValueKey, ValueUUId,
};
pub(crate) use map::ValueMap;
pub(crate) use nothing::{ValueAny, ValueOptional, ValueVariant};
pub(crate) use number::{
    ValueBool, ValueDouble, ValueFloat, ValueInt8, ValueInt16, ValueInt32, ValueInt64, ValueUInt8,
    ValueUInt16, ValueUInt32, ValueUInt64,
};
pub(crate) use portable::{dumps, dumps_type, loads, loads_type};
pub(crate) use sequence::{ValueMat, ValueTuple, ValueVec, ValueVector};
pub(crate) use set::ValueSet;
pub(crate) use structure::ValueStructure;
pub(crate) use text::ValueString;
pub(crate) use wrap::{decoded, element, items, object, python};
pub(crate) use xarray::ValueXArray;

use crate::definitions::DefinitionsArgument;
use crate::error::Outcome;
use crate::input::native;
use crate::types::{PyType, TypeArgument, type_object};

/// A value of any type. Each type has a class of its own below this one.
///
/// Values are shared by reference, as Python's lists and dicts are: what two names hold changes for both.
#[pyclass(name = "Value", module = "anabranch", subclass, frozen, weakref)]
pub(crate) struct PyValue {
    cell: Cell,
}

impl PyValue {
    pub(crate) fn new(value: Value) -> Self {
        Self { cell: Cell::new(value) }
    }

    pub(crate) fn of(cell: Cell) -> Self {
        Self { cell }
    }

    pub(crate) fn cell(&self) -> &Cell {
        &self.cell
    }
}

/// The value that `object` means in a place of type `ty`; one of the type already is shared with the place.
pub(crate) fn given(object: &Bound<'_, PyAny>, ty: &Type) -> Outcome<Given> {
    if let Ok(value) = object.cast::<PyValue>() {
        let cell = value.get().cell();
        if cell.with(|value| is_shared(value) && ty.admits(value)) {
            return Ok(Given::Shared(cell.clone()));
        }
    }
    Ok(Given::Value(value_of(object, ty)?))
}

/// The value that `object` means in a place of type `ty`.
pub(crate) fn value_of(object: &Bound<'_, PyAny>, ty: &Type) -> Outcome<Value> {
    Ok(Value::create(ty, native(object)?)?)
}

/// As [`value_of`], where it means nothing: nothing.
pub(crate) fn value_if(object: &Bound<'_, PyAny>, ty: &Type) -> Option<Value> {
    native(object).ok().and_then(|input| Value::create(ty, input).ok())
}

#[pymethods]
impl PyValue {
    /// The value of a type that native input means; the zero of the type when none is given.
    #[staticmethod]
    #[pyo3(signature = (r#type, initial = None) -> "Value")]
    fn create<'py>(
        py: Python<'py>,
        r#type: TypeArgument,
        initial: Option<&Bound<'py, PyAny>>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let ty = r#type.model()?;
        let value = match initial {
            Some(initial) => value_of(initial, &ty)?,
            None => Value::zero(&ty),
        };
        object(py, value)
    }

    /// The value that native input means by itself.
    #[staticmethod]
    #[pyo3(signature = (value: "typing.Any") -> "Value")]
    fn deduce<'py>(py: Python<'py>, value: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        object(py, Value::deduce(native(value)?)?)
    }

    /// The value of a type that a canonical encoding says.
    #[staticmethod]
    #[pyo3(signature = (encoded, r#type, definitions = None) -> "Value")]
    fn decode<'py>(
        py: Python<'py>,
        encoded: &[u8],
        r#type: TypeArgument,
        definitions: Option<DefinitionsArgument>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let definitions = definitions.unwrap_or_default().0;
        object(py, codec::decode_value(encoded, &r#type.model()?, &definitions)?)
    }

    /// The value of a type that a JSON text says.
    #[staticmethod]
    #[pyo3(signature = (text, r#type, definitions = None) -> "Value")]
    fn json_decode<'py>(
        py: Python<'py>,
        text: &str,
        r#type: TypeArgument,
        definitions: Option<DefinitionsArgument>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let json: serde_json::Value = serde_json::from_str(text)?;
        object(py, json::decode(&json, &r#type.model()?, &definitions.unwrap_or_default().0)?)
    }

    /// The value of a type that a text says, as `repr` writes it.
    #[staticmethod]
    #[pyo3(signature = (text, r#type, definitions = None) -> "Value")]
    fn parse<'py>(
        py: Python<'py>,
        text: &str,
        r#type: TypeArgument,
        definitions: Option<DefinitionsArgument>,
    ) -> Outcome<Bound<'py, PyAny>> {
        object(py, Value::parse(text, &r#type.model()?, &definitions.unwrap_or_default().0)?)
    }

    /// The value that `dumps` wrote.
    #[staticmethod]
    #[pyo3(signature = (dumped) -> "Value")]
    fn loads<'py>(py: Python<'py>, dumped: &[u8]) -> Outcome<Bound<'py, PyAny>> {
        object(py, loads(dumped)?)
    }

    /// The value with its type and all that the type refers to, as bytes that `loads` reads anywhere.
    fn dumps<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &dumps(&self.cell.value())?))
    }

    /// The type.
    #[pyo3(signature = () -> "Type")]
    fn r#type<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        type_object(py, PyType::of(self.cell.ty()))
    }

    /// The canonical encoding: equal values of one type, and no others, have equal encodings.
    fn encode<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.cell.with(codec::encode_value))
    }

    /// The JSON form.
    fn json_encode(&self) -> String {
        self.cell.with(json::encode).to_string()
    }

    /// A value like this one that shares nothing with it.
    #[pyo3(signature = () -> "typing.Self")]
    fn copy<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        object(py, self.cell.value())
    }

    /// The hash of the canonical encoding, as hexadecimal digits.
    fn hexdigest(&self) -> String {
        ContentHash::of(&self.cell.with(codec::encode_value)).to_string()
    }

    /// The ids of the blobs that the value refers to.
    #[pyo3(signature = () -> "set[ValueBlobId]")]
    fn collect_blob_ids<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PySet>> {
        let mut ids = Vec::new();
        self.cell.with(|value| value.visit_blob_ids(&mut |id| ids.push(id)));
        let set = PySet::empty(py)?;
        for id in ids {
            set.add(object(py, Value::BlobId(id))?)?;
        }
        Ok(set)
    }

    /// The value as a text that says its type too.
    fn description(&self) -> String {
        self.cell.with(Value::description)
    }

    /// The value as a text.
    fn representation(&self) -> String {
        self.cell.with(ToString::to_string)
    }

    /// The value as Python's own numbers, texts, lists, sets and dicts, all the way down.
    #[pyo3(signature = () -> "typing.Any")]
    fn encoded<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        decoded(py, &self.cell.value())
    }

    fn __repr__(&self) -> String {
        self.representation()
    }

    fn __richcmp__<'py>(
        &self,
        py: Python<'py>,
        other: &Bound<'py, PyAny>,
        operation: CompareOp,
    ) -> Outcome<Bound<'py, PyAny>> {
        let own = self.cell.value();
        if let Some(own) = wrap::scalar(py, &own) {
            let other = match other.cast::<PyValue>() {
                Ok(value) => wrap::scalar(py, &value.get().cell().value()),
                Err(_) => Some(other.clone()),
            };
            return Ok(match other {
                // As Python's own numbers and texts compare.
                Some(other) => own.rich_compare(other, operation)?,
                None => py.NotImplemented().into_bound(py),
            });
        }
        Ok(match wrap::alike(&own, other)? {
            Some(other) => PyBool::new(py, operation.matches(own.cmp(&other))).to_owned().into_any(),
            None => py.NotImplemented().into_bound(py),
        })
    }

    fn __hash__<'py>(&self, py: Python<'py>) -> Outcome<isize> {
        let value = self.cell.value();
        if is_shared(&value) {
            return Err(PyTypeError::new_err(format!("unhashable type: {}", value.ty())).into());
        }
        wrap::hash(py, &value)
    }

    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> Outcome<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let py = slf.py();
        let loads = py.get_type::<PyValue>().getattr("loads")?;
        Ok((loads, (slf.get().dumps(py)?,)))
    }

    #[pyo3(signature = () -> "typing.Self")]
    fn __copy__<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        self.copy(py)
    }

    #[pyo3(signature = (memo: "typing.Any" = None) -> "typing.Self")]
    fn __deepcopy__<'py>(
        &self,
        py: Python<'py>,
        memo: Option<&Bound<'py, PyAny>>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let _: Option<&Bound<'_, PyAny>> = memo;
        self.copy(py)
    }

    /// For notebooks.
    fn _repr_html_(&self) -> String {
        let text = self.representation().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let ty = self.cell.ty().to_string().replace('<', "&lt;").replace('>', "&gt;");
        format!("<code title=\"{ty}\">{text}</code>")
    }
}

/// Lists or dicts that a container's class makes of itself.
pub(crate) fn list<'py>(
    py: Python<'py>,
    items: impl IntoIterator<Item = Outcome<Bound<'py, PyAny>>>,
) -> Outcome<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for item in items {
        list.append(item?)?;
    }
    Ok(list)
}

/// A dict of values that Python can use as keys.
pub(crate) fn dict<'py>(
    py: Python<'py>,
    entries: impl IntoIterator<Item = Outcome<(Bound<'py, PyAny>, Bound<'py, PyAny>)>>,
) -> Outcome<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for entry in entries {
        let (key, value) = entry?;
        dict.set_item(key, value)?;
    }
    Ok(dict)
}

/// The place that a Python index means in `len` items; none outside.
pub(crate) fn place(index: isize, len: usize) -> Option<usize> {
    let place = if index < 0 { index.checked_add_unsigned(len)? } else { index };
    usize::try_from(place).ok().filter(|place| *place < len)
}
