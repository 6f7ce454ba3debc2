//! One suite, on every kind of database: in memory, in a file, and served over a socket, a port and TLS.

#![expect(clippy::unwrap_used, reason = "tests: a failure here is the finding")]

mod support;

use anabranch_engine::{BlobLayout, Database, MutableState, Store};
use anabranch_model::{CommitId, Path, Value};
use anabranch_testkit::fixture::{Fixture, fixture};
use anabranch_testkit::reference::Reference;
use anabranch_testkit::script::{action, perform};
use proptest::prelude::*;
use support::{Kind, Site};

fn title(fixture: &Fixture, state: &anabranch_engine::State, key: u8) -> Option<Value> {
    let document = state.get(&fixture.doc, &fixture.key(key)).unwrap()?;
    Some(Path::from_field("title").at(&document).unwrap().clone())
}

fn retitle(fixture: &Fixture, database: &Database, on: CommitId, key: u8, text: &str) -> CommitId {
    let mut mutable = MutableState::new(database.state(on).unwrap());
    if mutable.get(&fixture.doc, &fixture.key(key)).unwrap().is_none() {
        mutable.set(&fixture.doc, &fixture.key(key), fixture.doc.create_document()).unwrap();
    }
    let value = Value::String(text.into());
    mutable.update(&fixture.doc, &fixture.key(key), &Path::from_field("title"), value).unwrap();
    database.commit_mutations(text, &mutable).unwrap()
}

fn text(text: &str) -> Option<Value> {
    Some(Value::String(text.into()))
}

/// What a user does in the first hour, on one kind of database.
fn smoke(kind: Kind) {
    let fixture = fixture();
    let site = Site::new(kind);
    let database = site.database();
    assert_eq!(database.last_commit_id().unwrap(), None);
    let added = database.extend_definitions(&fixture.definitions).unwrap();
    assert_eq!(added.total(), fixture.definitions.len());
    assert_eq!(database.extend_definitions(&fixture.definitions).unwrap().total(), 0);

    // Commits, states, the graph.
    let first = retitle(&fixture, &database, CommitId::ZERO, 0, "first");
    let left = retitle(&fixture, &database, first, 0, "left");
    let right = retitle(&fixture, &database, first, 1, "right");
    assert_eq!(database.head_commit_ids().unwrap().len(), 2);
    assert_eq!(database.children_commit_ids(first).unwrap().len(), 2);
    assert_eq!(database.merge_base(left, right).unwrap(), Some(first));
    assert!(database.is_mergeable(left, right).unwrap());
    assert_eq!(title(&fixture, &database.state(left).unwrap(), 0), text("left"));
    assert_eq!(title(&fixture, &database.state(right).unwrap(), 0), text("first"));
    let merge_state = database.merge_state(left, right).unwrap();
    assert_eq!(title(&fixture, &merge_state, 1), text("right"));
    let merged = database.merge_commit("merge", left, right).unwrap();
    let state = database.state(merged).unwrap();
    assert_eq!((title(&fixture, &state, 0), title(&fixture, &state, 1)), (text("left"), text("right")));
    assert_eq!(state.keys(&fixture.doc).unwrap().len(), 2);
    let hidden = database.disable_commit("hide", merged, left).unwrap();
    assert_eq!(title(&fixture, &database.state(hidden).unwrap(), 0), text("first"));
    let shown = database.enable_commit("show", hidden, left).unwrap();
    assert_eq!(
        database.state(shown).unwrap().fingerprint().unwrap(),
        database.state(merged).unwrap().fingerprint().unwrap()
    );
    assert_eq!(database.commit_ids().unwrap().len(), 6);
    assert_eq!(database.commit_header(merged).unwrap().generation, 3);
    assert_eq!(database.commit_opcodes(first).unwrap().len(), 2);
    assert_eq!(database.linearisation(shown).unwrap().entries().len(), 6);
    assert_eq!(database.commits_with_prefix(&merged.to_string()[..6], 10).unwrap(), [merged]);

    // Blobs, small and large, and a commit that refers to one.
    let large: Vec<u8> = (0..3_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let blob = database.create_blob(BlobLayout::default(), &large).unwrap();
    assert_eq!(database.create_blob(BlobLayout::default(), &large).unwrap(), blob);
    assert_eq!(database.read_blob(blob).unwrap(), large);
    assert_eq!(database.read_blob_range(blob, 1_234_567, 10).unwrap(), large[1_234_567..1_234_577]);
    assert_eq!(database.blob_ids().unwrap(), [blob]);
    let mut mutable = MutableState::new(database.state(shown).unwrap());
    let picture = Path::from_field("picture");
    mutable.update(&fixture.doc, &fixture.key(0), &picture, Value::BlobId(blob)).unwrap();
    let pictured = database.commit_mutations("picture", &mutable).unwrap();
    let none = anabranch_model::BlobId::of(b"nothing of the kind");
    mutable.update(&fixture.doc, &fixture.key(0), &picture, Value::BlobId(none)).unwrap();
    let refused = database.commit_mutations("picture", &mutable).unwrap_err();
    assert!(refused.to_string().contains(&none.to_string()), "{refused}");
    assert_eq!(database.last_commit_id().unwrap(), Some(pictured), "nothing of it was stored");

    // A store: dispatch, undo, redo.
    let store = Store::new();
    store.use_database(database.clone()).unwrap();
    let key = fixture.key(0);
    store
        .dispatch("by the store", |state| {
            state.update(&fixture.doc, &key, &Path::from_field("title"), Value::String("dispatched".into()))
        })
        .unwrap();
    assert_eq!(title(&fixture, &store.state().unwrap(), 0), text("dispatched"));
    store.undo().unwrap();
    assert_eq!(title(&fixture, &store.state().unwrap(), 0), text("left"));
    store.redo().unwrap();
    assert_eq!(title(&fixture, &store.state().unwrap(), 0), text("dispatched"));

    let report = database.verify(&mut |_| {}).unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
    assert_eq!(database.statistics().unwrap().commits, database.commit_ids().unwrap().len() as u64);
    let uuid = database.uuid();
    drop((store, database));
    assert_eq!(site.database().uuid(), uuid, "opened again, it is the same one");
}

#[test]
fn in_memory() {
    smoke(Kind::Memory);
}

#[test]
fn in_a_file() {
    smoke(Kind::File);
}

#[test]
fn over_a_socket() {
    smoke(Kind::Socket);
}

#[test]
fn over_tcp() {
    smoke(Kind::Tcp);
}

#[test]
fn over_tls_with_a_token() {
    smoke(Kind::Tls);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_served_database_is_what_the_reference_says(
        actions in prop::collection::vec(action(), 1..25),
    ) {
        let fixture = fixture();
        let site = Site::new(Kind::Socket);
        let remote = site.database();
        remote.extend_definitions(&fixture.definitions).unwrap();
        for action in &actions {
            perform(&remote, &fixture, action);
        }
        let served = site.served();
        prop_assert_eq!(remote.commit_ids().unwrap(), served.commit_ids().unwrap());
        let reference = Reference::of(&served);
        // One that made the commits, one that only reads them.
        for database in [&remote, &site.database()] {
            for id in served.commit_ids().unwrap() {
                let state = database.state(id).unwrap();
                let documents: std::collections::BTreeMap<_, _> =
                    state.documents().unwrap().into_iter().collect();
                prop_assert_eq!(documents, reference.state(id));
            }
        }
    }
}
