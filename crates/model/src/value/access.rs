//! What a value holds, as plain Rust, and values from plain Rust.

use uuid::Uuid;

use super::{Key, Value};
use crate::id::{BlobId, CommitId};
use crate::path::{Path, Unresolved};

impl Value {
    /// The truth, if this is a `bool`.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(v) = self { Some(*v) } else { None }
    }

    /// The number, if this is of an integer type and fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.integer().and_then(|number| number.try_into().ok())
    }

    /// The number, if this is of an integer type and fits.
    pub fn as_u64(&self) -> Option<u64> {
        self.integer().and_then(|number| number.try_into().ok())
    }

    /// The number, if this is a `float` or `double`.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float(v) => Some(f64::from(*v)),
            Self::Double(v) => Some(*v),
            _ => None,
        }
    }

    /// The text, if this is a `string`; the name of the case, if it is of an enumeration.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(v) => Some(v),
            Self::Enumeration(v) => Some(v.name()),
            _ => None,
        }
    }

    /// The bytes, if this is a `blob`.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Blob(v) = self { Some(v) } else { None }
    }

    /// The UUID, if this is one.
    pub fn as_uuid(&self) -> Option<Uuid> {
        if let Self::Uuid(v) = self { Some(*v) } else { None }
    }

    /// The key, if this is one.
    pub fn as_key(&self) -> Option<&Key> {
        if let Self::Key(v) = self { Some(v) } else { None }
    }

    /// The parts of a `vec`, tuple, vector or set, or the columns of a `mat`; none of anything else.
    pub fn as_items(&self) -> &[Value] {
        match self {
            Self::Vec(v) => v.items(),
            Self::Mat(v) => v.columns(),
            Self::Tuple(v) => v.items(),
            Self::Vector(v) => v.items(),
            Self::Set(v) => v.items(),
            _ => &[],
        }
    }

    /// What an optional, variant or `any` holds, if it holds something; anything else itself.
    pub fn unwrapped(&self) -> Option<&Value> {
        match self {
            Self::Optional(v) => v.get(),
            Self::Any(v) => v.get(),
            Self::Variant(v) => Some(v.get()),
            other => Some(other),
        }
    }

    /// The field of this name, if this is a structure that has it.
    ///
    /// Looks the name up; who reads a field often keeps [`crate::Structure::field_index`] and reads
    /// [`crate::StructureValue::fields`] by it.
    pub fn field(&self, name: &str) -> Option<&Value> {
        if let Self::Structure(v) = self { v.get(name) } else { None }
    }

    /// The value of this key, if this is a map that has it.
    pub fn entry(&self, key: &Value) -> Option<&Value> {
        if let Self::Map(v) = self { v.get(key) } else { None }
    }

    /// What stands at a path, if the path leads somewhere.
    pub fn get(&self, path: &Path) -> Option<&Value> {
        path.at(self).ok()
    }

    /// This value with another one at a path; what does not change is shared with this one.
    ///
    /// # Errors
    /// When the path leads nowhere, is irregular, or the place is of another type.
    pub fn patched(&self, path: &Path, value: Value) -> Result<Value, Unresolved> {
        let mut patched = self.clone();
        path.set(&mut patched, value)?;
        Ok(patched)
    }
}

macro_rules! from_each {
    ($($ty:ty, $variant:ident;)*) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from_each! {
    bool, Bool;
    i8, Int8;
    i16, Int16;
    i32, Int32;
    i64, Int64;
    u8, UInt8;
    u16, UInt16;
    u32, UInt32;
    u64, UInt64;
    f32, Float;
    f64, Double;
    &str, String;
    String, String;
    Uuid, Uuid;
    &[u8], Blob;
    Vec<u8>, Blob;
    BlobId, BlobId;
    CommitId, CommitId;
    Key, Key;
}
