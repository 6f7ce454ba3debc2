//! Variants, each an enumeration of what it may hold.

use std::collections::HashSet;

use anabranch_model::{NameSpace, Type};

use super::names::{Names, pascal};
use super::types;
use super::writer::Writer;

/// What the alternative at a place is called: by its type.
pub(super) fn case(alternatives: &[Type], place: usize) -> String {
    let mut taken = HashSet::from(["Self".to_owned()]);
    let mut claimed = String::new();
    for ty in &alternatives[..=place] {
        let name = called(ty);
        claimed.clone_from(&name);
        let mut number = 2;
        while !taken.insert(claimed.clone()) {
            claimed = format!("{name}{number}");
            number += 1;
        }
    }
    claimed
}

fn called(ty: &Type) -> String {
    match ty {
        Type::Vec(vec) => format!("Vec{}{}", called(&vec.element().as_type()), vec.size()),
        Type::Mat(mat) => format!("Mat{}{}x{}", called(&mat.element().as_type()), mat.columns(), mat.rows()),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Variant(_) => "Variant".to_owned(),
        Type::Map(_) => "Map".to_owned(),
        Type::Optional(of) => format!("Optional{}", called(of)),
        Type::Vector(of) => format!("Vector{}", called(of)),
        Type::Set(of) => format!("Set{}", called(of)),
        Type::XArray(of) => format!("XArray{}", called(of)),
        Type::Key(target) => {
            target.name().map_or_else(|| "AnyKey".to_owned(), |name| format!("{}Key", pascal(&name.name)))
        }
        Type::Enumeration(it) => pascal(&it.name().name),
        Type::Structure(it) => pascal(&it.name().name),
        primitive => pascal(&primitive.to_string()),
    }
}

/// The enumeration of a variant.
pub(super) fn variant(
    out: &mut Writer,
    names: &Names,
    namespace: &NameSpace,
    alternatives: &[Type],
    name: &str,
) {
    let cases: Vec<String> = (0..alternatives.len()).map(|place| case(alternatives, place)).collect();
    let what = "a value of such a variant";
    out.blank();
    let list: Vec<String> = alternatives.iter().map(|ty| format!("`{ty}`")).collect();
    out.line(&format!("/// One of {}.", list.join(", ")));
    out.line(names.derives(alternatives.iter()));
    out.open(&format!("pub enum {name} {{"));
    for (case, ty) in cases.iter().zip(alternatives) {
        out.line(&format!("/// A `{ty}`."));
        out.line(&format!("{case}({}),", types::rust(names, ty, namespace)));
    }
    out.close("}");
    out.blank();
    out.open(&format!("impl typed::Typed for {name} {{"));
    out.open("fn read(value: &Value) -> Result<Self, ValueError> {");
    out.open(&format!("match support::alternative(value, \"{what}\")? {{"));
    for (place, case) in cases.iter().enumerate() {
        out.line(&format!("({place}, inner) => typed::Typed::read(inner).map(Self::{case}),"));
    }
    out.line(&format!("_ => Err(support::not_a(value, \"{what}\")),"));
    out.close("}");
    out.close("}");
    out.blank();
    out.open("fn write(&self, ty: &Type) -> Result<Value, ValueError> {");
    out.open("match self {");
    for (place, case) in cases.iter().enumerate() {
        out.line(&format!(
            "Self::{case}(inner) => support::write_alternative(ty, {place}, inner, \"{what}\"),"
        ));
    }
    out.close("}");
    out.close("}");
    out.close("}");
}
