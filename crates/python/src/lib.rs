//! The Python package `anabranch`: thin classes over the facade crate, one module for each area of `spec/python.md`.
//!
//! What these modules do is to convert: arguments to the facade's types, results to objects, errors to exceptions. The
//! rules of the database stand below. The interpreter's lock is released around everything that may take time.

mod attachments;
mod blobs;
mod buffer;
mod database;
mod definitions;
mod descriptors;
mod dsm;
mod error;
mod graph;
mod input;
mod names;
mod packs;
mod paths;
mod server;
mod state;
mod store;
mod sync;
mod trace;
mod types;
mod values;

use pyo3::prelude::*;

/// The compiled part of the package; import `anabranch` instead.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::attachments::{PyAttachment, PyGetting, PyMutating};
    #[pymodule_export]
    use super::blobs::{
        PyBlobInfo, PyBlobLayout, PyBlobReader, PyBlobStatistics, PyBlobStream, PyGarbageReport,
    };
    #[pymodule_export]
    use super::buffer::buffering;
    #[pymodule_export]
    use super::database::PyDatabase;
    #[pymodule_export]
    use super::definitions::{DefinitionsInspector, PyDefinitions, PyDefinitionsConst, PyExtendInfo};
    #[pymodule_export]
    use super::descriptors::{EnumerationDescriptor, PyCase, PyField, StructureDescriptor};
    #[pymodule_export]
    use super::dsm::{PyDsmBuilder, PyDsmDefinitions, PyDsmParseError, PyDsmParseReport};
    #[pymodule_export]
    use super::graph::{
        CommitOpcodeDocumentSet, CommitOpcodeDocumentUpdate, CommitOpcodeMapSubtract, CommitOpcodeMapUnion,
        CommitOpcodeMapUpdate, CommitOpcodeSetSubtract, CommitOpcodeSetUnion, CommitOpcodeXArrayInsert,
        CommitOpcodeXArrayRemove, CommitOpcodeXArrayUpdate, PyCommit, PyHeader, PyOpcode,
    };
    #[pymodule_export]
    use super::names::{PyNameSpace, PyTypeName};
    #[pymodule_export]
    use super::packs::{PyPackDescriptor, PyPackRegion};
    #[pymodule_export]
    use super::paths::{PyPath, PyPathConst};
    #[pymodule_export]
    use super::server::PyServer;
    #[pymodule_export]
    use super::state::{PyDatabaseHelper, PyMutableState, PyState, PyStateBuilder};
    #[pymodule_export]
    use super::store::PyStore;
    #[pymodule_export]
    use super::sync::{PyCancelation, PyProgress, PySyncInfo, PySynchronizer, PyTransferInfo};
    #[pymodule_export]
    use super::trace::{PyBlamedPlace, PyDocumentDiff, PyEvalAction, PyStateDiff, PyTrace, PyTraceStep};
    #[pymodule_export]
    use super::types::{
        TypeClub, TypeConcept, TypeEnumeration, TypeKey, TypeMap, TypeMat, TypeObject, TypeOptional, TypeSet,
        TypeStructure, TypeTuple, TypeVariant, TypeVec, TypeVector, TypeXArray,
    };
    #[pymodule_export]
    use super::values::{
        PyValue, ValueAny, ValueBlob, ValueBlobId, ValueBool, ValueCommitId, ValueDouble, ValueEnumeration,
        ValueFloat, ValueInt8, ValueInt16, ValueInt32, ValueInt64, ValueKey, ValueMap, ValueMat,
        ValueOptional, ValueSet, ValueString, ValueStructure, ValueTuple, ValueUInt8, ValueUInt16,
        ValueUInt32, ValueUInt64, ValueUUId, ValueVariant, ValueVec, ValueVector, ValueXArray,
    };
}
