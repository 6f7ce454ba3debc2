//! The pool of blobs: whole, in ranges, as streams.

use std::io::{Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anabranch::engine::storage::{BlobRecord, Statistics};
use anabranch::engine::{GarbageReport, GcOptions};
use anabranch::{BlobLayout, BlobReader, BlobWriter, Database, Value};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
#[cfg(feature = "stubs")]
use pyo3::type_hint_union;
use pyo3::types::{PyBytes, PyMemoryView, PySet, PyString, PyTuple};

use crate::database::PyDatabase;
use crate::error::{Class, Failure, Outcome};
use crate::input;
use crate::values::{BlobIdArgument, PyValue, object};

/// The bytes of anything that has a buffer.
fn content(object: &Bound<'_, PyAny>) -> Outcome<Vec<u8>> {
    if let Ok(value) = object.cast::<PyValue>()
        && let Value::Blob(bytes) = value.get().cell().value()
    {
        return Ok(bytes.to_vec());
    }
    match input::bytes(object)? {
        Some(bytes) => Ok(bytes),
        None => {
            let view = PyMemoryView::from(object)?;
            Ok(view.call_method0("tobytes")?.cast::<PyBytes>()?.as_bytes().to_vec())
        }
    }
}

/// How the bytes of a blob are read: the type of a number, and how many make an element.
#[pyclass(name = "BlobLayout", module = "anabranch", frozen, eq, hash)]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PyBlobLayout(pub(crate) BlobLayout);

/// An argument that says a layout: one, or its text.
pub(crate) struct LayoutArgument(pub(crate) BlobLayout);

impl FromPyObject<'_, '_> for LayoutArgument {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: pyo3::inspect::PyStaticExpr = type_hint_union!(
        pyo3::type_hint_identifier!("anabranch", "BlobLayout"),
        pyo3::type_hint_identifier!("builtins", "str")
    );

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(text) = object.cast::<PyString>() {
            return Ok(Self(text.to_cow()?.parse().map_err(Failure::from)?));
        }
        Ok(Self(object.cast::<PyBlobLayout>()?.get().0))
    }
}

#[pymethods]
impl PyBlobLayout {
    /// The layout of a text (`float-3`), or of a type of numbers and how many make an element; single bytes when nothing is
    /// given.
    #[new]
    #[pyo3(signature = (data_type = "uchar", components = None))]
    fn new(data_type: &str, components: Option<u8>) -> Outcome<Self> {
        let text = match components {
            Some(components) => format!("{data_type}-{components}"),
            None if data_type.contains('-') => data_type.to_owned(),
            None => format!("{data_type}-1"),
        };
        Ok(Self(text.parse()?))
    }

    /// The type of a number: `uchar`, `float`, …
    fn data_type(&self) -> String {
        self.0.element().to_string()
    }

    /// How many numbers make an element.
    fn components(&self) -> u8 {
        self.0.components()
    }

    /// How many bytes an element takes.
    fn byte_count(&self) -> u64 {
        self.0.stride()
    }

    /// The layout as a text: `float-3`.
    fn representation(&self) -> String {
        self.0.to_string()
    }

    /// The type of a number as NumPy and `struct` call it, little endian.
    fn dtype(&self) -> &'static str {
        match self.0.element().name() {
            "uchar" => "|u1",
            "char" => "|i1",
            "ushort" => "<u2",
            "short" => "<i2",
            "uint" => "<u4",
            "int" => "<i4",
            "ulong" => "<u8",
            "long" => "<i8",
            "float" => "<f4",
            _ => "<f8",
        }
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("BlobLayout('{}')", self.0)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (String,)) {
        (slf.get_type().into_any(), (slf.get().0.to_string(),))
    }
}

/// What is known of a blob without reading it.
#[pyclass(name = "BlobInfo", module = "anabranch", frozen)]
pub(crate) struct PyBlobInfo(BlobRecord);

#[pymethods]
impl PyBlobInfo {
    /// What names it.
    #[pyo3(signature = () -> "ValueBlobId")]
    fn blob_id<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        object(py, Value::BlobId(self.0.id))
    }

    /// How its bytes are read.
    fn blob_layout(&self) -> Outcome<PyBlobLayout> {
        Ok(PyBlobLayout(self.0.layout.parse()?))
    }

    /// How many bytes it has.
    fn size(&self) -> u64 {
        self.0.size
    }

    /// When it was stored here: milliseconds since the epoch.
    fn created(&self) -> i64 {
        self.0.created
    }

    fn __repr__(&self) -> String {
        format!("BlobInfo({} {} {} bytes)", self.0.id.short(), self.0.layout, self.0.size)
    }
}

/// How much the pool holds.
#[pyclass(name = "BlobStatistics", module = "anabranch", frozen)]
pub(crate) struct PyBlobStatistics(Statistics);

#[pymethods]
impl PyBlobStatistics {
    /// How many blobs there are.
    fn count(&self) -> u64 {
        self.0.blobs
    }

    /// The sum of their sizes.
    fn total_size(&self) -> u64 {
        self.0.blob_bytes
    }

    /// How many chunks they are made of, which they share.
    fn chunks(&self) -> u64 {
        self.0.chunks
    }

    /// The sum of the sizes of the chunks: what the blobs take.
    fn stored_size(&self) -> u64 {
        self.0.chunk_bytes
    }

    fn __repr__(&self) -> String {
        format!("BlobStatistics({} blobs, {} bytes)", self.0.blobs, self.0.blob_bytes)
    }
}

/// What a collection removed, or would.
#[pyclass(name = "GarbageReport", module = "anabranch", frozen)]
pub(crate) struct PyGarbageReport(GarbageReport);

#[pymethods]
impl PyGarbageReport {
    /// Blobs that no commit refers to.
    fn blobs(&self) -> u64 {
        self.0.blobs
    }

    /// The sum of their sizes.
    fn blob_bytes(&self) -> u64 {
        self.0.blob_bytes
    }

    /// Chunks that no blob uses.
    fn chunks(&self) -> u64 {
        self.0.chunks
    }

    /// The bytes of those chunks.
    fn chunk_bytes(&self) -> u64 {
        self.0.chunk_bytes
    }

    /// Bytes by which the file becomes smaller.
    fn returned_bytes(&self) -> u64 {
        self.0.returned_bytes
    }

    fn __repr__(&self) -> String {
        format!("GarbageReport({} blobs, {} bytes)", self.0.blobs, self.0.blob_bytes)
    }
}

/// A blob in the making: takes bytes until it is closed, which stores them. Works as a file that is written, too.
#[pyclass(name = "BlobStream", module = "anabranch", frozen)]
pub(crate) struct PyBlobStream {
    writer: Mutex<Option<BlobWriter>>,
    id: Mutex<Option<anabranch::BlobId>>,
}

impl PyBlobStream {
    fn append_bytes(&self, py: Python<'_>, bytes: &[u8]) -> Outcome<()> {
        py.detach(|| match &mut *self.writer.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(writer) => Ok(writer.append(bytes)?),
            None => Err(PyValueError::new_err("the stream is closed").into()),
        })
    }

    fn finish(&self, py: Python<'_>) -> Outcome<anabranch::BlobId> {
        py.detach(|| {
            let mut id = self.id.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(id) = *id {
                return Ok(id);
            }
            let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
            let writer = writer.ok_or_else(|| {
                Failure::new(Class::Closed, "closed", "the stream was given up, and stored nothing")
            })?;
            Ok(*id.insert(writer.finish()?))
        })
    }
}

#[pymethods]
impl PyBlobStream {
    /// Appends bytes.
    #[pyo3(signature = (buffer: "typing.Any") -> "None")]
    fn append(&self, buffer: &Bound<'_, PyAny>) -> Outcome<()> {
        self.append_bytes(buffer.py(), &content(buffer)?)
    }

    /// Appends bytes, and answers how many they were.
    #[pyo3(signature = (buffer: "typing.Any") -> "int")]
    fn write(&self, buffer: &Bound<'_, PyAny>) -> Outcome<usize> {
        let bytes = content(buffer)?;
        self.append_bytes(buffer.py(), &bytes)?;
        Ok(bytes.len())
    }

    /// How many bytes were written so far.
    fn size(&self, py: Python<'_>) -> u64 {
        py.detach(|| {
            let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            writer.as_ref().map_or(0, BlobWriter::size)
        })
    }

    /// Stores the blob and answers its id; again the same when it was closed before.
    #[pyo3(signature = () -> "ValueBlobId")]
    fn close<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PyAny>> {
        object(py, Value::BlobId(self.finish(py)?))
    }

    /// The id of the blob, once it is stored.
    #[pyo3(signature = () -> "ValueBlobId | None")]
    fn blob_id<'py>(&self, py: Python<'py>) -> Outcome<Option<Bound<'py, PyAny>>> {
        let id = *self.id.lock().unwrap_or_else(PoisonError::into_inner);
        id.map(|id| object(py, Value::BlobId(id))).transpose()
    }

    /// Whether it takes bytes no more.
    #[getter]
    fn closed(&self) -> bool {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// It is for writing.
    fn writable(&self) -> bool {
        true
    }

    /// Does nothing: only what is closed is a blob.
    fn flush(&self) {}

    fn __enter__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.clone()
    }

    /// Stores the blob, or, after an exception, gives it up.
    #[pyo3(signature = (*exception: "typing.Any") -> "None")]
    fn __exit__(&self, py: Python<'_>, exception: &Bound<'_, PyTuple>) -> Outcome<()> {
        if exception.get_item(0).is_ok_and(|class| !class.is_none()) {
            let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
            py.detach(|| drop(writer));
            return Ok(());
        }
        self.finish(py).map(drop)
    }
}

/// Reads a blob bit by bit, each chunk checked before any byte of it is handed out.
#[pyclass(name = "BlobReader", module = "anabranch", frozen)]
pub(crate) struct PyBlobReader(Mutex<Option<BlobReader>>);

impl PyBlobReader {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        with: impl FnOnce(&mut BlobReader) -> std::io::Result<T> + Send,
    ) -> Outcome<T> {
        py.detach(|| match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(reader) => with(reader).map_err(|error| match error.downcast::<anabranch::Error>() {
                Ok(error) => error.into(),
                Err(error) => PyOSError::new_err(error.to_string()).into(),
            }),
            None => Err(PyValueError::new_err("the reader is closed").into()),
        })
    }
}

#[pymethods]
impl PyBlobReader {
    /// Up to `size` bytes from where the last ones ended; all that are left when it is negative.
    #[pyo3(signature = (size = -1))]
    fn read<'py>(&self, py: Python<'py>, size: i64) -> Outcome<Bound<'py, PyBytes>> {
        let bytes = self.with(py, |reader| {
            let mut bytes = Vec::new();
            match u64::try_from(size) {
                Ok(size) => reader.take(size).read_to_end(&mut bytes)?,
                Err(_) => reader.read_to_end(&mut bytes)?,
            };
            Ok(bytes)
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Goes to a byte: from the start (0), from where it is (1) or from the end (2); answers where it is then.
    #[pyo3(signature = (offset, whence = 0))]
    fn seek(&self, py: Python<'_>, offset: i64, whence: u8) -> Outcome<u64> {
        let to = match whence {
            0 => SeekFrom::Start(u64::try_from(offset).map_err(|_| {
                Failure::from(PyValueError::new_err("a blob cannot be read before its start"))
            })?),
            1 => SeekFrom::Current(offset),
            2 => SeekFrom::End(offset),
            _ => return Err(PyValueError::new_err("whence is 0, 1 or 2").into()),
        };
        self.with(py, |reader| reader.seek(to))
    }

    /// Where the next byte comes from.
    fn tell(&self, py: Python<'_>) -> Outcome<u64> {
        self.with(py, BlobReader::stream_position)
    }

    /// How many bytes the blob has.
    fn size(&self, py: Python<'_>) -> Outcome<u64> {
        self.with(py, |reader| Ok(reader.size()))
    }

    /// Lets go of the blob.
    fn close(&self, py: Python<'_>) {
        let reader = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| drop(reader));
    }
}

#[pymethods]
impl PyDatabase {
    /// Stores bytes as a blob of a layout, and answers its id; one that exists is left as it is.
    #[pyo3(signature = (layout, blob: "typing.Any") -> "ValueBlobId")]
    fn create_blob<'py>(
        &self,
        py: Python<'py>,
        layout: LayoutArgument,
        blob: &Bound<'py, PyAny>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let content = content(blob)?;
        let id = self.ask(py, |database| database.create_blob(layout.0, &content))?;
        object(py, Value::BlobId(id))
    }

    /// As `create_blob`, of anything that has a buffer: a NumPy array, a memory map.
    #[pyo3(signature = (layout, buffer: "typing.Any") -> "ValueBlobId")]
    fn create_blob_from_buffer<'py>(
        &self,
        py: Python<'py>,
        layout: LayoutArgument,
        buffer: &Bound<'py, PyAny>,
    ) -> Outcome<Bound<'py, PyAny>> {
        self.create_blob(py, layout, buffer)
    }

    /// The content of a blob.
    #[pyo3(signature = (blob_id) -> "ValueBlob")]
    fn blob<'py>(&self, py: Python<'py>, blob_id: BlobIdArgument) -> Outcome<Bound<'py, PyAny>> {
        let content = self.ask(py, |database| database.read_blob(blob_id.0))?;
        object(py, Value::Blob(content.into()))
    }

    /// Up to `size` bytes of a blob, from `offset` on.
    #[pyo3(signature = (blob_id, size, offset = 0))]
    fn read_blob<'py>(
        &self,
        py: Python<'py>,
        blob_id: BlobIdArgument,
        size: u64,
        offset: u64,
    ) -> Outcome<Bound<'py, PyBytes>> {
        let range = self.ask(py, |database| database.read_blob_range(blob_id.0, offset, size))?;
        Ok(PyBytes::new(py, &range))
    }

    /// What is known of a blob; none when it is not here.
    fn blob_info(&self, py: Python<'_>, blob_id: BlobIdArgument) -> Outcome<Option<PyBlobInfo>> {
        Ok(self.ask(py, |database| database.blob_info(blob_id.0))?.map(PyBlobInfo))
    }

    /// Whether a blob is here.
    fn blob_exists(&self, py: Python<'_>, blob_id: BlobIdArgument) -> Outcome<bool> {
        self.ask(py, |database| database.blob_exists(blob_id.0))
    }

    /// Every blob.
    #[pyo3(signature = () -> "set[ValueBlobId]")]
    fn blob_ids<'py>(&self, py: Python<'py>) -> Outcome<Bound<'py, PySet>> {
        let set = PySet::empty(py)?;
        for id in self.ask(py, Database::blob_ids)? {
            set.add(object(py, Value::BlobId(id))?)?;
        }
        Ok(set)
    }

    /// How much the pool holds.
    fn blob_statistics(&self, py: Python<'_>) -> Outcome<PyBlobStatistics> {
        self.ask(py, Database::statistics).map(PyBlobStatistics)
    }

    /// Removes blobs that no commit refers to and chunks that no blob uses, when they are older than `grace` seconds; or,
    /// when `dry_run`, only says what it would remove.
    #[pyo3(signature = (grace = 86_400.0, dry_run = false))]
    fn collect_garbage(&self, py: Python<'_>, grace: f64, dry_run: bool) -> Outcome<PyGarbageReport> {
        let grace = Duration::try_from_secs_f64(grace).map_err(|_| {
            Failure::invalid(format!("{grace} is no number of seconds that something can be spared"))
        })?;
        let options = GcOptions { grace, dry_run };
        self.ask(py, |database| database.collect_garbage(&options)).map(PyGarbageReport)
    }

    /// A blob in the making, of a layout.
    fn blob_stream_create(&self, layout: LayoutArgument) -> Outcome<PyBlobStream> {
        let writer = self.open()?.blob_writer(layout.0);
        Ok(PyBlobStream { writer: Mutex::new(Some(writer)), id: Mutex::default() })
    }

    /// Appends bytes to a blob in the making.
    #[pyo3(signature = (stream, buffer: "typing.Any") -> "None")]
    fn blob_stream_append(&self, stream: &Bound<'_, PyBlobStream>, buffer: &Bound<'_, PyAny>) -> Outcome<()> {
        self.open()?;
        stream.get().append(buffer)
    }

    /// Stores a blob that was made bit by bit, and answers its id.
    #[pyo3(signature = (stream) -> "ValueBlobId")]
    fn blob_stream_close<'py>(&self, stream: &Bound<'py, PyBlobStream>) -> Outcome<Bound<'py, PyAny>> {
        self.open()?;
        stream.get().close(stream.py())
    }

    /// A file to write a blob of a layout to: `with database.blob_writer("uchar-1") as file: …`.
    #[pyo3(signature = (layout = LayoutArgument(BlobLayout::BYTES)))]
    fn blob_writer(&self, layout: LayoutArgument) -> Outcome<PyBlobStream> {
        self.blob_stream_create(layout)
    }

    /// Opens a blob to read it bit by bit.
    fn blob_reader_open(&self, py: Python<'_>, blob_id: BlobIdArgument) -> Outcome<PyBlobReader> {
        let reader = self.ask(py, |database| database.open_blob(blob_id.0))?;
        Ok(PyBlobReader(Mutex::new(Some(reader))))
    }

    /// The next bytes of a blob, up to `size`.
    #[pyo3(signature = (reader, size = -1))]
    fn blob_reader_read<'py>(
        &self,
        reader: &Bound<'py, PyBlobReader>,
        size: i64,
    ) -> Outcome<Bound<'py, PyBytes>> {
        self.open()?;
        reader.get().read(reader.py(), size)
    }

    /// Lets go of a blob that was being read.
    fn blob_reader_close(&self, reader: &Bound<'_, PyBlobReader>) {
        reader.get().close(reader.py());
    }

    /// A file to read a blob from: buffered, seekable, and as good as any other.
    #[pyo3(signature = (blob_id) -> "io.BufferedReader")]
    fn open_blob<'py>(&self, py: Python<'py>, blob_id: BlobIdArgument) -> Outcome<Bound<'py, PyAny>> {
        let reader = self.blob_reader_open(py, blob_id)?;
        Ok(py.import("anabranch.blobs")?.getattr("open_reader")?.call1((reader,))?)
    }
}
