//! Concepts, clubs, enumerations, structures and attachments.

use super::{Body, Open, Parser};
use crate::ast::{
    Attachment, Case, Club, Concept, Declaration, Enumeration, Field, Ident, Membership, Name, Structure,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::TokenKind;
use crate::source::Span;
use crate::words;

const ATTACHMENT_FORM: &str = "write `attachment<Concept, Type> name;`";

impl Parser<'_> {
    /// Reads the declaration whose keyword has been read; none when not even its name could be.
    pub(super) fn declaration(
        &mut self,
        keyword: &str,
        doc: String,
        doc_span: Option<Span>,
    ) -> Option<Declaration> {
        let declaration = match keyword {
            "concept" => self.concept(doc).map(Declaration::Concept),
            "club" => self.club(doc).map(Declaration::Club),
            "membership" => {
                self.misplaced_doc(doc_span, "memberships have no documentation");
                self.membership().map(Declaration::Membership)
            }
            "enum" => self.enumeration(doc).map(Declaration::Enumeration),
            "struct" => self.structure(doc).map(Declaration::Structure),
            _ => self.attachment(doc).map(Declaration::Attachment),
        };
        if declaration.is_none() {
            self.skip_statement();
        }
        declaration
    }

    fn concept(&mut self, doc: String) -> Option<Concept> {
        let name = self.ident("the name of a concept")?;
        let mut concept = Concept { doc, name, parent: None, runtime_id: None };
        match self.parent() {
            Ok(parent) => {
                concept.parent = parent;
                if self.kind() == TokenKind::LeftBrace {
                    let diagnostic = self
                        .expected_diagnostic("`;`")
                        .help("a concept has no fields: attach a structure to it with `attachment<Concept, Structure> name;`");
                    self.report(diagnostic);
                    self.skip_statement();
                } else {
                    self.end_statement("concept");
                }
            }
            Err(()) => self.skip_statement(),
        }
        Some(concept)
    }

    /// The `is a Parent` of a concept, also in the spellings of other languages.
    fn parent(&mut self) -> Result<Option<Name>, ()> {
        let start = self.token(0);
        match (start.kind, self.text_of(start)) {
            (TokenKind::Semicolon | TokenKind::End, _) => return Ok(None),
            (TokenKind::Ident, "is") => {
                self.bump();
                // `is a` and then the name, which may itself be `a`.
                if self.word(0) == "a" {
                    self.bump();
                    return self.name("the name of the parent concept").map(Some).ok_or(());
                }
                if self.word(0) == "an" {
                    self.bump();
                }
            }
            (TokenKind::Ident, "isa" | "extends" | "inherits" | "from" | "of") => {
                self.bump();
            }
            (TokenKind::Colon, _) => {
                self.bump();
            }
            _ => return Ok(None),
        }
        if self.kind() != TokenKind::Ident {
            self.expected("`a` and the name of the parent concept");
            return Err(());
        }
        let span = start.span.to(self.previous_span());
        let diagnostic =
            Diagnostic::error(Code::UnexpectedToken, span, "the parent of a concept follows `is a`")
                .help(format!("write `is a {}`", self.word(0)));
        self.diagnostics.push(diagnostic);
        self.name("the name of the parent concept").map(Some).ok_or(())
    }

    fn club(&mut self, doc: String) -> Option<Club> {
        let name = self.ident("the name of a club")?;
        if self.kind() == TokenKind::LeftBrace {
            let diagnostic = self
                .expected_diagnostic("`;`")
                .help(format!("a concept joins a club by `membership {} Concept;`", name.text));
            self.report(diagnostic);
            self.skip_statement();
        } else {
            self.end_statement("club");
        }
        Some(Club { doc, name, runtime_id: None })
    }

    fn membership(&mut self) -> Option<Membership> {
        let club = self.name("the name of a club")?;
        self.eat_stray_comma("a membership is written `membership Club Concept;`");
        let concept = self.name("the name of the concept that joins the club")?;
        self.end_statement("membership");
        Some(Membership { club, concept })
    }

    fn eat_stray_comma(&mut self, help: &str) {
        if self.kind() == TokenKind::Comma {
            let diagnostic =
                Diagnostic::error(Code::UnexpectedToken, self.token(0).span, "no `,` stands here").help(help);
            self.report(diagnostic);
            self.bump();
        }
    }

    fn attachment(&mut self, doc: String) -> Option<Attachment> {
        self.expect_with_help(
            TokenKind::LeftAngle,
            "`<` and the key type of the attachment",
            ATTACHMENT_FORM,
        )?;
        if self.word(0) == "key" && self.token(1).kind == TokenKind::LeftAngle {
            let message = "an attachment names its concept or club without `key<…>`";
            let diagnostic =
                Diagnostic::error(Code::UnexpectedToken, self.token(0).span, message).help(ATTACHMENT_FORM);
            self.report(diagnostic);
            return None;
        }
        let key = self.name("the concept or club that documents attach to")?;
        if self.kind() == TokenKind::LeftAngle {
            let message = format!("documents attach to a concept, a club or `any_concept`, not to a `{key}`");
            self.report(Diagnostic::error(Code::WrongKind, key.span(), message));
            return None;
        }
        self.expect_with_help(TokenKind::Comma, "`,` and the document type", ATTACHMENT_FORM)?;
        let document = self.ty()?;
        self.expect(TokenKind::RightAngle, "`>`")?;
        let name = self.ident("the name of the attachment")?;
        self.end_statement("attachment");
        Some(Attachment { doc, key, document, name, runtime_id: None })
    }

    fn open_body(&mut self) -> Option<Span> {
        self.expect(TokenKind::LeftBrace, "`{`").map(|token| token.span)
    }

    fn enumeration(&mut self, doc: String) -> Option<Enumeration> {
        let name = self.ident("the name of an enumeration")?;
        let mut enumeration =
            Enumeration { doc, name, cases: Vec::new(), is_partial: false, runtime_id: None };
        let Some(brace) = self.open_body() else {
            self.skip_statement();
            enumeration.is_partial = true;
            return Some(enumeration);
        };
        self.cases(brace, &mut enumeration);
        Some(enumeration)
    }

    fn cases(&mut self, brace: Span, enumeration: &mut Enumeration) {
        let name = enumeration.name.text.clone();
        let open = Open { brace, what: "enumeration", name: &name };
        while let Body::Member = self.body(open) {
            let (doc, doc_span) = self.doc();
            let start = self.at;
            let token = self.token(0);
            match token.kind {
                TokenKind::Ident => {
                    self.bump();
                    let text = self.text_of(token).to_owned();
                    enumeration.cases.push(Case { doc, name: Ident { text, span: token.span } });
                }
                TokenKind::Case => {
                    let name = self.text_of(token).trim_start_matches('.').to_owned();
                    let diagnostic = Diagnostic::error(
                        Code::UnexpectedToken,
                        token.span,
                        "a case is declared without the point",
                    )
                    .help(format!("write `{name}`"));
                    self.report(diagnostic);
                    self.bump();
                    enumeration.cases.push(Case { doc, name: Ident { text: name, span: token.span } });
                }
                TokenKind::RightBrace | TokenKind::End => {
                    self.misplaced_doc(doc_span, "no case follows it");
                    continue;
                }
                _ => {
                    self.expected("the name of a case");
                    enumeration.is_partial = true;
                    self.skip_case();
                }
            }
            self.end_case(start);
        }
    }

    /// Reads what separates a case from the next one.
    fn end_case(&mut self, start: usize) {
        if self.kind() == TokenKind::Equals {
            let diagnostic = Diagnostic::error(
                Code::UnexpectedToken,
                self.token(0).span,
                "a case has no value of its own",
            )
            .help("cases are numbered in their order");
            self.report(diagnostic);
            self.skip_case();
        }
        let token = self.token(0);
        match token.kind {
            TokenKind::Comma => {
                self.bump();
                if self.kind() == TokenKind::RightBrace {
                    let message = "no case follows this `,`";
                    self.diagnostics.push(
                        Diagnostic::error(Code::UnexpectedToken, token.span, message)
                            .help("the last case has no `,` behind it"),
                    );
                }
            }
            TokenKind::Semicolon => {
                self.report(Diagnostic::error(
                    Code::UnexpectedToken,
                    token.span,
                    "cases are separated by `,`, not by `;`",
                ));
                self.bump();
            }
            // A doc string before the `}` documents nothing, which is said instead.
            TokenKind::Doc if self.token(1).kind == TokenKind::RightBrace => {}
            TokenKind::Ident | TokenKind::Doc | TokenKind::Case => {
                // Where a declaration follows, the enumeration was not closed, which is said instead.
                let ahead = usize::from(token.kind == TokenKind::Doc);
                if !(token.line_breaks > 0 && self.is_declaration_start(ahead)) {
                    let place = self.previous_span().after();
                    self.report(Diagnostic::error(
                        Code::UnexpectedToken,
                        place,
                        "expected `,` between two cases",
                    ));
                    self.reported_at = None;
                }
            }
            TokenKind::RightBrace | TokenKind::End => {}
            _ => {
                self.expected("`,` or `}` after a case");
                self.skip_case();
                self.eat(TokenKind::Comma);
            }
        }
        if self.at == start {
            self.bump();
        }
    }

    /// Skips to what may follow a case.
    fn skip_case(&mut self) {
        while !matches!(
            self.kind(),
            TokenKind::Comma | TokenKind::RightBrace | TokenKind::Semicolon | TokenKind::End
        ) {
            self.bump();
        }
    }

    fn structure(&mut self, doc: String) -> Option<Structure> {
        let name = self.ident("the name of a structure")?;
        let mut structure = Structure { doc, name, fields: Vec::new(), is_partial: false, runtime_id: None };
        if matches!(self.kind(), TokenKind::Ident | TokenKind::Colon) {
            let diagnostic = self
                .expected_diagnostic("`{`")
                .help("structures do not inherit: let one have a field of the other's type");
            self.report(diagnostic);
            while !matches!(
                self.kind(),
                TokenKind::LeftBrace | TokenKind::Semicolon | TokenKind::RightBrace | TokenKind::End
            ) {
                self.bump();
            }
        }
        let Some(brace) = self.open_body() else {
            self.skip_statement();
            structure.is_partial = true;
            return Some(structure);
        };
        let open_name = structure.name.text.clone();
        let open = Open { brace, what: "structure", name: &open_name };
        while let Body::Member = self.body(open) {
            match self.field() {
                Some(field) => structure.fields.push(field),
                None => structure.is_partial = true,
            }
        }
        Some(structure)
    }

    fn field(&mut self) -> Option<Field> {
        let start = self.at;
        let (doc, doc_span) = self.doc();
        if matches!(self.kind(), TokenKind::RightBrace | TokenKind::End) {
            self.misplaced_doc(doc_span, "no field follows it");
            return None;
        }
        if self.stray_semicolon() {
            return None;
        }
        let Some((ty, name)) = self.typed_name("a field") else {
            self.skip_member(start);
            return None;
        };
        let mut field = Field { doc, ty, name, default: None };
        if self.kind() == TokenKind::Comma {
            let diagnostic = self
                .expected_diagnostic("`;`")
                .help("every field has its own type: `int32 width; int32 height;`");
            self.report(diagnostic);
            self.skip_member(start);
            return Some(field);
        }
        if self.eat(TokenKind::Equals) {
            match self.literal() {
                Some(literal) => field.default = Some(literal),
                None => {
                    self.skip_member(start);
                    return Some(field);
                }
            }
        }
        self.end_statement("field");
        Some(field)
    }

    /// Reads `type name`, for a field or a parameter.
    pub(super) fn typed_name(&mut self, of: &str) -> Option<(crate::ast::Type, Ident)> {
        if self.kind() == TokenKind::Ident && self.token(1).kind == TokenKind::Colon {
            let (first, second) = (self.word(0), self.word(2));
            let help = match second {
                "" => None,
                _ if words::PRIMITIVES.contains(&first) => Some(format!("write `{first} {second}`")),
                _ => Some(format!("write `{second} {first}`")),
            };
            let message = format!("no `:` stands between the type of {of} and its name");
            let span = self.token(0).span.to(self.token(1).span);
            let diagnostic = Diagnostic::error(Code::UnexpectedToken, span, message).maybe_help(help);
            self.report(diagnostic);
            return None;
        }
        let ty = self.ty()?;
        let name = self.ident(&format!("the name of {of}"))?;
        Some((ty, name))
    }

    /// Reports and skips a `;` where a member should start.
    pub(super) fn stray_semicolon(&mut self) -> bool {
        let token = self.token(0);
        if token.kind != TokenKind::Semicolon {
            return false;
        }
        self.report(Diagnostic::error(Code::UnexpectedToken, token.span, "this `;` ends nothing"));
        self.bump();
        true
    }

    /// Skips a member that could not be read, and at least one token of it.
    pub(super) fn skip_member(&mut self, start: usize) {
        if self.at == start && self.kind() != TokenKind::RightBrace {
            let token = self.bump();
            if token.kind == TokenKind::Semicolon {
                return;
            }
        }
        self.skip_statement();
    }
}
