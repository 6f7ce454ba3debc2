//! What the tour brings along, so that it runs anywhere: the model and the data of `examples/`, and the edits of both sites.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::error::CliError;

/// A file of `examples/`, and where it goes in the folder of the tour.
macro_rules! example {
    ($from:literal => $to:literal) => {
        ($to, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/", $from)).as_slice())
    };
}

const EXAMPLES: &[(&str, &[u8])] = &[
    example!("studio/model/library.dsm" => "model/library.dsm"),
    example!("studio/model/people.dsm" => "model/people.dsm"),
    example!("studio/model/scenes.dsm" => "model/scenes.dsm"),
    example!("data/people.jsonl" => "data/library/people.jsonl"),
    example!("data/assets.jsonl" => "data/library/assets.jsonl"),
    example!("data/collections.jsonl" => "data/library/collections.jsonl"),
    example!("data/scenes.jsonl" => "data/library/scenes.jsonl"),
    example!("data/thumbnails.jsonl" => "data/library/thumbnails.jsonl"),
    example!("data/pictures.jsonl" => "data/pictures.jsonl"),
    example!("data/pictures/astronaut.png" => "data/pictures/astronaut.png"),
    example!("data/pictures/brick.png" => "data/pictures/brick.png"),
    example!("data/pictures/camera.png" => "data/pictures/camera.png"),
    example!("data/pictures/cell.png" => "data/pictures/cell.png"),
    example!("data/pictures/chelsea.png" => "data/pictures/chelsea.png"),
    example!("data/pictures/clock_motion.png" => "data/pictures/clock_motion.png"),
    example!("data/pictures/coffee.png" => "data/pictures/coffee.png"),
    example!("data/pictures/grass.png" => "data/pictures/grass.png"),
    example!("data/pictures/gravel.png" => "data/pictures/gravel.png"),
    example!("data/pictures/horse.png" => "data/pictures/horse.png"),
    example!("data/pictures/hubble_deep_field.jpg" => "data/pictures/hubble_deep_field.jpg"),
    example!("data/pictures/retina.jpg" => "data/pictures/retina.jpg"),
    example!("data/pictures/rocket.jpg" => "data/pictures/rocket.jpg"),
    example!("data/README.md" => "data/README.md"),
    example!("data/licences/CC0-1.0.txt" => "data/licences/CC0-1.0.txt"),
    example!("data/licences/mdi.txt" => "data/licences/mdi.txt"),
    example!("data/licences/scikit-image.txt" => "data/licences/scikit-image.txt"),
];

/// What Paris does first while it is on its own.
pub(super) const PARIS_LIGHT: &str = r#"{"op":"update","attachment":"layout","key":"97fb0c5e","path":".title","value":"Harbour at dusk"}
{"op":"update","attachment":"layout","key":"97fb0c5e","path":".surroundings.exposure","value":0.5}
{"op":"union_in_map","attachment":"metadata","key":"Texture:97768a37","path":".","value":[["season",{"type":"string","value":"autumn"}]]}
"#;

/// What Paris does then.
pub(super) const PARIS_NOTES: &str = r#"{"op":"union_in_set","attachment":"layout","key":"97fb0c5e","path":".team","value":["0902a912-22ca-51db-ada9-a488c16d5a91"]}
{"op":"insert_in_xarray","attachment":"notes","key":"97fb0c5e","path":".","before":"e28259a0-868c-5f9f-9356-9e484e232941","position":"0a000000-0000-4000-8000-000000000001","value":{"by":"276e4b5a-7012-5d2d-8276-b08654ee9166","text":"Paris: warmer light in front."}}
"#;

/// What Kyoto does meanwhile.
pub(super) const KYOTO: &str = r#"{"op":"update","attachment":"layout","key":"97fb0c5e","path":".title","value":"Harbour before the storm"}
{"op":"update","attachment":"layout","key":"97fb0c5e","path":".stage","value":".review"}
{"op":"union_in_set","attachment":"layout","key":"97fb0c5e","path":".team","value":["3ceda8b7-7b57-5846-8ee4-7ddd7fb013f3"]}
{"op":"insert_in_xarray","attachment":"notes","key":"97fb0c5e","path":".","before":"e28259a0-868c-5f9f-9356-9e484e232941","position":"0b000000-0000-4000-8000-000000000002","value":{"by":"751b2908-4972-5396-a844-7b6ae539406b","text":"Kyoto: more wind in the sails."}}
{"op":"union_in_map","attachment":"metadata","key":"Texture:97768a37","path":".","value":[["weather",{"type":"string","value":"rain"}]]}
"#;

/// Writes the model, the data and the edits below the current folder.
pub(super) fn write_all() -> Result<(), CliError> {
    EXAMPLES.iter().try_for_each(|(path, content)| write(path, content))?;
    write("edits/paris-light.jsonl", PARIS_LIGHT.as_bytes())?;
    write("edits/paris-notes.jsonl", PARIS_NOTES.as_bytes())?;
    write("edits/kyoto.jsonl", KYOTO.as_bytes())
}

/// Writes a file, and makes the folders that it is in.
pub(super) fn write(path: &str, content: &[u8]) -> Result<(), CliError> {
    let path = Path::new(path);
    let refused = |error| CliError::file("write", path, &error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refused)?;
    }
    fs::write(path, content).map_err(refused)
}

/// The mutations that make textures of the pictures, whose pixels are blobs: `stored` has the id of each file.
pub(super) fn textures(stored: &[(String, String)]) -> Result<String, CliError> {
    const LIST: &str = "data/pictures.jsonl";
    let broken = || CliError::new(format!("{LIST} is not what this program wrote"));
    let list = fs::read_to_string(LIST).map_err(|error| CliError::file("read", Path::new(LIST), &error))?;
    let mut mutations = String::new();
    for line in list.lines() {
        let picture: Json = serde_json::from_str(line).map_err(|_| broken())?;
        let file = format!("data/{}", picture["file"].as_str().ok_or_else(broken)?);
        let (blob, _) = stored.iter().find(|(_, name)| *name == file).ok_or_else(broken)?;
        let key = json!([picture["key"], "Studio::Texture"]);
        let name = file.rsplit('/').next().and_then(|name| name.split('.').next()).ok_or_else(broken)?;
        let licence = format!(".{}", picture["licence"].as_str().ok_or_else(broken)?);
        let text = |value: &Json| json!({ "type": "string", "value": value });
        for mutation in [
            json!({ "op": "set", "attachment": "Studio::Asset.properties", "key": key, "value": {
                "name": name,
                "title": picture["title"],
                "kind": ".photograph",
                "tags": picture["tags"],
                "origin": { "publisher": picture["author"], "licence": licence },
            }}),
            json!({ "op": "set", "attachment": "Studio::Asset.metadata", "key": key, "value": [
                ["author", text(&picture["author"])],
                ["source", text(&picture["source"])],
            ]}),
            json!({ "op": "set", "attachment": "Studio::Texture.image", "key": key, "value": {
                "width": picture["width"],
                "height": picture["height"],
                "media_type": picture["media_type"],
                "pixels": blob,
            }}),
        ] {
            mutations.push_str(&mutation.to_string());
            mutations.push('\n');
        }
    }
    Ok(mutations)
}
