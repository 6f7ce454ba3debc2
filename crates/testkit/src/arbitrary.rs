//! Strategies for definitions, types and values of every kind, for property tests.
//!
//! The edges are drawn often: empty containers, -0.0, NaNs with payloads, the ends of every integer, tombstones, null
//! keys, keys of concepts that are kinds of others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use anabranch_model::definition::Case;
use anabranch_model::{
    AnyValue, Attachment, BlobId, Club, CommitId, Concept, Definition, Definitions, DefinitionsBuilder,
    Enumeration, EnumerationValue, Field, Function, FunctionPool, Key, KeyTarget, MapValue, MatValue,
    NameSpace, Numeric, OptionalValue, Path, PathComponent, SetValue, Structure, StructureValue, TupleValue,
    Type, TypeName, Uuid, Value, VariantValue, VecValue, VectorValue, XArrayValue,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// How deep `any`s nest in one another.
const ANY_DEPTH: u32 = 2;

/// Definitions of every kind, and the parts to make types of.
#[derive(Clone)]
pub struct Model {
    /// All of them.
    pub definitions: Definitions,
    /// Concepts, parents before their kinds.
    pub concepts: Vec<Arc<Concept>>,
    /// Clubs.
    pub clubs: Vec<Arc<Club>>,
    /// Enumerations.
    pub enumerations: Vec<Arc<Enumeration>>,
    /// Structures, those inside before those around them.
    pub structures: Vec<Arc<Structure>>,
}

impl fmt::Debug for Model {
    /// What a person needs to see of a failing case; all of a model would fill the screen.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for concept in &self.concepts {
            let parent =
                concept.parent().map_or_else(String::new, |parent| format!(" is a {}", parent.name()));
            write!(f, "concept {}{parent}; ", concept.name())?;
        }
        for club in &self.clubs {
            let members: Vec<_> = club.members().iter().map(|member| member.name().to_string()).collect();
            write!(f, "club {} of {}; ", club.name(), members.join(", "))?;
        }
        for structure in &self.structures {
            let fields: Vec<_> = structure.fields().iter().map(|field| field.ty.to_string()).collect();
            write!(f, "struct {} of {}; ", structure.name(), fields.join(", "))?;
        }
        Ok(())
    }
}

fn name(kind: &str, index: usize) -> TypeName {
    TypeName::new(NameSpace::new(Uuid::from_u128(0xa7b1), "Any"), format!("{kind}{index}"))
}

/// Any model of a few definitions of each kind.
pub fn models() -> impl Strategy<Value = Model> {
    let parents = vec(any::<Option<Index>>(), 1..5);
    let members = vec(vec(any::<Index>(), 0..3), 0..3);
    let cases = vec(prop_oneof![4 => 1..5_usize, 1 => Just(256)], 1..3);
    (parents, members, cases).prop_flat_map(|(parents, members, cases)| {
        let mut concepts: Vec<Arc<Concept>> = Vec::new();
        for (index, parent) in parents.iter().enumerate() {
            let parent = parent.filter(|_| index > 0).map(|parent| parent.get(&concepts).clone());
            let concept = Concept::new(name("Concept", index), documentation(index), parent);
            concepts.push(Arc::new(concept.expect("a sound concept")));
        }
        let clubs = members.iter().enumerate().map(|(index, members)| {
            let members = members.iter().map(|member| member.get(&concepts).clone()).collect();
            Arc::new(Club::new(name("Club", index), documentation(index), members).expect("a sound club"))
        });
        let clubs = clubs.collect();
        let enumerations = cases.iter().enumerate().map(|(index, count)| {
            let cases = (0..*count).map(|case| Case {
                name: format!("case_{case}").into(),
                documentation: documentation(case).into(),
            });
            let enumeration = Enumeration::new(name("Enumeration", index), "", cases.collect());
            Arc::new(enumeration.expect("a sound enumeration"))
        });
        let enumerations = enumerations.collect();
        let model = Model {
            definitions: Definitions::default(),
            concepts,
            clubs,
            enumerations,
            structures: Vec::new(),
        };
        // Each structure may be made of those before it.
        let none = Just(model).boxed();
        let some =
            (0..3).fold(none, |models, index| models.prop_flat_map(move |m| structures(m, index)).boxed());
        some.prop_flat_map(attachments)
    })
}

fn documentation(index: usize) -> &'static str {
    ["", "Said of it.", "\"quoted\"\n\u{1f600}"][index % 3]
}

fn structures(model: Model, index: usize) -> impl Strategy<Value = Model> {
    let field = types(&model).prop_flat_map({
        let model = model.clone();
        move |ty| {
            // What stands in an `any` of a default might be of a type that comes later.
            let default = if ty.holds_any() {
                Just(None).boxed()
            } else {
                proptest::option::of(values(&ty, &model)).boxed()
            };
            (Just(ty), default)
        }
    });
    vec(field, 0..4).prop_map(move |fields| {
        let fields = fields.into_iter().enumerate().map(|(index, (ty, default))| Field {
            name: format!("field_{index}").into(),
            documentation: documentation(index).into(),
            ty,
            default,
        });
        let structure = Structure::new(name("Structure", index), "", fields.collect());
        let mut model = model.clone();
        model.structures.push(Arc::new(structure.expect("a sound structure")));
        model
    })
}

fn attachments(model: Model) -> impl Strategy<Value = Model> {
    let attachment = (targets(&model), types(&model));
    let function = (vec(types(&model), 0..3), proptest::option::of(types(&model)), any::<bool>());
    (vec(attachment, 0..3), vec(function, 0..3)).prop_map(move |(attachments, functions)| {
        let mut builder = DefinitionsBuilder::default();
        let mut add = |definition| {
            builder.add(definition).expect("definitions that stand together");
        };
        model.concepts.iter().for_each(|d| add(Definition::Concept(d.clone())));
        model.clubs.iter().for_each(|d| add(Definition::Club(d.clone())));
        model.enumerations.iter().for_each(|d| add(Definition::Enumeration(d.clone())));
        model.structures.iter().for_each(|d| add(Definition::Structure(d.clone())));
        for (index, (target, document)) in attachments.into_iter().enumerate() {
            let attachment =
                Attachment::new(name("attachment", index), documentation(index), target, document);
            add(Definition::Attachment(Arc::new(attachment.expect("a sound attachment"))));
        }
        let functions =
            functions.into_iter().enumerate().map(|(index, (types, result, is_mutable))| Function {
                name: format!("function_{index}").into(),
                documentation: documentation(index).into(),
                parameters: types
                    .into_iter()
                    .enumerate()
                    .map(|(i, ty)| (format!("p{i}").into(), ty))
                    .collect(),
                result,
                is_mutable,
            });
        let pool = FunctionPool::new(Uuid::from_u128(7), "Pool", "", true, functions.collect());
        add(Definition::FunctionPool(Arc::new(pool.expect("a sound pool"))));
        Model { definitions: builder.build(), ..model.clone() }
    })
}

/// What a key may refer to in this model.
pub fn targets(model: &Model) -> BoxedStrategy<KeyTarget> {
    let mut targets = vec![KeyTarget::AnyConcept];
    targets.extend(model.concepts.iter().cloned().map(KeyTarget::Concept));
    targets.extend(model.clubs.iter().cloned().map(KeyTarget::Club));
    select(targets).boxed()
}

fn numerics() -> impl Strategy<Value = Numeric> {
    select(Numeric::ALL.to_vec())
}

/// Any type over this model.
pub fn types(model: &Model) -> BoxedStrategy<Type> {
    let mut named: Vec<Type> = model.enumerations.iter().cloned().map(Type::Enumeration).collect();
    named.extend(model.structures.iter().cloned().map(Type::Structure));
    let leaf = prop_oneof![
        4 => select(Type::PRIMITIVES.to_vec()),
        1 => targets(model).prop_map(Type::key),
        2 => select(named),
        1 => (numerics(), 1..5_u64).prop_map(|(n, size)| Type::vec(n, size).expect("a sound size")),
        1 => (numerics(), 1..4_u64, 1..4_u64).prop_map(|(n, c, r)| Type::mat(n, c, r).expect("a sound size")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::optional),
            inner.clone().prop_map(Type::vector),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::xarray),
            (inner.clone(), inner.clone()).prop_map(|(key, value)| Type::map(key, value)),
            vec(inner.clone(), 1..4).prop_map(|types| Type::tuple(types).expect("a sound tuple")),
            vec(inner, 1..4).prop_map(|mut types| {
                types.sort();
                types.dedup();
                Type::variant(types).expect("a sound variant")
            }),
        ]
    })
    .boxed()
}

/// Any value of this type.
pub fn values(ty: &Type, model: &Model) -> BoxedStrategy<Value> {
    values_within(ty, model, ANY_DEPTH)
}

/// A model, a type over it and some values of the type.
pub fn typed_values(count: usize) -> impl Strategy<Value = (Model, Type, Vec<Value>)> {
    models().prop_flat_map(move |model| {
        types(&model).prop_flat_map(move |ty| {
            let values = vec(values(&ty, &model), count);
            (Just(model.clone()), Just(ty), values)
        })
    })
}

fn uuids() -> impl Strategy<Value = Uuid> {
    // Few of them, so that they meet.
    prop_oneof![
        3 => (0..4_u128).prop_map(Uuid::from_u128),
        1 => any::<u128>().prop_map(Uuid::from_u128),
    ]
}

fn doubles() -> impl Strategy<Value = f64> {
    prop_oneof![
        2 => any::<u64>().prop_map(f64::from_bits),
        1 => (-4..4_i32).prop_map(f64::from),
        1 => any::<f32>().prop_map(f64::from),
        1 => any::<u16>().prop_map(|bits| f64::from(bits) / 1024.0),
        1 => select(vec![
            0.0, -0.0, f64::NAN, -f64::NAN, f64::from_bits(0x7ff0_0000_0000_0001), f64::INFINITY,
            f64::NEG_INFINITY, f64::MIN_POSITIVE, 5e-324, f64::MAX, 65504.0, 65520.0, 5.960_464_477_539_063e-8,
        ]),
    ]
}

fn singles() -> impl Strategy<Value = f32> {
    prop_oneof![
        2 => any::<u32>().prop_map(f32::from_bits),
        2 => doubles().prop_map(|number| number as f32),
    ]
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[a-c]{0,3}",
        1 => any::<String>(),
        1 => select(vec!["", "'", "\\", "\"", "\0", "\n\r\t", "e\u{301}", "\u{10ffff}", "]", "entry ", "\u{feff}"])
            .prop_map(str::to_owned),
    ]
}

/// An integer of any of the values, the ends often.
macro_rules! integers {
    ($ty:ty, $variant:ident) => {
        prop_oneof![
            2 => any::<$ty>(),
            1 => select(vec![<$ty>::MIN, <$ty>::MAX, 0, 1, 23, 24]),
            1 => 0..3 as $ty,
        ]
        .prop_map(Value::$variant)
        .boxed()
    };
}

fn values_within(ty: &Type, model: &Model, anys: u32) -> BoxedStrategy<Value> {
    let inner = |ty: &Type| values_within(ty, model, anys);
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Int8 => integers!(i8, Int8),
        Type::Int16 => integers!(i16, Int16),
        Type::Int32 => integers!(i32, Int32),
        Type::Int64 => integers!(i64, Int64),
        Type::UInt8 => integers!(u8, UInt8),
        Type::UInt16 => integers!(u16, UInt16),
        Type::UInt32 => integers!(u32, UInt32),
        Type::UInt64 => integers!(u64, UInt64),
        Type::Float => singles().prop_map(Value::Float).boxed(),
        Type::Double => doubles().prop_map(Value::Double).boxed(),
        Type::String => texts().prop_map(Value::from).boxed(),
        Type::Uuid => uuids().prop_map(Value::Uuid).boxed(),
        Type::Blob => vec(any::<u8>(), 0..40).prop_map(Value::from).boxed(),
        Type::BlobId => {
            prop_oneof![Just([0; 32]), any::<[u8; 32]>()].prop_map(|id| BlobId::from_bytes(id).into()).boxed()
        }
        Type::CommitId => prop_oneof![Just([0; 32]), any::<[u8; 32]>()]
            .prop_map(|id| CommitId::from_bytes(id).into())
            .boxed(),
        Type::Any => any_values(model, anys),
        Type::Vec(ty) => {
            let ty = ty.clone();
            let items = vec(inner(&ty.element().as_type()), ty.size());
            items
                .prop_map(move |items| Value::Vec(VecValue::new(ty.clone(), items).expect("numbers")))
                .boxed()
        }
        Type::Mat(ty) => {
            let ty = ty.clone();
            let column = Type::Vec(Arc::new(ty.column()));
            let columns = vec(inner(&column), ty.columns());
            columns.prop_map(move |c| Value::Mat(MatValue::new(ty.clone(), c).expect("columns"))).boxed()
        }
        Type::Tuple(types) => {
            let types = types.clone();
            let items: Vec<_> = types.iter().map(inner).collect();
            items.prop_map(move |i| Value::Tuple(TupleValue::new(types.clone(), i).expect("items"))).boxed()
        }
        Type::Optional(element) => {
            let element = element.clone();
            let value = proptest::option::of(inner(&element));
            value
                .prop_map(move |v| Value::Optional(OptionalValue::new(element.clone(), v).expect("a value")))
                .boxed()
        }
        Type::Vector(element) => {
            let element = element.clone();
            let items = vec(inner(&element), 0..4);
            items
                .prop_map(move |i| Value::Vector(VectorValue::new(element.clone(), i).expect("items")))
                .boxed()
        }
        Type::Set(element) => {
            let element = element.clone();
            let items = vec(inner(&element), 0..4);
            items.prop_map(move |i| Value::Set(SetValue::new(element.clone(), i).expect("members"))).boxed()
        }
        Type::Map(ty) => {
            let ty = ty.clone();
            let entries = vec((inner(&ty.key), inner(&ty.value)), 0..4);
            entries
                .prop_map(move |entries| {
                    let entries: BTreeMap<Value, Value> = entries.into_iter().collect();
                    let map = MapValue::new(ty.clone(), entries.into_iter().collect());
                    Value::Map(map.expect("entries of different keys"))
                })
                .boxed()
        }
        Type::XArray(element) => {
            let element = element.clone();
            let slots = vec((1..6_u128, proptest::option::of(inner(&element))), 0..5);
            slots
                .prop_map(move |slots| {
                    let mut different: Vec<(Uuid, Option<Value>)> = Vec::new();
                    for (position, value) in slots {
                        let position = Uuid::from_u128(position << 96 | position);
                        if different.iter().all(|(known, _)| *known != position) {
                            different.push((position, value));
                        }
                    }
                    let array = XArrayValue::new(element.clone(), different);
                    Value::XArray(array.expect("different positions"))
                })
                .boxed()
        }
        Type::Variant(types) => {
            let types = types.clone();
            let value = proptest::strategy::Union::new(types.iter().map(inner));
            value.prop_map(move |v| Value::Variant(VariantValue::new(types.clone(), v).expect("one"))).boxed()
        }
        Type::Key(target) => {
            let concepts = model.concepts.iter().filter(|concept| target.admits_concept(concept)).cloned();
            let concepts: Vec<_> = concepts.collect();
            if concepts.is_empty() {
                return Just(Value::Key(Key::null())).boxed();
            }
            let keys = (select(concepts), uuids()).prop_map(|(concept, uuid)| Key::new(concept, uuid));
            prop_oneof![1 => Just(Key::null()), 4 => keys].prop_map(Value::Key).boxed()
        }
        Type::Enumeration(enumeration) => {
            let enumeration = enumeration.clone();
            let case = 0..enumeration.cases().len();
            let value = move |case| EnumerationValue::new(enumeration.clone(), case).expect("a case");
            case.prop_map(move |case| Value::Enumeration(value(case))).boxed()
        }
        Type::Structure(structure) => {
            let structure = structure.clone();
            let fields: Vec<_> = structure.fields().iter().map(|field| inner(&field.ty)).collect();
            let initial = Value::zero(ty);
            let value = move |fields| StructureValue::new(structure.clone(), fields).expect("fields");
            prop_oneof![1 => Just(initial), 4 => fields.prop_map(move |f| Value::Structure(value(f)))].boxed()
        }
    }
}

fn any_values(model: &Model, anys: u32) -> BoxedStrategy<Value> {
    let nothing = Just(AnyValue::empty());
    if anys == 0 {
        return nothing.prop_map(Value::Any).boxed();
    }
    let model = model.clone();
    let something = types(&model).prop_flat_map(move |ty| values_within(&ty, &model, anys - 1));
    prop_oneof![1 => nothing, 3 => something.prop_map(AnyValue::new)].prop_map(Value::Any).boxed()
}

/// The paths of all the places in a value, irregular ones and the root included.
pub fn places(value: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    visit(value, &Path::root(), &mut found);
    found
}

fn visit(value: &Value, here: &Path, found: &mut Vec<Path>) {
    found.push(here.clone());
    match value {
        Value::Any(_) | Value::Optional(_) | Value::Variant(_) => {
            if let Some(inner) = value.unwrapped() {
                visit(inner, &here.clone().unwrap(), found);
            }
        }
        Value::Set(set) => {
            let element = |item: &Value| here.clone().with(PathComponent::Element(item.clone()));
            found.extend(set.items().iter().map(element));
        }
        Value::Map(map) => {
            for (key, value) in map.entries() {
                found.push(here.clone().with(PathComponent::Entry(key.clone())));
                visit(value, &here.clone().key(key.clone()), found);
            }
        }
        Value::XArray(array) => {
            array
                .elements()
                .for_each(|(position, value)| visit(value, &here.clone().position(position), found));
        }
        Value::Structure(structure) => {
            for (field, value) in structure.structure().fields().iter().zip(structure.fields()) {
                visit(value, &here.clone().field(field.name.clone()), found);
            }
        }
        other => {
            for (index, value) in other.as_items().iter().enumerate() {
                visit(value, &here.clone().index(index as u64), found);
            }
        }
    }
}
