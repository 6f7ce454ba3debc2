//! Blobs: large ones, small ones, one with an edit in its middle, and the memory that they take.

use std::io::Read;

use anabranch_engine::{BlobLayout, Database};
use anabranch_model::Definitions;

use crate::Result;
use crate::child::{memory, peak_memory};
use crate::data::open;
use crate::measure::{Rounds, median, megabytes_a_second, rate, timed};
use crate::random::Random;
use crate::raw;
use crate::row::{Bench, Row, Target};
use crate::scratch::Scratch;

const MIB: u64 = 1 << 20;

/// The bytes of one of the large blobs.
const LARGE: u64 = 64 * MIB;

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    // First, because the most memory that a process ever had is what is measured.
    memory_of_blobs(bench)?;
    edit(bench)?;
    large(bench)?;
    small(bench)
}

/// Random bytes from a seed, as a stream.
struct Stream {
    random: Random,
    left: u64,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.random.fill(&mut buffer[..size]);
        self.left -= size as u64;
        Ok(size)
    }
}

fn large(bench: &mut Bench) -> Result<()> {
    if !bench.wants_any(&["blob.store.large", "blob.read.large", "verify.deep"]) {
        return Ok(());
    }
    let total = bench.size(2048 * MIB) / LARGE * LARGE;
    let scratch = Scratch::new(&bench.data, "large")?;
    let path = scratch.path("large.anb");
    let database = Database::create(&path, "", &Definitions::default())?;
    let mut connection = raw::sqlite(&scratch.path("raw.db"))?;
    connection
        .execute_batch("CREATE TABLE pieces (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT")?;
    let mut bytes = vec![0; usize::try_from(LARGE)?];
    let mut random = Random::new(21);
    let mut ids = Vec::new();
    let mut rounds = Rounds::default();
    for _ in 0..total / LARGE {
        random.fill(&mut bytes);
        let (time, id) = timed(|| Ok(database.create_blob(BlobLayout::BYTES, &bytes)?))?;
        ids.push(id);
        let (raw_time, ()) = timed(|| {
            let transaction = connection.transaction()?;
            for piece in bytes.chunks(256 * 1024) {
                transaction.prepare_cached("INSERT INTO pieces (bytes) VALUES (?1)")?.execute([piece])?;
            }
            Ok(transaction.commit()?)
        })?;
        rounds.add(megabytes_a_second(LARGE, time), megabytes_a_second(LARGE, raw_time));
    }
    drop(connection);
    scratch.remove("raw.db")?;
    let (ours, raw) = rounds.medians();
    bench.report(
        Row::more("blob.store.large", ours, "MB/s")
            .baseline("sqlite.256k_rows", raw)
            .target(Target::Ratio(0.6))
            .note(format!("{} MiB as blobs of 64 MiB", total / MIB)),
    );
    if bench.wants("blob.read.large") {
        let mut rates = Vec::new();
        let mut buffer = vec![0; 1 << 20];
        for id in &ids {
            let (time, ()) = timed(|| {
                let mut reader = database.open_blob(*id)?;
                while reader.read(&mut buffer)? > 0 {}
                Ok(())
            })?;
            rates.push(megabytes_a_second(LARGE, time));
        }
        bench.report(
            Row::more("blob.read.large", median(rates), "MB/s")
                .target(Target::Least(1000.0))
                .note("read through in pieces of 1 MiB, verified"),
        );
    }
    drop(database);
    if bench.wants("verify.deep") {
        let database = open(&path)?;
        let (time, report) = timed(|| Ok(database.verify(&mut |_| {})?))?;
        if !report.is_sound() || report.chunk_bytes != total {
            return Err("what was stored does not verify".into());
        }
        let cores = std::thread::available_parallelism()?.get() as f64;
        bench.report(
            Row::more("verify.deep", megabytes_a_second(total, time) / cores, "MB/s")
                .target(Target::Least(700.0))
                .note(format!("for each of {cores} cores")),
        );
    }
    Ok(())
}

fn small(bench: &mut Bench) -> Result<()> {
    if !bench.wants("blob.store.small") {
        return Ok(());
    }
    const SIZE: usize = 10 * 1024;
    let count = bench.size(20_000);
    let scratch = Scratch::new(&bench.data, "small")?;
    let mut rounds = Rounds::default();
    for seed in 0..3 {
        scratch.remove("small.anb")?;
        scratch.remove("raw.db")?;
        let database = Database::create(scratch.path("small.anb"), "", &Definitions::default())?;
        let mut connection = raw::sqlite(&scratch.path("raw.db"))?;
        connection.execute_batch(
            "CREATE TABLE pieces (number INTEGER PRIMARY KEY, id BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
             CREATE UNIQUE INDEX pieces_by_id ON pieces (id)",
        )?;
        let mut random = Random::new(31 + seed);
        let (mut ours, mut theirs) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
        for _ in 0..count / 500 {
            let mut blobs = vec![vec![0; SIZE]; 500];
            blobs.iter_mut().for_each(|bytes| random.fill(bytes));
            let some = blobs.iter().map(|bytes| (BlobLayout::BYTES, bytes));
            ours += timed(|| Ok(database.create_blobs(some)?))?.0;
            theirs += timed(|| {
                let transaction = connection.transaction()?;
                for bytes in &blobs {
                    // Random bytes find their place in the index as a hash would.
                    let sql = "INSERT INTO pieces (id, bytes) VALUES (?1, ?2)";
                    transaction.prepare_cached(sql)?.execute((&bytes[..32], bytes))?;
                }
                Ok(transaction.commit()?)
            })?
            .0;
        }
        rounds.add(rate(count, ours), rate(count, theirs));
    }
    let (ours, raw) = rounds.medians();
    bench.report(
        Row::more("blob.store.small", ours, "1/s")
            .baseline("sqlite.same_rows", raw)
            .target(Target::Ratio(0.5))
            .note("10 KiB each, 500 in a transaction, median of 3"),
    );
    Ok(())
}

/// A large blob, and again with a mebibyte of other bytes in its middle.
fn edit(bench: &mut Bench) -> Result<()> {
    if !bench.wants("blob.edit.1g") {
        return Ok(());
    }
    let half = bench.size(1024 * MIB) / 2;
    let stream = |seed, left| Stream { random: Random::new(seed), left };
    let scratch = Scratch::new(&bench.data, "edit")?;
    let database = Database::create(scratch.path("edit.anb"), "", &Definitions::default())?;
    let whole = stream(41, half).chain(stream(42, MIB)).chain(stream(43, half - MIB));
    database.create_blob_from_reader(BlobLayout::BYTES, whole)?;
    let before = database.statistics()?.chunk_bytes;
    let edited = stream(41, half).chain(stream(44, MIB)).chain(stream(43, half - MIB));
    database.create_blob_from_reader(BlobLayout::BYTES, edited)?;
    let added = database.statistics()?.chunk_bytes - before;
    bench.report(
        Row::less("blob.edit.1g", added as f64, "bytes")
            .target(Target::Most(4.0 * MIB as f64))
            .note("new chunks when 1 MiB in the middle of 1 GiB changes"),
    );
    Ok(())
}

/// What the process takes more while a blob far larger than memory should be is stored and read.
fn memory_of_blobs(bench: &mut Bench) -> Result<()> {
    if !bench.wants("blob.memory.4g") {
        return Ok(());
    }
    let size = bench.size(4096 * MIB);
    let scratch = Scratch::new(&bench.data, "memory")?;
    let grown = crate::child::blob_memory(&scratch.path("memory.anb"), size)?;
    bench.report(
        Row::less("blob.memory.4g", grown, "MB")
            .target(Target::Most(64.0))
            .note("most memory above idle, while storing and reading"),
    );
    Ok(())
}

/// The other side of it, in a process of its own: how much more than when idle.
pub(crate) fn measure_memory(path: &std::path::Path, size: u64) -> Result<f64> {
    let database = Database::create(path, "", &Definitions::default())?;
    let idle = memory()?;
    let stream = Stream { random: Random::new(51), left: size };
    let id = database.create_blob_from_reader(BlobLayout::BYTES, stream)?;
    let mut reader = database.open_blob(id)?;
    let mut buffer = vec![0; 1 << 20];
    while reader.read(&mut buffer)? > 0 {}
    Ok(peak_memory()? - idle)
}
