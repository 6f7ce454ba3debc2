//! Telling callers of changes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::metrics::Metrics;
use super::service::{Answers, PATIENCE, Service, blocking, refusal};
use super::tokens::Scope;
use crate::proto;

/// Counts a follower for as long as it is there.
struct Follower(Arc<Metrics>);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.followers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Waits until the server stops.
async fn stopped(stopping: &mut tokio::sync::watch::Receiver<bool>) {
    // An error means that nobody is left to stop it; that is the same.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

pub(super) async fn watch(
    service: &Service,
    request: Request<proto::WatchRequest>,
) -> Result<Response<Answers<proto::Present>>, Status> {
    let call = service.begin("Watch");
    let entered = service.enter(&request, Scope::Read);
    let entry = call.end(entered)?;
    let (notices, answers) = mpsc::channel(1);
    service.metrics.followers.fetch_add(1, Ordering::Relaxed);
    let follower = Follower(service.metrics.clone());
    let mut stopping = service.stopping.clone();
    let access = service.access.clone();
    let metadata = request.metadata().clone();
    tokio::spawn(async move {
        let _follower = follower;
        let mut changed = entry.served.follow();
        changed.mark_changed();
        loop {
            tokio::select! {
                next = changed.changed() => if next.is_err() { return },
                () = notices.closed() => return,
                () = stopped(&mut stopping) => {
                    let stopped = Status::unavailable("the server is shutting down; follow it again when it is back");
                    let _ = timeout(PATIENCE, notices.send(Err(stopped))).await;
                    return;
                }
            }
            changed.mark_unchanged();
            // A token may have been revoked since.
            if let Err(refused) = access.enter(&metadata, Scope::Read) {
                let _ = timeout(PATIENCE, notices.send(Err(refused))).await;
                return;
            }
            let served = entry.served.clone();
            let present = blocking(move || served.present().map_err(|error| refusal(&error))).await;
            let is_end = present.is_err();
            let sent = timeout(PATIENCE, notices.send(present)).await;
            if is_end || !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
    });
    Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
}
