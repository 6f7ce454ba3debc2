//! The generated code is what the generator prints, and converts without losing anything.

#![expect(clippy::unwrap_used, reason = "what goes wrong here should stop the test")]

use std::path::Path;
use std::{env, fs};

use anabranch::dsm::{Sources, parse};
use anabranch::model::codec::encode_value;
use anabranch::typed::{Attach, Typed, generate};
use anabranch::{Database, Definitions, MutableState, Type, Uuid, Value};
use anabranch_testkit::arbitrary::{self, Model};
use proptest::prelude::*;
use studio::model;
use studio::model::people::{GuestAccess, PersonKey, PersonLinks, PersonPortrait, PersonProfile, Profile};
use studio::model::studio::*;

fn read() -> Definitions {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut sources = Sources::new();
    for file in files {
        sources.add(file.display().to_string(), fs::read_to_string(&file).unwrap());
    }
    parse(&sources).model.unwrap()
}

#[test]
fn the_code_is_what_the_generator_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model.rs");
    let code = generate::rust(&read()).unwrap();
    if env::var_os("ANABRANCH_BLESS").is_some() {
        fs::write(&path, &code).unwrap();
    }
    let hint = "generate it again: ANABRANCH_BLESS=1 cargo test -p studio";
    assert!(fs::read_to_string(path).unwrap() == code, "{hint}");
}

#[test]
fn the_code_holds_the_model_that_it_was_made_of() {
    assert_eq!(model::definitions().digest(), read().digest());
}

/// Any document of an attachment.
fn documents<A: Attach>() -> BoxedStrategy<Value> {
    let definitions = model::definitions();
    let model = Model {
        definitions: definitions.clone(),
        concepts: definitions.concepts().cloned().collect(),
        clubs: definitions.clubs().cloned().collect(),
        enumerations: definitions.enumerations().cloned().collect(),
        structures: definitions.structures().cloned().collect(),
    };
    arbitrary::values(A::attachment().document_type(), &model)
}

/// From the engine's form and back there is nothing lost and nothing added.
fn survives<A: Attach>(value: &Value) {
    let document = A::Document::read(value).unwrap();
    let again = document.write(A::attachment().document_type()).unwrap();
    assert_eq!(again, *value);
    assert_eq!(encode_value(&again), encode_value(value));
}

macro_rules! every_document_survives {
    ($($name:ident: $attachment:ty;)*) => {
        #[test]
        fn every_attachment_is_tried() {
            let mut tried = vec![$(<$attachment>::attachment().runtime_id()),*];
            let mut all: Vec<_> = model::definitions().attachments().map(|it| it.runtime_id()).collect();
            tried.sort();
            all.sort();
            assert_eq!(tried, all);
        }

        proptest! {
            #![proptest_config(ProptestConfig::with_cases(48))]
            $(
                #[test]
                fn $name(value in documents::<$attachment>()) {
                    survives::<$attachment>(&value);
                }
            )*
        }
    };
}

every_document_survives! {
    properties_survive: AssetProperties;
    thumbnails_survive: AssetThumbnail;
    metadata_survives: AssetMetadata;
    images_survive: TextureImage;
    materials_survive: TextureMaterial;
    parts_survive: KitParts;
    listings_survive: CollectionListing;
    reviews_survive: ReviewableReview;
    marks_survive: AnyMarks;
    layouts_survive: SceneLayout;
    cameras_survive: SceneCameras;
    timelines_survive: SceneTimeline;
    notes_survive: SceneNotes;
    renders_survive: SceneRender;
    profiles_survive: PersonProfile;
    portraits_survive: PersonPortrait;
    links_survive: PersonLinks;
    accesses_survive: GuestAccess;
}

/// A fresh document by the generator's literals is a fresh document by the model.
fn starts_as_declared<T: Default + Typed>(ty: &Type) {
    assert_eq!(T::default().write(ty), Ok(Value::zero(ty)));
}

#[test]
fn defaults_are_those_of_the_model() {
    starts_as_declared::<Properties>(Properties::ty());
    starts_as_declared::<Material>(Material::ty());
    starts_as_declared::<Placement>(Placement::ty());
    starts_as_declared::<Layout>(Layout::ty());
    starts_as_declared::<Camera>(Camera::ty());
    starts_as_declared::<Cue>(Cue::ty());
    starts_as_declared::<Image>(Image::ty());
    starts_as_declared::<Verdict>(Verdict::ty());
    starts_as_declared::<Profile>(Profile::ty());
    assert_eq!(Camera::default().clipping, (0.1, 1000.0));
}

#[test]
fn keys_convert_up_always_and_down_when_they_may() {
    let kit = KitKey::new(Uuid::from_u128(5));
    let asset = AssetKey::from(kit.clone());
    assert_eq!(asset.as_key(), kit.as_key());
    assert_eq!(KitKey::try_from(asset.clone()), Ok(kit.clone()));
    let error = TextureKey::try_from(asset.clone()).unwrap_err();
    assert_eq!(error.to_string(), "a key of Studio::Kit cannot stand for Studio::Texture");
    // Whichever member a key stands under, it refers to the same.
    assert_eq!(ReviewableKey::from(asset), ReviewableKey::from(kit.clone()));
    let key = anabranch::Key::from(kit);
    assert!(matches!(ReviewableKey::try_from(key), Ok(ReviewableKey::Kit(_))));
    let person = anabranch::Key::from(PersonKey::new(Uuid::from_u128(6)));
    assert!(ReviewableKey::try_from(person).is_err());
}

#[test]
fn a_document_is_written_changed_and_read_as_rust() {
    let database = Database::create_in_memory(model::definitions()).unwrap();
    let mut change = MutableState::new(database.initial_state().unwrap());
    let scene = SceneKey::new(Uuid::from_u128(1));
    assert_eq!(SceneLayout::get(&change, &scene).unwrap(), None);
    SceneLayout::set(&mut change, &scene, &Layout::default()).unwrap();
    let position = Uuid::from_u128(2);
    let layer = Layer { name: "sky".to_owned(), ..Layer::default() };
    let layers = paths::layout::layers();
    SceneLayout::insert_in_xarray(&mut change, &scene, &layers, Uuid::nil(), position, &layer).unwrap();
    let opacity = layers.at(position).then(&paths::layer::opacity());
    SceneLayout::update(&mut change, &scene, &opacity, &0.5).unwrap();
    let commit = database.commit_mutations("a layer", &change).unwrap();

    let state = database.state(commit).unwrap();
    let layout = SceneLayout::get(&state, &scene).unwrap().unwrap();
    assert_eq!(layout.layers.get(position), Some(&Layer { opacity: 0.5, ..layer }));
    assert_eq!(SceneLayout::keys(&state).unwrap(), [scene]);
}

#[test]
fn a_value_of_another_type_is_refused_with_its_place() {
    let error = Image::try_from(&Profile::default().to_value().unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "`People::Profile` is not a Studio::Image");
}
