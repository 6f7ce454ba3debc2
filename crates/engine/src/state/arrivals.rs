//! Sets of arrival numbers, as the runs that they come in.

use super::segment::bytes::{Cursor, write};

/// A set of arrival numbers: what of the history a stretch of it has. Nearly all histories are a few long runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arrivals {
    /// First and last of each run, ascending, with a gap between each and the next.
    runs: Vec<(u64, u64)>,
}

impl Arrivals {
    pub(super) fn contains(&self, arrival: u64) -> bool {
        let after = self.runs.partition_point(|(first, _)| *first <= arrival);
        after.checked_sub(1).is_some_and(|place| self.runs[place].1 >= arrival)
    }

    /// Adds a number. Constant time for one that is greater than all others.
    pub(super) fn insert(&mut self, arrival: u64) {
        self.insert_run(arrival, arrival);
    }

    fn insert_run(&mut self, first: u64, last: u64) {
        // The runs that touch the new one become one with it.
        let start = match self.runs.last() {
            Some((_, end)) if end.saturating_add(1) < first => self.runs.len(),
            _ => self.runs.partition_point(|(_, end)| end.saturating_add(1) < first),
        };
        let end = start + self.runs[start..].partition_point(|(begin, _)| *begin <= last.saturating_add(1));
        let joined = self.runs[start..end]
            .iter()
            .fold((first, last), |(first, last), (begin, end)| (first.min(*begin), last.max(*end)));
        self.runs.splice(start..end, [joined]);
    }

    pub(super) fn extend(&mut self, other: &Arrivals) {
        other.runs.iter().for_each(|(first, last)| self.insert_run(*first, *last));
    }

    pub(super) fn runs(&self) -> &[(u64, u64)] {
        &self.runs
    }

    /// Runs as bytes: for each the distance from the end of the one before, and how many numbers follow its first.
    pub(super) fn encode(runs: &[(u64, u64)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut before = 0;
        for (first, last) in runs {
            write(&mut bytes, first.wrapping_sub(before));
            write(&mut bytes, last - first);
            before = *last;
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes, 0);
        let mut runs: Vec<(u64, u64)> = Vec::new();
        let mut before = 0_u64;
        while !cursor.is_at_end() {
            let first = before.checked_add(cursor.number()?)?;
            let last = first.checked_add(cursor.number()?)?;
            runs.push((first, last));
            before = last;
        }
        Some(Self { runs })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_of_arrivals_has_what_was_put_in_it(numbers in prop::collection::vec(1..60_u64, 0..40)) {
            let (mut set, mut expected) = (Arrivals::default(), BTreeSet::new());
            for number in numbers {
                set.insert(number);
                expected.insert(number);
            }
            for number in 0..62 {
                prop_assert_eq!(set.contains(number), expected.contains(&number));
            }
            prop_assert!(set.runs().windows(2).all(|runs| runs[0].1 + 1 < runs[1].0));
            prop_assert_eq!(Arrivals::decode(&Arrivals::encode(set.runs())), Some(set.clone()));
            let mut joined = Arrivals::default();
            set.runs().chunks(2).rev().for_each(|runs| joined.extend(&Arrivals { runs: runs.to_vec() }));
            prop_assert_eq!(joined, set);
        }
    }
}
