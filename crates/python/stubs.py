"""Writes `python/anabranch/_native.pyi` from the signatures in the Rust code.

Run it after a change to a class or method: `python stubs.py` in an environment with maturin. PyO3 says what each function
takes and gives; here come the few things that it cannot say: names of the module itself, and what Python's own methods give.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
STUB = HERE / "python" / "anabranch" / "_native.pyi"

IMPORTS = """\
import io
import logging
import pathlib
import typing
import uuid
from os import PathLike
from typing import Any, ClassVar, Final, SupportsFloat, SupportsIndex, final

import typing_extensions
from typing_extensions import disjoint_base

from .blobs import ValueBlob
from .notifying import CommitStoreNotifying, Logging
"""

# What Python's own methods give; PyO3 takes no signatures for them.
GIVEN = {
    "__iter__": "typing.Iterator[Any]",
    "__int__": "int",
    "__index__": "int",
    "__or__": "ValueSet",
    "__and__": "ValueSet",
    "__sub__": "ValueSet",
    "__xor__": "ValueSet",
    "__add__": "ValueVector",
    "__ior__": "typing_extensions.Self",
    "__iadd__": "typing_extensions.Self",
    "__isub__": "typing_extensions.Self",
    "__iand__": "typing_extensions.Self",
    **dict.fromkeys(("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"), "bool"),
}

# What can change has no hash (`_protocols.py`).
UNHASHABLE = (
    "ValueAny",
    "ValueMap",
    "ValueMat",
    "ValueOptional",
    "ValueSet",
    "ValueStructure",
    "ValueVariant",
    "ValueVec",
    "ValueVector",
    "ValueXArray",
)


def generated() -> str:
    """The stub as PyO3 says it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["maturin", "generate-stubs", "--quiet", "--out", folder, "--features", "stubs"]
        subprocess.run(command, cwd=HERE, check=True)
        return next(Path(folder).rglob("_native.pyi")).read_text()


def patched(text: str) -> str:
    """The stub with what PyO3 cannot say."""
    text = text.replace("'''", '"""')
    # The module's own names come back to it by the package.
    text = re.sub(r"\b([A-Z]\w*?[A-Za-z])2\b", r"\1", text)
    text = re.sub(r"^(from|import) .*\n", "", text, flags=re.MULTILINE)
    head, rest = text.split("__all__", 1)
    text = f"{head.strip()}\n\n{IMPORTS}\n__all__{rest}"
    # Annotations that are written in the signatures.
    text = re.sub(r'(: |-> )"([^"\n]*)"(?=[,)=: ]| = )', r"\1\2", text)
    text = re.sub(r"def (.*\*\*?\w+): \"([^\"]*)\"", r"def \1: \2", text)
    text = text.replace("typing.Self", "typing_extensions.Self")
    text = text.replace("os.PathLike[", "PathLike[")
    # A random UUID, not a value of a type.
    text = text.replace("def create() -> ValueUUId:", "def create() -> ValueUUId:  # type: ignore[override]")
    for name, gives in GIVEN.items():
        text = re.sub(rf"(def {name}\(.*\)) -> (Any|None)(?=:)", rf"\1 -> {gives}", text)
    for name in UNHASHABLE:
        none = "    __hash__: ClassVar[None]  # type: ignore[assignment]\n"
        text = re.sub(rf'(class {name}\(Value\):\n    """\n(?:.*\n)*?    """\n)', rf"\1{none}", text, count=1)
    return text


def main() -> int:
    """Writes the stub, and tells whether it changed."""
    text = patched(Path(sys.argv[1]).read_text() if len(sys.argv) > 1 else generated())
    changed = not STUB.exists() or STUB.read_text() != text
    STUB.write_text(text)
    print(f"{STUB.name} {'changed' if changed else 'is as it was'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
