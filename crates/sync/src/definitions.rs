//! Bringing the definitions of two sides together, before anything that needs them.

use anabranch_model::ExtendInfo;

use crate::replica::Replica;
use crate::synchronizer::{Direction, SyncError};

/// How many definitions each direction added.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extended {
    pub(crate) fetched: ExtendInfo,
    pub(crate) pushed: ExtendInfo,
}

/// Adds to each receiver the sender's definitions. A conflict on either side refuses all before anything is written.
pub(crate) fn extend(
    source: &dyn Replica,
    target: &dyn Replica,
    directions: &[Direction],
) -> Result<Extended, SyncError> {
    let mut extended = Extended::default();
    let digests = (
        source.definitions_digest().map_err(SyncError::on(source))?,
        target.definitions_digest().map_err(SyncError::on(target))?,
    );
    if digests.0 == digests.1 {
        return Ok(extended);
    }
    let at_source = source.definitions().map_err(SyncError::on(source))?;
    let at_target = target.definitions().map_err(SyncError::on(target))?;
    at_target.extend(&at_source).map_err(|conflict| SyncError::Definitions {
        source_location: source.location(),
        target_location: target.location(),
        conflict: conflict.into(),
    })?;
    for direction in directions {
        match direction {
            Direction::Fetch => {
                extended.fetched = target.extend_definitions(&at_source).map_err(SyncError::on(target))?;
            }
            Direction::Push => {
                extended.pushed = source.extend_definitions(&at_target).map_err(SyncError::on(source))?;
            }
        }
    }
    Ok(extended)
}
