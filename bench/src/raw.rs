//! What the disk and SQLite do by themselves.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, types::Value};

use crate::Result;
use crate::measure::{median, megabytes_a_second, rate, timed};
use crate::random::Random;
use crate::row::{Bench, Row};
use crate::scratch::Scratch;

/// The disk, without any database.
pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    let scratch = Scratch::new(&bench.data, "raw")?;
    if bench.wants("raw.fsync") {
        let mut file = File::create(scratch.path("fsync"))?;
        let page = vec![7_u8; 16 * 1024];
        let mut rates = Vec::new();
        for _ in 0..7 {
            let (time, ()) = timed(|| {
                for _ in 0..200 {
                    file.write_all(&page)?;
                    file.sync_data()?;
                }
                Ok(())
            })?;
            rates.push(rate(200, time));
        }
        bench.report(
            Row::more("raw.fsync", median(rates), "1/s").note("16 KiB appended and synced, median of 7"),
        );
    }
    if bench.wants("raw.write") {
        let size = bench.size(512 << 20);
        let mut bytes = vec![0; 1 << 20];
        Random::new(1).fill(&mut bytes);
        let mut rates = Vec::new();
        for _ in 0..3 {
            let mut file = File::create(scratch.path("write"))?;
            let (time, ()) = timed(|| {
                for _ in 0..size >> 20 {
                    file.write_all(&bytes)?;
                }
                Ok(file.sync_all()?)
            })?;
            rates.push(megabytes_a_second(size, time));
        }
        bench.report(Row::more("raw.write", median(rates), "MB/s").note("512 MiB, then synced, median of 3"));
    }
    Ok(())
}

/// SQLite on a file, set up as the engine sets it up.
pub(crate) fn sqlite(path: &Path) -> Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "page_size", 16_384)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -64 * 1024)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4096)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    Ok(connection)
}

/// The rows of commits, as the engine stored them.
pub(crate) struct Rows(Vec<Vec<Value>>);

impl Rows {
    /// Those that arrived after a number, from a database.
    pub(crate) fn after(path: &Path, arrival: u64) -> Result<Self> {
        let connection = sqlite(path)?;
        let mut statement =
            connection.prepare("SELECT * FROM commits WHERE arrival > ?1 ORDER BY arrival")?;
        let columns = statement.column_count();
        let rows = statement
            .query_map([i64::try_from(arrival)?], |row| (0..columns).map(|c| row.get(c)).collect())?;
        Ok(Self(rows.collect::<rusqlite::Result<_>>()?))
    }

    /// Inserts them, so many in a transaction, and says how long that took.
    pub(crate) fn insert(&self, connection: &mut Connection, in_transaction: usize) -> Result<Duration> {
        let places: Vec<String> = (1..=self.0.first().map_or(1, Vec::len)).map(|n| format!("?{n}")).collect();
        let sql = format!("INSERT INTO commits VALUES ({})", places.join(", "));
        connection.set_prepared_statement_cache_capacity(16);
        let (time, ()) = timed(|| {
            for rows in self.0.chunks(in_transaction) {
                connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
                for row in rows {
                    connection.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(row))?;
                }
                connection.prepare_cached("COMMIT")?.execute([])?;
            }
            Ok(())
        })?;
        Ok(time)
    }
}
