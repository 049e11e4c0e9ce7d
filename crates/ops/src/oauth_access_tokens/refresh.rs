//! Renew tokens: one request to the provider however many ask, on all servers.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use rollbook_oauth::Grant;
use rollbook_store::oauth_access_tokens::{self as store, StoredTokens, Tokens};
use rollbook_wire::Id;
use tokio::sync::watch;

use super::is_good;
use crate::oauth::Failure;
use crate::oauth_providers::{Configured, redirect_uri};
use crate::{Ctx, Error, Result};

/// Longer than any provider is waited for and its answer takes to be kept.
const LEASE_MS: i64 = 60_000;

/// How often to look whether another server is done, and for how long.
const POLL: Duration = Duration::from_millis(50);
const MAX_POLLS: u32 = 400;

/// How long to wait before each attempt to keep an answer: nobody can ask for it again.
const KEEPING: [u64; 5] = [0, 50, 250, 1000, 5000];

/// How a renewal ended, for everyone who waits for it.
type Landed = Option<Result<Tokens, Failure>>;

/// The renewals under way in this process, by the id of the account in its instance.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<HashMap<(Id, Id), watch::Receiver<Landed>>>);

/// Fresh tokens of an account whose own have run out.
///
/// The work goes on when the caller is gone: once the provider has spent the
/// old refresh token, the new one is all there is.
pub(super) async fn refresh(
    ctx: &Ctx,
    instance: &Id,
    account: &Id,
    configured: &Configured,
) -> Result<Result<Tokens, Failure>> {
    let key = (instance.clone(), account.clone());
    let mut landed = {
        let mut flights = ctx.oauth.flights.0.lock();
        if let Some(landed) = flights.get(&key) {
            landed.clone()
        } else {
            let (sender, landed) = watch::channel(None);
            flights.insert(key.clone(), landed.clone());
            tokio::spawn(fly(ctx.clone(), key, configured.clone(), sender));
            landed
        }
    };
    let landed = landed.wait_for(Option::is_some).await.ok().and_then(|landed| landed.clone());
    landed.ok_or_else(|| Error::Unavailable("the tokens could not be renewed".to_owned()))
}

async fn fly(ctx: Ctx, key: (Id, Id), configured: Configured, sender: watch::Sender<Landed>) {
    let (instance, account) = &key;
    let outcome = renew(&ctx, instance, account, &configured).await;
    ctx.oauth.flights.0.lock().remove(&key);
    match outcome {
        // That nobody waits any more is just as well.
        Ok(outcome) => drop(sender.send(Some(outcome))),
        Err(error) => tracing::error!(%error, "the tokens of an account could not be renewed"),
    }
}

async fn renew(
    ctx: &Ctx,
    instance: &Id,
    account: &Id,
    configured: &Configured,
) -> Result<Result<Tokens, Failure>> {
    let mut watched = None;
    for _ in 0..MAX_POLLS {
        let stored = store::by_account(&ctx.db, &ctx.vault, instance, account).await?;
        let Some(stored) = stored else { return Ok(Err(Failure::Refused)) };
        let now = ctx.clock.now();
        if is_good(&stored.tokens, now) {
            return Ok(Ok(stored.tokens));
        }
        if stored.lease_until > now {
            watched = Some(stored.attempt);
            tokio::time::sleep(POLL).await;
            continue;
        }
        let failure = stored.failure.as_deref().and_then(Failure::parse);
        if let Some(failure) = failure.filter(|_| watched == Some(stored.attempt)) {
            return Ok(Err(failure));
        }
        if lease(ctx, instance, &stored).await? {
            return ask(ctx, instance, stored, configured).await;
        }
    }
    Ok(Err(Failure::TimedOut))
}

async fn lease(ctx: &Ctx, instance: &Id, stored: &StoredTokens) -> Result<bool> {
    let (now, instance, stored) = (ctx.clock.now(), instance.clone(), stored.clone());
    ctx.db.write(move |tx| Ok(store::lease(tx, &instance, &stored, now, now + LEASE_MS)?)).await
}

async fn ask(
    ctx: &Ctx,
    instance: &Id,
    stored: StoredTokens,
    configured: &Configured,
) -> Result<Result<Tokens, Failure>> {
    let (attempt, account) = (stored.attempt + 1, stored.external_account_id);
    let redirect_uri = redirect_uri(ctx);
    let application = configured.application(&redirect_uri);
    let refresh_token = stored.tokens.refresh_token.clone().unwrap_or_default();
    let answer = match application.refresh(&ctx.oauth.http, &refresh_token).await {
        Ok(grant) => Ok(tokens(grant, Some(&stored.tokens), ctx.clock.now())),
        Err(error) => {
            let provider = &configured.provider.provider;
            tracing::info!(%provider, %error, "a token was not renewed");
            Err(Failure::from(&error))
        }
    };
    keep(ctx, instance, &account, attempt, &answer).await?;
    Ok(answer)
}

/// Writes how the attempt ended, again and again while the store does not answer.
async fn keep(
    ctx: &Ctx,
    instance: &Id,
    account: &Id,
    attempt: i64,
    answer: &Result<Tokens, Failure>,
) -> Result<()> {
    let mut last = Ok(());
    for wait in KEEPING {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let (ctx_, instance, account, answer) =
            (ctx.clone(), instance.clone(), account.clone(), answer.clone());
        let written = ctx.db.write(move |tx| match &answer {
            // An account that was deleted or connected anew meanwhile needs them no more.
            Ok(new) => {
                store::refreshed(tx, &ctx_.vault, &instance, &account, attempt, new).map(drop)
            }
            Err(failure) => store::failed(tx, &instance, &account, attempt, failure.as_str()),
        });
        last = written.await;
        if last.is_ok() {
            break;
        }
    }
    Ok(last?)
}

/// The tokens of a grant, with what stays of those before.
pub(crate) fn tokens(grant: Grant, before: Option<&Tokens>, now: i64) -> Tokens {
    let good_for = grant.expires_in.map(|good| i64::try_from(good.as_millis()).unwrap_or(i64::MAX));
    Tokens {
        access_token: grant.access_token,
        refresh_token: grant.refresh_token.or_else(|| before?.refresh_token.clone()),
        id_token: grant.id_token.or_else(|| before?.id_token.clone()),
        expires_at: good_for.map(|good| now.saturating_add(good)),
    }
}
