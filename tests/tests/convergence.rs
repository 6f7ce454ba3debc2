//! Sites that write, synchronise, lose their connections, merge, undo and reduce: in the end all hold the same.

#![expect(clippy::unwrap_used, reason = "tests: what goes wrong should stop them")]

use anabranch_engine::Database;
use anabranch_model::CommitId;
use anabranch_sync::{Mode, Replica, SyncError, Synchronizer};
use anabranch_testkit::fixture::{Fixture, fixture};
use anabranch_testkit::reference::Reference;
use anabranch_testkit::script::{Action, action, perform};
use anabranch_tests::CutReplica;
use proptest::prelude::*;

/// What may happen to a group of sites. Any list of events is a valid run.
#[derive(Clone, Debug)]
enum Event {
    Act { site: usize, action: Action },
    Blob { site: usize, content: Vec<u8> },
    Sync { source: usize, target: usize, mode: Mode, cut: Option<(u32, bool)>, pack_bytes: u64 },
}

fn event() -> impl Strategy<Value = Event> {
    let mode = prop_oneof![Just(Mode::Fetch), Just(Mode::Push), Just(Mode::Sync)];
    let cut = prop::option::of((0..25u32, any::<bool>()));
    prop_oneof![
        5 => (any::<usize>(), action()).prop_map(|(site, action)| Event::Act { site, action }),
        1 => (any::<usize>(), prop::collection::vec(any::<u8>(), 0..64))
            .prop_map(|(site, content)| Event::Blob { site, content }),
        3 => (any::<usize>(), any::<usize>(), mode, cut, 1..200u64).prop_map(
            |(source, target, mode, cut, pack_bytes)| Event::Sync { source, target, mode, cut, pack_bytes }
        ),
    ]
}

/// Commits a document that refers to a blob.
fn commit_blob(site: &Database, fixture: &Fixture, content: &[u8]) {
    use anabranch_engine::MutableState;
    use anabranch_model::{Path, Value};
    let blob = site.create_blob(Default::default(), content).unwrap();
    let base = site.last_commit_id().unwrap().unwrap_or(CommitId::ZERO);
    let mut mutable = MutableState::new(site.state(base).unwrap());
    let key = fixture.key(content.len() as u8 % 3);
    mutable.update(&fixture.doc, &key, &Path::from_field("picture"), Value::BlobId(blob)).unwrap();
    site.commit_mutations("picture", &mutable).unwrap();
}

fn carry_out(sites: &[Database], fixture: &Fixture, event: &Event) {
    let at = |number: usize| &sites[number % sites.len()];
    match event {
        Event::Act { site, action } => perform(at(*site), fixture, action),
        Event::Blob { site, content } => commit_blob(at(*site), fixture, content),
        Event::Sync { source, target, mode, cut: None, pack_bytes } => {
            let (source, target) = (at(*source), at(*target));
            Synchronizer::new(source, target, *mode).with_pack_bytes(*pack_bytes).sync().unwrap();
        }
        Event::Sync { source, target, mode, cut: Some((requests, loses_answer)), pack_bytes } => {
            let source = at(*source);
            let target = CutReplica::new(at(*target), *requests, *loses_answer);
            let outcome = Synchronizer::new(source, &target, *mode).with_pack_bytes(*pack_bytes).sync();
            assert!(matches!(outcome, Ok(_) | Err(SyncError::Replica { .. })), "{outcome:?}");
        }
    }
    for site in sites {
        assert_holds_what_it_refers_to(site);
    }
}

/// A commit is never there before its dependencies and its blobs.
fn assert_holds_what_it_refers_to(site: &Database) {
    let snapshot = site.read().unwrap();
    for (_, header) in snapshot.arrivals(0, 10_000).unwrap() {
        for dependency in header.dependencies() {
            assert!(snapshot.header(dependency).unwrap().is_some());
        }
        for blob in snapshot.commit_blobs(header.id).unwrap() {
            assert!(snapshot.blob(blob).unwrap().is_some());
        }
    }
}

fn sorted_commits(site: &Database) -> Vec<CommitId> {
    let mut ids = site.commit_ids().unwrap();
    ids.sort();
    ids
}

/// Everybody with everybody, until nothing moves.
fn settle(sites: &[Database]) {
    loop {
        let mut moved = false;
        for source in sites {
            for target in sites {
                let info = Synchronizer::new(source, target, Mode::Sync).sync().unwrap();
                moved |= !info.is_empty();
            }
        }
        if !moved {
            return;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn sites_that_settle_hold_the_same_commits_heads_and_states(
        count in 2..5usize,
        events in prop::collection::vec(event(), 1..40),
    ) {
        let fixture = fixture();
        let sites: Vec<Database> =
            (0..count).map(|_| Database::create_in_memory(&fixture.definitions).unwrap()).collect();
        let mut acknowledged: Vec<CommitId> = Vec::new();
        for event in &events {
            carry_out(&sites, &fixture, event);
            for site in &sites {
                acknowledged.extend(site.commit_ids().unwrap());
            }
        }
        settle(&sites);

        let commits = sorted_commits(&sites[0]);
        acknowledged.sort();
        acknowledged.dedup();
        prop_assert_eq!(&commits, &acknowledged, "the union, and nothing else");
        let heads = sites[0].head_commit_ids().unwrap();
        let reference = Reference::of(&sites[0]);
        for site in &sites {
            prop_assert_eq!(&sorted_commits(site), &commits);
            prop_assert_eq!(&site.head_commit_ids().unwrap(), &heads);
            for head in &heads {
                let state = site.state(*head).unwrap();
                let documents: std::collections::BTreeMap<_, _> =
                    state.documents().unwrap().into_iter().collect();
                prop_assert_eq!(documents, reference.state(*head));
            }
        }

        // Whoever reduces onto the same anchor makes the same commits.
        if let Some(anchor) = heads.first() {
            let reduced: Vec<_> = sites.iter().map(|site| site.reduce_heads(Some(*anchor)).unwrap()).collect();
            prop_assert!(reduced.windows(2).all(|pair| pair[0] == pair[1]));
            let info = Synchronizer::new(&sites[0], &sites[count - 1], Mode::Sync).sync().unwrap();
            prop_assert!(info.is_empty(), "the same reduction is nothing new");
            for site in &sites {
                prop_assert_eq!(site.head_commit_ids().unwrap().len(), 1);
            }
            let fingerprints: Vec<_> = sites
                .iter()
                .map(|site| site.state(reduced[0].unwrap()).unwrap().fingerprint().unwrap())
                .collect();
            prop_assert!(fingerprints.windows(2).all(|pair| pair[0] == pair[1]));
        }
    }

    #[test]
    fn a_pass_that_was_cut_is_finished_by_the_next(
        actions in prop::collection::vec(action(), 10..40),
        requests in 0..30u32,
        loses_answer: bool,
    ) {
        let fixture = fixture();
        let here = Database::create_in_memory(&fixture.definitions).unwrap();
        let there = Database::create_in_memory(&fixture.definitions).unwrap();
        actions.iter().for_each(|action| perform(&here, &fixture, action));
        let cut = CutReplica::new(&there, requests, loses_answer);
        let first = Synchronizer::new(&here, &cut, Mode::Fetch).with_pack_bytes(50).sync();
        let moved = there.commit_ids().unwrap().len() as u64;
        let second = Synchronizer::new(&here, &there, Mode::Fetch).sync().unwrap();
        prop_assert_eq!(sorted_commits(&here), sorted_commits(&there));
        prop_assert_eq!(second.fetch.commits + moved, here.commit_ids().unwrap().len() as u64);
        if first.is_ok() {
            prop_assert!(second.is_empty());
        }
    }
}

#[test]
fn a_pass_asks_nothing_when_neither_side_changed() {
    let fixture = fixture();
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    let there = Database::create_in_memory(&fixture.definitions).unwrap();
    commit_blob(&here, &fixture, b"one");
    let mut synchronizer = Synchronizer::new(&here, &there, Mode::Sync);
    let first = synchronizer.sync().unwrap();
    assert!(first.need_transmit);
    assert_eq!((first.fetch.commits, first.fetch.blobs, first.push.commits), (1, 1, 0));
    assert!(!synchronizer.sync().unwrap().need_transmit, "its own writes count as seen");
    commit_blob(&there, &fixture, b"two");
    let third = synchronizer.sync().unwrap();
    assert_eq!((third.fetch.commits, third.push.commits), (0, 1));
}

#[test]
fn a_database_synchronised_with_itself_or_a_copy_transfers_nothing() {
    let fixture = fixture();
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    commit_blob(&here, &fixture, b"one");
    assert!(Synchronizer::new(&here, &here, Mode::Sync).sync().unwrap().is_empty());
}

#[test]
fn a_definition_that_means_something_else_refuses_the_pass_before_anything_is_written() {
    use anabranch_model::{Concept, Definition, DefinitionsBuilder, TypeName};
    let fixture = fixture();
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    commit_blob(&here, &fixture, b"one");
    // `Item` is a kind of something here: another definition of the same name.
    let mut builder = DefinitionsBuilder::default();
    let namespace = anabranch_testkit::fixture::namespace();
    let thing = Concept::new(TypeName::new(namespace.clone(), "Thing"), "", None).unwrap();
    let item = Concept::new(TypeName::new(namespace, "Item"), "", Some(thing.clone().into())).unwrap();
    builder.add(Definition::Concept(thing.into())).unwrap();
    builder.add(Definition::Concept(item.into())).unwrap();
    let there = Database::create_in_memory(&builder.build()).unwrap();
    let versions = (here.data_version().unwrap(), there.data_version().unwrap());
    let error = Synchronizer::new(&here, &there, Mode::Sync).sync().unwrap_err();
    assert!(matches!(error, SyncError::Definitions { .. }), "{error}");
    assert!(error.to_string().contains("concept Test::Item"), "{error}");
    assert_eq!((here.data_version().unwrap(), there.data_version().unwrap()), versions);
}

#[test]
fn definitions_travel_before_the_commits_that_need_them() {
    let fixture = fixture();
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    commit_blob(&here, &fixture, b"one");
    let there = Database::create_in_memory(&Default::default()).unwrap();
    let info = Synchronizer::new(&here, &there, Mode::Sync).sync().unwrap();
    assert!(info.updated_definitions);
    assert_eq!(info.fetch.definitions.total(), fixture.definitions.len());
    assert_eq!(there.definitions().unwrap(), fixture.definitions);
}

#[test]
fn a_long_divergence_takes_few_questions() {
    let fixture = fixture();
    let here = Database::create_in_memory(&fixture.definitions).unwrap();
    let there = Database::create_in_memory(&fixture.definitions).unwrap();
    let change = |what| anabranch_testkit::script::Change { what, key: 0, first: what, second: 1 };
    let write = |site: &Database, changes: std::ops::Range<u8>| {
        for what in changes {
            perform(site, &fixture, &Action::Commit { parent: 0, changes: vec![change(what)] });
        }
    };
    write(&here, 0..100);
    Synchronizer::new(&here, &there, Mode::Sync).sync().unwrap();
    write(&here, 100..250);
    write(&there, 50..120);
    let heads = (Replica::heads(&here).unwrap(), Replica::heads(&there).unwrap());
    assert_ne!(heads.0, heads.1);
    let info = Synchronizer::new(&here, &there, Mode::Sync).sync().unwrap();
    assert_eq!((info.fetch.commits, info.push.commits), (150, 70));
    assert!(info.fetch.round_trips + info.push.round_trips <= 10, "{info:?}");
    assert_eq!(here.head_commit_ids().unwrap().len(), 2);
}
