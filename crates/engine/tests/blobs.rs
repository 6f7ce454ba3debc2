//! The pool of blobs holds what was put into it, shares what can be shared and never hands out what it did not check.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests: what goes wrong should stop them")]

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::Duration;

use anabranch_engine::storage::{BlobRecord, ChunkRef};
use anabranch_engine::{BlobLayout, Database, Error, GcOptions, OpenMode, PackedBlob, PackedChunk};
use anabranch_model::{BlobId, ChunkId, ContentHash, Definitions};
use proptest::prelude::*;
use tempfile::TempDir;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

fn memory() -> Database {
    Database::create_in_memory(&Definitions::default()).unwrap()
}

fn file(folder: &TempDir) -> Database {
    Database::create(folder.path().join("pool.anb"), "", &Definitions::default()).unwrap()
}

fn layout(text: &str) -> BlobLayout {
    text.parse().unwrap()
}

/// Bytes without a pattern, the same for the same seed.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// The id of a content under a layout, by hand: `["…", h'…']` in CBOR.
fn id_by_hand(layout: &str, content: ContentHash) -> BlobId {
    let mut encoded = vec![0x82, 0x60 + layout.len() as u8];
    encoded.extend_from_slice(layout.as_bytes());
    encoded.extend_from_slice(&[0x58, 0x20]);
    encoded.extend_from_slice(content.as_bytes());
    BlobId::of(&encoded)
}

/// Blobs and all their chunks, each once, as they travel.
fn packed(database: &Database, ids: &[BlobId]) -> (Vec<PackedChunk>, Vec<PackedBlob>) {
    let blobs = database.pack_blobs(ids).unwrap();
    let mut chunks: Vec<ChunkId> = Vec::new();
    for chunk in blobs.iter().flat_map(|blob| &blob.chunks) {
        if !chunks.contains(&chunk.id) {
            chunks.push(chunk.id);
        }
    }
    (database.pack_chunks(&chunks).unwrap(), blobs)
}

/// Sizes where something may go wrong: none, one, around the borders of chunks, and many.
fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![
        4 => 0..200_usize,
        2 => prop::sample::select(vec![
            0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 256 * KIB, MIB - 1, MIB, MIB + 1, 2 * MIB,
        ]),
        2 => 0..600 * KIB,
        1 => 0..5 * MIB,
    ]
}

/// One thing to do with the pool.
#[derive(Clone, Debug)]
enum Action {
    /// Stores so many of the bytes of a seed; runs of zeros cut differently from noise.
    Create { seed: u64, size: usize, is_noise: bool, layout: usize, how: u8 },
    /// Reads a part of one of the blobs, in thousandths of its size.
    Range { which: usize, offset: u64, size: u64 },
    /// Seeks and reads.
    Seek { which: usize, places: Vec<(u64, usize)> },
}

const LAYOUTS: [&str; 4] = ["uchar-1", "char-1", "float-3", "double-16"];

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => (0..4_u64, sizes(), any::<bool>(), 0..LAYOUTS.len(), 0..4_u8).prop_map(
            |(seed, size, is_noise, layout, how)| Action::Create { seed, size, is_noise, layout, how }
        ),
        2 => (any::<usize>(), 0..1200_u64, 0..1200_u64)
            .prop_map(|(which, offset, size)| Action::Range { which, offset, size }),
        1 => (any::<usize>(), prop::collection::vec((0..1200_u64, 0..300 * KIB), 0..6))
            .prop_map(|(which, places)| Action::Seek { which, places }),
    ]
}

/// Hands out a few bytes at a time, as pipes and sockets do.
struct Trickle<'b>(&'b [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = self.1 * 7 % 100_003 + 1;
        let size = self.1.min(buffer.len());
        self.0.read(&mut buffer[..size])
    }
}

fn create(database: &Database, layout: BlobLayout, content: &[u8], how: u8) -> Result<BlobId, Error> {
    match how {
        0 => database.create_blob(layout, content),
        1 => database.create_blobs([(layout, content)]).map(|ids| ids[0]),
        2 => database.create_blob_from_reader(layout, Trickle(content, 1)),
        _ => {
            let mut writer = database.blob_writer(layout);
            for part in content.chunks(99_991) {
                writer.write_all(part).unwrap();
            }
            assert_eq!(writer.size(), content.len() as u64);
            writer.finish()
        }
    }
}

fn part(content: &[u8], offset: u64, size: u64) -> &[u8] {
    let length = content.len() as u64;
    let (start, end) = (offset.min(length), (offset + size).min(length));
    &content[start as usize..end as usize]
}

/// Does the same to a pool and to a plain map, and compares.
fn perform(database: &Database, map: &mut BTreeMap<BlobId, (BlobLayout, Vec<u8>)>, action: &Action) {
    match action {
        Action::Create { seed, size, is_noise, layout: place, how } => {
            let content = if *is_noise { noise(*seed, *size) } else { vec![0; *size] };
            let layout = layout(LAYOUTS[*place]);
            match create(database, layout, &content, *how) {
                Ok(id) => {
                    assert_eq!(*size as u64 % layout.stride(), 0);
                    let known = map.entry(id).or_insert_with(|| (layout, content.clone()));
                    assert_eq!(*known, (layout, content));
                }
                Err(Error::LayoutSize { .. }) => assert_ne!(*size as u64 % layout.stride(), 0),
                Err(other) => panic!("{other}"),
            }
        }
        Action::Range { which, offset, size } => {
            let Some((id, (_, content))) = map.iter().nth(which % map.len().max(1)) else { return };
            let scale = |thousandths: u64| thousandths * content.len() as u64 / 1000;
            let (offset, size) = (scale(*offset), scale(*size));
            assert_eq!(database.read_blob_range(*id, offset, size).unwrap(), part(content, offset, size));
        }
        Action::Seek { which, places } => {
            let Some((id, (_, content))) = map.iter().nth(which % map.len().max(1)) else { return };
            let mut reader = database.open_blob(*id).unwrap();
            assert_eq!(reader.size(), content.len() as u64);
            for (thousandths, size) in places {
                let offset = thousandths * content.len() as u64 / 1000;
                assert_eq!(reader.seek(SeekFrom::Start(offset)).unwrap(), offset);
                let mut found = Vec::new();
                (&mut reader).take(*size as u64).read_to_end(&mut found).unwrap();
                assert_eq!(found, part(content, offset, *size as u64));
                assert_eq!(reader.stream_position().unwrap(), offset + found.len() as u64);
            }
        }
    }
}

fn compare(database: &Database, map: &BTreeMap<BlobId, (BlobLayout, Vec<u8>)>) {
    assert_eq!(database.blob_ids().unwrap(), map.keys().copied().collect::<Vec<_>>());
    for (id, (layout, content)) in map {
        assert!(database.blob_exists(*id).unwrap());
        let info = database.blob_info(*id).unwrap().unwrap();
        assert_eq!((info.layout, info.size), (layout.to_string(), content.len() as u64));
        assert_eq!(database.read_blob(*id).unwrap(), *content);
        let mut streamed = Vec::new();
        database.open_blob(*id).unwrap().read_to_end(&mut streamed).unwrap();
        assert_eq!(streamed, *content);
    }
    let statistics = database.statistics().unwrap();
    assert_eq!(statistics.blobs, map.len() as u64);
    assert_eq!(statistics.blob_bytes, map.values().map(|(_, content)| content.len() as u64).sum::<u64>());
    assert!(statistics.chunk_bytes <= statistics.blob_bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_pool_in_memory_is_a_map_from_ids_to_contents(actions in prop::collection::vec(action(), 1..12)) {
        let (database, mut map) = (memory(), BTreeMap::new());
        actions.iter().for_each(|action| perform(&database, &mut map, action));
        compare(&database, &map);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_pool_in_a_file_is_a_map_from_ids_to_contents(actions in prop::collection::vec(action(), 1..12)) {
        let folder = TempDir::new().unwrap();
        let (database, mut map) = (file(&folder), BTreeMap::new());
        actions.iter().for_each(|action| perform(&database, &mut map, action));
        compare(&database, &map);
        drop(database);
        let reopened = Database::open(folder.path().join("pool.anb"), OpenMode::ReadOnly).unwrap();
        compare(&reopened, &map);
    }
}

#[test]
fn an_id_follows_from_layout_and_content_alone() {
    let id = |database: &Database, text: &str| {
        database.create_blob(layout(text), b"twelve bytes").unwrap().to_string()
    };
    // Golden: these ids are in files and on the wire.
    assert_eq!(id(&memory(), "uchar-1"), "3da442dcb714427d3b2d63fb810533aa8755e5b60eda3ee7ec7a428c73bf3062");
    assert_eq!(id(&memory(), "float-3"), "dc52827c3549b19bdf965dd5ca284c324241635d234120589b4d11788d066b40");
    assert_eq!(
        memory().create_blob(BlobLayout::BYTES, b"").unwrap().to_string(),
        "876d16cc9ffc9e8523cbabed53b460212dea505cf1d6026ee8356537b0b202e4"
    );
}

#[test]
fn content_is_cut_where_it_always_was() {
    // Golden: a database that cut elsewhere would share nothing with what it holds already.
    let database = memory();
    let id = database.create_blob(BlobLayout::BYTES, &noise(1, 2 * MIB)).unwrap();
    let snapshot = database.read().unwrap();
    let sizes: Vec<u32> = snapshot.blob_chunks(id).unwrap().iter().map(|chunk| chunk.size).collect();
    assert_eq!(sizes, [491_952, 274_245, 519_854, 255_535, 134_248, 421_318]);
}

#[test]
fn the_same_bytes_under_two_layouts_are_two_blobs_that_share_their_chunks() {
    let database = memory();
    let bytes = noise(1, 12 * 100_000);
    let plain = database.create_blob(BlobLayout::BYTES, &bytes).unwrap();
    let before = database.statistics().unwrap();
    let points = database.create_blob(layout("float-3"), &bytes).unwrap();
    let after = database.statistics().unwrap();
    assert_ne!(plain, points);
    assert_eq!((after.blobs, after.chunks), (2, before.chunks));
    assert_eq!(after.chunk_bytes, bytes.len() as u64);
    let [plain, points] = [plain, points].map(|id| database.blob_info(id).unwrap().unwrap());
    assert_eq!(plain.content, points.content);
}

#[test]
fn creating_a_blob_that_exists_changes_nothing_but_when_it_was_stored_last() {
    let database = memory();
    let bytes = noise(2, MIB);
    let id = database.create_blob(BlobLayout::BYTES, &bytes).unwrap();
    let (version, before) = (database.data_version().unwrap(), database.blob_info(id).unwrap().unwrap());
    for how in 0..4 {
        assert_eq!(create(&database, BlobLayout::BYTES, &bytes, how).unwrap(), id);
    }
    assert_eq!(database.data_version().unwrap(), version);
    let after = database.blob_info(id).unwrap().unwrap();
    assert!(after.created >= before.created);
    assert_eq!(BlobRecord { created: before.created, ..after }, before);
}

/// Runs SQL on the file of a database that nobody has open.
fn tamper(folder: &TempDir, sql: &str, parameters: impl rusqlite::Params) {
    let raw = rusqlite::Connection::open(folder.path().join("pool.anb")).unwrap();
    assert!(raw.execute(sql, parameters).unwrap() > 0);
}

#[test]
fn storing_a_blob_again_mends_what_of_it_is_damaged() {
    let bytes = noise(13, 18 * MIB);
    for how in 0..4 {
        let folder = TempDir::new().unwrap();
        let database = file(&folder);
        let id = create(&database, BlobLayout::BYTES, &bytes, how).unwrap();
        let chunks = database.read().unwrap().blob_chunks(id).unwrap();
        drop(database);
        // One of the first batch and one of the last; with other bytes of the same size, and of another.
        let (first, last) = (chunks[1].id, chunks[chunks.len() - 2].id);
        tamper(
            &folder,
            "UPDATE chunks SET bytes = zeroblob(length(bytes)) WHERE id = ?1",
            [first.as_bytes()],
        );
        tamper(&folder, "UPDATE chunks SET bytes = x'00ff' WHERE id = ?1", [last.as_bytes()]);
        let database = Database::open(folder.path().join("pool.anb"), OpenMode::ReadWrite).unwrap();
        let told = database.verify(&mut |_| {}).unwrap();
        assert!(told.problems.iter().any(|problem| problem.to_string().contains(&first.to_string())));
        assert!(database.read_blob(id).is_err());
        assert_eq!(create(&database, BlobLayout::BYTES, &bytes, how).unwrap(), id);
        let told = database.verify(&mut |_| {}).unwrap();
        let counters = "the counters say";
        let others: Vec<_> =
            told.problems.iter().map(ToString::to_string).filter(|p| !p.contains(counters)).collect();
        assert!(others.is_empty(), "{others:?}");
        assert_eq!(database.read_blob(id).unwrap(), bytes);
    }
}

#[test]
fn a_blob_changed_in_its_middle_stores_few_new_chunks() {
    let database = memory();
    let mut bytes = noise(3, 24 * MIB);
    database.create_blob(BlobLayout::BYTES, &bytes).unwrap();
    let before = database.statistics().unwrap();
    // Replaced, inserted and removed: the cuts find themselves again in each case.
    bytes[12 * MIB..][..100].copy_from_slice(&noise(4, 100));
    database.create_blob(BlobLayout::BYTES, &bytes).unwrap();
    bytes.splice(6 * MIB..6 * MIB, noise(5, 77));
    database.create_blob_from_reader(BlobLayout::BYTES, &bytes[..]).unwrap();
    bytes.drain(18 * MIB..18 * MIB + 33);
    database.create_blob_from_reader(BlobLayout::BYTES, &bytes[..]).unwrap();
    let after = database.statistics().unwrap();
    assert_eq!(after.blobs, 4);
    assert!(after.chunks - before.chunks <= 12, "{} new chunks", after.chunks - before.chunks);
    assert!(after.chunk_bytes - before.chunk_bytes <= 6 * MIB as u64);
}

#[test]
fn several_blobs_are_stored_together_or_not_at_all() {
    let database = memory();
    let blobs = [(BlobLayout::BYTES, vec![1; 10]), (layout("float-3"), vec![2; 24])];
    let ids = database.create_blobs(blobs.clone()).unwrap();
    assert_eq!(database.data_version().unwrap(), memory().data_version().unwrap() + 1);
    assert_eq!(database.read_blob(ids[1]).unwrap(), [2; 24]);
    assert_eq!(database.create_blobs(blobs).unwrap(), ids);

    let refused = [(BlobLayout::BYTES, vec![3; 10]), (layout("float-3"), vec![4; 25])];
    assert!(matches!(database.create_blobs(refused), Err(Error::LayoutSize { size: 25, .. })));
    assert_eq!(database.statistics().unwrap().blobs, 2);
    assert_eq!(database.create_blobs::<Vec<u8>>([]).unwrap(), []);
}

#[test]
fn a_stream_that_is_given_up_leaves_no_blob() {
    let database = memory();
    let mut writer = database.blob_writer(BlobLayout::BYTES);
    let bytes = noise(6, 40 * MIB);
    writer.append(&bytes).unwrap();
    drop(writer);
    let statistics = database.statistics().unwrap();
    assert_eq!(statistics.blobs, 0);
    assert!(statistics.chunks > 0, "what was stored waits to be used or collected");
    // Which the next attempt does.
    database.create_blob(BlobLayout::BYTES, &bytes).unwrap();
    assert_eq!(database.statistics().unwrap().chunk_bytes, bytes.len() as u64);
}

/// Fails after some bytes, as a network does.
struct Failing(usize);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("the cable was pulled"));
        }
        let size = buffer.len().min(self.0);
        self.0 -= size;
        Ok(size)
    }
}

#[test]
fn a_reader_that_fails_is_said_to_have_failed() {
    let database = memory();
    let error = database.create_blob_from_reader(BlobLayout::BYTES, Failing(20 * MIB)).unwrap_err();
    assert_eq!(error.to_string(), "reading the content failed: the cable was pulled");
    assert_eq!(database.statistics().unwrap().blobs, 0);
}

#[test]
fn a_content_that_does_not_fit_its_layout_is_refused() {
    let database = memory();
    for how in 0..4 {
        let error = create(&database, layout("uint-3"), &[0; 13], how).unwrap_err();
        assert_eq!(error.to_string(), "13 bytes are not a whole number of uint-3 elements");
    }
    assert_eq!(database.blob_ids().unwrap(), []);
}

#[test]
fn one_blob_created_by_many_at_once_is_stored_once() {
    let folder = TempDir::new().unwrap();
    for database in [memory(), file(&folder)] {
        let shared = noise(7, 3 * MIB);
        let ids: Vec<(BlobId, BlobId)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6_u8)
                .map(|thread| {
                    let (database, shared) = (database.clone(), &shared);
                    scope.spawn(move || {
                        let own = noise(100 + u64::from(thread), 300 * KIB);
                        let own = database.create_blob(BlobLayout::BYTES, &own).unwrap();
                        (create(&database, BlobLayout::BYTES, shared, thread % 4).unwrap(), own)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|(id, _)| *id == ids[0].0));
        let statistics = database.statistics().unwrap();
        assert_eq!(statistics.blobs, 7);
        assert_eq!(statistics.chunk_bytes, (3 * MIB + 6 * 300 * KIB) as u64);
        assert_eq!(database.read_blob(ids[0].0).unwrap(), shared);
    }
}

#[test]
fn a_blob_that_is_not_here_is_named() {
    let database = memory();
    let id = BlobId::of(b"elsewhere");
    let expected = format!("blob {id} is not in this database");
    assert_eq!(database.read_blob(id).unwrap_err().to_string(), expected);
    assert_eq!(database.read_blob_range(id, 0, 1).unwrap_err().to_string(), expected);
    assert_eq!(database.open_blob(id).unwrap_err().to_string(), expected);
    assert_eq!(database.pack_blobs(&[id]).unwrap_err().to_string(), expected);
    assert_eq!(database.blob_info(id).unwrap(), None);
    let here = database.create_blob(BlobLayout::BYTES, b"here").unwrap();
    assert_eq!(database.unknown_blobs(&[here, id, BlobId::ZERO]).unwrap(), [id]);
}

#[test]
fn a_reader_goes_anywhere_but_before_the_start() {
    let database = memory();
    let bytes = noise(8, MIB + 5);
    let id = database.create_blob(BlobLayout::BYTES, &bytes).unwrap();
    let mut reader = database.open_blob(id).unwrap();
    let mut last = [0; 5];
    assert_eq!(reader.seek(SeekFrom::End(-5)).unwrap(), MIB as u64);
    reader.read_exact(&mut last).unwrap();
    assert_eq!(last, bytes[MIB..]);
    assert_eq!(reader.read(&mut last).unwrap(), 0);
    assert_eq!(reader.seek(SeekFrom::Current(-(MIB as i64))).unwrap(), 5);
    assert_eq!(reader.seek(SeekFrom::End(i64::MAX)).unwrap(), MIB as u64 + 5 + i64::MAX as u64);
    assert_eq!(reader.read(&mut last).unwrap(), 0);
    assert_eq!(reader.seek(SeekFrom::Start(u64::MAX)).unwrap(), u64::MAX);
    assert!(reader.seek(SeekFrom::Current(1)).is_err());
    assert!(reader.seek(SeekFrom::End(-(MIB as i64) - 6)).is_err());
    assert_eq!(reader.stream_position().unwrap(), u64::MAX, "a refused step is not taken");
    assert_eq!(database.read_blob_range(id, 3, u64::MAX).unwrap(), bytes[3..]);
    assert!(database.read_blob_range(id, u64::MAX, u64::MAX).unwrap().is_empty());
}

#[test]
fn blobs_travel_and_are_stored_once() {
    let (here, there) = (memory(), memory());
    let ids = here
        .create_blobs([
            (BlobLayout::BYTES, noise(9, MIB)),
            (layout("double-16"), noise(10, 1280)),
            (BlobLayout::BYTES, vec![]),
        ])
        .unwrap();
    let (chunks, blobs) = packed(&here, &ids);
    assert_eq!(there.receive_blobs(&chunks, &blobs).unwrap(), 3);
    let version = there.data_version().unwrap();
    assert_eq!(there.receive_blobs(&chunks, &blobs).unwrap(), 0);
    assert_eq!(there.data_version().unwrap(), version);
    assert_eq!(packed(&there, &ids), (chunks.clone(), blobs.clone()));
    let again = [blobs[0].clone(), blobs[0].clone()];
    assert_eq!(there.receive_blobs(&chunks, &again).unwrap(), 0);
    assert_eq!(memory().receive_blobs(&chunks, &again).unwrap(), 1);
}

#[test]
fn a_blob_arrives_in_parts_the_last_of_which_names_it() {
    let (here, there) = (memory(), memory());
    let bytes = noise(12, 5 * MIB);
    let id = here.create_blob(layout("uint-1"), &bytes).unwrap();
    let (chunks, blobs) = packed(&here, &[id]);
    let ids: Vec<ChunkId> = chunks.iter().map(|chunk| chunk.id).collect();
    assert!(chunks.len() > 4);
    let (first, rest) = chunks.split_at(2);
    assert_eq!(there.receive_blobs(first, &[]).unwrap(), 0);
    assert_eq!(there.unknown_chunks(&ids).unwrap(), ids[2..]);
    let lacking = there.receive_blobs(&rest[1..], &blobs).unwrap_err();
    assert!(matches!(lacking, Error::ChunkMissing { blob, chunk } if blob == id && chunk == ids[2]));
    assert_eq!(there.unknown_chunks(&ids).unwrap(), ids[2..], "nothing of a refused call is stored");
    assert_eq!(there.receive_blobs(rest, &blobs).unwrap(), 1);
    assert_eq!(there.read_blob(id).unwrap(), bytes);
}

#[test]
fn what_arrives_must_be_what_its_id_says() {
    let (here, there) = (memory(), memory());
    let ids =
        here.create_blobs([(BlobLayout::BYTES, vec![1; 24]), (BlobLayout::BYTES, vec![2; 24])]).unwrap();
    let (chunks, blobs) = packed(&here, &ids);
    let flawed = |flaw: &dyn Fn(&mut PackedChunk, &mut PackedBlob)| {
        let (mut chunks, mut blobs) = (chunks.clone(), blobs.clone());
        flaw(&mut chunks[1], &mut blobs[1]);
        there.receive_blobs(&chunks, &blobs).unwrap_err()
    };
    let other_layout = flawed(&|_, blob| blob.layout = layout("float-3"));
    assert!(matches!(other_layout, Error::BlobMismatch { id, .. } if id == ids[1]));
    let other_content = flawed(&|chunk, _| chunk.bytes[7] ^= 1);
    assert!(matches!(other_content, Error::ChunkMismatch { id, .. } if id == chunks[1].id));
    assert!(
        other_content.to_string().starts_with(&format!("chunk {} came with the bytes of ", chunks[1].id))
    );
    let other_chunk = flawed(&|_, blob| blob.chunks.clone_from(&blobs[0].chunks));
    assert!(matches!(other_chunk, Error::BlobMismatch { id, found } if id == ids[1] && found == ids[0]));
    assert!(other_chunk.to_string().starts_with(&format!("blob {} came with what is blob ", ids[1])));
    let other_hash = flawed(&|_, blob| blob.content = blobs[0].content);
    assert!(matches!(other_hash, Error::BlobMismatch { id, found } if id == ids[1] && found == ids[0]));
    let other_id = flawed(&|_, blob| blob.id = ids[0]);
    assert!(matches!(other_id, Error::BlobMismatch { id, found } if id == ids[0] && found == ids[1]));
    let other_size = flawed(&|_, blob| blob.size = 25);
    assert!(matches!(other_size, Error::BlobDamaged { .. }), "{other_size}");
    let overflow = flawed(&|_, blob| blob.chunks = vec![ChunkRef { size: 25, ..blob.chunks[0] }]);
    assert!(matches!(overflow, Error::BlobDamaged { .. }), "{overflow}");
    let too_large = flawed(&|chunk, _| {
        chunk.bytes = vec![0; MIB + 1];
        chunk.id = ChunkId::of(&chunk.bytes);
    });
    assert!(matches!(too_large, Error::ChunkTooLarge { .. }), "{too_large}");
    assert_eq!(there.blob_ids().unwrap(), [], "nothing of a refused batch is stored");
    assert_eq!(there.statistics().unwrap().chunks, 0);
    // A layout whose elements the content does not fill, under the id that both give.
    let mut broken = blobs[1].clone();
    broken.layout = layout("uint-5");
    broken.id = id_by_hand("uint-5", broken.content);
    let cut = there.receive_blobs(&chunks, &[broken]).unwrap_err();
    assert!(matches!(cut, Error::LayoutSize { size: 24, .. }), "{cut}");
}

#[test]
fn a_damaged_blob_is_never_handed_out() {
    let folder = TempDir::new().unwrap();
    let database = file(&folder);
    let bytes = noise(11, 2 * MIB);
    let id = database.create_blob(BlobLayout::BYTES, &bytes).unwrap();
    let first = database.read().unwrap().blob_chunks(id).unwrap()[0];
    drop(database);
    let path = folder.path().join("pool.anb");
    let raw = rusqlite::Connection::open(&path).unwrap();
    let mut stored = bytes[..first.size as usize].to_vec();
    stored[1000] ^= 0x10;
    raw.execute("UPDATE chunks SET bytes = ?1 WHERE id = ?2", (&stored, first.id.as_bytes())).unwrap();
    drop(raw);

    let database = Database::open(&path, OpenMode::ReadWrite).unwrap();
    let damaged = format!("blob {id} is damaged: one of its chunks is not what its id says; ");
    assert!(database.read_blob(id).unwrap_err().to_string().starts_with(&damaged));
    assert!(database.read_blob_range(id, 0, 1).unwrap_err().to_string().starts_with(&damaged));
    assert!(matches!(database.pack_chunks(&[first.id]), Err(Error::ChunkDamaged { id }) if id == first.id));
    let mut reader = database.open_blob(id).unwrap();
    assert!(reader.read(&mut [0; 10]).unwrap_err().to_string().starts_with(&damaged));
    // What is not damaged can still be had.
    let start = u64::from(first.size);
    assert_eq!(database.read_blob_range(id, start, u64::MAX).unwrap(), bytes[first.size as usize..]);
    reader.seek(SeekFrom::Start(start)).unwrap();
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, bytes[first.size as usize..]);
}

#[test]
fn a_size_that_its_chunks_do_not_give_is_refused() {
    let folder = TempDir::new().unwrap();
    let database = file(&folder);
    let id = database.create_blob(BlobLayout::BYTES, b"small").unwrap();
    drop(database);
    let path = folder.path().join("pool.anb");
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute("UPDATE blobs SET size = ?1", [i64::MAX]).unwrap();
    drop(raw);
    let database = Database::open(&path, OpenMode::ReadOnly).unwrap();
    let error = database.read_blob(id).unwrap_err();
    assert!(matches!(error, Error::BlobDamaged { .. }), "{error}");
}

#[test]
fn a_read_only_database_still_says_which_blobs_it_has() {
    let folder = TempDir::new().unwrap();
    let id = file(&folder).create_blob(BlobLayout::BYTES, b"known").unwrap();
    let database = Database::open(folder.path().join("pool.anb"), OpenMode::ReadOnly).unwrap();
    for how in 0..4 {
        assert_eq!(create(&database, BlobLayout::BYTES, b"known", how).unwrap(), id);
        assert!(create(&database, BlobLayout::BYTES, b"new", how).is_err());
    }
}

/// The same mebibyte over and over, but for a few words: more than 2 GiB that share nearly all of their chunks.
struct Huge {
    position: u64,
    size: u64,
}

const WORDS: [(u64, &[u8; 8]); 4] =
    [(0, b"thestart"), ((1 << 31) - 4, b"boundary"), ((1 << 32) - 4, b"another."), (HUGE - 8, b"the end.")];

/// A little more than 4 GiB, which no 32 bits can count.
const HUGE: u64 = (1 << 32) + (3 << 20) + 17;

impl Read for Huge {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = buffer.len().min(usize::try_from(self.size - self.position).unwrap());
        let buffer = &mut buffer[..size];
        buffer.fill(0);
        for (start, word) in WORDS {
            for (place, byte) in (start..).zip(word) {
                if let Some(offset) = place.checked_sub(self.position)
                    && let Some(slot) = usize::try_from(offset).ok().and_then(|offset| buffer.get_mut(offset))
                {
                    *slot = *byte;
                }
            }
        }
        self.position += size as u64;
        Ok(size)
    }
}

#[test]
fn a_blob_may_be_larger_than_32_bits_can_count() {
    let database = memory();
    let id = database.create_blob_from_reader(BlobLayout::BYTES, Huge { position: 0, size: HUGE }).unwrap();
    let info = database.blob_info(id).unwrap().unwrap();
    assert_eq!(info.size, HUGE);
    assert!(database.statistics().unwrap().chunk_bytes < 16 << 20, "it is one chunk, and a few others");
    let mut reader = database.open_blob(id).unwrap();
    for (start, word) in WORDS {
        assert_eq!(database.read_blob_range(id, start, 8).unwrap(), word);
        let mut found = [0; 10];
        let before = start.saturating_sub(1);
        reader.seek(SeekFrom::Start(before)).unwrap();
        let size = reader.read(&mut found[..9]).unwrap();
        let mut rest = Vec::new();
        reader.by_ref().take(9 - size as u64).read_to_end(&mut rest).unwrap();
        let found = [&found[..size], &rest].concat();
        assert!(found.windows(8).any(|window| window == word), "{found:?}");
    }
    assert_eq!(reader.seek(SeekFrom::End(-8)).unwrap(), HUGE - 8);
    // It travels as its few chunks.
    let there = memory();
    let (chunks, blobs) = packed(&database, &[id]);
    assert!(chunks.len() < 16);
    assert_eq!(there.receive_blobs(&chunks, &blobs).unwrap(), 1);
    assert_eq!(there.read_blob_range(id, (1 << 32) - 4, 8).unwrap(), b"another.");
    let sizes: u64 =
        there.collect_garbage(&GcOptions { grace: Duration::ZERO, dry_run: false }).unwrap().blob_bytes;
    assert_eq!(sizes, HUGE);
}
