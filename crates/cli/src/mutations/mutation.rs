//! One mutation as it is written: a JSON object, checked for what its operation takes.

use anabranch::Uuid;
use anabranch::model::name::nearest;
use serde_json::{Map, Value as Json};

use crate::error::CliError;

/// An operation of a mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Set,
    Update,
    Diff,
    UnionInSet,
    SubtractInSet,
    UnionInMap,
    SubtractInMap,
    UpdateInMap,
    InsertInXArray,
    UpdateInXArray,
    RemoveInXArray,
}

impl Op {
    const ALL: [Self; 11] = [
        Self::Set,
        Self::Update,
        Self::Diff,
        Self::UnionInSet,
        Self::SubtractInSet,
        Self::UnionInMap,
        Self::SubtractInMap,
        Self::UpdateInMap,
        Self::InsertInXArray,
        Self::UpdateInXArray,
        Self::RemoveInXArray,
    ];

    /// How it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Update => "update",
            Self::Diff => "diff",
            Self::UnionInSet => "union_in_set",
            Self::SubtractInSet => "subtract_in_set",
            Self::UnionInMap => "union_in_map",
            Self::SubtractInMap => "subtract_in_map",
            Self::UpdateInMap => "update_in_map",
            Self::InsertInXArray => "insert_in_xarray",
            Self::UpdateInXArray => "update_in_xarray",
            Self::RemoveInXArray => "remove_in_xarray",
        }
    }

    /// The members that it has besides `op`, `attachment` and `key`.
    fn members(self) -> &'static [&'static str] {
        match self {
            Self::Set => &["value"],
            Self::Diff => &["value", "recursive"],
            Self::Update
            | Self::UnionInSet
            | Self::SubtractInSet
            | Self::UnionInMap
            | Self::SubtractInMap
            | Self::UpdateInMap => &["path", "value"],
            Self::InsertInXArray => &["path", "value", "before", "position"],
            Self::UpdateInXArray => &["path", "position", "value"],
            Self::RemoveInXArray => &["path", "position"],
        }
    }
}

/// The members that every mutation has.
const COMMON: [&str; 3] = ["op", "attachment", "key"];

/// A mutation as it is written.
#[derive(Debug)]
pub(crate) struct Mutation<'j> {
    pub(crate) op: Op,
    pub(crate) attachment: &'j str,
    pub(crate) key: &'j Json,
    members: &'j Map<String, Json>,
}

impl<'j> Mutation<'j> {
    /// Reads the members that every mutation has, and refuses those that this one does not have.
    pub(crate) fn read(json: &'j Json) -> Result<Self, CliError> {
        let Json::Object(members) = json else {
            return Err(CliError::new("a mutation is a JSON object").hint("see `anabranch commit --help`"));
        };
        let op = text(members, "op")?;
        let Some(op) = Op::ALL.into_iter().find(|known| known.name() == op) else {
            let names = Op::ALL.map(Op::name);
            return Err(CliError::new(format!("there is no operation `{op}`"))
                .did_you_mean(nearest(op, names), format!("the operations are {}", names.join(", "))));
        };
        let known = || COMMON.iter().chain(op.members()).copied();
        if let Some(unknown) = members.keys().find(|name| !known().any(|known| known == *name)) {
            let takes = known().collect::<Vec<_>>().join(", ");
            return Err(CliError::new(format!("`{}` does not take `{unknown}`", op.name()))
                .did_you_mean(nearest(unknown, known()), format!("it takes {takes}")));
        }
        let attachment = text(members, "attachment")?;
        let key = member(members, "key")?;
        Ok(Self { op, attachment, key, members })
    }

    /// The path, as it is written; that of the whole document when there is none.
    pub(crate) fn path(&self) -> Result<&'j str, CliError> {
        if self.members.contains_key("path") { text(self.members, "path") } else { Ok(".") }
    }

    /// The value.
    pub(crate) fn value(&self) -> Result<&'j Json, CliError> {
        member(self.members, "value")
    }

    /// The position of an element; none where none is given.
    pub(crate) fn position(&self) -> Result<Option<Uuid>, CliError> {
        uuid(self.members, "position")
    }

    /// The position of an element that is there.
    pub(crate) fn known_position(&self) -> Result<Uuid, CliError> {
        self.position()?.ok_or_else(|| missing("position"))
    }

    /// The position to insert before; the zero id, which means the end, where none is given.
    pub(crate) fn before(&self) -> Result<Uuid, CliError> {
        Ok(uuid(self.members, "before")?.unwrap_or_default())
    }

    /// Whether a difference goes into structures.
    pub(crate) fn is_recursive(&self) -> Result<bool, CliError> {
        match self.members.get("recursive") {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(*flag),
            Some(_) => Err(CliError::new("`recursive` is true or false")),
        }
    }
}

fn missing(name: &str) -> CliError {
    CliError::new(format!("`{name}` is missing")).hint("see `anabranch commit --help`")
}

fn member<'j>(members: &'j Map<String, Json>, name: &str) -> Result<&'j Json, CliError> {
    members.get(name).ok_or_else(|| missing(name))
}

fn text<'j>(members: &'j Map<String, Json>, name: &str) -> Result<&'j str, CliError> {
    member(members, name)?.as_str().ok_or_else(|| CliError::new(format!("`{name}` is a text")))
}

fn uuid(members: &Map<String, Json>, name: &str) -> Result<Option<Uuid>, CliError> {
    match members.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(json) => match json.as_str().map(Uuid::try_parse) {
            Some(Ok(uuid)) => Ok(Some(uuid)),
            _ => Err(CliError::new(format!("`{name}` is a UUID, {json} is not"))),
        },
    }
}
