"""The reference evaluator: `spec/semantics.md` §1 to §3 as they are written, in Python, over Python's own values.

It reads commits and opcodes through the package and shares no code with the engine. Documents are those of the model
below: structures as dicts, sets as sets, maps as dicts, vectors as lists, xarrays as lists of `[position, element]` where
a removed element is `GONE`.
"""

from __future__ import annotations

import copy
from typing import Any

from anabranch import CommitDatabase, CommitOpcode, Value, ValueCommitId, ValueXArray

GONE = object()

Ids = list[ValueCommitId]


class Dropped(Exception):
    """An operation has no effect."""


def lin(db: CommitDatabase, commit_id: ValueCommitId) -> tuple[Ids, dict[ValueCommitId, Ids]]:
    """§1: the commits that make up a state, oldest first; and what each merge among them contributed."""
    if not commit_id.is_valid():
        return [], {}
    header = db.commit_header(commit_id)
    ids, contributed = lin(db, header.parent_commit_id())
    if header.commit_type() == "Merge":
        theirs, by_theirs = lin(db, header.target_commit_id())
        own = [it for it in theirs if it not in ids]
        for it in own:
            if it in by_theirs:
                contributed[it] = [inner for inner in by_theirs[it] if inner not in ids]
        ids = ids + own
        contributed[commit_id] = own
    return [*ids, commit_id], contributed


def masks(db: CommitDatabase, ids: Ids, contributed: dict[ValueCommitId, Ids]) -> dict[ValueCommitId, bool]:
    """§2: which commits are hidden."""
    decided: dict[ValueCommitId, bool] = {}
    for commit_id in reversed(ids):
        header = db.commit_header(commit_id)
        is_on = decided.get(commit_id, True)
        kind, target = header.commit_type(), header.target_commit_id()
        if kind in ("Disable", "Enable") and is_on and target not in decided:
            decided[target] = kind == "Enable"
        if kind == "Merge" and not is_on:
            for it in contributed[commit_id]:
                decided.setdefault(it, False)
    return decided


def plain(value: Any) -> Any:
    """A value as the evaluator has it."""
    if isinstance(value, ValueXArray):
        removed = set(map(str, value.removed_positions()))
        assert not removed
        return [[str(position), plain(element)] for position, element in value.items(encoded=False)]
    if hasattr(value, "type_structure"):
        names = [field.name() for field in Value.type(value).fields()]  # type: ignore[attr-defined]
        return {name: plain(type(value).at(value, name, encoded=False)) for name in names}
    return value.encoded()


def step(place: Any, kind: str, what: Any) -> Any:
    if kind == "field":
        return place[what]
    if kind == "index":
        if what >= len(place):
            raise Dropped
        return place[what]
    if kind == "key":
        if what not in place:
            raise Dropped
        return place[what]
    if kind == "position":
        for position, element in place:
            if position == str(what) and element is not GONE:
                return element
        raise Dropped
    raise AssertionError(kind)


def put(place: Any, kind: str, what: Any, value: Any) -> None:
    if kind == "position":
        for slot in place:
            if slot[0] == str(what):
                slot[1] = value
                return
        raise Dropped
    if kind == "index" and what >= len(place):
        raise Dropped
    place[what] = value


def apply(opcode: CommitOpcode, document: Any) -> Any:
    """§3: what an operation makes of a document."""
    kind = opcode.type()
    value = opcode.value(encoded=False)
    if kind == "document_set":
        return plain(value)
    if document is None:
        raise Dropped
    document = copy.deepcopy(document)
    path = opcode.path()
    assert path is not None
    steps = path.components()
    if kind == "document_update":
        place = document
        for it in steps[:-1]:
            place = step(place, *it)
        put(place, *steps[-1], plain(value))
        return document
    place = document
    for it in steps:
        place = step(place, *it)
    if kind == "set_union":
        place |= plain(value)
    elif kind == "set_subtract":
        place -= plain(value)
    elif kind == "map_union":
        place.update(plain(value))
    elif kind == "map_subtract":
        for key in plain(value):
            place.pop(key, None)
    elif kind == "map_update":
        place.update({key: it for key, it in plain(value).items() if key in place})
    else:
        xarray(kind, opcode, place, value)
    return document


def xarray(kind: str, opcode: Any, slots: list[list[Any]], value: Any) -> None:
    position = str(opcode.position())
    known = [slot[0] for slot in slots]
    if kind == "xarray_insert":
        if position in known:
            raise Dropped
        if not opcode.before().is_valid():
            slots.append([position, GONE])
            return
        if str(opcode.before()) not in known:
            raise Dropped
        slots.insert(known.index(str(opcode.before())), [position, GONE])
        return
    if position not in known:
        raise Dropped
    slots[known.index(position)][1] = GONE if kind == "xarray_remove" else plain(value)


def documents(db: CommitDatabase, commit_id: ValueCommitId) -> dict[tuple[str, str], Any]:
    """The documents after a commit, by attachment and key."""
    ids, contributed = lin(db, commit_id)
    decided = masks(db, ids, contributed)
    found: dict[tuple[str, str], Any] = {}
    for it in ids:
        if db.commit_header(it).commit_type() != "Mutations" or not decided.get(it, True):
            continue
        for opcode in db.commit(it).opcodes():
            name = (opcode.attachment().identifier(), str(opcode.key()))
            try:
                found[name] = apply(opcode, found.get(name))
            except Dropped:
                continue
    return {name: shown(document) for name, document in found.items()}


def shown(document: Any) -> Any:
    """A document without the positions of its xarrays: what is there to be seen."""
    if isinstance(document, dict):
        return {key: shown(it) for key, it in document.items()}
    if isinstance(document, list) and document and isinstance(document[0], list):
        return [shown(element) for _, element in document if element is not GONE]
    return document
