//! The documents as they stand after a commit.

use std::fmt;
use std::sync::{Arc, OnceLock};

use anabranch_model::{Attachment, CommitId, Definitions, Key, Value};
use rpds::HashTrieMapSync;

use crate::error::Error;
use crate::opcode::{DocumentId, DropReason, Opcode, Operation};

/// The documents as they stand after a commit: immutable, cheap to clone, shared between threads.
///
/// A state maps each document that was ever operated on to the operations that take part, and evaluates a document when
/// it is first asked for. A state derived from another shares with it all that it does not change.
#[derive(Clone)]
pub struct State(Arc<Inner>);

struct Inner {
    commit: CommitId,
    definitions: Definitions,
    documents: HashTrieMapSync<DocumentId, Arc<Document>>,
}

/// The operations on one document, those of earlier states shared with them.
struct Document {
    before: Option<Arc<Document>>,
    operations: Vec<Operation>,
    value: OnceLock<Option<Value>>,
}

impl Document {
    /// The document after all operations; none while it is absent.
    fn value(&self) -> &Option<Value> {
        self.value.get_or_init(|| {
            // Back to the nearest state that was evaluated, or to a whole document, then forward again.
            let mut pending = vec![self];
            let mut value = None;
            let mut last = self;
            while let Some(before) = last.before.as_deref() {
                if let Some(known) = before.value.get() {
                    value.clone_from(known);
                    break;
                }
                pending.push(before);
                last = before;
            }
            for document in pending.into_iter().rev() {
                for operation in &document.operations {
                    // What cannot take effect is dropped, alone; the trace tells.
                    let _: Result<(), DropReason> = operation.apply(&mut value);
                }
            }
            value
        })
    }
}

impl Drop for Document {
    /// Long chains are taken apart one by one: dropping them recursively would exhaust the stack.
    fn drop(&mut self) {
        let mut next = self.before.take();
        while let Some(mut document) = next.and_then(Arc::into_inner) {
            next = document.before.take();
        }
    }
}

impl State {
    /// The state before the first commit: no document.
    pub fn initial(definitions: Definitions) -> Self {
        Self(Arc::new(Inner { commit: CommitId::ZERO, definitions, documents: HashTrieMapSync::new_sync() }))
    }

    /// The state at `commit` when these opcodes, in order, follow what made up this state. Costs what the opcodes cost.
    #[must_use]
    pub fn after(
        &self,
        commit: CommitId,
        definitions: Definitions,
        opcodes: impl IntoIterator<Item = Opcode>,
    ) -> Self {
        let mut grouped: Vec<(DocumentId, Vec<Operation>)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for Opcode { document, operation } in opcodes {
            let place = *places.entry(document.clone()).or_insert_with(|| {
                grouped.push((document, Vec::new()));
                grouped.len() - 1
            });
            grouped[place].1.push(operation);
        }
        let mut documents = self.0.documents.clone();
        for (id, operations) in grouped {
            let before = documents.get(&id).cloned();
            documents.insert_mut(id, Arc::new(Document { before, operations, value: OnceLock::new() }));
        }
        Self(Arc::new(Inner { commit, definitions, documents }))
    }

    /// The commit whose state this is; zero for the initial state.
    pub fn commit_id(&self) -> CommitId {
        self.0.commit
    }

    /// The definitions that it was read under.
    pub fn definitions(&self) -> &Definitions {
        &self.0.definitions
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
        Ok(self.0.documents.get(id).and_then(|document| document.value().clone()))
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
        let present = self.0.documents.iter().filter(|(_, document)| document.value().is_some());
        let mut ids: Vec<DocumentId> = present.map(|(id, _)| id.clone()).collect();
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
            .field("commit", &self.0.commit)
            .field("documents", &self.0.documents.size())
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
