//! The words of the language.
//!
//! Words are keywords only where the grammar asks for them: a field may be called `key` or `set`, and models do that. Names
//! of types and namespaces are another matter, since `set` as a type could never be told from the constructor.

/// The words that start a declaration inside a namespace.
pub(crate) const DECLARATIONS: [&str; 6] = ["concept", "club", "membership", "enum", "struct", "attachment"];

/// The words that start a declaration outside namespaces.
pub(crate) const ITEMS: [&str; 3] = ["namespace", "function_pool", "attachment_function_pool"];

/// The words that build a type from others.
pub(crate) const CONSTRUCTORS: [&str; 10] =
    ["key", "vec", "mat", "optional", "vector", "set", "xarray", "map", "tuple", "variant"];

/// The types that every model has.
pub(crate) const PRIMITIVES: [&str; 19] = [
    "void",
    "bool",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "int8",
    "int16",
    "int32",
    "int64",
    "float",
    "double",
    "string",
    "uuid",
    "blob",
    "blob_id",
    "commit_id",
    "any",
    "any_concept",
];

/// Whether nothing that is used as a type, and no namespace, may be called so.
pub(crate) fn is_reserved(word: &str) -> bool {
    is_declaration(word)
        || CONSTRUCTORS.contains(&word)
        || PRIMITIVES.contains(&word)
        || matches!(word, "mutable" | "true" | "false")
}

/// Whether the word starts a declaration, at any level.
pub(crate) fn is_declaration(word: &str) -> bool {
    DECLARATIONS.contains(&word) || ITEMS.contains(&word)
}
