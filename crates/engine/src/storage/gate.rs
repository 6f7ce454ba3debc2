//! One at a time, for a while: who wants to write waits for whoever writes.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A thing that one thread has at a time, and that others wait for no longer than they said.
///
/// A plain mutex would wait for ever, so that a thread which opens a second transaction while it has one would hang
/// instead of learning that the storage is locked.
#[derive(Debug)]
pub(super) struct Gate<T> {
    taken: Mutex<bool>,
    freed: Condvar,
    thing: Mutex<T>,
}

/// The right to use what is behind a [`Gate`], given back when it is dropped.
#[derive(Debug)]
pub(super) struct Pass<'gate, T> {
    gate: &'gate Gate<T>,
    thing: MutexGuard<'gate, T>,
}

impl<T> Gate<T> {
    pub(super) fn new(thing: T) -> Self {
        Self { taken: Mutex::new(false), freed: Condvar::new(), thing: Mutex::new(thing) }
    }

    /// Waits for its turn, none when that takes longer than `patience`.
    pub(super) fn enter(&self, patience: Duration) -> Option<Pass<'_, T>> {
        // A flag is whole whatever its holder did, so a poisoned lock says nothing of interest.
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut taken, _) = self
            .freed
            .wait_timeout_while(taken, patience, |taken| *taken)
            .unwrap_or_else(PoisonError::into_inner);
        if *taken {
            return None;
        }
        *taken = true;
        drop(taken);
        // Only the one who raised the flag comes here. A holder that panicked has rolled back while unwinding.
        let thing = self.thing.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Pass { gate: self, thing })
    }
}

impl<T> Deref for Pass<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.thing
    }
}

impl<T> DerefMut for Pass<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.thing
    }
}

impl<T> Drop for Pass<'_, T> {
    fn drop(&mut self) {
        // The guard itself goes a moment later; who is woken meanwhile waits for it on the inner lock.
        *self.gate.taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.gate.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_second_one_waits_and_gives_up() {
        let gate = Gate::new(());
        let pass = gate.enter(Duration::ZERO);
        assert!(pass.is_some());
        let start = Instant::now();
        assert!(gate.enter(Duration::from_millis(30)).is_none());
        assert!(start.elapsed() >= Duration::from_millis(30));
        drop(pass);
        assert!(gate.enter(Duration::ZERO).is_some());
    }

    #[test]
    fn many_take_turns_and_none_is_lost() {
        let gate = Gate::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        *gate.enter(Duration::from_secs(30)).expect("its turn comes") += 1;
                    }
                });
            }
        });
        assert_eq!(*gate.enter(Duration::ZERO).expect("all have left"), 1600);
    }

    #[test]
    fn a_panic_behind_the_gate_leaves_it_usable() {
        let gate = Gate::new(7);
        let outcome = thread::scope(|scope| {
            scope
                .spawn(|| {
                    let _pass = gate.enter(Duration::ZERO);
                    panic!("as a careless caller would");
                })
                .join()
        });
        assert!(outcome.is_err());
        assert_eq!(gate.enter(Duration::ZERO).map(|pass| *pass), Some(7));
    }
}
