//! Reading a bundle.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anabranch_dsm::json::DecodeOptions;
use anabranch_engine::{Database, MutableState};
use anabranch_model::json::{JsonError, JsonErrorKind, decode};
use anabranch_model::{Attachment, CommitId, Definitions, Key, Value};
use serde_json::Value as Json;

use crate::error::BundleError;
use crate::manifest::{Manifest, Object, file_in, read_json};
use crate::translation::Translation;
use crate::{Phase, Progress, Report, tell};

/// A bundle, of which the manifest and the definitions were read.
#[derive(Clone, Debug)]
pub struct Bundle {
    folder: PathBuf,
    manifest: Manifest,
    definitions: Definitions,
    translation: Translation,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The commit that has it; none when the database had all of it.
    pub commit: Option<CommitId>,
    /// How many documents are in the bundle.
    pub documents: u64,
    /// How many of them the database did not have as they are.
    pub changed: u64,
    /// How many blobs are in the bundle.
    pub blobs: u64,
    /// How large these are together.
    pub blob_bytes: u64,
}

impl Bundle {
    /// Opens the bundle in a folder.
    ///
    /// Definitions get the runtime ids that follow from what they are, and keys and types in documents those with them;
    /// with `keep_runtime_ids` they keep those that the bundle gives them.
    ///
    /// # Errors
    /// When there is no bundle that can be read.
    pub fn open(folder: &Path, keep_runtime_ids: bool) -> Result<Self, BundleError> {
        let manifest = Manifest::read(folder)?;
        let file = file_in(folder, &manifest.definitions)?;
        let document = read_json(&file)?;
        let options = DecodeOptions::default().with_runtime_ids(keep_runtime_ids);
        let definitions = options
            .decode(&document)
            .map_err(|source| BundleError::Definitions { file, source: Box::new(source) })?;
        let translation = Translation::between(&document, &definitions);
        Ok(Self { folder: folder.to_owned(), manifest, definitions, translation })
    }

    /// What the bundle is for, as whoever wrote it says.
    pub fn documentation(&self) -> &str {
        &self.manifest.documentation
    }

    /// The definitions.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// Brings a bundle into a database, on top of a commit: the definitions that it lacks, the blobs, and one commit
    /// that sets every document that is not as it is in the bundle. Documents that are not in the bundle stay.
    ///
    /// # Errors
    /// When the bundle cannot be read, the database means other things by the same names, or fails, or `report` says so.
    /// There may be definitions and blobs then, never a part of the documents.
    pub fn import(
        mut self,
        database: &Database,
        parent: CommitId,
        label: &str,
        report: &mut Report<'_>,
    ) -> Result<Imported, BundleError> {
        database.extend_definitions(&self.definitions)?;
        let blob_bytes = self.blobs(database, report)?;
        let mut mutable = MutableState::new(database.state(parent)?);
        let mut imported =
            Imported { blobs: self.manifest.blobs.len() as u64, blob_bytes, ..Imported::default() };
        let expected = self.manifest.attachments.iter().map(|it| it.documents).sum();
        for entry in &self.manifest.attachments {
            let file = file_in(&self.folder, &entry.file)?;
            let attachment = self.attachment(&file, &entry.attachment)?;
            let json = read_json(&file)?;
            let documents = Object::of(&file, "$", &json)?;
            let mut index = 0;
            documents.list("documents", |document| {
                let json = (document.member("key")?.clone(), document.member("value")?.clone());
                let (key, value) = self.document(&attachment, json).map_err(|source| {
                    BundleError::Document { file: file.clone(), index, source: Box::new(source) }
                })?;
                if mutable.base().get(&attachment, &key)?.as_ref() != Some(&value) {
                    mutable.set(&attachment, &key, value)?;
                    imported.changed += 1;
                }
                index += 1;
                imported.documents += 1;
                tell(report, Phase::Documents, imported.documents, expected)
            })?;
        }
        if imported.changed > 0 || parent.is_zero() {
            imported.commit = Some(database.commit_mutations(label, &mutable)?);
        }
        Ok(imported)
    }

    fn attachment(&self, file: &Path, name: &str) -> Result<Arc<Attachment>, BundleError> {
        let found = self.definitions.attachments().find(|attachment| attachment.identifier() == name);
        found.cloned().ok_or_else(|| BundleError::Attachment { file: file.to_owned(), name: name.to_owned() })
    }

    fn document(
        &self,
        attachment: &Attachment,
        (mut key, mut value): (Json, Json),
    ) -> Result<(Key, Value), JsonError> {
        let (key_type, document_type) = (attachment.key_type(), attachment.document_type());
        self.translation.value(&mut key, &key_type, &self.definitions);
        self.translation.value(&mut value, document_type, &self.definitions);
        let value = decode(&value, document_type, &self.definitions)?;
        match decode(&key, &key_type, &self.definitions)? {
            Value::Key(key) => Ok((key, value)),
            other => {
                let kind = JsonErrorKind::Expected { expected: "a key".to_owned(), found: other.to_string() };
                Err(JsonError { path: "$".to_owned(), kind })
            }
        }
    }

    /// Stores the blobs, and learns what they are called here.
    fn blobs(&mut self, database: &Database, report: &mut Report<'_>) -> Result<u64, BundleError> {
        let expected = self.manifest.blobs.iter().map(|blob| blob.size).sum();
        let mut done = 0;
        for blob in &self.manifest.blobs {
            let path = file_in(&self.folder, &blob.file)?;
            let file = File::open(&path).map_err(BundleError::io("read", &path))?;
            let layout = blob.layout.parse()?;
            let mut reader = Counted { file, done, expected, report, is_cancelled: false };
            let stored = database.create_blob_from_reader(layout, &mut reader);
            if reader.is_cancelled {
                return Err(BundleError::Cancelled);
            }
            done = reader.done;
            let found = stored?;
            if self.manifest.has_own_blob_ids && blob.id != found.to_string() {
                return Err(BundleError::Blob { file: path, id: blob.id.clone(), found });
            }
            self.translation.blob(blob.id.clone(), found.to_string());
        }
        Ok(done)
    }
}

/// Counts what is read.
struct Counted<'r, 'f> {
    file: File,
    done: u64,
    expected: u64,
    report: &'r mut Report<'f>,
    is_cancelled: bool,
}

impl Read for Counted<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.file.read(buffer)?;
        self.done += size as u64;
        let progress = Progress { phase: Phase::Blobs, done: self.done, expected: self.expected };
        if (self.report)(progress) == ControlFlow::Break(()) {
            self.is_cancelled = true;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(size)
    }
}
