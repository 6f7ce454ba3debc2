"""Stores: dispatch, undo and redo, navigation, notifiers."""

from __future__ import annotations

import gc
import traceback
import types
import weakref
from typing import Any

import anabranch
import pytest
from anabranch import Closed, CommitDatabase, CommitMutableState, CommitStore, Conflict, InvalidValue, ValueCommitId
from conftest import Alice


class Notifier:
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.errors: list[object] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda: self.heard.append(name)

    def dispatch_error(self, error: object) -> None:
        self.heard.append("dispatch_error")
        self.errors.append(error)


@pytest.fixture
def store(db: CommitDatabase) -> CommitStore:
    return CommitStore(db)


def name(store: CommitStore, alice: Alice) -> Any:
    found = store.attachment_getting().get(*alice)
    return None if found.is_nil() else found.unwrap().nickname


def test_dispatch_commits_what_the_callback_records(store: CommitStore, alice: Alice) -> None:
    def change(mutable: CommitMutableState, nickname: str) -> None:
        mutable.attachment_mutating().set(*alice, {"nickname": nickname})

    commit_id = store.dispatch("Add", change, "alice")
    assert store.state().commit_id() == commit_id
    assert name(store, alice) == "alice"
    assert store.database().commit_header(commit_id).label() == "Add"
    assert store.can_undo() and not store.can_redo()
    assert store.undo_stack_ids() == ([commit_id], 1)


def test_the_short_dispatches_are_dispatches(store: CommitStore, alice: Alice) -> None:
    store.dispatch_set("set", *alice, {"nickname": "a"})
    store.dispatch_update("update", *alice, ".nickname", "b")
    assert name(store, alice) == "b"
    third = store.dispatch_diff("diff", *alice, {"nickname": "c"})
    assert name(store, alice) == "c"
    store.dispatch_enable_commit(third, False)
    assert name(store, alice) == "b"
    mutable = store.mutable_state()
    mutable.attachment_mutating().update(*alice, ".nickname", "d")
    store.commit_mutations("recorded", mutable)
    assert name(store, alice) == "d"
    assert len(store.undo_stack_ids()[0]) == 5


def test_undo_and_redo_go_back_and_forth(store: CommitStore, alice: Alice) -> None:
    first = store.dispatch_set("first", *alice, {"nickname": "1"})
    second = store.dispatch_set("second", *alice, {"nickname": "2"})
    undo = store.undo()
    assert undo is not None and name(store, alice) == "1"
    assert store.database().commit_header(undo).label() == "Undo [second]"
    store.undo()
    assert name(store, alice) is None
    assert store.undo() is None and not store.can_undo()
    store.redo()
    redo = store.redo()
    assert redo is not None and name(store, alice) == "2" and store.redo() is None
    assert store.database().commit_header(redo).label() == "Redo [second]"
    assert store.undo_stack_ids() == ([first, second], 2)
    store.undo()
    store.dispatch_set("third", *alice, {"nickname": "3"})
    assert not store.can_redo()
    store.clear_undo_redo()
    assert not store.can_undo()


def test_a_callback_that_raises_commits_nothing_and_keeps_its_traceback(store: CommitStore, alice: Alice) -> None:
    notifier = Notifier()
    store.set_notifier(notifier)
    before = store.database().commit_ids()

    def broken(mutable: CommitMutableState) -> None:
        mutable.attachment_mutating().set(*alice, {"nickname": "lost"})
        raise RuntimeError("broken by hand")

    with pytest.raises(RuntimeError, match="broken by hand") as raised:
        store.dispatch("broken", broken)
    assert "broken" in [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert store.database().commit_ids() == before and not store.can_undo()
    assert notifier.heard == ["dispatch_error"]
    assert notifier.errors == [raised.value]


def test_a_refused_change_says_what_the_engine_says(store: CommitStore, alice: Alice) -> None:
    with pytest.raises(InvalidValue, match="did you mean `nickname`"):
        store.dispatch("x", lambda mutable: mutable.attachment_mutating().set(*alice, {"nikname": 1}))
    with pytest.raises(InvalidValue):
        store.dispatch_update("x", *alice, ".nickname", 5)


def test_what_is_kept_of_a_recording_leads_nowhere(store: CommitStore, alice: Alice) -> None:
    kept: list[CommitMutableState] = []
    store.dispatch("keep", lambda mutable: kept.append(mutable))
    kept[0].attachment_mutating().set(*alice, {"nickname": "late"})
    assert name(store, alice) is None


def test_a_dispatch_inside_a_dispatch_is_refused(store: CommitStore, alice: Alice) -> None:
    with pytest.raises(Conflict, match="a dispatch cannot change the store") as refused:
        store.dispatch("outer", lambda _: store.dispatch_set("inner", *alice, {}))
    assert refused.value.code() == "nested-dispatch"


HEARD = [
    "database_did_open",
    "state_did_change",
    "state_did_change",
    "state_did_change",
    "definitions_did_change",
    "stop_live",
    "state_did_change",
    "database_will_reset",
    "database_did_reset",
    "state_did_change",
    "database_did_close",
]


def test_a_notifier_hears_in_order(db: CommitDatabase, workshop: anabranch.DefinitionsConst, alice: Alice) -> None:
    store, notifier = CommitStore(), Notifier()
    store.set_notifier(notifier)
    store.use(db)
    store.dispatch_set("set", *alice, {})
    store.undo()
    store.extend_definitions(workshop)
    store.stop_live()
    store.reset_undo_redo()
    store.reset()
    store.close()
    assert notifier.heard == HEARD
    store.set_notifier(None)
    store.use(db)
    assert notifier.heard[-1] == "database_did_close"


def test_a_notifier_may_leave_out_what_it_does_not_care_about(store: CommitStore, alice: Alice) -> None:
    store.set_notifier(types.SimpleNamespace())
    store.dispatch_set("set", *alice, {})
    assert name(store, alice) == ""


def test_what_a_notifier_raises_comes_out_of_the_method_whose_change_stands(store: CommitStore, alice: Alice) -> None:
    def state_did_change() -> None:
        raise ValueError("the notifier is broken")

    store.set_notifier(types.SimpleNamespace(state_did_change=state_did_change))
    with pytest.raises(ValueError, match="the notifier is broken") as raised:
        store.dispatch_set("set", *alice, {"nickname": "a"})
    assert "state_did_change" in [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert name(store, alice) == "a"
    store.set_notifier(None)
    store.undo()
    assert name(store, alice) is None


def test_a_notifier_may_read_the_store(store: CommitStore, alice: Alice) -> None:
    seen: list[object] = []
    listener = types.SimpleNamespace(state_did_change=lambda: seen.append(name(store, alice)))
    store.set_notifier(listener)
    store.dispatch_set("set", *alice, {"nickname": "a"})
    store.undo()
    assert seen == ["a", None]


def test_navigation_moves_the_current_commit(store: CommitStore, alice: Alice) -> None:
    root = store.dispatch_set("root", *alice, {"nickname": "root"})
    left = store.dispatch_update("left", *alice, ".nickname", "left")
    store.use_commit(root)
    assert name(store, alice) == "root"
    right = store.dispatch_update("right", *alice, ".password", "right")
    assert store.database().head_commit_ids() == {left, right}
    merge = store.merge_commit(left)
    assert store.state().commit_id() == merge and name(store, alice) == "left"
    hidden = store.disable_commit(left)
    assert name(store, alice) == "root" and store.state().commit_id() == hidden
    store.enable_commit(left)
    assert name(store, alice) == "left"
    store.use_commit(root)
    assert store.forward() == store.state().commit_id() == store.reduce_heads()
    store.delete_commit(store.state().commit_id())
    assert not store.can_undo()


def test_heads_that_came_by_synchronisation_are_reduced(store: CommitStore, db: CommitDatabase, alice: Alice) -> None:
    store.dispatch_set("here", *alice, {"nickname": "here"})
    other = CommitStore(CommitDatabase.create_in_memory(db.definitions()))
    other.dispatch_set("there", *alice, {"nickname": "there"})
    anabranch.CommitSynchronizer(db, other.database()).sync()
    assert len(db.head_commit_ids()) == 2
    reduced = store.reduce_heads()
    assert other.reduce_heads() == reduced
    assert store.state().fingerprint() == other.state().fingerprint()


WITHOUT: list[tuple[str, tuple[Any, ...]]] = [
    ("state", ()),
    ("database", ()),
    ("mutable_state", ()),
    ("definitions", ()),
    ("forward", ()),
    ("reduce_heads", ()),
    ("use_commit", (ValueCommitId(),)),
    ("dispatch", ("x", lambda _: None)),
]


@pytest.mark.parametrize(("method", "arguments"), WITHOUT)
def test_a_store_without_a_database_says_so(method: str, arguments: tuple[Any, ...]) -> None:
    store = CommitStore()
    assert not store.has_database() and repr(store) == "CommitStore(no database)"
    with pytest.raises(Closed, match="use one first"):
        getattr(store, method)(*arguments)


def test_a_store_can_be_weakly_referred_to_and_goes_away(db: CommitDatabase) -> None:
    store = CommitStore(db)
    store.set_notifier(Notifier())
    reference = weakref.ref(store)
    del store
    gc.collect()
    assert reference() is None
