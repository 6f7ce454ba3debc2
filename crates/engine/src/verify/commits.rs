//! Checking the graph: every commit in order of arrival, then the heads.

use std::collections::{BTreeSet, HashMap, HashSet};

use anabranch_model::{BlobId, CommitId, PayloadHash};

use super::scan::{Found, Place, scan};
use super::{CommitFault, List, ListFault, Phase, Problem, Verifier};
use crate::commit::{CommitHeader, CommitKind};
use crate::payload;

/// What later commits need to know of one that was checked.
struct Seen {
    /// What its generation should be.
    generation: u64,
    timestamp: i64,
    is_head: bool,
}

/// The part of the graph that was gone through.
#[derive(Default)]
struct Graph {
    seen: HashMap<CommitId, Seen>,
    /// The ids that misnamed commits should have, by those under which they are stored.
    misnamed: HashMap<CommitId, CommitId>,
    /// Commits that are no heads and were not yet seen when that was found out.
    overtaken_early: HashSet<CommitId>,
}

impl Graph {
    /// Whether a commit of these parts may have this payload. A dependency counts under the id that it should have too:
    /// that it is misnamed was said, and is no fault of this commit.
    fn fits(&self, header: &CommitHeader, payload: PayloadHash) -> bool {
        header.id == CommitHeader::derive_id(header.kind, header.parent, header.target, payload)
            || header.id == self.derive_id(header, payload)
    }

    fn derive_id(&self, header: &CommitHeader, payload: PayloadHash) -> CommitId {
        let named = |id: CommitId| self.misnamed.get(&id).copied().unwrap_or(id);
        CommitHeader::derive_id(header.kind, named(header.parent), named(header.target), payload)
    }

    fn overtake(&mut self, id: CommitId) {
        match self.seen.get_mut(&id) {
            Some(seen) => seen.is_head = false,
            None => {
                self.overtaken_early.insert(id);
            }
        }
    }
}

fn arrival_of(place: Place) -> u64 {
    let (beyond, number) = place.split_at(24);
    if beyond.iter().any(|byte| *byte != 0) {
        return u64::MAX;
    }
    number.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn place_of(arrival: u64) -> Place {
    let mut place = [0; 32];
    place[24..].copy_from_slice(&arrival.to_be_bytes());
    place
}

impl Verifier<'_> {
    pub(super) fn verify_commits(&mut self) {
        let expected = self.snapshot.statistics().unwrap_or_default().commits;
        self.begin(Phase::Commits, expected);
        let snapshot = self.snapshot;
        let mut graph = Graph::default();
        let mut is_complete = true;
        scan(
            |place, limit| snapshot.arrivals(arrival_of(place), limit),
            |(arrival, _)| place_of(*arrival),
            |found| match found {
                Found::Entry((_, header)) => self.verify_commit(&mut graph, &header),
                Found::Unreadable(after, place, source) => {
                    is_complete = false;
                    let first = arrival_of(after).saturating_add(1);
                    self.problem(Problem::CommitNumbers { first, last: arrival_of(place), source });
                }
                Found::End(source) => {
                    is_complete = false;
                    self.list_problem(List::Commits, ListFault::Unreadable { source });
                }
                Found::Disorder => {
                    is_complete = false;
                    self.list_problem(List::Commits, ListFault::Disorder);
                }
            },
        );
        self.verify_heads(&graph, is_complete);
    }

    fn commit_problem(&mut self, id: CommitId, fault: CommitFault) {
        self.problem(Problem::Commit { id, fault });
    }

    fn verify_commit(&mut self, graph: &mut Graph, header: &CommitHeader) {
        self.report.commits += 1;
        match self.snapshot.header(header.id) {
            Ok(Some(found)) if found == *header => {}
            // An index that leads elsewhere.
            Ok(_) => self.commit_problem(header.id, CommitFault::NotFound),
            Err(source) => self.commit_problem(header.id, CommitFault::Unreadable { source }),
        }
        self.verify_identity(graph, header);
        self.verify_shape(header);
        let (generation, timestamp) = self.verify_dependencies(graph, header);
        let is_head = !graph.overtaken_early.contains(&header.id);
        graph.seen.insert(header.id, Seen { generation, timestamp, is_head });
        graph.overtake(header.parent);
        if header.kind == CommitKind::Merge {
            graph.overtake(header.target);
        }
        self.done();
    }

    /// Checks id, payload hash and payload against each other, and what the payload says where it is the right one.
    fn verify_identity(&mut self, graph: &mut Graph, header: &CommitHeader) {
        let id = header.id;
        let payload = match self.snapshot.payload(id) {
            Ok(payload) => payload,
            Err(source) => {
                self.commit_problem(id, CommitFault::PayloadUnreadable { source });
                None
            }
        };
        let fits_recorded = graph.fits(header, header.payload_hash);
        let Some(payload) = payload else {
            if !fits_recorded {
                self.misnamed_commit(graph, header);
            }
            return;
        };
        self.report.payload_bytes += payload.len() as u64;
        self.read(payload.len());
        let hash = PayloadHash::of(&payload);
        let is_recorded = hash == header.payload_hash;
        let is_right = graph.fits(header, hash);
        match (is_recorded, is_right, fits_recorded) {
            (true, true, _) => {}
            (false, true, _) => self.commit_problem(id, CommitFault::PayloadHash),
            (false, false, true) => self.commit_problem(id, CommitFault::Payload),
            (true, false, _) => self.misnamed_commit(graph, header),
            (false, false, false) => {
                self.commit_problem(id, CommitFault::Payload);
                self.misnamed_commit(graph, header);
            }
        }
        // What a wrong payload says is of no interest.
        if header.kind == CommitKind::Mutations && (is_recorded || is_right) {
            self.verify_payload(id, &payload);
        } else if header.kind != CommitKind::Mutations {
            if !payload.is_empty() {
                let rule = "only a Mutations commit has a payload";
                self.commit_problem(id, CommitFault::Shape { rule });
            }
            self.verify_blobs_of(id, BTreeSet::new());
        }
    }

    fn misnamed_commit(&mut self, graph: &mut Graph, header: &CommitHeader) {
        let found = graph.derive_id(header, header.payload_hash);
        graph.misnamed.insert(header.id, found);
        self.commit_problem(header.id, CommitFault::Id { found });
    }

    fn verify_payload(&mut self, id: CommitId, payload: &[u8]) {
        match payload::decode(payload, &self.definitions) {
            Ok(opcodes) => {
                let mut referred = BTreeSet::new();
                opcodes.iter().for_each(|opcode| {
                    opcode.operation.visit_blob_ids(&mut |blob| {
                        referred.insert(blob);
                    });
                });
                self.verify_blobs_of(id, referred);
            }
            Err(source) if self.follows_from_definitions(&source) => {}
            Err(source) => self.commit_problem(id, CommitFault::Decode { source }),
        }
    }

    /// Checks what is recorded of the blobs that a commit refers to.
    fn verify_blobs_of(&mut self, id: CommitId, referred: BTreeSet<BlobId>) {
        let recorded: BTreeSet<BlobId> = match self.snapshot.commit_blobs(id) {
            Ok(recorded) => recorded.into_iter().collect(),
            Err(source) => return self.commit_problem(id, CommitFault::BlobsUnreadable { source }),
        };
        let mut unrecorded: BTreeSet<BlobId> = referred.difference(&recorded).copied().collect();
        for blob in recorded.difference(&referred) {
            let named = self.misnamed_blobs.get(blob);
            // A misnamed blob was said to be; here it stands for the one that it is.
            if !named.is_some_and(|named| unrecorded.remove(named)) {
                self.commit_problem(id, CommitFault::UnreferredBlob { blob: *blob });
            }
        }
        for blob in referred {
            // One whose record cannot be read is here, and was said to be unreadable.
            let is_here = self.blobs.contains(&blob)
                || self.misnamed_blobs.values().any(|named| *named == blob)
                || !matches!(self.snapshot.blob(blob), Ok(None));
            if !is_here {
                self.commit_problem(id, CommitFault::MissingBlob { blob });
            } else if unrecorded.contains(&blob) {
                self.commit_problem(id, CommitFault::UnrecordedBlob { blob });
            }
        }
    }

    fn verify_shape(&mut self, header: &CommitHeader) {
        let rule = if header.kind == CommitKind::Mutations {
            if header.target.is_zero() {
                return;
            }
            "a Mutations commit has no target"
        } else {
            if !header.target.is_zero() && !header.parent.is_zero() {
                return;
            }
            "a merge or decision has a parent and a target"
        };
        self.commit_problem(header.id, CommitFault::Shape { rule });
    }

    /// Checks a commit against those that it depends on. Answers what its generation should be, and its time.
    fn verify_dependencies(&mut self, graph: &Graph, header: &CommitHeader) -> (u64, i64) {
        let id = header.id;
        let timestamp = header.metadata.timestamp;
        let mut expected = Some(0);
        for dependency in header.dependencies() {
            let Some(seen) = graph.seen.get(&dependency) else {
                expected = None;
                match self.snapshot.header(dependency) {
                    Ok(None) => {
                        self.commit_problem(id, CommitFault::MissingDependency { missing: dependency })
                    }
                    Ok(Some(_)) => self.commit_problem(id, CommitFault::Order { dependency }),
                    // It is unreadable, which was said.
                    Err(_) => {}
                }
                continue;
            };
            expected = expected.map(|greatest: u64| greatest.max(seen.generation));
            if timestamp < seen.timestamp {
                self.commit_problem(id, CommitFault::Timestamp { dependency });
            }
        }
        let recorded = header.generation;
        let expected = expected.map_or(recorded, |greatest| greatest.saturating_add(1));
        if recorded != expected {
            self.commit_problem(id, CommitFault::Generation { recorded, expected });
        }
        (expected, timestamp)
    }

    /// Checks the heads that are listed against those that there are. Where not all commits could be read, one that is
    /// listed as a head but was not met, or is overtaken by one that was not, proves nothing.
    fn verify_heads(&mut self, graph: &Graph, is_complete: bool) {
        let listed: BTreeSet<CommitId> = match self.snapshot.heads() {
            Ok(heads) => heads.into_iter().collect(),
            Err(source) => return self.list_problem(List::Heads, ListFault::Unreadable { source }),
        };
        for id in &listed {
            let is_head = graph.seen.get(id).map_or(!is_complete, |seen| seen.is_head);
            if !is_head {
                self.commit_problem(*id, CommitFault::NotAHead);
            }
        }
        let heads: BTreeSet<CommitId> =
            graph.seen.iter().filter(|(_, seen)| seen.is_head).map(|(id, _)| *id).collect();
        if is_complete {
            for id in heads.difference(&listed) {
                self.commit_problem(*id, CommitFault::UnlistedHead);
            }
        }
    }
}
