//! A collection removes what nobody refers to and is old enough, all of it and nothing else, whoever works meanwhile.

#![expect(clippy::unwrap_used, reason = "tests: what goes wrong should stop them")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anabranch_engine::{
    BlobLayout, CheckpointPolicy, Database, Error, GarbageReport, GcOptions, MutableState, OpenMode,
    PackedChunk,
};
use anabranch_model::{BlobId, ChunkId, CommitId, Path, Value};
use anabranch_testkit::fixture::{Fixture, fixture};
use proptest::prelude::*;
use tempfile::TempDir;

const KIB: usize = 1 << 10;

const NOW: GcOptions = GcOptions { grace: Duration::ZERO, dry_run: false };

fn file(folder: &TempDir, fixture: &Fixture) -> Database {
    Database::create(folder.path().join("pool.anb"), "", &fixture.definitions).unwrap()
}

/// Bytes without a pattern, the same for the same seed.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// Contents that share chunks: a beginning of one of a few, and an end of its own.
fn content(seed: u64) -> Vec<u8> {
    let shared = noise(seed % 3, 1100 * KIB);
    let mut bytes = shared[..(seed as usize % 4) * 366 * KIB].to_vec();
    bytes.extend(noise(seed, 1 + seed as usize % 3 * 40 * KIB));
    bytes
}

/// A commit, on top of the last, of a document that refers to a blob.
fn refer(database: &Database, fixture: &Fixture, blob: BlobId) -> Result<CommitId, Error> {
    let base = database.last_commit_id()?.unwrap_or(CommitId::ZERO);
    let mut mutable = MutableState::new(database.state(base)?);
    mutable.update(&fixture.doc, &fixture.key(0), &Path::from_field("picture"), Value::BlobId(blob)).unwrap();
    database.commit_mutations("refers", &mutable)
}

#[derive(Clone, Debug)]
enum Action {
    /// Creates a blob, in one of three ways.
    Create { seed: u64, how: u8 },
    /// A commit that refers to one of the blobs.
    Refer(usize),
    /// Chunks of a blob that never comes.
    Abandon(u64),
    /// Takes the last commit back.
    Delete,
    /// Collects what is older than a day.
    CollectOld,
    /// Collects everything.
    Collect,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        5 => (0..12_u64, 0..3_u8).prop_map(|(seed, how)| Action::Create { seed, how }),
        3 => any::<usize>().prop_map(Action::Refer),
        1 => (100..104_u64).prop_map(Action::Abandon),
        1 => Just(Action::Delete),
        1 => Just(Action::CollectOld),
        2 => Just(Action::Collect),
    ]
}

/// The blobs that are here, by what they hold, and the commits that refer to them, in order.
#[derive(Default)]
struct Model {
    blobs: BTreeMap<BlobId, Vec<u8>>,
    commits: Vec<(CommitId, BlobId)>,
}

impl Model {
    fn compare(&self, database: &Database) {
        assert_eq!(database.blob_ids().unwrap(), self.blobs.keys().copied().collect::<Vec<_>>());
        for (id, bytes) in &self.blobs {
            assert_eq!(&database.read_blob(*id).unwrap(), bytes);
        }
    }

    fn collect(&mut self, database: &Database) {
        let before = database.statistics().unwrap();
        let referred: BTreeSet<BlobId> = self.commits.iter().map(|(_, blob)| *blob).collect();
        self.blobs.retain(|id, _| referred.contains(id));
        let used: BTreeMap<ChunkId, u64> = self
            .blobs
            .keys()
            .flat_map(|id| database.read().unwrap().blob_chunks(*id).unwrap())
            .map(|chunk| (chunk.id, u64::from(chunk.size)))
            .collect();
        let foreseen = database.collect_garbage(&GcOptions { dry_run: true, ..NOW }).unwrap();
        let report = database.collect_garbage(&NOW).unwrap();
        assert_eq!(foreseen, GarbageReport { returned_bytes: 0, ..report });
        let after = database.statistics().unwrap();
        assert_eq!((after.chunks, after.chunk_bytes), (used.len() as u64, used.values().sum()));
        assert_eq!(after.blobs, self.blobs.len() as u64);
        assert_eq!(
            (report.blobs, report.blob_bytes, report.chunks, report.chunk_bytes),
            (
                before.blobs - after.blobs,
                before.blob_bytes - after.blob_bytes,
                before.chunks - after.chunks,
                before.chunk_bytes - after.chunk_bytes
            )
        );
        assert!(database.collect_garbage(&NOW).unwrap().is_empty(), "one collection takes all");
    }
}

fn run(database: &Database, fixture: &Fixture, actions: &[Action]) {
    let mut model = Model::default();
    for action in actions {
        match action {
            Action::Create { seed, how } => {
                let bytes = content(*seed);
                let id = match how {
                    0 => database.create_blob(BlobLayout::BYTES, &bytes).unwrap(),
                    1 => database.create_blobs([(BlobLayout::BYTES, &bytes)]).unwrap()[0],
                    _ => database.create_blob_from_reader(BlobLayout::BYTES, &bytes[..]).unwrap(),
                };
                model.blobs.insert(id, bytes);
            }
            Action::Refer(which) => {
                let Some(id) = model.blobs.keys().nth(which % model.blobs.len().max(1)) else { continue };
                let commit = refer(database, fixture, *id).unwrap();
                model.commits.push((commit, *id));
            }
            Action::Abandon(seed) => {
                let bytes = noise(*seed, 10 * KIB);
                let chunk = PackedChunk { id: ChunkId::of(&bytes), bytes };
                assert_eq!(database.receive_blobs(&[chunk], &[]).unwrap(), 0);
            }
            Action::Delete => {
                if let Some((commit, _)) = model.commits.pop() {
                    database.delete_commit(commit, true).unwrap();
                }
            }
            Action::CollectOld => {
                let report = database.collect_garbage(&GcOptions::default()).unwrap();
                assert_eq!(GarbageReport { returned_bytes: 0, ..report }, GarbageReport::default());
            }
            Action::Collect => model.collect(database),
        }
        model.compare(database);
    }
    model.collect(database);
    model.compare(database);
    let report = database.verify(&mut |_| {}).unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn a_collection_in_memory_leaves_what_commits_refer_to(
        actions in prop::collection::vec(action(), 0..20),
    ) {
        let fixture = fixture();
        run(&Database::create_in_memory(&fixture.definitions).unwrap(), &fixture, &actions);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn a_collection_in_a_file_leaves_what_commits_refer_to(
        actions in prop::collection::vec(action(), 0..20),
    ) {
        let (fixture, folder) = (fixture(), TempDir::new().unwrap());
        run(&file(&folder, &fixture), &fixture, &actions);
    }
}

#[test]
fn a_file_becomes_smaller_when_a_large_blob_goes() {
    let (fixture, folder) = (fixture(), TempDir::new().unwrap());
    let database = file(&folder, &fixture);
    let small = database.create_blob(BlobLayout::BYTES, b"small").unwrap();
    refer(&database, &fixture, small).unwrap();
    database.create_blob(BlobLayout::BYTES, &noise(7, 8 << 20)).unwrap();
    let report = database.collect_garbage(&NOW).unwrap();
    assert_eq!((report.blobs, report.blob_bytes, report.chunk_bytes), (1, 8 << 20, 8 << 20));
    assert!(report.returned_bytes >= 8 << 20, "{report:?}");
    drop(database);
    let size = folder.path().join("pool.anb").metadata().unwrap().len();
    assert!(size < 1 << 20, "{size}");
}

#[test]
fn a_stream_goes_on_while_others_collect() {
    let (fixture, folder) = (fixture(), TempDir::new().unwrap());
    let database = file(&folder, &fixture);
    let bytes = noise(8, 40 << 20);
    // What the stream finds here already is garbage, until the stream wants it.
    let old = database.create_blob(BlobLayout::BYTES, &bytes[..20 << 20]).unwrap();
    let mut writer = database.blob_writer(BlobLayout::BYTES);
    writer.append(&bytes[..35 << 20]).unwrap();
    let other = Database::open(folder.path().join("pool.anb"), OpenMode::ReadWrite).unwrap();
    let grace = GcOptions { grace: Duration::from_secs(600), dry_run: false };
    assert!(other.collect_garbage(&grace).unwrap().is_empty());
    other.read().unwrap().blob(old).unwrap().unwrap();
    writer.append(&bytes[35 << 20..]).unwrap();
    let id = writer.finish().unwrap();
    assert_eq!(other.read_blob(id).unwrap(), bytes);
    // Without any grace, a stream that is under way loses what it stored; it says so, and nothing is damaged.
    let mut writer = database.blob_writer(BlobLayout::BYTES);
    writer.append(&noise(9, 20 << 20)).unwrap();
    other.collect_garbage(&NOW).unwrap();
    let lost = writer.finish().unwrap_err();
    assert!(lost.to_string().contains("add its chunks first"), "{lost}");
    assert_eq!(other.statistics().unwrap().chunks, 0);
    assert!(database.verify(&mut |_| {}).unwrap().is_sound());
}

#[test]
fn a_blob_that_is_created_again_is_spared_again() {
    let (fixture, folder) = (fixture(), TempDir::new().unwrap());
    let database = file(&folder, &fixture);
    for how in 0..3 {
        let bytes = noise(20 + how, 300 * KIB);
        let create = || match how {
            0 => database.create_blob(BlobLayout::BYTES, &bytes).unwrap(),
            1 => database.create_blobs([(BlobLayout::BYTES, &bytes)]).unwrap()[0],
            _ => database.create_blob_from_reader(BlobLayout::BYTES, &bytes[..]).unwrap(),
        };
        let id = create();
        thread::sleep(Duration::from_millis(400));
        assert_eq!(create(), id);
        let report = database
            .collect_garbage(&GcOptions { grace: Duration::from_millis(300), dry_run: false })
            .unwrap();
        assert_eq!(report.blobs, 0);
        assert_eq!(database.read_blob(id).unwrap(), bytes);
        thread::sleep(Duration::from_millis(2));
        assert_eq!(database.collect_garbage(&NOW).unwrap().blobs, 1);
    }
}

#[test]
fn a_snapshot_reads_on_what_a_collection_removed() {
    let fixture = fixture();
    let folder = TempDir::new().unwrap();
    for database in [Database::create_in_memory(&fixture.definitions).unwrap(), file(&folder, &fixture)] {
        let id = database.create_blob(BlobLayout::BYTES, &noise(3, 500 * KIB)).unwrap();
        let snapshot = database.read().unwrap();
        let chunks = snapshot.blob_chunks(id).unwrap();
        assert_eq!(database.collect_garbage(&NOW).unwrap().blobs, 1);
        for chunk in chunks {
            assert_eq!(ChunkId::of(&snapshot.chunk(chunk.id).unwrap().unwrap()), chunk.id);
        }
        drop(snapshot);
        assert!(!database.blob_exists(id).unwrap());
    }
}

#[test]
fn a_database_that_may_only_be_read_says_what_would_go() {
    let (fixture, folder) = (fixture(), TempDir::new().unwrap());
    file(&folder, &fixture).create_blob(BlobLayout::BYTES, b"seven..").unwrap();
    let database = Database::open(folder.path().join("pool.anb"), OpenMode::ReadOnly).unwrap();
    let report = database.collect_garbage(&GcOptions { dry_run: true, ..NOW }).unwrap();
    assert_eq!((report.blobs, report.blob_bytes, report.chunks, report.chunk_bytes), (1, 7, 1, 7));
    assert!(database.collect_garbage(&NOW).is_err());
}

#[test]
fn checkpoints_that_cannot_be_read_go() {
    let fixture = fixture();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pool.anb");
    let policy = CheckpointPolicy { every: 4, ..CheckpointPolicy::default() };
    let database = file(&folder, &fixture).with_checkpoints(policy);
    let blob = database.create_blob(BlobLayout::BYTES, b"x").unwrap();
    for _ in 0..20 {
        refer(&database, &fixture, blob).unwrap();
    }
    let kept = |database: &Database| database.read().unwrap().checkpoint_bytes().unwrap();
    let before = kept(&database);
    assert_eq!(database.collect_garbage(&NOW).unwrap().checkpoints, 0);
    assert_eq!(kept(&database), before);
    drop(database);
    let raw = rusqlite::Connection::open(&path).unwrap();
    // The version of a segment stands after its hash.
    let later = "UPDATE checkpoints SET bytes = CAST(substr(bytes, 1, 32) || x'ff' || substr(bytes, 34) AS BLOB) \
                 WHERE place IN (SELECT place FROM checkpoints ORDER BY place LIMIT 2)";
    assert_eq!(raw.execute(later, []).unwrap(), 2);
    drop(raw);
    let database = Database::open(&path, OpenMode::ReadWrite).unwrap();
    assert_eq!(database.collect_garbage(&GcOptions { dry_run: true, ..NOW }).unwrap().checkpoints, 2);
    assert_eq!(database.collect_garbage(&NOW).unwrap().checkpoints, 2);
    let left = kept(&database);
    assert!(left > 0 && left < before);
    assert!(database.verify(&mut |_| {}).unwrap().is_sound());
}

/// Writers create blobs and refer to them, others collect without any grace, each through a handle of its own as other
/// processes would: what was acknowledged stays whole.
#[test]
fn writers_and_collections_at_once_lose_nothing_that_is_referred_to() {
    let (fixture, folder) = (fixture(), TempDir::new().unwrap());
    let path = folder.path().join("pool.anb");
    drop(file(&folder, &fixture));
    let is_over = AtomicBool::new(false);
    let open = || Database::open(&path, OpenMode::ReadWrite).unwrap();
    let referred: BTreeMap<BlobId, Vec<u8>> = thread::scope(|scope| {
        let collectors: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let database = open();
                    let mut removed = 0;
                    loop {
                        let is_last = is_over.load(Ordering::Relaxed);
                        removed += database.collect_garbage(&NOW).unwrap().blobs;
                        if is_last {
                            return removed;
                        }
                    }
                })
            })
            .collect();
        let writers: Vec<_> = (0..3_u64)
            .map(|writer| {
                let (open, fixture) = (&open, &fixture);
                scope.spawn(move || {
                    let database = open();
                    let mut referred = BTreeMap::new();
                    for round in 0..25 {
                        // The same contents come up with all writers.
                        let bytes = content(round % 9 + writer % 2);
                        let stored = match database.create_blob(BlobLayout::BYTES, &bytes) {
                            Ok(id) => id,
                            Err(error) => {
                                // A batch of chunks went before the blob came; that is what a grace period is for.
                                assert!(error.to_string().contains("add its chunks first"), "{error}");
                                continue;
                            }
                        };
                        database.create_blob(BlobLayout::BYTES, &noise(1000 * writer + round, 999)).unwrap();
                        match refer(&database, fixture, stored) {
                            Ok(_) => drop(referred.insert(stored, bytes)),
                            Err(error) => assert!(error.to_string().contains(&stored.to_string()), "{error}"),
                        }
                    }
                    referred
                })
            })
            .collect();
        let referred = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        is_over.store(true, Ordering::Relaxed);
        let removed: u64 = collectors.into_iter().map(|collector| collector.join().unwrap()).sum();
        assert!(removed >= 75, "what nobody refers to goes: {removed}");
        referred
    });
    let database = open();
    for (id, bytes) in &referred {
        assert_eq!(&database.read_blob(*id).unwrap(), bytes);
    }
    let report = database.verify(&mut |_| {}).unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
}
