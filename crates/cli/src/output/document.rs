//! Documents as text: on one line where they fit, else one part a line.

use std::fmt::Write as _;

use anabranch::Value;

use super::text::width;

/// How much deeper each level stands.
const INDENT: usize = 2;

/// The text of a value in lines of about `columns`. Only what cannot be taken apart makes a line longer.
///
/// It reads as the value's own text form, but for the commas at the ends of lines; and an xarray always shows its positions, because
/// paths and insertions need them.
pub(crate) fn pretty(value: &Value, columns: usize) -> String {
    let mut printer = Printer { out: String::new(), columns };
    printer.value(value, 0, 0);
    printer.out
}

struct Printer {
    out: String,
    columns: usize,
}

impl Printer {
    /// Writes a value after `used` columns of a line that starts at `indent`.
    fn value(&mut self, value: &Value, indent: usize, used: usize) {
        if !has_positions(value) {
            let line = value.to_string();
            if used + width(&line) <= self.columns {
                self.out.push_str(&line);
                return;
            }
        }
        match value {
            Value::Structure(v) => {
                let fields = v.structure().fields().iter().zip(v.fields());
                self.lines('{', '}', indent, fields, |printer, (field, value), indent| {
                    printer.named(&format!("{} = ", field.name), value, indent);
                });
            }
            Value::Map(v) => self.lines('{', '}', indent, v.entries(), |printer, (key, value), indent| {
                printer.named(&format!("{key}: "), value, indent);
            }),
            Value::XArray(v) => {
                self.lines('[', ']', indent, v.elements(), |printer, (position, value), indent| {
                    printer.named(&format!("{{{position}}}: "), value, indent);
                })
            }
            Value::Set(v) => self.items('{', v.items(), '}', indent),
            Value::Vector(v) => self.items('[', v.items(), ']', indent),
            Value::Tuple(v) => self.items('(', v.items(), ')', indent),
            Value::Mat(v) => self.items('[', v.columns(), ']', indent),
            Value::Optional(v) => self.wrapped("Optional", v.get(), indent, used),
            Value::Any(v) => self.wrapped("Any", v.get(), indent, used),
            Value::Variant(v) => self.wrapped("Variant", Some(v.get()), indent, used),
            // Nothing else has parts that could stand on lines of their own.
            other => {
                let _ = write!(self.out, "{other}");
            }
        }
    }

    fn named(&mut self, name: &str, value: &Value, indent: usize) {
        self.out.push_str(name);
        self.value(value, indent, indent + width(name));
    }

    fn wrapped(&mut self, name: &str, value: Option<&Value>, indent: usize, used: usize) {
        let Some(value) = value else {
            return self.out.push_str("nil");
        };
        let _ = write!(self.out, "{name}(");
        self.value(value, indent, used + name.len() + 1);
        self.out.push(')');
    }

    fn items(&mut self, open: char, items: &[Value], close: char, indent: usize) {
        self.lines(open, close, indent, items, |printer, item, indent| printer.value(item, indent, indent));
    }

    fn lines<T>(
        &mut self,
        open: char,
        close: char,
        indent: usize,
        parts: impl IntoIterator<Item = T>,
        each: impl Fn(&mut Self, T, usize),
    ) {
        self.out.push(open);
        let deeper = indent + INDENT;
        let mut is_empty = true;
        for part in parts {
            is_empty = false;
            let _ = write!(self.out, "\n{:deeper$}", "");
            each(self, part, deeper);
        }
        if !is_empty {
            let _ = write!(self.out, "\n{:indent$}", "");
        }
        self.out.push(close);
    }
}

/// Whether there is an xarray with elements in the value.
fn has_positions(value: &Value) -> bool {
    match value {
        Value::XArray(v) => v.elements().next().is_some(),
        Value::Structure(v) => v.fields().iter().any(has_positions),
        Value::Map(v) => v.entries().iter().any(|(_, value)| has_positions(value)),
        Value::Optional(v) => v.get().is_some_and(has_positions),
        Value::Any(v) => v.get().is_some_and(has_positions),
        Value::Variant(v) => has_positions(v.get()),
        _ => value.as_items().iter().any(has_positions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anabranch::Type;
    use anabranch::Uuid;

    #[test]
    fn what_fits_stands_on_one_line_and_what_does_not_is_taken_apart() {
        let list = list(["one", "two", "three"]);
        assert_eq!(pretty(&list, 40), "['one', 'two', 'three']");
        assert_eq!(pretty(&list, 12), "[\n  'one'\n  'two'\n  'three'\n]");
    }

    #[test]
    fn positions_are_always_shown() {
        use anabranch::model::XArrayValue;
        let mut xarray = XArrayValue::empty(Type::Bool.into());
        assert_eq!(pretty(&Value::XArray(xarray.clone()), 80), "[]");
        let position = Uuid::from_u128(7);
        assert!(xarray.insert(Uuid::nil(), position));
        xarray.set(position, Value::Bool(true)).expect("a bool");
        assert_eq!(
            pretty(&Value::XArray(xarray), 80),
            "[\n  {00000000-0000-0000-0000-000000000007}: true\n]"
        );
    }

    fn list<const N: usize>(items: [&str; N]) -> Value {
        use anabranch::model::VectorValue;
        let items = items.into_iter().map(Value::from).collect();
        Value::Vector(VectorValue::new(Type::String.into(), items).expect("texts"))
    }
}
