//! Synchronisation.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anabranch::sync::{Cancellation, DEFAULT_PACK_BYTES, Phase, Progress, TransferInfo};
use anabranch::{Mode, Replica, SyncInfo, Synchronizer};
use pyo3::prelude::*;

use crate::database::DatabaseArgument;
use crate::definitions::PyExtendInfo;
use crate::error::{Failure, Outcome};

/// How often a pass that reports nothing looks whether it should stop.
const PATIENCE: Duration = Duration::from_millis(20);

/// Copies between two databases what one has and the other lacks.
///
/// Nothing is reduced, reordered or rewritten: diverging heads stand side by side on both sides then.
#[pyclass(name = "CommitSynchronizer", module = "anabranch", frozen)]
pub(crate) struct PySynchronizer {
    source: DatabaseArgument,
    target: DatabaseArgument,
    mode: Mode,
    pack_bytes: u64,
    /// The change counters after the last pass.
    seen: Mutex<Option<(u64, u64)>>,
}

/// What the thread that copies tells the one that talks to Python.
enum Event {
    Progress(Progress),
    Done(Box<Outcome<SyncInfo>>, Option<(u64, u64)>),
}

/// Whom to tell of a pass.
struct Listeners {
    logging: Option<Py<PyAny>>,
    progress: Option<Py<PyAny>>,
    cancelation: Option<Py<PyCancelation>>,
    phase: Option<Phase>,
}

impl Listeners {
    fn log(&self, py: Python<'_>, message: &str) -> PyResult<()> {
        match &self.logging {
            Some(logging) => logging.call_method1(py, "info", (message,)).map(drop),
            None => Ok(()),
        }
    }

    /// Calls back, and answers whether the pass should go on.
    fn hear(&mut self, py: Python<'_>, event: Option<Progress>) -> PyResult<bool> {
        py.check_signals()?;
        if let Some(progress) = event {
            if self.phase.replace(progress.phase) != Some(progress.phase) {
                self.log(py, &announced(&progress))?;
            }
            if let Some(listener) = &self.progress {
                listener.call1(py, (PyProgress(progress),))?;
            }
        }
        Ok(self.cancelation.as_ref().is_none_or(|cancelation| !cancelation.get().0.is_cancelled()))
    }
}

fn announced(progress: &Progress) -> String {
    match progress.phase {
        Phase::Definitions => "comparing definitions".to_owned(),
        Phase::Negotiation => "finding out what each side lacks".to_owned(),
        Phase::Fetch => format!("fetching {} commits", progress.expected_commits),
        Phase::Push => format!("pushing {} commits", progress.expected_commits),
        _ => "synchronising".to_owned(),
    }
}

#[pymethods]
impl PySynchronizer {
    /// From source to target.
    #[classattr]
    const MODE_FETCH: &'static str = "Fetch";
    /// From target to source.
    #[classattr]
    const MODE_PUSH: &'static str = "Push";
    /// Both, fetch first.
    #[classattr]
    const MODE_SYNC: &'static str = "Sync";

    /// A synchronizer between two databases.
    #[new]
    #[pyo3(signature = (source, target, mode = "Sync", size_of_packed_blobs = DEFAULT_PACK_BYTES))]
    fn new(
        source: DatabaseArgument,
        target: DatabaseArgument,
        mode: &str,
        size_of_packed_blobs: u64,
    ) -> Outcome<Self> {
        Ok(Self {
            source,
            target,
            mode: mode.parse()?,
            pack_bytes: size_of_packed_blobs,
            seen: Mutex::default(),
        })
    }

    /// Which way a pass copies.
    fn mode(&self) -> String {
        self.mode.to_string()
    }

    /// One pass.
    ///
    /// `progress` is called with how far it is, `logging.info` with what it does, and `cancelation` stops it from another
    /// thread; so does Ctrl-C. What was copied until then stays, and the next pass goes on from there.
    #[pyo3(signature = (
        logging: "Logging | logging.Logger | None" = None,
        progress: "typing.Callable[[CommitSynchronizerProgress], typing.Any] | None" = None,
        cancelation: "Cancelation | None" = None
    ) -> "CommitSynchronizerInfo")]
    fn sync(
        &self,
        py: Python<'_>,
        logging: Option<Py<PyAny>>,
        progress: Option<Py<PyAny>>,
        cancelation: Option<Py<PyCancelation>>,
    ) -> Outcome<PySyncInfo> {
        let mut listeners = Listeners { logging, progress, cancelation, phase: None };
        let info = py.detach(|| self.pass(&mut listeners))?;
        let told = [("fetched", &info.fetch), ("pushed", &info.push)]
            .map(|(verb, it)| format!("{verb} {} commits, {} blobs", it.commits, it.blobs));
        listeners.log(py, if info.need_transmit { &told[..] } else { &[] }.join("; ").as_str())?;
        Ok(PySyncInfo(info))
    }
}

impl PySynchronizer {
    /// Copies in a thread of its own, so that this one can listen to Python whatever the copying waits for.
    fn pass(&self, listeners: &mut Listeners) -> Outcome<SyncInfo> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (source, target): (&dyn Replica, &dyn Replica) = (&self.source.0, &self.target.0);
        let mut synchronizer =
            Synchronizer::new(source, target, self.mode).with_pack_bytes(self.pack_bytes).with_seen(seen);
        let cancellation = synchronizer.cancellation();
        let (events, heard) = mpsc::channel();
        let (answer, answered) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let result = synchronizer.sync_with(&mut |progress| {
                    // The pass waits for whoever listens: what they decide holds from here on.
                    if events.send(Event::Progress(progress)).is_ok() {
                        let _: Result<(), mpsc::RecvError> = answered.recv();
                    }
                });
                let _: Result<(), _> =
                    events.send(Event::Done(Box::new(result.map_err(Failure::from)), synchronizer.seen()));
            });
            let mut raised = None;
            loop {
                let event = match heard.recv_timeout(PATIENCE) {
                    Ok(Event::Done(result, seen)) => {
                        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
                        return raised.map_or(*result, |error: PyErr| Err(error.into()));
                    }
                    Ok(Event::Progress(progress)) => Some(progress),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => {
                        return Err(Failure::invalid("the synchronisation ended without an answer"));
                    }
                };
                if raised.is_none() {
                    match Python::attach(|py| listeners.hear(py, event)) {
                        Ok(true) => {}
                        Ok(false) => cancellation.cancel(),
                        Err(error) => {
                            cancellation.cancel();
                            raised = Some(error);
                        }
                    }
                }
                if event.is_some() {
                    let _: Result<(), mpsc::SendError<()>> = answer.send(());
                }
            }
        })
    }
}

/// Stops a pass from another thread.
#[pyclass(name = "Cancelation", module = "anabranch", frozen)]
#[derive(Default)]
pub(crate) struct PyCancelation(Cancellation);

#[pymethods]
impl PyCancelation {
    /// One that stops nothing yet.
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Asks the pass to stop after the batch that it is at.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether that was asked.
    fn is_canceled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// How far a pass is.
#[pyclass(name = "CommitSynchronizerProgress", module = "anabranch", frozen)]
pub(crate) struct PyProgress(Progress);

#[pymethods]
impl PyProgress {
    /// What is being done: `definitions`, `negotiation`, `fetch` or `push`.
    fn phase(&self) -> &'static str {
        match self.0.phase {
            Phase::Definitions => "definitions",
            Phase::Negotiation => "negotiation",
            Phase::Fetch => "fetch",
            Phase::Push => "push",
            _ => "other",
        }
    }

    /// Commits copied in this phase.
    fn commits(&self) -> u64 {
        self.0.commits
    }

    /// Commits to be copied in this phase.
    fn expected_commits(&self) -> u64 {
        self.0.expected_commits
    }

    /// Blobs copied in this phase.
    fn blobs(&self) -> u64 {
        self.0.blobs
    }

    /// Bytes of payloads and blobs copied in this phase.
    fn bytes(&self) -> u64 {
        self.0.bytes
    }

    fn __repr__(&self) -> String {
        format!("{} {}/{} commits", self.phase(), self.0.commits, self.0.expected_commits)
    }
}

/// What a pass did.
#[pyclass(name = "CommitSynchronizerInfo", module = "anabranch", frozen)]
pub(crate) struct PySyncInfo(SyncInfo);

#[pymethods]
impl PySyncInfo {
    /// Whether there was anything to compare: false when neither side changed since the last pass.
    fn need_transmit(&self) -> bool {
        self.0.need_transmit
    }

    /// Whether definitions were added on a side.
    fn updated_definitions(&self) -> bool {
        self.0.updated_definitions
    }

    /// Whether nothing was copied.
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What went from source to target.
    fn fetch(&self) -> PyTransferInfo {
        PyTransferInfo(self.0.fetch)
    }

    /// What went from target to source.
    fn push(&self) -> PyTransferInfo {
        PyTransferInfo(self.0.push)
    }

    fn __repr__(&self) -> String {
        let (fetch, push) = (&self.0.fetch, &self.0.push);
        format!(
            "CommitSynchronizerInfo(fetched {} commits and {} blobs, pushed {} commits and {} blobs)",
            fetch.commits, fetch.blobs, push.commits, push.blobs
        )
    }
}

/// What a pass copied in one direction.
#[pyclass(name = "CommitSynchronizerInfoTransmit", module = "anabranch", frozen)]
pub(crate) struct PyTransferInfo(TransferInfo);

#[pymethods]
impl PyTransferInfo {
    /// Commits that the receiver did not have.
    fn commits(&self) -> u64 {
        self.0.commits
    }

    /// The bytes of their payloads.
    fn commit_bytes(&self) -> u64 {
        self.0.commit_bytes
    }

    /// Blobs that the receiver did not have.
    fn blobs(&self) -> u64 {
        self.0.blobs
    }

    /// The sum of their sizes.
    fn blob_bytes(&self) -> u64 {
        self.0.blob_bytes
    }

    /// Chunks of blobs that were sent: those that the receiver did not have.
    fn chunks(&self) -> u64 {
        self.0.chunks
    }

    /// The bytes of those chunks.
    fn chunk_bytes(&self) -> u64 {
        self.0.chunk_bytes
    }

    /// Definitions that the receiver did not have.
    fn extend_info(&self) -> PyExtendInfo {
        PyExtendInfo(self.0.definitions)
    }

    /// Questions and packs that went between the sides.
    fn round_trips(&self) -> u64 {
        self.0.round_trips
    }

    /// How long it took, in seconds.
    fn duration(&self) -> f64 {
        self.0.duration.as_secs_f64()
    }

    fn __repr__(&self) -> String {
        format!(
            "{} commits ({} bytes), {} blobs ({} bytes)",
            self.0.commits, self.0.commit_bytes, self.0.blobs, self.0.blob_bytes
        )
    }
}
