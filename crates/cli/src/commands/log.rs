//! `anabranch log`: history, newest first.

use anabranch::engine::NewestFirst;
use anabranch::{CommitHeader, CommitId, CommitKind, Database, State};
use clap::Args;

use super::{Outcome, commit_json, open};
use crate::args::Location;
use crate::error::CliError;
use crate::graph::Drawing;
use crate::names;
use crate::output::number::count;
use crate::output::style::{Label, paint};
use crate::output::{Ui, text};

/// How many commits are shown unless said otherwise.
const SHOWN: usize = 50;

/// The columns of times, at the least.
const TIME_WIDTH: usize = 14;

/// Show the history, newest first
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch log studio.anb --graph\n  \
    anabranch log studio.anb -n 5 --author ben --json\n  \
    anabranch log studio.anb 3f2ac81b..@last      what came after a commit\n\n\
    A..B is what B has and A lacks; where A or B is left out, it is the first or the last commit.")]
pub(crate) struct Log {
    /// The database
    #[arg(value_name = "DB")]
    database: Location,
    /// The commit whose history to show, or A..B; all heads when left out
    #[arg(value_name = "RANGE")]
    range: Option<String>,
    /// Draw lines from each commit to what it stands on and merges
    #[arg(long)]
    graph: bool,
    /// Show this many commits at most
    #[arg(short = 'n', long = "limit", value_name = "N", default_value_t = SHOWN)]
    limit: usize,
    /// Show all commits
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Show only what somebody committed whose name contains this
    #[arg(long, value_name = "NAME", conflicts_with = "graph")]
    author: Option<String>,
    /// Show only commits whose label contains this
    #[arg(long, value_name = "TEXT", conflicts_with = "graph")]
    label: Option<String>,
}

impl Log {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let database = open(&self.database)?;
        let snapshot = database.read()?;
        let heads = snapshot.heads()?;
        let walk = match &self.range {
            None => NewestFirst::new(&*snapshot, heads.iter().copied())?,
            Some(range) => {
                let (from, to) = ends(&database, range)?;
                NewestFirst::new(&*snapshot, [to])?.without(from)?
            }
        };
        let marks = Marks::of(&database, heads)?;
        ui.page();
        let (shown, rest) = self.show(walk, &marks, ui)?;
        if ui.is_json {
            return Ok(Outcome::Done);
        }
        let is_everything = self.range.is_none() && self.author.is_none() && self.label.is_none();
        if rest && is_everything {
            let rest = snapshot.statistics()?.commits.saturating_sub(shown);
            ui.note(format_args!("{} older ones are not shown; --all shows them", count(rest)))?;
        } else if rest {
            ui.note("older ones are not shown; --all shows them")?;
        }
        if shown == 0 {
            if is_everything {
                ui.note(format_args!("{} has no commit yet", database.location()))?;
            } else {
                ui.note("no commit is like that")?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Shows the commits; answers how many, and whether there are more.
    fn show(&self, mut walk: NewestFirst<'_>, marks: &Marks, ui: &mut Ui) -> Result<(u64, bool), CliError> {
        let limit = if self.all { u64::MAX } else { self.limit as u64 };
        let mut drawing = self.graph.then(Drawing::new);
        let mut shown: u64 = 0;
        let mut last = None;
        while let Some(header) = walk.take()? {
            if !self.wants(&header) {
                continue;
            }
            if shown == limit {
                return Ok((shown, true));
            }
            shown += 1;
            let is_last = *last.get_or_insert(header.id) == header.id;
            if ui.is_json {
                let mut json = commit_json(&header, &marks.heads);
                json["is_hidden"] = marks.is_hidden(&header)?.into();
                ui.json(&json)?;
                continue;
            }
            match &mut drawing {
                None => {
                    let line = line(&header, marks, ui, ui.width)?;
                    writeln!(ui.out(), "{line}")?;
                }
                Some(drawing) => {
                    let width = ui.width.saturating_sub(drawing.width(&header));
                    let line = line(&header, marks, ui, width)?;
                    let rows = drawing.row(&header, glyph(&header, is_last), line);
                    write!(ui.out(), "{rows}")?;
                }
            }
        }
        Ok((shown, false))
    }

    fn wants(&self, header: &CommitHeader) -> bool {
        let contains = |text: &str, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| text.to_lowercase().contains(&wanted.to_lowercase()))
        };
        contains(&header.metadata.author, &self.author) && contains(&header.metadata.label, &self.label)
    }
}

/// The ends of a range: what is left out with its history, and what is not.
fn ends(database: &Database, range: &str) -> Result<(Option<CommitId>, CommitId), CliError> {
    let or =
        |name: &str, otherwise: &str| names::commit(database, if name.is_empty() { otherwise } else { name });
    match range.split_once("..") {
        None => Ok((None, names::commit(database, range)?)),
        Some((from, to)) => Ok((Some(or(from, "@first")?), or(to, "@last")?)),
    }
}

/// What is said of commits besides what they say themselves.
pub(super) struct Marks {
    heads: Vec<CommitId>,
    /// The state at the last commit, which tells what is hidden.
    state: Option<State>,
}

impl Marks {
    /// No marks.
    pub(super) fn none() -> Self {
        Self { heads: Vec::new(), state: None }
    }

    fn of(database: &Database, heads: Vec<CommitId>) -> Result<Self, CliError> {
        let last = database.last_commit_id()?;
        let state = last.map(|last| database.state(last)).transpose()?;
        Ok(Self { heads, state })
    }

    /// Whether the commit takes no part in the state at the last commit, because it was disabled.
    fn is_hidden(&self, header: &CommitHeader) -> Result<bool, CliError> {
        match &self.state {
            Some(state) if header.kind == CommitKind::Mutations => Ok(state.hides(header.id)?),
            _ => Ok(false),
        }
    }
}

/// `3f2ac81b90de  2 hours ago     Change the title  alice  (head)`
pub(super) fn line(header: &CommitHeader, marks: &Marks, ui: &Ui, width: usize) -> Result<String, CliError> {
    let id = header.id.short();
    let time = format!("{:TIME_WIDTH$}", ui.clock.tell(header.metadata.timestamp));
    let mut end = vec![(Label::Author, text::one_line(&header.metadata.author))];
    if marks.heads.contains(&header.id) {
        end.push((Label::Head, "(head)".to_owned()));
    }
    let is_hidden = marks.is_hidden(header)?;
    if is_hidden {
        end.push((Label::Faint, "(hidden)".to_owned()));
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
    line.push_str(&paint(if is_hidden { Label::Faint } else { Label::Plain }, label).to_string());
    for (label, text) in end {
        line.push_str(&format!("  {}", paint(label, text)));
    }
    Ok(line)
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
