"""Paths: made, printed, compared, checked, and used on values."""

from __future__ import annotations

import pickle
import types
from typing import Any

import anabranch
import pytest
from anabranch import InvalidValue, NotFound, Path, PathConst, Type, Value

POSITION = "0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a10"

PATHS: list[tuple[Any, str]] = [
    (Path(), "."),
    (Path.from_field("items"), ".items"),
    (Path.from_field("items").index(0).field("name"), ".items[0].name"),
    (Path.from_index(3), "[3]"),
    (Path.from_key("a"), "['a']"),
    (Path.from_key(5), "[5]"),
    (Path.from_position(POSITION), f"[{{{POSITION}}}]"),
    (Path.from_unwrap(), "?"),
    (Path.from_entry("a"), "[entry 'a']"),
    (Path.from_element(1), "[element 1]"),
    (Path.from_field("a").key("k").unwrap().position(POSITION).entry("e"), f".a['k']?[{{{POSITION}}}][entry 'e']"),
    (Path.from_field("a").element("x"), ".a[element 'x']"),
    (Path() / "items" / 0 / "name", ".items[0].name"),
    (Path.from_field("a").path(Path.from_field("b")), ".a.b"),
    (Path.from_field("a") / Path.from_index(1).const(), ".a[1]"),
]


@pytest.mark.parametrize(("path", "text"), PATHS)
def test_a_path_prints_as_its_steps(path: Path, text: str) -> None:
    assert repr(path) == str(path) == path.representation() == text


@pytest.mark.parametrize(("path", "text"), PATHS)
def test_a_path_comes_back_from_bytes_and_pickles(path: Path, text: str) -> None:
    for back in (PathConst.decode(path.encode()), pickle.loads(pickle.dumps(path)), path.const()):
        assert back == path
        assert hash(back) == hash(path)
        assert str(back) == text


def test_paths_know_their_surroundings() -> None:
    path = Path.from_field("items").index(0).field("name")
    assert str(path.parent()) == ".items[0]"
    assert [str(it) for it in path.ancestors()] == [".items[0]", ".items", "."]
    assert path.components() == [("field", "items"), ("index", 0), ("field", "name")]
    assert len(path) == 3
    assert Path().is_root() and Path().parent() is None and not path.is_root()
    assert path.is_regular() and not Path.from_entry(1).is_regular()
    assert str(Path.from_field("tags").element("x").regularized()) == ".tags"
    assert path < Path.from_field("z")
    assert len({path, Path.from_field("items").index(0).field("name").const()}) == 1


def test_each_step_makes_a_path_of_its_own() -> None:
    base = Path.from_field("a")
    base.field("b")
    assert str(base) == ".a"


LEGAL: list[tuple[str, str | None]] = [
    (".title", "string"),
    (".numbers[0]", "int64"),
    (".position[2]", "float"),
    (".matrix[1]", "vec<double, 3>"),
    (".matrix[1][2]", "double"),
    (".pair[1]", "int32"),
    (".note?", "string"),
    (".maybe?.label", "string"),
    (".parts[0].marks", "set<int8>"),
    (".table[0][1]", "string"),
    (".counts['a']", "int64"),
    (".inners[5].label", "string"),
    (f".lines[{{{POSITION}}}]", "string"),
    (f".slots[{{{POSITION}}}].label", "string"),
    (".tags[element 'x']", "string"),
    (".counts[entry 'x']", "string"),
    (".extra?", "any"),
    (".choice?", None),
    (".", "Workshop::Doc"),
]


@pytest.mark.parametrize(("text", "type"), LEGAL)
def test_a_legal_path_says_what_stands_there(
    model: types.SimpleNamespace, workshop: anabranch.DefinitionsConst, text: str, type: str | None
) -> None:
    path = PathConst.parse(text, model.WORKSHOP_S_DOC, workshop)
    assert str(path) == text
    assert path.is_applicable(model.WORKSHOP_S_DOC)
    found = path.check_type(model.WORKSHOP_S_DOC)
    assert (str(found) if found is not None else None) == type


ILLEGAL = [
    Path.from_field("titel"),
    Path.from_field("title").field("x"),
    Path.from_field("title").index(0),
    Path.from_field("pair").index(2),
    Path.from_field("position").index(3),
    Path.from_field("counts").index(0),
    Path.from_field("counts").key(5),
    Path.from_field("numbers").key("a"),
    Path.from_field("tags").index(0),
    Path.from_index(0),
]


@pytest.mark.parametrize("path", ILLEGAL, ids=str)
def test_an_illegal_path_is_refused(model: types.SimpleNamespace, path: Path) -> None:
    assert not path.is_applicable(model.WORKSHOP_S_DOC)
    with pytest.raises(InvalidValue):
        path.check_type(model.WORKSHOP_S_DOC)


@pytest.fixture
def doc(model: types.SimpleNamespace) -> Any:
    doc = model.WORKSHOP_A_ITEM_DOC.create_document()
    doc.numbers = [1, 2, 3]
    doc.counts = {"a": 1}
    doc.inners = {5: {"label": "five"}}
    doc.note = "x"
    doc.parts = [{"label": "first"}]
    doc.lines = ["l"]
    return doc


PLACES: list[tuple[Any, Any, Any]] = [
    (Path.from_field("title"), "untitled", "new"),
    (Path.from_field("numbers").index(1), 2, 20),
    (Path.from_field("counts").key("a"), 1, 10),
    (Path.from_field("inners").key(5).field("label"), "five", "fünf"),
    (Path.from_field("note").unwrap(), "x", "y"),
    (Path.from_field("parts").index(0).field("label"), "first", "changed"),
    (Path.from_field("position").index(0), 0.0, 1.5),
    (Path.from_field("matrix").index(0).index(0), 1.0, 2.0),
    (Path.from_field("pair").index(0), "", "p"),
]


@pytest.mark.parametrize(("path", "before", "after"), PLACES, ids=lambda it: str(it))
def test_a_path_reads_and_writes_a_place(doc: Any, path: Path, before: object, after: object) -> None:
    assert path.at(doc) == before
    patched = path.patch(doc, after)
    assert path.at(doc) == before and path.at(patched) == after
    path.set(doc, after)
    assert path.at(doc) == after
    assert doc == patched
    assert isinstance(path.at(doc, encoded=False), Value)


def test_a_place_that_is_not_there_is_not_found(doc: Any) -> None:
    for path in (
        Path.from_field("numbers").index(9),
        Path.from_field("counts").key("zzz"),
        Path.from_field("maybe").unwrap(),
        Path.from_field("lines").position(POSITION),
    ):
        with pytest.raises(NotFound):
            path.at(doc)


def test_a_key_inserts_and_an_unwrap_fills(doc: Any) -> None:
    Path.from_field("counts").key("new").set(doc, 5)
    Path.from_field("maybe").unwrap().set(doc, {"label": "filled"})
    assert doc.counts == {"a": 1, "new": 5}
    assert doc.maybe.unwrap().label == "filled"


def test_a_value_of_another_type_is_refused(doc: Any) -> None:
    with pytest.raises(InvalidValue):
        Path.from_field("title").set(doc, 5)
    assert doc.title == "untitled"


def test_keys_take_the_type_of_the_map(model: types.SimpleNamespace) -> None:
    path = Path.from_field("inners").key(5)
    assert path.is_applicable(model.WORKSHOP_S_DOC)
    assert not Path.from_field("inners").key(500).is_applicable(model.WORKSHOP_S_DOC)
    typed = Path.from_field("inners").key(Value.create(Type.INT8, 5))
    assert pickle.loads(pickle.dumps(typed)) == typed
    assert typed != path
