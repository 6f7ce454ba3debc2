use crate::fixture::{fixture, uuid};
use crate::path::{Path, Unresolved};
use crate::types::Type;
use crate::value::{Native, Value};

#[test]
fn what_a_value_holds_comes_out_as_plain_rust() {
    let f = fixture();
    assert_eq!(Value::from(true).as_bool(), Some(true));
    assert_eq!(Value::from(7_u8).as_i64(), Some(7));
    assert_eq!(Value::from(u64::MAX).as_i64(), None);
    assert_eq!(Value::from(-1).as_u64(), None);
    assert_eq!(Value::from(0.5_f32).as_f64(), Some(0.5));
    assert_eq!(Value::from("x").as_str(), Some("x"));
    assert_eq!(Value::zero(&Type::Enumeration(f.status)).as_str(), Some("pending"));
    assert_eq!(Value::from(vec![1]).as_bytes(), Some([1].as_slice()));
    assert_eq!(Value::from(uuid(1)).as_uuid(), Some(uuid(1)));
    assert!(Value::zero(&Type::key(crate::KeyTarget::AnyConcept)).as_key().is_some_and(|key| key.is_null()));
    assert_eq!(Value::from(1).as_f64(), None);
    assert_eq!(Value::create(&Type::Any, 1_i64).unwrap().unwrapped(), Some(&Value::Int64(1)));
    assert_eq!(Value::zero(&Type::Any).unwrapped(), None);
}

#[test]
fn a_patched_value_leaves_the_first_as_it_was() {
    let f = fixture();
    let account = Type::Structure(f.account.clone());
    let first = Value::create(&account, Native::map([("age", 3)])).unwrap();
    let path = Path::from_field("login").field("nickname");
    let second = path.patch(&first, Value::from("alice")).unwrap();
    assert_eq!(second.get(&path), Some(&Value::from("alice")));
    assert_eq!(first.get(&path), Some(&Value::from("nobody")));
    assert_eq!(second.field("age"), first.field("age"));
    assert_eq!(first.patched(&path, Value::from(1)), Err(Unresolved::OtherType));
}
