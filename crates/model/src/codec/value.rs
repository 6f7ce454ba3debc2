//! Values as CBOR, by their type: the type itself is not written, except under `any`.

use std::sync::Arc;

use uuid::Uuid;

use super::types::{read_type, write_type};
use super::{DecodeError, DecodeErrorKind, Reader, Writer};
use crate::MAX_DEPTH;
use crate::definitions::Lookup;
use crate::id::{BlobId, CommitId};
use crate::types::{KeyTarget, Type};
use crate::value::{
    AnyValue, EnumerationValue, Key, MapValue, MatValue, OptionalValue, SetValue, StructureValue, TupleValue,
    Value, ValueErrorKind, VariantValue, VecValue, VectorValue, XArrayValue,
};

/// The canonical encoding of a value.
pub fn encode_value(value: &Value) -> Vec<u8> {
    let mut writer = Writer::new();
    write_value(&mut writer, value);
    writer.into_bytes()
}

/// The value of a type that these bytes encode.
///
/// # Errors
/// When they are not the canonical encoding of one.
pub fn decode_value(bytes: &[u8], ty: &Type, definitions: &dyn Lookup) -> Result<Value, DecodeError> {
    let mut reader = Reader::new(bytes);
    let value = read_value(&mut reader, ty, definitions)?;
    reader.finish()?;
    Ok(value)
}

fn write_all(writer: &mut Writer, values: &[Value]) {
    writer.array(values.len());
    values.iter().for_each(|value| write_value(writer, value));
}

/// Writes a value; who reads it must know its type.
pub fn write_value(writer: &mut Writer, value: &Value) {
    match value {
        Value::Bool(v) => writer.bool(*v),
        Value::Int8(v) => writer.int(i64::from(*v)),
        Value::Int16(v) => writer.int(i64::from(*v)),
        Value::Int32(v) => writer.int(i64::from(*v)),
        Value::Int64(v) => writer.int(*v),
        Value::UInt8(v) => writer.uint(u64::from(*v)),
        Value::UInt16(v) => writer.uint(u64::from(*v)),
        Value::UInt32(v) => writer.uint(u64::from(*v)),
        Value::UInt64(v) => writer.uint(*v),
        Value::Float(v) => writer.float(f64::from(*v)),
        Value::Double(v) => writer.float(*v),
        Value::String(v) => writer.text(v),
        Value::Uuid(v) => writer.bytes(v.as_bytes()),
        Value::Blob(v) => writer.bytes(v),
        Value::BlobId(v) => writer.bytes(v.as_bytes()),
        Value::CommitId(v) => writer.bytes(v.as_bytes()),
        Value::Any(v) => write_any(writer, v),
        Value::Vec(v) => write_all(writer, v.items()),
        Value::Mat(v) => {
            writer.array(v.mat_type().columns() * v.mat_type().rows());
            for column in v.columns() {
                if let Value::Vec(column) = column {
                    column.items().iter().for_each(|value| write_value(writer, value));
                }
            }
        }
        Value::Tuple(v) => write_all(writer, v.items()),
        Value::Optional(v) => match v.get() {
            None => writer.null(),
            Some(value) => {
                writer.array(1);
                write_value(writer, value);
            }
        },
        Value::Vector(v) => write_all(writer, v.items()),
        Value::Set(v) => write_all(writer, v.items()),
        Value::Map(v) => {
            writer.array(2 * v.entries().len());
            for (key, value) in v.entries() {
                write_value(writer, key);
                write_value(writer, value);
            }
        }
        Value::XArray(v) => {
            writer.array(v.slots().len());
            for (position, value) in v.slots() {
                match value {
                    None => writer.bytes(position.as_bytes()),
                    Some(value) => {
                        writer.array(2);
                        writer.bytes(position.as_bytes());
                        write_value(writer, value);
                    }
                }
            }
        }
        Value::Variant(v) => {
            writer.array(2);
            writer.uint(v.index() as u64);
            write_value(writer, v.get());
        }
        Value::Key(v) => writer.bytes(&v.to_bytes()),
        Value::Enumeration(v) => writer.uint(v.index() as u64),
        Value::Structure(v) => write_all(writer, v.fields()),
    }
}

/// Writes nothing as null, anything else with its type before it.
pub(super) fn write_any(writer: &mut Writer, any: &AnyValue) {
    match any.get() {
        None => writer.null(),
        Some(value) => {
            writer.array(2);
            write_type(writer, &value.ty());
            write_value(writer, value);
        }
    }
}

/// Reads a value of this type.
///
/// # Errors
/// When the input is not its canonical encoding.
pub fn read_value(
    reader: &mut Reader<'_>,
    ty: &Type,
    definitions: &dyn Lookup,
) -> Result<Value, DecodeError> {
    Decoder { reader, definitions }.value(ty, 0)
}

struct Decoder<'r, 'i, 'd> {
    reader: &'r mut Reader<'i>,
    definitions: &'d dyn Lookup,
}

impl Decoder<'_, '_, '_> {
    fn fail<T>(&self, offset: usize, kind: DecodeErrorKind) -> Result<T, DecodeError> {
        Err(DecodeError::new(offset, kind))
    }

    fn uint<T: TryFrom<u64>>(&mut self) -> Result<T, DecodeError> {
        let start = self.reader.offset();
        T::try_from(self.reader.uint()?).or_else(|_| self.fail(start, DecodeErrorKind::Range))
    }

    fn int<T: TryFrom<i64>>(&mut self) -> Result<T, DecodeError> {
        let start = self.reader.offset();
        T::try_from(self.reader.int()?).or_else(|_| self.fail(start, DecodeErrorKind::Range))
    }

    fn float(&mut self) -> Result<f32, DecodeError> {
        let start = self.reader.offset();
        let number = self.reader.float()?;
        let single = number as f32;
        if f64::from(single) == number || number.is_nan() {
            Ok(single)
        } else {
            self.fail(start, DecodeErrorKind::Range)
        }
    }

    /// Reads items, each straight into its place in one allocation of the right size.
    fn collect<I, F>(&mut self, items: I, mut read: F) -> Result<Arc<[Value]>, DecodeError>
    where
        I: Iterator,
        F: FnMut(&mut Self, I::Item) -> Result<Value, DecodeError>,
    {
        // Collecting results would forget how many there will be, and so grow and copy.
        let mut failure = None;
        let items = items.map(|item| {
            if failure.is_none() {
                match read(self, item) {
                    Ok(value) => return value,
                    Err(error) => failure = Some(error),
                }
            }
            Value::Bool(false)
        });
        let items = items.collect();
        failure.map_or(Ok(items), Err)
    }

    /// Reads items of one type. What the type is decides once, not for every number.
    fn many(&mut self, count: usize, ty: &Type, depth: usize) -> Result<Arc<[Value]>, DecodeError> {
        if depth + 1 >= MAX_DEPTH && count > 0 {
            return self.fail(self.reader.offset(), DecodeErrorKind::Depth);
        }
        let items = 0..count;
        match ty {
            Type::Double => self.collect(items, |it, _| it.reader.float().map(Value::Double)),
            Type::Float => self.collect(items, |it, _| it.float().map(Value::Float)),
            Type::Int32 => self.collect(items, |it, _| it.int().map(Value::Int32)),
            Type::Int64 => self.collect(items, |it, _| it.reader.int().map(Value::Int64)),
            Type::UInt8 => self.collect(items, |it, _| it.uint().map(Value::UInt8)),
            Type::UInt32 => self.collect(items, |it, _| it.uint().map(Value::UInt32)),
            ty => self.collect(items, |it, _| it.value(ty, depth + 1)),
        }
    }

    fn value(&mut self, ty: &Type, depth: usize) -> Result<Value, DecodeError> {
        // Types are bounded, but values under `any` bring types of their own.
        if depth >= MAX_DEPTH {
            return self.fail(self.reader.offset(), DecodeErrorKind::Depth);
        }
        let value = match ty {
            Type::Bool => Value::Bool(self.reader.bool()?),
            Type::Int8 => Value::Int8(self.int()?),
            Type::Int16 => Value::Int16(self.int()?),
            Type::Int32 => Value::Int32(self.int()?),
            Type::Int64 => Value::Int64(self.int()?),
            Type::UInt8 => Value::UInt8(self.uint()?),
            Type::UInt16 => Value::UInt16(self.uint()?),
            Type::UInt32 => Value::UInt32(self.uint()?),
            Type::UInt64 => Value::UInt64(self.uint()?),
            Type::Float => Value::Float(self.float()?),
            Type::Double => Value::Double(self.reader.float()?),
            Type::String => Value::String(self.reader.text()?.into()),
            Type::Uuid => Value::Uuid(Uuid::from_bytes(self.reader.byte_array()?)),
            Type::Blob => Value::Blob(self.reader.bytes()?.into()),
            Type::BlobId => Value::BlobId(BlobId::from_bytes(self.reader.byte_array()?)),
            Type::CommitId => Value::CommitId(CommitId::from_bytes(self.reader.byte_array()?)),
            Type::Any => Value::Any(self.any(depth)?),
            Type::Vec(vec) => {
                self.reader.array_of(vec.size())?;
                let items = self.many(vec.size(), &vec.element().as_type(), depth)?;
                Value::Vec(VecValue::new_unchecked(vec.clone(), items))
            }
            Type::Mat(mat) => {
                self.reader.array_of(mat.columns() * mat.rows())?;
                let column_type = Arc::new(mat.column());
                let columns = self.collect(0..mat.columns(), |it, _| {
                    let items = it.many(mat.rows(), &mat.element().as_type(), depth)?;
                    Ok(Value::Vec(VecValue::new_unchecked(column_type.clone(), items)))
                })?;
                Value::Mat(MatValue::new_unchecked(mat.clone(), columns))
            }
            Type::Tuple(types) => {
                self.reader.array_of(types.len())?;
                let items = self.collect(types.iter(), |it, ty| it.value(ty, depth + 1))?;
                Value::Tuple(TupleValue::new_unchecked(types.clone(), items))
            }
            Type::Structure(structure) => {
                self.reader.array_of(structure.fields().len())?;
                let fields = structure.fields().iter();
                let fields = self.collect(fields, |it, field| it.value(&field.ty, depth + 1))?;
                Value::Structure(StructureValue::new_unchecked(structure.clone(), fields))
            }
            Type::Optional(element) => {
                let value = if self.reader.null()? {
                    None
                } else {
                    self.reader.array_of(1)?;
                    Some(self.value(element, depth + 1)?)
                };
                Value::Optional(OptionalValue::new_unchecked(element.clone(), value))
            }
            Type::Vector(element) => {
                let count = self.reader.array()?;
                let items = self.many(count, element, depth)?;
                Value::Vector(VectorValue::new_unchecked(element.clone(), items))
            }
            Type::Set(element) => {
                let count = self.reader.array()?;
                let mut items: Vec<Value> = Vec::with_capacity(count);
                for _ in 0..count {
                    let offset = self.reader.offset();
                    let item = self.value(element, depth + 1)?;
                    if items.last().is_some_and(|last| *last >= item) {
                        return self.fail(offset, DecodeErrorKind::Order);
                    }
                    items.push(item);
                }
                Value::Set(SetValue::new_unchecked(element.clone(), items))
            }
            Type::Map(map) => {
                let start = self.reader.offset();
                let count = self.reader.array()?;
                if count % 2 == 1 {
                    let expected = "an array of keys and values in turn";
                    return self.fail(start, DecodeErrorKind::Expected { expected });
                }
                let mut entries: Vec<(Value, Value)> = Vec::with_capacity(count / 2);
                for _ in 0..count / 2 {
                    let offset = self.reader.offset();
                    let key = self.value(&map.key, depth + 1)?;
                    if entries.last().is_some_and(|(last, _)| *last >= key) {
                        return self.fail(offset, DecodeErrorKind::Order);
                    }
                    entries.push((key, self.value(&map.value, depth + 1)?));
                }
                Value::Map(MapValue::new_unchecked(map.clone(), entries))
            }
            Type::XArray(element) => Value::XArray(self.xarray(element, depth)?),
            Type::Variant(types) => {
                self.reader.array_of(2)?;
                let start = self.reader.offset();
                let index: usize = self.uint()?;
                let Some(ty) = types.get(index) else {
                    return self.fail(start, DecodeErrorKind::Range);
                };
                let value = self.value(ty, depth + 1)?;
                // A key may fit several of the types: the first is the one it is written under.
                if types[..index].iter().any(|earlier| earlier.admits(&value)) {
                    return self.fail(start, DecodeErrorKind::Range);
                }
                Value::Variant(VariantValue::new_unchecked(types.clone(), index, value))
            }
            Type::Key(target) => Value::Key(self.key(target)?),
            Type::Enumeration(enumeration) => {
                let start = self.reader.offset();
                let case = self.uint()?;
                match EnumerationValue::new(enumeration.clone(), case) {
                    Some(value) => Value::Enumeration(value),
                    None => return self.fail(start, DecodeErrorKind::Range),
                }
            }
        };
        Ok(value)
    }

    fn any(&mut self, depth: usize) -> Result<AnyValue, DecodeError> {
        Ok(if self.reader.null()? { AnyValue::empty() } else { AnyValue::new(self.typed(depth)?) })
    }

    fn typed(&mut self, depth: usize) -> Result<Value, DecodeError> {
        self.reader.array_of(2)?;
        let start = self.reader.offset();
        let ty = read_type(self.reader, self.definitions)?;
        let value = self.value(&ty, depth + 1)?;
        // A key stands under its own concept, not under one that also admits it.
        if value.has_type(&ty) {
            Ok(value)
        } else {
            self.fail(start, DecodeErrorKind::Expected { expected: "the type of exactly this value" })
        }
    }

    fn xarray(&mut self, element: &Arc<Type>, depth: usize) -> Result<XArrayValue, DecodeError> {
        let start = self.reader.offset();
        let count = self.reader.array()?;
        let mut slots = Vec::with_capacity(count);
        for _ in 0..count {
            if self.reader.at_bytes() {
                slots.push((Uuid::from_bytes(self.reader.byte_array()?), None));
            } else {
                self.reader.array_of(2)?;
                let position = Uuid::from_bytes(self.reader.byte_array()?);
                slots.push((position, Some(self.value(element, depth + 1)?)));
            }
        }
        match XArrayValue::check_positions(&slots) {
            Ok(()) => Ok(XArrayValue::new_unchecked(element.clone(), slots)),
            Err(error) => self.fail(start, DecodeErrorKind::Value(Box::new(error))),
        }
    }

    fn key(&mut self, target: &KeyTarget) -> Result<Key, DecodeError> {
        let offset = self.reader.offset();
        let bytes: [u8; 32] = self.reader.byte_array()?;
        if bytes == [0; 32] {
            return Ok(Key::null());
        }
        let mut concept = [0; 16];
        let mut instance = [0; 16];
        concept.copy_from_slice(&bytes[..16]);
        instance.copy_from_slice(&bytes[16..]);
        let id = crate::RuntimeId::from_uuid(Uuid::from_bytes(concept));
        let Some(concept) = self.definitions.concept(id) else {
            return self.fail(offset, DecodeErrorKind::UnknownDefinition { what: "concept", id });
        };
        let key = Key::new(concept, Uuid::from_bytes(instance));
        if target.admits(&key) {
            return Ok(key);
        }
        let concept = key.concept().map_or_else(String::new, |concept| concept.name().to_string());
        let kind = ValueErrorKind::Key { concept, target: target.to_string() };
        self.fail(offset, DecodeErrorKind::Value(Box::new(kind.into())))
    }
}
