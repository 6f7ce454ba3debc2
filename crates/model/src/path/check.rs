//! Whether a path is legal for a type, and what may stand where it leads.

use super::{Path, PathComponent};
use crate::MAX_DEPTH;
use crate::types::Type;
use crate::value::{Value, suggestion};

/// Why a path is not legal for a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {kind}")]
pub struct PathError {
    /// The path, up to and including the step at fault.
    pub path: Path,
    /// What is wrong with that step.
    pub kind: PathErrorKind,
}

/// What is wrong with a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathErrorKind {
    /// The structure has no such field.
    #[error("{structure} has no field `{name}`{}", suggestion(.near))]
    UnknownField {
        /// The structure.
        structure: String,
        /// The name in the path.
        name: String,
        /// The nearest name that exists.
        near: Option<String>,
    },
    /// The type has no such index.
    #[error("{ty} has {length} items, so the last index is {last}", last = .length - 1)]
    Index {
        /// The type.
        ty: Type,
        /// How many items its values have.
        length: usize,
    },
    /// The key or element has another type.
    #[error("{found} is not a {expected}")]
    Key {
        /// What the map or set takes.
        expected: Type,
        /// What stands in the path.
        found: Value,
    },
    /// The path has more steps than documents have levels.
    #[error("a path has at most {max} steps", max = crate::MAX_DEPTH)]
    TooLong,
    /// The step leads into nothing that the type has.
    #[error("{ty} has no {what}")]
    Step {
        /// The type.
        ty: Type,
        /// What the step looks for.
        what: &'static str,
    },
}

/// What may stand in the place that a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceTypes {
    /// Anything: the path leads through an `any`.
    Any,
    /// A value of one of these types: several only when the path leads through a variant.
    OneOf(Vec<Type>),
}

impl PlaceTypes {
    /// Whether `value` may stand there.
    pub fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(types) => types.iter().any(|ty| ty.admits(value)),
        }
    }

    /// The one type that may stand there, if there is just one.
    pub fn single(&self) -> Option<&Type> {
        match self {
            Self::OneOf(types) => match types.as_slice() {
                [ty] => Some(ty),
                _ => None,
            },
            Self::Any => None,
        }
    }

    /// The types that may stand there; none for anything.
    pub fn types(&self) -> &[Type] {
        match self {
            Self::Any => &[],
            Self::OneOf(types) => types,
        }
    }
}

impl Path {
    /// What may stand where this path leads in a document of type `root`.
    ///
    /// # Errors
    /// When a step is not legal for any type that may stand where it starts.
    pub fn check(&self, root: &Type) -> Result<PlaceTypes, PathError> {
        if self.components().len() >= MAX_DEPTH {
            return Err(PathError { path: self.clone(), kind: PathErrorKind::TooLong });
        }
        let mut types = vec![root.clone()];
        for (index, component) in self.components().iter().enumerate() {
            let mut next = Vec::new();
            let mut first_error = None;
            for ty in &types {
                match step(ty, component) {
                    Ok(None) => return Ok(PlaceTypes::Any),
                    Ok(Some(reached)) => next.extend(reached),
                    Err(kind) => first_error = first_error.or(Some(kind)),
                }
            }
            if let (true, Some(kind)) = (next.is_empty(), first_error) {
                return Err(PathError { path: Path::new(self.components()[..=index].to_vec()), kind });
            }
            next.sort();
            next.dedup();
            types = next;
        }
        Ok(PlaceTypes::OneOf(types))
    }
}

/// The types that one step may reach; none when it leads into an `any`.
pub(super) fn step(ty: &Type, component: &PathComponent) -> Result<Option<Vec<Type>>, PathErrorKind> {
    let no = |what| Err(PathErrorKind::Step { ty: ty.clone(), what });
    let one = |ty: &Type| Ok(Some(vec![ty.clone()]));
    let keyed = |expected: &Type, found: &Value, reached: &Type| {
        if expected.admits(found) {
            one(reached)
        } else {
            Err(PathErrorKind::Key { expected: expected.clone(), found: found.clone() })
        }
    };
    let bounded = |index: u64, length: usize, reached: Type| {
        if index < length as u64 {
            Ok(Some(vec![reached]))
        } else {
            Err(PathErrorKind::Index { ty: ty.clone(), length })
        }
    };
    match (component, ty) {
        (PathComponent::Field(name), Type::Structure(structure)) => match structure.field(name) {
            Some(field) => one(&field.ty),
            None => Err(PathErrorKind::UnknownField {
                structure: structure.name().to_string(),
                name: name.to_string(),
                near: structure.nearest_field(name),
            }),
        },
        (PathComponent::Index(_), Type::Vector(element)) => one(element),
        (PathComponent::Index(index), Type::Vec(vec)) => bounded(*index, vec.size(), vec.element().as_type()),
        (PathComponent::Index(index), Type::Mat(mat)) => {
            bounded(*index, mat.columns(), Type::Vec(std::sync::Arc::new(mat.column())))
        }
        (PathComponent::Index(index), Type::Tuple(types)) => {
            let place = usize::try_from(*index).ok().and_then(|index| types.get(index));
            bounded(*index, types.len(), place.cloned().unwrap_or(Type::Any))
        }
        (PathComponent::Key(key), Type::Map(map)) => keyed(&map.key, key, &map.value),
        (PathComponent::Entry(key), Type::Map(map)) => keyed(&map.key, key, &map.key),
        (PathComponent::Element(element), Type::Set(ty)) => keyed(ty, element, ty),
        (PathComponent::Position(_), Type::XArray(element)) => one(element),
        (PathComponent::Unwrap, Type::Optional(element)) => one(element),
        (PathComponent::Unwrap, Type::Variant(types)) => Ok(Some((**types).clone())),
        (PathComponent::Unwrap, Type::Any) => Ok(None),
        (PathComponent::Field(_), _) => no("fields"),
        (PathComponent::Index(_), _) => no("indexed items"),
        (PathComponent::Key(_) | PathComponent::Entry(_), _) => no("keys"),
        (PathComponent::Element(_), _) => no("members"),
        (PathComponent::Position(_), _) => no("positions"),
        (PathComponent::Unwrap, _) => no("value to unwrap"),
    }
}
