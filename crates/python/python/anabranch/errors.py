"""What can go wrong, as exceptions: one class for what a caller would branch on, a code for everything else."""

from __future__ import annotations

__all__ = [
    "Busy",
    "Closed",
    "Conflict",
    "Error",
    "Integrity",
    "InvalidValue",
    "NotFound",
    "Remote",
    "Unauthorized",
]


class Error(Exception):
    """Something that the database refuses or fails at. Nothing was changed by what failed."""

    def __init__(self, message: str, code: str = "error") -> None:
        super().__init__(message)
        self._message = message
        self._code = code

    def code(self) -> str:
        """Which error it is, for programs: `commit-not-found`."""
        return self._code

    def message(self) -> str:
        """What failed, on what, and what to do, for people."""
        return self._message

    def __reduce__(self) -> tuple[type[Error], tuple[str, str]]:
        return (type(self), (self._message, self._code))


class NotFound(Error, LookupError):
    """What was asked for is not here."""


class InvalidValue(Error, ValueError):
    """What was given cannot be."""


class Conflict(Error):
    """What was asked for does not go with what is there."""


class Busy(Error):
    """Somebody else is writing; try again."""


class Closed(Error):
    """The database is closed, or a store has none."""


class Integrity(Error):
    """What is stored, or came from elsewhere, is not what its id says."""


class Remote(Error):
    """The other side cannot be reached, or failed."""


class Unauthorized(Remote):
    """The other side does not let one in."""
