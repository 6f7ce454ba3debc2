//! Good models: what is printed, laid out or written as JSON reads as the same model again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

use anabranch_dsm::{Sources, json};
use anabranch_model::{Definitions, Value};

fn read(sources: &Sources) -> Definitions {
    let report = anabranch_dsm::parse(sources);
    let said: String =
        report.diagnostics.iter().map(|diagnostic| diagnostic.render(sources, false)).collect();
    assert_eq!(said, "");
    report.model.unwrap()
}

fn read_text(text: &str) -> Definitions {
    read(&Sources::single("printed.dsm", text))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "dsm"));
    files.sort();
    files
}

/// The models of `good/`, one a file, and the sample model, which is several files.
fn models() -> Vec<Sources> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = |file: &PathBuf| {
        anabranch_dsm::Source::new(file.to_string_lossy(), fs::read_to_string(file).unwrap())
    };
    let mut models: Vec<Sources> =
        files(&root.join("tests/good")).iter().map(|file| std::iter::once(source(file)).collect()).collect();
    models.push(files(&root.join("../../examples/studio/model")).iter().map(source).collect());
    models
}

/// Equal runtime ids are equal definitions, but for their documentation, which only the JSON form shows as a whole.
fn assert_same(ours: &Definitions, theirs: &Definitions) {
    assert_eq!(ours, theirs);
    assert_eq!(json::encode(ours), json::encode(theirs));
}

#[test]
fn a_printed_model_reads_as_the_same() {
    for sources in models() {
        let model = read(&sources);
        let printed = anabranch_dsm::print(&model);
        let again = read_text(&printed);
        assert_same(&model, &again);
        assert_eq!(anabranch_dsm::print(&again), printed);
    }
}

#[test]
fn a_printed_model_is_laid_out() {
    for sources in models() {
        let printed = anabranch_dsm::print(&read(&sources));
        assert_eq!(anabranch_dsm::format(&printed).unwrap(), printed);
    }
}

#[test]
fn a_laid_out_model_reads_as_the_same() {
    for sources in models() {
        let laid_out = sources
            .iter()
            .map(|source| {
                anabranch_dsm::Source::new(source.name(), anabranch_dsm::format(source.text()).unwrap())
            })
            .collect();
        assert_same(&read(&sources), &read(&laid_out));
    }
}

#[test]
fn a_model_reads_back_from_json() {
    for sources in models() {
        let model = read(&sources);
        let document = json::encode(&model);
        assert_same(&model, &json::decode(&document).unwrap());
        assert_same(&model, &json::decode_str(&document.to_string()).unwrap());
    }
}

#[test]
fn the_order_of_sources_and_declarations_does_not_matter() {
    for sources in models() {
        let reversed: Sources = sources.iter().cloned().collect::<Vec<_>>().into_iter().rev().collect();
        assert_same(&read(&sources), &read(&reversed));
    }
}

#[test]
fn the_print_and_the_json_of_a_model_stay_what_they_are() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("good");
    settings.set_omit_expression(true);
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good/everything.dsm")).unwrap();
    let model = read_text(&text);
    settings.bind(|| {
        insta::assert_snapshot!("printed", anabranch_dsm::print(&model));
        insta::assert_snapshot!("laid_out", anabranch_dsm::format(&text).unwrap());
        insta::assert_snapshot!("json", serde_json::to_string_pretty(&json::encode(&model)).unwrap());
    });
}

#[test]
fn defaults_are_the_values_that_were_written() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good/everything.dsm")).unwrap();
    let model = read_text(&text);
    let all = model.find_structure("Studio::All").unwrap();
    let default = |field: &str| all.field(field).unwrap().default.clone().unwrap();
    assert_eq!(default("i64"), Value::Int64(i64::MIN));
    assert_eq!(default("u64"), Value::UInt64(u64::MAX));
    assert_eq!(default("f"), Value::Float(1.5e-3));
    assert!(matches!(default("d"), Value::Double(number) if number == 0.0 && number.is_sign_negative()));
    assert_eq!(default("s"), Value::from("say \"hi\"\né😀"));
    assert!(matches!(default("stage"), Value::Enumeration(case) if case.name() == "is"));
    let Value::Set(set) = default("set") else { panic!() };
    assert_eq!(set.items(), [Value::from("a"), Value::from("b")]);
    let Value::Mat(columns) = default("columns") else { panic!() };
    let Value::Mat(flat) = default("flat") else { panic!() };
    assert_eq!((columns.columns().len(), flat.columns().len()), (2, 2));
    assert!(all.field("maybe").unwrap().default.is_none());
}
