//! The commit engine: commits, graph, linearisation, state, mutation, blobs and storage back ends.

pub mod commit;
pub mod storage;
