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
}
