//! Replication between any two replicas: negotiation, transfer, progress (`spec/sync.md`).
//!
//! A [`Replica`] is anything that holds commits and blobs; a [`Synchronizer`] copies to each of two replicas what it
//! lacks of the other's. Nothing is reduced, reordered or rewritten.
//!
//! ```
//! use anabranch_engine::{Database, MutableState};
//! use anabranch_model::Definitions;
//! use anabranch_sync::{Mode, Synchronizer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let here = Database::create_in_memory(&Definitions::default())?;
//! let there = Database::create_in_memory(&Definitions::default())?;
//! here.commit_mutations("made here", &MutableState::new(here.initial_state()?))?;
//!
//! let info = Synchronizer::new(&here, &there, Mode::Sync).sync()?;
//! assert_eq!(info.fetch.commits, 1);
//! assert_eq!(here.head_commit_ids()?, there.head_commit_ids()?);
//! # Ok(())
//! # }
//! ```

mod continuous;
mod definitions;
mod negotiation;
mod plan;
mod progress;
mod replica;
mod synchronizer;
mod transfer;

pub use continuous::{Continuous, Event};
pub use negotiation::{Common, Links, Negotiation, Question};
pub use plan::{SyncPlan, TransferPlan};
pub use progress::{Cancellation, Phase, Progress};
pub use replica::{Changes, Packs, Peer, Replica, ReplicaError};
pub use synchronizer::{DEFAULT_PACK_BYTES, Mode, SyncError, SyncInfo, Synchronizer};
pub use transfer::TransferInfo;
