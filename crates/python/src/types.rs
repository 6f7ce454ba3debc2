//! Types: what places may hold, and what keys may refer to.

use std::sync::Arc;

use anabranch::model::{Club, Concept, Enumeration, KeyTarget, Numeric, Structure, TypeName, codec};
use anabranch::{Definitions, RuntimeId, Type, Value};
use pyo3::prelude::*;
#[cfg(feature = "stubs")]
use pyo3::type_hint_union;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::descriptors::{PyCase, PyField};
use crate::error::{Failure, Outcome};
use crate::names::{PyTypeName, hash_of};
use crate::values::{dumps_type, list, loads_type, object};

/// What a `Type` object stands for: a type, or something that keys may refer to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum PyType {
    Model(Type),
    Concept(Arc<Concept>),
    Club(Arc<Club>),
    AnyConcept,
}

impl PyType {
    pub(crate) const fn of(ty: Type) -> Self {
        Self::Model(ty)
    }

    pub(crate) fn of_target(target: &KeyTarget) -> Self {
        match target {
            KeyTarget::AnyConcept => Self::AnyConcept,
            KeyTarget::Concept(concept) => Self::Concept(concept.clone()),
            KeyTarget::Club(club) => Self::Club(club.clone()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Model(ty) => ty.to_string(),
            Self::Concept(concept) => concept.name().to_string(),
            Self::Club(club) => club.name().to_string(),
            Self::AnyConcept => "any_concept".to_owned(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Concept(_) => "concept",
            Self::Club(_) => "club",
            Self::AnyConcept => "any_concept",
            Self::Model(ty) => match ty {
                Type::Bool => "bool",
                Type::Int8 => "int8",
                Type::Int16 => "int16",
                Type::Int32 => "int32",
                Type::Int64 => "int64",
                Type::UInt8 => "uint8",
                Type::UInt16 => "uint16",
                Type::UInt32 => "uint32",
                Type::UInt64 => "uint64",
                Type::Float => "float",
                Type::Double => "double",
                Type::String => "string",
                Type::Uuid => "uuid",
                Type::Blob => "blob",
                Type::BlobId => "blob_id",
                Type::CommitId => "commit_id",
                Type::Any => "any",
                Type::Vec(_) => "vec",
                Type::Mat(_) => "mat",
                Type::Tuple(_) => "tuple",
                Type::Optional(_) => "optional",
                Type::Vector(_) => "vector",
                Type::Set(_) => "set",
                Type::Map(_) => "map",
                Type::XArray(_) => "xarray",
                Type::Variant(_) => "variant",
                Type::Key(_) => "key",
                Type::Enumeration(_) => "enum",
                Type::Structure(_) => "struct",
            },
        }
    }

    /// The id of a definition; for other types, one derived from their encoding in the same way.
    fn runtime_id(&self) -> RuntimeId {
        match self {
            Self::Concept(concept) => concept.runtime_id(),
            Self::Club(club) => club.runtime_id(),
            Self::AnyConcept => RuntimeId::ZERO,
            Self::Model(Type::Enumeration(enumeration)) => enumeration.runtime_id(),
            Self::Model(Type::Structure(structure)) => structure.runtime_id(),
            Self::Model(ty) => {
                let mut writer = codec::Writer::new();
                codec::write_type(&mut writer, ty);
                RuntimeId::derive(&writer.into_bytes())
            }
        }
    }

    fn name(&self) -> Option<&TypeName> {
        match self {
            Self::Concept(concept) => Some(concept.name()),
            Self::Club(club) => Some(club.name()),
            Self::Model(Type::Enumeration(enumeration)) => Some(enumeration.name()),
            Self::Model(Type::Structure(structure)) => Some(structure.name()),
            Self::Model(_) | Self::AnyConcept => None,
        }
    }

    fn documentation(&self) -> &str {
        match self {
            Self::Concept(concept) => concept.documentation(),
            Self::Club(club) => club.documentation(),
            Self::Model(Type::Enumeration(enumeration)) => enumeration.documentation(),
            Self::Model(Type::Structure(structure)) => structure.documentation(),
            Self::Model(_) | Self::AnyConcept => "",
        }
    }
}

/// What a place may hold, or what a key may refer to.
#[pyclass(name = "Type", module = "anabranch", subclass, frozen)]
pub(crate) struct TypeObject {
    kind: PyType,
}

/// An argument that says a type: a `Type`, or its text (`"vector<int64>"`) where that names no definition.
pub(crate) struct TypeArgument(PyType);

impl FromPyObject<'_, '_> for TypeArgument {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: pyo3::inspect::PyStaticExpr = type_hint_union!(
        pyo3::type_hint_identifier!("anabranch", "Type"),
        pyo3::type_hint_identifier!("builtins", "str")
    );

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(text) = object.cast::<PyString>() {
            let ty = Type::parse(text.to_cow()?.as_ref(), &Definitions::default());
            return Ok(Self(PyType::Model(ty.map_err(Failure::from)?)));
        }
        Ok(Self(object.cast::<TypeObject>()?.get().kind.clone()))
    }
}

impl TypeArgument {
    /// The type of a place.
    pub(crate) fn model(&self) -> Outcome<Type> {
        match &self.0 {
            PyType::Model(ty) => Ok(ty.clone()),
            other => Err(Failure::invalid(format!(
                "{} is no type of values; a place may hold a key of it: TypeKey({0})",
                other.text()
            ))),
        }
    }

    /// What a key refers to: a concept, a club or any concept; or the `key` type of one.
    pub(crate) fn target(&self) -> Outcome<KeyTarget> {
        match &self.0 {
            PyType::Concept(concept) => Ok(KeyTarget::Concept(concept.clone())),
            PyType::Club(club) => Ok(KeyTarget::Club(club.clone())),
            PyType::AnyConcept => Ok(KeyTarget::AnyConcept),
            PyType::Model(Type::Key(target)) => Ok((**target).clone()),
            PyType::Model(ty) => Err(Failure::invalid(format!("{ty} is no concept or club"))),
        }
    }

    pub(crate) fn concept(&self) -> Outcome<Arc<Concept>> {
        match self.target()? {
            KeyTarget::Concept(concept) => Ok(concept),
            other => Err(Failure::invalid(format!("{other} is no concept"))),
        }
    }

    pub(crate) fn club(&self) -> Outcome<Arc<Club>> {
        match self.target()? {
            KeyTarget::Club(club) => Ok(club),
            other => Err(Failure::invalid(format!("{other} is no club"))),
        }
    }

    pub(crate) fn runtime_id(&self) -> RuntimeId {
        self.0.runtime_id()
    }
}

#[pymethods]
impl TypeObject {
    /// The type that a text says: `vector<int64>`, or, with definitions, `map<string, Tuto::Login>`.
    #[staticmethod]
    #[pyo3(signature = (text, definitions = None) -> "Type")]
    fn parse<'py>(
        py: Python<'py>,
        text: &str,
        definitions: Option<crate::definitions::DefinitionsArgument>,
    ) -> Outcome<Bound<'py, PyAny>> {
        type_object(py, PyType::Model(Type::parse(text, &definitions.unwrap_or_default().0)?))
    }

    /// The type as a text.
    fn representation(&self) -> String {
        self.kind.text()
    }

    /// The type as a text, with what it is.
    fn description(&self) -> String {
        format!("{} ({})", self.kind.text(), self.kind.code())
    }

    /// What identifies the type in any database.
    #[pyo3(signature = () -> "ValueUUId")]
    fn runtime_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        object(py, Value::Uuid(self.kind.runtime_id().uuid()))
    }

    /// Which kind of type it is: `int64`, `vector`, `struct`, `concept`, …
    fn type_code(&self) -> &'static str {
        self.kind.code()
    }

    /// The name of a definition; none for other types.
    fn type_name(&self) -> Option<PyTypeName> {
        self.kind.name().cloned().map(PyTypeName)
    }

    /// The doc string of a definition, empty when there is none.
    fn documentation(&self) -> &str {
        self.kind.documentation()
    }

    fn __str__(&self) -> String {
        self.kind.text()
    }

    fn __repr__(&self) -> String {
        self.kind.text()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<TypeObject>().is_ok_and(|other| other.get().kind == self.kind)
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.kind)
    }

    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> Outcome<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let py = slf.py();
        // A concept or club travels as the key of it.
        let ty = match &slf.get().kind {
            PyType::Model(ty) => {
                let loads = py.get_type::<TypeObject>().getattr("_loads")?;
                return Ok((loads, (PyBytes::new(py, &dumps_type(ty)),)));
            }
            PyType::Concept(concept) => Type::key(KeyTarget::Concept(concept.clone())),
            PyType::Club(club) => Type::key(KeyTarget::Club(club.clone())),
            PyType::AnyConcept => Type::key(KeyTarget::AnyConcept),
        };
        let loads = py.get_type::<TypeObject>().getattr("_loads_target")?;
        Ok((loads, (PyBytes::new(py, &dumps_type(&ty)),)))
    }

    #[staticmethod]
    #[pyo3(signature = (dumped) -> "Type")]
    fn _loads<'py>(py: Python<'py>, dumped: &[u8]) -> Outcome<Bound<'py, PyAny>> {
        type_object(py, PyType::Model(loads_type(dumped)?))
    }

    #[staticmethod]
    #[pyo3(signature = (dumped) -> "Type")]
    fn _loads_target<'py>(py: Python<'py>, dumped: &[u8]) -> Outcome<Bound<'py, PyAny>> {
        let target = TypeArgument(PyType::Model(loads_type(dumped)?)).target()?;
        type_object(py, PyType::of_target(&target))
    }
}

macro_rules! primitives {
    ($($name:ident = $ty:ident;)*) => {
        #[pymethods]
        impl TypeObject {
            $(
                #[classattr]
                #[expect(non_snake_case, reason = "constants of the class")]
                fn $name(py: Python<'_>) -> PyResult<Py<TypeObject>> {
                    Py::new(py, TypeObject { kind: PyType::Model(Type::$ty) })
                }
            )*
        }
    };
}

primitives! {
    BOOL = Bool;
    INT8 = Int8;
    INT16 = Int16;
    INT32 = Int32;
    INT64 = Int64;
    UINT8 = UInt8;
    UINT16 = UInt16;
    UINT32 = UInt32;
    UINT64 = UInt64;
    FLOAT = Float;
    DOUBLE = Double;
    STRING = String;
    UUID = Uuid;
    BLOB = Blob;
    BLOB_ID = BlobId;
    COMMIT_ID = CommitId;
    ANY = Any;
}

#[pymethods]
impl TypeObject {
    /// What a key of any concept refers to.
    #[classattr]
    #[pyo3(name = "ANY_CONCEPT")]
    fn any_concept(py: Python<'_>) -> PyResult<Py<TypeObject>> {
        Py::new(py, TypeObject { kind: PyType::AnyConcept })
    }
}

macro_rules! classes {
    ($($class:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        #[pyclass(module = "anabranch", extends = TypeObject, frozen)]
        pub(crate) struct $class;
    )*};
}

classes! {
    TypeVec, "`vec<T, n>`: a fixed number of numbers.";
    TypeMat, "`mat<T, columns, rows>`: columns of numbers.";
    TypeTuple, "`tuple<…>`: one value for each type.";
    TypeOptional, "`optional<T>`: nil or a value.";
    TypeVector, "`vector<T>`: a list.";
    TypeSet, "`set<T>`: different values in their order.";
    TypeMap, "`map<K, V>`: values by key.";
    TypeXArray, "`xarray<T>`: elements at stable positions.";
    TypeVariant, "`variant<…>`: a value of one of several types.";
    TypeKey, "`key<X>`: refers to an instance of a concept.";
    TypeConcept, "A concept: a kind of thing that documents are attached to.";
    TypeClub, "A club: concepts of any tree, for keys that may refer to all of them.";
    TypeEnumeration, "An enumeration: one of several named cases.";
    TypeStructure, "A structure: named fields.";
}

/// The object of a type, of its class.
pub(crate) fn type_object(py: Python<'_>, kind: PyType) -> Outcome<Bound<'_, PyAny>> {
    macro_rules! made {
        ($class:ident) => {{
            let initializer = PyClassInitializer::from(TypeObject { kind }).add_subclass($class);
            Bound::new(py, initializer)?.into_any()
        }};
    }
    Ok(match &kind {
        PyType::Concept(_) => made!(TypeConcept),
        PyType::Club(_) => made!(TypeClub),
        PyType::Model(Type::Vec(_)) => made!(TypeVec),
        PyType::Model(Type::Mat(_)) => made!(TypeMat),
        PyType::Model(Type::Tuple(_)) => made!(TypeTuple),
        PyType::Model(Type::Optional(_)) => made!(TypeOptional),
        PyType::Model(Type::Vector(_)) => made!(TypeVector),
        PyType::Model(Type::Set(_)) => made!(TypeSet),
        PyType::Model(Type::Map(_)) => made!(TypeMap),
        PyType::Model(Type::XArray(_)) => made!(TypeXArray),
        PyType::Model(Type::Variant(_)) => made!(TypeVariant),
        PyType::Model(Type::Key(_)) => made!(TypeKey),
        PyType::Model(Type::Enumeration(_)) => made!(TypeEnumeration),
        PyType::Model(Type::Structure(_)) => made!(TypeStructure),
        PyType::Model(_) | PyType::AnyConcept => Bound::new(py, TypeObject { kind })?.into_any(),
    })
}

fn initializer<T: pyo3::PyClass<BaseType = TypeObject>>(ty: Type, class: T) -> PyClassInitializer<T> {
    PyClassInitializer::from(TypeObject { kind: PyType::Model(ty) }).add_subclass(class)
}

fn numeric(element: &TypeArgument) -> Outcome<Numeric> {
    let ty = element.model()?;
    ty.as_numeric().ok_or_else(|| Failure::invalid(format!("{ty} is no numeric type")))
}

fn model<'a, T: pyo3::PyClass<BaseType = TypeObject>>(slf: &'a Bound<'_, T>) -> Option<&'a Type> {
    match &slf.as_super().get().kind {
        PyType::Model(ty) => Some(ty),
        _ => None,
    }
}

fn part<'py, T: pyo3::PyClass<BaseType = TypeObject>>(
    slf: &Bound<'py, T>,
    part: impl FnOnce(&Type) -> Option<Type>,
) -> Outcome<Bound<'py, PyAny>> {
    let ty = model(slf).and_then(part).unwrap_or(Type::Any);
    type_object(slf.py(), PyType::Model(ty))
}

macro_rules! over_one {
    ($($class:ident, $variant:ident, $make:ident;)*) => {$(
        #[pymethods]
        impl $class {
            /// The type over an element type.
            #[new]
            fn new(element_type: TypeArgument) -> Outcome<PyClassInitializer<Self>> {
                Ok(initializer(Type::$make(element_type.model()?), Self))
            }

            /// The type of what is inside.
            #[pyo3(signature = () -> "Type")]
            fn element_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
                part(slf, |ty| match ty {
                    Type::$variant(element) => Some((**element).clone()),
                    _ => None,
                })
            }
        }
    )*};
}

over_one! {
    TypeOptional, Optional, optional;
    TypeVector, Vector, vector;
    TypeSet, Set, set;
    TypeXArray, XArray, xarray;
}

#[pymethods]
impl TypeVec {
    /// The type of `size` numbers.
    #[new]
    fn new(element_type: TypeArgument, size: u64) -> Outcome<PyClassInitializer<Self>> {
        Ok(initializer(Type::vec(numeric(&element_type)?, size)?, Self))
    }

    /// The type of the numbers.
    #[pyo3(signature = () -> "Type")]
    fn element_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        part(slf, |ty| match ty {
            Type::Vec(vec) => Some(vec.element().as_type()),
            _ => None,
        })
    }

    /// How many numbers there are.
    fn size(slf: &Bound<'_, Self>) -> usize {
        match model(slf) {
            Some(Type::Vec(vec)) => vec.size(),
            _ => 0,
        }
    }
}

#[pymethods]
impl TypeMat {
    /// The type of `columns` columns of `rows` numbers.
    #[new]
    fn new(element_type: TypeArgument, columns: u64, rows: u64) -> Outcome<PyClassInitializer<Self>> {
        Ok(initializer(Type::mat(numeric(&element_type)?, columns, rows)?, Self))
    }

    /// The type of the numbers.
    #[pyo3(signature = () -> "Type")]
    fn element_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        part(slf, |ty| match ty {
            Type::Mat(mat) => Some(mat.element().as_type()),
            _ => None,
        })
    }

    /// How many columns there are.
    fn columns(slf: &Bound<'_, Self>) -> usize {
        match model(slf) {
            Some(Type::Mat(mat)) => mat.columns(),
            _ => 0,
        }
    }

    /// How many numbers a column has.
    fn rows(slf: &Bound<'_, Self>) -> usize {
        match model(slf) {
            Some(Type::Mat(mat)) => mat.rows(),
            _ => 0,
        }
    }
}

#[pymethods]
impl TypeMap {
    /// The type of maps from keys to elements.
    #[new]
    fn new(key_type: TypeArgument, element_type: TypeArgument) -> Outcome<PyClassInitializer<Self>> {
        Ok(initializer(Type::map(key_type.model()?, element_type.model()?), Self))
    }

    /// The type of the keys.
    #[pyo3(signature = () -> "Type")]
    fn key_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        part(slf, |ty| match ty {
            Type::Map(map) => Some(map.key.clone()),
            _ => None,
        })
    }

    /// The type of the values.
    #[pyo3(signature = () -> "Type")]
    fn element_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        part(slf, |ty| match ty {
            Type::Map(map) => Some(map.value.clone()),
            _ => None,
        })
    }
}

macro_rules! over_several {
    ($($class:ident, $variant:ident, $make:ident;)*) => {$(
        #[pymethods]
        impl $class {
            /// The type over these types: as arguments, or as one list of them.
            #[new]
            #[pyo3(signature = (*types: "Type | str | typing.Iterable[Type | str]"))]
            fn new(types: &Bound<'_, PyTuple>) -> Outcome<PyClassInitializer<Self>> {
                let types = match types.get_item(0) {
                    Ok(only) if types.len() == 1 && !is_type(&only) => only.try_iter()?.collect::<PyResult<Vec<_>>>()?,
                    _ => types.iter().collect(),
                };
                let types = types.iter().map(|ty| ty.extract::<TypeArgument>()?.model()).collect::<Outcome<Vec<_>>>()?;
                Ok(initializer(Type::$make(types)?, Self))
            }

            /// The types, in order.
            #[pyo3(signature = () -> "list[Type]")]
            fn types<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyList>> {
                let types: &[Type] = match model(slf) {
                    Some(Type::$variant(types)) => types,
                    _ => &[],
                };
                list(slf.py(), types.iter().map(|ty| type_object(slf.py(), PyType::Model(ty.clone()))))
            }
        }
    )*};
}

fn is_type(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<TypeObject>() || object.is_instance_of::<PyString>()
}

over_several! {
    TypeTuple, Tuple, tuple;
    TypeVariant, Variant, variant;
}

#[pymethods]
impl TypeKey {
    /// The type of keys that refer to instances of a concept, of a club's members, or of any concept.
    #[new]
    fn new(element_type: TypeArgument) -> Outcome<PyClassInitializer<Self>> {
        Ok(initializer(Type::key(element_type.target()?), Self))
    }

    /// What the keys refer to: a concept, a club, or any concept.
    #[pyo3(signature = () -> "Type")]
    fn element_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        let target = match model(slf) {
            Some(Type::Key(target)) => PyType::of_target(target),
            _ => PyType::AnyConcept,
        };
        type_object(slf.py(), target)
    }
}

#[pymethods]
impl TypeConcept {
    /// What this concept is a kind of.
    #[pyo3(signature = () -> "TypeConcept | None")]
    fn parent<'py>(slf: &Bound<'py, Self>) -> Outcome<Option<Bound<'py, PyAny>>> {
        let parent = match &slf.as_super().get().kind {
            PyType::Concept(concept) => concept.parent().cloned(),
            _ => None,
        };
        parent.map(|parent| type_object(slf.py(), PyType::Concept(parent))).transpose()
    }

    /// Whether this is the other concept or a kind of it.
    fn is_a(slf: &Bound<'_, Self>, other: TypeArgument) -> Outcome<bool> {
        let other = other.concept()?;
        Ok(matches!(&slf.as_super().get().kind, PyType::Concept(concept) if concept.is_a(&other)))
    }
}

#[pymethods]
impl TypeClub {
    /// The concepts that it groups.
    #[pyo3(signature = () -> "list[TypeConcept]")]
    fn members<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyList>> {
        let members: &[Arc<Concept>] = match &slf.as_super().get().kind {
            PyType::Club(club) => club.members(),
            _ => &[],
        };
        list(slf.py(), members.iter().map(|member| type_object(slf.py(), PyType::Concept(member.clone()))))
    }
}

fn enumeration<'a>(slf: &'a Bound<'_, TypeEnumeration>) -> Outcome<&'a Arc<Enumeration>> {
    match model(slf) {
        Some(Type::Enumeration(enumeration)) => Ok(enumeration),
        _ => Err(Failure::invalid("no enumeration")),
    }
}

#[pymethods]
impl TypeEnumeration {
    /// The cases, in declared order.
    fn cases(slf: &Bound<'_, Self>) -> Outcome<Vec<PyCase>> {
        Ok(enumeration(slf)?.cases().iter().cloned().map(PyCase).collect())
    }

    /// The case of a name; none when there is none.
    fn query(slf: &Bound<'_, Self>, name: &str) -> Outcome<Option<PyCase>> {
        let enumeration = enumeration(slf)?;
        let name = name.strip_prefix('.').unwrap_or(name);
        Ok(enumeration.case_index(name).map(|place| PyCase(enumeration.cases()[place].clone())))
    }

    /// The case of a name, which must be there.
    fn check(slf: &Bound<'_, Self>, name: &str) -> Outcome<PyCase> {
        let found = Self::query(slf, name)?;
        found.ok_or_else(|| {
            Failure::not_found(format!("{} has no case `{name}`", slf.as_super().get().kind.text()))
        })
    }
}

fn structure<'a>(slf: &'a Bound<'_, TypeStructure>) -> Outcome<&'a Arc<Structure>> {
    match model(slf) {
        Some(Type::Structure(structure)) => Ok(structure),
        _ => Err(Failure::invalid("no structure")),
    }
}

#[pymethods]
impl TypeStructure {
    /// The fields, in declared order.
    fn fields(slf: &Bound<'_, Self>) -> Outcome<Vec<PyField>> {
        Ok(structure(slf)?.fields().iter().cloned().map(PyField).collect())
    }

    /// The field of a name; none when there is none.
    fn query(slf: &Bound<'_, Self>, name: &str) -> Outcome<Option<PyField>> {
        Ok(structure(slf)?.field(name).cloned().map(PyField))
    }

    /// The field of a name, which must be there.
    fn check(slf: &Bound<'_, Self>, name: &str) -> Outcome<PyField> {
        let found = Self::query(slf, name)?;
        found.ok_or_else(|| {
            Failure::not_found(format!("{} has no field `{name}`", slf.as_super().get().kind.text()))
        })
    }
}
