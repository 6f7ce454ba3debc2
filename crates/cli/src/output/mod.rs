//! All that is written: results on standard output, talk on standard error.

pub(crate) mod document;
pub(crate) mod number;
mod pager;
pub(crate) mod progress;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod time;

use std::cell::RefCell;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use std::rc::Rc;

use anstream::{AutoStream, ColorChoice, StripStream};
use serde_json::Value as Json;

use crate::args::{OutputArgs, When};
use crate::commands::Outcome;
use crate::error::{CliError, Kind, Refusal};
use pager::{Pager, Shared};
use progress::{Busy, Progress};
use style::{Label, paint};
use time::Clock;

/// How wide lines are where nobody says: not on a terminal, and without COLUMNS.
const WIDTH: usize = 100;

/// Where a command writes to, and how.
pub(crate) struct Ui {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Whether results are JSON.
    pub(crate) is_json: bool,
    /// What time it is, and how times are told.
    pub(crate) clock: Clock,
    /// How many columns a line has.
    pub(crate) width: usize,
    /// Whether colour shows on standard error.
    has_colour: bool,
    /// Whether colour shows on standard output.
    colour: ColorChoice,
    is_progress_shown: bool,
    /// Whether long output may go through a pager.
    is_paged: bool,
    pager: Option<Pager>,
}

impl Default for Ui {
    fn default() -> Self {
        Self::new(&OutputArgs::default())
    }
}

impl Ui {
    /// Writes to standard output and error.
    pub(crate) fn new(output: &OutputArgs) -> Self {
        let choice = match output.color {
            When::Auto => ColorChoice::Auto,
            When::Always => ColorChoice::Always,
            When::Never => ColorChoice::Never,
        };
        let err = AutoStream::new(io::stderr(), choice);
        let has_colour = !matches!(err.current_choice(), ColorChoice::Never);
        let out = AutoStream::new(io::stdout(), choice);
        let colour = out.current_choice();
        Self {
            out: Box::new(BufWriter::new(out)),
            err: Box::new(err),
            is_json: output.json,
            clock: Clock::new(output.absolute),
            width: width(),
            has_colour,
            colour,
            is_progress_shown: io::stderr().is_terminal(),
            is_paged: !output.json && !output.no_pager,
            pager: None,
        }
    }

    /// Writes text for people to a buffer, both streams in order, in colours and lines as wide as here.
    pub(crate) fn captured(&self) -> (Self, Capture) {
        let capture = Capture::default();
        let captured = Self {
            out: Box::new(capture.clone()),
            err: Box::new(capture.clone()),
            is_json: false,
            clock: self.clock,
            width: self.width,
            has_colour: true,
            colour: ColorChoice::Always,
            is_progress_shown: false,
            is_paged: false,
            pager: None,
        };
        (captured, capture)
    }

    /// Where results go.
    pub(crate) fn out(&mut self) -> &mut dyn Write {
        &mut *self.out
    }

    /// Has what follows go through a pager where people read it on a terminal, talk included.
    pub(crate) fn page(&mut self) {
        if !std::mem::take(&mut self.is_paged) {
            return;
        }
        let Some((pager, input)) = Pager::start() else { return };
        // The pager shows on the same terminal what is written to a pipe.
        let input: Box<dyn Write> = Box::new(input);
        let input: Box<dyn Write> = match self.colour {
            ColorChoice::Never => Box::new(StripStream::new(input)),
            _ => input,
        };
        let shared = Shared(Rc::new(RefCell::new(Box::new(BufWriter::new(input)))));
        self.out = Box::new(shared.clone());
        self.err = Box::new(shared);
        self.is_progress_shown = false;
        self.pager = Some(pager);
    }

    /// Waits until the pager is left, and writes to the terminal again.
    fn leave_pager(&mut self) -> io::Result<()> {
        let Some(pager) = self.pager.take() else { return Ok(()) };
        let flushed = self.out.flush();
        self.out = Box::new(AutoStream::new(io::stdout(), self.colour));
        self.err = Box::new(AutoStream::new(io::stderr(), self.colour));
        pager.wait();
        flushed
    }

    /// Prints a piece of JSON on a line of its own.
    pub(crate) fn json(&mut self, json: &Json) -> io::Result<()> {
        writeln!(self.out, "{json}")
    }

    /// Where talk goes, after all results so far.
    pub(crate) fn talk(&mut self) -> io::Result<&mut dyn Write> {
        self.out.flush()?;
        Ok(&mut *self.err)
    }

    /// Tells what was done, beside the result.
    pub(crate) fn tell(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.talk()?, "{text}")
    }

    /// Says something that is good to know.
    pub(crate) fn note(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.talk()?, "{} {text}", paint(Label::Note, "note:"))
    }

    /// Says that something is probably not as it was meant.
    pub(crate) fn warn(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.talk()?, "{} {text}", paint(Label::Warning, "warning:"))
    }

    /// Whether colour shows where talk goes.
    pub(crate) fn has_colour(&self) -> bool {
        self.has_colour
    }

    /// What shows how far a long work is.
    pub(crate) fn progress(&self, what: &'static str) -> Progress {
        Progress::new(what, self.is_progress_shown)
    }

    /// What shows that a work goes on which does not say how far it is.
    pub(crate) fn busy(&self, what: &'static str) -> Busy {
        Busy::new(what, self.is_progress_shown)
    }

    /// Says how a command ended, and with which code.
    pub(crate) fn conclude(&mut self, result: Result<Outcome, CliError>) -> ExitCode {
        let result = result.and_then(|outcome| {
            self.out.flush()?;
            Ok(outcome)
        });
        let left = self.leave_pager();
        let result = result.and_then(|outcome| {
            left?;
            Ok(outcome)
        });
        match result {
            Ok(outcome) => ExitCode::from(outcome.code()),
            // Whoever reads has enough, as `head` does.
            Err(error) if error.kind == Kind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => {
                // Where standard error is gone too, nobody is left to tell.
                let _ = self.talk().and_then(|talk| error.write(talk));
                ExitCode::from(error.kind.code())
            }
        }
    }

    /// Says what is wrong with a command line; or prints the help that was asked for.
    pub(crate) fn conclude_refused(&mut self, error: &clap::Error) -> ExitCode {
        let result = match Refusal::of(error) {
            Refusal::Answer(text) => {
                write!(self.out, "{text}").map(|()| Outcome::Done).map_err(CliError::from)
            }
            Refusal::Error(error) => Err(error),
        };
        self.conclude(result)
    }
}

/// How many columns a line has: those of the terminal, else COLUMNS, else [`WIDTH`].
fn width() -> usize {
    let terminal = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(columns).unwrap_or(WIDTH).max(40)
}

/// What was written to a captured [`Ui`].
#[derive(Clone, Default)]
pub(crate) struct Capture(Rc<RefCell<Vec<u8>>>);

impl Capture {
    /// The text, colours included.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }
}

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
