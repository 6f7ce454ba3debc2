//! The store does what a simple model of it does: a list of what happened, each thing shown or hidden by later ones.

use std::collections::BTreeMap;

use anabranch_engine::{MutableState, UndoStack};
use anabranch_model::{CommitId, Value};
use anabranch_testkit::reference::Reference;
use proptest::prelude::*;

use super::{document, label, number, open, set};

#[derive(Clone, Debug)]
enum Step {
    Set { key: u8 },
    Fail,
    Decide { which: u8, enabled: bool },
    Undo,
    Redo,
    Merge { from: u8, key: u8 },
    Disable { which: u8 },
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..3u8).prop_map(|key| Step::Set { key }),
        1 => Just(Step::Fail),
        2 => (any::<u8>(), any::<bool>()).prop_map(|(which, enabled)| Step::Decide { which, enabled }),
        6 => Just(Step::Undo),
        4 => Just(Step::Redo),
        2 => (any::<u8>(), 0..3u8).prop_map(|(from, key)| Step::Merge { from, key }),
        1 => any::<u8>().prop_map(|which| Step::Disable { which }),
        1 => Just(Step::Clear),
    ]
}

/// What the current history is made of, oldest first.
enum Node {
    Set { key: u8, number: i64 },
    Decision { target: usize, shows: bool },
    Merge,
}

/// What was dispatched: its node, and the node that first undid it.
struct Dispatched {
    node: usize,
    undo: Option<usize>,
}

/// A list of nodes, each with its commit, and a list of what was dispatched.
#[derive(Default)]
struct Model {
    nodes: Vec<(Node, CommitId, String)>,
    dispatched: Vec<Dispatched>,
    applied: usize,
}

impl Model {
    /// The latest decision about a node that is itself shown wins; a merge that is hidden hides the side before it.
    fn is_on(&self, node: usize) -> bool {
        let later = self.nodes.iter().enumerate().skip(node + 1).rev();
        let mut decisions = later.filter_map(|(place, other)| match other.0 {
            Node::Decision { target, shows } if target == node && self.is_on(place) => Some(shows),
            Node::Merge if place == node + 1 && self.is_side(node) && !self.is_on(place) => Some(false),
            _ => None,
        });
        decisions.next().unwrap_or(true)
    }

    fn is_side(&self, node: usize) -> bool {
        self.nodes[node].2 == "side"
    }

    fn documents(&self) -> BTreeMap<u8, i64> {
        let sets = self.nodes.iter().enumerate().filter_map(|(place, node)| match node.0 {
            Node::Set { key, number } if self.is_on(place) => Some((key, number)),
            _ => None,
        });
        sets.collect()
    }

    fn dispatch(&mut self) {
        self.dispatched.truncate(self.applied);
        self.dispatched.push(Dispatched { node: self.nodes.len() - 1, undo: None });
        self.applied += 1;
    }

    fn can_undo(&self) -> bool {
        self.applied > 0
    }

    fn can_redo(&self) -> bool {
        self.applied < self.dispatched.len()
    }

    fn stack(&self) -> UndoStack {
        let commits = self.dispatched.iter().map(|d| self.nodes[d.node].1).collect();
        UndoStack { commits, applied: self.applied }
    }

    /// The decision that undoes, and its label.
    fn undo(&mut self) -> (Node, String) {
        self.applied -= 1;
        let node = self.nodes.len();
        let last = &mut self.dispatched[self.applied];
        let label = format!("Undo [{}]", self.nodes[last.node].2);
        match last.undo {
            None => {
                last.undo = Some(node);
                (Node::Decision { target: last.node, shows: false }, label)
            }
            Some(undo) => (Node::Decision { target: undo, shows: true }, label),
        }
    }

    fn redo(&mut self) -> (Node, String) {
        let next = &self.dispatched[self.applied];
        self.applied += 1;
        let label = format!("Redo [{}]", self.nodes[next.node].2);
        (Node::Decision { target: next.undo.unwrap(), shows: false }, label)
    }

    fn clear(&mut self) {
        self.dispatched.clear();
        self.applied = 0;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_store_does_what_the_model_does(steps in prop::collection::vec(step(), 1..40)) {
        let (fixture, database, store) = open();
        let mut model = Model::default();
        let mut numbers = 0..;
        for step in steps {
            let before = database.commit_ids().unwrap();
            let mut added = 1;
            // A node of the model by a number, if there is any.
            let pick = |which: u8| (!model.nodes.is_empty()).then(|| usize::from(which) % model.nodes.len());
            let node = match step {
                Step::Set { key } => {
                    let number = numbers.next().unwrap();
                    set(&store, &fixture, key, number);
                    Some((Node::Set { key, number }, format!("set {key} to {number}"), true))
                }
                Step::Fail => {
                    let wrong = Value::from("no structure");
                    let key = fixture.key(0);
                    prop_assert!(store.dispatch_set("wrong", &fixture.doc, &key, wrong).is_err());
                    None
                }
                Step::Decide { which, enabled } => match pick(which) {
                    Some(target) => {
                        let (_, commit, of) = &model.nodes[target];
                        store.dispatch_enable_commit(*commit, enabled).unwrap();
                        let verb = if enabled { "Enable" } else { "Disable" };
                        Some((Node::Decision { target, shows: enabled }, format!("{verb} [{of}]"), true))
                    }
                    None => None,
                },
                Step::Disable { which } => match pick(which) {
                    Some(target) => {
                        let (_, commit, of) = &model.nodes[target];
                        store.disable_commit(*commit).unwrap();
                        Some((Node::Decision { target, shows: false }, format!("Disable [{of}]"), false))
                    }
                    None => None,
                },
                Step::Undo => {
                    let done = store.undo().unwrap();
                    prop_assert_eq!(done.is_some(), model.can_undo());
                    done.is_some().then(|| {
                        let (node, label) = model.undo();
                        (node, label, false)
                    })
                }
                Step::Redo => {
                    let done = store.redo().unwrap();
                    prop_assert_eq!(done.is_some(), model.can_redo());
                    done.is_some().then(|| {
                        let (node, label) = model.redo();
                        (node, label, false)
                    })
                }
                Step::Merge { from, key } => match pick(from) {
                    // On top of the current commit there is nothing to merge it with.
                    Some(from) if from + 1 < model.nodes.len() => {
                        let number = numbers.next().unwrap();
                        let parent = model.nodes[from].1;
                        let mut mutable = MutableState::new(database.state(parent).unwrap());
                        mutable.set(&fixture.doc, &fixture.key(key), document(&fixture, number)).unwrap();
                        let side = database.commit_mutations("side", &mutable).unwrap();
                        store.merge_commit(side).unwrap();
                        model.nodes.push((Node::Set { key, number }, side, "side".into()));
                        added = 2;
                        Some((Node::Merge, format!("merge of {side}"), false))
                    }
                    _ => None,
                },
                Step::Clear => {
                    store.clear_undo_redo();
                    model.clear();
                    None
                }
            };
            let commit = store.state().unwrap().commit_id();
            let after = database.commit_ids().unwrap();
            prop_assert!(after.starts_with(&before), "history only grows");
            match node {
                None => prop_assert_eq!(after.len(), before.len()),
                Some((node, said, is_dispatch)) => {
                    prop_assert_eq!(after.len(), before.len() + added);
                    prop_assert_eq!(after.last(), Some(&commit));
                    prop_assert_eq!(label(&store, commit), said.clone());
                    model.nodes.push((node, commit, said));
                    if is_dispatch {
                        model.dispatch();
                    }
                }
            }
            prop_assert_eq!(store.can_undo(), model.can_undo());
            prop_assert_eq!(store.can_redo(), model.can_redo());
            prop_assert_eq!(store.undo_stack_ids(), model.stack());
            let documents: BTreeMap<u8, i64> =
                (0..3).filter_map(|key| number(&store, &fixture, key).map(|number| (key, number))).collect();
            prop_assert_eq!(documents, model.documents());
        }
        if let Some((_, commit, _)) = model.nodes.last() {
            let state = store.state().unwrap().documents().unwrap().into_iter().collect();
            prop_assert_eq!(Reference::of(&database).state(*commit), state);
        }
    }
}
