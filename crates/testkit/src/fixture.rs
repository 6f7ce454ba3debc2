//! A small model that has every kind of container, nested, so that every opcode has somewhere to go.

use std::sync::Arc;

use anabranch_model::{
    Attachment, Case, Concept, Definition, Definitions, DefinitionsBuilder, Enumeration, Field, Key,
    KeyTarget, NameSpace, Structure, Type, TypeName, Uuid,
};

/// The namespace of the fixture.
pub fn namespace() -> NameSpace {
    NameSpace::new(Uuid::from_u128(0x7e57), "Test")
}

fn name(name: &str) -> TypeName {
    TypeName::new(namespace(), name)
}

/// A field without a doc string or default.
pub fn field(name: &str, ty: Type) -> Field {
    Field { name: name.into(), documentation: "".into(), ty, default: None }
}

/// The definitions of the fixture and what tests take from them.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// All of them.
    pub definitions: Definitions,
    /// What documents attach to.
    pub item: Arc<Concept>,
    /// A kind of item.
    pub special: Arc<Concept>,
    /// Items have one such structure, with every container in it.
    pub doc: Arc<Attachment>,
    /// Items have a bare set of texts.
    pub tags: Arc<Attachment>,
    /// Items have an optional text, which is how documents are removed.
    pub maybe: Arc<Attachment>,
    /// Items have a bare xarray of numbers.
    pub list: Arc<Attachment>,
}

/// Builds the fixture. The same each time, runtime ids included.
pub fn fixture() -> Fixture {
    let item = Arc::new(Concept::new(name("Item"), "", None).expect("a good concept"));
    let special = Arc::new(Concept::new(name("Special"), "", Some(item.clone())).expect("a good concept"));
    let case = |name: &str| Case { name: name.into(), documentation: "".into() };
    let colour = Arc::new(
        Enumeration::new(name("Colour"), "", vec![case("red"), case("green"), case("blue")])
            .expect("a good enumeration"),
    );
    let inner = Arc::new(
        Structure::new(
            name("Inner"),
            "",
            vec![
                field("label", Type::String),
                field("marks", Type::set(Type::Int8)),
                field("colour", Type::Enumeration(colour.clone())),
            ],
        )
        .expect("a good structure"),
    );
    let inner_type = Type::Structure(inner.clone());
    let doc_type = Arc::new(
        Structure::new(
            name("Doc"),
            "",
            vec![
                field("title", Type::String),
                field("count", Type::Int64),
                field("tags", Type::set(Type::String)),
                field("props", Type::map(Type::String, Type::Int32)),
                field("list", Type::xarray(Type::String)),
                field("maybe", Type::optional(inner_type.clone())),
                field("any", Type::Any),
                field(
                    "variant",
                    Type::variant(vec![Type::Int32, Type::String, Type::set(Type::String)])
                        .expect("a variant"),
                ),
                field("inner", inner_type.clone()),
                field("deep", Type::map(Type::String, Type::xarray(inner_type))),
                field("numbers", Type::vector(Type::Double)),
                field("pair", Type::tuple(vec![Type::Bool, Type::String]).expect("a tuple")),
                field("picture", Type::BlobId),
                field("owner", Type::key(KeyTarget::Concept(item.clone()))),
            ],
        )
        .expect("a good structure"),
    );
    let attach = |label: &str, document| {
        let target = KeyTarget::Concept(item.clone());
        Arc::new(Attachment::new(name(label), "", target, document).expect("a good attachment"))
    };
    let doc = attach("doc", Type::Structure(doc_type.clone()));
    let tags = attach("tags", Type::set(Type::String));
    let maybe = attach("maybe", Type::optional(Type::String));
    let list = attach("list", Type::xarray(Type::Int32));
    let mut builder = DefinitionsBuilder::default();
    for definition in [
        Definition::Concept(item.clone()),
        Definition::Concept(special.clone()),
        Definition::Enumeration(colour),
        Definition::Structure(inner),
        Definition::Structure(doc_type),
        Definition::Attachment(doc.clone()),
        Definition::Attachment(tags.clone()),
        Definition::Attachment(maybe.clone()),
        Definition::Attachment(list.clone()),
    ] {
        builder.add(definition).expect("definitions that stand together");
    }
    Fixture { definitions: builder.build(), item, special, doc, tags, maybe, list }
}

impl Fixture {
    /// The key of the item of this number.
    pub fn key(&self, number: u8) -> Key {
        Key::new(self.item.clone(), Uuid::from_u128(0x1000 + u128::from(number)))
    }
}

/// The xarray position of this number; 0 is the zero id, which means the end.
pub fn position(number: u8) -> Uuid {
    Uuid::from_u128(u128::from(number))
}
