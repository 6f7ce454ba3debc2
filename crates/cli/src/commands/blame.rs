//! `anabranch blame`: since when, and by whom, each place of a document stands as it does.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use anabranch::engine::BlamedPlace;
use anabranch::model::PathComponent;
use anabranch::model::json::encode;
use anabranch::{CommitHeader, CommitId, Path};
use clap::Args;
use serde_json::json;

use super::{Outcome, open};
use crate::args::Location;
use crate::error::CliError;
use crate::names::{self, Purpose};
use crate::output::style::{Label, paint};
use crate::output::time::rfc3339;
use crate::output::{Ui, text};

/// Show which commit wrote what stands in each place of a document
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch blame studio.anb Scene.layout 97fb\n  \
    anabranch blame studio.anb Scene.layout 97fb .surroundings\n\n\
    `anabranch trace` shows every change of the document, those that had no effect included.")]
pub(crate) struct Blame {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The attachment
    attachment: String,
    /// The instance, or the first digits of it
    key: String,
    /// Only the places in this one, as in .items[0]
    path: Option<String>,
    /// Read the state at a commit, rather than at the last one
    #[arg(long, value_name = "COMMIT")]
    at: Option<String>,
}

impl Blame {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let commit = names::last_or(&database, self.at.as_deref(), ui)?;
        let definitions = database.definitions()?;
        let attachment = names::attachment(&definitions, &self.attachment)?;
        let existing = || database.state(commit)?.keys(&attachment);
        let key = names::key(&definitions, &attachment, &self.key, Purpose::Read, existing)?;
        let path = match &self.path {
            None => Path::root(),
            Some(text) => Path::parse(text, attachment.document_type(), &definitions)
                .map_err(|error| CliError::path(text, &attachment, &error))?,
        };
        let busy = ui.busy("reading history");
        let blame = database.blame(commit, &attachment, &key)?;
        drop(busy);
        if blame.places.is_empty() {
            return Err(names::no_document_near(&attachment, &self.key, &existing()?));
        }
        let places: Vec<_> = blame.places.iter().filter(|place| path.is_prefix_of(&place.path)).collect();
        if places.is_empty() {
            return Err(CliError::new(format!("nothing stands at {path}"))
                .hint("`anabranch get DB ATTACHMENT KEY` shows what is there"));
        }
        ui.page();
        let mut headers: HashMap<CommitId, CommitHeader> = HashMap::new();
        for place in &places {
            if let Entry::Vacant(header) = headers.entry(place.commit) {
                header.insert(database.commit_header(place.commit)?);
            }
        }
        if ui.is_json {
            for place in places {
                let Some(header) = headers.get(&place.commit) else { continue };
                ui.json(&json!({
                    "path": place.path.to_string(),
                    "value": encode(&place.value),
                    "commit": place.commit.to_string(),
                    "opcode_index": place.index,
                    "label": header.metadata.label,
                    "author": header.metadata.author,
                    "timestamp": rfc3339(header.metadata.timestamp),
                }))?;
            }
            return Ok(Outcome::Done);
        }
        show(&places, &headers, ui)?;
        Ok(Outcome::Done)
    }
}

/// Shows the places as `get` shows documents, each behind the commit that wrote it.
fn show(
    places: &[&BlamedPlace],
    headers: &HashMap<CommitId, CommitHeader>,
    ui: &mut Ui,
) -> Result<(), CliError> {
    let author = |header: &CommitHeader| text::one_line(&header.metadata.author);
    let time = |header: &CommitHeader, ui: &Ui| ui.clock.tell(header.metadata.timestamp);
    let authors = headers.values().map(|header| text::width(&author(header))).max().unwrap_or(0);
    let times = headers.values().map(|header| text::width(&time(header, ui))).max().unwrap_or(0);
    // The elements of xarrays that the last line stood in, which lines of their own name.
    let mut inside: Vec<Path> = Vec::new();
    for place in places {
        let elements: Vec<Path> = elements(&place.path).collect();
        let shared = inside.iter().zip(&elements).take_while(|(one, other)| one == other).count();
        let gutter = 12 + 2 + times + 2 + authors;
        for depth in shared..elements.len() {
            let name = below(&elements[depth], depth.checked_sub(1).map(|outer| &elements[outer]));
            writeln!(
                ui.out(),
                "{:gutter$} │ {:indent$}{}",
                "",
                "",
                paint(Label::Name, name),
                indent = 2 * depth
            )?;
        }
        let name = below(&place.path, elements.last());
        let value = match place.path.components().last() {
            // Its path says it.
            Some(PathComponent::Element(_)) => String::new(),
            _ => text::one_line(&place.value.to_string()),
        };
        let (name, value) = match (name.as_str(), value.as_str()) {
            ("", _) => (String::new(), value),
            (_, "") => (name, value),
            _ => (format!("{name} = "), value),
        };
        let indent = 2 * elements.len();
        let room = ui.width.saturating_sub(gutter + 3 + indent + text::width(&name)).max(24);
        let value = text::fit(&value, room);
        let Some(header) = headers.get(&place.commit) else { continue };
        let time = paint(Label::Time, format!("{:times$}", time(header, ui)));
        let author = paint(Label::Author, format!("{:authors$}", author(header)));
        let id = paint(Label::Commit, place.commit.short());
        let name = paint(Label::Name, name);
        writeln!(ui.out(), "{id}  {time}  {author} │ {:indent$}{name}{value}", "")?;
        inside = elements;
    }
    Ok(())
}

/// The elements of xarrays that a path leads through, the outermost first, itself excluded.
fn elements(path: &Path) -> impl Iterator<Item = Path> {
    let components = path.components();
    (1..components.len())
        .filter(|end| matches!(components[end - 1], PathComponent::Position(_)))
        .map(|end| Path::new(components[..end].to_vec()))
}

/// A path from where another one ends.
fn below(path: &Path, outer: Option<&Path>) -> String {
    let skipped = outer.map_or(0, |outer| outer.components().len());
    match &path.components()[skipped..] {
        [] => String::new(),
        rest => Path::new(rest.to_vec()).to_string(),
    }
}
