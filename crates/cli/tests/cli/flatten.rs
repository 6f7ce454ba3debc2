//! `flatten`: a state without its history.

use insta::assert_snapshot;

use crate::support::Site;

#[test]
fn a_state_becomes_the_one_commit_of_a_new_database() {
    let site = Site::with_people();
    let blob = site.run_with("picture", "blob put a.anb").ok().stdout.trim().to_owned();
    site.run(&format!("update a.anb card aa11 .picture '\"{blob}\"'")).ok();
    site.run("update a.anb card aa11 .age 35").ok();
    assert_snapshot!(site.run("flatten a.anb b.anb"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> created b.anb with 2 documents in one commit
    [0]
    ");
    let fingerprint = |database: &str| site.run(&format!("info {database} --fingerprint")).ok().stdout;
    assert_eq!(fingerprint("a.anb"), fingerprint("b.anb"));
    assert_snapshot!(site.run("log b.anb"), @"
    AAAAAAAAAAAA  just now        state of BBBBBBBBBBBB  ann  (head)
    [0]
    ");
    assert_eq!(site.run(&format!("blob get b.anb {blob}")).ok().stdout, "picture");
    site.run("verify b.anb").ok();
    let ran = site.run("flatten a.anb c.anb --at @first --json").ok().json();
    assert_eq!(ran["documents"], 2);
    assert_eq!(site.run("get c.anb card aa11 .age").ok().stdout, "34\n");
    // Nothing else is left in the folder.
    let mut files: Vec<String> = std::fs::read_dir(site.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".anb") && !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    files.sort();
    assert_eq!(files, ["a.anb", "b.anb", "c.anb"]);
}

#[test]
fn what_is_there_stays() {
    let site = Site::with_people();
    site.write("b.anb", "something else");
    assert_snapshot!(site.run("flatten a.anb b.anb"), @"
    2> error: b.anb exists already, and was left as it is
    2> hint: choose another name
    [1]
    ");
    assert_eq!(site.read("b.anb"), b"something else");
    assert_snapshot!(site.run("flatten a.anb nowhere/b.anb"), @"
    2> error: cannot create nowhere/b.anb: no such file or directory
    2> hint: check the path: the folder must be there
    [1]
    ");
    assert_snapshot!(site.run("flatten a.anb c.anb --at 0000"), @"
    2> error: there is no commit 0000 in a.anb
    2> hint: `anabranch log a.anb` lists what there is
    [1]
    ");
}
