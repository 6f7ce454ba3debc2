//! What the bytes of a blob are: elements of so many numbers of one type.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The type of the numbers in a blob. They are little-endian, whatever machine wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ElementType {
    /// 8 bits, unsigned.
    UChar,
    /// 8 bits, signed.
    Char,
    /// 16 bits, unsigned.
    UShort,
    /// 16 bits, signed.
    Short,
    /// 32 bits, unsigned.
    UInt,
    /// 32 bits, signed.
    Int,
    /// 64 bits, unsigned.
    ULong,
    /// 64 bits, signed.
    Long,
    /// 32 bits, IEEE 754.
    Float,
    /// 64 bits, IEEE 754.
    Double,
}

impl ElementType {
    /// Every type.
    pub const ALL: [Self; 10] = [
        Self::UChar,
        Self::Char,
        Self::UShort,
        Self::Short,
        Self::UInt,
        Self::Int,
        Self::ULong,
        Self::Long,
        Self::Float,
        Self::Double,
    ];

    /// The name, as layouts have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UChar => "uchar",
            Self::Char => "char",
            Self::UShort => "ushort",
            Self::Short => "short",
            Self::UInt => "uint",
            Self::Int => "int",
            Self::ULong => "ulong",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
        }
    }

    /// The bytes of one number.
    pub const fn size(self) -> u64 {
        match self {
            Self::UChar | Self::Char => 1,
            Self::UShort | Self::Short => 2,
            Self::UInt | Self::Int | Self::Float => 4,
            Self::ULong | Self::Long | Self::Double => 8,
        }
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What the bytes of a blob are, such as `uchar-1` for plain bytes or `float-3` for points.
///
/// The layout is part of a blob's identity: the same bytes under two layouts are two blobs, which share their chunks.
/// Each layout has exactly one text, because the text is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobLayout {
    element: ElementType,
    components: u8,
}

impl BlobLayout {
    /// Plain bytes: `uchar-1`.
    pub const BYTES: Self = Self { element: ElementType::UChar, components: 1 };

    /// The layout whose elements are this many numbers of this type.
    ///
    /// # Errors
    /// When an element would be of no number.
    pub fn new(element: ElementType, components: u8) -> Result<Self, Error> {
        if components == 0 {
            return Err(Error::Layout { text: format!("{element}-0") });
        }
        Ok(Self { element, components })
    }

    /// The type of the numbers.
    pub const fn element(self) -> ElementType {
        self.element
    }

    /// How many numbers an element has.
    pub const fn components(self) -> u8 {
        self.components
    }

    /// The bytes of one element with all its components.
    pub const fn stride(self) -> u64 {
        self.element.size() * self.components as u64
    }

    /// How many elements are in this many bytes.
    ///
    /// # Errors
    /// When they are not a whole number of elements.
    pub fn count(self, size: u64) -> Result<u64, Error> {
        if size.is_multiple_of(self.stride()) {
            Ok(size / self.stride())
        } else {
            Err(Error::LayoutSize { layout: self.to_string(), size })
        }
    }
}

impl Default for BlobLayout {
    fn default() -> Self {
        Self::BYTES
    }
}

impl fmt::Display for BlobLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}-{}", self.element, self.components))
    }
}

impl FromStr for BlobLayout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = || Error::Layout { text: text.to_owned() };
        let (name, components) = text.split_once('-').ok_or_else(refused)?;
        let element = ElementType::ALL.into_iter().find(|element| element.name() == name);
        let layout = Self::new(element.ok_or_else(refused)?, components.parse().map_err(|_| refused())?)
            .map_err(|_| refused())?;
        // `float-03` and `float-+3` would be second texts for `float-3`.
        if layout.to_string() == text { Ok(layout) } else { Err(refused()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_reads_back_from_its_text() {
        for element in ElementType::ALL {
            for components in 1..=255 {
                let layout = BlobLayout::new(element, components).expect("components are not none");
                assert_eq!(layout.to_string().parse::<BlobLayout>().expect("its own text"), layout);
            }
        }
    }

    #[test]
    fn layouts_say_what_an_element_takes() {
        let stride = |text: &str| text.parse::<BlobLayout>().expect("a layout").stride();
        assert_eq!(stride("uchar-1"), 1);
        assert_eq!(stride("float-3"), 12);
        assert_eq!(stride("uint-3"), 12);
        assert_eq!(stride("double-16"), 128);
        assert_eq!(stride("double-255"), 2040);
        assert_eq!(BlobLayout::default().to_string(), "uchar-1");
    }

    #[test]
    fn a_layout_has_one_text_only() {
        for text in [
            "",
            "-",
            "uchar",
            "uchar-",
            "uchar-0",
            "uchar-256",
            "uchar-01",
            "uchar-+1",
            "uchar--1",
            "uchar-1 ",
            " uchar-1",
            "Uchar-1",
            "half-1",
            "float-3-1",
            "float-3é",
            "uchar-٣",
        ] {
            let error = text.parse::<BlobLayout>().expect_err(text);
            assert!(error.to_string().starts_with(&format!("`{text}` is not a blob layout")), "{error}");
        }
    }

    #[test]
    fn content_is_a_whole_number_of_elements() {
        let points: BlobLayout = "float-3".parse().expect("a layout");
        assert_eq!(points.count(0).expect("none"), 0);
        assert_eq!(points.count(24).expect("two"), 2);
        assert_eq!(
            points.count(13).expect_err("a part of one").to_string(),
            "13 bytes are not a whole number of float-3 elements"
        );
    }
}
