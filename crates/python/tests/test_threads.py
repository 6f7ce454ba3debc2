"""Threads: one database, states and stores used from several; errors that travel."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path as FilePath
from typing import Any

import anabranch
import pytest
from anabranch import CommitDatabase, CommitMutableState, CommitStore, DefinitionsConst, Error


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Runs the same work in several threads at once."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_threads_commit_into_one_file(path: FilePath, tuto: DefinitionsConst, model: Any) -> None:
    login = model.TUTO_A_USER_LOGIN
    with CommitDatabase.create(path, definitions=tuto) as db:

        def work(number: int) -> list[anabranch.ValueCommitId]:
            made = []
            state = db.initial_state()
            for turn in range(10):
                mutable = CommitMutableState(state)
                mutable.attachment_mutating().set(login, login.create_key(), {"nickname": f"{number}.{turn}"})
                made.append(db.commit_mutations(f"{number}.{turn}", mutable))
                state = db.state(made[-1])
            return made

        made = together(4, work)
        assert db.commit_ids() == {commit_id for ids in made for commit_id in ids}
        assert len(db.head_commit_ids()) == 4
        anabranch.CommitDatabaseHelper.reduce_heads(db)
        assert len(db.state(db.last_commit_id()).attachment_getting().keys(login)) == 40
        assert db.verify() == []


def test_threads_read_one_state(db: CommitDatabase, model: Any) -> None:
    login = model.TUTO_A_USER_LOGIN
    mutable = CommitMutableState(db.initial_state())
    keys = [login.create_key() for _ in range(50)]
    for number, key in enumerate(keys):
        mutable.attachment_mutating().set(login, key, {"nickname": str(number)})
    getting = db.state(db.commit_mutations("many", mutable)).attachment_getting()

    def work(_: int) -> list[str]:
        return [getting.get(login, key).unwrap().nickname for key in keys]

    assert together(4, work) == [[str(number) for number in range(50)]] * 4


def test_threads_record_into_one_mutable_state(db: CommitDatabase, model: Any) -> None:
    login = model.TUTO_A_USER_LOGIN
    mutable = CommitMutableState(db.initial_state())
    mutating = mutable.attachment_mutating()

    def work(_: int) -> None:
        for _ in range(50):
            mutating.set(login, login.create_key(), {})

    together(4, work)
    assert len(mutable) == 200 and len(mutating.keys(login)) == 200


def test_threads_dispatch_into_one_store_and_undo_all_of_it(db: CommitDatabase, model: Any) -> None:
    login = model.TUTO_A_USER_LOGIN
    store = CommitStore(db)
    heard: list[int] = []
    store.set_notifier(type("N", (), {"state_did_change": lambda self: heard.append(1)})())
    together(4, lambda n: [store.dispatch_set(f"{n}", login, login.create_key(), {}) for _ in range(10)])
    assert len(store.attachment_getting().keys(login)) == 40 == len(heard)
    assert len(db.head_commit_ids()) == 1
    while store.undo():
        pass
    assert len(store.attachment_getting().keys(login)) == 0


def test_threads_change_one_value(model: Any) -> None:
    numbers: Any = anabranch.ValueVector("vector<int64>")
    inner: Any = model.WORKSHOP_A_ITEM_DOC.create_document()

    def work(number: int) -> None:
        for turn in range(200):
            numbers.append(number)
            inner.parts.append({"label": str(turn)})
            inner.parts[0].marks.add(turn % 100)
            inner.encode()

    together(4, work)
    assert len(numbers) == 800 and numbers.count(0) == 200
    assert len(inner.parts) == 800 and inner.parts[0].marks == set(range(100))


@pytest.mark.parametrize("name", ["Error", "NotFound", "InvalidValue", "Conflict", "Busy", "Closed", "Integrity"])
def test_errors_travel_between_processes(name: str) -> None:
    error = getattr(anabranch, name)("what failed", "its-code")
    for back in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(back) is type(error)
        assert (back.message(), back.code()) == ("what failed", "its-code")


BRANCHES: list[tuple[str, type[BaseException]]] = [
    ("NotFound", LookupError),
    ("InvalidValue", ValueError),
    ("Unauthorized", anabranch.Remote),
]


@pytest.mark.parametrize(("name", "base"), BRANCHES)
def test_errors_are_what_python_would_raise_too(name: str, base: type[BaseException]) -> None:
    assert issubclass(getattr(anabranch, name), base)
    assert issubclass(getattr(anabranch, name), Error)


def test_another_writer_makes_a_database_busy(path: FilePath, tuto: DefinitionsConst, model: Any) -> None:
    import sqlite3

    CommitDatabase.create(path, definitions=tuto).close()
    db = CommitDatabase.open(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    mutable = CommitMutableState(db.initial_state())
    try:
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(db.commit_mutations, "waits", mutable)
            other.execute("ROLLBACK")
            assert waiting.result(timeout=30).is_valid()
    finally:
        other.close()
