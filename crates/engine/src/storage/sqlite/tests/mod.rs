//! What only a file can get wrong, and what it says then.

mod crash;
mod damage;
mod failing;
mod format;
mod opening;
mod reading;
mod sharing;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::super::suite::{add, change, meta};
use super::super::{Storage, StorageError};
use super::{OpenMode, SqliteStorage};
use crate::commit::CommitHeader;

/// A folder with a database in it that nobody has open: a line of commits.
fn folder_with_database(commits: usize) -> (TempDir, PathBuf, Vec<CommitHeader>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.anb");
    let storage = SqliteStorage::create(&path, meta()).unwrap();
    let mut added = Vec::new();
    change(&storage, |transaction| {
        for i in 0..commits {
            added.push(add(transaction, added.last(), &format!("commit {i}")));
        }
    });
    (folder, path, added)
}

/// Opens for reading and writing.
fn open(path: &Path) -> SqliteStorage {
    SqliteStorage::open(path, OpenMode::ReadWrite).unwrap()
}

/// The commits that a storage holds, in order of arrival.
fn stored(storage: &dyn Storage) -> Vec<CommitHeader> {
    let arrivals = storage.snapshot().unwrap().arrivals(0, usize::MAX).unwrap();
    arrivals.into_iter().map(|(_, header)| header).collect()
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What opening says, in one line, with the folder's path as `~`.
fn refusal(folder: &TempDir, result: Result<SqliteStorage, StorageError>) -> String {
    let text = result.expect_err("it is refused").to_string();
    assert!(!text.contains('\n'), "{text} is one line");
    text.replace(&folder.path().display().to_string(), "~")
}
