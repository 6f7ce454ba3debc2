"""Blobs as files, and as arrays of what their layout says."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from . import _native
from ._native import BlobLayout, BlobPackDescriptor, BlobReader, _ValueBlob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import ReadableBuffer, WriteableBuffer

    class _Buffering:
        def __buffer__(self, flags: int, /) -> memoryview: ...

else:
    _Buffering = _native._buffering()

__all__ = ["BlobArray", "BlobPack", "BlobView", "ValueBlob", "open_reader"]


class ValueBlob(_ValueBlob, _Buffering):
    """A `blob`: bytes inside a document.

    Behaves as `bytes` do; `memoryview`, NumPy and whatever else takes a buffer share its memory.
    """

    def _buffer(self) -> bytes:
        return self.value()


class _RawBlob(io.RawIOBase):
    """A blob as an unbuffered file."""

    def __init__(self, reader: BlobReader) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        read = self._reader.read(len(view))
        view[: len(read)] = read
        return len(read)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._reader.seek(offset, whence)

    def tell(self) -> int:
        return self._reader.tell()

    def close(self) -> None:
        if not self.closed:
            self._reader.close()
        super().close()


def open_reader(reader: BlobReader) -> io.BufferedReader:
    """A reader as a buffered file."""
    return io.BufferedReader(_RawBlob(reader), buffer_size=1 << 16)


_FORMATS: dict[str, Any] = {
    "uchar": "B",
    "char": "b",
    "ushort": "H",
    "short": "h",
    "uint": "I",
    "int": "i",
    "ulong": "Q",
    "long": "q",
    "float": "f",
    "double": "d",
}


def _bytes_of(content: ReadableBuffer | ValueBlob) -> memoryview:
    return memoryview(content.value() if isinstance(content, ValueBlob) else content).cast("B")


class BlobView(_Buffering):
    """The elements of a blob, as its layout says, without a copy.

    A sequence: of numbers, or of tuples where several make an element. `memoryview`, NumPy and whatever else takes a
    buffer share its memory, with the type and shape of the elements.
    """

    def __init__(self, layout: BlobLayout | str, blob: ReadableBuffer | ValueBlob) -> None:
        self._layout = layout if isinstance(layout, BlobLayout) else BlobLayout(layout)
        self._bytes = _bytes_of(blob)
        if len(self._bytes) % self._layout.byte_count():
            raise ValueError(f"{len(self._bytes)} bytes are not a whole number of {self._layout} elements")
        self._numbers: memoryview[Any] = self._bytes.cast(_FORMATS[self._layout.data_type()])

    def layout(self) -> BlobLayout:
        """How the bytes are read."""
        return self._layout

    def count(self) -> int:
        """How many elements there are."""
        return len(self)

    def buffer(self) -> memoryview:
        """The bytes, without a copy."""
        return self._bytes

    def tobytes(self) -> bytes:
        """The bytes, as a copy."""
        return self._bytes.tobytes()

    def _buffer(self) -> memoryview[Any]:
        components = self._layout.components()
        if components == 1 or not len(self):
            return self._numbers
        return self._bytes.cast(_FORMATS[self._layout.data_type()], [len(self), components])

    def __len__(self) -> int:
        return len(self._numbers) // self._layout.components()

    def _place(self, index: int) -> int:
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError("index out of range")
        return place * self._layout.components()

    def __getitem__(self, index: int) -> Any:
        place, components = self._place(index), self._layout.components()
        return self._numbers[place] if components == 1 else tuple(self._numbers[place : place + components])

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BlobView):
            return NotImplemented
        return self._layout == other._layout and self._bytes == other._bytes

    def __hash__(self) -> int:
        return hash((self._layout, self._bytes.tobytes()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}('{self._layout}', {len(self)} elements)"


class BlobArray(BlobView):
    """Elements that can be changed, of a layout: what a blob is made from, in place."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, layout: BlobLayout | str, content: int | ReadableBuffer | ValueBlob | Sequence[Any]) -> None:
        layout = layout if isinstance(layout, BlobLayout) else BlobLayout(layout)
        if isinstance(content, int):
            super().__init__(layout, bytearray(content * layout.byte_count()))
            return
        if not isinstance(content, (list, tuple)):
            super().__init__(layout, bytearray(_bytes_of(cast("ReadableBuffer | ValueBlob", content))))
            return
        super().__init__(layout, bytearray(len(content) * layout.byte_count()))
        for index, element in enumerate(content):
            self[index] = element

    @classmethod
    def _of(cls, layout: BlobLayout, memory: memoryview) -> BlobArray:
        """An array in memory that belongs to somebody else."""
        array = cls.__new__(cls)
        BlobView.__init__(array, layout, memory)
        return array

    def __setitem__(self, index: int, element: Any) -> None:
        place, components = self._place(index), self._layout.components()
        numbers = (element,) if components == 1 else tuple(element)
        if len(numbers) != components:
            raise ValueError(f"an element of {self._layout} is of {components} numbers, not {len(numbers)}")
        for offset, number in enumerate(numbers):
            self._numbers[place + offset] = number

    def blob(self) -> ValueBlob:
        """The bytes as they stand, as a value."""
        return ValueBlob(self._bytes.tobytes())


class BlobPack(_Buffering):
    """Several named arrays in one blob: each region is an array that shares the memory of the pack."""

    def _buffer(self) -> bytearray:
        return self._bytes

    def __init__(self, descriptor: BlobPackDescriptor, content: ReadableBuffer | ValueBlob | None = None) -> None:
        self._descriptor = descriptor
        if content is None:
            self._bytes = bytearray(descriptor.size())
            beginning = descriptor.encode()
            self._bytes[: len(beginning)] = beginning
        else:
            self._bytes = bytearray(_bytes_of(content))
            if len(self._bytes) != descriptor.size():
                raise ValueError(f"the pack has {descriptor.size()} bytes, not {len(self._bytes)}")

    @staticmethod
    def open(content: ReadableBuffer | ValueBlob) -> BlobPack:
        """The pack that these bytes are, as a copy."""
        view = _bytes_of(content)
        return BlobPack(BlobPackDescriptor.decode(view.tobytes()), view)

    def descriptor(self) -> BlobPackDescriptor:
        """What it holds."""
        return self._descriptor

    def region(self, name: str) -> BlobArray:
        """The array of a name, in place."""
        region = self._descriptor.region(name)
        start = region.offset()
        return BlobArray._of(region.layout(), memoryview(self._bytes)[start : start + region.size()])

    def names(self) -> list[str]:
        """The names of the arrays, in order."""
        return [region.name() for region in self._descriptor.regions()]

    def blob(self) -> ValueBlob:
        """The bytes as they stand, as a value: what `create_blob` stores."""
        return ValueBlob(bytes(self._bytes))

    def __getitem__(self, name: str) -> BlobArray:
        return self.region(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def __len__(self) -> int:
        return len(self._descriptor)

    def __repr__(self) -> str:
        return f"BlobPack({self._descriptor!r})"
