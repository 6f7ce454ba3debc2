//! Rust types that values convert into and out of.

use std::sync::Arc;

use anabranch_model::{AnyValue, BlobId, CommitId, Key, Type, Uuid, Value, ValueError};

use crate::support::not_a;

/// A Rust type whose values are those of a type of the model.
///
/// Which types it stands for is up to the Rust type: `Vec<T>` reads vectors, and sets and maps whose members Rust cannot
/// order. Reading and writing a value gives the same value again.
pub trait Typed: Sized {
    /// The Rust value of a value.
    ///
    /// # Errors
    /// When the value is of another type; the error names the place inside it.
    fn read(value: &Value) -> Result<Self, ValueError>;

    /// The value of type `ty` that this is.
    ///
    /// # Errors
    /// When `ty` is another type, or something inside has no place in it.
    fn write(&self, ty: &Type) -> Result<Value, ValueError>;
}

macro_rules! primitives {
    ($($rust:ty, $kind:ident, $name:literal;)*) => {$(
        impl Typed for $rust {
            fn read(value: &Value) -> Result<Self, ValueError> {
                if let Value::$kind(value) = value { Ok(value.clone()) } else { Err(not_a(value, $name)) }
            }

            fn write(&self, _: &Type) -> Result<Value, ValueError> {
                Ok(Value::$kind(self.clone()))
            }
        }
    )*};
}

primitives! {
    bool, Bool, "bool";
    i8, Int8, "int8";
    i16, Int16, "int16";
    i32, Int32, "int32";
    i64, Int64, "int64";
    u8, UInt8, "uint8";
    u16, UInt16, "uint16";
    u32, UInt32, "uint32";
    u64, UInt64, "uint64";
    f32, Float, "float";
    f64, Double, "double";
    Uuid, Uuid, "uuid";
    Arc<[u8]>, Blob, "blob";
    BlobId, BlobId, "blob_id";
    CommitId, CommitId, "commit_id";
    AnyValue, Any, "any";
    Key, Key, "key";
}

impl Typed for String {
    fn read(value: &Value) -> Result<Self, ValueError> {
        if let Value::String(text) = value {
            Ok(text.as_ref().to_owned())
        } else {
            Err(not_a(value, "string"))
        }
    }

    fn write(&self, _: &Type) -> Result<Value, ValueError> {
        Ok(Value::String(self.as_str().into()))
    }
}
