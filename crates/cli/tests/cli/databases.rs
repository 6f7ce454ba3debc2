//! Models and databases: `check`, `init`, `extend`, `model`, `info`.

use insta::assert_snapshot;

use crate::support::{MODEL, Site};

#[test]
fn check_says_that_a_model_is_one() {
    let site = Site::new();
    assert_snapshot!(site.run("check model.dsm"), @"
    ok: 13 definitions in 1 file
    [0]
    ");
    std::fs::create_dir_all(site.path("models/deep")).unwrap();
    site.write("models/deep/a.dsm", MODEL);
    site.write("models/notes.txt", "not DSM");
    assert_snapshot!(site.run("check models"), @"
    ok: 13 definitions in 1 file
    [0]
    ");
    assert_snapshot!(site.run("check models --json"), @"[0]");
}

#[test]
fn check_shows_everything_that_is_wrong() {
    let site = Site::new();
    site.write("bad.dsm", "namespace N {00000000-0000-4000-8000-000000000001} {\n    struct S { strin a; int8 b = 300; };\n};\n");
    assert_snapshot!(site.run("check bad.dsm"), @"
    2> bad.dsm:2:16: error: there is no type called `strin`
    2>     2 |     struct S { strin a; int8 b = 300; };
    2>       |                ^^^^^
    2>   help: did you mean `string`?
    2> 
    2> bad.dsm:2:34: error: `300` is out of range for `int8`
    2>     2 |     struct S { strin a; int8 b = 300; };
    2>       |                                  ^^^
    2>   help: `int8` goes from -128 to 127
    2> 
    2> 2 errors in 1 file
    [1]
    ");
    assert_snapshot!(site.run("check bad.dsm --json"), @r#"
    {"file":"bad.dsm","line":2,"column":16,"severity":"error","code":"unknown-type","message":"there is no type called `strin`","help":"did you mean `string`?"}
    {"file":"bad.dsm","line":2,"column":34,"severity":"error","code":"default-range","message":"`300` is out of range for `int8`","help":"`int8` goes from -128 to 127"}
    [1]
    "#);
}

#[test]
fn check_says_what_it_cannot_read() {
    let site = Site::new();
    std::fs::create_dir(site.path("empty")).unwrap();
    site.write("binary.dsm", b"\xff\xfe");
    assert_snapshot!(site.run("check none.dsm"), @"
    2> error: cannot read none.dsm: no such file or directory
    2> hint: give the path of a .dsm file, or of a folder with such files
    [1]
    ");
    assert_snapshot!(site.run("check empty"), @"
    2> error: there is no .dsm file in empty
    2> hint: check the path; models are written in files that end in .dsm
    [1]
    ");
    assert_snapshot!(site.run("check binary.dsm"), @"
    2> error: binary.dsm is not a text in UTF-8
    2> hint: give the path of a .dsm file, or of a folder with such files
    [1]
    ");
}

#[test]
fn init_creates_a_database() {
    let site = Site::new();
    assert_snapshot!(site.run("init a.anb --model model.dsm --documentation 'Who is who'"), @"
    created a.anb with 13 definitions
    [0]
    ");
    assert_snapshot!(site.run("init b.anb --model model.dsm --json"), @r#"
    {"database":"b.anb","uuid":"uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu","definitions":13}
    [0]
    "#);
    assert_snapshot!(site.run("verify a.anb"), @"
    ok: 13 definitions, no commits, no blobs
    [0]
    ");
}

#[test]
fn init_leaves_what_exists_alone() {
    let site = Site::with_people();
    let before = site.read("a.anb");
    assert_snapshot!(site.run("init a.anb --model model.dsm"), @"
    2> error: a.anb exists already, and was left as it is
    2> hint: choose another name
    [1]
    ");
    assert_eq!(site.read("a.anb"), before);
    site.write("notes.txt", "mine");
    assert_snapshot!(site.run("init notes.txt --model model.dsm"), @"
    2> error: notes.txt exists already, and was left as it is
    2> hint: choose another name
    [1]
    ");
    assert_eq!(site.read("notes.txt"), b"mine");
}

#[test]
fn init_creates_nothing_from_a_model_with_errors() {
    let site = Site::new();
    site.write("bad.dsm", "namespace N {00000000-0000-4000-8000-000000000001} { concept A is a B; };\n");
    assert_snapshot!(site.run("init a.anb --model bad.dsm"), @"
    2> bad.dsm:1:69: error: there is no concept called `B`
    2>     1 | namespace N {00000000-0000-4000-8000-000000000001} { concept A is a B; };
    2>       |                                                                     ^
    2> 
    2> error: the model has 1 error; nothing was changed
    [1]
    ");
    assert_snapshot!(site.run("init nowhere/a.anb --model model.dsm"), @"
    2> error: cannot create nowhere/a.anb: no such file or directory
    2> hint: check the path: the folder must be there
    [1]
    ");
    assert!(!site.path("a.anb").exists());
}

#[test]
fn extend_adds_what_is_missing() {
    let site = Site::with_database();
    site.write("more.dsm", "namespace More {00000000-0000-4000-8000-000000000002} { concept Place; attachment<Place, string> name; };\n");
    assert_snapshot!(site.run("extend a.anb --model more.dsm"), @"
    added 2 definitions to a.anb
    [0]
    ");
    assert_snapshot!(site.run("extend a.anb --model more.dsm"), @"
    a.anb has all of these definitions already
    [0]
    ");
    assert_snapshot!(site.run("extend a.anb --model more.dsm --json"), @r#"
    {"added":{"concepts":0,"clubs":0,"enumerations":0,"structures":0,"attachments":0,"function_pools":0}}
    [0]
    "#);
}

#[test]
fn extend_refuses_another_meaning_of_a_name() {
    let site = Site::with_database();
    let other = MODEL.replace("uint16 number = 1;", "uint16 number = 2;");
    site.write("other.dsm", other);
    let before = site.read("a.anb");
    assert_snapshot!(site.run("extend a.anb --model other.dsm"), @"
    2> error: struct Demo::Address is defined twice: as uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu here and as vvvvvvvv-vvvv-vvvv-vvvv-vvvvvvvvvvvv there
    2> hint: a definition is sealed, so a changed one needs a new name
    [1]
    ");
    assert_eq!(site.read("a.anb"), before);
}

#[test]
fn model_prints_what_reads_as_the_same_definitions() {
    let site = Site::with_database();
    let printed = site.run("model a.anb").ok().stdout;
    site.write("printed.dsm", &printed);
    assert_snapshot!(site.run("extend a.anb --model printed.dsm"), @"
    a.anb has all of these definitions already
    [0]
    ");
    let json = site.run("model a.anb --json").ok().json();
    assert!(json.is_object());
}

#[test]
fn info_says_what_there_is() {
    let site = Site::with_people();
    let ran = site.run("info a.anb").ok().to_string();
    // How much a file takes is the storage's business.
    let ran = regex::Regex::new(r"\d+ kB|\d+\.\d MB").unwrap().replace_all(&ran, "SIZE").into_owned();
    assert_snapshot!(ran, @"
    database     a.anb (SIZE)
    uuid         uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu
    created      just now
    definitions  3 concepts, 1 club, 1 enumeration, 2 structures, 6 attachments
    commits      1 (422 B)
    blobs        0
    heads        1
    last commit  AAAAAAAAAAAA  just now  People
    [0]
    ");
    let mut json = site.run("info a.anb --json").ok().json();
    json["file_bytes"] = 0.into();
    let ran = crate::support::Ran { stdout: json.to_string(), stderr: String::new(), code: Some(0) };
    assert_snapshot!(ran, @r#"
    {"database":"a.anb","uuid":"uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu","documentation":"","created":"0000-00-00T00:00:00Z","is_synchronised":false,"file_bytes":0,"definitions":{"concepts":3,"clubs":1,"enumerations":1,"structures":2,"attachments":6,"function_pools":0},"commits":1,"payload_bytes":422,"blobs":0,"blob_bytes":0,"chunks":0,"chunk_bytes":0,"heads":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],"last_commit":{"id":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","kind":"Mutations","parent":null,"target":null,"generation":1,"label":"People","author":"ann","timestamp":"0000-00-00T00:00:00Z","is_head":true}}
    [0]
    "#);
}

#[test]
fn fingerprints_are_equal_where_documents_are() {
    let site = Site::with_people();
    site.run("init b.anb --model model.dsm").ok();
    let empty = site.run("info b.anb --fingerprint").ok().stdout;
    let full = site.run("info a.anb --fingerprint").ok().stdout;
    assert_ne!(empty, full);
    site.run("fetch b.anb a.anb").ok();
    assert_eq!(site.run("info b.anb --fingerprint").ok().stdout, full);
    let json = site.run("info b.anb --fingerprint --at @last --json").ok().json();
    assert_eq!(json["fingerprint"], full.trim());
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let site = Site::new();
    for url in ["http://127.0.0.1:1/studio", "unix:none.sock"] {
        let ran = site.run(&format!("info {url}"));
        assert_eq!(ran.code, Some(1));
        assert!(ran.stderr.starts_with(&format!("error: cannot reach {url}: ")), "{}", ran.stderr);
        assert!(ran.stderr.contains("hint: check that the server runs there"), "{}", ran.stderr);
    }
    let ran = site.run("info http://host:port");
    assert!(ran.stderr.contains("is not the URL of a database: the port is not a number"), "{}", ran.stderr);
}

#[test]
fn generate_prints_or_writes_rust_for_a_model() {
    let site = Site::new();
    let printed = site.run("generate rust model.dsm").ok().stdout;
    assert!(printed.contains("pub fn definitions() -> &'static Definitions {"), "{printed}");
    assert_snapshot!(site.run("generate rust model.dsm -o model.rs"), @"[0]");
    assert_eq!(site.read("model.rs"), printed.as_bytes());
    let written = std::fs::metadata(site.path("model.rs")).unwrap().modified().unwrap();
    site.run("generate rust model.dsm -o model.rs").ok();
    assert_eq!(std::fs::metadata(site.path("model.rs")).unwrap().modified().unwrap(), written);
    site.write("bad.dsm", "concept;");
    assert_eq!(site.run("generate rust bad.dsm -o bad.rs").code, Some(1));
    assert!(!site.path("bad.rs").exists());
}
