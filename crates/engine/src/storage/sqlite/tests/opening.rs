//! Every state that creating and opening can meet (`docs/spec/file-format.md`, "Opening").

use std::fs;
use std::thread;

use rusqlite::Connection;

use super::super::super::suite::{add, change, meta};
use super::super::super::{Storage, StorageError};
use super::super::{OpenMode, SqliteStorage};
use super::{folder_with_database, names, open, refusal, stored};

const BOTH: [OpenMode; 2] = [OpenMode::ReadWrite, OpenMode::ReadOnly];

#[test]
fn a_created_file_is_one_file_and_holds_what_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.anb");
    let storage = SqliteStorage::create(&path, meta()).unwrap();
    assert_eq!(storage.location(), path.display().to_string());
    assert_eq!(storage.snapshot().unwrap().meta().unwrap(), meta());
    drop(storage);
    assert_eq!(names(folder.path()), ["a.anb"]);
    assert_eq!(open(&path).snapshot().unwrap().meta().unwrap(), meta());
}

#[test]
fn closing_leaves_one_file() {
    let (folder, path, commits) = folder_with_database(3);
    assert_eq!(names(folder.path()), ["a.anb"]);
    let storage = open(&path);
    let snapshot = storage.snapshot().unwrap();
    drop(snapshot);
    change(&storage, |transaction| add(transaction, commits.last(), "more"));
    assert_eq!(names(folder.path()), ["a.anb", "a.anb-shm", "a.anb-wal"]);
    drop(storage);
    assert_eq!(names(folder.path()), ["a.anb"]);
    assert_eq!(stored(&open(&path)).len(), 4);
}

#[test]
fn a_created_file_can_be_filled_before_anyone_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.anb");
    let storage = SqliteStorage::create_with::<StorageError>(&path, meta(), |transaction| {
        add(transaction, None, "a");
        assert!(!path.exists(), "it has no name yet");
        Ok(())
    })
    .unwrap();
    assert_eq!(stored(&storage).len(), 1);
}

#[test]
fn a_failed_creation_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.anb");
    let failed = SqliteStorage::create_with::<StorageError>(&path, meta(), |transaction| {
        let a = add(transaction, None, "a");
        transaction.delete_commit(a.id)?;
        transaction.delete_commit(a.id)
    });
    assert!(matches!(failed, Err(StorageError::CommitNotFound { .. })));
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn creating_never_replaces_anything() {
    let (folder, path, _) = folder_with_database(1);
    let bytes = fs::read(&path).unwrap();
    assert_eq!(
        refusal(&folder, SqliteStorage::create(&path, meta())),
        "~/a.anb exists already; open it, or choose another name"
    );
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(
        refusal(&folder, SqliteStorage::create(folder.path(), meta())),
        "~ exists already; open it, or choose another name"
    );
    assert_eq!(names(folder.path()), ["a.anb"]);
}

#[test]
fn of_two_who_create_the_same_file_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.anb");
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| SqliteStorage::create(&path, meta()))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert!(matches!(outcome, Err(StorageError::FileExists { .. })));
    }
    assert_eq!(names(folder.path()), ["a.anb"]);
}

#[test]
fn a_journal_of_an_earlier_database_is_not_played_into_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.anb");
    for suffix in ["wal", "journal"] {
        let journal = folder.path().join(format!("a.anb-{suffix}"));
        fs::write(&journal, "x").unwrap();
        assert_eq!(
            refusal(&folder, SqliteStorage::create(&path, meta())),
            format!(
                "~/a.anb-{suffix} is left of an earlier database of the same name; move or remove it before creating \
                 a new one"
            )
        );
        fs::remove_file(journal).unwrap();
    }
    SqliteStorage::create(&path, meta()).unwrap();
}

#[test]
fn a_file_is_not_created_in_a_folder_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        refusal(&folder, SqliteStorage::create(folder.path().join("no/a.anb"), meta())),
        "cannot create ~/no/a.anb: No such file or directory (os error 2)"
    );
    assert_eq!(
        refusal(&folder, SqliteStorage::create(folder.path().join("no/.."), meta())),
        "~/no/.. is not a file; give the path of a database file"
    );
}

#[test]
fn what_is_left_of_a_crashed_creation_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".anabranch-0"), "half").unwrap();
    let path = folder.path().join("a.anb");
    drop(SqliteStorage::create(&path, meta()).unwrap());
    assert_eq!(names(folder.path()), [".anabranch-0", "a.anb"]);
    open(&path);
}

#[test]
fn names_with_odd_characters_work() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a b.anb", "50% ? #1 é ☃ & = + .anb", "file:x?mode=memory", "'quoted\"", ".hidden"] {
        let path = folder.path().join(name);
        drop(SqliteStorage::create(&path, meta()).unwrap());
        for mode in BOTH {
            SqliteStorage::open(&path, mode).unwrap();
        }
    }
    assert_eq!(
        names(folder.path()).iter().filter(|name| !name.contains("-wal") && !name.contains("-shm")).count(),
        5
    );
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_followed() {
    let (folder, path, commits) = folder_with_database(2);
    let other = tempfile::tempdir().unwrap();
    let link = other.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let storage = open(&link);
    change(&storage, |transaction| add(transaction, commits.last(), "through the link"));
    // The journal stands beside the file, where whoever opens the file itself finds it.
    assert_eq!(names(other.path()), ["link"]);
    assert_eq!(stored(&open(&path)).len(), 3);
    assert_eq!(
        refusal(&folder, SqliteStorage::create(&link, meta()))
            .replace(&other.path().display().to_string(), "~"),
        "~/link exists already; open it, or choose another name"
    );
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for mode in BOTH {
        assert_eq!(
            refusal(&folder, SqliteStorage::open(folder.path().join("none.anb"), mode)),
            "there is no file ~/none.anb; check the path, or create a database there"
        );
        assert_eq!(
            refusal(&folder, SqliteStorage::open(folder.path(), mode)),
            "~ is not a file; give the path of a database file"
        );
    }
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.anb");
    let cases: [(&[u8], &str); 5] = [
        (b"", "~/a.anb is an empty file, not a database; remove it to create a database there"),
        (b"x", "~/a.anb is not a database: it does not start like one; check the path"),
        (b"SQLite format 3\0", "~/a.anb is not a database: it does not start like one; check the path"),
        (&[0; 4096], "~/a.anb is not a database: it does not start like one; check the path"),
        (&[b'a'; 100_000], "~/a.anb is not a database: it does not start like one; check the path"),
    ];
    for (bytes, expected) in cases {
        fs::write(&path, bytes).unwrap();
        for mode in BOTH {
            assert_eq!(refusal(&folder, SqliteStorage::open(&path, mode)), expected);
            assert_eq!(fs::read(&path).unwrap(), bytes);
            assert_eq!(names(folder.path()), ["a.anb"]);
        }
    }
}

#[test]
fn a_database_of_another_application_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.anb");
    for (id, shown) in [(0, "0x00000000"), (0x4750_4B47, "0x47504b47"), (-1, "0xffffffff")] {
        let other = Connection::open(&path).unwrap();
        other.pragma_update(None, "journal_mode", "WAL").unwrap();
        other.execute_batch("CREATE TABLE IF NOT EXISTS commits (id)").unwrap();
        other.pragma_update(None, "application_id", id).unwrap();
        drop(other);
        let bytes = fs::read(&path).unwrap();
        for mode in BOTH {
            assert_eq!(
                refusal(&folder, SqliteStorage::open(&path, mode)),
                format!(
                    "~/a.anb is an SQLite database of another application (application id {shown}); check the path"
                )
            );
            assert_eq!(fs::read(&path).unwrap(), bytes);
            assert_eq!(names(folder.path()), ["a.anb"]);
        }
    }
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let (folder, path, _) = folder_with_database(2);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let bytes = fs::read(&path).unwrap();
    for mode in BOTH {
        assert_eq!(
            refusal(&folder, SqliteStorage::open(&path, mode)),
            "~/a.anb has format version 7, this program knows versions up to 1; use a newer Anabranch"
        );
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(names(folder.path()), ["a.anb"]);
    }
}

#[test]
fn a_newer_format_is_seen_in_the_log_too() {
    let (folder, path, _) = folder_with_database(2);
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 2).unwrap();
    for mode in BOTH {
        assert_eq!(
            refusal(&folder, SqliteStorage::open(&path, mode)),
            "~/a.anb has format version 2, this program knows versions up to 1; use a newer Anabranch"
        );
    }
}

#[test]
fn a_version_that_never_was_is_damage() {
    let (folder, path, _) = folder_with_database(2);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 0).unwrap();
    for mode in BOTH {
        assert_eq!(
            refusal(&folder, SqliteStorage::open(&path, mode)),
            "~/a.anb is damaged: its format version is 0, which no Anabranch ever wrote; restore it from a copy or a \
             replica"
        );
    }
}

#[test]
fn a_truncated_file_says_so() {
    let (folder, path, _) = folder_with_database(500);
    let bytes = fs::read(&path).unwrap();
    for size in [100, 512, 16_383, 16_384, 16_385, 50_000, bytes.len() - 16_384] {
        fs::write(&path, &bytes[..size]).unwrap();
        for mode in BOTH {
            assert_eq!(
                refusal(&folder, SqliteStorage::open(&path, mode)),
                format!(
                    "~/a.anb is truncated: its {size} bytes are fewer than its header announces; restore it from a \
                     copy or a replica"
                )
            );
            assert_eq!(fs::read(&path).unwrap(), bytes[..size], "it is left alone");
        }
    }
    for size in 1..100 {
        fs::write(&path, &bytes[..size]).unwrap();
        assert!(SqliteStorage::open(&path, OpenMode::ReadWrite).is_err());
    }
}

#[test]
fn a_schema_that_is_not_ours_is_refused() {
    for (sql, name) in [
        ("DROP TABLE blob_chunks", "blob_chunks"),
        ("DROP INDEX commits_by_id", "commits_by_id"),
        ("ALTER TABLE commits ADD COLUMN note TEXT", "commits"),
        ("ALTER TABLE definitions RENAME COLUMN stored TO kept", "definitions"),
        ("DROP INDEX blobs_by_id; CREATE VIEW blobs_by_id AS SELECT 1", "blobs_by_id"),
    ] {
        let (folder, path, _) = folder_with_database(2);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        for mode in BOTH {
            assert_eq!(
                refusal(&folder, SqliteStorage::open(&path, mode)),
                format!(
                    "~/a.anb is damaged: its `{name}` is not there or not as Anabranch makes it; restore it from a \
                     copy or a replica"
                ),
                "{sql}"
            );
        }
    }
}

#[test]
fn what_the_first_files_lack_is_made_when_they_are_written() {
    let (_folder, path, commits) = folder_with_database(2);
    let sql = "DROP TABLE chunk_claims; DROP INDEX blob_chunks_by_chunk";
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    assert_eq!(stored(&SqliteStorage::open(&path, OpenMode::ReadOnly).unwrap()), commits);
    let (first, second) = (open(&path), open(&path));
    change(&first, |transaction| {
        let id = anabranch_model::ChunkId::of(b"x");
        transaction.put_chunk(id, b"x").unwrap();
        transaction.claim_chunks(&[id], 1).unwrap();
    });
    assert_eq!(second.check_structure().unwrap(), [""; 0]);
    assert_eq!(super::super::schema::first_difference(&Connection::open(&path).unwrap()).unwrap(), None);
}

#[test]
fn a_missing_row_is_damage() {
    for table in ["meta", "counters"] {
        let (folder, path, _) = folder_with_database(2);
        Connection::open(&path).unwrap().execute_batch(&format!("DELETE FROM {table}")).unwrap();
        for mode in BOTH {
            assert_eq!(
                refusal(&folder, SqliteStorage::open(&path, mode)),
                "~/a.anb is damaged: a row that every database has is missing; restore it from a copy or a replica",
                "{table}"
            );
        }
    }
}

#[test]
fn tables_that_later_versions_add_are_in_nobodys_way() {
    let (_folder, path, commits) = folder_with_database(2);
    let sql = "CREATE TABLE nodes (id INTEGER PRIMARY KEY, bytes BLOB); CREATE INDEX x ON nodes (bytes)";
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let storage = open(&path);
    change(&storage, |transaction| add(transaction, commits.last(), "more"));
    assert_eq!(stored(&storage).len(), 3);
}

#[test]
fn a_trigger_in_a_file_is_never_run() {
    let (_folder, path, commits) = folder_with_database(2);
    let sql =
        "CREATE TRIGGER evil AFTER INSERT ON commits BEGIN UPDATE meta SET documentation = 'gotcha'; END";
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let storage = open(&path);
    change(&storage, |transaction| add(transaction, commits.last(), "more"));
    assert_eq!(storage.snapshot().unwrap().meta().unwrap(), meta());
}

#[test]
fn a_file_that_another_tool_took_out_of_wal_mode_goes_back_to_it() {
    let (folder, path, commits) = folder_with_database(2);
    Connection::open(&path).unwrap().pragma_update(None, "journal_mode", "DELETE").unwrap();
    assert_eq!(stored(&SqliteStorage::open(&path, OpenMode::ReadOnly).unwrap()), commits);
    let storage = open(&path);
    change(&storage, |transaction| add(transaction, commits.last(), "more"));
    assert!(names(folder.path()).contains(&"a.anb-wal".to_owned()));
}

#[test]
fn opening_does_not_depend_on_the_working_directory_afterwards() {
    // A relative path is resolved once. This runs in a process of its own under nextest, and changes nothing for others
    // otherwise, for the folder is named in full.
    let (folder, path, commits) = folder_with_database(2);
    let roundabout =
        folder.path().join(".").join("..").join(folder.path().file_name().unwrap()).join("a.anb");
    let storage = open(&roundabout);
    assert_eq!(storage.real, fs::canonicalize(path).unwrap());
    assert_eq!(storage.location(), roundabout.display().to_string());
    assert_eq!(stored(&storage), commits);
}
