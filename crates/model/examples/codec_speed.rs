//! Measures encoding, decoding and field access of a realistic document: `cargo run --release --example codec_speed`.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measurement, run by hand")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anabranch_model::codec::{decode_value, encode_value};
use anabranch_model::{
    Definition, Definitions, DefinitionsBuilder, Enumeration, Field, NameSpace, Native, Numeric, Structure,
    Type, TypeName, Uuid, Value, XArrayValue, definition::Case,
};

fn name(name: &str) -> TypeName {
    TypeName::new(NameSpace::new(Uuid::from_u128(1), "Bench"), name)
}

fn structure(called: &str, fields: &[(&str, Type)]) -> Arc<Structure> {
    let field = |(name, ty): &(&str, Type)| Field {
        name: (*name).into(),
        documentation: "".into(),
        ty: ty.clone(),
        default: None,
    };
    Arc::new(Structure::new(name(called), "", fields.iter().map(field).collect()).expect("a sound structure"))
}

/// A scene: named placements with transforms, tags and settings.
fn model() -> (Definitions, Type) {
    let cases = ["draft", "review", "done"].map(|name| Case { name: name.into(), documentation: "".into() });
    let stage = Arc::new(Enumeration::new(name("Stage"), "", cases.to_vec()).expect("a sound enumeration"));
    let vec3 = Type::vec(Numeric::Float, 3).expect("a sound size");
    let placement = structure(
        "Placement",
        &[
            ("name", Type::String),
            ("asset", Type::Uuid),
            ("position", vec3.clone()),
            ("rotation", Type::vec(Numeric::Float, 4).expect("a sound size")),
            ("scale", vec3),
            ("opacity", Type::Double),
            ("stage", Type::Enumeration(stage.clone())),
            ("tags", Type::set(Type::String)),
            ("settings", Type::map(Type::String, Type::Double)),
            ("parent", Type::optional(Type::Uuid)),
        ],
    );
    let scene = structure(
        "Scene",
        &[
            ("title", Type::String),
            ("placements", Type::xarray(Type::Structure(placement.clone()))),
            ("weights", Type::vector(Type::Double)),
        ],
    );
    let mut builder = DefinitionsBuilder::default();
    for definition in [
        Definition::Enumeration(stage),
        Definition::Structure(placement),
        Definition::Structure(scene.clone()),
    ] {
        builder.add(definition).expect("definitions in order");
    }
    (builder.build(), Type::Structure(scene))
}

fn document(scene: &Type, placements: u32) -> Value {
    let Type::Structure(structure) = scene else { return Value::from(false) };
    let Some(Type::XArray(element)) = structure.field("placements").map(|field| &field.ty) else {
        return Value::from(false);
    };
    let uuid = |i: u32| Uuid::from_u128(u128::from(i + 1) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let slots = (0..placements).map(|i| {
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
        (uuid(i), Some(Value::create(element, input).expect("a sound placement")))
    });
    let placements = XArrayValue::new(element.clone(), slots.collect()).expect("different positions");
    let weights: Vec<f64> = (0..placements.slots().len()).map(|i| 1.0 / (i + 3) as f64).collect();
    Value::create(
        scene,
        Native::map([
            ("title", Native::from("Harbour at dawn")),
            ("placements", Value::XArray(placements).into()),
            ("weights", weights.into()),
        ]),
    )
    .expect("a sound scene")
}

/// The best time of many runs, without that of dropping what they give.
fn best<T>(mut run: impl FnMut() -> T) -> Duration {
    let once = |run: &mut dyn FnMut() -> T| {
        let start = Instant::now();
        let result = black_box(run());
        let elapsed = start.elapsed();
        drop(result);
        elapsed
    };
    let started = Instant::now();
    let mut least = once(&mut run);
    while started.elapsed() < Duration::from_secs(1) {
        least = least.min(once(&mut run));
    }
    least
}

fn main() {
    let (definitions, scene) = model();
    for placements in [100, 10_000] {
        let document = document(&scene, placements);
        let bytes = encode_value(&document);
        let rate = |time: Duration| bytes.len() as f64 / time.as_secs_f64() / 1e6;
        let encode = best(|| encode_value(&document));
        let decode = best(|| decode_value(&bytes, &scene, &definitions));
        assert_eq!(decode_value(&bytes, &scene, &definitions).as_ref(), Ok(&document));
        println!(
            "{placements} placements, {} bytes: encode {:.0} MB/s, decode {:.0} MB/s",
            bytes.len(),
            rate(encode),
            rate(decode)
        );
    }
    let document = document(&scene, 10_000);
    let Value::Structure(fields) = &document else { return };
    let Value::XArray(array) = &fields.fields()[1] else { return };
    let positions: Vec<Uuid> = array.slots().iter().map(|(position, _)| *position).collect();
    let by_index = best(|| {
        let values = array.values().filter_map(|value| match value {
            Value::Structure(placement) => placement.fields()[5].as_f64(),
            _ => None,
        });
        values.sum::<f64>()
    });
    let by_name = best(|| array.values().filter_map(|v| v.field("opacity")?.as_f64()).sum::<f64>());
    let lookup = best(|| positions.iter().filter(|position| array.get(**position).is_some()).count());
    let each = |time: Duration| time.as_secs_f64() * 1e9 / positions.len() as f64;
    println!(
        "10000 elements: field by index {:.1} ns, by name {:.1} ns, element by position {:.1} ns",
        each(by_index),
        each(by_name),
        each(lookup)
    );
    println!("a Value has {} bytes", size_of::<Value>());
}
