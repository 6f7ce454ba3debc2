//! Mutations as people write them: JSON, checked and recorded.

mod mutation;
mod place;
mod recorder;

pub(crate) use mutation::Op;
pub(crate) use place::{Container, container};
pub(crate) use recorder::Recorder;
