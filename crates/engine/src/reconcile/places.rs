//! In which places of a document what a side meant did not survive.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use anabranch_model::{Path, PathComponent, Value};

use crate::history::between;

/// A document in the states of a merge; none where it is absent.
#[derive(Clone, Debug)]
pub(super) struct Documents {
    pub(super) base: Option<Value>,
    pub(super) ours: Option<Value>,
    pub(super) theirs: Option<Value>,
    pub(super) merged: Option<Value>,
}

/// A place that is not in the merge what it is on a side.
#[derive(Clone, Debug)]
pub(super) struct LostPlace {
    /// The place, which can be chosen from either side.
    pub(super) path: Path,
    /// Where in it something that the parent has did not survive.
    pub(super) ours: Option<Path>,
    /// Where in it something that the target has did not survive.
    pub(super) theirs: Option<Path>,
}

/// The places where what a side meant did not survive, in order, none inside another.
pub(super) fn lost_places(documents: &Documents) -> Vec<LostPlace> {
    let Documents { base, ours, theirs, merged } = documents;
    let ours_lost = lost_by(base.as_ref(), ours.as_ref(), merged.as_ref());
    let theirs_lost = lost_by(base.as_ref(), theirs.as_ref(), merged.as_ref());
    let can_choose = |path: &Path| is_place(ours.as_ref(), path) && is_place(theirs.as_ref(), path);
    let mut places: BTreeMap<Path, LostPlace> = BTreeMap::new();
    for (path, is_ours) in ours_lost
        .into_iter()
        .map(|path| (path, true))
        .chain(theirs_lost.into_iter().map(|path| (path, false)))
    {
        let mut place = path.clone();
        while !can_choose(&place) {
            // The whole document is a place on both sides.
            let Some(around) = place.parent() else { break };
            place = around;
        }
        let lost = places.entry(place.clone()).or_insert_with(|| LostPlace {
            path: place,
            ours: None,
            theirs: None,
        });
        let side = if is_ours { &mut lost.ours } else { &mut lost.theirs };
        side.get_or_insert(path);
    }
    // A place comes right before those inside it.
    let mut outermost: Vec<LostPlace> = Vec::new();
    for lost in places.into_values() {
        match outermost.last_mut() {
            Some(around) if around.path.is_prefix_of(&lost.path) => {
                around.ours = around.ours.take().or(lost.ours);
                around.theirs = around.theirs.take().or(lost.theirs);
            }
            _ => outermost.push(lost),
        }
    }
    outermost
}

/// The places that a side meant to be otherwise than in the base, and that are in the merge not what they are on the side.
fn lost_by(base: Option<&Value>, side: Option<&Value>, merged: Option<&Value>) -> Vec<Path> {
    let meant: BTreeSet<Path> = between(base, side).visible.into_iter().map(|change| change.path).collect();
    if meant.is_empty() {
        return Vec::new();
    }
    let lost = between(side, merged).visible.into_iter().map(|change| change.path);
    lost.filter(|path| {
        // Inside or at a place that is meant, something may stand that is as in the base. Around one, it may be there still.
        let is_inside = around(path).any(|place| meant.contains(&place)) && differs(base, side, path);
        is_inside || inside(&meant, path).any(|place| differs(side, merged, place))
    })
    .collect()
}

/// The place and all that it is in.
fn around(path: &Path) -> impl Iterator<Item = Path> {
    let steps = path.components();
    (0..=steps.len()).map(|length| Path::new(steps[..length].to_vec()))
}

/// Those of the places that are inside this one.
fn inside<'p>(places: &'p BTreeSet<Path>, path: &'p Path) -> impl Iterator<Item = &'p Path> {
    places.range((Bound::Excluded(path), Bound::Unbounded)).take_while(|place| path.is_prefix_of(place))
}

/// Whether a place reads otherwise in two documents.
fn differs(left: Option<&Value>, right: Option<&Value>, path: &Path) -> bool {
    let read = |document: Option<&Value>| document.and_then(|document| path.at(document).ok()).cloned();
    !between(read(left).as_ref(), read(right).as_ref()).visible.is_empty()
}

/// Whether there is such a place, or could be by putting something into a set, map or xarray.
fn is_place(document: Option<&Value>, path: &Path) -> bool {
    let (Some(last), Some(around)) = (path.components().last(), path.parent()) else { return true };
    let Some(document) = document else { return false };
    path.at(document).is_ok()
        || matches!(
            (last, around.at(document)),
            (PathComponent::Element(_), Ok(Value::Set(_)))
                | (PathComponent::Key(_), Ok(Value::Map(_)))
                | (PathComponent::Position(_), Ok(Value::XArray(_)))
        )
}
