"""Documents as trees, keys as names, attachments as tables."""

from __future__ import annotations

import types
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from anabranch import CommitDatabase, CommitMutableState, DocumentNode, KeyHelper, KeyNamer, Path, tables

DOCUMENT: dict[str, Any] = {
    "title": "chair",
    "count": 5,
    "small": -1,
    "single": 0.5,
    "flag": True,
    "mark": "0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a10",
    "data": b"\x00\xff",
    "shade": "dark",
    "position": [1, 2, 3],
    "matrix": [[1, 2, 3], [4, 5, 6]],
    "pair": ("a", 1),
    "note": "n",
    "numbers": [1, 2],
    "parts": [{"label": "leg", "marks": [1]}],
    "table": [["x"], []],
    "tags": ["b", "a"],
    "counts": {"a": 1},
    "inners": {5: {"label": "five"}},
    "deep": {"d": ["x"]},
    "choice": 7,
    "extra": [1, "x"],
}


@pytest.fixture
def filled(shop: CommitDatabase, model: types.SimpleNamespace) -> types.SimpleNamespace:
    """A database with two documents, the second at its defaults."""
    doc = model.WORKSHOP_A_ITEM_DOC
    keys = [doc.create_key(), doc.create_key(concept=model.WORKSHOP_C_TOOL)]
    mutable = CommitMutableState(shop.initial_state())
    mutating = mutable.attachment_mutating()
    mutating.set(doc, keys[0], DOCUMENT)
    mutating.set(doc, keys[1], {})
    mutating.set(model.WORKSHOP_A_ITEM_TAGS, keys[0], ["x", "y"])
    state = shop.state(shop.commit_mutations("filled", mutable))
    return types.SimpleNamespace(db=shop, doc=doc, tags=model.WORKSHOP_A_ITEM_TAGS, keys=keys, state=state)


def emptied(filled: types.SimpleNamespace) -> CommitMutableState:
    return CommitMutableState(filled.db.initial_state())


def test_rows_are_documents(filled: types.SimpleNamespace) -> None:
    rows = {row["key"]: row for row in tables.to_rows(filled.state, filled.doc)}
    row = rows[str(filled.keys[0])]
    assert row["title"] == "chair" and row["tags"] == {"a", "b"} and row["counts"] == {"a": 1}
    assert row["maybe"] is None and row["pair"] == ("a", 1) and row["shade"] == "dark"
    assert tables.to_rows(filled.state.attachment_getting(), filled.tags) == [
        {"key": str(filled.keys[0]), "value": {"x", "y"}}
    ]


FORMS = [
    (tables.to_rows, tables.from_rows),
    (tables.to_pandas, tables.from_pandas),
    (tables.to_arrow, tables.from_arrow),
]


@pytest.mark.parametrize(("to", "back"), FORMS, ids=["rows", "pandas", "arrow"])
def test_a_table_comes_back_as_the_documents(filled: types.SimpleNamespace, to: Any, back: Any) -> None:
    mutable = emptied(filled)
    for attachment, count in ((filled.doc, 2), (filled.tags, 1)):
        assert back(mutable.attachment_mutating(), attachment, to(filled.state, attachment)) == count
    again = filled.db.state(filled.db.commit_mutations("again", mutable))
    for attachment in (filled.doc, filled.tags):
        assert tables.to_rows(again, attachment) == tables.to_rows(filled.state, attachment)


@pytest.mark.parametrize(("to", "back"), FORMS, ids=["rows", "pandas", "arrow"])
def test_what_did_not_change_is_not_recorded(filled: types.SimpleNamespace, to: Any, back: Any) -> None:
    mutable = CommitMutableState(filled.state)
    back(mutable.attachment_mutating(), filled.doc, to(filled.state, filled.doc))
    assert mutable.mutations() == []


def test_rows_may_leave_out_fields_and_keys(filled: types.SimpleNamespace) -> None:
    mutable = CommitMutableState(filled.state)
    mutating = mutable.attachment_mutating()
    tables.from_rows(mutating, filled.doc, [{"key": filled.keys[0], "title": "stool"}, {"title": "new"}])
    assert [it.type() for it in mutable.mutations()] == ["document_update", "document_set"]
    assert mutating.get(filled.doc, filled.keys[0]).unwrap().count == 5
    assert len(mutating.keys(filled.doc)) == 3


def test_a_data_frame_can_be_worked_on(filled: types.SimpleNamespace) -> None:
    frame = tables.to_pandas(filled.state, filled.doc)
    assert isinstance(frame, pd.DataFrame) and frame["count"].sum() == 5
    frame["count"] += 1
    mutable = CommitMutableState(filled.state)
    tables.from_pandas(mutable.attachment_mutating(), filled.doc, frame[["count"]])
    assert [str(it.path()) for it in mutable.mutations()] == [".count", ".count"]


def test_arrow_has_the_types_of_the_model(filled: types.SimpleNamespace) -> None:
    table = tables.to_arrow(filled.state, filled.doc)
    types_by_name = {field.name: field.type for field in table.schema}
    assert types_by_name["small"] == pa.int8() and types_by_name["single"] == pa.float32()
    assert types_by_name["counts"] == pa.map_(pa.string(), pa.int64())
    assert types_by_name["position"] == pa.list_(pa.float32(), 3)
    assert types_by_name["inner"] == pa.struct([("label", pa.string()), ("marks", pa.list_(pa.int8()))])
    assert pa.compute.sum(table["count"]).as_py() == 5


def test_documents_are_trees(filled: types.SimpleNamespace) -> None:
    nodes = DocumentNode.create_documents(filled.keys[0], filled.state.attachment_getting())
    assert [node.name for node in nodes] == ["Workshop::doc", "Workshop::tags"]
    doc = nodes[0]
    places = {str(node.path): node for node in walk(doc)}
    assert places[".parts[0].label"].value == "leg"
    assert places[".inners[5].label"].value == "five"
    assert places[".tags[element 'a']"].value == "a"
    assert places[".note?"].value == "n"
    assert doc.is_expandable() and not places[".title"].is_expandable()
    assert doc.type() == "Workshop::Doc" and places[".small"].type() == "int8"
    text = doc.text()
    assert "  title: 'chair'" in text and "    [0]: Workshop::Inner" in text
    assert "<details" in doc._repr_html_() and "chair" in doc._repr_html_()
    for path, node in places.items():
        if not any(mark in path for mark in ("element", "entry")) and path != ".":
            assert node.path.at(doc.value) == node.value, path


def walk(node: DocumentNode) -> list[DocumentNode]:
    return [node, *(inner for child in node.children for inner in walk(child))]


def test_keys_have_names(filled: types.SimpleNamespace) -> None:
    key = filled.keys[0]
    getting = filled.state.attachment_getting()
    assert KeyHelper.short(key) == f"Item:{str(key.instance_id())[:8]}"
    assert KeyNamer().name(key) == KeyHelper.short(key)
    assert KeyNamer(getting).add(filled.doc, Path.from_field("title")).name(key) == "chair"
    assert [it.identifier() for it in KeyHelper.attachments(key, getting)] == [
        "Workshop::Item.counts",
        "Workshop::Item.doc",
        "Workshop::Item.list",
        "Workshop::Item.maybe",
        "Workshop::Item.tags",
        "Workshop::any_concept.remark",
    ]
