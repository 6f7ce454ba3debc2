//! `anabranch set`, `update`, `union`, `subtract`, `insert` and `remove`: one mutation as one commit.

use std::fs;
use std::io::{self, Read};
use std::path::Path as FilePath;

use anabranch::dsm;
use anabranch::model::PathComponent;
use anabranch::{Attachment, Definitions, Path};
use clap::Args;
use serde_json::{Map, Value as Json, json};

use super::{Outcome, open_to_write};
use crate::args::Location;
use crate::error::CliError;
use crate::interrupt;
use crate::mutations::{Container, Op, Recorder, container};
use crate::names;
use crate::output::Ui;

/// Which document.
#[derive(Debug, Args)]
struct Document {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The attachment
    attachment: String,
    /// The instance, or the first digits of one that has a document
    key: String,
}

/// What is said about the change.
#[derive(Debug, Args)]
struct Change {
    /// What to call the change; what it does when left out
    #[arg(short = 'm', long = "label", value_name = "LABEL")]
    label: Option<String>,
    /// The commit to stand on, rather than the last one
    #[arg(long, value_name = "COMMIT")]
    on: Option<String>,
    /// Who commits; ANABRANCH_AUTHOR or the user of this machine when left out
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

/// A value.
#[derive(Debug, Args)]
struct Given {
    /// The value as JSON; `-` reads it from standard input, `@FILE` from a file
    #[arg(allow_negative_numbers = true)]
    value: String,
    /// Take VALUE as a text, not as JSON
    #[arg(long)]
    text: bool,
}

/// Set a document, as a commit of its own
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  anabranch set kitchen.anb recipe 50f7 '{\"title\": \"Soup\", \"minutes\": 40}'\n  \
    anabranch get kitchen.anb recipe 50f7 --json | anabranch set copy.anb recipe 50f7 -\n\n\
    The whole document becomes the value: `anabranch update` changes a place in it, which leaves\n\
    what others do elsewhere in it alone."
)]
pub(crate) struct Set {
    #[command(flatten)]
    document: Document,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    change: Change,
}

/// Put a value in a place of a document, as a commit of its own
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch update kitchen.anb recipe 50f7 .minutes 45\n  \
    anabranch update kitchen.anb recipe 50f7 .title --text \"Fish soup\"\n  \
    anabranch update kitchen.anb recipe 50f7 \".prices['fish']\" 12.5")]
pub(crate) struct Update {
    #[command(flatten)]
    document: Document,
    /// The place, as in .items[0].name
    path: String,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    change: Change,
}

/// Add members to a set, or entries to a map, as a commit of its own
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  anabranch union kitchen.anb recipe 50f7 .tags '[\"fish\", \"quick\"]'\n  \
    anabranch union kitchen.anb recipe 50f7 .prices '[[\"fish\", 12.5]]'\n\n\
    The entries of a map are an array of [key, value]; keys that are there get the new value."
)]
pub(crate) struct Union {
    #[command(flatten)]
    document: Document,
    /// The set or map in the document, as in .tags
    path: String,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    change: Change,
}

/// Remove members from a set, or keys from a map, as a commit of its own
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch subtract kitchen.anb recipe 50f7 .tags '[\"quick\"]'\n  \
    anabranch subtract kitchen.anb recipe 50f7 .prices '[\"fish\"]'")]
pub(crate) struct Subtract {
    #[command(flatten)]
    document: Document,
    /// The set or map in the document, as in .tags
    path: String,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    change: Change,
}

/// Insert an element into an xarray, as a commit of its own
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  anabranch insert kitchen.anb recipe 50f7 .steps '\"Boil the water.\"'\n  \
    anabranch insert kitchen.anb recipe 50f7 .steps --text \"Wash the fish.\" \\\n    \
    --before 00000000-0000-4000-8000-00000000000a\n\n\
    The position that the element gets is told; paths name it, as in .steps[{00000000-…}]."
)]
pub(crate) struct Insert {
    #[command(flatten)]
    document: Document,
    /// The xarray in the document, as in .steps
    path: String,
    #[command(flatten)]
    given: Given,
    /// The position to insert before; the end when left out
    #[arg(long, value_name = "POSITION")]
    before: Option<String>,
    /// The position to insert at, a new UUID; one is chosen when left out
    #[arg(long, value_name = "POSITION")]
    position: Option<String>,
    #[command(flatten)]
    change: Change,
}

/// Remove an element from an xarray, as a commit of its own
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    anabranch remove kitchen.anb recipe 50f7 '.steps[{00000000-0000-4000-8000-00000000000a}]'\n\n\
    `anabranch get` shows the positions. Members of sets and keys of maps go by `anabranch subtract`.")]
pub(crate) struct Remove {
    #[command(flatten)]
    document: Document,
    /// The element in the document, as in .steps[{00000000-…}]
    path: String,
    #[command(flatten)]
    change: Change,
}

impl Set {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let value = self.given.read()?;
        mutate(&self.document, &self.change, None, ui, |_, _| Ok((Op::Set, members([("value", value)]))))
    }
}

impl Update {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let value = self.given.read()?;
        mutate(&self.document, &self.change, Some(&self.path), ui, |_, _| {
            Ok((Op::Update, members([("path", Json::from(&*self.path)), ("value", value)])))
        })
    }
}

impl Union {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let value = self.given.read()?;
        mutate(&self.document, &self.change, Some(&self.path), ui, |definitions, attachment| {
            let op = match container_at(&self.path, definitions, attachment)? {
                Container::Set => Op::UnionInSet,
                Container::Map => Op::UnionInMap,
            };
            Ok((op, members([("path", Json::from(&*self.path)), ("value", value)])))
        })
    }
}

impl Subtract {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let value = self.given.read()?;
        mutate(&self.document, &self.change, Some(&self.path), ui, |definitions, attachment| {
            let op = match container_at(&self.path, definitions, attachment)? {
                Container::Set => Op::SubtractInSet,
                Container::Map => Op::SubtractInMap,
            };
            Ok((op, members([("path", Json::from(&*self.path)), ("value", value)])))
        })
    }
}

impl Insert {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let value = self.given.read()?;
        mutate(&self.document, &self.change, Some(&self.path), ui, |_, _| {
            let mut members = members([("path", Json::from(&*self.path)), ("value", value)]);
            for (name, given) in [("before", &self.before), ("position", &self.position)] {
                members.extend(given.as_ref().map(|given| (name.to_owned(), Json::from(&**given))));
            }
            Ok((Op::InsertInXArray, members))
        })
    }
}

impl Remove {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        mutate(&self.document, &self.change, Some(&self.path), ui, |definitions, attachment| {
            let path = parse(&self.path, definitions, attachment)?;
            match (path.components().last(), path.parent()) {
                (Some(PathComponent::Position(position)), Some(xarray)) => {
                    let place = [
                        ("path", Json::from(xarray.to_string())),
                        ("position", Json::from(position.to_string())),
                    ];
                    Ok((Op::RemoveInXArray, members(place)))
                }
                _ => Err(CliError::new(format!("`{path}` is no element of an xarray")).hint(
                    "name its position, as in .steps[{00000000-…}]; `anabranch subtract` removes from sets and maps",
                )),
            }
        })
    }
}

impl Given {
    /// The value, from where it stands.
    fn read(&self) -> Result<Json, CliError> {
        let (place, text) = match (self.value.as_str(), self.value.strip_prefix('@')) {
            ("-", _) => {
                let mut text = String::new();
                let read = io::stdin().read_to_string(&mut text);
                read.map_err(|error| CliError::new(format!("cannot read standard input: {error}")))?;
                ("standard input", text)
            }
            (_, Some(file)) => {
                let text = fs::read_to_string(file)
                    .map_err(|error| CliError::file("read", FilePath::new(file), &error))?;
                (file, text)
            }
            (value, None) => ("VALUE", value.to_owned()),
        };
        if self.text {
            return Ok(Json::from(text));
        }
        dsm::json::parse(&text).map_err(|error| {
            CliError::new(format!("{place} is no JSON: {error}"))
                .hint("texts stand in quotes, as in '\"Soup\"', or are given with --text")
        })
    }
}

fn members<const N: usize>(members: [(&str, Json); N]) -> Map<String, Json> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn parse(text: &str, definitions: &Definitions, attachment: &Attachment) -> Result<Path, CliError> {
    Path::parse(text, attachment.document_type(), definitions)
        .map_err(|error| CliError::path(text, attachment, &error))
}

/// Whether there is a set or a map at a path.
fn container_at(
    path: &str,
    definitions: &Definitions,
    attachment: &Attachment,
) -> Result<Container, CliError> {
    container(&parse(path, definitions, attachment)?, attachment)?.ok_or_else(|| {
        CliError::new(format!("`{path}` of {} may be a set or a map", attachment.identifier())).hint(
            "`anabranch commit` says which: union_in_set, union_in_map, subtract_in_set, subtract_in_map",
        )
    })
}

/// Commits one mutation: the operation, and what it has besides attachment and key.
fn mutate(
    document: &Document,
    change: &Change,
    path: Option<&str>,
    ui: &mut Ui,
    mutation: impl FnOnce(&Definitions, &Attachment) -> Result<(Op, Map<String, Json>), CliError>,
) -> Result<Outcome, CliError> {
    interrupt::keeps("nothing was committed");
    let database = open_to_write(&document.database, change.author.as_deref())?;
    let parent = match &change.on {
        Some(name) => names::commit(&database, name)?,
        None => names::tip(&database, "this stands on the last commit,", ui)?,
    };
    let mut recorder = Recorder::new(database.state(parent)?);
    let attachment = recorder.attachment(&document.attachment)?;
    let key = recorder.key(&attachment, &Json::from(&*document.key))?;
    let (op, members) = mutation(recorder.definitions(), &attachment)?;
    let mut json = json!({ "op": op.name(), "attachment": attachment.identifier(), "key": &document.key });
    if let Json::Object(all) = &mut json {
        all.extend(members);
    }
    recorder.record("", &json)?;
    for warning in recorder.warnings() {
        ui.warn(warning)?;
    }
    if recorder.state().is_empty() {
        ui.note("nothing changes, so nothing was committed")?;
        if ui.is_json {
            ui.json(&json!({ "commit": null, "mutations": 0, "opcodes": 0, "positions": [] }))?;
        }
        return Ok(Outcome::Done);
    }
    let label = change.label.clone().unwrap_or_else(|| {
        let verb = op.name().split('_').next().unwrap_or_default();
        let instance = key.instance().to_string();
        let instance = &instance[..8];
        let place = path.filter(|path| *path != ".").map(|path| format!(" {path}")).unwrap_or_default();
        format!("{verb} {} {instance}{place}", attachment.name().name)
    });
    let id = recorder.commit(&database, &label)?;
    if ui.is_json {
        ui.json(&recorder.report(id))?;
    } else {
        for (_, position) in recorder.positions() {
            ui.note(format_args!("inserted at position {position}"))?;
        }
        writeln!(ui.out(), "{id}")?;
    }
    Ok(Outcome::Done)
}
