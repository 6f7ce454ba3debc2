//! `cargo xtask bench`: every promise about speed and size, measured (the `bench` package).

use crate::{command::cargo, error::Error};

/// Builds the measurements in release and runs them. Its arguments are theirs, and their output is shown as it comes: the
/// building talks on standard error alone, so that standard output is theirs too.
///
/// # Errors
///
/// When they do not build, refuse their arguments or cannot be carried out. A missed target is none: the rows tell.
pub(crate) fn run(arguments: &[String]) -> Result<(), Error> {
    // What is measured from outside must be there.
    let built = cargo(&["build", "--quiet", "--release", "--package", "anabranch-cli"]).status();
    let built = built.map_err(|source| Error::Start { command: "cargo build".to_owned(), source })?;
    if !built.success() {
        return Err(Error::Failed);
    }
    let mut command =
        cargo(&["run", "--quiet", "--release", "--package", "anabranch-bench", "--features", "peers", "--"]);
    let status = command.args(arguments).status();
    let status = status.map_err(|source| Error::Start { command: "cargo run".to_owned(), source })?;
    if status.success() { Ok(()) } else { Err(Error::Failed) }
}
