//! Columns under each other.

use std::io::{self, Write};

use super::style::{Label, paint};
use super::text;

/// One place of a table.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    text: String,
    label: Label,
    is_number: bool,
}

impl Cell {
    /// A text.
    pub(crate) fn new(label: Label, text: impl Into<String>) -> Self {
        Self { text: text.into(), label, is_number: false }
    }

    /// A number, which stands to the right of its column.
    pub(crate) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), label: Label::Plain, is_number: true }
    }
}

/// Rows of cells. Columns are as wide as what is in them; the last one is cut where the line ends.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Writes the rows in lines of no more than `width` columns, as long as the last column leaves room for that.
    pub(crate) fn write(&self, out: &mut dyn Write, indent: usize, width: usize) -> io::Result<()> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| text::width(&cell.text)).max().unwrap_or(0)
            })
            .collect();
        for row in &self.rows {
            let filled = row.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
            let mut used = indent;
            write!(out, "{:indent$}", "")?;
            for (column, cell) in row[..filled].iter().enumerate() {
                let is_last = column + 1 == columns;
                let room = width.saturating_sub(used).max(16);
                let shown = if is_last { text::fit(&cell.text, room) } else { cell.text.as_str().into() };
                let padding = widths[column].saturating_sub(text::width(&shown));
                if cell.is_number {
                    write!(out, "{:padding$}", "")?;
                }
                write!(out, "{}", paint(cell.label, &shown))?;
                if column + 1 < filled {
                    let padding = if cell.is_number { 2 } else { padding + 2 };
                    write!(out, "{:padding$}", "")?;
                }
                used += widths[column] + 2;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(table: &Table, width: usize) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        table.write(&mut out, 2, width).expect("a vector takes everything");
        String::from_utf8(out.into_inner()).expect("text")
    }

    #[test]
    fn columns_line_up_and_the_last_is_cut() {
        let mut table = Table::default();
        table.row([Cell::new(Label::Name, "a"), Cell::number("1"), Cell::new(Label::Plain, "short")]);
        table.row([
            Cell::new(Label::Name, "longer"),
            Cell::number("1,000"),
            Cell::new(Label::Plain, "0123456789".repeat(4)),
        ]);
        assert_eq!(written(&table, 40), "  a           1  short\n  longer  1,000  0123456789012345678901…\n");
    }

    #[test]
    fn lines_do_not_end_in_spaces() {
        let mut table = Table::default();
        table.row([Cell::new(Label::Name, "a"), Cell::new(Label::Plain, "")]);
        table.row([Cell::new(Label::Name, "bb"), Cell::new(Label::Plain, "c")]);
        assert_eq!(written(&table, 80), "  a\n  bb  c\n");
    }
}
