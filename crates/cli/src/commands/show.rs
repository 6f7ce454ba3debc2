//! `anabranch show`: one commit, with what it does.

use anabranch::engine::{Opcode, Operation};
use anabranch::model::json as value_json;
use anabranch::{CommitHeader, CommitId, CommitKind, Database, Definitions, Uuid};
use clap::Args;
use serde_json::{Value as Json, json};

use super::{Outcome, commit_json, open};
use crate::args::Location;
use crate::error::CliError;
use crate::names;
use crate::output::number::{bytes, count};
use crate::output::style::{Label, paint};
use crate::output::table::{Cell, Table};
use crate::output::{Ui, text};

/// How many opcodes are shown unless said otherwise.
const SHOWN: usize = 20;

/// Show a commit: what it says, what it does, and the blobs that it refers to
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  anabranch show studio.anb @last\n  anabranch show studio.anb 3f2ac81b --full"
)]
pub(crate) struct Show {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The commit: its id, the first digits of it, @last or @first
    commit: String,
    /// Show every opcode, uncut
    #[arg(long)]
    full: bool,
}

impl Show {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let id = names::commit(&database, &self.commit)?;
        let header = database.commit_header(id)?;
        let opcodes = database.commit_opcodes(id)?;
        let definitions = database.definitions()?;
        let heads = database.head_commit_ids()?;
        let snapshot = database.read()?;
        let blobs = snapshot.commit_blobs(id)?;
        if ui.is_json {
            let mut json = commit_json(&header, &heads);
            json["opcodes"] = opcodes.iter().map(|opcode| opcode_json(opcode, &definitions)).collect();
            json["blobs"] = blobs.iter().map(|blob| Json::from(blob.to_string())).collect();
            ui.json(&json)?;
            return Ok(Outcome::Done);
        }
        ui.page();
        self.header(&database, &header, heads.contains(&id), ui)?;
        self.opcodes(&opcodes, &definitions, ui)?;
        if !blobs.is_empty() {
            writeln!(
                ui.out(),
                "\n{}",
                paint(Label::Title, format!("blobs ({})", count(blobs.len() as u64)))
            )?;
            let mut table = Table::default();
            for blob in &blobs {
                let record = snapshot.blob(*blob)?;
                let (layout, size) =
                    record.map_or_else(Default::default, |record| (record.layout, bytes(record.size)));
                table.row([
                    Cell::new(Label::Id, blob.short()),
                    Cell::new(Label::Plain, layout),
                    Cell::number(size),
                ]);
            }
            let width = ui.width;
            table.write(ui.out(), 2, width)?;
        }
        Ok(Outcome::Done)
    }

    fn header(
        &self,
        database: &Database,
        header: &CommitHeader,
        is_head: bool,
        ui: &mut Ui,
    ) -> Result<(), CliError> {
        let mut table = Table::default();
        let mut line = |name: &str, label, text: String| {
            table.row([Cell::new(Label::Title, name), Cell::new(label, text)]);
        };
        let other = |id: CommitId| -> Result<String, CliError> {
            let header = database.commit_header(id)?;
            Ok(format!("{}  {}", id.short(), text::label(&header.metadata.label)))
        };
        line("commit", Label::Commit, header.id.to_string());
        line("kind", Label::Kind, header.kind.to_string());
        if header.parent.is_zero() {
            line("parent", Label::Faint, "none: history starts here".to_owned());
        } else {
            line("parent", Label::Plain, other(header.parent)?);
        }
        if !header.target.is_zero() {
            line("target", Label::Plain, other(header.target)?);
        }
        line("label", Label::Plain, text::label(&header.metadata.label));
        if !header.metadata.author.is_empty() {
            line("author", Label::Author, text::one_line(&header.metadata.author));
        }
        line("time", Label::Time, ui.clock.tell(header.metadata.timestamp));
        line("generation", Label::Plain, count(header.generation));
        if is_head {
            line("head", Label::Head, "yes".to_owned());
        }
        // The id of the commit stays whole, however narrow the terminal is.
        let width = ui.width.max(80);
        table.write(ui.out(), 0, width)?;
        if header.kind == CommitKind::Mutations {
            writeln!(ui.out())?;
        }
        Ok(())
    }

    fn opcodes(&self, opcodes: &[Opcode], definitions: &Definitions, ui: &mut Ui) -> Result<(), CliError> {
        if opcodes.is_empty() {
            return Ok(());
        }
        writeln!(ui.out(), "{}", paint(Label::Title, format!("opcodes ({})", count(opcodes.len() as u64))))?;
        let shown = if self.full { opcodes.len() } else { SHOWN.min(opcodes.len()) };
        for opcode in &opcodes[..shown] {
            let (attachment, key) = names::document(&opcode.document, definitions);
            let operation = text::one_line(&opcode.operation.to_string());
            let used = 2 + text::width(&attachment) + 2 + text::width(&key) + 2;
            let room = if self.full { usize::MAX } else { ui.width.saturating_sub(used).max(24) };
            let operation = text::fit(&operation, room);
            let (attachment, key) = (paint(Label::Name, attachment), paint(Label::Id, key));
            writeln!(ui.out(), "  {attachment}  {key}  {operation}")?;
        }
        if shown < opcodes.len() {
            ui.note(format_args!(
                "{} more opcodes; --full shows them",
                count((opcodes.len() - shown) as u64)
            ))?;
        }
        Ok(())
    }
}

/// An opcode as programs read it: the members of a mutation, under the names of the opcodes.
fn opcode_json(opcode: &Opcode, definitions: &Definitions) -> Json {
    let (attachment, key) = names::document(&opcode.document, definitions);
    let mut json = json!({ "opcode": opcode.operation.name(), "attachment": attachment, "key": key });
    if let (Json::Object(all), Json::Object(members)) = (&mut json, operation_json(&opcode.operation)) {
        all.extend(members);
    }
    json
}

/// What is done to a document, as programs read it.
pub(super) fn operation_json(operation: &Operation) -> Json {
    let mut json = json!({ "opcode": operation.name() });
    if let Some(path) = operation.path() {
        json["path"] = Json::from(path.to_string());
    }
    if let Operation::XArrayInsert { before, .. } = operation {
        json["before"] = if before.is_nil() { Json::Null } else { Json::from(before.to_string()) };
    }
    if let Some(position) = position(operation) {
        json["position"] = Json::from(position.to_string());
    }
    if let Some(argument) = operation.argument() {
        json["value"] = value_json::encode(&argument);
    }
    json
}

fn position(operation: &Operation) -> Option<Uuid> {
    match operation {
        Operation::XArrayInsert { position, .. }
        | Operation::XArrayUpdate { position, .. }
        | Operation::XArrayRemove { position, .. } => Some(*position),
        _ => None,
    }
}
