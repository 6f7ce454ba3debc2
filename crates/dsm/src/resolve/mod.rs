//! Tree to definitions: names are looked up, rules are checked, values of defaults are made.
//!
//! Everything is checked even when something else is wrong, as far as what is wrong does not stand in the way: a type that
//! could not be resolved is simply not there, and whatever would need it says nothing.

mod attachments;
mod concepts;
mod defaults;
mod enumerations;
mod pools;
mod structures;
mod symbols;
mod types;

use crate::ast::{self, Tree};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::suggest::Suggester;
use anabranch_model::{Club, Concept, Enumeration, Structure};
use anabranch_model::{Definition, Definitions, DefinitionsBuilder, RuntimeId};
use std::fmt::Display;
use std::sync::Arc;
use symbols::Symbols;

/// Checks the tree and makes the definitions; none when anything is wrong with them.
pub(crate) fn resolve(tree: &Tree, diagnostics: &mut Diagnostics) -> Option<Definitions> {
    let symbols = Symbols::collect(tree, diagnostics);
    let mut resolver = Resolver {
        tree,
        built: Built {
            concepts: vec![None; symbols.concepts.len()],
            clubs: vec![None; symbols.clubs.len()],
            enumerations: vec![None; symbols.enumerations.len()],
            structures: vec![None; symbols.structures.len()],
        },
        symbols: &symbols,
        suggester: Suggester::new(),
        builder: DefinitionsBuilder::default(),
        diagnostics,
    };
    resolver.concepts();
    resolver.clubs();
    resolver.enumerations();
    resolver.structures();
    resolver.attachments();
    resolver.pools();
    let builder = resolver.builder;
    (!diagnostics.has_errors()).then(|| builder.build())
}

/// The scope in which a bare name is looked up: a namespace, or none inside a function pool.
type Scope = Option<usize>;

struct Resolver<'a> {
    tree: &'a Tree,
    symbols: &'a Symbols<'a>,
    built: Built,
    suggester: Suggester,
    builder: DefinitionsBuilder,
    diagnostics: &'a mut Diagnostics,
}

/// The definitions made so far, by their places among the [`Symbols`].
struct Built {
    concepts: Vec<Option<Arc<Concept>>>,
    clubs: Vec<Option<Arc<Club>>>,
    enumerations: Vec<Option<Arc<Enumeration>>>,
    structures: Vec<Option<Arc<Structure>>>,
}

impl Resolver<'_> {
    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, span, message));
    }

    /// What the model crate refuses although the rules here let it pass; whoever gets there reads the reason at least.
    fn refused(&mut self, span: Span, error: &impl Display) {
        if !self.diagnostics.has_errors() {
            self.error(Code::Refused, span, error.to_string());
        }
    }

    /// Adds a finished definition to the set.
    fn add(&mut self, span: Span, definition: Definition) {
        match self.builder.add(definition) {
            Ok(true) => {}
            Ok(false) if self.diagnostics.has_errors() => {}
            Ok(false) => self.error(Code::Refused, span, "another definition has the same runtime id"),
            Err(error) => self.refused(span, &error),
        }
    }
}

/// The foreign id of a node in the form in which definitions take it.
fn foreign_id(node: ast::ForeignId) -> Option<RuntimeId> {
    node.map(RuntimeId::from_uuid)
}

/// A chain of names for a message; the middle of a long one is left out.
fn chain<T: Display>(links: &[T], separator: &str) -> String {
    const SHOWN: usize = 8;
    let texts = |links: &[T]| links.iter().map(ToString::to_string).collect::<Vec<_>>();
    if links.len() <= SHOWN {
        return texts(links).join(separator);
    }
    let (head, tail) = (&links[..SHOWN / 2], &links[links.len() - SHOWN / 2..]);
    let mut shown = texts(head);
    shown.push(format!("({} more)", links.len() - SHOWN));
    shown.extend(texts(tail));
    shown.join(separator)
}
