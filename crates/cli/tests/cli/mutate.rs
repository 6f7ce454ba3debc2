//! `set`, `update`, `union`, `subtract`, `insert`, `remove`: one mutation as one commit.

use insta::assert_snapshot;

use crate::support::{BOB, Site};

#[test]
fn each_is_one_commit_that_says_what_it_did() {
    let site = Site::with_people();
    assert_snapshot!(site.run("update a.anb card aa11 .age 35"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    [0]
    ");
    site.run("update a.anb card aa11 .name --text 'Alice B.' -m 'A longer name' --author ben").ok();
    site.run("update a.anb card aa11 \".scores['go']\" -5").ok();
    site.run(r#"union a.anb card aa11 .tags '["c","d"]'"#).ok();
    site.run(r#"subtract a.anb card aa11 .tags '["a"]'"#).ok();
    site.run(r#"union a.anb card aa11 .scores '[["shogi",7]]'"#).ok();
    site.run(r#"subtract a.anb card aa11 .scores '["chess"]'"#).ok();
    site.run(r#"insert a.anb card aa11 .notes '"zeroth"' --before 00000000-0000-4000-8000-00000000000a --position 00000000-0000-4000-8000-00000000000b"#).ok();
    site.run("remove a.anb card aa11 .notes[{00000000-0000-4000-8000-00000000000a}]").ok();
    site.run("set a.anb motto Person:aa110000-0000-4000-8000-000000000001 --text 'On and on'").ok();
    assert_snapshot!(site.run("log a.anb"), @"
    AAAAAAAAAAAA  just now        set motto aa110000  ann  (head)
    BBBBBBBBBBBB  just now        remove card aa110000 .notes[{00000000-0000-4000-8000-000000000…  ann
    CCCCCCCCCCCC  just now        insert card aa110000 .notes  ann
    DDDDDDDDDDDD  just now        subtract card aa110000 .scores  ann
    EEEEEEEEEEEE  just now        union card aa110000 .scores  ann
    FFFFFFFFFFFF  just now        subtract card aa110000 .tags  ann
    GGGGGGGGGGGG  just now        union card aa110000 .tags  ann
    HHHHHHHHHHHH  just now        update card aa110000 .scores['go']  ann
    IIIIIIIIIIII  just now        A longer name  ben
    JJJJJJJJJJJJ  just now        update card aa110000 .age  ann
    KKKKKKKKKKKK  just now        People  ann
    [0]
    ");
    assert_snapshot!(site.run("get a.anb card aa11"), @"
    {
      name = 'Alice B.'
      age = 35
      stage = .review
      home = {street='', number=1}
      tags = {'b', 'c', 'd'}
      scores = {'go': -5, 'shogi': 7}
      email = Optional('alice@example.org')
      notes = [
        {00000000-0000-4000-8000-00000000000b}: 'zeroth'
      ]
      extra = Variant('')
      picture = 0000000000000000000000000000000000000000000000000000000000000000
    }
    [0]
    ");
    assert_snapshot!(site.run("get a.anb motto aa11"), @"
    'On and on'
    [0]
    ");
}

#[test]
fn values_come_from_arguments_input_and_files() {
    let site = Site::with_people();
    site.write("card.json", r#"{"name": "Robert", "tags": ["x"]}"#);
    site.write("note.txt", "two\nlines");
    site.run(&format!("set a.anb card {BOB} @card.json")).ok();
    site.run_with("41", "update a.anb card bb22 .age -").ok();
    site.run("update a.anb card bb22 .email --text @note.txt").ok();
    let ran = site.run("get a.anb card bb22 --json").ok().json();
    assert_eq!(ran["name"], "Robert");
    assert_eq!(ran["age"], 41);
    assert_eq!(ran["email"], "two\nlines");
    assert_snapshot!(site.run("update a.anb card bb22 .age @none.json"), @"
    2> error: cannot read none.json: no such file or directory
    [1]
    ");
    assert_snapshot!(site.run_with("4 1", "update a.anb card bb22 .age -"), @r#"
    2> error: standard input is no JSON: trailing characters at line 1 column 3
    2> hint: texts stand in quotes, as in '"Soup"', or are given with --text
    [1]
    "#);
}

#[test]
fn an_insertion_tells_its_position() {
    let site = Site::with_people();
    let ran = site.run("insert a.anb card aa11 .notes --text second --json").ok().json();
    let position = ran["positions"][0]["position"].as_str().unwrap().to_owned();
    assert_eq!(site.run(&format!("get a.anb card aa11 .notes[{{{position}}}]")).ok().stdout, "'second'\n");
    assert_snapshot!(site.run("insert a.anb card aa11 .notes --text third"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> note: inserted at position uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu
    [0]
    ");
}

#[test]
fn what_is_refused_says_why_and_changes_nothing() {
    let site = Site::with_people();
    let before = site.run("info a.anb").ok().stdout;
    assert_snapshot!(site.run("update a.anb card aa11 .name Alice"), @r#"
    2> error: VALUE is no JSON: expected value at line 1 column 1
    2> hint: texts stand in quotes, as in '"Soup"', or are given with --text
    [1]
    "#);
    assert_snapshot!(site.run("update a.anb card aa11 .age 256"), @"
    2> error: value: 256 is out of range for uint8
    [1]
    ");
    assert_snapshot!(site.run("update a.anb card aa11 .aeg 25"), @"
    2> error: `.aeg` is no path of Demo::Person.card: Demo::Card has no field `aeg`, did you mean `age`?
    [1]
    ");
    assert_snapshot!(site.run("update a.anb cart aa11 .age 25"), @"
    2> error: there is no attachment `cart`
    2> hint: did you mean `card`?
    [1]
    ");
    assert_snapshot!(site.run("update a.anb card 0123 .age 25"), @"
    2> error: Demo::Person.card has no document of 0123
    2> hint: `anabranch ls DB Demo::Person.card` lists the keys that have one
    [1]
    ");
    assert_snapshot!(site.run("union a.anb card aa11 .name '[]'"), @"
    2> error: `.name` of Demo::Person.card is neither a set nor a map: it is of type string
    2> hint: `anabranch update` puts another value there, `insert` and `remove` work on xarrays
    [1]
    ");
    assert_snapshot!(site.run("insert a.anb card aa11 .tags 1"), @"
    2> error: Demo::Person.card: insert_in_xarray works on an xarray, and .tags is set<string>
    [1]
    ");
    assert_snapshot!(site.run("remove a.anb card aa11 .tags"), @"
    2> error: `.tags` is no element of an xarray
    2> hint: name its position, as in .steps[{00000000-…}]; `anabranch subtract` removes from sets and maps
    [1]
    ");
    assert_snapshot!(site.run("subtract a.anb card aa11 .tags '[]'"), @"
    2> note: nothing changes, so nothing was committed
    [0]
    ");
    assert_snapshot!(site.run("update none.anb card aa11 .age 25"), @"
    2> error: there is no database none.anb
    2> hint: check the path, or create one with `anabranch init none.anb --model MODEL`
    [1]
    ");
    assert_snapshot!(site.run("union a.anb remark Person:aa110000-0000-4000-8000-000000000001 ? '[1]'"), @"
    2> error: `?` of Demo::any_concept.remark may be a set or a map
    2> hint: `anabranch commit` says which: union_in_set, union_in_map, subtract_in_set, subtract_in_map
    [1]
    ");
    assert_eq!(site.run("info a.anb").ok().stdout, before);
}

#[test]
fn what_has_no_effect_now_is_recorded_with_a_warning() {
    let site = Site::with_people();
    assert_snapshot!(site.run("update a.anb card cc330000-0000-4000-8000-000000000003 .age 5"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> warning: `update` has no effect now: the document is absent
    [0]
    ");
    assert_snapshot!(site.run("trace a.anb card cc330000-0000-4000-8000-000000000003"), @"
    ✗ AAAAAAAAAAAA  just now        ann  document_update .age 5
      no effect: the document is absent
    [0]
    ");
}
