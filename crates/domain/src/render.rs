//! The user as the API shows it, made from the user as it is kept.

mod organizations;

use std::borrow::Cow;

use rollbook_wire as wire;
use rollbook_wire::Id;

pub use self::organizations::{
    InvitationView, MembershipView, OrganizationView, logo_url, public_organization_data,
    render_invitation, render_membership, render_organization,
};
use crate::{ExternalAccount, Identified, Instance, Passkey, Proof, User, initials};

/// What a user's body depends on besides its record.
#[derive(Debug, Clone, Copy)]
pub struct Rendering<'a> {
    /// The instance the user belongs to.
    pub instance: &'a Instance,
    /// Where the server is reached from outside, without a trailing slash.
    pub public_url: &'a str,
    /// Milliseconds.
    pub now: i64,
    /// Latest session activity.
    pub last_active_at: Option<i64>,
    /// Latest sign-in.
    pub last_sign_in_at: Option<i64>,
}

/// The body of `user`; every field is present, whatever the API version.
///
/// It borrows its texts, since rendering is a good part of a read.
pub fn render_user<'a>(user: &'a User, with: &Rendering<'_>) -> wire::User<'a> {
    let lock = user.lock_at(with.now);
    let lockout = with.instance.settings.user_lockout;
    let image_url = image_url(user, with.public_url);
    wire::User {
        id: text(&user.id),
        object: "user".into(),
        external_id: opt(user.external_id.as_ref()),
        primary_email_address_id: user.primary_email_address_id.as_ref().map(text),
        primary_phone_number_id: user.primary_phone_number_id.as_ref().map(text),
        primary_web3_wallet_id: user.primary_web3_wallet_id.as_ref().map(text),
        username: user.username.as_ref().map(|name| name.as_str().into()),
        first_name: opt(user.first_name.as_ref()),
        last_name: opt(user.last_name.as_ref()),
        locale: opt(user.locale.as_ref()),
        profile_image_url: image_url.clone().into(),
        image_url: image_url.into(),
        has_image: user.image_id.is_some(),
        public_metadata: user.public_metadata.to_raw(),
        private_metadata: user.private_metadata.to_raw(),
        unsafe_metadata: user.unsafe_metadata.to_raw(),
        email_addresses: user
            .email_addresses
            .iter()
            .map(|e| render_email_address(e, user))
            .collect(),
        phone_numbers: user.phone_numbers.iter().map(render_phone_number).collect(),
        web3_wallets: user.web3_wallets.iter().map(web3_wallet).collect(),
        passkeys: user.passkeys.iter().map(passkey).collect(),
        password_enabled: user.password_enabled,
        two_factor_enabled: user.two_factor_enabled(),
        totp_enabled: user.totp_enabled,
        backup_code_enabled: user.backup_code_enabled,
        mfa_enabled_at: user.mfa_enabled_at,
        mfa_disabled_at: user.mfa_disabled_at,
        password_last_updated_at: user.password_last_updated_at,
        external_accounts: user.external_accounts.iter().map(external_account).collect(),
        saml_accounts: Vec::new(),
        enterprise_accounts: Vec::new(),
        last_sign_in_at: with.last_sign_in_at,
        banned: user.banned,
        locked: lock.is_some(),
        lockout_expires_in_seconds: lock
            .and_then(|lock| lock.until)
            .map(|until| (until - with.now + 999).div_euclid(1000)),
        verification_attempts_remaining: lockout.enabled.then_some(i64::from(lockout.max_attempts)),
        updated_at: user.updated_at,
        created_at: user.created_at,
        delete_self_enabled: user.delete_self_enabled,
        create_organization_enabled: user.create_organization_enabled,
        create_organizations_limit: user.create_organizations_limit,
        last_active_at: with.last_active_at,
        legal_accepted_at: user.legal_accepted_at,
        bypass_client_trust: user.bypass_client_trust,
        deprovisioned: false,
        scim: None,
    }
}

fn text(id: &Id) -> Cow<'_, str> {
    id.as_str().into()
}

fn opt(text: Option<&String>) -> Option<Cow<'_, str>> {
    text.map(Cow::from)
}

/// The uploaded picture, or an avatar that the server draws from what the URL says.
fn image_url(user: &User, public_url: &str) -> String {
    let names = (user.first_name.as_deref(), user.last_name.as_deref());
    picture_url(public_url, &user.id, user.image_id.as_ref(), names)
}

fn picture_url(
    public_url: &str,
    owner: &Id,
    image: Option<&Id>,
    (first, last): (Option<&str>, Option<&str>),
) -> String {
    if let Some(image) = image {
        return format!("{public_url}/images/{image}");
    }
    // In the path, since applications append their own query to this URL.
    let initials = initials(first, last);
    let initials = initials.map(|text| format!("/{}", percent(&text))).unwrap_or_default();
    format!("{public_url}/images/default/{owner}{initials}")
}

/// Initials are one or two characters of any script.
fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect()
}

/// The body of an email address of `user`.
pub fn render_email_address<'a>(
    email: &'a Identified<crate::EmailAddress>,
    user: &'a User,
) -> wire::EmailAddress<'a> {
    let linked_to = user
        .accounts_linked_to(&email.value)
        .map(|account| wire::IdentificationLink {
            r#type: account.provider.as_str().into(),
            id: text(&account.identification_id),
        })
        .collect();
    wire::EmailAddress {
        id: text(&email.id),
        object: "email_address".into(),
        email_address: email.value.as_str().into(),
        reserved: email.proof == Proof::Reserved,
        verification: verification(&email.proof, "email_code"),
        linked_to,
        matches_sso_connection: false,
        created_at: email.created_at,
        updated_at: email.updated_at,
    }
}

/// The body of a phone number.
pub fn render_phone_number(phone: &Identified<crate::PhoneNumber>) -> wire::PhoneNumber<'_> {
    wire::PhoneNumber {
        id: text(&phone.id),
        object: "phone_number".into(),
        phone_number: phone.value.as_str().into(),
        reserved_for_second_factor: phone.reserved_for_second_factor,
        default_second_factor: phone.default_second_factor,
        reserved: phone.proof == Proof::Reserved,
        verification: verification(&phone.proof, "phone_code"),
        linked_to: Vec::new(),
        backup_codes: None,
        created_at: phone.created_at,
        updated_at: phone.updated_at,
    }
}

fn web3_wallet(wallet: &Identified<crate::Web3Wallet>) -> wire::Web3Wallet<'_> {
    wire::Web3Wallet {
        id: text(&wallet.id),
        object: "web3_wallet".into(),
        web3_wallet: wallet.value.as_str().into(),
        verification: verification(&wallet.proof, "web3"),
        created_at: wallet.created_at,
        updated_at: wallet.updated_at,
    }
}

/// The clients' models want an integer as the latest use.
fn passkey(passkey: &Passkey) -> wire::Passkey<'_> {
    wire::Passkey {
        id: text(&passkey.id),
        object: "passkey".into(),
        name: passkey.name.as_str().into(),
        last_used_at: passkey.last_used_at.unwrap_or(passkey.created_at),
        verification: Some(wire::Verification {
            object: "verification_passkey".into(),
            status: "verified".into(),
            strategy: "passkey".into(),
            attempts: None,
            expire_at: None,
        }),
    }
}

/// What is not verified has no verification: the admin form cannot say so.
fn verification(proof: &Proof, code: &'static str) -> Option<wire::Verification<'static>> {
    let (object, strategy) = match proof {
        Proof::Reserved | Proof::Unverified => return None,
        Proof::Admin => ("verification_admin", "admin".into()),
        Proof::FromOauth(provider) => {
            ("verification_from_oauth", format!("from_{provider}").into())
        }
        Proof::Code => ("verification_otp", code.into()),
    };
    Some(wire::Verification {
        object: object.into(),
        status: "verified".into(),
        strategy,
        attempts: None,
        expire_at: None,
    })
}

/// Google and Facebook accounts show their identification as `id`, all others themselves.
fn external_account(account: &ExternalAccount) -> wire::ExternalAccount<'_> {
    let (object, id) = match account.provider.as_str() {
        "oauth_google" => ("google_account", &account.identification_id),
        "oauth_facebook" => ("facebook_account", &account.identification_id),
        _ => ("external_account", &account.id),
    };
    wire::ExternalAccount {
        object: object.into(),
        id: text(id),
        external_account_id: text(&account.id),
        provider: account.provider.as_str().into(),
        identification_id: text(&account.identification_id),
        provider_user_id: account.provider_user_id.as_str().into(),
        approved_scopes: account.approved_scopes.as_str().into(),
        email_address: account.email_address.as_str().into(),
        email_address_verified: account.email_address_verified,
        first_name: account.first_name.as_str().into(),
        last_name: account.last_name.as_str().into(),
        avatar_url: opt(account.image_url.as_ref()).unwrap_or_default(),
        image_url: opt(account.image_url.as_ref()),
        username: opt(account.username.as_ref()),
        phone_number: None,
        label: opt(account.label.as_ref()),
        public_metadata: account.public_metadata.to_raw(),
        created_at: account.created_at,
        updated_at: account.updated_at,
        // The clients' models want an integer as the expiry of an OAuth proof.
        verification: Some(wire::Verification {
            object: "verification_oauth".into(),
            status: "verified".into(),
            strategy: account.provider.as_str().into(),
            attempts: None,
            expire_at: Some(account.created_at + 600_000),
        }),
    }
}

#[cfg(test)]
mod tests;
