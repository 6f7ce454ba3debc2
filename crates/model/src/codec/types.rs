//! Types as CBOR: a primitive is its code, everything else an array that starts with its code.

use super::{DecodeError, DecodeErrorKind, Reader, Writer};
use crate::MAX_DEPTH;
use crate::definitions::Lookup;
use crate::id::RuntimeId;
use crate::types::{KeyTarget, Numeric, Type};

const VEC: u64 = 20;
const MAT: u64 = 21;
const TUPLE: u64 = 22;
const OPTIONAL: u64 = 23;
const VECTOR: u64 = 24;
const SET: u64 = 25;
const MAP: u64 = 26;
const XARRAY: u64 = 27;
const VARIANT: u64 = 28;
const KEY: u64 = 29;
const ENUMERATION: u64 = 30;
const STRUCTURE: u64 = 31;

/// The code of a primitive: its place in [`Type::PRIMITIVES`].
fn primitive_code(ty: &Type) -> Option<u64> {
    Type::PRIMITIVES.iter().position(|primitive| primitive == ty).map(|code| code as u64)
}

fn numeric_code(numeric: Numeric) -> u64 {
    // A numeric is a primitive.
    primitive_code(&numeric.as_type()).unwrap_or_default()
}

/// Writes a type; definitions are referred to by runtime id.
pub fn write_type(writer: &mut Writer, ty: &Type) {
    let one = |writer: &mut Writer, code, element: &Type| {
        writer.array(2);
        writer.uint(code);
        write_type(writer, element);
    };
    let many = |writer: &mut Writer, code, types: &[Type]| {
        writer.array(1 + types.len());
        writer.uint(code);
        types.iter().for_each(|ty| write_type(writer, ty));
    };
    let named = |writer: &mut Writer, code, id: RuntimeId| {
        writer.array(2);
        writer.uint(code);
        writer.bytes(id.as_bytes());
    };
    match ty {
        Type::Vec(vec) => {
            writer.array(3);
            writer.uint(VEC);
            writer.uint(numeric_code(vec.element()));
            writer.uint(vec.size() as u64);
        }
        Type::Mat(mat) => {
            writer.array(4);
            writer.uint(MAT);
            writer.uint(numeric_code(mat.element()));
            writer.uint(mat.columns() as u64);
            writer.uint(mat.rows() as u64);
        }
        Type::Tuple(types) => many(writer, TUPLE, types),
        Type::Variant(types) => many(writer, VARIANT, types),
        Type::Optional(element) => one(writer, OPTIONAL, element),
        Type::Vector(element) => one(writer, VECTOR, element),
        Type::Set(element) => one(writer, SET, element),
        Type::XArray(element) => one(writer, XARRAY, element),
        Type::Map(map) => {
            writer.array(3);
            writer.uint(MAP);
            write_type(writer, &map.key);
            write_type(writer, &map.value);
        }
        Type::Key(target) => named(writer, KEY, target.runtime_id()),
        Type::Enumeration(enumeration) => named(writer, ENUMERATION, enumeration.runtime_id()),
        Type::Structure(structure) => named(writer, STRUCTURE, structure.runtime_id()),
        primitive => writer.uint(primitive_code(primitive).unwrap_or_default()),
    }
}

/// Reads a type whose definitions are looked up by runtime id.
///
/// # Errors
/// When the input is not the encoding of a type over these definitions.
pub fn read_type(reader: &mut Reader<'_>, definitions: &dyn Lookup) -> Result<Type, DecodeError> {
    read(reader, definitions, 0)
}

fn read(reader: &mut Reader<'_>, definitions: &dyn Lookup, depth: usize) -> Result<Type, DecodeError> {
    if depth >= MAX_DEPTH {
        return Err(reader.error(DecodeErrorKind::Depth));
    }
    if !reader.at_array() {
        return read_primitive(reader);
    }
    let start = reader.offset();
    let fail = |kind| DecodeError::new(start, kind);
    let length = reader.array()?;
    if length == 0 {
        return Err(fail(DecodeErrorKind::Expected { expected: "the code of a type" }));
    }
    let code = reader.uint()?;
    let arity = match code {
        VEC | MAP => 3,
        MAT => 4,
        TUPLE | VARIANT => length,
        _ => 2,
    };
    if length != arity {
        return Err(fail(DecodeErrorKind::Length { expected: arity as u64, found: length as u64 }));
    }
    let unknown = |what, id| fail(DecodeErrorKind::UnknownDefinition { what, id });
    let ty = match code {
        VEC => {
            let element = read_numeric(reader)?;
            Type::vec(element, reader.uint()?).map_err(|e| fail(DecodeErrorKind::Type(Box::new(e))))?
        }
        MAT => {
            let element = read_numeric(reader)?;
            let columns = reader.uint()?;
            Type::mat(element, columns, reader.uint()?)
                .map_err(|e| fail(DecodeErrorKind::Type(Box::new(e))))?
        }
        TUPLE | VARIANT => {
            let mut types = Vec::with_capacity(length - 1);
            for _ in 1..length {
                types.push(read(reader, definitions, depth + 1)?);
            }
            let made = if code == TUPLE { Type::tuple(types) } else { Type::variant(types) };
            made.map_err(|e| fail(DecodeErrorKind::Type(Box::new(e))))?
        }
        OPTIONAL => Type::optional(read(reader, definitions, depth + 1)?),
        VECTOR => Type::vector(read(reader, definitions, depth + 1)?),
        SET => Type::set(read(reader, definitions, depth + 1)?),
        XARRAY => Type::xarray(read(reader, definitions, depth + 1)?),
        MAP => {
            let key = read(reader, definitions, depth + 1)?;
            Type::map(key, read(reader, definitions, depth + 1)?)
        }
        KEY => Type::key(read_key_target(reader, definitions)?),
        ENUMERATION => {
            let id = read_runtime_id(reader)?;
            Type::Enumeration(definitions.enumeration(id).ok_or_else(|| unknown("enumeration", id))?)
        }
        STRUCTURE => {
            let id = read_runtime_id(reader)?;
            Type::Structure(definitions.structure(id).ok_or_else(|| unknown("structure", id))?)
        }
        _ => return Err(fail(DecodeErrorKind::Expected { expected: "the code of a type" })),
    };
    Ok(ty)
}

fn read_primitive(reader: &mut Reader<'_>) -> Result<Type, DecodeError> {
    let offset = reader.offset();
    let code = usize::try_from(reader.uint()?).unwrap_or(usize::MAX);
    let kind = DecodeErrorKind::Expected { expected: "the code of a type" };
    Type::PRIMITIVES.get(code).cloned().ok_or_else(|| DecodeError::new(offset, kind))
}

fn read_numeric(reader: &mut Reader<'_>) -> Result<Numeric, DecodeError> {
    let offset = reader.offset();
    let kind = DecodeErrorKind::Expected { expected: "the code of a numeric type" };
    read_primitive(reader)?.as_numeric().ok_or_else(|| DecodeError::new(offset, kind))
}

/// Reads a runtime id.
pub(super) fn read_runtime_id(reader: &mut Reader<'_>) -> Result<RuntimeId, DecodeError> {
    Ok(RuntimeId::from_uuid(uuid::Uuid::from_bytes(reader.byte_array()?)))
}

/// Reads what a key may refer to: the runtime id of a concept or club, zero for any concept.
pub(super) fn read_key_target(
    reader: &mut Reader<'_>,
    definitions: &dyn Lookup,
) -> Result<KeyTarget, DecodeError> {
    let offset = reader.offset();
    let id = read_runtime_id(reader)?;
    if id.is_zero() {
        return Ok(KeyTarget::AnyConcept);
    }
    let concept = definitions.concept(id).map(KeyTarget::Concept);
    concept.or_else(|| definitions.club(id).map(KeyTarget::Club)).ok_or_else(|| {
        DecodeError::new(offset, DecodeErrorKind::UnknownDefinition { what: "concept or club", id })
    })
}
