//! What a model declares: concepts, clubs, enumerations, structures, attachments and function pools.
//!
//! A definition is sealed: it never changes, and its runtime id is derived from what it is, documentation excluded.
//! The constructors check every rule that concerns one definition alone; [`crate::Definitions`] checks the others.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use uuid::Uuid;

use crate::MAX_DEPTH;
use crate::bounds::MAX_ZERO_SIZE;
use crate::codec;
use crate::id::RuntimeId;
use crate::name::{TypeName, is_identifier};
use crate::types::{KeyTarget, Type, TypeError};
use crate::value::{Key, Value};

/// Why a definition cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// A name is not an identifier.
    #[error("`{name}` is not an identifier: a letter, then letters, digits and `_`")]
    Name {
        /// The name that was given.
        name: String,
    },
    /// A field, case, parameter or function stands twice.
    #[error("{definition} has two {what}s called `{name}`")]
    Duplicate {
        /// The definition at fault.
        definition: Box<TypeName>,
        /// `field`, `case`, …
        what: &'static str,
        /// The name that stands twice.
        name: String,
    },
    /// An enumeration has no case, or more than 256.
    #[error("{definition} has {count} cases; an enumeration has 1 to 256")]
    CaseCount {
        /// The enumeration at fault.
        definition: Box<TypeName>,
        /// How many cases it has.
        count: usize,
    },
    /// A default cannot stand in its field.
    #[error("{definition}.{field}: the default {default} is not a {ty}")]
    Default {
        /// The structure at fault.
        definition: Box<TypeName>,
        /// The field at fault.
        field: String,
        /// The type of the field.
        ty: Type,
        /// The default that was given.
        default: Box<Value>,
    },
    /// Types nest too deep.
    #[error("{definition}: {source}")]
    Type {
        /// The definition at fault.
        definition: Box<TypeName>,
        /// What is wrong with its type.
        source: TypeError,
    },
    /// A fresh value would be of more parts than [`MAX_ZERO_SIZE`].
    #[error(
        "{definition} starts with {size} values, counting every number; at most {MAX_ZERO_SIZE} are allowed"
    )]
    Size {
        /// The definition at fault.
        definition: Box<TypeName>,
        /// Of how many values it would consist.
        size: u64,
    },
    /// A default holds an `any` that is not empty: what stands in it might be of a type that is defined later.
    #[error("{definition}.{field}: a default cannot fill an `any`")]
    DefaultAny {
        /// The structure at fault.
        definition: Box<TypeName>,
        /// The field at fault.
        field: String,
    },
    /// A concept has more ancestors than [`MAX_DEPTH`].
    #[error("{definition} has more than {MAX_DEPTH} ancestors")]
    Ancestors {
        /// The concept at fault.
        definition: Box<TypeName>,
    },
}

/// Equality, order and hash by runtime id: a definition *is* what its id is derived from.
macro_rules! by_runtime_id {
    ($($name:ident),*) => {$(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.runtime_id == other.runtime_id
            }
        }
        impl Eq for $name {}
        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.runtime_id.cmp(&other.runtime_id)
            }
        }
        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.runtime_id.hash(state);
            }
        }
        impl $name {
            /// The name of the definition.
            pub fn name(&self) -> &TypeName {
                &self.name
            }

            /// The doc string, empty when there is none.
            pub fn documentation(&self) -> &str {
                &self.documentation
            }

            /// What identifies the definition in any database.
            pub fn runtime_id(&self) -> RuntimeId {
                self.runtime_id
            }

            /// The same definition under an id that another producer gave it (`spec/dsm.md`, `keep_runtime_ids`).
            pub fn with_runtime_id(mut self, id: RuntimeId) -> Self {
                self.runtime_id = id;
                self
            }
        }
    )*};
}

by_runtime_id!(Concept, Club, Enumeration, Structure, Attachment, FunctionPool);

fn check_name(name: &str) -> Result<(), DefinitionError> {
    if is_identifier(name) { Ok(()) } else { Err(DefinitionError::Name { name: name.to_owned() }) }
}

/// Checks the namespace's name too: one with `::` in it could pass for another definition's full name.
fn check_full_name(name: &TypeName) -> Result<(), DefinitionError> {
    check_name(&name.namespace.name)?;
    check_name(&name.name)
}

/// Checks that names are identifiers and that none stands twice.
fn check_names<'a>(
    definition: &TypeName,
    what: &'static str,
    names: impl Iterator<Item = &'a Arc<str>>,
) -> Result<HashMap<Arc<str>, usize>, DefinitionError> {
    let mut index = HashMap::new();
    for (position, name) in names.enumerate() {
        check_name(name)?;
        if index.insert(name.clone(), position).is_some() {
            return Err(DefinitionError::Duplicate {
                definition: definition.clone().into(),
                what,
                name: name.to_string(),
            });
        }
    }
    Ok(index)
}

fn check_depth(definition: &TypeName, ty: &Type) -> Result<(), DefinitionError> {
    if ty.depth() < MAX_DEPTH {
        Ok(())
    } else {
        Err(DefinitionError::Type { definition: definition.clone().into(), source: TypeError::Depth })
    }
}

fn check_size(definition: &TypeName, size: u64) -> Result<(), DefinitionError> {
    if size <= MAX_ZERO_SIZE {
        Ok(())
    } else {
        Err(DefinitionError::Size { definition: definition.clone().into(), size })
    }
}

/// A kind of thing that exists and that documents are attached to.
#[derive(Debug, Clone)]
pub struct Concept {
    name: TypeName,
    documentation: Arc<str>,
    parent: Option<Arc<Concept>>,
    runtime_id: RuntimeId,
}

impl Concept {
    /// Declares a concept, which may be a kind of `parent`.
    ///
    /// # Errors
    /// When the name is no identifier or the chain of parents is longer than [`MAX_DEPTH`].
    pub fn new(
        name: TypeName,
        documentation: impl Into<Arc<str>>,
        parent: Option<Arc<Concept>>,
    ) -> Result<Self, DefinitionError> {
        check_full_name(&name)?;
        let mut concept =
            Self { name, documentation: documentation.into(), parent, runtime_id: RuntimeId::ZERO };
        if concept.lineage().count() > MAX_DEPTH {
            return Err(DefinitionError::Ancestors { definition: concept.name.into() });
        }
        concept.runtime_id = RuntimeId::derive(&codec::definition::concept_meaning(&concept));
        Ok(concept)
    }

    /// What this concept is a kind of.
    pub fn parent(&self) -> Option<&Arc<Concept>> {
        self.parent.as_ref()
    }

    /// The concept, its parent, the parent of that, and so on.
    pub fn lineage(&self) -> impl Iterator<Item = &Concept> {
        std::iter::successors(Some(self), |concept| concept.parent.as_deref())
    }

    /// Whether this is `other` or a kind of it.
    pub fn is_a(&self, other: &Concept) -> bool {
        self.lineage().any(|concept| concept == other)
    }
}

/// A named group of concepts from any tree, for keys that may refer to all of them.
#[derive(Debug, Clone)]
pub struct Club {
    name: TypeName,
    documentation: Arc<str>,
    members: Vec<Arc<Concept>>,
    runtime_id: RuntimeId,
}

impl Club {
    /// Declares a club with these members, in any order; a concept that stands twice is one member.
    ///
    /// # Errors
    /// When the name is no identifier.
    pub fn new(
        name: TypeName,
        documentation: impl Into<Arc<str>>,
        mut members: Vec<Arc<Concept>>,
    ) -> Result<Self, DefinitionError> {
        check_full_name(&name)?;
        members.sort();
        members.dedup();
        let mut club =
            Self { name, documentation: documentation.into(), members, runtime_id: RuntimeId::ZERO };
        club.runtime_id = RuntimeId::derive(&codec::definition::club_meaning(&club));
        Ok(club)
    }

    /// The members, in ascending runtime id.
    pub fn members(&self) -> &[Arc<Concept>] {
        &self.members
    }
}

/// One case of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it is called.
    pub name: Arc<str>,
    /// The doc string, empty when there is none.
    pub documentation: Arc<str>,
}

/// A choice among named cases.
#[derive(Debug, Clone)]
pub struct Enumeration {
    name: TypeName,
    documentation: Arc<str>,
    cases: Vec<Case>,
    index: HashMap<Arc<str>, usize>,
    runtime_id: RuntimeId,
}

impl Enumeration {
    /// Declares an enumeration.
    ///
    /// # Errors
    /// When there are no cases or more than 256, a name is no identifier, or a name stands twice.
    pub fn new(
        name: TypeName,
        documentation: impl Into<Arc<str>>,
        cases: Vec<Case>,
    ) -> Result<Self, DefinitionError> {
        check_full_name(&name)?;
        if !(1..=256).contains(&cases.len()) {
            return Err(DefinitionError::CaseCount { definition: name.into(), count: cases.len() });
        }
        let index = check_names(&name, "case", cases.iter().map(|case| &case.name))?;
        let mut enumeration =
            Self { name, documentation: documentation.into(), cases, index, runtime_id: RuntimeId::ZERO };
        enumeration.runtime_id = RuntimeId::derive(&codec::definition::enumeration_meaning(&enumeration));
        Ok(enumeration)
    }

    /// The cases, in declared order.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// Where the case of this name stands.
    pub fn case_index(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }
}

/// One field of a structure.
#[derive(Debug, Clone)]
pub struct Field {
    /// What it is called.
    pub name: Arc<str>,
    /// The doc string, empty when there is none.
    pub documentation: Arc<str>,
    /// What it holds.
    pub ty: Type,
    /// What it holds until it is set; the zero of its type when there is none.
    pub default: Option<Value>,
}

/// Named fields, in declared order.
#[derive(Debug, Clone)]
pub struct Structure {
    name: TypeName,
    documentation: Arc<str>,
    fields: Vec<Field>,
    /// Made when first asked for: a few bytes of definition may describe megabytes of zeros.
    initial: OnceLock<Arc<[Value]>>,
    index: HashMap<Arc<str>, usize>,
    depth: usize,
    zero_size: u64,
    holds_any: bool,
    runtime_id: RuntimeId,
}

impl Structure {
    /// Declares a structure.
    ///
    /// # Errors
    /// When a name is no identifier or stands twice, a default cannot stand in its field, or types nest deeper than
    /// [`MAX_DEPTH`].
    pub fn new(
        name: TypeName,
        documentation: impl Into<Arc<str>>,
        fields: Vec<Field>,
    ) -> Result<Self, DefinitionError> {
        check_full_name(&name)?;
        let index = check_names(&name, "field", fields.iter().map(|field| &field.name))?;
        for field in &fields {
            check_depth(&name, &field.ty)?;
            if let Some(default) = field.default.as_ref().filter(|default| !field.ty.admits(default)) {
                return Err(DefinitionError::Default {
                    definition: name.clone().into(),
                    field: field.name.to_string(),
                    ty: field.ty.clone(),
                    default: default.clone().into(),
                });
            }
            if field.default.as_ref().is_some_and(Value::fills_any) {
                let field = field.name.to_string();
                return Err(DefinitionError::DefaultAny { definition: name.into(), field });
            }
        }
        let sizes = fields
            .iter()
            .map(|field| field.default.as_ref().map_or_else(|| field.ty.zero_size(), Value::size));
        let zero_size = sizes.fold(1, u64::saturating_add);
        check_size(&name, zero_size)?;
        let depth = 1 + fields.iter().map(|field| field.ty.depth()).max().unwrap_or(0);
        let holds_any = fields.iter().any(|field| field.ty.holds_any());
        let mut structure = Self {
            name,
            documentation: documentation.into(),
            fields,
            initial: OnceLock::new(),
            index,
            depth,
            zero_size,
            holds_any,
            runtime_id: RuntimeId::ZERO,
        };
        structure.runtime_id = RuntimeId::derive(&codec::definition::structure_meaning(&structure));
        Ok(structure)
    }

    /// The fields, in declared order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Where the field of this name stands.
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.field_index(name).map(|position| &self.fields[position])
    }

    /// What the fields of a fresh value hold: defaults, else zeros.
    pub fn initial(&self) -> &Arc<[Value]> {
        self.initial.get_or_init(|| {
            let initial = |field: &Field| field.default.clone().unwrap_or_else(|| Value::zero(&field.ty));
            self.fields.iter().map(initial).collect()
        })
    }

    /// Of how many values a fresh value consists, itself and every number counted.
    pub fn zero_size(&self) -> u64 {
        self.zero_size
    }

    /// Whether a value may hold values of any type somewhere inside it.
    pub fn holds_any(&self) -> bool {
        self.holds_any
    }

    /// How deep the types of its fields nest, this structure included.
    pub fn depth(&self) -> usize {
        self.depth
    }
}

/// Says that documents of one type attach to instances of one kind: the root of everything stored.
#[derive(Debug, Clone)]
pub struct Attachment {
    name: TypeName,
    documentation: Arc<str>,
    key: KeyTarget,
    document: Type,
    runtime_id: RuntimeId,
}

impl Attachment {
    /// Declares an attachment.
    ///
    /// # Errors
    /// When the name is no identifier or the document type nests deeper than [`MAX_DEPTH`].
    pub fn new(
        name: TypeName,
        documentation: impl Into<Arc<str>>,
        key: KeyTarget,
        document: Type,
    ) -> Result<Self, DefinitionError> {
        check_full_name(&name)?;
        check_depth(&name, &document)?;
        check_size(&name, document.zero_size())?;
        let mut attachment =
            Self { name, documentation: documentation.into(), key, document, runtime_id: RuntimeId::ZERO };
        attachment.runtime_id = RuntimeId::derive(&codec::definition::attachment_meaning(&attachment));
        Ok(attachment)
    }

    /// What its documents attach to.
    pub fn key_target(&self) -> &KeyTarget {
        &self.key
    }

    /// The type of its keys.
    pub fn key_type(&self) -> Type {
        Type::key(self.key.clone())
    }

    /// The type of its documents.
    pub fn document_type(&self) -> &Type {
        &self.document
    }

    /// The name that people type: `Namespace::Concept.attachment`.
    ///
    /// The namespace is the attachment's; a key type from elsewhere is qualified: `Namespace::Other::Concept.attachment`.
    pub fn identifier(&self) -> String {
        let key = self
            .key
            .name()
            .map_or_else(|| "any_concept".to_owned(), |name| name.relative_to(&self.name.namespace));
        format!("{}::{key}.{}", self.name.namespace.name, self.name.name)
    }

    /// A key for a new instance, when the key type is one concept.
    pub fn create_key(&self, instance: Uuid) -> Option<Key> {
        match &self.key {
            KeyTarget::Concept(concept) => Some(Key::new(concept.clone(), instance)),
            KeyTarget::AnyConcept | KeyTarget::Club(_) => None,
        }
    }

    /// A fresh document: the zero of the document type.
    pub fn create_document(&self) -> Value {
        Value::zero(&self.document)
    }
}

impl fmt::Display for Attachment {
    /// Reads as declared: `attachment<User, Login> Tuto::login`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let namespace = &self.name.namespace;
        let key =
            self.key.name().map_or_else(|| "any_concept".to_owned(), |name| name.relative_to(namespace));
        write!(f, "attachment<{key}, {}> {}", self.document.relative_to(namespace), self.name)
    }
}

/// A function of a pool. Anabranch keeps and prints functions, it does not run them.
#[derive(Debug, Clone)]
pub struct Function {
    /// What it is called.
    pub name: Arc<str>,
    /// The doc string, empty when there is none.
    pub documentation: Arc<str>,
    /// Names and types of the parameters.
    pub parameters: Vec<(Arc<str>, Type)>,
    /// What it gives; none for `void`.
    pub result: Option<Type>,
    /// Whether it may change attachments; only functions of attachment pools may.
    pub is_mutable: bool,
}

/// A named pool of functions.
#[derive(Debug, Clone)]
pub struct FunctionPool {
    name: TypeName,
    documentation: Arc<str>,
    over_attachments: bool,
    functions: Vec<Function>,
    runtime_id: RuntimeId,
}

impl FunctionPool {
    /// Declares a pool. A pool stands outside namespaces: its `uuid` takes the place of the namespace's.
    ///
    /// # Errors
    /// When a name is no identifier or stands twice, or types nest deeper than [`MAX_DEPTH`].
    pub fn new(
        uuid: Uuid,
        name: impl Into<Arc<str>>,
        documentation: impl Into<Arc<str>>,
        over_attachments: bool,
        functions: Vec<Function>,
    ) -> Result<Self, DefinitionError> {
        let name = TypeName::new(crate::NameSpace::new(uuid, ""), name);
        check_name(&name.name)?;
        check_names(&name, "function", functions.iter().map(|function| &function.name))?;
        for function in &functions {
            check_names(&name, "parameter", function.parameters.iter().map(|(name, _)| name))?;
            for ty in function.parameters.iter().map(|(_, ty)| ty).chain(&function.result) {
                check_depth(&name, ty)?;
            }
        }
        let mut pool = Self {
            name,
            documentation: documentation.into(),
            over_attachments,
            functions,
            runtime_id: RuntimeId::ZERO,
        };
        pool.runtime_id = RuntimeId::derive(&codec::definition::pool_meaning(&pool));
        Ok(pool)
    }

    /// The UUID that the model gives the pool.
    pub fn uuid(&self) -> Uuid {
        self.name.namespace.uuid
    }

    /// Whether the pool is an `attachment_function_pool`.
    pub fn over_attachments(&self) -> bool {
        self.over_attachments
    }

    /// The functions, in declared order.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }
}

/// Any definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant holds the definition of its name")]
pub enum Definition {
    Concept(Arc<Concept>),
    Club(Arc<Club>),
    Enumeration(Arc<Enumeration>),
    Structure(Arc<Structure>),
    Attachment(Arc<Attachment>),
    FunctionPool(Arc<FunctionPool>),
}

impl Definition {
    /// What identifies the definition in any database.
    pub fn runtime_id(&self) -> RuntimeId {
        match self {
            Self::Concept(d) => d.runtime_id(),
            Self::Club(d) => d.runtime_id(),
            Self::Enumeration(d) => d.runtime_id(),
            Self::Structure(d) => d.runtime_id(),
            Self::Attachment(d) => d.runtime_id(),
            Self::FunctionPool(d) => d.runtime_id(),
        }
    }

    /// The name of the definition.
    pub fn name(&self) -> &TypeName {
        match self {
            Self::Concept(d) => d.name(),
            Self::Club(d) => d.name(),
            Self::Enumeration(d) => d.name(),
            Self::Structure(d) => d.name(),
            Self::Attachment(d) => d.name(),
            Self::FunctionPool(d) => d.name(),
        }
    }

    /// The kind, as DSM calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Concept(_) => "concept",
            Self::Club(_) => "club",
            Self::Enumeration(_) => "enum",
            Self::Structure(_) => "struct",
            Self::Attachment(_) => "attachment",
            Self::FunctionPool(_) => "function_pool",
        }
    }
}
