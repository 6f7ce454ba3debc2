//! Reads DSM files as one model, says what is wrong with them, and how long reading took.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::time::Instant;

use anabranch_dsm::{Source, Sources};

fn main() -> std::io::Result<()> {
    let mut sources = Vec::new();
    for path in std::env::args().skip(1) {
        sources.push(Source::new(path.clone(), std::fs::read_to_string(path)?));
    }
    let sources: Sources = sources.into_iter().collect();
    let start = Instant::now();
    let report = anabranch_dsm::parse(&sources);
    let time = start.elapsed();
    for diagnostic in report.diagnostics.iter().take(20) {
        print!("{}", diagnostic.render(&sources, false));
    }
    let found = report.model.map_or(0, |model| model.len());
    println!("{found} definitions, {} diagnostics, {time:.1?}", report.diagnostics.len());
    Ok(())
}
