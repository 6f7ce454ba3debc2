#!/usr/bin/env python3
"""Writes the test vectors of the canonical encoding beside this file.

An implementation of docs/spec/encoding.md of its own, over `cbor2` and `blake3` from PyPI, so that the vectors say what
the specification says and not what the Rust code happens to do. The Rust tests replay the files; nothing runs this but a
person who changes the format: `pip install cbor2 blake3 && python3 generate.py`.
"""

import json
import pathlib
import struct
import uuid

import blake3
import cbor2

HERE = pathlib.Path(__file__).parent


def encode(item):
    return cbor2.dumps(item, canonical=True)


# --- definitions -------------------------------------------------------------------------------------------------

NAMESPACE = uuid.UUID("5f0c7a54-9d0e-4f5b-8c53-2c1f1c0a7b11")
CONCEPT, CLUB, ENUMERATION, STRUCTURE, ATTACHMENT, POOL = 1, 2, 3, 4, 5, 6
KINDS = {1: "concept", 2: "club", 3: "enum", 4: "struct", 5: "attachment", 6: "function_pool"}
definitions = []


def runtime_id(meaning):
    digest = blake3.blake3(meaning, derive_key_context="anabranch 2026 runtime id v1").digest()
    raw = bytearray(digest[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return bytes(raw)


def define(kind, name, meaning, stored, doc="", namespace=NAMESPACE, namespace_name="Vectors", chosen=None):
    """Adds a definition and answers its runtime id."""
    meaning = encode([namespace.bytes, kind, name, *meaning])
    identity = chosen or runtime_id(meaning)
    stored = encode([1, kind, namespace.bytes, namespace_name, name, doc, chosen, *stored])
    definitions.append({
        "name": name,
        "kind": KINDS[kind],
        "runtime_id": str(uuid.UUID(bytes=identity)),
        "meaning": meaning.hex(),
        "stored": stored.hex(),
    })
    return identity


PRIMITIVES = (
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float double string uuid blob blob_id commit_id any".split()
)
CODE = {name: code for code, name in enumerate(PRIMITIVES)}
USER = define(CONCEPT, "User", [None], [None], "Someone.")
ADMIN = define(CONCEPT, "Admin", [USER], [USER])
STRANGER = define(CONCEPT, "Stranger", [None], [None])
FOREIGN = define(CONCEPT, "Foreign", [None], [None], chosen=uuid.UUID(int=0xF0).bytes)
EVERYONE = define(CLUB, "Everyone", [sorted([ADMIN, STRANGER])], [sorted([ADMIN, STRANGER])])
NOBODY = define(CLUB, "Nobody", [[]], [[]])
STATUS = define(
    ENUMERATION, "Status", [["pending", "active", "completed"]], [["pending", "", "active", "On.", "completed", ""]]
)
LOGIN = define(
    STRUCTURE,
    "Login",
    [[["nickname", CODE["string"], ["nobody"]], ["age", CODE["int8"], None]]],
    [[["nickname", "How to call.", CODE["string"], ["nobody"]], ["age", "", CODE["int8"], None]]],
    "Who comes in.",
)
EMPTY = define(STRUCTURE, "Empty", [[]], [[]])
FIELDS = [("login", [31, LOGIN], None), ("state", [30, STATUS], [1]), ("tags", [25, CODE["string"]], [["a", "b"]])]
ACCOUNT = define(STRUCTURE, "Account", [[list(f) for f in FIELDS]], [[[n, "", t, d] for n, t, d in FIELDS]])
define(ATTACHMENT, "account", [USER, [31, ACCOUNT]], [USER, [31, ACCOUNT]])
define(ATTACHMENT, "note", [bytes(16), CODE["any"]], [bytes(16), CODE["any"]], "On anything.")
define(ATTACHMENT, "logins", [EVERYONE, [26, 11, [31, LOGIN]]], [EVERYONE, [26, 11, [31, LOGIN]]])
POOL_UUID = uuid.UUID(int=0xF001)
define(
    POOL,
    "Tools",
    [False, [["sum", False, [CODE["double"]], ["list", [24, CODE["double"]]]], ["stop", False, None, []]]],
    [False, [["Adds.", "sum", False, [CODE["double"]], ["list", [24, CODE["double"]]]], ["", "stop", False, None, []]]],
    namespace=POOL_UUID,
    namespace_name="",
)
define(
    POOL,
    "Edits",
    [True, [["rename", True, None, ["who", [29, USER], "name", CODE["string"]]]]],
    [True, [["", "rename", True, None, ["who", [29, USER], "name", CODE["string"]]]]],
    namespace=uuid.UUID(int=0xF002),
    namespace_name="",
)


# --- types -------------------------------------------------------------------------------------------------------

class T:
    """A type: as DSM and encoded."""

    def __init__(self, text, item):
        self.text, self.item = text, item


def primitive(name):
    return T(name, CODE[name])


def vec(name, size):
    return T(f"vec<{name}, {size}>", [20, CODE[name], size])


def mat(name, columns, rows):
    return T(f"mat<{name}, {columns}, {rows}>", [21, CODE[name], columns, rows])


def of(constructor, code):
    return lambda *types: T(f"{constructor}<{', '.join(t.text for t in types)}>", [code, *(t.item for t in types)])


tuple_of, variant, optional, vector = of("tuple", 22), of("variant", 28), of("optional", 23), of("vector", 24)
set_of, map_of, xarray = of("set", 25), of("map", 26), of("xarray", 27)
BOOL, INT8, INT64, UINT8, UINT64 = map(primitive, ("bool", "int8", "int64", "uint8", "uint64"))
FLOAT, DOUBLE, STRING, UUID, BLOB = map(primitive, ("float", "double", "string", "uuid", "blob"))
BLOB_ID, COMMIT_ID, ANY = map(primitive, ("blob_id", "commit_id", "any"))
STATUS_T, LOGIN_T = T("Vectors::Status", [30, STATUS]), T("Vectors::Login", [31, LOGIN])
ACCOUNT_T, EMPTY_T = T("Vectors::Account", [31, ACCOUNT]), T("Vectors::Empty", [31, EMPTY])
USER_K, ADMIN_K = T("key<Vectors::User>", [29, USER]), T("key<Vectors::Admin>", [29, ADMIN])
STRANGER_K, EVERYONE_K = T("key<Vectors::Stranger>", [29, STRANGER]), T("key<Vectors::Everyone>", [29, EVERYONE])
ANY_K = T("key<any_concept>", [29, bytes(16)])

types = [primitive(name) for name in PRIMITIVES] + [
    vec("float", 3), vec("uint8", 4096), mat("double", 4, 4), mat("int8", 64, 1), tuple_of(STRING, INT8),
    optional(STRING), vector(LOGIN_T), set_of(STATUS_T), map_of(STRING, vector(DOUBLE)), xarray(ANY),
    variant(BOOL, STRING, vec("float", 3)), USER_K, EVERYONE_K, ANY_K, STATUS_T, ACCOUNT_T,
    optional(optional(optional(BOOL))),
]
refused_types = [
    ("a code that no type has", [99, 1], "at byte 0: expected the code of a type"),
    ("a code that no primitive has", 17, "at byte 0: expected the code of a type"),
    ("an empty array", [], "at byte 0: expected the code of a type"),
    ("a tuple of nothing", [22], "at byte 0: a tuple lists at least one type"),
    ("a variant that lists a type twice", [28, 0, 0], "at byte 0: a variant lists bool twice"),
    ("a vec of texts", [20, 11, 3], "at byte 2: expected the code of a numeric type"),
    ("a vec of nothing", [20, 9, 0], "at byte 0: a vec has 1 to 4096 elements, not 0"),
    ("a vec too long", [20, 9, 4097], "at byte 0: a vec has 1 to 4096 elements, not 4097"),
    ("a mat too wide", [21, 9, 65, 1], "at byte 0: a mat has 1 to 64 columns and rows, not 65 × 1"),
    ("a map without values", [26, 0], "at byte 0: expected 3 items, found 2"),
    ("an optional of two", [23, 0, 0], "at byte 0: expected 2 items, found 3"),
    ("a structure that nobody defined", [31, bytes(16)],
     "at byte 0: no structure has the runtime id 00000000-0000-0000-0000-000000000000"),
    ("an enumeration by a structure's id", [30, LOGIN],
     f"at byte 0: no enumeration has the runtime id {uuid.UUID(bytes=LOGIN)}"),
    ("a key of a structure", [29, LOGIN], f"at byte 3: no concept or club has the runtime id {uuid.UUID(bytes=LOGIN)}"),
]
deep = 0
for _ in range(64):
    deep = [23, deep]
refused_types.append(("sixty-five levels", deep, "at byte 128: items nest deeper than 64"))


# --- values ------------------------------------------------------------------------------------------------------

values, refused = [], []


def good(name, ty, item, form):
    values.append({"name": name, "type": ty.text, "hex": encode(item).hex(), "json": form})


def bad(name, ty, data, error):
    refused.append({"name": name, "type": ty.text, "hex": data.hex() if isinstance(data, bytes) else data, "error": error})


for number, form in ((False, False), (True, True)):
    good(f"bool {form}", BOOL, number, form)
for bits in (8, 16, 32, 64):
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    for number in sorted({low, low + 1, -257, -256, -25, -24, -1, 0, 1, 23, 24, 255, 256, high} - {0}):
        if low <= number <= high and (bits in (8, 64) or number in (low, high)):
            good(f"int{bits} {number}", primitive(f"int{bits}"), number, number)
    top = (1 << bits) - 1
    for number in sorted({0, 23, 24, 255, 256, 65535, 65536, (1 << 32) - 1, 1 << 32, top}):
        if number <= top and (bits in (8, 64) or number in (0, top)):
            good(f"uint{bits} {number}", primitive(f"uint{bits}"), number, number)

NAN, INF = float("nan"), float("inf")
for number in (0.0, -0.0, 1.0, -1.5, 65504.0, 65505.0, 2.0**-24, 2.0**-14, 2.0**-25, 100000.0, 0.1, 3.4028234663852886e38,
               3.4028234663852886e38 * 2, 1e300, 5e-324, 1.7976931348623157e308, 2.0**53 + 2, 1 / 3):
    good(f"double {number!r}", DOUBLE, number, number)
for number, form in ((NAN, "NaN"), (INF, "Infinity"), (-INF, "-Infinity")):
    good(f"double {form}", DOUBLE, number, form)
    good(f"float {form}", FLOAT, number, form)


def single(number):
    return struct.unpack(">f", struct.pack(">f", number))[0]


# The JSON number is the shortest that reads back to the float.
for number in (0.0, -0.0, 1.0, 0.1, 16777216.0, 3.4028235e38, 1e-45, 65504.0, 65520.0):
    good(f"float {number!r}", FLOAT, single(number), number)
for text in ("", "a", "nobody", "é", "日本", "\U0001F600", "\0", "'\"\\\n", "x" * 23, "x" * 24, "x" * 255, "x" * 256):
    good(f"string of {len(text.encode())} bytes {text[:4]!a}", STRING, text, text)
for data, form in ((b"", ""), (b"\0", "AA=="), (b"ab", "YWI="), (bytes(range(24)), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")):
    good(f"blob of {len(data)} bytes", BLOB, data, form)
for value in (uuid.UUID(int=0), uuid.UUID(int=1), NAMESPACE, uuid.UUID(int=(1 << 128) - 1)):
    good(f"uuid {value}", UUID, value.bytes, str(value))
ID = bytes(range(32))
good("blob_id zero", BLOB_ID, bytes(32), "00" * 32)
good("blob_id", BLOB_ID, ID, ID.hex())
good("commit_id", COMMIT_ID, ID, ID.hex())
for index, case in enumerate(("pending", "active", "completed")):
    good(f"enumeration .{case}", STATUS_T, index, f".{case}")
good("structure", LOGIN_T, ["alice", 7], {"nickname": "alice", "age": 7})
good("structure at its defaults", LOGIN_T, ["nobody", 0], {"nickname": "nobody", "age": 0})
good("structure without fields", EMPTY_T, [], {})
good("structure of structures", ACCOUNT_T, [["bob", -1], 2, ["x"]],
     {"login": {"nickname": "bob", "age": -1}, "state": ".completed", "tags": ["x"]})
good("vec of floats", vec("float", 3), [1.0, 0.5, single(0.1)], [1.0, 0.5, 0.1])
good("vec of one", vec("int64", 1), [-1], [-1])
good("vec of bytes", vec("uint8", 4), [0, 23, 24, 255], [0, 23, 24, 255])
good("mat, column by column", mat("double", 2, 3), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0, 1.0, 0.0])
good("mat of integers", mat("int8", 2, 2), [1, 2, 3, 4], [1, 2, 3, 4])
good("tuple", tuple_of(STRING, INT8, BOOL), ["a", -1, True], ["a", -1, True])
good("tuple of one", tuple_of(STRING), [""], [""])
good("optional nil", optional(STRING), None, None)
good("optional", optional(STRING), ["x"], "x")
good("optional of a nil", optional(optional(BOOL)), [None], [None])
good("optional of an optional of true", optional(optional(BOOL)), [[True]], [True])
good("optional of an empty any", optional(ANY), [None], [None])
good("vector empty", vector(INT64), [], [])
good("vector", vector(INT64), [3, 1, 2, 1], [3, 1, 2, 1])
good("vector of 24", vector(BOOL), [True] * 24, [True] * 24)
good("vector of vectors", vector(vector(STRING)), [[], ["a"], ["b", "c"]], [[], ["a"], ["b", "c"]])
good("vector of structures", vector(LOGIN_T), [["a", 1]], [{"nickname": "a", "age": 1}])
good("set empty", set_of(STRING), [], [])
good("set of texts, by bytes", set_of(STRING), ["", "B", "a", "aa", "é"], ["", "B", "a", "aa", "é"])
good("set of integers, by value", set_of(INT64), [-300, -1, 0, 5, 300], [-300, -1, 0, 5, 300])
good("set of doubles, by value", set_of(DOUBLE), [-INF, -1.0, -0.0, 0.0, 0.1, 2.0, INF, NAN],
     ["-Infinity", -1.0, -0.0, 0.0, 0.1, 2.0, "Infinity", "NaN"])
good("set of cases, by declared order", set_of(STATUS_T), [0, 2], [".pending", ".completed"])
good("set of optionals, nil first", set_of(optional(BOOL)), [None, [False], [True]], [None, False, True])
good("set of vectors, a prefix first", set_of(vector(INT8)), [[], [1], [1, 2], [2]], [[], [1], [1, 2], [2]])
good("set of blobs", set_of(BLOB), [b"", b"\0", b"\0\0", b"\1"], ["", "AA==", "AAA=", "AQ=="])
good("map empty", map_of(STRING, INT8), [], [])
good("map", map_of(STRING, INT8), ["a", 1, "b", -1], [["a", 1], ["b", -1]])
good("map by integers", map_of(INT64, vector(BOOL)), [-1, [], 2, [True]], [[-1, []], [2, [True]]])
good("map by structures", map_of(LOGIN_T, BOOL), [["a", 1], True], [[{"nickname": "a", "age": 1}, True]])
P1, P2, P3 = (uuid.UUID(int=n << 64 | n) for n in (1, 2, 3))
good("xarray empty", xarray(STRING), [], [[], [], {}])
good("xarray in its own order", xarray(STRING), [[P2.bytes, "b"], [P1.bytes, "a"]],
     [[str(P2), str(P1)], [], {str(P2): "b", str(P1): "a"}])
good("xarray with tombstones", xarray(INT8), [P3.bytes, [P1.bytes, 5], P2.bytes],
     [[str(P3), str(P1), str(P2)], [str(P3), str(P2)], {str(P1): 5}])


def prim(name):
    return {"class_name": "primitive", "name": name}


VARIANT = variant(BOOL, STRING, DOUBLE)
good("variant, first alternative", VARIANT, [0, True], {"type": prim("bool"), "value": True})
good("variant, last alternative", VARIANT, [2, 0.5], {"type": prim("double"), "value": 0.5})
good("any empty", ANY, None, None)
good("any of an integer", ANY, [1, -5], {"type": prim("int8"), "value": -5})
good("any of a double", ANY, [10, 1.0], {"type": prim("double"), "value": 1.0})
good("any of a vector", ANY, [[24, 4], [1, 2]],
     {"type": {"class_name": "vector", "element_type": prim("int64")}, "value": [1, 2]})
good("any of a map", ANY, [[26, 11, 0], ["a", True]],
     {"type": {"class_name": "map", "key_type": prim("string"), "element_type": prim("bool")}, "value": [["a", True]]})
good("any of a vec", ANY, [[20, 5, 2], [1, 2]],
     {"type": {"class_name": "vec", "element_type": prim("uint8"), "size": 2}, "value": [1, 2]})
good("any of a structure", ANY, [[31, LOGIN], ["a", 1]],
     {"type": {"class_name": "structure", "runtime_id": str(uuid.UUID(bytes=LOGIN)), "name": "Vectors::Login"},
      "value": {"nickname": "a", "age": 1}})
good("any of an any", ANY, [16, None], {"type": prim("any"), "value": None})
KEY = uuid.UUID(int=7)


def key_type(concept, name):
    inner = {"class_name": "concept", "runtime_id": str(uuid.UUID(bytes=concept)), "name": f"Vectors::{name}"}
    return {"class_name": "key", "element_type": inner}


good("any of a key, under its own concept", ANY, [[29, ADMIN], ADMIN + KEY.bytes],
     {"type": key_type(ADMIN, "Admin"), "value": [str(KEY), str(uuid.UUID(bytes=ADMIN))]})
good("any of the null key", ANY, [[29, bytes(16)], bytes(32)],
     {"type": {"class_name": "key", "element_type": {"class_name": "any_concept"}},
      "value": [str(uuid.UUID(int=0)), str(uuid.UUID(int=0))]})
for name, ty, concept in (("its concept", USER_K, USER), ("a kind of its concept", USER_K, ADMIN),
                          ("a member of its club", EVERYONE_K, STRANGER), ("any concept", ANY_K, FOREIGN)):
    good(f"key of {name}", ty, concept + KEY.bytes, [str(KEY), str(uuid.UUID(bytes=concept))])
good("key null", USER_K, bytes(32), [str(uuid.UUID(int=0)), str(uuid.UUID(int=0))])
KEYS = sorted(concept + uuid.UUID(int=n).bytes for concept in (USER, ADMIN) for n in (1, 2))
good("set of keys, by concept then instance", set_of(USER_K), KEYS,
     [[str(uuid.UUID(bytes=k[16:])), str(uuid.UUID(bytes=k[:16]))] for k in KEYS])
good("variant of keys, under the first that admits it", variant(ADMIN_K, USER_K), [0, ADMIN + KEY.bytes],
     {"type": key_type(ADMIN, "Admin"), "value": [str(KEY), str(uuid.UUID(bytes=ADMIN))]})
good("variant of keys, under the second", variant(ADMIN_K, USER_K), [1, USER + KEY.bytes],
     {"type": key_type(USER, "User"), "value": [str(KEY), str(uuid.UUID(bytes=USER))]})

# Refused: not well formed, or not the whole input.
bad("nothing", INT8, "", "at byte 0: the input ends too early")
bad("a head without its argument", INT64, "18", "at byte 1: the input ends too early")
bad("a head with half its argument", INT64, "19ff", "at byte 1: the input ends too early")
bad("a text that ends early", STRING, "6261", "at byte 1: the input ends too early")
bad("a text that is longer than memory", STRING, "7bffffffffffffffff", "at byte 9: the input ends too early")
bad("an array that is longer than the input", vector(BOOL), "9affffffff", "at byte 0: the input ends too early")
bad("arrays that together are longer than the input", vector(vector(BOOL)), "83828080" + "80", "at byte 2: expected true or false")
bad("bytes after the end", BOOL, "f5f5", "at byte 1: there are bytes after the end")
bad("bytes after an empty list", vector(BOOL), "8000", "at byte 1: there are bytes after the end")
bad("reserved argument 28", INT64, "1c", "at byte 0: expected an integer")
bad("a break", vector(BOOL), "ff", "at byte 0: expected an array")
# Refused: another way to say it.
for name, ty, data in (("1 in two bytes", INT64, "1801"), ("23 in two bytes", INT64, "1817"), ("255 in three", INT64, "1900ff"),
                       ("65535 in five", INT64, "1a0000ffff"), ("2^32-1 in nine", INT64, "1b00000000ffffffff"),
                       ("-1 in two bytes", INT64, "3800"), ("-256 in three", INT64, "3900ff"),
                       ("an array length in two bytes", vector(BOOL), "9801f5"),
                       ("a text length in two bytes", STRING, "780161"), ("a blob length in three", BLOB, "59000161"),
                       ("1.0 in four bytes", DOUBLE, "fa3f800000"), ("1.0 in eight", DOUBLE, "fb3ff0000000000000"),
                       ("-0.0 in eight", DOUBLE, "fb8000000000000000"), ("100000.0 in eight", DOUBLE, "fb40f86a0000000000"),
                       ("NaN with a payload", DOUBLE, "f97e01"), ("NaN with a sign", DOUBLE, "f9fe00"),
                       ("NaN in four bytes", DOUBLE, "fa7fc00000"), ("NaN in eight", DOUBLE, "fb7ff8000000000000"),
                       ("infinity in four bytes", FLOAT, "fa7f800000"), ("infinity in eight", DOUBLE, "fb7ff0000000000000"),
                       ("the least subnormal half in four", DOUBLE, "fa33800000")):
    bad(name, ty, data, "at byte 0: not in its shortest form")
bad("an indefinite array", vector(BOOL), "9ff5ff", "at byte 0: expected an array")
bad("an indefinite text", STRING, "7f6161ff", "at byte 0: expected a text")
bad("an indefinite blob", BLOB, "5f4161ff", "at byte 0: expected a byte string")
bad("undefined for nil", optional(BOOL), "f7", "at byte 0: expected an array")
bad("a tagged integer", INT64, "c101", "at byte 0: expected an integer")
bad("true as a two-byte simple value", BOOL, "f815", "at byte 0: expected true or false")
# Refused: another kind of item.
bad("an integer for a bool", BOOL, "01", "at byte 0: expected true or false")
bad("null for a bool", BOOL, "f6", "at byte 0: expected true or false")
bad("a bool for an integer", INT64, "f5", "at byte 0: expected an integer")
bad("a float for an integer", INT64, "f93c00", "at byte 0: expected an integer")
bad("a negative for an unsigned", UINT64, "20", "at byte 0: expected an unsigned integer")
bad("an integer for a double", DOUBLE, "01", "at byte 0: expected a float")
bad("a text for a blob", BLOB, "6161", "at byte 0: expected a byte string")
bad("a blob for a text", STRING, "4161", "at byte 0: expected a text")
bad("a text for a uuid", UUID, encode(str(KEY)), "at byte 0: expected a byte string")
bad("an array for a text", STRING, "80", "at byte 0: expected a text")
bad("a CBOR map for a map", map_of(STRING, BOOL), "a16161f5", "at byte 0: expected an array")
bad("a text that is not UTF-8", STRING, "61ff", "at byte 1: a text is not UTF-8")
bad("a surrogate in UTF-8", STRING, "63eda080", "at byte 1: a text is not UTF-8")
# Refused: out of range.
for name, ty, data in (("128 for int8", INT8, "1880"), ("-129 for int8", INT8, "3880"), ("256 for uint8", UINT8, "190100"),
                       ("2^63 for int64", INT64, "1b8000000000000000"), ("-2^63-1 for int64", INT64, "3b8000000000000000"),
                       ("0.1 for float", FLOAT, encode(0.1)), ("1e300 for float", FLOAT, encode(1e300)),
                       ("a fourth case of three", STATUS_T, "03")):
    bad(name, ty, data, "at byte 0: a number is out of range for its type")
bad("a third alternative of two", variant(BOOL, STRING), "8202f5", "at byte 1: a number is out of range for its type")
bad("a variant under a later alternative that admits it", variant(ADMIN_K, USER_K), encode([1, ADMIN + KEY.bytes]),
    "at byte 1: a number is out of range for its type")
bad("15 bytes for a uuid", UUID, "4f" + "00" * 15, "at byte 0: expected 16 items, found 15")
bad("31 bytes for a blob id", BLOB_ID, "581f" + "00" * 31, "at byte 0: expected 32 items, found 31")
bad("two numbers for vec<float, 3>", vec("float", 3), "82f93c00f93c00", "at byte 0: expected 3 items, found 2")
bad("five numbers for mat<int8, 2, 2>", mat("int8", 2, 2), "850102030405", "at byte 0: expected 4 items, found 5")
bad("a tuple that lacks an item", tuple_of(STRING, BOOL), "816161", "at byte 0: expected 2 items, found 1")
bad("a structure with an item too many", LOGIN_T, "8361610101", "at byte 0: expected 2 items, found 3")
bad("an optional of two", optional(BOOL), "82f5f5", "at byte 0: expected 1 items, found 2")
bad("an optional without its array", optional(BOOL), "f5", "at byte 0: expected an array")
# Refused: the order, and what stands twice.
bad("a set that descends", set_of(INT64), "820201", "at byte 2: members are not in strictly ascending order")
bad("a set with a member twice", set_of(INT64), "820101", "at byte 2: members are not in strictly ascending order")
bad("a set by absolute value", set_of(INT64), "820120", "at byte 2: members are not in strictly ascending order")
bad("a set by length of text", set_of(STRING), encode(["b", "aa"]), "at byte 3: members are not in strictly ascending order")
bad("a set with 0.0 before -0.0", set_of(DOUBLE), "82f90000f98000", "at byte 4: members are not in strictly ascending order")
bad("a set with NaN first", set_of(DOUBLE), "82f97e00f93c00", "at byte 4: members are not in strictly ascending order")
bad("a map that descends", map_of(STRING, BOOL), encode(["b", True, "a", True]),
    "at byte 4: members are not in strictly ascending order")
bad("a map with a key twice", map_of(STRING, BOOL), encode(["a", True, "a", False]),
    "at byte 4: members are not in strictly ascending order")
bad("a map whose last key has no value", map_of(STRING, BOOL), encode(["a", True, "b"]),
    "at byte 0: expected an array of keys and values in turn")
bad("an xarray with a position twice", xarray(BOOL), encode([P1.bytes, P1.bytes]), f"at byte 0: position {P1} stands twice")
bad("an xarray with the zero position", xarray(BOOL), encode([bytes(16)]), "at byte 0: the zero id is no position")
bad("an xarray slot of three", xarray(BOOL), encode([[P1.bytes, True, True]]), "at byte 1: expected 2 items, found 3")
# Refused: what no definition says.
bad("a key of an unknown concept", USER_K, encode(KEY.bytes * 2), f"at byte 0: no concept has the runtime id {KEY}")
bad("a key without a concept", USER_K, encode(bytes(16) + KEY.bytes),
    f"at byte 0: no concept has the runtime id {uuid.UUID(int=0)}")
bad("a key of another concept", USER_K, encode(STRANGER + KEY.bytes),
    "at byte 0: a key of Vectors::Stranger cannot stand for Vectors::User")
bad("a key of a parent", ADMIN_K, encode(USER + KEY.bytes), "at byte 0: a key of Vectors::User cannot stand for Vectors::Admin")
bad("a key of none of a club", EVERYONE_K, encode(USER + KEY.bytes),
    "at byte 0: a key of Vectors::User cannot stand for Vectors::Everyone")
bad("an any of a key under its parent concept", ANY, encode([[29, USER], ADMIN + KEY.bytes]),
    "at byte 1: expected the type of exactly this value")
bad("an any of the null key under a concept", ANY, encode([[29, USER], bytes(32)]),
    "at byte 1: expected the type of exactly this value")
bad("an any of an unknown structure", ANY, encode([[31, KEY.bytes], []]), f"at byte 1: no structure has the runtime id {KEY}")
bad("an any without a value", ANY, encode([1]), "at byte 0: expected 2 items, found 1")
bad("an any of a value of another type", ANY, encode([0, 1]), "at byte 2: expected true or false")
deep_any = None
for _ in range(64):
    deep_any = [16, deep_any]
bad("sixty-five levels of any", ANY, encode(deep_any), "at byte 128: items nest deeper than 64")
deep_any = None
for _ in range(63):
    deep_any = [16, deep_any]
form = None
for _ in range(63):
    form = {"type": prim("any"), "value": form}
good("sixty-four levels of any", ANY, deep_any, form)


# --- paths -------------------------------------------------------------------------------------------------------

paths = []


def path(name, root, text, item):
    paths.append({"name": name, "root": root.text, "text": text, "hex": encode(item).hex()})


path("the document itself", ACCOUNT_T, ".", [])
path("a field", ACCOUNT_T, ".login", ["login"])
path("a field of a field", ACCOUNT_T, ".login.nickname", ["login", "nickname"])
path("an item", vector(STRING), "[24]", [24])
path("an item of a vec of a tuple", tuple_of(BOOL, vec("int8", 2)), "[1][0]", [1, 0])
path("a column and a row", mat("float", 2, 3), "[1][2]", [1, 2])
path("what an optional holds", optional(LOGIN_T), "?.age", [None, "age"])
path("a position", xarray(STRING), f"[{{{P1}}}]", [P1.bytes])
path("the value of a key", map_of(STRING, BOOL), "['a']", [[0, 11, "a"]])
path("the value of an integer key", map_of(INT8, BOOL), "[-1]", [[0, 1, -1]])
path("the value of a case", map_of(STATUS_T, BOOL), "[.active]", [[0, [30, STATUS], 1]])
path("the value of a key of a concept", map_of(USER_K, BOOL), f"[Vectors::Admin:{KEY}]", [[0, [29, ADMIN], ADMIN + KEY.bytes]])
path("the value of a tuple", map_of(tuple_of(INT8, STRING), BOOL), "[(1, 'x')]", [[0, [22, 1, 11], [1, "x"]]])
path("an entry", map_of(STRING, BOOL), "[entry 'a']", [[1, 11, "a"]])
path("a member", set_of(DOUBLE), "[element 0.5]", [[2, 10, 0.5]])
path("below an any", ANY, "?.anything[0]?", [None, "anything", 0, None])
path("all together", map_of(STRING, vector(optional(ACCOUNT_T))), "['k'][3]?.tags[element 'a']",
     [[0, 11, "k"], 3, None, "tags", [2, 11, "a"]])
refused_paths = [
    {"name": name, "hex": data if isinstance(data, str) else encode(data).hex(), "error": error}
    for name, data, error in (
        ("not an array", "6161", "at byte 0: expected an array"),
        ("a negative index", [-1], "at byte 1: expected an unsigned integer"),
        ("a position of 15 bytes", [bytes(15)], "at byte 1: expected 16 items, found 15"),
        ("a step of an unknown code", [[3, 11, "a"]], "at byte 2: expected the code of a path component"),
        ("a step without its value", [[0, 11]], "at byte 1: expected 3 items, found 2"),
        ("a step whose value is of another type", [[0, 11, 1]], "at byte 4: expected a text"),
        ("a step whose key stands under a parent", [[0, [29, USER], ADMIN + KEY.bytes]],
         "at byte 2: expected the type of exactly this value"),
        ("sixty-four steps", [None] * 64, "at byte 0: items nest deeper than 64"),
        ("bytes after the end", "8000", "at byte 1: there are bytes after the end"),
    )
]


# --- definitions that are refused --------------------------------------------------------------------------------

def stored(kind, name, parts, namespace_name="Vectors", version=1, chosen=None, doc=""):
    return encode([version, kind, NAMESPACE.bytes, namespace_name, name, doc, chosen, *parts])


refused_definitions = [
    {"name": name, "hex": data.hex(), "error": error}
    for name, data, error in (
        ("a version that is not known yet", stored(1, "X", [None], version=2),
         "at byte 0: format version 2 is not known; a newer program wrote this"),
        ("a kind that is not known", stored(9, "X", [None]), "at byte 3: expected the kind of a definition"),
        ("a name that is none", stored(1, "1x", [None]),
         "at byte 0: `1x` is not an identifier: a letter, then letters, digits and `_`"),
        ("a namespace that is none", stored(1, "X", [None], namespace_name="A::B"),
         "at byte 0: `A::B` is not an identifier: a letter, then letters, digits and `_`"),
        ("an unknown parent", stored(1, "X", [KEY.bytes]), f"no concept has the runtime id {KEY}"),
        ("a part too many", stored(1, "X", [None, None]), "at byte 0: expected 8 items, found 9"),
        ("an enumeration without cases", stored(3, "X", [[]]), "at byte 0: Vectors::X has 0 cases; an enumeration has 1 to 256"),
        ("an enumeration with a case twice", stored(3, "X", [["a", "", "a", ""]]),
         "at byte 0: Vectors::X has two cases called `a`"),
        ("an enumeration with half a case", stored(3, "X", [["a", "", "b"]]), "there are bytes after the end"),
        ("a default of another type", stored(4, "X", [[["a", "", 1, ["x"]]]]), "expected an integer"),
        ("a default that fills an any", stored(4, "X", [[["a", "", 16, [[0, True]]]]]),
         "at byte 0: Vectors::X.a: a default cannot fill an `any`"),
        ("a club that is not sorted", stored(2, "X", [sorted([USER, STRANGER], reverse=True)]),
         "at byte 0: expected the canonical form of the definition"),
        ("the derived id written out",
         stored(1, "X", [None], chosen=runtime_id(encode([NAMESPACE.bytes, 1, "X", None]))),
         "at byte 0: expected the canonical form of the definition"),
        ("a pool in a namespace", stored(6, "X", [False, []]), "at byte 0: expected the canonical form of the definition"),
    )
]


# --- files -------------------------------------------------------------------------------------------------------

def write(name, about, **lists):
    text = json.dumps({"about": about, **lists}, ensure_ascii=False, indent=1, allow_nan=False)
    (HERE / name).write_text(text + "\n", encoding="utf-8")
    return sum(map(len, lists.values()))


total = write("definitions.json", "Definitions in their order: what ids derive from, and the stored form. The other files are "
              "over these.", definitions=definitions, refused=refused_definitions)
total += write("types.json", "Types as DSM and encoded.",
               types=[{"type": t.text, "hex": encode(t.item).hex()} for t in types],
               refused=[{"name": n, "hex": encode(i).hex(), "error": e} for n, i, e in refused_types])
total += write("values.json", "Values: the type, the encoding, the JSON form; and encodings that must be refused.",
               values=values, refused=refused)
total += write("paths.json", "Paths: the type of the document, the text form, the encoding.", paths=paths, refused=refused_paths)
print(total, "vectors")
