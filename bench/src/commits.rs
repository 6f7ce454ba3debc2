//! Committing: one by one, durable, on short and long histories; and by the thousand.

use std::path::Path;

use anabranch_engine::Database;

use crate::Result;
use crate::data::{self, Editor, head, open};
use crate::measure::{Rounds, median, rate, timed};
use crate::raw::{self, Rows};
use crate::row::{Bench, Row, Target};
use crate::scratch::Scratch;

/// Commits in a round: enough that one of them makes a checkpoint.
const ROUND: u64 = 1100;
const ROUNDS: u64 = 7;

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    durable(bench)?;
    import(bench)
}

/// Commits small edits one by one, each durable before the next; answers how many a second.
fn commit_edits(database: &Database, editor: &mut Editor) -> Result<f64> {
    let mut last = head(database)?;
    let mutable = editor.edit(database.state(last)?)?;
    last = database.commit_mutations("edit", &mutable)?;
    let (time, ()) = timed(|| {
        for _ in 0..ROUND {
            let mutable = editor.edit(database.state(last)?)?;
            last = database.commit_mutations("edit", &mutable)?;
        }
        Ok(())
    })?;
    Ok(rate(ROUND, time))
}

/// One round on a history, and the same rows put into a copy of its file by SQLite alone.
fn round(ours: &Path, raw: &Path, seed: u64) -> Result<(f64, f64)> {
    let database = open(ours)?;
    let before = database.read()?.arrival_of(head(&database)?)?.ok_or("no head")?;
    let mut editor = Editor::new(seed)?;
    let rate_of_ours = commit_edits(&database, &mut editor)?;
    drop(database);
    let rows = Rows::after(ours, before)?;
    let time = rows.insert(&mut raw::sqlite(raw)?, 1)?;
    Ok((rate_of_ours, rate(ROUND + 1, time)))
}

fn durable(bench: &mut Bench) -> Result<()> {
    if !bench.wants_any(&["commit.durable.1k", "commit.durable.1m", "commit.durable.1m.vs_1k"]) {
        return Ok(());
    }
    let short = data::line(bench, 1000)?;
    let long = data::line(bench, bench.size(1_000_000))?;
    let scratch = Scratch::new(&bench.data, "commits")?;
    // The long ones grow from round to round, by a thousandth; the short ones begin anew.
    let (ours, raw) = (scratch.copy(&long, "long.anb")?, scratch.copy(&long, "long-raw.anb")?);
    let (mut of_short, mut of_long) = (Rounds::default(), Rounds::default());
    for seed in 0..ROUNDS {
        let (short_ours, short_raw) =
            (scratch.copy(&short, "short.anb")?, scratch.copy(&short, "short-raw.anb")?);
        let (rate, baseline) = round(&short_ours, &short_raw, 100 + seed)?;
        of_short.add(rate, baseline);
        let (rate, baseline) = round(&ours, &raw, 200 + seed)?;
        of_long.add(rate, baseline);
    }
    let (short, short_raw) = of_short.medians();
    let (long, long_raw) = of_long.medians();
    let note = "median of 7 times 1,100";
    bench.report(
        Row::more("commit.durable.1k", short, "1/s").baseline("sqlite.same_bytes", short_raw).note(note),
    );
    bench.report(
        Row::more("commit.durable.1m", long, "1/s")
            .baseline("sqlite.same_bytes", long_raw)
            .target(Target::Ratio(0.6))
            .note(note),
    );
    bench.report(
        Row::more("commit.durable.1m.vs_1k", long, "1/s")
            .baseline("commit.durable.1k", short)
            .target(Target::Ratio(0.8)),
    );
    Ok(())
}

/// A thousand commits in a transaction, into an empty database; and the same rows by SQLite alone.
fn import(bench: &mut Bench) -> Result<()> {
    if !bench.wants("commit.import") {
        return Ok(());
    }
    let scratch = Scratch::new(&bench.data, "import")?;
    let count = bench.size(100_000);
    let mut rounds = Rounds::default();
    let mut payloads = Vec::new();
    for seed in 0..3 {
        scratch.remove("ours.anb")?;
        scratch.remove("raw.anb")?;
        let mut editor = Editor::new(seed)?;
        let (ours, raw) = (scratch.path("ours.anb"), scratch.path("raw.anb"));
        let database = Database::create(&ours, "", &editor.model().definitions)?;
        let state = database.initial_state()?;
        let (time, _) = timed(|| editor.append(&database, state, count, 1000))?;
        payloads.push(database.statistics()?.payload_bytes as f64 / count as f64);
        drop(database);
        // The same tables, made by the engine and filled by SQLite.
        drop(Database::create(&raw, "", &editor.model().definitions)?);
        let rows = Rows::after(&ours, 0)?;
        let raw_time = rows.insert(&mut raw::sqlite(&raw)?, 1000)?;
        rounds.add(rate(count, time), rate(count, raw_time));
    }
    let (ours, raw) = rounds.medians();
    bench.report(
        Row::more("commit.import", ours, "1/s")
            .baseline("sqlite.same_rows", raw)
            .target(Target::Ratio(0.3))
            .note(format!("1,000 in a transaction, payloads of {:.0} bytes, median of 3", median(payloads))),
    );
    Ok(())
}
