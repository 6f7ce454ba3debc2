//! Sites that meet over bad networks: cut, corrupted, in pieces. In the end all hold the same, and what was acknowledged.

#![expect(clippy::unwrap_used, reason = "tests: a failure here is the finding")]

use std::time::Duration;

use anabranch_engine::Database;
use anabranch_model::CommitId;
use anabranch_remote::{ConnectOptions, Server, connect};
use anabranch_sync::{Mode, Synchronizer};
use anabranch_testkit::fixture::fixture;
use anabranch_testkit::script::{action, perform};
use anabranch_tests::proxy::{Proxy, Towards, Weather};
use proptest::prelude::*;

fn weather() -> impl Strategy<Value = Weather> {
    let place = || {
        let towards = prop_oneof![Just(Towards::Server), Just(Towards::Client)];
        prop::option::of((towards, 0..6000u64))
    };
    (place(), place(), prop::option::of(1..40usize)).prop_map(|(cut, corrupt, pieces)| Weather {
        cut,
        corrupt,
        pieces,
        delay: Duration::ZERO,
    })
}

fn is_sound(site: &Database) -> bool {
    site.verify(&mut |_| {}).unwrap().is_sound()
}

fn sorted_commits(site: &Database) -> Vec<CommitId> {
    let mut ids = site.commit_ids().unwrap();
    ids.sort();
    ids
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn after_any_weather_both_sides_are_sound_and_the_next_passes_finish(
        ours in prop::collection::vec(action(), 1..15),
        theirs in prop::collection::vec(action(), 1..15),
        weathers in prop::collection::vec(weather(), 1..6),
    ) {
        let fixture = fixture();
        let here = Database::create_in_memory(&fixture.definitions).unwrap();
        let there = Database::create_in_memory(&fixture.definitions).unwrap();
        ours.iter().for_each(|action| perform(&here, &fixture, action));
        theirs.iter().for_each(|action| perform(&there, &fixture, action));
        let mut acknowledged = sorted_commits(&here);
        acknowledged.extend(sorted_commits(&there));
        acknowledged.sort();
        acknowledged.dedup();

        let server = Server::builder().database("db", there.clone()).listen("127.0.0.1:0").start().unwrap();
        let address = server.address().strip_prefix("http://").unwrap().parse().unwrap();
        let proxy = Proxy::before(address).unwrap();
        let url = format!("http://{}", proxy.address());
        let options = ConnectOptions {
            connect_deadline: Duration::from_secs(2),
            deadline: Duration::from_secs(2),
            ..ConnectOptions::default()
        };
        for weather in &weathers {
            proxy.forecast([*weather]);
            if let Ok(remote) = connect(&url, &options) {
                // However it ends, what is there is whole.
                let _ = Synchronizer::new(&remote, &here, Mode::Sync).with_pack_bytes(300).sync();
            }
            proxy.clear();
            prop_assert!(is_sound(&here));
            prop_assert!(is_sound(&there));
        }
        let remote = connect(&url, &options).unwrap();
        Synchronizer::new(&remote, &here, Mode::Sync).sync().unwrap();
        prop_assert_eq!(sorted_commits(&here), acknowledged, "the union, and nothing else");
        prop_assert_eq!(sorted_commits(&there), sorted_commits(&here));
        prop_assert_eq!(here.head_commit_ids().unwrap(), there.head_commit_ids().unwrap());
        prop_assert_eq!(here.definitions().unwrap(), there.definitions().unwrap());
    }
}

#[test]
fn a_connection_that_was_lost_is_made_again_by_the_next_call() {
    let fixture = fixture();
    let served = Database::create_in_memory(&fixture.definitions).unwrap();
    let server = Server::builder().database("db", served.clone()).listen("127.0.0.1:0").start().unwrap();
    let proxy = Proxy::before(server.address().strip_prefix("http://").unwrap().parse().unwrap()).unwrap();
    // Long enough to connect, not long enough for all that follows.
    proxy.forecast((0..3).map(|_| Weather { cut: Some((Towards::Server, 2500)), ..Weather::default() }));
    let remote = connect(&format!("http://{}", proxy.address()), &ConnectOptions::default()).unwrap();
    for _ in 0..40 {
        let on = remote.last_commit_id().unwrap().unwrap_or(CommitId::ZERO);
        let state = anabranch_engine::MutableState::new(remote.state(on).unwrap());
        remote.commit_mutations("again", &state).unwrap();
    }
    assert!(proxy.connections() > 1);
    assert_eq!(served.commit_ids().unwrap().len(), 40);
}
