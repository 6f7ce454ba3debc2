//! Whether a file holds together: its pages, its references, and what it keeps twice.

use rusqlite::ErrorCode;

use super::super::StorageError;
use super::read::{Lease, Session};

/// Findings of one kind after which no more of it are listed.
const ENOUGH: usize = 100;

/// What has to hold beside what SQLite itself checks. Each query gives one line for each place where it does not.
const INVARIANTS: &[&str] = &[
    "SELECT 'commit ' || lower(hex(c.id)) || CASE WHEN h.arrival IS NULL THEN ' is a head, but not among the heads' \
     ELSE ' is among the heads, but not a head' END \
     FROM commits c LEFT JOIN heads h ON h.arrival = c.arrival \
     WHERE (h.arrival IS NULL) <> (EXISTS (SELECT 1 FROM commits k WHERE k.parent = c.arrival) \
     OR EXISTS (SELECT 1 FROM commits m WHERE m.target = c.arrival AND m.kind = 1))",
    "SELECT 'the last arrival number is ' || last_arrival || ', but there is one of ' || arrival \
     FROM counters, (SELECT max(arrival) AS arrival FROM commits) WHERE arrival > last_arrival",
    "SELECT 'the counters say ' || definitions || ' definitions, there are ' || n \
     FROM counters, (SELECT count(*) AS n FROM definitions) WHERE n <> definitions",
    "SELECT 'the counters say ' || commits || ' commits of ' || payload_bytes || ' bytes, there are ' || n || ' of ' || s \
     FROM counters, (SELECT count(*) AS n, coalesce(sum(length(payload)), 0) AS s FROM commits) \
     WHERE n <> commits OR s <> payload_bytes",
    "SELECT 'the counters say ' || c.blobs || ' blobs of ' || c.blob_bytes || ' bytes, there are ' || n || ' of ' || s \
     FROM counters c, (SELECT count(*) AS n, coalesce(sum(size), 0) AS s FROM blobs) \
     WHERE n <> c.blobs OR s <> c.blob_bytes",
    "SELECT 'the counters say ' || c.chunks || ' chunks of ' || c.chunk_bytes || ' bytes, there are ' || n || ' of ' || s \
     FROM counters c, (SELECT count(*) AS n, coalesce(sum(length(bytes)), 0) AS s FROM chunks) \
     WHERE n <> c.chunks OR s <> c.chunk_bytes",
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
