//! Documents that the server evaluates.

use std::sync::{Arc, Mutex};

use anabranch_engine::storage::{DocumentName, Moment, ReadDocuments, StorageError};
use prost::bytes::Bytes;
use tokio_stream::StreamExt as _;

use super::cache::Cache;
use super::connection::wait;
use super::storage::{Shared, lock};
use crate::proto;
use crate::wire::{self, WireError};

/// How many documents are asked for with the one that is wanted, when they are read one after the other.
const FIRST_AHEAD: usize = 16;
const MOST_AHEAD: usize = 1024;

/// The documents that were asked for. A document at a commit never changes.
pub(super) struct Documents {
    values: Mutex<Cache<(Moment, DocumentName), Option<Bytes>>>,
    names: Mutex<Cache<Moment, Arc<[DocumentName]>>>,
    /// Where reading one after the other would go on, and how far it last looked ahead.
    reading: Mutex<Option<(Moment, DocumentName, usize)>>,
}

impl Documents {
    pub(super) fn new(room: usize) -> Self {
        Self {
            values: Mutex::new(Cache::new(room)),
            names: Mutex::new(Cache::new(room / 2)),
            reading: Mutex::new(None),
        }
    }

    /// The document, and those that are likely to be asked for next.
    fn ahead(&self, at: Moment, document: &DocumentName) -> Vec<DocumentName> {
        let Some(names) = lock(&self.names).get(&at) else { return vec![*document] };
        let Ok(place) = names.binary_search(document) else { return vec![*document] };
        let ahead = match *lock(&self.reading) {
            Some((of, next, ahead)) if of == at && next == *document => (ahead * 4).min(MOST_AHEAD),
            _ => FIRST_AHEAD,
        };
        let end = (place + 1 + ahead).min(names.len());
        names[place..end].to_vec()
    }

    /// Remembers how far reading ahead came.
    fn reached(&self, at: Moment, asked: &[DocumentName], answered: usize) {
        let next = lock(&self.names).get(&at).and_then(|names| {
            let last = asked.get(answered.checked_sub(1)?)?;
            names.get(names.binary_search(last).ok()? + 1).copied()
        });
        *lock(&self.reading) = next.map(|next| (at, next, answered.max(FIRST_AHEAD)));
    }
}

fn place(at: Moment) -> proto::Place {
    let (commit, merged) = match at {
        Moment::Commit(commit) => (commit, None),
        Moment::Merge(ours, theirs) => (ours, Some(theirs)),
    };
    proto::Place {
        commit: wire::bytes_of(commit.as_bytes()),
        merged: merged.map(|merged| wire::bytes_of(merged.as_bytes())).unwrap_or_default(),
    }
}

impl ReadDocuments for Shared {
    fn document(&self, at: Moment, document: &DocumentName) -> Result<Option<Vec<u8>>, StorageError> {
        if let Some(known) = lock(&self.documents.values).get(&(at, *document)) {
            return Ok(known.map(Vec::from));
        }
        let names = self.documents.ahead(at, document);
        let request = proto::DocumentsRequest {
            at: Some(place(at)),
            names: names.iter().map(|name| Bytes::copy_from_slice(name)).collect(),
        };
        let answer = self
            .connection
            .call(request, |mut client, request| async move { client.documents(request).await })
            .map_err(|status| self.connection.failed(status))?;
        self.hear_definitions(answer.definitions);
        if answer.values.is_empty() || answer.values.len() > names.len() {
            return Err(self.connection.odd(WireError::Missing { what: "a document" }));
        }
        self.documents.reached(at, &names, answer.values.len());
        let first = answer.values[0].value.clone();
        let mut values = lock(&self.documents.values);
        for (name, value) in names.into_iter().zip(answer.values) {
            let weight = 200 + value.value.as_ref().map_or(0, Bytes::len);
            values.insert((at, name), value.value, weight);
        }
        Ok(first.map(Vec::from))
    }

    fn documents(&self, at: Moment) -> Result<Vec<DocumentName>, StorageError> {
        if let Some(known) = lock(&self.documents.names).get(&at) {
            return Ok(known.to_vec());
        }
        let request = proto::DocumentNamesRequest { at: Some(place(at)) };
        let lists = self
            .connection
            .call(request, |mut client, request| async move { client.document_names(request).await });
        let collected = lists.and_then(|mut lists| {
            wait(&self.connection.runtime, async move {
                let mut names: Vec<DocumentName> = Vec::new();
                let mut definitions = 0;
                while let Some(list) = lists.next().await {
                    let list = list?;
                    definitions = list.definitions;
                    let (whole, rest) = list.names.as_chunks::<48>();
                    if !rest.is_empty() {
                        return Err(
                            WireError::Length { what: "a list of names", length: list.names.len() }.into()
                        );
                    }
                    names.extend_from_slice(whole);
                }
                Ok((names, definitions))
            })?
        });
        let (mut names, definitions) = collected.map_err(|status| self.connection.failed(status))?;
        self.hear_definitions(definitions);
        names.sort_unstable();
        lock(&self.documents.names).insert(at, names.as_slice().into(), 100 + names.len() * 48);
        Ok(names)
    }
}
