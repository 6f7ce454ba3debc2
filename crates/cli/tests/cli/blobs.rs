//! The pool: `blob put`, `get`, `ls`, `stat`.

use insta::assert_snapshot;

use crate::support::{Ran, Site, shell};

#[test]
fn what_is_put_can_be_got() {
    let site = Site::with_database();
    site.write("one.bin", "one");
    site.write("two.bin", "two of them");
    assert_snapshot!(site.run("blob put a.anb one.bin"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    [0]
    ");
    assert_snapshot!(site.run("blob put a.anb one.bin two.bin"), @"
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA  one.bin
    BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB  two.bin
    [0]
    ");
    let id = site.run_with("piped", "blob put a.anb").ok().stdout;
    assert_snapshot!(site.run(&format!("blob get a.anb {}", &id[..8])), @"
    piped
    [0]
    ");
    assert_snapshot!(site.run(&format!("blob get a.anb {} -o out.bin", id.trim())), @"
    2> 5 B written to out.bin
    [0]
    ");
    assert_eq!(site.read("out.bin"), b"piped");
    assert_snapshot!(site.run(&format!("blob get a.anb {} -o out.bin", id.trim())), @"
    2> error: out.bin exists already, and was left as it is
    2> hint: choose another name
    [1]
    ");
    assert_snapshot!(site.run("blob ls a.anb"), @"
    AAAAAAAAAAAA  uchar-1   5 B  just now
    BBBBBBBBBBBB  uchar-1   3 B  just now
    CCCCCCCCCCCC  uchar-1  11 B  just now
    [0]
    ");
    assert_snapshot!(site.run(&format!("blob stat a.anb {}", &id[..4])), @"
    blob     AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    layout   uchar-1
    size     5 bytes
    chunks   1
    content  BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
    stored   just now
    [0]
    ");
}

#[test]
fn programs_read_it_too() {
    let site = Site::with_database();
    assert_snapshot!(site.run_with("123456789012", "blob put a.anb --layout float-3 --json"), @r#"
    {"blob":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","layout":"float-3","size":12,"file":"-"}
    [0]
    "#);
    let id = site.run("blob ls a.anb --json").ok().json()["blob"].as_str().unwrap().to_owned();
    assert_snapshot!(site.run("blob ls a.anb --json"), @r#"
    {"blob":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","layout":"float-3","size":12,"content":"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB","stored":"0000-00-00T00:00:00Z"}
    [0]
    "#);
    assert_snapshot!(site.run(&format!("blob stat a.anb {id} --json")), @r#"
    {"blob":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","layout":"float-3","size":12,"content":"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB","stored":"0000-00-00T00:00:00Z","chunks":1}
    [0]
    "#);
}

#[test]
fn the_layout_is_part_of_what_a_blob_is() {
    let site = Site::with_database();
    let bytes = site.run_with("123456789012", "blob put a.anb").ok().stdout;
    let points = site.run_with("123456789012", "blob put a.anb --layout float-3").ok().stdout;
    assert_ne!(bytes, points);
    assert_snapshot!(site.run_with("1234", "blob put a.anb --layout float-3"), @"
    2> error: standard input: 4 bytes are not a whole number of float-3 elements
    [1]
    ");
    assert_snapshot!(site.run_with("1234", "blob put a.anb --layout vec3"), @"
    2> error: `vec3` is not a blob layout
    2> hint: one reads like uchar-1, float-3 or double-16
    [1]
    ");
}

#[test]
fn any_bytes_pass_through_pipes_as_they_are() {
    let site = Site::with_database();
    // Every pair of bytes, colours of a terminal and invalid text among them.
    let pairs: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_be_bytes).collect();
    let coloured = b"\x1b[31mred\x1b[0m \x1b]8;;x\x1b\\ \xff\xfe\xc3";
    for content in [&pairs[..], coloured] {
        site.write("in.bin", content);
        let run = shell(
            &site.path(""),
            "id=$(anabranch blob put a.anb in.bin) && anabranch blob get a.anb $id | cat > out.bin",
        );
        assert_eq!(Ran::of(run, "").code, Some(0));
        assert!(site.read("out.bin") == content);
    }
}

#[test]
fn what_is_not_there_is_said() {
    let site = Site::with_database();
    assert_snapshot!(site.run("blob get a.anb 1234"), @"
    2> error: there is no blob 1234 in a.anb
    2> hint: `anabranch blob ls a.anb` lists what there is
    [1]
    ");
    assert_snapshot!(site.run("blob get a.anb 12"), @"
    2> error: 12 is too short to name a blob
    2> hint: give 4 digits or more
    [1]
    ");
    assert_snapshot!(site.run("blob get a.anb picture.png"), @"
    2> error: `picture.png` names no blob
    2> hint: a blob is named by its id, or the first digits of it
    [1]
    ");
    assert_snapshot!(site.run("blob put a.anb none.bin"), @"
    2> error: cannot read none.bin: no such file or directory
    [1]
    ");
    assert_snapshot!(site.run("blob put a.anb ."), @"
    2> error: . is a folder
    2> hint: give the paths of files
    [1]
    ");
    assert_snapshot!(site.run("blob"), @"
    2> error: no command was given
    2> hint: `anabranch blob --help` lists them
    [2]
    ");
}
