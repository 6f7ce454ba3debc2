//! What the server counts, as Prometheus reads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tonic::Code;

/// The upper bounds of the classes that durations fall in, in microseconds.
const BOUNDS: [u64; 8] = [100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000, 10_000_000];

#[derive(Debug, Default)]
struct Calls {
    /// How many ended with each code.
    outcomes: BTreeMap<&'static str, u64>,
    classes: [u64; BOUNDS.len()],
    count: u64,
    micros: u64,
}

/// The counters of one server.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) connections: AtomicI64,
    pub(crate) accepted: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) followers: AtomicI64,
    pub(crate) commits: AtomicU64,
    calls: Mutex<BTreeMap<&'static str, Calls>>,
}

fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "ok",
        Code::Cancelled => "cancelled",
        Code::InvalidArgument => "invalid_argument",
        Code::DeadlineExceeded => "deadline_exceeded",
        Code::NotFound => "not_found",
        Code::PermissionDenied => "permission_denied",
        Code::ResourceExhausted => "resource_exhausted",
        Code::FailedPrecondition => "failed_precondition",
        Code::Unavailable => "unavailable",
        Code::DataLoss => "data_loss",
        Code::Unauthenticated => "unauthenticated",
        _ => "other",
    }
}

impl Metrics {
    /// Counts a call that has ended.
    pub(crate) fn count(&self, method: &'static str, code: Code, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        // Counters, put in whole.
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let of_method = calls.entry(method).or_default();
        *of_method.outcomes.entry(name(code)).or_default() += 1;
        of_method.count += 1;
        of_method.micros = of_method.micros.saturating_add(micros);
        for (class, bound) in of_method.classes.iter_mut().zip(BOUNDS) {
            *class += u64::from(micros <= bound);
        }
    }

    /// All of them, in the text format of Prometheus.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        for (kind, name, help, value) in [
            ("gauge", "connections", "Open connections.", self.connections.load(Ordering::Relaxed)),
            ("gauge", "followers", "Open watch streams.", self.followers.load(Ordering::Relaxed)),
        ] {
            writeln!(
                text,
                "# HELP anabranch_{name} {help}\n# TYPE anabranch_{name} {kind}\nanabranch_{name} {value}"
            )?;
        }
        for (name, help, value) in [
            ("connections_accepted_total", "Connections taken.", self.accepted.load(Ordering::Relaxed)),
            ("connections_refused_total", "Connections refused.", self.refused.load(Ordering::Relaxed)),
            ("commits_total", "Commits stored for callers.", self.commits.load(Ordering::Relaxed)),
        ] {
            writeln!(
                text,
                "# HELP anabranch_{name} {help}\n# TYPE anabranch_{name} counter\nanabranch_{name} {value}"
            )?;
        }
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(
            text,
            "# HELP anabranch_calls_total Calls by method and outcome.\n# TYPE anabranch_calls_total counter"
        )?;
        for (method, of_method) in calls.iter() {
            for (code, count) in &of_method.outcomes {
                writeln!(text, "anabranch_calls_total{{method=\"{method}\",code=\"{code}\"}} {count}")?;
            }
        }
        let name = "anabranch_call_seconds";
        writeln!(text, "# HELP {name} How long calls took.\n# TYPE {name} histogram")?;
        for (method, of_method) in calls.iter() {
            for (bound, count) in BOUNDS.iter().zip(of_method.classes) {
                let bound = *bound as f64 / 1e6;
                writeln!(text, "{name}_bucket{{method=\"{method}\",le=\"{bound}\"}} {count}")?;
            }
            writeln!(text, "{name}_bucket{{method=\"{method}\",le=\"+Inf\"}} {}", of_method.count)?;
            writeln!(text, "{name}_sum{{method=\"{method}\"}} {}", of_method.micros as f64 / 1e6)?;
            writeln!(text, "{name}_count{{method=\"{method}\"}} {}", of_method.count)?;
        }
        Ok(())
    }
}
