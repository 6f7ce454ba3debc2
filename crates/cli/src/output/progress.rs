//! How far a long work is: on standard error, only on a terminal, and gone when the work is done.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::number::{bytes, count};
use crate::interrupt;

/// Work that is done sooner is not worth a bar.
const PATIENCE: Duration = Duration::from_millis(250);

/// How often what only turns is drawn.
const TICK: Duration = Duration::from_millis(100);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes.
    Bytes,
    /// Things, by their plural.
    Of(&'static str),
}

impl Unit {
    fn rate(self, per_second: f64) -> String {
        let rounded = per_second.round() as u64;
        match self {
            Self::Bytes => format!("{}/s", bytes(rounded)),
            Self::Of(things) => format!("{} {things}/s", count(rounded)),
        }
    }
}

/// Shows how far a long work is.
pub(crate) struct Progress {
    what: &'static str,
    is_shown: bool,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn new(what: &'static str, is_shown: bool) -> Self {
        Self { what, is_shown, started: Instant::now(), bar: None }
    }

    /// Changes what is being done.
    pub(crate) fn phase(&mut self, what: &'static str) {
        if self.what != what {
            self.what = what;
            if let Some(bar) = &self.bar {
                bar.set_prefix(what);
                bar.reset_eta();
            }
        }
    }

    /// So much is done, of so much in all; of an unknown amount when that is 0. `detail` says it for people.
    pub(crate) fn update(&mut self, done: u64, expected: u64, unit: Unit, detail: impl FnOnce() -> String) {
        if !self.is_shown || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| new_bar(self.what));
        let is_bounded = expected > 0;
        if is_bounded && bar.length() != Some(expected) {
            bar.set_length(expected);
        }
        bar.set_style(if is_bounded { bounded() } else { unbounded() });
        bar.set_position(done);
        let mut text = detail();
        let rate = bar.per_sec();
        if rate.is_finite() && rate > 0.0 {
            text.push_str("  ");
            text.push_str(&unit.rate(rate));
        }
        let left = bar.eta().as_secs();
        if is_bounded && done < expected && left > 0 {
            text.push_str(&format!("  {} left", super::number::seconds(left)));
        }
        bar.set_message(text);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            interrupt::shows(None);
            bar.finish_and_clear();
        }
    }
}

fn new_bar(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_prefix(what);
    interrupt::shows(Some(bar.clone()));
    bar
}

fn bounded() -> ProgressStyle {
    style("{prefix:<10} {bar:20} {wide_msg}")
}

fn unbounded() -> ProgressStyle {
    style("{spinner} {prefix} {wide_msg}")
}

fn style(template: &str) -> ProgressStyle {
    match ProgressStyle::with_template(template) {
        Ok(style) => style.progress_chars("━╸─"),
        Err(_) => ProgressStyle::default_bar(),
    }
}

/// Shows that a work goes on which does not say how far it is.
pub(crate) struct Busy(Option<(Sender<()>, JoinHandle<()>)>);

impl Busy {
    pub(super) fn new(what: &'static str, is_shown: bool) -> Self {
        if !is_shown {
            return Self(None);
        }
        let (done, is_done) = channel();
        let shows = move || {
            if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let bar = new_bar(what);
                bar.set_style(style("{spinner} {prefix} {elapsed}"));
                bar.enable_steady_tick(TICK);
                // What is sent does not matter: the work is over when nobody can send any more.
                let _ = is_done.recv();
                interrupt::shows(None);
                bar.finish_and_clear();
            }
        };
        Self(thread::Builder::new().spawn(shows).ok().map(|thread| (done, thread)))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.0.take() {
            drop(done);
            let _ = thread.join();
        }
    }
}
