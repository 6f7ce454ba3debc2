//! `anabranch completions`: what lets a shell complete commands.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Outcome;
use crate::args::Cli;
use crate::error::CliError;
use crate::output::Ui;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  anabranch completions bash > ~/.local/share/bash-completion/completions/anabranch"
)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        // Into memory first: the generator panics where writing fails.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "anabranch", &mut script);
        ui.out().write_all(&script)?;
        Ok(Outcome::Done)
    }
}
