use std::sync::Arc;

use anabranch_model::{AnyValue, MapType, OptionalValue, TupleValue, Type, Uuid, VariantValue, VectorValue};

use super::*;

fn text(text: &str) -> Value {
    Value::from(text)
}

fn set(items: &[&str]) -> Value {
    let items = items.iter().map(|item| text(item)).collect();
    Value::Set(SetValue::new(Arc::new(Type::String), items).unwrap())
}

fn map(entries: &[(&str, Value)]) -> Value {
    let ty = entries.first().map_or(Type::String, |(_, value)| value.ty());
    let ty = Arc::new(MapType { key: Type::String, value: ty });
    let entries = entries.iter().map(|(key, value)| (text(key), value.clone())).collect();
    Value::Map(MapValue::new(ty, entries).unwrap())
}

/// Positions by number; a removed one has no text.
fn xarray(slots: &[(u128, Option<&str>)]) -> Value {
    let slots = slots.iter().map(|(position, value)| (Uuid::from_u128(*position), value.map(text))).collect();
    Value::XArray(XArrayValue::new(Arc::new(Type::String), slots).unwrap())
}

fn vector(items: &[Value]) -> Value {
    let ty = items.first().map_or(Type::Int64, Value::ty);
    Value::Vector(VectorValue::new(Arc::new(ty), items.to_vec()).unwrap())
}

fn numbers(items: &[i64]) -> Value {
    vector(&items.iter().map(|item| Value::Int64(*item)).collect::<Vec<_>>())
}

/// One line for each change: the path, what stood there, what stands there.
fn visible(before: &Value, after: &Value) -> Vec<String> {
    let show = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
    let changes = between(Some(before), Some(after)).visible;
    changes.iter().map(|c| format!("{}: {} -> {}", c.path, show(&c.before), show(&c.after))).collect()
}

#[test]
fn equal_values_differ_nowhere() {
    for value in [text("a"), set(&["a"]), map(&[("a", text("b"))]), xarray(&[(1, Some("a")), (2, None)])] {
        let changes = between(Some(&value), Some(&value.clone()));
        assert!(changes.visible.is_empty() && changes.hidden.is_empty());
    }
    assert!(between(None, None).visible.is_empty());
}

#[test]
fn an_absent_value_is_one_place() {
    let value = set(&["a", "b"]);
    let changes = between(None, Some(&value)).visible;
    assert_eq!(changes, [PlaceChange { path: Path::root(), before: None, after: Some(value) }]);
}

#[test]
fn sets_differ_by_element() {
    let changes = visible(&set(&["a", "b", "d"]), &set(&["b", "c", "d", "e"]));
    assert_eq!(changes, ["[element 'a']: 'a' -> -", "[element 'c']: - -> 'c'", "[element 'e']: - -> 'e'"]);
}

#[test]
fn maps_differ_by_key_and_inside_values() {
    let before = map(&[("a", set(&["x"])), ("b", set(&["x"])), ("c", set(&[]))]);
    let after = map(&[("a", set(&["x", "y"])), ("c", set(&[])), ("d", set(&["z"]))]);
    let changes = visible(&before, &after);
    assert_eq!(changes, ["['a'][element 'y']: - -> 'y'", "['b']: {'x'} -> -", "['d']: - -> {'z'}"]);
}

#[test]
fn xarrays_differ_by_position() {
    let before = xarray(&[(1, Some("a")), (2, Some("b")), (3, None)]);
    let after = xarray(&[(4, Some("d")), (1, Some("x")), (2, None), (3, Some("c"))]);
    let changes = visible(&before, &after);
    let at = |number: u128| format!("[{{{}}}]", Uuid::from_u128(number));
    assert_eq!(
        changes,
        [
            format!("{}: - -> 'd'", at(4)),
            format!("{}: 'a' -> 'x'", at(1)),
            format!("{}: - -> 'c'", at(3)),
            format!("{}: 'b' -> -", at(2)),
        ]
    );
}

#[test]
fn an_xarray_in_another_order_is_one_place() {
    let before = xarray(&[(1, Some("a")), (2, Some("b"))]);
    let after = xarray(&[(2, Some("b")), (1, Some("a"))]);
    assert_eq!(visible(&before, &after), [".: ['a', 'b'] -> ['b', 'a']"]);
}

#[test]
fn an_xarray_that_only_knows_more_positions_reads_the_same() {
    let before = xarray(&[(1, Some("a"))]);
    let after = xarray(&[(1, Some("a")), (2, None)]);
    let changes = between(Some(&before), Some(&after));
    assert!(changes.visible.is_empty());
    assert_eq!(changes.hidden.len(), 1);
}

#[test]
fn vectors_of_one_length_differ_by_index_unless_every_item_is_another() {
    assert_eq!(visible(&numbers(&[1, 2, 3]), &numbers(&[1, 5, 3])), ["[1]: 2 -> 5"]);
    assert_eq!(visible(&numbers(&[1, 2]), &numbers(&[3, 4])), [".: [1, 2] -> [3, 4]"]);
    assert_eq!(visible(&numbers(&[1, 2]), &numbers(&[1])), [".: [1, 2] -> [1]"]);
}

#[test]
fn items_that_change_inside_are_not_replaced() {
    let before = vector(&[set(&["a"]), set(&["b"])]);
    let after = vector(&[set(&["a", "c"]), set(&["b", "c"])]);
    assert_eq!(visible(&before, &after), ["[0][element 'c']: - -> 'c'", "[1][element 'c']: - -> 'c'"]);
}

#[test]
fn tuples_differ_by_index() {
    let types = Arc::new(vec![Type::Bool, Type::String]);
    let tuple = |first, second: &str| {
        Value::Tuple(TupleValue::new(types.clone(), vec![Value::Bool(first), text(second)]).unwrap())
    };
    assert_eq!(visible(&tuple(true, "a"), &tuple(true, "b")), ["[1]: 'a' -> 'b'"]);
}

#[test]
fn optionals_differ_inside_when_both_hold_something() {
    let ty = Arc::new(set(&["a"]).ty());
    let optional = |value: Option<Value>| Value::Optional(OptionalValue::new(ty.clone(), value).unwrap());
    assert_eq!(
        visible(&optional(Some(set(&["a"]))), &optional(Some(set(&["a", "b"])))),
        ["?[element 'b']: - -> 'b'"]
    );
    assert_eq!(visible(&optional(None), &optional(Some(set(&["a"])))), [".: nil -> Optional({'a'})"]);
}

#[test]
fn variants_and_anys_differ_inside_only_while_the_type_stays() {
    let types = Arc::new(vec![Type::Int64, Type::String]);
    let variant = |value| Value::Variant(VariantValue::new(types.clone(), value).unwrap());
    assert_eq!(visible(&variant(text("a")), &variant(text("b"))), ["?: 'a' -> 'b'"]);
    let change = between(Some(&variant(text("a"))), Some(&variant(Value::Int64(1)))).visible;
    assert_eq!(change[0].path, Path::root());

    let any = |value| Value::Any(AnyValue::new(value));
    assert_eq!(visible(&any(text("a")), &any(text("b"))), ["?: 'a' -> 'b'"]);
    assert_eq!(between(Some(&any(text("a"))), Some(&any(Value::Int64(1)))).visible[0].path, Path::root());
    assert_eq!(
        between(Some(&any(text("a"))), Some(&Value::Any(AnyValue::empty()))).visible[0].path,
        Path::root()
    );
}
