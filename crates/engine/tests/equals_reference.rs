//! The engine's linearisations, masks and states are those of the reference evaluator, on random histories.

#![expect(clippy::unwrap_used, reason = "tests: what goes wrong should stop them")]

use anabranch_engine::{CommitKind, Database, MutableState, graph};
use anabranch_model::{CommitId, Value};
use anabranch_testkit::fixture::{Fixture, fixture};
use anabranch_testkit::reference::{Documents, Reference};
use anabranch_testkit::script::{Action, history, perform, record};
use proptest::prelude::*;

fn run(actions: &[Action]) -> (Fixture, Database) {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    for action in actions {
        perform(&database, &fixture, action);
    }
    (fixture, database)
}

fn documents(database: &Database, commit: CommitId) -> Documents {
    let state = database.state(commit).unwrap();
    state.documents().unwrap().into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn states_equal_those_of_the_reference(actions in history(40)) {
        let (_, database) = run(&actions);
        let reference = Reference::of(&database);
        for commit in database.commit_ids().unwrap() {
            prop_assert_eq!(documents(&database, commit), reference.state(commit), "at {}", commit);
        }
    }

    #[test]
    fn states_are_the_same_from_a_cold_start(actions in history(40)) {
        let (_, database) = run(&actions);
        let reference = Reference::of(&database);
        for commit in database.head_commit_ids().unwrap() {
            // A fresh copy has no state cached to derive from.
            let copy = Database::create_in_memory(&database.definitions().unwrap()).unwrap();
            copy.receive(&database.pack(&database.commit_ids().unwrap()).unwrap()).unwrap();
            prop_assert_eq!(documents(&copy, commit), reference.state(commit), "at {}", commit);
            let fingerprints = [&copy, &database].map(|d| d.state(commit).unwrap().fingerprint().unwrap());
            prop_assert_eq!(fingerprints[0], fingerprints[1]);
        }
    }

    #[test]
    fn linearisations_and_masks_equal_those_of_the_reference(actions in history(60)) {
        let (_, database) = run(&actions);
        let reference = Reference::of(&database);
        for commit in database.commit_ids().unwrap() {
            let lin = database.linearisation(commit).unwrap();
            let order: Vec<CommitId> = lin.entries().iter().map(|entry| entry.id).collect();
            prop_assert_eq!(&order, &reference.lin(commit).0, "at {}", commit);
            let decided = reference.decided(commit);
            for (entry, is_on) in lin.entries().iter().zip(lin.masks()) {
                prop_assert_eq!(is_on, decided.get(&entry.id).copied().unwrap_or(true), "{}", entry.id);
            }
        }
    }

    #[test]
    fn graph_queries_equal_sets_of_ancestors(actions in history(30)) {
        let (_, database) = run(&actions);
        let reference = Reference::of(&database);
        let commits = database.commit_ids().unwrap();
        let snapshot = database.read().unwrap();
        for (place, left) in commits.iter().enumerate() {
            let of_left = reference.lin(*left).0;
            for right in &commits[..=place] {
                let of_right = reference.lin(*right).0;
                prop_assert_eq!(database.is_ancestor(*right, *left).unwrap(), of_left.contains(right));
                let shared: Vec<&CommitId> = of_left.iter().filter(|id| of_right.contains(id)).collect();
                let greatest: Vec<&&CommitId> = shared
                    .iter()
                    .filter(|id| !shared.iter().any(|other| other != *id && reference.lin(**other).0.contains(id)))
                    .collect();
                let expected = if let [only] = greatest.as_slice() { Some(***only) } else { None };
                prop_assert_eq!(database.merge_base(*left, *right).unwrap(), expected);

                let reach = |from: CommitId| {
                    let mut reached = vec![from];
                    let mut next = 0;
                    while let Some(id) = reached.get(next) {
                        let commit = &reference.commits[id];
                        for id in [commit.parent, commit.target] {
                            if !id.is_zero() && !reached.contains(&id) {
                                reached.push(id);
                            }
                        }
                        next += 1;
                    }
                    reached
                };
                let known = reach(*right);
                let mut expected: Vec<CommitId> =
                    reach(*left).into_iter().filter(|id| !known.contains(id)).collect();
                let found = graph::difference(&*snapshot, &[*left], &[*right]).unwrap();
                for (place, id) in found.iter().enumerate() {
                    let commit = &reference.commits[id];
                    prop_assert!(![commit.parent, commit.target].iter().any(|d| found[place..].contains(d)));
                }
                let mut found = found;
                found.sort();
                expected.sort();
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn heads_are_the_commits_that_nothing_stands_on_or_merges(actions in history(60)) {
        let (_, database) = run(&actions);
        let reference = Reference::of(&database);
        let mut expected: Vec<CommitId> = reference
            .commits
            .keys()
            .filter(|id| !reference.commits.values().any(|commit| {
                commit.parent == **id || (commit.kind == CommitKind::Merge && commit.target == **id)
            }))
            .copied()
            .collect();
        expected.sort();
        prop_assert_eq!(database.head_commit_ids().unwrap(), expected.clone());
        if let Some(last) = database.last_commit_id().unwrap() {
            prop_assert!(expected.contains(&last));
        }
    }

    #[test]
    fn reading_through_a_recording_gives_what_its_commit_gives(actions in history(20)) {
        let (fixture, database) = run(&actions);
        for action in &actions {
            let Action::Commit { changes, .. } = action else { continue };
            let base = database.last_commit_id().unwrap().unwrap_or(CommitId::ZERO);
            let mut mutable = MutableState::new(database.state(base).unwrap());
            for (place, change) in changes.iter().enumerate() {
                record(&mut mutable, &fixture, change);
                // Read after each change, and only after all of them.
                let mut late = MutableState::new(mutable.base().clone());
                changes[..=place].iter().for_each(|change| record(&mut late, &fixture, change));
                let key = fixture.key(change.key);
                let read = [&mutable, &mutable.clone(), &late].map(|m| m.get(&fixture.doc, &key).unwrap());
                prop_assert_eq!(&read[0], &read[2]);
                prop_assert_eq!(&read[1], &read[2]);
            }
            let commit = database.commit_mutations("again", &mutable).unwrap();
            let state = database.state(commit).unwrap();
            for attachment in [&fixture.doc, &fixture.tags, &fixture.maybe, &fixture.list] {
                prop_assert_eq!(mutable.keys(attachment).unwrap(), state.keys(attachment).unwrap());
                for key in state.keys(attachment).unwrap() {
                    prop_assert_eq!(mutable.get(attachment, &key).unwrap(), state.get(attachment, &key).unwrap());
                }
            }
            // The same parent and the same opcodes are the same commit, stored once.
            let count = database.commit_ids().unwrap().len();
            prop_assert_eq!(database.commit_mutations("once more", &mutable).unwrap(), commit);
            prop_assert_eq!(database.commit_ids().unwrap().len(), count);
        }
    }

    #[test]
    fn a_diff_gives_the_wanted_document_exactly(actions in history(30), recursive: bool) {
        let (fixture, database) = run(&actions);
        let mut wanted: Vec<Value> = Vec::new();
        for commit in database.commit_ids().unwrap() {
            let state = database.state(commit).unwrap();
            wanted.extend((0..3).filter_map(|n| state.get(&fixture.doc, &fixture.key(n)).unwrap()));
        }
        wanted.dedup();
        for pair in wanted.windows(2) {
            let mut mutable = MutableState::new(database.initial_state().unwrap());
            let key = fixture.key(0);
            mutable.set(&fixture.doc, &key, pair[0].clone()).unwrap();
            mutable.diff(&fixture.doc, &key, pair[1].clone(), recursive).unwrap();
            prop_assert_eq!(mutable.get(&fixture.doc, &key).unwrap(), Some(pair[1].clone()));
            let recorded = mutable.opcodes().len();
            mutable.diff(&fixture.doc, &key, pair[1].clone(), recursive).unwrap();
            prop_assert_eq!(mutable.opcodes().len(), recorded, "a diff to what is there records nothing");
        }
    }
}
