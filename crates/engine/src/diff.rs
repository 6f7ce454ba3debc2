//! The least that turns one document into another (`spec/semantics.md` §4, `diff`).

use anabranch_model::{MapValue, Path, SetValue, Uuid, Value, XArrayValue};

use crate::opcode::Operation;

/// The operations that turn `present` into `wanted`, which is of the same type. Applying them gives `wanted` exactly.
pub(crate) fn operations(present: Option<&Value>, wanted: &Value, recursive: bool) -> Vec<Operation> {
    let mut operations = Vec::new();
    match present {
        Some(present) => place(&mut operations, &Path::root(), present, wanted, recursive, true),
        None => operations.push(Operation::DocumentSet { value: wanted.clone() }),
    }
    operations
}

/// Records what turns the place `present` into `wanted`. Structures are taken apart where `into_fields` says so.
fn place(
    operations: &mut Vec<Operation>,
    path: &Path,
    present: &Value,
    wanted: &Value,
    recursive: bool,
    into_fields: bool,
) {
    if present == wanted {
        return;
    }
    match (present, wanted) {
        (Value::Structure(from), Value::Structure(to)) if into_fields => {
            let fields = from.structure().fields().iter().zip(from.fields().iter().zip(to.fields()));
            for (field, (from, to)) in fields {
                let path = path.clone().field(field.name.clone());
                place(operations, &path, from, to, recursive, recursive);
            }
        }
        (Value::Set(from), Value::Set(to)) => set(operations, path, from, to),
        (Value::Map(from), Value::Map(to)) => map(operations, path, from, to),
        (Value::XArray(from), Value::XArray(to)) => {
            if !xarray(operations, path, from, to) {
                whole(operations, path, wanted);
            }
        }
        _ => whole(operations, path, wanted),
    }
}

fn whole(operations: &mut Vec<Operation>, path: &Path, value: &Value) {
    operations.push(if path.is_root() {
        Operation::DocumentSet { value: value.clone() }
    } else {
        Operation::DocumentUpdate { path: path.clone(), value: value.clone() }
    });
}

fn set(operations: &mut Vec<Operation>, path: &Path, from: &SetValue, to: &SetValue) {
    let only_in = |these: &SetValue, those: &SetValue| {
        let items = these.items().iter().filter(|item| !those.contains(item)).cloned().collect();
        // A part of a set is a set of its type.
        SetValue::new(these.element_type().clone(), items).ok().filter(|set| !set.items().is_empty())
    };
    if let Some(elements) = only_in(from, to) {
        operations.push(Operation::SetSubtract { path: path.clone(), elements });
    }
    if let Some(elements) = only_in(to, from) {
        operations.push(Operation::SetUnion { path: path.clone(), elements });
    }
}

fn map(operations: &mut Vec<Operation>, path: &Path, from: &MapValue, to: &MapValue) {
    let entries_of = |wanted: &dyn Fn(&Value, &Value) -> bool| {
        let entries = to.entries().iter().filter(|(key, value)| wanted(key, value)).cloned().collect();
        // A part of a map is a map of its type.
        MapValue::new(to.map_type().clone(), entries).ok().filter(|map| !map.entries().is_empty())
    };
    let removed = from.entries().iter().map(|(key, _)| key).filter(|key| to.get(key).is_none());
    let key_type = std::sync::Arc::new(from.map_type().key.clone());
    let removed = SetValue::new(key_type, removed.cloned().collect());
    if let Some(keys) = removed.ok().filter(|keys| !keys.items().is_empty()) {
        operations.push(Operation::MapSubtract { path: path.clone(), keys });
    }
    if let Some(entries) = entries_of(&|key, value| from.get(key).is_some_and(|before| before != value)) {
        operations.push(Operation::MapUpdate { path: path.clone(), entries });
    }
    if let Some(entries) = entries_of(&|key, _| from.get(key).is_none()) {
        operations.push(Operation::MapUnion { path: path.clone(), entries });
    }
}

/// Records inserts, removals and changes by position. Answers false, and records nothing, when positions cannot get
/// there: a known position stays known and keeps its order, so the wanted ones must include the present ones in order.
fn xarray(operations: &mut Vec<Operation>, path: &Path, from: &XArrayValue, to: &XArrayValue) -> bool {
    let mut present = from.slots().iter().peekable();
    let mut new = Vec::new();
    for (place, (position, _)) in to.slots().iter().enumerate() {
        if present.next_if(|(known, _)| known == position).is_none() {
            new.push(place);
        }
    }
    if present.next().is_some() {
        return false;
    }
    // From the end, so that what an insertion stands before is always there.
    for place in new.iter().rev() {
        let (position, value) = &to.slots()[*place];
        let before = to.slots().get(place + 1).map_or(Uuid::nil(), |(before, _)| *before);
        operations.push(Operation::XArrayInsert { path: path.clone(), before, position: *position });
        if let Some(value) = value {
            operations.push(update(path, *position, value));
        }
    }
    let kept = || {
        let mut present = from.slots().iter().peekable();
        to.slots().iter().filter_map(move |(position, to)| {
            present.next_if(|(known, _)| known == position).map(|(_, from)| (*position, from, to))
        })
    };
    for (position, from, to) in kept() {
        if from.is_some() && to.is_none() {
            operations.push(Operation::XArrayRemove { path: path.clone(), position });
        }
    }
    for (position, from, to) in kept() {
        if let Some(to) = to
            && from.as_ref() != Some(to)
        {
            operations.push(update(path, position, to));
        }
    }
    true
}

fn update(path: &Path, position: Uuid, value: &Value) -> Operation {
    Operation::XArrayUpdate { path: path.clone(), position, value: value.clone() }
}
