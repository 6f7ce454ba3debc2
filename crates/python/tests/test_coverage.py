"""Every name that the package promises is there: the table of `spec/python.md`, and the names of the mission's pages."""

from __future__ import annotations

import inspect

import anabranch
import pytest

TABLE: dict[str, str] = {
    # names
    "NameSpace": "uuid name",
    "TypeName": "name_space name representation",
    # types
    "Type": "BOOL INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64 FLOAT DOUBLE STRING UUID BLOB BLOB_ID COMMIT_ID ANY"
    " ANY_CONCEPT representation description runtime_id type_code",
    "TypeVec": "element_type size",
    "TypeMat": "element_type columns rows",
    "TypeTuple": "types",
    "TypeOptional": "element_type",
    "TypeVector": "element_type",
    "TypeSet": "element_type",
    "TypeMap": "key_type element_type",
    "TypeXArray": "element_type",
    "TypeVariant": "types",
    "TypeKey": "element_type",
    "TypeConcept": "parent is_a",
    "TypeClub": "members",
    "TypeEnumeration": "cases query check",
    "TypeEnumerationDescriptor": "add_case",
    "TypeEnumerationCase": "name documentation",
    "TypeStructure": "fields query check",
    "TypeStructureDescriptor": "add_field",
    "TypeStructureField": "name type default_value documentation",
    # definitions
    "Definitions": "create_concept create_club create_membership create_enumeration create_structure create_attachment"
    " extend const decode",
    "DefinitionsConst": "types concepts clubs enumerations structures attachments query_concept query_club"
    " query_enumeration query_structure query_attachment query_type check_concept check_club check_enumeration"
    " check_structure check_attachment check_type contains hexdigest to_dsm_definitions encode inject discard",
    "DefinitionsExtendInfo": "concepts clubs enumerations structures attachments total",
    "DefinitionsInspector": "check_attachment",
    # DSM
    "DSMBuilder": "assemble append parse",
    "DSMParseReport": "has_error errors",
    "DSMParseError": "source line column code message help",
    "DSMDefinitions": "to_dsm json_encode json_decode",
    # values
    "Value": "create deduce encode decode json_encode json_decode dumps loads copy hexdigest collect_blob_ids type"
    " description representation",
    "ValueVector": "append extend insert pop remove clear index count reverse sort at __getitem__ __setitem__"
    " __delitem__ __len__ __iter__ __contains__ __reversed__",
    "ValueSet": "add discard remove pop clear update union intersection difference issubset issuperset isdisjoint"
    " __len__ __iter__ __contains__",
    "ValueMap": "get keys values items pop popitem setdefault update clear __getitem__ __setitem__ __delitem__ __len__"
    " __iter__ __contains__",
    "ValueXArray": "insert append set remove at positions values items knows removed_positions",
    "ValueTuple": "at index count __getitem__ __len__ __iter__ __contains__",
    "ValueVec": "at index count __getitem__ __setitem__ __len__ __iter__ __array__",
    "ValueMat": "at __getitem__ __setitem__ __len__ __iter__ __array__",
    "ValueOptional": "is_nil unwrap wrap clear get set",
    "ValueVariant": "unwrap wrap unwrap_type",
    "ValueAny": "is_nil unwrap wrap unwrap_type clear",
    "ValueStructure": "at set type_structure",
    "ValueEnumeration": "name index",
    "ValueKey": "instance_id type_concept type_key is_valid",
    "ValueUUId": "create is_valid value",
    "ValueBlob": "value __len__ __getitem__ __bytes__",
    "ValueBlobId": "is_valid",
    "ValueCommitId": "is_valid",
    "ValueBool": "value",
    "ValueInt8": "value __int__ __index__",
    "ValueInt16": "value __int__ __index__",
    "ValueInt32": "value __int__ __index__",
    "ValueInt64": "value __int__ __index__",
    "ValueUInt8": "value __int__ __index__",
    "ValueUInt16": "value __int__ __index__",
    "ValueUInt32": "value __int__ __index__",
    "ValueUInt64": "value __int__ __index__",
    "ValueFloat": "value __float__",
    "ValueDouble": "value __float__",
    "ValueString": "value __str__",
    # paths
    "Path": "from_field from_index from_key from_position from_unwrap from_entry from_element field index key position"
    " unwrap entry element path const __truediv__",
    "PathConst": "at set patch parent ancestors components is_root is_regular regularized check_type is_applicable"
    " representation encode",
    # attachments
    "Attachment": "create_key create_document identifier key_type document_type runtime_id",
    "AttachmentGetting": "keys has get enumerate diff_keys definitions",
    "CommitAttachmentMutating": "set diff update union_in_set subtract_in_set union_in_map subtract_in_map update_in_map"
    " insert_in_xarray update_in_xarray remove_in_xarray keys has get enumerate diff_keys definitions",
    # database
    "CommitDatabase": "create_in_memory create open connect connect_local is_compatible close is_closed path uuid documentation"
    " definitions extend_definitions definitions_hexdigest data_version initial_state state commit_mutations"
    " disable_commit enable_commit merge_commit commit_ids head_commit_ids children_commit_ids nephew_commit_ids"
    " first_commit_id last_commit_id commit_exists commit_header commit is_ancestor is_mergeable delete_commit"
    " reset_commits commit_databasing __enter__ __exit__ create_blob create_blob_from_buffer blob read_blob blob_info"
    " blob_ids blob_statistics blob_stream_create blob_stream_append blob_stream_close blob_reader_open"
    " blob_reader_read blob_reader_close open_blob blob_writer",
    # state
    "CommitState": "commit_id definitions attachment_getting eval_actions trace fingerprint",
    "CommitMutableState": "attachment_mutating attachment_getting mutations commit_state",
    "CommitStateBuilder": "initial_state state merge_state enabled_by_commit_id",
    "CommitStateTrace": "steps",
    "CommitStateTraceStep": "commit_id opcode outcome reason",
    # graph
    "Commit": "header opcodes",
    "CommitHeader": "commit_id parent_commit_id target_commit_id commit_type label author timestamp",
    "CommitNode": "commit_id",
    "CommitNodeGridBuilder": "build",
    "CommitDatabaseHelper": "reduce_heads forward fast_forward",
    "CommitOpcode": "type attachment key path value",
    "CommitOpcodeDocumentSet": "value",
    "CommitOpcodeDocumentUpdate": "path value",
    "CommitOpcodeSetUnion": "path value",
    "CommitOpcodeSetSubtract": "path value",
    "CommitOpcodeMapUnion": "path value",
    "CommitOpcodeMapSubtract": "path value",
    "CommitOpcodeMapUpdate": "path value",
    "CommitOpcodeXArrayInsert": "path before position",
    "CommitOpcodeXArrayUpdate": "path position value",
    "CommitOpcodeXArrayRemove": "path position",
    # store
    "CommitStore": "use close dispatch dispatch_set dispatch_update dispatch_diff dispatch_enable_commit undo redo"
    " can_undo can_redo undo_stack_ids clear_undo_redo reset_undo_redo state mutable_state attachment_getting"
    " use_commit forward reduce_heads merge_commit disable_commit enable_commit set_notifier",
    "CommitStoreNotifying": "state_did_change",
    # sync
    "CommitSynchronizer": "MODE_FETCH MODE_PUSH MODE_SYNC sync",
    "CommitSynchronizerInfo": "need_transmit updated_definitions fetch push",
    "CommitSynchronizerInfoTransmit": "commits commit_bytes blobs blob_bytes extend_info",
    # server
    "CommitDatabaseServer": "start stop address __enter__ __exit__",
    # blobs
    "BlobLayout": "data_type components",
    "BlobInfo": "blob_id blob_layout size",
    "BlobStatistics": "count total_size",
    "BlobView": "layout count __len__ __getitem__",
    "BlobArray": "blob __setitem__",
    "BlobPack": "descriptor region blob",
    "BlobPackDescriptor": "regions region size",
    "BlobPackRegion": "name layout count offset size",
    "BlobStream": "append close",
    # viewing
    "DocumentNode": "create_documents",
    "KeyNamer": "name",
    "KeyHelper": "short",
    "LoggerConsole": "logging",
    "LoggerReport": "messages",
    "Logging": "info error",
    "Cancelation": "cancel",
    # errors
    "Error": "code message",
    "NotFound": "",
    "InvalidValue": "",
    "Conflict": "",
    "Busy": "",
    "Closed": "",
    "Integrity": "",
    "Remote": "",
    "Unauthorized": "",
}


@pytest.mark.parametrize("name", TABLE)
def test_the_class_is_there_with_everything_promised(name: str) -> None:
    cls = getattr(anabranch, name)
    assert inspect.isclass(cls)
    missing = [member for member in TABLE[name].split() if not hasattr(cls, member)]
    assert missing == []


@pytest.mark.parametrize("name", sorted(set(anabranch.__all__) - {"tables"}))
def test_what_is_public_says_what_it_is(name: str) -> None:
    cls = getattr(anabranch, name)
    assert inspect.getdoc(cls), name
    undocumented = [
        member
        for member, what in vars(cls).items()
        if not member.startswith("_") and callable(what) and not inspect.getdoc(what)
    ]
    assert undocumented == []


@pytest.mark.parametrize("name", [name for name in TABLE if name.startswith("Value")])
def test_values_are_values(name: str) -> None:
    assert issubclass(getattr(anabranch, name), anabranch.Value)


@pytest.mark.parametrize("name", [name for name in TABLE if name.startswith("Type") and name != "TypeName"])
def test_types_are_types(name: str) -> None:
    described = name.endswith(("Descriptor", "Case", "Field"))
    assert issubclass(getattr(anabranch, name), anabranch.Type) is not described


@pytest.mark.parametrize(
    "name", ["NotFound", "InvalidValue", "Conflict", "Busy", "Closed", "Integrity", "Remote", "Unauthorized"]
)
def test_errors_are_errors(name: str) -> None:
    error = getattr(anabranch, name)("what failed", "the-code")
    assert isinstance(error, anabranch.Error)
    assert (error.message(), error.code(), str(error)) == ("what failed", "the-code", "what failed")
