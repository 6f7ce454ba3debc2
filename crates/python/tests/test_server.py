"""Databases over the network: a proxy works as the database itself, and replicas meet at a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

import anabranch
import pytest
from anabranch import (
    Closed,
    CommitDatabase,
    CommitDatabaseServer,
    CommitMutableState,
    CommitStore,
    CommitSynchronizer,
    DefinitionsConst,
    Error,
    InvalidValue,
    Remote,
    Unauthorized,
)
from conftest import Alice


@pytest.fixture
def server(db: CommitDatabase) -> Iterator[CommitDatabaseServer]:
    with CommitDatabaseServer(db) as server:
        yield server


def test_a_proxy_works_as_the_database_itself(db: CommitDatabase, server: CommitDatabaseServer, alice: Alice) -> None:
    proxy = CommitDatabase.connect(server.address())
    assert proxy.definitions() == db.definitions() and proxy.uuid() == db.uuid() and proxy.path() is None
    mutable = CommitMutableState(proxy.initial_state())
    mutable.attachment_mutating().set(*alice, {"nickname": "alice"})
    made = proxy.commit_mutations("From afar", mutable)
    assert db.commit_header(made).label() == "From afar"
    assert proxy.state(made).attachment_getting().get(*alice) == {"nickname": "alice", "password": ""}
    assert proxy.data_version() == db.data_version() and proxy.head_commit_ids() == {made}
    blob_id = proxy.create_blob("uchar-1", b"x" * 500_000)
    assert db.blob(blob_id) == proxy.blob(blob_id)
    with proxy.open_blob(blob_id) as file:
        assert file.read(3) == b"xxx"
    store = CommitStore(proxy)
    store.dispatch_update("Rename", *alice, ".nickname", "bob")
    store.undo()
    assert db.state(db.last_commit_id()).attachment_getting().get(*alice).unwrap().nickname == "alice"


def test_replicas_meet_at_a_server(
    db: CommitDatabase, server: CommitDatabaseServer, tuto: DefinitionsConst, alice: Alice
) -> None:
    sites = [CommitDatabase.create_in_memory(tuto, author=name) for name in ("ann", "bob")]
    for number, site in enumerate(sites):
        mutable = CommitMutableState(site.initial_state())
        mutable.attachment_mutating().set(*alice, {"nickname": str(number)})
        site.commit_mutations("own", mutable)
    for site in (*sites, sites[0]):
        with CommitDatabase.connect(server.address()) as remote:
            CommitSynchronizer(site, remote, mode="Sync").sync()
    assert sites[0].commit_ids() == sites[1].commit_ids() == db.commit_ids()
    assert len(db.commit_ids()) == 2


def test_the_mission_s_listing_of_synchronisation(
    db: CommitDatabase, tuto: DefinitionsConst, tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As written, but for the server's name, which no name service knows."""
    monkeypatch.chdir(tmp_path)
    CommitDatabase.create("local.cdb", definitions=tuto).close()
    with CommitDatabaseServer(db) as server:
        host, _, service = server.address().removeprefix("http://").partition("/")[0].rpartition(":")

        local = CommitDatabase.open("local.cdb")
        remote = CommitDatabase.connect(host, service)

        synchronizer = CommitSynchronizer(local, remote, mode="Sync")
        info = synchronizer.sync()
        assert info.need_transmit() and not synchronizer.sync().need_transmit()


def test_a_server_listens_at_a_socket(db: CommitDatabase, tmp_path: FilePath) -> None:
    path = tmp_path / "served.sock"
    with CommitDatabaseServer(db, socket_path=path):
        proxy = CommitDatabase.connect_local(path)
        assert proxy.uuid() == db.uuid()


def test_a_server_has_several_databases(db: CommitDatabase, path: FilePath) -> None:
    CommitDatabase.create(path, documentation="the other").close()
    with CommitDatabaseServer({"one": db, "two": path}) as server:
        two = CommitDatabase.connect(server.address(), database="two")
        assert two.documentation() == "the other"
        assert CommitDatabase.connect(server.address(), database="one").uuid() == db.uuid()
        with pytest.raises(Error):
            CommitDatabase.connect(server.address(), database="three")


def test_tokens_say_who_may_do_what(db: CommitDatabase, tmp_path: FilePath) -> None:
    tokens = tmp_path / "tokens"
    reader = CommitDatabaseServer.create_token(tokens, "read", name="for reading")
    writer = CommitDatabaseServer.create_token(tokens, "write")
    with pytest.raises(InvalidValue, match="is not a scope"):
        CommitDatabaseServer.create_token(tokens, "everything")
    with CommitDatabaseServer(db, tokens=tokens) as server:
        address = server.address()
        for token in (None, "anb_no_token"):
            with pytest.raises(Unauthorized, match="token") as refused:
                CommitDatabase.connect(address, token=token)
            assert refused.value.code() == "unauthorized"
        proxy = CommitDatabase.connect(address, token=reader)
        mutable = CommitMutableState(proxy.initial_state())
        with pytest.raises(Error, match="read-only"):
            proxy.commit_mutations("not allowed", mutable)
        allowed = CommitDatabase.connect(address, token=writer)
        assert allowed.commit_mutations("allowed", CommitMutableState(allowed.initial_state())) in db.commit_ids()


def test_a_server_starts_and_stops(db: CommitDatabase) -> None:
    server = CommitDatabaseServer(db)
    assert not server.is_running() and repr(server) == "CommitDatabaseServer(stopped)"
    with pytest.raises(Closed):
        server.address()
    server.start()
    server.start()
    address = server.address()
    assert server.is_running() and address in repr(server) and server.addresses() == [address]
    proxy = CommitDatabase.connect(address)
    server.stop()
    server.stop()
    with pytest.raises(Remote):
        proxy.data_version()
    with pytest.raises(Remote, match="cannot reach"):
        CommitDatabase.connect(address)


def test_a_place_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidValue, match="is not the URL of a database"):
        CommitDatabase.connect("http://somewhere:port")
    with pytest.raises(Error):
        CommitDatabaseServer(anabranch.CommitDatabase.create_in_memory(), host="0.0.0.0").start()
