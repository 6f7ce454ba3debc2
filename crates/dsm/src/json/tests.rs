use serde_json::{Value, json};

use super::{DecodeOptions, JsonError, decode, decode_str, encode};
use crate::source::Sources;

fn model() -> anabranch_model::Definitions {
    let text = r#"
        namespace Studio {7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10} {
            """An asset."""
            concept Asset;
            concept Texture is a Asset;
            club Pickable;
            membership Pickable Texture;
            enum Unit { metre, inch };
            struct Size { int32 width = 3; Unit unit = .inch; vec<float, 2> scale = {1, 2}; };
            attachment<Asset, map<string, Size>> sizes;
        };
        function_pool Tools {dc9740c9-9d1d-4c1e-9caa-4c8843b91e82} { int64 add(int64 a, key<Asset> b); };
        attachment_function_pool Model {9bdcbb5b-76e9-426f-b8a6-a10ed2d949e6} { mutable void clear(); };"#;
    crate::parse(&Sources::single("m.dsm", text)).model.unwrap()
}

fn document() -> Value {
    encode(&model())
}

/// What is said about the document with one place changed; a pointer to nothing there adds a key.
fn error(pointer: &str, value: Value) -> String {
    let mut document = document();
    match document.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => {
            let (above, key) = pointer.rsplit_once('/').unwrap();
            document.pointer_mut(above).unwrap()[key] = value;
        }
    }
    decode(&document).unwrap_err().to_string()
}

fn error_without(pointer: &str, key: &str) -> String {
    let mut document = document();
    document.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    decode(&document).unwrap_err().to_string()
}

#[test]
fn the_root_is_an_object_of_seven_arrays() {
    assert_eq!(
        decode(&json!([])).unwrap_err().to_string(),
        "the document: expected an object, found an array"
    );
    assert_eq!(error_without("", "clubs"), "clubs: this key is missing");
    assert_eq!(error("/views", json!([])), "views: this key is unknown");
    assert_eq!(error("/clubs", json!({})), "clubs: expected an array, found an object");
}

#[test]
fn wrong_kinds_are_named_by_their_paths() {
    assert_eq!(error("/concepts/0", json!(null)), "concepts[0]: expected an object, found null");
    assert_eq!(error("/concepts/0/name", json!(5)), "concepts[0].name: expected a string, found a number");
    assert_eq!(
        error("/structures/0/fields/2/type/size", json!("2")),
        "structures[0].fields[2].type.size: expected a whole number, zero or above, found a string"
    );
    assert_eq!(
        error("/structures/0/fields/2/type/size", json!(-2)),
        "structures[0].fields[2].type.size: expected a whole number, zero or above, found a number"
    );
    assert_eq!(
        error("/attachment_function_pools/0/functions/0/is_mutable", json!("yes")),
        "attachment_function_pools[0].functions[0].is_mutable: expected true or false, found a string"
    );
    assert_eq!(
        error("/structures/0/fields/0/default_value/value", json!(3)),
        "structures[0].fields[0].default_value.value: expected a string, found a number"
    );
}

#[test]
fn missing_and_unknown_keys_are_named_by_their_paths() {
    assert_eq!(
        error_without("/structures/0/fields/1", "default_value"),
        "structures[0].fields[1].default_value: this key is missing"
    );
    assert_eq!(
        error_without("/structures/0/fields/1/type", "class_name"),
        "structures[0].fields[1].type.class_name: this key is missing"
    );
    assert_eq!(error("/clubs/0/parent", json!(null)), "clubs[0].parent: this key is unknown");
    assert_eq!(
        error("/concepts/1/parent", json!(null)),
        "concepts[1].parent: expected an object, found null"
    );
    assert_eq!(
        error("/function_pools/0/functions/0/is_mutable", json!(true)),
        "function_pools[0].functions[0].is_mutable: this key is unknown"
    );
}

#[test]
fn unknown_discriminators_are_named_by_their_paths() {
    assert_eq!(
        error("/structures/0/fields/1/type/class_name", json!("list")),
        "structures[0].fields[1].type.class_name: `list` is none of reference, vec, mat, tuple, optional, vector, set, map, \
         xarray, variant, key"
    );
    assert_eq!(
        error("/attachments/0/key_type/class_name", json!("key")),
        "attachments[0].key_type.class_name: `key` is none of reference"
    );
    assert_eq!(
        error("/attachments/0/key_type/domain", json!("entity")),
        "attachments[0].key_type.domain: `entity` is none of any, primitive, concept, club, any_concept, enumeration, structure"
    );
    assert_eq!(
        error("/structures/0/fields/0/default_value/class_name", json!("literal")),
        "structures[0].fields[0].default_value.class_name: `literal` is none of literal_value, literal_list"
    );
    assert_eq!(
        error("/structures/0/fields/0/default_value/domain", json!("number")),
        "structures[0].fields[0].default_value.domain: `number` is none of none, boolean, integer, float, double, string, uuid, \
         enumeration_case"
    );
    assert_eq!(
        error("/structures/0/fields/2/default_value/members/0/domain", json!("none")),
        "structures[0].fields[2].default_value.members[0]: `none` is none of boolean, integer, float, double, string, uuid, \
         enumeration_case"
    );
}

#[test]
fn texts_must_have_their_form() {
    assert_eq!(
        error("/concepts/0/namespace_uuid", json!("7e6e")),
        "concepts[0].namespace_uuid: `7e6e` is no UUID"
    );
    assert_eq!(
        error("/concepts/0/namespace_uuid", json!("{7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10}")),
        "concepts[0].namespace_uuid: `{7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10}` is no UUID"
    );
    assert_eq!(error("/structures/0/runtime_id", json!("x")), "structures[0].runtime_id: `x` is no UUID");
    assert_eq!(
        error("/concepts/0/name", json!("An asset")),
        "concepts[0].name: `An asset` is no name: a letter, then letters, digits and `_`"
    );
    assert_eq!(
        error("/structures/0/fields/0/default_value/value", json!("3.0")),
        "structures[0].fields[0].default_value.value: `3.0` is no whole number"
    );
    assert_eq!(
        error("/structures/0/fields/2/default_value/members/0/value", json!("NaN")),
        "structures[0].fields[2].default_value.members[0].value: `NaN` is no number"
    );
}

#[test]
fn references_agree_with_what_they_refer_to() {
    assert_eq!(
        error("/attachments/0/key_type/namespace_uuid", json!("7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a11")),
        "attachments[0].key_type.namespace_uuid: the namespace `Studio` has another UUID"
    );
    assert_eq!(
        error("/attachments/0/key_type/domain", json!("club")),
        "attachments[0].key_type: there is no club called `Studio::Asset`"
    );
    assert_eq!(
        error("/structures/0/fields/0/type/name", json!("int")),
        "structures[0].fields[0].type.name: `int` is no name of this domain"
    );
    assert_eq!(
        error("/structures/0/fields/0/type/namespace_name", json!("Studio")),
        "structures[0].fields[0].type.namespace_name: `Studio` is no empty text, as this domain has no namespace"
    );
}

#[test]
fn rules_of_the_language_hold_for_json_too() {
    assert_eq!(
        error("/concepts/1/parent/name", json!("Aset")),
        "concepts[1].parent: there is no concept called `Aset` in the namespace `Studio`; did you mean `Studio::Asset`?"
    );
    assert_eq!(
        error("/enumerations/0/members/1/name", json!("metre")),
        "enumerations[0].members[1].name: the enumeration `Unit` has two cases called `metre` (see \
         enumerations[0].members[0].name)\nstructures[0].fields[1].default_value: the enumeration `Unit` has no case `inch`; \
         the cases are `.metre`"
    );
    assert_eq!(
        error("/structures/0/fields/0/default_value/value", json!("3000000000")),
        "structures[0].fields[0].default_value: `3000000000` is out of range for `int32`; `int32` goes from -2147483648 to \
         2147483647"
    );
    assert_eq!(
        error("/structures/0/fields/2/default_value/members", json!([])),
        "structures[0].fields[2].default_value: a `vec<float, 2>` has 2 elements, not 0"
    );
    assert_eq!(
        error("/enumerations/0/members", json!([])),
        "enumerations[0].name: the enumeration `Unit` has no cases; an enumeration has 1 to 256 cases"
    );
    assert_eq!(
        error("/attachments/0/name", json!("sizes of")),
        "attachments[0].name: `sizes of` is no name: a letter, then letters, digits and `_`"
    );
    assert_eq!(
        error("/structures/0/name", json!("struct")),
        "structures[0].name: `struct` is a word of the language and cannot be the name of a structure\n\
         attachments[0].document_type.element_type: there is no type called `Size` in the namespace `Studio`"
    );
}

#[test]
fn deep_nesting_is_refused() {
    let mut ty = json!({ "class_name": "reference" });
    for _ in 0..500 {
        ty = json!({ "class_name": "vector", "element_type": ty });
    }
    let message = error("/attachments/0/document_type", ty);
    assert!(message.ends_with("element_type: nested too deeply"), "{message}");
}

#[test]
fn text_must_be_json_without_repeated_keys() {
    assert!(matches!(decode_str("{"), Err(JsonError::Syntax(_))));
    assert!(matches!(decode_str("{} {}"), Err(JsonError::Syntax(_))));
    let text = document().to_string().replacen("\"attachments\"", "\"clubs\": [], \"attachments\"", 1);
    assert_eq!(
        decode_str(&text).unwrap_err().to_string().split(" at line").next(),
        Some("this is no JSON document: the key `clubs` stands twice in one object")
    );
}

#[test]
fn runtime_ids_may_be_missing_and_are_derived() {
    let mut document = document();
    for kind in ["concepts", "clubs", "enumerations", "structures", "attachments"] {
        for definition in document[kind].as_array_mut().unwrap() {
            definition.as_object_mut().unwrap().remove("runtime_id").unwrap();
        }
    }
    assert_eq!(encode(&decode(&document).unwrap()), encode(&model()));
}

#[test]
fn runtime_ids_are_kept_when_asked_for() {
    let foreign = "00000000-0000-4000-8000-000000000001";
    let mut document = document();
    document["structures"][0]["runtime_id"] = json!(foreign);
    let derived = decode(&document).unwrap();
    assert_eq!(derived, model());
    let kept = DecodeOptions::default().with_runtime_ids(true).decode(&document).unwrap();
    assert_eq!(kept.find_structure("Studio::Size").unwrap().runtime_id().to_string(), foreign);
    assert_eq!(encode(&kept), document);
}

#[test]
fn two_definitions_cannot_keep_one_runtime_id() {
    let mut document = document();
    document["structures"][0]["runtime_id"] = document["enumerations"][0]["runtime_id"].clone();
    let error = DecodeOptions::default().with_runtime_ids(true).decode(&document).unwrap_err();
    let id = document["enumerations"][0]["runtime_id"].as_str().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "structures[0].name: {id} stands for enum Studio::Unit here and for struct Studio::Size there"
        )
    );
}
