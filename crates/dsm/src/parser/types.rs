//! Types.

use super::{MAX_NESTING, Parser};
use crate::ast::{Name, Size, Type, TypeKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::TokenKind;
use crate::source::Span;
use crate::suggest;
use crate::words;

/// What stands between `<` and `>`: types and sizes are told apart only after the whole list was read, so that a
/// constructor with wrong arguments is one mistake.
enum Argument {
    Type(Type),
    Size(Size),
}

impl Parser<'_> {
    pub(super) fn ty(&mut self) -> Option<Type> {
        self.nested_type(1)
    }

    fn nested_type(&mut self, depth: usize) -> Option<Type> {
        let first = self.token(0);
        if first.kind != TokenKind::Ident {
            self.expected("a type");
            return None;
        }
        if depth > MAX_NESTING {
            let message = format!("types nest at most {MAX_NESTING} deep");
            self.report(Diagnostic::error(Code::TooDeep, first.span, message));
            return None;
        }
        if self.token(1).kind == TokenKind::LeftAngle {
            return self.constructed(depth);
        }
        let word = self.word(0);
        if words::CONSTRUCTORS.contains(&word) && self.token(1).kind != TokenKind::ColonColon {
            let diagnostic =
                Diagnostic::error(Code::TypeArguments, first.span, format!("`{word}` needs its types"))
                    .help(format!("write {}", form(word)));
            self.report(diagnostic);
            self.bump();
            return Some(Type { kind: TypeKind::Bad, span: first.span });
        }
        if words::is_declaration(word) && self.token(1).kind != TokenKind::ColonColon {
            let message = format!("`{word}` starts a declaration and is no type");
            self.report(Diagnostic::error(Code::ReservedWord, first.span, message));
            return None;
        }
        let name = self.name("a type")?;
        let span = name.span();
        Some(Type { kind: TypeKind::Named(name), span })
    }

    fn constructed(&mut self, depth: usize) -> Option<Type> {
        let head = self.bump();
        let open = self.bump();
        let mut arguments = Vec::new();
        loop {
            if self.kind() == TokenKind::Number {
                let token = self.bump();
                let value = self.text_of(token).parse().ok();
                arguments.push(Argument::Size(Size { value, span: token.span }));
            } else {
                arguments.push(Argument::Type(self.nested_type(depth + 1)?));
            }
            if self.eat(TokenKind::Comma) {
                continue;
            }
            if self.kind() == TokenKind::RightAngle {
                break;
            }
            let diagnostic = self.expected_diagnostic("`,` or `>`").label(open.span, "to close this `<`");
            self.report(diagnostic);
            return None;
        }
        let span = head.span.to(self.bump().span);
        let kind = self.apply(self.text_of(head), head.span, span, arguments);
        Some(Type { kind, span })
    }

    /// Builds the type that `constructor<arguments>` names.
    fn apply(&mut self, constructor: &str, head: Span, span: Span, arguments: Vec<Argument>) -> TypeKind {
        if !words::CONSTRUCTORS.contains(&constructor) {
            self.unknown_constructor(constructor, head);
            return TypeKind::Bad;
        }
        build(constructor, arguments).unwrap_or_else(|| {
            let diagnostic = Diagnostic::error(
                Code::TypeArguments,
                span,
                format!("these are not the arguments of `{constructor}`"),
            )
            .help(format!("write {}", form(constructor)));
            self.diagnostics.push(diagnostic);
            TypeKind::Bad
        })
    }

    fn unknown_constructor(&mut self, word: &str, span: Span) {
        let diagnostic = if words::PRIMITIVES.contains(&word) {
            Diagnostic::error(Code::TypeArguments, span, format!("`{word}` takes no types"))
        } else {
            let meant = suggest::foreign_type(word)
                .filter(|meant| words::CONSTRUCTORS.contains(meant))
                .or_else(|| self.suggester.nearest(word, words::CONSTRUCTORS));
            let help = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!(
                    "types are built with {}",
                    words::CONSTRUCTORS.map(|word| format!("`{word}`")).join(", ")
                ),
            };
            Diagnostic::error(
                Code::UnknownType,
                span,
                format!("nothing called `{word}` builds a type from others"),
            )
            .help(help)
        };
        self.diagnostics.push(diagnostic);
    }
}

fn build(constructor: &str, arguments: Vec<Argument>) -> Option<TypeKind> {
    let mut types = Vec::new();
    let mut sizes = Vec::new();
    for argument in arguments {
        match argument {
            // Sizes stand behind the type.
            Argument::Type(_) if !sizes.is_empty() => return None,
            Argument::Type(ty) => types.push(ty),
            Argument::Size(size) => sizes.push(size),
        }
    }
    match (constructor, sizes.as_slice()) {
        ("tuple", []) => return Some(TypeKind::Tuple(types)),
        ("variant", []) => return Some(TypeKind::Variant(types)),
        _ => {}
    }
    let mut types = types.into_iter();
    let (first, second) = (types.next()?, types.next());
    if types.next().is_some() {
        return None;
    }
    Some(match (constructor, second, sizes.as_slice()) {
        ("key", None, []) => TypeKind::Key(named(first)?),
        ("vec", None, [size]) => TypeKind::Vec(named(first)?, *size),
        ("mat", None, [columns, rows]) => TypeKind::Mat(named(first)?, *columns, *rows),
        ("optional", None, []) => TypeKind::Optional(Box::new(first)),
        ("vector", None, []) => TypeKind::Vector(Box::new(first)),
        ("set", None, []) => TypeKind::Set(Box::new(first)),
        ("xarray", None, []) => TypeKind::XArray(Box::new(first)),
        ("map", Some(value), []) => TypeKind::Map(Box::new(first), Box::new(value)),
        _ => return None,
    })
}

fn named(ty: Type) -> Option<Name> {
    match ty.kind {
        TypeKind::Named(name) => Some(name),
        _ => None,
    }
}

fn form(constructor: &str) -> &'static str {
    match constructor {
        "key" => "`key<Concept>`: a concept, a club or `any_concept`",
        "vec" => "`vec<float, 3>`: a numeric type and a size",
        "mat" => "`mat<float, 4, 4>`: a numeric type, columns and rows",
        "optional" => "`optional<T>` with one type",
        "vector" => "`vector<T>` with one type",
        "set" => "`set<T>` with one type",
        "xarray" => "`xarray<T>` with one type",
        "map" => "`map<K, V>` with the type of the keys and of the values",
        "tuple" => "`tuple<A, B, …>` with the types of its places",
        _ => "`variant<A, B, …>` with the types to choose from",
    }
}
