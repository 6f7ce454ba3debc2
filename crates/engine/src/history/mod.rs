//! Reading back what happened (`spec/semantics.md` §8).
//!
//! * [`Database::trace`](crate::Database::trace): every operation on one document, and what became of it.
//! * [`Database::blame`](crate::Database::blame): since which commit each place of a document stands as it does.
//! * [`Database::diff`](crate::Database::diff): what differs between any two commits, place by place.
//! * [`Database::eval_actions`](crate::Database::eval_actions): which commits make up a state, and what each does to it.
//! * [`Database::merge_state`](crate::Database::merge_state): what a merge would give, nothing written.

mod actions;
mod blame;
mod diff;
mod evaluation;
mod merge_state;
mod places;
mod sides;
mod touched;
mod trace;
mod writers;

pub use actions::EvalAction;
pub use blame::{Blame, BlamedPlace};
pub use diff::{DocumentDiff, StateDiff};
pub use places::PlaceChange;
pub(crate) use places::between;
pub(crate) use sides::Sides;
pub(crate) use trace::traces;
pub use trace::{Outcome, Trace, TraceStep};
pub(crate) use writers::changes;
