//! Which Rust type stands for a type.

use anabranch_model::{Definitions, NameSpace, Numeric, Type};

use super::names::Names;
use super::{GenerateError, WIDEST_TUPLE};

/// The Rust type, as it is called in the module of `namespace`.
pub(super) fn rust(names: &Names, ty: &Type, namespace: &NameSpace) -> String {
    let inner = |ty: &Type| rust(names, ty, namespace);
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Int8 => "i8".to_owned(),
        Type::Int16 => "i16".to_owned(),
        Type::Int32 => "i32".to_owned(),
        Type::Int64 => "i64".to_owned(),
        Type::UInt8 => "u8".to_owned(),
        Type::UInt16 => "u16".to_owned(),
        Type::UInt32 => "u32".to_owned(),
        Type::UInt64 => "u64".to_owned(),
        Type::Float => "f32".to_owned(),
        Type::Double => "f64".to_owned(),
        Type::String => "String".to_owned(),
        Type::Uuid => "Uuid".to_owned(),
        Type::Blob => "Arc<[u8]>".to_owned(),
        Type::BlobId => "BlobId".to_owned(),
        Type::CommitId => "CommitId".to_owned(),
        Type::Any => "AnyValue".to_owned(),
        Type::Vec(vec) => format!("[{}; {}]", number(vec.element()), vec.size()),
        Type::Mat(mat) => format!("[[{}; {}]; {}]", number(mat.element()), mat.rows(), mat.columns()),
        Type::Tuple(types) => match types.as_slice() {
            [single] => format!("({},)", inner(single)),
            types => format!("({})", types.iter().map(inner).collect::<Vec<_>>().join(", ")),
        },
        Type::Optional(element) => format!("Option<{}>", inner(element)),
        Type::Vector(element) => format!("Vec<{}>", inner(element)),
        Type::Set(element) if names.is_ordered(element) => format!("BTreeSet<{}>", inner(element)),
        Type::Set(element) => format!("Vec<{}>", inner(element)),
        Type::Map(map) if names.is_ordered(&map.key) => {
            format!("BTreeMap<{}, {}>", inner(&map.key), inner(&map.value))
        }
        Type::Map(map) => format!("Vec<({}, {})>", inner(&map.key), inner(&map.value)),
        Type::XArray(element) => format!("XArray<{}>", inner(element)),
        Type::Variant(types) => names.variant(types, namespace).to_owned(),
        Type::Key(target) => names.key(target, namespace),
        Type::Enumeration(it) => names.path(it.name(), it.runtime_id(), namespace),
        Type::Structure(it) => names.path(it.name(), it.runtime_id(), namespace),
    }
}

fn number(numeric: Numeric) -> &'static str {
    match numeric {
        Numeric::Int8 => "i8",
        Numeric::Int16 => "i16",
        Numeric::Int32 => "i32",
        Numeric::Int64 => "i64",
        Numeric::UInt8 => "u8",
        Numeric::UInt16 => "u16",
        Numeric::UInt32 => "u32",
        Numeric::UInt64 => "u64",
        Numeric::Float => "f32",
        Numeric::Double => "f64",
    }
}

/// Checks that Rust has a type for each type of the model.
pub(super) fn check(model: &Definitions) -> Result<(), GenerateError> {
    for it in model.structures() {
        for field in it.fields() {
            check_type(&field.ty, || format!("{}.{}", it.name(), field.name))?;
        }
    }
    model.attachments().try_for_each(|it| check_type(it.document_type(), || it.identifier()))
}

fn check_type(ty: &Type, place: impl Fn() -> String + Copy) -> Result<(), GenerateError> {
    match ty {
        Type::Tuple(types) if types.len() > WIDEST_TUPLE => {
            Err(GenerateError::WideTuple { place: place(), count: types.len() })
        }
        Type::Tuple(types) | Type::Variant(types) => types.iter().try_for_each(|ty| check_type(ty, place)),
        Type::Optional(of) | Type::Vector(of) | Type::Set(of) | Type::XArray(of) => check_type(of, place),
        Type::Map(map) => check_type(&map.key, place).and_then(|()| check_type(&map.value, place)),
        _ => Ok(()),
    }
}
