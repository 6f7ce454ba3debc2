//! Keys: an instance, with its concept where the attachment does not say it.

use std::sync::Arc;

use anabranch::engine::DocumentId;
use anabranch::model::name::nearest;
use anabranch::model::{Concept, KeyTarget};
use anabranch::{Attachment, Definitions, Error, Key, Uuid};

use super::{LISTED, SHORTEST, slip};
use crate::error::CliError;

/// What a key is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To read a document that is there.
    Read,
    /// To write a document, which may be a new one: what an instance means then must not depend on what is there.
    Write,
}

/// The key that a text means: an instance, or the first digits of an existing one, after `Concept:` where the key type is
/// not one concept or the instance is of a kind of it.
pub(crate) fn key(
    definitions: &Definitions,
    attachment: &Attachment,
    name: &str,
    purpose: Purpose,
    existing: impl Fn() -> Result<Vec<Key>, Error>,
) -> Result<Key, CliError> {
    let (concept, instance) = match name.rsplit_once(':') {
        Some((name, instance)) => (Some(concept(definitions, attachment, name)?), instance),
        None => (None, name),
    };
    let admits = |key: &Key| concept.as_ref().is_none_or(|concept| key.concept() == Some(concept));
    match Uuid::try_parse(instance) {
        Ok(instance) => {
            if let Some(concept) = concept {
                return Ok(Key::new(concept, instance));
            }
            let plain = attachment.create_key(instance);
            if purpose == Purpose::Write
                && let Some(plain) = plain
            {
                return Ok(plain);
            }
            let same: Vec<Key> = existing()?.into_iter().filter(|key| key.instance() == instance).collect();
            match (plain, same.as_slice()) {
                (Some(plain), found) if found.is_empty() || found.contains(&plain) => Ok(plain),
                (_, [one]) => Ok(one.clone()),
                (_, []) => {
                    let concepts = admitted(definitions, attachment).into_iter();
                    Err(CliError::new(format!("{} takes keys of several concepts", attachment.identifier()))
                        .hint("say which one, as in")
                        .candidates(concepts.map(|concept| format!("{concept}:{instance}"))))
                }
                (_, several) => Err(ambiguous(attachment, name, several)),
            }
        }
        Err(_) => {
            let prefix = prefix(instance).ok_or_else(|| {
                CliError::new(format!("`{name}` is not a key"))
                    .hint("a key is the UUID of an instance, or the first digits of one that has a document")
            })?;
            if prefix.len() < SHORTEST {
                return Err(CliError::new(format!("{name} is too short to name a key"))
                    .hint(format!("give {SHORTEST} digits or more")));
            }
            let found: Vec<Key> = existing()?
                .into_iter()
                .filter(|key| admits(key) && key.instance().simple().to_string().starts_with(&prefix))
                .collect();
            match found.as_slice() {
                [one] => Ok(one.clone()),
                [] => Err(no_document_near(attachment, name, &existing()?)),
                several => Err(ambiguous(attachment, name, several)),
            }
        }
    }
}

/// The error that nothing is attached to a key, with those that could have been meant by a slip of the finger.
pub(crate) fn no_document_near(attachment: &Attachment, name: &str, existing: &[Key]) -> CliError {
    let typed = name.rsplit(':').next().and_then(prefix).unwrap_or_default();
    let near = existing.iter().filter(|key| slip::is_slip(&typed, &key.instance().simple().to_string()));
    let near: Vec<String> = near.take(LISTED).map(|key| key_text(attachment, key)).collect();
    if near.is_empty() {
        return no_document(attachment, name);
    }
    CliError::new(format!("{} has no document of {name}", attachment.identifier()))
        .hint("did you mean")
        .candidates(near)
}

/// The error that nothing is attached to a key.
fn no_document(attachment: &Attachment, name: &str) -> CliError {
    let identifier = attachment.identifier();
    CliError::new(format!("{identifier} has no document of {name}"))
        .hint(format!("`anabranch ls DB {identifier}` lists the keys that have one"))
}

fn ambiguous(attachment: &Attachment, name: &str, several: &[Key]) -> CliError {
    CliError::new(format!("{name} could be any of {} keys", several.len()))
        .hint("say more of the one that you mean")
        .candidates(several.iter().take(LISTED).map(|key| key_text(attachment, key)))
}

/// The digits of an abbreviated UUID, without its hyphens.
fn prefix(text: &str) -> Option<String> {
    let belongs = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    (text.len() <= 36 && text.bytes().all(belongs)).then(|| text.replace('-', "").to_ascii_lowercase())
}

/// The concept that a name means, among those that the attachment admits.
pub(crate) fn concept(
    definitions: &Definitions,
    attachment: &Attachment,
    name: &str,
) -> Result<Arc<Concept>, CliError> {
    let by_id = |concept: &Concept| concept.runtime_id().to_string() == name;
    let found: Vec<&Arc<Concept>> = definitions
        .concepts()
        .filter(|concept| {
            concept.name().to_string() == name || *concept.name().name == *name || by_id(concept)
        })
        .collect();
    let target = attachment.key_target();
    let exact = found.iter().copied().find(|concept| concept.name().to_string() == name);
    let admissible: Vec<&Arc<Concept>> =
        found.iter().copied().filter(|concept| target.admits_concept(concept)).collect();
    match (exact, admissible.as_slice()) {
        (Some(one), _) | (None, &[one]) => Ok(Arc::clone(one)),
        (None, []) if !found.is_empty() => Err(CliError::new(format!(
            "{} does not take keys of {}",
            attachment.identifier(),
            found[0].name()
        ))
        .hint(format!("it takes keys of {}", admitted(definitions, attachment).join(" or ")))),
        (None, []) => {
            let names = admitted(definitions, attachment);
            let short = names.iter().filter_map(|name| name.rsplit_once("::")).map(|(_, short)| short);
            let near = nearest(name, names.iter().map(String::as_str).chain(short));
            let otherwise = format!("it could be {}", names.join(" or "));
            Err(CliError::new(format!("there is no concept `{name}`")).did_you_mean(near, otherwise))
        }
        (None, several) => Err(CliError::new(format!("`{name}` could be any of {} concepts", several.len()))
            .hint("say which one")
            .candidates(several.iter().take(LISTED).map(|one| one.name().to_string()))),
    }
}

/// The names of the concepts that an attachment's keys may have.
fn admitted(definitions: &Definitions, attachment: &Attachment) -> Vec<String> {
    let target = attachment.key_target();
    let concepts = definitions.concepts().filter(|concept| target.admits_concept(concept));
    concepts.take(LISTED).map(|concept| concept.name().to_string()).collect()
}

/// The names of a document: of its attachment, and of its key.
pub(crate) fn document(id: &DocumentId, definitions: &Definitions) -> (String, String) {
    match definitions.attachment(id.attachment) {
        Some(attachment) => (attachment.identifier(), key_text(attachment, &id.key)),
        None => (id.attachment.to_string(), id.key.to_string()),
    }
}

/// A key as people and programs give it back: the instance alone where the attachment says the concept.
pub(crate) fn key_text(attachment: &Attachment, key: &Key) -> String {
    match (attachment.key_target(), key.concept()) {
        (KeyTarget::Concept(target), Some(concept)) if concept == target => key.instance().to_string(),
        _ => key.to_string(),
    }
}
