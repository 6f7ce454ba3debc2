//! Test support: a model with every container, random histories over it, and the reference evaluator that the engine is
//! held to.

#![expect(clippy::expect_used, reason = "test support: what goes wrong here should stop the test")]

pub mod arbitrary;
pub mod fixture;
pub mod reference;
pub mod script;
