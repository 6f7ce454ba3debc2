//! How values read (`spec/values.md`, "Text forms").

use std::fmt;

use super::Value;
use crate::types::Type;

impl fmt::Display for Value {
    /// Reads as the value: `'text'`, `[1, 2]`, `{nickname='alice'}`, `Optional('x')`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self, false)
    }
}

/// The text form in full: also where [`Value`] prints a summary, this reads back to the same value.
///
/// `blob'00ff'`, `Any(int64: 5)`, `Variant(string: 'x')`, `[{position}: 1, {position}: removed]`.
pub(crate) struct Exact<'v>(pub(crate) &'v Value);

impl fmt::Display for Exact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.0, true)
    }
}

fn write(f: &mut fmt::Formatter<'_>, value: &Value, exact: bool) -> fmt::Result {
    let list = |f: &mut fmt::Formatter<'_>, open, items: &[Value], close| {
        separated(f, open, items, close, |f, item| write(f, item, exact))
    };
    match value {
        Value::Bool(v) => write!(f, "{v}"),
        Value::Int8(v) => write!(f, "{v}"),
        Value::Int16(v) => write!(f, "{v}"),
        Value::Int32(v) => write!(f, "{v}"),
        Value::Int64(v) => write!(f, "{v}"),
        Value::UInt8(v) => write!(f, "{v}"),
        Value::UInt16(v) => write!(f, "{v}"),
        Value::UInt32(v) => write!(f, "{v}"),
        Value::UInt64(v) => write!(f, "{v}"),
        // Rust's debug form is the shortest that reads back to the same number, with a point or an exponent.
        Value::Float(v) => write!(f, "{v:?}"),
        Value::Double(v) => write!(f, "{v:?}"),
        Value::String(v) => quote(f, v),
        Value::Uuid(v) => write!(f, "{v}"),
        Value::Blob(v) if exact => {
            f.write_str("blob'")?;
            v.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            f.write_str("'")
        }
        Value::Blob(v) => write!(f, "blob({})", v.len()),
        Value::BlobId(v) => write!(f, "{v}"),
        Value::CommitId(v) => write!(f, "{v}"),
        Value::Key(v) => write!(f, "{v}"),
        Value::Any(v) => wrapped(f, "Any", v.get(), exact.then(|| v.get().map(Value::ty)).flatten(), exact),
        Value::Optional(v) => wrapped(f, "Optional", v.get(), None, exact),
        Value::Variant(v) => wrapped(f, "Variant", Some(v.get()), exact.then(|| v.selected().clone()), exact),
        Value::Vec(v) => list(f, '(', v.items(), ')'),
        Value::Mat(v) => list(f, '[', v.columns(), ']'),
        Value::Tuple(v) => list(f, '(', v.items(), ')'),
        Value::Vector(v) => list(f, '[', v.items(), ']'),
        Value::Set(v) => list(f, '{', v.items(), '}'),
        Value::XArray(v) if exact => separated(f, '[', v.slots(), ']', |f, (position, value)| {
            write!(f, "{{{position}}}: ")?;
            match value {
                None => f.write_str("removed"),
                Some(value) => write(f, value, exact),
            }
        }),
        Value::XArray(v) => separated(f, '[', v.values(), ']', |f, value| write(f, value, exact)),
        Value::Map(v) => separated(f, '{', v.entries(), '}', |f, (key, value)| {
            write(f, key, exact)?;
            f.write_str(": ")?;
            write(f, value, exact)
        }),
        Value::Enumeration(v) => write!(f, ".{}", v.name()),
        Value::Structure(v) => {
            let fields = v.structure().fields().iter().zip(v.fields());
            separated(f, '{', fields, '}', |f, (field, value)| {
                write!(f, "{}=", field.name)?;
                write(f, value, exact)
            })
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

fn wrapped(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    value: Option<&Value>,
    ty: Option<Type>,
    exact: bool,
) -> fmt::Result {
    let Some(value) = value else {
        return f.write_str("nil");
    };
    write!(f, "{name}(")?;
    if let Some(ty) = ty {
        write!(f, "{ty}: ")?;
    }
    write(f, value, exact)?;
    f.write_str(")")
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
