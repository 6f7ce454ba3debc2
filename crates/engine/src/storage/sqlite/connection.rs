//! Connections to a database file, and the pool of those that read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// Idle readers that are kept; more are opened when more read at once, and closed afterwards.
const IDLE_READERS: usize = 8;

/// Statements that a connection keeps prepared; all that there are.
const STATEMENTS: usize = 64;

/// KiB of pages that a connection may keep in memory. What falls out is mostly in the memory of the system still; a batch
/// of a blob that does not fit in goes to the log before its transaction ends, as it does at its end anyway.
const READER_CACHE: i32 = 16 * 1024;
const WRITER_CACHE: i32 = 24 * 1024;

/// Pages in the write-ahead log after which a commit folds it into the file: 16 MiB. The log is then written over from its
/// start, which is quicker to make durable than a log that grows: with four times as many, a commit took half as long again.
const CHECKPOINT_PAGES: i32 = 1000;

/// How a file is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Reads and writes.
    Write,
    /// Reads, beside others who may write.
    Read,
    /// Reads a file that nobody writes, where no side files can be made.
    AtRest,
}

/// Opens the file. `path` is absolute.
pub(super) fn open(path: &Path, access: Access, patience: Duration) -> rusqlite::Result<Connection> {
    // No mutex inside SQLite: a connection is in one thread's hands at a time.
    let connection = match access {
        Access::Write => Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        ),
        Access::Read => Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        ),
        Access::AtRest => open_immutable(path),
    }?;
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A file may come from anywhere: nothing that its schema says is run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    Ok(connection)
}

/// Sets what wants the file to be readable, so that a file that is none fails here at the latest.
pub(super) fn configure(connection: &Connection, access: Access) -> rusqlite::Result<()> {
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    match access {
        Access::Write => {
            connection.pragma_update(None, "cache_size", -WRITER_CACHE)?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)
        }
        Access::Read | Access::AtRest => {
            connection.pragma_update(None, "query_only", true)?;
            connection.pragma_update(None, "cache_size", -READER_CACHE)
        }
    }
}

/// Opens the file as one that nobody changes: without locks, and without looking at or making side files.
pub(super) fn open_immutable(path: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file://{}?immutable=1", uri_path(path)), flags)
}

/// A path as a URI has it: everything but the plainest characters as `%` and two digits.
fn uri_path(path: &Path) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                text.push(char::from(*byte))
            }
            // Writing to a string cannot fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
    text
}

/// The name of a file that SQLite keeps beside the database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Whether the write-ahead log holds anything.
pub(super) fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.is_file() && log.len() > 0)
}

/// Tells whether a path still names the same file, and the file the same content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    identity: (u64, u64),
    size: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self { identity: identity(&metadata), size: metadata.len(), modified: metadata.modified().ok() })
    }

    /// Whether both are of one file, which may have been written between them.
    pub(super) fn is_same_file(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// Other systems do not let go of the name of an open file, so that it cannot come to name another one.
#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> (u64, u64) {
    (0, 0)
}

/// The connections that wait for someone who reads.
#[derive(Debug, Default)]
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// One of those that wait, if any does.
    pub(super) fn take(&self) -> Option<Connection> {
        // Connections enter and leave whole, so a panic elsewhere says nothing about those in here.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps a connection that no transaction is open on.
    pub(super) fn put(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_READERS {
            idle.push(connection);
        }
    }

    /// Forgets those that wait.
    pub(super) fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_uri_keeps_only_plain_characters() {
        assert_eq!(uri_path(Path::new("/a b/c?d#e%é.anb")), "/a%20b/c%3Fd%23e%25%C3%A9.anb");
    }
}
