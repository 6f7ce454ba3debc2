//! Structures: their order, their fields, their bounds.

use super::{Resolver, chain, foreign_id};
use crate::ast::{self, TypeKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use anabranch_model::bounds::MAX_ZERO_SIZE;
use anabranch_model::{Definition, Field, MAX_DEPTH, Structure, Type, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// The most numbers, strings and so on that the zeros of all structures may be made of, each counted without those that it
/// contains.
///
/// The model crate bounds each structure; a text of a megabyte could still describe gigabytes of them.
const MAX_TOTAL_SIZE: u64 = 1 << 22;

/// How far the walk has come with a structure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    New,
    Open,
    Done,
}

/// One structure's mention of another, in one of its fields.
#[derive(Clone, Copy)]
struct Edge {
    field: usize,
    target: usize,
}

/// A structure on the way down from one that was asked for.
struct Step {
    place: usize,
    edges: Vec<Edge>,
    next: usize,
}

impl Resolver<'_> {
    /// Makes all structures, each after those that it contains.
    pub(super) fn structures(&mut self) {
        let count = self.symbols.structures.len();
        let mut progress = vec![Progress::New; count];
        let mut in_cycle = vec![false; count];
        let mut total: u64 = 0;
        for start in 0..count {
            if progress[start] != Progress::New {
                continue;
            }
            // A path of its own instead of recursion: a chain of structures may be as long as the text.
            let mut path = vec![self.step(start, &mut progress)];
            while let Some(step) = path.last_mut() {
                let Some(edge) = step.edges.get(step.next).copied() else {
                    let place = step.place;
                    path.pop();
                    progress[place] = Progress::Done;
                    self.structure(place, &mut total);
                    continue;
                };
                step.next += 1;
                match progress[edge.target] {
                    Progress::Done => {}
                    Progress::New => {
                        let next = self.step(edge.target, &mut progress);
                        path.push(next);
                    }
                    Progress::Open => self.structure_cycle(&path, edge, &mut in_cycle),
                }
            }
        }
    }

    fn step(&self, place: usize, progress: &mut [Progress]) -> Step {
        progress[place] = Progress::Open;
        let declared = &self.symbols.structures[place];
        let mut edges = Vec::new();
        for (field, node) in declared.node.fields.iter().enumerate() {
            self.mentions(&node.ty, declared.space, &mut |target| edges.push(Edge { field, target }));
        }
        Step { place, edges, next: 0 }
    }

    /// Calls `visit` with every structure that a type names.
    fn mentions(&self, ty: &ast::Type, space: usize, visit: &mut dyn FnMut(usize)) {
        match &ty.kind {
            TypeKind::Named(name) => {
                let entry = self.find(name, Some(space));
                // A name that is also an enumeration's is ambiguous, which is reported elsewhere.
                if let Some(place) =
                    entry.ok().filter(|entry| entry.enumeration.is_none()).and_then(|entry| entry.structure)
                {
                    visit(place);
                }
            }
            TypeKind::Optional(element)
            | TypeKind::Vector(element)
            | TypeKind::Set(element)
            | TypeKind::XArray(element) => {
                self.mentions(element, space, visit);
            }
            TypeKind::Map(key, value) => {
                self.mentions(key, space, visit);
                self.mentions(value, space, visit);
            }
            TypeKind::Tuple(types) | TypeKind::Variant(types) => {
                types.iter().for_each(|ty| self.mentions(ty, space, visit));
            }
            TypeKind::Key(_) | TypeKind::Vec(..) | TypeKind::Mat(..) | TypeKind::Bad => {}
        }
    }

    /// Reports the cycle that `edge` closes, once for all structures on it.
    fn structure_cycle(&mut self, path: &[Step], edge: Edge, in_cycle: &mut [bool]) {
        let start = path.iter().rposition(|step| step.place == edge.target).unwrap_or_default();
        let cycle = path.get(start..).unwrap_or_default();
        let is_new = !cycle.iter().any(|step| in_cycle[step.place]);
        cycle.iter().for_each(|step| in_cycle[step.place] = true);
        if !is_new {
            return;
        }
        let structure = |place: usize| self.symbols.structures[place].node;
        let mut links: Vec<String> = Vec::new();
        for (index, step) in cycle.iter().enumerate() {
            let taken = if index + 1 == cycle.len() {
                Some(&edge)
            } else {
                step.edges.get(step.next.saturating_sub(1))
            };
            let node = structure(step.place);
            let field = taken
                .and_then(|edge| node.fields.get(edge.field))
                .map_or("", |field| field.name.text.as_str());
            links.push(format!("{}.{field}", node.name.text));
        }
        let first = structure(edge.target);
        links.push(first.name.text.clone());
        let entry = cycle.first().map_or(edge, |step| {
            if cycle.len() == 1 { edge } else { step.edges[step.next.saturating_sub(1)] }
        });
        let span = first.fields.get(entry.field).map_or(first.name.span, |field| field.ty.span);
        let message =
            format!("the structure `{}` contains itself: {}", first.name.text, chain(&links, " → "));
        let diagnostic = Diagnostic::error(Code::StructureCycle, span, message)
            .help("a value would have no end: attach the structure to a concept and refer to that by `key<Concept>`");
        self.diagnostics.push(diagnostic);
    }

    fn structure(&mut self, place: usize, total: &mut u64) {
        let declared = &self.symbols.structures[place];
        let node = declared.node;
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let mut fields = Vec::with_capacity(node.fields.len());
        let mut is_whole = !node.is_partial;
        for field in &node.fields {
            let name = field.name.text.as_str();
            if let Some(first) = seen.get(name) {
                let message = format!("the structure `{}` has two fields called `{name}`", node.name.text);
                let diagnostic = Diagnostic::error(Code::DuplicateField, field.name.span, message)
                    .label(*first, "first declared here");
                self.diagnostics.push(diagnostic);
                is_whole = false;
            }
            seen.insert(name, field.name.span);
            match self.field(field, declared.space) {
                Some(field) => fields.push(field),
                None => is_whole = false,
            }
        }
        if !is_whole || !self.check_size(place, &fields, total) {
            return;
        }
        let name = self.symbols.type_name(declared.space, &node.name);
        match Structure::new(name, node.doc.as_str(), fields) {
            Ok(structure) => {
                let structure = Arc::new(match foreign_id(node.runtime_id) {
                    Some(id) => structure.with_runtime_id(id),
                    None => structure,
                });
                self.built.structures[place] = Some(structure.clone());
                self.add(node.name.span, Definition::Structure(structure));
            }
            Err(error) => self.refused(node.name.span, &error),
        }
    }

    fn field(&mut self, node: &ast::Field, space: usize) -> Option<Field> {
        let ty = self.value_type(&node.ty, Some(space))?;
        if ty.depth() >= MAX_DEPTH {
            let message = format!("types nest {} deep here, with the structures they contain", ty.depth());
            let diagnostic = Diagnostic::error(Code::TooDeep, node.ty.span, message)
                .help(format!("less than {MAX_DEPTH} is allowed"));
            self.diagnostics.push(diagnostic);
            return None;
        }
        let default = match &node.default {
            Some(literal) => Some(self.default_value(literal, &ty, space)?),
            None => None,
        };
        Some(Field {
            name: node.name.text.as_str().into(),
            documentation: node.doc.as_str().into(),
            ty,
            default,
        })
    }

    /// Bounds what a zero of the structure is made of before the model crate makes one.
    fn check_size(&mut self, place: usize, fields: &[Field], total: &mut u64) -> bool {
        let node = self.symbols.structures[place].node;
        let sizes = fields
            .iter()
            .map(|field| field.default.as_ref().map_or_else(|| field.ty.zero_size(), Value::size));
        let size = sizes.fold(1, u64::saturating_add);
        let was_too_large = *total > MAX_TOTAL_SIZE;
        *total = fields.iter().map(|field| own_size(&field.ty)).fold(*total, u64::saturating_add);
        if was_too_large {
            // That was said about the first one; none that follows is made.
            return false;
        }
        if size <= MAX_ZERO_SIZE && *total <= MAX_TOTAL_SIZE {
            return true;
        }
        let message = if size > MAX_ZERO_SIZE {
            too_large(&format!("a value of the structure `{}`", node.name.text))
        } else {
            format!(
                "the structures up to `{}` are together made of more than {MAX_TOTAL_SIZE} values",
                node.name.text
            )
        };
        self.too_large(node.name.span, message);
        false
    }

    pub(super) fn too_large(&mut self, span: Span, message: String) {
        let diagnostic = Diagnostic::error(Code::TooLarge, span, message)
            .help("keep long runs of numbers in a `vector` or a `blob`, which are empty until they are set");
        self.diagnostics.push(diagnostic);
    }
}

pub(super) fn too_large(what: &str) -> String {
    format!("{what} would start with more than {MAX_ZERO_SIZE} values, every number counted")
}

/// Of how many values the zero of a type consists, structures inside counted as one.
fn own_size(ty: &Type) -> u64 {
    match ty {
        Type::Structure(_) => 1,
        Type::Tuple(types) => types.iter().map(own_size).fold(1, u64::saturating_add),
        Type::Variant(types) => types.first().map_or(1, own_size),
        ty => ty.zero_size(),
    }
}
