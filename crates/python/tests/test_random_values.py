"""Random values of random types: every form gives them back, order and equality are one, paths find everything."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import anabranch
from anabranch import PathConst, Type, Value
from hypothesis import given
from hypothesis import strategies as st

SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "int8": st.integers(-(2**7), 2**7 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "uint16": st.integers(0, 2**16 - 1),
    "uint64": st.integers(0, 2**64 - 1),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "string": st.text("aZ9 äβ🌊'\"\\\n\0", max_size=8),
    "uuid": st.uuids(),
    "blob": st.binary(max_size=8),
    "blob_id": st.binary(min_size=32, max_size=32).map(bytes.hex),
}

Typed = tuple[str, st.SearchStrategy[Any]]


def over(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    """Types one level further out, each with what its values are."""
    return st.one_of(
        inner.map(lambda it: (f"vector<{it[0]}>", st.lists(it[1], max_size=3))),
        inner.map(lambda it: (f"set<{it[0]}>", st.lists(it[1], max_size=3))),
        inner.map(lambda it: (f"optional<{it[0]}>", it[1] if it[0].startswith("optional") else st.none() | it[1])),
        inner.map(lambda it: (f"xarray<{it[0]}>", st.lists(it[1], max_size=3))),
        st.tuples(inner, inner).map(lambda its: (f"tuple<{its[0][0]}, {its[1][0]}>", st.tuples(its[0][1], its[1][1]))),
        st.tuples(st.sampled_from(["string", "int8", "uuid"]), inner).map(
            lambda its: (f"map<{its[0]}, {its[1][0]}>", st.dictionaries(SCALARS[its[0]], its[1][1], max_size=3))
        ),
        st.sampled_from(["float", "double", "int8"]).map(
            lambda name: (f"vec<{name}, 3>", st.lists(SCALARS[name], min_size=3, max_size=3))
        ),
    )


TYPED: st.SearchStrategy[Typed] = st.recursive(st.sampled_from(list(SCALARS.items())), over, max_leaves=4)


@st.composite
def values(draw: st.DrawFn) -> Value:
    text, natives = draw(TYPED)
    return Value.create(Type.parse(text), draw(natives))


@given(values())
def test_every_form_gives_a_value_back(value: Value) -> None:
    type = value.type()
    for back in (
        Value.decode(value.encode(), type),
        Value.json_decode(value.json_encode(), type),
        Value.loads(value.dumps()),
        pickle.loads(pickle.dumps(value)),
        copy.deepcopy(value),
        value.copy(),
        Value.create(type, value),
        anabranch.ValueAny(value).unwrap(encoded=False),
    ):
        assert back == value and back.type() == type
        assert back.encode() == value.encode() and back.hexdigest() == value.hexdigest()
        assert repr(back) == repr(value) and back.__class__ is value.__class__


@given(values())
def test_native_values_come_back_as_the_value(value: Value) -> None:
    native = value.encoded()
    assert Value.create(value.type(), native).encoded() == native


@given(TYPED.flatmap(lambda it: st.tuples(st.just(it[0]), it[1], it[1], it[1])))
def test_values_of_a_type_have_one_order(given: tuple[str, Any, Any, Any]) -> None:
    text = given[0]
    natives = [Value.create(text, native) for native in given[1:]]
    a, b, c = (anabranch.ValueVector(f"vector<{text}>", [native]) for native in natives)
    assert (a < b) + (a == b) + (a > b) == 1
    assert (a == b) == (a.encode() == b.encode())
    assert (a <= b) == (a < b or a == b)
    if a < b and b < c:
        assert a < c
    ordered = sorted_values(text, natives)
    different = [it for n, it in enumerate(ordered) if n == 0 or it != ordered[n - 1]]
    assert anabranch.ValueSet(f"set<{text}>", natives).items() == different


def sorted_values(text: str, natives: list[Any]) -> list[Any]:
    vector = anabranch.ValueVector(f"vector<{text}>", natives)
    vector.sort()
    return list(vector)


def places(value: Value, path: anabranch.Path) -> list[tuple[anabranch.Path, Value]]:
    """Every place inside a value."""
    inside: list[tuple[anabranch.Path, Any]] = []
    if isinstance(value, (anabranch.ValueVector, anabranch.ValueVec, anabranch.ValueTuple)):
        inside = [(path.index(n), value.at(n, encoded=False)) for n in range(len(value))]
    elif isinstance(value, anabranch.ValueMap):
        inside = [(path.key(key), it) for key, it in value.items(encoded=False)]
    elif isinstance(value, anabranch.ValueXArray):
        inside = [(path.position(position), it) for position, it in value.items(encoded=False)]
    elif isinstance(value, anabranch.ValueOptional) and not value.is_nil():
        inside = [(path.unwrap(), value.unwrap(encoded=False))]
    return [(path, value), *(found for step, it in inside for found in places(it, step))]


@given(values())
def test_a_path_finds_every_place_and_reads_back_from_its_text(value: Value) -> None:
    type = value.type()
    for path, place in places(value, anabranch.Path()):
        assert path.at(value, encoded=False) == place
        assert path.check_type(type) == place.type()
        assert PathConst.parse(str(path), type) == path
        assert PathConst.decode(path.encode()) == path == pickle.loads(pickle.dumps(path))
        assert path.patch(value, place) == value
