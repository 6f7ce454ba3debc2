use crate::fixture::{fixture, uuid};
use crate::path::Path;
use crate::types::{KeyTarget, Numeric, Type};
use crate::value::Value;

#[test]
fn values_read_back_from_their_text() {
    let f = fixture();
    let id = crate::BlobId::of(b"x").to_string();
    let user = Type::key(KeyTarget::Concept(f.user.clone()));
    let cases = [
        (Type::String, r"'it\'s\n\\ é'"),
        (Type::Int64, "42"),
        (Type::Int8, "-128"),
        (Type::Double, "1.0"),
        (Type::Double, "-0.0"),
        (Type::Double, "1e300"),
        (Type::Double, "NaN"),
        (Type::Float, "-inf"),
        (Type::Float, "0.1"),
        (Type::Bool, "true"),
        (Type::Enumeration(f.status.clone()), ".active"),
        (Type::vector(Type::Int64), "[1, 2]"),
        (Type::vector(Type::Int64), "[]"),
        (Type::set(Type::Int64), "{1, 2}"),
        (Type::map(Type::String, Type::Int64), "{'a': 1}"),
        (Type::Structure(f.login.clone()), "{nickname='alice', password=''}"),
        (Type::tuple(vec![Type::String, Type::Int64]).unwrap(), "('a', 1)"),
        (Type::optional(Type::String), "nil"),
        (Type::optional(Type::String), "Optional('x')"),
        (Type::Uuid, "00000000-0000-0000-0000-000000000007"),
        (Type::BlobId, &id),
        (Type::vec(Numeric::Float, 3).unwrap(), "(1.0, 2.0, 3.0)"),
        (Type::mat(Numeric::Double, 2, 2).unwrap(), "[(1.0, 0.0), (0.0, 1.0)]"),
        (user.clone(), "Tuto::Admin:00000000-0000-0000-0000-000000000007"),
        (user, "null"),
    ];
    for (ty, text) in cases {
        let value = Value::parse(text, &ty, &f.definitions).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(value.to_string(), text);
        assert!(ty.admits(&value));
    }
}

#[test]
fn text_forms_say_what_their_blobs_and_types_are_only_in_summary() {
    let f = fixture();
    let read = |text: &str, ty: &Type| Value::parse(text, ty, &f.definitions).unwrap().to_string();
    assert_eq!(read("blob'0102030405'", &Type::Blob), "blob(5)");
    assert_eq!(read("Any(vector<int8>: [1])", &Type::Any), "Any([1])");
    let variant = Type::variant(vec![Type::Int8, Type::String]).unwrap();
    assert_eq!(read("Variant(string: 'x')", &variant), "Variant('x')");
    let position = uuid(3);
    let text = format!("[{{{position}}}: 1, {{{}}}: removed]", uuid(4));
    assert_eq!(read(&text, &Type::xarray(Type::Int8)), "[1]");
}

#[test]
fn a_description_adds_the_type() {
    let f = fixture();
    let value = Value::parse("[1, 2]", &Type::vector(Type::Int64), &f.definitions).unwrap();
    assert_eq!(value.description(), "[1, 2]:vector<int64>");
}

#[test]
fn a_text_that_is_no_value_says_where_and_why() {
    let f = fixture();
    let refused = |text: &str, ty: &Type| Value::parse(text, ty, &f.definitions).unwrap_err().to_string();
    let login = Type::Structure(f.login.clone());
    assert_eq!(refused("256", &Type::Int8), "column 1: 256 is out of range for int8");
    assert_eq!(
        refused(&"9".repeat(60), &Type::Int8),
        format!("column 1: {} is out of range for int8", "9".repeat(60))
    );
    assert_eq!(refused("1.5", &Type::Int8), "column 1: expected an integer, found `1.5`");
    assert_eq!(refused("1e300", &Type::Float), "column 1: 1e300 is out of range for float");
    assert_eq!(refused("[1, x]", &Type::vector(Type::Int8)), "column 5: expected an integer, found `x]`");
    assert_eq!(refused("[1, 2", &Type::vector(Type::Int8)), "column 6: expected `,` or `]`, found the end");
    assert_eq!(
        refused("{nickame='x'}", &login),
        "column 2: Tuto::Login has no field `nickame`, did you mean `nickname`?"
    );
    assert_eq!(refused("{nickname='x', nickname='y'}", &login), "column 16: `nickname` stands twice");
    assert_eq!(
        refused(".activ", &Type::Enumeration(f.status.clone())),
        "column 2: Tuto::Status has no case `activ`, did you mean `active`?"
    );
    assert_eq!(refused("'é", &Type::String), "column 3: the text does not end");
    assert_eq!(refused(r"'\x'", &Type::String), "column 2: the escape means nothing");
    assert_eq!(refused(r"'\u{110000}'", &Type::String), "column 2: the escape means nothing");
    assert_eq!(refused("true false", &Type::Bool), "column 6: expected the end, found `false`");
    assert_eq!(refused("blob'0'", &Type::Blob), "column 7: expected another hexadecimal digit, found `'`");
    let user = Type::key(KeyTarget::Concept(f.user.clone()));
    assert_eq!(
        refused("Tuto::Usr:00000000-0000-0000-0000-000000000007", &user),
        "column 1: there is no concept Tuto::Usr, did you mean `Tuto::User`?"
    );
    assert_eq!(
        refused("Tuto::Stranger:00000000-0000-0000-0000-000000000007", &user),
        "column 1: a key of Tuto::Stranger cannot stand for Tuto::User"
    );
}

#[test]
fn a_type_that_is_none_says_where_and_why() {
    let f = fixture();
    let refused = |text: &str| Type::parse(text, &f.definitions).unwrap_err().to_string();
    assert_eq!(refused(""), "column 1: expected a type, found the end");
    assert_eq!(refused("strng"), "column 1: there is no type strng, did you mean `string`?");
    assert_eq!(refused("vector<Logn>"), "column 8: there is no type Logn, did you mean `Tuto::Login`?");
    assert_eq!(refused("vec<string, 3>"), "column 5: expected a numeric type, found `string, 3>`");
    assert_eq!(refused("vec<float, 9999>"), "column 1: a vec has 1 to 4096 elements, not 9999");
    assert_eq!(refused("map<string>"), "column 11: expected `,`, found `>`");
    assert_eq!(refused("key<Usr>"), "column 5: there is no concept or club Usr, did you mean `Tuto::User`?");
    assert_eq!(refused("bool bool"), "column 6: expected the end, found `bool`");
    assert!(refused(&"optional<".repeat(100_000)).ends_with("types nest at most 64 deep"));
}

#[test]
fn a_bare_name_is_enough_where_one_namespace_has_it() {
    let f = fixture();
    assert_eq!(
        Type::parse("optional<Login>", &f.definitions),
        Ok(Type::optional(Type::Structure(f.login.clone())))
    );
    assert_eq!(
        Type::parse("key<Everyone>", &f.definitions),
        Ok(Type::key(KeyTarget::Club(f.everyone.clone())))
    );
}

#[test]
fn paths_read_back_from_their_text() {
    let f = fixture();
    let account = Type::Structure(f.account.clone());
    let position = uuid(9);
    let user = format!("Tuto::User:{}", uuid(7));
    for text in [
        ".".to_owned(),
        ".login.nickname".to_owned(),
        ".scores['a key\\'s'][0]".to_owned(),
        ".scores[entry 'x']".to_owned(),
        format!(".friends[element {user}]"),
        format!(".notes[{{{position}}}]"),
        ".place[1]".to_owned(),
        ".extra?".to_owned(),
        ".extra?.anything[0]['k']?".to_owned(),
        format!(".extra?[{{{position}}}]"),
        ".contact?.password".to_owned(),
    ] {
        let path = Path::parse(&text, &account, &f.definitions).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(path.to_string(), text);
        path.check(&account).unwrap();
    }
    assert_eq!(Path::parse("", &account, &f.definitions), Ok(Path::root()));
}

#[test]
fn the_keys_of_a_path_read_by_the_type_of_the_map() {
    let f = fixture();
    let user = Type::key(KeyTarget::Concept(f.user.clone()));
    let instance = uuid(7);
    let keyed = [
        (Type::Int8, "-3".to_owned()),
        (Type::Bool, "true".to_owned()),
        (Type::Double, "1.5".to_owned()),
        (Type::Enumeration(f.status.clone()), ".completed".to_owned()),
        (Type::Uuid, instance.to_string()),
        (user.clone(), format!("Tuto::Admin:{instance}")),
        (Type::Blob, "blob'00ff'".to_owned()),
        (Type::tuple(vec![Type::Int8, Type::String]).unwrap(), "(1, 'x')".to_owned()),
        (Type::variant(vec![Type::Int8, Type::Int16]).unwrap(), "Variant(int16: 5)".to_owned()),
        (Type::Any, "Any(float: 5.0)".to_owned()),
        (Type::xarray(Type::Int8), format!("[{{{instance}}}: 1, {{{}}}: removed]", uuid(8))),
    ];
    for (key, text) in keyed {
        let map = Type::map(key, Type::Bool);
        let text = format!("[{text}]");
        let path = Path::parse(&text, &map, &f.definitions).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(path.to_string(), text);
    }
    let map = Type::map(user, Type::Bool);
    let plain = Path::parse(&format!("[{instance}]"), &map, &f.definitions).unwrap();
    assert_eq!(plain.to_string(), format!("[Tuto::User:{instance}]"));
}

#[test]
fn a_path_through_a_variant_may_take_any_of_its_types() {
    let f = fixture();
    let login = Type::Structure(f.login.clone());
    let variant = Type::variant(vec![Type::vector(Type::Int8), login, Type::map(Type::String, Type::Int8)]);
    let variant = variant.unwrap();
    for text in ["?[3]", "?.nickname", "?['x']"] {
        assert_eq!(Path::parse(text, &variant, &f.definitions).unwrap().to_string(), text);
    }
    assert!(Path::parse("?.age", &variant, &f.definitions).is_err());
}

#[test]
fn a_text_that_is_no_path_says_where_and_why() {
    let f = fixture();
    let account = Type::Structure(f.account.clone());
    let refused = |text: &str| Path::parse(text, &account, &f.definitions).unwrap_err().to_string();
    assert_eq!(refused("login"), "column 1: expected `.field`, `[…]` or `?`, found `login`");
    assert_eq!(
        refused(".login.nikname"),
        "column 7: Tuto::Login has no field `nikname`, did you mean `nickname`?"
    );
    assert_eq!(refused(".login.nickname[0]"), "column 17: string has no items");
    assert_eq!(refused(".login?"), "column 7: Tuto::Login has no value to unwrap");
    assert_eq!(refused(".place[2]"), "column 7: vec<float, 2> has 2 items, so the last index is 1");
    assert_eq!(refused(".place[x]"), "column 8: expected an index, found `x]`");
    assert_eq!(refused(".scores[1]"), "column 9: expected a text in quotes, found `1]`");
    assert_eq!(refused(".scores['a'"), "column 12: expected `]`, found the end");
    assert_eq!(refused(".notes[0]"), "column 8: expected `{`, found `0]`");
    assert_eq!(
        refused(".extra?[x]"),
        "column 9: expected an index, a position in braces or a key in quotes, found `x]`"
    );
    assert_eq!(refused(".."), "column 2: expected the name of a field, found `.`");
}
