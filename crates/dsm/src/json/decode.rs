//! JSON to the tree that the parser makes of text.

use std::collections::HashMap;

use anabranch_model::name::is_identifier;
use serde_json::Value;
use uuid::Uuid;

use super::node::{Node, Object, Paths};
use super::{DecodeOptions, JsonError};
use crate::ast::{
    Attachment, Case, Club, Concept, Declaration, Enumeration, Field, ForeignId, Function, Ident, Kind,
    Literal, LiteralKind, Membership, Name, Namespace, Parameter, Pool, Size, Structure, Tree, Type,
    TypeKind, UuidLiteral,
};
use crate::lexer;
use crate::parser::MAX_NESTING;
use crate::words;

/// Reads the document; gives the tree and the paths of the nodes that its spans stand for.
pub(super) fn tree(document: &Value, options: DecodeOptions) -> Result<(Tree, Paths), JsonError> {
    let mut decoder = Decoder {
        options,
        paths: Paths::default(),
        tree: Tree::default(),
        namespaces: HashMap::new(),
        references: Vec::new(),
    };
    decoder.document(Node::root(document))?;
    decoder.check_references()?;
    Ok((decoder.tree, decoder.paths))
}

const IDENTITY: [&str; 4] = ["namespace_uuid", "namespace_name", "name", "documentation"];

/// The domains of references, and what stands behind each.
const DOMAINS: [&str; 7] = ["any", "primitive", "concept", "club", "any_concept", "enumeration", "structure"];

const CLASSES: [&str; 11] =
    ["reference", "vec", "mat", "tuple", "optional", "vector", "set", "map", "xarray", "variant", "key"];

const LITERAL_DOMAINS: [&str; 8] =
    ["none", "boolean", "integer", "float", "double", "string", "uuid", "enumeration_case"];

struct Decoder<'a> {
    options: DecodeOptions,
    paths: Paths,
    tree: Tree,
    /// The places of the namespaces in the tree, by name and UUID.
    namespaces: HashMap<(&'a str, Uuid), usize>,
    /// The namespaces that references name, to be checked when all are known.
    references: Vec<(&'a str, Uuid, Node<'a>)>,
}

/// What every named definition has.
struct Identity<'a> {
    place: usize,
    namespace: &'a str,
    name: Ident,
    doc: String,
    runtime_id: ForeignId,
}

impl<'a> Decoder<'a> {
    fn document(&mut self, root: Node<'a>) -> Result<(), JsonError> {
        const KINDS: [&str; 7] = [
            "concepts",
            "clubs",
            "enumerations",
            "structures",
            "attachments",
            "function_pools",
            "attachment_function_pools",
        ];
        let object = root.object(&KINDS, &[], &mut self.paths)?;
        self.each(object, "concepts", Self::concept)?;
        self.each(object, "clubs", Self::club)?;
        self.each(object, "enumerations", Self::enumeration)?;
        self.each(object, "structures", Self::structure)?;
        self.each(object, "attachments", Self::attachment)?;
        self.each(object, "function_pools", |decoder, node| decoder.pool(node, false))?;
        self.each(object, "attachment_function_pools", |decoder, node| decoder.pool(node, true))?;
        Ok(())
    }

    /// Reads every element of the array under a key.
    fn each<T>(
        &mut self,
        object: Object<'a>,
        key: &'static str,
        mut read: impl FnMut(&mut Self, Node<'a>) -> Result<T, JsonError>,
    ) -> Result<Vec<T>, JsonError> {
        let elements = object.get(key, &mut self.paths)?.elements(&mut self.paths)?;
        elements.into_iter().map(|element| read(self, element)).collect()
    }

    fn text(&mut self, object: Object<'a>, key: &'static str) -> Result<&'a str, JsonError> {
        object.get(key, &mut self.paths)?.text(&self.paths)
    }

    fn ident(&mut self, object: Object<'a>, key: &'static str) -> Result<Ident, JsonError> {
        let node = object.get(key, &mut self.paths)?;
        let text = node.text(&self.paths)?;
        if !is_identifier(text) {
            return Err(node.wrong_form(text, "name: a letter, then letters, digits and `_`", &self.paths));
        }
        Ok(Ident { text: text.to_owned(), span: node.span() })
    }

    fn uuid(&mut self, object: Object<'a>, key: &'static str) -> Result<(Uuid, Node<'a>), JsonError> {
        let node = object.get(key, &mut self.paths)?;
        Ok((node.uuid(&self.paths)?, node))
    }

    /// An object with the keys of a named definition and those of its kind.
    fn definition(
        &mut self,
        node: Node<'a>,
        own: &[&'static str],
        optional: &[&'static str],
    ) -> Result<(Object<'a>, Identity<'a>), JsonError> {
        let required: Vec<&str> = IDENTITY.iter().chain(own).copied().collect();
        let optional: Vec<&str> = optional.iter().copied().chain(["runtime_id"]).collect();
        let object = node.object(&required, &optional, &mut self.paths)?;
        let namespace_name = self.ident(object, "namespace_name")?;
        let namespace = self.text(object, "namespace_name")?;
        let (uuid, uuid_node) = self.uuid(object, "namespace_uuid")?;
        let runtime_id = match object.find("runtime_id", &mut self.paths) {
            Some(node) => Some(node.uuid(&self.paths)?).filter(|_| self.options.keep_runtime_ids),
            None => None,
        };
        let tree = &mut self.tree;
        let place = *self.namespaces.entry((namespace, uuid)).or_insert_with(|| {
            let uuid = UuidLiteral { value: Some(uuid), span: uuid_node.span() };
            tree.namespaces.push(Namespace { name: namespace_name, uuid, declarations: Vec::new() });
            tree.namespaces.len() - 1
        });
        let identity = Identity {
            place,
            namespace,
            name: self.ident(object, "name")?,
            doc: self.text(object, "documentation")?.to_owned(),
            runtime_id,
        };
        Ok((object, identity))
    }

    fn declare(&mut self, place: usize, declaration: Declaration) {
        if let Some(namespace) = self.tree.namespaces.get_mut(place) {
            namespace.declarations.push(declaration);
        }
    }

    fn concept(&mut self, node: Node<'a>) -> Result<(), JsonError> {
        let (object, Identity { place, name, doc, runtime_id, .. }) =
            self.definition(node, &[], &["parent"])?;
        let parent = match object.find("parent", &mut self.paths) {
            Some(parent) => Some(self.reference(parent)?),
            None => None,
        };
        self.declare(place, Declaration::Concept(Concept { doc, name, parent, runtime_id }));
        Ok(())
    }

    fn club(&mut self, node: Node<'a>) -> Result<(), JsonError> {
        let (object, Identity { place, namespace, name, doc, runtime_id }) =
            self.definition(node, &["members"], &[])?;
        let members = self.each(object, "members", Self::reference)?;
        for concept in members {
            let namespace = Ident { text: namespace.to_owned(), span: concept.span() };
            let ident = Ident { text: name.text.clone(), span: concept.span() };
            let club = Name { namespace: Some(namespace), ident, kind: Some(Kind::Club) };
            self.declare(place, Declaration::Membership(Membership { club, concept }));
        }
        self.declare(place, Declaration::Club(Club { doc, name, runtime_id }));
        Ok(())
    }

    fn enumeration(&mut self, node: Node<'a>) -> Result<(), JsonError> {
        let (object, Identity { place, name, doc, runtime_id, .. }) =
            self.definition(node, &["members"], &[])?;
        let cases = self.each(object, "members", |decoder, node| {
            let object = node.object(&["name", "documentation"], &[], &mut decoder.paths)?;
            let doc = decoder.text(object, "documentation")?.to_owned();
            Ok(Case { doc, name: decoder.ident(object, "name")? })
        })?;
        let enumeration = Enumeration { doc, name, cases, is_partial: false, runtime_id };
        self.declare(place, Declaration::Enumeration(enumeration));
        Ok(())
    }

    fn structure(&mut self, node: Node<'a>) -> Result<(), JsonError> {
        let (object, Identity { place, name, doc, runtime_id, .. }) =
            self.definition(node, &["fields"], &[])?;
        let fields = self.each(object, "fields", Self::field)?;
        let structure = Structure { doc, name, fields, is_partial: false, runtime_id };
        self.declare(place, Declaration::Structure(structure));
        Ok(())
    }

    fn field(&mut self, node: Node<'a>) -> Result<Field, JsonError> {
        let keys = ["name", "documentation", "type", "default_value"];
        let object = node.object(&keys, &[], &mut self.paths)?;
        let default = object.get("default_value", &mut self.paths)?;
        let ty = object.get("type", &mut self.paths)?;
        Ok(Field {
            doc: self.text(object, "documentation")?.to_owned(),
            ty: self.ty(ty, 1)?,
            name: self.ident(object, "name")?,
            default: self.literal(default, 1)?,
        })
    }

    fn attachment(&mut self, node: Node<'a>) -> Result<(), JsonError> {
        let (object, Identity { place, name, doc, runtime_id, .. }) =
            self.definition(node, &["key_type", "document_type"], &[])?;
        let key = object.get("key_type", &mut self.paths)?;
        let document = object.get("document_type", &mut self.paths)?;
        let (key, document) = (self.reference(key)?, self.ty(document, 1)?);
        self.declare(place, Declaration::Attachment(Attachment { doc, key, document, name, runtime_id }));
        Ok(())
    }

    fn pool(&mut self, node: Node<'a>, over_attachments: bool) -> Result<(), JsonError> {
        let object = node.object(&["uuid", "name", "documentation", "functions"], &[], &mut self.paths)?;
        let (uuid, uuid_node) = self.uuid(object, "uuid")?;
        let pool = Pool {
            doc: self.text(object, "documentation")?.to_owned(),
            over_attachments,
            name: self.ident(object, "name")?,
            uuid: UuidLiteral { value: Some(uuid), span: uuid_node.span() },
            functions: self
                .each(object, "functions", |decoder, node| decoder.function(node, over_attachments))?,
        };
        self.tree.pools.push(pool);
        Ok(())
    }

    fn function(&mut self, node: Node<'a>, over_attachments: bool) -> Result<Function, JsonError> {
        let own: &[&str] = if over_attachments { &["is_mutable"] } else { &[] };
        let required: Vec<&str> = ["prototype", "documentation"].iter().chain(own).copied().collect();
        let object = node.object(&required, &[], &mut self.paths)?;
        let is_mutable = match object.find("is_mutable", &mut self.paths) {
            Some(node) => node.boolean(&self.paths)?,
            None => false,
        };
        let prototype = object.get("prototype", &mut self.paths)?;
        let prototype = prototype.object(&["name", "parameters", "return_type"], &[], &mut self.paths)?;
        let result = prototype.get("return_type", &mut self.paths)?;
        Ok(Function {
            doc: self.text(object, "documentation")?.to_owned(),
            is_mutable,
            result: self.ty(result, 1)?,
            name: self.ident(prototype, "name")?,
            parameters: self.each(prototype, "parameters", |decoder, node| {
                let object = node.object(&["name", "type"], &[], &mut decoder.paths)?;
                let ty = object.get("type", &mut decoder.paths)?;
                Ok(Parameter { ty: decoder.ty(ty, 1)?, name: decoder.ident(object, "name")? })
            })?,
        })
    }

    fn ty(&mut self, node: Node<'a>, depth: usize) -> Result<Type, JsonError> {
        if depth > MAX_NESTING {
            return Err(JsonError::TooDeep { path: node.path(&self.paths) });
        }
        let (class_node, class) = node.discriminator("class_name", &mut self.paths)?;
        let own: &[&str] = match class {
            "reference" => {
                let name = self.reference(node)?;
                return Ok(Type { kind: TypeKind::Named(name), span: node.span() });
            }
            "vec" => &["element_type", "size"],
            "mat" => &["element_type", "columns", "rows"],
            "tuple" | "variant" => &["types"],
            "optional" | "vector" | "set" | "xarray" | "key" => &["element_type"],
            "map" => &["key_type", "element_type"],
            _ => return Err(class_node.unknown_value(class, &CLASSES, &self.paths)),
        };
        let required: Vec<&str> = own.iter().copied().chain(["class_name"]).collect();
        let object = node.object(&required, &[], &mut self.paths)?;
        let kind = match class {
            "vec" => TypeKind::Vec(self.element(object)?, self.size(object, "size")?),
            "mat" => {
                let element = self.element(object)?;
                TypeKind::Mat(element, self.size(object, "columns")?, self.size(object, "rows")?)
            }
            "key" => TypeKind::Key(self.element(object)?),
            "tuple" | "variant" => {
                let types = self.each(object, "types", |decoder, node| decoder.ty(node, depth + 1))?;
                if class == "tuple" { TypeKind::Tuple(types) } else { TypeKind::Variant(types) }
            }
            "map" => {
                let key = self.inner(object, "key_type", depth)?;
                TypeKind::Map(key, self.inner(object, "element_type", depth)?)
            }
            _ => {
                let element = self.inner(object, "element_type", depth)?;
                match class {
                    "optional" => TypeKind::Optional(element),
                    "vector" => TypeKind::Vector(element),
                    "set" => TypeKind::Set(element),
                    _ => TypeKind::XArray(element),
                }
            }
        };
        Ok(Type { kind, span: node.span() })
    }

    fn inner(&mut self, object: Object<'a>, key: &'static str, depth: usize) -> Result<Box<Type>, JsonError> {
        let node = object.get(key, &mut self.paths)?;
        Ok(Box::new(self.ty(node, depth + 1)?))
    }

    fn element(&mut self, object: Object<'a>) -> Result<Name, JsonError> {
        let node = object.get("element_type", &mut self.paths)?;
        self.reference(node)
    }

    fn size(&mut self, object: Object<'a>, key: &'static str) -> Result<Size, JsonError> {
        let node = object.get(key, &mut self.paths)?;
        Ok(Size { value: Some(node.count(&self.paths)?), span: node.span() })
    }

    fn reference(&mut self, node: Node<'a>) -> Result<Name, JsonError> {
        let (class_node, class) = node.discriminator("class_name", &mut self.paths)?;
        if class != "reference" {
            return Err(class_node.unknown_value(class, &["reference"], &self.paths));
        }
        let keys = ["class_name", "namespace_uuid", "namespace_name", "name", "domain"];
        let object = node.object(&keys, &[], &mut self.paths)?;
        let domain_node = object.get("domain", &mut self.paths)?;
        let domain = domain_node.text(&self.paths)?;
        let kind = match domain {
            "concept" => Some(Kind::Concept),
            "club" => Some(Kind::Club),
            "enumeration" => Some(Kind::Enumeration),
            "structure" => Some(Kind::Structure),
            "primitive" | "any" | "any_concept" => None,
            _ => return Err(domain_node.unknown_value(domain, &DOMAINS, &self.paths)),
        };
        let name_node = object.get("name", &mut self.paths)?;
        let (uuid, uuid_node) = self.uuid(object, "namespace_uuid")?;
        let namespace_node = object.get("namespace_name", &mut self.paths)?;
        let namespace = namespace_node.text(&self.paths)?;
        let mut ident = self.ident(object, "name")?;
        // What is wrong with a name is wrong with the reference as a whole.
        ident.span = node.span();
        if kind.is_some() {
            self.references.push((namespace, uuid, uuid_node));
            let namespace = Ident { text: namespace.to_owned(), span: node.span() };
            return Ok(Name { namespace: Some(namespace), ident, kind });
        }
        let is_word = match domain {
            "primitive" => {
                words::PRIMITIVES.contains(&ident.text.as_str())
                    && !matches!(ident.text.as_str(), "any" | "any_concept")
            }
            _ => ident.text == domain,
        };
        if !is_word {
            return Err(name_node.wrong_form(&ident.text, "name of this domain", &self.paths));
        }
        if !namespace.is_empty() {
            return Err(namespace_node.wrong_form(
                namespace,
                "empty text, as this domain has no namespace",
                &self.paths,
            ));
        }
        if !uuid.is_nil() {
            return Err(uuid_node.wrong_form(
                &uuid.to_string(),
                "nil UUID, as this domain has no namespace",
                &self.paths,
            ));
        }
        Ok(Name { namespace: None, ident, kind: None })
    }

    /// A reference names a namespace twice, and both must agree; one that is not there at all is found later.
    fn check_references(&self) -> Result<(), JsonError> {
        let names: HashMap<&str, Uuid> = self.namespaces.keys().copied().collect();
        for (name, uuid, node) in &self.references {
            let is_declared = self.namespaces.contains_key(&(*name, *uuid));
            if !is_declared && names.contains_key(name) {
                return Err(JsonError::Namespace { path: node.path(&self.paths), name: (*name).to_owned() });
            }
        }
        Ok(())
    }

    fn literal(&mut self, node: Node<'a>, depth: usize) -> Result<Option<Literal>, JsonError> {
        if depth > MAX_NESTING {
            return Err(JsonError::TooDeep { path: node.path(&self.paths) });
        }
        let (class_node, class) = node.discriminator("class_name", &mut self.paths)?;
        let kind = match class {
            "literal_list" => {
                let object = node.object(&["class_name", "members"], &[], &mut self.paths)?;
                let members = self.each(object, "members", |decoder, member| {
                    let literal = decoder.literal(member, depth + 1)?;
                    literal.ok_or_else(|| {
                        member.unknown_value(
                            "none",
                            LITERAL_DOMAINS.get(1..).unwrap_or_default(),
                            &decoder.paths,
                        )
                    })
                })?;
                LiteralKind::List(members)
            }
            "literal_value" => match self.single(node)? {
                Some(kind) => kind,
                None => return Ok(None),
            },
            _ => {
                return Err(class_node.unknown_value(class, &["literal_value", "literal_list"], &self.paths));
            }
        };
        Ok(Some(Literal { kind, span: node.span() }))
    }

    fn single(&mut self, node: Node<'a>) -> Result<Option<LiteralKind>, JsonError> {
        let object = node.object(&["class_name", "domain", "value"], &[], &mut self.paths)?;
        let domain_node = object.get("domain", &mut self.paths)?;
        let domain = domain_node.text(&self.paths)?;
        let value_node = object.get("value", &mut self.paths)?;
        let text = value_node.text(&self.paths)?;
        let (kind, form) = match domain {
            "none" => return Ok(None),
            "string" => (Some(LiteralKind::String(text.to_owned())), "string"),
            "boolean" => (text.parse().ok().map(LiteralKind::Bool), "boolean"),
            "uuid" => return Ok(Some(LiteralKind::Uuid(value_node.uuid(&self.paths)?))),
            "enumeration_case" => {
                (is_identifier(text).then(|| LiteralKind::Case(text.to_owned())), "name of a case")
            }
            "integer" => {
                let is_whole = lexer::is_json_number(text) && !text.contains(['.', 'e', 'E']);
                (is_whole.then(|| LiteralKind::Number(text.to_owned())), "whole number")
            }
            "float" | "double" => {
                (lexer::is_json_number(text).then(|| LiteralKind::Number(text.to_owned())), "number")
            }
            _ => return Err(domain_node.unknown_value(domain, &LITERAL_DOMAINS, &self.paths)),
        };
        match kind {
            Some(kind) => Ok(Some(kind)),
            None => Err(value_node.wrong_form(text, form, &self.paths)),
        }
    }
}
