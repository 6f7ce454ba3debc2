//! What goes wrong.

use std::io;

/// Why a history could not be turned into a database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// git could not be run, or its output not be read.
    #[error("cannot run git: {0}")]
    Git(#[from] io::Error),
    /// git refused.
    #[error("git {command} failed; it says why above")]
    Refused {
        /// The command of git.
        command: &'static str,
    },
    /// git printed something else than it does.
    #[error("git {command} printed something unexpected: {found:?}")]
    Output {
        /// The command of git.
        command: &'static str,
        /// What it printed.
        found: String,
    },
    /// A commit comes before its parents.
    #[error("commit {commit} comes before its parent {parent}; is the clone shallow?")]
    Order {
        /// The commit.
        commit: String,
        /// The parent that is not there.
        parent: String,
    },
    /// The database has another model, or was not made from a git repository.
    #[error("{location} does not hold the model of git histories")]
    Model {
        /// Where it is.
        location: String,
    },
    /// A state is not what git says.
    #[error("commit {commit}: {path} is {found}, and {expected} in git")]
    Differs {
        /// The commit of git.
        commit: String,
        /// The path.
        path: String,
        /// What git has there.
        expected: String,
        /// What the database has there.
        found: String,
    },
    /// A value is not of its type.
    #[error(transparent)]
    Value(#[from] anabranch::model::json::JsonError),
    /// The database failed.
    #[error(transparent)]
    Engine(#[from] anabranch::Error),
    /// A mutation was refused.
    #[error(transparent)]
    Mutation(#[from] anabranch::MutationError),
}
