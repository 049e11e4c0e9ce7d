//! What an update says, checked, and applied to the user it is about.

use rollbook_domain::{ExternalId, Identified, Locale, Metadata, Problem, User, Username};
use rollbook_wire::{Code, Id, Patch};
use serde_json::{Map, Value};

use super::SecretParams;
use super::assemble::instant;
use super::checks::{enabled, keep, name, organizations_limit};
use crate::Tenant;

/// What a caller changes of a user; the names are those of the API.
#[derive(Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct UpdateUser {
    pub external_id: Patch<String>,
    pub first_name: Patch<String>,
    pub last_name: Patch<String>,
    pub locale: Patch<String>,
    pub primary_email_address_id: Option<String>,
    pub primary_phone_number_id: Option<String>,
    pub primary_web3_wallet_id: Option<String>,
    pub notify_primary_email_address_changed: bool,
    pub username: Patch<String>,
    pub profile_image_id: Patch<String>,
    pub secrets: SecretParams,
    pub sign_out_of_other_sessions: bool,
    pub public_metadata: Patch<Map<String, Value>>,
    pub private_metadata: Patch<Map<String, Value>>,
    pub unsafe_metadata: Patch<Map<String, Value>>,
    pub delete_self_enabled: Option<bool>,
    pub create_organization_enabled: Option<bool>,
    pub create_organizations_limit: Patch<i64>,
    pub legal_accepted_at: Patch<String>,
    pub created_at: Option<String>,
    pub bypass_client_trust: Option<bool>,
}

/// The part of an update that shows in the record, with every value checked.
#[derive(Debug, Clone)]
pub(super) struct Change {
    external_id: Patch<String>,
    first_name: Patch<String>,
    last_name: Patch<String>,
    locale: Patch<String>,
    primary_email_address_id: Option<String>,
    primary_phone_number_id: Option<String>,
    primary_web3_wallet_id: Option<String>,
    username: Patch<Username>,
    username_required: bool,
    image_id: Patch<Id>,
    public_metadata: Option<Metadata>,
    private_metadata: Option<Metadata>,
    unsafe_metadata: Option<Metadata>,
    delete_self_enabled: Option<bool>,
    create_organization_enabled: Option<bool>,
    create_organizations_limit: Patch<i64>,
    legal_accepted_at: Patch<i64>,
    created_at: Option<i64>,
    bypass_client_trust: Option<bool>,
}

impl Change {
    /// Checks what can be checked without the user.
    pub(super) fn check(
        tenant: &Tenant,
        params: UpdateUser,
        now: i64,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let settings = &tenant.instance.settings;
        let attributes = &settings.attributes;
        let external_id = checked(params.external_id, |text| {
            keep(ExternalId::parse(&text, "external_id"), problems).map(|id| id.as_str().to_owned())
        });
        let mut person = |patch: Patch<String>, on, param| match patch {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(text) => {
                let before = problems.len();
                match name(Some(&text), on, param, problems) {
                    Some(name) => Patch::Set(name),
                    None if problems.len() > before => Patch::Keep,
                    None => Patch::Clear,
                }
            }
        };
        let first_name = person(params.first_name, attributes.first_name.enabled, "first_name");
        let last_name = person(params.last_name, attributes.last_name.enabled, "last_name");
        let locale = checked(params.locale, |text| {
            keep(Locale::parse(&text, "locale"), problems).map(|locale| locale.as_str().to_owned())
        });
        let username = match params.username {
            Patch::Set(text) if text.is_empty() => Patch::Clear,
            other => checked(other, |text| {
                let on = attributes.username.enabled;
                if !enabled(true, on, "username", problems) {
                    return None;
                }
                Username::parse(&text, "username", &settings.username_settings)
                    .map_err(|found| problems.extend(found))
                    .ok()
            }),
        };
        let mut metadata = |patch: Patch<Map<String, Value>>, name: &str| match patch {
            Patch::Keep => None,
            Patch::Clear => Some(Metadata::default()),
            Patch::Set(map) => keep(Metadata::from_value(Value::Object(map), name), problems),
        };
        let public_metadata = metadata(params.public_metadata, "public_metadata");
        let private_metadata = metadata(params.private_metadata, "private_metadata");
        let unsafe_metadata = metadata(params.unsafe_metadata, "unsafe_metadata");
        let create_organizations_limit = checked(params.create_organizations_limit, |limit| {
            organizations_limit(limit, problems)
        });
        let legal_accepted_at = checked(params.legal_accepted_at, |text| {
            instant(Some(&text), "legal_accepted_at", now, problems)
        });
        let created_at = instant(params.created_at.as_deref(), "created_at", now, problems);
        let image_id = checked(params.profile_image_id, |text| {
            text.parse().map_err(|_| problems.push(no_such("profile_image_id", "image"))).ok()
        });
        Self {
            external_id,
            first_name,
            last_name,
            locale,
            primary_email_address_id: params.primary_email_address_id,
            primary_phone_number_id: params.primary_phone_number_id,
            primary_web3_wallet_id: params.primary_web3_wallet_id,
            username,
            username_required: attributes.username.required,
            image_id,
            public_metadata,
            private_metadata,
            unsafe_metadata,
            delete_self_enabled: params.delete_self_enabled,
            create_organization_enabled: params.create_organization_enabled,
            create_organizations_limit,
            legal_accepted_at,
            created_at,
            bypass_client_trust: params.bypass_client_trust,
        }
    }

    /// The image the user is to have, which must be one of its own.
    pub(super) fn new_image(&self) -> Option<&Id> {
        match &self.image_id {
            Patch::Set(id) => Some(id),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// Changes `user`, or says what about it forbids the change.
    pub(super) fn apply(&self, user: &mut User) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        self.external_id.clone().apply(&mut user.external_id);
        self.first_name.clone().apply(&mut user.first_name);
        self.last_name.clone().apply(&mut user.last_name);
        self.locale.clone().apply(&mut user.locale);
        self.create_organizations_limit.apply(&mut user.create_organizations_limit);
        self.legal_accepted_at.apply(&mut user.legal_accepted_at);
        self.image_id.clone().apply(&mut user.image_id);
        set(&mut user.public_metadata, self.public_metadata.as_ref());
        set(&mut user.private_metadata, self.private_metadata.as_ref());
        set(&mut user.unsafe_metadata, self.unsafe_metadata.as_ref());
        set(&mut user.delete_self_enabled, self.delete_self_enabled.as_ref());
        set(&mut user.create_organization_enabled, self.create_organization_enabled.as_ref());
        set(&mut user.bypass_client_trust, self.bypass_client_trust.as_ref());
        set(&mut user.created_at, self.created_at.as_ref());

        if matches!(self.username, Patch::Clear) && user.username.is_some() {
            problems.extend(self.username_must_stay(user));
        }
        self.username.clone().apply(&mut user.username);

        for result in [
            make_primary(
                &mut user.primary_email_address_id,
                self.primary_email_address_id.as_deref(),
                &user.email_addresses,
                ("primary_email_address_id", "email address"),
            ),
            make_primary(
                &mut user.primary_phone_number_id,
                self.primary_phone_number_id.as_deref(),
                &user.phone_numbers,
                ("primary_phone_number_id", "phone number"),
            ),
            make_primary(
                &mut user.primary_web3_wallet_id,
                self.primary_web3_wallet_id.as_deref(),
                &user.web3_wallets,
                ("primary_web3_wallet_id", "wallet"),
            ),
        ] {
            problems.extend(result.err());
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn username_must_stay(&self, user: &User) -> Option<Problem> {
        if self.username_required {
            return Some(Problem::param(
                Code::LastRequiredIdentificationDeletionFailed,
                "username",
                "The username cannot be removed, since the instance requires one.",
            ));
        }
        (!user.is_reachable_without_username()).then(|| {
            Problem::param(
                Code::IdentificationDeletionFailed,
                "username",
                "The username cannot be removed, since nothing else leads to this user.",
            )
        })
    }
}

pub(super) fn no_such(param: &str, what: &str) -> Problem {
    Problem::param(
        Code::FormResourceNotFound,
        param,
        format!("{param} is not the id of an existing {what} of this user."),
    )
}

/// A value that fails its check leaves the field alone; its problem is noted already.
fn checked<T, U>(patch: Patch<T>, check: impl FnOnce(T) -> Option<U>) -> Patch<U> {
    match patch {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(value) => check(value).map_or(Patch::Keep, Patch::Set),
    }
}

fn set<T: Clone>(field: &mut T, new: Option<&T>) {
    if let Some(new) = new {
        field.clone_from(new);
    }
}

fn make_primary<T>(
    primary: &mut Option<Id>,
    wanted: Option<&str>,
    all: &[Identified<T>],
    (param, what): (&str, &str),
) -> Result<(), Problem> {
    let Some(wanted) = wanted else { return Ok(()) };
    let Some(one) = all.iter().find(|one| one.id.as_str() == wanted) else {
        return Err(no_such(param, what));
    };
    if !one.is_verified() {
        return Err(Problem::param(
            Code::FormVerificationNeeded,
            param,
            format!("{param} names a {what} that is not verified."),
        ));
    }
    *primary = Some(one.id.clone());
    Ok(())
}
