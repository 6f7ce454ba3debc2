//! Values from text, by their type.

use std::sync::Arc;

use uuid::Uuid;

use super::{Cursor, TextError, TextErrorKind};
use crate::MAX_DEPTH;
use crate::definition::{Enumeration, Structure};
use crate::definitions::Definitions;
use crate::name::nearest;
use crate::types::{KeyTarget, Type};
use crate::value::{
    AnyValue, EnumerationValue, Key, MapValue, MatValue, OptionalValue, SetValue, StructureValue, TupleValue,
    Value, ValueError, ValueErrorKind, VariantValue, VecValue, VectorValue, XArrayValue,
};

impl Value {
    /// The value of a type that a text reads as: the inverse of its text form.
    ///
    /// A few forms that the text form abbreviates are read in full: `blob'00ff'`, `Any(int64: 5)`,
    /// `Variant(string: 'x')`, and for xarrays `[{position}: 1, {position}: removed]`. A key whose type is one concept
    /// may be the plain UUID of an instance.
    ///
    /// # Errors
    /// When the text is no value of this type.
    pub fn parse(text: &str, ty: &Type, definitions: &Definitions) -> Result<Value, TextError> {
        let mut cursor = Cursor::new(text, definitions);
        let value = cursor.value(ty, 0)?;
        cursor.expect_end()?;
        Ok(value)
    }
}

/// Characters of numbers, UUIDs and ids.
fn is_of_number(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')
}

impl Cursor<'_, '_> {
    /// A value of this type.
    pub(crate) fn value(&mut self, ty: &Type, depth: usize) -> Result<Value, TextError> {
        if depth >= MAX_DEPTH {
            return Err(self.error(ValueErrorKind::Depth));
        }
        self.skip_space();
        let start = *self;
        let made = |made: Result<Value, ValueError>| made.map_err(|e| start.error(e));
        let next = depth + 1;
        match ty {
            Type::Bool if self.eat("true") => Ok(Value::Bool(true)),
            Type::Bool if self.eat("false") => Ok(Value::Bool(false)),
            Type::Bool => Err(self.expected("true or false")),
            Type::Int8 => self.integer(ty).map(Value::Int8),
            Type::Int16 => self.integer(ty).map(Value::Int16),
            Type::Int32 => self.integer(ty).map(Value::Int32),
            Type::Int64 => self.integer(ty).map(Value::Int64),
            Type::UInt8 => self.integer(ty).map(Value::UInt8),
            Type::UInt16 => self.integer(ty).map(Value::UInt16),
            Type::UInt32 => self.integer(ty).map(Value::UInt32),
            Type::UInt64 => self.integer(ty).map(Value::UInt64),
            Type::Float => {
                let text = self.run(is_of_number);
                match text.parse::<f32>() {
                    Ok(number) if number.is_infinite() && !text.contains("inf") => Err(start.range(text, ty)),
                    Ok(number) => Ok(Value::Float(number)),
                    Err(_) => Err(start.expected("a number")),
                }
            }
            Type::Double => {
                let text = self.run(is_of_number);
                match text.parse::<f64>() {
                    Ok(number) if number.is_infinite() && !text.contains("inf") => Err(start.range(text, ty)),
                    Ok(number) => Ok(Value::Double(number)),
                    Err(_) => Err(start.expected("a number")),
                }
            }
            Type::String => Ok(Value::String(self.quoted()?.into())),
            Type::Uuid => Ok(Value::Uuid(self.uuid()?)),
            Type::BlobId => self.id("a blob id").map(Value::BlobId),
            Type::CommitId => self.id("a commit id").map(Value::CommitId),
            Type::Blob => {
                self.expect("blob'")?;
                let digits = self.run(|c| c.is_ascii_hexdigit());
                let bytes = hexadecimal(digits).ok_or_else(|| self.expected("another hexadecimal digit"))?;
                self.expect("'")?;
                Ok(Value::Blob(bytes.into()))
            }
            Type::Any if self.eat("nil") => Ok(Value::Any(AnyValue::empty())),
            Type::Any => {
                self.expect("Any(")?;
                let (_, value) = self.typed(next)?;
                Ok(Value::Any(AnyValue::new(value)))
            }
            Type::Variant(types) => {
                self.expect("Variant(")?;
                let inner = *self;
                let (ty, value) = self.typed(next)?;
                if !types.contains(&ty) {
                    let kind = ValueErrorKind::Type {
                        expected: Type::Variant(types.clone()),
                        found: ty.to_string(),
                    };
                    return Err(inner.error(kind));
                }
                made(VariantValue::new(types.clone(), value).map(Value::Variant))
            }
            Type::Vec(vec) => {
                let element = vec.element().as_type();
                let items = self.separated("(", ")", |c, _| c.value(&element, next))?;
                made(VecValue::new(vec.clone(), items).map(Value::Vec))
            }
            Type::Mat(mat) => {
                let column = Type::Vec(Arc::new(mat.column()));
                let columns = self.separated("[", "]", |c, _| c.value(&column, next))?;
                made(MatValue::new(mat.clone(), columns).map(Value::Mat))
            }
            Type::Tuple(types) => {
                let items = self.separated("(", ")", |c, index| match types.get(index) {
                    Some(ty) => c.value(ty, next),
                    None => Err(c.expected("`)`")),
                })?;
                made(TupleValue::new(types.clone(), items).map(Value::Tuple))
            }
            Type::Optional(element) => {
                let value = if self.eat("nil") {
                    None
                } else {
                    self.expect("Optional(")?;
                    let value = self.value(element, next)?;
                    self.expect(")")?;
                    Some(value)
                };
                made(OptionalValue::new(element.clone(), value).map(Value::Optional))
            }
            Type::Vector(element) => {
                let items = self.separated("[", "]", |c, _| c.value(element, next))?;
                made(VectorValue::new(element.clone(), items).map(Value::Vector))
            }
            Type::Set(element) => {
                let items = self.separated("{", "}", |c, _| c.value(element, next))?;
                made(SetValue::new(element.clone(), items).map(Value::Set))
            }
            Type::Map(map) => {
                let entries = self.separated("{", "}", |c, _| {
                    let key = c.value(&map.key, next)?;
                    c.expect(":")?;
                    Ok((key, c.value(&map.value, next)?))
                })?;
                made(MapValue::new(map.clone(), entries).map(Value::Map))
            }
            Type::XArray(element) => {
                let slots = self.separated("[", "]", |c, _| {
                    let position = c.position()?;
                    c.expect(":")?;
                    Ok((position, if c.eat("removed") { None } else { Some(c.value(element, next)?) }))
                })?;
                made(XArrayValue::new(element.clone(), slots).map(Value::XArray))
            }
            Type::Key(target) => self.key(target).map(Value::Key),
            Type::Enumeration(enumeration) => self.case(enumeration).map(Value::Enumeration),
            Type::Structure(structure) => self.structure(structure, next),
        }
    }

    /// `type: value)`
    fn typed(&mut self, depth: usize) -> Result<(Type, Value), TextError> {
        let ty = self.ty()?;
        self.expect(":")?;
        let value = self.value(&ty, depth)?;
        self.expect(")")?;
        Ok((ty, value))
    }

    fn range(&self, number: &str, ty: &Type) -> TextError {
        self.error(ValueErrorKind::Range { number: number.to_owned(), ty: ty.clone() })
    }

    fn integer<T: TryFrom<i128>>(&mut self, ty: &Type) -> Result<T, TextError> {
        let start = *self;
        let text = self.run(is_of_number);
        let Ok(number) = text.parse::<i128>() else {
            return Err(if is_whole(text) { start.range(text, ty) } else { start.expected("an integer") });
        };
        T::try_from(number).map_err(|_| start.range(text, ty))
    }

    /// A UUID without braces.
    fn uuid(&mut self) -> Result<Uuid, TextError> {
        let start = *self;
        Uuid::try_parse(self.run(is_of_number)).map_err(|_| start.expected("a UUID"))
    }

    /// `{uuid}`
    pub(crate) fn position(&mut self) -> Result<Uuid, TextError> {
        self.expect("{")?;
        let position = self.uuid()?;
        self.expect("}")?;
        Ok(position)
    }

    fn id<T: std::str::FromStr>(&mut self, what: &str) -> Result<T, TextError> {
        let start = *self;
        self.run(is_of_number)
            .parse()
            .map_err(|_| start.expected(format_args!("{what} of 64 hexadecimal digits")))
    }

    fn key(&mut self, target: &KeyTarget) -> Result<Key, TextError> {
        self.skip_space();
        let start = *self;
        let uuid = Uuid::try_parse(self.run(is_of_number));
        if let (Ok(instance), KeyTarget::Concept(concept)) = (uuid, target) {
            return Ok(Key::new(concept.clone(), instance));
        }
        *self = start;
        let name = self.name();
        if name == "null" {
            return Ok(Key::null());
        }
        let Some(concept) = self.definitions.find_concept(name) else {
            if name.is_empty() || !self.rest().starts_with(':') {
                return Err(start.expected("a key, such as `Namespace::Concept:uuid`"));
            }
            let names: Vec<String> = self.definitions.concepts().map(|d| d.name().to_string()).collect();
            let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
            return Err(start.error(TextErrorKind::UnknownName {
                what: "concept",
                name: name.to_owned(),
                near,
            }));
        };
        let concept = concept.clone();
        self.expect(":")?;
        let key = Key::new(concept.clone(), self.uuid()?);
        if target.admits(&key) {
            return Ok(key);
        }
        Err(start
            .error(ValueErrorKind::Key { concept: concept.name().to_string(), target: target.to_string() }))
    }

    fn case(&mut self, enumeration: &Arc<Enumeration>) -> Result<EnumerationValue, TextError> {
        if !self.eat(".") {
            return Err(self.expected(format_args!("a case of {}", enumeration.name())));
        }
        let start = *self;
        let name = self.word();
        EnumerationValue::named(enumeration.clone(), name)
            .ok_or_else(|| start.error(enumeration.unknown_case(name)))
    }

    fn structure(&mut self, structure: &Arc<Structure>, depth: usize) -> Result<Value, TextError> {
        let mut fields: Vec<Option<Value>> = vec![None; structure.fields().len()];
        self.separated("{", "}", |c, _| {
            c.skip_space();
            let start = *c;
            let name = c.word();
            if name.is_empty() {
                return Err(start.expected("a field"));
            }
            let Some(position) = structure.field_index(name) else {
                return Err(start.error(structure.unknown_field(name)));
            };
            c.expect("=")?;
            let value = c.value(&structure.fields()[position].ty, depth)?;
            if fields[position].replace(value).is_some() {
                return Err(start.error(ValueErrorKind::DuplicateKey { key: name.to_owned() }));
            }
            Ok(())
        })?;
        let fields = fields.into_iter().zip(structure.initial().iter());
        let fields = fields.map(|(value, initial)| value.unwrap_or_else(|| initial.clone())).collect();
        StructureValue::new(structure.clone(), fields).map(Value::Structure).map_err(|e| self.error(e))
    }

    /// A text in single or double quotes.
    pub(crate) fn quoted(&mut self) -> Result<String, TextError> {
        let quote = if self.eat("'") {
            '\''
        } else if self.eat("\"") {
            '"'
        } else {
            return Err(self.expected("a text in quotes"));
        };
        let mut text = String::new();
        loop {
            let here = *self;
            match self.next_char() {
                None => return Err(here.error(TextErrorKind::String { problem: "the text does not end" })),
                Some(c) if c == quote => return Ok(text),
                Some('\\') => text.push(self.escape().ok_or_else(|| {
                    here.error(TextErrorKind::String { problem: "the escape means nothing" })
                })?),
                Some(c) => text.push(c),
            }
        }
    }

    /// What follows a backslash: what Rust's `escape_debug` writes.
    fn escape(&mut self) -> Option<char> {
        Some(match self.next_char()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            c @ ('\\' | '\'' | '"') => c,
            'u' => {
                let digits = self.rest().strip_prefix('{').and_then(|rest| rest.split_once('}'))?.0;
                let is_number =
                    (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
                let code = if is_number { u32::from_str_radix(digits, 16).ok()? } else { return None };
                self.offset += digits.len() + 2;
                char::from_u32(code)?
            }
            _ => return None,
        })
    }
}

fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    let nibble = |c: u8| char::from(c).to_digit(16).map(|digit| digit as u8);
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| if let [a, b] = pair { Some(nibble(*a)? << 4 | nibble(*b)?) } else { None }).collect()
}
