//! Going through a list some of which cannot be read.
//!
//! Storages list things a page at a time, in the order of their ids or numbers, and a page fails as a whole. What stands
//! behind something unreadable is still to be checked, and the unreadable thing to be named. So its place is searched for:
//! asking for what comes after a place fails before the unreadable thing, and no longer fails at it. Of several that
//! nothing stands between, the last one is found; ids are too far apart for that, numbers are not.

use crate::storage::StorageError;

/// How many entries are asked for at a time.
const PAGE: usize = 1024;

/// An id or a number, as bytes that sort as it does.
pub(super) type Place = [u8; 32];

/// How many places in a row are tried one by one before the steps grow: enough for the numbers of a few damaged pages.
const STEPS: usize = 256;

/// What is found on the way.
pub(super) enum Found<T> {
    /// An entry.
    Entry(T),
    /// Something that cannot be read: it stands at the second place, or several do between there and the first.
    Unreadable(Place, Place, StorageError),
    /// Nothing of the rest can be read.
    End(StorageError),
    /// The rest is not in order, and is left.
    Disorder,
}

/// Calls `visit` with everything that `page` lists, given a place to start behind and how many entries to list.
pub(super) fn scan<T>(
    page: impl Fn(Place, usize) -> Result<Vec<T>, StorageError>,
    place_of: impl Fn(&T) -> Place,
    mut visit: impl FnMut(Found<T>),
) {
    let mut last = [0; 32];
    let mut limit = PAGE;
    loop {
        match page(last, limit) {
            Ok(entries) => {
                let Some(next) = entries.iter().map(&place_of).max() else { return };
                if next <= last {
                    return visit(Found::Disorder);
                }
                entries.into_iter().for_each(|entry| visit(Found::Entry(entry)));
                last = next;
                limit = (2 * limit).min(PAGE);
            }
            Err(_) if limit > 1 => limit /= 2,
            Err(source) => match first_readable(last, |place| page(place, 1).is_ok()) {
                Some(place) => {
                    visit(Found::Unreadable(last, place, source));
                    last = place;
                }
                None => return visit(Found::End(source)),
            },
        }
    }
}

/// The place nearest to `last` behind which reading works again. Reading behind `last` does not.
fn first_readable(last: Place, is_readable: impl Fn(Place) -> bool) -> Option<Place> {
    let start = Number::from(last);
    let is_readable = |number: Number| is_readable(number.into());
    // In steps that grow, so as not to pass over what can be read between two things that cannot, where that can be
    // helped.
    let mut below = start;
    let mut above = None;
    for step in std::iter::repeat_n(0, STEPS).chain(1..256) {
        let Some(next) = below.plus(Number::power_of_two(step)) else { break };
        if is_readable(next) {
            above = Some(next);
            break;
        }
        below = next;
    }
    let mut above = match above {
        Some(above) => above,
        None if is_readable(Number::MAX) => Number::MAX,
        None => return None,
    };
    loop {
        let middle = below.midpoint(above);
        if middle == below {
            return Some(above.into());
        }
        if is_readable(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
}

/// 256 bits, the high half first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number(u128, u128);

impl Number {
    const MAX: Self = Self(u128::MAX, u128::MAX);

    fn power_of_two(bit: u32) -> Self {
        if bit < 128 { Self(0, 1 << bit) } else { Self(1 << (bit - 128), 0) }
    }

    /// The sum; none when it is too great.
    fn plus(self, other: Self) -> Option<Self> {
        let (low, carry) = self.1.overflowing_add(other.1);
        let high = self.0.checked_add(other.0)?.checked_add(u128::from(carry))?;
        Some(Self(high, low))
    }

    /// Halfway to a greater number, rounded down.
    fn midpoint(self, above: Self) -> Self {
        let differ = Self(self.0 ^ above.0, self.1 ^ above.1);
        let half = Self(differ.0 >> 1, differ.1 >> 1 | differ.0 << 127);
        // Never more than `above`.
        Self(self.0 & above.0, self.1 & above.1).plus(half).unwrap_or(above)
    }
}

impl From<Place> for Number {
    fn from(place: Place) -> Self {
        let (high, low) = place.split_at(16);
        let half = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u128::from(*byte));
        Self(half(high), half(low))
    }
}

impl From<Number> for Place {
    fn from(number: Number) -> Self {
        let mut place = [0; 32];
        place[..16].copy_from_slice(&number.0.to_be_bytes());
        place[16..].copy_from_slice(&number.1.to_be_bytes());
        place
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn place(high: u8, low: u8) -> Place {
        let mut place = [0; 32];
        place[0] = high;
        place[31] = low;
        place
    }

    /// What is found in a list whose entries can be read, or not; and in how many steps.
    fn found(entries: &BTreeMap<Place, bool>) -> (Vec<Place>, Vec<Place>) {
        let page = |after: Place, limit: usize| {
            let behind = entries.iter().filter(|(place, _)| **place > after).take(limit);
            behind
                .map(|(place, is_readable)| {
                    let location = "a list".to_owned();
                    if *is_readable { Ok(*place) } else { Err(StorageError::TransactionFailed { location }) }
                })
                .collect()
        };
        let (mut read, mut unreadable) = (Vec::new(), Vec::new());
        scan(
            page,
            |place| *place,
            |found| match found {
                Found::Entry(place) => read.push(place),
                Found::Unreadable(_, place, _) => unreadable.push(place),
                Found::End(_) | Found::Disorder => panic!("there is an end, and an order"),
            },
        );
        (read, unreadable)
    }

    #[test]
    fn everything_that_can_be_read_is_read_and_the_rest_is_named() {
        let mut entries = BTreeMap::new();
        for high in 0..=255 {
            for low in [1, 7, 255] {
                entries.insert(
                    place(high, low),
                    !matches!((high, low), (0, 1) | (3, 7) | (100, 1) | (255, 255)),
                );
            }
        }
        let (read, unreadable) = found(&entries);
        let (good, bad): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(_, is_readable)| *is_readable);
        assert_eq!(read, good.into_iter().map(|(place, _)| place).collect::<Vec<_>>());
        assert_eq!(unreadable, bad.into_iter().map(|(place, _)| place).collect::<Vec<_>>());
    }

    #[test]
    fn a_list_that_cannot_be_read_at_all_ends_at_once() {
        let mut ends = 0;
        let page = |_, _| -> Result<Vec<Place>, _> {
            Err(StorageError::TransactionFailed { location: "a list".to_owned() })
        };
        scan(
            page,
            |place| *place,
            |found| match found {
                Found::End(_) => ends += 1,
                _ => panic!("there is nothing to find"),
            },
        );
        assert_eq!(ends, 1);
    }

    #[test]
    fn a_list_that_goes_round_in_circles_is_left() {
        let mut entries = 0;
        let mut is_left = false;
        scan(
            |_, _| Ok(vec![place(1, 0)]),
            |place| *place,
            |found| match found {
                Found::Entry(_) => entries += 1,
                Found::Disorder => is_left = true,
                _ => panic!("everything can be read"),
            },
        );
        assert_eq!((entries, is_left), (1, true));
    }

    #[test]
    fn midpoints_are_halfway() {
        assert_eq!(Number(0, 0).midpoint(Number::MAX), Number(u128::MAX >> 1, u128::MAX));
        assert_eq!(Number(0, u128::MAX).midpoint(Number(1, 1)), Number(1, 0));
        assert_eq!(Number(5, 6).midpoint(Number(5, 7)), Number(5, 6));
        assert_eq!(Number::MAX.plus(Number(0, 1)), None);
    }
}
