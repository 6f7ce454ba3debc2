//! The model: encoding and decoding documents, and reading a large model.

use std::fmt::Write as _;
use std::hint::black_box;

use anabranch_dsm::Sources;
use anabranch_model::codec::{decode_value, encode_value};
use anabranch_model::{Definitions, Native, Type, Uuid, Value, XArrayValue};

use crate::Result;
use crate::measure::{median, megabytes_a_second, ms, timed};
use crate::row::{Bench, Row, Target};

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    codec(bench)?;
    parse_large(bench)
}

/// A scene: named placements with transforms, tags and settings.
const SCENE: &str = r#"
namespace Bench {5b1e0c2a-0c1b-4d6a-9a53-2f4f7c9d3a11} {
    enum Stage { draft, review, done };
    struct Placement {
        string name;
        uuid asset;
        vec<float, 3> position;
        vec<float, 4> rotation;
        vec<float, 3> scale;
        double opacity;
        Stage stage;
        set<string> tags;
        map<string, double> settings;
        optional<uuid> parent;
    };
    struct Scene {
        string title;
        xarray<Placement> placements;
        vector<double> weights;
    };
};
"#;

fn definitions_of(name: &str, text: &str) -> Result<Definitions> {
    let sources = Sources::single(name, text);
    let report = anabranch_dsm::parse(&sources);
    let faults = || report.diagnostics.iter().map(|d| d.render(&sources, false)).collect::<String>();
    report.model.clone().ok_or_else(|| faults().into())
}

fn scene(definitions: &Definitions, placements: u32) -> Result<Value> {
    let structure = |name| definitions.find_structure(name).cloned().ok_or("no such structure");
    let (scene, placement) =
        (Type::Structure(structure("Bench::Scene")?), Type::Structure(structure("Bench::Placement")?));
    let uuid =
        |i: u32| Uuid::from_u128(u128::from(i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
    let mut slots = Vec::new();
    for i in 0..placements {
        let x = f64::from(i) * 0.37;
        let input = Native::map([
            ("name", Native::from(format!("placement number {i}"))),
            ("asset", uuid(i).into()),
            ("position", [x, x + 0.1, x + 0.2].into()),
            ("rotation", [0.0, 0.0, (x / 9.0).sin(), (x / 9.0).cos()].into()),
            ("scale", [1.0, 1.0, 1.5].into()),
            ("opacity", (1.0 / f64::from(i + 1)).into()),
            ("stage", i128::from(i % 3).into()),
            ("tags", Native::set([format!("tag{}", i % 7), "outdoors".to_owned()])),
            ("settings", Native::map([("glow", x.sqrt()), ("roughness", 0.3), ("index", f64::from(i))])),
            ("parent", if i % 2 == 0 { Native::None } else { uuid(i / 2).into() }),
        ]);
        slots.push((uuid(i), Some(Value::create(&placement, input)?)));
    }
    let weights: Vec<f64> = (0..placements).map(|i| 1.0 / f64::from(i + 3)).collect();
    let input = Native::map([
        ("title", Native::from("Harbour at dawn")),
        ("placements", Value::XArray(XArrayValue::new(std::sync::Arc::new(placement), slots)?).into()),
        ("weights", weights.into()),
    ]);
    Ok(Value::create(&scene, input)?)
}

fn codec(bench: &mut Bench) -> Result<()> {
    if !bench.wants_any(&["model.encode", "model.decode"]) {
        return Ok(());
    }
    let definitions = definitions_of("scene.dsm", SCENE)?;
    let document = scene(&definitions, u32::try_from(bench.size(10_000))?)?;
    let ty = document.ty();
    let bytes = encode_value(&document);
    if decode_value(&bytes, &ty, &definitions)? != document {
        return Err("a scene is not what was encoded".into());
    }
    let (mut encode, mut decode) = (Vec::new(), Vec::new());
    for _ in 0..31 {
        let (time, _encoded) = timed(|| Ok(black_box(encode_value(&document))))?;
        encode.push(megabytes_a_second(bytes.len() as u64, time));
        // What was decoded is dropped after the clock has stopped.
        let (time, _decoded) = timed(|| Ok(black_box(decode_value(&bytes, &ty, &definitions)?)))?;
        decode.push(megabytes_a_second(bytes.len() as u64, time));
    }
    let note = format!("a scene of {:.1} MB, median of 31", bytes.len() as f64 / 1e6);
    for (name, rates) in [("model.encode", encode), ("model.decode", decode)] {
        bench.report(Row::more(name, median(rates), "MB/s").target(Target::Least(200.0)).note(note.clone()));
    }
    Ok(())
}

/// A model of so many structures with five fields each.
fn large(structures: u64) -> String {
    let mut text = String::from("namespace Large {7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10} {\n");
    for concept in 0..100 {
        // Writing to a `String` cannot fail, here and below.
        let _ = writeln!(text, "    concept Concept{concept};");
    }
    for structure in 0..structures {
        let inner = match structure % 10 {
            0 => "int32".to_owned(),
            _ => format!("Structure{}", structure - 1),
        };
        let _ = write!(
            text,
            "\n    \"\"\"Structure {structure}.\"\"\"
    struct Structure{structure} {{
        int32 count = {structure};
        string title = \"untitled\";
        vec<float, 3> position = {{1, 2, 3}};
        map<string, vector<{inner}>> parts;
        optional<key<Concept{}>> owner;
    }};\n",
            structure % 100
        );
    }
    text.push_str("};\n");
    text
}

fn parse_large(bench: &mut Bench) -> Result<()> {
    if !bench.wants("dsm.parse_large") {
        return Ok(());
    }
    let structures = bench.size(2000);
    let text = large(structures);
    definitions_of("large.dsm", &text)?;
    let mut times = Vec::new();
    for _ in 0..11 {
        let sources = Sources::single("large.dsm", text.as_str());
        times.push(ms(timed(|| Ok(black_box(anabranch_dsm::parse(&sources))))?.0));
    }
    bench.report(
        Row::less("dsm.parse_large", median(times), "ms")
            .target(Target::Most(100.0))
            .note(format!("{structures} structures, {} fields, median of 11", structures * 5)),
    );
    Ok(())
}
