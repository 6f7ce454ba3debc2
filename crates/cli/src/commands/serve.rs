//! `anabranch serve`: databases over the network.

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;

use anabranch::remote::{Server, ServerHandle};
use anabranch::{Database, OpenMode};
use clap::Args;
use serde_json::json;

use super::Outcome;
use crate::error::CliError;
use crate::interrupt;
use crate::output::Ui;

/// Serve databases to other programs and machines
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch serve studio.anb --socket /run/user/1000/anabranch.sock\n  \
    anabranch serve main=studio.anb assets.anb --listen 0.0.0.0:54321 \\\n      \
    --tls-cert chain.pem --tls-key key.pem --tokens tokens\n\n\
    Each database is served under the name of its file, or another one: NAME=FILE. Without --listen\n\
    and --socket, the server listens on port 54321 of this machine. Where other machines can reach\n\
    it, it asks for TLS and tokens; `anabranch token add` makes tokens. Ctrl-C finishes what runs.\n\
    ANABRANCH_LOG=debug (info, warn, error) says how much is told on standard error; with --json\n\
    as JSON Lines.")]
pub(crate) struct Serve {
    /// The databases, as FILE or NAME=FILE
    #[arg(value_name = "DB", required = true)]
    databases: Vec<String>,
    /// Listen on this address and port
    #[arg(long, value_name = "ADDR")]
    listen: Vec<String>,
    /// Listen on a Unix socket, which only this user may use
    #[arg(long, value_name = "PATH")]
    socket: Vec<PathBuf>,
    /// The certificate chain for TLS, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of the certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Take only callers with a certificate of these authorities, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    client_ca: Option<PathBuf>,
    /// Take only callers with a token of this file
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// Let nobody write
    #[arg(long)]
    read_only: bool,
    /// Let other machines in without TLS and tokens
    #[arg(long)]
    insecure: bool,
}

/// The name and the file of a database.
fn named(text: &str) -> Result<(String, &Path), CliError> {
    if let Some((name, path)) = text.split_once('=') {
        return Ok((name.to_owned(), Path::new(path)));
    }
    let path = Path::new(text);
    let name = path.file_stem().and_then(|name| name.to_str()).ok_or_else(|| {
        CliError::usage(format!("{text} has no name to serve it under")).hint("give one: NAME=FILE")
    })?;
    Ok((name.to_owned(), path))
}

/// Tells on standard error what the server does.
fn log(is_json: bool) {
    let level = std::env::var("ANABRANCH_LOG").ok().and_then(|level| level.parse().ok());
    let log = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level.unwrap_or(tracing_subscriber::filter::LevelFilter::WARN));
    // Another one in this process may have been first.
    let _ = if is_json { log.json().try_init() } else { log.try_init() };
}

impl Serve {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        log(ui.is_json);
        let (asked, stop) = channel();
        // Whoever is not waited for any more does not want to know.
        let stopping = interrupt::stopping(move || {
            let _ = asked.send(());
        });
        let server = self.start(ui)?;
        // An error means that nobody can ask any more; that is as if somebody had.
        let _ = stop.recv();
        ui.note("stopping; press Ctrl-C again to not wait for calls that run")?;
        server.stop();
        drop(stopping);
        Ok(Outcome::Done)
    }

    /// Starts the server and says where it is found.
    pub(crate) fn start(&self, ui: &mut Ui) -> Result<ServerHandle, CliError> {
        let mode = if self.read_only { OpenMode::ReadOnly } else { OpenMode::ReadWrite };
        let mut builder = Server::builder().insecure(self.insecure);
        let mut names = Vec::new();
        for text in &self.databases {
            let (name, path) = named(text)?;
            builder = builder.database(name.clone(), Database::open(path, mode)?);
            names.push(name);
        }
        for address in &self.listen {
            builder = builder.listen(address);
        }
        for path in &self.socket {
            builder = builder.socket(path);
        }
        if let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) {
            builder = builder.tls(certificate, key);
        }
        if let Some(authorities) = &self.client_ca {
            builder = builder.client_ca(authorities);
        }
        if let Some(tokens) = &self.tokens {
            builder = builder.tokens(tokens);
        }
        let server = builder.start()?;
        if ui.is_json {
            ui.json(&json!({ "addresses": server.addresses(), "databases": names }))?;
        } else {
            let is_single = names.len() == 1;
            for address in server.addresses() {
                for name in &names {
                    let separator = if address.starts_with("unix:") { ":" } else { "/" };
                    let url = if is_single { address.clone() } else { format!("{address}{separator}{name}") };
                    writeln!(ui.out(), "serving {name} at {url}")?;
                }
            }
        }
        ui.out().flush()?;
        Ok(server)
    }
}
