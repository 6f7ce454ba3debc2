"""What Python costs: the package beside the same work written in Rust (`crates/anabranch/examples/python_baseline.rs`).

    python benchmarks/bench.py [--json]

builds the baseline in release, measures both, and prints a table, or one JSON object a line. Install a release wheel first:
what a development build takes says nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anabranch
from anabranch import CommitDatabase, CommitMutableState, CommitSynchronizer, Value

HERE = Path(__file__).parent


def measure(count: int, turn: Callable[[int], object]) -> float:
    """The nanoseconds that one turn takes, the best of five rounds of `count`."""
    best = float("inf")
    for round in range(5):
        start = time.perf_counter_ns()
        for number in range(count):
            turn(round * count + number)
        best = min(best, (time.perf_counter_ns() - start) / count)
    return best


def document(number: int) -> dict[str, Any]:
    return {
        "title": f"document {number}",
        "count": number,
        "ratio": 0.5,
        "tags": {"red", "green", "blue"},
        "numbers": list(range(10)),
        "parts": [{"label": "part", "size": n} for n in range(5)],
    }


def ours(folder: Path) -> dict[str, float]:
    """Every measure by the package."""
    definitions = anabranch.DSMBuilder.assemble(HERE / "model.dsm").parse()[2]
    assert definitions is not None
    doc = definitions.check_attachment("Bench::Item.doc")
    ty = doc.document_type()
    found: dict[str, float] = {}
    found["value.create"] = measure(20_000, lambda n: Value.create(ty, document(n)))
    value = Value.create(ty, document(1))
    encoded = value.encode()
    found["value.encode"] = measure(50_000, lambda _: value.encode())
    found["value.decode"] = measure(50_000, lambda _: Value.decode(encoded, ty, definitions))

    keys = [doc.create_key(uuid.UUID(int=n + 1)) for n in range(1000)]

    def fill(database: CommitDatabase) -> CommitDatabase:
        mutable = CommitMutableState(database.initial_state())
        for number, key in enumerate(keys):
            mutable.attachment_mutating().set(doc, key, document(number))
        database.commit_mutations("filled", mutable)
        return database

    database = fill(CommitDatabase.create_in_memory(definitions))
    state = database.state(database.last_commit_id())
    getting = state.attachment_getting()

    def read(number: int) -> object:
        document = getting.get(doc, keys[number % 1000]).unwrap()
        return document.title, document.count, document.tags

    found["document.read"] = measure(50_000, read)
    path = anabranch.Path.from_field("count")
    mutating = CommitMutableState(state).attachment_mutating()
    found["document.update"] = measure(20_000, lambda n: mutating.update(doc, keys[n % 1000], path, n))

    def commit(database: CommitDatabase) -> Callable[[int], object]:
        def turn(number: int) -> object:
            mutable = CommitMutableState(database.state(database.last_commit_id()))
            mutable.attachment_mutating().update(doc, keys[number % 1000], path, -number)
            return database.commit_mutations("update", mutable)

        return turn

    found["commit.memory"] = measure(2_000, commit(database))
    with fill(CommitDatabase.create(folder / "commit.anb", definitions=definitions)) as file:
        found["commit.durable"] = measure(500, commit(file))

    def sync(_: int) -> object:
        return CommitSynchronizer(database, CommitDatabase.create_in_memory(definitions), "Fetch").sync()

    found["sync.10k"] = measure(1, sync)
    return found


def baseline() -> dict[str, float]:
    """Every measure in Rust."""
    command = ["cargo", "run", "--quiet", "--release", "-p", "anabranch", "--example", "python_baseline"]
    lines = subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name: float(nanoseconds) for name, nanoseconds in (line.split() for line in lines)}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line")
    as_json = parser.parse_args().json
    rust = baseline()
    with tempfile.TemporaryDirectory() as folder:
        python = ours(Path(folder))
    for name, value in python.items():
        row = {
            "name": f"python.{name}",
            "value": round(value / 1000, 2),
            "unit": "us",
            "baseline": "rust",
            "baseline_value": round(rust[name] / 1000, 2),
            "ratio": round(rust[name] / value, 2),
        }
        if as_json:
            print(json.dumps(row))
        else:
            print(f"{name:<16} {value / 1000:>10.2f} us   in Rust {rust[name] / 1000:>10.2f} us   {value / rust[name]:>5.1f} times")


if __name__ == "__main__":
    main()
