//! Places in a JSON document: walking down to them, and naming them by their paths.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::JsonError;
use crate::source::Span;

/// One step down.
#[derive(Clone, Copy, Debug)]
enum Step {
    Key(&'static str),
    Index(usize),
}

/// Every place that was visited, so that a number is enough to say where something is.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// The number of the place above, and the step from there; the first is the document itself.
    steps: Vec<(u32, Step)>,
}

impl Paths {
    /// The path of a place.
    fn of(&self, place: u32) -> String {
        let mut steps = Vec::new();
        let mut place = place;
        while let Some((above, step)) = place.checked_sub(1).and_then(|index| self.steps.get(index as usize))
        {
            steps.push(*step);
            place = *above;
        }
        let mut path = String::new();
        for step in steps.iter().rev() {
            match step {
                Step::Key(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                }
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        if path.is_empty() { "the document".to_owned() } else { path }
    }

    /// The path of the place that a span of the tree stands for.
    pub(super) fn of_span(&self, span: Span) -> String {
        self.of(span.start)
    }

    fn enter(&mut self, above: u32, step: Step) -> u32 {
        self.steps.push((above, step));
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX)
    }
}

/// A value at a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    place: u32,
}

impl<'a> Node<'a> {
    /// The document itself.
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, place: 0 }
    }

    pub(super) fn span(self) -> Span {
        Span::new(0, self.place, self.place)
    }

    pub(super) fn path(self, paths: &Paths) -> String {
        paths.of(self.place)
    }

    fn wrong_kind(self, expected: &'static str, paths: &Paths) -> JsonError {
        JsonError::Kind { path: self.path(paths), expected, found: kind(self.value) }
    }

    pub(super) fn text(self, paths: &Paths) -> Result<&'a str, JsonError> {
        self.value.as_str().ok_or_else(|| self.wrong_kind("a string", paths))
    }

    pub(super) fn boolean(self, paths: &Paths) -> Result<bool, JsonError> {
        self.value.as_bool().ok_or_else(|| self.wrong_kind("true or false", paths))
    }

    /// A whole number, zero or above.
    pub(super) fn count(self, paths: &Paths) -> Result<u64, JsonError> {
        self.value.as_u64().ok_or_else(|| self.wrong_kind("a whole number, zero or above", paths))
    }

    pub(super) fn uuid(self, paths: &Paths) -> Result<Uuid, JsonError> {
        let text = self.text(paths)?;
        // Only the form with dashes: the crate reads braces and URNs too.
        let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
        uuid.ok_or_else(|| self.wrong_form(text, "UUID", paths))
    }

    pub(super) fn wrong_form(self, found: &str, expected: &'static str, paths: &Paths) -> JsonError {
        JsonError::Form { path: self.path(paths), found: found.to_owned(), expected }
    }

    pub(super) fn unknown_value(self, found: &str, expected: &[&'static str], paths: &Paths) -> JsonError {
        JsonError::UnknownValue {
            path: self.path(paths),
            found: found.to_owned(),
            expected: expected.to_vec(),
        }
    }

    /// The elements of an array.
    pub(super) fn elements(self, paths: &mut Paths) -> Result<Vec<Node<'a>>, JsonError> {
        let items = self.value.as_array().ok_or_else(|| self.wrong_kind("an array", paths))?;
        let enter = |(index, value)| Node { value, place: paths.enter(self.place, Step::Index(index)) };
        Ok(items.iter().enumerate().map(enter).collect())
    }

    /// An object with these keys and no others.
    pub(super) fn object(
        self,
        required: &[&'static str],
        optional: &[&'static str],
        paths: &mut Paths,
    ) -> Result<Object<'a>, JsonError> {
        let entries = self.fields(paths)?;
        if let Some(missing) = required.iter().find(|key| !entries.contains_key(**key)) {
            return Err(JsonError::MissingKey { path: self.path_of_key(missing, paths) });
        }
        let is_known = |key: &String| required.contains(&key.as_str()) || optional.contains(&key.as_str());
        if let Some(unknown) = entries.keys().find(|key| !is_known(key)) {
            return Err(JsonError::UnknownKey { path: self.path_of_key(unknown, paths) });
        }
        Ok(Object { node: self, entries })
    }

    fn fields(self, paths: &Paths) -> Result<&'a Map<String, Value>, JsonError> {
        self.value.as_object().ok_or_else(|| self.wrong_kind("an object", paths))
    }

    fn path_of_key(self, key: &str, paths: &Paths) -> String {
        if self.place == 0 { key.to_owned() } else { format!("{}.{key}", self.path(paths)) }
    }

    /// The text under a key of an object, before it is known which other keys may be there.
    pub(super) fn discriminator(
        self,
        key: &'static str,
        paths: &mut Paths,
    ) -> Result<(Node<'a>, &'a str), JsonError> {
        let Some(value) = self.fields(paths)?.get(key) else {
            return Err(JsonError::MissingKey { path: self.path_of_key(key, paths) });
        };
        let node = Node { value, place: paths.enter(self.place, Step::Key(key)) };
        Ok((node, node.text(paths)?))
    }
}

/// An object whose keys have been checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object<'a> {
    node: Node<'a>,
    entries: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// The value under a key that may be missing.
    pub(super) fn find(self, key: &'static str, paths: &mut Paths) -> Option<Node<'a>> {
        let value = self.entries.get(key)?;
        Some(Node { value, place: paths.enter(self.node.place, Step::Key(key)) })
    }

    /// The value under a key that is known to be there.
    pub(super) fn get(self, key: &'static str, paths: &mut Paths) -> Result<Node<'a>, JsonError> {
        self.find(key, paths).ok_or_else(|| JsonError::MissingKey { path: self.node.path_of_key(key, paths) })
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
