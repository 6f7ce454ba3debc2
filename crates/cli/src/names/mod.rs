//! Finding what people name: attachments, keys, commits, blobs. Names may be shortened as long as they mean one thing; what
//! means none or several says what there is.

mod attachment;
mod commit;
mod key;
mod slip;

pub(crate) use attachment::attachment;
pub(crate) use commit::{blob, commit, last_or, tip};
pub(crate) use key::{Purpose, concept, document, key, key_text, no_document_near};

/// The fewest digits that stand for an id.
pub(crate) const SHORTEST: usize = 4;

/// The most candidates that are listed.
pub(crate) const LISTED: usize = 8;

/// The digits of an abbreviated id, in lower case; none when there is something else.
pub(crate) fn hex_prefix(text: &str) -> Option<String> {
    let is_hex = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| text.to_ascii_lowercase())
}
