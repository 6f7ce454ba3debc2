//! Blobs travel as the chunks that the other side lacks, whatever comes between.

#![expect(clippy::unwrap_used, reason = "tests: what goes wrong should stop them")]

use anabranch_engine::{BlobLayout, Database, GcOptions, MutableState, OpenMode};
use anabranch_model::{BlobId, CommitId, Path, Value};
use anabranch_sync::{Mode, Progress, SyncError, Synchronizer};
use anabranch_testkit::fixture::{Fixture, fixture};
use anabranch_tests::CutReplica;
use tempfile::TempDir;

const MIB: usize = 1 << 20;

/// Bytes without a pattern, the same for the same seed.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

fn commit_blob(site: &Database, fixture: &Fixture, content: &[u8]) -> BlobId {
    let blob = site.create_blob(BlobLayout::BYTES, content).unwrap();
    let base = site.last_commit_id().unwrap().unwrap_or(CommitId::ZERO);
    let mut mutable = MutableState::new(site.state(base).unwrap());
    mutable.update(&fixture.doc, &fixture.key(0), &Path::from_field("picture"), Value::BlobId(blob)).unwrap();
    site.commit_mutations("picture", &mutable).unwrap();
    blob
}

fn file(folder: &TempDir, name: &str, fixture: &Fixture) -> Database {
    Database::create(folder.path().join(name), "", &fixture.definitions).unwrap()
}

#[test]
fn of_an_edited_blob_only_what_changed_is_sent() {
    let fixture = fixture();
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    let there = Database::create_in_memory(&fixture.definitions).unwrap();
    let mut bytes = noise(1, 24 * MIB);
    commit_blob(&here, &fixture, &bytes);
    let first = Synchronizer::new(&here, &there, Mode::Fetch).sync().unwrap().fetch;
    assert_eq!((first.blobs, first.blob_bytes, first.chunk_bytes), (1, 24 << 20, 24 << 20));

    bytes[12 * MIB..13 * MIB].copy_from_slice(&noise(2, MIB));
    let edited = commit_blob(&here, &fixture, &bytes);
    let second = Synchronizer::new(&here, &there, Mode::Fetch).sync().unwrap().fetch;
    assert_eq!((second.blobs, second.blob_bytes), (1, 24 << 20));
    assert!(second.chunk_bytes <= 4 << 20, "{second:?}");
    assert!(second.chunks <= 12, "{second:?}");
    assert_eq!(there.read_blob(edited).unwrap(), bytes);

    // The same bytes under another layout are another blob, of which every chunk is there.
    let id = here.create_blob("float-1".parse().unwrap(), &bytes).unwrap();
    let mut mutable = MutableState::new(here.state(here.last_commit_id().unwrap().unwrap()).unwrap());
    mutable.update(&fixture.doc, &fixture.key(1), &Path::from_field("picture"), Value::BlobId(id)).unwrap();
    here.commit_mutations("the same bytes", &mutable).unwrap();
    let third = Synchronizer::new(&here, &there, Mode::Fetch).sync().unwrap().fetch;
    assert_eq!((third.blobs, third.chunks, third.chunk_bytes), (1, 0, 0));
    assert_eq!(there.read_blob(id).unwrap(), bytes);
}

/// Cut at each request in turn that has to do with the blob: what came through counts, on the next pass and through a collection.
#[test]
fn a_blob_that_was_half_sent_is_gone_on_with() {
    let (fixture, folder) = (fixture(), TempDir::new().unwrap());
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    let bytes = noise(3, 5 * MIB);
    let id = commit_blob(&here, &fixture, &bytes);
    let mut cuts_within = 0;
    for requests in 5..18 {
        for loses_answer in [false, true] {
            let name = format!("{requests}-{loses_answer}.anb");
            let there = file(&folder, &name, &fixture);
            let cut = CutReplica::new(&there, requests, loses_answer);
            let outcome = Synchronizer::new(&here, &cut, Mode::Fetch).with_pack_bytes(MIB as u64).sync();
            assert!(matches!(outcome, Ok(_) | Err(SyncError::Replica { .. })));
            // The other process is gone; another one collects what nobody uses.
            drop(there);
            let there = Database::open(folder.path().join(&name), OpenMode::ReadWrite).unwrap();
            let arrived = there.statistics().unwrap();
            there.collect_garbage(&GcOptions::default()).unwrap();
            assert_eq!(there.statistics().unwrap(), arrived);
            assert!(there.verify(&mut |_| {}).unwrap().is_sound());

            let rest = Synchronizer::new(&here, &there, Mode::Fetch).sync().unwrap().fetch;
            assert_eq!(rest.chunk_bytes + arrived.chunk_bytes, 5 << 20, "{requests} {loses_answer}");
            assert_eq!(there.read_blob(id).unwrap(), bytes);
            cuts_within += u64::from(arrived.chunks > 0 && arrived.blobs == 0);
            drop(there);
            std::fs::remove_file(folder.path().join(&name)).unwrap();
        }
    }
    assert!(cuts_within >= 3, "{cuts_within}");
}

#[test]
fn a_pass_that_is_cancelled_within_a_blob_is_gone_on_with() {
    let fixture = fixture();
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    let there = Database::create_in_memory(&fixture.definitions).unwrap();
    let bytes = noise(4, 8 * MIB);
    let id = commit_blob(&here, &fixture, &bytes);
    let mut synchronizer = Synchronizer::new(&here, &there, Mode::Fetch).with_pack_bytes(MIB as u64);
    let cancellation = synchronizer.cancellation();
    let mut heard: Vec<Progress> = Vec::new();
    let outcome = synchronizer.sync_with(&mut |progress| {
        heard.push(progress);
        if progress.bytes > 3 << 20 {
            cancellation.cancel();
        }
    });
    assert!(matches!(outcome, Err(SyncError::Cancelled)), "{outcome:?}");
    let arrived = there.statistics().unwrap();
    assert_eq!((arrived.blobs, arrived.commits), (0, 0));
    assert!((3 << 20..5 << 20).contains(&arrived.chunk_bytes), "{arrived:?}");
    assert!(heard.is_sorted_by_key(|progress| progress.bytes));
    let rest = Synchronizer::new(&here, &there, Mode::Fetch).sync().unwrap().fetch;
    assert_eq!(rest.chunk_bytes + arrived.chunk_bytes, 8 << 20);
    assert_eq!(there.read_blob(id).unwrap(), bytes);
}

#[test]
fn many_small_blobs_share_packs() {
    let fixture = fixture();
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    let there = Database::create_in_memory(&fixture.definitions).unwrap();
    for seed in 0..200 {
        commit_blob(&here, &fixture, &noise(100 + seed, 3000));
    }
    let info = Synchronizer::new(&here, &there, Mode::Fetch).sync().unwrap().fetch;
    assert_eq!((info.commits, info.blobs, info.chunks, info.chunk_bytes), (200, 200, 200, 600_000));
    assert!(info.round_trips <= 12, "{info:?}");
    let packed = Database::create_in_memory(&fixture.definitions).unwrap();
    let mut synchronizer = Synchronizer::new(&here, &packed, Mode::Fetch).with_pack_bytes(30_000);
    let info = synchronizer.sync().unwrap().fetch;
    assert_eq!(info.chunk_bytes, 600_000);
    assert!(info.round_trips >= 40, "{info:?}");
}

#[test]
fn a_plan_says_what_the_pass_then_moves_and_moves_nothing() {
    let fixture = fixture();
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    let there = Database::create_in_memory(&Default::default()).unwrap();
    let bytes = noise(5, 3 * MIB);
    commit_blob(&here, &fixture, &bytes);
    for seed in 0..30 {
        commit_blob(&here, &fixture, &noise(500 + seed, 2000));
    }
    // Half of a blob is there already, from a pass that was cut.
    let chunks = here.read().unwrap().blob_chunks(here.blob_ids().unwrap()[0]).unwrap();
    let known = here.pack_chunks(&[chunks[0].id]).unwrap();
    there.receive_blobs(&known, &[]).unwrap();
    let mut synchronizer = Synchronizer::new(&here, &there, Mode::Sync);
    for _ in 0..2 {
        let versions = (here.data_version().unwrap(), there.data_version().unwrap());
        let plan = synchronizer.plan().unwrap();
        assert_eq!((here.data_version().unwrap(), there.data_version().unwrap()), versions);
        let info = synchronizer.sync().unwrap();
        for (planned, moved) in [(plan.fetch, info.fetch), (plan.push, info.push)] {
            assert_eq!(
                (planned.commits, planned.commit_bytes, planned.blobs, planned.blob_bytes),
                (moved.commits, moved.commit_bytes, moved.blobs, moved.blob_bytes)
            );
            assert_eq!((planned.chunks, planned.chunk_bytes), (moved.chunks, moved.chunk_bytes));
            assert_eq!(planned.definitions, moved.definitions);
        }
        assert!(!plan.is_empty());
        assert!(synchronizer.plan().unwrap().is_empty());
        // The other way, and both at once.
        commit_blob(&there, &fixture, &noise(600, 5000));
        commit_blob(&here, &fixture, &noise(601, 6000));
    }
}
