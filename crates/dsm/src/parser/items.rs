//! Namespaces, function pools, and what stands in which.

use super::{Open, Parser};
use crate::ast::{Ident, Namespace, Pool, UuidLiteral};
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::TokenKind;
use crate::source::Span;
use crate::words;

struct OpenNamespace {
    namespace: Namespace,
    brace: Span,
    /// Another item started inside, which has been reported; a missing `}` is the same mistake.
    holds_item: bool,
}

impl Parser<'_> {
    pub(super) fn items(&mut self) {
        let mut open: Vec<OpenNamespace> = Vec::new();
        loop {
            let (doc, doc_span) = self.doc();
            let token = self.token(0);
            match token.kind {
                TokenKind::End => {
                    self.misplaced_doc(doc_span.filter(|_| !self.truncated), "the file ends after it");
                    break;
                }
                TokenKind::RightBrace => {
                    self.misplaced_doc(doc_span, "nothing follows it here");
                    self.close(&mut open);
                }
                TokenKind::Semicolon => {
                    self.misplaced_doc(doc_span, "nothing follows it here");
                    self.stray_semicolon();
                }
                TokenKind::Ident => self.item(doc, doc_span, &mut open),
                _ => {
                    self.expected("a declaration");
                    self.bump();
                    self.skip_statement();
                }
            }
        }
        while let Some(last) = open.pop() {
            if !last.holds_item {
                self.unclosed(Open { brace: last.brace, what: "namespace", name: &last.namespace.name.text });
            }
            self.tree.namespaces.push(last.namespace);
        }
    }

    fn close(&mut self, open: &mut Vec<OpenNamespace>) {
        let brace = self.bump();
        match open.pop() {
            Some(closed) => {
                self.end_statement("`}` of the namespace");
                self.tree.namespaces.push(closed.namespace);
            }
            None => {
                self.diagnostics.push(Diagnostic::error(
                    Code::UnmatchedBrace,
                    brace.span,
                    "this `}` closes nothing",
                ));
                self.eat(TokenKind::Semicolon);
            }
        }
    }

    fn item(&mut self, doc: String, doc_span: Option<Span>, open: &mut Vec<OpenNamespace>) {
        let Some(keyword) = self.keyword(!open.is_empty()) else {
            self.skip_statement();
            return;
        };
        let place = self.bump().span;
        match keyword {
            "namespace" | "function_pool" | "attachment_function_pool" => {
                self.must_be_outside(keyword, place, open);
                if keyword == "namespace" {
                    self.misplaced_doc(doc_span, "namespaces have no documentation");
                    open.extend(self.namespace());
                } else if let Some(pool) = self.pool(doc, keyword == "attachment_function_pool") {
                    self.tree.pools.push(pool);
                }
            }
            _ => {
                if open.is_empty() {
                    let message = format!("`{keyword}` must stand inside a namespace");
                    let diagnostic = Diagnostic::error(Code::MisplacedDeclaration, place, message)
                        .help("put it into `namespace Name {uuid} { … };`");
                    self.diagnostics.push(diagnostic);
                }
                let declaration = self.declaration(keyword, doc, doc_span);
                match (declaration, open.last_mut()) {
                    (Some(declaration), Some(namespace)) => {
                        namespace.namespace.declarations.push(declaration)
                    }
                    (Some(declaration), None) => {
                        self.tree.lost_names.extend(declaration.name().map(str::to_owned))
                    }
                    (None, _) => {}
                }
            }
        }
    }

    fn must_be_outside(&mut self, keyword: &str, place: Span, open: &mut [OpenNamespace]) {
        let Some(namespace) = open.last_mut() else { return };
        namespace.holds_item = true;
        let message = match keyword {
            "namespace" => "namespaces do not nest",
            _ => "a function pool stands outside namespaces",
        };
        let diagnostic = Diagnostic::error(Code::MisplacedDeclaration, place, message)
            .label(
                namespace.brace,
                format!("the namespace `{}` is still open", namespace.namespace.name.text),
            )
            .help("close it with `};` first");
        self.diagnostics.push(diagnostic);
    }

    /// The keyword that the word here is or was probably meant to be.
    fn keyword(&mut self, in_namespace: bool) -> Option<&'static str> {
        let word = self.word(0);
        let mut known = words::DECLARATIONS.into_iter().chain(words::ITEMS);
        if let Some(keyword) = known.find(|keyword| *keyword == word) {
            return Some(keyword);
        }
        let named = self.token(1).kind == TokenKind::Ident;
        let with_body = named && self.token(2).kind == TokenKind::LeftBrace;
        let meant = match crate::suggest::foreign_keyword(word) {
            Some("concept") if with_body => Some("struct"),
            Some(keyword) => Some(keyword),
            None => self.suggester.nearest(word, words::DECLARATIONS.into_iter().chain(words::ITEMS)),
        };
        let meant = meant.filter(|keyword| {
            named || (*keyword == "attachment" && self.token(1).kind == TokenKind::LeftAngle)
        });
        let span = self.token(0).span;
        let message = format!("`{word}` starts no declaration");
        let help = match (word, meant) {
            ("import" | "include" | "using" | "use", _) => {
                "there are no imports: the files of a model are read together".to_owned()
            }
            (_, Some(keyword)) => format!("did you mean `{keyword}`?"),
            _ if in_namespace => {
                "a namespace holds `concept`, `club`, `membership`, `enum`, `struct` and `attachment`"
                    .to_owned()
            }
            _ => "a model holds `namespace`, `function_pool` and `attachment_function_pool`".to_owned(),
        };
        self.report(Diagnostic::error(Code::UnknownDeclaration, span, message).help(help));
        if meant.is_none() && named {
            self.tree.lost_names.insert(self.word(1).to_owned());
        }
        meant
    }

    fn namespace(&mut self) -> Option<OpenNamespace> {
        let header = self.header("the name of a namespace", "a namespace");
        let Some((name, uuid, brace)) = header else {
            self.tree.is_incomplete = true;
            self.skip_statement();
            return None;
        };
        let namespace = Namespace { name, uuid, declarations: Vec::new() };
        Some(OpenNamespace { namespace, brace, holds_item: false })
    }

    /// Name, UUID and `{` of a namespace or a pool.
    fn header(&mut self, name: &str, of: &str) -> Option<(Ident, UuidLiteral, Span)> {
        let ident = self.ident(name)?;
        let uuid = self.uuid(of)?;
        let brace = self.expect(TokenKind::LeftBrace, "`{`")?;
        Some((ident, uuid, brace.span))
    }

    fn pool(&mut self, doc: String, over_attachments: bool) -> Option<Pool> {
        let header = self.header("the name of a function pool", "a function pool");
        let Some((name, uuid, brace)) = header else {
            self.skip_statement();
            return None;
        };
        let functions =
            self.functions(Open { brace, what: "function pool", name: &name.text }, over_attachments);
        Some(Pool { doc, over_attachments, name, uuid, functions })
    }
}
