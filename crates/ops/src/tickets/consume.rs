//! Use a ticket up: its bearer is signed in.

use rollbook_domain::{Problem, Session};
use rollbook_store::tickets::{self, Ticket, TicketKind, TicketStatus};
use rollbook_store::{Conn, users};
use rollbook_tokens::{Category, Rejected};
use rollbook_wire::{Code, Id};
use serde_json::Value;

use super::name;
use crate::sessions::{CreateToken, NewSession, check_member, create_token, start};
use crate::users::{Request, hold, not_found};
use crate::{Ctx, Error, Result, Tenant, clients, signing_keys};

/// What a browser gets for a ticket.
#[derive(Debug, Clone)]
pub struct Consumed {
    /// The new session.
    pub session: Session,
    /// Its first token, what the cookie `__session` is at Clerk.
    pub session_token: String,
    /// The token of its client, what the cookie `__client` is.
    pub client_token: String,
}

/// Starts the session that a ticket of this kind leads to; of two who present it one gets it.
pub async fn consume(
    ctx: &Ctx,
    tenant: &Tenant,
    kind: TicketKind,
    token: &str,
    origin: Option<String>,
) -> Result<Consumed> {
    let id = ticket_id(ctx, tenant, kind, token).await?;
    let (ctx_, tenant_) = (ctx.clone(), tenant.clone());
    let session =
        ctx.db.write(move |tx| accept(&ctx_, tx, &tenant_, kind, &id, origin.as_deref())).await?;
    let request = Request { params: CreateToken::default(), problems: Vec::new() };
    Ok(Consumed {
        session_token: create_token(ctx, tenant, &session.id, request).await?,
        client_token: clients::token(ctx, tenant, &session.client_id).await?,
        session,
    })
}

/// The ticket that the token speaks of, if one of our keys has signed it.
async fn ticket_id(ctx: &Ctx, tenant: &Tenant, kind: TicketKind, token: &str) -> Result<Id> {
    let keys = signing_keys::key_set(ctx, tenant).await?;
    let now = ctx.clock.now().div_euclid(1000);
    let claims = rollbook_tokens::verify(token, Category::Ticket, |kid| keys.public(kid), now, 0)
        .map_err(|rejected| match rejected {
        Rejected::Expired => expired(),
        Rejected::Malformed | Rejected::Signature | Rejected::NotYetValid => invalid(),
    })?;
    let claim = |name: &str| claims.get(name).and_then(Value::as_str);
    let id = claim("sid").filter(|_| claim("st") == Some(name(kind)));
    id.and_then(|id| id.parse().ok()).ok_or_else(invalid)
}

fn accept(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    kind: TicketKind,
    id: &Id,
    origin: Option<&str>,
) -> Result<Session> {
    let (instance, now) = (&tenant.instance.id, ctx.clock.now());
    hold(tx, instance)?;
    // A ticket goes with its user, so one that is gone has none.
    let user = tickets::user_of(tx, instance, id)?.ok_or_else(invalid)?;
    let user = users::lock(tx, instance, &user)?.ok_or_else(|| not_found(&user))?;
    let mut ticket = tickets::lock(tx, instance, kind, id)?.ok_or_else(invalid)?;
    check_pending(&ticket, now)?;
    let organization = ticket.organization_id.clone();
    check_member(tx, instance, &user.user.id, organization.as_ref(), "token")?;
    let new = NewSession {
        strategy: Some("ticket"),
        actor: ticket.actor.clone().map(Value::Object),
        organization_id: organization,
        origin: origin.map(ToOwned::to_owned),
        max_duration_ms: ticket.session_max_duration_ms,
    };
    let session = start(ctx, tx, tenant, &user, new)?;
    tickets::settle(tx, instance, &mut ticket, TicketStatus::Accepted, now)?;
    Ok(session)
}

fn check_pending(ticket: &Ticket, now: i64) -> Result<()> {
    let (code, why) = match (ticket.kind, ticket.status) {
        (_, TicketStatus::Pending) if ticket.expires_at <= now => return Err(expired()),
        (_, TicketStatus::Pending) => return Ok(()),
        (TicketKind::SignIn, TicketStatus::Accepted) => {
            (Code::SignInTokenAlreadyUsedCode, "used already")
        }
        (TicketKind::SignIn, TicketStatus::Revoked) => (Code::SignInTokenRevokedCode, "revoked"),
        (TicketKind::Actor, TicketStatus::Accepted) => {
            (Code::ActorTokenAlreadyUsedCode, "used already")
        }
        (TicketKind::Actor, TicketStatus::Revoked) => (Code::ActorTokenRevokedCode, "revoked"),
    };
    Err(refused(code, &format!("The token was {why} and cannot be used any more.")))
}

fn invalid() -> Error {
    refused(Code::TicketInvalidCode, "The token is not one that this instance has made.")
}

fn expired() -> Error {
    refused(Code::TicketExpiredCode, "The token has expired and cannot be used any more.")
}

fn refused(code: Code, text: &str) -> Error {
    Error::refused(Problem::param(code, "token", text))
}
