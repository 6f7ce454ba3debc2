//! Containers of Rust as containers of the model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anabranch_model::{
    MapValue, MatValue, OptionalValue, SetValue, TupleValue, Type, Value, ValueError, VecValue, VectorValue,
};

use crate::support::{not_a, not_for};
use crate::typed::Typed;

fn read_items<T: Typed, C: FromIterator<T>>(items: &[Value]) -> Result<C, ValueError> {
    items
        .iter()
        .enumerate()
        .map(|(i, item)| T::read(item).map_err(|e| e.inside(format_args!("[{i}]"))))
        .collect()
}

fn write_items<'a, T: Typed + 'a>(
    items: impl IntoIterator<Item = &'a T>,
    ty: &Type,
) -> Result<Vec<Value>, ValueError> {
    let items = items.into_iter().enumerate();
    items.map(|(i, item)| item.write(ty).map_err(|e| e.inside(format_args!("[{i}]")))).collect()
}

impl<T: Typed> Typed for Option<T> {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let Value::Optional(optional) = value else { return Err(not_a(value, "optional")) };
        optional.get().map(T::read).transpose().map_err(|e| e.inside("?"))
    }

    fn write(&self, ty: &Type) -> Result<Value, ValueError> {
        let Type::Optional(element) = ty else { return Err(not_for(ty, "optional")) };
        let value = self.as_ref().map(|value| value.write(element)).transpose().map_err(|e| e.inside("?"))?;
        Ok(Value::Optional(OptionalValue::new(element.clone(), value)?))
    }
}

/// Vectors; sets and maps whose members Rust cannot order, the entries of maps as pairs.
impl<T: Typed> Typed for Vec<T> {
    fn read(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::Vector(vector) => read_items(vector.items()),
            Value::Set(set) => read_items(set.items()),
            Value::Map(map) => {
                let types = Arc::new(vec![map.map_type().key.clone(), map.map_type().value.clone()]);
                let pair = |(key, value): &(Value, Value)| {
                    TupleValue::new(types.clone(), vec![key.clone(), value.clone()]).map(Value::Tuple)
                };
                map.entries().iter().map(|entry| T::read(&pair(entry)?)).collect()
            }
            _ => Err(not_a(value, "vector")),
        }
    }

    fn write(&self, ty: &Type) -> Result<Value, ValueError> {
        match ty {
            Type::Vector(element) => {
                Ok(Value::Vector(VectorValue::new(element.clone(), write_items(self, element)?)?))
            }
            Type::Set(element) => {
                Ok(Value::Set(SetValue::new(element.clone(), write_items(self, element)?)?))
            }
            Type::Map(map) => {
                let pair = Type::Tuple(Arc::new(vec![map.key.clone(), map.value.clone()]));
                let entries = write_items(self, &pair)?.into_iter().map(|pair| match pair.as_items() {
                    [key, value] => Ok((key.clone(), value.clone())),
                    _ => Err(not_for(ty, "entry of a map")),
                });
                Ok(Value::Map(MapValue::new(map.clone(), entries.collect::<Result<_, _>>()?)?))
            }
            _ => Err(not_for(ty, "vector")),
        }
    }
}

impl<T: Typed + Ord> Typed for BTreeSet<T> {
    fn read(value: &Value) -> Result<Self, ValueError> {
        if let Value::Set(set) = value { read_items(set.items()) } else { Err(not_a(value, "set")) }
    }

    fn write(&self, ty: &Type) -> Result<Value, ValueError> {
        let Type::Set(element) = ty else { return Err(not_for(ty, "set")) };
        Ok(Value::Set(SetValue::new(element.clone(), write_items(self, element)?)?))
    }
}

impl<K: Typed + Ord, V: Typed> Typed for BTreeMap<K, V> {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let Value::Map(map) = value else { return Err(not_a(value, "map")) };
        let entry = |(key, value): &(Value, Value)| Ok((K::read(key)?, V::read(value)?));
        let place = |e: ValueError, key: &Value| e.inside(format_args!("[{key}]"));
        map.entries().iter().map(|pair| entry(pair).map_err(|e| place(e, &pair.0))).collect()
    }

    fn write(&self, ty: &Type) -> Result<Value, ValueError> {
        let Type::Map(map) = ty else { return Err(not_for(ty, "map")) };
        let entries = self.iter().map(|(key, value)| {
            let key = key.write(&map.key)?;
            let value = value.write(&map.value).map_err(|e| e.inside(format_args!("[{key}]")))?;
            Ok((key, value))
        });
        Ok(Value::Map(MapValue::new(map.clone(), entries.collect::<Result<_, ValueError>>()?)?))
    }
}

/// `vec`, and `mat` as an array of columns.
impl<T: Typed, const N: usize> Typed for [T; N] {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let (Value::Vec(_) | Value::Mat(_)) = value else { return Err(not_a(value, "vec or mat")) };
        let items: Vec<T> = read_items(value.as_items())?;
        items.try_into().map_err(|_| not_a(value, "vec or mat of that size"))
    }

    fn write(&self, ty: &Type) -> Result<Value, ValueError> {
        match ty {
            Type::Vec(vec) => {
                Ok(Value::Vec(VecValue::new(vec.clone(), write_items(self, &vec.element().as_type())?)?))
            }
            Type::Mat(mat) => {
                let column = Type::Vec(Arc::new(mat.column()));
                Ok(Value::Mat(MatValue::new(mat.clone(), write_items(self, &column)?)?))
            }
            _ => Err(not_for(ty, "vec or mat")),
        }
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+) $count:literal;)*) => {$(
        impl<$($name: Typed),+> Typed for ($($name,)+) {
            fn read(value: &Value) -> Result<Self, ValueError> {
                let Value::Tuple(tuple) = value else { return Err(not_a(value, "tuple")) };
                let items = tuple.items();
                if items.len() != $count {
                    return Err(not_a(value, "tuple of that size"));
                }
                Ok(($($name::read(&items[$index]).map_err(|e| e.inside(concat!("[", $index, "]")))?,)+))
            }

            fn write(&self, ty: &Type) -> Result<Value, ValueError> {
                let Type::Tuple(types) = ty else { return Err(not_for(ty, "tuple")) };
                if types.len() != $count {
                    return Err(not_for(ty, "tuple of that size"));
                }
                let items = vec![
                    $(self.$index.write(&types[$index]).map_err(|e| e.inside(concat!("[", $index, "]")))?,)+
                ];
                Ok(Value::Tuple(TupleValue::new(types.clone(), items)?))
            }
        }
    )*};
}

// Rust compares and prints tuples of up to twelve.
tuples! {
    (A 0) 1;
    (A 0, B 1) 2;
    (A 0, B 1, C 2) 3;
    (A 0, B 1, C 2, D 3) 4;
    (A 0, B 1, C 2, D 3, E 4) 5;
    (A 0, B 1, C 2, D 3, E 4, F 5) 6;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6) 7;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7) 8;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8) 9;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9) 10;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10) 11;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11) 12;
}
