//! Where a served database is: `http://host:port[/name]`, `https://host:port[/name]`, `unix:/path.sock[:name]`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The port of a server unless said otherwise.
pub(crate) const DEFAULT_PORT: u16 = 54321;

/// Where a served database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// The server.
    pub target: Target,
    /// The name of the database there; none for the only one.
    pub database: Option<String>,
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A TCP port.
    Tcp {
        /// A name, or an address in numbers; one of version 6 in brackets.
        host: String,
        /// The port.
        port: u16,
        /// Whether the connection is encrypted.
        is_tls: bool,
    },
    /// A Unix socket.
    Unix {
        /// The path of the socket.
        path: PathBuf,
    },
}

/// A text is no URL of a database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not the URL of a database: {reason}; one reads like http://host:54321/name, https://host/name or \
     unix:/path.sock:name"
)]
pub struct UrlError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Url {
    /// Whether a text means a server rather than a file: it starts like a URL.
    pub fn is_one(text: &str) -> bool {
        ["http://", "https://", "unix:"].iter().any(|scheme| text.starts_with(scheme))
    }
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let wrong = |reason| UrlError { text: text.to_owned(), reason };
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        if let Some(rest) = text.strip_prefix("unix:") {
            // A colon in a folder's name does not start the name of a database.
            let (path, name) = match rest.rsplit_once(':') {
                Some((path, name)) if !name.contains('/') => (path, named(name)),
                _ => (rest, None),
            };
            if path.is_empty() {
                return Err(wrong("the path of the socket is missing"));
            }
            return Ok(Self { target: Target::Unix { path: path.into() }, database: name });
        }
        let (rest, is_tls) = match (text.strip_prefix("http://"), text.strip_prefix("https://")) {
            (Some(rest), _) => (rest, false),
            (_, Some(rest)) => (rest, true),
            _ => return Err(wrong("it starts with neither http://, https:// nor unix:")),
        };
        let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
        let name = name.trim_end_matches('/');
        if name.contains(['/', '?', '#']) {
            return Err(wrong("the name of a database has no `/`, `?` or `#`"));
        }
        if authority.contains('@') {
            return Err(wrong("tokens are not given in the URL; use ANABRANCH_TOKEN"));
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| wrong("the port is not a number up to 65535"))?)
            }
            _ => (authority, DEFAULT_PORT),
        };
        if host.is_empty() {
            return Err(wrong("the host is missing"));
        }
        let is_bracketed = host.starts_with('[') && host.ends_with(']');
        if host.contains(':') && !is_bracketed {
            return Err(wrong("an address of version 6 stands in brackets"));
        }
        let target = Target::Tcp { host: host.to_owned(), port, is_tls };
        Ok(Self { target, database: named(name) })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Tcp { host, port, is_tls } => {
                write!(f, "{}://{host}:{port}", if *is_tls { "https" } else { "http" })?;
                self.database.iter().try_for_each(|name| write!(f, "/{name}"))
            }
            Target::Unix { path } => {
                write!(f, "unix:{}", path.display())?;
                self.database.iter().try_for_each(|name| write!(f, ":{name}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_reads_as_it_is_written() {
        for text in [
            "http://localhost:54321",
            "http://10.0.0.1:1/studio",
            "https://db.example.org:443/studio",
            "https://[::1]:7/x",
            "unix:/run/a.sock",
            "unix:/run/a:b/c.sock:studio",
            "unix:relative.sock",
        ] {
            assert_eq!(text.parse::<Url>().unwrap().to_string(), text);
        }
        assert_eq!("http://host".parse::<Url>().unwrap().to_string(), "http://host:54321");
        assert_eq!("http://host/name/".parse::<Url>().unwrap().database.unwrap(), "name");
    }

    #[test]
    fn what_is_no_url_says_why() {
        for (text, reason) in [
            ("ftp://host", "neither"),
            ("http://", "host is missing"),
            ("http://:5", "host is missing"),
            ("http://host:70000", "port"),
            ("http://host:", "port"),
            ("http://::1:5", "brackets"),
            ("http://me@host", "ANABRANCH_TOKEN"),
            ("http://host/a/b", "no `/`"),
            ("unix:", "path"),
        ] {
            let error = text.parse::<Url>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
