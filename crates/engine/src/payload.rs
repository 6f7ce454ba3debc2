//! The payload of a `Mutations` commit: its opcodes in canonical CBOR (`docs/spec/commits.md`).
//!
//! `[version, opcode…]`, an opcode being `[code, attachment, key, argument…]`. A value stands with its type, as under
//! `any`, but for the whole document of a `document_set`, whose type the attachment gives.

use anabranch_model::codec::{
    DecodeError, DecodeErrorKind, Reader, Writer, read_path, read_type, read_value, write_path, write_type,
    write_value,
};
use anabranch_model::{Attachment, Definitions, Key, MapValue, Path, RuntimeId, SetValue, Type, Uuid, Value};

use crate::opcode::{DocumentId, Opcode, Operation};

/// The version of the payload format that this program writes.
const VERSION: u64 = 1;

const DOCUMENT_SET: u64 = 0;
const DOCUMENT_UPDATE: u64 = 1;
const SET_UNION: u64 = 2;
const SET_SUBTRACT: u64 = 3;
const MAP_UNION: u64 = 4;
const MAP_SUBTRACT: u64 = 5;
const MAP_UPDATE: u64 = 6;
const XARRAY_INSERT: u64 = 7;
const XARRAY_UPDATE: u64 = 8;
const XARRAY_REMOVE: u64 = 9;

/// The canonical encoding of opcodes, as a commit stores them.
pub fn encode(opcodes: &[Opcode]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(1 + opcodes.len());
    writer.uint(VERSION);
    for opcode in opcodes {
        write(&mut writer, opcode);
    }
    writer.into_bytes()
}

fn write(writer: &mut Writer, opcode: &Opcode) {
    let head = |writer: &mut Writer, code, arguments: usize| {
        writer.array(3 + arguments);
        writer.uint(code);
        writer.bytes(opcode.document.attachment.as_bytes());
        writer.bytes(&opcode.document.key.to_bytes());
    };
    let place_and_value = |writer: &mut Writer, code, path: &Path, value: Value| {
        head(writer, code, 2);
        write_path(writer, path);
        write_typed(writer, &value);
    };
    match &opcode.operation {
        Operation::DocumentSet { value } => {
            head(writer, DOCUMENT_SET, 1);
            write_value(writer, value);
        }
        Operation::DocumentUpdate { path, value } => {
            place_and_value(writer, DOCUMENT_UPDATE, path, value.clone());
        }
        Operation::SetUnion { path, elements } => {
            place_and_value(writer, SET_UNION, path, Value::Set(elements.clone()));
        }
        Operation::SetSubtract { path, elements } => {
            place_and_value(writer, SET_SUBTRACT, path, Value::Set(elements.clone()));
        }
        Operation::MapUnion { path, entries } => {
            place_and_value(writer, MAP_UNION, path, Value::Map(entries.clone()));
        }
        Operation::MapSubtract { path, keys } => {
            place_and_value(writer, MAP_SUBTRACT, path, Value::Set(keys.clone()));
        }
        Operation::MapUpdate { path, entries } => {
            place_and_value(writer, MAP_UPDATE, path, Value::Map(entries.clone()));
        }
        Operation::XArrayInsert { path, before, position } => {
            head(writer, XARRAY_INSERT, 3);
            write_path(writer, path);
            writer.bytes(before.as_bytes());
            writer.bytes(position.as_bytes());
        }
        Operation::XArrayUpdate { path, position, value } => {
            head(writer, XARRAY_UPDATE, 3);
            write_path(writer, path);
            writer.bytes(position.as_bytes());
            write_typed(writer, value);
        }
        Operation::XArrayRemove { path, position } => {
            head(writer, XARRAY_REMOVE, 2);
            write_path(writer, path);
            writer.bytes(position.as_bytes());
        }
    }
}

fn write_typed(writer: &mut Writer, value: &Value) {
    writer.array(2);
    write_type(writer, &value.ty());
    write_value(writer, value);
}

/// The opcodes that a payload encodes.
///
/// # Errors
/// When the bytes are not the canonical encoding of opcodes over these definitions.
pub fn decode(payload: &[u8], definitions: &Definitions) -> Result<Vec<Opcode>, DecodeError> {
    let mut reader = Reader::new(payload);
    let count = reader.array()?;
    if count == 0 {
        return Err(reader.error(DecodeErrorKind::Expected { expected: "the version of a payload" }));
    }
    let version = reader.uint()?;
    if version != VERSION {
        return Err(reader.error(DecodeErrorKind::Version { version }));
    }
    let mut opcodes = Vec::with_capacity(count - 1);
    for _ in 1..count {
        opcodes.push(read(&mut reader, definitions)?);
    }
    reader.finish()?;
    Ok(opcodes)
}

fn read(reader: &mut Reader<'_>, definitions: &Definitions) -> Result<Opcode, DecodeError> {
    let start = reader.offset();
    let fail = |kind| DecodeError::new(start, kind);
    let length = reader.array()?;
    let code = reader.uint()?;
    let arguments = match code {
        DOCUMENT_SET => 1,
        XARRAY_INSERT | XARRAY_UPDATE => 3,
        DOCUMENT_UPDATE..=XARRAY_REMOVE => 2,
        _ => return Err(fail(DecodeErrorKind::Expected { expected: "the code of an operation" })),
    };
    if length != 3 + arguments {
        return Err(fail(DecodeErrorKind::Length { expected: 3 + arguments as u64, found: length as u64 }));
    }
    let attachment = read_attachment(reader, definitions)?;
    let key = read_key(reader, attachment, definitions)?;
    let document = DocumentId { attachment: attachment.runtime_id(), key };
    let operation = if code == DOCUMENT_SET {
        Operation::DocumentSet { value: read_value(reader, attachment.document_type(), definitions)? }
    } else {
        read_operation(reader, code, definitions)?
    };
    Ok(Opcode { document, operation })
}

fn read_attachment<'d>(
    reader: &mut Reader<'_>,
    definitions: &'d Definitions,
) -> Result<&'d Attachment, DecodeError> {
    let offset = reader.offset();
    let id = RuntimeId::from_uuid(Uuid::from_bytes(reader.byte_array()?));
    let kind = DecodeErrorKind::UnknownDefinition { what: "attachment", id };
    definitions.attachment(id).map(|attachment| &**attachment).ok_or_else(|| DecodeError::new(offset, kind))
}

fn read_key(
    reader: &mut Reader<'_>,
    attachment: &Attachment,
    definitions: &Definitions,
) -> Result<Key, DecodeError> {
    let offset = reader.offset();
    match read_value(reader, &attachment.key_type(), definitions)? {
        Value::Key(key) if !key.is_null() => Ok(key),
        _ => {
            let kind = DecodeErrorKind::Expected { expected: "the key of a document" };
            Err(DecodeError::new(offset, kind))
        }
    }
}

fn read_operation(
    reader: &mut Reader<'_>,
    code: u64,
    definitions: &Definitions,
) -> Result<Operation, DecodeError> {
    let start = reader.offset();
    let path = read_path(reader, definitions)?;
    let uuid = |reader: &mut Reader<'_>| reader.byte_array().map(Uuid::from_bytes);
    let operation = match code {
        DOCUMENT_UPDATE => Operation::DocumentUpdate { path, value: read_typed(reader, definitions)? },
        SET_UNION => Operation::SetUnion { path, elements: read_set(reader, definitions)? },
        SET_SUBTRACT => Operation::SetSubtract { path, elements: read_set(reader, definitions)? },
        MAP_UNION => Operation::MapUnion { path, entries: read_map(reader, definitions)? },
        MAP_SUBTRACT => Operation::MapSubtract { path, keys: read_set(reader, definitions)? },
        MAP_UPDATE => Operation::MapUpdate { path, entries: read_map(reader, definitions)? },
        XARRAY_INSERT => {
            let before = uuid(reader)?;
            Operation::XArrayInsert { path, before, position: uuid(reader)? }
        }
        XARRAY_UPDATE => {
            let position = uuid(reader)?;
            Operation::XArrayUpdate { path, position, value: read_typed(reader, definitions)? }
        }
        _ => Operation::XArrayRemove { path, position: uuid(reader)? },
    };
    operation.check_depth().map_err(|_| DecodeError::new(start, DecodeErrorKind::Depth))?;
    Ok(operation)
}

fn read_typed(reader: &mut Reader<'_>, definitions: &Definitions) -> Result<Value, DecodeError> {
    reader.array_of(2)?;
    let error = reader.error(DecodeErrorKind::Expected { expected: "the type of exactly this value" });
    let ty = read_type(reader, definitions)?;
    let value = read_value(reader, &ty, definitions)?;
    // A key stands under its own concept; only then is there one way to write it.
    let is_exact = !matches!(ty, Type::Key(_)) || value.ty() == ty;
    if is_exact { Ok(value) } else { Err(error) }
}

fn read_set(reader: &mut Reader<'_>, definitions: &Definitions) -> Result<SetValue, DecodeError> {
    let error = reader.error(DecodeErrorKind::Expected { expected: "a set" });
    match read_typed(reader, definitions)? {
        Value::Set(set) => Ok(set),
        _ => Err(error),
    }
}

fn read_map(reader: &mut Reader<'_>, definitions: &Definitions) -> Result<MapValue, DecodeError> {
    let error = reader.error(DecodeErrorKind::Expected { expected: "a map" });
    match read_typed(reader, definitions)? {
        Value::Map(map) => Ok(map),
        _ => Err(error),
    }
}
