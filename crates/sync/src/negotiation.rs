//! Finding out what two replicas have in common, at the cost of what they have not (`DESIGN.md` §6).
//!
//! A walk goes back from the heads of one side and asks the other which commits it knows. A commit that it knows has all
//! its dependencies known, so the walk stops there. Questions grow, so that a long divergence takes few of them.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use anabranch_model::CommitId;

/// How many commits the first question names, unless there are more heads.
const FIRST_QUESTION: usize = 16;
/// How much each question is longer than the one before.
const GROWTH: usize = 8;
/// The most commits that a question names: 256 KiB of ids.
const LONGEST_QUESTION: usize = 8192;

/// Where a commit stands in the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// The commit.
    pub id: CommitId,
    /// 1 + the greatest generation among its dependencies.
    pub generation: u64,
    /// Its parent and target, where it has them.
    pub dependencies: Vec<CommitId>,
}

/// What a negotiation needs to know next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Where these commits stand: to be asked of the side whose graph is walked, answered by [`Negotiation::links`].
    Links(Vec<CommitId>),
    /// Which of these commits are there: to be asked of the other side, answered by [`Negotiation::known`].
    Known(Vec<CommitId>),
}

/// What came out of a negotiation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Common {
    /// The commits of the walked side that the other lacks, each after its dependencies.
    pub own: Vec<CommitId>,
    /// Commits that both have and whose histories are all that both have.
    pub common: Vec<CommitId>,
    /// How many questions the other side was asked.
    pub round_trips: u64,
}

/// The walk, as a state machine that does no I/O.
///
/// ```
/// use anabranch_sync::{Links, Negotiation, Question};
/// use anabranch_model::CommitId;
///
/// // Here: a ← b ← c. There: a and something else on top of it.
/// let [a, b, c] = [b"a", b"b", b"c"].map(|name| CommitId::of(name));
/// let links = |id| match id {
///     id if id == c => Links { id, generation: 3, dependencies: vec![b] },
///     id if id == b => Links { id, generation: 2, dependencies: vec![a] },
///     id => Links { id, generation: 1, dependencies: vec![] },
/// };
/// let mut negotiation = Negotiation::new(vec![c]);
/// while let Some(question) = negotiation.next() {
///     match question {
///         Question::Links(ids) => negotiation.links(ids.into_iter().map(links)),
///         Question::Known(ids) => negotiation.known(&ids.iter().map(|id| *id == a).collect::<Vec<_>>()),
///     }
/// }
/// let found = negotiation.finish();
/// assert_eq!(found.own, [b, c]);
/// assert_eq!(found.common, [a]);
/// ```
#[derive(Debug)]
pub struct Negotiation {
    /// Commits whose place is asked for.
    unplaced: Vec<CommitId>,
    /// Commits that may come into the next question, by generation.
    waiting: BTreeSet<(u64, CommitId)>,
    /// Commits that the other side is being asked about.
    asked: Vec<CommitId>,
    /// What was learnt of the commits met so far.
    met: HashMap<CommitId, Met>,
    longest: usize,
    round_trips: u64,
}

#[derive(Debug, Default)]
struct Met {
    generation: u64,
    dependencies: Vec<CommitId>,
    /// Whether the other side has it; none until that is known.
    known: Option<bool>,
    /// Whether a commit that the other side has depends on it.
    below_known: bool,
}

impl Negotiation {
    /// Starts a walk back from these heads.
    pub fn new(heads: Vec<CommitId>) -> Self {
        let longest = FIRST_QUESTION.max(heads.len()).min(LONGEST_QUESTION);
        let met = heads.iter().map(|id| (*id, Met::default())).collect();
        Self { unplaced: heads, waiting: BTreeSet::new(), asked: Vec::new(), met, longest, round_trips: 0 }
    }

    /// What must be known to go on; none when the walk is done. Ask again after the answer was given.
    #[expect(clippy::should_implement_trait, reason = "a walk that waits for answers is no iterator")]
    pub fn next(&mut self) -> Option<Question> {
        if !self.unplaced.is_empty() {
            return Some(Question::Links(self.unplaced.clone()));
        }
        while self.asked.len() < self.longest
            && let Some((_, id)) = self.waiting.pop_last()
        {
            self.asked.push(id);
            let dependencies = self.met.get(&id).map_or_else(Vec::new, |met| met.dependencies.clone());
            for dependency in dependencies {
                if let Entry::Vacant(unmet) = self.met.entry(dependency) {
                    unmet.insert(Met::default());
                    self.unplaced.push(dependency);
                }
            }
            // A commit is asked about after its descendants: those of lower generation wait until all are placed.
            if !self.unplaced.is_empty() && self.asked.len() < self.longest {
                return Some(Question::Links(self.unplaced.clone()));
            }
        }
        (!self.asked.is_empty()).then(|| Question::Known(self.asked.clone()))
    }

    /// Answers [`Question::Links`].
    pub fn links(&mut self, links: impl IntoIterator<Item = Links>) {
        for Links { id, generation, dependencies } in links {
            if let Some(met) = self.met.get_mut(&id) {
                met.generation = generation;
                met.dependencies = dependencies;
                if met.known.is_none() {
                    self.waiting.insert((generation, id));
                }
            }
        }
        // What could not be placed is not in the graph that is walked; there is nothing to send of it.
        self.unplaced.clear();
    }

    /// Answers [`Question::Known`]: for each commit, in the order of the question, whether the other side has it.
    pub fn known(&mut self, known: &[bool]) {
        self.round_trips += 1;
        self.longest = (self.longest * GROWTH).min(LONGEST_QUESTION);
        let asked = std::mem::take(&mut self.asked);
        // A question that was answered short is taken as unknown: what is sent twice is stored once.
        let answers = asked.into_iter().zip(known.iter().copied().chain(std::iter::repeat(false)));
        let mut below = Vec::new();
        for (id, is_known) in answers {
            if let Some(met) = self.met.get_mut(&id) {
                let is_known = is_known || met.below_known;
                met.known = Some(is_known);
                if is_known {
                    below.extend(met.dependencies.iter().copied());
                }
            }
        }
        // Whatever a known commit depends on is known too, asked about or not.
        while let Some(id) = below.pop() {
            if let Some(met) = self.met.get_mut(&id)
                && !met.below_known
            {
                met.below_known = true;
                met.known = Some(true);
                self.waiting.remove(&(met.generation, id));
                below.extend(met.dependencies.iter().copied());
            }
        }
        let met = &self.met;
        self.unplaced.retain(|id| met.get(id).is_some_and(|met| met.known.is_none()));
    }

    /// What the walk found.
    pub fn finish(self) -> Common {
        let mut own = Vec::new();
        let mut common = Vec::new();
        for (id, met) in self.met {
            match met.known {
                Some(true) if !met.below_known => common.push(id),
                Some(false) => own.push((met.generation, id)),
                _ => {}
            }
        }
        own.sort_unstable();
        common.sort_unstable();
        Common { own: own.into_iter().map(|(_, id)| id).collect(), common, round_trips: self.round_trips }
    }
}
