//! `cargo xtask fuzz`: randomised drivers for everything that reads what others wrote (the `fuzz` package).

use std::process::ExitStatus;

use crate::{command::cargo, error::Error};

/// What `cargo xtask fuzz` was asked to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// The targets; all when there is none.
    targets: Vec<String>,
    /// For how many seconds each, and from which seed, as they go to the driver.
    settings: Vec<String>,
}

impl Options {
    /// Reads the arguments that follow `fuzz`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownOption`].
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, Error> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--seconds" | "--seed" => {
                    options.settings.push(argument.clone());
                    options.settings.extend(rest.next().cloned());
                }
                option if option.starts_with('-') => return Err(Error::UnknownOption(option.to_owned())),
                name => options.targets.push(name.to_owned()),
            }
        }
        Ok(options)
    }
}

/// Builds the driver with the checks of dev and the speed of release, and runs it.
///
/// A driver that did not end by itself (a stack that overflowed cannot be caught) is run again with every input on
/// record: the run of a seed is the same every time, so the input on record is the one.
///
/// # Errors
///
/// When a promise is broken, or the driver does not start.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let status = driver(options, &[])?;
    if status.code().is_none() {
        println!("the driver ended by {status}; again, with its inputs on record");
        driver(options, &["--record"])?;
        println!("the input at fault is the newest fuzz/crashes/TARGET/last");
    }
    if status.success() { Ok(()) } else { Err(Error::Failed) }
}

fn driver(options: &Options, extra: &[&str]) -> Result<ExitStatus, Error> {
    let mut command = cargo(&["run", "--quiet", "--profile", "fuzz", "--package", "anabranch-fuzz", "--"]);
    command.args(&options.targets).args(&options.settings).args(extra);
    command.status().map_err(|source| Error::Start { command: "cargo run".to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, Error> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn names_are_targets_and_settings_go_to_the_driver() {
        let options = parse("payload --seconds 5 dsm-json --seed 7").unwrap();
        assert_eq!(options.targets, ["payload", "dsm-json"]);
        assert_eq!(options.settings, ["--seconds", "5", "--seed", "7"]);
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert!(parse("--forever").unwrap_err().is_usage());
    }
}
