//! Keys that know what they refer to.

use anabranch_model::{Key, ValueError};

use crate::typed::Typed;

/// A key of one concept, of a club, or of anything.
pub trait TypedKey: Typed {
    /// The key as the engine takes it.
    fn to_key(&self) -> Key;

    /// The key that the engine gave.
    ///
    /// # Errors
    /// When it refers to something else.
    fn from_key(key: Key) -> Result<Self, ValueError>;
}

impl TypedKey for Key {
    fn to_key(&self) -> Key {
        self.clone()
    }

    fn from_key(key: Key) -> Result<Self, ValueError> {
        Ok(key)
    }
}
