//! Keys: references to instances of concepts.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use uuid::Uuid;

use crate::definition::Concept;
use crate::id::RuntimeId;

/// An instance of a concept, or the null key, which refers to nothing.
///
/// Keys are equal when concept and instance are; they order by concept runtime id, then instance.
#[derive(Clone, Debug)]
pub struct Key {
    concept: Option<Arc<Concept>>,
    instance: Uuid,
}

impl Key {
    /// The key that refers to nothing.
    pub const fn null() -> Self {
        Self { concept: None, instance: Uuid::nil() }
    }

    /// The key of this instance of this concept.
    pub const fn new(concept: Arc<Concept>, instance: Uuid) -> Self {
        Self { concept: Some(concept), instance }
    }

    /// What the instance is; none for the null key.
    pub fn concept(&self) -> Option<&Arc<Concept>> {
        self.concept.as_ref()
    }

    /// The runtime id of the concept, zero for the null key.
    pub fn concept_id(&self) -> RuntimeId {
        self.concept.as_ref().map_or(RuntimeId::ZERO, |concept| concept.runtime_id())
    }

    /// Which instance it is.
    pub fn instance(&self) -> Uuid {
        self.instance
    }

    /// Whether the key refers to nothing.
    pub fn is_null(&self) -> bool {
        self.concept.is_none()
    }

    /// Concept runtime id, then instance: 32 bytes that order as keys do.
    pub fn to_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(self.concept_id().as_bytes());
        bytes[16..].copy_from_slice(self.instance.as_bytes());
        bytes
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.concept_id(), self.instance).cmp(&(other.concept_id(), other.instance))
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_bytes().hash(state);
    }
}

impl fmt::Display for Key {
    /// `Namespace::Concept:instance`, or `null`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.concept {
            None => f.write_str("null"),
            Some(concept) => write!(f, "{}:{}", concept.name(), self.instance),
        }
    }
}
