//! How far a long work is: on standard error, when that is a terminal, and gone when the work is done.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that is done sooner is not worth a bar.
const PATIENCE: Duration = Duration::from_millis(250);

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
        self.what = what;
        if let Some(bar) = &self.bar {
            bar.set_message(what);
        }
    }

    /// So much is done, of so much in all; of an unknown amount when that is 0. `detail` says it for people.
    pub(crate) fn update(&mut self, done: u64, expected: u64, detail: impl FnOnce() -> String) {
        if !self.is_shown || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_message(self.what);
            bar
        });
        let template = if expected > 0 {
            bar.set_length(expected);
            "{msg:<11} {bar:24} {prefix}  {eta} left"
        } else {
            "{spinner} {msg:<11} {prefix}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_prefix(detail());
        bar.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
