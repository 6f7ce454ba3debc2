//! The documents as they stand after a commit.
//!
//! A state is derived from that of its parent at the cost of what the commit does ([`line`]), or, where it is a merge, of
//! what the commit brings ([`own`]). Recent operations are held document by document ([`entry`]); every so many commits
//! they become a segment ([`boundary`]). Segments ([`segment`]) say which commits touched a document and keep what often
//! changed documents are, so that nothing is read before it is asked for ([`base`]). Masks are kept up to date decision by
//! decision ([`masks`]).

mod arrivals;
mod base;
mod boundary;
mod entry;
mod known;
mod line;
mod masks;
mod own;
mod segment;

use std::fmt;
use std::sync::Arc;

use anabranch_model::{Attachment, CommitId, Definitions, Key, Value};

pub(crate) use base::opcodes_at;
pub(crate) use boundary::Room;
pub(crate) use line::Line;
pub(crate) use own::{Links, common_trunk};

use crate::database::Database;
use crate::error::Error;
use crate::opcode::DocumentId;

/// Whether a checkpoint with this first part is one that this version reads.
pub(crate) fn is_readable_checkpoint(head: &[u8]) -> bool {
    segment::Segment::decode(head, 0, 0).is_some()
}

/// The documents as they stand after a commit: immutable, cheap to clone, shared between threads.
///
/// A document is evaluated when it is first asked for, from the commits that touched it; what is not asked for is not
/// read. States that follow each other share all that the later one does not change.
#[derive(Clone)]
pub struct State {
    line: Arc<Line>,
    database: Database,
}

impl State {
    pub(crate) fn new(line: Arc<Line>, database: Database) -> Self {
        Self { line, database }
    }

    /// Whether the state was read from this database.
    pub(crate) fn is_of(&self, database: &Database) -> bool {
        self.database.is_same(database)
    }

    /// The database that it is read from.
    pub fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn line(&self) -> &Arc<Line> {
        &self.line
    }

    /// The commit whose state this is; zero for the initial state.
    pub fn commit_id(&self) -> CommitId {
        self.line.commit
    }

    /// The definitions that it was read under.
    pub fn definitions(&self) -> &Definitions {
        &self.line.definitions
    }

    /// Whether a commit is hidden here, so that its operations take no part; only a `Mutations` commit has any.
    ///
    /// # Errors
    /// When the commit is missing or the storage fails.
    pub fn hides(&self, commit: CommitId) -> Result<bool, Error> {
        let arrival =
            self.database.read()?.arrival_of(commit)?.ok_or(Error::CommitNotFound { id: commit })?;
        Ok(self.line.hides(arrival))
    }

    /// The document of a key; none while it is absent. A clone shares its contents.
    ///
    /// # Errors
    /// When what the document is made of cannot be read.
    pub fn get(&self, attachment: &Attachment, key: &Key) -> Result<Option<Value>, Error> {
        self.document(&DocumentId { attachment: attachment.runtime_id(), key: key.clone() })
    }

    /// The document of this id; none while it is absent.
    ///
    /// # Errors
    /// When what the document is made of cannot be read.
    pub fn document(&self, id: &DocumentId) -> Result<Option<Value>, Error> {
        self.line.document(id, &self.database)
    }

    /// Whether there is a document.
    ///
    /// # Errors
    /// When what the document is made of cannot be read.
    pub fn has(&self, attachment: &Attachment, key: &Key) -> Result<bool, Error> {
        Ok(self.get(attachment, key)?.is_some())
    }

    /// The keys that have a document under an attachment, ascending.
    ///
    /// # Errors
    /// When what the documents are made of cannot be read.
    pub fn keys(&self, attachment: &Attachment) -> Result<Vec<Key>, Error> {
        let mut keys: Vec<Key> = self
            .ids()?
            .into_iter()
            .filter(|id| id.attachment == attachment.runtime_id())
            .map(|id| id.key)
            .collect();
        keys.sort_unstable();
        Ok(keys)
    }

    /// Which documents there are, in the order of attachment runtime ids and keys.
    ///
    /// # Errors
    /// When what the documents are made of cannot be read.
    pub fn ids(&self) -> Result<Vec<DocumentId>, Error> {
        let mut ids: Vec<DocumentId> = self.line.ids(&self.database)?.into_iter().collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Every document, in the order of attachment runtime ids and keys.
    ///
    /// # Errors
    /// When what the documents are made of cannot be read.
    pub fn documents(&self) -> Result<Vec<(DocumentId, Value)>, Error> {
        let mut documents = Vec::new();
        for id in self.ids()? {
            if let Some(value) = self.document(&id)? {
                documents.push((id, value));
            }
        }
        Ok(documents)
    }

    /// 32 bytes that are equal for two states exactly when their documents are.
    ///
    /// The hash of every document with its id, in order. Costs what the documents cost.
    ///
    /// # Errors
    /// When what the documents are made of cannot be read.
    pub fn fingerprint(&self) -> Result<Fingerprint, Error> {
        let mut hasher = blake3::Hasher::new_derive_key("anabranch 2026 state v1");
        for (id, value) in self.documents()? {
            let encoded = anabranch_model::codec::encode_value(&value);
            hasher.update(id.attachment.as_bytes());
            hasher.update(&id.key.to_bytes());
            hasher.update(&(encoded.len() as u64).to_be_bytes());
            hasher.update(&encoded);
        }
        Ok(Fingerprint(*hasher.finalize().as_bytes()))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("commit", &self.line.commit)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// Equal for two states exactly when their documents are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
