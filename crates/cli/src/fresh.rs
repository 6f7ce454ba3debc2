//! A new database file that is there only when it is complete.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::CliError;

/// A file in the making. What is not finished is removed.
pub(crate) struct Fresh {
    path: PathBuf,
    /// Where it is made.
    beside: PathBuf,
    is_finished: bool,
}

impl Fresh {
    /// Checks that there is nothing at the path, and says where to make what is to be there.
    pub(crate) fn at(path: &Path) -> Result<Self, CliError> {
        if fs::symlink_metadata(path).is_ok() {
            return Err(CliError::exists(path));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(error) = folder.and_then(|folder| fs::metadata(folder).err()) {
            return Err(
                CliError::file("create", path, &error).hint("check the path: the folder must be there")
            );
        }
        let beside = with_suffix(path, &format!(".{}", std::process::id()));
        Ok(Self { path: path.to_owned(), beside, is_finished: false })
    }

    /// Where to make it.
    pub(crate) fn beside(&self) -> &Path {
        &self.beside
    }

    /// Puts it in its place. The database must have been closed.
    pub(crate) fn finish(mut self) -> Result<(), CliError> {
        anabranch::place(&self.beside, &self.path)?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if !self.is_finished {
            for suffix in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(with_suffix(&self.beside, suffix));
            }
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
