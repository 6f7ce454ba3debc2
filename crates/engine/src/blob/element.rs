//! Numbers as Rust has them, for the element types of layouts.

use std::fmt::Debug;

use super::ElementType;

mod sealed {
    pub trait Sealed {}
}

/// A number that blobs can be made of. Implemented for the ten types of [`ElementType`], and closed.
pub trait BlobElement: bytemuck::Pod + PartialEq + PartialOrd + Debug + Send + Sync + sealed::Sealed {
    /// What layouts call it.
    const TYPE: ElementType;

    /// The number whose bytes, as they are stored, are those of this one in memory; and the other way round. The same
    /// number, but for machines that are big-endian.
    #[must_use]
    fn swapped(self) -> Self;
}

macro_rules! elements {
    ($($number:ty, $name:ident, $number_of:expr;)*) => { $(
        impl sealed::Sealed for $number {}

        impl BlobElement for $number {
            const TYPE: ElementType = ElementType::$name;

            fn swapped(self) -> Self {
                $number_of(self)
            }
        }
    )* };
}

elements! {
    u8, UChar, u8::from_le;
    i8, Char, i8::from_le;
    u16, UShort, u16::from_le;
    i16, Short, i16::from_le;
    u32, UInt, u32::from_le;
    i32, Int, i32::from_le;
    u64, ULong, u64::from_le;
    i64, Long, i64::from_le;
    f32, Float, |number: f32| f32::from_bits(u32::from_le(number.to_bits()));
    f64, Double, |number: f64| f64::from_bits(u64::from_le(number.to_bits()));
}
