//! `export` and `import`: states as open files.

use insta::assert_snapshot;

use crate::support::Site;

/// People, of whom one has a picture.
fn with_picture() -> Site {
    let site = Site::with_people();
    let blob = site.run_with("picture", "blob put a.anb").ok().stdout.trim().to_owned();
    site.run(&format!("update a.anb card aa11 .picture '\"{blob}\"'")).ok();
    site.run("set a.anb motto Person:aa110000-0000-4000-8000-000000000001 --text Onward").ok();
    site
}

#[test]
fn a_state_goes_out_and_comes_back() {
    let site = with_picture();
    assert_snapshot!(site.run("export a.anb out"), @"
    exported 3 documents of 2 attachments and 1 blob (7 B) to out
    [0]
    ");
    assert_snapshot!(String::from_utf8(site.read("out/documents/Demo.Party.motto.json")).unwrap(), @r#"
    {
    "attachment": "Demo::Party.motto",
    "documents": [
    {"key":["aa110000-0000-4000-8000-000000000001","a2622c21-a551-8b16-b8b7-70c4fd974bb1"],"value":"Onward"}
    ]
    }
    "#);
    assert_snapshot!(site.run("import out b.anb -m Handover"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> imported 3 documents and 1 blob (7 B)
    [0]
    ");
    let fingerprint = |database: &str| site.run(&format!("info {database} --fingerprint")).ok().stdout;
    assert_eq!(fingerprint("a.anb"), fingerprint("b.anb"));
    assert_snapshot!(site.run("log b.anb"), @"
    AAAAAAAAAAAA  just now        Handover  ann  (head)
    [0]
    ");
    site.run("verify b.anb").ok();
    assert_snapshot!(site.run("import out a.anb"), @"
    2> imported 3 documents (3 as they were) and 1 blob (7 B)
    2> note: nothing changes, so nothing was committed
    [0]
    ");
    site.run("update a.anb card bb22 .age 28").ok();
    assert_snapshot!(site.run("import out a.anb"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    2> imported 3 documents (2 as they were) and 1 blob (7 B)
    [0]
    ");
    assert_eq!(fingerprint("a.anb"), fingerprint("b.anb"));
    let ran = site.run("export a.anb first --at @first --json").ok().json();
    assert_eq!((ran["documents"].as_u64(), ran["blobs"].as_u64()), (Some(2), Some(0)));
    let ran = site.run("import first c.anb --json --keep-runtime-ids").ok().json();
    assert_eq!((ran["documents"].as_u64(), ran["changed"].as_u64()), (Some(2), Some(2)));
}

#[test]
fn what_is_in_the_way_stays() {
    let site = with_picture();
    std::fs::create_dir(site.path("full")).unwrap();
    site.write("full/file", "mine");
    assert_snapshot!(site.run("export a.anb full"), @"
    2> error: full is not empty
    2> hint: name a new folder
    [1]
    ");
    assert_snapshot!(site.run("export a.anb a.anb"), @"
    2> error: cannot read a.anb: not a directory
    [1]
    ");
    assert_snapshot!(site.run("export a.anb no/where"), @"
    2> error: cannot create no/where: no such file or directory
    [1]
    ");
    assert_snapshot!(site.run("import full b.anb"), @"
    2> error: full is no bundle, it has no manifest.json
    2> hint: name the folder that `export` wrote
    [1]
    ");
    assert_snapshot!(site.run("import none b.anb"), @"
    2> error: none is no bundle, it has no manifest.json
    2> hint: name the folder that `export` wrote
    [1]
    ");
    assert!(!site.path("b.anb").exists());
    site.run("export a.anb out").ok();
    site.write("out/documents/Demo.Party.motto.json", "{}");
    assert_snapshot!(site.run("import out b.anb"), @"
    2> error: out/documents/Demo.Party.motto.json: `$.documents` must be an array
    [1]
    ");
    assert!(!site.path("b.anb").exists());
    // A database whose names stand for other things.
    site.write("other.dsm", crate::support::MODEL.replace("uint8 age", "uint16 age"));
    site.run("init other.anb --model other.dsm").ok();
    site.run("export a.anb again").ok();
    assert_snapshot!(site.run("import again other.anb"), @"
    2> error: struct Demo::Card is defined twice: as uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu here and as vvvvvvvv-vvvv-vvvv-vvvv-vvvvvvvvvvvv there
    2> hint: a definition is sealed, so a changed one needs a new name
    [1]
    ");
}
