//! The same edits in Loro.

use std::path::Path;

use loro::{ExportMode, LoroDoc};

use super::edits;
use crate::Result;

/// Writes the document: as a snapshot, the state beside the history, which is what its users keep on disk; or as updates,
/// the history alone, from which loading makes the state again.
pub(super) fn make(path: &Path, count: u64, mode: ExportMode<'_>) -> Result<()> {
    let document = LoroDoc::new();
    let lines = document.get_movable_list("lines");
    for edit in edits(count) {
        if edit.is_insert {
            lines.insert(edit.index, edit.text)?;
        } else {
            lines.set(edit.index, edit.text)?;
        }
        document.commit();
    }
    std::fs::write(path, document.export(mode)?)?;
    Ok(())
}

pub(super) fn load(path: &Path) -> Result<Vec<String>> {
    let document = LoroDoc::new();
    document.import(&std::fs::read(path)?)?;
    let lines = document.get_movable_list("lines").to_vec();
    lines
        .into_iter()
        .map(|line| line.into_string().map(|text| text.to_string()).map_err(|_| "not a text".into()))
        .collect()
}
