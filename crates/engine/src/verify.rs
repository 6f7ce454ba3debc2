//! Recomputing everything that a database holds, and saying what is not as it should be.
//!
//! Nothing is changed, and nothing found is the end of it: what can still be checked is. Each problem names the object
//! that it is about. A problem that follows from another one is left out where that can be told: the children of a commit
//! that is stored under a wrong id are themselves sound.
//!
//! Not everything that is stored follows from something else. Labels, authors, times (as long as none is before that of a
//! dependency), doc strings, and what a database says of itself may differ from one replica to the next, so that a
//! changed one cannot be told from another one.

mod blobs;
mod commits;
mod crew;
mod problem;
mod scan;

use std::collections::{BTreeMap, HashMap, HashSet};

use anabranch_model::codec::definition::decode_definition;
use anabranch_model::codec::{DecodeError, DecodeErrorKind};
use anabranch_model::{
    BlobId, ChunkId, Definition, Definitions, DefinitionsBuilder, DefinitionsError, RuntimeId,
};

pub use problem::{BlobFault, ChunkFault, CommitFault, DefinitionFault, List, ListFault, Problem};

use crate::database::Database;
use crate::error::Error;
use crate::storage::{Snapshot, Storage, StorageError};
use blobs::Pool;
use crew::Crew;

/// What was checked, and what was found.
#[derive(Debug, Default)]
pub struct Report {
    /// What is wrong: with the structures of the medium, then with the rest in the order of the phases. Nothing when the
    /// database is sound.
    pub problems: Vec<Problem>,
    /// How many definitions were checked.
    pub definitions: u64,
    /// How many blobs were checked.
    pub blobs: u64,
    /// How many chunks were checked, those that no blob uses included.
    pub chunks: u64,
    /// The bytes of those chunks.
    pub chunk_bytes: u64,
    /// How many commits were checked.
    pub commits: u64,
    /// The bytes of their payloads.
    pub payload_bytes: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What is being checked, in this order; the structures of the medium beside all the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The definitions.
    Definitions,
    /// The blobs, with the chunks that they use.
    Blobs,
    /// The chunks that no blob uses.
    Chunks,
    /// The commits.
    Commits,
    /// The structures of the medium, where all the rest is done before them.
    Structure,
}

/// How far a check has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being checked.
    pub phase: Phase,
    /// How many objects of this phase have been checked.
    pub done: u64,
    /// How many there are, as the storage counts them.
    pub expected: u64,
    /// The bytes read so far, in all phases.
    pub bytes: u64,
}

impl Database {
    /// Recomputes everything that the database holds, and answers what is not as it should be.
    ///
    /// It reads one consistent moment: what is written meanwhile is left for the next time. `notify` hears how far it has
    /// come, at least once for each object.
    ///
    /// # Errors
    /// When the storage fails before anything can be checked. What it fails at later is among the problems.
    pub fn verify(&self, notify: &mut dyn FnMut(Progress)) -> Result<Report, Error> {
        Ok(verify_storage(self.storage(), notify)?)
    }
}

/// As [`Database::verify`], on a storage: one that is so damaged that it cannot be opened as a database can still be
/// checked.
///
/// # Errors
/// When the storage fails before anything can be checked. What it fails at later is among the problems.
pub fn verify_storage(
    storage: &dyn Storage,
    notify: &mut dyn FnMut(Progress),
) -> Result<Report, StorageError> {
    let (snapshot, crew) = Crew::of(storage)?;
    let pool = Pool::default();
    let mut verifier = Verifier::new(&*snapshot, crew, &pool, notify);
    std::thread::scope(|scope| {
        // It has nothing to do with the rest, and takes as long.
        let structure = scope.spawn(|| storage.check_structure());
        verifier.verify_definitions();
        verifier.verify_blobs();
        verifier.verify_commits();
        verifier.begin(Phase::Structure, 1);
        // It panics no more than everything else here, and then this does too.
        let findings = structure.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        verifier.take_structure(findings);
    });
    Ok(verifier.report)
}

struct Verifier<'v> {
    snapshot: &'v dyn Snapshot,
    crew: Crew<'v>,
    pool: &'v Pool,
    notify: &'v mut dyn FnMut(Progress),
    progress: Progress,
    report: Report,
    definitions: Definitions,
    /// The ids of definitions that are damaged, or lack one that is: nothing that needs them can be read.
    unusable: HashSet<RuntimeId>,
    /// Whether it is not even known which definitions there are.
    are_definitions_unknown: bool,
    /// The blobs that are here, by their stored ids.
    blobs: HashSet<BlobId>,
    /// The ids that misnamed blobs should have, by those under which they are stored.
    misnamed_blobs: HashMap<BlobId, BlobId>,
    /// The chunks that are not what their ids say.
    damaged: HashSet<ChunkId>,
}

impl<'v> Verifier<'v> {
    fn new(
        snapshot: &'v dyn Snapshot,
        crew: Crew<'v>,
        pool: &'v Pool,
        notify: &'v mut dyn FnMut(Progress),
    ) -> Self {
        Self {
            snapshot,
            crew,
            pool,
            notify,
            progress: Progress { phase: Phase::Structure, done: 0, expected: 0, bytes: 0 },
            report: Report::default(),
            definitions: Definitions::default(),
            unusable: HashSet::new(),
            are_definitions_unknown: false,
            blobs: HashSet::new(),
            misnamed_blobs: HashMap::new(),
            damaged: HashSet::new(),
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.report.problems.push(problem);
    }

    fn begin(&mut self, phase: Phase, expected: u64) {
        self.progress = Progress { phase, done: 0, expected, bytes: 0 };
        self.tick();
    }

    fn done(&mut self) {
        self.progress.done += 1;
        self.tick();
    }

    /// Says how far it is.
    fn tick(&mut self) {
        self.progress.bytes = self.pool.bytes();
        (self.notify)(self.progress);
    }

    fn read(&mut self, bytes: usize) {
        self.pool.read(bytes);
        self.tick();
    }

    fn take_structure(&mut self, findings: Result<Vec<String>, StorageError>) {
        let problems = match findings {
            Ok(findings) => findings.into_iter().map(|finding| Problem::Structure { finding }).collect(),
            Err(source) => {
                let (list, fault) = (List::Structures, ListFault::Unreadable { source });
                vec![Problem::List { list, fault }]
            }
        };
        // What is wrong with the medium may be why the rest is.
        self.report.problems.splice(0..0, problems);
        self.done();
    }

    fn list_problem(&mut self, list: List, fault: ListFault) {
        self.problem(Problem::List { list, fault });
    }

    fn verify_definitions(&mut self) {
        let expected = self.snapshot.definition_count().unwrap_or_default();
        self.begin(Phase::Definitions, expected);
        let (stored, ids) = match (self.snapshot.definitions(), self.snapshot.definition_ids()) {
            (Ok(stored), Ok(ids)) => (stored, ids),
            (Err(source), _) | (_, Err(source)) => {
                self.are_definitions_unknown = true;
                return self.list_problem(List::Definitions, ListFault::Unreadable { source });
            }
        };
        // Both are of one moment, so that there are as many of the one as of the other.
        let mut known = Known::default();
        for (id, stored) in ids.into_iter().zip(stored) {
            self.report.definitions += 1;
            if let Some(fault) = self.definition_fault(&mut known, id, &stored) {
                self.problem(Problem::Definition { id, fault });
            }
            self.read(stored.len());
            self.done();
        }
        self.definitions = known.build();
    }

    /// Adds a definition to those that are known, and answers what is wrong with it.
    fn definition_fault(
        &mut self,
        known: &mut Known,
        id: RuntimeId,
        stored: &[u8],
    ) -> Option<DefinitionFault> {
        let definition = match known.decode(stored) {
            Ok(definition) => definition,
            Err(source) => {
                let follows = self.follows_from_definitions(&source);
                self.unusable.insert(id);
                let source = DefinitionsError::from(source);
                return if follows { None } else { Some(DefinitionFault::Unreadable { source }) };
            }
        };
        let found = definition.runtime_id();
        if found != id {
            self.unusable.insert(id);
            let name = format!("{} {}", definition.kind(), definition.name());
            known.doubtful.insert(found, definition);
            return Some(DefinitionFault::Id { name, found });
        }
        known.builder.add(definition).err().map(|source| {
            self.unusable.insert(id);
            DefinitionFault::Unreadable { source }
        })
    }

    /// Whether something cannot be read only because a definition cannot, which has been said already.
    fn follows_from_definitions(&self, error: &DecodeError) -> bool {
        match error.kind() {
            DecodeErrorKind::UnknownDefinition { id, .. } => {
                self.are_definitions_unknown || self.unusable.contains(id)
            }
            _ => false,
        }
    }
}

/// The definitions that were read.
#[derive(Default)]
struct Known {
    builder: DefinitionsBuilder,
    /// Those that are stored under other ids than their own. Either what is stored was changed or the id was; in the
    /// latter case others refer to what is stored.
    doubtful: BTreeMap<RuntimeId, Definition>,
}

impl Known {
    fn decode(&mut self, stored: &[u8]) -> Result<Definition, DecodeError> {
        loop {
            let error = match decode_definition(stored, &self.builder) {
                Ok(definition) => return Ok(definition),
                Err(error) => error,
            };
            let DecodeErrorKind::UnknownDefinition { id, .. } = error.kind() else { return Err(error) };
            let Some(referred) = self.doubtful.remove(id) else { return Err(error) };
            if self.builder.add(referred).is_err() {
                return Err(error);
            }
        }
    }

    /// All of them, for what payloads refer to.
    fn build(mut self) -> Definitions {
        for definition in self.doubtful.into_values() {
            // One that does not stand together with the others is of no use to any payload.
            let _ = self.builder.add(definition);
        }
        self.builder.build()
    }
}
