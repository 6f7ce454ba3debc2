//! Elements in memory, aligned for every type of number.

use std::fmt;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use anabranch_model::BlobId;

use super::view::{check_type, stride};
use super::{BlobElement, BlobLayout, BlobView, BlobViewError};
use crate::database::Database;
use crate::error::Error;

/// Bytes whose first one stands where any number may stand.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Aligned {
    words: Vec<u64>,
    size: usize,
}

impl Aligned {
    /// So many zeros; none when they do not fit in memory.
    pub(super) fn zeros(size: u64) -> Option<Self> {
        let size = usize::try_from(size).ok()?;
        let length = size.div_ceil(size_of::<u64>());
        let mut words = Vec::new();
        words.try_reserve_exact(length).ok()?;
        words.resize(length, 0);
        Some(Self { words, size })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.size]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[..self.size]
    }
}

impl fmt::Debug for Aligned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.size)
    }
}

/// The content of a blob in memory: elements that are read and written by number.
///
/// Its bytes are aligned for every type of number, so that [`BlobView::numbers`] does not copy them (on a little-endian
/// machine), and are those that a blob has: little-endian, whatever the machine.
///
/// ```
/// use anabranch_engine::{BlobArray, BlobLayout, Database};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let database = Database::create_in_memory(&Default::default())?;
/// let mut points = BlobArray::from_numbers(3, &[0.0_f32, 0.5, 1.0, 1.5, 2.0, 2.5])?;
/// points.set(1, 2, 9.0_f32)?;
/// let id = database.create_blob_array(&points)?;
///
/// let read = database.read_blob_array(id)?;
/// assert_eq!(read.layout().to_string(), "float-3");
/// assert_eq!(read.view().element::<f32, 3>(1)?, [1.5, 2.0, 9.0]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobArray {
    layout: BlobLayout,
    content: Aligned,
}

impl BlobArray {
    /// So many elements, all numbers 0.
    ///
    /// # Errors
    /// When they do not fit in memory.
    pub fn zeros(layout: BlobLayout, count: usize) -> Result<Self, BlobViewError> {
        let count = count as u64;
        let content = count.checked_mul(layout.stride()).and_then(Aligned::zeros);
        Ok(Self { layout, content: content.ok_or(BlobViewError::TooLarge { layout, count })? })
    }

    /// The elements in these bytes.
    ///
    /// # Errors
    /// When they are not a whole number of elements, or do not fit in memory.
    pub fn from_bytes(layout: BlobLayout, bytes: &[u8]) -> Result<Self, BlobViewError> {
        let mut array = Self::zeros(layout, BlobView::new(layout, bytes)?.count())?;
        array.content.bytes_mut().copy_from_slice(bytes);
        Ok(array)
    }

    /// The elements that these numbers are, so many to an element.
    ///
    /// # Errors
    /// When they are not a whole number of elements, or do not fit in memory.
    pub fn from_numbers<T: BlobElement>(components: u8, numbers: &[T]) -> Result<Self, BlobViewError> {
        let (expected, found) = (usize::from(components), numbers.len());
        let layout =
            BlobLayout::new(T::TYPE, components).map_err(|_| BlobViewError::Length { expected, found })?;
        if !found.is_multiple_of(expected) {
            return Err(BlobViewError::Size { layout, size: size_of_val(numbers) as u64 });
        }
        let mut array = Self::zeros(layout, found / expected)?;
        array.change(|own: &mut [T]| own.copy_from_slice(numbers))?;
        Ok(array)
    }

    /// So many elements, from where a reader stands.
    pub(super) fn read(reader: &mut impl Read, layout: BlobLayout, count: u64) -> Result<Self, Error> {
        let too_large = BlobViewError::TooLarge { layout, count };
        let content = count.checked_mul(layout.stride()).and_then(Aligned::zeros);
        let mut array = Self { layout, content: content.ok_or(too_large)? };
        reader.read_exact(array.content.bytes_mut()).map_err(super::read_error)?;
        Ok(array)
    }

    /// What the elements are.
    pub fn layout(&self) -> BlobLayout {
        self.layout
    }

    /// How many elements there are.
    pub fn count(&self) -> usize {
        self.view().count()
    }

    /// The elements, to be read.
    pub fn view(&self) -> BlobView<'_> {
        BlobView::of(self.layout, self.content.bytes())
    }

    /// The bytes, as a blob has them.
    pub fn bytes(&self) -> &[u8] {
        self.content.bytes()
    }

    /// Writes one number.
    ///
    /// # Errors
    /// When there is no such element or component, or it is of another type.
    pub fn set<T: BlobElement>(
        &mut self,
        index: usize,
        component: usize,
        number: T,
    ) -> Result<(), BlobViewError> {
        self.view().get::<T>(index, component)?;
        let start = index * stride(self.layout) + component * size_of::<T>();
        let stored = number.swapped();
        self.content.bytes_mut()[start..start + size_of::<T>()].copy_from_slice(bytemuck::bytes_of(&stored));
        Ok(())
    }

    /// Writes numbers over those of the elements from `index` on.
    ///
    /// # Errors
    /// When there are not so many elements, the numbers are not a whole number of them, or they are of another type.
    pub fn set_range<T: BlobElement>(&mut self, index: usize, numbers: &[T]) -> Result<(), BlobViewError> {
        check_type::<T>(self.layout)?;
        let components = usize::from(self.layout.components());
        if !numbers.len().is_multiple_of(components) {
            let expected = numbers.len().next_multiple_of(components);
            return Err(BlobViewError::Length { expected, found: numbers.len() });
        }
        let end = index.saturating_add(numbers.len() / components);
        self.view().range(index..end)?;
        self.change(|own: &mut [T]| own[index * components..end * components].copy_from_slice(numbers))
    }

    /// Runs `change` on all numbers, one element after the other.
    ///
    /// # Errors
    /// When they are of another type.
    pub fn change<T: BlobElement, R>(
        &mut self,
        change: impl FnOnce(&mut [T]) -> R,
    ) -> Result<R, BlobViewError> {
        check_type::<T>(self.layout)?;
        let numbers = bytemuck::cast_slice_mut::<u8, T>(self.content.bytes_mut());
        // On a machine that is little-endian neither does anything.
        numbers.iter_mut().for_each(|number| *number = number.swapped());
        let result = change(numbers);
        numbers.iter_mut().for_each(|number| *number = number.swapped());
        Ok(result)
    }
}

impl Database {
    /// Stores the elements of an array as a blob.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn create_blob_array(&self, array: &BlobArray) -> Result<BlobId, Error> {
        self.create_blob(array.layout, array.bytes())
    }

    /// The elements of a blob.
    ///
    /// # Errors
    /// When it is not here, is damaged or does not fit in memory, or the storage fails.
    pub fn read_blob_array(&self, id: BlobId) -> Result<BlobArray, Error> {
        let (layout, count) = self.blob_elements(id)?;
        self.read_blob_array_range(id, layout, 0..count)
    }

    /// The elements of a blob in a range. Reads the chunks that they are in, no others.
    ///
    /// # Errors
    /// When there are not so many, the blob is not here, is damaged there or does not fit in memory, or the storage fails.
    pub fn read_blob_elements(&self, id: BlobId, range: Range<u64>) -> Result<BlobArray, Error> {
        let (layout, count) = self.blob_elements(id)?;
        check_range(&range, count)?;
        self.read_blob_array_range(id, layout, range)
    }

    fn blob_elements(&self, id: BlobId) -> Result<(BlobLayout, u64), Error> {
        let info = self.blob_info(id)?.ok_or(Error::BlobNotFound { id })?;
        let layout: BlobLayout = info.layout.parse()?;
        Ok((layout, layout.count(info.size)?))
    }

    /// The elements of a blob of this layout in a range that it has.
    fn read_blob_array_range(
        &self,
        id: BlobId,
        layout: BlobLayout,
        range: Range<u64>,
    ) -> Result<BlobArray, Error> {
        let mut reader = self.open_blob(id)?;
        reader.seek(SeekFrom::Start(range.start * layout.stride())).map_err(super::read_error)?;
        BlobArray::read(&mut reader, layout, range.end - range.start)
    }
}

/// Whether elements in a range are among so many.
pub(super) fn check_range(range: &Range<u64>, count: u64) -> Result<(), BlobViewError> {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    if range.start > range.end || range.end > count {
        return Err(BlobViewError::Index { index: number(range.end.max(range.start)), count: number(count) });
    }
    Ok(())
}
