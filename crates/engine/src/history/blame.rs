//! Which commit wrote what stands in each place of a document.

use anabranch_model::{Attachment, CommitId, Key, Path, PathComponent, Value};

use super::trace::Trace;
use super::writers::Writers;
use crate::database::Database;
use crate::error::Error;
use crate::opcode::DocumentId;

/// For each place of a document, the commit that wrote what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blame {
    /// The commit whose state is looked at.
    pub commit: CommitId,
    /// The document.
    pub document: DocumentId,
    /// The places, in the order in which they stand in the document. None when it is absent.
    pub places: Vec<BlamedPlace>,
}

/// A place of a document, and who wrote what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlamedPlace {
    /// The place. A member of a set is named by an irregular path.
    pub path: Path,
    /// What stands there.
    pub value: Value,
    /// The commit that wrote it: the last one that changed what stands there, or, for an empty container, what stood in
    /// it. Writing once more what is there changes nothing.
    pub commit: CommitId,
    /// Which of the operations of that commit it was, from 0.
    pub index: usize,
}

impl Database {
    /// For each place of the document of a key, the commit that wrote what stands there.
    ///
    /// Places are the fields of structures, members of sets, entries of maps, elements of xarrays, and what optionals,
    /// variants and `any`s hold, taken apart as far as that goes. A vector, tuple, `vec` or `mat` is one place, until an
    /// operation changes only some of its items: then each item is. An empty container is a place.
    ///
    /// Costs what [`Self::trace`] costs.
    ///
    /// # Errors
    /// When the commit is missing, a payload cannot be read, or the storage fails.
    pub fn blame(&self, commit: CommitId, attachment: &Attachment, key: &Key) -> Result<Blame, Error> {
        Ok(self.trace(commit, attachment, key)?.blame())
    }
}

impl Trace {
    /// For each place of the document, the commit that wrote what stands there, as [`Database::blame`] says it.
    pub fn blame(&self) -> Blame {
        let writers = Writers::of(self);
        let mut walk = Walk { trace: self, writers: &writers, path: Vec::new(), places: Vec::new() };
        // Only an operation makes a document present, so there is a step that wrote it.
        if let (Some(value), Some(step)) = (&self.value, writers.whole(&Path::root())) {
            walk.place(value, step);
        }
        Blame { commit: self.commit, document: self.document.clone(), places: walk.places }
    }
}

struct Walk<'t> {
    trace: &'t Trace,
    writers: &'t Writers,
    path: Vec<PathComponent>,
    places: Vec<BlamedPlace>,
}

impl Walk<'_> {
    /// A place, and the step that wrote the nearest place around it that was written as a whole.
    fn place(&mut self, value: &Value, around: usize) {
        let path = Path::new(self.path.clone());
        let step = self.writers.whole(&path).unwrap_or(around);
        let found = self.places.len();
        match value {
            Value::Structure(v) => {
                for (field, value) in v.structure().fields().iter().zip(v.fields()) {
                    self.inside(PathComponent::Field(field.name.clone()), value, step);
                }
            }
            Value::Set(v) => {
                for item in v.items() {
                    let path = Path::new(self.path.clone()).with(PathComponent::Element(item.clone()));
                    let step = self.writers.whole(&path).unwrap_or(step);
                    self.found(path, item, step);
                }
            }
            Value::Map(v) => {
                for (key, value) in v.entries() {
                    self.inside(PathComponent::Key(key.clone()), value, step);
                }
            }
            Value::XArray(v) => {
                for (position, value) in v.elements() {
                    self.inside(PathComponent::Position(position), value, step);
                }
            }
            Value::Optional(v) => {
                if let Some(held) = v.get() {
                    self.inside(PathComponent::Unwrap, held, step);
                }
            }
            Value::Any(v) => {
                if let Some(held) = v.get() {
                    self.inside(PathComponent::Unwrap, held, step);
                }
            }
            Value::Variant(v) => self.inside(PathComponent::Unwrap, v.get(), step),
            _ if self.writers.is_divided(&path) => {
                for (index, item) in (0..).zip(value.as_items()) {
                    self.inside(PathComponent::Index(index), item, step);
                }
            }
            _ => {}
        }
        if self.places.len() == found {
            // Nothing stands in it that is a place of its own; what last did may have been removed.
            let step = self.writers.last(&path).unwrap_or(step);
            self.found(path, value, step);
        }
    }

    fn inside(&mut self, component: PathComponent, value: &Value, around: usize) {
        self.path.push(component);
        self.place(value, around);
        self.path.pop();
    }

    fn found(&mut self, path: Path, value: &Value, step: usize) {
        let step = &self.trace.steps[step];
        self.places.push(BlamedPlace { path, value: value.clone(), commit: step.commit, index: step.index });
    }
}
