//! The places in which two values differ.

use std::ops::Range;

use anabranch_model::{MapValue, Path, PathComponent, SetValue, Value, XArrayValue};

/// A place that is not the same in two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceChange {
    /// The place. A member of a set is named by an irregular path.
    pub path: Path,
    /// What stood there; none where there was no such place.
    pub before: Option<Value>,
    /// What stands there now; none where there is no such place any more.
    pub after: Option<Value>,
}

/// Where two values differ.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// What reads otherwise. No place is inside another.
    pub(crate) visible: Vec<PlaceChange>,
    /// Xarrays that read the same and know other positions, or hold them in another order: later insertions may go to
    /// other places in them.
    pub(crate) hidden: Vec<PlaceChange>,
}

/// The places in which two documents, either of which may be absent, differ.
///
/// Structures are taken apart by field, sets by element, maps by key, xarrays by position, and what an optional, variant
/// or `any` holds as itself as long as both hold the same type. Vectors of one length, tuples, `vec`s and `mat`s are taken
/// apart by index, unless each of their items is another. Everything else is one place.
pub(crate) fn between(before: Option<&Value>, after: Option<&Value>) -> Changes {
    let mut walk = Walk { path: Vec::new(), changes: Changes::default() };
    match (before, after) {
        (Some(before), Some(after)) => walk.values(before, after),
        (None, None) => {}
        (before, after) => walk.found(before, after),
    }
    walk.changes
}

struct Walk {
    path: Vec<PathComponent>,
    changes: Changes,
}

impl Walk {
    fn change(&self, before: Option<&Value>, after: Option<&Value>) -> PlaceChange {
        PlaceChange { path: Path::new(self.path.clone()), before: before.cloned(), after: after.cloned() }
    }

    fn found(&mut self, before: Option<&Value>, after: Option<&Value>) {
        let change = self.change(before, after);
        self.changes.visible.push(change);
    }

    fn at(&mut self, component: PathComponent, visit: impl FnOnce(&mut Self)) {
        self.path.push(component);
        visit(self);
        self.path.pop();
    }

    fn values(&mut self, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Structure(from), Value::Structure(to)) if from.structure() == to.structure() => {
                if std::ptr::eq(from.fields(), to.fields()) {
                    return;
                }
                let values = from.fields().iter().zip(to.fields());
                for (field, (from, to)) in from.structure().fields().iter().zip(values) {
                    self.at(PathComponent::Field(field.name.clone()), |walk| walk.values(from, to));
                }
            }
            (Value::Set(from), Value::Set(to)) => self.sets(from, to),
            (Value::Map(from), Value::Map(to)) => self.maps(from, to),
            (Value::XArray(from), Value::XArray(to)) => self.xarrays((before, from), (after, to)),
            (Value::Optional(from), Value::Optional(to)) => self.held(before, after, from.get(), to.get()),
            (Value::Variant(from), Value::Variant(to)) if from.index() == to.index() => {
                self.held(before, after, Some(from.get()), Some(to.get()));
            }
            (Value::Any(from), Value::Any(to)) => match (from.get(), to.get()) {
                (Some(held), Some(other)) if held.ty() != other.ty() => self.found(Some(before), Some(after)),
                (held, other) => self.held(before, after, held, other),
            },
            (Value::Vector(_) | Value::Tuple(_) | Value::Vec(_) | Value::Mat(_), _)
                if before.as_items().len() == after.as_items().len() =>
            {
                self.items(before, after);
            }
            _ => {
                if before != after {
                    self.found(Some(before), Some(after));
                }
            }
        }
    }

    /// What an optional, variant or `any` holds; it is one place with what it holds where only one holds something.
    fn held(&mut self, before: &Value, after: &Value, from: Option<&Value>, to: Option<&Value>) {
        match (from, to) {
            (Some(from), Some(to)) => self.at(PathComponent::Unwrap, |walk| walk.values(from, to)),
            (None, None) => {}
            _ => self.found(Some(before), Some(after)),
        }
    }

    /// Items at the same indexes of two containers of one length.
    fn items(&mut self, before: &Value, after: &Value) {
        let (from, to) = (before.as_items(), after.as_items());
        if std::ptr::eq(from, to) {
            return;
        }
        let first = self.changes.visible.len();
        let mut replaced = 0;
        for (index, (from, to)) in (0..).zip(from.iter().zip(to)) {
            let start = self.changes.visible.len();
            self.at(PathComponent::Index(index), |walk| walk.values(from, to));
            replaced += usize::from(self.is_replaced(start..self.changes.visible.len()));
        }
        if replaced > 0 && replaced == from.len() {
            self.changes.visible.truncate(first);
            self.found(Some(before), Some(after));
        }
    }

    /// Whether what was found is one whole item of where the walk is.
    fn is_replaced(&self, found: Range<usize>) -> bool {
        match &self.changes.visible[found] {
            [only] => only.path.components().len() == self.path.len() + 1,
            _ => false,
        }
    }

    fn sets(&mut self, from: &SetValue, to: &SetValue) {
        if std::ptr::eq(from.items(), to.items()) {
            return;
        }
        for (before, after) in Aligned::new(from.items(), to.items(), |item| item) {
            if let (Some(item), None) | (None, Some(item)) = (before, after) {
                self.at(PathComponent::Element(item.clone()), |walk| walk.found(before, after));
            }
        }
    }

    fn maps(&mut self, from: &MapValue, to: &MapValue) {
        if std::ptr::eq(from.entries(), to.entries()) {
            return;
        }
        for (before, after) in Aligned::new(from.entries(), to.entries(), |(key, _)| key) {
            let Some((key, _)) = before.or(after) else { continue };
            let (before, after) = (before.map(|(_, value)| value), after.map(|(_, value)| value));
            self.at(PathComponent::Key(key.clone()), |walk| match (before, after) {
                (Some(before), Some(after)) => walk.values(before, after),
                _ => walk.found(before, after),
            });
        }
    }

    fn xarrays(&mut self, (before, from): (&Value, &XArrayValue), (after, to): (&Value, &XArrayValue)) {
        if std::ptr::eq(from.slots(), to.slots()) {
            return;
        }
        let kept =
            from.elements().map(|(position, _)| position).filter(|position| to.get(*position).is_some());
        let same =
            to.elements().map(|(position, _)| position).filter(|position| from.get(*position).is_some());
        if !kept.eq(same) {
            self.found(Some(before), Some(after));
            return;
        }
        let found = self.changes.visible.len();
        for (position, value) in to.elements() {
            self.at(PathComponent::Position(position), |walk| match from.get(position) {
                Some(before) => walk.values(before, value),
                None => walk.found(None, Some(value)),
            });
        }
        for (position, value) in from.elements().filter(|(position, _)| to.get(*position).is_none()) {
            self.at(PathComponent::Position(position), |walk| walk.found(Some(value), None));
        }
        let known =
            |xarray: &XArrayValue| -> Vec<_> { xarray.slots().iter().map(|(known, _)| *known).collect() };
        if self.changes.visible.len() == found && known(from) != known(to) {
            let change = self.change(Some(before), Some(after));
            self.changes.hidden.push(change);
        }
    }
}

/// Two ascending lists side by side, equal keys together.
struct Aligned<'v, T, K> {
    from: &'v [T],
    to: &'v [T],
    key: K,
}

impl<'v, T, K: Fn(&T) -> &Value> Aligned<'v, T, K> {
    fn new(from: &'v [T], to: &'v [T], key: K) -> Self {
        Self { from, to, key }
    }
}

impl<'v, T, K: Fn(&T) -> &Value> Iterator for Aligned<'v, T, K> {
    type Item = (Option<&'v T>, Option<&'v T>);

    fn next(&mut self) -> Option<Self::Item> {
        let (before, after) = match (self.from.first(), self.to.first()) {
            (None, None) => return None,
            (Some(from), Some(to)) => {
                let order = (self.key)(from).cmp((self.key)(to));
                (order.is_le().then_some(from), order.is_ge().then_some(to))
            }
            one => one,
        };
        self.from = &self.from[usize::from(before.is_some())..];
        self.to = &self.to[usize::from(after.is_some())..];
        Some((before, after))
    }
}

#[cfg(test)]
mod tests;
