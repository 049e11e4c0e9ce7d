//! A passkey that another service has registered.

use rollbook_domain::{Problem, parse_passkey_name};
use rollbook_passkeys::{Credential, Import};
use rollbook_store::users::StoredUser;
use rollbook_wire::{Code, Id};

use super::{add, check_enabled};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant};

/// A passkey to import; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct ImportPasskey {
    pub name: Option<String>,
    pub credential_id: Option<String>,
    pub public_key: Option<String>,
    pub counter: Option<i64>,
    pub transports: Option<Vec<String>>,
    pub user_handle: Option<String>,
}

/// Gives the user a passkey that was made for the same domain elsewhere.
pub async fn import(
    ctx: &Ctx,
    tenant: &Tenant,
    user: &Id,
    request: Request<ImportPasskey>,
) -> Result<StoredUser> {
    check_enabled(tenant)?;
    let Request { params, mut problems } = request;
    let name = parse_passkey_name(params.name.as_deref().unwrap_or_default());
    let name = name.map_err(|problem| problems.push(problem)).ok();
    let counter = u32::try_from(params.counter.unwrap_or(0));
    let counter = counter
        .map_err(|_| problems.push(invalid("counter", "must lie between 0 and 4294967295")))
        .ok();
    let credential = Credential::import(&Import {
        credential_id: params.credential_id.as_deref().unwrap_or_default(),
        public_key: params.public_key.as_deref().unwrap_or_default(),
        counter: counter.unwrap_or_default(),
        transports: params.transports.as_deref().unwrap_or_default(),
        user_handle: params.user_handle.as_deref(),
    });
    let credential = credential
        .map_err(|wrong| {
            // What could not be decoded has been said already.
            let known = |name: &str| {
                problems.iter().any(|p| p.meta.get("param_name").is_some_and(|n| n == name))
            };
            let new: Vec<_> = wrong.into_iter().filter(|wrong| !known(wrong.param)).collect();
            problems.extend(new.iter().map(|wrong| invalid(wrong.param, wrong.why)));
        })
        .ok();
    match (name, counter, credential) {
        (Some(name), Some(_), Some(credential)) if problems.is_empty() => {
            add(ctx, tenant, user, name, &credential, "credential_id").await
        }
        _ => Err(Error::Refused(problems)),
    }
}

fn invalid(name: &str, why: &str) -> Problem {
    Problem::param(Code::FormParamValueInvalid, name, format!("{name} {why}."))
}
