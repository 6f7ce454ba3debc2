//! From several heads to one (`spec/sync.md`, "Reducing").

use anabranch_model::CommitId;

use crate::commit::CommitKind;
use crate::database::Database;
use crate::error::Error;

impl Database {
    /// Folds every other head into `anchor`, or into the most recent head when there is none, one `Merge` each, in
    /// ascending id, all in one transaction. Gives the one head that is left: the anchor itself when there was nothing
    /// to fold, nothing when there is no commit.
    ///
    /// Given the same heads and anchor, every site makes the same commits, ids included.
    ///
    /// # Errors
    /// When the anchor is no head, or the storage fails.
    pub fn reduce_heads(&self, anchor: Option<CommitId>) -> Result<Option<CommitId>, Error> {
        let Some(anchor) = anchor.or(self.last_commit_id()?) else { return Ok(None) };
        let mut transaction = self.write()?;
        let heads = transaction.heads()?;
        if !heads.contains(&anchor) {
            return Err(Error::NotAHead { id: anchor });
        }
        let mut result = anchor;
        for head in heads.into_iter().filter(|head| *head != anchor) {
            let label = format!("merge of {head}");
            result = self.put(&mut *transaction, CommitKind::Merge, result, head, &label, &[], &[])?;
        }
        transaction.commit()?;
        Ok(Some(result))
    }

    /// The commit that going forward from `commit` leads to: the only head, or, with several, what
    /// [`Self::fast_forward`] reaches.
    ///
    /// # Errors
    /// When the commit is missing or the storage fails.
    pub fn forward(&self, commit: CommitId) -> Result<CommitId, Error> {
        match self.head_commit_ids()?.as_slice() {
            [only] => Ok(*only),
            _ => self.fast_forward(commit),
        }
    }

    /// Steps from a commit to a child, or failing that to a merge that targets it, the smallest id among several, until
    /// a head.
    ///
    /// # Errors
    /// When the commit is missing or the storage fails.
    pub fn fast_forward(&self, commit: CommitId) -> Result<CommitId, Error> {
        if !commit.is_zero() {
            self.commit_header(commit)?;
        }
        let mut current = commit;
        loop {
            let next = match self.children_commit_ids(current)?.first() {
                Some(child) => Some(*child),
                None if current.is_zero() => None,
                None => self.nephew_commit_ids(current)?.first().copied(),
            };
            match next {
                Some(next) => current = next,
                None => return Ok(current),
            }
        }
    }
}
