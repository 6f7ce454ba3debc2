//! The front doors: how soon the command answers.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Result;
use crate::data;
use crate::measure::{Rounds, ms, timed};
use crate::row::{Bench, Row, Target};

/// How often each command is run.
const ROUNDS: usize = 41;

/// Measures the rows of this group that were asked for.
pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    if bench.wants("cli.start") {
        start(bench, "cli.start", &["--version"], "`anabranch --version`")?;
    }
    if bench.wants("cli.start.ls") {
        let database = data::line(bench, 1_000)?.display().to_string();
        start(bench, "cli.start.ls", &["ls", &database], "`anabranch ls` of 1,000 commits, 500 documents")?;
    }
    Ok(())
}

/// How long a command takes from its start to its end, beside a program that does nothing.
fn start(bench: &mut Bench, name: &'static str, words: &[&str], what: &str) -> Result<()> {
    let program = program()?;
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        let ours = ms(timed(|| ended(Command::new(&program).args(words)))?.0);
        rounds.add(ours, ms(timed(|| ended(&mut Command::new("true")))?.0));
    }
    let (ours, theirs) = rounds.medians();
    let note = format!("{what}; median of {ROUNDS}");
    bench.report(Row::less(name, ours, "ms").baseline("true", theirs).target(Target::Most(20.0)).note(note));
    Ok(())
}

fn ended(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}

/// The command, which `cargo xtask bench` builds beside this program.
fn program() -> Result<PathBuf> {
    let program =
        std::env::current_exe()?.with_file_name(format!("anabranch{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() { Ok(program) } else { Err(format!("there is no {}", program.display()).into()) }
}
