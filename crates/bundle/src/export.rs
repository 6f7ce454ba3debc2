//! Writing a bundle.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use anabranch_engine::{Database, DocumentId, Error, MutationError, State};
use anabranch_model::json::encode;
use anabranch_model::{Attachment, BlobId, CommitId, Value};
use serde_json::{Value as Json, json};

use crate::error::BundleError;
use crate::manifest::{self, Blob, Documents, Manifest};
use crate::{Phase, Report, tell};

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many attachments have documents.
    pub attachments: u64,
    /// How many documents.
    pub documents: u64,
    /// How many blobs.
    pub blobs: u64,
    /// How large these are together.
    pub blob_bytes: u64,
}

/// Writes the state at a commit to a folder that is new or empty: the definitions, every document, and the blobs that
/// documents refer to.
///
/// The manifest comes last: without it the folder is no bundle. What fails or is cancelled is removed again.
///
/// # Errors
/// When there is something in the folder, it cannot be written, the state or a blob cannot be read, or `report` says so.
pub fn export(
    database: &Database,
    commit: CommitId,
    folder: &Path,
    report: &mut Report<'_>,
) -> Result<Exported, BundleError> {
    let is_new = enter(folder)?;
    let mut written = Written { folder, has_folder: is_new, is_complete: false };
    let state = database.state(commit)?;
    let exported = write(database, &state, folder, report)?;
    written.is_complete = true;
    Ok(exported)
}

/// Makes sure that the folder is there and empty; answers whether it was made.
fn enter(folder: &Path) -> Result<bool, BundleError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(BundleError::NotEmpty { folder: folder.to_owned() }),
            None => Ok(false),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir(folder).map_err(BundleError::io("create", folder))?;
            Ok(true)
        }
        Err(error) => Err(BundleError::io("read", folder)(error)),
    }
}

/// Removes what was written unless all was.
struct Written<'f> {
    folder: &'f Path,
    has_folder: bool,
    is_complete: bool,
}

impl Drop for Written<'_> {
    fn drop(&mut self) {
        if self.is_complete {
            return;
        }
        // Only what this program writes: whoever put something else there meanwhile keeps it.
        for folder in ["documents", "blobs"] {
            let _ = fs::remove_dir_all(self.folder.join(folder));
        }
        for file in ["definitions.json", manifest::FILE] {
            let _ = fs::remove_file(self.folder.join(file));
        }
        if self.has_folder {
            let _ = fs::remove_dir(self.folder);
        }
    }
}

fn write(
    database: &Database,
    state: &State,
    folder: &Path,
    report: &mut Report<'_>,
) -> Result<Exported, BundleError> {
    let mut manifest = Manifest {
        documentation: database.documentation().to_owned(),
        definitions: "definitions.json".to_owned(),
        ..Manifest::default()
    };
    write_json(&folder.join(&manifest.definitions), &anabranch_dsm::json::encode(state.definitions()))?;
    let ids = state.ids()?;
    let mut exported = Exported { documents: ids.len() as u64, ..Exported::default() };
    let mut blobs = BTreeSet::new();
    let mut done = 0;
    if !ids.is_empty() {
        let documents = folder.join("documents");
        fs::create_dir(&documents).map_err(BundleError::io("create", &documents))?;
    }
    let mut names = HashSet::new();
    for (attachment, ids) in by_attachment(state, ids)? {
        let file = format!("documents/{}", file_name(&attachment, &mut names));
        let path = folder.join(&file);
        let number = ids.len() as u64;
        let mut visit = |value: &Value| -> Result<(), BundleError> {
            value.visit_blob_ids(&mut |id| {
                blobs.insert(id);
            });
            done += 1;
            tell(report, Phase::Documents, done, exported.documents)
        };
        write_documents(&path, state, &attachment, &ids, &mut visit)?;
        manifest.attachments.push(Documents { attachment, file, documents: number });
    }
    exported.attachments = manifest.attachments.len() as u64;
    manifest.blobs = write_blobs(database, blobs, folder, report)?;
    exported.blobs = manifest.blobs.len() as u64;
    exported.blob_bytes = manifest.blobs.iter().map(|blob| blob.size).sum();
    let source = json!({ "database": database.uuid().to_string(), "commit": state.commit_id().to_string() });
    write_json(&folder.join(manifest::FILE), &manifest.encode(&source))?;
    Ok(exported)
}

/// The documents of each attachment, by its identifier.
fn by_attachment(
    state: &State,
    ids: Vec<DocumentId>,
) -> Result<BTreeMap<String, Vec<DocumentId>>, BundleError> {
    let mut sorted: BTreeMap<String, Vec<DocumentId>> = BTreeMap::new();
    for id in ids {
        sorted.entry(attachment_of(state, &id)?.identifier()).or_default().push(id);
    }
    Ok(sorted)
}

fn attachment_of<'s>(state: &'s State, id: &DocumentId) -> Result<&'s Attachment, BundleError> {
    let attachment = state.definitions().attachment(id.attachment);
    Ok(attachment
        .ok_or_else(|| MutationError::UnknownAttachment { attachment: id.attachment.to_string() })?)
}

/// A name for the file of an attachment, unlike all others even where capitals do not count.
fn file_name(attachment: &str, names: &mut HashSet<String>) -> String {
    let stem = attachment.replace("::", ".");
    let mut name = format!("{stem}.json");
    let mut number = 2;
    while !names.insert(name.to_lowercase()) {
        name = format!("{stem}-{number}.json");
        number += 1;
    }
    name
}

/// Writes the documents of an attachment, one a line.
fn write_documents(
    path: &Path,
    state: &State,
    attachment: &str,
    ids: &[DocumentId],
    visit: &mut dyn FnMut(&Value) -> Result<(), BundleError>,
) -> Result<(), BundleError> {
    let refused = || BundleError::io("write", path);
    let mut out = BufWriter::new(File::create_new(path).map_err(BundleError::io("create", path))?);
    let name = Json::from(attachment);
    write!(out, "{{\n\"attachment\": {name},\n\"documents\": [").map_err(refused())?;
    let mut separator = "\n";
    for id in ids {
        let Some(value) = state.document(id)? else { continue };
        let key = encode(&Value::Key(id.key.clone()));
        let document = json!({ "key": key, "value": encode(&value) });
        write!(out, "{separator}{document}").map_err(refused())?;
        separator = ",\n";
        visit(&value)?;
    }
    write!(out, "\n]\n}}\n").map_err(refused())?;
    let file = out.into_inner().map_err(|error| refused()(error.into_error()))?;
    file.sync_all().map_err(refused())
}

fn write_blobs(
    database: &Database,
    ids: BTreeSet<BlobId>,
    folder: &Path,
    report: &mut Report<'_>,
) -> Result<Vec<Blob>, BundleError> {
    let mut blobs = Vec::new();
    for id in ids {
        let record = database.blob_info(id)?.ok_or(Error::BlobNotFound { id })?;
        let file = format!("blobs/{id}");
        blobs.push(Blob { id: id.to_string(), layout: record.layout, size: record.size, file });
    }
    if blobs.is_empty() {
        return Ok(blobs);
    }
    let expected = blobs.iter().map(|blob| blob.size).sum();
    let into = folder.join("blobs");
    fs::create_dir(&into).map_err(BundleError::io("create", &into))?;
    let mut done = 0;
    let mut buffer = vec![0; 256 * 1024];
    for blob in &blobs {
        let path = folder.join(&blob.file);
        let refused = || BundleError::io("write", &path);
        let id = blob.id.parse().map_err(|_| Error::BlobNotFound { id: BlobId::ZERO })?;
        let mut reader = database.open_blob(id)?;
        let mut file = File::create_new(&path).map_err(BundleError::io("create", &path))?;
        loop {
            let size = reader.read(&mut buffer).map_err(BundleError::io("read the blob for", &path))?;
            if size == 0 {
                break;
            }
            file.write_all(&buffer[..size]).map_err(refused())?;
            done += size as u64;
            tell(report, Phase::Blobs, done, expected)?;
        }
        file.sync_all().map_err(refused())?;
    }
    Ok(blobs)
}

/// Writes JSON as people read it.
fn write_json(path: &Path, json: &Json) -> Result<(), BundleError> {
    let refused = || BundleError::io("write", path);
    let mut file = File::create_new(path).map_err(BundleError::io("create", path))?;
    writeln!(file, "{json:#}").map_err(refused())?;
    file.sync_all().map_err(refused())
}
