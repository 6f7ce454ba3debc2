//! Reports are sound, complete and can be acted upon, on random histories.

use std::collections::BTreeMap;

use anabranch_engine::{
    Database, DocumentId, Loss, LossReason, Outcome, ReconcileError, Resolution, Side, State, TraceStep,
};
use anabranch_model::{CommitId, Path, PathComponent, Value};
use anabranch_testkit::fixture::fixture;
use anabranch_testkit::script::{Action, history, perform};
use proptest::prelude::*;

/// Every place in a document that nothing is inside of, containers excepted, and what it reads.
fn leaves(value: Option<&Value>) -> BTreeMap<Path, String> {
    fn walk(leaves: &mut BTreeMap<Path, String>, path: &Path, value: &Value) {
        let mut inside = |component, value: &Value| walk(leaves, &path.clone().with(component), value);
        match value {
            Value::Structure(v) => {
                for (field, value) in v.structure().fields().iter().zip(v.fields()) {
                    inside(PathComponent::Field(field.name.clone()), value);
                }
            }
            Value::Set(v) => {
                v.items().iter().for_each(|item| inside(PathComponent::Element(item.clone()), item));
            }
            Value::Map(v) => {
                v.entries().iter().for_each(|(key, value)| inside(PathComponent::Key(key.clone()), value));
            }
            Value::XArray(v) => {
                v.elements().for_each(|(position, value)| inside(PathComponent::Position(position), value));
            }
            Value::Optional(v) if v.get().is_some() => {
                v.get().into_iter().for_each(|held| inside(PathComponent::Unwrap, held));
            }
            Value::Any(v) if v.get().is_some() => {
                v.get().into_iter().for_each(|held| inside(PathComponent::Unwrap, held));
            }
            Value::Variant(v) => inside(PathComponent::Unwrap, v.get()),
            Value::Vector(_) | Value::Tuple(_) => {
                (0..)
                    .zip(value.as_items())
                    .for_each(|(index, item)| inside(PathComponent::Index(index), item));
            }
            _ => {
                leaves.insert(path.clone(), value.to_string());
            }
        }
    }
    let mut all = BTreeMap::new();
    if let Some(value) = value {
        walk(&mut all, &Path::root(), value);
    }
    all
}

fn overlap(left: &Path, right: &Path) -> bool {
    left.is_prefix_of(right) || right.is_prefix_of(left)
}

fn read(value: Option<&Value>, path: &Path) -> Option<Value> {
    value.and_then(|value| path.at(value).ok()).cloned()
}

/// As it reads, place by place: removed positions do not show.
fn text(value: Option<&Value>) -> (String, BTreeMap<Path, String>) {
    (value.map_or("none".to_owned(), Value::to_string), leaves(value))
}

/// The pairs of commits that can be merged; a third of them.
fn pairs(database: &Database) -> Vec<(CommitId, CommitId)> {
    let commits = database.commit_ids().unwrap();
    let pairs = commits.iter().enumerate().flat_map(|(place, ours)| {
        commits.iter().skip(place % 3).step_by(3).map(move |theirs| (*ours, *theirs))
    });
    pairs.filter(|(ours, theirs)| database.is_mergeable(*ours, *theirs).unwrap()).collect()
}

fn run(actions: &[Action]) -> Database {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    actions.iter().for_each(|action| perform(&database, &fixture, action));
    database
}

fn documents(states: &[&State]) -> Vec<DocumentId> {
    let mut ids: Vec<DocumentId> = states.iter().flat_map(|state| state.ids().unwrap()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Whether nothing stands in the place on the side, where something always has to.
fn cannot_be_nothing(loss: &Loss, wanted: &Option<Value>) -> bool {
    let last = loss.path.components().last();
    let removable =
        matches!(last, Some(PathComponent::Element(_) | PathComponent::Key(_) | PathComponent::Position(_)));
    wanted.is_none() && !removable
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_reported_is_lost_and_what_is_lost_is_reported(actions in history(25)) {
        let database = run(&actions);
        for (ours, theirs) in pairs(&database) {
            let analysis = database.analyze_virtual_merge(ours, theirs).unwrap();
            let state = |commit| database.state(commit).unwrap();
            let (base, ours_state, theirs_state) = (state(analysis.base.commit), state(ours), state(theirs));
            let merged = database.merge_state(ours, theirs).unwrap();
            for pair in analysis.losses.windows(2) {
                let order = |loss: &Loss| (loss.document.clone(), loss.path.clone());
                prop_assert!(order(&pair[0]) < order(&pair[1]));
            }
            for id in documents(&[&base, &ours_state, &theirs_state, &merged]) {
                let at = |state: &State| state.document(&id).unwrap();
                let (base, merged) = (at(&base), at(&merged));
                let losses: Vec<&Loss> = analysis.losses.iter().filter(|loss| loss.document == id).collect();
                for (side, state) in [(Side::Ours, &ours_state), (Side::Theirs, &theirs_state)] {
                    let document = at(state);
                    for loss in losses.iter().filter(|loss| loss.is_lost_by(side)) {
                        let of_side = read(document.as_ref(), &loss.path);
                        prop_assert_eq!(&of_side, if side == Side::Ours { &loss.ours } else { &loss.theirs });
                        prop_assert_eq!(&read(base.as_ref(), &loss.path), &loss.base);
                        prop_assert_eq!(&read(merged.as_ref(), &loss.path), &loss.merged);
                        prop_assert_ne!(text(of_side.as_ref()), text(loss.base.as_ref()), "not meant: {:?}", loss);
                        prop_assert_ne!(text(of_side.as_ref()), text(loss.merged.as_ref()), "not lost: {:?}", loss);
                    }
                    let (before, after) = (leaves(base.as_ref()), leaves(document.as_ref()));
                    let result = leaves(merged.as_ref());
                    for path in before.keys().chain(after.keys()) {
                        let is_meant = before.get(path) != after.get(path);
                        let is_lost = after.get(path) != result.get(path);
                        let is_reported =
                            || losses.iter().any(|loss| loss.is_lost_by(side) && overlap(&loss.path, path));
                        // Where another kind of thing stands now there is no leaf, and its own leaves are reported.
                        prop_assert!(
                            !is_meant || !is_lost || is_reported(),
                            "{side:?} lost {path}: {:?} -> {:?}, merged {:?}",
                            before.get(path), after.get(path), result.get(path)
                        );
                    }
                }
                prop_assert!(losses.iter().all(|loss| loss.ours_lost.is_some() || loss.theirs_lost.is_some()));
                for (place, loss) in losses.iter().enumerate() {
                    prop_assert!(losses[..place].iter().all(|other| !overlap(&other.path, &loss.path)));
                }
            }
        }
    }

    #[test]
    fn reasons_are_what_whole_traces_say(actions in history(25)) {
        let fixture = fixture();
        let database = run(&actions);
        let mut explained = 0;
        for (ours, theirs) in pairs(&database) {
            let analysis = database.analyze_virtual_merge(ours, theirs).unwrap();
            if analysis.losses.is_empty() || explained > 3 {
                continue;
            }
            explained += 1;
            let merge = database.merge_commit("merge", ours, theirs).unwrap();
            for loss in &analysis.losses {
                let attachment = fixture.definitions.attachment(loss.document.attachment).unwrap();
                let steps = |commit| database.trace(commit, attachment, &loss.document.key).unwrap().steps;
                let merged = steps(merge);
                for (side, reason) in [(ours, loss.ours_lost), (theirs, loss.theirs_lost)] {
                    let of_side = steps(side);
                    let applies = |step: &&TraceStep| step.outcome == Outcome::Applied;
                    let had = |step: &TraceStep| {
                        of_side.iter().filter(applies).any(|had| (had.commit, had.index) == (step.commit, step.index))
                    };
                    let is_right = match reason {
                        Some(LossReason::Overwritten { by }) => {
                            merged.iter().filter(applies).any(|step| step.commit == by && !had(step))
                        }
                        Some(LossReason::Dropped { commit, reason }) => merged.iter().any(|step| {
                            step.commit == commit && step.outcome == Outcome::Dropped(reason) && had(step)
                        }),
                        Some(LossReason::Masked { commit, by }) => merged.iter().any(|step| {
                            step.commit == commit && step.outcome == Outcome::Masked { by } && had(step)
                        }),
                        // What both have comes in another order.
                        Some(_) => {
                            let both = |steps: &[TraceStep]| -> Vec<(CommitId, usize)> {
                                let applied = steps.iter().filter(applies);
                                applied.filter(|step| had(step)).map(|step| (step.commit, step.index)).collect()
                            };
                            both(&merged) != both(&of_side)
                        }
                        None => true,
                    };
                    prop_assert!(is_right, "{:?}", loss);
                }
            }
            prop_assert_eq!(database.analyze_merge(merge).unwrap(), analysis);
        }
    }

    #[test]
    fn each_place_holds_what_was_chosen_and_no_other_place_changes(actions in history(25), sides: u64) {
        let database = run(&actions);
        for (number, (ours, theirs)) in pairs(&database).into_iter().enumerate() {
            let mut wanted = Vec::new();
            let outcome = database.materialize_merge("keep", ours, theirs, |loss| {
                let (side, value) = match (sides >> ((number + wanted.len()) % 63)) & 3 {
                    0 | 1 => (Resolution::Side(Side::Ours), &loss.ours),
                    2 => (Resolution::Side(Side::Theirs), &loss.theirs),
                    _ => (Resolution::Merged, &loss.merged),
                };
                wanted.push((loss.clone(), value.clone()));
                side
            });
            let impossible = wanted.iter().any(|(loss, value)| cannot_be_nothing(loss, value) && *value != loss.merged);
            if impossible {
                let is_refused = matches!(outcome, Err(ReconcileError::Unwritable { .. }));
                prop_assert!(is_refused, "{:?}", outcome);
                continue;
            }
            let made = outcome.unwrap();
            prop_assert_eq!(made.analysis.losses.len(), wanted.len());
            let end = made.reconciliation.unwrap_or(made.merge);
            let state = database.state(end).unwrap();
            for (loss, value) in &wanted {
                let document = state.document(&loss.document).unwrap();
                let stands = read(document.as_ref(), &loss.path);
                prop_assert_eq!(text(stands.as_ref()), text(value.as_ref()), "{:?}", loss);
            }
            for changed in database.diff(made.merge, end).unwrap().documents {
                for change in &changed.changes {
                    let is_chosen = wanted.iter().any(|(loss, _)| {
                        loss.document == changed.document && loss.path.is_prefix_of(&change.path)
                    });
                    prop_assert!(is_chosen, "{} changed", change.path);
                }
            }
            break;
        }
    }
}
