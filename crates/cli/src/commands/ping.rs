//! `anabranch ping`: how far away a server is.

use std::time::{Duration, Instant};

use anabranch::{CommitId, Replica as _};
use clap::Args;
use serde_json::json;

use super::Outcome;
use crate::args::Location;
use crate::error::CliError;
use crate::output::Ui;
use crate::output::number::bytes;

/// How many ids one question sends to measure throughput, and how often.
const IDS: u64 = 8192;
const QUESTIONS: u32 = 8;

/// Measure latency and throughput of a server
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch ping https://studio.example.org/main")]
pub(crate) struct Ping {
    /// The URL of a served database
    #[arg(value_name = "URL")]
    database: Location,
    /// How many questions to ask
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
}

impl Ping {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let Location::Url(url) = &self.database else {
            return Err(
                CliError::usage("a file has no latency worth measuring").hint("give the URL of a server")
            );
        };
        let started = Instant::now();
        let database = super::connect(url)?;
        let connected = started.elapsed();
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..self.count {
            let asked = Instant::now();
            database.data_version()?;
            times.push(asked.elapsed());
        }
        times.sort_unstable();
        let median = times[times.len() / 2];
        let (least, most) = (times[0], times[times.len() - 1]);
        let ids: Vec<CommitId> = (0..IDS).map(|number| CommitId::of(&number.to_be_bytes())).collect();
        let asked = Instant::now();
        for _ in 0..QUESTIONS {
            database.knows(&ids).map_err(|error| CliError::new(error.to_string()))?;
        }
        let sent = (IDS * 32 * u64::from(QUESTIONS)) as f64 / asked.elapsed().as_secs_f64();
        if ui.is_json {
            let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
            ui.json(&json!({
                "connect_ms": milliseconds(connected),
                "least_ms": milliseconds(least),
                "median_ms": milliseconds(median),
                "most_ms": milliseconds(most),
                "questions": self.count,
                "upload_bytes_per_second": sent,
            }))?;
        } else {
            let [least, median, most] = [least, median, most].map(micros);
            let connected = micros(connected);
            writeln!(ui.out(), "connected in {connected}")?;
            writeln!(
                ui.out(),
                "{} questions: {least} at least, {median} in the middle, {most} at most",
                self.count
            )?;
            writeln!(ui.out(), "sends {}/s", bytes(sent as u64))?;
        }
        Ok(Outcome::Done)
    }
}

/// A time that is short where all is well.
fn micros(time: Duration) -> String {
    match time.as_micros() {
        short @ ..10_000 => format!("{short} µs"),
        long => format!("{} ms", long / 1000),
    }
}
