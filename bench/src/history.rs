//! A long history of one document, beside Automerge and Loro: loading the file, and reading the document whole.
//!
//! The document is a sheet of lines. One edit in ten inserts a line anywhere, the others replace one; each is a commit,
//! or a change of its own in Automerge and Loro. All hold the same lines at the end.

#[cfg(feature = "peers")]
mod automerge;
#[cfg(feature = "peers")]
mod loro;

use std::path::Path;

use anabranch_engine::{Database, MutableState};
use anabranch_model::{Path as Place, Uuid, Value};

use crate::Result;
use crate::data::{self, Model, head, open};
use crate::measure::{median, ms, timed};
use crate::random::Random;
#[cfg(feature = "peers")]
use crate::row::Target;
use crate::row::{Bench, Row};
use crate::scratch::Scratch;

/// One change of the sheet.
struct Edit {
    is_insert: bool,
    index: usize,
    text: String,
}

/// The edits, the same for everyone.
fn edits(count: u64) -> impl Iterator<Item = Edit> {
    let mut random = Random::new(250_000);
    let mut lines = 0;
    (0..count).map(move |number| {
        let is_insert = lines == 0 || random.below(10) == 0;
        let index = random.below(lines + u64::from(is_insert)) as usize;
        lines += u64::from(is_insert);
        Edit { is_insert, index, text: format!("line {number}") }
    })
}

fn make_ours(path: &Path, count: u64) -> Result<()> {
    let model = Model::new()?;
    let database = Database::create(path, "one document", &model.definitions)?;
    let (key, lines) = (model.key(0), Place::from_field("lines"));
    let mut positions: Vec<Uuid> = Vec::new();
    let mut first = MutableState::new(database.initial_state()?);
    first.set(&model.sheet, &key, Value::zero(model.sheet.document_type()))?;
    let mut state = database.state(database.commit_mutations("create", &first)?)?;
    let edits: Vec<Edit> = edits(count).collect();
    let mut number = 0_u128;
    for some in edits.chunks(1024) {
        let mut batch = database.batch()?;
        for edit in some {
            let mut mutable = MutableState::new(state);
            let text = Value::from(edit.text.as_str());
            if edit.is_insert {
                number += 1;
                let position =
                    Uuid::from_u128(number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
                let before = positions.get(edit.index).copied().unwrap_or_default();
                mutable.insert_in_xarray(&model.sheet, &key, &lines, before, position, text)?;
                positions.insert(edit.index, position);
            } else {
                mutable.update_in_xarray(&model.sheet, &key, &lines, positions[edit.index], text)?;
            }
            state = batch.commit("edit", &mutable)?;
        }
        batch.finish()?;
    }
    Ok(())
}

fn load(path: &Path) -> Result<Vec<String>> {
    let model = Model::new()?;
    let database = open(path)?;
    let sheet = database.state(head(&database)?)?.get(&model.sheet, &model.key(0))?;
    let Some(Value::XArray(lines)) = sheet.as_ref().and_then(|sheet| sheet.field("lines")) else {
        return Err("the sheet is missing".into());
    };
    Ok(lines.values().filter_map(|line| line.as_str().map(str::to_owned)).collect())
}

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    const NAMES: &[&str] = &[
        "history.load.250k",
        "history.load.250k.automerge",
        "history.load.250k.loro",
        "history.load.250k.loro.updates",
        "history.load.250k.replay",
    ];
    if !bench.wants_any(NAMES) {
        return Ok(());
    }
    let count = bench.size(250_000);
    let ours = data::kept(bench, &format!("sheet-{count}.anb"), |path| make_ours(path, count))?;
    #[cfg(feature = "peers")]
    let theirs = data::kept(bench, &format!("sheet-{count}.automerge"), |path| automerge::make(path, count))?;
    #[cfg(feature = "peers")]
    let of_loro = {
        use ::loro::ExportMode;
        let kept = |form, mode| {
            data::kept(bench, &format!("sheet-{count}.loro-{form}"), |path| loro::make(path, count, mode))
        };
        [kept("snapshot", ExportMode::Snapshot)?, kept("updates", ExportMode::all_updates())?]
    };
    let scratch = Scratch::new(&bench.data, "history")?;
    let bare = scratch.copy(&ours, "bare.anb")?;
    open(&bare)?.drop_checkpoints()?;
    let (mut times, mut replays) = (Vec::new(), Vec::new());
    #[cfg(feature = "peers")]
    let (mut times_of_automerge, mut times_of_loro) = (Vec::new(), [Vec::new(), Vec::new()]);
    for _ in 0..5 {
        let (time, lines) = timed(|| load(&ours))?;
        times.push(ms(time));
        let (time, replayed) = timed(|| load(&bare))?;
        replays.push(ms(time));
        if lines != replayed {
            return Err("checkpoints change what is read".into());
        }
        #[cfg(feature = "peers")]
        {
            let (time, expected) = timed(|| automerge::load(&theirs))?;
            times_of_automerge.push(ms(time));
            if lines != expected {
                return Err("Automerge does not read the same lines".into());
            }
            for (path, times) in of_loro.iter().zip(&mut times_of_loro) {
                let (time, expected) = timed(|| loro::load(path))?;
                times.push(ms(time));
                if lines != expected {
                    return Err("Loro does not read the same lines".into());
                }
            }
        }
    }
    let note = "open, state at head, the document whole; median of 5";
    let row = Row::less("history.load.250k", median(times), "ms").note(note);
    let replay =
        Row::less("history.load.250k.replay", median(replays), "ms").note("the same without checkpoints");
    #[cfg(feature = "peers")]
    let (row, replay) = {
        let theirs = median(times_of_automerge);
        bench.report(Row::less("history.load.250k.automerge", theirs, "ms").note("load, the list whole"));
        let [snapshot, updates] = times_of_loro.map(median);
        let note = "its snapshot, the list whole";
        bench.report(Row::less("history.load.250k.loro", snapshot, "ms").note(note));
        let note = "its updates, the list whole: no state is kept beside the history";
        bench.report(Row::less("history.load.250k.loro.updates", updates, "ms").note(note));
        let row = row.baseline("automerge.load", theirs).target(Target::Ratio(1.0));
        (row, replay.baseline("automerge.load", theirs))
    };
    bench.report(row);
    bench.report(replay);
    Ok(())
}
