//! Types in JSON: one object with a `class_name`; definitions by runtime id and name.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{JsonError, JsonErrorKind, Member};
use crate::MAX_DEPTH;
use crate::definitions::{Definitions, Lookup};
use crate::id::RuntimeId;
use crate::name::{TypeName, nearest};
use crate::types::{KeyTarget, Type, TypeError};

/// The JSON form of a type.
///
/// `{"class_name": "primitive", "name": "int32"}`, `{"class_name": "structure", "runtime_id": …, "name": …}`, and for
/// what is made of other types `element_type`, `key_type`, `types`, `size`, `columns`, `rows` as the class needs.
pub fn encode_type(ty: &Type) -> Json {
    let one = |class, element: &Type| object(class, [("element_type", encode_type(element))]);
    let many = |class, types: &[Type]| {
        object(class, [("types", Json::Array(types.iter().map(encode_type).collect()))])
    };
    match ty {
        Type::Vec(vec) => object(
            "vec",
            [("element_type", encode_type(&vec.element().as_type())), ("size", Json::from(vec.size()))],
        ),
        Type::Mat(mat) => object(
            "mat",
            [
                ("element_type", encode_type(&mat.element().as_type())),
                ("columns", Json::from(mat.columns())),
                ("rows", Json::from(mat.rows())),
            ],
        ),
        Type::Tuple(types) => many("tuple", types),
        Type::Variant(types) => many("variant", types),
        Type::Optional(element) => one("optional", element),
        Type::Vector(element) => one("vector", element),
        Type::Set(element) => one("set", element),
        Type::XArray(element) => one("xarray", element),
        Type::Map(map) => {
            object("map", [("key_type", encode_type(&map.key)), ("element_type", encode_type(&map.value))])
        }
        Type::Key(target) => object("key", [("element_type", encode_target(target))]),
        Type::Enumeration(e) => named("enumeration", e.runtime_id(), e.name()),
        Type::Structure(s) => named("structure", s.runtime_id(), s.name()),
        primitive => object("primitive", [("name", Json::from(primitive.to_string()))]),
    }
}

fn encode_target(target: &KeyTarget) -> Json {
    match target {
        KeyTarget::AnyConcept => object("any_concept", []),
        KeyTarget::Concept(concept) => named("concept", concept.runtime_id(), concept.name()),
        KeyTarget::Club(club) => named("club", club.runtime_id(), club.name()),
    }
}

fn named(class: &str, id: RuntimeId, name: &TypeName) -> Json {
    object(class, [("runtime_id", Json::from(id.to_string())), ("name", Json::from(name.to_string()))])
}

fn object<const N: usize>(class: &str, members: [(&str, Json); N]) -> Json {
    let mut object = Map::new();
    object.insert("class_name".to_owned(), Json::from(class));
    object.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Json::Object(object)
}

/// The type that JSON describes, over these definitions.
///
/// A definition is found by its runtime id; by its name where there is no id. A text is read as DSM.
///
/// # Errors
/// When the JSON is not the form of a type over these definitions.
pub fn decode_type(json: &Json, definitions: &Definitions) -> Result<Type, JsonError> {
    read(json, definitions, 0).map_err(JsonError::at_root)
}

pub(super) fn read(json: &Json, definitions: &Definitions, depth: usize) -> Result<Type, JsonError> {
    if depth >= MAX_DEPTH {
        return Err(JsonError::new(TypeError::Depth));
    }
    let members = match json {
        Json::Object(members) => members,
        Json::String(text) => {
            return Type::parse(text, definitions)
                .map_err(|e| JsonError::new(JsonErrorKind::TypeText(Box::new(e))));
        }
        other => return Err(JsonError::expected("a type", other)),
    };
    let member = |name| member(members, name);
    let inner =
        |name| read(member(name)?, definitions, depth + 1).map_err(|e: JsonError| e.inside(Member(name)));
    let numeric = || {
        let element = inner("element_type")?;
        element
            .as_numeric()
            .ok_or_else(|| JsonError::expected("a numeric type", &Json::from(element.to_string())))
            .map_err(|e| e.inside(".element_type"))
    };
    let ty = match text(member("class_name")?).map_err(|e| e.inside(".class_name"))? {
        "primitive" => {
            let name = text(member("name")?).map_err(|e| e.inside(".name"))?;
            Type::primitive(name)
                .ok_or_else(|| unknown("primitive type", name, Type::PRIMITIVES.map(|ty| ty.to_string())))
                .map_err(|e| e.inside(".name"))?
        }
        "vec" => Type::vec(numeric()?, number(members, "size")?).map_err(JsonError::new)?,
        "mat" => Type::mat(numeric()?, number(members, "columns")?, number(members, "rows")?)
            .map_err(JsonError::new)?,
        class @ ("tuple" | "variant") => {
            let Json::Array(items) = member("types")? else {
                return Err(JsonError::expected("an array of types", member("types")?).inside(".types"));
            };
            let mut types = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                types.push(
                    read(item, definitions, depth + 1)
                        .map_err(|e| e.inside(format_args!(".types[{index}]")))?,
                );
            }
            if class == "tuple" { Type::tuple(types) } else { Type::variant(types) }
                .map_err(JsonError::new)?
        }
        "optional" => Type::optional(inner("element_type")?),
        "vector" => Type::vector(inner("element_type")?),
        "set" => Type::set(inner("element_type")?),
        "xarray" => Type::xarray(inner("element_type")?),
        "map" => Type::map(inner("key_type")?, inner("element_type")?),
        "key" => Type::key(
            read_target(member("element_type")?, definitions).map_err(|e| e.inside(".element_type"))?,
        ),
        "enumeration" => Type::Enumeration(find(
            members,
            "enumeration",
            |id| definitions.enumeration(id),
            |name| definitions.find_enumeration(name).cloned(),
            || definitions.enumerations().map(|d| d.name().to_string()).collect(),
        )?),
        "structure" => Type::Structure(find(
            members,
            "structure",
            |id| definitions.structure(id),
            |name| definitions.find_structure(name).cloned(),
            || definitions.structures().map(|d| d.name().to_string()).collect(),
        )?),
        other => {
            const CLASSES: [&str; 13] = [
                "primitive",
                "vec",
                "mat",
                "tuple",
                "variant",
                "optional",
                "vector",
                "set",
                "xarray",
                "map",
                "key",
                "enumeration",
                "structure",
            ];
            return Err(unknown("class of types", other, CLASSES).inside(".class_name"));
        }
    };
    if depth == 0 && ty.depth() > MAX_DEPTH {
        return Err(JsonError::new(TypeError::Depth));
    }
    Ok(ty)
}

fn read_target(json: &Json, definitions: &Definitions) -> Result<KeyTarget, JsonError> {
    let Json::Object(members) = json else {
        return Err(JsonError::expected("what the key refers to", json));
    };
    match text(member(members, "class_name")?).map_err(|e| e.inside(".class_name"))? {
        "any_concept" => Ok(KeyTarget::AnyConcept),
        "concept" => Ok(KeyTarget::Concept(find(
            members,
            "concept",
            |id| definitions.concept(id),
            |name| definitions.find_concept(name).cloned(),
            || definitions.concepts().map(|d| d.name().to_string()).collect(),
        )?)),
        "club" => Ok(KeyTarget::Club(find(
            members,
            "club",
            |id| definitions.club(id),
            |name| definitions.find_club(name).cloned(),
            || definitions.clubs().map(|d| d.name().to_string()).collect(),
        )?)),
        other => {
            Err(unknown("kind of key target", other, ["concept", "club", "any_concept"])
                .inside(".class_name"))
        }
    }
}

fn find<T>(
    members: &Map<String, Json>,
    what: &'static str,
    by_id: impl Fn(RuntimeId) -> Option<T>,
    by_name: impl Fn(&str) -> Option<T>,
    names: impl Fn() -> Vec<String>,
) -> Result<T, JsonError> {
    if let Some(json) = members.get("runtime_id") {
        let id: Uuid = text(json)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| JsonError::expected("a UUID", json).inside(".runtime_id"))?;
        // Whoever wrote this may use a name that this side lacks, so the name is no help when the id is unknown.
        return by_id(RuntimeId::from_uuid(id))
            .ok_or_else(|| unknown(what, &id.to_string(), [""; 0]).inside(".runtime_id"));
    }
    let name = text(member(members, "name")?).map_err(|e| e.inside(".name"))?;
    by_name(name).ok_or_else(|| unknown(what, name, names()).inside(".name"))
}

fn unknown(
    what: &'static str,
    name: &str,
    candidates: impl IntoIterator<Item = impl AsRef<str>>,
) -> JsonError {
    let candidates: Vec<_> = candidates.into_iter().collect();
    let near = nearest(name, candidates.iter().map(AsRef::as_ref)).map(str::to_owned);
    JsonError::new(JsonErrorKind::UnknownDefinition { what, name: name.to_owned(), near })
}

fn member<'j>(members: &'j Map<String, Json>, name: &'static str) -> Result<&'j Json, JsonError> {
    members.get(name).ok_or_else(|| JsonError::new(JsonErrorKind::Missing { name }))
}

fn text(json: &Json) -> Result<&str, JsonError> {
    json.as_str().ok_or_else(|| JsonError::expected("a text", json))
}

fn number(members: &Map<String, Json>, name: &'static str) -> Result<u64, JsonError> {
    let json = member(members, name)?;
    json.as_u64().ok_or_else(|| JsonError::expected("a number", json).inside(Member(name)))
}
