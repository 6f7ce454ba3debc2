//! Attachments by name.

use std::sync::Arc;

use anabranch::model::name::nearest;
use anabranch::{Attachment, Definitions};

use super::LISTED;
use crate::error::CliError;

/// The attachment that a name means: `Namespace::Concept.attachment`, or any shorter form that means only one.
pub(crate) fn attachment(definitions: &Definitions, text: &str) -> Result<Arc<Attachment>, CliError> {
    let meant: Vec<&Arc<Attachment>> = definitions
        .attachments()
        .filter(|attachment| short_forms(attachment).iter().any(|form| form == text))
        .collect();
    let exact = meant.iter().copied().find(|attachment| attachment.identifier() == text);
    match (exact, meant.as_slice()) {
        (Some(one), _) | (None, &[one]) => Ok(Arc::clone(one)),
        (None, []) => {
            let forms: Vec<String> = definitions.attachments().flat_map(|one| short_forms(one)).collect();
            let near = nearest(text, forms.iter().map(String::as_str));
            let otherwise = "`anabranch ls DB` lists the attachments of a database";
            Err(CliError::new(format!("there is no attachment `{text}`")).did_you_mean(near, otherwise))
        }
        (None, several) => {
            Err(CliError::new(format!("`{text}` could be any of {} attachments", several.len()))
                .hint("say which one")
                .candidates(several.iter().take(LISTED).map(|one| one.identifier())))
        }
    }
}

/// The names of an attachment, the full one first: `A::B.c`, `B.c`, `A::c`, `c`.
fn short_forms(attachment: &Attachment) -> Vec<String> {
    let full = attachment.identifier();
    let name = attachment.name();
    let mut forms = vec![full.clone(), name.to_string(), name.name.to_string()];
    let mut rest = full.as_str();
    while let Some((_, shorter)) = rest.split_once("::") {
        forms.push(shorter.to_owned());
        rest = shorter;
    }
    forms
}
