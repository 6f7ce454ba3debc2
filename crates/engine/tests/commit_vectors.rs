//! Golden bytes of commits and payloads (`docs/spec/commits.md`). A change here is a change of the format.

use anabranch_engine::{CommitHeader, CommitKind, Database, MutableState, payload};
use anabranch_model::{CommitId, Path, PayloadHash, Value};
use anabranch_testkit::fixture::{fixture, position};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn an_empty_commit_has_its_golden_id() {
    let payload = payload::encode(&[]);
    assert_eq!(hex(&payload), "8101");
    let id = CommitHeader::derive_id(
        CommitKind::Mutations,
        CommitId::ZERO,
        CommitId::ZERO,
        PayloadHash::of(&payload),
    );
    insta::assert_snapshot!(PayloadHash::of(&payload), @"3515a1358f88d436a0071450cb1c4ab55c3fdea512a1a35713542ddabd5ee027");
    insta::assert_snapshot!(id, @"a18f43d13f6db10b1ae8d254a175b753731eb5989f1822ca1c3e18ccd0cf2983");
    let database = Database::create_in_memory(&Default::default()).unwrap();
    let empty = MutableState::new(database.initial_state().unwrap());
    assert_eq!(database.commit_mutations("any label", &empty).unwrap(), id);
}

#[test]
fn a_decision_and_a_merge_have_their_golden_ids() {
    let nothing = PayloadHash::of(b"");
    let [a, b] = [CommitId::from_bytes([0xaa; 32]), CommitId::from_bytes([0xbb; 32])];
    insta::assert_snapshot!(CommitHeader::derive_id(CommitKind::Merge, a, b, nothing), @"4c588fc9614b19caf34ce2687fcc076116a25db6ebf345ce131d6a0b8f7b76c9");
    insta::assert_snapshot!(CommitHeader::derive_id(CommitKind::Disable, a, b, nothing), @"ae486007be9abd14de2b49191e7a4daa916bb4157e7ac097417a3d1dee8e41df");
    insta::assert_snapshot!(CommitHeader::derive_id(CommitKind::Enable, a, b, nothing), @"ce0075ad616bc9e524a1919f446dc1b2f8d2db3b3be6e90140f32b7b94840722");
}

#[test]
fn opcodes_have_their_golden_bytes() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let mut mutable = MutableState::new(database.initial_state().unwrap());
    let key = fixture.key(1);
    mutable.update(&fixture.doc, &key, &Path::from_field("title"), Value::from("hi")).unwrap();
    mutable
        .insert_in_xarray(&fixture.list, &key, &Path::root(), position(0), position(7), Value::Int32(-1))
        .unwrap();
    let bytes = payload::encode(mutable.opcodes());
    insta::assert_snapshot!(hex(&bytes), @"8401850150a1e78c098ae7814fbe8c29f9095aaa40582042188e373f4c8a60bdbc98dfd12ef7590000000000000000000000000000100181657469746c65820b6268698607501956adca20318e30acf8c8e7e00af86b582042188e373f4c8a60bdbc98dfd12ef7590000000000000000000000000000100180500000000000000000000000000000000050000000000000000000000000000000078608501956adca20318e30acf8c8e7e00af86b582042188e373f4c8a60bdbc98dfd12ef75900000000000000000000000000001001805000000000000000000000000000000007820320");
    assert_eq!(payload::decode(&bytes, &fixture.definitions).unwrap(), mutable.opcodes());
}

#[test]
fn a_payload_with_anything_after_it_or_changed_in_it_is_refused_or_another_payload() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let mut mutable = MutableState::new(database.initial_state().unwrap());
    let key = fixture.key(1);
    mutable.set(&fixture.doc, &key, anabranch_testkit::script::document(&fixture, 3, 2)).unwrap();
    mutable.update(&fixture.doc, &key, &Path::from_field("title"), Value::from("hi")).unwrap();
    mutable.remove_in_xarray(&fixture.list, &key, &Path::root(), position(7)).unwrap();
    let bytes = payload::encode(mutable.opcodes());
    for place in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[place] ^= flip;
            if let Ok(opcodes) = payload::decode(&changed, &fixture.definitions) {
                assert_eq!(payload::encode(&opcodes), changed, "byte {place}");
            }
        }
        assert!(payload::decode(&bytes[..place], &fixture.definitions).is_err());
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(payload::decode(&longer, &fixture.definitions).is_err());
}
