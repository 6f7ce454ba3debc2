//! What a text says, before any name is looked up.
//!
//! The tree is made by the parser from text and by the JSON decoder from JSON; in the second case a span's `start` is the
//! number of a JSON node instead of an offset.

use crate::source::Span;
use std::collections::HashSet;
use std::fmt;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Ident {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// What a name may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Concept,
    Club,
    Enumeration,
    Structure,
}

/// A name as written, bare or qualified by its namespace.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) namespace: Option<Ident>,
    pub(crate) ident: Ident,
    /// What it says it stands for; JSON does, DSM does not.
    pub(crate) kind: Option<Kind>,
}

impl Name {
    pub(crate) fn span(&self) -> Span {
        match &self.namespace {
            Some(namespace) => namespace.span.to(self.ident.span),
            None => self.ident.span,
        }
    }

    /// The text of a bare name; none for a qualified one.
    pub(crate) fn bare(&self) -> Option<&str> {
        match self.namespace {
            Some(_) => None,
            None => Some(&self.ident.text),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            write!(f, "{}::", namespace.text)?;
        }
        f.write_str(&self.ident.text)
    }
}

/// A UUID as written; none when it was wrong and has been reported.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UuidLiteral {
    pub(crate) value: Option<Uuid>,
    pub(crate) span: Span,
}

/// The runtime id to give a definition instead of the derived one; only JSON has it.
pub(crate) type ForeignId = Option<Uuid>;

/// All that was read, in the order of the sources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) namespaces: Vec<Namespace>,
    pub(crate) pools: Vec<Pool>,
    /// Declarations are known to be missing, so that an unknown name may be no mistake.
    pub(crate) is_incomplete: bool,
    /// Names that were declared in a way that could not be read, or in the wrong place.
    pub(crate) lost_names: HashSet<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Namespace {
    pub(crate) name: Ident,
    pub(crate) uuid: UuidLiteral,
    pub(crate) declarations: Vec<Declaration>,
}

#[derive(Clone, Debug)]
pub(crate) enum Declaration {
    Concept(Concept),
    Club(Club),
    Membership(Membership),
    Enumeration(Enumeration),
    Structure(Structure),
    Attachment(Attachment),
}

impl Declaration {
    /// The name that others may refer to.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Concept(node) => Some(&node.name.text),
            Self::Club(node) => Some(&node.name.text),
            Self::Enumeration(node) => Some(&node.name.text),
            Self::Structure(node) => Some(&node.name.text),
            Self::Membership(_) | Self::Attachment(_) => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Concept {
    pub(crate) doc: String,
    pub(crate) name: Ident,
    pub(crate) parent: Option<Name>,
    pub(crate) runtime_id: ForeignId,
}

#[derive(Clone, Debug)]
pub(crate) struct Club {
    pub(crate) doc: String,
    pub(crate) name: Ident,
    pub(crate) runtime_id: ForeignId,
}

#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub(crate) club: Name,
    pub(crate) concept: Name,
}

#[derive(Clone, Debug)]
pub(crate) struct Enumeration {
    pub(crate) doc: String,
    pub(crate) name: Ident,
    pub(crate) cases: Vec<Case>,
    /// A case could not be read, so that one that is missing here may be no mistake.
    pub(crate) is_partial: bool,
    pub(crate) runtime_id: ForeignId,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) doc: String,
    pub(crate) name: Ident,
}

#[derive(Clone, Debug)]
pub(crate) struct Structure {
    pub(crate) doc: String,
    pub(crate) name: Ident,
    pub(crate) fields: Vec<Field>,
    /// A field could not be read, so that a wrong count may be no mistake.
    pub(crate) is_partial: bool,
    pub(crate) runtime_id: ForeignId,
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) doc: String,
    pub(crate) ty: Type,
    pub(crate) name: Ident,
    pub(crate) default: Option<Literal>,
}

#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) doc: String,
    pub(crate) key: Name,
    pub(crate) document: Type,
    pub(crate) name: Ident,
    pub(crate) runtime_id: ForeignId,
}

#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) doc: String,
    pub(crate) over_attachments: bool,
    pub(crate) name: Ident,
    pub(crate) uuid: UuidLiteral,
    pub(crate) functions: Vec<Function>,
}

#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) doc: String,
    pub(crate) is_mutable: bool,
    pub(crate) result: Type,
    pub(crate) name: Ident,
    pub(crate) parameters: Vec<Parameter>,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) ty: Type,
    pub(crate) name: Ident,
}

#[derive(Clone, Debug)]
pub(crate) struct Type {
    pub(crate) kind: TypeKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum TypeKind {
    Key(Name),
    Vec(Name, Size),
    Mat(Name, Size, Size),
    Optional(Box<Type>),
    Vector(Box<Type>),
    Set(Box<Type>),
    XArray(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Tuple(Vec<Type>),
    Variant(Vec<Type>),
    Named(Name),
    /// Something that was no type and has been reported.
    Bad,
}

/// A size as written; none when it is no whole number that a machine can count to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) value: Option<u64>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Literal {
    pub(crate) kind: LiteralKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum LiteralKind {
    List(Vec<Literal>),
    Case(String),
    String(String),
    /// A number as written, by JSON's grammar.
    Number(String),
    Uuid(Uuid),
    Bool(bool),
    /// Something that was no literal and has been reported.
    Bad,
}
