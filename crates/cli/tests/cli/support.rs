//! A scratch folder to run commands in, and what they printed.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex::{Captures, Regex};
use tempfile::TempDir;

/// The binary under test.
const ANABRANCH: &str = env!("CARGO_BIN_EXE_anabranch");

/// A model with one of everything that commands treat specially.
pub(crate) const MODEL: &str = r#"
namespace Demo {5f0d9a3e-6d1b-4c58-9a55-0c1f6c8f0a11} {
    concept Person;
    concept Admin is a Person;
    concept Team;
    club Party;
    membership Party Person;
    membership Party Team;

    enum Stage { draft, review, done };

    struct Address { string street; uint16 number = 1; };

    struct Card {
        string name;
        uint8 age;
        Stage stage;
        Address home;
        set<string> tags;
        map<string, int32> scores;
        optional<string> email;
        xarray<string> notes;
        variant<string, int64> extra;
        blob_id picture;
    };

    attachment<Person, Card> card;
    attachment<Person, Address> address;
    attachment<Team, Address> address;
    attachment<Team, set<key<Person>>> members;
    attachment<Party, string> motto;
    attachment<any_concept, any> remark;
};
"#;

/// The person that most tests are about.
pub(crate) const ALICE: &str = "aa110000-0000-4000-8000-000000000001";
/// Somebody else.
pub(crate) const BOB: &str = "bb220000-0000-4000-8000-000000000002";

/// A scratch folder with a model in it.
pub(crate) struct Site {
    folder: TempDir,
}

impl Site {
    /// Only a model.
    pub(crate) fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        site.write("model.dsm", MODEL);
        site
    }

    /// A database `a.anb` with nothing in it.
    pub(crate) fn with_database() -> Self {
        let site = Self::new();
        site.run("init a.anb --model model.dsm").ok();
        site
    }

    /// A database `a.anb` with two persons, of whom Alice has tags, scores, an email and notes.
    pub(crate) fn with_people() -> Self {
        let site = Self::with_database();
        site.write("people.jsonl", people());
        site.run("commit a.anb -m People people.jsonl").ok();
        site
    }

    /// Where a file of this name is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// What a file holds.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs a command line, which starts after `anabranch`.
    pub(crate) fn run(&self, line: &str) -> Ran {
        self.run_with("", line)
    }

    /// Runs a command line with this on standard input.
    pub(crate) fn run_with(&self, input: &str, line: &str) -> Ran {
        Ran::of(self.command(line), input)
    }

    /// A mutation as one commit; answers the id of the commit.
    pub(crate) fn commit(&self, database: &str, label: &str, mutation: &str) -> String {
        let ran = self.run_with(mutation, &format!("commit {database} -m '{label}'"));
        ran.ok().stdout.trim().to_owned()
    }

    /// The process of a command line, yet to be started.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = process(ANABRANCH, self.folder.path());
        command.args(words(line));
        command
    }
}

/// A process in a folder, in an environment that is the same everywhere.
fn process(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "ANABRANCH_NOW", "USER", "USERNAME"] {
        command.env_remove(name);
    }
    command.env("ANABRANCH_AUTHOR", "ann").env("COLUMNS", "100");
    command
}

/// A shell in a folder that runs a script, where `anabranch` is the binary under test.
pub(crate) fn shell(folder: &Path, script: &str) -> Command {
    let mut folders = vec![Path::new(ANABRANCH).parent().unwrap().to_owned()];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut shell = process("sh", folder);
    shell.args(["-c", script]).env("PATH", std::env::join_paths(folders).unwrap());
    shell
}

/// The words of a line, as a shell sees them.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// Two persons, as mutations.
pub(crate) fn people() -> String {
    let alice = format!(
        r#"{{"op":"set","attachment":"Demo::Person.card","key":"{ALICE}","value":{{"name":"Alice","age":34,"stage":".review","tags":["a","b"],"scores":[["chess",3]],"email":"alice@example.org"}}}}"#
    );
    let bob = format!(
        r#"{{"op":"set","attachment":"Demo::Person.card","key":"{BOB}","value":{{"name":"Bob","age":27}}}}"#
    );
    let note = format!(
        r#"{{"op":"insert_in_xarray","attachment":"card","key":"{ALICE}","path":".notes","position":"00000000-0000-4000-8000-00000000000a","value":"first"}}"#
    );
    format!("{alice}\n{bob}\n{note}\n")
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Ran {
    /// Runs a process to its end.
    pub(crate) fn of(mut command: Command, input: &str) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A process that does not read may have closed its end already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Self {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        }
    }

    /// The same, which must have gone well.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }

    /// The JSON on standard output.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hidden = Hidden::default();
        let (stdout, stderr) = (hidden.hide(&self.stdout), hidden.hide(&self.stderr));
        for line in stdout.lines() {
            writeln!(f, "{line}")?;
        }
        for line in stderr.lines() {
            writeln!(f, "2> {line}")?;
        }
        match self.code {
            Some(code) => write!(f, "[{code}]"),
            None => write!(f, "[killed]"),
        }
    }
}

/// Puts in place of ids, times and durations what is the same in each run, without moving what stands behind.
///
/// Each id becomes a letter as often as it has digits; one id is one letter, abbreviated or not. Ids that tests choose, which
/// have many zeros, stay.
#[derive(Default)]
pub(crate) struct Hidden {
    ids: Vec<String>,
    uuids: HashMap<String, char>,
}

impl Hidden {
    /// The text with what differs from run to run hidden.
    pub(crate) fn hide(&mut self, text: &str) -> String {
        let time = Regex::new(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(?:\.\d{3}(Z)|( UTC))").unwrap();
        let text = time.replace_all(text, "0000-00-00${1}00:00:00$2$3");
        let duration = Regex::new(r"(?m)  (?:\d+ ms|\d+\.\d s|\d+ min \d+ s)$").unwrap();
        let text = duration.replace_all(&text, "  0 ms");
        let milliseconds = Regex::new(r#""milliseconds":[0-9.e-]+"#).unwrap();
        let text = milliseconds.replace_all(&text, r#""milliseconds":0"#);
        let uuid = Regex::new(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b").unwrap();
        let text = uuid.replace_all(&text, |found: &Captures<'_>| self.uuid(&found[0]));
        let id = Regex::new(r"\b(?:[0-9a-f]{64}|[0-9a-f]{16}|[0-9a-f]{12})\b").unwrap();
        id.replace_all(&text, |found: &Captures<'_>| self.id(&found[0])).into_owned()
    }

    fn id(&mut self, id: &str) -> String {
        if id.contains("00000000") {
            return id.to_owned();
        }
        let known = self.ids.iter().position(|known| known.starts_with(id) || id.starts_with(known.as_str()));
        let place = known.unwrap_or_else(|| {
            self.ids.push(id.to_owned());
            self.ids.len() - 1
        });
        if self.ids[place].len() < id.len() {
            self.ids[place] = id.to_owned();
        }
        char::from(b'A' + place as u8).to_string().repeat(id.len())
    }

    fn uuid(&mut self, uuid: &str) -> String {
        if uuid.contains("00000000") {
            return uuid.to_owned();
        }
        let next = char::from(b'u' + (self.uuids.len() % 6) as u8);
        let letter = *self.uuids.entry(uuid.to_owned()).or_insert(next);
        uuid.chars().map(|character| if character == '-' { '-' } else { letter }).collect()
    }
}
