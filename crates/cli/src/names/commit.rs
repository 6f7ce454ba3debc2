//! Commits and blobs by id, and commits by what they are.

use anabranch::model::name::nearest;
use anabranch::{BlobId, CommitId, Database};

use super::{LISTED, SHORTEST, hex_prefix, slip};
use crate::error::CliError;
use crate::output::Ui;
use crate::output::number;
use crate::output::text;

/// What stands for a commit without its id.
const WORDS: [&str; 3] = ["@last", "@first", "@heads"];

/// The commit that a name means: an id, its first digits, `@last`, `@first`, or `@heads` while there is one.
pub(crate) fn commit(database: &Database, name: &str) -> Result<CommitId, CliError> {
    let none = || no_commit(database);
    match name {
        "@last" => return database.last_commit_id()?.ok_or_else(none),
        "@first" => return database.first_commit_id()?.ok_or_else(none),
        "@heads" => {
            return match database.head_commit_ids()?.as_slice() {
                [] => Err(none()),
                [head] => Ok(*head),
                heads => {
                    let number = heads.len();
                    Err(CliError::new(format!(
                        "{} has {number} heads, and one is needed here",
                        database.location()
                    ))
                    .hint("name one of them, or fold them into one with `anabranch reduce`")
                    .candidates(described(database, heads)?))
                }
            };
        }
        _ => {}
    }
    let Some(prefix) = hex_prefix(name) else {
        let otherwise = "a commit is named by its id, the first digits of it, @last, @first or @heads";
        return Err(
            CliError::new(format!("`{name}` names no commit")).did_you_mean(nearest(name, WORDS), otherwise)
        );
    };
    check_length("commit", &prefix)?;
    match database.commits_with_prefix(&prefix, LISTED + 1)?.as_slice() {
        [one] => Ok(*one),
        [] => {
            let error = CliError::new(format!("there is no commit {name} in {}", database.location()));
            let mut near = Vec::new();
            for meant in slip::meant(&prefix) {
                near.extend(database.commits_with_prefix(&meant, 1)?);
            }
            Err(if near.is_empty() {
                error.hint(format!("`anabranch log {}` lists what there is", database.location()))
            } else {
                near.truncate(LISTED);
                error.hint("did you mean").candidates(described(database, &near)?)
            })
        }
        several => Err(CliError::new(format!("{name} could be any of several commits"))
            .hint("give more digits")
            .candidates(described(database, &several[..several.len().min(LISTED)])?)),
    }
}

fn no_commit(database: &Database) -> CliError {
    let location = database.location();
    CliError::new(format!("{location} has no commit yet"))
        .hint(format!("make one with `anabranch commit {location} -m LABEL`"))
}

fn check_length(what: &str, prefix: &str) -> Result<(), CliError> {
    match prefix.len() {
        ..SHORTEST => Err(CliError::new(format!("{prefix} is too short to name a {what}"))
            .hint(format!("give {SHORTEST} digits or more"))),
        65.. => Err(CliError::new(format!("{} digits are too many for a {what}", prefix.len()))
            .hint("an id has 64 digits")),
        _ => Ok(()),
    }
}

/// A line for each commit: id and label.
fn described(database: &Database, ids: &[CommitId]) -> Result<Vec<String>, CliError> {
    ids.iter()
        .map(|id| {
            let header = database.commit_header(*id)?;
            Ok(format!("{}  {}", &id.to_string()[..16], text::label(&header.metadata.label)))
        })
        .collect()
}

/// The commit of this name, else the last one; the zero id where there is none yet.
///
/// Where several heads make that a choice, it says which one was taken.
pub(crate) fn last_or(database: &Database, name: Option<&str>, ui: &mut Ui) -> Result<CommitId, CliError> {
    match name {
        Some(name) => commit(database, name),
        None => tip(database, "this is the state at the last commit,", ui),
    }
}

/// The last commit; the zero id where there is none. Where there are several heads, a note says what was chosen.
pub(crate) fn tip(database: &Database, choice: &str, ui: &mut Ui) -> Result<CommitId, CliError> {
    let Some(last) = database.last_commit_id()? else { return Ok(CommitId::ZERO) };
    let heads = database.head_commit_ids()?.len() as u64;
    if heads > 1 {
        let heads = number::of(heads, "head", "heads");
        ui.note(format_args!("{} has {heads}: {choice} {}", database.location(), last.short()))?;
    }
    Ok(last)
}

/// The blob that an id, or its first digits, means.
pub(crate) fn blob(database: &Database, name: &str) -> Result<BlobId, CliError> {
    let Some(prefix) = hex_prefix(name) else {
        return Err(CliError::new(format!("`{name}` names no blob"))
            .hint("a blob is named by its id, or the first digits of it"));
    };
    check_length("blob", &prefix)?;
    let found: Vec<BlobId> = blobs_with_prefix(database, &prefix)?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(CliError::new(format!("there is no blob {name} in {}", database.location()))
            .hint(format!("`anabranch blob ls {}` lists what there is", database.location()))),
        several => Err(CliError::new(format!("{name} could be any of several blobs"))
            .hint("give more digits")
            .candidates(several.iter().take(LISTED).map(|id| id.to_string()[..16].to_owned()))),
    }
}

/// Some of the blobs whose ids start with these digits, ascending.
fn blobs_with_prefix(database: &Database, prefix: &str) -> Result<Vec<BlobId>, CliError> {
    let first: BlobId = match format!("{prefix:0<64}").parse() {
        Ok(first) => first,
        // The digits were checked.
        Err(_) => return Ok(Vec::new()),
    };
    let mut before = *first.as_bytes();
    // One less, because storages list what comes after an id.
    for byte in before.iter_mut().rev() {
        let (less, borrows) = byte.overflowing_sub(1);
        *byte = less;
        if !borrows {
            break;
        }
    }
    let before = if first.is_zero() { BlobId::ZERO } else { BlobId::from_bytes(before) };
    let snapshot = database.read()?;
    let records = snapshot.blobs_after(before, LISTED + 1)?;
    Ok(records.into_iter().map(|record| record.id).filter(|id| id.to_string().starts_with(prefix)).collect())
}
