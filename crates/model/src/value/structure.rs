//! Values of enumerations and structures.

use std::sync::Arc;

use super::{Value, ValueError, ValueErrorKind};
use crate::definition::{Enumeration, Structure};
use crate::name::nearest;
use crate::types::Type;

/// One case of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumerationValue {
    enumeration: Arc<Enumeration>,
    case: u8,
}

impl EnumerationValue {
    /// The first case, which is the zero.
    pub fn first(enumeration: Arc<Enumeration>) -> Self {
        Self { enumeration, case: 0 }
    }

    /// The case at this place in the declaration, if there is one.
    pub fn new(enumeration: Arc<Enumeration>, case: usize) -> Option<Self> {
        // An enumeration has at most 256 cases.
        (case < enumeration.cases().len()).then_some(Self { enumeration, case: case as u8 })
    }

    /// The case of this name, if there is one.
    pub fn named(enumeration: Arc<Enumeration>, name: &str) -> Option<Self> {
        let case = enumeration.case_index(name)?;
        Self::new(enumeration, case)
    }

    /// The enumeration.
    pub fn enumeration(&self) -> &Arc<Enumeration> {
        &self.enumeration
    }

    /// Where the case stands in the declaration.
    pub fn index(&self) -> usize {
        usize::from(self.case)
    }

    /// What the case is called.
    pub fn name(&self) -> &str {
        &self.enumeration.cases()[self.index()].name
    }
}

/// The fields of a structure, in declared order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructureValue {
    structure: Arc<Structure>,
    fields: Arc<[Value]>,
}

impl StructureValue {
    /// Every field at its default.
    pub fn initial(structure: Arc<Structure>) -> Self {
        let fields = structure.initial().clone();
        Self { structure, fields }
    }

    /// A structure of these fields.
    ///
    /// # Errors
    /// When there are more or fewer fields, or one has another type.
    pub fn new(structure: Arc<Structure>, fields: Vec<Value>) -> Result<Self, ValueError> {
        if fields.len() != structure.fields().len() {
            return Err(ValueErrorKind::Length {
                expected: structure.fields().len(),
                found: fields.len(),
                ty: Type::Structure(structure),
            }
            .into());
        }
        for (field, value) in structure.fields().iter().zip(&fields) {
            super::container::check(&field.ty, value)
                .map_err(|e| e.inside(format_args!(".{}", field.name)))?;
        }
        Ok(Self { structure, fields: fields.into() })
    }

    /// A structure of fields that are known to be of its types.
    pub(crate) fn new_unchecked(structure: Arc<Structure>, fields: impl Into<Arc<[Value]>>) -> Self {
        Self { structure, fields: fields.into() }
    }

    /// The structure that it is a value of.
    pub fn structure(&self) -> &Arc<Structure> {
        &self.structure
    }

    /// The values of the fields, in declared order.
    pub fn fields(&self) -> &[Value] {
        &self.fields
    }

    /// Whether both share one allocation.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.fields, &other.fields)
    }

    /// The value of the field of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.structure.field_index(name).map(|position| &self.fields[position])
    }

    /// Puts a value into the field of this name.
    ///
    /// # Errors
    /// When there is no such field or the value has another type.
    pub fn set(&mut self, name: &str, value: Value) -> Result<(), ValueError> {
        let Some(position) = self.structure.field_index(name) else {
            return Err(self.structure.unknown_field(name));
        };
        let ty = &self.structure.fields()[position].ty;
        super::container::check(ty, &value).map_err(|e| e.inside(format_args!(".{name}")))?;
        Arc::make_mut(&mut self.fields)[position] = value;
        Ok(())
    }

    /// The place of a field for one who keeps to its type.
    pub(crate) fn field_mut(&mut self, position: usize) -> &mut Value {
        &mut Arc::make_mut(&mut self.fields)[position]
    }
}

impl Structure {
    /// The error that there is no field of this name, with the nearest that there is.
    pub(crate) fn unknown_field(&self, name: &str) -> ValueError {
        ValueErrorKind::UnknownField {
            structure: self.name().to_string(),
            name: super::shown(name),
            near: self.nearest_field(name),
        }
        .into()
    }

    /// The field that a person most likely meant.
    pub(crate) fn nearest_field(&self, name: &str) -> Option<String> {
        nearest(name, self.fields().iter().map(|field| &*field.name)).map(str::to_owned)
    }
}

impl Enumeration {
    /// The error that there is no case of this name, with the nearest that there is.
    pub(crate) fn unknown_case(&self, name: &str) -> ValueError {
        ValueErrorKind::UnknownCase {
            enumeration: self.name().to_string(),
            name: super::shown(name),
            near: nearest(name, self.cases().iter().map(|case| &*case.name)).map(str::to_owned),
        }
        .into()
    }
}
