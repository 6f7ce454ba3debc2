//! New inputs from good ones.

use crate::random::Random;

/// No input is longer: what grows beyond is cut.
pub const LONGEST: usize = 16 * 1024;

/// Bytes at which formats change their mind: the ends of CBOR's heads and major types, signs, quotes.
const EDGES: [u8; 20] = [
    0, 1, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x20, 0x3b, 0x40, 0x5b, 0x60, 0x7f, 0x80, 0x9b, 0xbf, 0xf6, 0xf9,
    0xfb, 0xff,
];

/// Changes an input in one to eight places.
///
/// `dictionary` has what means something in the format; `other` is another good input to take parts from.
pub fn mutate(input: &mut Vec<u8>, dictionary: &[&[u8]], other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(8) {
        step(input, dictionary, other, random);
    }
    input.truncate(LONGEST);
}

fn step(input: &mut Vec<u8>, dictionary: &[&[u8]], other: &[u8], random: &mut Random) {
    let place = random.below(input.len() + 1);
    match random.below(12) {
        0 => {
            if let Some(byte) = input.get_mut(place) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            let edge = EDGES[random.below(EDGES.len())];
            if let Some(byte) = input.get_mut(place) {
                *byte = edge;
            }
        }
        2 => {
            let step = [1, 0xff][random.below(2)];
            if let Some(byte) = input.get_mut(place) {
                *byte = byte.wrapping_add(step);
            }
        }
        3 => input.insert(place, random.number().to_le_bytes()[0]),
        4 => {
            let end = place + random.below(16).min(input.len() - place);
            input.drain(place..end);
        }
        5 => {
            let (from, to) = range(input, random);
            let part = input[from..to].to_vec();
            insert(input, place, &part);
        }
        6 => {
            let (from, to) = range(other, random);
            insert(input, place, &other[from..to]);
        }
        7 => {
            // The same thing many times: what looks back or nests shows here.
            let (from, to) = range(input, random);
            let part = input[from..to.min(from + 24)].repeat(1 + random.below(200));
            insert(input, place, &part);
        }
        8 if random.below(8) == 0 => input.truncate(place),
        9 => {
            let (from, to) = range(input, random);
            input[from..to].reverse();
        }
        _ => {
            if let Some(word) = random.choose(dictionary) {
                if random.below(2) == 0 {
                    let end = (place + word.len()).min(input.len());
                    input.splice(place..end, word.iter().copied());
                } else {
                    insert(input, place, word);
                }
            }
        }
    }
}

/// Mostly short ranges: what is long is seldom read to its end.
fn range(bytes: &[u8], random: &mut Random) -> (usize, usize) {
    let from = random.below(bytes.len() + 1);
    let longest = if random.below(4) == 0 { bytes.len() } else { 64 };
    (from, from + random.below(longest + 1).min(bytes.len() - from))
}

fn insert(input: &mut Vec<u8>, place: usize, part: &[u8]) {
    if input.len() + part.len() <= LONGEST {
        input.splice(place..place, part.iter().copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutations_stay_within_bounds_and_repeat_with_their_seed() {
        let make = |seed| {
            let mut random = Random::new(seed);
            let mut input = b"some input".to_vec();
            for _ in 0..500 {
                mutate(&mut input, &[b"word"], b"another", &mut random);
                assert!(input.len() <= LONGEST);
            }
            input
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
    }

    #[test]
    fn what_is_empty_can_be_mutated_too() {
        let mut random = Random::new(3);
        for _ in 0..500 {
            mutate(&mut Vec::new(), &[], b"", &mut random);
        }
    }
}
