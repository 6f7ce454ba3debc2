//! Structures, and the places of their fields.

use anabranch_model::Structure;

use super::concepts::id;
use super::names::Names;
use super::writer::Writer;
use super::{literal, types};

/// A structure, as one of Rust.
pub(super) fn structure(out: &mut Writer, names: &Names, it: &Structure) {
    let name = names.ty(it.runtime_id());
    let full = it.name();
    let namespace = &full.namespace;
    out.blank();
    out.doc(it.documentation(), &format!("The structure `{full}`."));
    out.line(names.derives(it.fields().iter().map(|field| &field.ty)));
    out.open(&format!("pub struct {name} {{"));
    for (place, field) in it.fields().iter().enumerate() {
        out.doc(&field.documentation, &format!("The field `{}`.", field.name));
        out.line(&format!("pub {}: {},", names.field(it, place), types::rust(names, &field.ty, namespace)));
    }
    out.close("}");
    out.blank();
    out.open(&format!("impl Default for {name} {{"));
    out.open("fn default() -> Self {");
    out.open("Self {");
    for (place, (field, value)) in it.fields().iter().zip(it.initial().iter()).enumerate() {
        let value = literal::rust(names, value, &field.ty, namespace);
        out.line(&format!("{}: {value},", names.field(it, place)));
    }
    out.close("}");
    out.close("}");
    out.close("}");
    out.blank();
    out.open(&format!("impl {name} {{"));
    out.line("/// What identifies the structure in any database.");
    out.line(&format!("pub const ID: RuntimeId = {};", id(it.runtime_id())));
    out.blank();
    out.line("/// The structure, as a type of the model.");
    out.open("pub fn ty() -> &'static Type {");
    out.line("static TYPE: LazyLock<Type> =");
    out.line(&format!("    LazyLock::new(|| support::structure(super::definitions(), {name}::ID));"));
    out.line("&TYPE");
    out.close("}");
    out.blank();
    out.line("/// The value of the model that this is.");
    out.line("///");
    out.line("/// # Errors");
    out.line("/// When a key of a map stands twice where Rust has no map for it.");
    out.open("pub fn to_value(&self) -> Result<Value, ValueError> {");
    out.line("typed::Typed::write(self, Self::ty())");
    out.close("}");
    out.close("}");
    out.blank();
    out.open(&format!("impl TryFrom<&Value> for {name} {{"));
    out.line("type Error = ValueError;");
    out.blank();
    out.open("fn try_from(value: &Value) -> Result<Self, ValueError> {");
    out.line("typed::Typed::read(value)");
    out.close("}");
    out.close("}");
    out.blank();
    out.open(&format!("impl typed::Typed for {name} {{"));
    out.open("fn read(value: &Value) -> Result<Self, ValueError> {");
    if it.fields().is_empty() {
        out.line(&format!("support::fields(value, Self::ID, \"{full}\")?;"));
        out.line("Ok(Self {})");
    } else {
        out.line(&format!("let mut fields = support::fields(value, Self::ID, \"{full}\")?;"));
        out.open("Ok(Self {");
        for place in 0..it.fields().len() {
            out.line(&format!("{}: fields.read()?,", names.field(it, place)));
        }
        out.close("})");
    }
    out.close("}");
    out.blank();
    out.open("fn write(&self, ty: &Type) -> Result<Value, ValueError> {");
    out.line(&format!("support::writer(ty, Self::ID, \"{full}\")?"));
    for place in 0..it.fields().len() {
        out.line(&format!("    .field(&self.{})?", names.field(it, place)));
    }
    out.line("    .finish()");
    out.close("}");
    out.close("}");
}

/// A function for each field that gives its place in the structure.
pub(super) fn paths(out: &mut Writer, names: &Names, it: &Structure) {
    let namespace = &it.name().namespace;
    out.line(&format!("/// The places of the fields of `{}`.", it.name()));
    out.open(&format!("pub mod {} {{", names.place(it)));
    out.line("use super::super::*;");
    for (place, field) in it.fields().iter().enumerate() {
        // Other modules stand beside this one's grandparent.
        let ty = types::rust(names, &field.ty, namespace).replace("super::", "super::super::super::");
        out.blank();
        out.doc(&field.documentation, &format!("The field `{}`.", field.name));
        let name = names.ty(it.runtime_id());
        // A structure may be called like a function of another; the module says which is meant.
        out.open(&format!("pub fn {}() -> Place<super::super::{name}, {ty}> {{", names.field(it, place)));
        out.line(&format!("Place::from_path(anabranch::model::Path::from_field(\"{}\"))", field.name));
        out.close("}");
    }
    out.close("}");
}
