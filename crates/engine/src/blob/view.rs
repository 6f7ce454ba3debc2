//! Bytes seen as the elements of a layout.

use std::borrow::Cow;
use std::ops::Range;

use super::{BlobElement, BlobLayout, ElementType};

/// Why bytes cannot be seen as somebody asked to see them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlobViewError {
    /// The bytes are not a whole number of elements.
    #[error("{size} bytes are not a whole number of {layout} elements")]
    Size {
        /// The layout.
        layout: BlobLayout,
        /// How many bytes there are.
        size: u64,
    },
    /// The numbers are of another type.
    #[error("the elements are {layout}, not made of {asked}; ask for {}", layout.element())]
    Type {
        /// The layout.
        layout: BlobLayout,
        /// The type that was asked for.
        asked: ElementType,
    },
    /// An element has another number of components.
    #[error("an element of {layout} has {} components, not {asked}", layout.components())]
    Components {
        /// The layout.
        layout: BlobLayout,
        /// How many were asked for or given.
        asked: usize,
    },
    /// There is no such element.
    #[error("there is no element {index}; there are {count}")]
    Index {
        /// The first element that is not there.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// There is no such component.
    #[error("there is no component {component} of {layout}")]
    Component {
        /// The layout.
        layout: BlobLayout,
        /// The one that was asked for.
        component: usize,
    },
    /// Another number of numbers is wanted.
    #[error("{expected} numbers are wanted, {found} were given")]
    Length {
        /// How many are wanted.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// So many elements are more than fit in memory.
    #[error("{count} elements of {layout} are more than fit in memory")]
    TooLarge {
        /// The layout.
        layout: BlobLayout,
        /// How many.
        count: u64,
    },
}

/// The bytes of a blob as the elements of its layout, without a copy where memory allows.
///
/// Numbers are stored little-endian. [`Self::numbers`] borrows them where this machine is little-endian too and the bytes
/// are aligned, as those of [`BlobArray`](super::BlobArray) and [`BlobPack`](super::BlobPack) always are; else it copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobView<'b> {
    layout: BlobLayout,
    bytes: &'b [u8],
}

impl<'b> BlobView<'b> {
    /// These bytes as elements of this layout.
    ///
    /// # Errors
    /// When they are not a whole number of elements.
    pub fn new(layout: BlobLayout, bytes: &'b [u8]) -> Result<Self, BlobViewError> {
        let size = bytes.len() as u64;
        layout.count(size).map_err(|_| BlobViewError::Size { layout, size })?;
        Ok(Self { layout, bytes })
    }

    /// These bytes, which are a whole number of elements.
    pub(super) fn of(layout: BlobLayout, bytes: &'b [u8]) -> Self {
        debug_assert!(bytes.len().is_multiple_of(stride(layout)));
        Self { layout, bytes }
    }

    /// What the bytes are.
    pub fn layout(&self) -> BlobLayout {
        self.layout
    }

    /// The bytes.
    pub fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// How many elements there are.
    pub fn count(&self) -> usize {
        self.bytes.len() / stride(self.layout)
    }

    /// The elements in a range.
    ///
    /// # Errors
    /// When it ends beyond the last element, or before it starts.
    pub fn range(&self, range: Range<usize>) -> Result<Self, BlobViewError> {
        let stride = stride(self.layout);
        let count = self.count();
        if range.start > range.end || range.end > count {
            return Err(BlobViewError::Index { index: range.end.max(range.start), count });
        }
        // Within the bytes, so that nothing overflows.
        Ok(Self { layout: self.layout, bytes: &self.bytes[range.start * stride..range.end * stride] })
    }

    /// All numbers, one element after the other: borrowed where that is possible.
    ///
    /// # Errors
    /// When they are of another type.
    pub fn numbers<T: BlobElement>(&self) -> Result<Cow<'b, [T]>, BlobViewError> {
        check_type::<T>(self.layout)?;
        let bytes = self.bytes;
        Ok(match bytemuck::try_cast_slice(bytes) {
            Ok(numbers) if cfg!(target_endian = "little") => Cow::Borrowed(numbers),
            _ => bytes.chunks_exact(size_of::<T>()).map(read::<T>).collect(),
        })
    }

    /// One number.
    ///
    /// # Errors
    /// When there is no such element or component, or it is of another type.
    pub fn get<T: BlobElement>(&self, index: usize, component: usize) -> Result<T, BlobViewError> {
        check_type::<T>(self.layout)?;
        if component >= usize::from(self.layout.components()) {
            return Err(BlobViewError::Component { layout: self.layout, component });
        }
        let (count, size) = (self.count(), size_of::<T>());
        let start = index.checked_mul(stride(self.layout)).map(|start| start + component * size);
        let bytes = start.and_then(|start| self.bytes.get(start..)?.get(..size));
        bytes.map(read).ok_or(BlobViewError::Index { index, count })
    }

    /// One element, all its components.
    ///
    /// # Errors
    /// When there is no such element, or it has another number of components or another type.
    pub fn element<T: BlobElement, const N: usize>(&self, index: usize) -> Result<[T; N], BlobViewError> {
        check_components::<T>(self.layout, N)?;
        if index >= self.count() {
            return Err(BlobViewError::Index { index, count: self.count() });
        }
        let mut element = [T::zeroed(); N];
        for (component, number) in element.iter_mut().enumerate() {
            *number = self.get(index, component)?;
        }
        Ok(element)
    }

    /// The elements, one after the other, each with all its components.
    ///
    /// # Errors
    /// When elements have another number of components or another type.
    pub fn elements<T: BlobElement, const N: usize>(
        &self,
    ) -> Result<impl ExactSizeIterator<Item = [T; N]> + use<'b, T, N>, BlobViewError> {
        check_components::<T>(self.layout, N)?;
        Ok(self.bytes.chunks_exact(N * size_of::<T>()).map(|bytes| {
            let mut element = [T::zeroed(); N];
            for (number, bytes) in element.iter_mut().zip(bytes.chunks_exact(size_of::<T>())) {
                *number = read(bytes);
            }
            element
        }))
    }
}

/// The bytes of an element. At most 2,040.
pub(super) fn stride(layout: BlobLayout) -> usize {
    layout.stride() as usize
}

pub(super) fn check_type<T: BlobElement>(layout: BlobLayout) -> Result<(), BlobViewError> {
    if layout.element() == T::TYPE { Ok(()) } else { Err(BlobViewError::Type { layout, asked: T::TYPE }) }
}

fn check_components<T: BlobElement>(layout: BlobLayout, components: usize) -> Result<(), BlobViewError> {
    check_type::<T>(layout)?;
    if usize::from(layout.components()) == components {
        Ok(())
    } else {
        Err(BlobViewError::Components { layout, asked: components })
    }
}

/// The number that is stored as these bytes, which are as many as it has.
fn read<T: BlobElement>(bytes: &[u8]) -> T {
    bytemuck::pod_read_unaligned::<T>(bytes).swapped()
}
