//! What a merge would give.

use anabranch_model::CommitId;

use super::evaluation::{Evaluation, merge_id};
use crate::database::Database;
use crate::error::Error;
use crate::payload;
use crate::state::State;

impl Database {
    /// The state that a merge of `theirs` into `ours` would give. Nothing is written.
    ///
    /// It says that it is the state of the commit that [`Self::merge_commit`] would make, so that once that is made it is
    /// the state of that commit.
    ///
    /// # Errors
    /// When one is missing or is an ancestor of the other, a payload cannot be read, or the storage fails.
    pub fn merge_state(&self, ours: CommitId, theirs: CommitId) -> Result<State, Error> {
        let merge = merge_id(ours, theirs);
        if self.commit_exists(merge)? {
            return self.state(merge);
        }
        let snapshot = self.read()?;
        let definitions = self.definitions_of(&*snapshot)?;
        let mut opcodes = Vec::new();
        for commit in Evaluation::of_merge(&*snapshot, ours, theirs)?.taking_part() {
            let payload = snapshot.payload(commit)?.ok_or(Error::CommitNotFound { id: commit })?;
            let decoded = payload::decode(&payload, &definitions);
            opcodes.extend(decoded.map_err(|source| Error::Payload { commit, source })?);
        }
        Ok(State::initial(definitions.clone()).after(merge, definitions, opcodes))
    }
}
