//! `git-history`: a git repository becomes an Anabranch database.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line")]

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anabranch::{Database, OpenMode};
use clap::{Parser, Subcommand};
use git_history::{HistoryError, Import, check, sample};
use indicatif::{ProgressBar, ProgressStyle};

/// Turn a git repository into an Anabranch database
#[derive(Debug, Parser)]
#[command(after_help = "Examples:\n  git-history import ~/src/linux linux.anb\n  \
    git-history check ~/src/linux linux.anb --every 100\n  \
    git-history sample 6000 | git -C scratch.git fast-import --done")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Import a repository; goes on where an earlier import stopped
    Import {
        /// The repository
        repository: PathBuf,
        /// The database; created when there is none
        database: PathBuf,
        /// Import all branches and tags, not only HEAD
        #[arg(long)]
        all: bool,
        /// Stop after about this many commits
        #[arg(long, value_name = "N")]
        stop_after: Option<u64>,
    },
    /// Compare the states of a database with the trees of its repository
    Check {
        /// The repository
        repository: PathBuf,
        /// The database
        database: PathBuf,
        /// Compare every Nth commit
        #[arg(long, value_name = "N", default_value_t = 1)]
        every: usize,
    },
    /// Write a made-up repository of about N commits, for `git fast-import`
    Sample {
        /// How many commits
        #[arg(value_name = "N")]
        commits: u64,
    },
}

fn main() -> ExitCode {
    match run(&Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<(), HistoryError> {
    match command {
        Command::Import { repository, database, all, stop_after } => {
            let database = match database.exists() {
                true => Database::open(database, OpenMode::ReadWrite)?,
                false => Import::create(database, repository)?,
            };
            let refs = if *all { vec!["--all".to_owned()] } else { vec!["HEAD".to_owned()] };
            let started = Instant::now();
            let mut import = Import::new(&database, repository, &refs)?;
            let bar = bar();
            let imported = import.run(&mut |step| {
                bar.set_length(step.expected);
                bar.set_position(step.done);
                stop_after.is_none_or(|most| step.done < most)
            })?;
            bar.finish_and_clear();
            for head in database.head_commit_ids()? {
                database.checkpoint(head)?;
            }
            println!(
                "{} commits imported ({} merges, {} changes of files, {} contents of {} bytes) in {:.1} s; {} were there",
                imported.revisions,
                imported.merges,
                imported.changes,
                imported.contents,
                imported.content_bytes,
                started.elapsed().as_secs_f64(),
                imported.known,
            );
            if imported.is_stopped {
                println!("stopped; the same command goes on from here");
            }
            Ok(())
        }
        Command::Check { repository, database, every } => {
            let database = Database::open(database, OpenMode::ReadOnly)?;
            let import = Import::new(&database, repository, &[])?;
            let bar = bar();
            let checked = check(&database, repository, import.commits(), *every, &mut |done, expected| {
                bar.set_length(expected);
                bar.set_position(done);
            })?;
            bar.finish_and_clear();
            println!(
                "ok: {} commits with {} files are as in git, {} contents byte by byte",
                checked.commits, checked.files, checked.contents
            );
            Ok(())
        }
        Command::Sample { commits } => {
            let mut out = BufWriter::new(io::stdout().lock());
            sample::write(*commits, &mut out)?;
            Ok(out.flush()?)
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} commits  {per_sec}  {eta} left")
    {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar
}
