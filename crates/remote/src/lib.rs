//! Databases over the network (`DESIGN.md` §7): the contract, the server and the client.
//!
//! A [`Server`] serves databases over TCP or a Unix socket; [`connect`] opens one of them as an ordinary
//! [`Database`](anabranch_engine::Database), on which everything works that works on a file. The contract is
//! `proto/anabranch/v1/anabranch.proto`; `docs/spec/wire.md` says what each call promises.
//!
//! ```
//! use anabranch_engine::{Database, MutableState};
//! use anabranch_remote::{ConnectOptions, Server, connect};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let database = Database::create_in_memory(&Default::default())?;
//! let server = Server::builder().database("studio", database.clone()).listen("127.0.0.1:0").start()?;
//!
//! let remote = connect(&server.address(), &ConnectOptions::default())?;
//! let made = remote.commit_mutations("from afar", &MutableState::new(remote.initial_state()?))?;
//! assert_eq!(database.last_commit_id()?, Some(made));
//! server.stop();
//! # Ok(())
//! # }
//! ```

mod client;
mod pack;
#[expect(unreachable_pub, clippy::all, reason = "written by prost and tonic")]
mod proto {
    tonic::include_proto!("anabranch.v1");
}
mod server;
mod url;
mod wire;

pub use client::{ConnectError, ConnectOptions, connect, connect_local, is_unauthorized};
pub use server::{
    Limits, Scope, ServeError, Server, ServerBuilder, ServerHandle, TlsError, Token, TokenError, TokenFile,
};
pub use url::{Target, Url, UrlError};

/// The contract's descriptors, for reflection.
const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The version of the contract.
const PROTOCOL: u32 = 1;

/// The metadata entry that names the database of a call.
const DATABASE_KEY: &str = "anabranch-database";
