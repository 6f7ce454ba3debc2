"""The pool of blobs: whole, in ranges, as streams and files, as arrays and packs."""

from __future__ import annotations

import io
import pickle
from pathlib import Path as FilePath
from typing import Any

import anabranch
import numpy as np
import pytest
from anabranch import (
    BlobArray,
    BlobLayout,
    BlobPack,
    BlobPackDescriptor,
    BlobView,
    Closed,
    CommitDatabase,
    InvalidValue,
    NotFound,
    ValueBlob,
    ValueBlobId,
)
from hypothesis import given
from hypothesis import strategies as st

DTYPES = {
    "uchar": "u1",
    "char": "i1",
    "ushort": "u2",
    "short": "i2",
    "uint": "u4",
    "int": "i4",
    "ulong": "u8",
    "long": "i8",
    "float": "f4",
    "double": "f8",
}


@pytest.mark.parametrize("data_type", DTYPES)
@pytest.mark.parametrize("components", [1, 3, 16])
def test_a_layout_says_what_an_element_is(data_type: str, components: int) -> None:
    layout = BlobLayout(data_type, components)
    assert (layout.data_type(), layout.components()) == (data_type, components)
    assert str(layout) == layout.representation() == f"{data_type}-{components}"
    assert layout == BlobLayout(f"{data_type}-{components}")
    assert hash(layout) == hash(BlobLayout(f"{data_type}-{components}"))
    assert layout.byte_count() == np.dtype(DTYPES[data_type]).itemsize * components
    assert np.dtype(layout.dtype()) == np.dtype("<" + DTYPES[data_type])
    assert pickle.loads(pickle.dumps(layout)) == layout


@pytest.mark.parametrize("text", ["", "half-1", "float-0", "float-300", "float-", "Float-1"])
def test_what_is_no_layout_is_refused(text: str) -> None:
    with pytest.raises((InvalidValue, OverflowError)):
        BlobLayout(text or "-")


CONTENTS = [b"", b"x", bytes(range(256)) * 10, b"a" * 3_000_000]


@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_a_blob_is_stored_once_and_read_back(db: CommitDatabase, content: bytes) -> None:
    blob_id = db.create_blob(BlobLayout(), content)
    assert db.create_blob("uchar-1", content) == blob_id
    assert db.blob(blob_id) == content
    assert db.blob_ids() == {blob_id} and db.blob_exists(blob_id)
    info = db.blob_info(blob_id)
    assert info is not None
    assert (info.blob_id(), info.size(), str(info.blob_layout())) == (blob_id, len(content), "uchar-1")
    assert info.created() > 1_600_000_000_000
    assert db.blob_statistics().count() == 1 and db.blob_statistics().total_size() == len(content)


def test_the_same_bytes_under_two_layouts_are_two_blobs_that_share_their_chunks(db: CommitDatabase) -> None:
    one, two = db.create_blob("uchar-1", b"x" * 120), db.create_blob("float-3", b"x" * 120)
    assert one != two
    statistics = db.blob_statistics()
    assert (statistics.count(), statistics.total_size()) == (2, 240)
    assert (statistics.chunks(), statistics.stored_size()) == (1, 120)


def test_content_that_does_not_fit_its_layout_is_refused(db: CommitDatabase) -> None:
    with pytest.raises(InvalidValue, match="13 bytes are not a whole number of float-3 elements"):
        db.create_blob("float-3", b"x" * 13)
    assert db.blob_ids() == set()


BUFFERS: list[Any] = [
    b"\x01\x02\x03\x04",
    bytearray(b"\x01\x02\x03\x04"),
    memoryview(b"\x01\x02\x03\x04"),
    np.array([1, 2, 3, 4], dtype=np.uint8),
    np.array([[1, 2], [3, 4]], dtype=np.uint8),
    np.array([0x04030201], dtype="<u4"),
    ValueBlob(b"\x01\x02\x03\x04"),
]


@pytest.mark.parametrize("buffer", BUFFERS, ids=lambda it: type(it).__name__)
def test_anything_with_a_buffer_becomes_a_blob(db: CommitDatabase, buffer: Any) -> None:
    blob_id = db.create_blob_from_buffer("uchar-1", buffer)
    assert db.blob(blob_id) == b"\x01\x02\x03\x04"


RANGES = [(10, 0), (10, 5), (0, 0), (100, 990), (5000, 0), (10, 5000)]


@pytest.mark.parametrize(("size", "offset"), RANGES)
def test_a_range_is_what_a_slice_is(db: CommitDatabase, size: int, offset: int) -> None:
    content = bytes(n % 251 for n in range(1000))
    blob_id = db.create_blob("uchar-1", content)
    assert db.read_blob(blob_id, size, offset) == content[offset : offset + size]


@pytest.mark.parametrize("method", ["blob", "open_blob", "blob_reader_open"])
def test_a_blob_that_is_not_here_is_not_found(db: CommitDatabase, method: str) -> None:
    with pytest.raises(NotFound, match="abab") as missing:
        getattr(db, method)("ab" * 32)
    assert missing.value.code() == "blob-not-found"
    assert db.blob_info("ab" * 32) is None and not db.blob_exists("ab" * 32)


def test_a_stream_takes_bytes_bit_by_bit(db: CommitDatabase) -> None:
    stream = db.blob_stream_create(BlobLayout("uchar-1"))
    for part in (b"one ", bytearray(b"two "), np.frombuffer(b"three", dtype=np.uint8)):
        db.blob_stream_append(stream, part)
    assert stream.size() == 13 and stream.blob_id() is None and not stream.closed
    blob_id = db.blob_stream_close(stream)
    assert db.blob(blob_id) == b"one two three"
    assert stream.close() == blob_id == stream.blob_id() and stream.closed
    with pytest.raises(ValueError, match="closed"):
        stream.append(b"more")


def test_a_writer_is_a_file_and_is_given_up_after_an_exception(db: CommitDatabase) -> None:
    with db.blob_writer("float-3") as file:
        assert file.writable() and file.write(b"x" * 24) == 24
        file.flush()
    blob_id = file.blob_id()
    assert blob_id is not None and len(db.blob(blob_id)) == 24
    with pytest.raises(RuntimeError), db.blob_writer() as lost:
        lost.write(b"lost")
        raise RuntimeError
    assert lost.blob_id() is None and db.blob_ids() == {blob_id}
    with pytest.raises(Closed):
        lost.close()


def test_a_reader_goes_through_a_blob(db: CommitDatabase) -> None:
    content = bytes(range(256)) * 4000
    blob_id = db.create_blob("uchar-1", content)
    reader = db.blob_reader_open(blob_id)
    assert reader.size() == len(content)
    assert db.blob_reader_read(reader, 10) == content[:10]
    assert reader.tell() == 10
    assert reader.seek(-5, 2) == len(content) - 5 and reader.read() == content[-5:]
    assert reader.seek(100) == 100 and reader.seek(1, 1) == 101 and reader.read(3) == content[101:104]
    with pytest.raises(ValueError, match="before its start"):
        reader.seek(-1)
    db.blob_reader_close(reader)
    with pytest.raises(ValueError, match="closed"):
        reader.read()


def test_an_open_blob_is_a_file_like_any_other(db: CommitDatabase, tmp_path: FilePath) -> None:
    lines = "".join(f"line {n}\n" for n in range(100_000))
    blob_id = db.create_blob("uchar-1", lines.encode())
    with db.open_blob(blob_id) as file:
        assert isinstance(file, io.BufferedReader) and file.seekable() and file.readable()
        assert file.readline() == b"line 0\n"
        assert sum(1 for _ in io.TextIOWrapper(file, encoding="utf-8")) == 99_999
    assert file.closed
    array = io.BytesIO()
    np.save(array, np.arange(1000))
    saved = db.create_blob("uchar-1", array.getvalue())
    assert np.load(db.open_blob(saved)).sum() == 499_500


def test_garbage_is_collected_after_its_grace(path: FilePath) -> None:
    with CommitDatabase.create(path) as db:
        db.create_blob("uchar-1", b"nobody refers to this")
        assert db.collect_garbage(dry_run=True).blobs() == 0
        assert db.collect_garbage(grace=0, dry_run=True).blobs() == 1
        assert len(db.blob_ids()) == 1
        report = db.collect_garbage(grace=0)
        assert (report.blobs(), report.blob_bytes(), report.chunks()) == (1, 21, 1)
        assert db.blob_ids() == set() and "1 blobs" in repr(report)
        with pytest.raises(InvalidValue):
            db.collect_garbage(grace=-1)


def test_a_view_reads_elements_without_a_copy(db: CommitDatabase) -> None:
    points = np.arange(12, dtype="<f4").reshape(4, 3)
    blob = db.blob(db.create_blob("float-3", points))
    view = BlobView("float-3", blob)
    assert len(view) == view.count() == 4 and view.layout() == BlobLayout("float-3")
    assert view[1] == (3.0, 4.0, 5.0) and view[-1] == (9.0, 10.0, 11.0)
    assert list(view)[0] == (0.0, 1.0, 2.0)
    assert (np.asarray(view) == points).all() and np.asarray(view).shape == (4, 3)
    assert np.shares_memory(np.asarray(view), np.asarray(blob))
    assert view.tobytes() == points.tobytes() and len(view.buffer()) == 48
    assert view == BlobView("float-3", blob) and hash(view) == hash(BlobView("float-3", blob))
    assert view != BlobView("float-1", blob)
    with pytest.raises(IndexError):
        view[4]
    with pytest.raises(ValueError, match="whole number"):
        BlobView("float-3", b"x")


def test_an_array_is_changed_in_place(db: CommitDatabase) -> None:
    array = BlobArray("int-2", 3)
    array[0] = (1, 2)
    np.asarray(array)[2] = [5, 6]
    assert list(array) == [(1, 2), (0, 0), (5, 6)]
    assert array.blob() == np.array([1, 2, 0, 0, 5, 6], dtype="<i4").tobytes()
    assert list(BlobArray("double-1", [1.5, 2.5])) == [1.5, 2.5]
    copied = BlobArray("int-2", array.blob())
    copied[0] = (9, 9)
    assert array[0] == (1, 2)
    with pytest.raises(ValueError, match="of 2 numbers"):
        array[0] = (1, 2, 3)
    with pytest.raises(TypeError):
        hash(array)
    assert db.blob(db.create_blob(array.layout(), array.blob())) == array.tobytes()


def test_a_pack_holds_several_arrays_in_one_blob(db: CommitDatabase) -> None:
    descriptor = BlobPackDescriptor([("points", "float-3", 4), ("faces", BlobLayout("uint-3"), 2)])
    pack = BlobPack(descriptor)
    np.asarray(pack["points"])[:] = np.arange(12).reshape(4, 3)
    pack["faces"][1] = (1, 2, 3)
    stored = db.blob(db.create_blob("uchar-1", pack.blob()))
    opened = BlobPack.open(stored)
    assert opened.descriptor() == descriptor == BlobPackDescriptor.decode(descriptor.encode())
    assert opened.names() == list(opened) == ["points", "faces"] and len(opened) == 2 and "points" in opened
    assert opened["points"][3] == (9.0, 10.0, 11.0) and list(opened["faces"]) == [(0, 0, 0), (1, 2, 3)]
    region = descriptor.region("faces")
    assert (region.name(), region.count(), region.size(), str(region.layout())) == ("faces", 2, 24, "uint-3")
    assert region.offset() % 64 == 0 and descriptor.size() == region.offset() + 24
    assert [it.name() for it in descriptor.regions()] == ["points", "faces"]
    with pytest.raises(NotFound, match="there is no region"):
        opened["normals"]
    with pytest.raises(InvalidValue):
        BlobPack.open(b"not a pack")
    with pytest.raises(InvalidValue):
        BlobPackDescriptor([("a", "float-1", 1), ("a", "float-1", 1)])
    with pytest.raises(ValueError, match="bytes"):
        BlobPack(descriptor, b"short")


def test_whatever_takes_a_buffer_takes_blobs_views_and_packs(db: CommitDatabase) -> None:
    blob = db.blob(db.create_blob("uchar-1", b"bytes"))
    assert bytes(memoryview(blob)) == b"bytes" and memoryview(blob).readonly
    assert io.BytesIO(blob).read() == b"bytes" and b"".join([blob, blob]) == b"bytesbytes"
    assert np.shares_memory(np.frombuffer(memoryview(blob), dtype=np.uint8), np.asarray(blob))
    with pytest.raises((BufferError, TypeError, ValueError)):
        memoryview(blob)[0] = 1
    view = memoryview(BlobArray("float-3", 2))
    assert (view.shape, view.format, view.readonly, view.nbytes) == ((2, 3), "f", False, 24)
    array = BlobArray("ushort-1", 3)
    memoryview(array)[1] = 7
    assert list(array) == [0, 7, 0]
    pack = BlobPack(BlobPackDescriptor([("a", "int-2", 1)]))
    assert len(memoryview(pack)) == pack.descriptor().size() == len(bytes(pack.blob()))
    held = memoryview(db.blob(db.create_blob("uchar-1", b"kept alive")))
    assert held.tobytes() == b"kept alive"
    empty = BlobView("float-3", b"")
    assert np.asarray(empty).size == 0


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_a_stream_is_what_its_parts_are_together(parts: list[bytes]) -> None:
    db = CommitDatabase.create_in_memory()
    with db.blob_writer() as stream:
        for part in parts:
            stream.write(part)
    assert stream.blob_id() == db.create_blob("uchar-1", b"".join(parts))
    assert isinstance(stream.blob_id(), ValueBlobId)
