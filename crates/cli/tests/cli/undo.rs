//! `undo` and `redo`: told from the graph, one process after the other.

use insta::assert_snapshot;

use crate::support::Site;

fn name(site: &Site) -> String {
    site.run("get a.anb card aa11 .name").ok().stdout.trim().to_owned()
}

/// Three names, the first of them with the document itself.
fn renamed() -> Site {
    let site = Site::with_people();
    site.run("update a.anb card aa11 .name --text Second -m 'The second name'").ok();
    site.run("update a.anb card aa11 .name --text Third -m 'The third name'").ok();
    site
}

#[test]
fn undo_twice_undoes_two_and_redo_takes_back() {
    let site = renamed();
    assert_snapshot!(site.run("undo a.anb"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> undone: BBBBBBBBBBBB  The third name
    [0]
    ");
    assert_eq!(name(&site), "'Second'");
    assert_snapshot!(site.run("undo a.anb --json"), @r#"
    {"commit":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","of":"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB","label":"The second name"}
    [0]
    "#);
    assert_eq!(name(&site), "'Alice'");
    assert_snapshot!(site.run("redo a.anb"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> redone: BBBBBBBBBBBB  The second name
    [0]
    ");
    assert_eq!(name(&site), "'Second'");
    assert_snapshot!(site.run("redo a.anb -n 5"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> redone: BBBBBBBBBBBB  The third name
    2> note: there is nothing of ann to redo
    [0]
    ");
    assert_eq!(name(&site), "'Third'");
    site.run("undo a.anb -n 2").ok();
    assert_eq!(name(&site), "'Alice'");
    assert_snapshot!(site.run("log a.anb"), @"
    AAAAAAAAAAAA  just now        enables BBBBBBBBBBBB: Undo [The second name]  ann  (head)
    CCCCCCCCCCCC  just now        enables DDDDDDDDDDDD: Undo [The third name]  ann
    EEEEEEEEEEEE  just now        disables DDDDDDDDDDDD: Redo [The third name]  ann
    FFFFFFFFFFFF  just now        disables BBBBBBBBBBBB: Redo [The second name]  ann
    BBBBBBBBBBBB  just now        disables GGGGGGGGGGGG: Undo [The second name]  ann
    DDDDDDDDDDDD  just now        disables HHHHHHHHHHHH: Undo [The third name]  ann
    HHHHHHHHHHHH  just now        The third name  ann  (hidden)
    GGGGGGGGGGGG  just now        The second name  ann  (hidden)
    IIIIIIIIIIII  just now        People  ann
    [0]
    ");
    site.run("verify a.anb").ok();
}

#[test]
fn a_change_after_an_undo_leaves_nothing_to_redo() {
    let site = renamed();
    site.run("undo a.anb").ok();
    site.run("update a.anb card aa11 .name --text Fourth").ok();
    assert_snapshot!(site.run("redo a.anb"), @"
    2> note: there is nothing of ann to redo
    [0]
    ");
    assert_snapshot!(site.run("redo a.anb --json"), @r#"
    {"commit":null,"of":null,"label":null}
    2> note: there is nothing of ann to redo
    [0]
    "#);
    site.run("undo a.anb").ok();
    assert_eq!(name(&site), "'Second'");
}

#[test]
fn everybody_undoes_their_own() {
    let site = renamed();
    site.run("update a.anb card aa11 .age 99 --author ben").ok();
    site.run("undo a.anb").ok();
    assert_eq!(name(&site), "'Second'");
    assert_eq!(site.run("get a.anb card aa11 .age").ok().stdout, "99\n");
    site.run("undo a.anb --author ben").ok();
    assert_eq!(site.run("get a.anb card aa11 .age").ok().stdout, "34\n");
    assert_snapshot!(site.run("undo a.anb --author eve"), @"
    2> note: there is nothing of eve to undo
    [0]
    ");
}

#[test]
fn what_was_disabled_by_mistake_is_back_after_an_undo() {
    let site = renamed();
    site.run("disable a.anb @first").ok();
    assert_eq!(site.run("get a.anb card aa11").code, Some(1));
    site.run("undo a.anb").ok();
    assert_eq!(name(&site), "'Third'");
}

#[test]
fn there_may_be_nothing_to_undo() {
    let site = Site::with_database();
    assert_snapshot!(site.run("undo a.anb"), @"
    2> note: there is nothing of ann to undo
    [0]
    ");
    assert_snapshot!(site.run("undo none.anb"), @"
    2> error: there is no database none.anb
    2> hint: check the path, or create one with `anabranch init none.anb --model MODEL`
    [1]
    ");
}
