//! Accepting connections and serving HTTP/1 on each, until told to stop.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::HotPath;
use crate::front::Front;
use crate::io::{PatientIo, Phase};
use crate::origin::Peer;

/// hyper's hard bound on a request's head, beyond the limits that
/// [`Front`](crate::Front) answers in our shape.
const HEAD_SLACK: usize = 16 << 10;
/// The smallest buffer that hyper accepts.
const MIN_BUFFER: usize = 8 << 10;
/// The first and the longest wait after the system would give no connection.
const ACCEPT_BACKOFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// Serves `front` on `listener` until `shutdown` is ready.
///
/// Then it stops accepting, lets every request in flight finish, for
/// `shutdown_grace` at most, and returns once the last connection is closed.
pub async fn serve<H: HotPath>(
    listener: TcpListener,
    front: Front<H>,
    shutdown: impl Future<Output = ()>,
) {
    let max = front.settings().max_connections.max(1);
    let permits = Arc::new(Semaphore::new(max as usize));
    let (stop, stopping) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer, permit) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(accepted) = accept(&listener, &permits) => accepted,
        };
        tokio::spawn(connection(stream, peer, front.clone(), stopping.clone(), permit));
    }
    drop(listener);
    drop(stop);
    // Each connection holds a permit until it is closed, and closes in time.
    let _ = permits.acquire_many(max).await;
}

/// The next connection, once there is room for it.
///
/// Neither a client that is gone already nor a shortage of descriptors ends the
/// server.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    let (mut backoff, longest) = ACCEPT_BACKOFF;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Some((stream, peer.ip().to_canonical(), permit)),
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "failed to accept a connection");
                tokio::time::sleep(backoff).await;
                backoff = (backoff * 2).min(longest);
            }
        }
    }
}

fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

async fn connection<H: HotPath>(
    stream: TcpStream,
    peer: IpAddr,
    front: Front<H>,
    mut stopping: watch::Receiver<()>,
    permit: OwnedSemaphorePermit,
) {
    // Only costs latency where it cannot be set.
    let _ = stream.set_nodelay(true);
    let settings = front.settings().clone();
    let phase = Phase::default();
    let io = TokioIo::new(PatientIo::new(stream, phase.clone(), &settings));
    // One count of references per connection: that of the front is contended.
    let shared = Arc::new((front, phase));
    let service = service_fn(move |mut request: Request<Incoming>| {
        let shared = Arc::clone(&shared);
        // Only events tell it, and room for it would cost a read an allocation.
        if !request.method().is_safe() {
            request.extensions_mut().insert(Peer(peer));
        }
        async move {
            let (front, phase) = &*shared;
            phase.busy();
            let answer = front.handle(request).await;
            phase.idle();
            Ok::<_, Infallible>(answer)
        }
    });
    let head = settings.max_url_bytes + settings.max_header_bytes + HEAD_SLACK;
    let mut builder = http1::Builder::new();
    // Header and idle timeouts are the socket's: see PatientIo.
    builder.header_read_timeout(None).max_buf_size(head.max(MIN_BUFFER));
    let mut connection = pin!(builder.serve_connection(io, service));
    let stopped = async {
        // An error means that the sender is gone, which is the signal.
        let _ = stopping.changed().await;
    };
    // Errors are the client's: it went away, timed out or spoke no HTTP, and
    // has been told as far as it listens.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stopped => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(settings.shutdown_grace, connection).await;
        }
    }
    drop(permit);
}
