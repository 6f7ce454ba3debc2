//! Ordered elements at stable positions.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use uuid::Uuid;

use super::container::check;
use super::{Value, ValueError, ValueErrorKind};
use crate::types::Type;

/// A list whose elements stand at stable UUID positions, so that concurrent edits keep their place.
///
/// A removed element leaves its position behind as a tombstone: nothing stands there, but an insertion before it still
/// knows where to go, and an update revives it in place. Finding a position is as good as constant time; inserting one
/// moves the slots behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XArrayValue {
    element: Arc<Type>,
    content: Arc<Content>,
}

impl XArrayValue {
    /// No element and no position.
    pub fn empty(element: Arc<Type>) -> Self {
        Self { element, content: Arc::default() }
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
        Ok(Self::new_unchecked(element, slots))
    }

    /// As [`Self::new`], for elements that are known to be of the type.
    pub(crate) fn new_unchecked(element: Arc<Type>, slots: Vec<(Uuid, Option<Value>)>) -> Self {
        Self { element, content: Arc::new(Content { slots, index: OnceLock::new() }) }
    }

    /// Checks that no position stands twice and none is zero.
    pub(crate) fn check_positions(slots: &[(Uuid, Option<Value>)]) -> Result<(), ValueError> {
        let mut sorted: Vec<u128> = slots.iter().map(|(position, _)| position.as_u128()).collect();
        sorted.sort_unstable();
        let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        if let Some(position) = twice {
            return Err(ValueErrorKind::DuplicatePosition { position: Uuid::from_u128(position) }.into());
        }
        if sorted.first() == Some(&0) { Err(ValueErrorKind::ZeroPosition.into()) } else { Ok(()) }
    }

    /// The type of the elements.
    pub fn element_type(&self) -> &Arc<Type> {
        &self.element
    }

    /// Every position ever known, in order, with what stands there: none at a tombstone.
    pub fn slots(&self) -> &[(Uuid, Option<Value>)] {
        &self.content.slots
    }

    /// The positions that have an element, in order, with it.
    pub fn elements(&self) -> impl Iterator<Item = (Uuid, &Value)> {
        self.slots().iter().filter_map(|(position, value)| value.as_ref().map(|value| (*position, value)))
    }

    /// The elements, in order.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.elements().map(|(_, value)| value)
    }

    /// The element at a position; none at a tombstone and at a position that is not known.
    pub fn get(&self, position: Uuid) -> Option<&Value> {
        self.content.find(position).and_then(|slot| self.slots()[slot].1.as_ref())
    }

    /// Whether the position is known, be it with an element or as a tombstone.
    pub fn knows(&self, position: Uuid) -> bool {
        self.content.find(position).is_some()
    }

    /// Makes `position` known immediately before `before`, or at the end when `before` is the zero id. It has no
    /// element until [`Self::set`] gives it one.
    ///
    /// Answers false, and changes nothing, when `before` is not known or `position` already is (or is the zero id).
    pub fn insert(&mut self, before: Uuid, position: Uuid) -> bool {
        let place = if before.is_nil() { Some(self.slots().len()) } else { self.content.find(before) };
        match place {
            Some(place) if !position.is_nil() && !self.knows(position) => {
                Arc::make_mut(&mut self.content).insert(place, position);
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
        Ok(self.content.find(position).is_some_and(|slot| {
            Arc::make_mut(&mut self.content).slots[slot].1 = Some(value);
            true
        }))
    }

    /// Removes the element at a position, which stays known. Answers whether there was one.
    pub fn remove(&mut self, position: Uuid) -> bool {
        match self.content.find(position) {
            Some(slot) if self.slots()[slot].1.is_some() => {
                Arc::make_mut(&mut self.content).slots[slot].1 = None;
                true
            }
            _ => false,
        }
    }

    /// The element at a position, for one who keeps to its type.
    pub(crate) fn element_mut(&mut self, position: Uuid) -> Option<&mut Value> {
        let slot = self.content.find(position)?;
        // A place that is missing must not cost a copy.
        self.content.slots[slot].1.as_ref()?;
        Arc::make_mut(&mut self.content).slots[slot].1.as_mut()
    }
}

/// The slots, and where each position stands among them.
#[derive(Clone, Debug, Default)]
struct Content {
    slots: Vec<(Uuid, Option<Value>)>,
    index: OnceLock<Index>,
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.slots == other.slots
    }
}

impl Eq for Content {}

/// Where each position stood when the index was made or the position inserted.
///
/// Slots are never removed, so a position stands there still, or behind it by at most the insertions since.
#[derive(Clone, Debug)]
struct Index {
    slots: HashMap<Uuid, usize>,
    insertions: usize,
}

impl Content {
    /// Up to here, looking at every slot is faster than an index.
    const SMALL: usize = 16;
    /// After so many insertions before the end, the index is made anew: a balance between making it and looking on
    /// behind where it points.
    const STALE: usize = 256;

    fn find(&self, position: Uuid) -> Option<usize> {
        if self.slots.len() <= Self::SMALL {
            return self.slots.iter().position(|(known, _)| *known == position);
        }
        let index = self.index.get_or_init(|| Index {
            slots: self.slots.iter().enumerate().map(|(slot, (position, _))| (*position, slot)).collect(),
            insertions: 0,
        });
        let start = *index.slots.get(&position)?;
        let end = self.slots.len().min(start + index.insertions + 1);
        self.slots[start..end].iter().position(|(known, _)| *known == position).map(|place| start + place)
    }

    fn insert(&mut self, place: usize, position: Uuid) {
        let at_end = place == self.slots.len();
        self.slots.insert(place, (position, None));
        if let Some(index) = self.index.get_mut() {
            index.slots.insert(position, place);
            index.insertions += usize::from(!at_end);
            if index.insertions > Self::STALE {
                self.index.take();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::uuid;

    fn array(positions: impl IntoIterator<Item = u128>) -> XArrayValue {
        let slots = positions.into_iter().map(|p| (uuid(p), None)).collect();
        XArrayValue::new(Type::Int64.into(), slots).unwrap()
    }

    fn order(array: &XArrayValue) -> Vec<u128> {
        array.slots().iter().map(|(position, _)| position.as_u128()).collect()
    }

    #[test]
    fn an_element_is_inserted_immediately_before_a_position() {
        let mut array = array([1, 2]);
        assert!(array.insert(uuid(2), uuid(3)));
        assert!(array.insert(uuid(2), uuid(4)));
        assert!(array.insert(Uuid::nil(), uuid(5)));
        assert_eq!(order(&array), [1, 3, 4, 2, 5]);
    }

    #[test]
    fn an_insertion_that_cannot_be_changes_nothing() {
        let mut array = array([1, 2]);
        assert!(!array.insert(uuid(9), uuid(3)));
        assert!(!array.insert(uuid(1), uuid(2)));
        assert!(!array.insert(uuid(1), Uuid::nil()));
        assert_eq!(order(&array), [1, 2]);
    }

    #[test]
    fn a_removed_element_leaves_a_position_that_can_be_inserted_before_and_revived() {
        let mut array = array([1, 2]);
        assert_eq!(array.set(uuid(1), Value::Int64(5)), Ok(true));
        assert!(array.remove(uuid(1)));
        assert!(!array.remove(uuid(1)));
        assert_eq!(array.get(uuid(1)), None);
        assert!(array.knows(uuid(1)));
        assert!(array.insert(uuid(1), uuid(3)));
        assert_eq!(array.set(uuid(1), Value::Int64(6)), Ok(true));
        assert_eq!(array.get(uuid(1)), Some(&Value::Int64(6)));
        assert_eq!(order(&array), [3, 1, 2]);
        assert_eq!(array.set(uuid(9), Value::Int64(6)), Ok(false));
        assert!(array.set(uuid(1), Value::Int8(6)).is_err());
    }

    #[test]
    fn positions_are_different_and_none_is_zero() {
        let new = |positions: &[u128]| {
            let slots = positions.iter().map(|p| (uuid(*p), None)).collect();
            XArrayValue::new(Type::Bool.into(), slots).map_err(|e| e.to_string())
        };
        assert!(new(&[3, 1, 2]).is_ok());
        assert_eq!(new(&[3, 1, 3]), Err(format!("position {} stands twice", uuid(3))));
        assert_eq!(new(&[3, 0]), Err("the zero id is no position".to_owned()));
    }

    #[test]
    fn positions_are_found_however_many_and_wherever_inserted() {
        // A generator of its own, so that the run is the same every time.
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut expected: Vec<u128> = Vec::new();
        let mut array = array([]);
        for position in 1..2000_u128 {
            let place = if position % 3 == 0 { expected.len() } else { random(expected.len() + 1) };
            let before = expected.get(place).map_or(Uuid::nil(), |p| uuid(*p));
            let older = array.clone();
            assert!(array.insert(before, uuid(position)));
            expected.insert(place, position);
            assert!(!older.knows(uuid(position)));
            let known = expected[random(expected.len())];
            assert_eq!(array.set(uuid(known), Value::Int64(known as i64)), Ok(true));
            assert_eq!(array.get(uuid(known)), Some(&Value::Int64(known as i64)));
            assert!(!array.knows(uuid(5000)));
        }
        assert_eq!(order(&array), expected);
    }
}
