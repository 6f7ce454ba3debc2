//! Commits: what they say, and how their ids follow from it.

use std::fmt;

use anabranch_model::codec::Writer;
use anabranch_model::{CommitId, PayloadHash};

/// What a commit does (`DESIGN.md` §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommitKind {
    /// Applies the opcodes of its payload on top of its parent.
    Mutations,
    /// Brings what its target has, and its parent lacks, on top of its parent.
    Merge,
    /// Hides its target.
    Disable,
    /// Shows its target again.
    Enable,
}

impl CommitKind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Mutations, Self::Merge, Self::Disable, Self::Enable];

    /// The number that stands for the kind in ids and files.
    pub const fn code(self) -> u8 {
        match self {
            Self::Mutations => 0,
            Self::Merge => 1,
            Self::Disable => 2,
            Self::Enable => 3,
        }
    }

    /// The kind that a number stands for.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

impl fmt::Display for CommitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Mutations => "Mutations",
            Self::Merge => "Merge",
            Self::Disable => "Disable",
            Self::Enable => "Enable",
        })
    }
}

/// What is carried beside a commit and is not part of its identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// What the author calls the change.
    pub label: String,
    /// Who made it; empty when nobody said.
    pub author: String,
    /// Milliseconds since the epoch, never earlier than those of the commit's dependencies.
    pub timestamp: i64,
}

/// What a commit says, without its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitHeader {
    /// The id, which follows from kind, parent, target and payload hash.
    pub id: CommitId,
    /// What it does.
    pub kind: CommitKind,
    /// The commit that it stands on; zero for a root.
    pub parent: CommitId,
    /// The commit that it merges, hides or shows; zero for `Mutations`.
    pub target: CommitId,
    /// The hash of the payload: of no bytes for all but `Mutations`.
    pub payload_hash: PayloadHash,
    /// 1 + the greatest generation among its dependencies.
    pub generation: u64,
    /// Label, author and time.
    pub metadata: Metadata,
}

impl CommitHeader {
    /// The commits that this one cannot be without: parent and target, where it has them.
    pub fn dependencies(&self) -> impl Iterator<Item = CommitId> {
        [self.parent, self.target].into_iter().filter(|id| !id.is_zero())
    }

    /// The id that these parts give: the hash of their canonical encoding.
    pub fn derive_id(
        kind: CommitKind,
        parent: CommitId,
        target: CommitId,
        payload_hash: PayloadHash,
    ) -> CommitId {
        let mut writer = Writer::new();
        writer.array(4);
        writer.uint(u64::from(kind.code()));
        writer.bytes(parent.as_bytes());
        writer.bytes(target.as_bytes());
        writer.bytes(payload_hash.as_bytes());
        CommitId::of(&writer.into_bytes())
    }
}
