//! From settings to the context that operations work with.

use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::{Context, Result};
use rollbook_breaches::{BreachFilter, Breaches, Range};
use rollbook_images::{ImagePool, Images};
use rollbook_mail::{Mailer, Smtp};
use rollbook_ops::billing::stripe_client;
use rollbook_ops::webhooks::Webhooks;
use rollbook_ops::{Bodies, Catalog, Clock, Ctx, Entropy, Oauth, Parts, SigningKeys};
use rollbook_password::HashPool;
use rollbook_store::Db;
use rollbook_webhooks::Sender;

use crate::master;
use crate::options::{BreachSettings, Settings};

/// How many hashing jobs may wait for each thread: about two seconds of them.
const HASH_QUEUE_PER_THREAD: usize = 64;

const IMAGE_QUEUE: usize = 32;

/// How long an OAuth provider may take to answer.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long Stripe may take to answer.
const STRIPE_TIMEOUT: Duration = Duration::from_secs(15);

fn breaches(settings: &BreachSettings) -> Result<Breaches> {
    Ok(match settings {
        BreachSettings::Common => Breaches::Common,
        BreachSettings::File(path) => Breaches::File(
            BreachFilter::open(path)
                .with_context(|| format!("failed to open the breach filter {}", path.display()))?,
        ),
        BreachSettings::Range { url, timeout, on_failure } => {
            Breaches::Range(Range::new(url, *timeout, *on_failure)?)
        }
    })
}

/// Opens everything; `public_url` is where clients reach the server.
pub(crate) async fn context(settings: &Settings, public_url: String) -> Result<Ctx> {
    std::fs::create_dir_all(&settings.data_dir)
        .with_context(|| format!("failed to create {}", settings.data_dir.display()))?;
    // The numbering plans take a moment to compile, which no request should wait for.
    std::thread::spawn(rollbook_domain::PhoneNumber::load_plans);
    let db = Db::open(&settings.store).await.context("failed to open the store")?;
    let (_, vault) = master::unlock(settings, &db).await?;
    let threads = settings.hash_threads;
    let passwords = HashPool::new(threads, threads * HASH_QUEUE_PER_THREAD)
        .context("failed to start the hashing threads")?;
    let image_pool = || {
        ImagePool::new(NonZeroUsize::MIN, IMAGE_QUEUE).context("failed to start a picture thread")
    };
    let images = Images::open(&settings.images).context("failed to open the picture store")?;
    let breaches = breaches(&settings.breaches)?;
    let webhooks = Webhooks::new(Sender::new(settings.webhooks)?);
    let parts = Parts {
        db,
        vault,
        clock: Clock::System,
        entropy: Entropy::System,
        bodies: Bodies::new(settings.cache_bytes),
        passwords,
        breaches,
        catalog: Catalog::default(),
        signing_keys: SigningKeys::default(),
        oauth: Oauth::new(PROVIDER_TIMEOUT)?,
        stripe: stripe_client(STRIPE_TIMEOUT)?,
        images,
        upload_pool: image_pool()?,
        image_pool: image_pool()?,
        webhooks,
        public_url,
    };
    Ok(Ctx::new(parts).await?)
}

/// Where mail goes; connects to nobody yet.
pub(crate) fn mailer(settings: &Settings) -> Result<Mailer> {
    let Some(smtp) = &settings.smtp else {
        tracing::info!("no SMTP server is configured: mail stays in the mailbox of its instance");
        return Ok(Mailer::Mailbox);
    };
    Ok(Mailer::Smtp(Smtp::new(smtp).context("failed to set up mail")?))
}
