//! The JSON form of values and of the types they carry (`spec/values.md`, "JSON form of values").
//!
//! The form is driven by the type of the place, so only `any` and `variant` name types. What the specification leaves
//! open is settled here:
//!
//! * NaN and the infinities, which JSON has no numbers for, are the texts `"NaN"`, `"Infinity"`, `"-Infinity"`.
//! * An optional whose element may itself read `null` (an `optional` or `any`) wraps a present value as `[value]`, so
//!   that `null` always means nil.
//! * A `float` is written with the fewest digits that read back to it; numbers that are read into `float` and `double`
//!   are rounded to the nearest, as decimal fractions must be.
//! * An `any` that holds nothing is `null`. An xarray lists every position it knows, the removed ones too.
//! * The null key is `["00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"]`.
//!
//! Reading is lenient where nothing can be misunderstood: members of sets and entries of maps may stand in any order, a
//! member that stands twice is one, a key place whose target is one concept takes the plain UUID of an instance of that
//! concept, and a type may be given as DSM reads (`"vec<float, 3>"`).

mod base64;
mod decode;
mod encode;
mod types;

use std::fmt;

use serde_json::Value as Json;

pub use decode::{decode, decode_strict};
pub use encode::encode;
pub use types::{decode_type, encode_type};

use crate::types::TypeError;
use crate::value::{ValueError, ValueErrorKind};

/// Why JSON is not the form of a value, with the JSON path of the place: `$.items[3].age: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// The place; `$` is the whole.
    pub path: String,
    /// What is wrong there.
    pub kind: JsonErrorKind,
}

/// What is wrong with a piece of JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// Another kind of JSON was expected.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What should stand here.
        expected: String,
        /// What stands here, described for a person.
        found: String,
    },
    /// A value breaks a rule of its type.
    #[error(transparent)]
    Value(#[from] ValueErrorKind),
    /// A type breaks a rule.
    #[error(transparent)]
    Type(#[from] TypeError),
    /// An object lacks a member.
    #[error("`{name}` is missing")]
    Missing {
        /// The name of the member.
        name: &'static str,
    },
    /// A definition is not known here.
    #[error("there is no {what} {name}{}", crate::value::suggestion(.near))]
    UnknownDefinition {
        /// What was looked for.
        what: &'static str,
        /// Its name or runtime id.
        name: String,
        /// The nearest name that exists.
        near: Option<String>,
    },
    /// A text is not a type.
    #[error("{0}")]
    TypeText(Box<crate::text::TextError>),
    /// An xarray gives an element to a position that it does not list, or lists one neither with an element nor as removed.
    #[error("position {position} {problem}")]
    Position {
        /// The position.
        position: uuid::Uuid,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl JsonError {
    fn new(kind: impl Into<JsonErrorKind>) -> Self {
        Self { path: String::new(), kind: kind.into() }
    }

    fn expected(expected: impl Into<String>, found: &Json) -> Self {
        Self::new(JsonErrorKind::Expected { expected: expected.into(), found: describe(found) })
    }

    /// The same error, seen from one level further out. The `$` is put in front at the very end.
    fn inside(mut self, step: impl fmt::Display) -> Self {
        self.path.insert_str(0, &step.to_string());
        self
    }

    fn at_root(self) -> Self {
        self.inside('$')
    }
}

impl From<ValueError> for JsonError {
    fn from(error: ValueError) -> Self {
        Self { path: error.place, kind: error.kind.into() }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.kind)
    }
}

impl std::error::Error for JsonError {}

/// A piece of JSON, as an error calls it.
fn describe(json: &Json) -> String {
    /// Longer texts are cut: an error is one line.
    const SHOWN: usize = 40;
    match json {
        Json::Null => "null".to_owned(),
        Json::Bool(v) => v.to_string(),
        Json::Number(v) => v.to_string(),
        Json::String(v) if v.chars().nth(SHOWN).is_some() => {
            format!("the text {:?}…", v.chars().take(SHOWN).collect::<String>())
        }
        Json::String(v) => format!("the text {v:?}"),
        Json::Array(v) => format!("an array of {}", v.len()),
        Json::Object(_) => "an object".to_owned(),
    }
}

/// `.name`, or `["odd name"]` where a name is no identifier.
struct Member<'a>(&'a str);

impl fmt::Display for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if crate::name::is_identifier(self.0) || self.0.split('_').all(crate::name::is_identifier) {
            write!(f, ".{}", self.0)
        } else {
            write!(f, "[{:?}]", self.0)
        }
    }
}

#[cfg(test)]
mod tests;
