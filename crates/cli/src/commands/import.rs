//! `anabranch import`: a bundle into a database.

use std::path::{Path, PathBuf};

use anabranch::bundle::{Bundle, Imported};
use anabranch::{CommitId, Database, Definitions};
use clap::Args;
use serde_json::json;

use super::export::{explain, show};
use super::{Outcome, default_author, open_to_write};
use crate::args::Location;
use crate::error::CliError;
use crate::fresh::Fresh;
use crate::output::Ui;
use crate::output::number::{count, of, sized};
use crate::{interrupt, names};

/// Read a folder of open files into a database, new or not
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch import handover/ studio.anb\n  \
    anabranch import handover/ studio.anb --keep-runtime-ids\n\n\
    A database that is there gets the definitions that it lacks, and one commit that sets the documents\n\
    that are not as they are in the folder; others stay. The folder is as `anabranch export` writes it,\n\
    or another program (docs/spec/bundle.md).")]
pub(crate) struct Import {
    /// The folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The database; created when there is none
    #[arg(value_name = "DB")]
    database: Location,
    /// Keep the runtime ids that the folder gives definitions, rather than deriving them
    #[arg(long)]
    keep_runtime_ids: bool,
    /// What to call the commit
    #[arg(short = 'm', long = "label", value_name = "LABEL")]
    label: Option<String>,
    /// Who commits; ANABRANCH_AUTHOR or the user of this machine when left out
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

impl Import {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let bundle = Bundle::open(&self.folder, self.keep_runtime_ids)
            .map_err(|error| explain(error, "nothing was imported"))?;
        let stopping = interrupt::stopping(|| {});
        let new = match &self.database {
            Location::File(path) if !path.exists() => Some(path),
            _ => None,
        };
        let imported = match new {
            Some(path) => {
                let fresh = Fresh::at(path)?;
                let imported = {
                    let database =
                        Database::create(fresh.beside(), bundle.documentation(), &Definitions::default())?;
                    let author = self.author.clone().unwrap_or_else(default_author);
                    self.import(bundle, &database.with_author(author), CommitId::ZERO, ui)?
                };
                fresh.finish()?;
                imported
            }
            None => {
                let database = open_to_write(&self.database, self.author.as_deref())?;
                let parent = names::tip(&database, "this stands on the last commit,", ui)?;
                self.import(bundle, &database, parent, ui)?
            }
        };
        drop(stopping);
        self.tell(imported, ui)
    }

    fn import(
        &self,
        bundle: Bundle,
        database: &Database,
        parent: CommitId,
        ui: &mut Ui,
    ) -> Result<Imported, CliError> {
        let label = self.label.clone().unwrap_or_else(|| format!("import of {}", name(&self.folder)));
        let mut progress = ui.progress("reading");
        bundle
            .import(database, parent, &label, &mut |step| show(&mut progress, step))
            .map_err(|error| explain(error, "no document was imported"))
    }

    fn tell(&self, imported: Imported, ui: &mut Ui) -> Result<Outcome, CliError> {
        if ui.is_json {
            ui.json(&json!({
                "commit": imported.commit.map(|id| id.to_string()),
                "documents": imported.documents,
                "changed": imported.changed,
                "blobs": imported.blobs,
                "blob_bytes": imported.blob_bytes,
            }))?;
            return Ok(Outcome::Done);
        }
        let documents = of(imported.documents, "document", "documents");
        let blobs = sized(of(imported.blobs, "blob", "blobs"), imported.blob_bytes);
        let kept = imported.documents - imported.changed;
        let kept = match kept {
            0 => String::new(),
            _ => format!(" ({} as they were)", count(kept)),
        };
        ui.tell(format_args!("imported {documents}{kept} and {blobs}"))?;
        match imported.commit {
            Some(id) => writeln!(ui.out(), "{id}")?,
            None => ui.note("nothing changes, so nothing was committed")?,
        }
        Ok(Outcome::Done)
    }
}

/// The name of a folder, without the way to it.
fn name(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    whole.file_name().unwrap_or(whole.as_os_str()).to_string_lossy().into_owned()
}
