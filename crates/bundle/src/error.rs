//! Why a bundle could not be written or read.

use std::io;
use std::path::PathBuf;

use anabranch_engine::{Error, MutationError};

/// Why a bundle could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A file cannot be read or written.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// There is something in the folder that a bundle was to be written to.
    #[error("{} is not empty; name a new folder", .folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder has no manifest.
    #[error("{} is no bundle, it has no manifest.json; name the folder that `export` wrote", .folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// A file is not JSON.
    #[error("{}: this is no JSON: {source}", .file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: serde_json::Error,
    },
    /// A file has no such member, or it is something else than it must be.
    #[error("{}: `{member}` must be {expected}", .file.display())]
    Member {
        /// The file.
        file: PathBuf,
        /// The JSON path of the member.
        member: String,
        /// What it must be.
        expected: &'static str,
    },
    /// The manifest is one of something else, or of a version that is not known.
    #[error("{}: this is `{format}`, version {version}, which cannot be read; `dsm-bundle` of version 1 can", .file.display())]
    Format {
        /// The manifest.
        file: PathBuf,
        /// What it says it is.
        format: String,
        /// Which version of it.
        version: u64,
    },
    /// The manifest names a file outside of its folder.
    #[error("{}: `{name}` is no file in the bundle", .file.display())]
    Outside {
        /// The manifest.
        file: PathBuf,
        /// What it names.
        name: String,
    },
    /// The definitions are none.
    #[error("{}: {source}", .file.display())]
    Definitions {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: Box<anabranch_dsm::json::JsonError>,
    },
    /// There are documents of an attachment that is not defined.
    #[error("{}: there is no attachment `{name}` in the definitions", .file.display())]
    Attachment {
        /// The file.
        file: PathBuf,
        /// The name of the attachment.
        name: String,
    },
    /// A document is not of its type.
    #[error("{}: document {index}: {source}", .file.display())]
    Document {
        /// The file.
        file: PathBuf,
        /// Which one, from 0.
        index: usize,
        /// Why not.
        source: Box<anabranch_model::json::JsonError>,
    },
    /// The content of a blob is not what its id says.
    #[error("{}: this is blob {found}, not {id}; the file is damaged", .file.display())]
    Blob {
        /// The file.
        file: PathBuf,
        /// The id that the manifest gives it.
        id: String,
        /// What the content gives.
        found: anabranch_model::BlobId,
    },
    /// A mutation was refused.
    #[error(transparent)]
    Mutation(#[from] MutationError),
    /// The database refused or failed.
    #[error(transparent)]
    Engine(#[from] Error),
    /// It was asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl BundleError {
    /// Says what failed on a file.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
