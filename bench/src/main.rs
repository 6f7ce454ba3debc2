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
mod front;
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
    let mut last = Ok(());
    for group in [raw::run, model::run, commits::run, states::run, history::run, blobs::run, front::run] {
        // What one group cannot measure says nothing of the others.
        if let Err(error) = group(&mut bench) {
            eprintln!("error: {error}");
            last = Err("not all rows could be measured".into());
        }
    }
    bench.finish()?;
    last
}
