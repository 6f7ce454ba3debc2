//! Bytes and texts from anybody: no decoder panics on them or takes more memory than a multiple of their size.

#![expect(clippy::expect_used, reason = "tests")]

#[expect(dead_code, unreachable_pub, reason = "written for the test kit; each user takes some of it")]
#[path = "../../testkit/src/arbitrary.rs"]
mod arbitrary;

use std::sync::Mutex;

use anabranch_model::codec::definition::decode_definition;
use anabranch_model::codec::{Reader, decode_path, decode_value, encode_path, encode_value, read_type};
use anabranch_model::{Definitions, Path, Type, Value, json};
use arbitrary::{Model, models, places, types, values};
use peak_alloc::PeakAlloc;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Memory is counted for the whole process, so one test at a time counts it.
static COUNTING: Mutex<()> = Mutex::new(());

/// The bound that `docs/spec/encoding.md` promises: bytes of memory per byte of input, and some for errors.
const PER_BYTE: usize = 256;
const AT_LEAST: usize = 4096;

fn bounded<T>(what: &str, input: &[u8], decode: impl Fn(&[u8]) -> T) -> T {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let result = decode(input);
    let used = ALLOCATOR.peak_usage().saturating_sub(before);
    let bound = PER_BYTE * input.len() + AT_LEAST;
    assert!(
        used <= bound,
        "{what}: {used} bytes of memory for {} bytes, {:02x?}…",
        input.len(),
        &input[..input.len().min(40)]
    );
    result
}

/// A small generator, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// Bytes that look like CBOR more often than chance would have it.
    fn items(&mut self, length: usize) -> Vec<u8> {
        const HEADS: [u8; 20] = [
            0x00, 0x17, 0x18, 0x20, 0x38, 0x40, 0x50, 0x58, 0x60, 0x61, 0x80, 0x81, 0x82, 0x83, 0x98, 0xf4,
            0xf6, 0xf9, 0xfa, 0xfb,
        ];
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            match self.below(4) {
                0 => bytes.push(self.next() as u8),
                _ => bytes.push(HEADS[self.below(HEADS.len())]),
            }
        }
        bytes
    }

    /// The bytes with a few changes: flipped, dropped, doubled, replaced runs.
    fn damaged(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let place = self.below(bytes.len() + 1);
            match self.below(4) {
                0 if place < bytes.len() => bytes[place] = self.next() as u8,
                1 if place < bytes.len() => {
                    bytes.remove(place);
                }
                2 => bytes.insert(place, self.next() as u8),
                _ => {
                    let run = self.items(4);
                    bytes.splice(place..place, run);
                }
            }
        }
        bytes
    }
}

fn draw<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).expect("the strategies reject nothing").current()
}

fn decode_all(what: &str, bytes: &[u8], ty: &Type, definitions: &Definitions) {
    if let Ok(value) = bounded(what, bytes, |bytes| decode_value(bytes, ty, definitions)) {
        assert_eq!(encode_value(&value), bytes, "{what}");
    }
    if let Ok(path) = bounded(what, bytes, |bytes| decode_path(bytes, definitions)) {
        assert_eq!(encode_path(&path), bytes, "{what}");
    }
    bounded(what, bytes, |bytes| read_type(&mut Reader::new(bytes), definitions)).ok();
    bounded(what, bytes, |bytes| decode_definition(bytes, definitions)).ok();
}

fn model(runner: &mut TestRunner) -> Model {
    draw(runner, &models())
}

#[test]
fn random_and_damaged_bytes_are_refused_or_decoded_within_the_bound() {
    let _counting = COUNTING.lock();
    let mut runner = TestRunner::deterministic();
    let mut random = Random(0x5eed);
    for _ in 0..60 {
        let model = model(&mut runner);
        let stored = model.definitions.encode();
        for _ in 0..10 {
            let ty = draw(&mut runner, &types(&model));
            let encoded = encode_value(&draw(&mut runner, &values(&ty, &model)));
            for _ in 0..20 {
                let length = random.below(200);
                let random_bytes = random.items(length);
                decode_all("random", &random_bytes, &ty, &model.definitions);
                let damaged = random.damaged(&encoded);
                decode_all(&format!("a damaged {ty}"), &damaged, &ty, &model.definitions);
                let (_, definition) = &stored[random.below(stored.len())];
                let damaged = random.damaged(definition);
                decode_all("a damaged definition", &damaged, &ty, &model.definitions);
            }
        }
    }
}

#[test]
fn what_promises_much_and_holds_little_takes_little() {
    let _counting = COUNTING.lock();
    let none = Definitions::default();
    let mut nested = Type::Bool;
    for _ in 0..60 {
        nested = Type::vector(nested);
    }
    let huge_array = |length: u32| [&[0x9a], length.to_be_bytes().as_slice()].concat();
    let leaf =
        [Type::Bool, Type::String, Type::Any, Type::vec(anabranch_model::Numeric::Double, 4096).unwrap()];
    let around: [fn(Type) -> Type; 6] = [
        Type::vector,
        Type::set,
        Type::xarray,
        Type::optional,
        |ty| Type::map(ty.clone(), ty),
        |ty| Type::tuple(vec![ty; 256]).unwrap(),
    ];
    let mut hostile = vec![nested];
    for inner in &leaf {
        for outer in around {
            hostile.push(Type::vector(outer(inner.clone())));
            hostile.push(outer(outer(inner.clone())));
        }
    }
    for ty in &hostile {
        for count in [0, 1, 2, 100, 10_000, 100_000, u32::MAX] {
            // Heads that each claim the rest of the input, then padding that makes the claims believable.
            for filler in [0x80, 0x81, 0x00, 0xf4, 0xf6, 0x60, 0x40] {
                let mut bytes: Vec<u8> = (0..70).flat_map(|_| huge_array(count)).collect();
                bytes.resize(20_000, filler);
                decode_all("nested claims", &bytes, ty, &none);
                let mut bytes = huge_array(count.min(19_995));
                bytes.resize(20_000, filler);
                decode_all("a long list", &bytes, ty, &none);
            }
        }
    }
}

#[test]
fn many_empty_containers_stay_within_the_bound() {
    let _counting = COUNTING.lock();
    let none = Definitions::default();
    for inner in [
        Type::vector(Type::Bool),
        Type::set(Type::Bool),
        Type::map(Type::Bool, Type::Bool),
        Type::xarray(Type::Bool),
    ] {
        let mut bytes = vec![0x9a, 0, 1, 0, 0];
        bytes.resize(bytes.len() + 0x1_0000, 0x80);
        let ty = Type::vector(inner);
        let value = bounded("empty containers", &bytes, |bytes| decode_value(bytes, &ty, &none));
        assert_eq!(value.unwrap().as_items().len(), 0x1_0000, "{ty}");
    }
}

#[test]
fn a_definition_that_starts_huge_takes_little_until_it_is_used() {
    let _counting = COUNTING.lock();
    let mut runner = TestRunner::deterministic();
    let definitions = model(&mut runner).definitions;
    let vec = Type::vec(anabranch_model::Numeric::Double, 4096).unwrap();
    let field = |index: usize| anabranch_model::Field {
        name: format!("f{index}").into(),
        documentation: "".into(),
        ty: vec.clone(),
        default: None,
    };
    let namespace = anabranch_model::NameSpace::new(anabranch_model::Uuid::nil(), "N");
    let name = anabranch_model::TypeName::new(namespace, "Wide");
    let wide = anabranch_model::Structure::new(name, "", (0..60).map(field).collect()).unwrap();
    let wide = anabranch_model::Definition::Structure(wide.into());
    let bytes = anabranch_model::codec::definition::encode_definition(&wide);
    bounded("a wide structure", &bytes, |bytes| decode_definition(bytes, &definitions)).unwrap();
}

/// Texts that look like values, types and paths.
fn text(random: &mut Random, length: usize) -> String {
    const WORDS: [&str; 34] = [
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        ",",
        ":",
        "::",
        "=",
        "?",
        ".",
        "'",
        "\"",
        "\\",
        "-",
        "1",
        "1e999",
        "nil",
        "true",
        "entry ",
        "element ",
        "Any(",
        "Variant(",
        "Optional(",
        "blob'",
        "key",
        "vector",
        "map",
        "any",
        "00000000-0000-0000-0000-000000000001",
        "\u{e9}\u{1f600}",
    ];
    (0..length).map(|_| WORDS[random.below(WORDS.len())]).collect()
}

#[test]
fn random_and_damaged_texts_never_panic() {
    let mut runner = TestRunner::deterministic();
    let mut random = Random(0xfeed);
    for _ in 0..40 {
        let model = model(&mut runner);
        for _ in 0..20 {
            let ty = draw(&mut runner, &types(&model));
            let value = draw(&mut runner, &values(&ty, &model));
            let mut texts = vec![value.to_string(), ty.to_string()];
            texts.extend(places(&value).iter().map(Path::to_string));
            for _ in 0..20 {
                let length = random.below(40);
                texts.push(text(&mut random, length));
            }
            for text in texts {
                let damaged = random.damaged(text.as_bytes());
                for text in [text.as_str(), &String::from_utf8_lossy(&damaged)] {
                    Value::parse(text, &ty, &model.definitions).ok();
                    Path::parse(text, &ty, &model.definitions).ok();
                    if let Ok(ty) = Type::parse(text, &model.definitions) {
                        assert_eq!(Type::parse(&ty.to_string(), &model.definitions), Ok(ty));
                    }
                }
            }
        }
    }
}

#[test]
fn random_and_damaged_json_never_panics() {
    let mut runner = TestRunner::deterministic();
    let mut random = Random(0xdeed);
    for _ in 0..40 {
        let model = model(&mut runner);
        let forms: Vec<(Type, String)> = (0..20)
            .map(|_| {
                let ty = draw(&mut runner, &types(&model));
                let value = draw(&mut runner, &values(&ty, &model));
                (ty, json::encode(&value).to_string())
            })
            .collect();
        for (ty, form) in &forms {
            for _ in 0..30 {
                // The form of one value read as another type's, and forms with some bytes changed.
                let (_, other) = &forms[random.below(forms.len())];
                let damaged = random.damaged(form.as_bytes());
                for text in [other.as_bytes(), &damaged] {
                    let Ok(read) = serde_json::from_slice(text) else { continue };
                    if let Ok(value) = json::decode(&read, ty, &model.definitions) {
                        assert!(ty.admits(&value));
                        assert_eq!(json::decode(&json::encode(&value), ty, &model.definitions), Ok(value));
                    }
                    json::decode_type(&read, &model.definitions).ok();
                }
            }
        }
    }
}
