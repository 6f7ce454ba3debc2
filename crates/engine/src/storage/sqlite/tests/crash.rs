//! Crashes: whatever of the file and its log was on the disk at that instant, it opens with all that was acknowledged.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::super::super::Storage;
use super::super::super::suite::{add, add_blob, change};
use super::super::SqliteStorage;
use super::super::connection::beside;
use super::super::schema::PAGE_SIZE;
use super::{folder_with_database, names, open, stored};
use crate::commit::CommitHeader;

/// Bytes before the first frame of a log, and before the page in a frame (the SQLite file format, 4.1).
const LOG_HEADER: usize = 32;
const FRAME: usize = 24 + PAGE_SIZE as usize;

/// The file and its log as they are at this instant, which is what a killed process leaves.
struct Image {
    file: Vec<u8>,
    log: Vec<u8>,
}

impl Image {
    fn of(path: &Path) -> Self {
        Self { file: fs::read(path).unwrap(), log: fs::read(beside(path, "-wal")).unwrap_or_default() }
    }

    /// Opens a copy of it in a folder of its own.
    fn open(&self) -> (TempDir, SqliteStorage) {
        let folder = tempfile::tempdir().unwrap();
        let path = self.write(folder.path());
        let storage = open(&path);
        (folder, storage)
    }

    fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join("image.anb");
        fs::write(&path, &self.file).unwrap();
        fs::write(beside(&path, "-wal"), &self.log).unwrap();
        path
    }
}

/// Opens an image, and holds it to having these commits and no others, in good order.
fn assert_holds(image: &Image, commits: &[CommitHeader], when: &str) {
    let (folder, storage) = image.open();
    assert_eq!(stored(&storage), commits, "{when}");
    assert_eq!(storage.check_structure().unwrap(), [""; 0], "{when}");
    change(&storage, |transaction| add(transaction, commits.last(), "life goes on"));
    drop(storage);
    assert_eq!(names(folder.path()), ["image.anb"], "{when}");
}

#[test]
fn a_crash_before_between_and_after_the_steps_of_a_commit() {
    let (_folder, path, mut commits) = folder_with_database(2);
    let storage = open(&path);
    for i in 0..3 {
        assert_holds(&Image::of(&path), &commits, "1: before a transaction");
        let mut transaction = storage.transaction().unwrap();
        assert_holds(&Image::of(&path), &commits, "2: with the lock taken");
        let commit = add(&mut *transaction, commits.last(), &format!("more {i}"));
        assert_holds(&Image::of(&path), &commits, "3: with a change in the making");
        transaction.commit().unwrap();
        commits.push(commit);
        assert_holds(&Image::of(&path), &commits, "4: acknowledged");
    }
    drop(storage);
    assert_holds(&Image::of(&path), &commits, "5: closed");
}

#[test]
fn a_crash_with_half_a_transaction_in_the_log() {
    let (_folder, path, commits) = folder_with_database(2);
    let storage = open(&path);
    let before = Image::of(&path).log.len();
    let mut transaction = storage.transaction().unwrap();
    // More than the writer keeps in memory, so that SQLite spills it into the log before it is committed.
    let bytes = "x".repeat(1 << 20);
    for i in 0..80 {
        add_blob(&mut *transaction, &[&format!("{i}{bytes}")]);
    }
    add(&mut *transaction, commits.last(), "never acknowledged");
    let image = Image::of(&path);
    assert!(image.log.len() > before, "something was spilled");
    drop(transaction);
    assert_holds(&image, &commits, "6: with uncommitted pages in the log");
    assert_holds(&Image::of(&path), &commits, "7: rolled back");
}

#[test]
fn a_log_cut_anywhere_gives_whole_transactions() {
    let (_folder, path, first) = folder_with_database(1);
    let storage = open(&path);
    // What is stored when the log has this length.
    let mut lengths = vec![(0, first.clone())];
    let mut commits = first;
    for i in 0..6 {
        change(&storage, |transaction| {
            for j in 0..=i % 3 {
                commits.push(add(transaction, commits.last(), &format!("{i} {j}")));
            }
            add_blob(transaction, &[&format!("{i}").repeat(40_000)]);
        });
        lengths.push((Image::of(&path).log.len(), commits.clone()));
    }
    let whole = Image::of(&path);
    let frames = (whole.log.len() - LOG_HEADER) / FRAME;
    assert!(frames > 20, "there is something to cut");
    for frame in 0..=frames {
        let start = LOG_HEADER + frame * FRAME;
        for cut in [start, start + 10, start + 24 + 5000].into_iter().filter(|cut| *cut <= whole.log.len()) {
            let image = Image { file: whole.file.clone(), log: whole.log[..cut].to_vec() };
            let (_, expected) = lengths.iter().rev().find(|(length, _)| *length <= cut).unwrap();
            let (_folder, storage) = image.open();
            assert_eq!(stored(&storage), *expected, "cut at {cut}");
        }
    }
    // A page that did not reach the disk, though later ones did: the log ends before it.
    for frame in (0..frames).step_by(3) {
        let mut log = whole.log.clone();
        log[LOG_HEADER + frame * FRAME + 24..][..PAGE_SIZE as usize].fill(0);
        let (_folder, storage) = Image { file: whole.file.clone(), log }.open();
        let cut = LOG_HEADER + frame * FRAME;
        let (_, expected) = lengths.iter().rev().find(|(length, _)| *length <= cut).unwrap();
        assert_eq!(stored(&storage), *expected, "hole at {cut}");
    }
}

#[test]
fn a_crash_while_the_log_is_folded_into_the_file() {
    let (_folder, path, mut commits) = folder_with_database(1);
    let storage = open(&path);
    change(&storage, |transaction| {
        for i in 0..200 {
            commits.push(add(transaction, commits.last(), &format!("{i} {}", "x".repeat(900))));
        }
    });
    let before = Image::of(&path);
    drop(storage);
    let after = Image::of(&path);
    let size = PAGE_SIZE as usize;
    let pages = after.file.len() / size;
    assert!(pages > 10 && after.log.is_empty());
    // The log stays until every page is durable in the file. Until then any of them may be there, in any order.
    for pattern in 0..12_usize {
        let mut file = before.file.clone();
        file.resize(after.file.len(), 0);
        for page in 0..pages {
            let is_written = (page * 7 + pattern * 3) % 5 < 2 + pattern % 3;
            let place = page * size..(page + 1) * size;
            if is_written {
                file[place.clone()].copy_from_slice(&after.file[place]);
            }
        }
        if pattern % 2 == 0 {
            file.truncate(file.len() - size * (pattern % 7));
        }
        assert_holds(&Image { file, log: before.log.clone() }, &commits, &format!("8: pattern {pattern}"));
    }
    let file = after.file.clone();
    assert_holds(&Image { file, log: before.log }, &commits, "9: folded in, and the log not yet removed");
}

#[test]
fn what_is_spilled_and_committed_is_whole_after_a_crash() {
    let (_folder, path, commits) = folder_with_database(1);
    let storage = open(&path);
    let blob = change(&storage, |transaction| add_blob(transaction, &[&"y".repeat(3 << 20), "z"]));
    let (_folder, copy) = Image::of(&path).open();
    let snapshot = copy.snapshot().unwrap();
    let chunks = snapshot.blob_chunks(blob.id).unwrap();
    let size: usize = chunks.iter().map(|chunk| snapshot.chunk(chunk.id).unwrap().unwrap().len()).sum();
    assert_eq!(size as u64, blob.size);
    drop(snapshot);
    assert_eq!(stored(&copy), commits);
}
