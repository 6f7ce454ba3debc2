//! Enumerations and their cases.

use super::{Resolver, foreign_id};
use crate::diagnostic::{Code, Diagnostic};
use anabranch_model::{Case, Definition, Enumeration};
use std::collections::HashMap;
use std::sync::Arc;

/// The most cases that an enumeration may have.
const MAX_CASES: usize = 256;

impl Resolver<'_> {
    pub(super) fn enumerations(&mut self) {
        for place in 0..self.symbols.enumerations.len() {
            self.enumeration(place);
        }
    }

    fn enumeration(&mut self, place: usize) {
        let declared = &self.symbols.enumerations[place];
        let node = declared.node;
        let mut seen = HashMap::new();
        let mut cases = Vec::with_capacity(node.cases.len());
        for case in &node.cases {
            let name = case.name.text.as_str();
            if let Some(first) = seen.get(name) {
                let message = format!("the enumeration `{}` has two cases called `{name}`", node.name.text);
                let diagnostic = Diagnostic::error(Code::DuplicateCase, case.name.span, message)
                    .label(*first, "first declared here");
                self.diagnostics.push(diagnostic);
                continue;
            }
            seen.insert(name, case.name.span);
            cases.push(Case { name: name.into(), documentation: case.doc.as_str().into() });
        }
        if node.cases.is_empty() && !node.is_partial {
            let message = format!("the enumeration `{}` has no cases", node.name.text);
            let diagnostic = Diagnostic::error(Code::EmptyEnumeration, node.name.span, message)
                .help("an enumeration has 1 to 256 cases");
            self.diagnostics.push(diagnostic);
        }
        if let Some(extra) = node.cases.get(MAX_CASES) {
            let message = format!("the enumeration `{}` has {} cases", node.name.text, node.cases.len());
            let diagnostic = Diagnostic::error(Code::TooManyCases, extra.name.span, message)
                .help(format!("an enumeration has 1 to {MAX_CASES} cases; this is the first one too many"));
            self.diagnostics.push(diagnostic);
        }
        let name = self.symbols.type_name(declared.space, &node.name);
        match Enumeration::new(name, node.doc.as_str(), cases) {
            Ok(enumeration) => {
                let enumeration = Arc::new(match foreign_id(node.runtime_id) {
                    Some(id) => enumeration.with_runtime_id(id),
                    None => enumeration,
                });
                self.built.enumerations[place] = Some(enumeration.clone());
                self.add(node.name.span, Definition::Enumeration(enumeration));
            }
            Err(error) => self.refused(node.name.span, &error),
        }
    }
}
