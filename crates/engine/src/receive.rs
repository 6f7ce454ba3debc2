//! Taking in commits that were made elsewhere. Everything is checked; nothing is believed.

use std::collections::{BTreeSet, HashMap};

use anabranch_model::{BlobId, CommitId, Definitions, PayloadHash};

use crate::commit::{CommitHeader, CommitKind, Metadata};
use crate::database::Database;
use crate::error::Error;
use crate::payload;
use crate::storage::Transaction;

/// A commit as it travels: its parts, the id that they are said to give, and its payload byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedCommit {
    /// The id that the sender gives it.
    pub id: CommitId,
    /// What it does.
    pub kind: CommitKind,
    /// The commit that it stands on; zero for a root.
    pub parent: CommitId,
    /// The commit that it merges, hides or shows; zero for `Mutations`.
    pub target: CommitId,
    /// Label, author and time.
    pub metadata: Metadata,
    /// The opcodes of a `Mutations` commit; empty for the others.
    pub payload: Vec<u8>,
    /// The blobs that the payload refers to, as the sender says: what to send along. The receiver looks for itself.
    pub blobs: Vec<BlobId>,
}

/// What commits take, before they travel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// The bytes of their payloads.
    pub payload_bytes: u64,
    /// The blobs that they refer to, ascending, each once.
    pub blobs: Vec<BlobId>,
}

impl Database {
    /// What the commits of these ids take together.
    ///
    /// # Errors
    /// When one is missing or the storage fails.
    pub fn weigh(&self, ids: &[CommitId]) -> Result<Weight, Error> {
        let snapshot = self.read()?;
        let mut payload_bytes = 0;
        let mut blobs = BTreeSet::new();
        for id in ids {
            payload_bytes += snapshot.payload_size(*id)?.ok_or(Error::CommitNotFound { id: *id })?;
            blobs.extend(snapshot.commit_blobs(*id)?);
        }
        Ok(Weight { payload_bytes, blobs: blobs.into_iter().collect() })
    }

    /// The commits of these ids, ready to travel.
    ///
    /// # Errors
    /// When one is missing or the storage fails.
    pub fn pack(&self, ids: &[CommitId]) -> Result<Vec<PackedCommit>, Error> {
        let snapshot = self.read()?;
        ids.iter()
            .map(|id| {
                let header = snapshot.header(*id)?.ok_or(Error::CommitNotFound { id: *id })?;
                let payload = snapshot.payload(*id)?.ok_or(Error::CommitNotFound { id: *id })?;
                Ok(PackedCommit {
                    id: header.id,
                    kind: header.kind,
                    parent: header.parent,
                    target: header.target,
                    metadata: header.metadata,
                    payload,
                    blobs: snapshot.commit_blobs(*id)?,
                })
            })
            .collect()
    }

    /// Remembers that the database has been one side of a synchronisation. Where it may only be read, nothing is done.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn mark_synchronised(&self) -> Result<(), Error> {
        if self.is_read_only() || self.meta()?.synchronised {
            return Ok(());
        }
        let mut transaction = self.write()?;
        transaction.mark_synchronised()?;
        Ok(transaction.commit()?)
    }

    /// Stores commits that were made elsewhere, each after its dependencies, all in one transaction. Answers those that
    /// were not here before.
    ///
    /// Ids are recomputed, dependencies must be here, payloads must decode against the definitions, and blobs that they
    /// refer to must be here. Where one fails, nothing of the batch is stored.
    ///
    /// # Errors
    /// When a commit is not what its id says or lacks something, or the storage fails.
    pub fn receive(&self, commits: &[PackedCommit]) -> Result<Vec<CommitId>, Error> {
        let mut transaction = self.write()?;
        let definitions = self.definitions_of(&*transaction)?;
        let added = put_checked(&mut *transaction, &definitions, commits)?;
        transaction.commit()?;
        Ok(added)
    }

    /// Stores several groups of commits, as [`Self::receive`] does each, in one transaction for all of them: what writes
    /// for many clients at once. A group that fails is left out, and the others are stored.
    ///
    /// # Errors
    /// When the storage fails; then no group is stored.
    pub fn receive_groups(
        &self,
        groups: &[&[PackedCommit]],
    ) -> Result<Vec<Result<Vec<CommitId>, Error>>, Error> {
        let mut transaction = self.write()?;
        let definitions = self.definitions_of(&*transaction)?;
        let mut outcomes = Vec::with_capacity(groups.len());
        for commits in groups {
            match put_checked(&mut *transaction, &definitions, commits) {
                // A check that fails has put nothing; anything else leaves a transaction of no use.
                Err(failure @ Error::Storage(_)) => return Err(failure),
                outcome => outcomes.push(outcome),
            }
        }
        transaction.commit()?;
        Ok(outcomes)
    }
}

/// Checks all of these commits, then puts those that are not there.
fn put_checked(
    transaction: &mut dyn Transaction,
    definitions: &Definitions,
    commits: &[PackedCommit],
) -> Result<Vec<CommitId>, Error> {
    let mut checked: Vec<(&PackedCommit, CommitHeader, Vec<BlobId>)> = Vec::new();
    // Generation and time of the commits that are checked and not put yet.
    let mut coming: HashMap<CommitId, (u64, i64)> = HashMap::new();
    for commit in commits {
        let id = commit.id;
        let malformed = |reason| Error::Malformed { id, reason };
        let payload_hash = PayloadHash::of(&commit.payload);
        if CommitHeader::derive_id(commit.kind, commit.parent, commit.target, payload_hash) != id {
            return Err(malformed("its content does not give this id"));
        }
        if coming.contains_key(&id) || transaction.arrival_of(id)?.is_some() {
            continue;
        }
        let blobs = check_content(commit, definitions)?;
        for blob in &blobs {
            if transaction.blob(*blob)?.is_none() {
                return Err(Error::BlobLacking { commit: id, blob: *blob });
            }
        }
        let mut generation = 0;
        let mut timestamp = commit.metadata.timestamp;
        for dependency in [commit.parent, commit.target].into_iter().filter(|id| !id.is_zero()) {
            let (its_generation, its_timestamp) = match coming.get(&dependency) {
                Some(known) => *known,
                None => {
                    let header = transaction
                        .header(dependency)?
                        .ok_or_else(|| malformed("the commit that it stands on or points at is not here"))?;
                    (header.generation, header.metadata.timestamp)
                }
            };
            generation = generation.max(its_generation);
            // A commit that both sites made independently may have a later time here than there.
            timestamp = timestamp.max(its_timestamp);
        }
        let header = CommitHeader {
            id,
            kind: commit.kind,
            parent: commit.parent,
            target: commit.target,
            payload_hash,
            generation: generation + 1,
            metadata: Metadata { timestamp, ..commit.metadata.clone() },
        };
        coming.insert(id, (header.generation, timestamp));
        checked.push((commit, header, blobs));
    }
    for (commit, header, blobs) in &checked {
        transaction.put_commit(header, &commit.payload, blobs)?;
    }
    Ok(checked.into_iter().map(|(_, header, _)| header.id).collect())
}

/// Checks what a commit says by itself, and answers the blobs that it refers to.
fn check_content(commit: &PackedCommit, definitions: &Definitions) -> Result<Vec<BlobId>, Error> {
    let id = commit.id;
    let malformed = |reason| Error::Malformed { id, reason };
    if commit.kind != CommitKind::Mutations {
        if commit.target.is_zero() || commit.parent.is_zero() {
            return Err(malformed("a merge or decision has a parent and a target"));
        }
        if !commit.payload.is_empty() {
            return Err(malformed("only a Mutations commit has a payload"));
        }
        return Ok(Vec::new());
    }
    if !commit.target.is_zero() {
        return Err(malformed("a Mutations commit has no target"));
    }
    let opcodes = payload::decode(&commit.payload, definitions)
        .map_err(|source| Error::Payload { commit: id, source })?;
    let mut blobs = BTreeSet::new();
    opcodes.iter().for_each(|opcode| {
        opcode.operation.visit_blob_ids(&mut |blob| {
            blobs.insert(blob);
        });
    });
    Ok(blobs.into_iter().collect())
}
