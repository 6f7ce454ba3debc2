//! Names and types: from what is written to what it stands for.

use super::concepts::{either, found};
use super::symbols::Entry;
use super::{Resolver, Scope};
use crate::ast::{self, Kind, Name, Size, TypeKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::suggest;
use crate::words;
use anabranch_model::{KeyTarget, MatType, Numeric, Type, TypeError, VecType};

/// What a name is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// A type: an enumeration or a structure.
    Type,
    /// What a key refers to: a concept or a club.
    Key,
    /// The parent of a concept.
    Parent,
    /// The club of a membership.
    Club,
    /// The concept of a membership.
    Member,
}

impl Need {
    const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Type => &[Kind::Enumeration, Kind::Structure],
            Self::Key => &[Kind::Concept, Kind::Club],
            Self::Parent | Self::Member => &[Kind::Concept],
            Self::Club => &[Kind::Club],
        }
    }

    const fn unknown(self) -> Code {
        match self {
            Self::Type => Code::UnknownType,
            Self::Key | Self::Parent | Self::Member => Code::UnknownConcept,
            Self::Club => Code::UnknownClub,
        }
    }
}

/// Why a name stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// There is no namespace of that name.
    Namespace,
    /// The namespace, if any, has nothing of that name.
    Name(Scope),
    /// A bare name outside namespaces that several of them declare.
    Ambiguous(Vec<usize>),
}

/// Where a type is written: `void` is welcome only as a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Result,
    Value,
}

/// A type as a function's result may be.
pub(super) enum Resolved {
    Void,
    Type(Type),
}

impl Resolver<'_> {
    /// What a name stands for, of any kind.
    pub(super) fn find(&self, name: &Name, scope: Scope) -> Result<Entry, Missing> {
        let text = name.ident.text.as_str();
        let space = match (&name.namespace, scope) {
            (Some(namespace), _) => self.symbols.space_named(&namespace.text).ok_or(Missing::Namespace)?,
            (None, Some(space)) => space,
            (None, None) => match self.symbols.homes(text) {
                [] => return Err(Missing::Name(None)),
                [only] => *only,
                several => return Err(Missing::Ambiguous(several.iter().take(4).copied().collect())),
            },
        };
        let entry = self.symbols.entry(space, text).ok_or(Missing::Name(Some(space)))?;
        match name.kind {
            Some(kind) => Ok(entry.only(kind)),
            None => Ok(entry),
        }
    }

    /// What a name stands for, of the kinds that are needed; anything else is reported.
    pub(super) fn lookup(&mut self, name: &Name, scope: Scope, need: Need) -> Option<Entry> {
        let entry = match self.find(name, scope) {
            Ok(entry) => entry,
            Err(missing) => {
                self.missing(name, scope, need, &missing);
                return None;
            }
        };
        let mut fitting = entry.kinds().filter(|kind| need.kinds().contains(kind));
        match (fitting.next(), fitting.next()) {
            (Some(kind), None) => Some(entry.only(kind)),
            (None, _) => {
                self.wrong_kind(name, entry, need);
                None
            }
            (Some(first), Some(second)) => {
                let message = format!("`{name}` is both {}", found([first, second].into_iter()));
                let diagnostic = Diagnostic::error(Code::AmbiguousName, name.span(), message)
                    .help("give one of them another name: nothing can refer to either");
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    fn wrong_kind(&mut self, name: &Name, entry: Entry, need: Need) {
        if entry.kinds().next().is_none() {
            // Only a name from JSON says its kind, and nothing of that kind is there.
            let message = format!(
                "there is no {} called `{name}`",
                name.kind.map_or("definition", super::symbols::noun)
            );
            self.error(need.unknown(), name.span(), message);
            return;
        }
        let is = found(entry.kinds());
        let (message, help) = match need {
            Need::Type => (
                format!("`{name}` is {is}, which is no type of a value"),
                Some(format!("a reference to an instance is written `key<{name}>`")),
            ),
            Need::Key => (format!("`{name}` is {is}, and keys refer to concepts and clubs"), None),
            Need::Parent => (
                format!("`{name}` is {is}, and the parent of a concept is a concept"),
                entry.club.map(|_| format!("a concept joins a club by `membership {name} Concept;`")),
            ),
            Need::Club => (format!("`{name}` is {is}, and only clubs have members"), None),
            Need::Member => (format!("`{name}` is {is}, and only concepts join clubs"), None),
        };
        self.diagnostics.push(Diagnostic::error(Code::WrongKind, name.span(), message).maybe_help(help));
    }

    fn missing(&mut self, name: &Name, scope: Scope, need: Need, missing: &Missing) {
        let text = name.ident.text.as_str();
        match missing {
            Missing::Ambiguous(spaces) => {
                let names: Vec<String> =
                    spaces.iter().map(|&space| format!("`{}::{text}`", self.space_name(space))).collect();
                let message = format!("`{text}` is declared in several namespaces");
                let diagnostic = Diagnostic::error(Code::AmbiguousName, name.span(), message)
                    .help(format!("write {}", names.join(" or ")));
                self.diagnostics.push(diagnostic);
            }
            _ if self.tree.is_incomplete || self.tree.lost_names.contains(text) => {}
            Missing::Namespace => {
                let Some(namespace) = &name.namespace else { return };
                let spaces = &self.symbols.spaces;
                let near = self
                    .suggester
                    .nearest(&namespace.text, spaces.iter().map(|space| &*space.namespace.name));
                let help = near.map(|near| format!("did you mean `{near}::{text}`?"));
                let message = format!("there is no namespace called `{}`", namespace.text);
                self.diagnostics.push(
                    Diagnostic::error(Code::UnknownNamespace, namespace.span, message).maybe_help(help),
                );
            }
            Missing::Name(space) => {
                let help = self.suggestion(name, scope, need, *space);
                let what = if need == Need::Type { "type".to_owned() } else { either(need.kinds()) };
                let place = match (&name.namespace, space) {
                    (Some(namespace), _) => format!(" in the namespace `{}`", namespace.text),
                    (None, _) => String::new(),
                };
                let message = format!("there is no {what} called `{text}`{place}");
                self.diagnostics
                    .push(Diagnostic::error(need.unknown(), name.ident.span, message).maybe_help(help));
            }
        }
    }

    fn space_name(&self, space: usize) -> &str {
        &self.symbols.spaces[space].namespace.name
    }

    /// What was probably meant by a name that is not there.
    fn suggestion(&mut self, name: &Name, scope: Scope, need: Need, space: Scope) -> Option<String> {
        if self.diagnostics.is_full() {
            return None;
        }
        let text = name.ident.text.as_str();
        let fits = |entry: Entry| entry.kinds().any(|kind| need.kinds().contains(&kind));
        let elsewhere = self.symbols.homes(text).iter().take(100).copied();
        let home = elsewhere.into_iter().find(|&home| self.symbols.entry(home, text).is_some_and(fits));
        if let Some(home) = home {
            return Some(format!("did you mean `{}::{text}`?", self.space_name(home)));
        }
        let is_bare = name.namespace.is_none();
        if let Some(meant) = suggest::foreign_type(text).filter(|_| need == Need::Type && is_bare) {
            return Some(format!("did you mean `{meant}`?"));
        }
        // The primitives are near everywhere; the rest is what the namespace declares, or all namespaces for a pool.
        let primitives = (need == Need::Type && is_bare).then_some(words::PRIMITIVES).into_iter().flatten();
        let spaces = self
            .symbols
            .spaces
            .iter()
            .enumerate()
            .filter(|(place, _)| space.is_none_or(|space| space == *place));
        let names = spaces
            .flat_map(|(_, space)| &space.names)
            .filter(|(_, kind)| need.kinds().contains(kind))
            .map(|(name, _)| *name);
        let near = self.suggester.nearest(text, primitives.chain(names))?;
        Some(match (&name.namespace, scope) {
            (Some(namespace), _) => format!("did you mean `{}::{near}`?", namespace.text),
            (None, _) => format!("did you mean `{near}`?"),
        })
    }

    /// The concept, club or `any_concept` that a key or an attachment refers to.
    pub(super) fn key_target(&mut self, name: &Name, scope: Scope) -> Option<KeyTarget> {
        if name.bare() == Some("any_concept") {
            return Some(KeyTarget::AnyConcept);
        }
        if let Some(primitive) = name.bare().filter(|text| words::PRIMITIVES.contains(text)) {
            let message = format!("`{primitive}` is a primitive type, and keys refer to concepts and clubs");
            self.error(Code::WrongKind, name.span(), message);
            return None;
        }
        let entry = self.lookup(name, scope, Need::Key)?;
        let concept = entry.concept.map(|place| self.built.concepts[place].clone().map(KeyTarget::Concept));
        let club = entry.club.map(|place| self.built.clubs[place].clone().map(KeyTarget::Club));
        concept.or(club).flatten()
    }

    /// The type that is written; none when that was reported, here or where what it refers to is declared.
    pub(super) fn value_type(&mut self, ty: &ast::Type, scope: Scope) -> Option<Type> {
        match self.ty(ty, scope, Position::Value)? {
            Resolved::Type(ty) => Some(ty),
            Resolved::Void => None,
        }
    }

    /// The type that is written, or `void` where that may be.
    pub(super) fn ty(&mut self, ty: &ast::Type, scope: Scope, position: Position) -> Option<Resolved> {
        let resolved = match &ty.kind {
            TypeKind::Bad => return None,
            TypeKind::Named(name) => return self.named_type(name, scope, position),
            TypeKind::Key(name) => Type::key(self.key_target(name, scope)?),
            TypeKind::Vec(element, size) => {
                let element = self.numeric(element, "vec", scope);
                let size = self.size(*size, "the size of a `vec`", VecType::MAX_SIZE);
                self.built_type(ty.span, Type::vec(element?, size?))?
            }
            TypeKind::Mat(element, columns, rows) => {
                let element = self.numeric(element, "mat", scope);
                let columns = self.size(*columns, "the number of columns of a `mat`", MatType::MAX_SIZE);
                let rows = self.size(*rows, "the number of rows of a `mat`", MatType::MAX_SIZE);
                self.built_type(ty.span, Type::mat(element?, columns?, rows?))?
            }
            TypeKind::Optional(element) => Type::optional(self.value_type(element, scope)?),
            TypeKind::Vector(element) => Type::vector(self.value_type(element, scope)?),
            TypeKind::Set(element) => Type::set(self.value_type(element, scope)?),
            TypeKind::XArray(element) => Type::xarray(self.value_type(element, scope)?),
            TypeKind::Map(key, value) => {
                let (key, value) = (self.value_type(key, scope), self.value_type(value, scope));
                Type::map(key?, value?)
            }
            TypeKind::Tuple(types) => {
                let types = self.types(types, scope)?;
                self.built_type(ty.span, Type::tuple(types))?
            }
            TypeKind::Variant(types) => return self.variant(types, ty.span, scope).map(Resolved::Type),
        };
        Some(Resolved::Type(resolved))
    }

    fn types(&mut self, types: &[ast::Type], scope: Scope) -> Option<Vec<Type>> {
        let resolved: Vec<Option<Type>> = types.iter().map(|ty| self.value_type(ty, scope)).collect();
        resolved.into_iter().collect()
    }

    fn variant(&mut self, nodes: &[ast::Type], span: Span, scope: Scope) -> Option<Type> {
        let types = self.types(nodes, scope)?;
        match Type::variant(types.clone()) {
            Err(TypeError::DuplicateAlternative { ty: twice }) => {
                let mut places =
                    nodes.iter().zip(&types).filter(|(_, ty)| **ty == twice).map(|(node, _)| node.span);
                let (first, second) = (places.next().unwrap_or(span), places.next().unwrap_or(span));
                let name = self.type_text(&twice, scope);
                let diagnostic = Diagnostic::error(
                    Code::DuplicateAlternative,
                    second,
                    format!("the variant lists `{name}` twice"),
                )
                .label(first, "first listed here");
                self.diagnostics.push(diagnostic);
                None
            }
            result => self.built_type(span, result),
        }
    }

    fn built_type(&mut self, span: Span, result: Result<Type, TypeError>) -> Option<Type> {
        match result {
            Ok(ty) => Some(ty),
            Err(error) => {
                let code = match error {
                    TypeError::VecSize { .. } | TypeError::MatSize { .. } => Code::InvalidSize,
                    TypeError::Empty { .. } | TypeError::TooMany { .. } => Code::TypeArguments,
                    TypeError::DuplicateAlternative { .. } => Code::DuplicateAlternative,
                    _ => Code::TooDeep,
                };
                self.error(code, span, error.to_string());
                None
            }
        }
    }

    fn named_type(&mut self, name: &Name, scope: Scope, position: Position) -> Option<Resolved> {
        if let Some(word) = name.bare() {
            if let Some(primitive) = primitive(word) {
                return Some(Resolved::Type(primitive));
            }
            match word {
                "void" if position == Position::Result => return Some(Resolved::Void),
                "void" => {
                    let message = "`void` is no type of a value; only a function may give `void`";
                    self.error(Code::MisplacedVoid, name.span(), message);
                    return None;
                }
                "any_concept" => {
                    let diagnostic = Diagnostic::error(
                        Code::WrongKind,
                        name.span(),
                        "`any_concept` is no type of a value",
                    )
                    .help("a reference to an instance of any concept is written `key<any_concept>`");
                    self.diagnostics.push(diagnostic);
                    return None;
                }
                _ => {}
            }
        }
        let entry = self.lookup(name, scope, Need::Type)?;
        let enumeration =
            entry.enumeration.map(|place| self.built.enumerations[place].clone().map(Type::Enumeration));
        let structure =
            entry.structure.map(|place| self.built.structures[place].clone().map(Type::Structure));
        enumeration.or(structure).flatten().map(Resolved::Type)
    }

    fn numeric(&mut self, name: &Name, constructor: &str, scope: Scope) -> Option<Numeric> {
        let word = name.bare();
        if let Some(numeric) = word.and_then(primitive).and_then(|ty| ty.as_numeric()) {
            return Some(numeric);
        }
        let is_known =
            word.is_some_and(|word| words::PRIMITIVES.contains(&word)) || self.find(name, scope).is_ok();
        let help = if is_known {
            "its elements are one of int8 to int64, uint8 to uint64, float and double".to_owned()
        } else {
            let meant = word.and_then(|word| {
                let numbers = || {
                    words::PRIMITIVES
                        .into_iter()
                        .filter(|word| primitive(word).is_some_and(|ty| ty.as_numeric().is_some()))
                };
                let foreign =
                    suggest::foreign_type(word).filter(|meant| numbers().any(|number| number == *meant));
                foreign.or_else(|| self.suggester.nearest(word, numbers()))
            });
            match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "its elements are one of int8 to int64, uint8 to uint64, float and double".to_owned(),
            }
        };
        let message = format!("a `{constructor}` is made of numbers, and `{name}` is no numeric type");
        self.diagnostics.push(Diagnostic::error(Code::NotNumeric, name.span(), message).help(help));
        None
    }

    fn size(&mut self, size: Size, of: &str, max: u32) -> Option<u64> {
        let value = size.value.filter(|size| (1..=u64::from(max)).contains(size));
        if value.is_none() {
            let message = format!("{of} is a whole number from 1 to {max}");
            self.error(Code::InvalidSize, size.span, message);
        }
        value
    }

    /// A type as it reads in the scope.
    pub(super) fn type_text(&self, ty: &Type, scope: Scope) -> String {
        match scope {
            Some(space) => ty.relative_to(&self.symbols.spaces[space].namespace),
            None => ty.to_string(),
        }
    }
}

/// The primitive type of this name.
pub(crate) fn primitive(word: &str) -> Option<Type> {
    Some(match word {
        "bool" => Type::Bool,
        "int8" => Type::Int8,
        "int16" => Type::Int16,
        "int32" => Type::Int32,
        "int64" => Type::Int64,
        "uint8" => Type::UInt8,
        "uint16" => Type::UInt16,
        "uint32" => Type::UInt32,
        "uint64" => Type::UInt64,
        "float" => Type::Float,
        "double" => Type::Double,
        "string" => Type::String,
        "uuid" => Type::Uuid,
        "blob" => Type::Blob,
        "blob_id" => Type::BlobId,
        "commit_id" => Type::CommitId,
        "any" => Type::Any,
        _ => return None,
    })
}
