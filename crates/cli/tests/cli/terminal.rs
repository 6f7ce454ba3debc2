//! What is different on a terminal: colour, width, progress, the pager, Ctrl-C.
//!
//! `script` gives the terminal; what is typed goes to its standard input.

#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anabranch::{BlobLayout, Database, MutableState, OpenMode, Path, Value};
use regex::Regex;

use crate::support::{ALICE, Site, shell};

/// The longest that anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that runs on a terminal.
struct Terminal {
    process: Child,
    shown: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    /// Runs a command line of the shell on a terminal of so many columns.
    fn run(site: &Site, columns: u16, line: &str) -> Self {
        let script =
            format!("exec script -qefc 'stty cols {columns} rows 40; {line}' /dev/null", line = line);
        let mut command = shell(&site.path(""), &script);
        command.env("TERM", "xterm").env_remove("PAGER").env_remove("LESS").env_remove("ANABRANCH_PAGER");
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = process.stdout.take().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let grows = Arc::clone(&shown);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(size @ 1..) = output.read(&mut buffer) {
                grows.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..size]));
            }
        });
        Self { process, shown, reader }
    }

    /// Waits until this has been shown.
    fn wait_for(&self, text: &str) {
        let started = Instant::now();
        while !self.shown.lock().unwrap().contains(text) {
            assert!(started.elapsed() < PATIENCE, "no {text:?} in {:?}", self.shown.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types this.
    fn type_in(&mut self, text: &str) {
        self.process.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Waits for the end; all that was shown, and the exit code.
    fn end(mut self) -> (String, Option<i32>) {
        let code = self.process.wait().unwrap().code();
        self.reader.join().unwrap();
        let shown = self.shown.lock().unwrap().clone();
        (shown, code)
    }
}

/// What is shown without what steers the terminal.
fn plain(shown: &str) -> String {
    Regex::new("\u{1b}(?:\\[[0-9;?]*[A-Za-z]|[=>])").unwrap().replace_all(shown, "").into_owned()
}

/// A database with so many commits, each of a blob of two megabytes.
fn with_blobs(number: u64) -> Site {
    let site = Site::with_people();
    let database = Database::open(site.path("a.anb"), OpenMode::ReadWrite).unwrap();
    let definitions = database.definitions().unwrap();
    let card = definitions.find_attachment("Demo::Person.card").unwrap();
    let key = card.create_key(ALICE.parse().unwrap()).unwrap();
    let mut random = 1_u64;
    for _ in 0..number {
        let content: Vec<u8> = std::iter::repeat_with(|| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random.to_le_bytes()
        })
        .take(250_000)
        .flatten()
        .collect();
        let blob = database.create_blob(BlobLayout::default(), &content).unwrap();
        let last = database.last_commit_id().unwrap().unwrap();
        let mut state = MutableState::new(database.state(last).unwrap());
        state.update(card, &key, &Path::from_field("picture"), Value::BlobId(blob)).unwrap();
        database.commit_mutations("A picture", &state).unwrap();
    }
    site
}

#[test]
fn colours_and_lines_are_those_of_the_terminal() {
    let site = Site::with_people();
    let long = "A label that is longer than the narrow terminal ".repeat(3);
    site.run(&format!("update a.anb card aa11 .age 35 -m '{long}'")).ok();
    for columns in [60, 80, 120] {
        let (shown, code) = Terminal::run(&site, columns, "anabranch log a.anb --graph").end();
        assert_eq!(code, Some(0));
        assert!(shown.contains("\u{1b}[35m"), "no colour of commits in {shown:?}");
        let longest = plain(&shown).lines().map(|line| line.trim_end().chars().count()).max().unwrap();
        assert!(longest <= usize::from(columns) && longest > usize::from(columns) - 12, "{longest}: {shown}");
    }
    let (shown, _) = Terminal::run(&site, 80, "NO_COLOR=1 anabranch log a.anb --no-pager").end();
    assert_eq!(plain(&shown), shown);
    let (shown, code) = Terminal::run(&site, 80, "anabranch show a.anb 0000").end();
    assert_eq!(code, Some(1));
    assert!(shown.contains("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m"), "{shown:?}");
}

#[test]
fn long_output_goes_through_the_pager() {
    let site = Site::with_people();
    let paged = |line: &str| {
        let _ = std::fs::remove_file(site.path("paged"));
        let (shown, code) = Terminal::run(&site, 80, line).end();
        assert_eq!(code, Some(0), "{shown}");
        (shown, std::fs::read_to_string(site.path("paged")).ok())
    };
    let (shown, page) = paged("ANABRANCH_PAGER=\"cat > paged\" anabranch log a.anb -n 1");
    let page = page.unwrap();
    assert!(page.contains("\u{1b}[35m") && page.contains("People"), "{page:?}");
    assert_eq!(shown.trim(), "");
    let (_, page) = paged("PAGER=\"cat > paged\" anabranch get a.anb card aa11");
    assert!(page.unwrap().contains("Alice"));
    let (shown, page) = paged("PAGER=\"cat > paged\" anabranch --no-pager log a.anb");
    assert!(page.is_none() && shown.contains("People"));
    let (shown, page) = paged("PAGER=\"cat > paged\" anabranch log a.anb --json");
    assert!(page.is_none() && shown.contains("People"));
    let (shown, page) = paged("ANABRANCH_PAGER= PAGER=\"cat > paged\" anabranch log a.anb");
    assert!(page.is_none() && shown.contains("People"));
    // What is not a terminal has no pager.
    let (shown, page) = paged("PAGER=\"cat > paged\" anabranch log a.anb | cat");
    assert!(page.is_none() && shown.contains("People"));
    // One that is left early ends the command quietly.
    let (shown, _) = paged("PAGER=true anabranch get a.anb card");
    assert_eq!(shown.trim(), "");
}

#[test]
fn progress_is_shown_and_gone_when_done() {
    let site = with_blobs(40);
    let (shown, code) = Terminal::run(&site, 100, "anabranch clone a.anb b.anb").end();
    assert_eq!(code, Some(0), "{shown}");
    let visible = plain(&shown);
    assert!(visible.contains("fetching") && visible.contains("MB"), "{visible}");
    assert!(visible.contains("commits/s"), "{visible}");
    // The last thing that is shown stands on a line that was cleared.
    let (_, last) = shown.rsplit_once("\u{1b}[2K").expect("a cleared line");
    assert!(plain(last).trim().starts_with("cloned a.anb to b.anb: "), "{last:?}");
    // Nothing of it goes to a file.
    let (_, code) = Terminal::run(&site, 100, "anabranch clone a.anb c.anb 2>talk >result").end();
    assert_eq!(code, Some(0));
    assert_eq!(site.read("talk"), b"");
    assert!(site.read("result").starts_with(b"cloned"));
}

#[test]
fn ctrl_c_ends_copying_which_goes_on_the_next_time() {
    let site = with_blobs(60);
    let mut terminal = Terminal::run(&site, 100, "anabranch clone a.anb b.anb");
    terminal.wait_for("fetching");
    terminal.type_in("\u{3}");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(130), "{shown}");
    let expected = "interrupted: what was copied stays, and the next run goes on from there";
    assert!(plain(&shown).contains(expected), "{shown}");
    assert!(!site.path("b.anb").exists());
    site.run("verify b.anb.partial").ok();
    let ran = site.run("clone a.anb b.anb --json").ok().json();
    assert_eq!(ran["is_resumed"], true);
    site.run("verify b.anb").ok();
    assert_eq!(site.run("sync a.anb b.anb --exit-code").code, Some(3));
}

#[test]
fn ctrl_c_commits_nothing() {
    let site = Site::with_people();
    let mut terminal = Terminal::run(&site, 100, "anabranch commit a.anb -m Typed");
    terminal.wait_for("reading mutations from the terminal");
    terminal.type_in(
        "{\"op\":\"update\",\"attachment\":\"card\",\"key\":\"aa11\",\"path\":\".age\",\"value\":1}\n",
    );
    terminal.type_in("\u{3}");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(130), "{shown}");
    assert!(plain(&shown).contains("interrupted: nothing was committed"), "{shown}");
    assert_eq!(site.run("log a.anb --json").ok().stdout.lines().count(), 1);
}

#[test]
fn what_is_typed_is_committed_at_the_end_of_input() {
    let site = Site::with_people();
    let mut terminal = Terminal::run(&site, 100, "anabranch commit a.anb -m Typed");
    terminal.wait_for("reading mutations from the terminal");
    terminal.type_in(
        "{\"op\":\"update\",\"attachment\":\"card\",\"key\":\"aa11\",\"path\":\".age\",\"value\":1}\n\u{4}",
    );
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(site.run("get a.anb card aa11 .age").ok().stdout, "1\n");
}

#[test]
fn a_blob_is_not_written_to_a_terminal_and_half_a_file_is_none() {
    let site = Site::with_people();
    let blob = site.run_with("picture", "blob put a.anb").ok().stdout.trim().to_owned();
    let (shown, code) = Terminal::run(&site, 100, &format!("anabranch blob get a.anb {blob}")).end();
    assert_eq!(code, Some(1));
    assert!(plain(&shown).contains("a blob is bytes, which a terminal cannot show"), "{shown}");
    let (shown, code) = Terminal::run(&site, 100, &format!("anabranch blob get a.anb {blob} | cat")).end();
    assert_eq!((shown.as_str(), code), ("picture", Some(0)));
}
