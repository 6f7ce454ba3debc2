//! The manifest: what a bundle holds, and where.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value as Json, json};

use crate::error::BundleError;

/// The name of the manifest in its folder.
pub(crate) const FILE: &str = "manifest.json";
/// What the manifest says it is.
const FORMAT: &str = "dsm-bundle";
/// The version that is written, and the only one that is read.
const VERSION: u64 = 1;
/// What says that blob ids follow from layout and content as they do here.
const OWN_BLOB_IDS: &str = "anabranch-1";

/// What a bundle holds, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) documentation: String,
    pub(crate) definitions: String,
    pub(crate) attachments: Vec<Documents>,
    pub(crate) blobs: Vec<Blob>,
    /// Whether blob ids can be checked.
    pub(crate) has_own_blob_ids: bool,
}

/// The documents of an attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Documents {
    pub(crate) attachment: String,
    pub(crate) file: String,
    /// How many; only for showing how far it is.
    pub(crate) documents: u64,
}

/// A blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blob {
    /// As documents refer to it.
    pub(crate) id: String,
    pub(crate) layout: String,
    pub(crate) size: u64,
    pub(crate) file: String,
}

impl Manifest {
    /// The manifest as JSON, with what it was made from.
    pub(crate) fn encode(&self, source: &Json) -> Json {
        let documents = |it: &Documents| json!({ "attachment": it.attachment, "file": it.file, "documents": it.documents });
        let blob = |it: &Blob| json!({ "id": it.id, "layout": it.layout, "size": it.size, "file": it.file });
        json!({
            "format": FORMAT,
            "version": VERSION,
            "producer": concat!("anabranch ", env!("CARGO_PKG_VERSION")),
            "source": source,
            "documentation": self.documentation,
            "definitions": self.definitions,
            "attachments": self.attachments.iter().map(documents).collect::<Vec<_>>(),
            "blob_ids": OWN_BLOB_IDS,
            "blobs": self.blobs.iter().map(blob).collect::<Vec<_>>(),
        })
    }

    /// Reads the manifest of a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, BundleError> {
        let file = folder.join(FILE);
        if !file.is_file() {
            return Err(BundleError::NoManifest { folder: folder.to_owned() });
        }
        let json = read_json(&file)?;
        let object = Object::of(&file, "$", &json)?;
        let (format, version) = (object.text("format")?, object.number("version")?);
        if format != FORMAT || version != VERSION {
            return Err(BundleError::Format { file, format, version });
        }
        let attachments = object.list("attachments", |it| {
            Ok(Documents {
                attachment: it.text("attachment")?,
                file: it.text("file")?,
                documents: it.optional("documents", |it, name| it.number(name))?.unwrap_or(0),
            })
        })?;
        let blobs = object.optional("blobs", |it, name| {
            it.list(name, |it| {
                Ok(Blob {
                    id: it.text("id")?,
                    layout: it.text("layout")?,
                    size: it.optional("size", |it, name| it.number(name))?.unwrap_or(0),
                    file: it.text("file")?,
                })
            })
        })?;
        let text = |it: &Object<'_>, name: &'static str| it.text(name);
        Ok(Self {
            documentation: object.optional("documentation", text)?.unwrap_or_default(),
            definitions: object.text("definitions")?,
            attachments,
            blobs: blobs.unwrap_or_default(),
            has_own_blob_ids: object.optional("blob_ids", text)?.is_some_and(|ids| ids == OWN_BLOB_IDS),
        })
    }
}

/// Where a file that the manifest names is: somewhere in the folder, whoever wrote the manifest.
pub(crate) fn file_in(folder: &Path, name: &str) -> Result<PathBuf, BundleError> {
    let is_inside = !name.is_empty()
        && Path::new(name).components().all(|component| matches!(component, Component::Normal(_)));
    match is_inside {
        true => Ok(folder.join(name)),
        false => Err(BundleError::Outside { file: folder.join(FILE), name: name.to_owned() }),
    }
}

/// The JSON in a file; a key that stands twice in an object is an error.
pub(crate) fn read_json(file: &Path) -> Result<Json, BundleError> {
    let text = fs::read_to_string(file).map_err(BundleError::io("read", file))?;
    anabranch_dsm::json::parse(&text).map_err(|source| BundleError::Syntax { file: file.to_owned(), source })
}

/// An object in a file.
pub(crate) struct Object<'j> {
    file: &'j Path,
    path: String,
    members: &'j Map<String, Json>,
}

impl<'j> Object<'j> {
    /// The object at a JSON path.
    pub(crate) fn of(file: &'j Path, path: &str, json: &'j Json) -> Result<Self, BundleError> {
        match json {
            Json::Object(members) => Ok(Self { file, path: path.to_owned(), members }),
            _ => Err(BundleError::Member {
                file: file.to_owned(),
                member: path.to_owned(),
                expected: "an object",
            }),
        }
    }

    fn refuse(&self, name: &str, expected: &'static str) -> BundleError {
        BundleError::Member { file: self.file.to_owned(), member: format!("{}.{name}", self.path), expected }
    }

    /// A member of any kind.
    pub(crate) fn member(&self, name: &str) -> Result<&'j Json, BundleError> {
        self.members.get(name).ok_or_else(|| self.refuse(name, "there"))
    }

    pub(crate) fn text(&self, name: &str) -> Result<String, BundleError> {
        let text = self.members.get(name).and_then(Json::as_str);
        text.map(str::to_owned).ok_or_else(|| self.refuse(name, "a text"))
    }

    fn number(&self, name: &str) -> Result<u64, BundleError> {
        self.members.get(name).and_then(Json::as_u64).ok_or_else(|| self.refuse(name, "a whole number"))
    }

    /// The objects in an array.
    pub(crate) fn list<T>(
        &self,
        name: &str,
        mut read: impl FnMut(&Object<'j>) -> Result<T, BundleError>,
    ) -> Result<Vec<T>, BundleError> {
        let items = self.members.get(name).and_then(Json::as_array);
        let items = items.ok_or_else(|| self.refuse(name, "an array"))?;
        let object =
            |(index, item)| read(&Object::of(self.file, &format!("{}.{name}[{index}]", self.path), item)?);
        items.iter().enumerate().map(object).collect()
    }

    /// A member that may be missing, or null.
    fn optional<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&Self, &'static str) -> Result<T, BundleError>,
    ) -> Result<Option<T>, BundleError> {
        match self.members.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(_) => read(self, name).map(Some),
        }
    }
}
