//! Attachments: what documents attach to what.

use super::structures::too_large;
use super::{Resolver, foreign_id};
use crate::ast;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use anabranch_model::bounds::MAX_ZERO_SIZE;
use anabranch_model::{Attachment, Definition, MAX_DEPTH};
use std::collections::HashMap;
use std::sync::Arc;

/// Namespace, what the key refers to, name: what an attachment is known by.
type Identity<'a> = (usize, Option<(usize, &'a str)>, &'a str);

impl<'a> Resolver<'a> {
    pub(super) fn attachments(&mut self) {
        let symbols = self.symbols;
        let mut seen: HashMap<Identity<'a>, Span> = HashMap::new();
        for declared in &symbols.attachments {
            let node = declared.node;
            let Some(key) = self.key_identity(&node.key, declared.space) else {
                self.attachment(node, declared.space);
                continue;
            };
            let name = node.name.text.as_str();
            if let Some(first) = seen.get(&(declared.space, key, name)) {
                let message = format!("`{}` has two attachments called `{name}`", node.key);
                let diagnostic = Diagnostic::error(Code::DuplicateAttachment, node.name.span, message)
                    .label(*first, "first declared here");
                self.diagnostics.push(diagnostic);
            } else {
                self.attachment(node, declared.space);
                seen.insert((declared.space, key, name), node.name.span);
            }
        }
    }

    /// What the key refers to, none inside for any concept; none outside when it refers to nothing.
    fn key_identity(&self, key: &'a ast::Name, space: usize) -> Option<Option<(usize, &'a str)>> {
        if key.bare() == Some("any_concept") {
            return Some(None);
        }
        self.find(key, Some(space)).ok()?;
        let home = match &key.namespace {
            Some(namespace) => self.symbols.space_named(&namespace.text)?,
            None => space,
        };
        Some(Some((home, &key.ident.text)))
    }

    fn attachment(&mut self, node: &ast::Attachment, space: usize) {
        let key = self.key_target(&node.key, Some(space));
        let document = self.value_type(&node.document, Some(space));
        let (Some(key), Some(document)) = (key, document) else { return };
        if document.depth() >= MAX_DEPTH {
            let message =
                format!("types nest {} deep here, with the structures they contain", document.depth());
            let diagnostic = Diagnostic::error(Code::TooDeep, node.document.span, message)
                .help(format!("less than {MAX_DEPTH} is allowed"));
            self.diagnostics.push(diagnostic);
            return;
        }
        if document.zero_size() > MAX_ZERO_SIZE {
            self.too_large(node.document.span, too_large("a document"));
            return;
        }
        let name = self.symbols.type_name(space, &node.name);
        match Attachment::new(name, node.doc.as_str(), key, document) {
            Ok(attachment) => {
                let attachment = match foreign_id(node.runtime_id) {
                    Some(id) => attachment.with_runtime_id(id),
                    None => attachment,
                };
                self.add(node.name.span, Definition::Attachment(Arc::new(attachment)));
            }
            Err(error) => self.refused(node.name.span, &error),
        }
    }
}
