//! Why a developer command stopped.

use std::{fmt, io};

/// Why a developer command stopped.
#[derive(Debug)]
pub(crate) enum Error {
    /// `cargo xtask` alone.
    NoCommand,
    /// A command that is not there.
    UnknownCommand(String),
    /// An option that the command does not have.
    UnknownOption(String),
    /// The program of a step is missing, or its output could not be read.
    Start { command: String, source: io::Error },
    /// There is no Python that the package could be checked with.
    NoPython,
    /// The program of a step ran, and failed. The step has said so already.
    Failed,
}

impl Error {
    /// Whether the command line itself was wrong.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, Self::NoCommand | Self::UnknownCommand(_) | Self::UnknownOption(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommand => write!(out, "no command given"),
            Self::UnknownCommand(name) => write!(out, "there is no command `{name}`"),
            Self::UnknownOption(name) => write!(out, "there is no option `{name}`"),
            Self::Start { command, source } => write!(out, "`{command}` did not start: {source}"),
            Self::NoPython => write!(
                out,
                "there is no Python of 3.10 or newer with the module venv; install one (python3, python3-venv), or name \
                 it in PYTHON"
            ),
            Self::Failed => write!(out, "a step failed"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start { source, .. } => Some(source),
            _ => None,
        }
    }
}
