//! Following a path through a value.

use super::{Path, PathComponent};
use crate::types::Type;
use crate::value::{AnyValue, OptionalValue, Value, VariantValue};

/// Why a path leads nowhere in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unresolved {
    /// A map has no such key.
    #[error("the map has no such key")]
    MissingKey,
    /// A vector is shorter.
    #[error("the index is out of range")]
    IndexOutOfRange,
    /// An optional is nil, or an `any` holds nothing.
    #[error("there is nothing to unwrap")]
    Nil,
    /// A variant or `any` holds another type.
    #[error("another type stands there")]
    OtherType,
    /// An xarray does not know the position.
    #[error("the position is unknown")]
    UnknownPosition,
    /// The element at the position was removed.
    #[error("the element was removed")]
    RemovedPosition,
    /// A set has no such member.
    #[error("the set has no such member")]
    MissingElement,
    /// The document would nest deeper than [`crate::MAX_DEPTH`], which a value under an `any` can make it.
    #[error("values would nest deeper than {max}", max = crate::MAX_DEPTH)]
    TooDeep,
    /// An entry or element addresses no place that can be written.
    #[error("an entry or element cannot be written through")]
    Irregular,
}

fn index(index: u64) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

fn step<'v>(value: &'v Value, component: &PathComponent) -> Result<&'v Value, Unresolved> {
    match (component, value) {
        (PathComponent::Field(name), Value::Structure(v)) => v.get(name).ok_or(Unresolved::OtherType),
        (PathComponent::Index(i), Value::Vector(v)) => {
            v.items().get(index(*i)).ok_or(Unresolved::IndexOutOfRange)
        }
        (PathComponent::Index(i), Value::Tuple(v)) => {
            v.items().get(index(*i)).ok_or(Unresolved::IndexOutOfRange)
        }
        (PathComponent::Index(i), Value::Vec(v)) => {
            v.items().get(index(*i)).ok_or(Unresolved::IndexOutOfRange)
        }
        (PathComponent::Index(i), Value::Mat(v)) => {
            v.columns().get(index(*i)).ok_or(Unresolved::IndexOutOfRange)
        }
        (PathComponent::Key(key), Value::Map(v)) => v.get(key).ok_or(Unresolved::MissingKey),
        (PathComponent::Entry(key), Value::Map(v)) => v
            .entries()
            .binary_search_by(|(present, _)| present.cmp(key))
            .map(|place| &v.entries()[place].0)
            .map_err(|_| Unresolved::MissingKey),
        (PathComponent::Element(element), Value::Set(v)) => v
            .items()
            .binary_search(element)
            .map(|place| &v.items()[place])
            .map_err(|_| Unresolved::MissingElement),
        (PathComponent::Position(position), Value::XArray(v)) => {
            v.get(*position).ok_or(if v.knows(*position) {
                Unresolved::RemovedPosition
            } else {
                Unresolved::UnknownPosition
            })
        }
        (PathComponent::Unwrap, Value::Optional(v)) => v.get().ok_or(Unresolved::Nil),
        (PathComponent::Unwrap, Value::Any(v)) => v.get().ok_or(Unresolved::Nil),
        (PathComponent::Unwrap, Value::Variant(v)) => Ok(v.get()),
        _ => Err(Unresolved::OtherType),
    }
}

fn step_mut<'v>(value: &'v mut Value, component: &PathComponent) -> Result<&'v mut Value, Unresolved> {
    match (component, value) {
        (PathComponent::Field(name), Value::Structure(v)) => {
            let place = v.structure().field_index(name).ok_or(Unresolved::OtherType)?;
            Ok(v.field_mut(place))
        }
        (PathComponent::Index(i), Value::Vector(v)) => {
            v.item_mut(index(*i)).ok_or(Unresolved::IndexOutOfRange)
        }
        (PathComponent::Index(i), Value::Tuple(v)) => {
            v.item_mut(index(*i)).ok_or(Unresolved::IndexOutOfRange)
        }
        (PathComponent::Index(i), Value::Vec(v)) => v.item_mut(index(*i)).ok_or(Unresolved::IndexOutOfRange),
        (PathComponent::Index(i), Value::Mat(v)) => {
            v.column_mut(index(*i)).ok_or(Unresolved::IndexOutOfRange)
        }
        (PathComponent::Key(key), Value::Map(v)) => v.get_mut(key).ok_or(Unresolved::MissingKey),
        (PathComponent::Position(position), Value::XArray(v)) => {
            let missing =
                if v.knows(*position) { Unresolved::RemovedPosition } else { Unresolved::UnknownPosition };
            v.element_mut(*position).ok_or(missing)
        }
        (PathComponent::Unwrap, Value::Optional(v)) => v.get_mut().ok_or(Unresolved::Nil),
        (PathComponent::Unwrap, Value::Any(v)) => v.get_mut().ok_or(Unresolved::Nil),
        (PathComponent::Unwrap, Value::Variant(v)) => Ok(v.get_mut()),
        (PathComponent::Entry(_) | PathComponent::Element(_), _) => Err(Unresolved::Irregular),
        _ => Err(Unresolved::OtherType),
    }
}

impl Path {
    /// What stands in the place.
    ///
    /// # Errors
    /// When the path leads nowhere in this value.
    pub fn at<'v>(&self, root: &'v Value) -> Result<&'v Value, Unresolved> {
        self.components().iter().try_fold(root, step)
    }

    /// The place itself, for one who keeps to its type.
    ///
    /// # Errors
    /// When the path leads nowhere in this value, or is irregular.
    pub fn at_mut<'v>(&self, root: &'v mut Value) -> Result<&'v mut Value, Unresolved> {
        self.components().iter().try_fold(root, step_mut)
    }

    /// Makes the place `value` (`spec/semantics.md` §3, `document_update`): a last step that is a map key inserts or
    /// replaces the entry, one that is an unwrap fills a nil optional, one that is a position revives a removed
    /// element.
    ///
    /// # Errors
    /// When the path leads nowhere, is irregular, or the place is of another type. The value is unchanged then.
    pub fn set(&self, root: &mut Value, value: Value) -> Result<(), Unresolved> {
        value.check_depth(self.components().len()).map_err(|_| Unresolved::TooDeep)?;
        let Some((last, before)) = self.components().split_last() else {
            *root = checked(&root.ty(), value)?;
            return Ok(());
        };
        let place = before.iter().try_fold(root, step_mut)?;
        set_last(place, last, value)
    }
}

impl Path {
    /// `root` with `value` at the place; what does not change is shared. See [`Self::set`].
    ///
    /// # Errors
    /// When the path leads nowhere, is irregular, or the place is of another type.
    pub fn patch(&self, root: &Value, value: Value) -> Result<Value, Unresolved> {
        root.patched(self, value)
    }
}

/// Checks the type before the place is asked for, which copies what is shared.
fn checked(ty: &Type, value: Value) -> Result<Value, Unresolved> {
    if ty.admits(&value) { Ok(value) } else { Err(Unresolved::OtherType) }
}

fn set_last(place: &mut Value, last: &PathComponent, value: Value) -> Result<(), Unresolved> {
    let out_of_range = Unresolved::IndexOutOfRange;
    match (last, place) {
        (PathComponent::Field(name), Value::Structure(v)) => {
            v.set(name, value).map_err(|_| Unresolved::OtherType)
        }
        (PathComponent::Index(i), Value::Vector(v)) => {
            let value = checked(v.element_type(), value)?;
            *v.item_mut(index(*i)).ok_or(out_of_range)? = value;
            Ok(())
        }
        (PathComponent::Index(i), Value::Tuple(v)) => {
            let value = checked(v.types().get(index(*i)).ok_or(out_of_range)?, value)?;
            *v.item_mut(index(*i)).ok_or(out_of_range)? = value;
            Ok(())
        }
        (PathComponent::Index(i), Value::Vec(v)) => {
            let value = checked(&v.vec_type().element().as_type(), value)?;
            *v.item_mut(index(*i)).ok_or(out_of_range)? = value;
            Ok(())
        }
        (PathComponent::Index(i), Value::Mat(v)) => {
            let value = checked(&Type::Vec(std::sync::Arc::new(v.mat_type().column())), value)?;
            *v.column_mut(index(*i)).ok_or(out_of_range)? = value;
            Ok(())
        }
        (PathComponent::Key(key), Value::Map(v)) => {
            v.insert(key.clone(), value).map_err(|_| Unresolved::OtherType)
        }
        (PathComponent::Position(position), Value::XArray(v)) => match v.set(*position, value) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Unresolved::UnknownPosition),
            Err(_) => Err(Unresolved::OtherType),
        },
        (PathComponent::Unwrap, Value::Optional(v)) => {
            let filled = OptionalValue::new(v.element_type().clone(), Some(value));
            *v = filled.map_err(|_| Unresolved::OtherType)?;
            Ok(())
        }
        (PathComponent::Unwrap, Value::Variant(v)) => {
            let value = checked(v.selected(), value)?;
            // Another key may be admitted by an alternative that stands before the selected one.
            let made = VariantValue::new(v.types().clone(), value);
            *v = made.map_err(|_| Unresolved::OtherType)?;
            Ok(())
        }
        (PathComponent::Unwrap, Value::Any(v)) => {
            let value = checked(&v.get().ok_or(Unresolved::Nil)?.ty(), value)?;
            *v = AnyValue::new(value);
            Ok(())
        }
        (PathComponent::Entry(_) | PathComponent::Element(_), _) => Err(Unresolved::Irregular),
        _ => Err(Unresolved::OtherType),
    }
}
