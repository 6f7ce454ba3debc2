//! Defaults as Rust expressions.

use anabranch_model::{NameSpace, Type, Value};

use super::names::Names;

/// The expression of a value of type `ty`, in the module of `namespace`.
///
/// Values that DSM has no literal for do not come here: [`super::rust`] refuses their models.
pub(super) fn rust(names: &Names, value: &Value, ty: &Type, namespace: &NameSpace) -> String {
    let item = |value: &Value, ty: &Type| rust(names, value, ty, namespace);
    match (value, ty) {
        (Value::Bool(v), _) => v.to_string(),
        (Value::Int8(v), _) => v.to_string(),
        (Value::Int16(v), _) => v.to_string(),
        (Value::Int32(v), _) => v.to_string(),
        (Value::Int64(v), _) => v.to_string(),
        (Value::UInt8(v), _) => v.to_string(),
        (Value::UInt16(v), _) => v.to_string(),
        (Value::UInt32(v), _) => v.to_string(),
        (Value::UInt64(v), _) => v.to_string(),
        // The debug form always has a point or an exponent, and reads back as the same number.
        (Value::Float(v), _) if v.is_finite() => format!("{v:?}"),
        (Value::Double(v), _) if v.is_finite() => format!("{v:?}"),
        (Value::Float(v), _) => special("f32", f64::from(*v)),
        (Value::Double(v), _) => special("f64", *v),
        (Value::String(v), _) if v.is_empty() => "String::new()".to_owned(),
        (Value::String(v), _) => format!("String::from({:?})", &**v),
        (Value::Uuid(v), _) if v.is_nil() => "Uuid::nil()".to_owned(),
        (Value::Uuid(v), _) => format!("Uuid::from_u128({:#034x})", v.as_u128()),
        (Value::Blob(v), _) => format!("Arc::from({:?} as [u8; {}])", &**v, v.len()),
        (Value::BlobId(v), _) => format!("BlobId::from_bytes({:?})", v.as_bytes()),
        (Value::CommitId(v), _) => format!("CommitId::from_bytes({:?})", v.as_bytes()),
        (Value::Any(_), _) => "AnyValue::empty()".to_owned(),
        (Value::Vec(v), Type::Vec(vec)) => {
            let number = vec.element().as_type();
            array(v.items().iter().map(|v| item(v, &number)).collect())
        }
        (Value::Mat(v), Type::Mat(mat)) => {
            let column = Type::Vec(mat.column().into());
            array(v.columns().iter().map(|v| item(v, &column)).collect())
        }
        (Value::Tuple(v), Type::Tuple(types)) => {
            let items: Vec<String> = v.items().iter().zip(types.iter()).map(|(v, ty)| item(v, ty)).collect();
            if items.len() == 1 { format!("({},)", items[0]) } else { format!("({})", items.join(", ")) }
        }
        (Value::Optional(v), Type::Optional(of)) => {
            v.get().map_or_else(|| "None".to_owned(), |value| format!("Some({})", item(value, of)))
        }
        (Value::Vector(v), Type::Vector(of)) => {
            list("Vec", "vec!", v.items().iter().map(|v| item(v, of)).collect())
        }
        (Value::Set(v), Type::Set(of)) => {
            let items = v.items().iter().map(|v| item(v, of)).collect();
            if names.is_ordered(of) {
                list("BTreeSet", "BTreeSet::from", items)
            } else {
                list("Vec", "vec!", items)
            }
        }
        (Value::Map(v), Type::Map(map)) => {
            let entry = |(key, value): &(Value, Value)| {
                format!("({}, {})", item(key, &map.key), item(value, &map.value))
            };
            let items = v.entries().iter().map(entry).collect();
            let is_ordered = names.is_ordered(&map.key);
            if is_ordered { list("BTreeMap", "BTreeMap::from", items) } else { list("Vec", "vec!", items) }
        }
        (Value::XArray(_), _) => "XArray::new()".to_owned(),
        (Value::Variant(v), Type::Variant(types)) => {
            let name = names.variant(types, namespace);
            let case = super::variants::case(types, v.index());
            format!("{name}::{case}({})", item(v.get(), v.selected()))
        }
        (Value::Enumeration(v), Type::Enumeration(it)) => {
            let name = names.path(it.name(), it.runtime_id(), namespace);
            format!("{name}::{}", names.case(it, v.index()))
        }
        (Value::Structure(v), Type::Structure(it)) => {
            let name = names.path(it.name(), it.runtime_id(), namespace);
            if v.fields() == &**it.initial() {
                return format!("{name}::default()");
            }
            let fields = it.fields().iter().zip(v.fields()).enumerate();
            let fields = fields.map(|(place, (field, value))| {
                // A type of another module is written by that module's names, seen from here.
                format!("{}: {}", names.field(it, place), item(value, &field.ty))
            });
            format!("{name} {{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        (Value::Key(_), Type::Key(target)) if target.name().is_none() => "Key::null()".to_owned(),
        (Value::Key(_), Type::Key(target)) => format!("{}::null()", names.key(target, namespace)),
        // A value is of the type of its place.
        _ => "Default::default()".to_owned(),
    }
}

fn special(ty: &str, number: f64) -> String {
    let name = if number.is_nan() {
        "NAN"
    } else if number > 0.0 {
        "INFINITY"
    } else {
        "NEG_INFINITY"
    };
    format!("{ty}::{name}")
}

/// An array; one number over and over is written once.
fn array(items: Vec<String>) -> String {
    match items.split_first() {
        Some((first, rest)) if rest.len() > 1 && rest.iter().all(|item| item == first) => {
            format!("[{first}; {}]", items.len())
        }
        _ => format!("[{}]", items.join(", ")),
    }
}

fn list(empty: &str, full: &str, items: Vec<String>) -> String {
    match (items.is_empty(), full.ends_with('!')) {
        (true, _) => format!("{empty}::new()"),
        (false, true) => format!("{full}[{}]", items.join(", ")),
        (false, false) => format!("{full}([{}])", items.join(", ")),
    }
}
