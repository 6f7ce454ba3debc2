//! Definitions that the unit tests share.

use std::sync::Arc;

use uuid::Uuid;

use crate::definition::{Attachment, Case, Club, Concept, Definition, Enumeration, Field, Structure};
use crate::definitions::{Definitions, DefinitionsBuilder};
use crate::id::RuntimeId;
use crate::name::{NameSpace, TypeName};
use crate::types::{KeyTarget, Numeric, Type};
use crate::value::Value;

pub(crate) struct Fixture {
    pub(crate) definitions: Definitions,
    pub(crate) user: Arc<Concept>,
    pub(crate) admin: Arc<Concept>,
    pub(crate) stranger: Arc<Concept>,
    pub(crate) everyone: Arc<Club>,
    pub(crate) status: Arc<Enumeration>,
    pub(crate) login: Arc<Structure>,
    pub(crate) account: Arc<Structure>,
}

fn name(name: &str) -> TypeName {
    TypeName::new(NameSpace::new(Uuid::from_u128(0xf00d), "Tuto"), name)
}

pub(crate) fn field(name: &str, ty: Type, default: Option<Value>) -> Field {
    Field { name: name.into(), documentation: "".into(), ty, default }
}

pub(crate) fn structure(called: &str, fields: Vec<Field>) -> Arc<Structure> {
    Arc::new(Structure::new(name(called), "", fields).unwrap())
}

pub(crate) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The model of the specification's examples, with a concept that is a kind of another, one that is not, and a club.
pub(crate) fn fixture() -> Fixture {
    let user = Arc::new(Concept::new(name("User"), "", None).unwrap());
    let admin = Arc::new(Concept::new(name("Admin"), "", Some(user.clone())).unwrap());
    let stranger = Arc::new(Concept::new(name("Stranger"), "", None).unwrap());
    let members = vec![admin.clone(), stranger.clone()];
    let everyone = Arc::new(Club::new(name("Everyone"), "", members).unwrap());
    let cases = ["pending", "active", "completed"];
    let cases = cases.map(|case| Case { name: case.into(), documentation: "".into() }).to_vec();
    let status = Arc::new(Enumeration::new(name("Status"), "", cases).unwrap());
    let login = structure(
        "Login",
        vec![
            field("nickname", Type::String, Some(Value::from("nobody"))),
            field("password", Type::String, None),
        ],
    );
    let account = structure(
        "Account",
        vec![
            field("state", Type::Enumeration(status.clone()), None),
            field("login", Type::Structure(login.clone()), None),
            field("age", Type::Int8, None),
            field("friends", Type::set(Type::key(KeyTarget::Concept(user.clone()))), None),
            field("scores", Type::map(Type::String, Type::vector(Type::Double)), None),
            field("notes", Type::xarray(Type::String), None),
            field("place", Type::vec(Numeric::Float, 2).unwrap(), None),
            field("extra", Type::Any, None),
            field("contact", Type::optional(Type::Structure(login.clone())), None),
        ],
    );
    let attachment = Attachment::new(
        name("account"),
        "",
        KeyTarget::Concept(user.clone()),
        Type::Structure(account.clone()),
    );
    let mut builder = DefinitionsBuilder::default();
    for definition in [
        Definition::Concept(user.clone()),
        Definition::Concept(admin.clone()),
        Definition::Concept(stranger.clone()),
        Definition::Club(everyone.clone()),
        Definition::Enumeration(status.clone()),
        Definition::Structure(login.clone()),
        Definition::Structure(account.clone()),
        Definition::Attachment(Arc::new(attachment.unwrap())),
    ] {
        assert_ne!(definition.runtime_id(), RuntimeId::ZERO);
        builder.add(definition).unwrap();
    }
    Fixture { definitions: builder.build(), user, admin, stranger, everyone, status, login, account }
}
