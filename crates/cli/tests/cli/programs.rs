//! What programs rely on: JSON, exit codes, colours that are not in the way, pipes that close.

use std::process::Stdio;

use insta::assert_snapshot;

use crate::support::{Ran, Site};

#[test]
fn every_line_is_json_when_json_is_asked_for() {
    let site = Site::with_people();
    site.run("init b.anb --model model.dsm").ok();
    site.run_with("bytes", "blob put a.anb").ok();
    let lines = [
        "check model.dsm",
        "init c.anb --model model.dsm",
        "extend a.anb --model model.dsm",
        "model a.anb",
        "info a.anb",
        "ls a.anb",
        "ls a.anb card",
        "get a.anb card aa11",
        "log a.anb",
        "log a.anb --graph",
        "show a.anb @last",
        "heads a.anb",
        "fmt model.dsm",
        "update a.anb card aa11 .age 36",
        "diff a.anb @first",
        "diff a.anb @first --stat",
        "blame a.anb card aa11",
        "trace a.anb card aa11",
        "undo a.anb",
        "redo a.anb",
        "export a.anb out",
        "import out d.anb",
        "flatten a.anb e.anb",
        "clone a.anb f.anb",
        "gc a.anb --dry-run",
        "disable a.anb @last",
        "enable a.anb @last",
        "reduce a.anb",
        "fetch b.anb a.anb",
        "push b.anb a.anb",
        "sync a.anb b.anb",
        "blob ls a.anb",
        "verify a.anb",
    ];
    for line in lines {
        let ran = site.run(&format!("{line} --json")).ok();
        for text in ran.stdout.lines() {
            let json: serde_json::Value =
                serde_json::from_str(text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"));
            assert!(json.is_object(), "{line}: {text}");
        }
        assert_eq!(ran.stderr, "", "{line}");
    }
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let site = Site::with_people();
    let escape = '\u{1b}';
    assert!(!site.run("log a.anb --graph").ok().stdout.contains(escape));
    assert!(site.run("log a.anb --graph --color always").ok().stdout.contains(escape));
    assert!(!site.run("log a.anb --graph --color never").ok().stdout.contains(escape));
    assert!(site.run("--color always info none.anb").stderr.contains(escape));
    let mut command = site.command("log a.anb");
    command.env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1");
    assert!(!Ran::of(command, "").ok().stdout.contains(escape));
}

#[test]
fn times_are_told_from_the_moment_that_the_environment_sets() {
    let site = Site::with_people();
    let mut command = site.command("log a.anb");
    // A clock far behind: the commit is yet to come.
    command.env("ANABRANCH_NOW", "0");
    assert_snapshot!(Ran::of(command, ""), @"
    AAAAAAAAAAAA  0000-00-00 00:00:00 UTC  People  ann  (head)
    [0]
    ");
}

#[test]
fn lines_are_as_wide_as_the_environment_says() {
    let site = Site::with_people();
    let width = |columns: &str| {
        let mut command = site.command("ls a.anb card");
        command.env("COLUMNS", columns);
        let ran = Ran::of(command, "").ok();
        ran.stdout.lines().map(|line| line.chars().count()).max().unwrap()
    };
    assert_eq!(width("60"), 60);
    assert_eq!(width("120"), 120);
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let site = Site::with_people();
    let lines: Vec<String> = (0..3000)
        .map(|number| {
            format!(
                r#"{{"op":"set","attachment":"card","key":"00000000-0000-4000-9000-{number:012}","value":{{"name":"{number}"}}}}"#
            )
        })
        .collect();
    site.run_with(&lines.join("\n"), "commit a.anb -m Many").ok();
    for line in ["get a.anb card --json", "ls a.anb card", "show a.anb @last --full", "model a.anb"] {
        let mut child = site
            .command(line)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Closed at once, as by a reader that wants nothing.
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
        assert_eq!(output.status.code(), Some(0), "{line}");
    }
}

#[test]
fn results_go_to_standard_output_and_talk_to_standard_error() {
    let site = Site::with_people();
    let rename = r#"{"op":"update","attachment":"card","key":"aa11","path":".name","value":"Alicia"}"#;
    let ran = site.run_with(rename, "commit a.anb -m Longer").ok();
    assert_eq!(ran.stdout.trim().len(), 64);
    assert_eq!(ran.stdout.lines().count(), 1);
    assert_eq!(ran.stderr, "1 mutation committed to a.anb\n");
}
