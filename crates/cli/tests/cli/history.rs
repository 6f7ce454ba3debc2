//! `diff`, `blame` and `trace`: reading back what happened.

use insta::assert_snapshot;

use crate::support::{ALICE, BOB, Site};

/// A database whose people were changed, by two authors, on two lines that were merged.
fn changed() -> Site {
    let site = Site::with_people();
    site.run("update a.anb card aa11 .age 35 -m Birthday").ok();
    let theirs =
        site.run("update a.anb card aa11 .name --text Alicia --on @first -m Longer --author ben").ok().stdout;
    let ours = site.run("subtract a.anb card aa11 .tags '[\"a\"]' --on @first -m Fewer").ok().stdout;
    site.run(&format!("merge a.anb {} {}", theirs.trim(), ours.trim())).ok();
    site.run("reduce a.anb").ok();
    site.run(&format!("set a.anb Person.address {BOB} '{{\"street\": \"Elm Street\", \"number\": 3}}'")).ok();
    site
}

#[test]
fn diff_shows_documents_and_places() {
    let site = changed();
    assert_snapshot!(site.run("diff a.anb @first"), @"
    added   Demo::Person.address  bb220000-0000-4000-8000-000000000002
      + {street='Elm Street', number=3}
    changed Demo::Person.card  aa110000-0000-4000-8000-000000000001
      ~ .name  'Alice' → 'Alicia'
      ~ .age  34 → 35
      - .tags[element 'a']
    [0]
    ");
    assert_snapshot!(site.run("diff a.anb @last @first card aa11"), @"
    changed Demo::Person.card  aa110000-0000-4000-8000-000000000001
      ~ .name  'Alicia' → 'Alice'
      ~ .age  35 → 34
      + .tags[element 'a']
    [0]
    ");
    assert_snapshot!(site.run("diff a.anb @first @last --stat"), @"
    Demo::Person.address  1 added
    Demo::Person.card     1 changed in 3 places
    2 documents: 1 added, 1 changed in 3 places
    [0]
    ");
    assert_snapshot!(site.run("diff a.anb @first @last --json"), @r#"
    {"attachment":"Demo::Person.address","key":"bb220000-0000-4000-8000-000000000002","change":"added","changes":[{"path":".","before":null,"after":{"street":"Elm Street","number":3}}]}
    {"attachment":"Demo::Person.card","key":"aa110000-0000-4000-8000-000000000001","change":"changed","changes":[{"path":".name","before":"Alice","after":"Alicia"},{"path":".age","before":34,"after":35},{"path":".tags[element 'a']","before":"a","after":null}]}
    [0]
    "#);
    assert_snapshot!(site.run("diff a.anb @first --stat --json"), @r#"
    {"attachment":"Demo::Person.address","added":1,"removed":0,"changed":0,"places":0}
    {"attachment":"Demo::Person.card","added":0,"removed":0,"changed":1,"places":3}
    [0]
    "#);
    assert_snapshot!(site.run("diff a.anb @first @first"), @"
    2> note: nothing differs between AAAAAAAAAAAA and AAAAAAAAAAAA
    [0]
    ");
}

#[test]
fn diff_cuts_long_values_unless_told_not_to() {
    let site = Site::with_people();
    let long = "word ".repeat(40);
    site.run(&format!("update a.anb card aa11 .home.street --text '{long}'")).ok();
    assert_snapshot!(site.run("diff a.anb @first"), @"
    changed Demo::Person.card  aa110000-0000-4000-8000-000000000001
      ~ .home.street
          - ''
          + 'word word word word word word word word word word word word word word word word word word …
    [0]
    ");
    assert!(site.run("diff a.anb @first --full").ok().stdout.contains(&long));
}

#[test]
fn diff_of_what_is_not_there_says_so() {
    let site = changed();
    assert_snapshot!(site.run("diff a.anb 0000000"), @"
    2> error: there is no commit 0000000 in a.anb
    2> hint: `anabranch log a.anb` lists what there is
    [1]
    ");
    assert_snapshot!(site.run("diff a.anb @first @last crad"), @"
    2> error: there is no attachment `crad`
    2> hint: did you mean `card`?
    [1]
    ");
    assert_snapshot!(site.run("diff a.anb @first @last card 9999"), @"
    2> error: Demo::Person.card has no document of 9999
    2> hint: `anabranch ls DB Demo::Person.card` lists the keys that have one
    [1]
    ");
}

#[test]
fn blame_names_the_commit_of_each_place() {
    let site = changed();
    assert_snapshot!(site.run("blame a.anb card aa11"), @"
    AAAAAAAAAAAA  just now  ben │ .name = 'Alicia'
    BBBBBBBBBBBB  just now  ann │ .age = 35
    CCCCCCCCCCCC  just now  ann │ .stage = .review
    CCCCCCCCCCCC  just now  ann │ .home.street = ''
    CCCCCCCCCCCC  just now  ann │ .home.number = 1
    CCCCCCCCCCCC  just now  ann │ .tags[element 'b']
    CCCCCCCCCCCC  just now  ann │ .scores['chess'] = 3
    CCCCCCCCCCCC  just now  ann │ .email? = 'alice@example.org'
    CCCCCCCCCCCC  just now  ann │ .notes[{00000000-0000-4000-8000-00000000000a}] = 'first'
    CCCCCCCCCCCC  just now  ann │ .extra? = ''
    CCCCCCCCCCCC  just now  ann │ .picture = 0000000000000000000000000000000000000000000000000000000000…
    [0]
    ");
    assert_snapshot!(site.run("blame a.anb card aa11 .home"), @"
    AAAAAAAAAAAA  just now  ann │ .home.street = ''
    AAAAAAAAAAAA  just now  ann │ .home.number = 1
    [0]
    ");
    assert_snapshot!(site.run("blame a.anb card aa11 .name --json"), @r#"
    {"path":".name","value":"Alicia","commit":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","opcode_index":0,"label":"Longer","author":"ben","timestamp":"0000-00-00T00:00:00Z"}
    [0]
    "#);
    assert_snapshot!(site.run("blame a.anb card aa11 .email? --at @first"), @"
    AAAAAAAAAAAA  just now  ann │ .email? = 'alice@example.org'
    [0]
    ");
    assert_snapshot!(site.run("blame a.anb card aa11 \".scores['go']\""), @"
    2> error: nothing stands at .scores['go']
    2> hint: `anabranch get DB ATTACHMENT KEY` shows what is there
    [1]
    ");
    assert_snapshot!(site.run("blame a.anb card aa11 .nmae"), @"
    2> error: `.nmae` is no path of Demo::Person.card: Demo::Card has no field `nmae`, did you mean `name`?
    [1]
    ");
    assert_snapshot!(site.run("blame a.anb card cc330000-0000-4000-8000-000000000003"), @"
    2> error: Demo::Person.card has no document of cc330000-0000-4000-8000-000000000003
    2> hint: `anabranch ls DB Demo::Person.card` lists the keys that have one
    [1]
    ");
}

#[test]
fn trace_explains_what_was_dropped_and_what_is_hidden() {
    let site = changed();
    let removed = "00000000-0000-4000-8000-00000000000c";
    let dropped = format!(
        r#"{{"op":"update_in_xarray","attachment":"card","key":"{ALICE}","path":".notes","position":"{removed}","value":"x"}}"#
    );
    site.run_with(&dropped, "commit a.anb -m 'Of a note that is not there'").ok();
    let birthday = site.run("log a.anb --json").ok().stdout;
    let birthday = birthday.lines().find(|line| line.contains("Birthday")).unwrap();
    let birthday: serde_json::Value = serde_json::from_str(birthday).unwrap();
    site.run(&format!("disable a.anb {} -m 'Not yet' --author ben", birthday["id"].as_str().unwrap())).ok();
    assert_snapshot!(site.run("trace a.anb card aa11"), @"
    ● AAAAAAAAAAAA  just now        ann  document_set {name='Alice', age=34, stage=.review, home={stree…
    ● AAAAAAAAAAAA  just now        ann  xarray_insert .notes {00000000-0000-4000-8000-00000000000a} at…
    ● AAAAAAAAAAAA  just now        ann  xarray_update .notes {00000000-0000-4000-8000-00000000000a} 'f…
    ● BBBBBBBBBBBB  just now        ben  document_update .name 'Alicia'
    ● CCCCCCCCCCCC  just now        ann  set_subtract .tags {'a'}
    ⊖ DDDDDDDDDDDD  just now        ann  document_update .age 35
      hidden by EEEEEEEEEEEE  Not yet  ben
    ✗ FFFFFFFFFFFF  just now        ann  xarray_update .notes {00000000-0000-4000-8000-00000000000c} 'x'
      no effect: the position is unknown
    [0]
    ");
    let ran = site.run("trace a.anb card aa11 --json").ok();
    let outcomes: Vec<serde_json::Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["outcome"].clone())
        .collect();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "masked").count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "dropped").count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "applied").count(), outcomes.len() - 2);
    assert_snapshot!(site.run("trace a.anb card cc330000-0000-4000-8000-000000000003"), @"
    2> error: nothing ever happened to cc330000-0000-4000-8000-000000000003 of Demo::Person.card
    2> hint: `anabranch ls DB Demo::Person.card` lists the keys that have a document
    [1]
    ");
}
