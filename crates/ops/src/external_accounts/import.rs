//! Connect an account to a user as an operator says, with its tokens if there are any.

use rollbook_domain::{EmailAddress, ExternalAccount, Fields, Metadata, OauthProvider, Problem};
use rollbook_store::oauth_access_tokens::Tokens;
use rollbook_store::users::StoredUser;
use rollbook_wire::{Code, Id, Prefix};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::add::add;
use crate::users::{Outcome, Request, change, keep, required};
use crate::{Ctx, Error, Result, Tenant};

/// The most bytes of one token.
const MAX_TOKEN: usize = 16 << 10;

/// An account to connect; the names are those of the API.
#[derive(Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct ImportExternalAccount {
    pub provider: Option<String>,
    pub provider_user_id: Option<String>,
    pub approved_scopes: Option<String>,
    pub email_address: Option<String>,
    pub email_address_verified: Option<bool>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub username: Option<String>,
    pub image_url: Option<String>,
    pub label: Option<String>,
    pub public_metadata: Option<Map<String, Value>>,
    pub access_token: Option<Zeroizing<String>>,
    pub refresh_token: Option<Zeroizing<String>>,
    pub id_token: Option<Zeroizing<String>>,
    /// Milliseconds.
    pub expires_at: Option<i64>,
}

/// Connects the account; an account leads to one user of the instance.
pub async fn import(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<ImportExternalAccount>,
) -> Result<StoredUser> {
    let Request { params, mut problems } = request;
    let checked = checked(ctx, params, &mut problems);
    let (Some((account, tokens)), true) = (checked, problems.is_empty()) else {
        return Err(Error::Refused(problems));
    };
    let (ctx_, instance) = (ctx.clone(), tenant.instance.clone());
    change(ctx, tenant, id, move |tx, user| {
        add(&ctx_, &instance, tx, user, account.clone(), tokens.as_ref())?;
        Ok(Outcome::Changed)
    })
    .await
}

/// The account and its tokens; none if there is a problem.
pub(crate) fn checked(
    ctx: &Ctx,
    mut params: ImportExternalAccount,
    problems: &mut Vec<Problem>,
) -> Option<(ExternalAccount, Option<Tokens>)> {
    let n_before = problems.len();
    let tokens = tokens(&mut params, problems);
    let provider = required(params.provider, "provider", problems);
    let provider = provider.and_then(|name| {
        let parsed = OauthProvider::parse(&name);
        if parsed.is_none() {
            let text = "provider must look like oauth_google or oauth_custom_acme.";
            problems.push(Problem::param(Code::FormParamValueInvalid, "provider", text));
        }
        parsed
    });
    let provider_user_id = required(params.provider_user_id, "provider_user_id", problems);
    let email_address = params
        .email_address
        .filter(|text| !text.is_empty())
        .and_then(|text| keep(EmailAddress::parse(&text, "email_address"), problems));
    let public_metadata = params.public_metadata.and_then(|map| {
        keep(Metadata::from_value(Value::Object(map), "public_metadata"), problems)
    });
    let (Some(provider), Some(provider_user_id), true) =
        (provider, provider_user_id, problems.len() == n_before)
    else {
        return None;
    };

    let now = ctx.clock.now();
    let account = ExternalAccount {
        id: ctx.entropy.id(Prefix::ExternalAccount, now),
        identification_id: ctx.entropy.id(Prefix::Identification, now),
        provider: provider.as_str().to_owned(),
        provider_user_id,
        approved_scopes: params.approved_scopes.unwrap_or_default(),
        email_address: email_address.map(|email| email.to_string()).unwrap_or_default(),
        email_address_verified: params.email_address_verified,
        first_name: params.first_name.unwrap_or_default(),
        last_name: params.last_name.unwrap_or_default(),
        username: params.username,
        image_url: params.image_url,
        label: params.label,
        public_metadata: public_metadata.unwrap_or_default(),
        created_at: now,
        updated_at: now,
    };
    Some((account, tokens))
}

impl ImportExternalAccount {
    /// Reads the parameters; problems stay in `fields`.
    pub fn read(fields: &mut Fields) -> Self {
        let f = fields;
        Self {
            provider: f.string("provider").set(),
            provider_user_id: f.string("provider_user_id").set(),
            approved_scopes: f.string("approved_scopes").set(),
            email_address: f.string("email_address").set(),
            email_address_verified: f.boolean("email_address_verified").set(),
            first_name: f.string("first_name").set(),
            last_name: f.string("last_name").set(),
            username: f.string("username").set(),
            image_url: f.string("image_url").set(),
            label: f.string("label").set(),
            public_metadata: f.object("public_metadata").set(),
            access_token: f.secret("access_token").set(),
            refresh_token: f.secret("refresh_token").set(),
            id_token: f.secret("id_token").set(),
            expires_at: f.integer("expires_at").set(),
        }
    }
}

/// What else comes with tokens is of no use without the access token.
fn tokens(params: &mut ImportExternalAccount, problems: &mut Vec<Problem>) -> Option<Tokens> {
    let mut given = |token: &mut Option<Zeroizing<String>>, name: &str| {
        let token = token.take().filter(|token| !token.is_empty())?;
        if token.len() > MAX_TOKEN {
            let text = format!("{name} must not have more than {MAX_TOKEN} bytes.");
            problems.push(Problem::param(Code::FormParamMaxLengthExceeded, name, text));
        }
        Some(token.to_string())
    };
    let access_token = given(&mut params.access_token, "access_token");
    let refresh_token = given(&mut params.refresh_token, "refresh_token");
    let id_token = given(&mut params.id_token, "id_token");
    let expires_at = params.expires_at;
    if expires_at.is_some_and(|at| at < 0) {
        let text = "expires_at must be a time in milliseconds since 1970.";
        problems.push(Problem::param(Code::FormParamValueInvalid, "expires_at", text));
    }
    let others = refresh_token.is_some() || id_token.is_some() || expires_at.is_some();
    if access_token.is_none() && others {
        let text = "access_token must be given with refresh_token, id_token or expires_at.";
        problems.push(Problem::param(Code::FormConditionalParamMissing, "access_token", text));
    }
    access_token.map(|access_token| Tokens { access_token, refresh_token, id_token, expires_at })
}
