//! Elements at stable positions.

use anabranch::model::XArrayValue;
use anabranch::{Type, Uuid, Value};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::{Cell, Given, PyValue, Step, element, given, object, value_if, value_of};
use crate::error::{Failure, Outcome};
use crate::input;
use crate::types::{PyType, TypeArgument, type_object};

/// An `xarray`: elements in an order, each at a position that stays its own whatever comes and goes around it.
///
/// Iterates over the elements; by position it behaves as a dict.
#[pyclass(module = "anabranch", extends = PyValue, frozen, mapping)]
pub(crate) struct ValueXArray;

fn element_type(cell: &Cell) -> Type {
    match cell.ty() {
        Type::XArray(element) => (*element).clone(),
        other => other,
    }
}

fn look<R>(cell: &Cell, look: impl FnOnce(&XArrayValue) -> R) -> Outcome<R> {
    cell.with(|value| match value {
        Value::XArray(xarray) => Ok(look(xarray)),
        other => Err(Failure::invalid(format!("{} is no xarray", other.ty()))),
    })
}

fn change<R>(cell: &Cell, gone: &[Step], change: impl FnOnce(&mut XArrayValue) -> Outcome<R>) -> Outcome<R> {
    cell.edit(gone, |value| match value {
        Value::XArray(xarray) => change(xarray),
        other => Err(Failure::invalid(format!("{} is no xarray", other.ty()))),
    })
}

fn positions(cell: &Cell) -> Outcome<Vec<Uuid>> {
    look(cell, |xarray| xarray.elements().map(|(position, _)| position).collect())
}

fn missing(position: Uuid) -> Failure {
    PyKeyError::new_err(format!("there is no element at position {position}")).into()
}

/// Puts an element at a new position before another, or at the end.
fn insert(cell: &Cell, before: Uuid, position: Uuid, given: Given) -> Outcome<()> {
    if position.is_nil() {
        return Err(Failure::invalid("the zero id is no position; it stands for the end"));
    }
    let zero = Value::zero(&element_type(cell));
    change(cell, &[], |xarray| {
        if xarray.knows(position) {
            return Err(Failure::invalid(format!("position {position} is known already")));
        }
        if !xarray.insert(before, position) {
            return Err(missing(before));
        }
        xarray.set(position, zero)?;
        Ok(())
    })?;
    cell.put(Step::Position(position), given)
}

#[pymethods]
impl ValueXArray {
    /// The position that stands for the end.
    #[classattr]
    #[pyo3(name = "END")]
    fn end(py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(object(py, Value::Uuid(Uuid::nil()))?.unbind())
    }

    /// An xarray of a type, with these elements at fresh positions.
    #[new]
    #[pyo3(signature = (r#type, initial = None))]
    fn new(r#type: TypeArgument, initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        let ty = r#type.model()?;
        if !matches!(ty, Type::XArray(_)) {
            return Err(Failure::invalid(format!("{ty} is no xarray")));
        }
        let value = initial.map_or_else(|| Ok(Value::zero(&ty)), |it| value_of(it, &ty))?;
        Ok(PyClassInitializer::from(PyValue::new(value)).add_subclass(Self))
    }

    /// The type of the elements.
    #[pyo3(signature = () -> "Type")]
    fn element_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        type_object(slf.py(), PyType::of(element_type(slf.as_super().get().cell())))
    }

    /// The positions that have an element, in order.
    #[pyo3(signature = () -> "list[ValueUUId]")]
    fn positions<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyList>> {
        let positions = positions(slf.as_super().get().cell())?;
        super::list(slf.py(), positions.into_iter().map(|position| object(slf.py(), Value::Uuid(position))))
    }

    /// The positions of removed elements, in order.
    #[pyo3(signature = () -> "list[ValueUUId]")]
    fn removed_positions<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyList>> {
        let removed: Vec<Uuid> = look(slf.as_super().get().cell(), |xarray| {
            xarray
                .slots()
                .iter()
                .filter(|(_, value)| value.is_none())
                .map(|(position, _)| *position)
                .collect()
        })?;
        super::list(slf.py(), removed.into_iter().map(|position| object(slf.py(), Value::Uuid(position))))
    }

    /// Whether the position has, or had, an element.
    #[pyo3(signature = (position: "typing.Any") -> "bool")]
    fn knows(slf: &Bound<'_, Self>, position: &Bound<'_, PyAny>) -> Outcome<bool> {
        let position = input::uuid(position)?;
        look(slf.as_super().get().cell(), |xarray| xarray.knows(position))
    }

    /// The element at a position.
    #[pyo3(signature = (position: "typing.Any", encoded = true) -> "typing.Any")]
    fn at<'py>(
        slf: &Bound<'py, Self>,
        position: &Bound<'py, PyAny>,
        encoded: bool,
    ) -> Outcome<Bound<'py, PyAny>> {
        let position = input::uuid(position)?;
        let found = element(slf.py(), slf.as_super().get().cell(), Step::Position(position), encoded);
        found.ok_or_else(|| missing(position))?
    }

    /// The elements, in order.
    #[pyo3(signature = (encoded = true) -> "list[typing.Any]")]
    fn values<'py>(slf: &Bound<'py, Self>, encoded: bool) -> Outcome<Bound<'py, PyList>> {
        let (py, cell) = (slf.py(), slf.as_super().get().cell());
        let elements = positions(cell)?.into_iter().map(Step::Position);
        super::list(py, elements.filter_map(|step| element(py, cell, step, encoded)))
    }

    /// Positions and elements, in order.
    #[pyo3(signature = (encoded = true) -> "list[tuple[ValueUUId, typing.Any]]")]
    fn items<'py>(slf: &Bound<'py, Self>, encoded: bool) -> Outcome<Bound<'py, PyList>> {
        let (py, cell) = (slf.py(), slf.as_super().get().cell());
        let entries = positions(cell)?.into_iter().filter_map(|position| {
            let found = element(py, cell, Step::Position(position), encoded)?;
            Some(found.and_then(|found| {
                Ok(PyTuple::new(py, [object(py, Value::Uuid(position))?, found])?.into_any())
            }))
        });
        super::list(py, entries)
    }

    /// Puts an element before the one at a position, and answers its own.
    #[pyo3(signature = (before: "typing.Any", value: "typing.Any", position: "typing.Any" = None) -> "ValueUUId")]
    fn insert<'py>(
        slf: &Bound<'py, Self>,
        before: &Bound<'py, PyAny>,
        value: &Bound<'py, PyAny>,
        position: Option<&Bound<'py, PyAny>>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let cell = slf.as_super().get().cell();
        let position = position.map_or_else(|| Ok(Uuid::new_v4()), input::uuid)?;
        insert(cell, input::uuid(before)?, position, given(value, &element_type(cell))?)?;
        object(slf.py(), Value::Uuid(position))
    }

    /// Puts an element at the end, and answers its position.
    #[pyo3(signature = (value: "typing.Any", position: "typing.Any" = None) -> "ValueUUId")]
    fn append<'py>(
        slf: &Bound<'py, Self>,
        value: &Bound<'py, PyAny>,
        position: Option<&Bound<'py, PyAny>>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let cell = slf.as_super().get().cell();
        let position = position.map_or_else(|| Ok(Uuid::new_v4()), input::uuid)?;
        insert(cell, Uuid::nil(), position, given(value, &element_type(cell))?)?;
        object(slf.py(), Value::Uuid(position))
    }

    /// Puts an element at a known position; a removed one comes back in its place.
    #[pyo3(signature = (position: "typing.Any", value: "typing.Any"))]
    fn set(slf: &Bound<'_, Self>, position: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        let (position, given) = (input::uuid(position)?, given(value, &element_type(cell))?);
        if !look(cell, |xarray| xarray.knows(position))? {
            return Err(missing(position));
        }
        cell.put(Step::Position(position), given)
    }

    /// Removes the element at a position, which stays known.
    #[pyo3(signature = (position: "typing.Any"))]
    fn remove(slf: &Bound<'_, Self>, position: &Bound<'_, PyAny>) -> Outcome<()> {
        let (cell, position) = (slf.as_super().get().cell(), input::uuid(position)?);
        if look(cell, |xarray| xarray.get(position).is_none())? {
            return Err(missing(position));
        }
        change(cell, &[Step::Position(position)], |xarray| {
            xarray.remove(position);
            Ok(())
        })
    }

    fn __len__(slf: &Bound<'_, Self>) -> usize {
        slf.as_super().get().cell().len()
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        Ok(Self::values(slf, true)?.try_iter()?.into_any())
    }

    /// Whether an element is equal to this.
    fn __contains__(slf: &Bound<'_, Self>, item: &Bound<'_, PyAny>) -> Outcome<bool> {
        let cell = slf.as_super().get().cell();
        match value_if(item, &element_type(cell)) {
            Some(item) => look(cell, |xarray| xarray.values().any(|element| *element == item)),
            None => Ok(false),
        }
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, position: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        Self::at(slf, position, true)
    }

    fn __setitem__(
        slf: &Bound<'_, Self>,
        position: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> Outcome<()> {
        Self::set(slf, position, value)
    }

    fn __delitem__(slf: &Bound<'_, Self>, position: &Bound<'_, PyAny>) -> Outcome<()> {
        Self::remove(slf, position)
    }
}
