//! `anabranch export`: a state as a folder of open files.

use std::ops::ControlFlow;
use std::path::PathBuf;

use anabranch::bundle::{self, BundleError, Phase};
use clap::Args;
use serde_json::json;

use super::{Outcome, open};
use crate::args::Location;
use crate::error::CliError;
use crate::output::Ui;
use crate::output::number::{bytes, count, of, sized};
use crate::output::progress::{Progress, Unit};
use crate::{interrupt, names};

/// Write a state to a folder of open files: JSON documents, definitions, blobs
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch export studio.anb handover/\n  \
    anabranch export studio.anb before/ --at 3f2ac81b\n\n\
    `anabranch import` reads it back. The files are described in docs/spec/bundle.md: other programs\n\
    can read them, and write their own.")]
pub(crate) struct Export {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The folder to write, which must be new or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Take the state at a commit, rather than at the last one
    #[arg(long, value_name = "COMMIT")]
    at: Option<String>,
}

impl Export {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let commit = names::last_or(&database, self.at.as_deref(), ui)?;
        let stopping = interrupt::stopping(|| {});
        let mut progress = ui.progress("writing");
        let exported = bundle::export(&database, commit, &self.folder, &mut |step| show(&mut progress, step))
            .map_err(|error| explain(error, "nothing was left in the folder"))?;
        drop((progress, stopping));
        let folder = self.folder.display();
        if ui.is_json {
            ui.json(&json!({
                "folder": folder.to_string(),
                "commit": commit.to_string(),
                "attachments": exported.attachments,
                "documents": exported.documents,
                "blobs": exported.blobs,
                "blob_bytes": exported.blob_bytes,
            }))?;
        } else {
            let documents = of(exported.documents, "document", "documents");
            let attachments = of(exported.attachments, "attachment", "attachments");
            let blobs = sized(of(exported.blobs, "blob", "blobs"), exported.blob_bytes);
            writeln!(ui.out(), "exported {documents} of {attachments} and {blobs} to {folder}")?;
        }
        Ok(Outcome::Done)
    }
}

/// Shows how far it is; stops when Ctrl-C was pressed.
pub(super) fn show(progress: &mut Progress, step: bundle::Progress) -> ControlFlow<()> {
    let (done, expected) = (step.done, step.expected);
    match step.phase {
        Phase::Blobs => {
            progress.phase("blobs");
            progress
                .update(done, expected, Unit::Bytes, || format!("{} of {}", bytes(done), bytes(expected)));
        }
        _ => {
            progress.phase("documents");
            progress.update(done, expected, Unit::Of("documents"), || {
                format!("{} of {}", count(done), of(expected, "document", "documents"))
            });
        }
    }
    if interrupt::is_asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// The error for people; `kept` is what is left after Ctrl-C.
pub(super) fn explain(error: BundleError, kept: &str) -> CliError {
    match error {
        BundleError::Cancelled => CliError::interrupted(kept),
        BundleError::Io { action, path, source } => CliError::file(action, &path, &source),
        BundleError::Engine(error) => error.into(),
        BundleError::Mutation(error) => error.into(),
        error => CliError::advised(&error.to_string()),
    }
}
