//! Commits, their headers, and what they do to documents.

use anabranch::engine::{Opcode, Operation};
use anabranch::{CommitHeader, CommitId, Definitions, Value};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::attachments::PyAttachment;
use crate::error::{Class, Failure, Outcome};
use crate::paths::path_object;
use crate::values::{list, object, python};

/// What is known of a commit without its payload.
#[pyclass(name = "CommitHeader", module = "anabranch", subclass, frozen)]
pub(crate) struct PyHeader(pub(crate) CommitHeader);

pub(crate) fn commit_id(py: Python<'_>, id: CommitId) -> Outcome<Bound<'_, PyAny>> {
    object(py, Value::CommitId(id))
}

#[pymethods]
impl PyHeader {
    /// What names it.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn commit_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.0.id)
    }

    /// The commit that it stands on; the zero id for a first one.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn parent_commit_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.0.parent)
    }

    /// What it merges, hides or shows; the zero id for mutations.
    #[pyo3(signature = () -> "ValueCommitId")]
    fn target_commit_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        commit_id(py, self.0.target)
    }

    /// What it does: `Mutations`, `Merge`, `Disable` or `Enable`.
    fn commit_type(&self) -> String {
        self.0.kind.to_string()
    }

    /// What its author says it is.
    fn label(&self) -> &str {
        &self.0.metadata.label
    }

    /// Who made it.
    fn author(&self) -> &str {
        &self.0.metadata.author
    }

    /// When it was made: milliseconds since the epoch.
    fn timestamp(&self) -> i64 {
        self.0.metadata.timestamp
    }

    /// One more than the greatest generation of what it depends on; 1 for a first one.
    fn generation(&self) -> u64 {
        self.0.generation
    }

    fn __repr__(&self) -> String {
        format!("CommitHeader({} {} '{}')", self.0.id.short(), self.0.kind, self.0.metadata.label)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<PyHeader>().is_ok_and(|other| other.get().0.id == self.0.id)
    }

    fn __hash__(&self) -> u64 {
        crate::names::hash_of(&self.0.id)
    }

    /// For notebooks.
    fn _repr_html_(&self) -> String {
        let label = self.0.metadata.label.replace('&', "&amp;").replace('<', "&lt;");
        format!("<code>{}</code> {} <b>{label}</b>", self.0.id.short(), self.0.kind)
    }
}

/// A commit: its header, and what it does to documents.
#[pyclass(name = "Commit", module = "anabranch", extends = PyHeader, frozen)]
pub(crate) struct PyCommit {
    opcodes: Vec<Opcode>,
    definitions: Definitions,
}

impl PyCommit {
    pub(crate) fn make(
        py: Python<'_>,
        header: CommitHeader,
        opcodes: Vec<Opcode>,
        definitions: Definitions,
    ) -> Outcome<Bound<'_, Self>> {
        let base = PyClassInitializer::from(PyHeader(header));
        Ok(Bound::new(py, base.add_subclass(Self { opcodes, definitions }))?)
    }
}

#[pymethods]
impl PyCommit {
    /// The header.
    fn header(slf: &Bound<'_, Self>) -> PyHeader {
        PyHeader(slf.as_super().get().0.clone())
    }

    /// What it does to documents, in order; nothing but for mutations.
    #[pyo3(signature = () -> "list[CommitOpcode]")]
    fn opcodes<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyList>> {
        opcodes(py, &self.opcodes, &self.definitions)
    }

    fn __len__(&self) -> usize {
        self.opcodes.len()
    }
}

/// Opcodes as objects.
pub(crate) fn opcodes<'py>(
    py: Python<'py>,
    opcodes: &[Opcode],
    definitions: &Definitions,
) -> Outcome<Bound<'py, PyList>> {
    list(py, opcodes.iter().map(|opcode| opcode_object(py, opcode.clone(), definitions.clone())))
}

/// One operation on one document.
#[pyclass(name = "CommitOpcode", module = "anabranch", subclass, frozen)]
pub(crate) struct PyOpcode {
    opcode: Opcode,
    definitions: Definitions,
}

#[pymethods]
impl PyOpcode {
    /// The name of the operation: `document_set`, `set_union`, …
    fn r#type(&self) -> &'static str {
        self.opcode.operation.name()
    }

    /// The attachment of the document.
    fn attachment(&self) -> Outcome<PyAttachment> {
        let id = self.opcode.document.attachment;
        let found = self.definitions.attachment(id).cloned().map(PyAttachment);
        found.ok_or_else(|| {
            Failure::new(Class::NotFound, "definition-not-found", format!("there is no attachment {id}"))
        })
    }

    /// The key of the document.
    #[pyo3(signature = () -> "ValueKey")]
    fn key<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        object(py, Value::Key(self.opcode.document.key.clone()))
    }

    /// The place that is operated on; none for the whole document.
    #[pyo3(signature = () -> "PathConst | None")]
    fn path<'py>(&self, py: Python<'py>) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.opcode.operation.path().map(|path| path_object(py, path.clone())).transpose()
    }

    /// What is put there, added or removed; none where there is nothing to put.
    #[pyo3(signature = (encoded = true) -> "typing.Any")]
    fn value<'py>(&self, py: Python<'py>, encoded: bool) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.opcode.operation.argument().map(|value| python(py, value, encoded)).transpose()
    }

    fn __repr__(&self) -> String {
        self.opcode.operation.to_string()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<PyOpcode>().is_ok_and(|other| other.get().opcode == self.opcode)
    }

    fn __hash__(&self) -> u64 {
        crate::names::hash_of(&self.opcode.document)
    }
}

macro_rules! opcodes {
    ($($variant:ident => $class:ident, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            #[pyclass(module = "anabranch", extends = PyOpcode, frozen)]
            pub(crate) struct $class;
        )*

        /// An opcode as an object of its class.
        pub(crate) fn opcode_object(
            py: Python<'_>,
            opcode: Opcode,
            definitions: Definitions,
        ) -> Outcome<Bound<'_, PyAny>> {
            match &opcode.operation {
                $(Operation::$variant { .. } => {
                    let base = PyClassInitializer::from(PyOpcode { opcode, definitions });
                    Ok(Bound::new(py, base.add_subclass($class))?.into_any())
                })*
            }
        }
    };
}

opcodes! {
    DocumentSet => CommitOpcodeDocumentSet, "The document becomes a value.";
    DocumentUpdate => CommitOpcodeDocumentUpdate, "A place becomes a value.";
    SetUnion => CommitOpcodeSetUnion, "Elements are added to a set.";
    SetSubtract => CommitOpcodeSetSubtract, "Elements are removed from a set.";
    MapUnion => CommitOpcodeMapUnion, "Entries are added to a map.";
    MapSubtract => CommitOpcodeMapSubtract, "Keys are removed from a map.";
    MapUpdate => CommitOpcodeMapUpdate, "The values of keys in a map are replaced.";
    XArrayInsert => CommitOpcodeXArrayInsert, "A position becomes known before another.";
    XArrayUpdate => CommitOpcodeXArrayUpdate, "The element at a position becomes a value.";
    XArrayRemove => CommitOpcodeXArrayRemove, "The element at a position is removed.";
}

macro_rules! positions {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// The position that is operated on.
            #[pyo3(signature = () -> "ValueUUId")]
            fn position<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
                let position = match slf.as_super().get().opcode.operation {
                    Operation::XArrayInsert { position, .. }
                    | Operation::XArrayUpdate { position, .. }
                    | Operation::XArrayRemove { position, .. } => position,
                    _ => anabranch::Uuid::nil(),
                };
                object(slf.py(), Value::Uuid(position))
            }
        }
    )*};
}

positions!(CommitOpcodeXArrayInsert, CommitOpcodeXArrayUpdate, CommitOpcodeXArrayRemove);

#[pymethods]
impl CommitOpcodeXArrayInsert {
    /// The position that the new one comes before; the zero id for the end.
    #[pyo3(signature = () -> "ValueUUId")]
    fn before<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        let before = match slf.as_super().get().opcode.operation {
            Operation::XArrayInsert { before, .. } => before,
            _ => anabranch::Uuid::nil(),
        };
        object(slf.py(), Value::Uuid(before))
    }
}
