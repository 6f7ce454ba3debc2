//! Walking through history, newest first, and drawing it.

use std::collections::{BinaryHeap, HashSet};

use anabranch::engine::graph::ancestors_of_one_step;
use anabranch::engine::storage::Snapshot;
use anabranch::{CommitHeader, CommitId, Error};
use renderdag::{Ancestor, BoxDrawingRenderer, GraphRowRenderer, Renderer};

/// The history of some commits, each before what it stands on.
///
/// Newest first does that too: no commit is earlier than what it stands on, and its generation is greater. Costs what is
/// taken, not what there is.
pub(crate) struct NewestFirst<'s> {
    snapshot: &'s dyn Snapshot,
    waiting: BinaryHeap<(i64, u64, CommitId)>,
    seen: HashSet<CommitId>,
}

impl<'s> NewestFirst<'s> {
    /// Starts from these commits.
    pub(crate) fn new(
        snapshot: &'s dyn Snapshot,
        from: impl IntoIterator<Item = CommitId>,
    ) -> Result<Self, Error> {
        let mut walk = Self { snapshot, waiting: BinaryHeap::new(), seen: HashSet::new() };
        from.into_iter().try_for_each(|id| walk.add(id))?;
        Ok(walk)
    }

    fn add(&mut self, id: CommitId) -> Result<(), Error> {
        if self.seen.insert(id) {
            let header = self.header(id)?;
            self.waiting.push((header.metadata.timestamp, header.generation, id));
        }
        Ok(())
    }

    fn header(&self, id: CommitId) -> Result<CommitHeader, Error> {
        self.snapshot.header(id)?.ok_or(Error::CommitNotFound { id })
    }

    /// The next commit; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<CommitHeader>, Error> {
        let Some((_, _, id)) = self.waiting.pop() else { return Ok(None) };
        let header = self.header(id)?;
        ancestors_of_one_step(&header).try_for_each(|id| self.add(id))?;
        Ok(Some(header))
    }
}

/// Draws commits below each other, with lines to what they stand on and merge.
pub(crate) struct Drawing {
    renderer: BoxDrawingRenderer<CommitId, GraphRowRenderer<CommitId>>,
}

impl Drawing {
    /// Nothing drawn yet.
    pub(crate) fn new() -> Self {
        Self { renderer: GraphRowRenderer::new().output().with_min_row_height(1).build_box_drawing() }
    }

    /// How many columns the next commit's lines take before its text.
    pub(crate) fn width(&self, header: &CommitHeader) -> usize {
        let width = Renderer::<CommitId>::width(&self.renderer, Some(&header.id), Some(&parents(header)));
        usize::try_from(width).unwrap_or(usize::MAX)
    }

    /// The next commit with a text beside it.
    pub(crate) fn row(&mut self, header: &CommitHeader, glyph: impl Into<String>, text: String) -> String {
        self.renderer.next_row(header.id, parents(header), glyph.into(), text)
    }
}

fn parents(header: &CommitHeader) -> Vec<Ancestor<CommitId>> {
    ancestors_of_one_step(header).map(Ancestor::Parent).collect()
}
