//! Paths as CBOR: an array of components, the common ones as bare items.
//!
//! Field: its name. Index: an integer. Position: 16 bytes. Unwrap: null. Key, entry, element: `[0|1|2, type, value]`.

use std::sync::Arc;

use uuid::Uuid;

use super::types::{read_type, write_type};
use super::value::{read_value, write_value};
use super::{DecodeError, DecodeErrorKind, Reader, Writer};
use crate::MAX_DEPTH;
use crate::definitions::Lookup;
use crate::path::{Path, PathComponent};
use crate::value::Value;

const KEY: u64 = 0;
const ENTRY: u64 = 1;
const ELEMENT: u64 = 2;

/// The canonical encoding of a path.
pub fn encode_path(path: &Path) -> Vec<u8> {
    let mut writer = Writer::new();
    write_path(&mut writer, path);
    writer.into_bytes()
}

/// The path that these bytes encode.
///
/// # Errors
/// When they are not the canonical encoding of one.
pub fn decode_path(bytes: &[u8], definitions: &dyn Lookup) -> Result<Path, DecodeError> {
    let mut reader = Reader::new(bytes);
    let path = read_path(&mut reader, definitions)?;
    reader.finish()?;
    Ok(path)
}

/// Writes a path.
pub fn write_path(writer: &mut Writer, path: &Path) {
    let typed = |writer: &mut Writer, code, value: &Value| {
        writer.array(3);
        writer.uint(code);
        write_type(writer, &value.ty());
        write_value(writer, value);
    };
    writer.array(path.components().len());
    for component in path.components() {
        match component {
            PathComponent::Field(name) => writer.text(name),
            PathComponent::Index(index) => writer.uint(*index),
            PathComponent::Position(position) => writer.bytes(position.as_bytes()),
            PathComponent::Unwrap => writer.null(),
            PathComponent::Key(key) => typed(writer, KEY, key),
            PathComponent::Entry(key) => typed(writer, ENTRY, key),
            PathComponent::Element(element) => typed(writer, ELEMENT, element),
        }
    }
}

/// Reads a path.
///
/// # Errors
/// When the input is not the canonical encoding of one.
pub fn read_path(reader: &mut Reader<'_>, definitions: &dyn Lookup) -> Result<Path, DecodeError> {
    let start = reader.offset();
    let count = reader.array()?;
    // A document has no more levels, so a longer path leads nowhere.
    if count >= MAX_DEPTH {
        return Err(DecodeError::new(start, DecodeErrorKind::Depth));
    }
    let mut components = Vec::with_capacity(count);
    for _ in 0..count {
        components.push(if reader.at_text() {
            PathComponent::Field(Arc::from(reader.text()?))
        } else if reader.at_bytes() {
            PathComponent::Position(Uuid::from_bytes(reader.byte_array()?))
        } else if reader.null()? {
            PathComponent::Unwrap
        } else if reader.at_array() {
            read_typed_component(reader, definitions)?
        } else {
            PathComponent::Index(reader.uint()?)
        });
    }
    Ok(Path::new(components))
}

fn read_typed_component(
    reader: &mut Reader<'_>,
    definitions: &dyn Lookup,
) -> Result<PathComponent, DecodeError> {
    reader.array_of(3)?;
    let start = reader.offset();
    let expected = |expected| DecodeError::new(start, DecodeErrorKind::Expected { expected });
    let code = reader.uint()?;
    let ty = read_type(reader, definitions)?;
    let value = read_value(reader, &ty, definitions)?;
    if !value.has_type(&ty) {
        return Err(expected("the type of exactly this value"));
    }
    match code {
        KEY => Ok(PathComponent::Key(value)),
        ENTRY => Ok(PathComponent::Entry(value)),
        ELEMENT => Ok(PathComponent::Element(value)),
        _ => Err(expected("the code of a path component")),
    }
}
