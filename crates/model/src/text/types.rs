//! Types from text, as DSM writes them.

use super::{Cursor, TextError, TextErrorKind};
use crate::MAX_DEPTH;
use crate::definitions::Definitions;
use crate::name::{TypeName, nearest};
use crate::types::{KeyTarget, Numeric, Type, TypeError};

const CONSTRUCTORS: [&str; 10] =
    ["vec", "mat", "tuple", "optional", "vector", "set", "map", "xarray", "variant", "key"];

impl Type {
    /// The type that a text of DSM describes: `map<string, Tuto::Login>`. A name without a namespace is found if only
    /// one namespace has it.
    ///
    /// # Errors
    /// When the text is no type over these definitions.
    pub fn parse(text: &str, definitions: &Definitions) -> Result<Type, TextError> {
        let mut cursor = Cursor::new(text, definitions);
        let ty = cursor.ty()?;
        cursor.expect_end()?;
        Ok(ty)
    }
}

/// Finds what a name stands for, qualified or, where that is unambiguous, bare.
fn find<'d, T: 'd>(
    name: &str,
    all: impl Iterator<Item = &'d T>,
    name_of: impl Fn(&T) -> &TypeName,
) -> Result<Option<&'d T>, Vec<String>> {
    let mut found = None;
    let mut names = Vec::new();
    for candidate in all {
        let full = name_of(candidate);
        if full.to_string() == name {
            return Ok(Some(candidate));
        }
        if &*full.name == name {
            names.push(full.to_string());
            found = Some(candidate);
        }
    }
    if names.len() > 1 { Err(names) } else { Ok(found) }
}

impl Cursor<'_, '_> {
    /// A type.
    pub(crate) fn ty(&mut self) -> Result<Type, TextError> {
        let start = *self;
        let ty = self.inner_type(0)?;
        if ty.depth() > MAX_DEPTH { Err(start.error(TypeError::Depth)) } else { Ok(ty) }
    }

    fn inner_type(&mut self, depth: usize) -> Result<Type, TextError> {
        self.skip_space();
        let start = *self;
        if depth >= MAX_DEPTH {
            return Err(self.error(TypeError::Depth));
        }
        let name = self.name();
        if name.is_empty() {
            return Err(start.expected("a type"));
        }
        if let Some(primitive) = Type::primitive(name) {
            return Ok(primitive);
        }
        let made = match name {
            "vec" => {
                self.expect("<")?;
                let element = self.numeric()?;
                Type::vec(element, self.size()?)
            }
            "mat" => {
                self.expect("<")?;
                let element = self.numeric()?;
                let columns = self.size()?;
                Type::mat(element, columns, self.size()?)
            }
            "tuple" => Type::tuple(self.separated("<", ">", |c, _| c.inner_type(depth + 1))?),
            "variant" => Type::variant(self.separated("<", ">", |c, _| c.inner_type(depth + 1))?),
            "key" => {
                self.expect("<")?;
                Ok(Type::key(self.target()?))
            }
            "optional" | "vector" | "set" | "xarray" => {
                self.expect("<")?;
                let element = self.inner_type(depth + 1)?;
                Ok(match name {
                    "optional" => Type::optional(element),
                    "vector" => Type::vector(element),
                    "set" => Type::set(element),
                    _ => Type::xarray(element),
                })
            }
            "map" => {
                self.expect("<")?;
                let key = self.inner_type(depth + 1)?;
                self.expect(",")?;
                Ok(Type::map(key, self.inner_type(depth + 1)?))
            }
            _ => return start.definition(name),
        };
        if !matches!(name, "tuple" | "variant") {
            self.expect(">")?;
        }
        made.map_err(|e| start.error(e))
    }

    fn numeric(&mut self) -> Result<Numeric, TextError> {
        self.skip_space();
        let start = *self;
        let name = self.name();
        Type::primitive(name).and_then(|ty| ty.as_numeric()).ok_or_else(|| start.expected("a numeric type"))
    }

    fn size(&mut self) -> Result<u64, TextError> {
        self.expect(",")?;
        let mut next = *self;
        let size = next.run(|c| c.is_ascii_digit()).parse().map_err(|_| self.expected("a size"))?;
        *self = next;
        Ok(size)
    }

    /// A concept, a club or `any_concept`.
    fn target(&mut self) -> Result<KeyTarget, TextError> {
        self.skip_space();
        let start = *self;
        let name = self.name();
        if name == "any_concept" {
            return Ok(KeyTarget::AnyConcept);
        }
        let definitions = self.definitions;
        let concept =
            find(name, definitions.concepts(), |d| d.name()).map_err(|names| start.ambiguous(&names))?;
        let club = find(name, definitions.clubs(), |d| d.name()).map_err(|names| start.ambiguous(&names))?;
        match (concept, club) {
            (Some(concept), None) => Ok(KeyTarget::Concept(concept.clone())),
            (None, Some(club)) => Ok(KeyTarget::Club(club.clone())),
            // One name may stand for a concept and for a club; what is meant cannot be told from it.
            (Some(_), Some(_)) => Err(start.ambiguous(&[format!("concept {name}"), format!("club {name}")])),
            (None, None) => {
                let names =
                    definitions.concepts().map(|d| d.name()).chain(definitions.clubs().map(|d| d.name()));
                Err(start.unknown("concept or club", name, names, &["any_concept"]))
            }
        }
    }

    fn definition(&self, name: &str) -> Result<Type, TextError> {
        let definitions = self.definitions;
        let structure =
            find(name, definitions.structures(), |d| d.name()).map_err(|names| self.ambiguous(&names))?;
        let enumeration =
            find(name, definitions.enumerations(), |d| d.name()).map_err(|names| self.ambiguous(&names))?;
        match (structure, enumeration) {
            (Some(structure), None) => Ok(Type::Structure(structure.clone())),
            (None, Some(enumeration)) => Ok(Type::Enumeration(enumeration.clone())),
            (Some(_), Some(_)) => {
                Err(self.ambiguous(&[format!("structure {name}"), format!("enumeration {name}")]))
            }
            (None, None) => {
                let structures = definitions.structures().map(|d| d.name());
                let names = structures.chain(definitions.enumerations().map(|d| d.name()));
                let primitives = Type::PRIMITIVES.map(|ty| ty.to_string());
                let words: Vec<&str> = primitives.iter().map(String::as_str).chain(CONSTRUCTORS).collect();
                Err(self.unknown("type", name, names, &words))
            }
        }
    }

    fn ambiguous(&self, names: &[String]) -> TextError {
        self.expected(format_args!("one of {}", names.join(", ")))
    }

    fn unknown<'n>(
        &self,
        what: &'static str,
        name: &str,
        names: impl Iterator<Item = &'n TypeName>,
        words: &[&str],
    ) -> TextError {
        if name.is_empty() {
            return self.expected(format_args!("a {what}"));
        }
        // A bare name is compared with bare names.
        let is_bare = !name.contains("::");
        let names: Vec<(String, String)> = names
            .map(|full| (if is_bare { full.name.to_string() } else { full.to_string() }, full.to_string()))
            .collect();
        let candidates = names.iter().map(|(compared, _)| compared.as_str()).chain(words.iter().copied());
        let near = nearest(name, candidates).map(|near| {
            let full = names.iter().find(|(compared, _)| compared == near);
            full.map_or_else(|| near.to_owned(), |(_, full)| full.clone())
        });
        self.error(TextErrorKind::UnknownName { what, name: name.to_owned(), near })
    }
}
