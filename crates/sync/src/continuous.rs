//! Keeping two replicas in step for as long as one likes.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use anabranch_engine::Error;

use crate::progress::Cancellation;
use crate::replica::{Changes, Replica, ReplicaError};
use crate::synchronizer::{Mode, SyncError, SyncInfo, Synchronizer};

/// How long to wait after the first failure, twice as long after each other one …
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// … up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long it takes at most to notice that it is to stop.
const ATTENTION: Duration = Duration::from_millis(20);

/// What happens while two replicas are kept in step.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// Both sides have the same, for the first time or after something was copied.
    InStep(&'e SyncInfo),
    /// A side cannot be reached; it is tried again after this time.
    Lost(&'e SyncError, Duration),
    /// The side can be reached again.
    Back,
}

/// Synchronises again whenever a side changes: at once where it gives notices, else when its change counter is next
/// looked at. It survives that a side goes away.
pub struct Continuous<'a> {
    source: &'a dyn Replica,
    target: &'a dyn Replica,
    synchronizer: Synchronizer<'a>,
    interval: Duration,
    cancellation: Cancellation,
}

impl<'a> Continuous<'a> {
    /// Keeps two replicas in step. `interval` is how often the change counter of a side is looked at that gives no notices.
    pub fn new(source: &'a dyn Replica, target: &'a dyn Replica, mode: Mode, interval: Duration) -> Self {
        let synchronizer = Synchronizer::new(source, target, mode);
        let cancellation = synchronizer.cancellation();
        Self { source, target, synchronizer, interval, cancellation }
    }

    /// What ends [`Self::run`] from another thread.
    pub fn cancellation(&self) -> Cancellation {
        self.cancellation.clone()
    }

    /// Runs until it is cancelled, which is no error, telling what happens.
    ///
    /// # Errors
    /// When a pass fails in a way that trying again does not mend: a side refuses, or definitions conflict.
    pub fn run(&mut self, report: &mut dyn FnMut(Event<'_>)) -> Result<(), SyncError> {
        let mut failures = 0;
        let mut is_first = true;
        while !self.cancellation.is_cancelled() {
            // Asked for before the pass, so that no change falls in between.
            let watched = [self.source.changes(), self.target.changes()];
            let passed = watched
                .into_iter()
                .zip([self.source, self.target])
                .map(|(changes, side)| changes.map_err(SyncError::on(side)))
                .collect::<Result<Vec<_>, _>>()
                .and_then(|watched| Ok((watched, self.synchronizer.sync()?)));
            match passed {
                Ok((mut watched, info)) => {
                    if failures > 0 {
                        report(Event::Back);
                        failures = 0;
                    }
                    if is_first || !info.is_empty() {
                        is_first = false;
                        report(Event::InStep(&info));
                    }
                    self.follow(&mut watched, report)?;
                }
                Err(SyncError::Cancelled) => return Ok(()),
                Err(error) if is_passing(&error) => {
                    let pause = pause(failures);
                    if failures == 0 {
                        report(Event::Lost(&error, pause));
                    }
                    failures += 1;
                    self.rest(pause);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Synchronises after each change, until that fails, which the next pass finds out, or until it is to stop.
    fn follow(
        &mut self,
        watched: &mut [Option<Box<dyn Changes>>],
        report: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), SyncError> {
        let mut looked = Instant::now();
        let polls = watched.iter().any(Option::is_none);
        while !self.cancellation.is_cancelled() {
            let mut is_changed = false;
            for changes in watched.iter_mut().flatten() {
                match changes.wait(ATTENTION) {
                    Ok(notice) => is_changed |= notice.is_some(),
                    Err(_) => return Ok(()),
                }
            }
            if polls && watched.iter().all(Option::is_none) {
                self.rest(ATTENTION.min(self.interval));
            }
            if polls && looked.elapsed() >= self.interval {
                looked = Instant::now();
                is_changed = true;
            }
            if is_changed {
                match self.synchronizer.sync() {
                    Ok(info) if info.is_empty() => {}
                    Ok(info) => report(Event::InStep(&info)),
                    Err(SyncError::Cancelled) => return Ok(()),
                    Err(error) if is_passing(&error) => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn rest(&self, pause: Duration) {
        let started = Instant::now();
        while !self.cancellation.is_cancelled() && started.elapsed() < pause {
            std::thread::sleep(ATTENTION.min(pause.saturating_sub(started.elapsed())));
        }
    }
}

/// Whether trying again may help.
fn is_passing(error: &SyncError) -> bool {
    match error {
        SyncError::Replica { source, .. } => {
            matches!(&**source, ReplicaError::Connection { .. } | ReplicaError::Database(Error::Storage(_)))
        }
        _ => false,
    }
}

/// How long to wait after so many failures: longer and longer, and not all at the same time.
fn pause(failures: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(2u32.saturating_pow(failures)).min(LONGEST_PAUSE);
    let jitter = RandomState::new().hash_one(failures) % 1000;
    longest / 2 + longest / 2 * u32::try_from(jitter).unwrap_or(0) / 1000
}
