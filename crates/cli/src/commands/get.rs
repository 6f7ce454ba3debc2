//! `anabranch get`: what stands in a document.

use anabranch::engine::DocumentId;
use anabranch::model::json;
use anabranch::{Path, Value};
use clap::Args;
use serde_json::json;

use super::{Outcome, open};
use crate::args::Location;
use crate::error::CliError;
use crate::names::{self, Purpose};
use crate::output::Ui;
use crate::output::document::pretty;
use crate::output::number::of;
use crate::output::style::{Label, paint};

/// Print documents, or a place in one
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch get studio.anb Scene.layout 97fb0c5e\n  \
    anabranch get studio.anb Scene.layout 97fb0c5e .surroundings.sun --json\n\n\
    With --json the document or place is printed as JSON; without KEY, one document a line with its key.")]
pub(crate) struct Get {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The attachment
    attachment: String,
    /// The instance, or the first digits of it; all documents when left out
    key: Option<String>,
    /// A place in the document, as in .items[0].name
    path: Option<String>,
    /// Read the state at a commit, rather than at the last one
    #[arg(long, value_name = "COMMIT")]
    at: Option<String>,
    /// Print this many documents at most
    #[arg(short = 'n', long = "limit", value_name = "N", conflicts_with = "key")]
    limit: Option<usize>,
}

impl Get {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let commit = names::last_or(&database, self.at.as_deref(), ui)?;
        let state = database.state(commit)?;
        let definitions = state.definitions();
        let attachment = names::attachment(definitions, &self.attachment)?;
        let Some(name) = &self.key else {
            let keys = state.keys(&attachment)?;
            let limit = self.limit.unwrap_or(usize::MAX);
            for key in keys.iter().take(limit) {
                let id = DocumentId { attachment: attachment.runtime_id(), key: key.clone() };
                let Some(value) = state.document(&id)? else { continue };
                let key = names::key_text(&attachment, key);
                if ui.is_json {
                    let value = json::encode(&value);
                    ui.json(&json!({ "attachment": attachment.identifier(), "key": key, "value": value }))?;
                } else {
                    let text = pretty(&value, ui.width);
                    writeln!(ui.out(), "{}\n{text}", paint(Label::Id, key))?;
                }
            }
            if keys.len() > limit {
                let rest = of((keys.len() - limit) as u64, "document is", "documents are");
                ui.note(format_args!("{rest} not shown"))?;
            }
            return Ok(Outcome::Done);
        };
        let key = names::key(definitions, &attachment, name, Purpose::Read, || state.keys(&attachment))?;
        let Some(document) = state.get(&attachment, &key)? else {
            return Err(names::no_document(&attachment, name));
        };
        let value = match &self.path {
            None => &document,
            Some(text) => {
                let path = Path::parse(text, attachment.document_type(), definitions)
                    .map_err(|error| CliError::path(text, &attachment, &error))?;
                path.at(&document).map_err(|reason| {
                    CliError::new(format!("nothing stands at {path}: {reason}"))
                        .hint("`anabranch get DB ATTACHMENT KEY` shows what is there")
                })?
            }
        };
        print(value, ui)?;
        Ok(Outcome::Done)
    }
}

fn print(value: &Value, ui: &mut Ui) -> Result<(), CliError> {
    if ui.is_json {
        ui.json(&json::encode(value))?;
    } else {
        let text = pretty(value, ui.width);
        writeln!(ui.out(), "{text}")?;
    }
    Ok(())
}
