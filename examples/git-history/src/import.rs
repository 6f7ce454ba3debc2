//! Walking through the history of git, parents first, and making the same history of it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;

use anabranch::engine::{DocumentId, Operation};
use anabranch::{Batch, BlobId, BlobLayout, CommitId, CommitKind, Database, Key, MutableState, State, Value};

use crate::error::HistoryError;
use crate::git::{Contents, Repository, Revision};
use crate::model::{Model, commit_of, is_submodule};

/// How many commits are made together.
const COMMITS: usize = 512;
/// How many bytes of contents are stored together; a larger one is stored by itself, in constant memory.
const BYTES: u64 = 16 << 20;
/// How many states are kept to go on from.
const STATES: usize = 64;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Commits of git that are there.
    pub done: u64,
    /// Commits of git in all.
    pub expected: u64,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Commits of git that were there before.
    pub known: u64,
    /// Commits of git that were imported.
    pub revisions: u64,
    /// Merges among them of lines that had diverged.
    pub merges: u64,
    /// Changes of files.
    pub changes: u64,
    /// Contents that were new.
    pub contents: u64,
    /// How large these are together.
    pub content_bytes: u64,
    /// Whether it was asked to stop before the end. The next import goes on from there.
    pub is_stopped: bool,
}

/// An import of a repository into a database.
pub struct Import<'d> {
    database: &'d Database,
    repository: Repository,
    refs: Vec<String>,
    model: Model,
    contents: Contents,
    /// The commit of the database for each of git.
    commits: HashMap<String, CommitId>,
    /// The blob of the database for each object of git.
    blobs: HashMap<String, BlobId>,
    states: VecDeque<State>,
    imported: Imported,
}

impl<'d> Import<'d> {
    /// A new database for a history of git.
    ///
    /// # Errors
    /// When there is something at the path, or it cannot be written.
    pub fn create(path: &Path, repository: &Path) -> Result<Database, HistoryError> {
        let documentation = format!("the history of {}", repository.display());
        Ok(Database::create(path, &documentation, &Model::definitions())?)
    }

    /// Prepares an import of what `refs` lead to, as `git log` takes them. Finds what the database has already.
    ///
    /// # Errors
    /// When git cannot be run, or the database is not one for git histories.
    pub fn new(database: &'d Database, repository: &Path, refs: &[String]) -> Result<Self, HistoryError> {
        let repository = Repository::new(repository);
        let model = Model::of(database)?;
        let mut import = Self {
            database,
            contents: repository.contents()?,
            repository,
            refs: refs.to_vec(),
            model,
            commits: HashMap::new(),
            blobs: HashMap::new(),
            states: VecDeque::new(),
            imported: Imported::default(),
        };
        import.recall()?;
        Ok(import)
    }

    /// Learns from the database which commits of git it has: each ends in a commit that says which.
    fn recall(&mut self) -> Result<(), HistoryError> {
        for id in self.database.commit_ids()? {
            if self.database.commit_header(id)?.kind != CommitKind::Mutations {
                continue;
            }
            for opcode in self.database.commit_opcodes(id)? {
                if opcode.document.attachment == self.model.origin.runtime_id()
                    && let Operation::DocumentSet { value } = &opcode.operation
                {
                    self.commits.extend(commit_of(value).map(|commit| (commit, id)));
                }
            }
        }
        self.imported.known = self.commits.len() as u64;
        Ok(())
    }

    /// Which commit of the database each commit of git became.
    pub fn commits(&self) -> &HashMap<String, CommitId> {
        &self.commits
    }

    /// Imports what is not there yet. `report` hears how far it is, and says whether to go on.
    ///
    /// # Errors
    /// When git or the database fails. What was imported stays, and the next import goes on from there.
    pub fn run(&mut self, report: &mut dyn FnMut(Step) -> bool) -> Result<Imported, HistoryError> {
        let expected = self.repository.count(&self.refs)?;
        let mut revisions = self.repository.revisions(&self.refs)?;
        let mut done = 0;
        loop {
            let mut window = Vec::new();
            let mut bytes = 0;
            while window.len() < COMMITS && bytes < BYTES {
                let Some(revision) = revisions.next()? else { break };
                done += 1;
                if !self.commits.contains_key(&revision.id) {
                    bytes += revision.changes.len() as u64 * 256;
                    window.push(revision);
                }
            }
            if window.is_empty() {
                return Ok(self.imported);
            }
            self.store_contents(&window)?;
            self.make_commits(&window)?;
            if !report(Step { done, expected }) {
                self.imported.is_stopped = true;
                return Ok(self.imported);
            }
        }
    }

    /// Stores the contents that these commits bring, many small ones in one transaction.
    fn store_contents(&mut self, window: &[Revision]) -> Result<(), HistoryError> {
        let mut waiting: Vec<(String, Vec<u8>)> = Vec::new();
        let mut bytes = 0;
        for change in window.iter().flat_map(|revision| &revision.changes) {
            let Some((mode, object)) = &change.entry else { continue };
            if is_submodule(*mode) || self.blobs.contains_key(object) {
                continue;
            }
            let size = self.contents.ask(object)?;
            self.imported.contents += 1;
            self.imported.content_bytes += size;
            if size >= BYTES {
                let layout = BlobLayout::default();
                let id = self.database.create_blob_from_reader(layout, self.contents.reader(size))?;
                self.contents.finish()?;
                self.blobs.insert(object.clone(), id);
                continue;
            }
            // Met again before it is stored, it is not read again.
            self.blobs.insert(object.clone(), BlobId::ZERO);
            waiting.push((object.clone(), self.contents.read(size)?));
            bytes += size;
            if bytes >= BYTES {
                self.store(&mut waiting)?;
                bytes = 0;
            }
        }
        self.store(&mut waiting)
    }

    fn store(&mut self, waiting: &mut Vec<(String, Vec<u8>)>) -> Result<(), HistoryError> {
        let contents = waiting.iter().map(|(_, content)| (BlobLayout::default(), content));
        let ids = self.database.create_blobs(contents)?;
        self.blobs.extend(waiting.drain(..).map(|(object, _)| object).zip(ids));
        Ok(())
    }

    fn make_commits(&mut self, window: &[Revision]) -> Result<(), HistoryError> {
        let mut batch: Option<Batch<'d>> = None;
        for revision in window {
            let base = match revision.parents.as_slice() {
                [] => self.database.initial_state()?,
                [parent] => match self.kept(self.commit_of(revision, parent)?) {
                    Some(state) => state,
                    None => {
                        // A state is read from what is stored.
                        finish(&mut batch)?;
                        self.database.state(self.commit_of(revision, parent)?)?
                    }
                },
                _ => {
                    finish(&mut batch)?;
                    self.merge(revision)?
                }
            };
            let mutable = self.changed(revision, base)?;
            let mut open = match batch.take() {
                Some(batch) => batch,
                None => self.database.batch()?,
            };
            open.sign(revision.author.as_str(), Some(revision.time.saturating_mul(1000)));
            let label = revision.message.lines().next().unwrap_or_default();
            let state = open.commit(label, &mutable)?;
            batch = Some(open);
            self.commits.insert(revision.id.clone(), state.commit_id());
            self.imported.revisions += 1;
            self.keep(state);
        }
        finish(&mut batch)
    }

    /// The commit that a parent became.
    fn commit_of(&self, revision: &Revision, parent: &str) -> Result<CommitId, HistoryError> {
        let order = || HistoryError::Order { commit: revision.id.clone(), parent: parent.to_owned() };
        self.commits.get(parent).copied().ok_or_else(order)
    }

    fn kept(&self, commit: CommitId) -> Option<State> {
        self.states.iter().rev().find(|state| state.commit_id() == commit).cloned()
    }

    fn keep(&mut self, state: State) {
        if self.states.len() == STATES {
            self.states.pop_front();
        }
        self.states.push_back(state);
    }

    /// Merges what the parents of a commit became, and answers the state there. A parent that another one has already
    /// brings nothing: git makes merges of such, Anabranch does not.
    fn merge(&mut self, revision: &Revision) -> Result<State, HistoryError> {
        let time = Some(revision.time.saturating_mul(1000));
        let database = self.database.clone().with_author(revision.author.as_str()).with_time(time);
        let mut merged = self.commit_of(revision, &revision.parents[0])?;
        for parent in &revision.parents[1..] {
            let target = self.commit_of(revision, parent)?;
            if database.is_ancestor(target, merged)? {
                continue;
            }
            if database.is_ancestor(merged, target)? {
                merged = target;
                continue;
            }
            merged = database.merge_commit(&format!("merge of {target}"), merged, target)?;
            self.imported.merges += 1;
        }
        Ok(self.database.state(merged)?)
    }

    /// What a commit does to the state that it stands on.
    fn changed(&mut self, revision: &Revision, base: State) -> Result<MutableState, HistoryError> {
        let mut wanted: BTreeMap<Key, Value> = BTreeMap::new();
        for change in &revision.changes {
            let entry = change.entry.as_ref().map(|(mode, object)| {
                let content = self.blobs.get(object).copied().unwrap_or(BlobId::ZERO);
                (*mode, object.as_str(), content)
            });
            if let Some(key) = self.model.file(&change.path) {
                wanted.insert(key, self.model.entry(&change.path, entry)?);
            }
        }
        if let [first, _, ..] = revision.parents.as_slice() {
            self.settle(self.commit_of(revision, first)?, &base, &mut wanted)?;
        }
        let mut mutable = MutableState::new(base);
        for (key, value) in wanted {
            mutable.set(&self.model.entry, &key, value)?;
            self.imported.changes += 1;
        }
        if let Some(key) = self.model.revision(&revision.id) {
            mutable.set(&self.model.origin, &key, self.model.origin(revision)?)?;
        }
        Ok(mutable)
    }

    /// For a merge, of which git says how it differs from its first parent: what the merged state must change to be the
    /// tree of git. Where lines of history meet, both systems have their own mind.
    fn settle(
        &self,
        first: CommitId,
        merged: &State,
        wanted: &mut BTreeMap<Key, Value>,
    ) -> Result<(), HistoryError> {
        let attachment = self.model.entry.runtime_id();
        for difference in self.database.diff(first, merged.commit_id())?.documents {
            let DocumentId { attachment: of, key } = difference.document;
            if of == attachment && !wanted.contains_key(&key) {
                // It is in the tree as in that of the first parent.
                let before = match difference.before {
                    Some(before) => before,
                    None => self.model.entry(&[], None)?,
                };
                wanted.insert(key, before);
            }
        }
        let mut kept = BTreeMap::new();
        for (key, value) in std::mem::take(wanted) {
            if merged.get(&self.model.entry, &key)?.as_ref() != Some(&value) {
                kept.insert(key, value);
            }
        }
        *wanted = kept;
        Ok(())
    }
}

/// Makes what was committed so far durable.
fn finish(batch: &mut Option<Batch<'_>>) -> Result<(), HistoryError> {
    match batch.take() {
        Some(batch) => Ok(batch.finish()?),
        None => Ok(()),
    }
}
