//! `anabranch undo` and `anabranch redo`.

use anabranch::{CommitId, Store};
use clap::Args;
use serde_json::json;

use super::{Outcome, open_to_write};
use crate::args::Location;
use crate::error::CliError;
use crate::names;
use crate::output::{Ui, text};

/// What both commands take.
#[derive(Debug, Args)]
struct Steps {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// How many changes
    #[arg(short = 'n', long = "steps", value_name = "N", default_value_t = 1)]
    steps: u64,
    /// Whose changes; ANABRANCH_AUTHOR or the user of this machine when left out
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

/// Take back the last change that you made
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch undo studio.anb\n  anabranch undo studio.anb -n 3\n\n\
    History only grows: an undo is a commit that hides another, and `anabranch redo` takes it back.\n\
    What can be undone is told from the history of the last commit: changes of the same author, and\n\
    disables and enables, but not merges. A new change after an undo leaves nothing to redo.")]
pub(crate) struct Undo {
    #[command(flatten)]
    steps: Steps,
}

/// Take back the last undo
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch redo studio.anb")]
pub(crate) struct Redo {
    #[command(flatten)]
    steps: Steps,
}

impl Undo {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        self.steps.run(true, ui)
    }
}

impl Redo {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        self.steps.run(false, ui)
    }
}

impl Steps {
    fn run(&self, is_undo: bool, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open_to_write(&self.database, self.author.as_deref())?;
        names::tip(&database, "this stands on the last commit,", ui)?;
        let store = Store::new();
        store.use_database(database.clone())?;
        let busy = ui.busy("reading history");
        store.recall_undo_redo()?;
        drop(busy);
        for _ in 0..self.steps {
            let stack = store.undo_stack_ids();
            let made = if is_undo { store.undo()? } else { store.redo()? };
            // What it is about stood at the end of what is in effect, or comes to stand there.
            let of = stack.applied.checked_sub(usize::from(is_undo)).and_then(|at| stack.commits.get(at));
            let (Some(made), Some(of)) = (made, of) else {
                return self.nothing(is_undo, ui);
            };
            tell(&database, is_undo, made, *of, ui)?;
        }
        Ok(Outcome::Done)
    }

    fn nothing(&self, is_undo: bool, ui: &mut Ui) -> Result<Outcome, CliError> {
        if ui.is_json {
            ui.json(&json!({ "commit": null, "of": null, "label": null }))?;
        }
        let verb = if is_undo { "undo" } else { "redo" };
        let author = self.author.clone().unwrap_or_else(super::default_author);
        let author = if author.is_empty() { "an unnamed author".to_owned() } else { author };
        ui.note(format_args!("there is nothing of {author} to {verb}"))?;
        Ok(Outcome::Done)
    }
}

fn tell(
    database: &anabranch::Database,
    is_undo: bool,
    made: CommitId,
    of: CommitId,
    ui: &mut Ui,
) -> Result<(), CliError> {
    let label = database.commit_header(of)?.metadata.label;
    if ui.is_json {
        ui.json(&json!({ "commit": made.to_string(), "of": of.to_string(), "label": label }))?;
        return Ok(());
    }
    let verb = if is_undo { "undone" } else { "redone" };
    ui.tell(format_args!("{verb}: {}  {}", of.short(), text::label(&label)))?;
    writeln!(ui.out(), "{made}")?;
    Ok(())
}
