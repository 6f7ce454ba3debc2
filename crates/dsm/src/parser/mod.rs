//! Tokens to tree, by recursive descent, going on after mistakes.
//!
//! One mistake brings one diagnostic: nothing more is reported at a token where something has been reported, a statement that
//! cannot be read is skipped to its end, and a body that is not closed ends where the next declaration starts.

mod declarations;
mod items;
mod literals;
mod pools;
mod types;

use crate::ast::{Ident, Name, Tree, UuidLiteral};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::escape;
use crate::lexer::{self, Token, TokenKind};
use crate::source::{Sources, Span};
use crate::suggest::Suggester;
use crate::words;
use uuid::Uuid;

/// How deep types and literals may nest in a text: so deep that a structure may still hold them.
pub(crate) const MAX_NESTING: usize = anabranch_model::MAX_DEPTH - 1;

/// How many bodies one may put into another before that is taken for something else; it bounds the recursion.
const MAX_NESTED_BODIES: usize = 8;

/// Reads all sources into one tree.
pub(crate) fn parse(sources: &Sources, diagnostics: &mut Diagnostics) -> Tree {
    let mut tree = Tree::default();
    for (index, source) in (0_u32..).zip(sources) {
        parse_source(index, source.text(), &mut tree, diagnostics);
    }
    tree
}

fn parse_source(index: u32, text: &str, tree: &mut Tree, diagnostics: &mut Diagnostics) {
    let lexed = lexer::lex(index, text, diagnostics);
    tree.is_incomplete |= lexed.truncated;
    Parser {
        text,
        tokens: &lexed.tokens,
        at: 0,
        reported_at: None,
        open_lists: 0,
        is_balanced: is_balanced(&lexed.tokens),
        nesting: 0,
        truncated: lexed.truncated,
        suggester: Suggester::new(),
        tree,
        diagnostics,
    }
    .items();
}

fn is_balanced(tokens: &[Token]) -> bool {
    let count = |kind| tokens.iter().filter(|token| token.kind == kind).count();
    count(TokenKind::LeftBrace) == count(TokenKind::RightBrace)
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    /// The token at which something was reported last.
    reported_at: Option<usize>,
    /// How many `{` of literals have been read whose `}` have not.
    open_lists: usize,
    /// There are as many `}` as `{`, so that a declaration inside a body is one that was put there.
    is_balanced: bool,
    /// How many bodies are being read that stand inside another where they may not.
    nesting: usize,
    /// The end of the tokens is not the end of the text.
    truncated: bool,
    suggester: Suggester,
    tree: &'a mut Tree,
    diagnostics: &'a mut Diagnostics,
}

/// A body whose `{` has been read.
#[derive(Clone, Copy)]
struct Open<'a> {
    brace: Span,
    /// `structure`, `namespace` …
    what: &'static str,
    name: &'a str,
}

/// What the parser found where the next member of a body should start.
enum Body {
    Member,
    /// The body ended, its `}` read or missed.
    Ended,
}

impl<'a> Parser<'a> {
    // Looking at tokens.

    fn token(&self, ahead: usize) -> Token {
        // The list always ends in `End`, which is never passed.
        let last = self.tokens.len().saturating_sub(1);
        self.tokens.get((self.at + ahead).min(last)).copied().unwrap_or(Token {
            kind: TokenKind::End,
            span: Span::new(0, 0, 0),
            line_breaks: 0,
        })
    }

    fn kind(&self) -> TokenKind {
        self.token(0).kind
    }

    fn text_of(&self, token: Token) -> &'a str {
        self.text.get(token.span.start as usize..token.span.end as usize).unwrap_or_default()
    }

    /// The word at a distance; empty when there is another token.
    fn word(&self, ahead: usize) -> &'a str {
        let token = self.token(ahead);
        if token.kind == TokenKind::Ident { self.text_of(token) } else { "" }
    }

    fn previous_span(&self) -> Span {
        match self.at.checked_sub(1).and_then(|at| self.tokens.get(at)) {
            Some(token) => token.span,
            None => Span { end: self.token(0).span.start, ..self.token(0).span },
        }
    }

    fn bump(&mut self) -> Token {
        let token = self.token(0);
        if token.kind != TokenKind::End {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.bump();
        }
        found
    }

    /// Whether a declaration starts at this distance: its keyword and what must follow that.
    fn is_declaration_start(&self, ahead: usize) -> bool {
        let (next, after) = (self.token(ahead + 1).kind, self.token(ahead + 2).kind);
        let opens = next == TokenKind::Ident && matches!(after, TokenKind::LeftBrace | TokenKind::Uuid);
        match self.word(ahead) {
            "attachment" => next == TokenKind::LeftAngle,
            "enum" | "struct" | "namespace" | "function_pool" | "attachment_function_pool" => opens,
            "concept" | "club" | "membership" => next == TokenKind::Ident,
            _ => false,
        }
    }

    // Reporting.

    /// Reports a mistake at the next token, unless that token was complained about already.
    fn report(&mut self, diagnostic: Diagnostic) {
        let token = self.token(0);
        let is_known = match token.kind {
            TokenKind::Bad => true,
            TokenKind::End => self.truncated,
            TokenKind::Number => !lexer::is_json_number(self.text_of(token)),
            _ => false,
        };
        if self.reported_at != Some(self.at) && !is_known {
            self.diagnostics.push(diagnostic);
        }
        self.reported_at = Some(self.at);
    }

    fn expected(&mut self, what: &str) {
        let diagnostic = self.expected_diagnostic(what);
        self.report(diagnostic);
    }

    fn expected_diagnostic(&self, what: &str) -> Diagnostic {
        let token = self.token(0);
        // What is missing at the end of a file belongs behind its last token, not behind its last empty line.
        let span = if token.kind == TokenKind::End { self.previous_span().after() } else { token.span };
        let message = format!("expected {what}, found {}", self.describe(token));
        Diagnostic::error(Code::UnexpectedToken, span, message)
    }

    fn describe(&self, token: Token) -> String {
        let text = self.text_of(token);
        match token.kind {
            TokenKind::Doc => "a doc string".to_owned(),
            TokenKind::String => "a string".to_owned(),
            TokenKind::Number => format!("the number `{text}`"),
            TokenKind::Uuid => "a UUID".to_owned(),
            TokenKind::End => "the end of the file".to_owned(),
            _ => format!("`{text}`"),
        }
    }

    fn expect_with_help(&mut self, kind: TokenKind, what: &str, help: &str) -> Option<Token> {
        if self.kind() == kind {
            return Some(self.bump());
        }
        let diagnostic = self.expected_diagnostic(what).help(help);
        self.report(diagnostic);
        None
    }

    fn expect(&mut self, kind: TokenKind, what: &str) -> Option<Token> {
        if self.kind() == kind {
            return Some(self.bump());
        }
        self.expected(what);
        None
    }

    // Going on after a mistake.

    /// Skips the rest of a statement: behind its `;`, or before the `}` of its body, or before the next declaration that
    /// starts a line.
    fn skip_statement(&mut self) {
        let mut depth = 0_usize;
        let mut open_lists = std::mem::take(&mut self.open_lists);
        let start = self.at;
        loop {
            let token = self.token(0);
            let starts_line = token.line_breaks > 0 && self.at > start;
            match token.kind {
                TokenKind::End => return,
                TokenKind::Ident if starts_line && self.is_declaration_start(0) => return,
                TokenKind::Doc if starts_line && self.is_declaration_start(1) => return,
                TokenKind::Semicolon if depth == 0 => {
                    self.bump();
                    return;
                }
                TokenKind::RightBrace if depth > 0 => depth -= 1,
                TokenKind::RightBrace if open_lists > 0 => open_lists -= 1,
                TokenKind::RightBrace => return,
                TokenKind::LeftBrace => depth += 1,
                _ => {}
            }
            self.bump();
        }
    }

    /// Reads the `;` that ends a statement; a missing one is reported where it should stand.
    fn end_statement(&mut self, what: &str) {
        if self.eat(TokenKind::Semicolon) {
            return;
        }
        let place = self.previous_span().after();
        self.report(Diagnostic::error(
            Code::MissingSemicolon,
            place,
            format!("expected `;` after the {what}"),
        ));
        let next = self.token(1).kind;
        let starts_statement = match self.kind() {
            TokenKind::RightBrace | TokenKind::End => true,
            TokenKind::Ident => {
                matches!(next, TokenKind::Ident | TokenKind::LeftAngle | TokenKind::ColonColon)
            }
            _ => false,
        };
        if !starts_statement && self.token(0).line_breaks == 0 {
            self.skip_statement();
        }
    }

    /// Looks for the end of a body at the place where a member may start.
    fn body(&mut self, open: Open<'_>) -> Body {
        loop {
            match self.kind() {
                TokenKind::RightBrace => {
                    self.bump();
                    self.end_statement(&format!("`}}` of the {}", open.what));
                    return Body::Ended;
                }
                TokenKind::End => {
                    self.unclosed(open);
                    return Body::Ended;
                }
                _ => {}
            }
            let ahead = usize::from(self.kind() == TokenKind::Doc);
            // A case may be called `concept`, and a missing comma bring another one behind it, but hardly on a new line.
            let is_inline = self.token(0).line_breaks == 0;
            let may_be_member = is_inline && (open.what == "enumeration" || !self.is_balanced);
            if !self.is_declaration_start(ahead) || may_be_member {
                return Body::Member;
            }
            let nests = self.is_balanced
                && self.nesting < MAX_NESTED_BODIES
                && words::DECLARATIONS.contains(&self.word(ahead));
            if !nests {
                let place = self.previous_span().after();
                let message = format!("the {} `{}` is not closed", open.what, open.name);
                let diagnostic = Diagnostic::error(Code::Unclosed, place, message)
                    .label(open.brace, "opened here")
                    .help("close it with `};`");
                self.report(diagnostic);
                return Body::Ended;
            }
            self.nested_declaration(open);
        }
    }

    /// Reports a declaration inside a body that can have none, and reads it to its end.
    fn nested_declaration(&mut self, open: Open<'_>) {
        let (doc, doc_span) = self.doc();
        let keyword = self.word(0);
        let message = format!("`{keyword}` cannot stand inside the {} `{}`", open.what, open.name);
        let diagnostic = Diagnostic::error(Code::MisplacedDeclaration, self.token(0).span, message)
            .help("declarations stand side by side in their namespace");
        self.report(diagnostic);
        self.bump();
        self.nesting += 1;
        let declaration = self.declaration(keyword, doc, doc_span);
        self.nesting -= 1;
        let name = declaration.as_ref().and_then(crate::ast::Declaration::name);
        self.tree.lost_names.extend(name.map(str::to_owned));
    }

    fn unclosed(&mut self, open: Open<'_>) {
        let message = format!("the {} `{}` is not closed", open.what, open.name);
        self.report(Diagnostic::error(Code::Unclosed, open.brace, message).help("close it with `};`"));
    }

    // Names, UUIDs, doc strings.

    fn ident(&mut self, what: &str) -> Option<Ident> {
        let token = self.expect(TokenKind::Ident, what)?;
        Some(Ident { text: self.text_of(token).to_owned(), span: token.span })
    }

    fn name(&mut self, what: &str) -> Option<Name> {
        let first = self.ident(what)?;
        if !self.eat(TokenKind::ColonColon) {
            return Some(Name { namespace: None, ident: first, kind: None });
        }
        let ident = self.ident("a name after `::`")?;
        if self.kind() == TokenKind::ColonColon {
            self.report(
                Diagnostic::error(Code::UnexpectedToken, self.token(0).span, "a name has only one `::`")
                    .help("namespaces do not nest: write `Namespace::Name`"),
            );
            return None;
        }
        Some(Name { namespace: Some(first), ident, kind: None })
    }

    fn uuid(&mut self, of: &str) -> Option<UuidLiteral> {
        let token = self.token(0);
        if token.kind == TokenKind::Uuid {
            self.bump();
            let digits = self.text_of(token).trim_matches(['{', '}']);
            return Some(UuidLiteral { value: Uuid::try_parse(digits).ok(), span: token.span });
        }
        let help = format!(
            "{of} is identified by a UUID, written `{{8-4-4-4-12}}` with hexadecimal digits after the name"
        );
        let diagnostic = self.expected_diagnostic("a UUID").help(help);
        self.report(diagnostic);
        // Something in braces, or without them, that was meant as one.
        if token.kind == TokenKind::LeftBrace && self.token(2).kind == TokenKind::RightBrace {
            self.at += 3;
        } else if matches!(token.kind, TokenKind::String | TokenKind::Number) {
            while !matches!(
                self.kind(),
                TokenKind::LeftBrace | TokenKind::Semicolon | TokenKind::RightBrace | TokenKind::End
            ) {
                self.bump();
            }
        }
        (self.kind() == TokenKind::LeftBrace).then_some(UuidLiteral { value: None, span: token.span })
    }

    /// The doc string here, if there is one; of several in a row only the last documents anything.
    fn doc(&mut self) -> (String, Option<Span>) {
        let mut doc = (String::new(), None);
        while self.kind() == TokenKind::Doc {
            let token = self.bump();
            if let Some(span) = doc.1 {
                let diagnostic =
                    Diagnostic::error(Code::MisplacedDoc, span, "this doc string documents nothing")
                        .label(token.span, "another one follows")
                        .help("join the two, or make one a `//` comment");
                self.diagnostics.push(diagnostic);
            }
            let raw = self.text_of(token);
            let content = raw.get(3..raw.len().saturating_sub(3)).unwrap_or_default();
            doc = (escape::unescape(content), Some(token.span));
        }
        doc
    }

    fn misplaced_doc(&mut self, doc: Option<Span>, why: &str) {
        if let Some(span) = doc {
            let diagnostic = Diagnostic::error(
                Code::MisplacedDoc,
                span,
                format!("this doc string documents nothing: {why}"),
            )
            .help("a doc string stands before what it documents; a remark is a `//` comment");
            self.diagnostics.push(diagnostic);
        }
    }
}
