//! The store: dispatch, undo, redo, navigation and observers.

#![expect(clippy::unwrap_used, reason = "what goes wrong here should stop the test")]

mod model;
mod observers;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use anabranch_engine::{
    CommitKind, Database, DispatchError, Error, MutableState, MutationError, Store, UndoStack,
};
use anabranch_model::{CommitId, Path, Value};
use anabranch_testkit::fixture::{Fixture, fixture};

/// A document that says a number.
fn document(fixture: &Fixture, number: i64) -> Value {
    let mut document = fixture.doc.create_document();
    Path::from_field("count").set(&mut document, Value::Int64(number)).unwrap();
    document
}

/// The number that a document says.
fn number(store: &Store, fixture: &Fixture, key: u8) -> Option<i64> {
    let document = store.state().unwrap().get(&fixture.doc, &fixture.key(key)).unwrap()?;
    match Path::from_field("count").at(&document) {
        Ok(Value::Int64(number)) => Some(*number),
        other => unreachable!("count is a number, not {other:?}"),
    }
}

fn open() -> (Fixture, Database, Store) {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let store = Store::new();
    store.use_database(database.clone()).unwrap();
    (fixture, database, store)
}

fn set(store: &Store, fixture: &Fixture, key: u8, number: i64) -> CommitId {
    let label = format!("set {key} to {number}");
    store.dispatch_set(&label, &fixture.doc, &fixture.key(key), document(fixture, number)).unwrap()
}

fn label(store: &Store, commit: CommitId) -> String {
    store.database().unwrap().commit_header(commit).unwrap().metadata.label
}

#[test]
fn undo_and_redo_alternate_between_hiding_the_commit_and_hiding_its_undo() {
    let (fixture, database, store) = open();
    let first = set(&store, &fixture, 0, 1);
    let target = |commit: Option<CommitId>| {
        let header = database.commit_header(commit.unwrap()).unwrap();
        (header.kind, header.target, header.metadata.label)
    };
    let undo = store.undo().unwrap();
    assert_eq!(target(undo), (CommitKind::Disable, first, "Undo [set 0 to 1]".into()));
    assert_eq!(number(&store, &fixture, 0), None);
    let redo = store.redo().unwrap();
    assert_eq!(target(redo), (CommitKind::Disable, undo.unwrap(), "Redo [set 0 to 1]".into()));
    assert_eq!(number(&store, &fixture, 0), Some(1));
    let again = store.undo().unwrap();
    assert_eq!(target(again), (CommitKind::Enable, undo.unwrap(), "Undo [set 0 to 1]".into()));
    assert_eq!(number(&store, &fixture, 0), None);
    let again = store.redo().unwrap();
    assert_eq!(target(again), (CommitKind::Disable, undo.unwrap(), "Redo [set 0 to 1]".into()));
    assert_eq!(number(&store, &fixture, 0), Some(1));
    assert_eq!((store.undo().unwrap().is_some(), store.undo().unwrap()), (true, None));
}

#[test]
fn navigation_neither_pushes_nor_loses_what_can_be_undone() {
    let (fixture, database, store) = open();
    let first = set(&store, &fixture, 0, 1);
    let second = set(&store, &fixture, 0, 2);
    store.undo().unwrap();
    let stack = store.undo_stack_ids();
    assert_eq!(stack, UndoStack { commits: vec![first, second], applied: 1 });

    store.use_commit(first).unwrap();
    assert_eq!(number(&store, &fixture, 0), Some(1));
    let mut mutable = MutableState::new(database.state(first).unwrap());
    mutable.set(&fixture.doc, &fixture.key(1), document(&fixture, 3)).unwrap();
    database.commit_mutations("elsewhere", &mutable).unwrap();
    store.forward().unwrap();
    store.reduce_heads().unwrap();
    assert_eq!(database.head_commit_ids().unwrap(), [store.state().unwrap().commit_id()]);
    store.disable_commit(first).unwrap();
    store.enable_commit(first).unwrap();
    assert_eq!(store.undo_stack_ids(), stack);
    assert!(store.redo().unwrap().is_some());
    assert_eq!(number(&store, &fixture, 0), Some(2));

    store.use_database(database.clone()).unwrap();
    assert!(!store.can_undo() && !store.can_redo());
}

#[test]
fn a_store_without_a_database_says_so() {
    let store = Store::new();
    let fixture = fixture();
    assert!(!store.has_database());
    assert!(matches!(store.state(), Err(Error::NoDatabase)));
    assert!(matches!(store.forward(), Err(Error::NoDatabase)));
    assert!(matches!(store.reset(false), Err(Error::NoDatabase)));
    let refused = store.dispatch_set("set", &fixture.doc, &fixture.key(0), document(&fixture, 1));
    assert!(matches!(refused, Err(Error::NoDatabase)));
    // With nothing to undo or redo, whatever the reason, they do nothing.
    assert_eq!((store.undo().unwrap(), store.redo().unwrap()), (None, None));
    store.close().unwrap();
}

#[test]
fn a_failed_dispatch_changes_nothing() {
    let (fixture, database, store) = open();
    set(&store, &fixture, 0, 1);
    set(&store, &fixture, 0, 2);
    store.undo().unwrap();
    let (state, stack) = (store.state().unwrap().commit_id(), store.undo_stack_ids());
    let commits = database.commit_ids().unwrap();

    let half = store.dispatch("half", |mutable| {
        mutable.set(&fixture.doc, &fixture.key(1), document(&fixture, 3))?;
        mutable.set(&fixture.doc, &fixture.key(2), Value::from("no structure"))
    });
    assert!(matches!(half, Err(DispatchError::Change(MutationError::Value { .. }))));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _ = store.dispatch("panic", |_| -> Result<(), MutationError> { panic!("the user's code") });
    }));
    assert!(panicked.is_err());

    assert_eq!(store.state().unwrap().commit_id(), state);
    assert_eq!(store.undo_stack_ids(), stack);
    assert_eq!(database.commit_ids().unwrap(), commits);
    assert_eq!(store.redo().unwrap().map(|_| number(&store, &fixture, 0)), Some(Some(2)));
}

#[test]
fn a_recording_of_the_store_can_be_committed_and_undone() {
    let (fixture, _, store) = open();
    let mut mutable = store.mutable_state().unwrap();
    mutable.set(&fixture.doc, &fixture.key(0), document(&fixture, 1)).unwrap();
    store.commit_mutations("recorded", &mutable).unwrap();
    assert_eq!(number(&store, &fixture, 0), Some(1));
    let count = Path::from_field("count");
    store.dispatch_update("count", &fixture.doc, &fixture.key(0), &count, Value::Int64(2)).unwrap();
    store.dispatch_diff("diff", &fixture.doc, &fixture.key(0), document(&fixture, 3), true).unwrap();
    assert_eq!(number(&store, &fixture, 0), Some(3));
    store.undo().unwrap();
    store.undo().unwrap();
    assert_eq!(number(&store, &fixture, 0), Some(1));
    store.undo().unwrap();
    assert_eq!(number(&store, &fixture, 0), None);
}

#[test]
fn removing_commits_forgets_what_could_be_undone() {
    let (fixture, database, store) = open();
    let first = set(&store, &fixture, 0, 1);
    let second = set(&store, &fixture, 0, 2);
    store.delete_commit(second, false).unwrap();
    assert_eq!(store.state().unwrap().commit_id(), first);
    assert_eq!(number(&store, &fixture, 0), Some(1));
    assert!(!store.can_undo() && !store.can_redo());
    set(&store, &fixture, 0, 3);
    assert!(store.can_undo());
    store.reset(false).unwrap();
    assert_eq!(database.commit_ids().unwrap(), [first]);
    assert_eq!(store.state().unwrap().commit_id(), first);
    assert!(!store.can_undo());
}

#[test]
fn dispatches_of_several_threads_take_turns() {
    let (fixture, database, store) = open();
    set(&store, &fixture, 0, 0);
    let count = Path::from_field("count");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let increment = |mutable: &mut MutableState| -> Result<(), Error> {
                        let document = mutable.get(&fixture.doc, &fixture.key(0))?.unwrap();
                        let Ok(Value::Int64(number)) = count.at(&document) else { unreachable!("a number") };
                        let next = Value::Int64(number + 1);
                        Ok(mutable.update(&fixture.doc, &fixture.key(0), &count, next)?)
                    };
                    store.dispatch("increment", increment).unwrap();
                }
            });
        }
    });
    assert_eq!(number(&store, &fixture, 0), Some(100));
    assert_eq!(database.head_commit_ids().unwrap().len(), 1);
    assert_eq!(store.undo_stack_ids().applied, 101);
}

#[test]
fn definitions_that_come_later_are_known_to_the_current_state() {
    let fixture = fixture();
    let empty = anabranch_model::Definitions::default();
    let database = Database::create_in_memory(&empty).unwrap();
    let store = Store::new();
    store.use_database(database.clone()).unwrap();
    assert!(store.dispatch_set("set", &fixture.doc, &fixture.key(0), document(&fixture, 1)).is_err());
    assert!(store.extend_definitions(&fixture.definitions).unwrap().total() > 0);
    set(&store, &fixture, 0, 1);

    let other = Database::create_in_memory(&empty).unwrap();
    store.use_database(other.clone()).unwrap();
    // As a synchronisation does it.
    other.extend_definitions(&fixture.definitions).unwrap();
    store.refresh().unwrap();
    set(&store, &fixture, 0, 1);
}
