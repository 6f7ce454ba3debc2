//! UUIDs, content ids, keys and cases: values that name something.

use anabranch::model::KeyTarget;
use anabranch::{BlobId, CommitId, Key, Type, Uuid, Value};
use pyo3::prelude::*;
#[cfg(feature = "stubs")]
use pyo3::type_hint_union;
use pyo3::types::PyBytes;

use super::{PyValue, object, value_of};
use crate::error::{Failure, Outcome};
use crate::input;
use crate::types::{PyType, TypeArgument, type_object};

fn class<T>(value: Value, class: T) -> PyClassInitializer<T>
where
    T: pyo3::PyClass<BaseType = PyValue>,
{
    PyClassInitializer::from(PyValue::new(value)).add_subclass(class)
}

/// A `uuid`: equal to the `uuid.UUID` of the same bits.
#[pyclass(module = "anabranch", extends = PyValue, frozen)]
pub(crate) struct ValueUUId;

#[pymethods]
impl ValueUUId {
    /// The UUID of a text or `uuid.UUID`; the nil UUID when none is given.
    #[new]
    #[pyo3(signature = (initial = None))]
    fn new(initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        let uuid = initial.map_or(Ok(Uuid::nil()), input::uuid)?;
        Ok(class(Value::Uuid(uuid), Self))
    }

    /// A random UUID.
    #[staticmethod]
    fn create(py: Python<'_>) -> Outcome<Bound<'_, Self>> {
        Ok(Bound::new(py, class(Value::Uuid(Uuid::new_v4()), Self))?)
    }

    /// Whether this is another than the nil UUID.
    fn is_valid(slf: &Bound<'_, Self>) -> bool {
        slf.as_super().get().cell().with(|value| value.as_uuid().is_some_and(|uuid| !uuid.is_nil()))
    }

    /// The value as Python has it.
    #[pyo3(signature = () -> "uuid.UUID")]
    fn value<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        super::decoded(slf.py(), &slf.as_super().get().cell().value())
    }

    fn __bool__(slf: &Bound<'_, Self>) -> bool {
        Self::is_valid(slf)
    }
}

macro_rules! content_ids {
    ($($class:ident, $variant:ident, $id:ident, $argument:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        #[pyclass(module = "anabranch", extends = PyValue, frozen)]
        pub(crate) struct $class;

        #[pymethods]
        impl $class {
            /// The id of 64 hexadecimal digits or 32 bytes; the zero id when none is given.
            #[new]
            #[pyo3(signature = (initial = None))]
            fn new(initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
                let id = match initial {
                    Some(initial) => initial.extract::<$argument>()?.0,
                    None => $id::ZERO,
                };
                Ok(class(Value::$variant(id), Self))
            }

            /// Whether this is another than the zero id, which names nothing.
            fn is_valid(slf: &Bound<'_, Self>) -> bool {
                slf.as_super().get().cell().with(|value| matches!(value, Value::$variant(id) if !id.is_zero()))
            }

            /// The first digits, for people.
            fn short(slf: &Bound<'_, Self>) -> String {
                slf.as_super().get().cell().with(|value| match value {
                    Value::$variant(id) => id.short(),
                    other => other.to_string(),
                })
            }

            fn __bytes__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyBytes> {
                slf.as_super().get().cell().with(|value| match value {
                    Value::$variant(id) => PyBytes::new(slf.py(), id.as_bytes()),
                    _ => PyBytes::new(slf.py(), &[]),
                })
            }

            fn __bool__(slf: &Bound<'_, Self>) -> bool {
                Self::is_valid(slf)
            }
        }

        #[doc = concat!("An argument that says a `", stringify!($class), "`: one, or its digits or bytes.")]
        #[derive(Clone, Copy)]
        pub(crate) struct $argument(pub(crate) $id);

        impl FromPyObject<'_, '_> for $argument {
            type Error = PyErr;

            #[cfg(feature = "stubs")]
            const INPUT_TYPE: pyo3::inspect::PyStaticExpr = type_hint_union!(
                pyo3::type_hint_identifier!("anabranch", stringify!($class)),
                pyo3::type_hint_identifier!("builtins", "str"),
                pyo3::type_hint_identifier!("builtins", "bytes")
            );

            fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
                if let Some(bytes) = input::bytes(&object)? {
                    return Ok(Self($id::from_slice(&bytes).map_err(Failure::from)?));
                }
                match value_of(&object, &Type::$variant)? {
                    Value::$variant(id) => Ok(Self(id)),
                    other => Err(Failure::invalid(format!("{other} is no id")).into()),
                }
            }
        }
    )*};
}

content_ids! {
    ValueBlobId, BlobId, BlobId, BlobIdArgument, "A `blob_id`: names a blob of the pool.";
    ValueCommitId, CommitId, CommitId, CommitIdArgument, "A `commit_id`: names a commit.";
}

/// A `key`: refers to an instance of a concept.
#[pyclass(module = "anabranch", extends = PyValue, frozen)]
pub(crate) struct ValueKey;

#[pymethods]
impl ValueKey {
    /// The key of an instance of a concept; of a new one when no instance is given.
    #[new]
    #[pyo3(signature = (concept, instance_id = None))]
    fn new(
        concept: TypeArgument,
        instance_id: Option<&Bound<'_, PyAny>>,
    ) -> Outcome<PyClassInitializer<Self>> {
        let concept = concept.concept()?;
        let instance = instance_id.map_or_else(|| Ok(Uuid::new_v4()), input::uuid)?;
        Ok(class(Value::Key(Key::new(concept, instance)), Self))
    }

    /// The key that refers to nothing.
    #[staticmethod]
    fn null(py: Python<'_>) -> Outcome<Bound<'_, Self>> {
        Ok(Bound::new(py, class(Value::Key(Key::null()), Self))?)
    }

    /// Which instance it is.
    #[pyo3(signature = () -> "ValueUUId")]
    fn instance_id<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        object(slf.py(), Value::Uuid(key_of(slf).instance()))
    }

    /// What the instance is; none for the null key.
    #[pyo3(signature = () -> "TypeConcept | None")]
    fn type_concept<'py>(slf: &Bound<'py, Self>) -> Outcome<Option<Bound<'py, PyAny>>> {
        let concept = key_of(slf).concept().cloned();
        concept.map(|concept| type_object(slf.py(), PyType::Concept(concept))).transpose()
    }

    /// The type `key` of the concept.
    #[pyo3(signature = () -> "TypeKey")]
    fn type_key<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        let target = key_of(slf).concept().map_or(KeyTarget::AnyConcept, |it| KeyTarget::Concept(it.clone()));
        type_object(slf.py(), PyType::of(Type::key(target)))
    }

    /// Whether the key refers to something.
    fn is_valid(slf: &Bound<'_, Self>) -> bool {
        !key_of(slf).is_null()
    }

    fn __bool__(slf: &Bound<'_, Self>) -> bool {
        Self::is_valid(slf)
    }
}

fn key_of(slf: &Bound<'_, ValueKey>) -> Key {
    slf.as_super().get().cell().with(|value| value.as_key().cloned().unwrap_or_else(Key::null))
}

/// A case of an `enum`.
#[pyclass(module = "anabranch", extends = PyValue, frozen)]
pub(crate) struct ValueEnumeration;

#[pymethods]
impl ValueEnumeration {
    /// The case of a name or place; the first when none is given.
    #[new]
    #[pyo3(signature = (r#type, initial = None))]
    fn new(r#type: TypeArgument, initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        let ty = r#type.model()?;
        let value = initial.map_or_else(|| Ok(Value::zero(&ty)), |initial| value_of(initial, &ty))?;
        match value {
            value @ Value::Enumeration(_) => Ok(class(value, Self)),
            other => Err(Failure::invalid(format!("{} is no enumeration", other.ty()))),
        }
    }

    /// What the case is called.
    fn name(slf: &Bound<'_, Self>) -> String {
        slf.as_super().get().cell().with(|value| match value {
            Value::Enumeration(case) => case.name().to_owned(),
            other => other.to_string(),
        })
    }

    /// Where the case stands in the declaration.
    fn index(slf: &Bound<'_, Self>) -> usize {
        slf.as_super().get().cell().with(|value| match value {
            Value::Enumeration(case) => case.index(),
            _ => 0,
        })
    }

    fn __int__(slf: &Bound<'_, Self>) -> usize {
        Self::index(slf)
    }
}
