//! `anabranch clone`: a new file with all that another database holds.

use std::time::Instant;

use anabranch::clone_database;
use clap::Args;
use serde_json::json;

use super::sync::{show, transfer_json, transfer_text};
use super::{Outcome, open};
use crate::args::Location;
use crate::error::CliError;
use crate::interrupt;
use crate::output::Ui;
use crate::output::number::duration;
use crate::output::style::{Label, paint};

/// Create a database with all that another one holds
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch clone https://studio.example.org/main studio.anb\n  \
    anabranch clone studio.anb copy.anb\n\n\
    What is interrupted goes on where it was when the same command is run again. The two are equal\n\
    from then on: `anabranch sync` brings each what the other has.")]
pub(crate) struct Clone {
    /// The database to clone
    #[arg(value_name = "SOURCE")]
    source: Location,
    /// The file to create; there must be none
    #[arg(value_name = "FILE")]
    file: Location,
}

impl Clone {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let path = self.file.path()?;
        let source = open(&self.source)?;
        let started = Instant::now();
        let mut progress = ui.progress("comparing");
        let mut stopping = None;
        let cloned = clone_database(
            &source,
            source.documentation(),
            path,
            |cancellation| stopping = Some(interrupt::stopping(move || cancellation.cancel())),
            &mut |pass| show(&mut progress, pass),
        )?;
        drop((progress, stopping));
        let transfer = &cloned.info.fetch;
        if ui.is_json {
            let mut json = transfer_json(transfer);
            json["database"] = json!(path.display().to_string());
            json["is_resumed"] = json!(cloned.is_resumed);
            ui.json(&json)?;
            return Ok(Outcome::Done);
        }
        let took = paint(Label::Faint, duration(started.elapsed()));
        let copied = transfer_text(transfer).unwrap_or_else(|| "nothing".to_owned());
        let rest = if cloned.is_resumed { " the rest:" } else { "" };
        writeln!(ui.out(), "cloned {} to {}:{rest} {copied}  {took}", source.location(), path.display())?;
        Ok(Outcome::Done)
    }
}
