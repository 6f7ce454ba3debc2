//! The JSON form of definitions: the open interchange format that code generators for DSM consume.
//!
//! Decoding makes the same tree as the parser does, so a model from JSON obeys exactly the rules that a model from text does;
//! what is wrong is named by its JSON path.

mod decode;
mod encode;
mod node;
mod strict;

use std::fmt;

use anabranch_model::Definitions;
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostics, Severity};
use crate::resolve;
pub use strict::parse;

/// Why a JSON document is no model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is not JSON, or an object in it has a key twice.
    #[error("this is no JSON document: {0}")]
    Syntax(#[source] serde_json::Error),
    /// A value is of the wrong JSON kind.
    #[error("{path}: expected {expected}, found {found}")]
    Kind {
        /// Where.
        path: String,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A key is missing.
    #[error("{path}: this key is missing")]
    MissingKey {
        /// Where it should be.
        path: String,
    },
    /// A key means nothing here.
    #[error("{path}: this key is unknown")]
    UnknownKey {
        /// Where it is.
        path: String,
    },
    /// A text is none of the words that may stand here.
    #[error("{path}: `{found}` is none of {}", .expected.join(", "))]
    UnknownValue {
        /// Where.
        path: String,
        /// What is there.
        found: String,
        /// What may be there.
        expected: Vec<&'static str>,
    },
    /// A text is not of the form that it must have here.
    #[error("{path}: `{found}` is no {expected}")]
    Form {
        /// Where.
        path: String,
        /// What is there.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A reference gives a namespace a UUID that is not its own.
    #[error("{path}: the namespace `{name}` has another UUID")]
    Namespace {
        /// Where.
        path: String,
        /// The name of the namespace.
        name: String,
    },
    /// Types or literals nest too deeply.
    #[error("{path}: nested too deeply")]
    TooDeep {
        /// Where.
        path: String,
    },
    /// The document is well formed, but breaks rules of DSM.
    #[error("{}", Problems(.0))]
    Rules(Vec<Problem>),
}

/// One broken rule in a JSON document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where it is broken.
    pub path: String,
    /// Which kind of mistake it is.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// The other places that the message speaks of, such as where a name stands first.
    pub related: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)?;
        for path in &self.related {
            write!(f, " (see {path})")?;
        }
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// Displays all problems, one a line.
struct Problems<'a>(&'a [Problem]);

impl fmt::Display for Problems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// What to make of a JSON document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// Whether definitions keep the runtime ids that the document gives them, so that a model written by another producer keeps
    /// its identity. Otherwise ids are derived from the definitions.
    pub keep_runtime_ids: bool,
}

impl DecodeOptions {
    /// The same options with [`Self::keep_runtime_ids`] set.
    #[must_use]
    pub const fn with_runtime_ids(mut self, keep: bool) -> Self {
        self.keep_runtime_ids = keep;
        self
    }

    /// Reads definitions from JSON.
    ///
    /// # Errors
    /// When the document is not of the form, or breaks a rule of DSM.
    pub fn decode(self, document: &Value) -> Result<Definitions, JsonError> {
        let (tree, paths) = decode::tree(document, self)?;
        let mut diagnostics = Diagnostics::default();
        let definitions = resolve::resolve(&tree, &mut diagnostics);
        let problems = diagnostics.into_sorted().into_iter().filter(|it| it.severity == Severity::Error);
        let problems: Vec<Problem> = problems
            .map(|diagnostic| Problem {
                path: paths.of_span(diagnostic.span),
                code: diagnostic.code,
                message: diagnostic.message,
                related: diagnostic.labels.iter().map(|label| paths.of_span(label.span)).collect(),
                help: diagnostic.help,
            })
            .collect();
        definitions.filter(|_| problems.is_empty()).ok_or(JsonError::Rules(problems))
    }

    /// Reads definitions from a JSON text.
    ///
    /// # Errors
    /// When the text is no JSON, the document is not of the form, or it breaks a rule of DSM.
    pub fn decode_str(self, text: &str) -> Result<Definitions, JsonError> {
        self.decode(&strict::parse(text).map_err(JsonError::Syntax)?)
    }
}

/// Reads definitions from JSON, deriving their runtime ids.
///
/// # Errors
/// When the document is not of the form, or breaks a rule of DSM.
pub fn decode(document: &Value) -> Result<Definitions, JsonError> {
    DecodeOptions::default().decode(document)
}

/// Reads definitions from a JSON text, deriving their runtime ids; a key that stands twice in an object is an error.
///
/// # Errors
/// When the text is no JSON, the document is not of the form, or it breaks a rule of DSM.
pub fn decode_str(text: &str) -> Result<Definitions, JsonError> {
    DecodeOptions::default().decode_str(text)
}

/// Definitions as JSON, each after what it refers to.
///
/// A default that has no literal, which only a program can have given, is left out.
#[must_use]
pub fn encode(definitions: &Definitions) -> Value {
    encode::document(definitions)
}

#[cfg(test)]
mod tests;
