//! One file for each command: what it takes, and what it does with the library.

pub(crate) mod blame;
pub(crate) mod blob;
pub(crate) mod check;
pub(crate) mod clone;
pub(crate) mod commit;
pub(crate) mod completions;
pub(crate) mod decide;
pub(crate) mod diff;
pub(crate) mod export;
pub(crate) mod extend;
pub(crate) mod flatten;
pub(crate) mod fmt;
pub(crate) mod gc;
pub(crate) mod generate;
pub(crate) mod get;
pub(crate) mod heads;
pub(crate) mod import;
pub(crate) mod info;
pub(crate) mod init;
pub(crate) mod log;
pub(crate) mod ls;
pub(crate) mod manual;
pub(crate) mod merge;
pub(crate) mod model;
pub(crate) mod mutate;
pub(crate) mod ping;
pub(crate) mod quickstart;
pub(crate) mod reduce;
pub(crate) mod serve;
pub(crate) mod show;
pub(crate) mod sync;
pub(crate) mod token;
pub(crate) mod trace;
pub(crate) mod undo;
pub(crate) mod verify;

use anabranch::{Attachment, CommitHeader, CommitId, ConnectOptions, Database, Key, OpenMode, Value};
use serde_json::{Value as Json, json};

use crate::args::{Command, Location};
use crate::error::CliError;
use crate::names;
use crate::output::Ui;
use crate::output::number::of;
use crate::output::time::rfc3339;

/// How a command that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did what it was asked.
    Done,
    /// What it looked at is not as it should be, which it has said.
    Unsound,
    /// There was nothing to do, and it was asked to say so.
    NothingToDo,
}

impl Outcome {
    /// The exit code that scripts see.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unsound => 1,
            Self::NothingToDo => 3,
        }
    }
}

/// Does what was asked.
pub(crate) fn run(command: &Command, ui: &mut Ui) -> Result<Outcome, CliError> {
    match command {
        Command::Quickstart(it) => it.run(ui),
        Command::Check(it) => it.run(ui),
        Command::Fmt(it) => it.run(ui),
        Command::Init(it) => it.run(ui),
        Command::Extend(it) => it.run(ui),
        Command::Generate(it) => it.run(ui),
        Command::Model(it) => it.run(ui),
        Command::Info(it) => it.run(ui),
        Command::Ls(it) => it.run(ui),
        Command::Get(it) => it.run(ui),
        Command::Commit(it) => it.run(ui),
        Command::Set(it) => it.run(ui),
        Command::Update(it) => it.run(ui),
        Command::Union(it) => it.run(ui),
        Command::Subtract(it) => it.run(ui),
        Command::Insert(it) => it.run(ui),
        Command::Remove(it) => it.run(ui),
        Command::Log(it) => it.run(ui),
        Command::Show(it) => it.run(ui),
        Command::Diff(it) => it.run(ui),
        Command::Blame(it) => it.run(ui),
        Command::Trace(it) => it.run(ui),
        Command::Heads(it) => it.run(ui),
        Command::Merge(it) => it.run(ui),
        Command::Reduce(it) => it.run(ui),
        Command::Disable(it) => it.run(ui),
        Command::Enable(it) => it.run(ui),
        Command::Undo(it) => it.run(ui),
        Command::Redo(it) => it.run(ui),
        Command::Blob(it) => it.run(ui),
        Command::Clone(it) => it.run(ui),
        Command::Fetch(it) => it.run(ui),
        Command::Push(it) => it.run(ui),
        Command::Sync(it) => it.run(ui),
        Command::Export(it) => it.run(ui),
        Command::Import(it) => it.run(ui),
        Command::Flatten(it) => it.run(ui),
        Command::Serve(it) => it.run(ui),
        Command::Token(it) => it.run(ui),
        Command::Ping(it) => it.run(ui),
        Command::Verify(it) => it.run(ui),
        Command::Gc(it) => it.run(ui),
        Command::Manual(it) => it.run(ui),
        Command::Completions(it) => it.run(ui),
    }
}

/// Opens a database to be read.
fn open(location: &Location) -> Result<Database, CliError> {
    match location {
        Location::File(path) => Ok(Database::open(path, OpenMode::ReadOnly)?),
        Location::Url(url) => connect(url),
    }
}

/// Connects to a served database, with the token in ANABRANCH_TOKEN, trusting the authorities in the file ANABRANCH_CA.
fn connect(url: &str) -> Result<Database, CliError> {
    let token = std::env::var("ANABRANCH_TOKEN").ok().filter(|token| !token.is_empty());
    let ca = std::env::var_os("ANABRANCH_CA").filter(|path| !path.is_empty()).map(Into::into);
    Ok(anabranch::connect(url, &ConnectOptions { token, ca, ..ConnectOptions::default() })?)
}

/// Opens a database to be written, for commits by this author.
fn open_to_write(location: &Location, author: Option<&str>) -> Result<Database, CliError> {
    let database = match location {
        Location::File(path) => Database::open(path, OpenMode::ReadWrite)?,
        Location::Url(url) => connect(url)?,
    };
    Ok(database.with_author(author.map_or_else(default_author, str::to_owned)))
}

/// Who commits when nobody is named: ANABRANCH_AUTHOR, else the user of this machine.
fn default_author() -> String {
    let named =
        ["ANABRANCH_AUTHOR", "USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    named.unwrap_or_default()
}

/// A commit as programs read it.
fn commit_json(header: &CommitHeader, heads: &[CommitId]) -> Json {
    let id = |id: CommitId| if id.is_zero() { Json::Null } else { Json::from(id.to_string()) };
    json!({
        "id": header.id.to_string(),
        "kind": header.kind.to_string(),
        "parent": id(header.parent),
        "target": id(header.target),
        "generation": header.generation,
        "label": header.metadata.label,
        "author": header.metadata.author,
        "timestamp": rfc3339(header.metadata.timestamp),
        "is_head": heads.contains(&header.id),
    })
}

/// A document as programs read it.
fn document_json(attachment: &Attachment, key: &Key, value: &Value) -> Json {
    json!({
        "attachment": attachment.identifier(),
        "key": names::key_text(attachment, key),
        "value": anabranch::model::json::encode(value),
    })
}

/// Says how many documents were left out.
fn note_rest(shown: usize, all: usize, ui: &mut Ui) -> Result<(), CliError> {
    if all > shown {
        let rest = of((all - shown) as u64, "document is", "documents are");
        ui.note(format_args!("{rest} not shown"))?;
    }
    Ok(())
}
