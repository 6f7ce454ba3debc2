//! `anabranch generate`: code for a model.

use std::fs;
use std::path::PathBuf;

use anabranch::typed::generate;
use clap::{Args, Subcommand};

use super::{Outcome, check};
use crate::error::CliError;
use crate::output::Ui;

/// Generate code for a model, so that programs need not spell names as strings
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch generate rust model/ -o src/model.rs")]
pub(crate) struct Generate {
    #[command(subcommand)]
    language: Language,
}

#[derive(Debug, Subcommand)]
enum Language {
    Rust(Rust),
}

/// Print a Rust module: structures, enumerations, keys and attachments
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch generate rust model/ -o src/model.rs\n\n\
                        The code needs nothing but the crate `anabranch`.")]
struct Rust {
    /// Files, or folders with .dsm files in them
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,
    /// Write to a file rather than print; one that is the same already is not touched
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Generate {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let Language::Rust(rust) = &self.language;
        let definitions = check::definitions(&rust.models, ui)?;
        let code = generate::rust(&definitions).map_err(|error| CliError::new(error.to_string()))?;
        let Some(file) = &rust.output else {
            ui.out().write_all(code.as_bytes())?;
            return Ok(Outcome::Done);
        };
        // An untouched file spares whoever builds it the building.
        if fs::read(file).is_ok_and(|known| known == code.as_bytes()) {
            return Ok(Outcome::Done);
        }
        fs::write(file, code).map_err(|error| CliError::file("write", file, &error))?;
        Ok(Outcome::Done)
    }
}
