//! A new file with all that another database holds.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anabranch_engine::{Database, Error, OpenMode};
use anabranch_model::Definitions;
use anabranch_sync::{Cancellation, Mode, Progress, Replica, SyncError, SyncInfo, Synchronizer};

/// What the name of a file ends in while it is not complete.
const PARTIAL: &str = ".partial";

/// Why a database could not be cloned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloneError {
    /// There is something at the path already.
    #[error("{} exists already, and was left as it is; choose another name, or fetch into it", .path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// What an interrupted clone left is of another database.
    #[error("{} has commits that {location} does not have; remove it if it is not needed", .path.display())]
    Other {
        /// Where the interrupted clone is.
        path: PathBuf,
        /// What was to be cloned.
        location: String,
    },
    /// The complete file could not be put in its place.
    #[error("cannot create {}: {source}", .path.display())]
    Place {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The new database could not be written.
    #[error(transparent)]
    Database(#[from] Error),
    /// The copying failed or was cancelled. What was copied stays beside the path, for the next time.
    #[error(transparent)]
    Sync(#[from] SyncError),
}

/// What was cloned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cloned {
    /// What was copied.
    pub info: SyncInfo,
    /// Whether a clone that was interrupted was completed.
    pub is_resumed: bool,
}

/// Copies all that a replica holds into a new database file.
///
/// The file is there when it is complete. Until then it is beside its path, under a name that ends in `.partial`; a clone
/// that was interrupted goes on from there.
///
/// # Errors
/// When there is something at the path, the file cannot be written, the replica fails, or it is cancelled.
pub fn clone_database(
    source: &dyn Replica,
    documentation: &str,
    path: &Path,
    cancellation: impl FnOnce(Cancellation),
    report: &mut dyn FnMut(Progress),
) -> Result<Cloned, CloneError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(CloneError::Exists { path: path.to_owned() });
    }
    let partial = with_suffix(path, PARTIAL);
    let is_resumed = partial.exists();
    let info = {
        let target = match is_resumed {
            true => Database::open(&partial, OpenMode::ReadWrite)?,
            false => Database::create(&partial, documentation, &Definitions::default())?,
        };
        if is_resumed {
            // A known commit has all that it depends on: knowing the heads is knowing all.
            let heads = target.head_commit_ids()?;
            let known = source.knows(&heads).map_err(|error| SyncError::Replica {
                location: source.location(),
                source: Box::new(error),
            })?;
            if known.contains(&false) {
                return Err(CloneError::Other { path: partial, location: source.location() });
            }
        }
        let mut synchronizer = Synchronizer::new(source, &target, Mode::Fetch);
        cancellation(synchronizer.cancellation());
        synchronizer.sync_with(report)?
    };
    place(&partial, path)?;
    Ok(Cloned { info, is_resumed })
}

/// Moves a database file that nobody has open to a path where there is nothing.
///
/// # Errors
/// When the file is open, there is something at the path, or it cannot be written.
pub fn place(from: &Path, to: &Path) -> Result<(), CloneError> {
    let refused = |source| CloneError::Place { path: to.to_owned(), source };
    let log = with_suffix(from, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(refused(io::Error::other(format!("{} is still open", from.display()))));
    }
    for empty in [log, with_suffix(from, "-shm")] {
        let _ = fs::remove_file(empty);
    }
    // Linking, unlike renaming, never puts one file in place of another.
    match fs::hard_link(from, to) {
        Ok(()) => {
            let _ = fs::remove_file(from);
            Ok(())
        }
        Err(_) if fs::symlink_metadata(to).is_ok() => Err(CloneError::Exists { path: to.to_owned() }),
        // A file system without links.
        Err(_) => fs::rename(from, to).map_err(refused),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
