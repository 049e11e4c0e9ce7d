//! The parameters of a creation, read from an object that names them.

use rollbook_domain::Fields;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{CreateUser, SecretParams};

/// More values than any operation admits; each operation has its own, lower limit.
const MAX_VALUES: usize = 1000;

impl CreateUser {
    /// Reads them; `null` is the same as absent where it is allowed. Problems stay in `fields`.
    pub fn read(fields: &mut Fields) -> Self {
        let f = fields;
        Self {
            external_id: f.string("external_id").set(),
            first_name: f.string("first_name").set(),
            last_name: f.string("last_name").set(),
            locale: f.string("locale").set(),
            email_address: strings(f, "email_address"),
            email_address_identification_status: strings(f, "email_address_identification_status"),
            phone_number: strings(f, "phone_number"),
            phone_number_identification_status: strings(f, "phone_number_identification_status"),
            web3_wallet: strings(f, "web3_wallet"),
            username: f.string("username").set(),
            secrets: SecretParams::read(f, Nulls::AreAbsent),
            skip_password_requirement: on(f, "skip_password_requirement"),
            skip_user_requirement: on(f, "skip_user_requirement"),
            public_metadata: object(f, "public_metadata"),
            private_metadata: object(f, "private_metadata"),
            unsafe_metadata: object(f, "unsafe_metadata"),
            delete_self_enabled: f.boolean("delete_self_enabled").set(),
            create_organization_enabled: f.boolean("create_organization_enabled").set(),
            create_organizations_limit: f.integer("create_organizations_limit").set(),
            legal_accepted_at: f.string("legal_accepted_at").set(),
            skip_legal_checks: on(f, "skip_legal_checks"),
            created_at: f.string("created_at").set(),
            bypass_client_trust: f.boolean("bypass_client_trust").set(),
            banned: on(f, "banned"),
            locked: on(f, "locked"),
        }
    }
}

/// What `null` means for a digest: a creation takes it for nothing, an update for a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// As if it were not given.
    AreAbsent,
    /// A problem.
    AreRefused,
}

impl SecretParams {
    /// Reads them; problems stay in `fields`.
    pub fn read(fields: &mut Fields, nulls: Nulls) -> Self {
        let f = fields;
        let hasher = f.string("password_hasher");
        let digest = f.secret("password_digest");
        let password_digest = match nulls {
            Nulls::AreAbsent => digest.set(),
            Nulls::AreRefused => f.not_null("password_digest", digest),
        };
        let codes = strings(f, "backup_codes");
        Self {
            password: f.secret("password").set(),
            password_digest,
            password_hasher: f.not_null("password_hasher", hasher),
            skip_password_checks: on(f, "skip_password_checks"),
            totp_secret: f.secret("totp_secret").set(),
            backup_codes: codes.map(|codes| codes.into_iter().map(Zeroizing::new).collect()),
        }
    }
}

/// An array that cannot be null.
fn strings(f: &mut Fields, name: &str) -> Option<Vec<String>> {
    let values = f.strings(name, MAX_VALUES);
    f.not_null(name, values)
}

/// An object that cannot be null.
fn object(f: &mut Fields, name: &str) -> Option<Map<String, Value>> {
    let value = f.object(name);
    f.not_null(name, value)
}

/// A switch: `null`, `false` and nothing are the same.
fn on(f: &mut Fields, name: &str) -> bool {
    f.boolean(name).set().unwrap_or(false)
}
