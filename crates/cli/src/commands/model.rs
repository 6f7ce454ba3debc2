//! `anabranch model`: the definitions that a database holds.

use anabranch::dsm;
use clap::Args;

use super::{Outcome, open};
use crate::args::Location;
use crate::error::CliError;
use crate::output::Ui;

/// Print the definitions of a database, as DSM or as JSON
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch model studio.anb > model.dsm")]
pub(crate) struct Model {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
}

impl Model {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let definitions = open(&self.database)?.definitions()?;
        ui.page();
        if ui.is_json {
            ui.json(&dsm::json::encode(&definitions))?;
        } else {
            write!(ui.out(), "{}", dsm::print(&definitions))?;
        }
        Ok(Outcome::Done)
    }
}
