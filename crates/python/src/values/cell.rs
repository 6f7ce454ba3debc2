//! The places that Python holds on to.
//!
//! The model's values are owned and copied on write; Python's are shared by reference. A [`Cell`] is one object that
//! Python may hold several references to. When a container inside another is asked for, it becomes a cell of its own,
//! which the outer one keeps: a change to the inner one is seen through the outer one, whoever holds it and whatever
//! happens to the items around it. What is asked for as a whole ([`Cell::value`]) takes the changes in first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anabranch::model::{PathComponent, Uuid, VectorValue};
use anabranch::{Path, Type, Value};

use crate::error::{Failure, Outcome};

/// A value that is shared by reference.
#[derive(Clone)]
pub(crate) struct Cell(Arc<Mutex<Node>>);

struct Node {
    value: Value,
    /// The items of a vector while it is being changed: so that appending is cheap.
    open: Option<Vec<Value>>,
    /// Containers inside that somebody asked for. What they hold comes before what `value` says.
    children: BTreeMap<Step, Child>,
    /// Goes up with every change.
    version: u64,
    /// How many children there may be before those that nobody holds are let go.
    crowd: usize,
}

struct Child {
    cell: Cell,
    /// The version that `value` has of it.
    seen: u64,
}

/// From a container to what it contains.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// An item, or a field by its place.
    At(usize),
    /// The value of a key.
    Key(Value),
    /// The element at a position.
    Position(Uuid),
    /// What an optional, variant or `any` holds.
    Inside,
}

/// What is put into a container: a value, or a cell that is shared from then on.
pub(crate) enum Given {
    Value(Value),
    Shared(Cell),
}

/// What is found in a container.
pub(crate) enum Found {
    Value(Value),
    Cell(Cell),
}

/// How many children are let alone.
const FEW: usize = 32;

impl Cell {
    pub(crate) fn new(value: Value) -> Self {
        let node = Node { value, open: None, children: BTreeMap::new(), version: 0, crowd: FEW };
        Self(Arc::new(Mutex::new(node)))
    }

    fn lock(&self) -> MutexGuard<'_, Node> {
        // Whatever is changed inside is changed in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The whole, as it stands now.
    pub(crate) fn value(&self) -> Value {
        let mut node = self.lock();
        node.settle();
        node.value.clone()
    }

    /// Looks at the whole without taking it.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&Value) -> R) -> R {
        let mut node = self.lock();
        node.settle();
        look(&node.value)
    }

    /// The type. What is inside does not change it.
    pub(crate) fn ty(&self) -> Type {
        self.lock().value.ty()
    }

    /// How many items, entries or elements there are.
    pub(crate) fn len(&self) -> usize {
        let node = self.lock();
        match (&node.open, &node.value) {
            (Some(items), _) => items.len(),
            (_, Value::Map(map)) => map.entries().len(),
            (_, Value::XArray(xarray)) => xarray.values().count(),
            (_, Value::Structure(structure)) => structure.fields().len(),
            (_, value) => value.as_items().len(),
        }
    }

    /// What is one step inside.
    pub(crate) fn find(&self, step: Step) -> Option<Found> {
        let mut node = self.lock();
        if let Some(child) = node.children.get(&step) {
            return Some(Found::Cell(child.cell.clone()));
        }
        let value = node.look(&step)?.clone();
        if !is_shared(&value) {
            return Some(Found::Value(value));
        }
        if node.children.len() >= node.crowd {
            node.settle();
            node.crowd = FEW.max(2 * node.children.len());
        }
        let cell = Self::new(value);
        node.children.insert(step, Child { cell: cell.clone(), seen: 0 });
        Some(Found::Cell(cell))
    }

    /// Puts something one step inside, in place of what was there.
    pub(crate) fn put(&self, step: Step, given: Given) -> Outcome<()> {
        self.refuse_cycle(&given)?;
        let mut node = self.lock();
        let value = given.value();
        node.children.remove(&step);
        node.version += 1;
        node.write(&step, value);
        node.adopt(step, given);
        Ok(())
    }

    /// Changes the whole; `change` must leave the items that children stand for where they are, or be told which go.
    pub(crate) fn edit<R>(&self, gone: &[Step], change: impl FnOnce(&mut Value) -> Outcome<R>) -> Outcome<R> {
        let mut node = self.lock();
        node.settle();
        let result = change(&mut node.value)?;
        node.version += 1;
        gone.iter().for_each(|step| {
            node.children.remove(step);
        });
        Ok(result)
    }

    /// Becomes another value; whatever was inside goes its own way.
    pub(crate) fn replace(&self, value: Value) {
        let mut node = self.lock();
        node.children.clear();
        node.open = None;
        node.value = value;
        node.version += 1;
    }

    /// Replaces a range of a vector's items.
    pub(crate) fn splice(&self, start: usize, removed: usize, items: Vec<Given>) -> Outcome<()> {
        items.iter().try_for_each(|given| self.refuse_cycle(given))?;
        let mut node = self.lock();
        let added = items.len();
        let values: Vec<Value> = items.iter().map(Given::value).collect();
        let children = std::mem::take(&mut node.children);
        let open = node.open();
        let end = (start + removed).min(open.len());
        open.splice(start..end, values);
        for (step, child) in children {
            match step {
                Step::At(index) if index >= end => {
                    node.children.insert(Step::At(index + added - (end - start)), child);
                }
                Step::At(index) if index >= start => {}
                other => {
                    node.children.insert(other, child);
                }
            }
        }
        for (offset, given) in items.into_iter().enumerate() {
            node.adopt(Step::At(start + offset), given);
        }
        node.version += 1;
        Ok(())
    }

    /// Orders a vector's items anew: the item at `order[n]` comes to stand at `n`.
    pub(crate) fn permute(&self, order: &[usize]) {
        let mut node = self.lock();
        let mut children = std::mem::take(&mut node.children);
        let open = node.open();
        let items: Vec<Value> = order.iter().filter_map(|from| open.get(*from).cloned()).collect();
        *open = items;
        for (to, from) in order.iter().enumerate() {
            if let Some(child) = children.remove(&Step::At(*from)) {
                node.children.insert(Step::At(to), child);
            }
        }
        node.version += 1;
    }

    /// Whether both are one object.
    fn is(&self, other: &Cell) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn reaches(&self, other: &Cell) -> bool {
        let children: Vec<Cell> = self.lock().children.values().map(|child| child.cell.clone()).collect();
        children.iter().any(|child| child.is(other) || child.reaches(other))
    }

    /// Refuses what would make the value contain itself.
    pub(super) fn refuse_cycle(&self, given: &Given) -> Outcome<()> {
        match given {
            Given::Shared(cell) if cell.is(self) || cell.reaches(self) => {
                Err(Failure::invalid("a value cannot contain itself; give a copy"))
            }
            _ => Ok(()),
        }
    }

    fn settled(&self) -> (u64, Value) {
        let mut node = self.lock();
        node.settle();
        (node.version, node.value.clone())
    }

    fn version(&self) -> u64 {
        let node = self.lock();
        node.version + node.children.values().map(|child| child.cell.version() - child.seen).sum::<u64>()
    }
}

impl Node {
    /// Takes the changes of the children in, and lets go of those that nobody else holds.
    fn settle(&mut self) {
        let mut children = std::mem::take(&mut self.children);
        for (step, child) in &mut children {
            if child.cell.version() != child.seen {
                let (version, value) = child.cell.settled();
                self.version += version - child.seen;
                child.seen = version;
                self.write(step, value);
            }
        }
        children.retain(|_, child| Arc::strong_count(&child.cell.0) > 1);
        self.children = children;
        if let (Some(items), Value::Vector(vector)) = (self.open.take(), &self.value) {
            // Every item was converted to the type before it was put in.
            if let Ok(vector) = VectorValue::new(vector.element_type().clone(), items) {
                self.value = Value::Vector(vector);
            }
        }
    }

    fn open(&mut self) -> &mut Vec<Value> {
        let value = &self.value;
        self.open.get_or_insert_with(|| value.as_items().to_vec())
    }

    fn look(&self, step: &Step) -> Option<&Value> {
        match (step, &self.value) {
            (Step::At(index), Value::Structure(structure)) => structure.fields().get(*index),
            (Step::At(index), value) => match &self.open {
                Some(items) => items.get(*index),
                None => value.as_items().get(*index),
            },
            (Step::Key(key), Value::Map(map)) => map.get(key),
            (Step::Position(position), Value::XArray(xarray)) => xarray.get(*position),
            (Step::Inside, value) => value.unwrapped(),
            _ => None,
        }
    }

    /// Writes a value of the right type where `step` leads, if it leads somewhere.
    fn write(&mut self, step: &Step, value: Value) {
        if let (Step::At(index), Some(items)) = (step, &mut self.open) {
            if let Some(item) = items.get_mut(*index) {
                *item = value;
            }
            return;
        }
        let component = match (step, &self.value) {
            (Step::At(index), Value::Structure(structure)) => {
                match structure.structure().fields().get(*index) {
                    Some(field) => PathComponent::Field(field.name.clone()),
                    None => return,
                }
            }
            (Step::At(index), _) => PathComponent::Index(*index as u64),
            (Step::Key(key), _) => PathComponent::Key(key.clone()),
            (Step::Position(position), _) => PathComponent::Position(*position),
            (Step::Inside, _) => PathComponent::Unwrap,
        };
        // A map key inserts, an unwrap fills: as the operations on documents do.
        let _: Result<(), anabranch::model::Unresolved> =
            Path::new(vec![component]).set(&mut self.value, value);
    }

    fn adopt(&mut self, step: Step, given: Given) {
        if let Given::Shared(cell) = given {
            let seen = cell.version();
            self.children.insert(step, Child { cell, seen });
        }
    }
}

impl Given {
    fn value(&self) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Shared(cell) => cell.value(),
        }
    }
}

/// Whether a value can be changed in place, so that who holds it must see changes.
pub(crate) fn is_shared(value: &Value) -> bool {
    matches!(
        value,
        Value::Any(_)
            | Value::Vec(_)
            | Value::Mat(_)
            | Value::Optional(_)
            | Value::Vector(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::XArray(_)
            | Value::Variant(_)
            | Value::Structure(_)
    )
}
