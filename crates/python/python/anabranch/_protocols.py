"""Which of Python's protocols the containers satisfy."""

from __future__ import annotations

import numbers
from collections.abc import MutableMapping, MutableSequence, MutableSet, Sequence

from . import _native


def register() -> None:
    """Registers the containers with `collections.abc`, and takes the hash from those that can change."""
    MutableSequence.register(_native.ValueVector)
    Sequence.register(_native.ValueVec)
    Sequence.register(_native.ValueMat)
    Sequence.register(_native.ValueTuple)
    Sequence.register(_native._ValueBlob)
    MutableSet.register(_native.ValueSet)
    MutableMapping.register(_native.ValueMap)
    for changing in (
        _native.ValueAny,
        _native.ValueMap,
        _native.ValueMat,
        _native.ValueOptional,
        _native.ValueSet,
        _native.ValueStructure,
        _native.ValueVariant,
        _native.ValueVec,
        _native.ValueVector,
        _native.ValueXArray,
    ):
        type.__setattr__(changing, "__hash__", None)
    for whole in (
        _native.ValueInt8,
        _native.ValueInt16,
        _native.ValueInt32,
        _native.ValueInt64,
        _native.ValueUInt8,
        _native.ValueUInt16,
        _native.ValueUInt32,
        _native.ValueUInt64,
    ):
        numbers.Number.register(whole)
    for real in (_native.ValueFloat, _native.ValueDouble):
        numbers.Number.register(real)
