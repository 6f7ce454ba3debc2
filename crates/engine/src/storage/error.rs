//! What can go wrong with a storage, said so that a person knows what to do.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use anabranch_model::{BlobId, ChunkId, CommitId};

/// Why a storage could not do what it was asked.
///
/// Each message is one line that says what failed, on what, and what helps. A failed call has changed nothing; a failed
/// [`Transaction`](super::Transaction) call leaves a transaction that can only be dropped when the medium itself failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// There is nothing at the path.
    #[error("there is no file {}; check the path, or create a database there", path.display())]
    FileMissing {
        /// What was to be opened.
        path: PathBuf,
    },
    /// Something is already where a database was to be created.
    #[error("{} exists already; open it, or choose another name", path.display())]
    FileExists {
        /// What was to be created.
        path: PathBuf,
    },
    /// A journal of an earlier database of the same name would be played into a new one.
    #[error(
        "{} is left of an earlier database of the same name; move or remove it before creating a new one",
        path.display()
    )]
    LeftoverJournal {
        /// The journal.
        path: PathBuf,
    },
    /// The path names something that is not a regular file.
    #[error("{} is not a file; give the path of a database file", path.display())]
    NotAFile {
        /// What was to be opened.
        path: PathBuf,
    },
    /// The file holds nothing at all.
    #[error("{} is an empty file, not a database; remove it to create a database there", path.display())]
    EmptyFile {
        /// What was to be opened.
        path: PathBuf,
    },
    /// The file does not start as a database does.
    #[error("{} is not a database: it does not start like one; check the path", path.display())]
    NotADatabase {
        /// What was to be opened.
        path: PathBuf,
    },
    /// The file is an SQLite database of another application.
    #[error(
        "{} is an SQLite database of another application (application id {application_id:#010x}); check the path",
        path.display()
    )]
    ForeignDatabase {
        /// What was to be opened.
        path: PathBuf,
        /// Whose file it is.
        application_id: i32,
    },
    /// The file was written by a later version of Anabranch. It was left untouched.
    #[error(
        "{} has format version {found}, this program knows versions up to {known}; use a newer Anabranch",
        path.display()
    )]
    NewerFormat {
        /// What was to be opened.
        path: PathBuf,
        /// The version that the file says it has.
        found: i32,
        /// The latest version that this program can read.
        known: i32,
    },
    /// The file is shorter than its header says.
    #[error(
        "{} is truncated: its {size} bytes are fewer than its header announces; restore it from a copy or a replica",
        path.display()
    )]
    Truncated {
        /// The damaged file.
        path: PathBuf,
        /// How long it is.
        size: u64,
    },
    /// What was read is not what a database holds.
    #[error("{} is damaged: {detail}; restore it from a copy or a replica", path.display())]
    Corrupt {
        /// The damaged file.
        path: PathBuf,
        /// What was found, and where.
        detail: String,
        /// What SQLite said, where it found the damage.
        #[source]
        source: Option<rusqlite::Error>,
    },
    /// The file cannot be read by whoever runs this.
    #[error("{} cannot be read; check that you have permission to", path.display())]
    NotReadable {
        /// What was to be opened.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file may be read but not written.
    #[error("{} cannot be written: {reason}; make it writable or open it read-only", path.display())]
    NotWritable {
        /// What was to be opened or written.
        path: PathBuf,
        /// What is in the way.
        reason: &'static str,
    },
    /// The storage was opened to be read only.
    #[error("{location} is open read-only; open it for writing to change it")]
    ReadOnly {
        /// What was to be written.
        location: String,
    },
    /// Changes wait in a journal that cannot be folded in where the file is.
    #[error(
        "{} has changes in its journal that cannot be read where it is; copy both to a writable folder and open them \
         there",
        path.display()
    )]
    UnfinishedJournal {
        /// What was to be opened.
        path: PathBuf,
    },
    /// Another file stands where this one stood when it was opened.
    #[error("{} was moved or replaced while it was open; open it again", path.display())]
    Replaced {
        /// The path that now names another file.
        path: PathBuf,
    },
    /// Another writer did not finish in time.
    #[error(
        "{location} is locked by another writer (waited {:.1} s); try again when it has finished",
        waited.as_secs_f64()
    )]
    Locked {
        /// What was to be written.
        location: String,
        /// How long this one waited.
        waited: Duration,
    },
    /// There is no room left.
    #[error("the disk that holds {} is full; nothing was changed: make room and try again", path.display())]
    DiskFull {
        /// What was to be written.
        path: PathBuf,
    },
    /// The transaction failed earlier and was rolled back.
    #[error("the transaction on {location} failed earlier and was rolled back; start another one")]
    TransactionFailed {
        /// What was to be written.
        location: String,
    },
    /// A number or a size is more than a storage can hold.
    #[error("{what} is {value}, the storage holds at most {limit}")]
    OutOfRange {
        /// What was to be stored.
        what: &'static str,
        /// How much or many it is.
        value: u64,
        /// The most that can be stored.
        limit: u64,
    },
    /// There is no such commit.
    #[error("there is no commit {id} here; check the id, or fetch it first")]
    CommitNotFound {
        /// The unknown commit.
        id: CommitId,
    },
    /// A commit cannot be added without its parent or its target.
    #[error("commit {commit} depends on commit {missing}, which is not here; add that one first")]
    MissingDependency {
        /// The commit that was to be added.
        commit: CommitId,
        /// The dependency.
        missing: CommitId,
    },
    /// A commit cannot be added without the blobs that it refers to.
    #[error("commit {commit} refers to blob {blob}, which is not here; create the blob first")]
    MissingBlob {
        /// The commit that was to be added.
        commit: CommitId,
        /// The blob.
        blob: BlobId,
    },
    /// A blob cannot be added without its chunks.
    #[error("blob {blob} has chunk {chunk}, which is not here; add its chunks first")]
    MissingChunk {
        /// The blob that was to be added.
        blob: BlobId,
        /// The chunk.
        chunk: ChunkId,
    },
    /// A commit that another one needs stays.
    #[error(
        "commit {id} cannot be deleted: commit {by} refers to it; only a head that nothing refers to can be"
    )]
    CommitReferenced {
        /// The commit that was to be deleted.
        id: CommitId,
        /// One that has it as parent or target.
        by: CommitId,
    },
    /// There is no such blob.
    #[error("there is no blob {id} here; check the id, or fetch it first")]
    BlobNotFound {
        /// The unknown blob.
        id: BlobId,
    },
    /// A blob that a commit refers to stays.
    #[error("blob {id} cannot be deleted: commit {by} refers to it")]
    BlobReferenced {
        /// The blob that was to be deleted.
        id: BlobId,
        /// One that refers to it.
        by: CommitId,
    },
    /// There is no such chunk.
    #[error("there is no chunk {id} here; store the blob that has it again")]
    ChunkNotFound {
        /// The unknown chunk.
        id: ChunkId,
    },
    /// A chunk that a blob uses stays.
    #[error("chunk {id} cannot be deleted: blob {by} uses it")]
    ChunkUsed {
        /// The chunk that was to be deleted.
        id: ChunkId,
        /// A blob that uses it.
        by: BlobId,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file, or one that belongs beside it, cannot be opened any more.
    #[error("{} cannot be opened: {}; check the file and its folder", path.display(), one_line(source))]
    CannotOpen {
        /// What was to be opened.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The medium that the file is on failed.
    #[error("reading or writing {} failed: {}; check the disk", path.display(), one_line(source))]
    MediumFailed {
        /// What was read or written.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The database is elsewhere, and what was asked takes its file.
    #[error("{location} is elsewhere; collect garbage and mend damage where its file is")]
    Elsewhere {
        /// Where it is.
        location: String,
    },
    /// The database is elsewhere, and asking it failed.
    #[error("{location}: {message}")]
    Remote {
        /// Where it is.
        location: String,
        /// What went wrong, and what helps, as the connection or the server said.
        message: String,
        /// The failure itself.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// SQLite failed in a way that has no name of its own here.
    #[error("SQLite failed on {}: {}", path.display(), one_line(source))]
    Sqlite {
        /// On what.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
}

/// The message of an error without line breaks, which SQLite's messages may have.
fn one_line(error: &rusqlite::Error) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
