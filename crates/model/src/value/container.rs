//! Containers: every part is checked against the type when it is put in, and shared until it is changed.

use std::sync::Arc;

use super::{Value, ValueError, ValueErrorKind};
use crate::types::{MapType, MatType, Type, VecType};

/// Checks that `value` may stand in a place of type `ty`.
pub(super) fn check(ty: &Type, value: &Value) -> Result<(), ValueError> {
    if ty.admits(value) {
        return Ok(());
    }
    if let (Type::Key(target), Value::Key(key)) = (ty, value)
        && let Some(concept) = key.concept()
    {
        return Err(
            ValueErrorKind::Key { concept: concept.name().to_string(), target: target.to_string() }.into()
        );
    }
    Err(ValueErrorKind::Type { expected: ty.clone(), found: value.ty().to_string() }.into())
}

fn check_all<'a>(ty: &Type, values: impl IntoIterator<Item = &'a Value>) -> Result<(), ValueError> {
    for (index, value) in values.into_iter().enumerate() {
        check(ty, value).map_err(|e| e.inside(format_args!("[{index}]")))?;
    }
    Ok(())
}

fn check_length(ty: impl FnOnce() -> Type, expected: usize, found: usize) -> Result<(), ValueError> {
    if expected == found { Ok(()) } else { Err(ValueErrorKind::Length { ty: ty(), expected, found }.into()) }
}

/// The place of an item; one that is not there costs no copy.
fn item_mut(items: &mut Arc<[Value]>, index: usize) -> Option<&mut Value> {
    if index < items.len() { Arc::make_mut(items).get_mut(index) } else { None }
}

/// Nothing, or a value of any type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyValue {
    value: Option<Arc<Value>>,
}

impl AnyValue {
    /// Nothing.
    pub const fn empty() -> Self {
        Self { value: None }
    }

    /// This value.
    pub fn new(value: Value) -> Self {
        Self { value: Some(Arc::new(value)) }
    }

    /// What it holds, if anything.
    pub fn get(&self) -> Option<&Value> {
        self.value.as_deref()
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut Value> {
        self.value.as_mut().map(Arc::make_mut)
    }
}

/// A fixed number of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VecValue {
    ty: Arc<VecType>,
    items: Arc<[Value]>,
}

impl VecValue {
    /// Zeros.
    pub fn zero(ty: &Arc<VecType>) -> Self {
        let zero = Value::zero(&ty.element().as_type());
        Self { ty: ty.clone(), items: std::iter::repeat_n(zero, ty.size()).collect() }
    }

    /// These numbers.
    ///
    /// # Errors
    /// When there are more or fewer than the type says, or one is of another type.
    pub fn new(ty: Arc<VecType>, items: Vec<Value>) -> Result<Self, ValueError> {
        check_length(|| Type::Vec(ty.clone()), ty.size(), items.len())?;
        check_all(&ty.element().as_type(), items.iter())?;
        Ok(Self { ty, items: items.into() })
    }

    pub(crate) fn new_unchecked(ty: Arc<VecType>, items: impl Into<Arc<[Value]>>) -> Self {
        Self { ty, items: items.into() }
    }

    /// Its type.
    pub fn vec_type(&self) -> &Arc<VecType> {
        &self.ty
    }

    /// The numbers.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    pub(crate) fn item_mut(&mut self, index: usize) -> Option<&mut Value> {
        item_mut(&mut self.items, index)
    }
}

/// Columns of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatValue {
    ty: Arc<MatType>,
    columns: Arc<[Value]>,
}

impl MatValue {
    /// Ones on the diagonal, zeros elsewhere.
    pub fn identity(ty: &Arc<MatType>) -> Self {
        let element = ty.element().as_type();
        let (zero, one) = (Value::zero(&element), one(&element));
        let column_type = Arc::new(ty.column());
        let columns = (0..ty.columns())
            .map(|column| {
                let number = |row| if row == column { one.clone() } else { zero.clone() };
                let items: Arc<[Value]> = (0..ty.rows()).map(number).collect();
                Value::Vec(VecValue::new_unchecked(column_type.clone(), items))
            })
            .collect();
        Self { ty: ty.clone(), columns }
    }

    /// These columns, each a `vec`.
    ///
    /// # Errors
    /// When there are more or fewer than the type says, or one is of another type.
    pub fn new(ty: Arc<MatType>, columns: Vec<Value>) -> Result<Self, ValueError> {
        check_length(|| Type::Mat(ty.clone()), ty.columns(), columns.len())?;
        check_all(&Type::Vec(Arc::new(ty.column())), columns.iter())?;
        Ok(Self { ty, columns: columns.into() })
    }

    pub(crate) fn new_unchecked(ty: Arc<MatType>, columns: impl Into<Arc<[Value]>>) -> Self {
        Self { ty, columns: columns.into() }
    }

    /// Its type.
    pub fn mat_type(&self) -> &Arc<MatType> {
        &self.ty
    }

    /// The columns, each a `vec`.
    pub fn columns(&self) -> &[Value] {
        &self.columns
    }

    pub(crate) fn column_mut(&mut self, index: usize) -> Option<&mut Value> {
        item_mut(&mut self.columns, index)
    }
}

/// The one of a numeric type.
fn one(ty: &Type) -> Value {
    match ty {
        Type::Int8 => Value::Int8(1),
        Type::Int16 => Value::Int16(1),
        Type::Int32 => Value::Int32(1),
        Type::Int64 => Value::Int64(1),
        Type::UInt8 => Value::UInt8(1),
        Type::UInt16 => Value::UInt16(1),
        Type::UInt32 => Value::UInt32(1),
        Type::UInt64 => Value::UInt64(1),
        Type::Float => Value::Float(1.0),
        Type::Double => Value::Double(1.0),
        other => Value::zero(other),
    }
}

/// One value per type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TupleValue {
    types: Arc<Vec<Type>>,
    items: Arc<[Value]>,
}

impl TupleValue {
    /// The zero of each type.
    pub fn zero(types: &Arc<Vec<Type>>) -> Self {
        Self { types: types.clone(), items: types.iter().map(Value::zero).collect() }
    }

    /// These values.
    ///
    /// # Errors
    /// When there are more or fewer than types, or one is of another type.
    pub fn new(types: Arc<Vec<Type>>, items: Vec<Value>) -> Result<Self, ValueError> {
        check_length(|| Type::Tuple(types.clone()), types.len(), items.len())?;
        for (index, (ty, item)) in types.iter().zip(&items).enumerate() {
            check(ty, item).map_err(|e| e.inside(format_args!("[{index}]")))?;
        }
        Ok(Self { types, items: items.into() })
    }

    pub(crate) fn new_unchecked(types: Arc<Vec<Type>>, items: impl Into<Arc<[Value]>>) -> Self {
        Self { types, items: items.into() }
    }

    /// The types of the items.
    pub fn types(&self) -> &Arc<Vec<Type>> {
        &self.types
    }

    /// The items.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    pub(crate) fn item_mut(&mut self, index: usize) -> Option<&mut Value> {
        item_mut(&mut self.items, index)
    }
}

/// Nil or a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionalValue {
    element: Arc<Type>,
    value: Option<Arc<Value>>,
}

impl OptionalValue {
    /// Nil.
    pub const fn nil(element: Arc<Type>) -> Self {
        Self { element, value: None }
    }

    /// This value, or nil.
    ///
    /// # Errors
    /// When the value is of another type.
    pub fn new(element: Arc<Type>, value: Option<Value>) -> Result<Self, ValueError> {
        if let Some(value) = &value {
            check(&element, value)?;
        }
        Ok(Self::new_unchecked(element, value))
    }

    pub(crate) fn new_unchecked(element: Arc<Type>, value: Option<Value>) -> Self {
        Self { element, value: value.map(Arc::new) }
    }

    /// The type of the value.
    pub fn element_type(&self) -> &Arc<Type> {
        &self.element
    }

    /// The value, if it is not nil.
    pub fn get(&self) -> Option<&Value> {
        self.value.as_deref()
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut Value> {
        self.value.as_mut().map(Arc::make_mut)
    }
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorValue {
    element: Arc<Type>,
    items: Arc<[Value]>,
}

impl VectorValue {
    /// No item.
    pub fn empty(element: Arc<Type>) -> Self {
        Self { element, items: Arc::default() }
    }

    /// These items.
    ///
    /// # Errors
    /// When one is of another type.
    pub fn new(element: Arc<Type>, items: Vec<Value>) -> Result<Self, ValueError> {
        check_all(&element, items.iter())?;
        Ok(Self { element, items: items.into() })
    }

    pub(crate) fn new_unchecked(element: Arc<Type>, items: impl Into<Arc<[Value]>>) -> Self {
        Self { element, items: items.into() }
    }

    /// The type of the items.
    pub fn element_type(&self) -> &Arc<Type> {
        &self.element
    }

    /// The items, in order.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    pub(crate) fn item_mut(&mut self, index: usize) -> Option<&mut Value> {
        item_mut(&mut self.items, index)
    }
}

/// Different values, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetValue {
    element: Arc<Type>,
    items: Arc<Vec<Value>>,
}

impl SetValue {
    /// No member.
    pub fn empty(element: Arc<Type>) -> Self {
        Self { element, items: Arc::default() }
    }

    /// These members, in any order; one that stands twice is one member.
    ///
    /// # Errors
    /// When one is of another type.
    pub fn new(element: Arc<Type>, mut items: Vec<Value>) -> Result<Self, ValueError> {
        check_all(&element, items.iter())?;
        items.sort_unstable();
        items.dedup();
        Ok(Self { element, items: Arc::new(items) })
    }

    /// Members that are known to be of the type and in strictly ascending order.
    pub(crate) fn new_unchecked(element: Arc<Type>, items: Vec<Value>) -> Self {
        Self { element, items: Arc::new(items) }
    }

    /// The type of the members.
    pub fn element_type(&self) -> &Arc<Type> {
        &self.element
    }

    /// The members, ascending.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    /// Whether this is a member. Logarithmic.
    pub fn contains(&self, item: &Value) -> bool {
        self.items.binary_search(item).is_ok()
    }

    /// Adds the members of `other`.
    ///
    /// # Errors
    /// When its members are of another type.
    pub fn union(&mut self, other: &SetValue) -> Result<(), ValueError> {
        self.check_same(other)?;
        if other.items.iter().all(|item| self.contains(item)) {
            return Ok(());
        }
        let items = Arc::make_mut(&mut self.items);
        if let [single] = other.items() {
            if let Err(place) = items.binary_search(single) {
                items.insert(place, single.clone());
            }
        } else {
            items.extend(other.items.iter().cloned());
            items.sort();
            items.dedup();
        }
        Ok(())
    }

    /// Removes the members of `other`.
    ///
    /// # Errors
    /// When its members are of another type.
    pub fn subtract(&mut self, other: &SetValue) -> Result<(), ValueError> {
        self.check_same(other)?;
        if other.items.iter().any(|item| self.contains(item)) {
            Arc::make_mut(&mut self.items).retain(|item| !other.contains(item));
        }
        Ok(())
    }

    fn check_same(&self, other: &SetValue) -> Result<(), ValueError> {
        check(&Type::Set(self.element.clone()), &Value::Set(other.clone()))
    }
}

/// Values by key, in the order of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapValue {
    ty: Arc<MapType>,
    entries: Arc<Vec<(Value, Value)>>,
}

impl MapValue {
    /// No entry.
    pub fn empty(ty: Arc<MapType>) -> Self {
        Self { ty, entries: Arc::default() }
    }

    /// These entries, in any order.
    ///
    /// # Errors
    /// When a key or value is of another type, or a key stands twice.
    pub fn new(ty: Arc<MapType>, mut entries: Vec<(Value, Value)>) -> Result<Self, ValueError> {
        for (key, value) in &entries {
            check(&ty.key, key).map_err(|e| e.inside(format_args!("[{key}]")))?;
            check(&ty.value, value).map_err(|e| e.inside(format_args!("[{key}]")))?;
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(ValueErrorKind::DuplicateKey { key: pair[0].0.to_string() }.into());
        }
        Ok(Self { ty, entries: Arc::new(entries) })
    }

    /// Entries that are known to be of the types and in strictly ascending order of keys.
    pub(crate) fn new_unchecked(ty: Arc<MapType>, entries: Vec<(Value, Value)>) -> Self {
        Self { ty, entries: Arc::new(entries) }
    }

    /// Its type.
    pub fn map_type(&self) -> &Arc<MapType> {
        &self.ty
    }

    /// The entries, in ascending order of keys.
    pub fn entries(&self) -> &[(Value, Value)] {
        &self.entries
    }

    /// The value of a key. Logarithmic.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.find(key).ok().map(|place| &self.entries[place].1)
    }

    pub(crate) fn get_mut(&mut self, key: &Value) -> Option<&mut Value> {
        let place = self.find(key).ok()?;
        Some(&mut Arc::make_mut(&mut self.entries)[place].1)
    }

    /// Gives a key this value, whether it had one or not.
    ///
    /// # Errors
    /// When the key or the value is of another type.
    pub fn insert(&mut self, key: Value, value: Value) -> Result<(), ValueError> {
        check(&self.ty.key, &key).map_err(|e| e.inside(format_args!("[{key}]")))?;
        check(&self.ty.value, &value).map_err(|e| e.inside(format_args!("[{key}]")))?;
        self.insert_unchecked(key, value);
        Ok(())
    }

    pub(crate) fn insert_unchecked(&mut self, key: Value, value: Value) {
        let place = self.find(&key);
        let entries = Arc::make_mut(&mut self.entries);
        match place {
            Ok(place) => entries[place].1 = value,
            Err(place) => entries.insert(place, (key, value)),
        }
    }

    /// Adds the entries of `other`, replacing the values of keys that are here.
    ///
    /// # Errors
    /// When `other` is of another type.
    pub fn union(&mut self, other: &MapValue) -> Result<(), ValueError> {
        /// So many insertions cost less than a new list of entries.
        const FEW: usize = 4;
        self.check_same(other)?;
        if other.entries.len() <= FEW {
            for (key, value) in other.entries() {
                self.insert_unchecked(key.clone(), value.clone());
            }
            return Ok(());
        }
        let ours = std::mem::take(Arc::make_mut(&mut self.entries));
        let mut merged = Vec::with_capacity(ours.len() + other.entries.len());
        let mut theirs = other.entries().iter().peekable();
        for entry in ours {
            while let Some(before) = theirs.next_if(|(key, _)| *key < entry.0) {
                merged.push(before.clone());
            }
            merged.push(theirs.next_if(|(key, _)| *key == entry.0).cloned().unwrap_or(entry));
        }
        merged.extend(theirs.cloned());
        self.entries = Arc::new(merged);
        Ok(())
    }

    /// Replaces the values of those keys of `other` that are here; the others are ignored.
    ///
    /// # Errors
    /// When `other` is of another type.
    pub fn update(&mut self, other: &MapValue) -> Result<(), ValueError> {
        self.check_same(other)?;
        for (key, value) in other.entries() {
            if let Some(place) = self.get_mut(key) {
                *place = value.clone();
            }
        }
        Ok(())
    }

    /// Removes the entries of these keys.
    ///
    /// # Errors
    /// When the keys are of another type.
    pub fn subtract(&mut self, keys: &SetValue) -> Result<(), ValueError> {
        check(&Type::set(self.ty.key.clone()), &Value::Set(keys.clone()))?;
        if keys.items().iter().any(|key| self.find(key).is_ok()) {
            Arc::make_mut(&mut self.entries).retain(|(key, _)| !keys.contains(key));
        }
        Ok(())
    }

    fn check_same(&self, other: &MapValue) -> Result<(), ValueError> {
        check(&Type::Map(self.ty.clone()), &Value::Map(other.clone()))
    }

    fn find(&self, key: &Value) -> Result<usize, usize> {
        self.entries.binary_search_by(|(present, _)| present.cmp(key))
    }
}

/// A value of one of the listed types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantValue {
    types: Arc<Vec<Type>>,
    index: u8,
    value: Arc<Value>,
}

impl VariantValue {
    /// The zero of the first type.
    pub fn zero(types: &Arc<Vec<Type>>) -> Self {
        // A variant lists at least one type.
        let value = types.first().map_or(Value::Bool(false), Value::zero);
        Self { types: types.clone(), index: 0, value: Arc::new(value) }
    }

    /// This value, as the first of the types that admits it.
    ///
    /// # Errors
    /// When none does.
    pub fn new(types: Arc<Vec<Type>>, value: Value) -> Result<Self, ValueError> {
        match types.iter().position(|ty| ty.admits(&value)) {
            Some(index) => Ok(Self::new_unchecked(types, index, value)),
            None => {
                Err(ValueErrorKind::Type { expected: Type::Variant(types), found: value.ty().to_string() }
                    .into())
            }
        }
    }

    /// This value, which is known to be of the type at this index and of none before.
    pub(crate) fn new_unchecked(types: Arc<Vec<Type>>, index: usize, value: Value) -> Self {
        // A variant lists at most 256 types.
        Self { types, index: index as u8, value: Arc::new(value) }
    }

    /// The types that it may be of.
    pub fn types(&self) -> &Arc<Vec<Type>> {
        &self.types
    }

    /// Which of the types it is of.
    pub fn index(&self) -> usize {
        usize::from(self.index)
    }

    /// The type that it is of.
    pub fn selected(&self) -> &Type {
        &self.types[self.index()]
    }

    /// The value.
    pub fn get(&self) -> &Value {
        &self.value
    }

    pub(crate) fn get_mut(&mut self) -> &mut Value {
        Arc::make_mut(&mut self.value)
    }
}
