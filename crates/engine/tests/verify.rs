//! `verify` finds what is wrong, names the object, goes on, and changes nothing.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests: what goes wrong should stop them")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path as FilePath, PathBuf};

use anabranch_engine::storage::{ChunkRef, MemoryStorage, Meta, SqliteStorage, Storage};
use anabranch_engine::verify::{
    BlobFault, ChunkFault, CommitFault, DefinitionFault, List, Phase, Problem, Progress, Report,
    verify_storage,
};
use anabranch_engine::{
    BlobLayout, CommitHeader, CommitKind, Database, Error, Metadata, MutableState, OpenMode,
};
use anabranch_model::{BlobId, ChunkId, CommitId, Path, PayloadHash, RuntimeId, SetValue, Type, Uuid, Value};
use anabranch_testkit::fixture::{Fixture, fixture};
use anabranch_testkit::script::{history, perform};
use proptest::prelude::*;
use rusqlite::{Connection, params};
use tempfile::TempDir;

/// Bytes without a pattern, the same for the same seed.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// Records a picture and some tags, each commit its own.
fn commit(database: &Database, fixture: &Fixture, parent: CommitId, number: u8, picture: BlobId) -> CommitId {
    let mut mutable = MutableState::new(database.state(parent).unwrap());
    let key = fixture.key(number % 3);
    mutable.set(&fixture.doc, &key, fixture.doc.create_document()).unwrap();
    let path = Path::root().field("picture");
    mutable.update(&fixture.doc, &key, &path, Value::BlobId(picture)).unwrap();
    let tags = [Value::from("tag"), Value::from(&*format!("tag {number}"))];
    let tags = SetValue::new(Type::String.into(), tags.to_vec()).unwrap();
    mutable.union_in_set(&fixture.doc, &key, &Path::root().field("tags"), tags).unwrap();
    database.commit_mutations(&format!("commit {number}"), &mutable).unwrap()
}

/// A little of everything: commits of every kind, and blobs of no, one and several chunks, some of them shared.
fn fill(database: &Database, fixture: &Fixture) {
    let large = noise(1, 900_000);
    let mut changed = large.clone();
    changed[800_000] ^= 1;
    let blobs = database
        .create_blobs([
            (BlobLayout::BYTES, noise(2, 1_000)),
            (BlobLayout::BYTES, large.clone()),
            ("float-3".parse().unwrap(), large),
            (BlobLayout::BYTES, changed),
            (BlobLayout::BYTES, Vec::new()),
        ])
        .unwrap();
    let root = commit(database, fixture, CommitId::ZERO, 0, blobs[0]);
    let left = commit(database, fixture, root, 1, blobs[1]);
    let right = commit(database, fixture, root, 2, blobs[2]);
    let right = commit(database, fixture, right, 3, blobs[4]);
    let merge = database.merge_commit("merge", left, right).unwrap();
    let off = database.disable_commit("off", merge, left).unwrap();
    let on = database.enable_commit("on", off, left).unwrap();
    commit(database, fixture, on, 4, BlobId::ZERO);
    commit(database, fixture, root, 5, blobs[1]);
    commit(database, fixture, CommitId::ZERO, 6, blobs[3]);
}

/// The bytes of a chunk that no blob uses.
const UNUSED: &[u8] = b"of no use to any blob";

fn put_unused_chunk(storage: &dyn Storage) {
    let mut transaction = storage.transaction().unwrap();
    transaction.put_chunk(ChunkId::of(UNUSED), UNUSED).unwrap();
    transaction.commit().unwrap();
}

/// A file with a little of everything.
fn sample(folder: &FilePath) -> PathBuf {
    let fixture = fixture();
    let path = folder.join("sample.anb");
    let database = Database::create(&path, "a sample", &fixture.definitions).unwrap();
    fill(&database, &fixture);
    drop(database);
    put_unused_chunk(&open(&path));
    path
}

fn open(path: &FilePath) -> SqliteStorage {
    SqliteStorage::open(path, OpenMode::ReadWrite).unwrap()
}

/// SQLite itself, by which damage is done.
fn raw(path: &FilePath) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection
}

fn verify(storage: &dyn Storage) -> Report {
    verify_storage(storage, &mut |_| {}).unwrap()
}

fn lines(report: &Report) -> Vec<String> {
    report.problems.iter().map(ToString::to_string).collect()
}

fn new_meta() -> Meta {
    Meta { uuid: Uuid::from_u128(1), documentation: String::new(), created: 0, synchronised: false }
}

#[test]
fn a_sound_database_has_no_problems() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let memory = MemoryStorage::new(new_meta());
    put_unused_chunk(&memory);
    let memory = Database::with_storage(Box::new(memory)).unwrap();
    memory.extend_definitions(&fixture().definitions).unwrap();
    fill(&memory, &fixture());
    for database in [memory, Database::open(&path, OpenMode::ReadOnly).unwrap()] {
        let report = database.verify(&mut |_| {}).unwrap();
        assert_eq!(lines(&report), [""; 0]);
        assert!(report.is_sound());
        let statistics = database.statistics().unwrap();
        assert_eq!((report.commits, report.payload_bytes), (statistics.commits, statistics.payload_bytes));
        assert_eq!((report.blobs, report.chunks), (statistics.blobs, statistics.chunks));
        assert_eq!(report.chunk_bytes, statistics.chunk_bytes);
        assert_eq!(report.definitions, database.definitions().unwrap().len() as u64);
        assert_eq!((report.commits, report.blobs), (10, 5));
    }
}

#[test]
fn an_empty_database_has_no_problems() {
    let report = verify(&MemoryStorage::new(new_meta()));
    assert!(report.is_sound());
    assert_eq!(report.commits, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_was_recorded_is_sound(actions in history(40)) {
        let fixture = fixture();
        let database = Database::create_in_memory(&fixture.definitions).unwrap();
        actions.iter().for_each(|action| perform(&database, &fixture, action));
        prop_assert_eq!(lines(&database.verify(&mut |_| {}).unwrap()), [""; 0]);
    }
}

#[test]
fn verifying_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let before = fs::read(&path).unwrap();
    let storage = open(&path);
    let version = storage.snapshot().unwrap().data_version().unwrap();
    assert!(verify(&storage).is_sound());
    assert_eq!(storage.snapshot().unwrap().data_version().unwrap(), version);
    drop(storage);
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn progress_goes_through_the_phases_to_the_end_of_each() {
    let folder = TempDir::new().unwrap();
    let storage = open(&sample(folder.path()));
    let mut heard: Vec<Progress> = Vec::new();
    let report = verify_storage(&storage, &mut |progress| heard.push(progress)).unwrap();
    assert!(heard.is_sorted_by_key(|progress| (progress.phase, progress.done, progress.bytes)));
    let ends: Vec<(Phase, u64, u64)> = heard
        .chunk_by(|a, b| a.phase == b.phase)
        .filter_map(|phase| phase.last())
        .map(|progress| (progress.phase, progress.done, progress.expected))
        .collect();
    assert_eq!(
        ends,
        [
            (Phase::Definitions, report.definitions, report.definitions),
            (Phase::Blobs, 5, 5),
            (Phase::Chunks, 1, 1),
            (Phase::Commits, 10, 10),
            (Phase::Structure, 1, 1),
        ]
    );
}

/// The rows of a column: what finds each, and what it holds.
fn cells(raw: &Connection, table: &str, key: &str, column: &str) -> Vec<(i64, Vec<u8>)> {
    let sql = format!("SELECT {key}, CAST({column} AS BLOB) FROM {table} ORDER BY {key}");
    let mut statement = raw.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Flips one bit in `places` bytes of each cell of a column, one at a time, and calls `check` with the row, what the cell
/// held, what it holds, and what `verify` finds.
fn flip_each(
    path: &FilePath,
    (table, key, column): (&str, &str, &str),
    places: usize,
    mut check: impl FnMut(i64, &[u8], &[u8], Report),
) {
    let raw = raw(path);
    let storage = open(path);
    let set = |row: i64, content: &[u8]| {
        let affinity = if column == "layout" || column == "label" { "TEXT" } else { "BLOB" };
        let sql = format!("UPDATE {table} SET {column} = CAST(?1 AS {affinity}) WHERE {key} = ?2");
        assert_eq!(raw.execute(&sql, params![content, row]).unwrap(), 1);
    };
    let mut flips = 0;
    for (row, content) in cells(&raw, table, key, column) {
        let step = content.len().div_ceil(places).max(1);
        for (place, bit) in (0..content.len()).step_by(step).zip((0..8).cycle()) {
            let mut flipped = content.clone();
            flipped[place] ^= 1 << bit;
            set(row, &flipped);
            check(row, &content, &flipped, verify(&storage));
            flips += 1;
        }
        set(row, &content);
    }
    assert!(flips > 0);
    assert_eq!(lines(&verify(&storage)), [""; 0], "the damage was undone");
}

fn commit_ids(path: &FilePath) -> Vec<CommitId> {
    cells(&raw(path), "commits", "arrival", "id")
        .into_iter()
        .map(|(_, id)| CommitId::from_slice(&id).unwrap())
        .collect()
}

#[test]
fn a_flipped_bit_in_a_payload_is_found_and_its_commit_named() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let ids = commit_ids(&path);
    flip_each(&path, ("commits", "arrival", "payload"), 10, |arrival, _, _, report| {
        let expected = ids[arrival as usize - 1];
        let [Problem::Commit { id, fault: CommitFault::Payload }] = &report.problems[..] else {
            panic!("{:?}", lines(&report));
        };
        assert_eq!(*id, expected);
        assert_eq!(
            report.problems[0].to_string(),
            format!(
                "commit {expected}: its payload is not what its id says; restore the database from a copy, or make a \
                 new one from a replica"
            )
        );
    });
}

#[test]
fn a_flipped_bit_in_a_payload_hash_is_told_from_one_in_the_payload() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let ids = commit_ids(&path);
    flip_each(&path, ("commits", "arrival", "payload_hash"), 3, |arrival, _, _, report| {
        let [Problem::Commit { id, fault: CommitFault::PayloadHash }] = &report.problems[..] else {
            panic!("{:?}", lines(&report));
        };
        assert_eq!(*id, ids[arrival as usize - 1]);
    });
}

#[test]
fn a_flipped_bit_in_a_commit_id_is_found_at_that_commit_alone() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    flip_each(&path, ("commits", "arrival", "id"), 3, |_, content, flipped, report| {
        let [Problem::Commit { id, fault: CommitFault::Id { found } }] = &report.problems[..] else {
            panic!("{:?}", lines(&report));
        };
        assert_eq!(
            (id.as_bytes(), found.as_bytes()),
            (flipped.try_into().unwrap(), content.try_into().unwrap())
        );
    });
}

#[test]
fn a_flipped_bit_in_a_chunk_is_found_and_every_blob_that_uses_it_named() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let mut users = BTreeSet::new();
    flip_each(&path, ("chunks", "number", "bytes"), 5, |_, content, _, report| {
        let damaged = ChunkId::of(content);
        let Problem::Chunk { id, fault: ChunkFault::Bytes } = &report.problems[0] else {
            panic!("{:?}", lines(&report));
        };
        assert_eq!(*id, damaged);
        for problem in &report.problems[1..] {
            let Problem::Blob { id, fault: BlobFault::DamagedChunk { chunk } } = problem else {
                panic!("{problem}")
            };
            assert_eq!(*chunk, damaged);
            users.insert((*chunk, *id));
        }
        assert_eq!(report.problems.len() == 1, content == UNUSED, "{:?}", lines(&report));
    });
    let sql = "SELECT count(*) FROM blob_chunks";
    let expected: isize = raw(&path).query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(users.len() as isize, expected, "each use of a chunk was named");
}

#[test]
fn a_flipped_bit_in_a_chunk_id_is_found_at_the_chunk_and_its_blobs() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    flip_each(&path, ("chunks", "number", "id"), 2, |_, content, flipped, report| {
        let (lost, misnamed) = (ChunkId::from_slice(content).unwrap(), ChunkId::from_slice(flipped).unwrap());
        assert!(report.problems.iter().any(|problem| matches!(
            problem,
            Problem::Chunk { id, fault: ChunkFault::Bytes } if *id == misnamed
        )));
        let is_said = report.problems.iter().any(|problem| {
            matches!(
                problem,
                Problem::Blob { fault: BlobFault::MissingChunk { chunk }, .. } if *chunk == lost
            )
        });
        assert_eq!(is_said, lost != ChunkId::of(UNUSED), "{:?}", lines(&report));
    });
}

#[test]
fn a_flipped_bit_in_what_is_recorded_of_a_blob_is_found_and_the_blob_named() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let ids: Vec<BlobId> = cells(&raw(&path), "blobs", "number", "id")
        .into_iter()
        .map(|(_, id)| BlobId::from_slice(&id).unwrap())
        .collect();
    flip_each(&path, ("blobs", "number", "id"), 4, |_, content, flipped, report| {
        let [Problem::Blob { id, fault: BlobFault::Id { found, .. } }] = &report.problems[..] else {
            panic!("{:?}", lines(&report));
        };
        assert_eq!(
            (id.as_bytes(), found.as_bytes()),
            (flipped.try_into().unwrap(), content.try_into().unwrap())
        );
    });
    flip_each(&path, ("blobs", "number", "content"), 4, |number, _, _, report| {
        let [Problem::Blob { id, fault: BlobFault::ContentHash }] = &report.problems[..] else {
            panic!("{:?}", lines(&report));
        };
        assert_eq!(*id, ids[number as usize - 1]);
    });
    flip_each(&path, ("blobs", "number", "layout"), 7, |number, _, flipped, report| {
        let expected = ids[number as usize - 1];
        let blobs = report.problems.iter().filter_map(|problem| match problem {
            Problem::Blob { id, fault } => Some((*id, fault)),
            _ => None,
        });
        for (id, fault) in blobs.clone() {
            assert_eq!(id, expected, "{:?}", lines(&report));
            // A text that is none cannot be read at all.
            let is_text = std::str::from_utf8(flipped).is_ok();
            assert_eq!(matches!(fault, BlobFault::Unreadable { .. }), !is_text);
        }
        assert!(blobs.count() > 0, "{:?}", lines(&report));
    });
    let references = "position * 1000 + blob";
    flip_each(&path, ("blob_chunks", references, "chunk"), 3, |row, _, flipped, report| {
        let lost = ChunkId::from_slice(flipped).unwrap();
        assert!(report.problems.iter().any(|problem| matches!(
            problem,
            Problem::Blob { id, fault: BlobFault::MissingChunk { chunk } }
                if *chunk == lost && *id == ids[row as usize % 1000 - 1]
        )));
    });
}

#[test]
fn a_flipped_bit_in_a_definition_is_found_and_the_definition_named() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let ids: Vec<RuntimeId> = cells(&raw(&path), "definitions", "number", "id")
        .into_iter()
        .map(|(_, id)| RuntimeId::from_uuid(Uuid::from_slice(&id).unwrap()))
        .collect();
    flip_each(&path, ("definitions", "number", "stored"), 40, |number, content, flipped, report| {
        assert!(!report.is_sound());
        // The name of a namespace is no part of what a definition means: which of two is right cannot be told.
        let name = content.windows(5).position(|bytes| bytes == b"\x64Test").unwrap();
        if content[name..name + 5] != flipped[name..name + 5] && number == 1 {
            return;
        }
        for problem in &report.problems {
            let Problem::Definition { id, .. } = problem else { panic!("{problem}") };
            assert_eq!(*id, ids[number as usize - 1], "{:?}", lines(&report));
        }
    });
    flip_each(&path, ("definitions", "number", "id"), 4, |number, _, flipped, report| {
        let [Problem::Definition { id, fault: DefinitionFault::Id { found, .. } }] = &report.problems[..]
        else {
            panic!("{:?}", lines(&report));
        };
        assert_eq!((id.as_bytes(), *found), (flipped.try_into().unwrap(), ids[number as usize - 1]));
    });
}

/// What is found after one statement.
fn after(path: &FilePath, sql: &str) -> Report {
    let raw = raw(path);
    raw.execute_batch("BEGIN").unwrap();
    assert!(raw.execute(sql, []).unwrap() > 0, "{sql}");
    raw.execute_batch("COMMIT").unwrap();
    verify(&open(path))
}

/// The faults of a commit that were found, and a word that each must have; nothing else may be found but by the storage.
fn assert_commit(report: &Report, id: CommitId, words: &[&str]) {
    let mut left: Vec<&&str> = words.iter().collect();
    for problem in &report.problems {
        match problem {
            Problem::Commit { id: found, fault } => {
                assert_eq!(*found, id, "{:?}", lines(report));
                let text = fault.to_string();
                let place = left.iter().position(|word| text.contains(**word));
                left.remove(place.unwrap_or_else(|| panic!("{:?}", lines(report))));
            }
            Problem::Structure { .. } => {}
            other => panic!("{other}"),
        }
    }
    assert!(left.is_empty(), "{left:?} in {:?}", lines(report));
}

#[test]
fn what_is_recorded_beside_a_commit_is_checked() {
    let folder = TempDir::new().unwrap();
    let check = |sql: &str, arrival: usize, words: &[&str]| {
        let path = sample(&tempfile::tempdir_in(folder.path()).unwrap().keep());
        let ids = commit_ids(&path);
        assert_commit(&after(&path, sql), ids[arrival - 1], words);
    };
    check(
        "UPDATE commits SET generation = generation + 1 WHERE arrival = 3",
        3,
        &["generation is 3 and should be 2"],
    );
    check("UPDATE commits SET timestamp = 1 WHERE arrival = 8", 8, &["before that of commit"]);
    check("UPDATE commits SET kind = 3 WHERE arrival = 6", 6, &["give the id"]);
    check("UPDATE commits SET target = 3 WHERE arrival = 7", 7, &["give the id"]);
    check("UPDATE commits SET target = 1 WHERE arrival = 8", 8, &["give the id", "has no target"]);
    check(
        "UPDATE commits SET target = NULL WHERE arrival = 6",
        6,
        &["give the id", "has a parent and a target"],
    );
    check(
        "UPDATE commits SET payload = x'00' WHERE arrival = 5",
        5,
        &["not what its id says", "only a Mutations"],
    );
    check("DELETE FROM older_heads WHERE arrival = 9", 9, &["but not listed"]);
    check("INSERT INTO older_heads VALUES (4)", 4, &["but is none"]);
    check("DELETE FROM commit_blobs WHERE arrival = 2", 2, &["not recorded among its blobs"]);
    check("INSERT INTO commit_blobs VALUES (2, 5)", 2, &["does not refer to it"]);
    check("INSERT INTO commit_blobs VALUES (5, 5)", 5, &["does not refer to it"]);
    check(
        "UPDATE commits SET kind = 0 WHERE arrival = 6",
        6,
        &["give the id", "has no target", "does not decode"],
    );
}

#[test]
fn a_missing_commit_or_blob_is_named_by_what_needs_it() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let ids = commit_ids(&path);
    // Nothing but the blob itself: its references go with it.
    let raw = raw(&path);
    let blob: [u8; 32] =
        raw.query_row("SELECT id FROM blobs WHERE number = 4", [], |row| row.get(0)).unwrap();
    let blob = BlobId::from_bytes(blob);
    raw.execute_batch("DELETE FROM blobs WHERE number = 4; DELETE FROM blob_chunks WHERE blob = 4").unwrap();
    let report = verify(&open(&path));
    assert_commit(&report, ids[9], &["which is not here"]);
    let line = format!(
        "commit {}: it refers to blob {blob}, which is not here; store the blob again, or restore the database from a copy",
        ids[9]
    );
    assert!(lines(&report).contains(&line), "{:?}", lines(&report));

    raw.execute_batch("DELETE FROM commits WHERE arrival = 2").unwrap();
    let report = verify(&open(&path));
    for dependent in [ids[4], ids[5], ids[6]] {
        // Its number is all that was stored of it, so that its id is not known any more.
        assert!(report.problems.iter().any(|problem| matches!(
            problem,
            Problem::Commit { id, fault: CommitFault::Id { .. } } if *id == dependent
        )));
    }
}

#[test]
fn what_follows_from_nothing_cannot_be_checked() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    for sql in [
        "UPDATE commits SET label = 'another', author = 'nobody'",
        "UPDATE commits SET timestamp = timestamp + 1000",
        "UPDATE blobs SET created = 0",
        "UPDATE meta SET documentation = 'another'",
    ] {
        assert!(after(&path, sql).is_sound(), "{sql}");
    }
}

#[test]
fn a_commit_that_cannot_be_read_is_named_by_its_number_and_the_others_are_checked() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let ids = commit_ids(&path);
    raw(&path).execute_batch("UPDATE commits SET payload = x'81' WHERE arrival = 10").unwrap();
    let report = after(&path, "UPDATE commits SET label = CAST(x'ff' AS TEXT) WHERE arrival IN (3, 4, 9)");
    let numbers: Vec<(u64, u64)> = report
        .problems
        .iter()
        .filter_map(|problem| match problem {
            Problem::CommitNumbers { first, last, .. } => Some((*first, *last)),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, [(3, 4), (9, 9)], "{:?}", lines(&report));
    let is_line = |start: &str| lines(&report).iter().filter(|line| line.starts_with(start)).count() == 1;
    assert!(is_line("commits number 3 to 4: ") && is_line("commit number 9: "));
    assert!(report.problems.iter().any(|problem| matches!(
        problem,
        Problem::Commit { id, fault: CommitFault::Payload } if *id == ids[9]
    )));
    assert_eq!(report.commits, 7);
}

#[test]
fn every_damaged_object_is_named_in_one_run() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let report = after(&path, "UPDATE commits SET payload = CAST(x'81' || payload AS BLOB) WHERE kind = 0");
    let damaged = report
        .problems
        .iter()
        .filter(|problem| matches!(problem, Problem::Commit { fault: CommitFault::Payload, .. }));
    assert_eq!(damaged.count(), 7);
    let report = after(&path, "UPDATE chunks SET bytes = CAST(x'00' || bytes AS BLOB)");
    let (chunks, blobs) =
        report.problems.iter().fold((0, BTreeSet::new()), |(chunks, mut blobs), problem| {
            if let Problem::Blob { id, .. } = problem {
                blobs.insert(*id);
            }
            (chunks + usize::from(matches!(problem, Problem::Chunk { .. })), blobs)
        });
    assert_eq!(chunks as u64, report.chunks);
    assert_eq!(blobs.len(), 4, "all but the empty one");
    assert!(lines(&report).iter().all(|line| !line.contains('\n')));
}

#[test]
fn a_database_that_cannot_be_opened_for_its_definitions_can_be_verified() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let id = cells(&raw(&path), "definitions", "number", "id").remove(0).1;
    let id = RuntimeId::from_uuid(Uuid::from_slice(&id).unwrap());
    let report =
        after(&path, "UPDATE definitions SET stored = CAST(x'00' || stored AS BLOB) WHERE number = 1");
    assert!(matches!(Database::open(&path, OpenMode::ReadOnly), Err(Error::Definitions(_))));
    // The definitions that need it and the payloads under them are not at fault.
    let [Problem::Definition { id: found, fault: DefinitionFault::Unreadable { .. } }] = &report.problems[..]
    else {
        panic!("{:?}", lines(&report));
    };
    assert_eq!(*found, id);
    assert_eq!(report.commits, 10);
}

#[test]
fn a_commit_that_no_program_should_have_stored_is_found() {
    let fixture = fixture();
    let storage = MemoryStorage::new(new_meta());
    let mut transaction = storage.transaction().unwrap();
    for (id, stored) in fixture.definitions.encode() {
        transaction.put_definition(id, &stored).unwrap();
    }
    let mut put = |kind, parent, target, payload: &[u8], generation| {
        let payload_hash = PayloadHash::of(payload);
        let id = CommitHeader::derive_id(kind, parent, target, payload_hash);
        let metadata = Metadata::default();
        let header = CommitHeader { id, kind, parent, target, payload_hash, generation, metadata };
        transaction.put_commit(&header, payload, &[]).unwrap();
        id
    };
    let empty = [0x81, 0x01];
    let root = put(CommitKind::Mutations, CommitId::ZERO, CommitId::ZERO, &empty, 1);
    let child = put(CommitKind::Mutations, root, CommitId::ZERO, &empty, 2);
    let flawed = [
        (put(CommitKind::Mutations, root, CommitId::ZERO, b"no opcodes", 2), "its payload does not decode: "),
        (put(CommitKind::Mutations, root, child, &empty, 3), "a Mutations commit has no target"),
        (
            put(CommitKind::Merge, child, CommitId::ZERO, b"", 3),
            "a merge or decision has a parent and a target",
        ),
        (put(CommitKind::Disable, child, root, b"why", 3), "only a Mutations commit has a payload"),
        (put(CommitKind::Enable, child, root, b"", 9), "its generation is 9 and should be 3"),
    ];
    transaction.commit().unwrap();
    let report = verify(&storage);
    assert_eq!(report.problems.len(), flawed.len(), "{:?}", lines(&report));
    for ((id, words), line) in flawed.iter().zip(lines(&report)) {
        assert!(line.starts_with(&format!("commit {id}: {words}")), "{line}");
    }
}

#[test]
fn a_blob_that_no_program_should_have_stored_is_found() {
    let storage = MemoryStorage::new(new_meta());
    let path = Database::with_storage(Box::new(MemoryStorage::new(new_meta()))).unwrap();
    let id = path.create_blob(BlobLayout::BYTES, b"thirteen byte").unwrap();
    let record = path.blob_info(id).unwrap().unwrap();
    let mut transaction = storage.transaction().unwrap();
    let chunk = ChunkRef { id: ChunkId::of(b"thirteen byte"), size: 13 };
    transaction.put_chunk(chunk.id, b"thirteen byte").unwrap();
    let mut put = |flaw: &dyn Fn(&mut anabranch_engine::storage::BlobRecord), chunks: &[ChunkRef]| {
        let mut record = record.clone();
        flaw(&mut record);
        transaction.put_blob(&record, chunks).unwrap();
    };
    put(&|blob| blob.id = BlobId::from_bytes([1; 32]), &[chunk]);
    put(&|blob| (blob.id, blob.size) = (BlobId::from_bytes([2; 32]), 14), &[chunk]);
    put(&|blob| blob.id = BlobId::from_bytes([3; 32]), &[chunk, chunk]);
    put(&|blob| blob.id = BlobId::from_bytes([4; 32]), &[ChunkRef { size: 12, ..chunk }]);
    put(&|blob| (blob.id, blob.layout) = (BlobId::from_bytes([5; 32]), "half-3".to_owned()), &[chunk]);
    put(&|blob| (blob.id, blob.layout) = (BlobId::from_bytes([6; 32]), "float-3".to_owned()), &[chunk]);
    transaction.commit().unwrap();
    let mut found: Vec<Vec<String>> = vec![Vec::new(); 7];
    for problem in verify(&storage).problems {
        let Problem::Blob { id, fault } = problem else { panic!("{problem}") };
        found[usize::from(id.as_bytes()[0])].push(fault.to_string());
    }
    let gives = |layout: &str| format!("its layout {layout} and its content give the id ");
    assert!(found[1][0].starts_with(&format!("{}{id}", gives("uchar-1"))));
    assert_eq!(found[2][0], "it has 13 bytes, not 14");
    assert_eq!(found[3][..2], ["it has 26 bytes, not 13", "its content is not what its id says"]);
    assert_eq!(found[4][0], format!("its chunk {} has 13 bytes, not 12", chunk.id));
    assert!(found[5].contains(&"`half-3` is no layout".to_owned()), "{found:?}");
    assert!(found[6].contains(&"its 13 bytes are not a whole number of float-3 elements".to_owned()));
}

/// Everything that ids vouch for, or nothing when some of it cannot be read.
fn contents(path: &FilePath) -> Option<Vec<Vec<u8>>> {
    let database = Database::open(path, OpenMode::ReadOnly).ok()?;
    let snapshot = database.read().ok()?;
    let mut contents = Vec::new();
    for (_, header) in snapshot.arrivals(0, 1000).ok()? {
        contents.push([header.id, header.parent, header.target].map(|id| id.as_bytes().to_vec()).concat());
        contents.push(snapshot.payload(header.id).ok()??);
    }
    for id in database.blob_ids().ok()? {
        contents.push(database.read_blob(id).ok()?);
    }
    contents.extend(database.head_commit_ids().ok()?.iter().map(|id| id.as_bytes().to_vec()));
    Some(contents)
}

/// Opens and verifies what may be damaged in any way, and answers whether it was said to be.
fn is_reported(path: &FilePath) -> bool {
    match SqliteStorage::open(path, OpenMode::ReadOnly) {
        Ok(storage) => match verify_storage(&storage, &mut |_| {}) {
            Ok(report) => {
                assert!(lines(&report).iter().all(|line| !line.contains('\n')), "{:?}", lines(&report));
                !report.is_sound()
            }
            Err(error) => !error.to_string().is_empty(),
        },
        Err(error) => !error.to_string().is_empty(),
    }
}

#[test]
fn a_flipped_bit_anywhere_in_the_file_is_reported_or_harmless() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let sound = fs::read(&path).unwrap();
    let expected = contents(&path).unwrap();
    let flipped_path = folder.path().join("flipped.anb");
    let (mut reported, mut harmless) = (0, 0);
    for (round, offset) in noise(42, 4 * 200).chunks_exact(4).enumerate() {
        let offset = u32::from_le_bytes(offset.try_into().unwrap()) as usize;
        // Most of the file is chunks, where every flip is alike: half of the flips go to where the rest starts.
        let place = offset % if round % 2 == 0 { sound.len() } else { 24 * 16_384 };
        let mut flipped = sound.clone();
        flipped[place] ^= 1 << (round % 8);
        fs::write(&flipped_path, &flipped).unwrap();
        if is_reported(&flipped_path) {
            reported += 1;
        } else {
            harmless += 1;
            assert!(contents(&flipped_path).as_ref() == Some(&expected), "a flip at {place} went unseen");
        }
    }
    assert!(reported > 50, "{reported} reported, {harmless} harmless");
}

#[test]
fn a_file_that_ends_too_early_is_reported() {
    let folder = TempDir::new().unwrap();
    let path = sample(folder.path());
    let sound = fs::read(&path).unwrap();
    let short = folder.path().join("short.anb");
    for part in 0..40 {
        fs::write(&short, &sound[..sound.len() * part / 40]).unwrap();
        assert!(is_reported(&short), "{part}/40 of the file");
    }
}

#[test]
fn lists_are_named_for_people() {
    assert_eq!(List::Heads.to_string(), "the list of heads");
    let problem = Problem::List { list: List::Blobs, fault: anabranch_engine::verify::ListFault::Disorder };
    assert_eq!(
        problem.to_string(),
        "the list of blobs: it is out of order, so that a part of it cannot be found; restore the database from a copy, \
         or make a new one from a replica"
    );
}
