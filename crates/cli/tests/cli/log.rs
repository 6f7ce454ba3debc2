//! `log`: ranges, filters, and what is said of commits.

use insta::assert_snapshot;

use crate::support::Site;

/// Four commits by two authors on two lines that meet.
fn lines() -> Site {
    let site = Site::with_people();
    site.run("update a.anb card aa11 .age 35 -m Birthday").ok();
    site.run("update a.anb card aa11 .name --text Alicia --on @first -m Longer --author ben").ok();
    site.run("reduce a.anb --author ben").ok();
    site
}

#[test]
fn a_range_is_what_one_has_and_the_other_lacks() {
    let site = lines();
    assert_snapshot!(site.run("log a.anb @first..@last"), @"
    AAAAAAAAAAAA  just now        merge of BBBBBBBBBBBB  ben  (head)
    CCCCCCCCCCCC  just now        Longer  ben
    BBBBBBBBBBBB  just now        Birthday  ann
    [0]
    ");
    assert_snapshot!(site.run("log a.anb @first.. --graph"), @"
    ◆    AAAAAAAAAAAA  just now        merge of BBBBBBBBBBBB  ben  (head)
    ├─╮
    ● │  CCCCCCCCCCCC  just now        Longer  ben
    │ ●  BBBBBBBBBBBB  just now        Birthday  ann
    ├─╯
    [0]
    ");
    assert_snapshot!(site.run("log a.anb @first"), @"
    AAAAAAAAAAAA  just now        People  ann
    [0]
    ");
    assert_snapshot!(site.run("log a.anb @last.."), @"
    2> note: no commit is like that
    [0]
    ");
    assert_snapshot!(site.run("log a.anb ..0000"), @"
    2> error: there is no commit 0000 in a.anb
    2> hint: `anabranch log a.anb` lists what there is
    [1]
    ");
    assert_snapshot!(site.run("log a.anb @frist..@last"), @"
    2> error: `@frist` names no commit
    2> hint: did you mean `@first`?
    [1]
    ");
}

#[test]
fn filters_are_by_author_and_label() {
    let site = lines();
    assert_snapshot!(site.run("log a.anb --author BE"), @"
    AAAAAAAAAAAA  just now        merge of BBBBBBBBBBBB  ben  (head)
    CCCCCCCCCCCC  just now        Longer  ben
    [0]
    ");
    assert_snapshot!(site.run("log a.anb --label birth"), @"
    AAAAAAAAAAAA  just now        Birthday  ann
    [0]
    ");
    assert_snapshot!(site.run("log a.anb --author ann -n 1"), @"
    AAAAAAAAAAAA  just now        Birthday  ann
    2> note: older ones are not shown; --all shows them
    [0]
    ");
    assert_snapshot!(site.run("log a.anb --author eve"), @"
    2> note: no commit is like that
    [0]
    ");
    assert_snapshot!(site.run("log a.anb --author ben --graph"), @"
    2> error: the argument `--author <NAME>` cannot be used with `--graph`
    2> hint: `anabranch log --help` says more
    [2]
    ");
}

#[test]
fn what_is_hidden_is_marked() {
    let site = Site::with_people();
    site.run("update a.anb card aa11 .age 35 -m Birthday").ok();
    site.run("undo a.anb").ok();
    assert_snapshot!(site.run("log a.anb --graph"), @"
    ⊖  AAAAAAAAAAAA  just now        disables BBBBBBBBBBBB: Undo [Birthday]  ann  (head)
    ●  BBBBBBBBBBBB  just now        Birthday  ann  (hidden)
    ●  CCCCCCCCCCCC  just now        People  ann
    [0]
    ");
    let ran = site.run("log a.anb --json").ok();
    let hidden: Vec<bool> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["is_hidden"] == true)
        .collect();
    assert_eq!(hidden, [false, true, false]);
}

#[test]
fn lines_fit_the_width() {
    let site = Site::with_people();
    let long = "Explain at length ".repeat(12);
    site.run(&format!("update a.anb card aa11 .age 35 -m '{long}'")).ok();
    for width in [60, 80, 120] {
        let mut command = site.command("log a.anb --graph");
        command.env("COLUMNS", width.to_string());
        let ran = crate::support::Ran::of(command, "").ok();
        assert!(ran.stdout.lines().all(|line| line.chars().count() <= width), "{width}: {ran}");
    }
}
