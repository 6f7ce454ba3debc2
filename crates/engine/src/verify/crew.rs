//! Work on one moment of a storage, done by several threads and taken in the order in which it was given.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use crate::storage::{Snapshot, Storage, StorageError};

/// How much work may be under way for each thread: what is done early waits for what was given before it.
const AHEAD: usize = 4;

/// How long a thread may be at it before somebody is told how far it is.
const TICK: Duration = Duration::from_millis(100);

/// The threads, each with its own snapshot of the same moment, beside the one who gives the work.
#[derive(Default)]
pub(super) struct Crew<'s> {
    snapshots: Vec<Box<dyn Snapshot + Send + 's>>,
}

impl<'s> Crew<'s> {
    /// As many as there are cores; and a snapshot for the one who gives the work. There is nobody where there is only one
    /// core, or where no two snapshots of one moment can be had.
    pub(super) fn of(storage: &'s dyn Storage) -> Result<(Box<dyn Snapshot + 's>, Self), StorageError> {
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        let mut snapshots = if cores > 1 { storage.snapshots(cores + 1)? } else { Vec::new() };
        let first: Box<dyn Snapshot + 's> = match snapshots.pop() {
            Some(first) => first,
            None => storage.snapshot()?,
        };
        Ok((first, Self { snapshots }))
    }

    /// Has `work` done on everything that `feed` gives. `take` hears the results in the order in which the work was given,
    /// and none from time to time while it waits. `first` is what is worked on where there is nobody to do it.
    pub(super) fn run<T: Send, R: Send>(
        &mut self,
        first: &dyn Snapshot,
        work: impl Fn(&dyn Snapshot, T) -> R + Sync,
        feed: impl FnOnce(&mut dyn FnMut(T)),
        mut take: impl FnMut(Option<R>),
    ) {
        if self.snapshots.is_empty() {
            return feed(&mut |task| take(Some(work(first, task))));
        }
        let most = AHEAD * self.snapshots.len();
        let (give, tasks) = channel::<(usize, T)>();
        let tasks = Mutex::new(tasks);
        std::thread::scope(|scope| {
            let (send, results) = channel();
            let mut threads = Vec::new();
            for snapshot in &mut self.snapshots {
                let (tasks, send, work) = (&tasks, send.clone(), &work);
                threads.push(scope.spawn(move || {
                    loop {
                        let task = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
                        let Ok((number, task)) = task else { return };
                        if send.send((number, work(&**snapshot, task))).is_err() {
                            return;
                        }
                    }
                }));
            }
            // Only threads hold the other end of the results: when all are gone, none will come.
            drop(send);
            let mut line = Line { results, threads, early: BTreeMap::new(), taken: 0 };
            let mut given = 0;
            feed(&mut |task| {
                while given - line.taken >= most && line.wait(&mut take, true) {}
                // The other end lives as long as this function.
                let _ = give.send((given, task));
                given += 1;
            });
            drop(give);
            while line.taken < given && line.wait(&mut take, false) {}
        });
    }
}

/// Results on their way back.
struct Line<'scope, R> {
    results: Receiver<(usize, R)>,
    threads: Vec<ScopedJoinHandle<'scope, ()>>,
    /// Those that came before others that were asked for earlier.
    early: BTreeMap<usize, R>,
    taken: usize,
}

impl<R> Line<'_, R> {
    /// Waits for a result, and hands on all that are next. Answers false when one will never come, because its thread
    /// panicked, as the scope is going to: threads only end when there is no more work to come.
    fn wait(&mut self, take: &mut impl FnMut(Option<R>), is_more_to_come: bool) -> bool {
        match self.results.recv_timeout(TICK) {
            Ok((number, result)) => drop(self.early.insert(number, result)),
            Err(RecvTimeoutError::Timeout) => {
                take(None);
                return !(is_more_to_come && self.threads.iter().any(ScopedJoinHandle::is_finished));
            }
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        while let Some(result) = self.early.remove(&self.taken) {
            self.taken += 1;
            take(Some(result));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{MemoryStorage, Meta};

    fn crew(storage: &MemoryStorage, threads: usize) -> Crew<'_> {
        Crew { snapshots: storage.snapshots(threads).expect("memory") }
    }

    fn storage() -> MemoryStorage {
        let uuid = anabranch_model::Uuid::new_v4();
        MemoryStorage::new(Meta { uuid, documentation: String::new(), created: 0, synchronised: false })
    }

    #[test]
    fn results_are_taken_in_the_order_in_which_work_was_given() {
        let storage = storage();
        for threads in 0..5 {
            let mut taken = Vec::new();
            crew(&storage, threads).run(
                &*storage.snapshot().expect("memory"),
                |_, number: u64| {
                    std::thread::sleep(Duration::from_micros(number * 7919 % 500));
                    number
                },
                |give| (0..500).for_each(give),
                |result| taken.extend(result),
            );
            assert_eq!(taken, (0..500).collect::<Vec<_>>());
        }
    }

    #[test]
    fn somebody_is_told_while_work_takes_long() {
        let storage = storage();
        let mut ticks = 0;
        crew(&storage, 2).run(
            &*storage.snapshot().expect("memory"),
            |_, ()| std::thread::sleep(3 * TICK),
            |give| give(()),
            |result| ticks += u64::from(result.is_none()),
        );
        assert!(ticks > 0);
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_thread_that_panics_is_not_waited_for() {
        let storage = storage();
        crew(&storage, 2).run(
            &*storage.snapshot().expect("memory"),
            |_, number: u64| assert_ne!(number, 3),
            |give| (0..50).for_each(give),
            |_| {},
        );
    }
}
