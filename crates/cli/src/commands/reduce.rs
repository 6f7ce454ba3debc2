//! `anabranch reduce`: from several heads to one.

use clap::Args;
use serde_json::json;

use super::{Outcome, open_to_write};
use crate::args::Location;
use crate::error::CliError;
use crate::names;
use crate::output::Ui;

/// Fold all heads into one
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch reduce studio.anb\n\n\
    Every site that reduces the same heads makes the same commits, ids included.")]
pub(crate) struct Reduce {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The head that the others are folded into, rather than the last commit
    #[arg(long, value_name = "COMMIT")]
    onto: Option<String>,
    /// Who reduces; ANABRANCH_AUTHOR or the user of this machine when left out
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

impl Reduce {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open_to_write(&self.database, self.author.as_deref())?;
        let onto = self.onto.as_deref().map(|name| names::commit(&database, name)).transpose()?;
        let heads = database.head_commit_ids()?.len();
        let busy = ui.busy("reducing");
        let head = database.reduce_heads(onto)?;
        drop(busy);
        let merges = heads.saturating_sub(1);
        if ui.is_json {
            ui.json(&json!({ "head": head.map(|head| head.to_string()), "merges": merges }))?;
            return Ok(Outcome::Done);
        }
        if merges == 0 {
            let what = if heads == 1 { "has one head already" } else { "has no commit yet" };
            ui.note(format_args!("{} {what}", database.location()))?;
        }
        if let Some(head) = head {
            writeln!(ui.out(), "{head}")?;
        }
        Ok(Outcome::Done)
    }
}
