//! What `spec/values.md` says of zeros, equality, order and text, sentence by sentence.

use std::sync::Arc;

use crate::fixture::{field, fixture, structure, uuid};
use crate::types::{KeyTarget, Numeric, Type};
use crate::value::{
    AnyValue, EnumerationValue, Key, MapValue, Native, SetValue, Value, VariantValue, VectorValue,
    XArrayValue,
};

#[test]
fn every_type_has_its_zero() {
    let f = fixture();
    let nil = uuid::Uuid::nil();
    let zeros = [
        (Type::Bool, "false"),
        (Type::Int8, "0"),
        (Type::Int16, "0"),
        (Type::Int32, "0"),
        (Type::Int64, "0"),
        (Type::UInt8, "0"),
        (Type::UInt16, "0"),
        (Type::UInt32, "0"),
        (Type::UInt64, "0"),
        (Type::Float, "0.0"),
        (Type::Double, "0.0"),
        (Type::String, "''"),
        (Type::Uuid, &nil.to_string()),
        (Type::Blob, "blob(0)"),
        (Type::BlobId, &"0".repeat(64)),
        (Type::CommitId, &"0".repeat(64)),
        (Type::Any, "nil"),
        (Type::Enumeration(f.status.clone()), ".pending"),
        (Type::Structure(f.login.clone()), "{nickname='nobody', password=''}"),
        (Type::vec(Numeric::Int8, 3).unwrap(), "(0, 0, 0)"),
        (Type::mat(Numeric::Double, 3, 2).unwrap(), "[(1.0, 0.0), (0.0, 1.0), (0.0, 0.0)]"),
        (Type::tuple(vec![Type::Bool, Type::String]).unwrap(), "(false, '')"),
        (Type::optional(Type::Bool), "nil"),
        (Type::vector(Type::Bool), "[]"),
        (Type::set(Type::Bool), "{}"),
        (Type::map(Type::Bool, Type::Bool), "{}"),
        (Type::xarray(Type::Bool), "[]"),
        (Type::variant(vec![Type::Double, Type::Bool]).unwrap(), "Variant(0.0)"),
        (Type::key(KeyTarget::Concept(f.user.clone())), "null"),
    ];
    for (ty, text) in zeros {
        let zero = Value::zero(&ty);
        assert_eq!(zero.to_string(), text, "{ty}");
        assert!(ty.admits(&zero), "{ty}");
    }
}

#[test]
fn a_field_starts_at_its_default_also_inside_another_structure() {
    let f = fixture();
    let account = Value::zero(&Type::Structure(f.account));
    assert_eq!(
        account.field("login").and_then(|login| login.field("nickname")),
        Some(&Value::from("nobody"))
    );
    let inner = structure("Inner", vec![field("n", Type::Int8, Some(Value::from(7_i8)))]);
    let pair = Type::tuple(vec![Type::Structure(inner.clone()), Type::Structure(inner)]).unwrap();
    assert_eq!(Value::zero(&pair).to_string(), "({n=7}, {n=7})");
}

#[test]
fn values_are_equal_when_types_and_contents_are() {
    assert_eq!(Value::from(1), Value::from(1));
    assert_ne!(Value::from(1_i8), Value::from(1_i16));
    assert_ne!(Value::zero(&Type::vector(Type::Int8)), Value::zero(&Type::vector(Type::Int16)));
    assert_ne!(Value::zero(&Type::optional(Type::Bool)), Value::zero(&Type::Any));
}

/// Checks that values ascend strictly.
fn ascends(values: &[Value]) {
    for (i, a) in values.iter().enumerate() {
        for (j, b) in values.iter().enumerate() {
            assert_eq!(a.cmp(b), i.cmp(&j), "{a} and {b}");
        }
    }
}

#[test]
fn scalars_have_their_order() {
    ascends(&[Value::from(false), Value::from(true)]);
    ascends(&[i64::MIN, -1, 0, 1, i64::MAX].map(Value::from));
    ascends(&[0, 1, u64::MAX].map(Value::from));
    ascends(&[f64::NEG_INFINITY, -1.0, -0.0, 0.0, 5e-324, 1.0, f64::INFINITY, f64::NAN].map(Value::from));
    ascends(&[f32::NEG_INFINITY, -0.0, 0.0, f32::INFINITY, f32::NAN].map(Value::from));
    // By bytes: capitals first, then longer ones, then what is beyond ASCII.
    ascends(&["", "B", "a", "aa", "b", "\u{e9}", "\u{ffff}", "\u{10000}"].map(Value::from));
    ascends(&[vec![], vec![0], vec![0, 0], vec![1], vec![255]].map(Value::from));
    ascends(&[uuid(0), uuid(1), uuid(1 << 100)].map(Value::from));
}

#[test]
fn every_nan_is_one_value() {
    let nans = [f64::NAN, -f64::NAN, f64::from_bits(0x7ff0_0000_0000_0001)].map(Value::from);
    assert!(nans.iter().all(|nan| *nan == nans[0]));
    let set = SetValue::new(Type::Double.into(), nans.to_vec()).unwrap();
    assert_eq!(set.items().len(), 1);
}

#[test]
fn enumerations_go_by_declared_order() {
    let f = fixture();
    let cases =
        [0, 1, 2].map(|case| Value::Enumeration(EnumerationValue::new(f.status.clone(), case).unwrap()));
    // Which is not that of the names.
    assert_eq!(cases.each_ref().map(ToString::to_string), [".pending", ".active", ".completed"]);
    ascends(&cases);
}

#[test]
fn sequences_go_element_by_element_and_the_shorter_first() {
    let list = |items: &[i64]| Value::create(&Type::vector(Type::Int64), items.to_vec()).unwrap();
    ascends(&[list(&[]), list(&[1]), list(&[1, 2]), list(&[1, 3]), list(&[2])]);
    let tuple = Type::tuple(vec![Type::Int8, Type::String]).unwrap();
    let tuple = |a: i32, b: &str| Value::create(&tuple, Native::tuple([a.into(), b.into()])).unwrap();
    ascends(&[tuple(0, "b"), tuple(1, "a"), tuple(1, "b")]);
    let vec = Type::vec(Numeric::Float, 2).unwrap();
    ascends(&[[0.0, 5.0], [1.0, 0.0], [1.0, 1.0]].map(|items| Value::create(&vec, items).unwrap()));
    let f = fixture();
    let login = Type::Structure(f.login);
    let login =
        |n: &str, p: &str| Value::create(&login, Native::map([("nickname", n), ("password", p)])).unwrap();
    ascends(&[login("a", "z"), login("b", "a"), login("b", "b")]);
}

#[test]
fn nil_goes_before_any_value() {
    let optional = Type::optional(Type::Int8);
    ascends(&[Native::None, (-128).into(), 127.into()].map(|input| Value::create(&optional, input).unwrap()));
    ascends(&[Native::None, false.into()].map(|input| Value::create(&Type::Any, input).unwrap()));
}

#[test]
fn variants_and_any_go_by_type_then_value() {
    let variant = Arc::new(vec![Type::String, Type::Int8]);
    let variant = |value: Value| Value::Variant(VariantValue::new(variant.clone(), value).unwrap());
    ascends(&[variant("a".into()), variant("b".into()), variant((-1_i8).into()), variant(1_i8.into())]);
    let any = |value: Value| Value::Any(AnyValue::new(value));
    ascends(&[any(9_i8.into()), any(1_i16.into()), any(2_i16.into()), any("".into())]);
}

#[test]
fn keys_go_by_concept_then_instance() {
    let f = fixture();
    let mut concepts = [f.user, f.admin, f.stranger];
    concepts.sort_by_key(|concept| concept.runtime_id());
    let mut keys = vec![Value::Key(Key::null())];
    for concept in concepts {
        keys.extend([1, 2].map(|n| Value::Key(Key::new(concept.clone(), uuid(n)))));
    }
    ascends(&keys);
}

#[test]
fn xarrays_go_by_elements_before_positions() {
    let array = |slots: &[(u128, Option<i8>)]| {
        let slots = slots.iter().map(|(p, v)| (uuid(*p), v.map(Value::from))).collect();
        Value::XArray(XArrayValue::new(Type::Int8.into(), slots).unwrap())
    };
    ascends(&[
        array(&[]),
        array(&[(1, None)]),
        array(&[(9, Some(1))]),
        array(&[(9, Some(1)), (1, Some(0))]),
        array(&[(1, Some(2))]),
    ]);
}

#[test]
fn sets_and_maps_iterate_in_order_and_hold_each_once() {
    let set = Value::create(&Type::set(Type::Int8), [3, 1, 2, 1]).unwrap();
    assert_eq!(set.to_string(), "{1, 2, 3}");
    let map = Value::create(&Type::map(Type::String, Type::Int8), Native::map([("b", 1), ("a", 2)])).unwrap();
    assert_eq!(map.to_string(), "{'a': 2, 'b': 1}");
}

#[test]
fn a_copy_shares_until_it_is_changed() {
    let list = Value::create(&Type::vector(Type::Int64), vec![1; 1000]).unwrap();
    let copy = list.clone();
    assert!(std::ptr::eq(list.as_items(), copy.as_items()));
    let changed = list.patched(&crate::Path::from_index(0), Value::from(2_i64)).unwrap();
    assert_ne!(changed, list);
    assert_eq!(copy, list);
}

#[test]
fn containers_refuse_what_is_not_of_their_type_and_say_where() {
    let vector = VectorValue::new(Type::Int8.into(), vec![Value::from(1_i8), Value::from("x")]);
    assert_eq!(vector.unwrap_err().to_string(), "[1]: expected int8, found string");
    let ty = Arc::new(crate::MapType { key: Type::Int8, value: Type::Bool });
    let entry = |key: i8| (Value::from(key), Value::from(true));
    let twice = MapValue::new(ty.clone(), vec![entry(1), entry(2), entry(1)]);
    assert_eq!(twice.unwrap_err().to_string(), "`1` stands twice");
    let wrong = MapValue::new(ty, vec![(Value::from(1_i8), Value::from(1_i8))]);
    assert_eq!(wrong.unwrap_err().to_string(), "[1]: expected bool, found int8");
}

#[test]
fn set_and_map_operations_do_what_their_opcodes_say() {
    let set = |items: &[i64]| match Value::create(&Type::set(Type::Int64), items.to_vec()).unwrap() {
        Value::Set(set) => set,
        other => panic!("{other}"),
    };
    let map = |entries: &[(i64, i64)]| match Value::create(
        &Type::map(Type::Int64, Type::Int64),
        Native::map(entries.to_vec()),
    )
    .unwrap()
    {
        Value::Map(map) => map,
        other => panic!("{other}"),
    };
    let mut s = set(&[1, 5]);
    s.union(&set(&[5, 3])).unwrap();
    s.union(&set(&[4])).unwrap();
    s.subtract(&set(&[1, 9])).unwrap();
    assert_eq!(s, set(&[3, 4, 5]));
    let mut m = map(&[(1, 1), (5, 5)]);
    m.union(&map(&[(5, 6), (0, 0)])).unwrap();
    assert_eq!(m, map(&[(0, 0), (1, 1), (5, 6)]));
    // Many at once take another way.
    m.union(&map(&[(-1, 7), (0, 7), (2, 7), (3, 7), (5, 7), (9, 7)])).unwrap();
    assert_eq!(m, map(&[(-1, 7), (0, 7), (1, 1), (2, 7), (3, 7), (5, 7), (9, 7)]));
    m.update(&map(&[(1, 8), (4, 8)])).unwrap();
    m.subtract(&set(&[-1, 0, 2, 3, 44])).unwrap();
    assert_eq!(m, map(&[(1, 8), (5, 7), (9, 7)]));
}
