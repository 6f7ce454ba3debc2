//! `anabranch heads`: where history ends.

use clap::Args;

use super::log::{Marks, line};
use super::{Outcome, commit_json, open};
use crate::args::Location;
use crate::error::CliError;
use crate::output::Ui;

/// List the heads: the commits that nothing stands on
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch heads studio.anb")]
pub(crate) struct Heads {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
}

impl Heads {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let heads = database.head_commit_ids()?;
        for id in &heads {
            let header = database.commit_header(*id)?;
            if ui.is_json {
                ui.json(&commit_json(&header, &heads))?;
            } else {
                // All are heads: there is no need to mark them.
                let line = line(&header, &Marks::none(), ui, ui.width)?;
                writeln!(ui.out(), "{line}")?;
            }
        }
        if heads.is_empty() && !ui.is_json {
            ui.note(format_args!("{} has no commit yet", database.location()))?;
        }
        Ok(Outcome::Done)
    }
}
