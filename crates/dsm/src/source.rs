//! Source texts, spans inside them, and the way from a byte offset to a line and a column.

use std::fmt;

/// The bytes of one text that a token, a declaration or a mistake covers.
///
/// Offsets are 32 bits wide because spans are kept for every token; a text that does not fit is refused before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Index of the text in its [`Sources`].
    pub source: u32,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just after the last byte; equal to `start` for a place between two characters.
    pub end: u32,
}

impl Span {
    pub(crate) const fn new(source: u32, start: u32, end: u32) -> Self {
        Self { source, start, end }
    }

    /// The span from the start of `self` to the end of `last`, both in one text.
    pub(crate) const fn to(self, last: Self) -> Self {
        Self { source: self.source, start: self.start, end: last.end }
    }

    /// The empty place just after this span.
    pub(crate) const fn after(self) -> Self {
        Self { source: self.source, start: self.end, end: self.end }
    }
}

/// One DSM text with the name to show for it, usually a file name.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    lines: LineIndex,
}

impl Source {
    /// Creates a source and indexes its lines.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = LineIndex::new(&text);
        Self { name: name.into(), text, lines }
    }

    /// The name that diagnostics show.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text itself.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset; an offset behind the end stands for the end.
    #[must_use]
    pub fn location(&self, offset: u32) -> Location {
        let offset = floor_char_boundary(&self.text, offset as usize);
        let line = self.lines.line_of(offset);
        let start = self.lines.start(line);
        let column = self.lines.chars_before(&self.text, offset) - self.lines.chars_before(&self.text, start);
        Location { line: line + 1, column: column + 1 }
    }

    /// Start offset and text of a line (1-based), without its line end.
    pub(crate) fn line(&self, line: usize) -> (usize, &str) {
        let index = line.saturating_sub(1);
        let start = self.lines.start(index);
        let end = self.lines.start(index + 1).max(start);
        let text = self.text.get(start..end).unwrap_or_default();
        (start, text.trim_end_matches(['\n', '\r']))
    }
}

/// The texts that make up one model, in the order in which they are read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    sources: Vec<Source>,
}

impl Sources {
    /// Creates an empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A collection of one text.
    pub fn single(name: impl Into<String>, text: impl Into<String>) -> Self {
        let mut sources = Self::new();
        sources.add(name, text);
        sources
    }

    /// Appends a text.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.sources.push(Source::new(name, text));
    }

    /// The text with this index, as found in [`Span::source`].
    #[must_use]
    pub fn get(&self, index: u32) -> Option<&Source> {
        self.sources.get(index as usize)
    }

    /// The texts in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Source> {
        self.sources.iter()
    }

    /// How many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
}

impl FromIterator<Source> for Sources {
    fn from_iter<I: IntoIterator<Item = Source>>(sources: I) -> Self {
        Self { sources: sources.into_iter().collect() }
    }
}

impl<'a> IntoIterator for &'a Sources {
    type Item = &'a Source;
    type IntoIter = std::slice::Iter<'a, Source>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A place as editors count it: both numbers start at 1, and the column counts characters, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Where lines start, and how many characters precede every 1,024th byte.
///
/// The second table keeps a column cheap to find in a text that is one huge line: thousands of mistakes there must not cost
/// a walk along the whole line each.
#[derive(Clone, Debug)]
struct LineIndex {
    starts: Vec<u32>,
    chars: Vec<u32>,
    end: usize,
}

const BLOCK: usize = 1024;

impl LineIndex {
    fn new(text: &str) -> Self {
        let mut starts = vec![0];
        let mut chars = Vec::with_capacity(text.len() / BLOCK + 1);
        let mut count: u32 = 0;
        for (offset, byte) in text.bytes().enumerate() {
            if offset % BLOCK == 0 {
                chars.push(count);
            }
            count = count.saturating_add(u32::from(starts_char(byte)));
            if byte == b'\n' {
                starts.push(u32::try_from(offset + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts, chars, end: text.len() }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= offset).saturating_sub(1)
    }

    fn start(&self, line: usize) -> usize {
        self.starts.get(line).map_or(self.end, |&start| start as usize)
    }

    fn chars_before(&self, text: &str, offset: usize) -> usize {
        let block = (offset / BLOCK).min(self.chars.len().saturating_sub(1));
        let known = self.chars.get(block).copied().unwrap_or(0) as usize;
        let rest = text.as_bytes().get(block * BLOCK..offset).unwrap_or_default();
        known + rest.iter().filter(|&&byte| starts_char(byte)).count()
    }
}

/// Whether a byte begins a character, that is, is no UTF-8 continuation byte.
const fn starts_char(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("a", "é€x\n𝄞y");
        assert_eq!(source.location(5), Location { line: 1, column: 3 });
        assert_eq!(source.location(11), Location { line: 2, column: 2 });
    }

    #[test]
    fn an_offset_behind_the_end_is_the_end() {
        let source = Source::new("a", "ab\n");
        assert_eq!(source.location(99), Location { line: 2, column: 1 });
    }

    #[test]
    fn an_offset_inside_a_character_is_its_start() {
        let source = Source::new("a", "x€");
        assert_eq!(source.location(2), Location { line: 1, column: 2 });
    }

    #[test]
    fn columns_are_right_far_along_a_long_line() {
        let text = "é".repeat(5000);
        let source = Source::new("a", text);
        assert_eq!(source.location(9000), Location { line: 1, column: 4501 });
    }

    #[test]
    fn lines_are_given_without_their_end() {
        let source = Source::new("a", "one\r\ntwo");
        assert_eq!(source.line(1), (0, "one"));
        assert_eq!(source.line(2), (5, "two"));
    }
}
