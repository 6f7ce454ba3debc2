//! The same edits in Automerge.

use std::path::Path;

use automerge::{AutoCommit, ObjType, ROOT, ReadDoc, transaction::Transactable};

use super::edits;
use crate::Result;

pub(super) fn make(path: &Path, count: u64) -> Result<()> {
    let mut document = AutoCommit::new();
    let lines = document.put_object(ROOT, "lines", ObjType::List)?;
    document.commit();
    for edit in edits(count) {
        if edit.is_insert {
            document.insert(&lines, edit.index, edit.text)?;
        } else {
            document.put(&lines, edit.index, edit.text)?;
        }
        document.commit();
    }
    Ok(std::fs::write(path, document.save())?)
}

pub(super) fn load(path: &Path) -> Result<Vec<String>> {
    let document = AutoCommit::load(&std::fs::read(path)?)?;
    let (_, lines) = document.get(ROOT, "lines")?.ok_or("the lines are missing")?;
    let mut found = Vec::new();
    for item in document.list_range(&lines, ..) {
        found.push(automerge::Value::from(item.value).as_str().ok_or("not a text")?.to_owned());
    }
    Ok(found)
}
