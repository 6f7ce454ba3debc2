//! Every input that once broke a promise is tried again, and so is every seed.

use std::fs;
use std::path::Path;

use anabranch_fuzz::{Verdict, run, targets};

#[test]
fn inputs_that_broke_a_promise_once_break_none_now() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let mut replayed = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_type().unwrap().is_dir() {
            continue;
        }
        let name = entry.file_name();
        let all = targets();
        let target = all.iter().find(|target| *target.name == *name);
        let target = target.unwrap_or_else(|| panic!("there is no target {name:?}"));
        for file in fs::read_dir(entry.path()).unwrap() {
            let path = file.unwrap().path();
            if let Err(fault) = run(target, &fs::read(&path).unwrap()) {
                panic!("{}: {fault}", path.display());
            }
            replayed += 1;
        }
    }
    assert!(replayed > 0, "there is nothing in {}", folder.display());
}

#[test]
fn every_seed_is_accepted() {
    for target in targets() {
        assert!(!target.seeds.is_empty(), "{} has no seed", target.name);
        for seed in &target.seeds {
            let text = String::from_utf8_lossy(seed);
            assert_eq!(run(&target, seed), Ok(Verdict::Accepted), "{}: {text}", target.name);
        }
    }
}
