//! Running the program of one step: timed, its output kept and shown only when it fails.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use crate::error::Error;

/// What a finished program left: how it ended and all it printed, in the order in which it printed it.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) output: String,
    took: Duration,
}

/// A cargo command, run at the workspace's root, without colours so that its output can be read by programs.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()).env("CARGO_TERM_COLOR", "never");
    command
}

/// The folder of the workspace, which is the parent of this package's.
pub(crate) fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map(PathBuf::from).unwrap_or(package)
}

/// Runs one step: one line with its name, how it ended and how long it took; if it failed, its output and its command.
///
/// Answers `Ok` for a program that ran, however it ended.
///
/// # Errors
///
/// [`Error::Start`] when the program is missing or its output cannot be read.
pub(crate) fn step(name: &str, command: &mut Command) -> Result<Finished, Error> {
    print!("{name:<10}");
    // The name alone is lost when standard output is gone, and the line itself says so then.
    let _ = io::stdout().flush();
    let finished = capture(command).map_err(|source| {
        println!(" FAILED");
        Error::Start { command: text(command), source }
    })?;
    let verdict = if finished.status.success() { "ok" } else { "FAILED" };
    println!(" {verdict:<6} {:>7.1} s", finished.took.as_secs_f64());
    if !finished.status.success() {
        println!("\n{}\n", finished.output.trim_end());
        println!("error: `{}` failed ({})", text(command), finished.status);
    }
    Ok(finished)
}

/// Like [`step`], and a program that fails is an error.
///
/// # Errors
///
/// [`Error::Start`] as of [`step`], [`Error::Failed`] when the program failed.
pub(crate) fn must(name: &str, command: &mut Command) -> Result<(), Error> {
    step(name, command)?.succeeded()
}

impl Finished {
    /// Turns a failed end into an error.
    ///
    /// # Errors
    ///
    /// [`Error::Failed`].
    pub(crate) fn succeeded(&self) -> Result<(), Error> {
        if self.status.success() { Ok(()) } else { Err(Error::Failed) }
    }
}

/// Both outputs share one pipe, so that they stay in order and neither can fill up and block the program.
fn capture(command: &mut Command) -> io::Result<Finished> {
    let start = Instant::now();
    let (mut reader, writer) = io::pipe()?;
    let child = command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer).spawn();
    // The command keeps its ends of the pipe open: while it does, reading would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = child?;
    let mut output = Vec::new();
    reader.read_to_end(&mut output)?;
    Ok(Finished {
        status: child.wait()?,
        output: String::from_utf8_lossy(&output).into_owned(),
        took: start.elapsed(),
    })
}

/// The command as a person would type it.
fn text(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let program = program.file_stem().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_leaves_its_output_and_is_an_error() {
        let mut command = cargo(&["there-is-no-such-command"]);
        let finished = capture(&mut command).unwrap();
        assert!(!finished.status.success());
        assert!(finished.output.contains("there-is-no-such-command"), "{}", finished.output);
        assert!(finished.succeeded().is_err());
        assert_eq!(text(&command), "cargo there-is-no-such-command");
    }

    #[test]
    fn a_missing_program_does_not_start() {
        assert!(capture(&mut Command::new("/there/is/no/such/program")).is_err());
    }
}
