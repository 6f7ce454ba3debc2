//! Reading the text forms of types, values and paths back: what the command line and JSON documents contain.
//!
//! Values and paths are read by a type, which decides what a text may mean: `1` is a number in one place and the start
//! of a UUID in another.

mod types;
mod value;

use std::fmt;

use crate::definitions::Definitions;
use crate::path::PathErrorKind;
use crate::types::TypeError;
use crate::value::{ValueError, ValueErrorKind, suggestion};

/// Why a text is not a type, value or path, and where in it: `column 7: …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {kind}")]
pub struct TextError {
    /// The character at fault, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub kind: TextErrorKind,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextErrorKind {
    /// Something else was expected.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What should stand here.
        expected: String,
        /// What stands here.
        found: String,
    },
    /// A name stands for nothing.
    #[error("there is no {what} {name}{}", suggestion(.near))]
    UnknownName {
        /// What was looked for.
        what: &'static str,
        /// The name in the text.
        name: String,
        /// The nearest name that exists.
        near: Option<String>,
    },
    /// A string has an escape that means nothing, or does not end.
    #[error("{problem}")]
    String {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A value breaks a rule of its type.
    #[error("{0}")]
    Value(ValueError),
    /// A type breaks a rule.
    #[error(transparent)]
    Type(#[from] TypeError),
    /// A path takes a step that its type does not have.
    #[error(transparent)]
    Step(#[from] PathErrorKind),
}

impl From<ValueErrorKind> for TextErrorKind {
    fn from(kind: ValueErrorKind) -> Self {
        Self::Value(kind.into())
    }
}

impl From<ValueError> for TextErrorKind {
    fn from(error: ValueError) -> Self {
        Self::Value(error)
    }
}

/// A place in a text. Copies are cheap and go their own ways, so that a reading can be tried.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'t, 'd> {
    text: &'t str,
    offset: usize,
    pub(crate) definitions: &'d Definitions,
}

impl<'t, 'd> Cursor<'t, 'd> {
    pub(crate) fn new(text: &'t str, definitions: &'d Definitions) -> Self {
        Self { text, offset: 0, definitions }
    }

    pub(crate) fn rest(&self) -> &'t str {
        &self.text[self.offset..]
    }

    pub(crate) fn skip_space(&mut self) {
        self.offset = self.text.len() - self.rest().trim_start().len();
    }

    pub(crate) fn at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// Takes `token` if it stands here, after any space.
    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let mut next = *self;
        next.skip_space();
        let found = next.rest().starts_with(token);
        if found {
            next.offset += token.len();
            *self = next;
        }
        found
    }

    pub(crate) fn expect(&mut self, token: &str) -> Result<(), TextError> {
        if self.eat(token) { Ok(()) } else { Err(self.expected(format_args!("`{token}`"))) }
    }

    pub(crate) fn expect_end(&mut self) -> Result<(), TextError> {
        self.skip_space();
        if self.at_end() { Ok(()) } else { Err(self.expected("the end")) }
    }

    pub(crate) fn next_char(&mut self) -> Option<char> {
        let character = self.rest().chars().next()?;
        self.offset += character.len_utf8();
        Some(character)
    }

    /// The longest run of characters from here that `belongs` accepts, after any space.
    pub(crate) fn run(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        self.skip_space();
        let rest = self.rest();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.offset += end;
        &rest[..end]
    }

    /// An identifier, empty if none stands here.
    pub(crate) fn word(&mut self) -> &'t str {
        self.skip_space();
        if self.rest().starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.run(|c| c.is_ascii_alphanumeric() || c == '_')
        } else {
            ""
        }
    }

    /// `Name` or `Namespace::Name`, as it stands.
    pub(crate) fn name(&mut self) -> &'t str {
        self.skip_space();
        let start = self.offset;
        self.word();
        if self.rest().starts_with("::") {
            self.offset += 2;
            self.word();
        }
        &self.text[start..self.offset]
    }

    pub(crate) fn error(&self, kind: impl Into<TextErrorKind>) -> TextError {
        TextError { column: self.text[..self.offset].chars().count() + 1, kind: kind.into() }
    }

    pub(crate) fn expected(&self, expected: impl fmt::Display) -> TextError {
        /// Longer texts are cut: an error is one line.
        const SHOWN: usize = 30;
        let mut here = *self;
        here.skip_space();
        let rest = here.rest();
        let found = if rest.is_empty() {
            "the end".to_owned()
        } else {
            let shown: String = rest.chars().take(SHOWN).collect();
            format!("`{shown}{}`", if shown.len() < rest.len() { "…" } else { "" })
        };
        here.error(TextErrorKind::Expected { expected: expected.to_string(), found })
    }

    /// Reads `open`, items between commas, `close`.
    pub(crate) fn separated<T>(
        &mut self,
        open: &str,
        close: &str,
        mut item: impl FnMut(&mut Self, usize) -> Result<T, TextError>,
    ) -> Result<Vec<T>, TextError> {
        self.expect(open)?;
        let mut items = Vec::new();
        if self.eat(close) {
            return Ok(items);
        }
        loop {
            items.push(item(self, items.len())?);
            if self.eat(close) {
                return Ok(items);
            }
            if !self.eat(",") {
                return Err(self.expected(format_args!("`,` or `{close}`")));
            }
        }
    }
}

#[cfg(test)]
mod tests;
