//! A writer that is killed, again and again.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use anabranch::{Database, MutableState, OpenMode, Value};

use crate::support::{ALICE, Site, shell};

/// Says where to commit, in the process that is to be killed.
const DATABASE: &str = "ANABRANCH_KILL_TEST_DATABASE";

/// How often a writer is killed.
const ROUNDS: u64 = 25;

/// Commits to a database, telling each id once it is acknowledged. Started by itself it stops after a few.
#[test]
fn a_writer_acknowledges_what_it_committed() {
    let killed = std::env::var_os(DATABASE);
    let site = killed.is_none().then(Site::with_people);
    let path = site.as_ref().map(|site| site.path("a.anb")).or(killed.map(Into::into)).unwrap();
    let database = Database::open(path, OpenMode::ReadWrite).unwrap();
    let attachment = database
        .definitions()
        .unwrap()
        .attachments()
        .find(|one| one.identifier() == "Demo::Person.card")
        .unwrap()
        .clone();
    let key = attachment.create_key(ALICE.parse().unwrap()).unwrap();
    let path = anabranch::Path::from_field("age");
    for number in 0..if site.is_some() { 10 } else { 100_000_u64 } {
        let last = database.last_commit_id().unwrap().unwrap();
        let mut state = MutableState::new(database.state(last).unwrap());
        state.update(&attachment, &key, &path, Value::UInt8((number % 200) as u8)).unwrap();
        let id = database.commit_mutations("Birthday", &state).unwrap();
        assert!(database.commit_exists(id).unwrap());
        println!("committed {id}");
    }
}

#[test]
fn every_acknowledged_commit_outlives_a_kill() {
    let site = Site::with_people();
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::a_writer_acknowledges_what_it_committed", "--nocapture"])
            .env(DATABASE, site.path("a.anb"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = || lines.next().and_then(Result::ok);
        let id_of = |line: &str| line.rsplit_once("committed ").map(|(_, id)| id.to_owned());
        // Some way into its work, at a moment that differs from round to round.
        acknowledged.push(std::iter::from_fn(&mut next).find_map(|line| id_of(&line)).expect("it commits"));
        std::thread::sleep(Duration::from_micros(round * round * 137 % 30_000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged
            .extend(std::iter::from_fn(next).filter_map(|line| id_of(&line)).filter(|id| id.len() == 64));

        let ran = site.run("verify a.anb").ok();
        assert!(ran.stdout.starts_with("ok: "), "{ran}");
    }
    let database = Database::open(site.path("a.anb"), OpenMode::ReadOnly).unwrap();
    for id in &acknowledged {
        assert!(database.commit_exists(id.parse().unwrap()).unwrap(), "{id} is lost");
    }
    assert!(acknowledged.len() as u64 >= ROUNDS);
    assert!(acknowledged.len() as u64 <= database.statistics().unwrap().commits);
    // It can be written as before.
    site.commit(
        "a.anb",
        "Afterwards",
        r#"{"op":"update","attachment":"card","key":"aa11","path":".age","value":1}"#,
    );
}

/// The same through the command, killed in the middle of anything: opening, committing, closing.
#[cfg(unix)]
#[test]
fn a_loop_of_commands_can_be_killed_at_any_moment() {
    use std::os::unix::process::CommandExt;

    let site = Site::with_people();
    let mut acknowledged = Vec::new();
    let script = format!(
        "i=0; while [ $i -lt 500 ]; do i=$((i+1)); \
         echo '{{\"op\":\"update\",\"attachment\":\"card\",\"key\":\"{ALICE}\",\"path\":\".age\",\"value\":'$((i%200))'}}' | \
         anabranch commit a.anb -m Birthday 2>/dev/null; done"
    );
    for round in 0..8_u64 {
        let mut child = shell(&site.path(""), &script)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        acknowledged.push(lines.next().unwrap().unwrap());
        std::thread::sleep(Duration::from_millis(round * 13 % 50));
        let group = format!("-{}", child.id());
        Command::new("kill").args(["-KILL", "--", &group]).status().unwrap();
        child.wait().unwrap();
        acknowledged.extend(lines.map_while(Result::ok).filter(|line| line.len() == 64));
        let ran = site.run("verify a.anb").ok();
        assert!(ran.stdout.starts_with("ok: "), "{ran}");
    }
    for id in acknowledged {
        site.run(&format!("show a.anb {id}")).ok();
    }
}
