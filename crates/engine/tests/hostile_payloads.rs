//! Payloads from anybody, and documents deeper than can be read back.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use anabranch_engine::{Database, MutableState, payload};
use anabranch_model::codec::{DecodeErrorKind, Writer, write_path, write_type, write_value};
use anabranch_model::{
    AnyValue, Attachment, Concept, Definition, Definitions, DefinitionsBuilder, Key, KeyTarget, NameSpace,
    Path, Type, TypeName, Uuid, Value,
};

/// Documents of any type and lists of anything, attached to one concept.
fn model() -> (Definitions, Arc<Attachment>, Arc<Attachment>, Key) {
    let name = |name: &str| TypeName::new(NameSpace::new(Uuid::from_u128(1), "Deep"), name);
    let concept = Arc::new(Concept::new(name("Thing"), "", None).unwrap());
    let attachment = |called: &str, document| {
        let target = KeyTarget::Concept(concept.clone());
        Arc::new(Attachment::new(name(called), "", target, document).unwrap())
    };
    let (anything, list) = (attachment("anything", Type::Any), attachment("list", Type::xarray(Type::Any)));
    let mut builder = DefinitionsBuilder::default();
    builder.add(Definition::Concept(concept.clone())).unwrap();
    builder.add(Definition::Attachment(anything.clone())).unwrap();
    builder.add(Definition::Attachment(list.clone())).unwrap();
    (builder.build(), anything, list, Key::new(concept, Uuid::from_u128(2)))
}

/// `any` in `any`, so many levels.
fn nested(levels: usize) -> Value {
    (1..levels).fold(Value::zero(&Type::Any), |inner, _| Value::Any(AnyValue::new(inner)))
}

#[test]
fn a_payload_without_a_version_is_refused() {
    let (definitions, ..) = model();
    for bytes in [&[0x80][..], &[0x80, 0x01], &[]] {
        assert!(payload::decode(bytes, &definitions).is_err());
    }
}

#[test]
fn a_document_is_never_recorded_deeper_than_it_can_be_read() {
    let (definitions, anything, list, key) = model();
    let database = Database::create_in_memory(&definitions).unwrap();
    let mut mutable = MutableState::new(database.initial_state().unwrap());
    let positions = [Uuid::from_u128(1), Uuid::from_u128(2)];
    let deepest = anabranch_model::MAX_DEPTH;
    mutable.set(&anything, &key, nested(deepest)).unwrap();
    mutable.set(&anything, &key, nested(deepest + 1)).unwrap_err();
    mutable.update(&anything, &key, &Path::from_unwrap(), nested(deepest - 1)).unwrap();
    mutable.update(&anything, &key, &Path::from_unwrap(), nested(deepest)).unwrap_err();
    let nil = Uuid::nil();
    mutable.insert_in_xarray(&list, &key, &Path::root(), nil, positions[0], nested(deepest - 1)).unwrap();
    mutable.insert_in_xarray(&list, &key, &Path::root(), nil, positions[1], nested(deepest)).unwrap_err();
    let bytes = payload::encode(mutable.opcodes());
    assert_eq!(payload::decode(&bytes, &definitions).unwrap(), mutable.opcodes());
}

#[test]
fn a_payload_that_would_make_a_document_too_deep_is_refused() {
    let (definitions, anything, _, key) = model();
    let payload = |levels: usize| {
        let mut writer = Writer::new();
        writer.array(2);
        writer.uint(1);
        writer.array(5);
        writer.uint(1);
        writer.bytes(anything.runtime_id().as_bytes());
        writer.bytes(&key.to_bytes());
        write_path(&mut writer, &Path::from_unwrap());
        writer.array(2);
        write_type(&mut writer, &Type::Any);
        write_value(&mut writer, &nested(levels));
        writer.into_bytes()
    };
    payload::decode(&payload(anabranch_model::MAX_DEPTH - 1), &definitions).unwrap();
    let error = payload::decode(&payload(anabranch_model::MAX_DEPTH), &definitions).unwrap_err();
    assert_eq!(error.kind(), &DecodeErrorKind::Depth);
}
