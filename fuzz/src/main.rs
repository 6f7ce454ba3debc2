//! The fuzz drivers' program; `cargo xtask fuzz` runs it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a developer's program talks to the terminal")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{fs, io};

use anabranch_fuzz::{Finding, Plan, Tally, Target, drive, targets};

const HELP: &str = "\
Usage: fuzz [TARGET…] [--seconds N] [--seed N] [--record]

Drives the targets, all when none is named, for N seconds each (60 when not given).
What breaks a promise is written to fuzz/crashes/TARGET/, and makes the program fail.
--record writes each input to fuzz/crashes/TARGET/last before it is tried: a run that ends the process is taken again so.
--list prints the names of the targets.
";

/// What the program was asked to do.
struct Options {
    names: Vec<String>,
    time: Duration,
    seed: u64,
    is_recording: bool,
}

fn options(arguments: impl IntoIterator<Item = String>) -> Result<Options, String> {
    let mut options =
        Options { names: Vec::new(), time: Duration::from_secs(60), seed: 1, is_recording: false };
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let mut number = || {
            let text = rest.next().ok_or_else(|| format!("{argument} takes a number"))?;
            text.parse().map_err(|_| format!("{argument} takes a number, not `{text}`"))
        };
        match argument.as_str() {
            "--seconds" => options.time = Duration::from_secs(number()?),
            "--seed" => options.seed = number()?,
            "--record" => options.is_recording = true,
            option if option.starts_with('-') => return Err(format!("there is no option `{option}`")),
            name => options.names.push(name.to_owned()),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let all = targets();
    match arguments.first().map(String::as_str) {
        Some("--help") => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some("--list") => {
            all.iter().for_each(|target| println!("{}", target.name));
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    let options = match options(arguments) {
        Ok(options) => options,
        Err(message) => {
            eprint!("error: {message}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    if let Some(name) = options.names.iter().find(|name| all.iter().all(|target| target.name != *name)) {
        let names: Vec<&str> = all.iter().map(|target| target.name).collect();
        eprintln!("error: there is no target `{name}`\nhint: the targets are {}", names.join(", "));
        return ExitCode::from(2);
    }
    // A finding is reported with its message; the panic itself would only repeat it, thousands of times.
    std::panic::set_hook(Box::new(|_| {}));
    let mut is_clean = true;
    for target in &all {
        if !options.names.is_empty() && options.names.iter().all(|name| name != target.name) {
            continue;
        }
        match fuzz(target, &options) {
            Ok(tally) => is_clean &= tally.findings.is_empty(),
            Err(error) => {
                eprintln!("error: the findings of {} could not be written: {error}", target.name);
                return ExitCode::from(2);
            }
        }
    }
    if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fuzz(target: &Target, options: &Options) -> io::Result<Tally> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/crashes")).join(target.name);
    let record = options.is_recording.then(|| folder.join("last"));
    if options.is_recording {
        fs::create_dir_all(&folder)?;
    }
    let tally = drive(target, &Plan { seed: options.seed, time: options.time, record })?;
    let rate = tally.executions as f64 / tally.took.as_secs_f64().max(f64::MIN_POSITIVE);
    println!(
        "{:<17} {:>9} inputs, {:>7.0}/s, {:>2.0} % accepted, {} findings",
        target.name,
        tally.executions,
        rate,
        100.0 * tally.accepted as f64 / tally.executions.max(1) as f64,
        tally.findings.len(),
    );
    for finding in &tally.findings {
        let path = keep(&folder, finding)?;
        println!("  {}\n    {}", path.display(), finding.fault.to_string().replace('\n', "\n    "));
    }
    Ok(tally)
}

/// Writes an input under a name that its content decides.
fn keep(folder: &Path, finding: &Finding) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let name = anabranch_model::ContentHash::of(&finding.input).short();
    let path = folder.join(name);
    fs::write(&path, &finding.input)?;
    Ok(path)
}
