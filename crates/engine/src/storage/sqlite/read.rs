//! Reading: every question of [`Snapshot`], as SQL.

use anabranch_model::{BlobId, ChunkId, CommitId, ContentHash, PayloadHash, RuntimeId, Uuid};
use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::super::counters::Counters;
use super::super::{
    BlobRecord, ChunkRef, Link, Meta, ReadBlobs, ReadCheckpoints, ReadCommits, Snapshot, Statistics,
    StorageError, limits, prefix,
};
use super::SqliteStorage;
use super::connection::Readers;
use crate::commit::{CommitHeader, CommitKind, Metadata};

/// A connection with a transaction open on it, from a snapshot or for a change.
pub(super) struct Session<'storage, L> {
    pub(super) storage: &'storage SqliteStorage,
    pub(super) lease: L,
}

/// What lends a session its connection.
pub(super) trait Lease {
    /// The connection, as long as its transaction stands; none when that is over.
    fn connection(&self) -> Option<&Connection>;

    /// The counters as this transaction sees them.
    fn counters(&self) -> &Counters;

    /// The commit of this id with its arrival number, where it is the last that this transaction added: the one that is
    /// asked for most, by those who add one after the other.
    fn last_added(&self, _id: CommitId) -> Option<(i64, &CommitHeader)> {
        None
    }
}

/// A connection that only reads, with a transaction that sees one moment.
pub(super) struct Reader<'storage> {
    pool: &'storage Readers,
    /// Taken out when the reader is dropped, not before.
    connection: Option<Connection>,
    counters: Counters,
}

impl<'storage> Reader<'storage> {
    /// Fixes the moment that the connection reads: SQLite does so at the first read, not when a transaction begins.
    pub(super) fn pin(connection: Connection, pool: &'storage Readers) -> rusqlite::Result<Self> {
        connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
        let (counters, _) = counters(&connection)?;
        Ok(Self { pool, connection: Some(connection), counters })
    }
}

impl Lease for Reader<'_> {
    fn connection(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    fn counters(&self) -> &Counters {
        &self.counters
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let ended = connection.prepare_cached("ROLLBACK").and_then(|mut statement| statement.execute([]));
        // One that cannot end its transaction would show an old moment for ever: it is closed instead.
        if ended.is_ok() {
            self.pool.put(connection);
        }
    }
}

/// A count or size; SQLite's integers have a sign that these never use.
pub(super) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A number as SQLite takes it. Limits are checked before, sums saturate.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A limit as SQLite takes it.
fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The counters: the one row of `counters`, which knows nothing of the commits added since it was written, and the newest
/// commit, which does. With them comes the arrival number of that commit.
pub(super) fn counters(connection: &Connection) -> rusqlite::Result<(Counters, Option<i64>)> {
    const SQL: &str = "SELECT max(last_arrival, coalesce(arrival, 0)), max(k.payload_end, coalesce(n.payload_end, 0)), \
                       changes, deleted_commits, deleted_bytes, definitions, blobs, blob_bytes, chunks, chunk_bytes, \
                       checkpoint_bytes, n.arrival \
                       FROM counters k LEFT JOIN commits n ON n.arrival = (SELECT max(arrival) FROM commits)";
    connection.prepare_cached(SQL)?.query_row([], |row| {
        let counters = Counters {
            last_arrival: unsigned(row, 0)?,
            payload_end: unsigned(row, 1)?,
            changes: unsigned(row, 2)?,
            deleted_commits: unsigned(row, 3)?,
            deleted_bytes: unsigned(row, 4)?,
            definitions: unsigned(row, 5)?,
            blobs: unsigned(row, 6)?,
            blob_bytes: unsigned(row, 7)?,
            chunks: unsigned(row, 8)?,
            chunk_bytes: unsigned(row, 9)?,
            checkpoint_bytes: unsigned(row, 10)?,
        };
        Ok((counters, row.get(11)?))
    })
}

/// The one row of `meta`.
pub(super) fn meta(connection: &Connection) -> rusqlite::Result<Meta> {
    const SQL: &str = "SELECT uuid, documentation, created, synchronised FROM meta";
    connection.prepare_cached(SQL)?.query_row([], |row| {
        Ok(Meta {
            uuid: Uuid::from_bytes(row.get(0)?),
            documentation: row.get(1)?,
            created: row.get(2)?,
            synchronised: row.get(3)?,
        })
    })
}

fn commit_id(row: &Row<'_>, column: usize) -> rusqlite::Result<CommitId> {
    row.get(column).map(CommitId::from_bytes)
}

/// The id in a column of another row, which there may be none of.
fn commit_id_or_zero(row: &Row<'_>, column: usize) -> rusqlite::Result<CommitId> {
    Ok(row.get::<_, Option<[u8; 32]>>(column)?.map_or(CommitId::ZERO, CommitId::from_bytes))
}

/// A header, from the columns of `headers_where!`.
fn header(row: &Row<'_>) -> rusqlite::Result<CommitHeader> {
    let code: u8 = row.get(2)?;
    let kind =
        CommitKind::from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(2, i64::from(code)))?;
    Ok(CommitHeader {
        id: commit_id(row, 1)?,
        kind,
        parent: commit_id_or_zero(row, 3)?,
        target: commit_id_or_zero(row, 4)?,
        payload_hash: row.get(5).map(PayloadHash::from_bytes)?,
        generation: unsigned(row, 6)?,
        metadata: Metadata { label: row.get(7)?, author: row.get(8)?, timestamp: row.get(9)? },
    })
}

/// The headers of the commits that meet a condition. Parent and target are stored as arrival numbers.
macro_rules! headers_where {
    ($condition:literal) => {
        concat!(
            "SELECT c.arrival, c.id, c.kind, \
             (SELECT p.id FROM commits p WHERE p.arrival = c.parent), \
             (SELECT t.id FROM commits t WHERE t.arrival = c.target), \
             c.payload_hash, c.generation, c.label, c.author, c.timestamp FROM commits c WHERE ",
            $condition
        )
    };
}

fn blob_record(row: &Row<'_>) -> rusqlite::Result<BlobRecord> {
    Ok(BlobRecord {
        id: row.get(0).map(BlobId::from_bytes)?,
        content: row.get(1).map(ContentHash::from_bytes)?,
        size: unsigned(row, 2)?,
        created: row.get(3)?,
        layout: row.get(4)?,
    })
}

fn chunk_ref(row: &Row<'_>) -> rusqlite::Result<ChunkRef> {
    Ok(ChunkRef { id: row.get(0).map(ChunkId::from_bytes)?, size: row.get(1)? })
}

/// The bytes in a column, read once and not through a typed row.
fn bytes(row: &Row<'_>) -> rusqlite::Result<Vec<u8>> {
    match row.get_ref(0)? {
        rusqlite::types::ValueRef::Blob(bytes) => Ok(bytes.to_vec()),
        other => Err(rusqlite::Error::InvalidColumnType(0, "bytes".to_owned(), other.data_type())),
    }
}

impl<L: Lease> Session<'_, L> {
    /// The connection, as long as its transaction stands.
    pub(super) fn connection(&self) -> Result<&Connection, StorageError> {
        self.lease
            .connection()
            .ok_or_else(|| StorageError::TransactionFailed { location: self.storage.shown() })
    }

    /// The first row that a query gives, as `read` makes it.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StorageError> {
        let connection = self.connection()?;
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(params, read).optional())
            .map_err(|error| self.storage.fault(error))
    }

    /// All rows that a query gives, as `read` makes them.
    fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StorageError> {
        let connection = self.connection()?;
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(params, read)?.collect())
            .map_err(|error| self.storage.fault(error))
    }

    /// The arrival number of a commit.
    pub(super) fn arrival(&self, id: CommitId) -> Result<Option<i64>, StorageError> {
        if let Some((arrival, _)) = self.lease.last_added(id) {
            self.connection()?;
            return Ok(Some(arrival));
        }
        self.first("SELECT arrival FROM commits WHERE id = ?1", [id.as_bytes()], |row| row.get(0))
    }

    /// The ids that a query gives, ascending. Sorting a handful here is cheaper than having SQLite do it.
    fn all_sorted(&self, sql: &str, params: impl Params) -> Result<Vec<CommitId>, StorageError> {
        let mut ids = self.all(sql, params, |row| commit_id(row, 0))?;
        ids.sort_unstable();
        Ok(ids)
    }

    /// The commits whose parent has this number, ascending: the next one, which the index leaves out, and those in it.
    pub(super) fn children_of(&self, arrival: i64) -> Result<Vec<CommitId>, StorageError> {
        let sql = "SELECT id FROM commits WHERE arrival = ?1 + 1 AND parent = ?1 \
                   UNION ALL SELECT id FROM commits WHERE parent = ?1 AND parent IS NOT arrival - 1";
        self.all_sorted(sql, [arrival])
    }

    /// The commits whose target has this number, ascending.
    pub(super) fn targeting_of(&self, arrival: i64) -> Result<Vec<CommitId>, StorageError> {
        self.all_sorted("SELECT id FROM commits WHERE target = ?1", [arrival])
    }

    /// The number of a chunk.
    pub(super) fn chunk_number(&self, id: ChunkId) -> Result<Option<i64>, StorageError> {
        self.first("SELECT number FROM chunks WHERE id = ?1", [id.as_bytes()], |row| row.get(0))
    }

    /// The number of a blob.
    pub(super) fn blob_number(&self, id: BlobId) -> Result<Option<i64>, StorageError> {
        self.first("SELECT number FROM blobs WHERE id = ?1", [id.as_bytes()], |row| row.get(0))
    }
}

impl<L: Lease> ReadCommits for Session<'_, L> {
    fn header(&self, id: CommitId) -> Result<Option<CommitHeader>, StorageError> {
        if let Some((_, header)) = self.lease.last_added(id) {
            self.connection()?;
            return Ok(Some(header.clone()));
        }
        self.first(headers_where!("c.id = ?1"), [id.as_bytes()], header)
    }

    fn payload(&self, id: CommitId) -> Result<Option<Vec<u8>>, StorageError> {
        self.first("SELECT payload FROM commits WHERE id = ?1", [id.as_bytes()], bytes)
    }

    fn payload_size(&self, id: CommitId) -> Result<Option<u64>, StorageError> {
        self.first("SELECT length(payload) FROM commits WHERE id = ?1", [id.as_bytes()], |row| {
            unsigned(row, 0)
        })
    }

    fn heads(&self) -> Result<Vec<CommitId>, StorageError> {
        // Nothing can refer to the newest commit, so it is a head without being listed as one.
        let sql = "SELECT id FROM (SELECT arrival FROM older_heads UNION ALL SELECT max(arrival) FROM commits) h \
                   CROSS JOIN commits c ON c.arrival = h.arrival";
        self.all_sorted(sql, [])
    }

    fn children(&self, id: CommitId) -> Result<Vec<CommitId>, StorageError> {
        if id.is_zero() {
            return self
                .all_sorted("SELECT id FROM commits WHERE parent IS NULL AND parent IS NOT arrival - 1", []);
        }
        self.arrival(id)?.map_or_else(|| Ok(Vec::new()), |arrival| self.children_of(arrival))
    }

    fn targeting(&self, id: CommitId) -> Result<Vec<CommitId>, StorageError> {
        self.arrival(id)?.map_or_else(|| Ok(Vec::new()), |arrival| self.targeting_of(arrival))
    }

    fn arrivals(&self, arrival: u64, limit: usize) -> Result<Vec<(u64, CommitHeader)>, StorageError> {
        let sql = headers_where!("c.arrival > ?1 ORDER BY c.arrival LIMIT ?2");
        self.all(sql, (signed(arrival), at_most(limit)), |row| Ok((unsigned(row, 0)?, header(row)?)))
    }

    fn commits_with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<CommitId>, StorageError> {
        let Some(range) = prefix::range(prefix) else { return Ok(Vec::new()) };
        let sql = "SELECT id FROM commits WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
        let params = (range.start().as_bytes(), range.end().as_bytes(), at_most(limit));
        self.all(sql, params, |row| commit_id(row, 0))
    }

    fn commit_blobs(&self, id: CommitId) -> Result<Vec<BlobId>, StorageError> {
        let sql = "SELECT b.id FROM commits c CROSS JOIN commit_blobs r ON r.arrival = c.arrival \
                   CROSS JOIN blobs b ON b.number = r.blob WHERE c.id = ?1 ORDER BY b.id";
        self.all(sql, [id.as_bytes()], |row| row.get(0).map(BlobId::from_bytes))
    }
}

impl<L: Lease> ReadBlobs for Session<'_, L> {
    fn blob(&self, id: BlobId) -> Result<Option<BlobRecord>, StorageError> {
        let sql = "SELECT id, content, size, created, layout FROM blobs WHERE id = ?1";
        self.first(sql, [id.as_bytes()], blob_record)
    }

    fn blob_chunks(&self, id: BlobId) -> Result<Vec<ChunkRef>, StorageError> {
        let sql = "SELECT c.chunk, c.size FROM blobs b CROSS JOIN blob_chunks c ON c.blob = b.number \
                   WHERE b.id = ?1 ORDER BY c.position";
        self.all(sql, [id.as_bytes()], chunk_ref)
    }

    fn chunk(&self, id: ChunkId) -> Result<Option<Vec<u8>>, StorageError> {
        self.first("SELECT bytes FROM chunks WHERE id = ?1", [id.as_bytes()], bytes)
    }

    fn has_chunk(&self, id: ChunkId) -> Result<bool, StorageError> {
        Ok(self.first("SELECT 1 FROM chunks WHERE id = ?1", [id.as_bytes()], |_| Ok(()))?.is_some())
    }

    fn blobs_after(&self, after: BlobId, limit: usize) -> Result<Vec<BlobRecord>, StorageError> {
        let sql = "SELECT id, content, size, created, layout FROM blobs WHERE id > ?1 ORDER BY id LIMIT ?2";
        self.all(sql, (after.as_bytes(), at_most(limit)), blob_record)
    }

    fn is_blob_referenced(&self, id: BlobId) -> Result<bool, StorageError> {
        let sql =
            "SELECT 1 FROM blobs b CROSS JOIN commit_blobs r ON r.blob = b.number WHERE b.id = ?1 LIMIT 1";
        Ok(self.first(sql, [id.as_bytes()], |_| Ok(()))?.is_some())
    }

    fn blobs_using(&self, id: ChunkId) -> Result<Vec<BlobId>, StorageError> {
        let sql = "SELECT id FROM blobs WHERE number IN (SELECT blob FROM blob_chunks WHERE chunk = ?1) ORDER BY id";
        self.all(sql, [id.as_bytes()], |row| row.get(0).map(BlobId::from_bytes))
    }

    fn chunk_claim(&self, id: ChunkId) -> Result<Option<i64>, StorageError> {
        let sql =
            "SELECT k.claimed FROM chunks c CROSS JOIN chunk_claims k ON k.chunk = c.number WHERE c.id = ?1";
        self.first(sql, [id.as_bytes()], |row| row.get(0))
    }

    fn unused_chunks(&self, after: ChunkId, limit: usize) -> Result<Vec<ChunkRef>, StorageError> {
        let sql = "SELECT id, length(bytes) FROM chunks c WHERE id > ?1 \
                   AND NOT EXISTS (SELECT 1 FROM blob_chunks b WHERE b.chunk = c.id) ORDER BY id LIMIT ?2";
        self.all(sql, (after.as_bytes(), at_most(limit)), chunk_ref)
    }

    fn chunks_after(&self, after: ChunkId, limit: usize) -> Result<Vec<ChunkRef>, StorageError> {
        let sql = "SELECT id, length(bytes) FROM chunks WHERE id > ?1 ORDER BY id LIMIT ?2";
        self.all(sql, (after.as_bytes(), at_most(limit)), chunk_ref)
    }
}

/// The place of a part of a checkpoint: parts of one checkpoint stand together, levels of one arrival number, and so on.
/// What is beyond all limits has a place beyond all places.
pub(super) fn place(arrival: u64, level: u8, part: u32) -> i64 {
    let parts = i64::from(limits::CHECKPOINT_PARTS);
    signed(arrival)
        .saturating_mul(i64::from(limits::CHECKPOINT_LEVELS) * parts)
        .saturating_add(i64::from(level) * parts + i64::from(part))
}

/// The most bytes of payloads that are read at once, but for a payload that is larger.
const PAYLOADS: usize = 1 << 20;

impl<L: Lease> ReadCheckpoints for Session<'_, L> {
    fn arrival_of(&self, id: CommitId) -> Result<Option<u64>, StorageError> {
        let arrival = self.arrival(id)?;
        Ok(arrival.map(i64::unsigned_abs))
    }

    fn commit_at(&self, arrival: u64) -> Result<Option<CommitId>, StorageError> {
        self.first("SELECT id FROM commits WHERE arrival = ?1", [signed(arrival)], |row| commit_id(row, 0))
    }

    fn link_at(&self, arrival: u64) -> Result<Option<Link>, StorageError> {
        let sql = "SELECT kind, ifnull(parent, 0), ifnull(target, 0) FROM commits WHERE arrival = ?1";
        self.first(sql, [signed(arrival)], |row| {
            let code: u8 = row.get(0)?;
            let kind = CommitKind::from_code(code)
                .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, i64::from(code)))?;
            Ok(Link { arrival, kind, parent: unsigned(row, 1)?, target: unsigned(row, 2)? })
        })
    }

    fn payload_at(&self, arrival: u64) -> Result<Option<Vec<u8>>, StorageError> {
        self.first("SELECT payload FROM commits WHERE arrival = ?1", [signed(arrival)], bytes)
    }

    fn links(&self, first: u64, last: u64) -> Result<Vec<Link>, StorageError> {
        let sql = "SELECT arrival, kind, ifnull(parent, 0), ifnull(target, 0) FROM commits \
                   WHERE arrival BETWEEN ?1 AND ?2 ORDER BY arrival";
        self.all(sql, [signed(first), signed(last)], |row| {
            let code: u8 = row.get(1)?;
            let kind = CommitKind::from_code(code)
                .ok_or(rusqlite::Error::IntegralValueOutOfRange(1, i64::from(code)))?;
            Ok(Link {
                arrival: unsigned(row, 0)?,
                kind,
                parent: unsigned(row, 2)?,
                target: unsigned(row, 3)?,
            })
        })
    }

    fn payloads(&self, first: u64, last: u64) -> Result<Vec<(u64, Vec<u8>)>, StorageError> {
        let sql = "SELECT payload, arrival FROM commits WHERE arrival BETWEEN ?1 AND ?2 ORDER BY arrival";
        let read = |statement: &mut rusqlite::Statement<'_>| {
            let mut rows = statement.query([signed(first), signed(last)])?;
            let (mut payloads, mut size) = (Vec::new(), 0);
            while size < PAYLOADS
                && let Some(row) = rows.next()?
            {
                let payload = bytes(row)?;
                size += payload.len();
                payloads.push((unsigned(row, 1)?, payload));
            }
            Ok(payloads)
        };
        let connection = self.connection()?;
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| read(&mut statement))
            .map_err(|error| self.storage.fault(error))
    }

    fn checkpoint_before(&self, arrival: u64) -> Result<Option<u64>, StorageError> {
        let sql = "SELECT place >> 24 FROM checkpoints WHERE place < ?1 ORDER BY place DESC LIMIT 1";
        self.first(sql, [place(arrival.saturating_add(1), 0, 0)], |row| unsigned(row, 0))
    }

    fn checkpoint(&self, arrival: u64, most: u8) -> Result<Option<(u8, Vec<u8>)>, StorageError> {
        // The last part of the highest level says which that is; its first part is what is asked for.
        let sql = "SELECT bytes, place >> 20 & 15 FROM checkpoints WHERE place = \
                   (SELECT max(place) FROM checkpoints WHERE place BETWEEN ?1 AND ?2) >> 20 << 20";
        let last = place(arrival, most, limits::CHECKPOINT_PARTS - 1);
        self.first(sql, [place(arrival, 0, 0), last], |row| Ok((row.get(1)?, bytes(row)?)))
    }

    fn checkpoint_part(&self, arrival: u64, level: u8, part: u32) -> Result<Option<Vec<u8>>, StorageError> {
        self.first("SELECT bytes FROM checkpoints WHERE place = ?1", [place(arrival, level, part)], bytes)
    }

    fn checkpoint_bytes(&self) -> Result<u64, StorageError> {
        self.connection()?;
        Ok(self.lease.counters().checkpoint_bytes)
    }
}

impl<L: Lease> Snapshot for Session<'_, L> {
    fn data_version(&self) -> Result<u64, StorageError> {
        self.connection()?;
        Ok(self.lease.counters().data_version())
    }

    fn meta(&self) -> Result<Meta, StorageError> {
        meta(self.connection()?).map_err(|error| self.storage.fault(error))
    }

    fn definitions(&self) -> Result<Vec<Vec<u8>>, StorageError> {
        self.all("SELECT stored FROM definitions ORDER BY number", [], bytes)
    }

    fn definition_ids(&self) -> Result<Vec<RuntimeId>, StorageError> {
        let sql = "SELECT id FROM definitions ORDER BY number";
        self.all(sql, [], |row| row.get(0).map(|id| RuntimeId::from_uuid(Uuid::from_bytes(id))))
    }

    fn definition_count(&self) -> Result<u64, StorageError> {
        self.connection()?;
        Ok(self.lease.counters().definitions)
    }

    fn statistics(&self) -> Result<Statistics, StorageError> {
        self.connection()?;
        Ok(self.lease.counters().statistics())
    }
}
