//! What a place may hold.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::definition::{Club, Concept, Enumeration, Structure};
use crate::id::RuntimeId;
use crate::name::{NameSpace, TypeName};
use crate::value::{Key, Value};

/// Why a type cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypeError {
    /// A `vec` has no elements, or more than [`VecType::MAX_SIZE`].
    #[error("a vec has 1 to {max} elements, not {size}", max = VecType::MAX_SIZE)]
    VecSize {
        /// The size asked for.
        size: u64,
    },
    /// A `mat` has no columns or rows, or more than [`MatType::MAX_SIZE`] of either.
    #[error("a mat has 1 to {max} columns and rows, not {columns} × {rows}", max = MatType::MAX_SIZE)]
    MatSize {
        /// The columns asked for.
        columns: u64,
        /// The rows asked for.
        rows: u64,
    },
    /// A tuple or variant lists no type.
    #[error("a {what} lists at least one type")]
    Empty {
        /// `tuple` or `variant`.
        what: &'static str,
    },
    /// A tuple or variant lists more than 256 types.
    #[error("a {what} lists at most 256 types, not {count}")]
    TooMany {
        /// `tuple` or `variant`.
        what: &'static str,
        /// How many were listed.
        count: usize,
    },
    /// A variant lists a type twice, so that its values would be ambiguous.
    #[error("a variant lists {ty} twice")]
    DuplicateAlternative {
        /// The type that stands twice.
        ty: Type,
    },
    /// Types nest deeper than [`crate::MAX_DEPTH`].
    #[error("types nest at most {max} deep", max = crate::MAX_DEPTH)]
    Depth,
}

/// The numeric primitives, which `vec` and `mat` are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the DSM primitives")]
pub enum Numeric {
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float,
    Double,
}

impl Numeric {
    /// Every numeric primitive.
    pub const ALL: [Self; 10] = [
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::UInt8,
        Self::UInt16,
        Self::UInt32,
        Self::UInt64,
        Self::Float,
        Self::Double,
    ];

    /// The type of one such number.
    pub const fn as_type(self) -> Type {
        match self {
            Self::Int8 => Type::Int8,
            Self::Int16 => Type::Int16,
            Self::Int32 => Type::Int32,
            Self::Int64 => Type::Int64,
            Self::UInt8 => Type::UInt8,
            Self::UInt16 => Type::UInt16,
            Self::UInt32 => Type::UInt32,
            Self::UInt64 => Type::UInt64,
            Self::Float => Type::Float,
            Self::Double => Type::Double,
        }
    }
}

/// `vec<T, n>`: a fixed number of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VecType {
    element: Numeric,
    size: u32,
}

impl VecType {
    /// The most elements that a `vec` may have; longer runs of numbers are vectors or blobs.
    pub const MAX_SIZE: u32 = 4096;

    /// `vec<element, size>`.
    ///
    /// # Errors
    /// When the size is 0 or above [`Self::MAX_SIZE`].
    pub fn new(element: Numeric, size: u64) -> Result<Self, TypeError> {
        match u32::try_from(size) {
            Ok(size) if (1..=Self::MAX_SIZE).contains(&size) => Ok(Self { element, size }),
            _ => Err(TypeError::VecSize { size }),
        }
    }

    /// The type of the numbers.
    pub fn element(&self) -> Numeric {
        self.element
    }

    /// How many numbers there are.
    pub fn size(&self) -> usize {
        self.size as usize
    }
}

/// `mat<T, columns, rows>`: columns of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MatType {
    element: Numeric,
    columns: u32,
    rows: u32,
}

impl MatType {
    /// The most columns, and the most rows, that a `mat` may have.
    pub const MAX_SIZE: u32 = 64;

    /// `mat<element, columns, rows>`.
    ///
    /// # Errors
    /// When there are no columns or rows, or more than [`Self::MAX_SIZE`] of either.
    pub fn new(element: Numeric, columns: u64, rows: u64) -> Result<Self, TypeError> {
        match (u32::try_from(columns), u32::try_from(rows)) {
            (Ok(c), Ok(r)) if (1..=Self::MAX_SIZE).contains(&c) && (1..=Self::MAX_SIZE).contains(&r) => {
                Ok(Self { element, columns: c, rows: r })
            }
            _ => Err(TypeError::MatSize { columns, rows }),
        }
    }

    /// The type of the numbers.
    pub fn element(&self) -> Numeric {
        self.element
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.columns as usize
    }

    /// How many numbers a column has.
    pub fn rows(&self) -> usize {
        self.rows as usize
    }

    /// The type of one column.
    pub fn column(&self) -> VecType {
        VecType { element: self.element, size: self.rows }
    }
}

/// The key and value types of a map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapType {
    /// What its keys are.
    pub key: Type,
    /// What its values are.
    pub value: Type,
}

/// What a `key<X>` may refer to.
#[derive(Clone, Debug)]
pub enum KeyTarget {
    /// An instance of any concept.
    AnyConcept,
    /// An instance of this concept or of one that is a kind of it.
    Concept(Arc<Concept>),
    /// An instance of a member of this club, or of a kind of a member.
    Club(Arc<Club>),
}

impl KeyTarget {
    /// The runtime id of the concept or club, zero for any concept.
    pub fn runtime_id(&self) -> RuntimeId {
        match self {
            Self::AnyConcept => RuntimeId::ZERO,
            Self::Concept(concept) => concept.runtime_id(),
            Self::Club(club) => club.runtime_id(),
        }
    }

    /// The name of the concept or club; none for any concept.
    pub fn name(&self) -> Option<&TypeName> {
        match self {
            Self::AnyConcept => None,
            Self::Concept(concept) => Some(concept.name()),
            Self::Club(club) => Some(club.name()),
        }
    }

    /// Whether instances of `concept` may be referred to.
    pub fn admits_concept(&self, concept: &Concept) -> bool {
        match self {
            Self::AnyConcept => true,
            Self::Concept(target) => concept.is_a(target),
            Self::Club(club) => club.members().iter().any(|member| concept.is_a(member)),
        }
    }

    /// Whether this key may stand here. The null key may stand anywhere.
    pub fn admits(&self, key: &Key) -> bool {
        key.concept().is_none_or(|concept| self.admits_concept(concept))
    }

    /// Whether every key that `other` admits is admitted here too.
    pub fn covers(&self, other: &KeyTarget) -> bool {
        match other {
            KeyTarget::AnyConcept => matches!(self, Self::AnyConcept),
            KeyTarget::Concept(concept) => self.admits_concept(concept),
            KeyTarget::Club(club) => self == other || club.members().iter().all(|m| self.admits_concept(m)),
        }
    }

    fn relative_to(&self, namespace: Option<&NameSpace>) -> String {
        self.name().map_or_else(|| "any_concept".to_owned(), |name| relative_name(name, namespace))
    }
}

impl PartialEq for KeyTarget {
    fn eq(&self, other: &Self) -> bool {
        self.runtime_id() == other.runtime_id()
    }
}

impl Eq for KeyTarget {}

impl PartialOrd for KeyTarget {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for KeyTarget {
    fn cmp(&self, other: &Self) -> Ordering {
        self.runtime_id().cmp(&other.runtime_id())
    }
}

impl Hash for KeyTarget {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.runtime_id().hash(state);
    }
}

impl fmt::Display for KeyTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.relative_to(None))
    }
}

fn relative_name(name: &TypeName, namespace: Option<&NameSpace>) -> String {
    namespace.map_or_else(|| name.to_string(), |namespace| name.relative_to(namespace))
}

/// What a place may hold (`spec/values.md`).
///
/// Cheap to clone. Types are equal when they are the same construction over the same definitions, which are compared
/// by runtime id. The order is total and has no meaning but to sort by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of DSM")]
pub enum Type {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float,
    Double,
    String,
    Uuid,
    Blob,
    BlobId,
    CommitId,
    Any,
    Vec(Arc<VecType>),
    Mat(Arc<MatType>),
    Tuple(Arc<Vec<Type>>),
    Optional(Arc<Type>),
    Vector(Arc<Type>),
    Set(Arc<Type>),
    Map(Arc<MapType>),
    XArray(Arc<Type>),
    Variant(Arc<Vec<Type>>),
    Key(Arc<KeyTarget>),
    Enumeration(Arc<Enumeration>),
    Structure(Arc<Structure>),
}

impl Type {
    /// The primitive types, in the order of their codes.
    pub const PRIMITIVES: [Type; 17] = [
        Type::Bool,
        Type::Int8,
        Type::Int16,
        Type::Int32,
        Type::Int64,
        Type::UInt8,
        Type::UInt16,
        Type::UInt32,
        Type::UInt64,
        Type::Float,
        Type::Double,
        Type::String,
        Type::Uuid,
        Type::Blob,
        Type::BlobId,
        Type::CommitId,
        Type::Any,
    ];

    /// The primitive that DSM calls so.
    pub fn primitive(name: &str) -> Option<Self> {
        Self::PRIMITIVES.into_iter().find(|primitive| primitive.primitive_name() == Some(name))
    }

    /// `vec<element, size>`.
    ///
    /// # Errors
    /// When the size is out of bounds.
    pub fn vec(element: Numeric, size: u64) -> Result<Self, TypeError> {
        Ok(Self::Vec(Arc::new(VecType::new(element, size)?)))
    }

    /// `mat<element, columns, rows>`.
    ///
    /// # Errors
    /// When a size is out of bounds.
    pub fn mat(element: Numeric, columns: u64, rows: u64) -> Result<Self, TypeError> {
        Ok(Self::Mat(Arc::new(MatType::new(element, columns, rows)?)))
    }

    /// `tuple<types…>`.
    ///
    /// # Errors
    /// When there is none, or there are more than 256.
    pub fn tuple(types: Vec<Type>) -> Result<Self, TypeError> {
        check_count("tuple", types.len())?;
        Ok(Self::Tuple(Arc::new(types)))
    }

    /// `variant<types…>`.
    ///
    /// # Errors
    /// When there is none, there are more than 256, or one stands twice.
    pub fn variant(types: Vec<Type>) -> Result<Self, TypeError> {
        check_count("variant", types.len())?;
        for (position, ty) in types.iter().enumerate() {
            if types[..position].contains(ty) {
                return Err(TypeError::DuplicateAlternative { ty: ty.clone() });
            }
        }
        Ok(Self::Variant(Arc::new(types)))
    }

    /// `optional<element>`.
    pub fn optional(element: Type) -> Self {
        Self::Optional(Arc::new(element))
    }

    /// `vector<element>`.
    pub fn vector(element: Type) -> Self {
        Self::Vector(Arc::new(element))
    }

    /// `set<element>`.
    pub fn set(element: Type) -> Self {
        Self::Set(Arc::new(element))
    }

    /// `xarray<element>`.
    pub fn xarray(element: Type) -> Self {
        Self::XArray(Arc::new(element))
    }

    /// `map<key, value>`.
    pub fn map(key: Type, value: Type) -> Self {
        Self::Map(Arc::new(MapType { key, value }))
    }

    /// `key<target>`.
    pub fn key(target: KeyTarget) -> Self {
        Self::Key(Arc::new(target))
    }

    /// The numeric primitive that this is, if it is one.
    pub fn as_numeric(&self) -> Option<Numeric> {
        Some(match self {
            Self::Int8 => Numeric::Int8,
            Self::Int16 => Numeric::Int16,
            Self::Int32 => Numeric::Int32,
            Self::Int64 => Numeric::Int64,
            Self::UInt8 => Numeric::UInt8,
            Self::UInt16 => Numeric::UInt16,
            Self::UInt32 => Numeric::UInt32,
            Self::UInt64 => Numeric::UInt64,
            Self::Float => Numeric::Float,
            Self::Double => Numeric::Double,
            _ => return None,
        })
    }

    /// How deep values of the type nest, those under `any` left out: 1 for a primitive, 2 for what holds numbers.
    pub fn depth(&self) -> usize {
        match self {
            Self::Tuple(types) | Self::Variant(types) => 1 + types.iter().map(Type::depth).max().unwrap_or(0),
            Self::Optional(element) | Self::Vector(element) | Self::Set(element) | Self::XArray(element) => {
                1 + element.depth()
            }
            Self::Map(map) => 1 + map.key.depth().max(map.value.depth()),
            Self::Vec(_) | Self::Mat(_) => 2,
            Self::Structure(structure) => structure.depth(),
            _ => 1,
        }
    }

    /// Whether `value` may stand in a place of this type.
    ///
    /// Everything but keys must be of exactly this type; a key may refer to anything that the target covers.
    /// Constant time for all but tuples and variants of many types: the parts of a value were checked when it was made.
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Key(target), Value::Key(key)) => target.admits(key),
            (Self::Key(_), _) => false,
            _ => value.has_type(self),
        }
    }

    /// The type as DSM reads inside `namespace`.
    pub fn relative_to(&self, namespace: &NameSpace) -> String {
        self.text(Some(namespace))
    }

    /// What DSM calls a primitive.
    fn primitive_name(&self) -> Option<&'static str> {
        Some(match self {
            Self::Bool => "bool",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::UInt8 => "uint8",
            Self::UInt16 => "uint16",
            Self::UInt32 => "uint32",
            Self::UInt64 => "uint64",
            Self::Float => "float",
            Self::Double => "double",
            Self::String => "string",
            Self::Uuid => "uuid",
            Self::Blob => "blob",
            Self::BlobId => "blob_id",
            Self::CommitId => "commit_id",
            Self::Any => "any",
            _ => return None,
        })
    }

    fn text(&self, namespace: Option<&NameSpace>) -> String {
        let list = |types: &[Type]| -> String {
            types.iter().map(|ty| ty.text(namespace)).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Vec(vec) => format!("vec<{}, {}>", vec.element.as_type(), vec.size),
            Self::Mat(mat) => format!("mat<{}, {}, {}>", mat.element.as_type(), mat.columns, mat.rows),
            Self::Tuple(types) => format!("tuple<{}>", list(types)),
            Self::Variant(types) => format!("variant<{}>", list(types)),
            Self::Optional(element) => format!("optional<{}>", element.text(namespace)),
            Self::Vector(element) => format!("vector<{}>", element.text(namespace)),
            Self::Set(element) => format!("set<{}>", element.text(namespace)),
            Self::XArray(element) => format!("xarray<{}>", element.text(namespace)),
            Self::Map(map) => format!("map<{}, {}>", map.key.text(namespace), map.value.text(namespace)),
            Self::Key(target) => format!("key<{}>", target.relative_to(namespace)),
            Self::Enumeration(enumeration) => relative_name(enumeration.name(), namespace),
            Self::Structure(structure) => relative_name(structure.name(), namespace),
            primitive => primitive.primitive_name().unwrap_or_default().to_owned(),
        }
    }
}

fn check_count(what: &'static str, count: usize) -> Result<(), TypeError> {
    match count {
        0 => Err(TypeError::Empty { what }),
        1..=256 => Ok(()),
        _ => Err(TypeError::TooMany { what, count }),
    }
}

impl fmt::Display for Type {
    /// The type as DSM, with qualified names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(None))
    }
}
