//! Long output goes through a pager, as people know it from git.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::interrupt;

/// Names the pager; before PAGER.
const PAGER: &str = "ANABRANCH_PAGER";

/// What is used where nobody says: ends by itself where all fits, keeps colours, leaves the text on the screen.
const DEFAULT: &str = "less";

/// The options of `less`, where nobody says.
const LESS: &str = "FRX";

/// A pager that runs.
pub(super) struct Pager {
    process: Child,
}

impl Pager {
    /// Starts the pager, if there is somebody to read and one is wanted.
    pub(super) fn start() -> Option<(Self, ChildStdin)> {
        if !io::stdout().is_terminal() {
            return None;
        }
        let named = |name| env::var(name).ok();
        let wanted = named(PAGER).or_else(|| named("PAGER")).unwrap_or_else(|| DEFAULT.to_owned());
        let wanted = wanted.trim();
        if wanted.is_empty() || wanted == "cat" {
            return None;
        }
        let mut command = if cfg!(windows) { Command::new("cmd") } else { Command::new("sh") };
        command.args([if cfg!(windows) { "/C" } else { "-c" }, wanted]).stdin(Stdio::piped());
        if env::var_os("LESS").is_none() {
            command.env("LESS", LESS);
        }
        if wanted == DEFAULT && !is_there(DEFAULT) {
            return None;
        }
        let mut process = command.spawn().ok()?;
        let input = process.stdin.take()?;
        interrupt::leave_to_pager();
        Some((Self { process }, input))
    }

    /// Waits until the reader is done. All that writes to it must be gone.
    pub(super) fn wait(mut self) {
        let _ = self.process.wait();
    }
}

/// Whether a program is where programs are.
fn is_there(name: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// Writes to the same place from several owners.
#[derive(Clone)]
pub(super) struct Shared(pub(super) std::rc::Rc<std::cell::RefCell<Box<dyn Write>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}
