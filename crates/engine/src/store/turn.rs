//! One change to a store at a time.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use super::lock;
use crate::error::Error;

/// Who is changing the store. Waiting for one's own change to end would last for ever, so that it is refused.
#[derive(Debug, Default)]
pub(super) struct Turns {
    taken_by: Mutex<Option<ThreadId>>,
    is_free: Condvar,
}

/// Held while a store is changed.
#[derive(Debug)]
pub(super) struct Turn<'t>(&'t Turns);

impl Turns {
    /// Waits until nobody else is changing the store.
    pub(super) fn take(&self) -> Result<Turn<'_>, Error> {
        let me = thread::current().id();
        let mut taken_by = lock(&self.taken_by);
        if *taken_by == Some(me) {
            return Err(Error::NestedDispatch);
        }
        while taken_by.is_some() {
            taken_by = self.is_free.wait(taken_by).unwrap_or_else(PoisonError::into_inner);
        }
        *taken_by = Some(me);
        Ok(Turn(self))
    }

    /// Whether this thread is changing the store.
    pub(super) fn is_mine(&self) -> bool {
        *lock(&self.taken_by) == Some(thread::current().id())
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *lock(&self.0.taken_by) = None;
        self.0.is_free.notify_one();
    }
}
