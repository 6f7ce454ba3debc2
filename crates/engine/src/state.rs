//! The documents as they stand after a commit.

use std::fmt;
use std::sync::{Arc, OnceLock};

use anabranch_model::{Attachment, CommitId, Definitions, Key, RuntimeId, Value};
use rpds::HashTrieMapSync;

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

    /// The document of a key; none while it is absent.
    pub fn get(&self, attachment: &Attachment, key: &Key) -> Option<&Value> {
        self.document(&DocumentId { attachment: attachment.runtime_id(), key: key.clone() })
    }

    /// The document of this id; none while it is absent.
    pub fn document(&self, id: &DocumentId) -> Option<&Value> {
        self.0.documents.get(id).and_then(|document| document.value().as_ref())
    }

    /// Whether there is a document.
    pub fn has(&self, attachment: &Attachment, key: &Key) -> bool {
        self.get(attachment, key).is_some()
    }

    /// The keys that have a document under an attachment, ascending.
    pub fn keys(&self, attachment: &Attachment) -> Vec<Key> {
        let mut keys: Vec<Key> = self.ids_under(attachment.runtime_id()).map(|id| id.key.clone()).collect();
        keys.sort_unstable();
        keys
    }

    fn ids_under(&self, attachment: RuntimeId) -> impl Iterator<Item = &DocumentId> {
        self.0
            .documents
            .iter()
            .filter(move |(id, document)| id.attachment == attachment && document.value().is_some())
            .map(|(id, _)| id)
    }

    /// Every document, in the order of attachment runtime ids and keys.
    pub fn documents(&self) -> Vec<(&DocumentId, &Value)> {
        let mut documents: Vec<(&DocumentId, &Value)> = self
            .0
            .documents
            .iter()
            .filter_map(|(id, document)| document.value().as_ref().map(|value| (id, value)))
            .collect();
        documents.sort_unstable_by_key(|(id, _)| *id);
        documents
    }

    /// 32 bytes that are equal for two states exactly when their documents are.
    ///
    /// The hash of every document with its id, in order. Costs what the documents cost.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = blake3::Hasher::new_derive_key("anabranch 2026 state v1");
        for (id, value) in self.documents() {
            let encoded = anabranch_model::codec::encode_value(value);
            hasher.update(id.attachment.as_bytes());
            hasher.update(&id.key.to_bytes());
            hasher.update(&(encoded.len() as u64).to_be_bytes());
            hasher.update(&encoded);
        }
        Fingerprint(*hasher.finalize().as_bytes())
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
