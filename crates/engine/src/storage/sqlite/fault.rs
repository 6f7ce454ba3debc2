//! What SQLite's errors mean for a storage.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Error, ErrorCode, ffi};

use super::super::StorageError;

/// The error of a storage that an error of SQLite amounts to. `waited` is how long it waits for a lock.
pub(super) fn typed(path: &Path, waited: Duration, source: Error) -> StorageError {
    let path = path.to_owned();
    match &source {
        Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                StorageError::Locked { location: path.display().to_string(), waited }
            }
            ErrorCode::DiskFull => StorageError::DiskFull { path },
            ErrorCode::NotADatabase => StorageError::NotADatabase { path },
            ErrorCode::DatabaseCorrupt => {
                let detail = "its pages do not fit together".to_owned();
                StorageError::Corrupt { path, detail, source: Some(source) }
            }
            ErrorCode::ReadOnly if failure.extended_code == ffi::SQLITE_READONLY_DBMOVED => {
                StorageError::Replaced { path }
            }
            ErrorCode::ReadOnly => {
                StorageError::NotWritable { path, reason: "the file or its folder is read-only" }
            }
            ErrorCode::CannotOpen => StorageError::CannotOpen { path, source },
            ErrorCode::SystemIoFailure => StorageError::MediumFailed { path, source },
            _ => StorageError::Sqlite { path, source },
        },
        // SQLite read a row, but not one that a database can have.
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => {
            let detail = format!("a row holds what it cannot hold ({source})");
            StorageError::Corrupt { path, detail, source: Some(source) }
        }
        Error::QueryReturnedNoRows => {
            let detail = "a row that every database has is missing".to_owned();
            StorageError::Corrupt { path, detail, source: Some(source) }
        }
        _ => StorageError::Sqlite { path, source },
    }
}

/// Whether SQLite could not open, or make, a file that it needs.
pub(super) fn is_about_side_files(error: &Error) -> bool {
    let Some(failure) = error.sqlite_error() else { return false };
    matches!(failure.code, ErrorCode::CannotOpen | ErrorCode::ReadOnly)
        || matches!(failure.extended_code, ffi::SQLITE_IOERR_SHMOPEN | ffi::SQLITE_IOERR_SHMMAP)
}
