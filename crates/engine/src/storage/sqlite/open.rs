//! Opening a file, and saying plainly what it is when it is not a database of ours.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::{Connection, ErrorCode, MAIN_DB};

use super::super::StorageError;
use super::super::gate::Gate;
use super::connection::{self, Access, Readers, Stamp};
use super::{OpenMode, PATIENCE, SqliteStorage, fault, read, schema};

/// The fewest bytes that a file of SQLite has: one page of the smallest size.
const SMALLEST: u64 = 512;

/// Opens what `path` names.
pub(super) fn open(path: &Path, mode: OpenMode) -> Result<SqliteStorage, StorageError> {
    let real = locate(path, mode)?;
    let damage = probe(path, &real)?;
    let opened = match mode {
        OpenMode::ReadWrite => open_for_writing(path, &real),
        OpenMode::ReadOnly => open_for_reading(path, &real),
    };
    // The file alone looks damaged, and its log did not make it whole.
    opened.map_err(|error| match (error, damage) {
        (StorageError::Corrupt { .. }, Some(damage)) => damage,
        (error, _) => error,
    })
}

/// Finds the file without opening it: closing it again would take away the locks that other handles of this process
/// hold on it, as POSIX has it. SQLite knows of that and takes care.
fn locate(path: &Path, mode: OpenMode) -> Result<PathBuf, StorageError> {
    let refused = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => StorageError::FileMissing { path: path.to_owned() },
        _ => StorageError::Io { action: "open", path: path.to_owned(), source },
    };
    let metadata = fs::metadata(path).map_err(refused)?;
    if !metadata.is_file() {
        return Err(StorageError::NotAFile { path: path.to_owned() });
    }
    if metadata.len() == 0 {
        return Err(StorageError::EmptyFile { path: path.to_owned() });
    }
    // Who may ignore permissions could write it, against what they were set for.
    if mode == OpenMode::ReadWrite && metadata.permissions().readonly() {
        return Err(StorageError::NotWritable { path: path.to_owned(), reason: "the file is read-only" });
    }
    fs::canonicalize(path).map_err(refused)
}

/// Looks at the file alone, touching nothing, to see whether it is one of ours. Answers what is wrong with it when its
/// write-ahead log may mend that.
fn probe(path: &Path, real: &Path) -> Result<Option<StorageError>, StorageError> {
    let look = || {
        let connection = connection::open_immutable(real)?;
        let identity = Identity::of(&connection);
        let _ = connection.close();
        identity
    };
    let mut found = look();
    if found.as_ref().is_err_and(is_damage) && !connection::has_log(real) {
        // Another process may have been folding its log in at that moment, and have removed it since.
        found = look();
    }
    let size = || fs::metadata(real).map(|metadata| metadata.len()).unwrap_or_default();
    match found {
        // SQLite takes a few bytes of anything for a database that is yet to be made.
        Ok(Identity { application: 0, .. }) if size() < SMALLEST => {
            Err(StorageError::NotADatabase { path: path.to_owned() })
        }
        Ok(identity) => identity.check(path).map(|()| None),
        Err(error) if is_damage(&error) => {
            let damage = StorageError::Truncated { path: path.to_owned(), size: size() };
            if connection::has_log(real) { Ok(Some(damage)) } else { Err(damage) }
        }
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
            Err(StorageError::NotReadable { path: path.to_owned(), source: error })
        }
        Err(error) => Err(fault::typed(path, PATIENCE, error)),
    }
}

/// Whether SQLite took a file for a database, but one that does not hold together. When it has read no more than the
/// first page, that means that the file has fewer pages than this page says.
fn is_damage(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt)
}

/// What the header of a file says about whose it is.
struct Identity {
    application: i32,
    version: i32,
}

impl Identity {
    fn of(connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            application: connection.pragma_query_value(None, "application_id", |row| row.get(0))?,
            version: connection.pragma_query_value(None, "user_version", |row| row.get(0))?,
        })
    }

    fn check(&self, path: &Path) -> Result<(), StorageError> {
        let path = path.to_owned();
        if self.application != schema::APPLICATION_ID {
            return Err(StorageError::ForeignDatabase { path, application_id: self.application });
        }
        let (found, known) = (self.version, schema::FORMAT_VERSION);
        if found > known {
            return Err(StorageError::NewerFormat { path, found, known });
        }
        if found < 1 {
            let detail = format!("its format version is {found}, which no Anabranch ever wrote");
            return Err(StorageError::Corrupt { path, detail, source: None });
        }
        Ok(())
    }
}

/// Checks what every connection relies on, in one read transaction.
fn check_content(path: &Path, connection: &Connection) -> Result<(), StorageError> {
    let failed = |error| fault::typed(path, PATIENCE, error);
    connection.execute_batch("BEGIN DEFERRED").map_err(failed)?;
    // Once more, for the log may say otherwise than the file.
    Identity::of(connection).map_err(failed)?.check(path)?;
    if let Some(name) = schema::first_difference(connection).map_err(failed)? {
        let detail = format!("its `{name}` is not there or not as Anabranch makes it");
        return Err(StorageError::Corrupt { path: path.to_owned(), detail, source: None });
    }
    read::meta(connection).map_err(failed)?;
    read::counters(connection).map_err(failed)?;
    connection.execute_batch("COMMIT").map_err(failed)
}

fn storage(
    path: &Path,
    real: &Path,
    access: Access,
    connection: Connection,
) -> Result<SqliteStorage, StorageError> {
    check_content(path, &connection)?;
    if access == Access::Write {
        schema::complete(&connection).map_err(|error| fault::typed(path, PATIENCE, error))?;
    }
    let stamp = Stamp::of(real).map_err(|source| StorageError::Io {
        action: "open",
        path: path.to_owned(),
        source,
    })?;
    let readers = Readers::default();
    let writer = if access == Access::Write {
        Some(Gate::new(connection))
    } else {
        readers.put(connection);
        None
    };
    Ok(SqliteStorage {
        path: path.to_owned(),
        real: real.to_owned(),
        access,
        patience: PATIENCE,
        stamp: Mutex::new(stamp),
        readers,
        writer,
    })
}

fn open_for_writing(path: &Path, real: &Path) -> Result<SqliteStorage, StorageError> {
    let failed = |error: rusqlite::Error| {
        if fault::is_about_side_files(&error) {
            let reason = "its journal cannot be made or written beside it";
            return StorageError::NotWritable { path: path.to_owned(), reason };
        }
        fault::typed(path, PATIENCE, error)
    };
    let connection = connection::open(real, Access::Write, PATIENCE).map_err(failed)?;
    // SQLite falls back to reading without a word.
    if connection.is_readonly(MAIN_DB).map_err(failed)? {
        let reason = "the system lets it be read only";
        return Err(StorageError::NotWritable { path: path.to_owned(), reason });
    }
    connection::configure(&connection, Access::Write).map_err(failed)?;
    // It is so already, unless someone changed it with another tool.
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    storage(path, real, Access::Write, connection)
}

fn open_for_reading(path: &Path, real: &Path) -> Result<SqliteStorage, StorageError> {
    let failed = |error| fault::typed(path, PATIENCE, error);
    let beside_writers = connection::open(real, Access::Read, PATIENCE).and_then(|connection| {
        connection::configure(&connection, Access::Read)?;
        // The first read is what needs the side files.
        read::counters(&connection)?;
        Ok(connection)
    });
    let (access, connection) = match beside_writers {
        Ok(connection) => (Access::Read, connection),
        Err(error) if fault::is_about_side_files(&error) => {
            if connection::has_log(real) {
                return Err(StorageError::UnfinishedJournal { path: path.to_owned() });
            }
            let connection = connection::open(real, Access::AtRest, PATIENCE).map_err(failed)?;
            connection::configure(&connection, Access::AtRest).map_err(failed)?;
            (Access::AtRest, connection)
        }
        Err(error) => return Err(failed(error)),
    };
    storage(path, real, access, connection)
}
