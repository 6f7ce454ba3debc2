"""Containers behave as Python's: held against lists, sets and dicts by random programs, and case by case."""

from __future__ import annotations

import copy
import pickle
import types
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
    Sized,
)
from collections.abc import Set as AbstractSet
from typing import Any

import anabranch
import numpy as np
import pytest
from anabranch import InvalidValue, NotFound, Type, Value
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = st.integers(-3, 3)
TEXTS = st.sampled_from(["a", "b", "c", "d"])

VECTOR_STEPS = st.one_of(
    st.tuples(st.just("append"), NUMBERS),
    st.tuples(st.just("extend"), st.lists(NUMBERS, max_size=3)),
    st.tuples(st.just("insert"), st.integers(-6, 6), NUMBERS),
    st.tuples(st.just("pop")),
    st.tuples(st.just("pop"), st.integers(-4, 4)),
    st.tuples(st.just("remove"), NUMBERS),
    st.tuples(st.just("clear")),
    st.tuples(st.just("reverse")),
    st.tuples(st.just("sort")),
    st.tuples(st.just("index"), NUMBERS),
    st.tuples(st.just("count"), NUMBERS),
    st.tuples(st.just("__len__")),
    st.tuples(st.just("__contains__"), NUMBERS),
    st.tuples(st.just("__getitem__"), st.integers(-5, 5)),
    st.tuples(st.just("__getitem__"), st.slices(6)),
    st.tuples(st.just("__setitem__"), st.integers(-5, 5), NUMBERS),
    st.tuples(st.just("__setitem__"), st.slices(6), st.lists(NUMBERS, max_size=4)),
    st.tuples(st.just("__delitem__"), st.integers(-5, 5)),
    st.tuples(st.just("__delitem__"), st.slices(6)),
)


def same(ours: Any, theirs: Any, step: tuple[Any, ...]) -> None:
    """Both do the same, or fail with the same."""
    name, *arguments = step
    outcomes = []
    for container in (ours, theirs):
        try:
            outcome = getattr(container, name)(*arguments)
            outcomes.append(list(outcome) if name in ("keys", "values", "items") else outcome)
        except (IndexError, KeyError, ValueError) as error:
            outcomes.append(type(error).__name__)
    if name in ("__iadd__", "__ior__"):
        return
    assert outcomes[0] == outcomes[1], step


@given(st.lists(NUMBERS, max_size=6), st.lists(VECTOR_STEPS, max_size=20))
def test_a_vector_behaves_as_a_list(start: list[int], steps: list[tuple[Any, ...]]) -> None:
    ours, theirs = anabranch.ValueVector("vector<int64>", start), list(start)
    for step in steps:
        same(ours, theirs, step)
        assert list(ours) == theirs
        assert ours == theirs
        assert list(reversed(ours)) == theirs[::-1]
        assert Value.decode(ours.encode(), "vector<int64>") == theirs


SET_STEPS = st.one_of(
    st.tuples(st.just("add"), TEXTS),
    st.tuples(st.just("discard"), TEXTS),
    st.tuples(st.just("remove"), TEXTS),
    st.tuples(st.just("clear")),
    st.tuples(st.just("update"), st.sets(TEXTS)),
    st.tuples(st.just("__contains__"), TEXTS),
    st.tuples(st.just("__len__")),
    *(
        st.tuples(st.just(name), st.sets(TEXTS))
        for name in (
            "union",
            "intersection",
            "difference",
            "symmetric_difference",
            "issubset",
            "issuperset",
            "isdisjoint",
            "__or__",
            "__and__",
            "__sub__",
            "__xor__",
        )
    ),
)


@given(st.sets(TEXTS), st.lists(SET_STEPS, max_size=20))
def test_a_set_behaves_as_a_set_and_iterates_in_order(start: set[str], steps: list[tuple[Any, ...]]) -> None:
    ours, theirs = anabranch.ValueSet("set<string>", start), set(start)
    for step in steps:
        same(ours, theirs, step)
        assert list(ours) == sorted(theirs)
        assert ours == theirs


MAP_STEPS = st.one_of(
    st.tuples(st.just("__setitem__"), TEXTS, NUMBERS),
    st.tuples(st.just("__getitem__"), TEXTS),
    st.tuples(st.just("__delitem__"), TEXTS),
    st.tuples(st.just("__contains__"), TEXTS),
    st.tuples(st.just("__len__")),
    st.tuples(st.just("get"), TEXTS),
    st.tuples(st.just("get"), TEXTS, NUMBERS),
    st.tuples(st.just("pop"), TEXTS),
    st.tuples(st.just("pop"), TEXTS, NUMBERS),
    st.tuples(st.just("setdefault"), TEXTS, NUMBERS),
    st.tuples(st.just("update"), st.dictionaries(TEXTS, NUMBERS)),
    st.tuples(st.just("clear")),
)


@given(st.dictionaries(TEXTS, NUMBERS), st.lists(MAP_STEPS, max_size=20))
def test_a_map_behaves_as_a_dict_and_iterates_in_order(start: dict[str, int], steps: list[tuple[Any, ...]]) -> None:
    ours, theirs = anabranch.ValueMap("map<string, int64>", start), dict(start)
    for step in steps:
        same(ours, theirs, step)
        assert ours == theirs
        assert dict(ours) == theirs
        assert list(ours) == sorted(theirs)
        assert ours.items() == sorted(theirs.items())
        assert ours.values() == [theirs[key] for key in sorted(theirs)]


def made(text: str, initial: object = None) -> Any:
    return Value.create(text, initial) if initial is not None else Value.create(text)


PROTOCOLS = [
    ("vector<int64>", [MutableSequence, Sequence, Collection, Sized]),
    ("vec<float, 3>", [Sequence, Collection, Sized]),
    ("mat<float, 2, 2>", [Sequence, Collection]),
    ("tuple<int64, string>", [Sequence, Collection, Hashable]),
    ("set<string>", [MutableSet, AbstractSet, Collection]),
    ("map<string, int64>", [MutableMapping, Mapping, Collection]),
    ("xarray<int64>", [Collection, Sized]),
    ("blob", [Sequence, Hashable]),
]


@pytest.mark.parametrize(("text", "protocols"), PROTOCOLS)
def test_containers_satisfy_the_protocols_of_collections_abc(text: str, protocols: list[type]) -> None:
    for protocol in protocols:
        assert isinstance(made(text), protocol)


CHANGING = [
    "vector<int64>",
    "vec<float, 3>",
    "mat<float, 2, 2>",
    "set<string>",
    "map<string, int64>",
    "xarray<int64>",
    "optional<string>",
    "variant<string, int64>",
    "any",
]


@pytest.mark.parametrize("text", CHANGING)
def test_what_can_change_has_no_hash(text: str) -> None:
    assert not isinstance(made(text), Hashable)
    with pytest.raises(TypeError, match="unhashable"):
        hash(made(text))


REPRS: list[tuple[str, Any, str, str]] = [
    ("vector<int64>", [1, 2], "[1, 2]", "[1, 2]:vector<int64>"),
    ("vector<string>", ["a"], "['a']", "['a']:vector<string>"),
    ("vector<vector<bool>>", [[True], []], "[[true], []]", ""),
    ("set<int64>", {2, 1}, "{1, 2}", "{1, 2}:set<int64>"),
    ("map<string, int64>", {"a": 1}, "{'a': 1}", ""),
    ("tuple<string, int64>", ("a", 1), "('a', 1)", ""),
    ("vec<float, 3>", [1, 2, 3], "(1.0, 2.0, 3.0)", ""),
    ("mat<double, 2, 2>", None, "[(1.0, 0.0), (0.0, 1.0)]", ""),
    ("optional<string>", None, "nil", ""),
    ("optional<string>", "x", "Optional('x')", ""),
]


@pytest.mark.parametrize(("text", "initial", "shown", "described"), REPRS)
def test_a_container_reads_as_the_value(text: str, initial: object, shown: str, described: str) -> None:
    value = made(text, initial)
    assert repr(value) == str(value) == value.representation() == shown
    if described:
        assert value.description() == described


@pytest.mark.parametrize(("text", "initial", "shown", "described"), REPRS)
def test_a_container_comes_back_from_every_form(text: str, initial: object, shown: str, described: str) -> None:
    value = made(text, initial)
    for back in (
        Value.decode(value.encode(), text),
        Value.json_decode(value.json_encode(), text),
        Value.parse(shown, text),
        Value.loads(value.dumps()),
        pickle.loads(pickle.dumps(value)),
        copy.deepcopy(value),
    ):
        assert back == value
        assert back.hexdigest() == value.hexdigest()


LOSSY: list[tuple[str, Any, str]] = [
    ("vector<int8>", [1, 2, 256], r"\[2\]: 256 is out of range for int8"),
    ("map<string, int8>", {"a": 300}, r"\['a'\]: 300 is out of range"),
    ("vector<vector<int8>>", [[0], [0, 999]], r"\[1\]\[1\]: 999 is out of range"),
    ("vec<float, 3>", [1, 2], "takes 3 values, 2 were given"),
    ("tuple<int64, string>", (1,), "takes 2 values"),
    ("set<string>", [1], "expected string"),
    ("optional<int8>", "x", "expected int8"),
    ("vector<int64>", "text", "expected vector<int64>"),
    ("map<string, int64>", [1], "expected map<string, int64>"),
]


@pytest.mark.parametrize(("text", "initial", "message"), LOSSY)
def test_a_refusal_names_the_place(text: str, initial: object, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        made(text, initial)


def test_a_refused_change_changes_nothing() -> None:
    vector = made("vector<int8>", [1, 2])
    changes: list[Callable[[], object]] = [
        lambda: vector.append(300),
        lambda: vector.extend([3, 300]),
        lambda: vector.__setitem__(0, "x"),
        lambda: vector.__setitem__(slice(0, 1), [1, 2, "x"]),
        lambda: vector.insert(0, None),
    ]
    for change in changes:
        with pytest.raises(InvalidValue):
            change()
        assert vector == [1, 2]
    counts = made("map<string, int8>", {"a": 1})
    with pytest.raises(InvalidValue):
        counts["a"] = 300
    with pytest.raises(InvalidValue):
        counts[1] = 1
    assert counts == {"a": 1}


DEDUCED: list[tuple[Any, str]] = [
    (True, "bool"),
    (1, "int64"),
    (2**63, "uint64"),
    (1.5, "double"),
    ("x", "string"),
    (b"x", "blob"),
    ([1, 2], "vector<int64>"),
    ([1, 2.5], "vector<double>"),
    ([1, None], "vector<optional<int64>>"),
    ([1, "x"], "vector<any>"),
    ([], "vector<any>"),
    ({1, 2}, "set<int64>"),
    ((1, "x"), "tuple<int64, string>"),
    ({"a": 1}, "map<string, int64>"),
    ({"a": [1]}, "map<string, vector<int64>>"),
    (None, "any"),
]


@pytest.mark.parametrize(("native", "type"), DEDUCED)
def test_native_input_says_its_type(native: object, type: str) -> None:
    assert str(Value.deduce(native).type()) == type


ENCODED: list[tuple[str, Any]] = [
    ("vector<int64>", [1, 2]),
    ("set<string>", {"a", "b"}),
    ("map<string, vector<int64>>", {"a": [1]}),
    ("tuple<int64, string>", (1, "x")),
    ("vec<double, 2>", [1.0, 2.0]),
    ("optional<string>", None),
    ("optional<string>", "x"),
    ("any", 5),
    ("variant<string, int64>", 5),
    ("set<vector<int64>>", [[1], [2]]),
]


@pytest.mark.parametrize(("text", "native"), ENCODED)
def test_a_value_becomes_python_s_own_all_the_way_down(text: str, native: object) -> None:
    encoded = made(text, native).encoded() if native is not None else made(text).encoded()
    assert encoded == native
    assert type(encoded) is type(native)


def test_encoded_false_answers_values_always() -> None:
    assert isinstance(made("vector<int64>", [1]).at(0, encoded=False), anabranch.ValueInt64)
    assert isinstance(made("vector<int64>", [1]).pop(encoded=False), anabranch.ValueInt64)
    assert isinstance(made("set<string>", ["a"]).items(encoded=False)[0], anabranch.ValueString)
    assert isinstance(made("map<string, bool>", {"a": True}).at("a", encoded=False), anabranch.ValueBool)
    assert isinstance(made("map<string, bool>", {"a": True}).keys(encoded=False)[0], anabranch.ValueString)
    assert isinstance(made("optional<double>", 1).unwrap(encoded=False), anabranch.ValueDouble)
    assert isinstance(made("tuple<int8>", (1,)).at(0, encoded=False), anabranch.ValueInt8)


def test_tuples_are_tuples() -> None:
    pair = made("tuple<string, int64>", ("a", 1))
    name, number = pair
    assert (name, number) == ("a", 1)
    assert pair == ("a", 1) and pair != ["a", 1]
    assert hash(pair) == hash(("a", 1))
    assert pair[-1] == 1 and pair[0:1] == ["a"] and len(pair) == 2
    assert pair.index(1) == 1 and pair.count("a") == 1 and "a" in pair and "b" not in pair
    with pytest.raises(TypeError):
        pair[0] = "b"


def test_vec_and_mat_are_of_a_fixed_length() -> None:
    position = made("vec<float, 3>", [1, 2, 3])
    position[0] = 5
    assert position == [5, 2, 3] == list(position)
    assert position == (5, 2, 3)
    with pytest.raises(IndexError):
        position[3] = 1
    with pytest.raises(TypeError):
        del position[0]
    assert np.asarray(position).tolist() == [5, 2, 3]
    matrix = made("mat<double, 2, 3>")
    matrix[1] = [7, 8, 9]
    column = matrix[0]
    column[2] = 4
    assert matrix == [[1, 0, 4], [7, 8, 9]]
    assert np.asarray(matrix).shape == (3, 2)
    assert np.asarray(matrix)[:, 1].tolist() == [7, 8, 9]


def test_sort_takes_a_key_and_a_direction() -> None:
    words = made("vector<string>", ["bb", "a", "ccc"])
    words.sort(reverse=True)
    assert words == ["ccc", "bb", "a"]
    words.sort(key=len)
    assert words == ["a", "bb", "ccc"]
    words.sort(key=lambda word: -len(word))
    assert words == ["ccc", "bb", "a"]


def test_vectors_add_up() -> None:
    numbers = made("vector<int64>", [1])
    more = numbers + [2]
    numbers += [3]
    assert (numbers, more) == ([1, 3], [1, 2])


def test_numpy_arrays_fill_vectors() -> None:
    assert made("vector<int64>", np.arange(4)) == [0, 1, 2, 3]
    assert made("vec<float, 3>", np.ones(3)) == [1, 1, 1]
    assert made("vector<vector<int8>>", np.zeros((2, 2), dtype=np.int8)) == [[0, 0], [0, 0]]


def test_maps_take_what_dict_takes() -> None:
    counts = made("map<string, int64>", {"a": 1})
    counts.update({"b": 2}, c=3)
    counts.update([("d", 4)])
    counts |= {"e": 5}
    assert counts == dict(zip("abcde", range(1, 6), strict=True))
    assert counts.popitem() == ("e", 5)
    assert counts.pop("zzz", None) is None
    with pytest.raises(KeyError):
        counts.pop("zzz")
    with pytest.raises(KeyError):
        made("map<string, int64>").popitem()


def test_a_key_of_another_type_is_not_there() -> None:
    counts = made("map<int8, int64>", {1: 1})
    assert "a" not in counts and 300 not in counts and counts.get("a") is None
    assert 1.0 in counts
    assert "a" not in made("set<int64>", [1])
    with pytest.raises(KeyError):
        counts["a"]


def test_sets_take_in_place_operators() -> None:
    tags = made("set<string>", ["a"])
    tags |= ["b", "c"]
    tags -= {"a"}
    tags &= {"c", "d"}
    assert tags == {"c"}
    assert tags.pop() == "c"
    with pytest.raises(KeyError):
        tags.pop()


def test_optionals_hold_a_value_or_nothing() -> None:
    note = made("optional<vector<int64>>")
    assert note.is_nil() and not note and note == None  # noqa: E711
    assert note.get() is None and note.get("else") == "else"
    with pytest.raises(NotFound, match="nil"):
        note.unwrap()
    note.wrap([1])
    note.unwrap().append(2)
    assert note == [1, 2] and note
    note.clear()
    assert note.is_nil()
    note.set([3])
    note.wrap(None)
    assert note.is_nil()


def test_variants_hold_one_of_their_types() -> None:
    choice = made("variant<string, int64, vector<int64>>")
    assert choice.unwrap() == "" and str(choice.unwrap_type()) == "string"
    choice.wrap(5)
    assert choice.unwrap() == 5 and str(choice.unwrap_type()) == "int64"
    choice.wrap([1])
    choice.unwrap().append(2)
    assert choice.unwrap() == [1, 2]
    with pytest.raises(InvalidValue):
        choice.wrap(b"bytes")


def test_any_holds_anything() -> None:
    extra = anabranch.ValueAny()
    assert extra.is_nil() and extra.unwrap_type() is None
    for native, type in DEDUCED[:-1]:
        extra.wrap(native)
        assert str(extra.unwrap_type()) == type
        assert extra.unwrap() == native
    extra.clear()
    assert extra.is_nil()


def test_xarrays_keep_positions() -> None:
    lines = made("xarray<string>", ["a", "b"])
    first, second = lines.positions()
    middle = lines.insert(second, "m")
    last = lines.append("z")
    assert list(lines) == ["a", "m", "b", "z"] == lines.values()
    assert lines == ["a", "m", "b", "z"]
    assert lines[middle] == "m" and lines.at(last) == "z"
    lines.remove(first)
    assert lines.positions() == [middle, second, last]
    assert lines.removed_positions() == [first] and lines.knows(first)
    before_removed = lines.insert(first, "new")
    assert list(lines) == ["new", "m", "b", "z"]
    lines[first] = "revived"
    assert list(lines) == ["new", "revived", "m", "b", "z"]
    del lines[before_removed]
    assert "m" in lines and "new" not in lines and len(lines) == 4
    assert lines.items()[0] == (first, "revived")
    with pytest.raises(KeyError):
        lines[before_removed]
    with pytest.raises(KeyError):
        lines.set(anabranch.ValueUUId.create(), "x")
    with pytest.raises(KeyError):
        lines.insert(anabranch.ValueUUId.create(), "x")
    with pytest.raises(InvalidValue, match="known already"):
        lines.append("x", position=first)
    with pytest.raises(InvalidValue, match="zero id"):
        lines.append("x", position=anabranch.ValueXArray.END)


def test_blob_ids_are_found_wherever_they_are(model: types.SimpleNamespace) -> None:
    one, two = anabranch.ValueBlobId("11" * 32), anabranch.ValueBlobId("22" * 32)
    value = made("map<blob_id, vector<any>>", {one: [two, 5, anabranch.ValueBlobId()]})
    assert value.collect_blob_ids() == {one, two}


def test_nesting_is_bounded() -> None:
    nested: Any = 1
    for _ in range(200):
        nested = [nested]
    with pytest.raises(InvalidValue, match="64 deep"):
        Value.deduce(nested)
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(InvalidValue, match="64 deep"):
        Value.create("any", loop)
