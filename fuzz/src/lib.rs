//! Randomised drivers for everything that reads what others wrote: parsers, JSON and CBOR decoders.
//!
//! A [`Target`] is one reader and what it promises: it does not panic, does not take memory or time beyond a bound, and
//! what it accepts it writes again in the same form. [`drive()`] runs it over mutations of good inputs. The run of a seed is
//! the same every time, so that a run that ends the process can be taken again with every input on record.

#![expect(
    clippy::expect_used,
    reason = "test support: what goes wrong while seeds are made should stop the run"
)]

pub mod drive;
pub mod mutation;
pub mod random;
pub mod run;
pub mod seeds;
pub mod targets;

pub use drive::{Finding, Plan, Tally, drive};
pub use run::{Fault, Verdict, run};
pub use targets::{Target, targets};

/// Counts what is allocated, in this package's programs and tests.
#[global_allocator]
pub static ALLOCATOR: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;
