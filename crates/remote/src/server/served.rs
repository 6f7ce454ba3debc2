//! A database that is served: what its callers share.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anabranch_engine::{Database, Error, PackedCommit};
use anabranch_model::{CommitId, DefinitionsDigest};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{proto, wire};

/// How many calls may wait for the writer; more wait to be let in.
const WAITING: usize = 4096;
/// The most that one transaction takes in.
const COMMITS_IN_TRANSACTION: usize = 10_000;
const BYTES_IN_TRANSACTION: usize = 16 << 20;
/// After how many commits their states are made fast to open again.
const SETTLE_AFTER: usize = 1024;
/// How often a database is looked at for what other processes write, while anybody follows it.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A database that is served.
pub(crate) struct Served {
    pub(crate) name: String,
    pub(crate) database: Database,
    writer: mpsc::Sender<Job>,
    /// The change counter, as far as it is known.
    changed: watch::Sender<u64>,
    /// The digest of so many definitions.
    digest: Mutex<(u64, Option<DefinitionsDigest>)>,
}

struct Job {
    commits: Vec<PackedCommit>,
    reply: oneshot::Sender<Result<Vec<CommitId>, Error>>,
}

impl Served {
    pub(crate) fn new(name: String, database: Database) -> Result<Self, Error> {
        let (writer, jobs) = mpsc::channel(WAITING);
        let changed = watch::Sender::new(database.data_version()?);
        let (writes, notices) = (database.clone(), changed.clone());
        // It ends with the last sender, which this holds.
        thread::Builder::new()
            .name(format!("writer of {name}"))
            .spawn(move || write(&writes, jobs, &notices))
            .map_err(Error::Read)?;
        Ok(Self { name, database, writer, changed, digest: Mutex::new((0, None)) })
    }

    /// Stores commits, together with those of other callers that wait at the same time. Answers those that are new.
    pub(crate) async fn store(&self, commits: Vec<PackedCommit>) -> Result<Vec<CommitId>, StoreError> {
        let (reply, outcome) = oneshot::channel();
        self.writer.send(Job { commits, reply }).await.map_err(|_| StoreError::Stopped)?;
        Ok(outcome.await.map_err(|_| StoreError::Stopped)??)
    }

    /// Tells those who follow the database that it changed.
    pub(crate) fn notify(&self) {
        if let Ok(version) = self.database.data_version() {
            tell(&self.changed, version);
        }
    }

    /// Follows the database.
    pub(crate) fn follow(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Looks for what other processes write, as long as anybody follows.
    pub(crate) async fn look(&self) {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            if self.changed.receiver_count() > 0 {
                // A question of some microseconds; not worth a thread.
                self.notify();
            }
        }
    }

    /// How the database stands now.
    pub(crate) fn present(&self) -> Result<proto::Present, Error> {
        let snapshot = self.database.read()?;
        // Before the rest: a change in between makes it older than it says, never newer.
        let data_version = snapshot.data_version()?;
        let mut heads = Vec::new();
        for id in snapshot.heads()? {
            let header = snapshot.header(id)?.ok_or(Error::CommitNotFound { id })?;
            let arrival = snapshot.arrival_of(id)?.ok_or(Error::CommitNotFound { id })?;
            heads.push(wire::commit(&header, arrival));
        }
        // The commit that came last is a head: nothing could refer to it yet.
        let last_arrival = heads.iter().map(|head| head.arrival).max().unwrap_or(0);
        let definitions = snapshot.definition_count()?;
        Ok(proto::Present {
            data_version,
            last_arrival,
            definitions,
            heads,
            definitions_digest: wire::bytes_of(self.digest(definitions)?.as_bytes()),
            synchronised: snapshot.meta()?.synchronised,
            statistics: Some(wire::from_statistics(snapshot.statistics()?)),
        })
    }

    fn digest(&self, definitions: u64) -> Result<DefinitionsDigest, Error> {
        let known = *self.digest.lock().unwrap_or_else(PoisonError::into_inner);
        if let (count, Some(digest)) = known
            && count == definitions
        {
            return Ok(digest);
        }
        let present = self.database.definitions()?;
        let digest = present.digest();
        *self.digest.lock().unwrap_or_else(PoisonError::into_inner) = (present.len() as u64, Some(digest));
        Ok(digest)
    }
}

/// Why commits were not stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error(transparent)]
    Database(#[from] Error),
    /// Whether they were is not known: the same call again is safe.
    #[error("the server is shutting down; try again when it is back")]
    Stopped,
}

fn tell(changed: &watch::Sender<u64>, version: u64) {
    changed.send_if_modified(|known| {
        let is_new = *known < version;
        *known = (*known).max(version);
        is_new
    });
}

/// The one thread that stores what callers send: whatever waits goes into one transaction.
fn write(database: &Database, mut jobs: mpsc::Receiver<Job>, changed: &watch::Sender<u64>) {
    let mut unsettled = 0;
    while let Some(first) = jobs.blocking_recv() {
        let mut batch = vec![first];
        let weight = |job: &Job| job.commits.iter().map(|commit| commit.payload.len()).sum::<usize>();
        let (mut commits, mut bytes) = (batch[0].commits.len(), weight(&batch[0]));
        while commits < COMMITS_IN_TRANSACTION
            && bytes < BYTES_IN_TRANSACTION
            && let Ok(next) = jobs.try_recv()
        {
            commits += next.commits.len();
            bytes += weight(&next);
            batch.push(next);
        }
        let groups: Vec<&[PackedCommit]> = batch.iter().map(|job| job.commits.as_slice()).collect();
        let outcomes = match database.receive_groups(&groups) {
            Ok(outcomes) => outcomes,
            // One of them may be what the storage cannot take; the others need not suffer from that.
            Err(_) => groups.iter().map(|commits| database.receive(commits)).collect(),
        };
        let version = database.data_version();
        for (job, outcome) in batch.into_iter().zip(outcomes) {
            unsettled += outcome.as_ref().map_or(0, Vec::len);
            // Whoever has gone does not want to know.
            let _ = job.reply.send(outcome);
        }
        if let Ok(version) = version {
            tell(changed, version);
        }
        if unsettled >= SETTLE_AFTER {
            unsettled = 0;
            settle(database);
        }
    }
}

/// Makes the states of the heads fast to open. Whatever fails here fails again, and is told, when a state is asked for.
pub(crate) fn settle(database: &Database) {
    for head in database.head_commit_ids().unwrap_or_default() {
        if let Err(error) = database.checkpoint(head) {
            tracing::warn!(%error, %head, "no checkpoint was made");
        }
    }
}
