//! One input, and whether its reader keeps what it promises.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::ALLOCATOR;
use crate::targets::Target;

/// What a reader said of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It reads.
    Accepted,
    /// It is faulty, and the reader said so.
    Refused,
}

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The reader panicked.
    Panic(String),
    /// What was accepted is not written as it was read, or something else that the reader promises is not so.
    Promise(String),
    /// More memory was taken than the input justifies.
    Memory {
        /// At most so many bytes were held at once.
        peak: usize,
        /// So many were allowed.
        allowed: usize,
    },
    /// It took too long.
    Time(Duration),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic(message) => write!(f, "panic: {message}"),
            Self::Promise(what) => write!(f, "broken promise: {what}"),
            Self::Memory { peak, allowed } => write!(f, "{peak} bytes held at once, {allowed} allowed"),
            Self::Time(took) => write!(f, "took {took:?}"),
        }
    }
}

/// How long any input may take. Generous: the machine may have other things to do.
const LONGEST: Duration = Duration::from_secs(1);

/// Gives an input to a target.
///
/// # Errors
/// When the target does not keep what it promises.
pub fn run(target: &Target, input: &[u8]) -> Result<Verdict, Fault> {
    let verdict = attempt(target, input)?;
    // An input that seems slow has three chances: it may be the machine that was.
    if verdict.1 > LONGEST {
        let again = [attempt(target, input)?.1, attempt(target, input)?.1];
        if let Some(took) = again.into_iter().min().filter(|took| *took > LONGEST) {
            return Err(Fault::Time(took));
        }
    }
    Ok(verdict.0)
}

fn attempt(target: &Target, input: &[u8]) -> Result<(Verdict, Duration), Fault> {
    let allowed = target.allowance + target.factor * input.len();
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.check)(input)));
    let took = start.elapsed();
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    let verdict = outcome.map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        Fault::Panic(text.or(payload.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned())
    })?;
    let verdict = verdict.map_err(Fault::Promise)?;
    if peak > allowed { Err(Fault::Memory { peak, allowed }) } else { Ok((verdict, took)) }
}
