//! `anabranch commit`: many mutations, all in one commit.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{Outcome, open_to_write};
use crate::args::Location;
use crate::error::CliError;
use crate::interrupt;
use crate::mutations::Recorder;
use crate::names;
use crate::output::Ui;
use crate::output::number;

/// Apply mutations, given as JSON Lines, all in one commit
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Commit {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The mutations, one a line; standard input when left out or `-`
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What to call the change
    #[arg(short = 'm', long = "label", value_name = "LABEL")]
    label: String,
    /// The commit to stand on, rather than the last one
    #[arg(long, value_name = "COMMIT")]
    on: Option<String>,
    /// Who commits; ANABRANCH_AUTHOR or the user of this machine when left out
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Commit even if nothing changes
    #[arg(long)]
    allow_empty: bool,
}

const EXAMPLES: &str = "\
Examples:
  anabranch commit studio.anb -m \"Import the library\" assets.jsonl
  echo '{\"op\":\"update\",\"attachment\":\"layout\",\"key\":\"97fb\",\"path\":\".title\",\"value\":\"Dusk\"}' |
    anabranch commit studio.anb -m \"A better title\"

Each line is an object with `op`, `attachment` and `key`, and what the operation takes:
  set, diff                              value (diff: recursive)
  update                                 path, value
  union_in_set, subtract_in_set          path, value (an array)
  union_in_map, update_in_map            path, value (an array of [key, value])
  subtract_in_map                        path, value (an array of keys)
  insert_in_xarray                       path, value, before, position
  update_in_xarray                       path, position, value
  remove_in_xarray                       path, position
A line that is refused refuses them all: nothing is committed then.";

impl Commit {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        interrupt::keeps("nothing was committed");
        let database = open_to_write(&self.database, self.author.as_deref())?;
        let parent = match &self.on {
            Some(name) => names::commit(&database, name)?,
            None => names::tip(&database, "this stands on the last commit,", ui)?,
        };
        let mut recorder = Recorder::new(database.state(parent)?);
        let input = [PathBuf::from("-")];
        for file in if self.files.is_empty() { &input } else { self.files.as_slice() } {
            let (source, input) = open_input(file, ui)?;
            recorder.record_all(&source, input, &mut ui.progress("reading"))?;
        }
        for warning in recorder.warnings() {
            ui.warn(warning)?;
        }
        if recorder.state().is_empty() && !self.allow_empty {
            return none(ui);
        }
        let id = recorder.commit(&database, &self.label)?;
        if ui.is_json {
            ui.json(&recorder.report(id))?;
        } else {
            for (line, position) in recorder.positions() {
                ui.note(format_args!("{line} inserts at position {position}"))?;
            }
            let mutations = number::of(recorder.mutations(), "mutation", "mutations");
            ui.tell(format_args!("{mutations} committed to {}", database.location()))?;
            writeln!(ui.out(), "{id}")?;
        }
        Ok(Outcome::Done)
    }
}

/// What errors call an input, and the input.
fn open_input(path: &Path, ui: &mut Ui) -> Result<(String, Box<dyn BufRead>), CliError> {
    if path.as_os_str() != "-" {
        let file = File::open(path).map_err(|error| {
            CliError::file("read", path, &error)
                .hint("give files of mutations, one JSON object a line, or `-`")
        })?;
        return Ok((path.display().to_string(), Box::new(BufReader::new(file))));
    }
    if io::stdin().is_terminal() {
        ui.note("reading mutations from the terminal; Ctrl-D ends them, Ctrl-C commits nothing")?;
    }
    Ok(("standard input".to_owned(), Box::new(BufReader::new(io::stdin()))))
}

/// Nothing to commit.
fn none(ui: &mut Ui) -> Result<Outcome, CliError> {
    ui.note("nothing changes, so nothing was committed; --allow-empty commits all the same")?;
    if ui.is_json {
        ui.json(&json!({ "commit": null, "mutations": 0, "opcodes": 0, "positions": [] }))?;
    }
    Ok(Outcome::Done)
}
