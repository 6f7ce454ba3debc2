//! Plain Rust for a model: structures instead of values, so that no field name is spelled as a string.
//!
//! [`generate::rust`] prints the code of a model; `anabranch generate rust MODEL` runs it. What it prints stands on the rest of
//! this crate: [`Typed`] converts between Rust types and values, [`Attach`] reads and writes the documents of an attachment,
//! [`Place`] is a path that knows its types, [`XArray`] is what Rust has no type for.
//!
//! The generated code holds the model that it was made of, and finds each definition by runtime id, once. The same
//! declaration has the same id in every database, so the code works with any database that holds its model.

mod attach;
mod container;
mod error;
pub mod generate;
mod key;
mod place;
pub mod support;
mod typed;
mod xarray;

pub use attach::{Attach, Documents};
pub use error::TypedError;
pub use key::TypedKey;
pub use place::Place;
pub use typed::Typed;
pub use xarray::XArray;
