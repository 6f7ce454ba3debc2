"""Anabranch: an embedded, strongly typed, versioned database that works offline and replicates.

Every change is a commit in an append-only, content-addressed graph. Any two databases replicate by exchanging what the
other lacks; concurrent edits on different paths of one document both survive; diverging heads are reduced when, and if,
the application says so.
"""

from __future__ import annotations

from . import _native, _protocols
from ._native import *  # noqa: F403
from .blobs import BlobArray, BlobPack, BlobView
from .errors import (
    Busy,
    Closed,
    Conflict,
    Error,
    Integrity,
    InvalidValue,
    NotFound,
    Remote,
    Unauthorized,
)
from .graph import CommitNode, CommitNodeGridBuilder
from .notifying import CommitStoreNotifying, LoggerConsole, LoggerReport, Logging
from .viewing import DocumentNode, KeyHelper, KeyNamer

_protocols.register()

__all__ = [
    *(name for name in dir(_native) if not name.startswith("_")),
    "BlobArray",
    "BlobPack",
    "BlobView",
    "Busy",
    "Closed",
    "CommitNode",
    "CommitNodeGridBuilder",
    "CommitStoreNotifying",
    "Conflict",
    "DocumentNode",
    "Error",
    "Integrity",
    "InvalidValue",
    "KeyHelper",
    "KeyNamer",
    "LoggerConsole",
    "LoggerReport",
    "Logging",
    "NotFound",
    "Remote",
    "Unauthorized",
]
