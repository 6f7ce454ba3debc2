//! Databases over the network: connecting to a server, and being one.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use anabranch::remote::{ConnectOptions, Scope, Server, ServerBuilder, ServerHandle, TokenFile, connect};
use anabranch::{Database, OpenMode};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::database::{DatabaseArgument, PyDatabase};
use crate::error::{Failure, Outcome};

/// How a caller wants TLS: not at all, as the system trusts, or by the authority of a file.
#[derive(FromPyObject)]
enum Tls {
    Wanted(bool),
    Authority(PathBuf),
}

/// Where a database is that is served, of a host that may be a URL already.
fn url(host: &str, service: &str, name: Option<&str>, is_tls: bool) -> String {
    let has_scheme = ["http://", "https://", "unix:"].iter().any(|scheme| host.starts_with(scheme));
    let server = if has_scheme {
        host.to_owned()
    } else if host.contains(':') && !host.starts_with('[') {
        // An address of version 6 stands in brackets before a port.
        format!("{}://[{host}]:{service}", if is_tls { "https" } else { "http" })
    } else {
        format!("{}://{host}:{service}", if is_tls { "https" } else { "http" })
    };
    match name {
        Some(name) if server.starts_with("unix:") => format!("{server}:{name}"),
        Some(name) => format!("{server}/{name}"),
        None => server,
    }
}

#[pymethods]
impl PyDatabase {
    /// Opens a database that a server serves. It works as any other; what never changes is asked for once.
    ///
    /// `host` is a name, an address or a whole URL; `database` says which, where the server has several. With `tls` the
    /// connection is encrypted: `True` trusts whom the system trusts, a path the authority in that file.
    #[staticmethod]
    #[pyo3(signature = (
        host: "str",
        service: "str | int | None" = None,
        *,
        database: "str | None" = None,
        token: "str | None" = None,
        tls: "bool | str | os.PathLike[str] | None" = None,
        author: "str | None" = None
    ) -> "CommitDatabase")]
    fn connect(
        py: Python<'_>,
        host: &str,
        service: Option<&Bound<'_, PyAny>>,
        database: Option<&str>,
        token: Option<String>,
        tls: Option<Tls>,
        author: Option<&str>,
    ) -> Outcome<Self> {
        let service =
            service.map_or_else(|| Ok("54321".to_owned()), |it| Ok::<_, PyErr>(it.str()?.to_string()))?;
        let (is_tls, ca) = match tls {
            None | Some(Tls::Wanted(false)) => (false, None),
            Some(Tls::Wanted(true)) => (true, None),
            Some(Tls::Authority(path)) => (true, Some(path)),
        };
        let url = url(host, &service, database, is_tls);
        let options = ConnectOptions { token, ca, ..ConnectOptions::default() };
        let opened = py.detach(|| connect(&url, &options))?;
        Ok(Self::of(crate::database::authored(opened, author)))
    }

    /// Opens a database that is served at a Unix socket.
    #[staticmethod]
    #[pyo3(signature = (socket_path, *, database = None, author = None))]
    fn connect_local(
        py: Python<'_>,
        socket_path: PathBuf,
        database: Option<&str>,
        author: Option<&str>,
    ) -> Outcome<Self> {
        let url = url(&format!("unix:{}", socket_path.display()), "", database, false);
        let opened = py.detach(|| connect(&url, &ConnectOptions::default()))?;
        Ok(Self::of(crate::database::authored(opened, author)))
    }
}

/// Serves databases from within this process: for tests and small deployments.
///
/// It listens on this machine only, unless it has tokens and TLS. As a context manager it starts and stops.
#[pyclass(name = "CommitDatabaseServer", module = "anabranch", frozen)]
pub(crate) struct PyServer {
    builder: ServerBuilder,
    handle: Mutex<Option<ServerHandle>>,
}

/// What a database is served under: the name of its file, or `database`.
fn name_of(path: &std::path::Path) -> String {
    path.file_stem().map_or_else(|| "database".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// A database, or the path of one that is opened for serving.
fn served(object: &Bound<'_, PyAny>) -> Outcome<(String, Database)> {
    if let Ok(database) = object.extract::<DatabaseArgument>() {
        return Ok(("database".to_owned(), database.0));
    }
    let path: PathBuf = object.extract()?;
    let database = object.py().detach(|| Database::open(&path, OpenMode::ReadWrite))?;
    Ok((name_of(&path), database))
}

#[pymethods]
impl PyServer {
    /// A server of a database, of the path of one, or of several by name; it listens when it is started.
    ///
    /// Without `host`, `service` and `socket_path` it takes any free port of this machine. `tokens` is the path of a token
    /// file, `tls` the paths of a certificate and its key.
    #[new]
    #[pyo3(signature = (
        database: "CommitDatabase | str | os.PathLike[str] | dict[str, CommitDatabase | str | os.PathLike[str]]",
        host: "str | None" = None,
        service: "str | int | None" = None,
        socket_path: "str | os.PathLike[str] | None" = None,
        tokens: "str | os.PathLike[str] | None" = None,
        tls: "tuple[str | os.PathLike[str], str | os.PathLike[str]] | None" = None,
        insecure: "bool" = false
    ))]
    fn new(
        database: &Bound<'_, PyAny>,
        host: Option<&str>,
        service: Option<&Bound<'_, PyAny>>,
        socket_path: Option<PathBuf>,
        tokens: Option<PathBuf>,
        tls: Option<(PathBuf, PathBuf)>,
        insecure: bool,
    ) -> Outcome<Self> {
        let mut builder = Server::builder().insecure(insecure);
        if let Ok(several) = database.cast::<PyDict>() {
            for (name, database) in several {
                builder = builder.database(name.extract::<String>()?, served(&database)?.1);
            }
        } else {
            let (name, database) = served(database)?;
            builder = builder.database(name, database);
        }
        if host.is_some() || service.is_some() || socket_path.is_none() {
            let service =
                service.map_or_else(|| Ok("0".to_owned()), |it| Ok::<_, PyErr>(it.str()?.to_string()))?;
            builder = builder.listen(format!("{}:{service}", host.unwrap_or("127.0.0.1")));
        }
        if let Some(path) = socket_path {
            builder = builder.socket(path);
        }
        if let Some(path) = tokens {
            builder = builder.tokens(path);
        }
        if let Some((certificate, key)) = tls {
            builder = builder.tls(certificate, key);
        }
        Ok(Self { builder, handle: Mutex::default() })
    }

    /// Starts to serve, on threads of its own; does nothing when it does already.
    fn start(&self, py: Python<'_>) -> Outcome<()> {
        py.detach(|| {
            let mut handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
            if handle.is_none() {
                *handle = Some(self.builder.clone().start()?);
            }
            Ok(())
        })
    }

    /// Takes no more calls, finishes those that run, and stops.
    fn stop(&self, py: Python<'_>) {
        py.detach(|| {
            let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(handle) = handle {
                handle.stop();
            }
        });
    }

    /// Whether it serves.
    fn is_running(&self, py: Python<'_>) -> bool {
        py.detach(|| self.handle.lock().unwrap_or_else(PoisonError::into_inner).is_some())
    }

    /// The URL that it serves at, the first where there are several; it must have been started.
    fn address(&self, py: Python<'_>) -> Outcome<String> {
        self.addresses(py)?.into_iter().next().ok_or_else(|| Failure::not_found("the server has no address"))
    }

    /// The URLs that it serves at; it must have been started.
    fn addresses(&self, py: Python<'_>) -> Outcome<Vec<String>> {
        py.detach(|| match &*self.handle.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(handle) => Ok(handle.addresses().to_vec()),
            None => Err(Failure::new(
                crate::error::Class::Closed,
                "not-running",
                "the server is not running; start it",
            )),
        })
    }

    /// Adds a token to a token file, which is made if it is not there, and answers it: the only time that it is seen whole.
    /// The scope is `read`, `write` or `admin`; without databases it opens all.
    #[staticmethod]
    #[pyo3(signature = (path, scope = "read", databases = Vec::new(), name = ""))]
    fn create_token(path: PathBuf, scope: &str, databases: Vec<String>, name: &str) -> Outcome<String> {
        let scope: Scope = scope.parse()?;
        Ok(TokenFile::open_or_new(path)?.add(scope, &databases, name)?)
    }

    fn __enter__<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, Self>> {
        slf.get().start(slf.py())?;
        Ok(slf.clone())
    }

    #[pyo3(signature = (*exception: "typing.Any") -> "None")]
    fn __exit__(&self, exception: &Bound<'_, PyTuple>) {
        self.stop(exception.py());
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        match self.address(py) {
            Ok(address) => format!("CommitDatabaseServer({address})"),
            Err(_) => "CommitDatabaseServer(stopped)".to_owned(),
        }
    }
}
