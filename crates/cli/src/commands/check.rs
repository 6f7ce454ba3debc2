//! `anabranch check`: whether a model is one.

use std::fs;
use std::path::{Path, PathBuf};

use anabranch::Definitions;
use anabranch::dsm::{self, Report, Severity, Sources};
use clap::Args;
use serde_json::json;

use super::Outcome;
use crate::error::CliError;
use crate::output::Ui;
use crate::output::number;
use crate::output::style::{Label, paint};

/// Check a model, and show everything that is wrong with it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch check model/\n\nExits with 1 when the model has errors.")]
pub(crate) struct Check {
    /// Files, or folders with .dsm files in them
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,
}

impl Check {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let sources = read(&self.models)?;
        let report = dsm::parse(&sources);
        if ui.is_json {
            for diagnostic in &report.diagnostics {
                let location = diagnostic.location(&sources);
                let file = sources.get(diagnostic.span.source).map(|source| source.name().to_owned());
                ui.json(&json!({
                    "file": file,
                    "line": location.line,
                    "column": location.column,
                    "severity": diagnostic.severity.to_string(),
                    "code": diagnostic.code.to_string(),
                    "message": diagnostic.message,
                    "help": diagnostic.help,
                }))?;
            }
        } else {
            show(&report, &sources, ui)?;
        }
        let Some(model) = report.model else {
            if !ui.is_json {
                let files = number::of(sources.len() as u64, "file", "files");
                writeln!(ui.talk()?, "{} in {files}", faults(&report))?;
            }
            return Ok(Outcome::Unsound);
        };
        if !ui.is_json {
            let files = number::of(sources.len() as u64, "file", "files");
            let definitions = number::of(model.len() as u64, "definition", "definitions");
            writeln!(ui.out(), "{} {definitions} in {files}", paint(Label::Good, "ok:"))?;
        }
        Ok(Outcome::Done)
    }
}

/// The definitions of a model that is about to be used; what is wrong with it is shown.
pub(crate) fn definitions(models: &[PathBuf], ui: &mut Ui) -> Result<Definitions, CliError> {
    let sources = read(models)?;
    let report = dsm::parse(&sources);
    show(&report, &sources, ui)?;
    let faults = faults(&report);
    report.model.ok_or_else(|| CliError::new(format!("the model has {faults}; nothing was changed")))
}

fn show(report: &Report, sources: &Sources, ui: &mut Ui) -> Result<(), CliError> {
    let has_colour = ui.has_colour();
    let talk = ui.talk()?;
    for diagnostic in &report.diagnostics {
        writeln!(talk, "{}", diagnostic.render(sources, has_colour))?;
    }
    Ok(())
}

fn faults(report: &Report) -> String {
    let errors =
        report.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    number::of(errors as u64, "error", "errors")
}

/// The texts of the files, and of all `.dsm` files in the folders, in order of their paths.
fn read(models: &[PathBuf]) -> Result<Sources, CliError> {
    let mut sources = Sources::new();
    for file in files(models)? {
        sources.add(file.display().to_string(), text(&file)?);
    }
    Ok(sources)
}

/// The files, and all `.dsm` files in the folders, in order of their paths.
pub(crate) fn files(models: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut files = Vec::new();
    for model in models {
        if model.is_dir() {
            let before = files.len();
            collect(model, &mut files)?;
            if files.len() == before {
                return Err(CliError::new(format!("there is no .dsm file in {}", model.display()))
                    .hint("check the path; models are written in files that end in .dsm"));
            }
            files[before..].sort();
        } else {
            files.push(model.clone());
        }
    }
    Ok(files)
}

/// The text of a file.
pub(crate) fn text(file: &Path) -> Result<String, CliError> {
    let hint = "give the path of a .dsm file, or of a folder with such files";
    let bytes = fs::read(file).map_err(|error| CliError::file("read", file, &error).hint(hint))?;
    String::from_utf8(bytes)
        .map_err(|_| CliError::new(format!("{} is not a text in UTF-8", file.display())).hint(hint))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CliError> {
    let refused = |error| CliError::file("read", folder, &error);
    for entry in fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let path = entry.path();
        // Links are not followed: they could lead round in circles.
        if entry.file_type().map_err(refused)?.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "dsm") {
            files.push(path);
        }
    }
    Ok(())
}
