//! Creating a file, all of it or none.
//!
//! It is made under another name in the same folder, made durable there, and only then given its name, which fails when
//! there is one of that name by now. A crash leaves at worst a file `.anabranch-…` that nobody looks for.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use anabranch_model::Uuid;
use rusqlite::Connection;

use super::super::{Meta, Storage, StorageError, Transaction};
use super::connection::beside;
use super::{OpenMode, PATIENCE, SqliteStorage, fault, schema};

/// Creates a database at `path`, with what `fill` puts into it.
pub(super) fn create<E: From<StorageError>>(
    path: &Path,
    meta: &Meta,
    fill: impl FnOnce(&mut dyn Transaction) -> Result<(), E>,
) -> Result<SqliteStorage, E> {
    check_free(path)?;
    let folder = folder_of(path)?;
    let draft = Draft { path: folder.join(format!(".anabranch-{}", Uuid::new_v4())) };
    draft.build(path, meta)?;
    let storage = SqliteStorage::open(&draft.path, OpenMode::ReadWrite)?;
    let mut transaction = storage.transaction()?;
    fill(&mut *transaction)?;
    transaction.commit()?;
    // Closing it folds its log into it.
    drop(storage);
    draft.publish(path, &folder)?;
    Ok(SqliteStorage::open(path, OpenMode::ReadWrite)?)
}

fn refused(path: &Path, source: io::Error) -> StorageError {
    match source.kind() {
        io::ErrorKind::AlreadyExists => StorageError::FileExists { path: path.to_owned() },
        io::ErrorKind::StorageFull => StorageError::DiskFull { path: path.to_owned() },
        _ => StorageError::Io { action: "create", path: path.to_owned(), source },
    }
}

/// Makes sure that nothing has the name, and that no journal waits for a file of that name.
fn check_free(path: &Path) -> Result<(), StorageError> {
    if path.symlink_metadata().is_ok() {
        return Err(StorageError::FileExists { path: path.to_owned() });
    }
    for suffix in ["-wal", "-journal"] {
        let journal = beside(path, suffix);
        if journal.symlink_metadata().is_ok() {
            return Err(StorageError::LeftoverJournal { path: journal });
        }
    }
    Ok(())
}

/// The folder that a path is in.
fn folder_of(path: &Path) -> Result<PathBuf, StorageError> {
    if path.file_name().is_none() {
        return Err(StorageError::NotAFile { path: path.to_owned() });
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::canonicalize(folder).map_err(|source| refused(path, source))
}

/// A database that has no name yet. What is left of it goes when it is dropped.
struct Draft {
    path: PathBuf,
}

impl Draft {
    /// Writes an empty database.
    fn build(&self, shown: &Path, meta: &Meta) -> Result<(), StorageError> {
        // SQLite would not say why it cannot.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&self.path)
            .map_err(|source| refused(shown, source))?;
        let build = || {
            let connection = Connection::open(&self.path)?;
            connection.pragma_update(None, "page_size", schema::PAGE_SIZE)?;
            connection.pragma_update(None, "auto_vacuum", schema::AUTO_VACUUM)?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            let transaction = connection.unchecked_transaction()?;
            schema::create(&connection)?;
            connection.execute(
                "INSERT INTO meta (one, uuid, documentation, created, synchronised) VALUES (1, ?1, ?2, ?3, ?4)",
                (meta.uuid.as_bytes(), &meta.documentation, meta.created, meta.synchronised),
            )?;
            connection.execute("INSERT INTO counters VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)", [])?;
            connection.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
            connection.pragma_update(None, "user_version", schema::FORMAT_VERSION)?;
            transaction.commit()?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.close().map_err(|(_, error)| error)
        };
        build().map_err(|error| fault::typed(shown, PATIENCE, error))
    }

    /// Gives the file its name, and makes that durable.
    fn publish(self, path: &Path, folder: &Path) -> Result<(), StorageError> {
        let named = match fs::hard_link(&self.path, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                // A file system without links. An empty file takes the name first, for a rename replaces what is there.
                OpenOptions::new().write(true).create_new(true).open(path).and_then(|_| {
                    // When it cannot be replaced, the name is given back.
                    fs::rename(&self.path, path).inspect_err(|_| drop(fs::remove_file(path)))
                })
            }
            named => named,
        };
        named.map_err(|source| refused(path, source))?;
        drop(self);
        sync_folder(folder).map_err(|source| refused(path, source))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            // Most of them do not exist, and one that cannot be removed harms nobody.
            let _ = fs::remove_file(beside(&self.path, suffix));
        }
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Other systems write names through, and do not open folders.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
