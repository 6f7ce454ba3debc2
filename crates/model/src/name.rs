//! Namespaces and qualified names.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// A namespace: its UUID is its identity, its name is how models and people call it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameSpace {
    /// What the namespace is, for ever.
    pub uuid: Uuid,
    /// What it is called.
    pub name: Arc<str>,
}

impl NameSpace {
    /// A namespace with this identity and name.
    pub fn new(uuid: Uuid, name: impl Into<Arc<str>>) -> Self {
        Self { uuid, name: name.into() }
    }
}

/// The name of a definition within its namespace, printed `Namespace::Name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName {
    /// The namespace that declares it.
    pub namespace: NameSpace,
    /// The name inside the namespace.
    pub name: Arc<str>,
}

impl TypeName {
    /// The name `name` in `namespace`.
    pub fn new(namespace: NameSpace, name: impl Into<Arc<str>>) -> Self {
        Self { namespace, name: name.into() }
    }

    /// The name as it reads inside `namespace`: bare there, qualified anywhere else.
    pub fn relative_to(&self, namespace: &NameSpace) -> String {
        if self.namespace.uuid == namespace.uuid { self.name.to_string() } else { self.to_string() }
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.namespace.name, self.name)
    }
}

/// Whether `text` is an identifier of DSM: a letter, then letters, digits and `_`.
pub fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The candidate that a person most likely meant by `name`: one that differs in case, or by a few typing errors.
///
/// None when nothing is near. Of equally near candidates the first is given.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Beyond this nobody mistyped, and the distance costs the product of the lengths.
    const LONGEST: usize = 64;
    let wanted: Vec<char> = name.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters: Vec<char> = candidate.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
        let limit = (wanted.len().max(letters.len()) / 3).max(1);
        let limit = best.map_or(limit, |(distance, _)| limit.min(distance.saturating_sub(1)));
        if letters.len() > LONGEST || letters.len().abs_diff(wanted.len()) > limit {
            continue;
        }
        let distance = edit_distance(&wanted, &letters);
        if distance <= limit && distance < wanted.len() && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour to make `b` of `a`.
/// The optimal string alignment distance; costs the product of the lengths.
pub fn edit_distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, other) in b.iter().enumerate() {
            let changed = last[j] + usize::from(*letter != *other);
            let mut least = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == b[j - 1] && a[i - 1] == *other {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_start_with_a_letter() {
        assert!(is_identifier("a_1"));
        assert!(!is_identifier("_a"));
        assert!(!is_identifier("1a"));
        assert!(!is_identifier(""));
        assert!(!is_identifier("a b"));
    }

    #[test]
    fn the_nearest_name_forgives_typing_errors_only() {
        let fields = ["nickname", "password", "age"];
        assert_eq!(nearest("nikname", fields), Some("nickname"));
        assert_eq!(nearest("Nickname", fields), Some("nickname"));
        assert_eq!(nearest("pasworsd", fields), Some("password"));
        assert_eq!(nearest("aeg", fields), Some("age"));
        assert_eq!(nearest("email", fields), None);
        assert_eq!(nearest("", fields), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest(&"n".repeat(100_000), fields), None);
    }

    #[test]
    fn distance_counts_what_a_typist_does_wrong() {
        let distance = |a: &str, b: &str| {
            super::edit_distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
        };
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("abc", "acb"), 1);
        assert_eq!(distance("abc", "abd"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
