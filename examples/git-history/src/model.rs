//! What becomes of a tree and of a commit.

use std::sync::Arc;

use anabranch::dsm::{Sources, parse};
use anabranch::model::json::decode;
use anabranch::{Attachment, BlobId, Database, Definitions, Key, Uuid, Value};
use serde_json::{Value as Json, json};

use crate::error::HistoryError;
use crate::git::Revision;

/// The model of git histories.
const MODEL: &str = include_str!("git.dsm");

/// The definitions of git histories, and what is taken from them.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) definitions: Definitions,
    pub(crate) entry: Arc<Attachment>,
    pub(crate) origin: Arc<Attachment>,
}

impl Model {
    /// The definitions for a new database.
    pub(crate) fn definitions() -> Definitions {
        parse(&Sources::single("git.dsm", MODEL)).model.unwrap_or_default()
    }

    /// What a database has of them.
    pub(crate) fn of(database: &Database) -> Result<Self, HistoryError> {
        let definitions = database.definitions()?;
        let missing = || HistoryError::Model { location: database.location() };
        let entry = definitions.find_attachment("Git::File.entry").cloned().ok_or_else(missing)?;
        let origin = definitions.find_attachment("Git::Revision.origin").cloned().ok_or_else(missing)?;
        Ok(Self { definitions, entry, origin })
    }

    /// The file at a path.
    pub(crate) fn file(&self, path: &[u8]) -> Option<Key> {
        self.entry.create_key(instance("file", path))
    }

    /// The revision of an id.
    pub(crate) fn revision(&self, id: &str) -> Option<Key> {
        self.origin.create_key(instance("revision", id.as_bytes()))
    }

    /// What stands at a path; nothing, where it is removed.
    pub(crate) fn entry(
        &self,
        path: &[u8],
        entry: Option<(u32, &str, BlobId)>,
    ) -> Result<Value, HistoryError> {
        let json = match entry {
            None => Json::Null,
            Some((mode, object, content)) => json!({
                "path": String::from_utf8_lossy(path),
                "mode": mode_name(mode),
                "object": object,
                "content": content.to_string(),
            }),
        };
        Ok(decode(&json, self.entry.document_type(), &self.definitions)?)
    }

    /// What git says of a commit besides its tree.
    pub(crate) fn origin(&self, revision: &Revision) -> Result<Value, HistoryError> {
        let json = json!({
            "commit": revision.id,
            "parents": revision.parents,
            "author": revision.author,
            "email": revision.email,
            "time": revision.time,
            "message": revision.message,
        });
        Ok(decode(&json, self.origin.document_type(), &self.definitions)?)
    }
}

/// The id of a commit that an origin holds.
pub(crate) fn commit_of(origin: &Value) -> Option<String> {
    match anabranch::Path::from_field("commit").at(origin) {
        Ok(Value::String(id)) => Some(id.to_string()),
        _ => None,
    }
}

/// Whether git keeps a commit there, not a content.
pub(crate) fn is_submodule(mode: u32) -> bool {
    mode & 0o170_000 == 0o160_000
}

/// The case of `Git::Mode` for a mode of git.
pub(crate) fn mode_name(mode: u32) -> &'static str {
    match mode & 0o170_000 {
        0o160_000 => ".submodule",
        0o120_000 => ".link",
        _ if mode & 0o111 != 0 => ".executable",
        _ => ".file",
    }
}

/// An instance that follows from a name: the same file is the same instance in every import.
fn instance(kind: &str, name: &[u8]) -> Uuid {
    // 128 bits of the id that the name would have as a blob, which is a hash.
    let mut text = kind.as_bytes().to_vec();
    text.push(0);
    text.extend_from_slice(name);
    let hash = anabranch::CommitId::of(&text);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    // Version 8, variant 1: a UUID of one's own making.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Uuid::from_bytes(bytes)
}
