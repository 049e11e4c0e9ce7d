//! Addresses that a sign-in may lead back to.

use rollbook_domain::{Environment, Problem, parse_redirect_url};
use rollbook_store::redirect_urls::{self, RedirectUrl};
use rollbook_wire::{self as wire, Code, DeletedObject, Id, Prefix};

use crate::users::{Request, hold};
use crate::{Ctx, Error, Result, Tenant};

/// `limit` addresses after the newest `offset`.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    limit: i64,
    offset: i64,
) -> Result<Vec<wire::RedirectUrl>> {
    let instance = tenant.instance.id.clone();
    let page = ctx
        .db
        .read(move |conn| Ok::<_, Error>(redirect_urls::page(conn, &instance, limit, offset)?));
    Ok(page.await?.iter().map(body).collect())
}

/// How many addresses the instance has.
pub async fn count(ctx: &Ctx, tenant: &Tenant) -> Result<i64> {
    let instance = tenant.instance.id.clone();
    ctx.db.read(move |conn| Ok(redirect_urls::count(conn, &instance)?)).await
}

/// The address with this id.
pub async fn get(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<wire::RedirectUrl> {
    let (instance, id) = (tenant.instance.id.clone(), id.clone());
    ctx.db
        .read(move |conn| {
            let found = redirect_urls::by_id(conn, &instance, &id)?;
            found.as_ref().map(body).ok_or_else(|| not_found(&id))
        })
        .await
}

/// Adds an address. In production it is not plain `http`.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<Option<String>>,
) -> Result<wire::RedirectUrl> {
    let Request { params, mut problems } = request;
    let url = params.map(|text| parse_redirect_url(&text, "url")).transpose();
    let url = url.map_err(|problem| problems.push(problem)).ok().flatten();
    let insecure = url.as_ref().is_some_and(|url| url.to_ascii_lowercase().starts_with("http://"));
    if insecure && tenant.instance.environment == Environment::Production {
        let text = "url must not be plain http in production.";
        problems.push(Problem::param(Code::FormParamValueInvalid, "url", text));
    }
    let (Some(url), true) = (url, problems.is_empty()) else {
        return Err(Error::Refused(problems));
    };
    let now = ctx.clock.now();
    let new = RedirectUrl { id: ctx.entropy.id(Prefix::RedirectUrl, now), url, created_at: now };
    let instance = tenant.instance.id.clone();
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            if redirect_urls::insert(tx, &instance, &new)? {
                return Ok(body(&new));
            }
            let text = format!("The instance has the redirect URL {} already.", new.url);
            Err(Error::refused(Problem::param(Code::DuplicateRecord, "url", text)))
        })
        .await
}

/// Deletes an address; deleting it again finds nothing.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<DeletedObject> {
    let (instance, id) = (tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            if !redirect_urls::delete(tx, &instance, &id)? {
                return Err(not_found(&id));
            }
            Ok(DeletedObject {
                object: "redirect_url".to_owned(),
                id: id.to_string(),
                deleted: true,
                external_id: None,
            })
        })
        .await
}

fn body(url: &RedirectUrl) -> wire::RedirectUrl {
    wire::RedirectUrl {
        object: "redirect_url".to_owned(),
        id: url.id.to_string(),
        url: url.url.clone(),
        created_at: url.created_at,
        updated_at: url.created_at,
    }
}

fn not_found(id: &Id) -> Error {
    Error::not_found("redirect URL", id.as_str())
}
