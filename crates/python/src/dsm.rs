//! The DSM language: texts to definitions and back.

use std::path::{Path as FilePath, PathBuf};
use std::sync::{Mutex, PoisonError};

use anabranch::Definitions;
use anabranch::dsm::json::{self, DecodeOptions};
use anabranch::dsm::{Diagnostic, Severity, Sources, parse, print};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use crate::definitions::PyDefinitionsConst;
use crate::error::Outcome;

/// Collects the texts of a model.
#[pyclass(name = "DSMBuilder", module = "anabranch", frozen)]
#[derive(Default)]
pub(crate) struct PyDsmBuilder(Mutex<Sources>);

/// The `.dsm` files of a folder and of those inside it, by name.
fn files(folder: &FilePath, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "dsm") {
            found.push(path);
        }
    }
    Ok(())
}

fn read(path: &FilePath) -> std::io::Result<Vec<(String, String)>> {
    let mut paths = Vec::new();
    if path.is_dir() {
        files(path, &mut paths)?;
    } else {
        paths.push(path.to_owned());
    }
    paths.into_iter().map(|path| Ok((path.display().to_string(), std::fs::read_to_string(path)?))).collect()
}

#[pymethods]
impl PyDsmBuilder {
    /// A builder without texts.
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// A builder with the text of a file, or of every `.dsm` file of a folder.
    #[staticmethod]
    fn assemble(py: Python<'_>, path: PathBuf) -> Outcome<Self> {
        let builder = Self::default();
        let texts = py.detach(|| read(&path)).map_err(|error| {
            let message = format!("{}: {error}", path.display());
            match error.raw_os_error() {
                Some(number) => PyOSError::new_err((number, message)),
                None => PyOSError::new_err(message),
            }
        })?;
        for (source, content) in texts {
            builder.append(&source, &content);
        }
        Ok(builder)
    }

    /// Adds a text under the name that messages give it.
    fn append(&self, source: &str, content: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(source, content);
    }

    /// Reads the texts as one model: what is wrong with them, and, unless that is an error, what they declare.
    fn parse(
        &self,
        py: Python<'_>,
    ) -> (PyDsmParseReport, Option<PyDsmDefinitions>, Option<PyDefinitionsConst>) {
        let sources = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let report = py.detach(|| parse(&sources));
        let errors = report.diagnostics.iter().map(|it| PyDsmParseError::new(it, &sources)).collect();
        let model = report.model;
        (PyDsmParseReport(errors), model.clone().map(PyDsmDefinitions), model.map(PyDefinitionsConst))
    }
}

/// What is wrong with the texts of a model.
#[pyclass(name = "DSMParseReport", module = "anabranch", frozen)]
pub(crate) struct PyDsmParseReport(Vec<PyDsmParseError>);

#[pymethods]
impl PyDsmParseReport {
    /// Whether there is a mistake that leaves no model.
    fn has_error(&self) -> bool {
        self.0.iter().any(|it| it.severity == "error")
    }

    /// The mistakes, in the order of the texts.
    fn errors(&self) -> Vec<PyDsmParseError> {
        self.0.iter().filter(|it| it.severity == "error").cloned().collect()
    }

    /// What is not wrong but worth a look.
    fn warnings(&self) -> Vec<PyDsmParseError> {
        self.0.iter().filter(|it| it.severity != "error").cloned().collect()
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __str__(&self) -> String {
        self.0.iter().map(|it| it.rendered.as_str()).collect()
    }

    fn __repr__(&self) -> String {
        let errors = self.errors().len();
        format!("DSMParseReport({errors} errors, {} warnings)", self.0.len() - errors)
    }
}

/// One mistake in the texts of a model.
#[pyclass(name = "DSMParseError", module = "anabranch", frozen)]
#[derive(Clone)]
pub(crate) struct PyDsmParseError {
    source: String,
    line: usize,
    column: usize,
    code: &'static str,
    severity: String,
    message: String,
    help: Option<String>,
    rendered: String,
}

impl PyDsmParseError {
    fn new(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let location = diagnostic.location(sources);
        Self {
            source: sources.get(diagnostic.span.source).map_or_else(String::new, |it| it.name().to_owned()),
            line: location.line,
            column: location.column,
            code: diagnostic.code.as_str(),
            severity: if diagnostic.severity == Severity::Error { "error" } else { "warning" }.to_owned(),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            rendered: diagnostic.render(sources, false),
        }
    }
}

#[pymethods]
impl PyDsmParseError {
    /// The text that it is in, as it was named.
    fn source(&self) -> &str {
        &self.source
    }

    /// The line, from 1.
    fn line(&self) -> usize {
        self.line
    }

    /// The column, from 1.
    fn column(&self) -> usize {
        self.column
    }

    /// The kind of mistake: `unknown-type`.
    fn code(&self) -> &str {
        self.code
    }

    /// `error` or `warning`.
    fn severity(&self) -> &str {
        &self.severity
    }

    /// What is wrong.
    fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    fn __str__(&self) -> &str {
        &self.rendered
    }

    fn __repr__(&self) -> String {
        format!("{}:{}:{}: {}: {}", self.source, self.line, self.column, self.severity, self.message)
    }
}

/// Definitions as DSM says them.
#[pyclass(name = "DSMDefinitions", module = "anabranch", frozen, eq)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyDsmDefinitions(pub(crate) Definitions);

#[pymethods]
impl PyDsmDefinitions {
    /// The definitions as a text.
    fn to_dsm(&self) -> String {
        print(&self.0)
    }

    /// The definitions in the interchange form for code generators.
    fn json_encode(&self) -> String {
        json::encode(&self.0).to_string()
    }

    /// The definitions that a JSON text says; under the ids that it gives them, when those are to be kept.
    #[staticmethod]
    #[pyo3(signature = (text, keep_runtime_ids = false))]
    fn json_decode(text: &str, keep_runtime_ids: bool) -> Outcome<Self> {
        Ok(Self(DecodeOptions::default().with_runtime_ids(keep_runtime_ids).decode_str(text)?))
    }

    /// The definitions themselves.
    fn definitions(&self) -> PyDefinitionsConst {
        PyDefinitionsConst(self.0.clone())
    }

    fn __str__(&self) -> String {
        self.to_dsm()
    }

    fn __repr__(&self) -> String {
        format!("DSMDefinitions({} definitions)", self.0.len())
    }
}
