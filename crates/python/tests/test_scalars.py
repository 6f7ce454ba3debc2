"""Numbers, texts, bytes and ids: what goes in, what comes out, how it reads, compares and hashes."""

from __future__ import annotations

import copy
import math
import pickle
import types
import uuid
from collections.abc import Hashable
from typing import Any

import anabranch
import numpy as np
import pytest
from anabranch import InvalidValue, Type, Value

RANGES = {
    "INT8": (-(2**7), 2**7 - 1),
    "INT16": (-(2**15), 2**15 - 1),
    "INT32": (-(2**31), 2**31 - 1),
    "INT64": (-(2**63), 2**63 - 1),
    "UINT8": (0, 2**8 - 1),
    "UINT16": (0, 2**16 - 1),
    "UINT32": (0, 2**32 - 1),
    "UINT64": (0, 2**64 - 1),
}


def code(name: str) -> str:
    return name.lower()


@pytest.mark.parametrize("name", RANGES)
def test_whole_numbers_hold_their_whole_range(name: str) -> None:
    for number in RANGES[name]:
        value = Value.create(getattr(Type, name), number)
        assert value == number
        assert int(value) == number  # type: ignore[call-overload]
        assert repr(value) == str(number)


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("side", [0, 1])
def test_whole_numbers_refuse_what_is_out_of_range(name: str, side: int) -> None:
    number = RANGES[name][side] + (1 if side else -1)
    with pytest.raises(InvalidValue, match=f"{number} is out of range for {code(name)}"):
        Value.create(getattr(Type, name), number)


@pytest.mark.parametrize("name", RANGES)
def test_whole_numbers_take_floats_without_a_fraction_only(name: str) -> None:
    assert Value.create(getattr(Type, name), 3.0) == 3
    with pytest.raises(InvalidValue, match="without losing information"):
        Value.create(getattr(Type, name), 3.5)


@pytest.mark.parametrize("name", RANGES)
def test_a_bool_is_no_number(name: str) -> None:
    with pytest.raises(InvalidValue):
        Value.create(getattr(Type, name), True)


@pytest.mark.parametrize("name", RANGES)
def test_numpy_numbers_are_numbers(name: str) -> None:
    dtype = getattr(np, code(name))
    assert Value.create(getattr(Type, name), dtype(7)) == 7


ZEROS: list[tuple[Any, Any]] = [
    (Type.BOOL, False),
    (Type.INT8, 0),
    (Type.INT16, 0),
    (Type.INT32, 0),
    (Type.INT64, 0),
    (Type.UINT8, 0),
    (Type.UINT16, 0),
    (Type.UINT32, 0),
    (Type.UINT64, 0),
    (Type.FLOAT, 0.0),
    (Type.DOUBLE, 0.0),
    (Type.STRING, ""),
    (Type.UUID, uuid.UUID(int=0)),
    (Type.BLOB, b""),
    (Type.BLOB_ID, anabranch.ValueBlobId()),
    (Type.COMMIT_ID, anabranch.ValueCommitId()),
    (Type.ANY, None),
]


@pytest.mark.parametrize(("type", "zero"), ZEROS, ids=lambda it: str(it) if isinstance(it, Type) else "")
def test_a_type_starts_at_its_zero(type: Type, zero: object) -> None:
    assert Value.create(type) == zero


SAMPLES: list[tuple[Type, Any, str]] = [
    (Type.BOOL, True, "true"),
    (Type.BOOL, False, "false"),
    (Type.INT8, -5, "-5"),
    (Type.UINT64, 2**64 - 1, "18446744073709551615"),
    (Type.FLOAT, 1.0, "1.0"),
    (Type.FLOAT, 0.5, "0.5"),
    (Type.DOUBLE, 0.1, "0.1"),
    (Type.DOUBLE, 1e300, "1e300"),
    (Type.DOUBLE, -0.0, "-0.0"),
    (Type.STRING, "text", "'text'"),
    (Type.STRING, "it's", "'it\\'s'"),
    (Type.STRING, "Grüße, 世界 🌊", "'Grüße, 世界 🌊'"),
    (Type.UUID, uuid.UUID("0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a10"), "0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a10"),
    (Type.BLOB, b"bytes", "blob(5)"),
]


@pytest.mark.parametrize(("type", "native", "text"), SAMPLES)
def test_a_scalar_reads_as_the_value(type: Type, native: object, text: str) -> None:
    assert repr(Value.create(type, native)) == text


@pytest.mark.parametrize(("type", "native", "text"), SAMPLES)
def test_a_scalar_is_equal_to_its_native_form_and_hashes_like_it(type: Type, native: Hashable, text: str) -> None:
    value = Value.create(type, native)
    assert value == native
    assert native == value
    assert hash(value) == hash(native)
    assert {value: 1}[native] == 1  # type: ignore[index]


@pytest.mark.parametrize(("type", "native", "text"), SAMPLES)
def test_a_scalar_comes_back_from_every_form(type: Type, native: object, text: str) -> None:
    value = Value.create(type, native)
    for back in (
        Value.decode(value.encode(), type),
        Value.json_decode(value.json_encode(), type),
        Value.loads(value.dumps()),
        pickle.loads(pickle.dumps(value)),
        copy.copy(value),
        copy.deepcopy(value),
        value.copy(),
    ):
        assert back == value
        assert back.type() == type
        assert back.__class__ is value.__class__


@pytest.mark.parametrize(("type", "native", "text"), [it for it in SAMPLES if it[0] != Type.BLOB])
def test_a_scalar_is_parsed_from_its_text(type: Type, native: object, text: str) -> None:
    assert Value.parse(text, type) == native


@pytest.mark.parametrize("number", [math.inf, -math.inf])
@pytest.mark.parametrize("type", [Type.FLOAT, Type.DOUBLE])
def test_infinities_are_values(type: Type, number: float) -> None:
    assert Value.create(type, number) == number


@pytest.mark.parametrize("type", [Type.FLOAT, Type.DOUBLE])
def test_nan_is_a_value_that_is_equal_to_nothing_as_in_python(type: Type) -> None:
    value = Value.create(type, math.nan)
    assert value != value  # noqa: PLR0124
    assert math.isnan(value.value())  # type: ignore[attr-defined]
    assert value.encode() == Value.create(type, -math.nan).encode()


def test_a_float_is_checked_for_range_and_rounded_to_its_precision() -> None:
    with pytest.raises(InvalidValue, match="out of range for float"):
        Value.create(Type.FLOAT, 1e300)
    assert Value.create(Type.FLOAT, 0.1) == np.float32(0.1)


def test_whole_numbers_become_floats_where_that_is_exact() -> None:
    assert Value.create(Type.DOUBLE, 2**53) == float(2**53)
    with pytest.raises(InvalidValue):
        Value.create(Type.DOUBLE, 2**53 + 1)
    with pytest.raises(InvalidValue):
        Value.create(Type.FLOAT, 2**24 + 1)


@pytest.mark.parametrize("type", [Type.UUID, Type.BLOB_ID, Type.COMMIT_ID])
def test_a_bad_id_says_what_it_should_have_been(type: Type) -> None:
    with pytest.raises(InvalidValue, match="is not a"):
        Value.create(type, "zz")


def test_numbers_of_different_types_compare_as_numbers() -> None:
    small, large, real = Value.create(Type.INT8, 5), Value.create(Type.UINT64, 5), Value.create(Type.DOUBLE, 5)
    assert small == large == real == 5
    assert len({small, large, real, 5}) == 1
    assert small < Value.create(Type.DOUBLE, 5.5)
    assert small < 300
    assert not small == "5"


def test_texts_order_as_texts_and_not_with_numbers() -> None:
    assert Value.create(Type.STRING, "a") < "b"
    with pytest.raises(TypeError):
        assert Value.create(Type.STRING, "a") < 1


@pytest.mark.parametrize("cls", ["ValueInt8", "ValueUInt64", "ValueDouble", "ValueString", "ValueBool", "ValueBlob"])
def test_scalar_classes_start_at_zero_and_take_a_value(cls: str) -> None:
    made = getattr(anabranch, cls)
    assert made() == Value.create(made().type())
    assert isinstance(made(), made)


def test_a_number_can_be_used_as_python_s() -> None:
    assert [10, 20, 30][anabranch.ValueInt8(1)] == 20
    assert float(anabranch.ValueDouble(2.5)) == 2.5
    assert not anabranch.ValueInt8(0)
    assert range(anabranch.ValueUInt8(3))[-1] == 2


def test_uuids_are_made_of_what_python_has() -> None:
    made = uuid.uuid4()
    value = anabranch.ValueUUId(made)
    assert value == made
    assert value == anabranch.ValueUUId(str(made))
    assert value.value() == made
    assert anabranch.ValueUUId.create() != anabranch.ValueUUId.create()
    assert not anabranch.ValueUUId()
    assert anabranch.ValueUUId().is_valid() is False


@pytest.mark.parametrize("cls", [anabranch.ValueBlobId, anabranch.ValueCommitId])
def test_content_ids_are_made_of_digits_or_bytes(cls: Any) -> None:
    made = cls("ab" * 32)
    assert made == cls(b"\xab" * 32)
    assert bytes(made) == b"\xab" * 32
    assert str(made) == "ab" * 32
    assert made.is_valid() and not cls().is_valid()
    assert len({made, cls("ab" * 32), cls()}) == 2
    assert made.short() == "abababababab"
    assert cls() < made


def test_a_blob_id_is_no_commit_id() -> None:
    assert anabranch.ValueBlobId() != anabranch.ValueCommitId()


@pytest.mark.parametrize("content", [b"", b"\x00\x01", bytes(range(256)), b"x" * 100_000])
@pytest.mark.parametrize("form", [bytes, bytearray, memoryview])
def test_blobs_are_bytes(content: bytes, form: Any) -> None:
    blob = anabranch.ValueBlob(form(content))
    assert len(blob) == len(content)
    assert bytes(blob) == content
    assert blob == content
    assert list(blob[:3]) == list(content[:3])
    assert blob[1:] == content[1:]
    assert list(blob) == list(content)


def test_a_blob_shares_its_memory_with_numpy() -> None:
    blob = anabranch.ValueBlob(bytes(range(10)))
    first, second = np.asarray(blob), np.asarray(blob)
    assert first.tolist() == list(range(10))
    assert np.shares_memory(first, second)
    assert not first.flags.writeable


CASES = [(".pending", "pending", 0), (".active", "active", 1), (".completed", "completed", 2)]


@pytest.mark.parametrize(("text", "name", "index"), CASES)
def test_a_case_is_made_of_its_name_or_place(model: types.SimpleNamespace, text: str, name: str, index: int) -> None:
    status = model.TUTO_E_STATUS
    for given in (text, name, index):
        case = anabranch.ValueEnumeration(status, given)
        assert (repr(case), case.name(), case.index(), int(case)) == (text, name, index, index)
    assert anabranch.ValueEnumeration(status, name) == Value.create(status, index)
    assert hash(anabranch.ValueEnumeration(status, name)) == hash(Value.create(status, index))


def test_an_unknown_case_says_what_was_meant(model: types.SimpleNamespace) -> None:
    with pytest.raises(InvalidValue, match="did you mean `active`"):
        Value.create(model.TUTO_E_STATUS, "activ")
    with pytest.raises(InvalidValue):
        Value.create(model.TUTO_E_STATUS, 3)


def test_keys_know_concept_and_instance(model: types.SimpleNamespace) -> None:
    key = model.TUTO_A_USER_LOGIN.create_key("a11ce000-0000-4000-8000-000000000001")
    assert repr(key) == "Tuto::User:a11ce000-0000-4000-8000-000000000001"
    assert key.instance_id() == uuid.UUID("a11ce000-0000-4000-8000-000000000001")
    assert key.type_concept() == model.TUTO_C_USER
    assert key.is_valid() and key
    assert key == anabranch.ValueKey(model.TUTO_C_USER, key.instance_id())
    assert model.TUTO_A_USER_LOGIN.create_key() != model.TUTO_A_USER_LOGIN.create_key()
    assert {key: 1}[model.TUTO_A_USER_IDENTITY.create_key(key.instance_id())] == 1


def test_the_null_key_refers_to_nothing() -> None:
    null = anabranch.ValueKey.null()
    assert not null
    assert null.type_concept() is None
    assert repr(null) == "null"


def test_a_text_with_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        Value.create(Type.STRING, "\ud800")


def test_an_object_that_is_no_value_is_named() -> None:
    with pytest.raises(InvalidValue, match="a Python `object` is no value"):
        Value.create(Type.STRING, object())
