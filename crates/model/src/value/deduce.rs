//! The types of native input.

use std::sync::Arc;

use super::native::check_depth;
use super::{
    AnyValue, MapValue, Native, SetValue, TupleValue, Value, ValueError, ValueErrorKind, VectorValue,
};
use crate::types::{KeyTarget, MapType, Type};

pub(super) fn deduce(input: Native, depth: usize) -> Result<Value, ValueError> {
    check_depth(depth)?;
    Ok(match input {
        Native::None => Value::Any(AnyValue::empty()),
        Native::Bool(v) => Value::Bool(v),
        Native::Int(v) => match (i64::try_from(v), u64::try_from(v)) {
            (Ok(v), _) => Value::Int64(v),
            (_, Ok(v)) => Value::UInt64(v),
            _ => return Err(ValueErrorKind::Range { number: v.to_string(), ty: Type::Int64 }.into()),
        },
        Native::Float(v) => Value::Double(v),
        Native::String(v) => Value::String(v.into()),
        Native::Bytes(v) => Value::Blob(v.into()),
        Native::Value(v) => v,
        Native::List(items) => {
            let (ty, items) = unified(all(items, depth)?)?;
            Value::Vector(VectorValue::new(ty.into(), items)?)
        }
        Native::Set(items) => {
            let (ty, items) = unified(all(items, depth)?)?;
            Value::Set(SetValue::new(ty.into(), items)?)
        }
        Native::Tuple(items) => {
            let items = all(items, depth)?;
            let types = Type::tuple(items.iter().map(Value::ty).collect()).map_err(ValueErrorKind::from)?;
            match types {
                Type::Tuple(types) => Value::Tuple(TupleValue::new(types, items)?),
                // `Type::tuple` makes tuples.
                other => Value::zero(&other),
            }
        }
        Native::Map(entries) => {
            let (keys, values): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
            let (key, keys) = unified(all(keys, depth)?)?;
            let (value, values) = unified(all(values, depth)?)?;
            let ty = Arc::new(MapType { key, value });
            Value::Map(MapValue::new(ty, keys.into_iter().zip(values).collect())?)
        }
    })
}

fn all(items: Vec<Native>, depth: usize) -> Result<Vec<Value>, ValueError> {
    let deduced =
        |(index, item)| deduce(item, depth + 1).map_err(|e: ValueError| e.inside(format_args!("[{index}]")));
    items.into_iter().enumerate().map(deduced).collect()
}

/// The items as values of one type.
fn unified(items: Vec<Value>) -> Result<(Type, Vec<Value>), ValueError> {
    let is_nothing = |item: &&Value| matches!(item, Value::Any(any) if any.get().is_none());
    let with_nothing = items.iter().any(|item| is_nothing(&item));
    let common = items.iter().filter(|item| !is_nothing(item)).try_fold(None, |common, item| {
        let ty = item.ty();
        match common {
            None => Some(Some(ty)),
            Some(common) => unify(&common, &ty).map(Some),
        }
    });
    if let Some(Some(common)) = common {
        let ty = if with_nothing { Type::optional(common) } else { common };
        let converted: Result<Vec<Value>, ValueError> = items.iter().map(|item| item.convert(&ty)).collect();
        if let Ok(converted) = converted {
            return Ok((ty, converted));
        }
    }
    let items = items.iter().map(|item| item.convert(&Type::Any)).collect::<Result<_, _>>()?;
    Ok((Type::Any, items))
}

/// A type that values of both may convert to.
fn unify(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        (a, b) if a == b => a.clone(),
        (Type::Key(_), Type::Key(_)) => Type::key(KeyTarget::AnyConcept),
        (Type::Int64, Type::UInt64) | (Type::UInt64, Type::Int64) => Type::UInt64,
        (Type::Double, Type::Int64 | Type::UInt64) | (Type::Int64 | Type::UInt64, Type::Double) => {
            Type::Double
        }
        (Type::Optional(a), Type::Optional(b)) => Type::optional(unify(a, b)?),
        (Type::Optional(a), b) | (b, Type::Optional(a)) => Type::optional(unify(a, b)?),
        (Type::Vector(a), Type::Vector(b)) => Type::vector(unify(a, b)?),
        (Type::Set(a), Type::Set(b)) => Type::set(unify(a, b)?),
        (Type::Map(a), Type::Map(b)) => Type::map(unify(&a.key, &b.key)?, unify(&a.value, &b.value)?),
        _ => return None,
    })
}
