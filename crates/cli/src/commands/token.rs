//! `anabranch token`: who may use a server.

use std::path::PathBuf;

use anabranch::remote::{Scope, Token, TokenFile};
use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::Outcome;
use crate::error::CliError;
use crate::output::Ui;
use crate::output::time::{date, rfc3339};

/// Make, list and revoke the tokens of a server
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  anabranch token add tokens --scope write --name 'build server'\n  \
    anabranch token ls tokens\n  anabranch token revoke tokens 3f2a90bc\n\n\
    The file keeps hashes only: a token is shown once, when it is made. A server that runs with\n\
    `serve --tokens FILE` goes by the file as it changes. Clients give theirs in ANABRANCH_TOKEN.")]
pub(crate) struct Tokens {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token and print it
    Add {
        /// The token file; made if it is not there
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// What it allows: read, write or admin
        #[arg(long, default_value = "read")]
        scope: Scope,
        /// A database that it opens; all, if none is given
        #[arg(long, value_name = "NAME")]
        database: Vec<String>,
        /// Who or what it is for
        #[arg(long, value_name = "TEXT", default_value = "")]
        name: String,
    },
    /// List the tokens
    Ls {
        /// The token file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Revoke a token
    Revoke {
        /// The token file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The id that `ls` shows
        #[arg(value_name = "ID")]
        id: String,
    },
}

fn token_json(token: &Token) -> Json {
    json!({
        "id": token.id,
        "scope": token.scope.to_string(),
        "databases": token.databases,
        "created": rfc3339(token.created),
        "name": token.name,
    })
}

impl Tokens {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        match &self.action {
            Action::Add { file, scope, database, name } => {
                let token = TokenFile::open_or_new(file)?.add(*scope, database, name)?;
                if ui.is_json {
                    ui.json(&json!({ "token": token, "scope": scope.to_string(), "databases": database }))?;
                } else {
                    writeln!(ui.out(), "{token}")?;
                    ui.note("this is the only time that the token is shown; the file keeps its hash")?;
                }
            }
            Action::Ls { file } => {
                for token in TokenFile::open(file)?.tokens() {
                    if ui.is_json {
                        ui.json(&token_json(token))?;
                        continue;
                    }
                    let databases = if token.databases.is_empty() {
                        "all databases".to_owned()
                    } else {
                        token.databases.join(", ")
                    };
                    let Token { id, scope, created, name, .. } = token;
                    let line = format!("{id}  {scope:5}  {databases}  {}  {name}", date(*created));
                    writeln!(ui.out(), "{}", line.trim_end())?;
                }
            }
            Action::Revoke { file, id } => {
                let token = TokenFile::open(file)?.revoke(id)?;
                if ui.is_json {
                    ui.json(&token_json(&token))?;
                } else {
                    writeln!(ui.out(), "revoked {}", token.id)?;
                }
            }
        }
        Ok(Outcome::Done)
    }
}
