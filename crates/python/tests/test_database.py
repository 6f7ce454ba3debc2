"""Databases, states, recordings, the graph."""

from __future__ import annotations

import types
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any

import anabranch
import pytest
from anabranch import (
    Closed,
    CommitDatabase,
    CommitDatabaseHelper,
    CommitMutableState,
    CommitStateBuilder,
    Conflict,
    DefinitionsConst,
    Error,
    InvalidValue,
    NotFound,
    Path,
    ValueCommitId,
)
from conftest import Alice

Write = Callable[..., ValueCommitId]


def test_a_file_keeps_what_was_committed(
    path: FilePath, tuto: DefinitionsConst, alice: Alice, write: Write
) -> None:
    attachment, key = alice
    with CommitDatabase.create(path, documentation="For tests.", definitions=tuto, author="ann") as db:
        commit_id = write(db, db.initial_state(), "set", attachment, key, {"nickname": "alice"})
        uuid = db.uuid()
        assert db.path() == path and db.location() == str(path)
        assert not db.is_closed()
    assert db.is_closed() and repr(db) == "CommitDatabase(closed)"
    with CommitDatabase.open(str(path), readonly=True) as db:
        assert db.uuid() == uuid and db.documentation() == "For tests." and db.is_read_only()
        assert db.definitions() == tuto
        assert db.commit_header(commit_id).author() == "ann"
        assert db.state(commit_id).attachment_getting().get(attachment, key).unwrap().nickname == "alice"
        with pytest.raises(Error, match="read-only") as refused:
            write(db, db.state(commit_id), "set", attachment, key, {})
        assert refused.value.code() == "read-only"
    assert CommitDatabase.is_compatible(path)


def test_what_is_no_database_is_not_opened(tmp_path: FilePath) -> None:
    other = tmp_path / "other"
    other.write_text("not a database at all, but long enough to look at" * 20)
    assert not CommitDatabase.is_compatible(other)
    with pytest.raises(InvalidValue, match="is not a database"):
        CommitDatabase.open(other)
    with pytest.raises(NotFound, match="there is no file") as missing:
        CommitDatabase.open(tmp_path / "missing.anb")
    assert missing.value.code() == "file-missing"
    with pytest.raises(Conflict, match="exists already"):
        CommitDatabase.create(other)


CLOSED: list[tuple[str, tuple[Any, ...]]] = [
    ("definitions", ()),
    ("initial_state", ()),
    ("state", (None,)),
    ("commit_ids", ()),
    ("head_commit_ids", ()),
    ("last_commit_id", ()),
    ("data_version", ()),
    ("uuid", ()),
    ("blob_ids", ()),
    ("create_blob", ("uchar-1", b"")),
]


@pytest.mark.parametrize(("method", "arguments"), CLOSED)
def test_a_closed_database_says_so(db: CommitDatabase, method: str, arguments: tuple[Any, ...]) -> None:
    db.close()
    db.close()
    with pytest.raises(Closed, match="the database is closed") as closed:
        getattr(db, method)(*arguments)
    assert closed.value.code() == "closed"


def test_a_state_outlives_its_database(db: CommitDatabase, alice: Alice, write: Write) -> None:
    attachment, key = alice
    state = db.state(write(db, db.initial_state(), "set", attachment, key, {"nickname": "alice"}))
    db.close()
    assert state.attachment_getting().get(attachment, key).unwrap().nickname == "alice"


def test_the_change_counter_goes_up_with_every_change(db: CommitDatabase, alice: Alice, write: Write) -> None:
    seen = [db.data_version()]
    write(db, db.initial_state(), "set", *alice, {})
    seen.append(db.data_version())
    db.create_blob("uchar-1", b"x")
    seen.append(db.data_version())
    assert seen == sorted(set(seen)) and db.data_version() == seen[-1]


def test_definitions_grow(db: CommitDatabase, workshop: DefinitionsConst) -> None:
    before = db.definitions_hexdigest()
    info = db.extend_definitions(workshop)
    assert info.total() == len(workshop)
    assert db.definitions_hexdigest() != before
    assert not db.extend_definitions(workshop)
    assert db.definitions().query_concept("Workshop::Item") is not None


def test_reading_answers_optionals_and_sets(db: CommitDatabase, alice: Alice, write: Write) -> None:
    attachment, key = alice
    empty = db.initial_state().attachment_getting()
    assert empty.get(attachment, key).is_nil() and not empty.has(attachment, key)
    assert empty.keys(attachment) == set() and empty.enumerate(attachment) == []
    state = db.state(write(db, db.initial_state(), "set", attachment, key, {"nickname": "a"}))
    getting = state.attachment_getting()
    assert getting.has(attachment, key)
    assert list(getting.keys(attachment)) == [key]
    assert getting.enumerate(attachment) == [(key, {"nickname": "a", "password": ""})]
    assert getting.definitions() == db.definitions()
    assert repr(getting.get(attachment, key)) == "Optional({nickname='a', password=''})"


def test_attachments_and_keys_may_be_given_by_name(db: CommitDatabase, alice: Alice, write: Write) -> None:
    attachment, key = alice
    write(db, db.initial_state(), "set", "login", str(key.instance_id()), {"nickname": "a"})
    getting = db.state(db.last_commit_id()).attachment_getting()
    assert getting.has("Tuto::User.login", key.instance_id())
    with pytest.raises(NotFound):
        getting.keys("logout")


def test_a_document_that_was_read_is_a_copy(db: CommitDatabase, alice: Alice, write: Write) -> None:
    attachment, key = alice
    document: Any = attachment.create_document()
    mutable = CommitMutableState(db.initial_state())
    mutable.attachment_mutating().set(attachment, key, document)
    document.nickname = "too late"
    state = db.state(db.commit_mutations("one", mutable))
    read = state.attachment_getting().get(attachment, key).unwrap()
    assert read.nickname == ""
    read.nickname = "mine"
    assert state.attachment_getting().get(attachment, key).unwrap().nickname == ""


def test_diff_keys_tells_two_states_apart(db: CommitDatabase, model: types.SimpleNamespace, write: Write) -> None:
    login = model.TUTO_A_USER_LOGIN
    same, changed, gone, new = (login.create_key() for _ in range(4))
    base = db.initial_state()
    mutable = CommitMutableState(base)
    for key in (same, changed, gone):
        mutable.attachment_mutating().set(login, key, {"nickname": "x"})
    left = db.state(db.commit_mutations("left", mutable))
    mutable = CommitMutableState(base)
    mutable.attachment_mutating().set(login, same, {"nickname": "x"})
    mutable.attachment_mutating().set(login, changed, {"nickname": "y"})
    mutable.attachment_mutating().set(login, new, {"nickname": "z"})
    right = db.state(db.commit_mutations("right", mutable))
    added, removed, differing = left.attachment_getting().diff_keys(login, right.attachment_getting())
    assert [list(added), list(removed), list(differing)] == [[new], [gone], [changed]]


ITEM = {"numbers": [1, 2], "tags": ["a", "b"], "counts": {"a": 1, "b": 2}, "lines": []}

MUTATORS: list[tuple[str, tuple[Any, ...], str, Callable[[Any], Any], Any]] = [
    ("update", (".title", "new"), "document_update", lambda it: it.title, "new"),
    ("update", (".numbers[1]", 20), "document_update", lambda it: it.numbers, [1, 20]),
    ("update", (".counts['c']", 3), "document_update", lambda it: it.counts, {"a": 1, "b": 2, "c": 3}),
    ("update", (Path.from_field("note").unwrap(), "n"), "document_update", lambda it: it.note, "n"),
    ("union_in_set", (".tags", ["c"]), "set_union", lambda it: it.tags, {"a", "b", "c"}),
    ("subtract_in_set", (".tags", {"a", "x"}), "set_subtract", lambda it: it.tags, {"b"}),
    ("union_in_map", (".counts", {"a": 9, "c": 3}), "map_union", lambda it: it.counts, {"a": 9, "b": 2, "c": 3}),
    ("subtract_in_map", (".counts", ["a"]), "map_subtract", lambda it: it.counts, {"b": 2}),
    ("update_in_map", (".counts", {"a": 9, "x": 1}), "map_update", lambda it: it.counts, {"a": 9, "b": 2}),
    ("set", ({"title": "whole"},), "document_set", lambda it: (it.title, it.tags), ("whole", set())),
    ("diff", (ITEM | {"title": "d"},), "document_update", lambda it: it.title, "d"),
]


@pytest.mark.parametrize(("method", "arguments", "opcode", "look", "expected"), MUTATORS)
def test_a_mutator_records_its_operation(
    shop: CommitDatabase,
    model: types.SimpleNamespace,
    method: str,
    arguments: tuple[Any, ...],
    opcode: str,
    look: Callable[[Any], Any],
    expected: object,
) -> None:
    doc = model.WORKSHOP_A_ITEM_DOC
    key = doc.create_key()
    mutable = CommitMutableState(shop.initial_state())
    mutable.attachment_mutating().set(doc, key, ITEM)
    mutable = CommitMutableState(shop.state(shop.commit_mutations("first", mutable)))
    getattr(mutable.attachment_mutating(), method)(doc, key, *arguments)
    (recorded,) = mutable.mutations()
    assert recorded.type() == opcode
    assert recorded.attachment() == doc and recorded.key() == key
    assert type(recorded).__name__ == "CommitOpcode" + "".join(it.title() for it in opcode.split("_"))
    assert look(mutable.attachment_getting().get(doc, key).unwrap()) == expected
    state = shop.state(shop.commit_mutations("second", mutable))
    assert look(state.attachment_getting().get(doc, key).unwrap()) == expected
    (stored,) = shop.commit(state.commit_id()).opcodes()
    assert stored == recorded and repr(stored) == repr(recorded)


def test_xarrays_are_changed_by_position(shop: CommitDatabase, model: types.SimpleNamespace) -> None:
    doc = model.WORKSHOP_A_ITEM_DOC
    key = doc.create_key()
    mutable = CommitMutableState(shop.initial_state())
    mutating = mutable.attachment_mutating()
    mutating.set(doc, key, {})
    last = mutating.insert_in_xarray(doc, key, ".lines", None, "last")
    first = mutating.insert_in_xarray(doc, key, ".lines", last, "first")
    mutating.update_in_xarray(doc, key, ".lines", last, "LAST")
    lines = mutating.get(doc, key).unwrap().lines
    assert lines == ["first", "LAST"] and lines.positions() == [first, last]
    mutating.remove_in_xarray(doc, key, ".lines", first)
    assert mutating.get(doc, key).unwrap().lines == ["LAST"]
    kinds = [it.type() for it in mutable.mutations()]
    assert kinds == ["document_set", *["xarray_insert", "xarray_update"] * 2, "xarray_update", "xarray_remove"]
    insert: Any = mutable.mutations()[3]
    assert (insert.position(), insert.before()) == (first, last)


REFUSED: list[tuple[str, tuple[Any, ...], str]] = [
    ("set", ({"titel": 1},), "did you mean `title`"),
    ("set", ({"small": 500},), r"\.small: 500 is out of range"),
    ("update", (".titel", "x"), "did you mean `title`"),
    ("update", (".title", 5), r"\.title: expected string"),
    ("update", (".", {}), "set"),
    ("update", (Path.from_field("tags").element("x"), "x"), "irregular|cannot|element"),
    ("union_in_set", (".title", ["x"]), "title"),
    ("union_in_set", (".tags", [5]), r"\.tags\[0\]: expected string"),
    ("union_in_map", (".counts", {"a": "x"}), "expected int64"),
    ("subtract_in_map", (".tags", ["x"]), "tags"),
    ("insert_in_xarray", (".tags", None, "x"), "tags"),
    ("insert_in_xarray", (".lines", None, 5), "expected string"),
]


@pytest.mark.parametrize(("method", "arguments", "message"), REFUSED)
def test_a_refused_mutation_records_nothing(
    shop: CommitDatabase, model: types.SimpleNamespace, method: str, arguments: tuple[Any, ...], message: str
) -> None:
    doc = model.WORKSHOP_A_ITEM_DOC
    mutable = CommitMutableState(shop.initial_state())
    with pytest.raises(InvalidValue, match=message):
        getattr(mutable.attachment_mutating(), method)(doc, doc.create_key(), *arguments)
    assert mutable.mutations() == [] and len(mutable) == 0


def test_a_key_of_another_concept_and_a_foreign_attachment_are_refused(
    shop: CommitDatabase, model: types.SimpleNamespace
) -> None:
    mutating = CommitMutableState(shop.initial_state()).attachment_mutating()
    with pytest.raises(InvalidValue):
        mutating.set(model.WORKSHOP_A_ITEM_DOC, model.TUTO_A_USER_LOGIN.create_key(), {})
    with pytest.raises(InvalidValue, match="extend it with the model"):
        mutating.set(model.TUTO_A_USER_LOGIN, model.TUTO_A_USER_LOGIN.create_key(), {})


def test_what_does_not_exist_is_recorded_and_dropped(shop: CommitDatabase, model: types.SimpleNamespace, write: Write) -> None:
    doc = model.WORKSHOP_A_ITEM_DOC
    key = doc.create_key()
    state = shop.state(write(shop, shop.initial_state(), "update", doc, key, ".title", "lost"))
    assert state.attachment_getting().get(doc, key).is_nil()
    (step,) = state.trace(doc, key).steps()
    assert (step.outcome(), step.reason()) == ("dropped", "the document is absent")
    assert step.opcode().type() == "document_update" and step.commit_id() == state.commit_id()


def test_a_blob_that_is_not_here_is_refused(db: CommitDatabase, model: types.SimpleNamespace) -> None:
    portrait = model.TUTO_A_USER_PORTRAIT
    mutable = CommitMutableState(db.initial_state())
    mutable.attachment_mutating().set(portrait, portrait.create_key(), {"pixels": "ab" * 32})
    with pytest.raises(Error, match="abab"):
        db.commit_mutations("lost", mutable)
    assert db.commit_ids() == set()


@pytest.fixture
def fork(db: CommitDatabase, alice: Alice, write: Write) -> types.SimpleNamespace:
    """A history of two lines: `root` under `left` and `right`."""
    attachment, key = alice
    root = write(db, db.initial_state(), "set", attachment, key, {"nickname": "n", "password": "p"})
    left = write(db, db.state(root), "update", attachment, key, ".nickname", "left")
    right = write(db, db.state(root), "update", attachment, key, ".password", "right")
    return types.SimpleNamespace(db=db, attachment=attachment, key=key, root=root, left=left, right=right)


def document(fork: types.SimpleNamespace, commit_id: ValueCommitId) -> Any:
    return fork.db.state(commit_id).attachment_getting().get(fork.attachment, fork.key)


def test_the_graph_answers_its_questions(fork: types.SimpleNamespace) -> None:
    db = fork.db
    assert db.commit_ids() == {fork.root, fork.left, fork.right}
    assert [header.commit_id() for header in db.commit_headers()] == [fork.root, fork.left, fork.right]
    assert db.head_commit_ids() == {fork.left, fork.right}
    assert db.children_commit_ids(fork.root) == {fork.left, fork.right}
    assert db.children_commit_ids(ValueCommitId()) == {fork.root}
    assert db.first_commit_id() == fork.root
    assert db.last_commit_id() in (fork.left, fork.right)
    assert db.commit_exists(fork.left) and not db.commit_exists(ValueCommitId("ab" * 32))
    assert db.is_ancestor(fork.root, fork.left) and db.is_ancestor(fork.left, fork.left)
    assert not db.is_ancestor(fork.left, fork.right)
    assert db.is_mergeable(fork.left, fork.right) and not db.is_mergeable(fork.root, fork.left)
    assert db.merge_base(fork.left, fork.right) == fork.root
    header = db.commit_header(fork.left)
    assert header.parent_commit_id() == fork.root and not header.target_commit_id()
    assert (header.commit_type(), header.label(), header.generation()) == ("Mutations", "update", 2)
    assert header.timestamp() >= db.commit_header(fork.root).timestamp() > 1_600_000_000_000
    assert header == db.commit(fork.left).header() and len({header, db.commit_header(fork.left)}) == 1
    assert db.verify() == []


def test_edits_of_different_fields_both_survive_a_merge(fork: types.SimpleNamespace) -> None:
    merge = fork.db.merge_commit("both", fork.left, fork.right)
    assert document(fork, merge) == {"nickname": "left", "password": "right"}
    header = fork.db.commit_header(merge)
    assert (header.commit_type(), header.parent_commit_id(), header.target_commit_id()) == (
        "Merge",
        fork.left,
        fork.right,
    )
    assert fork.db.nephew_commit_ids(fork.right) == {merge}
    assert fork.db.head_commit_ids() == {merge}
    with pytest.raises(Conflict, match="cannot be merged") as refused:
        fork.db.merge_commit("again", merge, fork.left)
    assert refused.value.code() == "not-mergeable"


def test_a_merge_can_be_looked_at_before_it_is_made(fork: types.SimpleNamespace) -> None:
    state = CommitStateBuilder.merge_state(fork.db, fork.left, fork.right)
    assert state.attachment_getting().get(fork.attachment, fork.key) == {"nickname": "left", "password": "right"}
    assert fork.db.head_commit_ids() == {fork.left, fork.right}


def test_undo_and_redo_are_commits(fork: types.SimpleNamespace) -> None:
    undone = fork.db.disable_commit("undo", fork.left, fork.left)
    assert document(fork, undone).unwrap().nickname == "n"
    redone = fork.db.enable_commit("redo", undone, fork.left)
    assert document(fork, redone).unwrap().nickname == "left"
    assert CommitStateBuilder.enabled_by_commit_id(fork.db, undone)[fork.left] is False
    actions = fork.db.state(undone).eval_actions()
    assert [(it.commit_type(), it.is_enabled()) for it in actions] == [
        ("Mutations", True),
        ("Mutations", False),
        ("Disable", True),
    ]
    assert actions[1].decided_by() == undone and actions[2].target_commit_id() == fork.left
    (_, step) = fork.db.state(undone).trace(fork.attachment, fork.key).steps()
    assert step.outcome() == "masked"


def test_heads_are_reduced_the_same_way_everywhere(fork: types.SimpleNamespace) -> None:
    copy = CommitDatabase.create_in_memory(fork.db.definitions())
    anabranch.CommitSynchronizer(copy, fork.db).sync()
    reduced = CommitDatabaseHelper.reduce_heads(fork.db)
    assert reduced == CommitDatabaseHelper.reduce_heads(copy)
    assert fork.db.head_commit_ids() == {reduced}
    assert CommitDatabaseHelper.reduce_heads(fork.db) == reduced
    assert CommitDatabaseHelper.forward(fork.db, fork.root) == reduced
    assert CommitDatabaseHelper.fast_forward(fork.db, fork.root) == reduced
    assert fork.db.state(reduced).fingerprint() == copy.state(reduced).fingerprint()
    with pytest.raises(Conflict, match="is not a head"):
        CommitDatabaseHelper.reduce_heads(fork.db, fork.root)
    assert CommitDatabaseHelper.reduce_heads(CommitDatabase.create_in_memory()) is None


def test_blame_and_diff_say_who_wrote_what(fork: types.SimpleNamespace) -> None:
    merge = fork.db.merge_commit("both", fork.left, fork.right)
    blame = {str(it.path()): (it.commit_id(), it.value()) for it in fork.db.state(merge).blame(fork.attachment, fork.key)}
    assert blame == {".nickname": (fork.left, "left"), ".password": (fork.right, "right")}
    diff = fork.db.diff(fork.root, merge)
    (changed,) = diff.changed()
    assert (len(diff), diff.added(), diff.removed()) == (1, [], [])
    assert [str(path) for path in changed.paths()] == [".nickname", ".password"]
    before, after = changed.before(), changed.after()
    assert (before, after) == ({"nickname": "n", "password": "p"}, {"nickname": "left", "password": "right"})
    assert changed.key() == fork.key and changed.attachment() == fork.attachment
    (added,) = fork.db.diff(ValueCommitId(), fork.root).added()
    assert added.before() is None


def test_time_travel_reads_any_commit(fork: types.SimpleNamespace) -> None:
    assert document(fork, fork.root) == {"nickname": "n", "password": "p"}
    assert fork.db.state(None).attachment_getting().keys(fork.attachment) == set()
    assert CommitStateBuilder.state(fork.db, fork.root).commit_id() == fork.root
    assert CommitStateBuilder.initial_state(fork.db).commit_id() == ValueCommitId()
    assert fork.db.state(str(fork.root)).commit_id() == fork.root


UNKNOWN = ValueCommitId("ab" * 32)


@pytest.mark.parametrize("method", ["state", "commit", "commit_header"])
def test_a_commit_that_is_not_here_is_not_found(db: CommitDatabase, method: str) -> None:
    with pytest.raises(NotFound, match="abab") as missing:
        getattr(db, method)(UNKNOWN)
    assert missing.value.code() == "commit-not-found"
    assert isinstance(missing.value, LookupError)


def test_the_same_change_is_the_same_commit(db: CommitDatabase, alice: Alice, write: Write) -> None:
    ids = {write(db, db.initial_state(), "set", *alice, {"nickname": "a"}) for _ in range(3)}
    assert len(ids) == 1 and len(db.commit_ids()) == 1


def test_an_empty_recording_is_an_empty_commit(db: CommitDatabase) -> None:
    commit_id = db.commit_mutations("nothing", CommitMutableState(db.initial_state()))
    assert db.commit(commit_id).opcodes() == [] and len(db.commit(commit_id)) == 0


def test_commits_can_be_removed_for_demonstrations(fork: types.SimpleNamespace) -> None:
    with pytest.raises(Error):
        fork.db.delete_commit(fork.root)
    fork.db.delete_commit(fork.left)
    assert fork.db.commit_ids() == {fork.root, fork.right}
    fork.db.reset_commits()
    assert fork.db.commit_ids() == {fork.root}
    copy = CommitDatabase.create_in_memory(fork.db.definitions())
    anabranch.CommitSynchronizer(copy, fork.db).sync()
    with pytest.raises(Conflict, match="has been synchronised"):
        copy.delete_commit(fork.root)
    copy.delete_commit(fork.root, force=True)


def test_recordings_say_what_they_stand_on(db: CommitDatabase) -> None:
    mutable = CommitMutableState(db.initial_state())
    assert mutable.commit_state().commit_id() == ValueCommitId()
    assert mutable.definitions() == db.definitions()
    assert "0 operations" in repr(mutable) and bool(mutable)


def test_objects_read_well(fork: types.SimpleNamespace) -> None:
    assert repr(fork.db) == "CommitDatabase('memory')"
    assert repr(fork.db.state(fork.root)) == f"CommitState({fork.root.short()})"
    assert repr(fork.db.commit_header(fork.root)) == f"CommitHeader({fork.root.short()} Mutations 'set')"
    assert fork.db.commit_databasing() is fork.db


def test_things_show_themselves_in_notebooks(fork: types.SimpleNamespace) -> None:
    builder = anabranch.CommitNodeGridBuilder(fork.db)
    merge = fork.db.merge_commit("both < & >", fork.left, fork.right)
    nodes = builder.build()
    assert [node.row for node in nodes] == [0, 1, 2, 3]
    assert nodes[0].commit_id() == merge and nodes[0].is_head and set(nodes[0].parents) == {fork.left, fork.right}
    assert {node.column for node in nodes[1:3]} == {0, 1} and nodes[3].column == 0
    assert len(builder.build(limit=2)) == 2
    svg = builder._repr_html_()
    assert svg.startswith("<svg") and svg.count("<circle") == 4 and "both &lt; &amp; &gt;" in svg
    assert "both &lt; &amp;" in fork.db.commit_header(merge)._repr_html_()
    assert "nickname" in document(fork, merge)._repr_html_()
