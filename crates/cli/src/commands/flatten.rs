//! `anabranch flatten`: a state without its history.

use anabranch::{Database, Definitions};
use clap::Args;
use serde_json::json;

use super::{Outcome, default_author, open};
use crate::args::Location;
use crate::error::CliError;
use crate::fresh::Fresh;
use crate::output::Ui;
use crate::output::number::of;
use crate::{interrupt, names};

/// Create a database whose one commit is the state of another
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch flatten studio.anb fresh.anb\n  \
    anabranch flatten studio.anb before.anb --at 3f2ac81b\n\n\
    The documents and the blobs that they refer to come along, history does not; what the two go on\n\
    to do can therefore not be merged. The same state makes the same commit wherever it is flattened.")]
pub(crate) struct Flatten {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The file to create; there must be none
    #[arg(value_name = "FILE")]
    file: Location,
    /// Take the state at a commit, rather than at the last one
    #[arg(long, value_name = "COMMIT")]
    at: Option<String>,
    /// Who commits; ANABRANCH_AUTHOR or the user of this machine when left out
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

impl Flatten {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let path = self.file.path()?;
        let database = open(&self.database)?;
        let commit = names::last_or(&database, self.at.as_deref(), ui)?;
        let fresh = Fresh::at(path)?;
        let stopping = interrupt::stopping(|| {});
        let busy = ui.busy("flattening");
        let (id, documents) = {
            let into = Database::create(fresh.beside(), database.documentation(), &Definitions::default())?;
            let into = into.with_author(self.author.clone().unwrap_or_else(default_author));
            let id = database.flatten(commit, &into)?;
            (id, into.commit_opcodes(id)?.len() as u64)
        };
        drop(busy);
        if interrupt::is_asked() {
            return Err(CliError::interrupted(format!("{} was not created", path.display())));
        }
        drop(stopping);
        fresh.finish()?;
        if ui.is_json {
            let database = path.display().to_string();
            ui.json(&json!({ "database": database, "commit": id.to_string(), "documents": documents }))?;
        } else {
            let documents = of(documents, "document", "documents");
            ui.tell(format_args!("created {} with {documents} in one commit", path.display()))?;
            writeln!(ui.out(), "{id}")?;
        }
        Ok(Outcome::Done)
    }
}
