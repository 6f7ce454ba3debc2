//! What can be asked for. Each command declares its own arguments beside its code.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands;
use crate::error::CliError;

/// An embedded, typed, versioned database that works offline and replicates.
#[derive(Debug, Parser)]
#[command(
    name = "anabranch",
    version,
    after_help = "New here? `anabranch quickstart` is a tour that really runs.",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How results are written.
#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Print JSON: one document, or one a line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
    /// Print times as dates rather than how long ago
    #[arg(long, global = true, alias = "date")]
    pub(crate) absolute: bool,
    /// Write long output to the terminal as it is, not through a pager
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
}

/// When to colour.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    // Plain comments: documented values would make every help text a page longer.
    // On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Quickstart(commands::quickstart::Quickstart),
    Check(commands::check::Check),
    Fmt(commands::fmt::Fmt),
    Init(commands::init::Init),
    Extend(commands::extend::Extend),
    Model(commands::model::Model),
    Generate(commands::generate::Generate),
    Info(commands::info::Info),
    Ls(commands::ls::Ls),
    Get(commands::get::Get),
    Commit(commands::commit::Commit),
    Set(commands::mutate::Set),
    Update(commands::mutate::Update),
    Union(commands::mutate::Union),
    Subtract(commands::mutate::Subtract),
    Insert(commands::mutate::Insert),
    Remove(commands::mutate::Remove),
    Log(commands::log::Log),
    Show(commands::show::Show),
    Diff(commands::diff::Diff),
    Blame(commands::blame::Blame),
    Trace(commands::trace::Trace),
    Heads(commands::heads::Heads),
    Merge(commands::merge::Merge),
    Reduce(commands::reduce::Reduce),
    Disable(commands::decide::Disable),
    Enable(commands::decide::Enable),
    Undo(commands::undo::Undo),
    Redo(commands::undo::Redo),
    Blob(commands::blob::Blob),
    Clone(commands::clone::Clone),
    Fetch(commands::sync::Fetch),
    Push(commands::sync::Push),
    Sync(commands::sync::Sync),
    Export(commands::export::Export),
    Import(commands::import::Import),
    Flatten(commands::flatten::Flatten),
    Serve(commands::serve::Serve),
    Token(commands::token::Tokens),
    Ping(commands::ping::Ping),
    Verify(commands::verify::Verify),
    Gc(commands::gc::Gc),
    Manual(commands::manual::Manual),
    Completions(commands::completions::Completions),
}

/// The command line, or why it is none.
pub(crate) fn parse<T: Into<OsString> + Clone>(
    words: impl IntoIterator<Item = T>,
) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(words)
}

/// What addresses of servers start with.
const SCHEMES: [&str; 3] = ["http://", "https://", "unix:"];

/// Where a database is.
#[derive(Debug, Clone)]
pub(crate) enum Location {
    /// In a file.
    File(PathBuf),
    /// Behind a server.
    Url(String),
}

impl Location {
    /// The path of the file.
    pub(crate) fn path(&self) -> Result<&Path, CliError> {
        match self {
            Self::File(path) => Ok(path),
            Self::Url(url) => {
                Err(CliError::new(format!("{url} is a served database, and this takes a file"))
                    .hint("give the path of a database file, or run this where the server is"))
            }
        }
    }
}

impl From<OsString> for Location {
    fn from(text: OsString) -> Self {
        match text.to_str() {
            Some(url) if SCHEMES.iter().any(|scheme| url.starts_with(scheme)) => Self::Url(url.to_owned()),
            _ => Self::File(text.into()),
        }
    }
}
