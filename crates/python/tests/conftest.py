"""What the tests share: the models, and databases that hold them."""

from __future__ import annotations

import types
from collections.abc import Callable
from pathlib import Path as FilePath

import pytest
from anabranch import (
    Attachment,
    CommitDatabase,
    CommitMutableState,
    CommitState,
    DefinitionsConst,
    DSMBuilder,
    ValueCommitId,
    ValueKey,
)
from tuto import TUTO, WORKSHOP


def parsed(text: str) -> DefinitionsConst:
    """The definitions of a text."""
    builder = DSMBuilder()
    builder.append("model.dsm", text)
    report, _, definitions = builder.parse()
    assert definitions is not None, str(report)
    return definitions


@pytest.fixture(scope="session")
def tuto() -> DefinitionsConst:
    """The model of the mission's listings."""
    return parsed(TUTO)


@pytest.fixture(scope="session")
def workshop() -> DefinitionsConst:
    """A model with every kind of type."""
    return parsed(WORKSHOP)


@pytest.fixture(scope="session")
def model(tuto: DefinitionsConst, workshop: DefinitionsConst) -> types.SimpleNamespace:
    """The constants of both models."""
    names = types.SimpleNamespace()
    tuto.inject(names)
    workshop.inject(names)
    return names


@pytest.fixture
def db(tuto: DefinitionsConst) -> CommitDatabase:
    """An empty database of the mission's model."""
    return CommitDatabase.create_in_memory(tuto)


@pytest.fixture
def shop(workshop: DefinitionsConst) -> CommitDatabase:
    """An empty database of the model with every kind of type."""
    return CommitDatabase.create_in_memory(workshop)


Write = Callable[..., ValueCommitId]


@pytest.fixture
def write() -> Write:
    """Commits one change on top of a state: `write(db, state, "set", attachment, key, document)`."""

    def write(db: CommitDatabase, state: CommitState, method: str, *arguments: object) -> ValueCommitId:
        mutable = CommitMutableState(state)
        getattr(mutable.attachment_mutating(), method)(*arguments)
        return db.commit_mutations(method, mutable)

    return write


Alice = tuple[Attachment, ValueKey]


@pytest.fixture
def alice(model: types.SimpleNamespace) -> Alice:
    """An attachment and a key of it."""
    attachment: Attachment = model.TUTO_A_USER_LOGIN
    return attachment, attachment.create_key("a11ce000-0000-4000-8000-000000000001")


@pytest.fixture
def path(tmp_path: FilePath) -> FilePath:
    """Where a database may be created."""
    return tmp_path / "test.anb"
