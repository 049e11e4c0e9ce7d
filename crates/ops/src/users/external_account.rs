//! Connect an account at an OAuth provider to a user, as an operator says.

use rollbook_domain::{EmailAddress, ExternalAccount, Metadata, Problem};
use rollbook_store::users::StoredUser;
use rollbook_wire::{Code, Id, Prefix};
use serde_json::{Map, Value};

use super::Request;
use super::checks::keep;
use super::write::{Outcome, change};
use crate::{Ctx, Error, Result, Tenant};

/// An account to connect; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct NewExternalAccount {
    pub provider: Option<String>,
    pub provider_user_id: Option<String>,
    pub approved_scopes: Option<String>,
    pub email_address: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub username: Option<String>,
    pub image_url: Option<String>,
    pub label: Option<String>,
    pub public_metadata: Option<Map<String, Value>>,
}

/// Connects the account; an account leads to one user of the instance.
pub async fn connect_external_account(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<NewExternalAccount>,
) -> Result<StoredUser> {
    let Request { params, mut problems } = request;
    let provider = required(params.provider, "provider", &mut problems);
    let provider = provider.filter(|name| {
        let good = is_provider(name);
        if !good {
            let text = "provider must look like oauth_google or oauth_custom_acme.";
            problems.push(Problem::param(Code::FormParamValueInvalid, "provider", text));
        }
        good
    });
    let provider_user_id = required(params.provider_user_id, "provider_user_id", &mut problems);
    let email_address = params
        .email_address
        .filter(|text| !text.is_empty())
        .and_then(|text| keep(EmailAddress::parse(&text, "email_address"), &mut problems));
    let public_metadata = params.public_metadata.and_then(|map| {
        keep(Metadata::from_value(Value::Object(map), "public_metadata"), &mut problems)
    });
    let (Some(provider), Some(provider_user_id), true) =
        (provider, provider_user_id, problems.is_empty())
    else {
        return Err(Error::Refused(problems));
    };

    let now = ctx.clock.now();
    let account = ExternalAccount {
        id: ctx.entropy.id(Prefix::ExternalAccount, now),
        identification_id: ctx.entropy.id(Prefix::Identification, now),
        provider,
        provider_user_id,
        approved_scopes: params.approved_scopes.unwrap_or_default(),
        email_address: email_address.map(|email| email.to_string()).unwrap_or_default(),
        email_address_verified: None,
        first_name: params.first_name.unwrap_or_default(),
        last_name: params.last_name.unwrap_or_default(),
        username: params.username,
        image_url: params.image_url,
        label: params.label,
        public_metadata: public_metadata.unwrap_or_default(),
        created_at: now,
        updated_at: now,
    };
    change(ctx, tenant, id, move |_, user| {
        user.external_accounts.push(account.clone());
        Ok(Outcome::Changed)
    })
    .await
}

fn required(text: Option<String>, name: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let text = text.filter(|text| !text.is_empty());
    let refused = problems.iter().any(|p| p.meta.get("param_name") == Some(&name.into()));
    if text.is_none() && !refused {
        let long = format!("{name} must be given.");
        problems.push(Problem::param(Code::FormParamMissing, name, long));
    }
    text
}

/// `oauth_` and a key.
fn is_provider(name: &str) -> bool {
    name.len() <= 64
        && name.strip_prefix("oauth_").is_some_and(|key| {
            !key.is_empty()
                && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        })
}
