//! What is measured in a process of its own, so that nothing is known beforehand and no memory was taken.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::Result;
use crate::blobs;
use crate::data::{Model, head, open};
use crate::measure::ms;
use crate::random::Random;

/// The first argument of such a process.
pub(crate) const COMMAND: &str = "child";

/// What such a process found.
pub(crate) struct Found {
    /// From its first instruction to the document.
    pub(crate) ms: f64,
    /// The most memory that it had, in megabytes.
    pub(crate) peak: f64,
}

/// Opens a database in a new process and reads one of its documents at its head.
pub(crate) fn open_cold(path: &Path, documents: u64, seed: u64) -> Result<Found> {
    let number = Random::new(seed).below(documents);
    match start("open", path, number)?.as_slice() {
        [ms, peak] => Ok(Found { ms: *ms, peak: *peak }),
        _ => Err("two figures were expected".into()),
    }
}

/// The memory, in megabytes, that storing and reading a blob of this size takes above what an idle process has.
pub(crate) fn blob_memory(path: &Path, size: u64) -> Result<f64> {
    match start("blob", path, size)?.as_slice() {
        [grown] => Ok(*grown),
        _ => Err("one figure was expected".into()),
    }
}

/// Runs a process and reads the figures that it prints.
fn start(what: &str, path: &Path, number: u64) -> Result<Vec<f64>> {
    let program = std::env::current_exe()?;
    let output = Command::new(program).args([COMMAND, what]).arg(path).arg(number.to_string()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let text = String::from_utf8(output.stdout)?;
    text.split_whitespace().map(|figure| Ok(figure.parse()?)).collect()
}

/// The other side: what the process does.
pub(crate) fn run(arguments: &[String], started: Instant) -> Result<()> {
    let [what, path, number] = arguments else { return Err("what, a path and a number".into()) };
    let (path, number) = (Path::new(path), number.parse()?);
    match what.as_str() {
        "open" => read_one_document(path, number, started),
        "blob" => {
            println!("{}", blobs::measure_memory(path, number)?);
            Ok(())
        }
        other => Err(format!("there is no process `{other}`").into()),
    }
}

fn read_one_document(path: &Path, number: u64, started: Instant) -> Result<()> {
    let database = open(path)?;
    let state = database.state(head(&database)?)?;
    let model = Model::of(state.definitions().clone())?;
    let document = state.get(&model.record, &model.key(number))?;
    let elapsed = ms(started.elapsed());
    document.ok_or("the document is missing")?;
    println!("{elapsed} {}", peak_memory()?);
    Ok(())
}

/// The most memory that this process has had, in megabytes.
pub(crate) fn peak_memory() -> Result<f64> {
    status_field("VmHWM:")
}

/// The memory that this process has, in megabytes.
pub(crate) fn memory() -> Result<f64> {
    status_field("VmRSS:")
}

/// A field of Linux's `/proc/self/status` that counts kibibytes.
fn status_field(name: &str) -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such field")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024.0 / 1e6)
}
