//! Files that are no databases, or none any more. Each is a line that says what to do, and nothing is lost.

use insta::assert_snapshot;

use crate::support::{Ran, Site};

/// Where the header of an SQLite file has the version of what is in it.
const USER_VERSION: usize = 60;

const RENAME: &str = r#"{"op":"update","attachment":"card","key":"aa11","path":".name","value":"Alicia"}"#;

/// Runs commands that read and write, all of which must fail alike and leave the file as it is.
fn refused(site: &Site, name: &str) -> Ran {
    let before = site.read(name);
    let commands = ["info", "log", "ls", "verify", "reduce"];
    let mut runs: Vec<Ran> = commands.iter().map(|command| site.run(&format!("{command} {name}"))).collect();
    runs.push(site.run_with(RENAME, &format!("commit {name} -m Refused")));
    for ran in &runs {
        assert_eq!((ran.code, &ran.stderr), (Some(1), &runs[0].stderr));
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(site.read(name), before);
    runs.remove(0)
}

#[test]
fn a_file_that_is_no_database_is_said_to_be_none() {
    let site = Site::new();
    site.write("notes.anb", "Dear diary, today I learnt that files can be anything at all.".repeat(40));
    assert_snapshot!(refused(&site, "notes.anb"), @"
    2> error: notes.anb is not a database: it does not start like one
    2> hint: check the path
    [1]
    ");
    site.write("empty.anb", "");
    assert_snapshot!(refused(&site, "empty.anb"), @"
    2> error: empty.anb is an empty file, not a database
    2> hint: remove it to create a database there
    [1]
    ");
    assert_snapshot!(site.run("info ."), @"
    2> error: . is not a file
    2> hint: give the path of a database file
    [1]
    ");
    assert_snapshot!(site.run("info none.anb"), @"
    2> error: there is no database none.anb
    2> hint: check the path, or create one with `anabranch init none.anb --model MODEL`
    [1]
    ");
}

#[test]
fn a_database_of_a_newer_format_is_left_alone() {
    let site = Site::with_people();
    let mut bytes = site.read("a.anb");
    bytes[USER_VERSION..USER_VERSION + 4].copy_from_slice(&99_u32.to_be_bytes());
    site.write("newer.anb", bytes);
    assert_snapshot!(refused(&site, "newer.anb"), @"
    2> error: newer.anb has format version 99, this program knows versions up to 1
    2> hint: use a newer Anabranch
    [1]
    ");
}

#[test]
fn an_sqlite_file_of_another_program_is_left_alone() {
    let site = Site::with_people();
    let mut bytes = site.read("a.anb");
    bytes[68..72].copy_from_slice(&7_u32.to_be_bytes());
    site.write("other.anb", bytes);
    assert_snapshot!(refused(&site, "other.anb"), @"
    2> error: other.anb is an SQLite database of another application (application id 0x00000007)
    2> hint: check the path
    [1]
    ");
}

#[test]
fn a_truncated_file_is_said_to_be_one() {
    let site = Site::with_people();
    let bytes = site.read("a.anb");
    site.write("half.anb", &bytes[..bytes.len() / 2]);
    let ran = refused(&site, "half.anb").to_string();
    // How long half a file is depends on the storage.
    let ran = regex::Regex::new(r"its \d+ bytes").unwrap().replace(&ran, "its N bytes").into_owned();
    assert_snapshot!(ran, @"
    2> error: half.anb is truncated: its N bytes are fewer than its header announces
    2> hint: restore it from a copy or a replica
    [1]
    ");
}

#[test]
fn a_read_only_file_can_be_read_and_not_written() {
    let site = Site::with_people();
    let before = site.read("a.anb");
    let mut permissions = std::fs::metadata(site.path("a.anb")).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(site.path("a.anb"), permissions).unwrap();
    assert_snapshot!(site.run_with(RENAME, "commit a.anb -m Refused"), @"
    2> error: a.anb cannot be written: the file is read-only
    2> hint: make it writable, or work on a copy; reading it works as it is
    [1]
    ");
    assert_snapshot!(site.run("reduce a.anb"), @"
    2> error: a.anb cannot be written: the file is read-only
    2> hint: make it writable, or work on a copy; reading it works as it is
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 .name"), @"
    'Alice'
    [0]
    ");
    assert_snapshot!(site.run("verify a.anb"), @"
    ok: 13 definitions, 1 commit (422 B), no blobs
    [0]
    ");
    assert_eq!(site.read("a.anb"), before);
}

#[test]
fn verify_names_what_a_flipped_byte_damaged() {
    let site = Site::with_people();
    let commit = site.run("heads a.anb --json").ok().json()["id"].as_str().unwrap().to_owned();
    let id = site.run_with("a picture, of sorts", "blob put a.anb").ok().stdout;
    let flip = |text: &[u8], name: &str| {
        let mut bytes = site.read("a.anb");
        let places: Vec<usize> =
            (0..bytes.len() - text.len()).filter(|place| bytes[*place..].starts_with(text)).collect();
        assert!(!places.is_empty());
        places.into_iter().for_each(|place| bytes[place] ^= 1);
        site.write(name, bytes);
        site.run(&format!("verify {name}"))
    };
    let ran = flip(b"alice@example.org", "payload.anb");
    assert!(ran.stdout.contains(&format!("problem: commit {commit}")), "{ran}");
    assert_snapshot!(ran, @"
    problem: commit AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA: its payload is not what its id says; restore the database from a copy, or make a new one from a replica
    payload.anb: 1 problem in 13 definitions, 1 commit (422 B), 1 blob (19 B)
    [1]
    ");
    let ran = flip(b"a picture, of sorts", "blob.anb");
    assert!(ran.stdout.contains(&format!("problem: blob {}", id.trim())), "{ran}");
    assert_snapshot!(ran, @"
    problem: chunk AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA: its bytes are not what its id says; restore the database from a copy, or make a new one from a replica
    problem: blob BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB: its chunk AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA is damaged; restore the database from a copy, or make a new one from a replica
    blob.anb: 2 problems in 13 definitions, 1 commit (422 B), 1 blob (19 B)
    [1]
    ");
    let json = site.run("verify blob.anb --json");
    assert_eq!((json.code, &json.json()["is_sound"]), (Some(1), &false.into()));
}
