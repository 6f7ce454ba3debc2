//! Databases elsewhere, as if they were here.

mod cache;
mod connection;
mod documents;
mod replica;
mod snapshot;
mod storage;
mod transaction;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anabranch_engine::Database;

use crate::url::{Target, Url, UrlError};
use connection::Connection;
use storage::RemoteStorage;

/// How to connect.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// The token that the server asks for.
    pub token: Option<String>,
    /// The certificates, as PEM, of the authorities that the server's may come from; those that the system trusts, if
    /// none are given.
    pub ca: Option<PathBuf>,
    /// The certificate chain and its key, as PEM, that this caller shows to a server that asks for one.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The name that the server's certificate must have, where it is not the host's.
    pub server_name: Option<String>,
    /// How long connecting may take.
    pub connect_deadline: Duration,
    /// How long a call may take before it begins to be answered.
    pub deadline: Duration,
    /// How many bytes of documents, commits and chunks are kept to not be asked for again.
    pub cache_bytes: usize,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            token: None,
            ca: None,
            identity: None,
            server_name: None,
            connect_deadline: Duration::from_secs(10),
            deadline: Duration::from_secs(60),
            cache_bytes: 64 << 20,
        }
    }
}

impl ConnectOptions {
    /// The usual options, with this token.
    pub fn with_token(token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..Self::default() }
    }
}

/// Why a database elsewhere cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The text is no URL.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The token cannot be sent.
    #[error("the token has characters that no token has; check it")]
    Token,
    /// A file for TLS cannot be read.
    #[error("cannot read {}: {source}; check the path", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// There is no server, or none that this client can talk with.
    #[error("cannot reach {location}: {reason}; check that the server runs there, and the URL")]
    Unreachable {
        /// Where the database was to be.
        location: String,
        /// What went wrong.
        reason: String,
        /// The failure itself.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server refused.
    #[error("{location}: {message}")]
    Refused {
        /// Where the database is.
        location: String,
        /// What the server said.
        message: String,
    },
    /// The server does not let this caller in.
    #[error("{location}: {message}")]
    Unauthorized {
        /// Where the database is.
        location: String,
        /// What the server said.
        message: String,
    },
    /// The server speaks another version of the contract.
    #[error(
        "{location} speaks version {found} of the protocol, this program knows {known}; use versions that go together"
    )]
    Protocol {
        /// Where the database is.
        location: String,
        /// The version of the server.
        found: u32,
        /// The version of this program.
        known: u32,
    },
    /// The system gives no threads.
    #[error("the connection cannot start its threads: {0}")]
    Threads(#[source] std::io::Error),
    /// What the server says of its database cannot be.
    #[error(transparent)]
    Database(#[from] anabranch_engine::Error),
}

/// Opens a served database: `http://host:port[/name]`, `https://host:port[/name]` or `unix:/path.sock[:name]`.
///
/// What it gives is a database like any other. What never changes (commits, chunks, documents at a commit) is asked for
/// once; reading again costs no round trip. A connection that was lost is made again by the next call.
///
/// # Errors
/// When the URL is none, the server cannot be reached or refuses, or it has no such database.
pub fn connect(url: &str, options: &ConnectOptions) -> Result<Database, ConnectError> {
    open(url.parse()?, options)
}

/// Opens the database, the only one, that is served at a Unix socket.
///
/// # Errors
/// As [`connect`].
pub fn connect_local(socket: impl AsRef<Path>) -> Result<Database, ConnectError> {
    let target = Target::Unix { path: socket.as_ref().to_owned() };
    open(Url { target, database: None }, &ConnectOptions::default())
}

/// Whether an error comes down to a server that does not let this caller in, or not so far: the token is missing, wrong,
/// or not for what was asked.
pub fn is_unauthorized(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| {
        let refused = error.downcast_ref::<tonic::Status>();
        let refused = refused.is_some_and(|status| denies_access(status.code()));
        refused || matches!(error.downcast_ref(), Some(ConnectError::Unauthorized { .. }))
    })
}

fn denies_access(code: tonic::Code) -> bool {
    matches!(code, tonic::Code::Unauthenticated | tonic::Code::PermissionDenied)
}

fn open(url: Url, options: &ConnectOptions) -> Result<Database, ConnectError> {
    let connection = Connection::open(&url, options)?;
    let storage = RemoteStorage::open(connection, options)?;
    Ok(Database::with_storage(Box::new(storage))?)
}
