//! `anabranch fmt`: models in their canonical layout.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anabranch::dsm::{self, Sources};
use clap::Args;
use serde_json::json;
use similar::{ChangeTag, TextDiff};

use super::{Outcome, check};
use crate::error::CliError;
use crate::output::Ui;
use crate::output::number;
use crate::output::style::{Label, paint};

/// How many lines around a change are shown.
const CONTEXT: usize = 2;

/// Lay a model out as all models are; comments stay
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  anabranch fmt model/\n  anabranch fmt --check model/    for CI: shows what would change\n  \
    anabranch fmt - < model.dsm     from standard input to standard output\n\n\
    With --check nothing is written, and the exit code is 1 when something would be."
)]
pub(crate) struct Fmt {
    /// Files, or folders with .dsm files in them; `-` for standard input
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,
    /// Show what would change, and change nothing
    #[arg(long)]
    check: bool,
}

impl Fmt {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        if self.models.iter().any(|model| model.as_os_str() == "-") {
            return self.stream(ui);
        }
        let files = check::files(&self.models)?;
        let (mut changed, mut unread) = (0_u64, 0_u64);
        for file in &files {
            let text = check::text(file)?;
            let name = file.display().to_string();
            let Some(laid_out) = lay_out(&name, &text, ui)? else {
                unread += 1;
                continue;
            };
            let is_changed = laid_out != text;
            changed += u64::from(is_changed);
            if ui.is_json {
                ui.json(&json!({ "file": name, "is_changed": is_changed }))?;
            }
            if !is_changed {
                continue;
            }
            if !self.check {
                replace(file, &laid_out)?;
            } else if !ui.is_json {
                show(&name, &text, &laid_out, ui)?;
            }
        }
        if !ui.is_json {
            let all = number::of(files.len() as u64, "file", "files");
            let what = if self.check { "would change" } else { "changed" };
            ui.tell(match changed {
                0 => format!("nothing {what} in {all}"),
                _ => format!("{} of {all} {what}", number::count(changed)),
            })?;
        }
        if unread > 0 {
            let faulty = number::of(unread, "file", "files");
            return Err(CliError::new(format!(
                "{faulty} could not be read as a model, and stayed as before"
            )));
        }
        Ok(if self.check && changed > 0 { Outcome::Unsound } else { Outcome::Done })
    }

    /// From standard input to standard output.
    fn stream(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        if self.models.len() > 1 {
            return Err(CliError::usage("`-` stands alone").hint("give files and folders, or `-`"));
        }
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        read.map_err(|error| CliError::new(format!("cannot read standard input: {error}")))?;
        let Some(laid_out) = lay_out("standard input", &text, ui)? else {
            return Err(CliError::new("standard input cannot be read as a model"));
        };
        if !self.check {
            write!(ui.out(), "{laid_out}")?;
            return Ok(Outcome::Done);
        }
        if laid_out == text {
            return Ok(Outcome::Done);
        }
        show("standard input", &text, &laid_out, ui)?;
        Ok(Outcome::Unsound)
    }
}

/// The text in its layout; none where it cannot be read, which is shown.
fn lay_out(name: &str, text: &str, ui: &mut Ui) -> Result<Option<String>, CliError> {
    match dsm::format(text) {
        Ok(laid_out) => Ok(Some(laid_out)),
        Err(diagnostics) => {
            let sources = Sources::single(name, text);
            let has_colour = ui.has_colour();
            let talk = ui.talk()?;
            for diagnostic in diagnostics {
                writeln!(talk, "{}", diagnostic.render(&sources, has_colour))?;
            }
            Ok(None)
        }
    }
}

/// Puts a text in place of a file, in one step: half a model is none.
fn replace(file: &Path, text: &str) -> Result<(), CliError> {
    let refused = |error| CliError::file("write", file, &error);
    // A link stays one.
    let target = fs::canonicalize(file).map_err(refused)?;
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".anabranch-fmt");
    let beside = target.with_file_name(name);
    let written = (|| {
        let mut new = fs::File::create(&beside)?;
        new.write_all(text.as_bytes())?;
        new.set_permissions(fs::metadata(&target)?.permissions())?;
        new.sync_all()?;
        fs::rename(&beside, &target)
    })();
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        refused(error)
    })
}

/// Shows the lines that differ, with some around them.
fn show(name: &str, text: &str, laid_out: &str, ui: &mut Ui) -> Result<(), CliError> {
    let diff = TextDiff::from_lines(text, laid_out);
    writeln!(ui.out(), "{}", paint(Label::Title, name))?;
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            writeln!(ui.out(), "      {}", paint(Label::Faint, "⋮"))?;
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (mark, label) = match change.tag() {
                ChangeTag::Delete => ('-', Label::Removed),
                ChangeTag::Insert => ('+', Label::Added),
                ChangeTag::Equal => (' ', Label::Plain),
            };
            let line = change.old_index().map_or_else(String::new, |line| (line + 1).to_string());
            let text = visible(change.value());
            let shown = if text.is_empty() { mark.to_string() } else { format!("{mark} {text}") };
            writeln!(ui.out(), "{} {}", paint(Label::Faint, format!("{line:>5}")), paint(label, shown))?;
        }
    }
    Ok(())
}

/// A line without its end, where tabs, spaces at the end and carriage returns can be seen.
fn visible(line: &str) -> String {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let kept = line.trim_end();
    let end: String = line[kept.len()..]
        .chars()
        .map(|character| match character {
            ' ' => '·',
            '\r' => '␍',
            _ => '→',
        })
        .collect();
    format!("{}{end}", kept.replace('\t', "→   "))
}
