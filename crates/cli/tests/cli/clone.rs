//! `clone`: a new file with all that another database holds.

use insta::assert_snapshot;

use crate::support::Site;

/// A database with a merge and a blob.
fn source() -> Site {
    let site = Site::with_people();
    let blob = site.run_with("picture", "blob put a.anb").ok().stdout.trim().to_owned();
    site.run(&format!("update a.anb card aa11 .picture '\"{blob}\"'")).ok();
    site.run("update a.anb card aa11 .age 35 --on @first").ok();
    site.run("reduce a.anb").ok();
    site
}

fn files(site: &Site) -> Vec<String> {
    let mut files: Vec<String> = std::fs::read_dir(site.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".anb") && !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    files.sort();
    files
}

#[test]
fn a_clone_has_everything() {
    let site = source();
    assert_snapshot!(site.run("clone a.anb b.anb"), @"
    cloned a.anb to b.anb: 13 definitions, 4 commits (586 B), 1 blob (7 B)  0 ms
    [0]
    ");
    assert_eq!(files(&site), ["a.anb", "b.anb"]);
    assert_eq!(site.run("log a.anb --json").ok().stdout, site.run("log b.anb --json").ok().stdout);
    site.run("verify b.anb").ok();
    assert_eq!(site.run("sync a.anb b.anb --exit-code").code, Some(3));
    let ran = site.run("clone b.anb c.anb --json").ok().json();
    assert_eq!((ran["commits"].as_u64(), ran["blobs"].as_u64()), (Some(4), Some(1)));
    assert_eq!(ran["is_resumed"], false);
}

#[test]
fn what_is_there_stays() {
    let site = source();
    site.write("b.anb", "something else");
    assert_snapshot!(site.run("clone a.anb b.anb"), @"
    2> error: b.anb exists already, and was left as it is
    2> hint: choose another name, or fetch into it
    [1]
    ");
    assert_eq!(site.read("b.anb"), b"something else");
    assert_snapshot!(site.run("clone none.anb c.anb"), @"
    2> error: there is no database none.anb
    2> hint: check the path, or create one with `anabranch init none.anb --model MODEL`
    [1]
    ");
    assert_snapshot!(site.run("clone a.anb no/where.anb"), @"
    2> error: cannot create no/where.anb.partial: no such file or directory
    2> hint: check the path: the folder must be there
    [1]
    ");
    assert_eq!(files(&site), ["a.anb", "b.anb"]);
}

#[test]
fn a_clone_that_was_interrupted_goes_on() {
    let site = source();
    // What an interrupted clone leaves: some of the commits, under a name of its own.
    site.run("clone a.anb b.anb.partial").ok();
    site.run("update a.anb card aa11 .age 36").ok();
    assert_snapshot!(site.run("clone a.anb b.anb"), @"
    cloned a.anb to b.anb: the rest: 1 commit (64 B)  0 ms
    [0]
    ");
    assert_eq!(files(&site), ["a.anb", "b.anb"]);
    site.run("verify b.anb").ok();
    assert_eq!(site.run("sync a.anb b.anb --exit-code").code, Some(3));
}

#[test]
fn what_was_left_of_another_clone_is_not_mixed_in() {
    let site = source();
    site.run("clone a.anb b.anb.partial").ok();
    site.run("update b.anb.partial card aa11 .age 99").ok();
    assert_snapshot!(site.run("clone a.anb b.anb"), @"
    2> error: b.anb.partial has commits that a.anb does not have
    2> hint: remove it if it is not needed
    [1]
    ");
    assert_eq!(files(&site), ["a.anb", "b.anb.partial"]);
}
