//! Payers as customers of Stripe: one each, made once.

use std::sync::Arc;

use rollbook_domain::Problem;
use rollbook_domain::billing::Owner;
use rollbook_store::billing::stripe_customers as store;
use rollbook_wire::{Code, Id};

use super::account::{account, none, opened};
use crate::billing::payer;
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant};

/// More bytes than an id of Stripe has.
const MAX_ID: usize = 255;

/// A payer and what it is called at Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeCustomer {
    /// Who pays.
    pub owner: Owner,
    /// `cus_…`
    pub id: String,
}

/// What the payer is called at Stripe.
pub async fn get_stripe_customer(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<StripeCustomer> {
    let (instance, owner) = (tenant.instance.id.clone(), owner(id));
    let found = ctx.db.read(move |conn| {
        let found = store::of_owner(conn, &instance, &owner.id)?;
        found
            .map(|id| StripeCustomer { owner: owner.clone(), id })
            .ok_or_else(|| Error::not_found("Stripe customer", owner.id.as_str()))
    });
    found.await
}

/// Sees to it that the payer has a customer: the one that is named, else the one it has, else a new one.
pub async fn put_stripe_customer(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    id: &Id,
    request: Request<Option<String>>,
) -> Result<StripeCustomer> {
    let Request { params: named, mut problems } = request;
    let is_id = |id: &String| {
        let rest = id.strip_prefix("cus_").filter(|_| id.len() <= MAX_ID).unwrap_or_default();
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    if named.as_ref().is_some_and(|id| !is_id(id)) {
        let text = "customer_id must be the id of a customer, which begins with cus_.";
        problems.push(Problem::param(Code::FormParamValueInvalid, "customer_id", text));
    }
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let (owner, instance) = (owner(id), tenant.instance.id.clone());
    if let Some(named) = named {
        let (ctx_, tenant, owner_) = (ctx.clone(), Arc::clone(tenant), owner.clone());
        let id = named.clone();
        ctx.db
            .write(move |tx| {
                crate::users::hold(tx, &instance)?;
                payer::lock(&ctx_, tx, &tenant, &owner_)?;
                store::delete_of_owner(tx, &instance, &owner_.id)?;
                if store::insert(tx, &instance, &owner_.id, &id, ctx_.clock.now())? {
                    return Ok(());
                }
                let text = "customer_id is another payer's.";
                let problem = Problem::param(Code::FormIdentifierExists, "customer_id", text);
                Err(Error::refused(problem))
            })
            .await?;
        return Ok(StripeCustomer { owner, id: named });
    }
    let stripe = opened(ctx, &instance).await?.ok_or_else(|| none(&instance))?;
    let id =
        ensure(ctx, tenant, &owner, account(&stripe)).await.map_err(|trouble| match trouble {
            Trouble::Stripe(error) => {
                let text = format!("Stripe was of no help: {error}.");
                Error::refused(Problem::new(Code::PaymentGatewayError, text))
            }
            Trouble::Ours(error) => error,
        })?;
    Ok(StripeCustomer { owner, id })
}

/// Why something was not done at Stripe.
#[derive(Debug)]
pub(super) enum Trouble {
    Stripe(rollbook_stripe::Error),
    Ours(Error),
}

impl From<rollbook_stripe::Error> for Trouble {
    fn from(error: rollbook_stripe::Error) -> Self {
        Self::Stripe(error)
    }
}

impl<E: Into<Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

/// `cus_…` of a payer, made now if there is none.
pub(super) async fn ensure(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    owner: &Owner,
    stripe: rollbook_stripe::Account<'_>,
) -> Result<String, Trouble> {
    let (ctx_, tenant_, owner_) = (ctx.clone(), Arc::clone(tenant), owner.clone());
    let (payer, known) = ctx
        .db
        .read(move |conn| {
            let payer = payer::find(&ctx_, conn, &tenant_, &owner_)?;
            let known = store::of_owner(conn, &tenant_.instance.id, &owner_.id)?;
            Ok::<_, Error>((payer, known))
        })
        .await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let instance = tenant.instance.id.clone();
    // The same for all who try, on every server and after a crash.
    let key = format!("{instance}-{}", payer.id);
    let payer_id = payer.id.as_str();
    let made = ctx.stripe.create_customer(stripe, &payer.email, payer_id, &key).await?;
    let (ctx_, tenant, owner) = (ctx.clone(), Arc::clone(tenant), owner.clone());
    let id = ctx.db.write(move |tx| {
        // Not for one who was deleted meanwhile.
        crate::users::hold(tx, &instance)?;
        payer::lock(&ctx_, tx, &tenant, &owner)?;
        store::insert(tx, &instance, &owner.id, &made.id, ctx_.clock.now())?;
        let kept = store::of_owner(tx, &instance, &owner.id)?;
        kept.ok_or_else(|| Error::internal("keep a customer of Stripe", "another payer has it"))
    });
    Ok(id.await?)
}

/// A user or an organization, as its id says.
fn owner(id: &Id) -> Owner {
    if id.as_str().starts_with("org_") { payer::organization(id) } else { payer::user(id) }
}
