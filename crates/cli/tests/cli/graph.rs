//! The graph: `log`, `show`, `heads`, `merge`, `reduce`, `disable`, `enable`.

use anabranch::{CommitId, Database, MutableState, OpenMode};
use insta::assert_snapshot;

use crate::support::Site;

fn rename(name: &str) -> String {
    format!(r#"{{"op":"update","attachment":"card","key":"aa11","path":".name","value":"{name}"}}"#)
}

/// Two heads on one commit: a longer name, and a shorter one with an age.
fn two_heads() -> (Site, String, String) {
    let site = Site::with_people();
    let commit = |label: &str, mutations: &str| {
        let ran = site.run_with(mutations, &format!("commit a.anb -m {label} --on @first"));
        ran.ok().stdout.trim().to_owned()
    };
    let longer = commit("Longer", &rename("Alicia"));
    let age = r#"{"op":"update","attachment":"card","key":"aa11","path":".age","value":35}"#;
    let shorter = commit("Shorter", &format!("{}\n{age}", rename("Al")));
    (site, longer, shorter)
}

#[test]
fn log_shows_history_newest_first() {
    let (site, ..) = two_heads();
    assert_snapshot!(site.run("log a.anb"), @"
    AAAAAAAAAAAA  just now        Shorter  ann  (head)
    BBBBBBBBBBBB  just now        Longer  ann  (head)
    CCCCCCCCCCCC  just now        People  ann
    [0]
    ");
    assert_snapshot!(site.run("log a.anb --graph"), @"
    ●  AAAAAAAAAAAA  just now        Shorter  ann  (head)
    │ ●  BBBBBBBBBBBB  just now        Longer  ann  (head)
    ├─╯
    ●  CCCCCCCCCCCC  just now        People  ann
    [0]
    ");
    assert_snapshot!(site.run("log a.anb -n 1"), @"
    AAAAAAAAAAAA  just now        Shorter  ann  (head)
    2> note: 2 older ones are not shown; --all shows them
    [0]
    ");
    assert_snapshot!(site.run("log a.anb --all --json"), @r#"
    {"id":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","kind":"Mutations","parent":"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB","target":null,"generation":2,"label":"Shorter","author":"ann","timestamp":"0000-00-00T00:00:00Z","is_head":true,"is_hidden":false}
    {"id":"CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC","kind":"Mutations","parent":"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB","target":null,"generation":2,"label":"Longer","author":"ann","timestamp":"0000-00-00T00:00:00Z","is_head":true,"is_hidden":false}
    {"id":"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB","kind":"Mutations","parent":null,"target":null,"generation":1,"label":"People","author":"ann","timestamp":"0000-00-00T00:00:00Z","is_head":false,"is_hidden":false}
    [0]
    "#);
    assert_snapshot!(site.run("log a.anb --all -n 1"), @"
    2> error: the argument `--all` cannot be used with `--limit <N>`
    2> hint: `anabranch log --help` says more
    [2]
    ");
}

#[test]
fn log_draws_merges_and_decisions() {
    let (site, longer, shorter) = two_heads();
    site.run(&format!("merge a.anb {longer} {shorter} -m Both")).ok();
    site.run(&format!("disable a.anb {longer}")).ok();
    site.run("enable a.anb @last -m 'Never mind'").ok();
    assert_snapshot!(site.run("log a.anb --graph"), @"
    ⊕  AAAAAAAAAAAA  just now        enables BBBBBBBBBBBB: Never mind  ann  (head)
    ⊖  BBBBBBBBBBBB  just now        disables CCCCCCCCCCCC: Disable [Longer]  ann
    ◆    DDDDDDDDDDDD  just now        Both  ann
    ├─╮
    │ ●  EEEEEEEEEEEE  just now        Shorter  ann
    ● │  CCCCCCCCCCCC  just now        Longer  ann  (hidden)
    ├─╯
    ●  FFFFFFFFFFFF  just now        People  ann
    [0]
    ");
}

#[test]
fn log_of_nothing_says_so() {
    let site = Site::with_database();
    assert_snapshot!(site.run("log a.anb --graph"), @"
    2> note: a.anb has no commit yet
    [0]
    ");
    assert_snapshot!(site.run("heads a.anb"), @"
    2> note: a.anb has no commit yet
    [0]
    ");
    assert_snapshot!(site.run("log a.anb --json"), @"[0]");
}

#[test]
fn times_are_dates_when_asked_for() {
    let site = Site::with_people();
    assert_snapshot!(site.run("log a.anb --absolute"), @"
    AAAAAAAAAAAA  0000-00-00 00:00:00 UTC  People  ann  (head)
    [0]
    ");
}

#[test]
fn show_says_what_a_commit_does() {
    let (site, longer, shorter) = two_heads();
    assert_snapshot!(site.run("show a.anb @first"), @"
    commit      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    kind        Mutations
    parent      none: history starts here
    label       People
    author      ann
    time        just now
    generation  1

    opcodes (4)
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  document_set {name='Alice', age=34, stag…
      Demo::Person.card  bb220000-0000-4000-8000-000000000002  document_set {name='Bob', age=27, stage=…
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  xarray_insert .notes {00000000-0000-4000…
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  xarray_update .notes {00000000-0000-4000…
    [0]
    ");
    assert_snapshot!(site.run(&format!("show a.anb {}", &shorter[..8])), @"
    commit      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    kind        Mutations
    parent      BBBBBBBBBBBB  People
    label       Shorter
    author      ann
    time        just now
    generation  2
    head        yes

    opcodes (2)
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  document_update .name 'Al'
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  document_update .age 35
    [0]
    ");
    assert_snapshot!(site.run(&format!("show a.anb {longer} --json")), @r#"
    {"id":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","kind":"Mutations","parent":"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB","target":null,"generation":2,"label":"Longer","author":"ann","timestamp":"0000-00-00T00:00:00Z","is_head":true,"opcodes":[{"opcode":"document_update","attachment":"Demo::Person.card","key":"aa110000-0000-4000-8000-000000000001","path":".name","value":"Alicia"}],"blobs":[]}
    [0]
    "#);
    let merge = site.run(&format!("merge a.anb {longer} {shorter}")).ok().stdout;
    assert_snapshot!(site.run(&format!("show a.anb {}", merge.trim())), @"
    commit      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    kind        Merge
    parent      BBBBBBBBBBBB  Longer
    target      CCCCCCCCCCCC  Shorter
    label       merge of CCCCCCCCCCCC
    author      ann
    time        just now
    generation  3
    head        yes
    [0]
    ");
}

#[test]
fn show_cuts_long_commits_unless_told_not_to() {
    let site = Site::with_people();
    let lines: Vec<String> = (0..30).map(|number| rename(&format!("Alice {number}"))).collect();
    site.run_with(&lines.join("\n"), "commit a.anb -m Many").ok();
    let ran = site.run("show a.anb @last").ok();
    assert_eq!(ran.stdout.matches("document_update").count(), 20);
    assert_eq!(ran.stderr, "note: 10 more opcodes; --full shows them\n");
    let ran = site.run("show a.anb @last --full").ok();
    assert_eq!(ran.stdout.matches("document_update").count(), 30);
    assert_eq!(ran.stderr, "");
}

#[test]
fn commits_are_named_by_what_is_unambiguous() {
    let (site, longer, _) = two_heads();
    site.run(&format!("show a.anb {}", longer[..4].to_uppercase())).ok();
    assert_snapshot!(site.run("show a.anb @heads"), @"
    2> error: a.anb has 2 heads, and one is needed here
    2> hint: name one of them, or fold them into one with `anabranch reduce`
    2>   AAAAAAAAAAAAAAAA  Longer
    2>   BBBBBBBBBBBBBBBB  Shorter
    [1]
    ");
    assert_snapshot!(site.run("show a.anb @frist"), @"
    2> error: `@frist` names no commit
    2> hint: did you mean `@first`?
    [1]
    ");
    assert_snapshot!(site.run("show a.anb abc"), @"
    2> error: abc is too short to name a commit
    2> hint: give 4 digits or more
    [1]
    ");
    assert_snapshot!(site.run("show a.anb 00000000"), @"
    2> error: there is no commit 00000000 in a.anb
    2> hint: `anabranch log a.anb` lists what there is
    [1]
    ");
    assert_snapshot!(site.run(&format!("show a.anb {longer}0")), @"
    2> error: 65 digits are too many for a commit
    2> hint: an id has 64 digits
    [1]
    ");
    assert_snapshot!(site.run("show a.anb latest"), @"
    2> error: `latest` names no commit
    2> hint: a commit is named by its id, the first digits of it, @last, @first or @heads
    [1]
    ");
}

#[test]
fn a_slip_of_the_finger_is_seen_in_ids_and_keys() {
    let (site, longer, _) = two_heads();
    let mut digits: Vec<u8> = longer.bytes().take(12).collect();
    digits[5] = if digits[5] == b'0' { b'1' } else { b'0' };
    let typed = String::from_utf8(digits).unwrap();
    let ran = site.run(&format!("show a.anb {typed}"));
    let expected = format!(
        "error: there is no commit {typed} in a.anb\nhint: did you mean\n  {}  Longer\n",
        &longer[..16]
    );
    assert_eq!((ran.code, ran.stderr), (Some(1), expected));
    assert_snapshot!(site.run("get a.anb card aa1010"), @"
    2> note: a.anb has 2 heads: this is the state at the last commit, AAAAAAAAAAAA
    2> error: Demo::Person.card has no document of aa1010
    2> hint: did you mean
    2>   aa110000-0000-4000-8000-000000000001
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card aa110000-0000-4000-8000-000000000010"), @"
    2> note: a.anb has 2 heads: this is the state at the last commit, AAAAAAAAAAAA
    2> error: Demo::Person.card has no document of aa110000-0000-4000-8000-000000000010
    2> hint: did you mean
    2>   aa110000-0000-4000-8000-000000000001
    [1]
    ");
    assert_snapshot!(site.run("blame a.anb card aa110000-0000-4000-8000-000000000002"), @"
    2> note: a.anb has 2 heads: this is the state at the last commit, AAAAAAAAAAAA
    2> error: Demo::Person.card has no document of aa110000-0000-4000-8000-000000000002
    2> hint: did you mean
    2>   aa110000-0000-4000-8000-000000000001
    [1]
    ");
}

#[test]
fn an_abbreviation_of_several_commits_lists_them() {
    let site = Site::with_people();
    let database = Database::open(site.path("a.anb"), OpenMode::ReadWrite).unwrap();
    let mut ids = Vec::new();
    // Ids are hashes: among a few hundred, two start alike.
    let twins = loop {
        let last = ids.last().copied().or(database.last_commit_id().unwrap()).unwrap();
        let nothing = MutableState::new(database.state(last).unwrap());
        let id = database.commit_mutations("Nothing", &nothing).unwrap();
        let alike = |known: &&CommitId| known.to_string()[..4] == id.to_string()[..4];
        if let Some(twin) = ids.iter().find(alike) {
            break [*twin, id];
        }
        ids.push(id);
        assert!(ids.len() < 5000, "no two ids start alike");
    };
    let prefix = &twins[0].to_string()[..4];
    let mut lines = twins.map(|id| format!("  {}  Nothing\n", &id.to_string()[..16]));
    lines.sort();
    let ran = site.run(&format!("show a.anb {prefix}"));
    let expected = format!(
        "error: {prefix} could be any of several commits\nhint: give more digits\n{}",
        lines.concat()
    );
    assert_eq!((ran.code, ran.stderr), (Some(1), expected));
}

#[test]
fn merge_puts_the_second_after_the_first() {
    let (site, longer, shorter) = two_heads();
    assert_snapshot!(site.run(&format!("merge a.anb {longer} {shorter}")), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    [0]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 .name"), @"
    'Al'
    [0]
    ");
    assert_snapshot!(site.run(&format!("merge a.anb {longer} @last")), @"
    2> error: commits AAAAAAAAAAAA and BBBBBBBBBBBB cannot be merged: the first is an ancestor of the second, which therefore has all of it
    [1]
    ");
    assert_snapshot!(site.run(&format!("merge a.anb {longer} {longer}")), @"
    2> error: commits AAAAAAAAAAAA and AAAAAAAAAAAA cannot be merged: they are the same commit
    [1]
    ");
    assert_snapshot!(site.run(&format!("merge a.anb {shorter} {longer} --json")), @r#"
    {"commit":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
    [0]
    "#);
}

#[test]
fn heads_are_what_nothing_stands_on() {
    let (site, ..) = two_heads();
    let mut lines: Vec<String> = site.run("heads a.anb").ok().stdout.lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2);
    lines.sort_by_key(|line| line.contains("Shorter"));
    assert!(lines[0].contains("Longer") && lines[1].contains("Shorter"), "{lines:?}");
    let json = site.run("heads a.anb --json").ok().stdout;
    assert!(json.lines().all(|line| line.contains(r#""is_head":true"#)), "{json}");
}

#[test]
fn reduce_folds_all_heads_into_one() {
    let (site, ..) = two_heads();
    assert_snapshot!(site.run("reduce a.anb"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    [0]
    ");
    assert_snapshot!(site.run("log a.anb --graph"), @"
    ◆    AAAAAAAAAAAA  just now        merge of BBBBBBBBBBBB  ann  (head)
    ├─╮
    ● │  CCCCCCCCCCCC  just now        Shorter  ann
    │ ●  BBBBBBBBBBBB  just now        Longer  ann
    ├─╯
    ●  DDDDDDDDDDDD  just now        People  ann
    [0]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 .name"), @"
    'Alicia'
    [0]
    ");
    assert_snapshot!(site.run("reduce a.anb"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> note: a.anb has one head already
    [0]
    ");
    assert_snapshot!(site.run("reduce a.anb --json"), @r#"
    {"head":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","merges":0}
    [0]
    "#);
}

#[test]
fn reduce_takes_the_anchor_that_it_is_given() {
    let (site, longer, _) = two_heads();
    assert_snapshot!(site.run("reduce a.anb --onto @first"), @"
    2> error: commit AAAAAAAAAAAA is not a head
    2> hint: reduce onto one of the heads
    [1]
    ");
    site.run(&format!("reduce a.anb --onto {longer}")).ok();
    assert_snapshot!(site.run("get a.anb card aa11 .name"), @"
    'Al'
    [0]
    ");
}

#[test]
fn disable_hides_and_enable_shows_again() {
    let site = Site::with_people();
    let longer = site.commit("a.anb", "Longer", &rename("Alicia"));
    assert_snapshot!(site.run(&format!("disable a.anb {longer}")), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    [0]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 .name"), @"
    'Alice'
    [0]
    ");
    assert_snapshot!(site.run(&format!("enable a.anb {longer} -m 'After all' --json")), @r#"
    {"commit":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
    [0]
    "#);
    assert_snapshot!(site.run("get a.anb card aa11 .name"), @"
    'Alicia'
    [0]
    ");
    assert_snapshot!(site.run("log a.anb"), @"
    AAAAAAAAAAAA  just now        enables BBBBBBBBBBBB: After all  ann  (head)
    CCCCCCCCCCCC  just now        disables BBBBBBBBBBBB: Disable [Longer]  ann
    BBBBBBBBBBBB  just now        Longer  ann
    DDDDDDDDDDDD  just now        People  ann
    [0]
    ");
    assert_snapshot!(site.run("disable a.anb 1234"), @"
    2> error: there is no commit 1234 in a.anb
    2> hint: `anabranch log a.anb` lists what there is
    [1]
    ");
}
