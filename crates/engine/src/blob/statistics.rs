//! What is in the pool, in figures.

use std::collections::BTreeMap;

use anabranch_model::BlobId;

use super::PAGE;
use crate::database::Database;
use crate::error::Error;

/// What is in the pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlobStatistics {
    /// How many blobs there are.
    pub blobs: u64,
    /// The sum of their sizes.
    pub bytes: u64,
    /// The size of the smallest; 0 when there is none.
    pub smallest: u64,
    /// The size of the largest; 0 when there is none.
    pub largest: u64,
    /// Blobs that no commit refers to.
    pub unreferenced: u64,
    /// How many chunks there are, which blobs share.
    pub chunks: u64,
    /// The sum of their sizes: what blobs take on disk.
    pub chunk_bytes: u64,
    /// How many blobs have each layout.
    pub layouts: BTreeMap<String, u64>,
}

impl Database {
    /// What is in the pool. Costs a look at each blob; what blobs and chunks take together is in
    /// [`Self::statistics`] for nothing.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn blob_statistics(&self) -> Result<BlobStatistics, Error> {
        let snapshot = self.read()?;
        let total = snapshot.statistics()?;
        let mut statistics =
            BlobStatistics { chunks: total.chunks, chunk_bytes: total.chunk_bytes, ..Default::default() };
        let mut last = BlobId::ZERO;
        loop {
            let page = snapshot.blobs_after(last, PAGE)?;
            let Some(end) = page.iter().map(|blob| blob.id).max().filter(|end| *end > last) else {
                return Ok(statistics);
            };
            last = end;
            for blob in page {
                let is_first = statistics.blobs == 0;
                statistics.blobs += 1;
                statistics.bytes = statistics.bytes.saturating_add(blob.size);
                statistics.smallest = if is_first { blob.size } else { statistics.smallest.min(blob.size) };
                statistics.largest = statistics.largest.max(blob.size);
                statistics.unreferenced += u64::from(!snapshot.is_blob_referenced(blob.id)?);
                *statistics.layouts.entry(blob.layout).or_default() += 1;
            }
        }
    }
}
