//! Comparing with what git says.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anabranch::{BlobId, CommitId, Database, Value};

use crate::error::HistoryError;
use crate::git::Repository;
use crate::model::{Model, is_submodule, mode_name};

/// What was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Commits.
    pub commits: u64,
    /// Files in their trees.
    pub files: u64,
    /// Contents, byte by byte.
    pub contents: u64,
}

/// Holds the state of every `every`th commit against the tree that git has, contents included.
///
/// # Errors
/// When one differs, or git or the database fails.
pub fn check(
    database: &Database,
    repository: &Path,
    commits: &HashMap<String, CommitId>,
    every: usize,
    report: &mut dyn FnMut(u64, u64),
) -> Result<Checked, HistoryError> {
    let repository = Repository::new(repository);
    let model = Model::of(database)?;
    let mut contents = repository.contents()?;
    let mut compared: HashMap<String, BlobId> = HashMap::new();
    let mut checked = Checked::default();
    // In an order that does not follow history, so that no state is near the one before.
    let chosen: BTreeMap<&String, &CommitId> = commits.iter().collect();
    let chosen: Vec<_> = chosen.into_iter().step_by(every.max(1)).collect();
    for (id, commit) in &chosen {
        let state = database.state(**commit)?;
        let mut expected: BTreeMap<String, (u32, String)> = BTreeMap::new();
        for change in repository.tree(id)? {
            if let Some(entry) = change.entry {
                expected.insert(String::from_utf8_lossy(&change.path).into_owned(), entry);
            }
        }
        let differs = |path: &str, expected: String, found: String| HistoryError::Differs {
            commit: (*id).clone(),
            path: path.to_owned(),
            expected,
            found,
        };
        for key in state.keys(&model.entry)? {
            let Some(found) = state.get(&model.entry, &key)?.as_ref().and_then(Entry::of) else { continue };
            let Some((mode, object)) = expected.remove(&found.path) else {
                return Err(differs(&found.path, "not there".to_owned(), found.object));
            };
            if mode_name(mode) != found.mode || object != found.object {
                let expected = format!("{} {object}", mode_name(mode));
                return Err(differs(&found.path, expected, format!("{} {}", found.mode, found.object)));
            }
            checked.files += 1;
            if !is_submodule(mode) && compared.get(&object) != Some(&found.content) {
                let size = contents.ask(&object)?;
                if contents.read(size)? != database.read_blob(found.content)? {
                    return Err(differs(&found.path, object, "another content".to_owned()));
                }
                compared.insert(object, found.content);
                checked.contents += 1;
            }
        }
        if let Some((path, (_, object))) = expected.pop_first() {
            return Err(differs(&path, object, "not there".to_owned()));
        }
        checked.commits += 1;
        report(checked.commits, chosen.len() as u64);
    }
    Ok(checked)
}

/// What stands at a path.
struct Entry {
    path: String,
    mode: String,
    object: String,
    content: BlobId,
}

impl Entry {
    fn of(document: &Value) -> Option<Self> {
        let Value::Optional(document) = document else { return None };
        let entry = document.get()?;
        let field = |name: &str| anabranch::Path::from_field(name).at(entry).ok();
        let text = |name| match field(name) {
            Some(Value::String(text)) => Some(text.to_string()),
            _ => None,
        };
        let content = match field("content") {
            Some(Value::BlobId(content)) => *content,
            _ => return None,
        };
        Some(Self { path: text("path")?, mode: field("mode")?.to_string(), object: text("object")?, content })
    }
}
