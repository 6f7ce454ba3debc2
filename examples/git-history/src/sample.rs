//! A made-up repository of any size, for where there is none of the size that is wanted: files that are edited, added,
//! renamed and removed on branches that are merged, some of them in conflict. The same for the same number.

use std::io::{self, Write};

/// How many branches are open at once, at the most.
const BRANCHES: usize = 6;
/// How many files there are at the beginning.
const FILES: u64 = 40;

/// Numbers without end, the same each time (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }
}

/// A file of a branch: lines of text.
#[derive(Clone)]
struct File {
    path: String,
    lines: Vec<String>,
}

/// A line of history that is open.
#[derive(Clone)]
struct Branch {
    /// The mark of its last commit.
    tip: u64,
    files: Vec<File>,
}

/// Writes a history of about so many commits, as `git fast-import` reads it.
///
/// # Errors
/// When it cannot be written.
pub fn write(commits: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut random = Random(commits);
    let mut history = History { out, mark: 0, files: 0 };
    let mut first = Branch { tip: 0, files: Vec::new() };
    for _ in 0..FILES {
        let file = history.new_file(&mut random);
        first.files.push(file);
    }
    let all: Vec<usize> = (0..first.files.len()).collect();
    history.commit(&mut first, &[], "Begin", &all, &[])?;
    let mut branches = vec![first];
    while history.mark < commits {
        let at = random.below(branches.len() as u64) as usize;
        match random.below(10) {
            0 if branches.len() < BRANCHES => {
                let branch = branches[at].clone();
                branches.push(branch);
            }
            1 if branches.len() > 1 => {
                let other = (at + 1) % branches.len();
                let target = branches[other].clone();
                merge(&mut history, &mut random, &mut branches[at], &target)?;
                if random.below(2) == 0 {
                    branches.remove(other);
                }
            }
            _ => edit(&mut history, &mut random, &mut branches[at])?,
        }
    }
    while branches.len() > 1 {
        let Some(target) = branches.pop() else { break };
        merge(&mut history, &mut random, &mut branches[0], &target)?;
    }
    writeln!(history.out, "reset refs/heads/main\nfrom :{}\n", branches[0].tip)?;
    writeln!(history.out, "done")
}

struct History<'o> {
    out: &'o mut dyn Write,
    mark: u64,
    files: u64,
}

impl History<'_> {
    fn new_file(&mut self, random: &mut Random) -> File {
        self.files += 1;
        let folder = ["src", "src/engine", "docs", "tests", "tests/data"][random.below(5) as usize];
        let lines = (0..8 + random.below(60)).map(|_| line(random)).collect();
        File { path: format!("{folder}/file{}.txt", self.files), lines }
    }

    /// A commit on a branch that writes some of its files and removes some paths.
    fn commit(
        &mut self,
        branch: &mut Branch,
        merged: &[u64],
        message: &str,
        written: &[usize],
        removed: &[String],
    ) -> io::Result<()> {
        let from = branch.tip;
        self.mark += 1;
        branch.tip = self.mark;
        let (author, time) = (self.mark % 7, 1_600_000_000 + self.mark * 600);
        let out = &mut self.out;
        writeln!(out, "commit refs/heads/scratch\nmark :{}", self.mark)?;
        writeln!(out, "committer Author {author} <author{author}@example.org> {time} +0000")?;
        writeln!(out, "data {}\n{message}", message.len())?;
        if from > 0 {
            writeln!(out, "from :{from}")?;
        }
        for parent in merged {
            writeln!(out, "merge :{parent}")?;
        }
        for path in removed {
            writeln!(out, "D {path}")?;
        }
        for index in written {
            let file = &branch.files[*index];
            let text = file.lines.join("\n") + "\n";
            writeln!(out, "M 100644 inline {}\ndata {}\n{text}", file.path, text.len())?;
        }
        writeln!(out)
    }
}

/// A commit that changes one to three files, now and then with a new, a renamed or a removed one.
fn edit(history: &mut History<'_>, random: &mut Random, branch: &mut Branch) -> io::Result<()> {
    let (mut written, mut removed) = (Vec::new(), Vec::new());
    match random.below(20) {
        0 => {
            let file = history.new_file(random);
            branch.files.push(file);
            written.push(branch.files.len() - 1);
        }
        1 if branch.files.len() > 10 => {
            let at = random.below(branch.files.len() as u64) as usize;
            removed.push(branch.files.remove(at).path);
        }
        2 => {
            let at = random.below(branch.files.len() as u64) as usize;
            history.files += 1;
            let path = format!("src/renamed{}.txt", history.files);
            removed.push(std::mem::replace(&mut branch.files[at].path, path));
            written.push(at);
        }
        _ => {
            for _ in 0..=random.below(3) {
                let at = random.below(branch.files.len() as u64) as usize;
                let lines = &mut branch.files[at].lines;
                let place = random.below(lines.len() as u64) as usize;
                match random.below(3) {
                    0 => lines.insert(place, line(random)),
                    1 if lines.len() > 4 => drop(lines.remove(place)),
                    _ => lines[place] = line(random),
                }
                written.push(at);
            }
        }
    }
    written.sort_unstable();
    written.dedup();
    let message = format!("{}\n\n{}", line(random), line(random));
    history.commit(branch, &[], &message, &written, &removed)
}

/// Merges a branch: its new files come along, and a few that both have are settled anew, as after a conflict.
fn merge(
    history: &mut History<'_>,
    random: &mut Random,
    branch: &mut Branch,
    target: &Branch,
) -> io::Result<()> {
    if target.tip == branch.tip {
        return Ok(());
    }
    let mut written = Vec::new();
    for file in &target.files {
        match branch.files.iter().position(|known| known.path == file.path) {
            None => {
                branch.files.push(file.clone());
                written.push(branch.files.len() - 1);
            }
            Some(known) if branch.files[known].lines != file.lines && random.below(2) == 0 => {
                branch.files[known].lines.clone_from(&file.lines);
                if random.below(4) == 0 {
                    branch.files[known].lines.push(line(random));
                }
                written.push(known);
            }
            Some(_) => {}
        }
    }
    history.commit(branch, &[target.tip], "Merge a branch", &written, &[])
}

/// A line of words.
fn line(random: &mut Random) -> String {
    const WORDS: [&str; 16] = [
        "river", "stone", "bridge", "water", "arm", "main", "stream", "bank", "flow", "delta", "ford",
        "rapid", "bend", "source", "mouth", "island",
    ];
    (0..4 + random.below(6)).map(|_| WORDS[random.below(16) as usize]).collect::<Vec<_>>().join(" ")
}
