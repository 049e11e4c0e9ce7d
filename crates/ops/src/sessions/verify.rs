//! Verify a session token that the caller cannot, or will not, verify itself.

use rollbook_domain::{Problem, Session};
use rollbook_tokens::Category;
use rollbook_wire::{Code, Id};

use super::get_active;
use crate::{Ctx, Error, Result, Tenant, signing_keys};

/// How far clocks may be apart, in seconds.
const LEEWAY_S: i64 = 5;

/// The session that the token proves, which must be this one and active.
pub async fn verify(ctx: &Ctx, tenant: &Tenant, id: &Id, token: &str) -> Result<Session> {
    let keys = signing_keys::key_set(ctx, tenant).await?;
    let now = ctx.clock.now().div_euclid(1000);
    let find = |kid: &str| keys.public(kid);
    let claims = rollbook_tokens::verify(token, Category::Session, find, now, LEEWAY_S)
        .map_err(|rejected| invalid(format!("The session token was refused: {rejected}.")))?;
    if claims.get("sid").and_then(serde_json::Value::as_str) != Some(id.as_str()) {
        return Err(invalid("The session token is another session's.".to_owned()));
    }
    get_active(ctx, tenant, id).await
}

fn invalid(text: String) -> Error {
    Error::refused(Problem::param(Code::InvalidSessionToken, "token", text))
}
