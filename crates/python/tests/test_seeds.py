"""The mission's listings run as they are written."""

from __future__ import annotations

import doctest
from pathlib import Path as FilePath

import anabranch
import pytest
from anabranch import CommitDatabase, CommitMutableState, DefinitionsConst

SEEDS = FilePath(__file__).parent / "seeds"
OPTIONS = doctest.ELLIPSIS


def run(name: str, names: dict[str, object]) -> None:
    """Runs the listings of a file in one namespace."""
    test = doctest.DocTestParser().get_doctest((SEEDS / name).read_text(), names, name, name, 0)
    # The parser copies the namespace; `inject` must find the one that the listings run in.
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    assert test.examples
    outcome = runner.run(test)
    assert outcome.failed == 0


def test_the_page_on_the_commit_engine(
    tuto: DefinitionsConst, tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CommitDatabase.create("model.cdb", definitions=tuto).close()
    names: dict[str, object] = {name: getattr(anabranch, name) for name in anabranch.__all__}
    tuto.inject(names)
    other = CommitDatabase.create_in_memory(tuto)
    attachment = tuto.check_attachment("Tuto::User.identity")
    key, document = attachment.create_key(), attachment.create_document()
    mutable = CommitMutableState(other.initial_state())
    mutable.attachment_mutating().set(attachment, key, document)
    other.commit_mutations("what the page calls `state`", mutable)
    names |= {
        "state": other.state(other.last_commit_id()),
        "attachment": attachment,
        "key": key,
        "document": document,
        "path": anabranch.Path.from_field("firstname"),
        "new_value": "Alice",
    }

    def fresh() -> CommitDatabase:
        database = CommitDatabase.create_in_memory(tuto)
        # The ids that a reader of the page has captured by then.
        mutable = CommitMutableState(database.initial_state())
        del mutable
        return database

    names["fresh"] = fresh
    first = CommitDatabase.open("model.cdb")
    mutable = CommitMutableState(first.initial_state())
    names["first_commit_id"] = names["latest_commit_id"] = anabranch.ValueCommitId()
    run("commit_engine.txt", names)
