//! Values that hold another one, or nothing.

use anabranch::{Type, Value};
use pyo3::prelude::*;

use super::{Cell, Given, PyValue, Step, element, given, value_of};
use crate::error::{Failure, Outcome};
use crate::types::{PyType, TypeArgument, type_object};

fn inside<'py>(py: Python<'py>, cell: &Cell, encoded: bool) -> Outcome<Option<Bound<'py, PyAny>>> {
    element(py, cell, Step::Inside, encoded).transpose()
}

fn nothing() -> Failure {
    Failure::not_found("there is nothing inside: it is nil")
}

macro_rules! holding {
    ($class:ident) => {
        #[pymethods]
        impl $class {
            /// What it holds.
            #[pyo3(signature = (encoded = true) -> "typing.Any")]
            fn unwrap<'py>(slf: &Bound<'py, Self>, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
                inside(slf.py(), slf.as_super().get().cell(), encoded)?.ok_or_else(nothing)
            }

            /// What it holds, or `default` where it holds nothing.
            #[pyo3(signature = (default: "typing.Any" = None, encoded = true) -> "typing.Any")]
            fn get<'py>(
                slf: &Bound<'py, Self>,
                default: Option<Bound<'py, PyAny>>,
                encoded: bool,
            ) -> Outcome<Option<Bound<'py, PyAny>>> {
                Ok(inside(slf.py(), slf.as_super().get().cell(), encoded)?.or(default))
            }

            /// Whether it holds nothing.
            fn is_nil(slf: &Bound<'_, Self>) -> bool {
                slf.as_super().get().cell().with(|value| value.unwrapped().is_none())
            }

            fn __bool__(slf: &Bound<'_, Self>) -> bool {
                !Self::is_nil(slf)
            }
        }
    };
}

/// An `optional`: nil, or a value.
#[pyclass(module = "anabranch", extends = PyValue, frozen)]
pub(crate) struct ValueOptional;

#[pymethods]
impl ValueOptional {
    /// An optional of a type; nil when nothing is given.
    #[new]
    #[pyo3(signature = (r#type, initial = None))]
    fn new(r#type: TypeArgument, initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        let ty = r#type.model()?;
        if !matches!(ty, Type::Optional(_)) {
            return Err(Failure::invalid(format!("{ty} is no optional")));
        }
        let value = initial.map_or_else(|| Ok(Value::zero(&ty)), |it| value_of(it, &ty))?;
        Ok(PyClassInitializer::from(PyValue::new(value)).add_subclass(Self))
    }

    /// The type of what it may hold.
    #[pyo3(signature = () -> "Type")]
    fn element_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        type_object(slf.py(), PyType::of(held_type(slf.as_super().get().cell())))
    }

    /// Makes it hold a value; `None` for nothing.
    #[pyo3(signature = (value: "typing.Any"))]
    fn wrap(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        if value.is_none() {
            cell.replace(Value::zero(&cell.ty()));
            return Ok(());
        }
        cell.put(Step::Inside, given(value, &held_type(cell))?)
    }

    /// As `wrap`.
    #[pyo3(signature = (value: "typing.Any"))]
    fn set(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> Outcome<()> {
        Self::wrap(slf, value)
    }

    /// Makes it hold nothing.
    fn clear(slf: &Bound<'_, Self>) {
        let cell = slf.as_super().get().cell();
        cell.replace(Value::zero(&cell.ty()));
    }
}

fn held_type(cell: &Cell) -> Type {
    match cell.ty() {
        Type::Optional(element) => (*element).clone(),
        other => other,
    }
}

/// An `any`: nothing, or a value of any type.
#[pyclass(module = "anabranch", extends = PyValue, frozen)]
pub(crate) struct ValueAny;

#[pymethods]
impl ValueAny {
    /// An `any` that holds this; nothing when nothing is given.
    #[new]
    #[pyo3(signature = (initial = None))]
    fn new(initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        let value = initial.map_or_else(|| Ok(Value::zero(&Type::Any)), |it| value_of(it, &Type::Any))?;
        Ok(PyClassInitializer::from(PyValue::new(value)).add_subclass(Self))
    }

    /// Makes it hold a value of any type; `None` for nothing.
    #[pyo3(signature = (value: "typing.Any"))]
    fn wrap(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> Outcome<()> {
        hold(slf.as_super().get().cell(), value)
    }

    /// As `wrap`.
    #[pyo3(signature = (value: "typing.Any"))]
    fn set(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> Outcome<()> {
        hold(slf.as_super().get().cell(), value)
    }

    /// Makes it hold nothing.
    fn clear(slf: &Bound<'_, Self>) {
        slf.as_super().get().cell().replace(Value::zero(&Type::Any));
    }

    /// The type of what it holds; none where it holds nothing.
    #[pyo3(signature = () -> "Type | None")]
    fn unwrap_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Option<Bound<'py, PyAny>>> {
        held(slf.py(), slf.as_super().get().cell())
    }
}

/// A `variant`: a value of one of several types.
#[pyclass(module = "anabranch", extends = PyValue, frozen)]
pub(crate) struct ValueVariant;

#[pymethods]
impl ValueVariant {
    /// A variant of a type; the zero of its first type when nothing is given.
    #[new]
    #[pyo3(signature = (r#type, initial = None))]
    fn new(r#type: TypeArgument, initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        let ty = r#type.model()?;
        if !matches!(ty, Type::Variant(_)) {
            return Err(Failure::invalid(format!("{ty} is no variant")));
        }
        let value = initial.map_or_else(|| Ok(Value::zero(&ty)), |it| value_of(it, &ty))?;
        Ok(PyClassInitializer::from(PyValue::new(value)).add_subclass(Self))
    }

    /// Makes it hold a value of one of its types.
    #[pyo3(signature = (value: "typing.Any"))]
    fn wrap(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> Outcome<()> {
        hold(slf.as_super().get().cell(), value)
    }

    /// As `wrap`.
    #[pyo3(signature = (value: "typing.Any"))]
    fn set(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> Outcome<()> {
        hold(slf.as_super().get().cell(), value)
    }

    /// The type of what it holds.
    #[pyo3(signature = () -> "Type")]
    fn unwrap_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Option<Bound<'py, PyAny>>> {
        held(slf.py(), slf.as_super().get().cell())
    }
}

/// Makes an `any` or variant hold a value; one that Python holds already is shared, unless it must be converted.
fn hold(cell: &Cell, value: &Bound<'_, PyAny>) -> Outcome<()> {
    let ty = cell.ty();
    let made = value_of(value, &ty)?;
    let own = value.cast::<PyValue>().ok().map(|own| own.get().cell());
    let is_itself =
        |inner: &Value| own.is_some_and(|own| own.with(|own| own == inner && own.ty() == inner.ty()));
    match (own, made.unwrapped()) {
        (Some(own), Some(inner)) if super::is_shared(inner) && is_itself(inner) => {
            let shared = Given::Shared(own.clone());
            cell.refuse_cycle(&shared)?;
            cell.replace(made);
            cell.put(Step::Inside, shared)
        }
        _ => {
            cell.replace(made);
            Ok(())
        }
    }
}

fn held<'py>(py: Python<'py>, cell: &Cell) -> Outcome<Option<Bound<'py, PyAny>>> {
    let ty = cell.with(|value| value.unwrapped().map(Value::ty));
    ty.map(|ty| type_object(py, PyType::of(ty))).transpose()
}

holding!(ValueOptional);
holding!(ValueAny);
holding!(ValueVariant);
