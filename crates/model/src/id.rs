//! Fixed-size ids: 32-byte content ids (BLAKE3) and the UUIDs of definitions.
//!
//! Each kind of content id is hashed under a derive-key context of its own (`DESIGN.md` §2), so that the bytes of a
//! commit can never be mistaken for those of a blob.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use uuid::Uuid;

/// Why a text or byte string is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// The text has another length than an id in full.
    #[error("an id has {expected} hexadecimal digits, `{text}` has {found} characters")]
    Length {
        /// What was read.
        text: String,
        /// The digits that an id has.
        expected: usize,
        /// The characters that the text has.
        found: usize,
    },
    /// A character is not a hexadecimal digit.
    #[error("`{character}` in `{text}` is not a hexadecimal digit")]
    Digit {
        /// What was read.
        text: String,
        /// The first character that is no digit.
        character: char,
    },
    /// A byte string has another length than an id.
    #[error("an id has {expected} bytes, not {found}")]
    Bytes {
        /// The bytes that an id has.
        expected: usize,
        /// The bytes that were given.
        found: usize,
    },
}

/// The nibbles of a hexadecimal text, or the first character that is not one.
fn nibbles(text: &str) -> Result<Vec<u8>, IdError> {
    text.chars()
        .map(|character| match character.to_digit(16) {
            // A hexadecimal digit is below 16.
            Some(digit) => Ok(digit as u8),
            None => Err(IdError::Digit { text: text.to_owned(), character }),
        })
        .collect()
}

macro_rules! content_id {
    ($(#[$meta:meta])* $name:ident, $context:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The id that names nothing.
            pub const ZERO: Self = Self([0; 32]);
            /// The BLAKE3 derive-key context of this kind of id.
            pub const CONTEXT: &'static str = $context;

            /// The id with these bytes.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The id in these bytes.
            ///
            /// # Errors
            /// When there are not exactly 32 of them.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, IdError> {
                bytes
                    .try_into()
                    .map(Self)
                    .map_err(|_| IdError::Bytes { expected: 32, found: bytes.len() })
            }

            /// The 32 bytes of the id.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// Whether this is the id that names nothing.
            pub fn is_zero(&self) -> bool {
                *self == Self::ZERO
            }

            /// The id of this content.
            pub fn of(content: &[u8]) -> Self {
                let mut hasher = Self::hasher();
                hasher.update(content);
                Self::finish(&hasher)
            }

            /// A hasher for content that comes in pieces; [`Self::finish`] turns it into the id.
            pub fn hasher() -> blake3::Hasher {
                // Setting up a derive-key hasher hashes the context; cloning a ready one does not.
                static READY: LazyLock<blake3::Hasher> =
                    LazyLock::new(|| blake3::Hasher::new_derive_key($context));
                READY.clone()
            }

            /// The id of what the hasher was fed.
            pub fn finish(hasher: &blake3::Hasher) -> Self {
                Self(*hasher.finalize().as_bytes())
            }

            /// The first digits, for people: enough to tell ids apart on a screen, not to name one for ever.
            pub fn short(&self) -> String {
                self.to_string()[..12].to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.short())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let nibbles = nibbles(text)?;
                if nibbles.len() != 64 {
                    return Err(IdError::Length {
                        text: text.to_owned(),
                        expected: 64,
                        found: nibbles.len(),
                    });
                }
                let mut bytes = [0; 32];
                for (byte, pair) in bytes.iter_mut().zip(nibbles.chunks_exact(2)) {
                    *byte = pair[0] << 4 | pair[1];
                }
                Ok(Self(bytes))
            }
        }
    };
}

content_id! {
    /// Names a commit: the hash of its kind, parent, target and payload hash.
    CommitId, "anabranch 2026 commit v1"
}
content_id! {
    /// Names the payload of a commit: the hash of its bytes.
    PayloadHash, "anabranch 2026 payload v1"
}
content_id! {
    /// Names a blob: the hash of its layout and the hash of its content.
    BlobId, "anabranch 2026 blob v1"
}
content_id! {
    /// Names a run of bytes that blobs share.
    ChunkId, "anabranch 2026 chunk v1"
}
content_id! {
    /// The hash of a blob's content, whatever its layout.
    ContentHash, "anabranch 2026 content v1"
}
content_id! {
    /// Names a set of definitions: equal exactly when the same definitions are in it.
    DefinitionsDigest, "anabranch 2026 definitions v1"
}

/// The UUID of a definition, derived from what the definition is (`DESIGN.md` §2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RuntimeId(Uuid);

impl RuntimeId {
    /// The id that names no definition.
    pub const ZERO: Self = Self(Uuid::nil());

    /// Wraps a UUID that was derived earlier, or that another producer chose.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID itself.
    pub const fn uuid(&self) -> Uuid {
        self.0
    }

    /// The 16 bytes of the id.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Whether this names no definition.
    pub fn is_zero(&self) -> bool {
        self.0.is_nil()
    }

    /// The id of a definition, from the canonical encoding of its meaning.
    pub fn derive(meaning: &[u8]) -> Self {
        let hash = blake3::derive_key("anabranch 2026 runtime id v1", meaning);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl fmt::Display for RuntimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RuntimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RuntimeId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = CommitId::of(b"content");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn kinds_of_ids_never_share_a_hash() {
        assert_ne!(CommitId::of(b"x").as_bytes(), BlobId::of(b"x").as_bytes());
        assert_ne!(ChunkId::of(b"x").as_bytes(), blake3::hash(b"x").as_bytes());
    }

    #[test]
    fn a_text_that_is_no_id_says_why() {
        assert_eq!(
            "12".parse::<CommitId>().unwrap_err().to_string(),
            "an id has 64 hexadecimal digits, `12` has 2 characters"
        );
        assert_eq!(
            "xy".parse::<CommitId>().unwrap_err().to_string(),
            "`x` in `xy` is not a hexadecimal digit"
        );
        assert!("é".repeat(32).parse::<CommitId>().is_err());
    }

    #[test]
    fn runtime_ids_are_version_8_uuids() {
        let id = RuntimeId::derive(b"meaning");
        assert_eq!(id.uuid().get_version_num(), 8);
        assert_eq!(id, RuntimeId::derive(b"meaning"));
        assert_ne!(id, RuntimeId::derive(b"other"));
    }
}
