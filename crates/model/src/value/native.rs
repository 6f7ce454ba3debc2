//! Values from what programs have: numbers, texts, lists, maps (`spec/values.md`, "Conversion").

use std::sync::Arc;

use uuid::Uuid;

use super::{
    AnyValue, EnumerationValue, Key, MapValue, MatValue, OptionalValue, SetValue, StructureValue, TupleValue,
    Value, ValueError, ValueErrorKind, VariantValue, VecValue, VectorValue, XArrayValue, shown,
};
use crate::MAX_DEPTH;
use crate::definition::{Enumeration, Structure};
use crate::types::{KeyTarget, MatType, Numeric, Type};

/// What a program has before it has a [`Value`]: the input of [`Value::create`] and [`Value::deduce`].
///
/// Most Rust values convert into it: `Native::from(vec![1, 2])`, `Native::map([("age", 3)])`.
#[derive(Clone, Debug, PartialEq)]
pub enum Native {
    /// Nothing: nil.
    None,
    /// True or false. Never a number.
    Bool(bool),
    /// A whole number of any type.
    Int(i128),
    /// A number with a fraction.
    Float(f64),
    /// A text; also the name of a case, a UUID, an id.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Items in order.
    List(Vec<Native>),
    /// Items in order, each with a meaning of its own.
    Tuple(Vec<Native>),
    /// Items in no order.
    Set(Vec<Native>),
    /// Keys and values; fields and values of a structure.
    Map(Vec<(Native, Native)>),
    /// A value that is one already.
    Value(Value),
}

impl Native {
    /// A map, or the fields of a structure.
    pub fn map<K: Into<Native>, V: Into<Native>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// A set.
    pub fn set<T: Into<Native>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::Set(items.into_iter().map(Into::into).collect())
    }

    /// A tuple.
    pub fn tuple(items: impl IntoIterator<Item = Native>) -> Self {
        Self::Tuple(items.into_iter().collect())
    }

    /// What this is, as an error calls it.
    fn describe(&self) -> String {
        match self {
            Self::None => "None".to_owned(),
            Self::Bool(v) => v.to_string(),
            Self::Int(v) => v.to_string(),
            Self::Float(v) => format!("{v:?}"),
            Self::String(v) => Value::from(shown(v)).to_string(),
            Self::Bytes(v) => format!("{} bytes", v.len()),
            Self::List(v) => format!("a list of {}", v.len()),
            Self::Tuple(v) => format!("a tuple of {}", v.len()),
            Self::Set(v) => format!("a set of {}", v.len()),
            Self::Map(v) => format!("a map of {}", v.len()),
            Self::Value(v) => v.ty().to_string(),
        }
    }
}

macro_rules! from_each {
    ($($ty:ty, $input:ident => $native:expr;)*) => {$(
        impl From<$ty> for Native {
            fn from($input: $ty) -> Self {
                $native
            }
        }
    )*};
}

from_each! {
    (), _nothing => Self::None;
    bool, v => Self::Bool(v);
    i8, v => Self::Int(v.into());
    i16, v => Self::Int(v.into());
    i32, v => Self::Int(v.into());
    i64, v => Self::Int(v.into());
    i128, v => Self::Int(v);
    u8, v => Self::Int(v.into());
    u16, v => Self::Int(v.into());
    u32, v => Self::Int(v.into());
    u64, v => Self::Int(v.into());
    f32, v => Self::Float(v.into());
    f64, v => Self::Float(v);
    &str, v => Self::String(v.to_owned());
    String, v => Self::String(v);
    Uuid, v => Self::Value(Value::Uuid(v));
    crate::BlobId, v => Self::Value(Value::BlobId(v));
    crate::CommitId, v => Self::Value(Value::CommitId(v));
    Key, v => Self::Value(Value::Key(v));
    Value, v => Self::Value(v);
    &Value, v => Self::Value(v.clone());
    &[u8], v => Self::Bytes(v.to_vec());
}

impl<T: Into<Native>> From<Option<T>> for Native {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl<T: Into<Native>> From<Vec<T>> for Native {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Native>, const N: usize> From<[T; N]> for Native {
    fn from(items: [T; N]) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl Value {
    /// The value of a type that native input means.
    ///
    /// Converts recursively and without losing information: whole numbers become floats where that is exact, lists become
    /// `vec`, `mat`, tuples, vectors, sets and xarrays (at fresh positions), maps become structures, where missing fields
    /// keep their defaults, and maps; a text or a number names a case; nothing becomes nil. A fraction that goes into a
    /// `float` is rounded, as decimal fractions must be.
    ///
    /// # Errors
    /// When the input cannot be a value of this type; the error names the place inside it.
    pub fn create(ty: &Type, input: impl Into<Native>) -> Result<Self, ValueError> {
        let value = create(ty, input.into(), 0)?;
        value.check_depth(0)?;
        Ok(value)
    }

    /// The value that native input means by itself.
    ///
    /// Whole numbers are `int64`, or `uint64` when they are too large for it; fractions `double`; bytes a `blob`. The items
    /// of a list, set or map have one type that fits all: numbers together are `double`, nothing among others makes an
    /// optional, keys of several concepts are `key<any_concept>`; where nothing fits, and when there are no items, it is
    /// `any`.
    ///
    /// # Errors
    /// When a number has no type that holds it, a map has a key twice, or the input nests too deep.
    pub fn deduce(input: impl Into<Native>) -> Result<Self, ValueError> {
        let value = super::deduce::deduce(input.into(), 0)?;
        value.check_depth(0)?;
        Ok(value)
    }
}

pub(super) fn check_depth(depth: usize) -> Result<(), ValueError> {
    if depth >= MAX_DEPTH { Err(ValueErrorKind::Depth.into()) } else { Ok(()) }
}

pub(super) fn create(ty: &Type, input: Native, depth: usize) -> Result<Value, ValueError> {
    check_depth(depth)?;
    let next = depth + 1;
    Ok(match (ty, input) {
        // A blob id or UUID for a key: the instance.
        (Type::Key(target), Native::Value(Value::Uuid(instance))) => Value::Key(key(target, instance, ty)?),
        // Texts stand for these types, wherever the text came from.
        (
            Type::Uuid | Type::BlobId | Type::CommitId | Type::Key(_) | Type::Enumeration(_),
            Native::Value(Value::String(text)),
        ) => create(ty, Native::String(text.to_string()), depth)?,
        (_, Native::Value(value)) => value.convert(ty)?,
        (Type::Optional(element), Native::None) => Value::Optional(OptionalValue::nil(element.clone())),
        (Type::Optional(element), input) => {
            let value = create(element, input, next)?;
            Value::Optional(OptionalValue::new_unchecked(element.clone(), Some(value)))
        }
        (Type::Any, Native::None) => Value::Any(AnyValue::empty()),
        (Type::Any, input) => Value::Any(AnyValue::new(super::deduce::deduce(input, next)?)),
        (Type::Variant(types), input) => variant(types, input, next)?,
        (Type::Bool, Native::Bool(v)) => Value::Bool(v),
        (_, Native::Int(number)) if ty.as_numeric().is_some() => from_integer(ty, number)?,
        (_, Native::Float(number)) if ty.as_numeric().is_some() => from_float(ty, number, true)?,
        (Type::String, Native::String(text)) => Value::String(text.into()),
        (Type::Uuid, Native::String(text)) => Value::Uuid(uuid(&text)?),
        (Type::Blob, Native::Bytes(bytes)) => Value::Blob(bytes.into()),
        (Type::BlobId, Native::String(text)) => {
            Value::BlobId(text.parse().map_err(|_| bad_text(&text, "blob id of 64 hexadecimal digits"))?)
        }
        (Type::CommitId, Native::String(text)) => {
            Value::CommitId(text.parse().map_err(|_| bad_text(&text, "commit id of 64 hexadecimal digits"))?)
        }
        (Type::Key(target), Native::String(text)) => Value::Key(key(target, uuid(&text)?, ty)?),
        (Type::Enumeration(enumeration), Native::String(name)) => {
            let name = name.strip_prefix('.').unwrap_or(&name);
            Value::Enumeration(case(enumeration, EnumerationValue::named(enumeration.clone(), name), name)?)
        }
        (Type::Enumeration(enumeration), Native::Int(index)) => {
            let found =
                usize::try_from(index).ok().and_then(|i| EnumerationValue::new(enumeration.clone(), i));
            Value::Enumeration(case(enumeration, found, &index.to_string())?)
        }
        (Type::Vec(vec), Native::List(items) | Native::Tuple(items)) => {
            Value::Vec(VecValue::new(vec.clone(), all(&vec.element().as_type(), items, next)?)?)
        }
        (Type::Mat(mat), Native::List(items) | Native::Tuple(items)) => matrix(mat, items, next)?,
        (Type::Tuple(types), Native::List(items) | Native::Tuple(items)) => {
            if types.len() != items.len() {
                let (expected, found) = (types.len(), items.len());
                return Err(ValueErrorKind::Length { ty: ty.clone(), expected, found }.into());
            }
            let items = items.into_iter().zip(types.iter()).enumerate();
            let items = items.map(|(index, (item, ty))| at(index, create(ty, item, next)));
            Value::Tuple(TupleValue::new_unchecked(types.clone(), items.collect::<Result<Vec<_>, _>>()?))
        }
        (Type::Vector(element), Native::List(items) | Native::Tuple(items)) => {
            Value::Vector(VectorValue::new_unchecked(element.clone(), all(element, items, next)?))
        }
        (Type::Set(element), Native::List(items) | Native::Tuple(items) | Native::Set(items)) => {
            Value::Set(SetValue::new(element.clone(), all(element, items, next)?)?)
        }
        (Type::XArray(element), Native::List(items) | Native::Tuple(items)) => {
            let items = all(element, items, next)?.into_iter();
            let slots = items.map(|item| (Uuid::new_v4(), Some(item))).collect();
            Value::XArray(XArrayValue::new(element.clone(), slots)?)
        }
        (Type::Map(map), Native::Map(entries)) => {
            let mut made = Vec::with_capacity(entries.len());
            for (key, value) in entries {
                let described = key.describe();
                let inside = |e: ValueError| e.inside(format_args!("[{described}]"));
                made.push((
                    create(&map.key, key, next).map_err(inside)?,
                    create(&map.value, value, next).map_err(inside)?,
                ));
            }
            Value::Map(MapValue::new(map.clone(), made)?)
        }
        (Type::Structure(structure), Native::Map(entries)) => fields(structure, entries, next)?,
        (ty, input) => return Err(mismatch(ty, &input)),
    })
}

fn mismatch(ty: &Type, input: &Native) -> ValueError {
    ValueErrorKind::Type { expected: ty.clone(), found: input.describe() }.into()
}

fn at(index: usize, made: Result<Value, ValueError>) -> Result<Value, ValueError> {
    made.map_err(|e| e.inside(format_args!("[{index}]")))
}

fn all(ty: &Type, items: Vec<Native>, depth: usize) -> Result<Vec<Value>, ValueError> {
    items.into_iter().enumerate().map(|(index, item)| at(index, create(ty, item, depth))).collect()
}

fn bad_text(text: &str, what: &'static str) -> ValueError {
    ValueErrorKind::Text { text: shown(text), what }.into()
}

fn uuid(text: &str) -> Result<Uuid, ValueError> {
    Uuid::try_parse(text).map_err(|_| bad_text(text, "UUID"))
}

/// The key of an instance, where the target says of which concept.
fn key(target: &KeyTarget, instance: Uuid, ty: &Type) -> Result<Key, ValueError> {
    match target {
        KeyTarget::Concept(concept) => Ok(Key::new(concept.clone(), instance)),
        KeyTarget::AnyConcept | KeyTarget::Club(_) => {
            let found = format!("the instance {instance} without its concept");
            Err(ValueErrorKind::Type { expected: ty.clone(), found }.into())
        }
    }
}

fn case(
    enumeration: &Enumeration,
    found: Option<EnumerationValue>,
    name: &str,
) -> Result<EnumerationValue, ValueError> {
    found.ok_or_else(|| enumeration.unknown_case(name))
}

/// Columns, or all the numbers in one list, column by column.
fn matrix(mat: &Arc<MatType>, items: Vec<Native>, depth: usize) -> Result<Value, ValueError> {
    let is_flat = items.iter().all(|item| matches!(item, Native::Int(_) | Native::Float(_)));
    let column = Type::Vec(Arc::new(mat.column()));
    if !is_flat {
        return Ok(Value::Mat(MatValue::new(mat.clone(), all(&column, items, depth)?)?));
    }
    let expected = mat.columns() * mat.rows();
    if items.len() != expected {
        return Err(
            ValueErrorKind::Length { ty: Type::Mat(mat.clone()), expected, found: items.len() }.into()
        );
    }
    let mut items = all(&mat.element().as_type(), items, depth)?.into_iter();
    let column_type = Arc::new(mat.column());
    let columns = (0..mat.columns()).map(|_| {
        let column: Vec<Value> = items.by_ref().take(mat.rows()).collect();
        Value::Vec(VecValue::new_unchecked(column_type.clone(), column))
    });
    Ok(Value::Mat(MatValue::new_unchecked(mat.clone(), columns.collect::<Vec<_>>())))
}

fn fields(
    structure: &Arc<Structure>,
    entries: Vec<(Native, Native)>,
    depth: usize,
) -> Result<Value, ValueError> {
    let mut made: Vec<Option<Value>> = vec![None; structure.fields().len()];
    for (name, value) in entries {
        let name = match &name {
            Native::String(name) => name.as_str(),
            Native::Value(Value::String(name)) => name,
            other => {
                let found = other.describe();
                return Err(bad_text(&found, "name of a field"));
            }
        };
        let Some(position) = structure.field_index(name) else {
            return Err(structure.unknown_field(name));
        };
        let ty = &structure.fields()[position].ty;
        let value = create(ty, value, depth).map_err(|e| e.inside(format_args!(".{name}")))?;
        if made[position].replace(value).is_some() {
            return Err(ValueErrorKind::DuplicateKey { key: name.to_owned() }.into());
        }
    }
    let fields = made.into_iter().zip(structure.initial().iter());
    let fields: Vec<Value> =
        fields.map(|(value, initial)| value.unwrap_or_else(|| initial.clone())).collect();
    Ok(Value::Structure(StructureValue::new_unchecked(structure.clone(), fields)))
}

/// The first alternative that the input fits as it is; else the first that it converts to.
fn variant(types: &Arc<Vec<Type>>, input: Native, depth: usize) -> Result<Value, ValueError> {
    let mut only_error = None;
    let mut errors = 0;
    for natural in [true, false] {
        for ty in types.iter().filter(|ty| is_natural(ty, &input) == natural) {
            match create(ty, input.clone(), depth) {
                Ok(value) => return Ok(Value::Variant(VariantValue::new(types.clone(), value)?)),
                Err(error) if natural => {
                    errors += 1;
                    only_error = Some(error);
                }
                Err(_) => {}
            }
        }
    }
    // If one alternative alone was meant, what is wrong with that says more.
    match only_error {
        Some(error) if errors == 1 => Err(error),
        _ => Err(mismatch(&Type::Variant(types.clone()), &input)),
    }
}

/// Whether the input is of the kind that the type is for, so that little or no conversion is needed.
fn is_natural(ty: &Type, input: &Native) -> bool {
    match (ty, input) {
        (Type::Bool, Native::Bool(_))
        | (Type::String, Native::String(_))
        | (Type::Blob, Native::Bytes(_)) => true,
        (Type::Optional(_) | Type::Any, Native::None) => true,
        (Type::Float | Type::Double, Native::Float(_)) => true,
        (Type::Float | Type::Double, Native::Int(_)) => false,
        (ty, Native::Int(_)) => ty.as_numeric().is_some(),
        (Type::Vector(_) | Type::Vec(_) | Type::Mat(_) | Type::XArray(_), Native::List(_)) => true,
        (Type::Tuple(_), Native::Tuple(_)) | (Type::Set(_), Native::Set(_)) => true,
        (Type::Structure(_) | Type::Map(_), Native::Map(_)) => true,
        (ty, Native::Value(value)) => ty.admits(value),
        _ => false,
    }
}

/// The number of a numeric type that a whole number is.
pub(super) fn from_integer(ty: &Type, number: i128) -> Result<Value, ValueError> {
    let range = || ValueErrorKind::Range { number: number.to_string(), ty: ty.clone() };
    let lossy = || ValueErrorKind::Lossy { input: number.to_string(), ty: ty.clone() };
    Ok(match ty.as_numeric() {
        Some(Numeric::Int8) => Value::Int8(number.try_into().map_err(|_| range())?),
        Some(Numeric::Int16) => Value::Int16(number.try_into().map_err(|_| range())?),
        Some(Numeric::Int32) => Value::Int32(number.try_into().map_err(|_| range())?),
        Some(Numeric::Int64) => Value::Int64(number.try_into().map_err(|_| range())?),
        Some(Numeric::UInt8) => Value::UInt8(number.try_into().map_err(|_| range())?),
        Some(Numeric::UInt16) => Value::UInt16(number.try_into().map_err(|_| range())?),
        Some(Numeric::UInt32) => Value::UInt32(number.try_into().map_err(|_| range())?),
        Some(Numeric::UInt64) => Value::UInt64(number.try_into().map_err(|_| range())?),
        // The casts round; what reads back to the number was exact. 2^127 is the one float that saturates there.
        Some(Numeric::Float) if (number as f32) as i128 == number && number != i128::MAX => {
            Value::Float(number as f32)
        }
        Some(Numeric::Double) if (number as f64) as i128 == number && number != i128::MAX => {
            Value::Double(number as f64)
        }
        Some(Numeric::Float | Numeric::Double) => return Err(lossy().into()),
        None => return Err(mismatch(ty, &Native::Int(number))),
    })
}

/// The number of a numeric type that a fraction is. A `float` may be `rounded` to, but not past its range.
pub(super) fn from_float(ty: &Type, number: f64, rounded: bool) -> Result<Value, ValueError> {
    let shown = || format!("{number:?}");
    let single = number as f32;
    match ty {
        Type::Double => Ok(Value::Double(number)),
        Type::Float if number.is_finite() && single.is_infinite() => {
            Err(ValueErrorKind::Range { number: shown(), ty: ty.clone() }.into())
        }
        Type::Float if rounded || number.is_nan() || f64::from(single) == number => Ok(Value::Float(single)),
        // Up to 2^127 a float without a fraction is a whole number exactly; a negative zero is none.
        ty if ty.as_numeric().is_some()
            && *ty != Type::Float
            && number.fract() == 0.0
            && number.abs() < 1.7e38
            && number.to_bits() != (-0.0_f64).to_bits() =>
        {
            from_integer(ty, number as i128)
        }
        Type::Float => Err(ValueErrorKind::Lossy { input: shown(), ty: ty.clone() }.into()),
        ty if number.abs() >= 1.7e38 => Err(ValueErrorKind::Range { number: shown(), ty: ty.clone() }.into()),
        ty => Err(ValueErrorKind::Lossy { input: shown(), ty: ty.clone() }.into()),
    }
}
