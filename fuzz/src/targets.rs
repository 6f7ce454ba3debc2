//! What is fuzzed, and what each reader promises.

use anabranch_dsm::{Sources, format, parse, print};
use anabranch_engine::{BlobLayout, BlobPack, BlobPackDescriptor, payload};
use anabranch_model::codec::definition::{decode_definition, encode_definition};
use anabranch_model::codec::{decode_path, decode_value, encode_path, encode_value};
use anabranch_model::json::{decode as decode_json, encode as encode_json};
use anabranch_model::{Definitions, DefinitionsBuilder, Path, Value};
use anabranch_testkit::fixture::fixture;
use anabranch_testkit::{arbitrary, script};

use crate::run::Verdict;
use crate::seeds;

/// What a check answers; the text says which promise was broken.
type Checked = Result<Verdict, String>;

/// Reads an input, and checks what its reader promises.
pub type Check = Box<dyn Fn(&[u8]) -> Checked>;

/// A reader, what to try it with, and what it may take.
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What means something in its format.
    pub dictionary: &'static [&'static [u8]],
    /// Good inputs.
    pub seeds: Vec<Vec<u8>>,
    /// Reads an input, and checks what it promises.
    pub check: Check,
    /// For each byte of input it may hold so many bytes at once, what checking takes included.
    pub factor: usize,
    /// And so many whatever the input: the zero of a type that a few bytes name may be large.
    pub allowance: usize,
}

/// What most readers may take: a value in memory has 24 bytes for each byte of encoding, twice while it is compared, and
/// so has each of the things that it is checked by.
const FACTOR: usize = 512;
const ALLOWANCE: usize = 1 << 20;
/// A model may declare fresh documents of up to 2^18 numbers, which are made when it is read.
const MODEL_ALLOWANCE: usize = 256 << 20;

/// Words of DSM.
const DSM: &[&[u8]] = &[
    b"namespace",
    b"concept",
    b" is a ",
    b"club",
    b"membership",
    b"enum",
    b"struct",
    b"attachment",
    b"function_pool",
    b"attachment_function_pool",
    b"mutable",
    b"key<",
    b"vec<",
    b"mat<",
    b"tuple<",
    b"optional<",
    b"vector<",
    b"set<",
    b"map<",
    b"xarray<",
    b"variant<",
    b"any_concept",
    b"any",
    b"void",
    b"bool",
    b"uint8",
    b"int64",
    b"float",
    b"double",
    b"string",
    b"uuid",
    b"blob",
    b"blob_id",
    b"commit_id",
    b"\"\"\"",
    b"\"",
    b"\\u",
    b"\\ud83d\\ude00",
    b"//",
    b"{",
    b"}",
    b"};",
    b";",
    b",",
    b"<",
    b">",
    b"::",
    b" = ",
    b".x",
    b"{1, 2}",
    b"1e308",
    b"-0.0",
    b"18446744073709551616",
    b"4096",
    b"{f529bc42-0618-4f54-a3fb-d55f95c5ad03}",
    b"true",
    b"\n",
    b"\t",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x98\x80",
    b"\0",
];

/// Words of JSON and of the JSON forms.
const JSON: &[&[u8]] = &[
    b"null",
    b"true",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b"\"\"",
    b"\"\\ud800\"",
    b"1e999",
    b"-0.0",
    b"1.5",
    b"255",
    b"9223372036854775808",
    b"\"runtime_id\"",
    b"\"class_name\"",
    b"\"type\"",
    b"\"value\"",
    b"\"reference\"",
    b"\"variant\"",
    b"\"vec\"",
    b"\"size\"",
    b"\"name\"",
    b"\"domain\"",
    b"\"element_type\"",
    b"\"members\"",
    b"\"literal_value\"",
    b"\"NaN\"",
    b"\"00000000-0000-0000-0000-000000000000\"",
    b"\".case\"",
    b"4294967296",
    b"{\"class_name\":\"reference\",\"name\":\"int8\"}",
];

/// What packs of arrays are made of.
const PACK: &[&[u8]] = &[
    b"anb-pak\x01",
    b"\x80",
    b"\x82",
    b"\x83",
    b"\x67float-3",
    b"\x67uchar-1",
    b"\x6adouble-255",
    b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xff\xff\xff\x00",
    b"\0\0\0\0\0\0\0\0",
];

/// Heads and runs of CBOR.
const CBOR: &[&[u8]] = &[
    b"\x80",
    b"\x81",
    b"\x82",
    b"\x98\xff",
    b"\x9a\x00\xff\xff\xff",
    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x9f",
    b"\x40",
    b"\x50",
    b"\x58\x20",
    b"\x5a\x7f\xff\xff\xff",
    b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\x5f",
    b"\x60",
    b"\x61a",
    b"\x78\xff",
    b"\x7f",
    b"\xa0",
    b"\xc0",
    b"\xf4",
    b"\xf5",
    b"\xf6",
    b"\xf7",
    b"\xf9\x7e\x00",
    b"\xf9\x80\x00",
    b"\xfa\x7f\x80\x00\x00",
    b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00",
    b"\x18\x18",
    b"\x19\x01\x00",
    b"\x1a\x00\x01\x00\x00",
    b"\x1b\x00\x00\x00\x01\x00\x00\x00\x00",
    b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xff",
];

/// Parts of paths.
const PATHS: &[&[u8]] = &[
    b".",
    b".aa",
    b".bb",
    b".q",
    b".z",
    b"?",
    b"[",
    b"]",
    b"[0]",
    b"[4294967296]",
    b"['a']",
    b"['",
    b"\\u{",
    b"\\'",
    b"[entry ",
    b"[element ",
    b"[{11111111-2222-4333-8444-555555555555}]",
    b".one",
    b"nil",
    b"Any(int64: 5)",
    b"Variant(string: 'x')",
    b"blob'00ff'",
    b"NaN",
    b"-inf",
    b"-0.0",
    b"[1, 2]",
    b"{1}",
    b"{'a': 1}",
    b"(true, 'x')",
    b"{name='x', small=1}",
    b"null",
    b"Every::A:11111111-2222-4333-8444-555555555555",
];

/// Everything that is fuzzed.
pub fn targets() -> Vec<Target> {
    vec![
        dsm_parser(),
        dsm_formatter(),
        dsm_json(),
        value_json(),
        value_text(),
        path_text(),
        value_cbor(),
        path_cbor(),
        definitions_cbor(),
        packs(),
        payloads(),
    ]
}

/// Whether a promise is kept; the text is made only when it is not.
fn promise(is_kept: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if is_kept { Ok(()) } else { Err(what()) }
}

fn texts() -> Vec<Vec<u8>> {
    // The files of the sample model refer to each other: one text has to hold them all.
    let mut texts = vec![print(&seeds::studio()).into_bytes(), seeds::EVERYTHING.as_bytes().to_vec()];
    // Small inputs are mutated where it matters more often than large ones.
    texts.push(
        b"namespace N {11111111-2222-4333-8444-555555555555} { concept A; struct S { int8 x = 1; }; };"
            .to_vec(),
    );
    texts.push(b"function_pool P {11111111-2222-4333-8444-555555555555} { void f(int8 a); };".to_vec());
    texts
}

fn dsm_parser() -> Target {
    let check = |input: &[u8]| {
        let text = String::from_utf8_lossy(input);
        let sources = Sources::single("input.dsm", text);
        let report = parse(&sources);
        for diagnostic in &report.diagnostics {
            promise(!diagnostic.render(&sources, true).is_empty(), || "renders as nothing".to_owned())?;
        }
        let Some(model) = report.model else {
            promise(!report.diagnostics.is_empty(), || "refused without a reason".to_owned())?;
            return Ok(Verdict::Refused);
        };
        let printed = print(&model);
        let again = parse(&Sources::single("printed.dsm", printed.as_str())).model;
        promise(again.as_ref() == Some(&model), || format!("prints as another model:\n{printed}"))?;
        promise(again.as_ref().map(print) == Some(printed), || {
            "prints otherwise the second time".to_owned()
        })?;
        Ok(Verdict::Accepted)
    };
    Target {
        name: "dsm-parser",
        dictionary: DSM,
        seeds: texts(),
        check: Box::new(check),
        factor: 4096,
        allowance: MODEL_ALLOWANCE,
    }
}

fn dsm_formatter() -> Target {
    let check = |input: &[u8]| {
        let text = String::from_utf8_lossy(input);
        let Ok(formatted) = format(&text) else { return Ok(Verdict::Refused) };
        let again = format(&formatted);
        promise(again.as_ref() == Ok(&formatted), || {
            format!("laid out otherwise the second time:\n{formatted}")
        })?;
        let model = |text: &str| parse(&Sources::single("", text)).model;
        promise(model(&text) == model(&formatted), || format!("laid out as another model:\n{formatted}"))?;
        Ok(Verdict::Accepted)
    };
    Target {
        name: "dsm-formatter",
        dictionary: DSM,
        // These have comments.
        seeds: texts().into_iter().chain(seeds::STUDIO.map(|text| text.as_bytes().to_vec())).collect(),
        check: Box::new(check),
        factor: 4096,
        allowance: MODEL_ALLOWANCE,
    }
}

fn dsm_json() -> Target {
    let check = |input: &[u8]| {
        let text = String::from_utf8_lossy(input);
        let Ok(model) = anabranch_dsm::json::decode_str(&text) else { return Ok(Verdict::Refused) };
        let written = anabranch_dsm::json::encode(&model);
        let again =
            anabranch_dsm::json::decode(&written).map_err(|error| format!("is not read again: {error}"))?;
        promise(again == model, || format!("written as another model:\n{written}"))?;
        Ok(Verdict::Accepted)
    };
    let small =
        parse(&Sources::single("", "namespace N {11111111-2222-4333-8444-555555555555} { concept A; };"));
    let models = [Some(seeds::studio()), Some(seeds::everything()), small.model];
    let models = models.into_iter().flatten();
    Target {
        name: "dsm-json",
        dictionary: JSON,
        seeds: models.map(|model| anabranch_dsm::json::encode(&model).to_string().into_bytes()).collect(),
        check: Box::new(check),
        factor: 4096,
        allowance: MODEL_ALLOWANCE,
    }
}

/// How many values each target of values starts from.
const VALUES: usize = 60;

/// A document type with everything in it, and values of it.
fn documents() -> (Definitions, anabranch_model::Type, Vec<Value>) {
    let definitions = seeds::everything();
    let ty = seeds::document_type(&definitions);
    let values = seeds::values(&definitions, &ty, VALUES);
    (definitions, ty, values)
}

fn value_json() -> Target {
    let (definitions, ty, values) = documents();
    let check = move |input: &[u8]| {
        let Ok(json) = serde_json::from_slice(input) else { return Ok(Verdict::Refused) };
        let Ok(value) = decode_json(&json, &ty, &definitions) else { return Ok(Verdict::Refused) };
        let written = encode_json(&value);
        let again =
            decode_json(&written, &ty, &definitions).map_err(|e| format!("is not read again: {e}"))?;
        promise(again == value, || format!("written as another value: {written}"))?;
        Ok(Verdict::Accepted)
    };
    Target {
        name: "value-json",
        dictionary: JSON,
        seeds: values.iter().map(|value| encode_json(value).to_string().into_bytes()).collect(),
        check: Box::new(check),
        factor: FACTOR,
        allowance: ALLOWANCE,
    }
}

fn value_text() -> Target {
    let (definitions, ty, _) = documents();
    let any = anabranch_model::Type::Any;
    let text = |value: &Value| Path::from_key(value.clone()).to_string();
    // A key in a path is written in full.
    let bare = |text: &str| text.strip_prefix('[')?.strip_suffix(']').map(|key| key.as_bytes().to_vec());
    let values = seeds::values(&definitions, &any, VALUES);
    let seeds = values.iter().filter_map(|value| bare(&text(value))).collect();
    let check = move |input: &[u8]| {
        let text = String::from_utf8_lossy(input);
        let mut verdict = Verdict::Refused;
        for ty in [&any, &ty] {
            let Ok(value) = Value::parse(&text, ty, &definitions) else { continue };
            verdict = Verdict::Accepted;
            let path = Path::from_key(value);
            let map = anabranch_model::Type::map(ty.clone(), anabranch_model::Type::Bool);
            let again = Path::parse(&path.to_string(), &map, &definitions);
            promise(again.as_ref() == Ok(&path), || format!("reads otherwise in a path: {path}"))?;
        }
        Ok(verdict)
    };
    Target {
        name: "value-text",
        dictionary: PATHS,
        seeds,
        check: Box::new(check),
        factor: FACTOR,
        allowance: ALLOWANCE,
    }
}

fn path_text() -> Target {
    let (definitions, ty, values) = documents();
    let places: Vec<Path> = values.iter().flat_map(arbitrary::places).collect();
    // Below an `any` no type says what a text means, so that not every place there can be written.
    let is_typed = |text: &String| !text.starts_with(".q?") && !text.starts_with(".z[");
    let texts = places.iter().step_by(7).map(Path::to_string).filter(is_typed);
    let seeds = texts.map(String::into_bytes).collect();
    let check = move |input: &[u8]| {
        let text = String::from_utf8_lossy(input);
        let Ok(path) = Path::parse(&text, &ty, &definitions) else { return Ok(Verdict::Refused) };
        promise(path.check(&ty).is_ok(), || format!("read, and does not fit its type: {path}"))?;
        let again = Path::parse(&path.to_string(), &ty, &definitions);
        promise(again.as_ref() == Ok(&path), || format!("reads otherwise: {path}"))?;
        Ok(Verdict::Accepted)
    };
    Target {
        name: "path-text",
        dictionary: PATHS,
        seeds,
        check: Box::new(check),
        factor: FACTOR,
        allowance: ALLOWANCE,
    }
}

fn value_cbor() -> Target {
    let (definitions, ty, values) = documents();
    let check = move |input: &[u8]| {
        let Ok(value) = decode_value(input, &ty, &definitions) else { return Ok(Verdict::Refused) };
        promise(encode_value(&value) == input, || format!("a second encoding of {value}"))?;
        Ok(Verdict::Accepted)
    };
    Target {
        name: "value-cbor",
        dictionary: CBOR,
        seeds: values.iter().map(encode_value).collect(),
        check: Box::new(check),
        factor: FACTOR,
        allowance: ALLOWANCE,
    }
}

fn path_cbor() -> Target {
    let (definitions, _, values) = documents();
    let seeds = values.iter().flat_map(arbitrary::places).step_by(7).map(|path| encode_path(&path)).collect();
    let check = move |input: &[u8]| {
        let Ok(path) = decode_path(input, &definitions) else { return Ok(Verdict::Refused) };
        promise(encode_path(&path) == input, || format!("a second encoding of {path}"))?;
        Ok(Verdict::Accepted)
    };
    Target {
        name: "path-cbor",
        dictionary: CBOR,
        seeds,
        check: Box::new(check),
        factor: FACTOR,
        allowance: ALLOWANCE,
    }
}

fn definitions_cbor() -> Target {
    let mut known = DefinitionsBuilder::default();
    let mut seeds = Vec::new();
    for model in [seeds::everything(), seeds::studio()] {
        for definition in model.ordered() {
            seeds.push(encode_definition(definition));
            known.add(definition.clone()).expect("two models that have nothing in common");
        }
    }
    let known = known.build();
    let check = move |input: &[u8]| {
        let Ok(definition) = decode_definition(input, &known) else { return Ok(Verdict::Refused) };
        let written = encode_definition(&definition);
        promise(written == input, || format!("a second encoding of the {}", definition.name()))?;
        Ok(Verdict::Accepted)
    };
    Target {
        name: "definitions-cbor",
        dictionary: CBOR,
        seeds,
        check: Box::new(check),
        factor: FACTOR,
        // A structure makes its fresh value, of up to 2^18 values, as it is read.
        allowance: 64 << 20,
    }
}

fn packs() -> Target {
    let pack = |regions: &[(&str, &str, u64)]| {
        let regions = regions
            .iter()
            .map(|(name, layout, count)| (*name, layout.parse::<BlobLayout>().expect("a layout"), *count));
        let descriptor = BlobPackDescriptor::new(regions).expect("names that differ");
        BlobPack::new(descriptor).expect("room").bytes().to_vec()
    };
    let check = move |input: &[u8]| {
        let Ok(pack) = BlobPack::from_bytes(input) else { return Ok(Verdict::Refused) };
        promise(pack.bytes() == input, || "other bytes than were read".to_owned())?;
        let again = BlobPackDescriptor::new(
            pack.descriptor().regions().iter().map(|region| (region.name(), region.layout(), region.count())),
        );
        promise(again.as_ref() == Ok(pack.descriptor()), || "a second encoding".to_owned())?;
        for region in pack.descriptor().regions() {
            let view = pack.region(region.name()).map_err(|error| error.to_string())?;
            promise(view.count() as u64 == region.count(), || {
                format!("{} has other elements", region.name())
            })?;
        }
        Ok(Verdict::Accepted)
    };
    Target {
        name: "pack",
        dictionary: PACK,
        seeds: vec![
            pack(&[]),
            pack(&[("a", "uchar-1", 3)]),
            pack(&[("points", "float-3", 2), ("triangles", "uint-3", 1), ("none", "double-16", 0)]),
        ],
        check: Box::new(check),
        factor: FACTOR,
        allowance: ALLOWANCE,
    }
}

fn payloads() -> Target {
    let fixture = fixture();
    let database = anabranch_engine::Database::create_in_memory(&fixture.definitions).expect("a database");
    let histories = seeds::samples(&script::history(12), VALUES);
    for action in histories.iter().flatten() {
        script::perform(&database, &fixture, action);
    }
    let ids = database.commit_ids().expect("commits");
    let mut seeds: Vec<Vec<u8>> = ids
        .into_iter()
        .filter_map(|id| database.commit_opcodes(id).ok())
        // Only mutations have a payload.
        .filter(|opcodes| !opcodes.is_empty())
        .map(|opcodes| payload::encode(&opcodes))
        .collect();
    seeds.sort_unstable();
    seeds.dedup();
    let check = move |input: &[u8]| {
        let Ok(opcodes) = payload::decode(input, &fixture.definitions) else { return Ok(Verdict::Refused) };
        promise(payload::encode(&opcodes) == input, || "a second encoding".to_owned())?;
        let mut document = None;
        for opcode in &opcodes {
            // What is dropped is dropped silently; nothing may go wrong.
            let _ = opcode.operation.apply(&mut document);
        }
        Ok(Verdict::Accepted)
    };
    Target {
        name: "payload",
        dictionary: CBOR,
        seeds,
        check: Box::new(check),
        factor: FACTOR,
        allowance: ALLOWANCE,
    }
}
