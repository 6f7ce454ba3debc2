//! Paths: where in a document a place is.

use anabranch::model::{PathComponent, PlaceTypes, codec};
use anabranch::{Attachment, Definitions, Path, Type, Value};
use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyString, PyTuple};

use crate::definitions::DefinitionsArgument;
use crate::error::{Failure, Outcome};
use crate::input;
use crate::names::hash_of;
use crate::types::{PyType, TypeArgument, type_object};
use crate::values::{PyValue, list, object, python, value_of};

/// Where in a document a place is.
#[pyclass(name = "PathConst", module = "anabranch", subclass, frozen)]
pub(crate) struct PyPathConst(Path);

/// Where in a document a place is, made step by step. Each step makes a path of its own.
#[pyclass(name = "Path", module = "anabranch", extends = PyPathConst, frozen)]
pub(crate) struct PyPath;

/// A path as an object.
pub(crate) fn path_object(py: Python<'_>, path: Path) -> Outcome<Bound<'_, PyAny>> {
    Ok(Bound::new(py, PyPathConst(path))?.into_any())
}

fn built(py: Python<'_>, path: Path) -> Outcome<Bound<'_, PyPath>> {
    Ok(Bound::new(py, PyClassInitializer::from(PyPathConst(path)).add_subclass(PyPath))?)
}

/// The key of a step: a value, or the value that native input means by itself. Where it is used, the path takes on the
/// types of the document ([`fitted`]).
fn key(object: &Bound<'_, PyAny>) -> Outcome<Value> {
    Ok(Value::deduce(input::native(object)?)?)
}

/// The path that an argument says: a path, or a text that is read by the type of the document.
pub(crate) fn path_of(object: &Bound<'_, PyAny>, root: &Type, definitions: &Definitions) -> Outcome<Path> {
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Path::parse(text.to_cow()?.as_ref(), root, definitions)?);
    }
    Ok(fitted(&object.cast::<PyPathConst>()?.get().0, root))
}

/// As [`path_of`], in the documents of an attachment.
pub(crate) fn path_in(
    object: &Bound<'_, PyAny>,
    attachment: &Attachment,
    definitions: &Definitions,
) -> Outcome<Path> {
    path_of(object, attachment.document_type(), definitions)
}

/// The path with its keys and elements as values of the types that the document has there, where that is possible: a
/// Python number says nothing of `int8` or `int64`.
fn fitted(path: &Path, root: &Type) -> Path {
    let mut fit = Path::root();
    for component in path.components() {
        let place = fit.check(root).ok();
        let wanted = place.as_ref().and_then(PlaceTypes::single);
        let fitting = |value: &Value, ty: &Type| Value::create(ty, value).unwrap_or_else(|_| value.clone());
        let component = match (component, wanted) {
            (PathComponent::Key(key), Some(Type::Map(map))) => PathComponent::Key(fitting(key, &map.key)),
            (PathComponent::Entry(key), Some(Type::Map(map))) => PathComponent::Entry(fitting(key, &map.key)),
            (PathComponent::Element(it), Some(Type::Set(element))) => {
                PathComponent::Element(fitting(it, element))
            }
            (other, _) => other.clone(),
        };
        fit = fit.with(component);
    }
    fit
}

#[pymethods]
impl PyPathConst {
    /// The place in a value.
    #[pyo3(signature = (value: "Value", encoded = true) -> "typing.Any")]
    fn at<'py>(&self, value: &Bound<'py, PyValue>, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
        let root = value.get().cell().value();
        python(value.py(), fitted(&self.0, &root.ty()).at(&root)?.clone(), encoded)
    }

    /// Makes the place in a value another.
    #[pyo3(signature = (value: "Value", place: "typing.Any") -> "None")]
    fn set(&self, value: &Bound<'_, PyValue>, place: &Bound<'_, PyAny>) -> Outcome<()> {
        let cell = value.get().cell();
        cell.replace(self.patched(&cell.value(), place)?);
        Ok(())
    }

    /// A value like this one, but for the place.
    #[pyo3(signature = (value: "Value", place: "typing.Any") -> "Value")]
    fn patch<'py>(
        &self,
        value: &Bound<'py, PyValue>,
        place: &Bound<'py, PyAny>,
    ) -> Outcome<Bound<'py, PyAny>> {
        object(value.py(), self.patched(&value.get().cell().value(), place)?)
    }

    /// The path without its last step; none for the root.
    #[pyo3(signature = () -> "PathConst | None")]
    fn parent<'py>(&self, py: Python<'py>) -> Outcome<Option<Bound<'py, PyAny>>> {
        self.0.parent().map(|parent| path_object(py, parent)).transpose()
    }

    /// The places that this one is in, from the nearest to the document itself.
    #[pyo3(signature = () -> "list[PathConst]")]
    fn ancestors<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        Ok(list(py, self.0.ancestors().map(|path| path_object(py, path)))?.into_any())
    }

    /// The steps: the name of each kind, and the field, index, key, position or element.
    #[pyo3(signature = (encoded = true) -> "list[tuple[str, typing.Any]]")]
    fn components<'py>(&self, py: Python<'py>, encoded: bool) -> Outcome<Bound<'py, PyAny>> {
        let steps = self.0.components().iter().map(|component| {
            let (kind, what) = match component {
                PathComponent::Field(name) => ("field", Some(Value::String(name.clone()))),
                PathComponent::Index(index) => ("index", Some(Value::UInt64(*index))),
                PathComponent::Key(key) => ("key", Some(key.clone())),
                PathComponent::Position(position) => ("position", Some(Value::Uuid(*position))),
                PathComponent::Entry(key) => ("entry", Some(key.clone())),
                PathComponent::Element(element) => ("element", Some(element.clone())),
                PathComponent::Unwrap => ("unwrap", None),
            };
            let what =
                what.map_or_else(|| Ok(py.None().into_bound(py)), |value| python(py, value, encoded))?;
            Ok(PyTuple::new(py, [PyString::new(py, kind).into_any(), what])?.into_any())
        });
        Ok(list(py, steps)?.into_any())
    }

    /// Whether this is the document itself.
    fn is_root(&self) -> bool {
        self.0.is_root()
    }

    /// Whether no step is an entry or element, so that the place can be written.
    fn is_regular(&self) -> bool {
        self.0.is_regular()
    }

    /// The path as far as it is regular.
    #[pyo3(signature = () -> "PathConst")]
    fn regularized<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        path_object(py, self.0.regularized())
    }

    /// The type that stands where the path leads in documents of a type; none where several may.
    #[pyo3(signature = (r#type) -> "Type | None")]
    fn check_type<'py>(&self, py: Python<'py>, r#type: TypeArgument) -> Outcome<Option<Bound<'py, PyAny>>> {
        let ty = r#type.model()?;
        let place = fitted(&self.0, &ty).check(&ty)?;
        let place = match place {
            PlaceTypes::Any => Some(Type::Any),
            other => other.single().cloned(),
        };
        place.map(|ty| type_object(py, PyType::of(ty))).transpose()
    }

    /// Whether the path is legal in documents of a type.
    fn is_applicable(&self, r#type: TypeArgument) -> Outcome<bool> {
        let ty = r#type.model()?;
        Ok(fitted(&self.0, &ty).check(&ty).is_ok())
    }

    /// The path as a text: `.items[0].name`.
    fn representation(&self) -> String {
        self.0.to_string()
    }

    /// The canonical encoding.
    fn encode<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &codec::encode_path(&self.0))
    }

    /// The path that a canonical encoding says.
    #[staticmethod]
    #[pyo3(signature = (encoded, definitions = None))]
    fn decode(encoded: &[u8], definitions: Option<DefinitionsArgument>) -> Outcome<Self> {
        Ok(Self(codec::decode_path(encoded, &definitions.unwrap_or_default().0)?))
    }

    /// The path that a text says in documents of a type.
    #[staticmethod]
    #[pyo3(signature = (text, r#type, definitions = None))]
    fn parse(text: &str, r#type: TypeArgument, definitions: Option<DefinitionsArgument>) -> Outcome<Self> {
        Ok(Self(Path::parse(text, &r#type.model()?, &definitions.unwrap_or_default().0)?))
    }

    /// One step or several further: the name of a field, an index, or a path.
    fn __truediv__<'py>(&self, step: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyPath>> {
        let path = if let Ok(name) = step.cast::<PyString>() {
            self.0.clone().field(&*name.to_cow()?)
        } else if step.is_instance_of::<PyInt>() {
            self.0.clone().index(step.extract()?)
        } else {
            let further = &step.cast::<PyPathConst>()?.get().0;
            further.components().iter().cloned().fold(self.0.clone(), Path::with)
        };
        built(step.py(), path)
    }

    fn __richcmp__<'py>(
        &self,
        py: Python<'py>,
        other: &Bound<'py, PyAny>,
        operation: CompareOp,
    ) -> Bound<'py, PyAny> {
        match other.cast::<PyPathConst>() {
            Ok(other) => pyo3::types::PyBool::new(py, operation.matches(self.0.cmp(&other.get().0)))
                .to_owned()
                .into_any(),
            Err(_) => py.NotImplemented().into_bound(py),
        }
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.0)
    }

    fn __len__(&self) -> usize {
        self.0.components().len()
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        let py = slf.py();
        // As values: a Python number would forget its type.
        let steps = slf.get().components(py, false)?;
        let made = py.get_type::<PyPath>().getattr("_of")?;
        Ok(PyTuple::new(py, [made, PyTuple::new(py, [steps])?.into_any()])?.into_any())
    }
}

impl PyPathConst {
    fn patched(&self, root: &Value, place: &Bound<'_, PyAny>) -> Outcome<Value> {
        let ty = root.ty();
        let path = fitted(&self.0, &ty);
        let value = match path.check(&ty)? {
            PlaceTypes::Any => key(place)?,
            PlaceTypes::OneOf(types) => {
                let mut made: Outcome<Value> = Err(Failure::invalid("the path leads nowhere"));
                for ty in types.iter().rev() {
                    if made.is_err() {
                        made = value_of(place, ty);
                    }
                }
                made?
            }
        };
        Ok(path.patch(root, value)?)
    }
}

macro_rules! steps {
    ($($start:ident, $step:ident, ($($name:ident: $ty:ty, $hint:literal)?), $doc:literal, $make:expr;)*) => {
        #[pymethods]
        impl PyPath {$(
            #[doc = concat!("A path that starts at ", $doc, ".")]
            #[staticmethod]
            #[pyo3(signature = ($($name: $hint)?) -> "Path")]
            fn $start<'py>(py: Python<'py>, $($name: $ty)?) -> Outcome<Bound<'py, PyPath>> {
                let make = $make;
                built(py, make(Path::root(), ($($name)?))?)
            }

            #[doc = concat!("One step further, to ", $doc, ".")]
            #[pyo3(signature = ($($name: $hint)?) -> "Path")]
            fn $step<'py>(slf: &Bound<'py, Self>, $($name: $ty)?) -> Outcome<Bound<'py, PyPath>> {
                let make = $make;
                built(slf.py(), make(slf.as_super().get().0.clone(), ($($name)?))?)
            }
        )*}
    };
}

steps! {
    from_field, field, (name: &str, "str"), "a field of the structure",
        |path: Path, name: &str| Outcome::Ok(path.field(name));
    from_index, index, (index: u64, "int"), "an item of the vector, tuple, `vec` or `mat`",
        |path: Path, index: u64| Outcome::Ok(path.index(index));
    from_key, key, (key: &Bound<'py, PyAny>, "typing.Any"), "the value of a key of the map",
        |path: Path, key: &Bound<'py, PyAny>| Outcome::Ok(path.key(self::key(key)?));
    from_position, position, (position: &Bound<'py, PyAny>, "typing.Any"), "the element at a position of the xarray",
        |path: Path, position: &Bound<'py, PyAny>| Outcome::Ok(path.position(input::uuid(position)?));
    from_unwrap, unwrap, (), "what the optional, variant or `any` holds",
        |path: Path, (): ()| Outcome::Ok(path.unwrap());
    from_entry, entry, (key: &Bound<'py, PyAny>, "typing.Any"), "a key of the map, itself",
        |path: Path, key: &Bound<'py, PyAny>| Outcome::Ok(path.entry(self::key(key)?));
    from_element, element, (element: &Bound<'py, PyAny>, "typing.Any"), "a member of the set",
        |path: Path, element: &Bound<'py, PyAny>| Outcome::Ok(path.element(key(element)?));
}

#[pymethods]
impl PyPath {
    /// The document itself.
    #[new]
    fn new() -> PyClassInitializer<Self> {
        PyClassInitializer::from(PyPathConst(Path::root())).add_subclass(Self)
    }

    /// The steps of another path further.
    #[pyo3(signature = (path) -> "Path")]
    fn path<'py>(slf: &Bound<'py, Self>, path: &Bound<'py, PyPathConst>) -> Outcome<Bound<'py, PyPath>> {
        slf.as_super().get().__truediv__(path.as_any())
    }

    /// The path as one that only answers.
    #[pyo3(signature = () -> "PathConst")]
    fn r#const<'py>(slf: &Bound<'py, Self>) -> Outcome<Bound<'py, PyAny>> {
        path_object(slf.py(), slf.as_super().get().0.clone())
    }

    /// The path of the steps that `components` answers.
    #[staticmethod]
    #[pyo3(signature = (steps: "list[tuple[str, typing.Any]]") -> "PathConst")]
    fn _of<'py>(py: Python<'py>, steps: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
        let mut path = Path::root();
        for step in steps.try_iter()? {
            let (kind, what): (String, Bound<'py, PyAny>) = step?.extract()?;
            path = match kind.as_str() {
                "field" => path.field(what.str()?.to_cow()?.as_ref()),
                "index" => path.index(what.call_method0("__index__")?.extract()?),
                "key" => path.key(key(&what)?),
                "position" => path.position(input::uuid(&what)?),
                "entry" => path.entry(key(&what)?),
                "element" => path.element(key(&what)?),
                _ => path.unwrap(),
            };
        }
        path_object(py, path)
    }
}
