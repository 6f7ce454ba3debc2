//! `anabranch diff`: what differs between two states.

use std::collections::BTreeMap;

use anabranch::engine::{DocumentDiff, PlaceChange, StateDiff};
use anabranch::model::PathComponent;
use anabranch::model::json::encode;
use anabranch::{Database, Definitions, Value};
use clap::Args;
use serde_json::{Value as Json, json};

use super::{Outcome, open};
use crate::args::Location;
use crate::error::CliError;
use crate::names::{self, Purpose};
use crate::output::number::{count, of};
use crate::output::style::{Label, paint};
use crate::output::table::{Cell, Table};
use crate::output::{Ui, text};

/// Show what differs between two commits, by document and place
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch diff studio.anb 3f2ac81b\n  \
    anabranch diff studio.anb @first @last --stat\n  \
    anabranch diff studio.anb 3f2ac81b 91bce0d4 Scene.layout 97fb\n\n\
    The two need not be related; what each state holds is compared, not how it came to be.")]
pub(crate) struct Diff {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The commit whose state is the earlier one
    #[arg(value_name = "A")]
    from: String,
    /// The commit whose state is the later one; the last commit when left out
    #[arg(value_name = "B")]
    to: Option<String>,
    /// Compare the documents of this attachment only
    attachment: Option<String>,
    /// Compare the document of this instance only
    key: Option<String>,
    /// Say how many documents differ, not how
    #[arg(long)]
    stat: bool,
    /// Show values uncut
    #[arg(long)]
    full: bool,
}

impl Diff {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let from = names::commit(&database, &self.from)?;
        let to = match &self.to {
            Some(name) => names::commit(&database, name)?,
            None => names::tip(&database, "this compares with the last commit,", ui)?,
        };
        let definitions = database.definitions()?;
        let busy = ui.busy("comparing");
        let mut diff = database.diff(from, to)?;
        drop(busy);
        self.select(&database, &definitions, &mut diff)?;
        diff.documents.sort_by_cached_key(|document| names::document(&document.document, &definitions).0);
        ui.page();
        if self.stat {
            stat(&diff, &definitions, ui)?;
        } else if ui.is_json {
            for document in &diff.documents {
                ui.json(&document_json(document, &definitions))?;
            }
        } else {
            for document in &diff.documents {
                self.document(document, &definitions, ui)?;
            }
        }
        if diff.is_empty() && !ui.is_json {
            ui.note(format_args!("nothing differs between {} and {}", from.short(), to.short()))?;
        }
        Ok(Outcome::Done)
    }

    /// Keeps the documents that were asked for.
    fn select(
        &self,
        database: &Database,
        definitions: &Definitions,
        diff: &mut StateDiff,
    ) -> Result<(), CliError> {
        let Some(name) = &self.attachment else { return Ok(()) };
        let attachment = names::attachment(definitions, name)?;
        diff.documents.retain(|document| document.document.attachment == attachment.runtime_id());
        let Some(name) = &self.key else { return Ok(()) };
        let existing = || {
            let mut keys = database.state(diff.from)?.keys(&attachment)?;
            keys.extend(database.state(diff.to)?.keys(&attachment)?);
            keys.sort_unstable();
            keys.dedup();
            Ok(keys)
        };
        let key = names::key(definitions, &attachment, name, Purpose::Read, existing)?;
        diff.documents.retain(|document| document.document.key == key);
        Ok(())
    }

    fn document(
        &self,
        document: &DocumentDiff,
        definitions: &Definitions,
        ui: &mut Ui,
    ) -> Result<(), CliError> {
        let change = Change::of(document);
        let (attachment, key) = names::document(&document.document, definitions);
        let (attachment, key) = (paint(Label::Name, attachment), paint(Label::Id, key));
        writeln!(ui.out(), "{} {attachment}  {key}", paint(change.label(), format!("{:7}", change.name())))?;
        for place in &document.changes {
            self.place(place, ui)?;
        }
        Ok(())
    }

    fn place(&self, change: &PlaceChange, ui: &mut Ui) -> Result<(), CliError> {
        let width = if self.full { usize::MAX } else { ui.width };
        let line = |value: &Value| text::one_line(&value.to_string());
        let fit = |text: &str, used: usize| text::fit(text, width.saturating_sub(used).max(24)).into_owned();
        let (mark, label, value) = match (&change.before, &change.after) {
            (None, Some(value)) => ('+', Label::Added, line(value)),
            (Some(value), None) => ('-', Label::Removed, line(value)),
            (before, after) => {
                let text = |value: &Option<Value>| value.as_ref().map(line).unwrap_or_default();
                let (before, after) = (text(before), text(after));
                let path = change.path.to_string();
                let used = 4 + text::width(&path) + 2;
                let marked = paint(Label::Changed, format!("  ~ {path}"));
                if used + text::width(&before) + 3 + text::width(&after) <= ui.width {
                    let (before, after) = (paint(Label::Removed, before), paint(Label::Added, after));
                    writeln!(ui.out(), "{marked}  {before} → {after}")?;
                } else {
                    writeln!(ui.out(), "{marked}")?;
                    writeln!(ui.out(), "{}", paint(Label::Removed, format!("      - {}", fit(&before, 8))))?;
                    writeln!(ui.out(), "{}", paint(Label::Added, format!("      + {}", fit(&after, 8))))?;
                }
                return Ok(());
            }
        };
        // The whole document, or a member of a set, which its path names: the value alone says it.
        let shown = match change.path.components().last() {
            None => fit(&value, 4),
            Some(PathComponent::Element(_)) => change.path.to_string(),
            Some(_) => {
                let path = change.path.to_string();
                format!("{path}  {}", fit(&value, 4 + text::width(&path) + 2))
            }
        };
        writeln!(ui.out(), "{}", paint(label, format!("  {mark} {shown}")))?;
        Ok(())
    }
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Added,
    Removed,
    Changed,
}

impl Change {
    fn of(document: &DocumentDiff) -> Self {
        match (&document.before, &document.after) {
            (None, _) => Self::Added,
            (_, None) => Self::Removed,
            _ => Self::Changed,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }

    fn label(self) -> Label {
        match self {
            Self::Added => Label::Added,
            Self::Removed => Label::Removed,
            Self::Changed => Label::Changed,
        }
    }
}

fn document_json(document: &DocumentDiff, definitions: &Definitions) -> Json {
    let (attachment, key) = names::document(&document.document, definitions);
    let value = |value: &Option<Value>| value.as_ref().map_or(Json::Null, encode);
    let place = |change: &PlaceChange| {
        json!({
            "path": change.path.to_string(),
            "before": value(&change.before),
            "after": value(&change.after),
        })
    };
    json!({
        "attachment": attachment,
        "key": key,
        "change": Change::of(document).name(),
        "changes": document.changes.iter().map(place).collect::<Vec<_>>(),
    })
}

/// How many documents of an attachment differ, and in how many places.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    added: u64,
    removed: u64,
    changed: u64,
    places: u64,
}

impl Counts {
    fn add(&mut self, document: &DocumentDiff) {
        match Change::of(document) {
            Change::Added => self.added += 1,
            Change::Removed => self.removed += 1,
            Change::Changed => {
                self.changed += 1;
                self.places += document.changes.len() as u64;
            }
        }
    }

    fn parts(self) -> String {
        let places = of(self.places, "place", "places");
        let parts = [
            (self.added, format!("{} added", count(self.added))),
            (self.removed, format!("{} removed", count(self.removed))),
            (self.changed, format!("{} changed in {places}", count(self.changed))),
        ];
        parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(_, text)| text)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn stat(diff: &StateDiff, definitions: &Definitions, ui: &mut Ui) -> Result<(), CliError> {
    let mut all = Counts::default();
    let mut of_attachments: BTreeMap<String, Counts> = BTreeMap::new();
    for document in &diff.documents {
        let (attachment, _) = names::document(&document.document, definitions);
        of_attachments.entry(attachment).or_default().add(document);
        all.add(document);
    }
    let mut table = Table::default();
    for (attachment, counts) in &of_attachments {
        if ui.is_json {
            ui.json(&json!({
                "attachment": attachment,
                "added": counts.added,
                "removed": counts.removed,
                "changed": counts.changed,
                "places": counts.places,
            }))?;
        }
        table.row([Cell::new(Label::Name, attachment.as_str()), Cell::new(Label::Plain, counts.parts())]);
    }
    if ui.is_json || of_attachments.is_empty() {
        return Ok(());
    }
    let width = ui.width;
    table.write(ui.out(), 0, width)?;
    let documents = of(diff.documents.len() as u64, "document", "documents");
    writeln!(ui.out(), "{} {}", paint(Label::Title, format!("{documents}:")), all.parts())?;
    Ok(())
}
