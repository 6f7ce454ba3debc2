//! Replays the test vectors of `docs/spec/vectors/`, which were written by another implementation of the specification.

#![expect(clippy::expect_used, reason = "tests")]

use anabranch_model::codec::definition::{decode_definition, definition_meaning, encode_definition};
use anabranch_model::codec::{
    DecodeError, Reader, Writer, decode_path, decode_value, encode_path, encode_value, read_type, write_type,
};
use anabranch_model::{Definitions, Path, Type, json};
use serde_json::Value as Json;

const SPECIFICATION: &str = include_str!("../../../docs/spec/encoding.md");
const DEFINITIONS: &str = include_str!("../../../docs/spec/vectors/definitions.json");
const TYPES: &str = include_str!("../../../docs/spec/vectors/types.json");
const VALUES: &str = include_str!("../../../docs/spec/vectors/values.json");
const PATHS: &str = include_str!("../../../docs/spec/vectors/paths.json");

/// The vectors of one list of a file.
fn vectors(file: &str, list: &str) -> Vec<Json> {
    let file: Json = serde_json::from_str(file).expect("a file of vectors");
    file[list].as_array().expect("a list of vectors").clone()
}

fn text<'v>(vector: &'v Json, member: &str) -> &'v str {
    vector[member].as_str().expect("a text")
}

fn bytes(vector: &Json, member: &str) -> Vec<u8> {
    let digits = text(vector, member);
    let pair = |i| u8::from_str_radix(&digits[i..i + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(pair).collect()
}

fn definitions() -> Definitions {
    let stored: Vec<_> = vectors(DEFINITIONS, "definitions").iter().map(|v| bytes(v, "stored")).collect();
    Definitions::decode(stored).expect("sound definitions")
}

fn ty(vector: &Json, member: &str, definitions: &Definitions) -> Type {
    Type::parse(text(vector, member), definitions).expect("a sound type")
}

fn decode_type(bytes: &[u8], definitions: &Definitions) -> Result<Type, DecodeError> {
    let mut reader = Reader::new(bytes);
    let ty = read_type(&mut reader, definitions)?;
    reader.finish()?;
    Ok(ty)
}

/// Checks that each is refused with the error that its vector gives: the whole, or the part without the place.
fn check_refused<T>(file: &str, decode: impl Fn(&Json) -> Result<T, DecodeError>) {
    for vector in vectors(file, "refused") {
        let expected = text(&vector, "error");
        let error = decode(&vector).err().map(|error| error.to_string());
        let is_expected = error.as_deref().is_some_and(|error| {
            if expected.starts_with("at byte") { error == expected } else { error.ends_with(expected) }
        });
        assert!(is_expected, "{}: {error:?}, expected {expected:?}", vector["name"]);
    }
}

#[test]
fn definitions_have_their_ids_and_stored_forms() {
    let definitions = definitions();
    for vector in vectors(DEFINITIONS, "definitions") {
        let stored = bytes(&vector, "stored");
        let definition = decode_definition(&stored, &definitions).expect("a sound definition");
        assert_eq!(definition.runtime_id().to_string(), text(&vector, "runtime_id"), "{vector}");
        assert_eq!(definition_meaning(&definition), bytes(&vector, "meaning"), "{vector}");
        assert_eq!(encode_definition(&definition), stored, "{vector}");
        assert_eq!(
            (definition.kind(), &*definition.name().name),
            (text(&vector, "kind"), text(&vector, "name"))
        );
    }
}

#[test]
fn faulty_definitions_are_refused() {
    let definitions = definitions();
    check_refused(DEFINITIONS, |vector| decode_definition(&bytes(vector, "hex"), &definitions));
}

#[test]
fn types_have_their_encoding() {
    let definitions = definitions();
    for vector in vectors(TYPES, "types") {
        let ty = ty(&vector, "type", &definitions);
        let mut writer = Writer::new();
        write_type(&mut writer, &ty);
        assert_eq!(writer.into_bytes(), bytes(&vector, "hex"), "{ty}");
        assert_eq!(decode_type(&bytes(&vector, "hex"), &definitions), Ok(ty));
    }
}

#[test]
fn faulty_types_are_refused() {
    let definitions = definitions();
    check_refused(TYPES, |vector| decode_type(&bytes(vector, "hex"), &definitions));
}

#[test]
fn values_have_their_encoding_and_json() {
    let definitions = definitions();
    for vector in vectors(VALUES, "values") {
        let name = &vector["name"];
        let ty = ty(&vector, "type", &definitions);
        let encoding = bytes(&vector, "hex");
        let value = decode_value(&encoding, &ty, &definitions).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(encode_value(&value), encoding, "{name}");
        // As text, so that -0.0 and 0.0, 1 and 1.0 are told apart.
        assert_eq!(json::encode(&value).to_string(), vector["json"].to_string(), "{name}");
        assert_eq!(json::decode(&vector["json"], &ty, &definitions), Ok(value), "{name}");
    }
}

#[test]
fn faulty_values_are_refused() {
    let definitions = definitions();
    check_refused(VALUES, |vector| {
        decode_value(&bytes(vector, "hex"), &ty(vector, "type", &definitions), &definitions)
    });
}

#[test]
fn paths_have_their_text_and_encoding() {
    let definitions = definitions();
    for vector in vectors(PATHS, "paths") {
        let root = ty(&vector, "root", &definitions);
        let path = Path::parse(text(&vector, "text"), &root, &definitions)
            .unwrap_or_else(|e| panic!("{}: {e}", vector["name"]));
        assert_eq!(path.to_string(), text(&vector, "text"));
        assert!(path.check(&root).is_ok(), "{path}");
        assert_eq!(encode_path(&path), bytes(&vector, "hex"), "{path}");
        assert_eq!(decode_path(&bytes(&vector, "hex"), &definitions), Ok(path));
    }
}

#[test]
fn faulty_paths_are_refused() {
    let definitions = definitions();
    check_refused(PATHS, |vector| decode_path(&bytes(vector, "hex"), &definitions));
}

#[test]
fn the_annotated_bytes_of_the_specification_are_those_of_the_vectors() {
    let all = [vectors(VALUES, "values"), vectors(PATHS, "paths")].concat();
    let mut found = 0;
    let mut blocks = SPECIFICATION.split("```hex\n");
    let mut before = blocks.next().unwrap_or_default();
    for block in blocks {
        // The name of the vector is the first thing in backquotes of the paragraph above.
        let paragraph = before.trim_end().rsplit("\n\n").next().unwrap_or_default();
        let name = paragraph.split('`').nth(1).expect("a name above the block");
        let (lines, after) = block.split_once("```").expect("the end of the block");
        let code = lines.lines().map(|line| line.split(';').next().unwrap_or_default());
        let digits: String = code.collect::<String>().split_whitespace().collect();
        let vector = all.iter().find(|vector| vector["name"] == name).expect("a vector of this name");
        assert_eq!(digits, text(vector, "hex"), "{name}");
        found += 1;
        before = after;
    }
    assert_eq!(found, 6);
}

#[test]
fn there_are_vectors_enough_and_each_has_a_name_of_its_own() {
    let lists = [(DEFINITIONS, "definitions"), (TYPES, "types"), (VALUES, "values"), (PATHS, "paths")];
    let count: usize =
        lists.iter().map(|(file, list)| vectors(file, list).len() + vectors(file, "refused").len()).sum();
    assert!(count >= 300, "{count}");
    for (file, list) in lists.iter().flat_map(|(file, list)| [(*file, *list), (*file, "refused")]) {
        let mut names: Vec<String> = vectors(file, list).iter().map(|v| v["name"].to_string()).collect();
        names.retain(|name| name != "null");
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{list}");
    }
}
