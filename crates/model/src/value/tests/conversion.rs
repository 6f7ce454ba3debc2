use crate::fixture::{field, fixture, structure, uuid};
use crate::types::{KeyTarget, Numeric, Type};
use crate::value::{Key, Native, Value};

fn created(ty: &Type, input: impl Into<Native>) -> String {
    Value::create(ty, input).unwrap().description()
}

fn refused(ty: &Type, input: impl Into<Native>) -> String {
    Value::create(ty, input).unwrap_err().to_string()
}

#[test]
fn whole_numbers_fit_or_are_refused() {
    assert_eq!(created(&Type::Int8, -128), "-128:int8");
    assert_eq!(created(&Type::UInt64, u64::MAX), format!("{}:uint64", u64::MAX));
    assert_eq!(refused(&Type::Int8, 256), "256 is out of range for int8");
    assert_eq!(refused(&Type::UInt8, -1), "-1 is out of range for uint8");
    assert_eq!(refused(&Type::Int32, 3.5), "3.5 cannot become int32 without losing information");
    assert_eq!(created(&Type::Int32, 3.0), "3:int32");
    assert_eq!(refused(&Type::Int32, -0.0), "-0.0 cannot become int32 without losing information");
    assert_eq!(refused(&Type::Int64, 1e300), "1e300 is out of range for int64");
    assert_eq!(refused(&Type::Int64, f64::INFINITY), "inf is out of range for int64");
    assert_eq!(refused(&Type::Int64, f64::NAN), "NaN cannot become int64 without losing information");
    assert_eq!(refused(&Type::Int64, true), "expected int64, found true");
    assert_eq!(refused(&Type::Bool, 1), "expected bool, found 1");
}

#[test]
fn whole_numbers_become_floats_where_that_is_exact() {
    assert_eq!(created(&Type::Double, 3), "3.0:double");
    assert_eq!(created(&Type::Float, 1 << 24), "16777216.0:float");
    assert_eq!(
        refused(&Type::Float, (1 << 24) + 1),
        "16777217 cannot become float without losing information"
    );
    assert_eq!(
        refused(&Type::Double, (1_i64 << 53) + 1),
        "9007199254740993 cannot become double without losing information"
    );
    assert_eq!(
        refused(&Type::Double, i128::MAX),
        format!("{} cannot become double without losing information", i128::MAX)
    );
    assert_eq!(created(&Type::Double, i128::MIN), "-1.7014118346046923e38:double");
}

#[test]
fn fractions_are_rounded_to_a_float_within_its_range() {
    assert_eq!(created(&Type::Float, 0.1), "0.1:float");
    assert_eq!(refused(&Type::Float, 1e300), "1e300 is out of range for float");
    assert_eq!(created(&Type::Float, f64::INFINITY), "inf:float");
    assert_eq!(created(&Type::Float, f64::NAN), "NaN:float");
}

#[test]
fn sequences_become_what_the_place_holds() {
    let vec = Type::vec(Numeric::Float, 2).unwrap();
    let mat = Type::mat(Numeric::Double, 2, 3).unwrap();
    let tuple = Type::tuple(vec![Type::String, Type::Int8]).unwrap();
    assert_eq!(created(&vec, [1, 2]), "(1.0, 2.0):vec<float, 2>");
    assert_eq!(created(&mat, [[1, 2, 3], [4, 5, 6]]), "[(1.0, 2.0, 3.0), (4.0, 5.0, 6.0)]:mat<double, 2, 3>");
    assert_eq!(created(&mat, [1, 2, 3, 4, 5, 6]), created(&mat, [[1, 2, 3], [4, 5, 6]]));
    assert_eq!(created(&Type::vector(Type::Int8), [3, 1]), "[3, 1]:vector<int8>");
    assert_eq!(created(&Type::set(Type::Int8), [3, 1, 3]), "{1, 3}:set<int8>");
    assert_eq!(created(&Type::set(Type::Int8), Native::set([3, 1])), "{1, 3}:set<int8>");
    assert_eq!(created(&tuple, Native::tuple(["a".into(), 1.into()])), "('a', 1):tuple<string, int8>");
    assert_eq!(created(&Type::xarray(Type::Int8), [5, 4]), "[5, 4]:xarray<int8>");
    assert_eq!(refused(&vec, [1, 2, 3]), "vec<float, 2> takes 2 values, 3 were given");
    assert_eq!(refused(&mat, [1, 2]), "mat<double, 2, 3> takes 6 values, 2 were given");
    assert_eq!(refused(&mat, [[1, 2], [3, 4]]), "[0]: vec<double, 3> takes 3 values, 2 were given");
    assert_eq!(refused(&tuple, ["a"]), "tuple<string, int8> takes 2 values, 1 were given");
    assert_eq!(
        refused(&Type::vector(Type::Int8), Native::set([1])),
        "expected vector<int8>, found a set of 1"
    );
    assert_eq!(refused(&Type::vector(Type::Int8), "abc"), "expected vector<int8>, found 'abc'");
}

#[test]
fn maps_become_structures_whose_missing_fields_keep_their_defaults() {
    let f = fixture();
    let login = Type::Structure(f.login.clone());
    assert_eq!(
        Value::create(&login, Native::map([("password", "x")])).unwrap().to_string(),
        "{nickname='nobody', password='x'}"
    );
    assert_eq!(
        refused(&login, Native::map([("nikname", "x")])),
        "Tuto::Login has no field `nikname`, did you mean `nickname`?"
    );
    assert_eq!(
        refused(&login, Native::map([("password", "x"), ("password", "y")])),
        "`password` stands twice"
    );
    assert_eq!(refused(&login, Native::map([(1, "x")])), "`1` is not a name of a field");
    assert_eq!(refused(&login, Native::None), "expected Tuto::Login, found None");
}

#[test]
fn maps_become_maps() {
    let map = Type::map(Type::Int8, Type::Double);
    assert_eq!(created(&map, Native::map([(2, 1), (1, 5)])), "{1: 5.0, 2: 1.0}:map<int8, double>");
    let twice = Native::map([(Native::Int(1), 1), (Native::Float(1.0), 2)]);
    assert_eq!(refused(&map, twice), "`1` stands twice");
    assert_eq!(refused(&map, Native::map([(1, "x")])), "[1]: expected double, found 'x'");
    assert_eq!(refused(&map, Native::map([(300, 1)])), "[300]: 300 is out of range for int8");
}

#[test]
fn the_place_of_an_error_is_a_path() {
    let person = structure("Person", vec![field("age", Type::Int8, None)]);
    let people = structure("People", vec![field("items", Type::vector(Type::Structure(person)), None)]);
    let age = |age: i32| Native::map([("age", age)]);
    let items = Native::map([("items", vec![age(1), age(2), age(3), age(256)])]);
    assert_eq!(refused(&Type::Structure(people), items), ".items[3].age: 256 is out of range for int8");
}

#[test]
fn nothing_becomes_nil() {
    let optional = Type::optional(Type::Int8);
    assert_eq!(created(&optional, ()), "nil:optional<int8>");
    assert_eq!(created(&optional, 5), "Optional(5):optional<int8>");
    assert_eq!(created(&Type::optional(optional), ()), "nil:optional<optional<int8>>");
    assert_eq!(created(&Type::Any, ()), "nil:any");
    assert_eq!(created(&Type::Any, [1, 2]), "Any([1, 2]):any");
    assert_eq!(refused(&Type::Int8, ()), "expected int8, found None");
}

#[test]
fn cases_go_by_name_or_index() {
    let f = fixture();
    let status = Type::Enumeration(f.status.clone());
    for input in [Native::from("active"), ".active".into(), 1.into(), Value::from("active").into()] {
        assert_eq!(created(&status, input), ".active:Tuto::Status");
    }
    assert_eq!(refused(&status, "actve"), "Tuto::Status has no case `actve`, did you mean `active`?");
    assert_eq!(refused(&status, 3), "Tuto::Status has no case `3`");
    assert_eq!(refused(&status, -1), "Tuto::Status has no case `-1`");
}

#[test]
fn texts_become_ids() {
    let id = crate::BlobId::of(b"x");
    assert_eq!(Value::create(&Type::BlobId, id.to_string()), Ok(Value::BlobId(id)));
    assert_eq!(Value::create(&Type::BlobId, id), Ok(Value::BlobId(id)));
    assert_eq!(Value::create(&Type::Uuid, uuid(5).to_string()), Ok(Value::Uuid(uuid(5))));
    assert_eq!(refused(&Type::Uuid, "x"), "`x` is not a UUID");
    assert_eq!(refused(&Type::CommitId, "12"), "`12` is not a commit id of 64 hexadecimal digits");
}

#[test]
fn keys_go_up_and_down_to_what_they_are() {
    let f = fixture();
    let [user, admin, stranger] =
        [&f.user, &f.admin, &f.stranger].map(|c| Type::key(KeyTarget::Concept(c.clone())));
    let everyone = Type::key(KeyTarget::Club(f.everyone.clone()));
    let key = Value::Key(Key::new(f.admin.clone(), uuid(1)));
    for ty in [&user, &admin, &everyone, &Type::key(KeyTarget::AnyConcept)] {
        assert_eq!(key.convert(ty), Ok(key.clone()), "{ty}");
    }
    assert_eq!(
        key.convert(&stranger).unwrap_err().to_string(),
        "a key of Tuto::Admin cannot stand for Tuto::Stranger"
    );
    let plain = Value::Key(Key::new(f.user.clone(), uuid(1)));
    assert_eq!(
        plain.convert(&admin).unwrap_err().to_string(),
        "a key of Tuto::User cannot stand for Tuto::Admin"
    );
    assert!(plain.convert(&everyone).is_err());
    assert_eq!(Value::create(&user, uuid(1)), Ok(plain.clone()));
    assert_eq!(Value::create(&user, uuid(1).to_string()), Ok(plain));
    assert!(refused(&everyone, uuid(1)).ends_with("without its concept"));
    assert_eq!(Value::Key(Key::null()).convert(&stranger), Ok(Value::Key(Key::null())));
    let keys = Value::create(&Type::vector(user.clone()), vec![key]).unwrap();
    assert!(keys.convert(&Type::vector(admin)).is_ok());
    assert_eq!(
        keys.convert(&Type::vector(stranger)).unwrap_err().to_string(),
        "[0]: a key of Tuto::Admin cannot stand for Tuto::Stranger"
    );
}

#[test]
fn a_variant_prefers_the_type_that_the_input_is_for() {
    let types = |types: &[Type]| Type::variant(types.to_vec()).unwrap();
    let number = types(&[Type::Double, Type::Int64, Type::Bool, Type::String]);
    assert_eq!(created(&number, 3).split(':').next(), Some("Variant(3)"));
    assert_eq!(created(&number, 3.5).split(':').next(), Some("Variant(3.5)"));
    assert_eq!(created(&number, true).split(':').next(), Some("Variant(true)"));
    let narrow = types(&[Type::Int8, Type::Int64]);
    assert_eq!(created(&narrow, 300).split(':').next(), Some("Variant(300)"));
    assert_eq!(created(&types(&[Type::Bool, Type::Double]), 3).split(':').next(), Some("Variant(3.0)"));
    assert_eq!(refused(&types(&[Type::Bool, Type::Int8]), 300), "300 is out of range for int8");
    assert_eq!(refused(&types(&[Type::Bool, Type::Int8]), "x"), "expected variant<bool, int8>, found 'x'");
}

#[test]
fn values_convert_between_types_when_nothing_is_lost() {
    let converted =
        |value: &Value, ty: &Type| value.convert(ty).map(|v| v.description()).map_err(|e| e.to_string());
    let ok = |text: &str| Ok::<_, String>(text.to_owned());
    assert_eq!(converted(&Value::Int64(5), &Type::UInt8), ok("5:uint8"));
    assert_eq!(converted(&Value::Double(0.5), &Type::Float), ok("0.5:float"));
    assert_eq!(
        converted(&Value::Double(0.1), &Type::Float),
        Err("0.1 cannot become float without losing information".to_owned())
    );
    assert_eq!(converted(&Value::Float(0.1), &Type::Double), ok("0.10000000149011612:double"));
    assert_eq!(converted(&Value::Double(4.0), &Type::Int8), ok("4:int8"));
    assert_eq!(converted(&Value::Int8(4), &Type::Any), ok("Any(4):any"));
    assert_eq!(
        converted(&Value::Int8(4), &Type::optional(Type::Double)),
        ok("Optional(4.0):optional<double>")
    );
    let vector = Value::deduce([1, 2]).unwrap();
    let vec = Type::vec(Numeric::UInt8, 2).unwrap();
    let tuple = Type::tuple(vec![Type::Int8, Type::Double]).unwrap();
    assert_eq!(converted(&vector, &vec), ok("(1, 2):vec<uint8, 2>"));
    assert_eq!(converted(&vector, &tuple), ok("(1, 2.0):tuple<int8, double>"));
    assert_eq!(converted(&vector.convert(&vec).unwrap(), &vector.ty()), ok("[1, 2]:vector<int64>"));
    assert_eq!(
        converted(&vector, &Type::set(Type::Int64)),
        Err("expected set<int64>, found vector<int64>".to_owned())
    );
    let set = Value::deduce(Native::set([2, 1])).unwrap();
    assert_eq!(converted(&set, &Type::set(Type::Double)), ok("{1.0, 2.0}:set<double>"));
    assert_eq!(converted(&set, &vector.ty()), ok("[1, 2]:vector<int64>"));
    let any = Value::create(&Type::Any, 7).unwrap();
    assert_eq!(converted(&any, &Type::Int64), ok("7:int64"));
    assert_eq!(converted(&any, &Type::Int8), Err("expected int8, found any".to_owned()));
    assert_eq!(converted(&Value::zero(&Type::Any), &Type::Int8), Err("expected int8, found any".to_owned()));
    let map = Value::deduce(Native::map([("a", 1)])).unwrap();
    assert_eq!(
        converted(&map, &Type::map(Type::String, Type::Bool)),
        Err("['a']: expected bool, found int64".to_owned())
    );
    let variant = Value::create(&Type::variant(vec![Type::Int8, Type::Bool]).unwrap(), 1).unwrap();
    let wider = Type::variant(vec![Type::String, Type::Int64, Type::Int8]).unwrap();
    assert_eq!(converted(&variant, &wider), ok("Variant(1):variant<string, int64, int8>"));
    let other = Type::variant(vec![Type::String, Type::Int64]).unwrap();
    assert!(variant.convert(&other).is_err());
    assert_eq!(converted(&variant, &Type::Int8), ok("1:int8"));
    assert_eq!(converted(&Value::Bool(true), &Type::Int8), Err("expected int8, found bool".to_owned()));
}

#[test]
fn an_xarray_converts_with_its_positions() {
    let f = fixture();
    let text = format!("[{{{}}}: 1, {{{}}}: removed]", uuid(1), uuid(2));
    let value = Value::parse(&text, &Type::xarray(Type::Int8), &f.definitions).unwrap();
    let wider = Value::parse(&text, &Type::xarray(Type::Int64), &f.definitions).unwrap();
    assert_eq!(value.convert(&Type::xarray(Type::Int64)), Ok(wider));
}

#[test]
fn types_are_deduced() {
    let f = fixture();
    let deduced = |input: Native| Value::deduce(input).unwrap().description();
    assert_eq!(deduced(true.into()), "true:bool");
    assert_eq!(deduced(5.into()), "5:int64");
    assert_eq!(deduced(u64::MAX.into()), format!("{}:uint64", u64::MAX));
    assert_eq!(deduced(0.5.into()), "0.5:double");
    assert_eq!(deduced("x".into()), "'x':string");
    assert_eq!(deduced(b"xy".as_slice().into()), "blob(2):blob");
    assert_eq!(deduced(Native::None), "nil:any");
    assert_eq!(deduced([1, 2].into()), "[1, 2]:vector<int64>");
    assert_eq!(deduced(Native::set([2, 1])), "{1, 2}:set<int64>");
    assert_eq!(deduced(Native::map([("a", 1.5)])), "{'a': 1.5}:map<string, double>");
    assert_eq!(deduced(Native::tuple([1.into(), "x".into()])), "(1, 'x'):tuple<int64, string>");
    assert_eq!(deduced([Native::from(1), 2.5.into()].into()), "[1.0, 2.5]:vector<double>");
    assert_eq!(deduced([Native::from(1), Native::None].into()), "[Optional(1), nil]:vector<optional<int64>>");
    assert_eq!(deduced([Native::from(1), "x".into()].into()), "[Any(1), Any('x')]:vector<any>");
    assert_eq!(deduced(Native::List(vec![])), "[]:vector<any>");
    assert_eq!(
        deduced([Native::from(1), u64::MAX.into()].into()),
        format!("[1, {}]:vector<uint64>", u64::MAX)
    );
    assert_eq!(
        deduced([Native::from(-1), u64::MAX.into()].into()),
        format!("[Any(-1), Any({})]:vector<any>", u64::MAX)
    );
    let long = (1_i64 << 53) + 1;
    assert_eq!(
        deduced([Native::from(long), 0.5.into()].into()),
        format!("[Any({long}), Any(0.5)]:vector<any>")
    );
    let [a, b] = [&f.user, &f.stranger].map(|c| Native::from(Key::new(c.clone(), uuid(1))));
    assert!(deduced([a.clone(), b].into()).ends_with(":vector<key<any_concept>>"));
    assert!(deduced([a].into()).ends_with(":vector<key<Tuto::User>>"));
    let error = Value::deduce(i128::MAX).unwrap_err().to_string();
    assert!(error.ends_with("is out of range for int64"), "{error}");
    let error = Value::deduce(Native::tuple([])).unwrap_err().to_string();
    assert_eq!(error, "a tuple lists at least one type");
}

#[test]
fn input_does_not_nest_for_ever() {
    let deep = (0..200).fold(Native::None, |inner, _| Native::List(vec![inner]));
    assert_eq!(Value::deduce(deep).unwrap_err().kind, crate::value::ValueErrorKind::Depth);
    // Mixed lists hold `any`s, which are levels of their own.
    let mixed = (0..40).fold(Native::None, |inner, _| Native::List(vec![inner, 1.into(), "x".into()]));
    assert_eq!(Value::deduce(mixed).unwrap_err().kind, crate::value::ValueErrorKind::Depth);
}
