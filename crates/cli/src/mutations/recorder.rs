//! From lines of JSON to recorded mutations.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use anabranch::dsm;
use anabranch::engine::DocumentId;
use anabranch::engine::storage::StorageError;
use anabranch::model::json::decode_strict;
use anabranch::{
    Attachment, CommitId, Database, Definitions, Error, Key, MutableState, RuntimeId, State, Uuid, Value,
};
use serde_json::{Value as Json, json};

use super::mutation::{Mutation, Op};
use super::place::{Place, in_value};
use crate::error::CliError;
use crate::interrupt;
use crate::names::{self, Purpose};
use crate::output::number::of;
use crate::output::progress::{Progress, Unit};

/// The most warnings that are kept.
const WARNINGS: usize = 20;

/// Records the mutations of a file.
pub(crate) struct Recorder {
    definitions: Definitions,
    state: MutableState,
    mutations: u64,
    /// The attachments that were found by name.
    attachments: HashMap<String, Arc<Attachment>>,
    /// The keys that were found by name: looking for one may go through all that there are.
    keys: HashMap<(RuntimeId, String), Key>,
    /// The documents as the mutations leave them, to tell which of these have no effect.
    documents: HashMap<DocumentId, Option<Value>>,
    /// The lines that did not say at which position they insert, and where they do.
    positions: Vec<(String, Uuid)>,
    warnings: Vec<String>,
    ineffective: u64,
}

impl Recorder {
    /// Nothing recorded yet.
    pub(crate) fn new(state: State) -> Self {
        Self {
            definitions: state.definitions().clone(),
            state: MutableState::new(state),
            mutations: 0,
            attachments: HashMap::new(),
            keys: HashMap::new(),
            documents: HashMap::new(),
            positions: Vec::new(),
            warnings: Vec::new(),
            ineffective: 0,
        }
    }

    /// The definitions that mutations are read under.
    pub(crate) fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// Commits what was recorded.
    pub(crate) fn commit(&self, database: &Database, label: &str) -> Result<CommitId, CliError> {
        // From here on it is too late to stop: it will be there.
        let _stopping = interrupt::stopping(|| {});
        database.commit_mutations(label, &self.state).map_err(|error| match error {
            Error::Storage(StorageError::MissingBlob { blob, .. }) => {
                let location = database.location();
                CliError::new(format!("a mutation refers to blob {blob}, which is not in {location}"))
                    .hint(format!("store it first, with `anabranch blob put {location} FILE`"))
            }
            error => error.into(),
        })
    }

    /// What was committed, as programs read it.
    pub(crate) fn report(&self, commit: CommitId) -> Json {
        let position =
            |(place, position): &(String, Uuid)| json!({ "line": place, "position": position.to_string() });
        json!({
            "commit": commit.to_string(),
            "mutations": self.mutations,
            "opcodes": self.state.opcodes().len(),
            "positions": self.positions.iter().map(position).collect::<Vec<_>>(),
        })
    }

    /// What was recorded.
    pub(crate) fn state(&self) -> &MutableState {
        &self.state
    }

    /// How many mutations were read.
    pub(crate) fn mutations(&self) -> u64 {
        self.mutations
    }

    /// The lines that did not say at which position they insert, and where they do.
    pub(crate) fn positions(&self) -> &[(String, Uuid)] {
        &self.positions
    }

    /// What has no effect as documents stand.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.clone();
        let rest = self.ineffective - warnings.len() as u64;
        if rest > 0 {
            warnings.push(format!("{rest} more have no effect now either"));
        }
        warnings
    }

    /// Records every line, or fails at the first that is refused.
    pub(crate) fn record_all(
        &mut self,
        source: &str,
        mut input: impl BufRead,
        progress: &mut Progress,
    ) -> Result<(), CliError> {
        let mut bytes = Vec::new();
        for number in 1_u64.. {
            bytes.clear();
            let size = input
                .read_until(b'\n', &mut bytes)
                .map_err(|error| CliError::new(format!("cannot read {source}: {error}")))?;
            if size == 0 {
                break;
            }
            self.record_line(&format!("{source}:{number}"), &bytes)?;
            progress.update(self.mutations, 0, Unit::Of("mutations"), || {
                of(self.mutations, "mutation", "mutations")
            });
        }
        Ok(())
    }

    /// Records what stands at `place`.
    fn record_line(&mut self, place: &str, bytes: &[u8]) -> Result<(), CliError> {
        let line = std::str::from_utf8(bytes)
            .map_err(|_| CliError::new("this is not a text in UTF-8").at(place))?
            .trim();
        if line.is_empty() {
            return Ok(());
        }
        let json = dsm::json::parse(line).map_err(|error| {
            // The parser counts lines itself, of which it has seen one.
            let text = error.to_string();
            let text = text.split(" at line 1 column").next().unwrap_or_default();
            CliError::new(format!("this is no JSON: {text}")).at(format_args!("{place}:{}", error.column()))
        })?;
        self.record(place, &json).map_err(|error| error.at(place))
    }

    /// Records a mutation; `place` is what warnings call it.
    pub(crate) fn record(&mut self, place: &str, json: &Json) -> Result<(), CliError> {
        let mutation = Mutation::read(json)?;
        let attachment = self.attachment(mutation.attachment)?;
        let key = self.key(&attachment, mutation.key)?;
        let recorded = self.state.opcodes().len();
        self.mutate(place, &mutation, &attachment, &key)?;
        self.mutations += 1;
        self.note_effect(place, mutation.op, recorded)
    }

    fn mutate(
        &mut self,
        line: &str,
        mutation: &Mutation<'_>,
        attachment: &Attachment,
        key: &Key,
    ) -> Result<(), CliError> {
        let (definitions, state) = (&self.definitions, &mut self.state);
        let found = || Place::find(definitions, attachment, mutation.op, mutation.path()?);
        let document = || {
            let document = attachment.document_type();
            decode_strict(mutation.value()?, document, definitions).map_err(|error| in_value(&error))
        };
        match mutation.op {
            Op::Set => state.set(attachment, key, document()?)?,
            Op::Diff => state.diff(attachment, key, document()?, mutation.is_recursive()?)?,
            Op::Update => {
                let place = found()?;
                let value = place.value(mutation.value()?)?;
                state.update(attachment, key, &place.path, value)?;
            }
            Op::UnionInSet => {
                let place = found()?;
                let elements = place.set(mutation.value()?)?;
                state.union_in_set(attachment, key, &place.path, elements)?;
            }
            Op::SubtractInSet => {
                let place = found()?;
                let elements = place.set(mutation.value()?)?;
                state.subtract_in_set(attachment, key, &place.path, elements)?;
            }
            Op::UnionInMap => {
                let place = found()?;
                let entries = place.map(mutation.value()?)?;
                state.union_in_map(attachment, key, &place.path, entries)?;
            }
            Op::SubtractInMap => {
                let place = found()?;
                let keys = place.map_keys(mutation.value()?)?;
                state.subtract_in_map(attachment, key, &place.path, keys)?;
            }
            Op::UpdateInMap => {
                let place = found()?;
                let entries = place.map(mutation.value()?)?;
                state.update_in_map(attachment, key, &place.path, entries)?;
            }
            Op::InsertInXArray => {
                let place = found()?;
                let value = place.element(mutation.value()?)?;
                let given = mutation.position()?;
                let position = given.unwrap_or_else(Uuid::new_v4);
                state.insert_in_xarray(attachment, key, &place.path, mutation.before()?, position, value)?;
                if given.is_none() {
                    self.positions.push((line.to_owned(), position));
                }
            }
            Op::UpdateInXArray => {
                let place = found()?;
                let value = place.element(mutation.value()?)?;
                state.update_in_xarray(attachment, key, &place.path, mutation.known_position()?, value)?;
            }
            Op::RemoveInXArray => {
                let place = found()?;
                state.remove_in_xarray(attachment, key, &place.path, mutation.known_position()?)?;
            }
        }
        Ok(())
    }

    /// Warns of what was recorded from `start` on and has no effect as documents stand. It is recorded all the same: it may have
    /// one where lines of history meet.
    fn note_effect(&mut self, place: &str, op: Op, start: usize) -> Result<(), CliError> {
        for opcode in &self.state.opcodes()[start..] {
            let id = &opcode.document;
            if !self.documents.contains_key(id) {
                let present = self.state.base().document(id)?;
                self.documents.insert(id.clone(), present);
            }
            let Some(document) = self.documents.get_mut(id) else { continue };
            if let Err(reason) = opcode.operation.apply(document) {
                self.ineffective += 1;
                if self.warnings.len() < WARNINGS {
                    let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
                    self.warnings.push(format!("{place}`{}` has no effect now: {reason}", op.name()));
                }
            }
        }
        Ok(())
    }

    /// The attachment that a name means.
    pub(crate) fn attachment(&mut self, name: &str) -> Result<Arc<Attachment>, CliError> {
        if let Some(found) = self.attachments.get(name) {
            return Ok(found.clone());
        }
        let found = names::attachment(&self.definitions, name)?;
        self.attachments.insert(name.to_owned(), found.clone());
        Ok(found)
    }

    /// The key that JSON names: a text as everywhere, or an array of instance and concept.
    pub(crate) fn key(&mut self, attachment: &Attachment, json: &Json) -> Result<Key, CliError> {
        let parts = match json {
            Json::String(name) => {
                let named = (attachment.runtime_id(), name.clone());
                if let Some(found) = self.keys.get(&named) {
                    return Ok(found.clone());
                }
                let existing = || self.state.keys(attachment);
                let found = names::key(&self.definitions, attachment, name, Purpose::Write, existing)?;
                self.keys.insert(named, found.clone());
                return Ok(found);
            }
            Json::Array(parts) => parts.as_slice(),
            _ => &[],
        };
        match parts {
            [Json::String(instance), Json::String(concept)] => {
                let concept = names::concept(&self.definitions, attachment, concept)?;
                match Uuid::try_parse(instance) {
                    Ok(instance) => Ok(Key::new(concept, instance)),
                    Err(_) => {
                        Err(CliError::new(format!("`key` has a UUID for an instance, {instance} is none")))
                    }
                }
            }
            _ => Err(CliError::new("`key` is a text, or an array of instance and concept")),
        }
    }
}
