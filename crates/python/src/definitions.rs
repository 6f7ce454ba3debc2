//! Definitions: drafts that grow, and sets that stay.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anabranch::model::codec::{Reader, Writer};
use anabranch::model::{
    Club, Concept, Definition, DefinitionsBuilder, Enumeration, ExtendInfo, KeyTarget, MapType, Structure,
    TypeName,
};
use anabranch::{Attachment, Definitions, Path, RuntimeId, Type};
use pyo3::prelude::*;
#[cfg(feature = "stubs")]
use pyo3::type_hint_union;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use crate::attachments::PyAttachment;
use crate::descriptors::{EnumerationDescriptor, StructureDescriptor, renewed};
use crate::dsm::PyDsmDefinitions;
use crate::error::{Class, Failure, Outcome};
use crate::names::{PyNameSpace, PyTypeName};
use crate::paths::path_object;
use crate::types::{PyType, TypeArgument, type_object};
use crate::values::list;

/// An argument that says definitions: a draft as it stands, or a finished set.
#[derive(Clone, Default)]
pub(crate) struct DefinitionsArgument(pub(crate) Definitions);

impl FromPyObject<'_, '_> for DefinitionsArgument {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: pyo3::inspect::PyStaticExpr = type_hint_union!(
        pyo3::type_hint_identifier!("anabranch", "Definitions"),
        pyo3::type_hint_identifier!("anabranch", "DefinitionsConst")
    );

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(draft) = object.cast::<PyDefinitions>() {
            return Ok(Self(draft.get().now()));
        }
        Ok(Self(object.cast::<PyDefinitionsConst>()?.get().0.clone()))
    }
}

/// Definitions in the making.
#[pyclass(name = "Definitions", module = "anabranch", frozen)]
pub(crate) struct PyDefinitions(Mutex<Definitions>);

impl PyDefinitions {
    fn now(&self) -> Definitions {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, definition: Definition) -> Outcome<()> {
        let mut present = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut builder = present.to_builder();
        builder.add(definition)?;
        *present = builder.build();
        Ok(())
    }

    /// A club as it stands now: it is another with every member that joins.
    fn current(&self, club: &Arc<Club>) -> Arc<Club> {
        self.now().find_club(&club.name().to_string()).unwrap_or(club).clone()
    }

    fn current_target(&self, target: &KeyTarget) -> KeyTarget {
        match target {
            KeyTarget::Club(club) => KeyTarget::Club(self.current(club)),
            other => other.clone(),
        }
    }

    /// A type with the clubs in it as they stand now.
    fn current_type(&self, ty: &Type) -> Outcome<Type> {
        let one = |ty: &Type| self.current_type(ty);
        let all = |types: &[Type]| types.iter().map(one).collect::<Outcome<Vec<_>>>();
        Ok(match ty {
            Type::Tuple(types) => Type::tuple(all(types)?)?,
            Type::Variant(types) => Type::variant(all(types)?)?,
            Type::Optional(ty) => Type::optional(one(ty)?),
            Type::Vector(ty) => Type::vector(one(ty)?),
            Type::Set(ty) => Type::set(one(ty)?),
            Type::XArray(ty) => Type::xarray(one(ty)?),
            Type::Map(map) => {
                let MapType { key, value } = &**map;
                Type::map(one(key)?, one(value)?)
            }
            Type::Key(target) => Type::key(self.current_target(target)),
            other => other.clone(),
        })
    }
}

fn full(name_space: &Bound<'_, PyNameSpace>, name: &str) -> TypeName {
    TypeName::new(name_space.get().0.clone(), name)
}

#[pymethods]
impl PyDefinitions {
    /// No definitions, or those of another set.
    #[new]
    #[pyo3(signature = (definitions = None))]
    fn new(definitions: Option<DefinitionsArgument>) -> Self {
        Self(Mutex::new(definitions.unwrap_or_default().0))
    }

    /// Declares a concept, which may be a kind of `parent`.
    #[pyo3(signature = (name_space, name, parent = None, documentation = "") -> "TypeConcept")]
    fn create_concept<'py>(
        &self,
        py: Python<'py>,
        name_space: &Bound<'py, PyNameSpace>,
        name: &str,
        parent: Option<TypeArgument>,
        documentation: &str,
    ) -> Outcome<Bound<'py, PyAny>> {
        let parent = parent.map(|parent| parent.concept()).transpose()?;
        let concept = Arc::new(Concept::new(full(name_space, name), documentation, parent)?);
        self.add(Definition::Concept(concept.clone()))?;
        type_object(py, PyType::Concept(concept))
    }

    /// Declares a club, whose members join by `create_membership`.
    #[pyo3(signature = (name_space, name, documentation = "") -> "TypeClub")]
    fn create_club<'py>(
        &self,
        py: Python<'py>,
        name_space: &Bound<'py, PyNameSpace>,
        name: &str,
        documentation: &str,
    ) -> Outcome<Bound<'py, PyAny>> {
        let club = Arc::new(Club::new(full(name_space, name), documentation, Vec::new())?);
        self.add(Definition::Club(club.clone()))?;
        type_object(py, PyType::Club(club))
    }

    /// Makes a concept a member of a club, and answers the club as it is then. A club that something refers to already has
    /// the members that it has.
    #[pyo3(signature = (club, concept) -> "TypeClub")]
    fn create_membership<'py>(
        &self,
        py: Python<'py>,
        club: TypeArgument,
        concept: TypeArgument,
    ) -> Outcome<Bound<'py, PyAny>> {
        let (before, concept) = (self.current(&club.club()?), concept.concept()?);
        let mut members = before.members().to_vec();
        members.push(concept);
        let after = Arc::new(Club::new(before.name().clone(), before.documentation(), members)?);
        let mut builder = DefinitionsBuilder::default();
        for definition in self.now().ordered() {
            let is_club = definition.runtime_id() == before.runtime_id();
            let definition = if is_club { Definition::Club(after.clone()) } else { definition.clone() };
            builder.add(definition).map_err(|error| {
                let message = format!("{} is in use: let its members join first ({error})", before.name());
                Failure::new(Class::Conflict, "club-in-use", message)
            })?;
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = builder.build();
        type_object(py, PyType::Club(after))
    }

    /// Declares an enumeration.
    #[pyo3(signature = (name_space, descriptor) -> "TypeEnumeration")]
    fn create_enumeration<'py>(
        &self,
        py: Python<'py>,
        name_space: &Bound<'py, PyNameSpace>,
        descriptor: &Bound<'py, EnumerationDescriptor>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let it = descriptor.get();
        let enumeration =
            Enumeration::new(full(name_space, &it.name), it.documentation.as_str(), it.cases())?;
        let enumeration = Arc::new(enumeration);
        self.add(Definition::Enumeration(enumeration.clone()))?;
        type_object(py, PyType::of(Type::Enumeration(enumeration)))
    }

    /// Declares a structure.
    #[pyo3(signature = (name_space, descriptor) -> "TypeStructure")]
    fn create_structure<'py>(
        &self,
        py: Python<'py>,
        name_space: &Bound<'py, PyNameSpace>,
        descriptor: &Bound<'py, StructureDescriptor>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let it = descriptor.get();
        let fields = renewed(it.fields(), |ty| self.current_type(ty))?;
        let structure =
            Arc::new(Structure::new(full(name_space, &it.name), it.documentation.as_str(), fields)?);
        self.add(Definition::Structure(structure.clone()))?;
        type_object(py, PyType::of(Type::Structure(structure)))
    }

    /// Declares that documents of a type attach to instances of a concept, of a club's members, or of any concept.
    #[pyo3(signature = (name_space, name, key_type, document_type, documentation = ""))]
    fn create_attachment(
        &self,
        name_space: &Bound<'_, PyNameSpace>,
        name: &str,
        key_type: TypeArgument,
        document_type: TypeArgument,
        documentation: &str,
    ) -> Outcome<PyAttachment> {
        let key = self.current_target(&key_type.target()?);
        let document = self.current_type(&document_type.model()?)?;
        let attachment = Arc::new(Attachment::new(full(name_space, name), documentation, key, document)?);
        self.add(Definition::Attachment(attachment.clone()))?;
        Ok(PyAttachment(attachment))
    }

    /// Adds what is missing here of other definitions, and answers what that was.
    fn extend(&self, definitions: DefinitionsArgument) -> Outcome<PyExtendInfo> {
        let mut present = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (extended, info) = present.extend(&definitions.0)?;
        *present = extended;
        Ok(PyExtendInfo(info))
    }

    /// The definitions as they stand now.
    fn r#const(&self) -> PyDefinitionsConst {
        PyDefinitionsConst(self.now())
    }

    /// The definitions that `encode` wrote.
    #[staticmethod]
    fn decode(encoded: &[u8]) -> Outcome<Self> {
        Ok(Self(Mutex::new(decode(encoded)?)))
    }

    fn __len__(&self) -> usize {
        self.now().len()
    }

    fn __repr__(&self) -> String {
        format!("Definitions({} definitions)", self.now().len())
    }
}

fn decode(encoded: &[u8]) -> Outcome<Definitions> {
    let mut reader = Reader::new(encoded);
    let mut stored = Vec::new();
    for _ in 0..reader.array()? {
        stored.push(reader.bytes()?);
    }
    reader.finish()?;
    Ok(Definitions::decode(stored)?)
}

/// A finished set of definitions. Sets are equal when the same definitions are in them.
#[pyclass(name = "DefinitionsConst", module = "anabranch", frozen, eq)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyDefinitionsConst(pub(crate) Definitions);

macro_rules! kinds {
    ($($all:ident, $query:ident, $check:ident, $find:ident, $what:literal, $result:literal, $list:literal, $make:expr;)*) => {
        #[pymethods]
        impl PyDefinitionsConst {
            $(
                #[doc = concat!("Every ", $what, ", ordered by name.")]
                #[pyo3(signature = () -> $list)]
                fn $all<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyList>> {
                    let make = $make;
                    list(py, self.0.$all().map(|it| make(py, it.clone())))
                }

                #[doc = concat!("The ", $what, " of a full name; none when there is none.")]
                #[pyo3(signature = (name: "str | TypeName") -> $result)]
                fn $query<'py>(&self, py: Python<'py>, name: &Bound<'py, PyAny>) -> Outcome<Option<Bound<'py, PyAny>>> {
                    let make = $make;
                    self.0.$find(&name_of(name)?).map(|it| make(py, it.clone())).transpose()
                }

                #[doc = concat!("The ", $what, " of a full name, which must be there.")]
                #[pyo3(signature = (name: "str | TypeName") -> "typing.Any")]
                fn $check<'py>(&self, py: Python<'py>, name: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
                    let found = self.$query(py, name)?;
                    found.ok_or_else(|| missing($what, &name_of(name).unwrap_or_default()))
                }
            )*
        }
    };
}

fn name_of(name: &Bound<'_, PyAny>) -> Outcome<String> {
    match name.cast::<PyTypeName>() {
        Ok(name) => Ok(name.get().0.to_string()),
        Err(_) => Ok(name.cast::<PyString>()?.to_cow()?.into_owned()),
    }
}

fn missing(what: &str, name: &str) -> Failure {
    Failure::new(Class::NotFound, "definition-not-found", format!("there is no {what} called `{name}`"))
}

fn attachment_object(py: Python<'_>, attachment: Arc<Attachment>) -> Outcome<Bound<'_, PyAny>> {
    Ok(Bound::new(py, PyAttachment(attachment))?.into_any())
}

kinds! {
    concepts, query_concept, check_concept, find_concept, "concept", "TypeConcept | None", "list[TypeConcept]",
        |py, it| type_object(py, PyType::Concept(it));
    clubs, query_club, check_club, find_club, "club", "TypeClub | None", "list[TypeClub]",
        |py, it| type_object(py, PyType::Club(it));
    enumerations, query_enumeration, check_enumeration, find_enumeration, "enumeration", "TypeEnumeration | None",
        "list[TypeEnumeration]", |py, it| type_object(py, PyType::of(Type::Enumeration(it)));
    structures, query_structure, check_structure, find_structure, "structure", "TypeStructure | None",
        "list[TypeStructure]", |py, it| type_object(py, PyType::of(Type::Structure(it)));
    attachments, query_attachment, check_attachment, find_attachment, "attachment", "Attachment | None",
        "list[Attachment]", attachment_object;
}

impl PyDefinitionsConst {
    fn kinds(&self) -> Vec<PyType> {
        let concepts = self.0.concepts().cloned().map(PyType::Concept);
        let clubs = self.0.clubs().cloned().map(PyType::Club);
        let enumerations = self.0.enumerations().cloned().map(|it| PyType::of(Type::Enumeration(it)));
        let structures = self.0.structures().cloned().map(|it| PyType::of(Type::Structure(it)));
        concepts.chain(clubs).chain(enumerations).chain(structures).collect()
    }

    /// The constants of the model, by name: `TUTO_A_USER_LOGIN`.
    fn constants<'py>(&self, py: Python<'py>) -> Outcome<BTreeMap<String, Bound<'py, PyAny>>> {
        let mut constants = BTreeMap::new();
        let mut add = |parts: &[&str], object: Bound<'py, PyAny>| {
            let name = parts.join("_").to_uppercase();
            match constants.insert(name.clone(), object) {
                None => Ok(()),
                Some(_) => Err(Failure::new(
                    Class::Conflict,
                    "conflicting-constants",
                    format!("two definitions of the model would both be called {name}"),
                )),
            }
        };
        for it in self.0.concepts() {
            let name = it.name();
            add(&[&name.namespace.name, "C", &name.name], type_object(py, PyType::Concept(it.clone()))?)?;
        }
        for it in self.0.clubs() {
            let name = it.name();
            add(&[&name.namespace.name, "K", &name.name], type_object(py, PyType::Club(it.clone()))?)?;
        }
        for it in self.0.enumerations() {
            let name = it.name();
            let object = type_object(py, PyType::of(Type::Enumeration(it.clone())))?;
            add(&[&name.namespace.name, "E", &name.name], object)?;
        }
        for it in self.0.structures() {
            let name = it.name();
            let object = type_object(py, PyType::of(Type::Structure(it.clone())))?;
            add(&[&name.namespace.name, "S", &name.name], object)?;
            for field in it.fields() {
                let path = path_object(py, Path::from_field(field.name.clone()))?;
                add(&[&name.namespace.name, "P", &name.name, &field.name], path)?;
            }
        }
        for it in self.0.attachments() {
            let name = it.name();
            let key = it.key_target().name().map_or("any_concept", |key| &key.name);
            add(&[&name.namespace.name, "A", key, &name.name], attachment_object(py, it.clone())?)?;
        }
        Ok(constants)
    }
}

/// The dict of a namespace: a dict as it is, an object's own, or the globals of whoever calls.
fn namespace<'py>(py: Python<'py>, given: Option<&Bound<'py, PyAny>>) -> Outcome<Bound<'py, PyDict>> {
    let found = match given {
        Some(given) if given.is_instance_of::<PyDict>() => given.clone(),
        Some(given) => given.getattr("__dict__")?,
        None => py.import("sys")?.call_method1("_getframe", (0,))?.getattr("f_globals")?,
    };
    Ok(found.cast_into::<PyDict>().map_err(PyErr::from)?)
}

#[pymethods]
impl PyDefinitionsConst {
    /// Every concept, club, enumeration and structure.
    #[pyo3(signature = () -> "list[Type]")]
    fn types<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyList>> {
        list(py, self.kinds().into_iter().map(|kind| type_object(py, kind)))
    }

    /// The concept, club, enumeration or structure of a full name; none when there is none.
    #[pyo3(signature = (name: "str | TypeName") -> "Type | None")]
    fn query_type<'py>(
        &self,
        py: Python<'py>,
        name: &Bound<'py, PyAny>,
    ) -> Outcome<Option<Bound<'py, PyAny>>> {
        for found in [
            self.query_concept(py, name)?,
            self.query_club(py, name)?,
            self.query_enumeration(py, name)?,
            self.query_structure(py, name)?,
        ] {
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The concept, club, enumeration or structure of a full name, which must be there.
    #[pyo3(signature = (name: "str | TypeName") -> "Type")]
    fn check_type<'py>(&self, py: Python<'py>, name: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        self.query_type(py, name)?.ok_or_else(|| missing("type", &name_of(name).unwrap_or_default()))
    }

    /// The namespaces.
    fn name_spaces(&self) -> Vec<PyNameSpace> {
        self.0.namespaces().iter().cloned().map(PyNameSpace).collect()
    }

    /// Whether a definition is among these: a type, an attachment, or a runtime id.
    #[pyo3(signature = (definition: "typing.Any") -> "bool")]
    fn contains(&self, definition: &Bound<'_, PyAny>) -> Outcome<bool> {
        let id = if let Ok(attachment) = definition.cast::<PyAttachment>() {
            attachment.get().0.runtime_id()
        } else if let Ok(ty) = definition.extract::<TypeArgument>() {
            ty.runtime_id()
        } else {
            RuntimeId::from_uuid(crate::input::uuid(definition)?)
        };
        Ok(self.0.contains(id))
    }

    fn __contains__(&self, definition: &Bound<'_, PyAny>) -> bool {
        self.contains(definition).unwrap_or(false)
    }

    /// The hash of the definitions: equal exactly when they are.
    fn hexdigest(&self) -> String {
        self.0.digest().to_string()
    }

    /// The definitions as DSM.
    fn to_dsm_definitions(&self) -> PyDsmDefinitions {
        PyDsmDefinitions(self.0.clone())
    }

    /// The definitions as a draft that can grow.
    fn definitions(&self) -> PyDefinitions {
        PyDefinitions(Mutex::new(self.0.clone()))
    }

    /// The definitions as bytes, for `decode`.
    fn encode<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let stored = self.0.encode();
        let mut writer = Writer::new();
        writer.array(stored.len());
        stored.iter().for_each(|(_, bytes)| writer.bytes(bytes));
        PyBytes::new(py, &writer.into_bytes())
    }

    /// The definitions that `encode` wrote.
    #[staticmethod]
    fn decode(encoded: &[u8]) -> Outcome<Self> {
        Ok(Self(decode(encoded)?))
    }

    /// Puts the constants of the model into a namespace, the caller's globals when none is given, and answers their names.
    #[pyo3(signature = (namespace: "typing.Any" = None) -> "list[str]")]
    fn inject<'py>(&self, py: Python<'py>, namespace: Option<&Bound<'py, PyAny>>) -> Outcome<Vec<String>> {
        let namespace = self::namespace(py, namespace)?;
        let constants = self.constants(py)?;
        for (name, object) in &constants {
            namespace.set_item(name, object)?;
        }
        Ok(constants.into_keys().collect())
    }

    /// Takes out of a namespace what `inject` put there.
    #[pyo3(signature = (namespace: "typing.Any" = None) -> "None")]
    fn discard<'py>(&self, py: Python<'py>, namespace: Option<&Bound<'py, PyAny>>) -> Outcome<()> {
        let namespace = self::namespace(py, namespace)?;
        for name in self.constants(py)?.into_keys() {
            if namespace.contains(&name)? {
                namespace.del_item(name)?;
            }
        }
        Ok(())
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __hash__(&self) -> u64 {
        crate::names::hash_of(self.0.digest().as_bytes())
    }

    fn __repr__(&self) -> String {
        format!("DefinitionsConst({} definitions)", self.0.len())
    }

    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> Outcome<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((slf.get_type().getattr("decode")?, (slf.get().encode(slf.py()),)))
    }
}

/// What an extension added, by kind.
#[pyclass(name = "DefinitionsExtendInfo", module = "anabranch", frozen, eq)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyExtendInfo(pub(crate) ExtendInfo);

#[pymethods]
impl PyExtendInfo {
    /// How many concepts were added.
    fn concepts(&self) -> usize {
        self.0.concepts
    }

    /// How many clubs were added.
    fn clubs(&self) -> usize {
        self.0.clubs
    }

    /// How many enumerations were added.
    fn enumerations(&self) -> usize {
        self.0.enumerations
    }

    /// How many structures were added.
    fn structures(&self) -> usize {
        self.0.structures
    }

    /// How many attachments were added.
    fn attachments(&self) -> usize {
        self.0.attachments
    }

    /// How many definitions were added, of all kinds.
    fn total(&self) -> usize {
        self.0.total()
    }

    /// Whether anything was added.
    fn __bool__(&self) -> bool {
        self.0.total() > 0
    }

    fn __repr__(&self) -> String {
        let ExtendInfo { concepts, clubs, enumerations, structures, attachments, .. } = self.0;
        format!(
            "DefinitionsExtendInfo(concepts={concepts}, clubs={clubs}, enumerations={enumerations}, \
             structures={structures}, attachments={attachments})"
        )
    }
}

/// Finds definitions by the names that people type.
#[pyclass(name = "DefinitionsInspector", module = "anabranch", frozen)]
pub(crate) struct DefinitionsInspector(Definitions);

impl DefinitionsInspector {
    pub(crate) const fn of(definitions: Definitions) -> Self {
        Self(definitions)
    }

    /// Full names, bare names where only one definition has them, and the last part of them.
    fn attachment(&self, name: &str) -> Outcome<Option<Arc<Attachment>>> {
        if let Some(found) = self.0.find_attachment(name) {
            return Ok(Some(found.clone()));
        }
        let is_it = |it: &&Arc<Attachment>| {
            let full = it.identifier();
            let bare = full.split_once("::").map_or(&*full, |(_, bare)| bare);
            bare == name || &*it.name().name == name || it.name().to_string() == name
        };
        let found: Vec<_> = self.0.attachments().filter(is_it).collect();
        match found.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some((*only).clone())),
            several => {
                let names: Vec<String> = several.iter().map(|it| it.identifier()).collect();
                let message = format!("`{name}` could be {}; give the full name", names.join(" or "));
                Err(Failure::new(Class::Conflict, "ambiguous-name", message))
            }
        }
    }
}

#[pymethods]
impl DefinitionsInspector {
    /// An inspector of these definitions.
    #[new]
    fn new(definitions: DefinitionsArgument) -> Self {
        Self(definitions.0)
    }

    /// The attachment of a name: `App::User.profile`, or less where that names only one; none when there is none.
    fn query_attachment(&self, name: &str) -> Outcome<Option<PyAttachment>> {
        Ok(self.attachment(name)?.map(PyAttachment))
    }

    /// The attachment of a name: `App::User.profile`, or less where that names only one.
    pub(crate) fn check_attachment(&self, name: &str) -> Outcome<PyAttachment> {
        self.query_attachment(name)?.ok_or_else(|| missing("attachment", name))
    }

    /// The type that a text says, with the names of these definitions.
    #[pyo3(signature = (text) -> "Type")]
    fn check_type<'py>(&self, py: Python<'py>, text: &str) -> Outcome<Bound<'py, PyAny>> {
        if let Some(concept) = self.0.find_concept(text) {
            return type_object(py, PyType::Concept(concept.clone()));
        }
        if let Some(club) = self.0.find_club(text) {
            return type_object(py, PyType::Club(club.clone()));
        }
        type_object(py, PyType::of(Type::parse(text, &self.0)?))
    }
}
