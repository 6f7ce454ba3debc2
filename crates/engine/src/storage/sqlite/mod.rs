//! One SQLite file, several threads, several processes (`docs/spec/file-format.md`).
//!
//! One connection writes, behind a [`Gate`]; a pool of others reads, each snapshot in a read transaction of its own. The
//! write-ahead log lets them go on beside each other, and lets other processes do the same.
//!
//! An I/O error does not latch: nothing here caches what a failed write was to change, SQLite rolls the transaction back
//! and writes its pages again the next time, and a disk that was full may have room by then. What does latch is the
//! transaction: after a failure it can only be dropped ([`mod@write`]).

mod check;
mod connection;
mod create;
mod fault;
mod open;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use rusqlite::Connection;

use self::connection::{Access, Readers, Stamp};
use self::read::{Reader, Session};
use super::gate::Gate;
use super::{Meta, Snapshot, Storage, StorageError, Transaction};

/// How long a transaction waits for another one, in this process or in another.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often several snapshots are opened before it is believed that others write too fast for that.
const ATTEMPTS: usize = 50;

/// What a database is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum OpenMode {
    /// Reading and writing.
    #[default]
    ReadWrite,
    /// Reading only: the file is never written, not even to tidy up after a crash.
    ReadOnly,
}

/// Keeps a database in one SQLite file.
#[derive(Debug)]
pub struct SqliteStorage {
    /// The path as it was given, for people.
    path: PathBuf,
    /// The path that finds the file from any working directory, symbolic links followed.
    real: PathBuf,
    access: Access,
    patience: Duration,
    /// The file that was opened. Changes only for a file at rest.
    stamp: Mutex<Stamp>,
    // The order matters: the last connection to close folds the log into the file, and only one that writes can.
    readers: Readers,
    writer: Option<Gate<Connection>>,
}

impl SqliteStorage {
    /// A new file that says this about itself. It appears under its name complete or not at all.
    ///
    /// # Errors
    /// When there is something at the path already, or the file cannot be written.
    pub fn create(path: impl AsRef<Path>, meta: Meta) -> Result<Self, StorageError> {
        Self::create_with(path, meta, |_| Ok(()))
    }

    /// A new file that holds from its first moment on what `fill` puts into it. When that fails, there is no file.
    ///
    /// # Errors
    /// When `fill` fails, there is something at the path already, or the file cannot be written.
    pub fn create_with<E: From<StorageError>>(
        path: impl AsRef<Path>,
        meta: Meta,
        fill: impl FnOnce(&mut dyn Transaction) -> Result<(), E>,
    ) -> Result<Self, E> {
        create::create(path.as_ref(), &meta, fill)
    }

    /// Opens a file.
    ///
    /// # Errors
    /// When there is no database at the path, it is damaged, of a newer format, or cannot be reached as asked for.
    pub fn open(path: impl AsRef<Path>, mode: OpenMode) -> Result<Self, StorageError> {
        open::open(path.as_ref(), mode)
    }

    /// Changes how long a transaction waits for another one before it gives up, which is 10 s otherwise.
    ///
    /// # Errors
    /// When SQLite refuses the time.
    pub fn with_patience(mut self, patience: Duration) -> Result<Self, StorageError> {
        self.patience = patience;
        if let Some(connection) = self.writer.as_ref().and_then(|gate| gate.enter(patience)) {
            connection.busy_timeout(patience).map_err(|error| self.fault(error))?;
        }
        self.readers.clear();
        Ok(self)
    }

    /// What the path looks like to people.
    fn shown(&self) -> String {
        self.path.display().to_string()
    }

    fn fault(&self, error: rusqlite::Error) -> StorageError {
        fault::typed(&self.path, self.patience, error)
    }

    /// Says so when the path names another file than the one that was opened.
    fn check_same_file(&self) -> Result<Stamp, StorageError> {
        let opened = *self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
        match Stamp::of(&self.real) {
            Ok(stamp) if stamp.is_same_file(&opened) => Ok(stamp),
            _ => Err(StorageError::Replaced { path: self.path.clone() }),
        }
    }

    /// A connection that reads, from the pool or a new one.
    fn reader(&self) -> Result<Connection, StorageError> {
        if self.access == Access::AtRest {
            // Such connections neither lock nor notice changes: what they keep is good as long as the file is the same.
            if connection::has_log(&self.real) {
                return Err(StorageError::UnfinishedJournal { path: self.path.clone() });
            }
            let now = self.check_same_file()?;
            let mut stamp = self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
            if *stamp != now {
                self.readers.clear();
                *stamp = now;
            }
        }
        if let Some(connection) = self.readers.take() {
            return Ok(connection);
        }
        let access = if self.access == Access::Write { Access::Read } else { self.access };
        let connection = connection::open(&self.real, access, self.patience)
            .and_then(|connection| connection::configure(&connection, access).map(|()| connection))
            .map_err(|error| self.fault(error))?;
        self.check_same_file()?;
        Ok(connection)
    }

    fn session(&self) -> Result<Session<'_, Reader<'_>>, StorageError> {
        let lease = Reader::pin(self.reader()?, &self.readers).map_err(|error| self.fault(error))?;
        Ok(Session { storage: self, lease })
    }
}

impl Storage for SqliteStorage {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StorageError> {
        Ok(Box::new(self.session()?))
    }

    fn snapshots(&self, count: usize) -> Result<Vec<Box<dyn Snapshot + Send + '_>>, StorageError> {
        let watch = self.reader()?;
        // SQLite's own: the same twice when no other connection changed the file between.
        let changes = || watch.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0));
        for _ in 0..ATTEMPTS {
            let before = changes().map_err(|error| self.fault(error))?;
            let sessions = (0..count).map(|_| self.session()).collect::<Result<Vec<_>, _>>()?;
            if changes().map_err(|error| self.fault(error))? == before {
                self.readers.put(watch);
                return Ok(sessions.into_iter().map(|session| Box::new(session) as _).collect());
            }
        }
        self.readers.put(watch);
        Ok(Vec::new())
    }

    fn transaction(&self) -> Result<Box<dyn Transaction + '_>, StorageError> {
        let Some(gate) = &self.writer else {
            return Err(StorageError::ReadOnly { location: self.shown() });
        };
        let Some(pass) = gate.enter(self.patience) else {
            return Err(StorageError::Locked { location: self.shown(), waited: self.patience });
        };
        // A file that was deleted or replaced can still be written, but what it holds is lost when it is closed.
        self.check_same_file()?;
        let session = Session::write_to(self, pass).map_err(|error| self.fault(error))?;
        Ok(Box::new(session))
    }

    fn location(&self) -> String {
        self.shown()
    }

    fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    fn check_structure(&self) -> Result<Vec<String>, StorageError> {
        check::check(&self.session()?)
    }
}
