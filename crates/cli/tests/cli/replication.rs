//! Replication: `fetch`, `push`, `sync`.

use insta::assert_snapshot;

use crate::support::{MODEL, Site};

/// A database with people, and an empty one `b.anb` of the same model.
fn two_sites() -> Site {
    let site = Site::with_people();
    site.run("init b.anb --model model.dsm").ok();
    site
}

fn rename(name: &str) -> String {
    format!(r#"{{"op":"update","attachment":"card","key":"aa11","path":".name","value":"{name}"}}"#)
}

#[test]
fn sync_copies_both_ways() {
    let site = two_sites();
    assert_snapshot!(site.run("sync a.anb b.anb"), @"
    pushed 1 commit (422 B)  0 ms
    [0]
    ");
    site.commit("a.anb", "Longer", &rename("Alicia"));
    site.commit("b.anb", "Shorter", &rename("Al"));
    assert_snapshot!(site.run("sync a.anb b.anb"), @"
    fetched 1 commit (66 B); pushed 1 commit (70 B)  0 ms
    2> note: a.anb has 2 heads; `anabranch reduce a.anb` folds them into one
    [0]
    ");
    assert_eq!(site.run("heads a.anb").ok().stdout, site.run("heads b.anb").ok().stdout);
    assert_snapshot!(site.run("sync b.anb a.anb"), @"
    nothing to copy  0 ms
    [0]
    ");
    assert_snapshot!(site.run("sync b.anb a.anb --exit-code"), @"
    nothing to copy  0 ms
    [3]
    ");
    assert_snapshot!(site.run("sync b.anb a.anb --json"), @r#"
    {"need_transmit":true,"updated_definitions":false,"fetch":{"commits":0,"commit_bytes":0,"blobs":0,"blob_bytes":0,"chunks":0,"chunk_bytes":0,"definitions":{"concepts":0,"clubs":0,"enumerations":0,"structures":0,"attachments":0,"function_pools":0},"round_trips":1,"milliseconds":0},"push":{"commits":0,"commit_bytes":0,"blobs":0,"blob_bytes":0,"chunks":0,"chunk_bytes":0,"definitions":{"concepts":0,"clubs":0,"enumerations":0,"structures":0,"attachments":0,"function_pools":0},"round_trips":0,"milliseconds":0},"heads":2}
    [0]
    "#);
    assert_snapshot!(site.run("sync a.anb a.anb"), @"
    nothing to copy  0 ms
    [0]
    ");
}

#[test]
fn a_dry_run_says_what_would_be_copied_and_copies_nothing() {
    let site = two_sites();
    let before = (site.run("info a.anb --json").ok().stdout, site.run("info b.anb --json").ok().stdout);
    assert_snapshot!(site.run("sync b.anb a.anb --dry-run"), @"
    would fetch 1 commit (422 B)
    [0]
    ");
    assert_snapshot!(site.run("push b.anb a.anb --dry-run --exit-code"), @"
    nothing to copy
    [3]
    ");
    assert_snapshot!(site.run("fetch b.anb a.anb --dry-run --json"), @r#"
    {"fetch":{"commits":1,"commit_bytes":422,"blobs":0,"blob_bytes":0,"chunks":0,"chunk_bytes":0,"definitions":{"concepts":0,"clubs":0,"enumerations":0,"structures":0,"attachments":0,"function_pools":0}},"push":{"commits":0,"commit_bytes":0,"blobs":0,"blob_bytes":0,"chunks":0,"chunk_bytes":0,"definitions":{"concepts":0,"clubs":0,"enumerations":0,"structures":0,"attachments":0,"function_pools":0}}}
    [0]
    "#);
    assert_eq!(
        before,
        (site.run("info a.anb --json").ok().stdout, site.run("info b.anb --json").ok().stdout)
    );
    assert!(site.run("sync b.anb a.anb").ok().stdout.starts_with("fetched 1 commit (422 B)  "));
    assert_snapshot!(site.run("sync b.anb a.anb --dry-run --exit-code"), @"
    nothing to copy
    [3]
    ");
}

#[test]
fn both_sites_reduce_to_the_same_commit_and_state() {
    let site = two_sites();
    site.run("sync a.anb b.anb").ok();
    site.commit("a.anb", "Longer", &rename("Alicia"));
    site.commit("b.anb", "Shorter", &rename("Al"));
    site.run("sync a.anb b.anb").ok();
    assert_eq!(site.run("reduce a.anb").ok().stdout, site.run("reduce b.anb").ok().stdout);
    let fingerprint = |database: &str| site.run(&format!("info {database} --fingerprint")).ok().stdout;
    assert_eq!(fingerprint("a.anb"), fingerprint("b.anb"));
    assert_eq!(site.run("sync a.anb b.anb --exit-code").code, Some(3));
}

#[test]
fn fetch_and_push_copy_one_way() {
    let site = two_sites();
    site.commit("b.anb", "Elsewhere", r#"{"op":"set","attachment":"remark","key":"Team:00000000-0000-4000-8000-000000000001","value":null}"#);
    assert_snapshot!(site.run("fetch b.anb a.anb"), @"
    fetched 1 commit (422 B)  0 ms
    2> note: b.anb has 2 heads; `anabranch reduce b.anb` folds them into one
    [0]
    ");
    assert_snapshot!(site.run("push a.anb b.anb"), @"
    nothing to copy  0 ms
    [0]
    ");
    assert_snapshot!(site.run("push b.anb a.anb --json"), @r#"
    {"need_transmit":true,"updated_definitions":false,"fetch":{"commits":0,"commit_bytes":0,"blobs":0,"blob_bytes":0,"chunks":0,"chunk_bytes":0,"definitions":{"concepts":0,"clubs":0,"enumerations":0,"structures":0,"attachments":0,"function_pools":0},"round_trips":1,"milliseconds":0},"push":{"commits":1,"commit_bytes":56,"blobs":0,"blob_bytes":0,"chunks":0,"chunk_bytes":0,"definitions":{"concepts":0,"clubs":0,"enumerations":0,"structures":0,"attachments":0,"function_pools":0},"round_trips":2,"milliseconds":0},"heads":2}
    [0]
    "#);
}

#[test]
fn fetch_reads_a_database_that_may_not_be_written() {
    let site = two_sites();
    let mut permissions = std::fs::metadata(site.path("a.anb")).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(site.path("a.anb"), permissions).unwrap();
    let before = site.read("a.anb");
    assert_snapshot!(site.run("fetch b.anb a.anb"), @"
    fetched 1 commit (422 B)  0 ms
    [0]
    ");
    assert_snapshot!(site.run("sync b.anb a.anb"), @"
    2> error: a.anb cannot be written: the file is read-only
    2> hint: make it writable, or work on a copy; reading it works as it is
    [1]
    ");
    assert_eq!(site.read("a.anb"), before);
}

#[test]
fn blobs_and_definitions_come_along() {
    let site = Site::with_people();
    site.write("empty.dsm", "namespace Other {00000000-0000-4000-8000-000000000003} { concept Thing; };\n");
    site.run("init b.anb --model empty.dsm").ok();
    let blob = site.run_with("a picture, of sorts", "blob put a.anb").ok().stdout;
    let line = format!(
        r#"{{"op":"update","attachment":"card","key":"aa11","path":".picture","value":"{}"}}"#,
        blob.trim()
    );
    site.commit("a.anb", "Picture", &line);
    assert_snapshot!(site.run("sync b.anb a.anb"), @"
    fetched 13 definitions, 2 commits (522 B), 1 blob (19 B); pushed 1 definition  0 ms
    [0]
    ");
    assert_eq!(site.run(&format!("blob get b.anb {}", blob.trim())).ok().stdout, "a picture, of sorts");
    assert_snapshot!(site.run("verify b.anb"), @"
    ok: 14 definitions, 2 commits (522 B), 1 blob (19 B)
    [0]
    ");
}

#[test]
fn models_that_contradict_each_other_do_not_mix() {
    let site = Site::with_people();
    site.write("other.dsm", MODEL.replace("uint16 number = 1;", "uint16 number = 2;"));
    site.run("init b.anb --model other.dsm").ok();
    let before = (site.read("a.anb"), site.read("b.anb"));
    assert_snapshot!(site.run("sync a.anb b.anb"), @"
    2> error: b.anb and a.anb cannot be synchronised: struct Demo::Address is defined twice: as uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu here and as vvvvvvvv-vvvv-vvvv-vvvv-vvvvvvvvvvvv there
    2> hint: a definition is sealed, so a changed one needs a new name
    [1]
    ");
    assert_eq!((site.read("a.anb"), site.read("b.anb")), before);
}

#[test]
fn a_site_that_is_not_there_is_named() {
    let site = Site::with_people();
    assert_snapshot!(site.run("sync a.anb none.anb"), @"
    2> error: there is no database none.anb
    2> hint: check the path, or create one with `anabranch init none.anb --model MODEL`
    [1]
    ");
    let ran = site.run("sync a.anb http://127.0.0.1:1/studio");
    assert!(ran.stderr.starts_with("error: cannot reach http://127.0.0.1:1/studio: "), "{}", ran.stderr);
}
