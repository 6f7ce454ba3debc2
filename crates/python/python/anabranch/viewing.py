"""Documents and keys as people look at them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

from ._native import (
    Attachment,
    AttachmentGetting,
    Path,
    PathConst,
    Value,
    ValueAny,
    ValueKey,
    ValueMap,
    ValueMat,
    ValueOptional,
    ValueSet,
    ValueStructure,
    ValueTuple,
    ValueVariant,
    ValueVec,
    ValueVector,
    ValueXArray,
)

__all__ = ["DocumentNode", "KeyHelper", "KeyNamer"]


class KeyNamer:
    """Names keys: by what a document of each says, or else by the first digits of its instance."""

    def __init__(self, getting: AttachmentGetting | None = None) -> None:
        self._getting = getting
        self._fields: dict[Attachment, PathConst] = {}

    def add(self, attachment: Attachment, path: PathConst) -> KeyNamer:
        """Names the keys of an attachment by what stands at a path of their documents."""
        self._fields[attachment] = path
        return self

    def name(self, key: ValueKey) -> str:
        """What people call a key."""
        if self._getting is not None:
            for attachment, path in self._fields.items():
                try:
                    document = self._getting.get(attachment, key)
                except ValueError:  # of another concept
                    continue
                if not document.is_nil():
                    found = path.at(document.unwrap(encoded=False))
                    if str(found):
                        return str(found)
        return KeyHelper.short(key)


class KeyHelper:
    """What there is to know about keys."""

    @staticmethod
    def short(key: ValueKey) -> str:
        """The concept, and the first digits of the instance."""
        concept = key.type_concept()
        if concept is None:
            return "null"
        return f"{str(concept).rpartition('::')[2]}:{str(key.instance_id())[:8]}"

    @staticmethod
    def attachments(key: ValueKey, getting: AttachmentGetting) -> list[Attachment]:
        """The attachments that a key may have a document under."""
        found = []
        for attachment in getting.definitions().attachments():
            try:
                attachment.key_type()
                Value.create(attachment.key_type(), key)
            except ValueError:
                continue
            found.append(attachment)
        return found


@dataclass
class DocumentNode:
    """A place of a document as a line of a tree, with what is inside it."""

    attachment: Attachment
    key: ValueKey
    path: PathConst
    name: str
    value: Any
    children: list[DocumentNode] = field(default_factory=list)

    @staticmethod
    def create_documents(key: ValueKey, getting: AttachmentGetting) -> list[DocumentNode]:
        """The documents that a key has, one tree each, ordered by the name of the attachment."""
        nodes = []
        for attachment in KeyHelper.attachments(key, getting):
            document = getting.get(attachment, key)
            if not document.is_nil():
                name = str(attachment.type_name())
                nodes.append(_node(attachment, key, Path(), name, document.unwrap(encoded=False)))
        return nodes

    def type(self) -> str:
        """The type of what stands there."""
        return str(Value.type(self.value))

    def is_expandable(self) -> bool:
        """Whether there is something inside."""
        return bool(self.children)

    def text(self, depth: int = 0) -> str:
        """The tree as indented lines."""
        what = self.type() if self.children else repr(self.value)
        own = f"{'  ' * depth}{self.name}: {what}"
        return "\n".join([own, *(child.text(depth + 1) for child in self.children)])

    def _repr_html_(self) -> str:
        if not self.children:
            return f"<div><b>{escape(self.name)}</b>: <code>{escape(repr(self.value))}</code></div>"
        inside = "".join(child._repr_html_() for child in self.children)
        summary = f"<b>{escape(self.name)}</b> <i>{escape(self.type())}</i>"
        return f'<details open><summary>{summary}</summary><div style="margin-left:1.5em">{inside}</div></details>'


def _node(attachment: Attachment, key: ValueKey, path: Path, name: str, value: Value) -> DocumentNode:
    def below(step: Path, label: str, inner: Any) -> DocumentNode:
        return _node(attachment, key, step, label, inner)

    children: list[DocumentNode] = []
    if isinstance(value, ValueStructure):
        for it in Value.type(value).fields():  # type: ignore[attr-defined]
            children.append(below(path.field(it.name()), it.name(), ValueStructure.at(value, it.name(), encoded=False)))
    elif isinstance(value, (ValueVector, ValueVec, ValueMat, ValueTuple)):
        for index in range(len(value)):
            children.append(below(path.index(index), f"[{index}]", value.at(index, encoded=False)))
    elif isinstance(value, ValueMap):
        for inner_key, inner in value.items(encoded=False):
            children.append(below(path.key(inner_key), f"[{inner_key!r}]", inner))
    elif isinstance(value, ValueSet):
        for member in value.items(encoded=False):
            children.append(below(path.element(member), repr(member), member))
    elif isinstance(value, ValueXArray):
        for number, (position, inner) in enumerate(value.items(encoded=False)):
            children.append(below(path.position(position), f"[{number}]", inner))
    elif isinstance(value, (ValueOptional, ValueAny, ValueVariant)) and not value.is_nil():
        children.append(below(path.unwrap(), "?", value.unwrap(encoded=False)))
    return DocumentNode(attachment, key, path.const(), name, value, children)
