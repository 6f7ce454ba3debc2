//! Observers hear what happens in order, while no lock is held.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use anabranch_engine::{Database, DispatchError, Error, Observer, Store};
use anabranch_model::CommitId;
use anabranch_testkit::fixture::{Fixture, fixture};

use super::{document, number, set};

type Reaction = Box<dyn FnOnce(&Store) + Send>;

/// Writes down what it is told, and does what it is asked to, once.
#[derive(Default)]
struct Witness {
    told: Mutex<Vec<String>>,
    reaction: Mutex<Option<Reaction>>,
}

impl Witness {
    fn write(&self, what: &str) {
        self.told.lock().unwrap().push(what.to_owned());
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }

    fn react(&self, reaction: impl FnOnce(&Store) + Send + 'static) {
        *self.reaction.lock().unwrap() = Some(Box::new(reaction));
    }
}

impl Observer for Witness {
    fn database_did_open(&self, store: &Store) {
        self.write(if store.has_database() { "open" } else { "open?" });
    }

    fn database_did_close(&self, _: &Store) {
        self.write("close");
    }

    fn state_did_change(&self, store: &Store) {
        self.write("state");
        let reaction = self.reaction.lock().unwrap().take();
        if let Some(reaction) = reaction {
            reaction(store);
            self.write("reacted");
        }
    }

    fn definitions_did_change(&self, _: &Store) {
        self.write("definitions");
    }

    fn dispatch_error(&self, _: &Store, error: &(dyn std::error::Error + 'static)) {
        self.write(&format!("error: {error}"));
    }

    fn stop_live(&self, _: &Store) {
        self.write("stop live");
    }

    fn database_will_reset(&self, store: &Store) {
        self.write(&format!("will reset {}", store.database().unwrap().commit_ids().unwrap().len()));
    }

    fn database_did_reset(&self, store: &Store) {
        self.write(&format!("did reset {}", store.database().unwrap().commit_ids().unwrap().len()));
    }
}

fn observed() -> (Fixture, Database, Store, Arc<Witness>) {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let store = Store::new();
    let witness = Arc::new(Witness::default());
    store.set_observer(Some(witness.clone()));
    (fixture, database, store, witness)
}

#[test]
fn observers_hear_what_happens_in_order() {
    let (fixture, database, store, witness) = observed();
    store.use_database(database.clone()).unwrap();
    assert_eq!(witness.told(), ["open", "state"]);
    let first = set(&store, &fixture, 0, 1);
    assert_eq!(witness.told(), ["state"]);
    store.use_commit(first).unwrap();
    store.forward().unwrap();
    store.reduce_heads().unwrap();
    assert_eq!(witness.told(), [""; 0], "the current commit did not move");
    store.undo().unwrap();
    store.redo().unwrap();
    store.redo().unwrap();
    assert_eq!(witness.told(), ["state", "state"]);
    store.stop_live();
    store.reset_undo_redo();
    assert_eq!(witness.told(), ["stop live", "state"]);
    store.refresh().unwrap();
    store.extend_definitions(&fixture.definitions).unwrap();
    assert_eq!(witness.told(), [""; 0], "there was nothing new");
    let failed: Result<CommitId, DispatchError<std::fmt::Error>> =
        store.dispatch("fail", |_| Err(std::fmt::Error));
    assert!(matches!(failed, Err(DispatchError::Change(_))));
    assert_eq!(witness.told(), [format!("error: {}", std::fmt::Error)]);
    store.reset(false).unwrap();
    assert_eq!(witness.told(), ["will reset 3", "did reset 1", "state"]);
    database.mark_synchronised().unwrap();
    assert!(store.reset(false).is_err());
    assert_eq!(witness.told(), ["will reset 1", "did reset 1"]);
    let bare = Database::create_in_memory(&anabranch_model::Definitions::default()).unwrap();
    store.use_database(bare).unwrap();
    store.extend_definitions(&fixture.definitions).unwrap();
    assert_eq!(witness.told(), ["close", "open", "state", "definitions"]);
    store.close().unwrap();
    store.close().unwrap();
    assert_eq!(witness.told(), ["close"]);
}

#[test]
fn an_observer_may_change_the_store() {
    let (fixture, database, store, witness) = observed();
    store.use_database(database.clone()).unwrap();
    witness.told();
    witness.react(|store| {
        store.undo().unwrap();
        store.redo().unwrap();
    });
    set(&store, &fixture, 0, 1);
    // What it changes is told when it returns.
    assert_eq!(witness.told(), ["state", "reacted", "state", "state"]);
    assert_eq!(number(&store, &fixture, 0), Some(1));
    assert_eq!(database.commit_ids().unwrap().len(), 3);
    witness.react(|store| store.close().unwrap());
    set(&store, &fixture, 0, 2);
    assert_eq!(witness.told(), ["state", "reacted", "close"]);
    assert!(!store.has_database());
}

#[test]
fn a_panicking_observer_leaves_the_store_whole() {
    let (fixture, database, store, witness) = observed();
    store.use_database(database).unwrap();
    witness.told();
    witness.react(|store| {
        store.undo().unwrap();
        panic!("the observer's code");
    });
    let panicked = catch_unwind(AssertUnwindSafe(|| set(&store, &fixture, 0, 1)));
    assert!(panicked.is_err());
    // The dispatch and the undo are done; what was not told of them is told with the next change.
    assert_eq!(number(&store, &fixture, 0), None);
    assert_eq!(witness.told(), ["state"]);
    store.redo().unwrap();
    assert_eq!(number(&store, &fixture, 0), Some(1));
    assert_eq!(witness.told(), ["state", "state"]);
}

#[test]
fn a_dispatch_cannot_change_the_store_that_runs_it() {
    let (fixture, database, store, witness) = observed();
    store.use_database(database.clone()).unwrap();
    set(&store, &fixture, 0, 1);
    witness.told();
    let commit = store.state().unwrap().commit_id();
    let nested = store.dispatch("outer", |_| {
        assert!(matches!(store.undo(), Err(Error::NestedDispatch)));
        assert!(matches!(store.close(), Err(Error::NestedDispatch)));
        // Reading is fine, and what is to be told waits.
        assert_eq!(number(&store, &fixture, 0), Some(1));
        store.stop_live();
        assert_eq!(witness.told(), [""; 0]);
        store.dispatch_set("inner", &fixture.doc, &fixture.key(0), document(&fixture, 2)).map(drop)
    });
    assert!(matches!(nested, Err(DispatchError::Change(Error::NestedDispatch))));
    let refused = Error::NestedDispatch;
    assert_eq!(witness.told(), ["stop live".to_owned(), format!("error: {refused}")]);
    assert_eq!(store.state().unwrap().commit_id(), commit);
    assert_eq!(database.commit_ids().unwrap(), [commit]);
}
