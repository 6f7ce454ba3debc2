//! Many inputs to one target.

use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{fs, io};

use crate::mutation::mutate;
use crate::random::Random;
use crate::run::{Fault, Verdict, run};
use crate::targets::Target;

/// How a target is driven.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Decides every input.
    pub seed: u64,
    /// How long to go on.
    pub time: Duration,
    /// Where each input is written before it is tried, for runs that end the process.
    pub record: Option<PathBuf>,
}

/// An input under which a target broke a promise.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The input.
    pub input: Vec<u8>,
    /// What happened.
    pub fault: Fault,
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many inputs were tried.
    pub executions: u64,
    /// How many of them the reader accepted.
    pub accepted: u64,
    /// How long it took.
    pub took: Duration,
    /// What was found; different faults, each with the shortest input that showed it.
    pub findings: Vec<Finding>,
}

/// No more inputs are kept to make others of.
const CORPUS: usize = 4096;
/// A run ends after so many different findings: one mistake shows in many ways.
const FINDINGS: usize = 20;

/// Tries inputs until the time is over.
///
/// # Errors
/// When an input cannot be recorded.
pub fn drive(target: &Target, plan: &Plan) -> io::Result<Tally> {
    let mut random = Random::new(plan.seed);
    let mut corpus = target.seeds.clone();
    let mut tally = Tally::default();
    let start = Instant::now();
    let mut pristine = target.seeds.iter().cloned();
    while tally.took < plan.time && tally.findings.len() < FINDINGS {
        let input = pristine.next().unwrap_or_else(|| fresh(&corpus, target, &mut random));
        if let Some(path) = &plan.record {
            fs::write(path, &input)?;
        }
        match run(target, &input) {
            Ok(Verdict::Accepted) => {
                tally.accepted += 1;
                // Good inputs that are far from the seeds are what is hard to come by.
                if corpus.len() < CORPUS {
                    corpus.push(input);
                } else if random.below(16) == 0 {
                    let place = random.below(corpus.len());
                    corpus[place] = input;
                }
            }
            Ok(Verdict::Refused) => {}
            Err(fault) => note(&mut tally.findings, Finding { input, fault }),
        }
        tally.executions += 1;
        tally.took = start.elapsed();
    }
    Ok(tally)
}

fn fresh(corpus: &[Vec<u8>], target: &Target, random: &mut Random) -> Vec<u8> {
    let mut input = random.choose(corpus).cloned().unwrap_or_default();
    let other = random.choose(corpus).cloned().unwrap_or_default();
    mutate(&mut input, target.dictionary, &other, random);
    input
}

/// Keeps the shortest input of each kind of fault.
fn note(findings: &mut Vec<Finding>, finding: Finding) {
    let same = |known: &&mut Finding| match (&known.fault, &finding.fault) {
        (Fault::Memory { .. }, Fault::Memory { .. }) | (Fault::Time(_), Fault::Time(_)) => true,
        (a, b) => a == b,
    };
    match findings.iter_mut().find(same) {
        Some(known) if known.input.len() > finding.input.len() => *known = finding,
        Some(_) => {}
        None => findings.push(finding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(check: fn(&[u8]) -> Result<Verdict, String>) -> Target {
        let seeds = vec![b"a seed of some length".to_vec()];
        Target {
            name: "test",
            dictionary: &[b"x"],
            seeds,
            check: Box::new(check),
            factor: 8,
            allowance: 1 << 16,
        }
    }

    fn faults(check: fn(&[u8]) -> Result<Verdict, String>) -> Vec<String> {
        let plan = Plan { seed: 1, time: Duration::from_millis(300), record: None };
        let tally = drive(&target(check), &plan).unwrap();
        assert!(tally.executions > 1);
        tally.findings.iter().map(|finding| finding.fault.to_string()).collect()
    }

    #[test]
    fn every_kind_of_broken_promise_is_found() {
        let panics = faults(|input| {
            assert!(!input.contains(&b'x'), "an x");
            Ok(Verdict::Accepted)
        });
        assert_eq!(panics, ["panic: an x"]);
        let second =
            faults(|input| if input.len() > 30 { Err("long".to_owned()) } else { Ok(Verdict::Accepted) });
        assert_eq!(second, ["broken promise: long"]);
        let greedy = faults(|input| {
            let hoard = vec![0_u8; if input.len() > 30 { 1 << 20 } else { 1 }];
            Ok(if hoard.len() > input.len() { Verdict::Accepted } else { Verdict::Refused })
        });
        assert!(greedy.len() == 1 && greedy[0].ends_with("allowed"), "{greedy:?}");
        assert!(faults(|_| Ok(Verdict::Refused)).is_empty());
    }
}
