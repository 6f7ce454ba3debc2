//! Replication over the wire: what moves, in how many round trips, and what notices tell.

#![expect(clippy::unwrap_used, reason = "tests: a failure here is the finding")]

mod support;

use std::time::{Duration, Instant};

use anabranch_engine::{BlobLayout, Database, MutableState};
use anabranch_model::{CommitId, Path, Value};
use anabranch_sync::{Continuous, Event, Mode, Replica, Synchronizer};
use anabranch_testkit::fixture::{Fixture, fixture};
use anabranch_testkit::script::{action, perform};
use proptest::prelude::*;
use support::{Kind, Site};

fn commit(fixture: &Fixture, database: &Database, count: i64) -> CommitId {
    let base = database.last_commit_id().unwrap().unwrap_or(CommitId::ZERO);
    let mut mutable = MutableState::new(database.state(base).unwrap());
    let key = fixture.key(0);
    if mutable.get(&fixture.doc, &key).unwrap().is_none() {
        mutable.set(&fixture.doc, &key, fixture.doc.create_document()).unwrap();
    }
    mutable.update(&fixture.doc, &key, &Path::from_field("count"), Value::Int64(count)).unwrap();
    database.commit_mutations("counted", &mutable).unwrap()
}

fn local(fixture: &Fixture) -> Database {
    Database::create_in_memory(&fixture.definitions).unwrap()
}

fn same(left: &Database, right: &Database) {
    let sorted = |database: &Database| {
        let mut ids = database.commit_ids().unwrap();
        ids.sort();
        ids
    };
    assert_eq!(sorted(left), sorted(right));
    assert_eq!(left.head_commit_ids().unwrap(), right.head_commit_ids().unwrap());
    assert_eq!(left.blob_ids().unwrap(), right.blob_ids().unwrap());
}

#[test]
fn a_clone_holds_what_the_server_holds() {
    let fixture = fixture();
    let site = Site::new(Kind::Tcp);
    let remote = site.database();
    remote.extend_definitions(&fixture.definitions).unwrap();
    let content: Vec<u8> = (0..2_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    let blob = remote.create_blob(BlobLayout::default(), &content).unwrap();
    for count in 0..20 {
        commit(&fixture, &remote, count);
    }
    let mut mutable = MutableState::new(remote.state(remote.last_commit_id().unwrap().unwrap()).unwrap());
    mutable.update(&fixture.doc, &fixture.key(0), &Path::from_field("picture"), Value::BlobId(blob)).unwrap();
    remote.commit_mutations("picture", &mutable).unwrap();

    let here = Database::create_in_memory(&Default::default()).unwrap();
    let info = Synchronizer::new(&remote, &here, Mode::Fetch).sync().unwrap();
    assert_eq!((info.fetch.commits, info.fetch.blobs), (21, 1));
    assert!(info.updated_definitions);
    same(&here, &remote);
    assert_eq!(here.read_blob(blob).unwrap(), content);

    // And back, to a server that has nothing; from one server to another.
    let other = Site::new(Kind::Socket);
    let info = Synchronizer::new(&here, &other.database(), Mode::Sync).sync().unwrap();
    assert_eq!((info.fetch.commits, info.fetch.blobs, info.push.commits), (21, 1, 0));
    same(&other.served(), &here);
    let third = Site::new(Kind::Socket);
    let info = Synchronizer::new(&remote, &third.database(), Mode::Sync).sync().unwrap();
    assert_eq!((info.fetch.commits, info.fetch.blobs), (21, 1));
    same(&third.served(), &here);
    assert!(third.served().verify(&mut |_| {}).unwrap().is_sound());
}

#[test]
fn one_new_commit_takes_four_round_trips_whichever_side_has_it() {
    let fixture = fixture();
    let site = Site::new(Kind::Socket);
    let remote = site.database();
    let here = local(&fixture);
    for count in 0..50 {
        commit(&fixture, &here, count);
    }
    Synchronizer::new(&here, &remote, Mode::Sync).sync().unwrap();
    let mut synchronizer = Synchronizer::new(&remote, &here, Mode::Sync);
    synchronizer.sync().unwrap();
    for is_local in [true, false] {
        commit(&fixture, if is_local { &here } else { &remote }, 1000);
        let before = remote.round_trips();
        let info = synchronizer.sync().unwrap();
        assert_eq!(info.fetch.commits + info.push.commits, 1);
        let taken = remote.round_trips() - before;
        assert!(taken <= 4, "{taken} round trips, local: {is_local}");
        same(&here, &remote);
    }
    let before = remote.round_trips();
    assert!(!synchronizer.sync().unwrap().need_transmit);
    assert_eq!(remote.round_trips() - before, 1);
}

#[test]
fn two_sites_that_went_apart_meet_in_few_round_trips() {
    let fixture = fixture();
    let site = Site::new(Kind::Socket);
    let remote = site.database();
    let here = local(&fixture);
    commit(&fixture, &here, 0);
    Synchronizer::new(&here, &remote, Mode::Sync).sync().unwrap();
    let served = site.served();
    for count in 0..300 {
        commit(&fixture, &here, 2 * count);
        commit(&fixture, &served, 2 * count + 1);
    }
    let before = remote.round_trips();
    let info = Synchronizer::new(&remote, &here, Mode::Sync).sync().unwrap();
    assert_eq!((info.fetch.commits, info.push.commits), (300, 300));
    let taken = remote.round_trips() - before;
    assert!(taken <= 9, "{taken} round trips");
    same(&here, &served);
}

#[test]
fn a_repeated_read_costs_no_round_trip_and_a_first_one_two() {
    let fixture = fixture();
    let site = Site::new(Kind::Socket);
    let writer = site.database();
    writer.extend_definitions(&fixture.definitions).unwrap();
    let first = commit(&fixture, &writer, 1);
    for count in 0..100 {
        commit(&fixture, &writer, count);
    }
    let reader = site.database();
    let read = |id: CommitId| {
        let before = reader.round_trips();
        reader.state(id).unwrap().get(&fixture.doc, &fixture.key(0)).unwrap().unwrap();
        reader.round_trips() - before
    };
    let last = reader.last_commit_id().unwrap().unwrap();
    assert!(read(last) <= 2);
    assert_eq!(read(last), 0);
    assert!(read(first) <= 2);
    assert_eq!((read(first), read(last)), (0, 0));
    // A commit is one round trip, and what it changed is known.
    let before = writer.round_trips();
    let mutable = MutableState::new(writer.state(last).unwrap());
    let made = writer.commit_mutations("nothing", &mutable).unwrap();
    assert_eq!(writer.round_trips() - before, 1);
    assert!(writer.state(made).unwrap().get(&fixture.doc, &fixture.key(0)).unwrap().is_some());
}

#[test]
fn many_documents_take_few_round_trips() {
    let fixture = fixture();
    let site = Site::new(Kind::Socket);
    let remote = site.database();
    remote.extend_definitions(&fixture.definitions).unwrap();
    let mut mutable = MutableState::new(remote.initial_state().unwrap());
    for number in 0..200 {
        mutable.set(&fixture.doc, &fixture.key(number), fixture.doc.create_document()).unwrap();
    }
    let made = remote.commit_mutations("many", &mutable).unwrap();
    let reader = site.database();
    let before = reader.round_trips();
    assert_eq!(reader.state(made).unwrap().documents().unwrap().len(), 200);
    let taken = reader.round_trips() - before;
    assert!(taken <= 8, "{taken} round trips");
}

#[test]
fn clients_that_commit_at_once_lose_and_double_nothing() {
    let fixture = fixture();
    let site = Site::new(Kind::Socket);
    site.database().extend_definitions(&fixture.definitions).unwrap();
    std::thread::scope(|scope| {
        for client in 0..8 {
            let (site, fixture) = (&site, &fixture);
            scope.spawn(move || {
                let database = site.database();
                let mut on = CommitId::ZERO;
                for step in 0..10 {
                    let mut mutable = MutableState::new(database.state(on).unwrap());
                    let key = fixture.key(client);
                    let mut document = fixture.doc.create_document();
                    Path::from_field("count").set(&mut document, Value::Int64(step)).unwrap();
                    mutable.set(&fixture.doc, &key, document).unwrap();
                    on = database.commit_mutations("mine", &mutable).unwrap();
                    let read = database.state(on).unwrap().get(&fixture.doc, &key).unwrap().unwrap();
                    assert_eq!(Path::from_field("count").at(&read), Ok(&Value::Int64(step)));
                }
            });
        }
    });
    let served = site.served();
    assert_eq!(served.commit_ids().unwrap().len(), 80);
    assert_eq!(served.head_commit_ids().unwrap().len(), 8);
    assert!(served.verify(&mut |_| {}).unwrap().is_sound());
    let reduced = site.database().reduce_heads(None).unwrap().unwrap();
    assert_eq!(site.database().state(reduced).unwrap().keys(&fixture.doc).unwrap().len(), 8);
}

#[test]
fn a_notice_comes_soon_after_the_commit_whoever_makes_it() {
    let fixture = fixture();
    let site = Site::new(Kind::Socket);
    let remote = site.database();
    remote.extend_definitions(&fixture.definitions).unwrap();
    let mut changes = remote.changes().unwrap().unwrap();
    let mut known = changes.wait(Duration::from_secs(10)).unwrap().unwrap();
    for (count, database) in [site.database(), site.served(), site.opened_again()].iter().enumerate() {
        commit(&fixture, database, count as i64);
        let started = Instant::now();
        loop {
            let version = changes.wait(Duration::from_secs(10)).unwrap().unwrap();
            if version > known {
                known = version;
                break;
            }
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
}

#[test]
fn continuous_synchronisation_follows_both_sides_and_stops_when_told() {
    let fixture = fixture();
    let site = Site::new(Kind::Socket);
    let here = local(&fixture);
    let remote = site.database();
    let mut continuous = Continuous::new(&remote, &here, Mode::Sync, Duration::from_millis(20));
    let cancellation = continuous.cancellation();
    let served = site.served();
    std::thread::scope(|scope| {
        let running = scope.spawn(move || {
            let mut in_step = 0;
            continuous.run(&mut |event| in_step += u32::from(matches!(event, Event::InStep(_)))).unwrap();
            in_step
        });
        let until = |what: &dyn Fn() -> bool| {
            let started = Instant::now();
            while !what() {
                assert!(started.elapsed() < Duration::from_secs(20));
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        until(&|| served.definitions().unwrap().len() == fixture.definitions.len());
        let there = commit(&fixture, &served, 1);
        until(&|| here.commit_exists(there).unwrap());
        let made = commit(&fixture, &here, 2);
        until(&|| served.commit_exists(made).unwrap());
        cancellation.cancel();
        assert!(running.join().unwrap() >= 2);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn sites_meet_over_the_wire_as_they_do_without(
        ours in prop::collection::vec(action(), 1..15),
        theirs in prop::collection::vec(action(), 1..15),
        pack_bytes in 1..500u64,
    ) {
        let fixture = fixture();
        let site = Site::new(Kind::Socket);
        let remote = site.database();
        let here = local(&fixture);
        Synchronizer::new(&here, &remote, Mode::Sync).sync().unwrap();
        ours.iter().for_each(|action| perform(&here, &fixture, action));
        theirs.iter().for_each(|action| perform(&remote, &fixture, action));
        Synchronizer::new(&remote, &here, Mode::Sync).with_pack_bytes(pack_bytes).sync().unwrap();
        same(&here, &site.served());
        prop_assert!(Synchronizer::new(&remote, &here, Mode::Sync).sync().unwrap().is_empty());
    }
}
