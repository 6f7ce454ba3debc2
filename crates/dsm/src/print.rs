//! Definitions as DSM.

use std::collections::HashMap;
use std::fmt::Write as _;

use anabranch_model::{
    Attachment, Club, Concept, Definitions, Enumeration, FunctionPool, NameSpace, Structure,
};

use crate::escape;
use crate::layout;
use crate::literal::Written;

/// Prints definitions as a DSM text that reads as the same definitions, doc strings included.
///
/// The order is that of the names, kind by kind, so equal definitions print alike. A default that DSM has no literal for, which
/// only a program can have given, is left out with a remark.
#[must_use]
pub fn print(definitions: &Definitions) -> String {
    let mut printer = Printer { out: String::new() };
    let contents = contents(definitions);
    let mut namespaces: Vec<&NameSpace> = contents.keys().copied().collect();
    namespaces.sort_by(|a, b| a.name.cmp(&b.name));
    for namespace in namespaces {
        printer.namespace(namespace, &contents[namespace]);
    }
    definitions.function_pools().for_each(|pool| printer.pool(pool));
    layout::lay_out(&printer.out)
}

/// What one namespace declares.
#[derive(Default)]
struct Contents<'a> {
    concepts: Vec<&'a Concept>,
    clubs: Vec<&'a Club>,
    enumerations: Vec<&'a Enumeration>,
    structures: Vec<&'a Structure>,
    attachments: Vec<&'a Attachment>,
}

/// What each namespace declares, by name.
fn contents(definitions: &Definitions) -> HashMap<&NameSpace, Contents<'_>> {
    let mut all: HashMap<&NameSpace, Contents<'_>> = HashMap::new();
    for it in definitions.concepts() {
        all.entry(&it.name().namespace).or_default().concepts.push(it);
    }
    for it in definitions.clubs() {
        all.entry(&it.name().namespace).or_default().clubs.push(it);
    }
    for it in definitions.enumerations() {
        all.entry(&it.name().namespace).or_default().enumerations.push(it);
    }
    for it in definitions.structures() {
        all.entry(&it.name().namespace).or_default().structures.push(it);
    }
    for it in definitions.attachments() {
        all.entry(&it.name().namespace).or_default().attachments.push(it);
    }
    all
}

/// Writes the tokens in their order; where lines and spaces go is the layout's business, but for empty lines between groups.
struct Printer {
    out: String,
}

impl Printer {
    // Writing to a `String` cannot fail, here and below.

    fn doc(&mut self, documentation: &str) {
        if !documentation.is_empty() {
            self.out.push_str(&escape::quote_doc(documentation));
            self.out.push('\n');
        }
    }

    /// Ends a group with an empty line, unless nothing has been written since `start`.
    fn separate(&mut self, start: usize) {
        if self.out.len() > start {
            self.out.push_str("\n\n");
        }
    }

    fn namespace(&mut self, namespace: &NameSpace, contents: &Contents<'_>) {
        let _ = writeln!(self.out, "namespace {} {{{}}} {{", namespace.name, namespace.uuid);
        let start = self.out.len();
        contents.concepts.iter().for_each(|it| self.concept(it));
        self.separate(start);
        contents.clubs.iter().for_each(|it| self.club(it));
        self.separate(start);
        contents.enumerations.iter().for_each(|it| self.enumeration(it));
        contents.structures.iter().for_each(|it| self.structure(it));
        self.separate(start);
        contents.attachments.iter().for_each(|it| self.attachment(it));
        // No empty line before the end.
        self.out.truncate(self.out.trim_end().len());
        self.out.push_str("\n};\n");
    }

    fn concept(&mut self, concept: &Concept) {
        self.doc(concept.documentation());
        let _ = write!(self.out, "concept {}", concept.name().name);
        if let Some(parent) = concept.parent() {
            let _ = write!(self.out, " is a {}", parent.name().relative_to(&concept.name().namespace));
        }
        self.out.push_str(";\n");
    }

    fn club(&mut self, club: &Club) {
        self.doc(club.documentation());
        let _ = writeln!(self.out, "club {};", club.name().name);
        let namespace = &club.name().namespace;
        let mut members: Vec<String> =
            club.members().iter().map(|member| member.name().relative_to(namespace)).collect();
        members.sort();
        for member in members {
            let _ = writeln!(self.out, "membership {} {member};", club.name().name);
        }
    }

    fn enumeration(&mut self, enumeration: &Enumeration) {
        self.doc(enumeration.documentation());
        let _ = write!(self.out, "enum {} {{ ", enumeration.name().name);
        for (index, case) in enumeration.cases().iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            self.doc(&case.documentation);
            self.out.push_str(&case.name);
        }
        self.out.push_str(" };\n");
    }

    fn structure(&mut self, structure: &Structure) {
        self.doc(structure.documentation());
        let namespace = &structure.name().namespace;
        let _ = writeln!(self.out, "struct {} {{", structure.name().name);
        for field in structure.fields() {
            self.doc(&field.documentation);
            let _ = write!(self.out, "{} {}", field.ty.relative_to(namespace), field.name);
            let default = field.default.as_ref().map(Written::of);
            if let Some(Some(written)) = &default {
                self.out.push_str(" = ");
                written.write_dsm(&mut self.out);
            }
            self.out.push(';');
            if let Some(None) = default {
                self.out.push_str(" // has a default that DSM cannot say");
            }
            self.out.push('\n');
        }
        self.out.push_str("};\n");
    }

    fn attachment(&mut self, attachment: &Attachment) {
        self.doc(attachment.documentation());
        let namespace = &attachment.name().namespace;
        let key = match attachment.key_target().name() {
            Some(name) => name.relative_to(namespace),
            None => "any_concept".to_owned(),
        };
        let document = attachment.document_type().relative_to(namespace);
        let _ = writeln!(self.out, "attachment<{key}, {document}> {};", attachment.name().name);
    }

    fn pool(&mut self, pool: &FunctionPool) {
        self.doc(pool.documentation());
        let keyword = if pool.over_attachments() { "attachment_function_pool" } else { "function_pool" };
        let _ = writeln!(self.out, "{keyword} {} {{{}}} {{", pool.name().name, pool.uuid());
        for function in pool.functions() {
            self.doc(&function.documentation);
            if function.is_mutable {
                self.out.push_str("mutable ");
            }
            match &function.result {
                // A pool stands outside namespaces, so all its names are qualified.
                Some(ty) => {
                    let _ = write!(self.out, "{ty}");
                }
                None => self.out.push_str("void"),
            }
            let parameters: Vec<String> =
                function.parameters.iter().map(|(name, ty)| format!("{ty} {name}")).collect();
            let _ = writeln!(self.out, " {}({});", function.name, parameters.join(", "));
        }
        self.out.push_str("};\n");
    }
}
