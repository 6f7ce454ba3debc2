//! `anabranch manual`: the manual, from the declarations of the commands.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};

use super::Outcome;
use crate::args::Cli;
use crate::error::CliError;
use crate::output::Ui;

/// How wide the help texts are.
const WIDTH: usize = 100;

/// Print the manual as Markdown, or write man pages
#[derive(Debug, Args)]
#[command(
    hide = true,
    after_help = "Examples:\n  anabranch manual > docs/commands.md\n  \
    anabranch manual --man-pages /usr/local/share/man/man1"
)]
pub(crate) struct Manual {
    /// Write a man page for each command to this folder
    #[arg(long, value_name = "DIR")]
    man_pages: Option<PathBuf>,
}

impl Manual {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        match &self.man_pages {
            None => write!(ui.out(), "{}", text())?,
            Some(folder) => {
                let mut command = Cli::command();
                command.build();
                let pages = write_pages(&command, folder)
                    .map_err(|error| CliError::file("write man pages to", folder, &error))?;
                ui.tell(format_args!("{pages} man pages written to {}", folder.display()))?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// The whole manual.
fn text() -> String {
    let mut command = Cli::command().term_width(WIDTH);
    command.build();
    let mut text = "# Commands\n\n\
        Printed by `anabranch manual`; a test holds it equal to what the commands say of themselves. \
        [The command line](cli.md) says what\nholds for all of them.\n"
        .to_owned();
    section(&mut text, &mut command, "");
    text
}

/// What a command and those inside it say of themselves.
fn section(text: &mut String, command: &mut Command, outer: &str) {
    let name = format!("{outer}{}", command.get_name());
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    // Writing to a string cannot fail.
    let _ = write!(text, "\n## {name}\n\n```text\n{}\n```\n", lines.join("\n").trim());
    let inner: Vec<String> = command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set() && inner.get_name() != "help")
        .map(|inner| inner.get_name().to_owned())
        .collect();
    for inner in inner {
        if let Some(inner) = command.find_subcommand_mut(&inner) {
            section(text, inner, &format!("{name} "));
        }
    }
}

/// Writes a page for a command and those inside it; answers how many.
fn write_pages(command: &Command, folder: &Path) -> io::Result<u64> {
    fs::create_dir_all(folder)?;
    let mut pages = 1;
    clap_mangen::Man::new(command.clone()).generate_to(folder)?;
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        pages += write_pages(inner, folder)?;
    }
    Ok(pages)
}
