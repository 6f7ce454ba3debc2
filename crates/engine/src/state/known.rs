//! What a process knows of the documents at a boundary: those that it evaluated, and how much there is to read for those
//! that it saw changed.

use anabranch_model::Value;
use rpds::HashTrieMapSync;

use crate::opcode::DocumentId;

/// How many documents are kept evaluated, …
const KEPT_DOCUMENTS: usize = 16_384;
/// … and how many bytes they may be, roughly.
const KEPT_BYTES: u64 = 64 << 20;
/// Of how many documents it is known how much there is to read.
const KEPT_DEBTS: usize = 65_536;
/// What a document is taken to be while nothing is known of its size.
const USUAL_BYTES: u64 = 512;

/// Documents as they stand at a boundary. Cloning shares everything.
#[derive(Clone, Debug)]
pub(super) struct Documents {
    values: HashTrieMapSync<DocumentId, Option<Value>>,
    bytes: u64,
}

impl Default for Documents {
    fn default() -> Self {
        Self { values: HashTrieMapSync::new_sync(), bytes: 0 }
    }
}

impl Documents {
    pub(super) fn get(&self, id: &DocumentId) -> Option<&Option<Value>> {
        self.values.get(id)
    }

    pub(super) fn has(&self, id: &DocumentId) -> bool {
        self.values.contains_key(id)
    }

    /// Remembers a document of about so many bytes, where known. When there are too many, all others are forgotten.
    pub(super) fn insert(&mut self, id: DocumentId, value: Option<Value>, bytes: Option<u64>) {
        if !self.values.contains_key(&id) {
            self.bytes += bytes.unwrap_or(USUAL_BYTES);
        }
        if self.values.size() >= KEPT_DOCUMENTS || self.bytes > KEPT_BYTES {
            *self = Self { values: HashTrieMapSync::new_sync(), bytes: bytes.unwrap_or(USUAL_BYTES) };
        }
        self.values.insert_mut(id, value);
    }

    pub(super) fn remove(&mut self, id: &DocumentId) {
        self.values.remove_mut(id);
    }
}

/// What there is to read for a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Debt {
    /// How many bytes it was when it was last set or kept, where known.
    pub(super) whole: u64,
    /// How many commits have touched it since, …
    pub(super) touches: u64,
    /// … and about how many bytes they are.
    pub(super) bytes: u64,
    /// Whether a segment says that it was set.
    pub(super) is_introduced: bool,
}

/// The debts of the documents that a process saw changed. Cloning shares everything.
#[derive(Clone, Debug)]
pub(super) struct Debts(HashTrieMapSync<DocumentId, Debt>);

impl Default for Debts {
    fn default() -> Self {
        Self(HashTrieMapSync::new_sync())
    }
}

impl Debts {
    pub(super) fn get(&self, id: &DocumentId) -> Option<&Debt> {
        self.0.get(id)
    }

    pub(super) fn insert(&mut self, id: DocumentId, debt: Debt) {
        if self.0.size() >= KEPT_DEBTS {
            *self = Self::default();
        }
        self.0.insert_mut(id, debt);
    }
}
