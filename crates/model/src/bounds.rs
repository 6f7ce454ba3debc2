//! The bounds of types and values, which keep every walk over them short and every document storable.
//!
//! Types nest at most [`MAX_DEPTH`] deep, so only values under `any` could nest deeper, and only documents with an `any`
//! need to be looked into. A fresh document is bounded in size because a few bytes of definition would otherwise describe
//! one that fills the memory (a tuple of 256 tuples of 256 `vec`s of 4096 numbers).

use crate::MAX_DEPTH;
use crate::types::Type;
use crate::value::{Value, ValueError, ValueErrorKind};

/// The most values, counting every number, that a fresh document may consist of.
pub const MAX_ZERO_SIZE: u64 = 1 << 18;

impl Type {
    /// Whether values of this type may hold values of any type somewhere inside them.
    pub fn holds_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Tuple(types) | Self::Variant(types) => types.iter().any(Type::holds_any),
            Self::Optional(element) | Self::Vector(element) | Self::Set(element) | Self::XArray(element) => {
                element.holds_any()
            }
            Self::Map(map) => map.key.holds_any() || map.value.holds_any(),
            Self::Structure(structure) => structure.holds_any(),
            _ => false,
        }
    }

    /// Of how many values the zero of this type consists, itself and every number counted.
    pub fn zero_size(&self) -> u64 {
        match self {
            Self::Vec(vec) => 1 + vec.size() as u64,
            Self::Mat(mat) => 1 + (mat.columns() * (1 + mat.rows())) as u64,
            Self::Tuple(types) => {
                types.iter().map(Type::zero_size).fold(1, |sum: u64, size| sum.saturating_add(size))
            }
            Self::Variant(types) => types.first().map_or(0, Type::zero_size).saturating_add(1),
            Self::Structure(structure) => structure.zero_size(),
            _ => 1,
        }
    }
}

impl Value {
    /// Of how many values this one consists, itself and every number counted.
    pub fn size(&self) -> u64 {
        let all = |values: &[Value]| values.iter().map(Value::size).fold(1, u64::saturating_add);
        match self {
            Self::Any(v) => 1 + v.get().map_or(0, Value::size),
            Self::Optional(v) => 1 + v.get().map_or(0, Value::size),
            Self::Variant(v) => 1 + v.get().size(),
            Self::Vec(v) => 1 + v.items().len() as u64,
            Self::Map(v) => {
                let entries = v.entries().iter();
                entries
                    .map(|(key, value)| key.size().saturating_add(value.size()))
                    .fold(1, u64::saturating_add)
            }
            Self::XArray(v) => {
                v.values().map(Value::size).fold(1 + v.slots().len() as u64, u64::saturating_add)
            }
            Self::Structure(v) => all(v.fields()),
            other => all(other.as_items()),
        }
    }

    /// Checks that the value nests at most [`MAX_DEPTH`] deep when it stands `above` levels inside a document.
    ///
    /// Whoever records a value calls this: what nests deeper has an encoding that nobody reads. Costs nothing for values
    /// whose type holds no `any`.
    ///
    /// # Errors
    /// When it nests deeper.
    pub fn check_depth(&self, above: usize) -> Result<(), ValueError> {
        if above >= MAX_DEPTH {
            return Err(ValueErrorKind::Depth.into());
        }
        let next = above + 1;
        let is_bounded = |ty: &Type| !ty.holds_any() && next + ty.depth() <= MAX_DEPTH;
        let all = |values: &[Value]| values.iter().try_for_each(|value| value.check_depth(next));
        match self {
            Self::Any(v) => v.get().map_or(Ok(()), |value| value.check_depth(next)),
            Self::Optional(v) if !is_bounded(v.element_type()) => {
                v.get().map_or(Ok(()), |value| value.check_depth(next))
            }
            Self::Variant(v) => v.get().check_depth(next),
            Self::Vector(v) if !is_bounded(v.element_type()) => all(v.items()),
            Self::Set(v) if !is_bounded(v.element_type()) => all(v.items()),
            Self::Map(v) if !(is_bounded(&v.map_type().key) && is_bounded(&v.map_type().value)) => v
                .entries()
                .iter()
                .try_for_each(|(key, value)| key.check_depth(next).and_then(|()| value.check_depth(next))),
            Self::XArray(v) if !is_bounded(v.element_type()) => {
                v.values().try_for_each(|value| value.check_depth(next))
            }
            Self::Tuple(v) => all(v.items()),
            Self::Structure(v) if v.structure().holds_any() || above + v.structure().depth() > MAX_DEPTH => {
                all(v.fields())
            }
            Self::Vec(_) | Self::Mat(_) if next >= MAX_DEPTH => Err(ValueErrorKind::Depth.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{DecodeErrorKind, decode_value, encode_value};
    use crate::definition::{DefinitionError, Structure};
    use crate::fixture::{field, fixture, structure};
    use crate::types::Numeric;
    use crate::value::AnyValue;
    use crate::{NameSpace, TypeName};

    /// `levels` times an `any` in an `any`, the innermost empty.
    fn nested(levels: usize) -> Value {
        (1..levels).fold(Value::zero(&Type::Any), |inner, _| Value::Any(AnyValue::new(inner)))
    }

    #[test]
    fn the_depth_that_is_checked_is_the_depth_that_decodes() {
        let f = fixture();
        for (value, levels) in [(nested(MAX_DEPTH), MAX_DEPTH), (nested(MAX_DEPTH + 1), MAX_DEPTH + 1)] {
            let fits = levels <= MAX_DEPTH;
            let decoded = decode_value(&encode_value(&value), &Type::Any, &f.definitions);
            assert_eq!(value.check_depth(0).is_ok(), fits, "{levels}");
            assert_eq!(decoded.is_ok(), fits, "{levels}");
            if let Err(error) = decoded {
                assert_eq!(error.kind(), &DecodeErrorKind::Depth);
            }
        }
        assert!(nested(10).check_depth(MAX_DEPTH - 10).is_ok());
        assert!(nested(10).check_depth(MAX_DEPTH - 9).is_err());
    }

    #[test]
    fn containers_count_as_levels_under_any() {
        let f = fixture();
        let vec = Type::vec(Numeric::Int8, 2).unwrap();
        let mat = Type::mat(Numeric::Int8, 2, 2).unwrap();
        let tuple = Type::tuple(vec![vec.clone()]).unwrap();
        let optional = Type::optional(vec.clone());
        let structure = Type::Structure(f.account.clone());
        let filled_optional = Value::create(&optional, [1, 2]).unwrap();
        for inner in
            [vec, mat, tuple, structure].map(|ty| Value::zero(&ty)).into_iter().chain([filled_optional])
        {
            let levels = (1..MAX_DEPTH).filter(|levels| {
                let value = (0..*levels).fold(inner.clone(), |inner, _| Value::Any(AnyValue::new(inner)));
                let fits = value.check_depth(0).is_ok();
                let decodes = decode_value(&encode_value(&value), &Type::Any, &f.definitions).is_ok();
                assert_eq!(fits, decodes, "{inner} under {levels}");
                fits
            });
            assert!(levels.count() < MAX_DEPTH - 1, "{inner}");
        }
    }

    #[test]
    fn sizes_count_every_number() {
        let f = fixture();
        assert_eq!(Type::Bool.zero_size(), 1);
        assert_eq!(Type::vec(Numeric::Int8, 3).unwrap().zero_size(), 4);
        assert_eq!(Type::vector(Type::Bool).zero_size(), 1);
        for ty in [Type::mat(Numeric::Float, 2, 3).unwrap(), Type::Structure(f.account.clone())] {
            assert_eq!(ty.zero_size(), Value::zero(&ty).size(), "{ty}");
        }
    }

    #[test]
    fn a_structure_that_starts_huge_is_refused_before_it_is_made() {
        let vec = Type::vec(Numeric::Double, 4096).unwrap();
        let wide = Type::tuple(vec![vec; 256]).unwrap();
        let wider = Type::tuple(vec![wide; 256]).unwrap();
        let name = TypeName::new(NameSpace::new(uuid::Uuid::nil(), "N"), "Bomb");
        let error = Structure::new(name, "", vec![field("a", wider, None)]).unwrap_err();
        assert!(matches!(error, DefinitionError::Size { .. }), "{error}");
        // Nor by doubling, a structure inside the next.
        let mut inner = Type::vec(Numeric::Double, 4096).unwrap();
        let refused = (0..64).find_map(|level| {
            let fields = ["a", "b"].map(|name| field(name, inner.clone(), None)).to_vec();
            let name = TypeName::new(NameSpace::new(uuid::Uuid::nil(), "N"), format!("S{level}"));
            match Structure::new(name, "", fields) {
                Ok(structure) => {
                    inner = Type::Structure(structure.into());
                    None
                }
                Err(error) => Some(error),
            }
        });
        assert!(matches!(refused, Some(DefinitionError::Size { .. })));
    }

    #[test]
    fn a_list_of_what_would_be_huge_is_fine_until_it_is_filled() {
        let vec = Type::vec(Numeric::Double, 4096).unwrap();
        let wide = Type::tuple(vec![vec; 256]).unwrap();
        structure("Lists", vec![field("a", Type::vector(wide), None)]);
    }
}
