//! Drawing history.

use anabranch::engine::graph::ancestors_of_one_step;
use anabranch::{CommitHeader, CommitId};
use renderdag::{Ancestor, BoxDrawingRenderer, GraphRowRenderer, Renderer};

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
