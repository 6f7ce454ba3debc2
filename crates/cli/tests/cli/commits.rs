//! `commit`: mutations from JSON Lines.

use insta::assert_snapshot;

use crate::support::{ALICE, BOB, Site, people};

#[test]
fn a_file_of_mutations_is_one_commit() {
    let site = Site::with_database();
    site.write("people.jsonl", people());
    assert_snapshot!(site.run("commit a.anb -m People people.jsonl"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> 3 mutations committed to a.anb
    [0]
    ");
    assert_snapshot!(site.run("log a.anb"), @"
    AAAAAAAAAAAA  just now        People  ann  (head)
    [0]
    ");
}

#[test]
fn standard_input_and_several_files_do_too() {
    let site = Site::with_database();
    let lines = people();
    let (first, rest) = lines.split_once('\n').unwrap();
    site.write("first.jsonl", first);
    site.write("rest.jsonl", rest);
    assert_snapshot!(site.run_with(&lines, "commit a.anb -m Piped -"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> 3 mutations committed to a.anb
    [0]
    ");
    // The same mutations on nothing are the same commit.
    site.run("init b.anb --model model.dsm").ok();
    assert_snapshot!(site.run("commit b.anb -m Files first.jsonl rest.jsonl --json"), @r#"
    {"commit":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","mutations":3,"opcodes":4,"positions":[]}
    [0]
    "#);
}

#[test]
fn every_operation_does_what_it_says() {
    let site = Site::with_people();
    let mutations = [
        r#""op":"update","path":".home.street","value":"Elm Street""#,
        r#""op":"update","path":".email?","value":"a@example.org""#,
        r#""op":"update","path":".extra","value":{"type":"int64","value":7}"#,
        r#""op":"union_in_set","path":".tags","value":["c"]"#,
        r#""op":"subtract_in_set","path":".tags","value":["a"]"#,
        r#""op":"union_in_map","path":".scores","value":[["go",1],["darts",5]]"#,
        r#""op":"update_in_map","path":".scores","value":[["chess",4],["none",9]]"#,
        r#""op":"subtract_in_map","path":".scores","value":["darts"]"#,
        r#""op":"insert_in_xarray","path":".notes","before":"00000000-0000-4000-8000-00000000000a","position":"00000000-0000-4000-8000-00000000000b","value":"before""#,
        r#""op":"insert_in_xarray","path":".notes","position":"00000000-0000-4000-8000-00000000000c","value":"last""#,
        r#""op":"update_in_xarray","path":".notes","position":"00000000-0000-4000-8000-00000000000a","value":"changed""#,
        r#""op":"remove_in_xarray","path":".notes","position":"00000000-0000-4000-8000-00000000000c""#,
    ];
    let line = |mutation: &str| format!(r#"{{"attachment":"card","key":"aa11",{mutation}}}"#);
    let lines: Vec<String> = mutations.into_iter().map(line).collect();
    site.run_with(&lines.join("\n"), "commit a.anb -m Everything").ok();
    assert_snapshot!(site.run("get a.anb card aa11"), @"
    {
      name = 'Alice'
      age = 34
      stage = .review
      home = {street='Elm Street', number=1}
      tags = {'b', 'c'}
      scores = {'chess': 4, 'go': 1}
      email = Optional('a@example.org')
      notes = [
        {00000000-0000-4000-8000-00000000000b}: 'before'
        {00000000-0000-4000-8000-00000000000a}: 'changed'
      ]
      extra = Variant(7)
      picture = 0000000000000000000000000000000000000000000000000000000000000000
    }
    [0]
    ");
    let wanted = r#""op":"diff","recursive":true,"value":{"name":"Alice","age":35,"tags":["b"]}"#;
    let ran = site.run_with(&line(wanted), "commit a.anb -m Difference").ok();
    let id = ran.stdout.trim();
    assert_snapshot!(site.run(&format!("show a.anb {id}")), @"
    commit      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    kind        Mutations
    parent      BBBBBBBBBBBB  Everything
    label       Difference
    author      ann
    time        just now
    generation  3
    head        yes

    opcodes (8)
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  document_update .age 35
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  document_update .stage .draft
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  document_update .home.street ''
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  set_subtract .tags {'c'}
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  map_subtract .scores {'chess', 'go'}
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  document_update .email nil
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  document_update .notes []
      Demo::Person.card  aa110000-0000-4000-8000-000000000001  document_update .extra Variant('')
    [0]
    ");
    assert_snapshot!(site.run("get a.anb card aa11"), @"
    {
      name = 'Alice'
      age = 35
      stage = .draft
      home = {street='', number=1}
      tags = {'b'}
      scores = {}
      email = nil
      notes = []
      extra = Variant('')
      picture = 0000000000000000000000000000000000000000000000000000000000000000
    }
    [0]
    ");
}

#[test]
fn keys_are_named_in_several_ways() {
    let site = Site::with_people();
    let set = |attachment: &str, key: &str, value: &str| {
        let line = format!(r#"{{"op":"set","attachment":"{attachment}","key":{key},"value":{value}}}"#);
        site.run_with(&line, "commit a.anb -m Keys").ok();
    };
    let team = "00000000-0000-4000-8000-0000000000ff";
    set("motto", &format!(r#""Demo::Team:{team}""#), r#""Onwards""#);
    set("motto", &format!(r#""Person:{ALICE}""#), r#""Upwards""#);
    set("motto", &format!(r#"["{BOB}","Admin"]"#), r#""Inwards""#);
    set("members", &format!(r#""{team}""#), &format!(r#"["{BOB}","{ALICE}"]"#));
    set("motto", r#""Team:0000""#, r#""Sideways""#);
    assert_snapshot!(site.run("get a.anb motto"), @"
    Demo::Person:aa110000-0000-4000-8000-000000000001
    'Upwards'
    Demo::Admin:bb220000-0000-4000-8000-000000000002
    'Inwards'
    Demo::Team:00000000-0000-4000-8000-0000000000ff
    'Sideways'
    [0]
    ");
    assert_snapshot!(site.run("ls a.anb members"), @"
    00000000-0000-4000-8000-0000000000ff  {Demo::Person:aa110000-0000-4000-8000-000000000001, Demo::Per…
    [0]
    ");
}

#[test]
fn what_is_refused_names_the_line_and_leaves_everything_as_it_was() {
    let site = Site::with_people();
    let before = site.read("a.anb");
    let refused = |mutation: &str| {
        site.write("edits.jsonl", format!("{}\n{mutation}\n", people().lines().next().unwrap()));
        let ran = site.run("commit a.anb -m Refused edits.jsonl");
        assert_eq!(ran.code, Some(1), "{ran}");
        assert_eq!(site.read("a.anb"), before, "{mutation}");
        ran
    };
    let card = |rest: &str| format!(r#"{{"attachment":"card","key":"aa11",{rest}}}"#);
    // Of issue 2: an unknown field, a wrong type, a value out of range.
    assert_snapshot!(refused(&card(r#""op":"update","path":".nmae","value":"x""#)), @"
    2> error: edits.jsonl:2: `.nmae` is no path of Demo::Person.card: Demo::Card has no field `nmae`, did you mean `name`?
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"update","path":".home.stret","value":"x""#)), @"
    2> error: edits.jsonl:2: `.home.stret` is no path of Demo::Person.card: Demo::Address has no field `stret`, did you mean `street`? (at character 6)
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"set","value":{"name":"x","home":{"stret":"y"}}"#)), @"
    2> error: edits.jsonl:2: value.home: Demo::Address has no field `stret`, did you mean `street`?
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"update","path":".name","value":3"#)), @"
    2> error: edits.jsonl:2: value: expected a text, found 3
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"update","path":".age","value":256"#)), @"
    2> error: edits.jsonl:2: value: 256 is out of range for uint8
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"update","path":".age","value":1.5"#)), @"
    2> error: edits.jsonl:2: value: 1.5 cannot become uint8 without losing information
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"update","path":".stage","value":".dnoe""#)), @"
    2> error: edits.jsonl:2: value: Demo::Stage has no case `dnoe`, did you mean `done`?
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"update","path":".extra?","value":true"#)), @r#"
    2> error: edits.jsonl:2: value: several types may stand here
    2> hint: say which one: {"type": "string", "value": …}
    2>   int64
    2>   string
    [1]
    "#);
    assert_snapshot!(refused(&card(r#""op":"union_in_set","path":".name","value":["x"]"#)), @"
    2> error: edits.jsonl:2: Demo::Person.card: union_in_set works on a set, and .name is string
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"update","path":".","value":{}"#)), @"
    2> error: edits.jsonl:2: Demo::Person.card: . cannot be changed by update
    2> hint: write a whole document with `set`
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"update","path":".tags[element 'a']","value":"b""#)), @"
    2> error: edits.jsonl:2: Demo::Person.card: .tags[element 'a'] cannot be changed by update
    2> hint: an entry or element is not a place; change the map or set that it is in
    [1]
    ");
    // The line itself.
    assert_snapshot!(refused(r#"{"op":"set","#), @"
    2> error: edits.jsonl:2:12: this is no JSON: EOF while parsing a value
    [1]
    ");
    assert_snapshot!(refused(r#"{"op":"set","op":"set"}"#), @"
    2> error: edits.jsonl:2:23: this is no JSON: the key `op` stands twice in one object
    [1]
    ");
    assert_snapshot!(refused("[1]"), @"
    2> error: edits.jsonl:2: a mutation is a JSON object
    2> hint: see `anabranch commit --help`
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"updat","path":".name","value":"x""#)), @"
    2> error: edits.jsonl:2: there is no operation `updat`
    2> hint: did you mean `update`?
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"update","pth":".name","value":"x""#)), @"
    2> error: edits.jsonl:2: `update` does not take `pth`
    2> hint: did you mean `path`?
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"set","before":null,"value":{}"#)), @"
    2> error: edits.jsonl:2: `set` does not take `before`
    2> hint: it takes op, attachment, key, value
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"set""#)), @"
    2> error: edits.jsonl:2: `value` is missing
    2> hint: see `anabranch commit --help`
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"update_in_xarray","path":".notes","value":"x""#)), @"
    2> error: edits.jsonl:2: `position` is missing
    2> hint: see `anabranch commit --help`
    [1]
    ");
    assert_snapshot!(refused(&card(r#""op":"remove_in_xarray","path":".notes","position":"x""#)), @r#"
    2> error: edits.jsonl:2: `position` is a UUID, "x" is not
    [1]
    "#);
    // Attachments and keys.
    assert_snapshot!(refused(&format!(r#"{{"op":"set","attachment":"crad","key":"{ALICE}","value":{{}}}}"#)), @"
    2> error: edits.jsonl:2: there is no attachment `crad`
    2> hint: did you mean `card`?
    [1]
    ");
    assert_snapshot!(refused(&format!(r#"{{"op":"set","attachment":"address","key":"{ALICE}","value":{{}}}}"#)), @"
    2> error: edits.jsonl:2: `address` could be any of 2 attachments
    2> hint: say which one
    2>   Demo::Person.address
    2>   Demo::Team.address
    [1]
    ");
    assert_snapshot!(refused(r#"{"op":"set","attachment":"card","key":"cc33","value":{}}"#), @"
    2> error: edits.jsonl:2: Demo::Person.card has no document of cc33
    2> hint: `anabranch ls DB Demo::Person.card` lists the keys that have one
    [1]
    ");
    assert_snapshot!(refused(r#"{"op":"set","attachment":"card","key":"somebody","value":{}}"#), @"
    2> error: edits.jsonl:2: `somebody` is not a key
    2> hint: a key is the UUID of an instance, or the first digits of one that has a document
    [1]
    ");
    assert_snapshot!(refused(&format!(r#"{{"op":"set","attachment":"card","key":"Team:{ALICE}","value":{{}}}}"#)), @"
    2> error: edits.jsonl:2: Demo::Person.card does not take keys of Demo::Team
    2> hint: it takes keys of Demo::Admin or Demo::Person
    [1]
    ");
    assert_snapshot!(refused(&format!(r#"{{"op":"set","attachment":"motto","key":"{ALICE}","value":""}}"#)), @"
    2> error: edits.jsonl:2: Demo::Party.motto takes keys of several concepts
    2> hint: say which one, as in
    2>   Demo::Admin:aa110000-0000-4000-8000-000000000001
    2>   Demo::Person:aa110000-0000-4000-8000-000000000001
    2>   Demo::Team:aa110000-0000-4000-8000-000000000001
    [1]
    ");
    assert_snapshot!(refused(&format!(r#"{{"op":"set","attachment":"motto","key":"Persn:{ALICE}","value":""}}"#)), @"
    2> error: edits.jsonl:2: there is no concept `Persn`
    2> hint: did you mean `Person`?
    [1]
    ");
    // A blob that is not there.
    let blob = "0".repeat(63) + "1";
    assert_snapshot!(refused(&card(&format!(r#""op":"update","path":".picture","value":"{blob}""#))), @"
    2> error: a mutation refers to blob 0000000000000000000000000000000000000000000000000000000000000001, which is not in a.anb
    2> hint: store it first, with `anabranch blob put a.anb FILE`
    [1]
    ");
}

#[test]
fn an_input_that_cannot_be_read_is_refused() {
    let site = Site::with_people();
    assert_snapshot!(site.run("commit a.anb -m None none.jsonl"), @"
    2> error: cannot read none.jsonl: no such file or directory
    2> hint: give files of mutations, one JSON object a line, or `-`
    [1]
    ");
    site.write("binary.jsonl", b"{\"op\":\xff}\n");
    assert_snapshot!(site.run("commit a.anb -m Binary binary.jsonl"), @"
    2> error: binary.jsonl:1: this is not a text in UTF-8
    [1]
    ");
    assert_snapshot!(site.run("commit none.anb -m None people.jsonl"), @"
    2> error: there is no database none.anb
    2> hint: check the path, or create one with `anabranch init none.anb --model MODEL`
    [1]
    ");
}

#[test]
fn what_has_no_effect_now_is_recorded_with_a_warning() {
    let site = Site::with_people();
    let lines = [
        r#"{"op":"update","attachment":"card","key":"00000000-0000-4000-8000-0000000000ee","path":".name","value":"x"}"#,
        r#"{"op":"update_in_xarray","attachment":"card","key":"aa11","path":".notes","position":"00000000-0000-4000-8000-0000000000ee","value":"x"}"#,
    ];
    assert_snapshot!(site.run_with(&lines.join("\n"), "commit a.anb -m Nothing"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> warning: standard input:1: `update` has no effect now: the document is absent
    2> warning: standard input:2: `update_in_xarray` has no effect now: the position is unknown
    2> 2 mutations committed to a.anb
    [0]
    ");
}

#[test]
fn a_position_that_is_not_given_is_chosen_and_told() {
    let site = Site::with_people();
    let line = r#"{"op":"insert_in_xarray","attachment":"card","key":"aa11","path":".notes","value":"x"}"#;
    assert_snapshot!(site.run_with(line, "commit a.anb -m Note"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> note: standard input:1 inserts at position uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu
    2> 1 mutation committed to a.anb
    [0]
    ");
    assert_snapshot!(site.run_with(line, "commit a.anb -m Note --json"), @r#"
    {"commit":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","mutations":1,"opcodes":2,"positions":[{"line":"standard input:1","position":"uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu"}]}
    [0]
    "#);
}

#[test]
fn nothing_to_commit_is_no_commit_unless_asked_for() {
    let site = Site::with_people();
    let same = r#"{"op":"diff","attachment":"card","key":"bb22","value":{"name":"Bob","age":27}}"#;
    assert_snapshot!(site.run_with(same, "commit a.anb -m Same"), @"
    2> note: nothing changes, so nothing was committed; --allow-empty commits all the same
    [0]
    ");
    assert_snapshot!(site.run_with("\n\n", "commit a.anb -m Empty --json"), @r#"
    {"commit":null,"mutations":0,"opcodes":0,"positions":[]}
    2> note: nothing changes, so nothing was committed; --allow-empty commits all the same
    [0]
    "#);
    assert_snapshot!(site.run_with("", "commit a.anb -m Empty --allow-empty"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> no mutations committed to a.anb
    [0]
    ");
}

#[test]
fn a_commit_stands_where_it_is_told_and_names_who_made_it() {
    let site = Site::with_people();
    let line = |name: &str| {
        format!(r#"{{"op":"update","attachment":"card","key":"aa11","path":".name","value":"{name}"}}"#)
    };
    site.run_with(&line("Alicia"), "commit a.anb -m Longer").ok();
    site.run_with(&line("Al"), "commit a.anb -m Shorter --on @first --author 'Bob B.'").ok();
    assert_snapshot!(site.run("log a.anb --graph"), @"
    ●  AAAAAAAAAAAA  just now        Shorter  Bob B.  (head)
    │ ●  BBBBBBBBBBBB  just now        Longer  ann  (head)
    ├─╯
    ●  CCCCCCCCCCCC  just now        People  ann
    [0]
    ");
    assert_snapshot!(site.run_with(&line("Ally"), "commit a.anb -m Third"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> note: a.anb has 2 heads: this stands on the last commit, BBBBBBBBBBBB
    2> 1 mutation committed to a.anb
    [0]
    ");
}
