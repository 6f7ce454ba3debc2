//! Ordered elements at stable positions.

use std::sync::Arc;

use uuid::Uuid;

use super::container::check;
use super::{Value, ValueError, ValueErrorKind};
use crate::types::Type;

/// A list whose elements stand at stable UUID positions, so that concurrent edits keep their place.
///
/// A removed element leaves its position behind as a tombstone: nothing stands there, but an insertion before it still
/// knows where to go, and an update revives it in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XArrayValue {
    element: Arc<Type>,
    slots: Arc<Vec<(Uuid, Option<Value>)>>,
}

impl XArrayValue {
    /// No element and no position.
    pub fn empty(element: Arc<Type>) -> Self {
        Self { element, slots: Arc::default() }
    }

    /// These positions, in order, each with its element or as a tombstone.
    ///
    /// # Errors
    /// When a position stands twice or is the zero id, or an element has another type.
    pub fn new(element: Arc<Type>, slots: Vec<(Uuid, Option<Value>)>) -> Result<Self, ValueError> {
        for (position, value) in &slots {
            if let Some(value) = value {
                check(&element, value).map_err(|e| e.inside(format_args!("[{{{position}}}]")))?;
            }
        }
        Self::check_positions(&slots)?;
        Ok(Self { element, slots: Arc::new(slots) })
    }

    /// As [`Self::new`], for elements that are known to be of the type.
    pub(crate) fn new_unchecked(element: Arc<Type>, slots: Vec<(Uuid, Option<Value>)>) -> Self {
        Self { element, slots: Arc::new(slots) }
    }

    /// Checks that no position stands twice and none is zero.
    pub(crate) fn check_positions(slots: &[(Uuid, Option<Value>)]) -> Result<(), ValueError> {
        let mut sorted: Vec<Uuid> = slots.iter().map(|(position, _)| *position).collect();
        sorted.sort_unstable();
        let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        match twice.or(sorted.first().copied().filter(Uuid::is_nil)) {
            Some(position) => Err(ValueErrorKind::DuplicatePosition { position }.into()),
            None => Ok(()),
        }
    }

    /// The type of the elements.
    pub fn element_type(&self) -> &Arc<Type> {
        &self.element
    }

    /// Every position ever known, in order, with what stands there: none at a tombstone.
    pub fn slots(&self) -> &[(Uuid, Option<Value>)] {
        &self.slots
    }

    /// The positions that have an element, in order, with it.
    pub fn elements(&self) -> impl Iterator<Item = (Uuid, &Value)> {
        self.slots.iter().filter_map(|(position, value)| value.as_ref().map(|value| (*position, value)))
    }

    /// The elements, in order.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.elements().map(|(_, value)| value)
    }

    /// The element at a position; none at a tombstone and at a position that is not known.
    pub fn get(&self, position: Uuid) -> Option<&Value> {
        self.slot(position).and_then(|slot| self.slots[slot].1.as_ref())
    }

    /// Whether the position is known, be it with an element or as a tombstone.
    pub fn knows(&self, position: Uuid) -> bool {
        self.slot(position).is_some()
    }

    /// Makes `position` known immediately before `before`, or at the end when `before` is the zero id. It has no
    /// element until [`Self::set`] gives it one.
    ///
    /// Answers false, and changes nothing, when `before` is not known or `position` already is (or is the zero id).
    pub fn insert(&mut self, before: Uuid, position: Uuid) -> bool {
        let place = if before.is_nil() { Some(self.slots.len()) } else { self.slot(before) };
        match place {
            Some(place) if !position.is_nil() && !self.knows(position) => {
                Arc::make_mut(&mut self.slots).insert(place, (position, None));
                true
            }
            _ => false,
        }
    }

    /// Puts an element at a known position, reviving it if it was removed. Answers whether the position is known.
    ///
    /// # Errors
    /// When the element has another type.
    pub fn set(&mut self, position: Uuid, value: Value) -> Result<bool, ValueError> {
        check(&self.element, &value).map_err(|e| e.inside(format_args!("[{{{position}}}]")))?;
        Ok(self.slot(position).is_some_and(|slot| {
            Arc::make_mut(&mut self.slots)[slot].1 = Some(value);
            true
        }))
    }

    /// Removes the element at a position, which stays known. Answers whether there was one.
    pub fn remove(&mut self, position: Uuid) -> bool {
        match self.slot(position) {
            Some(slot) if self.slots[slot].1.is_some() => {
                Arc::make_mut(&mut self.slots)[slot].1 = None;
                true
            }
            _ => false,
        }
    }

    /// The element at a position, for one who keeps to its type.
    pub(crate) fn element_mut(&mut self, position: Uuid) -> Option<&mut Value> {
        let slot = self.slot(position)?;
        Arc::make_mut(&mut self.slots)[slot].1.as_mut()
    }

    fn slot(&self, position: Uuid) -> Option<usize> {
        self.slots.iter().position(|(known, _)| *known == position)
    }
}
