//! Bringing the definitions of two sides together, before anything that needs them.

use anabranch_model::{Definitions, DefinitionsError, ExtendInfo};

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
    let Some((at_source, at_target, _)) = compare(source, target)? else { return Ok(extended) };
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

/// How many definitions each side lacks of the other's; none when they are the same.
pub(crate) fn missing(source: &dyn Replica, target: &dyn Replica) -> Result<Option<Extended>, SyncError> {
    Ok(compare(source, target)?.map(|(_, _, missing)| missing))
}

/// The definitions of both sides, and what each lacks; none when they are the same.
fn compare(
    source: &dyn Replica,
    target: &dyn Replica,
) -> Result<Option<(Definitions, Definitions, Extended)>, SyncError> {
    let digests = (
        source.definitions_digest().map_err(SyncError::on(source))?,
        target.definitions_digest().map_err(SyncError::on(target))?,
    );
    if digests.0 == digests.1 {
        return Ok(None);
    }
    let at_source = source.definitions().map_err(SyncError::on(source))?;
    let at_target = target.definitions().map_err(SyncError::on(target))?;
    let conflict = |conflict: DefinitionsError| SyncError::Definitions {
        source_location: source.location(),
        target_location: target.location(),
        conflict: conflict.into(),
    };
    let (_, fetched) = at_target.extend(&at_source).map_err(conflict)?;
    let (_, pushed) = at_source.extend(&at_target).map_err(conflict)?;
    Ok(Some((at_source, at_target, Extended { fetched, pushed })))
}
