//! Databases of every kind, for one suite.
#![allow(dead_code, reason = "each test file uses what it needs")]

use anabranch_engine::{Database, OpenMode};
use std::path::Path;

use anabranch_remote::{ConnectOptions, Scope, Server, ServerHandle, TokenFile, connect, connect_local};
use tempfile::TempDir;

/// Where a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    File,
    Socket,
    Tcp,
    Tls,
}

/// A database somewhere, new.
pub(crate) struct Site {
    kind: Kind,
    folder: TempDir,
    served: Database,
    server: Option<ServerHandle>,
    options: ConnectOptions,
}

/// An authority, and a certificate of it for `localhost`, as files in a folder.
pub(crate) fn certificates(folder: &Path) {
    let authority = rcgen::KeyPair::generate().unwrap();
    let mut about = rcgen::CertificateParams::new(Vec::new()).unwrap();
    about.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = about.self_signed(&authority).unwrap();
    std::fs::write(folder.join("ca.pem"), certificate.pem()).unwrap();
    let issuer = rcgen::Issuer::new(about, authority);
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("leaf.pem"), leaf.signed_by(&key, &issuer).unwrap().pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
}

impl Site {
    pub(crate) fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let none = Default::default();
        let served = match kind {
            Kind::Memory => Database::create_in_memory(&none).unwrap(),
            _ => Database::create(folder.path().join("db.anb"), "served", &none).unwrap(),
        };
        let mut options = ConnectOptions::default();
        let builder = Server::builder().database("db", served.clone());
        let server = match kind {
            Kind::Memory | Kind::File => None,
            Kind::Socket => Some(builder.socket(folder.path().join("s")).start().unwrap()),
            Kind::Tls => {
                let tokens = folder.path().join("tokens");
                certificates(folder.path());
                let mut file = TokenFile::open_or_new(&tokens).unwrap();
                options.token = Some(file.add(Scope::Write, &["db".to_owned()], "").unwrap());
                options.ca = Some(folder.path().join("ca.pem"));
                let (leaf, key) = (folder.path().join("leaf.pem"), folder.path().join("key.pem"));
                Some(builder.listen("127.0.0.1:0").tls(leaf, key).tokens(tokens).start().unwrap())
            }
            Kind::Tcp => Some(builder.listen("127.0.0.1:0").start().unwrap()),
        };
        Self { kind, folder, served, server, options }
    }

    /// The database, opened anew where that can be.
    pub(crate) fn database(&self) -> Database {
        match (self.kind, &self.server) {
            (Kind::Memory, _) | (_, None) if self.kind == Kind::Memory => self.served.clone(),
            (Kind::Socket, _) => connect_local(self.folder.path().join("s")).unwrap(),
            (_, Some(server)) => {
                // Certificates are of names.
                let url = format!("{}/db", server.address().replace("127.0.0.1", "localhost"));
                connect(&url, &self.options).unwrap()
            }
            _ => Database::open(self.folder.path().join("db.anb"), OpenMode::ReadWrite).unwrap(),
        }
    }

    /// The database behind the server.
    pub(crate) fn served(&self) -> Database {
        self.served.clone()
    }

    /// The file behind the server, opened as another process would.
    pub(crate) fn opened_again(&self) -> Database {
        Database::open(self.folder.path().join("db.anb"), OpenMode::ReadWrite).unwrap()
    }
}
