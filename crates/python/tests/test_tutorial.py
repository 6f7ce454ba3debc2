"""The tutorial runs as it is written."""

from __future__ import annotations

import doctest
import re
from pathlib import Path as FilePath

import pytest

TUTORIAL = FilePath(__file__).parents[3] / "docs" / "python.md"


def test_the_tutorial(tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    listings = re.findall(r"^```pycon\n(.*?)^```$", TUTORIAL.read_text(), flags=re.DOTALL | re.MULTILINE)
    test = doctest.DocTestParser().get_doctest("\n".join(listings), {}, "tutorial", str(TUTORIAL), 0)
    assert len(test.examples) > 50
    runner = doctest.DocTestRunner()
    assert runner.run(test).failed == 0
