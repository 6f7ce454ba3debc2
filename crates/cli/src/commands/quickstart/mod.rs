//! `anabranch quickstart`: a guided tour that really runs.

use std::path::PathBuf;

use clap::Args;

use super::Outcome;
use crate::error::CliError;
use crate::output::Ui;

/// Take a tour that really runs: two sites that work apart and meet again
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch quickstart")]
pub(crate) struct Quickstart {
    /// The folder to work in, which must be new or empty
    #[arg(value_name = "DIR", default_value = "anabranch-quickstart")]
    folder: PathBuf,
}

impl Quickstart {
    pub(crate) fn run(&self, _ui: &mut Ui) -> Result<Outcome, CliError> {
        Err(CliError::new("later"))
    }
}
