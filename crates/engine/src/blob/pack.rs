//! One blob that holds many arrays, each under a name (`docs/spec/blobs.md`).

use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};

use anabranch_model::BlobId;
use anabranch_model::codec::{DecodeError, Reader, Writer};

use super::array::Aligned;
use super::{BlobArray, BlobElement, BlobLayout, BlobReader, BlobView, BlobViewError};
use crate::database::Database;
use crate::error::Error;

/// What every pack starts with; the last byte is the version of the format.
const MAGIC: [u8; 8] = *b"anb-pak\x01";
/// The bytes before the descriptor: the magic, and the size of the descriptor.
const HEADER: usize = MAGIC.len() + size_of::<u32>();
/// Where regions start: at multiples of this.
const ALIGNMENT: u64 = 64;
/// The most bytes of a descriptor.
const LARGEST_DESCRIPTOR: usize = 16 << 20;
/// The most bytes of a name.
const LONGEST_NAME: usize = 255;

/// Why something is no pack, or has not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlobPackError {
    /// The content does not start as a pack does.
    #[error("this is no pack of arrays: it does not start like one")]
    NotAPack,
    /// The content ends before the descriptor does.
    #[error("this is no pack of arrays: its descriptor has {size} bytes, of which {found} are here")]
    Truncated {
        /// The size that the descriptor should have.
        size: u64,
        /// How much of it is here.
        found: u64,
    },
    /// The descriptor is more than a pack may have.
    #[error("a descriptor has {size} bytes; one has at most {LARGEST_DESCRIPTOR}")]
    TooLarge {
        /// How many bytes.
        size: u64,
    },
    /// The descriptor does not read.
    #[error("the descriptor of a pack does not read: {0}")]
    Descriptor(#[from] DecodeError),
    /// The regions reach beyond what a number can say.
    #[error("region `{name}` reaches beyond any blob")]
    TooFar {
        /// The region.
        name: String,
    },
    /// A name is not one.
    #[error("`{name}` is no name of a region: it has 1 to {LONGEST_NAME} bytes")]
    Name {
        /// The name.
        name: String,
    },
    /// Two regions have one name.
    #[error("there are two regions `{name}`")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A layout is not one.
    #[error("`{text}`, the layout of region `{name}`, is no layout")]
    Layout {
        /// The region.
        name: String,
        /// What it says.
        text: String,
    },
    /// The content has another size than the descriptor gives.
    #[error("a pack with these regions has {expected} bytes, this has {found}")]
    Size {
        /// What the descriptor gives.
        expected: u64,
        /// What there is.
        found: u64,
    },
    /// Between regions stands something else than zeros.
    #[error("byte {offset} belongs to no region and is not 0")]
    Padding {
        /// Where.
        offset: u64,
    },
    /// There is no such region.
    #[error("there is no region `{name}`")]
    Region {
        /// The name that was asked for.
        name: String,
    },
}

/// A named array in a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRegion {
    name: String,
    layout: BlobLayout,
    count: u64,
    offset: u64,
}

impl BlobRegion {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its bytes are.
    pub fn layout(&self) -> BlobLayout {
        self.layout
    }

    /// How many elements it has.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Where it starts in the blob: a multiple of 64.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        // That this does not overflow was checked when the region was made.
        self.count * self.layout.stride()
    }
}

/// What a pack holds: regions with their names, layouts and places. It follows from names, layouts and counts in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobPackDescriptor {
    encoded: Vec<u8>,
    regions: Vec<BlobRegion>,
    size: u64,
}

impl BlobPackDescriptor {
    /// The descriptor of a pack of these regions: name, layout and number of elements, in order.
    ///
    /// # Errors
    /// When a name is empty, too long or there twice, or the regions are too many or too large.
    pub fn new<N: Into<String>>(
        regions: impl IntoIterator<Item = (N, BlobLayout, u64)>,
    ) -> Result<Self, BlobPackError> {
        let mut names = HashSet::new();
        let mut listed = Vec::new();
        for (name, layout, count) in regions {
            let name = name.into();
            if name.is_empty() || name.len() > LONGEST_NAME {
                return Err(BlobPackError::Name { name });
            }
            if !names.insert(name.clone()) {
                return Err(BlobPackError::Duplicate { name });
            }
            listed.push(BlobRegion { name, layout, count, offset: 0 });
        }
        let mut writer = Writer::new();
        writer.array(listed.len());
        for region in &listed {
            writer.array(3);
            writer.text(&region.name);
            writer.text(&region.layout.to_string());
            writer.uint(region.count);
        }
        let encoded = writer.into_bytes();
        if encoded.len() > LARGEST_DESCRIPTOR {
            return Err(BlobPackError::TooLarge { size: encoded.len() as u64 });
        }
        let mut size = (HEADER + encoded.len()) as u64;
        for region in &mut listed {
            let place = || -> Option<(u64, u64)> {
                let offset = size.checked_next_multiple_of(ALIGNMENT)?;
                let end = offset.checked_add(region.count.checked_mul(region.layout.stride())?)?;
                // Positions in a blob are also differences between positions.
                i64::try_from(end).is_ok().then_some((offset, end))
            };
            let (offset, end) = place().ok_or_else(|| BlobPackError::TooFar { name: region.name.clone() })?;
            (region.offset, size) = (offset, end);
        }
        Ok(Self { encoded, regions: listed, size })
    }

    /// The descriptor that stands at the beginning of a pack.
    ///
    /// # Errors
    /// When this is not the beginning of a pack, up to the end of its descriptor at least.
    pub fn decode(beginning: &[u8]) -> Result<Self, BlobPackError> {
        let size = Self::encoded_size(beginning)?;
        let found = beginning.len() - HEADER;
        let encoded = beginning[HEADER..]
            .get(..size)
            .ok_or(BlobPackError::Truncated { size: size as u64, found: found as u64 })?;
        let mut reader = Reader::new(encoded);
        let mut regions = Vec::new();
        for _ in 0..reader.array()? {
            reader.array_of(3)?;
            let name = reader.text()?.to_owned();
            let text = reader.text()?;
            let Ok(layout) = text.parse() else {
                return Err(BlobPackError::Layout { name, text: text.to_owned() });
            };
            regions.push((name, layout, reader.uint()?));
        }
        reader.finish()?;
        Self::new(regions)
    }

    /// The size of the descriptor whose header this starts with.
    fn encoded_size(beginning: &[u8]) -> Result<usize, BlobPackError> {
        let header = beginning.first_chunk::<HEADER>().ok_or(BlobPackError::NotAPack)?;
        let size =
            header.strip_prefix(&MAGIC).and_then(<[u8]>::first_chunk).ok_or(BlobPackError::NotAPack)?;
        let size = u32::from_le_bytes(*size);
        match usize::try_from(size) {
            Ok(size) if size <= LARGEST_DESCRIPTOR => Ok(size),
            _ => Err(BlobPackError::TooLarge { size: u64::from(size) }),
        }
    }

    /// What a pack starts with: these bytes, then zeros up to its first region.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        // At most `LARGEST_DESCRIPTOR`.
        bytes.extend_from_slice(&(self.encoded.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&self.encoded);
        bytes
    }

    /// The regions, in order.
    pub fn regions(&self) -> &[BlobRegion] {
        &self.regions
    }

    /// The region of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn region(&self, name: &str) -> Result<&BlobRegion, BlobPackError> {
        let found = self.regions.iter().find(|region| region.name == name);
        found.ok_or_else(|| BlobPackError::Region { name: name.to_owned() })
    }

    /// How many bytes the whole pack has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where something stands that is no region: after the descriptor, and between regions.
    fn gaps(&self) -> impl Iterator<Item = (u64, u64)> {
        let mut end = (HEADER + self.encoded.len()) as u64;
        self.regions.iter().map(move |region| {
            let gap = (end, region.offset);
            end = region.offset + region.size();
            gap
        })
    }
}

/// Many arrays in one piece of memory, each under a name, as one blob has them.
///
/// ```
/// use anabranch_engine::{BlobPack, BlobPackDescriptor, Database};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let database = Database::create_in_memory(&Default::default())?;
/// let descriptor = BlobPackDescriptor::new([
///     ("positions", "float-3".parse()?, 3),
///     ("triangles", "uint-3".parse()?, 1),
/// ])?;
/// let mut mesh = BlobPack::new(descriptor)?;
/// mesh.set("positions", &[0.0_f32, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0])?;
/// mesh.set("triangles", &[0_u32, 1, 2])?;
/// let id = database.create_blob_pack(&mesh)?;
///
/// // Only what is asked for is read.
/// let mut stored = database.open_blob_pack(id)?;
/// let triangles = stored.read("triangles")?;
/// assert_eq!(triangles.view().element::<u32, 3>(0)?, [0, 1, 2]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobPack {
    descriptor: BlobPackDescriptor,
    content: Aligned,
}

impl BlobPack {
    /// A pack of these regions, all numbers 0.
    ///
    /// # Errors
    /// When it does not fit in memory.
    pub fn new(descriptor: BlobPackDescriptor) -> Result<Self, BlobViewError> {
        let too_large = BlobViewError::TooLarge { layout: BlobLayout::BYTES, count: descriptor.size };
        let mut content = Aligned::zeros(descriptor.size).ok_or(too_large)?;
        let header = descriptor.encode();
        content.bytes_mut()[..header.len()].copy_from_slice(&header);
        Ok(Self { descriptor, content })
    }

    /// The pack in these bytes.
    ///
    /// # Errors
    /// When they are not exactly those of a pack, or do not fit in memory.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let descriptor = BlobPackDescriptor::decode(bytes)?;
        let (expected, found) = (descriptor.size, bytes.len() as u64);
        if expected != found {
            return Err(BlobPackError::Size { expected, found }.into());
        }
        for (start, end) in descriptor.gaps() {
            // Within the bytes, for their number is that of the descriptor.
            let gap = &bytes[start as usize..end as usize];
            if let Some(place) = gap.iter().position(|byte| *byte != 0) {
                return Err(BlobPackError::Padding { offset: start + place as u64 }.into());
            }
        }
        let mut pack = Self::new(descriptor)?;
        pack.content.bytes_mut().copy_from_slice(bytes);
        Ok(pack)
    }

    /// What is in it.
    pub fn descriptor(&self) -> &BlobPackDescriptor {
        &self.descriptor
    }

    /// The bytes, as a blob has them.
    pub fn bytes(&self) -> &[u8] {
        self.content.bytes()
    }

    /// A region, to be read.
    ///
    /// # Errors
    /// When there is no region of the name.
    pub fn region(&self, name: &str) -> Result<BlobView<'_>, BlobPackError> {
        let region = self.descriptor.region(name)?;
        // Within the content, as the descriptor was made.
        let (start, end) = (region.offset as usize, (region.offset + region.size()) as usize);
        Ok(BlobView::of(region.layout, &self.content.bytes()[start..end]))
    }

    /// Writes all numbers of a region.
    ///
    /// # Errors
    /// When there is no region of the name, its numbers are of another type, or not so many.
    pub fn set<T: BlobElement>(&mut self, name: &str, numbers: &[T]) -> Result<(), Error> {
        let expected = self.region(name)?.numbers::<T>()?.len();
        if expected != numbers.len() {
            return Err(BlobViewError::Length { expected, found: numbers.len() }.into());
        }
        let start = self.descriptor.region(name)?.offset as usize;
        let bytes = &mut self.content.bytes_mut()[start..start + size_of_val(numbers)];
        let stored: &mut [T] = bytemuck::cast_slice_mut(bytes);
        stored.iter_mut().zip(numbers).for_each(|(stored, number)| *stored = number.swapped());
        Ok(())
    }
}

/// A pack in a database: regions are read when they are asked for.
#[derive(Debug)]
pub struct BlobPackReader {
    descriptor: BlobPackDescriptor,
    reader: BlobReader,
}

impl BlobPackReader {
    fn new(mut reader: BlobReader) -> Result<Self, Error> {
        let mut beginning = Vec::new();
        reader.by_ref().take(HEADER as u64).read_to_end(&mut beginning).map_err(super::read_error)?;
        let size = BlobPackDescriptor::encoded_size(&beginning)? as u64;
        reader.by_ref().take(size).read_to_end(&mut beginning).map_err(super::read_error)?;
        let descriptor = BlobPackDescriptor::decode(&beginning)?;
        let (expected, found) = (descriptor.size, reader.size());
        if expected != found {
            return Err(BlobPackError::Size { expected, found }.into());
        }
        Ok(Self { descriptor, reader })
    }

    /// What is in it.
    pub fn descriptor(&self) -> &BlobPackDescriptor {
        &self.descriptor
    }

    /// A region, all of it.
    ///
    /// # Errors
    /// When there is no region of the name, it does not fit in memory or is damaged, or the storage fails.
    pub fn read(&mut self, name: &str) -> Result<BlobArray, Error> {
        let count = self.descriptor.region(name)?.count;
        self.read_range(name, 0..count)
    }

    /// The elements of a region in a range.
    ///
    /// # Errors
    /// When there is no region of the name or it has not so many elements, they do not fit in memory or are damaged, or the
    /// storage fails.
    pub fn read_range(&mut self, name: &str, range: std::ops::Range<u64>) -> Result<BlobArray, Error> {
        let region = self.descriptor.region(name)?;
        super::array::check_range(&range, region.count)?;
        let start = region.offset + range.start * region.layout.stride();
        self.reader.seek(SeekFrom::Start(start)).map_err(super::read_error)?;
        BlobArray::read(&mut self.reader, region.layout, range.end - range.start)
    }
}

impl Database {
    /// Stores a pack as a blob of plain bytes.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn create_blob_pack(&self, pack: &BlobPack) -> Result<BlobId, Error> {
        self.create_blob(BlobLayout::BYTES, pack.bytes())
    }

    /// Opens a blob that is a pack, to read its regions one by one.
    ///
    /// # Errors
    /// When it is not here or no pack, or the storage fails.
    pub fn open_blob_pack(&self, id: BlobId) -> Result<BlobPackReader, Error> {
        BlobPackReader::new(self.open_blob(id)?)
    }

    /// A pack, all of it.
    ///
    /// # Errors
    /// When it is not here, no pack, damaged or does not fit in memory, or the storage fails.
    pub fn read_blob_pack(&self, id: BlobId) -> Result<BlobPack, Error> {
        BlobPack::from_bytes(&self.read_blob(id)?)
    }
}
