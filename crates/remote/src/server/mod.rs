//! Serving databases.

mod access;
mod documents;
mod listen;
mod metrics;
mod served;
mod service;
mod tls;
mod tokens;
mod transact;
mod transfer;
mod watching;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anabranch_engine::Database;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

pub use tls::TlsError;
pub use tokens::{Scope, Token, TokenError, TokenFile};

use crate::DESCRIPTORS;
use crate::proto::anabranch_server::AnabranchServer;
use access::Access;
use listen::{Door, SocketFile, bind_unix, is_local};
use metrics::Metrics;
use served::Served;
use service::Service;
use tls::TlsFiles;
use tokens::LiveTokens;

/// How much of a server callers may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that a message may have.
    pub message_bytes: usize,
    /// The most bytes that the commits of one call may have when they are unpacked.
    pub unpacked_bytes: u64,
    /// The most connections at a time; more are closed as they come.
    pub connections: usize,
    /// The most calls at a time on one connection; more wait.
    pub calls_per_connection: u32,
    /// How long a call may take before it begins to answer.
    pub deadline: Duration,
    /// How long to wait for calls that run when the server stops.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 64 << 20,
            unpacked_bytes: 64 << 20,
            connections: 10_000,
            calls_per_connection: 256,
            deadline: Duration::from_secs(60),
            grace: Duration::from_secs(10),
        }
    }
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// There is nothing to serve.
    #[error("no database was given; name at least one")]
    NoDatabase,
    /// Two databases would have one name.
    #[error("two of the databases are named `{name}`; give one of them another name")]
    SameName {
        /// The name.
        name: String,
    },
    /// A name cannot stand in a URL.
    #[error("`{name}` cannot be the name of a database in a URL; use letters, digits, `-`, `_` and `.`")]
    Name {
        /// The name.
        name: String,
    },
    /// Others could reach the server, and read or change what they like.
    #[error(
        "{address} can be reached by other machines, and there are {lacking}; give them, listen on 127.0.0.1, or say \
         that it is meant with --insecure"
    )]
    Insecure {
        /// Where it was to listen.
        address: SocketAddr,
        /// What there would have to be.
        lacking: &'static str,
    },
    /// The text is no address.
    #[error("`{text}` is no address to listen on: {source}; one reads like 127.0.0.1:54321")]
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another address, or stop what listens there")]
    Listen {
        /// Where it was to listen.
        address: String,
        /// Why not.
        source: io::Error,
    },
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The tokens cannot be read.
    #[error(transparent)]
    Tokens(#[from] TokenError),
    /// A database fails.
    #[error(transparent)]
    Database(#[from] anabranch_engine::Error),
    /// The system gives no threads.
    #[error("the server cannot start its threads: {0}")]
    Threads(#[source] io::Error),
}

/// Serves databases over the network.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// A server in the making.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::default()
    }
}

/// What a server serves, where, and to whom.
#[derive(Clone, Default)]
pub struct ServerBuilder {
    databases: Vec<(String, Database)>,
    listen: Vec<String>,
    sockets: Vec<PathBuf>,
    tls: Option<TlsFiles>,
    client_ca: Option<PathBuf>,
    tokens: Option<PathBuf>,
    is_insecure: bool,
    limits: Limits,
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("databases", &self.databases)
            .field("listen", &self.listen)
            .field("sockets", &self.sockets)
            .finish_non_exhaustive()
    }
}

impl ServerBuilder {
    /// Serves a database under this name; several calls serve several.
    #[must_use]
    pub fn database(mut self, name: impl Into<String>, database: Database) -> Self {
        self.databases.push((name.into(), database));
        self
    }

    /// Listens on this address, `127.0.0.1:54321` say; port 0 takes any that is free. Without an address or a socket the
    /// server listens on port 54321 of this machine.
    #[must_use]
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen.push(address.into());
        self
    }

    /// Listens on a Unix socket at this path, which only the user who runs the server may use.
    #[must_use]
    pub fn socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.sockets.push(path.into());
        self
    }

    /// Encrypts TCP connections, with this certificate chain and its key, both as PEM.
    #[must_use]
    pub fn tls(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.tls = Some(TlsFiles { certificate: certificate.into(), key: key.into(), client_ca: None });
        self
    }

    /// Takes TLS connections only from callers with a certificate of one of these authorities, as PEM.
    #[must_use]
    pub fn client_ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.client_ca = Some(path.into());
        self
    }

    /// Answers only callers with a token of this file. The file is read again when it changes.
    #[must_use]
    pub fn tokens(mut self, path: impl Into<PathBuf>) -> Self {
        self.tokens = Some(path.into());
        self
    }

    /// Allows what is otherwise refused: to be reached by other machines without TLS and tokens.
    #[must_use]
    pub fn insecure(mut self, is_insecure: bool) -> Self {
        self.is_insecure = is_insecure;
        self
    }

    /// Other limits than the usual ones.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Starts to serve, on threads of its own.
    ///
    /// # Errors
    /// When what was given does not go together or an address cannot be listened on. Nothing is served then.
    pub fn start(mut self) -> Result<ServerHandle, ServeError> {
        if self.listen.is_empty() && self.sockets.is_empty() {
            self.listen.push(format!("127.0.0.1:{}", crate::url::DEFAULT_PORT));
        }
        let addresses = self.check()?;
        let acceptor = match self.tls.take() {
            Some(files) => Some(TlsFiles { client_ca: self.client_ca.take(), ..files }.acceptor()?),
            None => None,
        };
        let tokens = self.tokens.as_deref().map(LiveTokens::open).transpose()?;
        let mut databases = BTreeMap::new();
        for (name, database) in std::mem::take(&mut self.databases) {
            databases.insert(name.clone(), Arc::new(Served::new(name, database)?));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("anabranch-server")
            .enable_all()
            .build()
            .map_err(ServeError::Threads)?;
        let metrics = Arc::new(Metrics::default());
        let (connections, incoming) = mpsc::channel(16);
        let permits = Arc::new(Semaphore::new(self.limits.connections));
        let door = Door { metrics: metrics.clone(), permits, tls: acceptor, connections };
        let listening = runtime.block_on(listen(&door, &addresses, &self.sockets))?;
        drop(door);
        let (stop, stopping) = watch::channel(false);
        let looks: Vec<_> = databases.values().cloned().collect();
        for served in looks {
            runtime.spawn(async move { served.look().await });
        }
        let access = Arc::new(Access { databases, tokens });
        let service = Service { access, metrics, limits: self.limits, stopping };
        let serving = runtime.spawn(serve(service, ReceiverStream::new(incoming)));
        for address in &listening.addresses {
            tracing::info!(%address, "listening");
        }
        Ok(ServerHandle {
            runtime: Some(runtime),
            serving: Some(serving),
            stop,
            listening,
            grace: self.limits.grace,
        })
    }

    /// Refuses what does not go together, and reads the addresses.
    fn check(&self) -> Result<Vec<SocketAddr>, ServeError> {
        if self.databases.is_empty() {
            return Err(ServeError::NoDatabase);
        }
        let mut names: Vec<&String> = self.databases.iter().map(|(name, _)| name).collect();
        names.sort();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ServeError::SameName { name: pair[0].clone() });
        }
        let is_fit = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if let Some(name) = names.iter().find(|name| name.is_empty() || !name.chars().all(is_fit)) {
            return Err(ServeError::Name { name: (*name).clone() });
        }
        let mut addresses = Vec::new();
        for text in &self.listen {
            let found = text.to_socket_addrs().and_then(|mut found| {
                found.next().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "it has no address"))
            });
            let address = found.map_err(|source| ServeError::Address { text: text.clone(), source })?;
            let lacking = match (&self.tls, &self.tokens) {
                (None, None) => Some("neither TLS nor tokens"),
                (None, Some(_)) => Some("tokens, but no TLS"),
                (Some(_), None) => Some("no tokens"),
                (Some(_), Some(_)) => None,
            };
            if let Some(lacking) = lacking
                && !is_local(&address)
                && !self.is_insecure
            {
                return Err(ServeError::Insecure { address, lacking });
            }
            addresses.push(address);
        }
        Ok(addresses)
    }
}

/// Where a server listens.
#[derive(Debug)]
struct Listening {
    addresses: Vec<String>,
    _sockets: Vec<SocketFile>,
}

async fn listen(door: &Door, ports: &[SocketAddr], sockets: &[PathBuf]) -> Result<Listening, ServeError> {
    let mut listening = Listening { addresses: Vec::new(), _sockets: Vec::new() };
    let scheme = if door.tls.is_some() { "https" } else { "http" };
    for address in ports {
        let failed = |source| ServeError::Listen { address: address.to_string(), source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        listening.addresses.push(format!("{scheme}://{bound}"));
        tokio::spawn(door.clone().tcp(listener));
    }
    for path in sockets {
        let failed = |source| ServeError::Listen { address: path.display().to_string(), source };
        let listener = bind_unix(path).await.map_err(failed)?;
        listening.addresses.push(format!("unix:{}", path.display()));
        listening._sockets.push(SocketFile(path.clone()));
        tokio::spawn(door.clone().unix(listener));
    }
    Ok(listening)
}

/// Answers calls until the server stops, and then those that run.
async fn serve(service: Service, incoming: ReceiverStream<io::Result<listen::Connection>>) {
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_serving::<AnabranchServer<Service>>().await;
    let limits = service.limits;
    let mut stopping = service.stopping.clone();
    let (metrics, access) = (service.metrics.clone(), service.access.clone());
    let door_keeper = access.clone();
    let calls = AnabranchServer::new(service)
        .max_decoding_message_size(limits.message_bytes)
        .max_encoding_message_size(usize::MAX);
    // Whoever has no token is turned away before a byte of the message is read.
    let calls =
        tonic::service::interceptor::InterceptedService::new(calls, move |request: tonic::Request<()>| {
            let authorization = request.metadata().get("authorization").and_then(|text| text.to_str().ok());
            door_keeper.authenticate(authorization)?;
            Ok(request)
        });
    let mut routes = tonic::service::Routes::default().add_service(health);
    routes = routes.add_service(calls);
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    // Many clients, that of Python among them, know only the older version.
    match (reflection().build_v1(), reflection().build_v1alpha()) {
        (Ok(present), Ok(older)) => routes = routes.add_service(present).add_service(older),
        (Err(error), _) | (_, Err(error)) => tracing::error!(%error, "there is no reflection"),
    }
    let page = axum::routing::get(move |headers: axum::http::HeaderMap| async move {
        let authorization = headers.get("authorization").and_then(|text| text.to_str().ok());
        match access.authenticate(authorization) {
            Ok(_) => (axum::http::StatusCode::OK, metrics.text()),
            Err(refused) => (axum::http::StatusCode::UNAUTHORIZED, refused.message().to_owned()),
        }
    });
    let routes = tonic::service::Routes::from(routes.into_axum_router().route("/metrics", page));
    let served = tonic::transport::Server::builder()
        .accept_http1(true)
        .timeout(limits.deadline)
        .max_concurrent_streams(limits.calls_per_connection)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        .initial_stream_window_size(4 << 20)
        .initial_connection_window_size(16 << 20)
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, async move {
            // An error means that nobody can stop it any more: then it stops.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        })
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "serving ended");
    }
}

/// A server that runs. It stops when this is dropped.
#[derive(Debug)]
pub struct ServerHandle {
    runtime: Option<Runtime>,
    serving: Option<tokio::task::JoinHandle<()>>,
    stop: watch::Sender<bool>,
    listening: Listening,
    grace: Duration,
}

impl ServerHandle {
    /// The URL of the server, the first where it has several; a database's name may be put at its end.
    pub fn address(&self) -> String {
        self.listening.addresses.first().cloned().unwrap_or_default()
    }

    /// The URLs of the server.
    pub fn addresses(&self) -> &[String] {
        &self.listening.addresses
    }

    /// Takes no more calls, finishes those that run, and stops. What was acknowledged is durable.
    pub fn stop(mut self) {
        self.finish();
    }

    fn finish(&mut self) {
        let (Some(runtime), Some(serving)) = (self.runtime.take(), self.serving.take()) else { return };
        // Nobody listens when it has stopped by itself.
        let _ = self.stop.send(true);
        let grace = self.grace;
        // A thread of its own, as the caller's may belong to a runtime, which must not be blocked.
        let finished = std::thread::spawn(move || {
            let in_time = runtime.block_on(async { tokio::time::timeout(grace, serving).await.is_ok() });
            if !in_time {
                tracing::warn!("some calls did not end in time and were cut off");
            }
            runtime.shutdown_timeout(grace);
        });
        // It does not panic; if it did, the server would have stopped all the same.
        let _ = finished.join();
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        self.finish();
    }
}
