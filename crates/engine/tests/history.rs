//! Reading back what happened: traces, blame, differences and evaluations agree with brute force on random histories.

#![expect(clippy::unwrap_used, reason = "what goes wrong here should stop the test")]

use std::collections::BTreeMap;

use anabranch_engine::{CommitKind, Database, DocumentId, MutableState, Outcome, PlaceChange, State, graph};
use anabranch_model::{CommitId, Path, PathComponent, Value};
use anabranch_testkit::fixture::{Fixture, fixture};
use anabranch_testkit::reference::{Documents, Reference, ReferenceCommit, apply};
use anabranch_testkit::script::{Action, history, perform};
use proptest::prelude::*;

fn run(actions: &[Action]) -> (Fixture, Database) {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    for action in actions {
        perform(&database, &fixture, action);
    }
    (fixture, database)
}

fn documents(state: &State) -> Documents {
    state.documents().unwrap().into_iter().collect()
}

/// The documents that a history ever touched.
fn touched(reference: &Reference, commit: CommitId) -> Vec<DocumentId> {
    let mut touched: Vec<DocumentId> = reference
        .lin(commit)
        .0
        .iter()
        .flat_map(|id| reference.commits[id].opcodes.iter().map(|opcode| opcode.document.clone()))
        .collect();
    touched.sort();
    touched.dedup();
    touched
}

/// Every place in a document: what it reads at each path that can be walked.
fn readings(value: &Value) -> BTreeMap<Path, Value> {
    fn walk(readings: &mut BTreeMap<Path, Value>, path: &Path, value: &Value) {
        let mut inside = |component: PathComponent, value: &Value| {
            walk(readings, &path.clone().with(component), value);
        };
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
            Value::Optional(v) => v.get().into_iter().for_each(|held| inside(PathComponent::Unwrap, held)),
            Value::Any(v) => v.get().into_iter().for_each(|held| inside(PathComponent::Unwrap, held)),
            Value::Variant(v) => inside(PathComponent::Unwrap, v.get()),
            Value::Vector(_) | Value::Tuple(_) => {
                (0..)
                    .zip(value.as_items())
                    .for_each(|(index, item)| inside(PathComponent::Index(index), item));
            }
            _ => {}
        }
        readings.insert(path.clone(), value.clone());
    }
    let mut all = BTreeMap::new();
    walk(&mut all, &Path::root(), value);
    all
}

fn overlap(left: &Path, right: &Path) -> bool {
    left.is_prefix_of(right) || right.is_prefix_of(left)
}

/// The changes say what stands in each place, and every place that reads otherwise is in, around or at one of them.
fn check_changes(before: &Value, after: &Value, changes: &[PlaceChange]) -> Result<(), TestCaseError> {
    for change in changes {
        prop_assert_ne!(&change.before, &change.after, "{}", change.path);
        prop_assert_eq!(change.path.at(before).ok(), change.before.as_ref(), "{}", change.path);
        prop_assert_eq!(change.path.at(after).ok(), change.after.as_ref(), "{}", change.path);
    }
    let (before, after) = (readings(before), readings(after));
    for path in before.keys().chain(after.keys()).filter(|path| before.get(path) != after.get(path)) {
        prop_assert!(changes.iter().any(|change| overlap(&change.path, path)), "{} is forgotten", path);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn evaluations_are_those_of_the_reference(actions in history(60)) {
        let (_, database) = run(&actions);
        let reference = Reference::of(&database);
        for commit in database.commit_ids().unwrap() {
            let evaluated = database.eval_actions(commit).unwrap();
            let order: Vec<CommitId> = evaluated.iter().map(|action| action.commit).collect();
            prop_assert_eq!(&order, &reference.lin(commit).0);
            let decided = reference.decided(commit);
            for action in &evaluated {
                prop_assert_eq!(action.is_on, decided.get(&action.commit).copied().unwrap_or(true));
                prop_assert_eq!(action.decided_by.is_some(), decided.contains_key(&action.commit));
                if let Some(by) = action.decided_by {
                    let by = evaluated.iter().find(|other| other.commit == by).unwrap();
                    let is_right = match by.kind {
                        CommitKind::Merge => !by.is_on && !action.is_on,
                        kind => {
                            let shows = kind == CommitKind::Enable;
                            by.has_effect && by.target == action.commit && shows == action.is_on
                        }
                    };
                    prop_assert!(is_right, "{:?} by {:?}", action, by);
                }
                if matches!(action.kind, CommitKind::Disable | CommitKind::Enable) {
                    let decides = evaluated.iter().any(|other| other.decided_by == Some(action.commit));
                    prop_assert_eq!(action.has_effect, decides);
                }
            }
            let enabled = database.enabled_by_commit(commit).unwrap();
            prop_assert_eq!(enabled.len(), evaluated.len());
            prop_assert!(evaluated.iter().all(|action| enabled[&action.commit] == action.is_on));
        }
    }

    #[test]
    fn a_merge_state_is_what_the_merge_gives(actions in history(20)) {
        let (_, database) = run(&actions);
        let mut reference = Reference::of(&database);
        let commits = database.commit_ids().unwrap();
        let version = database.data_version().unwrap();
        for (ours, theirs) in commits.iter().flat_map(|ours| commits.iter().map(move |theirs| (*ours, *theirs))) {
            if !database.is_mergeable(ours, theirs).unwrap() {
                prop_assert!(database.merge_state(ours, theirs).is_err());
                continue;
            }
            let state = database.merge_state(ours, theirs).unwrap();
            let merge = state.commit_id();
            let merged =
                ReferenceCommit { kind: CommitKind::Merge, parent: ours, target: theirs, opcodes: Vec::new() };
            let is_new = reference.commits.insert(merge, merged).is_none();
            prop_assert_eq!(documents(&state), reference.state(merge));
            if is_new {
                reference.commits.remove(&merge);
            }
        }
        prop_assert_eq!(database.data_version().unwrap(), version, "nothing is written");
    }

    #[test]
    fn a_trace_has_every_operation_and_what_became_of_it(actions in history(40)) {
        let (fixture, database) = run(&actions);
        let reference = Reference::of(&database);
        for commit in database.head_commit_ids().unwrap() {
            let decided = reference.decided(commit);
            for document in touched(&reference, commit) {
                let attachment = fixture.definitions.attachment(document.attachment).unwrap();
                let trace = database.trace(commit, attachment, &document.key).unwrap();
                let mut steps = trace.steps.iter();
                let mut value = None;
                for id in reference.lin(commit).0 {
                    for (index, opcode) in reference.commits[&id].opcodes.iter().enumerate() {
                        if opcode.document != document {
                            continue;
                        }
                        let step = steps.next().unwrap();
                        prop_assert_eq!((step.commit, step.index, &step.operation), (id, index, &opcode.operation));
                        if decided.get(&id).copied().unwrap_or(true) {
                            match apply(value.as_ref(), &opcode.operation) {
                                Some(changed) => {
                                    prop_assert_eq!(step.outcome, Outcome::Applied);
                                    value = Some(changed);
                                }
                                None => {
                                    let is_dropped = matches!(step.outcome, Outcome::Dropped(_));
                                    prop_assert!(is_dropped, "{:?}", step);
                                }
                            }
                        } else {
                            let is_masked = matches!(step.outcome, Outcome::Masked { .. });
                            prop_assert!(is_masked, "{:?}", step);
                        }
                    }
                }
                prop_assert!(steps.next().is_none());
                prop_assert_eq!(&trace.value, &value);
                prop_assert_eq!(database.state(commit).unwrap().document(&document).unwrap(), value);
            }
        }
    }

    #[test]
    fn blame_names_the_last_operation_that_changed_a_place(actions in history(40)) {
        let (fixture, database) = run(&actions);
        let reference = Reference::of(&database);
        for commit in database.head_commit_ids().unwrap() {
            for document in touched(&reference, commit) {
                let attachment = fixture.definitions.attachment(document.attachment).unwrap();
                let trace = database.trace(commit, attachment, &document.key).unwrap();
                let blame = database.blame(commit, attachment, &document.key).unwrap();
                // The document after each operation that took effect, one by one.
                let mut value = None;
                let mut stages = Vec::new();
                for step in trace.steps.iter().filter(|step| step.outcome == Outcome::Applied) {
                    value = apply(value.as_ref(), &step.operation);
                    stages.push((step, value.clone().unwrap()));
                }
                prop_assert_eq!(blame.places.is_empty(), value.is_none());
                for place in &blame.places {
                    prop_assert_eq!(place.path.at(value.as_ref().unwrap()), Ok(&place.value));
                    // As it reads: removed positions do not show.
                    let read = |stage: &Value| place.path.at(stage).ok().map(Value::to_string);
                    let last = stages
                        .iter()
                        .enumerate()
                        .rfind(|(number, (_, stage))| {
                            let before = number.checked_sub(1).map(|before| &stages[before].1);
                            before.and_then(read) != read(stage) || reorders(before, stage, &place.path)
                        })
                        .unwrap();
                    let (step, _) = last.1;
                    prop_assert_eq!((place.commit, place.index), (step.commit, step.index), "{}", place.path);
                }
                // Every leaf is in one place, and one only.
                if let Some(value) = &value {
                    let leaves = readings(value);
                    let is_leaf = |path: &Path| !leaves.keys().any(|other| path != other && path.is_prefix_of(other));
                    for leaf in leaves.keys().filter(|path| is_leaf(path)) {
                        let holding = blame.places.iter().filter(|place| place.path.is_prefix_of(leaf)).count();
                        prop_assert_eq!(holding, 1, "{}", leaf);
                    }
                }
            }
        }
    }

    #[test]
    fn walks_over_two_histories_find_what_they_share_and_do_not(actions in history(30)) {
        let (_, database) = run(&actions);
        let reference = Reference::of(&database);
        let commits = database.commit_ids().unwrap();
        let snapshot = database.read().unwrap();
        let parents = |commit: CommitId| -> Vec<CommitId> {
            let line = std::iter::successors(Some(commit), |id| Some(reference.commits.get(id)?.parent));
            line.take_while(|id| !id.is_zero()).collect()
        };
        for (place, left) in commits.iter().enumerate() {
            let of_left = reference.lin(*left).0;
            for right in &commits[..=place] {
                let of_right = reference.lin(*right).0;
                let line = parents(*right);
                let trunk = parents(*left).into_iter().find(|id| line.contains(id)).unwrap_or(CommitId::ZERO);
                prop_assert_eq!(graph::common_trunk(&*snapshot, *left, *right).unwrap(), trunk);
                prop_assert_eq!(graph::common_trunk(&*snapshot, *right, *left).unwrap(), trunk);

                let found = graph::history_difference(&*snapshot, &[*left], &[*right]).unwrap();
                let mut found: Vec<CommitId> = found.into_iter().map(|header| header.id).collect();
                let mut expected: Vec<CommitId> =
                    of_left.iter().filter(|id| !of_right.contains(id)).copied().collect();
                found.sort();
                expected.sort();
                prop_assert_eq!(found, expected);

                let shared: Vec<CommitId> = of_left.iter().filter(|id| of_right.contains(id)).copied().collect();
                let is_greatest = |id: &CommitId| {
                    !shared.iter().any(|other| other != id && reference.lin(*other).0.contains(id))
                };
                let mut expected: Vec<CommitId> = shared.iter().copied().filter(is_greatest).collect();
                let mut found = graph::merge_bases(&*snapshot, *left, *right).unwrap();
                found.sort();
                expected.sort();
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn a_difference_is_that_of_all_documents(actions in history(25)) {
        let (_, database) = run(&actions);
        let mut commits = database.commit_ids().unwrap();
        commits.push(CommitId::ZERO);
        let states: Vec<Documents> =
            commits.iter().map(|commit| documents(&database.state(*commit).unwrap())).collect();
        for (first, (from, before)) in commits.iter().zip(&states).enumerate() {
            for (to, after) in commits.iter().zip(&states).skip(first % 3).step_by(3) {
                let diff = database.diff(*from, *to).unwrap();
                let expected: Vec<&DocumentId> = before
                    .keys()
                    .chain(after.keys())
                    .filter(|id| before.get(id) != after.get(id))
                    .collect::<std::collections::BTreeSet<_>>()
                    .into_iter()
                    .collect();
                let found: Vec<&DocumentId> = diff.documents.iter().map(|d| &d.document).collect();
                prop_assert_eq!(found, expected, "from {} to {}", from, to);
                let parts = diff.added().count() + diff.removed().count() + diff.changed().count();
                prop_assert_eq!(parts, diff.documents.len());
                for document in &diff.documents {
                    prop_assert_eq!(document.before.as_ref(), before.get(&document.document));
                    prop_assert_eq!(document.after.as_ref(), after.get(&document.document));
                    prop_assert!(!document.changes.is_empty());
                    if let (Some(before), Some(after)) = (&document.before, &document.after) {
                        check_changes(before, after, &document.changes)?;
                    }
                }
            }
        }
    }
}

/// Whether the elements of an xarray that the place is in, or is, came into another order: then all of it is new.
fn reorders(before: Option<&Value>, after: &Value, path: &Path) -> bool {
    (0..=path.components().len()).any(|length| {
        let around = Path::new(path.components()[..length].to_vec());
        match (before.and_then(|before| around.at(before).ok()), around.at(after)) {
            (Some(Value::XArray(before)), Ok(Value::XArray(after))) => {
                let kept = before.elements().map(|(p, _)| p).filter(|p| after.get(*p).is_some());
                !kept.eq(after.elements().map(|(p, _)| p).filter(|p| before.get(*p).is_some()))
            }
            _ => false,
        }
    })
}

#[test]
fn a_merge_state_says_that_it_is_the_state_of_the_merge() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let commit = |number| {
        let mut mutable = MutableState::new(database.initial_state().unwrap());
        mutable.set(&fixture.doc, &fixture.key(number), fixture.doc.create_document()).unwrap();
        database.commit_mutations("create", &mutable).unwrap()
    };
    let (ours, theirs) = (commit(0), commit(1));
    let state = database.merge_state(ours, theirs).unwrap();
    assert_eq!(database.merge_commit("merge", ours, theirs).unwrap(), state.commit_id());
    assert_eq!(documents(&database.merge_state(ours, theirs).unwrap()), documents(&state));
}

#[test]
fn writing_again_what_is_there_changes_nobody_s_blame() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let (doc, key) = (&fixture.doc, &fixture.key(0));
    let mut mutable = MutableState::new(database.initial_state().unwrap());
    mutable.set(doc, key, doc.create_document()).unwrap();
    let first = database.commit_mutations("create", &mutable).unwrap();
    let mut mutable = MutableState::new(database.state(first).unwrap());
    mutable.update(doc, key, &Path::from_field("count"), Value::Int64(1)).unwrap();
    let second = database.commit_mutations("count", &mutable).unwrap();
    let mut mutable = MutableState::new(database.state(second).unwrap());
    mutable.set(doc, key, database.state(second).unwrap().get(doc, key).unwrap().unwrap()).unwrap();
    let third = database.commit_mutations("the same again", &mutable).unwrap();
    for place in database.blame(third, doc, key).unwrap().places {
        let expected = if place.path == Path::from_field("count") { second } else { first };
        assert_eq!(place.commit, expected, "{}", place.path);
    }
}

#[test]
fn a_vector_is_one_place_until_only_some_of_its_items_change() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let (doc, key) = (&fixture.doc, &fixture.key(0));
    let pair = Path::from_field("pair");
    let mut mutable = MutableState::new(database.initial_state().unwrap());
    mutable.set(doc, key, doc.create_document()).unwrap();
    let first = database.commit_mutations("create", &mutable).unwrap();
    let of_pair = |commit| -> Vec<(Path, CommitId)> {
        let blame = database.blame(commit, doc, key).unwrap();
        let places = blame.places.into_iter().filter(|place| pair.is_prefix_of(&place.path));
        places.map(|place| (place.path, place.commit)).collect()
    };
    assert_eq!(of_pair(first), [(pair.clone(), first)]);
    let mut mutable = MutableState::new(database.state(first).unwrap());
    mutable.update(doc, key, &pair.clone().index(1), Value::from("b")).unwrap();
    let second = database.commit_mutations("second item", &mutable).unwrap();
    assert_eq!(of_pair(second), [(pair.clone().index(0), first), (pair.clone().index(1), second)]);
}
