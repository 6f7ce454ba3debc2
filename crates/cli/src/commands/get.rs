//! `anabranch get`: what stands in a document.

use anabranch::model::json;
use anabranch::{Attachment, Path, State};
use clap::Args;

use super::{Outcome, document_json, note_rest, open};
use crate::args::Location;
use crate::error::CliError;
use crate::names::{self, Purpose};
use crate::output::Ui;
use crate::output::document::pretty;
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
        let attachment = names::attachment(state.definitions(), &self.attachment)?;
        match &self.key {
            Some(key) => self.one(&state, &attachment, key, ui)?,
            None => self.all(&state, &attachment, ui)?,
        }
        Ok(Outcome::Done)
    }

    fn one(&self, state: &State, attachment: &Attachment, name: &str, ui: &mut Ui) -> Result<(), CliError> {
        let definitions = state.definitions();
        let key = names::key(definitions, attachment, name, Purpose::Read, || state.keys(attachment))?;
        let Some(document) = state.get(attachment, &key)? else {
            return Err(names::no_document_near(attachment, name, &state.keys(attachment)?));
        };
        let value = match &self.path {
            None => &document,
            Some(text) => {
                let path = Path::parse(text, attachment.document_type(), definitions)
                    .map_err(|error| CliError::path(text, attachment, &error))?;
                path.at(&document).map_err(|reason| {
                    CliError::new(format!("nothing stands at {path}: {reason}"))
                        .hint("`anabranch get DB ATTACHMENT KEY` shows what is there")
                })?
            }
        };
        ui.page();
        if ui.is_json {
            ui.json(&json::encode(value))?;
        } else {
            let text = pretty(value, ui.width);
            writeln!(ui.out(), "{text}")?;
        }
        Ok(())
    }

    fn all(&self, state: &State, attachment: &Attachment, ui: &mut Ui) -> Result<(), CliError> {
        let busy = ui.busy("reading the state");
        let keys = state.keys(attachment)?;
        drop(busy);
        ui.page();
        let limit = self.limit.unwrap_or(keys.len()).min(keys.len());
        for key in &keys[..limit] {
            let Some(value) = state.get(attachment, key)? else { continue };
            if ui.is_json {
                ui.json(&document_json(attachment, key, &value))?;
            } else {
                let text = pretty(&value, ui.width);
                writeln!(ui.out(), "{}\n{text}", paint(Label::Id, names::key_text(attachment, key)))?;
            }
        }
        note_rest(limit, keys.len(), ui)
    }
}
