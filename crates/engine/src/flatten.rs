//! A database without the history of another.

use std::collections::BTreeSet;

use anabranch_model::{BlobId, ChunkId, CommitId};

use crate::blob::{BATCH, PackedBlob};
use crate::database::Database;
use crate::error::Error;
use crate::mutable::{MutableState, MutationError};

impl Database {
    /// Makes the state at `commit` the first and only commit of `into`, which must have none: the definitions, one
    /// `document_set` for each document, and the blobs that documents refer to. Answers the new commit.
    ///
    /// Documents come in the order of attachment runtime ids and keys, so that equal states give the same commit wherever
    /// they are flattened. What is not in a document any more, blobs included, stays behind.
    ///
    /// # Errors
    /// When the commit or a blob is missing, `into` has a commit or means other things by the same names, or a storage
    /// fails. `into` may have definitions and blobs then, never a part of the state.
    pub fn flatten(&self, commit: CommitId, into: &Database) -> Result<CommitId, Error> {
        let documents = {
            let state = self.state(commit)?;
            refuse_commits(into)?;
            into.extend_definitions(state.definitions())?;
            state.documents()?
        };
        let mut blobs = BTreeSet::new();
        for (_, value) in &documents {
            value.visit_blob_ids(&mut |id| {
                blobs.insert(id);
            });
        }
        self.copy_blobs(blobs, into)?;
        let mut mutable = MutableState::new(into.initial_state()?);
        for (document, value) in documents {
            let attachment =
                mutable.definitions().attachment(document.attachment).cloned().ok_or_else(|| {
                    MutationError::UnknownAttachment { attachment: document.attachment.to_string() }
                })?;
            mutable.set(&attachment, &document.key, value)?;
        }
        refuse_commits(into)?;
        into.commit_mutations(&format!("state of {commit}"), &mutable)
    }

    /// Copies blobs, a bounded number of bytes at a time.
    fn copy_blobs(&self, blobs: BTreeSet<BlobId>, into: &Database) -> Result<(), Error> {
        let (mut chunks, mut made, mut bytes) = (BTreeSet::new(), Vec::new(), 0);
        for id in blobs {
            for blob in self.pack_blobs(&into.unknown_blobs(&[id])?)? {
                for chunk in &blob.chunks {
                    if bytes + u64::from(chunk.size) > BATCH as u64 {
                        self.copy_pack(std::mem::take(&mut chunks), &made, into)?;
                        (made, bytes) = (Vec::new(), 0);
                    }
                    if chunks.insert(chunk.id) {
                        bytes += u64::from(chunk.size);
                    }
                }
                made.push(blob);
            }
        }
        self.copy_pack(chunks, &made, into)
    }

    fn copy_pack(
        &self,
        chunks: BTreeSet<ChunkId>,
        blobs: &[PackedBlob],
        into: &Database,
    ) -> Result<(), Error> {
        let lacking = into.unknown_chunks(&chunks.into_iter().collect::<Vec<_>>())?;
        into.receive_blobs(&self.pack_chunks(&lacking)?, blobs).map(drop)
    }
}

fn refuse_commits(database: &Database) -> Result<(), Error> {
    match database.first_commit_id()? {
        None => Ok(()),
        Some(_) => Err(Error::NotEmpty { location: database.location() }),
    }
}
