//! From the ids of another producer to those that are used here.

use std::collections::HashMap;

use anabranch_model::json::decode_type;
use anabranch_model::{Definitions, RuntimeId, Type, Uuid};
use serde_json::{Map, Value as Json};

/// Which ids become which others. Values are translated by their types: a text that reads like an id stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Translation {
    /// Runtime ids of concepts, clubs, enumerations and structures.
    definitions: HashMap<Uuid, RuntimeId>,
    /// Blob ids, as documents have them.
    blobs: HashMap<String, String>,
}

impl Translation {
    /// What leads from the runtime ids that DSM JSON gives its definitions to those that these have.
    pub(crate) fn between(document: &Json, definitions: &Definitions) -> Self {
        let mut translation = Self::default();
        let mut learn = |kind: &str, find: &dyn Fn(&str) -> Option<RuntimeId>| {
            for foreign in document[kind].as_array().into_iter().flatten() {
                let text = |name: &str| foreign[name].as_str();
                let (Some(namespace), Some(name)) = (text("namespace_name"), text("name")) else { continue };
                let known = find(&format!("{namespace}::{name}"));
                let id = text("runtime_id").and_then(|id| Uuid::try_parse(id).ok());
                if let (Some(id), Some(known)) = (id, known)
                    && RuntimeId::from_uuid(id) != known
                {
                    translation.definitions.insert(id, known);
                }
            }
        };
        learn("concepts", &|name| definitions.find_concept(name).map(|it| it.runtime_id()));
        learn("clubs", &|name| definitions.find_club(name).map(|it| it.runtime_id()));
        learn("enumerations", &|name| definitions.find_enumeration(name).map(|it| it.runtime_id()));
        learn("structures", &|name| definitions.find_structure(name).map(|it| it.runtime_id()));
        translation
    }

    /// Has a blob be called something else.
    pub(crate) fn blob(&mut self, foreign: String, id: String) {
        if foreign != id {
            self.blobs.insert(foreign, id);
        }
    }

    /// Translates a value of this type. What is not of its form stays, for the decoder to say so.
    pub(crate) fn value(&self, json: &mut Json, ty: &Type, definitions: &Definitions) {
        if self.definitions.is_empty() && self.blobs.is_empty() {
            return;
        }
        Walk { translation: self, definitions }.value(json, ty);
    }
}

struct Walk<'t> {
    translation: &'t Translation,
    definitions: &'t Definitions,
}

impl Walk<'_> {
    fn value(&self, json: &mut Json, ty: &Type) {
        match (ty, json) {
            (Type::BlobId, Json::String(id)) => {
                if let Some(known) = self.translation.blobs.get(id.as_str()) {
                    id.clone_from(known);
                }
            }
            (Type::Key(_), Json::Array(parts)) => {
                if let [_, concept] = parts.as_mut_slice() {
                    self.runtime_id(concept);
                }
            }
            (Type::Structure(structure), Json::Object(members)) => {
                for field in structure.fields() {
                    if let Some(member) = members.get_mut(&*field.name) {
                        self.value(member, &field.ty);
                    }
                }
            }
            (Type::Vector(element) | Type::Set(element), Json::Array(items)) => {
                items.iter_mut().for_each(|item| self.value(item, element));
            }
            (Type::Tuple(types), Json::Array(items)) => {
                types.iter().zip(items).for_each(|(ty, item)| self.value(item, ty));
            }
            (Type::Map(map), Json::Array(entries)) => {
                for entry in entries {
                    if let Some([key, value]) = entry.as_array_mut().map(Vec::as_mut_slice) {
                        self.value(key, &map.key);
                        self.value(value, &map.value);
                    }
                }
            }
            (Type::XArray(element), Json::Array(parts)) => {
                if let [_, _, Json::Object(elements)] = parts.as_mut_slice() {
                    elements.values_mut().for_each(|value| self.value(value, element));
                }
            }
            (Type::Optional(element), json) => match (&**element, json) {
                // What may itself be null stands in an array.
                (Type::Optional(_) | Type::Any, Json::Array(held)) if held.len() == 1 => {
                    self.value(&mut held[0], element);
                }
                (element, json) => self.value(json, element),
            },
            (Type::Any | Type::Variant(_), Json::Object(members)) => self.held(members),
            _ => {}
        }
    }

    /// `{"type": …, "value": …}`.
    fn held(&self, members: &mut Map<String, Json>) {
        let Some(ty) = members.get_mut("type") else { return };
        self.type_form(ty);
        if let Ok(ty) = decode_type(ty, self.definitions)
            && let Some(value) = members.get_mut("value")
        {
            self.value(value, &ty);
        }
    }

    /// The runtime ids in a type.
    fn type_form(&self, json: &mut Json) {
        match json {
            Json::Object(members) => {
                for (name, member) in members {
                    if name == "runtime_id" {
                        self.runtime_id(member);
                    } else {
                        self.type_form(member);
                    }
                }
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.type_form(item)),
            _ => {}
        }
    }

    fn runtime_id(&self, json: &mut Json) {
        let id = json.as_str().and_then(|id| Uuid::try_parse(id).ok());
        if let Some(known) = id.and_then(|id| self.translation.definitions.get(&id)) {
            *json = Json::from(known.to_string());
        }
    }
}
