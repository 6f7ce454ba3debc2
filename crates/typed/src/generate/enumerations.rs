//! Enumerations.

use anabranch_model::Enumeration;

use super::concepts::id;
use super::names::Names;
use super::writer::Writer;

/// An enumeration, as one of Rust.
pub(super) fn enumeration(out: &mut Writer, names: &Names, it: &Enumeration) {
    let name = names.ty(it.runtime_id());
    let full = it.name();
    out.blank();
    out.doc(it.documentation(), &format!("The enumeration `{full}`."));
    out.line("#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]");
    out.open(&format!("pub enum {name} {{"));
    for (place, case) in it.cases().iter().enumerate() {
        out.doc(&case.documentation, &format!("The case `{}`.", case.name));
        if place == 0 {
            out.line("#[default]");
        }
        out.line(&format!("{},", names.case(it, place)));
    }
    out.close("}");
    out.blank();
    out.open(&format!("impl {name} {{"));
    out.line("/// What identifies the enumeration in any database.");
    out.line(&format!("pub const ID: RuntimeId = {};", id(it.runtime_id())));
    out.line("/// Every case, in declared order.");
    let cases: Vec<String> =
        (0..it.cases().len()).map(|place| format!("Self::{}", names.case(it, place))).collect();
    out.line(&format!("pub const CASES: [Self; {}] = [{}];", cases.len(), cases.join(", ")));
    out.close("}");
    out.blank();
    out.open(&format!("impl typed::Typed for {name} {{"));
    out.open("fn read(value: &Value) -> Result<Self, ValueError> {");
    out.line(&format!("let case = support::case(value, Self::ID, \"{full}\")?;"));
    out.line(&format!("Self::CASES.get(case).copied().ok_or_else(|| support::not_a(value, \"{full}\"))"));
    out.close("}");
    out.blank();
    out.open("fn write(&self, ty: &Type) -> Result<Value, ValueError> {");
    out.line(&format!("support::write_case(ty, Self::ID, *self as usize, \"{full}\")"));
    out.close("}");
    out.close("}");
}
