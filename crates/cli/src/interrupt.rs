//! Ctrl-C: the first one ends the command at the next place where it can stop, or at once where stopping is no different
//! from ending; the second one ends it in any case. The exit code is 130.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

use crate::output::style::{Label, paint};

/// The exit code that says so: 128 and the number of the signal, as shells have it.
pub(crate) const CODE: u8 = 130;

static STATE: Mutex<State> =
    Mutex::new(State { is_asked: false, kept: "", stop: None, is_ignored: false, bar: None });

struct State {
    /// Whether Ctrl-C was pressed.
    is_asked: bool,
    /// What to say that was kept, or not.
    kept: &'static str,
    /// What stops the command, while that takes more than ending it.
    stop: Option<Box<dyn Fn() + Send>>,
    /// Whether it is meant for somebody else: the pager.
    is_ignored: bool,
    /// The progress bar that is to be gone.
    bar: Option<ProgressBar>,
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on Ctrl-C is heard here. Where that cannot be had, it ends the process as it always did.
pub(crate) fn listen() {
    let _ = ctrlc::set_handler(asked);
}

fn asked() {
    let mut state = state();
    if state.is_ignored {
        return;
    }
    let is_second = std::mem::replace(&mut state.is_asked, true);
    if !is_second && let Some(stop) = &state.stop {
        stop();
        return;
    }
    if let Some(bar) = state.bar.take() {
        bar.finish_and_clear();
    }
    if !state.kept.is_empty() {
        let _ = tell(&mut anstream::stderr(), state.kept);
    }
    std::process::exit(CODE.into());
}

/// Says that a command was interrupted, and what was kept.
pub(crate) fn tell(out: &mut dyn Write, kept: &str) -> io::Result<()> {
    writeln!(out, "{} {kept}", paint(Label::Warning, "interrupted:"))
}

/// What to say was kept, or not, if Ctrl-C ends the command from here on.
pub(crate) fn keeps(kept: &'static str) {
    state().kept = kept;
}

/// Whether Ctrl-C was pressed: what runs under [`stopping`] asks that where it can stop.
pub(crate) fn is_asked() -> bool {
    state().is_asked
}

/// Whom to clear away.
pub(crate) fn shows(bar: Option<ProgressBar>) {
    state().bar = bar;
}

/// Leaves Ctrl-C to the pager, which knows what to do.
pub(crate) fn leave_to_pager() {
    state().is_ignored = true;
}

/// Has Ctrl-C call `stop`, and end nothing, until the guard is dropped.
#[must_use]
pub(crate) fn stopping(stop: impl Fn() + Send + 'static) -> Stopping {
    state().stop = Some(Box::new(stop));
    Stopping
}

/// While it lives, the first Ctrl-C only asks to stop.
pub(crate) struct Stopping;

impl Drop for Stopping {
    fn drop(&mut self) {
        state().stop = None;
    }
}
