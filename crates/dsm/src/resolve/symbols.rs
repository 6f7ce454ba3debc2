//! What is declared under which name.

use crate::ast::{self, Declaration, Ident, Kind, Tree, UuidLiteral};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::words;
use anabranch_model::{NameSpace, TypeName, Uuid};
use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;

/// A declaration and the namespace it stands in.
pub(super) struct Declared<'a, T> {
    pub(super) space: usize,
    pub(super) node: &'a T,
}

/// A namespace, whose parts may be spread over several texts.
pub(super) struct Space<'a> {
    pub(super) namespace: NameSpace,
    ident: &'a Ident,
    uuid: UuidLiteral,
    /// Every name declared in it, with its kind.
    pub(super) names: Vec<(&'a str, Kind)>,
}

/// The places of what one name stands for, by kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    pub(super) concept: Option<usize>,
    pub(super) club: Option<usize>,
    pub(super) enumeration: Option<usize>,
    pub(super) structure: Option<usize>,
}

impl Entry {
    fn slot(&mut self, kind: Kind) -> &mut Option<usize> {
        match kind {
            Kind::Concept => &mut self.concept,
            Kind::Club => &mut self.club,
            Kind::Enumeration => &mut self.enumeration,
            Kind::Structure => &mut self.structure,
        }
    }

    /// Only what is of this kind.
    pub(super) fn only(mut self, kind: Kind) -> Self {
        let mut entry = Self::default();
        *entry.slot(kind) = self.slot(kind).take();
        entry
    }

    /// The kinds that the name stands for.
    pub(super) fn kinds(self) -> impl Iterator<Item = Kind> {
        [
            self.concept.map(|_| Kind::Concept),
            self.club.map(|_| Kind::Club),
            self.enumeration.map(|_| Kind::Enumeration),
            self.structure.map(|_| Kind::Structure),
        ]
        .into_iter()
        .flatten()
    }
}

/// All names of a model.
#[derive(Default)]
pub(super) struct Symbols<'a> {
    pub(super) spaces: Vec<Space<'a>>,
    spaces_by_name: HashMap<&'a str, usize>,
    entries: HashMap<(usize, &'a str), Entry>,
    /// The namespaces that declare something under a name.
    homes: HashMap<&'a str, Vec<usize>>,
    pub(super) concepts: Vec<Declared<'a, ast::Concept>>,
    pub(super) clubs: Vec<Declared<'a, ast::Club>>,
    pub(super) memberships: Vec<Declared<'a, ast::Membership>>,
    pub(super) enumerations: Vec<Declared<'a, ast::Enumeration>>,
    pub(super) structures: Vec<Declared<'a, ast::Structure>>,
    pub(super) attachments: Vec<Declared<'a, ast::Attachment>>,
}

impl<'a> Symbols<'a> {
    pub(super) fn collect(tree: &'a Tree, diagnostics: &mut Diagnostics) -> Self {
        let mut symbols = Self::default();
        let mut uuids: HashMap<Uuid, usize> = HashMap::new();
        for node in &tree.namespaces {
            let space = symbols.space(node, &mut uuids, diagnostics);
            for declaration in &node.declarations {
                symbols.declare(space, declaration, diagnostics);
            }
        }
        symbols
    }

    /// The namespace that a node opens or goes on with.
    fn space(
        &mut self,
        node: &'a ast::Namespace,
        uuids: &mut HashMap<Uuid, usize>,
        diagnostics: &mut Diagnostics,
    ) -> usize {
        let name = node.name.text.as_str();
        if node.uuid.value == Some(Uuid::nil()) {
            diagnostics.push(nil_uuid(node.uuid.span, "a namespace"));
        }
        if let Some(&known) = self.spaces_by_name.get(name) {
            let space = &self.spaces[known];
            if let (Some(ours), Some(theirs)) = (space.uuid.value, node.uuid.value)
                && ours != theirs
            {
                let message = format!("the namespace `{name}` has another UUID elsewhere");
                diagnostics.push(
                    Diagnostic::error(Code::NamespaceConflict, node.uuid.span, message)
                        .label(space.uuid.span, "first declared with this one")
                        .help("a namespace that is continued repeats its UUID"),
                );
            }
            return known;
        }
        check_reserved(&node.name, "a namespace", diagnostics);
        let place = self.spaces.len();
        if let Some(uuid) = node.uuid.value.filter(|uuid| !uuid.is_nil()) {
            match uuids.entry(uuid) {
                MapEntry::Vacant(vacant) => {
                    vacant.insert(place);
                }
                MapEntry::Occupied(occupied) => {
                    let first = &self.spaces[*occupied.get()];
                    let message =
                        format!("the namespaces `{}` and `{name}` have the same UUID", first.ident.text);
                    diagnostics.push(
                        Diagnostic::error(Code::UuidConflict, node.uuid.span, message)
                            .label(first.uuid.span, "first used here")
                            .help("the UUID is what a namespace is: every namespace needs its own"),
                    );
                }
            }
        }
        let namespace = NameSpace::new(node.uuid.value.unwrap_or_default(), name);
        self.spaces.push(Space { namespace, ident: &node.name, uuid: node.uuid, names: Vec::new() });
        self.spaces_by_name.insert(name, place);
        place
    }

    fn declare(&mut self, space: usize, declaration: &'a Declaration, diagnostics: &mut Diagnostics) {
        match declaration {
            Declaration::Concept(node) => {
                self.enter(space, Kind::Concept, &node.name, self.concepts.len(), diagnostics);
                self.concepts.push(Declared { space, node });
            }
            Declaration::Club(node) => {
                self.enter(space, Kind::Club, &node.name, self.clubs.len(), diagnostics);
                self.clubs.push(Declared { space, node });
            }
            Declaration::Enumeration(node) => {
                self.enter(space, Kind::Enumeration, &node.name, self.enumerations.len(), diagnostics);
                self.enumerations.push(Declared { space, node });
            }
            Declaration::Structure(node) => {
                self.enter(space, Kind::Structure, &node.name, self.structures.len(), diagnostics);
                self.structures.push(Declared { space, node });
            }
            Declaration::Membership(node) => self.memberships.push(Declared { space, node }),
            Declaration::Attachment(node) => self.attachments.push(Declared { space, node }),
        }
    }

    fn enter(
        &mut self,
        space: usize,
        kind: Kind,
        name: &'a Ident,
        place: usize,
        diagnostics: &mut Diagnostics,
    ) {
        check_reserved(name, article(kind), diagnostics);
        let text = name.text.as_str();
        let entry = self.entries.entry((space, text)).or_default();
        if entry.kinds().next().is_none() {
            self.homes.entry(text).or_default().push(space);
        }
        let slot = entry.slot(kind);
        let Some(first) = *slot else {
            *slot = Some(place);
            self.spaces[space].names.push((text, kind));
            return;
        };
        let message = format!("the {} `{text}` is declared twice", noun(kind));
        let diagnostic = Diagnostic::error(Code::DuplicateName, name.span, message)
            .label(self.name_span(kind, first), "first declared here");
        diagnostics.push(diagnostic);
    }

    fn name_span(&self, kind: Kind, place: usize) -> Span {
        match kind {
            Kind::Concept => self.concepts[place].node.name.span,
            Kind::Club => self.clubs[place].node.name.span,
            Kind::Enumeration => self.enumerations[place].node.name.span,
            Kind::Structure => self.structures[place].node.name.span,
        }
    }

    /// The namespace of this name.
    pub(super) fn space_named(&self, name: &str) -> Option<usize> {
        self.spaces_by_name.get(name).copied()
    }

    /// What a name stands for inside a namespace.
    pub(super) fn entry(&self, space: usize, name: &str) -> Option<Entry> {
        self.entries.get(&(space, name)).copied()
    }

    /// The namespaces that declare something under this name.
    pub(super) fn homes(&self, name: &str) -> &[usize] {
        self.homes.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn type_name(&self, space: usize, ident: &Ident) -> TypeName {
        TypeName::new(self.spaces[space].namespace.clone(), ident.text.as_str())
    }
}

pub(super) fn nil_uuid(span: Span, of: &str) -> Diagnostic {
    Diagnostic::error(Code::NilUuid, span, format!("the nil UUID identifies nothing, so {of} cannot have it"))
        .help("make a random one, for example with `uuidgen`")
}

pub(super) fn check_reserved(name: &Ident, of: &str, diagnostics: &mut Diagnostics) {
    if words::is_reserved(&name.text) {
        let message = format!("`{}` is a word of the language and cannot be the name of {of}", name.text);
        diagnostics.push(Diagnostic::error(Code::ReservedWord, name.span, message));
    }
}

/// A kind as messages call it.
pub(super) const fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Concept => "concept",
        Kind::Club => "club",
        Kind::Enumeration => "enumeration",
        Kind::Structure => "structure",
    }
}

/// A kind with its article.
pub(super) const fn article(kind: Kind) -> &'static str {
    match kind {
        Kind::Concept => "a concept",
        Kind::Club => "a club",
        Kind::Enumeration => "an enumeration",
        Kind::Structure => "a structure",
    }
}
