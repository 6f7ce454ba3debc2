//! Defaults: from a literal to the value that a field starts with.

use super::Resolver;
use crate::ast::{Literal, LiteralKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use anabranch_model::{
    Enumeration, EnumerationValue, MatType, MatValue, SetValue, Structure, StructureValue, TupleValue, Type,
    Value, ValueError, VecType, VecValue, VectorValue,
};
use std::sync::Arc;

impl Resolver<'_> {
    /// The value that a literal gives to a field of this type; none when it was reported.
    pub(super) fn default_value(&mut self, literal: &Literal, ty: &Type, space: usize) -> Option<Value> {
        if matches!(literal.kind, LiteralKind::Bad) {
            return None;
        }
        match (ty, &literal.kind) {
            (Type::Bool, LiteralKind::Bool(value)) => Some(Value::Bool(*value)),
            (Type::String, LiteralKind::String(text)) => Some(Value::String(text.as_str().into())),
            (Type::Uuid, LiteralKind::Uuid(uuid)) => Some(Value::Uuid(*uuid)),
            (Type::Float | Type::Double, LiteralKind::Number(text)) => self.real(text, literal.span, ty),
            (ty, LiteralKind::Number(text)) if ty.as_numeric().is_some() => {
                self.whole(text, literal.span, ty)
            }
            (Type::Enumeration(enumeration), LiteralKind::Case(name)) => {
                self.case(enumeration, name, literal.span)
            }
            (Type::Vec(vec), LiteralKind::List(members)) => self.vec(vec, members, literal.span, space),
            (Type::Mat(mat), LiteralKind::List(members)) => self.mat(mat, members, literal.span, space),
            (Type::Tuple(types), LiteralKind::List(members)) => {
                self.check_length(literal.span, ty, types.len(), members.len(), space)?;
                let items = self.each(members, types.iter(), space)?;
                self.made(literal.span, TupleValue::new(types.clone(), items).map(Value::Tuple))
            }
            (Type::Vector(element), LiteralKind::List(members)) => {
                self.check_filled(literal.span, members)?;
                let items = self.each(members, std::iter::repeat(&**element), space)?;
                self.made(literal.span, VectorValue::new(element.clone(), items).map(Value::Vector))
            }
            (Type::Set(element), LiteralKind::List(members)) => {
                self.set(element, members, literal.span, space)
            }
            (Type::Structure(structure), LiteralKind::List(members)) => {
                self.record(structure, members, literal.span, space)
            }
            _ => {
                self.mismatch(literal, ty, space);
                None
            }
        }
    }

    fn mismatch(&mut self, literal: &Literal, ty: &Type, space: usize) {
        let name = self.type_text(ty, Some(space));
        let Some(form) = literal_form(ty) else {
            let diagnostic = Diagnostic::error(
                Code::DefaultNotAllowed,
                literal.span,
                format!("`{name}` takes no default"),
            )
            .help(starts_as(ty));
            self.diagnostics.push(diagnostic);
            return;
        };
        let given = match &literal.kind {
            LiteralKind::List(_) => "a list",
            LiteralKind::Case(_) => "a case",
            LiteralKind::String(_) => "a string",
            LiteralKind::Number(_) => "a number",
            LiteralKind::Uuid(_) => "a UUID",
            LiteralKind::Bool(_) | LiteralKind::Bad => "a boolean",
        };
        let help = match (ty, &literal.kind) {
            (Type::Uuid, LiteralKind::String(text)) => Some(format!("write `{{{text}}}`")),
            (Type::Enumeration(enumeration), LiteralKind::String(text))
                if enumeration.case_index(text).is_some() =>
            {
                Some(format!("write `.{text}`"))
            }
            (Type::Enumeration(enumeration), _) => Some(cases(enumeration)),
            (Type::Bool, LiteralKind::Number(text)) if text == "0" => Some("write `false`".to_owned()),
            (Type::Bool, LiteralKind::Number(text)) if text == "1" => Some("write `true`".to_owned()),
            (Type::String, LiteralKind::Number(text)) => Some(format!("write `\"{text}\"`")),
            (ty, LiteralKind::String(text))
                if ty.as_numeric().is_some() && crate::lexer::is_json_number(text) =>
            {
                Some(format!("write `{text}`"))
            }
            (Type::Structure(structure), _) => Some(fields(structure)),
            _ => None,
        };
        let message = format!("the default of type `{name}` is {form}, not {given}");
        self.diagnostics.push(Diagnostic::error(Code::DefaultType, literal.span, message).maybe_help(help));
    }

    fn whole(&mut self, text: &str, span: Span, ty: &Type) -> Option<Value> {
        if text.contains(['.', 'e', 'E']) {
            let message = format!("`{text}` is not written as a whole number, as `{ty}` needs");
            self.error(Code::DefaultType, span, message);
            return None;
        }
        let value = text.parse::<i128>().ok().and_then(|number| integer(ty, number));
        if value.is_none() {
            let message = format!("`{text}` is out of range for `{ty}`");
            let diagnostic = Diagnostic::error(Code::DefaultRange, span, message).maybe_help(range(ty));
            self.diagnostics.push(diagnostic);
        }
        value
    }

    fn real(&mut self, text: &str, span: Span, ty: &Type) -> Option<Value> {
        let value = if *ty == Type::Float {
            text.parse().ok().filter(|number: &f32| number.is_finite()).map(Value::Float)
        } else {
            text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Double)
        };
        if value.is_none() {
            let message = format!("`{text}` is out of range for `{ty}`");
            let diagnostic = Diagnostic::error(Code::DefaultRange, span, message).maybe_help(range(ty));
            self.diagnostics.push(diagnostic);
        }
        value
    }

    fn case(&mut self, enumeration: &Arc<Enumeration>, name: &str, span: Span) -> Option<Value> {
        if let Some(value) = EnumerationValue::named(enumeration.clone(), name) {
            return Some(Value::Enumeration(value));
        }
        let near = self.suggester.nearest(name, enumeration.cases().iter().map(|case| &*case.name));
        let help = match near {
            Some(near) => format!("did you mean `.{near}`?"),
            None => cases(enumeration),
        };
        let message = format!("the enumeration `{}` has no case `{name}`", enumeration.name().name);
        self.diagnostics.push(Diagnostic::error(Code::UnknownCase, span, message).help(help));
        None
    }

    fn vec(&mut self, vec: &Arc<VecType>, members: &[Literal], span: Span, space: usize) -> Option<Value> {
        self.check_length(span, &Type::Vec(vec.clone()), vec.size(), members.len(), space)?;
        let items = self.each(members, std::iter::repeat(&vec.element().as_type()), space)?;
        self.made(span, VecValue::new(vec.clone(), items).map(Value::Vec))
    }

    /// A matrix is a list of its columns, or all its numbers column by column.
    fn mat(&mut self, mat: &Arc<MatType>, members: &[Literal], span: Span, space: usize) -> Option<Value> {
        let ty = Type::Mat(mat.clone());
        let column = Arc::new(mat.column());
        let is_nested = members.iter().any(|member| matches!(member.kind, LiteralKind::List(_)));
        let columns: Option<Vec<Value>> = if is_nested {
            self.check_length(span, &ty, mat.columns(), members.len(), space)?;
            self.each(members, std::iter::repeat(&Type::Vec(column)), space)
        } else {
            self.check_length(span, &ty, mat.columns() * mat.rows(), members.len(), space)?;
            let numbers = self.each(members, std::iter::repeat(&mat.element().as_type()), space)?;
            let columns = numbers
                .chunks(mat.rows())
                .map(|items| VecValue::new(column.clone(), items.to_vec()).map(Value::Vec));
            let columns: Result<Vec<Value>, ValueError> = columns.collect();
            columns.map_err(|error| self.refused(span, &error)).ok()
        };
        self.made(span, MatValue::new(mat.clone(), columns?).map(Value::Mat))
    }

    fn set(&mut self, element: &Arc<Type>, members: &[Literal], span: Span, space: usize) -> Option<Value> {
        self.check_filled(span, members)?;
        let items = self.each(members, std::iter::repeat(&**element), space)?;
        let mut order: Vec<usize> = (0..items.len()).collect();
        // Stable, so that of equal elements the one that was written first comes first.
        order.sort_by(|a, b| items[*a].cmp(&items[*b]));
        let twice = order.windows(2).find(|pair| items[pair[0]] == items[pair[1]]);
        if let Some(pair) = twice {
            let diagnostic = Diagnostic::error(
                Code::DuplicateElement,
                members[pair[1]].span,
                "the set has this element already",
            )
            .label(members[pair[0]].span, "it stands here");
            self.diagnostics.push(diagnostic);
            return None;
        }
        self.made(span, SetValue::new(element.clone(), items).map(Value::Set))
    }

    fn record(
        &mut self,
        structure: &Arc<Structure>,
        members: &[Literal],
        span: Span,
        space: usize,
    ) -> Option<Value> {
        let expected = structure.fields().len();
        if expected != members.len() {
            let message = format!(
                "`{}` is made of {}, and {} {} given",
                self.type_text(&Type::Structure(structure.clone()), Some(space)),
                counted(expected, "field"),
                members.len(),
                if members.len() == 1 { "is" } else { "are" },
            );
            self.diagnostics
                .push(Diagnostic::error(Code::DefaultLength, span, message).help(fields(structure)));
            return None;
        }
        let items = self.each(members, structure.fields().iter().map(|field| &field.ty), space)?;
        self.made(span, StructureValue::new(structure.clone(), items).map(Value::Structure))
    }

    /// The values of all members; every wrong one is reported.
    fn each<'t>(
        &mut self,
        members: &[Literal],
        types: impl Iterator<Item = &'t Type>,
        space: usize,
    ) -> Option<Vec<Value>> {
        let values: Vec<Option<Value>> =
            members.iter().zip(types).map(|(member, ty)| self.default_value(member, ty, space)).collect();
        values.into_iter().collect()
    }

    fn check_length(
        &mut self,
        span: Span,
        ty: &Type,
        expected: usize,
        found: usize,
        space: usize,
    ) -> Option<()> {
        if expected == found {
            return Some(());
        }
        let message = format!(
            "a `{}` has {}, not {found}",
            self.type_text(ty, Some(space)),
            counted(expected, "element")
        );
        self.error(Code::DefaultLength, span, message);
        None
    }

    /// JSON can say an empty list, which DSM has no way to write.
    fn check_filled(&mut self, span: Span, members: &[Literal]) -> Option<()> {
        if !members.is_empty() {
            return Some(());
        }
        let diagnostic = Diagnostic::error(Code::DefaultLength, span, "a list has at least one element")
            .help("leave the default out: lists are empty until they are set");
        self.diagnostics.push(diagnostic);
        None
    }

    fn made(&mut self, span: Span, result: Result<Value, ValueError>) -> Option<Value> {
        result.map_err(|error| self.refused(span, &error)).ok()
    }
}

/// How the default of a type is written; none for types that take none.
fn literal_form(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Bool => "`true` or `false`",
        Type::String => "a string in quotes",
        Type::Uuid => "a UUID in braces",
        Type::Enumeration(_) => "one of its cases, written `.case`",
        Type::Vec(_) | Type::Mat(_) => "a list of numbers in braces",
        Type::Tuple(_) | Type::Vector(_) | Type::Set(_) => "a list in braces",
        Type::Structure(_) => "a list of its fields in braces",
        ty if ty.as_numeric().is_some() => "a number",
        _ => return None,
    })
}

/// What a place of a type without defaults holds at first.
fn starts_as(ty: &Type) -> &'static str {
    match ty {
        Type::Optional(_) => "leave it out: an `optional` is nil until it is set",
        Type::Map(_) => "leave it out: a `map` is empty until it is set",
        Type::XArray(_) => "leave it out: an `xarray` is empty until it is set",
        Type::Variant(_) => "leave it out: a `variant` is the zero of its first type until it is set",
        Type::Any => "leave it out: an `any` holds nothing until it is set",
        Type::Key(_) => "leave it out: a `key` refers to nothing until it is set",
        Type::Blob => "leave it out: a `blob` is empty until it is set",
        _ => "leave it out: an id is zero until it is set",
    }
}

fn integer(ty: &Type, number: i128) -> Option<Value> {
    match ty {
        Type::Int8 => number.try_into().ok().map(Value::Int8),
        Type::Int16 => number.try_into().ok().map(Value::Int16),
        Type::Int32 => number.try_into().ok().map(Value::Int32),
        Type::Int64 => number.try_into().ok().map(Value::Int64),
        Type::UInt8 => number.try_into().ok().map(Value::UInt8),
        Type::UInt16 => number.try_into().ok().map(Value::UInt16),
        Type::UInt32 => number.try_into().ok().map(Value::UInt32),
        Type::UInt64 => number.try_into().ok().map(Value::UInt64),
        _ => None,
    }
}

fn range(ty: &Type) -> Option<String> {
    let (low, high) = match ty {
        Type::Int8 => (i8::MIN.to_string(), i8::MAX.to_string()),
        Type::Int16 => (i16::MIN.to_string(), i16::MAX.to_string()),
        Type::Int32 => (i32::MIN.to_string(), i32::MAX.to_string()),
        Type::Int64 => (i64::MIN.to_string(), i64::MAX.to_string()),
        Type::UInt8 => (u8::MIN.to_string(), u8::MAX.to_string()),
        Type::UInt16 => (u16::MIN.to_string(), u16::MAX.to_string()),
        Type::UInt32 => (u32::MIN.to_string(), u32::MAX.to_string()),
        Type::UInt64 => (u64::MIN.to_string(), u64::MAX.to_string()),
        Type::Float => (format!("{:?}", f32::MIN), format!("{:?}", f32::MAX)),
        Type::Double => (format!("{:?}", f64::MIN), format!("{:?}", f64::MAX)),
        _ => return None,
    };
    Some(format!("`{ty}` goes from {low} to {high}"))
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// The cases of an enumeration, for a help line.
fn cases(enumeration: &Enumeration) -> String {
    let names = enumeration.cases().iter().map(|case| format!("`.{}`", case.name));
    format!("the cases are {}", listed(names, enumeration.cases().len()))
}

/// The fields of a structure in the order in which a list gives them, for a help line.
fn fields(structure: &Structure) -> String {
    let namespace = &structure.name().namespace;
    let names = structure
        .fields()
        .iter()
        .map(|field| format!("`{} {}`", field.ty.relative_to(namespace), field.name));
    format!("the fields are {}", listed(names, structure.fields().len()))
}

fn listed(names: impl Iterator<Item = String>, count: usize) -> String {
    const SHOWN: usize = 8;
    let mut text = names.take(SHOWN).collect::<Vec<_>>().join(", ");
    if count > SHOWN {
        text.push_str(", …");
    }
    text
}
