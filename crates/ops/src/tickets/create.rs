//! Make a ticket for a user who may sign in.

use std::ops::RangeInclusive;

use rollbook_domain::{Problem, User};
use rollbook_store::tickets::{self, Ticket, TicketKind, TicketStatus};
use rollbook_store::users;
use rollbook_tokens::{Category, Claims, Signer};
use rollbook_wire::{Code, Id, Prefix};
use serde_json::{Map, Value, json};

use super::name;
use crate::sessions::{check_member, may_sign_in};
use crate::users::{Request, hold, not_found};
use crate::{Ctx, Error, Result, Tenant, signing_keys};

/// What may be asked for, in seconds: up to ten years.
const DURATIONS_S: RangeInclusive<i64> = 1..=315_360_000;

const SIGN_IN_TOKEN_S: i64 = 2_592_000;
const ACTOR_TOKEN_S: i64 = 3600;
const ACTOR_SESSION_S: i64 = 1800;

/// How long a ticket is remembered after its time: 30 days.
const REMEMBERED_MS: i64 = 2_592_000_000;

/// What a caller says of a new sign-in token; the names are those of the API.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct CreateSignInToken {
    pub user_id: Option<Id>,
    pub org_id: Option<Id>,
    pub expires_in_seconds: Option<i64>,
}

/// What a caller says of a new actor token; the names are those of the API.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct CreateActorToken {
    pub user_id: Option<Id>,
    pub actor: Option<Map<String, Value>>,
    pub expires_in_seconds: Option<i64>,
    pub session_max_duration_in_seconds: Option<i64>,
}

/// A ticket and the one time that its token is known.
#[derive(Debug, Clone)]
pub struct Created {
    /// As it is kept.
    pub ticket: Ticket,
    /// What a browser presents.
    pub token: String,
}

/// Makes a token that signs its user in once.
pub async fn create_sign_in_token(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<CreateSignInToken>,
) -> Result<Created> {
    let Request { params, mut problems } = request;
    duration(params.expires_in_seconds, "expires_in_seconds", &mut problems);
    let user = required(params.user_id, problems)?;
    let lasts = params.expires_in_seconds.unwrap_or(SIGN_IN_TOKEN_S);
    let mut new = ticket(ctx, TicketKind::SignIn, user, lasts);
    new.organization_id = params.org_id;
    create(ctx, tenant, new).await
}

/// Makes a token that lets somebody act as a user once.
///
/// Who acts is taken on trust: it may be somebody this instance does not know.
pub async fn create_actor_token(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<CreateActorToken>,
) -> Result<Created> {
    const SESSION: &str = "session_max_duration_in_seconds";
    let Request { params, mut problems } = request;
    duration(params.expires_in_seconds, "expires_in_seconds", &mut problems);
    duration(params.session_max_duration_in_seconds, SESSION, &mut problems);
    if let Some(actor) = &params.actor
        && actor.get("sub").and_then(Value::as_str).is_none_or(str::is_empty)
    {
        let text = "actor must have the id of the one who acts as sub.";
        problems.push(Problem::param(Code::FormParamValueInvalid, "actor", text));
    }
    let user = required(params.user_id, problems)?;
    let lasts = params.expires_in_seconds.unwrap_or(ACTOR_TOKEN_S);
    let mut new = ticket(ctx, TicketKind::Actor, user, lasts);
    new.actor = params.actor;
    let session = params.session_max_duration_in_seconds.unwrap_or(ACTOR_SESSION_S);
    new.session_max_duration_ms = Some(session * 1000);
    create(ctx, tenant, new).await
}

fn required(user: Option<Id>, problems: Vec<Problem>) -> Result<Id> {
    user.filter(|_| problems.is_empty()).ok_or(Error::Refused(problems))
}

fn duration(seconds: Option<i64>, param: &str, problems: &mut Vec<Problem>) {
    if seconds.is_some_and(|seconds| !DURATIONS_S.contains(&seconds)) {
        let text = format!("{param} must lie between 1 and 315360000.");
        problems.push(Problem::param(Code::FormParamValueInvalid, param, text));
    }
}

fn ticket(ctx: &Ctx, kind: TicketKind, user_id: Id, lasts_s: i64) -> Ticket {
    let now = ctx.clock.now();
    let prefix = match kind {
        TicketKind::SignIn => Prefix::SignInToken,
        TicketKind::Actor => Prefix::ActorToken,
    };
    Ticket {
        id: ctx.entropy.id(prefix, now),
        kind,
        user_id,
        status: TicketStatus::Pending,
        actor: None,
        organization_id: None,
        session_max_duration_ms: None,
        expires_at: now + lasts_s * 1000,
        created_at: now,
        updated_at: now,
    }
}

async fn create(ctx: &Ctx, tenant: &Tenant, ticket: Ticket) -> Result<Created> {
    let token = token(ctx, tenant, &ticket).await?;
    let (instance, now, new) = (tenant.instance.id.clone(), ctx.clock.now(), ticket.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let user = users::lock(tx, &instance, &new.user_id)?;
            let user: User = user.ok_or_else(|| not_found(&new.user_id))?.user;
            // A lock may be over when the ticket is used, and is looked at then.
            if user.banned {
                may_sign_in(&user, now)?;
            }
            check_member(tx, &instance, &user.id, new.organization_id.as_ref(), "org_id")?;
            tickets::insert(tx, &instance, &new, now - REMEMBERED_MS)?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(Created { ticket, token })
}

/// The signed statement of a ticket's id.
///
/// It claims an audience and no subject, so that nobody takes it for a session's.
async fn token(ctx: &Ctx, tenant: &Tenant, ticket: &Ticket) -> Result<String> {
    let keys = signing_keys::key_set(ctx, tenant).await?;
    let issuer = tenant.instance.issuer(&ctx.public_url);
    let (iat, exp) = (ticket.created_at.div_euclid(1000), ticket.expires_at.div_euclid(1000));
    let claims = json!({
        "aud": issuer, "eis": exp - iat, "exp": exp, "iat": iat, "iid": tenant.instance.id,
        "iss": issuer, "sid": ticket.id, "st": name(ticket.kind),
    });
    let claims: Claims = claims.as_object().cloned().unwrap_or_default();
    let (kid, key) = keys.signing();
    rollbook_tokens::sign(&Signer::own(key), kid, Category::Ticket, &claims)
        .map_err(|source| Error::internal("make a ticket", source))
}
