//! Databases of every kind, for one suite.
#![allow(dead_code, reason = "each test file uses what it needs")]

use anabranch_engine::{Database, OpenMode};
use anabranch_remote::{ConnectOptions, Server, ServerHandle, connect, connect_local};
use tempfile::TempDir;

/// Where a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    File,
    Socket,
    Tcp,
}

/// A database somewhere, new.
pub(crate) struct Site {
    kind: Kind,
    folder: TempDir,
    served: Database,
    server: Option<ServerHandle>,
}

impl Site {
    pub(crate) fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let none = Default::default();
        let served = match kind {
            Kind::Memory => Database::create_in_memory(&none).unwrap(),
            _ => Database::create(folder.path().join("db.anb"), "served", &none).unwrap(),
        };
        let builder = Server::builder().database("db", served.clone());
        let server = match kind {
            Kind::Memory | Kind::File => None,
            Kind::Socket => Some(builder.socket(folder.path().join("s")).start().unwrap()),
            Kind::Tcp => Some(builder.listen("127.0.0.1:0").start().unwrap()),
        };
        Self { kind, folder, served, server }
    }

    /// The database, opened anew where that can be.
    pub(crate) fn database(&self) -> Database {
        match (self.kind, &self.server) {
            (Kind::Memory, _) | (_, None) if self.kind == Kind::Memory => self.served.clone(),
            (Kind::Socket, _) => connect_local(self.folder.path().join("s")).unwrap(),
            (_, Some(server)) => {
                connect(&format!("{}/db", server.address()), &ConnectOptions::default()).unwrap()
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
