//! Abbreviated ids: the range of ids that start with some digits.

use std::ops::RangeInclusive;

use anabranch_model::CommitId;

/// The ids that start with these hexadecimal digits; none when they are too many, or not lower-case digits.
pub(super) fn range(prefix: &str) -> Option<RangeInclusive<CommitId>> {
    const DIGITS: usize = 64;
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if prefix.len() > DIGITS || !prefix.as_bytes().iter().all(is_digit) {
        return None;
    }
    let bound = |fill: &str| -> Option<CommitId> {
        format!("{prefix}{}", fill.repeat(DIGITS - prefix.len())).parse().ok()
    };
    Some(bound("0")?..=bound("f")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_spans_the_ids_that_start_with_it() {
        let range = range("ab3").unwrap();
        assert!(range.start().to_string().starts_with("ab3000"));
        assert!(range.end().to_string().starts_with("ab3fff"));
    }

    #[test]
    fn the_empty_prefix_spans_every_id() {
        assert_eq!(range(""), Some(CommitId::ZERO..=CommitId::from_bytes([0xff; 32])));
    }

    #[test]
    fn a_whole_id_spans_itself_and_more_digits_nothing() {
        let id = CommitId::of(b"x");
        assert_eq!(range(&id.to_string()), Some(id..=id));
        assert_eq!(range(&format!("{id}0")), None);
    }

    #[test]
    fn what_is_not_lower_case_digits_spans_nothing() {
        for text in ["AB", "xy", "é", "1 "] {
            assert_eq!(range(text), None, "{text}");
        }
    }
}
