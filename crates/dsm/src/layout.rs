//! The canonical layout of a text, comments kept.
//!
//! The layout is made from tokens, not from the tree: every token and comment is written in its order, and only what stands
//! between them changes. Single empty lines between declarations stay, as does the choice to write a short enumeration on one
//! line.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lexer::{self, Token, TokenKind};
use crate::parser;
use crate::source::Sources;

const INDENT: &str = "    ";
/// How wide a line with a whole enumeration may be.
const MAX_LINE: usize = 100;

/// Lays a text out.
///
/// The result reads as the same model, has the same comments, and does not change when it is laid out again.
///
/// # Errors
/// When the text cannot be read; names and types are not looked at. The spans point into `text`, as source 0.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    parser::parse(&Sources::single("", text), &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics.into_sorted());
    }
    Ok(lay_out(text))
}

/// Lays out a text that is known to be readable.
pub(crate) fn lay_out(text: &str) -> String {
    let lexed = lexer::lex_with_comments(0, text, &mut Diagnostics::default());
    Layout::new(text, &lexed.tokens).run()
}

/// What a `{` opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// A namespace or a pool: declarations, with their empty lines.
    Outer,
    /// A structure.
    Fields,
    /// An enumeration, one case per line.
    Cases,
    /// An enumeration on one line.
    ShortCases,
    /// The list of a default.
    List,
}

/// What stands between two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    Nothing,
    Space,
    Line,
    EmptyLine,
}

struct Layout<'a> {
    text: &'a str,
    tokens: &'a [Token],
    out: String,
    blocks: Vec<Block>,
    /// The word that the statement inside a namespace or pool began with, such as `struct`.
    head: &'a str,
    /// No token of the statement has been written, though comments and its doc string may have been.
    at_start: bool,
    /// The `}` that was written last closed a body of several lines.
    closed_body: bool,
    /// The statement before had such a body.
    after_body: bool,
}

impl<'a> Layout<'a> {
    fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        Self {
            text,
            tokens,
            out: String::with_capacity(text.len() + text.len() / 8),
            blocks: Vec::new(),
            head: "",
            at_start: true,
            closed_body: false,
            after_body: false,
        }
    }

    fn run(mut self) -> String {
        for at in 0..self.tokens.len() {
            let kind = self.tokens[at].kind;
            if kind == TokenKind::End {
                break;
            }
            let gap = self.gap(at);
            if kind == TokenKind::RightBrace {
                let is_list = self.blocks.pop() == Some(Block::List);
                self.closed_body |= !is_list && gap >= Gap::Line;
            }
            self.write(at, gap);
            self.advance(at);
        }
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    fn text_of(&self, at: usize) -> &'a str {
        let span = self.tokens[at].span;
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn block(&self) -> Option<Block> {
        self.blocks.last().copied()
    }

    /// What the layout puts before a token.
    fn gap(&self, at: usize) -> Gap {
        let Some(previous) = at.checked_sub(1).map(|before| self.tokens[before].kind) else {
            return Gap::Nothing;
        };
        let token = self.tokens[at];
        if token.kind == TokenKind::Comment && token.line_breaks == 0 {
            return Gap::Space;
        }
        let mut gap = self.token_gap(at, previous);
        // Whatever follows a comment stands on a line of its own, and so does a comment that had one.
        if previous == TokenKind::Comment || token.kind == TokenKind::Comment {
            gap = gap.max(Gap::Line);
        }
        if gap == Gap::Line && token.line_breaks > 1 && self.keeps_empty_line(previous, token.kind) {
            gap = Gap::EmptyLine;
        }
        gap
    }

    fn token_gap(&self, at: usize, previous: TokenKind) -> Gap {
        use TokenKind::{
            ColonColon, Comma, Doc, LeftAngle, LeftBrace, LeftParen, RightAngle, RightBrace, RightParen,
            Semicolon,
        };
        let token = self.tokens[at];
        let broken = token.line_breaks > 0;
        match (self.block(), previous, token.kind) {
            (_, Doc, _) => Gap::Line,
            (Some(Block::List), LeftBrace, _) | (Some(Block::List), _, RightBrace) => {
                if broken {
                    Gap::Line
                } else {
                    Gap::Nothing
                }
            }
            (_, LeftBrace, RightBrace) => Gap::Nothing,
            (Some(Block::ShortCases), LeftBrace, _) | (Some(Block::ShortCases), _, RightBrace) => Gap::Space,
            (_, _, RightBrace) => Gap::Line,
            _ if self.at_start && self.starts_group(at) => Gap::EmptyLine,
            _ if self.at_start => Gap::Line,
            (Some(Block::Cases), Comma | LeftBrace, _) => Gap::Line,
            (_, _, Comma | Semicolon | RightAngle | RightParen | LeftParen | LeftAngle | ColonColon) => {
                Gap::Nothing
            }
            // Long lists of parameters and numbers are broken where their author broke them.
            (_, Comma | LeftParen, _) if broken => Gap::Line,
            (_, LeftAngle | LeftParen | ColonColon, _) => Gap::Nothing,
            _ => Gap::Space,
        }
    }

    fn keeps_empty_line(&self, previous: TokenKind, next: TokenKind) -> bool {
        let at_edge = previous == TokenKind::LeftBrace || next == TokenKind::RightBrace;
        match self.block() {
            None => self.at_start,
            Some(Block::Outer) => self.at_start && previous != TokenKind::Doc,
            Some(Block::Fields) => self.at_start && !at_edge && previous != TokenKind::Doc,
            Some(Block::Cases) => !at_edge && matches!(previous, TokenKind::Comma | TokenKind::Comment),
            Some(Block::ShortCases | Block::List) => false,
        }
    }

    /// Whether an empty line sets the statement at this place apart from the one before: bodies and documented declarations
    /// breathe, single lines may stand close.
    fn starts_group(&self, at: usize) -> bool {
        if !matches!(self.block(), None | Some(Block::Outer)) {
            return false;
        }
        let is_trailing =
            |at: &usize| self.tokens[*at].kind == TokenKind::Comment && self.tokens[*at].line_breaks == 0;
        let Some(before) = (0..at).rev().find(|at| !is_trailing(at)) else { return false };
        if matches!(self.tokens[before].kind, TokenKind::LeftBrace | TokenKind::Comment) {
            return false;
        }
        self.after_body || self.is_spacious(at)
    }

    /// Whether what starts at this place, behind its comments, is documented or laid out over several lines.
    fn is_spacious(&self, at: usize) -> bool {
        let mut rest = (at..self.tokens.len()).filter(|at| self.tokens[*at].kind != TokenKind::Comment);
        let Some(first) = rest.next() else { return false };
        if self.tokens[first].kind == TokenKind::Doc {
            return true;
        }
        let open =
            rest.find(|at| matches!(self.tokens[*at].kind, TokenKind::LeftBrace | TokenKind::Semicolon));
        let Some(open) = open.filter(|open| self.tokens[*open].kind == TokenKind::LeftBrace) else {
            return false;
        };
        let is_empty = self.tokens.get(open + 1).is_some_and(|next| next.kind == TokenKind::RightBrace);
        let is_short = self.text_of(first) == "enum" && self.is_short(open);
        !is_empty && !is_short
    }

    /// Whether the enumeration whose `{` stands here was and may be written on one line.
    fn is_short(&self, open: usize) -> bool {
        let mut width =
            INDENT.len() + "enum ".len() + self.text_of(open.saturating_sub(1)).len() + " {  };".len();
        for at in open + 1..self.tokens.len() {
            let token = self.tokens[at];
            match token.kind {
                _ if token.line_breaks > 0 => return false,
                TokenKind::RightBrace => return true,
                TokenKind::Comma => width += 2,
                TokenKind::Doc | TokenKind::Comment => return false,
                _ => width += self.text_of(at).len(),
            }
            if width > MAX_LINE {
                return false;
            }
        }
        false
    }

    fn write(&mut self, at: usize, gap: Gap) {
        let kind = self.tokens[at].kind;
        match gap {
            Gap::Nothing => {}
            Gap::Space => self.out.push(' '),
            Gap::Line | Gap::EmptyLine => {
                self.out.push_str(if gap == Gap::Line { "\n" } else { "\n\n" });
                // What goes on with a statement stands further in than its first line.
                let goes_on = !self.at_start
                    && kind != TokenKind::RightBrace
                    && !matches!(self.block(), Some(Block::Cases | Block::List));
                for _ in 0..self.blocks.len() + usize::from(goes_on) {
                    self.out.push_str(INDENT);
                }
            }
        }
        let text = self.text_of(at);
        match kind {
            TokenKind::Comment => self.out.push_str(text.trim_end()),
            TokenKind::Doc => self.out.push_str(&text.replace("\r\n", "\n")),
            _ => self.out.push_str(text),
        }
    }

    /// Takes note of what a token opens, closes or starts.
    fn advance(&mut self, at: usize) {
        match self.tokens[at].kind {
            TokenKind::Comment | TokenKind::Doc => {}
            TokenKind::LeftBrace => {
                let block = match self.block() {
                    None => Block::Outer,
                    Some(Block::Outer) if self.head == "struct" => Block::Fields,
                    Some(Block::Outer) if self.is_short(at) => Block::ShortCases,
                    Some(Block::Outer) => Block::Cases,
                    Some(_) => Block::List,
                };
                self.blocks.push(block);
                self.at_start = matches!(block, Block::Outer | Block::Fields);
            }
            TokenKind::RightBrace => self.at_start = false,
            TokenKind::Semicolon => {
                self.after_body = std::mem::take(&mut self.closed_body);
                self.at_start = true;
            }
            _ if self.at_start => {
                self.head = self.text_of(at);
                self.at_start = false;
                self.after_body = false;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
