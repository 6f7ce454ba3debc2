//! Random changes: both back ends answer as a model does that keeps a plain list.

use std::collections::BTreeSet;

use anabranch_model::CommitId;
use proptest::prelude::*;

use super::{header, memory, sqlite};
use crate::commit::{CommitHeader, CommitKind};
use crate::storage::{Snapshot, Storage, Transaction};

/// Something to do; numbers pick among the commits that are there.
#[derive(Clone, Debug)]
enum Action {
    Add { kind: usize, parent: usize, target: usize },
    Delete(usize),
    Commit,
    Drop,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        // A low number picks an old commit, a high one mostly the newest: lines and bushes both come up.
        12 => (0..4_usize, prop_oneof![0..20_usize, Just(usize::MAX)], 0..20_usize)
            .prop_map(|(kind, parent, target)| Action::Add { kind, parent, target }),
        4 => prop_oneof![0..20_usize, Just(usize::MAX)].prop_map(Action::Delete),
        2 => Just(Action::Commit),
        1 => Just(Action::Drop),
    ]
}

/// The commits that are here in order of arrival, with their numbers.
#[derive(Clone, Default)]
struct Model {
    commits: Vec<(u64, CommitHeader)>,
    given: u64,
}

impl Model {
    fn pick(&self, number: usize) -> Option<&CommitHeader> {
        let last = self.commits.len().checked_sub(1)?;
        self.commits.get(number.min(last)).map(|(_, header)| header)
    }

    fn is_referred_to(&self, id: CommitId) -> bool {
        self.commits.iter().any(|(_, header)| header.parent == id || header.target == id)
    }

    fn ids(&self, meets: impl Fn(&CommitHeader) -> bool) -> Vec<CommitId> {
        let ids: BTreeSet<_> =
            self.commits.iter().filter(|(_, header)| meets(header)).map(|(_, header)| header.id).collect();
        ids.into_iter().collect()
    }

    /// The heads, as the semantics define them.
    fn heads(&self) -> Vec<CommitId> {
        self.ids(|header| {
            !self.commits.iter().any(|(_, other)| {
                other.parent == header.id || (other.kind == CommitKind::Merge && other.target == header.id)
            })
        })
    }

    fn compare(&self, snapshot: &dyn Snapshot) {
        assert_eq!(snapshot.heads().unwrap(), self.heads());
        assert_eq!(snapshot.arrivals(0, usize::MAX).unwrap(), self.commits);
        assert_eq!(snapshot.statistics().unwrap().commits, self.commits.len() as u64);
        let payload_bytes: usize = self.commits.iter().map(|(_, header)| header.metadata.label.len()).sum();
        assert_eq!(snapshot.statistics().unwrap().payload_bytes, payload_bytes as u64);
        assert_eq!(snapshot.children(CommitId::ZERO).unwrap(), self.ids(|header| header.parent.is_zero()));
        for (_, header) in &self.commits {
            assert_eq!(snapshot.header(header.id).unwrap().as_ref(), Some(header));
            assert_eq!(snapshot.children(header.id).unwrap(), self.ids(|other| other.parent == header.id));
            assert_eq!(snapshot.targeting(header.id).unwrap(), self.ids(|other| other.target == header.id));
        }
    }
}

fn apply(action: &Action, number: usize, model: &mut Model, transaction: &mut dyn Transaction) {
    match *action {
        Action::Add { kind, parent, target } => {
            let kind = CommitKind::ALL[kind];
            let parent = model.pick(parent).cloned();
            let target = model.pick(target).cloned().filter(|_| kind != CommitKind::Mutations);
            let payload =
                if kind == CommitKind::Mutations { format!("payload {number}") } else { String::new() };
            let header = header(kind, parent.as_ref(), target.as_ref(), payload.as_bytes());
            let is_new = !model.commits.iter().any(|(_, other)| other.id == header.id);
            assert_eq!(transaction.put_commit(&header, payload.as_bytes(), &[]).unwrap(), is_new);
            if is_new {
                model.given += 1;
                model.commits.push((model.given, header));
            }
        }
        Action::Delete(number) => {
            let Some(id) = model.pick(number).map(|header| header.id) else { return };
            let is_deleted = transaction.delete_commit(id).is_ok();
            assert_eq!(is_deleted, !model.is_referred_to(id));
            if is_deleted {
                model.commits.retain(|(_, header)| header.id != id);
            }
        }
        Action::Commit | Action::Drop => {}
    }
}

fn run(actions: &[Action], storage: &dyn Storage) {
    let mut stored = Model::default();
    let mut version = 0;
    let mut rest = actions;
    let mut number = 0;
    while !rest.is_empty() {
        let mut model = stored.clone();
        let mut transaction = storage.transaction().unwrap();
        let mut is_kept = true;
        while let Some((action, others)) = rest.split_first() {
            rest = others;
            number += 1;
            apply(action, number, &mut model, &mut *transaction);
            if matches!(action, Action::Commit | Action::Drop) {
                is_kept = matches!(action, Action::Commit);
                break;
            }
        }
        model.compare(&*transaction);
        let has_changed = model.given != stored.given || model.commits.len() != stored.commits.len();
        if is_kept {
            transaction.commit().unwrap();
            stored = model;
        } else {
            drop(transaction);
        }
        let snapshot = storage.snapshot().unwrap();
        stored.compare(&*snapshot);
        let now = snapshot.data_version().unwrap();
        assert_eq!(now > version, is_kept && has_changed);
        version = now;
    }
    assert_eq!(storage.check_structure().unwrap(), [""; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn memory_keeps_heads_children_and_arrivals(actions in prop::collection::vec(action(), 0..60)) {
        run(&actions, &memory());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn sqlite_keeps_heads_children_and_arrivals(actions in prop::collection::vec(action(), 0..60)) {
        let folder = tempfile::tempdir().unwrap();
        run(&actions, &sqlite(&folder));
    }
}
