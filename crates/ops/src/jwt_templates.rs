//! Templates of tokens.

mod checks;
mod create;
mod delete;
mod update;

pub use self::create::create;
pub use self::delete::delete;
pub use self::update::update;

use rollbook_store::jwt_templates as store;
use rollbook_wire::{Id, JwtTemplate, Paginated, Patch};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{Ctx, Error, Result, Tenant};

/// What a caller says of a template; the names are those of the API.
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct GivenTemplate {
    pub name: Option<String>,
    pub claims: Option<Map<String, Value>>,
    pub lifetime: Patch<i64>,
    pub allowed_clock_skew: Patch<i64>,
    pub custom_signing_key: Option<bool>,
    pub signing_algorithm: Option<String>,
    pub signing_key: Option<Zeroizing<String>>,
}

/// `limit` templates after the newest `offset`, and how many there are.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    limit: i64,
    offset: i64,
) -> Result<Paginated<JwtTemplate>> {
    let instance = tenant.instance.id.clone();
    ctx.db
        .read(move |conn| {
            let stored = store::page(conn, &instance, limit, offset)?;
            let data = stored.iter().map(|stored| stored.template.render()).collect();
            Ok(Paginated { data, total_count: store::count(conn, &instance)? })
        })
        .await
}

/// The template with this id.
pub async fn get(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<JwtTemplate> {
    let (instance, id) = (tenant.instance.id.clone(), id.clone());
    ctx.db
        .read(move |conn| {
            let found = store::by_id(conn, &instance, &id)?;
            found.map(|stored| stored.template.render()).ok_or_else(|| not_found(&id))
        })
        .await
}

fn not_found(id: &Id) -> Error {
    Error::not_found("JWT template", id.as_str())
}
