//! The recent operations on one document, on top of what the checkpoint under a state has of it.

use std::sync::{Arc, OnceLock};

use anabranch_model::Value;

use super::base::Base;
use super::segment::{Touch, TouchKind};
use crate::database::Database;
use crate::error::Error;
use crate::opcode::{DocumentId, DropReason, Operation};

/// What one commit does to one document, on top of what earlier ones did. States share the entries that they agree on.
#[derive(Debug)]
pub(super) struct Entry {
    /// The commit before that touched the document; none when that is for the base to tell.
    below: Option<Arc<Entry>>,
    arrival: u64,
    /// Where the commit stands among the recent ones, in linearisation order.
    place: u64,
    operations: Arc<[Operation]>,
    /// About how many bytes they are in the commit.
    bytes: u64,
    is_on: bool,
    /// The document after this commit, once it was asked for.
    value: OnceLock<Option<Value>>,
}

impl Entry {
    pub(super) fn new(
        below: Option<Arc<Entry>>,
        arrival: u64,
        place: u64,
        operations: Arc<[Operation]>,
        bytes: u64,
        is_on: bool,
    ) -> Arc<Self> {
        Arc::new(Self { below, arrival, place, operations, bytes, is_on, value: OnceLock::new() })
    }

    /// This entry and those below it, the newest first.
    fn chain(&self) -> impl Iterator<Item = &Entry> {
        std::iter::successors(Some(self), |entry| entry.below.as_deref())
    }

    fn sets(&self) -> bool {
        self.operations.iter().any(|operation| matches!(operation, Operation::DocumentSet { .. }))
    }

    /// Whether the commits of the chain make the document present, whatever the base has of it.
    pub(super) fn makes_present(&self) -> bool {
        self.chain().any(|entry| entry.is_on && entry.sets())
    }

    /// The commits of the chain, in linearisation order, with their places.
    pub(super) fn touches(&self) -> Vec<(u64, Touch)> {
        let touch = |entry: &Entry| {
            let kind = if entry.sets() { TouchKind::Sets } else { TouchKind::Changes };
            Touch { arrival: entry.arrival, kind }
        };
        let mut touches: Vec<(u64, Touch)> = self.chain().map(|entry| (entry.place, touch(entry))).collect();
        touches.reverse();
        touches
    }

    /// How many commits of the chain there are to read, about how many bytes they are, and, where one of them is on and
    /// sets the whole document, so that nothing before it is read, how many that one is.
    pub(super) fn to_read(&self) -> (u64, u64, Option<u64>) {
        let (mut touches, mut bytes) = (0, 0);
        for entry in self.chain() {
            if entry.is_on && entry.sets() {
                return (touches, bytes, Some(entry.bytes));
            }
            touches += 1;
            bytes += entry.bytes;
        }
        (touches, bytes, None)
    }

    /// Whether a commit of the chain sets the whole document, be it on or off.
    pub(super) fn has_set(&self) -> bool {
        self.chain().any(Entry::sets)
    }

    /// The document after this commit; none while it is absent.
    pub(super) fn value(
        &self,
        id: &DocumentId,
        base: &Base,
        database: &Database,
    ) -> Result<Option<Value>, Error> {
        if let Some(value) = self.value.get() {
            return Ok(value.clone());
        }
        // Back to the nearest commit whose value is known, or to a whole document, then forward again.
        let mut pending = Vec::new();
        let mut value = None;
        let mut entry = self;
        loop {
            if let Some(known) = entry.value.get() {
                value.clone_from(known);
                break;
            }
            pending.push(entry);
            if entry.is_on && entry.sets() {
                break;
            }
            match entry.below.as_deref() {
                Some(below) => entry = below,
                None => {
                    value = base.document(id, database)?;
                    break;
                }
            }
        }
        for entry in pending.into_iter().rev().filter(|entry| entry.is_on) {
            for operation in entry.operations.iter() {
                // What cannot take effect is dropped, alone; the trace tells.
                let _: Result<(), DropReason> = operation.apply(&mut value);
            }
        }
        Ok(self.value.get_or_init(|| value).clone())
    }

    /// The value, where it was asked for before.
    pub(super) fn known_value(&self) -> Option<&Option<Value>> {
        self.value.get()
    }

    /// Whether the chain has this commit.
    pub(super) fn has(&self, arrival: u64) -> bool {
        self.chain().any(|entry| entry.arrival == arrival)
    }

    /// The chain with `arrival` masked or not, and nothing remembered of it and what came after; all anew when the
    /// commit is not in it, because the base changed.
    pub(super) fn retouched(&self, arrival: u64, is_on: bool) -> Arc<Entry> {
        let is_here = self.has(arrival);
        let mut anew = Vec::new();
        let mut kept = None;
        for entry in self.chain() {
            anew.push(entry);
            if is_here && entry.arrival == arrival {
                kept.clone_from(&entry.below);
                break;
            }
        }
        let mut top: Option<Arc<Entry>> = kept;
        for entry in anew.into_iter().rev() {
            let is_on = if entry.arrival == arrival { is_on } else { entry.is_on };
            let operations = entry.operations.clone();
            top = Some(Entry::new(top, entry.arrival, entry.place, operations, entry.bytes, is_on));
        }
        // The chain has at least this entry.
        top.unwrap_or_else(|| {
            Entry::new(None, self.arrival, self.place, self.operations.clone(), self.bytes, self.is_on)
        })
    }
}

impl Drop for Entry {
    /// Long chains are taken apart one by one: dropping them recursively would exhaust the stack.
    fn drop(&mut self) {
        let mut next = self.below.take();
        while let Some(mut entry) = next.and_then(Arc::into_inner) {
            next = entry.below.take();
        }
    }
}
