//! `anabranch gc`: removing what nobody refers to any more.

use std::str::FromStr;
use std::time::{Duration, Instant};

use anabranch::{Database, GcOptions, OpenMode};
use clap::Args;
use serde_json::json;

use super::Outcome;
use crate::args::Location;
use crate::error::CliError;
use crate::output::Ui;
use crate::output::number::{bytes, duration, of, sized};
use crate::output::style::{Label, paint};

/// Remove blobs that no commit refers to, and what else nobody can use
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  anabranch gc studio.anb --dry-run\n  anabranch gc studio.anb --grace 2h\n\n\
    Others may read and write meanwhile. What was stored less than the grace time ago stays, because\n\
    blobs are stored before the commits that refer to them."
)]
pub(crate) struct Gc {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// Only say what would be removed
    #[arg(long)]
    dry_run: bool,
    /// How long what nobody refers to is spared, such as 90s, 15m, 24h or 7d
    #[arg(long, value_name = "DURATION", default_value = "24h")]
    grace: Grace,
}

/// A time with its unit.
#[derive(Debug, Clone, Copy)]
struct Grace(Duration);

impl FromStr for Grace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || "a number and one of s, m, h and d is wanted, such as 90s or 24h".to_owned();
        let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let seconds: u64 = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 60 * 60,
            "d" => 24 * 60 * 60,
            _ => return Err(refused()),
        };
        let number: u64 = number.parse().map_err(|_| refused())?;
        Ok(Self(Duration::from_secs(number.checked_mul(seconds).ok_or_else(refused)?)))
    }
}

impl Gc {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let mode = if self.dry_run { OpenMode::ReadOnly } else { OpenMode::ReadWrite };
        let database = Database::open(self.database.path()?, mode)?;
        let started = Instant::now();
        let options = GcOptions { grace: self.grace.0, dry_run: self.dry_run };
        let report = database.collect_garbage(&options)?;
        if ui.is_json {
            ui.json(&json!({
                "dry_run": self.dry_run,
                "blobs": report.blobs,
                "blob_bytes": report.blob_bytes,
                "chunks": report.chunks,
                "chunk_bytes": report.chunk_bytes,
                "checkpoints": report.checkpoints,
                "returned_bytes": report.returned_bytes,
            }))?;
            return Ok(Outcome::Done);
        }
        let took = paint(Label::Faint, duration(started.elapsed()));
        let mut parts = vec![
            sized(of(report.blobs, "blob", "blobs"), report.blob_bytes),
            sized(of(report.chunks, "chunk", "chunks"), report.chunk_bytes),
        ];
        if report.checkpoints > 0 {
            parts.push(of(report.checkpoints, "checkpoint", "checkpoints"));
        }
        let what = parts.join(", ");
        if report.is_empty() {
            writeln!(ui.out(), "nothing to remove  {took}")?;
        } else if self.dry_run {
            writeln!(ui.out(), "would remove {what}  {took}")?;
        } else {
            let returned = match report.returned_bytes {
                0 => String::new(),
                size => format!("; the file is {} smaller", bytes(size)),
            };
            writeln!(ui.out(), "removed {what}{returned}  {took}")?;
        }
        Ok(Outcome::Done)
    }
}
