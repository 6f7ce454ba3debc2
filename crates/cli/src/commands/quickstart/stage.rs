//! Saying what happens next, and making it happen: with the very command line that is printed.

use anabranch::remote::ServerHandle;
use serde_json::json;

use crate::args::{self, Command};
use crate::commands;
use crate::commands::Outcome;
use crate::error::{CliError, Refusal};
use crate::output::Ui;
use crate::output::number::of;
use crate::output::style::{Label, paint};

/// How much of a command's output is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown {
    /// All of it.
    All,
    /// So many lines, and how many there are besides.
    Lines(usize),
}

/// Where the tour takes place.
pub(super) struct Stage<'u> {
    ui: &'u mut Ui,
    is_quiet: bool,
}

impl<'u> Stage<'u> {
    pub(super) fn new(ui: &'u mut Ui) -> Self {
        let is_quiet = ui.is_json;
        Self { ui, is_quiet }
    }

    /// Starts a part of the tour.
    pub(super) fn title(&mut self, title: &str) -> Result<(), CliError> {
        if !self.is_quiet {
            writeln!(self.ui.out(), "\n{}\n", paint(Label::Title, title))?;
        }
        Ok(())
    }

    /// Says something.
    pub(super) fn say(&mut self, text: &str) -> Result<(), CliError> {
        if !self.is_quiet {
            writeln!(self.ui.out(), "{text}\n")?;
        }
        Ok(())
    }

    /// Shows a command that the reader types, without running it.
    pub(super) fn command(&mut self, line: &str) -> Result<(), CliError> {
        if !self.is_quiet {
            writeln!(self.ui.out(), "{}", paint(Label::Command, format_args!("$ {line}")))?;
        }
        Ok(())
    }

    /// Shows a file, each line cut where the line of the terminal ends.
    pub(super) fn file(&mut self, path: &str, content: &str) -> Result<(), CliError> {
        if !self.is_quiet {
            let columns = self.ui.width.saturating_sub(2);
            writeln!(self.ui.out(), "{}", paint(Label::Faint, path))?;
            for line in content.lines() {
                writeln!(self.ui.out(), "  {}", crate::output::text::fit(line, columns))?;
            }
            writeln!(self.ui.out())?;
        }
        Ok(())
    }

    /// Prints a command line, runs it, and shows what it prints; answers that without colours.
    pub(super) fn run(&mut self, line: &str, shown: Shown) -> Result<String, CliError> {
        self.command(line)?;
        let command = self.parse(line)?;
        let (mut inner, capture) = self.ui.captured();
        let outcome = commands::run(&command, &mut inner)?;
        let plain = self.ran(line, outcome, &capture.text(), shown)?;
        if outcome != Outcome::Done {
            return Err(CliError::new(format!("`{line}` ended with {}", outcome.code())));
        }
        Ok(plain)
    }

    /// Prints the command line of a server, and starts it beside the tour.
    pub(super) fn serve(&mut self, line: &str) -> Result<ServerHandle, CliError> {
        self.command(line)?;
        let command = self.parse(line.trim_end_matches(" &"))?;
        let Command::Serve(serve) = &command else {
            return Err(CliError::new(format!("`{line}` serves nothing")));
        };
        let (mut inner, capture) = self.ui.captured();
        let server = serve.start(&mut inner)?;
        self.ran(line, Outcome::Done, &capture.text(), Shown::All)?;
        Ok(server)
    }

    /// Reads a command line, once everything before it is shown.
    fn parse(&mut self, line: &str) -> Result<Command, CliError> {
        self.ui.out().flush()?;
        let cli = args::parse(words(line)?).map_err(|error| match Refusal::of(&error) {
            Refusal::Error(error) => error,
            Refusal::Answer(text) => CliError::new(text),
        })?;
        Ok(cli.command)
    }

    /// Shows what a command printed; answers that without colours.
    fn ran(&mut self, line: &str, outcome: Outcome, text: &str, shown: Shown) -> Result<String, CliError> {
        let plain = anstream::adapter::strip_str(text).to_string();
        if self.is_quiet {
            self.ui.json(&json!({ "command": line, "exit_code": outcome.code(), "output": plain }))?;
        } else {
            self.show(text, shown)?;
        }
        Ok(plain)
    }

    fn show(&mut self, text: &str, shown: Shown) -> Result<(), CliError> {
        let lines: Vec<&str> = text.lines().collect();
        let limit = match shown {
            Shown::All => usize::MAX,
            Shown::Lines(limit) => limit,
        };
        for line in lines.iter().take(limit) {
            writeln!(self.ui.out(), "{line}")?;
        }
        if lines.len() > limit {
            let rest = of((lines.len() - limit) as u64, "more line", "more lines");
            writeln!(self.ui.out(), "{}", paint(Label::Faint, format_args!("… {rest}")))?;
        }
        writeln!(self.ui.out())?;
        Ok(())
    }
}

/// The words of a command line as a shell sees them: quotes keep words together, `*` at the end stands for the files of a folder.
fn words(line: &str) -> Result<Vec<String>, CliError> {
    let mut words = Vec::new();
    for (place, part) in line.split('"').enumerate() {
        if place % 2 == 1 {
            words.push(part.to_owned());
            continue;
        }
        for word in part.split_whitespace() {
            match word.strip_suffix('*') {
                Some(folder) => words.extend(files_in(folder)?),
                None => words.push(word.to_owned()),
            }
        }
    }
    Ok(words)
}

fn files_in(folder: &str) -> Result<Vec<String>, CliError> {
    let refused = |error| CliError::file("read", folder.as_ref(), &error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        names.push(format!("{folder}{}", entry.map_err(refused)?.file_name().to_string_lossy()));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        let words =
            words("anabranch commit a.anb -m \"A better title\" edits.jsonl").expect("no folder is read");
        assert_eq!(words, ["anabranch", "commit", "a.anb", "-m", "A better title", "edits.jsonl"]);
    }
}
