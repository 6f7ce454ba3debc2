//! Blobs on their way from one database to another. Everything that arrives is checked; nothing is believed.

use anabranch_model::{BlobId, ContentHash};

use super::{BlobLayout, Prepared, reader, record_of};
use crate::database::Database;
use crate::error::Error;

/// A blob as it travels in one piece: its parts, and the id that they are said to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedBlob {
    /// The id that the sender gives it.
    pub id: BlobId,
    /// What its bytes are.
    pub layout: BlobLayout,
    /// The bytes.
    pub content: Vec<u8>,
}

impl Database {
    /// The blobs of these ids, ready to travel. They are in memory together: ask for as many as fit.
    ///
    /// # Errors
    /// When one is not here, is damaged or does not fit in memory, or the storage fails.
    pub fn pack_blobs(&self, ids: &[BlobId]) -> Result<Vec<PackedBlob>, Error> {
        let snapshot = self.read()?;
        ids.iter()
            .map(|id| {
                let (record, content) = reader::read_whole(&*snapshot, *id)?;
                Ok(PackedBlob { id: *id, layout: record.layout.parse()?, content })
            })
            .collect()
    }

    /// Stores blobs that were made elsewhere, all in one transaction. Answers how many were not here before.
    ///
    /// Ids are recomputed. Where one does not fit, nothing of the batch is stored.
    ///
    /// # Errors
    /// When a blob is not what its id says, or the storage fails.
    pub fn receive_blobs(&self, blobs: &[PackedBlob]) -> Result<usize, Error> {
        let mut missing = Vec::new();
        let snapshot = self.read()?;
        for blob in blobs {
            let content = ContentHash::of(&blob.content);
            let record = record_of(blob.layout, content, blob.content.len() as u64)?;
            if record.id != blob.id {
                return Err(Error::BlobMismatch { id: blob.id, found: record.id });
            }
            if snapshot.blob(blob.id)?.is_none() {
                missing.push(Prepared::new(record, &blob.content));
            }
        }
        drop(snapshot);
        let mut added = 0;
        if !missing.is_empty() {
            let mut transaction = self.write()?;
            for blob in &missing {
                added += usize::from(blob.put(&mut *transaction)?);
            }
            transaction.commit()?;
        }
        Ok(added)
    }
}
