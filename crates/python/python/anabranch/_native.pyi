"""
The compiled part of the package; import `anabranch` instead.
"""

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

__all__ = ["Attachment", "AttachmentGetting", "BlobInfo", "BlobLayout", "BlobPackDescriptor", "BlobPackRegion", "BlobReader", "BlobStatistics", "BlobStream", "Cancelation", "Commit", "CommitAttachmentMutating", "CommitBlamedPlace", "CommitDatabase", "CommitDatabaseHelper", "CommitDatabaseServer", "CommitDocumentDiff", "CommitEvalAction", "CommitHeader", "CommitMutableState", "CommitOpcode", "CommitOpcodeDocumentSet", "CommitOpcodeDocumentUpdate", "CommitOpcodeMapSubtract", "CommitOpcodeMapUnion", "CommitOpcodeMapUpdate", "CommitOpcodeSetSubtract", "CommitOpcodeSetUnion", "CommitOpcodeXArrayInsert", "CommitOpcodeXArrayRemove", "CommitOpcodeXArrayUpdate", "CommitState", "CommitStateBuilder", "CommitStateDiff", "CommitStateTrace", "CommitStateTraceStep", "CommitStore", "CommitSynchronizer", "CommitSynchronizerInfo", "CommitSynchronizerInfoTransmit", "CommitSynchronizerProgress", "DSMBuilder", "DSMDefinitions", "DSMParseError", "DSMParseReport", "Definitions", "DefinitionsConst", "DefinitionsExtendInfo", "DefinitionsInspector", "GarbageReport", "NameSpace", "Path", "PathConst", "Type", "TypeClub", "TypeConcept", "TypeEnumeration", "TypeEnumerationCase", "TypeEnumerationDescriptor", "TypeKey", "TypeMap", "TypeMat", "TypeName", "TypeOptional", "TypeSet", "TypeStructure", "TypeStructureDescriptor", "TypeStructureField", "TypeTuple", "TypeVariant", "TypeVec", "TypeVector", "TypeXArray", "Value", "ValueAny", "ValueBlobId", "ValueBool", "ValueCommitId", "ValueDouble", "ValueEnumeration", "ValueFloat", "ValueInt16", "ValueInt32", "ValueInt64", "ValueInt8", "ValueKey", "ValueMap", "ValueMat", "ValueOptional", "ValueSet", "ValueString", "ValueStructure", "ValueTuple", "ValueUInt16", "ValueUInt32", "ValueUInt64", "ValueUInt8", "ValueUUId", "ValueVariant", "ValueVec", "ValueVector", "ValueXArray", "_ValueBlob", "_buffering"]

@final
class Attachment:
    """
    Says that documents of one type attach to instances of one kind.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    def create_document(self, /) -> typing.Any:
        """
        A fresh document: the zero of the document type.
        """
    def create_key(self, /, instance_id: typing.Any = None, concept: Type | str | None = None) -> ValueKey:
        """
        The key of an instance, a new one when none is given. Where the attachment is for a club or any concept, say which
        concept the instance is of.
        """
    def document_type(self, /) -> Type:
        """
        The type of its documents.
        """
    def documentation(self, /) -> str:
        """
        The doc string, empty when there is none.
        """
    def identifier(self, /) -> str:
        """
        The name that people type: `Tuto::User.login`.
        """
    def key_type(self, /) -> Type:
        """
        What its keys refer to: a concept, a club, or any concept.
        """
    def representation(self, /) -> str:
        """
        The attachment as it is declared: `attachment<User, Login> Tuto::login`.
        """
    def runtime_id(self, /) -> ValueUUId:
        """
        What identifies the attachment in any database.
        """
    def type_name(self, /) -> TypeName:
        """
        The name within its namespace.
        """

@disjoint_base
class AttachmentGetting:
    """
    Reads documents.
    """
    def definitions(self, /) -> DefinitionsConst:
        """
        The definitions that it was read under.
        """
    def diff_keys(self, /, attachment: Attachment | str, other: AttachmentGetting) -> tuple[ValueSet, ValueSet, ValueSet]:
        """
        The keys whose documents only the other has, only this has, and both have with other content.
        """
    def enumerate(self, /, attachment: Attachment | str, encoded: bool = True) -> list[tuple[ValueKey, typing.Any]]:
        """
        Every key and document under an attachment, in the order of the keys.
        """
    def get(self, /, attachment: Attachment | str, key: typing.Any) -> ValueOptional:
        """
        The document of a key, as an optional that is nil where it is absent.
        """
    def has(self, /, attachment: Attachment | str, key: typing.Any) -> bool:
        """
        Whether there is a document.
        """
    def keys(self, /, attachment: Attachment | str) -> ValueSet:
        """
        The keys that have a document under an attachment, ascending.
        """

@final
class BlobInfo:
    """
    What is known of a blob without reading it.
    """
    def __repr__(self, /) -> str: ...
    def blob_id(self, /) -> ValueBlobId:
        """
        What names it.
        """
    def blob_layout(self, /) -> BlobLayout:
        """
        How its bytes are read.
        """
    def created(self, /) -> int:
        """
        When it was stored here: milliseconds since the epoch.
        """
    def size(self, /) -> int:
        """
        How many bytes it has.
        """

@final
class BlobLayout:
    """
    How the bytes of a blob are read: the type of a number, and how many make an element.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, data_type: str = "uchar", components: SupportsIndex | None = None) -> BlobLayout:
        """
        The layout of a text (`float-3`), or of a type of numbers and how many make an element; single bytes when nothing is
        given.
        """
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def byte_count(self, /) -> int:
        """
        How many bytes an element takes.
        """
    def components(self, /) -> int:
        """
        How many numbers make an element.
        """
    def data_type(self, /) -> str:
        """
        The type of a number: `uchar`, `float`, …
        """
    def dtype(self, /) -> str:
        """
        The type of a number as NumPy and `struct` call it, little endian.
        """
    def representation(self, /) -> str:
        """
        The layout as a text: `float-3`.
        """

@final
class BlobPackDescriptor:
    """
    What a pack holds: regions with their names, layouts and places.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __len__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, regions: typing.Sequence[tuple[str, BlobLayout | str, int]]) -> BlobPackDescriptor:
        """
        The descriptor of a pack of these regions: name, layout and number of elements, in order.
        """
    def __repr__(self, /) -> str: ...
    @staticmethod
    def decode(beginning: bytes) -> BlobPackDescriptor:
        """
        The descriptor that stands at the beginning of a pack.
        """
    def encode(self, /) -> bytes:
        """
        What a pack starts with.
        """
    def region(self, /, name: str) -> BlobPackRegion:
        """
        The region of a name, which must be there.
        """
    def regions(self, /) -> list[BlobPackRegion]:
        """
        The regions, in order.
        """
    def size(self, /) -> int:
        """
        How many bytes the whole pack has.
        """

@final
class BlobPackRegion:
    """
    A named array in a pack.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    def count(self, /) -> int:
        """
        How many elements it has.
        """
    def layout(self, /) -> BlobLayout:
        """
        What its bytes are.
        """
    def name(self, /) -> str:
        """
        The name.
        """
    def offset(self, /) -> int:
        """
        Where it starts in the blob.
        """
    def size(self, /) -> int:
        """
        How many bytes it has.
        """

@final
class BlobReader:
    """
    Reads a blob bit by bit, each chunk checked before any byte of it is handed out.
    """
    def close(self, /) -> None:
        """
        Lets go of the blob.
        """
    def read(self, /, size: SupportsIndex = ...) -> bytes:
        """
        Up to `size` bytes from where the last ones ended; all that are left when it is negative.
        """
    def seek(self, /, offset: SupportsIndex, whence: SupportsIndex = 0) -> int:
        """
        Goes to a byte: from the start (0), from where it is (1) or from the end (2); answers where it is then.
        """
    def size(self, /) -> int:
        """
        How many bytes the blob has.
        """
    def tell(self, /) -> int:
        """
        Where the next byte comes from.
        """

@final
class BlobStatistics:
    """
    How much the pool holds.
    """
    def __repr__(self, /) -> str: ...
    def chunks(self, /) -> int:
        """
        How many chunks they are made of, which they share.
        """
    def count(self, /) -> int:
        """
        How many blobs there are.
        """
    def stored_size(self, /) -> int:
        """
        The sum of the sizes of the chunks: what the blobs take.
        """
    def total_size(self, /) -> int:
        """
        The sum of their sizes.
        """

@final
class BlobStream:
    """
    A blob in the making: takes bytes until it is closed, which stores them. Works as a file that is written, too.
    """
    def __enter__(self, /) -> BlobStream: ...
    def __exit__(self, /, *exception: typing.Any) -> None:
        """
        Stores the blob, or, after an exception, gives it up.
        """
    def append(self, /, buffer: typing.Any) -> None:
        """
        Appends bytes.
        """
    def blob_id(self, /) -> ValueBlobId | None:
        """
        The id of the blob, once it is stored.
        """
    def close(self, /) -> ValueBlobId:
        """
        Stores the blob and answers its id; again the same when it was closed before.
        """
    @property
    def closed(self, /) -> bool:
        """
        Whether it takes bytes no more.
        """
    def flush(self, /) -> None:
        """
        Does nothing: only what is closed is a blob.
        """
    def size(self, /) -> int:
        """
        How many bytes were written so far.
        """
    def writable(self, /) -> bool:
        """
        It is for writing.
        """
    def write(self, /, buffer: typing.Any) -> int:
        """
        Appends bytes, and answers how many they were.
        """

@final
class Cancelation:
    """
    Stops a pass from another thread.
    """
    def __new__(cls, /) -> Cancelation:
        """
        One that stops nothing yet.
        """
    def cancel(self, /) -> None:
        """
        Asks the pass to stop after the batch that it is at.
        """
    def is_canceled(self, /) -> bool:
        """
        Whether that was asked.
        """

@final
class Commit(CommitHeader):
    """
    A commit: its header, and what it does to documents.
    """
    def __len__(self, /) -> int: ...
    def header(self, /) -> CommitHeader:
        """
        The header.
        """
    def opcodes(self, /) -> list[CommitOpcode]:
        """
        What it does to documents, in order; nothing but for mutations.
        """

@final
class CommitAttachmentMutating(AttachmentGetting):
    """
    Records changes to documents, and reads them as what was recorded leaves them.
    """
    def diff(self, /, attachment: Attachment | str, key: typing.Any, document: typing.Any, recursive: bool = False) -> None:
        """
        Records the least that turns the present document into a value; leaf by leaf when `recursive`.
        """
    def insert_in_xarray(self, /, attachment: Attachment | str, key: typing.Any, path: PathConst | str, before: typing.Any, value: typing.Any, position: typing.Any = None) -> ValueUUId:
        """
        Inserts an element before the one at a position of the xarray at a path, at the end when that is `None` or the zero
        id, and answers the position of the new one.
        """
    def remove_in_xarray(self, /, attachment: Attachment | str, key: typing.Any, path: PathConst | str, position: typing.Any) -> None:
        """
        Removes the element at a position of the xarray at a path; the position stays known.
        """
    def set(self, /, attachment: Attachment | str, key: typing.Any, document: typing.Any) -> None:
        """
        Makes the document a value.
        """
    def subtract_in_map(self, /, attachment: Attachment | str, key: typing.Any, path: PathConst | str, keys: typing.Any) -> None:
        """
        Removes keys from the map at a path.
        """
    def subtract_in_set(self, /, attachment: Attachment | str, key: typing.Any, path: PathConst | str, elements: typing.Any) -> None:
        """
        Removes elements from the set at a path.
        """
    def union_in_map(self, /, attachment: Attachment | str, key: typing.Any, path: PathConst | str, entries: typing.Any) -> None:
        """
        Adds entries to the map at a path, replacing the values of keys already there.
        """
    def union_in_set(self, /, attachment: Attachment | str, key: typing.Any, path: PathConst | str, elements: typing.Any) -> None:
        """
        Adds elements to the set at a path.
        """
    def update(self, /, attachment: Attachment | str, key: typing.Any, path: PathConst | str, value: typing.Any) -> None:
        """
        Makes the place at a path a value.
        """
    def update_in_map(self, /, attachment: Attachment | str, key: typing.Any, path: PathConst | str, entries: typing.Any) -> None:
        """
        Replaces the values of keys already in the map at a path; the others are ignored.
        """
    def update_in_xarray(self, /, attachment: Attachment | str, key: typing.Any, path: PathConst | str, position: typing.Any, value: typing.Any) -> None:
        """
        Puts an element at a known position of the xarray at a path; a removed one comes back in its place.
        """

@final
class CommitBlamedPlace:
    """
    A place of a document, and the commit that wrote what stands there.
    """
    def __repr__(self, /) -> str: ...
    def commit_id(self, /) -> ValueCommitId:
        """
        The commit that wrote it.
        """
    def path(self, /) -> PathConst:
        """
        The place.
        """
    def value(self, /, encoded: bool = True) -> typing.Any:
        """
        What stands there.
        """

@final
class CommitDatabase:
    """
    A versioned database.

    May be used from several threads, and as a context manager that closes it.
    """
    def __enter__(self, /) -> CommitDatabase: ...
    def __exit__(self, /, *exception: typing.Any) -> None: ...
    def __repr__(self, /) -> str: ...
    def blob(self, /, blob_id: ValueBlobId | str | bytes) -> ValueBlob:
        """
        The content of a blob.
        """
    def blob_exists(self, /, blob_id: ValueBlobId | str | bytes) -> bool:
        """
        Whether a blob is here.
        """
    def blob_ids(self, /) -> set[ValueBlobId]:
        """
        Every blob.
        """
    def blob_info(self, /, blob_id: ValueBlobId | str | bytes) -> BlobInfo | None:
        """
        What is known of a blob; none when it is not here.
        """
    def blob_reader_close(self, /, reader: BlobReader) -> None:
        """
        Lets go of a blob that was being read.
        """
    def blob_reader_open(self, /, blob_id: ValueBlobId | str | bytes) -> BlobReader:
        """
        Opens a blob to read it bit by bit.
        """
    def blob_reader_read(self, /, reader: BlobReader, size: SupportsIndex = ...) -> bytes:
        """
        The next bytes of a blob, up to `size`.
        """
    def blob_statistics(self, /) -> BlobStatistics:
        """
        How much the pool holds.
        """
    def blob_stream_append(self, /, stream: BlobStream, buffer: typing.Any) -> None:
        """
        Appends bytes to a blob in the making.
        """
    def blob_stream_close(self, /, stream: BlobStream) -> ValueBlobId:
        """
        Stores a blob that was made bit by bit, and answers its id.
        """
    def blob_stream_create(self, /, layout: BlobLayout | str) -> BlobStream:
        """
        A blob in the making, of a layout.
        """
    def blob_writer(self, /, layout: BlobLayout | str = ...) -> BlobStream:
        """
        A file to write a blob of a layout to: `with database.blob_writer("uchar-1") as file: …`.
        """
    def children_commit_ids(self, /, commit_id: ValueCommitId | str | bytes) -> set[ValueCommitId]:
        """
        The commits whose parent this is; the first ones, for the zero id.
        """
    def close(self, /) -> None:
        """
        Lets go of the database. States that were read from it stay what they are.
        """
    def collect_garbage(self, /, grace: SupportsFloat | SupportsIndex = 86400.0, dry_run: bool = False) -> GarbageReport:
        """
        Removes blobs that no commit refers to and chunks that no blob uses, when they are older than `grace` seconds; or,
        when `dry_run`, only says what it would remove.
        """
    def commit(self, /, commit_id: ValueCommitId | str | bytes) -> Commit:
        """
        A commit, with what it does to documents.
        """
    def commit_databasing(self, /) -> CommitDatabase:
        """
        The database itself, for whoever takes what holds one.
        """
    def commit_exists(self, /, commit_id: ValueCommitId | str | bytes) -> bool:
        """
        Whether a commit is here.
        """
    def commit_header(self, /, commit_id: ValueCommitId | str | bytes) -> CommitHeader:
        """
        What is known of a commit without its payload.
        """
    def commit_headers(self, /) -> list[CommitHeader]:
        """
        The headers of every commit, in order of arrival: dependencies first.
        """
    def commit_ids(self, /) -> set[ValueCommitId]:
        """
        Every commit.
        """
    def commit_mutations(self, /, label: str, mutable_state: CommitMutableState) -> ValueCommitId:
        """
        Appends what was recorded, on top of the state that the recording started from, and answers the new commit.
        """
    @staticmethod
    def connect(host: str, service: str | int | None = None, *, database: str | None = None, token: str | None = None, tls: bool | str | PathLike[str] | None = None, author: str | None = None) -> CommitDatabase:
        """
        Opens a database that a server serves. It works as any other; what never changes is asked for once.

        `host` is a name, an address or a whole URL; `database` says which, where the server has several. With `tls` the
        connection is encrypted: `True` trusts whom the system trusts, a path the authority in that file.
        """
    @staticmethod
    def connect_local(socket_path: str | PathLike[str], *, database: str | None = None, author: str | None = None) -> CommitDatabase:
        """
        Opens a database that is served at a Unix socket.
        """
    @staticmethod
    def create(path: str | PathLike[str], documentation: str = "", definitions: Definitions | DefinitionsConst | None = None, *, author: str | None = None) -> CommitDatabase:
        """
        A new database file. An existing file is never touched.
        """
    def create_blob(self, /, layout: BlobLayout | str, blob: typing.Any) -> ValueBlobId:
        """
        Stores bytes as a blob of a layout, and answers its id; one that exists is left as it is.
        """
    def create_blob_from_buffer(self, /, layout: BlobLayout | str, buffer: typing.Any) -> ValueBlobId:
        """
        As `create_blob`, of anything that has a buffer: a NumPy array, a memory map.
        """
    @staticmethod
    def create_in_memory(definitions: Definitions | DefinitionsConst | None = None, *, author: str | None = None) -> CommitDatabase:
        """
        A database in memory, for tests and scratch work.
        """
    def data_version(self, /) -> int:
        """
        Goes up with every change, whoever makes it.
        """
    def definitions(self, /) -> DefinitionsConst:
        """
        The definitions.
        """
    def definitions_hexdigest(self, /) -> str:
        """
        The hash of the definitions: equal on two databases exactly when the definitions are.
        """
    def delete_commit(self, /, commit_id: ValueCommitId | str | bytes, force: bool = False) -> None:
        """
        Removes a head that nothing refers to. For demonstrations: refused on a database that was synchronised, unless forced.
        """
    def diff(self, /, from_commit_id: ValueCommitId | str | bytes, to_commit_id: ValueCommitId | str | bytes) -> CommitStateDiff:
        """
        What differs between the states at two commits.
        """
    def disable_commit(self, /, label: str, parent_commit_id: ValueCommitId | str | bytes, target_commit_id: ValueCommitId | str | bytes) -> ValueCommitId:
        """
        Appends, on top of a commit, one that hides another.
        """
    def documentation(self, /) -> str:
        """
        What the database is for, as its creator wrote it.
        """
    def enable_commit(self, /, label: str, parent_commit_id: ValueCommitId | str | bytes, target_commit_id: ValueCommitId | str | bytes) -> ValueCommitId:
        """
        Appends, on top of a commit, one that shows another again.
        """
    def extend_definitions(self, /, definitions: Definitions | DefinitionsConst) -> DefinitionsExtendInfo:
        """
        Adds what is missing here of these definitions, and answers what that was; nothing is ever replaced.
        """
    def first_commit_id(self, /) -> ValueCommitId | None:
        """
        The commit that was stored first; none when there is none.
        """
    def head_commit_ids(self, /) -> set[ValueCommitId]:
        """
        The commits that are nobody's parent and no merge's target.
        """
    def initial_state(self, /) -> CommitState:
        """
        The state before any commit.
        """
    def is_ancestor(self, /, ancestor_commit_id: ValueCommitId | str | bytes, commit_id: ValueCommitId | str | bytes) -> bool:
        """
        Whether one commit is another's ancestor; each is its own.
        """
    def is_closed(self, /) -> bool:
        """
        Whether it was closed.
        """
    @staticmethod
    def is_compatible(path: str | PathLike[str]) -> bool:
        """
        Whether there is a database at a path that this program can read.
        """
    def is_mergeable(self, /, parent_commit_id: ValueCommitId | str | bytes, target_commit_id: ValueCommitId | str | bytes) -> bool:
        """
        Whether two commits can be merged: they differ, and neither is the other's ancestor.
        """
    def is_read_only(self, /) -> bool:
        """
        Whether it may only be read.
        """
    def last_commit_id(self, /) -> ValueCommitId | None:
        """
        The most recent commit, the same on every site that has the same commits; none when there is none.
        """
    def location(self, /) -> str:
        """
        What people call it: the path of the file, or `memory`.
        """
    def merge_base(self, /, left_commit_id: ValueCommitId | str | bytes, right_commit_id: ValueCommitId | str | bytes) -> ValueCommitId | None:
        """
        The one greatest common ancestor of two commits; none when there is none, or several.
        """
    def merge_commit(self, /, label: str, parent_commit_id: ValueCommitId | str | bytes, target_commit_id: ValueCommitId | str | bytes) -> ValueCommitId:
        """
        Appends a merge: what the target has and the parent lacks lands after what the parent has.
        """
    def nephew_commit_ids(self, /, commit_id: ValueCommitId | str | bytes) -> set[ValueCommitId]:
        """
        The merges whose target this is.
        """
    @staticmethod
    def open(path: str | PathLike[str], readonly: bool = False, *, author: str | None = None) -> CommitDatabase:
        """
        Opens a database file.
        """
    def open_blob(self, /, blob_id: ValueBlobId | str | bytes) -> io.BufferedReader:
        """
        A file to read a blob from: buffered, seekable, and as good as any other.
        """
    def path(self, /) -> pathlib.Path | None:
        """
        The path of the file; none in memory.
        """
    def read_blob(self, /, blob_id: ValueBlobId | str | bytes, size: SupportsIndex, offset: SupportsIndex = 0) -> bytes:
        """
        Up to `size` bytes of a blob, from `offset` on.
        """
    def reset_commits(self, /, force: bool = False) -> None:
        """
        Removes all commits but the first. For demonstrations: refused on a database that was synchronised, unless forced.
        """
    def state(self, /, commit_id: ValueCommitId | str | bytes | None) -> CommitState:
        """
        The state after a commit; `None` stands for before any.
        """
    def uuid(self, /) -> ValueUUId:
        """
        Names this database among its replicas.
        """
    def verify(self, /) -> list[str]:
        """
        Recomputes everything that the database holds, and answers what is not as it should be, one line each.
        """

@final
class CommitDatabaseHelper:
    """
    Reduces and follows the heads of a database.
    """
    @staticmethod
    def fast_forward(database: CommitDatabase, commit_id: ValueCommitId | str | bytes) -> ValueCommitId:
        """
        The head that a commit leads to: by children, or failing that by merges that target it, the least id first.
        """
    @staticmethod
    def forward(database: CommitDatabase, commit_id: ValueCommitId | str | bytes) -> ValueCommitId:
        """
        The only head, or, with several, what `fast_forward` reaches.
        """
    @staticmethod
    def reduce_heads(database: CommitDatabase, anchor: ValueCommitId | str | bytes | None = None) -> ValueCommitId | None:
        """
        Folds the other heads into the anchor, the most recent head when none is given, as every site would; answers what
        the only head is then, none in a database without commits.
        """

@final
class CommitDatabaseServer:
    """
    Serves databases from within this process: for tests and small deployments.

    It listens on this machine only, unless it has tokens and TLS. As a context manager it starts and stops.
    """
    def __enter__(self, /) -> CommitDatabaseServer: ...
    def __exit__(self, /, *exception: typing.Any) -> None: ...
    def __new__(cls, /, database: CommitDatabase | str | PathLike[str] | dict[str, CommitDatabase | str | PathLike[str]], host: str | None = None, service: str | int | None = None, socket_path: str | PathLike[str] | None = None, tokens: str | PathLike[str] | None = None, tls: tuple[str | PathLike[str], str | PathLike[str]] | None = None, insecure: bool = False) -> CommitDatabaseServer:
        """
        A server of a database, of the path of one, or of several by name; it listens when it is started.

        Without `host`, `service` and `socket_path` it takes any free port of this machine. `tokens` is the path of a token
        file, `tls` the paths of a certificate and its key.
        """
    def __repr__(self, /) -> str: ...
    def address(self, /) -> str:
        """
        The URL that it serves at, the first where there are several; it must have been started.
        """
    def addresses(self, /) -> list[str]:
        """
        The URLs that it serves at; it must have been started.
        """
    @staticmethod
    def create_token(path: str | PathLike[str], scope: str = "read", databases: typing.Sequence[str] = ..., name: str = "") -> str:
        """
        Adds a token to a token file, which is made if it is not there, and answers it: the only time that it is seen whole.
        The scope is `read`, `write` or `admin`; without databases it opens all.
        """
    def is_running(self, /) -> bool:
        """
        Whether it serves.
        """
    def start(self, /) -> None:
        """
        Starts to serve, on threads of its own; does nothing when it does already.
        """
    def stop(self, /) -> None:
        """
        Takes no more calls, finishes those that run, and stops.
        """

@final
class CommitDocumentDiff:
    """
    A document that is not the same in two states.
    """
    def __repr__(self, /) -> str: ...
    def after(self, /, encoded: bool = True) -> typing.Any:
        """
        The document in the later state; none where it is absent.
        """
    def attachment(self, /) -> Attachment | None:
        """
        The attachment of the document; none where the definitions do not know it.
        """
    def before(self, /, encoded: bool = True) -> typing.Any:
        """
        The document in the earlier state; none where it is absent.
        """
    def key(self, /) -> ValueKey:
        """
        The key of the document.
        """
    def paths(self, /) -> list[PathConst]:
        """
        The places that differ.
        """

@final
class CommitEvalAction:
    """
    A commit of a history, and what it does to the state.
    """
    def __repr__(self, /) -> str: ...
    def commit_id(self, /) -> ValueCommitId:
        """
        The commit.
        """
    def commit_type(self, /) -> str:
        """
        What it does: `Mutations`, `Merge`, `Disable` or `Enable`.
        """
    def decided_by(self, /) -> ValueCommitId | None:
        """
        What decided whether it is shown; none where nothing did.
        """
    def has_effect(self, /) -> bool:
        """
        Whether the state would be made up otherwise without it.
        """
    def is_enabled(self, /) -> bool:
        """
        Whether it is shown.
        """
    def target_commit_id(self, /) -> ValueCommitId:
        """
        What it merges, hides or shows; the zero id for mutations.
        """

@disjoint_base
class CommitHeader:
    """
    What is known of a commit without its payload.
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def _repr_html_(self, /) -> str:
        """
        For notebooks.
        """
    def author(self, /) -> str:
        """
        Who made it.
        """
    def commit_id(self, /) -> ValueCommitId:
        """
        What names it.
        """
    def commit_type(self, /) -> str:
        """
        What it does: `Mutations`, `Merge`, `Disable` or `Enable`.
        """
    def generation(self, /) -> int:
        """
        One more than the greatest generation of what it depends on; 1 for a first one.
        """
    def label(self, /) -> str:
        """
        What its author says it is.
        """
    def parent_commit_id(self, /) -> ValueCommitId:
        """
        The commit that it stands on; the zero id for a first one.
        """
    def target_commit_id(self, /) -> ValueCommitId:
        """
        What it merges, hides or shows; the zero id for mutations.
        """
    def timestamp(self, /) -> int:
        """
        When it was made: milliseconds since the epoch.
        """

@final
class CommitMutableState:
    """
    Records changes on top of a state, and reads through them.
    """
    def __bool__(self, /) -> bool: ...
    def __len__(self, /) -> int:
        """
        How many operations were recorded.
        """
    def __new__(cls, /, state: CommitState) -> CommitMutableState:
        """
        A recording on top of a state.
        """
    def __repr__(self, /) -> str: ...
    def attachment_getting(self, /) -> AttachmentGetting:
        """
        What reads documents as the changes leave them.
        """
    def attachment_mutating(self, /) -> CommitAttachmentMutating:
        """
        What records changes, and reads through them.
        """
    def commit_state(self, /) -> CommitState:
        """
        The state that the recording started from.
        """
    def definitions(self, /) -> DefinitionsConst:
        """
        The definitions that it was read under.
        """
    def mutations(self, /) -> list[CommitOpcode]:
        """
        What was recorded, in order.
        """

@disjoint_base
class CommitOpcode:
    """
    One operation on one document.
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def attachment(self, /) -> Attachment:
        """
        The attachment of the document.
        """
    def key(self, /) -> ValueKey:
        """
        The key of the document.
        """
    def path(self, /) -> PathConst | None:
        """
        The place that is operated on; none for the whole document.
        """
    def type(self, /) -> str:
        """
        The name of the operation: `document_set`, `set_union`, …
        """
    def value(self, /, encoded: bool = True) -> typing.Any:
        """
        What is put there, added or removed; none where there is nothing to put.
        """

@final
class CommitOpcodeDocumentSet(CommitOpcode):
    """
    The document becomes a value.
    """

@final
class CommitOpcodeDocumentUpdate(CommitOpcode):
    """
    A place becomes a value.
    """

@final
class CommitOpcodeMapSubtract(CommitOpcode):
    """
    Keys are removed from a map.
    """

@final
class CommitOpcodeMapUnion(CommitOpcode):
    """
    Entries are added to a map.
    """

@final
class CommitOpcodeMapUpdate(CommitOpcode):
    """
    The values of keys in a map are replaced.
    """

@final
class CommitOpcodeSetSubtract(CommitOpcode):
    """
    Elements are removed from a set.
    """

@final
class CommitOpcodeSetUnion(CommitOpcode):
    """
    Elements are added to a set.
    """

@final
class CommitOpcodeXArrayInsert(CommitOpcode):
    """
    A position becomes known before another.
    """
    def before(self, /) -> ValueUUId:
        """
        The position that the new one comes before; the zero id for the end.
        """
    def position(self, /) -> ValueUUId:
        """
        The position that is operated on.
        """

@final
class CommitOpcodeXArrayRemove(CommitOpcode):
    """
    The element at a position is removed.
    """
    def position(self, /) -> ValueUUId:
        """
        The position that is operated on.
        """

@final
class CommitOpcodeXArrayUpdate(CommitOpcode):
    """
    The element at a position becomes a value.
    """
    def position(self, /) -> ValueUUId:
        """
        The position that is operated on.
        """

@final
class CommitState:
    """
    The documents as they stand after a commit.
    """
    def __repr__(self, /) -> str: ...
    def attachment_getting(self, /) -> AttachmentGetting:
        """
        What reads its documents.
        """
    def blame(self, /, attachment: Attachment | str, key: typing.Any) -> list[CommitBlamedPlace]:
        """
        For each place of a document, the commit that wrote what stands there.
        """
    def commit_id(self, /) -> ValueCommitId:
        """
        The commit whose state this is; the zero id for the initial state.
        """
    def definitions(self, /) -> DefinitionsConst:
        """
        The definitions that it was read under.
        """
    def eval_actions(self, /) -> list[CommitEvalAction]:
        """
        The commits that make up the state, in the order in which they take effect, each with what becomes of it.
        """
    def fingerprint(self, /) -> str:
        """
        64 hexadecimal digits that are equal for two states exactly when their documents are.
        """
    def trace(self, /, attachment: Attachment | str, key: typing.Any) -> CommitStateTrace:
        """
        Every operation on a document, in the order in which they take effect, and what became of each.
        """

@final
class CommitStateBuilder:
    """
    Makes states of a database.
    """
    @staticmethod
    def enabled_by_commit_id(database: CommitDatabase, commit_id: ValueCommitId | str | bytes) -> dict[ValueCommitId, bool]:
        """
        For each commit of the history of one, whether it is shown there.
        """
    @staticmethod
    def initial_state(database: CommitDatabase) -> CommitState:
        """
        The state before any commit.
        """
    @staticmethod
    def merge_state(database: CommitDatabase, parent_commit_id: ValueCommitId | str | bytes, target_commit_id: ValueCommitId | str | bytes) -> CommitState:
        """
        The state that a merge would give. Nothing is written.
        """
    @staticmethod
    def state(database: CommitDatabase, commit_id: ValueCommitId | str | bytes) -> CommitState:
        """
        The state after a commit.
        """

@final
class CommitStateDiff:
    """
    What differs between two states.
    """
    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def added(self, /) -> list[CommitDocumentDiff]:
        """
        The documents that only the later state has.
        """
    def changed(self, /) -> list[CommitDocumentDiff]:
        """
        The documents that both have, with other content.
        """
    def documents(self, /) -> list[CommitDocumentDiff]:
        """
        The documents that differ.
        """
    def removed(self, /) -> list[CommitDocumentDiff]:
        """
        The documents that only the earlier state has.
        """

@final
class CommitStateTrace:
    """
    Every operation on one document, in the order in which they take effect.
    """
    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def commit_id(self, /) -> ValueCommitId:
        """
        The commit whose history it is.
        """
    def document(self, /, encoded: bool = True) -> typing.Any:
        """
        What they make of the document; none where it is absent.
        """
    def steps(self, /) -> list[CommitStateTraceStep]:
        """
        The operations.
        """

@final
class CommitStateTraceStep:
    """
    An operation on a document, and what became of it.
    """
    def __repr__(self, /) -> str: ...
    def commit_id(self, /) -> ValueCommitId:
        """
        The commit that says it.
        """
    def index(self, /) -> int:
        """
        Which of the operations of that commit it is, from 0.
        """
    def opcode(self, /) -> CommitOpcode:
        """
        The operation.
        """
    def outcome(self, /) -> str:
        """
        What became of it: `applied`, `dropped` or `masked`.
        """
    def reason(self, /) -> str | None:
        """
        Why it had no effect; none where it had.
        """

@final
class CommitStore:
    """
    What an interactive application works on: a database, a current commit, what can be undone and redone.

    A notifier hears of every change; what it raises comes out of the method that made the change, which stands.
    """
    def __new__(cls, /, database: CommitDatabase | None = None) -> CommitStore:
        """
        A store without a database, or with one.
        """
    def __repr__(self, /) -> str: ...
    def attachment_getting(self, /) -> AttachmentGetting:
        """
        What reads the documents of the current state, whichever that is then.
        """
    def can_redo(self, /) -> bool:
        """
        Whether there is something to redo.
        """
    def can_undo(self, /) -> bool:
        """
        Whether there is something to undo.
        """
    def clear_undo_redo(self, /) -> None:
        """
        Forgets what could be undone and redone. Nobody is told.
        """
    def close(self, /) -> None:
        """
        Lets go of the database, and of what could be undone.
        """
    def commit_mutations(self, /, label: str, mutable_state: CommitMutableState) -> ValueCommitId:
        """
        Dispatches what was recorded, on top of the state that the recording started from.
        """
    def database(self, /) -> CommitDatabase:
        """
        The database.
        """
    def definitions(self, /) -> DefinitionsConst:
        """
        The definitions that the current state knows.
        """
    def delete_commit(self, /, commit_id: ValueCommitId | str | bytes, force: bool = False) -> None:
        """
        Removes a head that nothing refers to, and forgets what could be undone. For demonstrations.
        """
    def disable_commit(self, /, commit_id: ValueCommitId | str | bytes) -> ValueCommitId:
        """
        Hides a commit, by one on top of the current one, and goes there.
        """
    def dispatch(self, /, label: str, change: typing.Callable[..., typing.Any], *arguments: typing.Any) -> ValueCommitId:
        """
        Runs `change(mutable_state, *arguments)` on a recording on top of the current state, commits it and comes to that
        commit, which can be undone. When it raises, nothing is committed.
        """
    def dispatch_diff(self, /, label: str, attachment: Attachment | str, key: typing.Any, document: typing.Any, recursive: bool = False) -> ValueCommitId:
        """
        Dispatches the least that turns a document into a value; leaf by leaf when `recursive`.
        """
    def dispatch_enable_commit(self, /, commit_id: ValueCommitId | str | bytes, enabled: bool) -> ValueCommitId:
        """
        Dispatches showing a commit, or hiding it.
        """
    def dispatch_set(self, /, label: str, attachment: Attachment | str, key: typing.Any, document: typing.Any) -> ValueCommitId:
        """
        Dispatches making a document a value.
        """
    def dispatch_update(self, /, label: str, attachment: Attachment | str, key: typing.Any, path: PathConst | str, value: typing.Any) -> ValueCommitId:
        """
        Dispatches making a place of a document a value.
        """
    def enable_commit(self, /, commit_id: ValueCommitId | str | bytes) -> ValueCommitId:
        """
        Shows a commit, by one on top of the current one, and goes there.
        """
    def extend_definitions(self, /, definitions: Definitions | DefinitionsConst) -> DefinitionsExtendInfo:
        """
        Adds what the database lacks of these definitions, and has the current state know them.
        """
    def forward(self, /) -> ValueCommitId:
        """
        Goes to the only head, or, with several, from the current commit on to a head.
        """
    def has_database(self, /) -> bool:
        """
        Whether the store has a database.
        """
    def merge_commit(self, /, commit_id: ValueCommitId | str | bytes) -> ValueCommitId:
        """
        Merges a commit into the current one, and goes to the merge.
        """
    def mutable_state(self, /) -> CommitMutableState:
        """
        A recording on top of the current state.
        """
    def redo(self, /) -> ValueCommitId | None:
        """
        Takes back the last undo, and answers the commit that does; none when there is nothing.
        """
    def reduce_heads(self, /) -> ValueCommitId:
        """
        Folds all heads into one, as every site would, and goes there.
        """
    def refresh(self, /) -> None:
        """
        Has the current state know the definitions that came from elsewhere.
        """
    def reset(self, /, force: bool = False) -> None:
        """
        Removes all commits but the first, and forgets what could be undone. For demonstrations.
        """
    def reset_undo_redo(self, /) -> None:
        """
        Forgets what could be undone and redone, and tells that the state did change.
        """
    def set_notifier(self, /, notifier: CommitStoreNotifying | None) -> None:
        """
        Whom to tell from now on; nobody, for none.
        """
    def state(self, /) -> CommitState:
        """
        The current state.
        """
    def stop_live(self, /) -> None:
        """
        Asks whoever follows the database live to stop.
        """
    def undo(self, /) -> ValueCommitId | None:
        """
        Undoes the last dispatched commit that is in effect, and answers the commit that does; none when there is nothing.
        """
    def undo_stack_ids(self, /) -> tuple[list[ValueCommitId], int]:
        """
        What this store dispatched, oldest first, and how many of them are in effect.
        """
    def use(self, /, database: CommitDatabase) -> None:
        """
        Takes a database, at its most recent commit. Nothing can be undone then.
        """
    def use_commit(self, /, commit_id: ValueCommitId | str | bytes) -> None:
        """
        Comes to a commit.
        """

@final
class CommitSynchronizer:
    """
    Copies between two databases what one has and the other lacks.

    Nothing is reduced, reordered or rewritten: diverging heads stand side by side on both sides then.
    """
    MODE_FETCH: Final = "Fetch"
    """
    From source to target.
    """
    MODE_PUSH: Final = "Push"
    """
    From target to source.
    """
    MODE_SYNC: Final = "Sync"
    """
    Both, fetch first.
    """
    def __new__(cls, /, source: CommitDatabase, target: CommitDatabase, mode: str = "Sync", size_of_packed_blobs: SupportsIndex = ...) -> CommitSynchronizer:
        """
        A synchronizer between two databases.
        """
    def mode(self, /) -> str:
        """
        Which way a pass copies.
        """
    def sync(self, /, logging: Logging | logging.Logger | None = None, progress: typing.Callable[[CommitSynchronizerProgress], typing.Any] | None = None, cancelation: Cancelation | None = None) -> CommitSynchronizerInfo:
        """
        One pass.

        `progress` is called with how far it is, `logging.info` with what it does, and `cancelation` stops it from another
        thread; so does Ctrl-C. What was copied until then stays, and the next pass goes on from there.
        """

@final
class CommitSynchronizerInfo:
    """
    What a pass did.
    """
    def __repr__(self, /) -> str: ...
    def fetch(self, /) -> CommitSynchronizerInfoTransmit:
        """
        What went from source to target.
        """
    def is_empty(self, /) -> bool:
        """
        Whether nothing was copied.
        """
    def need_transmit(self, /) -> bool:
        """
        Whether there was anything to compare: false when neither side changed since the last pass.
        """
    def push(self, /) -> CommitSynchronizerInfoTransmit:
        """
        What went from target to source.
        """
    def updated_definitions(self, /) -> bool:
        """
        Whether definitions were added on a side.
        """

@final
class CommitSynchronizerInfoTransmit:
    """
    What a pass copied in one direction.
    """
    def __repr__(self, /) -> str: ...
    def blob_bytes(self, /) -> int:
        """
        The sum of their sizes.
        """
    def blobs(self, /) -> int:
        """
        Blobs that the receiver did not have.
        """
    def chunk_bytes(self, /) -> int:
        """
        The bytes of those chunks.
        """
    def chunks(self, /) -> int:
        """
        Chunks of blobs that were sent: those that the receiver did not have.
        """
    def commit_bytes(self, /) -> int:
        """
        The bytes of their payloads.
        """
    def commits(self, /) -> int:
        """
        Commits that the receiver did not have.
        """
    def duration(self, /) -> float:
        """
        How long it took, in seconds.
        """
    def extend_info(self, /) -> DefinitionsExtendInfo:
        """
        Definitions that the receiver did not have.
        """
    def round_trips(self, /) -> int:
        """
        Questions and packs that went between the sides.
        """

@final
class CommitSynchronizerProgress:
    """
    How far a pass is.
    """
    def __repr__(self, /) -> str: ...
    def blobs(self, /) -> int:
        """
        Blobs copied in this phase.
        """
    def bytes(self, /) -> int:
        """
        Bytes of payloads and blobs copied in this phase.
        """
    def commits(self, /) -> int:
        """
        Commits copied in this phase.
        """
    def expected_commits(self, /) -> int:
        """
        Commits to be copied in this phase.
        """
    def phase(self, /) -> str:
        """
        What is being done: `definitions`, `negotiation`, `fetch` or `push`.
        """

@final
class DSMBuilder:
    """
    Collects the texts of a model.
    """
    def __new__(cls, /) -> DSMBuilder:
        """
        A builder without texts.
        """
    def append(self, /, source: str, content: str) -> None:
        """
        Adds a text under the name that messages give it.
        """
    @staticmethod
    def assemble(path: str | PathLike[str]) -> DSMBuilder:
        """
        A builder with the text of a file, or of every `.dsm` file of a folder.
        """
    def parse(self, /) -> tuple[DSMParseReport, DSMDefinitions | None, DefinitionsConst | None]:
        """
        Reads the texts as one model: what is wrong with them, and, unless that is an error, what they declare.
        """

@final
class DSMDefinitions:
    """
    Definitions as DSM says them.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def definitions(self, /) -> DefinitionsConst:
        """
        The definitions themselves.
        """
    @staticmethod
    def json_decode(text: str, keep_runtime_ids: bool = False) -> DSMDefinitions:
        """
        The definitions that a JSON text says; under the ids that it gives them, when those are to be kept.
        """
    def json_encode(self, /) -> str:
        """
        The definitions in the interchange form for code generators.
        """
    def to_dsm(self, /) -> str:
        """
        The definitions as a text.
        """

@final
class DSMParseError:
    """
    One mistake in the texts of a model.
    """
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def code(self, /) -> str:
        """
        The kind of mistake: `unknown-type`.
        """
    def column(self, /) -> int:
        """
        The column, from 1.
        """
    def help(self, /) -> str | None:
        """
        What to do about it.
        """
    def line(self, /) -> int:
        """
        The line, from 1.
        """
    def message(self, /) -> str:
        """
        What is wrong.
        """
    def severity(self, /) -> str:
        """
        `error` or `warning`.
        """
    def source(self, /) -> str:
        """
        The text that it is in, as it was named.
        """

@final
class DSMParseReport:
    """
    What is wrong with the texts of a model.
    """
    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def errors(self, /) -> list[DSMParseError]:
        """
        The mistakes, in the order of the texts.
        """
    def has_error(self, /) -> bool:
        """
        Whether there is a mistake that leaves no model.
        """
    def warnings(self, /) -> list[DSMParseError]:
        """
        What is not wrong but worth a look.
        """

@final
class Definitions:
    """
    Definitions in the making.
    """
    def __len__(self, /) -> int: ...
    def __new__(cls, /, definitions: Definitions | DefinitionsConst | None = None) -> Definitions:
        """
        No definitions, or those of another set.
        """
    def __repr__(self, /) -> str: ...
    def const(self, /) -> DefinitionsConst:
        """
        The definitions as they stand now.
        """
    def create_attachment(self, /, name_space: NameSpace, name: str, key_type: Type | str, document_type: Type | str, documentation: str = "") -> Attachment:
        """
        Declares that documents of a type attach to instances of a concept, of a club's members, or of any concept.
        """
    def create_club(self, /, name_space: NameSpace, name: str, documentation: str = "") -> TypeClub:
        """
        Declares a club, whose members join by `create_membership`.
        """
    def create_concept(self, /, name_space: NameSpace, name: str, parent: Type | str | None = None, documentation: str = "") -> TypeConcept:
        """
        Declares a concept, which may be a kind of `parent`.
        """
    def create_enumeration(self, /, name_space: NameSpace, descriptor: TypeEnumerationDescriptor) -> TypeEnumeration:
        """
        Declares an enumeration.
        """
    def create_membership(self, /, club: Type | str, concept: Type | str) -> TypeClub:
        """
        Makes a concept a member of a club, and answers the club as it is then. A club that something refers to already has
        the members that it has.
        """
    def create_structure(self, /, name_space: NameSpace, descriptor: TypeStructureDescriptor) -> TypeStructure:
        """
        Declares a structure.
        """
    @staticmethod
    def decode(encoded: bytes) -> Definitions:
        """
        The definitions that `encode` wrote.
        """
    def extend(self, /, definitions: Definitions | DefinitionsConst) -> DefinitionsExtendInfo:
        """
        Adds what is missing here of other definitions, and answers what that was.
        """

@final
class DefinitionsConst:
    """
    A finished set of definitions. Sets are equal when the same definitions are in them.
    """
    def __contains__(self, definition: Any, /) -> bool: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __len__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[typing.Any, ...]: ...
    def __repr__(self, /) -> str: ...
    def attachments(self, /) -> list[Attachment]:
        """
        Every attachment, ordered by name.
        """
    def check_attachment(self, /, name: str | TypeName) -> typing.Any:
        """
        The attachment of a full name, which must be there.
        """
    def check_club(self, /, name: str | TypeName) -> typing.Any:
        """
        The club of a full name, which must be there.
        """
    def check_concept(self, /, name: str | TypeName) -> typing.Any:
        """
        The concept of a full name, which must be there.
        """
    def check_enumeration(self, /, name: str | TypeName) -> typing.Any:
        """
        The enumeration of a full name, which must be there.
        """
    def check_structure(self, /, name: str | TypeName) -> typing.Any:
        """
        The structure of a full name, which must be there.
        """
    def check_type(self, /, name: str | TypeName) -> Type:
        """
        The concept, club, enumeration or structure of a full name, which must be there.
        """
    def clubs(self, /) -> list[TypeClub]:
        """
        Every club, ordered by name.
        """
    def concepts(self, /) -> list[TypeConcept]:
        """
        Every concept, ordered by name.
        """
    def contains(self, /, definition: typing.Any) -> bool:
        """
        Whether a definition is among these: a type, an attachment, or a runtime id.
        """
    @staticmethod
    def decode(encoded: bytes) -> DefinitionsConst:
        """
        The definitions that `encode` wrote.
        """
    def definitions(self, /) -> Definitions:
        """
        The definitions as a draft that can grow.
        """
    def discard(self, /, namespace: typing.Any = None) -> None:
        """
        Takes out of a namespace what `inject` put there.
        """
    def encode(self, /) -> bytes:
        """
        The definitions as bytes, for `decode`.
        """
    def enumerations(self, /) -> list[TypeEnumeration]:
        """
        Every enumeration, ordered by name.
        """
    def hexdigest(self, /) -> str:
        """
        The hash of the definitions: equal exactly when they are.
        """
    def inject(self, /, namespace: typing.Any = None) -> list[str]:
        """
        Puts the constants of the model into a namespace, the caller's globals when none is given, and answers their names.
        """
    def name_spaces(self, /) -> list[NameSpace]:
        """
        The namespaces.
        """
    def query_attachment(self, /, name: str | TypeName) -> Attachment | None:
        """
        The attachment of a full name; none when there is none.
        """
    def query_club(self, /, name: str | TypeName) -> TypeClub | None:
        """
        The club of a full name; none when there is none.
        """
    def query_concept(self, /, name: str | TypeName) -> TypeConcept | None:
        """
        The concept of a full name; none when there is none.
        """
    def query_enumeration(self, /, name: str | TypeName) -> TypeEnumeration | None:
        """
        The enumeration of a full name; none when there is none.
        """
    def query_structure(self, /, name: str | TypeName) -> TypeStructure | None:
        """
        The structure of a full name; none when there is none.
        """
    def query_type(self, /, name: str | TypeName) -> Type | None:
        """
        The concept, club, enumeration or structure of a full name; none when there is none.
        """
    def structures(self, /) -> list[TypeStructure]:
        """
        Every structure, ordered by name.
        """
    def to_dsm_definitions(self, /) -> DSMDefinitions:
        """
        The definitions as DSM.
        """
    def types(self, /) -> list[Type]:
        """
        Every concept, club, enumeration and structure.
        """

@final
class DefinitionsExtendInfo:
    """
    What an extension added, by kind.
    """
    def __bool__(self, /) -> bool:
        """
        Whether anything was added.
        """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    def attachments(self, /) -> int:
        """
        How many attachments were added.
        """
    def clubs(self, /) -> int:
        """
        How many clubs were added.
        """
    def concepts(self, /) -> int:
        """
        How many concepts were added.
        """
    def enumerations(self, /) -> int:
        """
        How many enumerations were added.
        """
    def structures(self, /) -> int:
        """
        How many structures were added.
        """
    def total(self, /) -> int:
        """
        How many definitions were added, of all kinds.
        """

@final
class DefinitionsInspector:
    """
    Finds definitions by the names that people type.
    """
    def __new__(cls, /, definitions: Definitions | DefinitionsConst) -> DefinitionsInspector:
        """
        An inspector of these definitions.
        """
    def check_attachment(self, /, name: str) -> Attachment:
        """
        The attachment of a name: `App::User.profile`, or less where that names only one.
        """
    def check_type(self, /, text: str) -> Type:
        """
        The type that a text says, with the names of these definitions.
        """
    def query_attachment(self, /, name: str) -> Attachment | None:
        """
        The attachment of a name: `App::User.profile`, or less where that names only one; none when there is none.
        """

@final
class GarbageReport:
    """
    What a collection removed, or would.
    """
    def __repr__(self, /) -> str: ...
    def blob_bytes(self, /) -> int:
        """
        The sum of their sizes.
        """
    def blobs(self, /) -> int:
        """
        Blobs that no commit refers to.
        """
    def chunk_bytes(self, /) -> int:
        """
        The bytes of those chunks.
        """
    def chunks(self, /) -> int:
        """
        Chunks that no blob uses.
        """
    def returned_bytes(self, /) -> int:
        """
        Bytes by which the file becomes smaller.
        """

@final
class NameSpace:
    """
    A namespace: its UUID is what it is, its name is what it is called.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ge__(self, value: object, /) -> bool: ...
    def __gt__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __le__(self, value: object, /) -> bool: ...
    def __lt__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, uuid: ValueUUId | str | typing.Any, name: str) -> NameSpace:
        """
        The namespace of a UUID and a name.
        """
    def __reduce__(self, /) -> tuple[Any, tuple[str, str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def name(self, /) -> str:
        """
        What it is called.
        """
    def uuid(self, /) -> ValueUUId:
        """
        What the namespace is.
        """

@final
class Path(PathConst):
    """
    Where in a document a place is, made step by step. Each step makes a path of its own.
    """
    def __new__(cls, /) -> Path:
        """
        The document itself.
        """
    @staticmethod
    def _of(steps: list[tuple[str, typing.Any]]) -> PathConst:
        """
        The path of the steps that `components` answers.
        """
    def const(self, /) -> PathConst:
        """
        The path as one that only answers.
        """
    def element(self, /, element: typing.Any) -> Path:
        """
        One step further, to a member of the set.
        """
    def entry(self, /, key: typing.Any) -> Path:
        """
        One step further, to a key of the map, itself.
        """
    def field(self, /, name: str) -> Path:
        """
        One step further, to a field of the structure.
        """
    @staticmethod
    def from_element(element: typing.Any) -> Path:
        """
        A path that starts at a member of the set.
        """
    @staticmethod
    def from_entry(key: typing.Any) -> Path:
        """
        A path that starts at a key of the map, itself.
        """
    @staticmethod
    def from_field(name: str) -> Path:
        """
        A path that starts at a field of the structure.
        """
    @staticmethod
    def from_index(index: int) -> Path:
        """
        A path that starts at an item of the vector, tuple, `vec` or `mat`.
        """
    @staticmethod
    def from_key(key: typing.Any) -> Path:
        """
        A path that starts at the value of a key of the map.
        """
    @staticmethod
    def from_position(position: typing.Any) -> Path:
        """
        A path that starts at the element at a position of the xarray.
        """
    @staticmethod
    def from_unwrap() -> Path:
        """
        A path that starts at what the optional, variant or `any` holds.
        """
    def index(self, /, index: int) -> Path:
        """
        One step further, to an item of the vector, tuple, `vec` or `mat`.
        """
    def key(self, /, key: typing.Any) -> Path:
        """
        One step further, to the value of a key of the map.
        """
    def path(self, /, path: PathConst) -> Path:
        """
        The steps of another path further.
        """
    def position(self, /, position: typing.Any) -> Path:
        """
        One step further, to the element at a position of the xarray.
        """
    def unwrap(self, /) -> Path:
        """
        One step further, to what the optional, variant or `any` holds.
        """

@disjoint_base
class PathConst:
    """
    Where in a document a place is.
    """
    def __bool__(self, /) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ge__(self, other: object, /) -> bool: ...
    def __gt__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __le__(self, other: object, /) -> bool: ...
    def __len__(self, /) -> int: ...
    def __lt__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[typing.Any, ...]: ...
    def __repr__(self, /) -> str: ...
    def __truediv__(self, step: object, /) -> Path:
        """
        One step or several further: the name of a field, an index, or a path.
        """
    def ancestors(self, /) -> list[PathConst]:
        """
        The places that this one is in, from the nearest to the document itself.
        """
    def at(self, /, value: Value, encoded: bool = True) -> typing.Any:
        """
        The place in a value.
        """
    def check_type(self, /, type: Type | str) -> Type | None:
        """
        The type that stands where the path leads in documents of a type; none where several may.
        """
    def components(self, /, encoded: bool = True) -> list[tuple[str, typing.Any]]:
        """
        The steps: the name of each kind, and the field, index, key, position or element.
        """
    @staticmethod
    def decode(encoded: bytes, definitions: Definitions | DefinitionsConst | None = None) -> PathConst:
        """
        The path that a canonical encoding says.
        """
    def encode(self, /) -> bytes:
        """
        The canonical encoding.
        """
    def is_applicable(self, /, type: Type | str) -> bool:
        """
        Whether the path is legal in documents of a type.
        """
    def is_regular(self, /) -> bool:
        """
        Whether no step is an entry or element, so that the place can be written.
        """
    def is_root(self, /) -> bool:
        """
        Whether this is the document itself.
        """
    def parent(self, /) -> PathConst | None:
        """
        The path without its last step; none for the root.
        """
    @staticmethod
    def parse(text: str, type: Type | str, definitions: Definitions | DefinitionsConst | None = None) -> PathConst:
        """
        The path that a text says in documents of a type.
        """
    def patch(self, /, value: Value, place: typing.Any) -> Value:
        """
        A value like this one, but for the place.
        """
    def regularized(self, /) -> PathConst:
        """
        The path as far as it is regular.
        """
    def representation(self, /) -> str:
        """
        The path as a text: `.items[0].name`.
        """
    def set(self, /, value: Value, place: typing.Any) -> None:
        """
        Makes the place in a value another.
        """

@disjoint_base
class Type:
    """
    What a place may hold, or what a key may refer to.
    """
    ANY: Final[Type]
    ANY_CONCEPT: Final[Type]
    """
    What a key of any concept refers to.
    """
    BLOB: Final[Type]
    BLOB_ID: Final[Type]
    BOOL: Final[Type]
    COMMIT_ID: Final[Type]
    DOUBLE: Final[Type]
    FLOAT: Final[Type]
    INT16: Final[Type]
    INT32: Final[Type]
    INT64: Final[Type]
    INT8: Final[Type]
    STRING: Final[Type]
    UINT16: Final[Type]
    UINT32: Final[Type]
    UINT64: Final[Type]
    UINT8: Final[Type]
    UUID: Final[Type]
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __reduce__(self, /) -> tuple[typing.Any, ...]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @staticmethod
    def _loads(dumped: bytes) -> Type: ...
    @staticmethod
    def _loads_target(dumped: bytes) -> Type: ...
    def description(self, /) -> str:
        """
        The type as a text, with what it is.
        """
    def documentation(self, /) -> str:
        """
        The doc string of a definition, empty when there is none.
        """
    @staticmethod
    def parse(text: str, definitions: Definitions | DefinitionsConst | None = None) -> Type:
        """
        The type that a text says: `vector<int64>`, or, with definitions, `map<string, Tuto::Login>`.
        """
    def representation(self, /) -> str:
        """
        The type as a text.
        """
    def runtime_id(self, /) -> ValueUUId:
        """
        What identifies the type in any database.
        """
    def type_code(self, /) -> str:
        """
        Which kind of type it is: `int64`, `vector`, `struct`, `concept`, …
        """
    def type_name(self, /) -> TypeName | None:
        """
        The name of a definition; none for other types.
        """

@final
class TypeClub(Type):
    """
    A club: concepts of any tree, for keys that may refer to all of them.
    """
    def members(self, /) -> list[TypeConcept]:
        """
        The concepts that it groups.
        """

@final
class TypeConcept(Type):
    """
    A concept: a kind of thing that documents are attached to.
    """
    def is_a(self, /, other: Type | str) -> bool:
        """
        Whether this is the other concept or a kind of it.
        """
    def parent(self, /) -> TypeConcept | None:
        """
        What this concept is a kind of.
        """

@final
class TypeEnumeration(Type):
    """
    An enumeration: one of several named cases.
    """
    def cases(self, /) -> list[TypeEnumerationCase]:
        """
        The cases, in declared order.
        """
    def check(self, /, name: str) -> TypeEnumerationCase:
        """
        The case of a name, which must be there.
        """
    def query(self, /, name: str) -> TypeEnumerationCase | None:
        """
        The case of a name; none when there is none.
        """

@final
class TypeEnumerationCase:
    """
    A case of an enumeration.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    def documentation(self, /) -> str:
        """
        The doc string, empty when there is none.
        """
    def name(self, /) -> str:
        """
        What it is called.
        """

@final
class TypeEnumerationDescriptor:
    """
    What an enumeration is declared from: a name and cases.
    """
    def __new__(cls, /, name: str, documentation: str = "") -> TypeEnumerationDescriptor:
        """
        A descriptor without cases.
        """
    def add_case(self, /, name: str, documentation: str = "") -> TypeEnumerationDescriptor:
        """
        Adds a case after those that are there.
        """

@final
class TypeKey(Type):
    """
    `key<X>`: refers to an instance of a concept.
    """
    def __new__(cls, /, element_type: Type | str) -> TypeKey:
        """
        The type of keys that refer to instances of a concept, of a club's members, or of any concept.
        """
    def element_type(self, /) -> Type:
        """
        What the keys refer to: a concept, a club, or any concept.
        """

@final
class TypeMap(Type):
    """
    `map<K, V>`: values by key.
    """
    def __new__(cls, /, key_type: Type | str, element_type: Type | str) -> TypeMap:
        """
        The type of maps from keys to elements.
        """
    def element_type(self, /) -> Type:
        """
        The type of the values.
        """
    def key_type(self, /) -> Type:
        """
        The type of the keys.
        """

@final
class TypeMat(Type):
    """
    `mat<T, columns, rows>`: columns of numbers.
    """
    def __new__(cls, /, element_type: Type | str, columns: SupportsIndex, rows: SupportsIndex) -> TypeMat:
        """
        The type of `columns` columns of `rows` numbers.
        """
    def columns(self, /) -> int:
        """
        How many columns there are.
        """
    def element_type(self, /) -> Type:
        """
        The type of the numbers.
        """
    def rows(self, /) -> int:
        """
        How many numbers a column has.
        """

@final
class TypeName:
    """
    The name of a definition within its namespace: `Namespace::Name`.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ge__(self, value: object, /) -> bool: ...
    def __gt__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __le__(self, value: object, /) -> bool: ...
    def __lt__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, name_space: NameSpace, name: str) -> TypeName:
        """
        The name in a namespace.
        """
    def __reduce__(self, /) -> tuple[Any, tuple[NameSpace, str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def name(self, /) -> str:
        """
        The name inside the namespace.
        """
    def name_space(self, /) -> NameSpace:
        """
        The namespace.
        """
    def representation(self, /) -> str:
        """
        The full name.
        """

@final
class TypeOptional(Type):
    """
    `optional<T>`: nil or a value.
    """
    def __new__(cls, /, element_type: Type | str) -> TypeOptional:
        """
        The type over an element type.
        """
    def element_type(self, /) -> Type:
        """
        The type of what is inside.
        """

@final
class TypeSet(Type):
    """
    `set<T>`: different values in their order.
    """
    def __new__(cls, /, element_type: Type | str) -> TypeSet:
        """
        The type over an element type.
        """
    def element_type(self, /) -> Type:
        """
        The type of what is inside.
        """

@final
class TypeStructure(Type):
    """
    A structure: named fields.
    """
    def check(self, /, name: str) -> TypeStructureField:
        """
        The field of a name, which must be there.
        """
    def fields(self, /) -> list[TypeStructureField]:
        """
        The fields, in declared order.
        """
    def query(self, /, name: str) -> TypeStructureField | None:
        """
        The field of a name; none when there is none.
        """

@final
class TypeStructureDescriptor:
    """
    What a structure is declared from: a name and fields.
    """
    def __new__(cls, /, name: str, documentation: str = "") -> TypeStructureDescriptor:
        """
        A descriptor without fields.
        """
    def add_field(self, /, name: str, type: Type | str, default: typing.Any = None, documentation: str = "") -> TypeStructureDescriptor:
        """
        Adds a field after those that are there; without a default it starts at the zero of its type.
        """

@final
class TypeStructureField:
    """
    A field of a structure.
    """
    def __repr__(self, /) -> str: ...
    def default_value(self, /, encoded: bool = True) -> typing.Any:
        """
        What it holds until it is set.
        """
    def documentation(self, /) -> str:
        """
        The doc string, empty when there is none.
        """
    def name(self, /) -> str:
        """
        What it is called.
        """
    def type(self, /) -> Type:
        """
        What it holds.
        """

@final
class TypeTuple(Type):
    """
    `tuple<…>`: one value for each type.
    """
    def __new__(cls, /, *types: Type | str | typing.Iterable[Type | str]) -> TypeTuple:
        """
        The type over these types: as arguments, or as one list of them.
        """
    def types(self, /) -> list[Type]:
        """
        The types, in order.
        """

@final
class TypeVariant(Type):
    """
    `variant<…>`: a value of one of several types.
    """
    def __new__(cls, /, *types: Type | str | typing.Iterable[Type | str]) -> TypeVariant:
        """
        The type over these types: as arguments, or as one list of them.
        """
    def types(self, /) -> list[Type]:
        """
        The types, in order.
        """

@final
class TypeVec(Type):
    """
    `vec<T, n>`: a fixed number of numbers.
    """
    def __new__(cls, /, element_type: Type | str, size: SupportsIndex) -> TypeVec:
        """
        The type of `size` numbers.
        """
    def element_type(self, /) -> Type:
        """
        The type of the numbers.
        """
    def size(self, /) -> int:
        """
        How many numbers there are.
        """

@final
class TypeVector(Type):
    """
    `vector<T>`: a list.
    """
    def __new__(cls, /, element_type: Type | str) -> TypeVector:
        """
        The type over an element type.
        """
    def element_type(self, /) -> Type:
        """
        The type of what is inside.
        """

@final
class TypeXArray(Type):
    """
    `xarray<T>`: elements at stable positions.
    """
    def __new__(cls, /, element_type: Type | str) -> TypeXArray:
        """
        The type over an element type.
        """
    def element_type(self, /) -> Type:
        """
        The type of what is inside.
        """

@disjoint_base
class Value:
    """
    A value of any type. Each type has a class of its own below this one.

    Values are shared by reference, as Python's lists and dicts are: what two names hold changes for both.
    """
    def __copy__(self, /) -> typing_extensions.Self: ...
    def __deepcopy__(self, /, memo: typing.Any = None) -> typing_extensions.Self: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ge__(self, other: object, /) -> bool: ...
    def __gt__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __le__(self, other: object, /) -> bool: ...
    def __lt__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[typing.Any, ...]: ...
    def __repr__(self, /) -> str: ...
    def _repr_html_(self, /) -> str:
        """
        For notebooks.
        """
    def collect_blob_ids(self, /) -> set[ValueBlobId]:
        """
        The ids of the blobs that the value refers to.
        """
    def copy(self, /) -> typing_extensions.Self:
        """
        A value like this one that shares nothing with it.
        """
    @staticmethod
    def create(type: Type | str, initial: Any | None = None) -> Value:
        """
        The value of a type that native input means; the zero of the type when none is given.
        """
    @staticmethod
    def decode(encoded: bytes, type: Type | str, definitions: Definitions | DefinitionsConst | None = None) -> Value:
        """
        The value of a type that a canonical encoding says.
        """
    @staticmethod
    def deduce(value: typing.Any) -> Value:
        """
        The value that native input means by itself.
        """
    def description(self, /) -> str:
        """
        The value as a text that says its type too.
        """
    def dumps(self, /) -> bytes:
        """
        The value with its type and all that the type refers to, as bytes that `loads` reads anywhere.
        """
    def encode(self, /) -> bytes:
        """
        The canonical encoding: equal values of one type, and no others, have equal encodings.
        """
    def encoded(self, /) -> typing.Any:
        """
        The value as Python's own numbers, texts, lists, sets and dicts, all the way down.
        """
    def hexdigest(self, /) -> str:
        """
        The hash of the canonical encoding, as hexadecimal digits.
        """
    @staticmethod
    def json_decode(text: str, type: Type | str, definitions: Definitions | DefinitionsConst | None = None) -> Value:
        """
        The value of a type that a JSON text says.
        """
    def json_encode(self, /) -> str:
        """
        The JSON form.
        """
    @staticmethod
    def loads(dumped: bytes) -> Value:
        """
        The value that `dumps` wrote.
        """
    @staticmethod
    def parse(text: str, type: Type | str, definitions: Definitions | DefinitionsConst | None = None) -> Value:
        """
        The value of a type that a text says, as `repr` writes it.
        """
    def representation(self, /) -> str:
        """
        The value as a text.
        """
    def type(self, /) -> Type:
        """
        The type.
        """

@final
class ValueAny(Value):
    """
    An `any`: nothing, or a value of any type.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __bool__(self, /) -> bool: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueAny:
        """
        An `any` that holds this; nothing when nothing is given.
        """
    def clear(self, /) -> None:
        """
        Makes it hold nothing.
        """
    def get(self, /, default: typing.Any = None, encoded: bool = True) -> typing.Any:
        """
        What it holds, or `default` where it holds nothing.
        """
    def is_nil(self, /) -> bool:
        """
        Whether it holds nothing.
        """
    def set(self, /, value: typing.Any) -> None:
        """
        As `wrap`.
        """
    def unwrap(self, /, encoded: bool = True) -> typing.Any:
        """
        What it holds.
        """
    def unwrap_type(self, /) -> Type | None:
        """
        The type of what it holds; none where it holds nothing.
        """
    def wrap(self, /, value: typing.Any) -> None:
        """
        Makes it hold a value of any type; `None` for nothing.
        """

@final
class ValueBlobId(Value):
    """
    A `blob_id`: names a blob of the pool.
    """
    def __bool__(self, /) -> bool: ...
    def __bytes__(self, /) -> bytes: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueBlobId:
        """
        The id of 64 hexadecimal digits or 32 bytes; the zero id when none is given.
        """
    def is_valid(self, /) -> bool:
        """
        Whether this is another than the zero id, which names nothing.
        """
    def short(self, /) -> str:
        """
        The first digits, for people.
        """

@final
class ValueBool(Value):
    """
    A `bool`.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueBool: ...
    def value(self, /) -> bool:
        """
        The value as Python has it.
        """

@final
class ValueCommitId(Value):
    """
    A `commit_id`: names a commit.
    """
    def __bool__(self, /) -> bool: ...
    def __bytes__(self, /) -> bytes: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueCommitId:
        """
        The id of 64 hexadecimal digits or 32 bytes; the zero id when none is given.
        """
    def is_valid(self, /) -> bool:
        """
        Whether this is another than the zero id, which names nothing.
        """
    def short(self, /) -> str:
        """
        The first digits, for people.
        """

@final
class ValueDouble(Value):
    """
    A `double`: 64 bits.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueDouble: ...
    def value(self, /) -> float:
        """
        The value as Python has it.
        """

@final
class ValueEnumeration(Value):
    """
    A case of an `enum`.
    """
    def __int__(self, /) -> int: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None) -> ValueEnumeration:
        """
        The case of a name or place; the first when none is given.
        """
    def index(self, /) -> int:
        """
        Where the case stands in the declaration.
        """
    def name(self, /) -> str:
        """
        What the case is called.
        """

@final
class ValueFloat(Value):
    """
    A `float`: 32 bits.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueFloat: ...
    def value(self, /) -> float:
        """
        The value as Python has it.
        """

@final
class ValueInt16(Value):
    """
    An `int16`.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __index__(self, /) -> int: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueInt16: ...
    def value(self, /) -> int:
        """
        The value as Python has it.
        """

@final
class ValueInt32(Value):
    """
    An `int32`.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __index__(self, /) -> int: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueInt32: ...
    def value(self, /) -> int:
        """
        The value as Python has it.
        """

@final
class ValueInt64(Value):
    """
    An `int64`.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __index__(self, /) -> int: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueInt64: ...
    def value(self, /) -> int:
        """
        The value as Python has it.
        """

@final
class ValueInt8(Value):
    """
    An `int8`.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __index__(self, /) -> int: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueInt8: ...
    def value(self, /) -> int:
        """
        The value as Python has it.
        """

@final
class ValueKey(Value):
    """
    A `key`: refers to an instance of a concept.
    """
    def __bool__(self, /) -> bool: ...
    def __new__(cls, /, concept: Type | str, instance_id: Any | None = None) -> ValueKey:
        """
        The key of an instance of a concept; of a new one when no instance is given.
        """
    def instance_id(self, /) -> ValueUUId:
        """
        Which instance it is.
        """
    def is_valid(self, /) -> bool:
        """
        Whether the key refers to something.
        """
    @staticmethod
    def null() -> ValueKey:
        """
        The key that refers to nothing.
        """
    def type_concept(self, /) -> TypeConcept | None:
        """
        What the instance is; none for the null key.
        """
    def type_key(self, /) -> TypeKey:
        """
        The type `key` of the concept.
        """

@final
class ValueMap(Value):
    """
    A `map`: behaves as a dict, and iterates in the order of its keys.

    Keys do not change: what is taken out is a copy.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __contains__(self, key: Any, /) -> bool: ...
    def __delitem__(self, key: Any, /) -> None: ...
    def __getitem__(self, key: Any, /) -> Any: ...
    def __ior__(self, other: object, /) -> typing_extensions.Self: ...
    def __iter__(self, /) -> typing.Iterator[Any]: ...
    def __len__(self, /) -> int: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None) -> ValueMap:
        """
        A map of a type, with these entries.
        """
    def __setitem__(self, key: Any, value: Any, /) -> None: ...
    def at(self, /, key: typing.Any, encoded: bool = True) -> typing.Any:
        """
        The value of a key, which must be there.
        """
    def clear(self, /) -> None:
        """
        Removes every entry.
        """
    def element_type(self, /) -> Type:
        """
        The type of the values.
        """
    def get(self, /, key: typing.Any, default: typing.Any = None, encoded: bool = True) -> typing.Any:
        """
        The value of a key, or `default` where there is none.
        """
    def items(self, /, encoded: bool = True) -> list[tuple[typing.Any, typing.Any]]:
        """
        Keys and values, in the order of the keys.
        """
    def key_type(self, /) -> Type:
        """
        The type of the keys.
        """
    def keys(self, /, encoded: bool = True) -> list[typing.Any]:
        """
        The keys, in order.
        """
    def pop(self, /, key: typing.Any, *default: typing.Any) -> typing.Any:
        """
        Removes a key and answers its value; `default`, when given, where there is none.
        """
    def popitem(self, /) -> tuple[typing.Any, typing.Any]:
        """
        Removes the entry of the greatest key and answers it.
        """
    def set(self, /, key: typing.Any, value: typing.Any) -> None:
        """
        Gives a key a value, whether it had one or not.
        """
    def setdefault(self, /, key: typing.Any, default: typing.Any = None) -> typing.Any:
        """
        The value of a key, which becomes `default` where there was none.
        """
    def update(self, /, other: typing.Any = None, **entries: typing.Any) -> None:
        """
        Adds entries, replacing the values of keys that are there.
        """
    def values(self, /, encoded: bool = True) -> list[typing.Any]:
        """
        The values, in the order of their keys.
        """

@final
class ValueMat(Value):
    """
    A `mat`: columns of numbers; behaves as a list of them.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __array__(self, /, dtype: typing.Any = None, copy: bool | None = None) -> typing.Any:
        """
        The numbers as a NumPy array; a `mat` has its columns in the second axis.
        """
    def __contains__(self, item: Any, /) -> bool: ...
    def __delitem__(self, index: Any, /) -> None: ...
    def __getitem__(self, index: Any, /) -> Any: ...
    def __iter__(self, /) -> typing.Iterator[Any]: ...
    def __len__(self, /) -> int: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None) -> ValueMat:
        """
        A value of a type, of these items; the zero of the type when none are given.
        """
    def __reversed__(self, /) -> typing.Iterator[typing.Any]: ...
    def __setitem__(self, index: SupportsIndex, value: Any, /) -> None: ...
    def at(self, /, index: SupportsIndex, encoded: bool = True) -> typing.Any:
        """
        The item at a place; a `Value` also where Python has its own when not `encoded`.
        """
    def count(self, /, item: typing.Any) -> int:
        """
        How many items are equal to this.
        """
    def index(self, /, item: typing.Any, start: SupportsIndex = 0, stop: SupportsIndex | None = None) -> int:
        """
        The place of the first item that is equal to this.
        """

@final
class ValueOptional(Value):
    """
    An `optional`: nil, or a value.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __bool__(self, /) -> bool: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None) -> ValueOptional:
        """
        An optional of a type; nil when nothing is given.
        """
    def clear(self, /) -> None:
        """
        Makes it hold nothing.
        """
    def element_type(self, /) -> Type:
        """
        The type of what it may hold.
        """
    def get(self, /, default: typing.Any = None, encoded: bool = True) -> typing.Any:
        """
        What it holds, or `default` where it holds nothing.
        """
    def is_nil(self, /) -> bool:
        """
        Whether it holds nothing.
        """
    def set(self, /, value: typing.Any) -> None:
        """
        As `wrap`.
        """
    def unwrap(self, /, encoded: bool = True) -> typing.Any:
        """
        What it holds.
        """
    def wrap(self, /, value: typing.Any) -> None:
        """
        Makes it hold a value; `None` for nothing.
        """

@final
class ValueSet(Value):
    """
    A `set`: behaves as a set, and iterates in the order of its members.

    Members do not change: what is taken out is a copy.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __and__(self, other: object, /) -> ValueSet: ...
    def __contains__(self, item: Any, /) -> bool: ...
    def __iand__(self, other: object, /) -> typing_extensions.Self: ...
    def __ior__(self, other: object, /) -> typing_extensions.Self: ...
    def __isub__(self, other: object, /) -> typing_extensions.Self: ...
    def __iter__(self, /) -> typing.Iterator[Any]: ...
    def __len__(self, /) -> int: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None) -> ValueSet:
        """
        A set of a type, with these members.
        """
    def __or__(self, other: object, /) -> ValueSet: ...
    def __sub__(self, other: object, /) -> ValueSet: ...
    def __xor__(self, other: object, /) -> ValueSet: ...
    def add(self, /, item: typing.Any) -> None:
        """
        Makes something a member.
        """
    def clear(self, /) -> None:
        """
        Removes every member.
        """
    def difference(self, /, other: typing.Iterable[typing.Any]) -> ValueSet:
        """
        The members that the other has not.
        """
    def discard(self, /, item: typing.Any) -> None:
        """
        Removes a member, if it is one.
        """
    def element_type(self, /) -> Type:
        """
        The type of the members.
        """
    def intersection(self, /, other: typing.Iterable[typing.Any]) -> ValueSet:
        """
        The members that both have.
        """
    def isdisjoint(self, /, other: typing.Iterable[typing.Any]) -> bool:
        """
        Whether no member is one of the other's.
        """
    def issubset(self, /, other: typing.Iterable[typing.Any]) -> bool:
        """
        Whether every member is one of the other's too.
        """
    def issuperset(self, /, other: typing.Iterable[typing.Any]) -> bool:
        """
        Whether every member of the other is one here too.
        """
    def items(self, /, encoded: bool = True) -> list[typing.Any]:
        """
        The members as a list, in order; `Value`s also where Python has its own when not `encoded`.
        """
    def pop(self, /, encoded: bool = True) -> typing.Any:
        """
        Removes the least member and answers it.
        """
    def remove(self, /, item: typing.Any) -> None:
        """
        Removes a member, which must be one.
        """
    def symmetric_difference(self, /, other: typing.Iterable[typing.Any]) -> ValueSet:
        """
        The members that one alone has.
        """
    def union(self, /, other: typing.Iterable[typing.Any]) -> ValueSet:
        """
        The members of this and the other.
        """
    def update(self, /, *others: typing.Iterable[typing.Any]) -> None:
        """
        Adds the members of all the others.
        """

@final
class ValueString(Value):
    """
    A `string`.
    """
    def __contains__(self, text: str, /) -> bool: ...
    def __len__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueString: ...
    def __str__(self, /) -> str: ...
    def value(self, /) -> str:
        """
        The value as Python has it.
        """

@final
class ValueStructure(Value):
    """
    A structure: its fields are its attributes.

    A field comes before a method of the same name; `Value.copy(document)` calls a method that a field `copy` hides.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __delattr__(self, name: str, /) -> None: ...
    def __dir__(self, /) -> list[str]: ...
    def __getattr__(self, name: str, /) -> Any:
        """
        What is neither field nor method: the error says what was meant.
        """
    def __getattribute__(self, name: str, /) -> Any: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None, **fields: typing.Any) -> ValueStructure:
        """
        A structure of a type, with these fields; the others keep their defaults.
        """
    def __setattr__(self, name: str, value: Any, /) -> None: ...
    def at(self, /, name: str, encoded: bool = True) -> typing.Any:
        """
        The field of a name; a `Value` also where Python has its own when not `encoded`.
        """
    def set(self, /, name: str, value: typing.Any) -> None:
        """
        Makes the field of a name a value.
        """
    def type_structure(self, /) -> TypeStructure:
        """
        The structure's type.
        """

@final
class ValueTuple(Value):
    """
    A `tuple`: one value for each type; behaves as a tuple.
    """
    def __contains__(self, item: Any, /) -> bool: ...
    def __getitem__(self, index: Any, /) -> Any: ...
    def __iter__(self, /) -> typing.Iterator[Any]: ...
    def __len__(self, /) -> int: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None) -> ValueTuple:
        """
        A value of a type, of these items; the zero of the type when none are given.
        """
    def __reversed__(self, /) -> typing.Iterator[typing.Any]: ...
    def at(self, /, index: SupportsIndex, encoded: bool = True) -> typing.Any:
        """
        The item at a place; a `Value` also where Python has its own when not `encoded`.
        """
    def count(self, /, item: typing.Any) -> int:
        """
        How many items are equal to this.
        """
    def index(self, /, item: typing.Any, start: SupportsIndex = 0, stop: SupportsIndex | None = None) -> int:
        """
        The place of the first item that is equal to this.
        """

@final
class ValueUInt16(Value):
    """
    A `uint16`.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __index__(self, /) -> int: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueUInt16: ...
    def value(self, /) -> int:
        """
        The value as Python has it.
        """

@final
class ValueUInt32(Value):
    """
    A `uint32`.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __index__(self, /) -> int: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueUInt32: ...
    def value(self, /) -> int:
        """
        The value as Python has it.
        """

@final
class ValueUInt64(Value):
    """
    A `uint64`.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __index__(self, /) -> int: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueUInt64: ...
    def value(self, /) -> int:
        """
        The value as Python has it.
        """

@final
class ValueUInt8(Value):
    """
    A `uint8`.
    """
    def __bool__(self, /) -> bool: ...
    def __float__(self, /) -> float: ...
    def __index__(self, /) -> int: ...
    def __int__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueUInt8: ...
    def value(self, /) -> int:
        """
        The value as Python has it.
        """

@final
class ValueUUId(Value):
    """
    A `uuid`: equal to the `uuid.UUID` of the same bits.
    """
    def __bool__(self, /) -> bool: ...
    def __new__(cls, /, initial: Any | None = None) -> ValueUUId:
        """
        The UUID of a text or `uuid.UUID`; the nil UUID when none is given.
        """
    @staticmethod
    def create() -> ValueUUId:  # type: ignore[override]
        """
        A random UUID.
        """
    def is_valid(self, /) -> bool:
        """
        Whether this is another than the nil UUID.
        """
    def value(self, /) -> uuid.UUID:
        """
        The value as Python has it.
        """

@final
class ValueVariant(Value):
    """
    A `variant`: a value of one of several types.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __bool__(self, /) -> bool: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None) -> ValueVariant:
        """
        A variant of a type; the zero of its first type when nothing is given.
        """
    def get(self, /, default: typing.Any = None, encoded: bool = True) -> typing.Any:
        """
        What it holds, or `default` where it holds nothing.
        """
    def is_nil(self, /) -> bool:
        """
        Whether it holds nothing.
        """
    def set(self, /, value: typing.Any) -> None:
        """
        As `wrap`.
        """
    def unwrap(self, /, encoded: bool = True) -> typing.Any:
        """
        What it holds.
        """
    def unwrap_type(self, /) -> Type:
        """
        The type of what it holds.
        """
    def wrap(self, /, value: typing.Any) -> None:
        """
        Makes it hold a value of one of its types.
        """

@final
class ValueVec(Value):
    """
    A `vec`: a fixed number of numbers; behaves as a list of that length.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __array__(self, /, dtype: typing.Any = None, copy: bool | None = None) -> typing.Any:
        """
        The numbers as a NumPy array; a `mat` has its columns in the second axis.
        """
    def __contains__(self, item: Any, /) -> bool: ...
    def __delitem__(self, index: Any, /) -> None: ...
    def __getitem__(self, index: Any, /) -> Any: ...
    def __iter__(self, /) -> typing.Iterator[Any]: ...
    def __len__(self, /) -> int: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None) -> ValueVec:
        """
        A value of a type, of these items; the zero of the type when none are given.
        """
    def __reversed__(self, /) -> typing.Iterator[typing.Any]: ...
    def __setitem__(self, index: SupportsIndex, value: Any, /) -> None: ...
    def at(self, /, index: SupportsIndex, encoded: bool = True) -> typing.Any:
        """
        The item at a place; a `Value` also where Python has its own when not `encoded`.
        """
    def count(self, /, item: typing.Any) -> int:
        """
        How many items are equal to this.
        """
    def index(self, /, item: typing.Any, start: SupportsIndex = 0, stop: SupportsIndex | None = None) -> int:
        """
        The place of the first item that is equal to this.
        """

@final
class ValueVector(Value):
    """
    A `vector`: behaves as a list.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __add__(self, other: object, /) -> ValueVector:
        """
        A vector of the items of both.
        """
    def __contains__(self, item: Any, /) -> bool: ...
    def __delitem__(self, index: Any, /) -> None: ...
    def __getitem__(self, index: Any, /) -> Any: ...
    def __iadd__(self, items: object, /) -> typing_extensions.Self: ...
    def __iter__(self, /) -> typing.Iterator[Any]: ...
    def __len__(self, /) -> int: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None) -> ValueVector:
        """
        A vector of a type, with these items.
        """
    def __reversed__(self, /) -> typing.Iterator[typing.Any]: ...
    def __setitem__(self, index: Any, value: Any, /) -> None: ...
    def append(self, /, item: typing.Any) -> None:
        """
        Puts an item at the end.
        """
    def at(self, /, index: SupportsIndex, encoded: bool = True) -> typing.Any:
        """
        The item at a place; a `Value` also where Python has its own when not `encoded`.
        """
    def clear(self, /) -> None:
        """
        Removes every item.
        """
    def count(self, /, item: typing.Any) -> int:
        """
        How many items are equal to this.
        """
    def element_type(self, /) -> Type:
        """
        The type of the items.
        """
    def extend(self, /, items: typing.Iterable[typing.Any]) -> None:
        """
        Puts items at the end; all of them or, when one is refused, none.
        """
    def index(self, /, item: typing.Any, start: SupportsIndex = 0, stop: SupportsIndex | None = None) -> int:
        """
        The place of the first item that is equal to this.
        """
    def insert(self, /, index: SupportsIndex, item: typing.Any) -> None:
        """
        Puts an item before the one at a place.
        """
    def pop(self, /, index: SupportsIndex = ..., encoded: bool = True) -> typing.Any:
        """
        Removes the item at a place, the last when none is given, and answers it.
        """
    def remove(self, /, item: typing.Any) -> None:
        """
        Removes the first item that is equal to this.
        """
    def reverse(self, /) -> None:
        """
        Turns the order around.
        """
    def sort(self, /, *, key: typing.Callable[[typing.Any], typing.Any] | None = None, reverse: bool = False) -> None:
        """
        Puts the items into ascending order: that of the values, or of what `key` makes of each.
        """

@final
class ValueXArray(Value):
    """
    An `xarray`: elements in an order, each at a position that stays its own whatever comes and goes around it.

    Iterates over the elements; by position it behaves as a dict.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    END: Final[Any]
    """
    The position that stands for the end.
    """
    def __contains__(self, item: Any, /) -> bool:
        """
        Whether an element is equal to this.
        """
    def __delitem__(self, position: Any, /) -> None: ...
    def __getitem__(self, position: Any, /) -> Any: ...
    def __iter__(self, /) -> typing.Iterator[Any]: ...
    def __len__(self, /) -> int: ...
    def __new__(cls, /, type: Type | str, initial: Any | None = None) -> ValueXArray:
        """
        An xarray of a type, with these elements at fresh positions.
        """
    def __setitem__(self, position: Any, value: Any, /) -> None: ...
    def append(self, /, value: typing.Any, position: typing.Any = None) -> ValueUUId:
        """
        Puts an element at the end, and answers its position.
        """
    def at(self, /, position: typing.Any, encoded: bool = True) -> typing.Any:
        """
        The element at a position.
        """
    def element_type(self, /) -> Type:
        """
        The type of the elements.
        """
    def insert(self, /, before: typing.Any, value: typing.Any, position: typing.Any = None) -> ValueUUId:
        """
        Puts an element before the one at a position, and answers its own.
        """
    def items(self, /, encoded: bool = True) -> list[tuple[ValueUUId, typing.Any]]:
        """
        Positions and elements, in order.
        """
    def knows(self, /, position: typing.Any) -> bool:
        """
        Whether the position has, or had, an element.
        """
    def positions(self, /) -> list[ValueUUId]:
        """
        The positions that have an element, in order.
        """
    def remove(self, /, position: typing.Any) -> None:
        """
        Removes the element at a position, which stays known.
        """
    def removed_positions(self, /) -> list[ValueUUId]:
        """
        The positions of removed elements, in order.
        """
    def set(self, /, position: typing.Any, value: typing.Any) -> None:
        """
        Puts an element at a known position; a removed one comes back in its place.
        """
    def values(self, /, encoded: bool = True) -> list[typing.Any]:
        """
        The elements, in order.
        """

@disjoint_base
class _ValueBlob(Value):
    """
    What `ValueBlob` stands on: all of it but the buffer (`anabranch/blobs.py`).
    """
    def __bytes__(self, /) -> bytes: ...
    def __contains__(self, item: Any, /) -> bool:
        """
        Whether this byte, or this run of bytes, is among the bytes.
        """
    def __getitem__(self, index: Any, /) -> Any:
        """
        A byte, or the bytes of a slice.
        """
    def __iter__(self, /) -> typing.Iterator[Any]: ...
    def __len__(self, /) -> int: ...
    def __new__(cls, /, initial: Any | None = None) -> _ValueBlob:
        """
        The bytes of a bytes-like object; none when none is given.
        """
    def value(self, /) -> bytes:
        """
        The value as Python has it.
        """

def _buffering() -> type:
    """
    A base class whose objects have the buffer of what their method `_buffer` answers.
    """
