//! States on a long history: opening, old ones, merges, undo, differences, memory, and what checkpoints take.

use std::path::Path;

use anabranch_engine::{Database, Store};
use anabranch_model::{CommitId, Path as Place, Value};

use crate::Result;
use crate::child::{self, Found};
use crate::data::{self, DOCUMENTS, Editor, commit_at, head, open};
use crate::measure::{Rounds, median, ms, timed};
use crate::random::Random;
use crate::raw;
use crate::row::{Bench, Row, Target};
use crate::scratch::Scratch;

const ROWS: &[&str] = &[
    "open.cold.1k",
    "open.cold.1m",
    "open.cold.1m.vs_1k",
    "memory.open.1m",
    "state.old.1m",
    "state.merge.1m",
    "state.merge.1m.cold",
    "undo.1m",
    "undo.1m.redo",
    "diff.10",
    "diff.10.old",
    "checkpoint.share",
];

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    if !bench.wants_any(ROWS) {
        return Ok(());
    }
    let short = data::line(bench, 1000)?;
    let commits = bench.size(1_000_000);
    let long = data::line(bench, commits)?;
    cold(bench, &short, &long)?;
    share(bench, &long)?;
    old(bench, &long, commits)?;
    difference(bench, &long, commits)?;
    if !bench.wants_any(&["undo.1m", "undo.1m.redo", "state.merge.1m", "state.merge.1m.cold"]) {
        return Ok(());
    }
    let scratch = Scratch::new(&bench.data, "states")?;
    let copy = scratch.copy(&long, "long.anb")?;
    undo(bench, &copy)?;
    merge(bench, &copy)
}

fn cold(bench: &mut Bench, short: &Path, long: &Path) -> Result<()> {
    if !bench.wants_any(&["open.cold.1k", "open.cold.1m", "open.cold.1m.vs_1k", "memory.open.1m"]) {
        return Ok(());
    }
    let mut rounds = Rounds::default();
    let mut peaks = Vec::new();
    for seed in 0..15 {
        let Found { ms, peak } = child::open_cold(long, DOCUMENTS, seed)?;
        peaks.push(peak);
        rounds.add(ms, child::open_cold(short, 500, seed)?.ms);
    }
    let (long, short) = rounds.medians();
    bench.report(Row::less("open.cold.1k", short, "ms").note("in the process, median of 15"));
    bench.report(
        Row::less("open.cold.1m", long, "ms")
            .target(Target::Most(10.0))
            .note("open, state at head, one document; median of 15"),
    );
    bench.report(
        Row::less("open.cold.1m.vs_1k", long, "ms")
            .baseline("open.cold.1k", short)
            .target(Target::Ratio(1.0 / 3.0)),
    );
    bench.report(
        Row::less("memory.open.1m", median(peaks), "MB")
            .target(Target::Most(40.0))
            .note("peak, the program included"),
    );
    Ok(())
}

fn share(bench: &mut Bench, long: &Path) -> Result<()> {
    if !bench.wants("checkpoint.share") {
        return Ok(());
    }
    let payloads = open(long)?.statistics()?.payload_bytes as f64;
    let (count, bytes): (i64, f64) = raw::sqlite(long)?.query_row(
        "SELECT count(*), total(length(bytes)) FROM checkpoints",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    bench.report(
        Row::less("checkpoint.share", bytes / payloads, "ratio").target(Target::Most(0.3)).note(format!(
            "{count} segments of {:.1} MB, payloads of {:.1} MB",
            bytes / 1e6,
            payloads / 1e6
        )),
    );
    Ok(())
}

/// States at random commits, each with one document read.
fn old(bench: &mut Bench, long: &Path, commits: u64) -> Result<()> {
    if !bench.wants("state.old.1m") {
        return Ok(());
    }
    let database = open(long)?;
    let editor = Editor::new(0)?;
    let mut random = Random::new(11);
    let mut times = Vec::new();
    for _ in 0..50 {
        let commit = commit_at(&database, DOCUMENTS + random.below(commits - DOCUMENTS - 1000))?;
        let key = editor.model().key(random.below(DOCUMENTS));
        let (time, document) = timed(|| Ok(database.state(commit)?.get(&editor.model().record, &key)?))?;
        document.ok_or("the document is missing")?;
        times.push(ms(time));
    }
    let worst = times.iter().copied().fold(0.0, f64::max);
    bench.report(
        Row::less("state.old.1m", median(times), "ms")
            .target(Target::Most(20.0))
            .note(format!("and one document, median of 50, at most {worst:.1}")),
    );
    Ok(())
}

/// Differences of ten commits: at the head of an application that has it open, and somewhere in the past.
fn difference(bench: &mut Bench, long: &Path, commits: u64) -> Result<()> {
    if !bench.wants_any(&["diff.10", "diff.10.old"]) {
        return Ok(());
    }
    let timed_diff = |database: &Database, from: CommitId, to: CommitId| -> Result<f64> {
        let (time, diff) = timed(|| Ok(database.diff(from, to)?))?;
        if diff.is_empty() {
            return Err("nothing differs".into());
        }
        Ok(ms(time))
    };
    let (mut recent, mut old) = (Vec::new(), Vec::new());
    let mut random = Random::new(12);
    for _ in 0..15 {
        // A new handle knows nothing.
        let database = open(long)?;
        let to = head(&database)?;
        database.state(to)?;
        let mut from = to;
        for _ in 0..10 {
            from = database.commit_header(from)?.parent;
        }
        recent.push(timed_diff(&database, from, to)?);
        let place = DOCUMENTS + random.below(commits - DOCUMENTS - 1000);
        let (from, to) = (commit_at(&database, place)?, commit_at(&database, place + 10)?);
        old.push(timed_diff(&database, from, to)?);
    }
    bench.report(
        Row::less("diff.10", median(recent), "ms")
            .target(Target::Most(2.0))
            .note("the last ten commits, the state at the head being known, median of 15"),
    );
    bench.report(
        Row::less("diff.10.old", median(old), "ms").note("at a random place, no state known, median of 15"),
    );
    Ok(())
}

/// Small commits, undone and redone, by a store.
fn undo(bench: &mut Bench, copy: &Path) -> Result<()> {
    if !bench.wants_any(&["undo.1m", "undo.1m.redo"]) {
        return Ok(());
    }
    let editor = Editor::new(0)?;
    let store = Store::new();
    store.use_database(open(copy)?)?;
    let mut random = Random::new(13);
    let place = Place::from_field("count");
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..100_i64 {
        let key = editor.model().key(random.below(DOCUMENTS));
        let value = Value::from(round);
        let dispatch = || store.dispatch_update("edit", &editor.model().record, &key, &place, value);
        times[0].push(ms(timed(|| Ok(dispatch()?))?.0));
        times[1].push(ms(timed(|| Ok(store.undo()?))?.0));
        times[2].push(ms(timed(|| Ok(store.redo()?))?.0));
    }
    let [commit, undo, redo] = times.map(median);
    for (name, time) in [("undo.1m", undo), ("undo.1m.redo", redo)] {
        bench.report(
            Row::less(name, time, "ms")
                .baseline("store.dispatch", commit)
                .target(Target::Ratio(1.0 / 3.0))
                .note("median of 100"),
        );
    }
    Ok(())
}

/// What a merge of two heads would give, a hundred commits from where they part.
fn merge(bench: &mut Bench, copy: &Path) -> Result<()> {
    if !bench.wants_any(&["state.merge.1m", "state.merge.1m.cold"]) {
        return Ok(());
    }
    let mut editor = Editor::new(14)?;
    let (ours, theirs) = {
        let database = open(copy)?;
        let fork = database.state(head(&database)?)?;
        let ours = editor.append(&database, fork.clone(), 100, 100)?.commit_id();
        (ours, editor.append(&database, fork, 100, 100)?.commit_id())
    };
    let merged = |database: &Database| -> Result<f64> {
        let key = editor.model().key(77);
        let (time, document) =
            timed(|| Ok(database.merge_state(ours, theirs)?.get(&editor.model().record, &key)?))?;
        document.ok_or("the document is missing")?;
        Ok(ms(time))
    };
    let (mut warm, mut cold) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        cold.push(merged(&open(copy)?)?);
        let database = open(copy)?;
        database.state(ours)?;
        warm.push(merged(&database)?);
    }
    bench.report(
        Row::less("state.merge.1m", median(warm), "ms")
            .target(Target::Most(5.0))
            .note("and one document, our own state being known, median of 15"),
    );
    bench.report(Row::less("state.merge.1m.cold", median(cold), "ms").note("the same with nothing known"));
    Ok(())
}
