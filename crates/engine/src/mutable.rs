//! Recording changes (`spec/semantics.md` §4).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anabranch_model::{
    Attachment, Definitions, Key, MapValue, Path, PathError, PlaceTypes, SetValue, Type, Uuid, Value,
    ValueError,
};

use crate::error::Error;
use crate::opcode::{DocumentId, DropReason, Opcode, Operation};
use crate::state::State;

/// Why a change was refused. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MutationError {
    /// The attachment is not among the definitions of the state.
    #[error("{attachment} is not among the definitions of this database; extend it with the model first")]
    UnknownAttachment {
        /// The attachment, as declared.
        attachment: String,
    },
    /// The key may not have such documents.
    #[error("{key} is not a {expected}, which documents of {attachment} attach to")]
    Key {
        /// The attachment.
        attachment: String,
        /// The type of its keys.
        expected: Type,
        /// The key that was given.
        key: Box<Key>,
    },
    /// The path is not legal for the document.
    #[error("{attachment}: {source}")]
    Path {
        /// The attachment.
        attachment: String,
        /// What is wrong with the path.
        source: Box<PathError>,
    },
    /// The path addresses an entry or element, or the whole document where that is not allowed.
    #[error("{attachment}: {path} cannot be changed by {operation}; {hint}")]
    Place {
        /// The attachment.
        attachment: String,
        /// The path that was given.
        path: Path,
        /// The operation.
        operation: &'static str,
        /// What to do instead.
        hint: &'static str,
    },
    /// The value may not stand where the path leads.
    #[error("{attachment}{place}: {source}", place = place(.path))]
    Value {
        /// The attachment.
        attachment: String,
        /// Where it should stand.
        path: Path,
        /// What is wrong with it.
        source: Box<ValueError>,
    },
    /// What stands where the path leads is not what the operation works on.
    #[error("{attachment}: {operation} works on {expected}, and {path} is {found}")]
    Target {
        /// The attachment.
        attachment: String,
        /// The path that was given.
        path: Path,
        /// The operation.
        operation: &'static str,
        /// What it works on.
        expected: &'static str,
        /// What the path leads to.
        found: String,
    },
}

fn place(path: &Path) -> String {
    if path.is_root() { String::new() } else { path.to_string() }
}

/// A state being changed: records opcodes, and reads back through them.
///
/// Types are checked before anything is recorded; a refused call changes nothing. Whether what an operation works on
/// exists is not checked, because it may differ by the time lines meet: such an operation is recorded, and drops, or
/// not, when it is replayed.
#[derive(Clone, Debug)]
pub struct MutableState {
    base: State,
    opcodes: Vec<Opcode>,
    /// The documents that were changed.
    changed: HashMap<DocumentId, Changed>,
}

/// A document that was changed.
#[derive(Debug, Default)]
struct Changed {
    /// Where its opcodes are.
    places: Vec<usize>,
    /// What it was when it was last read, and how many of its opcodes were there by then.
    read: Mutex<Option<(Option<Value>, usize)>>,
}

impl Clone for Changed {
    fn clone(&self) -> Self {
        Self { places: self.places.clone(), read: Mutex::new(self.read().clone()) }
    }
}

impl Changed {
    fn read(&self) -> MutexGuard<'_, Option<(Option<Value>, usize)>> {
        // Taken out while it is brought up to date: a panic meanwhile leaves none.
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MutableState {
    /// Starts from a state, with nothing recorded.
    pub fn new(base: State) -> Self {
        Self { base, opcodes: Vec::new(), changed: HashMap::new() }
    }

    /// The state that this started from.
    pub fn base(&self) -> &State {
        &self.base
    }

    /// The definitions that changes are checked against.
    pub fn definitions(&self) -> &Definitions {
        self.base.definitions()
    }

    /// What was recorded, in order.
    pub fn opcodes(&self) -> &[Opcode] {
        &self.opcodes
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.opcodes.is_empty()
    }

    /// The document of a key, as what was recorded leaves it; none while it is absent.
    ///
    /// # Errors
    /// When the document cannot be read.
    pub fn get(&self, attachment: &Attachment, key: &Key) -> Result<Option<Value>, Error> {
        let id = DocumentId { attachment: attachment.runtime_id(), key: key.clone() };
        let Some(changed) = self.changed.get(&id) else { return self.base.document(&id) };
        let mut read = changed.read();
        let (mut document, applied) = match read.take() {
            Some(read) => read,
            None => (self.base.document(&id)?, 0),
        };
        for place in &changed.places[applied..] {
            // What has no effect here is recorded all the same.
            let _: Result<(), DropReason> = self.opcodes[*place].operation.apply(&mut document);
        }
        *read = Some((document.clone(), changed.places.len()));
        Ok(document)
    }

    /// Whether there is a document.
    ///
    /// # Errors
    /// When the document cannot be read.
    pub fn has(&self, attachment: &Attachment, key: &Key) -> Result<bool, Error> {
        Ok(self.get(attachment, key)?.is_some())
    }

    /// The keys that have a document under an attachment, ascending.
    ///
    /// # Errors
    /// When the documents cannot be read.
    pub fn keys(&self, attachment: &Attachment) -> Result<Vec<Key>, Error> {
        let mut keys = self.base.keys(attachment)?;
        // Only a whole document makes one present that was absent.
        let set = self.opcodes.iter().filter(|opcode| {
            opcode.document.attachment == attachment.runtime_id()
                && matches!(opcode.operation, Operation::DocumentSet { .. })
        });
        keys.extend(set.map(|opcode| opcode.document.key.clone()));
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }

    /// Makes the document `value`.
    ///
    /// # Errors
    /// When the attachment, the key or the value is refused.
    pub fn set(&mut self, attachment: &Attachment, key: &Key, value: Value) -> Result<(), MutationError> {
        let id = self.check_document(attachment, key)?;
        let path = Path::root();
        let place = PlaceTypes::OneOf(vec![attachment.document_type().clone()]);
        let value = admit(attachment, &path, &place, value)?;
        self.record(id, Operation::DocumentSet { value });
        Ok(())
    }

    /// Makes the place at `path`, which is not the whole document, `value`.
    ///
    /// # Errors
    /// When the attachment, the key, the path or the value is refused.
    pub fn update(
        &mut self,
        attachment: &Attachment,
        key: &Key,
        path: &Path,
        value: Value,
    ) -> Result<(), MutationError> {
        let id = self.check_document(attachment, key)?;
        if path.is_root() {
            return Err(MutationError::Place {
                attachment: attachment.identifier(),
                path: path.clone(),
                operation: "update",
                hint: "write a whole document with `set`",
            });
        }
        let place = check_path(attachment, path, "update")?;
        let value = admit(attachment, path, &place, value)?;
        self.record(id, Operation::DocumentUpdate { path: path.clone(), value });
        Ok(())
    }

    /// Adds elements to the set at `path`.
    ///
    /// # Errors
    /// When the attachment, the key, the path or the elements are refused.
    pub fn union_in_set(
        &mut self,
        attachment: &Attachment,
        key: &Key,
        path: &Path,
        elements: SetValue,
    ) -> Result<(), MutationError> {
        let id = self.check_document(attachment, key)?;
        let place = check_path(attachment, path, "union_in_set")?;
        let elements = admit_set(attachment, path, "union_in_set", &place, elements)?;
        if !elements.items().is_empty() {
            self.record(id, Operation::SetUnion { path: path.clone(), elements });
        }
        Ok(())
    }

    /// Removes elements from the set at `path`.
    ///
    /// # Errors
    /// When the attachment, the key, the path or the elements are refused.
    pub fn subtract_in_set(
        &mut self,
        attachment: &Attachment,
        key: &Key,
        path: &Path,
        elements: SetValue,
    ) -> Result<(), MutationError> {
        let id = self.check_document(attachment, key)?;
        let place = check_path(attachment, path, "subtract_in_set")?;
        let elements = admit_set(attachment, path, "subtract_in_set", &place, elements)?;
        if !elements.items().is_empty() {
            self.record(id, Operation::SetSubtract { path: path.clone(), elements });
        }
        Ok(())
    }

    /// Adds entries to the map at `path`, replacing the values of keys already there.
    ///
    /// # Errors
    /// When the attachment, the key, the path or the entries are refused.
    pub fn union_in_map(
        &mut self,
        attachment: &Attachment,
        key: &Key,
        path: &Path,
        entries: MapValue,
    ) -> Result<(), MutationError> {
        let id = self.check_document(attachment, key)?;
        let place = check_path(attachment, path, "union_in_map")?;
        let entries = admit_map(attachment, path, "union_in_map", &place, entries)?;
        if !entries.entries().is_empty() {
            self.record(id, Operation::MapUnion { path: path.clone(), entries });
        }
        Ok(())
    }

    /// Removes keys from the map at `path`.
    ///
    /// # Errors
    /// When the attachment, the key, the path or the keys are refused.
    pub fn subtract_in_map(
        &mut self,
        attachment: &Attachment,
        key: &Key,
        path: &Path,
        keys: SetValue,
    ) -> Result<(), MutationError> {
        let id = self.check_document(attachment, key)?;
        let place = check_path(attachment, path, "subtract_in_map")?;
        let sets = only(attachment, path, "subtract_in_map", "a map", &place, |ty| match ty {
            Type::Map(map) => Some(Type::set(map.key.clone())),
            _ => None,
        })?;
        match admit(attachment, path, &sets, Value::Set(keys))? {
            Value::Set(keys) if !keys.items().is_empty() => {
                self.record(id, Operation::MapSubtract { path: path.clone(), keys });
            }
            _ => {}
        }
        Ok(())
    }

    /// Replaces the values of keys already in the map at `path`; the others are ignored.
    ///
    /// # Errors
    /// When the attachment, the key, the path or the entries are refused.
    pub fn update_in_map(
        &mut self,
        attachment: &Attachment,
        key: &Key,
        path: &Path,
        entries: MapValue,
    ) -> Result<(), MutationError> {
        let id = self.check_document(attachment, key)?;
        let place = check_path(attachment, path, "update_in_map")?;
        let entries = admit_map(attachment, path, "update_in_map", &place, entries)?;
        if !entries.entries().is_empty() {
            self.record(id, Operation::MapUpdate { path: path.clone(), entries });
        }
        Ok(())
    }

    /// Inserts an element at a new position immediately before `before`, or at the end when `before` is the zero id.
    ///
    /// # Errors
    /// When the attachment, the key, the path or the value is refused.
    pub fn insert_in_xarray(
        &mut self,
        attachment: &Attachment,
        key: &Key,
        path: &Path,
        before: Uuid,
        position: Uuid,
        value: Value,
    ) -> Result<(), MutationError> {
        let id = self.check_document(attachment, key)?;
        let place = check_path(attachment, path, "insert_in_xarray")?;
        let value = admit_element(attachment, path, "insert_in_xarray", &place, value)?;
        if position.is_nil() {
            return Err(MutationError::Place {
                attachment: attachment.identifier(),
                path: path.clone(),
                operation: "insert_in_xarray",
                hint: "give the element a position other than the zero id, which stands for the end",
            });
        }
        self.record(id.clone(), Operation::XArrayInsert { path: path.clone(), before, position });
        self.record(id, Operation::XArrayUpdate { path: path.clone(), position, value });
        Ok(())
    }

    /// Puts an element at a known position of the xarray at `path`, reviving it if it was removed.
    ///
    /// # Errors
    /// When the attachment, the key, the path or the value is refused.
    pub fn update_in_xarray(
        &mut self,
        attachment: &Attachment,
        key: &Key,
        path: &Path,
        position: Uuid,
        value: Value,
    ) -> Result<(), MutationError> {
        let id = self.check_document(attachment, key)?;
        let place = check_path(attachment, path, "update_in_xarray")?;
        let value = admit_element(attachment, path, "update_in_xarray", &place, value)?;
        self.record(id, Operation::XArrayUpdate { path: path.clone(), position, value });
        Ok(())
    }

    /// Removes the element at a position of the xarray at `path`; the position stays known.
    ///
    /// # Errors
    /// When the attachment, the key or the path is refused.
    pub fn remove_in_xarray(
        &mut self,
        attachment: &Attachment,
        key: &Key,
        path: &Path,
        position: Uuid,
    ) -> Result<(), MutationError> {
        let id = self.check_document(attachment, key)?;
        let place = check_path(attachment, path, "remove_in_xarray")?;
        only(attachment, path, "remove_in_xarray", "an xarray", &place, |ty| match ty {
            Type::XArray(element) => Some((**element).clone()),
            _ => None,
        })?;
        self.record(id, Operation::XArrayRemove { path: path.clone(), position });
        Ok(())
    }

    /// Records the least that turns the present document into `value`.
    ///
    /// Structure fields that differ are one update each, or, when `recursive`, one for each of their own fields that
    /// differs. Sets and maps change by element, xarrays by position.
    ///
    /// # Errors
    /// When the attachment, the key or the value is refused, or the present document cannot be read.
    pub fn diff(
        &mut self,
        attachment: &Attachment,
        key: &Key,
        value: Value,
        recursive: bool,
    ) -> Result<(), Error> {
        let id = self.check_document(attachment, key)?;
        let place = PlaceTypes::OneOf(vec![attachment.document_type().clone()]);
        let value = admit(attachment, &Path::root(), &place, value)?;
        for operation in crate::diff::operations(self.get(attachment, key)?.as_ref(), &value, recursive) {
            self.record(id.clone(), operation);
        }
        Ok(())
    }

    fn check_document(&self, attachment: &Attachment, key: &Key) -> Result<DocumentId, MutationError> {
        if self.definitions().attachment(attachment.runtime_id()).is_none() {
            return Err(MutationError::UnknownAttachment { attachment: attachment.to_string() });
        }
        if key.is_null() || !attachment.key_target().admits(key) {
            return Err(MutationError::Key {
                attachment: attachment.identifier(),
                expected: attachment.key_type(),
                key: key.clone().into(),
            });
        }
        Ok(DocumentId { attachment: attachment.runtime_id(), key: key.clone() })
    }

    fn record(&mut self, id: DocumentId, operation: Operation) {
        self.changed.entry(id.clone()).or_default().places.push(self.opcodes.len());
        self.opcodes.push(Opcode { document: id, operation });
    }
}

/// What may stand at a regular, legal path.
fn check_path(
    attachment: &Attachment,
    path: &Path,
    operation: &'static str,
) -> Result<PlaceTypes, MutationError> {
    if !path.is_regular() {
        return Err(MutationError::Place {
            attachment: attachment.identifier(),
            path: path.clone(),
            operation,
            hint: "an entry or element is not a place; change the map or set that it is in",
        });
    }
    path.check(attachment.document_type())
        .map_err(|source| MutationError::Path { attachment: attachment.identifier(), source: source.into() })
}

/// The value as it may stand in the place, converted where the place has one type and nothing is lost.
fn admit(
    attachment: &Attachment,
    path: &Path,
    place: &PlaceTypes,
    value: Value,
) -> Result<Value, MutationError> {
    let fail = |source: ValueError| MutationError::Value {
        attachment: attachment.identifier(),
        path: path.clone(),
        source: source.into(),
    };
    if place.admits(&value) {
        check_depth(attachment, path, &value, path.components().len())?;
        return Ok(value);
    }
    if let Some(single) = place.single() {
        let converted = value.convert(single).map_err(fail)?;
        check_depth(attachment, path, &converted, path.components().len())?;
        return Ok(converted);
    }
    let expected = match place.types() {
        [single] => single.clone(),
        types => Type::Variant(Arc::new(types.to_vec())),
    };
    let kind = anabranch_model::value::ValueErrorKind::Type { expected, found: value.ty().to_string() };
    Err(fail(kind.into()))
}

/// The types that an operation works on among those that may stand in the place.
fn only(
    attachment: &Attachment,
    path: &Path,
    operation: &'static str,
    expected: &'static str,
    place: &PlaceTypes,
    pick: impl Fn(&Type) -> Option<Type>,
) -> Result<PlaceTypes, MutationError> {
    match place {
        PlaceTypes::Any => Ok(PlaceTypes::Any),
        PlaceTypes::OneOf(types) => {
            let picked: Vec<Type> = types.iter().filter_map(pick).collect();
            if picked.is_empty() {
                let found = types.iter().map(Type::to_string).collect::<Vec<_>>().join(" or ");
                return Err(MutationError::Target {
                    attachment: attachment.identifier(),
                    path: path.clone(),
                    operation,
                    expected,
                    found,
                });
            }
            Ok(PlaceTypes::OneOf(picked))
        }
    }
}

fn admit_set(
    attachment: &Attachment,
    path: &Path,
    operation: &'static str,
    place: &PlaceTypes,
    elements: SetValue,
) -> Result<SetValue, MutationError> {
    let sets = only(attachment, path, operation, "a set", place, |ty| match ty {
        Type::Set(_) => Some(ty.clone()),
        _ => None,
    })?;
    match admit(attachment, path, &sets, Value::Set(elements.clone()))? {
        Value::Set(admitted) => Ok(admitted),
        _ => Ok(elements),
    }
}

fn admit_map(
    attachment: &Attachment,
    path: &Path,
    operation: &'static str,
    place: &PlaceTypes,
    entries: MapValue,
) -> Result<MapValue, MutationError> {
    let maps = only(attachment, path, operation, "a map", place, |ty| match ty {
        Type::Map(_) => Some(ty.clone()),
        _ => None,
    })?;
    match admit(attachment, path, &maps, Value::Map(entries.clone()))? {
        Value::Map(admitted) => Ok(admitted),
        _ => Ok(entries),
    }
}

fn admit_element(
    attachment: &Attachment,
    path: &Path,
    operation: &'static str,
    place: &PlaceTypes,
    value: Value,
) -> Result<Value, MutationError> {
    let elements = only(attachment, path, operation, "an xarray", place, |ty| match ty {
        Type::XArray(element) => Some((**element).clone()),
        _ => None,
    })?;
    let value = admit(attachment, path, &elements, value)?;
    // An element stands one level inside the xarray.
    check_depth(attachment, path, &value, path.components().len() + 1)?;
    Ok(value)
}

/// What stands deeper than documents may be has an encoding that nobody reads.
fn check_depth(
    attachment: &Attachment,
    path: &Path,
    value: &Value,
    above: usize,
) -> Result<(), MutationError> {
    value.check_depth(above).map_err(|source| MutationError::Value {
        attachment: attachment.identifier(),
        path: path.clone(),
        source: source.into(),
    })
}
