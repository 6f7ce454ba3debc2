//! Why a value cannot be, and where inside it.

use std::fmt;

use crate::types::Type;

/// Why a value cannot be, with the place inside it: `.items[3].age: 256 is out of range for int8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    /// The place, as a path reads; empty for the value itself.
    pub place: String,
    /// What is wrong there.
    pub kind: ValueErrorKind,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueErrorKind {
    /// The value has another type than the place.
    #[error("expected {expected}, found {found}")]
    Type {
        /// What the place holds.
        expected: Type,
        /// What was given, described for a person.
        found: String,
    },
    /// A number does not fit.
    #[error("{number} is out of range for {ty}")]
    Range {
        /// The number, as text.
        number: String,
        /// The type that it does not fit.
        ty: Type,
    },
    /// A conversion would lose information.
    #[error("{input} cannot become {ty} without losing information")]
    Lossy {
        /// What was given, as text.
        input: String,
        /// The type that it would become.
        ty: Type,
    },
    /// A sequence has another length than the type.
    #[error("{ty} takes {expected} values, {found} were given")]
    Length {
        /// The type with a length.
        ty: Type,
        /// Its length.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A structure has no such field.
    #[error("{structure} has no field `{name}`{}", suggestion(.near))]
    UnknownField {
        /// The structure.
        structure: String,
        /// The name that was given.
        name: String,
        /// The nearest name that exists.
        near: Option<String>,
    },
    /// An enumeration has no such case.
    #[error("{enumeration} has no case `{name}`{}", suggestion(.near))]
    UnknownCase {
        /// The enumeration.
        enumeration: String,
        /// The name or index that was given.
        name: String,
        /// The nearest name that exists.
        near: Option<String>,
    },
    /// A text is not what the type reads.
    #[error("`{text}` is not a {what}")]
    Text {
        /// What was given.
        text: String,
        /// What it should have been.
        what: &'static str,
    },
    /// A key refers to something that the place does not admit.
    #[error("a key of {concept} cannot stand for {target}")]
    Key {
        /// The concept of the key.
        concept: String,
        /// What the place admits.
        target: String,
    },
    /// A position stands twice in an xarray.
    #[error("position {position} stands twice")]
    DuplicatePosition {
        /// The position.
        position: uuid::Uuid,
    },
    /// A position of an xarray is the zero id, which stands for the end.
    #[error("the zero id is no position")]
    ZeroPosition,
    /// A map key or field stands twice.
    #[error("`{key}` stands twice")]
    DuplicateKey {
        /// The key, as text.
        key: String,
    },
    /// The type that the value would have breaks a rule.
    #[error(transparent)]
    NoType(#[from] crate::types::TypeError),
    /// Values nest deeper than [`crate::MAX_DEPTH`].
    #[error("values nest at most {max} deep", max = crate::MAX_DEPTH)]
    Depth,
}

/// A text as an error shows it: an error is one line that a person reads.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `, did you mean …?`, if there is a name to suggest.
pub(crate) fn suggestion(near: &Option<String>) -> String {
    near.as_ref().map_or_else(String::new, |near| format!(", did you mean `{near}`?"))
}

impl ValueError {
    /// The same error, seen from one level further out.
    #[must_use]
    pub fn inside(mut self, component: impl fmt::Display) -> Self {
        self.place.insert_str(0, &component.to_string());
        self
    }
}

impl From<ValueErrorKind> for ValueError {
    fn from(kind: ValueErrorKind) -> Self {
        Self { place: String::new(), kind }
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            write!(f, "{}", self.kind)
        } else {
            write!(f, "{}: {}", self.place, self.kind)
        }
    }
}

impl std::error::Error for ValueError {}
