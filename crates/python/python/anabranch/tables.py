"""Documents as tables and back: lists of dicts, pandas, Arrow.

A row is a document: its key under `key`, and its fields under their names, or, where documents are no structures, the
document under `value`. Values are Python's own: sets as sets, maps as dicts, cases and ids as texts, `None` for nil;
keys as they are.

pandas and pyarrow are optional: `pip install anabranch[pandas]`, `pip install anabranch[arrow]`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ._native import (
    Attachment,
    AttachmentGetting,
    CommitAttachmentMutating,
    CommitState,
    DefinitionsConst,
    Type,
    TypeKey,
    TypeMap,
    TypeMat,
    TypeOptional,
    TypeSet,
    TypeStructure,
    TypeTuple,
    TypeVec,
    TypeVector,
    TypeXArray,
    Value,
    ValueKey,
)

if TYPE_CHECKING:
    import pandas
    import pyarrow

__all__ = ["from_arrow", "from_pandas", "from_rows", "to_arrow", "to_pandas", "to_rows"]

Row = dict[str, Any]


def _getting(source: CommitState | AttachmentGetting) -> AttachmentGetting:
    return source.attachment_getting() if isinstance(source, CommitState) else source


def to_rows(source: CommitState | AttachmentGetting, attachment: Attachment) -> list[Row]:
    """The documents of an attachment, in the order of their keys."""
    return [
        {"key": str(key), **_fields(document.encoded(), attachment)}
        for key, document in _getting(source).enumerate(attachment, encoded=False)
    ]


def _fields(document: Any, attachment: Attachment) -> Row:
    if isinstance(attachment.document_type(), TypeStructure):
        return dict(document)
    return {"value": document}


def from_rows(mutating: CommitAttachmentMutating, attachment: Attachment, rows: Iterable[Mapping[str, Any]]) -> int:
    """Records the documents of rows, and answers how many. A document that is there already is changed where it differs.

    Fields that a row leaves out keep their defaults in a new document, and what they are in one that is there. A row
    without a key is a new document.
    """
    count = 0
    for row in rows:
        fields = dict(row)
        key = _key(mutating, attachment, fields.pop("key", None))
        if isinstance(attachment.document_type(), TypeStructure):
            present = mutating.get(attachment, key)
            document = attachment.create_document() if present.is_nil() else present.unwrap(encoded=False)
            for name, value in fields.items():
                document.set(name, value)
        else:
            document = fields["value"]
        mutating.diff(attachment, key, document)
        count += 1
    return count


def _key(mutating: CommitAttachmentMutating, attachment: Attachment, given: Any) -> ValueKey:
    if given is None:
        return attachment.create_key()
    if isinstance(given, str) and "::" in given:
        found = Value.parse(given, attachment.key_type(), mutating.definitions())
        assert isinstance(found, ValueKey)
        return found
    return given if isinstance(given, ValueKey) else attachment.create_key(given)


def to_pandas(source: CommitState | AttachmentGetting, attachment: Attachment) -> pandas.DataFrame:
    """The documents of an attachment as a data frame, with the keys as its index."""
    import pandas

    columns = ["key", *_names(attachment)]
    return pandas.DataFrame(to_rows(source, attachment), columns=columns).set_index("key")


def from_pandas(mutating: CommitAttachmentMutating, attachment: Attachment, frame: pandas.DataFrame) -> int:
    """Records the documents of a data frame whose index, or column `key`, has their keys; answers how many.

    Where a value is missing, a field that cannot be nil or not-a-number is left as it is.
    """
    frame = frame if "key" in frame.columns else frame.reset_index()
    rows = []
    for record in frame.to_dict("records"):
        rows.append({str(name): value for name, value in record.items() if not _is_missing(value)})
    return from_rows(mutating, attachment, rows)


def _is_missing(value: Any) -> bool:
    import pandas

    return bool(pandas.api.types.is_scalar(value) and pandas.isna(value))


def _names(attachment: Attachment) -> list[str]:
    ty = attachment.document_type()
    return [field.name() for field in ty.fields()] if isinstance(ty, TypeStructure) else ["value"]


def to_arrow(source: CommitState | AttachmentGetting, attachment: Attachment) -> pyarrow.Table:
    """The documents of an attachment as an Arrow table, whose column types are those of the model."""
    import pyarrow

    ty = attachment.document_type()
    types = [field.type() for field in ty.fields()] if isinstance(ty, TypeStructure) else [ty]
    columns = list(zip(_names(attachment), types, strict=True))
    schema = pyarrow.schema([("key", pyarrow.string()), *((name, arrow_type(it)) for name, it in columns)])
    rows = [
        {"key": row["key"], **{name: _to_arrow(it, row[name]) for name, it in columns}}
        for row in to_rows(source, attachment)
    ]
    return pyarrow.Table.from_pylist(rows, schema=schema)


def from_arrow(mutating: CommitAttachmentMutating, attachment: Attachment, table: pyarrow.Table) -> int:
    """Records the documents of an Arrow table as `to_arrow` makes them, and answers how many."""
    ty = attachment.document_type()
    types = {field.name(): field.type() for field in ty.fields()} if isinstance(ty, TypeStructure) else {"value": ty}
    definitions = mutating.definitions()
    rows = [
        {name: _from_arrow(types[name], value, definitions) if name in types else value for name, value in row.items()}
        for row in table.to_pylist()
    ]
    return from_rows(mutating, attachment, rows)


_PLAIN = {
    "bool": "bool_",
    "int8": "int8",
    "int16": "int16",
    "int32": "int32",
    "int64": "int64",
    "uint8": "uint8",
    "uint16": "uint16",
    "uint32": "uint32",
    "uint64": "uint64",
    "float": "float32",
    "double": "float64",
    "blob": "binary",
}


def arrow_type(ty: Type) -> pyarrow.DataType:
    """The Arrow type of values of a type: texts for ids, keys and cases, JSON for variants and `any`."""
    import pyarrow

    if isinstance(ty, (TypeVector, TypeSet, TypeXArray)):
        return pyarrow.list_(arrow_type(ty.element_type()))
    if isinstance(ty, TypeVec):
        return pyarrow.list_(arrow_type(ty.element_type()), ty.size())
    if isinstance(ty, TypeMat):
        return pyarrow.list_(pyarrow.list_(arrow_type(ty.element_type()), ty.rows()), ty.columns())
    if isinstance(ty, TypeOptional):
        return arrow_type(ty.element_type())
    if isinstance(ty, TypeMap):
        return pyarrow.map_(arrow_type(ty.key_type()), arrow_type(ty.element_type()))
    if isinstance(ty, TypeStructure):
        return pyarrow.struct([(field.name(), arrow_type(field.type())) for field in ty.fields()])
    if isinstance(ty, TypeTuple):
        return pyarrow.struct([(f"_{place}", arrow_type(it)) for place, it in enumerate(ty.types())])
    made: pyarrow.DataType = getattr(pyarrow, _PLAIN.get(ty.type_code(), "string"))()
    return made


def _to_arrow(ty: Type, value: Any) -> Any:
    """Python's own value as Arrow takes it."""
    if value is None and not ty.type_code() == "any":
        return None
    if isinstance(ty, (TypeVector, TypeSet, TypeXArray)):
        return [_to_arrow(ty.element_type(), it) for it in (sorted(value) if isinstance(value, set) else value)]
    if isinstance(ty, TypeOptional):
        return _to_arrow(ty.element_type(), value)
    if isinstance(ty, TypeMap):
        return [(_to_arrow(ty.key_type(), key), _to_arrow(ty.element_type(), it)) for key, it in value.items()]
    if isinstance(ty, TypeStructure):
        return {field.name(): _to_arrow(field.type(), value[field.name()]) for field in ty.fields()}
    if isinstance(ty, TypeTuple):
        return {f"_{place}": _to_arrow(it, value[place]) for place, it in enumerate(ty.types())}
    if ty.type_code() in ("any", "variant"):
        return Value.create(ty, value).json_encode()
    return str(value) if isinstance(value, (uuid.UUID, ValueKey)) else value


def _from_arrow(ty: Type, value: Any, definitions: DefinitionsConst) -> Any:
    """What Arrow gives as Python's own value."""
    if value is None:
        return None
    if isinstance(ty, (TypeVector, TypeSet, TypeXArray)):
        return [_from_arrow(ty.element_type(), it, definitions) for it in value]
    if isinstance(ty, TypeOptional):
        return _from_arrow(ty.element_type(), value, definitions)
    if isinstance(ty, TypeMap):
        return {_from_arrow(ty.key_type(), key, definitions): _from_arrow(ty.element_type(), it, definitions) for key, it in value}
    if isinstance(ty, TypeStructure):
        return {field.name(): _from_arrow(field.type(), value[field.name()], definitions) for field in ty.fields()}
    if isinstance(ty, TypeTuple):
        return tuple(_from_arrow(it, value[f"_{place}"], definitions) for place, it in enumerate(ty.types()))
    if ty.type_code() in ("any", "variant"):
        return Value.json_decode(value, ty, definitions)
    return Value.parse(value, ty, definitions) if isinstance(ty, TypeKey) else value
