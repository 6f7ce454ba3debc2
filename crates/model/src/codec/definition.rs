//! Definitions as CBOR, in two forms.
//!
//! The *meaning* is what a runtime id is derived from: namespace UUID, kind, name and everything that gives meaning,
//! documentation excluded. The *stored* form adds what people need: the namespace's name, doc strings, and the runtime
//! id itself where it is one that another producer chose.

use std::sync::Arc;

use uuid::Uuid;

use super::types::{read_key_target, read_runtime_id, read_type, write_type};
use super::value::{read_value, write_value};
use super::{DecodeError, DecodeErrorKind, Reader, Writer};
use crate::definition::{
    Attachment, Case, Club, Concept, Definition, DefinitionError, Enumeration, Field, Function, FunctionPool,
    Structure,
};
use crate::definitions::Lookup;
use crate::id::RuntimeId;
use crate::name::{NameSpace, TypeName};
use crate::types::Type;

const CONCEPT: u64 = 1;
const CLUB: u64 = 2;
const ENUMERATION: u64 = 3;
const STRUCTURE: u64 = 4;
const ATTACHMENT: u64 = 5;
const FUNCTION_POOL: u64 = 6;

/// The version of the stored form.
const VERSION: u64 = 1;

fn meaning(kind: u64, name: &TypeName, parts: usize) -> Writer {
    let mut writer = Writer::new();
    writer.array(3 + parts);
    writer.bytes(name.namespace.uuid.as_bytes());
    writer.uint(kind);
    writer.text(&name.name);
    writer
}

fn write_id_or_null(writer: &mut Writer, id: Option<RuntimeId>) {
    match id {
        Some(id) => writer.bytes(id.as_bytes()),
        None => writer.null(),
    }
}

pub(crate) fn concept_meaning(concept: &Concept) -> Vec<u8> {
    let mut writer = meaning(CONCEPT, concept.name(), 1);
    write_id_or_null(&mut writer, concept.parent().map(|parent| parent.runtime_id()));
    writer.into_bytes()
}

pub(crate) fn club_meaning(club: &Club) -> Vec<u8> {
    let mut writer = meaning(CLUB, club.name(), 1);
    writer.array(club.members().len());
    club.members().iter().for_each(|member| writer.bytes(member.runtime_id().as_bytes()));
    writer.into_bytes()
}

pub(crate) fn enumeration_meaning(enumeration: &Enumeration) -> Vec<u8> {
    let mut writer = meaning(ENUMERATION, enumeration.name(), 1);
    writer.array(enumeration.cases().len());
    enumeration.cases().iter().for_each(|case| writer.text(&case.name));
    writer.into_bytes()
}

pub(crate) fn structure_meaning(structure: &Structure) -> Vec<u8> {
    let mut writer = meaning(STRUCTURE, structure.name(), 1);
    writer.array(structure.fields().len());
    for field in structure.fields() {
        writer.array(3);
        writer.text(&field.name);
        write_type(&mut writer, &field.ty);
        write_default(&mut writer, field);
    }
    writer.into_bytes()
}

fn write_default(writer: &mut Writer, field: &Field) {
    match &field.default {
        None => writer.null(),
        Some(default) => {
            writer.array(1);
            write_value(writer, default);
        }
    }
}

pub(crate) fn attachment_meaning(attachment: &Attachment) -> Vec<u8> {
    let mut writer = meaning(ATTACHMENT, attachment.name(), 2);
    writer.bytes(attachment.key_target().runtime_id().as_bytes());
    write_type(&mut writer, attachment.document_type());
    writer.into_bytes()
}

pub(crate) fn pool_meaning(pool: &FunctionPool) -> Vec<u8> {
    let mut writer = meaning(FUNCTION_POOL, pool.name(), 2);
    writer.bool(pool.over_attachments());
    writer.array(pool.functions().len());
    for function in pool.functions() {
        writer.array(4);
        write_function(&mut writer, function);
    }
    writer.into_bytes()
}

fn write_function(writer: &mut Writer, function: &Function) {
    writer.text(&function.name);
    writer.bool(function.is_mutable);
    match &function.result {
        None => writer.null(),
        Some(ty) => {
            writer.array(1);
            write_type(writer, ty);
        }
    }
    writer.array(2 * function.parameters.len());
    for (name, ty) in &function.parameters {
        writer.text(name);
        write_type(writer, ty);
    }
}

/// The stored form of a definition.
pub fn encode_definition(definition: &Definition) -> Vec<u8> {
    let mut writer = Writer::new();
    let (kind, parts, documentation) = match definition {
        Definition::Concept(d) => (CONCEPT, 1, d.documentation()),
        Definition::Club(d) => (CLUB, 1, d.documentation()),
        Definition::Enumeration(d) => (ENUMERATION, 1, d.documentation()),
        Definition::Structure(d) => (STRUCTURE, 1, d.documentation()),
        Definition::Attachment(d) => (ATTACHMENT, 2, d.documentation()),
        Definition::FunctionPool(d) => (FUNCTION_POOL, 2, d.documentation()),
    };
    let name = definition.name();
    writer.array(7 + parts);
    writer.uint(VERSION);
    writer.uint(kind);
    writer.bytes(name.namespace.uuid.as_bytes());
    writer.text(&name.namespace.name);
    writer.text(&name.name);
    writer.text(documentation);
    let derived = RuntimeId::derive(&definition_meaning(definition));
    let chosen = Some(definition.runtime_id()).filter(|id| *id != derived);
    write_id_or_null(&mut writer, chosen);
    match definition {
        Definition::Concept(d) => {
            write_id_or_null(&mut writer, d.parent().map(|parent| parent.runtime_id()));
        }
        Definition::Club(d) => {
            writer.array(d.members().len());
            d.members().iter().for_each(|member| writer.bytes(member.runtime_id().as_bytes()));
        }
        Definition::Enumeration(d) => {
            writer.array(2 * d.cases().len());
            for case in d.cases() {
                writer.text(&case.name);
                writer.text(&case.documentation);
            }
        }
        Definition::Structure(d) => {
            writer.array(d.fields().len());
            for field in d.fields() {
                writer.array(4);
                writer.text(&field.name);
                writer.text(&field.documentation);
                write_type(&mut writer, &field.ty);
                write_default(&mut writer, field);
            }
        }
        Definition::Attachment(d) => {
            writer.bytes(d.key_target().runtime_id().as_bytes());
            write_type(&mut writer, d.document_type());
        }
        Definition::FunctionPool(d) => {
            writer.bool(d.over_attachments());
            writer.array(d.functions().len());
            for function in d.functions() {
                writer.array(5);
                writer.text(&function.documentation);
                write_function(&mut writer, function);
            }
        }
    }
    writer.into_bytes()
}

/// What the runtime id of a definition is derived from.
pub fn definition_meaning(definition: &Definition) -> Vec<u8> {
    match definition {
        Definition::Concept(d) => concept_meaning(d),
        Definition::Club(d) => club_meaning(d),
        Definition::Enumeration(d) => enumeration_meaning(d),
        Definition::Structure(d) => structure_meaning(d),
        Definition::Attachment(d) => attachment_meaning(d),
        Definition::FunctionPool(d) => pool_meaning(d),
    }
}

/// The definition whose stored form this is. What it refers to must be known already.
///
/// # Errors
/// When the bytes are not the stored form of a definition over those that are known.
pub fn decode_definition(bytes: &[u8], known: &dyn Lookup) -> Result<Definition, DecodeError> {
    let mut reader = Reader::new(bytes);
    let fail = |kind| DecodeError::new(0, kind);
    let wrong = |e: DefinitionError| fail(DecodeErrorKind::Definition(Box::new(e)));
    let length = reader.array()?;
    let version = reader.uint()?;
    if version != VERSION {
        return Err(fail(DecodeErrorKind::Version { version }));
    }
    let kind = reader.uint()?;
    let parts = match kind {
        CONCEPT | CLUB | ENUMERATION | STRUCTURE => 1,
        ATTACHMENT | FUNCTION_POOL => 2,
        _ => return Err(reader.error(DecodeErrorKind::Expected { expected: "the kind of a definition" })),
    };
    if length != 7 + parts {
        return Err(fail(DecodeErrorKind::Length { expected: 7 + parts as u64, found: length as u64 }));
    }
    let uuid = Uuid::from_bytes(reader.byte_array()?);
    let namespace = NameSpace::new(uuid, reader.text()?);
    let name = TypeName::new(namespace, reader.text()?);
    let documentation: Arc<str> = reader.text()?.into();
    let chosen = if reader.null()? { None } else { Some(read_runtime_id(&mut reader)?) };
    macro_rules! sealed {
        ($definition:expr) => {{
            let definition = $definition.map_err(wrong)?;
            Arc::new(match chosen {
                Some(id) => definition.with_runtime_id(id),
                None => definition,
            })
        }};
    }
    let definition = match kind {
        CONCEPT => {
            let parent = if reader.null()? { None } else { Some(read_concept(&mut reader, known)?) };
            Definition::Concept(sealed!(Concept::new(name, documentation, parent)))
        }
        CLUB => {
            let count = reader.array()?;
            let mut members = Vec::with_capacity(count);
            for _ in 0..count {
                members.push(read_concept(&mut reader, known)?);
            }
            Definition::Club(sealed!(Club::new(name, documentation, members)))
        }
        ENUMERATION => {
            let count = reader.array()? / 2;
            let mut cases = Vec::with_capacity(count);
            for _ in 0..count {
                let name = reader.text()?.into();
                cases.push(Case { name, documentation: reader.text()?.into() });
            }
            Definition::Enumeration(sealed!(Enumeration::new(name, documentation, cases)))
        }
        STRUCTURE => {
            let count = reader.array()?;
            let mut fields = Vec::with_capacity(count);
            for _ in 0..count {
                fields.push(read_field(&mut reader, known)?);
            }
            Definition::Structure(sealed!(Structure::new(name, documentation, fields)))
        }
        ATTACHMENT => {
            let key = read_key_target(&mut reader, known)?;
            let document = read_type(&mut reader, known)?;
            Definition::Attachment(sealed!(Attachment::new(name, documentation, key, document)))
        }
        _ => {
            let over_attachments = reader.bool()?;
            let count = reader.array()?;
            let mut functions = Vec::with_capacity(count);
            for _ in 0..count {
                functions.push(read_function(&mut reader, known)?);
            }
            let pool = FunctionPool::new(uuid, name.name, documentation, over_attachments, functions);
            Definition::FunctionPool(sealed!(pool))
        }
    };
    reader.finish()?;
    // Whatever slack the reading above leaves (odd counts, an id that need not be there) is refused here.
    if encode_definition(&definition) == bytes {
        Ok(definition)
    } else {
        Err(fail(DecodeErrorKind::Expected { expected: "the canonical form of the definition" }))
    }
}

fn read_concept(reader: &mut Reader<'_>, known: &dyn Lookup) -> Result<Arc<Concept>, DecodeError> {
    let offset = reader.offset();
    let id = read_runtime_id(reader)?;
    let kind = DecodeErrorKind::UnknownDefinition { what: "concept", id };
    known.concept(id).ok_or_else(|| DecodeError::new(offset, kind))
}

fn read_field(reader: &mut Reader<'_>, known: &dyn Lookup) -> Result<Field, DecodeError> {
    reader.array_of(4)?;
    let name = reader.text()?.into();
    let documentation = reader.text()?.into();
    let ty = read_type(reader, known)?;
    let default = if reader.null()? {
        None
    } else {
        reader.array_of(1)?;
        Some(read_value(reader, &ty, known)?)
    };
    Ok(Field { name, documentation, ty, default })
}

fn read_function(reader: &mut Reader<'_>, known: &dyn Lookup) -> Result<Function, DecodeError> {
    reader.array_of(5)?;
    let documentation = reader.text()?.into();
    let name = reader.text()?.into();
    let is_mutable = reader.bool()?;
    let result: Option<Type> = if reader.null()? {
        None
    } else {
        reader.array_of(1)?;
        Some(read_type(reader, known)?)
    };
    let count = reader.array()? / 2;
    let mut parameters = Vec::with_capacity(count);
    for _ in 0..count {
        let name = reader.text()?.into();
        parameters.push((name, read_type(reader, known)?));
    }
    Ok(Function { name, documentation, parameters, result, is_mutable })
}
