//! Supervised reconciliation: what a merge did not keep is found, explained and put back.

#![expect(clippy::unwrap_used, reason = "what goes wrong here should stop the test")]

mod random;

use std::sync::Arc;

use anabranch_engine::{
    Database, DropReason, Error, Loss, LossReason, MergeAnalysis, MutableState, ReconcileError, Resolution,
    Side,
};
use anabranch_model::{
    CommitId, MapType, MapValue, Path, SetValue, Type, Unresolved, Uuid, Value, XArrayValue,
};
use anabranch_testkit::fixture::{Fixture, fixture, position};

struct Site {
    fixture: Fixture,
    database: Database,
}

impl Site {
    /// A database with one document, and the commit that has it.
    fn new() -> (Self, CommitId) {
        let fixture = fixture();
        let database = Database::create_in_memory(&fixture.definitions).unwrap();
        let site = Self { fixture, database };
        let base = site.on(CommitId::ZERO, |mutable, fixture| {
            let (doc, key) = (&fixture.doc, &fixture.key(0));
            mutable.set(doc, key, doc.create_document()).unwrap();
            mutable.union_in_set(doc, key, &at("tags"), texts(&["a", "b"])).unwrap();
            mutable.union_in_map(doc, key, &at("props"), numbers(&[("a", 1), ("b", 2)])).unwrap();
            for (number, value) in [(1, "one"), (2, "two")] {
                mutable
                    .insert_in_xarray(doc, key, &at("list"), Uuid::nil(), position(number), value.into())
                    .unwrap();
            }
        });
        (site, base)
    }

    /// A commit on top of another.
    fn on(&self, parent: CommitId, change: impl FnOnce(&mut MutableState, &Fixture)) -> CommitId {
        let mut mutable = MutableState::new(self.database.state(parent).unwrap());
        change(&mut mutable, &self.fixture);
        self.database.commit_mutations("change", &mutable).unwrap()
    }

    fn update(&self, parent: CommitId, path: &Path, value: impl Into<Value>) -> CommitId {
        let value = value.into();
        self.on(parent, |mutable, fixture| {
            mutable.update(&fixture.doc, &fixture.key(0), path, value).unwrap()
        })
    }

    fn document(&self, commit: CommitId) -> Option<Value> {
        self.database.state(commit).unwrap().get(&self.fixture.doc, &self.fixture.key(0)).unwrap()
    }

    fn read(&self, commit: CommitId, path: &Path) -> Option<Value> {
        self.document(commit).and_then(|document| path.at(&document).ok().cloned())
    }

    fn losses(&self, ours: CommitId, theirs: CommitId) -> Vec<Loss> {
        self.database.analyze_virtual_merge(ours, theirs).unwrap().losses
    }
}

fn at(name: &str) -> Path {
    Path::from_field(name)
}

fn texts(items: &[&str]) -> SetValue {
    SetValue::new(Arc::new(Type::String), items.iter().map(|item| Value::from(*item)).collect()).unwrap()
}

fn numbers(entries: &[(&str, i32)]) -> MapValue {
    let ty = Arc::new(MapType { key: Type::String, value: Type::Int32 });
    let entries = entries.iter().map(|(key, value)| (Value::from(*key), Value::Int32(*value)));
    MapValue::new(ty, entries.collect()).unwrap()
}

fn ours(_: &Loss) -> Resolution {
    Resolution::Side(Side::Ours)
}

fn theirs(_: &Loss) -> Resolution {
    Resolution::Side(Side::Theirs)
}

#[test]
fn edits_of_different_places_lose_nothing() {
    let (site, base) = Site::new();
    let ours = site.on(base, |mutable, fixture| {
        let (doc, key) = (&fixture.doc, &fixture.key(0));
        mutable.update(doc, key, &at("title"), "ours".into()).unwrap();
        mutable.union_in_set(doc, key, &at("tags"), texts(&["c"])).unwrap();
        mutable.update(doc, key, &at("props").key("a".into()), Value::Int32(5)).unwrap();
        mutable.insert_in_xarray(doc, key, &at("list"), position(2), position(3), "three".into()).unwrap();
        mutable.update(doc, key, &at("pair").index(0), Value::Bool(true)).unwrap();
    });
    let theirs = site.on(base, |mutable, fixture| {
        let (doc, key) = (&fixture.doc, &fixture.key(0));
        mutable.update(doc, key, &at("count"), Value::Int64(7)).unwrap();
        mutable.subtract_in_set(doc, key, &at("tags"), texts(&["a"])).unwrap();
        mutable.update(doc, key, &at("props").key("b".into()), Value::Int32(6)).unwrap();
        mutable.insert_in_xarray(doc, key, &at("list"), position(2), position(4), "four".into()).unwrap();
        mutable.update(doc, key, &at("pair").index(1), "theirs".into()).unwrap();
        mutable.set(doc, &fixture.key(1), doc.create_document()).unwrap();
    });
    assert_eq!(site.losses(ours, theirs), []);
    assert_eq!(site.losses(theirs, ours), []);
}

#[test]
fn the_same_change_on_both_sides_loses_nothing() {
    let (site, base) = Site::new();
    let ours = site.update(base, &at("title"), "same");
    let theirs = site.on(base, |mutable, fixture| {
        mutable.update(&fixture.doc, &fixture.key(0), &at("count"), Value::Int64(1)).unwrap();
        mutable.update(&fixture.doc, &fixture.key(0), &at("title"), "same".into()).unwrap();
    });
    assert_eq!(site.losses(ours, theirs), []);
}

#[test]
fn an_overwritten_field_is_reported_with_what_each_side_has() {
    let (site, base) = Site::new();
    let mine = site.update(base, &at("title"), "ours");
    let other = site.update(base, &at("title"), "theirs");
    let version = site.database.data_version().unwrap();
    let analysis = site.database.analyze_virtual_merge(mine, other).unwrap();
    assert_eq!(site.database.data_version().unwrap(), version, "nothing is written");
    assert_eq!((analysis.base.commit, analysis.base.others.as_slice()), (base, &[][..]));
    let [loss] = analysis.losses.as_slice() else { unreachable!("one place") };
    assert_eq!(loss.path, at("title"));
    assert_eq!(loss.base, Some("".into()));
    assert_eq!(loss.ours, Some("ours".into()));
    assert_eq!(loss.theirs, Some("theirs".into()));
    assert_eq!(loss.merged, Some("theirs".into()));
    assert_eq!(loss.ours_lost, Some(LossReason::Overwritten { by: other }));
    assert_eq!(loss.theirs_lost, None);
    assert!(loss.is_lost_by(Side::Ours) && !loss.is_lost_by(Side::Theirs));

    let merge = site.database.merge_commit("merge", mine, other).unwrap();
    assert_eq!(site.database.analyze_merge(merge).unwrap(), analysis);
    let again = site.database.reconcile("keep ours", merge, ours).unwrap().unwrap();
    let header = site.database.commit_header(again).unwrap();
    assert_eq!((header.parent, header.metadata.label.as_str()), (merge, "keep ours"));
    assert_eq!(site.database.commit_opcodes(again).unwrap().len(), 1);
    assert_eq!(site.read(again, &at("title")), Some("ours".into()));
    // What is as merged needs no commit.
    assert_eq!(site.database.reconcile("keep theirs", merge, theirs).unwrap(), None);
    assert_eq!(site.database.reconcile("as it is", merge, |_| Resolution::default()).unwrap(), None);
    let base = site.database.reconcile("back", merge, |_| Resolution::Base).unwrap().unwrap();
    assert_eq!(site.read(base, &at("title")), Some("".into()));
    let both = |_: &Loss| Resolution::Value("both".into());
    let both = site.database.reconcile("both", merge, both).unwrap().unwrap();
    assert_eq!(site.read(both, &at("title")), Some("both".into()));
}

#[test]
fn merge_and_survival_come_together_or_not_at_all() {
    let (site, base) = Site::new();
    let mine = site.update(base, &at("title"), "ours");
    let other = site.update(base, &at("title"), "theirs");
    let commits = site.database.commit_ids().unwrap();
    let wrong =
        site.database.materialize_merge("wrong", mine, other, |_| Resolution::Value(Value::Bool(true)));
    assert!(matches!(wrong, Err(ReconcileError::Unwritable { .. } | ReconcileError::Engine(_))));
    assert_eq!(site.database.commit_ids().unwrap(), commits);

    let made = site.database.materialize_merge("keep ours", mine, other, ours).unwrap();
    let reconciliation = made.reconciliation.unwrap();
    assert_eq!(site.database.commit_header(reconciliation).unwrap().parent, made.merge);
    assert_eq!(site.read(reconciliation, &at("title")), Some("ours".into()));
    assert_eq!(made.merge, site.database.merge_commit("merge", mine, other).unwrap());
    assert_eq!(made.analysis, site.database.analyze_merge(made.merge).unwrap());
    // It is the commit that reconciling the merge makes.
    assert_eq!(site.database.reconcile("keep ours", made.merge, ours).unwrap(), Some(reconciliation));

    let third = site.update(base, &at("count"), Value::Int64(1));
    let made = site.database.materialize_merge("nothing to keep", reconciliation, third, ours).unwrap();
    assert_eq!((made.reconciliation, made.analysis.losses), (None, vec![]));
}

#[test]
fn what_was_removed_around_a_change_is_reported_and_can_be_put_back() {
    let (site, base) = Site::new();
    let entry = at("props").key("a".into());
    let removed = site.on(base, |mutable, fixture| {
        mutable.subtract_in_map(&fixture.doc, &fixture.key(0), &at("props"), texts(&["a"])).unwrap();
    });
    let updated = site.on(base, |mutable, fixture| {
        mutable
            .update_in_map(&fixture.doc, &fixture.key(0), &at("props"), numbers(&[("a", 9), ("b", 8)]))
            .unwrap();
    });
    // The update finds no such key and leaves it: what the other side removed stays removed.
    let [loss] = &site.losses(removed, updated)[..] else { unreachable!("one place") };
    assert_eq!((&loss.path, &loss.ours, &loss.merged), (&entry, &None, &None));
    assert_eq!(loss.theirs, Some(Value::Int32(9)));
    assert_eq!(loss.theirs_lost, Some(LossReason::Overwritten { by: removed }));
    let made = site.database.materialize_merge("put back", removed, updated, theirs).unwrap();
    assert_eq!(site.read(made.reconciliation.unwrap(), &entry), Some(Value::Int32(9)));
    // The other way round it is removed on top of the update.
    let [loss] = &site.losses(updated, removed)[..] else { unreachable!("one place") };
    assert_eq!(loss.ours_lost, Some(LossReason::Overwritten { by: removed }));
}

#[test]
fn a_dropped_operation_is_reported_with_its_reason() {
    let (site, base) = Site::new();
    let inner = at("maybe");
    let filled = site.on(base, |mutable, fixture| {
        let Value::Structure(doc) = fixture.doc.create_document() else { unreachable!("a structure") };
        let inner_value = doc.get("inner").unwrap().clone();
        mutable.update(&fixture.doc, &fixture.key(0), &inner.clone().unwrap(), inner_value).unwrap();
    });
    let empty = site.document(base).and_then(|document| inner.at(&document).ok().cloned()).unwrap();
    let mine = site.update(filled, &inner, empty);
    let label = inner.clone().unwrap().field("label");
    let other = site.update(filled, &label, "theirs");
    let [loss] = &site.losses(mine, other)[..] else { unreachable!("one place") };
    assert_eq!(loss.path, inner);
    let reason = DropReason::Unresolved(Unresolved::Nil);
    assert_eq!(loss.theirs_lost, Some(LossReason::Dropped { commit: other, reason }));
    let made = site.database.materialize_merge("put back", mine, other, theirs).unwrap();
    assert_eq!(site.read(made.reconciliation.unwrap(), &label), Some("theirs".into()));
}

#[test]
fn a_hidden_commit_is_reported_with_who_hid_it() {
    let (site, base) = Site::new();
    let other = site.update(base, &at("title"), "theirs");
    // A decision about a commit that is in no history of it.
    let mine = site.database.disable_commit("hide", base, other).unwrap();
    let [loss] = &site.losses(mine, other)[..] else { unreachable!("one place") };
    assert_eq!(loss.theirs_lost, Some(LossReason::Masked { commit: other, by: mine }));
    assert_eq!((&loss.merged, &loss.ours_lost), (&Some("".into()), &None));
}

#[test]
fn what_one_side_shows_again_is_reported_to_the_one_that_hid_it() {
    let (site, base) = Site::new();
    let title = site.update(base, &at("title"), "shown");
    let mine = site.database.disable_commit("hide", title, title).unwrap();
    let other = site.database.enable_commit("show", title, title).unwrap();
    let [loss] = &site.losses(mine, other)[..] else { unreachable!("one place") };
    assert_eq!((&loss.ours, &loss.merged), (&Some("".into()), &Some("shown".into())));
    assert_eq!(loss.ours_lost, Some(LossReason::Overwritten { by: title }));
}

#[test]
fn a_document_that_one_side_hid_can_be_put_back_but_not_removed() {
    let (site, base) = Site::new();
    let mine = site.database.disable_commit("hide", base, base).unwrap();
    let other = site.update(base, &at("title"), "theirs");
    let [loss] = &site.losses(mine, other)[..] else { unreachable!("one place") };
    assert_eq!((loss.path.is_root(), &loss.merged), (true, &None));
    let reason = DropReason::Absent;
    assert_eq!(loss.theirs_lost, Some(LossReason::Dropped { commit: other, reason }));
    let made = site.database.materialize_merge("put back", mine, other, theirs).unwrap();
    assert_eq!(site.document(made.reconciliation.unwrap()), site.document(other));

    let created = site.on(base, |mutable, fixture| {
        mutable.set(&fixture.doc, &fixture.key(0), fixture.doc.create_document()).unwrap();
    });
    let [loss] = &site.losses(mine, created)[..] else { unreachable!("one place") };
    assert!(loss.path.is_root() && loss.is_lost_by(Side::Ours));
    let refused = site.database.materialize_merge("remove", mine, created, ours);
    assert!(matches!(refused, Err(ReconcileError::Unwritable { .. })));
}

#[test]
fn elements_of_xarrays_and_sets_are_put_back_where_they_stood() {
    let (site, base) = Site::new();
    let list = at("list");
    let mine = site.on(base, |mutable, fixture| {
        let (doc, key) = (&fixture.doc, &fixture.key(0));
        for (before, number, value) in [(2, 3, "three"), (3, 4, "four")] {
            mutable
                .insert_in_xarray(doc, key, &list, position(before), position(number), value.into())
                .unwrap();
        }
        mutable.remove_in_xarray(doc, key, &list, position(1)).unwrap();
        mutable.union_in_set(doc, key, &at("tags"), texts(&["mine"])).unwrap();
        mutable.subtract_in_set(doc, key, &at("tags"), texts(&["a"])).unwrap();
    });
    let other = site.on(base, |mutable, fixture| {
        let (doc, key) = (&fixture.doc, &fixture.key(0));
        let mut fresh = XArrayValue::empty(Arc::new(Type::String));
        for (number, value) in [(1, "one"), (2, "two")] {
            fresh.insert(Uuid::nil(), position(number));
            fresh.set(position(number), Value::from(value)).unwrap();
        }
        mutable.update(doc, key, &list, Value::XArray(fresh)).unwrap();
        mutable.update(doc, key, &at("tags"), Value::Set(texts(&["a", "b"]))).unwrap();
    });
    let losses = site.losses(mine, other);
    let paths: Vec<&Path> = losses.iter().map(|loss| &loss.path).collect();
    let element = |text: &str| at("tags").with(anabranch_model::PathComponent::Element(Value::from(text)));
    let of = |number: u8| list.clone().position(position(number));
    assert_eq!(paths, [&of(1), &of(3), &of(4), &element("a"), &element("mine")]);
    assert!(losses.iter().all(|loss| loss.ours_lost == Some(LossReason::Overwritten { by: other })));
    let made = site.database.materialize_merge("keep ours", mine, other, ours).unwrap();
    let reconciled = made.reconciliation.unwrap();
    assert_eq!(site.read(reconciled, &at("tags")), site.read(mine, &at("tags")));
    let shown = |commit| site.read(commit, &list).unwrap().to_string();
    assert_eq!(shown(reconciled), shown(mine));
    assert_eq!(shown(mine), "['four', 'three', 'two']");
}

#[test]
fn lines_that_crossed_are_compared_with_one_of_their_bases() {
    let (site, base) = Site::new();
    let left = site.update(base, &at("title"), "left");
    let right = site.update(base, &at("title"), "right");
    let first = site.database.merge_commit("first", left, right).unwrap();
    let second = site.database.merge_commit("second", right, left).unwrap();
    let analysis = site.database.analyze_virtual_merge(first, second).unwrap();
    let mut bases = analysis.base.others.clone();
    bases.push(analysis.base.commit);
    bases.sort();
    let mut expected = [left, right];
    expected.sort();
    assert_eq!(bases, expected);
    for loss in &analysis.losses {
        assert_eq!(loss.merged, Some("right".into()));
    }

    let alone = site.on(CommitId::ZERO, |mutable, fixture| {
        mutable.set(&fixture.doc, &fixture.key(0), fixture.doc.create_document()).unwrap();
    });
    let MergeAnalysis { base: none, losses, .. } = site.database.analyze_virtual_merge(left, alone).unwrap();
    assert!(none.commit.is_zero() && none.others.is_empty());
    assert!(losses.iter().any(|loss| loss.path == at("title") && loss.base.is_none()));
}

#[test]
fn only_a_merge_can_be_analysed() {
    let (site, base) = Site::new();
    let child = site.update(base, &at("title"), "child");
    assert!(matches!(site.database.analyze_merge(child), Err(ReconcileError::NotAMerge { .. })));
    let related = site.database.analyze_virtual_merge(base, child);
    assert!(matches!(related, Err(ReconcileError::Engine(Error::NotMergeable { .. }))));
    let missing = CommitId::from_bytes([1; 32]);
    assert!(site.database.analyze_virtual_merge(base, missing).is_err());
}
