//! Values to JSON.

use serde_json::{Map, Number, Value as Json};

use super::{base64, encode_type};
use crate::types::Type;
use crate::value::Value;

/// The JSON form of a value; who reads it must know its type.
pub fn encode(value: &Value) -> Json {
    match value {
        Value::Bool(v) => Json::Bool(*v),
        Value::Int8(v) => Json::from(*v),
        Value::Int16(v) => Json::from(*v),
        Value::Int32(v) => Json::from(*v),
        Value::Int64(v) => Json::from(*v),
        Value::UInt8(v) => Json::from(*v),
        Value::UInt16(v) => Json::from(*v),
        Value::UInt32(v) => Json::from(*v),
        Value::UInt64(v) => Json::from(*v),
        Value::Float(v) => float(*v),
        Value::Double(v) => double(*v),
        Value::String(v) => Json::from(&**v),
        Value::Uuid(v) => Json::from(v.to_string()),
        Value::Blob(v) => Json::from(base64::encode(v)),
        Value::BlobId(v) => Json::from(v.to_string()),
        Value::CommitId(v) => Json::from(v.to_string()),
        Value::Any(v) => v.get().map_or(Json::Null, |value| typed(&value.ty(), value)),
        Value::Vec(v) => all(v.items()),
        Value::Mat(v) => {
            let columns = v.columns().iter();
            Json::Array(columns.flat_map(Value::as_items).map(encode).collect())
        }
        Value::Tuple(v) => all(v.items()),
        Value::Optional(v) => match v.get() {
            None => Json::Null,
            Some(value) if may_be_null(v.element_type()) => Json::Array(vec![encode(value)]),
            Some(value) => encode(value),
        },
        Value::Vector(v) => all(v.items()),
        Value::Set(v) => all(v.items()),
        Value::Map(v) => {
            let entries = v.entries().iter();
            Json::Array(entries.map(|(key, value)| Json::Array(vec![encode(key), encode(value)])).collect())
        }
        Value::XArray(v) => {
            let text = |position: &uuid::Uuid| Json::from(position.to_string());
            let positions = v.slots().iter().map(|(position, _)| text(position)).collect();
            let removed = v
                .slots()
                .iter()
                .filter(|(_, value)| value.is_none())
                .map(|(position, _)| text(position))
                .collect();
            let elements: Map<String, Json> =
                v.elements().map(|(position, value)| (position.to_string(), encode(value))).collect();
            Json::Array(vec![Json::Array(positions), Json::Array(removed), Json::Object(elements)])
        }
        Value::Variant(v) => typed(v.selected(), v.get()),
        Value::Key(v) => {
            Json::Array(vec![Json::from(v.instance().to_string()), Json::from(v.concept_id().to_string())])
        }
        Value::Enumeration(v) => Json::from(format!(".{}", v.name())),
        Value::Structure(v) => {
            let fields = v.structure().fields().iter().zip(v.fields());
            Json::Object(fields.map(|(field, value)| (field.name.to_string(), encode(value))).collect())
        }
    }
}

fn all(values: &[Value]) -> Json {
    Json::Array(values.iter().map(encode).collect())
}

fn typed(ty: &Type, value: &Value) -> Json {
    let mut object = Map::new();
    object.insert("type".to_owned(), encode_type(ty));
    object.insert("value".to_owned(), encode(value));
    Json::Object(object)
}

/// Whether a value of this type may read `null`, so that an optional of it must tell the two apart.
pub(super) fn may_be_null(ty: &Type) -> bool {
    matches!(ty, Type::Optional(_) | Type::Any)
}

fn double(number: f64) -> Json {
    match Number::from_f64(number) {
        Some(number) => Json::Number(number),
        None if number.is_nan() => Json::from("NaN"),
        None if number > 0.0 => Json::from("Infinity"),
        None => Json::from("-Infinity"),
    }
}

/// The double with the digits of the float, where that reads back to the float; else the float's exact value.
fn float(number: f32) -> Json {
    let exact = f64::from(number);
    let short = number.to_string().parse().unwrap_or(exact);
    double(if (short as f32).to_bits() == number.to_bits() { short } else { exact })
}
