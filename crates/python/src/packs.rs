//! Packs: several named arrays in one blob, in an open format. What is in them, Python reads as it lies in memory.

use anabranch::engine::{BlobPackDescriptor, BlobRegion};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::blobs::{LayoutArgument, PyBlobLayout};
use crate::error::Outcome;

/// What a pack holds: regions with their names, layouts and places.
#[pyclass(name = "BlobPackDescriptor", module = "anabranch", frozen, eq)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyPackDescriptor(BlobPackDescriptor);

#[pymethods]
impl PyPackDescriptor {
    /// The descriptor of a pack of these regions: name, layout and number of elements, in order.
    #[new]
    #[pyo3(signature = (regions: "typing.Sequence[tuple[str, BlobLayout | str, int]]"))]
    fn new(regions: Vec<(String, LayoutArgument, u64)>) -> Outcome<Self> {
        let regions = regions.into_iter().map(|(name, layout, count)| (name, layout.0, count));
        Ok(Self(BlobPackDescriptor::new(regions)?))
    }

    /// The descriptor that stands at the beginning of a pack.
    #[staticmethod]
    fn decode(beginning: &[u8]) -> Outcome<Self> {
        Ok(Self(BlobPackDescriptor::decode(beginning)?))
    }

    /// What a pack starts with.
    fn encode<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.encode())
    }

    /// The regions, in order.
    fn regions(&self) -> Vec<PyPackRegion> {
        self.0.regions().iter().cloned().map(PyPackRegion).collect()
    }

    /// The region of a name, which must be there.
    fn region(&self, name: &str) -> Outcome<PyPackRegion> {
        Ok(PyPackRegion(self.0.region(name)?.clone()))
    }

    /// How many bytes the whole pack has.
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn __len__(&self) -> usize {
        self.0.regions().len()
    }

    fn __repr__(&self) -> String {
        let regions: Vec<String> =
            self.0.regions().iter().map(|it| PyPackRegion(it.clone()).__repr__()).collect();
        format!("BlobPackDescriptor({})", regions.join(", "))
    }
}

/// A named array in a pack.
#[pyclass(name = "BlobPackRegion", module = "anabranch", frozen, eq)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyPackRegion(BlobRegion);

#[pymethods]
impl PyPackRegion {
    /// The name.
    fn name(&self) -> &str {
        self.0.name()
    }

    /// What its bytes are.
    fn layout(&self) -> PyBlobLayout {
        PyBlobLayout(self.0.layout())
    }

    /// How many elements it has.
    fn count(&self) -> u64 {
        self.0.count()
    }

    /// Where it starts in the blob.
    fn offset(&self) -> u64 {
        self.0.offset()
    }

    /// How many bytes it has.
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn __repr__(&self) -> String {
        format!("{}: {} x {}", self.0.name(), self.0.count(), self.0.layout())
    }
}
