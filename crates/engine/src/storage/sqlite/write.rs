//! Writing: every change of [`Transaction`], as SQL.
//!
//! What is asked for is checked by reading before anything is written, so a refused call leaves the transaction as it
//! was. When a statement that writes fails all the same, the medium has failed: the whole transaction is rolled back at
//! once, and everything asked of it afterwards says so.

use std::collections::HashMap;
use std::ops::Deref;

use anabranch_model::{BlobId, ChunkId, CommitId, RuntimeId};
use rusqlite::{Connection, Params};

use super::super::counters::Counters;
use super::super::gate::Pass;
use super::super::{BlobRecord, ChunkRef, StorageError, Transaction, limits};
use super::read::{self, Lease, Session, signed, unsigned};
use super::{SqliteStorage, schema};
use crate::commit::{CommitHeader, CommitKind};

/// The connection that writes, with a transaction that holds the write lock of the file.
pub(super) struct Writer<'storage> {
    pass: Pass<'storage, Connection>,
    counters: Counters,
    /// The arrival number of the newest commit that is here.
    newest: Option<i64>,
    /// The last commit that was added, and is here.
    last_added: Option<(i64, CommitHeader)>,
    /// Whether there is anything to make durable.
    is_changed: bool,
    /// Whether the counters have to be written: for new commits alone they need not.
    are_counters_changed: bool,
    /// Whether the change counter was raised.
    is_counted: bool,
    /// The numbers of the chunks that this transaction added, which blobs are about to be made of.
    added: HashMap<ChunkId, i64>,
    /// Whether there may be claims to chunks; none until that is asked. Mostly there are none, and nothing to take back.
    are_claims: Option<bool>,
}

impl<'storage> Writer<'storage> {
    /// Takes the write lock, which another process may have.
    pub(super) fn begin(pass: Pass<'storage, Connection>) -> rusqlite::Result<Self> {
        pass.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        // Made before anything else can fail: dropping it ends the transaction.
        let mut writer = Self {
            pass,
            counters: Counters::default(),
            newest: None,
            last_added: None,
            is_changed: false,
            are_counters_changed: false,
            is_counted: false,
            added: HashMap::new(),
            are_claims: None,
        };
        (writer.counters, writer.newest) = read::counters(&writer.pass)?;
        Ok(writer)
    }
}

/// The arrival number of the newest commit that is here.
fn newest(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT max(arrival) FROM commits")?.query_row([], |row| row.get(0))
}

impl Lease for Writer<'_> {
    fn connection(&self) -> Option<&Connection> {
        // SQLite rolls back by itself after some failures; what came next would then be a transaction of its own.
        let is_open = !self.pass.is_autocommit();
        is_open.then_some(self.pass.deref())
    }

    fn counters(&self) -> &Counters {
        &self.counters
    }

    fn last_added(&self, id: CommitId) -> Option<(i64, &CommitHeader)> {
        self.last_added
            .as_ref()
            .filter(|(_, header)| header.id == id)
            .map(|(arrival, header)| (*arrival, header))
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection() {
            // It fails only when no transaction is open any more, which is what is wanted.
            let _ = connection.execute_batch("ROLLBACK");
        }
    }
}

impl Session<'_, Writer<'_>> {
    /// Runs a statement that writes.
    fn write(&mut self, sql: &str, params: impl Params) -> Result<(), StorageError> {
        self.write_rows(sql, params).map(drop)
    }

    /// Runs a statement that writes, and says how many rows it changed.
    fn write_rows(&mut self, sql: &str, params: impl Params) -> Result<usize, StorageError> {
        let connection = self.connection()?;
        let written = connection.prepare_cached(sql).and_then(|mut statement| statement.execute(params));
        match written {
            Ok(rows) => {
                self.lease.is_changed = true;
                Ok(rows)
            }
            Err(error) => Err(self.roll_back(error)),
        }
    }

    /// Ends a transaction in which the medium failed, and says how. Half of what was asked for must not be committed.
    fn roll_back(&self, error: rusqlite::Error) -> StorageError {
        let fault = self.storage.fault(error);
        if let Some(connection) = self.lease.connection() {
            // It fails only when no transaction is open any more, which is what is wanted.
            let _ = connection.execute_batch("ROLLBACK");
        }
        fault
    }

    /// Notes that something other than a new commit changed what the change counter counts.
    fn count_change(&mut self) {
        self.lease.are_counters_changed = true;
        if !self.lease.is_counted {
            self.lease.is_counted = true;
            self.lease.counters.changes = self.lease.counters.changes.saturating_add(1);
        }
    }

    fn write_counters(&mut self) -> Result<(), StorageError> {
        let counters = self.lease.counters;
        self.write(
            "UPDATE counters SET last_arrival = ?1, payload_end = ?2, changes = ?3, deleted_commits = ?4, \
             deleted_bytes = ?5, definitions = ?6, blobs = ?7, blob_bytes = ?8, chunks = ?9, chunk_bytes = ?10, \
             checkpoint_bytes = ?11",
            [
                counters.last_arrival,
                counters.payload_end,
                counters.changes,
                counters.deleted_commits,
                counters.deleted_bytes,
                counters.definitions,
                counters.blobs,
                counters.blob_bytes,
                counters.chunks,
                counters.chunk_bytes,
                counters.checkpoint_bytes,
            ]
            .map(signed),
        )
    }

    /// The number of a chunk, without looking for one that was just added.
    fn known_chunk(&self, id: ChunkId) -> Result<Option<i64>, StorageError> {
        match self.lease.added.get(&id) {
            Some(number) => Ok(Some(*number)),
            None => self.chunk_number(id),
        }
    }

    /// Whether there may be claims to chunks.
    fn are_claims(&mut self) -> Result<bool, StorageError> {
        if let Some(are_claims) = self.lease.are_claims {
            return Ok(are_claims);
        }
        let found = self.first("SELECT 1 FROM chunk_claims LIMIT 1", [], |_| Ok(()))?.is_some();
        self.lease.are_claims = Some(found);
        Ok(found)
    }

    /// The number and the size of a chunk that is here.
    fn chunk_place(&self, id: ChunkId) -> Result<(i64, u64), StorageError> {
        let sql = "SELECT number, length(bytes) FROM chunks WHERE id = ?1";
        let found = self.first(sql, [id.as_bytes()], |row| Ok((row.get(0)?, unsigned(row, 1)?)))?;
        found.ok_or(StorageError::ChunkNotFound { id })
    }

    /// Takes a commit from the listed heads; the newest commit is never among them.
    fn unlist_head(&mut self, arrival: i64) -> Result<(), StorageError> {
        self.write("DELETE FROM older_heads WHERE arrival = ?1", [arrival])
    }

    /// The arrival number of a dependency; none for the zero id.
    fn dependency(&self, commit: CommitId, id: CommitId) -> Result<Option<i64>, StorageError> {
        if id.is_zero() {
            return Ok(None);
        }
        let arrival = self.arrival(id)?;
        arrival.map(Some).ok_or(StorageError::MissingDependency { commit, missing: id })
    }
}

const MERGE: u8 = CommitKind::Merge.code();

/// Lists a commit as a head when nothing takes it from them: no child, next to it or in the index, and no merge.
const UNCOVER: &str = "INSERT OR IGNORE INTO older_heads (arrival) SELECT ?1 \
                       WHERE NOT EXISTS (SELECT 1 FROM commits WHERE arrival = ?1 + 1 AND parent = ?1) \
                       AND NOT EXISTS (SELECT 1 FROM commits WHERE parent = ?1 AND parent IS NOT arrival - 1) \
                       AND NOT EXISTS (SELECT 1 FROM commits WHERE target = ?1 AND kind = ?2)";

impl Transaction for Session<'_, Writer<'_>> {
    fn put_commit(
        &mut self,
        header: &CommitHeader,
        payload: &[u8],
        blobs: &[BlobId],
    ) -> Result<bool, StorageError> {
        limits::check_commit(header, payload)?;
        let parent = self.dependency(header.id, header.parent)?;
        let target = self.dependency(header.id, header.target)?;
        let mut numbers = Vec::with_capacity(blobs.len());
        for blob in blobs {
            match self.blob_number(*blob)? {
                Some(number) => numbers.push(number),
                // What is here already lacks nothing, whatever is said of it.
                None if self.arrival(header.id)?.is_some() => return Ok(false),
                None => return Err(StorageError::MissingBlob { commit: header.id, blob: *blob }),
            }
        }
        numbers.sort_unstable();
        numbers.dedup();

        let mut counters = self.lease.counters;
        let arrival = signed(counters.add_commit(payload.len()));
        let payload_end = signed(counters.payload_end);
        let added = self.write_rows(
            "INSERT INTO commits (arrival, id, kind, parent, target, generation, timestamp, payload_end, payload_hash, \
             label, author, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id) DO NOTHING",
            (
                arrival,
                header.id.as_bytes(),
                header.kind.code(),
                parent,
                target,
                signed(header.generation),
                header.metadata.timestamp,
                payload_end,
                header.payload_hash.as_bytes(),
                &header.metadata.label,
                &header.metadata.author,
                payload,
            ),
        )?;
        if added == 0 {
            return Ok(false);
        }
        self.lease.counters = counters;
        self.lease.last_added = Some((arrival, header.clone()));
        for number in numbers {
            self.write("INSERT INTO commit_blobs (arrival, blob) VALUES (?1, ?2)", (arrival, number))?;
        }
        let merged = if header.kind == CommitKind::Merge { target } else { None };
        // The newest commit is a head without being listed. The one that was the newest is listed from now on, unless it
        // is overtaken: so appending to a line of commits, the most common change, leaves the list alone.
        let previous = self.lease.newest.replace(arrival);
        if let Some(previous) =
            previous.filter(|previous| parent != Some(*previous) && merged != Some(*previous))
        {
            self.write("INSERT INTO older_heads (arrival) VALUES (?1)", [previous])?;
        }
        for overtaken in [parent, merged].into_iter().flatten().filter(|arrival| previous != Some(*arrival)) {
            self.unlist_head(overtaken)?;
        }
        Ok(true)
    }

    fn delete_commit(&mut self, id: CommitId) -> Result<(), StorageError> {
        type Found = (i64, Option<i64>, Option<i64>, u64);
        let found: Option<Found> = self.first(
            "SELECT arrival, parent, CASE kind WHEN ?2 THEN target END, length(payload) FROM commits WHERE id = ?1",
            (id.as_bytes(), MERGE),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, unsigned(row, 3)?)),
        )?;
        let Some((arrival, parent, merged, payload)) = found else {
            return Err(StorageError::CommitNotFound { id });
        };
        let mut dependents = self.children_of(arrival)?.into_iter().chain(self.targeting_of(arrival)?);
        if let Some(by) = dependents.next() {
            return Err(StorageError::CommitReferenced { id, by });
        }
        self.lease.last_added = None;
        self.lease.counters.remove_commit(payload);
        self.count_change();
        self.unlist_head(arrival)?;
        self.write("DELETE FROM commit_blobs WHERE arrival = ?1", [arrival])?;
        self.write("DELETE FROM commits WHERE arrival = ?1", [arrival])?;
        if self.lease.newest == Some(arrival) {
            self.lease.newest = newest(self.connection()?).map_err(|error| self.storage.fault(error))?;
            if let Some(newest) = self.lease.newest {
                self.unlist_head(newest)?;
            }
        }
        let newest = self.lease.newest;
        for uncovered in [parent, merged].into_iter().flatten().filter(|arrival| newest != Some(*arrival)) {
            self.write(UNCOVER, (uncovered, MERGE))?;
        }
        Ok(())
    }

    fn put_definition(&mut self, id: RuntimeId, stored: &[u8]) -> Result<(), StorageError> {
        let known = self.first("SELECT 1 FROM definitions WHERE id = ?1", [id.as_bytes()], |_| Ok(()))?;
        if known.is_some() {
            return Ok(());
        }
        limits::check_definition(stored)?;
        self.lease.counters.add_definition();
        self.count_change();
        self.write("INSERT INTO definitions (id, stored) VALUES (?1, ?2)", (id.as_bytes(), stored))
    }

    fn put_chunk(&mut self, id: ChunkId, bytes: &[u8]) -> Result<bool, StorageError> {
        if self.known_chunk(id)?.is_some() {
            return Ok(false);
        }
        self.lease.counters.add_chunk(limits::check_chunk(bytes)?);
        self.lease.are_counters_changed = true;
        self.write("INSERT INTO chunks (id, bytes) VALUES (?1, ?2)", (id.as_bytes(), bytes))?;
        let number = self.connection()?.last_insert_rowid();
        self.lease.added.insert(id, number);
        Ok(true)
    }

    fn replace_chunk(&mut self, id: ChunkId, bytes: &[u8]) -> Result<(), StorageError> {
        let size = limits::check_chunk(bytes)?;
        let (number, replaced) = self.chunk_place(id)?;
        self.lease.counters.replace_chunk(size, replaced);
        self.lease.are_counters_changed = true;
        self.write("UPDATE chunks SET bytes = ?2 WHERE number = ?1", (number, bytes))
    }

    fn claim_chunks(&mut self, ids: &[ChunkId], time: i64) -> Result<(), StorageError> {
        let numbers =
            ids.iter().map(|id| self.chunk_number(*id)?.ok_or(StorageError::ChunkNotFound { id: *id }));
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        numbers.into_iter().try_for_each(|number| {
            self.write("INSERT OR REPLACE INTO chunk_claims (chunk, claimed) VALUES (?1, ?2)", (number, time))
        })
    }

    fn delete_chunk(&mut self, id: ChunkId) -> Result<(), StorageError> {
        let (number, size) = self.chunk_place(id)?;
        let sql =
            "SELECT id FROM blobs WHERE number = (SELECT blob FROM blob_chunks WHERE chunk = ?1 LIMIT 1)";
        if let Some(by) = self.first(sql, [id.as_bytes()], |row| row.get(0).map(BlobId::from_bytes))? {
            return Err(StorageError::ChunkUsed { id, by });
        }
        self.lease.counters.remove_chunk(size);
        self.lease.are_counters_changed = true;
        self.lease.added.remove(&id);
        self.write("DELETE FROM chunk_claims WHERE chunk = ?1", [number])?;
        self.write("DELETE FROM chunks WHERE number = ?1", [number])
    }

    fn put_blob(&mut self, blob: &BlobRecord, chunks: &[ChunkRef]) -> Result<bool, StorageError> {
        if self.blob_number(blob.id)?.is_some() {
            return Ok(false);
        }
        limits::check_blob(blob)?;
        let mut numbers = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            let missing = || StorageError::MissingChunk { blob: blob.id, chunk: chunk.id };
            numbers.push(self.known_chunk(chunk.id)?.ok_or_else(missing)?);
        }
        self.lease.counters.add_blob(blob.size);
        self.count_change();
        self.write(
            "INSERT INTO blobs (id, content, size, created, layout) VALUES (?1, ?2, ?3, ?4, ?5)",
            (blob.id.as_bytes(), blob.content.as_bytes(), signed(blob.size), blob.created, &blob.layout),
        )?;
        let number = self.connection()?.last_insert_rowid();
        for (position, chunk) in (0_i64..).zip(chunks) {
            self.write(
                "INSERT INTO blob_chunks (blob, position, chunk, size) VALUES (?1, ?2, ?3, ?4)",
                (number, position, chunk.id.as_bytes(), chunk.size),
            )?;
        }
        if self.are_claims()? {
            for number in numbers {
                self.write("DELETE FROM chunk_claims WHERE chunk = ?1", [number])?;
            }
        }
        Ok(true)
    }

    fn renew_blob(&mut self, id: BlobId, created: i64) -> Result<(), StorageError> {
        let number = self.blob_number(id)?.ok_or(StorageError::BlobNotFound { id })?;
        self.write("UPDATE blobs SET created = ?2 WHERE number = ?1", (number, created))
    }

    fn delete_blob(&mut self, id: BlobId) -> Result<(), StorageError> {
        let found = self.first("SELECT number, size FROM blobs WHERE id = ?1", [id.as_bytes()], |row| {
            Ok((row.get::<_, i64>(0)?, unsigned(row, 1)?))
        })?;
        let Some((number, size)) = found else { return Err(StorageError::BlobNotFound { id }) };
        let by = self.first(
            "SELECT c.id FROM commit_blobs r CROSS JOIN commits c ON c.arrival = r.arrival WHERE r.blob = ?1 \
             ORDER BY c.id LIMIT 1",
            [number],
            |row| row.get(0).map(CommitId::from_bytes),
        )?;
        if let Some(by) = by {
            return Err(StorageError::BlobReferenced { id, by });
        }
        self.lease.counters.remove_blob(size);
        self.count_change();
        self.write("DELETE FROM blob_chunks WHERE blob = ?1", [number])?;
        self.write("DELETE FROM blobs WHERE number = ?1", [number])
    }

    fn put_checkpoint(&mut self, arrival: u64, level: u8, parts: &[&[u8]]) -> Result<(), StorageError> {
        limits::check_checkpoint(arrival, level, parts)?;
        self.delete_checkpoint(arrival, level)?;
        self.lease.are_counters_changed = true;
        for (place, part) in (read::place(arrival, level, 0)..).zip(parts) {
            self.lease.counters.add_checkpoint(part.len() as u64);
            self.write("INSERT INTO checkpoints (place, bytes) VALUES (?1, ?2)", (place, part))?;
        }
        Ok(())
    }

    fn delete_checkpoint(&mut self, arrival: u64, level: u8) -> Result<(), StorageError> {
        let places =
            (read::place(arrival, level, 0), read::place(arrival, level, limits::CHECKPOINT_PARTS - 1));
        let sql =
            "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM checkpoints WHERE place BETWEEN ?1 AND ?2";
        let (count, size) =
            self.first(sql, places, |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?)))?.unwrap_or_default();
        if count == 0 {
            return Ok(());
        }
        self.lease.counters.remove_checkpoint(size);
        self.lease.are_counters_changed = true;
        self.write("DELETE FROM checkpoints WHERE place BETWEEN ?1 AND ?2", places)
    }

    fn drop_checkpoints(&mut self) -> Result<(), StorageError> {
        self.lease.counters.checkpoint_bytes = 0;
        self.lease.are_counters_changed = true;
        self.write("DELETE FROM checkpoints", [])
    }

    fn give_back(&mut self) -> Result<u64, StorageError> {
        let given = give_back(self.connection()?);
        let pages = given.map_err(|error| self.roll_back(error))?;
        self.lease.is_changed |= pages > 0;
        Ok(pages * u64::from(schema::PAGE_SIZE))
    }

    fn mark_synchronised(&mut self) -> Result<(), StorageError> {
        let is_synchronised =
            read::meta(self.connection()?).map_err(|error| self.storage.fault(error))?.synchronised;
        if is_synchronised {
            return Ok(());
        }
        self.write("UPDATE meta SET synchronised = 1", [])
    }

    fn commit(mut self: Box<Self>) -> Result<(), StorageError> {
        self.connection()?;
        if !self.lease.is_changed {
            return Ok(());
        }
        if self.lease.are_counters_changed {
            self.write_counters()?;
        }
        self.write("COMMIT", [])
    }
}

impl<'storage> Session<'storage, Writer<'storage>> {
    /// Starts a change.
    pub(super) fn write_to(
        storage: &'storage SqliteStorage,
        pass: Pass<'storage, Connection>,
    ) -> rusqlite::Result<Self> {
        Ok(Self { storage, lease: Writer::begin(pass)? })
    }
}

/// Pages that are given back at a time: 64 MiB.
const GIVEN_BACK: i64 = 4096;

/// Gives free pages back to the file system, by moving the last pages of the file into free ones before them. A file that
/// was made before this was possible keeps its free pages, and fills them again. Answers how many.
fn give_back(connection: &Connection) -> rusqlite::Result<u64> {
    let free = || connection.pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0));
    let before = free()?;
    if before == 0 {
        return Ok(0);
    }
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({GIVEN_BACK})"))?;
    // Each row is a page.
    let mut pages = statement.query([])?;
    while pages.next()?.is_some() {}
    drop(pages);
    Ok(u64::try_from(before.saturating_sub(free()?)).unwrap_or_default())
}
