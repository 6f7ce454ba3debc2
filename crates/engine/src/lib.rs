//! Commits, graph, linearisation, state, mutation, blobs and storage back ends.
