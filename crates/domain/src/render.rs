//! The user as the API shows it, made from the user as it is kept.

use rollbook_wire as wire;
use rollbook_wire::Id;

use crate::{ExternalAccount, Identified, Instance, Proof, User, initials};

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
pub fn render_user(user: &User, with: &Rendering<'_>) -> wire::User {
    let lock = user.lock_at(with.now);
    let lockout = with.instance.settings.user_lockout;
    let image_url = image_url(user, with);
    wire::User {
        id: user.id.to_string(),
        object: "user".to_owned(),
        external_id: user.external_id.clone(),
        primary_email_address_id: user.primary_email_address_id.as_ref().map(Id::to_string),
        primary_phone_number_id: user.primary_phone_number_id.as_ref().map(Id::to_string),
        primary_web3_wallet_id: user.primary_web3_wallet_id.as_ref().map(Id::to_string),
        username: user.username.as_ref().map(ToString::to_string),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        locale: user.locale.clone(),
        profile_image_url: image_url.clone(),
        image_url,
        has_image: user.image_id.is_some(),
        public_metadata: user.public_metadata.to_raw(),
        private_metadata: user.private_metadata.to_raw(),
        unsafe_metadata: user.unsafe_metadata.to_raw(),
        email_addresses: user.email_addresses.iter().map(|e| email_address(e, user)).collect(),
        phone_numbers: user.phone_numbers.iter().map(phone_number).collect(),
        web3_wallets: user.web3_wallets.iter().map(web3_wallet).collect(),
        passkeys: Vec::new(),
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

/// The uploaded picture, or an avatar that the server draws from what the URL says.
fn image_url(user: &User, with: &Rendering<'_>) -> String {
    let public_url = with.public_url;
    if let Some(image_id) = &user.image_id {
        return format!("{public_url}/images/{image_id}");
    }
    let initials = initials(user.first_name.as_deref(), user.last_name.as_deref());
    // In the path, since applications append their own query to this URL.
    let initials = initials.map(|text| format!("/{}", percent(&text))).unwrap_or_default();
    format!("{public_url}/images/default/{}{initials}", user.id)
}

/// Initials are one or two characters of any script.
fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect()
}

fn email_address(email: &Identified<crate::EmailAddress>, user: &User) -> wire::EmailAddress {
    let linked_to = user
        .external_accounts
        .iter()
        .filter(|account| account.email_address == email.value.as_str())
        .map(|account| wire::IdentificationLink {
            r#type: account.provider.clone(),
            id: account.identification_id.to_string(),
        })
        .collect();
    wire::EmailAddress {
        id: email.id.to_string(),
        object: "email_address".to_owned(),
        email_address: email.value.to_string(),
        reserved: email.proof == Proof::Reserved,
        verification: verification(email.proof),
        linked_to,
        matches_sso_connection: false,
        created_at: email.created_at,
        updated_at: email.updated_at,
    }
}

fn phone_number(phone: &Identified<crate::PhoneNumber>) -> wire::PhoneNumber {
    wire::PhoneNumber {
        id: phone.id.to_string(),
        object: "phone_number".to_owned(),
        phone_number: phone.value.to_string(),
        reserved_for_second_factor: phone.reserved_for_second_factor,
        default_second_factor: false,
        reserved: phone.proof == Proof::Reserved,
        verification: verification(phone.proof),
        linked_to: Vec::new(),
        backup_codes: None,
        created_at: phone.created_at,
        updated_at: phone.updated_at,
    }
}

fn web3_wallet(wallet: &Identified<crate::Web3Wallet>) -> wire::Web3Wallet {
    wire::Web3Wallet {
        id: wallet.id.to_string(),
        object: "web3_wallet".to_owned(),
        web3_wallet: wallet.value.to_string(),
        verification: verification(wallet.proof),
        created_at: wallet.created_at,
        updated_at: wallet.updated_at,
    }
}

/// A reserved value has no verification: the admin form cannot say "not verified".
fn verification(proof: Proof) -> Option<wire::Verification> {
    match proof {
        Proof::Reserved => None,
        Proof::Admin => Some(wire::Verification {
            object: "verification_admin".to_owned(),
            status: "verified".to_owned(),
            strategy: "admin".to_owned(),
            attempts: None,
            expire_at: None,
        }),
    }
}

/// Google and Facebook accounts show their identification as `id`, all others themselves.
fn external_account(account: &ExternalAccount) -> wire::ExternalAccount {
    let (object, id) = match account.provider.as_str() {
        "oauth_google" => ("google_account", &account.identification_id),
        "oauth_facebook" => ("facebook_account", &account.identification_id),
        _ => ("external_account", &account.id),
    };
    wire::ExternalAccount {
        object: object.to_owned(),
        id: id.to_string(),
        external_account_id: account.id.to_string(),
        provider: account.provider.clone(),
        identification_id: account.identification_id.to_string(),
        provider_user_id: account.provider_user_id.clone(),
        approved_scopes: account.approved_scopes.clone(),
        email_address: account.email_address.clone(),
        email_address_verified: None,
        first_name: account.first_name.clone(),
        last_name: account.last_name.clone(),
        avatar_url: account.image_url.clone().unwrap_or_default(),
        image_url: account.image_url.clone(),
        username: account.username.clone(),
        phone_number: None,
        label: account.label.clone(),
        public_metadata: account.public_metadata.to_raw(),
        created_at: account.created_at,
        updated_at: account.updated_at,
        // The clients' models want an integer as the expiry of an OAuth proof.
        verification: Some(wire::Verification {
            object: "verification_oauth".to_owned(),
            status: "verified".to_owned(),
            strategy: account.provider.clone(),
            attempts: None,
            expire_at: Some(account.created_at + 600_000),
        }),
    }
}
