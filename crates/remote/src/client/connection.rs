//! A connection to a server, and calls on it from threads that wait.

use std::future::Future;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anabranch_engine::storage::StorageError;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tokio::runtime::{Handle, Runtime};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Response, Status};

use super::{ConnectError, ConnectOptions};
use crate::DATABASE_KEY;
use crate::proto::anabranch_client::AnabranchClient;
use crate::url::{Target, Url};
use crate::wire::WireError;

/// How often a call is made again when the connection was lost under it.
const ATTEMPTS: u32 = 4;
/// How long to wait before the first time, and twice as long before each other.
const PAUSE: Duration = Duration::from_millis(25);

/// The client that the contract describes.
pub(crate) type Client = AnabranchClient<Channel>;

/// The threads that all connections of this process share.
fn runtime() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("anabranch-client")
        .enable_all()
        .build()?;
    Ok(RUNTIME.get_or_init(|| made))
}

/// Runs to its end what the threads of a runtime carry out; callable from any thread, also from one of a runtime, which
/// is then blocked as by any other call of the blocking API.
pub(crate) fn wait<F>(runtime: &Handle, future: F) -> Result<F::Output, Status>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    if Handle::try_current().is_err() {
        return Ok(runtime.block_on(future));
    }
    let (sender, answer) = std::sync::mpsc::sync_channel(1);
    runtime.spawn(async move {
        // Whoever waits for it is there.
        let _ = sender.send(future.await);
    });
    answer.recv().map_err(|_| Status::internal("the call was dropped"))
}

/// A connection to one database of a server.
pub(crate) struct Connection {
    pub(crate) location: String,
    pub(crate) runtime: Handle,
    client: Client,
    token: Option<MetadataValue<Ascii>>,
    database: Option<MetadataValue<Ascii>>,
    deadline: Duration,
    round_trips: AtomicU64,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(url: &Url, options: &ConnectOptions) -> Result<Self, ConnectError> {
        let location = url.to_string();
        let unreachable = |source: tonic::transport::Error| ConnectError::Unreachable {
            location: location.clone(),
            reason: deepest(&source),
            source: source.into(),
        };
        let token = match &options.token {
            Some(token) => {
                let mut value: MetadataValue<Ascii> =
                    format!("Bearer {token}").parse().map_err(|_| ConnectError::Token)?;
                value.set_sensitive(true);
                Some(value)
            }
            None => None,
        };
        let database = match &url.database {
            Some(name) => Some(name.parse().map_err(|_| crate::url::UrlError {
                text: location.clone(),
                reason: "the name of a database is plain ASCII",
            })?),
            None => None,
        };
        let uri = match &url.target {
            Target::Tcp { host, port, is_tls: true } => format!("https://{host}:{port}"),
            Target::Tcp { host, port, is_tls: false } => format!("http://{host}:{port}"),
            // The connector knows where to go; the name is for the protocol only.
            Target::Unix { .. } => "http://localhost".to_owned(),
        };
        let mut endpoint = Endpoint::from_shared(uri)
            .map_err(unreachable)?
            .connect_timeout(options.connect_deadline)
            .tcp_nodelay(true)
            .tcp_keepalive(Some(Duration::from_secs(30)))
            .http2_keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(20))
            .initial_stream_window_size(4 << 20)
            .initial_connection_window_size(16 << 20);
        if let Target::Tcp { is_tls: true, .. } = &url.target {
            endpoint = endpoint.tls_config(tls(options)?).map_err(unreachable)?;
        }
        let runtime = runtime().map_err(ConnectError::Threads)?.handle().clone();
        let target = url.target.clone();
        let connecting = async move {
            match target {
                Target::Tcp { .. } => endpoint.connect().await,
                Target::Unix { path } => {
                    let connector = tower::service_fn(move |_| {
                        let path = path.clone();
                        async move { Ok::<_, io::Error>(TokioIo::new(UnixStream::connect(path).await?)) }
                    });
                    endpoint.connect_with_connector(connector).await
                }
            }
        };
        let stopped = |status: Status| ConnectError::Refused {
            location: location.clone(),
            message: status.message().to_owned(),
        };
        let channel = wait(&runtime, connecting).map_err(stopped)?.map_err(unreachable)?;
        // What a server may send is what was asked of it; lengths are checked where they are used.
        let client = AnabranchClient::new(channel)
            .max_decoding_message_size(usize::MAX)
            .max_encoding_message_size(usize::MAX);
        let deadline = options.deadline;
        Ok(Self { location, runtime, client, token, database, deadline, round_trips: AtomicU64::new(0) })
    }

    /// How many calls were made.
    pub(crate) fn round_trips(&self) -> u64 {
        self.round_trips.load(Ordering::Relaxed)
    }

    /// A message as a call.
    pub(crate) fn request<Q>(&self, message: Q) -> Request<Q> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        if let Some(token) = &self.token {
            metadata.insert("authorization", token.clone());
        }
        if let Some(database) = &self.database {
            metadata.insert(DATABASE_KEY, database.clone());
        }
        self.round_trips.fetch_add(1, Ordering::Relaxed);
        request
    }

    /// A client to make a call with.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Makes a call and waits for the answer. When the connection was lost it is made again: no call does anything else
    /// the second time.
    pub(crate) fn call<Q, A, F>(
        &self,
        message: Q,
        make: impl Fn(Client, Request<Q>) -> F,
    ) -> Result<A, Status>
    where
        Q: Clone,
        A: Send + 'static,
        F: Future<Output = Result<Response<A>, Status>> + Send + 'static,
    {
        let mut attempt = 0;
        loop {
            let mut request = self.request(message.clone());
            request.set_timeout(self.deadline);
            let (made, deadline) = (make(self.client(), request), self.deadline);
            let outcome = wait(&self.runtime, async move {
                match tokio::time::timeout(deadline, made).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(Status::deadline_exceeded("the server did not answer in time; try again")),
                }
            })?;
            match outcome {
                Err(status) if is_lost(&status) && attempt + 1 < ATTEMPTS => {
                    std::thread::sleep(PAUSE * 2u32.pow(attempt));
                    attempt += 1;
                }
                outcome => return outcome.map(Response::into_inner),
            }
        }
    }

    /// The failure of a call, as storages fail.
    pub(crate) fn failed(&self, status: Status) -> StorageError {
        let message = match status.code() {
            _ if is_lost(&status) => {
                let reason = deepest(&status);
                format!("the connection was lost: {reason}; try again when the server is back")
            }
            _ => status.message().to_owned(),
        };
        StorageError::Remote { location: self.location.clone(), message, source: status.into() }
    }

    /// An answer that is not as the contract says.
    pub(crate) fn odd(&self, error: WireError) -> StorageError {
        StorageError::Remote {
            location: self.location.clone(),
            message: format!("the server's answer is not as the contract says: {error}"),
            source: error.into(),
        }
    }
}

/// Whether it is the connection that failed, and not the server that refused.
pub(crate) fn is_lost(status: &Status) -> bool {
    let is_transport = std::error::Error::source(status).is_some();
    status.code() == Code::Unavailable || (is_transport && status.code() != Code::DeadlineExceeded)
}

/// What an error comes down to.
fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    match deepest.downcast_ref::<Status>() {
        Some(status) => status.message().to_owned(),
        None => deepest.to_string(),
    }
}

fn tls(options: &ConnectOptions) -> Result<ClientTlsConfig, ConnectError> {
    let read = |path: &std::path::PathBuf| {
        std::fs::read(path).map_err(|source| ConnectError::File { path: path.clone(), source })
    };
    let mut tls = ClientTlsConfig::new();
    tls = match &options.ca {
        Some(path) => tls.ca_certificate(Certificate::from_pem(read(path)?)),
        None => tls.with_native_roots(),
    };
    if let Some((certificate, key)) = &options.identity {
        tls = tls.identity(Identity::from_pem(read(certificate)?, read(key)?));
    }
    if let Some(name) = &options.server_name {
        tls = tls.domain_name(name);
    }
    Ok(tls)
}
