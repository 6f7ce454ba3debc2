//! The format as its document has it (`docs/spec/file-format.md`).

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::super::schema;
use super::{folder_with_database, open};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/file-format.md");

/// Names and statements of everything in a schema, white space aside.
fn objects(connection: &Connection) -> Vec<(String, String)> {
    let mut statement = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
    rows.map(|row| row.unwrap())
        .map(|(name, sql)| (name, sql.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect()
}

#[test]
fn the_document_shows_the_schema_that_files_have() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let documented = Connection::open_in_memory().unwrap();
    let mut blocks = 0;
    for block in text.split("```sql\n").skip(1) {
        documented.execute_batch(block.split("```").next().unwrap()).unwrap();
        blocks += 1;
    }
    assert!(blocks > 0, "the document has blocks of SQL");
    let (_folder, path, _) = folder_with_database(0);
    let real = Connection::open(path).unwrap();
    assert_eq!(objects(&documented), objects(&real));
    assert_eq!(objects(&real).len(), schema::OBJECTS.len());
}

#[test]
fn the_document_explains_every_column() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let (_folder, path, _) = folder_with_database(0);
    let real = Connection::open(path).unwrap();
    let mut statement = real
        .prepare(
            "SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c \
             WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%'",
        )
        .unwrap();
    let columns: Vec<(String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(|row| row.unwrap())
        .collect();
    assert!(columns.len() > 40);
    for (table, column) in columns {
        let section =
            text.split(&format!("### `{table}`")).nth(1).unwrap_or_else(|| panic!("no section on {table}"));
        let section = section.split("\n##").next().unwrap();
        assert!(section.contains(&format!("| `{column}` |")), "{table}.{column} is explained");
    }
}

/// The SQLite file format, 1.3: what the first bytes of every file say.
#[test]
fn the_header_says_whose_file_it_is() {
    let (_folder, path, _) = folder_with_database(3);
    let bytes = fs::read(path).unwrap();
    assert_eq!(&bytes[..16], b"SQLite format 3\0");
    assert_eq!(bytes[16..18], 16_384_u16.to_be_bytes(), "page size");
    assert_eq!(bytes[18..20], [2, 2], "write-ahead log");
    assert_eq!(bytes[56..60], 1_u32.to_be_bytes(), "UTF-8");
    assert_ne!(bytes[52..56], [0; 4], "pages can be given back");
    assert_eq!(bytes[64..68], 1_u32.to_be_bytes(), "when asked for");
    assert_eq!(bytes[60..64], 1_i32.to_be_bytes(), "format version");
    assert_eq!(&bytes[68..72], b"Anab", "application id");
    assert_eq!(bytes.len() % 16_384, 0);
}

#[test]
fn connections_are_set_up_as_the_document_says() {
    let (_folder, path, _) = folder_with_database(0);
    let storage = open(&path);
    let gate = storage.writer.as_ref().unwrap();
    let writer = gate.enter(std::time::Duration::ZERO).unwrap();
    let ask = |connection: &Connection, pragma: &str| -> i64 {
        connection.pragma_query_value(None, pragma, |row| row.get(0)).unwrap()
    };
    assert_eq!(ask(&writer, "synchronous"), 2, "FULL");
    assert_eq!(ask(&writer, "foreign_keys"), 1);
    assert_eq!(ask(&writer, "trusted_schema"), 0);
    assert_eq!(ask(&writer, "cell_size_check"), 1);
    assert_eq!(ask(&writer, "busy_timeout"), 10_000);
    let mode: String = writer.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let reader = storage.reader().unwrap();
    assert_eq!(ask(&reader, "query_only"), 1);
    assert!(reader.is_readonly(rusqlite::MAIN_DB).unwrap());
}

/// Queries must not come to walk a table as it grows: the planner has an index for each of them.
#[test]
fn no_question_walks_a_whole_table() {
    let (_folder, path, _) = folder_with_database(3);
    let connection = Connection::open(path).unwrap();
    let sources = ["read.rs", "write.rs"].map(|name| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage/sqlite").join(name);
        fs::read_to_string(file).unwrap()
    });
    // Statements are literals; those of headers are made by a macro.
    let headers = "SELECT c.arrival, (SELECT p.id FROM commits p WHERE p.arrival = c.parent), \
                   (SELECT t.id FROM commits t WHERE t.arrival = c.target) FROM commits c WHERE ";
    let mut checked = 0;
    for source in &sources {
        for (i, literal) in source.split('"').enumerate().filter(|(i, _)| i % 2 == 1) {
            let is_condition = source.split('"').nth(i - 1).unwrap().ends_with("headers_where!(");
            let sql = literal.replace("\\\n", " ");
            let sql = if is_condition { format!("{headers}{sql}") } else { sql };
            if !["SELECT ", "UPDATE ", "DELETE ", "INSERT "].iter().any(|verb| sql.starts_with(verb)) {
                continue;
            }
            let Ok(mut statement) = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")) else {
                assert!(sql.contains("c.author, c.timestamp FROM commits c WHERE "), "{sql} is SQL");
                continue;
            };
            let plan: Vec<String> =
                statement.raw_query().mapped(|row| row.get(3)).map(|row| row.unwrap()).collect();
            checked += 1;
            for step in plan.iter().filter(|step| step.starts_with("SCAN ")) {
                let is_small = [
                    "SCAN older_heads",
                    "SCAN h",
                    "SCAN meta",
                    "SCAN counters",
                    "SCAN k",
                    "SCAN chunk_claims",
                ]
                .contains(&step.as_str());
                let is_in_order = step.contains(" USING ") || step == "SCAN definitions";
                let is_constant = step.starts_with("SCAN CONSTANT ROW");
                assert!(is_small || is_in_order || is_constant, "{sql}\n{plan:#?}");
            }
        }
    }
    assert!(checked > 30, "the statements were found: {checked}");
}
