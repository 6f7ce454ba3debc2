//! The sample studio in Rust: the types that `anabranch generate rust` makes of its model.
//!
//! `src/model.rs` is checked in as the generator prints it; a test holds it to the model. To make it again:
//!
//! ```text
//! anabranch generate rust examples/studio/model -o examples/studio/rust/src/model.rs
//! ```

/// The types of the studio.
pub mod model;
