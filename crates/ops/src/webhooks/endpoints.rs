//! Who hears of events: made, changed and deleted by the operator.

use rollbook_domain::Problem;
use rollbook_store::webhook_endpoints::{self as store, Endpoint};
use rollbook_webhooks::Target;
use rollbook_wire::{Code, Id, Prefix};

use super::secrets::{self, ShownSecret};
use super::{EVENT_TYPES, not_found};
use crate::users::Request;
use crate::{Ctx, Error, Result, instances};

/// As many as an application of Svix may have.
const MAX_ENDPOINTS: usize = 50;

const MAX_DESCRIPTION: usize = 1024;

/// What an operator says of a new endpoint.
#[derive(Debug, Default)]
pub struct NewEndpoint {
    /// Where messages are sent.
    pub url: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// The types of events it hears of; none for all.
    pub events: Option<Vec<String>>,
    /// Unless said otherwise.
    pub enabled: Option<bool>,
    /// `whsec_…`, if it is not to be random.
    pub secret: Option<String>,
}

/// What an operator changes; absent means unchanged.
#[derive(Debug, Default)]
pub struct PatchEndpoint {
    /// Where messages are sent.
    pub url: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// The types of events it hears of; none for all.
    pub events: Option<Vec<String>>,
    /// Whether messages are sent.
    pub enabled: Option<bool>,
}

/// The endpoints of an instance, oldest first.
pub async fn list(ctx: &Ctx, instance: &Id) -> Result<Vec<Endpoint>> {
    instances::get(ctx, instance)?;
    let instance = instance.clone();
    let mut all = ctx.db.read(move |conn| Ok::<_, Error>(store::all_of(conn, &instance)?)).await?;
    all.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(all)
}

/// The endpoint with this id.
pub async fn get(ctx: &Ctx, instance: &Id, endpoint: &Id) -> Result<Endpoint> {
    instances::get(ctx, instance)?;
    let (instance, endpoint) = (instance.clone(), endpoint.clone());
    ctx.db
        .read(move |conn| {
            store::by_id(conn, &instance, &endpoint)?.ok_or_else(|| not_found(&endpoint))
        })
        .await
}

/// Makes an endpoint with its first secret; it hears of what happens from now on.
pub async fn create(
    ctx: &Ctx,
    instance: &Id,
    request: Request<NewEndpoint>,
) -> Result<(Endpoint, ShownSecret)> {
    instances::get(ctx, instance)?;
    let Request { params, mut problems } = request;
    let now = ctx.clock.now();
    check(
        ctx,
        params.url.as_deref(),
        params.description.as_deref(),
        params.events.as_deref(),
        &mut problems,
    );
    let secret =
        secrets::parse_or_make(ctx, params.secret).map_err(|problem| problems.push(problem));
    let (Ok(secret), true) = (secret, problems.is_empty()) else {
        return Err(Error::Refused(problems));
    };
    let endpoint = Endpoint {
        id: ctx.entropy.id(Prefix::WebhookEndpoint, now),
        url: params.url.unwrap_or_default(),
        description: params.description.unwrap_or_default(),
        events: params.events.unwrap_or_default(),
        enabled: params.enabled.unwrap_or(true),
        disabled_reason: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
    };
    let secret_id = ctx.entropy.id(Prefix::WebhookSecret, now);
    let (ctx_, instance) = (ctx.clone(), instance.clone());
    let created = ctx
        .db
        .write(move |tx| {
            // Held alone, so that two creations do not both take the last place.
            secrets::hold_alone(tx, &instance)?;
            if store::all_of(tx, &instance)?.len() >= MAX_ENDPOINTS {
                return Err(Error::refused(Problem::new(
                    Code::QuotaExceeded,
                    format!("An instance can have {MAX_ENDPOINTS} webhook endpoints."),
                )));
            }
            store::insert(tx, &instance, &endpoint)?;
            let owner = (&instance, &endpoint.id);
            let shown = secrets::insert(&ctx_, tx, owner, &secret_id, &secret, now)?;
            Ok((endpoint.clone(), shown))
        })
        .await?;
    ctx.webhooks.set_listened(true);
    Ok(created)
}

/// Changes an endpoint. To enable one is to forgive its failures.
pub async fn update(
    ctx: &Ctx,
    instance: &Id,
    endpoint: &Id,
    request: Request<PatchEndpoint>,
) -> Result<Endpoint> {
    instances::get(ctx, instance)?;
    let Request { params, mut problems } = request;
    if params.url.is_some() {
        check_url(ctx, params.url.as_deref(), &mut problems);
    }
    check_rest(params.description.as_deref(), params.events.as_deref(), &mut problems);
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let (instance, id, now) = (instance.clone(), endpoint.clone(), ctx.clock.now());
    let changed = ctx
        .db
        .write(move |tx| {
            let mut endpoint = store::lock(tx, &instance, &id)?.ok_or_else(|| not_found(&id))?;
            if let Some(url) = &params.url {
                endpoint.url.clone_from(url);
            }
            if let Some(description) = &params.description {
                endpoint.description.clone_from(description);
            }
            if let Some(events) = &params.events {
                endpoint.events.clone_from(events);
            }
            if let Some(enabled) = params.enabled {
                endpoint.enabled = enabled;
                endpoint.disabled_reason = None;
                endpoint.failing_since = endpoint.failing_since.filter(|_| !enabled);
            }
            endpoint.updated_at = now.max(endpoint.updated_at + 1);
            store::save(tx, &instance, &endpoint)?;
            Ok::<_, Error>(endpoint)
        })
        .await?;
    ctx.webhooks.set_listened(true);
    ctx.webhooks.ring();
    Ok(changed)
}

/// Deletes an endpoint with its secrets, messages and log.
pub async fn delete(ctx: &Ctx, instance: &Id, endpoint: &Id) -> Result<()> {
    instances::get(ctx, instance)?;
    let (instance, id) = (instance.clone(), endpoint.clone());
    ctx.db
        .write(move |tx| {
            store::lock(tx, &instance, &id)?.ok_or_else(|| not_found(&id))?;
            Ok(store::delete(tx, &instance, &id)?)
        })
        .await
}

fn check(
    ctx: &Ctx,
    url: Option<&str>,
    description: Option<&str>,
    events: Option<&[String]>,
    problems: &mut Vec<Problem>,
) {
    check_url(ctx, url, problems);
    check_rest(description, events, problems);
}

fn check_url(ctx: &Ctx, url: Option<&str>, problems: &mut Vec<Problem>) {
    // An absent one is the decoder's to complain about.
    let Some(url) = url else { return };
    if let Err(error) = Target::parse(url, ctx.webhooks.sender.reach()) {
        problems.push(invalid("url", format!("url {error}.")));
    }
}

fn check_rest(description: Option<&str>, events: Option<&[String]>, problems: &mut Vec<Problem>) {
    if description.is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        let text = format!("description must not be longer than {MAX_DESCRIPTION} characters.");
        problems.push(Problem::param(Code::FormParamMaxLengthExceeded, "description", text));
    }
    let unknown = events.unwrap_or_default().iter().find(|e| !EVENT_TYPES.contains(&e.as_str()));
    if unknown.is_some() {
        let text = "events must hold only types of events, such as user.created.";
        problems.push(invalid("events", text.to_owned()));
    }
}

fn invalid(name: &str, text: String) -> Problem {
    Problem::param(Code::FormParamValueInvalid, name, text)
}
