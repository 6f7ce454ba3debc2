//! The reference evaluator: `spec/semantics.md` §1–3 as they are written, and nothing else.
//!
//! It shares no code with the engine: orders are lists, masks a map, and a change to a document builds a new document.
//! Slow on purpose; what the engine does must give the same.

use std::collections::{BTreeMap, HashMap};

use anabranch_engine::{CommitKind, Database, DocumentId, Opcode, Operation};
use anabranch_model::{
    AnyValue, CommitId, MapValue, OptionalValue, Path, PathComponent, SetValue, StructureValue, TupleValue,
    Uuid, Value, VariantValue, VectorValue, XArrayValue,
};

/// A commit as the evaluator sees it.
#[derive(Clone, Debug)]
pub struct ReferenceCommit {
    /// What it does.
    pub kind: CommitKind,
    /// The commit that it stands on.
    pub parent: CommitId,
    /// What it merges, hides or shows.
    pub target: CommitId,
    /// What it does to documents.
    pub opcodes: Vec<Opcode>,
}

/// The commits that each merge of a history contributed to it.
pub type Contributions = HashMap<CommitId, Vec<CommitId>>;

/// The documents after a commit.
pub type Documents = BTreeMap<DocumentId, Value>;

/// A commit graph, evaluated by the letter.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    /// The commits by id.
    pub commits: HashMap<CommitId, ReferenceCommit>,
}

impl Reference {
    /// Everything that a database holds.
    pub fn of(database: &Database) -> Self {
        let commits = database
            .commit_ids()
            .expect("a test database can be read")
            .into_iter()
            .map(|id| {
                let header = database.commit_header(id).expect("a listed commit is there");
                let opcodes = database.commit_opcodes(id).expect("a payload can be read");
                let (kind, parent, target) = (header.kind, header.parent, header.target);
                (id, ReferenceCommit { kind, parent, target, opcodes })
            })
            .collect();
        Self { commits }
    }

    /// §1: the commits whose effects make up the state at `c`, oldest first; and, for each merge among them, the commits
    /// that it contributed (§2).
    pub fn lin(&self, c: CommitId) -> (Vec<CommitId>, Contributions) {
        if c.is_zero() {
            return (Vec::new(), Contributions::new());
        }
        let commit = &self.commits[&c];
        let (mut lin, mut contributed) = self.lin(commit.parent);
        if commit.kind == CommitKind::Merge {
            let (of_target, by_target) = self.lin(commit.target);
            let own = without(&of_target, &lin);
            for x in &own {
                // What the parent has stands in an earlier part of this history.
                let theirs = by_target.get(x).map(|theirs| (*x, without(theirs, &lin)));
                contributed.extend(theirs);
            }
            lin.extend(&own);
            contributed.insert(c, own);
        }
        lin.push(c);
        (lin, contributed)
    }

    /// §2: what is decided about the commits of `lin(c)`, walking from the newest to the oldest.
    pub fn decided(&self, c: CommitId) -> HashMap<CommitId, bool> {
        let (lin, contributed) = self.lin(c);
        let mut decided: HashMap<CommitId, bool> = HashMap::new();
        for x in lin.iter().rev() {
            let commit = &self.commits[x];
            let on = decided.get(x).copied().unwrap_or(true);
            let is_decision = matches!(commit.kind, CommitKind::Disable | CommitKind::Enable);
            if is_decision && on && !decided.contains_key(&commit.target) {
                decided.insert(commit.target, commit.kind == CommitKind::Enable);
            }
            if commit.kind == CommitKind::Merge && !on {
                for y in &contributed[x] {
                    decided.entry(*y).or_insert(false);
                }
            }
        }
        decided
    }

    /// §3: the documents after `c`.
    pub fn state(&self, c: CommitId) -> Documents {
        let decided = self.decided(c);
        let mut documents: BTreeMap<DocumentId, Option<Value>> = BTreeMap::new();
        for x in self.lin(c).0 {
            let commit = &self.commits[&x];
            if commit.kind == CommitKind::Mutations && decided.get(&x).copied().unwrap_or(true) {
                for opcode in &commit.opcodes {
                    let document = documents.entry(opcode.document.clone()).or_default();
                    if let Some(changed) = apply(document.as_ref(), &opcode.operation) {
                        *document = Some(changed);
                    }
                }
            }
        }
        documents.into_iter().filter_map(|(id, value)| value.map(|value| (id, value))).collect()
    }
}

fn without(list: &[CommitId], other: &[CommitId]) -> Vec<CommitId> {
    list.iter().filter(|id| !other.contains(id)).copied().collect()
}

/// §3: the document after an operation; none when the operation is dropped.
pub fn apply(document: Option<&Value>, operation: &Operation) -> Option<Value> {
    if let Operation::DocumentSet { value } = operation {
        return Some(value.clone());
    }
    let document = document?;
    match operation {
        Operation::DocumentSet { .. } => None,
        Operation::DocumentUpdate { path, value } => update(document, path.components(), value),
        Operation::SetUnion { path, elements } => at(document, path, |place| match place {
            Value::Set(set) if set.element_type() == elements.element_type() => {
                let all = set.items().iter().chain(elements.items()).cloned().collect();
                Some(Value::Set(SetValue::new(set.element_type().clone(), all).ok()?))
            }
            _ => None,
        }),
        Operation::SetSubtract { path, elements } => at(document, path, |place| match place {
            Value::Set(set) if set.element_type() == elements.element_type() => {
                let kept =
                    set.items().iter().filter(|item| !elements.items().contains(item)).cloned().collect();
                Some(Value::Set(SetValue::new(set.element_type().clone(), kept).ok()?))
            }
            _ => None,
        }),
        Operation::MapUnion { path, entries } => at(document, path, |place| match place {
            Value::Map(map) if map.map_type() == entries.map_type() => {
                let kept = map.entries().iter().filter(|(key, _)| entries.get(key).is_none());
                map_of(map, kept.chain(entries.entries()).cloned().collect())
            }
            _ => None,
        }),
        Operation::MapSubtract { path, keys } => at(document, path, |place| match place {
            Value::Map(map) if map.map_type().key == **keys.element_type() => map_of(
                map,
                map.entries().iter().filter(|(key, _)| !keys.items().contains(key)).cloned().collect(),
            ),
            _ => None,
        }),
        Operation::MapUpdate { path, entries } => at(document, path, |place| match place {
            Value::Map(map) if map.map_type() == entries.map_type() => {
                let replaced = map
                    .entries()
                    .iter()
                    .map(|(key, value)| (key.clone(), entries.get(key).unwrap_or(value).clone()));
                map_of(map, replaced.collect())
            }
            _ => None,
        }),
        Operation::XArrayInsert { path, before, position } => at(document, path, |place| match place {
            Value::XArray(xarray) => {
                let mut slots = xarray.slots().to_vec();
                if slots.iter().any(|(known, _)| known == position) {
                    return None;
                }
                let place = if before.is_nil() {
                    slots.len()
                } else {
                    slots.iter().position(|(known, _)| known == before)?
                };
                slots.insert(place, (*position, None));
                xarray_of(xarray, slots)
            }
            _ => None,
        }),
        Operation::XArrayUpdate { path, position, value } => {
            at(document, path, |place| with_element(place, *position, Some(value.clone())))
        }
        Operation::XArrayRemove { path, position } => {
            at(document, path, |place| with_element(place, *position, None))
        }
    }
}

fn map_of(like: &MapValue, entries: Vec<(Value, Value)>) -> Option<Value> {
    MapValue::new(like.map_type().clone(), entries).ok().map(Value::Map)
}

fn xarray_of(like: &XArrayValue, slots: Vec<(Uuid, Option<Value>)>) -> Option<Value> {
    XArrayValue::new(like.element_type().clone(), slots).ok().map(Value::XArray)
}

fn with_element(place: &Value, position: Uuid, element: Option<Value>) -> Option<Value> {
    let Value::XArray(xarray) = place else { return None };
    let mut slots = xarray.slots().to_vec();
    slots.iter_mut().find(|(known, _)| *known == position)?.1 = element;
    xarray_of(xarray, slots)
}

/// The document with the place at `path` changed; none when there is no such place or `change` declines.
fn at(document: &Value, path: &Path, change: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    rebuild(document, path.components(), &change)
}

fn rebuild(value: &Value, path: &[PathComponent], change: &dyn Fn(&Value) -> Option<Value>) -> Option<Value> {
    let Some((first, rest)) = path.split_first() else { return change(value) };
    let inner = rebuild(first_of(value, first)?, rest, change)?;
    replace(value, first, inner)
}

/// What one step leads to.
fn first_of<'v>(value: &'v Value, step: &PathComponent) -> Option<&'v Value> {
    Path::new(vec![step.clone()]).at(value).ok()
}

/// `value` with what one step leads to replaced.
fn replace(value: &Value, step: &PathComponent, inner: Value) -> Option<Value> {
    let replaced = |items: &[Value], index: u64, inner: Value| {
        let mut items = items.to_vec();
        *items.get_mut(usize::try_from(index).ok()?)? = inner;
        Some(items)
    };
    match (step, value) {
        (PathComponent::Field(name), Value::Structure(v)) => {
            let mut changed = StructureValue::new(v.structure().clone(), v.fields().to_vec()).ok()?;
            changed.set(name, inner).ok()?;
            Some(Value::Structure(changed))
        }
        (PathComponent::Index(index), Value::Vector(v)) => {
            VectorValue::new(v.element_type().clone(), replaced(v.items(), *index, inner)?)
                .ok()
                .map(Value::Vector)
        }
        (PathComponent::Index(index), Value::Tuple(v)) => {
            TupleValue::new(v.types().clone(), replaced(v.items(), *index, inner)?).ok().map(Value::Tuple)
        }
        (PathComponent::Key(key), Value::Map(v)) => {
            let others = v.entries().iter().filter(|(present, _)| present != key).cloned();
            map_of(v, others.chain([(key.clone(), inner)]).collect())
        }
        (PathComponent::Position(position), Value::XArray(_)) => with_element(value, *position, Some(inner)),
        (PathComponent::Unwrap, Value::Optional(v)) => {
            OptionalValue::new(v.element_type().clone(), Some(inner)).ok().map(Value::Optional)
        }
        (PathComponent::Unwrap, Value::Any(v)) if v.get()?.ty() == inner.ty() => {
            Some(Value::Any(AnyValue::new(inner)))
        }
        (PathComponent::Unwrap, Value::Variant(v)) if v.selected().admits(&inner) => {
            VariantValue::new(v.types().clone(), inner).ok().map(Value::Variant)
        }
        _ => None,
    }
}

/// `document_update`: the last step may insert a map entry, fill a nil optional, revive a removed element.
fn update(value: &Value, path: &[PathComponent], new: &Value) -> Option<Value> {
    let (last, before) = path.split_last()?;
    rebuild(value, before, &|place| match (last, place) {
        (PathComponent::Key(_), Value::Map(_))
        | (PathComponent::Unwrap, Value::Optional(_))
        | (PathComponent::Position(_), Value::XArray(_)) => replace(place, last, new.clone()),
        _ => {
            first_of(place, last)?;
            replace(place, last, new.clone())
        }
    })
}
