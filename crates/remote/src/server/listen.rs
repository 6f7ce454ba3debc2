//! Where callers come in: TCP ports and Unix sockets, with TLS or without, as many at a time as may.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, UnixListener, UnixSocket, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use super::metrics::Metrics;

/// How long a caller may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long to wait when the system has no more sockets.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(50);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A caller's connection.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    _open: Open,
}

/// Counts a connection for as long as it is open.
struct Open {
    metrics: Arc<Metrics>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.metrics.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Takes connections in.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) connections: mpsc::Sender<io::Result<Connection>>,
}

impl Door {
    /// A connection that may stay; none where there are too many.
    fn admit(&self) -> Option<Open> {
        let Ok(permit) = self.permits.clone().try_acquire_owned() else {
            self.metrics.refused.fetch_add(1, Ordering::Relaxed);
            tracing::warn!("a connection was refused: there are as many as may be");
            return None;
        };
        self.metrics.accepted.fetch_add(1, Ordering::Relaxed);
        self.metrics.connections.fetch_add(1, Ordering::Relaxed);
        Some(Open { metrics: self.metrics.clone(), _permit: permit })
    }

    /// Listens on a port until the server stops.
    pub(crate) async fn tcp(self, listener: TcpListener) {
        loop {
            let (stream, from) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(OUT_OF_SOCKETS).await;
                    continue;
                }
            };
            let Some(open) = self.admit() else { continue };
            let _ = stream.set_nodelay(true);
            let Some(tls) = self.tls.clone() else {
                self.hand_on(stream, open).await;
                continue;
            };
            let door = self.clone();
            tokio::spawn(async move {
                match timeout(HANDSHAKE, tls.accept(stream)).await {
                    Ok(Ok(stream)) => door.hand_on(stream, open).await,
                    Ok(Err(error)) => tracing::debug!(%error, %from, "no agreement on TLS"),
                    Err(_) => tracing::debug!(%from, "no agreement on TLS in time"),
                }
            });
        }
    }

    /// Listens on a socket until the server stops.
    pub(crate) async fn unix(self, listener: UnixListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let Some(open) = self.admit() else { continue };
                    self.hand_on(stream, open).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(OUT_OF_SOCKETS).await;
                }
            }
        }
    }

    async fn hand_on(&self, stream: impl Stream + 'static, open: Open) {
        // The server has stopped when nobody takes it.
        let _ = self.connections.send(Ok(Connection { stream: Box::new(stream), _open: open })).await;
    }
}

/// A socket that only its owner may use, in place of one that nobody listens on any more.
pub(crate) async fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    if let Ok(metadata) = std::fs::symlink_metadata(path) {
        if !metadata.file_type().is_socket() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something that is no socket is there"));
        }
        if UnixStream::connect(path).await.is_ok() {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, "another server listens there"));
        }
        std::fs::remove_file(path)?;
    }
    let socket = UnixSocket::new_stream()?;
    socket.bind(path)?;
    // Before anybody can connect, which takes that it listens.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    socket.listen(1024)
}

/// Removes a socket's file when its server is gone.
#[derive(Debug)]
pub(crate) struct SocketFile(pub(crate) PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Whether only this machine reaches an address.
pub(crate) fn is_local(address: &SocketAddr) -> bool {
    address.ip().is_loopback()
}
