//! `anabranch merge`: one commit with what two have.

use clap::Args;
use serde_json::json;

use super::{Outcome, open_to_write};
use crate::args::Location;
use crate::error::CliError;
use crate::names;
use crate::output::Ui;

/// Merge two commits
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch merge studio.anb 3f2ac81b 91bce0d4\n\n\
    What B has and A lacks lands after what A has: where both wrote one place, what B wrote stands there.")]
pub(crate) struct Merge {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// What to merge into
    #[arg(value_name = "A")]
    parent: String,
    /// What to merge
    #[arg(value_name = "B")]
    target: String,
    /// What to call the merge; `merge of B` when left out
    #[arg(short = 'm', long = "label", value_name = "LABEL")]
    label: Option<String>,
    /// Who merges; ANABRANCH_AUTHOR or the user of this machine when left out
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

impl Merge {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open_to_write(&self.database, self.author.as_deref())?;
        let parent = names::commit(&database, &self.parent)?;
        let target = names::commit(&database, &self.target)?;
        let label = self.label.clone().unwrap_or_else(|| format!("merge of {target}"));
        let id = database.merge_commit(&label, parent, target)?;
        if ui.is_json {
            ui.json(&json!({ "commit": id.to_string() }))?;
        } else {
            writeln!(ui.out(), "{id}")?;
        }
        Ok(Outcome::Done)
    }
}
