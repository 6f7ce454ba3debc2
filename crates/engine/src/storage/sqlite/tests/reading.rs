//! Opened to be read only: nothing is ever written.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::super::super::suite::{add, change, meta};
use super::super::super::{Storage, StorageError};
use super::super::connection::Access;
use super::super::{OpenMode, SqliteStorage};
use super::{folder_with_database, names, open, refusal, stored};

fn open_to_read(path: &Path) -> SqliteStorage {
    SqliteStorage::open(path, OpenMode::ReadOnly).unwrap()
}

/// The file, byte for byte, and when it was written.
fn state(path: &Path) -> (Vec<u8>, std::time::SystemTime) {
    (fs::read(path).unwrap(), fs::metadata(path).unwrap().modified().unwrap())
}

#[test]
fn a_read_only_storage_refuses_to_write() {
    let (folder, path, commits) = folder_with_database(3);
    let before = state(&path);
    let storage = open_to_read(&path);
    assert!(storage.is_read_only());
    let refused = storage.transaction().err().unwrap();
    assert_eq!(
        refused.to_string(),
        format!("{} is open read-only; open it for writing to change it", path.display())
    );
    assert_eq!(stored(&storage), commits);
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
    drop(storage);
    assert_eq!(state(&path), before);
    // Who only reads cannot know that it is the last, and leaves what it shares with writers to the next one of them.
    assert_eq!(names(folder.path()), ["a.anb", "a.anb-shm", "a.anb-wal"]);
    drop(open(&path));
    assert_eq!(names(folder.path()), ["a.anb"]);
}

#[test]
fn a_read_only_storage_sees_what_others_write() {
    let (_folder, path, commits) = folder_with_database(1);
    let reader = open_to_read(&path);
    let writer = open(&path);
    let before = reader.snapshot().unwrap();
    let version = before.data_version().unwrap();
    change(&writer, |transaction| add(transaction, commits.last(), "more"));
    assert_eq!(before.data_version().unwrap(), version);
    drop(before);
    assert_eq!(stored(&reader).len(), 2);
    assert!(reader.snapshot().unwrap().data_version().unwrap() > version);
    drop(writer);
    assert_eq!(stored(&reader).len(), 2);
}

#[test]
fn reading_after_a_crash_shows_the_log_and_folds_nothing_in() {
    let (folder, path, commits) = folder_with_database(1);
    let writer = open(&path);
    change(&writer, |transaction| add(transaction, commits.last(), "in the log only"));
    let image = folder.path().join("image.anb");
    fs::copy(&path, &image).unwrap();
    fs::copy(folder.path().join("a.anb-wal"), folder.path().join("image.anb-wal")).unwrap();
    let log = fs::read(folder.path().join("image.anb-wal")).unwrap();
    let before = state(&image);
    let reader = open_to_read(&image);
    assert_eq!(stored(&reader).len(), 2);
    drop(reader);
    assert_eq!(state(&image), before);
    assert_eq!(fs::read(folder.path().join("image.anb-wal")).unwrap(), log);
    assert_eq!(stored(&open(&image)).len(), 2, "who may write folds it in");
}

/// Puts a link where SQLite wants a file that readers and writers share, and follows none: as good as a folder that cannot
/// be written, also for a superuser.
#[cfg(unix)]
fn forbid_side_files(path: &Path) {
    std::os::unix::fs::symlink("nowhere", super::super::connection::beside(path, "-shm")).unwrap();
}

#[cfg(unix)]
#[test]
fn a_file_whose_folder_cannot_be_written_is_read_as_one_at_rest() {
    let (folder, path, commits) = folder_with_database(3);
    forbid_side_files(&path);
    let before = state(&path);
    let storage = open_to_read(&path);
    assert_eq!(storage.access, Access::AtRest);
    let snapshots: Vec<_> = (0..10).map(|_| storage.snapshot().unwrap()).collect();
    assert!(snapshots.iter().all(|snapshot| snapshot.header(commits[0].id).unwrap().is_some()));
    drop(snapshots);
    assert_eq!(stored(&storage), commits);
    drop(storage);
    assert_eq!(state(&path), before);
    assert_eq!(names(folder.path()), ["a.anb", "a.anb-shm", "a.anb-wal"]);
    assert_eq!(
        fs::metadata(folder.path().join("a.anb-wal")).unwrap().len(),
        0,
        "made, where it can be, and left empty"
    );
    assert_eq!(
        refusal(&folder, SqliteStorage::open(&path, OpenMode::ReadWrite)),
        "~/a.anb cannot be written: its journal cannot be made or written beside it; make it writable or open it \
         read-only"
    );
}

#[cfg(unix)]
#[test]
fn a_file_at_rest_that_is_written_all_the_same_is_read_anew() {
    let (_folder, path, commits) = folder_with_database(3);
    forbid_side_files(&path);
    let reader = open_to_read(&path);
    assert_eq!(stored(&reader), commits);
    // As from a machine that may write there.
    fs::remove_file(super::super::connection::beside(&path, "-shm")).unwrap();
    let writer = open(&path);
    let more = change(&writer, |transaction| add(transaction, commits.last(), "more"));
    let refused = reader.snapshot().err().unwrap();
    assert!(matches!(refused, StorageError::UnfinishedJournal { .. }), "{refused}");
    drop(writer);
    assert_eq!(stored(&reader).last(), Some(&more));
}

#[cfg(unix)]
#[test]
fn a_log_that_cannot_be_read_is_not_ignored() {
    let (folder, path, commits) = folder_with_database(1);
    let writer = open(&path);
    change(&writer, |transaction| add(transaction, commits.last(), "in the log only"));
    let image = folder.path().join("image.anb");
    fs::copy(&path, &image).unwrap();
    fs::copy(folder.path().join("a.anb-wal"), folder.path().join("image.anb-wal")).unwrap();
    forbid_side_files(&image);
    assert_eq!(
        refusal(&folder, SqliteStorage::open(&image, OpenMode::ReadOnly)),
        "~/image.anb has changes in its journal that cannot be read where it is; copy both to a writable folder and \
         open them there"
    );
}

#[test]
fn a_file_that_is_marked_read_only_is_not_written() {
    let (folder, path, commits) = folder_with_database(2);
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let before = state(&path);
    assert_eq!(
        refusal(&folder, SqliteStorage::open(&path, OpenMode::ReadWrite)),
        "~/a.anb cannot be written: the file is read-only; make it writable or open it read-only"
    );
    let storage = open_to_read(&path);
    assert_eq!(stored(&storage), commits);
    assert_eq!(storage.snapshot().unwrap().meta().unwrap(), meta());
    drop(storage);
    assert_eq!(state(&path), before);
}

#[test]
fn patience_can_be_changed_for_readers_too() {
    let (_folder, path, commits) = folder_with_database(2);
    let storage = open_to_read(&path).with_patience(Duration::from_millis(1)).unwrap();
    assert_eq!(stored(&storage), commits);
}
