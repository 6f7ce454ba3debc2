//! Values from JSON, by what may stand where a path leads.

use std::sync::Arc;

use anabranch::model::json::{JsonError, decode_strict};
use anabranch::model::{MapValue, PlaceTypes, SetValue};
use anabranch::{Attachment, Definitions, MutationError, Path, Type, Value};
use serde_json::Value as Json;

use super::mutation::Op;
use crate::error::CliError;

/// A place that a mutation writes.
pub(crate) struct Place<'m> {
    definitions: &'m Definitions,
    attachment: &'m Attachment,
    op: Op,
    pub(crate) path: Path,
    types: PlaceTypes,
}

impl<'m> Place<'m> {
    /// The place that a path leads to.
    pub(crate) fn find(
        definitions: &'m Definitions,
        attachment: &'m Attachment,
        op: Op,
        path: &str,
    ) -> Result<Self, CliError> {
        let document = attachment.document_type();
        let path = Path::parse(path, document, definitions)
            .map_err(|error| CliError::path(path, attachment, &error))?;
        let types = path
            .check(document)
            .map_err(|error| CliError::new(format!("{}: {error}", attachment.identifier())))?;
        Ok(Self { definitions, attachment, op, path, types })
    }

    /// The value that shall stand in the place.
    pub(crate) fn value(&self, json: &Json) -> Result<Value, CliError> {
        self.of_types(json, &self.types)
    }

    /// The elements that shall be in the set here, or not.
    pub(crate) fn set(&self, json: &Json) -> Result<SetValue, CliError> {
        let types = self.only("a set", |ty| matches!(ty, Type::Set(_)).then(|| ty.clone()))?;
        self.set_of(json, &types)
    }

    /// The keys that shall not be in the map here.
    pub(crate) fn map_keys(&self, json: &Json) -> Result<SetValue, CliError> {
        let types = self.only("a map", |ty| match ty {
            Type::Map(map) => Some(Type::set(map.key.clone())),
            _ => None,
        })?;
        self.set_of(json, &types)
    }

    fn set_of(&self, json: &Json, types: &PlaceTypes) -> Result<SetValue, CliError> {
        match self.of_types(json, types)? {
            Value::Set(set) => Ok(set),
            other => Err(CliError::new(format!("value: expected a set, found {}", other.ty()))),
        }
    }

    /// The entries that shall be in the map here.
    pub(crate) fn map(&self, json: &Json) -> Result<MapValue, CliError> {
        let types = self.only("a map", |ty| matches!(ty, Type::Map(_)).then(|| ty.clone()))?;
        match self.of_types(json, &types)? {
            Value::Map(map) => Ok(map),
            other => Err(CliError::new(format!("value: expected a map, found {}", other.ty()))),
        }
    }

    /// The element that shall be in the xarray here.
    pub(crate) fn element(&self, json: &Json) -> Result<Value, CliError> {
        let types = self.only("an xarray", |ty| match ty {
            Type::XArray(element) => Some((**element).clone()),
            _ => None,
        })?;
        self.of_types(json, &types)
    }

    /// Those of the types here that an operation works on.
    fn only(
        &self,
        expected: &'static str,
        pick: impl Fn(&Type) -> Option<Type>,
    ) -> Result<PlaceTypes, CliError> {
        let PlaceTypes::OneOf(types) = &self.types else { return Ok(PlaceTypes::Any) };
        let picked: Vec<Type> = types.iter().filter_map(pick).collect();
        if !picked.is_empty() {
            return Ok(PlaceTypes::OneOf(picked));
        }
        Err(MutationError::Target {
            attachment: self.attachment.identifier(),
            path: self.path.clone(),
            operation: self.op.name(),
            expected,
            found: types.iter().map(Type::to_string).collect::<Vec<_>>().join(" or "),
        }
        .into())
    }

    /// The value that JSON describes. Where several types may stand, it says which, unless only one reads it.
    fn of_types(&self, json: &Json, types: &PlaceTypes) -> Result<Value, CliError> {
        let typed = |ty: &Type| decode_strict(json, ty, self.definitions);
        let types = match types {
            PlaceTypes::OneOf(types) => match types.as_slice() {
                [only] => return typed(only).map_err(|error| in_value(&error)),
                several => several,
            },
            PlaceTypes::Any => {
                let value = typed(&Type::Any).map_err(|error| in_value(&error))?;
                return match value.unwrapped() {
                    Some(value) => Ok(value.clone()),
                    None => Err(undecided(&[])),
                };
            }
        };
        let names_type = json.as_object().is_some_and(|members| members.contains_key("type"));
        let variant = Type::Variant(Arc::new(types.to_vec()));
        if names_type && let Ok(Value::Variant(value)) = typed(&variant) {
            return Ok(value.get().clone());
        }
        let read: Vec<Value> = types.iter().filter_map(|ty| typed(ty).ok()).collect();
        match read.as_slice() {
            [only] => Ok(only.clone()),
            _ => Err(undecided(types)),
        }
    }
}

/// What can be added to or taken from, by what an operation on a place of that type is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Set,
    Map,
}

/// Whether there is a set or a map at a path; none where the type of the document does not say.
pub(crate) fn container(path: &Path, attachment: &Attachment) -> Result<Option<Container>, CliError> {
    let identifier = attachment.identifier();
    let types = path
        .check(attachment.document_type())
        .map_err(|error| CliError::new(format!("{identifier}: {error}")))?;
    let PlaceTypes::OneOf(types) = types else { return Ok(None) };
    let has = |wanted: fn(&Type) -> bool| types.iter().any(wanted);
    match (has(|ty| matches!(ty, Type::Set(_))), has(|ty| matches!(ty, Type::Map(_)))) {
        (true, true) => Ok(None),
        (true, false) => Ok(Some(Container::Set)),
        (false, true) => Ok(Some(Container::Map)),
        (false, false) => {
            let found = types.iter().map(Type::to_string).collect::<Vec<_>>().join(" or ");
            Err(CliError::new(format!(
                "`{path}` of {identifier} is neither a set nor a map: it is of type {found}"
            ))
            .hint("`anabranch update` puts another value there, `insert` and `remove` work on xarrays"))
        }
    }
}

/// Where in the value something is wrong.
pub(crate) fn in_value(error: &JsonError) -> CliError {
    let text = error.to_string();
    CliError::new(format!("value{}", text.strip_prefix('$').unwrap_or(&text)))
}

fn undecided(types: &[Type]) -> CliError {
    let error = CliError::new("value: several types may stand here")
        .hint("say which one: {\"type\": \"string\", \"value\": …}");
    error.candidates(types.iter().map(Type::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_place_in_the_value() {
        let map = Type::map(Type::String, Type::Int8);
        let json = serde_json::json!([["a", 1], ["b", 256]]);
        let error = decode_strict(&json, &map, &Definitions::default()).expect_err("out of range");
        let mut out = anstream::StripStream::new(Vec::new());
        in_value(&error).write(&mut out).expect("a vector takes everything");
        let text = String::from_utf8(out.into_inner()).expect("text");
        assert_eq!(text, "error: value[1][1]: 256 is out of range for int8\n");
    }
}
