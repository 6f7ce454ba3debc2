//! Maps.

use std::sync::Arc;

use anabranch::model::{MapType, MapValue, SetValue};
use anabranch::{Type, Value};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use super::{Cell, PyValue, Step, element, given, python, value_if, value_of};
use crate::error::{Failure, Outcome};
use crate::types::{PyType, TypeArgument, type_object};

/// A `map`: behaves as a dict, and iterates in the order of its keys.
///
/// Keys do not change: what is taken out is a copy.
#[pyclass(module = "anabranch", extends = PyValue, frozen, mapping)]
pub(crate) struct ValueMap;

fn types(cell: &Cell) -> Arc<MapType> {
    match cell.ty() {
        Type::Map(map) => map,
        other => Arc::new(MapType { key: other.clone(), value: other }),
    }
}

fn keys(cell: &Cell) -> Vec<Value> {
    cell.with(|value| match value {
        Value::Map(map) => map.entries().iter().map(|(key, _)| key.clone()).collect(),
        _ => Vec::new(),
    })
}

fn missing(key: &Bound<'_, PyAny>) -> Failure {
    PyKeyError::new_err((key.clone().unbind(),)).into()
}

/// What stands under a key, if anything does.
fn find<'py>(cell: &Cell, key: &Bound<'py, PyAny>, encoded: bool) -> Outcome<Option<Bound<'py, PyAny>>> {
    match value_if(key, &types(cell).key) {
        Some(value) => element(key.py(), cell, Step::Key(value), encoded).transpose(),
        None => Ok(None),
    }
}

/// The entries of a mapping, or of an iterable of pairs.
fn entries<'py>(other: &Bound<'py, PyAny>) -> Outcome<Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
    let entries = if other.hasattr("keys")? { other.call_method0("items")? } else { other.clone() };
    entries.try_iter()?.map(|entry| Ok(entry?.extract()?)).collect()
}

fn remove(cell: &Cell, key: Value) -> Outcome<()> {
    let keys = SetValue::new(types(cell).key.clone().into(), vec![key.clone()])?;
    cell.edit(&[Step::Key(key)], |value| match value {
        Value::Map(map) => Ok(MapValue::subtract(map, &keys)?),
        other => Err(Failure::invalid(format!("{} is no map", other.ty()))),
    })
}

#[pymethods]
impl ValueMap {
    /// A map of a type, with these entries.
    #[new]
    #[pyo3(signature = (r#type, initial = None))]
    fn new(r#type: TypeArgument, initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        let ty = r#type.model()?;
        if !matches!(ty, Type::Map(_)) {
            return Err(Failure::invalid(format!("{ty} is no map")));
        }
        let value = initial.map_or_else(|| Ok(Value::zero(&ty)), |it| value_of(it, &ty))?;
        Ok(PyClassInitializer::from(PyValue::new(value)).add_subclass(Self))
    }

    /// The type of the keys.
    #[pyo3(signature = () -> "Type")]
    fn key_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        type_object(slf.py(), PyType::of(types(slf.as_super().get().cell()).key.clone()))
    }

    /// The type of the values.
    #[pyo3(signature = () -> "Type")]
    fn element_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        type_object(slf.py(), PyType::of(types(slf.as_super().get().cell()).value.clone()))
    }

    /// The value of a key, which must be there.
    #[pyo3(signature = (key: "typing.Any", encoded = true) -> "typing.Any")]
    fn at<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
        find(slf.as_super().get().cell(), key, encoded)?.ok_or_else(|| missing(key))
    }

    /// The value of a key, or `default` where there is none.
    #[pyo3(signature = (key: "typing.Any", default: "typing.Any" = None, encoded = true) -> "typing.Any")]
    fn get<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
        encoded: bool,
    ) -> Outcome<Option<Bound<'py, PyAny>>> {
        Ok(find(slf.as_super().get().cell(), key, encoded)?.or(default))
    }

    /// The keys, in order.
    #[pyo3(signature = (encoded = true) -> "list[typing.Any]")]
    fn keys<'py>(slf: &Bound<'py, Self>, encoded: bool) -> Outcome<Bound<'py, PyList>> {
        let keys = keys(slf.as_super().get().cell());
        super::list(slf.py(), keys.into_iter().map(|key| python(slf.py(), key, encoded)))
    }

    /// The values, in the order of their keys.
    #[pyo3(signature = (encoded = true) -> "list[typing.Any]")]
    fn values<'py>(slf: &Bound<'py, Self>, encoded: bool) -> Outcome<Bound<'py, PyList>> {
        let (py, cell) = (slf.py(), slf.as_super().get().cell());
        super::list(py, keys(cell).into_iter().filter_map(|key| element(py, cell, Step::Key(key), encoded)))
    }

    /// Keys and values, in the order of the keys.
    #[pyo3(signature = (encoded = true) -> "list[tuple[typing.Any, typing.Any]]")]
    fn items<'py>(slf: &Bound<'py, Self>, encoded: bool) -> Outcome<Bound<'py, PyList>> {
        let (py, cell) = (slf.py(), slf.as_super().get().cell());
        let entries = keys(cell).into_iter().filter_map(|key| {
            let value = element(py, cell, Step::Key(key.clone()), encoded)?;
            Some(value.and_then(|value| Ok(PyTuple::new(py, [python(py, key, encoded)?, value])?.into_any())))
        });
        super::list(py, entries)
    }

    /// Gives a key a value, whether it had one or not.
    #[pyo3(signature = (key: "typing.Any", value: "typing.Any"))]
    fn set(slf: &Bound<'_, Self>, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        let types = types(cell);
        cell.put(Step::Key(value_of(key, &types.key)?), given(value, &types.value)?)
    }

    /// The value of a key, which becomes `default` where there was none.
    #[pyo3(signature = (key: "typing.Any", default: "typing.Any" = None) -> "typing.Any")]
    fn setdefault<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
        default: Option<&Bound<'py, PyAny>>,
    ) -> Outcome<Bound<'py, PyAny>> {
        if !Self::__contains__(slf, key) {
            let none = slf.py().None().into_bound(slf.py());
            Self::set(slf, key, default.unwrap_or(&none))?;
        }
        Self::at(slf, key, true)
    }

    /// Removes a key and answers its value; `default`, when given, where there is none.
    #[pyo3(signature = (key: "typing.Any", *default: "typing.Any") -> "typing.Any")]
    fn pop<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
        default: &Bound<'py, PyTuple>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let cell = slf.as_super().get().cell();
        match (find(cell, key, true)?, default.get_item(0)) {
            (Some(found), _) => {
                remove(cell, value_of(key, &types(cell).key)?)?;
                Ok(found)
            }
            (None, Ok(default)) => Ok(default),
            (None, Err(_)) => Err(missing(key)),
        }
    }

    /// Removes the entry of the greatest key and answers it.
    #[pyo3(signature = () -> "tuple[typing.Any, typing.Any]")]
    fn popitem<'py>(slf: &Bound<'py, Self>) -> Outcome<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let (py, cell) = (slf.py(), slf.as_super().get().cell());
        let last = keys(cell).pop();
        let found = last.clone().and_then(|key| element(py, cell, Step::Key(key), true));
        match (last, found) {
            (Some(key), Some(value)) => {
                remove(cell, key.clone())?;
                Ok((python(py, key, true)?, value?))
            }
            _ => Err(PyKeyError::new_err("popitem(): the map is empty").into()),
        }
    }

    /// Adds entries, replacing the values of keys that are there.
    #[pyo3(signature = (other: "typing.Any" = None, **entries: "typing.Any"))]
    fn update(
        slf: &Bound<'_, Self>,
        other: Option<&Bound<'_, PyAny>>,
        entries: Option<&Bound<'_, PyDict>>,
    ) -> Outcome<()> {
        for mapping in other.into_iter().chain(entries.map(|dict| dict.as_any())) {
            for (key, value) in self::entries(mapping)? {
                Self::set(slf, &key, &value)?;
            }
        }
        Ok(())
    }

    /// Removes every entry.
    fn clear(slf: &Bound<'_, Self>) {
        let cell = slf.as_super().get().cell();
        cell.replace(Value::zero(&cell.ty()));
    }

    fn __len__(slf: &Bound<'_, Self>) -> usize {
        slf.as_super().get().cell().len()
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        Self::at(slf, key, true)
    }

    fn __setitem__(slf: &Bound<'_, Self>, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Outcome<()> {
        Self::set(slf, key, value)
    }

    fn __delitem__(slf: &Bound<'_, Self>, key: &Bound<'_, PyAny>) -> Outcome<()> {
        if !Self::__contains__(slf, key) {
            return Err(missing(key));
        }
        let cell = slf.as_super().get().cell();
        remove(cell, value_of(key, &types(cell).key)?)
    }

    fn __contains__(slf: &Bound<'_, Self>, key: &Bound<'_, PyAny>) -> bool {
        let cell = slf.as_super().get().cell();
        let key = value_if(key, &types(cell).key);
        key.is_some_and(|key| cell.with(|value| matches!(value, Value::Map(map) if map.get(&key).is_some())))
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        Ok(Self::keys(slf, true)?.try_iter()?.into_any())
    }

    fn __ior__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> Outcome<()> {
        Self::update(slf, Some(other), None)
    }
}
