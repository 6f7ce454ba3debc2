//! Text with indentation.

/// Rust being written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    /// Text as it stands.
    pub(super) fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// A line at the present depth.
    pub(super) fn line(&mut self, line: &str) {
        self.text.extend(std::iter::repeat_n("    ", self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line that opens a block.
    pub(super) fn open(&mut self, line: &str) {
        self.line(line);
        self.depth += 1;
    }

    /// A line that closes a block.
    pub(super) fn close(&mut self, line: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(line);
    }

    /// A doc comment; `otherwise` when the model has none.
    pub(super) fn doc(&mut self, documentation: &str, otherwise: &str) {
        let text = if documentation.trim().is_empty() { otherwise } else { documentation };
        for line in text.lines() {
            // A lone carriage return is an error in a doc comment.
            let line = line.replace('\r', " ");
            self.line(format!("/// {}", escaped(&line)).trim_end());
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Documentation as rustdoc shows it literally: what would be a link or a tag is none.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut is_code = false;
    for c in line.chars() {
        is_code ^= c == '`';
        if !is_code && matches!(c, '[' | ']' | '<' | '>') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
