//! How values read (`spec/values.md`, "Text forms").

use std::fmt;

use super::Value;

impl fmt::Display for Value {
    /// Reads as the value: `'text'`, `[1, 2]`, `{nickname='alice'}`, `Optional('x')`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int8(v) => write!(f, "{v}"),
            Self::Int16(v) => write!(f, "{v}"),
            Self::Int32(v) => write!(f, "{v}"),
            Self::Int64(v) => write!(f, "{v}"),
            Self::UInt8(v) => write!(f, "{v}"),
            Self::UInt16(v) => write!(f, "{v}"),
            Self::UInt32(v) => write!(f, "{v}"),
            Self::UInt64(v) => write!(f, "{v}"),
            // Rust's debug form is the shortest that reads back to the same number, with a point or an exponent.
            Self::Float(v) => write!(f, "{v:?}"),
            Self::Double(v) => write!(f, "{v:?}"),
            Self::String(v) => quote(f, v),
            Self::Uuid(v) => write!(f, "{v}"),
            Self::Blob(v) => write!(f, "blob({})", v.len()),
            Self::BlobId(v) => write!(f, "{v}"),
            Self::CommitId(v) => write!(f, "{v}"),
            Self::Key(v) => write!(f, "{v}"),
            Self::Any(v) => optional(f, "Any", v.get()),
            Self::Optional(v) => optional(f, "Optional", v.get()),
            Self::Variant(v) => write!(f, "Variant({})", v.get()),
            Self::Vec(v) => list(f, '(', v.items(), ')'),
            Self::Mat(v) => list(f, '[', v.columns(), ']'),
            Self::Tuple(v) => list(f, '(', v.items(), ')'),
            Self::Vector(v) => list(f, '[', v.items(), ']'),
            Self::Set(v) => list(f, '{', v.items(), '}'),
            Self::XArray(v) => list(f, '[', v.values(), ']'),
            Self::Map(v) => {
                separated(f, '{', v.entries(), '}', |f, (key, value)| write!(f, "{key}: {value}"))
            }
            Self::Enumeration(v) => write!(f, ".{}", v.name()),
            Self::Structure(v) => {
                separated(f, '{', v.structure().fields().iter().zip(v.fields()), '}', |f, (field, value)| {
                    write!(f, "{}={value}", field.name)
                })
            }
        }
    }
}

impl fmt::Debug for Value {
    /// The text form with the type: `[1, 2]:vector<int64>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description())
    }
}

impl Value {
    /// The text form with the type: `[1, 2]:vector<int64>`.
    pub fn description(&self) -> String {
        format!("{self}:{}", self.ty())
    }
}

/// Single quotes, with what would end or break the line escaped.
fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("'")?;
    for character in text.chars() {
        match character {
            '\'' => f.write_str("\\'")?,
            '"' => f.write_str("\"")?,
            other => write!(f, "{}", other.escape_debug())?,
        }
    }
    f.write_str("'")
}

fn optional(f: &mut fmt::Formatter<'_>, name: &str, value: Option<&Value>) -> fmt::Result {
    match value {
        None => f.write_str("nil"),
        Some(value) => write!(f, "{name}({value})"),
    }
}

fn list<'a>(
    f: &mut fmt::Formatter<'_>,
    open: char,
    values: impl IntoIterator<Item = &'a Value>,
    close: char,
) -> fmt::Result {
    separated(f, open, values, close, |f, value| write!(f, "{value}"))
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    open: char,
    items: impl IntoIterator<Item = T>,
    close: char,
    each: impl Fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    write!(f, "{open}")?;
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        each(f, item)?;
    }
    write!(f, "{close}")
}
