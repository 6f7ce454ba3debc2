"""The commit graph as a grid, for who draws it; and drawn, for notebooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from ._native import CommitDatabase, CommitHeader, ValueCommitId

__all__ = ["CommitNode", "CommitNodeGridBuilder"]


@dataclass(frozen=True)
class CommitNode:
    """A commit in its place of the grid: rows from the most recent on, columns from the left."""

    header: CommitHeader
    row: int
    column: int
    is_head: bool
    parents: tuple[ValueCommitId, ...] = field(default=())

    def commit_id(self) -> ValueCommitId:
        """What names the commit."""
        return self.header.commit_id()


class CommitNodeGridBuilder:
    """Lays the commits of a database out, each above what it depends on."""

    def __init__(self, database: CommitDatabase) -> None:
        self._database = database

    def build(self, limit: int | None = None) -> list[CommitNode]:
        """The most recent commits, up to `limit`, row by row."""
        heads = self._database.head_commit_ids()
        headers = list(reversed(self._database.commit_headers()))
        if limit is not None:
            headers = headers[:limit]
        # The commit that each column waits for: the one that goes on below what stands in it.
        waiting: list[ValueCommitId | None] = []
        nodes = []
        for row, header in enumerate(headers):
            commit_id = header.commit_id()
            column = _place(waiting, commit_id)
            for other, awaited in enumerate(waiting):
                if awaited == commit_id:
                    waiting[other] = None
            parents = _parents(header)
            for parent in parents:
                if parent in waiting:
                    other = waiting.index(parent)
                    if column < other and waiting[column] is None:
                        waiting[column], waiting[other] = parent, None
                    continue
                if waiting[column] is None:
                    waiting[column] = parent
                else:
                    waiting[_free(waiting)] = parent
            nodes.append(CommitNode(header, row, column, commit_id in heads, parents))
        return nodes

    def to_svg(self, limit: int | None = 50) -> str:
        """The most recent commits as a drawing."""
        return _svg(self.build(limit))

    def _repr_html_(self) -> str:
        return self.to_svg()


def _parents(header: CommitHeader) -> tuple[ValueCommitId, ...]:
    """What the history of a commit takes in: its parent, and the target of a merge."""
    ids = [header.parent_commit_id()]
    if header.commit_type() == "Merge":
        ids.append(header.target_commit_id())
    return tuple(it for it in ids if it.is_valid())


def _free(waiting: list[ValueCommitId | None]) -> int:
    for column, awaited in enumerate(waiting):
        if awaited is None:
            return column
    waiting.append(None)
    return len(waiting) - 1


def _place(waiting: list[ValueCommitId | None], commit_id: ValueCommitId) -> int:
    return waiting.index(commit_id) if commit_id in waiting else _free(waiting)


_COLOURS = ("#3465a4", "#4e9a06", "#ce5c00", "#75507b", "#a40000", "#8f5902")
_STEP, _GAP = 22, 16


def _svg(nodes: list[CommitNode]) -> str:
    places = {node.commit_id(): node for node in nodes}
    columns = 1 + max((node.column for node in nodes), default=0)
    left = columns * _GAP + 12
    shapes, texts = [], []
    for node in nodes:
        x, y = 10 + node.column * _GAP, 12 + node.row * _STEP
        for parent in node.parents:
            other = places.get(parent)
            column, row = (other.column, other.row) if other else (node.column, len(nodes))
            x2, y2 = 10 + column * _GAP, 12 + row * _STEP
            colour = _COLOURS[max(column, node.column) % len(_COLOURS)]
            bend = f"C{x},{y + _STEP} {x2},{y2 - _STEP} {x2},{y2}"
            shapes.append(f'<path d="M{x},{y} {bend}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        colour = _COLOURS[node.column % len(_COLOURS)]
        fill = colour if node.header.commit_type() == "Mutations" else "white"
        shapes.append(f'<circle cx="{x}" cy="{y}" r="4.5" fill="{fill}" stroke="{colour}" stroke-width="1.5"/>')
        weight = ' font-weight="bold"' if node.is_head else ""
        label = escape(node.header.label())
        texts.append(
            f'<text x="{left}" y="{y + 4}"{weight}><tspan fill="#888">{node.commit_id().short()}</tspan> {label}</text>'
        )
    width, height = left + 480, len(nodes) * _STEP + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="monospace" font-size="12">{"".join(shapes)}{"".join(texts)}</svg>'
    )
