//! Which database a call means, and whether its caller may.

use std::collections::BTreeMap;
use std::sync::Arc;

use tonic::Status;
use tonic::metadata::MetadataMap;

use super::served::Served;
use super::tokens::{LiveTokens, Scope, Token};
use crate::DATABASE_KEY;

/// The databases of a server, and who may do what with them.
pub(crate) struct Access {
    pub(crate) databases: BTreeMap<String, Arc<Served>>,
    /// None: whoever reaches the server may do everything.
    pub(crate) tokens: Option<LiveTokens>,
}

/// What a caller may do, with the database that it named.
pub(crate) struct Entry {
    pub(crate) served: Arc<Served>,
    pub(crate) scope: Scope,
}

impl Access {
    /// The token of a call; none where none are needed.
    pub(crate) fn authenticate(&self, authorization: Option<&str>) -> Result<Option<Token>, Status> {
        let Some(tokens) = &self.tokens else { return Ok(None) };
        let text = authorization.and_then(|text| text.strip_prefix("Bearer "));
        let Some(text) = text else {
            return Err(Status::unauthenticated("this server asks for a token; give one in ANABRANCH_TOKEN"));
        };
        let token = tokens.find(text.trim()).ok_or_else(|| {
            Status::unauthenticated("the token is not one of this server's, or was revoked; ask for another")
        })?;
        Ok(Some(token))
    }

    /// The database that a call names, where its caller may do what `needed` says.
    pub(crate) fn enter(&self, metadata: &MetadataMap, needed: Scope) -> Result<Entry, Status> {
        let text = |key: &str| metadata.get(key).and_then(|value| value.to_str().ok());
        let token = self.authenticate(text("authorization"))?;
        let opens = |served: &&Arc<Served>| token.as_ref().is_none_or(|token| token.opens(&served.name));
        let served = match text(DATABASE_KEY).filter(|name| !name.is_empty()) {
            // What a token does not open is as if it were not there.
            Some(name) => self.databases.get(name).filter(|served| opens(served)).ok_or_else(|| {
                let names = self.names(token.as_ref()).join(", ");
                Status::not_found(format!("there is no database `{name}` here; there is: {names}"))
            })?,
            None => {
                let mut open = self.databases.values().filter(opens);
                match (open.next(), open.next()) {
                    (Some(only), None) => only,
                    (None, _) => {
                        return Err(Status::permission_denied(
                            "the token opens none of the databases here; ask for another",
                        ));
                    }
                    _ => {
                        let names = self.names(token.as_ref()).join(", ");
                        return Err(Status::invalid_argument(format!(
                            "this server has several databases; name one of them at the end of the URL: {names}"
                        )));
                    }
                }
            }
        };
        let mut scope = token.map_or(Scope::Admin, |token| token.scope);
        if served.database.is_read_only() {
            scope = Scope::Read;
        }
        if scope < needed {
            let reason = if served.database.is_read_only() {
                format!("{} is served to be read only; connect to where it may be written", served.name)
            } else {
                format!("the token allows to {scope}, this takes {needed}; ask for one that allows it")
            };
            return Err(Status::permission_denied(reason));
        }
        Ok(Entry { served: served.clone(), scope })
    }

    /// The names of the databases that a token opens.
    pub(crate) fn names(&self, token: Option<&Token>) -> Vec<String> {
        let open = |name: &&String| token.is_none_or(|token| token.opens(name));
        self.databases.keys().filter(open).cloned().collect()
    }
}
