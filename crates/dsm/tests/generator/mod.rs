//! Definitions made from bytes: any bytes make some, so that proptest can shrink them.

use std::sync::Arc;

use anabranch_model::{
    Attachment, Case, Club, Concept, Definition, Definitions, DefinitionsBuilder, Enumeration,
    EnumerationValue, Field, Function, FunctionPool, KeyTarget, MatValue, NameSpace, Numeric, SetValue,
    Structure, StructureValue, TupleValue, Type, TypeName, Uuid, Value, VecValue, VectorValue,
};

/// Names that are words of the language elsewhere, to be met where they are names.
const NAMES: &[&str] = &["a", "is", "Asset", "x", "Y_1", "an", "of", "from", "nil", "e1", "E"];
const MEMBERS: &[&str] =
    &["key", "set", "map", "string", "concept", "struct", "a", "is", "mutable", "value", "void", "true"];
const TEXTS: &[&str] = &[
    "",
    "Plain.",
    "two\nlines",
    "\"quoted\"",
    "\"\"\"",
    "back\\slash",
    "tab\there",
    "é😀",
    "\r\n",
    "// no",
    "\u{1}\u{7f}\u{85}",
];

struct Generator<'a> {
    tape: std::slice::Iter<'a, u8>,
    count: usize,
    namespaces: Vec<NameSpace>,
    concepts: Vec<Arc<Concept>>,
    clubs: Vec<Arc<Club>>,
    enumerations: Vec<Arc<Enumeration>>,
    structures: Vec<Arc<Structure>>,
    builder: DefinitionsBuilder,
}

/// Definitions from bytes.
pub(crate) fn definitions(tape: &[u8]) -> Definitions {
    let mut generator = Generator {
        tape: tape.iter(),
        count: 0,
        namespaces: Vec::new(),
        concepts: Vec::new(),
        clubs: Vec::new(),
        enumerations: Vec::new(),
        structures: Vec::new(),
        builder: DefinitionsBuilder::default(),
    };
    for index in 0..=generator.choose(3) {
        generator.namespaces.push(NameSpace::new(Uuid::from_u128(index as u128 + 1), format!("N{index}")));
    }
    while !generator.tape.as_slice().is_empty() {
        let definition = generator.definition();
        generator.builder.add(definition).unwrap();
    }
    generator.builder.build()
}

impl Generator<'_> {
    /// A number below `count`.
    fn choose(&mut self, count: usize) -> usize {
        usize::from(self.tape.next().copied().unwrap_or(0)) % count
    }

    fn number(&mut self) -> u64 {
        let bytes: [u8; 8] = std::array::from_fn(|_| self.tape.next().copied().unwrap_or(0));
        u64::from_le_bytes(bytes) >> (self.choose(8) * 8)
    }

    fn text(&mut self) -> &'static str {
        TEXTS[self.choose(TEXTS.len())]
    }

    /// A name that nothing else has, for what others refer to.
    fn name(&mut self) -> TypeName {
        let place = self.choose(self.namespaces.len());
        let namespace = self.namespaces[place].clone();
        self.count += 1;
        let word = NAMES[self.choose(NAMES.len())];
        TypeName::new(
            namespace,
            if self.count == 1 { word.to_owned() } else { format!("{word}{}", self.count) },
        )
    }

    /// Different names for the members of one definition.
    fn members(&mut self, least: usize) -> Vec<Arc<str>> {
        let count = least + self.choose(5);
        let start = self.choose(MEMBERS.len());
        (0..count).map(|index| Arc::from(MEMBERS[(start + index) % MEMBERS.len()])).collect()
    }

    fn definition(&mut self) -> Definition {
        let doc = self.text();
        match self.choose(8) {
            0 | 1 => {
                let parent = self.concept();
                let concept = Arc::new(Concept::new(self.name(), doc, parent).unwrap());
                self.concepts.push(concept.clone());
                Definition::Concept(concept)
            }
            2 => {
                let members: Vec<Arc<Concept>> = (0..self.choose(4)).filter_map(|_| self.concept()).collect();
                let club = Arc::new(Club::new(self.name(), doc, members).unwrap());
                self.clubs.push(club.clone());
                Definition::Club(club)
            }
            3 => {
                let names = self.members(1);
                let case = |name| Case { name, documentation: Arc::from(self.text()) };
                let cases = names.into_iter().map(case).collect();
                let enumeration = Arc::new(Enumeration::new(self.name(), doc, cases).unwrap());
                self.enumerations.push(enumeration.clone());
                Definition::Enumeration(enumeration)
            }
            4 | 5 => {
                let fields = self.members(0).into_iter().map(|name| self.field(name)).collect();
                let structure = Arc::new(Structure::new(self.name(), doc, fields).unwrap());
                self.structures.push(structure.clone());
                Definition::Structure(structure)
            }
            6 => {
                let (name, key, document) = (self.name(), self.target(), self.ty(0));
                Definition::Attachment(Arc::new(Attachment::new(name, doc, key, document).unwrap()))
            }
            _ => self.pool(doc),
        }
    }

    fn concept(&mut self) -> Option<Arc<Concept>> {
        let place = self.choose(self.concepts.len() + 1);
        // The chain of parents has a bound.
        self.concepts.get(place).filter(|concept| concept.lineage().count() < 60).cloned()
    }

    fn target(&mut self) -> KeyTarget {
        let place = self.choose(self.concepts.len() + self.clubs.len() + 1);
        if let Some(concept) = self.concepts.get(place) {
            return KeyTarget::Concept(concept.clone());
        }
        self.clubs
            .get(place - self.concepts.len())
            .map_or(KeyTarget::AnyConcept, |club| KeyTarget::Club(club.clone()))
    }

    fn field(&mut self, name: Arc<str>) -> Field {
        let ty = self.ty(0);
        let default = if self.choose(2) == 0 { None } else { self.value(&ty) };
        Field { name, documentation: Arc::from(self.text()), ty, default }
    }

    fn pool(&mut self, doc: &str) -> Definition {
        let over_attachments = self.choose(2) == 1;
        let functions =
            self.members(0).into_iter().map(|name| self.function(name, over_attachments)).collect();
        let name = self.name();
        let uuid = Uuid::from_u128(0x1000 + self.count as u128);
        Definition::FunctionPool(Arc::new(
            FunctionPool::new(uuid, name.name, doc, over_attachments, functions).unwrap(),
        ))
    }

    fn function(&mut self, name: Arc<str>, over_attachments: bool) -> Function {
        Function {
            name,
            documentation: Arc::from(self.text()),
            parameters: self.members(0).into_iter().map(|name| (name, self.ty(0))).collect(),
            result: if self.choose(3) == 0 { None } else { Some(self.ty(0)) },
            is_mutable: over_attachments && self.choose(2) == 1,
        }
    }

    fn ty(&mut self, depth: usize) -> Type {
        let constructors = if depth < 4 { 12 } else { 3 };
        let numeric = |generator: &mut Self| Numeric::ALL[generator.choose(Numeric::ALL.len())];
        match self.choose(constructors) {
            0 => Type::PRIMITIVES[self.choose(Type::PRIMITIVES.len())].clone(),
            1 => match self.choose(self.enumerations.len() + self.structures.len() + 1) {
                0 => Type::key(self.target()),
                place if place <= self.enumerations.len() => {
                    Type::Enumeration(self.enumerations[place - 1].clone())
                }
                place => {
                    let structure = &self.structures[place - 1 - self.enumerations.len()];
                    // The depth of types has a bound, and so has what a value is made of.
                    if structure.depth() < 12 { Type::Structure(structure.clone()) } else { Type::Bool }
                }
            },
            2 => Type::vec(numeric(self), 1 + self.choose(4) as u64).unwrap(),
            3 => Type::mat(numeric(self), 1 + self.choose(4) as u64, 1 + self.choose(4) as u64).unwrap(),
            4 => Type::optional(self.ty(depth + 1)),
            5 | 6 => Type::vector(self.ty(depth + 1)),
            7 => Type::set(self.ty(depth + 1)),
            8 => Type::xarray(self.ty(depth + 1)),
            9 => Type::map(self.ty(depth + 1), self.ty(depth + 1)),
            10 => Type::tuple((0..=self.choose(3)).map(|_| self.ty(depth + 1)).collect()).unwrap(),
            _ => {
                let mut types: Vec<Type> = (0..=self.choose(3)).map(|_| self.ty(depth + 1)).collect();
                types.sort();
                types.dedup();
                Type::variant(types).unwrap()
            }
        }
    }

    fn values<'t>(&mut self, types: impl IntoIterator<Item = &'t Type>) -> Option<Vec<Value>> {
        types.into_iter().map(|ty| self.value(ty)).collect()
    }

    /// A value that a literal can say, if the type has one.
    fn value(&mut self, ty: &Type) -> Option<Value> {
        let repeated = |ty: &Type, count: usize| vec![ty.clone(); count];
        Some(match ty {
            Type::Bool => Value::Bool(self.choose(2) == 1),
            Type::Int8 => Value::Int8(self.number() as i8),
            Type::Int16 => Value::Int16(self.number() as i16),
            Type::Int32 => Value::Int32(self.number() as i32),
            Type::Int64 => Value::Int64(self.number() as i64),
            Type::UInt8 => Value::UInt8(self.number() as u8),
            Type::UInt16 => Value::UInt16(self.number() as u16),
            Type::UInt32 => Value::UInt32(self.number() as u32),
            Type::UInt64 => Value::UInt64(self.number()),
            Type::Float => {
                Value::Float(Some(f32::from_bits(self.number() as u32)).filter(|f| f.is_finite())?)
            }
            Type::Double => Value::Double(Some(f64::from_bits(self.number())).filter(|f| f.is_finite())?),
            Type::String => Value::from(self.text()),
            Type::Uuid => Value::Uuid(Uuid::from_u128(u128::from(self.number()))),
            Type::Enumeration(enumeration) => {
                let case = self.choose(enumeration.cases().len());
                Value::Enumeration(EnumerationValue::new(enumeration.clone(), case)?)
            }
            Type::Vec(vec) => {
                let items = self.values(&repeated(&vec.element().as_type(), vec.size()))?;
                Value::Vec(VecValue::new(vec.clone(), items).unwrap())
            }
            Type::Mat(mat) => {
                let column = Type::Vec(Arc::new(mat.column()));
                Value::Mat(
                    MatValue::new(mat.clone(), self.values(&repeated(&column, mat.columns()))?).unwrap(),
                )
            }
            Type::Tuple(types) => {
                Value::Tuple(TupleValue::new(types.clone(), self.values(types.iter())?).unwrap())
            }
            Type::Vector(element) => {
                let count = 1 + self.choose(3);
                let items = self.values(&repeated(element, count))?;
                Value::Vector(VectorValue::new(element.clone(), items).unwrap())
            }
            Type::Set(element) => {
                let count = 1 + self.choose(3);
                let items = self.values(&repeated(element, count))?;
                Value::Set(SetValue::new(element.clone(), items).unwrap())
            }
            Type::Structure(structure) if !structure.fields().is_empty() => {
                let types: Vec<Type> = structure.fields().iter().map(|field| field.ty.clone()).collect();
                Value::Structure(StructureValue::new(structure.clone(), self.values(&types)?).unwrap())
            }
            _ => return None,
        })
    }
}
