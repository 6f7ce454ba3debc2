//! `anabranch fetch`, `push` and `sync`: replication between two databases.

use std::time::{Duration, Instant};

use anabranch::sync::{Continuous, Event, Phase, Progress as Pass, TransferInfo, TransferPlan};
use anabranch::{Database, Mode, OpenMode, Synchronizer};
use clap::Args;
use serde_json::{Value as Json, json};

use super::{Outcome, extend::added_json};
use crate::args::Location;
use crate::error::CliError;
use crate::interrupt;
use crate::output::Ui;
use crate::output::number::{bytes, count, duration, of, sized};
use crate::output::progress::{Progress, Unit};
use crate::output::style::{Label, paint};

/// What all three commands take.
#[derive(Debug, Args)]
struct Replication {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The database to replicate with
    #[arg(value_name = "OTHER")]
    other: Location,
    /// Exit with 3 when there was nothing to copy
    #[arg(long)]
    exit_code: bool,
    /// Say what would be copied, and copy nothing
    #[arg(long)]
    dry_run: bool,
}

/// Copy what OTHER has and DB lacks into DB
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch fetch studio.anb colleague.anb")]
pub(crate) struct Fetch {
    #[command(flatten)]
    replication: Replication,
}

/// Copy what DB has and OTHER lacks into OTHER
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch push studio.anb backup.anb")]
pub(crate) struct Push {
    #[command(flatten)]
    replication: Replication,
}

/// Copy both ways, so that both have everything
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch sync studio.anb colleague.anb\n\n\
    Nothing is merged: where both sides went on, both heads are there afterwards, and\n\
    `anabranch reduce` folds them into one.")]
pub(crate) struct Sync {
    #[command(flatten)]
    replication: Replication,
    /// Keep both in step until Ctrl-C
    #[arg(long, conflicts_with_all = ["exit_code", "dry_run"])]
    watch: bool,
    /// How often a file is looked at for what others write, in seconds
    #[arg(long, value_name = "S", default_value_t = 2.0, requires = "watch")]
    update_interval: f64,
}

impl Fetch {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        self.replication.run(Mode::Fetch, ui)
    }
}

impl Push {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        self.replication.run(Mode::Push, ui)
    }
}

impl Sync {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        if self.watch {
            return self.follow(ui);
        }
        self.replication.run(Mode::Sync, ui)
    }
}

impl Sync {
    /// Keeps both in step, telling each change of how it stands in a line.
    fn follow(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let interval = Duration::try_from_secs_f64(self.update_interval).map_err(|_| {
            CliError::usage(format!("{} is no time between two looks", self.update_interval))
                .hint("give seconds, such as 2 or 0.5")
        })?;
        let (here, there) = self.replication.open(Mode::Sync)?;
        let mut continuous = Continuous::new(&there, &here, Mode::Sync, interval.max(MIN_INTERVAL));
        let cancellation = continuous.cancellation();
        let stopping = interrupt::stopping(move || cancellation.cancel());
        let mut told: Result<(), CliError> = Ok(());
        let cancellation = continuous.cancellation();
        let outcome = continuous.run(&mut |event| {
            if told.is_ok() {
                told = tell(&event, ui);
            }
            // Nobody reads any more.
            if told.is_err() {
                cancellation.cancel();
            }
        });
        drop(stopping);
        outcome?;
        told?;
        Ok(Outcome::Done)
    }
}

/// The shortest time between two looks at a file.
const MIN_INTERVAL: Duration = Duration::from_millis(10);

fn tell(event: &Event<'_>, ui: &mut Ui) -> Result<(), CliError> {
    let (json, line) = match event {
        Event::InStep(info) => {
            let mut parts = Vec::new();
            for (what, transfer) in [("fetched", &info.fetch), ("pushed", &info.push)] {
                parts.extend(transfer_text(transfer).map(|text| format!("{what} {text}")));
            }
            let copied = if parts.is_empty() { "in step".to_owned() } else { parts.join("; ") };
            let json = json!({
                "event": "in_step",
                "fetch": transfer_json(&info.fetch),
                "push": transfer_json(&info.push),
            });
            (json, copied)
        }
        Event::Lost(error, pause) => {
            let json = json!({
                "event": "lost",
                "error": error.to_string(),
                "retry_milliseconds": milliseconds(*pause),
            });
            (json, format!("lost: {error}; trying again in {}", duration(*pause)))
        }
        _ => (json!({ "event": "back" }), "back".to_owned()),
    };
    if ui.is_json {
        ui.json(&json)?;
    } else {
        writeln!(ui.out(), "{line}")?;
    }
    Ok(ui.out().flush()?)
}

impl Replication {
    /// Opens both sides, each to be written where the mode writes to it.
    fn open(&self, mode: Mode) -> Result<(Database, Database), CliError> {
        let open = |location: &Location, is_written: bool| -> Result<Database, CliError> {
            let mode = if is_written { OpenMode::ReadWrite } else { OpenMode::ReadOnly };
            match location {
                Location::File(path) => Ok(Database::open(path, mode)?),
                Location::Url(url) => super::connect(url),
            }
        };
        Ok((open(&self.database, mode != Mode::Push)?, open(&self.other, mode != Mode::Fetch)?))
    }

    /// Says what a pass would copy.
    fn plan(&self, mode: Mode, ui: &mut Ui) -> Result<Outcome, CliError> {
        let (here, there) = (super::open(&self.database)?, super::open(&self.other)?);
        let plan = Synchronizer::new(&there, &here, mode).plan()?;
        if ui.is_json {
            ui.json(&json!({ "fetch": plan_json(&plan.fetch), "push": plan_json(&plan.push) }))?;
        } else {
            let parts: Vec<String> = [("fetch", &plan.fetch), ("push", &plan.push)]
                .into_iter()
                .filter_map(|(what, plan)| plan_text(plan).map(|text| format!("{what} {text}")))
                .collect();
            if parts.is_empty() {
                writeln!(ui.out(), "nothing to copy")?;
            } else {
                writeln!(ui.out(), "would {}", parts.join("; "))?;
            }
        }
        Ok(if plan.is_empty() && self.exit_code { Outcome::NothingToDo } else { Outcome::Done })
    }

    fn run(&self, mode: Mode, ui: &mut Ui) -> Result<Outcome, CliError> {
        if self.dry_run {
            return self.plan(mode, ui);
        }
        let (here, there) = self.open(mode)?;
        let started = Instant::now();
        let mut progress = ui.progress("comparing");
        // The synchronizer fetches from its source into its target: from there to here.
        let mut synchronizer = Synchronizer::new(&there, &here, mode);
        let cancellation = synchronizer.cancellation();
        let stopping = interrupt::stopping(move || cancellation.cancel());
        let info = synchronizer.sync_with(&mut |pass| {
            show(&mut progress, pass);
        })?;
        drop((progress, stopping));
        let heads = here.head_commit_ids()?.len() as u64;
        if ui.is_json {
            ui.json(&json!({
                "need_transmit": info.need_transmit,
                "updated_definitions": info.updated_definitions,
                "fetch": transfer_json(&info.fetch),
                "push": transfer_json(&info.push),
                "heads": heads,
            }))?;
        } else {
            let took = paint(Label::Faint, duration(started.elapsed()));
            let mut parts = Vec::new();
            for (what, transfer) in [("fetched", &info.fetch), ("pushed", &info.push)] {
                parts.extend(transfer_text(transfer).map(|text| format!("{what} {text}")));
            }
            if parts.is_empty() {
                writeln!(ui.out(), "nothing to copy  {took}")?;
            } else {
                writeln!(ui.out(), "{}  {took}", parts.join("; "))?;
            }
            if heads > 1 && !info.is_empty() {
                let location = here.location();
                let heads = of(heads, "head", "heads");
                ui.note(format_args!(
                    "{location} has {heads}; `anabranch reduce {location}` folds them into one"
                ))?;
            }
        }
        Ok(if info.is_empty() && self.exit_code { Outcome::NothingToDo } else { Outcome::Done })
    }
}

/// Shows how far a pass is.
pub(super) fn show(progress: &mut Progress, pass: Pass) {
    progress.phase(phase(&pass));
    progress.update(pass.commits, pass.expected_commits, Unit::Of("commits"), || {
        let expected = of(pass.expected_commits, "commit", "commits");
        format!("{} of {expected}, {}", count(pass.commits), bytes(pass.bytes))
    });
}

fn phase(pass: &Pass) -> &'static str {
    match pass.phase {
        Phase::Fetch => "fetching",
        Phase::Push => "pushing",
        _ => "comparing",
    }
}

/// `2 commits (412 B), 13 blobs (2.1 MB)`; none when nothing was copied.
pub(super) fn transfer_text(transfer: &TransferInfo) -> Option<String> {
    let (commits, blobs) = ((transfer.commits, transfer.commit_bytes), (transfer.blobs, transfer.blob_bytes));
    moved_text(transfer.definitions.total(), commits, blobs)
}

fn plan_text(plan: &TransferPlan) -> Option<String> {
    // What of the blobs would travel, rather than how large they are.
    moved_text(plan.definitions.total(), (plan.commits, plan.commit_bytes), (plan.blobs, plan.chunk_bytes))
}

/// How many of each, and how many bytes.
fn moved_text(definitions: usize, commits: (u64, u64), blobs: (u64, u64)) -> Option<String> {
    let mut parts = Vec::new();
    if definitions > 0 {
        parts.push(of(definitions as u64, "definition", "definitions"));
    }
    if commits.0 > 0 {
        parts.push(sized(of(commits.0, "commit", "commits"), commits.1));
    }
    if blobs.0 > 0 {
        parts.push(sized(of(blobs.0, "blob", "blobs"), blobs.1));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn plan_json(plan: &TransferPlan) -> Json {
    json!({
        "commits": plan.commits,
        "commit_bytes": plan.commit_bytes,
        "blobs": plan.blobs,
        "blob_bytes": plan.blob_bytes,
        "chunks": plan.chunks,
        "chunk_bytes": plan.chunk_bytes,
        "definitions": added_json(&plan.definitions),
    })
}

pub(super) fn transfer_json(transfer: &TransferInfo) -> Json {
    json!({
        "commits": transfer.commits,
        "commit_bytes": transfer.commit_bytes,
        "blobs": transfer.blobs,
        "blob_bytes": transfer.blob_bytes,
        "chunks": transfer.chunks,
        "chunk_bytes": transfer.chunk_bytes,
        "definitions": added_json(&transfer.definitions),
        "round_trips": transfer.round_trips,
        "milliseconds": milliseconds(transfer.duration),
    })
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
