//! The binary, driven as people and scripts drive it.
//!
//! Snapshots hold all that a run shows: standard output, then standard error behind `2>`, then the exit code. What differs
//! from run to run is hidden by `support`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod blobs;
mod bundles;
mod clone;
mod collect;
mod commits;
mod damage;
mod databases;
mod documents;
mod flatten;
mod fmt;
mod full;
mod graph;
mod help;
mod history;
mod kill;
mod log;
mod mutate;
mod programs;
mod reading;
mod replication;
mod support;
mod terminal;
mod tour;
mod undo;
