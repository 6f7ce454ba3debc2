//! `anabranch blob`: the pool of blobs.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Write as _};
use std::path::{Path, PathBuf};

use anabranch::engine::BlobLayout;
use anabranch::engine::storage::BlobRecord;
use anabranch::{BlobId, Database};
use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::{Outcome, open, open_to_write};
use crate::args::Location;
use crate::error::CliError;
use crate::interrupt;
use crate::names;
use crate::output::Ui;
use crate::output::number::{bytes, count, of};
use crate::output::progress::{Progress, Unit};
use crate::output::style::{Label, paint};
use crate::output::table::{Cell, Table};
use crate::output::time::rfc3339;

/// Store blobs, and read them back
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch blob put studio.anb pictures/*.png\n  \
    anabranch blob get studio.anb 91bce0d4 -o picture.png")]
pub(crate) struct Blob {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Put(Put),
    Get(Get),
    Ls(Ls),
    Stat(Stat),
}

/// Store files as blobs, and print their ids
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch blob put studio.anb brick.png\n  \
    generate-points | anabranch blob put studio.anb --layout float-3\n\n\
    A blob that is there already is not stored again.")]
struct Put {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The files; standard input when left out or `-`
    files: Vec<PathBuf>,
    /// What the bytes are: element type and components
    #[arg(long, value_name = "LAYOUT", default_value = "uchar-1")]
    layout: String,
}

/// Write the content of a blob to standard output or a file
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch blob get studio.anb 91bce0d4 -o brick.png")]
struct Get {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The id of the blob, or the first digits of it
    blob: String,
    /// The file to write; there must be none
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    output: Option<PathBuf>,
}

/// List the blobs
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch blob ls studio.anb")]
struct Ls {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
}

/// Say what is known of a blob
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch blob stat studio.anb 91bce0d4")]
struct Stat {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The id of the blob, or the first digits of it
    blob: String,
}

impl Blob {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        match &self.command {
            Command::Put(it) => it.run(ui),
            Command::Get(it) => it.run(ui),
            Command::Ls(it) => it.run(ui),
            Command::Stat(it) => it.run(ui),
        }
    }
}

impl Put {
    fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let layout: BlobLayout = self.layout.parse()?;
        let database = open_to_write(&self.database, None)?;
        let input = [PathBuf::from("-")];
        let files: &[PathBuf] = if self.files.is_empty() { &input } else { &self.files };
        interrupt::keeps("what was told to be stored is, nothing else");
        for file in files {
            let mut progress = ui.progress("storing");
            let (id, size) = put(&database, layout, file, &mut progress)?;
            drop(progress);
            if ui.is_json {
                let layout = layout.to_string();
                let file = file.display().to_string();
                ui.json(&json!({ "blob": id.to_string(), "layout": layout, "size": size, "file": file }))?;
            } else if files.len() == 1 {
                writeln!(ui.out(), "{id}")?;
            } else {
                writeln!(ui.out(), "{}  {}", paint(Label::Id, id), file.display())?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// Stores one file, in memory that does not grow with it.
fn put(
    database: &Database,
    layout: BlobLayout,
    file: &Path,
    progress: &mut Progress,
) -> Result<(BlobId, u64), CliError> {
    let is_input = file.as_os_str() == "-";
    let refused = |error| CliError::file("read", file, &error);
    let (reader, expected): (Box<dyn Read>, u64) = if is_input {
        (Box::new(io::stdin()), 0)
    } else {
        let opened = File::open(file).map_err(refused)?;
        let metadata = opened.metadata().map_err(refused)?;
        if metadata.is_dir() {
            return Err(
                CliError::new(format!("{} is a folder", file.display())).hint("give the paths of files")
            );
        }
        (Box::new(opened), metadata.len())
    };
    let mut counted = Counted { reader, done: 0, expected, progress };
    let id = database.create_blob_from_reader(layout, &mut counted).map_err(|error| {
        let name = if is_input { "standard input".to_owned() } else { file.display().to_string() };
        CliError::from(error).at(name)
    })?;
    Ok((id, counted.done))
}

/// Counts what is read.
struct Counted<'p> {
    reader: Box<dyn Read>,
    done: u64,
    expected: u64,
    progress: &'p mut Progress,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if interrupt::is_asked() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let size = self.reader.read(buffer)?;
        self.done += size as u64;
        let (done, expected) = (self.done, self.expected);
        self.progress.update(done, expected, Unit::Bytes, || match expected {
            0 => bytes(done),
            _ => format!("{} of {}", bytes(done), bytes(expected)),
        });
        Ok(size)
    }
}

impl Get {
    fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let id = names::blob(&database, &self.blob)?;
        let mut blob = database.open_blob(id)?;
        let size = blob.size();
        match &self.output {
            Some(path) => {
                let refused = |error| CliError::file("write", path, &error);
                let mut file = File::create_new(path).map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => CliError::exists(path),
                    _ => refused(error),
                })?;
                let mut progress = ui.progress("writing");
                let stopping = interrupt::stopping(|| {});
                let mut counted =
                    Counted { reader: Box::new(blob), done: 0, expected: size, progress: &mut progress };
                if let Err(error) = io::copy(&mut counted, &mut file).and_then(|_| file.sync_all()) {
                    // Half a file would look like a whole one.
                    let _ = fs::remove_file(path);
                    return Err(if interrupt::is_asked() {
                        CliError::interrupted(format!("{} was not written", path.display()))
                    } else {
                        refused(error)
                    });
                }
                drop((progress, stopping));
                if !ui.is_json {
                    ui.tell(format_args!("{} written to {}", bytes(size), path.display()))?;
                }
            }
            None if io::stdout().is_terminal() => {
                return Err(CliError::new("a blob is bytes, which a terminal cannot show")
                    .hint("name a file with -o FILE, or pipe it to a program"));
            }
            None => {
                // What people read loses its colours on the way to a pipe; these are bytes, which lose nothing.
                let mut out = io::stdout().lock();
                io::copy(&mut blob, &mut out)?;
                out.flush()?;
            }
        }
        Ok(Outcome::Done)
    }
}

impl Ls {
    fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        ui.page();
        let mut table = Table::default();
        for id in database.blob_ids()? {
            let Some(record) = database.blob_info(id)? else { continue };
            if ui.is_json {
                ui.json(&record_json(&record))?;
            } else {
                table.row([
                    Cell::new(Label::Id, id.short()),
                    Cell::new(Label::Plain, record.layout),
                    Cell::number(bytes(record.size)),
                    Cell::new(Label::Time, ui.clock.tell(record.created)),
                ]);
            }
        }
        let width = ui.width;
        table.write(ui.out(), 0, width)?;
        Ok(Outcome::Done)
    }
}

impl Stat {
    fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let id = names::blob(&database, &self.blob)?;
        let snapshot = database.read()?;
        let Some(record) = snapshot.blob(id)? else {
            return Err(CliError::new(format!("there is no blob {id} in {}", database.location())));
        };
        let chunks = snapshot.blob_chunks(id)?;
        if ui.is_json {
            let mut json = record_json(&record);
            json["chunks"] = Json::from(chunks.len());
            ui.json(&json)?;
            return Ok(Outcome::Done);
        }
        let mut table = Table::default();
        let mut line = |name: &str, label, text: String| {
            table.row([Cell::new(Label::Title, name), Cell::new(label, text)]);
        };
        line("blob", Label::Id, id.to_string());
        line("layout", Label::Plain, record.layout.clone());
        line("size", Label::Plain, size_text(record.size));
        line("chunks", Label::Plain, count(chunks.len() as u64));
        line("content", Label::Id, record.content.to_string());
        line("stored", Label::Time, ui.clock.tell(record.created));
        let width = ui.width.max(80);
        table.write(ui.out(), 0, width)?;
        Ok(Outcome::Done)
    }
}

/// `5 bytes`, or `1.2 MB (1,234,567 bytes)`.
fn size_text(size: u64) -> String {
    if size < 1000 { of(size, "byte", "bytes") } else { format!("{} ({} bytes)", bytes(size), count(size)) }
}

fn record_json(record: &BlobRecord) -> Json {
    json!({
        "blob": record.id.to_string(),
        "layout": record.layout,
        "size": record.size,
        "content": record.content.to_string(),
        "stored": rfc3339(record.created),
    })
}
