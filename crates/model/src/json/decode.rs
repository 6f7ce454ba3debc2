//! JSON to values, by the type of each place.

use std::sync::Arc;

use serde_json::Value as Json;
use uuid::Uuid;

use super::encode::may_be_null;
use super::{JsonError, JsonErrorKind, Member, base64, types};
use crate::MAX_DEPTH;
use crate::definition::{Enumeration, Structure};
use crate::definitions::{Definitions, Lookup};
use crate::id::RuntimeId;
use crate::types::{KeyTarget, MatType, Type};
use crate::value::{
    AnyValue, EnumerationValue, Key, MapValue, MatValue, OptionalValue, SetValue, StructureValue, TupleValue,
    Value, ValueErrorKind, VariantValue, VecValue, VectorValue, XArrayValue, shown,
};

/// The value of a type that JSON describes.
///
/// # Errors
/// When the JSON is not the form of a value of this type; the error names the JSON path.
pub fn decode(json: &Json, ty: &Type, definitions: &Definitions) -> Result<Value, JsonError> {
    Decoder { definitions, is_strict: false }.value(json, ty, 0).map_err(JsonError::at_root)
}

/// As [`decode`], but a member that is no field of its structure is an error: for what people write by hand, where it is
/// a typing error rather than a field of another version.
///
/// # Errors
/// As [`decode`]; and when there is a member too many.
pub fn decode_strict(json: &Json, ty: &Type, definitions: &Definitions) -> Result<Value, JsonError> {
    Decoder { definitions, is_strict: true }.value(json, ty, 0).map_err(JsonError::at_root)
}

struct Decoder<'d> {
    definitions: &'d Definitions,
    is_strict: bool,
}

impl Decoder<'_> {
    fn value(&self, json: &Json, ty: &Type, depth: usize) -> Result<Value, JsonError> {
        // Types are bounded, but values under `any` bring types of their own.
        if depth >= MAX_DEPTH {
            return Err(JsonError::new(ValueErrorKind::Depth));
        }
        Ok(match ty {
            Type::Bool => {
                Value::Bool(json.as_bool().ok_or_else(|| JsonError::expected("true or false", json))?)
            }
            Type::Int8 => Value::Int8(integer(json, ty)?),
            Type::Int16 => Value::Int16(integer(json, ty)?),
            Type::Int32 => Value::Int32(integer(json, ty)?),
            Type::Int64 => Value::Int64(integer(json, ty)?),
            Type::UInt8 => Value::UInt8(integer(json, ty)?),
            Type::UInt16 => Value::UInt16(integer(json, ty)?),
            Type::UInt32 => Value::UInt32(integer(json, ty)?),
            Type::UInt64 => Value::UInt64(integer(json, ty)?),
            Type::Float => {
                let number = float(json)?;
                // Rounding is what decimal fractions need, overflow is not.
                let single = number as f32;
                if single.is_infinite() && number.is_finite() {
                    return Err(out_of_range(json, ty));
                }
                Value::Float(single)
            }
            Type::Double => Value::Double(float(json)?),
            Type::String => Value::from(text(json)?),
            Type::Uuid => Value::Uuid(uuid(json)?),
            Type::Blob => {
                let text = text(json)?;
                let bytes = base64::decode(text).ok_or_else(|| bad_text(text, "Base64"))?;
                Value::Blob(bytes.into())
            }
            Type::BlobId => {
                let text = text(json)?;
                Value::BlobId(text.parse().map_err(|_| bad_text(text, "blob id of 64 hexadecimal digits"))?)
            }
            Type::CommitId => {
                let text = text(json)?;
                Value::CommitId(
                    text.parse().map_err(|_| bad_text(text, "commit id of 64 hexadecimal digits"))?,
                )
            }
            Type::Any if json.is_null() => Value::Any(AnyValue::empty()),
            Type::Any => {
                let (ty, value) = self.typed(json)?;
                let value = self.value(value, &ty, depth + 1).map_err(|e| e.inside(".value"))?;
                Value::Any(AnyValue::new(value))
            }
            Type::Variant(alternatives) => {
                let (ty, value) = self.typed(json)?;
                if !alternatives.contains(&ty) {
                    let kind = ValueErrorKind::Type {
                        expected: Type::Variant(alternatives.clone()),
                        found: ty.to_string(),
                    };
                    return Err(JsonError::new(kind).inside(".type"));
                }
                let value = self.value(value, &ty, depth + 1).map_err(|e| e.inside(".value"))?;
                Value::Variant(VariantValue::new(alternatives.clone(), value)?)
            }
            Type::Vec(vec) => {
                let items = self.all(array(json)?, &vec.element().as_type(), depth)?;
                Value::Vec(VecValue::new(vec.clone(), items)?)
            }
            Type::Mat(mat) => self.mat(array(json)?, mat, depth)?,
            Type::Tuple(types) => {
                let items = array_of(json, types.len(), ty)?;
                let mut values = Vec::with_capacity(types.len());
                for (index, (item, ty)) in items.iter().zip(types.iter()).enumerate() {
                    values.push(self.at(index, item, ty, depth)?);
                }
                Value::Tuple(TupleValue::new(types.clone(), values)?)
            }
            Type::Optional(element) => {
                let value = match json {
                    Json::Null => None,
                    json if may_be_null(element) => {
                        let present = array(json)?;
                        if present.len() != 1 {
                            return Err(JsonError::expected("null or an array of the value", json));
                        }
                        Some(self.at(0, &present[0], element, depth)?)
                    }
                    json => Some(self.value(json, element, depth + 1)?),
                };
                Value::Optional(OptionalValue::new(element.clone(), value)?)
            }
            Type::Vector(element) => {
                Value::Vector(VectorValue::new(element.clone(), self.all(array(json)?, element, depth)?)?)
            }
            Type::Set(element) => {
                Value::Set(SetValue::new(element.clone(), self.all(array(json)?, element, depth)?)?)
            }
            Type::Map(map) => {
                let items = array(json)?;
                let mut entries = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let entry = match item.as_array().map(Vec::as_slice) {
                        Some([key, value]) => self
                            .at(0, key, &map.key, depth)
                            .and_then(|key| Ok((key, self.at(1, value, &map.value, depth)?))),
                        _ => Err(JsonError::expected("an array of a key and a value", item)),
                    };
                    entries.push(entry.map_err(|e| e.inside(format_args!("[{index}]")))?);
                }
                Value::Map(MapValue::new(map.clone(), entries)?)
            }
            Type::XArray(element) => Value::XArray(self.xarray(json, element, depth)?),
            Type::Key(target) => Value::Key(self.key(json, target)?),
            Type::Enumeration(enumeration) => Value::Enumeration(case(json, enumeration)?),
            Type::Structure(structure) => self.structure(json, structure, depth)?,
        })
    }

    fn at(&self, index: usize, json: &Json, ty: &Type, depth: usize) -> Result<Value, JsonError> {
        self.value(json, ty, depth + 1).map_err(|e| e.inside(format_args!("[{index}]")))
    }

    fn all(&self, items: &[Json], ty: &Type, depth: usize) -> Result<Vec<Value>, JsonError> {
        items.iter().enumerate().map(|(index, item)| self.at(index, item, ty, depth)).collect()
    }

    /// The two members of `{"type": …, "value": …}`.
    fn typed<'j>(&self, json: &'j Json) -> Result<(Type, &'j Json), JsonError> {
        let Json::Object(members) = json else {
            return Err(JsonError::expected("an object of a type and a value", json));
        };
        let member = |name| members.get(name).ok_or_else(|| JsonError::new(JsonErrorKind::Missing { name }));
        let ty = types::read(member("type")?, self.definitions, 0).map_err(|e| e.inside(".type"))?;
        Ok((ty, member("value")?))
    }

    fn mat(&self, items: &[Json], ty: &Arc<MatType>, depth: usize) -> Result<Value, JsonError> {
        let expected = ty.columns() * ty.rows();
        if items.len() != expected {
            let kind = ValueErrorKind::Length { ty: Type::Mat(ty.clone()), expected, found: items.len() };
            return Err(JsonError::new(kind));
        }
        let mut numbers = self.all(items, &ty.element().as_type(), depth)?.into_iter();
        let column_type = Arc::new(ty.column());
        let mut columns = Vec::with_capacity(ty.columns());
        for _ in 0..ty.columns() {
            let column = numbers.by_ref().take(ty.rows()).collect();
            columns.push(Value::Vec(VecValue::new(column_type.clone(), column)?));
        }
        Ok(Value::Mat(MatValue::new(ty.clone(), columns)?))
    }

    fn structure(&self, json: &Json, structure: &Arc<Structure>, depth: usize) -> Result<Value, JsonError> {
        let Json::Object(members) = json else {
            return Err(JsonError::expected(format!("an object for {}", structure.name()), json));
        };
        let is_unknown = |name: &&String| structure.field_index(name).is_none();
        if let Some(name) = members.keys().find(is_unknown).filter(|_| self.is_strict) {
            return Err(structure.unknown_field(name).into());
        }
        if members.is_empty() {
            // Shares the fields instead of copying them, so that a list of `{}` stays small.
            return Ok(Value::Structure(StructureValue::initial(structure.clone())));
        }
        let mut fields = Vec::with_capacity(structure.fields().len());
        for (field, initial) in structure.fields().iter().zip(structure.initial().iter()) {
            fields.push(match members.get(&*field.name) {
                None => initial.clone(),
                Some(json) => {
                    self.value(json, &field.ty, depth + 1).map_err(|e| e.inside(Member(&field.name)))?
                }
            });
        }
        Ok(Value::Structure(StructureValue::new(structure.clone(), fields)?))
    }

    fn xarray(&self, json: &Json, element: &Arc<Type>, depth: usize) -> Result<XArrayValue, JsonError> {
        let shape = || JsonError::expected("an array of positions, removed positions and elements", json);
        let [positions, removed, elements] = array(json)?.as_slice() else {
            return Err(shape());
        };
        let Json::Object(elements) = elements else {
            return Err(JsonError::expected("an object of elements by position", elements).inside("[2]"));
        };
        let read = |part: usize, list: &Json| -> Result<Vec<Uuid>, JsonError> {
            let uuids = array(list).and_then(|list| {
                list.iter()
                    .enumerate()
                    .map(|(i, json)| uuid(json).map_err(|e| e.inside(format_args!("[{i}]"))))
                    .collect()
            });
            uuids.map_err(|e: JsonError| e.inside(format_args!("[{part}]")))
        };
        let mut removed = read(1, removed)?;
        removed.sort_unstable();
        let bad = |position, problem| JsonError::new(JsonErrorKind::Position { position, problem });
        let mut values = std::collections::HashMap::with_capacity(elements.len());
        for (name, json) in elements {
            let inside = |e: JsonError| e.inside(Member(name)).inside("[2]");
            let position = Uuid::try_parse(name).map_err(|_| inside(bad_text(name, "UUID")))?;
            let value = self.value(json, element, depth + 1).map_err(inside)?;
            if values.insert(position, value).is_some() {
                return Err(inside(JsonError::new(ValueErrorKind::DuplicatePosition { position })));
            }
        }
        let positions = read(0, positions)?;
        let mut slots = Vec::with_capacity(positions.len());
        for position in positions {
            let value = values.remove(&position);
            match (&value, removed.binary_search(&position).is_ok()) {
                (Some(_), true) => return Err(bad(position, "is removed, yet has an element")),
                (None, false) => return Err(bad(position, "has no element and is not removed")),
                _ => slots.push((position, value)),
            }
        }
        let stray = values.keys().copied().min();
        if let Some(position) = stray {
            return Err(bad(position, "has an element, but is not among the positions"));
        }
        let array = XArrayValue::new(element.clone(), slots)?;
        match removed.into_iter().find(|position| !array.knows(*position)) {
            Some(position) => Err(bad(position, "is removed, but is not among the positions")),
            None => Ok(array),
        }
    }

    fn key(&self, json: &Json, target: &KeyTarget) -> Result<Key, JsonError> {
        let key = match (json, target) {
            (Json::String(_), KeyTarget::Concept(concept)) => Key::new(concept.clone(), uuid(json)?),
            (Json::Array(items), _) if items.len() == 2 => {
                let instance = uuid(&items[0]).map_err(|e| e.inside("[0]"))?;
                let concept = uuid(&items[1]).map_err(|e| e.inside("[1]"))?;
                if instance.is_nil() && concept.is_nil() {
                    return Ok(Key::null());
                }
                let concept = self.definitions.concept(RuntimeId::from_uuid(concept)).ok_or_else(|| {
                    let name = concept.to_string();
                    JsonError::new(JsonErrorKind::UnknownDefinition { what: "concept", name, near: None })
                        .inside("[1]")
                })?;
                Key::new(concept, instance)
            }
            (_, KeyTarget::Concept(_)) => {
                return Err(JsonError::expected("an instance, or an array of instance and concept", json));
            }
            _ => return Err(JsonError::expected("an array of instance and concept", json)),
        };
        if target.admits(&key) {
            return Ok(key);
        }
        let concept = key.concept().map_or_else(String::new, |concept| concept.name().to_string());
        Err(JsonError::new(ValueErrorKind::Key { concept, target: target.to_string() }))
    }
}

fn array(json: &Json) -> Result<&Vec<Json>, JsonError> {
    json.as_array().ok_or_else(|| JsonError::expected("an array", json))
}

fn array_of<'j>(json: &'j Json, expected: usize, ty: &Type) -> Result<&'j Vec<Json>, JsonError> {
    let items = array(json)?;
    if items.len() == expected {
        Ok(items)
    } else {
        Err(JsonError::new(ValueErrorKind::Length { ty: ty.clone(), expected, found: items.len() }))
    }
}

fn text(json: &Json) -> Result<&str, JsonError> {
    json.as_str().ok_or_else(|| JsonError::expected("a text", json))
}

fn bad_text(text: &str, what: &'static str) -> JsonError {
    JsonError::new(ValueErrorKind::Text { text: shown(text), what })
}

fn uuid(json: &Json) -> Result<Uuid, JsonError> {
    let text = json.as_str().ok_or_else(|| JsonError::expected("a UUID", json))?;
    Uuid::try_parse(text).map_err(|_| bad_text(text, "UUID"))
}

fn out_of_range(json: &Json, ty: &Type) -> JsonError {
    JsonError::new(ValueErrorKind::Range { number: json.to_string(), ty: ty.clone() })
}

/// Whole numbers, however they are written: `3.0` and `3e0` are 3 too.
fn integer<T: TryFrom<i128>>(json: &Json, ty: &Type) -> Result<T, JsonError> {
    /// From here on a number that was written with a point or an exponent may have been rounded.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = match json {
        Json::Number(number) => number,
        _ => return Err(JsonError::expected(ty.to_string(), json)),
    };
    let whole = match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(whole), _, _) => i128::from(whole),
        (_, Some(whole), _) => i128::from(whole),
        (_, _, Some(float)) if float.abs() >= EXACT => return Err(out_of_range(json, ty)),
        (_, _, Some(float)) if float.fract() == 0.0 && float.to_bits() != (-0.0_f64).to_bits() => {
            float as i128
        }
        _ => {
            let kind = ValueErrorKind::Lossy { input: number.to_string(), ty: ty.clone() };
            return Err(JsonError::new(kind));
        }
    };
    T::try_from(whole).map_err(|_| out_of_range(json, ty))
}

fn float(json: &Json) -> Result<f64, JsonError> {
    match json {
        Json::Number(number) => number.as_f64().ok_or_else(|| JsonError::expected("a number", json)),
        Json::String(text) => match text.as_str() {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            _ => Err(JsonError::expected("a number", json)),
        },
        _ => Err(JsonError::expected("a number", json)),
    }
}

fn case(json: &Json, enumeration: &Arc<Enumeration>) -> Result<EnumerationValue, JsonError> {
    let shape = || {
        JsonError::expected(
            format!("a case of {}, such as \".{}\"", enumeration.name(), enumeration.cases()[0].name),
            json,
        )
    };
    let text = json.as_str().ok_or_else(shape)?;
    let name = text.strip_prefix('.').ok_or_else(shape)?;
    EnumerationValue::named(enumeration.clone(), name).ok_or_else(|| enumeration.unknown_case(name).into())
}
