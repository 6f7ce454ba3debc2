//! From the value of a default back to how it is written.

use anabranch_model::Value;

use crate::escape;

/// A default as both DSM and JSON write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// A single literal: what JSON calls its domain, and its text there.
    Single { domain: &'static str, text: String },
    /// A list.
    List(Vec<Written>),
}

impl Written {
    /// How a value is written; none when neither form can say it, as a definition made by a program may hold.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let single = |domain, text: String| Some(Self::Single { domain, text });
        match value {
            Value::Bool(value) => single("boolean", value.to_string()),
            Value::Int8(number) => single("integer", number.to_string()),
            Value::Int16(number) => single("integer", number.to_string()),
            Value::Int32(number) => single("integer", number.to_string()),
            Value::Int64(number) => single("integer", number.to_string()),
            Value::UInt8(number) => single("integer", number.to_string()),
            Value::UInt16(number) => single("integer", number.to_string()),
            Value::UInt32(number) => single("integer", number.to_string()),
            Value::UInt64(number) => single("integer", number.to_string()),
            // The debug form is the shortest that reads back to the same number, and follows JSON's grammar.
            Value::Float(number) if number.is_finite() => single("float", format!("{number:?}")),
            Value::Double(number) if number.is_finite() => single("double", format!("{number:?}")),
            Value::String(text) => single("string", text.to_string()),
            Value::Uuid(uuid) => single("uuid", uuid.to_string()),
            Value::Enumeration(case) => single("enumeration_case", case.name().to_owned()),
            Value::Vec(vec) => Self::list(vec.items()),
            Value::Mat(mat) => Self::list(mat.columns()),
            Value::Tuple(tuple) => Self::list(tuple.items()),
            Value::Vector(vector) => Self::list(vector.items()),
            Value::Set(set) => Self::list(set.items()),
            Value::Structure(structure) => Self::list(structure.fields()),
            _ => None,
        }
    }

    /// A list has at least one element.
    fn list(items: &[Value]) -> Option<Self> {
        let written: Option<Vec<Self>> = items.iter().map(Self::of).collect();
        written.filter(|items| !items.is_empty()).map(Self::List)
    }

    /// Writes the literal as DSM.
    pub(crate) fn write_dsm(&self, out: &mut String) {
        match self {
            Self::Single { domain: "string", text } => out.push_str(&escape::quote(text)),
            Self::Single { domain: "uuid", text } => {
                out.push('{');
                out.push_str(text);
                out.push('}');
            }
            Self::Single { domain: "enumeration_case", text } => {
                out.push('.');
                out.push_str(text);
            }
            Self::Single { text, .. } => out.push_str(text),
            Self::List(items) => {
                out.push('{');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    item.write_dsm(out);
                }
                out.push('}');
            }
        }
    }
}
