//! Reading a repository through git itself: commits in order with what each changes, and contents.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::error::HistoryError;

/// A repository on this machine.
#[derive(Clone, Debug)]
pub(crate) struct Repository(PathBuf);

/// A commit, and what it changes in the tree of its first parent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Revision {
    pub(crate) id: String,
    pub(crate) parents: Vec<String>,
    pub(crate) author: String,
    pub(crate) email: String,
    /// Seconds since the epoch, when it was committed.
    pub(crate) time: i64,
    pub(crate) message: String,
    pub(crate) changes: Vec<Change>,
}

/// What stands at a path from a commit on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) path: Vec<u8>,
    /// Mode and object; none where the path is removed.
    pub(crate) entry: Option<(u32, String)>,
}

/// What separates the parts of a commit's text; no name or message has it.
const MARK: &str = "\u{1}";
/// Id, parents, author, email, committer's time, message.
const FORMAT: &str = "--format=%x01%H%x01%P%x01%an%x01%ae%x01%ct%x01%B";

impl Repository {
    /// The repository at a path.
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn git(&self, words: &[&str]) -> Command {
        let mut command = Command::new("git");
        // What a user configured must not change what is printed.
        command.arg("-C").arg(&self.0).args(["-c", "log.showSignature=false", "-c", "diff.noprefix=false"]);
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    /// How many commits there are.
    pub(crate) fn count(&self, refs: &[String]) -> Result<u64, HistoryError> {
        let refs: Vec<&str> = refs.iter().map(String::as_str).collect();
        let output = self.git(&[&["rev-list", "--count"], refs.as_slice()].concat()).output()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() {
            return Err(HistoryError::Refused { command: "rev-list" });
        }
        text.parse().map_err(|_| HistoryError::Output { command: "rev-list", found: text })
    }

    /// Every commit, parents first.
    pub(crate) fn revisions(&self, refs: &[String]) -> Result<Revisions, HistoryError> {
        let mut words = vec![
            "log",
            "--reverse",
            "--topo-order",
            "--root",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
            "--diff-merges=first-parent",
            "--no-color",
            "--encoding=UTF-8",
            FORMAT,
        ];
        words.extend(refs.iter().map(String::as_str));
        let mut process = self.git(&words).spawn()?;
        let output = process.stdout.take().map(BufReader::new);
        Ok(Revisions { process, output, next: None })
    }

    /// Reads contents, one after the other, through one process.
    pub(crate) fn contents(&self) -> Result<Contents, HistoryError> {
        let mut command = self.git(&["cat-file", "--batch"]);
        let mut process = command.stdin(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(HistoryError::Refused { command: "cat-file" });
        };
        Ok(Contents { process, input, output: BufReader::new(output) })
    }

    /// Everything in the tree of a commit: paths with modes and objects.
    pub(crate) fn tree(&self, commit: &str) -> Result<Vec<Change>, HistoryError> {
        let output = self.git(&["ls-tree", "-r", "-z", "--full-tree", commit]).output()?;
        if !output.status.success() {
            return Err(HistoryError::Refused { command: "ls-tree" });
        }
        let lines = output.stdout.split(|byte| *byte == 0).filter(|line| !line.is_empty());
        lines
            .map(|line| {
                let refused = || unexpected("ls-tree", line);
                let tab = line.iter().position(|byte| *byte == b'\t').ok_or_else(refused)?;
                let head = String::from_utf8_lossy(&line[..tab]).into_owned();
                let mut words = head.split(' ');
                let mode = words.next().and_then(|mode| u32::from_str_radix(mode, 8).ok());
                let (Some(mode), Some(object)) = (mode, words.nth(1)) else { return Err(refused()) };
                Ok(Change { path: line[tab + 1..].to_vec(), entry: Some((mode, object.to_owned())) })
            })
            .collect()
    }
}

fn unexpected(command: &'static str, found: &[u8]) -> HistoryError {
    HistoryError::Output {
        command,
        found: String::from_utf8_lossy(&found[..found.len().min(80)]).into_owned(),
    }
}

/// Commits as git prints them, parents first.
pub(crate) struct Revisions {
    process: Child,
    output: Option<BufReader<ChildStdout>>,
    /// The text of the commit that comes next.
    next: Option<Vec<u8>>,
}

impl Revisions {
    /// The next commit; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Revision>, HistoryError> {
        let text = match self.next.take() {
            Some(text) => Some(text),
            None => self.part()?,
        };
        let Some(text) = text else { return self.end() };
        let mut revision = head(&text)?;
        while let Some(part) = self.part()? {
            // Git puts a line break between the text of a commit and its changes.
            let part = part.strip_prefix(b"\n").unwrap_or(&part);
            if part.is_empty() {
                continue;
            }
            if part.starts_with(MARK.as_bytes()) {
                self.next = Some(part.to_vec());
                break;
            }
            let path = self.part()?.ok_or_else(|| unexpected("log", part))?;
            revision.changes.push(change(part, path)?);
        }
        Ok(Some(revision))
    }

    /// What stands before the next zero byte.
    fn part(&mut self) -> Result<Option<Vec<u8>>, HistoryError> {
        let Some(output) = &mut self.output else { return Ok(None) };
        let mut part = Vec::new();
        if output.read_until(0, &mut part)? == 0 {
            return Ok(None);
        }
        if part.last() == Some(&0) {
            part.pop();
        }
        Ok(Some(part))
    }

    fn end(&mut self) -> Result<Option<Revision>, HistoryError> {
        match self.process.wait()?.success() {
            true => Ok(None),
            false => Err(HistoryError::Refused { command: "log" }),
        }
    }
}

impl Drop for Revisions {
    fn drop(&mut self) {
        // Git ends when nobody reads any more.
        self.output = None;
        let _ = self.process.wait();
    }
}

/// What a commit says, without its changes.
fn head(text: &[u8]) -> Result<Revision, HistoryError> {
    let whole = String::from_utf8_lossy(text);
    let parts: Vec<&str> = whole.splitn(7, MARK).collect();
    let ["", id, parents, author, email, time, message] = parts.as_slice() else {
        return Err(unexpected("log", text));
    };
    Ok(Revision {
        id: (*id).to_owned(),
        parents: parents.split_whitespace().map(str::to_owned).collect(),
        author: (*author).to_owned(),
        email: (*email).to_owned(),
        time: time.parse().map_err(|_| unexpected("log", text))?,
        message: message.trim_end().to_owned(),
        changes: Vec::new(),
    })
}

/// `:100644 100644 bcd1234… 0123456… M`, and the path.
fn change(text: &[u8], path: Vec<u8>) -> Result<Change, HistoryError> {
    let refused = || unexpected("log", text);
    let line = std::str::from_utf8(text).map_err(|_| refused())?;
    let words: Vec<&str> = line.strip_prefix(':').ok_or_else(refused)?.split(' ').collect();
    let [_, mode, _, object, status] = words.as_slice() else { return Err(refused()) };
    let mode = u32::from_str_radix(mode, 8).map_err(|_| refused())?;
    let entry = (*status != "D").then(|| (mode, (*object).to_owned()));
    Ok(Change { path, entry })
}

/// Contents by what git calls them.
pub(crate) struct Contents {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Contents {
    /// How large an object is. It must then be read, by [`Self::read`] or by [`Self::reader`] to its end.
    pub(crate) fn ask(&mut self, object: &str) -> Result<u64, HistoryError> {
        writeln!(self.input, "{object}")?;
        self.input.flush()?;
        let mut line = Vec::new();
        self.output.read_until(b'\n', &mut line)?;
        let text = String::from_utf8_lossy(&line).into_owned();
        let size = text.trim_end().rsplit(' ').next().and_then(|size| size.parse().ok());
        size.ok_or_else(|| unexpected("cat-file", &line))
    }

    /// The content of the object that was asked for.
    pub(crate) fn read(&mut self, size: u64) -> Result<Vec<u8>, HistoryError> {
        let mut content = Vec::new();
        self.reader(size).read_to_end(&mut content)?;
        self.finish()?;
        Ok(content)
    }

    /// Reads the object that was asked for; [`Self::finish`] comes after its end.
    pub(crate) fn reader(&mut self, size: u64) -> impl Read + '_ {
        (&mut self.output).take(size)
    }

    /// Passes the line break behind an object.
    pub(crate) fn finish(&mut self) -> Result<(), HistoryError> {
        let mut end = [0];
        self.output.read_exact(&mut end)?;
        Ok(())
    }
}

impl Drop for Contents {
    fn drop(&mut self) {
        // It waits for questions, and there will be none.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
