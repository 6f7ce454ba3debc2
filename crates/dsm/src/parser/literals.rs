//! Literals, which stand behind the `=` of a field.

use super::{MAX_NESTING, Parser};
use crate::ast::{Literal, LiteralKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::escape;
use crate::lexer::TokenKind;
use uuid::Uuid;

impl Parser<'_> {
    pub(super) fn literal(&mut self) -> Option<Literal> {
        self.nested_literal(1)
    }

    fn nested_literal(&mut self, depth: usize) -> Option<Literal> {
        let token = self.token(0);
        let text = self.text_of(token);
        let kind = match token.kind {
            TokenKind::LeftBrace => return self.list(depth),
            TokenKind::Case => LiteralKind::Case(text.trim_start_matches('.').to_owned()),
            TokenKind::String => {
                // Only strings that were reported as unterminated lack the second quote.
                let inner = text.strip_suffix('"').filter(|inner| !inner.is_empty()).unwrap_or(text);
                LiteralKind::String(escape::unescape(inner.get(1..).unwrap_or_default()))
            }
            TokenKind::Number if !crate::lexer::is_json_number(text) => LiteralKind::Bad,
            TokenKind::Number => LiteralKind::Number(text.to_owned()),
            TokenKind::Uuid => match Uuid::try_parse(text.trim_matches(['{', '}'])) {
                Ok(uuid) => LiteralKind::Uuid(uuid),
                Err(_) => LiteralKind::Bad,
            },
            TokenKind::Ident if matches!(text, "true" | "false") => LiteralKind::Bool(text == "true"),
            TokenKind::Ident => return self.word_as_literal(),
            _ => {
                self.expected("a default value");
                return None;
            }
        };
        self.bump();
        Some(Literal { kind, span: token.span })
    }

    fn list(&mut self, depth: usize) -> Option<Literal> {
        let open = self.token(0).span;
        if depth > MAX_NESTING {
            let message = format!("lists nest at most {MAX_NESTING} deep");
            self.report(Diagnostic::error(Code::TooDeep, open, message));
            return None;
        }
        self.bump();
        self.open_lists += 1;
        let mut members = Vec::new();
        let mut is_bad = false;
        loop {
            if self.kind() == TokenKind::RightBrace {
                self.no_member_here(members.is_empty());
                is_bad = true;
                break;
            }
            members.push(self.nested_literal(depth + 1)?);
            if self.eat(TokenKind::Comma) {
                continue;
            }
            if self.kind() == TokenKind::RightBrace {
                break;
            }
            let diagnostic = self.expected_diagnostic("`,` or `}`").label(open, "to close this `{`");
            self.report(diagnostic);
            return None;
        }
        let span = open.to(self.bump().span);
        self.open_lists -= 1;
        let kind = if is_bad { LiteralKind::Bad } else { LiteralKind::List(members) };
        Some(Literal { kind, span })
    }

    fn no_member_here(&mut self, is_empty: bool) {
        let diagnostic = if is_empty {
            Diagnostic::error(Code::UnexpectedToken, self.token(0).span, "a list has at least one element")
                .help("leave the default out: lists are empty until they are set")
        } else {
            Diagnostic::error(Code::UnexpectedToken, self.previous_span(), "no element follows this `,`")
                .help("the last element has no `,` behind it")
        };
        self.diagnostics.push(diagnostic);
    }

    /// A word where a literal is needed, such as `null` or a case without its point.
    fn word_as_literal(&mut self) -> Option<Literal> {
        let token = self.bump();
        let word = self.text_of(token);
        let mut span = token.span;
        let help = match self.kind() {
            TokenKind::Case => {
                span = span.to(self.bump().span);
                let case = self.text_of(crate::lexer::Token { span, ..token });
                let point = case.find('.').unwrap_or(0);
                format!(
                    "a case is written `{}`, without its enumeration",
                    case.get(point..).unwrap_or_default()
                )
            }
            TokenKind::ColonColon => {
                self.bump();
                let case = self.word(0).to_owned();
                if self.kind() == TokenKind::Ident {
                    span = span.to(self.bump().span);
                }
                format!("a case is written `.{case}`, without its enumeration")
            }
            _ if matches!(word, "null" | "nil" | "none" | "None" | "NULL") => {
                "leave the default out: an `optional` is nil until it is set".to_owned()
            }
            _ if matches!(word, "True" | "TRUE" | "yes") => "write `true`".to_owned(),
            _ if matches!(word, "False" | "FALSE" | "no") => "write `false`".to_owned(),
            _ => format!("a case is written `.{word}`, a string `\"{word}\"`"),
        };
        self.diagnostics
            .push(Diagnostic::error(Code::UnexpectedToken, span, "this is no default value").help(help));
        Some(Literal { kind: LiteralKind::Bad, span })
    }
}
