//! The set of definitions that a database knows.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use crate::codec::DecodeError;
use crate::codec::definition::{decode_definition, definition_meaning, encode_definition};
use crate::definition::{Attachment, Club, Concept, Definition, Enumeration, FunctionPool, Structure};
use crate::id::{DefinitionsDigest, RuntimeId};
use crate::name::{NameSpace, TypeName};
use crate::types::{KeyTarget, Type};

/// Why definitions cannot stand together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionsError {
    /// Two definitions of one kind have the same name but mean different things.
    #[error(
        "{kind} {name} is defined twice: as {ours} here and as {theirs} there; a definition is sealed, \
         so a changed one needs a new name"
    )]
    Conflict {
        /// The kind, as DSM calls it.
        kind: &'static str,
        /// The full name.
        name: String,
        /// The one that was there.
        ours: RuntimeId,
        /// The one that was added.
        theirs: RuntimeId,
    },
    /// Two definitions that mean different things have one runtime id, which only ids that other producers chose can do.
    #[error("{id} stands for {ours} here and for {theirs} there")]
    SharedId {
        /// The id.
        id: RuntimeId,
        /// What it stands for here: kind and full name.
        ours: String,
        /// What was added under it.
        theirs: String,
    },
    /// A definition was given the zero id, which stands for no definition.
    #[error("{kind} {name} has the zero id, which stands for no definition")]
    ZeroId {
        /// The kind, as DSM calls it.
        kind: &'static str,
        /// The full name.
        name: String,
    },
    /// Two namespaces share a name or a UUID.
    #[error("namespace {} is {} here and {} {} there", .ours.name, .ours.uuid, .theirs.name, .theirs.uuid)]
    NameSpace {
        /// The one that was there.
        ours: NameSpace,
        /// The one that was added.
        theirs: NameSpace,
    },
    /// A definition refers to one that is not there.
    #[error("{kind} {name} refers to {missing}, which is not among the definitions")]
    Missing {
        /// The kind of the definition at fault.
        kind: &'static str,
        /// Its full name.
        name: String,
        /// What it refers to.
        missing: TypeName,
    },
    /// A stored definition does not decode.
    #[error("a stored definition cannot be read: {0}")]
    Decode(#[from] DecodeError),
}

/// Finds definitions by runtime id; what decoders need to know.
pub trait Lookup {
    /// The concept of this id.
    fn concept(&self, id: RuntimeId) -> Option<Arc<Concept>>;
    /// The club of this id.
    fn club(&self, id: RuntimeId) -> Option<Arc<Club>>;
    /// The enumeration of this id.
    fn enumeration(&self, id: RuntimeId) -> Option<Arc<Enumeration>>;
    /// The structure of this id.
    fn structure(&self, id: RuntimeId) -> Option<Arc<Structure>>;
}

/// How many definitions of each kind an extension added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExtendInfo {
    /// Concepts added.
    pub concepts: usize,
    /// Clubs added.
    pub clubs: usize,
    /// Enumerations added.
    pub enumerations: usize,
    /// Structures added.
    pub structures: usize,
    /// Attachments added.
    pub attachments: usize,
    /// Function pools added.
    pub function_pools: usize,
}

impl ExtendInfo {
    /// All of them together.
    pub fn total(&self) -> usize {
        self.concepts
            + self.clubs
            + self.enumerations
            + self.structures
            + self.attachments
            + self.function_pools
    }

    fn count(&mut self, definition: &Definition) {
        *match definition {
            Definition::Concept(_) => &mut self.concepts,
            Definition::Club(_) => &mut self.clubs,
            Definition::Enumeration(_) => &mut self.enumerations,
            Definition::Structure(_) => &mut self.structures,
            Definition::Attachment(_) => &mut self.attachments,
            Definition::FunctionPool(_) => &mut self.function_pools,
        } += 1;
    }
}

/// An immutable set of definitions; cheap to clone.
///
/// Definitions are only ever added, so a set that was read stays right for what was written under it. Two sets are
/// equal when the same definitions are in them, whatever their documentation.
#[derive(Debug, Clone)]
pub struct Definitions(Arc<DefinitionsBuilder>);

impl PartialEq for Definitions {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.by_id.keys().eq(other.0.by_id.keys())
    }
}

impl Eq for Definitions {}

impl Default for Definitions {
    fn default() -> Self {
        static EMPTY: LazyLock<Definitions> = LazyLock::new(|| DefinitionsBuilder::default().build());
        EMPTY.clone()
    }
}

/// A set of definitions in the making: each must come after what it refers to.
#[derive(Debug, Clone, Default)]
pub struct DefinitionsBuilder {
    by_id: BTreeMap<RuntimeId, Definition>,
    by_name: BTreeMap<(&'static str, String), RuntimeId>,
    namespaces: Vec<NameSpace>,
    namespaces_by_name: HashMap<Arc<str>, usize>,
    namespaces_by_uuid: HashMap<uuid::Uuid, usize>,
}

impl DefinitionsBuilder {
    /// Adds a definition. Answers false when it is there already; the documentation that was there stays.
    ///
    /// # Errors
    /// When the name stands for something else, or something that it refers to is missing.
    pub fn add(&mut self, definition: Definition) -> Result<bool, DefinitionsError> {
        let id = definition.runtime_id();
        let kind = definition.kind();
        let name = full_name(&definition);
        if let Some(known) = self.by_id.get(&id) {
            return if known.kind() == kind && definition_meaning(known) == definition_meaning(&definition) {
                Ok(false)
            } else {
                let ours = format!("{} {}", known.kind(), full_name(known));
                Err(DefinitionsError::SharedId { id, ours, theirs: format!("{kind} {name}") })
            };
        }
        if id.is_zero() {
            return Err(DefinitionsError::ZeroId { kind, name });
        }
        if let Some(missing) = self.first_missing(&definition) {
            return Err(DefinitionsError::Missing { kind, name, missing });
        }
        if let Some(ours) = self.by_name.get(&(kind, name.clone())) {
            return Err(DefinitionsError::Conflict { kind, name, ours: *ours, theirs: id });
        }
        if !matches!(definition, Definition::FunctionPool(_)) {
            self.add_namespace(&definition.name().namespace)?;
        }
        self.by_name.insert((kind, name), id);
        self.by_id.insert(id, definition);
        Ok(true)
    }

    fn add_namespace(&mut self, theirs: &NameSpace) -> Result<(), DefinitionsError> {
        let known = self
            .namespaces_by_uuid
            .get(&theirs.uuid)
            .or_else(|| self.namespaces_by_name.get(&theirs.name))
            .map(|place| &self.namespaces[*place]);
        match known {
            Some(ours) if ours == theirs => Ok(()),
            Some(ours) => Err(DefinitionsError::NameSpace { ours: ours.clone(), theirs: theirs.clone() }),
            None => {
                let place = self.namespaces.len();
                self.namespaces_by_uuid.insert(theirs.uuid, place);
                self.namespaces_by_name.insert(theirs.name.clone(), place);
                self.namespaces.push(theirs.clone());
                Ok(())
            }
        }
    }

    /// The first definition that this one refers to and that is not there.
    fn first_missing(&self, definition: &Definition) -> Option<TypeName> {
        let mut missing = None;
        let mut look = |id: RuntimeId, name: &TypeName| {
            if missing.is_none() && !self.by_id.contains_key(&id) {
                missing = Some(name.clone());
            }
        };
        match definition {
            Definition::Concept(d) => d.parent().into_iter().for_each(|p| look(p.runtime_id(), p.name())),
            Definition::Club(d) => d.members().iter().for_each(|m| look(m.runtime_id(), m.name())),
            Definition::Enumeration(_) => {}
            Definition::Structure(d) => {
                for field in d.fields() {
                    visit_references(&field.ty, &mut look);
                    if let Some(default) = &field.default {
                        default.visit_concepts(&mut |concept| look(concept.runtime_id(), concept.name()));
                    }
                }
            }
            Definition::Attachment(d) => {
                visit_target(d.key_target(), &mut look);
                visit_references(d.document_type(), &mut look);
            }
            Definition::FunctionPool(d) => {
                for function in d.functions() {
                    let parameters = function.parameters.iter().map(|(_, ty)| ty);
                    parameters.chain(&function.result).for_each(|ty| visit_references(ty, &mut look));
                }
            }
        }
        missing
    }

    /// The finished set.
    pub fn build(self) -> Definitions {
        Definitions(Arc::new(self))
    }
}

fn visit_target(target: &KeyTarget, visit: &mut dyn FnMut(RuntimeId, &TypeName)) {
    if let Some(name) = target.name() {
        visit(target.runtime_id(), name);
    }
}

/// Calls `visit` with every definition that a type names itself (those inside a structure are the structure's).
fn visit_references(ty: &Type, visit: &mut dyn FnMut(RuntimeId, &TypeName)) {
    match ty {
        Type::Tuple(types) | Type::Variant(types) => types.iter().for_each(|ty| visit_references(ty, visit)),
        Type::Optional(ty) | Type::Vector(ty) | Type::Set(ty) | Type::XArray(ty) => {
            visit_references(ty, visit)
        }
        Type::Map(map) => {
            visit_references(&map.key, visit);
            visit_references(&map.value, visit);
        }
        Type::Key(target) => visit_target(target, visit),
        Type::Enumeration(e) => visit(e.runtime_id(), e.name()),
        Type::Structure(s) => visit(s.runtime_id(), s.name()),
        _ => {}
    }
}

/// The name that must be unique within the kind: attachments share names if their keys differ, pools have no namespace.
fn full_name(definition: &Definition) -> String {
    match definition {
        Definition::Attachment(attachment) => attachment.identifier(),
        Definition::FunctionPool(pool) => pool.name().name.to_string(),
        other => other.name().to_string(),
    }
}

macro_rules! by_kind {
    ($($variant:ident, $ty:ident, $kind:literal, $all:ident, $find:ident, $doc:literal;)*) => {
        impl Definitions {$(
            #[doc = concat!("Every ", $doc, ", ordered by name.")]
            pub fn $all(&self) -> impl Iterator<Item = &Arc<$ty>> {
                self.of_kind($kind).filter_map(|definition| match definition {
                    Definition::$variant(definition) => Some(definition),
                    _ => None,
                })
            }

            #[doc = concat!("The ", $doc, " of this full name.")]
            pub fn $find(&self, name: &str) -> Option<&Arc<$ty>> {
                match self.find($kind, name)? {
                    Definition::$variant(definition) => Some(definition),
                    _ => None,
                }
            }
        )*}
    };
}

by_kind! {
    Concept, Concept, "concept", concepts, find_concept, "concept";
    Club, Club, "club", clubs, find_club, "club";
    Enumeration, Enumeration, "enum", enumerations, find_enumeration, "enumeration";
    Structure, Structure, "struct", structures, find_structure, "structure";
    Attachment, Attachment, "attachment", attachments, find_attachment, "attachment";
    FunctionPool, FunctionPool, "function_pool", function_pools, find_function_pool, "function pool";
}

impl Definitions {
    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Definition> {
        self.0
            .by_name
            .range((kind, String::new())..)
            .take_while(move |((found, _), _)| *found == kind)
            .map(|(_, id)| &self.0.by_id[id])
    }

    fn find(&self, kind: &'static str, name: &str) -> Option<&Definition> {
        self.0.by_name.get(&(kind, name.to_owned())).map(|id| &self.0.by_id[id])
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.by_id.is_empty()
    }

    /// How many there are, of all kinds.
    pub fn len(&self) -> usize {
        self.0.by_id.len()
    }

    /// The definition of this id.
    pub fn get(&self, id: RuntimeId) -> Option<&Definition> {
        self.0.by_id.get(&id)
    }

    /// Whether there is a definition of this id.
    pub fn contains(&self, id: RuntimeId) -> bool {
        self.0.by_id.contains_key(&id)
    }

    /// The attachment of this id.
    pub fn attachment(&self, id: RuntimeId) -> Option<&Arc<Attachment>> {
        match self.get(id) {
            Some(Definition::Attachment(attachment)) => Some(attachment),
            _ => None,
        }
    }

    /// The namespaces, in no order that means anything.
    pub fn namespaces(&self) -> &[NameSpace] {
        &self.0.namespaces
    }

    /// Every definition, each after what it refers to; the same for equal sets.
    pub fn ordered(&self) -> Vec<&Definition> {
        let mut ordered: Vec<(usize, usize, &Definition)> = self
            .0
            .by_name
            .values()
            .map(|id| &self.0.by_id[id])
            .map(|definition| match definition {
                Definition::Concept(d) => (0, d.lineage().count(), definition),
                Definition::Club(_) => (1, 0, definition),
                Definition::Enumeration(_) => (2, 0, definition),
                Definition::Structure(d) => (3, d.depth(), definition),
                Definition::Attachment(_) => (4, 0, definition),
                Definition::FunctionPool(_) => (5, 0, definition),
            })
            .collect();
        // Stable: names order what is of one kind and depth.
        ordered.sort_by_key(|(kind, depth, _)| (*kind, *depth));
        ordered.into_iter().map(|(_, _, definition)| definition).collect()
    }

    /// The hash of the runtime ids: equal exactly when the sets are.
    pub fn digest(&self) -> DefinitionsDigest {
        let mut hasher = DefinitionsDigest::hasher();
        self.0.by_id.keys().for_each(|id| {
            hasher.update(id.as_bytes());
        });
        DefinitionsDigest::finish(&hasher)
    }

    /// A builder that starts with these definitions.
    pub fn to_builder(&self) -> DefinitionsBuilder {
        (*self.0).clone()
    }

    /// These definitions and those of `other`. Nothing is ever replaced.
    ///
    /// # Errors
    /// When a name stands for different things on the two sides.
    pub fn extend(&self, other: &Definitions) -> Result<(Definitions, ExtendInfo), DefinitionsError> {
        let mut info = ExtendInfo::default();
        let mut builder = self.to_builder();
        for definition in other.ordered() {
            if builder.add(definition.clone())? {
                info.count(definition);
            }
        }
        Ok((if info.total() == 0 { self.clone() } else { builder.build() }, info))
    }

    /// The stored forms of all definitions, in the order in which they can be read again.
    pub fn encode(&self) -> Vec<(RuntimeId, Vec<u8>)> {
        self.ordered().into_iter().map(|d| (d.runtime_id(), encode_definition(d))).collect()
    }

    /// The definitions whose stored forms these are, each after what it refers to.
    ///
    /// # Errors
    /// When one does not decode or they do not stand together.
    pub fn decode<B: AsRef<[u8]>>(stored: impl IntoIterator<Item = B>) -> Result<Self, DefinitionsError> {
        let mut builder = DefinitionsBuilder::default();
        for bytes in stored {
            let definition = decode_definition(bytes.as_ref(), &builder)?;
            builder.add(definition)?;
        }
        Ok(builder.build())
    }
}

impl Lookup for DefinitionsBuilder {
    fn concept(&self, id: RuntimeId) -> Option<Arc<Concept>> {
        match self.by_id.get(&id) {
            Some(Definition::Concept(concept)) => Some(concept.clone()),
            _ => None,
        }
    }

    fn club(&self, id: RuntimeId) -> Option<Arc<Club>> {
        match self.by_id.get(&id) {
            Some(Definition::Club(club)) => Some(club.clone()),
            _ => None,
        }
    }

    fn enumeration(&self, id: RuntimeId) -> Option<Arc<Enumeration>> {
        match self.by_id.get(&id) {
            Some(Definition::Enumeration(enumeration)) => Some(enumeration.clone()),
            _ => None,
        }
    }

    fn structure(&self, id: RuntimeId) -> Option<Arc<Structure>> {
        match self.by_id.get(&id) {
            Some(Definition::Structure(structure)) => Some(structure.clone()),
            _ => None,
        }
    }
}

impl Lookup for Definitions {
    fn concept(&self, id: RuntimeId) -> Option<Arc<Concept>> {
        self.0.concept(id)
    }

    fn club(&self, id: RuntimeId) -> Option<Arc<Club>> {
        self.0.club(id)
    }

    fn enumeration(&self, id: RuntimeId) -> Option<Arc<Enumeration>> {
        self.0.enumeration(id)
    }

    fn structure(&self, id: RuntimeId) -> Option<Arc<Structure>> {
        self.0.structure(id)
    }
}
