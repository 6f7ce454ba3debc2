//! Booleans and numbers as values of a type.

use anabranch::{Type, Value};
use pyo3::prelude::*;

use super::{PyValue, python, value_of};
use crate::error::Outcome;

macro_rules! numbers {
    ($($class:ident, $ty:ident, $doc:literal, $native:literal $(, $index:ident)?;)*) => {$(
        #[doc = $doc]
        #[pyclass(module = "anabranch", extends = PyValue, frozen)]
        pub(crate) struct $class;

        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (initial = None))]
            fn new(initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
                let value = match initial {
                    Some(initial) => value_of(initial, &Type::$ty)?,
                    None => Value::zero(&Type::$ty),
                };
                Ok(PyClassInitializer::from(PyValue::new(value)).add_subclass(Self))
            }

            /// The value as Python has it.
            #[pyo3(signature = () -> $native)]
            fn value<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
                python(slf.py(), slf.as_super().get().cell().value(), true)
            }

            fn __bool__(slf: &Bound<'_, Self>) -> Outcome<bool> {
                Ok(Self::value(slf)?.is_truthy()?)
            }

            fn __int__<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
                Ok(Self::value(slf)?.call_method0("__int__")?)
            }

            fn __float__(slf: &Bound<'_, Self>) -> Outcome<f64> {
                Ok(Self::value(slf)?.extract()?)
            }

            $(
                fn $index<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
                    Self::value(slf)
                }
            )?
        }
    )*};
}

numbers! {
    ValueBool, Bool, "A `bool`.", "bool";
    ValueInt8, Int8, "An `int8`.", "int", __index__;
    ValueInt16, Int16, "An `int16`.", "int", __index__;
    ValueInt32, Int32, "An `int32`.", "int", __index__;
    ValueInt64, Int64, "An `int64`.", "int", __index__;
    ValueUInt8, UInt8, "A `uint8`.", "int", __index__;
    ValueUInt16, UInt16, "A `uint16`.", "int", __index__;
    ValueUInt32, UInt32, "A `uint32`.", "int", __index__;
    ValueUInt64, UInt64, "A `uint64`.", "int", __index__;
    ValueFloat, Float, "A `float`: 32 bits.", "float";
    ValueDouble, Double, "A `double`: 64 bits.", "float";
}
