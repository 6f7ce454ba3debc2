//! One pass after another between two replicas.

use std::fmt;
use std::str::FromStr;

use anabranch_model::{CommitId, DefinitionsError};

use crate::definitions;
use crate::negotiation::{Negotiation, Question};
use crate::progress::{Cancellation, Phase, Progress};
use crate::replica::{Packs, Replica, ReplicaError};
use crate::transfer::{ReadPacks, Transfer, TransferInfo};

/// The bytes that one pack holds unless said otherwise: 25 MB.
pub const DEFAULT_PACK_BYTES: u64 = 25_000_000;

/// Which way a pass copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// From source to target.
    Fetch,
    /// From target to source.
    Push,
    /// Both, fetch first.
    #[default]
    Sync,
}

/// One way to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Fetch,
    Push,
}

impl Mode {
    fn directions(self) -> &'static [Direction] {
        match self {
            Self::Fetch => &[Direction::Fetch],
            Self::Push => &[Direction::Push],
            Self::Sync => &[Direction::Fetch, Direction::Push],
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fetch => "Fetch",
            Self::Push => "Push",
            Self::Sync => "Sync",
        })
    }
}

impl FromStr for Mode {
    type Err = SyncError;

    fn from_str(text: &str) -> Result<Self, SyncError> {
        match text {
            "Fetch" => Ok(Self::Fetch),
            "Push" => Ok(Self::Push),
            "Sync" => Ok(Self::Sync),
            other => Err(SyncError::Mode { text: other.to_owned() }),
        }
    }
}

/// Why a pass stopped. Both sides are valid databases, and the next pass goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// One side failed or refused.
    #[error("{location}: {source}")]
    Replica {
        /// Which side.
        location: String,
        /// Why.
        source: Box<ReplicaError>,
    },
    /// The definitions of the two sides do not stand together. Nothing was written.
    #[error("{source_location} and {target_location} cannot be synchronised: {conflict}")]
    Definitions {
        /// The one side.
        source_location: String,
        /// The other side.
        target_location: String,
        /// What stands for different things.
        conflict: Box<DefinitionsError>,
    },
    /// The pass was asked to stop.
    #[error("the synchronisation was cancelled; what was copied stays, and the next one goes on from there")]
    Cancelled,
    /// A mode is not one.
    #[error("`{text}` is not a mode; the modes are Fetch, Push and Sync")]
    Mode {
        /// What was given.
        text: String,
    },
}

impl SyncError {
    /// Says on which side an error happened.
    pub(crate) fn on(replica: &dyn Replica) -> impl Fn(ReplicaError) -> SyncError + '_ {
        |source| SyncError::Replica { location: replica.location(), source: source.into() }
    }
}

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncInfo {
    /// Whether there was anything to compare: false when neither side changed since the last pass.
    pub need_transmit: bool,
    /// Whether definitions were added on a side.
    pub updated_definitions: bool,
    /// What went from source to target.
    pub fetch: TransferInfo,
    /// What went from target to source.
    pub push: TransferInfo,
}

impl SyncInfo {
    /// Whether anything was copied.
    pub fn is_empty(&self) -> bool {
        !self.updated_definitions
            && [self.fetch, self.push].iter().all(|transfer| transfer.commits == 0 && transfer.blobs == 0)
    }
}

/// Copies between two replicas what one has and the other lacks (`spec/sync.md`).
pub struct Synchronizer<'a> {
    source: &'a dyn Replica,
    target: &'a dyn Replica,
    mode: Mode,
    pack_bytes: u64,
    cancellation: Cancellation,
    /// The change counters after the last pass, where nobody else wrote during it.
    seen: Option<(u64, u64)>,
}

impl<'a> Synchronizer<'a> {
    /// A synchronizer between two replicas.
    pub fn new(source: &'a dyn Replica, target: &'a dyn Replica, mode: Mode) -> Self {
        Self {
            source,
            target,
            mode,
            pack_bytes: DEFAULT_PACK_BYTES,
            cancellation: Cancellation::default(),
            seen: None,
        }
    }

    /// The most bytes of commits, or of blobs, that go into one pack; one that is larger goes alone.
    #[must_use]
    pub fn with_pack_bytes(mut self, bytes: u64) -> Self {
        self.pack_bytes = bytes;
        self
    }

    /// What an earlier synchronizer of the same replicas had seen ([`Self::seen`]), for one that goes on in its place.
    #[must_use]
    pub fn with_seen(mut self, seen: Option<(u64, u64)>) -> Self {
        self.seen = seen;
        self
    }

    /// The change counters of both sides after the last pass; none when somebody else wrote meanwhile. While they stay,
    /// there is nothing to do.
    pub fn seen(&self) -> Option<(u64, u64)> {
        self.seen
    }

    /// What stops a pass of this synchronizer from another thread.
    pub fn cancellation(&self) -> Cancellation {
        self.cancellation.clone()
    }

    pub(crate) fn source(&self) -> &'a dyn Replica {
        self.source
    }

    pub(crate) fn target(&self) -> &'a dyn Replica {
        self.target
    }

    pub(crate) fn directions(&self) -> &'static [Direction] {
        self.mode.directions()
    }

    pub(crate) fn check_cancelled(&self) -> Result<(), SyncError> {
        if self.cancellation.is_cancelled() { Err(SyncError::Cancelled) } else { Ok(()) }
    }

    /// One pass.
    ///
    /// # Errors
    /// When the definitions conflict, a side fails or refuses, or the pass is cancelled.
    pub fn sync(&mut self) -> Result<SyncInfo, SyncError> {
        self.sync_with(&mut |_| {})
    }

    /// One pass that tells how far it is.
    ///
    /// # Errors
    /// As [`Self::sync`].
    pub fn sync_with(&mut self, report: &mut dyn FnMut(Progress)) -> Result<SyncInfo, SyncError> {
        let (source, target) = (self.source, self.target);
        let before = self.versions()?;
        if self.seen == Some(before) {
            return Ok(SyncInfo::default());
        }
        let directions = self.mode.directions();
        report(Progress { phase: Phase::Definitions, commits: 0, expected_commits: 0, blobs: 0, bytes: 0 });
        let extended = definitions::extend(source, target, directions)?;
        report(Progress { phase: Phase::Negotiation, commits: 0, expected_commits: 0, blobs: 0, bytes: 0 });
        let negotiated = self.negotiate(directions)?;
        let mut info = SyncInfo { need_transmit: true, ..SyncInfo::default() };
        for direction in directions {
            let (sender, receiver, phase) = match direction {
                Direction::Fetch => (source, target, Phase::Fetch),
                Direction::Push => (target, source, Phase::Push),
            };
            let mut commits = negotiated.commits(*direction, sender)?;
            if commits.expected() > 0 {
                source.mark_synchronised().map_err(SyncError::on(source))?;
                target.mark_synchronised().map_err(SyncError::on(target))?;
            }
            let transferred = Transfer {
                sender,
                receiver,
                phase,
                pack_bytes: self.pack_bytes,
                cancellation: &self.cancellation,
                report: &mut *report,
            }
            .run(&mut *commits)?;
            drop(commits);
            if transferred.commits > 0 {
                receiver.settle().map_err(SyncError::on(receiver))?;
            }
            match direction {
                Direction::Fetch => info.fetch = transferred,
                Direction::Push => info.push = transferred,
            }
        }
        info.fetch.definitions = extended.fetched;
        info.push.definitions = extended.pushed;
        info.fetch.round_trips += negotiated.round_trips;
        info.updated_definitions = extended.fetched.total() + extended.pushed.total() > 0;
        // Only if every change since the start was this pass's own has everything been seen.
        let own = |transfer: &TransferInfo| transfer.writes + u64::from(transfer.definitions.total() > 0);
        let expected = (before.0 + own(&info.push), before.1 + own(&info.fetch));
        self.seen = Some(self.versions()?).filter(|after| *after == expected);
        Ok(info)
    }

    fn versions(&self) -> Result<(u64, u64), SyncError> {
        Ok((
            self.source.data_version().map_err(SyncError::on(self.source))?,
            self.target.data_version().map_err(SyncError::on(self.target))?,
        ))
    }

    /// Finds what each side lacks, walking the graph of a side that is here, and asking the other. The directions are those
    /// that are about to be gone; none where nothing is.
    pub(crate) fn negotiate(&self, directions: &[Direction]) -> Result<Negotiated, SyncError> {
        let walks_source = !self.source.is_remote() || self.target.is_remote();
        let (walked, asked) =
            if walks_source { (self.source, self.target) } else { (self.target, self.source) };
        let heads = walked.heads().map_err(SyncError::on(walked))?;
        let mut negotiation = Negotiation::new(heads.clone());
        while let Some(question) = negotiation.next() {
            self.check_cancelled()?;
            match question {
                Question::Links(ids) => {
                    negotiation.links(walked.links(&ids).map_err(SyncError::on(walked))?);
                }
                Question::Known(ids) => {
                    negotiation.known(&asked.knows(&ids).map_err(SyncError::on(asked))?);
                }
            }
        }
        let found = negotiation.finish();
        let theirs = asked.heads().map_err(SyncError::on(asked))?;
        let all_known = theirs.iter().all(|head| found.common.contains(head));
        // From the walked side to the asked one: fetch, where the source was walked.
        let outward = if walks_source { Direction::Fetch } else { Direction::Push };
        // What goes outward first is known on both sides when the rest is asked for.
        let goes_first = directions.first() == Some(&outward);
        let common = if goes_first { heads } else { found.common };
        Ok(Negotiated {
            outward,
            own: found.own,
            common: (!all_known).then_some(common),
            round_trips: found.round_trips,
        })
    }
}

/// What each side lacks of the other.
pub(crate) struct Negotiated {
    /// From the side whose graph was walked to the one that was asked.
    outward: Direction,
    /// What the one that was asked lacks.
    own: Vec<CommitId>,
    /// What both have when the other way is gone, or nothing where it needs not be.
    common: Option<Vec<CommitId>>,
    round_trips: u64,
}

impl Negotiated {
    /// The ids of the commits that would go this way, if nothing went the other way before.
    pub(crate) fn missing_commits(
        &self,
        direction: Direction,
        sender: &dyn Replica,
    ) -> Result<Vec<CommitId>, SyncError> {
        if direction == self.outward {
            return Ok(self.own.clone());
        }
        let Some(common) = &self.common else { return Ok(Vec::new()) };
        sender.missing_from(common).map_err(SyncError::on(sender))
    }

    /// The commits that go this way.
    fn commits<'r>(
        &self,
        direction: Direction,
        sender: &'r dyn Replica,
    ) -> Result<Box<dyn Packs + 'r>, SyncError> {
        let ids = if direction == self.outward {
            self.own.clone()
        } else {
            let Some(common) = &self.common else { return Ok(Box::new(ReadPacks::new(sender, Vec::new()))) };
            if let Some(packs) = sender.fetch(common).map_err(SyncError::on(sender))? {
                return Ok(packs);
            }
            sender.missing_from(common).map_err(SyncError::on(sender))?
        };
        Ok(Box::new(ReadPacks::new(sender, ids)))
    }
}
