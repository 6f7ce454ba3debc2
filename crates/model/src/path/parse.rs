//! Paths from text, by the type of the document.

use std::sync::Arc;

use super::check::{PathErrorKind, step};
use super::{Path, PathComponent};
use crate::MAX_DEPTH;
use crate::definitions::Definitions;
use crate::text::{Cursor, TextError};
use crate::types::Type;
use crate::value::Value;

impl Path {
    /// The path that a text reads as, in documents of type `root`: the inverse of its text form.
    ///
    /// `.items[0].name`, `['key']`, `[{position}]`, `?`, and the irregular `[entry 'key']` and `[element 1]`; `.` or
    /// nothing is the document itself. Keys read by the type of the map. Below an `any`, where no type says what a
    /// number or a text means, `[0]` is an index and `['key']` the key of a map of strings.
    ///
    /// # Errors
    /// When the text is no path, or takes a step that the type does not have.
    pub fn parse(text: &str, root: &Type, definitions: &Definitions) -> Result<Path, TextError> {
        let mut cursor = Cursor::new(text, definitions);
        let mut components = Vec::new();
        // What may stand where the path has come to; none below an `any`.
        let mut types = Some(vec![root.clone()]);
        if cursor.eat(".") {
            let mut end = cursor;
            end.skip_space();
            if end.at_end() {
                return Ok(Path::root());
            }
            cursor = Cursor::new(text, definitions);
        }
        loop {
            cursor.skip_space();
            if cursor.at_end() {
                return Ok(Path::new(components));
            }
            let start = cursor;
            if components.len() + 1 >= MAX_DEPTH {
                return Err(start.error(PathErrorKind::TooLong));
            }
            let component = match &types {
                Some(types) => cursor.component(types)?,
                None => cursor.untyped_component()?,
            };
            types = match types {
                Some(types) => reached(&types, &component).map_err(|kind| start.error(kind))?,
                None => None,
            };
            components.push(component);
        }
    }
}

/// What may stand after one step from one of the types; none below an `any`.
fn reached(types: &[Type], component: &PathComponent) -> Result<Option<Vec<Type>>, PathErrorKind> {
    let mut next = Vec::new();
    let mut first_error = None;
    for ty in types {
        match step(ty, component) {
            Ok(Some(reached)) => next.extend(reached),
            Ok(None) => return Ok(None),
            Err(kind) => first_error = first_error.or(Some(kind)),
        }
    }
    match first_error {
        Some(kind) if next.is_empty() => Err(kind),
        _ => {
            next.sort();
            next.dedup();
            Ok(Some(next))
        }
    }
}

impl Cursor<'_, '_> {
    /// The next step, as the first of the types reads it that has such a step.
    fn component(&mut self, types: &[Type]) -> Result<PathComponent, TextError> {
        if !self.eat("[") {
            return self.plain_component();
        }
        let mut first_error = None;
        for ty in types {
            let mut attempt = *self;
            match attempt.bracketed(ty) {
                Ok(component) => {
                    *self = attempt;
                    return Ok(component);
                }
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or_else(|| self.expected("a step")))
    }

    fn untyped_component(&mut self) -> Result<PathComponent, TextError> {
        if !self.eat("[") {
            return self.plain_component();
        }
        self.skip_space();
        let component = if self.rest().starts_with('{') {
            PathComponent::Position(self.position()?)
        } else if self.rest().starts_with(['\'', '"']) {
            PathComponent::Key(Value::String(self.quoted()?.into()))
        } else if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            self.index()?
        } else {
            return Err(self.expected("an index, a position in braces or a key in quotes"));
        };
        self.expect("]")?;
        Ok(component)
    }

    /// `.field` or `?`
    fn plain_component(&mut self) -> Result<PathComponent, TextError> {
        if self.eat("?") {
            return Ok(PathComponent::Unwrap);
        }
        if !self.eat(".") {
            return Err(self.expected("`.field`, `[…]` or `?`"));
        }
        let start = *self;
        match self.word() {
            "" => Err(start.expected("the name of a field")),
            name => Ok(PathComponent::Field(Arc::from(name))),
        }
    }

    /// What stands between brackets, by the type that is indexed.
    fn bracketed(&mut self, ty: &Type) -> Result<PathComponent, TextError> {
        self.skip_space();
        let start = *self;
        let component = match ty {
            Type::Map(map) => {
                let is_entry = self.eat("entry ");
                let key = self.value(&map.key, 0)?;
                if is_entry { PathComponent::Entry(key) } else { PathComponent::Key(key) }
            }
            Type::Set(element) => {
                self.expect("element ")?;
                PathComponent::Element(self.value(element, 0)?)
            }
            Type::XArray(_) => PathComponent::Position(self.position()?),
            Type::Vector(_) | Type::Tuple(_) | Type::Vec(_) | Type::Mat(_) => self.index()?,
            _ => return Err(start.error(PathErrorKind::Step { ty: ty.clone(), what: "items" })),
        };
        self.expect("]")?;
        Ok(component)
    }

    fn index(&mut self) -> Result<PathComponent, TextError> {
        let start = *self;
        let index = self.run(|c| c.is_ascii_digit()).parse().map_err(|_| start.expected("an index"))?;
        Ok(PathComponent::Index(index))
    }
}
