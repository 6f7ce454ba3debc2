//! `anabranch verify`: whether everything is as it should be.

use anabranch::OpenMode;
use anabranch::engine::storage::SqliteStorage;
use anabranch::engine::verify::{Phase, verify_storage};
use clap::Args;
use serde_json::json;

use super::Outcome;
use crate::args::Location;
use crate::error::CliError;
use crate::interrupt;
use crate::output::Ui;
use crate::output::number::{bytes, count, of, sized};
use crate::output::progress::Unit;
use crate::output::style::{Label, paint};

/// Recompute every id, check every rule, and say what is wrong; nothing is changed
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch verify studio.anb\n\nExits with 1 when something is wrong.")]
pub(crate) struct Verify {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
}

impl Verify {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        // The storage rather than a database: one whose definitions are damaged cannot be opened as such.
        let path = self.database.path()?;
        let storage = SqliteStorage::open(path, OpenMode::ReadOnly)?;
        interrupt::keeps("checking did not come to its end; nothing was changed");
        let mut progress = ui.progress("checking");
        let report = verify_storage(&storage, &mut |step| {
            let things = match step.phase {
                Phase::Structure => "structure",
                Phase::Definitions => "definitions",
                Phase::Blobs => "blobs",
                Phase::Chunks => "chunks",
                Phase::Commits => "commits",
            };
            progress.phase(things);
            progress.update(step.done, step.expected, Unit::Of(things), || {
                format!("{} of {}, {}", count(step.done), count(step.expected), bytes(step.bytes))
            });
        })?;
        drop(progress);
        if ui.is_json {
            ui.json(&json!({
                "database": path.display().to_string(),
                "is_sound": report.is_sound(),
                "definitions": report.definitions,
                "commits": report.commits,
                "payload_bytes": report.payload_bytes,
                "blobs": report.blobs,
                "chunks": report.chunks,
                "chunk_bytes": report.chunk_bytes,
                "problems": report.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            }))?;
        } else {
            for problem in &report.problems {
                writeln!(ui.out(), "{} {problem}", paint(Label::Error, "problem:"))?;
            }
            let checked = [
                of(report.definitions, "definition", "definitions"),
                sized(of(report.commits, "commit", "commits"), report.payload_bytes),
                sized(of(report.blobs, "blob", "blobs"), report.chunk_bytes),
            ]
            .join(", ");
            if report.is_sound() {
                writeln!(ui.out(), "{} {checked}", paint(Label::Good, "ok:"))?;
            } else {
                let problems = of(report.problems.len() as u64, "problem", "problems");
                writeln!(ui.out(), "{}: {problems} in {checked}", path.display())?;
            }
        }
        Ok(if report.is_sound() { Outcome::Done } else { Outcome::Unsound })
    }
}
