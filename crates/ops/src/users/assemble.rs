//! What a new user becomes of its parameters, and all that is wrong with them.

use rollbook_domain::{
    EmailAddress, ExternalId, Identified, Locale, Lock, Metadata, PhoneNumber, Problem, Proof,
    User, UserIndex, Username, Web3Wallet, not_in_future, parse_rfc3339,
};
use rollbook_wire::{Code, Id, Prefix};
use serde_json::{Map, Value};

use super::Request;
use super::checks::{enabled, keep, name, organizations_limit, secrets_enabled};
use super::create::CreateUser;
use super::secrets::{Secrets, Stored};
use crate::{Ctx, Result, Tenant};

/// How many addresses, numbers or wallets one user may have.
pub(crate) const MAX_IDENTIFIERS: usize = 100;

/// A new user as far as it can be told without the store.
pub(crate) struct Checked {
    pub(crate) user: User,
    pub(crate) secrets: Secrets,
    /// Not empty: neither of the others is to be kept.
    pub(crate) problems: Vec<Problem>,
}

/// Checks everything but what other users have.
pub(crate) async fn check(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<CreateUser>,
    now: i64,
) -> Result<Checked> {
    let Request { mut params, mut problems } = request;
    let missing = missing(tenant, &params, &problems);
    let mut secrets = std::mem::take(&mut params.secrets);
    secrets_enabled(tenant, &mut secrets, &mut problems);
    let user = assemble(ctx, tenant, params, now, &mut problems);
    problems.extend(missing);
    let identifiers = if secrets.password.is_some() {
        UserIndex::of(&user).identifiers
    } else {
        // Only a password is held against them.
        Vec::new()
    };
    let texts: Vec<&str> = identifiers.iter().map(|i| i.value.as_str()).collect();
    let secrets = Secrets::check(ctx, tenant, secrets, &texts, &mut problems).await?;
    Ok(Checked { user, secrets, problems })
}

/// What the instance requires and the caller did not give.
fn missing(tenant: &Tenant, params: &CreateUser, found: &[Problem]) -> Option<Problem> {
    let attributes = &tenant.instance.settings.attributes;
    let given = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
    let secrets = &params.secrets;
    let has_password = secrets.password.is_some() || secrets.password_digest.is_some();
    let identifiers = [
        ("email_address", attributes.email_address, given(&params.email_address)),
        ("phone_number", attributes.phone_number, given(&params.phone_number)),
        (
            "username",
            attributes.username,
            params.username.as_deref().is_some_and(|u| !u.is_empty()),
        ),
        ("web3_wallet", attributes.web3_wallet, given(&params.web3_wallet)),
    ];
    // A parameter of the wrong type was given all the same.
    let refused = |name: &str| found.iter().any(|p| p.meta.get("param_name") == Some(&name.into()));
    let names = [
        ("first_name", attributes.first_name, params.first_name.is_some()),
        ("last_name", attributes.last_name, params.last_name.is_some()),
    ];
    let wanted = if params.skip_user_requirement { &[][..] } else { &identifiers[..] };
    let required = wanted.iter().chain(&names).filter(|(_, attribute, _)| attribute.required);
    let mut missing: Vec<&str> =
        required.filter(|(name, _, given)| !given && !refused(name)).map(|r| r.0).collect();
    if attributes.password.required && !has_password && !params.skip_password_requirement {
        missing.push("password");
    }
    let any = identifiers.iter().any(|(name, _, given)| *given || refused(name));
    if missing.is_empty() && !any {
        missing.extend(identifiers.iter().filter(|(_, a, _)| a.enabled).map(|(name, ..)| *name));
        return Some(data_missing(&missing, "at least one of"));
    }
    (!missing.is_empty()).then(|| data_missing(&missing, ""))
}

fn data_missing(names: &[&str], which: &str) -> Problem {
    let list = names.join(", ");
    let text = format!("The instance requires {which} {list}.").replace("  ", " ");
    Problem::new(Code::FormDataMissing, text).with("param_names", names.to_vec())
}

fn assemble(
    ctx: &Ctx,
    tenant: &Tenant,
    params: CreateUser,
    now: i64,
    problems: &mut Vec<Problem>,
) -> User {
    let settings = &tenant.instance.settings;
    let attributes = &settings.attributes;

    let external_id = params
        .external_id
        .and_then(|text| keep(ExternalId::parse(&text, "external_id"), problems))
        .map(|id| id.as_str().to_owned());
    let first_name =
        name(params.first_name.as_deref(), attributes.first_name.enabled, "first_name", problems);
    let last_name =
        name(params.last_name.as_deref(), attributes.last_name.enabled, "last_name", problems);
    let locale = params
        .locale
        .and_then(|text| keep(Locale::parse(&text, "locale"), problems))
        .map(|locale| locale.as_str().to_owned());

    let created_at = instant(params.created_at.as_deref(), "created_at", now, problems);
    let created_at = created_at.unwrap_or(now);

    let make = Identify { ctx, now };
    let email_addresses = make.all(
        List {
            values: params.email_address,
            on: attributes.email_address.enabled,
            name: "email_address",
        },
        params.email_address_identification_status,
        EmailAddress::parse,
        problems,
    );
    let phone_numbers = make.all(
        List {
            values: params.phone_number,
            on: attributes.phone_number.enabled,
            name: "phone_number",
        },
        params.phone_number_identification_status,
        PhoneNumber::parse,
        problems,
    );
    let web3_wallets = make.all(
        List {
            values: params.web3_wallet,
            on: attributes.web3_wallet.enabled,
            name: "web3_wallet",
        },
        None,
        Web3Wallet::parse,
        problems,
    );
    let username = params.username.filter(|text| !text.is_empty()).and_then(|text| {
        let on = attributes.username.enabled;
        if !enabled(true, on, "username", problems) {
            return None;
        }
        Username::parse(&text, "username", &settings.username_settings)
            .map_err(|found| problems.extend(found))
            .ok()
    });

    let mut metadata = |map: Option<Map<String, Value>>, name: &str| {
        map.and_then(|map| keep(Metadata::from_value(Value::Object(map), name), problems))
            .unwrap_or_default()
    };
    let public_metadata = metadata(params.public_metadata, "public_metadata");
    let private_metadata = metadata(params.private_metadata, "private_metadata");
    let unsafe_metadata = metadata(params.unsafe_metadata, "unsafe_metadata");

    let legal_accepted_at =
        instant(params.legal_accepted_at.as_deref(), "legal_accepted_at", now, problems);
    if settings.sign_up.legal_consent_enabled
        && params.legal_accepted_at.is_none()
        && !params.skip_legal_checks
    {
        problems.push(Problem::param(
            Code::FormParamMissing,
            "legal_accepted_at",
            "legal_accepted_at must be given, since the instance requires legal consent.",
        ));
    }
    let create_organizations_limit =
        params.create_organizations_limit.and_then(|limit| organizations_limit(limit, problems));
    let lock = if params.locked { lock(tenant, now, problems) } else { None };

    User {
        id: ctx.entropy.id(Prefix::User, now),
        external_id,
        username,
        first_name,
        last_name,
        locale,
        image_id: None,
        primary_email_address_id: first_verified(&email_addresses),
        primary_phone_number_id: first_verified(&phone_numbers),
        primary_web3_wallet_id: first_verified(&web3_wallets),
        email_addresses,
        phone_numbers,
        web3_wallets,
        external_accounts: Vec::new(),
        passkeys: Vec::new(),
        public_metadata,
        private_metadata,
        unsafe_metadata,
        password_enabled: false,
        password_last_updated_at: None,
        totp_enabled: false,
        backup_code_enabled: false,
        mfa_enabled_at: None,
        mfa_disabled_at: None,
        banned: params.banned,
        lock,
        delete_self_enabled: params.delete_self_enabled.unwrap_or(settings.actions.delete_self),
        create_organization_enabled: params
            .create_organization_enabled
            .unwrap_or(settings.actions.create_organization),
        create_organizations_limit,
        legal_accepted_at,
        bypass_client_trust: params.bypass_client_trust.unwrap_or(false),
        created_at,
        updated_at: now,
    }
}

/// The lock of a user that is created locked.
fn lock(tenant: &Tenant, now: i64, problems: &mut Vec<Problem>) -> Option<Lock> {
    if let Ok(minutes) = super::lock::lockout_on(tenant) {
        return Some(Lock { until: minutes.map(|minutes| now + i64::from(minutes) * 60_000) });
    }
    problems.push(Problem::param(
        Code::FeatureNotEnabled,
        "locked",
        "locked cannot be true, since user lockout is not enabled for this instance.",
    ));
    None
}

/// Notes on the user which secrets it has.
pub(crate) fn with_secrets(mut user: User, stored: &Stored, now: i64) -> User {
    user.password_enabled = stored.password.is_some();
    user.password_last_updated_at = stored.password.is_some().then_some(now);
    user.totp_enabled = stored.totp.is_some();
    user.backup_code_enabled = stored.backup_codes.as_ref().is_some_and(|codes| !codes.is_empty());
    user.note_mfa(false, now);
    user
}

fn first_verified<T>(all: &[Identified<T>]) -> Option<Id> {
    all.iter().find(|one| one.is_verified()).map(|one| one.id.clone())
}

/// An instant of the past.
pub(crate) fn instant(
    text: Option<&str>,
    name: &str,
    now: i64,
    problems: &mut Vec<Problem>,
) -> Option<i64> {
    let instant = keep(parse_rfc3339(text?, name), problems)?;
    keep(not_in_future(instant, now, name), problems).map(|()| instant)
}

struct List<'a> {
    values: Option<Vec<String>>,
    on: bool,
    name: &'a str,
}

struct Identify<'a> {
    ctx: &'a Ctx,
    now: i64,
}

impl Identify<'_> {
    fn all<T: PartialEq>(
        &self,
        list: List<'_>,
        statuses: Option<Vec<String>>,
        parse: fn(&str, &str) -> Result<T, Problem>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Identified<T>> {
        let List { values, on, name } = list;
        let values = values.unwrap_or_default();
        let proofs = proofs(statuses, values.len(), name, problems);
        if !enabled(!values.is_empty(), on, name, problems) {
            return Vec::new();
        }
        if values.len() > MAX_IDENTIFIERS {
            let text = format!("{name} must not have more than {MAX_IDENTIFIERS} values.");
            problems.push(Problem::param(Code::FormParamArraySizeExceeded, name, text));
            return Vec::new();
        }
        let mut all: Vec<Identified<T>> = Vec::with_capacity(values.len());
        for (n, text) in values.iter().enumerate() {
            let Some(value) = keep(parse(text, name), problems) else { continue };
            if all.iter().any(|one| one.value == value) {
                let text = format!("{name} must not hold a value twice.");
                problems.push(Problem::param(Code::FormParamDuplicate, name, text));
                continue;
            }
            all.push(Identified {
                id: self.ctx.entropy.id(Prefix::Identification, self.now),
                value,
                proof: proofs.get(n).cloned().unwrap_or(Proof::Admin),
                reserved_for_second_factor: false,
                default_second_factor: false,
                created_at: self.now,
                updated_at: self.now,
            });
        }
        all
    }
}

/// One status per value, or none at all for "all verified".
fn proofs(
    statuses: Option<Vec<String>>,
    n_values: usize,
    name: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Proof> {
    let statuses = statuses.unwrap_or_default();
    let param = format!("{name}_identification_status");
    if !statuses.is_empty() && statuses.len() != n_values {
        let text = format!("{param} must have as many values as {name}.");
        problems.push(Problem::param(Code::FormParamArrayLengthMismatch, &param, text));
        return Vec::new();
    }
    let mut proofs = Vec::with_capacity(statuses.len());
    for status in &statuses {
        match status.as_str() {
            "verified" => proofs.push(Proof::Admin),
            "reserved" => proofs.push(Proof::Reserved),
            _ => {
                let text = format!("{param} must hold only verified and reserved.");
                problems.push(Problem::param(Code::FormParamValueInvalid, &param, text));
                return Vec::new();
            }
        }
    }
    proofs
}
