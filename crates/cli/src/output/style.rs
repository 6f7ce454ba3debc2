//! The one place where words become colours.

use std::fmt;

use anstyle::{AnsiColor, Style};

/// What a piece of output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// Nothing special.
    Plain,
    /// `error:`
    Error,
    /// `warning:`
    Warning,
    /// `hint:`
    Hint,
    /// `note:`
    Note,
    /// That all is well.
    Good,
    /// The id of a commit.
    Commit,
    /// The id of anything else: a key, a blob, a position.
    Id,
    /// The mark of a head.
    Head,
    /// A merge, a disabling, an enabling.
    Kind,
    /// When.
    Time,
    /// Who.
    Author,
    /// The name of an attachment, a definition or a field.
    Name,
    /// What stands in front of a value in a list.
    Title,
    /// What is less important than the rest.
    Faint,
    /// What is there and was not.
    Added,
    /// What was there and is no more.
    Removed,
    /// What is no longer what it was.
    Changed,
    /// A command that can be typed.
    Command,
}

impl Label {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Self::Plain => Style::new(),
            Self::Error => colour(AnsiColor::Red).bold(),
            Self::Removed => colour(AnsiColor::Red),
            Self::Warning | Self::Kind | Self::Changed => colour(AnsiColor::Yellow),
            Self::Hint | Self::Name => colour(AnsiColor::Cyan),
            Self::Note | Self::Author => colour(AnsiColor::Blue),
            Self::Good | Self::Head | Self::Added => colour(AnsiColor::Green),
            Self::Commit => colour(AnsiColor::Magenta),
            Self::Id => colour(AnsiColor::BrightMagenta),
            Self::Title | Self::Command => Style::new().bold(),
            Self::Time | Self::Faint => Style::new().dimmed(),
        }
    }
}

/// A text in the colour of its label. Streams that show no colour leave the escapes out.
pub(crate) fn paint<T: fmt::Display>(label: Label, text: T) -> Painted<T> {
    Painted { style: label.style(), text }
}

/// A text with its style.
pub(crate) struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.style.render(), self.text, self.style.render_reset())
    }
}
