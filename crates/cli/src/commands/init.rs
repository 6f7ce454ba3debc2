//! `anabranch init`: a new database.

use std::path::PathBuf;

use anabranch::Database;
use clap::Args;
use serde_json::json;

use super::{Outcome, check};
use crate::args::Location;
use crate::error::CliError;
use crate::output::Ui;
use crate::output::number;

/// Create a database that holds the definitions of a model
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch init studio.anb --model model/")]
pub(crate) struct Init {
    /// The file to create; there must be none
    #[arg(value_name = "DB")]
    database: Location,
    /// Files, or folders with .dsm files in them
    #[arg(long = "model", value_name = "MODEL", required = true, num_args = 1..)]
    models: Vec<PathBuf>,
    /// What the database is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    documentation: String,
}

impl Init {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let path = self.database.path()?;
        let definitions = check::definitions(&self.models, ui)?;
        let database = Database::create(path, &self.documentation, &definitions)?;
        if ui.is_json {
            ui.json(&json!({
                "database": database.location(),
                "uuid": database.uuid().to_string(),
                "definitions": definitions.len(),
            }))?;
        } else {
            let held = number::of(definitions.len() as u64, "definition", "definitions");
            writeln!(ui.out(), "created {} with {held}", database.location())?;
        }
        Ok(Outcome::Done)
    }
}
