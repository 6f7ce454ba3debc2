//! Ordered elements at stable positions, as a Rust type.

use anabranch_model::{Type, Uuid, Value, ValueError, XArrayValue};

use crate::support::{not_a, not_for};
use crate::typed::Typed;

/// A list whose elements stand at stable positions; a position whose element was removed stays known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct XArray<T> {
    slots: Vec<(Uuid, Option<T>)>,
}

impl<T> Default for XArray<T> {
    fn default() -> Self {
        Self { slots: Vec::new() }
    }
}

impl<T> XArray<T> {
    /// No element and no position.
    #[must_use]
    pub const fn new() -> Self {
        Self { slots: Vec::new() }
    }

    /// Every position ever known, in order, with what stands there: none where an element was removed.
    pub fn slots(&self) -> &[(Uuid, Option<T>)] {
        &self.slots
    }

    /// The positions that have an element, in order, with it.
    pub fn iter(&self) -> impl Iterator<Item = (Uuid, &T)> {
        self.slots.iter().filter_map(|(position, value)| value.as_ref().map(|value| (*position, value)))
    }

    /// The elements, in order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.iter().map(|(_, value)| value)
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.values().count()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.values().next().is_none()
    }

    /// The element at a position. Looks at one position after the other.
    pub fn get(&self, position: Uuid) -> Option<&T> {
        self.slots.iter().find(|(known, _)| *known == position).and_then(|(_, value)| value.as_ref())
    }

    /// The element at a position, to be changed.
    pub fn get_mut(&mut self, position: Uuid) -> Option<&mut T> {
        self.slots.iter_mut().find(|(known, _)| *known == position).and_then(|(_, value)| value.as_mut())
    }

    /// Puts an element at the end, at a new position. Answers false, and changes nothing, when the position is the zero id or
    /// known already.
    pub fn push(&mut self, position: Uuid, value: T) -> bool {
        self.insert(Uuid::nil(), position, value)
    }

    /// Puts an element immediately before a position, or at the end when that is the zero id. Answers false, and changes
    /// nothing, when `before` is not known or `position` already is, or is the zero id.
    pub fn insert(&mut self, before: Uuid, position: Uuid, value: T) -> bool {
        let find = |wanted: Uuid| self.slots.iter().position(|(known, _)| *known == wanted);
        let place = if before.is_nil() { Some(self.slots.len()) } else { find(before) };
        match place {
            Some(place) if !position.is_nil() && find(position).is_none() => {
                self.slots.insert(place, (position, Some(value)));
                true
            }
            _ => false,
        }
    }

    /// Takes the element at a position away; the position stays known.
    pub fn remove(&mut self, position: Uuid) -> Option<T> {
        self.slots.iter_mut().find(|(known, _)| *known == position).and_then(|(_, value)| value.take())
    }
}

impl<T: Typed> Typed for XArray<T> {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let Value::XArray(array) = value else { return Err(not_a(value, "xarray")) };
        let slots = array.slots().iter().map(|(position, value)| {
            let place = |e: ValueError| e.inside(format_args!("[{{{position}}}]"));
            Ok((*position, value.as_ref().map(T::read).transpose().map_err(place)?))
        });
        Ok(Self { slots: slots.collect::<Result<_, ValueError>>()? })
    }

    fn write(&self, ty: &Type) -> Result<Value, ValueError> {
        let Type::XArray(element) = ty else { return Err(not_for(ty, "xarray")) };
        let slots = self.slots.iter().map(|(position, value)| {
            let place = |e: ValueError| e.inside(format_args!("[{{{position}}}]"));
            let value = value.as_ref().map(|value| value.write(element)).transpose().map_err(place)?;
            Ok((*position, value))
        });
        Ok(Value::XArray(XArrayValue::new(element.clone(), slots.collect::<Result<_, ValueError>>()?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuid(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn elements_keep_their_positions_and_removed_ones_stay_known() {
        let mut array = XArray::new();
        assert!(array.push(uuid(1), "a".to_owned()));
        assert!(array.insert(uuid(1), uuid(2), "b".to_owned()));
        assert!(!array.push(uuid(1), "c".to_owned()));
        assert!(!array.push(Uuid::nil(), "c".to_owned()));
        assert!(!array.insert(uuid(9), uuid(3), "c".to_owned()));
        assert_eq!(array.remove(uuid(2)), Some("b".to_owned()));
        assert_eq!(array.remove(uuid(2)), None);
        assert_eq!((array.len(), array.slots().len()), (1, 2));
        let value = array.write(&Type::xarray(Type::String)).unwrap();
        assert_eq!(XArray::read(&value), Ok(array));
    }

    #[test]
    fn an_element_of_another_type_is_refused_with_its_place() {
        let mut array = XArray::new();
        array.push(uuid(1), 5_i32);
        let value = array.write(&Type::xarray(Type::Int32)).unwrap();
        let error = XArray::<String>::read(&value).unwrap_err();
        assert_eq!(error.to_string(), format!("[{{{}}}]: `int32` is not a string", uuid(1)));
    }
}
