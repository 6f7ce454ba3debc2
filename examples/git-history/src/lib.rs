//! Turns a git repository into an Anabranch database.
//!
//! `git` reads the repository through git itself, `model` says what becomes of a tree and a commit, `import` walks through
//! history, `check` compares the outcome with what git says.

mod check;
mod error;
mod git;
mod import;
mod model;
pub mod sample;

pub use check::{Checked, check};
pub use error::HistoryError;
pub use import::{Import, Imported, Step};
