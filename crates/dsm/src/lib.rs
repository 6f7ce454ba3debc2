//! The DSM language: data models as text.

mod ast;
mod diagnostic;
mod escape;
pub mod json;
mod layout;
mod lexer;
mod literal;
mod parser;
mod print;
mod render;
mod resolve;
mod source;
mod suggest;
mod words;

use anabranch_model::Definitions;
use diagnostic::Diagnostics;
pub use diagnostic::{Code, Diagnostic, Label, Severity};
pub use layout::format;
pub use print::print;
pub use source::{Location, Source, Sources, Span};

/// What came of reading a model.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// Everything that is wrong, in the order of the texts.
    pub diagnostics: Vec<Diagnostic>,
    /// The model; none when any diagnostic is an error.
    pub model: Option<Definitions>,
}

/// Reads the texts of one model.
#[must_use]
pub fn parse(sources: &Sources) -> Report {
    let mut diagnostics = Diagnostics::default();
    let tree = parser::parse(sources, &mut diagnostics);
    let model = resolve::resolve(&tree, &mut diagnostics);
    Report { diagnostics: diagnostics.into_sorted(), model }
}
