"""Names, types, definitions and DSM."""

from __future__ import annotations

import json
import pickle
import types
import uuid
from pathlib import Path as FilePath
from typing import Any

import anabranch
import pytest
from anabranch import (
    Conflict,
    Definitions,
    DefinitionsConst,
    DefinitionsInspector,
    DSMBuilder,
    DSMDefinitions,
    InvalidValue,
    NameSpace,
    NotFound,
    Type,
    TypeEnumerationDescriptor,
    TypeName,
    TypeStructureDescriptor,
)
from tuto import TUTO, WORKSHOP

SPACE = NameSpace("0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a20", "App")


def test_namespaces_and_names_are_what_they_say() -> None:
    assert SPACE.uuid() == uuid.UUID("0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a20")
    assert (SPACE.name(), str(SPACE)) == ("App", "App")
    name = TypeName(SPACE, "User")
    assert (name.name(), str(name), name.representation()) == ("User", "App::User", "App::User")
    assert name.name_space() == SPACE
    assert name == TypeName(SPACE, "User") and name != TypeName(SPACE, "Other")
    assert len({name, TypeName(SPACE, "User")}) == 1
    assert pickle.loads(pickle.dumps(name)) == name


TYPES: list[tuple[Any, str, str]] = [
    (Type.BOOL, "bool", "bool"),
    (Type.INT8, "int8", "int8"),
    (Type.INT16, "int16", "int16"),
    (Type.INT32, "int32", "int32"),
    (Type.INT64, "int64", "int64"),
    (Type.UINT8, "uint8", "uint8"),
    (Type.UINT16, "uint16", "uint16"),
    (Type.UINT32, "uint32", "uint32"),
    (Type.UINT64, "uint64", "uint64"),
    (Type.FLOAT, "float", "float"),
    (Type.DOUBLE, "double", "double"),
    (Type.STRING, "string", "string"),
    (Type.UUID, "uuid", "uuid"),
    (Type.BLOB, "blob", "blob"),
    (Type.BLOB_ID, "blob_id", "blob_id"),
    (Type.COMMIT_ID, "commit_id", "commit_id"),
    (Type.ANY, "any", "any"),
    (anabranch.TypeVec(Type.FLOAT, 3), "vec<float, 3>", "vec"),
    (anabranch.TypeMat(Type.DOUBLE, 4, 3), "mat<double, 4, 3>", "mat"),
    (anabranch.TypeTuple(Type.STRING, Type.INT8), "tuple<string, int8>", "tuple"),
    (anabranch.TypeTuple([Type.STRING, Type.INT8]), "tuple<string, int8>", "tuple"),
    (anabranch.TypeOptional(Type.STRING), "optional<string>", "optional"),
    (anabranch.TypeVector(Type.STRING), "vector<string>", "vector"),
    (anabranch.TypeSet(Type.STRING), "set<string>", "set"),
    (anabranch.TypeXArray(Type.STRING), "xarray<string>", "xarray"),
    (anabranch.TypeMap(Type.STRING, anabranch.TypeVector("int8")), "map<string, vector<int8>>", "map"),
    (anabranch.TypeVariant(Type.STRING, Type.INT8), "variant<string, int8>", "variant"),
    (anabranch.TypeKey(Type.ANY_CONCEPT), "key<any_concept>", "key"),
]


@pytest.mark.parametrize(("type", "text", "code"), TYPES)
def test_a_type_reads_as_it_is_written_and_back(type: Type, text: str, code: str) -> None:
    assert (str(type), repr(type), type.representation(), type.type_code()) == (text, text, text, code)
    assert Type.parse(text) == type
    assert hash(Type.parse(text)) == hash(type)
    assert Type.parse(text).__class__ is type.__class__
    assert pickle.loads(pickle.dumps(type)) == type
    assert type.runtime_id() == Type.parse(text).runtime_id()
    assert text in type.description()


def test_types_differ_in_their_ids() -> None:
    ids = {str(type.runtime_id()) for type, _, _ in TYPES}
    assert len(ids) == len({str(type) for type, _, _ in TYPES})


def test_types_know_their_parts(model: types.SimpleNamespace) -> None:
    assert anabranch.TypeMat(Type.DOUBLE, 4, 3).columns() == 4
    assert anabranch.TypeMat(Type.DOUBLE, 4, 3).rows() == 3
    assert anabranch.TypeVec(Type.INT8, 5).size() == 5
    assert anabranch.TypeVec(Type.INT8, 5).element_type() == Type.INT8
    assert anabranch.TypeMap("string", "bool").key_type() == Type.STRING
    assert anabranch.TypeMap("string", "bool").element_type() == Type.BOOL
    assert anabranch.TypeTuple("string", "bool").types() == [Type.STRING, Type.BOOL]
    assert anabranch.TypeKey(model.TUTO_C_USER).element_type() == model.TUTO_C_USER
    assert [str(it) for it in model.WORKSHOP_K_OWNER.members()] != []
    assert model.WORKSHOP_C_TOOL.parent() == model.WORKSHOP_C_ITEM
    assert model.WORKSHOP_C_TOOL.is_a(model.WORKSHOP_C_ITEM)
    assert not model.WORKSHOP_C_ITEM.is_a(model.WORKSHOP_C_TOOL)
    assert model.WORKSHOP_C_ITEM.parent() is None
    assert [case.name() for case in model.TUTO_E_STATUS.cases()] == ["pending", "active", "completed"]
    assert [field.name() for field in model.TUTO_S_LOGIN.fields()] == ["nickname", "password"]
    assert model.TUTO_S_LOGIN.check("nickname").type() == Type.STRING
    assert model.WORKSHOP_S_DOC.check("title").default_value() == "untitled"
    assert model.TUTO_S_LOGIN.query("nothing") is None
    assert model.TUTO_E_STATUS.query("nothing") is None
    assert repr(model.TUTO_E_STATUS.check(".active")) == ".active"
    for absent in (model.TUTO_S_LOGIN, model.TUTO_E_STATUS):
        with pytest.raises(NotFound):
            absent.check("nothing")
    assert model.TUTO_C_USER.documentation() == "Somebody who may log in."
    assert str(model.TUTO_C_USER.type_name()) == "Tuto::User"
    assert pickle.loads(pickle.dumps(model.TUTO_C_USER)) == model.TUTO_C_USER
    assert pickle.loads(pickle.dumps(model.WORKSHOP_K_OWNER)) == model.WORKSHOP_K_OWNER
    assert pickle.loads(pickle.dumps(model.WORKSHOP_S_DOC)) == model.WORKSHOP_S_DOC


BAD_TYPES: list[Any] = [
    lambda: anabranch.TypeVec(Type.STRING, 3),
    lambda: anabranch.TypeVec(Type.INT8, 0),
    lambda: anabranch.TypeVec(Type.INT8, 5000),
    lambda: anabranch.TypeMat(Type.INT8, 65, 1),
    lambda: anabranch.TypeTuple([]),
    lambda: anabranch.TypeVariant(Type.INT8, Type.INT8),
    lambda: anabranch.TypeKey(Type.INT8),
    lambda: anabranch.TypeVector(Type.ANY_CONCEPT),
    lambda: Type.parse("vector<"),
    lambda: Type.parse("no_such_type"),
    lambda: anabranch.ValueVector("set<string>"),
]


@pytest.mark.parametrize("make", BAD_TYPES)
def test_a_type_that_cannot_be_is_refused(make: Any) -> None:
    with pytest.raises(InvalidValue):
        make()


@pytest.fixture
def draft() -> Definitions:
    """A model made by calls."""
    made = Definitions()
    user = made.create_concept(SPACE, "User", documentation="Somebody.")
    admin = made.create_concept(SPACE, "Admin", parent=user)
    robot = made.create_concept(SPACE, "Robot")
    actor = made.create_club(SPACE, "Actor")
    made.create_membership(actor, user)
    actor = made.create_membership(actor, robot)
    level = made.create_enumeration(SPACE, TypeEnumerationDescriptor("Level").add_case("low").add_case("high"))
    profile = TypeStructureDescriptor("Profile", "What is known.")
    profile.add_field("name", Type.STRING, "nobody", "What one is called.")
    profile.add_field("level", level, "high").add_field("friends", anabranch.TypeSet(anabranch.TypeKey(user)))
    structure = made.create_structure(SPACE, profile)
    made.create_attachment(SPACE, "profile", user, structure)
    made.create_attachment(SPACE, "trail", actor, anabranch.TypeVector(Type.STRING))
    made.create_attachment(SPACE, "remark", Type.ANY_CONCEPT, Type.STRING)
    del admin
    return made


def test_a_model_made_by_calls_is_the_model_of_its_text(draft: Definitions) -> None:
    const = draft.const()
    assert [str(type) for type in const.types()] == [
        "App::Admin",
        "App::Robot",
        "App::User",
        "App::Actor",
        "App::Level",
        "App::Profile",
    ]
    builder = DSMBuilder()
    builder.append("printed", const.to_dsm_definitions().to_dsm())
    report, printed, parsed = builder.parse()
    assert not report.has_error() and printed is not None
    assert parsed == const
    assert parsed is not None and parsed.hexdigest() == const.hexdigest()
    assert len(const.check_club("App::Actor").members()) == 2
    assert const.check_structure("App::Profile").check("level").default_value().name() == "high"


def test_definitions_are_found_by_name(draft: Definitions) -> None:
    const = draft.const()
    for kind in ("concept", "club", "enumeration", "structure", "attachment", "type"):
        assert getattr(const, f"query_{kind}")("App::Nothing") is None
        with pytest.raises(NotFound, match="App::Nothing"):
            getattr(const, f"check_{kind}")("App::Nothing")
    assert const.check_concept(TypeName(SPACE, "User")) == const.check_type("App::User")
    assert const.check_attachment("App::User.profile").identifier() == "App::User.profile"
    assert const.name_spaces() == [SPACE]
    assert const.check_concept("App::User") in const
    assert const.contains(const.check_attachment("App::User.profile"))
    assert const.contains(const.check_concept("App::User").runtime_id())
    assert Type.STRING not in const


def test_an_inspector_finds_by_what_people_type(draft: Definitions, workshop: DefinitionsConst) -> None:
    inspector = DefinitionsInspector(draft)
    full = inspector.check_attachment("App::User.profile")
    assert inspector.check_attachment("User.profile") == full
    assert inspector.check_attachment("profile") == full
    assert inspector.query_attachment("nothing") is None
    with pytest.raises(NotFound):
        inspector.check_attachment("nothing")
    assert str(inspector.check_type("vector<App::Profile>")) == "vector<App::Profile>"
    assert str(inspector.check_type("App::User")) == "App::User"


def test_definitions_come_back_from_bytes(draft: Definitions) -> None:
    const = draft.const()
    assert DefinitionsConst.decode(const.encode()) == const
    assert Definitions.decode(const.encode()).const() == const
    assert pickle.loads(pickle.dumps(const)) == const
    with pytest.raises(InvalidValue):
        DefinitionsConst.decode(b"no definitions")


def test_extending_adds_what_is_missing_and_nothing_twice(draft: Definitions, tuto: DefinitionsConst) -> None:
    grown = Definitions(tuto)
    info = grown.extend(draft)
    assert (info.concepts(), info.clubs(), info.enumerations(), info.structures(), info.attachments()) == (3, 1, 1, 1, 3)
    assert info.total() == 9 and info
    assert not grown.extend(draft.const())
    assert len(grown) == len(tuto) + 9


def test_a_name_stands_for_one_thing(draft: Definitions) -> None:
    before = draft.const()
    with pytest.raises(Conflict):
        draft.create_structure(SPACE, TypeStructureDescriptor("Profile").add_field("other", Type.INT8))
    other = Definitions()
    other.create_structure(SPACE, TypeStructureDescriptor("Profile").add_field("other", Type.INT8))
    with pytest.raises(Conflict, match="App::Profile"):
        draft.extend(other)
    assert draft.const() == before


def test_a_club_in_use_takes_no_members(draft: Definitions) -> None:
    with pytest.raises(Conflict, match="in use"):
        draft.create_membership(draft.const().check_club("App::Actor"), draft.const().check_concept("App::Admin"))


def test_the_same_declaration_has_the_same_id_anywhere() -> None:
    ids = {str(Definitions().create_concept(SPACE, "User", documentation=text).runtime_id()) for text in ("", "x")}
    assert len(ids) == 1


def test_injected_constants_are_those_of_the_model(tuto: DefinitionsConst) -> None:
    names: dict[str, Any] = {}
    put = tuto.inject(names)
    assert set(put) == set(names)
    assert names["TUTO_C_USER"] == tuto.check_concept("Tuto::User")
    assert names["TUTO_E_STATUS"] == tuto.check_enumeration("Tuto::Status")
    assert names["TUTO_S_LOGIN"] == tuto.check_structure("Tuto::Login")
    assert str(names["TUTO_A_USER_LOGIN"]) == "attachment<User, Login> Tuto::login"
    assert str(names["TUTO_P_LOGIN_NICKNAME"]) == ".nickname"
    assert str(names["TUTO_P_TEXTURE_PIXELS"]) == ".pixels"
    tuto.discard(names)
    assert names == {}


def test_inject_goes_to_the_caller_s_globals_by_default(tuto: DefinitionsConst) -> None:
    assert "TUTO_C_USER" not in globals()
    tuto.inject()
    assert globals()["TUTO_C_USER"] == tuto.check_concept("Tuto::User")
    tuto.discard()
    assert "TUTO_C_USER" not in globals()


def test_clubs_and_attachments_of_any_concept_are_injected_too(model: types.SimpleNamespace) -> None:
    assert str(model.WORKSHOP_K_OWNER) == "Workshop::Owner"
    assert model.WORKSHOP_A_OWNER_NAME.identifier() == "Workshop::Owner.name"
    assert model.WORKSHOP_A_ANY_CONCEPT_REMARK.identifier() == "Workshop::any_concept.remark"


def test_all_mistakes_are_told_at_once() -> None:
    builder = DSMBuilder()
    builder.append(
        "faulty.dsm",
        "namespace F {0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a21} {\n  struct A { strng x; };\n  concept B is a C;\n};\n",
    )
    report, printed, definitions = builder.parse()
    assert report.has_error() and printed is None and definitions is None
    first, second = report.errors()
    assert (first.source(), first.line(), first.column(), first.code()) == ("faulty.dsm", 2, 14, "unknown-type")
    assert first.help() == "did you mean `string`?"
    assert "strng" in first.message() and "^^^^^" in str(first)
    assert second.line() == 3
    assert "2 errors" in repr(report) and str(first) in str(report)
    assert report.warnings() == []


def test_a_model_is_assembled_from_files(tmp_path: FilePath) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "tuto.dsm").write_text(TUTO)
    (tmp_path / "inner" / "workshop.dsm").write_text(WORKSHOP)
    (tmp_path / "notes.txt").write_text("not a model")
    report, _, both = DSMBuilder.assemble(tmp_path).parse()
    assert both is not None, str(report)
    assert both.query_concept("Tuto::User") and both.query_concept("Workshop::Item")
    _, _, one = DSMBuilder.assemble(str(tmp_path / "tuto.dsm")).parse()
    assert one is not None and one.query_concept("Workshop::Item") is None
    with pytest.raises(FileNotFoundError, match="missing.dsm"):
        DSMBuilder.assemble(tmp_path / "missing.dsm")


def test_models_travel_as_json(workshop: DefinitionsConst) -> None:
    text = workshop.to_dsm_definitions().json_encode()
    assert {"concepts", "clubs", "enumerations", "structures", "attachments"} <= set(json.loads(text))
    assert DSMDefinitions.json_decode(text).definitions() == workshop
    assert DSMDefinitions.json_decode(text, keep_runtime_ids=True).definitions() == workshop
    with pytest.raises(InvalidValue, match="this key is missing"):
        DSMDefinitions.json_decode('{"concepts": []}')
    with pytest.raises(InvalidValue):
        DSMDefinitions.json_decode("no json")


def test_attachments_know_what_they_attach(model: types.SimpleNamespace) -> None:
    login = model.TUTO_A_USER_LOGIN
    assert repr(login) == str(login) == login.representation() == "attachment<User, Login> Tuto::login"
    assert login.identifier() == "Tuto::User.login"
    assert login.document_type() == model.TUTO_S_LOGIN
    assert str(login.key_type()) == "key<Tuto::User>"
    assert str(login.type_name()) == "Tuto::login"
    assert login.create_document() == {"nickname": "", "password": ""}
    assert len({login, model.TUTO_A_USER_LOGIN, model.TUTO_A_USER_IDENTITY}) == 2
    owner = model.WORKSHOP_A_OWNER_NAME
    with pytest.raises(InvalidValue, match="say of which"):
        owner.create_key()
    assert owner.create_key(concept=model.WORKSHOP_C_PERSON).type_concept() == model.WORKSHOP_C_PERSON
    with pytest.raises(InvalidValue):
        owner.create_key(concept=model.WORKSHOP_C_TOOL)
    tool = model.WORKSHOP_A_ITEM_DOC.create_key(concept=model.WORKSHOP_C_TOOL)
    assert tool.type_concept() == model.WORKSHOP_C_TOOL
