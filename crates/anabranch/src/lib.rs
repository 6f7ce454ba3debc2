//! An embedded, typed, versioned database that replicates.
