//! Paths that know their types.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use anabranch_model::{Path, Uuid};

use crate::xarray::XArray;

/// A place of type `T` inside an `R`.
///
/// Generated code has one for each field; they are put together with [`Self::then`] and the steps that containers have.
pub struct Place<R, T> {
    path: Path,
    types: PhantomData<fn(R) -> T>,
}

impl<R, T> Place<R, T> {
    /// The place at a path. That the path leads from an `R` to a `T` is the caller's word; the engine checks it again.
    #[must_use]
    pub const fn from_path(path: Path) -> Self {
        Self { path, types: PhantomData }
    }

    /// The path.
    pub const fn path(&self) -> &Path {
        &self.path
    }

    /// A place inside what stands here.
    #[must_use]
    pub fn then<U>(&self, inside: &Place<T, U>) -> Place<R, U> {
        let steps = self.path.components().iter().chain(inside.path.components());
        Place::from_path(Path::new(steps.cloned().collect()))
    }
}

impl<T> Place<T, T> {
    /// The whole document, for documents that are containers themselves.
    #[must_use]
    pub fn root() -> Self {
        Self::from_path(Path::root())
    }
}

impl<R, T> Place<R, Vec<T>> {
    /// An item of the vector here.
    #[must_use]
    pub fn item(&self, index: u64) -> Place<R, T> {
        Place::from_path(self.path.clone().index(index))
    }
}

impl<R, T, const N: usize> Place<R, [T; N]> {
    /// A number of the `vec`, or a column of the `mat`, here.
    #[must_use]
    pub fn item(&self, index: u64) -> Place<R, T> {
        Place::from_path(self.path.clone().index(index))
    }
}

impl<R, T> Place<R, Option<T>> {
    /// What the optional here holds.
    #[must_use]
    pub fn some(&self) -> Place<R, T> {
        Place::from_path(self.path.clone().unwrap())
    }
}

impl<R, T> Place<R, XArray<T>> {
    /// The element at a position of the xarray here.
    #[must_use]
    pub fn at(&self, position: Uuid) -> Place<R, T> {
        Place::from_path(self.path.clone().position(position))
    }
}

impl<R, V> Place<R, BTreeMap<String, V>> {
    /// The value of a key of the map here.
    #[must_use]
    pub fn entry(&self, key: &str) -> Place<R, V> {
        Place::from_path(self.path.clone().key(key.into()))
    }
}

impl<R, T> Clone for Place<R, T> {
    fn clone(&self) -> Self {
        Self::from_path(self.path.clone())
    }
}

impl<R, T> fmt::Debug for Place<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({})", self.path)
    }
}
