//! Errors as Python exceptions: one class for what a caller would branch on, a code for everything else.

use anabranch::dsm::json::JsonError as DsmJsonError;
use anabranch::engine::storage::StorageError;
use anabranch::engine::{BlobPackError, DispatchError, Error, ReconcileError};
use anabranch::model::codec::DecodeError;
use anabranch::model::{
    DefinitionError, DefinitionsError, IdError, JsonError, PathError, TextError, TypeError, Unresolved,
    ValueError,
};
use anabranch::remote::{ConnectError, ServeError, TokenError, is_unauthorized};
use anabranch::sync::ReplicaError;
use anabranch::{MutationError, SyncError};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// What a function of the package fails with.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// An exception that is one already, or the parts of one of the package's.
pub(crate) enum Failure {
    Python(PyErr),
    Raised { class: Class, code: &'static str, message: String },
}

/// The exception classes of the package (`anabranch/errors.py`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Error,
    NotFound,
    InvalidValue,
    Conflict,
    Busy,
    Closed,
    Integrity,
    Remote,
    Unauthorized,
}

impl Class {
    const fn name(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::NotFound => "NotFound",
            Self::InvalidValue => "InvalidValue",
            Self::Conflict => "Conflict",
            Self::Busy => "Busy",
            Self::Closed => "Closed",
            Self::Integrity => "Integrity",
            Self::Remote => "Remote",
            Self::Unauthorized => "Unauthorized",
        }
    }
}

impl Failure {
    pub(crate) fn new(class: Class, code: &'static str, message: impl ToString) -> Self {
        Self::Raised { class, code, message: message.to_string() }
    }

    pub(crate) fn invalid(message: impl ToString) -> Self {
        Self::new(Class::InvalidValue, "invalid-value", message)
    }

    pub(crate) fn not_found(message: impl ToString) -> Self {
        Self::new(Class::NotFound, "not-found", message)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<pyo3::CastError<'_, '_>> for Failure {
    fn from(error: pyo3::CastError<'_, '_>) -> Self {
        Self::Python(error.into())
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Python(error) => error,
            Failure::Raised { class, code, message } => Python::attach(|py| {
                let made = py
                    .import("anabranch.errors")
                    .and_then(|module| module.getattr(class.name()))
                    .and_then(|class| class.call1((message, code)));
                match made {
                    Ok(exception) => PyErr::from_value(exception),
                    // Without the package around it there is still something to raise.
                    Err(error) => PyRuntimeError::new_err(format!("{}: {error}", class.name())),
                }
            }),
        }
    }
}

macro_rules! classed {
    ($($error:ty => $class:ident, $code:literal;)*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(Class::$class, $code, error)
            }
        }
    )*};
}

classed! {
    ValueError => InvalidValue, "invalid-value";
    JsonError => InvalidValue, "invalid-json";
    serde_json::Error => InvalidValue, "invalid-json";
    TextError => InvalidValue, "invalid-text";
    TypeError => InvalidValue, "invalid-type";
    IdError => InvalidValue, "invalid-id";
    PathError => InvalidValue, "invalid-path";
    Unresolved => NotFound, "unresolved-path";
    DecodeError => InvalidValue, "invalid-encoding";
    DefinitionError => InvalidValue, "invalid-definition";
    DsmJsonError => InvalidValue, "invalid-model";
    MutationError => InvalidValue, "refused-mutation";
}

impl From<DefinitionsError> for Failure {
    fn from(error: DefinitionsError) -> Self {
        let (class, code) = match &error {
            DefinitionsError::Decode(_) => (Class::InvalidValue, "invalid-encoding"),
            DefinitionsError::Missing { .. } => (Class::NotFound, "missing-definition"),
            _ => (Class::Conflict, "conflicting-definitions"),
        };
        Self::new(class, code, error)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        let (class, code) = match &error {
            StorageError::FileMissing { .. } => (Class::NotFound, "file-missing"),
            StorageError::CommitNotFound { .. } => (Class::NotFound, "commit-not-found"),
            StorageError::FileExists { .. } => (Class::Conflict, "file-exists"),
            StorageError::LeftoverJournal { .. } => (Class::Conflict, "leftover-journal"),
            StorageError::Replaced { .. } => (Class::Conflict, "file-replaced"),
            StorageError::Locked { .. } => (Class::Busy, "locked"),
            StorageError::Remote { .. } if is_unauthorized(&error) => (Class::Unauthorized, "unauthorized"),
            StorageError::Remote { .. } => (Class::Remote, "remote"),
            StorageError::Elsewhere { .. } => (Class::Remote, "elsewhere"),
            StorageError::ReadOnly { .. } => (Class::Error, "read-only"),
            StorageError::NotWritable { .. } => (Class::Error, "not-writable"),
            StorageError::NotReadable { .. } => (Class::Error, "not-readable"),
            StorageError::NotAFile { .. }
            | StorageError::EmptyFile { .. }
            | StorageError::NotADatabase { .. }
            | StorageError::ForeignDatabase { .. }
            | StorageError::NewerFormat { .. } => (Class::InvalidValue, "not-a-database"),
            StorageError::Truncated { .. } | StorageError::Corrupt { .. } => {
                (Class::Integrity, "damaged-file")
            }
            _ => (Class::Error, "storage"),
        };
        Self::new(class, code, error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (class, code) = match error {
            Error::Storage(error) => return error.into(),
            Error::Mutation(error) => return error.into(),
            Error::Definitions(error) => return error.into(),
            Error::CommitNotFound { .. } => (Class::NotFound, "commit-not-found"),
            Error::BlobNotFound { .. } => (Class::NotFound, "blob-not-found"),
            Error::NoDatabase => (Class::Closed, "no-database"),
            Error::NotMergeable { .. } => (Class::Conflict, "not-mergeable"),
            Error::NotEmpty { .. } => (Class::Conflict, "not-empty"),
            Error::NestedDispatch => (Class::Conflict, "nested-dispatch"),
            Error::NotAHead { .. } => (Class::Conflict, "not-a-head"),
            Error::Synchronised { .. } => (Class::Conflict, "synchronised"),
            Error::HistoryChanged { .. } => (Class::Conflict, "history-changed"),
            Error::Payload { .. } => (Class::Integrity, "damaged-payload"),
            Error::Malformed { .. } => (Class::Integrity, "malformed-commit"),
            Error::BlobDamaged { .. } | Error::BlobMismatch { .. } => (Class::Integrity, "damaged-blob"),
            Error::Layout { .. } | Error::LayoutSize { .. } => (Class::InvalidValue, "invalid-layout"),
            _ => (Class::Error, "database"),
        };
        Self::new(class, code, error)
    }
}

impl From<BlobPackError> for Failure {
    fn from(error: BlobPackError) -> Self {
        match error {
            BlobPackError::Region { .. } => Self::new(Class::NotFound, "region-not-found", error),
            other => Self::new(Class::InvalidValue, "invalid-pack", other),
        }
    }
}

impl From<ReconcileError> for Failure {
    fn from(error: ReconcileError) -> Self {
        match error {
            ReconcileError::Engine(error) => error.into(),
            other => Self::new(Class::Conflict, "reconciliation", other),
        }
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        let message = error.to_string();
        let (class, code) = match error {
            SyncError::Replica { source, .. } => match (*source).into() {
                Self::Raised { class, code, .. } => (class, code),
                python => return python,
            },
            SyncError::Definitions { .. } => (Class::Conflict, "conflicting-definitions"),
            SyncError::Cancelled => (Class::Error, "cancelled"),
            SyncError::Mode { .. } => (Class::InvalidValue, "invalid-mode"),
            _ => (Class::Error, "synchronisation"),
        };
        Self::new(class, code, message)
    }
}

impl From<ReplicaError> for Failure {
    fn from(error: ReplicaError) -> Self {
        match error {
            ReplicaError::Database(error) => error.into(),
            ReplicaError::Connection { .. } if is_unauthorized(&error) => {
                Self::new(Class::Unauthorized, "unauthorized", error)
            }
            ReplicaError::Connection { .. } => Self::new(Class::Remote, "connection", error),
            other => Self::new(Class::Error, "replica", other),
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let error = match error {
            ConnectError::Database(error) => return error.into(),
            other => other,
        };
        let (class, code) = match &error {
            ConnectError::Unauthorized { .. } => (Class::Unauthorized, "unauthorized"),
            ConnectError::Url(_) | ConnectError::Token => (Class::InvalidValue, "invalid-url"),
            ConnectError::File { .. } => (Class::NotFound, "file-missing"),
            ConnectError::Refused { .. } => (Class::Remote, "refused"),
            ConnectError::Protocol { .. } => (Class::Remote, "other-protocol"),
            _ => (Class::Remote, "unreachable"),
        };
        Self::new(class, code, error)
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        Self::new(Class::Error, "server", error)
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::new(Class::InvalidValue, "invalid-token", error)
    }
}

impl From<DispatchError<PyErr>> for Failure {
    fn from(error: DispatchError<PyErr>) -> Self {
        match error {
            DispatchError::Change(error) => Self::Python(error),
            DispatchError::Engine(error) => error.into(),
            other => Self::new(Class::Error, "dispatch", other),
        }
    }
}
