//! JSON escapes: checking, reading and writing them.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What is wrong inside a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// No escape of JSON's.
    Escape,
    /// A `\u` that is half of a surrogate pair.
    Surrogate,
    /// A character that must be escaped.
    Control(char),
}

/// A wrong place in the text between the quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// One character of a string as written, or what is wrong in its place.
struct Piece {
    value: Result<char, FaultKind>,
    start: usize,
    end: usize,
}

struct Pieces<'a> {
    raw: &'a str,
    at: usize,
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let start = self.at;
        let rest = self.raw.get(start..).unwrap_or_default();
        let mut characters = rest.chars();
        let first = characters.next()?;
        let (value, length) = match first {
            '\\' => escape(characters.next(), rest),
            '\n' | '\t' | '\r' => (Ok(first), 1),
            _ if first < ' ' => (Err(FaultKind::Control(first)), 1),
            _ => (Ok(first), first.len_utf8()),
        };
        self.at += length;
        Some(Piece { value, start, end: self.at })
    }
}

/// Reads the escape at the start of `rest`; gives its character and its length in bytes.
fn escape(kind: Option<char>, rest: &str) -> (Result<char, FaultKind>, usize) {
    let simple = match kind {
        Some('"') => '"',
        Some('\\') => '\\',
        Some('/') => '/',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unicode_escape(rest),
        other => return (Err(FaultKind::Escape), 1 + other.map_or(0, char::len_utf8)),
    };
    (Ok(simple), 2)
}

fn unicode_escape(rest: &str) -> (Result<char, FaultKind>, usize) {
    let Some(first) = code_unit(rest) else { return (Err(FaultKind::Escape), 2) };
    match first {
        0xD800..=0xDBFF => match rest.get(6..).and_then(code_unit) {
            Some(second @ 0xDC00..=0xDFFF) => {
                let scalar = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                (char::from_u32(scalar).ok_or(FaultKind::Surrogate), 12)
            }
            _ => (Err(FaultKind::Surrogate), 6),
        },
        _ => (char::from_u32(first).ok_or(FaultKind::Surrogate), 6),
    }
}

/// The number in a `\uXXXX` at the start of a text.
fn code_unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        u32::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

/// What is wrong in the text between the quotes.
pub(crate) fn faults(raw: &str) -> impl Iterator<Item = Fault> {
    let pieces = Pieces { raw, at: 0 };
    pieces
        .filter_map(|piece| piece.value.err().map(|kind| Fault { kind, start: piece.start, end: piece.end }))
}

/// The string that is written as `raw`; what is wrong in it is left out, since it has been reported.
///
/// A line ends in `\n`, also in a file that was saved on a system where lines end otherwise.
pub(crate) fn unescape(raw: &str) -> String {
    let raw = if raw.contains('\r') { Cow::Owned(raw.replace("\r\n", "\n")) } else { Cow::Borrowed(raw) };
    if !raw.contains('\\') {
        return raw.into_owned();
    }
    Pieces { raw: &raw, at: 0 }.filter_map(|piece| piece.value.ok()).collect()
}

/// A string literal with its quotes.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        push_escaped(&mut quoted, character, false);
    }
    quoted.push('"');
    quoted
}

/// A doc string with its quotes; line ends and tabs stand as they are.
///
/// Quotes are escaped although a few of them would be read: other readers of DSM stop at them.
pub(crate) fn quote_doc(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 6);
    quoted.push_str("\"\"\"");
    for character in text.chars() {
        push_escaped(&mut quoted, character, true);
    }
    quoted.push_str("\"\"\"");
    quoted
}

fn push_escaped(out: &mut String, character: char, keep_lines: bool) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' if keep_lines => out.push('\n'),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' if keep_lines => out.push('\t'),
        '\t' => out.push_str("\\t"),
        _ if character.is_control() => {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a `String` cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
        _ => out.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_those_of_json() {
        assert_eq!(unescape(r#"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"#), "\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1f600}");
    }

    #[test]
    fn faults_are_found_where_they_are() {
        let found: Vec<_> =
            faults("a\\q\\u12g4\\ud800x\u{1}").map(|fault| (fault.kind, fault.start, fault.end)).collect();
        assert_eq!(
            found,
            [
                (FaultKind::Escape, 1, 3),
                (FaultKind::Escape, 3, 5),
                (FaultKind::Surrogate, 9, 15),
                (FaultKind::Control('\u{1}'), 16, 17),
            ]
        );
    }

    proptest! {
        #[test]
        fn quoted_text_reads_back(text in any::<String>()) {
            let quoted = quote(&text);
            prop_assert_eq!(faults(&quoted[1..quoted.len() - 1]).count(), 0);
            prop_assert_eq!(unescape(&quoted[1..quoted.len() - 1]), text.clone());
            let doc = quote_doc(&text);
            prop_assert_eq!(faults(&doc[3..doc.len() - 3]).count(), 0);
            prop_assert_eq!(unescape(&doc[3..doc.len() - 3]), text);
        }
    }
}
