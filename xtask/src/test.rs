//! `cargo xtask test`: everything that CI checks, in the order of what fails fastest.

use crate::{
    command::{cargo, must, step},
    error::Error,
    python,
    tally::{Tally, nextest_summary},
    tools::{CLIPPY, DENY, NEXTEST, RUSTFMT, provide},
};

/// What `cargo xtask test` was asked to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Without the checks of licences and documentation.
    is_fast: bool,
    /// Arguments of nextest: which tests, and how.
    filter: Vec<String>,
}

impl Options {
    /// Reads the arguments that follow `test`; after `--` all belongs to nextest.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownOption`].
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, Error> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--fast" => options.is_fast = true,
                "--" => options.filter.extend(rest.by_ref().cloned()),
                option if option.starts_with('-') => {
                    return Err(Error::UnknownOption(option.to_owned()));
                }
                name => options.filter.push(name.to_owned()),
            }
        }
        Ok(options)
    }
}

/// Runs the checks one by one and stops at the first that fails.
///
/// The closing line sums up the tests that ran, in the plain form `N passed, N failed`.
///
/// # Errors
///
/// The first check that fails, or a program that is missing and cannot be installed.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    provide(&RUSTFMT)?;
    must("format", &mut cargo(&["fmt", "--all", "--check"]))?;
    provide(&CLIPPY)?;
    must("clippy", &mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    if !options.is_fast {
        provide(&DENY)?;
        must("deny", &mut cargo(&["deny", "--all-features", "check", "licenses", "bans", "sources"]))?;
    }
    provide(&NEXTEST)?;
    let mut tally = Tally::default();
    let outcome = tests(options, &mut tally).and_then(|()| {
        if options.is_fast {
            return Ok(());
        }
        if options.filter.is_empty() {
            python::run(&[], &mut tally)?;
        }
        must("docs", cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
    });
    println!("{tally}");
    outcome
}

/// Runs tests and doctests, and counts them whether they pass or not.
fn tests(options: &Options, tally: &mut Tally) -> Result<(), Error> {
    let mut nextest = cargo(&["nextest", "run", "--workspace", "--no-fail-fast", "--status-level", "fail"]);
    nextest.args(&options.filter);
    let finished = step("tests", &mut nextest)?;
    *tally += Tally::of_nextest(&finished.output);
    finished.succeeded()?;
    if let Some(summary) = nextest_summary(&finished.output) {
        println!("           {summary}");
    }
    if options.filter.is_empty() {
        let mut doctests = cargo(&["test", "--doc", "--workspace", "--no-fail-fast"]);
        let finished = step("doctests", &mut doctests)?;
        *tally += Tally::of_cargo_test(&finished.output);
        finished.succeeded()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, Error> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn names_and_all_that_follows_two_dashes_go_to_nextest() {
        let options = parse("--fast merge -- -E package(anabranch-model) --fast").unwrap();
        assert!(options.is_fast);
        assert_eq!(options.filter, ["merge", "-E", "package(anabranch-model)", "--fast"]);
    }

    #[test]
    fn an_unknown_option_is_refused() {
        let error = parse("--quick").unwrap_err();
        assert_eq!(error.to_string(), "there is no option `--quick`");
        assert!(error.is_usage());
    }
}
