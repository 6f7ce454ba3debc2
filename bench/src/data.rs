//! The histories that are measured on: made from fixed seeds, and kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anabranch_dsm::Sources;
use anabranch_engine::{CommitKind, Database, MutableState, OpenMode, State};
use anabranch_model::{Attachment, CommitId, Concept, Definitions, Key, Native, Path as Place, Uuid, Value};

use crate::Result;
use crate::random::Random;
use crate::row::Bench;

/// Goes into the names of kept files: raise it when what is made changes.
const VERSION: u32 = 3;

/// How many documents a history is about.
pub(crate) const DOCUMENTS: u64 = 10_000;

/// Commits in a transaction while data is made: as many as the default policy has between two checkpoints.
const BATCH: u64 = 1024;

const MODEL: &str = r#"
namespace Bench {5b1e0c2a-0c1b-4d6a-9a53-2f4f7c9d3a10} {
    concept Item;
    struct Record {
        string title;
        int64 count;
        double weight;
        set<string> tags;
        vec<float, 3> position;
    };
    attachment<Item, Record> record;
    struct Sheet {
        string title;
        xarray<string> lines;
    };
    attachment<Item, Sheet> sheet;
};
"#;

/// The model of every history.
pub(crate) struct Model {
    pub(crate) definitions: Definitions,
    item: Arc<Concept>,
    pub(crate) record: Arc<Attachment>,
    pub(crate) sheet: Arc<Attachment>,
}

impl Model {
    pub(crate) fn new() -> Result<Self> {
        let sources = Sources::single("bench.dsm", MODEL);
        let report = anabranch_dsm::parse(&sources);
        let Some(definitions) = report.model else {
            let text: String = report.diagnostics.iter().map(|d| d.render(&sources, false)).collect();
            return Err(text.into());
        };
        Self::of(definitions)
    }

    /// What these definitions have of the model: all of it.
    pub(crate) fn of(definitions: Definitions) -> Result<Self> {
        let attachment = |name| definitions.find_attachment(name).cloned().ok_or("no such attachment");
        let (record, sheet) = (attachment("Bench::Item.record")?, attachment("Bench::Item.sheet")?);
        let item = definitions.concepts().next().cloned().ok_or("no concept")?;
        Ok(Self { item, record, sheet, definitions })
    }

    /// The key of the document of this number.
    pub(crate) fn key(&self, number: u64) -> Key {
        Key::new(self.item.clone(), Uuid::from_u128(0x0a11_0000 + u128::from(number)))
    }

    /// The document of this number, new.
    fn first(&self, number: u64) -> Result<Value> {
        let x = number as f64;
        let input = Native::map([
            ("title", Native::from(format!("record number {number}"))),
            ("count", i128::from(number).into()),
            ("weight", (1.0 / (x + 1.0)).into()),
            ("tags", Native::set([format!("tag{}", number % 7), "new".to_owned()])),
            ("position", [x, x + 0.5, x + 0.25].into()),
        ]);
        Ok(Value::create(self.record.document_type(), input)?)
    }
}

/// Makes the small changes of a history: what field of what document, by chance.
pub(crate) struct Editor {
    model: Model,
    random: Random,
    places: [Place; 3],
}

impl Editor {
    pub(crate) fn new(seed: u64) -> Result<Self> {
        let places = ["title", "count", "weight"].map(Place::from_field);
        Ok(Self { model: Model::new()?, random: Random::new(seed), places })
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    /// One field of one document, recorded on a state.
    pub(crate) fn edit(&mut self, state: State) -> Result<MutableState> {
        let number = self.random.below(DOCUMENTS);
        self.edit_document(state, number)
    }

    fn edit_document(&mut self, state: State, number: u64) -> Result<MutableState> {
        let chance = self.random.next();
        let (place, value) = match chance % 3 {
            0 => (&self.places[0], Value::from(format!("title {}", chance % 1_000_000).as_str())),
            1 => (&self.places[1], Value::from((chance >> 32) as i64)),
            _ => (&self.places[2], Value::from((chance >> 11) as f64 / 1e6)),
        };
        let mut mutable = MutableState::new(state);
        mutable.update(&self.model.record, &self.model.key(number), place, value)?;
        Ok(mutable)
    }

    /// Appends `count` edits in transactions of `batch`.
    pub(crate) fn append(
        &mut self,
        database: &Database,
        mut state: State,
        count: u64,
        size: u64,
    ) -> Result<State> {
        let mut left = count;
        while left > 0 {
            let mut batch = database.batch()?;
            for _ in 0..left.min(size) {
                let mutable = self.edit(state)?;
                state = batch.commit("edit", &mutable)?;
            }
            batch.finish()?;
            left -= left.min(size);
        }
        Ok(state)
    }

    /// Appends a commit for each of the documents that sets it.
    pub(crate) fn create(&mut self, database: &Database, mut state: State, documents: u64) -> Result<State> {
        let numbers: Vec<u64> = (0..documents).collect();
        for numbers in numbers.chunks(BATCH as usize) {
            let mut batch = database.batch()?;
            for number in numbers {
                let mut mutable = MutableState::new(state);
                mutable.set(&self.model.record, &self.model.key(*number), self.model.first(*number)?)?;
                state = batch.commit("create", &mutable)?;
            }
            batch.finish()?;
        }
        Ok(state)
    }
}

/// A file that is kept from run to run, made by `make` under another name first so that half of it is never taken.
pub(crate) fn kept(bench: &Bench, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let path = bench.data.join(format!("v{VERSION}-{name}"));
    if !path.exists() {
        bench.say(&format!("making {}", path.display()));
        let unfinished = bench.data.join(format!("unfinished-{}-{name}", std::process::id()));
        make(&unfinished)?;
        fs::rename(unfinished, &path)?;
    }
    Ok(path)
}

/// A history of so many commits: the documents are created, one by one, then changed by small edits. Nearly one line:
/// every 50,000 commits, ten edits made beside it are merged.
///
/// A short history has half as many documents as commits.
pub(crate) fn line(bench: &Bench, commits: u64) -> Result<PathBuf> {
    kept(bench, &format!("line-{commits}.anb"), |path| {
        let mut editor = Editor::new(commits)?;
        let database = Database::create(path, "a history to measure on", &editor.model().definitions)?;
        let documents = DOCUMENTS.min(commits / 2);
        let mut state = editor.create(&database, database.initial_state()?, documents)?;
        let mut made = documents;
        while made < commits {
            let stretch = (commits - made).min(50_000);
            if stretch < 1000 {
                editor.append(&database, state, stretch, BATCH)?;
                break;
            }
            let fork = state.clone();
            state = editor.append(&database, state, stretch - 11, BATCH)?;
            let side = editor.append(&database, fork, 10, BATCH)?;
            let merge = database.merge_commit("merge", state.commit_id(), side.commit_id())?;
            state = database.state(merge)?;
            made += stretch;
        }
        Ok(())
    })
}

/// The one head of a history.
pub(crate) fn head(database: &Database) -> Result<CommitId> {
    Ok(database.last_commit_id()?.ok_or("an empty history")?)
}

/// The commit that arrived under a number, or the next `Mutations` commit after it.
pub(crate) fn commit_at(database: &Database, arrival: u64) -> Result<CommitId> {
    let found = database.read()?.arrivals(arrival, 100)?;
    let commit = found.into_iter().find(|(_, header)| header.kind == CommitKind::Mutations);
    Ok(commit.ok_or("no such commit")?.1.id)
}

pub(crate) fn open(path: &Path) -> Result<Database> {
    Ok(Database::open(path, OpenMode::ReadWrite)?)
}
