//! Diagnostics as text for people.

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Source, Sources, Span};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// The most columns of a source line that are shown.
const MAX_WIDTH: usize = 120;
/// How much of a long line is shown before the place.
const LEAD: usize = 40;

struct Style {
    error: &'static str,
    warning: &'static str,
    note: &'static str,
    help: &'static str,
    bold: &'static str,
    reset: &'static str,
}

const PLAIN: Style = Style { error: "", warning: "", note: "", help: "", bold: "", reset: "" };
const COLOURED: Style = Style {
    error: "\u{1b}[1;31m",
    warning: "\u{1b}[1;33m",
    note: "\u{1b}[1;34m",
    help: "\u{1b}[1;36m",
    bold: "\u{1b}[1m",
    reset: "\u{1b}[0m",
};

pub(crate) fn render(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let style = if colour { &COLOURED } else { &PLAIN };
    let accent = match diagnostic.severity {
        Severity::Error => style.error,
        Severity::Warning => style.warning,
    };
    let mut out = String::new();
    let kind = diagnostic.severity.to_string();
    place(&mut out, sources, diagnostic.span, &kind, accent, &diagnostic.message, style);
    for label in &diagnostic.labels {
        place(&mut out, sources, label.span, "note", style.note, &label.message, style);
    }
    if let Some(help) = &diagnostic.help {
        // Writing to a `String` cannot fail, here and below.
        let _ = writeln!(out, "  {}help{}: {}", style.help, style.reset, harmless(help));
    }
    out
}

fn place(
    out: &mut String,
    sources: &Sources,
    span: Span,
    kind: &str,
    accent: &str,
    message: &str,
    style: &Style,
) {
    let Some(source) = sources.get(span.source) else {
        let _ = writeln!(out, "{accent}{kind}{}: {}", style.reset, harmless(message));
        return;
    };
    let location = source.location(span.start);
    let (bold, reset) = (style.bold, style.reset);
    let _ = writeln!(
        out,
        "{bold}{}:{location}:{reset} {accent}{kind}{reset}: {bold}{}{reset}",
        harmless(source.name()),
        harmless(message)
    );
    let excerpt = Excerpt::new(source, span, location.line);
    let _ = writeln!(out, "{:>5} | {}", location.line, excerpt.text);
    let (pad, marks) = (" ".repeat(excerpt.pad), "^".repeat(excerpt.marks));
    let _ = writeln!(out, "      | {pad}{accent}{marks}{reset}");
}

/// One line of source around a place, made harmless for a terminal.
struct Excerpt {
    text: String,
    pad: usize,
    marks: usize,
}

impl Excerpt {
    fn new(source: &Source, span: Span, line: usize) -> Self {
        let (line_start, text) = source.line(line);
        let start = (span.start as usize).saturating_sub(line_start).min(text.len());
        let end = (span.end as usize).saturating_sub(line_start).clamp(start, text.len());
        let (before, rest) = text.split_at_checked(start).unwrap_or((text, ""));
        let (inside, after) = rest.split_at_checked(end - start).unwrap_or((rest, ""));
        // Only what fits is measured: a line may be as long as the file.
        let lead = tail(before, MAX_WIDTH);
        let mut shown = String::new();
        let mut pad = 0;
        let fits = lead.len() == before.len()
            && width(lead) + width(head(rest, MAX_WIDTH)) <= MAX_WIDTH
            && rest.len() <= 4 * MAX_WIDTH;
        let lead = if fits { before } else { tail(before, LEAD) };
        if lead.len() < before.len() {
            shown.push('…');
            pad += 1;
        }
        shown.extend(lead.chars().map(visible));
        pad += width(lead);
        let mut room = MAX_WIDTH.saturating_sub(pad);
        let marked = head(inside, room);
        shown.extend(marked.chars().map(visible));
        room -= width(marked).min(room);
        let trailing = if marked.len() < inside.len() { "" } else { head(after, room) };
        shown.extend(trailing.chars().map(visible));
        if lead.len() + marked.len() + trailing.len() < text.len() - (before.len() - lead.len()) {
            shown.push('…');
        }
        Self { text: shown, pad, marks: width(marked).max(1) }
    }
}

/// The longest start of a text that is at most so wide.
fn head(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += char_width(visible(character));
        if used > room {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// The longest end of a text that is at most so wide.
fn tail(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices().rev() {
        used += char_width(visible(character));
        if used > room {
            return text.get(at + character.len_utf8()..).unwrap_or_default();
        }
    }
    text
}

fn width(text: &str) -> usize {
    text.chars().map(|character| char_width(visible(character))).sum()
}

fn char_width(character: char) -> usize {
    character.width().unwrap_or(1)
}

/// A character as it may be shown: nothing that moves the cursor, changes colours or turns the writing direction.
fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        _ if character.is_control() => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

fn harmless(text: &str) -> String {
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn shown(text: &str, start: u32, end: u32) -> String {
        let sources = Sources::single("m.dsm", text);
        Diagnostic::error(Code::UnexpectedToken, Span::new(0, start, end), "no").render(&sources, false)
    }

    #[test]
    fn the_place_is_underlined() {
        assert_eq!(shown("ab\n\tcd ef\n", 7, 9), "m.dsm:2:5: error: no\n    2 |  cd ef\n      |     ^^\n");
    }

    #[test]
    fn wide_characters_shift_the_mark() {
        assert_eq!(
            shown("// 漢字 x", 10, 11),
            "m.dsm:1:7: error: no\n    1 | // 漢字 x\n      |         ^\n"
        );
    }

    #[test]
    fn a_place_at_the_end_has_a_mark() {
        assert_eq!(shown("ab", 2, 2), "m.dsm:1:3: error: no\n    1 | ab\n      |   ^\n");
    }

    #[test]
    fn a_place_over_several_lines_is_marked_on_the_first() {
        assert_eq!(shown("ab {\n cd\n}", 3, 10), "m.dsm:1:4: error: no\n    1 | ab {\n      |    ^\n");
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides() {
        let text = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let text = shown(&text, 500, 501);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1].chars().count(), 8 + 1 + 40 + 1 + 78 + 1);
        assert_eq!(lines[1].find('X').map(|at| lines[1][..at].chars().count()), lines[2].find('^'));
        assert!(lines[1].ends_with('…'));
    }

    #[test]
    fn terminal_escapes_in_a_source_stay_dead() {
        let text = shown("\u{1b}[31m x", 6, 7);
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn colour_adds_nothing_but_escapes() {
        let sources = Sources::single("m.dsm", "ab");
        let diagnostic = Diagnostic::error(Code::UnexpectedToken, Span::new(0, 0, 1), "no").help("do");
        let coloured = diagnostic.render(&sources, true);
        let plain: String = coloured
            .split('\u{1b}')
            .enumerate()
            .map(|(n, part)| if n == 0 { part } else { part.split_once('m').unwrap().1 })
            .collect();
        assert_eq!(plain, diagnostic.render(&sources, false));
    }
}
