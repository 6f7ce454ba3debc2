//! A database: commits, definitions and blobs in a storage, and the states that they make up.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::path::Path as FilePath;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anabranch_model::{BlobId, CommitId, Definitions, DefinitionsDigest, ExtendInfo, PayloadHash, Uuid};

use crate::commit::{CommitHeader, CommitKind, Metadata};
use crate::error::Error;
use crate::graph;
use crate::linearisation::Linearisation;
use crate::opcode::Opcode;
use crate::payload;
use crate::state::Line;
use crate::states::CheckpointPolicy;
use crate::storage::{
    MemoryStorage, Meta, OpenMode, Snapshot, SqliteStorage, Statistics, Storage, Transaction,
};

/// A versioned database. A handle: clones share one storage, and may be used from several threads.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
    author: Arc<str>,
    /// When this handle's commits are made, where that is not now.
    time: Option<i64>,
    checkpoints: CheckpointPolicy,
}

struct Shared {
    storage: Box<dyn Storage>,
    uuid: Uuid,
    documentation: String,
    definitions: Mutex<Definitions>,
    /// The most recently used states, the latest last. They do not hold the database, which would then hold itself.
    states: Mutex<VecDeque<Arc<Line>>>,
    /// Checkpoints, by arrival number and level, that turned out to be damaged and are yet to be removed.
    damaged: Mutex<BTreeSet<(u64, u8)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // All hold caches, replaced in one step: a panic elsewhere cannot leave them half written.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds since the epoch; 0 when the clock says that the epoch is yet to come.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

impl Database {
    /// A database in memory, for tests and scratch work.
    ///
    /// # Errors
    /// When the definitions cannot be stored.
    pub fn create_in_memory(definitions: &Definitions) -> Result<Self, Error> {
        Self::create_with(Box::new(MemoryStorage::new(new_meta(""))), definitions)
    }

    /// A new database file, holding these definitions. An existing file is never touched.
    ///
    /// # Errors
    /// When there is something at the path, or it cannot be written.
    pub fn create(
        path: impl AsRef<FilePath>,
        documentation: &str,
        definitions: &Definitions,
    ) -> Result<Self, Error> {
        let storage = SqliteStorage::create(path.as_ref(), new_meta(documentation))?;
        Self::create_with(Box::new(storage), definitions)
    }

    fn create_with(storage: Box<dyn Storage>, definitions: &Definitions) -> Result<Self, Error> {
        let database = Self::with_storage(storage)?;
        database.extend_definitions(definitions)?;
        Ok(database)
    }

    /// Opens a database file.
    ///
    /// # Errors
    /// When there is no database at the path that this program can read.
    pub fn open(path: impl AsRef<FilePath>, mode: OpenMode) -> Result<Self, Error> {
        Self::with_storage(Box::new(SqliteStorage::open(path.as_ref(), mode)?))
    }

    /// The database in any storage.
    ///
    /// # Errors
    /// When the storage fails or its definitions cannot be read.
    pub fn with_storage(storage: Box<dyn Storage>) -> Result<Self, Error> {
        let snapshot = storage.snapshot()?;
        let meta = snapshot.meta()?;
        let definitions = Definitions::decode(snapshot.definitions()?)?;
        drop(snapshot);
        let shared = Shared {
            storage,
            uuid: meta.uuid,
            documentation: meta.documentation,
            definitions: Mutex::new(definitions),
            states: Mutex::default(),
            damaged: Mutex::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
            author: Arc::from(""),
            time: None,
            checkpoints: CheckpointPolicy::default(),
        })
    }

    /// The same database, with an author for the commits that this handle makes.
    #[must_use]
    pub fn with_author(mut self, author: impl Into<Arc<str>>) -> Self {
        self.author = author.into();
        self
    }

    /// The same database, with a time for the commits that this handle makes, in milliseconds since the epoch; now, for
    /// none. For history that comes from elsewhere: whatever it says, no commit is earlier than those it depends on.
    #[must_use]
    pub fn with_time(mut self, time: Option<i64>) -> Self {
        self.time = time;
        self
    }

    /// Who makes the commits of this handle; nobody, when it is empty.
    pub fn author(&self) -> &str {
        &self.author
    }

    /// The same database, with another policy for the checkpoints that this handle makes.
    #[must_use]
    pub fn with_checkpoints(mut self, policy: CheckpointPolicy) -> Self {
        self.checkpoints = policy;
        self
    }

    pub(crate) fn checkpoint_policy(&self) -> CheckpointPolicy {
        self.checkpoints
    }

    /// What people call it: the path of the file, or `memory`.
    pub fn location(&self) -> String {
        self.shared.storage.location()
    }

    /// Whether it may only be read.
    pub fn is_read_only(&self) -> bool {
        self.shared.storage.is_read_only()
    }

    /// Names this database among its replicas.
    pub fn uuid(&self) -> Uuid {
        self.shared.uuid
    }

    /// What the database is for, as its creator wrote it.
    pub fn documentation(&self) -> &str {
        &self.shared.documentation
    }

    /// Whether both handles are of one and the same open database.
    pub fn is_same(&self, other: &Database) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// What the crate that made the storage keeps on it ([`Storage::extension`]).
    pub fn extension(&self) -> Option<&(dyn std::any::Any + Send + Sync)> {
        self.shared.storage.extension()
    }

    pub(crate) fn storage(&self) -> &dyn Storage {
        &*self.shared.storage
    }

    /// One consistent moment, for reading.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn read(&self) -> Result<Box<dyn Snapshot + '_>, Error> {
        Ok(self.shared.storage.snapshot()?)
    }

    pub(crate) fn write(&self) -> Result<Box<dyn Transaction + '_>, Error> {
        Ok(self.shared.storage.transaction()?)
    }

    /// Goes up with every transaction that adds a commit, a blob or a definition, whoever makes it.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn data_version(&self) -> Result<u64, Error> {
        Ok(self.read()?.data_version()?)
    }

    /// How much is stored.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn statistics(&self) -> Result<Statistics, Error> {
        Ok(self.read()?.statistics()?)
    }

    /// What the storage says about itself.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn meta(&self) -> Result<Meta, Error> {
        Ok(self.read()?.meta()?)
    }

    /// The definitions, those that other handles and processes added included.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn definitions(&self) -> Result<Definitions, Error> {
        let snapshot = self.read()?;
        if self.storage().evaluator().is_some() {
            // A storage elsewhere tells how many there are as of now only when it is asked something.
            snapshot.data_version()?;
        }
        self.definitions_of(&*snapshot)
    }

    /// The definitions that a snapshot holds. Decodes only when there are more than were known.
    pub(crate) fn definitions_of(&self, snapshot: &dyn Snapshot) -> Result<Definitions, Error> {
        let count = snapshot.definition_count()?;
        let known = lock(&self.shared.definitions).clone();
        if known.len() as u64 == count {
            return Ok(known);
        }
        let definitions = Definitions::decode(snapshot.definitions()?)?;
        let mut cached = lock(&self.shared.definitions);
        if cached.len() < definitions.len() {
            *cached = definitions.clone();
        }
        Ok(definitions)
    }

    /// Adds what is missing here of these definitions; nothing is ever replaced.
    ///
    /// # Errors
    /// When a name stands for different things on the two sides; then nothing is added.
    pub fn extend_definitions(&self, definitions: &Definitions) -> Result<ExtendInfo, Error> {
        if self.definitions()?.extend(definitions)?.1.total() == 0 {
            return Ok(ExtendInfo::default());
        }
        let mut transaction = self.write()?;
        let present = Definitions::decode(transaction.definitions()?)?;
        let (extended, info) = present.extend(definitions)?;
        for (id, stored) in extended.encode().iter().filter(|(id, _)| !present.contains(*id)) {
            transaction.put_definition(*id, stored)?;
        }
        transaction.commit()?;
        *lock(&self.shared.definitions) = extended;
        Ok(info)
    }

    /// The hash of the definitions: equal on two databases exactly when the definitions are.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn definitions_digest(&self) -> Result<DefinitionsDigest, Error> {
        Ok(self.definitions()?.digest())
    }

    /// Appends a `Merge`: what `target` has and `parent` lacks lands after what `parent` has.
    ///
    /// # Errors
    /// When one is missing or is an ancestor of the other, or the storage fails.
    pub fn merge_commit(&self, label: &str, parent: CommitId, target: CommitId) -> Result<CommitId, Error> {
        let mut transaction = self.write()?;
        for id in [parent, target] {
            transaction.header(id)?.ok_or(Error::CommitNotFound { id })?;
        }
        let reason = if parent == target {
            Some("they are the same commit")
        } else if self.has_ancestor(&*transaction, target, parent)? {
            Some("the first is an ancestor of the second, which therefore has all of it")
        } else if self.has_ancestor(&*transaction, parent, target)? {
            Some("the second is an ancestor of the first, which therefore has all of it")
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err(Error::NotMergeable { parent, target, reason });
        }
        let id = self.put(&mut *transaction, CommitKind::Merge, parent, target, label, &[], &[])?;
        transaction.commit()?;
        Ok(id)
    }

    /// Appends, on top of `parent`, a commit that hides `target`.
    ///
    /// # Errors
    /// When one is missing or the storage fails.
    pub fn disable_commit(&self, label: &str, parent: CommitId, target: CommitId) -> Result<CommitId, Error> {
        self.decide(CommitKind::Disable, label, parent, target)
    }

    /// Appends, on top of `parent`, a commit that shows `target` again.
    ///
    /// # Errors
    /// When one is missing or the storage fails.
    pub fn enable_commit(&self, label: &str, parent: CommitId, target: CommitId) -> Result<CommitId, Error> {
        self.decide(CommitKind::Enable, label, parent, target)
    }

    fn decide(
        &self,
        kind: CommitKind,
        label: &str,
        parent: CommitId,
        target: CommitId,
    ) -> Result<CommitId, Error> {
        let mut transaction = self.write()?;
        for id in [parent, target] {
            transaction.header(id)?.ok_or(Error::CommitNotFound { id })?;
        }
        let id = self.put(&mut *transaction, kind, parent, target, label, &[], &[])?;
        transaction.commit()?;
        Ok(id)
    }

    /// Adds a commit of this handle's author, now, unless the same commit is there.
    #[expect(clippy::too_many_arguments, reason = "the parts of a commit, each of its own type")]
    pub(crate) fn put(
        &self,
        transaction: &mut dyn Transaction,
        kind: CommitKind,
        parent: CommitId,
        target: CommitId,
        label: &str,
        payload: &[u8],
        blobs: &[BlobId],
    ) -> Result<CommitId, Error> {
        let payload_hash = PayloadHash::of(payload);
        let id = CommitHeader::derive_id(kind, parent, target, payload_hash);
        let mut generation = 0;
        let mut timestamp = self.time.unwrap_or_else(now);
        for dependency in [parent, target].into_iter().filter(|id| !id.is_zero()) {
            let header = transaction.header(dependency)?.ok_or(Error::CommitNotFound { id: dependency })?;
            generation = generation.max(header.generation);
            timestamp = timestamp.max(header.metadata.timestamp);
        }
        let metadata = Metadata { label: label.to_owned(), author: self.author.to_string(), timestamp };
        let header =
            CommitHeader { id, kind, parent, target, payload_hash, generation: generation + 1, metadata };
        transaction.put_commit(&header, payload, blobs)?;
        Ok(id)
    }

    /// Every commit, in order of arrival.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn commit_ids(&self) -> Result<Vec<CommitId>, Error> {
        arrivals_of(&*self.read()?)
    }

    /// The commits that are nobody's parent and no merge's target, ascending.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn head_commit_ids(&self) -> Result<Vec<CommitId>, Error> {
        Ok(self.read()?.heads()?)
    }

    /// The commits whose parent this is, ascending; the roots, for the zero id.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn children_commit_ids(&self, id: CommitId) -> Result<Vec<CommitId>, Error> {
        Ok(self.read()?.children(id)?)
    }

    /// The merges whose target this is, ascending.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn nephew_commit_ids(&self, id: CommitId) -> Result<Vec<CommitId>, Error> {
        let snapshot = self.read()?;
        let mut nephews = Vec::new();
        for id in snapshot.targeting(id)? {
            if snapshot.header(id)?.is_some_and(|header| header.kind == CommitKind::Merge) {
                nephews.push(id);
            }
        }
        Ok(nephews)
    }

    /// The commit that was stored first; none when there is none.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn first_commit_id(&self) -> Result<Option<CommitId>, Error> {
        Ok(self.read()?.arrivals(0, 1)?.first().map(|(_, header)| header.id))
    }

    /// The commit of the greatest timestamp, then generation, then id; none when there is none.
    ///
    /// It is always a head: no commit is earlier than its dependencies.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn last_commit_id(&self) -> Result<Option<CommitId>, Error> {
        let snapshot = self.read()?;
        let mut last: Option<CommitHeader> = None;
        for id in snapshot.heads()? {
            let header = snapshot.header(id)?.ok_or(Error::CommitNotFound { id })?;
            let rank = |header: &CommitHeader| (header.metadata.timestamp, header.generation, header.id);
            if last.as_ref().is_none_or(|last| rank(last) < rank(&header)) {
                last = Some(header);
            }
        }
        Ok(last.map(|header| header.id))
    }

    /// Whether a commit is here.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn commit_exists(&self, id: CommitId) -> Result<bool, Error> {
        Ok(self.read()?.header(id)?.is_some())
    }

    /// What a commit says, without its payload.
    ///
    /// # Errors
    /// When the commit is missing or the storage fails.
    pub fn commit_header(&self, id: CommitId) -> Result<CommitHeader, Error> {
        self.read()?.header(id)?.ok_or(Error::CommitNotFound { id })
    }

    /// The opcodes of a commit; none for all but `Mutations`.
    ///
    /// # Errors
    /// When the commit is missing, its payload cannot be read, or the storage fails.
    pub fn commit_opcodes(&self, id: CommitId) -> Result<Vec<Opcode>, Error> {
        let snapshot = self.read()?;
        let header = snapshot.header(id)?.ok_or(Error::CommitNotFound { id })?;
        match header.kind {
            CommitKind::Mutations => read_opcodes(&*snapshot, id, &self.definitions_of(&*snapshot)?),
            _ => Ok(Vec::new()),
        }
    }

    /// Up to `limit` ids that start with these lower-case hexadecimal digits, ascending.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn commits_with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<CommitId>, Error> {
        Ok(self.read()?.commits_with_prefix(prefix, limit)?)
    }

    /// Whether `ancestor` is `descendant` or in its history.
    ///
    /// # Errors
    /// When one is missing or the storage fails.
    pub fn is_ancestor(&self, ancestor: CommitId, descendant: CommitId) -> Result<bool, Error> {
        self.has_ancestor(&*self.read()?, descendant, ancestor)
    }

    /// Whether two commits are different and neither is an ancestor of the other.
    ///
    /// # Errors
    /// When one is missing or the storage fails.
    pub fn is_mergeable(&self, left: CommitId, right: CommitId) -> Result<bool, Error> {
        let snapshot = self.read()?;
        Ok(!self.has_ancestor(&*snapshot, left, right)? && !self.has_ancestor(&*snapshot, right, left)?)
    }

    /// The one greatest common ancestor of two commits; none when there are none or several.
    ///
    /// # Errors
    /// When one is missing or the storage fails.
    pub fn merge_base(&self, left: CommitId, right: CommitId) -> Result<Option<CommitId>, Error> {
        Ok(graph::merge_base(&*self.read()?, left, right)?)
    }

    /// The order in which the commits of a history take effect.
    ///
    /// # Errors
    /// When the commit is missing or the storage fails.
    pub fn linearisation(&self, commit: CommitId) -> Result<Linearisation, Error> {
        Ok(Linearisation::of(&*self.read()?, commit)?)
    }

    /// Removes a head that nothing refers to. For demonstrations: history is not meant to be taken back.
    ///
    /// # Errors
    /// When the commit is missing or referred to; when the database has been synchronised, unless `force`d.
    pub fn delete_commit(&self, id: CommitId, force: bool) -> Result<(), Error> {
        let mut transaction = self.write()?;
        refuse_synchronised(&*transaction, "a removed commit", force)?;
        transaction.delete_commit(id)?;
        transaction.drop_checkpoints()?;
        transaction.commit()?;
        self.states().clear();
        Ok(())
    }

    /// Removes all commits but the first. For demonstrations: history is not meant to be taken back.
    ///
    /// # Errors
    /// When the database has been synchronised, unless `force`d; or the storage fails.
    pub fn reset_commits(&self, force: bool) -> Result<(), Error> {
        let mut transaction = self.write()?;
        refuse_synchronised(&*transaction, "removed commits", force)?;
        let ids = arrivals_of(&*transaction)?;
        // Dependencies arrive first, so that the latest is always one that nothing refers to.
        for id in ids.into_iter().skip(1).rev() {
            transaction.delete_commit(id)?;
        }
        transaction.drop_checkpoints()?;
        transaction.commit()?;
        self.states().clear();
        Ok(())
    }

    /// The states that are kept, the most recently used last.
    pub(crate) fn states(&self) -> MutexGuard<'_, VecDeque<Arc<Line>>> {
        lock(&self.shared.states)
    }

    /// The checkpoints that are left out, because they turned out to be damaged.
    pub(crate) fn damaged_checkpoints(&self) -> MutexGuard<'_, BTreeSet<(u64, u8)>> {
        lock(&self.shared.damaged)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("location", &self.location()).finish_non_exhaustive()
    }
}

fn new_meta(documentation: &str) -> Meta {
    Meta {
        uuid: Uuid::new_v4(),
        documentation: documentation.to_owned(),
        created: now(),
        synchronised: false,
    }
}

fn arrivals_of(snapshot: &dyn Snapshot) -> Result<Vec<CommitId>, Error> {
    let mut ids = Vec::new();
    let mut last = 0;
    loop {
        let batch = snapshot.arrivals(last, 4096)?;
        let Some((arrival, _)) = batch.last() else { return Ok(ids) };
        last = *arrival;
        ids.extend(batch.iter().map(|(_, header)| header.id));
    }
}

fn refuse_synchronised(snapshot: &dyn Snapshot, what: &'static str, force: bool) -> Result<(), Error> {
    if !force && snapshot.meta()?.synchronised { Err(Error::Synchronised { what }) } else { Ok(()) }
}

fn read_opcodes(
    snapshot: &dyn Snapshot,
    commit: CommitId,
    definitions: &Definitions,
) -> Result<Vec<Opcode>, Error> {
    let payload = snapshot.payload(commit)?.ok_or(Error::CommitNotFound { id: commit })?;
    payload::decode(&payload, definitions).map_err(|source| Error::Payload { commit, source })
}
