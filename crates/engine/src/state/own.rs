//! What a merge brings: the commits that its target's history has and its parent's lacks.

use std::collections::HashMap;

use super::line::Line;
use crate::commit::CommitKind;
use crate::error::Error;
use crate::storage::{Link, Snapshot};

/// How many links are read at once at most.
const WINDOW: u64 = 256;

/// Reads the links of commits one after the other, where most follow each other closely.
pub(crate) struct Links<'s> {
    snapshot: &'s dyn Snapshot,
    window: Vec<Link>,
    next: u64,
}

impl<'s> Links<'s> {
    pub(crate) fn new(snapshot: &'s dyn Snapshot) -> Self {
        Self { snapshot, window: Vec::new(), next: 4 }
    }

    /// The link of the commit that arrived under a number; those before it are read along.
    pub(crate) fn get(&mut self, arrival: u64) -> Result<Link, Error> {
        let place = |window: &[Link]| window.binary_search_by_key(&arrival, |link| link.arrival);
        if let Ok(found) = place(&self.window) {
            return Ok(self.window[found]);
        }
        self.window = self.snapshot.links((arrival + 1).saturating_sub(self.next).max(1), arrival)?;
        self.next = (self.next * 2).min(WINDOW);
        let found = place(&self.window).map_err(|_| Error::HistoryChanged { arrival })?;
        Ok(self.window[found])
    }
}

/// The latest commit on both lines of parents; 0 when they have none in common. All that differs between two histories
/// comes after it in both.
pub(crate) fn common_trunk(snapshot: &dyn Snapshot, mut left: u64, mut right: u64) -> Result<u64, Error> {
    let mut links = [Links::new(snapshot), Links::new(snapshot)];
    // A parent arrived before its children: the later of the two cannot be on the other line.
    while left != right {
        let (later, links) =
            if left > right { (&mut left, &mut links[0]) } else { (&mut right, &mut links[1]) };
        *later = links.get(*later)?.parent;
    }
    Ok(left)
}

impl Line {
    /// What the history of `target` has and this one lacks, in the order of `lin(target)`. Costs what it finds.
    pub(crate) fn own_commits(&self, snapshot: &dyn Snapshot, target: u64) -> Result<Vec<Link>, Error> {
        let mut links = Links::new(snapshot);
        let mut met: HashMap<u64, Link> = HashMap::new();
        let mut ordered = Vec::new();
        // Post-order from the target, the parent before the merged, gives the order of lin.
        let mut pending = vec![(target, false)];
        while let Some((arrival, is_done)) = pending.pop() {
            if is_done {
                ordered.extend(met.get(&arrival));
                continue;
            }
            if arrival == 0 || met.contains_key(&arrival) || self.has(arrival, snapshot)? {
                continue;
            }
            let link = links.get(arrival)?;
            met.insert(arrival, link);
            pending.push((arrival, true));
            if link.kind == CommitKind::Merge {
                pending.push((link.target, false));
            }
            pending.push((link.parent, false));
        }
        Ok(ordered)
    }
}
