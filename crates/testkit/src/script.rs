//! Random histories: any list of actions is a valid run on a database of the fixture.
//!
//! Values, keys, positions and places are few, so that operations meet, miss and undo each other often.

use std::sync::Arc;

use anabranch_engine::{Database, MutableState};
use anabranch_model::{
    Attachment, CommitId, MapType, MapValue, OptionalValue, Path, SetValue, StructureValue, Type, Value,
    VariantValue, XArrayValue,
};
use proptest::prelude::*;

use crate::fixture::{Fixture, position};

/// One change to one document, by small numbers that are taken modulo what there is.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which of the changes that the fixture knows.
    pub what: u8,
    /// Which item.
    pub key: u8,
    /// Which value, position or element.
    pub first: u8,
    /// Another such choice.
    pub second: u8,
}

/// One step of a history. Commits are named by numbers that are taken modulo how many there are.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the arguments of the database's methods")]
pub enum Action {
    Commit { parent: u8, changes: Vec<Change> },
    Merge { parent: u8, target: u8 },
    Disable { parent: u8, target: u8 },
    Enable { parent: u8, target: u8 },
    Reduce,
}

/// A change to one of three documents.
pub fn change() -> impl Strategy<Value = Change> {
    (any::<u8>(), 0..3u8, any::<u8>(), any::<u8>()).prop_map(|(what, key, first, second)| Change {
        what,
        key,
        first,
        second,
    })
}

/// One action of any kind.
pub fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => (any::<u8>(), prop::collection::vec(change(), 0..6))
            .prop_map(|(parent, changes)| Action::Commit { parent, changes }),
        4 => (any::<u8>(), any::<u8>()).prop_map(|(parent, target)| Action::Merge { parent, target }),
        3 => (any::<u8>(), any::<u8>()).prop_map(|(parent, target)| Action::Disable { parent, target }),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(parent, target)| Action::Enable { parent, target }),
        1 => Just(Action::Reduce),
    ]
}

/// A history of up to `most` actions.
pub fn history(most: usize) -> impl Strategy<Value = Vec<Action>> {
    prop::collection::vec(action(), 1..most)
}

/// Carries out an action; what the engine rightly refuses (merging an ancestor) is passed over.
pub fn perform(database: &Database, fixture: &Fixture, action: &Action) {
    let commits = database.commit_ids().expect("a test database can be read");
    // Recent commits are chosen more often than old ones: 0 is the latest, and the last is the zero id.
    let pick = |number: u8| {
        let place = usize::from(number) % (commits.len() + 1);
        commits.iter().rev().nth(place).copied().unwrap_or(CommitId::ZERO)
    };
    match action {
        Action::Commit { parent, changes } => {
            let state = database.state(pick(*parent)).expect("a commit that is there has a state");
            let mut mutable = MutableState::new(state);
            for change in changes {
                record(&mut mutable, fixture, change);
            }
            database.commit_mutations("change", &mutable).expect("a change can be committed");
        }
        Action::Merge { parent, target } => {
            let (parent, target) = (pick(*parent), pick(*target));
            let is_possible = !parent.is_zero()
                && !target.is_zero()
                && database.is_mergeable(parent, target).expect("commits that are there");
            if is_possible {
                database.merge_commit("merge", parent, target).expect("mergeable commits merge");
            }
        }
        Action::Disable { parent, target } | Action::Enable { parent, target } => {
            let (parent, target) = (pick(*parent), pick(*target));
            if parent.is_zero() || target.is_zero() {
                return;
            }
            let decided = match action {
                Action::Disable { .. } => database.disable_commit("disable", parent, target),
                _ => database.enable_commit("enable", parent, target),
            };
            decided.expect("a decision about a commit that is there");
        }
        Action::Reduce => {
            database.reduce_heads(None).expect("heads can be reduced");
        }
    }
}

const TEXTS: [&str; 4] = ["a", "b", "c", "d"];

fn text(number: u8) -> Value {
    Value::from(TEXTS[usize::from(number) % TEXTS.len()])
}

fn texts(first: u8, second: u8) -> SetValue {
    SetValue::new(Arc::new(Type::String), vec![text(first), text(second)]).expect("texts")
}

fn numbers(first: u8, second: u8) -> MapValue {
    let ty = Arc::new(MapType { key: Type::String, value: Type::Int32 });
    MapValue::new(ty, vec![(text(first), Value::Int32(i32::from(second)))]).expect("numbers by text")
}

fn pos(number: u8) -> anabranch_model::Uuid {
    position(1 + number % 6)
}

/// A position, or the end.
fn before(number: u8) -> anabranch_model::Uuid {
    position(number % 7)
}

/// The type of the place at `path` in a document.
fn type_at(attachment: &Attachment, path: &Path) -> Type {
    let place = path.check(attachment.document_type()).expect("a path of the fixture");
    place.single().expect("a place of one type").clone()
}

/// A structure `Inner` that says which change made it.
fn inner(attachment: &Attachment, first: u8, second: u8) -> Value {
    let Type::Structure(structure) = type_at(attachment, &Path::from_field("inner")) else {
        unreachable!("the field is a structure")
    };
    let mut value = StructureValue::initial(structure);
    value.set("label", text(first)).expect("a text");
    let marks = SetValue::new(Arc::new(Type::Int8), vec![Value::Int8((second % 4) as i8)]).expect("numbers");
    value.set("marks", Value::Set(marks)).expect("a set of numbers");
    Value::Structure(value)
}

/// Records a change of the fixture's.
pub fn record(mutable: &mut MutableState, fixture: &Fixture, change: &Change) {
    let Change { what, first, second, .. } = *change;
    let key = &fixture.key(change.key);
    let doc = &fixture.doc;
    let at = |name: &str| Path::from_field(name);
    let deep = at("deep").key(text(first));
    let outcome = match what % 30 {
        // Setting the document is frequent, or everything would be dropped.
        0..=3 => mutable.set(doc, key, document(fixture, first, second)),
        4 => mutable.update(doc, key, &at("title"), text(first)),
        5 => mutable.update(doc, key, &at("count"), Value::Int64(i64::from(first))),
        6 => mutable.union_in_set(doc, key, &at("tags"), texts(first, second)),
        7 => mutable.subtract_in_set(doc, key, &at("tags"), texts(first, second)),
        8 => mutable.union_in_map(doc, key, &at("props"), numbers(first, second)),
        9 => mutable.update_in_map(doc, key, &at("props"), numbers(first, second)),
        10 => mutable.subtract_in_map(doc, key, &at("props"), texts(first, first)),
        11 => mutable.update(doc, key, &at("props").key(text(first)), Value::Int32(i32::from(second))),
        12 => mutable.insert_in_xarray(doc, key, &at("list"), before(first), pos(second), text(second)),
        13 => mutable.update_in_xarray(doc, key, &at("list"), pos(first), text(second)),
        14 => mutable.remove_in_xarray(doc, key, &at("list"), pos(first)),
        15 => mutable.update(doc, key, &at("list").position(pos(first)), text(second)),
        16 => mutable.update(doc, key, &at("maybe").unwrap(), inner(doc, first, second)),
        17 => mutable.update(doc, key, &at("maybe").unwrap().field("label"), text(first)),
        18 => mutable.update(
            doc,
            key,
            &at("variant"),
            match type_at(doc, &at("variant")) {
                Type::Variant(types) => {
                    let value = match second % 3 {
                        0 => Value::Int32(i32::from(first)),
                        1 => text(first),
                        _ => Value::Set(texts(first, second)),
                    };
                    Value::Variant(VariantValue::new(types, value).expect("one of its types"))
                }
                _ => unreachable!("the field is a variant"),
            },
        ),
        19 => mutable.union_in_set(doc, key, &at("variant").unwrap(), texts(first, second)),
        20 => mutable.update(doc, key, &at("variant").unwrap(), text(first)),
        21 => {
            let value = match second % 3 {
                0 => text(first),
                1 => Value::Map(numbers(first, second)),
                _ => inner(doc, first, second),
            };
            mutable.update(doc, key, &at("any"), Value::Any(anabranch_model::AnyValue::new(value)))
        }
        22 => mutable.update(doc, key, &at("any").unwrap(), text(first)),
        23 => mutable.update(doc, key, &at("any").unwrap().field("label"), text(first)),
        24 => {
            let Type::XArray(element) = type_at(doc, &deep) else { unreachable!("an xarray") };
            mutable.update(doc, key, &deep, Value::XArray(XArrayValue::empty(element)))
        }
        25 => {
            mutable.insert_in_xarray(doc, key, &deep, before(first), pos(second), inner(doc, first, second))
        }
        26 => mutable.update(doc, key, &deep.position(pos(second)).field("label"), text(first)),
        27 => {
            let wanted = document(fixture, first, second);
            mutable
                .diff(doc, key, wanted, second.is_multiple_of(2))
                .expect("a document of the fixture is legal");
            Ok(())
        }
        28 => match second % 4 {
            0 => mutable.set(&fixture.tags, key, Value::Set(texts(first, second))),
            1 => mutable.union_in_set(&fixture.tags, key, &Path::root(), texts(first, second)),
            2 => mutable.subtract_in_set(&fixture.tags, key, &Path::root(), texts(first, second)),
            _ => {
                let value = first.is_multiple_of(2).then(|| text(first));
                let value = OptionalValue::new(Arc::new(Type::String), value).expect("a text");
                mutable.set(&fixture.maybe, key, Value::Optional(value))
            }
        },
        _ => match second % 4 {
            0 => {
                let empty = XArrayValue::empty(Arc::new(Type::Int32));
                mutable.set(&fixture.list, key, Value::XArray(empty))
            }
            1 => {
                let value = Value::Int32(i32::from(first));
                mutable.insert_in_xarray(&fixture.list, key, &Path::root(), before(first), pos(second), value)
            }
            2 => mutable.remove_in_xarray(&fixture.list, key, &Path::root(), pos(first)),
            _ => mutable.update_in_xarray(&fixture.list, key, &Path::root(), pos(first), Value::Int32(7)),
        },
    };
    outcome.expect("a change of the fixture is legal");
}

/// A whole document that says which change made it.
pub fn document(fixture: &Fixture, first: u8, second: u8) -> Value {
    let mut document = fixture.doc.create_document();
    if let Value::Structure(doc) = &mut document {
        let mut list = XArrayValue::empty(Arc::new(Type::String));
        for number in 0..first % 4 {
            list.insert(anabranch_model::Uuid::nil(), pos(number));
            list.set(pos(number), text(number)).expect("a text");
        }
        if second.is_multiple_of(3) {
            list.remove(pos(0));
        }
        let fields = [
            ("title", text(first)),
            ("count", Value::Int64(i64::from(second))),
            ("tags", Value::Set(texts(first, second))),
            ("props", Value::Map(numbers(second, first))),
            ("list", Value::XArray(list)),
            ("inner", inner(&fixture.doc, first, second)),
        ];
        for (name, value) in fields {
            doc.set(name, value).expect("a value of the field's type");
        }
    }
    document
}
