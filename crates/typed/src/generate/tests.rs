use super::*;

fn model(text: &str) -> Definitions {
    parse(&Sources::single("test.dsm", text)).model.unwrap()
}

#[test]
fn keywords_and_names_of_the_prelude_are_escaped() {
    let model = model(
        "namespace Self {11111111-2222-4333-8444-555555555555} {
            concept String; struct Option { bool type; int8 self; int8 aB; int8 a_b; };
            enum fn { Self, match };
        };",
    );
    let code = rust(&model).unwrap();
    for expected in [
        "pub mod self_ {",
        "pub struct StringKey(Key);",
        "pub struct Option2 {",
        "pub r#type: bool,",
        "pub self_: i8,",
        "pub a_b2: i8,",
        "pub enum Fn2 {",
        "    Self2,",
        "    Match,",
        "Place::from_path(anabranch::model::Path::from_field(\"type\"))",
    ] {
        assert!(code.contains(expected), "{expected} is not in\n{code}");
    }
}

#[test]
fn defaults_are_those_of_the_model() {
    let model = model(
        "namespace N {11111111-2222-4333-8444-555555555555} {
            enum E { a, b };
            struct In { E e = .b; vec<float, 3> v = {1, 1, 1}; };
            struct Out { In same; In other = {.a, {1, 2, 3}}; string s = \"\\\"x\\\"\"; set<int8> n = {2, 1}; double d = 1e300; };
        };",
    );
    let code = rust(&model).unwrap();
    for expected in [
        "e: E::B,",
        "v: [1.0; 3],",
        "same: In::default(),",
        "other: In { e: E::A, v: [1.0, 2.0, 3.0] },",
        r#"s: String::from("\"x\""),"#,
        "n: BTreeSet::from([1, 2]),",
        "d: 1e300,",
    ] {
        assert!(code.contains(expected), "{expected} is not in\n{code}");
    }
}

#[test]
fn what_rust_cannot_order_is_a_list() {
    let model = model(
        "namespace N {11111111-2222-4333-8444-555555555555} {
            struct P { double x; };
            struct S { set<P> a; set<string> b; map<float, string> c; map<uuid, P> d; vector<set<any>> e; };
        };",
    );
    let code = rust(&model).unwrap();
    for expected in [
        "a: Vec<P>,",
        "b: BTreeSet<String>,",
        "c: Vec<(f32, String)>,",
        "d: BTreeMap<Uuid, P>,",
        "e: Vec<Vec<AnyValue>>,",
    ] {
        assert!(code.contains(expected), "{expected} is not in\n{code}");
    }
}

#[test]
fn a_tuple_that_rust_has_no_type_for_is_refused_with_its_place() {
    let types = ["int8"; 13].join(", ");
    let model = model(&format!(
        "namespace N {{11111111-2222-4333-8444-555555555555}} {{ struct S {{ vector<tuple<{types}>> wide; }}; }};"
    ));
    let error = rust(&model).unwrap_err();
    assert_eq!(
        error.to_string(),
        "N::S.wide has a tuple of 13 values; Rust takes at most 12: make it a struct"
    );
}

#[test]
fn the_same_model_gives_the_same_text() {
    let text = "namespace N {11111111-2222-4333-8444-555555555555} { concept A; concept B is a A; club C;
        membership C B; membership C A; struct S { variant<key<A>, string> v; }; };";
    assert_eq!(rust(&model(text)), rust(&model(text)));
}
