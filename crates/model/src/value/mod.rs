//! What a place holds.
//!
//! A value knows its type. Containers share their contents (copy on write), so cloning a document costs a pointer.
//! Containers check what is put in them once, when it is put in: a value that exists is well typed all the way down.

mod access;
mod container;
mod convert;
mod deduce;
mod error;
mod key;
mod native;
mod order;
mod structure;
mod text;
mod xarray;

use std::sync::Arc;

use uuid::Uuid;

pub use container::{
    AnyValue, MapValue, MatValue, OptionalValue, SetValue, TupleValue, VariantValue, VecValue, VectorValue,
};
pub use error::{ValueError, ValueErrorKind};
pub(crate) use error::{shown, suggestion};
pub use key::Key;
pub use native::Native;
pub use structure::{EnumerationValue, StructureValue};
pub(crate) use text::Exact;
pub use xarray::XArrayValue;

use crate::definition::Concept;
use crate::id::{BlobId, CommitId};
use crate::types::{KeyTarget, Type};

/// A value of any type (`spec/values.md`).
///
/// Values of one type have one total order; values of different types are ordered by type. All NaNs are one value.
#[derive(Clone)]
#[expect(missing_docs, reason = "the names are those of DSM")]
pub enum Value {
    Bool(bool),
    Int8(i8),
    Int16(i16),
    Int32(i32),
    Int64(i64),
    UInt8(u8),
    UInt16(u16),
    UInt32(u32),
    UInt64(u64),
    Float(f32),
    Double(f64),
    String(Arc<str>),
    Uuid(Uuid),
    Blob(Arc<[u8]>),
    BlobId(BlobId),
    CommitId(CommitId),
    Any(AnyValue),
    Vec(VecValue),
    Mat(MatValue),
    Tuple(TupleValue),
    Optional(OptionalValue),
    Vector(VectorValue),
    Set(SetValue),
    Map(MapValue),
    XArray(XArrayValue),
    Variant(VariantValue),
    Key(Key),
    Enumeration(EnumerationValue),
    Structure(StructureValue),
}

impl Value {
    /// The zero of a type: what a place of it holds before anything is put there.
    pub fn zero(ty: &Type) -> Self {
        match ty {
            Type::Bool => Self::Bool(false),
            Type::Int8 => Self::Int8(0),
            Type::Int16 => Self::Int16(0),
            Type::Int32 => Self::Int32(0),
            Type::Int64 => Self::Int64(0),
            Type::UInt8 => Self::UInt8(0),
            Type::UInt16 => Self::UInt16(0),
            Type::UInt32 => Self::UInt32(0),
            Type::UInt64 => Self::UInt64(0),
            Type::Float => Self::Float(0.0),
            Type::Double => Self::Double(0.0),
            Type::String => Self::String(Arc::from("")),
            Type::Uuid => Self::Uuid(Uuid::nil()),
            Type::Blob => Self::Blob(Arc::from([])),
            Type::BlobId => Self::BlobId(BlobId::ZERO),
            Type::CommitId => Self::CommitId(CommitId::ZERO),
            Type::Any => Self::Any(AnyValue::empty()),
            Type::Vec(ty) => Self::Vec(VecValue::zero(ty)),
            Type::Mat(ty) => Self::Mat(MatValue::identity(ty)),
            Type::Tuple(types) => Self::Tuple(TupleValue::zero(types)),
            Type::Optional(element) => Self::Optional(OptionalValue::nil(element.clone())),
            Type::Vector(element) => Self::Vector(VectorValue::empty(element.clone())),
            Type::Set(element) => Self::Set(SetValue::empty(element.clone())),
            Type::Map(ty) => Self::Map(MapValue::empty(ty.clone())),
            Type::XArray(element) => Self::XArray(XArrayValue::empty(element.clone())),
            Type::Variant(types) => Self::Variant(VariantValue::zero(types)),
            Type::Key(_) => Self::Key(Key::null()),
            Type::Enumeration(enumeration) => Self::Enumeration(EnumerationValue::first(enumeration.clone())),
            Type::Structure(structure) => Self::Structure(StructureValue::initial(structure.clone())),
        }
    }

    /// The type of the value. A key answers the key of its own concept, the null key that of any concept.
    pub fn ty(&self) -> Type {
        match self {
            Self::Bool(_) => Type::Bool,
            Self::Int8(_) => Type::Int8,
            Self::Int16(_) => Type::Int16,
            Self::Int32(_) => Type::Int32,
            Self::Int64(_) => Type::Int64,
            Self::UInt8(_) => Type::UInt8,
            Self::UInt16(_) => Type::UInt16,
            Self::UInt32(_) => Type::UInt32,
            Self::UInt64(_) => Type::UInt64,
            Self::Float(_) => Type::Float,
            Self::Double(_) => Type::Double,
            Self::String(_) => Type::String,
            Self::Uuid(_) => Type::Uuid,
            Self::Blob(_) => Type::Blob,
            Self::BlobId(_) => Type::BlobId,
            Self::CommitId(_) => Type::CommitId,
            Self::Any(_) => Type::Any,
            Self::Vec(value) => Type::Vec(value.vec_type().clone()),
            Self::Mat(value) => Type::Mat(value.mat_type().clone()),
            Self::Tuple(value) => Type::Tuple(value.types().clone()),
            Self::Optional(value) => Type::Optional(value.element_type().clone()),
            Self::Vector(value) => Type::Vector(value.element_type().clone()),
            Self::Set(value) => Type::Set(value.element_type().clone()),
            Self::Map(value) => Type::Map(value.map_type().clone()),
            Self::XArray(value) => Type::XArray(value.element_type().clone()),
            Self::Variant(value) => Type::Variant(value.types().clone()),
            Self::Key(key) => {
                Type::key(key.concept().map_or(KeyTarget::AnyConcept, |c| KeyTarget::Concept(c.clone())))
            }
            Self::Enumeration(value) => Type::Enumeration(value.enumeration().clone()),
            Self::Structure(value) => Type::Structure(value.structure().clone()),
        }
    }

    /// Whether [`Self::ty`] is this type, without building it. Shared types compare by pointer.
    pub(crate) fn has_type(&self, ty: &Type) -> bool {
        fn same<T: PartialEq + ?Sized>(a: &Arc<T>, b: &Arc<T>) -> bool {
            Arc::ptr_eq(a, b) || a == b
        }
        match (self, ty) {
            (Self::Vec(value), Type::Vec(ty)) => same(value.vec_type(), ty),
            (Self::Mat(value), Type::Mat(ty)) => same(value.mat_type(), ty),
            (Self::Tuple(value), Type::Tuple(types)) => same(value.types(), types),
            (Self::Optional(value), Type::Optional(element)) => same(value.element_type(), element),
            (Self::Vector(value), Type::Vector(element)) => same(value.element_type(), element),
            (Self::Set(value), Type::Set(element)) => same(value.element_type(), element),
            (Self::Map(value), Type::Map(ty)) => same(value.map_type(), ty),
            (Self::XArray(value), Type::XArray(element)) => same(value.element_type(), element),
            (Self::Variant(value), Type::Variant(types)) => same(value.types(), types),
            (Self::Key(key), Type::Key(target)) => key.concept_id() == target.runtime_id(),
            (Self::Enumeration(value), Type::Enumeration(ty)) => same(value.enumeration(), ty),
            (Self::Structure(value), Type::Structure(ty)) => same(value.structure(), ty),
            (_, ty) => self.ty() == *ty,
        }
    }

    /// Whether an `any` somewhere inside the value holds something.
    pub(crate) fn fills_any(&self) -> bool {
        let any = |values: &[Value]| values.iter().any(Value::fills_any);
        match self {
            Self::Any(v) => v.get().is_some(),
            Self::Optional(v) => v.get().is_some_and(Value::fills_any),
            Self::Variant(v) => v.get().fills_any(),
            Self::Map(v) => v.entries().iter().any(|(key, value)| key.fills_any() || value.fills_any()),
            Self::XArray(v) => v.values().any(Value::fills_any),
            Self::Structure(v) => any(v.fields()),
            other => any(other.as_items()),
        }
    }

    /// Calls `visit` with the concept of every key inside the value.
    pub(crate) fn visit_concepts(&self, visit: &mut dyn FnMut(&Concept)) {
        match self {
            Self::Key(key) => key.concept().into_iter().for_each(|concept| visit(concept)),
            Self::Any(value) => value.get().into_iter().for_each(|v| v.visit_concepts(visit)),
            Self::Optional(value) => value.get().into_iter().for_each(|v| v.visit_concepts(visit)),
            Self::Variant(value) => value.get().visit_concepts(visit),
            Self::Map(value) => value.entries().iter().for_each(|(key, v)| {
                key.visit_concepts(visit);
                v.visit_concepts(visit);
            }),
            Self::XArray(value) => value.values().for_each(|v| v.visit_concepts(visit)),
            Self::Structure(value) => value.fields().iter().for_each(|v| v.visit_concepts(visit)),
            other => other.as_items().iter().for_each(|v| v.visit_concepts(visit)),
        }
    }

    /// Calls `visit` with every blob id inside the value, map keys and nested containers included.
    ///
    /// The zero id means "no blob" and is passed over.
    pub fn visit_blob_ids(&self, visit: &mut impl FnMut(BlobId)) {
        match self {
            Self::BlobId(id) if !id.is_zero() => visit(*id),
            Self::Any(value) => value.get().into_iter().for_each(|v| v.visit_blob_ids(visit)),
            Self::Tuple(value) => value.items().iter().for_each(|v| v.visit_blob_ids(visit)),
            Self::Optional(value) => value.get().into_iter().for_each(|v| v.visit_blob_ids(visit)),
            Self::Vector(value) => value.items().iter().for_each(|v| v.visit_blob_ids(visit)),
            Self::Set(value) => value.items().iter().for_each(|v| v.visit_blob_ids(visit)),
            Self::Map(value) => value.entries().iter().for_each(|(key, v)| {
                key.visit_blob_ids(visit);
                v.visit_blob_ids(visit);
            }),
            Self::XArray(value) => value.values().for_each(|v| v.visit_blob_ids(visit)),
            Self::Variant(value) => value.get().visit_blob_ids(visit),
            Self::Structure(value) => value.fields().iter().for_each(|v| v.visit_blob_ids(visit)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
