//! `anabranch disable` and `anabranch enable`: hiding a commit, and showing it again.

use anabranch::{CommitId, Database, Error};
use clap::Args;
use serde_json::json;

use super::{Outcome, open_to_write};
use crate::args::Location;
use crate::error::CliError;
use crate::names;
use crate::output::Ui;

/// What both commands take.
#[derive(Debug, Args)]
struct Decision {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The commit
    commit: String,
    /// What to call the decision
    #[arg(short = 'm', long = "label", value_name = "LABEL")]
    label: Option<String>,
    /// The commit to stand on, rather than the last one
    #[arg(long, value_name = "COMMIT")]
    on: Option<String>,
    /// Who decides; ANABRANCH_AUTHOR or the user of this machine when left out
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

/// Hide what a commit did, by a commit that says so
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch disable studio.anb 3f2ac81b -m \"Without the new titles\"\n\n\
    Nothing is removed: `anabranch enable` shows it again.")]
pub(crate) struct Disable {
    #[command(flatten)]
    decision: Decision,
}

/// Show again what a hidden commit did
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch enable studio.anb 3f2ac81b")]
pub(crate) struct Enable {
    #[command(flatten)]
    decision: Decision,
}

impl Disable {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        self.decision.run(Database::disable_commit, "Disable", ui)
    }
}

impl Enable {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        self.decision.run(Database::enable_commit, "Enable", ui)
    }
}

/// Appends a decision about a commit.
type Decide = fn(&Database, &str, CommitId, CommitId) -> Result<CommitId, Error>;

impl Decision {
    fn run(&self, decide: Decide, verb: &str, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open_to_write(&self.database, self.author.as_deref())?;
        let target = names::commit(&database, &self.commit)?;
        let parent = match &self.on {
            Some(name) => names::commit(&database, name)?,
            None => names::tip(&database, "this stands on the last commit,", ui)?,
        };
        let label = match &self.label {
            Some(label) => label.clone(),
            None => format!("{verb} [{}]", database.commit_header(target)?.metadata.label),
        };
        let id = decide(&database, &label, parent, target)?;
        if ui.is_json {
            ui.json(&json!({ "commit": id.to_string() }))?;
        } else {
            writeln!(ui.out(), "{id}")?;
        }
        Ok(Outcome::Done)
    }
}
