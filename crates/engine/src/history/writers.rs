//! Since which operation each place of a document stands as it does.

use std::collections::BTreeMap;
use std::ops::Bound;

use anabranch_model::{Path, PathComponent, Uuid, Value};

use super::places::between;
use super::trace::{Outcome, Trace};
use crate::opcode::{DropReason, Operation};

/// For the places of a document, the last step of its trace that changed them.
///
/// A step that writes what stands there already changes nothing. What is remembered for a place holds for all places
/// inside it for which nothing later is. A place that is no more is remembered until one around it is written anew.
#[derive(Debug, Default)]
pub(crate) struct Writers {
    steps: BTreeMap<Path, usize>,
}

impl Writers {
    /// Follows a trace from its first step to its last.
    pub(crate) fn of(trace: &Trace) -> Self {
        let mut writers = Self::default();
        for (step, paths) in changes(trace, None) {
            paths.into_iter().for_each(|path| writers.wrote(path, step));
        }
        writers
    }

    fn wrote(&mut self, path: Path, step: usize) {
        let inside: Vec<Path> = self.inside(&path).map(|(path, _)| path.clone()).collect();
        inside.iter().for_each(|path| {
            self.steps.remove(path);
        });
        self.steps.insert(path, step);
    }

    /// What is remembered for the places inside one, itself excluded. In the order of paths they follow it in one run.
    fn inside<'s>(&'s self, path: &'s Path) -> impl Iterator<Item = (&'s Path, usize)> {
        self.steps
            .range((Bound::Excluded(path), Bound::Unbounded))
            .take_while(|(inside, _)| path.is_prefix_of(inside))
            .map(|(inside, step)| (inside, *step))
    }

    /// Whether something is remembered for a place inside this one, and not for it as a whole.
    pub(crate) fn is_divided(&self, path: &Path) -> bool {
        self.inside(path).next().is_some()
    }

    /// The step that wrote this place as a whole, if there is one.
    pub(crate) fn whole(&self, path: &Path) -> Option<usize> {
        self.steps.get(path).copied()
    }

    /// The last step that changed anything in a place, or what it is in.
    pub(crate) fn last(&self, path: &Path) -> Option<usize> {
        let steps = path.components();
        let around =
            (0..=steps.len()).rev().find_map(|length| self.whole(&Path::new(steps[..length].to_vec())));
        self.inside(path).map(|(_, step)| step).chain(around).max()
    }
}

/// The steps of a trace that changed something in the document that it starts with, in order, each with the places that
/// it changed.
pub(crate) fn changes(trace: &Trace, mut document: Option<Value>) -> Vec<(usize, Vec<Path>)> {
    let mut changes = Vec::new();
    for (step, traced) in trace.steps.iter().enumerate() {
        if traced.outcome != Outcome::Applied {
            continue;
        }
        let changed = changed_by(&traced.operation, document.as_ref());
        // It took effect in the trace, and this is the document that it met there.
        let _: Result<(), DropReason> = traced.operation.apply(&mut document);
        if !changed.is_empty() {
            changes.push((step, changed));
        }
    }
    changes
}

/// The places that an operation changes in a document to which it applies. Costs what the operation and the places cost,
/// not what the document costs.
fn changed_by(operation: &Operation, document: Option<&Value>) -> Vec<Path> {
    let at = |path: &Path| document.and_then(|document| path.at(document).ok());
    // As an item of a set, map or xarray at the path.
    let inside = |path: &Path, component| path.clone().with(component);
    match operation {
        Operation::DocumentSet { value } => differing(&Path::root(), document, Some(value)),
        Operation::DocumentUpdate { path, value } => differing(path, at(path), Some(value)),
        Operation::SetUnion { path, elements } => match at(path) {
            Some(Value::Set(set)) => elements
                .items()
                .iter()
                .filter(|item| !set.contains(item))
                .map(|item| inside(path, PathComponent::Element(item.clone())))
                .collect(),
            _ => Vec::new(),
        },
        Operation::SetSubtract { path, elements } => match at(path) {
            Some(Value::Set(set)) => elements
                .items()
                .iter()
                .filter(|item| set.contains(item))
                .map(|item| inside(path, PathComponent::Element(item.clone())))
                .collect(),
            _ => Vec::new(),
        },
        Operation::MapUnion { path, entries } => match at(path) {
            Some(Value::Map(map)) => entries
                .entries()
                .iter()
                .flat_map(|(key, value)| differing(&path.clone().key(key.clone()), map.get(key), Some(value)))
                .collect(),
            _ => Vec::new(),
        },
        Operation::MapUpdate { path, entries } => match at(path) {
            Some(Value::Map(map)) => entries
                .entries()
                .iter()
                .filter(|(key, _)| map.get(key).is_some())
                .flat_map(|(key, value)| differing(&path.clone().key(key.clone()), map.get(key), Some(value)))
                .collect(),
            _ => Vec::new(),
        },
        Operation::MapSubtract { path, keys } => match at(path) {
            Some(Value::Map(map)) => keys
                .items()
                .iter()
                .filter(|key| map.get(key).is_some())
                .map(|key| path.clone().key(key.clone()))
                .collect(),
            _ => Vec::new(),
        },
        // A position without an element is no place.
        Operation::XArrayInsert { .. } => Vec::new(),
        Operation::XArrayUpdate { path, position, value } => {
            let place = path.clone().position(*position);
            differing(&place, element(at(path), *position), Some(value))
        }
        Operation::XArrayRemove { path, position } => {
            let place = path.clone().position(*position);
            differing(&place, element(at(path), *position), None)
        }
    }
}

fn element(place: Option<&Value>, position: Uuid) -> Option<&Value> {
    match place {
        Some(Value::XArray(xarray)) => xarray.get(position),
        _ => None,
    }
}

/// The places, in a document, in which what is at `path` differs.
fn differing(path: &Path, before: Option<&Value>, after: Option<&Value>) -> Vec<Path> {
    let whole = |inside: &Path| Path::new([path.components(), inside.components()].concat());
    between(before, after).visible.iter().map(|change| whole(&change.path)).collect()
}
