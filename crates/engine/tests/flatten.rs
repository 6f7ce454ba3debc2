//! Flattening: a state as the one commit of another database.

#![expect(clippy::unwrap_used, reason = "what goes wrong here should stop the test")]

use anabranch_engine::{BlobLayout, CommitKind, Database, Error, MutableState, Operation};
use anabranch_model::{Definitions, Path, Value};
use anabranch_testkit::fixture::fixture;
use anabranch_testkit::script::{history, perform};
use proptest::prelude::*;

fn bare() -> Database {
    Database::create_in_memory(&Definitions::default()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_flattened_state_is_the_same_state_in_one_commit(actions in history(30)) {
        let fixture = fixture();
        let database = Database::create_in_memory(&fixture.definitions).unwrap();
        actions.iter().for_each(|action| perform(&database, &fixture, action));
        for commit in database.head_commit_ids().unwrap() {
            let state = database.state(commit).unwrap();
            let flat = bare();
            let only = database.flatten(commit, &flat).unwrap();
            prop_assert_eq!(flat.commit_ids().unwrap(), [only]);
            let flattened = flat.state(only).unwrap();
            prop_assert_eq!(flattened.documents().unwrap(), state.documents().unwrap());
            prop_assert_eq!(flattened.fingerprint().unwrap(), state.fingerprint().unwrap());
            let opcodes = flat.commit_opcodes(only).unwrap();
            prop_assert_eq!(opcodes.len(), state.ids().unwrap().len());
            for opcode in opcodes {
                let is_set = matches!(opcode.operation, Operation::DocumentSet { .. });
                prop_assert!(is_set, "{}", opcode.operation);
            }
            // Whatever history a state has, it is the same commit.
            let again = bare();
            prop_assert_eq!(flat.flatten(only, &again).unwrap(), only);
        }
    }
}

#[test]
fn blobs_that_documents_refer_to_come_along_with_their_layouts() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let picture = Path::from_field("picture");
    let floats: BlobLayout = "float-3".parse().unwrap();
    let small = database.create_blob(floats, &[7; 24]).unwrap();
    let large = database.create_blob(BlobLayout::BYTES, &vec![9; 17 << 20]).unwrap();
    let stale = database.create_blob(BlobLayout::BYTES, b"replaced").unwrap();
    let mut mutable = MutableState::new(database.initial_state().unwrap());
    for (number, blob) in [(0, stale), (1, large)] {
        mutable.set(&fixture.doc, &fixture.key(number), fixture.doc.create_document()).unwrap();
        mutable.update(&fixture.doc, &fixture.key(number), &picture, Value::BlobId(blob)).unwrap();
    }
    mutable.update(&fixture.doc, &fixture.key(0), &picture, Value::BlobId(small)).unwrap();
    let commit = database.commit_mutations("pictures", &mutable).unwrap();

    let flat = bare();
    let only = database.flatten(commit, &flat).unwrap();
    let mut expected = vec![small, large];
    expected.sort();
    assert_eq!(flat.blob_ids().unwrap(), expected);
    assert_eq!(flat.blob_info(small).unwrap().unwrap().layout, "float-3");
    assert_eq!(flat.read_blob(large).unwrap(), vec![9; 17 << 20]);
    assert_eq!(flat.commit_header(only).unwrap().kind, CommitKind::Mutations);
}

#[test]
fn a_database_with_commits_is_left_alone() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let mutable = MutableState::new(database.initial_state().unwrap());
    let commit = database.commit_mutations("empty", &mutable).unwrap();
    assert!(matches!(database.flatten(commit, &database), Err(Error::NotEmpty { .. })));
    assert_eq!(database.commit_ids().unwrap(), [commit]);
}
