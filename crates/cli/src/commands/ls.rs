//! `anabranch ls`: which documents there are.

use std::collections::HashMap;
use std::sync::Arc;

use anabranch::{Attachment, RuntimeId, State};
use clap::Args;
use serde_json::json;

use super::{Outcome, document_json, note_rest, open};
use crate::args::Location;
use crate::error::CliError;
use crate::names;
use crate::output::number::count;
use crate::output::style::Label;
use crate::output::table::{Cell, Table};
use crate::output::{Ui, text};

/// List attachments with their number of documents, or the documents of one
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch ls studio.anb\n  anabranch ls studio.anb Scene.layout -n 10")]
pub(crate) struct Ls {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The attachment whose documents to list
    attachment: Option<String>,
    /// Read the state at a commit, rather than at the last one
    #[arg(long, value_name = "COMMIT")]
    at: Option<String>,
    /// List this many documents at most
    #[arg(short = 'n', long = "limit", value_name = "N", requires = "attachment")]
    limit: Option<usize>,
}

impl Ls {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let commit = names::last_or(&database, self.at.as_deref(), ui)?;
        let state = database.state(commit)?;
        match &self.attachment {
            None => attachments(&state, ui)?,
            Some(name) => {
                let attachment = names::attachment(state.definitions(), name)?;
                documents(&state, &attachment, self.limit.unwrap_or(usize::MAX), ui)?;
            }
        }
        Ok(Outcome::Done)
    }
}

fn attachments(state: &State, ui: &mut Ui) -> Result<(), CliError> {
    let busy = ui.busy("reading the state");
    let mut counts: HashMap<RuntimeId, u64> = HashMap::new();
    for id in state.ids()? {
        *counts.entry(id.attachment).or_default() += 1;
    }
    drop(busy);
    ui.page();
    let mut attachments: Vec<&Arc<Attachment>> = state.definitions().attachments().collect();
    attachments.sort_by_key(|attachment| attachment.identifier());
    let mut table = Table::default();
    for attachment in attachments {
        let documents = counts.get(&attachment.runtime_id()).copied().unwrap_or(0);
        let document_type = attachment.document_type();
        if ui.is_json {
            ui.json(&json!({
                "attachment": attachment.identifier(),
                "documents": documents,
                "key_type": attachment.key_type().to_string(),
                "document_type": document_type.to_string(),
                "runtime_id": attachment.runtime_id().to_string(),
            }))?;
        } else {
            let namespace = &attachment.name().namespace;
            table.row([
                Cell::new(Label::Name, attachment.identifier()),
                Cell::number(count(documents)),
                Cell::new(Label::Faint, document_type.relative_to(namespace)),
            ]);
        }
    }
    let width = ui.width;
    table.write(ui.out(), 0, width)?;
    Ok(())
}

fn documents(state: &State, attachment: &Attachment, limit: usize, ui: &mut Ui) -> Result<(), CliError> {
    let busy = ui.busy("reading the state");
    let keys = state.keys(attachment)?;
    drop(busy);
    ui.page();
    let limit = limit.min(keys.len());
    for key in &keys[..limit] {
        let Some(value) = state.get(attachment, key)? else { continue };
        if ui.is_json {
            ui.json(&document_json(attachment, key, &value))?;
            continue;
        }
        // One row at a time: there may be many, and all keys but a few are equally long.
        let mut table = Table::default();
        let key = names::key_text(attachment, key);
        table.row([Cell::new(Label::Id, key), Cell::new(Label::Plain, text::one_line(&value.to_string()))]);
        let width = ui.width;
        table.write(ui.out(), 0, width)?;
    }
    note_rest(limit, keys.len(), ui)
}
