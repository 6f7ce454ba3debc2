"""Whom stores and synchronisers tell: observers and logs."""

from __future__ import annotations

import sys
import time
from typing import Any, Protocol, TextIO

__all__ = ["CommitStoreNotifying", "LoggerConsole", "LoggerReport", "Logging"]


class CommitStoreNotifying(Protocol):
    """Hears what happens to a store, after the fact and in order. What it does not care about it may leave out.

    It may read the store and change it; what it changes is told when it returns. What it raises comes out of the method
    that changed the store, which has changed all the same.
    """

    def database_did_open(self) -> Any:
        """The store has a database."""

    def database_did_close(self) -> Any:
        """The store has its database no more."""

    def state_did_change(self) -> Any:
        """The store is at another commit."""

    def definitions_did_change(self) -> Any:
        """The database knows more definitions."""

    def dispatch_error(self, error: BaseException | str) -> Any:
        """A dispatch failed; nothing changed. Whoever dispatched has the error too."""

    def stop_live(self) -> Any:
        """Whoever follows the database live is asked to stop."""

    def database_will_reset(self) -> Any:
        """Commits are about to be removed."""

    def database_did_reset(self) -> Any:
        """Commits were removed, or, where that failed, were not."""


class Logging:
    """Takes messages by level, and passes on those of its own level and above. A logger of `logging` will do as well."""

    LEVEL_ALL = 0
    LEVEL_DEBUG = 10
    LEVEL_INFO = 20
    LEVEL_WARNING = 30
    LEVEL_ERROR = 40
    LEVEL_CRITICAL = 50
    LEVEL_OFF = 60

    _NAMES = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}

    def __init__(self, level: int = LEVEL_INFO) -> None:
        self._level = level

    def level(self) -> int:
        """The least level that is passed on."""
        return self._level

    def set_level(self, level: int) -> None:
        """Passes on this level and above from now on."""
        self._level = level

    def log(self, level: int, message: str) -> None:
        """Takes a message of a level."""
        if level >= self._level:
            self._write(level, message)

    def debug(self, message: str) -> None:
        """Takes what helps who looks for a mistake."""
        self.log(self.LEVEL_DEBUG, message)

    def info(self, message: str) -> None:
        """Takes what is being done."""
        self.log(self.LEVEL_INFO, message)

    def warning(self, message: str) -> None:
        """Takes what may be a mistake."""
        self.log(self.LEVEL_WARNING, message)

    def error(self, message: str) -> None:
        """Takes what failed."""
        self.log(self.LEVEL_ERROR, message)

    def critical(self, message: str) -> None:
        """Takes what ends everything."""
        self.log(self.LEVEL_CRITICAL, message)

    def logging(self) -> Logging:
        """The log itself, for whoever takes what holds one."""
        return self

    def _write(self, level: int, message: str) -> None:
        raise NotImplementedError


class LoggerConsole(Logging):
    """Writes messages to a stream, standard error unless told otherwise."""

    def __init__(self, level: int = Logging.LEVEL_INFO, stream: TextIO | None = None) -> None:
        super().__init__(level)
        self._stream = stream

    def _write(self, level: int, message: str) -> None:
        name = self._NAMES.get(level, str(level))
        moment = time.strftime("%H:%M:%S")
        print(f"{moment} {name}: {message}", file=self._stream or sys.stderr)


class LoggerReport(Logging):
    """Keeps messages."""

    def __init__(self, level: int = Logging.LEVEL_ALL) -> None:
        super().__init__(level)
        self._messages: list[tuple[int, str]] = []

    def messages(self) -> list[str]:
        """What was said, in order."""
        return [message for _, message in self._messages]

    def records(self) -> list[tuple[int, str]]:
        """Levels and messages, in order."""
        return list(self._messages)

    def has_error(self) -> bool:
        """Whether anything failed."""
        return any(level >= self.LEVEL_ERROR for level, _ in self._messages)

    def clear(self) -> None:
        """Forgets what was said."""
        self._messages.clear()

    def _write(self, level: int, message: str) -> None:
        self._messages.append((level, message))
