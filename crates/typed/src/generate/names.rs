//! Rust names for what a model names.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anabranch_model::{
    Attachment, Definition, Definitions, Enumeration, KeyTarget, NameSpace, RuntimeId, Structure, Type,
    TypeName, Uuid,
};

/// Names that generated modules use for something else, and so cannot give away. Upper case: types.
const TAKEN: [&str; 41] = [
    "AnyValue",
    "Arc",
    "Attach",
    "BTreeMap",
    "BTreeSet",
    "BlobId",
    "Clone",
    "CommitId",
    "Copy",
    "Debug",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Fn",
    "From",
    "Hash",
    "Into",
    "Iterator",
    "Key",
    "LazyLock",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Place",
    "Result",
    "RuntimeId",
    "Self",
    "Send",
    "Some",
    "String",
    "Sync",
    "TryFrom",
    "Type",
    "Uuid",
    "Value",
    "ValueError",
    "Vec",
];
/// More of them.
const TAKEN_TOO: [&str; 4] = ["XArray", "Box", "Sized", "TryInto"];

/// The keywords of Rust, of all editions, and what cannot be written even with `r#`.
const KEYWORDS: [&str; 54] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield", "std", "core",
];

/// The Rust names of a model.
#[derive(Debug, Default)]
pub(super) struct Names {
    namespaces: Vec<NameSpace>,
    modules: HashMap<Uuid, String>,
    types: HashMap<RuntimeId, String>,
    members: HashMap<RuntimeId, Vec<String>>,
    places: HashMap<RuntimeId, String>,
    variants: Vec<(Uuid, Arc<Vec<Type>>, String)>,
    ordered: HashSet<RuntimeId>,
}

/// Names that are different from each other.
#[derive(Debug, Default)]
struct Scope(HashSet<String>);

impl Scope {
    /// The name itself, or with the first number that makes it new.
    fn claim(&mut self, name: String) -> String {
        let mut claimed = name.clone();
        let mut number = 2;
        while !self.0.insert(claimed.clone()) {
            claimed = format!("{name}{number}");
            number += 1;
        }
        claimed
    }
}

impl Names {
    /// Names for everything. The same model gets the same names.
    pub(super) fn of(model: &Definitions) -> Self {
        let mut names = Self { namespaces: model.namespaces().to_vec(), ..Self::default() };
        names.namespaces.sort_by(|a, b| (&a.name, a.uuid).cmp(&(&b.name, b.uuid)));
        let mut modules = Scope::default();
        for namespace in &names.namespaces {
            names.modules.insert(namespace.uuid, modules.claim(word(&namespace.name)));
        }
        // Each after what it is made of.
        for definition in model.ordered() {
            if let Definition::Structure(it) = definition
                && it.fields().iter().all(|field| names.is_ordered(&field.ty))
            {
                names.ordered.insert(it.runtime_id());
            }
        }
        for namespace in names.namespaces.clone() {
            names.namespace(model, &namespace);
        }
        names
    }

    fn namespace(&mut self, model: &Definitions, namespace: &NameSpace) {
        let here = |name: &TypeName| name.namespace == *namespace;
        let mut scope = Scope(TAKEN.into_iter().chain(TAKEN_TOO).map(str::to_owned).collect());
        let mut places = Scope::default();
        for it in model.structures().filter(|it| here(it.name())) {
            self.types.insert(it.runtime_id(), scope.claim(pascal(&it.name().name)));
            self.places.insert(it.runtime_id(), places.claim(word(&it.name().name)));
            let mut fields = Scope::default();
            let fields = it.fields().iter().map(|field| fields.claim(word(&field.name))).collect();
            self.members.insert(it.runtime_id(), fields);
        }
        for it in model.enumerations().filter(|it| here(it.name())) {
            self.types.insert(it.runtime_id(), scope.claim(pascal(&it.name().name)));
            let mut cases = Scope(HashSet::from(["Self".to_owned()]));
            let cases = it.cases().iter().map(|case| cases.claim(pascal(&case.name))).collect();
            self.members.insert(it.runtime_id(), cases);
        }
        for it in model.concepts().filter(|it| here(it.name())) {
            self.types.insert(it.runtime_id(), scope.claim(format!("{}Key", pascal(&it.name().name))));
        }
        for it in model.clubs().filter(|it| here(it.name())) {
            self.types.insert(it.runtime_id(), scope.claim(format!("{}Key", pascal(&it.name().name))));
            let mut members = Scope(HashSet::from(["Null".to_owned(), "Self".to_owned()]));
            let members = it.members().iter().map(|member| members.claim(pascal(&member.name().name)));
            let members = members.collect();
            self.members.insert(it.runtime_id(), members);
        }
        for it in model.attachments().filter(|it| here(it.name())) {
            let key = it.key_target().name().map_or_else(|| "Any".to_owned(), |name| pascal(&name.name));
            self.types.insert(it.runtime_id(), scope.claim(format!("{key}{}", pascal(&it.name().name))));
        }
        for it in model.structures().filter(|it| here(it.name())) {
            for (place, field) in it.fields().iter().enumerate() {
                let name = format!("{}{}", self.structure(it), pascal(self.field(it, place)));
                self.claim_variants(namespace, &field.ty, &name, &mut scope);
            }
        }
        for it in model.attachments().filter(|it| here(it.name())) {
            let name = format!("{}Document", self.attachment(it));
            self.claim_variants(namespace, it.document_type(), &name, &mut scope);
        }
    }

    /// A variant is an enumeration named after the first place that has it.
    fn claim_variants(&mut self, namespace: &NameSpace, ty: &Type, name: &str, scope: &mut Scope) {
        match ty {
            Type::Optional(of) | Type::Vector(of) | Type::Set(of) | Type::XArray(of) => {
                self.claim_variants(namespace, of, name, scope);
            }
            Type::Map(map) => {
                self.claim_variants(namespace, &map.key, &format!("{name}Key"), scope);
                self.claim_variants(namespace, &map.value, name, scope);
            }
            Type::Tuple(types) => {
                types.iter().for_each(|ty| self.claim_variants(namespace, ty, name, scope));
            }
            Type::Variant(types) => {
                if !self.variants.iter().any(|it| it.0 == namespace.uuid && it.1 == *types) {
                    let claimed = scope.claim(name.to_owned());
                    self.variants.push((namespace.uuid, types.clone(), claimed));
                }
                types.iter().for_each(|ty| self.claim_variants(namespace, ty, name, scope));
            }
            _ => {}
        }
    }

    /// Whether Rust orders values of this type, and as the model does.
    pub(super) fn is_ordered(&self, ty: &Type) -> bool {
        match ty {
            Type::Float | Type::Double | Type::Any => false,
            Type::Vec(vec) => self.is_ordered(&vec.element().as_type()),
            Type::Mat(mat) => self.is_ordered(&mat.element().as_type()),
            Type::Optional(of) | Type::Vector(of) | Type::Set(of) | Type::XArray(of) => self.is_ordered(of),
            Type::Map(map) => self.is_ordered(&map.key) && self.is_ordered(&map.value),
            Type::Tuple(types) | Type::Variant(types) => types.iter().all(|ty| self.is_ordered(ty)),
            Type::Structure(structure) => self.ordered.contains(&structure.runtime_id()),
            _ => true,
        }
    }

    /// What is derived for a type with such parts.
    pub(super) fn derives<'a>(&self, mut parts: impl Iterator<Item = &'a Type>) -> &'static str {
        if parts.all(|ty| self.is_ordered(ty)) {
            "#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]"
        } else {
            "#[derive(Clone, Debug, PartialEq)]"
        }
    }

    /// The namespaces, in the order of their names.
    pub(super) fn namespaces(&self) -> &[NameSpace] {
        &self.namespaces
    }

    /// The module of a namespace.
    pub(super) fn module(&self, namespace: &NameSpace) -> &str {
        self.modules.get(&namespace.uuid).map_or("", String::as_str)
    }

    /// The type of a definition, as it is called in its own module.
    pub(super) fn ty(&self, id: RuntimeId) -> &str {
        self.types.get(&id).map_or("", String::as_str)
    }

    fn structure(&self, structure: &Structure) -> &str {
        self.ty(structure.runtime_id())
    }

    fn attachment(&self, attachment: &Attachment) -> &str {
        self.ty(attachment.runtime_id())
    }

    /// The type of a definition, as it is called in the module of `namespace`.
    pub(super) fn path(&self, name: &TypeName, id: RuntimeId, namespace: &NameSpace) -> String {
        if name.namespace == *namespace {
            self.ty(id).to_owned()
        } else {
            format!("super::{}::{}", self.module(&name.namespace), self.ty(id))
        }
    }

    /// The type of keys that refer to this.
    pub(super) fn key(&self, target: &KeyTarget, namespace: &NameSpace) -> String {
        let named = target.name().map(|name| self.path(name, target.runtime_id(), namespace));
        named.unwrap_or_else(|| "Key".to_owned())
    }

    /// The module of the places of a structure.
    pub(super) fn place(&self, structure: &Structure) -> &str {
        self.places.get(&structure.runtime_id()).map_or("", String::as_str)
    }

    /// A field of a structure.
    pub(super) fn field(&self, structure: &Structure, place: usize) -> &str {
        self.member(structure.runtime_id(), place)
    }

    /// A case of an enumeration.
    pub(super) fn case(&self, enumeration: &Enumeration, place: usize) -> &str {
        self.member(enumeration.runtime_id(), place)
    }

    /// A field, case or member of a definition.
    pub(super) fn member(&self, id: RuntimeId, place: usize) -> &str {
        self.members.get(&id).and_then(|members| members.get(place)).map_or("", String::as_str)
    }

    /// The variants of a namespace, with their names.
    pub(super) fn variants(&self, namespace: &NameSpace) -> impl Iterator<Item = (&Arc<Vec<Type>>, &str)> {
        let here = self.variants.iter().filter(|it| it.0 == namespace.uuid);
        here.map(|(_, types, name)| (types, name.as_str()))
    }

    /// The enumeration of a variant.
    pub(super) fn variant(&self, types: &[Type], namespace: &NameSpace) -> &str {
        self.variants(namespace).find(|it| it.0.as_slice() == types).map_or("", |it| it.1)
    }
}

/// A name as types are called: `cc0_1_0` becomes `Cc0_1_0`, `media_type` becomes `MediaType`.
pub(super) fn pascal(name: &str) -> String {
    let mut out = String::new();
    for part in name.trim_start_matches("r#").split('_').filter(|part| !part.is_empty()) {
        // Without a line between them two numbers would read as one.
        let after_digit = out.ends_with(|c: char| c.is_ascii_digit());
        if after_digit && part.starts_with(|c: char| c.is_ascii_digit()) {
            out.push('_');
        }
        let mut letters = part.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

/// A name as fields, functions and modules are called: `mediaType` becomes `media_type`, `type` becomes `r#type`.
pub(super) fn word(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (place, letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| letters[before]);
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                let next_is_small = letters.get(place + 1).is_some_and(char::is_ascii_lowercase);
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || before.is_ascii_uppercase() && next_is_small
            });
        if begins {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    match out.as_str() {
        "self" | "super" | "crate" | "std" | "core" => out + "_",
        // What is imported or declared at the same level.
        "anabranch" | "typed" | "support" | "paths" | "definitions" => out + "_",
        keyword if KEYWORDS.contains(&keyword) => format!("r#{out}"),
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_rust_expects() {
        assert_eq!(pascal("apache_2_0"), "Apache2_0");
        assert_eq!(pascal("mediaType"), "MediaType");
        assert_eq!(word("mediaType"), "media_type");
        assert_eq!(word("HTTPServer2Go"), "http_server2_go");
        assert_eq!(word("type"), "r#type");
        assert_eq!(word("Self"), "self_");
    }

    #[test]
    fn names_that_meet_are_told_apart() {
        let mut scope = Scope::default();
        assert_eq!(scope.claim(word("aB")), "a_b");
        assert_eq!(scope.claim(word("a_b")), "a_b2");
    }
}
