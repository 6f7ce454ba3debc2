//! Values of one type to another, where nothing is lost.

use std::sync::Arc;

use super::native::{check_depth, from_float, from_integer};
use super::{
    AnyValue, MapValue, MatValue, OptionalValue, SetValue, TupleValue, Value, ValueError, ValueErrorKind,
    VariantValue, VecValue, VectorValue, XArrayValue,
};
use crate::types::Type;

impl Value {
    /// The same value as one of another type, when that loses nothing.
    ///
    /// Numbers convert where the result is exactly equal; sequences (`vec`, `mat`, tuple, vector, and a set's members in
    /// their order) into sequences, sets into sets, maps into maps, xarrays into xarrays with their positions; a key where
    /// its own concept is admitted, up or down; anything into an `any`, or into an `optional` or `variant` that takes it.
    /// What an optional holds comes out of it converted, what a variant or `any` holds only as it is.
    ///
    /// # Errors
    /// When the value has no equal of that type; the error names the place inside it.
    pub fn convert(&self, ty: &Type) -> Result<Value, ValueError> {
        let value = convert(self, ty, 0)?;
        value.check_depth(0)?;
        Ok(value)
    }

    /// The number, if it is a whole one of an integer type.
    pub(super) fn integer(&self) -> Option<i128> {
        Some(match self {
            Self::Int8(v) => (*v).into(),
            Self::Int16(v) => (*v).into(),
            Self::Int32(v) => (*v).into(),
            Self::Int64(v) => (*v).into(),
            Self::UInt8(v) => (*v).into(),
            Self::UInt16(v) => (*v).into(),
            Self::UInt32(v) => (*v).into(),
            Self::UInt64(v) => (*v).into(),
            _ => return None,
        })
    }
}

fn convert(value: &Value, ty: &Type, depth: usize) -> Result<Value, ValueError> {
    if ty.admits(value) {
        return Ok(value.clone());
    }
    check_depth(depth)?;
    let next = depth + 1;
    Ok(match (ty, value) {
        (Type::Any, value) => Value::Any(AnyValue::new(value.clone())),
        (Type::Variant(types), value) => variant(types, value, next)?,
        (Type::Optional(element), Value::Optional(v)) => {
            let inner = v.get().map(|value| convert(value, element, next)).transpose()?;
            Value::Optional(OptionalValue::new_unchecked(element.clone(), inner))
        }
        (Type::Optional(element), Value::Any(v)) if v.get().is_none() => {
            Value::Optional(OptionalValue::nil(element.clone()))
        }
        (Type::Optional(element), value) => {
            let inner = convert(value, element, next)?;
            Value::Optional(OptionalValue::new_unchecked(element.clone(), Some(inner)))
        }
        // Which type stood there is part of what an `any` or variant holds, so it comes out as it is or not at all.
        (_, Value::Any(v)) if v.get().is_some_and(|inner| ty.admits(inner)) => {
            v.get().unwrap_or(value).clone()
        }
        (_, Value::Variant(v)) if ty.admits(v.get()) => v.get().clone(),
        (_, Value::Optional(v)) if v.get().is_some() => convert(v.get().unwrap_or(value), ty, next)?,
        (_, Value::Float(v)) if ty.as_numeric().is_some() => from_float(ty, f64::from(*v), false)?,
        (_, Value::Double(v)) if ty.as_numeric().is_some() => from_float(ty, *v, false)?,
        (_, value) if ty.as_numeric().is_some() => match value.integer() {
            Some(number) => from_integer(ty, number)?,
            None => return Err(mismatch(ty, value)),
        },
        (Type::Set(element), Value::Set(v)) => {
            Value::Set(SetValue::new(element.clone(), all(v.items(), element, next)?)?)
        }
        (Type::Map(map), Value::Map(v)) => {
            let mut entries = Vec::with_capacity(v.entries().len());
            for (key, value) in v.entries() {
                let inside = |e: ValueError| e.inside(format_args!("[{key}]"));
                let made =
                    convert(key, &map.key, next).and_then(|key| Ok((key, convert(value, &map.value, next)?)));
                entries.push(made.map_err(inside)?);
            }
            Value::Map(MapValue::new(map.clone(), entries)?)
        }
        (Type::XArray(element), Value::XArray(v)) => {
            let mut slots = Vec::with_capacity(v.slots().len());
            for (position, value) in v.slots() {
                let value = value.as_ref().map(|value| convert(value, element, next)).transpose();
                slots.push((*position, value.map_err(|e| e.inside(format_args!("[{{{position}}}]")))?));
            }
            Value::XArray(XArrayValue::new_unchecked(element.clone(), slots))
        }
        (Type::Vec(vec), Value::Vec(_) | Value::Vector(_) | Value::Tuple(_) | Value::Set(_)) => {
            check_length(ty, vec.size(), value)?;
            Value::Vec(VecValue::new(vec.clone(), all(value.as_items(), &vec.element().as_type(), next)?)?)
        }
        (Type::Mat(mat), Value::Mat(_) | Value::Vector(_) | Value::Tuple(_)) => {
            check_length(ty, mat.columns(), value)?;
            let column = Type::Vec(Arc::new(mat.column()));
            Value::Mat(MatValue::new(mat.clone(), all(value.as_items(), &column, next)?)?)
        }
        (
            Type::Vector(element),
            Value::Vec(_) | Value::Mat(_) | Value::Vector(_) | Value::Tuple(_) | Value::Set(_),
        ) => {
            Value::Vector(VectorValue::new_unchecked(element.clone(), all(value.as_items(), element, next)?))
        }
        (
            Type::Tuple(types),
            Value::Vec(_) | Value::Mat(_) | Value::Vector(_) | Value::Tuple(_) | Value::Set(_),
        ) => {
            check_length(ty, types.len(), value)?;
            let items = value.as_items().iter().zip(types.iter()).enumerate();
            let items = items.map(|(index, (item, ty))| at(index, convert(item, ty, next)));
            Value::Tuple(TupleValue::new_unchecked(types.clone(), items.collect::<Result<Vec<_>, _>>()?))
        }
        (Type::Key(_), Value::Key(_)) => {
            super::container::check(ty, value)?;
            value.clone()
        }
        _ => return Err(mismatch(ty, value)),
    })
}

fn mismatch(ty: &Type, value: &Value) -> ValueError {
    ValueErrorKind::Type { expected: ty.clone(), found: value.ty().to_string() }.into()
}

fn check_length(ty: &Type, expected: usize, value: &Value) -> Result<(), ValueError> {
    let found = value.as_items().len();
    if expected == found {
        Ok(())
    } else {
        Err(ValueErrorKind::Length { ty: ty.clone(), expected, found }.into())
    }
}

fn at(index: usize, made: Result<Value, ValueError>) -> Result<Value, ValueError> {
    made.map_err(|e| e.inside(format_args!("[{index}]")))
}

fn all(items: &[Value], ty: &Type, depth: usize) -> Result<Vec<Value>, ValueError> {
    items.iter().enumerate().map(|(index, item)| at(index, convert(item, ty, depth))).collect()
}

/// The alternative that admits the value, else the first that it converts to.
fn variant(types: &Arc<Vec<Type>>, value: &Value, depth: usize) -> Result<Value, ValueError> {
    let exact = |value: &Value| types.iter().any(|ty| ty.admits(value)).then(|| value.clone());
    let made = match value {
        Value::Variant(v) => exact(v.get()),
        Value::Any(v) => exact(value).or_else(|| v.get().and_then(exact)),
        value => exact(value).or_else(|| types.iter().find_map(|ty| convert(value, ty, depth).ok())),
    };
    match made {
        Some(made) => Ok(Value::Variant(VariantValue::new(types.clone(), made)?)),
        None => Err(mismatch(&Type::Variant(types.clone()), value)),
    }
}
