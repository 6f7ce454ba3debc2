//! The CBOR items that the encoding uses, written shortest and read strictly.
//!
//! Written here because hashed data needs a reader that refuses every second way to say the same thing, and the CBOR
//! libraries accept them (`minicbor` takes long integers, indefinite lengths, trailing bytes). The tests check it
//! against `minicbor`.

use super::{DecodeError, DecodeErrorKind};

const UINT: u8 = 0;
const NINT: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;

const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const HALF: u8 = 0xf9;
const SINGLE: u8 = 0xfa;
const DOUBLE: u8 = 0xfb;

/// The one NaN, as a half float.
const NAN: u16 = 0x7e00;

/// Writes items, each in its shortest form.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// A writer with nothing written.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        if argument < 24 {
            self.bytes.push(major | argument as u8);
        } else if let Ok(argument) = u8::try_from(argument) {
            self.bytes.extend_from_slice(&[major | 24, argument]);
        } else if let Ok(argument) = u16::try_from(argument) {
            self.bytes.push(major | 25);
            self.bytes.extend_from_slice(&argument.to_be_bytes());
        } else if let Ok(argument) = u32::try_from(argument) {
            self.bytes.push(major | 26);
            self.bytes.extend_from_slice(&argument.to_be_bytes());
        } else {
            self.bytes.push(major | 27);
            self.bytes.extend_from_slice(&argument.to_be_bytes());
        }
    }

    /// An unsigned integer.
    pub fn uint(&mut self, number: u64) {
        self.head(UINT, number);
    }

    /// A signed integer.
    pub fn int(&mut self, number: i64) {
        if number < 0 {
            // -1 - number, which is the complement.
            self.head(NINT, !number as u64);
        } else {
            self.head(UINT, number as u64);
        }
    }

    /// A byte string.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.head(BYTES, bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// The head of an array; its items follow.
    pub fn array(&mut self, length: usize) {
        self.head(ARRAY, length as u64);
    }

    /// True or false.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(if value { TRUE } else { FALSE });
    }

    /// Null.
    pub fn null(&mut self) {
        self.bytes.push(NULL);
    }

    /// A float, in the shortest of the three widths that keeps its value; every NaN is the one half-width NaN.
    pub fn float(&mut self, number: f64) {
        if let Some(half) = to_half(number) {
            self.bytes.push(HALF);
            self.bytes.extend_from_slice(&half.to_be_bytes());
        } else if f64::from(number as f32).to_bits() == number.to_bits() {
            self.bytes.push(SINGLE);
            self.bytes.extend_from_slice(&(number as f32).to_be_bytes());
        } else {
            self.bytes.push(DOUBLE);
            self.bytes.extend_from_slice(&number.to_be_bytes());
        }
    }
}

/// Reads items strictly: whatever [`Writer`] would have written otherwise is an error.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    input: &'a [u8],
    offset: usize,
    /// How many more items arrays may announce: every item is at least a byte of the input, so all arrays together,
    /// nested or not, announce no more items than it has bytes. This is what bounds the memory that decoding takes.
    allowance: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of the input.
    pub const fn new(input: &'a [u8]) -> Self {
        Self { input, offset: 0, allowance: input.len() }
    }

    /// How many bytes have been read.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The bytes read since `start`, an earlier [`Self::offset`].
    pub fn since(&self, start: usize) -> &'a [u8] {
        &self.input[start.min(self.offset)..self.offset]
    }

    /// An error of this kind, here.
    pub fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(self.offset, kind)
    }

    fn expected<T>(&self, expected: &'static str) -> Result<T, DecodeError> {
        Err(self.error(DecodeErrorKind::Expected { expected }))
    }

    /// Checks that nothing follows.
    ///
    /// # Errors
    /// When something does.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if self.offset == self.input.len() { Ok(()) } else { Err(self.error(DecodeErrorKind::Trailing)) }
    }

    fn peek(&self) -> Result<u8, DecodeError> {
        self.input.get(self.offset).copied().ok_or_else(|| self.error(DecodeErrorKind::End))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let end = self.offset.checked_add(length).filter(|end| *end <= self.input.len());
        let end = end.ok_or_else(|| self.error(DecodeErrorKind::End))?;
        let taken = &self.input[self.offset..end];
        self.offset = end;
        Ok(taken)
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// The argument of the next item, which must be of this major type.
    fn head(&mut self, major: u8, expected: &'static str) -> Result<u64, DecodeError> {
        let first = self.peek()?;
        if first >> 5 != major {
            return self.expected(expected);
        }
        let start = self.offset;
        self.offset += 1;
        let (argument, least) = match first & 0x1f {
            small @ 0..24 => (u64::from(small), 0),
            24 => (u64::from(self.take_array::<1>()?[0]), 24),
            25 => (u64::from(u16::from_be_bytes(self.take_array()?)), 1 << 8),
            26 => (u64::from(u32::from_be_bytes(self.take_array()?)), 1 << 16),
            27 => (u64::from_be_bytes(self.take_array()?), 1 << 32),
            _ => {
                self.offset = start;
                return self.expected(expected);
            }
        };
        if argument < least {
            self.offset = start;
            return Err(self.error(DecodeErrorKind::NotShortest));
        }
        Ok(argument)
    }

    /// An unsigned integer.
    ///
    /// # Errors
    /// When the next item is not one, in its shortest form.
    pub fn uint(&mut self) -> Result<u64, DecodeError> {
        self.head(UINT, "an unsigned integer")
    }

    /// A signed integer.
    ///
    /// # Errors
    /// When the next item is not one, in its shortest form, or is outside 64 bits.
    pub fn int(&mut self) -> Result<i64, DecodeError> {
        let start = self.offset;
        let negative = self.peek()? >> 5 == NINT;
        let argument = if negative { self.head(NINT, "an integer")? } else { self.head(UINT, "an integer")? };
        let Ok(magnitude) = i64::try_from(argument) else {
            return Err(DecodeError::new(start, DecodeErrorKind::Range));
        };
        Ok(if negative { !magnitude } else { magnitude })
    }

    /// A byte string, borrowed from the input.
    ///
    /// # Errors
    /// When the next item is not one.
    pub fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.head(BYTES, "a byte string")?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// A byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// When the next item is not one.
    pub fn byte_array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let start = self.offset;
        let bytes = self.bytes()?;
        bytes.try_into().map_err(|_| {
            let kind = DecodeErrorKind::Length { expected: N as u64, found: bytes.len() as u64 };
            DecodeError::new(start, kind)
        })
    }

    /// A text, borrowed from the input.
    ///
    /// # Errors
    /// When the next item is not one, or is not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, DecodeError> {
        let length = self.head(TEXT, "a text")?;
        let start = self.offset;
        let bytes = self.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        std::str::from_utf8(bytes).map_err(|_| DecodeError::new(start, DecodeErrorKind::Utf8))
    }

    /// The length of an array, whose items follow. It may be allocated for: the lengths of all the arrays of an input
    /// together never exceed its bytes.
    ///
    /// # Errors
    /// When the next item is no array, or the input cannot hold as many items.
    pub fn array(&mut self) -> Result<usize, DecodeError> {
        let start = self.offset;
        let length = self.head(ARRAY, "an array")?;
        self.announce(start, length)
    }

    fn announce(&mut self, start: usize, length: u64) -> Result<usize, DecodeError> {
        match usize::try_from(length) {
            Ok(length) if length <= (self.input.len() - self.offset).min(self.allowance) => {
                self.allowance -= length;
                Ok(length)
            }
            _ => Err(DecodeError::new(start, DecodeErrorKind::End)),
        }
    }

    /// The head of an array of exactly this many items.
    ///
    /// # Errors
    /// When the next item is not one.
    pub fn array_of(&mut self, expected: usize) -> Result<(), DecodeError> {
        let start = self.offset;
        let found = self.head(ARRAY, "an array")?;
        if found == expected as u64 {
            return self.announce(start, found).map(|_| ());
        }
        let kind = DecodeErrorKind::Length { expected: expected as u64, found };
        Err(DecodeError::new(start, kind))
    }

    /// True or false.
    ///
    /// # Errors
    /// When the next item is neither.
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        let value = match self.peek()? {
            FALSE => false,
            TRUE => true,
            _ => return self.expected("true or false"),
        };
        self.offset += 1;
        Ok(value)
    }

    /// Whether the next item is null, which is then read.
    ///
    /// # Errors
    /// When the input ends here.
    pub fn null(&mut self) -> Result<bool, DecodeError> {
        let is_null = self.peek()? == NULL;
        self.offset += usize::from(is_null);
        Ok(is_null)
    }

    /// Whether the next item is a text.
    pub(super) fn at_text(&self) -> bool {
        self.input.get(self.offset).is_some_and(|first| first >> 5 == TEXT)
    }

    /// Whether the next item is an array.
    pub(super) fn at_array(&self) -> bool {
        self.input.get(self.offset).is_some_and(|first| first >> 5 == ARRAY)
    }

    /// Whether the next item is a byte string.
    pub(super) fn at_bytes(&self) -> bool {
        self.input.get(self.offset).is_some_and(|first| first >> 5 == BYTES)
    }

    /// A float.
    ///
    /// # Errors
    /// When the next item is not one, in its shortest form.
    pub fn float(&mut self) -> Result<f64, DecodeError> {
        let start = self.offset;
        let first = self.peek()?;
        if !matches!(first, HALF | SINGLE | DOUBLE) {
            return self.expected("a float");
        }
        self.offset += 1;
        let (number, is_shortest) = match first {
            HALF => {
                let bits = u16::from_be_bytes(self.take_array()?);
                let number = from_half(bits);
                // Every half float is its own shortest form but for the NaNs.
                (number, !number.is_nan() || bits == NAN)
            }
            SINGLE => {
                let number = f64::from(f32::from_be_bytes(self.take_array()?));
                (number, to_half(number).is_none())
            }
            _ => {
                let number = f64::from_be_bytes(self.take_array()?);
                (number, to_half(number).is_none() && f64::from(number as f32) != number)
            }
        };
        if is_shortest { Ok(number) } else { Err(DecodeError::new(start, DecodeErrorKind::NotShortest)) }
    }
}

/// The half-width float of this value, if there is one that keeps it.
fn to_half(number: f64) -> Option<u16> {
    if number.is_nan() {
        return Some(NAN);
    }
    let bits = number.to_bits();
    let sign = ((bits >> 48) & 0x8000) as u16;
    let exponent = ((bits >> 52) & 0x7ff) as i32 - 1023;
    let mantissa = bits & 0x000f_ffff_ffff_ffff;
    match exponent {
        _ if number == 0.0 => Some(sign),
        1024 => Some(sign | 0x7c00),
        // Normal: ten bits of mantissa.
        -14..=15 if mantissa.trailing_zeros() >= 42 => {
            Some(sign | ((exponent + 15) as u16) << 10 | (mantissa >> 42) as u16)
        }
        // Subnormal: a multiple of 2^-24.
        -24..=-15 => {
            let significand = mantissa | 1 << 52;
            let shift = (42 - 14 - exponent) as u32;
            (significand.trailing_zeros() >= shift).then_some(sign | (significand >> shift) as u16)
        }
        _ => None,
    }
}

fn from_half(bits: u16) -> f64 {
    let sign = u64::from(bits & 0x8000) << 48;
    let mantissa = bits & 0x3ff;
    let magnitude = match (bits >> 10) & 0x1f {
        // Subnormal: a multiple of 2^-24.
        0 => (f64::from(mantissa) / 16_777_216.0).to_bits(),
        31 => 0x7ff << 52 | u64::from(mantissa) << 42,
        exponent => (u64::from(exponent) + 1023 - 15) << 52 | u64::from(mantissa) << 42,
    };
    f64::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_float_survives_and_nothing_else_is_one() {
        for bits in 0..=u16::MAX {
            let number = from_half(bits);
            if number.is_nan() {
                assert_eq!(to_half(number), Some(0x7e00));
            } else {
                assert_eq!(to_half(number), Some(bits), "{number}");
            }
        }
        for number in [1.0e-8, 65536.0, 1.0 + 2f64.powi(-11), 2f64.powi(-25), 3.0 * 2f64.powi(-25)] {
            assert_eq!(to_half(number), None, "{number}");
        }
    }

    #[test]
    fn integers_are_written_as_minicbor_writes_them() {
        for number in [0, 1, 23, 24, 255, 256, 65535, 65536, i64::from(u32::MAX), 1 << 32, i64::MAX] {
            for number in [number, !number] {
                let mut writer = Writer::new();
                writer.int(number);
                let bytes = writer.into_bytes();
                assert_eq!(bytes, minicbor::to_vec(number).unwrap());
                assert_eq!(Reader::new(&bytes).int(), Ok(number));
            }
        }
    }

    #[test]
    fn longer_forms_are_refused() {
        for bytes in
            [&[0x18, 0x01][..], &[0x19, 0x00, 0xff], &[0x1a, 0, 0, 0, 1], &[0x1b, 0, 0, 0, 0, 0, 0, 0, 1]]
        {
            let error = Reader::new(bytes).uint().unwrap_err();
            assert_eq!(error, DecodeError::new(0, DecodeErrorKind::NotShortest));
        }
        let single_one = [0xfa, 0x3f, 0x80, 0, 0];
        assert_eq!(Reader::new(&single_one).float().unwrap_err().kind(), &DecodeErrorKind::NotShortest);
        let indefinite = [0x9f, 0xff];
        assert!(Reader::new(&indefinite).array().is_err());
    }

    #[test]
    fn an_array_never_promises_more_than_the_input_holds() {
        let huge = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(Reader::new(&huge).array().unwrap_err().kind(), &DecodeErrorKind::End);
    }
}
