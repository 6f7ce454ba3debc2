//! States read through checkpoints are those of the reference evaluator: however often checkpoints are made, from a cold
//! start, with checkpoints dropped, made again and damaged in between.

#![expect(clippy::unwrap_used, reason = "tests: what goes wrong should stop them")]

use anabranch_engine::storage::{MemoryStorage, Meta};
use anabranch_engine::{CheckpointPolicy, Database, OpenMode};
use anabranch_model::CommitId;
use anabranch_testkit::fixture::fixture;
use anabranch_testkit::reference::{Documents, Reference};
use anabranch_testkit::script::{Action, history, perform};
use proptest::prelude::*;

fn policy(every: u64) -> CheckpointPolicy {
    CheckpointPolicy { every, budget_percent: 100, budget_floor: 1 << 30, keep_after: every % 3 }
}

fn documents(database: &Database, commit: CommitId) -> Documents {
    database.state(commit).unwrap().documents().unwrap().into_iter().collect()
}

/// The same commits in a database that has derived nothing yet.
fn copy(database: &Database, every: u64) -> Database {
    let copy = Database::create_in_memory(&database.definitions().unwrap()).unwrap();
    copy.receive(&database.pack(&database.commit_ids().unwrap()).unwrap()).unwrap();
    copy.with_checkpoints(policy(every))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn states_are_the_same_through_checkpoints(actions in history(60), every in 1..6u64) {
        let fixture = fixture();
        let database = Database::create_in_memory(&fixture.definitions).unwrap().with_checkpoints(policy(every));
        actions.iter().for_each(|action| perform(&database, &fixture, action));
        let reference = Reference::of(&database);
        let commits = database.commit_ids().unwrap();
        for commit in &commits {
            prop_assert_eq!(documents(&database, *commit), reference.state(*commit), "warm, at {}", commit);
        }

        // Nothing derived, then derived in one go, then read back from what was kept.
        let cold = copy(&database, every);
        for commit in commits.iter().rev() {
            prop_assert_eq!(documents(&cold, *commit), reference.state(*commit), "in memory, at {}", commit);
        }
        let kept = copy(&database, every);
        for head in kept.head_commit_ids().unwrap() {
            kept.checkpoint(head).unwrap();
        }
        for commit in commits.iter().rev() {
            prop_assert_eq!(documents(&kept, *commit), reference.state(*commit), "kept, at {}", commit);
        }

        // Dropped in the middle, and made again by going on.
        kept.drop_checkpoints().unwrap();
        actions.iter().take(10).for_each(|action| perform(&kept, &fixture, action));
        let reference = Reference::of(&kept);
        for commit in kept.commit_ids().unwrap() {
            prop_assert_eq!(documents(&kept, commit), reference.state(commit), "dropped, at {}", commit);
        }
    }

    #[test]
    fn documents_that_are_kept_are_not_believed_where_something_before_them_was_masked_since(
        steps in prop::collection::vec((0..3u8, any::<u8>(), anabranch_testkit::script::change()), 1..60),
        every in 1..6u64,
    ) {
        let fixture = fixture();
        let database = Database::create_in_memory(&fixture.definitions).unwrap().with_checkpoints(policy(every));
        let mut head = CommitId::ZERO;
        for (what, target, change) in steps {
            let commits = database.commit_ids().unwrap();
            let target = commits.get(usize::from(target) % commits.len().max(1));
            head = match (what, target) {
                (1, Some(target)) if target.is_zero() => head,
                (1, Some(target)) => database.disable_commit("hide", head, *target).unwrap(),
                (2, Some(target)) if commits.len().is_multiple_of(3) => {
                    database.enable_commit("show", head, *target).unwrap()
                }
                _ => {
                    let mut mutable = anabranch_engine::MutableState::new(database.state(head).unwrap());
                    anabranch_testkit::script::record(&mut mutable, &fixture, &change);
                    database.commit_mutations("change", &mutable).unwrap()
                }
            };
        }
        let reference = Reference::of(&database);
        let kept = copy(&database, every);
        kept.checkpoint(head).unwrap();
        for commit in database.commit_ids().unwrap().into_iter().rev() {
            let expected = reference.state(commit);
            prop_assert_eq!(&documents(&database, commit), &expected, "as it came, at {}", commit);
            prop_assert_eq!(&documents(&kept, commit), &expected, "kept, at {}", commit);
        }
    }

    #[test]
    fn traces_differences_and_ancestors_are_the_same_through_checkpoints(
        actions in history(40),
        every in 1..6u64,
    ) {
        let fixture = fixture();
        let plain = Database::create_in_memory(&fixture.definitions).unwrap();
        actions.iter().for_each(|action| perform(&plain, &fixture, action));
        let kept = copy(&plain, every);
        for head in kept.head_commit_ids().unwrap() {
            kept.checkpoint(head).unwrap();
        }
        let commits = plain.commit_ids().unwrap();
        for (place, commit) in commits.iter().enumerate() {
            for key in 0..3 {
                let key = fixture.key(key);
                let traces = [&plain, &kept].map(|database| database.trace(*commit, &fixture.doc, &key).unwrap());
                prop_assert_eq!(&traces[0], &traces[1], "at {}", commit);
            }
            for other in commits.iter().skip(place % 3).step_by(3) {
                let diffs = [&plain, &kept].map(|database| database.diff(*commit, *other).unwrap());
                prop_assert_eq!(&diffs[0], &diffs[1]);
                let are = [&plain, &kept].map(|database| database.is_ancestor(*other, *commit).unwrap());
                prop_assert_eq!(are[0], are[1]);
            }
        }
    }

    #[test]
    fn a_merge_that_is_not_made_has_the_state_of_one_that_is(actions in history(40), every in 1..6u64) {
        let fixture = fixture();
        let database = Database::create_in_memory(&fixture.definitions).unwrap().with_checkpoints(policy(every));
        actions.iter().for_each(|action| perform(&database, &fixture, action));
        let heads = database.head_commit_ids().unwrap();
        for ours in &heads {
            for theirs in heads.iter().filter(|theirs| database.is_mergeable(*ours, **theirs).unwrap()) {
                let virtual_state = database.merge_state(*ours, *theirs).unwrap();
                let virtual_documents: Documents = virtual_state.documents().unwrap().into_iter().collect();
                let merge = database.merge_commit("made", *ours, *theirs).unwrap();
                prop_assert_eq!(virtual_documents, Reference::of(&database).state(merge));
            }
        }
    }
}

/// A storage whose checkpoints can be damaged by hand: a file.
#[test]
fn a_damaged_checkpoint_is_never_believed() {
    let fixture = fixture();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.anb");
    let database = Database::create(&path, "", &fixture.definitions).unwrap().with_checkpoints(policy(3));
    for number in 0..120u8 {
        let change =
            |what| anabranch_testkit::script::Change { what, key: number % 3, first: number, second: 1 };
        let changes = vec![change(if number < 6 { 0 } else { number })];
        perform(&database, &fixture, &Action::Commit { parent: 0, changes });
    }
    let head = database.last_commit_id().unwrap().unwrap();
    let expected = documents(&database, head);
    drop(database);

    let places: Vec<i64> = {
        let file = rusqlite::Connection::open(&path).unwrap();
        let mut statement = file.prepare("SELECT place FROM checkpoints ORDER BY place").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert!(places.len() > 40, "{}", places.len());
    for place in places {
        let file = rusqlite::Connection::open(&path).unwrap();
        file.execute_batch("SAVEPOINT undamaged").unwrap();
        let bytes: Vec<u8> = file
            .query_row("SELECT bytes FROM checkpoints WHERE place = ?1", [place], |row| row.get(0))
            .unwrap();
        let mut damaged = bytes.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 4;
        file.execute("UPDATE checkpoints SET bytes = ?2 WHERE place = ?1", (place, &damaged)).unwrap();
        file.execute_batch("RELEASE undamaged").unwrap();
        drop(file);

        let database = Database::open(&path, OpenMode::ReadWrite).unwrap().with_checkpoints(policy(3));
        assert_eq!(documents(&database, head), expected, "with checkpoint {place} damaged");
        // Going on heals what later states need.
        database.checkpoint(head).unwrap();
        drop(database);
        let file = rusqlite::Connection::open(&path).unwrap();
        file.execute("UPDATE checkpoints SET bytes = ?2 WHERE place = ?1", (place, &bytes)).unwrap();
    }
}

#[test]
fn a_damaged_part_of_a_checkpoint_is_never_believed() {
    let fixture = fixture();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.anb");
    let policy = CheckpointPolicy { keep_after: 0, ..policy(30) };
    let database = Database::create(&path, "", &fixture.definitions).unwrap().with_checkpoints(policy);
    let key = |number: u32| {
        let instance = anabranch_model::Uuid::from_u128(u128::from(number) << 64);
        anabranch_model::Key::new(fixture.key(0).concept().unwrap().clone(), instance)
    };
    let mut state = database.initial_state().unwrap();
    let title = anabranch_model::Path::from_field("title");
    // Every commit touches every document, so that no section of a checkpoint stands in its first part.
    for round in 0..2_u32 {
        let mut batch = database.batch().unwrap();
        for number in 0..30 {
            let mut mutable = anabranch_engine::MutableState::new(state);
            for document in 0..150 {
                let key = key(document);
                if round == 0 && number == 0 {
                    mutable.set(&fixture.doc, &key, fixture.doc.create_document()).unwrap();
                }
                let text = format!("{round} {number} {document}");
                mutable.update(&fixture.doc, &key, &title, text.as_str().into()).unwrap();
            }
            state = batch.commit("many", &mutable).unwrap();
        }
        batch.finish().unwrap();
    }
    let head = state.commit_id();
    let expected = documents(&database, head);
    drop((state, database));

    let file = || rusqlite::Connection::open(&path).unwrap();
    let rows: Vec<(i64, Vec<u8>)> = {
        let file = file();
        let mut statement = file.prepare("SELECT place, bytes FROM checkpoints").unwrap();
        statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    };
    let parts = rows.iter().filter(|(place, _)| place & 0xfffff != 0).count();
    assert!(parts >= 10, "{parts} parts");
    let put = |place: i64, bytes: &[u8]| {
        file().execute("UPDATE checkpoints SET bytes = ?2 WHERE place = ?1", (place, bytes)).unwrap();
    };
    for (place, bytes) in &rows {
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 3] ^= 16;
        put(*place, &damaged);
        let database = Database::open(&path, OpenMode::ReadWrite).unwrap().with_checkpoints(policy);
        let state = database.state(head).unwrap();
        assert_eq!(state.documents().unwrap().into_iter().collect::<Documents>(), expected, "at {place:x}");
        // It is removed, or replaced by one that is sound, and all that follows is right.
        database.checkpoint(head).unwrap();
        assert_eq!(documents(&database, head), expected, "healed, at {place:x}");
        drop((state, database));
        let database = Database::open(&path, OpenMode::ReadOnly).unwrap();
        assert_eq!(documents(&database, head), expected, "opened again, at {place:x}");
        drop(database);
        file().execute("DELETE FROM checkpoints", []).unwrap();
        for (place, bytes) in &rows {
            file().execute("INSERT INTO checkpoints VALUES (?1, ?2)", (place, bytes)).unwrap();
        }
    }
}

#[test]
fn checkpoints_stay_within_their_budget() {
    let fixture = fixture();
    let budget = CheckpointPolicy { every: 2, budget_percent: 10, budget_floor: 0, keep_after: 1 };
    let database = Database::create_in_memory(&fixture.definitions).unwrap().with_checkpoints(budget);
    for number in 0..200u8 {
        let change = anabranch_testkit::script::Change { what: 4, key: number % 3, first: number, second: 1 };
        perform(&database, &fixture, &Action::Commit { parent: 0, changes: vec![change] });
    }
    let snapshot = database.read().unwrap();
    let payloads = snapshot.statistics().unwrap().payload_bytes;
    let checkpoints = snapshot.checkpoint_bytes().unwrap();
    assert!(checkpoints > 0 && checkpoints <= payloads / 10, "{checkpoints} of {payloads}");
}

#[test]
fn deriving_is_not_a_change_that_others_see() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let change = anabranch_testkit::script::Change { what: 0, key: 0, first: 0, second: 1 };
    for _ in 0..10 {
        perform(&database, &fixture, &Action::Commit { parent: 0, changes: vec![change.clone()] });
    }
    let database = copy(&database, 2);
    let version = database.data_version().unwrap();
    database.checkpoint(database.last_commit_id().unwrap().unwrap()).unwrap();
    assert!(database.read().unwrap().checkpoint_bytes().unwrap() > 0);
    database.drop_checkpoints().unwrap();
    assert_eq!(database.data_version().unwrap(), version);
}

#[test]
fn a_state_of_another_database_is_no_base_for_numbers_of_this() {
    let fixture = fixture();
    let change = |first| anabranch_testkit::script::Change { what: 0, key: first % 3, first, second: 1 };
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    for number in 0..5 {
        perform(&here, &fixture, &Action::Commit { parent: 0, changes: vec![change(number)] });
    }
    let head = here.last_commit_id().unwrap().unwrap();
    let meta =
        Meta { uuid: Default::default(), documentation: String::new(), created: 0, synchronised: false };
    let there =
        Database::with_storage(Box::new(MemoryStorage::new(meta))).unwrap().with_checkpoints(policy(1));
    there.extend_definitions(&fixture.definitions).unwrap();
    // Something else arrives first there, so that the same commits have other numbers.
    perform(&there, &fixture, &Action::Commit { parent: 0, changes: vec![change(9), change(8)] });
    there.receive(&here.pack(&here.commit_ids().unwrap()).unwrap()).unwrap();
    let mut mutable = anabranch_engine::MutableState::new(here.state(head).unwrap());
    anabranch_testkit::script::record(&mut mutable, &fixture, &change(7));
    let commit = there.commit_mutations("there", &mutable).unwrap();
    assert_eq!(documents(&there, commit), Reference::of(&there).state(commit));
}

#[test]
fn a_batch_is_there_as_a_whole_or_not_at_all() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap().with_checkpoints(policy(4));
    let write = |finishes: bool, first: u8| {
        let mut state = database.state(database.last_commit_id().unwrap().unwrap_or_default()).unwrap();
        let mut batch = database.batch().unwrap();
        for number in first..first + 10 {
            let mut mutable = anabranch_engine::MutableState::new(state);
            let change = anabranch_testkit::script::Change { what: 0, key: 0, first: number, second: 1 };
            anabranch_testkit::script::record(&mut mutable, &fixture, &change);
            state = batch.commit("in a batch", &mutable).unwrap();
        }
        if finishes {
            batch.finish().unwrap();
        }
        state
    };
    let abandoned = write(false, 0);
    assert_eq!(database.commit_ids().unwrap(), []);
    let kept = write(true, 50);
    assert_eq!(database.commit_ids().unwrap().len(), 10);
    assert!(database.state(abandoned.commit_id()).is_err());
    assert_eq!(documents(&database, kept.commit_id()), Reference::of(&database).state(kept.commit_id()));
    write(true, 100);
    let last = database.last_commit_id().unwrap().unwrap();
    assert_eq!(documents(&database, last), Reference::of(&database).state(last));
    assert!(database.read().unwrap().checkpoint_bytes().unwrap() > 0);
}

#[test]
fn a_batch_goes_on_from_a_state_whose_boundaries_are_in_memory_only() {
    let fixture = fixture();
    let change = |first| anabranch_testkit::script::Change { what: 0, key: first % 3, first, second: 1 };
    let origin = Database::create_in_memory(&fixture.definitions).unwrap();
    for number in 0..10 {
        perform(&origin, &fixture, &Action::Commit { parent: 0, changes: vec![change(number)] });
    }
    let nothing = CheckpointPolicy { every: 2, budget_percent: 0, budget_floor: 0, keep_after: 1 };
    let database = copy(&origin, 2).with_checkpoints(nothing);
    let mut state = database.state(database.last_commit_id().unwrap().unwrap()).unwrap();
    let mut batch = database.batch().unwrap();
    for number in 20..25 {
        let mut mutable = anabranch_engine::MutableState::new(state);
        anabranch_testkit::script::record(&mut mutable, &fixture, &change(number));
        state = batch.commit("in a batch", &mutable).unwrap();
    }
    batch.finish().unwrap();
    assert_eq!(database.read().unwrap().checkpoint_bytes().unwrap(), 0);
    assert_eq!(documents(&database, state.commit_id()), Reference::of(&database).state(state.commit_id()));
}

#[test]
fn batches_that_follow_each_other_make_each_boundary_once() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap().with_checkpoints(policy(10));
    let mut state = database.initial_state().unwrap();
    for number in 0..40u8 {
        let mut batch = database.batch().unwrap();
        for _ in 0..5 {
            let mut mutable = anabranch_engine::MutableState::new(state);
            let change =
                anabranch_testkit::script::Change { what: 0, key: number % 3, first: number, second: 1 };
            anabranch_testkit::script::record(&mut mutable, &fixture, &change);
            state = batch.commit("in a batch", &mutable).unwrap();
        }
        batch.finish().unwrap();
    }
    let snapshot = database.read().unwrap();
    let mut boundaries = 0;
    let mut before = snapshot.checkpoint_before(u64::MAX >> 8).unwrap();
    while let Some(arrival) = before {
        boundaries += 1;
        before = snapshot.checkpoint_before(arrival - 1).unwrap();
    }
    // The same change again is the same commit: what was made counts, not what was asked for.
    let commits = database.commit_ids().unwrap().len();
    assert_eq!(boundaries, commits / 10);
    let bytes = snapshot.checkpoint_bytes().unwrap();
    assert!(bytes < 150 * boundaries as u64 + 1000, "{bytes} bytes for {boundaries} boundaries");
}
