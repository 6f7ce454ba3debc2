//! Operations on documents, and what each does to one (`spec/semantics.md` §3).

use std::fmt;

use anabranch_model::{
    BlobId, Key, MapValue, Path, RuntimeId, SetValue, Unresolved, Uuid, Value, ValueError,
};

/// Which document: an instance, seen through an attachment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId {
    /// The runtime id of the attachment.
    pub attachment: RuntimeId,
    /// The instance.
    pub key: Key,
}

/// One operation on one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opcode {
    /// The document.
    pub document: DocumentId,
    /// What is done to it.
    pub operation: Operation,
}

/// What is done to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the arguments that spec/semantics.md §3 names")]
pub enum Operation {
    /// The document becomes the value.
    DocumentSet { value: Value },
    /// The place becomes the value.
    DocumentUpdate { path: Path, value: Value },
    /// Adds elements to a set.
    SetUnion { path: Path, elements: SetValue },
    /// Removes elements from a set.
    SetSubtract { path: Path, elements: SetValue },
    /// Adds entries to a map, replacing the values of keys already there.
    MapUnion { path: Path, entries: MapValue },
    /// Removes keys from a map.
    MapSubtract { path: Path, keys: SetValue },
    /// Replaces the values of keys already in a map.
    MapUpdate { path: Path, entries: MapValue },
    /// Makes a position known immediately before another; the zero id means the end.
    XArrayInsert { path: Path, before: Uuid, position: Uuid },
    /// Puts an element at a known position, reviving it if it was removed.
    XArrayUpdate { path: Path, position: Uuid, value: Value },
    /// Removes the element at a position, which stays known.
    XArrayRemove { path: Path, position: Uuid },
}

/// Why an operation had no effect. Nothing fails: it is dropped, alone, and the trace says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DropReason {
    /// The document was never set.
    #[error("the document is absent")]
    Absent,
    /// The path leads nowhere in the document.
    #[error(transparent)]
    Unresolved(#[from] Unresolved),
    /// The inserted position is already there.
    #[error("the position is already known")]
    KnownPosition,
}

impl Operation {
    /// Checks that no document nests deeper than can be read back by what the operation puts into it.
    ///
    /// # Errors
    /// When one would.
    pub(crate) fn check_depth(&self) -> Result<(), ValueError> {
        let at = |path: &Path, value: &Value| value.check_depth(path.components().len());
        match self {
            Self::DocumentSet { value } => value.check_depth(0),
            Self::DocumentUpdate { path, value } => at(path, value),
            Self::SetUnion { path, elements } => at(path, &Value::Set(elements.clone())),
            Self::MapUnion { path, entries } | Self::MapUpdate { path, entries } => {
                at(path, &Value::Map(entries.clone()))
            }
            Self::XArrayUpdate { path, value, .. } => value.check_depth(path.components().len() + 1),
            Self::SetSubtract { .. }
            | Self::MapSubtract { .. }
            | Self::XArrayInsert { .. }
            | Self::XArrayRemove { .. } => Ok(()),
        }
    }

    /// The name of the opcode, as `spec/semantics.md` calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DocumentSet { .. } => "document_set",
            Self::DocumentUpdate { .. } => "document_update",
            Self::SetUnion { .. } => "set_union",
            Self::SetSubtract { .. } => "set_subtract",
            Self::MapUnion { .. } => "map_union",
            Self::MapSubtract { .. } => "map_subtract",
            Self::MapUpdate { .. } => "map_update",
            Self::XArrayInsert { .. } => "xarray_insert",
            Self::XArrayUpdate { .. } => "xarray_update",
            Self::XArrayRemove { .. } => "xarray_remove",
        }
    }

    /// The place that is operated on; none for the whole document.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::DocumentSet { .. } => None,
            Self::DocumentUpdate { path, .. }
            | Self::SetUnion { path, .. }
            | Self::SetSubtract { path, .. }
            | Self::MapUnion { path, .. }
            | Self::MapSubtract { path, .. }
            | Self::MapUpdate { path, .. }
            | Self::XArrayInsert { path, .. }
            | Self::XArrayUpdate { path, .. }
            | Self::XArrayRemove { path, .. } => Some(path),
        }
    }

    /// The value that is put there, added or removed, as one value; none where there is none.
    pub fn argument(&self) -> Option<Value> {
        match self {
            Self::DocumentSet { value }
            | Self::DocumentUpdate { value, .. }
            | Self::XArrayUpdate { value, .. } => Some(value.clone()),
            Self::SetUnion { elements, .. } | Self::SetSubtract { elements, .. } => {
                Some(Value::Set(elements.clone()))
            }
            Self::MapSubtract { keys, .. } => Some(Value::Set(keys.clone())),
            Self::MapUnion { entries, .. } | Self::MapUpdate { entries, .. } => {
                Some(Value::Map(entries.clone()))
            }
            Self::XArrayInsert { .. } | Self::XArrayRemove { .. } => None,
        }
    }

    /// Applies the operation to a document, which is none while it is absent.
    ///
    /// # Errors
    /// Why it was dropped; the document is unchanged then.
    pub fn apply(&self, document: &mut Option<Value>) -> Result<(), DropReason> {
        if let Self::DocumentSet { value } = self {
            *document = Some(value.clone());
            return Ok(());
        }
        let document = document.as_mut().ok_or(DropReason::Absent)?;
        // What a container refuses has another type than it: the path led through a variant or an any.
        let other_type = |_| DropReason::Unresolved(Unresolved::OtherType);
        match self {
            Self::DocumentSet { .. } => {}
            Self::DocumentUpdate { path, value } => path.set(document, value.clone())?,
            Self::SetUnion { path, elements } => {
                set_at(path, document)?.union(elements).map_err(other_type)?;
            }
            Self::SetSubtract { path, elements } => {
                set_at(path, document)?.subtract(elements).map_err(other_type)?;
            }
            Self::MapUnion { path, entries } => {
                map_at(path, document)?.union(entries).map_err(other_type)?;
            }
            Self::MapSubtract { path, keys } => {
                map_at(path, document)?.subtract(keys).map_err(other_type)?;
            }
            Self::MapUpdate { path, entries } => {
                map_at(path, document)?.update(entries).map_err(other_type)?;
            }
            Self::XArrayInsert { path, before, position } => {
                let xarray = xarray_at(path, document)?;
                if xarray.knows(*position) {
                    return Err(DropReason::KnownPosition);
                }
                if !xarray.insert(*before, *position) {
                    return Err(Unresolved::UnknownPosition.into());
                }
            }
            Self::XArrayUpdate { path, position, value } => {
                if !xarray_at(path, document)?.set(*position, value.clone()).map_err(other_type)? {
                    return Err(Unresolved::UnknownPosition.into());
                }
            }
            Self::XArrayRemove { path, position } => {
                let xarray = xarray_at(path, document)?;
                if !xarray.knows(*position) {
                    return Err(Unresolved::UnknownPosition.into());
                }
                xarray.remove(*position);
            }
        }
        Ok(())
    }

    /// Calls `visit` with every blob id in the operation, path keys included.
    pub fn visit_blob_ids(&self, visit: &mut impl FnMut(BlobId)) {
        if let Some(path) = self.path() {
            path.visit_blob_ids(visit);
        }
        if let Some(argument) = self.argument() {
            argument.visit_blob_ids(visit);
        }
    }
}

fn set_at<'v>(path: &Path, document: &'v mut Value) -> Result<&'v mut SetValue, DropReason> {
    match path.at_mut(document)? {
        Value::Set(set) => Ok(set),
        _ => Err(Unresolved::OtherType.into()),
    }
}

fn map_at<'v>(path: &Path, document: &'v mut Value) -> Result<&'v mut MapValue, DropReason> {
    match path.at_mut(document)? {
        Value::Map(map) => Ok(map),
        _ => Err(Unresolved::OtherType.into()),
    }
}

fn xarray_at<'v>(
    path: &Path,
    document: &'v mut Value,
) -> Result<&'v mut anabranch_model::XArrayValue, DropReason> {
    match path.at_mut(document)? {
        Value::XArray(xarray) => Ok(xarray),
        _ => Err(Unresolved::OtherType.into()),
    }
}

impl fmt::Display for Operation {
    /// The opcode, its place and its argument, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        if let Some(path) = self.path() {
            write!(f, " {path}")?;
        }
        match self {
            Self::XArrayInsert { before, position, .. } if before.is_nil() => {
                write!(f, " {{{position}}} at the end")
            }
            Self::XArrayInsert { before, position, .. } => write!(f, " {{{position}}} before {{{before}}}"),
            Self::XArrayUpdate { position, value, .. } => write!(f, " {{{position}}} {value}"),
            Self::XArrayRemove { position, .. } => write!(f, " {{{position}}}"),
            _ => self.argument().map_or(Ok(()), |argument| write!(f, " {argument}")),
        }
    }
}
