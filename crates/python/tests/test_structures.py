"""Structures: fields as attributes, defaults, refusals, and references into them."""

from __future__ import annotations

import gc
import pickle
import types
from typing import Any

import anabranch
import pytest
from anabranch import InvalidValue, Value
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def doc(model: types.SimpleNamespace) -> Any:
    return model.WORKSHOP_A_ITEM_DOC.create_document()


FIELDS: list[tuple[str, Any, Any]] = [
    ("title", "untitled", "chair"),
    ("count", 0, -5),
    ("small", 0, 127),
    ("byte", 0, 255),
    ("single", 0.0, 0.5),
    ("ratio", 0.0, 0.1),
    ("flag", False, True),
    ("mark", "00000000-0000-0000-0000-000000000000", "0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a10"),
    ("data", b"", b"bytes"),
    ("pixels", anabranch.ValueBlobId(), "ab" * 32),
    ("origin", anabranch.ValueCommitId(), "cd" * 32),
    ("shade", ".light", "none"),
    ("position", [0, 0, 0], [1, 2, 3]),
    ("matrix", [[1, 0, 0], [0, 1, 0]], [[1, 2, 3], [4, 5, 6]]),
    ("pair", ("", 0), ("a", 1)),
    ("note", None, "a note"),
    ("maybe", None, {"label": "x"}),
    ("numbers", [], [1, 2]),
    ("parts", [], [{"label": "a"}, {"marks": [1]}]),
    ("table", [], [["a"], []]),
    ("tags", set(), {"b", "a"}),
    ("points", set(), [[0, 1]]),
    ("counts", {}, {"a": 1}),
    ("inners", {}, {5: {"label": "five"}}),
    ("deep", {}, {"a": {"x", "y"}}),
    ("lines", [], ["a", "b"]),
    ("slots", [], [{"label": "a"}]),
    ("choice", "", 5),
    ("extra", None, [1, 2]),
    ("inner", {"label": "new", "marks": set()}, {"label": "x", "marks": {1, 2}}),
]


def expected(value: Any, native: Any) -> Any:
    """What a field is equal to after native input went in."""
    return Value.create(value.type(), native) if isinstance(value, Value) else native


@pytest.mark.parametrize(("name", "zero", "native"), FIELDS)
def test_a_field_starts_at_its_default(doc: Any, name: str, zero: object, native: object) -> None:
    value = getattr(doc, name)
    assert value == expected(value, zero)


@pytest.mark.parametrize(("name", "zero", "native"), FIELDS)
def test_a_field_takes_native_input(doc: Any, name: str, zero: object, native: object) -> None:
    setattr(doc, name, native)
    value = getattr(doc, name)
    if name not in ("lines", "slots"):  # fresh positions
        assert value == expected(value, native)
    assert value == doc.at(name)
    assert isinstance(doc.at(name, encoded=False), Value)
    assert Value.decode(doc.encode(), doc.type(), doc_definitions(doc)) == doc


def doc_definitions(doc: Any) -> anabranch.DefinitionsConst:
    builder = anabranch.DSMBuilder()
    from tuto import WORKSHOP

    builder.append("workshop", WORKSHOP)
    definitions = builder.parse()[2]
    assert definitions is not None
    return definitions


@pytest.mark.parametrize(("name", "zero", "native"), FIELDS)
def test_a_document_with_the_field_comes_back_from_every_form(
    doc: Any, workshop: anabranch.DefinitionsConst, name: str, zero: object, native: object
) -> None:
    setattr(doc, name, native)
    type = Value.type(doc)
    assert Value.decode(doc.encode(), type, workshop) == doc
    assert Value.json_decode(doc.json_encode(), type, workshop) == doc
    assert Value.loads(doc.dumps()) == doc
    assert pickle.loads(pickle.dumps(doc)) == doc


BAD: list[tuple[str, Any, str]] = [
    ("small", 200, r"\.small: 200 is out of range for int8"),
    ("byte", -1, r"\.byte: -1 is out of range for uint8"),
    ("title", 5, r"\.title: expected string"),
    ("flag", 1, r"\.flag: expected bool"),
    ("shade", "drak", "did you mean `dark`"),
    ("numbers", ["x"], r"\.numbers\[0\]: expected int64"),
    ("parts", [{"lable": 1}], "did you mean `label`"),
    ("inner", {"marks": [500]}, r"\.inner\.marks\[0\]: 500 is out of range for int8"),
    ("counts", {"a": None}, r"\.counts\['a'\]: expected int64"),
    ("position", [1, 2], "takes 3 values"),
    ("mark", "no", "is not a UUID"),
]


@pytest.mark.parametrize(("name", "native", "message"), BAD)
def test_a_refused_field_names_the_place_and_changes_nothing(doc: Any, name: str, native: object, message: str) -> None:
    before = doc.encode()
    with pytest.raises(InvalidValue, match=message):
        setattr(doc, name, native)
    assert doc.encode() == before


def test_an_unknown_field_says_what_was_meant(doc: Any) -> None:
    with pytest.raises(AttributeError, match="did you mean `title`"):
        doc.titel = "x"
    with pytest.raises(AttributeError, match="did you mean `title`"):
        doc.titel  # noqa: B018
    with pytest.raises(AttributeError):
        del doc.title
    assert not hasattr(doc, "nothing_like_it")


def test_a_structure_is_made_of_a_type_and_fields(model: types.SimpleNamespace) -> None:
    login = anabranch.ValueStructure(model.TUTO_S_LOGIN, nickname="alice")
    assert repr(login) == "{nickname='alice', password=''}"
    assert login == {"nickname": "alice", "password": ""}
    assert login != {"nickname": "alice"}
    assert login == Value.create(model.TUTO_S_LOGIN, {"nickname": "alice"})
    with pytest.raises(AttributeError):
        anabranch.ValueStructure(model.TUTO_S_LOGIN, name="alice")
    assert "nickname" in dir(login)
    assert login.encoded() == {"nickname": "alice", "password": ""}
    assert str(login.type_structure()) == "Tuto::Login"


def test_a_field_comes_before_a_method_of_its_name() -> None:
    builder = anabranch.DSMBuilder()
    builder.append(
        "names",
        "namespace N {0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a12} { struct S { string copy; vector<string> items; int64 type; }; };",
    )
    definitions = builder.parse()[2]
    assert definitions is not None
    value: Any = Value.create(definitions.check_structure("N::S"), {"copy": "x", "items": ["a"], "type": 5})
    assert (value.copy, value.items, value.type) == ("x", ["a"], 5)
    assert str(Value.type(value)) == "N::S"
    assert Value.copy(value) == value


def test_what_is_inside_is_shared_by_reference(doc: Any) -> None:
    tags, inner = doc.tags, doc.inner
    tags.add("a")
    inner.label = "changed"
    inner.marks.add(1)
    assert doc.tags == {"a"}
    assert doc.inner == {"label": "changed", "marks": {1}}
    doc.tags.add("b")
    assert tags == {"a", "b"}


def test_what_is_put_in_is_shared_by_reference(doc: Any, model: types.SimpleNamespace) -> None:
    inner: Any = anabranch.ValueStructure(model.WORKSHOP_S_INNER)
    doc.inner = inner
    doc.parts.append(inner)
    doc.inners[1] = inner
    inner.label = "everywhere"
    assert doc.inner.label == doc.parts[0].label == doc.inners[1].label == "everywhere"
    doc.parts[0].marks.add(7)
    assert inner.marks == {7}


def test_items_keep_their_identity_when_others_move(doc: Any) -> None:
    doc.parts = [{"label": "a"}, {"label": "b"}, {"label": "c"}]
    b = doc.parts[1]
    doc.parts.insert(0, {"label": "first"})
    b.label = "B"
    assert [it.label for it in doc.parts] == ["first", "a", "B", "c"]
    del doc.parts[0]
    doc.parts.reverse()
    b.marks.add(1)
    assert [it.label for it in doc.parts] == ["c", "B", "a"]
    assert doc.parts[1].marks == {1}
    doc.parts.sort(key=lambda it: it.label)
    b.label = "A"
    assert [it.label for it in doc.parts] == ["A", "a", "c"]


def test_what_was_taken_out_goes_its_own_way(doc: Any) -> None:
    doc.parts = [{"label": "a"}, {"label": "b"}]
    taken = doc.parts.pop(0)
    taken.label = "gone"
    replaced = doc.parts[0]
    doc.parts[0] = {"label": "new"}
    replaced.label = "old"
    assert [it.label for it in doc.parts] == ["new"]
    inner = doc.inner
    doc.inner = {"label": "other"}
    inner.label = "mine"
    assert doc.inner.label == "other"
    inners = doc.inners
    inners[1] = {"label": "one"}
    one = inners.pop(1)
    one.label = "popped"
    assert inners == {}


def test_a_copy_shares_nothing(doc: Any) -> None:
    doc.tags.add("a")
    copied = Value.copy(doc)
    copied.tags.add("b")
    doc.inner.label = "mine"
    assert (doc.tags, copied.tags) == ({"a"}, {"a", "b"})
    assert copied.inner.label == "new"


def test_a_value_cannot_contain_itself(doc: Any) -> None:
    doc.extra = doc  # a copy of what it is now: `any` holds values
    outer = anabranch.ValueAny()
    items: Any = Value.create("vector<any>")
    items.append(outer)
    with pytest.raises(InvalidValue, match="contain itself"):
        outer.wrap(items)
        items.append(items)
        items[0] = items
    assert doc.encode()


def test_many_references_into_one_document_stay_right_and_are_let_go(doc: Any) -> None:
    doc.parts = [{"label": str(n)} for n in range(500)]
    held = [doc.parts[n] for n in range(0, 500, 7)]
    for part in doc.parts:
        part.label += "!"
    gc.collect()
    for part in held:
        part.marks.add(1)
    labels = [part.label for part in doc.parts]
    assert labels == [f"{n}!" for n in range(500)]
    assert sum(len(part.marks) for part in doc.parts) == len(held)


PROGRAM = st.lists(
    st.tuples(
        st.sampled_from(["hold", "label", "insert", "delete", "append", "reverse", "replace", "encode"]),
        st.integers(0, 7),
        st.integers(0, 7),
    ),
    max_size=30,
)


@given(PROGRAM)
def test_references_behave_as_python_s_do(program: list[tuple[str, int, int]]) -> None:
    """A vector of structures against a list of dicts."""
    builder = anabranch.DSMBuilder()
    builder.append("m", "namespace M {0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a13} { struct P { string label; }; };")
    definitions = builder.parse()[2]
    assert definitions is not None
    ours: Any = anabranch.ValueVector(anabranch.TypeVector(definitions.check_structure("M::P")))
    theirs: list[dict[str, str]] = []
    held: list[tuple[Any, dict[str, str]]] = []
    for number, (what, first, second) in enumerate(program):
        if what == "append":
            ours.append({"label": str(number)})
            theirs.append({"label": str(number)})
        elif what == "reverse":
            ours.reverse()
            theirs.reverse()
        elif what == "insert" and held:
            inner, other = held[first % len(held)]
            ours.insert(second, inner)
            theirs.insert(second, other)
        elif what == "label" and held:
            inner, other = held[first % len(held)]
            inner.label = other["label"] = f"changed {number}"
        elif what == "encode":
            assert ours.encoded() == theirs
        elif theirs:
            place = first % len(theirs)
            if what == "hold":
                held.append((ours[place], theirs[place]))
            elif what == "delete":
                del ours[place], theirs[place]
            elif what == "replace" and held:
                inner, other = held[second % len(held)]
                ours[place], theirs[place] = inner, other
        assert [it.label for it in ours] == [it["label"] for it in theirs]
        assert all(inner.label == other["label"] for inner, other in held)
    assert ours.encoded() == theirs
