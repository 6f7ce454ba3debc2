//! Several handles and several processes on one file.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::super::super::suite::{add, change, meta};
use super::super::super::{Storage, StorageError};
use super::super::{OpenMode, SqliteStorage};
use super::{folder_with_database, open, stored};

#[test]
fn two_handles_see_each_others_changes() {
    let (_folder, path, commits) = folder_with_database(1);
    let (one, other) = (open(&path), open(&path));
    let mut last = commits[0].clone();
    for i in 0..10 {
        let (writer, reader) = if i % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let version = reader.snapshot().unwrap().data_version().unwrap();
        last = change(writer, |transaction| add(transaction, Some(&last), &i.to_string()));
        let snapshot = reader.snapshot().unwrap();
        assert_eq!(snapshot.heads().unwrap(), [last.id]);
        assert!(snapshot.data_version().unwrap() > version);
        assert_eq!(snapshot.data_version().unwrap(), writer.snapshot().unwrap().data_version().unwrap());
    }
}

/// Whether some process holds SQLite's shared lock on the file, by the system's own list.
#[cfg(target_os = "linux")]
fn is_locked(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let inode = fs::metadata(path).unwrap().ino();
    let locks = fs::read_to_string("/proc/locks").unwrap();
    locks.lines().any(|line| line.contains("POSIX") && line.contains(&format!(":{inode} 1073741826 ")))
}

/// None of the ways in which opening looks at a file may end in a plain close of it: that would drop the lock by which other
/// processes know that this one has it open. (Those with a recent SQLite look twice; others remove the log at once.)
#[cfg(target_os = "linux")]
#[test]
fn opening_and_closing_a_handle_leaves_another_one_its_lock() {
    let (_folder, path, _) = folder_with_database(1);
    assert!(!is_locked(&path));
    let first = open(&path);
    assert!(is_locked(&path));
    for mode in [OpenMode::ReadWrite, OpenMode::ReadOnly] {
        drop(SqliteStorage::open(&path, mode).unwrap());
        assert!(is_locked(&path), "{mode:?}");
    }
    assert!(SqliteStorage::create(&path, meta()).is_err());
    assert!(is_locked(&path), "creating");
    drop(first);
    assert!(!is_locked(&path));
}

#[test]
fn another_process_that_closes_the_file_leaves_this_one_its_log() {
    let (_folder, path, commits) = folder_with_database(1);
    let first = open(&path);
    Writer::start(&path, 3).finish();
    assert!(path.with_extension("anb-wal").exists());
    change(&first, |transaction| add(transaction, commits.last(), "after the other process"));
    assert_eq!(stored(&open(&path)).len(), 5);
}

#[test]
fn a_writer_waits_for_another_handle_and_then_says_so() {
    let (_folder, path, _) = folder_with_database(1);
    let one = open(&path);
    let other = open(&path).with_patience(Duration::from_millis(50)).unwrap();
    let held = one.transaction().unwrap();
    let refused = other.transaction().err().unwrap();
    assert_eq!(
        refused.to_string(),
        format!(
            "{} is locked by another writer (waited 0.1 s); try again when it has finished",
            path.display()
        )
    );
    assert_eq!(stored(&other).len(), 1, "reading goes on");
    drop(held);
    drop(other.transaction().unwrap());
}

#[test]
fn a_thread_that_asks_for_a_second_transaction_learns_that_it_has_one() {
    let (_folder, path, _) = folder_with_database(1);
    let storage = open(&path).with_patience(Duration::from_millis(20)).unwrap();
    let held = storage.transaction().unwrap();
    assert!(matches!(storage.transaction(), Err(StorageError::Locked { .. })));
    drop(held);
    drop(storage.transaction().unwrap());
}

#[test]
fn handles_in_many_threads_lose_nothing() {
    let (_folder, path, _) = folder_with_database(0);
    thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let storage = open(path).with_patience(Duration::from_secs(60)).unwrap();
                for i in 0..8 {
                    change(&storage, |transaction| add(transaction, None, &format!("{writer} {i}")));
                }
            });
        }
    });
    let storage = open(&path);
    assert_eq!(stored(&storage).len(), 32);
    assert_eq!(storage.snapshot().unwrap().heads().unwrap().len(), 32);
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_file_that_was_replaced_is_not_written_any_more() {
    let (folder, path, commits) = folder_with_database(2);
    let storage = open(&path);
    fs::rename(&path, folder.path().join("moved.anb")).unwrap();
    let refused = storage.transaction().err().unwrap();
    assert_eq!(
        refused.to_string(),
        format!("{} was moved or replaced while it was open; open it again", path.display())
    );
    fs::write(&path, "something else").unwrap();
    assert!(matches!(storage.transaction(), Err(StorageError::Replaced { .. })));
    // Connections that are there still read the file that was opened, new ones must not read another.
    let mut snapshots = Vec::new();
    let refused = loop {
        match storage.snapshot() {
            Ok(snapshot) => snapshots.push(snapshot),
            Err(refused) => break refused,
        }
    };
    assert!(
        matches!(refused, StorageError::Replaced { .. } | StorageError::NotADatabase { .. }),
        "{refused}"
    );
    assert!(snapshots.iter().all(|snapshot| snapshot.arrivals(0, 9).unwrap().len() == commits.len()));
}

/// Another process that adds commits to a file, and says of each one when it is stored.
struct Writer {
    process: Child,
}

/// How the other process learns what to do.
const FILE: &str = "ANABRANCH_TEST_FILE";
const COUNT: &str = "ANABRANCH_TEST_COUNT";

impl Writer {
    fn start(path: &Path, count: u32) -> Self {
        let test = "storage::sqlite::tests::sharing::commits_are_added_one_by_one";
        let process = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(FILE, path)
            .env(COUNT, count.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process }
    }

    /// Lets it end by itself, and answers what it stored.
    fn finish(mut self) -> Vec<String> {
        let stored = self.acknowledged(usize::MAX);
        assert!(self.process.wait().unwrap().success());
        stored
    }

    /// Kills it once it has stored so many, and answers what it said it has stored.
    fn kill_after(mut self, count: usize) -> Vec<String> {
        let mut stored = self.acknowledged(count);
        self.process.kill().unwrap();
        stored.extend(self.acknowledged(usize::MAX));
        self.process.wait().unwrap();
        stored
    }

    /// The next ids that it says it has stored.
    fn acknowledged(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        let mut output = BufReader::with_capacity(1, self.process.stdout.as_mut().unwrap());
        let mut line = String::new();
        while ids.len() < count {
            line.clear();
            // A line that the kill cut short says nothing.
            if output.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
                break;
            }
            ids.extend(line.strip_prefix("stored ").map(|id| id.trim().to_owned()));
        }
        ids
    }
}

/// What the other process does. By itself it is a test that a line of commits can be added one by one.
#[test]
fn commits_are_added_one_by_one() {
    let (_folder, own, _) = folder_with_database(0);
    let path = env::var_os(FILE).map_or(own, Into::into);
    let count: u32 = env::var(COUNT).map_or(3, |count| count.parse().unwrap());
    let storage = open(&path).with_patience(Duration::from_secs(60)).unwrap();
    let before = stored(&storage).len();
    for i in 0..count {
        let payload = format!("{} {i} {}", std::process::id(), "x".repeat(500));
        let commit = change(&storage, |transaction| {
            let head = transaction.heads().unwrap().first().copied();
            let parent = head.map(|id| transaction.header(id).unwrap().unwrap());
            add(transaction, parent.as_ref(), &payload)
        });
        println!("stored {}", commit.id);
    }
    assert!(stored(&storage).len() >= before + count as usize);
}

#[test]
fn several_processes_write_one_file() {
    let (_folder, path, commits) = folder_with_database(1);
    let storage = open(&path).with_patience(Duration::from_secs(60)).unwrap();
    let version = storage.snapshot().unwrap().data_version().unwrap();
    let writers = [Writer::start(&path, 10), Writer::start(&path, 10)];
    for i in 0..10 {
        change(&storage, |transaction| add(transaction, commits.last(), &i.to_string()));
    }
    let acknowledged: Vec<_> = writers.into_iter().flat_map(Writer::finish).collect();
    assert_eq!(acknowledged.len(), 20);
    let snapshot = storage.snapshot().unwrap();
    for id in &acknowledged {
        assert!(snapshot.header(id.parse().unwrap()).unwrap().is_some());
    }
    assert_eq!(snapshot.statistics().unwrap().commits, 31);
    assert!(snapshot.data_version().unwrap() >= version + 30, "each transaction raised it, whoever made it");
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

#[test]
fn what_a_killed_process_acknowledged_is_there() {
    let (_folder, path, _) = folder_with_database(1);
    let mut acknowledged = Vec::new();
    for round in 0..4 {
        // Killed at different distances from an acknowledgement: at once, and a little into the next one.
        let writer = Writer::start(&path, u32::MAX);
        acknowledged.extend(writer.kill_after(1 + round * 7));
        let storage = open(&path);
        assert_eq!(storage.check_structure().unwrap(), [""; 0]);
        let snapshot = storage.snapshot().unwrap();
        for id in &acknowledged {
            assert!(snapshot.header(id.parse().unwrap()).unwrap().is_some(), "{id} was acknowledged");
        }
        assert!(snapshot.statistics().unwrap().commits > acknowledged.len() as u64);
    }
}
