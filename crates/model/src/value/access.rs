//! What a value holds, as plain Rust.

use super::Value;

impl Value {
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
}
