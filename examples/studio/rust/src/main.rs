//! A small program over the studio's model: it writes a texture, changes one field of it, and reads it back.
//!
//! `cargo run -p studio [FILE]` keeps the database in a file, and otherwise in memory.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::error::Error;
use std::process::ExitCode;

use anabranch::{CommitId, Database, MutableState, OpenMode, State, Uuid};
use studio::model;
use studio::model::people::{PersonKey, PersonProfile, Profile, Role};
use studio::model::studio::*;

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(file: Option<&str>) -> Result<(), Box<dyn Error>> {
    let database = open(file)?.with_author("studio");
    let (brick, first) = add_brick(&database)?;
    let second = scale(&database, first, &brick)?;
    show(&database.state(second)?)
}

/// The database of the file, made when it is not there.
fn open(file: Option<&str>) -> Result<Database, Box<dyn Error>> {
    Ok(match file {
        None => Database::create_in_memory(model::definitions())?,
        Some(path) if std::path::Path::new(path).exists() => {
            let database = Database::open(path, OpenMode::ReadWrite)?;
            database.extend_definitions(model::definitions())?;
            database
        }
        Some(path) => Database::create(path, "The studio.", model::definitions())?,
    })
}

/// One commit with a person, and a texture by her.
fn add_brick(database: &Database) -> Result<(TextureKey, CommitId), Box<dyn Error>> {
    let start = database.last_commit_id()?;
    let base = start.map_or_else(|| database.initial_state(), |commit| database.state(commit))?;
    let mut change = MutableState::new(base);

    let ada = PersonKey::new(Uuid::new_v4());
    let profile = Profile { name: "Ada".to_owned(), role: Role::Lead, ..Profile::default() };
    PersonProfile::set(&mut change, &ada, &profile)?;

    let brick = TextureKey::new(Uuid::new_v4());
    let properties = Properties {
        name: "brick".to_owned(),
        kind: Kind::Texture,
        tags: ["wall", "red"].map(str::to_owned).into(),
        origin: Origin { author: Some(ada.clone()), licence: Licence::Cc0_1_0, ..Origin::default() },
        ..Properties::default()
    };
    // A texture is an asset: its key becomes one where one is asked for.
    AssetProperties::set(&mut change, &brick.clone().into(), &properties)?;
    TextureMaterial::set(&mut change, &brick, &Material::default())?;

    let verdict = Verdict { stage: Stage::Approved, by: ada, text: "Ship it.".to_owned(), seen: start };
    let mut review = XArray::new();
    review.push(Uuid::new_v4(), verdict);
    ReviewableReview::set(&mut change, &brick.clone().into(), &review)?;

    let commit = database.commit_mutations("add a brick", &change)?;
    Ok((brick, commit))
}

/// A commit that changes two fields of the material, and a set, and nothing else.
fn scale(database: &Database, commit: CommitId, brick: &TextureKey) -> Result<CommitId, Box<dyn Error>> {
    let mut change = MutableState::new(database.state(commit)?);
    let repeat = paths::material::mapping().then(&paths::mapping::repeat());
    TextureMaterial::update(&mut change, brick, &repeat, &[4.0, 4.0])?;
    TextureMaterial::update(&mut change, brick, &paths::material::roughness(), &0.9)?;
    let tags = ["rough"].map(str::to_owned).into();
    AssetProperties::union_in_set(&mut change, &brick.clone().into(), &paths::properties::tags(), &tags)?;
    Ok(database.commit_mutations("scale the brick", &change)?)
}

fn show(state: &State) -> Result<(), Box<dyn Error>> {
    for key in AssetProperties::keys(state)? {
        let Some(properties) = AssetProperties::get(state, &key)? else { continue };
        println!("{} {:?}, tagged {:?}", properties.name, properties.kind, properties.tags);
        // Down again: this asset may be a texture.
        if let Ok(texture) = TextureKey::try_from(key)
            && let Some(material) = TextureMaterial::get(state, &texture)?
        {
            println!("  roughness {}, repeated {:?}", material.roughness, material.mapping.repeat);
        }
    }
    Ok(())
}
