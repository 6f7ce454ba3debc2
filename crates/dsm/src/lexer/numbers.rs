//! Numbers, cases, UUIDs, and the braces that look like UUIDs.

use super::{Lexer, TokenKind, is_word};
use crate::diagnostic::Code;

impl Lexer<'_> {
    pub(super) fn number(&mut self) {
        let start = self.at;
        // Everything that could be part of a number in some language, so that a wrong one is reported as a whole.
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            let signed_exponent =
                matches!(byte, b'+' | b'-') && matches!(self.bytes.get(self.at - 1), Some(b'e' | b'E'));
            if !(is_word(byte) || byte == b'.' || signed_exponent) {
                break;
            }
            self.at += 1;
        }
        self.finish_number(start);
    }

    pub(super) fn finish_number(&mut self, start: usize) {
        let text = self.text.get(start..self.at).unwrap_or_default();
        if !is_json_number(text) {
            let help = number_help(text);
            let end = self.at;
            self.report(Code::InvalidNumber, start, end, format!("`{text}` is no number"), help);
        }
        self.push(TokenKind::Number, start);
    }

    pub(super) fn case_or_number(&mut self) {
        let start = self.at;
        match self.bytes.get(self.at + 1) {
            Some(byte) if byte.is_ascii_alphabetic() => {
                self.at += 1;
                self.skip_word();
                self.push(TokenKind::Case, start);
            }
            Some(byte) if byte.is_ascii_digit() => self.number(),
            _ => {
                self.at += 1;
                self.report(
                    Code::UnexpectedCharacter,
                    start,
                    start + 1,
                    "`.` must be followed by the name of a case",
                    None,
                );
                self.push(TokenKind::Bad, start);
            }
        }
    }

    pub(super) fn brace_or_uuid(&mut self) {
        let start = self.at;
        let inner = self.rest().get(1..).unwrap_or_default();
        // A UUID has 36 characters; looking a little further finds those that have a digit too many.
        let run =
            inner.bytes().take(64).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
        let digits = inner.get(..run).unwrap_or_default();
        let closed = inner.as_bytes().get(run) == Some(&b'}');
        let dashes = digits.bytes().filter(|byte| *byte == b'-').count();
        // `{1e-5}` is a list; two dashes, or 32 digits that are no number, make it an attempt at a UUID.
        let is_undashed =
            run == 32 && !is_json_number(digits) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !closed || (dashes < 2 && !is_undashed) {
            self.single(TokenKind::LeftBrace);
            return;
        }
        self.at += run + 2;
        if !is_uuid(digits) {
            let end = self.at;
            self.report(
                Code::InvalidUuid,
                start,
                end,
                format!("`{{{digits}}}` is no UUID"),
                Some(uuid_help(digits)),
            );
        }
        self.push(TokenKind::Uuid, start);
    }
}

/// Whether a text is a number by JSON's grammar.
pub(crate) fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at).unwrap_or_default(), unsigned.get(at + 1..)),
        None => (unsigned, None),
    };
    let (integer, fraction) = match mantissa.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (mantissa, None),
    };
    digits(integer)
        && (integer == "0" || !integer.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

fn number_help(text: &str) -> Option<&'static str> {
    let unsigned = text.trim_start_matches(['+', '-']);
    if text.starts_with('+') {
        Some("leave out the `+`")
    } else if unsigned.starts_with('.') {
        Some("write a digit before the point, as in `0.5`")
    } else if unsigned.ends_with('.') {
        Some("write a digit after the point, as in `1.0`")
    } else if unsigned.starts_with("0x") || unsigned.starts_with("0X") {
        Some("numbers are decimal")
    } else if unsigned.contains('_') {
        Some("leave out the `_`")
    } else if unsigned.ends_with(['f', 'F']) && unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        Some("leave out the `f`: the type of the field says what the number is")
    } else if unsigned.starts_with('0') && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        Some("leave out the leading zeros")
    } else if unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        Some("a name starts with a letter; a number is written as in JSON: `-12`, `0.5`, `1e-3`")
    } else {
        Some("a number is written as in JSON: `-12`, `0.5`, `1e-3`")
    }
}

fn is_uuid(digits: &str) -> bool {
    let groups: Vec<&str> = digits.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn uuid_help(digits: &str) -> &'static str {
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
        "a UUID has 8, 4, 4, 4 and 12 digits"
    } else {
        "the digits of a UUID are 0 to 9 and a to f"
    }
}
