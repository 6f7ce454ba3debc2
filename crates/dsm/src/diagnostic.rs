//! What is wrong with a text: a code for programs, a message and a place for people.

use crate::render;
use crate::source::{Location, Sources, Span};
use std::fmt;

/// How many diagnostics one run reports before it gives up.
///
/// Only hostile or binary input gets there; a person reads none of the thousand.
pub(crate) const MAX_DIAGNOSTICS: usize = 1000;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The text is no model.
    Error,
    /// The text is a model, but probably not the one that was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// A second place that a diagnostic speaks of, such as where a name was first declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// One mistake found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The kind of mistake.
    pub code: Code,
    /// Whether it keeps the text from being a model.
    pub severity: Severity,
    /// Where it is.
    pub span: Span,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Other places that explain it.
    pub labels: Vec<Label>,
    /// What to do about it, where that can be said.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(crate) fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            span,
            message: message.into(),
            labels: Vec::new(),
            help: None,
        }
    }

    pub(crate) fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    pub(crate) fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Line and column where the mistake starts.
    #[must_use]
    pub fn location(&self, sources: &Sources) -> Location {
        match sources.get(self.span.source) {
            Some(source) => source.location(self.span.start),
            None => Location { line: 1, column: 1 },
        }
    }

    /// The diagnostic as a person reads it: `file:line:column: error: message`, the line with the place underlined, the
    /// other places, and the help.
    ///
    /// The text ends with a line end. With `colour` it holds ANSI escapes, otherwise none.
    #[must_use]
    pub fn render(&self, sources: &Sources, colour: bool) -> String {
        render::render(self, sources, colour)
    }
}

/// Collects diagnostics up to [`MAX_DIAGNOSTICS`].
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        let mut diagnostic = diagnostic;
        if self.list.len() + 1 == MAX_DIAGNOSTICS {
            let message = format!("more than {MAX_DIAGNOSTICS} mistakes: the rest is not shown");
            diagnostic = Diagnostic::error(Code::TooManyMistakes, diagnostic.span, message);
        }
        if !self.is_full() {
            self.list.push(diagnostic);
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= MAX_DIAGNOSTICS
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }

    /// The diagnostics in the order of the text; those at one place stay as found.
    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|diagnostic| {
            (diagnostic.code == Code::TooManyMistakes, diagnostic.span.source, diagnostic.span.start)
        });
        self.list
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)+) => {
        /// The kind of a mistake; the text form is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $variant,)+
        }

        impl Code {
            /// Every code, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable text form, such as `unknown-type`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

codes! {
    /// The text is too large to be read.
    SourceTooLarge = "source-too-large",
    /// A character that no token starts with.
    UnexpectedCharacter = "unexpected-character",
    /// A comment that does not start with `//`.
    ForeignComment = "foreign-comment",
    /// A string without its closing quote.
    UnterminatedString = "unterminated-string",
    /// A doc string without its closing quotes.
    UnterminatedDoc = "unterminated-doc",
    /// A `\` that starts no JSON escape.
    InvalidEscape = "invalid-escape",
    /// A control character inside a string.
    ControlCharacter = "control-character",
    /// A number that JSON's grammar does not allow.
    InvalidNumber = "invalid-number",
    /// A UUID literal with the wrong digits or groups.
    InvalidUuid = "invalid-uuid",
    /// A token where another was expected.
    UnexpectedToken = "unexpected-token",
    /// A `;` is missing.
    MissingSemicolon = "missing-semicolon",
    /// A `{`, `<` or `(` that is not closed.
    Unclosed = "unclosed",
    /// A `}` that closes nothing.
    UnmatchedBrace = "unmatched-brace",
    /// A word that starts no declaration.
    UnknownDeclaration = "unknown-declaration",
    /// A declaration at a level where it may not stand.
    MisplacedDeclaration = "misplaced-declaration",
    /// A doc string that documents nothing.
    MisplacedDoc = "misplaced-doc",
    /// A name that the language keeps for itself.
    ReservedWord = "reserved-word",
    /// Types or literals nested too deeply.
    TooDeep = "too-deep",
    /// A type constructor with the wrong number or kind of arguments.
    TypeArguments = "type-arguments",
    /// A qualified name whose namespace does not exist.
    UnknownNamespace = "unknown-namespace",
    /// A type that does not exist.
    UnknownType = "unknown-type",
    /// A concept that does not exist.
    UnknownConcept = "unknown-concept",
    /// A club that does not exist.
    UnknownClub = "unknown-club",
    /// A case that the enumeration does not have.
    UnknownCase = "unknown-case",
    /// A name that exists but is of another kind than needed here.
    WrongKind = "wrong-kind",
    /// A name that stands for several things here.
    AmbiguousName = "ambiguous-name",
    /// A name declared twice.
    DuplicateName = "duplicate-name",
    /// A field declared twice in one structure.
    DuplicateField = "duplicate-field",
    /// A case declared twice in one enumeration.
    DuplicateCase = "duplicate-case",
    /// An attachment declared twice for one key type.
    DuplicateAttachment = "duplicate-attachment",
    /// A concept that joins a club twice.
    DuplicateMembership = "duplicate-membership",
    /// A function declared twice in one pool.
    DuplicateFunction = "duplicate-function",
    /// A parameter declared twice in one function.
    DuplicateParameter = "duplicate-parameter",
    /// A type listed twice in one variant.
    DuplicateAlternative = "duplicate-alternative",
    /// An element given twice in the default of a set.
    DuplicateElement = "duplicate-element",
    /// A UUID used by two namespaces or two pools.
    UuidConflict = "uuid-conflict",
    /// One namespace name with two UUIDs.
    NamespaceConflict = "namespace-conflict",
    /// The nil UUID as the identity of something.
    NilUuid = "nil-uuid",
    /// A concept that is its own ancestor.
    ConceptCycle = "concept-cycle",
    /// A structure that contains itself.
    StructureCycle = "structure-cycle",
    /// A document or structure that would start with too many values.
    TooLarge = "too-large",
    /// `void` other than as the result of a function.
    MisplacedVoid = "misplaced-void",
    /// A `vec` or `mat` of something that is no number.
    NotNumeric = "not-numeric",
    /// A size that is no positive number in range.
    InvalidSize = "invalid-size",
    /// An enumeration without cases.
    EmptyEnumeration = "empty-enumeration",
    /// An enumeration with too many cases.
    TooManyCases = "too-many-cases",
    /// A default that its type cannot have.
    DefaultType = "default-type",
    /// A number that does not fit its type.
    DefaultRange = "default-range",
    /// A list with too few or too many elements.
    DefaultLength = "default-length",
    /// A default on a type that takes none.
    DefaultNotAllowed = "default-not-allowed",
    /// Refused for a reason that has no code of its own.
    Refused = "refused",
    /// The run stopped reporting.
    TooManyMistakes = "too-many-mistakes",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_different_texts() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }

    #[test]
    fn a_run_stops_reporting_at_the_bound() {
        let mut diagnostics = Diagnostics::default();
        for offset in 0..5000 {
            diagnostics.push(Diagnostic::error(Code::UnexpectedToken, Span::new(0, offset, offset), "no"));
        }
        let list = diagnostics.into_sorted();
        assert_eq!(list.len(), MAX_DIAGNOSTICS);
        assert_eq!(list.last().map(|last| last.code), Some(Code::TooManyMistakes));
    }
}
