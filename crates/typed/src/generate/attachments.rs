//! Attachments.

use anabranch_model::Attachment;

use super::concepts::{id, target};
use super::names::Names;
use super::types;
use super::writer::Writer;

/// An attachment: a type without values that reads and writes its documents.
pub(super) fn attachment(out: &mut Writer, names: &Names, it: &Attachment) {
    let name = names.ty(it.runtime_id());
    let namespace = &it.name().namespace;
    let target = target(it.key_target());
    out.blank();
    out.doc(it.documentation(), &format!("The documents `{}` of {target}.", it.name()));
    out.line("///");
    out.line(&format!("/// Each is a `{}`, attached to {target}.", it.document_type()));
    out.line("#[derive(Clone, Copy, Debug)]");
    out.line(&format!("pub struct {name};"));
    out.blank();
    out.open(&format!("impl {name} {{"));
    out.line("/// What identifies the attachment in any database.");
    out.line(&format!("pub const ID: RuntimeId = {};", id(it.runtime_id())));
    out.close("}");
    out.blank();
    out.open(&format!("impl typed::Attach for {name} {{"));
    out.line(&format!("type Key = {};", names.key(it.key_target(), namespace)));
    out.line(&format!("type Document = {};", types::rust(names, it.document_type(), namespace)));
    out.blank();
    out.open("fn attachment() -> &'static Arc<anabranch::Attachment> {");
    out.line("static IT: LazyLock<Arc<anabranch::Attachment>> =");
    out.line(&format!("    LazyLock::new(|| support::attachment(super::definitions(), {name}::ID));"));
    out.line("&IT");
    out.close("}");
    out.close("}");
}
