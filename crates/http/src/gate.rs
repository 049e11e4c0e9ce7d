//! Who calls: a handler that takes a [`Caller`] or an [`Operator`] cannot run
//! without one.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use rollbook_domain::CustomLimits;
use rollbook_ops::organizations::require_enabled;
use rollbook_ops::{Tenant, operator_matches};
use rollbook_wire::{Code, Id};

use crate::{Api, Limit, RateLimiter, Refusal, RetryAfter};

const WINDOW_MS: u32 = 10_000;

/// The holder of a secret key, within its instance's rate limit.
#[derive(Debug, Clone)]
pub struct Caller(pub Arc<Tenant>);

/// The holder of a secret key, for what no rate limit counts.
pub(crate) struct Unmetered(pub(crate) Arc<Tenant>);

/// The same, of an instance that has organizations.
#[derive(Debug, Clone)]
pub struct OrganizationCaller(pub Arc<Tenant>);

/// The holder of the operator's token.
#[derive(Debug, Clone, Copy)]
pub struct Operator;

/// The counters behind the rate limits.
pub(crate) struct Limits {
    instances: RateLimiter<Id>,
    resources: RateLimiter<(Id, String)>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { instances: RateLimiter::new(10_000), resources: RateLimiter::new(100_000) }
    }
}

impl Api {
    /// Proves the caller by its secret key and counts the request.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let tenant = self.tenant(headers)?;
        let instance = &tenant.instance;
        let numbers = instance.settings.rate_limits.numbers(instance.environment);
        if let Some(requests) = numbers.instance_per_10_s {
            let limit = Limit { requests, per_ms: WINDOW_MS };
            let key = instance.id.clone();
            self.shared.limits.instances.check(key, limit, self.ctx.clock.now()).map_err(slower)?;
        }
        Ok(Caller(tenant))
    }

    fn tenant(&self, headers: &HeaderMap) -> Result<Arc<Tenant>, Refusal> {
        self.ctx.catalog.open(bearer(headers)?).ok_or_else(|| {
            Refusal::new(Code::ClerkKeyInvalid, "The secret key opens no instance of this server.")
        })
    }

    /// Counts an update of one user: updates and metadata writes share a limit.
    pub(crate) fn user_update(&self, tenant: &Tenant, user: &Id) -> Result<(), Refusal> {
        self.resource_update(tenant, user.to_string(), |numbers| numbers.user_update_per_10_s)
    }

    /// Counts an update of one organization, as those of users are counted.
    pub(crate) fn organization_update(&self, tenant: &Tenant, id: &Id) -> Result<(), Refusal> {
        let limit = |numbers: CustomLimits| numbers.organization_update_per_10_s;
        self.resource_update(tenant, id.to_string(), limit)
    }

    /// Counts a metadata write of one membership.
    pub(crate) fn membership_update(
        &self,
        tenant: &Tenant,
        organization: &Id,
        user: &Id,
    ) -> Result<(), Refusal> {
        let limit = |numbers: CustomLimits| numbers.organization_update_per_10_s;
        self.resource_update(tenant, format!("{organization}/{user}"), limit)
    }

    fn resource_update(
        &self,
        tenant: &Tenant,
        resource: String,
        limit: impl FnOnce(CustomLimits) -> Option<u32>,
    ) -> Result<(), Refusal> {
        let instance = &tenant.instance;
        let numbers = instance.settings.rate_limits.numbers(instance.environment);
        let Some(requests) = limit(numbers) else { return Ok(()) };
        let limit = Limit { requests, per_ms: WINDOW_MS };
        let key = (instance.id.clone(), resource);
        self.shared.limits.resources.check(key, limit, self.ctx.clock.now()).map_err(slower)
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refusal> {
        api.caller(&parts.headers)
    }
}

impl FromRequestParts<Api> for Unmetered {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refusal> {
        api.tenant(&parts.headers).map(Self)
    }
}

impl FromRequestParts<Api> for OrganizationCaller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refusal> {
        let Caller(tenant) = api.caller(&parts.headers)?;
        require_enabled(&tenant)?;
        Ok(Self(tenant))
    }
}

impl FromRequestParts<Api> for Operator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refusal> {
        let token = bearer(&parts.headers)?;
        if api.shared.operator.is_some_and(|hash| operator_matches(&hash, token)) {
            return Ok(Self);
        }
        Err(Refusal::new(Code::AuthenticationInvalid, "The operator's token is not the right one."))
    }
}

/// The token of `Authorization: Bearer …`, given exactly once.
fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let token = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            let token = token.trim();
            (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
        }),
        _ => None,
    };
    token.ok_or_else(|| {
        Refusal::new(
            Code::AuthorizationHeaderFormatInvalid,
            "The Authorization header must have the form Bearer and a key.",
        )
    })
}

fn slower(RetryAfter(seconds): RetryAfter) -> Refusal {
    Refusal::from(
        rollbook_domain::Problem::new(
            Code::TooManyRequests,
            format!("Too many requests. Try again in {seconds} seconds."),
        )
        .with("resets_in", seconds),
    )
    .with_retry_after(seconds)
}
