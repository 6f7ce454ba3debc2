//! What a database file looks like inside. `docs/spec/file-format.md` explains it, and a test holds the two equal.

use rusqlite::{Connection, TransactionBehavior};

/// Says whose file it is, in the SQLite header: `Anab`.
pub(super) const APPLICATION_ID: i32 = i32::from_be_bytes(*b"Anab");

/// The version of the format that this program writes, and the latest that it reads: SQLite's `user_version`.
pub(super) const FORMAT_VERSION: i32 = 1;

/// Bytes in a page.
pub(super) const PAGE_SIZE: u32 = 16_384;

/// Space that is freed can be given back to the file system, a part at a time: SQLite's `auto_vacuum`.
pub(super) const AUTO_VACUUM: &str = "INCREMENTAL";

/// A table or an index of the format.
pub(super) struct Object {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// Every table and index that this version has. A file may have more: later versions may add tables.
///
/// Hashes are never what a table is ordered by, only what an index finds: with a clustered key that is random, adding
/// rows is thirty times slower (measured, `DEPENDENCIES.md`).
pub(super) const OBJECTS: &[Object] = &[
    Object {
        name: "meta",
        sql: "CREATE TABLE meta (
  one           INTEGER PRIMARY KEY CHECK (one = 1),
  uuid          BLOB    NOT NULL CHECK (length(uuid) = 16),
  documentation TEXT    NOT NULL,
  created       INTEGER NOT NULL,
  synchronised  INTEGER NOT NULL CHECK (synchronised IN (0, 1))
) STRICT",
    },
    Object {
        name: "counters",
        sql: "CREATE TABLE counters (
  one              INTEGER PRIMARY KEY CHECK (one = 1),
  last_arrival     INTEGER NOT NULL,
  payload_end      INTEGER NOT NULL,
  changes          INTEGER NOT NULL,
  deleted_commits  INTEGER NOT NULL,
  deleted_bytes    INTEGER NOT NULL,
  definitions      INTEGER NOT NULL,
  blobs            INTEGER NOT NULL,
  blob_bytes       INTEGER NOT NULL,
  chunks           INTEGER NOT NULL,
  chunk_bytes      INTEGER NOT NULL,
  checkpoint_bytes INTEGER NOT NULL
) STRICT",
    },
    Object {
        name: "definitions",
        sql: "CREATE TABLE definitions (
  number INTEGER PRIMARY KEY,
  id     BLOB NOT NULL CHECK (length(id) = 16),
  stored BLOB NOT NULL
) STRICT",
    },
    Object { name: "definitions_by_id", sql: "CREATE UNIQUE INDEX definitions_by_id ON definitions (id)" },
    Object {
        name: "commits",
        sql: "CREATE TABLE commits (
  arrival      INTEGER PRIMARY KEY,
  id           BLOB    NOT NULL CHECK (length(id) = 32),
  kind         INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
  parent       INTEGER CHECK (parent < arrival),
  target       INTEGER CHECK (target < arrival) REFERENCES commits (arrival),
  generation   INTEGER NOT NULL CHECK (generation >= 0),
  timestamp    INTEGER NOT NULL,
  payload_end  INTEGER NOT NULL CHECK (payload_end >= 0),
  payload_hash BLOB    NOT NULL CHECK (length(payload_hash) = 32),
  label        TEXT    NOT NULL,
  author       TEXT    NOT NULL,
  payload      BLOB    NOT NULL
) STRICT",
    },
    Object { name: "commits_by_id", sql: "CREATE UNIQUE INDEX commits_by_id ON commits (id)" },
    Object {
        name: "commits_by_parent",
        sql: "CREATE INDEX commits_by_parent ON commits (parent) WHERE parent IS NOT arrival - 1",
    },
    Object {
        name: "commits_by_target",
        sql: "CREATE INDEX commits_by_target ON commits (target) WHERE target IS NOT NULL",
    },
    Object {
        name: "older_heads",
        sql: "CREATE TABLE older_heads (
  arrival INTEGER PRIMARY KEY REFERENCES commits (arrival)
) STRICT",
    },
    Object {
        name: "blobs",
        sql: "CREATE TABLE blobs (
  number  INTEGER PRIMARY KEY,
  id      BLOB    NOT NULL CHECK (length(id) = 32),
  content BLOB    NOT NULL CHECK (length(content) = 32),
  size    INTEGER NOT NULL CHECK (size >= 0),
  created INTEGER NOT NULL,
  layout  TEXT    NOT NULL
) STRICT",
    },
    Object { name: "blobs_by_id", sql: "CREATE UNIQUE INDEX blobs_by_id ON blobs (id)" },
    Object {
        name: "commit_blobs",
        sql: "CREATE TABLE commit_blobs (
  arrival INTEGER NOT NULL REFERENCES commits (arrival),
  blob    INTEGER NOT NULL REFERENCES blobs (number),
  PRIMARY KEY (arrival, blob)
) STRICT, WITHOUT ROWID",
    },
    Object { name: "commit_blobs_by_blob", sql: "CREATE INDEX commit_blobs_by_blob ON commit_blobs (blob)" },
    Object {
        name: "chunks",
        sql: "CREATE TABLE chunks (
  number INTEGER PRIMARY KEY,
  id     BLOB NOT NULL CHECK (length(id) = 32),
  bytes  BLOB NOT NULL
) STRICT",
    },
    Object { name: "chunks_by_id", sql: "CREATE UNIQUE INDEX chunks_by_id ON chunks (id)" },
    Object {
        name: "blob_chunks",
        sql: "CREATE TABLE blob_chunks (
  blob     INTEGER NOT NULL REFERENCES blobs (number),
  position INTEGER NOT NULL CHECK (position >= 0),
  chunk    BLOB    NOT NULL REFERENCES chunks (id),
  size     INTEGER NOT NULL CHECK (size >= 0),
  PRIMARY KEY (blob, position)
) STRICT, WITHOUT ROWID",
    },
    Object { name: BY_CHUNK, sql: "CREATE INDEX blob_chunks_by_chunk ON blob_chunks (chunk)" },
    Object {
        name: CLAIMS,
        sql: "CREATE TABLE chunk_claims (
  chunk   INTEGER PRIMARY KEY REFERENCES chunks (number),
  claimed INTEGER NOT NULL
) STRICT",
    },
    Object {
        name: "checkpoints",
        sql: "CREATE TABLE checkpoints (
  place INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT",
    },
];

const BY_CHUNK: &str = "blob_chunks_by_chunk";
const CLAIMS: &str = "chunk_claims";

/// What the first files of this version lack. It is made when they are opened for writing; who only reads does without.
const LATER: [&str; 2] = [BY_CHUNK, CLAIMS];

/// Makes every table and index, in a transaction of the caller's.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    OBJECTS.iter().try_for_each(|object| connection.execute_batch(object.sql))
}

/// Makes what the first files of this version lack.
pub(super) fn complete(connection: &Connection) -> rusqlite::Result<()> {
    let is_missing = |object: &&Object| -> rusqlite::Result<bool> {
        let known = "SELECT count(*) FROM sqlite_schema WHERE name = ?1";
        Ok(LATER.contains(&object.name)
            && connection.query_row(known, [object.name], |row| row.get(0)) == Ok(0))
    };
    let mut missing = Vec::new();
    for object in OBJECTS {
        if is_missing(&object)? {
            missing.push(object);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let transaction = rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    for object in missing {
        // Another process may have made it just now.
        if is_missing(&object)? {
            connection.execute_batch(object.sql)?;
        }
    }
    transaction.commit()
}

/// The first table or index that is missing or is not as this program makes it; none when all are.
///
/// Statements are written for this very schema: on another one, made by hand or by malice, they could do anything.
pub(super) fn first_difference(connection: &Connection) -> rusqlite::Result<Option<&'static str>> {
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema WHERE name = ?1")?;
    for object in OBJECTS {
        let mut rows = statement.query([object.name])?;
        let sql = match rows.next()? {
            Some(row) => row.get::<_, Option<String>>(0)?,
            None if LATER.contains(&object.name) => continue,
            None => None,
        };
        if !sql.is_some_and(|sql| sql.split_whitespace().eq(object.sql.split_whitespace())) {
            return Ok(Some(object.name));
        }
    }
    Ok(None)
}
