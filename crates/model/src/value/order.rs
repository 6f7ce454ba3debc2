//! The one total order over values (`spec/values.md`, "Order").

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::mem::discriminant;

use super::Value;

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int8(a), Self::Int8(b)) => a.cmp(b),
            (Self::Int16(a), Self::Int16(b)) => a.cmp(b),
            (Self::Int32(a), Self::Int32(b)) => a.cmp(b),
            (Self::Int64(a), Self::Int64(b)) => a.cmp(b),
            (Self::UInt8(a), Self::UInt8(b)) => a.cmp(b),
            (Self::UInt16(a), Self::UInt16(b)) => a.cmp(b),
            (Self::UInt32(a), Self::UInt32(b)) => a.cmp(b),
            (Self::UInt64(a), Self::UInt64(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => compare_floats(f64::from(*a), f64::from(*b)),
            (Self::Double(a), Self::Double(b)) => compare_floats(*a, *b),
            (Self::String(a), Self::String(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(b),
            (Self::Blob(a), Self::Blob(b)) => a.cmp(b),
            (Self::BlobId(a), Self::BlobId(b)) => a.cmp(b),
            (Self::CommitId(a), Self::CommitId(b)) => a.cmp(b),
            (Self::Key(a), Self::Key(b)) => a.cmp(b),
            (Self::Any(a), Self::Any(b)) => match (a.get(), b.get()) {
                // By type, then value; within one constructor `cmp` compares types first.
                (Some(a), Some(b)) if discriminant(a) != discriminant(b) => a.ty().cmp(&b.ty()),
                (a, b) => a.cmp(&b),
            },
            (Self::Enumeration(a), Self::Enumeration(b)) => {
                a.enumeration().cmp(b.enumeration()).then_with(|| a.index().cmp(&b.index()))
            }
            (Self::Structure(a), Self::Structure(b)) => {
                if a.is_same(b) && a.structure() == b.structure() {
                    return Ordering::Equal;
                }
                a.structure().cmp(b.structure()).then_with(|| a.fields().cmp(b.fields()))
            }
            (Self::Vec(a), Self::Vec(b)) => {
                a.vec_type().cmp(b.vec_type()).then_with(|| a.items().cmp(b.items()))
            }
            (Self::Mat(a), Self::Mat(b)) => {
                a.mat_type().cmp(b.mat_type()).then_with(|| a.columns().cmp(b.columns()))
            }
            (Self::Tuple(a), Self::Tuple(b)) => {
                a.types().cmp(b.types()).then_with(|| a.items().cmp(b.items()))
            }
            (Self::Optional(a), Self::Optional(b)) => {
                a.element_type().cmp(b.element_type()).then_with(|| a.get().cmp(&b.get()))
            }
            (Self::Vector(a), Self::Vector(b)) => {
                a.element_type().cmp(b.element_type()).then_with(|| a.items().cmp(b.items()))
            }
            (Self::Set(a), Self::Set(b)) => {
                a.element_type().cmp(b.element_type()).then_with(|| a.items().cmp(b.items()))
            }
            (Self::Map(a), Self::Map(b)) => {
                a.map_type().cmp(b.map_type()).then_with(|| a.entries().cmp(b.entries()))
            }
            (Self::XArray(a), Self::XArray(b)) => a
                .element_type()
                .cmp(b.element_type())
                .then_with(|| a.values().cmp(b.values()))
                // Equal elements at other positions, or with other tombstones, are another value.
                .then_with(|| a.slots().cmp(b.slots())),
            (Self::Variant(a), Self::Variant(b)) => a
                .types()
                .cmp(b.types())
                .then_with(|| a.index().cmp(&b.index()))
                .then_with(|| a.get().cmp(b.get())),
            _ => self.ty().cmp(&other.ty()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Value {}

/// By value, with -0.0 < 0.0 and every NaN after infinity.
fn compare_floats(a: f64, b: f64) -> Ordering {
    canonical(a).total_cmp(&canonical(b))
}

/// All NaNs are one value, and a positive one in IEEE's total order.
fn canonical(number: f64) -> f64 {
    if number.is_nan() { f64::NAN.copysign(1.0) } else { number }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        discriminant(self).hash(state);
        match self {
            Self::Bool(v) => v.hash(state),
            Self::Int8(v) => v.hash(state),
            Self::Int16(v) => v.hash(state),
            Self::Int32(v) => v.hash(state),
            Self::Int64(v) => v.hash(state),
            Self::UInt8(v) => v.hash(state),
            Self::UInt16(v) => v.hash(state),
            Self::UInt32(v) => v.hash(state),
            Self::UInt64(v) => v.hash(state),
            Self::Float(v) => canonical(f64::from(*v)).to_bits().hash(state),
            Self::Double(v) => canonical(*v).to_bits().hash(state),
            Self::String(v) => v.hash(state),
            Self::Uuid(v) => v.hash(state),
            Self::Blob(v) => v.hash(state),
            Self::BlobId(v) => v.hash(state),
            Self::CommitId(v) => v.hash(state),
            Self::Key(v) => v.hash(state),
            Self::Any(v) => v.get().hash(state),
            Self::Vec(v) => v.items().hash(state),
            Self::Mat(v) => v.columns().hash(state),
            Self::Tuple(v) => v.items().hash(state),
            Self::Optional(v) => v.get().hash(state),
            Self::Vector(v) => v.items().hash(state),
            Self::Set(v) => v.items().hash(state),
            Self::Map(v) => v.entries().hash(state),
            Self::XArray(v) => v.slots().hash(state),
            Self::Variant(v) => (v.index(), v.get()).hash(state),
            Self::Enumeration(v) => v.index().hash(state),
            Self::Structure(v) => v.fields().hash(state),
        }
    }
}
