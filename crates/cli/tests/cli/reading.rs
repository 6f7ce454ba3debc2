//! Reading the state: `ls` and `get`.

use insta::assert_snapshot;

use crate::support::{ALICE, Site};

#[test]
fn ls_counts_the_documents_of_each_attachment() {
    let site = Site::with_people();
    assert_snapshot!(site.run("ls a.anb"), @"
    Demo::Party.motto         0  string
    Demo::Person.address      0  Address
    Demo::Person.card         2  Card
    Demo::Team.address        0  Address
    Demo::Team.members        0  set<key<Person>>
    Demo::any_concept.remark  0  any
    [0]
    ");
    assert_snapshot!(site.run("ls a.anb --json"), @r#"
    {"attachment":"Demo::Party.motto","documents":0,"key_type":"key<Demo::Party>","document_type":"string","runtime_id":"uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu"}
    {"attachment":"Demo::Person.address","documents":0,"key_type":"key<Demo::Person>","document_type":"Demo::Address","runtime_id":"vvvvvvvv-vvvv-vvvv-vvvv-vvvvvvvvvvvv"}
    {"attachment":"Demo::Person.card","documents":2,"key_type":"key<Demo::Person>","document_type":"Demo::Card","runtime_id":"wwwwwwww-wwww-wwww-wwww-wwwwwwwwwwww"}
    {"attachment":"Demo::Team.address","documents":0,"key_type":"key<Demo::Team>","document_type":"Demo::Address","runtime_id":"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"}
    {"attachment":"Demo::Team.members","documents":0,"key_type":"key<Demo::Team>","document_type":"set<key<Demo::Person>>","runtime_id":"yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"}
    {"attachment":"Demo::any_concept.remark","documents":0,"key_type":"key<any_concept>","document_type":"any","runtime_id":"zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"}
    [0]
    "#);
}

#[test]
fn ls_lists_the_documents_of_one() {
    let site = Site::with_people();
    assert_snapshot!(site.run("ls a.anb card"), @"
    aa110000-0000-4000-8000-000000000001  {name='Alice', age=34, stage=.review, home={street='', number…
    bb220000-0000-4000-8000-000000000002  {name='Bob', age=27, stage=.draft, home={street='', number=1}…
    [0]
    ");
    assert_snapshot!(site.run("ls a.anb Demo::Person.card -n 1"), @"
    aa110000-0000-4000-8000-000000000001  {name='Alice', age=34, stage=.review, home={street='', number…
    2> note: 1 document is not shown
    [0]
    ");
    assert_snapshot!(site.run("ls a.anb card --json -n 1"), @r#"
    {"attachment":"Demo::Person.card","key":"aa110000-0000-4000-8000-000000000001","value":{"name":"Alice","age":34,"stage":".review","home":{"street":"","number":1},"tags":["a","b"],"scores":[["chess",3]],"email":"alice@example.org","notes":[["00000000-0000-4000-8000-00000000000a"],[],{"00000000-0000-4000-8000-00000000000a":"first"}],"extra":{"type":{"class_name":"primitive","name":"string"},"value":""},"picture":"0000000000000000000000000000000000000000000000000000000000000000"}}
    2> note: 1 document is not shown
    [0]
    "#);
    assert_snapshot!(site.run("ls a.anb motto"), @"[0]");
    assert_snapshot!(site.run("ls a.anb -n 1"), @"
    2> error: the following required arguments were not provided: <ATTACHMENT>
    2> hint: usage: anabranch ls --limit <N> <DB> <ATTACHMENT>; `anabranch ls --help` says more
    [2]
    ");
}

#[test]
fn get_prints_a_document_or_a_place_in_it() {
    let site = Site::with_people();
    assert_snapshot!(site.run("get a.anb card aa11"), @"
    {
      name = 'Alice'
      age = 34
      stage = .review
      home = {street='', number=1}
      tags = {'a', 'b'}
      scores = {'chess': 3}
      email = Optional('alice@example.org')
      notes = [
        {00000000-0000-4000-8000-00000000000a}: 'first'
      ]
      extra = Variant('')
      picture = 0000000000000000000000000000000000000000000000000000000000000000
    }
    [0]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 .home"), @"
    {street='', number=1}
    [0]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 \".scores['chess']\""), @"
    3
    [0]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 .email? --json"), @r#"
    "alice@example.org"
    [0]
    "#);
    assert_snapshot!(site.run("get a.anb card Person:bb22 --json"), @r#"
    {"name":"Bob","age":27,"stage":".draft","home":{"street":"","number":1},"tags":[],"scores":[],"email":null,"notes":[[],[],{}],"extra":{"type":{"class_name":"primitive","name":"string"},"value":""},"picture":"0000000000000000000000000000000000000000000000000000000000000000"}
    [0]
    "#);
}

#[test]
fn get_prints_all_documents_without_a_key() {
    let site = Site::with_people();
    assert_snapshot!(site.run("get a.anb card --json"), @r#"
    {"attachment":"Demo::Person.card","key":"aa110000-0000-4000-8000-000000000001","value":{"name":"Alice","age":34,"stage":".review","home":{"street":"","number":1},"tags":["a","b"],"scores":[["chess",3]],"email":"alice@example.org","notes":[["00000000-0000-4000-8000-00000000000a"],[],{"00000000-0000-4000-8000-00000000000a":"first"}],"extra":{"type":{"class_name":"primitive","name":"string"},"value":""},"picture":"0000000000000000000000000000000000000000000000000000000000000000"}}
    {"attachment":"Demo::Person.card","key":"bb220000-0000-4000-8000-000000000002","value":{"name":"Bob","age":27,"stage":".draft","home":{"street":"","number":1},"tags":[],"scores":[],"email":null,"notes":[[],[],{}],"extra":{"type":{"class_name":"primitive","name":"string"},"value":""},"picture":"0000000000000000000000000000000000000000000000000000000000000000"}}
    [0]
    "#);
    assert_snapshot!(site.run("get a.anb card -n 1"), @"
    aa110000-0000-4000-8000-000000000001
    {
      name = 'Alice'
      age = 34
      stage = .review
      home = {street='', number=1}
      tags = {'a', 'b'}
      scores = {'chess': 3}
      email = Optional('alice@example.org')
      notes = [
        {00000000-0000-4000-8000-00000000000a}: 'first'
      ]
      extra = Variant('')
      picture = 0000000000000000000000000000000000000000000000000000000000000000
    }
    2> note: 1 document is not shown
    [0]
    ");
}

#[test]
fn what_get_prints_can_be_committed_again() {
    let site = Site::with_people();
    let document = site.run("get a.anb card aa11 --json").ok().stdout;
    let key = "00000000-0000-4000-8000-0000000000dd";
    let line = format!(r#"{{"op":"set","attachment":"card","key":"{key}","value":{}}}"#, document.trim());
    site.run_with(&line, "commit a.anb -m Copy").ok();
    assert_eq!(site.run(&format!("get a.anb card {key} --json")).ok().stdout, document);
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let site = Site::with_people();
    assert_snapshot!(site.run("get a.anb crad aa11"), @"
    2> error: there is no attachment `crad`
    2> hint: did you mean `card`?
    [1]
    ");
    assert_snapshot!(site.run("get a.anb address aa11"), @"
    2> error: `address` could be any of 2 attachments
    2> hint: say which one
    2>   Demo::Person.address
    2>   Demo::Team.address
    [1]
    ");
    assert_snapshot!(site.run("get a.anb zebra aa11"), @"
    2> error: there is no attachment `zebra`
    2> hint: `anabranch ls DB` lists the attachments of a database
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card aa1"), @"
    2> error: aa1 is too short to name a key
    2> hint: give 4 digits or more
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card 00ff"), @"
    2> error: Demo::Person.card has no document of 00ff
    2> hint: `anabranch ls DB Demo::Person.card` lists the keys that have one
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card 00000000-0000-4000-8000-0000000000dd"), @"
    2> error: Demo::Person.card has no document of 00000000-0000-4000-8000-0000000000dd
    2> hint: `anabranch ls DB Demo::Person.card` lists the keys that have one
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card who"), @"
    2> error: `who` is not a key
    2> hint: a key is the UUID of an instance, or the first digits of one that has a document
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card Preson:aa11"), @"
    2> error: there is no concept `Preson`
    2> hint: did you mean `Person`?
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 .nmae"), @"
    2> error: `.nmae` is no path of Demo::Person.card: Demo::Card has no field `nmae`, did you mean `name`?
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 .home.nmae"), @"
    2> error: `.home.nmae` is no path of Demo::Person.card: Demo::Address has no field `nmae` (at character 6)
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 \".scores['go']\""), @"
    2> error: nothing stands at .scores['go']: the map has no such key
    2> hint: `anabranch get DB ATTACHMENT KEY` shows what is there
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card bb22 .email?"), @"
    2> error: nothing stands at .email?: there is nothing to unwrap
    2> hint: `anabranch get DB ATTACHMENT KEY` shows what is there
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 --at @lst"), @"
    2> error: `@lst` names no commit
    2> hint: did you mean `@last`?
    [1]
    ");
}

#[test]
fn an_abbreviation_of_several_keys_lists_them() {
    let site = Site::with_people();
    let other = ALICE.replace("0001", "0009");
    let line = format!(r#"{{"op":"set","attachment":"card","key":"{other}","value":{{}}}}"#);
    site.run_with(&line, "commit a.anb -m Twin").ok();
    assert_snapshot!(site.run("get a.anb card aa11"), @"
    2> error: aa11 could be any of 2 keys
    2> hint: say more of the one that you mean
    2>   aa110000-0000-4000-8000-000000000001
    2>   aa110000-0000-4000-8000-000000000009
    [1]
    ");
}

#[test]
fn any_commit_has_a_state() {
    let site = Site::with_people();
    let rename = r#"{"op":"update","attachment":"card","key":"aa11","path":".name","value":"Alicia"}"#;
    site.commit("a.anb", "Longer", rename);
    assert_snapshot!(site.run("get a.anb card aa11 .name --at @first"), @"
    'Alice'
    [0]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 .name"), @"
    'Alicia'
    [0]
    ");
    let shorter = rename.replace("Alicia", "Al");
    site.run_with(&shorter, "commit a.anb -m Shorter --on @first").ok();
    assert_snapshot!(site.run("get a.anb card aa11 .name"), @"
    'Al'
    2> note: a.anb has 2 heads: this is the state at the last commit, AAAAAAAAAAAA
    [0]
    ");
}

#[test]
fn a_database_without_commits_has_no_documents() {
    let site = Site::with_database();
    assert_snapshot!(site.run("ls a.anb card"), @"[0]");
    assert_snapshot!(site.run("get a.anb card aa11"), @"
    2> error: Demo::Person.card has no document of aa11
    2> hint: `anabranch ls DB Demo::Person.card` lists the keys that have one
    [1]
    ");
    assert_snapshot!(site.run("get a.anb card aa11 --at @last"), @"
    2> error: a.anb has no commit yet
    2> hint: make one with `anabranch commit a.anb -m LABEL`
    [1]
    ");
}
