//! The developer commands of Anabranch, run as `cargo xtask COMMAND`.
//!
//! Each command is a module of its own; this file only finds the one that was asked for.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a developer's command talks to the terminal")]

mod bench;
mod command;
mod error;
mod fuzz;
mod python;
mod tally;
mod test;
mod tools;

use std::process::ExitCode;

use error::Error;

const HELP: &str = "\
Usage: cargo xtask COMMAND [OPTIONS]

Commands:
  test [--fast] [FILTER…]  Check everything that CI checks: format, clippy, deny, tests, doctests, Python, docs
                           --fast leaves out deny, Python and docs
                           FILTER… goes to nextest as it stands, and leaves out doctests and Python
  python [FILTER…]         Build the Python package, install it, run its tests, check its types
                           FILTER… goes to pytest as it stands
  fuzz [TARGET…]           Try mutated inputs on every parser and decoder
                           --seconds N for each target, 60 when not given; --seed N for other inputs
  bench [--filter NAME]    Measure every promise about speed and size, beside its baseline (docs/benchmarks.md)
                           --quick measures a tenth and judges nothing; --json prints one object a line
  help                     Print this
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((command, rest)) => run(command, rest),
        None => Err(Error::NoCommand),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Failed) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            if error.is_usage() {
                eprint!("\n{HELP}");
                return ExitCode::from(2);
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, arguments: &[String]) -> Result<(), Error> {
    match command {
        "test" => test::run(&test::Options::parse(arguments)?),
        "python" => {
            let mut tally = tally::Tally::default();
            let outcome = python::run(arguments, &mut tally);
            println!("{tally}");
            outcome
        }
        "fuzz" => fuzz::run(&fuzz::Options::parse(arguments)?),
        "bench" => bench::run(arguments),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(Error::UnknownCommand(unknown.to_owned())),
    }
}
