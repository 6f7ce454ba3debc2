//! One current commit, undo and redo, and those who are told (`spec/semantics.md` §6).
//!
//! Three locks, never held together: whose turn it is to change the store, taken for a whole change, user code of a
//! dispatch included; the session, for as long as it takes to look at it or to replace it; the notices, likewise.
//! Observers are called when the turn is over.

mod dispatch;
mod navigation;
mod observer;
mod recall;
mod stacks;
mod turn;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anabranch_model::{CommitId, Definitions, ExtendInfo};

pub use dispatch::DispatchError;
pub use observer::Observer;
pub use stacks::UndoStack;

use crate::database::Database;
use crate::error::Error;
use crate::mutable::MutableState;
use crate::state::State;
use observer::{Event, Notices};
use stacks::Stacks;
use turn::Turns;

/// What an interactive application works on: a database, a current commit, what can be undone and redone, and an
/// observer that hears of every change.
///
/// A handle: clones are the same store, and may be used from several threads. Changes take turns.
///
/// ```
/// use anabranch_engine::{Database, MutationError, Store};
///
/// # fn main() -> Result<(), anabranch_engine::Error> {
/// let store = Store::new();
/// store.use_database(Database::create_in_memory(&Default::default())?)?;
/// store.dispatch("Add Alice", |mutable| {
///     // mutable.set(&login, &key, document)?;
///     # let _ = mutable;
///     Ok::<_, MutationError>(())
/// })?;
/// store.undo()?;
/// let header = store.database()?.commit_header(store.state()?.commit_id())?;
/// assert_eq!(header.metadata.label, "Undo [Add Alice]");
/// assert!(store.can_redo());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Store(Arc<Shared>);

#[derive(Default)]
struct Shared {
    turns: Turns,
    session: Mutex<Session>,
    notices: Notices,
}

#[derive(Default)]
struct Session {
    current: Option<Current>,
    stacks: Stacks,
}

#[derive(Clone)]
struct Current {
    database: Database,
    state: State,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What they guard is replaced in one step, and no user code runs meanwhile: it is whole whoever panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// A store without a database.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whom to tell from now on; nobody, for none. The store keeps the observer: one that keeps the store in turn keeps
    /// both for ever.
    pub fn set_observer(&self, observer: Option<Arc<dyn Observer>>) {
        self.0.notices.set_observer(observer);
    }

    /// Takes a database, at its most recent commit. Heads are left as they are, and nothing can be undone.
    ///
    /// # Errors
    /// When the state cannot be read, or from within a dispatch; then the store keeps what it had.
    pub fn use_database(&self, database: Database) -> Result<(), Error> {
        self.change(|| {
            let commit = database.last_commit_id()?.unwrap_or(CommitId::ZERO);
            let state = database.state(commit)?;
            let current = Some(Current { database, state });
            let before =
                std::mem::replace(&mut *lock(&self.0.session), Session { current, ..Session::default() });
            self.0.notices.add(before.current.is_some().then_some(Event::DatabaseDidClose));
            self.0.notices.add([Event::DatabaseDidOpen, Event::StateDidChange]);
            Ok(())
        })
    }

    /// Lets go of the database, and of what could be undone. Does nothing without one.
    ///
    /// # Errors
    /// From within a dispatch.
    pub fn close(&self) -> Result<(), Error> {
        self.change(|| {
            let before = std::mem::take(&mut *lock(&self.0.session));
            self.0.notices.add(before.current.is_some().then_some(Event::DatabaseDidClose));
            Ok(())
        })
    }

    /// Whether the store has a database.
    pub fn has_database(&self) -> bool {
        lock(&self.0.session).current.is_some()
    }

    /// The database.
    ///
    /// # Errors
    /// When there is none.
    pub fn database(&self) -> Result<Database, Error> {
        Ok(self.current()?.database)
    }

    /// The current state.
    ///
    /// # Errors
    /// When there is no database.
    pub fn state(&self) -> Result<State, Error> {
        Ok(self.current()?.state)
    }

    /// A recording on top of the current state, for [`Self::commit_mutations`].
    ///
    /// # Errors
    /// When there is no database.
    pub fn mutable_state(&self) -> Result<MutableState, Error> {
        Ok(MutableState::new(self.state()?))
    }

    /// Adds what the database lacks of these definitions, and has the current state know them.
    ///
    /// # Errors
    /// When there is no database, a name stands for different things on the two sides, or the storage fails.
    pub fn extend_definitions(&self, definitions: &Definitions) -> Result<ExtendInfo, Error> {
        self.change(|| {
            let info = self.database()?.extend_definitions(definitions)?;
            self.renew()?;
            Ok(info)
        })
    }

    /// Has the current state know the definitions that came from elsewhere, by a synchronisation or another process. The
    /// current commit stays: [`Self::forward`] goes to new ones.
    ///
    /// # Errors
    /// When there is no database or the storage fails.
    pub fn refresh(&self) -> Result<(), Error> {
        self.change(|| self.renew())
    }

    /// Asks whoever follows the database live to stop.
    pub fn stop_live(&self) {
        self.tell([Event::StopLive]);
    }

    /// Reads the current state again if its definitions are no more those of the database.
    fn renew(&self) -> Result<(), Error> {
        let Current { database, state } = self.current()?;
        if *state.definitions() == database.definitions()? {
            return Ok(());
        }
        let renewed = database.state(state.commit_id())?;
        lock(&self.0.session).current = Some(Current { database, state: renewed });
        self.0.notices.add([Event::DefinitionsDidChange]);
        Ok(())
    }

    /// Tells at once, or, within a dispatch, when that is over.
    fn tell(&self, events: impl IntoIterator<Item = Event>) {
        self.0.notices.add(events);
        if !self.0.turns.is_mine() {
            self.0.notices.tell(self);
        }
    }

    fn current(&self) -> Result<Current, Error> {
        lock(&self.0.session).current.clone().ok_or(Error::NoDatabase)
    }

    /// Carries out a change when it is its turn, then tells of it, whether it succeeded or not.
    fn change<T, E: From<Error>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let turn = self.0.turns.take()?;
        let result = work();
        drop(turn);
        self.0.notices.tell(self);
        result
    }

    /// Comes to a commit, and does to the stacks what goes with it, in one step.
    fn arrive(
        &self,
        database: Database,
        commit: CommitId,
        settle: impl FnOnce(&mut Stacks),
    ) -> Result<CommitId, Error> {
        let state = database.state(commit)?;
        let mut session = lock(&self.0.session);
        let before = session.current.replace(Current { database, state });
        settle(&mut session.stacks);
        drop(session);
        let has_moved = before.is_none_or(|before| before.state.commit_id() != commit);
        self.0.notices.add(has_moved.then_some(Event::StateDidChange));
        Ok(commit)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let session = lock(&self.0.session);
        f.debug_struct("Store")
            .field("database", &session.current.as_ref().map(|current| &current.database))
            .field("state", &session.current.as_ref().map(|current| &current.state))
            .field("stacks", &session.stacks)
            .finish_non_exhaustive()
    }
}
