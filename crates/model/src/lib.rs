//! Types, values, keys, paths and definitions, with their one canonical encoding.
//!
//! This crate is the vocabulary of Anabranch. It does no I/O and knows nothing of commits:
//!
//! * [`Definitions`] hold what a model declares: concepts, clubs, enumerations, structures, attachments.
//! * [`Type`] says what a place may hold, [`Value`] is what it holds, [`Path`] says where in a document it is.
//! * [`codec`] turns values, types, paths and definitions into deterministic CBOR and back, refusing everything that
//!   is not the one encoding of what it says.
//! * [`json`] has the JSON form of values, [`text`] reads the text forms of types, values and paths back.
//! * [`id`] has the 32-byte content ids and the runtime ids of definitions.

pub mod bounds;
pub mod codec;
pub mod definition;
pub mod definitions;
#[cfg(test)]
mod fixture;
pub mod id;
pub mod json;
pub mod name;
pub mod path;
pub mod text;
pub mod types;
pub mod value;

pub use definition::{
    Attachment, Case, Club, Concept, Definition, DefinitionError, Enumeration, Field, Function, FunctionPool,
    Structure,
};
pub use definitions::{Definitions, DefinitionsBuilder, DefinitionsError, ExtendInfo};
pub use id::{BlobId, ChunkId, CommitId, ContentHash, DefinitionsDigest, IdError, PayloadHash, RuntimeId};
pub use json::{JsonError, JsonErrorKind};
pub use name::{NameSpace, TypeName};
pub use path::{Path, PathComponent, PathError, PlaceTypes, Unresolved};
pub use text::{TextError, TextErrorKind};
pub use types::{KeyTarget, MapType, MatType, Numeric, Type, TypeError, VecType};
pub use uuid::Uuid;
pub use value::{
    AnyValue, EnumerationValue, Key, MapValue, MatValue, Native, OptionalValue, SetValue, StructureValue,
    TupleValue, Value, ValueError, VariantValue, VecValue, VectorValue, XArrayValue,
};

/// The deepest nesting that types, and values under `any`, may have.
///
/// Every recursive walk over types and values is bounded by it, so that no input can exhaust the stack.
pub const MAX_DEPTH: usize = 64;

#[cfg(test)]
mod tests;
