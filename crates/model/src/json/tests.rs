use serde_json::{Value as Json, json};

use super::*;
use crate::fixture::{Fixture, fixture, uuid};
use crate::types::{KeyTarget, Numeric, Type};
use crate::value::{
    AnyValue, Key, MatValue, OptionalValue, SetValue, StructureValue, Value, VariantValue, XArrayValue,
};

/// Checks that `value` has this JSON form and that the form reads back.
fn both_ways(fixture: &Fixture, ty: &Type, value: Value, form: Json) {
    assert_eq!(encode(&value), form);
    let text = form.to_string();
    let read: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(decode(&read, ty, &fixture.definitions), Ok(value), "{text}");
}

fn read(json: Json, ty: &Type) -> Result<Value, String> {
    decode(&json, ty, &fixture().definitions).map_err(|e| e.to_string())
}

fn refused(json: Json, ty: &Type) -> String {
    read(json, ty).unwrap_err()
}

#[test]
fn scalars_are_as_such() {
    let f = fixture();
    both_ways(&f, &Type::Bool, Value::Bool(true), json!(true));
    both_ways(&f, &Type::Int64, Value::Int64(i64::MIN), json!(i64::MIN));
    both_ways(&f, &Type::UInt64, Value::UInt64(u64::MAX), json!(u64::MAX));
    both_ways(&f, &Type::Double, Value::Double(0.1), json!(0.1));
    both_ways(&f, &Type::String, Value::from("é\n\0"), json!("é\n\0"));
    both_ways(&f, &Type::Blob, Value::Blob([1, 2, 255, 0].as_slice().into()), json!("AQL/AA=="));
    both_ways(&f, &Type::Uuid, Value::Uuid(uuid(1)), json!("00000000-0000-0000-0000-000000000001"));
    let id = crate::BlobId::of(b"x");
    both_ways(&f, &Type::BlobId, Value::BlobId(id), json!(id.to_string()));
    let id = crate::CommitId::of(b"x");
    both_ways(&f, &Type::CommitId, Value::CommitId(id), json!(id.to_string()));
}

#[test]
fn floats_have_the_fewest_digits_and_every_value() {
    let f = fixture();
    both_ways(&f, &Type::Float, Value::Float(0.1), json!(0.1));
    both_ways(&f, &Type::Float, Value::Float(f32::MIN_POSITIVE / 4.0), json!(2.938736e-39));
    both_ways(&f, &Type::Float, Value::Float(f32::MAX), json!(3.4028235e38));
    both_ways(&f, &Type::Double, Value::Double(-0.0), json!(-0.0));
    both_ways(&f, &Type::Double, Value::Double(f64::NAN), json!("NaN"));
    both_ways(&f, &Type::Float, Value::Float(f32::INFINITY), json!("Infinity"));
    both_ways(&f, &Type::Double, Value::Double(f64::NEG_INFINITY), json!("-Infinity"));
    assert_ne!(read(json!(-0.0), &Type::Double), Ok(Value::Double(0.0)));
    assert_eq!(read(json!(1), &Type::Float), Ok(Value::Float(1.0)));
    assert_eq!(refused(json!(1e300), &Type::Float), "$: 1e+300 is out of range for float");
    assert_eq!(refused(json!("nan"), &Type::Float), "$: expected a number, found the text \"nan\"");
}

#[test]
fn integers_are_range_checked_and_never_rounded() {
    assert_eq!(refused(json!(256), &Type::Int8), "$: 256 is out of range for int8");
    assert_eq!(refused(json!(-1), &Type::UInt64), "$: -1 is out of range for uint64");
    assert_eq!(refused(json!(3.5), &Type::Int32), "$: 3.5 cannot become int32 without losing information");
    assert_eq!(refused(json!(true), &Type::Int32), "$: expected int32, found true");
    assert_eq!(read(json!(3.0), &Type::Int32), Ok(Value::Int32(3)));
    let long: Json = serde_json::from_str("18446744073709551616").unwrap();
    assert!(refused(long, &Type::UInt64).contains("out of range"));
    let rounded: Json = serde_json::from_str("9007199254740993.0").unwrap();
    assert!(refused(rounded, &Type::Int64).contains("out of range"));
}

#[test]
fn containers_are_arrays() {
    let f = fixture();
    let vec = Type::vec(Numeric::Int32, 3).unwrap();
    both_ways(&f, &vec, Value::parse("(1, 2, 3)", &vec, &f.definitions).unwrap(), json!([1, 2, 3]));
    let mat = Type::mat(Numeric::Double, 2, 3).unwrap();
    let Type::Mat(mat_type) = &mat else { unreachable!() };
    both_ways(&f, &mat, Value::Mat(MatValue::identity(mat_type)), json!([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]));
    let tuple = Type::tuple(vec![Type::String, Type::Bool]).unwrap();
    both_ways(&f, &tuple, Value::parse("('a', true)", &tuple, &f.definitions).unwrap(), json!(["a", true]));
    let map = Type::map(Type::String, Type::vector(Type::Int8));
    both_ways(
        &f,
        &map,
        Value::parse("{'a': [1], 'b': []}", &map, &f.definitions).unwrap(),
        json!([["a", [1]], ["b", []]]),
    );
    assert_eq!(refused(json!([1, 2]), &vec), "$: vec<int32, 3> takes 3 values, 2 were given");
    assert_eq!(refused(json!([1.0]), &mat), "$: mat<double, 2, 3> takes 6 values, 1 were given");
    assert_eq!(refused(json!(["a"]), &tuple), "$: tuple<string, bool> takes 2 values, 1 were given");
    assert_eq!(refused(json!([["a", [1, 999]]]), &map), "$[0][1][1]: 999 is out of range for int8");
    assert_eq!(
        refused(json!([["a"]]), &map),
        "$[0]: expected an array of a key and a value, found an array of 1"
    );
    assert_eq!(refused(json!([["a", []], ["a", [1]]]), &map), "$: `'a'` stands twice");
}

#[test]
fn sets_and_maps_may_stand_in_any_order_and_members_twice() {
    let set = Type::set(Type::Int8);
    let expected = SetValue::new(Type::Int8.into(), vec![Value::Int8(1), Value::Int8(2)]).unwrap();
    assert_eq!(read(json!([2, 1, 2]), &set), Ok(Value::Set(expected)));
    let map = Type::map(Type::Int8, Type::Bool);
    assert_eq!(read(json!([[2, true], [1, false]]), &map), read(json!([[1, false], [2, true]]), &map));
}

#[test]
fn nil_is_null_and_a_value_inline() {
    let f = fixture();
    let ty = Type::optional(Type::String);
    let element = std::sync::Arc::new(Type::String);
    both_ways(&f, &ty, Value::Optional(OptionalValue::nil(element.clone())), Json::Null);
    let full = OptionalValue::new(element, Some(Value::from("x"))).unwrap();
    both_ways(&f, &ty, Value::Optional(full), json!("x"));
}

#[test]
fn an_optional_of_what_may_be_null_wraps_what_it_holds() {
    let f = fixture();
    let inner = std::sync::Arc::new(Type::optional(Type::Bool));
    let ty = Type::Optional(inner.clone());
    let nil = Value::zero(&inner);
    both_ways(&f, &ty, Value::Optional(OptionalValue::nil(inner.clone())), Json::Null);
    both_ways(&f, &ty, Value::Optional(OptionalValue::new(inner, Some(nil)).unwrap()), json!([null]));
    let any = std::sync::Arc::new(Type::Any);
    let nothing = OptionalValue::new(any.clone(), Some(Value::Any(AnyValue::empty()))).unwrap();
    both_ways(&f, &Type::Optional(any), Value::Optional(nothing), json!([null]));
}

#[test]
fn a_structure_is_an_object_and_missing_fields_keep_their_defaults() {
    let f = fixture();
    let ty = Type::Structure(f.login.clone());
    let initial = Value::Structure(StructureValue::initial(f.login.clone()));
    both_ways(&f, &ty, initial.clone(), json!({"nickname": "nobody", "password": ""}));
    assert_eq!(read(json!({"unheard of": 1}), &ty), Ok(initial));
    assert_eq!(
        encode(&read(json!({"password": "x"}), &ty).unwrap()),
        json!({"nickname": "nobody", "password": "x"})
    );
    assert_eq!(refused(json!({"password": 1}), &ty), "$.password: expected a text, found 1");
    assert_eq!(refused(json!([]), &ty), "$: expected an object for Tuto::Login, found an array of 0");
    let account = Type::Structure(f.account.clone());
    assert_eq!(
        refused(json!({"scores": [["a", [1, "b"]]]}), &account),
        "$.scores[0][1][1]: expected a number, found the text \"b\""
    );
}

#[test]
fn a_member_that_is_no_field_is_ignored_unless_read_strictly() {
    let f = fixture();
    let account = Type::Structure(f.account.clone());
    let form = json!({"age": 7, "login": {"nikname": "alice"}});
    assert!(decode(&form, &account, &f.definitions).is_ok());
    let error = decode_strict(&form, &account, &f.definitions).unwrap_err().to_string();
    assert_eq!(error, "$.login: Tuto::Login has no field `nikname`, did you mean `nickname`?");
    assert!(decode_strict(&json!({"login": {"nickname": "alice"}}), &account, &f.definitions).is_ok());
}

#[test]
fn enumerations_are_cases_with_a_dot() {
    let f = fixture();
    let ty = Type::Enumeration(f.status.clone());
    let active = Value::parse(".active", &ty, &f.definitions).unwrap();
    both_ways(&f, &ty, active, json!(".active"));
    assert_eq!(refused(json!(".activ"), &ty), "$: Tuto::Status has no case `activ`, did you mean `active`?");
    assert_eq!(
        refused(json!("active"), &ty),
        "$: expected a case of Tuto::Status, such as \".pending\", found the text \"active\""
    );
}

#[test]
fn keys_are_instance_and_concept() {
    let f = fixture();
    let user = Type::key(KeyTarget::Concept(f.user.clone()));
    let instance = uuid(7);
    let concept = f.admin.runtime_id().to_string();
    let key = Value::Key(Key::new(f.admin.clone(), instance));
    both_ways(&f, &user, key, json!([instance.to_string(), concept]));
    let nil = uuid(0).to_string();
    both_ways(&f, &user, Value::Key(Key::null()), json!([nil, nil]));
    // A plain instance where the target is one concept.
    let plain = Value::Key(Key::new(f.user.clone(), instance));
    assert_eq!(read(json!(instance.to_string()), &user), Ok(plain));
    let any = Type::key(KeyTarget::AnyConcept);
    assert!(refused(json!(instance.to_string()), &any).contains("expected an array of instance and concept"));
    let stranger = json!([instance.to_string(), f.stranger.runtime_id().to_string()]);
    assert_eq!(refused(stranger, &user), "$: a key of Tuto::Stranger cannot stand for Tuto::User");
    let everyone = Type::key(KeyTarget::Club(f.everyone.clone()));
    let unknown = json!([instance.to_string(), instance.to_string()]);
    assert_eq!(refused(unknown, &everyone), "$[1]: there is no concept 00000000-0000-0000-0000-000000000007");
}

#[test]
fn any_and_variant_name_their_type() {
    let f = fixture();
    both_ways(&f, &Type::Any, Value::Any(AnyValue::empty()), Json::Null);
    both_ways(
        &f,
        &Type::Any,
        Value::Any(AnyValue::new(Value::Int8(1))),
        json!({"type": {"class_name": "primitive", "name": "int8"}, "value": 1}),
    );
    let types = vec![Type::String, Type::Structure(f.login.clone())];
    let ty = Type::variant(types.clone()).unwrap();
    both_ways(
        &f,
        &ty,
        Value::Variant(
            VariantValue::new(types.into(), Value::zero(&Type::Structure(f.login.clone()))).unwrap(),
        ),
        json!({
            "type": {
                "class_name": "structure",
                "runtime_id": f.login.runtime_id().to_string(),
                "name": "Tuto::Login",
            },
            "value": {"nickname": "nobody", "password": ""},
        }),
    );
    // A type as DSM reads.
    assert_eq!(encode(&read(json!({"type": "string", "value": "x"}), &ty).unwrap())["value"], json!("x"));
    assert_eq!(
        refused(json!({"type": "bool", "value": true}), &ty),
        "$.type: expected variant<string, Tuto::Login>, found bool"
    );
    assert_eq!(refused(json!({"value": true}), &ty), "$: `type` is missing");
    assert_eq!(refused(json!(1), &ty), "$: expected an object of a type and a value, found 1");
    assert_eq!(
        refused(json!({"type": "Tuto::Logn", "value": 1}), &ty),
        "$.type: column 1: there is no type Tuto::Logn, did you mean `Tuto::Login`?"
    );
}

#[test]
fn an_xarray_keeps_positions_and_tombstones() {
    let f = fixture();
    let ty = Type::xarray(Type::Int8);
    let [a, b, c] = [uuid(1), uuid(2), uuid(3)].map(|u| u.to_string());
    let slots = vec![(uuid(2), Some(Value::Int8(5))), (uuid(1), None), (uuid(3), Some(Value::Int8(6)))];
    let value = Value::XArray(XArrayValue::new(Type::Int8.into(), slots).unwrap());
    both_ways(&f, &ty, value, json!([[b, a, c], [a], {b.clone(): 5, c.clone(): 6}]));
    let refused = |json| refused(json, &ty);
    assert_eq!(refused(json!([[a], [], {}])), format!("$: position {a} has no element and is not removed"));
    assert_eq!(
        refused(json!([[a], [a], {a.clone(): 1}])),
        format!("$: position {a} is removed, yet has an element")
    );
    assert_eq!(
        refused(json!([[], [a], {}])),
        format!("$: position {a} is removed, but is not among the positions")
    );
    assert_eq!(
        refused(json!([[], [], {a.clone(): 1}])),
        format!("$: position {a} has an element, but is not among the positions")
    );
    assert_eq!(refused(json!([[a, a], [a], {}])), format!("$: position {a} stands twice"));
    assert_eq!(refused(json!([["x"], [], {}])), "$[0][0]: `x` is not a UUID");
    assert_eq!(
        refused(json!([[a], [], {a.clone(): 300}])),
        format!("$[2][\"{a}\"]: 300 is out of range for int8")
    );
    assert_eq!(
        refused(json!([[], []])),
        "$: expected an array of positions, removed positions and elements, found an array of 2"
    );
}

#[test]
fn every_class_of_type_reads_back() {
    let f = fixture();
    let account = Type::Structure(f.account.clone());
    let types = [
        Type::UInt16,
        Type::Any,
        Type::vec(Numeric::Float, 3).unwrap(),
        Type::mat(Numeric::Double, 4, 2).unwrap(),
        Type::tuple(vec![Type::Bool, account.clone()]).unwrap(),
        Type::variant(vec![Type::Bool, Type::Enumeration(f.status.clone())]).unwrap(),
        Type::optional(Type::vector(Type::set(Type::xarray(Type::Blob)))),
        Type::map(Type::Uuid, account),
        Type::key(KeyTarget::AnyConcept),
        Type::key(KeyTarget::Concept(f.admin.clone())),
        Type::key(KeyTarget::Club(f.everyone.clone())),
    ];
    for ty in types {
        assert_eq!(decode_type(&encode_type(&ty), &f.definitions), Ok(ty.clone()));
        assert_eq!(Type::parse(&ty.to_string(), &f.definitions), Ok(ty));
    }
}

#[test]
fn a_type_that_is_none_says_where() {
    let f = fixture();
    let refused = |json| decode_type(&json, &f.definitions).unwrap_err().to_string();
    assert_eq!(refused(json!(1)), "$: expected a type, found 1");
    assert_eq!(refused(json!({})), "$: `class_name` is missing");
    assert_eq!(
        refused(json!({"class_name": "vectr"})),
        "$.class_name: there is no class of types vectr, did you mean `vector`?"
    );
    assert_eq!(
        refused(
            json!({"class_name": "optional", "element_type": {"class_name": "primitive", "name": "int"}})
        ),
        "$.element_type.name: there is no primitive type int, did you mean `int8`?"
    );
    assert_eq!(
        refused(json!({"class_name": "vec", "element_type": "string", "size": 2})),
        "$.element_type: expected a numeric type, found the text \"string\""
    );
    assert_eq!(
        refused(json!({"class_name": "vec", "element_type": "float", "size": 0})),
        "$: a vec has 1 to 4096 elements, not 0"
    );
    assert_eq!(
        refused(json!({"class_name": "tuple", "types": ["bool", 3]})),
        "$.types[1]: expected a type, found 3"
    );
    let mut deep = json!("bool");
    for _ in 0..80 {
        deep = json!({"class_name": "optional", "element_type": deep});
    }
    assert!(refused(deep).ends_with("types nest at most 64 deep"));
}

#[test]
fn values_under_any_do_not_nest_for_ever() {
    let mut deep = json!(null);
    for _ in 0..200 {
        deep = json!({"type": "any", "value": deep});
    }
    assert!(refused(deep, &Type::Any).ends_with("values nest at most 64 deep"));
}
