//! `anabranch trace`: every change of a document, and what became of it.

use std::collections::HashMap;

use anabranch::engine::{Outcome as Fate, TraceStep};
use anabranch::{CommitHeader, CommitId, Database};
use clap::Args;
use serde_json::Value as Json;

use super::show::operation_json;
use super::{Outcome, open};
use crate::args::Location;
use crate::error::CliError;
use crate::names::{self, Purpose};
use crate::output::style::{Label, paint};
use crate::output::{Ui, text};

/// Show every change of a document, with why those that have no effect have none
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch trace studio.anb Scene.layout 97fb\n\n\
    Changes stand in the order in which they take effect. A change is dropped where its place was not\n\
    there when its turn came, as after a concurrent removal; it is hidden while its commit is disabled.")]
pub(crate) struct Trace {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The attachment
    attachment: String,
    /// The instance, or the first digits of it
    key: String,
    /// Follow the history of a commit, rather than of the last one
    #[arg(long, value_name = "COMMIT")]
    at: Option<String>,
    /// Show changes uncut
    #[arg(long)]
    full: bool,
}

impl Trace {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let commit = names::last_or(&database, self.at.as_deref(), ui)?;
        let definitions = database.definitions()?;
        let attachment = names::attachment(&definitions, &self.attachment)?;
        let existing = || database.state(commit)?.keys(&attachment);
        let key = names::key(&definitions, &attachment, &self.key, Purpose::Read, existing)?;
        let busy = ui.busy("reading history");
        let trace = database.trace(commit, &attachment, &key)?;
        drop(busy);
        if trace.steps.is_empty() {
            return Err(CliError::new(format!(
                "nothing ever happened to {} of {}",
                self.key,
                attachment.identifier()
            ))
            .hint(format!(
                "`anabranch ls DB {}` lists the keys that have a document",
                attachment.identifier()
            )));
        }
        ui.page();
        let mut headers = Headers { database: &database, known: HashMap::new() };
        for step in &trace.steps {
            if ui.is_json {
                ui.json(&step_json(step))?;
            } else {
                self.step(step, &mut headers, ui)?;
            }
        }
        Ok(Outcome::Done)
    }

    fn step(&self, step: &TraceStep, headers: &mut Headers<'_>, ui: &mut Ui) -> Result<(), CliError> {
        let header = headers.of(step.commit)?;
        let time = format!("{:14}", ui.clock.tell(header.metadata.timestamp));
        let author = text::one_line(&header.metadata.author);
        let (mark, label) = match step.outcome {
            Fate::Applied => ("●", Label::Good),
            Fate::Dropped(_) => ("✗", Label::Warning),
            Fate::Masked { .. } => ("⊖", Label::Faint),
        };
        let used = 2 + 12 + 2 + text::width(&time) + 2 + text::width(&author) + 2;
        let room = if self.full { usize::MAX } else { ui.width.saturating_sub(used).max(24) };
        let operation = text::one_line(&step.operation.to_string());
        let operation = text::fit(&operation, room);
        let operation_label = if step.outcome == Fate::Applied { Label::Plain } else { Label::Faint };
        let (id, time, author) = (
            paint(Label::Commit, step.commit.short()),
            paint(Label::Time, time),
            paint(Label::Author, author),
        );
        let operation = paint(operation_label, operation);
        writeln!(ui.out(), "{} {id}  {time}  {author}  {operation}", paint(label, mark))?;
        match step.outcome {
            Fate::Dropped(reason) => {
                writeln!(ui.out(), "  {} {reason}", paint(Label::Warning, "no effect:"))?;
            }
            Fate::Masked { by } => {
                let header = headers.of(by)?;
                let label = text::label(&header.metadata.label);
                let author = &header.metadata.author;
                let by_whom =
                    if author.is_empty() { String::new() } else { format!("  {}", text::one_line(author)) };
                let id = paint(Label::Commit, by.short());
                writeln!(ui.out(), "  {} {id}  {label}{by_whom}", paint(Label::Kind, "hidden by"))?;
            }
            Fate::Applied => {}
        }
        Ok(())
    }
}

/// The headers of commits, each read once.
struct Headers<'d> {
    database: &'d Database,
    known: HashMap<CommitId, CommitHeader>,
}

impl Headers<'_> {
    fn of(&mut self, id: CommitId) -> Result<CommitHeader, CliError> {
        if let Some(header) = self.known.get(&id) {
            return Ok(header.clone());
        }
        let header = self.database.commit_header(id)?;
        self.known.insert(id, header.clone());
        Ok(header)
    }
}

fn step_json(step: &TraceStep) -> Json {
    let mut json = operation_json(&step.operation);
    json["commit"] = Json::from(step.commit.to_string());
    json["opcode_index"] = Json::from(step.index);
    let (outcome, reason, by) = match step.outcome {
        Fate::Applied => ("applied", None, None),
        Fate::Dropped(reason) => ("dropped", Some(reason.to_string()), None),
        Fate::Masked { by } => ("masked", None, Some(by.to_string())),
    };
    json["outcome"] = Json::from(outcome);
    json["reason"] = reason.map_or(Json::Null, Json::from);
    json["masked_by"] = by.map_or(Json::Null, Json::from);
    json
}
