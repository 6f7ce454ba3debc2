//! What holds of any definitions, types and values.

#![expect(clippy::expect_used, reason = "tests")]

// The strategies are shared with the crates above. They are taken in as a file because the test kit stands on the engine,
// which this crate's tests must not wait for.
#[expect(unreachable_pub, reason = "written for the test kit, where it is public")]
#[path = "../../testkit/src/arbitrary.rs"]
mod arbitrary;

use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use anabranch_model::codec::definition::{decode_definition, encode_definition};
use anabranch_model::codec::{
    Reader, Writer, decode_path, decode_value, encode_path, encode_value, read_type, write_type,
};
use anabranch_model::{Definitions, Numeric, Path, PlaceTypes, Type, Unresolved, Value, json};
use arbitrary::{models, places, typed_values, types, values};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn encode_type(ty: &Type) -> Vec<u8> {
    let mut writer = Writer::new();
    write_type(&mut writer, ty);
    writer.into_bytes()
}

fn decode_type(bytes: &[u8], definitions: &Definitions) -> Option<Type> {
    let mut reader = Reader::new(bytes);
    let ty = read_type(&mut reader, definitions).ok()?;
    reader.finish().ok()?;
    Some(ty)
}

/// Every way to change one bit of the bytes, and a few to change a byte, add one and drop one.
fn changes(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let flips = (0..bytes.len()).flat_map(move |place| {
        let others = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff];
        others.into_iter().map(move |bits| {
            let mut changed = bytes.to_vec();
            changed[place] ^= bits;
            changed
        })
    });
    let dropped = (0..bytes.len()).map(|place| [&bytes[..place], &bytes[place + 1..]].concat());
    let added = (0..=bytes.len()).map(|place| [&bytes[..place], &[0x00], &bytes[place..]].concat());
    flips.chain(dropped).chain(added)
}

fn check_sorted(value: &Value) {
    match value {
        Value::Set(set) => assert!(set.items().is_sorted_by(|a, b| a < b)),
        Value::Map(map) => assert!(map.entries().is_sorted_by(|a, b| a.0 < b.0)),
        _ => {}
    }
    if let Some(inner) = value.unwrapped().filter(|inner| !std::ptr::eq(*inner, value)) {
        check_sorted(inner);
    }
    value.as_items().iter().for_each(check_sorted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn values_are_of_their_type_and_survive_encoding((model, ty, values) in typed_values(3)) {
        for value in values {
            prop_assert!(ty.admits(&value));
            value.check_depth(0).unwrap();
            let bytes = encode_value(&value);
            let decoded = decode_value(&bytes, &ty, &model.definitions).unwrap();
            prop_assert_eq!(&decoded, &value);
            prop_assert_eq!(encode_value(&decoded), bytes);
            check_sorted(&decoded);
        }
    }

    #[test]
    fn a_changed_encoding_is_refused_or_is_that_of_another_value((model, ty, values) in typed_values(1)) {
        let bytes = encode_value(&values[0]);
        prop_assume!(bytes.len() < 300);
        for changed in changes(&bytes).filter(|changed| *changed != bytes) {
            if let Ok(decoded) = decode_value(&changed, &ty, &model.definitions) {
                prop_assert_ne!(&decoded, &values[0]);
                prop_assert_eq!(encode_value(&decoded), changed);
            }
        }
    }

    #[test]
    fn another_implementation_reads_the_encoding((_, _, values) in typed_values(2)) {
        for value in values {
            let bytes = encode_value(&value);
            let mut decoder = minicbor::Decoder::new(&bytes);
            decoder.skip().unwrap();
            prop_assert_eq!(decoder.position(), bytes.len());
        }
    }

    #[test]
    fn json_survives_being_text((model, ty, values) in typed_values(3)) {
        for value in values {
            let text = json::encode(&value).to_string();
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            let decoded = json::decode(&read, &ty, &model.definitions);
            prop_assert_eq!(decoded.as_ref(), Ok(&value), "{}", text);
        }
    }

    #[test]
    fn the_order_is_total_and_agrees_with_equality_hash_and_encoding((_, _, v) in typed_values(3)) {
        let hasher = RandomState::new();
        for a in &v {
            for b in &v {
                prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
                let equal = a == b;
                prop_assert_eq!(a.cmp(b) == Ordering::Equal, equal);
                prop_assert_eq!(encode_value(a) == encode_value(b), equal);
                if equal {
                    prop_assert_eq!(hasher.hash_one(a), hasher.hash_one(b));
                }
                for c in &v {
                    if a <= b && b <= c {
                        prop_assert!(a <= c);
                    }
                }
            }
        }
    }

    #[test]
    fn different_values_stay_different_when_converted(
        (model, ty, values) in typed_values(3),
        other in any::<Index>(),
    ) {
        let numerics = Type::PRIMITIVES[1..11].iter().cloned();
        let around = [Type::Any, Type::optional(ty.clone()), Type::vector(ty.clone())];
        let numbers = [Type::vector(Type::Double), Type::set(Type::Float), Type::optional(Type::Int64)];
        let targets: Vec<Type> = numerics.chain(around).chain(numbers).collect();
        let target = other.get(&targets);
        let converted: Vec<Option<Value>> = values.iter().map(|value| value.convert(target).ok()).collect();
        for (a, as_a) in values.iter().zip(&converted) {
            prop_assert_eq!(a.convert(&ty), Ok(a.clone()));
            let Some(as_a) = as_a else { continue };
            prop_assert!(target.admits(as_a));
            prop_assert!(decode_value(&encode_value(as_a), target, &model.definitions).is_ok());
            for (b, as_b) in values.iter().zip(&converted) {
                prop_assert_eq!(a == b, Some(as_a) == as_b.as_ref(), "{:?} and {:?} as {:?}", a, b, as_a);
            }
        }
    }

    #[test]
    fn a_number_that_converts_converts_back(
        (value, to) in (select(Numeric::ALL.to_vec()), select(Numeric::ALL.to_vec())).prop_flat_map(|(from, to)| {
            let model = models().new_tree(&mut TestRunner::deterministic()).unwrap().current();
            (values(&from.as_type(), &model), Just(to.as_type()))
        }),
    ) {
        if let Ok(converted) = value.convert(&to) {
            prop_assert_eq!(converted.convert(&value.ty()), Ok(value));
        }
    }

    #[test]
    fn a_value_is_created_from_itself_and_deduced_as_itself((_, ty, values) in typed_values(1)) {
        prop_assert_eq!(Value::create(&ty, &values[0]), Ok(values[0].clone()));
        prop_assert_eq!(Value::deduce(&values[0]), Ok(values[0].clone()));
    }

    #[test]
    fn types_survive_encoding_json_and_text((model, ty) in models().prop_flat_map(|m| {
        let types = types(&m);
        (Just(m), types)
    })) {
        let bytes = encode_type(&ty);
        prop_assert_eq!(decode_type(&bytes, &model.definitions), Some(ty.clone()));
        for changed in changes(&bytes).filter(|changed| *changed != bytes) {
            if let Some(decoded) = decode_type(&changed, &model.definitions) {
                prop_assert_ne!(&decoded, &ty);
                prop_assert_eq!(encode_type(&decoded), changed);
            }
        }
        let form = json::encode_type(&ty);
        prop_assert_eq!(json::decode_type(&form, &model.definitions), Ok(ty.clone()));
        prop_assert_eq!(Type::parse(&ty.to_string(), &model.definitions), Ok(ty.clone()));
        let zero = Value::zero(&ty);
        prop_assert!(ty.admits(&zero));
        prop_assert_eq!(zero.size(), ty.zero_size());
    }

    #[test]
    fn every_place_of_a_value_is_found_checked_printed_and_encoded((model, ty, values) in typed_values(1)) {
        let root = &values[0];
        for path in places(root) {
            let found = path.at(root).unwrap();
            let admitted = path.check(&ty).unwrap();
            prop_assert!(admitted.admits(found), "{} is {}", path, found.description());
            let text = path.to_string();
            let parsed = Path::parse(&text, &ty, &model.definitions);
            if parsed.as_ref() != Ok(&path) {
                // Only below an `any`, or where a variant leaves two readings, may a text say less than the path.
                prop_assert!(text.contains('?'), "{} reads as {:?}", text, parsed);
            }
            let bytes = encode_path(&path);
            prop_assert_eq!(decode_path(&bytes, &model.definitions), Ok(path));
        }
    }

    #[test]
    fn what_is_set_at_a_place_stands_there_and_the_document_stays_sound(
        (model, ty, values) in typed_values(2),
        from in any::<Index>(),
        to in any::<Index>(),
    ) {
        let (root, donor) = (&values[0], &values[1]);
        let (sources, targets) = (places(donor), places(root));
        let to = to.get(&targets);
        let value = from.get(&sources).at(donor).unwrap().clone();
        let mut changed = root.clone();
        match to.set(&mut changed, value.clone()) {
            Ok(()) => {
                prop_assert!(to.is_regular());
                prop_assert_eq!(to.at(&changed), Ok(&value));
                prop_assert!(ty.admits(&changed));
                if let Ok(PlaceTypes::OneOf(types)) = to.check(&ty) {
                    prop_assert!(types.iter().any(|ty| ty.admits(&value)));
                }
                let decoded = decode_value(&encode_value(&changed), &ty, &model.definitions);
                prop_assert_eq!(decoded.as_ref(), Ok(&changed));
            }
            Err(error) => {
                prop_assert_eq!(&changed, root);
                if !to.is_regular() {
                    prop_assert_eq!(error, Unresolved::Irregular);
                }
            }
        }
    }

    #[test]
    fn a_value_set_where_it_stands_changes_nothing((_, _, values) in typed_values(1), index in any::<Index>()) {
        let root = &values[0];
        let all = places(root);
        let path = index.get(&all);
        if path.is_regular() {
            let value = path.at(root).unwrap().clone();
            let patched = path.patch(root, value);
            prop_assert_eq!(patched.as_ref(), Ok(root), "{}", path);
        }
    }

    #[test]
    fn definitions_survive_being_stored(model in models()) {
        let stored = model.definitions.encode();
        let decoded = Definitions::decode(stored.iter().map(|(_, bytes)| bytes)).unwrap();
        prop_assert_eq!(&decoded, &model.definitions);
        prop_assert_eq!(decoded.digest(), model.definitions.digest());
        // Documentation and everything else too, not only what the ids say.
        prop_assert_eq!(decoded.encode(), stored);
        let (extended, info) = decoded.extend(&model.definitions).unwrap();
        prop_assert_eq!((extended, info.total()), (decoded, 0));
    }

    #[test]
    fn a_changed_definition_is_refused_or_is_another(model in models(), index in any::<Index>()) {
        let stored = model.definitions.encode();
        let (_, bytes) = index.get(&stored);
        prop_assume!(bytes.len() < 400);
        for changed in changes(bytes) {
            if let Ok(decoded) = decode_definition(&changed, &model.definitions) {
                prop_assert_eq!(encode_definition(&decoded), changed);
            }
        }
    }

    #[test]
    fn ids_are_the_same_wherever_a_definition_is_read(model in models()) {
        let ids: HashSet<_> = model.definitions.encode().into_iter().map(|(id, _)| id).collect();
        prop_assert_eq!(ids.len(), model.definitions.len());
        for (id, bytes) in model.definitions.encode() {
            prop_assert_eq!(decode_definition(&bytes, &model.definitions).unwrap().runtime_id(), id);
        }
    }
}

#[test]
fn the_strategies_give_values_of_every_kind() {
    // The properties above say little if the strategies give little.
    let mut runner = TestRunner::deterministic();
    let model = models().new_tree(&mut runner).unwrap().current();
    let types = types(&model);
    let drawn = (0..2000).map(|_| types.new_tree(&mut runner).unwrap().current());
    let kinds: HashSet<_> = drawn.map(|ty| std::mem::discriminant(&ty)).collect();
    assert_eq!(kinds.len(), Type::PRIMITIVES.len() + 12);
    let any = values(&Type::Any, &model);
    let filled = (0..50).filter(|_| any.new_tree(&mut runner).unwrap().current().unwrapped().is_some());
    assert!(filled.count() > 20);
}
