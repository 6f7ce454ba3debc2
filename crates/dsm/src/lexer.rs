//! Text to tokens.
//!
//! The lexer never fails: what it cannot read becomes a diagnostic and, where that helps the parser, a token that stands in
//! for what was probably meant.

mod numbers;
mod quoted;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
pub(crate) use numbers::is_json_number;

/// What a token is; its text is the text under its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Ident,
    Doc,
    String,
    Number,
    Uuid,
    /// `.name`
    Case,
    LeftBrace,
    RightBrace,
    LeftAngle,
    RightAngle,
    LeftParen,
    RightParen,
    Comma,
    Semicolon,
    Equals,
    ColonColon,
    /// `:`, which no rule accepts; other languages put types behind it.
    Colon,
    /// `//` to the end of the line; only kept for the formatter.
    Comment,
    /// Something that was reported and that no rule accepts.
    Bad,
    End,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
    /// How many line ends stand between the token before and this one.
    pub(crate) line_breaks: u32,
}

/// The tokens of one text, always closed by [`TokenKind::End`].
#[derive(Debug)]
pub(crate) struct Lexed {
    pub(crate) tokens: Vec<Token>,
    /// The text ended inside a doc string, so that declarations are probably missing.
    pub(crate) truncated: bool,
}

/// Reads a text into tokens; comments are left out.
pub(crate) fn lex(source: u32, text: &str, diagnostics: &mut Diagnostics) -> Lexed {
    Lexer::new(source, text, diagnostics, false).run()
}

/// Reads a text into tokens, comments included.
pub(crate) fn lex_with_comments(source: u32, text: &str, diagnostics: &mut Diagnostics) -> Lexed {
    Lexer::new(source, text, diagnostics, true).run()
}

struct Lexer<'a> {
    source: u32,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line_breaks: u32,
    keep_comments: bool,
    tokens: Vec<Token>,
    truncated: bool,
    open_brackets: usize,
    /// The first doc string that seems to have swallowed declarations.
    suspicious_doc: Option<Span>,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Lexer<'a> {
    fn new(source: u32, text: &'a str, diagnostics: &'a mut Diagnostics, keep_comments: bool) -> Self {
        Self {
            source,
            text,
            bytes: text.as_bytes(),
            at: 0,
            line_breaks: 0,
            keep_comments,
            tokens: Vec::with_capacity(text.len() / 6),
            truncated: false,
            open_brackets: 0,
            suspicious_doc: None,
            diagnostics,
        }
    }

    fn run(mut self) -> Lexed {
        if u32::try_from(self.text.len()).is_err() {
            let message = "this text is larger than 4 GiB, the most that is read";
            self.diagnostics.push(Diagnostic::error(Code::SourceTooLarge, self.span(0, 0), message));
            self.at = self.text.len();
        } else if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        while let Some(&byte) = self.bytes.get(self.at) {
            self.token(byte);
        }
        let end = self.text.len();
        self.push(TokenKind::End, end);
        Lexed { tokens: self.tokens, truncated: self.truncated }
    }

    fn token(&mut self, byte: u8) {
        let start = self.at;
        match byte {
            b'\n' => {
                self.line_breaks += 1;
                self.at += 1;
            }
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'a'..=b'z' | b'A'..=b'Z' => self.word(),
            b'0'..=b'9' | b'-' | b'+' => self.number(),
            b'.' => self.case_or_number(),
            b'"' if self.rest().starts_with("\"\"\"") => self.doc(),
            b'"' => self.string(b'"'),
            b'\'' => self.string(b'\''),
            b'{' => self.brace_or_uuid(),
            b'}' => self.single(TokenKind::RightBrace),
            b'<' => self.single(TokenKind::LeftAngle),
            b'>' => self.single(TokenKind::RightAngle),
            b'(' => self.single(TokenKind::LeftParen),
            b')' => self.single(TokenKind::RightParen),
            b',' => self.single(TokenKind::Comma),
            b';' => self.single(TokenKind::Semicolon),
            b'=' => self.single(TokenKind::Equals),
            b':' if self.rest().starts_with("::") => {
                self.at += 2;
                self.push(TokenKind::ColonColon, start);
            }
            b':' => self.single(TokenKind::Colon),
            b'[' | b']' => self.bracket(byte),
            b'/' if self.rest().starts_with("//") => {
                self.skip_line();
                if self.keep_comments {
                    self.push(TokenKind::Comment, start);
                }
            }
            b'/' if self.rest().starts_with("/*") => self.block_comment(),
            b'#' => {
                self.skip_line();
                self.report(
                    Code::ForeignComment,
                    start,
                    start + 1,
                    "`#` starts no comment",
                    Some("comments start with `//`"),
                );
            }
            _ => self.unexpected(),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.source, offset(start), offset(end))
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let span = self.span(start, self.at);
        self.tokens.push(Token { kind, span, line_breaks: self.line_breaks });
        self.line_breaks = 0;
    }

    fn single(&mut self, kind: TokenKind) {
        let start = self.at;
        self.at += 1;
        self.push(kind, start);
    }

    fn report(
        &mut self,
        code: Code,
        start: usize,
        end: usize,
        message: impl Into<String>,
        help: Option<&str>,
    ) {
        let span = self.span(start, end);
        let diagnostic = Diagnostic::error(code, span, message).maybe_help(help.map(str::to_owned));
        self.diagnostics.push(diagnostic);
    }

    fn skip_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|&byte| accept(byte)) {
            self.at += 1;
        }
    }

    fn skip_word(&mut self) {
        self.skip_while(is_word);
    }

    fn skip_line(&mut self) {
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        self.at += length;
    }

    /// A name; a letter that may not be in one is reported, and the name goes on behind it.
    fn word(&mut self) {
        let start = self.at;
        self.skip_word();
        let foreign = self.rest().chars().next().filter(|next| !next.is_ascii() && next.is_alphabetic());
        if let Some(foreign) = foreign {
            let end = self.at + foreign.len_utf8();
            self.foreign_letter(foreign, self.at, end);
            self.skip_while(|byte| is_word(byte) || !byte.is_ascii());
        }
        self.push(TokenKind::Ident, start);
    }

    fn foreign_letter(&mut self, letter: char, start: usize, end: usize) {
        let help = Some("a name is made of the letters a to z and A to Z, digits and `_`");
        self.report(
            Code::UnexpectedCharacter,
            start,
            end,
            format!("`{letter}` cannot stand in a name"),
            help,
        );
    }

    /// Brackets around a list are reported once and then read as braces.
    fn bracket(&mut self, byte: u8) {
        let start = self.at;
        if byte == b'[' {
            let help = Some("a list is written `{1, 2}`");
            self.report(Code::UnexpectedCharacter, start, start + 1, "`[` has no meaning in DSM", help);
            self.open_brackets += 1;
            self.single(TokenKind::LeftBrace);
        } else if self.open_brackets > 0 {
            self.open_brackets -= 1;
            self.single(TokenKind::RightBrace);
        } else {
            self.report(Code::UnexpectedCharacter, start, start + 1, "`]` has no meaning in DSM", None);
            self.single(TokenKind::Bad);
        }
    }

    /// Anything that is no token: one diagnostic for a whole run of such characters.
    fn unexpected(&mut self) {
        let start = self.at;
        let first = self.rest().chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
        if first == '_' || first.is_alphabetic() {
            self.foreign_word(first);
            return;
        }
        for character in self.rest().chars() {
            if character.is_ascii() && (is_token_start(character as u8) || character.is_ascii_whitespace()) {
                break;
            }
            self.at += character.len_utf8();
        }
        if self.at == start {
            self.at += first.len_utf8();
        }
        let (message, help) = match first {
            '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{3000}' => (
                format!("U+{:04X} is a space that DSM does not know", first as u32),
                Some("replace it by an ordinary space"),
            ),
            '\u{201c}' | '\u{201d}' => {
                (format!("`{first}` does not quote a string"), Some("use the straight quote `\"`"))
            }
            _ if first.is_control() => (format!("U+{:04X} is a control character", first as u32), None),
            _ => (format!("`{first}` has no meaning in DSM"), None),
        };
        let end = self.at;
        self.report(Code::UnexpectedCharacter, start, end, message, help);
        if !first.is_whitespace() && first != '\u{200b}' {
            self.push(TokenKind::Bad, start);
        }
    }

    /// A word that starts wrongly is a name to its author: the parser takes it for one and reports nothing more.
    fn foreign_word(&mut self, first: char) {
        let start = self.at;
        self.at += first.len_utf8();
        if first == '_' {
            self.skip_word();
            let end = self.at;
            self.report(
                Code::UnexpectedCharacter,
                start,
                end,
                "a name starts with a letter, not with `_`",
                None,
            );
        } else {
            self.foreign_letter(first, start, self.at);
        }
        self.skip_while(|byte| is_word(byte) || !byte.is_ascii());
        self.push(TokenKind::Ident, start);
    }

    /// `/* … */` is skipped as a whole, so that its words do not bring further diagnostics.
    fn block_comment(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
        let breaks = rest.get(..length).unwrap_or_default().bytes().filter(|&byte| byte == b'\n').count();
        self.line_breaks += u32::try_from(breaks).unwrap_or(u32::MAX);
        self.at += length;
        self.report(
            Code::ForeignComment,
            start,
            start + 2,
            "`/*` starts no comment",
            Some("comments start with `//`"),
        );
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

const fn is_token_start(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'.' | b'"'
                | b'\''
                | b'{'
                | b'}'
                | b'<'
                | b'>'
                | b'('
                | b')'
                | b','
                | b';'
                | b'='
                | b'/'
                | b'#'
                | b'-'
                | b'+'
        )
}
