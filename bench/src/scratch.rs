//! Where data sets are kept, and files that one run makes for itself.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// `target/bench-data`, wherever the target folder is.
pub(crate) fn data_folder() -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let data = target.join("bench-data");
    fs::create_dir_all(&data)?;
    Ok(data)
}

/// A folder on the same disk as the data sets, removed with all that is in it.
pub(crate) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    pub(crate) fn new(data: &Path, name: &str) -> Result<Self> {
        let folder = data.join(format!("scratch-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A copy of a database that nobody has open, in place of one of that name.
    pub(crate) fn copy(&self, database: &Path, name: &str) -> Result<PathBuf> {
        self.remove(name)?;
        let path = self.path(name);
        fs::copy(database, &path)?;
        // What is measured later should not pay for writing the copy out.
        fs::File::open(&path)?.sync_all()?;
        Ok(path)
    }

    /// Removes a database and what SQLite keeps beside it.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        for suffix in ["", "-wal", "-shm"] {
            let path = self.folder.join(format!("{name}{suffix}"));
            if path.exists() {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the target folder, where it does no harm.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
