//! Fitting text into lines.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text in no more than `columns`, with `…` where it was cut.
pub(crate) fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 1;
    let kept: String = text
        .chars()
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= columns
        })
        .collect();
    Cow::Owned(kept + "…")
}

/// The text on one line, without what would move a terminal's cursor.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// A label for a line: on one line, and ids in it as short as ids are shown elsewhere.
pub(crate) fn label(text: &str) -> String {
    let is_id = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut shown = String::new();
    for word in one_line(text).split_inclusive(|character: char| !character.is_ascii_alphanumeric()) {
        let end = word.trim_end_matches(|character: char| !character.is_ascii_alphanumeric());
        if is_id(end) {
            shown.push_str(&end[..12]);
            shown.push_str(&word[end.len()..]);
        } else {
            shown.push_str(word);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut_at_a_character() {
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "ab…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("é", 0), "…");
    }

    #[test]
    fn ids_in_labels_are_short() {
        let id = "0123456789abcdef".repeat(4);
        assert_eq!(label(&format!("merge of {id}, again")), "merge of 0123456789ab, again");
        assert_eq!(label(&format!("{id}0")), format!("{id}0"));
        assert_eq!(label("two\nlines\u{1b}[2J"), "two lines [2J");
    }
}
