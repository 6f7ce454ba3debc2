//! The documents of an attachment, as Rust values.

use std::sync::Arc;

use anabranch_engine::{Error, MutableState, State};
use anabranch_model::{Attachment, Key, Type, Uuid, Value, ValueError};

use crate::error::TypedError;
use crate::key::TypedKey;
use crate::place::Place;
use crate::support::{not_a, not_for};
use crate::typed::Typed;
use crate::xarray::XArray;

/// Where documents can be read.
pub trait Documents {
    /// The document of a key; none while it is absent.
    ///
    /// # Errors
    /// When it cannot be read.
    fn document(&self, attachment: &Attachment, key: &Key) -> Result<Option<Value>, Error>;

    /// The keys that have a document, ascending.
    ///
    /// # Errors
    /// When they cannot be read.
    fn document_keys(&self, attachment: &Attachment) -> Result<Vec<Key>, Error>;
}

macro_rules! documents {
    ($($name:ty),*) => {$(
        impl Documents for $name {
            fn document(&self, attachment: &Attachment, key: &Key) -> Result<Option<Value>, Error> {
                self.get(attachment, key)
            }

            fn document_keys(&self, attachment: &Attachment) -> Result<Vec<Key>, Error> {
                self.keys(attachment)
            }
        }
    )*};
}

documents!(State, MutableState);

/// An attachment: reads and writes its documents as Rust values.
///
/// Each attachment of a model has a type of its own that implements this.
pub trait Attach {
    /// What its documents attach to.
    type Key: TypedKey;
    /// What its documents are.
    type Document: Typed;

    /// The definition.
    fn attachment() -> &'static Arc<Attachment>;

    /// The document of a key; none while it is absent.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get(documents: &impl Documents, key: &Self::Key) -> Result<Option<Self::Document>, TypedError> {
        let value = documents.document(Self::attachment(), &key.to_key())?;
        Ok(value.as_ref().map(Self::Document::read).transpose()?)
    }

    /// Whether there is a document.
    ///
    /// # Errors
    /// When it cannot be read.
    fn has(documents: &impl Documents, key: &Self::Key) -> Result<bool, TypedError> {
        Ok(documents.document(Self::attachment(), &key.to_key())?.is_some())
    }

    /// The keys that have a document, ascending.
    ///
    /// # Errors
    /// When they cannot be read.
    fn keys(documents: &impl Documents) -> Result<Vec<Self::Key>, TypedError> {
        let keys = documents.document_keys(Self::attachment())?;
        keys.into_iter().map(|key| Self::Key::from_key(key).map_err(TypedError::Value)).collect()
    }

    /// Makes the document `document`.
    ///
    /// # Errors
    /// When it is refused.
    fn set(state: &mut MutableState, key: &Self::Key, document: &Self::Document) -> Result<(), TypedError> {
        let value = document.write(Self::attachment().document_type())?;
        Ok(state.set(Self::attachment(), &key.to_key(), value)?)
    }

    /// Records the least that turns the present document into `document` (`MutableState::diff`).
    ///
    /// # Errors
    /// When it is refused, or the present document cannot be read.
    fn diff(
        state: &mut MutableState,
        key: &Self::Key,
        document: &Self::Document,
        recursive: bool,
    ) -> Result<(), TypedError> {
        let value = document.write(Self::attachment().document_type())?;
        Ok(state.diff(Self::attachment(), &key.to_key(), value, recursive)?)
    }

    /// Makes a place inside the document `value`.
    ///
    /// # Errors
    /// When it is refused.
    fn update<T: Typed>(
        state: &mut MutableState,
        key: &Self::Key,
        place: &Place<Self::Document, T>,
        value: &T,
    ) -> Result<(), TypedError> {
        let value = write_at(Self::attachment(), place, |ty| value.write(ty))?;
        Ok(state.update(Self::attachment(), &key.to_key(), place.path(), value)?)
    }

    /// Adds elements to a set.
    ///
    /// # Errors
    /// When it is refused.
    fn union_in_set<S: Typed>(
        state: &mut MutableState,
        key: &Self::Key,
        place: &Place<Self::Document, S>,
        elements: &S,
    ) -> Result<(), TypedError> {
        match write_at(Self::attachment(), place, |ty| elements.write(ty))? {
            Value::Set(set) => {
                Ok(state.union_in_set(Self::attachment(), &key.to_key(), place.path(), set)?)
            }
            other => Err(not_a(&other, "set").into()),
        }
    }

    /// Takes elements out of a set.
    ///
    /// # Errors
    /// When it is refused.
    fn subtract_in_set<S: Typed>(
        state: &mut MutableState,
        key: &Self::Key,
        place: &Place<Self::Document, S>,
        elements: &S,
    ) -> Result<(), TypedError> {
        match write_at(Self::attachment(), place, |ty| elements.write(ty))? {
            Value::Set(set) => {
                Ok(state.subtract_in_set(Self::attachment(), &key.to_key(), place.path(), set)?)
            }
            other => Err(not_a(&other, "set").into()),
        }
    }

    /// Adds entries to a map, replacing the values of keys that are there.
    ///
    /// # Errors
    /// When it is refused.
    fn union_in_map<M: Typed>(
        state: &mut MutableState,
        key: &Self::Key,
        place: &Place<Self::Document, M>,
        entries: &M,
    ) -> Result<(), TypedError> {
        match write_at(Self::attachment(), place, |ty| entries.write(ty))? {
            Value::Map(map) => {
                Ok(state.union_in_map(Self::attachment(), &key.to_key(), place.path(), map)?)
            }
            other => Err(not_a(&other, "map").into()),
        }
    }

    /// Takes the entries of these keys out of a map; `keys` is a set, or a list, of the keys.
    ///
    /// # Errors
    /// When it is refused.
    fn subtract_in_map<M: Typed, S: Typed>(
        state: &mut MutableState,
        key: &Self::Key,
        place: &Place<Self::Document, M>,
        keys: &S,
    ) -> Result<(), TypedError> {
        let write = |ty: &Type| match ty {
            Type::Map(map) => keys.write(&Type::set(map.key.clone())),
            other => Err(not_for(other, "map")),
        };
        match write_at(Self::attachment(), place, write)? {
            Value::Set(set) => {
                Ok(state.subtract_in_map(Self::attachment(), &key.to_key(), place.path(), set)?)
            }
            other => Err(not_a(&other, "set").into()),
        }
    }

    /// Replaces the values of keys that are in a map; the others are ignored.
    ///
    /// # Errors
    /// When it is refused.
    fn update_in_map<M: Typed>(
        state: &mut MutableState,
        key: &Self::Key,
        place: &Place<Self::Document, M>,
        entries: &M,
    ) -> Result<(), TypedError> {
        match write_at(Self::attachment(), place, |ty| entries.write(ty))? {
            Value::Map(map) => {
                Ok(state.update_in_map(Self::attachment(), &key.to_key(), place.path(), map)?)
            }
            other => Err(not_a(&other, "map").into()),
        }
    }

    /// Inserts an element at a new position immediately before `before`, or at the end when that is the zero id.
    ///
    /// # Errors
    /// When it is refused.
    fn insert_in_xarray<T: Typed>(
        state: &mut MutableState,
        key: &Self::Key,
        place: &Place<Self::Document, XArray<T>>,
        before: Uuid,
        position: Uuid,
        element: &T,
    ) -> Result<(), TypedError> {
        let value = write_at(Self::attachment(), place, |ty| write_element(ty, element))?;
        Ok(state.insert_in_xarray(
            Self::attachment(),
            &key.to_key(),
            place.path(),
            before,
            position,
            value,
        )?)
    }

    /// Puts an element at a known position, reviving it if it was removed.
    ///
    /// # Errors
    /// When it is refused.
    fn update_in_xarray<T: Typed>(
        state: &mut MutableState,
        key: &Self::Key,
        place: &Place<Self::Document, XArray<T>>,
        position: Uuid,
        element: &T,
    ) -> Result<(), TypedError> {
        let value = write_at(Self::attachment(), place, |ty| write_element(ty, element))?;
        Ok(state.update_in_xarray(Self::attachment(), &key.to_key(), place.path(), position, value)?)
    }

    /// Removes the element at a position, which stays known.
    ///
    /// # Errors
    /// When it is refused.
    fn remove_in_xarray<T>(
        state: &mut MutableState,
        key: &Self::Key,
        place: &Place<Self::Document, XArray<T>>,
        position: Uuid,
    ) -> Result<(), TypedError> {
        Ok(state.remove_in_xarray(Self::attachment(), &key.to_key(), place.path(), position)?)
    }
}

fn write_element<T: Typed>(ty: &Type, element: &T) -> Result<Value, ValueError> {
    match ty {
        Type::XArray(of) => element.write(of),
        other => Err(not_for(other, "xarray")),
    }
}

/// The value that may stand at a place. Below a variant several types may stand there; the first that fits is taken.
fn write_at<R, T>(
    attachment: &Attachment,
    place: &Place<R, T>,
    write: impl Fn(&Type) -> Result<Value, ValueError>,
) -> Result<Value, TypedError> {
    let types = place.path().check(attachment.document_type()).map_err(|source| {
        anabranch_engine::MutationError::Path {
            attachment: attachment.identifier(),
            source: Box::new(source),
        }
    })?;
    let mut refused = not_for(attachment.document_type(), "document with such a place");
    for ty in types.types() {
        match write(ty) {
            Ok(value) => return Ok(value),
            Err(error) => refused = error,
        }
    }
    Err(refused.into())
}
