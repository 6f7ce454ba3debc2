"""Random histories, held against the reference evaluator."""

from __future__ import annotations

from typing import Any

import anabranch
from anabranch import CommitDatabase, CommitDatabaseHelper, CommitMutableState, CommitSynchronizer, ValueCommitId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference import documents

MODEL = """
namespace R {0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a30} {
    concept Item;
    struct Inner { string label; set<int64> marks; };
    struct Doc {
        string title;
        vector<int64> numbers;
        set<string> tags;
        map<string, int64> counts;
        map<string, Inner> inners;
        xarray<string> lines;
        Inner inner;
    };
    attachment<Item, Doc> doc;
    attachment<Item, set<string>> bare;
};
"""

BUILDER = anabranch.DSMBuilder()
BUILDER.append("model", MODEL)
DEFINITIONS = BUILDER.parse()[2]
assert DEFINITIONS is not None
DOC = DEFINITIONS.check_attachment("R::Item.doc")
BARE = DEFINITIONS.check_attachment("R::Item.bare")
KEYS = [DOC.create_key(f"00000000-0000-4000-8000-00000000000{n}") for n in range(2)]
POSITIONS = [f"00000000-0000-4000-9000-00000000000{n}" for n in range(4)]

SMALL = st.integers(0, 3)
TEXT = st.sampled_from(["a", "b", "c"])
PATH = anabranch.Path

CHANGES: Any = st.one_of(
    st.tuples(
        st.just("set"),
        st.fixed_dictionaries(
            {"title": TEXT, "numbers": st.lists(SMALL, max_size=2), "tags": st.sets(TEXT), "counts": st.dictionaries(TEXT, SMALL)}
        ),
    ),
    st.tuples(st.just("update"), st.just(".title"), TEXT),
    st.tuples(st.just("update"), SMALL.map(lambda n: PATH.from_field("numbers").index(n)), SMALL),
    st.tuples(st.just("update"), TEXT.map(lambda t: PATH.from_field("counts").key(t)), SMALL),
    st.tuples(st.just("update"), TEXT.map(lambda t: PATH.from_field("inners").key(t)), TEXT.map(lambda t: {"label": t})),
    st.tuples(st.just("update"), TEXT.map(lambda t: PATH.from_field("inners").key(t).field("label")), TEXT),
    st.tuples(st.just("update"), st.just(".inner.label"), TEXT),
    st.tuples(
        st.just("update"), st.sampled_from(POSITIONS).map(lambda p: PATH.from_field("lines").position(p)), TEXT
    ),
    st.tuples(st.just("union_in_set"), st.just(".tags"), st.sets(TEXT)),
    st.tuples(st.just("subtract_in_set"), st.just(".tags"), st.sets(TEXT)),
    st.tuples(
        st.just("union_in_set"), TEXT.map(lambda t: PATH.from_field("inners").key(t).field("marks")), st.sets(SMALL)
    ),
    st.tuples(st.just("union_in_map"), st.just(".counts"), st.dictionaries(TEXT, SMALL)),
    st.tuples(st.just("subtract_in_map"), st.just(".counts"), st.sets(TEXT)),
    st.tuples(st.just("update_in_map"), st.just(".counts"), st.dictionaries(TEXT, SMALL)),
    st.tuples(
        st.just("insert_in_xarray"),
        st.just(".lines"),
        st.sampled_from([None, *POSITIONS]),
        TEXT,
        st.sampled_from(POSITIONS),
    ),
    st.tuples(st.just("update_in_xarray"), st.just(".lines"), st.sampled_from(POSITIONS), TEXT),
    st.tuples(st.just("remove_in_xarray"), st.just(".lines"), st.sampled_from(POSITIONS)),
)

ACTIONS = st.one_of(
    st.tuples(st.just("commit"), st.integers(0, 9), st.lists(st.tuples(st.integers(0, 1), CHANGES), max_size=4)),
    st.tuples(st.just("merge"), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just("disable"), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just("enable"), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just("bare"), st.integers(0, 9), st.sets(TEXT)),
)


def perform(db: CommitDatabase, ids: list[ValueCommitId], action: tuple[Any, ...]) -> None:
    """Carries an action out; the latest commits are chosen first, and 9 is the state before any."""
    kind, first, second = action
    before = ValueCommitId()

    def pick(number: int) -> ValueCommitId:
        return ids[-1 - number] if number < len(ids) else before

    parent = pick(first)
    if kind in ("commit", "bare"):
        mutable = CommitMutableState(db.state(parent))
        mutating = mutable.attachment_mutating()
        if kind == "bare":
            mutating.set(BARE, KEYS[0], second)
            mutating.union_in_set(BARE, KEYS[0], anabranch.Path(), ["more"])
        else:
            for key, (method, *arguments) in second:
                getattr(mutating, method)(DOC, KEYS[key], *arguments)
        ids.append(db.commit_mutations(f"{kind} {len(ids)}", mutable))
        return
    target = pick(second)
    if not parent.is_valid() or not target.is_valid():
        return
    if kind == "merge":
        if db.is_mergeable(parent, target):
            ids.append(db.merge_commit("merge", parent, target))
    else:
        ids.append(getattr(db, f"{kind}_commit")(kind, parent, target))


def read(db: CommitDatabase, commit_id: ValueCommitId) -> dict[tuple[str, str], Any]:
    """The documents as the engine says them."""
    getting = db.state(commit_id).attachment_getting()
    return {
        (attachment.identifier(), str(key)): document.encoded()
        for attachment in (DOC, BARE)
        for key, document in getting.enumerate(attachment, encoded=False)
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(ACTIONS, min_size=1, max_size=14))
def test_every_state_is_what_the_specification_says(actions: list[tuple[Any, ...]]) -> None:
    db = CommitDatabase.create_in_memory(DEFINITIONS)
    ids: list[ValueCommitId] = []
    for action in actions:
        perform(db, ids, action)
    for commit_id in ids:
        assert read(db, commit_id) == documents(db, commit_id)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(ACTIONS, max_size=8), st.lists(ACTIONS, max_size=8), st.lists(ACTIONS, max_size=4))
def test_sites_that_meet_and_reduce_agree(
    here: list[tuple[Any, ...]], there: list[tuple[Any, ...]], before: list[tuple[Any, ...]]
) -> None:
    one, two = CommitDatabase.create_in_memory(DEFINITIONS), CommitDatabase.create_in_memory(DEFINITIONS)
    ids: list[ValueCommitId] = []
    for action in before:
        perform(one, ids, action)
    CommitSynchronizer(one, two).sync()
    mine, theirs = list(ids), list(ids)
    for action in here:
        perform(one, mine, action)
    for action in there:
        perform(two, theirs, action)
    CommitSynchronizer(two, one).sync()
    assert one.commit_ids() == two.commit_ids()
    anchor = max(one.head_commit_ids(), default=None)
    if anchor is None:
        return
    heads = [CommitDatabaseHelper.reduce_heads(db, anchor) for db in (one, two)]
    assert heads[0] == heads[1] and heads[0] is not None
    assert one.state(heads[0]).fingerprint() == two.state(heads[0]).fingerprint()
    assert read(one, heads[0]) == read(two, heads[0]) == documents(one, heads[0])
    assert one.verify() == two.verify() == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), CHANGES), max_size=6), st.lists(CHANGES, max_size=6), st.booleans())
def test_a_diff_gives_the_document_exactly(
    start: list[tuple[int, Any]], changes: list[Any], recursive: bool
) -> None:
    db = CommitDatabase.create_in_memory(DEFINITIONS)
    mutable = CommitMutableState(db.initial_state())
    mutable.attachment_mutating().set(DOC, KEYS[0], {})
    for key, (method, *arguments) in start:
        getattr(mutable.attachment_mutating(), method)(DOC, KEYS[key], *arguments)
    state = db.state(db.commit_mutations("start", mutable))
    wanted = CommitMutableState(state)
    for method, *arguments in changes:
        getattr(wanted.attachment_mutating(), method)(DOC, KEYS[0], *arguments)
    document = wanted.attachment_getting().get(DOC, KEYS[0]).unwrap()
    least = CommitMutableState(state)
    least.attachment_mutating().diff(DOC, KEYS[0], document, recursive=recursive)
    assert least.attachment_getting().get(DOC, KEYS[0]).unwrap() == document
    again = CommitMutableState(db.state(db.commit_mutations("diff", least)))
    again.attachment_mutating().diff(DOC, KEYS[0], document)
    assert again.mutations() == []
