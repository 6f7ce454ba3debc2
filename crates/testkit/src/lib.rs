//! Test support: the reference evaluator, random graphs, fixtures.
