//! `anabranch extend`: more definitions for a database.

use std::path::PathBuf;

use anabranch::model::ExtendInfo;
use clap::Args;
use serde_json::{Value as Json, json};

use super::{Outcome, check, open_to_write};
use crate::args::Location;
use crate::error::CliError;
use crate::output::Ui;
use crate::output::number;

/// Add the definitions of a model to a database
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch extend studio.anb --model model/reviews.dsm\n\n\
    What is there already stays as it is: definitions are only ever added.")]
pub(crate) struct Extend {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// Files, or folders with .dsm files in them
    #[arg(long = "model", value_name = "MODEL", required = true, num_args = 1..)]
    models: Vec<PathBuf>,
}

impl Extend {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open_to_write(&self.database, None)?;
        let definitions = check::definitions(&self.models, ui)?;
        let added = database.extend_definitions(&definitions)?;
        if ui.is_json {
            ui.json(&json!({ "added": added_json(&added) }))?;
        } else if added.total() == 0 {
            writeln!(ui.out(), "{} has all of these definitions already", database.location())?;
        } else {
            let number = number::of(added.total() as u64, "definition", "definitions");
            writeln!(ui.out(), "added {number} to {}", database.location())?;
        }
        Ok(Outcome::Done)
    }
}

/// How many definitions were added, for programs.
pub(crate) fn added_json(added: &ExtendInfo) -> Json {
    json!({
        "concepts": added.concepts,
        "clubs": added.clubs,
        "enumerations": added.enumerations,
        "structures": added.structures,
        "attachments": added.attachments,
        "function_pools": added.function_pools,
    })
}
