//! What `crates/python/benchmarks/bench.py` is compared with: the same work, written in Rust. Prints a name and the
//! nanoseconds that one turn takes, a line each.
#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use anabranch::dsm::{Sources, parse};
use anabranch::model::{Native, codec};
use anabranch::{Database, Key, Mode, MutableState, Path, Synchronizer, Uuid, Value};

const MODEL: &str = include_str!("../../python/benchmarks/model.dsm");

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The best of five rounds of `count` turns.
fn measure(name: &str, count: u32, mut turn: impl FnMut(u32) -> Outcome<()>) -> Outcome<()> {
    let mut best = f64::INFINITY;
    for round in 0..5 {
        let start = Instant::now();
        for number in 0..count {
            turn(round * count + number)?;
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(count));
    }
    println!("{name} {best:.0}");
    Ok(())
}

fn document(number: u32) -> Native {
    let text = |text: &str| Native::from(text);
    Native::Map(vec![
        (text("title"), Native::from(format!("document {number}"))),
        (text("count"), Native::from(i64::from(number))),
        (text("ratio"), Native::from(0.5)),
        (text("tags"), Native::set(["red", "green", "blue"])),
        (text("numbers"), Native::from((0..10_i64).collect::<Vec<_>>())),
        (
            text("parts"),
            Native::List(
                (0..5_i64)
                    .map(|n| Native::map([("label", Native::from("part")), ("size", Native::from(n))]))
                    .collect(),
            ),
        ),
    ])
}

fn main() -> Outcome<()> {
    let definitions = parse(&Sources::single("model.dsm", MODEL)).model.ok_or("the model has mistakes")?;
    let attachment = definitions.find_attachment("Bench::Item.doc").ok_or("no attachment")?;
    let ty = attachment.document_type();
    measure("value.create", 20_000, |n| {
        black_box(Value::create(ty, document(n))?);
        Ok(())
    })?;
    let value = Value::create(ty, document(1))?;
    let encoded = codec::encode_value(&value);
    measure("value.encode", 50_000, |_| {
        black_box(codec::encode_value(&value));
        Ok(())
    })?;
    measure("value.decode", 50_000, |_| {
        black_box(codec::decode_value(&encoded, ty, &definitions)?);
        Ok(())
    })?;

    let database = Database::create_in_memory(&definitions)?;
    let key = |n: u32| -> Outcome<Key> {
        Ok(attachment.create_key(Uuid::from_u128(u128::from(n % 1000) + 1)).ok_or("no concept")?)
    };
    let mut mutable = MutableState::new(database.initial_state()?);
    for n in 0..1000 {
        mutable.set(attachment, &key(n)?, Value::create(ty, document(n))?)?;
    }
    let filled = database.commit_mutations("filled", &mutable)?;
    let state = database.state(filled)?;
    measure("document.read", 50_000, |n| {
        let document = state.get(attachment, &key(n)?)?.ok_or("absent")?;
        black_box((document.field("title"), document.field("count"), document.field("tags")));
        Ok(())
    })?;
    let path = Path::from_field("count");
    let mut mutable = MutableState::new(state.clone());
    measure("document.update", 20_000, |n| {
        mutable.update(attachment, &key(n)?, &path, Value::Int64(i64::from(n)))?;
        Ok(())
    })?;
    let commits = |database: &Database, rounds: u32, name: &str| -> Outcome<()> {
        measure(name, rounds, |n| {
            let head = database.last_commit_id()?.ok_or("no commit")?;
            let mut mutable = MutableState::new(database.state(head)?);
            mutable.update(attachment, &key(n)?, &path, Value::Int64(-i64::from(n)))?;
            black_box(database.commit_mutations("update", &mutable)?);
            Ok(())
        })
    };
    commits(&database, 2_000, "commit.memory")?;
    let folder = std::env::temp_dir().join(format!("anabranch-baseline-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let file = Database::create(folder.join("commit.anb"), "", &definitions)?;
    file.commit_mutations("filled", &{
        let mut mutable = MutableState::new(file.initial_state()?);
        for n in 0..1000 {
            mutable.set(attachment, &key(n)?, Value::create(ty, document(n))?)?;
        }
        mutable
    })?;
    commits(&file, 500, "commit.durable")?;
    drop(file);
    std::fs::remove_dir_all(&folder)?;
    measure("sync.10k", 1, |_| {
        let copy = Database::create_in_memory(&definitions)?;
        black_box(Synchronizer::new(&database, &copy, Mode::Fetch).sync()?);
        Ok(())
    })
}
