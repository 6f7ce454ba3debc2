//! Rows: how a figure is judged, and printed for people and programs.

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::Result;
use crate::scratch;

/// What a run was asked to do.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Only the rows whose names contain one of these; all, for none.
    filters: Vec<String>,
    pub(crate) is_quick: bool,
    is_json: bool,
}

impl Options {
    /// Reads `[--filter NAME] [--quick] [--json]`; a filter may be given several times.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--quick" => options.is_quick = true,
                "--json" => options.is_json = true,
                "--filter" => {
                    options.filters.push(rest.next().ok_or("--filter wants a part of a name")?.clone());
                }
                unknown => return Err(format!("there is no option `{unknown}`").into()),
            }
        }
        Ok(options)
    }
}

/// What a figure has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// The ratio to the baseline, at least.
    Ratio(f64),
    /// The figure, at most.
    Most(f64),
    /// The figure, at least.
    Least(f64),
}

/// Whether more is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    More,
    Less,
}

/// One figure.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    name: &'static str,
    value: f64,
    unit: &'static str,
    better: Better,
    baseline: Option<(&'static str, f64)>,
    target: Option<Target>,
    note: String,
}

impl Row {
    /// A figure of which more is better.
    pub(crate) fn more(name: &'static str, value: f64, unit: &'static str) -> Self {
        let better = Better::More;
        Self { name, value, unit, better, baseline: None, target: None, note: String::new() }
    }

    /// A figure of which less is better.
    pub(crate) fn less(name: &'static str, value: f64, unit: &'static str) -> Self {
        Self { better: Better::Less, ..Self::more(name, value, unit) }
    }

    pub(crate) fn baseline(mut self, name: &'static str, value: f64) -> Self {
        self.baseline = Some((name, value));
        self
    }

    pub(crate) fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// How much better than the baseline: always more when better.
    fn ratio(&self) -> Option<f64> {
        let (_, baseline) = self.baseline?;
        Some(match self.better {
            Better::More => self.value / baseline,
            Better::Less => baseline / self.value,
        })
    }

    fn is_ok(&self) -> Option<bool> {
        Some(match self.target? {
            Target::Ratio(least) => self.ratio()? >= least,
            Target::Most(most) => self.value <= most,
            Target::Least(least) => self.value >= least,
        })
    }

    fn target_text(&self) -> Option<String> {
        Some(match self.target? {
            Target::Ratio(least) => format!(">={least:.2}"),
            Target::Most(most) => format!("<={most}"),
            Target::Least(least) => format!(">={least}"),
        })
    }

    /// The line for programs.
    fn json(&self) -> String {
        let mut fields = Map::new();
        fields.insert("name".to_owned(), self.name.into());
        fields.insert("value".to_owned(), rounded(self.value));
        fields.insert("unit".to_owned(), self.unit.into());
        if let Some((name, value)) = self.baseline {
            fields.insert("baseline".to_owned(), name.into());
            fields.insert("baseline_value".to_owned(), rounded(value));
        }
        if let Some(ratio) = self.ratio() {
            fields.insert("ratio".to_owned(), rounded(ratio));
        }
        if let (Some(target), Some(ok)) = (self.target_text(), self.is_ok()) {
            fields.insert("target".to_owned(), target.into());
            fields.insert("ok".to_owned(), ok.into());
        }
        fields.insert("note".to_owned(), self.note.clone().into());
        Value::Object(fields).to_string()
    }

    /// The line for people.
    fn line(&self) -> String {
        let baseline =
            self.baseline.map_or_else(String::new, |(name, value)| format!("{name} {}", plain(value)));
        let ratio = self.ratio().map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        let target = self.target_text().unwrap_or_default();
        let verdict = match self.is_ok() {
            Some(true) => "ok",
            Some(false) => "MISSED",
            None => "",
        };
        format!(
            "{:<30} {:>10} {:<6} {baseline:<32} {ratio:>7} {target:>8} {verdict:<7} {}",
            self.name,
            plain(self.value),
            self.unit,
            self.note
        )
    }
}

const HEADING: &str =
    "row                                 value unit   baseline                           ratio   target";

/// A number that JSON has, without digits that say nothing.
fn rounded(value: f64) -> Value {
    let factor = if value.abs() >= 100.0 { 10.0 } else { 10_000.0 };
    Value::from((value * factor).round() / factor)
}

/// Four digits that count.
fn plain(value: f64) -> String {
    match value.abs() {
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 100.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// A run: what was asked for, where data is kept, and what was found.
pub(crate) struct Bench {
    pub(crate) options: Options,
    pub(crate) data: PathBuf,
    rows: Vec<Row>,
}

impl Bench {
    pub(crate) fn new(options: Options) -> Result<Self> {
        let data = scratch::data_folder()?;
        if !options.is_json {
            println!("{HEADING}");
        }
        Ok(Self { options, data, rows: Vec::new() })
    }

    /// Whether a row was asked for.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let filters = &self.options.filters;
        filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()))
    }

    pub(crate) fn wants_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.wants(name))
    }

    /// `full`, or a tenth of it in a quick run.
    pub(crate) fn size(&self, full: u64) -> u64 {
        if self.options.is_quick { full / 10 } else { full }
    }

    /// Shows a row, if it was asked for. A quick run judges nothing.
    pub(crate) fn report(&mut self, mut row: Row) {
        if !self.wants(row.name) {
            return;
        }
        if self.options.is_quick {
            row.target = None;
        }
        println!("{}", if self.options.is_json { row.json() } else { row.line() });
        self.rows.push(row);
    }

    /// Says what a long preparation is, where it disturbs nobody.
    pub(crate) fn say(&self, what: &str) {
        eprintln!("  {what}");
    }

    /// Sums up for people. Missed targets are no failure of the run: the rows say so.
    pub(crate) fn finish(self) -> Result<()> {
        if self.rows.is_empty() {
            return Err("no row has such a name".into());
        }
        if !self.options.is_json {
            let judged = self.rows.iter().filter(|row| row.is_ok().is_some()).count();
            let missed = self.rows.iter().filter(|row| row.is_ok() == Some(false)).count();
            println!("\n{} rows, {judged} judged, {missed} missed", self.rows.len());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_baseline_is_better_and_reads_as_the_specification_has_it() {
        let row = Row::more("commit.durable.1m", 5210.0, "1/s")
            .baseline("sqlite.same_bytes", 7900.0)
            .target(Target::Ratio(0.6))
            .note("median of 7");
        assert_eq!(
            row.json(),
            r#"{"name":"commit.durable.1m","value":5210.0,"unit":"1/s","baseline":"sqlite.same_bytes","baseline_value":7900.0,"ratio":0.6595,"target":">=0.60","ok":true,"note":"median of 7"}"#
        );
    }

    #[test]
    fn less_than_the_baseline_is_better_where_time_is_measured() {
        let row = Row::less("open.cold.1m.vs_1k", 6.0, "ms").baseline("open.cold.1k", 1.5);
        assert_eq!(row.ratio(), Some(0.25));
        assert_eq!(row.clone().target(Target::Ratio(1.0 / 3.0)).is_ok(), Some(false));
        assert_eq!(row.target(Target::Most(10.0)).is_ok(), Some(true));
    }

    #[test]
    fn a_row_without_a_target_is_not_judged() {
        let line = Row::more("raw.fsync", 0.5, "1/s").json();
        assert_eq!(line, r#"{"name":"raw.fsync","value":0.5,"unit":"1/s","note":""}"#);
    }
}
