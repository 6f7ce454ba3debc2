use super::*;
use crate::MAX_DEPTH;
use crate::codec::{DecodeErrorKind, decode_path, decode_value, encode_path, encode_value};
use crate::fixture::{fixture, uuid};
use crate::types::{KeyTarget, Numeric, Type};
use crate::value::{AnyValue, Key, Native, Value, XArrayValue};

fn parsed(text: &str, ty: &Type) -> Value {
    Value::parse(text, ty, &fixture().definitions).unwrap()
}

#[test]
fn paths_are_built_step_by_step_and_print_as_they_are_written() {
    let position = uuid(1);
    let path = Path::from_field("items").index(0).field("name");
    assert_eq!(path.to_string(), ".items[0].name");
    assert_eq!(Path::from_index(1).key(Value::from("k")).unwrap().to_string(), "[1]['k']?");
    assert_eq!(Path::from_key(Value::from(3)).position(position).to_string(), format!("[3][{{{position}}}]"));
    assert_eq!(Path::from_position(position).to_string(), format!("[{{{position}}}]"));
    assert_eq!(Path::from_unwrap().to_string(), "?");
    assert_eq!(Path::root().to_string(), ".");
    assert_eq!(path.parent(), Some(Path::from_field("items").index(0)));
    assert_eq!(Path::root().parent(), None);
    let ancestors: Vec<String> = path.ancestors().map(|path| path.to_string()).collect();
    assert_eq!(ancestors, [".items[0]", ".items", "."]);
    assert!(Path::from_field("items").is_prefix_of(&path));
    assert!(!path.is_prefix_of(&Path::from_field("items")));
}

#[test]
fn entries_and_elements_are_irregular_and_cannot_be_written_through() {
    let map_type = Type::map(Type::String, Type::Int8);
    let set_type = Type::set(Type::Int8);
    let (mut map, mut set) = (parsed("{'a': 1}", &map_type), parsed("{1}", &set_type));
    let entry = Path::from_entry(Value::from("a"));
    let element = Path::from_element(Value::from(1_i8));
    assert_eq!(Path::from_field("tags").element(Value::from("x")).regularized(), Path::from_field("tags"));
    assert_eq!(Path::from_index(1).regularized(), Path::from_index(1));
    assert!(!entry.is_regular() && !element.is_regular());
    assert_eq!(entry.at(&map), Ok(&Value::from("a")));
    assert_eq!(element.at(&set), Ok(&Value::from(1_i8)));
    assert_eq!(entry.set(&mut map, Value::from("b")), Err(Unresolved::Irregular));
    assert_eq!(element.set(&mut set, Value::from(2_i8)), Err(Unresolved::Irregular));
    assert_eq!(element.at_mut(&mut set), Err(Unresolved::Irregular));
    assert_eq!(entry.check(&map_type).unwrap().single(), Some(&Type::String));
    assert_eq!(element.check(&set_type).unwrap().single(), Some(&Type::Int8));
}

#[test]
fn every_kind_of_place_is_checked_against_its_type() {
    let f = fixture();
    let check = |path: Path, ty: Type| path.check(&ty).map_err(|e| e.to_string());
    let one = |ty: Type| Ok(PlaceTypes::OneOf(vec![ty]));
    let login = Type::Structure(f.login.clone());
    let mat = Type::mat(Numeric::Float, 2, 3).unwrap();
    let tuple = Type::tuple(vec![Type::Bool, Type::Blob]).unwrap();
    let variant = Type::variant(vec![Type::Int8, Type::vector(Type::Bool)]).unwrap();
    assert_eq!(check(Path::from_field("nickname"), login.clone()), one(Type::String));
    assert_eq!(check(Path::from_index(7), Type::vector(Type::Blob)), one(Type::Blob));
    assert_eq!(check(Path::from_index(1), tuple.clone()), one(Type::Blob));
    assert_eq!(check(Path::from_index(1), mat.clone()), one(Type::vec(Numeric::Float, 3).unwrap()));
    assert_eq!(check(Path::from_index(1).index(2), mat.clone()), one(Type::Float));
    assert_eq!(check(Path::from_position(uuid(1)), Type::xarray(Type::Int8)), one(Type::Int8));
    assert_eq!(check(Path::from_unwrap(), Type::optional(Type::Int8)), one(Type::Int8));
    assert_eq!(check(Path::from_unwrap(), Type::Any), Ok(PlaceTypes::Any));
    let both = PlaceTypes::OneOf(vec![Type::Int8, Type::vector(Type::Bool)]);
    assert_eq!(check(Path::from_unwrap(), variant.clone()), Ok(both));
    assert_eq!(check(Path::from_unwrap().index(0), variant), one(Type::Bool));
    let refused = |path: Path, ty: Type| check(path, ty).unwrap_err();
    assert_eq!(
        refused(Path::from_field("nicname"), login.clone()),
        ".nicname: Tuto::Login has no field `nicname`, did you mean `nickname`?"
    );
    assert_eq!(refused(Path::from_index(0), login), "[0]: Tuto::Login has no indexed items");
    assert_eq!(
        refused(Path::from_index(2), tuple),
        "[2]: tuple<bool, blob> has 2 items, so the last index is 1"
    );
    assert_eq!(
        refused(Path::from_index(2), mat),
        "[2]: mat<float, 2, 3> has 2 items, so the last index is 1"
    );
    assert_eq!(
        refused(Path::from_key(Value::from(1)), Type::map(Type::String, Type::Bool)),
        "[1]: 1 is not a string"
    );
    assert_eq!(refused(Path::from_unwrap(), Type::Bool), "?: bool has no value to unwrap");
}

#[test]
fn a_key_of_a_path_may_be_of_any_kind_that_the_map_admits() {
    let f = fixture();
    let map = Type::map(Type::key(KeyTarget::Concept(f.user.clone())), Type::Bool);
    let of =
        |concept: &std::sync::Arc<crate::Concept>| Path::from_key(Key::new(concept.clone(), uuid(1)).into());
    assert!(of(&f.admin).check(&map).is_ok());
    assert!(of(&f.stranger).check(&map).is_err());
}

#[test]
fn a_missing_place_says_what_is_missing() {
    let map = parsed("{'a': 1}", &Type::map(Type::String, Type::Int8));
    let list = parsed("[1]", &Type::vector(Type::Int8));
    let text = format!("[{{{}}}: 1, {{{}}}: removed]", uuid(1), uuid(2));
    let array = parsed(&text, &Type::xarray(Type::Int8));
    let nil = Value::zero(&Type::optional(Type::Int8));
    assert_eq!(Path::from_key(Value::from("b")).at(&map), Err(Unresolved::MissingKey));
    assert_eq!(Path::from_index(1).at(&list), Err(Unresolved::IndexOutOfRange));
    assert_eq!(Path::from_index(u64::MAX).at(&list), Err(Unresolved::IndexOutOfRange));
    assert_eq!(Path::from_position(uuid(2)).at(&array), Err(Unresolved::RemovedPosition));
    assert_eq!(Path::from_position(uuid(3)).at(&array), Err(Unresolved::UnknownPosition));
    assert_eq!(Path::from_unwrap().at(&nil), Err(Unresolved::Nil));
    assert_eq!(Path::from_unwrap().at(&Value::zero(&Type::Any)), Err(Unresolved::Nil));
    assert_eq!(Path::from_field("x").at(&list), Err(Unresolved::OtherType));
    let element = Path::root().with(PathComponent::Element(Value::from(1_i8)));
    assert_eq!(element.at(&Value::zero(&Type::set(Type::Int8))), Err(Unresolved::MissingElement));
}

#[test]
fn setting_a_key_inserts_an_unwrap_fills_and_a_position_revives() {
    let mut map = parsed("{'a': 1}", &Type::map(Type::String, Type::Int8));
    Path::from_key(Value::from("b")).set(&mut map, Value::from(2_i8)).unwrap();
    assert_eq!(map.to_string(), "{'a': 1, 'b': 2}");
    let mut nil = Value::zero(&Type::optional(Type::Int8));
    Path::from_unwrap().set(&mut nil, Value::from(2_i8)).unwrap();
    assert_eq!(nil.to_string(), "Optional(2)");
    let slots = vec![(uuid(1), None), (uuid(2), Some(Value::from(1_i8)))];
    let mut array = Value::XArray(XArrayValue::new(Type::Int8.into(), slots).unwrap());
    Path::from_position(uuid(1)).set(&mut array, Value::from(5_i8)).unwrap();
    assert_eq!(array.to_string(), "[5, 1]");
    assert_eq!(
        Path::from_position(uuid(3)).set(&mut array, Value::from(5_i8)),
        Err(Unresolved::UnknownPosition)
    );
    let mut nothing = Value::zero(&Type::Any);
    assert_eq!(Path::from_unwrap().set(&mut nothing, Value::from(5_i8)), Err(Unresolved::Nil));
}

#[test]
fn a_refused_value_changes_nothing() {
    let f = fixture();
    let account = Value::zero(&Type::Structure(f.account));
    let mut changed = account.clone();
    for (path, value) in [
        (Path::from_field("age"), Value::from(1)),
        (Path::from_field("place").index(0), Value::from(1.0)),
        (Path::from_field("place").index(9), Value::from(1.0_f32)),
        (Path::from_field("scores").key(Value::from("x")), Value::from(1)),
        (Path::from_field("contact").unwrap().field("nickname"), Value::from("x")),
        (Path::root(), Value::from(1)),
    ] {
        path.set(&mut changed, value).unwrap_err();
        assert_eq!(changed, account, "{path}");
    }
}

#[test]
fn a_key_set_in_a_variant_moves_to_the_first_alternative_that_admits_it() {
    let f = fixture();
    let [user, admin] = [&f.user, &f.admin].map(|c| Type::key(KeyTarget::Concept(c.clone())));
    let ty = Type::variant(vec![admin, user]).unwrap();
    let plain = Key::new(f.user.clone(), uuid(1));
    let mut value = Value::create(&ty, plain).unwrap();
    Path::from_unwrap().set(&mut value, Key::new(f.admin, uuid(1)).into()).unwrap();
    assert_eq!(decode_value(&encode_value(&value), &ty, &f.definitions), Ok(value));
}

#[test]
fn a_document_does_not_grow_deeper_than_can_be_read() {
    let deep = (0..MAX_DEPTH - 2).fold(Value::zero(&Type::Any), |v, _| Value::Any(AnyValue::new(v)));
    let mut list = Value::create(&Type::vector(Type::Any), [Native::None]).unwrap();
    Path::from_index(0).set(&mut list, deep.clone()).unwrap();
    let deeper = Value::Any(AnyValue::new(deep));
    assert_eq!(Path::from_index(0).set(&mut list, deeper), Err(Unresolved::TooDeep));
}

#[test]
fn a_path_is_no_longer_than_documents_are_deep() {
    let f = fixture();
    let unwraps = |count| (0..count).fold(Path::root(), |path, _| path.unwrap());
    let (fits, long) = (unwraps(MAX_DEPTH - 1), unwraps(MAX_DEPTH));
    assert_eq!(decode_path(&encode_path(&fits), &f.definitions), Ok(fits.clone()));
    assert_eq!(decode_path(&encode_path(&long), &f.definitions).unwrap_err().kind(), &DecodeErrorKind::Depth);
    assert!(fits.check(&Type::Any).is_ok());
    assert_eq!(long.check(&Type::Any).unwrap_err().kind, PathErrorKind::TooLong);
    assert!(Path::parse(&fits.to_string(), &Type::Any, &f.definitions).is_ok());
    assert!(Path::parse(&long.to_string(), &Type::Any, &f.definitions).is_err());
}

#[test]
fn paths_compare_by_their_steps() {
    let [a, b] = [Path::from_index(1), Path::from_index(2)];
    assert!(a < b);
    assert!(Path::root() < a);
    assert_eq!(a, Path::root().index(1));
}
