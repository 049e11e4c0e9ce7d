//! Clients: the browsers and devices that sessions live in, and the tokens that name them.

use rollbook_domain::Problem;
use rollbook_store::sessions::{self, Client};
use rollbook_tokens::{Category, Claims, Signer};
use rollbook_wire::{Code, Id};
use serde_json::{Value, json};

use crate::{Ctx, Error, Result, Tenant, signing_keys};

/// Ten years, as long as a browser keeps the cookie that it is at Clerk.
const LIFETIME_S: i64 = 315_360_000;

/// The client with this id.
pub async fn get(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Client> {
    let (instance, wanted) = (tenant.instance.id.clone(), id.clone());
    let found = ctx.db.read(move |conn| sessions::client(conn, &instance, &wanted)).await?;
    found.ok_or_else(|| Error::not_found("client", id.as_str()))
}

/// The client that a token from `token` names.
pub async fn verify(ctx: &Ctx, tenant: &Tenant, token: &str) -> Result<Client> {
    let keys = signing_keys::key_set(ctx, tenant).await?;
    let now = ctx.clock.now().div_euclid(1000);
    let claims =
        rollbook_tokens::verify(token, Category::Client, |kid| keys.public(kid), now, 0)
            .map_err(|rejected| invalid(format!("The client token was refused: {rejected}.")))?;
    let id = claims.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let id = id.ok_or_else(|| invalid("The client token names no client.".to_owned()))?;
    get(ctx, tenant, &id).await
}

/// A token that names the client, which a browser keeps as its cookie `__client`.
///
/// It claims an audience and no subject, so that nobody takes it for a session's.
pub(crate) async fn token(ctx: &Ctx, tenant: &Tenant, client: &Id) -> Result<String> {
    let keys = signing_keys::key_set(ctx, tenant).await?;
    let issuer = tenant.instance.issuer(&ctx.public_url);
    let now = ctx.clock.now().div_euclid(1000);
    let claims = json!({
        "aud": issuer, "exp": now + LIFETIME_S, "iat": now, "id": client, "iss": issuer,
    });
    let claims: Claims = claims.as_object().cloned().unwrap_or_default();
    let (kid, key) = keys.signing();
    rollbook_tokens::sign(&Signer::own(key), kid, Category::Client, &claims)
        .map_err(|source| Error::internal("make a client token", source))
}

fn invalid(text: String) -> Error {
    Error::refused(Problem::param(Code::InvalidSessionToken, "token", text))
}
