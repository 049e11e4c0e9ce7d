//! `rollbook serve`: bind, open, print where to reach it, answer until told to stop.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use anyhow::{Context, Result};
use rollbook_http::{Api, Front, HttpSettings, Metrics, TraceIds};
use rollbook_ops::webhooks::Counts;
use rollbook_ops::{Ctx, instances, operator_hash};
use rollbook_store::DirectoryStats;
use rollbook_worker::Retention;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::catalog::worded;
use crate::options::Settings;
use crate::{alone, assemble};

/// What to do when another process has the store.
const BESIDE_ANOTHER: &str =
    "wait for it if it is an import; of servers, only PostgreSQL serves several";

pub(crate) async fn serve(settings: &Settings) -> Result<ExitCode> {
    // Before anything else, so that no signal finds the default action.
    let mut terminate = signal(SignalKind::terminate()).context("failed to await SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("failed to await SIGINT")?;
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("failed to listen on {}", settings.listen))?;
    let address = listener.local_addr().context("failed to read the address listened on")?;
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));

    let mailer = assemble::mailer(settings)?;
    let _alone = alone::lock(settings, BESIDE_ANOTHER)?;
    let ctx = assemble::context(settings, url.clone()).await?;
    if settings.directory_bytes > 0 {
        ctx.db.keep_directories(settings.directory_bytes).context("failed to start a thread")?;
    }
    let first = instances::ensure_first(&ctx, settings.secret_key.clone()).await.map_err(worded)?;
    let known_key = match &first {
        Some(created) => Some(created.key.secret.to_string()),
        None => settings.secret_key.clone().filter(|key| opens(&ctx, key)),
    };

    let metrics = Arc::new(Metrics::new());
    gauges(&metrics, &ctx);
    let operator = settings.admin_token.as_deref().map(operator_hash);
    let api = Api::new(ctx.clone(), operator, Arc::clone(&metrics));
    let trace_ids = TraceIds::new(u128::from_ne_bytes(ctx.entropy.bytes()));
    let router = api.router();
    let front = Front::new(api, router, HttpSettings::default(), trace_ids, metrics);

    let retention = Retention { outbox_days: settings.outbox_days };
    let mut worker = tokio::spawn(rollbook_worker::run(ctx.clone(), retention, mailer));
    let failed = Arc::new(AtomicBool::new(false));
    announce(&url, known_key.as_deref())?;
    let without_worker = Arc::clone(&failed);
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => tracing::info!("told to stop"),
            _ = interrupt.recv() => tracing::info!("told to stop"),
            // It ends by a panic alone. A server that no longer hears of revoked
            // keys must not go on.
            _ = &mut worker => {
                tracing::error!("the background work has failed");
                without_worker.store(true, Ordering::SeqCst);
                return;
            }
        }
        worker.abort();
        // It holds a context; the store closes once nobody does.
        let _ = worker.await;
    };
    rollbook_http::serve(listener, front, stop).await;
    ctx.db.clone().close().await;
    tracing::info!("stopped");
    Ok(if failed.load(Ordering::SeqCst) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The two lines that an `.env` file wants; everything else goes to standard error.
fn announce(url: &str, secret_key: Option<&str>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "CLERK_API_URL={url}")?;
    if let Some(key) = secret_key {
        writeln!(out, "CLERK_SECRET_KEY={key}")?;
    }
    out.flush().context("failed to print the address")
}

fn opens(ctx: &Ctx, key: &str) -> bool {
    let opens = ctx.catalog.open(key).is_some();
    if !opens {
        tracing::warn!(
            "the configured secret key opens no instance: it only names the first key of an empty store"
        );
    }
    opens
}

fn gauges(metrics: &Metrics, ctx: &Ctx) {
    fn count(n: usize) -> i64 {
        i64::try_from(n).unwrap_or(i64::MAX)
    }
    let c = ctx.clone();
    metrics.gauge("rollbook_password_jobs", "Password jobs accepted and not finished", move || {
        count(c.passwords.depth())
    });
    let c = ctx.clone();
    metrics.gauge(
        "rollbook_store_queued_writes",
        "Transactions that wait for their turn",
        move || count(c.db.stats().queued_writes),
    );
    let c = ctx.clone();
    metrics.gauge("rollbook_store_queued_reads", "Snapshots that wait for their turn", move || {
        count(c.db.stats().queued_reads)
    });
    let c = ctx.clone();
    metrics.gauge("rollbook_store_wal_bytes", "Size of the write-ahead log", move || {
        i64::try_from(c.db.stats().wal_bytes).unwrap_or(i64::MAX)
    });
    let c = ctx.clone();
    metrics.gauge("rollbook_store_group_commits", "Commits since the start", move || {
        i64::try_from(c.db.stats().group_commits).unwrap_or(i64::MAX)
    });
    for (name, help, read) in [
        (
            "rollbook_directory_users",
            "Users kept in memory for lists and counts",
            (|stats| count(stats.n_users)) as fn(DirectoryStats) -> i64,
        ),
        ("rollbook_directory_bytes", "Memory that they take", |stats| count(stats.bytes)),
        ("rollbook_directory_changed", "Users changed since the last fold", |stats| {
            count(stats.n_changed)
        }),
        ("rollbook_directory_answers", "Lists and counts answered from memory", |stats| {
            i64::try_from(stats.n_answered).unwrap_or(i64::MAX)
        }),
        ("rollbook_directory_misses", "Lists and counts answered by SQL nevertheless", |stats| {
            i64::try_from(stats.n_missed).unwrap_or(i64::MAX)
        }),
    ] {
        let c = ctx.clone();
        metrics.gauge(name, help, move || read(c.db.directory_stats()));
    }
    for (name, help, count) in [
        (
            "rollbook_webhooks_pending",
            "Webhooks still to be delivered, as of the last seconds",
            (|counts| &counts.pending) as fn(&Counts) -> &AtomicI64,
        ),
        ("rollbook_webhooks_delivered", "Attempts that delivered a webhook", |c| &c.delivered),
        ("rollbook_webhooks_failed", "Attempts that did not", |c| &c.failed),
    ] {
        let c = ctx.clone();
        metrics.gauge(name, help, move || count(&c.webhooks.counts).load(Ordering::Relaxed));
    }
}
