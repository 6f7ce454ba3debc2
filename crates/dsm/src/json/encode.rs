//! Definitions to JSON. Keys stand in alphabetical order, as the format asks of its writers.

use anabranch_model::{
    Definition, Definitions, FunctionPool, KeyTarget, Structure, Type, TypeName, Uuid, Value as ModelValue,
};
use serde_json::{Value, json};

use crate::literal::Written;

pub(super) fn document(definitions: &Definitions) -> Value {
    let mut concepts = Vec::new();
    let mut clubs = Vec::new();
    let mut enumerations = Vec::new();
    let mut structures = Vec::new();
    let mut attachments = Vec::new();
    let mut function_pools = Vec::new();
    let mut attachment_function_pools = Vec::new();
    for definition in definitions.ordered() {
        match definition {
            Definition::Concept(concept) => {
                let mut own = json!({});
                if let Some(parent) = concept.parent() {
                    own["parent"] = named(parent.name(), "concept");
                }
                concepts.push(with_identity(definition, concept.documentation(), own));
            }
            Definition::Club(club) => {
                let members: Vec<Value> =
                    club.members().iter().map(|it| named(it.name(), "concept")).collect();
                clubs.push(with_identity(definition, club.documentation(), json!({ "members": members })));
            }
            Definition::Enumeration(enumeration) => {
                let case = |name: &str, doc: &str| json!({ "documentation": doc, "name": name });
                let members: Vec<Value> =
                    enumeration.cases().iter().map(|it| case(&it.name, &it.documentation)).collect();
                let own = json!({ "members": members });
                enumerations.push(with_identity(definition, enumeration.documentation(), own));
            }
            Definition::Structure(structure) => {
                let own = json!({ "fields": fields(structure) });
                structures.push(with_identity(definition, structure.documentation(), own));
            }
            Definition::Attachment(attachment) => {
                let own = json!({
                    "document_type": ty(attachment.document_type()),
                    "key_type": target(attachment.key_target()),
                });
                attachments.push(with_identity(definition, attachment.documentation(), own));
            }
            Definition::FunctionPool(it) if it.over_attachments() => attachment_function_pools.push(pool(it)),
            Definition::FunctionPool(it) => function_pools.push(pool(it)),
        }
    }
    json!({
        "attachment_function_pools": attachment_function_pools,
        "attachments": attachments,
        "clubs": clubs,
        "concepts": concepts,
        "enumerations": enumerations,
        "function_pools": function_pools,
        "structures": structures,
    })
}

/// Joins what every named definition has with what its kind has.
fn with_identity(definition: &Definition, documentation: &str, own: Value) -> Value {
    let name = definition.name();
    let mut entries = vec![
        ("documentation".to_owned(), json!(documentation)),
        ("name".to_owned(), json!(&*name.name)),
        ("namespace_name".to_owned(), json!(&*name.namespace.name)),
        ("namespace_uuid".to_owned(), json!(name.namespace.uuid.to_string())),
        ("runtime_id".to_owned(), json!(definition.runtime_id().to_string())),
    ];
    if let Value::Object(own) = own {
        entries.extend(own);
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(entries.into_iter().collect())
}

fn fields(structure: &Structure) -> Vec<Value> {
    let field = |it: &anabranch_model::Field| {
        json!({
            "default_value": default(it.default.as_ref()),
            "documentation": &*it.documentation,
            "name": &*it.name,
            "type": ty(&it.ty),
        })
    };
    structure.fields().iter().map(field).collect()
}

fn default(value: Option<&ModelValue>) -> Value {
    match value.and_then(Written::of) {
        Some(written) => literal(&written),
        None => json!({ "class_name": "literal_value", "domain": "none", "value": "" }),
    }
}

fn literal(written: &Written) -> Value {
    match written {
        Written::Single { domain, text } => {
            json!({ "class_name": "literal_value", "domain": domain, "value": text })
        }
        Written::List(items) => {
            let members: Vec<Value> = items.iter().map(literal).collect();
            json!({ "class_name": "literal_list", "members": members })
        }
    }
}

fn pool(pool: &FunctionPool) -> Value {
    let function = |it: &anabranch_model::Function| {
        let parameter = |(name, parameter): &(std::sync::Arc<str>, Type)| json!({ "name": &**name, "type": ty(parameter) });
        let parameters: Vec<Value> = it.parameters.iter().map(parameter).collect();
        let return_type = it.result.as_ref().map_or_else(|| bare("void", "primitive"), ty);
        let prototype = json!({ "name": &*it.name, "parameters": parameters, "return_type": return_type });
        if pool.over_attachments() {
            json!({ "documentation": &*it.documentation, "is_mutable": it.is_mutable, "prototype": prototype })
        } else {
            json!({ "documentation": &*it.documentation, "prototype": prototype })
        }
    };
    let functions: Vec<Value> = pool.functions().iter().map(function).collect();
    json!({
        "documentation": pool.documentation(),
        "functions": functions,
        "name": &*pool.name().name,
        "uuid": pool.uuid().to_string(),
    })
}

fn reference(namespace: &str, uuid: Uuid, name: &str, domain: &str) -> Value {
    json!({
        "class_name": "reference",
        "domain": domain,
        "name": name,
        "namespace_name": namespace,
        "namespace_uuid": uuid.to_string(),
    })
}

fn named(name: &TypeName, domain: &str) -> Value {
    reference(&name.namespace.name, name.namespace.uuid, &name.name, domain)
}

fn bare(name: &str, domain: &str) -> Value {
    reference("", Uuid::nil(), name, domain)
}

fn target(target: &KeyTarget) -> Value {
    match target {
        KeyTarget::AnyConcept => bare("any_concept", "any_concept"),
        KeyTarget::Concept(concept) => named(concept.name(), "concept"),
        KeyTarget::Club(club) => named(club.name(), "club"),
    }
}

fn of_element(class: &str, element: &Type) -> Value {
    json!({ "class_name": class, "element_type": ty(element) })
}

fn of_types(class: &str, types: &[Type]) -> Value {
    json!({ "class_name": class, "types": types.iter().map(ty).collect::<Vec<Value>>() })
}

fn ty(of: &Type) -> Value {
    match of {
        Type::Any => bare("any", "any"),
        Type::Vec(vec) => json!({
            "class_name": "vec",
            "element_type": ty(&vec.element().as_type()),
            "size": vec.size(),
        }),
        Type::Mat(mat) => json!({
            "class_name": "mat",
            "columns": mat.columns(),
            "element_type": ty(&mat.element().as_type()),
            "rows": mat.rows(),
        }),
        Type::Tuple(types) => of_types("tuple", types),
        Type::Variant(types) => of_types("variant", types),
        Type::Optional(element) => of_element("optional", element),
        Type::Vector(element) => of_element("vector", element),
        Type::Set(element) => of_element("set", element),
        Type::XArray(element) => of_element("xarray", element),
        Type::Map(map) => json!({
            "class_name": "map",
            "element_type": ty(&map.value),
            "key_type": ty(&map.key),
        }),
        Type::Key(to) => json!({ "class_name": "key", "element_type": target(to) }),
        Type::Enumeration(enumeration) => named(enumeration.name(), "enumeration"),
        Type::Structure(structure) => named(structure.name(), "structure"),
        primitive => bare(&primitive.to_string(), "primitive"),
    }
}
