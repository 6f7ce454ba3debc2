//! Repositories that git makes, imported and compared with what git says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anabranch::{CommitKind, Database};
use git_history::{Import, check, sample};
use tempfile::{TempDir, tempdir};

fn git(folder: &Path, words: &[&str], input: &[u8]) {
    let mut child = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main"])
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    assert!(child.wait().unwrap().success(), "git {words:?}");
}

/// A made-up repository.
fn made_up(commits: u64) -> TempDir {
    let folder = tempdir().unwrap();
    let mut stream = Vec::new();
    sample::write(commits, &mut stream).unwrap();
    git(folder.path(), &["init", "-q"], b"");
    git(folder.path(), &["fast-import", "--quiet", "--done"], &stream);
    folder
}

/// Imports a repository, in two goes where `stop_after` says so, and compares every `every`th state.
fn imported(repository: &Path, refs: &str, stop_after: u64, every: usize) -> Database {
    let folder = tempdir().unwrap();
    let database = Import::create(&folder.path().join("git.anb"), repository).unwrap();
    let run = |most: u64| {
        let mut import = Import::new(&database, repository, &[refs.to_owned()]).unwrap();
        let imported = import.run(&mut |step| step.done < most).unwrap();
        (imported, import.commits().clone())
    };
    if stop_after < u64::MAX {
        assert!(run(stop_after).0.is_stopped);
    }
    let (imported, commits) = run(u64::MAX);
    assert!(!imported.is_stopped);
    assert_eq!(imported.known + imported.revisions, commits.len() as u64);
    let checked = check(&database, repository, &commits, every, &mut |_, _| {}).unwrap();
    assert_eq!(checked.commits, commits.len().div_ceil(every) as u64);
    assert!(database.verify(&mut |_| {}).unwrap().is_sound());
    database
}

#[test]
fn each_state_of_a_history_with_merges_is_the_tree_of_git() {
    let repository = made_up(200);
    let database = imported(repository.path(), "HEAD", u64::MAX, 2);
    assert_eq!(database.head_commit_ids().unwrap().len(), 1);
    let headers: Vec<_> =
        database.commit_ids().unwrap().into_iter().map(|id| database.commit_header(id).unwrap()).collect();
    let merges = headers.iter().filter(|header| header.kind == CommitKind::Merge).count();
    assert!(merges > 10, "{merges}");
    let header = headers.iter().find(|header| header.metadata.label == "Begin").unwrap();
    assert_eq!(header.metadata.author, "Author 1");
    assert_eq!(header.metadata.timestamp, (1_600_000_000 + 600) * 1000);
}

#[test]
fn an_import_that_was_stopped_goes_on() {
    let repository = made_up(700);
    let database = imported(repository.path(), "HEAD", 10, 25);
    let again = Import::new(&database, repository.path(), &["HEAD".to_owned()]).unwrap().run(&mut |_| true);
    assert_eq!(again.unwrap().revisions, 0);
}

#[test]
fn what_repositories_have_besides_files_comes_along() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    git(path, &["init", "-q"], b"");
    std::fs::write(path.join("a b\tc\u{e9}.txt"), "text").unwrap();
    std::fs::write(path.join("empty"), "").unwrap();
    std::fs::write(path.join("run"), "#!/bin/sh\n").unwrap();
    git(path, &["add", "."], b"");
    git(path, &["update-index", "--chmod=+x", "run"], b"");
    git(
        path,
        &["update-index", "--add", "--cacheinfo", "160000,0123456789012345678901234567890123456789,sub"],
        b"",
    );
    git(path, &["commit", "-q", "-m", "First\n\nwith a body\u{2028}and more"], b"");
    git(path, &["commit", "-q", "--allow-empty", "-m", "Nothing"], b"");
    // A merge of what is ahead, and a line of its own that is merged with two others.
    git(path, &["checkout", "-q", "-b", "ahead"], b"");
    std::fs::write(path.join("new"), "new").unwrap();
    git(path, &["add", "new"], b"");
    git(path, &["commit", "-q", "-m", "Ahead"], b"");
    git(path, &["checkout", "-q", "main"], b"");
    git(path, &["merge", "-q", "--no-ff", "-m", "Merge ahead", "ahead"], b"");
    for name in ["one", "two"] {
        git(path, &["checkout", "-q", "-b", name, "HEAD~1"], b"");
        std::fs::write(path.join(name), name).unwrap();
        git(path, &["rm", "-q", "--cached", "empty"], b"");
        git(path, &["add", name], b"");
        git(path, &["commit", "-q", "-m", name], b"");
        git(path, &["checkout", "-q", "-f", "main"], b"");
    }
    git(path, &["merge", "-q", "-m", "Octopus", "one", "two"], b"");
    git(path, &["checkout", "-q", "--orphan", "other"], b"");
    git(path, &["commit", "-q", "-m", "Another root"], b"");
    imported(path, "--all", u64::MAX, 1);
}
