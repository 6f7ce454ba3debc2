//! Vectors, which are lists; `vec` and `mat`, which are lists of a fixed length; tuples.

use std::sync::Arc;

use anabranch::{Type, Value};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PySlice};

use super::{Cell, Given, PyValue, Step, element, given, items, place, value_if, value_of};
use crate::error::{Failure, Outcome};
use crate::types::{PyType, TypeArgument, type_object};

/// The type of the item at a place.
fn item_type(cell: &Cell, index: usize) -> Type {
    match cell.ty() {
        Type::Vector(element) => (*element).clone(),
        Type::Vec(vec) => vec.element().as_type(),
        Type::Mat(mat) => Type::Vec(Arc::new(mat.column())),
        Type::Tuple(types) => types.get(index).cloned().unwrap_or(Type::Any),
        other => other,
    }
}

fn out_of_range() -> Failure {
    PyIndexError::new_err("index out of range").into()
}

fn at<'py>(py: Python<'py>, cell: &Cell, index: isize, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
    let place = place(index, cell.len()).ok_or_else(out_of_range)?;
    element(py, cell, Step::At(place), encoded).ok_or_else(out_of_range)?
}

fn put(cell: &Cell, index: isize, value: &Bound<'_, PyAny>) -> Outcome<()> {
    let place = place(index, cell.len()).ok_or_else(out_of_range)?;
    let given = given(value, &item_type(cell, place)).map_err(|error| inside(error, place))?;
    cell.put(Step::At(place), given)
}

/// The error of an item, with its place.
fn inside(error: Failure, place: usize) -> Failure {
    match error {
        Failure::Raised { class, code, message } => {
            Failure::Raised { class, code, message: format!("[{place}]: {message}") }
        }
        python => python,
    }
}

/// The places that a slice means, in its order.
fn places(slice: &Bound<'_, PySlice>, len: usize) -> Outcome<Vec<usize>> {
    let indices = slice.indices(isize::try_from(len).unwrap_or(isize::MAX))?;
    let places = (0..indices.slicelength).map(|n| indices.start + indices.step * n as isize);
    Ok(places.filter_map(|place| usize::try_from(place).ok()).collect())
}

fn get<'py>(py: Python<'py>, cell: &Cell, index: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
    match index.cast::<PySlice>() {
        Ok(slice) => {
            let places = places(slice, cell.len())?;
            let found = places.into_iter().filter_map(|place| element(py, cell, Step::At(place), true));
            Ok(super::list(py, found)?.into_any())
        }
        Err(_) => at(py, cell, index.extract()?, true),
    }
}

/// Where an item stands between two places, if it does.
fn find(cell: &Cell, item: &Bound<'_, PyAny>, start: usize, stop: usize) -> Option<usize> {
    cell.with(|value| {
        let items = value.as_items();
        let one = match value {
            // An item of a tuple may be of any of its types.
            Value::Tuple(_) => None,
            _ => Some(value_if(item, &item_type_of(value))?),
        };
        let is_it = |(index, other): (usize, &Value)| match &one {
            Some(one) => one == other,
            None => {
                let _: usize = index;
                value_if(item, &other.ty()).as_ref() == Some(other)
            }
        };
        let range = items.iter().enumerate().skip(start).take(stop.saturating_sub(start));
        range.clone().find(|found| is_it(*found)).map(|(index, _)| index)
    })
}

fn item_type_of(value: &Value) -> Type {
    match value {
        Value::Vector(v) => (**v.element_type()).clone(),
        Value::Vec(v) => v.vec_type().element().as_type(),
        Value::Mat(v) => Type::Vec(Arc::new(v.mat_type().column())),
        other => other.ty(),
    }
}

fn index_of(cell: &Cell, item: &Bound<'_, PyAny>, start: isize, stop: Option<isize>) -> Outcome<usize> {
    let len = cell.len();
    let bound = |index: isize| place(index, len).unwrap_or(if index < 0 { 0 } else { len });
    let found = find(cell, item, bound(start), stop.map_or(len, bound));
    found.ok_or_else(|| PyValueError::new_err("it is not among the items").into())
}

fn count(cell: &Cell, item: &Bound<'_, PyAny>) -> usize {
    let mut count = 0;
    let mut start = 0;
    while let Some(found) = find(cell, item, start, usize::MAX) {
        count += 1;
        start = found + 1;
    }
    count
}

fn iterate<'py>(py: Python<'py>, cell: &Cell) -> Outcome<Bound<'py, PyAny>> {
    Ok(items(py, cell, true)?.try_iter()?.into_any())
}

fn reversed<'py>(py: Python<'py>, cell: &Cell) -> Outcome<Bound<'py, PyAny>> {
    let items = items(py, cell, true)?;
    items.reverse()?;
    Ok(items.try_iter()?.into_any())
}

/// What a sequence answers without changing.
macro_rules! reading {
    ($class:ident) => {
        #[pymethods]
        impl $class {
            /// The item at a place; a `Value` also where Python has its own when not `encoded`.
            #[pyo3(signature = (index, encoded = true) -> "typing.Any")]
            fn at<'py>(slf: &Bound<'py, Self>, index: isize, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
                at(slf.py(), slf.as_super().get().cell(), index, encoded)
            }

            /// The place of the first item that is equal to this.
            #[pyo3(signature = (item: "typing.Any", start = 0, stop = None))]
            fn index(
                slf: &Bound<'_, Self>,
                item: &Bound<'_, PyAny>,
                start: isize,
                stop: Option<isize>,
            ) -> Outcome<usize> {
                index_of(slf.as_super().get().cell(), item, start, stop)
            }

            /// How many items are equal to this.
            #[pyo3(signature = (item: "typing.Any") -> "int")]
            fn count(slf: &Bound<'_, Self>, item: &Bound<'_, PyAny>) -> usize {
                count(slf.as_super().get().cell(), item)
            }

            fn __len__(slf: &Bound<'_, Self>) -> usize {
                slf.as_super().get().cell().len()
            }

            fn __getitem__<'py>(
                slf: &Bound<'py, Self>,
                index: &Bound<'py, PyAny>,
            ) -> Outcome<Bound<'py, PyAny>> {
                get(slf.py(), slf.as_super().get().cell(), index)
            }

            fn __iter__<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
                iterate(slf.py(), slf.as_super().get().cell())
            }

            #[pyo3(signature = () -> "typing.Iterator[typing.Any]")]
            fn __reversed__<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
                reversed(slf.py(), slf.as_super().get().cell())
            }

            fn __contains__(slf: &Bound<'_, Self>, item: &Bound<'_, PyAny>) -> bool {
                find(slf.as_super().get().cell(), item, 0, usize::MAX).is_some()
            }
        }
    };
}

/// A class over one kind of type, made from the type and what it starts with.
macro_rules! class {
    ($class:ident, $variant:ident, $doc:literal, $what:literal) => {
        #[doc = $doc]
        #[pyclass(module = "anabranch", extends = PyValue, frozen, sequence)]
        pub(crate) struct $class;

        impl $class {
            fn make(
                r#type: TypeArgument,
                initial: Option<&Bound<'_, PyAny>>,
            ) -> Outcome<PyClassInitializer<Self>> {
                let ty = r#type.model()?;
                if !matches!(ty, Type::$variant(_)) {
                    return Err(Failure::invalid(format!(concat!("{} is no ", $what), ty)));
                }
                let value = initial.map_or_else(|| Ok(Value::zero(&ty)), |it| value_of(it, &ty))?;
                Ok(PyClassInitializer::from(PyValue::new(value)).add_subclass(Self))
            }
        }
    };
}

class!(ValueVector, Vector, "A `vector`: behaves as a list.", "vector");
class!(ValueVec, Vec, "A `vec`: a fixed number of numbers; behaves as a list of that length.", "vec");
class!(ValueMat, Mat, "A `mat`: columns of numbers; behaves as a list of them.", "mat");
class!(ValueTuple, Tuple, "A `tuple`: one value for each type; behaves as a tuple.", "tuple");

#[pymethods]
impl ValueVector {
    /// A vector of a type, with these items.
    #[new]
    #[pyo3(signature = (r#type, initial = None))]
    fn new(r#type: TypeArgument, initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        Self::make(r#type, initial)
    }

    /// The type of the items.
    #[pyo3(signature = () -> "Type")]
    fn element_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        type_object(slf.py(), PyType::of(item_type(slf.as_super().get().cell(), 0)))
    }

    /// Puts an item at the end.
    #[pyo3(signature = (item: "typing.Any"))]
    fn append(slf: &Bound<'_, Self>, item: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        let given = given(item, &item_type(cell, 0))?;
        cell.splice(cell.len(), 0, vec![given])
    }

    /// Puts items at the end; all of them or, when one is refused, none.
    #[pyo3(signature = (items: "typing.Iterable[typing.Any]"))]
    fn extend(slf: &Bound<'_, Self>, items: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        let items = all(cell, items)?;
        cell.splice(cell.len(), 0, items)
    }

    /// Puts an item before the one at a place.
    #[pyo3(signature = (index, item: "typing.Any"))]
    fn insert(slf: &Bound<'_, Self>, index: isize, item: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        let len = cell.len();
        let place = place(index, len).unwrap_or(if index < 0 { 0 } else { len });
        cell.splice(place, 0, vec![given(item, &item_type(cell, 0))?])
    }

    /// Removes the item at a place, the last when none is given, and answers it.
    #[pyo3(signature = (index = -1, encoded = true) -> "typing.Any")]
    fn pop<'py>(slf: &Bound<'py, Self>, index: isize, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
        let cell = slf.as_super().get().cell();
        let place = place(index, cell.len()).ok_or_else(out_of_range)?;
        let item = at(slf.py(), cell, index, encoded)?;
        cell.splice(place, 1, Vec::new())?;
        Ok(item)
    }

    /// Removes the first item that is equal to this.
    #[pyo3(signature = (item: "typing.Any"))]
    fn remove(slf: &Bound<'_, Self>, item: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        cell.splice(index_of(cell, item, 0, None)?, 1, Vec::new())
    }

    /// Removes every item.
    fn clear(slf: &Bound<'_, Self>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        cell.splice(0, cell.len(), Vec::new())
    }

    /// Turns the order around.
    fn reverse(slf: &Bound<'_, Self>) {
        let cell = slf.as_super().get().cell();
        let order: Vec<usize> = (0..cell.len()).rev().collect();
        cell.permute(&order);
    }

    /// Puts the items into ascending order: that of the values, or of what `key` makes of each.
    #[pyo3(signature = (*, key: "typing.Callable[[typing.Any], typing.Any] | None" = None, reverse = false))]
    fn sort(slf: &Bound<'_, Self>, key: Option<&Bound<'_, PyAny>>, reverse: bool) -> Outcome<()> {
        let (py, cell) = (slf.py(), slf.as_super().get().cell());
        let mut order: Vec<usize> = (0..cell.len()).collect();
        match key {
            None => cell.with(|value| {
                let items = value.as_items();
                order.sort_by(|a, b| items[*a].cmp(&items[*b]));
                if reverse {
                    order.sort_by(|a, b| items[*b].cmp(&items[*a]));
                }
            }),
            Some(key) => {
                let keys = PyList::empty(py);
                for (index, item) in items(py, cell, true)?.iter().enumerate() {
                    keys.append((key.call1((item,))?, index))?;
                }
                keys.sort()?;
                order = keys.iter().map(|it| Ok(it.get_item(1)?.extract()?)).collect::<Outcome<_>>()?;
                if reverse {
                    order.reverse();
                }
            }
        }
        if order.len() == cell.len() {
            cell.permute(&order);
        }
        Ok(())
    }

    fn __setitem__(slf: &Bound<'_, Self>, index: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        let Ok(slice) = index.cast::<PySlice>() else {
            return put(cell, index.extract()?, value);
        };
        let (len, items) = (cell.len(), all(cell, value)?);
        let indices = slice.indices(isize::try_from(len).unwrap_or(isize::MAX))?;
        if indices.step == 1 {
            let start = usize::try_from(indices.start).unwrap_or(0);
            return cell.splice(start, indices.slicelength, items);
        }
        let places = places(slice, len)?;
        if places.len() != items.len() {
            let message = format!("{} items cannot take the places of {}", items.len(), places.len());
            return Err(PyValueError::new_err(message).into());
        }
        places.into_iter().zip(items).try_for_each(|(place, item)| cell.put(Step::At(place), item))
    }

    fn __delitem__(slf: &Bound<'_, Self>, index: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        let len = cell.len();
        let mut gone = match index.cast::<PySlice>() {
            Ok(slice) => places(slice, len)?,
            Err(_) => vec![place(index.extract()?, len).ok_or_else(out_of_range)?],
        };
        gone.sort_unstable();
        gone.into_iter().rev().try_for_each(|place| cell.splice(place, 1, Vec::new()))
    }

    fn __iadd__(slf: &Bound<'_, Self>, items: &Bound<'_, PyAny>) -> Outcome<()> {
        Self::extend(slf, items)
    }

    /// A vector of the items of both.
    fn __add__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        let copy = super::object(slf.py(), slf.as_super().get().cell().value())?;
        Self::extend(copy.cast()?, other)?;
        Ok(copy)
    }
}

/// Items for a vector.
fn all(cell: &Cell, items: &Bound<'_, PyAny>) -> Outcome<Vec<Given>> {
    let ty = item_type(cell, 0);
    let items = items.try_iter()?.enumerate();
    items.map(|(index, item)| given(&item?, &ty).map_err(|error| inside(error, index))).collect()
}

macro_rules! fixed {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// A value of a type, of these items; the zero of the type when none are given.
            #[new]
            #[pyo3(signature = (r#type, initial = None))]
            fn new(
                r#type: TypeArgument,
                initial: Option<&Bound<'_, PyAny>>,
            ) -> Outcome<PyClassInitializer<Self>> {
                Self::make(r#type, initial)
            }
        }
    )*};
}

fixed!(ValueVec, ValueMat, ValueTuple);
reading!(ValueVector);
reading!(ValueVec);
reading!(ValueMat);
reading!(ValueTuple);

macro_rules! numbers {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            fn __setitem__(slf: &Bound<'_, Self>, index: isize, value: &Bound<'_, PyAny>) -> Outcome<()> {
                put(slf.as_super().get().cell(), index, value)
            }

            fn __delitem__(&self, index: &Bound<'_, PyAny>) -> Outcome<()> {
                let _: &Bound<'_, PyAny> = index;
                Err(pyo3::exceptions::PyTypeError::new_err("its length is fixed").into())
            }

            /// The numbers as a NumPy array; a `mat` has its columns in the second axis.
            #[pyo3(signature = (dtype: "typing.Any" = None, copy: "bool | None" = None) -> "typing.Any")]
            fn __array__<'py>(
                slf: &Bound<'py, Self>,
                dtype: Option<&Bound<'py, PyAny>>,
                copy: Option<bool>,
            ) -> Outcome<Bound<'py, PyAny>> {
                let _: Option<bool> = copy;
                let value = slf.as_super().get().cell().value();
                let array = slf.py().import("numpy")?.getattr("array")?.call1((super::decoded(slf.py(), &value)?, dtype))?;
                Ok(array.getattr("T")?)
            }
        }
    )*};
}

numbers!(ValueVec, ValueMat);
