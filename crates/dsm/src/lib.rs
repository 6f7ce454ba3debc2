//! The DSM language: data models as text.
//!
//! A model is read from one or more texts, all mistakes at once, and becomes the definitions of the model crate:
//!
//! ```
//! use anabranch_dsm::{Sources, parse};
//!
//! let sources = Sources::single("user.dsm", r#"
//! namespace Tuto {f529bc42-0618-4f54-a3fb-d55f95c5ad03} {
//!     """Somebody who may log in."""
//!     concept User;
//!     struct Login { string nickname; string password = ""; };
//!     attachment<User, Login> login;
//! };
//! "#);
//! let model = parse(&sources).model.unwrap();
//! assert!(model.find_attachment("Tuto::User.login").is_some());
//! # assert_eq!(parse(&Sources::single("again.dsm", anabranch_dsm::print(&model))).model, Some(model));
//! ```
//!
//! What is wrong with a text comes as data, and prints as people know it from compilers:
//!
//! ```
//! use anabranch_dsm::{Code, Sources, parse};
//!
//! let sources = Sources::single("user.dsm", "\
//! namespace Tuto {f529bc42-0618-4f54-a3fb-d55f95c5ad03} {
//!     struct Login { strng nickname; };
//! };
//! ");
//! let report = parse(&sources);
//! assert!(report.model.is_none());
//! let mistake = &report.diagnostics[0];
//! assert_eq!(mistake.code, Code::UnknownType);
//! assert_eq!(mistake.render(&sources, false), "\
//! user.dsm:2:20: error: there is no type called `strng`
//!     2 |     struct Login { strng nickname; };
//!       |                    ^^^^^
//!   help: did you mean `string`?
//! ");
//! ```
//!
//! [`print`](fn@print) writes definitions as text, [`format`](fn@format) lays a text out and keeps its comments, [`json`] is the interchange form.
//!
//! The way of a text, by module: `lexer` makes tokens, `parser` a tree (`ast`), `resolve` definitions. The JSON decoder makes the
//! same tree, so the rules of the language stand in one place.

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

/// Reads the texts of one model; neither their order nor that of the declarations matters.
///
/// Everything that is wrong is found in one run, up to a thousand mistakes. Nothing makes this panic, recurse without bound or
/// take more than about linear time.
#[must_use]
pub fn parse(sources: &Sources) -> Report {
    let mut diagnostics = Diagnostics::default();
    let tree = parser::parse(sources, &mut diagnostics);
    let model = resolve::resolve(&tree, &mut diagnostics);
    Report { diagnostics: diagnostics.into_sorted(), model }
}
