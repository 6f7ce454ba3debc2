//! Where in a document a place is.

mod check;
mod parse;
mod resolve;

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

pub use check::{PathError, PathErrorKind, PlaceTypes};
pub use resolve::Unresolved;

use crate::value::{Exact, Value};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathComponent {
    /// A field of a structure.
    Field(Arc<str>),
    /// An item of a vector, tuple or `vec`, or a column of a `mat`.
    Index(u64),
    /// The value of a map's key.
    Key(Value),
    /// The element at a position of an xarray.
    Position(Uuid),
    /// What an optional, variant or `any` holds.
    Unwrap,
    /// A map entry's key. Irregular: it addresses a key, not a place that can be written.
    Entry(Value),
    /// A member of a set. Irregular too.
    Element(Value),
}

/// The steps from a document to a place inside it; the root when there is none. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Path(Arc<Vec<PathComponent>>);

impl Path {
    /// The path of these steps.
    pub fn new(components: Vec<PathComponent>) -> Self {
        Self(Arc::new(components))
    }

    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path that starts at a field.
    pub fn from_field(name: impl Into<Arc<str>>) -> Self {
        Self::root().field(name)
    }

    /// A path that starts at an item.
    pub fn from_index(index: u64) -> Self {
        Self::root().index(index)
    }

    /// A path that starts at the value of a key.
    pub fn from_key(key: Value) -> Self {
        Self::root().key(key)
    }

    /// A path that starts at a position.
    pub fn from_position(position: Uuid) -> Self {
        Self::root().position(position)
    }

    /// A path that starts by unwrapping.
    pub fn from_unwrap() -> Self {
        Self::root().unwrap()
    }

    /// A path to a key of a map itself. Irregular.
    pub fn from_entry(key: Value) -> Self {
        Self::root().entry(key)
    }

    /// A path to a member of a set. Irregular.
    pub fn from_element(element: Value) -> Self {
        Self::root().element(element)
    }

    /// One step further.
    #[must_use]
    pub fn with(mut self, component: PathComponent) -> Self {
        Arc::make_mut(&mut self.0).push(component);
        self
    }

    /// A field of the structure here.
    #[must_use]
    pub fn field(self, name: impl Into<Arc<str>>) -> Self {
        self.with(PathComponent::Field(name.into()))
    }

    /// An item of the vector, tuple, `vec` or `mat` here.
    #[must_use]
    pub fn index(self, index: u64) -> Self {
        self.with(PathComponent::Index(index))
    }

    /// The value of a key of the map here.
    #[must_use]
    pub fn key(self, key: Value) -> Self {
        self.with(PathComponent::Key(key))
    }

    /// The element at a position of the xarray here.
    #[must_use]
    pub fn position(self, position: Uuid) -> Self {
        self.with(PathComponent::Position(position))
    }

    /// What the optional, variant or `any` here holds.
    #[must_use]
    pub fn unwrap(self) -> Self {
        self.with(PathComponent::Unwrap)
    }

    /// A key of the map here, itself. Irregular.
    #[must_use]
    pub fn entry(self, key: Value) -> Self {
        self.with(PathComponent::Entry(key))
    }

    /// A member of the set here. Irregular.
    #[must_use]
    pub fn element(self, element: Value) -> Self {
        self.with(PathComponent::Element(element))
    }

    /// The steps.
    pub fn components(&self) -> &[PathComponent] {
        &self.0
    }

    /// Whether this is the document itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether no step is an entry or element, so that the path addresses a place that can be written.
    pub fn is_regular(&self) -> bool {
        !self.0.iter().any(|c| matches!(c, PathComponent::Entry(_) | PathComponent::Element(_)))
    }

    /// The path without its last step; none for the root.
    pub fn parent(&self) -> Option<Path> {
        self.0.split_last().map(|(_, rest)| Self::new(rest.to_vec()))
    }

    /// The places that this one is in, from the nearest to the document itself.
    pub fn ancestors(&self) -> impl Iterator<Item = Path> {
        (0..self.0.len()).rev().map(|length| Self::new(self.0[..length].to_vec()))
    }

    /// The path as far as it is regular: to the map or set whose entry or element it addresses.
    #[must_use]
    pub fn regularized(&self) -> Path {
        let is_irregular =
            |c: &PathComponent| matches!(c, PathComponent::Entry(_) | PathComponent::Element(_));
        match self.0.iter().position(is_irregular) {
            Some(length) => Self::new(self.0[..length].to_vec()),
            None => self.clone(),
        }
    }

    /// Whether `other` is this place or one inside it.
    pub fn is_prefix_of(&self, other: &Path) -> bool {
        other.0.starts_with(&self.0)
    }

    /// Calls `visit` with every blob id in the keys of the path.
    pub fn visit_blob_ids(&self, visit: &mut impl FnMut(crate::BlobId)) {
        for component in self.components() {
            match component {
                PathComponent::Key(value) | PathComponent::Entry(value) | PathComponent::Element(value) => {
                    value.visit_blob_ids(visit);
                }
                _ => {}
            }
        }
    }
}

impl fmt::Display for PathComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(key) => write!(f, "[{}]", Exact(key)),
            Self::Position(position) => write!(f, "[{{{position}}}]"),
            Self::Unwrap => f.write_str("?"),
            Self::Entry(key) => write!(f, "[entry {}]", Exact(key)),
            Self::Element(element) => write!(f, "[element {}]", Exact(element)),
        }
    }
}

impl fmt::Display for Path {
    /// `.items[0].name`; the root reads `.`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        self.0.iter().try_for_each(|component| component.fmt(f))
    }
}

#[cfg(test)]
mod tests;
