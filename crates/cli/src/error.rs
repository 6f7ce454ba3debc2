//! What goes wrong, as a line that says what and a hint that says what to do. Colours, hints and exit codes exist only in
//! the command line; libraries give typed errors, which become this here.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use anabranch::engine::storage::StorageError;
use anabranch::model::TextError;
use anabranch::model::name::nearest;
use anabranch::remote::{ServeError, TokenError};
use anabranch::{Attachment, CloneError, ConnectError, Error, MutationError, SyncError};
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::interrupt;
use crate::output::style::{Label, paint};
use crate::output::text;

/// What kind of failure it is; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The operation failed, or was refused.
    Failed,
    /// The command line asks for something that there is not.
    Usage,
    /// Whoever was reading the output has stopped.
    BrokenPipe,
    /// Ctrl-C; the message says what was kept.
    Interrupted,
}

impl Kind {
    /// The exit code that scripts see.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::BrokenPipe => 0,
            Self::Interrupted => interrupt::CODE,
        }
    }
}

/// Why a command did not do what it was asked, and what helps.
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) kind: Kind,
    message: String,
    hints: Vec<String>,
    /// What could have been meant, one a line.
    candidates: Vec<String>,
}

impl CliError {
    /// The operation failed.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, message: message.into(), hints: Vec::new(), candidates: Vec::new() }
    }

    /// The command line asks for something that there is not.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, ..Self::new(message) }
    }

    /// Ctrl-C was pressed; says what was kept.
    pub(crate) fn interrupted(kept: impl Into<String>) -> Self {
        Self { kind: Kind::Interrupted, ..Self::new(kept) }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(action: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("cannot {action} {}: {}", path.display(), reason(error)))
    }

    /// A file that is where another was to be created.
    pub(crate) fn exists(path: &Path) -> Self {
        Self::new(format!("{} exists already, and was left as it is", path.display()))
            .hint("choose another name")
    }

    /// The same error with something to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same error with the name that was probably meant, if there is one; else with another hint.
    #[must_use]
    pub(crate) fn did_you_mean(self, near: Option<&str>, otherwise: impl Into<String>) -> Self {
        match near {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self.hint(otherwise),
        }
    }

    /// The same error with what could have been meant.
    #[must_use]
    pub(crate) fn candidates(mut self, candidates: impl IntoIterator<Item = String>) -> Self {
        self.candidates.extend(candidates);
        self
    }

    /// The same error, said of a place such as a line of a file.
    #[must_use]
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.message.insert_str(0, &format!("{place}: "));
        self
    }

    /// A text that is no path in the documents of an attachment.
    pub(crate) fn path(text: &str, attachment: &Attachment, error: &TextError) -> Self {
        let place =
            if error.column > 1 { format!(" (at character {})", error.column) } else { String::new() };
        Self::new(format!("`{text}` is no path of {}: {}{place}", attachment.identifier(), error.kind))
    }

    /// An error whose text says what to do after a semicolon, as those of the libraries do.
    pub(crate) fn advised(text: &str) -> Self {
        let text = &text::label(text);
        match text.split_once("; ") {
            Some((message, advice)) => Self::new(message).hint(advice),
            None => Self::new(text),
        }
    }

    /// Writes the error, its hints below it.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.kind == Kind::Interrupted {
            interrupt::tell(out, &self.message)?;
        } else {
            writeln!(out, "{} {}", paint(Label::Error, "error:"), self.message)?;
        }
        for hint in &self.hints {
            writeln!(out, "{} {hint}", paint(Label::Hint, "hint:"))?;
        }
        for candidate in &self.candidates {
            writeln!(out, "  {candidate}")?;
        }
        out.flush()
    }
}

/// What the system says, without the number that means nothing to most.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((text, _)) => text.to_lowercase(),
        None => text,
    }
}

impl From<io::Error> for CliError {
    /// Only writing results gives these: other files are named where they are touched.
    fn from(error: io::Error) -> Self {
        let kind = if error.kind() == io::ErrorKind::BrokenPipe { Kind::BrokenPipe } else { Kind::Failed };
        Self { kind, ..Self::new(format!("cannot write the output: {}", reason(&error))) }
    }
}

impl From<StorageError> for CliError {
    fn from(error: StorageError) -> Self {
        match &error {
            StorageError::FileMissing { path } => {
                let path = path.display();
                Self::new(format!("there is no database {path}"))
                    .hint(format!("check the path, or create one with `anabranch init {path} --model MODEL`"))
            }
            StorageError::FileExists { path } => Self::exists(path),
            StorageError::Io { action, path, source } if source.kind() == io::ErrorKind::NotFound => {
                Self::file(action, path, source).hint("check the path: the folder must be there")
            }
            StorageError::Io { action, path, source } => Self::file(action, path, source),
            StorageError::NotWritable { path, reason } => {
                Self::new(format!("{} cannot be written: {reason}", path.display()))
                    .hint("make it writable, or work on a copy; reading it works as it is")
            }
            _ => Self::advised(&error.to_string()),
        }
    }
}

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        match error {
            Error::Storage(error) => error.into(),
            Error::Mutation(error) => error.into(),
            error => Self::advised(&error.to_string()),
        }
    }
}

impl From<ServeError> for CliError {
    fn from(error: ServeError) -> Self {
        Self::advised(&error.to_string())
    }
}

impl From<TokenError> for CliError {
    fn from(error: TokenError) -> Self {
        Self::advised(&error.to_string())
    }
}

impl From<ConnectError> for CliError {
    fn from(error: ConnectError) -> Self {
        Self::advised(&error.to_string())
    }
}

impl From<CloneError> for CliError {
    fn from(error: CloneError) -> Self {
        match error {
            CloneError::Place { path, source } => Self::file("create", &path, &source),
            CloneError::Database(error) => error.into(),
            CloneError::Sync(error) => error.into(),
            error => Self::advised(&error.to_string()),
        }
    }
}

impl From<MutationError> for CliError {
    fn from(error: MutationError) -> Self {
        Self::advised(&error.to_string())
    }
}

impl From<SyncError> for CliError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Cancelled => {
                Self::interrupted("what was copied stays, and the next run goes on from there")
            }
            error => Self::advised(&error.to_string()),
        }
    }
}

/// What the parser of command lines answers instead of a command.
pub(crate) enum Refusal {
    /// Help or the version: what was asked for.
    Answer(String),
    /// What is wrong.
    Error(CliError),
}

impl Refusal {
    /// Brings the parser's answer into the form of all others.
    pub(crate) fn of(error: &clap::Error) -> Self {
        let rendered = error.render();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                return Self::Answer(rendered.ansi().to_string());
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let text = rendered.to_string();
                let command = command_of(text.lines().find_map(|line| line.strip_prefix("Usage: ")));
                let tour = if command == "anabranch" { "; `anabranch quickstart` is a tour" } else { "" };
                return Self::Error(
                    CliError::usage("no command was given")
                        .hint(format!("`{command} --help` lists them{tour}")),
                );
            }
            _ => {}
        }
        // The first paragraph says what is wrong, sometimes in a list below its first line.
        let text = rendered.to_string();
        let paragraph = text.split("\n\n").next().unwrap_or_default();
        let lines: Vec<&str> = paragraph.lines().map(str::trim).collect();
        let message = lines.join(" ").replace('\'', "`");
        let mut refusal = CliError::usage(message.strip_prefix("error: ").unwrap_or(&message));
        if let Some(near) = suggestion(error) {
            refusal = refusal.hint(format!("did you mean `{near}`?"));
        }
        let usage = text.lines().find_map(|line| line.strip_prefix("Usage: "));
        let command = command_of(usage);
        Self::Error(match usage {
            Some(usage) if error.kind() == ErrorKind::MissingRequiredArgument => {
                refusal.hint(format!("usage: {usage}; `{command} --help` says more"))
            }
            Some(_) => refusal.hint(format!("`{command} --help` says more")),
            None => refusal,
        })
    }
}

/// What was probably meant instead of a word that means nothing.
fn suggestion(error: &clap::Error) -> Option<String> {
    let invalid = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg, ContextKind::InvalidValue];
    let suggested =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(several)) => several.clone(),
        _ => Vec::new(),
    };
    let near: Vec<String> = suggested.into_iter().flat_map(text).collect();
    let typed = invalid.into_iter().flat_map(text).last();
    // Of several, the parser puts the nearest anywhere.
    let nearest = typed.and_then(|typed| nearest(&typed, near.iter().map(String::as_str)).map(str::to_owned));
    nearest.or_else(|| near.last().cloned())
}

/// The command that a line of usage is of: its words before the first argument or option.
fn command_of(usage: Option<&str>) -> String {
    let words = usage.unwrap_or("anabranch").split(' ');
    words.take_while(|word| !word.starts_with(['<', '[', '-'])).collect::<Vec<_>>().join(" ")
}
