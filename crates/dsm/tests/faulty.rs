//! Every faulty model with everything that is said about it, as a person reads it.
//!
//! Each file of `faulty/`, or folder of files read together, is one model; its text is the snapshot of the same name. After a
//! change read the differences as a person would: is the message plain, does it help, does it point at the right place?

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

use anabranch_dsm::{Code, Severity, Sources};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faulty")
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// Names and sources of all faulty models.
fn models() -> Vec<(String, Sources)> {
    let is_model =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "dsm") || path.is_dir();
    let mut models = Vec::new();
    for path in sorted(&folder()).into_iter().filter(is_model) {
        let files = if path.is_dir() { sorted(&path) } else { vec![path.clone()] };
        let mut sources = Sources::new();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            sources.add(file.strip_prefix(folder()).unwrap().to_string_lossy(), text);
        }
        models.push((stem(&path), sources));
    }
    models
}

#[test]
fn every_mistake_is_explained() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("faulty");
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, sources) in models() {
            let report = anabranch_dsm::parse(&sources);
            let text: String =
                report.diagnostics.iter().map(|diagnostic| diagnostic.render(&sources, false)).collect();
            insta::assert_snapshot!(name, text);
        }
    });
}

#[test]
fn no_faulty_model_is_given() {
    let mut count = 0;
    for (name, sources) in models() {
        let report = anabranch_dsm::parse(&sources);
        assert!(!report.diagnostics.is_empty(), "{name} is fine");
        let has_errors = report.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        assert_eq!(report.model.is_none(), has_errors, "{name}");
        count += 1;
    }
    assert!(count >= 60, "{count} faulty models are too few");
}

#[test]
fn every_snapshot_has_its_model() {
    let names: Vec<String> = models().into_iter().map(|(name, _)| name).collect();
    for path in sorted(&folder()) {
        if path.extension().is_some_and(|extension| extension == "snap") {
            assert!(names.contains(&stem(&path)), "{} is left over", path.display());
        }
    }
}

#[test]
fn every_code_but_the_rare_ones_has_a_faulty_model() {
    // Four gigabytes, a thousand mistakes, and what no text is known to reach.
    let rare = [Code::SourceTooLarge, Code::TooManyMistakes, Code::Refused];
    let seen: Vec<Code> = models()
        .iter()
        .flat_map(|(_, sources)| anabranch_dsm::parse(sources).diagnostics)
        .map(|diagnostic| diagnostic.code)
        .collect();
    let missing: Vec<Code> =
        Code::ALL.iter().copied().filter(|code| !seen.contains(code) && !rare.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
