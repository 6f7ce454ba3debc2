//! What definitions promise together.

use std::sync::Arc;

use crate::codec::definition::{decode_definition, encode_definition};
use crate::fixture::{field, fixture, structure, uuid};
use crate::{
    AnyValue, Concept, Definition, DefinitionError, Definitions, DefinitionsBuilder, DefinitionsError, Key,
    KeyTarget, NameSpace, RuntimeId, Structure, Type, TypeName, Value,
};

fn name(namespace: &str, name: &str) -> TypeName {
    TypeName::new(NameSpace::new(uuid(1), namespace), name)
}

fn concept(called: &str) -> Concept {
    Concept::new(name("N", called), "", None).unwrap()
}

#[test]
fn a_foreign_id_never_stands_for_two_things() {
    let mut builder = DefinitionsBuilder::default();
    let first = concept("First");
    let id = first.runtime_id();
    assert!(builder.add(Definition::Concept(first.clone().into())).unwrap());
    assert!(!builder.add(Definition::Concept(first.into())).unwrap());
    let thief = concept("Thief").with_runtime_id(id);
    let error = builder.add(Definition::Concept(thief.into())).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{id} stands for concept N::First here and for concept N::Thief there")
    );
    let structure = Structure::new(name("N", "First"), "", vec![]).unwrap().with_runtime_id(id);
    let error = builder.add(Definition::Structure(structure.into())).unwrap_err();
    assert!(matches!(error, DefinitionsError::SharedId { .. }));
}

#[test]
fn the_zero_id_stands_for_no_definition() {
    let nobody = Definition::Concept(concept("Nobody").with_runtime_id(RuntimeId::ZERO).into());
    let error = DefinitionsBuilder::default().add(nobody.clone()).unwrap_err();
    assert_eq!(error.to_string(), "concept N::Nobody has the zero id, which stands for no definition");
    let stored = encode_definition(&nobody);
    assert!(Definitions::decode([stored]).is_err());
}

#[test]
fn a_foreign_id_is_kept_when_stored() {
    let id = RuntimeId::from_uuid(uuid(77));
    let foreign = Definition::Concept(concept("Foreign").with_runtime_id(id).into());
    let stored = encode_definition(&foreign);
    let read = decode_definition(&stored, &Definitions::default()).unwrap();
    assert_eq!(read.runtime_id(), id);
}

#[test]
fn a_default_refers_only_to_concepts_that_are_there() {
    let f = fixture();
    let user = Type::key(KeyTarget::Concept(f.user.clone()));
    let key = Value::Key(Key::new(f.admin, uuid(1)));
    let structure = structure("Note", vec![field("about", user, Some(key))]);
    let mut builder = DefinitionsBuilder::default();
    builder.add(Definition::Concept(f.user)).unwrap();
    let error = builder.add(Definition::Structure(structure)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "struct Tuto::Note refers to Tuto::Admin, which is not among the definitions"
    );
}

#[test]
fn a_default_cannot_fill_an_any() {
    let filled = Value::Any(AnyValue::new(Value::from(1)));
    let error = Structure::new(name("N", "S"), "", vec![field("a", Type::Any, Some(filled))]).unwrap_err();
    assert_eq!(error.to_string(), "N::S.a: a default cannot fill an `any`");
}

#[test]
fn a_namespace_cannot_be_named_so_that_full_names_meet() {
    let error = Concept::new(name("A::B", "C"), "", None).unwrap_err();
    assert!(matches!(error, DefinitionError::Name { name } if name == "A::B"));
}

#[test]
fn definitions_that_refer_to_one_another_are_read_in_their_order() {
    let f = fixture();
    let stored: Vec<Vec<u8>> = f.definitions.encode().into_iter().map(|(_, bytes)| bytes).collect();
    assert_eq!(Definitions::decode(&stored), Ok(f.definitions));
    let backwards: Vec<&Vec<u8>> = stored.iter().rev().collect();
    assert!(matches!(Definitions::decode(backwards), Err(DefinitionsError::Decode(_))));
}

#[test]
fn an_extension_adds_and_never_replaces() {
    let f = fixture();
    let mut builder = f.definitions.to_builder();
    builder
        .add(Definition::Concept(Arc::new(Concept::new(f.user.name().clone(), "said", None).unwrap())))
        .unwrap();
    let (same, info) = f.definitions.extend(&builder.build()).unwrap();
    assert_eq!((same.len(), info.total()), (f.definitions.len(), 0));
    assert_eq!(same.find_concept("Tuto::User").unwrap().documentation(), "");
    let changed = structure("Login", vec![]);
    let mut other = DefinitionsBuilder::default();
    other.add(Definition::Structure(changed)).unwrap();
    let error = f.definitions.extend(&other.build()).unwrap_err();
    assert!(matches!(error, DefinitionsError::Conflict { kind: "struct", .. }), "{error}");
}

#[test]
fn targets_cover_what_they_admit() {
    let f = fixture();
    let [user, admin, stranger] = [&f.user, &f.admin, &f.stranger].map(|c| KeyTarget::Concept(c.clone()));
    let everyone = KeyTarget::Club(f.everyone.clone());
    let any = KeyTarget::AnyConcept;
    assert!(user.covers(&admin) && !admin.covers(&user));
    assert!(everyone.covers(&admin) && everyone.covers(&stranger) && !everyone.covers(&user));
    assert!(everyone.covers(&everyone) && !user.covers(&everyone));
    assert!(any.covers(&everyone) && any.covers(&any) && !everyone.covers(&any));
}
