//! Documents, evaluated for callers.

use anabranch_engine::{DocumentId, State};
use anabranch_model::codec::encode_value;
use anabranch_model::definitions::Lookup as _;
use anabranch_model::{Definitions, Key, RuntimeId, Uuid};
use tonic::Status;

use super::served::Served;
use super::service::refusal;
use crate::proto;
use crate::wire::{self, WireError};

/// About how many bytes of documents one answer holds, beyond the first.
const ANSWER_BYTES: usize = 256 << 10;
/// How many names one message of a list holds.
const NAMES_IN_MESSAGE: usize = 8192;
/// The most documents that are asked for at a time.
const MOST_DOCUMENTS: usize = 4096;

fn state(served: &Served, at: Option<&proto::Place>) -> Result<State, Status> {
    let at = at.ok_or(WireError::Missing { what: "the commit" })?;
    let commit = wire::optional_commit_id(&at.commit)?;
    let merged = wire::optional_commit_id(&at.merged)?;
    let state = if merged.is_zero() {
        served.database.state(commit)
    } else {
        served.database.merge_state(commit, merged)
    };
    state.map_err(|error| refusal(&error))
}

/// The document of a name; none where the definitions have no such thing, so that there can be no document.
fn document_id(name: &[u8], definitions: &Definitions) -> Result<Option<DocumentId>, WireError> {
    if name.len() != 48 {
        return Err(WireError::Length { what: "the name of a document", length: name.len() });
    }
    let uuid = |bytes: &[u8]| Uuid::from_slice(bytes).unwrap_or_default();
    let attachment = RuntimeId::from_uuid(uuid(&name[..16]));
    let concept = definitions.concept(RuntimeId::from_uuid(uuid(&name[16..32])));
    Ok(concept.map(|concept| DocumentId { attachment, key: Key::new(concept.clone(), uuid(&name[32..])) }))
}

/// Documents by name: the first, and the others as long as the answer stays small.
pub(super) fn values(
    served: &Served,
    request: &proto::DocumentsRequest,
) -> Result<proto::DocumentValues, Status> {
    let state = state(served, request.at.as_ref())?;
    let definitions = state.definitions();
    let mut values = Vec::new();
    let mut bytes = 0;
    for name in request.names.iter().take(MOST_DOCUMENTS) {
        if bytes > ANSWER_BYTES {
            break;
        }
        let value = match document_id(name, definitions)? {
            Some(id) => state.document(&id).map_err(|error| refusal(&error))?,
            None => None,
        };
        let value = value.map(|value| encode_value(&value));
        bytes += value.as_ref().map_or(0, Vec::len);
        values.push(proto::DocumentValue { value: value.map(Into::into) });
    }
    Ok(proto::DocumentValues { values, definitions: definitions.len() as u64 })
}

/// The names of all documents.
pub(super) fn names(
    served: &Served,
    request: &proto::DocumentNamesRequest,
) -> Result<Vec<proto::DocumentNameList>, Status> {
    let state = state(served, request.at.as_ref())?;
    let definitions = state.definitions().len() as u64;
    let ids = state.ids().map_err(|error| refusal(&error))?;
    let mut lists: Vec<proto::DocumentNameList> = ids
        .chunks(NAMES_IN_MESSAGE)
        .map(|ids| {
            let mut names = Vec::with_capacity(ids.len() * 48);
            for id in ids {
                names.extend_from_slice(id.attachment.as_bytes());
                names.extend_from_slice(&id.key.to_bytes());
            }
            proto::DocumentNameList { names: names.into(), definitions }
        })
        .collect();
    if lists.is_empty() {
        lists.push(proto::DocumentNameList { names: Vec::new().into(), definitions });
    }
    Ok(lists)
}
