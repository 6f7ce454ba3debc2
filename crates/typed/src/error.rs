//! What can go wrong between Rust and a database.

use anabranch_engine::{Error, MutationError};
use anabranch_model::ValueError;

/// Why a document could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TypedError {
    /// A value is not what the Rust type holds, or the other way round.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The database refused, or could not be read.
    #[error(transparent)]
    Database(#[from] Error),
}

impl From<MutationError> for TypedError {
    fn from(error: MutationError) -> Self {
        Self::Database(error.into())
    }
}
