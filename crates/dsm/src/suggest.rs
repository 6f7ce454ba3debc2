//! "Did you mean …": the nearest of the names that exist.

use anabranch_model::name::edit_distance;

/// Finds near names, within a budget, so that a text with a great many wrong names stays quick to refuse.
#[derive(Debug)]
pub(crate) struct Suggester {
    budget: usize,
}

impl Suggester {
    pub(crate) const fn new() -> Self {
        Self { budget: 4_000_000 }
    }

    /// The candidate that `wrong` most probably stands for; the first of several equally near ones.
    pub(crate) fn nearest<'a>(
        &mut self,
        wrong: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let limit = (wrong.len() / 3).clamp(1, 4);
        let mut best: Option<(usize, &str)> = None;
        for candidate in candidates {
            if candidate == wrong || candidate.len().abs_diff(wrong.len()) > limit {
                self.budget = self.budget.saturating_sub(1);
                continue;
            }
            let cost = wrong.len() * candidate.len();
            if cost > self.budget {
                break;
            }
            self.budget -= cost;
            let distance = if candidate.eq_ignore_ascii_case(wrong) {
                0
            } else {
                edit_distance(wrong.as_bytes(), candidate.as_bytes())
            };
            if distance <= limit
                && distance < wrong.len()
                && best.is_none_or(|(nearest, _)| distance < nearest)
            {
                best = Some((distance, candidate));
            }
        }
        best.map(|(_, candidate)| candidate)
    }
}

/// The type that a word from another language stands for here.
pub(crate) fn foreign_type(word: &str) -> Option<&'static str> {
    Some(match word {
        "int" | "integer" | "long" | "Int" | "Integer" | "i64" | "Int64" | "number" => "int64",
        "short" | "i16" => "int16",
        "i8" | "sbyte" => "int8",
        "i32" | "Int32" => "int32",
        "byte" | "u8" | "uchar" => "uint8",
        "u16" | "ushort" => "uint16",
        "u32" | "uint" | "unsigned" => "uint32",
        "u64" | "ulong" | "usize" | "size_t" => "uint64",
        "float32" | "f32" | "single" => "float",
        "float64" | "f64" | "real" => "double",
        "boolean" | "Boolean" | "Bool" => "bool",
        "str" | "String" | "text" | "char" => "string",
        "bytes" | "binary" | "Blob" => "blob",
        "guid" | "UUID" | "Uuid" => "uuid",
        "list" | "array" | "List" | "Array" | "Vec" | "seq" | "repeated" => "vector",
        "dict" | "Map" | "hashmap" | "HashMap" | "dictionary" => "map",
        "Set" | "hashset" | "HashSet" => "set",
        "Option" | "Optional" | "nullable" | "maybe" => "optional",
        "union" | "oneof" | "either" => "variant",
        "matrix" => "mat",
        "ref" | "reference" | "id" => "key",
        _ => return None,
    })
}

/// The keyword that a word from another language stands for here.
pub(crate) fn foreign_keyword(word: &str) -> Option<&'static str> {
    Some(match word {
        "structure" | "record" | "message" | "type" => "struct",
        "enumeration" => "enum",
        "class" | "entity" | "interface" => "concept",
        "package" | "module" => "namespace",
        "group" => "club",
        "member" => "membership",
        "pool" => "function_pool",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_is_one_step() {
        assert_eq!(edit_distance(b"sting", b"string"), 1);
        assert_eq!(edit_distance(b"stirng", b"string"), 1);
        assert_eq!(edit_distance(b"abc", b""), 3);
    }

    #[test]
    fn far_names_are_not_suggested() {
        let mut suggester = Suggester::new();
        assert_eq!(suggester.nearest("strng", ["int8", "string"]), Some("string"));
        assert_eq!(suggester.nearest("Texture", ["Person", "Asset"]), None);
        assert_eq!(suggester.nearest("asset", ["Assets", "Asset"]), Some("Asset"));
    }

    #[test]
    fn the_budget_ends() {
        let mut suggester = Suggester::new();
        let long = "x".repeat(3000);
        let other = "y".repeat(3000);
        assert_eq!(suggester.nearest(&long, [other.as_str()]), None);
        assert_eq!(suggester.nearest("strng", ["string"]), Some("string"));
    }
}
