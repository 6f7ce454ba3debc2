//! Function pools, which Anabranch checks and keeps but does not run.

use super::Resolver;
use super::symbols::{check_reserved, nil_uuid};
use super::types::{Position, Resolved};
use crate::ast;
use crate::diagnostic::{Code, Diagnostic};
use anabranch_model::{Definition, Function, FunctionPool, MAX_DEPTH, Type, Uuid};
use std::collections::HashMap;
use std::sync::Arc;

impl<'a> Resolver<'a> {
    pub(super) fn pools(&mut self) {
        let tree = self.tree;
        let mut names: HashMap<&str, &ast::Ident> = HashMap::new();
        let mut uuids: HashMap<Uuid, &ast::Pool> = HashMap::new();
        for node in &tree.pools {
            check_reserved(&node.name, "a function pool", self.diagnostics);
            self.pool(node);
            if let Some(first) = names.insert(&node.name.text, &node.name) {
                let message = format!("the function pool `{}` is declared twice", node.name.text);
                let diagnostic = Diagnostic::error(Code::DuplicateName, node.name.span, message)
                    .label(first.span, "first declared here");
                self.diagnostics.push(diagnostic);
            }
            let Some(uuid) = node.uuid.value else { continue };
            if uuid.is_nil() {
                self.diagnostics.push(nil_uuid(node.uuid.span, "a function pool"));
            } else if let Some(first) = uuids.insert(uuid, node) {
                let message = format!(
                    "the function pools `{}` and `{}` have the same UUID",
                    first.name.text, node.name.text
                );
                let diagnostic = Diagnostic::error(Code::UuidConflict, node.uuid.span, message)
                    .label(first.uuid.span, "first used here");
                self.diagnostics.push(diagnostic);
            }
        }
    }

    fn pool(&mut self, node: &'a ast::Pool) {
        let mut seen: HashMap<&str, &ast::Ident> = HashMap::new();
        let mut functions = Vec::with_capacity(node.functions.len());
        for function in &node.functions {
            let name = &function.name;
            if let Some(first) = seen.insert(&name.text, name) {
                let message = format!(
                    "the function pool `{}` has two functions called `{}`",
                    node.name.text, name.text
                );
                let diagnostic = Diagnostic::error(Code::DuplicateFunction, name.span, message)
                    .label(first.span, "first declared here");
                self.diagnostics.push(diagnostic);
            }
            functions.push(self.function(function));
        }
        let (Some(uuid), Some(functions)) = (node.uuid.value, functions.into_iter().collect()) else {
            return;
        };
        match FunctionPool::new(
            uuid,
            node.name.text.as_str(),
            node.doc.as_str(),
            node.over_attachments,
            functions,
        ) {
            Ok(pool) => self.add(node.name.span, Definition::FunctionPool(Arc::new(pool))),
            Err(error) => self.refused(node.name.span, &error),
        }
    }

    fn function(&mut self, node: &ast::Function) -> Option<Function> {
        let result = match self.ty(&node.result, None, Position::Result) {
            Some(Resolved::Void) => Some(None),
            Some(Resolved::Type(ty)) => self.shallow(ty, &node.result).map(Some),
            None => None,
        };
        let mut seen: HashMap<&str, &ast::Ident> = HashMap::new();
        let mut parameters = Vec::with_capacity(node.parameters.len());
        for parameter in &node.parameters {
            let name = &parameter.name;
            if let Some(first) = seen.insert(&name.text, name) {
                let message =
                    format!("the function `{}` has two parameters called `{}`", node.name.text, name.text);
                let diagnostic = Diagnostic::error(Code::DuplicateParameter, name.span, message)
                    .label(first.span, "first declared here");
                self.diagnostics.push(diagnostic);
            }
            let ty = self.value_type(&parameter.ty, None).and_then(|ty| self.shallow(ty, &parameter.ty));
            parameters.push(ty.map(|ty| (name.text.as_str().into(), ty)));
        }
        Some(Function {
            name: node.name.text.as_str().into(),
            documentation: node.doc.as_str().into(),
            parameters: parameters.into_iter().collect::<Option<_>>()?,
            result: result?,
            is_mutable: node.is_mutable,
        })
    }

    fn shallow(&mut self, ty: Type, node: &ast::Type) -> Option<Type> {
        if ty.depth() < MAX_DEPTH {
            return Some(ty);
        }
        let message = format!("types nest {} deep here, with the structures they contain", ty.depth());
        let diagnostic = Diagnostic::error(Code::TooDeep, node.span, message)
            .help(format!("less than {MAX_DEPTH} is allowed"));
        self.diagnostics.push(diagnostic);
        None
    }
}
