//! The functions of a pool.

use super::{Body, Open, Parser};
use crate::ast::{Function, Parameter};
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::TokenKind;

impl Parser<'_> {
    pub(super) fn functions(&mut self, open: Open<'_>, over_attachments: bool) -> Vec<Function> {
        let mut functions = Vec::new();
        while let Body::Member = self.body(open) {
            functions.extend(self.function(over_attachments));
        }
        functions
    }

    fn function(&mut self, over_attachments: bool) -> Option<Function> {
        let start = self.at;
        let (doc, doc_span) = self.doc();
        if matches!(self.kind(), TokenKind::RightBrace | TokenKind::End) {
            self.misplaced_doc(doc_span, "no function follows it");
            return None;
        }
        if self.stray_semicolon() {
            return None;
        }
        let is_mutable = self.word(0) == "mutable";
        if is_mutable {
            let span = self.bump().span;
            if !over_attachments {
                let message = "only functions of an `attachment_function_pool` are mutable";
                self.diagnostics.push(Diagnostic::error(Code::UnexpectedToken, span, message));
            }
        }
        let function = self.prototype(doc, is_mutable);
        match &function {
            Some(_) => self.end_statement("function"),
            None => self.skip_member(start),
        }
        function
    }

    fn prototype(&mut self, doc: String, is_mutable: bool) -> Option<Function> {
        if self.kind() == TokenKind::Ident && self.token(1).kind == TokenKind::LeftParen {
            let diagnostic = Diagnostic::error(
                Code::UnexpectedToken,
                self.token(0).span,
                "the result type of the function is missing",
            )
            .help("a function without a result gives `void`");
            self.report(diagnostic);
            return None;
        }
        let (result, name) = self.typed_name("a function")?;
        self.expect(TokenKind::LeftParen, "`(` and the parameters")?;
        let mut parameters = Vec::new();
        if !self.eat(TokenKind::RightParen) {
            loop {
                let (ty, name) = self.typed_name("a parameter")?;
                parameters.push(Parameter { ty, name });
                if !self.eat(TokenKind::Comma) {
                    break;
                }
            }
            self.expect(TokenKind::RightParen, "`,` or `)`")?;
        }
        Some(Function { doc, is_mutable, result, name, parameters })
    }
}
