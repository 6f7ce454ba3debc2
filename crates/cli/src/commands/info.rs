//! `anabranch info`: what a database is and how much is in it.

use std::fs;

use anabranch::{CommitId, Database, Definitions};
use clap::Args;
use serde_json::json;

use super::{Outcome, commit_json, open};
use crate::args::Location;
use crate::error::CliError;
use crate::names;
use crate::output::Ui;
use crate::output::number::{bytes, count, of};
use crate::output::style::Label;
use crate::output::table::{Cell, Table};
use crate::output::text;
use crate::output::time::rfc3339;

/// Say what a database is, and how much is in it
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch info studio.anb\n  \
    anabranch info studio.anb --fingerprint    # equal where the documents are")]
pub(crate) struct Info {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// Print only the fingerprint of the state: equal on two databases exactly when their documents are
    #[arg(long)]
    fingerprint: bool,
    /// Of which commit's state, rather than the last one's
    #[arg(long, value_name = "COMMIT", requires = "fingerprint")]
    at: Option<String>,
}

impl Info {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        if self.fingerprint {
            return self.fingerprint(&database, ui);
        }
        let meta = database.meta()?;
        let statistics = database.statistics()?;
        let definitions = database.definitions()?;
        let heads = database.head_commit_ids()?;
        let last = database.last_commit_id()?.map(|id| database.commit_header(id)).transpose()?;
        let file_bytes = self.file_bytes();
        if ui.is_json {
            ui.json(&json!({
                "database": database.location(),
                "uuid": meta.uuid.to_string(),
                "documentation": meta.documentation,
                "created": rfc3339(meta.created),
                "is_synchronised": meta.synchronised,
                "file_bytes": file_bytes,
                "definitions": {
                    "concepts": definitions.concepts().count(),
                    "clubs": definitions.clubs().count(),
                    "enumerations": definitions.enumerations().count(),
                    "structures": definitions.structures().count(),
                    "attachments": definitions.attachments().count(),
                    "function_pools": definitions.function_pools().count(),
                },
                "commits": statistics.commits,
                "payload_bytes": statistics.payload_bytes,
                "blobs": statistics.blobs,
                "blob_bytes": statistics.blob_bytes,
                "chunks": statistics.chunks,
                "chunk_bytes": statistics.chunk_bytes,
                "heads": heads.iter().map(CommitId::to_string).collect::<Vec<_>>(),
                "last_commit": last.as_ref().map(|header| commit_json(header, &heads)),
            }))?;
            return Ok(Outcome::Done);
        }
        let mut table = Table::default();
        let mut line = |name: &str, label, text: String| {
            table.row([Cell::new(Label::Title, name), Cell::new(label, text)]);
        };
        line("database", Label::Plain, format!("{} ({})", database.location(), bytes(file_bytes)));
        line("uuid", Label::Id, meta.uuid.to_string());
        if !meta.documentation.is_empty() {
            line("for", Label::Plain, text::one_line(&meta.documentation));
        }
        line("created", Label::Time, ui.clock.tell(meta.created));
        line("definitions", Label::Plain, definitions_text(&definitions));
        let payloads = bytes(statistics.payload_bytes);
        line("commits", Label::Plain, format!("{} ({payloads})", count(statistics.commits)));
        let blobs = match statistics.blobs {
            0 => "0".to_owned(),
            blobs => format!(
                "{} ({}; {} on disk in {})",
                count(blobs),
                bytes(statistics.blob_bytes),
                bytes(statistics.chunk_bytes),
                of(statistics.chunks, "chunk", "chunks")
            ),
        };
        line("blobs", Label::Plain, blobs);
        line("heads", Label::Plain, count(heads.len() as u64));
        let last = last.map_or_else(
            || "none yet".to_owned(),
            |header| {
                let when = ui.clock.tell(header.metadata.timestamp);
                format!("{}  {when}  {}", header.id.short(), text::label(&header.metadata.label))
            },
        );
        line("last commit", Label::Plain, last);
        let width = ui.width;
        table.write(ui.out(), 0, width)?;
        Ok(Outcome::Done)
    }

    fn fingerprint(&self, database: &Database, ui: &mut Ui) -> Result<Outcome, CliError> {
        let commit = names::last_or(database, self.at.as_deref(), ui)?;
        let fingerprint = database.state(commit)?.fingerprint()?;
        if ui.is_json {
            ui.json(&json!({ "commit": commit.to_string(), "fingerprint": fingerprint.to_string() }))?;
        } else {
            writeln!(ui.out(), "{fingerprint}")?;
        }
        Ok(Outcome::Done)
    }

    /// How much the database takes on disk, its journal included.
    fn file_bytes(&self) -> u64 {
        let Ok(path) = self.database.path() else { return 0 };
        let mut journal = path.as_os_str().to_owned();
        journal.push("-wal");
        let size = |path: &std::path::Path| fs::metadata(path).map(|file| file.len()).unwrap_or(0);
        size(path) + size(journal.as_ref())
    }
}

/// `6 concepts, 1 club, 5 enumerations, …`, without the kinds that there are none of.
fn definitions_text(definitions: &Definitions) -> String {
    let kinds = [
        (definitions.concepts().count(), "concept", "concepts"),
        (definitions.clubs().count(), "club", "clubs"),
        (definitions.enumerations().count(), "enumeration", "enumerations"),
        (definitions.structures().count(), "structure", "structures"),
        (definitions.attachments().count(), "attachment", "attachments"),
        (definitions.function_pools().count(), "function pool", "function pools"),
    ];
    let some = kinds.into_iter().filter(|(number, ..)| *number > 0);
    let text: Vec<String> = some.map(|(number, one, many)| of(number as u64, one, many)).collect();
    if text.is_empty() { "none".to_owned() } else { text.join(", ") }
}
