//! A new user.

use crate::params::params;

params! {
    /// What [`create`](crate::Users::create) takes; nothing is required by the client.
    CreateUser in json;
    /// The caller's own id, unique in the instance.
    external_id: text,
    /// Given name.
    first_name: text,
    /// Family name.
    last_name: text,
    /// BCP-47 tag.
    locale: text,
    /// Addresses, verified; the first becomes primary.
    email_address: texts,
    /// Numbers in E.164, verified; the first becomes primary.
    phone_number: texts,
    /// Wallets; the first becomes primary.
    web3_wallet: texts,
    /// Unique in the instance.
    username: text,
    /// The password as it is typed.
    password: secret,
    /// The password as another system has hashed it; needs `password_hasher`.
    password_digest: secret,
    /// What made `password_digest`, such as `bcrypt` or `argon2id`.
    password_hasher: text,
    /// Takes a password that the instance's rules would refuse.
    skip_password_checks: flag,
    /// Takes a user without a password where the instance asks for one.
    skip_password_requirement: flag,
    /// The secret of an authenticator app, in base32 (SHA-1, 6 digits, 30 s).
    totp_secret: secret,
    /// Backup codes, plain or as bcrypt digests.
    backup_codes: secrets,
    /// Read by everyone, written by the backend: an object.
    public_metadata: object,
    /// Read and written by the backend: an object.
    private_metadata: object,
    /// Read and written by everyone: an object.
    unsafe_metadata: object,
    /// Whether the user may delete itself.
    delete_self_enabled: flag,
    /// When the user accepted the legal terms, RFC 3339.
    legal_accepted_at: text,
    /// Takes a user who has not accepted the legal terms.
    skip_legal_checks: flag,
    /// Whether the user may create organizations.
    create_organization_enabled: flag,
    /// How many organizations the user may create; 0 is unlimited.
    create_organizations_limit: number,
    /// When the user was created elsewhere, RFC 3339.
    created_at: text,
    /// Skips checks of the user's devices.
    bypass_client_trust: flag,
}
