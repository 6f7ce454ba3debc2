//! Slips of the finger in digits: one digit is another, or two have changed places.

/// The digits that ids are made of.
const DIGITS: &str = "0123456789abcdef";

/// The fewest digits in which a slip is looked for: among fewer, something is near by chance.
const FEWEST: usize = 6;

/// The most digits in which a slip is looked for.
const MOST: usize = 64;

/// Everything that could have been meant by digits with one slip in them.
pub(super) fn meant(digits: &str) -> impl Iterator<Item = String> {
    let looked = (FEWEST..=MOST).contains(&digits.len()) && digits.is_ascii();
    let bytes = if looked { digits.as_bytes().to_vec() } else { Vec::new() };
    let swapped = bytes.clone();
    let swaps = (1..swapped.len()).filter_map(move |at| {
        let mut other = swapped.clone();
        other.swap(at - 1, at);
        (other != swapped).then_some(other)
    });
    let replacements = (0..bytes.len()).flat_map(move |at| {
        let bytes = bytes.clone();
        DIGITS.bytes().filter_map(move |digit| {
            let mut other = bytes.clone();
            other[at] = digit;
            (other != bytes).then_some(other)
        })
    });
    swaps.chain(replacements).filter_map(|bytes| String::from_utf8(bytes).ok())
}

/// Whether two ids, cut to the length of the first, differ by one slip.
pub(super) fn is_slip(typed: &str, id: &str) -> bool {
    let Some(id) = id.get(..typed.len()) else { return false };
    if !(FEWEST..=MOST).contains(&typed.len()) {
        return false;
    }
    let differs: Vec<usize> =
        typed.bytes().zip(id.bytes()).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at).collect();
    let byte = |text: &str, at: usize| text.as_bytes()[at];
    match differs.as_slice() {
        [_] => true,
        [one, other] => {
            other - one == 1 && byte(typed, *one) == byte(id, *other) && byte(typed, *other) == byte(id, *one)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_one_digit_or_two_that_changed_places() {
        assert!(is_slip("123456", "123457aa"));
        assert!(is_slip("123456", "124356aa"));
        assert!(!is_slip("123456", "123456aa"));
        assert!(!is_slip("123456", "153457aa"));
        assert!(!is_slip("123456", "12345"));
        assert!(!is_slip("1234", "1235aa"));
    }

    #[test]
    fn what_could_be_meant_are_the_slips() {
        let all: Vec<String> = meant("012345").collect();
        assert_eq!(all.len(), 5 + 6 * 15);
        assert!(all.iter().all(|id| is_slip("012345", id)));
        assert_eq!(meant("0123").count(), 0);
    }
}
