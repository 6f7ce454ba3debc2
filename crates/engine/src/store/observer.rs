//! Who is told what happens to a store.

use std::collections::VecDeque;
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex};

use super::{Store, lock};

/// Is told what happens to a [`Store`]. What it does not care about it leaves out.
///
/// It is told after the fact, in order, one thing at a time, and while no lock is held: it may read the store and change
/// it. What it changes is told when it returns. When it panics, whoever changed the store gets the panic; the store has
/// changed all the same, and what was not told yet is told with the next change.
#[expect(unused_variables, reason = "the names are for those who implement it")]
pub trait Observer: Send + Sync {
    /// The store has a database.
    fn database_did_open(&self, store: &Store) {}

    /// The store has its database no more.
    fn database_did_close(&self, store: &Store) {}

    /// The store is at another commit.
    fn state_did_change(&self, store: &Store) {}

    /// The database knows more definitions.
    fn definitions_did_change(&self, store: &Store) {}

    /// A dispatch failed; nothing changed. Whoever dispatched has the error too.
    fn dispatch_error(&self, store: &Store, error: &(dyn StdError + 'static)) {}

    /// Whoever follows the database live is asked to stop.
    fn stop_live(&self, store: &Store) {}

    /// Commits are about to be removed: what was kept of them will be stale.
    fn database_will_reset(&self, store: &Store) {}

    /// Commits were removed, or, where that failed, were not.
    fn database_did_reset(&self, store: &Store) {}
}

/// What an observer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    DatabaseDidOpen,
    DatabaseDidClose,
    StateDidChange,
    DefinitionsDidChange,
    StopLive,
    DatabaseWillReset,
    DatabaseDidReset,
}

impl Event {
    fn tell(self, observer: &dyn Observer, store: &Store) {
        match self {
            Self::DatabaseDidOpen => observer.database_did_open(store),
            Self::DatabaseDidClose => observer.database_did_close(store),
            Self::StateDidChange => observer.state_did_change(store),
            Self::DefinitionsDidChange => observer.definitions_did_change(store),
            Self::StopLive => observer.stop_live(store),
            Self::DatabaseWillReset => observer.database_will_reset(store),
            Self::DatabaseDidReset => observer.database_did_reset(store),
        }
    }
}

/// What is yet to be told, and to whom.
#[derive(Default)]
pub(super) struct Notices(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    observer: Option<Arc<dyn Observer>>,
    events: VecDeque<Event>,
    /// Somebody is telling, further down this stack or in another thread, and will go on to what is added.
    is_telling: bool,
}

/// Something that is told now, and to whom. While it is there nothing else is.
struct Telling<'n> {
    notices: &'n Notices,
    event: Event,
    observer: Option<Arc<dyn Observer>>,
}

impl Drop for Telling<'_> {
    /// Also when the observer panics: others go on telling.
    fn drop(&mut self) {
        lock(&self.notices.0).is_telling = false;
    }
}

impl Notices {
    pub(super) fn set_observer(&self, observer: Option<Arc<dyn Observer>>) {
        // The one before is dropped without the lock: it may hold on to anything.
        let before = std::mem::replace(&mut lock(&self.0).observer, observer);
        drop(before);
    }

    pub(super) fn add(&self, events: impl IntoIterator<Item = Event>) {
        lock(&self.0).events.extend(events);
    }

    /// Tells what is waiting, in order, one thing at a time whichever threads call.
    pub(super) fn tell(&self, store: &Store) {
        while let Some(telling) = self.next() {
            if let Some(observer) = &telling.observer {
                telling.event.tell(&**observer, store);
            }
        }
    }

    fn next(&self) -> Option<Telling<'_>> {
        let mut waiting = lock(&self.0);
        if waiting.is_telling {
            return None;
        }
        let event = waiting.events.pop_front()?;
        waiting.is_telling = true;
        Some(Telling { notices: self, event, observer: waiting.observer.clone() })
    }

    /// Tells of a failed dispatch at once: the error is not kept.
    pub(super) fn tell_error(&self, store: &Store, error: &(dyn StdError + 'static)) {
        let observer = lock(&self.0).observer.clone();
        if let Some(observer) = observer {
            observer.dispatch_error(store, error);
        }
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notices").field("waiting", &lock(&self.0).events).finish_non_exhaustive()
    }
}
