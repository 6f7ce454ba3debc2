//! `anabranch log`: history, newest first.

use anabranch::{CommitHeader, CommitId, CommitKind};
use clap::Args;

use super::{Outcome, commit_json, open};
use crate::args::Location;
use crate::error::CliError;
use crate::graph::{Drawing, NewestFirst};
use crate::output::number::count;
use crate::output::style::{Label, paint};
use crate::output::{Ui, text};

/// How many commits are shown unless said otherwise.
const SHOWN: usize = 50;

/// The columns of times, at the least.
const TIME_WIDTH: usize = 14;

/// Show the history, newest first
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  anabranch log studio.anb --graph\n  anabranch log studio.anb -n 5 --json"
)]
pub(crate) struct Log {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// Draw lines from each commit to what it stands on and merges
    #[arg(long)]
    graph: bool,
    /// Show this many commits at most
    #[arg(short = 'n', long = "limit", value_name = "N", default_value_t = SHOWN)]
    limit: usize,
    /// Show all commits
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl Log {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let snapshot = database.read()?;
        let heads = snapshot.heads()?;
        let mut walk = NewestFirst::new(&*snapshot, heads.iter().copied())?;
        let limit = if self.all { usize::MAX } else { self.limit };
        let mut drawing = self.graph.then(Drawing::new);
        let mut shown: u64 = 0;
        let mut last = None;
        while shown < limit as u64 {
            let Some(header) = walk.next()? else { break };
            shown += 1;
            let is_last = *last.get_or_insert(header.id) == header.id;
            if ui.is_json {
                ui.json(&commit_json(&header, &heads))?;
                continue;
            }
            match &mut drawing {
                None => {
                    let line = line(&header, &heads, ui, ui.width);
                    writeln!(ui.out(), "{line}")?;
                }
                Some(drawing) => {
                    let width = ui.width.saturating_sub(drawing.width(&header));
                    let line = line(&header, &heads, ui, width);
                    let rows = drawing.row(&header, glyph(&header, is_last), line);
                    write!(ui.out(), "{rows}")?;
                }
            }
        }
        let rest = snapshot.statistics()?.commits.saturating_sub(shown);
        if rest > 0 && !ui.is_json {
            ui.note(format_args!("{} older ones are not shown; --all shows them", count(rest)))?;
        }
        if shown == 0 && !ui.is_json {
            ui.note(format_args!("{} has no commit yet", database.location()))?;
        }
        Ok(Outcome::Done)
    }
}

/// `3f2ac81b90de  2 hours ago     Change the title  alice  (head)`
pub(super) fn line(header: &CommitHeader, heads: &[CommitId], ui: &Ui, width: usize) -> String {
    let id = header.id.short();
    let time = format!("{:TIME_WIDTH$}", ui.clock.tell(header.metadata.timestamp));
    let mut end = vec![(Label::Author, text::one_line(&header.metadata.author))];
    if heads.contains(&header.id) {
        end.push((Label::Head, "(head)".to_owned()));
    }
    end.retain(|(_, text)| !text.is_empty());
    let kind = kind(header);
    let used = [id.as_str(), &time, &kind].into_iter().chain(end.iter().map(|(_, text)| text.as_str()));
    let used: usize = used.map(|part| text::width(part) + 2).sum();
    let label = text::label(&header.metadata.label);
    let label = text::fit(&label, width.saturating_sub(used).max(12));
    let mut line = format!("{}  {}  ", paint(Label::Commit, id), paint(Label::Time, time));
    if !kind.is_empty() {
        line.push_str(&paint(Label::Kind, kind).to_string());
    }
    line.push_str(&label);
    for (label, text) in end {
        line.push_str(&format!("  {}", paint(label, text)));
    }
    line
}

/// What a commit does, where it is no change of documents.
fn kind(header: &CommitHeader) -> String {
    match header.kind {
        CommitKind::Mutations | CommitKind::Merge => String::new(),
        CommitKind::Disable => format!("disables {}: ", header.target.short()),
        CommitKind::Enable => format!("enables {}: ", header.target.short()),
    }
}

fn glyph(header: &CommitHeader, is_last: bool) -> String {
    let glyph = match header.kind {
        CommitKind::Mutations => "●",
        CommitKind::Merge => "◆",
        CommitKind::Disable => "⊖",
        CommitKind::Enable => "⊕",
    };
    let label = if is_last { Label::Head } else { Label::Commit };
    paint(label, glyph).to_string()
}
