//! Whether a file holds together: its pages, its references, and what it keeps twice.

use rusqlite::ErrorCode;

use super::super::StorageError;
use super::read::{Lease, Session};

/// Findings of one kind after which no more of it are listed.
const ENOUGH: usize = 100;

/// What has to hold beside what SQLite itself checks. Each query gives one line for each place where it does not.
const INVARIANTS: &[&str] = &[
    "SELECT 'commit ' || lower(hex(id)) || ' has a parent that is not there' FROM commits \
     WHERE parent IS NOT NULL AND parent NOT IN (SELECT arrival FROM commits)",
    "WITH covered AS (SELECT parent AS arrival FROM commits UNION SELECT target FROM commits WHERE kind = 1), \
     listed AS (SELECT arrival FROM older_heads UNION SELECT max(arrival) FROM commits) \
     SELECT 'commit ' || lower(hex(id)) || CASE WHEN arrival IN listed THEN ' is listed as a head, but is none' \
     ELSE ' is a head, but is not listed' END FROM commits \
     WHERE (arrival IN listed) = (arrival IN (SELECT arrival FROM covered WHERE arrival IS NOT NULL))",
    "SELECT 'commit ' || lower(hex(id)) || ' is the newest, but listed as an older head' FROM commits \
     WHERE arrival = (SELECT max(arrival) FROM commits) AND arrival IN older_heads",
    "SELECT 'commit ' || lower(hex(id)) || ' has a payload of ' || size || ' bytes, which its running sum leaves no room for' \
     FROM (SELECT id, payload_end, length(payload) AS size, \
     lag(payload_end, 1, 0) OVER (ORDER BY arrival) AS start FROM commits) WHERE payload_end < start + size",
    "SELECT 'the counters say ' || deleted_commits || ' commits of ' || deleted_bytes || ' bytes were deleted; then ' || \
     (last - deleted_commits) || ' of ' || (final - deleted_bytes) || ' are left, but there are ' || n || ' of ' || s \
     FROM counters k, (SELECT count(*) AS n, coalesce(sum(length(payload)), 0) AS s FROM commits), \
     (SELECT max(k.last_arrival, coalesce((SELECT max(arrival) FROM commits), 0)) AS last, \
     max(k.payload_end, coalesce((SELECT max(payload_end) FROM commits), 0)) AS final FROM counters k) \
     WHERE n <> last - deleted_commits OR s <> final - deleted_bytes",
    "SELECT 'the counters say ' || definitions || ' definitions, there are ' || n \
     FROM counters, (SELECT count(*) AS n FROM definitions) WHERE n <> definitions",
    "SELECT 'the counters say ' || c.blobs || ' blobs of ' || c.blob_bytes || ' bytes, there are ' || n || ' of ' || s \
     FROM counters c, (SELECT count(*) AS n, coalesce(sum(size), 0) AS s FROM blobs) \
     WHERE n <> c.blobs OR s <> c.blob_bytes",
    "SELECT 'the counters say ' || c.chunks || ' chunks of ' || c.chunk_bytes || ' bytes, there are ' || n || ' of ' || s \
     FROM counters c, (SELECT count(*) AS n, coalesce(sum(length(bytes)), 0) AS s FROM chunks) \
     WHERE n <> c.chunks OR s <> c.chunk_bytes",
    "SELECT 'the counters say ' || checkpoint_bytes || ' bytes of checkpoints, there are ' || s \
     FROM counters, (SELECT coalesce(sum(length(bytes)), 0) AS s FROM checkpoints) WHERE s <> checkpoint_bytes",
    "SELECT 'blob ' || lower(hex(b.id)) || ' has ' || b.size || ' bytes, its chunks have ' || s FROM \
     (SELECT b.id, b.size, coalesce(sum(c.size), 0) AS s FROM blobs b LEFT JOIN blob_chunks c ON c.blob = b.number \
     GROUP BY b.number) b WHERE b.size <> s",
    "SELECT 'blob ' || lower(hex(b.id)) || ' takes chunk ' || lower(hex(k.id)) || ' for ' || c.size || \
     ' bytes, it has ' || length(k.bytes) FROM blob_chunks c JOIN chunks k ON k.id = c.chunk \
     JOIN blobs b ON b.number = c.blob WHERE c.size <> length(k.bytes)",
    "SELECT 'blob ' || lower(hex(b.id)) || ' lacks chunk ' || n || ' of ' || (last + 1) FROM \
     (SELECT blob, count(*) AS n, max(position) AS last FROM blob_chunks GROUP BY blob) \
     JOIN blobs b ON b.number = blob WHERE n <> last + 1",
];

/// What is wrong, one line each.
pub(super) fn check<L: Lease>(session: &Session<'_, L>) -> Result<Vec<String>, StorageError> {
    let connection = session.connection()?;
    let mut findings = Vec::new();
    let pages = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let reference = |row: &rusqlite::Row<'_>| {
        let (table, number, other): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let place = number.map(|number| format!(" {number}")).unwrap_or_default();
        Ok(format!("row{place} of `{table}` refers to a row of `{other}` that is not there"))
    };
    let mut collect = |sql: &str, line: &dyn Fn(&rusqlite::Row<'_>) -> rusqlite::Result<String>| {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while found.len() < ENOUGH {
            let Some(row) = rows.next()? else { break };
            found.extend(line(row)?.lines().filter(|text| !text.starts_with("***")).map(str::to_owned));
        }
        findings.extend(found);
        Ok(())
    };
    let mut checked = collect("PRAGMA integrity_check", &pages)
        .and_then(|()| collect("PRAGMA foreign_key_check", &reference));
    for sql in INVARIANTS {
        checked = checked.and_then(|()| collect(sql, &pages));
    }
    findings.retain(|line| line != "ok");
    match checked {
        // Damage that stops the check is a finding, not a failure of it.
        Err(error) if is_damage(&error) => findings.push(format!("the check had to stop: {error}")),
        Err(error) => return Err(session.storage.fault(error)),
        Ok(()) => {}
    }
    Ok(findings)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase),
        // A row that does not read as what it should be.
        None => true,
    }
}
