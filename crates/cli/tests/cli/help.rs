//! What is asked for, and what is not there to be asked for.

use insta::assert_snapshot;

use crate::support::Site;

#[test]
fn help_lists_the_commands() {
    assert_snapshot!(Site::new().run("--help"), @"
    An embedded, typed, versioned database that works offline and replicates

    Usage: anabranch [OPTIONS] <COMMAND>

    Commands:
      quickstart   Take a tour that really runs: two sites work apart and meet again
      check        Check a model, and show everything that is wrong with it
      fmt          Lay a model out as all models are; comments stay
      init         Create a database that holds the definitions of a model
      extend       Add the definitions of a model to a database
      model        Print the definitions of a database, as DSM or as JSON
      generate     Generate code for a model, so that programs need not spell names as strings
      info         Say what a database is, and how much is in it
      ls           List attachments with their number of documents, or the documents of one
      get          Print documents, or a place in one
      commit       Apply mutations, given as JSON Lines, all in one commit
      set          Set a document, as a commit of its own
      update       Put a value in a place of a document, as a commit of its own
      union        Add members to a set, or entries to a map, as a commit of its own
      subtract     Remove members from a set, or keys from a map, as a commit of its own
      insert       Insert an element into an xarray, as a commit of its own
      remove       Remove an element from an xarray, as a commit of its own
      log          Show the history, newest first
      show         Show a commit: what it says, what it does, and the blobs that it refers to
      diff         Show what differs between two commits, by document and place
      blame        Show which commit wrote what stands in each place of a document
      trace        Show every change of a document, with why those that have no effect have none
      heads        List the heads: the commits that nothing stands on
      merge        Merge two commits
      reduce       Fold all heads into one
      disable      Hide what a commit did, by a commit that says so
      enable       Show again what a hidden commit did
      undo         Take back the last change that you made
      redo         Take back the last undo
      blob         Store blobs, and read them back
      clone        Create a database with all that another one holds
      fetch        Copy what OTHER has and DB lacks into DB
      push         Copy what DB has and OTHER lacks into OTHER
      sync         Copy both ways, so that both have everything
      export       Write a state to a folder of open files: JSON documents, definitions, blobs
      import       Read a folder of open files into a database, new or not
      flatten      Create a database whose one commit is the state of another
      serve        Serve databases to other programs and machines
      token        Make, list and revoke the tokens of a server
      ping         Measure latency and throughput of a server
      verify       Recompute every id, check every rule, and say what is wrong; nothing is changed
      gc           Remove blobs that no commit refers to, and what else nobody can use
      completions  Print a completion script for a shell

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Output:
          --json          Print JSON: one document, or one a line
          --color <WHEN>  When to colour [default: auto] [possible values: auto, always, never]
          --absolute      Print times as dates rather than how long ago
          --no-pager      Write long output to the terminal as it is, not through a pager

    New here? `anabranch quickstart` is a tour that really runs.
    [0]
    ");
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let site = Site::new();
    let help = site.run("--help").ok().stdout;
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 20, "{commands:?}");
    let blobs = ["blob put", "blob get", "blob ls", "blob stat", "generate rust"];
    for command in commands.into_iter().chain(blobs) {
        let help = site.run(&format!("{command} --help")).ok().stdout;
        let (_, examples) =
            help.split_once("Example").unwrap_or_else(|| panic!("{command} has no example:\n{help}"));
        assert!(examples.contains(&format!("anabranch {command}")), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 110), "{help}");
    }
}

#[test]
fn a_command_line_that_means_nothing_says_what_could_be_meant() {
    let site = Site::new();
    assert_snapshot!(site.run(""), @"
    2> error: no command was given
    2> hint: `anabranch --help` lists them; `anabranch quickstart` is a tour
    [2]
    ");
    assert_snapshot!(site.run("comit"), @"
    2> error: unrecognized subcommand `comit`
    2> hint: did you mean `commit`?
    2> hint: `anabranch --help` says more
    [2]
    ");
    assert_snapshot!(site.run("frobnicate"), @"
    2> error: unrecognized subcommand `frobnicate`
    2> hint: `anabranch --help` says more
    [2]
    ");
    assert_snapshot!(site.run("info"), @"
    2> error: the following required arguments were not provided: <DB>
    2> hint: usage: anabranch info <DB>; `anabranch info --help` says more
    [2]
    ");
    assert_snapshot!(site.run("log a.anb --grap"), @"
    2> error: unexpected argument `--grap` found
    2> hint: did you mean `--graph`?
    2> hint: `anabranch log --help` says more
    [2]
    ");
    assert_snapshot!(site.run("log a.anb --color sometimes"), @"
    2> error: invalid value `sometimes` for `--color <WHEN>` [possible values: auto, always, never]
    [2]
    ");
    assert_snapshot!(site.run("log a.anb -n many"), @"
    2> error: invalid value `many` for `--limit <N>`: invalid digit found in string
    [2]
    ");
    assert_snapshot!(site.run("commit a.anb"), @"
    2> error: the following required arguments were not provided: --label <LABEL>
    2> hint: usage: anabranch commit --label <LABEL> <DB> [FILE]...; `anabranch commit --help` says more
    [2]
    ");
}

#[test]
fn the_version_is_that_of_the_package() {
    let ran = Site::new().run("--version").ok();
    assert_eq!(ran.stdout, format!("anabranch {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_shell_gets_its_completions() {
    let site = Site::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = site.run(&format!("completions {shell}")).ok().stdout;
        assert!(script.contains("anabranch") && script.contains("quickstart"), "{shell}");
    }
    assert_snapshot!(site.run("completions csh"), @"
    2> error: invalid value `csh` for `<SHELL>` [possible values: bash, elvish, fish, powershell, zsh]
    2> hint: did you mean `zsh`?
    [2]
    ");
}

/// Where the manual is, and what has the test write it.
const MANUAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/commands.md");
const UPDATE: &str = "ANABRANCH_UPDATE_MANUAL";

#[test]
fn the_manual_is_what_the_commands_say_of_themselves() {
    let printed = Site::new().run("manual").ok().stdout;
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(MANUAL, &printed).unwrap();
    }
    let kept = std::fs::read_to_string(MANUAL).unwrap();
    assert!(kept == printed, "docs/commands.md is not what `anabranch manual` prints; {UPDATE}=1 writes it");
}

#[test]
fn every_command_has_a_man_page() {
    let site = Site::new();
    site.run("manual --man-pages man").ok();
    let page = String::from_utf8(site.read("man/anabranch-blob-put.1")).unwrap();
    assert!(page.contains("anabranch blob put studio.anb brick.png"), "{page}");
    assert!(site.path("man/anabranch.1").exists() && site.path("man/anabranch-undo.1").exists());
}
