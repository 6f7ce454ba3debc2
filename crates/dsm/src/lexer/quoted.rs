//! Strings and doc strings.

use super::{Lexer, TokenKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::escape;

impl Lexer<'_> {
    /// A string; single quotes are reported and then read as double ones.
    pub(super) fn string(&mut self, quote: u8) {
        let start = self.at;
        self.at += 1;
        let mut closed = false;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' => break,
                b'\\' if self.bytes.get(self.at + 1).is_some_and(|&next| next != b'\n') => self.at += 2,
                _ if byte == quote => {
                    self.at += 1;
                    closed = true;
                    break;
                }
                _ => self.at += 1,
            }
        }
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        let end = self.at;
        if quote == b'\'' {
            self.report(
                Code::UnexpectedCharacter,
                start,
                end,
                "strings are not quoted with `'`",
                Some("use `\"`"),
            );
        } else if closed {
            self.check_escapes(start + 1, end - 1);
        } else {
            let trimmed = start + self.text.get(start..end).unwrap_or_default().trim_end().len();
            // A `;` at the end of the line most probably ends the field, not the string.
            self.at = trimmed - usize::from(self.bytes.get(trimmed - 1) == Some(&b';'));
            let trimmed = self.at;
            let help = Some("close it with `\"`; a line end is written `\\n`");
            self.report(
                Code::UnterminatedString,
                start,
                trimmed,
                "this string is not closed on its line",
                help,
            );
        }
        self.push(TokenKind::String, start);
    }

    pub(super) fn doc(&mut self) {
        let start = self.at;
        self.at += 3;
        loop {
            // One search per escape or quote run keeps this linear.
            let Some(skip) = self.rest().find(['"', '\\']) else {
                self.unterminated_doc(start);
                return;
            };
            self.at += skip;
            if self.rest().starts_with("\"\"\"") {
                break;
            }
            let escaped = self.rest().starts_with('\\');
            self.at += 1;
            if let Some(next) = self.rest().chars().next().filter(|_| escaped) {
                self.at += next.len_utf8();
            }
        }
        let content_end = self.at;
        self.at += 3;
        self.check_escapes(start + 3, content_end);
        let content = self.text.get(start + 3..content_end).unwrap_or_default();
        let breaks = content.bytes().filter(|&byte| byte == b'\n').count();
        if breaks > 0 && self.suspicious_doc.is_none() && swallows_declarations(content) {
            self.suspicious_doc = Some(self.span(start, start + 3));
        }
        self.push(TokenKind::Doc, start);
    }

    /// An opening `"""` without an end.
    ///
    /// Where a quote is forgotten, every later doc string is read inside out, and the *last* `"""` is the one left open. If
    /// an earlier doc string holds declarations, it is the one to blame, and what was read after it means nothing.
    pub(super) fn unterminated_doc(&mut self, start: usize) {
        self.at = self.text.len();
        self.truncated = true;
        let mut place = self.span(start, start + 3);
        if let Some(doc) = self.suspicious_doc {
            place = doc;
            self.tokens.retain(|token| token.span.start < doc.start);
            self.diagnostics.retain(|diagnostic| {
                diagnostic.span.source != doc.source || diagnostic.span.start < doc.start
            });
        }
        let diagnostic = Diagnostic::error(Code::UnterminatedDoc, place, "this doc string is never closed")
            .help("close it with `\"\"\"`");
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn check_escapes(&mut self, start: usize, end: usize) {
        let raw = self.text.get(start..end).unwrap_or_default();
        for fault in escape::faults(raw) {
            let (code, message, help) = match fault.kind {
                escape::FaultKind::Escape => {
                    let text = raw.get(fault.start..fault.end).unwrap_or_default();
                    (
                        Code::InvalidEscape,
                        format!("`{text}` is no escape"),
                        Some(
                            "escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits",
                        ),
                    )
                }
                escape::FaultKind::Surrogate => (
                    Code::InvalidEscape,
                    "half of a surrogate pair is no character".to_owned(),
                    Some("write the character itself, or both halves"),
                ),
                escape::FaultKind::Control(character) => (
                    Code::ControlCharacter,
                    format!("U+{:04X} must be written as an escape", character as u32),
                    None,
                ),
            };
            self.report(code, start + fault.start, start + fault.end, message, help);
        }
    }
}

/// Whether a doc string holds lines that look like declarations: a keyword first, a `;` or `{` last.
fn swallows_declarations(content: &str) -> bool {
    content.lines().skip(1).any(|line| {
        let line = line.trim();
        let first = line.split([' ', '<']).next().unwrap_or_default();
        let keyword = matches!(
            first,
            "concept"
                | "club"
                | "membership"
                | "enum"
                | "struct"
                | "attachment"
                | "namespace"
                | "function_pool"
                | "attachment_function_pool"
        );
        keyword && line.ends_with([';', '{'])
    })
}
