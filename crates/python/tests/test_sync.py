"""Synchronisation: what it copies, tells and promises."""

from __future__ import annotations

import _thread
import logging
import signal
import threading
import time
import types
from pathlib import Path as FilePath
from typing import Any

import anabranch
import pytest
from anabranch import (
    Cancelation,
    CommitDatabase,
    CommitMutableState,
    CommitSynchronizer,
    Conflict,
    DefinitionsConst,
    DSMBuilder,
    Error,
    InvalidValue,
    LoggerConsole,
    LoggerReport,
    Logging,
)


def fill(db: CommitDatabase, attachment: Any, count: int, label: str = "x") -> None:
    """Commits one line of documents."""
    state = db.initial_state()
    for number in range(count):
        mutable = CommitMutableState(state)
        mutable.attachment_mutating().set(attachment, attachment.create_key(), {"nickname": f"{label} {number}"})
        state = db.state(db.commit_mutations(f"{label} {number}", mutable))


@pytest.fixture
def pair(tuto: DefinitionsConst, model: types.SimpleNamespace) -> tuple[CommitDatabase, CommitDatabase]:
    """Two databases, each with three commits of its own."""
    left, right = CommitDatabase.create_in_memory(tuto), CommitDatabase.create_in_memory(tuto)
    fill(left, model.TUTO_A_USER_LOGIN, 3, "left")
    fill(right, model.TUTO_A_USER_LOGIN, 3, "right")
    return left, right


Pair = tuple[CommitDatabase, CommitDatabase]

MODES = [
    (CommitSynchronizer.MODE_FETCH, 3, 0, 3, 6),
    (CommitSynchronizer.MODE_PUSH, 0, 3, 6, 3),
    (CommitSynchronizer.MODE_SYNC, 3, 3, 6, 6),
]


@pytest.mark.parametrize(("mode", "fetched", "pushed", "at_source", "at_target"), MODES)
def test_a_mode_copies_its_way(pair: Pair, mode: str, fetched: int, pushed: int, at_source: int, at_target: int) -> None:
    source, target = pair
    synchronizer = CommitSynchronizer(source, target, mode=mode)
    info = synchronizer.sync()
    assert synchronizer.mode() == mode
    assert info.need_transmit() and not info.updated_definitions()
    assert (info.fetch().commits(), info.push().commits()) == (fetched, pushed)
    assert (len(source.commit_ids()), len(target.commit_ids())) == (at_source, at_target)
    assert info.fetch().commit_bytes() > 0 or not fetched
    assert info.fetch().duration() >= 0 and info.fetch().round_trips() >= 0
    assert str(fetched) in repr(info) and repr(info.fetch()).startswith(f"{fetched} commits")


def test_both_sides_hold_the_union_and_nothing_is_reduced(pair: Pair) -> None:
    left, right = pair
    union = left.commit_ids() | right.commit_ids()
    CommitSynchronizer(left, right).sync()
    assert left.commit_ids() == right.commit_ids() == union
    assert left.head_commit_ids() == right.head_commit_ids() and len(left.head_commit_ids()) == 2


def test_nothing_is_asked_when_nothing_changed(pair: Pair, model: types.SimpleNamespace) -> None:
    left, right = pair
    synchronizer = CommitSynchronizer(left, right)
    assert synchronizer.sync().need_transmit()
    assert not synchronizer.sync().need_transmit()
    assert CommitSynchronizer(left, right).sync().is_empty()
    fill(left, model.TUTO_A_USER_LOGIN, 1, "later")
    info = synchronizer.sync()
    assert info.need_transmit() and info.fetch().commits() == 1
    assert not synchronizer.sync().need_transmit()


def test_a_database_synchronises_with_itself_without_a_change(pair: Pair) -> None:
    before = pair[0].data_version()
    assert CommitSynchronizer(pair[0], pair[0]).sync().is_empty()
    assert pair[0].data_version() == before


def test_definitions_travel_first(pair: Pair, workshop: DefinitionsConst) -> None:
    left, right = pair
    left.extend_definitions(workshop)
    info = CommitSynchronizer(left, right).sync()
    assert info.updated_definitions() and info.fetch().extend_info().total() == len(workshop)
    assert left.definitions() == right.definitions()


def test_definitions_that_conflict_stop_the_pass_before_anything_is_written(pair: Pair) -> None:
    builder = DSMBuilder()
    builder.append(
        "other", "namespace Tuto {f529bc42-0618-4f54-a3fb-d55f95c5ad03} { struct Login { int64 other; }; };"
    )
    definitions = builder.parse()[2]
    other = CommitDatabase.create_in_memory(definitions)
    with pytest.raises(Conflict, match="Tuto::Login") as refused:
        CommitSynchronizer(pair[0], other).sync()
    assert refused.value.code() == "conflicting-definitions"
    assert other.commit_ids() == set() and len(pair[0].commit_ids()) == 3


def test_blobs_travel_with_what_refers_to_them(pair: Pair, model: types.SimpleNamespace) -> None:
    left, right = pair
    referred, alone = left.create_blob("uchar-1", b"pixels" * 1000), left.create_blob("uchar-1", b"alone")
    mutable = CommitMutableState(left.initial_state())
    portrait = model.TUTO_A_USER_PORTRAIT
    mutable.attachment_mutating().set(portrait, portrait.create_key(), {"pixels": referred})
    left.commit_mutations("portrait", mutable)
    info = CommitSynchronizer(left, right, size_of_packed_blobs=100).sync()
    assert (info.push().blobs(), info.push().blob_bytes()) == (0, 0)
    assert (info.fetch().blobs(), info.fetch().blob_bytes()) == (1, 6000)
    assert info.fetch().chunks() == 1 and info.fetch().chunk_bytes() == 6000
    assert right.blob_ids() == {referred} and alone not in right.blob_ids()
    assert right.blob(referred) == b"pixels" * 1000


def test_progress_is_told_as_it_happens(pair: Pair) -> None:
    seen: list[tuple[str, int, int]] = []
    thread = threading.get_ident()

    def progress(it: anabranch.CommitSynchronizerProgress) -> None:
        assert threading.get_ident() == thread
        seen.append((it.phase(), it.commits(), it.expected_commits()))
        assert it.bytes() >= 0 and it.blobs() == 0 and it.phase() in repr(it)

    CommitSynchronizer(*pair).sync(progress=progress)
    phases = [phase for phase, _, _ in seen]
    assert list(dict.fromkeys(phases)) == ["definitions", "negotiation", "fetch", "push"]
    assert ("fetch", 3, 3) in seen and ("push", 3, 3) in seen


def test_a_log_hears_what_is_done(pair: Pair) -> None:
    report = LoggerReport()
    CommitSynchronizer(*pair).sync(logging=report.logging())
    assert report.messages()[0] == "comparing definitions"
    assert report.messages()[-1] == "fetched 3 commits, 0 blobs; pushed 3 commits, 0 blobs"
    assert not report.has_error()
    report.clear()
    assert report.records() == []


def test_a_logger_of_the_standard_library_will_do(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        CommitSynchronizer(*pair).sync(logging=logging.getLogger("sync"))
    assert "fetching 3 commits" in caplog.messages


def test_logs_pass_on_what_is_of_their_level(capsys: pytest.CaptureFixture[str]) -> None:
    console = LoggerConsole(Logging.LEVEL_WARNING)
    console.info("quiet")
    console.warning("loud")
    console.critical("louder")
    written = capsys.readouterr().err
    assert "warning: loud" in written and "critical: louder" in written and "quiet" not in written
    console.set_level(Logging.LEVEL_OFF)
    console.error("silent")
    assert console.level() == Logging.LEVEL_OFF and capsys.readouterr().err == ""
    report = LoggerReport(Logging.LEVEL_DEBUG)
    for level in ("debug", "info", "warning", "error", "critical"):
        getattr(report, level)(level)
    assert report.messages() == ["debug", "info", "warning", "error", "critical"] and report.has_error()


def test_a_pass_can_be_cancelled_and_goes_on_later(pair: Pair) -> None:
    cancelation = Cancelation()

    def progress(it: anabranch.CommitSynchronizerProgress) -> None:
        if it.phase() == "fetch":
            cancelation.cancel()

    with pytest.raises(Error, match="cancelled") as stopped:
        CommitSynchronizer(*pair).sync(progress=progress, cancelation=cancelation)
    assert stopped.value.code() == "cancelled" and cancelation.is_canceled()
    assert all(db.verify() == [] for db in pair)
    CommitSynchronizer(*pair).sync()
    assert pair[0].commit_ids() == pair[1].commit_ids()


def test_what_a_callback_raises_stops_the_pass_with_its_traceback(pair: Pair) -> None:
    def progress(_: object) -> None:
        raise RuntimeError("no more")

    synchronizer = CommitSynchronizer(*pair)
    with pytest.raises(RuntimeError, match="no more") as raised:
        synchronizer.sync(progress=progress)
    assert raised.traceback[-1].name == "progress"
    assert synchronizer.sync().need_transmit()
    assert pair[0].commit_ids() == pair[1].commit_ids()


def test_ctrl_c_stops_a_pass(pair: Pair) -> None:
    def progress(it: anabranch.CommitSynchronizerProgress) -> None:
        if it.phase() == "negotiation":
            _thread.interrupt_main()

    # A shell that starts tests in the background has them ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            CommitSynchronizer(*pair).sync(progress=progress)
            time.sleep(1)  # where the signal would arrive if the pass had not looked
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(pair[0].commit_ids()) < 6 or len(pair[1].commit_ids()) < 6
    CommitSynchronizer(*pair).sync()
    assert pair[0].commit_ids() == pair[1].commit_ids()


def test_a_mode_that_is_none_is_refused(pair: Pair) -> None:
    with pytest.raises(InvalidValue, match="the modes are Fetch, Push and Sync"):
        CommitSynchronizer(*pair, mode="both")


def test_files_synchronise(tmp_path: FilePath, tuto: DefinitionsConst, model: types.SimpleNamespace) -> None:
    here = CommitDatabase.create(tmp_path / "here.anb", definitions=tuto)
    there = CommitDatabase.create(tmp_path / "there.anb")
    fill(here, model.TUTO_A_USER_LOGIN, 20)
    CommitSynchronizer(here, there, "Fetch").sync()
    assert there.commit_ids() == here.commit_ids() and there.verify() == []
    assert there.definitions() == tuto


def test_other_threads_run_while_one_synchronises(tmp_path: FilePath, tuto: DefinitionsConst, model: Any) -> None:
    here = CommitDatabase.create_in_memory(tuto)
    there = CommitDatabase.create(tmp_path / "there.anb")
    fill(here, model.TUTO_A_USER_LOGIN, 300)
    ticks = []
    done = threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(1)
            time.sleep(0)

    thread = threading.Thread(target=tick)
    thread.start()
    before = len(ticks)
    CommitSynchronizer(there, here).sync()
    done.set()
    thread.join()
    assert len(ticks) > before
    assert len(there.commit_ids()) == 300
