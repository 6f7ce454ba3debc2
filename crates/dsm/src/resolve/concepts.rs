//! Concepts with their parents, clubs with their members.

use super::symbols::{article, noun};
use super::types::Need;
use super::{Resolver, chain, foreign_id};
use crate::ast::Kind;
use crate::diagnostic::{Code, Diagnostic};
use anabranch_model::{Club, Concept, Definition, MAX_DEPTH};
use std::collections::HashMap;
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn concepts(&mut self) {
        let symbols = self.symbols;
        let mut parents = Vec::with_capacity(symbols.concepts.len());
        for declared in &symbols.concepts {
            let parent = declared.node.parent.as_ref();
            let place = parent.and_then(|name| self.lookup(name, Some(declared.space), Need::Parent));
            parents.push(place.and_then(|entry| entry.concept));
        }
        // A concept is made once its parent is: `waiting` is the way up from a concept to the first one that is settled.
        let mut settled = vec![false; parents.len()];
        for start in 0..parents.len() {
            let mut waiting = Vec::new();
            let mut on_the_way = HashMap::new();
            let mut next = Some(start);
            while let Some(place) = next.filter(|&place| !settled[place]) {
                if let Some(&first) = on_the_way.get(&place) {
                    self.concept_cycle(waiting.get(first..).unwrap_or_default());
                    break;
                }
                on_the_way.insert(place, waiting.len());
                waiting.push(place);
                next = parents[place];
            }
            while let Some(place) = waiting.pop() {
                settled[place] = true;
                self.concept(place, parents[place]);
            }
        }
    }

    fn concept_cycle(&mut self, cycle: &[usize]) {
        let Some(&first) = cycle.first() else { return };
        let declared = |place: usize| self.symbols.concepts[place].node;
        let mut names: Vec<&str> = cycle.iter().map(|&place| declared(place).name.text.as_str()).collect();
        let node = declared(first);
        names.push(&node.name.text);
        let span = node.parent.as_ref().map_or(node.name.span, crate::ast::Name::span);
        let message = if cycle.len() == 1 {
            format!("the concept `{}` is its own parent", node.name.text)
        } else {
            format!("the concept `{}` is its own ancestor: {}", node.name.text, chain(&names, " is a "))
        };
        self.error(Code::ConceptCycle, span, message);
    }

    fn concept(&mut self, place: usize, parent: Option<usize>) {
        let declared = &self.symbols.concepts[place];
        let node = declared.node;
        let parent = match (&node.parent, parent) {
            (None, _) => None,
            (Some(_), parent) => match parent.and_then(|parent| self.built.concepts[parent].clone()) {
                Some(parent) => Some(parent),
                None => return,
            },
        };
        if parent.as_ref().is_some_and(|parent| parent.lineage().count() >= MAX_DEPTH) {
            let message = format!("the concept `{}` has more than {MAX_DEPTH} ancestors", node.name.text);
            self.error(Code::TooDeep, node.name.span, message);
            return;
        }
        let name = self.symbols.type_name(declared.space, &node.name);
        match Concept::new(name, node.doc.as_str(), parent) {
            Ok(concept) => {
                let concept = Arc::new(match foreign_id(node.runtime_id) {
                    Some(id) => concept.with_runtime_id(id),
                    None => concept,
                });
                self.built.concepts[place] = Some(concept.clone());
                self.add(node.name.span, Definition::Concept(concept));
            }
            Err(error) => self.refused(node.name.span, &error),
        }
    }

    pub(super) fn clubs(&mut self) {
        let symbols = self.symbols;
        let mut members: Vec<Vec<Arc<Concept>>> = vec![Vec::new(); symbols.clubs.len()];
        let mut complete = vec![true; symbols.clubs.len()];
        let mut seen = HashMap::new();
        for declared in &symbols.memberships {
            let node = declared.node;
            let scope = Some(declared.space);
            if self.is_swapped(declared.space, node) {
                let message = format!(
                    "`{}` is a concept and `{}` a club: the club stands first",
                    node.club, node.concept
                );
                let diagnostic =
                    Diagnostic::error(Code::WrongKind, node.club.span().to(node.concept.span()), message)
                        .help(format!("write `membership {} {};`", node.concept, node.club));
                self.diagnostics.push(diagnostic);
                continue;
            }
            let club = self.lookup(&node.club, scope, Need::Club).and_then(|entry| entry.club);
            let concept = self.lookup(&node.concept, scope, Need::Member).and_then(|entry| entry.concept);
            let Some(club) = club else { continue };
            let Some(concept) = concept else {
                complete[club] = false;
                continue;
            };
            if let Some(first) = seen.insert((club, concept), node.concept.span()) {
                let message = format!("`{}` is a member of `{}` already", node.concept, node.club);
                let diagnostic = Diagnostic::warning(Code::DuplicateMembership, node.concept.span(), message)
                    .label(first, "it joined here");
                self.diagnostics.push(diagnostic);
                continue;
            }
            match &self.built.concepts[concept] {
                Some(concept) => members[club].push(concept.clone()),
                None => complete[club] = false,
            }
        }
        for (place, members) in members.into_iter().enumerate() {
            if complete[place] {
                self.club(place, members);
            }
        }
    }

    /// Whether the concept was written before the club.
    fn is_swapped(&self, space: usize, node: &crate::ast::Membership) -> bool {
        let club = self.find(&node.club, Some(space));
        let concept = self.find(&node.concept, Some(space));
        matches!((club, concept), (Ok(club), Ok(concept)) if club.club.is_none() && club.concept.is_some() && concept.concept.is_none() && concept.club.is_some())
    }

    fn club(&mut self, place: usize, members: Vec<Arc<Concept>>) {
        let declared = &self.symbols.clubs[place];
        let node = declared.node;
        let name = self.symbols.type_name(declared.space, &node.name);
        match Club::new(name, node.doc.as_str(), members) {
            Ok(club) => {
                let club = Arc::new(match foreign_id(node.runtime_id) {
                    Some(id) => club.with_runtime_id(id),
                    None => club,
                });
                self.built.clubs[place] = Some(club.clone());
                self.add(node.name.span, Definition::Club(club));
            }
            Err(error) => self.refused(node.name.span, &error),
        }
    }
}

/// What is there instead of what is needed, for a message.
pub(super) fn found(kinds: impl Iterator<Item = Kind>) -> String {
    let kinds: Vec<&str> = kinds.map(article).collect();
    kinds.join(" and ")
}

/// Names of kinds, for "there is no … called".
pub(super) fn either(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| noun(*kind)).collect::<Vec<_>>().join(" or ")
}
