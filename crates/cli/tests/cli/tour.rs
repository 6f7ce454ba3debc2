//! The tour runs, and everything that it prints can be repeated.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::support::{Ran, Site, shell};

/// The command lines of the tour.
fn commands(output: &str) -> Vec<&str> {
    output
        .lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .filter(|line| line.starts_with("anabranch "))
        .collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn the_tour_runs_and_each_of_its_commands_repeats() {
    let site = Site::new();
    let tour = site.run("quickstart").ok();
    assert_eq!(tour.stderr, "");
    let lines = commands(&tour.stdout);
    assert!(lines.len() >= 20, "{lines:?}");

    let there = site.path("anabranch-quickstart");
    let again = site.path("again");
    for name in ["model", "data", "edits"] {
        copy(&there.join(name), &again.join(name));
    }
    let mut server = None;
    for line in lines {
        if let Some(serves) = line.strip_suffix(" &") {
            // Whoever types this has read where it serves before they type the next.
            let mut process =
                shell(&again, &format!("exec {serves}")).stdout(Stdio::piped()).spawn().unwrap();
            let mut said = String::new();
            BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
            assert_eq!(said, "serving paris at unix:paris.sock\n");
            server = Some(process);
            continue;
        }
        let ran = Ran::of(shell(&again, line), "");
        assert_eq!(ran.code, Some(0), "{line}\n{ran}");
    }
    let mut server = server.unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let fingerprint =
        |database: &Path| site.run(&format!("info {} --fingerprint", database.display())).ok().stdout;
    assert_eq!(fingerprint(&there.join("paris.anb")), fingerprint(&again.join("kyoto.anb")));
    assert!(tour.stdout.contains(fingerprint(&again.join("paris.anb")).trim()));
}

#[test]
fn the_tour_shows_two_heads_that_become_one_state() {
    let site = Site::new();
    let runs = site.run("quickstart there --json").ok().stdout;
    let runs: Vec<serde_json::Value> = runs.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let outputs = |command: &str| -> Vec<String> {
        let of = runs.iter().filter(|run| run["command"].as_str().unwrap().starts_with(command));
        of.map(|run| run["output"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(outputs("anabranch heads")[0].lines().count(), 2);
    let [paris, kyoto] = &outputs("anabranch reduce")[..] else { panic!("two sites reduce") };
    assert_eq!(paris, kyoto);
    let [paris, kyoto] = &outputs("anabranch info")[..] else { panic!("two sites compare") };
    assert_eq!(paris, kyoto);
    let scene = &outputs("anabranch get kyoto.anb layout 97fb0c5e")[0];
    assert!(scene.contains("stage = .review") && scene.contains("exposure = 0.5"), "{scene}");
    assert!(outputs("anabranch verify").iter().all(|output| output.starts_with("ok: ")));
    assert!(outputs("anabranch commit")[0].starts_with("3,775 mutations"));
}

#[test]
fn the_tour_leaves_what_is_there_alone() {
    let site = Site::new();
    std::fs::create_dir(site.path("mine")).unwrap();
    site.write("mine/notes.txt", "mine");
    assert_snapshot!(site.run("quickstart mine"), @"
    2> error: mine is not empty
    2> hint: name a new folder: `anabranch quickstart mine-2`
    [1]
    ");
    assert_snapshot!(site.run("quickstart model.dsm"), @"
    2> error: model.dsm is not a folder
    2> hint: name a new folder: `anabranch quickstart model.dsm-2`
    [1]
    ");
    assert_eq!(std::fs::read_dir(site.path("mine")).unwrap().count(), 1);
}
