//! Keys of concepts and clubs.

use anabranch_model::{Club, Concept, KeyTarget, RuntimeId};

use super::names::Names;
use super::writer::Writer;

/// The id of a definition, as the text of its module.
pub(super) fn id(id: RuntimeId) -> String {
    format!("RuntimeId::from_uuid(Uuid::from_u128({:#034x}))", id.uuid().as_u128())
}

/// The key of a concept: a type of its own around the engine's key.
pub(super) fn concept(out: &mut Writer, names: &Names, concept: &Concept) {
    let name = names.ty(concept.runtime_id());
    let full = concept.name();
    out.blank();
    out.doc(concept.documentation(), &format!("An instance of `{full}`, or of a kind of it; or nothing."));
    out.line("#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]");
    out.line(&format!("pub struct {name}(Key);"));
    out.blank();
    out.open(&format!("impl {name} {{"));
    out.line("/// What identifies the concept in any database.");
    out.line(&format!("pub const CONCEPT: RuntimeId = {};", id(concept.runtime_id())));
    out.blank();
    out.line("/// The key of this instance.");
    out.open("pub fn new(instance: Uuid) -> Self {");
    out.line("static CONCEPT: LazyLock<Arc<anabranch::model::Concept>> =");
    out.line(&format!("    LazyLock::new(|| support::concept(super::definitions(), {name}::CONCEPT));"));
    out.line("Self(Key::new(CONCEPT.clone(), instance))");
    out.close("}");
    out.blank();
    out.line("/// The key that refers to nothing.");
    out.open("pub const fn null() -> Self {");
    out.line("Self(Key::null())");
    out.close("}");
    out.blank();
    out.line("/// The key as the engine takes it.");
    out.open("pub const fn as_key(&self) -> &Key {");
    out.line("&self.0");
    out.close("}");
    out.blank();
    out.line("/// Which instance it is.");
    out.open("pub fn instance(&self) -> Uuid {");
    out.line("self.0.instance()");
    out.close("}");
    out.close("}");
    out.blank();
    out.open(&format!("impl TryFrom<Key> for {name} {{"));
    out.line("type Error = ValueError;");
    out.blank();
    out.open("fn try_from(key: Key) -> Result<Self, ValueError> {");
    out.line(&format!(
        "if support::is_a(&key, Self::CONCEPT) {{ Ok(Self(key)) }} else {{ Err(support::other_key(&key, \"{full}\")) }}"
    ));
    out.close("}");
    out.close("}");
    out.blank();
    out.open(&format!("impl From<{name}> for Key {{"));
    out.open(&format!("fn from(key: {name}) -> Self {{"));
    out.line("key.0");
    out.close("}");
    out.close("}");
    typed_key(out, name, "self.0.clone()");
    let namespace = &concept.name().namespace;
    for ancestor in concept.lineage().skip(1) {
        let target = names.path(ancestor.name(), ancestor.runtime_id(), namespace);
        out.blank();
        out.open(&format!("impl From<{name}> for {target} {{"));
        out.open(&format!("fn from(key: {name}) -> Self {{"));
        // The field is private to the module of the ancestor, which need not be this one.
        out.line(&format!("{target}::from_kind(key.0)"));
        out.close("}");
        out.close("}");
        out.blank();
        out.open(&format!("impl TryFrom<{target}> for {name} {{"));
        out.line("type Error = ValueError;");
        out.blank();
        out.open(&format!("fn try_from(key: {target}) -> Result<Self, ValueError> {{"));
        out.line("Self::try_from(Key::from(key))");
        out.close("}");
        out.close("}");
    }
    out.blank();
    out.open(&format!("impl {name} {{"));
    out.line("/// A key that is known to refer to a kind of the concept.");
    out.open("pub(super) const fn from_kind(key: Key) -> Self {");
    out.line("Self(key)");
    out.close("}");
    out.close("}");
}

fn typed_key(out: &mut Writer, name: &str, key: &str) {
    out.blank();
    out.open(&format!("impl typed::Typed for {name} {{"));
    out.open("fn read(value: &Value) -> Result<Self, ValueError> {");
    out.line("Key::read(value).and_then(Self::try_from)");
    out.close("}");
    out.blank();
    out.open("fn write(&self, ty: &Type) -> Result<Value, ValueError> {");
    out.line(&format!("{key}.write(ty)"));
    out.close("}");
    out.close("}");
    out.blank();
    out.open(&format!("impl typed::TypedKey for {name} {{"));
    out.open("fn to_key(&self) -> Key {");
    out.line(key);
    out.close("}");
    out.blank();
    out.open("fn from_key(key: Key) -> Result<Self, ValueError> {");
    out.line("Self::try_from(key)");
    out.close("}");
    out.close("}");
}

/// The key of a club: one of its members.
pub(super) fn club(out: &mut Writer, names: &Names, club: &Club) {
    let name = names.ty(club.runtime_id());
    let full = club.name();
    let namespace = &full.namespace;
    // What is a kind of another member comes before it, so that a key becomes the nearest.
    let mut members: Vec<(usize, &Concept)> =
        club.members().iter().map(|member| &**member).enumerate().collect();
    members.sort_by(|a, b| {
        let depth = |concept: &Concept| std::cmp::Reverse(concept.lineage().count());
        (depth(a.1), &a.1.name().name).cmp(&(depth(b.1), &b.1.name().name))
    });
    let key = |concept: &Concept| names.path(concept.name(), concept.runtime_id(), namespace);
    let case = |place: usize| names.member(club.runtime_id(), place);
    out.blank();
    out.doc(club.documentation(), &format!("An instance of a member of `{full}`, or nothing."));
    out.line("///");
    out.line("/// Keys are compared by what they refer to: an instance is the same under whichever member it stands.");
    out.line("#[derive(Clone, Debug)]");
    out.open(&format!("pub enum {name} {{"));
    out.line("/// The key that refers to nothing.");
    out.line("Null,");
    for (place, member) in &members {
        out.line(&format!("/// An instance of `{}`, or of a kind of it.", member.name()));
        out.line(&format!("{}({}),", case(*place), key(member)));
    }
    out.close("}");
    out.blank();
    out.open(&format!("impl {name} {{"));
    out.line("/// The key that refers to nothing.");
    out.open("pub const fn null() -> Self {");
    out.line("Self::Null");
    out.close("}");
    out.blank();
    out.line("/// The key as the engine takes it.");
    out.open("pub fn to_key(&self) -> Key {");
    out.open("match self {");
    out.line("Self::Null => Key::null(),");
    for (place, _) in &members {
        out.line(&format!("Self::{}(key) => key.as_key().clone(),", case(*place)));
    }
    out.close("}");
    out.close("}");
    out.close("}");
    for (place, member) in &members {
        out.blank();
        out.open(&format!("impl From<{}> for {name} {{", key(member)));
        out.open(&format!("fn from(key: {}) -> Self {{", key(member)));
        out.line(&format!("Self::{}(key)", case(*place)));
        out.close("}");
        out.close("}");
    }
    out.blank();
    out.open(&format!("impl TryFrom<Key> for {name} {{"));
    out.line("type Error = ValueError;");
    out.blank();
    out.open("fn try_from(key: Key) -> Result<Self, ValueError> {");
    out.open("if key.is_null() {");
    out.line("return Ok(Self::Null);");
    out.close("}");
    for (place, member) in &members {
        let key = key(member);
        out.open(&format!("if support::is_a(&key, {key}::CONCEPT) {{"));
        out.line(&format!("return Ok(Self::{}({key}::from_kind(key)));", case(*place)));
        out.close("}");
    }
    out.line(&format!("Err(support::other_key(&key, \"{full}\"))"));
    out.close("}");
    out.close("}");
    out.blank();
    out.open(&format!("impl From<{name}> for Key {{"));
    out.open(&format!("fn from(key: {name}) -> Self {{"));
    out.line("key.to_key()");
    out.close("}");
    out.close("}");
    typed_key(out, name, "Self::to_key(self)");
    for (of, body) in [
        ("PartialEq", "fn eq(&self, other: &Self) -> bool {\n        self.to_key() == other.to_key()\n    }"),
        ("Eq", ""),
        (
            "PartialOrd",
            "fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {\n        Some(self.cmp(other))\n    }",
        ),
        (
            "Ord",
            "fn cmp(&self, other: &Self) -> std::cmp::Ordering {\n        self.to_key().cmp(&other.to_key())\n    }",
        ),
        (
            "std::hash::Hash",
            "fn hash<H: std::hash::Hasher>(&self, state: &mut H) {\n        self.to_key().hash(state);\n    }",
        ),
    ] {
        out.blank();
        if body.is_empty() {
            out.line(&format!("impl {of} for {name} {{}}"));
            continue;
        }
        out.open(&format!("impl {of} for {name} {{"));
        // Each line of the body is one of the module's.
        for (place, line) in body.lines().enumerate() {
            out.line(if place == 0 { line } else { line.strip_prefix("    ").unwrap_or(line) });
        }
        out.close("}");
    }
}

/// What a key type is called in words.
pub(super) fn target(target: &KeyTarget) -> String {
    target.name().map_or_else(|| "anything".to_owned(), |name| format!("`{name}`"))
}
