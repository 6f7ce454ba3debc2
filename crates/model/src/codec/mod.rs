//! The canonical encoding: deterministic CBOR (RFC 8949 §4.2), specified in `docs/spec/encoding.md`.
//!
//! One value has exactly one encoding, and decoding refuses everything else: longer forms of integers and floats,
//! indefinite lengths, sets and maps out of order, anything after the end. No decoder allocates more than a fixed
//! multiple of its input, or recurses deeper than [`crate::MAX_DEPTH`].

mod cbor;
pub mod definition;
mod path;
mod types;
mod value;

pub use cbor::{Reader, Writer};
pub use path::{decode_path, encode_path, read_path, write_path};
pub use types::{read_type, write_type};
pub use value::{decode_value, encode_value, read_value, write_value};

use crate::id::RuntimeId;

/// Why bytes are not the canonical encoding of anything.
///
/// One pointer, so that reading a number that is there costs nothing for the error that it might have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {}: {}", .0.0, .0.1)]
pub struct DecodeError(Box<(usize, DecodeErrorKind)>);

impl DecodeError {
    /// This, at this byte of the input.
    #[cold]
    pub fn new(offset: usize, kind: DecodeErrorKind) -> Self {
        Self(Box::new((offset, kind)))
    }

    /// Where in the input.
    pub fn offset(&self) -> usize {
        self.0.0
    }

    /// What is wrong there.
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.1
    }
}

/// What is wrong with an encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ends inside an item.
    #[error("the input ends too early")]
    End,
    /// There is more input after the item.
    #[error("there are bytes after the end")]
    Trailing,
    /// Another item was expected.
    #[error("expected {expected}")]
    Expected {
        /// What should stand here.
        expected: &'static str,
    },
    /// An integer or float has a shorter form.
    #[error("not in its shortest form")]
    NotShortest,
    /// An array or byte string has another length than its type.
    #[error("expected {expected} items, found {found}")]
    Length {
        /// The length that the type gives.
        expected: u64,
        /// The length in the input.
        found: u64,
    },
    /// A number does not fit its type.
    #[error("a number is out of range for its type")]
    Range,
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    Utf8,
    /// Members of a set or keys of a map are not strictly ascending.
    #[error("members are not in strictly ascending order")]
    Order,
    /// Items nest too deep.
    #[error("items nest deeper than {max}", max = crate::MAX_DEPTH)]
    Depth,
    /// A definition is not known here.
    #[error("no {what} has the runtime id {id}")]
    UnknownDefinition {
        /// What was looked for.
        what: &'static str,
        /// The id in the input.
        id: RuntimeId,
    },
    /// A value breaks a rule of its type.
    #[error("{0}")]
    Value(Box<crate::ValueError>),
    /// A type breaks a rule.
    #[error("{0}")]
    Type(Box<crate::TypeError>),
    /// A definition breaks a rule.
    #[error("{0}")]
    Definition(Box<crate::DefinitionError>),
    /// The encoding is of a version that this program does not know.
    #[error("format version {version} is not known; a newer program wrote this")]
    Version {
        /// The version in the input.
        version: u64,
    },
}
