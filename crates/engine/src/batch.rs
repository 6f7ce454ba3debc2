//! Many commits in one transaction: what imports are made of.

use std::collections::BTreeSet;
use std::sync::Arc;

use anabranch_model::{BlobId, CommitId, Definitions, DefinitionsError};

use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;
use crate::mutable::MutableState;
use crate::payload;
use crate::state::{Line, State};
use crate::storage::Transaction;

/// Commits that become durable and visible together, or, when the batch is dropped before [`Self::finish`], not at all.
///
/// ```
/// use anabranch_engine::{Database, MutableState};
///
/// # fn main() -> Result<(), anabranch_engine::Error> {
/// let database = Database::create_in_memory(&Default::default())?;
/// let mut state = database.initial_state()?;
/// let mut batch = database.batch()?;
/// for label in ["one", "two", "three"] {
///     state = batch.commit(label, &MutableState::new(state))?;
/// }
/// batch.finish()?;
/// assert_eq!(database.last_commit_id()?, Some(state.commit_id()));
/// # Ok(())
/// # }
/// ```
pub struct Batch<'d> {
    database: &'d Database,
    /// Whose commits these are.
    signer: Database,
    transaction: Box<dyn Transaction + 'd>,
    definitions: Definitions,
    last: Option<Arc<Line>>,
}

impl Database {
    /// Starts a batch. Other writers wait until it is finished or dropped.
    ///
    /// # Errors
    /// When the database may only be read, another writer keeps it too long, or the storage fails.
    pub fn batch(&self) -> Result<Batch<'_>, Error> {
        let transaction = self.write()?;
        let definitions = self.definitions_of(&*transaction)?;
        Ok(Batch { database: self, signer: self.clone(), transaction, definitions, last: None })
    }

    /// Appends a `Mutations` commit with what was recorded, on top of the commit that the recording started from. The
    /// same parent and the same opcodes are the same commit, stored once.
    ///
    /// # Errors
    /// When the parent is not in this database, something recorded is not covered by its definitions, a blob that was
    /// recorded is missing, or the storage fails.
    pub fn commit_mutations(&self, label: &str, mutable: &MutableState) -> Result<CommitId, Error> {
        let derives = self.storage().evaluator().is_none();
        if derives && (!mutable.base().is_of(self) || !mutable.base().line().is_stored()) {
            // On boundaries that are not stored, none could follow that are.
            self.kept_line(mutable.base().commit_id())?;
        }
        let mut batch = self.batch()?;
        let state = batch.commit(label, mutable)?;
        batch.finish()?;
        Ok(state.commit_id())
    }
}

impl Batch<'_> {
    /// Has the commits that follow be of this author, and of this time, in milliseconds since the epoch; now, for none.
    pub fn sign(&mut self, author: impl Into<Arc<str>>, time: Option<i64>) {
        self.signer = self.database.clone().with_author(author).with_time(time);
    }

    /// Appends a commit, as [`Database::commit_mutations`] does, and gives its state to go on from.
    ///
    /// # Errors
    /// As [`Database::commit_mutations`]; the batch can go on, without this commit.
    pub fn commit(&mut self, label: &str, mutable: &MutableState) -> Result<State, Error> {
        let base = mutable.base();
        let opcodes = mutable.opcodes();
        let payload = payload::encode(opcodes);
        let mut blobs = BTreeSet::new();
        opcodes.iter().for_each(|opcode| {
            opcode.operation.visit_blob_ids(&mut |id| {
                blobs.insert(id);
            });
        });
        let blobs: Vec<BlobId> = blobs.into_iter().collect();
        if *mutable.definitions() != self.definitions {
            check_covered(mutable, &self.definitions)?;
        }
        // What was recorded on a state of this database goes on from there; on another's, numbers mean other commits.
        let line = if base.is_of(self.database) {
            // The database may have made a boundary there since; going on from before it would make it again and again.
            self.database.kept_state_line(base.line())
        } else {
            self.database.state(base.commit_id())?.line().clone()
        };
        let (parent, target) = (base.commit_id(), CommitId::ZERO);
        let transaction = &mut *self.transaction;
        let kind = CommitKind::Mutations;
        let id = self.signer.put(transaction, kind, parent, target, label, &payload, &blobs)?;
        let arrival = transaction.arrival_of(id)?.ok_or(Error::CommitNotFound { id })?;
        let mut line = (*line).clone().under(self.definitions.clone());
        line.mutate(id, arrival, opcodes.to_vec(), payload.len());
        let line = Arc::new(line);
        self.last = Some(line.clone());
        Ok(State::new(line, self.database.clone()))
    }

    /// Makes the commits durable and visible.
    ///
    /// # Errors
    /// When the storage fails; then none of them is there.
    pub fn finish(mut self) -> Result<(), Error> {
        let mut last = self.last.take().map(|line| (*line).clone());
        if let Some(line) = &mut last {
            self.database.keep_boundary(&mut *self.transaction, line)?;
        }
        self.transaction.commit()?;
        let Some(line) = last else { return Ok(()) };
        let line = if self.database.storage().evaluator().is_some() {
            self.database.served_after(line)?
        } else {
            line
        };
        self.database.cache_line(Arc::new(line));
        Ok(())
    }
}

/// Checks that what was recorded under other definitions is covered by these.
fn check_covered(mutable: &MutableState, definitions: &Definitions) -> Result<(), Error> {
    let missing = mutable.definitions().ordered().into_iter().find(|d| !definitions.contains(d.runtime_id()));
    match missing {
        Some(missing) => Err(DefinitionsError::Missing {
            kind: "the recorded change under",
            name: missing.kind().to_owned(),
            missing: missing.name().clone(),
        }
        .into()),
        None => Ok(()),
    }
}
