//! Sets.

use anabranch::model::SetValue;
use anabranch::{Type, Value};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::{Cell, PyValue, python, value_if, value_of};
use crate::error::{Failure, Outcome};
use crate::types::{PyType, TypeArgument, type_object};

/// A `set`: behaves as a set, and iterates in the order of its members.
///
/// Members do not change: what is taken out is a copy.
#[pyclass(module = "anabranch", extends = PyValue, frozen)]
pub(crate) struct ValueSet;

fn member_type(cell: &Cell) -> Type {
    match cell.ty() {
        Type::Set(element) => (*element).clone(),
        other => other,
    }
}

/// What `other` is as a set of the same type.
fn same(cell: &Cell, other: &Bound<'_, PyAny>) -> Outcome<SetValue> {
    let ty = cell.ty();
    let value = match other.cast::<PyValue>() {
        Ok(value) => value.get().cell().value().convert(&ty)?,
        Err(_) => {
            let mut items = Vec::new();
            for item in other.try_iter()? {
                items.push(crate::input::native(&item?)?);
            }
            Value::create(&ty, anabranch::model::Native::Set(items))?
        }
    };
    match value {
        Value::Set(set) => Ok(set),
        other => Err(Failure::invalid(format!("{} is no set", other.ty()))),
    }
}

fn change<R>(cell: &Cell, change: impl FnOnce(&mut SetValue) -> Outcome<R>) -> Outcome<R> {
    cell.edit(&[], |value| match value {
        Value::Set(set) => change(set),
        other => Err(Failure::invalid(format!("{} is no set", other.ty()))),
    })
}

fn own(slf: &Bound<'_, ValueSet>) -> Outcome<SetValue> {
    match slf.as_super().get().cell().value() {
        Value::Set(set) => Ok(set),
        other => Err(Failure::invalid(format!("{} is no set", other.ty()))),
    }
}

fn made<'py>(slf: &Bound<'py, ValueSet>, set: SetValue) -> Outcome<Bound<'py, PyAny>> {
    super::object(slf.py(), Value::Set(set))
}

/// The members of `set` for which `keep` holds.
fn filtered(set: &SetValue, keep: impl Fn(&Value) -> bool) -> Outcome<SetValue> {
    let members = set.items().iter().filter(|member| keep(member)).cloned().collect();
    Ok(SetValue::new(set.element_type().clone(), members)?)
}

#[pymethods]
impl ValueSet {
    /// A set of a type, with these members.
    #[new]
    #[pyo3(signature = (r#type, initial = None))]
    fn new(r#type: TypeArgument, initial: Option<&Bound<'_, PyAny>>) -> Outcome<PyClassInitializer<Self>> {
        let ty = r#type.model()?;
        if !matches!(ty, Type::Set(_)) {
            return Err(Failure::invalid(format!("{ty} is no set")));
        }
        let value = initial.map_or_else(|| Ok(Value::zero(&ty)), |it| value_of(it, &ty))?;
        Ok(PyClassInitializer::from(PyValue::new(value)).add_subclass(Self))
    }

    /// The type of the members.
    #[pyo3(signature = () -> "Type")]
    fn element_type<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        type_object(slf.py(), PyType::of(member_type(slf.as_super().get().cell())))
    }

    /// The members as a list, in order; `Value`s also where Python has its own when not `encoded`.
    #[pyo3(signature = (encoded = true) -> "list[typing.Any]")]
    fn items<'py>(slf: &Bound<'py, Self>, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
        let members = own(slf)?;
        let members = members.items().iter().map(|member| python(slf.py(), member.clone(), encoded));
        Ok(super::list(slf.py(), members)?.into_any())
    }

    /// Makes something a member.
    #[pyo3(signature = (item: "typing.Any"))]
    fn add(slf: &Bound<'_, Self>, item: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        let ty = member_type(cell);
        let one = SetValue::new(ty.clone().into(), vec![value_of(item, &ty)?])?;
        change(cell, |set| Ok(set.union(&one)?))
    }

    /// Removes a member, if it is one.
    #[pyo3(signature = (item: "typing.Any"))]
    fn discard(slf: &Bound<'_, Self>, item: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        let ty = member_type(cell);
        let Some(item) = value_if(item, &ty) else { return Ok(()) };
        let one = SetValue::new(ty.into(), vec![item])?;
        change(cell, |set| Ok(set.subtract(&one)?))
    }

    /// Removes a member, which must be one.
    #[pyo3(signature = (item: "typing.Any"))]
    fn remove(slf: &Bound<'_, Self>, item: &Bound<'_, PyAny>) -> Outcome<()> {
        if !Self::__contains__(slf, item) {
            return Err(PyKeyError::new_err((item.clone().unbind(),)).into());
        }
        Self::discard(slf, item)
    }

    /// Removes the least member and answers it.
    #[pyo3(signature = (encoded = true) -> "typing.Any")]
    fn pop<'py>(slf: &Bound<'py, Self>, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
        let set = own(slf)?;
        let Some(least) = set.items().first() else {
            return Err(PyKeyError::new_err("pop from an empty set").into());
        };
        let one = SetValue::new(set.element_type().clone(), vec![least.clone()])?;
        change(slf.as_super().get().cell(), |set| Ok(set.subtract(&one)?))?;
        python(slf.py(), least.clone(), encoded)
    }

    /// Removes every member.
    fn clear(slf: &Bound<'_, Self>) {
        let cell = slf.as_super().get().cell();
        cell.replace(Value::zero(&cell.ty()));
    }

    /// Adds the members of all the others.
    #[pyo3(signature = (*others: "typing.Iterable[typing.Any]"))]
    fn update(slf: &Bound<'_, Self>, others: &Bound<'_, PyTuple>) -> Outcome<()> {
        let cell = slf.as_super().get().cell();
        for other in others {
            let other = same(cell, &other)?;
            change(cell, |set| Ok(set.union(&other)?))?;
        }
        Ok(())
    }

    /// The members of this and the other.
    #[pyo3(signature = (other: "typing.Iterable[typing.Any]") -> "ValueSet")]
    fn union<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        let mut set = own(slf)?;
        set.union(&same(slf.as_super().get().cell(), other)?)?;
        made(slf, set)
    }

    /// The members that both have.
    #[pyo3(signature = (other: "typing.Iterable[typing.Any]") -> "ValueSet")]
    fn intersection<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        let other = same(slf.as_super().get().cell(), other)?;
        made(slf, filtered(&own(slf)?, |member| other.contains(member))?)
    }

    /// The members that the other has not.
    #[pyo3(signature = (other: "typing.Iterable[typing.Any]") -> "ValueSet")]
    fn difference<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        let mut set = own(slf)?;
        set.subtract(&same(slf.as_super().get().cell(), other)?)?;
        made(slf, set)
    }

    /// The members that one alone has.
    #[pyo3(signature = (other: "typing.Iterable[typing.Any]") -> "ValueSet")]
    fn symmetric_difference<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let (own, other) = (own(slf)?, same(slf.as_super().get().cell(), other)?);
        let mut set = filtered(&own, |member| !other.contains(member))?;
        set.union(&filtered(&other, |member| !own.contains(member))?)?;
        made(slf, set)
    }

    /// Whether every member is one of the other's too.
    #[pyo3(signature = (other: "typing.Iterable[typing.Any]") -> "bool")]
    fn issubset(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> Outcome<bool> {
        let other = same(slf.as_super().get().cell(), other)?;
        Ok(own(slf)?.items().iter().all(|member| other.contains(member)))
    }

    /// Whether every member of the other is one here too.
    #[pyo3(signature = (other: "typing.Iterable[typing.Any]") -> "bool")]
    fn issuperset(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> Outcome<bool> {
        let own = own(slf)?;
        Ok(same(slf.as_super().get().cell(), other)?.items().iter().all(|member| own.contains(member)))
    }

    /// Whether no member is one of the other's.
    #[pyo3(signature = (other: "typing.Iterable[typing.Any]") -> "bool")]
    fn isdisjoint(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> Outcome<bool> {
        let other = same(slf.as_super().get().cell(), other)?;
        Ok(!own(slf)?.items().iter().any(|member| other.contains(member)))
    }

    fn __len__(slf: &Bound<'_, Self>) -> usize {
        slf.as_super().get().cell().len()
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        Ok(Self::items(slf, true)?.try_iter()?.into_any())
    }

    fn __contains__(slf: &Bound<'_, Self>, item: &Bound<'_, PyAny>) -> bool {
        let cell = slf.as_super().get().cell();
        let item = value_if(item, &member_type(cell));
        item.is_some_and(|item| cell.with(|value| matches!(value, Value::Set(set) if set.contains(&item))))
    }

    fn __or__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        Self::union(slf, other)
    }

    fn __and__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        Self::intersection(slf, other)
    }

    fn __sub__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        Self::difference(slf, other)
    }

    fn __xor__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        Self::symmetric_difference(slf, other)
    }

    fn __ior__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> Outcome<()> {
        let other = same(slf.as_super().get().cell(), other)?;
        change(slf.as_super().get().cell(), |set| Ok(set.union(&other)?))
    }

    fn __isub__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> Outcome<()> {
        let other = same(slf.as_super().get().cell(), other)?;
        change(slf.as_super().get().cell(), |set| Ok(set.subtract(&other)?))
    }

    fn __iand__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> Outcome<()> {
        let other = same(slf.as_super().get().cell(), other)?;
        change(slf.as_super().get().cell(), |set| {
            *set = filtered(set, |member| other.contains(member))?;
            Ok(())
        })
    }
}
