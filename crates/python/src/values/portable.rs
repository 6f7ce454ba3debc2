//! Values and types that carry with them the definitions that they refer to: what pickling and `dumps` write.

use std::collections::BTreeSet;

use anabranch::model::codec::definition::{decode_definition, encode_definition};
use anabranch::model::codec::{self, Reader, Writer};
use anabranch::model::{Club, Concept, Definition, DefinitionsBuilder, KeyTarget};
use anabranch::{Definitions, RuntimeId, Type, Value};

use crate::error::Outcome;

/// Collects definitions, each after what it refers to.
#[derive(Default)]
struct Collected {
    known: BTreeSet<RuntimeId>,
    definitions: Vec<Definition>,
}

impl Collected {
    fn add(&mut self, definition: Definition) {
        if self.known.insert(definition.runtime_id()) {
            self.definitions.push(definition);
        }
    }

    fn concept(&mut self, concept: &std::sync::Arc<Concept>) {
        if let Some(parent) = concept.parent() {
            self.concept(parent);
        }
        self.add(Definition::Concept(concept.clone()));
    }

    fn club(&mut self, club: &std::sync::Arc<Club>) {
        club.members().iter().for_each(|member| self.concept(member));
        self.add(Definition::Club(club.clone()));
    }

    fn ty(&mut self, ty: &Type) {
        match ty {
            Type::Tuple(types) | Type::Variant(types) => types.iter().for_each(|ty| self.ty(ty)),
            Type::Optional(ty) | Type::Vector(ty) | Type::Set(ty) | Type::XArray(ty) => self.ty(ty),
            Type::Map(map) => {
                self.ty(&map.key);
                self.ty(&map.value);
            }
            Type::Key(target) => match &**target {
                KeyTarget::AnyConcept => {}
                KeyTarget::Concept(concept) => self.concept(concept),
                KeyTarget::Club(club) => self.club(club),
            },
            Type::Enumeration(enumeration) => self.add(Definition::Enumeration(enumeration.clone())),
            Type::Structure(structure) => {
                if self.known.contains(&structure.runtime_id()) {
                    return;
                }
                for field in structure.fields() {
                    self.ty(&field.ty);
                    field.default.iter().for_each(|default| self.value(default));
                }
                self.add(Definition::Structure(structure.clone()));
            }
            _ => {}
        }
    }

    /// What a value refers to beyond its type: the concepts of its keys, the types under `any`.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Key(key) => key.concept().into_iter().for_each(|concept| self.concept(concept)),
            Value::Any(any) => any.get().into_iter().for_each(|inner| {
                self.ty(&inner.ty());
                self.value(inner);
            }),
            Value::Optional(_) | Value::Variant(_) => {
                value.unwrapped().into_iter().for_each(|inner| self.value(inner));
            }
            Value::Map(map) => map.entries().iter().for_each(|(key, inner)| {
                self.value(key);
                self.value(inner);
            }),
            Value::XArray(xarray) => xarray.values().for_each(|inner| self.value(inner)),
            Value::Structure(structure) => structure.fields().iter().for_each(|inner| self.value(inner)),
            other => other.as_items().iter().for_each(|inner| self.value(inner)),
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.array(self.definitions.len());
        self.definitions.iter().for_each(|definition| writer.bytes(&encode_definition(definition)));
    }
}

fn read(reader: &mut Reader<'_>) -> Outcome<Definitions> {
    let mut builder = DefinitionsBuilder::default();
    for _ in 0..reader.array()? {
        let definition = decode_definition(reader.bytes()?, &builder)?;
        builder.add(definition)?;
    }
    Ok(builder.build())
}

fn finished<T>(reader: &Reader<'_>, read: T) -> Outcome<T> {
    reader.finish()?;
    Ok(read)
}

/// A value, its type, and the definitions of both.
pub(crate) fn dumps(value: &Value) -> Outcome<Vec<u8>> {
    let ty = value.ty();
    let mut collected = Collected::default();
    collected.ty(&ty);
    collected.value(value);
    let mut writer = Writer::new();
    writer.array(3);
    collected.write(&mut writer);
    codec::write_type(&mut writer, &ty);
    codec::write_value(&mut writer, value);
    Ok(writer.into_bytes())
}

/// What [`dumps`] wrote.
pub(crate) fn loads(dumped: &[u8]) -> Outcome<Value> {
    let mut reader = Reader::new(dumped);
    reader.array_of(3)?;
    let definitions = read(&mut reader)?;
    let ty = codec::read_type(&mut reader, &definitions)?;
    let value = codec::read_value(&mut reader, &ty, &definitions)?;
    finished(&reader, value)
}

/// A type and its definitions.
pub(crate) fn dumps_type(ty: &Type) -> Vec<u8> {
    let mut collected = Collected::default();
    collected.ty(ty);
    let mut writer = Writer::new();
    writer.array(2);
    collected.write(&mut writer);
    codec::write_type(&mut writer, ty);
    writer.into_bytes()
}

/// What [`dumps_type`] wrote.
pub(crate) fn loads_type(dumped: &[u8]) -> Outcome<Type> {
    let mut reader = Reader::new(dumped);
    reader.array_of(2)?;
    let definitions = read(&mut reader)?;
    let ty = codec::read_type(&mut reader, &definitions)?;
    finished(&reader, ty)
}
