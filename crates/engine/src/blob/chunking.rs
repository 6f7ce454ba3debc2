//! Where the content of a blob is cut into chunks.
//!
//! The cuts depend on the bytes around them only (FastCDC in its version of 2020), so that content which was changed in
//! one place has the chunks that it had everywhere else. They are no part of a blob's identity: databases that cut
//! otherwise have the same blobs, and only share less.

use std::ops::Range;

use anabranch_model::ChunkId;
use fastcdc::v2020::FastCDC;

use crate::storage::ChunkRef;

/// The fewest bytes of a chunk that is not the last of its blob.
pub(crate) const MIN_CHUNK: usize = 64 << 10;
/// The bytes that a chunk has on average, about.
pub(crate) const AVERAGE_CHUNK: usize = 256 << 10;
/// The most bytes of a chunk.
pub(crate) const MAX_CHUNK: usize = 1 << 20;

/// A chunk, and where its bytes are in a buffer.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) chunk: ChunkRef,
    pub(super) range: Range<usize>,
}

/// Cuts a whole content.
pub(super) fn cut_all(content: &[u8]) -> Vec<Piece> {
    cut(content, content.len())
}

/// Cuts as much of a content's beginning as can be cut without knowing what follows.
pub(super) fn cut_some(beginning: &[u8]) -> Vec<Piece> {
    // A cut is final once as much as the longest chunk can be seen.
    cut(beginning, (beginning.len() + 1).saturating_sub(MAX_CHUNK))
}

/// Cuts the chunks that start before `end`.
fn cut(bytes: &[u8], end: usize) -> Vec<Piece> {
    FastCDC::new(bytes, MIN_CHUNK, AVERAGE_CHUNK, MAX_CHUNK)
        .take_while(|cut| cut.offset < end)
        .map(|cut| {
            let range = cut.offset..cut.offset + cut.length;
            // No chunk is longer than `MAX_CHUNK`.
            let size = cut.length as u32;
            Piece { chunk: ChunkRef { id: ChunkId::of(&bytes[range.clone()]), size }, range }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes without a pattern, the same in every run.
    fn noise(size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        blake3::Hasher::new().finalize_xof().fill(&mut bytes);
        bytes
    }

    fn lengths(pieces: &[Piece]) -> Vec<usize> {
        pieces.iter().map(|piece| piece.range.len()).collect()
    }

    #[test]
    fn chunks_are_the_content_in_order() {
        for size in
            [0, 1, MIN_CHUNK - 1, MIN_CHUNK, MIN_CHUNK + 1, MAX_CHUNK, MAX_CHUNK + 1, 5 * MAX_CHUNK + 7]
        {
            for content in [noise(size), vec![0; size]] {
                let pieces = cut_all(&content);
                let mut end = 0;
                for (place, piece) in pieces.iter().enumerate() {
                    assert_eq!(piece.range.start, end);
                    end = piece.range.end;
                    assert_eq!(piece.chunk.size as usize, piece.range.len());
                    assert_eq!(piece.chunk.id, ChunkId::of(&content[piece.range.clone()]));
                    assert!(piece.range.len() <= MAX_CHUNK);
                    assert!(piece.range.len() >= MIN_CHUNK || place + 1 == pieces.len());
                }
                assert_eq!(end, size);
            }
        }
    }

    #[test]
    fn a_content_cut_bit_by_bit_is_cut_alike() {
        let content = noise(4 * MAX_CHUNK + 12_345);
        for window in [MAX_CHUNK, MAX_CHUNK + 1, 2 * MAX_CHUNK + 999] {
            let mut found = Vec::new();
            let mut start = 0;
            while content.len() - start > window {
                let pieces = cut_some(&content[start..start + window]);
                found.extend(lengths(&pieces));
                start += pieces.last().map(|piece| piece.range.end).expect("a full window has a cut");
            }
            found.extend(lengths(&cut_all(&content[start..])));
            assert_eq!(found, lengths(&cut_all(&content)));
        }
    }

    #[test]
    fn less_than_the_longest_chunk_is_not_cut_yet() {
        assert!(cut_some(&noise(MAX_CHUNK - 1)).is_empty());
        assert!(cut_some(&[]).is_empty());
        assert_eq!(cut_some(&vec![0; MAX_CHUNK]).len(), 1);
    }
}
