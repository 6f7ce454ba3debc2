//! Bundles that are written and read back, by this program and by others.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use anabranch_bundle::{Bundle, BundleError, Exported, Imported, export};
use anabranch_engine::{BlobLayout, Database, MutableState};
use anabranch_model::{
    Attachment, CommitId, Definition, Definitions, Key, KeyTarget, NameSpace, RuntimeId, TypeName, Uuid,
    Value,
};
use anabranch_testkit::arbitrary::typed_values;
use anabranch_testkit::fixture::fixture;
use anabranch_testkit::script::{history, perform};
use proptest::prelude::*;
use tempfile::tempdir;

fn written(database: &Database, folder: &Path) -> Result<Exported, BundleError> {
    let last = database.last_commit_id().unwrap().unwrap_or(CommitId::ZERO);
    export(database, last, folder, &mut |_| ControlFlow::Continue(()))
}

/// A new database with what is in a bundle.
fn read(folder: &Path, keep_runtime_ids: bool) -> Result<(Database, Imported), BundleError> {
    let database = Database::create_in_memory(&Definitions::default()).unwrap();
    let bundle = Bundle::open(folder, keep_runtime_ids)?;
    let imported = bundle.import(&database, CommitId::ZERO, "import", &mut |_| ControlFlow::Continue(()))?;
    Ok((database, imported))
}

fn fingerprint(database: &Database) -> String {
    let last = database.last_commit_id().unwrap().unwrap_or(CommitId::ZERO);
    database.state(last).unwrap().fingerprint().unwrap().to_string()
}

/// Gives every definition and blob of a bundle another id, as another producer would have it.
fn make_foreign(folder: &Path, definitions: &Definitions) {
    let foreign = |id: RuntimeId| {
        let id: Uuid = id.to_string().parse().unwrap();
        Uuid::from_u128(!id.as_u128()).to_string()
    };
    let manifest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap();
    let blobs: Vec<String> = manifest["blobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|blob| blob["id"].as_str().unwrap().to_owned())
        .collect();
    let documents = folder.join("documents");
    let mut files = vec![folder.join("manifest.json"), folder.join("definitions.json")];
    if documents.exists() {
        files.extend(fs::read_dir(documents).unwrap().map(|entry| entry.unwrap().path()));
    }
    for file in files {
        let mut text = fs::read_to_string(&file).unwrap();
        for definition in definitions.ordered() {
            let id = definition.runtime_id();
            text = text.replace(&id.to_string(), &foreign(id));
        }
        for blob in &blobs {
            // Files keep their names; the manifest says which one it is.
            text = text.replace(&format!("\"{blob}\""), &format!("\"{}\"", &blob[..40]));
        }
        text = text.replace("\"anabranch-1\"", "\"sha-1\"");
        fs::write(file, text).unwrap();
    }
}

#[test]
fn documents_and_blobs_come_back_as_they_were() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let blob = database.create_blob("float-3".parse::<BlobLayout>().unwrap(), &[7; 24]).unwrap();
    let mut state = MutableState::new(database.initial_state().unwrap());
    let picture = anabranch_model::Path::from_field("picture");
    state.set(&fixture.doc, &fixture.key(1), fixture.doc.create_document()).unwrap();
    state.update(&fixture.doc, &fixture.key(1), &picture, Value::BlobId(blob)).unwrap();
    let owner = anabranch_model::Path::from_field("owner");
    let special = Key::new(fixture.special.clone(), Uuid::from_u128(5));
    state.update(&fixture.doc, &fixture.key(1), &owner, Value::Key(special)).unwrap();
    database.commit_mutations("a picture", &state).unwrap();

    let folder = tempdir().unwrap();
    let folder = folder.path().join("bundle");
    let exported = written(&database, &folder).unwrap();
    assert_eq!(exported, Exported { attachments: 1, documents: 1, blobs: 1, blob_bytes: 24 });
    let (copy, imported) = read(&folder, false).unwrap();
    assert_eq!((imported.documents, imported.changed, imported.blobs), (1, 1, 1));
    assert_eq!(fingerprint(&copy), fingerprint(&database));
    assert_eq!(copy.read_blob(blob).unwrap(), [7; 24]);
    assert_eq!(copy.blob_info(blob).unwrap().unwrap().layout, "float-3");

    // What is there already is not written again.
    let last = database.last_commit_id().unwrap().unwrap();
    let bundle = Bundle::open(&folder, false).unwrap();
    let again = bundle.import(&database, last, "again", &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((again.commit, again.changed), (None, 0));

    make_foreign(&folder, &fixture.definitions);
    let (copy, _) = read(&folder, false).unwrap();
    assert_eq!(fingerprint(&copy), fingerprint(&database));
    let (kept, imported) = read(&folder, true).unwrap();
    assert_eq!(imported.documents, 1);
    let definitions = kept.definitions().unwrap();
    assert_ne!(definitions.digest(), fixture.definitions.digest());
    assert_eq!(
        definitions.find_attachment("Test::Item.doc").map(|it| it.name().clone()),
        fixture.definitions.find_attachment("Test::Item.doc").map(|it| it.name().clone())
    );
    assert_eq!(kept.read_blob(blob).unwrap(), [7; 24]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_history_comes_back_as_the_state_that_it_makes(actions in history(24)) {
        let fixture = fixture();
        let database = Database::create_in_memory(&fixture.definitions).unwrap();
        actions.iter().for_each(|action| perform(&database, &fixture, action));
        let folder = tempdir().unwrap();
        written(&database, folder.path()).unwrap();
        let (copy, _) = read(folder.path(), false).unwrap();
        prop_assert_eq!(fingerprint(&copy), fingerprint(&database));
    }

    #[test]
    fn any_value_comes_back_from_this_producer_and_from_others((model, ty, values) in typed_values(3)) {
        let space = NameSpace::new(Uuid::from_u128(0x5eed), "Bundle");
        let concept = model.concepts[0].clone();
        let name = TypeName::new(space, "document");
        let attachment = Attachment::new(name, "", KeyTarget::AnyConcept, ty).expect("a document type");
        let attachment = Arc::new(attachment);
        let mut builder = model.definitions.to_builder();
        builder.add(Definition::Attachment(attachment.clone())).unwrap();
        let definitions = builder.build();
        // Defaults that have no literal are not in the JSON form of definitions.
        let printed = anabranch_dsm::json::decode(&anabranch_dsm::json::encode(&definitions)).unwrap();
        prop_assume!(printed.digest() == definitions.digest());
        let database = Database::create_in_memory(&definitions).unwrap();
        let mut state = MutableState::new(database.initial_state().unwrap());
        for (number, value) in (1..).zip(values) {
            let mut has_blob = false;
            value.visit_blob_ids(&mut |id| has_blob |= !id.is_zero());
            if !has_blob {
                state.set(&attachment, &Key::new(concept.clone(), Uuid::from_u128(number)), value).unwrap();
            }
        }
        database.commit_mutations("values", &state).unwrap();
        let folder = tempdir().unwrap();
        written(&database, folder.path()).unwrap();
        let (copy, _) = read(folder.path(), false).unwrap();
        prop_assert_eq!(fingerprint(&copy), fingerprint(&database));
        make_foreign(folder.path(), &definitions);
        let (copy, _) = read(folder.path(), false).unwrap();
        prop_assert_eq!(fingerprint(&copy), fingerprint(&database));
        let (kept, _) = read(folder.path(), true).unwrap();
        prop_assert_eq!(kept.statistics().unwrap().commits, 1);
    }
}

#[test]
fn a_folder_that_is_not_empty_is_refused_and_left_alone() {
    let database = Database::create_in_memory(&fixture().definitions).unwrap();
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("definitions.json"), "mine").unwrap();
    let error = written(&database, folder.path()).unwrap_err();
    assert!(matches!(error, BundleError::NotEmpty { .. }), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join("definitions.json")).unwrap(), "mine");
}

#[test]
fn what_is_cancelled_is_removed() {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let mut state = MutableState::new(database.initial_state().unwrap());
    state.set(&fixture.doc, &fixture.key(1), fixture.doc.create_document()).unwrap();
    let commit = database.commit_mutations("a document", &state).unwrap();
    let scratch = tempdir().unwrap();
    let folder = scratch.path().join("bundle");
    let cancelled = export(&database, commit, &folder, &mut |_| ControlFlow::Break(()));
    assert!(matches!(cancelled, Err(BundleError::Cancelled)));
    assert!(!folder.exists());
    written(&database, &folder).unwrap();
    let into = Database::create_in_memory(&Definitions::default()).unwrap();
    let bundle = Bundle::open(&folder, false).unwrap();
    let cancelled = bundle.import(&into, CommitId::ZERO, "import", &mut |_| ControlFlow::Break(()));
    assert!(matches!(cancelled, Err(BundleError::Cancelled)));
    assert_eq!(into.last_commit_id().unwrap(), None);
}

/// What is wrong with a bundle whose file was changed.
fn complaint(file: &str, from: &str, to: &str) -> String {
    let fixture = fixture();
    let database = Database::create_in_memory(&fixture.definitions).unwrap();
    let blob = database.create_blob(BlobLayout::default(), b"bytes").unwrap();
    let mut state = MutableState::new(database.initial_state().unwrap());
    state.set(&fixture.doc, &fixture.key(1), fixture.doc.create_document()).unwrap();
    let picture = anabranch_model::Path::from_field("picture");
    state.update(&fixture.doc, &fixture.key(1), &picture, Value::BlobId(blob)).unwrap();
    database.commit_mutations("a document", &state).unwrap();
    let folder = tempdir().unwrap();
    written(&database, folder.path()).unwrap();
    let (file, from) = (file.replace("BLOB", &blob.to_string()), from.replace("BLOB", &blob.to_string()));
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(&from), "{from} is not in {text}");
    fs::write(path, text.replacen(&from, to, 1)).unwrap();
    let error = read(folder.path(), false).unwrap_err().to_string();
    error.replace(&format!("{}/", folder.path().display()), "").replace(&blob.to_string(), "BLOB")
}

#[test]
fn what_is_wrong_with_a_bundle_is_said_with_its_place() {
    let check = |file, from, to, expected: &str| {
        let found = complaint(file, from, to);
        assert!(found.contains(expected), "{found}");
    };
    check(
        "manifest.json",
        "\"version\": 1",
        "\"version\": 2",
        "`dsm-bundle`, version 2, which cannot be read",
    );
    check("manifest.json", "\"attachments\"", "\"attachment\"", "`$.attachments` must be an array");
    check("manifest.json", "\"file\": \"documents/", "\"file\": \"../documents/", "is no file in the bundle");
    check("manifest.json", "\"file\": \"documents/", "\"file\": \"/etc/", "is no file in the bundle");
    check("manifest.json", "{", "{{", "this is no JSON");
    check("definitions.json", "\"concepts\"", "\"concept\"", "definitions.json: ");
    check("documents/Test.Item.doc.json", "\"count\":0", "\"count\":\"no\"", "document 0: $.count: expected");
    check("documents/Test.Item.doc.json", "\"key\"", "\"kay\"", "`$.documents[0].key` must be there");
    check("blobs/BLOB", "bytes", "other", "blobs/BLOB: this is blob ");
    let nothing = tempdir().unwrap();
    let error = Bundle::open(nothing.path(), false).unwrap_err().to_string();
    assert!(error.contains("is no bundle, it has no manifest.json"), "{error}");
}

#[test]
fn a_bundle_written_by_hand_is_read() {
    let folder = tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "manifest.json",
        r#"{"format": "dsm-bundle", "version": 1, "definitions": "model.json",
            "attachments": [{"attachment": "Test::Item.tags", "file": "tags.json"}],
            "blobs": [{"id": "one", "layout": "uchar-1", "file": "one.bin"}]}"#,
    );
    let mut definitions = anabranch_dsm::json::encode(&fixture().definitions);
    for kind in ["concepts", "structures", "enumerations", "attachments"] {
        for definition in definitions[kind].as_array_mut().unwrap() {
            definition.as_object_mut().unwrap().remove("runtime_id");
        }
    }
    write("model.json", &definitions.to_string());
    write(
        "tags.json",
        r#"{"documents": [{"key": "00000000-0000-4000-8000-000000000001", "value": ["b", "a"]}]}"#,
    );
    write("one.bin", "content");
    let (database, imported) = read(folder.path(), false).unwrap();
    assert_eq!((imported.documents, imported.blobs), (1, 1));
    let state = database.state(imported.commit.unwrap()).unwrap();
    let tags = fixture().tags;
    let key = tags.create_key("00000000-0000-4000-8000-000000000001".parse().unwrap()).unwrap();
    assert_eq!(state.get(&tags, &key).unwrap().unwrap().to_string(), "{'a', 'b'}");
}
