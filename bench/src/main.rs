//! Measures what the project promises, beside what it is measured against: `cargo xtask bench` runs it.
//!
//! Each group of rows is a module. [`row`] is how a figure is judged and printed, [`raw`] is what the disk and SQLite do
//! by themselves, [`data`] makes the histories that are measured on and keeps them, [`child`] is what runs in a process
//! of its own. `docs/benchmarks.md` explains the rows.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement is shown")]

mod blobs;
mod child;
mod commits;
mod data;
mod history;
mod measure;
mod model;
mod random;
mod raw;
mod row;
mod scratch;
mod states;

use std::process::ExitCode;
use std::time::Instant;

use row::{Bench, Options};

/// Whatever goes wrong ends the run and is shown.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let started = Instant::now();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((first, rest)) if first == child::COMMAND => child::run(rest, started),
        _ => Options::parse(&arguments).and_then(run),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<()> {
    let mut bench = Bench::new(options)?;
    raw::run(&mut bench)?;
    model::run(&mut bench)?;
    commits::run(&mut bench)?;
    states::run(&mut bench)?;
    history::run(&mut bench)?;
    blobs::run(&mut bench)?;
    bench.finish()
}
