//! Which commits make up a state.

use std::collections::BTreeMap;

use anabranch_model::CommitId;

use super::evaluation::Evaluation;
use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;

/// A commit of a history, and what it does to the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalAction {
    /// The commit.
    pub commit: CommitId,
    /// What it does.
    pub kind: CommitKind,
    /// What it merges, hides or shows; zero for `Mutations`.
    pub target: CommitId,
    /// Whether it is shown.
    pub is_on: bool,
    /// What decided whether it is shown: a `Disable`, an `Enable`, or a hidden merge that brought it. None where nothing
    /// did, and it is shown for that reason.
    pub decided_by: Option<CommitId>,
    /// Whether the state would be made up otherwise without it: a `Mutations` or `Merge` that is shown; a `Disable` or
    /// `Enable` that is shown, whose target is in the history, and that no later decision overrules.
    pub has_effect: bool,
}

impl Database {
    /// The commits that make up the state at `commit`, in the order in which they take effect, each with what becomes of
    /// it. Nothing for the zero id.
    ///
    /// Costs what the history costs.
    ///
    /// # Errors
    /// When the commit is missing or the storage fails.
    pub fn eval_actions(&self, commit: CommitId) -> Result<Vec<EvalAction>, Error> {
        let evaluation = Evaluation::of(&*self.read()?, commit)?;
        let actions = evaluation.iter().zip(evaluation.decides());
        Ok(actions
            .map(|((entry, decision), decides)| {
                let is_on = decision.is_none_or(|decision| decision.is_on);
                EvalAction {
                    commit: entry.id,
                    kind: entry.kind,
                    target: entry.target,
                    is_on,
                    decided_by: decision.map(|decision| decision.by),
                    has_effect: match entry.kind {
                        CommitKind::Mutations | CommitKind::Merge => is_on,
                        CommitKind::Disable | CommitKind::Enable => *decides,
                    },
                }
            })
            .collect())
    }

    /// For each commit of a history, whether it is shown.
    ///
    /// # Errors
    /// When the commit is missing or the storage fails.
    pub fn enabled_by_commit(&self, commit: CommitId) -> Result<BTreeMap<CommitId, bool>, Error> {
        let evaluation = Evaluation::of(&*self.read()?, commit)?;
        let enabled =
            |(entry, decision): (&crate::linearisation::Entry, Option<super::evaluation::Decision>)| {
                (entry.id, decision.is_none_or(|decision| decision.is_on))
            };
        Ok(evaluation.iter().map(enabled).collect())
    }
}
