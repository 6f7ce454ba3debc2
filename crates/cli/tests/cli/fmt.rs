//! `fmt`: models in their canonical layout.

use insta::assert_snapshot;

use crate::support::Site;

const UNTIDY: &str = "namespace  Demo {5f0d9a3e-6d1b-4c58-9a55-0c1f6c8f0a11} {\n// kept\n\tconcept Person;  \n   concept Team ;\n};\n";

#[test]
fn files_are_laid_out_in_place() {
    let site = Site::new();
    site.write("untidy.dsm", UNTIDY);
    assert_snapshot!(site.run("fmt --check untidy.dsm"), @"
    untidy.dsm
        1 - namespace  Demo {uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu} {
        2 - // kept
        3 - →   concept Person;··
        4 -    concept Team ;
          + namespace Demo {uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu} {
          +     // kept
          +     concept Person;
          +     concept Team;
        5   };
    2> 1 of 1 file would change
    [1]
    ");
    assert_eq!(site.read("untidy.dsm"), UNTIDY.as_bytes());
    assert_snapshot!(site.run("fmt --check untidy.dsm --json"), @r#"
    {"file":"untidy.dsm","is_changed":true}
    [1]
    "#);
    assert_snapshot!(site.run("fmt untidy.dsm"), @"
    2> 1 of 1 file changed
    [0]
    ");
    assert_snapshot!(String::from_utf8(site.read("untidy.dsm")).unwrap(), @"
    namespace Demo {5f0d9a3e-6d1b-4c58-9a55-0c1f6c8f0a11} {
        // kept
        concept Person;
        concept Team;
    };
    ");
    assert_snapshot!(site.run("fmt --check untidy.dsm"), @"
    2> nothing would change in 1 file
    [0]
    ");
}

#[test]
fn folders_are_searched_and_what_cannot_be_read_stays() {
    let site = Site::new();
    std::fs::create_dir_all(site.path("models/deep")).unwrap();
    site.write("models/deep/untidy.dsm", UNTIDY);
    site.write("models/broken.dsm", "namespace Demo {\n");
    assert_snapshot!(site.run("fmt models"), @"
    2> models/broken.dsm:1:16: error: expected a UUID, found `{`
    2>     1 | namespace Demo {
    2>       |                ^
    2>   help: a namespace is identified by a UUID, written `{8-4-4-4-12}` with hexadecimal digits after the name
    2> 
    2> models/broken.dsm:1:16: error: the namespace `Demo` is not closed
    2>     1 | namespace Demo {
    2>       |                ^
    2>   help: close it with `};`
    2> 
    2> 1 of 2 files changed
    2> error: 1 file could not be read as a model, and stayed as before
    [1]
    ");
    assert_eq!(site.read("models/broken.dsm"), b"namespace Demo {\n");
    assert_ne!(site.read("models/deep/untidy.dsm"), UNTIDY.as_bytes());
    assert_snapshot!(site.run("fmt none.dsm"), @"
    2> error: cannot read none.dsm: no such file or directory
    2> hint: give the path of a .dsm file, or of a folder with such files
    [1]
    ");
    std::fs::create_dir(site.path("empty")).unwrap();
    assert_snapshot!(site.run("fmt empty"), @"
    2> error: there is no .dsm file in empty
    2> hint: check the path; models are written in files that end in .dsm
    [1]
    ");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let site = Site::new();
    assert_snapshot!(site.run_with(UNTIDY, "fmt -"), @"
    namespace Demo {uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu} {
        // kept
        concept Person;
        concept Team;
    };
    [0]
    ");
    assert_snapshot!(site.run_with("namespace", "fmt -"), @"
    2> standard input:1:10: error: expected the name of a namespace, found the end of the file
    2>     1 | namespace
    2>       |          ^
    2> 
    2> error: standard input cannot be read as a model
    [1]
    ");
    assert_eq!(site.run_with(UNTIDY, "fmt - --check").code, Some(1));
    assert_snapshot!(site.run_with(UNTIDY, "fmt - model.dsm"), @"
    2> error: `-` stands alone
    2> hint: give files and folders, or `-`
    [2]
    ");
}
