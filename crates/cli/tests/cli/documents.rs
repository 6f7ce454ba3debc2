//! The sessions in the documentation: each command is run, and must print what stands below it.

use std::fmt::Write;
use std::path::Path;

use crate::support::{Hidden, Ran, shell};

/// A command of a session, as a shell reads it, and what it prints.
struct Step {
    command: String,
    output: String,
}

/// The steps of all sessions in a document.
fn steps(document: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let blocks = document.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("console\n"));
    for line in blocks.flat_map(str::lines) {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { command: command.to_owned(), output: String::new() });
            continue;
        }
        let step = steps.last_mut().expect("a session starts with a command");
        match line.strip_prefix("> ").or_else(|| line.strip_prefix('>')) {
            Some(rest) if step.output.is_empty() => write!(step.command, "\n{rest}").unwrap(),
            _ => writeln!(step.output, "{line}").unwrap(),
        }
    }
    // Building is not what these tests are about.
    steps.retain(|step| !step.command.starts_with("cargo "));
    steps
}

/// The commands with what they print, ids and times hidden.
fn transcript(steps: Vec<Step>) -> String {
    let mut text = String::new();
    for step in steps {
        writeln!(text, "$ {}\n{}", step.command, step.output).unwrap();
    }
    Hidden::default().hide(&text)
}

/// Runs the sessions of a document in one scratch folder, and compares.
fn hold(path: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let document = std::fs::read_to_string(root.join(path)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut ran = Vec::new();
    for step in steps(&document) {
        let shell = shell(folder.path(), &format!("exec 2>&1\n{}", step.command));
        ran.push(Step { output: Ran::of(shell, "").stdout, command: step.command });
    }
    assert!(ran.len() > 5, "{path} has no session");
    assert_eq!(transcript(steps(&document)), transcript(ran), "{path}");
}

#[test]
fn the_page_on_the_command_line_shows_what_happens() {
    hold("docs/cli.md");
}

#[test]
fn the_readme_shows_what_happens() {
    hold("README.md");
}
