//! The Stripe account that collects an instance's payments.

use std::sync::Arc;

use rollbook_domain::Problem;
use rollbook_domain::billing::Gateway;
use rollbook_store::billing::{payment_jobs, stripe_accounts as store};
use rollbook_store::instances;
use rollbook_wire::{Code, Id, Patch};
use url::Url;
use zeroize::Zeroizing;

use crate::users::{Request, hold};
use crate::{Ctx, Error, Result, Tenant};

/// Where Stripe is.
const STRIPE: &str = "https://api.stripe.com";

/// More bytes than a key has.
const MAX_SECRET: usize = 512;

/// An account to set up; the names are those of the API.
#[derive(Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct PutStripeAccount {
    /// Each secret stays unless there is another.
    pub secret_key: Patch<Zeroizing<String>>,
    pub webhook_secret: Patch<Zeroizing<String>>,
    pub api_url: Patch<String>,
}

/// An account as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the API's members, documented in its contract")]
pub struct StripeAccount {
    pub api_url: String,
    pub has_webhook_secret: bool,
    pub webhook_url: String,
    /// Payments that something is still to be done about.
    pub waiting_payments: i64,
    /// What keeps one of them.
    pub last_error: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// Sets the account up, or changes it.
pub async fn put_stripe_account(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    request: Request<PutStripeAccount>,
) -> Result<StripeAccount> {
    let Request { params, mut problems } = request;
    let secrets = [
        ("secret_key", &params.secret_key, ["sk_", "rk_"].as_slice()),
        ("webhook_secret", &params.webhook_secret, ["whsec_"].as_slice()),
    ];
    for (name, secret, prefixes) in secrets {
        if let Patch::Set(secret) = secret
            && !is_secret(secret, prefixes)
        {
            let text = format!("{name} must begin with {}.", prefixes.join(" or "));
            problems.push(Problem::param(Code::FormParamValueInvalid, name, text));
        }
    }
    if let Patch::Set(url) = &params.api_url
        && !Url::parse(url).is_ok_and(|url| rollbook_stripe::is_allowed(&url))
    {
        let text = "api_url must be an https URL without a path, or an http URL of this machine.";
        problems.push(Problem::param(Code::FormParamValueInvalid, "api_url", text));
    }
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let (ctx_, tenant) = (ctx.clone(), Arc::clone(tenant));
    ctx.db
        .write(move |tx| {
            let (instance, now) = (&tenant.instance.id, ctx_.clock.now());
            hold(tx, instance)?;
            let before = store::lock(tx, &ctx_.vault, instance)?;
            let mut account = match (before, &params.secret_key) {
                (Some(before), _) => before,
                (None, Patch::Set(secret_key)) => store::StripeAccount {
                    api_url: STRIPE.to_owned(),
                    secret_key: secret_key.clone(),
                    webhook_secret: None,
                    created_at: now,
                    updated_at: now,
                },
                (None, _) => {
                    let text = "secret_key must be given.";
                    let problem = Problem::param(Code::FormParamMissing, "secret_key", text);
                    return Err(Error::refused(problem));
                }
            };
            if let Patch::Set(secret_key) = &params.secret_key {
                account.secret_key.clone_from(secret_key);
            }
            params.webhook_secret.clone().apply(&mut account.webhook_secret);
            match &params.api_url {
                Patch::Keep => {}
                Patch::Clear => STRIPE.clone_into(&mut account.api_url),
                Patch::Set(url) => account.api_url.clone_from(url),
            }
            account.updated_at = now;
            store::put(tx, &ctx_.vault, instance, &account)?;
            let waiting = payment_jobs::waiting(tx, instance)?;
            Ok(shown(&ctx_, instance, &account, waiting))
        })
        .await
}

/// The account, without its secrets.
pub async fn get_stripe_account(ctx: &Ctx, tenant: &Tenant) -> Result<StripeAccount> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    ctx.db
        .read(move |conn| {
            let account = store::find(conn, &ctx_.vault, &instance)?;
            let account = account.ok_or_else(|| none(&instance))?;
            let waiting = payment_jobs::waiting(conn, &instance)?;
            Ok(shown(&ctx_, &instance, &account, waiting))
        })
        .await
}

/// Forgets the account; refused while it is to collect payments.
pub async fn delete_stripe_account(ctx: &Ctx, tenant: &Tenant) -> Result<()> {
    let instance = tenant.instance.id.clone();
    ctx.db
        .write(move |tx| {
            let found = instances::lock(tx, &instance)?;
            if found.is_some_and(|found| found.settings.billing.gateway == Gateway::Stripe) {
                let text = "Stripe collects the instance's payments: set billing.gateway first.";
                return Err(Error::refused(Problem::new(Code::Conflict, text)));
            }
            if store::delete(tx, &instance)? { Ok(()) } else { Err(none(&instance)) }
        })
        .await
}

/// The account with its secrets, if one is set up.
pub(super) async fn opened(ctx: &Ctx, instance: &Id) -> Result<Option<store::StripeAccount>> {
    let (ctx_, instance) = (ctx.clone(), instance.clone());
    Ok(ctx.db.read(move |conn| store::find(conn, &ctx_.vault, &instance)).await?)
}

/// The same as calls want it.
pub(super) fn account(account: &store::StripeAccount) -> rollbook_stripe::Account<'_> {
    rollbook_stripe::Account { api_url: &account.api_url, secret_key: &account.secret_key }
}

pub(super) fn none(instance: &Id) -> Error {
    Error::not_found("Stripe account", instance.as_str())
}

fn shown(
    ctx: &Ctx,
    instance: &Id,
    account: &store::StripeAccount,
    (waiting_payments, last_error): (i64, Option<String>),
) -> StripeAccount {
    StripeAccount {
        api_url: account.api_url.clone(),
        has_webhook_secret: account.webhook_secret.is_some(),
        webhook_url: format!("{}/stripe/webhooks/{instance}", ctx.public_url),
        waiting_payments,
        last_error,
        created_at: account.created_at,
        updated_at: account.updated_at,
    }
}

fn is_secret(text: &str, prefixes: &[&str]) -> bool {
    let rest = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix));
    let is_word = |rest: &str| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    text.len() <= MAX_SECRET && rest.is_some_and(|rest| !rest.is_empty() && is_word(rest))
}
